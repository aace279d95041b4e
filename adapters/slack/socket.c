/* The socket: one state machine. It asks for an address, dials, counts as connected from the hello
 * on, finds out by itself when nobody is there any more, and has the next one up before it lets one
 * go. What comes is stored, then acknowledged where it came from, then worked on. */
#include "adapters/slack/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define LINKS         6
#define BATCH         32
#define CONNECT_MS    10000 /* name, TCP, TLS, upgrade */
#define HELLO_MS      10000
#define PING_MS       8000
#define PONG_MS       10000 /* without any frame since a ping: 18 s at most since the last one */
#define DRAIN_MS      12000 /* a replaced socket goes on being read for so long */
#define STABLE_MS     60000 /* from here on a socket that dies is no series */
#define JITTER_MS     1000
#define PARTED_MS     30000 /* too many sockets, or switched off: up to PARTED_MOST */
#define PARTED_MOST   300000
#define REFUSED_MS    300000
#define FIRST_TELL_MS 60000
#define BREAKS_TOLD   6
#define LEARN_MS      10000 /* a new token is looked at again, if that failed */
#define NAP_MS        20000
#define GOODBYE_MS    1500
#define HOME_LIFE     95 /* per cent of the life that a hello announces */

enum link_state { LINK_NONE, LINK_DIALLING, LINK_GREETING, LINK_LIVE, LINK_DRAINING };

struct link {
    enum link_state state;
    uint64_t id;
    int64_t until_ms; /* of this state; live: when it is to be replaced */
    int64_t up_ms, last_ms, pinged_ms;
    bool retiring, stayed; /* stayed: for STABLE_MS */
};

/* An address that was asked for; the answer may come when nobody waits any more. */
struct ticket {
    pthread_mutex_t lock;
    int users;
    struct cell *cell; /* NULL: nobody waits */
    bool there;
    char *url; /* NULL: there is none */
    enum slack_outcome outcome;
    int64_t retry_ms;
    char why[300], error[64];
};

struct arrived { /* an envelope, and the socket that brought it */
    struct envelope e;
    uint64_t link;
    int64_t at_ms;
};

struct poller { /* the task's alone */
    struct slack *s;
    struct link links[LINKS];
    uint64_t next_id;
    struct ticket *ticket; /* under way; NULL: none */
    bool known;            /* who we are */
    int64_t dial_ms;       /* not before; monotonic */
    int fails, parted;     /* in a row */
    int64_t failing_ms;
    bool stayed;      /* a socket has, once */
    bool must_learn;  /* there is a new token for sending, which nobody has looked at */
    int64_t asked_ms; /* when the token for sending was last looked at */
    bool told;
    struct arrived *batch;
    size_t count, lost;
};

static int64_t now_of(const struct poller *p)
{
    return env_mono_ms(p->s->env);
}

/* --- telling --- */

static void tell(struct poller *p, const char *say, const char *mend, const char *why)
{
    if (p->told)
        return;
    p->told = true;
    log_line(LOG_ERR, PLATFORM, "%s: %s", say, why);
    orchestrator_incident(p->s->orchestrator, NAME, say, mend, why);
}

/* A socket has stayed: whatever was wrong is over, and the owner hears so, unless it is the other
 * token. */
static void fine(struct poller *p)
{
    bool first = !p->stayed; /* a predecessor may have told */
    p->parted = p->fails = 0;
    p->stayed = true;
    if ((!p->told && !first) || p->s->bot_refused)
        return;
    p->told = false;
    orchestrator_incident(p->s->orchestrator, NAME, NULL, NULL, NULL);
}

static void failing(struct poller *p, const char *why)
{
    int64_t now = now_of(p);
    p->failing_ms = p->failing_ms ? p->failing_ms : now;
    if (slack_state_now(p->s) == SLACK_STARTING)
        slack_set_state(p->s, SLACK_FAILED);
    bool breaks = p->fails >= BREAKS_TOLD; /* they come up, and do not stay */
    if (now - p->failing_ms < FIRST_TELL_MS && !breaks)
        return;
    slack_set_state(p->s, SLACK_FAILED);
    tell(p, breaks ? NAME ": connections do not last" : NAME " does not answer", "I go on trying.",
         why);
}

/* --- dialling --- */

static bool is_connecting(const struct poller *p)
{
    for (size_t i = 0; i < LINKS; i++)
        if (p->links[i].state == LINK_DIALLING || p->links[i].state == LINK_GREETING)
            return true;
    return p->ticket;
}

static struct link *live_link(struct poller *p, bool retiring_too)
{
    for (size_t i = 0; i < LINKS; i++)
        if (p->links[i].state == LINK_LIVE && (retiring_too || !p->links[i].retiring))
            return &p->links[i];
    return NULL;
}

/* Abnormal ends: at once, then ever later, until a socket has lived for a minute. */
static void back_off(struct poller *p)
{
    static const int64_t steps[] = {0, 1000, 2000, 4000, 8000, 16000, 30000, 60000};
    int64_t step = steps[MIN_OF((size_t)p->fails, ARRAY_LEN(steps) - 1)];
    int64_t spread = step ? step * 6 / 10 : JITTER_MS;
    int64_t wait = (step ? step * 7 / 10 : 0) +
                   (int64_t)env_random_below(p->s->env, (uint64_t)spread + 1);
    p->fails++;
    p->dial_ms = MAX_OF(p->dial_ms, now_of(p) + wait);
}

/* It is no use to come back at once. */
static void stay_away(struct poller *p)
{
    int64_t wait = PARTED_MS;
    for (int i = 0; i < p->parted && wait < PARTED_MOST; i++)
        wait *= 2;
    wait = MIN_OF(wait, (int64_t)PARTED_MOST);
    p->parted++;
    p->dial_ms = now_of(p) + wait + (int64_t)env_random_below(p->s->env, (uint64_t)wait / 5);
}

static void ticket_leave(struct ticket *t)
{
    pthread_mutex_lock(&t->lock);
    bool last = !--t->users;
    pthread_mutex_unlock(&t->lock);
    if (!last)
        return;
    if (t->url)
        explicit_bzero(t->url, strlen(t->url));
    free(t->url);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* On the carrier's thread. */
static void ticket_came(void *arg, const struct slack_answer *a)
{
    struct ticket *t = arg;
    pthread_mutex_lock(&t->lock);
    t->outcome = a->outcome;
    t->retry_ms = a->retry_ms;
    t->url = a->outcome == SLACK_OK ? mem_text(json_text(a->tree, "url")) : NULL;
    snprintf(t->why, sizeof(t->why), "%s", a->why);
    snprintf(t->error, sizeof(t->error), "%s", a->error);
    t->there = true;
    if (t->cell)
        env_wake(t->cell);
    pthread_mutex_unlock(&t->lock);
    ticket_leave(t);
}

static void ask_ticket(struct poller *p)
{
    char token[400];
    struct ticket *t = mem_new(1, sizeof(*t));
    pthread_mutex_init(&t->lock, NULL);
    t->users = 2;
    t->cell = &p->s->cell;
    p->ticket = t;
    pthread_mutex_lock(&p->s->lock);
    memcpy(token, p->s->app_token, sizeof(token));
    pthread_mutex_unlock(&p->s->lock);
    slack_call_start(p->s->api, "apps.connections.open", NULL, token, ticket_came, t);
    explicit_bzero(token, sizeof(token));
}

static void refused(struct poller *p, const char *what, const char *error, const char *why)
{
    auto_str mend = STR_INIT(300);
    bool swapped = !strcmp(error, "not_allowed_token_type");
    str_addf(&mend, "%s",
             swapped ? "Is it the other one? app_token begins with xapp-, bot_token with xoxb-."
                     : "Make a new one in the app's settings, write it into the configuration, and "
                       "start or reload me.");
    auto_str say = STR_INIT(200);
    str_addf(&say, NAME " refuses %s", what);
    tell(p, say.buf, mend.buf, why);
    p->asked_ms = now_of(p);
    p->dial_ms = now_of(p) + REFUSED_MS;
    if (!live_link(p, true))
        slack_set_state(p->s, SLACK_REFUSED);
}

/* Where all are taken, the one that has been draining for longest goes. */
static struct link *free_link(struct poller *p)
{
    struct link *oldest = NULL;
    for (size_t i = 0; i < LINKS; i++) {
        struct link *link = &p->links[i];
        if (link->state == LINK_NONE)
            return link;
        if (link->state == LINK_DRAINING && (!oldest || link->until_ms < oldest->until_ms))
            oldest = link;
    }
    if (oldest)
        ws_close(p->s->ws, oldest->id, false);
    return oldest;
}

static void dial(struct poller *p, const char *url)
{
    struct link *link = free_link(p);
    if (!link) {
        p->dial_ms = now_of(p) + 1000;
        return;
    }
    *link = (struct link){
        .state = LINK_DIALLING, .id = ++p->next_id, .until_ms = now_of(p) + CONNECT_MS};
    ws_open(p->s->ws, link->id, url, &p->s->box);
}

static void take_ticket(struct poller *p)
{
    struct ticket *t = p->ticket;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    bool there = t->there;
    pthread_mutex_unlock(&t->lock);
    if (!there)
        return;
    p->ticket = NULL;
    if (t->url) {
        dial(p, t->url);
    } else if (t->outcome == SLACK_TOKEN || !strcmp(t->error, "missing_scope")) {
        refused(p, "app_token", t->error, t->why);
    } else if (t->outcome == SLACK_LIMITED) {
        failing(p, t->why);
        p->dial_ms = now_of(p) + t->retry_ms + (int64_t)env_random_below(p->s->env, JITTER_MS);
    } else if (strstr(t->error, "disabled")) {
        tell(p, NAME ": Socket Mode is switched off",
             "Switch it on in the app's settings; I look again every few minutes.", t->why);
        slack_set_state(p->s, SLACK_FAILED);
        stay_away(p);
    } else {
        log_line(LOG_WARN, PLATFORM, "no address to dial: %s", t->why);
        failing(p, t->why);
        back_off(p);
    }
    ticket_leave(t);
}

/* --- who we are --- */

/* False: not now. */
static bool learn_ids(struct poller *p)
{
    struct slack *s = p->s;
    char token[400];
    auto_slack a = {0};
    pthread_mutex_lock(&s->lock);
    memcpy(token, s->bot_token, sizeof(token));
    pthread_mutex_unlock(&s->lock);
    slack_call(s->api, "auth.test", NULL, token, false, &s->hush, &a);
    const char *team = json_text_or(a.tree, "team_id", "");
    const char *user = json_text_or(a.tree, "user_id", "");
    if (a.outcome == SLACK_TOKEN) {
        refused(p, "bot_token", a.error, a.why);
        return false;
    }
    if (a.outcome != SLACK_OK || !*team || strlen(team) >= SLACK_ID || !*user ||
        strlen(user) >= SLACK_ID) {
        if (live_link(p, true)) /* it is asked again */
            return false;
        failing(p, a.why);
        if (a.outcome == SLACK_LIMITED)
            p->dial_ms = now_of(p) + a.retry_ms;
        else
            back_off(p);
        return false;
    }
    pthread_mutex_lock(&s->lock);
    bool other = *s->team && strcmp(s->team, team) != 0;
    if (!other) {
        snprintf(s->team, sizeof(s->team), "%s", team);
        snprintf(s->user, sizeof(s->user), "%s", user);
    }
    pthread_mutex_unlock(&s->lock);
    if (other) { /* what is to be said belongs to the one of before */
        explicit_bzero(token, sizeof(token));
        tell(p, NAME ": bot_token is another workspace's", "That wants a restart.", team);
        p->dial_ms = now_of(p) + REFUSED_MS;
        return false;
    }
    slack_api_set_token(s->api, token);
    explicit_bzero(token, sizeof(token));
    s->threads = slack_has_scope(a.scopes, "assistant:write");
    s->bot_refused = false;
    p->known = true;
    p->must_learn = false;
    return true;
}

/* Sends are refused for their token, while the socket lives on by the other one. */
static void look_at_bot_token(struct poller *p)
{
    if (p->s->bot_refused && p->known) {
        int64_t dial_ms = p->dial_ms;
        p->known = false;
        refused(p, "bot_token", "", "a message was refused for it");
        p->dial_ms = dial_ms; /* sockets are opened with the other one */
    }
}

static void dial_if_needed(struct poller *p)
{
    look_at_bot_token(p);
    bool due = now_of(p) >= p->asked_ms + (p->s->bot_refused ? REFUSED_MS : LEARN_MS);
    bool again = (p->s->bot_refused || p->must_learn) && due;
    p->must_learn = p->must_learn || p->s->tokens_new;
    if (p->s->tokens_new || again) { /* is the token for sending taken (again)? */
        p->dial_ms = p->s->tokens_new ? 0 : p->dial_ms;
        p->s->tokens_new = false;
        p->asked_ms = now_of(p);
        p->known = false;
        if (live_link(p, true) && learn_ids(p))
            fine(p);
    }
    if (live_link(p, false) || is_connecting(p) || now_of(p) < p->dial_ms)
        return;
    char team[SLACK_ID], user[SLACK_ID];
    slack_ids(p->s, team, user);
    if (p->known || (*team && !p->must_learn) ||
        learn_ids(p)) /* who we are is enough to hear what is said */
        ask_ticket(p);
}

/* --- one socket's life --- */

static struct link *link_of(struct poller *p, uint64_t id)
{
    for (size_t i = 0; i < LINKS; i++)
        if (p->links[i].state != LINK_NONE && p->links[i].id == id)
            return &p->links[i];
    return NULL;
}

static void on_hello(struct poller *p, struct link *link, const struct envelope *e)
{
    int64_t now = now_of(p);
    if (link->state != LINK_GREETING)
        return;
    link->state = LINK_LIVE;
    link->up_ms = now;
    link->pinged_ms = link->last_ms;
    link->until_ms = e->life_ms ? now + e->life_ms / 100 * HOME_LIFE : INT64_MAX;
    for (size_t i = 0; i < LINKS; i++) {
        struct link *old = &p->links[i];
        if (old == link || old->state != LINK_LIVE)
            continue;
        old->state = LINK_DRAINING; /* what is on its way to it still comes */
        old->until_ms = now + DRAIN_MS;
    }
    pthread_mutex_lock(&p->s->lock);
    p->s->up_ms = now;
    pthread_mutex_unlock(&p->s->lock);
    log_line(e->sockets > 2 ? LOG_WARN : LOG_INFO, PLATFORM, "connected sockets=%lld%s",
             (long long)e->sockets,
             e->sockets > 2 ? ": more than ours: does another copy of me run?" : "");
    slack_set_state(p->s, SLACK_UP);
    p->failing_ms = 0;
}

static void on_disconnect(struct poller *p, struct link *link, const struct envelope *e)
{
    log_line(LOG_INFO, PLATFORM, "told to reconnect: %s", e->reason);
    if (!strcmp(e->reason, "link_disabled")) {
        tell(p, NAME ": Socket Mode is switched off",
             "Switch it on in the app's settings; I look again every few minutes.", e->reason);
        stay_away(p);
    } else if (!strcmp(e->reason, "too_many_websockets")) {
        tell(p, NAME ": too many copies of me",
             "Ten sockets are open for this app. Stop the other copies.", e->reason);
        stay_away(p);
    }
    link->retiring = true;
}

/* It has ended, or has been given up. */
static void on_gone(struct poller *p, struct link *link, const char *why)
{
    enum link_state was = link->state;
    bool expected = was == LINK_DRAINING || (link->retiring && link->stayed);
    *link = (struct link){0};
    if (expected)
        return;
    log_line(LOG_WARN, PLATFORM, "a socket has ended: %s", *why ? why : "?");
    failing(p, why);
    back_off(p);
}

static void give_up(struct poller *p, struct link *link, const char *why)
{
    ws_close(p->s->ws, link->id, true);
    on_gone(p, link, why);
}

/* Deadlines and pings; returns when the next is. */
static int64_t look_after(struct poller *p, struct link *link)
{
    int64_t now = now_of(p);
    switch (link->state) {
    case LINK_NONE:
        return ENV_FOREVER;
    case LINK_DIALLING:
    case LINK_GREETING:
        if (now < link->until_ms)
            return link->until_ms;
        give_up(p, link, link->state == LINK_DIALLING ? "no connection in time" : "no hello");
        return now;
    case LINK_DRAINING:
        if (now >= link->until_ms) {
            ws_close(p->s->ws, link->id, false);
            *link = (struct link){0};
            return now;
        }
        return link->until_ms;
    case LINK_LIVE:
        break;
    }
    bool waits = link->last_ms < link->pinged_ms; /* for a sign since the ping */
    if (waits && now - link->pinged_ms >= PONG_MS) {
        give_up(p, link, "nothing is heard of it");
        return now;
    }
    link->retiring = link->retiring || now >= link->until_ms;
    if (!link->stayed && now - link->up_ms >= STABLE_MS) {
        link->stayed = true;
        fine(p);
    }
    if (!waits && now - link->pinged_ms >= PING_MS) {
        link->pinged_ms = now;
        ws_ping(p->s->ws, link->id);
        waits = true;
    }
    int64_t due = link->pinged_ms + (waits ? PONG_MS : PING_MS);
    return link->stayed ? due : MIN_OF(due, link->up_ms + STABLE_MS);
}

/* --- what came --- */

static bool knows(const void *ctx, const char *command)
{
    return orchestrator_knows(ctx, command);
}

static void ack(struct poller *p, const struct arrived *a, cJSON *payload)
{
    struct slack *s = p->s;
    auto_json json = cJSON_CreateObject();
    auto_str text = STR_INIT((size_t)256 * 1024);
    if (!*a->e.id) {
        json_free(payload);
        return;
    }
    cJSON_AddStringToObject(json, "envelope_id", a->e.id);
    if (payload)
        cJSON_AddItemToObject(json, "payload", payload);
    json_print(&text, json);
    struct link *link = link_of(p, a->link);
    link = link ? link : live_link(p, true); /* better there than nowhere */
    if (!link)
        return;
    ws_send(s->ws, link->id, text.buf, text.len);
    int64_t took = now_of(p) - a->at_ms;
    pthread_mutex_lock(&s->lock);
    s->acks_ms[s->ack_next++ % ARRAY_LEN(s->acks_ms)] = (uint32_t)MIN_OF(took, (int64_t)INT32_MAX);
    pthread_mutex_unlock(&s->lock);
}

/* The blocks of the message without the button that was pressed. */
static char *rest_of(const struct envelope *e)
{
    const cJSON *payload = json_object(e->tree, "payload");
    const char *pressed = json_text_or(payload, "actions.0.action_id", "");
    const cJSON *blocks = json_array(payload, "message.blocks"), *block;
    auto_json left = cJSON_CreateArray();
    auto_str out = STR_INIT((size_t)256 * 1024);
    if (!blocks)
        return NULL;
    cJSON_ArrayForEach(block, blocks)
    {
        cJSON *copy = cJSON_Duplicate(block, true);
        cJSON *elements = cJSON_GetObjectItemCaseSensitive(copy, "elements");
        bool actions = !strcmp(json_text_or(copy, "type", ""), "actions");
        for (int i = cJSON_GetArraySize(elements); actions && i-- > 0;)
            if (!strcmp(json_text_or(cJSON_GetArrayItem(elements, i), "action_id", ""), pressed))
                cJSON_DeleteItemFromArray(elements, i);
        cJSON_DeleteItemFromObjectCaseSensitive(copy, "block_id"); /* to change with each update */
        if (actions && !cJSON_GetArraySize(elements))
            json_free(copy);
        else
            cJSON_AddItemToArray(left, copy);
    }
    json_print(&out, left);
    return str_detach(&out);
}

/* How it is to be answered; before it is stored, since the answer may be quick. */
static void remember(struct slack *s, struct envelope *e)
{
    struct asked asked = {.direct = e->direct,
                          .crowd = e->crowd,
                          .pressed = e->kind == ENVELOPE_PRESSED,
                          .page = e->kind == ENVELOPE_PRESSED && e->view,
                          .at_ms = env_mono_ms(s->env)};
    snprintf(asked.ref, sizeof(asked.ref), "%s", e->ref);
    memcpy(asked.user, e->user, sizeof(asked.user));
    memcpy(asked.channel, e->channel, sizeof(asked.channel));
    memcpy(asked.ts, e->ts, sizeof(asked.ts));
    utf8_copy(asked.title, sizeof(asked.title), e->kind == ENVELOPE_SAID ? e->text : "");
    asked.url = e->response_url;
    asked.rest = e->kind == ENVELOPE_PRESSED && !e->direct ? rest_of(e) : NULL;
    e->response_url = NULL;
    asked_put(s, &asked);
}

static struct inbound inbound_of(const struct envelope *e, const char *team)
{
    const char *text = *e->text ? e->text : "(something without words)";
    return (struct inbound){.own = team,
                            .chat = e->chat,
                            .person = e->person,
                            .name = *e->name ? e->name : NULL,
                            .crowd = e->crowd,
                            .said_ms = e->said_ms,
                            .edits = *e->edits ? e->edits : NULL,
                            .say = e->say,
                            .ref = e->ref,
                            .press = e->kind == ENVELOPE_PRESSED,
                            .acts = true,
                            .text = text,
                            .text_len = strlen(text)};
}

/* A form that says what it should becomes the line that it stands for; else what is wrong goes back
 * with the acknowledgement, and the form stays as it was filled. */
static bool read_form(struct poller *p, const struct arrived *a, struct envelope *e)
{
    cJSON *errors = NULL;
    e->text = form_read(e->values, env_wall_ms(p->s->env), &errors);
    if (e->text) {
        e->kind = ENVELOPE_SAID;
        return true;
    }
    cJSON *payload = cJSON_CreateObject();
    cJSON_AddStringToObject(payload, "response_action", "errors");
    cJSON_AddItemToObject(payload, "errors", errors);
    ack(p, a, payload);
    return false;
}

static bool is_for_core(const struct envelope *e)
{
    return e->kind == ENVELOPE_SAID || e->kind == ENVELOPE_SHOWN || e->kind == ENVELOPE_PRESSED;
}

/* Of the rest, which is acknowledged and then done beside. */
static void do_other(struct poller *p, struct envelope *e)
{
    struct slack *s = p->s;
    char team[SLACK_ID], user[SLACK_ID];
    slack_ids(s, team, user);
    switch (e->kind) {
    case ENVELOPE_FORM:
        form_open(s, e);
        break;
    case ENVELOPE_OPENED:
        if (strcmp(e->tab, "messages") != 0)
            pages_touch(s->pages, e->user, true);
        break;
    case ENVELOPE_TURNED:
        pages_turn(s->pages, e->user, (size_t)strtoul(e->text, NULL, 10));
        break;
    case ENVELOPE_SHARED:
        shared_show(s, e);
        break;
    case ENVELOPE_STOPPED:
        orchestrator_cancel(s->orchestrator, PLATFORM, team, e->chat);
        break;
    case ENVELOPE_REMOVED:
        tell(p, NAME ": the app was taken out",
             "Install it again, write its new tokens into the configuration, and start me.",
             "app_uninstalled or tokens_revoked");
        break;
    case ENVELOPE_LIMITED:
        log_line(LOG_WARN, PLATFORM, "events were left out: over 30,000 an hour");
        break;
    default:
        break;
    }
}

/* All that came at once is one transaction. What could not be stored is not acknowledged: events
 * come again, and of a command its person is told by the service. */
static void store(struct poller *p)
{
    struct slack *s = p->s;
    char team[SLACK_ID], user[SLACK_ID];
    struct inbound messages[BATCH];
    size_t n = 0;
    struct err err = ERR_INIT;
    slack_ids(s, team, user);
    for (size_t i = 0; i < p->count; i++) {
        struct arrived *a = &p->batch[i];
        if (a->e.kind == ENVELOPE_FILLED && !read_form(p, a, &a->e))
            continue;
        if (is_for_core(&a->e)) {
            remember(s, &a->e);
            messages[n++] = inbound_of(&a->e, team);
            continue;
        }
        if (a->e.kind != ENVELOPE_FILLED)
            ack(p, a, NULL);
        do_other(p, &a->e);
    }
    bool stored = !n || !orchestrator_receive(s->orchestrator, &s->adapter, messages, n, &err);
    if (!stored)
        log_err(LOG_ERR, PLATFORM, &err, "storing %zu", n);
    for (size_t i = 0; i < p->count; i++) {
        if (is_for_core(&p->batch[i].e) && stored)
            ack(p, &p->batch[i], NULL);
        envelope_free(&p->batch[i].e);
    }
    p->count = 0;
}

static void on_text(struct poller *p, struct link *link, const struct ws_event *event)
{
    char team[SLACK_ID], user[SLACK_ID];
    slack_ids(p->s, team, user);
    struct arrived *a = &p->batch[p->count];
    const struct envelope_me me = {user, p->s->threads, knows, p->s->orchestrator};
    envelope_read(event->text, event->len, &me, &a->e);
    a->link = event->socket;
    a->at_ms = event->at_ms;
    if (link && a->e.kind == ENVELOPE_HELLO)
        on_hello(p, link, &a->e);
    else if (link && a->e.kind == ENVELOPE_DISCONNECT)
        on_disconnect(p, link, &a->e);
    else if (*a->e.id) {
        p->count++;
        return;
    }
    envelope_free(&a->e);
}

static void on_event(struct poller *p, const struct ws_event *event)
{
    struct link *link = link_of(p, event->socket);
    if (link)
        link->last_ms = event->at_ms;
    if (!link && event->kind == WS_TEXT) {
        on_text(p, NULL, event); /* of one that was given up: better late than never */
    } else if (!link) {
        return;
    } else if (event->kind == WS_UP && link->state == LINK_DIALLING) {
        link->state = LINK_GREETING;
        link->until_ms = event->at_ms + HELLO_MS;
    } else if (event->kind == WS_TEXT) {
        on_text(p, link, event);
    } else if (event->kind == WS_GONE) {
        on_gone(p, link, event->text);
    }
}

static void take_events(struct poller *p)
{
    struct ws_event *event = NULL;
    bool more;
    do { /* also what came while the last ones were stored */
        while (p->count < BATCH && (event = ws_box_take(&p->s->box))) {
            on_event(p, event);
            ws_event_free(event);
        }
        more = p->count;
        if (more)
            store(p);
    } while (more);
    size_t lost = ws_box_lost(&p->s->box);
    if (lost != p->lost)
        log_line(LOG_ERR, PLATFORM,
                 "more came than could wait: %zu messages dropped, which come again",
                 lost - p->lost);
    p->lost = lost;
}

/* --- the task --- */

/* What came so far is acknowledged; then goodbye, for which nobody waits long. */
static void part(struct poller *p)
{
    int64_t until = now_of(p) + GOODBYE_MS;
    bool any = false;
    take_events(p);
    for (size_t i = 0; i < LINKS; i++) {
        any = any || p->links[i].state != LINK_NONE;
        if (p->links[i].state != LINK_NONE) {
            p->links[i].state = LINK_DRAINING;
            ws_close(p->s->ws, p->links[i].id, false);
        }
    }
    while (any && now_of(p) < until) {
        env_wait(p->s->env, &p->s->cell, until);
        struct ws_event *event;
        while ((event = ws_box_take(&p->s->box))) {
            struct link *link = link_of(p, event->socket);
            if (link && event->kind == WS_GONE)
                *link = (struct link){0};
            ws_event_free(event);
        }
        any = false;
        for (size_t i = 0; i < LINKS; i++)
            any = any || p->links[i].state != LINK_NONE;
    }
    for (size_t i = 0; i < LINKS; i++)
        if (p->links[i].state != LINK_NONE)
            ws_close(p->s->ws, p->links[i].id, true);
    if (!p->ticket)
        return;
    pthread_mutex_lock(&p->ticket->lock);
    p->ticket->cell = NULL;
    pthread_mutex_unlock(&p->ticket->lock);
    ticket_leave(p->ticket);
}

void socket_loop(void *arg)
{
    struct slack *s = arg;
    struct poller p = {.s = s, .batch = mem_new(BATCH, sizeof(struct arrived))};
    while (!s->stopping) {
        s->turned_ms = now_of(&p);
        take_events(&p);
        take_ticket(&p);
        int64_t next = now_of(&p) + NAP_MS;
        for (size_t i = 0; i < LINKS; i++) {
            int64_t due = look_after(&p, &p.links[i]);
            next = MIN_OF(next, due);
        }
        dial_if_needed(&p);
        if (!live_link(&p, false) && !is_connecting(&p))
            next = MIN_OF(next, p.dial_ms);
        if (!s->stopping && next > now_of(&p))
            env_wait(s->env, &s->cell, next);
    }
    part(&p);
    free(p.batch);
}
