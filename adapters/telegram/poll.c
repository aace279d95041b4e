/* The long poll: receive, store, confirm by the next one. It keeps trying for ever, and says so. */
#include "adapters/telegram/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define PLATFORM      "telegram"
#define NAME          "Telegram"
#define UPDATES_MOST  100
#define FIRST_TELL_MS 60000 /* a failure that lasts so long is told */
#define GAP_MS        30000 /* presses after a silence of ours are not acted on */
#define CONFIRM_MS    2000
#define PASTE_S       1 /* parts of one paste come within it */
#define CONNECTS_V4   2 /* failures in a row after which the other IP version is tried */
#define UNREAD_SINGLE 2 /* answers in a row that cannot be read: then one update at a time */
#define UNREAD_STEP   4
#define EDITS         16
#define NAP_MS        20000 /* the watchdog sees us turn */
#define AT_ONCE_MS    1000

struct poller { /* the poller's alone */
    struct telegram *t;
    int64_t offset;
    int fails;          /* in a row */
    int64_t failing_ms; /* monotonic: since when */
    int64_t done_ms;    /* monotonic: when the last answer was there; 0: none yet */
    int64_t took_ms;    /* until the last one was there */
    bool told, webhook_told, single;
    int unread;    /* answers in a row that could not be read */
    struct paste { /* the last long text, which may be the first part of several */
        char chat[CHAT_REF], person[PERSON_REF], ref[SAID_REF]; /* of its first part */
        int64_t at_s;
    } paste;
    struct edit { /* the newest correction of a message */
        char of[SAID_REF], ref[SAID_REF];
    } edits[EDITS];
    size_t edit_next;
};

static bool is_stopping(struct poller *p)
{
    return cancel_is_set(&p->t->stop);
}

/* --- what came --- */

/* At once, before anything else is done; a late or second answer is refused, which does no harm. */
static void answer_press(struct telegram *t, const char *query, const char *text)
{
    struct api api = telegram_api(t);
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "callback_query_id", query);
    if (text)
        cJSON_AddStringToObject(args, "text", text);
    api_start(&api, "answerCallbackQuery", args, NULL, NULL);
}

/* Of a paste that a client has cut, whose later parts name nobody: in a crowd they are for us as
 * its first part was. */
static void follow_paste(struct poller *p, struct update *u)
{
    struct paste *paste = &p->paste;
    bool text = u->text && (u->kind == UPDATE_SAID || u->kind == UPDATE_NOTHING) && !*u->edits;
    if (!text)
        return;
    bool same = !strcmp(paste->chat, u->chat) && !strcmp(paste->person, u->person) &&
                u->date_s - paste->at_s <= PASTE_S && u->date_s >= paste->at_s && *u->text != '/';
    if (same) {
        u->kind = UPDATE_SAID;
        memcpy(u->continues, paste->ref, sizeof(u->continues));
    }
    u->long_text = u->long_text && *u->text != '/'; /* a command waits for nothing */
    if (same)
        paste->chat[0] = '\0'; /* unless it is long itself */
    if (u->kind != UPDATE_SAID || !u->long_text)
        return;
    utf8_copy(paste->chat, sizeof(paste->chat), u->chat);
    utf8_copy(paste->person, sizeof(paste->person), u->person);
    if (!same)
        memcpy(paste->ref, u->ref, sizeof(paste->ref));
    paste->at_s = u->date_s;
}

/* A message that is corrected again: what is corrected is its last correction. */
static void follow_edits(struct poller *p, struct update *u)
{
    char of[SAID_REF];
    if (!*u->edits)
        return;
    memcpy(of, u->edits, sizeof(of));
    struct edit *edit = NULL;
    for (size_t i = 0; i < EDITS && !edit; i++)
        edit = !strcmp(p->edits[i].of, of) ? &p->edits[i] : NULL;
    if (edit && strcmp(edit->ref, u->ref) != 0)
        memcpy(u->edits, edit->ref, sizeof(u->edits));
    edit = edit ? edit : &p->edits[p->edit_next++ % EDITS];
    memcpy(edit->of, of, sizeof(edit->of));
    memcpy(edit->ref, u->ref, sizeof(edit->ref));
}

static int set_membership(struct telegram *t, const struct update *u, struct err *err)
{
    struct membership m = {.own = t->own,
                           .chat = u->chat,
                           .person = u->person,
                           .name = u->name,
                           .title = u->title,
                           .crowd = u->crowd,
                           .there = u->there};
    return orchestrator_membership(t->orchestrator, &t->adapter, &m, err);
}

/* 1: it is a message for the core; 0: it is done with; -1: it could not be stored. */
static int take_update(struct poller *p, const struct update *u, bool after_gap, struct err *err)
{
    struct telegram *t = p->t;
    switch (u->kind) {
    case UPDATE_SAID:
    case UPDATE_SHOWN:
        return true;
    case UPDATE_PRESSED:
        answer_press(t, u->query,
                     after_gap ? "I was away when you pressed that. Please press it again." : NULL);
        return !after_gap;
    case UPDATE_MEMBER:
        return set_membership(t, u, err);
    case UPDATE_MOVED:
        return orchestrator_moved(t->orchestrator, PLATFORM, t->own, u->chat, u->moved_to, err);
    case UPDATE_STOPPED:
        orchestrator_cancel(t->orchestrator, PLATFORM, t->own, u->chat);
        return 0;
    case UPDATE_NOTHING:
        break;
    }
    if (*u->query)
        answer_press(t, u->query, NULL);
    return 0;
}

static struct inbound inbound_of(const struct telegram *t, const struct update *u)
{
    const char *text = u->text ? u->text : "(something without words)";
    return (struct inbound){.own = t->own,
                            .chat = u->chat,
                            .person = u->person,
                            .name = u->name,
                            .title = u->title,
                            .language = *u->language ? u->language : NULL,
                            .crowd = u->crowd,
                            .said_ms = u->date_s * 1000,
                            .edits = *u->edits ? u->edits : NULL,
                            .continues = *u->continues ? u->continues : NULL,
                            .unfinished = u->long_text && !*u->edits,
                            .say = u->say,
                            .ref = u->ref,
                            .press = u->kind == UPDATE_PRESSED,
                            .acts = true,
                            .text = text,
                            .text_len = strlen(text)};
}

/* Stores a batch; only then may it be confirmed. */
static int store(struct poller *p, struct update *updates, size_t count, struct err *err)
{
    struct telegram *t = p->t;
    struct inbound *messages = mem_new(count + 1, sizeof(*messages));
    size_t n = 0;
    int64_t now = env_mono_ms(t->env);
    bool gap = !p->done_ms || now - p->done_ms > t->poll_ms + GAP_MS;
    bool after_gap = gap && p->took_ms < AT_ONCE_MS; /* it had been waiting for us */
    int failed = 0;
    struct paste paste = p->paste;
    for (size_t i = 0; i < count && failed >= 0; i++) {
        follow_edits(p, &updates[i]);
        follow_paste(p, &updates[i]);
        failed = take_update(p, &updates[i], after_gap, err);
        if (failed > 0)
            messages[n++] = inbound_of(t, &updates[i]);
        if (failed > 0 && updates[i].rest)
            telegram_pressed(t, &updates[i]);
    }
    failed = failed < 0 ||
                     (n && orchestrator_receive(t->orchestrator, &t->adapter, messages, n, err))
                 ? -1
                 : 0;
    if (failed) /* all of it comes again */
        p->paste = paste;
    free(messages);
    return failed;
}

static int take_all(struct poller *p, const cJSON *result, struct err *err)
{
    char username[64];
    struct update_me me = telegram_me(p->t, username);
    struct update *updates = mem_new(UPDATES_MOST, sizeof(*updates));
    size_t count = 0;
    int64_t last = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, result)
    {
        if (count == UPDATES_MOST)
            break;
        update_read(item, &me, &updates[count]);
        if (updates[count].kind == UPDATE_SAID || updates[count].kind == UPDATE_SHOWN)
            telegram_saw(p->t, strtoll(updates[count].chat, NULL, 10), updates[count].message_id);
        if (updates[count].id)
            last = updates[count++].id;
        else
            update_free(&updates[count]);
    }
    int failed = store(p, updates, count, err);
    for (size_t i = 0; i < count; i++)
        update_free(&updates[i]);
    free(updates);
    if (!failed && last)
        p->offset = last + 1; /* also when that is less than it was */
    return failed;
}

/* --- polling --- */

static cJSON *poll_args(const struct poller *p, int64_t hold_ms)
{
    static const char *const kinds[] = {"message", "edited_message", "callback_query",
                                        "my_chat_member", "stopped_message_generation"};
    cJSON *args = cJSON_CreateObject();
    if (p->offset)
        json_put_i64(args, "offset", p->offset);
    json_put_i64(args, "limit", p->single ? 1 : UPDATES_MOST);
    json_put_i64(args, "timeout", hold_ms / 1000);
    cJSON_AddItemToObject(args, "allowed_updates",
                          cJSON_CreateStringArray(kinds, ARRAY_LEN(kinds)));
    return args;
}

static void nap(struct poller *p, int64_t ms)
{
    struct telegram *t = p->t;
    struct cancel_listener listener;
    ms += (int64_t)env_random_below(t->env, (uint64_t)MIN_OF(ms, (int64_t)NAP_MS) / 5 + 1);
    int64_t until = env_mono_ms(t->env) + ms;
    bool woken = false;
    cancel_listen(&t->stop, &listener, &t->nap);
    for (int64_t now; !woken && !is_stopping(p) && (now = env_mono_ms(t->env)) < until;) {
        t->polled_ms = now;
        woken = env_wait(t->env, &t->nap, MIN_OF(until, now + NAP_MS));
    }
    cancel_unlisten(&t->stop, &listener);
}

static int64_t back_off(const struct poller *p, const int64_t *steps, size_t count)
{
    return steps[MIN_OF((size_t)MAX_OF(p->fails - 1, 0), count - 1)];
}

static void began_to_fail(struct poller *p)
{
    if (!p->fails++)
        p->failing_ms = env_mono_ms(p->t->env);
}

static bool is_long(const struct poller *p)
{
    return env_mono_ms(p->t->env) - p->failing_ms >= FIRST_TELL_MS;
}

static void fine(struct poller *p)
{
    bool was = p->told || p->t->state != TELEGRAM_UP;
    p->fails = p->unread = 0;
    p->told = p->single = false;
    if (was) {
        telegram_set_state(p->t, TELEGRAM_UP);
        orchestrator_incident(p->t->orchestrator, NAME, NULL, NULL, NULL);
    }
}

static void tell(struct poller *p, const char *say, const char *mend, const char *why)
{
    if (p->told)
        return;
    p->told = true;
    log_line(LOG_ERR, "telegram", "%s: %s", say, why);
    orchestrator_incident(p->t->orchestrator, NAME, say, mend, why);
}

/* A webhook takes what is ours: it is removed, without dropping what people wrote. */
static void remove_webhook(struct poller *p)
{
    auto_api a = {0};
    struct api api = telegram_api(p->t);
    log_line(LOG_WARN, "telegram", "a webhook is set for this bot; removing it");
    struct api_options options = {.cancel = &p->t->stop};
    api_call(&api, "deleteWebhook", NULL, &options, &a);
    if (p->webhook_told)
        tell(p, NAME ": a webhook keeps coming back",
             "Somebody else uses this bot's token: revoke it with BotFather and set the new one.",
             "webhook");
    p->webhook_told = true;
    nap(p, a.outcome == API_OK ? 100 : 2000);
}

static void trouble(struct poller *p, const struct api_answer *a)
{
    static const int64_t steps[] = {500, 1000, 2000, 5000, 10000, 30000};
    if (p->t->state == TELEGRAM_STARTING)
        telegram_set_state(p->t, TELEGRAM_FAILED);
    if (p->fails == 1 || !(p->fails % 20))
        log_line(LOG_WARN, "telegram", "poll: %s: %s", api_outcome_name(a->outcome), a->why);
    if (is_long(p)) {
        telegram_set_state(p->t, TELEGRAM_FAILED);
        tell(p, NAME " does not answer", "I go on trying.", a->why);
    }
    if (!a->status && !(p->fails % CONNECTS_V4)) {
        /* Paths over IPv6 that swallow everything are common; what works is kept, for all calls. */
        p->t->only_v4 = !p->t->only_v4;
        log_line(LOG_WARN, "telegram", "trying %s",
                 p->t->only_v4 ? "IPv4 only" : "both IP versions");
    }
    nap(p, back_off(p, steps, ARRAY_LEN(steps)));
}

static void conflict(struct poller *p, const struct api_answer *a)
{
    static const int64_t steps[] = {1000, 1000, 2000, 5000, 10000, 20000, 30000};
    if (p->fails == 1 || !(p->fails % 3))
        log_line(LOG_WARN, "telegram", "somebody else polls with this token: %s", a->why);
    if (p->t->state == TELEGRAM_STARTING)
        telegram_set_state(p->t, TELEGRAM_FAILED);
    if (is_long(p))
        tell(p, NAME ": another program polls for me",
             "Stop it, or revoke the token with BotFather if it is not yours.", a->why);
    nap(p, back_off(p, steps, ARRAY_LEN(steps)));
}

/* The token will not be taken however often it is tried: rest until there is another. */
static void refused(struct poller *p, const struct api_answer *a, const char *base)
{
    tell(p, NAME " refuses the token",
         "Write the one that BotFather shows into the configuration, and start or reload me.",
         a->why);
    telegram_set_state(p->t, TELEGRAM_REFUSED);
    while (telegram_api(p->t).base == base && !is_stopping(p))
        nap(p, NAP_MS);
    p->told = false;
}

/* An answer that cannot be read twice is asked for one update at a time; the one that cannot be
 * read by itself is stepped over, by its number, which can be found in it. Nothing else is: what is
 * not there to be read may be what somebody wrote. */
static void unreadable(struct poller *p, const struct api_answer *a)
{
    p->unread++;
    p->single = p->unread >= UNREAD_SINGLE;
    if (!a->update_id) {
        began_to_fail(p);
        trouble(p, a);
        return;
    }
    log_line(LOG_WARN, "telegram", "an answer that cannot be read: %s", a->why);
    if (p->unread >= UNREAD_STEP) {
        log_line(LOG_ERR, "telegram", "stepping over update %lld", (long long)a->update_id);
        p->offset = a->update_id + 1;
        p->unread = UNREAD_SINGLE;
    }
    nap(p, 500);
}

/* The service wants silence, which may be long. */
static void flooded(struct poller *p, const struct api_answer *a)
{
    log_line(LOG_WARN, "telegram", "poll: told to wait %lld s: %s", (long long)a->retry_ms / 1000,
             a->why);
    if (a->retry_ms >= FIRST_TELL_MS || is_long(p)) {
        telegram_set_state(p->t, TELEGRAM_FAILED);
        tell(p, NAME " told me to slow down", "I wait as long as it wants.", a->why);
    }
    nap(p, a->retry_ms);
}

/* `base`: with which it was asked. */
static void poll_failed(struct poller *p, const struct api_answer *a, const char *base)
{
    if (a->outcome == API_TOKEN && telegram_api(p->t).base != base)
        return; /* there is a newer token already */
    if (a->outcome == API_UNKNOWN && a->status == 200) {
        unreadable(p, a);
        return;
    }
    began_to_fail(p);
    switch (a->outcome) {
    case API_WEBHOOK:
        remove_webhook(p);
        break;
    case API_CONFLICT:
        conflict(p, a);
        break;
    case API_TOKEN:
        refused(p, a, base);
        break;
    case API_FLOOD:
        flooded(p, a);
        break;
    default:
        trouble(p, a);
    }
}

static void poll_once(struct poller *p)
{
    struct telegram *t = p->t;
    struct err err = ERR_INIT;
    auto_api a = {0};
    struct api api = telegram_api(t);
    auto_json args = poll_args(p, t->poll_ms);
    struct api_options options = {.total_ms = (unsigned)(t->poll_ms + POLL_MORE_MS),
                                  .flags = HTTP_OWN_CONNECTION,
                                  .cancel = &t->stop};
    int64_t begun = env_mono_ms(t->env);
    api_call(&api, "getUpdates", args, &options, &a);
    if (is_stopping(p))
        return;
    t->polled_ms = env_mono_ms(t->env);
    p->took_ms = t->polled_ms - begun;
    if (a.outcome != API_OK) {
        poll_failed(p, &a, api.base);
        return;
    }
    fine(p);
    if (take_all(p, a.result, &err)) { /* it is not confirmed, and comes again */
        log_err(LOG_ERR, "telegram", &err, "storing what came");
        nap(p, 1000);
    }
    p->done_ms = env_mono_ms(t->env);
}

/* --- life --- */

/* Who are we? Tried until it is known, since mentions need the name. */
static void introduce(struct poller *p)
{
    while (!is_stopping(p)) {
        auto_api a = {0};
        struct api api = telegram_api(p->t);
        struct api_options options = {.cancel = &p->t->stop};
        api_call(&api, "getMe", NULL, &options, &a);
        if (is_stopping(p))
            return;
        p->t->polled_ms = env_mono_ms(p->t->env);
        if (a.outcome == API_OK) {
            pthread_mutex_lock(&p->t->lock);
            utf8_copy(p->t->username, sizeof(p->t->username),
                      json_text_or(a.result, "username", ""));
            pthread_mutex_unlock(&p->t->lock);
            fine(p);
            return;
        }
        poll_failed(p, &a, api.base);
    }
}

/* What is stored is confirmed, so that nobody gets it again; a courtesy, since repeats are known.
 */
static void confirm(struct poller *p)
{
    auto_api a = {0};
    struct api api = telegram_api(p->t);
    auto_json args = poll_args(p, 0);
    struct api_options options = {.total_ms = CONFIRM_MS, .flags = HTTP_OWN_CONNECTION};
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(args, "limit"), 1);
    if (p->offset && p->t->state == TELEGRAM_UP)
        api_call(&api, "getUpdates", args, &options, &a);
}

void poll_loop(void *arg)
{
    struct poller p = {.t = arg};
    introduce(&p);
    if (!is_stopping(&p)) /* nobody waits for it */
        p.t->menu = env_start(p.t->env, "menu", 0, menu_set, p.t);
    while (!is_stopping(&p))
        poll_once(&p);
    confirm(&p);
    if (p.t->menu)
        env_join(p.t->menu);
    p.t->menu = NULL;
}
