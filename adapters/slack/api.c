#include "adapters/slack/api.h"

#include <uthash.h>

#define CONNECT_MS   5000u
#define TOTAL_MS     15000u
#define ANSWER_MAX   ((size_t)4 << 20)
#define ARGS_MAX     ((size_t)512 * 1024)
#define RETRY_MOST_S 3600
#define RETRY_SAID_S 30 /* where a 429 does not say */
#define TOKEN_MAX    400

struct method {
    char name[64];
    int64_t until_ms; /* monotonic: it was answered 429, and rests until then */
    int64_t full_ms;  /* … when all of its minute's calls are there again */
    UT_hash_handle hh;
};

/* Calls a minute, by the tiers of the documentation, which let a minute's calls come at once. */
static const struct {
    const char *name;
    int a_minute;
} tiers[] = {
    {"agents.sessions.rename", 50},
    {"agents.sessions.setStatus", 50},
    {"apps.connections.open", 50},
    {"chat.appendStream", 100},
    {"chat.delete", 50},
    {"chat.startStream", 20},
    {"chat.stopStream", 20},
    {"chat.update", 50},
    {"conversations.history", 50},
    {"conversations.open", 50},
    {"conversations.replies", 50},
    {"views.open", 100},
    {"views.publish", 100},
};

struct slack_api {
    struct http *http;
    struct env *env;
    char *base;
    pthread_mutex_t lock; /* protects all below */
    int users;            /* its owner and what is under way: the last one frees it */
    char token[TOKEN_MAX];
    struct method *methods;
};

void slack_answer_free(struct slack_answer *answer)
{
    json_free(answer->tree);
    answer->tree = NULL;
}

struct slack_api *slack_api_new(struct http *http, struct env *env, const char *base)
{
    struct slack_api *api = mem_new(1, sizeof(*api));
    *api = (struct slack_api){.http = http, .env = env, .base = mem_text(base), .users = 1};
    pthread_mutex_init(&api->lock, NULL);
    return api;
}

void slack_api_free(struct slack_api *api)
{
    struct method *m, *tmp;
    if (!api)
        return;
    pthread_mutex_lock(&api->lock);
    bool last = !--api->users;
    pthread_mutex_unlock(&api->lock);
    if (!last)
        return;
    HASH_ITER(hh, api->methods, m, tmp)
    {
        HASH_DEL(api->methods, m);
        free(m);
    }
    explicit_bzero(api->token, sizeof(api->token));
    pthread_mutex_destroy(&api->lock);
    free(api->base);
    free(api);
}

void slack_api_set_token(struct slack_api *api, const char *token)
{
    pthread_mutex_lock(&api->lock);
    snprintf(api->token, sizeof(api->token), "%s", token);
    pthread_mutex_unlock(&api->lock);
}

/* --- what an answer means --- */

static const struct {
    const char *error;
    enum slack_outcome outcome;
} meanings[] = {
    {"ratelimited", SLACK_LIMITED},
    {"rate_limited", SLACK_LIMITED},
    {"message_limit_exceeded", SLACK_LIMITED},
    {"invalid_auth", SLACK_TOKEN},
    {"not_authed", SLACK_TOKEN},
    {"token_revoked", SLACK_TOKEN},
    {"account_inactive", SLACK_TOKEN},
    {"token_expired", SLACK_TOKEN},
    {"team_access_not_granted", SLACK_TOKEN},
    {"two_factor_setup_required", SLACK_TOKEN},
    {"org_login_required", SLACK_TOKEN},
    {"user_removed_from_team", SLACK_TOKEN},
    {"team_disabled", SLACK_TOKEN},
    {"not_allowed_token_type", SLACK_TOKEN},
    {"missing_scope", SLACK_ABSENT},
    {"unknown_method", SLACK_ABSENT},
    {"not_authorized", SLACK_ABSENT},
    {"feature_disabled", SLACK_ABSENT},
    {"not_enabled", SLACK_ABSENT},
    {"channel_type_not_supported", SLACK_ABSENT},
    {"missing_recipient_user_id", SLACK_ABSENT},
    {"missing_recipient_team_id", SLACK_ABSENT},
    {"channel_not_found", SLACK_CHAT_GONE},
    {"not_in_channel", SLACK_CHAT_GONE},
    {"is_archived", SLACK_CHAT_GONE},
    {"posting_to_channel_denied", SLACK_CHAT_GONE},
    {"restricted_action", SLACK_CHAT_GONE},
    {"restricted_action_read_only_channel", SLACK_CHAT_GONE},
    {"restricted_action_thread_only_channel", SLACK_CHAT_GONE},
    {"restricted_action_non_threadable_channel", SLACK_CHAT_GONE},
    {"ekm_access_denied", SLACK_CHAT_GONE},
    {"messages_tab_disabled", SLACK_CHAT_GONE},
    {"user_not_in_channel", SLACK_CHAT_GONE},
    {"user_disabled", SLACK_CHAT_GONE},
    {"user_not_found", SLACK_CHAT_GONE},
    {"user_not_visible", SLACK_CHAT_GONE},
    {"msg_too_long", SLACK_TOO_LONG},
    {"msg_blocks_too_long", SLACK_TOO_LONG},
    {"too_many_attachments", SLACK_TOO_LONG},
    {"invalid_blocks", SLACK_BLOCKS},
    {"invalid_blocks_format", SLACK_BLOCKS},
    {"block_mismatch", SLACK_BLOCKS},
    {"message_not_found", SLACK_NO_MESSAGE},
    {"cant_update_message", SLACK_NO_MESSAGE},
    {"edit_window_closed", SLACK_NO_MESSAGE},
    {"thread_not_found", SLACK_NO_MESSAGE},
    {"is_inactive", SLACK_NO_MESSAGE},
    {"already_reacted", SLACK_OK},
    {"expired_trigger_id", SLACK_STALE},
    {"exchanged_trigger_id", SLACK_STALE},
    {"invalid_trigger_id", SLACK_STALE},
    {"trigger_expired", SLACK_STALE},
    {"trigger_exchanged", SLACK_STALE},
    {"hash_conflict", SLACK_STALE},
    {"not_found", SLACK_STALE},
    {"message_not_in_streaming_state", SLACK_STALE},
    {"streaming_state_conflict", SLACK_STALE},
    {"stopped_by_user", SLACK_STALE},
    {"internal_error", SLACK_UNKNOWN},
    {"fatal_error", SLACK_UNKNOWN},
    {"service_unavailable", SLACK_UNKNOWN},
    {"request_timeout", SLACK_UNKNOWN},
    {"team_added_to_org", SLACK_UNKNOWN},
};

static enum slack_outcome meaning_of(const char *error)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (!strcmp(meanings[i].error, error))
            return meanings[i].outcome;
    return SLACK_BAD;
}

static void add_details(struct str *why, const cJSON *tree)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, json_array(tree, "response_metadata.messages"))
    {
        if (!cJSON_IsString(line))
            continue;
        str_add(why, "; ");
        str_add_shown(why, line->valuestring, MIN_OF(strlen(line->valuestring), (size_t)120));
    }
}

void slack_read(int status, int64_t retry_after_s, const char *body, size_t len,
                struct slack_answer *ret)
{
    bool ok = false;
    auto_str why = STR_INIT(sizeof(ret->why) - 1);
    *ret = (struct slack_answer){.outcome = SLACK_TROUBLE};
    ret->tree = json_parse(body, len, "the Web API", NULL);
    bool said = json_flag(ret->tree, "ok", &ok);
    const char *error = json_text_or(ret->tree, "error", "");
    if (strlen(error) < sizeof(ret->error))
        snprintf(ret->error, sizeof(ret->error), "%s", error);
    int64_t wait = retry_after_s > 0 ? MIN_OF(retry_after_s, (int64_t)RETRY_MOST_S) : RETRY_SAID_S;
    str_addf(&why, "http %d: ", status);
    if (status == 429) {
        ret->outcome = SLACK_LIMITED;
        str_add(&why, "too fast");
    } else if (!said) { /* HTML of a front end, or cut: a 5xx may come after the deed */
        ret->outcome = SLACK_UNKNOWN;
        str_add(&why, "not an answer: ");
        str_add_shown(&why, body, MIN_OF(len, (size_t)60));
    } else if (ok) {
        ret->outcome = SLACK_OK;
    } else {
        ret->outcome = meaning_of(error);
        str_add_shown(&why, error, strlen(error));
        add_details(&why, ret->tree);
    }
    if (ret->outcome == SLACK_LIMITED)
        ret->retry_ms = wait * 1000;
    snprintf(ret->needed, sizeof(ret->needed), "%.60s", json_text_or(ret->tree, "needed", ""));
    snprintf(ret->why, sizeof(ret->why), "%s", why.buf);
}

bool slack_has_scope(const char *scopes, const char *scope)
{
    size_t len = strlen(scope);
    for (const char *at = scopes; (at = strstr(at, scope)); at += len)
        if ((at == scopes || at[-1] == ',' || at[-1] == ' ') &&
            (!at[len] || at[len] == ',' || at[len] == ' '))
            return true;
    return false;
}

/* --- methods that rest --- */

/* Under the lock. */
static struct method *method_get(struct slack_api *api, const char *name)
{
    struct method *m;
    HASH_FIND_STR(api->methods, name, m);
    if (m)
        return m;
    m = mem_new(1, sizeof(*m));
    snprintf(m->name, sizeof(m->name), "%s", name);
    HASH_ADD_STR(api->methods, name, m);
    return m;
}

/* What one call takes of its minute; 0: it is in no tier. */
static int64_t share_of(const char *method)
{
    for (size_t i = 0; i < ARRAY_LEN(tiers); i++)
        if (!strcmp(tiers[i].name, method))
            return 60000 / tiers[i].a_minute;
    return 0;
}

/* 0: it may be called, and is counted; else in how many ms it may. */
static int64_t rest_of(struct slack_api *api, const char *method)
{
    int64_t now = env_mono_ms(api->env), share = share_of(method);
    pthread_mutex_lock(&api->lock);
    struct method *m = method_get(api, method);
    int64_t full = MAX_OF(m->full_ms, now);
    int64_t left = MAX_OF(m->until_ms - now, full + share - 60000 - now);
    if (left <= 0)
        m->full_ms = full + share;
    pthread_mutex_unlock(&api->lock);
    return MAX_OF(left, (int64_t)0);
}

static void rest(struct slack_api *api, const char *method, int64_t wait_ms)
{
    pthread_mutex_lock(&api->lock);
    method_get(api, method)->until_ms = env_mono_ms(api->env) + wait_ms;
    pthread_mutex_unlock(&api->lock);
}

/* --- a call --- */

struct ready {
    struct http_request request;
    const char *headers[3];
    char auth[TOKEN_MAX + 32];
    struct str url, body;
};

static void put_form(struct str *out, const cJSON *args)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, args)
    {
        auto_str value = STR_INIT(ARGS_MAX);
        if (cJSON_IsString(item))
            str_add(&value, item->valuestring);
        else
            json_print(&value, item);
        str_add(out, out->len ? "&" : "");
        str_add_url(out, item->string);
        str_addc(out, '=');
        str_add_url(out, value.buf);
    }
}

/* What stays, if it is done twice. */
static bool stays_for_good(const char *method)
{
    return !strcmp(method, "chat.postMessage") || !strcmp(method, "chat.postEphemeral") ||
           !strcmp(method, "chat.startStream") || !strcmp(method, "chat.appendStream");
}

static void ready_make(struct ready *r, struct slack_api *api, const char *method,
                       const cJSON *args, const char *token, bool form)
{
    *r = (struct ready){.url = STR_INIT(2048), .body = STR_INIT(ARGS_MAX)};
    str_addf(&r->url, "%s/%s", api->base, method);
    if (form)
        put_form(&r->body, args);
    else if (args)
        json_print(&r->body, args);
    pthread_mutex_lock(&api->lock);
    snprintf(r->auth, sizeof(r->auth), "Authorization: Bearer %s", token ? token : api->token);
    pthread_mutex_unlock(&api->lock);
    r->headers[0] = r->auth;
    r->headers[1] = form || !args ? "Content-Type: application/x-www-form-urlencoded"
                                  : "Content-Type: application/json; charset=utf-8";
    r->request = (struct http_request){.method = "POST",
                                       .url = r->url.buf,
                                       .headers = r->headers,
                                       .body = r->body.buf,
                                       .body_len = r->body.len,
                                       .connect_ms = CONNECT_MS,
                                       .first_byte_ms = TOTAL_MS,
                                       .total_ms = TOTAL_MS,
                                       .body_max = ANSWER_MAX,
                                       .flags = stays_for_good(method) ? HTTP_ONCE : 0};
}

static void ready_free(struct ready *r)
{
    explicit_bzero(r->auth, sizeof(r->auth));
    str_free(&r->url);
    str_free(&r->body);
}

static void failed(struct slack_answer *ret, const struct err *err, bool begun)
{
    *ret = (struct slack_answer){.outcome = begun ? SLACK_UNKNOWN : SLACK_TROUBLE};
    snprintf(ret->why, sizeof(ret->why), "%.290s", err->why);
}

static void understand(struct slack_api *api, const char *method, const struct http_answer *answer,
                       struct slack_answer *ret)
{
    char wait[16] = "";
    http_header(answer, "retry-after", wait, sizeof(wait));
    slack_read(answer->status, strtoll(wait, NULL, 10), answer->body.buf, answer->body.len, ret);
    http_header(answer, "x-oauth-scopes", ret->scopes, sizeof(ret->scopes));
    /* Of posting it is the channel that waits, which its caller sees to. */
    bool channel = !strcmp(method, "chat.postMessage") && ret->error[0] != 'm';
    if (ret->outcome == SLACK_LIMITED && !channel)
        rest(api, method, ret->retry_ms);
}

static bool is_resting(struct slack_api *api, const char *method, struct slack_answer *ret)
{
    int64_t left = rest_of(api, method);
    *ret = (struct slack_answer){.outcome = SLACK_LIMITED, .retry_ms = left};
    snprintf(ret->why, sizeof(ret->why), "%s rests for %lld ms", method, (long long)left);
    return left;
}

void slack_call(struct slack_api *api, const char *method, const cJSON *args, const char *token,
                bool form, struct cancel *cancel, struct slack_answer *ret)
{
    struct ready ready;
    struct err err = ERR_INIT;
    auto_answer answer = HTTP_ANSWER_INIT;
    if (is_resting(api, method, ret))
        return;
    ready_make(&ready, api, method, args, token, form);
    ready.request.cancel = cancel;
    if (http_perform(api->http, &ready.request, &answer, &err))
        failed(ret, &err, answer.begun);
    else
        understand(api, method, &answer, ret);
    ready_free(&ready);
}

struct started {
    struct slack_api *api;
    slack_done_fn *done;
    void *arg;
    char method[64];
};

static void on_done(void *arg, const struct http_answer *answer, const struct err *err)
{
    struct started *started = arg;
    struct slack_answer read;
    if (answer)
        understand(started->api, started->method, answer, &read);
    else
        failed(&read, err, true);
    if (started->done)
        started->done(started->arg, &read);
    slack_answer_free(&read);
    slack_api_free(started->api);
    free(started);
}

void slack_call_start(struct slack_api *api, const char *method, const cJSON *args,
                      const char *token, slack_done_fn *done, void *arg)
{
    struct ready ready;
    struct slack_answer limited;
    if (is_resting(api, method, &limited)) {
        if (done)
            done(arg, &limited);
        return;
    }
    struct started *started = mem_new(1, sizeof(*started));
    *started = (struct started){.api = api, .done = done, .arg = arg};
    snprintf(started->method, sizeof(started->method), "%s", method);
    pthread_mutex_lock(&api->lock);
    api->users++;
    pthread_mutex_unlock(&api->lock);
    ready_make(&ready, api, method, args, token, false);
    http_start(api->http, &ready.request, on_done, started);
    ready_free(&ready);
}

/* To an address that Slack gave for just this. */
static struct http_request given_request(const char *url, const char *const *headers,
                                         const char *body, size_t len)
{
    return (struct http_request){.method = "POST",
                                 .url = url,
                                 .headers = headers,
                                 .body = body,
                                 .body_len = len,
                                 .connect_ms = CONNECT_MS,
                                 .first_byte_ms = TOTAL_MS,
                                 .total_ms = TOTAL_MS,
                                 .body_max = ANSWER_MAX,
                                 .flags = HTTP_ONCE};
}

/* `body` is filled, and lives as long as the request. */
static struct http_request response_request(const char *url, const cJSON *args, struct str *body)
{
    static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", NULL};
    json_print(body, args);
    return given_request(url, headers, body->buf, body->len);
}

static void perform(struct slack_api *api, const struct http_request *request, const char *what,
                    struct slack_answer *ret)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct err err = ERR_INIT;
    *ret = (struct slack_answer){.outcome = SLACK_OK};
    if (http_perform(api->http, request, &answer, &err)) {
        failed(ret, &err, answer.begun);
    } else if (answer.status != 200) { /* used up, or its time is over */
        ret->outcome = answer.status >= 500 ? SLACK_UNKNOWN : SLACK_STALE;
        snprintf(ret->why, sizeof(ret->why), "%s: http %d", what, answer.status);
    }
}

void slack_upload(struct slack_api *api, const char *url, const char *bytes, size_t len,
                  struct slack_answer *ret)
{
    static const char *const headers[] = {"Content-Type: application/octet-stream", NULL};
    struct http_request request = given_request(url, headers, bytes, len);
    perform(api, &request, "upload", ret);
}

void slack_respond(struct slack_api *api, const char *url, const cJSON *args,
                   struct slack_answer *ret)
{
    auto_str body = STR_INIT(ARGS_MAX);
    struct http_request request = response_request(url, args, &body);
    perform(api, &request, "response_url", ret);
}

static void nobody_looks(void *arg, const struct http_answer *answer, const struct err *err)
{
    (void)arg, (void)answer, (void)err;
}

void slack_respond_start(struct slack_api *api, const char *url, const cJSON *args,
                         http_done_fn *done, void *arg)
{
    auto_str body = STR_INIT(ARGS_MAX);
    struct http_request request = response_request(url, args, &body);
    http_start(api->http, &request, done ? done : nobody_looks, arg);
}
