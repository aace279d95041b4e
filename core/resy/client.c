#include "core/resy/internal.h"

#include "core/base/log.h"

#include <curl/curl.h>

#define AGENT                                                                                      \
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 "     \
    "Safari/537.36"
#define PERSON_WAIT_MS  5000
#define PAUSE_429_MS    60000
#define PAUSE_BLOCK_MS  (10 * 60 * 1000)
#define PAUSE_MAX_MS    (60 * 60 * 1000)
#define FIVES_ARE_BLOCK 10
#define KEY_YOUNG_MS    (10 * 60 * 1000) /* read again and refused again so soon: not its age */

static const struct {
    const char *name, *say;
    enum err_kind kind;
} faults[] = {
    [RESY_FINE] = {"fine", "", ERR_NONE},
    [RESY_KEY] = {"key", "Resy refuses my key or token, so I cannot ask it anything.", ERR_DENIED},
    [RESY_BLOCKED] = {"blocked", "Resy is refusing my requests at the moment.", ERR_REMOTE},
    [RESY_LIMITED] = {"limited", "Resy asked me to slow down. Please try again in a minute.",
                      ERR_LIMIT},
    [RESY_DOWN] = {"down", "Resy did not answer. Please try again.", ERR_REMOTE},
    [RESY_SHAPE] = {"shape", "Resy answered something that I cannot read.", ERR_REMOTE},
    [RESY_PARTIAL] = {"partial", "Resy's answer was not whole.", ERR_REMOTE},
    [RESY_MISSING] = {"missing", "Resy does not know that restaurant.", ERR_MISSING},
    [RESY_DOUBT] = {"doubt", "Resy shows no tables anywhere.", ERR_REMOTE},
    [RESY_NO_BUDGET] = {"budget",
                        "I have asked Resy as often as I may for now. Please try again in a "
                        "minute.",
                        ERR_LIMIT},
    [RESY_CANCELLED] = {"cancelled", NULL, ERR_CANCELLED},
};

const char *resy_fault_name(enum resy_fault fault)
{
    return faults[fault].name;
}

int resy_fail(const struct resy_ask *ask, enum resy_fault fault, unsigned retry_ms, struct err *err,
              const char *why, ...)
{
    char text[400];
    va_list args;
    va_start(args, why);
    vsnprintf(text, sizeof(text), why, args);
    va_end(args);
    if (ask->fault)
        *ask->fault = fault;
    err_set(err, faults[fault].kind, faults[fault].say, "resy %s: %s", faults[fault].name, text);
    if (err)
        err->retry_ms = retry_ms;
    return -1;
}

struct resy *resy_new(struct http *http, const struct resy_options *options)
{
    struct resy *resy = mem_new(1, sizeof(*resy));
    resy->http = http;
    resy->env = http->env;
    resy->budget = budget_new(options->a_minute, options->an_hour);
    resy->base_url = mem_text(options->base_url);
    resy->web_base = mem_text(options->web_base);
    resy->timeout_ms = options->timeout_ms;
    pthread_mutex_init(&resy->lock, NULL);
    resy_set_keys(resy, options->api_key, options->token);
    return resy;
}

void resy_set_keys(struct resy *resy, const char *api_key, const char *token)
{
    char *fresh = mem_text(token ? token : "");
    pthread_mutex_lock(&resy->lock);
    char *old = resy->token;
    resy->token = fresh;
    bool was_auto = resy->auto_key;
    resy->auto_key = !strcmp(api_key, "auto");
    if (!resy->auto_key)
        snprintf(resy->key, sizeof(resy->key), "%s", api_key);
    else if (!was_auto)
        resy->key_read_ms = 0;
    pthread_mutex_unlock(&resy->lock);
    if (old)
        explicit_bzero(old, strlen(old));
    free(old);
}

bool resy_key_may_be_old(struct resy *resy)
{
    int64_t now = env_mono_ms(resy->env);
    pthread_mutex_lock(&resy->lock);
    bool old = resy->auto_key && (!resy->reread_ms || now - resy->reread_ms > KEY_YOUNG_MS);
    pthread_mutex_unlock(&resy->lock);
    return old;
}

bool resy_has_token(struct resy *resy)
{
    pthread_mutex_lock(&resy->lock);
    bool has = *resy->token;
    pthread_mutex_unlock(&resy->lock);
    return has;
}

static bool add_token(struct resy *resy, struct str *first, struct str *second)
{
    pthread_mutex_lock(&resy->lock);
    bool has = *resy->token;
    str_addf(first, "X-Resy-Auth-Token: %s", resy->token);
    str_addf(second, "X-Resy-Universal-Auth: %s", resy->token);
    pthread_mutex_unlock(&resy->lock);
    return has;
}

void resy_free(struct resy *resy)
{
    if (!resy)
        return;
    budget_free(resy->budget);
    explicit_bzero(resy->token, strlen(resy->token));
    explicit_bzero(resy->key, sizeof(resy->key));
    free(resy->token);
    free(resy->base_url);
    free(resy->web_base);
    pthread_mutex_destroy(&resy->lock);
    free(resy);
}

struct budget *resy_budget(struct resy *resy)
{
    return resy->budget;
}

int64_t resy_paused_until(struct resy *resy)
{
    pthread_mutex_lock(&resy->lock);
    int64_t until = resy->paused_until;
    pthread_mutex_unlock(&resy->lock);
    return until > env_mono_ms(resy->env) ? until : 0;
}

static void pause_for(struct resy *resy, int64_t ms)
{
    pthread_mutex_lock(&resy->lock);
    resy->paused_until = MAX_OF(resy->paused_until, env_mono_ms(resy->env) + ms);
    pthread_mutex_unlock(&resy->lock);
}

/* Longer each time; refusals of requests that were under way together are one time. */
unsigned resy_block_pause(struct resy *resy)
{
    bool new = !resy_paused_until(resy);
    pthread_mutex_lock(&resy->lock);
    resy->blocks_in_a_row += new || !resy->blocks_in_a_row;
    unsigned ms = PAUSE_BLOCK_MS << MIN_OF(resy->blocks_in_a_row - 1, 3u);
    pthread_mutex_unlock(&resy->lock);
    ms = MIN_OF(ms, (unsigned)PAUSE_MAX_MS);
    pause_for(resy, ms);
    return ms;
}

static unsigned count_five(struct resy *resy, int status)
{
    pthread_mutex_lock(&resy->lock);
    resy->fives_in_a_row = status == 500 ? resy->fives_in_a_row + 1 : 0;
    unsigned count = resy->fives_in_a_row;
    pthread_mutex_unlock(&resy->lock);
    return count;
}

static void went_well(struct resy *resy)
{
    pthread_mutex_lock(&resy->lock);
    resy->fives_in_a_row = resy->blocks_in_a_row = 0;
    pthread_mutex_unlock(&resy->lock);
}

static int not_paused(struct resy *resy, const struct resy_ask *ask, struct err *err)
{
    int64_t left = resy_paused_until(resy) - env_mono_ms(resy->env);
    if (left <= 0 || ask->class == BUDGET_PRESS)
        return 0;
    return resy_fail(ask, RESY_LIMITED, (unsigned)left, err, "pausing for another %lld ms",
                     (long long)left);
}

/* May we ask? A person waits a little for the budget, a check is put off by its caller. */
static int pay(struct resy *resy, const struct resy_ask *ask, struct err *err)
{
    int64_t now = env_mono_ms(resy->env), deadline = now + PERSON_WAIT_MS, wait;
    while (!budget_take(resy->budget, ask->class, now, &wait)) {
        if (ask->class == BUDGET_CHECK || now + wait > deadline)
            return resy_fail(ask, RESY_NO_BUDGET, (unsigned)wait, err, "room in %lld ms",
                             (long long)wait);
        struct cell cell;
        struct cancel_listener listener;
        cell_init(&cell, resy->env);
        cancel_listen(ask->cancel, &listener, &cell);
        env_wait(resy->env, &cell, now + wait);
        cancel_unlisten(ask->cancel, &listener);
        cell_done(&cell);
        if (cancel_is_set(ask->cancel))
            return resy_fail(ask, RESY_CANCELLED, 0, err, "while waiting for the budget");
        if (not_paused(resy, ask, err)) /* somebody else was told to wait meanwhile */
            return -1;
        now = env_mono_ms(resy->env);
    }
    return 0;
}

static unsigned retry_after_ms(const struct http_answer *answer, int64_t wall_ms)
{
    char text[64];
    if (!http_header(answer, "retry-after", text, sizeof(text)))
        return PAUSE_429_MS;
    char *end;
    long long seconds = strtoll(text, &end, 10);
    if (end == text) {
        time_t at = curl_getdate(text, NULL);
        seconds = at < 0 ? PAUSE_429_MS / 1000 : at - wall_ms / 1000;
    }
    seconds = MIN_OF(MAX_OF(seconds, 1), (long long)PAUSE_MAX_MS * 6 / 1000);
    return (unsigned)(seconds * 1000);
}

static bool looks_like_html(const struct http_answer *answer)
{
    const char *body = answer->body.buf + strspn(answer->body.buf, " \t\r\n");
    return *body == '<';
}

int resy_refused(struct resy *resy, const struct resy_ask *ask, const struct http_answer *answer,
                 struct err *err)
{
    int status = answer->status;
    unsigned ms, fives = count_five(resy, status);
    if (status == 401 || status == 419)
        return resy_fail(ask, RESY_KEY, 0, err, "http %d", status);
    if (status >= 300 && status < 400)
        return resy_fail(ask, RESY_KEY, 0, err, "http %d: sent to another page", status);
    if (status == 403) {
        ms = resy_block_pause(resy);
        return resy_fail(ask, RESY_BLOCKED, ms, err, "http 403%s",
                         looks_like_html(answer) ? " with a page, not an answer" : "");
    }
    if (status == 404)
        return resy_fail(ask, RESY_MISSING, 0, err, "http 404");
    if (status == 429) {
        ms = retry_after_ms(answer, env_wall_ms(resy->env));
        pause_for(resy, ms);
        return resy_fail(ask, RESY_LIMITED, ms, err, "http 429, wait %u ms", ms);
    }
    if (fives >= FIVES_ARE_BLOCK) {
        ms = resy_block_pause(resy);
        return resy_fail(ask, RESY_BLOCKED, ms, err, "%u times http 500", FIVES_ARE_BLOCK);
    }
    if (status >= 500)
        return resy_fail(ask, RESY_DOWN, 0, err, "http %d", status);
    return resy_fail(ask, RESY_SHAPE, 0, err, "http %d", status);
}

static int send_once(struct resy *resy, const struct resy_ask *ask,
                     const struct resy_request *asked, const char *key, struct http_answer *answer,
                     struct err *err)
{
    const char *body = asked->body;
    unsigned timeout_ms = MAX_OF(resy->timeout_ms, asked->patience_ms);
    auto_str url = STR_INIT(4096), auth = STR_INIT(256), token = STR_INIT(8192);
    auto_str token2 = STR_INIT(8192);
    str_addf(&url, "%s%s", resy->base_url, asked->path);
    str_addf(&auth, "Authorization: ResyAPI api_key=\"%s\"", key);
    const char *headers[12] = {auth.buf,
                               ("User-Agent: " AGENT),
                               "Origin: https://resy.com",
                               "Referer: https://resy.com/",
                               "Accept: application/json, text/plain, */*",
                               "Cache-Control: no-cache",
                               "Expect:"};
    size_t n = 7;
    if (body)
        headers[n++] = asked->form ? "Content-Type: application/x-www-form-urlencoded"
                                   : "Content-Type: application/json";
    if (add_token(resy, &token, &token2)) {
        headers[n++] = token.buf;
        headers[n++] = token2.buf;
    }
    struct http_request request = {
        .method = body ? "POST" : "GET",
        .url = url.buf,
        .headers = headers,
        .body = body,
        .body_len = body ? strlen(body) : 0,
        .first_byte_ms = timeout_ms,
        .idle_ms = timeout_ms,
        .total_ms = 2 * timeout_ms,
        .body_max = (size_t)8 << 20,
        .flags = asked->once ? HTTP_ONCE : 0,
        .cancel = ask->cancel,
    };
    struct err net = ERR_INIT;
    int failed = http_perform(resy->http, &request, answer, &net);
    explicit_bzero(auth.buf, auth.len);
    explicit_bzero(token.buf, token.len);
    explicit_bzero(token2.buf, token2.len);
    if (!failed)
        return 0;
    bool ours = net.kind == ERR_CANCELLED;
    return resy_fail(ask, ours ? RESY_CANCELLED : RESY_DOWN, 0, err, "%s", net.why);
}

int resy_exchange(struct resy *resy, const struct resy_ask *ask, const struct resy_request *request,
                  struct http_answer *answer, struct err *err)
{
    char key[RESY_KEY_MAX + 1];
    if (ask->fault)
        *ask->fault = RESY_FINE;
    return resy_key(resy, ask, false, key, err) || pay(resy, ask, err) ||
                   send_once(resy, ask, request, key, answer, err)
               ? -1
               : 0;
}

static cJSON *read_body(struct resy *resy, const struct resy_ask *ask,
                        const struct http_answer *answer, struct err *err)
{
    struct err parse = ERR_INIT;
    if (looks_like_html(answer)) { /* 200 with a page: a challenge in another dress */
        unsigned ms = resy_block_pause(resy);
        resy_fail(ask, RESY_BLOCKED, ms, err, "http 200 with a page, not an answer");
        return NULL;
    }
    cJSON *tree = json_parse(answer->body.buf, answer->body.len, "the answer", &parse);
    if (!tree)
        resy_fail(ask, RESY_SHAPE, 0, err, "%s", parse.why);
    return tree;
}

cJSON *resy_call(struct resy *resy, const struct resy_ask *ask, const char *path, const char *body,
                 int64_t *ret_answered_ms, struct err *err)
{
    const struct resy_request request = {.path = path, .body = body};
    char key[RESY_KEY_MAX + 1];
    auto_answer answer = HTTP_ANSWER_INIT;
    if (ask->fault)
        *ask->fault = RESY_FINE;
    for (int try = 0; try < 2; try++) {
        if (not_paused(resy, ask, err) || resy_key(resy, ask, try > 0, key, err) ||
            pay(resy, ask, err) || send_once(resy, ask, &request, key, &answer, err))
            return NULL;
        bool refused = answer.status == 401 || answer.status == 419;
        if (!refused || !resy_key_may_be_old(resy))
            break;
    }
    if (answer.status != 200 && answer.status != 201) {
        resy_refused(resy, ask, &answer, err);
        return NULL;
    }
    cJSON *tree = read_body(resy, ask, &answer, err);
    if (tree)
        went_well(resy);
    if (ret_answered_ms)
        *ret_answered_ms = answer.received_ms;
    return tree;
}
