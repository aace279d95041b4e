#include "core/base/lane.h"

#include <assert.h>
#include <uthash.h>

#define IDLE_MS 10000

struct lane {
    uint64_t key;
    struct job *first, **last;
    size_t count;
    bool running;       /* a worker has it */
    struct lane *after; /* in the ready list */
    UT_hash_handle hh;
};

struct worker {
    struct lanes *lanes;
    struct task *task;
    struct cell cell;
    struct lane *given;  /* by the poster, when it wakes an idle worker */
    struct worker *next; /* among the idle or the ended */
};

struct lanes {
    struct env *env;
    char name[16];
    struct lanes_limits limits;
    pthread_mutex_t lock; /* protects all below */
    struct lane *by_key;
    struct lane *ready, **ready_last;
    struct worker *idle, *ended;
    size_t waiting, running, workers;
    bool stopping;
    struct cell *stopper; /* woken when the last job ends */
};

struct lanes *lanes_new(struct env *env, const char *name, const struct lanes_limits *limits)
{
    struct lanes *lanes = mem_new(1, sizeof(*lanes));
    lanes->env = env;
    lanes->limits = *limits;
    snprintf(lanes->name, sizeof(lanes->name), "%s", name);
    lanes->ready_last = &lanes->ready;
    lock_init_brief(&lanes->lock);
    return lanes;
}

uint64_t lane_key(unsigned kind, uint64_t id)
{
    return (uint64_t)kind << 60 | (id & 0x0fffffffffffffffu);
}

static void make_ready(struct lanes *lanes, struct lane *lane)
{
    lane->after = NULL;
    *lanes->ready_last = lane;
    lanes->ready_last = &lane->after;
}

static struct lane *take_ready(struct lanes *lanes)
{
    struct lane *lane = lanes->ready;
    if (!lane)
        return NULL;
    lanes->ready = lane->after;
    if (!lanes->ready)
        lanes->ready_last = &lanes->ready;
    lane->running = true;
    return lane;
}

static void put_back(struct lanes *lanes, struct lane *lane)
{
    lane->running = false;
    if (lane->first) {
        make_ready(lanes, lane);
    } else {
        HASH_DEL(lanes->by_key, lane);
        free(lane);
    }
}

/* One job of the lane, outside the lock; the lane is back in order when it returns. */
static void run_one(struct lanes *lanes, struct lane *lane)
{
    struct job *job = lane->first;
    if (!job) { /* lanes_stop was faster */
        put_back(lanes, lane);
        return;
    }
    lane->first = job->next;
    if (!lane->first)
        lane->last = &lane->first;
    lane->count--;
    lanes->waiting--;
    lanes->running++;
    pthread_mutex_unlock(&lanes->lock);
    job->run(job);
    pthread_mutex_lock(&lanes->lock);
    lanes->running--;
    put_back(lanes, lane);
    if (lanes->stopper && !lanes->running)
        env_wake(lanes->stopper);
}

static void idle_remove(struct lanes *lanes, struct worker *worker)
{
    struct worker **at = &lanes->idle;
    while (*at && *at != worker)
        at = &(*at)->next;
    if (*at)
        *at = worker->next;
}

/* A lane to work on, or NULL: go. Called and left with the lock held. */
static struct lane *next_lane(struct lanes *lanes, struct worker *self)
{
    struct lane *lane = lanes->stopping ? NULL : take_ready(lanes);
    if (lane || lanes->stopping)
        return lane;
    self->next = lanes->idle;
    lanes->idle = self;
    int64_t until = env_mono_ms(lanes->env) + IDLE_MS;
    for (bool woken = true; !self->given && !lanes->stopping && woken;) {
        pthread_mutex_unlock(&lanes->lock);
        woken = env_wait(lanes->env, &self->cell, until);
        pthread_mutex_lock(&lanes->lock);
    }
    lane = self->given;
    self->given = NULL;
    if (!lane)
        idle_remove(lanes, self);
    return lane;
}

/* Workers that have ended are joined by whoever comes next. */
static void reap(struct lanes *lanes)
{
    struct worker *named = NULL, **at = &lanes->ended;
    pthread_mutex_lock(&lanes->lock);
    while (*at) {
        struct worker *worker = *at;
        if (!worker->task) {
            at = &worker->next;
            continue;
        }
        *at = worker->next;
        worker->next = named;
        named = worker;
    }
    pthread_mutex_unlock(&lanes->lock);
    while (named) {
        struct worker *next = named->next;
        env_join(named->task);
        cell_done(&named->cell);
        free(named);
        named = next;
    }
}

static void worker_body(void *arg)
{
    struct worker *self = arg;
    struct lanes *lanes = self->lanes;
    pthread_mutex_lock(&lanes->lock);
    struct lane *lane = self->given;
    self->given = NULL;
    while (lane || (lane = next_lane(lanes, self))) {
        run_one(lanes, lane);
        lane = NULL;
    }
    pthread_mutex_unlock(&lanes->lock);
    reap(lanes); /* so that ten thousand who leave at once do not wait, stacks and all, for the next
                    post */
    pthread_mutex_lock(&lanes->lock);
    lanes->workers--;
    self->next = lanes->ended;
    lanes->ended = self;
    pthread_mutex_unlock(&lanes->lock);
}

/* Gives the oldest ready lane to an idle worker, or to a new one if the budget allows. Returns
 * the worker to start, which the caller does outside the lock. */
static struct worker *dispatch(struct lanes *lanes)
{
    if (!lanes->ready)
        return NULL;
    if (lanes->idle) {
        struct worker *worker = lanes->idle;
        lanes->idle = worker->next;
        worker->given = take_ready(lanes);
        env_wake(&worker->cell);
        return NULL;
    }
    if (lanes->workers >= lanes->limits.workers)
        return NULL;
    struct worker *worker = mem_new(1, sizeof(*worker));
    worker->lanes = lanes;
    cell_init(&worker->cell, lanes->env);
    worker->given = take_ready(lanes);
    lanes->workers++;
    return worker;
}

static int enqueue(struct lanes *lanes, uint64_t key, struct job *job, struct err *err)
{
    struct lane *lane = NULL;
    if (lanes->stopping)
        return err_set(err, ERR_CANCELLED, NULL, "lanes %s: stopping", lanes->name);
    HASH_FIND(hh, lanes->by_key, &key, sizeof(key), lane);
    if (lanes->waiting >= lanes->limits.in_all || (lane && lane->count >= lanes->limits.a_lane))
        return err_set(err, ERR_LIMIT, NULL, "lanes %s: full (%zu waiting)", lanes->name,
                       lanes->waiting);
    if (!lane) {
        lane = mem_new(1, sizeof(*lane));
        lane->key = key;
        lane->last = &lane->first;
        HASH_ADD(hh, lanes->by_key, key, sizeof(lane->key), lane);
    }
    bool idle = !lane->first && !lane->running;
    job->next = NULL;
    *lane->last = job;
    lane->last = &job->next;
    lane->count++;
    lanes->waiting++;
    if (idle)
        make_ready(lanes, lane);
    return 0;
}

int lane_post(struct lanes *lanes, uint64_t key, struct job *job, struct err *err)
{
    assert(job->run && job->drop);
    pthread_mutex_lock(&lanes->lock);
    int failed = enqueue(lanes, key, job, err);
    struct worker *fresh = failed ? NULL : dispatch(lanes);
    bool ended = lanes->ended;
    pthread_mutex_unlock(&lanes->lock);
    if (fresh) { /* it may have ended before we know its name: then the next one joins it */
        struct task *task = env_start(lanes->env, lanes->name, lanes->limits.stack, worker_body,
                                      fresh);
        pthread_mutex_lock(&lanes->lock);
        fresh->task = task;
        pthread_mutex_unlock(&lanes->lock);
    }
    if (ended)
        reap(lanes);
    return failed;
}

static struct job *take_waiting(struct lanes *lanes)
{
    struct job *all = NULL, **last = &all;
    struct lane *lane, *tmp;
    HASH_ITER(hh, lanes->by_key, lane, tmp)
    {
        *last = lane->first;
        if (lane->first)
            last = lane->last;
        lane->first = NULL;
        lane->last = &lane->first;
        lane->count = 0;
        if (!lane->running) {
            HASH_DEL(lanes->by_key, lane);
            free(lane);
        }
    }
    lanes->ready = NULL;
    lanes->ready_last = &lanes->ready;
    lanes->waiting = 0;
    return all;
}

void lanes_drain(struct lanes *lanes, int64_t deadline_ms)
{
    struct cell cell;
    bool quiet = false;
    cell_init(&cell, lanes->env);
    for (bool woken = true; !quiet && woken;) {
        pthread_mutex_lock(&lanes->lock);
        quiet = !lanes->running && !lanes->waiting;
        lanes->stopper = quiet ? NULL : &cell;
        pthread_mutex_unlock(&lanes->lock);
        if (!quiet)
            woken = env_wait(lanes->env, &cell, deadline_ms);
    }
    pthread_mutex_lock(&lanes->lock);
    lanes->stopper = NULL;
    pthread_mutex_unlock(&lanes->lock);
    cell_done(&cell);
}

bool lanes_stop(struct lanes *lanes, int64_t deadline_ms)
{
    struct cell cell;
    cell_init(&cell, lanes->env);
    pthread_mutex_lock(&lanes->lock);
    lanes->stopping = true;
    lanes->stopper = &cell;
    for (struct worker *w = lanes->idle; w; w = w->next)
        env_wake(&w->cell);
    pthread_mutex_unlock(&lanes->lock);

    bool quiet = false;
    for (bool woken = true; !quiet && woken;) {
        pthread_mutex_lock(&lanes->lock);
        struct job *waiting = take_waiting(lanes);
        quiet = !lanes->running;
        pthread_mutex_unlock(&lanes->lock);
        while (waiting) {
            struct job *next = waiting->next;
            waiting->drop(waiting);
            waiting = next;
        }
        if (!quiet)
            woken = env_wait(lanes->env, &cell, deadline_ms);
    }
    pthread_mutex_lock(&lanes->lock);
    lanes->stopper = NULL;
    pthread_mutex_unlock(&lanes->lock);
    cell_done(&cell);
    return quiet;
}

void lanes_free(struct lanes *lanes)
{
    if (!lanes)
        return;
    lanes_stop(lanes, ENV_FOREVER);
    struct cell tick;
    cell_init(&tick, lanes->env);
    for (size_t left = 1; left;) { /* workers on their way out: a moment */
        reap(lanes);
        pthread_mutex_lock(&lanes->lock);
        left = lanes->workers + (lanes->ended != NULL);
        pthread_mutex_unlock(&lanes->lock);
        if (left)
            env_wait(lanes->env, &tick, env_mono_ms(lanes->env) + 1);
    }
    cell_done(&tick);
    pthread_mutex_destroy(&lanes->lock);
    free(lanes);
}

struct lanes_load lanes_load(struct lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    struct lanes_load load = {lanes->waiting, lanes->running, lanes->workers};
    pthread_mutex_unlock(&lanes->lock);
    return load;
}
