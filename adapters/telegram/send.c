/* A delivery becomes messages. What a lost answer may have left behind is looked for before
 * anything is said twice. */
#include "adapters/telegram/internal.h"

#include "adapters/telegram/format.h"
#include "core/base/log.h"

#include <uthash.h>

#define PROBES_MOST   300
#define PROBES_LAST   20 /* where nothing is known to be there */
#define PROGRESS_MOST 2000
#define FILE_MS       60000
#define TAKE_AWAY_MS  5000 /* the answer has gone, and waits to be recorded */
#define WAIT_AGAIN_MS 5000 /* the token is not taken, or the like */

struct progress { /* of a delivery whose first parts are there */
    int64_t id;
    size_t sent;
    char ref[PLATFORM_REF];
    bool unknown;        /* the next part may be there too */
    bool busy;           /* somebody is at it */
    bool blind;          /* an earlier process may have sent any of it */
    int64_t placeholder; /* sent for the next part, and not yet the answer */
    int64_t stands;      /* a message that stands for the answer; under 0: to be deleted */
    UT_hash_handle hh;
};

struct sending {
    struct telegram *t;
    struct api api;
    const struct delivery *d;
    struct format format;
    int64_t chat, thread;
    struct progress *progress;
    bool counted; /* a turn was taken for the first message */
    struct err *err;
};

/* --- how far we are with one --- */

/* Under the lock: rows that others ended are not heard of again. */
static void forget_oldest(struct telegram *t)
{
    struct progress *p, *tmp;
    if (HASH_COUNT(t->progress) < PROGRESS_MOST)
        return;
    HASH_ITER(hh, t->progress, p, tmp)
    {
        if (p->busy)
            continue;
        HASH_DEL(t->progress, p);
        free(p);
        return;
    }
}

/* `maybe`: what an earlier process did of it, nobody knows. */
static struct progress *progress_of(struct telegram *t, int64_t id, bool maybe)
{
    struct progress *p;
    pthread_mutex_lock(&t->lock);
    HASH_FIND(hh, t->progress, &id, sizeof(id), p);
    if (!p) {
        forget_oldest(t);
        p = mem_new(1, sizeof(*p));
        p->id = id;
        p->blind = maybe;
        HASH_ADD(hh, t->progress, id, sizeof(p->id), p);
    }
    p->busy = true;
    pthread_mutex_unlock(&t->lock);
    return p;
}

static void progress_leave(struct telegram *t, struct progress *p, bool over)
{
    pthread_mutex_lock(&t->lock);
    p->busy = false;
    if (over)
        HASH_DEL(t->progress, p);
    pthread_mutex_unlock(&t->lock);
    if (over)
        free(p);
}

void progress_clear(struct telegram *t)
{
    struct progress *p, *tmp;
    HASH_ITER(hh, t->progress, p, tmp)
    {
        HASH_DEL(t->progress, p);
        free(p);
    }
}

#define OWN_NUMBERS (-1000000000000LL) /* ids from here down: supergroups and channels */

void telegram_saw(struct telegram *t, int64_t chat, int64_t message_id)
{
    pthread_mutex_lock(&t->lock);
    if (chat > OWN_NUMBERS)
        t->newest = MAX_OF(t->newest, message_id);
    pthread_mutex_unlock(&t->lock);
}

static void sent_part(struct sending *s, int64_t message_id)
{
    struct progress *p = s->progress;
    size_t len = strlen(p->ref);
    if (len + 24 < sizeof(p->ref))
        snprintf(p->ref + len, sizeof(p->ref) - len, "%s%lld", len ? "," : "",
                 (long long)message_id);
    p->sent++;
    p->unknown = false;
    p->placeholder = 0;
    pthread_mutex_lock(&s->t->lock);
    s->t->sent[s->t->sent_next++ % SENT_KEPT] = (struct sent_message){s->chat, message_id,
                                                                      s->d->id};
    pthread_mutex_unlock(&s->t->lock);
    telegram_saw(s->t, s->chat, message_id);
}

/* The last of "1001,1002"; 0: none. */
static int64_t last_id(const char *ref)
{
    const char *comma = ref ? strrchr(ref, ',') : NULL;
    return ref ? strtoll(comma ? comma + 1 : ref, NULL, 10) : 0;
}

/* "m42:1001" of theirs, "1001,1002" of ours; a press and a correction are named after an older one.
 */
void telegram_known(struct adapter *adapter, const char *chat_ref, const char *ref)
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    int64_t chat, thread;
    if (update_chat_ref(chat_ref, &chat, &thread))
        telegram_saw(t, chat, *ref >= '0' && *ref <= '9' ? last_id(ref) : update_ref_message(ref));
}

void telegram_newest(struct adapter *adapter, const char *chat_ref, char ref[PLATFORM_REF])
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    int64_t chat, thread, last = last_id(ref);
    if (!update_chat_ref(chat_ref, &chat, &thread) || chat <= OWN_NUMBERS)
        return;
    pthread_mutex_lock(&t->lock);
    if (t->newest > last)
        snprintf(ref, PLATFORM_REF, "%lld", (long long)t->newest);
    pthread_mutex_unlock(&t->lock);
}

/* --- what a refusal means for the row --- */

static int pace_err(struct sending *s, int64_t wait_ms, const char *why)
{
    err_set(s->err, ERR_LIMIT, NULL, "telegram: %s", why);
    s->err->retry_ms = (unsigned)MIN_OF(MAX_OF(wait_ms, (int64_t)1), (int64_t)DAY_MS);
    return -1;
}

static int moved(struct sending *s, int64_t to)
{
    char ref[CHAT_REF];
    struct err err = ERR_INIT;
    snprintf(ref, sizeof(ref), "%lld", (long long)to);
    if (orchestrator_moved(s->t->orchestrator, "telegram", s->t->own, s->d->chat, ref, &err))
        log_err(LOG_ERR, "telegram", &err, "a chat has moved");
    return pace_err(s, 1, "the chat has another id now");
}

static int refuse(struct sending *s, const char *method, const struct api_answer *a)
{
    int64_t now = env_mono_ms(s->t->env);
    switch (a->outcome) {
    case API_FLOOD:
        pace_flood(s->t->pace, s->chat, now, a->retry_ms);
        return pace_err(s, a->retry_ms, a->why);
    case API_MOVED:
        return moved(s, a->migrate_to);
    case API_CHAT_GONE:
        return err_set(s->err, ERR_DENIED, NULL, "telegram %s: %s", method, a->why);
    case API_BAD:
        return err_set(s->err, ERR_INPUT, NULL, "telegram %s: %s", method, a->why);
    case API_UNKNOWN:
        return err_set(s->err, ERR_CANCELLED, NULL, "telegram %s: %s", method, a->why);
    case API_TOKEN:
        err_set(s->err, ERR_REMOTE, NULL, "telegram %s: %s", method, a->why);
        s->err->retry_ms = WAIT_AGAIN_MS;
        return -1;
    default:
        return err_set(s->err, ERR_REMOTE, NULL, "telegram %s: %s", method, a->why);
    }
}

int64_t telegram_turn(struct adapter *adapter, const char *chat_ref, bool alert)
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    int64_t chat, thread, now = env_mono_ms(t->env);
    if (!update_chat_ref(chat_ref, &chat, &thread))
        return 0;
    return alert ? pace_take_together(t->pace, chat, now) : pace_take(t->pace, chat, now);
}

/* 0: it may go now. The first message of a delivery had its turn before it was made. */
static int take_turn(struct sending *s)
{
    if (!s->counted) {
        s->counted = true;
        return 0;
    }
    int64_t wait = pace_take(s->t->pace, s->chat, env_mono_ms(s->t->env));
    return wait ? pace_err(s, wait, "its turn comes") : 0;
}

/* --- calls --- */

cJSON *telegram_to(int64_t chat, int64_t thread)
{
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "chat_id", chat);
    if (thread)
        json_put_i64(args, "message_thread_id", thread);
    return args;
}

static void put_text(const struct sending *s, cJSON *args, size_t part)
{
    const struct format_part *p = &s->format.parts[part];
    cJSON *preview = cJSON_AddObjectToObject(args, "link_preview_options");
    bool picture = s->format.picture && !part;
    cJSON_AddStringToObject(args, "text", p->text);
    if (p->entities)
        cJSON_AddItemToObject(args, "entities", cJSON_Duplicate(p->entities, true));
    if (picture) { /* a picture that cannot be had leaves the text as it is */
        cJSON_AddStringToObject(preview, "url", s->format.picture);
        cJSON_AddTrueToObject(preview, "prefer_large_media");
        cJSON_AddTrueToObject(preview, "show_above_text");
    } else {
        cJSON_AddTrueToObject(preview, "is_disabled");
    }
    if (part + 1 == s->format.count && s->format.keyboard)
        cJSON_AddItemToObject(args, "reply_markup", cJSON_Duplicate(s->format.keyboard, true));
}

/* In a crowd it is said to whom it answers. */
static void put_reply(const struct sending *s, cJSON *args)
{
    int64_t to = s->d->inbox_ref && *s->d->inbox_ref == 'm' ? update_ref_message(s->d->inbox_ref)
                                                            : 0;
    if (s->chat > 0 || !to)
        return;
    cJSON *reply = cJSON_AddObjectToObject(args, "reply_parameters");
    json_put_i64(reply, "message_id", to);
    cJSON_AddTrueToObject(reply, "allow_sending_without_reply");
}

static void edit_call(struct sending *s, int64_t message_id, size_t part, struct api_answer *ret)
{
    auto_json args = telegram_to(s->chat, 0);
    json_put_i64(args, "message_id", message_id);
    put_text(s, args, part);
    api_call(&s->api, "editMessageText", args, NULL, ret);
    if (ret->outcome == API_BAD && cJSON_HasObjectItem(args, "entities") &&
        strstr(ret->why, "entit")) {
        log_line(LOG_WARN, "telegram", "entities refused: %s", ret->why);
        cJSON_DeleteItemFromObjectCaseSensitive(args, "entities");
        api_answer_free(ret);
        api_call(&s->api, "editMessageText", args, NULL, ret);
    }
}

static void delete_call(struct sending *s, int64_t message_id)
{
    auto_api ret = {0};
    auto_json args = telegram_to(s->chat, 0);
    json_put_i64(args, "message_id", message_id);
    api_call(&s->api, "deleteMessage", args, NULL, &ret);
}

/* A topic that is gone is written beside, and entities that are refused are left out: once each. */
static void send_call(struct sending *s, size_t part, struct api_answer *ret)
{
    auto_json args = telegram_to(s->chat, s->thread);
    put_text(s, args, part);
    if (!part)
        put_reply(s, args);
    api_call(&s->api, "sendMessage", args, NULL, ret);
    if (ret->outcome == API_NO_THREAD) {
        cJSON_DeleteItemFromObjectCaseSensitive(args, "message_thread_id");
        api_answer_free(ret);
        api_call(&s->api, "sendMessage", args, NULL, ret);
    }
    if (ret->outcome == API_BAD && cJSON_HasObjectItem(args, "entities")) {
        log_line(LOG_WARN, "telegram", "entities refused: %s", ret->why);
        cJSON_DeleteItemFromObjectCaseSensitive(args, "entities");
        api_answer_free(ret);
        api_call(&s->api, "sendMessage", args, NULL, ret);
    }
}

/* --- a part whose sending was not answered --- */

static int64_t known_before(const struct sending *s)
{
    int64_t asked = update_ref_message(s->d->inbox_ref);
    int64_t id = MAX_OF(last_id(s->progress->ref), last_id(s->d->after_ref));
    return MAX_OF(id, asked);
}

/* Is this one of ours that is something else: sent in the same room since, by another row? */
static bool is_another(struct sending *s, int64_t id)
{
    bool is = false;
    for (const char *at = s->d->others; at && *at && !is; at += *at == ',') {
        char *end;
        is = strtoll(at, &end, 10) == id;
        at = end > at ? end : at + strlen(at);
    }
    pthread_mutex_lock(&s->t->lock);
    for (size_t i = 0; i < SENT_KEPT && !is; i++)
        is = s->t->sent[i].chat == s->chat && s->t->sent[i].id == id &&
             s->t->sent[i].row != s->d->id;
    pthread_mutex_unlock(&s->t->lock);
    return is;
}

static bool is_there(enum api_outcome outcome)
{
    return outcome == API_OK || outcome == API_NOT_MODIFIED;
}

/* Message ids rise. Between the last message that we know to be there and one that we send now, the
 * only one of ours can be the lost one, soon after the first: who can be edited there is it.
 * *ret_id 0: there is none. */
static int probe(struct sending *s, int64_t placeholder, size_t part, int64_t *ret_id)
{
    int64_t from = known_before(s);
    int64_t to = from ? MIN_OF(placeholder - 1, from + PROBES_MOST) : placeholder - 1;
    *ret_id = 0;
    for (int64_t id = from ? from + 1 : MAX_OF(to - PROBES_LAST, (int64_t)1); id <= to; id++) {
        auto_api a = {0};
        if (is_another(s, id))
            continue;
        edit_call(s, id, part, &a);
        if (is_there(a.outcome)) {
            *ret_id = id;
            return 0;
        }
        if (a.outcome != API_NO_MESSAGE && a.outcome != API_BAD)
            return refuse(s, "editMessageText", &a);
    }
    return 0;
}

/* A placeholder is sent, which may be sent twice; then the lost one is looked for, and becomes (or
 * is) the answer; else the placeholder does. */
static int send_carefully(struct sending *s, size_t part)
{
    auto_api sent = {0};
    auto_api edited = {0};
    int64_t lost;
    auto_json args = telegram_to(s->chat, s->thread);
    cJSON_AddStringToObject(args, "text", "…");
    cJSON_AddTrueToObject(args, "disable_notification");
    s->progress->unknown = true;
    int64_t placeholder = s->progress->placeholder;
    if (!placeholder) {
        api_call(&s->api, "sendMessage", args, NULL, &sent);
        placeholder = json_i64_or(sent.result, "message_id", 0);
        if (sent.outcome != API_OK || !placeholder)
            return refuse(s, "sendMessage", &sent);
        s->progress->placeholder = placeholder;
    }
    if (probe(s, placeholder, part, &lost))
        return -1;
    if (lost) {
        delete_call(s, placeholder);
        sent_part(s, lost);
        return 0;
    }
    edit_call(s, placeholder, part, &edited);
    if (!is_there(edited.outcome))
        return refuse(s, "editMessageText", &edited);
    sent_part(s, placeholder);
    return 0;
}

static int send_part(struct sending *s, size_t part)
{
    auto_api a = {0};
    bool alert = s->d->kind == OUTBOX_ALERT; /* it says itself that it may be a repeat */
    if (take_turn(s))
        return -1;
    if (!alert && (s->progress->unknown || s->progress->blind))
        return send_carefully(s, part);
    send_call(s, part, &a);
    if (a.outcome == API_OK) {
        sent_part(s, json_i64_or(a.result, "message_id", 0));
        return 0;
    }
    if (a.outcome == API_UNKNOWN && !alert)
        return send_carefully(s, part);
    return refuse(s, "sendMessage", &a);
}

/* A file cannot be looked for as a text can; where it may be there already, it says so. */
static int send_file(struct sending *s, const cJSON *document)
{
    auto_api a = {0};
    const char *text = json_text_or(document, "text", "");
    struct api_file file = {"document", json_text_or(document, "name", "file.txt"),
                            "application/octet-stream", text, strlen(text)};
    struct api_options options = {.total_ms = FILE_MS, .file = &file};
    auto_json args = telegram_to(s->chat, s->thread);
    if (take_turn(s))
        return -1;
    if (s->progress->unknown || s->progress->blind)
        cJSON_AddStringToObject(args, "caption", "Once more, in case it did not arrive.");
    s->progress->unknown = true;
    api_call(&s->api, "sendDocument", args, &options, &a);
    if (a.outcome == API_NO_THREAD) {
        cJSON_DeleteItemFromObjectCaseSensitive(args, "message_thread_id");
        api_answer_free(&a);
        api_call(&s->api, "sendDocument", args, &options, &a);
    }
    if (a.outcome != API_OK) {
        s->progress->unknown = a.outcome == API_UNKNOWN;
        return refuse(s, "sendDocument", &a);
    }
    sent_part(s, json_i64_or(a.result, "message_id", 0));
    return 0;
}

/* --- a button that is over --- */

/* Under the lock: the keyboard of that message is another one now, whatever earlier presses said.
 */
static void forget_presses(struct telegram *t, const char *chat, int64_t message_id)
{
    for (size_t i = 0; i < PRESSES_KEPT; i++) {
        struct pressed *p = &t->presses[i];
        if (!p->rest || p->message_id != message_id || strcmp(p->chat, chat) != 0)
            continue;
        free(p->rest);
        p->rest = NULL;
    }
}

void telegram_pressed(struct telegram *t, struct update *u)
{
    pthread_mutex_lock(&t->lock);
    struct pressed *p = &t->presses[t->press_next++ % PRESSES_KEPT];
    free(p->rest);
    *p = (struct pressed){.message_id = u->message_id, .rest = u->rest};
    memcpy(p->ref, u->ref, sizeof(p->ref));
    memcpy(p->chat, u->chat, sizeof(p->chat));
    u->rest = NULL;
    pthread_mutex_unlock(&t->lock);
}

/* It goes from under its message; whoever reads it later is not to be told once more. If that
 * fails, a press says what it is worth. Waited for, so that no edit of that message is overtaken.
 */
static void take_button_away(const struct sending *s)
{
    struct telegram *t = s->t;
    struct err err = ERR_INIT;
    bool spent = false;
    auto_text rest = NULL;
    json_flag(s->d->message, "spent", &spent);
    if (!spent || !s->d->inbox_ref)
        return;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < PRESSES_KEPT && !rest; i++) {
        struct pressed *p = &t->presses[i];
        if (!p->rest || strcmp(p->ref, s->d->inbox_ref) != 0)
            continue;
        rest = p->rest;
        p->rest = NULL;
        forget_presses(t, p->chat, p->message_id); /* theirs still have this button */
    }
    pthread_mutex_unlock(&t->lock);
    cJSON *keyboard = rest ? json_parse(rest, strlen(rest), "a keyboard", &err) : NULL;
    if (!keyboard)
        return;
    auto_json args = telegram_to(s->chat, 0);
    json_put_i64(args, "message_id", update_ref_message(s->d->inbox_ref));
    cJSON_AddItemToObject(args, "reply_markup", cJSON_Duplicate(keyboard, true));
    json_free(keyboard);
    int64_t now = env_mono_ms(t->env);
    auto_api a = {0};
    struct api_options options = {.total_ms = TAKE_AWAY_MS};
    if (pace_try(t->pace, s->chat, now) && !pace_take(t->pace, s->chat, now))
        api_call(&s->api, "editMessageReplyMarkup", args, &options, &a);
}

/* --- a delivery --- */

/* What stood for the answer becomes it. 1: it did; 0: it is gone. */
static int become(struct sending *s, int64_t message_id)
{
    auto_api a = {0};
    if (take_turn(s))
        return -1;
    edit_call(s, message_id, 0, &a);
    if (is_there(a.outcome)) {
        sent_part(s, message_id);
        return 1;
    }
    return a.outcome == API_NO_MESSAGE ? 0 : refuse(s, "editMessageText", &a);
}

/* The message that is to change: a page turned under the button that was pressed. */
static int64_t replaced_by(const struct delivery *d)
{
    bool replaces = false;
    json_flag(d->message, "replaces", &replaces);
    return replaces && d->inbox_ref && *d->inbox_ref == 'c' ? update_ref_message(d->inbox_ref) : 0;
}

static int send_all(struct sending *s)
{
    struct progress *p = s->progress;
    int64_t old = p->sent ? 0 : MAX_OF(replaced_by(s->d), p->stands);
    if (p->stands < 0) { /* a late answer is to ring the bell */
        delete_call(s, -p->stands);
        p->stands = 0;
    }
    if (old > 0 && become(s, old) < 0)
        return -1;
    while (s->progress->sent < s->format.count)
        if (send_part(s, s->progress->sent))
            return -1;
    const cJSON *document = json_object(s->d->message, "document");
    return document && s->progress->sent == s->format.count ? send_file(s, document) : 0;
}

/* Part by part; what the new text has no part for goes. */
static int edit_all(struct sending *s)
{
    const char *at = s->d->edit_ref;
    for (size_t part = 0; *at; part++, at += *at == ',') {
        auto_api a = {0};
        char *end;
        int64_t id = strtoll(at, &end, 10);
        if (end == at)
            return err_set(s->err, ERR_INPUT, NULL, "telegram: no message to edit");
        at = end;
        if (take_turn(s))
            return -1;
        pthread_mutex_lock(&s->t->lock);
        forget_presses(s->t, s->d->chat, id);
        pthread_mutex_unlock(&s->t->lock);
        if (part >= s->format.count) {
            delete_call(s, id);
            continue;
        }
        edit_call(s, id, part, &a);
        if (!is_there(a.outcome) && a.outcome != API_NO_MESSAGE)
            return refuse(s, "editMessageText", &a);
    }
    snprintf(s->progress->ref, sizeof(s->progress->ref), "%s", s->d->edit_ref);
    return 0;
}

/* A failure that ends the row ends our memory of it. */
static bool is_final(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_INPUT;
}

int telegram_send(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                  struct err *err)
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    struct sending s = {.t = t, .api = telegram_api(t), .d = d, .err = err};
    if (!update_chat_ref(d->chat, &s.chat, &s.thread))
        return err_set(err, ERR_INPUT, NULL, "telegram: chat %.40s", d->chat);
    s.progress = progress_of(t, d->id, d->maybe);
    format_message(d->message, &s.format);
    if (s.format.cut)
        log_line(LOG_WARN, "telegram", "outbox=%lld is longer than %d messages", (long long)d->id,
                 FORMAT_PARTS);
    int64_t stands = d->kind == OUTBOX_REPLY ? previews_end(t->previews, d->inbox_ref) : 0;
    s.progress->stands = stands ? stands : s.progress->stands;
    int failed = d->edit_ref ? edit_all(&s) : send_all(&s);
    if (!failed)
        take_button_away(&s);
    const char *menu = json_text(d->message, "menu");
    if (!failed && menu && s.chat > 0)
        menu_of_chat(t, s.chat, menu);
    snprintf(ref, PLATFORM_REF, "%s", s.progress->ref);
    if (failed && d->ret_maybe)
        *d->ret_maybe = !d->edit_ref && (s.progress->unknown || s.progress->sent);
    format_free(&s.format);
    progress_leave(t, s.progress, !failed || is_final(err));
    return failed;
}
