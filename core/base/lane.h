/* lane.h: work in order where it must be, in parallel where it may be.
 *
 * A `struct lanes` is one budget of workers. Jobs posted under the same key run one after another
 * in the order of posting; jobs under different keys run at the same time, as far as the budget
 * goes. A ready lane waits its turn: a worker takes the oldest, runs one job, puts it back last.
 *
 * Owner:   lanes_new … lanes_stop, lanes_free by one task; posting from any.
 * Memory:  a job is embedded in its owner's struct. Posted, it belongs to the lanes until run or
 *          drop is called on it, exactly one of them, once; refused, it stays the poster's.
 * Workers: made on demand up to the budget, let go when idle for a while. */
#ifndef CORE_BASE_LANE_H
#define CORE_BASE_LANE_H

#include "core/base/env.h"
#include "core/base/err.h"

struct job {
    struct job *next;
    void (*run)(struct job *job);  /* on a worker; may block; frees or keeps the job */
    void (*drop)(struct job *job); /* at stop, on the stopping task: it will not run */
};

struct lanes_limits {
    size_t workers; /* at most at once */
    size_t a_lane;  /* jobs waiting in one lane */
    size_t in_all;  /* jobs waiting in all of them */
    size_t stack;   /* of a worker, bytes */
};

struct lanes;

struct lanes *lanes_new(struct env *env, const char *name,
                        const struct lanes_limits *limits) MUST_USE;

/* ERR_LIMIT: that lane, or all together, are full. ERR_CANCELLED: stopping. */
int lane_post(struct lanes *lanes, uint64_t key, struct job *job, struct err *err) MUST_USE;

/* A key of `kind` (below 16) for a number or a text. */
uint64_t lane_key(unsigned kind, uint64_t id);

/* Waits until nothing waits or runs, or the deadline has come. Posting goes on meanwhile. */
void lanes_drain(struct lanes *lanes, int64_t deadline_ms);

/* No more posts; what waits is dropped; what runs may end. True: nothing runs any more. */
bool lanes_stop(struct lanes *lanes, int64_t deadline_ms);

/* After lanes_stop; waits for what still runs. NULL is fine. */
void lanes_free(struct lanes *lanes);

struct lanes_load {
    size_t waiting, running, workers;
};
struct lanes_load lanes_load(struct lanes *lanes);

#endif
