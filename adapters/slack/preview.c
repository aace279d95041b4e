/* What is seen before the answer: that it is worked on, where the agent view is there; the text as
 * it grows, as a stream or as a message that is edited every three seconds; for a command a word to
 * its person if it takes long. One request in flight for each, and the answer never waits for more
 * than that one. */
#include "adapters/slack/internal.h"

#include "core/base/utf8.h"

#define STATUS_MS     400 /* who is answered sooner needs none */
#define NOTE_MS       1000
#define STREAM_FIRST  800
#define STREAM_MS     900
#define STREAM_LIFE   240000 /* the service ends one after five minutes */
#define STREAM_BYTES  9000   /* and takes about ten thousand */
#define EDIT_FIRST    2000
#define EDIT_MS       3000 /* the documentation's */
#define SHOWN_BYTES   3500
#define LIFE_MS       600000
#define PREVIEWS_MOST 2000
#define AT_ONCE       16
#define END_WAIT_MS   5000
#define LATE_MS       20000 /* an edit is no news to who waited so long: they get a new message */

#define TRIES_MOST 5
#define AGAIN_MS   2000

enum showing { SHOW_NOTHING, SHOW_STREAM, SHOW_MESSAGE };
enum doing { DO_SHOW, DO_STATUS, DO_ACTIVE, DO_DELETE, DO_NOTE };

struct preview {
    struct previews *all;
    char ref[SLACK_REF], room[SLACK_ID], thread[SLACK_ID], channel[SLACK_ID], user[SLACK_ID];
    char ts[SLACK_ID]; /* of what shows it; "": not known */
    enum showing showing;
    int64_t begun_ms, shown_ms, stream_ms;
    struct str text;
    size_t streamed;   /* bytes of the text that the stream has */
    size_t sent_bytes; /* … and what they came to */
    char progress[300], title[84];
    bool pressed; /* a button: a word could not be taken back */
    bool direct, session, status, noted, dirty, in_flight;
    bool ended, over; /* ended: the answer comes; over: it has come, or will not */
    bool handed;      /* what shows it has become the answer; else it goes in the end */
    bool active;      /* the status is to be set back */
    enum doing doing; /* what is in flight */
    int tries;
    int64_t again_ms; /* not before */
    struct cell *ending;
    struct preview *next;
};

struct previews {
    struct slack *s;
    struct task *task;
    struct cell cell;
    pthread_mutex_t lock; /* protects all below */
    struct preview *list;
    size_t count;
    int in_flight;
    struct cell *ending;
    bool stopping;
};

struct previews *slack_previews_new(struct slack *s)
{
    struct previews *p = mem_new(1, sizeof(*p));
    p->s = s;
    cell_init(&p->cell, s->env);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

static void preview_free(struct preview *v)
{
    str_free(&v->text);
    free(v);
}

void slack_previews_free(struct previews *p)
{
    if (!p)
        return;
    while (p->list) {
        struct preview *next = p->list->next;
        preview_free(p->list);
        p->list = next;
    }
    cell_done(&p->cell);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* Under the lock. */
static struct preview *find(struct previews *p, const char *ref)
{
    struct preview *v = p->list;
    while (v && strcmp(v->ref, ref) != 0)
        v = v->next;
    return v;
}

void slack_previews_begin(struct previews *p, const char *chat, const char *ref, bool direct)
{
    struct asked asked;
    struct preview *v = mem_new(1, sizeof(*v));
    *v = (struct preview){
        .all = p, .direct = direct, .begun_ms = env_mono_ms(p->s->env), .text = STR_INIT(64000)};
    utf8_copy(v->ref, sizeof(v->ref), ref);
    bool fine = envelope_place(chat, v->room, v->thread) && asked_get(p->s, ref, &asked);
    if (fine) {
        memcpy(v->channel, asked.channel, sizeof(v->channel));
        memcpy(v->user, asked.user, sizeof(v->user));
        memcpy(v->title, asked.title, sizeof(v->title));
        v->pressed = asked.pressed;
        v->session = p->s->threads && *v->thread && *v->channel == 'D' && !direct;
    }
    pthread_mutex_lock(&p->lock);
    if (fine && *v->channel && p->count < PREVIEWS_MOST && !p->stopping) {
        v->next = p->list;
        p->list = v;
        p->count++;
        v = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    if (v)
        preview_free(v);
    env_wake(&p->cell);
}

void slack_previews_event(struct previews *p, const char *ref, const struct event *event)
{
    pthread_mutex_lock(&p->lock);
    struct preview *v = find(p, ref);
    if (v && event->kind == EVENT_TEXT) {
        str_add(&v->text, event->text);
        v->dirty = true;
    } else if (v && event->kind == EVENT_PROGRESS) {
        utf8_copy(v->progress, sizeof(v->progress), event->text);
    } else if (v && event->kind == EVENT_RESULT) {
        v->ended = true; /* it comes, as soon as its turn does */
    }
    pthread_mutex_unlock(&p->lock);
    if (v)
        env_wake(&p->cell);
}

/* --- what is done --- */

struct step {           /* decided under the lock, done outside */
    const char *method; /* NULL: a response */
    char *url;
    cJSON *args;
    struct preview *v;
};

/* Under the lock. */
static void landed(struct previews *p, struct preview *v)
{
    v->in_flight = false;
    p->in_flight--;
    env_wake(&p->cell);
    if (v->ending)
        env_wake(v->ending);
    if (p->ending)
        env_wake(p->ending);
}

/* Under the lock. */
static void shown(struct preview *v, const struct slack_answer *a)
{
    const char *ts = json_text_or(a->tree, "ts", "");
    if (a->outcome == SLACK_ABSENT && v->showing == SHOW_STREAM && !*v->ts) {
        v->all->s->no_streams = true;
        v->showing = SHOW_NOTHING;
        v->streamed = v->sent_bytes = 0;
        v->dirty = true; /* it is shown the other way */
    }
    if (a->outcome == SLACK_OK && !*v->ts && strlen(ts) < sizeof(v->ts))
        snprintf(v->ts, sizeof(v->ts), "%s", ts);
    if (a->outcome == SLACK_STALE || a->outcome == SLACK_TOO_LONG)
        v->stream_ms = 1; /* it is full, or over: the answer comes */
}

/* Under the lock: is the status back? An hour of "working" is worse than asking five times. */
static void set_back(struct preview *v, const struct slack_answer *a)
{
    bool again = a->outcome == SLACK_LIMITED || a->outcome == SLACK_UNKNOWN ||
                 a->outcome == SLACK_TROUBLE;
    v->active = again && ++v->tries < TRIES_MOST;
    v->again_ms = env_mono_ms(v->all->s->env) + MAX_OF(a->retry_ms, (int64_t)AGAIN_MS);
}

/* On the carrier's thread. */
static void done(void *arg, const struct slack_answer *a)
{
    struct preview *v = arg;
    struct previews *p = v->all;
    pthread_mutex_lock(&p->lock);
    if (v->doing == DO_SHOW)
        shown(v, a);
    else if (v->doing == DO_ACTIVE)
        set_back(v, a);
    else if (v->doing == DO_STATUS && a->outcome == SLACK_ABSENT)
        p->s->no_sessions = true;
    landed(p, v);
    pthread_mutex_unlock(&p->lock);
}

static void responded(void *arg, const struct http_answer *answer, const struct err *err)
{
    struct preview *v = arg;
    struct previews *p = v->all;
    (void)err;
    if (answer && answer->status == 200)
        asked_shown(p->s, v->ref);
    pthread_mutex_lock(&p->lock);
    landed(p, v);
    pthread_mutex_unlock(&p->lock);
}

static cJSON *place(const struct preview *v)
{
    cJSON *args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "channel", v->channel);
    if (*v->thread)
        cJSON_AddStringToObject(args, "thread_ts", v->thread);
    return args;
}

static cJSON *status_args(const char *channel, const char *thread, const char *status)
{
    cJSON *args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "channel_id", channel);
    cJSON_AddStringToObject(args, "thread_ts", thread);
    cJSON_AddStringToObject(args, "status", status);
    return args;
}

/* As much of the text as is at most `most` bytes when it is escaped; returns how much that was. */
static size_t put_escaped(cJSON *args, const char *key, const char *text, size_t len, size_t most)
{
    auto_str out = STR_INIT(64000);
    size_t at = 0;
    while (at < len) {
        size_t end = at + 1;
        while (end < len && ((unsigned char)text[end] & 0xC0) == 0x80)
            end++;
        if (out.len + 8 > most)
            break;
        slack_add_escaped(&out, text + at, end - at);
        at = end;
    }
    cJSON_AddStringToObject(args, key, out.buf);
    return at;
}

static void note_step(struct preview *v, struct step *step)
{
    v->noted = true;
    step->url = asked_url(v->all->s, v->ref);
    if (!step->url)
        return;
    step->args = cJSON_CreateObject();
    cJSON_AddStringToObject(step->args, "response_type", "ephemeral");
    cJSON_AddFalseToObject(step->args, "replace_original");
    const char *text = *v->progress ? v->progress : "I am looking …";
    put_escaped(step->args, "text", text, strlen(text), SHOWN_BYTES);
    v->doing = DO_NOTE;
}

static void stream_step(struct preview *v, int64_t now, struct step *step)
{
    char team[SLACK_ID], user[SLACK_ID];
    if (v->text.len <= v->streamed || v->sent_bytes >= STREAM_BYTES)
        return;
    bool first = v->showing == SHOW_NOTHING;
    step->method = first ? "chat.startStream" : "chat.appendStream";
    step->args = place(v);
    if (first && *v->channel != 'D') {
        slack_ids(v->all->s, team, user);
        cJSON_AddStringToObject(step->args, "recipient_user_id", v->user);
        cJSON_AddStringToObject(step->args, "recipient_team_id", team);
    } else if (!first) {
        cJSON_DeleteItemFromObjectCaseSensitive(step->args, "thread_ts");
        cJSON_AddStringToObject(step->args, "ts", v->ts);
    }
    v->streamed += put_escaped(step->args, "markdown_text", v->text.buf + v->streamed,
                               v->text.len - v->streamed, STREAM_BYTES - v->sent_bytes);
    v->sent_bytes += strlen(json_text_or(step->args, "markdown_text", "")) + 8;
    v->showing = SHOW_STREAM;
    v->stream_ms = first ? now : v->stream_ms;
}

static void message_step(struct preview *v, struct step *step)
{
    bool first = v->showing == SHOW_NOTHING;
    step->method = first ? "chat.postMessage" : "chat.update";
    step->args = place(v);
    if (!first) {
        cJSON_DeleteItemFromObjectCaseSensitive(step->args, "thread_ts");
        cJSON_AddStringToObject(step->args, "ts", v->ts);
    }
    put_escaped(step->args, "text", v->text.buf, v->text.len, SHOWN_BYTES);
    v->showing = SHOW_MESSAGE;
}

static bool can_stream(const struct preview *v)
{
    return !v->all->s->no_streams && *v->thread;
}

/* When the next of its text is due. */
static int64_t text_due(const struct preview *v)
{
    bool stream = can_stream(v);
    if (v->direct || v->in_flight || !v->dirty || !v->text.len)
        return ENV_FOREVER;
    if (v->showing != SHOW_NOTHING && !*v->ts)
        return ENV_FOREVER; /* what was begun is not known */
    if (v->showing == SHOW_STREAM && v->sent_bytes >= STREAM_BYTES)
        return ENV_FOREVER;
    if (v->showing == SHOW_NOTHING)
        return v->begun_ms + (stream ? STREAM_FIRST : EDIT_FIRST);
    return v->shown_ms + (v->showing == SHOW_STREAM ? STREAM_MS : EDIT_MS);
}

/* Under the lock: what of this one is due now. *ret_next: when the next is. */
static void step_of(struct preview *v, int64_t now, struct step *step, int64_t *ret_next)
{
    struct slack *s = v->all->s;
    bool wants_status = v->session && !v->status && !s->no_sessions;
    bool wants_note = v->direct && !v->pressed && !v->noted;
    int64_t first = wants_status ? v->begun_ms + STATUS_MS
                    : wants_note ? v->begun_ms + NOTE_MS
                                 : ENV_FOREVER;
    int64_t text = text_due(v);
    if (v->in_flight)
        return;
    v->doing = DO_SHOW;
    if (first <= now && wants_status) {
        v->doing = DO_STATUS;
        v->status = true;
        step->method = "agents.sessions.setStatus";
        step->args = status_args(v->channel, v->thread, "processing");
        if (*v->title)
            cJSON_AddStringToObject(step->args, "title", v->title);
    } else if (first <= now) {
        note_step(v, step);
    } else if (text <= now && v->showing == SHOW_STREAM && now > v->stream_ms + STREAM_LIFE) {
        v->dirty = false;
    } else if (text <= now) {
        v->shown_ms = now;
        v->dirty = false;
        if (v->showing == SHOW_STREAM || (v->showing == SHOW_NOTHING && can_stream(v)))
            stream_step(v, now, step);
        else
            message_step(v, step);
    }
    int64_t due = MIN_OF(first, text);
    if (!step->args)
        *ret_next = MIN_OF(*ret_next, MAX_OF(due, now + 50));
}

/* Under the lock: what is left to do when it is over. */
static void last_step(struct preview *v, int64_t now, struct step *step, int64_t *ret_next)
{
    if (v->in_flight)
        return;
    if (*v->ts && !v->handed) { /* it has not become the answer */
        step->method = "chat.delete";
        step->args = place(v);
        cJSON_DeleteItemFromObjectCaseSensitive(step->args, "thread_ts");
        cJSON_AddStringToObject(step->args, "ts", v->ts);
        v->ts[0] = '\0';
        v->doing = DO_DELETE;
    } else if (v->active && v->again_ms <= now) {
        step->method = "agents.sessions.setStatus";
        step->args = status_args(v->channel, v->thread, "active");
        v->doing = DO_ACTIVE;
    } else if (v->active) {
        *ret_next = MIN_OF(*ret_next, v->again_ms);
    }
}

/* Under the lock. `last`: only of what is over. */
static bool next_step(struct previews *p, int64_t now, bool last, struct step *step,
                      int64_t *ret_next)
{
    *step = (struct step){0};
    *ret_next = ENV_FOREVER;
    for (struct preview *v = p->list; v; v = v->next) {
        if (v->over)
            last_step(v, now, step, ret_next);
        else if (!v->ended && !last)
            step_of(v, now, step, ret_next);
        if (!step->args)
            continue;
        step->v = v;
        v->in_flight = true;
        p->in_flight++;
        return true;
    }
    return false;
}

/* Under the lock: what is over, and what nobody ended. */
static void forget(struct previews *p, int64_t now)
{
    for (struct preview **at = &p->list; *at;) {
        struct preview *v = *at;
        bool done_with = v->over && !v->active && (v->handed || !*v->ts);
        if (v->in_flight || v->ending || (!done_with && v->begun_ms + LIFE_MS > now)) {
            at = &v->next;
            continue;
        }
        *at = v->next;
        p->count--;
        preview_free(v);
    }
}

static void loop(void *arg)
{
    struct previews *p = arg;
    for (;;) {
        struct step step;
        int64_t next = ENV_FOREVER, now = env_mono_ms(p->s->env);
        pthread_mutex_lock(&p->lock);
        bool stopping = p->stopping, room = p->in_flight < AT_ONCE;
        bool any = (room || stopping) && next_step(p, now, stopping, &step, &next);
        if (!any)
            forget(p, now);
        pthread_mutex_unlock(&p->lock);
        if (stopping && !any)
            return;
        if (!any) {
            env_wait(p->s->env, &p->cell, next);
            continue;
        }
        if (step.url)
            slack_respond_start(p->s->api, step.url, step.args, responded, step.v);
        else
            slack_call_start(p->s->api, step.method, step.args, NULL, done, step.v);
        json_free(step.args);
        free(step.url);
    }
}

/* --- the end --- */

static bool is_in_flight(struct previews *p, struct preview *v)
{
    pthread_mutex_lock(&p->lock);
    bool is = v->in_flight;
    pthread_mutex_unlock(&p->lock);
    return is;
}

void slack_previews_end(struct previews *p, const char *ref, char channel[SLACK_ID],
                        char ts[SLACK_ID])
{
    struct cell cell;
    int64_t until = env_mono_ms(p->s->env) + END_WAIT_MS;
    bool streams = false;
    channel[0] = ts[0] = '\0';
    if (!ref)
        return;
    cell_init(&cell, p->s->env);
    pthread_mutex_lock(&p->lock);
    struct preview *v = find(p, ref);
    if (v) {
        v->ended = true; /* nothing new begins; what is under way is waited for */
        v->ending = &cell;
    }
    pthread_mutex_unlock(&p->lock);
    while (v && is_in_flight(p, v) && env_mono_ms(p->s->env) < until)
        env_wait(p->s->env, &cell, until);
    pthread_mutex_lock(&p->lock);
    /* A late answer as an edit would be no news to who has waited so long. */
    bool late = v && v->showing == SHOW_MESSAGE && env_mono_ms(p->s->env) > v->begun_ms + LATE_MS;
    if (v && !v->in_flight && *v->ts && !late) {
        v->handed = true;
        memcpy(channel, v->channel, sizeof(v->channel));
        memcpy(ts, v->ts, sizeof(v->ts));
        streams = v->showing == SHOW_STREAM;
    }
    if (v)
        v->ending = NULL;
    pthread_mutex_unlock(&p->lock);
    cell_done(&cell);
    if (!streams)
        return;
    auto_slack a = {0};
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "channel", channel);
    cJSON_AddStringToObject(args, "ts", ts);
    slack_call(p->s->api, "chat.stopStream", args, NULL, false, NULL, &a);
}

/* Of a predecessor's, nobody knows: it may still say that it is worked on. Under the lock. */
static void take_over(struct previews *p, const char *ref, const char *thread, const char *answer)
{
    size_t len = strcspn(answer, "/");
    if (!p->s->threads || p->s->no_sessions || !*thread || *answer != 'D' || !answer[len] ||
        len >= SLACK_ID || p->count >= PREVIEWS_MOST)
        return;
    struct preview *v = mem_new(1, sizeof(*v));
    *v = (struct preview){.all = p,
                          .begun_ms = env_mono_ms(p->s->env),
                          .text = STR_INIT(64000),
                          .over = true,
                          .active = true,
                          .next = p->list};
    utf8_copy(v->ref, sizeof(v->ref), ref);
    utf8_copy(v->thread, sizeof(v->thread), thread);
    snprintf(v->channel, sizeof(v->channel), "%.*s", (int)len, answer);
    p->list = v;
    p->count++;
}

void slack_previews_over(struct previews *p, const char *chat, const char *ref, const char *answer,
                         bool dropped)
{
    char room[SLACK_ID], thread[SLACK_ID];
    if (!ref || !envelope_place(chat, room, thread))
        return;
    pthread_mutex_lock(&p->lock);
    struct preview *v = find(p, ref);
    if (v) {
        v->over = true;
        v->active = v->session && (v->status || v->showing == SHOW_STREAM);
        char shown[2 * SLACK_ID + 2]; /* has it become the answer? */
        snprintf(shown, sizeof(shown), "%s/%s", v->channel, v->ts);
        v->handed = v->handed && !dropped && !strcmp(shown, answer);
    } else if (is_person(room)) {
        take_over(p, ref, thread, answer);
    }
    pthread_mutex_unlock(&p->lock);
    env_wake(&p->cell);
}

void slack_previews_start(struct previews *p)
{
    p->task = env_start(p->s->env, "slack-previews", 0, loop, p);
}

static bool any_in_flight(struct previews *p)
{
    pthread_mutex_lock(&p->lock);
    bool any = p->in_flight > 0;
    pthread_mutex_unlock(&p->lock);
    return any;
}

void slack_previews_stop(struct previews *p)
{
    struct cell cell;
    if (!p->task)
        return;
    cell_init(&cell, p->s->env);
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    p->ending = &cell;
    pthread_mutex_unlock(&p->lock);
    env_wake(&p->cell);
    env_join(p->task);
    p->task = NULL;
    while (any_in_flight(p)) /* a call ends by its deadline at the latest */
        env_wait(p->s->env, &cell, ENV_FOREVER);
    pthread_mutex_lock(&p->lock);
    p->ending = NULL;
    pthread_mutex_unlock(&p->lock);
    cell_done(&cell);
}
