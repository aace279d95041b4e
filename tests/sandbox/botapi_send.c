/* What a bot may do: send, edit, delete, drafts, actions, answers to presses; with the checks that
 * the real server makes. */
#include "tests/sandbox/botapi_inner.h"

#include "core/base/utf8.h"

#include <strings.h>

#define CAPTION_MOST     1024
#define TEXT_MOST        4096 /* code points, after entities */
#define DATA_MOST        64   /* bytes of a button's data */
#define DRAFT_LIFE_MS    30000
#define GROUP_A_MINUTE   20
#define PRIVATE_BURST    3.0
#define OVERALL_A_SECOND 30.0

/* --- checks --- */

static size_t code_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* True: a UTF-16 offset that stands between characters. */
static bool on_border(const char *text, int64_t units)
{
    const char *at = text, *end = text + strlen(text);
    int64_t seen = 0;
    while (seen < units) {
        int32_t c = utf8_next(&at, end);
        if (c < 0)
            return false;
        seen += c > 0xFFFF ? 2 : 1;
    }
    return seen == units;
}

static const char *entities_wrong(const char *text, const cJSON *entities)
{
    const cJSON *e;
    cJSON_ArrayForEach(e, entities)
    {
        int64_t offset = json_i64_or(e, "offset", -1), length = json_i64_or(e, "length", -1);
        if (offset < 0 || length < 0 || !json_text(e, "type"))
            return "Bad Request: can't parse entities: entity is malformed";
        if (!on_border(text, offset))
            return "Bad Request: entity begins in a middle of a UTF-16 symbol or beyond the end";
        if (!on_border(text, offset + length))
            return "Bad Request: entity ends in a middle of a UTF-16 symbol or beyond the end";
    }
    return NULL;
}

static const char *markup_wrong(const cJSON *markup)
{
    const cJSON *row, *button;
    int total = 0;
    cJSON_ArrayForEach(row, json_array(markup, "inline_keyboard"))
    {
        if (cJSON_GetArraySize(row) > 8)
            return "Bad Request: too many buttons in a row";
        cJSON_ArrayForEach(button, row)
        {
            const char *data = json_text(button, "callback_data");
            const char *url = json_text(button, "url");
            const char *label = json_text(button, "text");
            if (++total > 100 || !label || !*label)
                return "Bad Request: text buttons are unallowed or too many";
            if (!data == !url)
                return "Bad Request: exactly one action a button";
            if (data && (strlen(data) < 1 || strlen(data) > DATA_MOST))
                return "Bad Request: BUTTON_DATA_INVALID";
            if (url && strncmp(url, "http", 4) != 0 && strncmp(url, "tg://", 5) != 0)
                return "Bad Request: BUTTON_URL_INVALID";
        }
    }
    return NULL;
}

/* NULL: fine. */
static const char *text_wrong(const cJSON *args)
{
    const char *text = json_text_or(args, "text", "");
    if (!text[strspn(text, " \t\r\n")])
        return "Bad Request: message text is empty";
    if (code_points(text) > TEXT_MOST)
        return "Bad Request: message is too long";
    const char *wrong = entities_wrong(text, json_array(args, "entities"));
    return wrong ? wrong : markup_wrong(json_object(args, "reply_markup"));
}

/* --- the limiter --- */

/* The seconds to wait; 0: it may go. */
static int64_t flooded(struct botapi *api, struct bot_chat *chat, int64_t now)
{
    if (!api->limited)
        return 0;
    double burst = chat->id > 0 ? PRIVATE_BURST : GROUP_A_MINUTE;
    double a_second = chat->id > 0 ? 1.0 : GROUP_A_MINUTE / 60.0;
    chat->tokens = MIN_OF(burst, chat->tokens + (double)(now - chat->tokens_at) / 1000 * a_second);
    chat->tokens_at = now;
    api->tokens = MIN_OF(OVERALL_A_SECOND,
                         api->tokens + (double)(now - api->tokens_at) / 1000 * OVERALL_A_SECOND);
    api->tokens_at = now;
    if (chat->tokens < 1 || api->tokens < 1) {
        api->floods++;
        return chat->tokens < 1 ? 1 + (int64_t)((1 - chat->tokens) / a_second) : 1;
    }
    chat->tokens -= 1;
    api->tokens -= 1;
    return 0;
}

static bool is_flooded(struct bot_call *call, struct bot_chat *chat)
{
    char text[80];
    int64_t wait = flooded(call->api, chat, call->now_ms);
    if (!wait)
        return false;
    snprintf(text, sizeof(text), "Too Many Requests: retry after %lld", (long long)wait);
    bot_refuse(call, 429, text, wait, 0);
    return true;
}

/* --- messages --- */

static cJSON *message_json(const struct bot_chat *chat, const struct bot_message *m)
{
    cJSON *json = cJSON_CreateObject();
    json_put_i64(json, "message_id", m->id);
    json_put_i64(json, "date", m->date);
    cJSON *to = cJSON_AddObjectToObject(json, "chat");
    json_put_i64(to, "id", chat->id);
    cJSON_AddStringToObject(to, "type", chat->id > 0 ? "private" : "supergroup");
    cJSON *from = cJSON_AddObjectToObject(json, "from");
    json_put_i64(from, "id", BOT_ID);
    cJSON_AddTrueToObject(from, "is_bot");
    cJSON_AddStringToObject(from, "first_name", "Sandbox Tables");
    if (m->document) {
        cJSON *document = cJSON_AddObjectToObject(json, "document");
        cJSON_AddStringToObject(document, "file_id", "sandbox-file");
        cJSON_AddStringToObject(document, "file_name", json_text_or(m->document, "file_name", ""));
        cJSON_AddStringToObject(json, "caption", m->text);
    } else {
        cJSON_AddStringToObject(json, "text", m->text);
    }
    return json;
}

static void fill(struct bot_message *m, const cJSON *args, const char *text)
{
    free(m->text);
    json_free(m->entities);
    json_free(m->markup);
    json_free(m->preview);
    m->text = mem_text(text);
    m->entities = cJSON_Duplicate(json_array(args, "entities"), true);
    m->markup = cJSON_Duplicate(json_object(args, "reply_markup"), true);
    m->preview = cJSON_Duplicate(json_object(args, "link_preview_options"), true);
}

static bool has_thread(const struct bot_chat *chat, int64_t thread)
{
    for (size_t i = 0; i < chat->thread_count; i++)
        if (chat->threads[i] == thread)
            return true;
    return false;
}

/* A new message, if nothing is wrong with where it goes. */
static void put_message(struct bot_call *call, struct bot_chat *chat, const char *wrong,
                        const char *text, cJSON *document)
{
    int64_t thread = json_i64_or(call->args, "message_thread_id", 0);
    int64_t reply = json_i64_or(call->args, "reply_parameters.message_id", 0);
    bool without = false;
    json_flag(call->args, "reply_parameters.allow_sending_without_reply", &without);
    if (!wrong && thread && !has_thread(chat, thread))
        wrong = "Bad Request: message thread not found";
    if (!wrong && reply && !bot_message_get(chat, reply) && !without)
        wrong = "Bad Request: message to be replied not found";
    if (wrong) {
        json_free(document);
        bot_refuse(call, 400, wrong, 0, 0);
        return;
    }
    chat->messages = mem_grow(chat->messages, &chat->cap, chat->count + 1, sizeof(*chat->messages));
    struct bot_message *m = &chat->messages[chat->count++];
    *m = (struct bot_message){.id = call->api->next_message++,
                              .thread = thread,
                              .reply_to = reply,
                              .date = call->now_ms / 1000};
    json_flag(call->args, "disable_notification", &m->silent);
    fill(m, call->args, text);
    m->document = document;
    chat->draft_id = 0; /* any message ends it */
    if (chat->given_ms) {
        struct botapi *api = call->api;
        api->took = mem_grow(api->took, &api->took_cap, api->took_count + 1, sizeof(*api->took));
        api->took[api->took_count++] = call->now_ms - chat->given_ms;
        chat->given_ms = 0;
    }
    bot_ok(call, message_json(chat, m));
}

static void send_message(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    if (chat && !is_flooded(call, chat))
        put_message(call, chat, text_wrong(call->args), json_text_or(call->args, "text", ""), NULL);
}

static void send_document(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    const char *caption = json_text_or(call->args, "caption", ""), *wrong = NULL;
    const cJSON *document = json_object(call->args, "document");
    if (!chat || is_flooded(call, chat))
        return;
    if (!document || !*json_text_or(document, "text", ""))
        wrong = "Bad Request: there is no document in the request";
    else if (code_points(caption) > CAPTION_MOST)
        wrong = "Bad Request: message caption is too long";
    put_message(call, chat, wrong, caption, wrong ? NULL : cJSON_Duplicate(document, true));
}

/* The message to edit, or the refusal is said. */
static struct bot_message *to_edit(struct bot_call *call, struct bot_chat **ret_chat)
{
    struct bot_chat *chat = *ret_chat = bot_chat_of(call);
    if (!chat || is_flooded(call, chat))
        return NULL;
    struct bot_message *m = bot_message_get(chat, json_i64_or(call->args, "message_id", 0));
    if (!m || !m->text)
        bot_refuse(call, 400, "Bad Request: message to edit not found", 0, 0);
    else if (m->document)
        bot_refuse(call, 400, "Bad Request: there is no text in the message to edit", 0, 0);
    return m && m->text && !m->document ? m : NULL;
}

static bool same(const cJSON *a, const cJSON *b)
{
    return (!a && !b) || (a && b && cJSON_Compare(a, b, true));
}

static void edit_text(struct bot_call *call)
{
    struct bot_chat *chat;
    struct bot_message *m = to_edit(call, &chat);
    if (!m)
        return;
    const char *wrong = text_wrong(call->args);
    if (!wrong && !strcmp(m->text, json_text_or(call->args, "text", "")) &&
        same(m->markup, json_object(call->args, "reply_markup")) &&
        same(m->entities, json_array(call->args, "entities")))
        wrong = "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of the message";
    if (wrong) {
        bot_refuse(call, 400, wrong, 0, 0);
        return;
    }
    fill(m, call->args, json_text_or(call->args, "text", ""));
    m->edits++;
    bot_ok(call, message_json(chat, m));
}

static void edit_markup(struct bot_call *call)
{
    struct bot_chat *chat;
    struct bot_message *m = to_edit(call, &chat);
    if (!m)
        return;
    if (same(m->markup, json_object(call->args, "reply_markup"))) {
        bot_refuse(call, 400, "Bad Request: message is not modified", 0, 0);
        return;
    }
    json_free(m->markup);
    m->markup = cJSON_Duplicate(json_object(call->args, "reply_markup"), true);
    m->edits++;
    bot_ok(call, message_json(chat, m));
}

static void delete_message(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    if (!chat)
        return;
    struct bot_message *m = bot_message_get(chat, json_i64_or(call->args, "message_id", 0));
    if (!m) {
        bot_refuse(call, 400, "Bad Request: message to delete not found", 0, 0);
        return;
    }
    m->deleted = true;
    bot_ok(call, cJSON_CreateTrue());
}

static void chat_action(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    if (!chat)
        return;
    chat->actions++;
    bot_ok(call, cJSON_CreateTrue());
}

static void draft(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    const char *text = json_text_or(call->args, "text", ""), *wrong = NULL;
    int64_t id = json_i64_or(call->args, "draft_id", 0);
    if (!chat)
        return;
    if (chat->id <= 0 || call->api->no_drafts)
        wrong = "Bad Request: TEXTDRAFT_PEER_INVALID";
    else if (!id)
        wrong = "Bad Request: draft_id must be non-zero";
    else if (code_points(text) > TEXT_MOST)
        wrong = "Bad Request: message is too long";
    else
        wrong = entities_wrong(text, json_array(call->args, "entities"));
    if (wrong) {
        bot_refuse(call, 400, wrong, 0, 0);
        return;
    }
    free(chat->draft);
    chat->draft = mem_text(text);
    chat->draft_id = id;
    chat->draft_until_ms = call->now_ms + DRAFT_LIFE_MS;
    chat->draft_stop = false;
    json_flag(call->args, "can_stop", &chat->draft_stop);
    chat->drafts++;
    bot_ok(call, cJSON_CreateTrue());
}

static void answer_query(struct bot_call *call)
{
    const char *id = json_text_or(call->args, "callback_query_id", "");
    for (size_t i = 0; i < call->api->query_count; i++) {
        struct bot_query *q = &call->api->queries[i];
        if (strcmp(q->id, id) != 0 || q->answered || q->expires_ms <= call->now_ms)
            continue;
        q->answered = true;
        bot_ok(call, cJSON_CreateTrue());
        return;
    }
    bot_refuse(call, 400,
               "Bad Request: query is too old and response timeout expired or query ID is invalid",
               0, 0);
}

static void leave_chat(struct bot_call *call)
{
    struct bot_chat *chat = bot_chat_of(call);
    if (!chat)
        return;
    chat->blocked = true;
    bot_ok(call, cJSON_CreateTrue());
}

bool bot_send_method(struct bot_call *call, const char *method)
{
    static const struct {
        const char *name;
        void (*run)(struct bot_call *call);
    } methods[] = {
        {"sendMessage", send_message},     {"sendDocument", send_document},
        {"editMessageText", edit_text},    {"editMessageReplyMarkup", edit_markup},
        {"deleteMessage", delete_message}, {"sendChatAction", chat_action},
        {"sendMessageDraft", draft},       {"answerCallbackQuery", answer_query},
        {"leaveChat", leave_chat},
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (!strcasecmp(methods[i].name, method)) {
            methods[i].run(call);
            return true;
        }
    return false;
}
