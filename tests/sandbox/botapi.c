#include "tests/sandbox/botapi_inner.h"

#include "core/base/utf8.h"

#include <strings.h>

#define HOLD_MOST_S   50
#define ANSWER_MOST   100
#define UPDATE_LIFE   ((int64_t)24 * 3600 * 1000)
#define PRESS_LIFE    ((int64_t)150 * 1000)
#define FUTURE_OFFSET 10

/* --- things --- */

struct botapi *botapi_new(void (*wake)(void *ctx), void *ctx)
{
    struct botapi *api = mem_new(1, sizeof(*api));
    *api = (struct botapi){.wake = wake,
                           .ctx = ctx,
                           .next_update = 700000001,
                           .next_message = 1001,
                           .next_query = 1,
                           .tokens = 30,
                           .calls = cJSON_CreateObject(),
                           .settings = cJSON_CreateObject()};
    return api;
}

static void chat_free(struct bot_chat *chat)
{
    for (size_t i = 0; i < chat->count; i++) {
        free(chat->messages[i].text);
        json_free(chat->messages[i].entities);
        json_free(chat->messages[i].markup);
        json_free(chat->messages[i].preview);
        json_free(chat->messages[i].document);
    }
    free(chat->messages);
    free(chat->draft);
    free(chat);
}

void botapi_free(struct botapi *api)
{
    if (!api)
        return;
    for (size_t i = 0; i < api->chat_count; i++)
        chat_free(api->chats[i]);
    for (size_t i = 0; i < api->update_count; i++)
        json_free(api->updates[i].json);
    free(api->chats);
    free(api->updates);
    free(api->queries);
    free(api->faults);
    free(api->webhook);
    free(api->took);
    json_free(api->calls);
    json_free(api->settings);
    free(api);
}

struct bot_chat *bot_chat_get(struct botapi *api, int64_t id, bool make)
{
    for (size_t i = 0; i < api->chat_count; i++)
        if (api->chats[i]->id == id)
            return api->chats[i];
    if (!make)
        return NULL;
    api->chats = mem_grow(api->chats, &api->chat_cap, api->chat_count + 1, sizeof(*api->chats));
    struct bot_chat *chat = mem_new(1, sizeof(*chat));
    *chat = (struct bot_chat){.id = id, .tokens = 3};
    return api->chats[api->chat_count++] = chat;
}

struct bot_message *bot_message_get(struct bot_chat *chat, int64_t id)
{
    for (size_t i = 0; i < chat->count; i++)
        if (chat->messages[i].id == id && !chat->messages[i].deleted)
            return &chat->messages[i];
    return NULL;
}

int64_t bot_update_add(struct botapi *api, int64_t now_ms, cJSON *json)
{
    bool press = cJSON_HasObjectItem(json, "callback_query");
    int64_t id = api->next_update++;
    json_put_i64(json, "update_id", id);
    api->updates = mem_grow(api->updates, &api->update_cap, api->update_count + 1,
                            sizeof(*api->updates));
    api->updates[api->update_count++] = (struct bot_update){
        id, now_ms + (press ? PRESS_LIFE : UPDATE_LIFE), json};
    api->wake(api->ctx);
    return id;
}

/* --- answers --- */

static void finish(struct bot_call *call, int status, cJSON *body)
{
    auto_str text = STR_INIT((size_t)8 << 20);
    json_print(&text, body);
    json_free(body);
    free(call->ret->body);
    call->ret->status = status;
    call->ret->body_len = text.len;
    call->ret->body = str_detach(&text);
}

void bot_ok(struct bot_call *call, cJSON *result)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddTrueToObject(body, "ok");
    cJSON_AddItemToObject(body, "result", result);
    finish(call, 200, body);
}

void bot_refuse(struct bot_call *call, int code, const char *description, int64_t retry_after,
                int64_t migrate_to)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddFalseToObject(body, "ok");
    json_put_i64(body, "error_code", code);
    cJSON_AddStringToObject(body, "description", description);
    if (retry_after || migrate_to) {
        cJSON *parameters = cJSON_AddObjectToObject(body, "parameters");
        json_put_i64(parameters, retry_after ? "retry_after" : "migrate_to_chat_id",
                     retry_after ? retry_after : migrate_to);
    }
    finish(call, code, body);
}

struct bot_chat *bot_chat_of(struct bot_call *call)
{
    int64_t id = json_i64_or(call->args, "chat_id", 0);
    struct bot_chat *chat = bot_chat_get(call->api, id, false);
    if (!chat) {
        bot_refuse(call, 400, "Bad Request: chat not found", 0, 0);
        return NULL;
    }
    if (chat->migrated_to) {
        bot_refuse(call, 400, "Bad Request: group chat was upgraded to a supergroup chat", 0,
                   chat->migrated_to);
        return NULL;
    }
    if (chat->blocked) {
        bot_refuse(call, 403,
                   id > 0 ? "Forbidden: bot was blocked by the user"
                          : "Forbidden: bot was kicked from the supergroup chat",
                   0, 0);
        return NULL;
    }
    return chat;
}

/* --- updates --- */

static void drop_updates(struct botapi *api, int64_t now_ms, int64_t below)
{
    size_t kept = 0;
    for (size_t i = 0; i < api->update_count; i++) {
        struct bot_update *u = &api->updates[i];
        if (u->id < below || u->expires_ms <= now_ms)
            json_free(u->json);
        else
            api->updates[kept++] = *u;
    }
    api->update_count = kept;
}

/* An offset that lies beyond the tail is ignored, and nothing is confirmed. */
static void confirm(struct botapi *api, int64_t now_ms, int64_t offset)
{
    if (offset > api->next_update + FUTURE_OFFSET)
        offset = 0;
    if (offset < 0) {
        int64_t keep = MIN_OF(-offset, (int64_t)api->update_count);
        offset = keep ? api->updates[api->update_count - (size_t)keep].id : api->next_update;
    }
    drop_updates(api, now_ms, offset);
}

static void give_updates(struct bot_call *call, int64_t limit)
{
    struct botapi *api = call->api;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < api->update_count && (int64_t)i < limit; i++) {
        const cJSON *json = api->updates[i].json;
        struct bot_chat *chat = bot_chat_get(api, json_i64_or(json, "message.chat.id", 0), false);
        if (chat)
            chat->given_ms = call->now_ms;
        cJSON_AddItemToArray(list, cJSON_Duplicate(json, true));
    }
    bot_ok(call, list);
}

static bool get_updates(struct bot_call *call, struct bot_visit *visit)
{
    struct botapi *api = call->api;
    int64_t offset = json_i64_or(call->args, "offset", 0);
    int64_t limit = json_i64_or(call->args, "limit", ANSWER_MOST);
    limit = limit < 1 || limit > ANSWER_MOST ? ANSWER_MOST : limit;
    if (api->webhook) {
        bot_refuse(call, 409,
                   "Conflict: can't use getUpdates method while webhook is active; use "
                   "deleteWebhook to delete the webhook first",
                   0, 0);
        return true;
    }
    if (!visit->ticket) { /* it arrives */
        int64_t hold = MIN_OF(MAX_OF(json_i64_or(call->args, "timeout", 0), 0), HOLD_MOST_S);
        bool again = offset == api->last_offset && call->now_ms - api->last_poll_ms < 500;
        if (again)
            limit = 1;
        api->last_offset = offset;
        api->last_poll_ms = call->now_ms;
        visit->ticket = api->polling = ++api->tickets;
        visit->until_ms = call->now_ms + hold * 1000;
        confirm(api, call->now_ms, offset);
        api->wake(api->ctx); /* the one before it hears that it is over */
    } else if (visit->ticket != api->polling) {
        bot_refuse(call, 409,
                   "Conflict: terminated by other getUpdates request; make sure that only one "
                   "bot instance is running",
                   0, 0);
        return true;
    }
    drop_updates(api, call->now_ms, 0);
    if (!api->update_count && call->now_ms < visit->until_ms)
        return false;
    give_updates(call, limit);
    return true;
}

/* --- methods --- */

static void get_me(struct bot_call *call)
{
    cJSON *me = cJSON_CreateObject();
    json_put_i64(me, "id", BOT_ID);
    cJSON_AddTrueToObject(me, "is_bot");
    cJSON_AddStringToObject(me, "first_name", "Sandbox Tables");
    cJSON_AddStringToObject(me, "username", BOT_NAME);
    cJSON_AddTrueToObject(me, "can_join_groups");
    cJSON_AddBoolToObject(me, "can_read_all_group_messages", call->api->privacy_off);
    bot_ok(call, me);
}

static void webhook_info(struct bot_call *call)
{
    cJSON *info = cJSON_CreateObject();
    cJSON_AddStringToObject(info, "url", call->api->webhook ? call->api->webhook : "");
    json_put_i64(info, "pending_update_count", (int64_t)call->api->update_count);
    bot_ok(call, info);
}

static void delete_webhook(struct bot_call *call)
{
    free(call->api->webhook);
    call->api->webhook = NULL;
    bot_ok(call, cJSON_CreateTrue());
}

/* setMyCommands and its kin are kept by scope and language, and given back. */
static bool settings_method(struct bot_call *call, const char *method)
{
    bool set = !strncmp(method, "setMy", 5), get = !strncmp(method, "getMy", 5);
    bool drop = !strcmp(method, "deleteMyCommands");
    const char *language = json_text_or(call->args, "language_code", "");
    if (!set && !get && !drop)
        return false;
    if (*language && strlen(language) != 2) {
        bot_refuse(call, 400, "Bad Request: invalid language code specified", 0, 0);
        return true;
    }
    const cJSON *line;
    cJSON_ArrayForEach(line, json_array(call->args, "commands"))
    {
        const char *text = json_text_or(line, "description", "");
        size_t len = utf8_utf16_len(text, strlen(text));
        if (len < 1 || len > 256) {
            bot_refuse(call, 400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID", 0, 0);
            return true;
        }
    }
    auto_str key = STR_INIT(400);
    auto_str scope = STR_INIT(200);
    if (json_object(call->args, "scope"))
        json_print(&scope, json_object(call->args, "scope"));
    str_addf(&key, "%s %s %s", method + (drop ? 8 : 5), scope.buf, language);
    if (drop) {
        cJSON_DeleteItemFromObjectCaseSensitive(call->api->settings, key.buf);
        bot_ok(call, cJSON_CreateTrue());
        return true;
    }
    if (set) {
        cJSON_DeleteItemFromObjectCaseSensitive(call->api->settings, key.buf);
        cJSON_AddItemToObject(call->api->settings, key.buf, cJSON_Duplicate(call->args, true));
        bot_ok(call, cJSON_CreateTrue());
        return true;
    }
    const cJSON *kept = cJSON_GetObjectItemCaseSensitive(call->api->settings, key.buf);
    if (!strcmp(method, "getMyCommands")) {
        const cJSON *list = json_array(kept, "commands");
        bot_ok(call, list ? cJSON_Duplicate(list, true) : cJSON_CreateArray());
    } else {
        const char *field = !strcmp(method, "getMyDescription") ? "description"
                                                                : "short_description";
        cJSON *result = cJSON_CreateObject();
        cJSON_AddStringToObject(result, field, json_text_or(kept, field, ""));
        bot_ok(call, result);
    }
    return true;
}

static bool run_method(struct bot_call *call, const char *method, struct bot_visit *visit)
{
    if (!strcasecmp(method, "getUpdates"))
        return get_updates(call, visit);
    if (!strcasecmp(method, "getMe"))
        get_me(call);
    else if (!strcasecmp(method, "getWebhookInfo"))
        webhook_info(call);
    else if (!strcasecmp(method, "deleteWebhook"))
        delete_webhook(call);
    else if (!settings_method(call, method) && !bot_send_method(call, method))
        bot_refuse(call, 404, "Not Found: method not found", 0, 0);
    return true;
}

/* --- faults --- */

static struct bot_fault *fault_for(struct botapi *api, const char *method)
{
    for (size_t i = 0; i < api->fault_count; i++) {
        struct bot_fault *f = &api->faults[i];
        if (f->count && (!strcmp(f->method, "*") || !strcasecmp(f->method, method))) {
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
static bool fault_instead(struct bot_call *call, const struct bot_fault *f)
{
    char text[80];
    if (!strcmp(f->kind, "hang")) {
        call->ret->cut = CITY_HANG;
        bot_ok(call, cJSON_CreateTrue());
    } else if (!strcmp(f->kind, "reset")) {
        call->ret->cut = CITY_RESET;
        bot_ok(call, cJSON_CreateTrue());
    } else if (!strcmp(f->kind, "html")) {
        text_answer(call->ret, (int)f->number, "text/html",
                    "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>");
    } else if (!strcmp(f->kind, "garbage")) {
        text_answer(call->ret, 200, "application/json", "{\"ok\":true,\"result\":[{\"upd");
    } else if (!strcmp(f->kind, "flood")) {
        snprintf(text, sizeof(text), "Too Many Requests: retry after %lld", (long long)f->number);
        bot_refuse(call, 429, text, f->number, 0);
    } else if (!strcmp(f->kind, "conflict")) {
        bot_refuse(call, 409,
                   "Conflict: terminated by other getUpdates request; make sure that only one "
                   "bot instance is running",
                   0, 0);
    } else if (!strcmp(f->kind, "status")) {
        bot_refuse(call, (int)f->number,
                   f->number == 401   ? "Unauthorized"
                   : f->number == 500 ? "Internal Server Error: restart"
                   : f->number == 403 ? "Forbidden: bot was blocked by the user"
                                      : "Bad Request: can't parse entities",
                   0, 0);
    } else {
        return false;
    }
    return true;
}

static void fault_after(struct city_answer *ret, const struct bot_fault *f)
{
    if (!strcmp(f->kind, "lost"))
        ret->cut = CITY_RESET;
    else if (!strcmp(f->kind, "cut"))
        ret->cut = CITY_CUT_BODY;
}

/* --- a request --- */

bool botapi_is(const char *path)
{
    return !strncmp(path, "/bot", 4);
}

static void count_call(struct botapi *api, const char *method)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(api->calls, method);
    if (item)
        cJSON_SetNumberValue(item, item->valuedouble + 1);
    else
        cJSON_AddNumberToObject(api->calls, method, 1);
}

/* Arguments of a query string, all as texts. */
static cJSON *query_args(const char *query)
{
    cJSON *args = cJSON_CreateObject();
    auto_text copy = mem_text(query);
    char *rest = copy, *pair;
    while ((pair = strsep(&rest, "&"))) {
        char *value = strchr(pair, '='), *end;
        if (!value)
            continue;
        *value++ = '\0';
        double number = strtod(value, &end);
        if (*value && !*end)
            cJSON_AddNumberToObject(args, pair, number);
        else
            cJSON_AddStringToObject(args, pair, value);
    }
    return args;
}

bool botapi_ask(struct botapi *api, int64_t now_ms, struct bot_visit *visit,
                const struct city_request *request, struct city_answer *ret)
{
    struct err err = ERR_INIT;
    struct bot_call call = {api, now_ms, NULL, ret};
    bool first = !visit->ticket;
    const size_t head = strlen("/bot" BOT_TOKEN "/");
    *ret = (struct city_answer){.content_type = mem_text("application/json"), .status = 200};
    if (strncmp(request->path, "/bot" BOT_TOKEN "/", head) != 0) {
        bot_refuse(&call, 401, "Unauthorized", 0, 0);
        return true;
    }
    const char *name = request->path + head, *query = strchr(name, '?');
    auto_text method = mem_textn(name, query ? (size_t)(query - name) : strlen(name));
    auto_json args = bot_form_is(request) ? bot_form_args(request)
                     : request->body_len
                         ? json_parse(request->body, request->body_len, "arguments", &err)
                         : query_args(query ? query + 1 : "");
    call.args = args;
    if (!args) {
        bot_refuse(&call, 400, "Bad Request: can't parse request JSON object", 0, 0);
        return true;
    }
    struct bot_fault *fault = first ? fault_for(api, method) : NULL;
    if (first)
        count_call(api, method);
    if (fault && fault_instead(&call, fault))
        return true;
    if (!run_method(&call, method, visit)) {
        city_answer_free(ret);
        return false;
    }
    if (fault)
        fault_after(ret, fault);
    return true;
}
