#include "core/scheduler/scheduler.h"

#include "core/base/lane.h"
#include "core/base/log.h"
#include "core/services/booking.h"

#include <stdatomic.h>

#define CHECKS_AT_ONCE 16
#define CLAIM_MOST     32
#define TURN_MS        ((int64_t)5000) /* a machine that slept is noticed within this */
#define JUMP_MS        ((int64_t)2000)
#define PACE_EVERY_MS  ((int64_t)30 * 1000)
#define PRUNE_EVERY_MS HOUR_MS
#define CLAIM_LIVES_MS (5 * MINUTE_MS) /* over twice the longest timeout there may be */
#define PRUNE_SOON_MS  ((int64_t)1000)

struct scheduler {
    struct services *services;
    struct env *env;
    struct scheduler_sends sends;
    struct lanes *checks;
    struct cancel cancel;
    struct task *task;
    struct cell cell;
    char claim[24];
    _Atomic bool looked; /* somebody woke us: whatever waits may be due now */
    _Atomic int64_t last_turn;
    _Atomic int in_flight;
    _Atomic bool settling; /* a booking without a clear answer is being looked at */
    pthread_mutex_t lock;
    bool stopping; /* protected by lock */
    /* the scheduler's task alone: */
    int64_t offset;                      /* wall less monotonic, as last seen */
    int64_t prune_at, pace_at, alive_at; /* monotonic */
    bool pace_told;
    bool by_time; /* this turn is one that a due time asked for, and nobody looked */
};

struct check_job {
    struct job job;
    struct scheduler *scheduler;
    struct question question;
};

void scheduler_look(void *ctx)
{
    struct scheduler *s = ctx;
    s->looked = true;
    env_wake(&s->cell);
}

int64_t scheduler_last_turn_ms(struct scheduler *s)
{
    return s->last_turn;
}

static void check_ended(struct check_job *job)
{
    struct scheduler *s = job->scheduler;
    free(job);
    s->in_flight--;
    scheduler_look(s); /* there is room again, and maybe something to send */
}

static void check_job_run(struct job *base)
{
    struct check_job *job = CONTAINER_OF(base, struct check_job, job);
    struct scheduler *s = job->scheduler;
    if (check_run(s->services, &job->question, s->claim, &s->cancel))
        s->sends.due(s->sends.ctx);
    check_ended(job);
}

static void check_job_drop(struct job *base)
{
    check_ended(CONTAINER_OF(base, struct check_job, job)); /* its claim ends with this instance */
}

/* --- the jobs: each returns when it wants to be called next, wall ms --- */

struct claim_args {
    struct scheduler *s;
    int64_t now_ms, next_ms;
    size_t limit, count;
    struct question questions[CLAIM_MOST];
};

static int next_due(struct db_conn *conn, void *arg, struct err *err)
{
    struct claim_args *args = arg;
    return question_next_due(conn, &args->next_ms, err);
}

static int claim(struct db_conn *conn, void *arg, struct err *err)
{
    struct claim_args *args = arg;
    return question_claim(conn, args->s->claim, args->now_ms,
                          services_options(args->s->services).floor_ms, args->questions,
                          args->limit, &args->count, err);
}

static void post(struct scheduler *s, const struct question *q)
{
    struct check_job *job = mem_new(1, sizeof(*job));
    struct err err = ERR_INIT;
    *job = (struct check_job){{.run = check_job_run, .drop = check_job_drop}, s, *q};
    s->in_flight++;
    uint64_t lane = q->venue_id ? (uint64_t)q->venue_id : UINT64_MAX - (uint64_t)q->id;
    if (lane_post(s->checks, lane, &job->job, &err))
        check_ended(job);
}

static int64_t run_checks(struct scheduler *s, int64_t now)
{
    struct claim_args args = {.s = s, .now_ms = now};
    struct err err = ERR_INIT;
    struct budget *budget = resy_budget(s->services->resy);
    int64_t mono = env_mono_ms(s->env), paused = resy_paused_until(s->services->resy);
    int room = CLAIM_MOST - s->in_flight;
    if (db_read(s->services->db, next_due, &args, &err)) {
        log_err(LOG_ERR, "scheduler", &err, "next due");
        return now + TURN_MS;
    }
    if (args.next_ms > now)
        return args.next_ms;
    if (paused)
        return now + (paused - mono);
    int64_t wait = budget_wait_ms(budget, BUDGET_CHECK, mono);
    if (wait)
        return now + wait;
    if (room <= 0)
        return INT64_MAX; /* a check that ends wakes us */
    args.limit = budget_checks_a_minute(budget) > 0 ? 1 : (size_t)room;
    if (db_write(s->services->db, claim, &args, &err)) {
        log_err(LOG_ERR, "scheduler", &err, "claiming");
        return now + TURN_MS;
    }
    for (size_t i = 0; i < args.count; i++)
        post(s, &args.questions[i]);
    return now;
}

static void canary_job_run(struct job *base)
{
    struct check_job *job = CONTAINER_OF(base, struct check_job, job);
    struct scheduler *s = job->scheduler;
    if (canary_run(s->services, &s->cancel))
        s->sends.due(s->sends.ctx);
    check_ended(job);
}

static int64_t ask_canary(struct scheduler *s, int64_t now)
{
    int64_t due = canary_due_ms(s->services), wait = due - env_mono_ms(s->env);
    if (wait > 0)
        return due == ENV_FOREVER ? INT64_MAX : now + wait;
    struct check_job *job = mem_new(1, sizeof(*job));
    struct err err = ERR_INIT;
    *job = (struct check_job){.job = {.run = canary_job_run, .drop = check_job_drop},
                              .scheduler = s};
    s->in_flight++;
    canary_begins(s->services);
    if (lane_post(s->checks, 0, &job->job, &err)) {
        canary_put_off(s->services);
        check_ended(job);
    }
    return now;
}

static void settle_ended(struct check_job *job)
{
    job->scheduler->settling = false;
    check_ended(job);
}

static void settle_job_run(struct job *base)
{
    struct check_job *job = CONTAINER_OF(base, struct check_job, job);
    struct scheduler *s = job->scheduler;
    if (booking_look(s->services, &s->cancel))
        s->sends.due(s->sends.ctx);
    settle_ended(job);
}

static void settle_job_drop(struct job *base)
{
    settle_ended(CONTAINER_OF(base, struct check_job, job));
}

/* A booking or a cancellation whose answer was lost. */
static int64_t settle_booking(struct scheduler *s, int64_t now)
{
    int64_t due = INT64_MAX;
    struct err err = ERR_INIT;
    if (s->settling)
        return INT64_MAX; /* its end wakes us */
    if (booking_next(s->services, &due, &err)) {
        log_err(LOG_ERR, "scheduler", &err, "bookings");
        return now + TURN_MS;
    }
    if (due > now)
        return due;
    struct check_job *job = mem_new(1, sizeof(*job));
    *job = (struct check_job){.job = {.run = settle_job_run, .drop = settle_job_drop},
                              .scheduler = s};
    s->settling = true;
    s->in_flight++;
    if (lane_post(s->checks, 1, &job->job, &err))
        settle_ended(job);
    return now + TURN_MS;
}

static int64_t expire(struct scheduler *s, int64_t now)
{
    int64_t next;
    struct err err = ERR_INIT;
    if (watches_expire(s->services, &next, &err) == 0)
        return next;
    log_err(LOG_ERR, "scheduler", &err, "ending watches");
    return now + TURN_MS;
}

static int64_t prune(struct scheduler *s, int64_t now)
{
    bool more = false;
    struct err err = ERR_INIT;
    int64_t mono = env_mono_ms(s->env);
    if (mono >= s->prune_at) {
        if (retention_run(s->services, &more, &err))
            log_err(LOG_ERR, "scheduler", &err, "retention");
        s->prune_at = mono + (more ? PRUNE_SOON_MS : PRUNE_EVERY_MS);
    }
    return now + (s->prune_at - mono);
}

struct pace_args {
    struct scheduler *s;
    int64_t now_ms;
    struct question_load load;
    double stretch;
    bool tell;
};

static int read_pace(struct db_conn *conn, void *arg, struct err *err)
{
    struct pace_args *args = arg;
    return question_load(conn, &args->load, err);
}

static int tell_pace(struct db_conn *conn, void *arg, struct err *err)
{
    struct pace_args *args = arg;
    auto_str text = STR_INIT(400);
    str_addf(&text,
             "More is watched than I may ask Resy: everything is now checked %.1f times more "
             "slowly than wished. /status shows the true pace; fewer watches or a higher [resy] "
             "requests_per_minute make it faster.",
             args->stretch);
    return notice_add(args->s->services, conn, 0, text.buf, args->now_ms, err);
}

/* What a failed write left behind, and incidents that nobody's answer will end. */
static int keep_house(struct db_conn *conn, void *arg, struct err *err)
{
    struct pace_args *args = arg;
    const struct question_rules rules = services_rules(args->s->services);
    if (question_unclaim_old(conn, args->now_ms - CLAIM_LIVES_MS, args->now_ms, err) ||
        question_repace(conn, &rules, 0, args->now_ms, err))
        return -1;
    if (spent_save(args->s->services, conn, err))
        return -1;
    return life_nothing_asked(args->s->services, conn, args->now_ms, err);
}

/* When the checks do not fit the budget, all intervals stretch by one factor. */
static int64_t pace(struct scheduler *s, int64_t now)
{
    int64_t mono = env_mono_ms(s->env);
    double allowed = budget_checks_a_minute(resy_budget(s->services->resy));
    struct pace_args args = {.s = s, .now_ms = now};
    struct err err = ERR_INIT;
    if (mono < s->pace_at)
        return now + (s->pace_at - mono);
    s->pace_at = mono + PACE_EVERY_MS;
    if (db_write(s->services->db, keep_house, &args, &err))
        log_err(LOG_ERR, "scheduler", &err, "keeping house");
    if (db_read(s->services->db, read_pace, &args, &err)) {
        log_err(LOG_ERR, "scheduler", &err, "pace");
        return now + PACE_EVERY_MS;
    }
    args.stretch = allowed > 0 && args.load.a_minute > allowed ? args.load.a_minute / allowed : 1;
    pthread_mutex_lock(&s->services->lock);
    s->services->stretch = args.stretch;
    pthread_mutex_unlock(&s->services->lock);
    if (args.stretch > 1 && !s->pace_told && db_write(s->services->db, tell_pace, &args, &err))
        log_err(LOG_ERR, "scheduler", &err, "telling the pace");
    s->pace_told = args.stretch > 1 || (s->pace_told && args.load.a_minute > 0.8 * allowed);
    return now + PACE_EVERY_MS;
}

#define ALIVE_EVERY_MS ((int64_t)30 * 1000)

static int64_t tell_people(struct scheduler *s, int64_t now)
{
    int64_t mono = env_mono_ms(s->env);
    struct err err = ERR_INIT;
    bool outbox;
    if (mono >= s->alive_at) {
        s->alive_at = mono + ALIVE_EVERY_MS;
        if (watches_roll(s->services, &err))
            log_err(LOG_ERR, "scheduler", &err, "moving days on");
        if (alive_look(s->services, &outbox, &err))
            log_err(LOG_ERR, "scheduler", &err, "telling people");
        else if (outbox)
            return now;
    }
    return now + (s->alive_at - mono);
}

static int64_t deliver(struct scheduler *s, int64_t now)
{
    (void)now;
    return s->sends.turn(s->sends.ctx, s->by_time);
}

static int64_t (*const jobs[])(struct scheduler *s, int64_t now) = {
    deliver, run_checks, ask_canary, settle_booking, expire, pace, prune, tell_people};

/* --- the loop --- */

/* True: the clock jumped. */
static bool notice_jumps(struct scheduler *s)
{
    int64_t wall = env_wall_ms(s->env), offset = wall - env_mono_ms(s->env);
    int64_t jump = offset - s->offset;
    s->offset = offset;
    if (jump > -JUMP_MS && jump < JUMP_MS)
        return false;
    struct err err = ERR_INIT;
    log_line(LOG_WARN, "clock", "jumped_ms=%lld", (long long)jump);
    if (services_settle(s->services, false, jump, &err))
        log_err(LOG_ERR, "scheduler", &err, "after a jump of the clock");
    return true;
}

static bool is_stopping(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

/* Woken by the time alone, only what wanted to be called by then is, and what is to be sent, which
 * knows what comes next: a thousand alerts that go out one by one are to look at nothing else. */
static void body(void *arg)
{
    struct scheduler *s = arg;
    int64_t wanted[ARRAY_LEN(jobs)] = {0}, all_at = 0;
    while (!is_stopping(s)) {
        bool looked = atomic_exchange(&s->looked, false);
        s->last_turn = env_mono_ms(s->env);
        bool all = notice_jumps(s) || looked || s->last_turn >= all_at;
        int64_t next = INT64_MAX;
        s->by_time = !all;
        all_at = all ? s->last_turn + TURN_MS : all_at;
        for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
            int64_t now = env_wall_ms(s->env);
            if (all || wanted[i] <= now || jobs[i] == deliver) /* it knows by itself */
                wanted[i] = jobs[i](s, now);
            next = MIN_OF(next, wanted[i]);
        }
        int64_t wait = next == INT64_MAX ? TURN_MS : next - env_wall_ms(s->env);
        wait = MIN_OF(MAX_OF(wait, 0), TURN_MS);
        if (wait)
            env_wait(s->env, &s->cell, env_mono_ms(s->env) + wait);
    }
}

struct scheduler *scheduler_new(struct services *services, const struct scheduler_sends *sends)
{
    struct scheduler *s = mem_new(1, sizeof(*s));
    struct lanes_limits limits = {CHECKS_AT_ONCE, CLAIM_MOST, CLAIM_MOST, 256 * 1024};
    uint64_t token;
    s->services = services;
    s->env = services->env;
    s->sends = *sends;
    s->checks = lanes_new(s->env, "check", &limits);
    env_random(s->env, &token, sizeof(token));
    snprintf(s->claim, sizeof(s->claim), "%016llx", (unsigned long long)token);
    cancel_init(&s->cancel);
    cell_init(&s->cell, s->env);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

int scheduler_start(struct scheduler *s, struct err *err)
{
    if (services_settle(s->services, true, 0, err) || spent_load(s->services, err) ||
        cities_load(s->services, err))
        return -1;
    s->offset = env_wall_ms(s->env) - env_mono_ms(s->env);
    s->last_turn = env_mono_ms(s->env);
    s->task = env_start(s->env, "scheduler", 0, body, s);
    return 0;
}

void scheduler_stop(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_mutex_unlock(&s->lock);
    env_wake(&s->cell);
    if (s->task)
        env_join(s->task);
    s->task = NULL;
    cancel_set(&s->cancel);
    lanes_stop(s->checks, ENV_FOREVER);
}

void scheduler_free(struct scheduler *s)
{
    if (!s)
        return;
    lanes_free(s->checks);
    cancel_done(&s->cancel);
    cell_done(&s->cell);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
