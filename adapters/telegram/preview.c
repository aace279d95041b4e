/* What is seen before the answer. One request in flight for each, and the newest text wins; the
 * answer never waits for a preview but for the one that is under way. */
#include "adapters/telegram/internal.h"

#include "core/base/utf8.h"

#define ACTION_MS     4000 /* a typing action lasts five seconds */
#define ACTIONS_MS    60000
#define DRAFT_FIRST   400 /* who is answered sooner needs none */
#define DRAFT_MS      1000
#define DRAFT_AGAIN   20000 /* a draft lives thirty seconds */
#define EDIT_FIRST    2000  /* where drafts are not taken: a message that becomes the answer */
#define EDIT_MS       1500
#define LIFE_MS       600000
#define PREVIEWS_MOST 2000
#define AT_ONCE       16 /* requests: none of these is worth thousands */
#define SHOWN_POINTS  3500
#define END_WAIT_MS   5000
#define LATE_MS       20000 /* an edit rings no bell: whoever waited so long gets a new message */

struct preview {
    struct previews *all;
    char chat_ref[CHAT_REF], ref[SAID_REF];
    int64_t chat, thread, draft_id, message_id;
    int64_t begun_ms, action_ms, shown_ms;
    struct str text;
    char progress[300];
    bool dirty, in_flight, over, stands; /* stands: a message of ours was sent for it */
    bool dropped;                        /* there will be no answer: that message goes */
    struct cell *ending;                 /* whoever waits for what is under way */
    struct preview *next;
};

struct previews {
    struct telegram *t;
    struct task *task;
    struct cell cell;
    pthread_mutex_t lock; /* protects all below */
    struct preview *list;
    size_t count;
    int in_flight;       /* of all */
    struct cell *ending; /* whoever waits for all that is under way */
    bool stopping;
};

struct previews *previews_new(struct telegram *t)
{
    struct previews *p = mem_new(1, sizeof(*p));
    p->t = t;
    cell_init(&p->cell, t->env);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

static void preview_free(struct preview *preview)
{
    str_free(&preview->text);
    free(preview);
}

void previews_free(struct previews *p)
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
    struct preview *preview = p->list;
    while (preview && (preview->over || strcmp(preview->ref, ref) != 0))
        preview = preview->next;
    return preview;
}

void previews_begin(struct previews *p, const char *chat, const char *ref, int64_t message_id)
{
    int64_t now = env_mono_ms(p->t->env);
    struct preview *preview = mem_new(1, sizeof(*preview));
    *preview = (struct preview){.all = p,
                                .draft_id = message_id,
                                .begun_ms = now,
                                .action_ms = now,
                                .text = STR_INIT(64000)};
    utf8_copy(preview->chat_ref, sizeof(preview->chat_ref), chat);
    utf8_copy(preview->ref, sizeof(preview->ref), ref);
    bool fine = update_chat_ref(chat, &preview->chat, &preview->thread);
    pthread_mutex_lock(&p->lock);
    if (fine && p->count < PREVIEWS_MOST && !p->stopping) {
        preview->next = p->list;
        p->list = preview;
        p->count++;
        preview = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    if (preview)
        preview_free(preview);
    env_wake(&p->cell);
}

void previews_event(struct previews *p, const char *ref, const struct event *event)
{
    pthread_mutex_lock(&p->lock);
    struct preview *preview = find(p, ref);
    if (preview && event->kind == EVENT_TEXT) {
        str_add(&preview->text, event->text);
        preview->dirty = true;
    } else if (preview && event->kind == EVENT_PROGRESS) {
        utf8_copy(preview->progress, sizeof(preview->progress), event->text);
        preview->dirty = true;
    }
    pthread_mutex_unlock(&p->lock);
    if (preview)
        env_wake(&p->cell);
}

/* Under the lock: takes it off the list. */
static void unlink_preview(struct previews *p, struct preview *preview)
{
    struct preview **at = &p->list;
    while (*at != preview)
        at = &(*at)->next;
    *at = preview->next;
    p->count--;
}

void previews_drop(struct previews *p, const char *ref)
{
    pthread_mutex_lock(&p->lock);
    struct preview *preview = find(p, ref);
    if (preview)
        preview->over = preview->dropped = true; /* the loop takes it from here */
    pthread_mutex_unlock(&p->lock);
    env_wake(&p->cell);
}

static bool is_in_flight(struct previews *p, struct preview *preview)
{
    pthread_mutex_lock(&p->lock);
    bool is = preview->in_flight;
    pthread_mutex_unlock(&p->lock);
    return is;
}

int64_t previews_end(struct previews *p, const char *ref)
{
    struct cell cell;
    int64_t stands = 0, until = env_mono_ms(p->t->env) + END_WAIT_MS;
    if (!ref)
        return 0;
    cell_init(&cell, p->t->env);
    pthread_mutex_lock(&p->lock);
    struct preview *preview = find(p, ref);
    if (preview) {
        preview->over = true; /* nothing new begins; what is under way is waited for */
        preview->ending = &cell;
    }
    pthread_mutex_unlock(&p->lock);
    while (preview && is_in_flight(p, preview) && env_mono_ms(p->t->env) < until)
        env_wait(p->t->env, &cell, until);
    pthread_mutex_lock(&p->lock);
    if (preview)
        preview->ending = NULL;
    if (preview && !preview->in_flight) {
        bool late = env_mono_ms(p->t->env) > preview->begun_ms + LATE_MS;
        stands = late ? -preview->message_id : preview->message_id;
        unlink_preview(p, preview);
    } else {
        preview = NULL; /* it is forgotten in time */
    }
    pthread_mutex_unlock(&p->lock);
    cell_done(&cell);
    if (preview)
        preview_free(preview);
    return stands;
}

/* --- what is shown --- */

/* The text so far, or what is being done. */
static char *shown_of(const struct preview *preview)
{
    const char *text = preview->text.len ? preview->text.buf : preview->progress;
    size_t at = 0, points = 0;
    while (text[at] && points < SHOWN_POINTS) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        points++;
    }
    return mem_textn(text, at);
}

/* An older server does not know the method, or takes it for few; any other failure is one frame's.
 */
static bool takes_no_drafts(const struct api_answer *answer)
{
    return (answer->status == 404 && answer->outcome == API_BAD) ||
           (answer->status == 400 && strstr(answer->why, "TEXTDRAFT"));
}

/* Under the lock: one less. `more`: there is something to do now. */
static void landed(struct previews *p, bool more)
{
    if (p->in_flight-- == AT_ONCE || more)
        env_wake(&p->cell);
    if (p->ending)
        env_wake(p->ending);
}

/* On the carrier's thread. */
static void shown(void *arg, const struct api_answer *answer)
{
    struct preview *preview = arg;
    struct previews *p = preview->all;
    pthread_mutex_lock(&p->lock);
    preview->in_flight = false;
    if (!preview->stands && takes_no_drafts(answer))
        p->t->no_drafts = true;
    if (answer->outcome == API_FLOOD)
        pace_flood(p->t->pace, preview->chat, env_mono_ms(p->t->env), answer->retry_ms);
    if (preview->stands && answer->outcome == API_OK && !preview->message_id)
        preview->message_id = json_i64_or(answer->result, "message_id", 0);
    if (preview->ending)
        env_wake(preview->ending);
    landed(p, true); /* what waited for it may be due */
    pthread_mutex_unlock(&p->lock);
}

/* The same, of what nobody looks at. */
static void sent(void *arg, const struct api_answer *answer)
{
    struct previews *p = arg;
    (void)answer;
    pthread_mutex_lock(&p->lock);
    landed(p, false);
    pthread_mutex_unlock(&p->lock);
}

struct step { /* what is to be done, decided under the lock and done outside */
    const char *method;
    cJSON *args;
    struct preview *preview; /* NULL: nobody looks at the answer */
};

static void draft_step(struct preview *v, int64_t now, struct step *step)
{
    auto_text text = shown_of(v);
    if (!*text)
        return;
    step->method = "sendMessageDraft";
    step->args = telegram_to(v->chat, v->thread);
    json_put_i64(step->args, "draft_id", v->draft_id);
    cJSON_AddStringToObject(step->args, "text", text);
    cJSON_AddTrueToObject(step->args, "can_stop");
    step->preview = v;
    v->shown_ms = now;
    v->dirty = false;
    v->in_flight = true;
}

static void message_step(struct preview *v, int64_t now, struct step *step)
{
    auto_text text = shown_of(v);
    if (!*text || (v->stands && !v->message_id)) /* its id is not known */
        return;
    step->method = v->stands ? "editMessageText" : "sendMessage";
    step->args = telegram_to(v->chat, v->thread);
    if (v->stands)
        json_put_i64(step->args, "message_id", v->message_id);
    else
        cJSON_AddTrueToObject(step->args, "disable_notification");
    cJSON_AddStringToObject(step->args, "text", text);
    step->preview = v;
    v->stands = true;
    v->shown_ms = now;
    v->dirty = false;
    v->in_flight = true;
}

static void action_step(struct preview *v, int64_t now, struct step *step)
{
    step->method = "sendChatAction";
    step->args = telegram_to(v->chat, v->thread);
    cJSON_AddStringToObject(step->args, "action", "typing");
    v->action_ms = now + ACTION_MS < v->begun_ms + ACTIONS_MS ? now + ACTION_MS : ENV_FOREVER;
}

/* What stood for an answer that will not come goes, once its number is known. */
static void drop_step(struct preview *v, struct step *step)
{
    v->dropped = false;
    v->begun_ms -= LIFE_MS; /* nobody ends it: it is forgotten */
    if (!v->message_id)
        return;
    step->method = "deleteMessage";
    step->args = telegram_to(v->chat, 0);
    json_put_i64(step->args, "message_id", v->message_id);
}

/* When the next text of it is due. */
static int64_t text_due(const struct previews *p, const struct preview *v)
{
    bool drafts = !p->t->no_drafts;
    int64_t first = v->begun_ms + (drafts ? DRAFT_FIRST : EDIT_FIRST);
    if (v->chat <= 0 || v->in_flight || !(v->text.len || *v->progress))
        return ENV_FOREVER;
    if (!v->shown_ms)
        return first;
    if (v->dirty)
        return MAX_OF(first, v->shown_ms + (drafts ? DRAFT_MS : EDIT_MS));
    return drafts ? v->shown_ms + DRAFT_AGAIN : ENV_FOREVER;
}

/* Under the lock: one thing that is due now; *ret_next_ms: when the next is. */
static bool next_step(struct previews *p, int64_t now, struct step *step, int64_t *ret_next_ms)
{
    *ret_next_ms = ENV_FOREVER;
    for (struct preview *v = p->list; v; v = v->next) {
        int64_t due = text_due(p, v);
        *step = (struct step){0};
        if (v->dropped && !v->in_flight) {
            drop_step(v, step);
            if (step->args)
                return true;
        }
        if (v->over)
            continue;
        if (v->action_ms <= now) {
            action_step(v, now, step);
            return true;
        }
        if (due <= now && pace_try(p->t->pace, v->chat, now)) {
            if (p->t->no_drafts)
                message_step(v, now, step);
            else
                draft_step(v, now, step);
            if (step->args)
                return true;
            due = now + DRAFT_MS;
        } else if (due <= now) {
            due = now + DRAFT_MS;
        }
        *ret_next_ms = MIN_OF(*ret_next_ms, MIN_OF(due, v->action_ms));
    }
    return false;
}

/* Under the lock: what nobody ended. */
static void forget_old(struct previews *p, int64_t now)
{
    for (struct preview **at = &p->list; *at;) {
        struct preview *v = *at;
        if (v->in_flight || v->ending || v->begun_ms + LIFE_MS > now) {
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
        int64_t next = ENV_FOREVER, now = env_mono_ms(p->t->env);
        pthread_mutex_lock(&p->lock);
        bool stopping = p->stopping, room = p->in_flight < AT_ONCE;
        bool any = !stopping && room && next_step(p, now, &step, &next);
        p->in_flight += any;
        if (!any)
            forget_old(p, now);
        pthread_mutex_unlock(&p->lock);
        if (stopping)
            return;
        if (!any) {
            env_wait(p->t->env, &p->cell, next);
            continue;
        }
        struct api api = telegram_api(p->t);
        api_start(&api, step.method, step.args, step.preview ? shown : sent,
                  step.preview ? (void *)step.preview : p);
        json_free(step.args);
    }
}

void previews_start(struct previews *p)
{
    p->task = env_start(p->t->env, "previews", 0, loop, p);
}

static bool any_in_flight(struct previews *p)
{
    pthread_mutex_lock(&p->lock);
    bool any = p->in_flight > 0;
    pthread_mutex_unlock(&p->lock);
    return any;
}

void previews_stop(struct previews *p)
{
    struct cell cell;
    if (!p->task)
        return;
    cell_init(&cell, p->t->env);
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    p->ending = &cell;
    pthread_mutex_unlock(&p->lock);
    env_wake(&p->cell);
    env_join(p->task);
    p->task = NULL;
    while (any_in_flight(p)) /* a call ends by its deadline at the latest */
        env_wait(p->t->env, &cell, ENV_FOREVER);
    pthread_mutex_lock(&p->lock);
    p->ending = NULL;
    pthread_mutex_unlock(&p->lock);
    cell_done(&cell);
}
