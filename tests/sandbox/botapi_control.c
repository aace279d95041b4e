/* The control lines of the Bot API server, all after "bot ":
 *
 *   say WHO TEXT…              somebody writes in their private chat; answered with the ids
 *   crowd WHO COUNT TEXT…      so many people, numbered from WHO on, write the same at once
 *   group CHAT WHO TEXT…       somebody writes in a group; "/x" and "@name" are marked as such
 *   message JSON               a message as it stands (message_id and date are filled in)
 *   edited JSON                the same as an edited message
 *   update JSON                an update as it stands (its update_id is filled in)
 *   press WHO CHAT LABEL…      presses the newest button there whose label begins so
 *   press-data WHO CHAT MESSAGE DATA
 *   member WHO CHAT STATUS     what the bot is there now: member, left, kicked, administrator
 *   block WHO, unblock WHO     the person does not want it any more; or again
 *   topic CHAT ID              a topic that there is
 *   migrate OLD NEW            a group becomes a supergroup
 *   stop WHO                   presses Stop on a draft
 *   fault METHOD KIND [NUMBER] [count N]   lost, cut, hang, reset, html N, garbage, flood SECONDS,
 *                              conflict, status N; METHOD * is any
 *   calm                       no faults any more
 *   limit on|off, drafts on|off, webhook URL|-, jump N (update ids go on from there)
 *   chat ID                    its messages; calls; floods; settings; pending
 *   took                       how long each message waited for an answer, in ms; then none
 *   said WORDS                 how many messages of the bot there are in all that hold them */
#include "tests/sandbox/botapi_inner.h"

#include <strings.h>

struct order {
    struct botapi *api;
    int64_t now_ms;
    char *rest;
    char **reply;
};

static int reply_json(struct order *o, cJSON *json)
{
    auto_str text = STR_INIT((size_t)8 << 20);
    json_print(&text, json);
    json_free(json);
    *o->reply = str_detach(&text);
    return 0;
}

static int refuse(struct order *o, const char *why)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "error", why);
    reply_json(o, json);
    return -1;
}

static int reply_id(struct order *o, const char *key, int64_t id)
{
    cJSON *json = cJSON_CreateObject();
    json_put_i64(json, key, id);
    return reply_json(o, json);
}

static char *word(struct order *o)
{
    o->rest += strspn(o->rest, " ");
    char *at = o->rest;
    o->rest += strcspn(o->rest, " ");
    if (*o->rest)
        *o->rest++ = '\0';
    return at;
}

static int64_t number(struct order *o)
{
    return strtoll(word(o), NULL, 10);
}

/* --- people write --- */

static cJSON *person_json(int64_t who)
{
    char name[32];
    cJSON *from = cJSON_CreateObject();
    json_put_i64(from, "id", who);
    cJSON_AddFalseToObject(from, "is_bot");
    snprintf(name, sizeof(name), "Person %lld", (long long)who);
    cJSON_AddStringToObject(from, "first_name", name);
    cJSON_AddStringToObject(from, "language_code", "en");
    return from;
}

static cJSON *chat_json(int64_t id)
{
    cJSON *chat = cJSON_CreateObject();
    json_put_i64(chat, "id", id);
    cJSON_AddStringToObject(chat, "type", id > 0 ? "private" : "supergroup");
    if (id < 0)
        cJSON_AddStringToObject(chat, "title", "The Friday Table");
    return chat;
}

static void mark(cJSON *entities, const char *type, int64_t offset, int64_t length)
{
    cJSON *e = cJSON_CreateObject();
    cJSON_AddStringToObject(e, "type", type);
    json_put_i64(e, "offset", offset);
    json_put_i64(e, "length", length);
    cJSON_AddItemToArray(entities, e);
}

static cJSON *text_json(int64_t chat, int64_t who, const char *text)
{
    cJSON *message = cJSON_CreateObject();
    cJSON_AddItemToObject(message, "from", person_json(who));
    cJSON_AddItemToObject(message, "chat", chat_json(chat));
    cJSON_AddStringToObject(message, "text", text);
    cJSON *entities = cJSON_CreateArray();
    if (*text == '/')
        mark(entities, "bot_command", 0, (int64_t)strcspn(text, " "));
    const char *at = strstr(text, "@" BOT_NAME);
    if (at && *text != '/')
        mark(entities, "mention", at - text, (int64_t)strlen("@" BOT_NAME));
    if (cJSON_GetArraySize(entities))
        cJSON_AddItemToObject(message, "entities", entities);
    else
        json_free(entities);
    return message;
}

/* Takes `message`; its id and date are filled in. Returns the id. */
static int64_t deliver(struct order *o, cJSON *message, const char *kind)
{
    int64_t chat = json_i64_or(message, "chat.id", 0), id = json_i64_or(message, "message_id", 0);
    if (!id) {
        id = o->api->next_message++;
        json_put_i64(message, "message_id", id);
    }
    if (!json_at(message, "date"))
        json_put_i64(message, "date", o->now_ms / 1000);
    bot_chat_get(o->api, chat, true)->blocked = false;
    cJSON *update = cJSON_CreateObject();
    cJSON_AddItemToObject(update, kind, message);
    bot_update_add(o->api, o->now_ms, update);
    return id;
}

static int add_message(struct order *o, cJSON *message, const char *kind)
{
    return reply_id(o, "message_id", deliver(o, message, kind));
}

static int say(struct order *o)
{
    int64_t who = number(o);
    return add_message(o, text_json(who, who, o->rest), "message");
}

/* So many people say the same, each in a chat of their own. */
static int crowd(struct order *o)
{
    int64_t first = number(o), count = number(o);
    for (int64_t who = first; who < first + count; who++)
        deliver(o, text_json(who, who, o->rest), "message");
    return reply_id(o, "crowd", count);
}

static int group(struct order *o)
{
    int64_t chat = number(o), who = number(o);
    return add_message(o, text_json(chat, who, o->rest), "message");
}

static int raw_message(struct order *o, const char *kind)
{
    struct err err = ERR_INIT;
    auto_json message = json_parse(o->rest, strlen(o->rest), "order", &err);
    if (!message)
        return refuse(o, err.why);
    return add_message(o, cJSON_Duplicate(message, true), kind);
}

static int message(struct order *o)
{
    return raw_message(o, "message");
}

static int edited(struct order *o)
{
    return raw_message(o, "edited_message");
}

static int update(struct order *o)
{
    struct err err = ERR_INIT;
    auto_json json = json_parse(o->rest, strlen(o->rest), "order", &err);
    if (!json)
        return refuse(o, err.why);
    return reply_id(o, "update_id", bot_update_add(o->api, o->now_ms, cJSON_Duplicate(json, true)));
}

/* --- people press --- */

static int add_press(struct order *o, int64_t who, int64_t chat, int64_t message, const char *data)
{
    struct botapi *api = o->api;
    api->queries = mem_grow(api->queries, &api->query_cap, api->query_count + 1,
                            sizeof(*api->queries));
    struct bot_query *q = &api->queries[api->query_count++];
    *q = (struct bot_query){.expires_ms = o->now_ms + 15000};
    snprintf(q->id, sizeof(q->id), "%lld", 4400000000000000000LL + (long long)api->next_query++);
    cJSON *query = cJSON_CreateObject();
    cJSON_AddStringToObject(query, "id", q->id);
    cJSON_AddItemToObject(query, "from", person_json(who));
    cJSON *on = cJSON_AddObjectToObject(query, "message");
    json_put_i64(on, "message_id", message);
    json_put_i64(on, "date", o->now_ms / 1000);
    cJSON_AddItemToObject(on, "chat", chat_json(chat));
    struct bot_chat *in = bot_chat_get(api, chat, false);
    const struct bot_message *under = in ? bot_message_get(in, message) : NULL;
    if (under && under->markup)
        cJSON_AddItemToObject(on, "reply_markup", cJSON_Duplicate(under->markup, true));
    cJSON_AddStringToObject(query, "chat_instance", "1");
    cJSON_AddStringToObject(query, "data", data);
    cJSON *update = cJSON_CreateObject();
    cJSON_AddItemToObject(update, "callback_query", query);
    bot_update_add(api, o->now_ms, update);
    return reply_id(o, "query", (int64_t)api->next_query - 1);
}

static const char *data_of(const struct bot_message *m, const char *label)
{
    const cJSON *row, *button;
    cJSON_ArrayForEach(row, json_array(m->markup, "inline_keyboard"))
    {
        cJSON_ArrayForEach(button, row)
        {
            if (!strncmp(json_text_or(button, "text", ""), label, strlen(label)) &&
                json_text(button, "callback_data"))
                return json_text(button, "callback_data");
        }
    }
    return NULL;
}

static int press(struct order *o)
{
    int64_t who = number(o), id = number(o);
    struct bot_chat *chat = bot_chat_get(o->api, id, false);
    for (size_t i = chat ? chat->count : 0; i-- > 0;) {
        const struct bot_message *m = &chat->messages[i];
        const char *data = m->deleted ? NULL : data_of(m, o->rest);
        if (data)
            return add_press(o, who, id, m->id, data);
    }
    return refuse(o, "no such button");
}

static int press_data(struct order *o)
{
    int64_t who = number(o), chat = number(o), message_id = number(o);
    return add_press(o, who, chat, message_id, o->rest);
}

static int stop(struct order *o)
{
    int64_t who = number(o);
    struct bot_chat *chat = bot_chat_get(o->api, who, false);
    if (!chat || !chat->draft_id || !chat->draft_stop || chat->draft_until_ms < o->now_ms)
        return refuse(o, "no draft with a Stop");
    cJSON *json = cJSON_CreateObject();
    cJSON *stopped = cJSON_AddObjectToObject(json, "stopped_message_generation");
    cJSON_AddItemToObject(stopped, "chat", chat_json(who));
    json_put_i64(stopped, "draft_id", chat->draft_id);
    return reply_id(o, "update_id", bot_update_add(o->api, o->now_ms, json));
}

/* --- what the bot is somewhere --- */

static void add_member(struct order *o, int64_t who, int64_t chat, const char *status)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *change = cJSON_AddObjectToObject(json, "my_chat_member");
    cJSON_AddItemToObject(change, "chat", chat_json(chat));
    cJSON_AddItemToObject(change, "from", person_json(who));
    json_put_i64(change, "date", o->now_ms / 1000);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(change, "new_chat_member"), "status", status);
    bot_update_add(o->api, o->now_ms, json);
}

static int member(struct order *o)
{
    int64_t who = number(o), id = number(o);
    const char *status = word(o);
    bot_chat_get(o->api, id, true)->blocked = !strcmp(status, "left") || !strcmp(status, "kicked");
    add_member(o, who, id, status);
    return reply_id(o, "chat", id);
}

static int block(struct order *o)
{
    int64_t who = number(o);
    bot_chat_get(o->api, who, true)->blocked = true;
    add_member(o, who, who, "kicked");
    return reply_id(o, "chat", who);
}

static int unblock(struct order *o)
{
    int64_t who = number(o);
    bot_chat_get(o->api, who, true)->blocked = false;
    add_member(o, who, who, "member");
    return reply_id(o, "chat", who);
}

static int topic(struct order *o)
{
    struct bot_chat *chat = bot_chat_get(o->api, number(o), true);
    if (chat->thread_count == ARRAY_LEN(chat->threads))
        return refuse(o, "too many topics");
    chat->threads[chat->thread_count++] = number(o);
    return reply_id(o, "topics", (int64_t)chat->thread_count);
}

/* The service messages of both sides. */
static int migrate(struct order *o)
{
    int64_t old = number(o), new = number(o);
    bot_chat_get(o->api, new, true);
    cJSON *from = text_json(old, 1, ""), *to = text_json(new, 1, "");
    cJSON_DeleteItemFromObjectCaseSensitive(from, "text");
    cJSON_DeleteItemFromObjectCaseSensitive(to, "text");
    json_put_i64(from, "migrate_to_chat_id", new);
    json_put_i64(to, "migrate_from_chat_id", old);
    add_message(o, from, "message");
    mem_free_text(o->reply);
    int failed = add_message(o, to, "message");
    bot_chat_get(o->api, old, true)->migrated_to = new;
    return failed;
}

/* --- faults and settings --- */

static int fault(struct order *o)
{
    struct bot_fault f = {.count = -1};
    snprintf(f.method, sizeof(f.method), "%s", word(o));
    snprintf(f.kind, sizeof(f.kind), "%s", word(o));
    while (*o->rest) {
        const char *next = word(o);
        if (!strcmp(next, "count"))
            f.count = number(o);
        else
            f.number = strtoll(next, NULL, 10);
    }
    struct botapi *api = o->api;
    api->faults = mem_grow(api->faults, &api->fault_cap, api->fault_count + 1,
                           sizeof(*api->faults));
    api->faults[api->fault_count++] = f;
    return reply_id(o, "faults", (int64_t)api->fault_count);
}

static int calm(struct order *o)
{
    o->api->fault_count = 0;
    return reply_id(o, "faults", 0);
}

static int limit(struct order *o)
{
    o->api->limited = !strcmp(word(o), "on");
    return reply_id(o, "limit", o->api->limited);
}

static int drafts(struct order *o)
{
    o->api->no_drafts = !strcmp(word(o), "off");
    return reply_id(o, "drafts", !o->api->no_drafts);
}

static int webhook(struct order *o)
{
    const char *url = word(o);
    free(o->api->webhook);
    o->api->webhook = strcmp(url, "-") ? mem_text(url) : NULL;
    return reply_id(o, "webhook", o->api->webhook != NULL);
}

static int jump(struct order *o)
{
    o->api->next_update = number(o);
    return reply_id(o, "next", o->api->next_update);
}

/* --- looking --- */

static cJSON *seen_message(const struct bot_message *m)
{
    cJSON *json = cJSON_CreateObject();
    json_put_i64(json, "id", m->id);
    cJSON_AddStringToObject(json, "text", m->text);
    if (m->document)
        cJSON_AddItemToObject(json, "document", cJSON_Duplicate(m->document, true));
    json_put_i64(json, "edits", m->edits);
    cJSON_AddBoolToObject(json, "deleted", m->deleted);
    json_put_i64(json, "thread", m->thread);
    json_put_i64(json, "reply_to", m->reply_to);
    cJSON_AddBoolToObject(json, "silent", m->silent);
    if (m->entities)
        cJSON_AddItemToObject(json, "entities", cJSON_Duplicate(m->entities, true));
    if (m->markup)
        cJSON_AddItemToObject(json, "markup", cJSON_Duplicate(m->markup, true));
    if (m->preview)
        cJSON_AddItemToObject(json, "preview", cJSON_Duplicate(m->preview, true));
    return json;
}

static int chat(struct order *o)
{
    struct bot_chat *c = bot_chat_get(o->api, number(o), false);
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "messages");
    for (size_t i = 0; c && i < c->count; i++)
        cJSON_AddItemToArray(list, seen_message(&c->messages[i]));
    json_put_i64(json, "drafts", c ? c->drafts : 0);
    json_put_i64(json, "actions", c ? c->actions : 0);
    json_put_text(json, "draft",
                  c && c->draft_id && c->draft_until_ms > o->now_ms ? c->draft : NULL);
    return reply_json(o, json);
}

static int calls(struct order *o)
{
    return reply_json(o, cJSON_Duplicate(o->api->calls, true));
}

static int settings(struct order *o)
{
    return reply_json(o, cJSON_Duplicate(o->api->settings, true));
}

static int floods(struct order *o)
{
    return reply_id(o, "floods", o->api->floods);
}

static int pending(struct order *o)
{
    return reply_id(o, "pending", (int64_t)o->api->update_count);
}

static int took(struct order *o)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < o->api->took_count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber((double)o->api->took[i]));
    o->api->took_count = 0;
    return reply_json(o, list);
}

static int said(struct order *o)
{
    int64_t n = 0;
    for (size_t i = 0; i < o->api->chat_count; i++)
        for (size_t k = 0; k < o->api->chats[i]->count; k++) {
            const struct bot_message *m = &o->api->chats[i]->messages[k];
            n += !m->deleted && strstr(m->text, o->rest);
        }
    return reply_id(o, "said", n);
}

int botapi_control(struct botapi *api, int64_t now_ms, const char *line, char **reply)
{
    static const struct {
        const char *name;
        int (*run)(struct order *o);
    } orders[] = {
        {"say", say},         {"crowd", crowd},   {"group", group},     {"message", message},
        {"edited", edited},   {"update", update}, {"press", press},     {"press-data", press_data},
        {"member", member},   {"block", block},   {"unblock", unblock}, {"topic", topic},
        {"migrate", migrate}, {"stop", stop},     {"fault", fault},     {"calm", calm},
        {"limit", limit},     {"drafts", drafts}, {"webhook", webhook}, {"jump", jump},
        {"chat", chat},       {"calls", calls},   {"floods", floods},   {"settings", settings},
        {"pending", pending}, {"took", took},     {"said", said},
    };
    auto_text copy = mem_text(line);
    struct order o = {api, now_ms, copy, reply};
    *reply = NULL;
    const char *name = word(&o);
    for (size_t i = 0; i < ARRAY_LEN(orders); i++)
        if (!strcmp(orders[i].name, name))
            return orders[i].run(&o);
    return refuse(&o, "what order is that?");
}
