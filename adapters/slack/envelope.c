#include "adapters/slack/envelope.h"

#include "core/base/utf8.h"

#include <ctype.h>

#define TEXT_MAX ((size_t)64 * 1024)

void envelope_free(struct envelope *e)
{
    free(e->text);
    free(e->trigger);
    free(e->response_url);
    json_free(e->tree);
    *e = (struct envelope){0};
}

/* --- small things --- */

/* An id or a ts: what is none becomes "". */
static void copy_id(char out[SLACK_ID], const char *text)
{
    size_t len = text ? strlen(text) : 0;
    bool fine = len < SLACK_ID;
    for (size_t i = 0; i < len && fine; i++)
        fine = isalnum((unsigned char)text[i]) || text[i] == '.' || text[i] == '_';
    snprintf(out, SLACK_ID, "%s", fine && len ? text : "");
}

static void read_id(char out[SLACK_ID], const cJSON *at, const char *path)
{
    copy_id(out, json_text(at, path));
}

static void read_name(struct envelope *e, const char *name)
{
    auto_str shown = STR_INIT(sizeof(e->name) - 1);
    str_add_shown(&shown, name ? name : "", name ? strlen(name) : 0);
    utf8_copy(e->name, sizeof(e->name), shown.buf);
}

static void set_person(struct envelope *e)
{
    if (*e->team && *e->user)
        snprintf(e->person, sizeof(e->person), "%s/%s", e->team, e->user);
}

static void set_chat(struct envelope *e, const char *room, const char *thread)
{
    snprintf(e->chat, sizeof(e->chat), "%s%s%s", room, *thread ? ":" : "", thread);
}

bool envelope_place(const char *chat, char room[SLACK_ID], char thread[SLACK_ID])
{
    size_t len = strcspn(chat, ":");
    char copy[SLACK_ID];
    room[0] = thread[0] = '\0';
    if (!len || len >= SLACK_ID)
        return false;
    snprintf(copy, sizeof(copy), "%.*s", (int)len, chat);
    copy_id(room, copy);
    if (chat[len])
        copy_id(thread, chat + len + 1);
    return *room && (!chat[len] || *thread);
}

/* "1700000000.000100" */
static int64_t ts_ms(const char *ts)
{
    long long seconds = strtoll(ts, NULL, 10);
    return seconds > 0 && seconds < 100000000000LL ? (int64_t)seconds * 1000 : 0;
}

/* --- texts --- */

/* The three entities that there are; the character, and how long it was written. */
static char entity_at(const char *at, size_t *ret_len)
{
    static const struct {
        const char *text;
        char c;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
        *ret_len = strlen(entities[i].text);
        if (!strncmp(at, entities[i].text, *ret_len))
            return entities[i].c;
    }
    *ret_len = 1;
    return *at;
}

/* With its entities read. */
static void add_read(struct str *out, const char *text, size_t len)
{
    for (size_t at = 0, step; at < len; at += step) {
        char c = entity_at(text + at, &step);
        str_addn(out, &c, 1);
    }
}

/* What stands in <…>; a mention of us is nothing. */
static void add_inner(struct str *out, const char *inner, size_t len, const char *own)
{
    const char *bar = memchr(inner, '|', len);
    size_t name = bar ? (size_t)(bar - inner) : len;
    const char *label = bar ? bar + 1 : NULL;
    size_t label_len = bar ? len - name - 1 : 0;
    if (*inner == '@') {
        if (*own && name - 1 == strlen(own) && !memcmp(inner + 1, own, name - 1))
            return;
        str_addc(out, '@');
        add_read(out, label_len ? label : inner + 1, label_len ? label_len : name - 1);
    } else if (*inner == '#') {
        str_addc(out, '#');
        add_read(out, label_len ? label : inner + 1, label_len ? label_len : name - 1);
    } else if (*inner == '!') {
        add_read(out, label_len ? label : inner + 1, label_len ? label_len : name - 1);
    } else {
        add_read(out, label_len ? label : inner, label_len ? label_len : name);
    }
}

/* Quotes and blanks that keyboards put in place of the plain ones. */
static const char *plain_of(const char *at, size_t *ret_len)
{
    static const struct {
        const char *fancy, *plain;
    } pairs[] = {{"\u2018", "'"},  {"\u2019", "'"}, {"\u201c", "\""},
                 {"\u201d", "\""}, {"\u00a0", " "}, {"\u202f", " "}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        *ret_len = strlen(pairs[i].fancy);
        if (!strncmp(at, pairs[i].fancy, *ret_len))
            return pairs[i].plain;
    }
    return NULL;
}

char *envelope_plain(const char *text, const char *own)
{
    auto_str out = STR_INIT(TEXT_MAX);
    for (const char *at = text; *at;) {
        size_t len;
        const char *end = *at == '<' ? strchr(at, '>') : NULL, *plain = plain_of(at, &len);
        if (end && end > at + 1) {
            add_inner(&out, at + 1, (size_t)(end - at - 1), own);
            at = end + 1;
        } else if (plain) {
            str_add(&out, plain);
            at += len;
        } else {
            char c = entity_at(at, &len);
            str_addn(&out, &c, 1);
            at += len;
        }
    }
    size_t from = strspn(out.buf, " \t\r\n"), to = out.len;
    while (to > from && strchr(" \t\r\n", out.buf[to - 1]))
        to--;
    return mem_textn(out.buf + from, to - from);
}

/* Typed where a slash is taken by Slack itself: a command alone ("watches"), with a number ("snooze
 * 3 2 hours"), or one that begins no wish ("settings clock 24"). */
static bool is_command(const struct envelope_me *me, const char *text, bool all)
{
    static const char *const plain[] = {"settings", "pair", "help", "invite", "export"};
    char word[24];
    size_t len = strcspn(text, " ");
    if (!me->knows || !len || len >= sizeof(word))
        return false;
    for (size_t i = 0; i < len; i++)
        word[i] = (char)tolower((unsigned char)text[i]);
    word[len] = '\0';
    if (!me->knows(me->ctx, word))
        return false;
    const char *rest = text + len + strspn(text + len, " ");
    bool wish = !strcmp(word, "find") || !strcmp(word, "watch") || !strcmp(word, "notify") ||
                !strcmp(word, "hourly");
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        all = all || !strcmp(word, plain[i]);
    return all || !*rest || (!wish && *rest >= '0' && *rest <= '9');
}

/* Takes `text`. */
static char *with_slash(char *text, bool command)
{
    auto_str out = STR_INIT(TEXT_MAX);
    if (!command || *text == '/')
        return text;
    str_addf(&out, "/%s", text);
    free(text);
    return str_detach(&out);
}

/* --- events --- */

/* Somebody wrote it, and not a program. */
static bool by_a_person(const cJSON *message, const struct envelope_me *me)
{
    const char *user = json_text_or(message, "user", "");
    return *user && strcmp(user, me->user) != 0 && strcmp(user, "USLACKBOT") != 0 &&
           !json_text(message, "bot_id") && !json_text(message, "app_id") &&
           !json_object(message, "bot_profile");
}

static bool is_said(const char *subtype)
{
    static const char *const kinds[] = {"", "file_share", "me_message", "thread_broadcast"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (!strcmp(subtype, kinds[i]))
            return true;
    return false;
}

/* `message`: whose text it is; `event`: where it happened. */
static void read_words(struct envelope *e, const cJSON *event, const cJSON *message,
                       const struct envelope_me *me)
{
    const char *type = json_text_or(event, "channel_type", "");
    read_id(e->user, message, "user");
    read_id(e->channel, event, "channel");
    read_id(e->ts, message, "ts");
    read_id(e->thread, message, "thread_ts");
    if (!*e->user || !*e->channel || !*e->ts)
        return;
    bool alone = !strcmp(type, "im") || (!*type && *e->channel == 'D');
    e->crowd = !alone;
    set_person(e);
    set_chat(e, alone ? e->user : e->channel,
             *e->thread              ? e->thread
             : !alone || me->threads ? e->ts
                                     : "");
    snprintf(e->ref, sizeof(e->ref), "m%s:%s", e->channel, e->ts);
    e->said_ms = ts_ms(e->ts);
    e->text = envelope_plain(json_text_or(message, "text", ""), me->user);
    e->text = with_slash(e->text, is_command(me, e->text, false));
    e->kind = ENVELOPE_SAID;
    if (*e->text)
        return;
    e->kind = alone && json_array(message, "files") ? ENVELOPE_SHOWN : ENVELOPE_NOTHING;
    if (e->kind == ENVELOPE_SHOWN)
        e->say =
            "I can only read words. Tell me what you look for: \"Lark on Friday at 8 for two\".";
    if (e->crowd && !strcmp(json_text_or(event, "type", ""), "app_mention")) {
        free(e->text); /* somebody called, and said nothing */
        e->text = mem_text("/help");
        e->kind = ENVELOPE_SAID;
    }
}

static void read_correction(struct envelope *e, const cJSON *event, const struct envelope_me *me)
{
    const cJSON *now = json_object(event, "message"),
                *before = json_object(event, "previous_message");
    char edited[SLACK_ID], of[SLACK_REF];
    read_id(edited, now, "edited.ts");

    bool same = !strcmp(json_text_or(now, "text", ""), json_text_or(before, "text", ""));
    if (!*edited || same || !by_a_person(now, me) || !is_said(json_text_or(now, "subtype", "")))
        return;
    read_words(e, event, now, me);
    if (e->kind != ENVELOPE_SAID)
        return;
    memcpy(of, e->ref, sizeof(of));
    memcpy(e->edits, of, sizeof(of));
    snprintf(e->ref, sizeof(e->ref), "e%.30s:%.30s:%.30s", e->channel, e->ts, edited);
    e->said_ms = ts_ms(edited);
}

static void read_message(struct envelope *e, const cJSON *event, const struct envelope_me *me)
{
    const char *subtype = json_text_or(event, "subtype", "");
    bool alone = !strcmp(json_text_or(event, "channel_type", ""), "im");
    if (!strcmp(subtype, "message_changed")) {
        if (alone)
            read_correction(e, event, me);
        return;
    }
    /* What is said in a channel is for us where it names us, which is another event too. */
    char own[SLACK_ID + 4];
    snprintf(own, sizeof(own), "<@%s", me->user);
    bool named = *me->user && strstr(json_text_or(event, "text", ""), own);
    if (is_said(subtype) && by_a_person(event, me) && (alone || named))
        read_words(e, event, event, me);
}

static void read_event(struct envelope *e, const cJSON *payload, const struct envelope_me *me)
{
    const cJSON *event = json_object(payload, "event");
    const char *type = json_text_or(event, "type", "");
    read_id(e->team, payload, "team_id");
    if (!strcmp(json_text_or(payload, "type", ""), "app_rate_limited")) {
        e->kind = ENVELOPE_LIMITED;
    } else if (!strcmp(type, "message")) {
        read_message(e, event, me);
    } else if (!strcmp(type, "app_mention")) {
        if (by_a_person(event, me) && is_said(json_text_or(event, "subtype", "")))
            read_words(e, event, event, me);
    } else if (!strcmp(type, "app_home_opened")) {
        read_id(e->user, event, "user");
        read_id(e->channel, event, "channel");
        set_person(e);
        e->tab = json_text_or(event, "tab", "");
        e->kind = *e->person ? ENVELOPE_OPENED : ENVELOPE_NOTHING;
    } else if (!strcmp(type, "agent_session_stopped")) {
        read_id(e->user, event, "user");
        read_id(e->channel, event, "channel");
        read_id(e->thread, event, "thread_ts");
        set_person(e);
        if (*e->user && *e->thread) {
            set_chat(e, *e->channel == 'D' ? e->user : e->channel, e->thread);
            e->kind = ENVELOPE_STOPPED;
        }
    } else if (!strcmp(type, "app_uninstalled") || !strcmp(type, "tokens_revoked")) {
        e->kind = ENVELOPE_REMOVED;
    }
}

/* --- commands and presses --- */

static void read_command(struct envelope *e, const cJSON *payload, const struct envelope_me *me)
{
    const char *response = json_text(payload, "response_url");
    read_id(e->team, payload, "team_id");
    read_id(e->user, payload, "user_id");
    read_id(e->channel, payload, "channel_id");
    set_person(e);
    read_name(e, json_text(payload, "user_name"));
    if (!*e->person)
        return;
    set_chat(e, e->user, "");
    snprintf(e->ref, sizeof(e->ref), "s%s", e->id);
    e->direct = true;
    e->response_url = mem_text(response);
    e->trigger = mem_text(json_text(payload, "trigger_id"));
    e->text = envelope_plain(json_text_or(payload, "text", ""), me->user);
    e->text = with_slash(e->text, is_command(me, e->text, true));
    bool bare = !*e->text || !strcmp(e->text, "/find") || !strcmp(e->text, "/watch");
    e->kind = bare ? ENVELOPE_FORM : ENVELOPE_SAID;
}

static void read_press(struct envelope *e, const cJSON *payload)
{
    const cJSON *action = cJSON_GetArrayItem(json_array(payload, "actions"), 0);
    const char *id = json_text_or(action, "action_id", "");
    const char *value = json_text_or(action, "value", "");
    char at[SLACK_ID];
    bool unseen = false;
    read_id(at, action, "action_ts");
    read_id(e->channel, payload, "container.channel_id");
    read_id(e->ts, payload, "container.message_ts");
    read_id(e->thread, payload, "container.thread_ts");
    json_flag(payload, "container.is_ephemeral", &unseen);
    bool ours = !strncmp(id, PRESS_ACTION, strlen(PRESS_ACTION)), share = !strcmp(id, SHARE_ACTION);
    bool turn = !strncmp(id, TURN_ACTION, strlen(TURN_ACTION));
    if (!strcmp(id, ASK_ACTION)) {
        e->kind = e->trigger ? ENVELOPE_FORM : ENVELOPE_NOTHING;
        return;
    }
    if (!*at || !*value || (!ours && !share && !turn))
        return;
    /* What nobody else sees belongs to the person, wherever it is shown. */
    bool alone = unseen || !*e->channel || *e->channel == 'D';
    e->direct = unseen;
    e->crowd = !alone;
    set_chat(e, alone ? e->user : e->channel, *e->thread && !unseen ? e->thread : "");
    if (e->crowd && !*e->thread)
        set_chat(e, e->channel, e->ts);
    e->view = json_object(payload, "view");
    snprintf(e->ref, sizeof(e->ref), "b%s:%.20s:%.30s", at, id, e->user);
    e->text = mem_text(value);
    e->kind = share ? ENVELOPE_SHARED : turn ? ENVELOPE_TURNED : ENVELOPE_PRESSED;
}

static void read_interaction(struct envelope *e, const cJSON *payload)
{
    const char *type = json_text_or(payload, "type", "");
    read_id(e->team, payload, "team.id");
    read_id(e->user, payload, "user.id");
    if (!*e->team)
        read_id(e->team, payload, "user.team_id");
    set_person(e);
    const char *name = json_text(payload, "user.name");
    read_name(e, name ? name : json_text(payload, "user.username"));
    if (!*e->person)
        return;
    set_chat(e, e->user, "");
    e->trigger = mem_text(json_text(payload, "trigger_id"));
    e->response_url = mem_text(json_text(payload, "response_url"));
    if (!strcmp(type, "block_actions")) {
        read_press(e, payload);
    } else if (!strcmp(type, "shortcut") || !strcmp(type, "message_action")) {
        e->text = envelope_plain(json_text_or(payload, "message.text", ""), "");
        e->kind = e->trigger ? ENVELOPE_FORM : ENVELOPE_NOTHING;
    } else if (!strcmp(type, "view_submission") &&
               !strcmp(json_text_or(payload, "view.callback_id", ""), FORM_CALLBACK)) {
        e->view = json_object(payload, "view");
        e->values = json_object(payload, "view.state.values");
        snprintf(e->ref, sizeof(e->ref), "f%s", e->id);
        e->kind = e->values ? ENVELOPE_FILLED : ENVELOPE_NOTHING;
    }
}

/* --- an envelope --- */

void envelope_read(const char *text, size_t len, const struct envelope_me *me, struct envelope *e)
{
    *e = (struct envelope){.kind = ENVELOPE_NOTHING};
    e->tree = json_parse(text, len, "an envelope", NULL);
    const char *type = json_text_or(e->tree, "type", ""),
               *id = json_text_or(e->tree, "envelope_id", "");
    const cJSON *payload = json_object(e->tree, "payload");
    if (strlen(id) < sizeof(e->id))
        utf8_copy(e->id, sizeof(e->id), id);
    if (!strcmp(type, "hello")) {
        double seconds = 0;
        json_number(e->tree, "debug_info.approximate_connection_time", &seconds);
        e->kind = ENVELOPE_HELLO;
        e->sockets = json_i64_or(e->tree, "num_connections", 0);
        e->life_ms = seconds > 0 && seconds < 1e7 ? (int64_t)(seconds * 1000) : 0;
    } else if (!strcmp(type, "disconnect")) {
        e->kind = ENVELOPE_DISCONNECT;
        e->reason = json_text_or(e->tree, "reason", "");
    } else if (!payload || !*e->id) {
        return;
    } else if (!strcmp(type, "events_api")) {
        read_event(e, payload, me);
    } else if (!strcmp(type, "slash_commands")) {
        read_command(e, payload, me);
    } else if (!strcmp(type, "interactive")) {
        read_interaction(e, payload);
    }
    if (e->kind == ENVELOPE_SAID && !*e->person)
        e->kind = ENVELOPE_NOTHING;
}
