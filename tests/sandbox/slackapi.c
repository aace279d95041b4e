#include "tests/sandbox/slackapi_inner.h"

#define ACK_MS       3000
#define PATH_API     "/slack/api/"
#define PATH_LINK    "/slack/link/"
#define PATH_RESP    "/slack/response/"
#define PATH_UPLOAD  "/slack/upload/"
#define SOCKETS_MOST 10

/* --- things --- */

struct slackapi *slackapi_new(const struct slackapi_ops *ops, void *ctx, const char *origin)
{
    struct slackapi *api = mem_new(1, sizeof(*api));
    *api = (struct slackapi){.ops = *ops, .ctx = ctx, .next = 100};
    api->calls = cJSON_CreateObject();
    api->statuses = cJSON_CreateObject();
    api->titles = cJSON_CreateObject();
    api->files = cJSON_CreateObject();
    slackapi_set_origin(api, origin);
    return api;
}

void slackapi_set_origin(struct slackapi *api, const char *origin)
{
    snprintf(api->origin, sizeof(api->origin), "%s", origin);
}

void slackapi_free(struct slackapi *api)
{
    if (!api)
        return;
    for (size_t i = 0; i < api->message_count; i++) {
        free(api->messages[i].text);
        json_free(api->messages[i].blocks);
        json_free(api->messages[i].metadata);
    }
    for (size_t i = 0; i < api->envelope_count; i++)
        json_free(api->envelopes[i].json);
    for (size_t i = 0; i < api->home_count; i++)
        json_free(api->homes[i].view);
    free(api->sockets);
    free(api->channels);
    free(api->messages);
    free(api->envelopes);
    free(api->responses);
    free(api->triggers);
    free(api->faults);
    free(api->homes);
    free(api->took);
    json_free(api->modal);
    json_free(api->calls);
    json_free(api->statuses);
    json_free(api->titles);
    json_free(api->files);
    free(api);
}

void ws_new_id(struct slackapi *api, const char *prefix, char *out, size_t size)
{
    snprintf(out, size, "%s%u", prefix, (unsigned)++api->next);
}

struct ws_channel *ws_channel_get(struct slackapi *api, const char *id, bool make)
{
    for (size_t i = 0; i < api->channel_count; i++)
        if (!strcmp(api->channels[i].id, id))
            return &api->channels[i];
    if (!make && *id != 'D') /* the messages with anybody are there */
        return NULL;
    api->channels = mem_grow(api->channels, &api->channel_cap, api->channel_count + 1,
                             sizeof(*api->channels));
    struct ws_channel *c = &api->channels[api->channel_count++];
    *c = (struct ws_channel){.tokens = 1};
    snprintf(c->id, sizeof(c->id), "%s", id);
    return c;
}

struct ws_message *ws_message_get(struct slackapi *api, const char *channel, const char *ts)
{
    for (size_t i = 0; i < api->message_count; i++)
        if (!strcmp(api->messages[i].channel, channel) && !strcmp(api->messages[i].ts, ts) &&
            !api->messages[i].deleted)
            return &api->messages[i];
    return NULL;
}

struct ws_message *ws_message_add(struct slackapi *api, int64_t now_ms, const char *channel,
                                  const char *thread, const char *text)
{
    api->messages = mem_grow(api->messages, &api->message_cap, api->message_count + 1,
                             sizeof(*api->messages));
    struct ws_message *m = &api->messages[api->message_count++];
    *m = (struct ws_message){.text = mem_text(text)};
    snprintf(m->channel, sizeof(m->channel), "%s", channel);
    snprintf(m->thread, sizeof(m->thread), "%s", thread);
    snprintf(m->ts, sizeof(m->ts), "%lld.%06lld", (long long)now_ms / 1000,
             (long long)((uint64_t)++api->next % 1000000));
    return m;
}

const char *ws_trigger_new(struct slackapi *api, int64_t now_ms)
{
    api->triggers = mem_grow(api->triggers, &api->trigger_cap, api->trigger_count + 1,
                             sizeof(*api->triggers));
    struct ws_trigger *t = &api->triggers[api->trigger_count++];
    *t = (struct ws_trigger){.until_ms = now_ms + 3000};
    ws_new_id(api, "trigger", t->id, sizeof(t->id));
    return t->id;
}

char *ws_response_new(struct slackapi *api, int64_t now_ms, const char *channel, const char *user,
                      const char *ts)
{
    auto_str url = STR_INIT(200);
    api->responses = mem_grow(api->responses, &api->response_cap, api->response_count + 1,
                              sizeof(*api->responses));
    struct ws_response *r = &api->responses[api->response_count++];
    *r = (struct ws_response){.until_ms = now_ms + 30 * 60 * 1000};
    ws_new_id(api, "r", r->id, sizeof(r->id));
    snprintf(r->channel, sizeof(r->channel), "%s", channel);
    snprintf(r->user, sizeof(r->user), "%s", user);
    snprintf(r->ts, sizeof(r->ts), "%s", ts);
    str_addf(&url, "%s" PATH_RESP "%s", api->origin, r->id);
    return str_detach(&url);
}

/* --- envelopes --- */

struct ws_socket *ws_socket_of(struct slackapi *api, void *socket)
{
    for (size_t i = 0; i < api->socket_count; i++)
        if (api->sockets[i].socket == socket)
            return &api->sockets[i];
    return NULL;
}

/* To one of them, with no pattern to rely on. */
static struct ws_socket *next_socket(struct slackapi *api)
{
    for (size_t i = 0; i < api->socket_count; i++) {
        struct ws_socket *s = &api->sockets[api->turn++ % api->socket_count];
        if (s->up && !s->hello_ms)
            return s;
    }
    return NULL;
}

static void say_json(struct slackapi *api, struct ws_socket *s, const cJSON *json)
{
    auto_str text = STR_INIT((size_t)8 << 20);
    json_print(&text, json);
    if (!s->frozen)
        api->ops.text(api->ctx, s->socket, text.buf, text.len);
}

/* When an event that was not acknowledged comes again: at once, after a minute, after five. */
static int64_t retry_in(int attempts)
{
    return attempts <= 1 ? 0 : attempts == 2 ? 60000 : 300000;
}

static void send_envelope(struct slackapi *api, int64_t now_ms, size_t at)
{
    struct ws_envelope *e = &api->envelopes[at];
    struct ws_socket *s = next_socket(api);
    bool event = !strcmp(json_text_or(e->json, "type", ""), "events_api");
    e->attempts++;
    if (event && e->attempts > 1) {
        ws_new_id(api, "envelope-", e->id, sizeof(e->id));
        cJSON_ReplaceItemInObjectCaseSensitive(e->json, "envelope_id", cJSON_CreateString(e->id));
        cJSON_ReplaceItemInObjectCaseSensitive(e->json, "retry_attempt",
                                               cJSON_CreateNumber(e->attempts - 1));
        cJSON_ReplaceItemInObjectCaseSensitive(e->json, "retry_reason",
                                               cJSON_CreateString("timeout"));
        api->redelivered++;
    }
    if (!s) {
        e->state = event && e->attempts < 4 ? WAITS : LOST;
        e->due_ms = now_ms + retry_in(e->attempts) + 1000;
        api->failed += e->state == LOST;
        return;
    }
    e->state = SENT;
    e->socket = s->socket;
    e->sent_ms = now_ms;
    e->due_ms = now_ms + ACK_MS;
    say_json(api, s, e->json);
}

void ws_deliver(struct slackapi *api, int64_t now_ms, const char *type, cJSON *payload)
{
    api->envelopes = mem_grow(api->envelopes, &api->envelope_cap, api->envelope_count + 1,
                              sizeof(*api->envelopes));
    struct ws_envelope *e = &api->envelopes[api->envelope_count++];
    bool event = !strcmp(type, "events_api");
    *e = (struct ws_envelope){.json = cJSON_CreateObject()};
    ws_new_id(api, "envelope-", e->id, sizeof(e->id));
    snprintf(e->event, sizeof(e->event), "%s", json_text_or(payload, "event_id", ""));
    cJSON_AddStringToObject(e->json, "envelope_id", e->id);
    cJSON_AddStringToObject(e->json, "type", type);
    cJSON_AddBoolToObject(e->json, "accepts_response_payload", !event);
    cJSON_AddItemToObject(e->json, "payload", payload);
    if (event) {
        cJSON_AddNumberToObject(e->json, "retry_attempt", 0);
        cJSON_AddStringToObject(e->json, "retry_reason", "");
    }
    send_envelope(api, now_ms, api->envelope_count - 1);
    api->ops.due(api->ctx);
}

/* What an acknowledgement of a filled-in form says. */
static void take_ack_payload(struct slackapi *api, const cJSON *payload)
{
    if (strcmp(json_text_or(payload, "response_action", ""), "errors") != 0) {
        if (!payload) {
            json_free(api->modal);
            api->modal = NULL;
        }
        return;
    }
    if (api->modal) {
        cJSON_DeleteItemFromObjectCaseSensitive(api->modal, "errors");
        cJSON_AddItemToObject(api->modal, "errors",
                              cJSON_Duplicate(json_object(payload, "errors"), true));
    }
}

void slackapi_text(struct slackapi *api, int64_t now_ms, void *socket, const char *text, size_t len)
{
    auto_json json = json_parse(text, len, "an acknowledgement", NULL);
    const char *id = json_text_or(json, "envelope_id", "");
    for (size_t i = api->envelope_count; i-- > 0;) {
        struct ws_envelope *e = &api->envelopes[i];
        if (strcmp(e->id, id) != 0)
            continue;
        if (e->state == ACKED)
            api->twice++;
        if (e->state == SENT || e->state == WAITS) {
            api->acks++;
            api->took = mem_grow(api->took, &api->took_cap, api->took_count + 1,
                                 sizeof(*api->took));
            api->took[api->took_count++] = now_ms - e->sent_ms;
            if (!strcmp(json_text_or(e->json, "payload.type", ""), "view_submission"))
                take_ack_payload(api, json_object(json, "payload"));
        }
        e->state = ACKED;
        if (e->socket != socket)
            api->bad_acks++;
        return;
    }
    api->bad_acks++;
}

/* --- sockets --- */

static size_t count_up(const struct slackapi *api)
{
    size_t n = 0;
    for (size_t i = 0; i < api->socket_count; i++)
        n += api->sockets[i].up;
    return n;
}

enum upgrade slackapi_upgrade(struct slackapi *api, int64_t now_ms, const char *path, void *socket)
{
    const char *ticket = strstr(path, "ticket=");
    (void)now_ms, (void)socket;
    if (api->hang > 0) {
        api->hang--;
        return UPGRADE_HANG;
    }
    bool fine = !strncmp(path, PATH_LINK, strlen(PATH_LINK)) && ticket && *api->ticket &&
                !strncmp(ticket + 7, api->ticket, strlen(api->ticket));
    api->ticket[0] = '\0'; /* one use, whatever comes of it */
    if (!fine || api->refuse > 0) {
        api->refuse -= api->refuse > 0;
        api->refused++;
        return UPGRADE_NO;
    }
    return UPGRADE_YES;
}

int slackapi_refusal(const struct slackapi *api)
{
    return api->refuse_status ? api->refuse_status : 403;
}

static void hello(struct slackapi *api, struct ws_socket *s)
{
    auto_json json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "hello");
    cJSON_AddNumberToObject(json, "num_connections", (double)count_up(api));
    cJSON *info = cJSON_AddObjectToObject(json, "connection_info");
    cJSON_AddStringToObject(info, "app_id", "A0SANDBOX");
    cJSON *debug = cJSON_AddObjectToObject(json, "debug_info");
    cJSON_AddStringToObject(debug, "host", "applink-1");
    cJSON_AddNumberToObject(debug, "approximate_connection_time", 18060);
    s->hello_ms = 0;
    say_json(api, s, json);
}

void slackapi_up(struct slackapi *api, int64_t now_ms, void *socket)
{
    api->sockets = mem_grow(api->sockets, &api->socket_cap, api->socket_count + 1,
                            sizeof(*api->sockets));
    struct ws_socket *s = &api->sockets[api->socket_count++];
    *s = (struct ws_socket){.socket = socket, .up = true};
    api->opened++;
    if (api->no_hello > 0) {
        api->no_hello--;
        s->hello_ms = INT64_MAX;
        return;
    }
    if (count_up(api) > SOCKETS_MOST) {
        auto_json json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "type", "disconnect");
        cJSON_AddStringToObject(json, "reason", "too_many_websockets");
        say_json(api, s, json);
        return;
    }
    if (api->hello_late_ms) {
        s->hello_ms = now_ms + api->hello_late_ms;
        api->hello_late_ms = 0;
        api->ops.due(api->ctx);
        return;
    }
    hello(api, s);
}

bool slackapi_answers(struct slackapi *api, void *socket)
{
    struct ws_socket *s = ws_socket_of(api, socket);
    return s && !s->frozen && !s->mute;
}

bool slackapi_fragments(const struct slackapi *api)
{
    return api->fragments;
}

int slackapi_pings(struct slackapi *api)
{
    int pings = api->pings;
    api->pings = 0;
    return pings;
}

void slackapi_gone(struct slackapi *api, int64_t now_ms, void *socket)
{
    (void)now_ms;
    for (size_t i = 0; i < api->socket_count; i++) {
        if (api->sockets[i].socket != socket)
            continue;
        api->sockets[i] = api->sockets[--api->socket_count];
        return;
    }
}

int64_t slackapi_tick(struct slackapi *api, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < api->envelope_count; i++) {
        struct ws_envelope *e = &api->envelopes[i];
        if (e->state != SENT && e->state != WAITS)
            continue;
        bool event = !strcmp(json_text_or(e->json, "type", ""), "events_api");
        if (e->due_ms <= now_ms && e->state == SENT) { /* not acknowledged in time */
            e->state = event && e->attempts < 4 ? WAITS : LOST;
            e->due_ms = now_ms + retry_in(e->attempts);
            api->failed += e->state == LOST;
        }
        if (e->due_ms <= now_ms && e->state == WAITS)
            send_envelope(api, now_ms, i);
        if (e->state == SENT || e->state == WAITS)
            next = MIN_OF(next, e->due_ms);
    }
    for (size_t i = 0; i < api->socket_count; i++) {
        struct ws_socket *s = &api->sockets[i];
        if (s->hello_ms && s->hello_ms <= now_ms)
            hello(api, s);
        else if (s->hello_ms)
            next = MIN_OF(next, s->hello_ms);
    }
    return next;
}

/* --- the Web API --- */

static void finish(struct ws_call *call, int status, cJSON *body)
{
    auto_str text = STR_INIT((size_t)8 << 20);
    json_print(&text, body);
    json_free(body);
    free(call->ret->body);
    call->ret->status = status;
    call->ret->body_len = text.len;
    call->ret->body = str_detach(&text);
}

void ws_ok(struct ws_call *call, cJSON *body)
{
    body = body ? body : cJSON_CreateObject();
    cJSON_AddTrueToObject(body, "ok");
    finish(call, 200, body);
}

void ws_refuse(struct ws_call *call, const char *error)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddFalseToObject(body, "ok");
    cJSON_AddStringToObject(body, "error", error);
    finish(call, 200, body);
}

bool slackapi_is(const char *path)
{
    return !strncmp(path, "/slack/", 7);
}

static void count_call(struct slackapi *api, const char *method)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(api->calls, method);
    if (item)
        cJSON_SetNumberValue(item, item->valuedouble + 1);
    else
        cJSON_AddNumberToObject(api->calls, method, 1);
}

static void decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        char hex[3] = {at[0] == '%' ? at[1] : '\0', at[0] == '%' && at[1] ? at[2] : '\0', '\0'};
        if (hex[0] && hex[1]) {
            *to++ = (char)strtol(hex, NULL, 16);
            at += 2;
        } else {
            *to++ = *at == '+' ? ' ' : *at;
        }
    }
    *to = '\0';
}

/* Nested values of a form are JSON. */
static cJSON *form_args(const char *body)
{
    cJSON *args = cJSON_CreateObject();
    auto_text copy = mem_text(body);
    char *rest = copy, *pair;
    while ((pair = strsep(&rest, "&"))) {
        char *value = strchr(pair, '=');
        if (!value)
            continue;
        *value++ = '\0';
        decode(pair);
        decode(value);
        cJSON *json = *value == '{' || *value == '[' ? cJSON_Parse(value) : NULL;
        cJSON_AddItemToObject(args, pair, json ? json : cJSON_CreateString(value));
    }
    return args;
}

static const char *header_of(const struct city_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (!strcasecmp(request->headers[i].name, name))
            return request->headers[i].value;
    return "";
}

static struct ws_fault *fault_for(struct slackapi *api, const char *method)
{
    for (size_t i = 0; i < api->fault_count; i++) {
        struct ws_fault *f = &api->faults[i];
        if (f->count && (!strcmp(f->method, "*") || !strcmp(f->method, method))) {
            f->count -= f->count > 0;
            return f;
        }
    }
    return NULL;
}

static void text_answer(struct city_answer *ret, int status, const char *type, const char *text)
{
    free(ret->body);
    free(ret->content_type);
    ret->status = status;
    ret->content_type = mem_text(type);
    ret->body = mem_text(text);
    ret->body_len = strlen(text);
}

/* True: that is the answer, and nothing happens. */
static bool fault_instead(struct ws_call *call, const struct ws_fault *f)
{
    char head[60];
    if (!strcmp(f->kind, "hang")) {
        call->ret->cut = CITY_HANG;
    } else if (!strcmp(f->kind, "reset")) {
        call->ret->cut = CITY_RESET;
    } else if (!strcmp(f->kind, "html")) {
        text_answer(call->ret, (int)f->number, "text/html",
                    "<html><body>bad gateway</body></html>");
    } else if (!strcmp(f->kind, "slow")) {
        snprintf(head, sizeof(head), "Retry-After: %lld", (long long)f->number);
        ws_refuse(call, "ratelimited");
        call->ret->status = 429;
        call->ret->extra_headers = mem_text(head);
    } else if (strcmp(f->kind, "lost") != 0) { /* an error by its name */
        ws_refuse(call, f->kind);
        return true;
    } else {
        return false;
    }
    if (!call->ret->body)
        ws_ok(call, NULL);
    return true;
}

static bool has_token(const struct city_request *request, const char *method)
{
    const char *auth = header_of(request, "authorization");
    bool app = !strcmp(method, "apps.connections.open");
    return !strcmp(auth, app ? "Bearer " SLACK_APP_TOKEN : "Bearer " SLACK_BOT_TOKEN);
}

static const char *token_error(const struct city_request *request)
{
    const char *auth = header_of(request, "authorization");
    return !strcmp(auth, "Bearer " SLACK_APP_TOKEN) || !strcmp(auth, "Bearer " SLACK_BOT_TOKEN)
               ? "not_allowed_token_type"
               : "invalid_auth";
}

void slackapi_ask(struct slackapi *api, int64_t now_ms, const struct city_request *request,
                  struct city_answer *ret)
{
    struct ws_call call = {api, now_ms, NULL, ret};
    *ret = (struct city_answer){.content_type = mem_text("application/json"), .status = 200};
    bool response = !strncmp(request->path, PATH_RESP, strlen(PATH_RESP));
    bool upload = !strncmp(request->path, PATH_UPLOAD, strlen(PATH_UPLOAD));
    const char *method = upload     ? "upload"
                         : response ? "response"
                         : !strncmp(request->path, PATH_API, strlen(PATH_API))
                             ? request->path + strlen(PATH_API)
                             : "?";
    bool form = strstr(header_of(request, "content-type"), "form") != NULL;
    auto_text body = mem_textn(request->body ? request->body : "", request->body_len);
    auto_json args = upload || form || !*body ? form_args(body)
                                              : json_parse(body, strlen(body), "arguments", NULL);
    call.args = args;
    count_call(api, method);
    struct ws_fault *fault = fault_for(api, method);
    if (strcmp(request->method, "POST") != 0)
        ws_refuse(&call, "insecure_request");
    else if (!args)
        ws_refuse(&call, "invalid_json");
    else if (fault && fault_instead(&call, fault))
        return;
    else if (upload)
        ws_upload(&call, request->path + strlen(PATH_UPLOAD), body);
    else if (response)
        ws_respond(&call, request->path + strlen(PATH_RESP));
    else if (!has_token(request, method))
        ws_refuse(&call, token_error(request));
    else if (!ws_method(&call, method))
        ws_refuse(&call, "unknown_method");
    if (fault && !strcmp(fault->kind, "lost"))
        ret->cut = CITY_RESET;
}
