#include "core/llm/client.h"

#include "core/base/log.h"

#include <strings.h>

#define TRIES         3
#define BACK_OFF_MS   500
#define BACK_OFF_MOST 8000
#define CONNECT_MS    5000u
#define CALL_MS       180000u
#define BODY_MAX      ((size_t)4 << 20)
#define WINDOW        ((size_t)256 * 1024)
#define BYTES_A_TOKEN 3
#define BREAK_AFTER   5 /* failures in a row */
#define BREAK_MS      30000

struct llm {
    struct http *http;
    struct env *env;
    char *url, *model;
    unsigned timeout_ms;
    pthread_mutex_t lock; /* protects all below */
    char *header;         /* "Authorization: Bearer …" */
    bool no_usage, no_reasoning, no_choice;
    bool any_told;
    enum llm_fault told;
    int failures; /* in a row */
    int64_t rest_until_ms;
};

static char *header_of(const char *key)
{
    auto_str header = STR_INIT(8192);
    str_addf(&header, "Authorization: Bearer %s", *key ? key : "none");
    return str_detach(&header);
}

static void wipe(char *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}

struct llm *llm_new(struct http *http, const struct llm_options *options)
{
    struct llm *llm = mem_new(1, sizeof(*llm));
    auto_str url = STR_INIT(4096);
    size_t len = strlen(options->base_url);
    while (len && options->base_url[len - 1] == '/')
        len--;
    str_addf(&url, "%.*s/chat/completions", (int)len, options->base_url);
    *llm = (struct llm){.http = http,
                        .env = http->env,
                        .url = str_detach(&url),
                        .model = mem_text(options->model),
                        .timeout_ms = options->timeout_ms,
                        .header = header_of(options->api_key)};
    pthread_mutex_init(&llm->lock, NULL);
    return llm;
}

void llm_free(struct llm *llm)
{
    if (!llm)
        return;
    wipe(llm->header);
    free(llm->url);
    free(llm->model);
    pthread_mutex_destroy(&llm->lock);
    free(llm);
}

void llm_set_key(struct llm *llm, const char *api_key)
{
    char *fresh = header_of(api_key);
    pthread_mutex_lock(&llm->lock);
    char *old = llm->header;
    llm->header = fresh;
    llm->failures = 0;
    pthread_mutex_unlock(&llm->lock);
    wipe(old);
}

/* --- what a refusal means --- */

static bool holds(const char *text, const char *words)
{
    size_t len = strlen(words);
    for (; *text; text++)
        if (!strncasecmp(text, words, len))
            return true;
    return false;
}

static bool holds_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (holds(text, *words))
            return true;
    return false;
}

static bool is_too_long(const char *text)
{
    static const char *const words[] = {"context_length_exceeded",
                                        "maximum context length",
                                        "exceeds the context window",
                                        "available context size",
                                        "exceed_context_size",
                                        "greater than the context length",
                                        "reduce the length of the messages",
                                        "prompt is too long",
                                        "prompt too long",
                                        "maximum prompt length",
                                        "too many tokens",
                                        "request too large",
                                        NULL};
    static const char *const limits[] = {"rate limit", "too many requests", NULL};
    return holds_any(text, words) && !holds_any(text, limits);
}

/* Which of ours a server does not take, by how it says so. */
static void find_field(const char *text, char field[64])
{
    static const char *const ours[] = {"stream_options", "reasoning_effort", "tool_choice"};
    static const char *const words[] = {"unsupported", "unrecognized", "not support",   "extra",
                                        "unknown",     "invalid",      "not permitted", NULL};
    field[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(ours) && holds_any(text, words); i++)
        if (holds(text, ours[i])) {
            snprintf(field, 64, "%s", ours[i]);
            return;
        }
}

enum llm_fault llm_fault_of(int status, const char *error, char field[64])
{
    static const char *const limit[] = {"rate_limit_exceeded", "rate limit reached", NULL};
    static const char *const quota[] = {"insufficient_quota", "credit_balance_exhausted",
                                        "exceeded your current quota", NULL};
    static const char *const key[] = {"api key", "api_key", NULL};
    static const char *const filter[] = {"content_filter", "content management policy",
                                         "moderation", NULL};
    field[0] = '\0';
    if (status >= 500 || status == 408 || status == 409)
        return LLM_DOWN;
    if (status == 401 || status == 403)
        return holds_any(error, filter) ? LLM_BLOCKED : LLM_KEY;
    if (is_too_long(error) || status == 413)
        return LLM_TOO_LONG;
    if (holds_any(error, limit))
        return LLM_BUSY;
    if (holds_any(error, quota) || status == 402)
        return LLM_QUOTA;
    if (status == 429)
        return LLM_BUSY;
    if (holds(error, "tool_use_failed") || holds(error, "failed_generation"))
        return LLM_BAD_CALL;
    if (holds_any(error, filter))
        return LLM_BLOCKED;
    if (status == 404 || holds(error, "model_not_found"))
        return LLM_NO_MODEL;
    if (status != 400 && status != 422)
        return LLM_DOWN;
    if (holds_any(error, key))
        return LLM_KEY;
    find_field(error, field);
    return LLM_REFUSED;
}

static const char *say_of(enum llm_fault fault)
{
    static const char *const says[] = {
        [LLM_FINE] = "",
        [LLM_DOWN] = "The language model does not answer just now.",
        [LLM_BUSY] = "The language model is busy just now.",
        [LLM_QUOTA] = "The language model's credit is used up; my owner has to see to it.",
        [LLM_KEY] = "The language model does not accept my key; my owner has to see to it.",
        [LLM_NO_MODEL] =
            "The language model is not where I look for it; my owner has to see to it.",
        [LLM_TOO_LONG] = "That is more than the language model can read at once. /new begins anew.",
        [LLM_BLOCKED] = "The language model will not answer that.",
        [LLM_BAD_CALL] = "The language model got tangled up.",
        [LLM_REFUSED] = "The language model does not take what I send; my owner has to see to it.",
        [LLM_CANCELLED] = "Stopped.",
    };
    return says[fault];
}

/* --- a request --- */

/* What follows ask->tools, if there are any. */
static char *body_of(struct llm *llm, const struct llm_ask *ask)
{
    auto_json body = cJSON_CreateObject();
    struct str text = STR_INIT(BODY_MAX);
    pthread_mutex_lock(&llm->lock);
    bool usage = !llm->no_usage, no_reasoning = llm->no_reasoning, choice = !llm->no_choice;
    pthread_mutex_unlock(&llm->lock);
    cJSON_AddStringToObject(body, "model", llm->model);
    if (ask->tools && ask->no_more_calls && choice)
        cJSON_AddStringToObject(body, "tool_choice", "none");
    if (no_reasoning)
        cJSON_AddStringToObject(body, "reasoning_effort", "none");
    cJSON_AddTrueToObject(body, "stream");
    if (usage) {
        cJSON *options = cJSON_AddObjectToObject(body, "stream_options");
        cJSON_AddTrueToObject(options, "include_usage");
    }
    cJSON_AddItemReferenceToObject(body, "messages", (cJSON *)(uintptr_t)ask->messages);
    json_print(&text, body);
    if (ask->tools)
        text.buf[0] = ','; /* it goes on with an object that was begun */
    return str_detach(&text);
}

struct showing { /* has anything been shown? */
    llm_text_fn *text;
    void *arg;
    bool any;
};

static void show(void *arg, const char *piece)
{
    struct showing *s = arg;
    s->any = true;
    if (s->text)
        s->text(s->arg, piece);
}

/* Until the end, or until only comments have come for too long: they keep the line open, and say
 * nothing of the model. */
static int read_all(struct llm *llm, struct http_call *call, struct llm_stream *stream,
                    int *ret_status, struct err *err)
{
    int64_t heard = env_mono_ms(llm->env);
    for (;;) {
        auto_str piece = STR_INIT(WINDOW + 65536);
        bool data;
        int got = http_read(call, &piece, ret_status, err);
        if (got <= 0)
            return got;
        if (!llm_stream_feed(stream, piece.buf, piece.len, &data))
            return 0;
        int64_t now = env_mono_ms(llm->env);
        if (data)
            heard = now;
        else if (now - heard > llm->timeout_ms)
            return err_set(err, ERR_REMOTE, NULL, "only comments for %u ms", llm->timeout_ms);
    }
}

static enum llm_fault fault_of_answer(int status, const struct llm_answer *a, char field[64])
{
    field[0] = '\0';
    if (status >= 300 || a->end == LLM_END_ERROR)
        return llm_fault_of(status, a->error ? a->error : "", field);
    return a->end == LLM_END_CUT ? LLM_DOWN : LLM_FINE;
}

/* Servers like to quote what they were sent. */
static void hide_key(char *text, const char *header)
{
    const char *key = strchr(header + strlen("Authorization: "), ' ');
    size_t len = key ? strlen(++key) : 0;
    for (char *at = text; len > 4 && text && (at = strstr(at, key)); at += len)
        memset(at, '*', len);
}

/* What a busy server asks for, ms; 0: nothing. "retry-after" in seconds, perhaps of parts; a date
 * is not looked at. */
static int64_t asked_to_wait(const struct http_answer *answer)
{
    char text[32], *end;
    bool ms = http_header(answer, "retry-after-ms", text, sizeof(text));
    if (!ms && !http_header(answer, "retry-after", text, sizeof(text)))
        return 0;
    double n = strtod(text, &end);
    if (end == text || *end || !(n > 0) || n > 1e9)
        return 0;
    return (int64_t)(ms ? n : n * 1000);
}

/* Where the server does not say: by the bytes, which is near enough for a ceiling. */
static void guess_usage(struct llm_answer *a, size_t sent, int status)
{
    bool answered = status < 300 && (*a->text || a->count);
    if (answered && !a->prompt_tokens)
        a->prompt_tokens = (int64_t)sent / BYTES_A_TOKEN;
    if (answered && !a->completion_tokens)
        a->completion_tokens = (int64_t)strlen(a->text) / BYTES_A_TOKEN;
}

static enum llm_fault try_once(struct llm *llm, const struct llm_ask *ask, struct showing *showing,
                               struct llm_answer *ret, char field[64], int64_t *ret_wait,
                               struct err *err)
{
    auto_text body = body_of(llm, ask);
    pthread_mutex_lock(&llm->lock);
    char *header = mem_text(llm->header);
    pthread_mutex_unlock(&llm->lock);
    const char *headers[] = {"Content-Type: application/json", "Accept: text/event-stream", header,
                             NULL};
    int64_t left = ask->deadline_ms - env_mono_ms(llm->env);
    unsigned total = (unsigned)MAX_OF(MIN_OF(left, (int64_t)CALL_MS), (int64_t)1);
    struct http_request request = {.method = "POST",
                                   .url = llm->url,
                                   .headers = headers,
                                   .body = body,
                                   .body_len = strlen(body),
                                   .lead = ask->tools,
                                   .connect_ms = CONNECT_MS,
                                   .first_byte_ms = MIN_OF(llm->timeout_ms, total),
                                   .idle_ms = llm->timeout_ms,
                                   .total_ms = total,
                                   .body_max = BODY_MAX,
                                   .cancel = ask->cancel};
    int status = 0;
    struct llm_stream *stream = llm_stream_new(show, showing);
    struct http_call *call = http_open(llm->http, &request, WINDOW);
    size_t sent = strlen(body) + (ask->tools ? strlen(ask->tools) : 0);
    free(body); /* the carrier has its own, and the answer may take long */
    body = NULL;
    int failed = read_all(llm, call, stream, &status, err);
    *ret_wait = !failed && status >= 300 ? asked_to_wait(&call->answer) : 0; /* read to its end */
    http_close(call);
    llm_stream_end(stream, ret);
    llm_stream_free(stream);
    guess_usage(ret, sent, status);
    hide_key(ret->error, header);
    wipe(header);
    field[0] = '\0';
    if (cancel_is_set(ask->cancel))
        return LLM_CANCELLED;
    if (failed && ret->end == LLM_END_CUT) /* what had come to its end before is whole */
        return LLM_DOWN;
    enum llm_fault fault = fault_of_answer(status, ret, field);
    if (fault != LLM_FINE)
        err_set(err, ERR_REMOTE, NULL, "http %d: %.300s", status,
                fault == LLM_KEY ? "the key" /* which such an answer likes to quote */
                : ret->error     ? ret->error
                                 : "the answer was cut");
    return fault;
}

/* --- what is learnt --- */

static bool learn(struct llm *llm, const char *field)
{
    bool *flag = !strcmp(field, "stream_options")     ? &llm->no_usage
                 : !strcmp(field, "reasoning_effort") ? &llm->no_reasoning
                 : !strcmp(field, "tool_choice")      ? &llm->no_choice
                                                      : NULL;
    if (!flag)
        return false;
    pthread_mutex_lock(&llm->lock);
    bool fresh = !*flag;
    *flag = true;
    pthread_mutex_unlock(&llm->lock);
    if (fresh)
        log_line(LOG_INFO, "llm", "the server does not take our %s: left out from now on", field);
    return fresh;
}

static void count(struct llm *llm, enum llm_fault fault)
{
    pthread_mutex_lock(&llm->lock);
    if (fault == LLM_FINE)
        llm->failures = 0;
    else if (fault == LLM_DOWN || fault == LLM_BUSY)
        llm->failures++;
    if ((fault == LLM_DOWN || fault == LLM_BUSY) && llm->failures >= BREAK_AFTER)
        llm->rest_until_ms = env_mono_ms(llm->env) + BREAK_MS;
    pthread_mutex_unlock(&llm->lock);
}

bool llm_set_told(struct llm *llm, enum llm_fault fault)
{
    pthread_mutex_lock(&llm->lock);
    bool fresh = !llm->any_told || llm->told != fault;
    llm->any_told = true;
    llm->told = fault;
    pthread_mutex_unlock(&llm->lock);
    return fresh;
}

void llm_forget_told(struct llm *llm)
{
    pthread_mutex_lock(&llm->lock);
    llm->any_told = false;
    pthread_mutex_unlock(&llm->lock);
}

bool llm_is_resting(struct llm *llm)
{
    pthread_mutex_lock(&llm->lock);
    bool resting = llm->failures >= BREAK_AFTER && env_mono_ms(llm->env) < llm->rest_until_ms;
    pthread_mutex_unlock(&llm->lock);
    return resting;
}

/* --- tries --- */

/* `asked`: at least so long, ms. False: cancelled, or it would be too late. */
static bool wait_a_while(struct llm *llm, const struct llm_ask *ask, int try, int64_t asked)
{
    struct cell cell;
    struct cancel_listener listener;
    int64_t wait = MIN_OF((int64_t)BACK_OFF_MS << try, (int64_t)BACK_OFF_MOST);
    wait -= (int64_t)env_random_below(llm->env, (uint64_t)wait / 4 + 1);
    if (asked) /* not all of them at the same moment */
        asked += (int64_t)env_random_below(llm->env,
                                           (uint64_t)MIN_OF(asked, (int64_t)60000) / 4 + 1);
    wait = MAX_OF(wait, asked);
    int64_t until = env_mono_ms(llm->env) + wait;
    if (until >= ask->deadline_ms)
        return false;
    cell_init(&cell, llm->env);
    cancel_listen(ask->cancel, &listener, &cell);
    while (env_mono_ms(llm->env) < until && !cancel_is_set(ask->cancel))
        env_wait(llm->env, &cell, until);
    cancel_unlisten(ask->cancel, &listener);
    cell_done(&cell);
    return !cancel_is_set(ask->cancel);
}

int llm_ask(struct llm *llm, const struct llm_ask *ask, struct llm_answer *ret,
            enum llm_fault *ret_fault, struct err *err)
{
    struct showing showing = {ask->text, ask->text_arg, false};
    *ret = (struct llm_answer){0};
    *ret_fault = LLM_DOWN;
    if (llm_is_resting(llm))
        return err_set(err, ERR_REMOTE, say_of(LLM_DOWN), "resting after failures");
    for (int try = 0;;) {
        char field[64];
        int64_t wait;
        llm_answer_free(ret);
        enum llm_fault fault = *ret_fault = try_once(llm, ask, &showing, ret, field, &wait, err);
        if (env_mono_ms(llm->env) < ask->deadline_ms) /* else it was us who gave up */
            count(llm, fault);
        if (fault == LLM_FINE) {
            *err = (struct err)ERR_INIT; /* of the tries before */
            return 0;
        }
        if (*field && learn(llm, field)) /* each once */
            continue;
        bool again = (fault == LLM_DOWN || fault == LLM_BUSY) && !showing.any && ++try < TRIES;
        if (!again || !wait_a_while(llm, ask, try - 1, wait))
            break;
    }
    if (err->kind == ERR_NONE || *ret_fault == LLM_CANCELLED)
        err_set(err, *ret_fault == LLM_CANCELLED ? ERR_CANCELLED : ERR_REMOTE, NULL, "llm");
    return err_say(err, "%s", say_of(*ret_fault));
}
