#include "core/base/http.h"

#include <strings.h>

void http_answer_free(struct http_answer *answer)
{
    str_free(&answer->headers);
    str_free(&answer->body);
}

bool http_header(const struct http_answer *answer, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    for (const char *line = answer->headers.buf; *line; line += strcspn(line, "\n") + 1) {
        if (!strncasecmp(line, name, len) && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " \t");
            size_t n = strcspn(value, "\r\n");
            if (n >= size)
                return false;
            memcpy(out, value, n);
            out[n] = '\0';
            return true;
        }
        if (!line[strcspn(line, "\n")])
            break;
    }
    return false;
}

static struct http_call *call_new(struct http *http, const struct http_request *request)
{
    struct http_call *call = mem_new(1, sizeof(*call));
    call->http = http;
    call->users = 2;
    call->cancel = request->cancel;
    call->answer = (struct http_answer){
        .headers = STR_INIT(request->header_max ? request->header_max : HTTP_HEADER_MAX),
        .body = STR_INIT(request->body_max ? request->body_max : HTTP_BODY_MAX)};
    call->piece = (struct str)STR_INIT(SIZE_MAX / 2);
    cell_init(&call->cell, http->env);
    lock_init_brief(&call->lock);
    return call;
}

static void call_leave(struct http_call *call)
{
    if (--call->users)
        return;
    http_answer_free(&call->answer);
    str_free(&call->piece);
    cell_done(&call->cell);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

int http_call_body(struct http_call *call, const char *bytes, size_t len)
{
    if (!call->window) {
        if (len > call->answer.body.max - call->answer.body.len)
            return -1;
        str_addn(&call->answer.body, bytes, len);
        return 0;
    }
    pthread_mutex_lock(&call->lock);
    bool full = call->piece.len && call->piece.len + len > call->window;
    if (full) {
        call->paused = true;
    } else {
        call->status = call->answer.status;
        str_addn(&call->piece, bytes, len);
        env_wake(&call->cell);
    }
    pthread_mutex_unlock(&call->lock);
    return full;
}

void http_call_finish(struct http_call *call)
{
    if (call->done_fn) {
        bool failed = call->err.kind != ERR_NONE;
        call->done_fn(call->done_arg, failed ? NULL : &call->answer, failed ? &call->err : NULL);
        call->users = 1; /* nobody waits */
        call_leave(call);
        return;
    }
    pthread_mutex_lock(&call->lock);
    call->status = call->answer.status;
    call->done = true;
    pthread_mutex_unlock(&call->lock);
    env_wake(&call->cell);
    call_leave(call);
}

static bool is_done(struct http_call *call)
{
    pthread_mutex_lock(&call->lock);
    bool done = call->done;
    pthread_mutex_unlock(&call->lock);
    return done;
}

/* Waits for the finish; a cancelled call is aborted and still waited for: it is the carrier's
 * until then. */
static void wait_done(struct http_call *call)
{
    bool aborted = false;
    while (!is_done(call)) {
        if (!aborted && cancel_is_set(call->cancel)) {
            call->http->ops->abort(call->http, call);
            aborted = true;
        }
        env_wait(call->http->env, &call->cell, ENV_FOREVER);
    }
}

static struct http_call *begin(struct http *http, const struct http_request *request)
{
    struct http_call *call = call_new(http, request);
    cancel_listen(call->cancel, &call->listener, &call->cell);
    http->ops->submit(http, call, request);
    return call;
}

static int end(struct http_call *call, struct http_answer *answer, struct err *err)
{
    wait_done(call);
    cancel_unlisten(call->cancel, &call->listener);
    int failed = call->err.kind == ERR_NONE ? 0 : -1;
    if (failed) {
        if (err)
            *err = call->err;
        answer->begun = call->answer.begun;
    } else {
        http_answer_free(answer);
        *answer = call->answer;
        call->answer = (struct http_answer)HTTP_ANSWER_INIT;
    }
    call_leave(call);
    return failed;
}

int http_perform(struct http *http, const struct http_request *request, struct http_answer *answer,
                 struct err *err)
{
    return end(begin(http, request), answer, err);
}

size_t http_perform_all(struct http *http, const struct http_request *requests, size_t count,
                        struct http_answer *answers, struct err *errs)
{
    struct http_call **calls = mem_new(count, sizeof(struct http_call *));
    size_t failed = 0;
    for (size_t i = 0; i < count; i++)
        calls[i] = begin(http, &requests[i]);
    for (size_t i = 0; i < count; i++) {
        errs[i] = (struct err)ERR_INIT;
        if (end(calls[i], &answers[i], &errs[i]))
            failed++;
    }
    free(calls);
    return failed;
}

void http_start(struct http *http, const struct http_request *request, http_done_fn *done,
                void *arg)
{
    struct http_call *call = call_new(http, request);
    call->done_fn = done;
    call->done_arg = arg;
    http->ops->submit(http, call, request);
}

struct http_call *http_open(struct http *http, const struct http_request *request, size_t window)
{
    struct http_call *call = call_new(http, request);
    call->window = window;
    cancel_listen(call->cancel, &call->listener, &call->cell);
    http->ops->submit(http, call, request);
    return call;
}

/* What is there: 1 a piece, 0 the end, -1 nothing yet. */
static int take_piece(struct http_call *call, struct str *piece, int *ret_status, bool *ret_resume)
{
    pthread_mutex_lock(&call->lock);
    int got = call->piece.len ? 1 : call->done ? 0 : -1;
    if (got == 1) {
        str_addn(piece, call->piece.buf, call->piece.len);
        str_clear(&call->piece);
    }
    *ret_resume = got == 1 && call->paused;
    if (*ret_resume)
        call->paused = false;
    *ret_status = call->status;
    pthread_mutex_unlock(&call->lock);
    return got;
}

int http_read(struct http_call *call, struct str *piece, int *ret_status, struct err *err)
{
    bool resume, aborted = false;
    for (;;) {
        int got = take_piece(call, piece, ret_status, &resume);
        if (resume)
            call->http->ops->resume(call->http, call);
        if (got == 1)
            return 1;
        if (got == 0)
            break;
        if (!aborted && cancel_is_set(call->cancel)) {
            call->http->ops->abort(call->http, call);
            aborted = true;
        }
        if (!*ret_status) /* nothing has come yet */
            env_trim_stack();
        env_wait(call->http->env, &call->cell, ENV_FOREVER);
    }
    if (call->err.kind == ERR_NONE)
        return 0;
    if (err)
        *err = call->err;
    return -1;
}

void http_close(struct http_call *call)
{
    if (!is_done(call))
        call->http->ops->abort(call->http, call);
    wait_done(call);
    cancel_unlisten(call->cancel, &call->listener);
    call_leave(call);
}
