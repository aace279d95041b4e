/* env.h: time, chance, tasks and waiting: the only door to them.
 *
 * The same code runs in two worlds. In the program (env_threads_new) a task is a thread and the
 * clock is the machine's. In tests (env_sim.h) tasks are coroutines on one thread, the clock is
 * virtual and who goes on is chosen from a seed: months in seconds, every interleaving again.
 *
 * Cells:   what a task waits on. A cell is one bit: env_wake sets it, env_wait takes it. A wake
 *          that comes before the wait is not lost. One task waits on a cell at a time; who may
 *          wake it is the owner's business. Look at the condition again after every wait.
 * Locks:   plain pthread mutexes guard data; none may be held over env_wait. env_wake takes none,
 *          so it may be called under one: it must be, where the waiter frees the cell as soon as
 *          it sees what it waited for.
 * Threads: every function from any task. */
#ifndef CORE_BASE_ENV_H
#define CORE_BASE_ENV_H

#include "core/base/base.h"

struct env;
struct task;

#define ENV_FOREVER INT64_MAX

struct cell {
    struct env *env;
    _Atomic uint32_t state; /* the real world's: a futex */
    bool woken;             /* the virtual world's, as is sleeper */
    struct coro *sleeper;
};

void cell_init(struct cell *cell, struct env *env);
void cell_done(struct cell *cell); /* nobody waits, nobody will wake */

/* The real world: threads, CLOCK_MONOTONIC, the kernel's random numbers. */
struct env *env_threads_new(void) MUST_USE;
void env_free(struct env *env);

int64_t env_mono_ms(struct env *env);
int64_t env_wall_ms(struct env *env); /* UTC; may jump */
void env_random(struct env *env, void *out, size_t len);
uint64_t env_random_below(struct env *env, uint64_t limit); /* limit ≥ 1 */

/* Waits until the cell is woken or the monotonic clock shows `deadline_ms`. True: woken. */
bool env_wait(struct env *env, struct cell *cell, int64_t deadline_ms);
void env_wake(struct cell *cell);

/* Before a wait that is likely to be long: a thread gives back what deeper calls have left of its
 * stack, a quarter of it where thousands wait for a model. Elsewhere nothing. */
void env_trim_stack(void);

/* `stack` in bytes; 0 takes the usual one. Never NULL: a machine without threads aborts. The
 * caller must env_join it, which also frees it. */
struct task *env_start(struct env *env, const char *name, size_t stack, void (*fn)(void *arg),
                       void *arg) MUST_USE;
void env_join(struct task *task);

/* Where the work may be done here or by another task: in the virtual world the seed decides, so
 * that both ways are walked; in the program it is false. Counts as a wait. */
bool env_hands_over(struct env *env);

/* Between the two, a wait on this task is our mistake and aborts (database functions). */
void env_forbid_waiting(void);
void env_allow_waiting(void);

/* What a world is made of; for the two that there are. */
struct env_ops {
    int64_t (*mono_ms)(struct env *env);
    int64_t (*wall_ms)(struct env *env);
    void (*draw)(struct env *env, void *out, size_t len);
    bool (*wait)(struct env *env, struct cell *cell, int64_t deadline_ms);
    void (*wake)(struct cell *cell);
    struct task *(*start)(struct env *env, const char *name, size_t stack, void (*fn)(void *arg),
                          void *arg);
    void (*join)(struct task *task);
    bool (*hands_over)(struct env *env); /* NULL: never */
    void (*free)(struct env *env);
};
struct env {
    const struct env_ops *ops;
};
struct task {
    struct env *env;
};

#endif
