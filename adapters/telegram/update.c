#include "adapters/telegram/update.h"

#include "core/base/utf8.h"

#include <strings.h>

#define LONG_TEXT      4000 /* code points: clients split what is pasted at 4096 */
#define EDIT_SECONDS   120
#define REST_MAX       ((size_t)16 * 1024)
#define LIVE_LOCATIONS 2

void update_free(struct update *update)
{
    free(update->text);
    free(update->rest);
    update->text = update->rest = NULL;
}

int64_t update_ref_message(const char *ref)
{
    const char *colon = ref ? strrchr(ref, ':') : NULL;
    return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

bool update_chat_ref(const char *ref, int64_t *ret_chat, int64_t *ret_thread)
{
    char *end;
    *ret_chat = strtoll(ref, &end, 10);
    *ret_thread = 0;
    if (end == ref || !*ret_chat)
        return false;
    if (*end == ':')
        *ret_thread = strtoll(end + 1, &end, 10);
    return !*end;
}

/* --- entities --- */

/* The byte at which `units` UTF-16 units end; -1: beyond the end, or inside a character. */
static ssize_t byte_of(const char *text, int64_t units)
{
    const char *at = text, *end = text + strlen(text);
    int64_t seen = 0;
    while (seen < units) {
        int32_t c = utf8_next(&at, end);
        if (c < 0)
            return -1;
        seen += c > 0xFFFF ? 2 : 1;
    }
    return seen == units ? at - text : -1;
}

/* Where an entity stands in the text; false: nowhere. */
static bool span_of(const char *text, const cJSON *entity, size_t *ret_from, size_t *ret_len)
{
    int64_t offset = json_i64_or(entity, "offset", -1), length = json_i64_or(entity, "length", -1);
    if (offset < 0 || length <= 0 || offset > 100000 || length > 100000)
        return false;
    ssize_t from = byte_of(text, offset), to = byte_of(text, offset + length);
    if (from < 0 || to < from)
        return false;
    *ret_from = (size_t)from;
    *ret_len = (size_t)(to - from);
    return true;
}

static bool is_our_name(const char *at, size_t len, const struct update_me *me)
{
    return *me->username && len == strlen(me->username) + 1 && *at == '@' &&
           !strncasecmp(at + 1, me->username, len - 1);
}

static void cut_out(char *text, size_t from, size_t len)
{
    memmove(text + from, text + from + len, strlen(text + from + len) + 1);
}

enum address { ADDRESS_NONE, ADDRESS_US, ADDRESS_OTHERS };

/* "/find@ours x" becomes "/find x"; with another bot's name it is for that one. */
static enum address command_address(char *text, const struct update_me *me)
{
    if (*text != '/')
        return ADDRESS_NONE;
    size_t len = strcspn(text, " \t\r\n");
    char *at = memchr(text, '@', len);
    if (!at)
        return ADDRESS_US;
    size_t name = len - (size_t)(at - text);
    if (!is_our_name(at, name, me))
        return ADDRESS_OTHERS;
    cut_out(text, (size_t)(at - text), name);
    return ADDRESS_US;
}

/* Our name anywhere in it, which is taken out. */
static enum address mention_address(char *text, const cJSON *entities, const struct update_me *me)
{
    const cJSON *entity;
    cJSON_ArrayForEach(entity, entities)
    {
        const char *type = json_text_or(entity, "type", "");
        size_t from, len;
        if (!span_of(text, entity, &from, &len))
            continue;
        if (!strcmp(type, "mention") && is_our_name(text + from, len, me)) {
            cut_out(text, from, len);
            return ADDRESS_US;
        }
        if (!strcmp(type, "text_mention") && json_i64_or(entity, "user.id", 0) == me->id) {
            cut_out(text, from, len);
            return ADDRESS_US;
        }
    }
    return ADDRESS_NONE;
}

/* --- who and where --- */

/* Bidirectional controls and line ends have no place in a name. */
static void clean_name(char *out, size_t size, const char *first, const char *last)
{
    auto_str name = STR_INIT(400);
    auto_str clean = STR_INIT(400);
    str_add(&name, first);
    if (*last)
        str_addf(&name, " %s", last);
    const char *at = name.buf, *end = name.buf + name.len, *from = at;
    for (int32_t c; (c = utf8_next(&at, end)) >= 0; from = at) {
        bool control = c < 0x20 || c == 0x7F || (c >= 0x202A && c <= 0x202E) ||
                       (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
        if (!control)
            str_addn(&clean, from, (size_t)(at - from));
    }
    utf8_copy(out, size, clean.buf);
}

static void read_chat(const cJSON *message, struct update *ret)
{
    int64_t chat = json_i64_or(message, "chat.id", 0), thread = 0;
    bool topic = false;
    const char *type = json_text_or(message, "chat.type", "");
    json_flag(message, "is_topic_message", &topic);
    if (topic)
        thread = json_i64_or(message, "message_thread_id", 0);
    if (thread > 1) /* the General topic is the chat itself */
        snprintf(ret->chat, sizeof(ret->chat), "%lld:%lld", (long long)chat, (long long)thread);
    else
        snprintf(ret->chat, sizeof(ret->chat), "%lld", (long long)chat);
    ret->crowd = strcmp(type, "private") != 0;
    clean_name(ret->title, sizeof(ret->title), json_text_or(message, "chat.title", ""), "");
    if (!chat || !strcmp(type, "channel"))
        ret->chat[0] = '\0';
}

/* An IETF tag, of which only letters and digits are taken. */
static void read_language(const cJSON *message, struct update *ret)
{
    const char *code = json_text_or(message, "from.language_code", "");
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    if (strlen(code) < sizeof(ret->language) && strspn(code, allowed) == strlen(code))
        snprintf(ret->language, sizeof(ret->language), "%s", code);
}

/* False: nobody whom we answer. */
static bool read_person(const cJSON *message, struct update *ret)
{
    bool bot = false;
    int64_t who = json_i64_or(message, "from.id", 0);
    const char *first = json_text_or(message, "from.first_name", "");
    const char *last = json_text_or(message, "from.last_name", "");
    if (json_object(message, "sender_chat")) { /* an anonymous admin, or a channel */
        who = json_i64_or(message, "sender_chat.id", 0);
        first = json_text_or(message, "sender_chat.title", "");
        last = "";
    } else {
        json_flag(message, "from.is_bot", &bot);
        read_language(message, ret);
    }
    if (!who || bot)
        return false;
    snprintf(ret->person, sizeof(ret->person), "%lld", (long long)who);
    clean_name(ret->name, sizeof(ret->name), first, last);
    return true;
}

/* --- messages --- */

static size_t code_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool is_reply_to_us(const cJSON *message, const struct update_me *me)
{
    bool topic = json_object(message, "reply_to_message.forum_topic_created");
    return !topic && json_i64_or(message, "reply_to_message.from.id", 0) == me->id;
}

/* In a crowd we speak when spoken to: by a command, our name, or an answer to what we said. */
static bool is_for_us(const cJSON *message, const cJSON *entities, const struct update_me *me,
                      struct update *ret)
{
    enum address command = command_address(ret->text, me);
    if (command == ADDRESS_OTHERS)
        return false;
    enum address mention = mention_address(ret->text, entities, me);
    return !ret->crowd || command == ADDRESS_US || mention == ADDRESS_US ||
           is_reply_to_us(message, me);
}

/* "/start abc" keeps its payload; a place on the map is "near here". */
static char *text_of(const cJSON *message, const cJSON **ret_entities)
{
    const char *text = json_text(message, "text"), *caption = json_text(message, "caption");
    double latitude, longitude;
    *ret_entities = json_array(message, text ? "entities" : "caption_entities");
    if (text || caption)
        return mem_text(text ? text : caption);
    if (json_text(message, "venue.title"))
        return mem_text(json_text(message, "venue.title"));
    if (json_number(message, "location.latitude", &latitude) &&
        json_number(message, "location.longitude", &longitude)) {
        auto_str near = STR_INIT(80);
        str_addf(&near, "/near %.4f %.4f", latitude, longitude);
        return mem_text(near.buf);
    }
    return NULL;
}

static const char *word_for(const cJSON *message)
{
    static const struct {
        const char *key, *say;
    } kinds[] = {
        {"voice",
         "I cannot listen to voice messages. Please write it: \"Lark on Friday for two\"."},
        {"audio", "I cannot listen to that. Please write what you look for."},
        {"video_note", "I cannot watch that. Please write what you look for."},
        {"video", "I cannot watch that. Please write what you look for."},
        {"photo", "I cannot read pictures. Please write what you look for."},
        {"document", "I cannot read files. Please write what you look for."},
        {"sticker", "Nice one. Tell me a restaurant, a day and how many you are."},
        {"animation", "Nice one. Tell me a restaurant, a day and how many you are."},
        {"dice", "I would rather find you a table. Which restaurant, which day, how many?"},
        {"contact", "I do not need anybody's number. Tell me a restaurant and a day."},
        {"poll", "I do not vote. Tell me a restaurant and a day."},
        {"story", "I cannot see stories. Please write what you look for."},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (json_at(message, kinds[i].key))
            return kinds[i].say;
    return NULL;
}

static void read_moved(const cJSON *message, int64_t from, int64_t to, struct update *ret)
{
    (void)message;
    ret->kind = UPDATE_MOVED;
    snprintf(ret->chat, sizeof(ret->chat), "%lld", (long long)from);
    snprintf(ret->moved_to, sizeof(ret->moved_to), "%lld", (long long)to);
}

static void read_message(const cJSON *message, const struct update_me *me, struct update *ret)
{
    const cJSON *entities;
    int64_t chat = json_i64_or(message, "chat.id", 0);
    int64_t to = json_i64_or(message, "migrate_to_chat_id", 0);
    int64_t from = json_i64_or(message, "migrate_from_chat_id", 0);
    if (to || from) {
        read_moved(message, from ? from : chat, from ? chat : to, ret);
        return;
    }
    read_chat(message, ret);
    ret->message_id = json_i64_or(message, "message_id", 0);
    ret->date_s = json_i64_or(message, "date", 0);
    snprintf(ret->ref, sizeof(ret->ref), "m%lld:%lld", (long long)chat, (long long)ret->message_id);
    if (!*ret->chat || !read_person(message, ret))
        return;
    ret->text = text_of(message, &entities);
    if (!ret->text) {
        ret->say = ret->crowd ? NULL : word_for(message);
        ret->kind = ret->say ? UPDATE_SHOWN : UPDATE_NOTHING;
        return;
    }
    bool said = json_text(message, "text") || json_text(message, "caption");
    ret->long_text = code_points(ret->text) >= LONG_TEXT;
    if (ret->crowd && !said && !is_reply_to_us(message, me))
        return; /* a place that somebody shows to the others */
    if (is_for_us(message, entities, me, ret))
        ret->kind = UPDATE_SAID;
}

/* Real edits soon after; everything else that arrives as one (reactions, previews, live locations)
 * says what was said before, and the inbox knows that. */
static void read_edited(const cJSON *message, const struct update_me *me, struct update *ret)
{
    int64_t edited = json_i64_or(message, "edit_date", 0);
    read_message(message, me, ret);
    bool late = edited - ret->date_s > EDIT_SECONDS;
    if (ret->kind != UPDATE_SAID || late || !json_text(message, "text")) {
        ret->kind = UPDATE_NOTHING;
        return;
    }
    memcpy(ret->edits, ret->ref, sizeof(ret->edits));
    snprintf(ret->ref, sizeof(ret->ref), "e%.20s.%lld:%lld", ret->chat, (long long)edited,
             (long long)ret->message_id);
}

/* --- the others --- */

/* The keyboard without what has this data. */
static char *rest_of(const cJSON *keyboard, const char *data)
{
    struct str text = STR_INIT(REST_MAX);
    const cJSON *row, *button;
    if (!keyboard)
        return NULL;
    auto_json rest = cJSON_CreateObject();
    cJSON *rows = cJSON_AddArrayToObject(rest, "inline_keyboard");
    cJSON_ArrayForEach(row, json_array(keyboard, "inline_keyboard"))
    {
        cJSON *kept = cJSON_CreateArray();
        cJSON_ArrayForEach(button, row)
        {
            if (strcmp(json_text_or(button, "callback_data", ""), data) != 0)
                cJSON_AddItemToArray(kept, cJSON_Duplicate(button, true));
        }
        if (cJSON_GetArraySize(kept))
            cJSON_AddItemToArray(rows, kept);
        else
            json_free(kept);
    }
    json_print(&text, rest);
    if (!text.cut)
        return str_detach(&text);
    str_free(&text);
    return NULL;
}

static void read_press(const cJSON *query, struct update *ret)
{
    const char *id = json_text_or(query, "id", ""), *data = json_text(query, "data");
    const cJSON *message = json_object(query, "message");
    bool bot = false;
    int64_t who = json_i64_or(query, "from.id", 0);
    utf8_copy(ret->query, sizeof(ret->query), id);
    json_flag(query, "from.is_bot", &bot);
    if (!message || !who || bot || !data || !*data || strlen(data) > 64 || !*id ||
        strlen(id) >= sizeof(ret->query))
        return;
    read_chat(message, ret);
    ret->message_id = json_i64_or(message, "message_id", 0);
    snprintf(ret->person, sizeof(ret->person), "%lld", (long long)who);
    clean_name(ret->name, sizeof(ret->name), json_text_or(query, "from.first_name", ""),
               json_text_or(query, "from.last_name", ""));
    snprintf(ret->ref, sizeof(ret->ref), "c%.24s:%lld", id, (long long)ret->message_id);
    ret->text = mem_text(data);
    ret->rest = rest_of(json_object(message, "reply_markup"), data);
    if (*ret->chat)
        ret->kind = UPDATE_PRESSED;
}

static void read_member(const cJSON *change, struct update *ret)
{
    const char *status = json_text_or(change, "new_chat_member.status", "");
    bool may = true;
    read_chat(change, ret);
    if (!*ret->chat || !read_person(change, ret))
        return;
    json_flag(change, "new_chat_member.can_send_messages", &may);
    ret->there = !strcmp(status, "member") || !strcmp(status, "administrator") ||
                 (!strcmp(status, "restricted") && may);
    ret->kind = UPDATE_MEMBER;
}

static void read_stopped(const cJSON *stopped, struct update *ret)
{
    read_chat(stopped, ret);
    ret->draft_id = json_i64_or(stopped, "draft_id", 0);
    if (*ret->chat)
        ret->kind = UPDATE_STOPPED;
}

void update_read(const cJSON *json, const struct update_me *me, struct update *ret)
{
    const cJSON *part;
    *ret = (struct update){.id = json_i64_or(json, "update_id", 0)};
    if ((part = json_object(json, "message")))
        read_message(part, me, ret);
    else if ((part = json_object(json, "edited_message")))
        read_edited(part, me, ret);
    else if ((part = json_object(json, "callback_query")))
        read_press(part, ret);
    else if ((part = json_object(json, "my_chat_member")))
        read_member(part, ret);
    else if ((part = json_object(json, "stopped_message_generation")))
        read_stopped(part, ret);
}
