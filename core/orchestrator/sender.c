/* What is due is sent: one job a chat, which sends the chat's rows in order until none is due. The
 * result of one send and the taking of the next row are one transaction. */
#include "core/orchestrator/internal.h"

#include "core/base/log.h"
#include "db/chat.h"
#include "db/told.h"

#include <uthash.h>

#define CHATS_AT_ONCE 128
#define IN_A_ROW      64
#define REST_MS       ((int64_t)60 * 1000) /* until somebody attends: asked for again then */
#define RETRY_MS      ((int64_t)2000)
#define ORDER_MS      ((int64_t)10 * 1000) /* so long an answer holds back those behind it */
#define RETRY_MOST_MS ((int64_t)5 * 60 * 1000)

struct send_mark {
    int64_t chat_id;
    bool began; /* the job has looked at what is due */
    bool again; /* something may have become due since */
    UT_hash_handle hh;
};

struct send_job {
    struct job job;
    struct orchestrator *o;
    int64_t chat_id;
};

struct step_args {
    struct orchestrator *o;
    int64_t chat_id, now_ms;
    /* what became of the last row */
    bool first, has_result, ok, paced;
    bool arrived; /* though it failed, it may have */
    bool later;   /* something is due there later, or the rest was not looked at */
    bool over;    /* an alert that could only be said to be over: open again, it is told anew */
    struct outbox_row *row; /* the last one, then the next */
    bool keeps_after;       /* the platform may ask later after what it was sent */
    char after[PLATFORM_REF];
    char ref[PLATFORM_REF];
    char person[200]; /* of the next */
    struct err failure;
    /* the next */
    bool found;
    cJSON *message;
};

static int64_t retry_in(const struct step_args *a)
{
    int64_t wait = RETRY_MS;
    for (int64_t i = 0; i < a->row->tries && wait < RETRY_MOST_MS; i++)
        wait *= 2;
    return MAX_OF(MIN_OF(wait, RETRY_MOST_MS), (int64_t)a->failure.retry_ms);
}

static int record(struct db_conn *conn, const struct step_args *a, struct err *err)
{
    const struct err *f = &a->failure;
    if (a->ok) {
        if (a->row->kind == OUTBOX_ALERT && outbox_told_gone(conn, a->chat_id, err))
            return -1;
        if (a->over && told_undo(conn, a->row->id, err))
            return -1;
        if (a->row->kind == OUTBOX_ALERT && !a->over &&
            watch_told(a->o->services, conn, a->row->id, a->now_ms, err))
            return -1;
        if (life_taken(a->o->services, conn, a->chat_id, a->now_ms, err))
            return -1;
        return outbox_sent(conn, a->row->id, a->ref, a->now_ms, err);
    }
    if (f->kind == ERR_DENIED || f->kind == ERR_INPUT) {
        if (life_refused(a->o->services, conn, a->chat_id, f->why, a->now_ms, err) ||
            (f->kind == ERR_DENIED && reach_lost(a->o->services, conn, a->chat_id, a->now_ms, err)))
            return -1;
        return outbox_end(conn, a->row->id, "undeliverable", f->why, a->now_ms, err);
    }
    if (f->kind == ERR_LIMIT && f->retry_ms) { /* the pace: what is behind it waits too */
        int64_t due = a->now_ms + f->retry_ms;
        if (outbox_pace_chat(conn, a->chat_id, due, err))
            return -1;
        return outbox_again(conn, a->row->id, due, false, a->arrived, f->why, err);
    }
    if (f->kind == ERR_MISSING) {
        if (outbox_rest_chat(conn, a->chat_id, a->now_ms + REST_MS, err))
            return -1;
        return outbox_again(conn, a->row->id, a->now_ms + REST_MS, false, false, f->why, err);
    }
    int64_t due = a->now_ms + retry_in(a);
    bool answers = a->row->kind == OUTBOX_REPLY; /* in the order of what was asked, for a while */
    if (answers && outbox_pace_chat(conn, a->chat_id, MIN_OF(due, a->now_ms + ORDER_MS), err))
        return -1;
    return outbox_again(conn, a->row->id, due, true, a->arrived || f->kind == ERR_CANCELLED, f->why,
                        err);
}

/* *ret_due: something is, and it is its chat's turn; what must wait for that is due then. */
static int take_turn(struct db_conn *conn, struct step_args *a, bool *ret_due, struct err *err)
{
    struct chat_place place;
    bool found;
    bool alert;
    if (outbox_is_due(conn, a->chat_id, a->now_ms, ret_due, &alert, err))
        return -1;
    if (!*ret_due)
        return 0;
    if (chat_get(conn, a->chat_id, &place, &found, err))
        return -1;
    struct adapter *adapter = found ? adapter_of(a->o, place.platform) : NULL;
    int64_t wait = adapter && adapter->ops->turn ? adapter->ops->turn(adapter, place.ref, alert)
                                                 : 0;
    if (wait) {
        a->later = true;
        *ret_due = false;
        return outbox_pace_chat(conn, a->chat_id, a->now_ms + wait, err);
    }
    a->keeps_after = adapter && adapter->ops->newest;
    if (!a->keeps_after)
        return 0;
    if (outbox_last_ref(conn, a->chat_id, a->after, sizeof(a->after), err))
        return -1;
    adapter->ops->newest(adapter, place.ref, a->after);
    return 0;
}

/* "platform:number" → the number. */
static int find_person(struct db_conn *conn, struct step_args *a, struct err *err)
{
    char who[200] = "";
    struct account account;
    bool found;
    a->person[0] = '\0';
    if (!a->row->watch_id)
        return 0;
    if (account_of_watch(conn, a->row->watch_id, &account, &found, err) ||
        (found && account_who(conn, account.id, a->row->platform, who, sizeof(who), err)))
        return -1;
    const char *colon = strchr(who, ':');
    snprintf(a->person, sizeof(a->person), "%s", colon ? colon + 1 : "");
    return 0;
}

static int take_next(struct db_conn *conn, struct step_args *a, struct err *err)
{
    bool due;
    do {
        outbox_row_free(a->row);
        a->found = false;
        if (take_turn(conn, a, &due, err))
            return -1;
        if (!due)
            return 0;
        if (outbox_take(conn, a->chat_id, a->now_ms, a->keeps_after ? a->after : NULL, a->row,
                        &a->found, err))
            return -1;
        const struct adapter *adapter = a->found ? adapter_of(a->o, a->row->platform) : NULL;
        if (a->found &&
            delivery_compose(a->o->services, conn, a->row, adapter ? adapter->ops->alerts_max : 0,
                             a->now_ms, &a->message, err))
            return -1;
        a->later = a->later || (a->found && !a->message); /* it may have been put off */
    } while (a->found && !a->message);                    /* one that had nothing left to say */
    return a->found ? find_person(conn, a, err) : 0;
}

static int step(struct db_conn *conn, void *arg, struct err *err)
{
    struct step_args *a = arg;
    a->found = false;
    a->message = NULL;
    if (a->first && outbox_reclaim_chat(conn, a->chat_id, a->now_ms, err))
        return -1;
    if (a->has_result && record(conn, a, err))
        return -1;
    return take_next(conn, a, err);
}

static int settle_last(struct db_conn *conn, void *arg, struct err *err)
{
    return record(conn, arg, err);
}

static void send_row(struct step_args *a)
{
    struct adapter *adapter = adapter_of(a->o, a->row->platform);
    struct delivery delivery = {.id = a->row->id,
                                .kind = a->row->kind,
                                .message = a->message,
                                .own = a->row->own,
                                .chat = a->row->chat_ref,
                                .person = a->person,
                                .inbox_ref = a->row->inbox_ref,
                                .edit_ref = a->row->edits ? a->row->platform_ref : NULL,
                                .after_ref = a->row->after_ref,
                                .last = a->row->last,
                                .maybe = a->row->maybe,
                                .others = a->row->others,
                                .ret_maybe = &a->arrived};
    a->failure = (struct err)ERR_INIT;
    a->ref[0] = '\0';
    a->arrived = false;
    a->has_result = true;
    a->over = a->row->kind == OUTBOX_ALERT &&
              !strcmp(json_text_or(a->message, "type", ""), "notice");
    if (!adapter)
        a->ok = !err_set(&a->failure, ERR_MISSING, NULL, "no adapter for %s", a->row->platform);
    else
        a->ok = !adapter->ops->send(adapter, &delivery, a->ref, &a->failure);
    a->paced = !a->ok && a->failure.kind == ERR_LIMIT && a->failure.retry_ms;
    a->later = a->later || !a->ok || a->over;
    if (!a->ok && a->failure.kind != ERR_MISSING && !a->paced)
        log_err(LOG_WARN, "send", &a->failure, "outbox=%lld chat=%lld", (long long)a->row->id,
                (long long)a->chat_id);
    json_free(a->message);
    a->message = NULL;
    a->now_ms = env_wall_ms(a->o->env);
}

/* What became of a row could not be stored: the next look finds it, and its chat's job frees it. */
static void set_stuck(struct orchestrator *o)
{
    pthread_mutex_lock(&o->lock);
    o->stuck = true;
    pthread_mutex_unlock(&o->lock);
}

/* True: something of it is due later, or could not be stored. */
static bool work(struct orchestrator *o, int64_t chat_id)
{
    struct outbox_row row = {0};
    struct err err = ERR_INIT;
    struct step_args a = {
        .o = o, .chat_id = chat_id, .now_ms = env_wall_ms(o->env), .row = &row, .first = true};
    for (int n = 0;; n++) {
        if (n == IN_A_ROW) { /* others may go before it */
            a.later = true;
            break;
        }
        if (db_write(o->services->db, step, &a, &err)) {
            log_err(LOG_ERR, "send", &err, "chat=%lld", (long long)chat_id);
            a.has_result = false;
            json_free(a.message);
            set_stuck(o);
            a.later = true;
            break;
        }
        a.has_result = a.first = false;
        if (!a.found)
            break;
        send_row(&a);
        if (!a.ok && (a.paced || a.failure.kind == ERR_MISSING || a.failure.kind == ERR_DENIED))
            break; /* the rest need not try */
    }
    if (a.has_result && db_write(o->services->db, settle_last, &a, &err)) {
        log_err(LOG_ERR, "send", &err, "chat=%lld", (long long)chat_id);
        set_stuck(o);
    }
    outbox_row_free(&row);
    return a.later;
}

/* True: once more, something came meanwhile. */
static bool unmark(struct orchestrator *o, int64_t chat_id)
{
    struct send_mark *mark;
    pthread_mutex_lock(&o->lock);
    HASH_FIND(hh, o->sending, &chat_id, sizeof(chat_id), mark);
    bool again = mark && mark->again;
    if (mark && again) {
        mark->again = false;
    } else if (mark) {
        HASH_DEL(o->sending, mark);
        free(mark);
    }
    pthread_mutex_unlock(&o->lock);
    return again;
}

static void mark_began(struct orchestrator *o, int64_t chat_id)
{
    struct send_mark *mark;
    pthread_mutex_lock(&o->lock);
    HASH_FIND(hh, o->sending, &chat_id, sizeof(chat_id), mark);
    if (mark)
        mark->began = true;
    pthread_mutex_unlock(&o->lock);
}

static bool is_crowded(struct orchestrator *o)
{
    pthread_mutex_lock(&o->lock);
    bool crowded = o->crowded;
    pthread_mutex_unlock(&o->lock);
    return crowded;
}

static void send_run(struct job *base)
{
    struct send_job *job = CONTAINER_OF(base, struct send_job, job);
    bool later = false;
    do {
        mark_began(job->o, job->chat_id);
        later = work(job->o, job->chat_id) || later;
    } while (unmark(job->o, job->chat_id));
    if (later || is_crowded(job->o))
        services_look(job->o->services); /* when is the next due? */
    free(job);
}

static void send_drop(struct job *base)
{
    struct send_job *job = CONTAINER_OF(base, struct send_job, job);
    while (unmark(job->o, job->chat_id))
        continue;
    free(job);
}

static void post(struct orchestrator *o, int64_t chat_id)
{
    struct send_mark *mark;
    pthread_mutex_lock(&o->lock);
    HASH_FIND(hh, o->sending, &chat_id, sizeof(chat_id), mark);
    bool there = mark;
    if (there) {
        mark->again = mark->began;
    } else {
        mark = mem_new(1, sizeof(*mark));
        mark->chat_id = chat_id;
        HASH_ADD(hh, o->sending, chat_id, sizeof(mark->chat_id), mark);
    }
    pthread_mutex_unlock(&o->lock);
    if (there)
        return;
    struct send_job *job = mem_new(1, sizeof(*job));
    *job = (struct send_job){{.run = send_run, .drop = send_drop}, o, chat_id};
    struct err err = ERR_INIT;
    if (lane_post(o->sends, (uint64_t)chat_id, &job->job, &err))
        send_drop(&job->job);
}

struct due_args {
    int64_t now_ms;
    int64_t chats[CHATS_AT_ONCE];
    size_t count;
    struct outbox_next ahead[AHEAD];
    size_t ahead_count;
};

static int read_due(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *args = arg;
    if (outbox_due_chats(conn, args->now_ms, args->chats, CHATS_AT_ONCE, &args->count, err))
        return -1;
    return outbox_coming(conn, args->now_ms, args->ahead, AHEAD, &args->ahead_count, err);
}

static int read_sending(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *args = arg;
    return outbox_sending_chats(conn, args->chats, CHATS_AT_ONCE, &args->count, err);
}

static void free_stuck(struct orchestrator *o)
{
    struct due_args args = {0};
    struct err err = ERR_INIT;
    pthread_mutex_lock(&o->lock);
    bool stuck = o->stuck;
    o->stuck = false;
    pthread_mutex_unlock(&o->lock);
    if (!stuck)
        return;
    if (db_read(o->services->db, read_sending, &args, &err))
        set_stuck(o);
    for (size_t i = 0; i < args.count; i++)
        post(o, args.chats[i]);
}

/* -1: it could not be read. */
static int send_due(struct orchestrator *o, struct due_args *args)
{
    struct err err = ERR_INIT;
    *args = (struct due_args){.now_ms = env_wall_ms(o->env)};
    if (db_read(o->services->db, read_due, args, &err))
        return log_err(LOG_ERR, "send", &err, "looking for what is due"), -1;
    pthread_mutex_lock(&o->lock);
    o->crowded = args->count == CHATS_AT_ONCE; /* a job that ends makes us look again */
    pthread_mutex_unlock(&o->lock);
    for (size_t i = 0; i < args->count; i++)
        post(o, args->chats[i]);
    return 0;
}

/* What waits for another try. */
static void look_after(struct orchestrator *o)
{
    free_stuck(o);
    inbox_look(o);
    trouble_look(o);
}

void orchestrator_send_due(struct orchestrator *o)
{
    struct due_args args;
    look_after(o);
    send_due(o, &args);
}

int64_t orchestrator_send_turn(struct orchestrator *o, bool by_time)
{
    struct due_args args;
    int64_t now = env_wall_ms(o->env), held = held_look(o);
    int64_t next = held == INT64_MAX ? INT64_MAX : now + held;
    look_after(o);
    while (by_time && o->ahead_at < o->ahead_count && o->ahead[o->ahead_at].due_ms <= now)
        post(o, o->ahead[o->ahead_at++].chat_id);
    if (!by_time || o->ahead_at == o->ahead_count) {
        o->ahead_at = o->ahead_count = 0;
        if (send_due(o, &args))
            return MIN_OF(next, now + RETRY_MS);
        memcpy(o->ahead, args.ahead, sizeof(o->ahead));
        o->ahead_count = args.ahead_count;
    }
    return o->ahead_at < o->ahead_count ? MIN_OF(next, o->ahead[o->ahead_at].due_ms) : next;
}

struct wake_args {
    const char *platform, *own;
    int64_t now_ms;
};

static int wake(struct db_conn *conn, void *arg, struct err *err)
{
    struct wake_args *args = arg;
    return outbox_wake(conn, args->platform, args->own, args->now_ms, err);
}

void orchestrator_attended(struct orchestrator *o, const char *platform, const char *own)
{
    struct wake_args args = {platform, own, env_wall_ms(o->env)};
    struct err err = ERR_INIT;
    if (db_write(o->services->db, wake, &args, &err))
        log_err(LOG_ERR, "send", &err, "somebody came back");
    services_look(o->services);
}

void sender_clear(struct orchestrator *o)
{
    struct send_mark *mark, *tmp;
    HASH_ITER(hh, o->sending, mark, tmp)
    {
        HASH_DEL(o->sending, mark);
        free(mark);
    }
}
