/* A delivery becomes a message. What a lost answer may have left behind is looked for by its
 * metadata before anything is said twice. */
#include "adapters/slack/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#include <uthash.h>

#define EVENT_TYPE    "maitred_message"
#define LOOK_BACK_S   259200
#define LOOK_PAGES    5
#define ROOM_MS       1000 /* one message a second to a channel */
#define ROOMS_MOST    4096
#define ROOM_IDLE_MS  600000
#define RESERVED_MS   60000
#define WAIT_AGAIN_MS 5000

struct room {
    char id[SLACK_ID];      /* "U1", "C1" */
    char channel[SLACK_ID]; /* of a person: the messages with them, "D1"; "": not known */
    int64_t next_ms, reserved_ms, used_ms;
    UT_hash_handle hh;
};

struct sending {
    struct slack *s;
    const struct delivery *d;
    struct slack_form form;
    char room[SLACK_ID], thread[SLACK_ID];
    struct asked asked; /* of what this answers; ref "": nothing, or forgotten */
    char *ref;          /* PLATFORM_REF */
    struct err *err;
};

/* --- rooms --- */

void rooms_clear(struct slack *s)
{
    struct room *room, *tmp;
    HASH_ITER(hh, s->rooms, room, tmp)
    {
        HASH_DEL(s->rooms, room);
        free(room);
    }
}

/* Under the lock. */
static struct room *room_get(struct slack *s, const char *id)
{
    struct room *room, *tmp;
    int64_t now = env_mono_ms(s->env);
    HASH_FIND_STR(s->rooms, id, room);
    if (!room) {
        if (HASH_COUNT(s->rooms) >= ROOMS_MOST) {
            HASH_ITER(hh, s->rooms, room, tmp)
            {
                if (room->used_ms > now - ROOM_IDLE_MS)
                    continue;
                HASH_DEL(s->rooms, room);
                free(room);
            }
        }
        room = mem_new(1, sizeof(*room));
        snprintf(room->id, sizeof(room->id), "%s", id);
        HASH_ADD_STR(s->rooms, id, room);
    }
    room->used_ms = now;
    return room;
}

/* In how many ms something may be said there; 0: now, and it is counted. */
static int64_t room_take(struct slack *s, const char *id)
{
    int64_t now = env_mono_ms(s->env);
    pthread_mutex_lock(&s->lock);
    struct room *room = room_get(s, id);
    int64_t at;
    if (room->reserved_ms && now < room->reserved_ms + RESERVED_MS) {
        at = room->reserved_ms;
    } else {
        at = MAX_OF(now, room->next_ms);
        room->next_ms = at + ROOM_MS;
    }
    room->reserved_ms = at > now ? at : 0;
    pthread_mutex_unlock(&s->lock);
    return MAX_OF(at - now, (int64_t)0);
}

int64_t slack_turn(struct adapter *adapter, const char *chat, bool alert)
{
    struct slack *s = CONTAINER_OF(adapter, struct slack, adapter);
    char room[SLACK_ID], thread[SLACK_ID];
    (void)alert;
    return envelope_place(chat, room, thread) ? room_take(s, room) : 0;
}

static void room_learn(struct slack *s, const char *user, const char *channel)
{
    if (!is_person(user) || *channel != 'D' || strlen(channel) >= SLACK_ID)
        return;
    pthread_mutex_lock(&s->lock);
    snprintf(room_get(s, user)->channel, SLACK_ID, "%s", channel);
    pthread_mutex_unlock(&s->lock);
}

bool room_of_person(struct slack *s, const char *user, char channel[SLACK_ID],
                    struct slack_answer *ret)
{
    *ret = (struct slack_answer){.outcome = SLACK_OK};
    pthread_mutex_lock(&s->lock);
    memcpy(channel, room_get(s, user)->channel, SLACK_ID);
    pthread_mutex_unlock(&s->lock);
    if (*channel)
        return true;
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "users", user);
    slack_call(s->api, "conversations.open", args, NULL, false, NULL, ret);
    const char *id = json_text_or(ret->tree, "channel.id", "");
    if (ret->outcome != SLACK_OK || *id != 'D' || strlen(id) >= SLACK_ID)
        return false;
    snprintf(channel, SLACK_ID, "%s", id);
    room_learn(s, user, channel);
    return true;
}

/* --- what a refusal means for the row --- */

static int refuse(struct sending *s, const char *method, const struct slack_answer *a)
{
    switch (a->outcome) {
    case SLACK_LIMITED:
        err_set(s->err, ERR_LIMIT, NULL, "slack %s: %s", method, a->why);
        s->err->retry_ms = (unsigned)MAX_OF(a->retry_ms, (int64_t)1);
        return -1;
    case SLACK_CHAT_GONE:
        return err_set(s->err, ERR_DENIED, NULL, "slack %s: %s", method, a->why);
    case SLACK_BAD:
    case SLACK_BLOCKS:
    case SLACK_STALE:
    case SLACK_NO_MESSAGE:
    case SLACK_TOO_LONG:
        return err_set(s->err, ERR_INPUT, NULL, "slack %s: %s", method, a->why);
    case SLACK_UNKNOWN:
        return err_set(s->err, ERR_CANCELLED, NULL, "slack %s: %s", method, a->why);
    case SLACK_ABSENT:
        if (*a->needed)
            orchestrator_incident(s->s->orchestrator, NAME, NAME ": a right is missing",
                                  "Add the scope in the app's settings (OAuth & Permissions), and "
                                  "install it again; maitred check names it.",
                                  a->why);
        return err_set(s->err, ERR_INPUT, NULL, "slack %s: %s", method, a->why);
    case SLACK_TOKEN: /* the socket's task looks at it, and tells */
        s->s->bot_refused = true;
        env_wake(&s->s->cell);
        err_set(s->err, ERR_REMOTE, NULL, "slack %s: %s", method, a->why);
        s->err->retry_ms = WAIT_AGAIN_MS;
        return -1;
    default:
        return err_set(s->err, ERR_REMOTE, NULL, "slack %s: %s", method, a->why);
    }
}

/* --- calls --- */

static void put_form(cJSON *args, const struct slack_form *form, bool blocks)
{
    cJSON_AddStringToObject(args, "text", form->text);
    if (blocks)
        cJSON_AddItemToObject(args, "blocks", cJSON_Duplicate(form->blocks, true));
}

/* By which it is known again. */
static void put_metadata(const struct sending *s, cJSON *args)
{
    char row[32];
    snprintf(row, sizeof(row), "%lld", (long long)s->d->id);
    cJSON *metadata = cJSON_AddObjectToObject(args, "metadata");
    cJSON_AddStringToObject(metadata, "event_type", EVENT_TYPE);
    cJSON *payload = cJSON_AddObjectToObject(metadata, "event_payload");
    cJSON_AddStringToObject(payload, "row", row);
}

/* A message in `room` ("U1", "C1"); blocks that are refused are left out, and a thread that is
 * gone. */
static void post(struct sending *s, const char *room, const char *thread, struct slack_answer *a)
{
    for (int blocks = 1; blocks >= 0;) {
        auto_json args = cJSON_CreateObject();
        cJSON_AddStringToObject(args, "channel", room);
        if (*thread)
            cJSON_AddStringToObject(args, "thread_ts", thread);
        put_form(args, &s->form, blocks);
        put_metadata(s, args);
        cJSON_AddFalseToObject(args, "unfurl_links");
        cJSON_AddFalseToObject(args, "unfurl_media");
        slack_call(s->s->api, "chat.postMessage", args, NULL, false, NULL, a);
        bool no_thread = a->outcome == SLACK_NO_MESSAGE && *thread;
        bool refused = a->outcome == SLACK_BLOCKS || a->outcome == SLACK_TOO_LONG;
        if (!no_thread && !(refused && blocks))
            return;
        log_line(LOG_WARN, PLATFORM, "outbox=%lld once more: %s", (long long)s->d->id, a->why);
        if (no_thread)
            thread = ""; /* it is gone: beside it, then */
        else
            blocks--;
        slack_answer_free(a);
    }
}

static void update(struct sending *s, const char *channel, const char *ts, struct slack_answer *a)
{
    for (int blocks = 1; blocks >= 0; blocks--) {
        auto_json args = cJSON_CreateObject();
        cJSON_AddStringToObject(args, "channel", channel);
        cJSON_AddStringToObject(args, "ts", ts);
        put_form(args, &s->form, blocks);
        put_metadata(s, args);
        slack_call(s->s->api, "chat.update", args, NULL, false, NULL, a);
        if (a->outcome != SLACK_BLOCKS && a->outcome != SLACK_TOO_LONG)
            return;
        if (blocks)
            slack_answer_free(a);
    }
}

static void sent(struct sending *s, const char *channel, const char *ts)
{
    snprintf(s->ref, PLATFORM_REF, "%s/%s", channel, ts);
    if (is_person(s->room))
        room_learn(s->s, s->room, channel);
}

/* --- what may be there already --- */

static bool is_this_row(const struct sending *s, const cJSON *message)
{
    char row[32];
    snprintf(row, sizeof(row), "%lld", (long long)s->d->id);
    return !strcmp(json_text_or(message, "metadata.event_type", ""), EVENT_TYPE) &&
           !strcmp(json_text_or(message, "metadata.event_payload.row", ""), row);
}

/* 1: it is there, and its id stands in the ref; 0: it is not, or nobody may look; -1: not known. */
static int look_for(struct sending *s)
{
    char channel[SLACK_ID], oldest[32], cursor[200] = "";
    bool thread = *s->thread;
    const char *method = thread ? "conversations.replies" : "conversations.history";
    auto_slack opened = {0};
    if (!is_person(s->room))
        snprintf(channel, sizeof(channel), "%s", s->room);
    else if (!room_of_person(s->s, s->room, channel, &opened))
        return refuse(s, "conversations.open", &opened);
    snprintf(oldest, sizeof(oldest), "%lld.000000",
             (long long)(env_wall_ms(s->s->env) / 1000 - LOOK_BACK_S));
    for (int page = 0; page < LOOK_PAGES; page++) {
        auto_slack a = {0};
        auto_json args = cJSON_CreateObject();
        cJSON_AddStringToObject(args, "channel", channel);
        if (thread)
            cJSON_AddStringToObject(args, "ts", s->thread);
        cJSON_AddStringToObject(args, "oldest", oldest);
        cJSON_AddStringToObject(args, "limit", "200");
        cJSON_AddStringToObject(args, "include_all_metadata", "true");
        if (*cursor)
            cJSON_AddStringToObject(args, "cursor", cursor);
        slack_call(s->s->api, method, args, NULL, true, NULL, &a);
        if (a.outcome == SLACK_CHAT_GONE && !is_person(s->room))
            return 0;                    /* the person is told alone */
        if (a.outcome == SLACK_ABSENT) { /* a channel whose history we may not read */
            log_line(LOG_WARN, PLATFORM, "outbox=%lld may be told twice: %s", (long long)s->d->id,
                     a.why);
            return 0;
        }
        if (a.outcome != SLACK_OK)
            return a.outcome == SLACK_NO_MESSAGE ? 0 : refuse(s, method, &a);
        const cJSON *message;
        cJSON_ArrayForEach(message, json_array(a.tree, "messages"))
        {
            if (is_this_row(s, message)) {
                sent(s, channel, json_text_or(message, "ts", ""));
                return 1;
            }
        }
        utf8_copy(cursor, sizeof(cursor),
                  json_text_or(a.tree, "response_metadata.next_cursor", ""));
        if (!*cursor)
            break;
    }
    return 0;
}

/* --- ways to answer --- */

/* Where a command was given or a button pressed, for its person alone. 1: said; 0: that way is
 * closed; -1: not known. A command's answer takes the place of the word that was said before it,
 * and of itself, if it may have arrived; a button's takes that of its message only if it is to. */
static int respond(struct sending *s)
{
    bool replaces = false, command = !s->asked.pressed, maybe = s->d->maybe;
    auto_slack a = {0};
    json_flag(s->d->message, "replaces", &replaces);
    for (int tries = 0; tries < 2; tries++) {
        auto_text url = asked_url(s->s, s->asked.ref);
        if (!url)
            return 0;
        auto_json args = cJSON_CreateObject();
        cJSON_AddStringToObject(args, "response_type", "ephemeral");
        cJSON_AddBoolToObject(args, "replace_original",
                              replaces || (command && (s->asked.shown || maybe)));
        put_form(args, &s->form, true);
        slack_respond(s->s->api, url, args, &a);
        if (a.outcome == SLACK_OK) {
            snprintf(s->ref, PLATFORM_REF, "-");
            return 1;
        }
        log_line(LOG_WARN, PLATFORM, "outbox=%lld: %s", (long long)s->d->id, a.why);
        if (a.outcome == SLACK_STALE)
            return 0;
        maybe = maybe || a.outcome == SLACK_UNKNOWN;
    }
    return a.outcome == SLACK_UNKNOWN ? refuse(s, "response_url", &a) : 0;
}

/* Where we may not write, the person is told alone: who asked, or whose watch it is. */
static int tell_person(struct sending *s, const struct slack_answer *why)
{
    auto_slack a = {0};
    auto_str text = STR_INIT(8000), words = STR_INIT(300);
    const char *slash = s->d->person ? strchr(s->d->person, '/') : NULL;
    const char *user = *s->asked.user ? s->asked.user : slash ? slash + 1 : "";
    bool archived = !strcmp(why->error, "is_archived");
    if (is_person(s->room) || !is_person(user))
        return refuse(s, "chat.postMessage", why);
    str_addf(&words, "This is for <#%s>, where I cannot write: %s", s->room,
             archived ? "it is archived." : "invite me there.");
    str_addf(&text, "%s\n", words.buf);
    str_add(&text, s->form.text);
    free(s->form.text);
    s->form.text = mem_textn(text.buf, utf8_floor(text.buf, MIN_OF(text.len, (size_t)FORM_TEXT)));
    cJSON *blocks = cJSON_CreateArray();
    slack_add_section(blocks, words.buf);
    cJSON_InsertItemInArray(s->form.blocks, 0, cJSON_DetachItemFromArray(blocks, 0));
    json_free(blocks);
    while (cJSON_GetArraySize(s->form.blocks) > FORM_BLOCKS)
        cJSON_DeleteItemFromArray(s->form.blocks, FORM_BLOCKS);
    post(s, user, "", &a);
    if (a.outcome != SLACK_OK)
        return refuse(s, "chat.postMessage", &a);
    sent(s, json_text_or(a.tree, "channel", ""), json_text_or(a.tree, "ts", ""));
    return 0;
}

/* A message of ours becomes the answer. 1: it did; 0: it is not there. */
static int become(struct sending *s, const char *channel, const char *ts)
{
    auto_slack a = {0};
    asked_forget_rest(s->s, channel, ts);
    update(s, channel, ts, &a);
    if (a.outcome == SLACK_OK) {
        sent(s, channel, ts);
        return 1;
    }
    if (!strcmp(a.error, "streaming_state_conflict")) /* it could not be ended: once more */
        return err_set(s->err, ERR_REMOTE, NULL, "slack chat.update: %s", a.why);
    bool none = a.outcome == SLACK_NO_MESSAGE || a.outcome == SLACK_STALE ||
                a.outcome == SLACK_CHAT_GONE;
    return none ? 0 : refuse(s, "chat.update", &a);
}

/* What nobody asked for begins a conversation of its own, which wants a name in the list of them.
 */
static void name_conversation(struct sending *s, const struct slack_answer *posted)
{
    char title[120];
    struct slack *sl = s->s;
    if (!sl->threads || sl->no_sessions || *s->thread || !is_person(s->room))
        return;
    utf8_copy(title, sizeof(title), json_text_or(s->d->message, "text", ""));
    title[strcspn(title, "\n")] = '\0';
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "channel_id", json_text_or(posted->tree, "channel", ""));
    cJSON_AddStringToObject(args, "thread_ts", json_text_or(posted->tree, "ts", ""));
    cJSON_AddStringToObject(args, "title", *title ? title : "maitred");
    slack_call_start(sl->api, "agents.sessions.rename", args, NULL, NULL, NULL);
}

static int send_new(struct sending *s)
{
    char channel[SLACK_ID] = "", ts[SLACK_ID] = "";
    bool replaces = false;
    json_flag(s->d->message, "replaces", &replaces);
    if (s->d->kind == OUTBOX_REPLY)
        slack_previews_end(s->s->previews, s->d->inbox_ref, channel, ts);
    asked_get(s->s, s->d->inbox_ref, &s->asked); /* a word may have been shown meanwhile */
    bool ok = true;
    json_flag(s->d->message, "ok", &ok);
    /* Where several people read, what went wrong with a press is for who pressed alone. */
    bool alone = s->asked.direct || (!ok && s->asked.crowd && s->asked.pressed);
    int responded = alone && s->d->kind == OUTBOX_REPLY ? respond(s) : 0;
    if (responded)
        return responded < 0 ? -1 : 0;
    if (s->d->maybe) {
        int found = look_for(s);
        if (found)
            return found < 0 ? -1 : 0;
    }
    if (!*ts && replaces && !s->asked.direct && *s->asked.ts && !s->asked.page) {
        memcpy(channel, s->asked.channel, sizeof(channel));
        memcpy(ts, s->asked.ts, sizeof(ts));
    }
    int became = *ts ? become(s, channel, ts) : 0;
    if (became)
        return became < 0 ? -1 : 0;
    auto_slack a = {0};
    post(s, s->room, s->thread, &a);
    if (a.outcome == SLACK_OK) {
        name_conversation(s, &a);
        sent(s, json_text_or(a.tree, "channel", ""), json_text_or(a.tree, "ts", ""));
        return 0;
    }
    return a.outcome == SLACK_CHAT_GONE ? tell_person(s, &a) : refuse(s, "chat.postMessage", &a);
}

/* --- a file --- */

static int complete_upload(struct sending *s, const char *file_id, const char *name)
{
    char channel[SLACK_ID];
    auto_slack opened = {0};
    auto_slack a = {0};
    auto_json args = cJSON_CreateObject();
    if (!is_person(s->room))
        utf8_copy(channel, sizeof(channel), s->room);
    else if (!room_of_person(s->s, s->room, channel, &opened))
        return refuse(s, "conversations.open", &opened);
    cJSON *file = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "id", file_id);
    cJSON_AddStringToObject(file, "title", name);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "files"), file);
    cJSON_AddStringToObject(args, "channel_id", channel);
    if (*s->thread)
        cJSON_AddStringToObject(args, "thread_ts", s->thread);
    if (s->d->maybe)
        cJSON_AddStringToObject(args, "initial_comment", "Once more, in case it did not arrive.");
    slack_call(s->s->api, "files.completeUploadExternal", args, NULL, false, NULL, &a);
    return a.outcome == SLACK_OK ? 0 : refuse(s, "files.completeUploadExternal", &a);
}

/* Behind its message: an address is asked for, filled, and shown. */
static int send_file(struct sending *s, const cJSON *document)
{
    char length[24];
    const char *text = json_text_or(document, "text", "");
    const char *name = json_text_or(document, "name", "file.txt");
    auto_slack a = {0};
    auto_slack filled = {0};
    auto_json args = cJSON_CreateObject();
    snprintf(length, sizeof(length), "%zu", strlen(text));
    cJSON_AddStringToObject(args, "filename", name);
    cJSON_AddStringToObject(args, "length", length);
    slack_call(s->s->api, "files.getUploadURLExternal", args, NULL, true, NULL, &a);
    const char *url = json_text(a.tree, "upload_url"), *id = json_text(a.tree, "file_id");
    if (a.outcome != SLACK_OK || !url || !id)
        return refuse(s, "files.getUploadURLExternal", &a);
    slack_upload(s->s->api, url, text, strlen(text), &filled);
    return filled.outcome == SLACK_OK ? complete_upload(s, id, name) : refuse(s, "upload", &filled);
}

/* "D1/1700.1"; what was said to one person alone cannot be changed. */
static int edit(struct sending *s)
{
    char channel[SLACK_ID], ts[SLACK_ID];
    const char *slash = strchr(s->d->edit_ref, '/');
    auto_slack a = {0};
    snprintf(s->ref, PLATFORM_REF, "%s", s->d->edit_ref);
    if (!slash)
        return 0;
    snprintf(channel, sizeof(channel), "%.*s", (int)MIN_OF(slash - s->d->edit_ref, SLACK_ID - 1),
             s->d->edit_ref);
    snprintf(ts, sizeof(ts), "%.30s", slash + 1);
    asked_forget_rest(s->s, channel, ts);
    update(s, channel, ts, &a);
    return a.outcome == SLACK_OK || a.outcome == SLACK_NO_MESSAGE ? 0
                                                                  : refuse(s, "chat.update", &a);
}

/* A button that was used up goes from under its message. */
static void take_button_away(struct sending *s)
{
    bool spent = false;
    json_flag(s->d->message, "spent", &spent);
    auto_text rest = spent ? asked_rest(s->s, s->asked.ref) : NULL;
    if (!rest || !*s->asked.ts || s->asked.direct)
        return;
    asked_forget_rest(s->s, s->asked.channel, s->asked.ts); /* theirs still have this button */
    auto_json blocks = json_parse(rest, strlen(rest), "blocks", NULL);
    if (!blocks)
        return;
    auto_slack a = {0};
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "channel", s->asked.channel);
    cJSON_AddStringToObject(args, "ts", s->asked.ts);
    cJSON_AddItemToObject(args, "blocks", cJSON_Duplicate(blocks, true));
    slack_call(s->s->api, "chat.update", args, NULL, false, NULL, &a);
}

static bool knows(const void *ctx, const char *command)
{
    return orchestrator_knows(ctx, command);
}

static bool is_final(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_INPUT;
}

int slack_send(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
               struct err *err)
{
    struct slack *sl = CONTAINER_OF(adapter, struct slack, adapter);
    struct sending s = {.s = sl, .d = d, .ref = ref, .err = err};
    char key[20];
    const struct slack_commands commands = {knows, sl->orchestrator};
    bool ok = true, said = false;
    if (!envelope_place(d->chat, s.room, s.thread))
        return err_set(err, ERR_INPUT, NULL, "slack: chat %.40s", d->chat);
    asked_get(sl, d->inbox_ref, &s.asked);
    snprintf(key, sizeof(key), "share%lld", (long long)d->id);
    bool shares = s.asked.direct && d->kind == OUTBOX_REPLY && *s.asked.channel != 'D' &&
                  json_object(d->message, "venues");
    slack_form_message(d->message, shares ? key : NULL, &commands, &s.form);
    if (s.form.cut)
        log_line(LOG_WARN, PLATFORM, "outbox=%lld is longer than a message", (long long)d->id);
    if (shares)
        shared_put(sl, key, &s.form);
    json_flag(d->message, "ok", &ok);
    int failed = 0;
    if (d->edit_ref)
        failed = edit(&s);
    else if (s.asked.page && ok && d->kind == OUTBOX_REPLY && !json_text(d->message, "card"))
        snprintf(ref, PLATFORM_REF, "-"); /* the page itself shows it */
    else
        failed = send_new(&s);
    const cJSON *document = failed ? NULL : json_object(d->message, "document");
    if (document) {
        failed = send_file(&s, document);
        said = failed; /* its message is there, and is looked for by the next try */
    }
    if (!failed)
        take_button_away(&s);
    if ((!failed && d->last) || (failed && is_final(err)))
        slack_previews_over(sl->previews, d->chat, d->inbox_ref, ref, failed && !said);
    if (!failed && is_person(s.room))
        pages_touch(sl->pages, s.room, false);
    if (failed && d->ret_maybe)
        *d->ret_maybe = said || err->kind == ERR_CANCELLED;
    slack_form_free(&s.form);
    return failed;
}
