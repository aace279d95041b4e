#include "core/base/env.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>

/* Per thread, and never read by code that acts on it: it only catches our own mistakes. */
static _Thread_local int waiting_forbidden;

void env_forbid_waiting(void)
{
    waiting_forbidden++;
}

void env_allow_waiting(void)
{
    waiting_forbidden--;
}

int64_t env_mono_ms(struct env *env)
{
    return env->ops->mono_ms(env);
}

int64_t env_wall_ms(struct env *env)
{
    return env->ops->wall_ms(env);
}

void env_random(struct env *env, void *out, size_t len)
{
    env->ops->draw(env, out, len);
}

uint64_t env_random_below(struct env *env, uint64_t limit)
{
    uint64_t value;
    assert(limit);
    env_random(env, &value, sizeof(value));
    return value % limit; /* limits are small against 2^64: the bias is not measurable */
}

static void must_be_free_to_wait(void)
{
    if (waiting_forbidden) {
        fprintf(stderr, "maitred: waited inside a database function\n");
        abort();
    }
}

bool env_hands_over(struct env *env)
{
    must_be_free_to_wait();
    return env->ops->hands_over && env->ops->hands_over(env);
}

bool env_wait(struct env *env, struct cell *cell, int64_t deadline_ms)
{
    must_be_free_to_wait();
    return env->ops->wait(env, cell, deadline_ms);
}

void env_wake(struct cell *cell)
{
    cell->env->ops->wake(cell);
}

struct task *env_start(struct env *env, const char *name, size_t stack, void (*fn)(void *arg),
                       void *arg)
{
    return env->ops->start(env, name, stack, fn, arg);
}

void env_join(struct task *task)
{
    task->env->ops->join(task);
}

void env_free(struct env *env)
{
    if (env)
        env->ops->free(env);
}

void cell_init(struct cell *cell, struct env *env)
{
    *cell = (struct cell){.env = env};
}

void cell_done(struct cell *cell)
{
    cell->env = NULL;
}

/* The real world. */

struct thread_task {
    struct task task;
    pthread_t thread;
    void (*fn)(void *arg);
    void *arg;
    char name[16];
};

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t threads_mono_ms(struct env *env)
{
    (void)env;
    return clock_ms(CLOCK_MONOTONIC);
}

static int64_t threads_wall_ms(struct env *env)
{
    (void)env;
    return clock_ms(CLOCK_REALTIME);
}

static void threads_random(struct env *env, void *out, size_t len)
{
    (void)env;
    for (size_t done = 0; done < len;) {
        ssize_t n = getrandom((char *)out + done, len - done, 0);
        if (n < 0 && errno != EINTR)
            abort();
        done += n > 0 ? (size_t)n : 0;
    }
}

/* A cell is one word: the waiter says that it sleeps, the waker takes that word away from it. A
 * condition variable did the same with five system calls where this does two. */
enum { CELL_IDLE, CELL_WOKEN, CELL_SLEEPING };

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *until)
{
    return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until, NULL,
                   FUTEX_BITSET_MATCH_ANY);
}

static bool threads_wait(struct env *env, struct cell *cell, int64_t deadline_ms)
{
    (void)env;
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    bool forever = deadline_ms == ENV_FOREVER;
    if (deadline_ms < 0) /* which the kernel calls an error, not past */
        until = (struct timespec){0};
    for (;;) {
        uint32_t seen = CELL_WOKEN;
        if (atomic_compare_exchange_strong(&cell->state, &seen, CELL_IDLE))
            return true;
        seen = CELL_IDLE;
        if (!atomic_compare_exchange_strong(&cell->state, &seen, CELL_SLEEPING) &&
            seen == CELL_WOKEN)
            continue;
        long failed = futex(&cell->state, FUTEX_WAIT_BITSET, CELL_SLEEPING,
                            forever ? NULL : &until);
        seen = CELL_SLEEPING;
        if (failed && errno == ETIMEDOUT &&
            atomic_compare_exchange_strong(&cell->state, &seen, CELL_IDLE))
            return false;
    }
}

static void threads_wake(struct cell *cell)
{
    /* After the exchange the cell may be gone; waking whoever waits at its old address is harmless.
     */
    if (atomic_exchange(&cell->state, CELL_WOKEN) == CELL_SLEEPING)
        futex(&cell->state, FUTEX_WAKE, 1, NULL);
}

static _Thread_local char *stack_low; /* NULL: not a thread of ours */
static _Thread_local uintptr_t page;

static void know_stack(void)
{
    pthread_attr_t attr;
    void *low;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attr))
        return;
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (!pthread_attr_getstack(&attr, &low, &size))
        stack_low = low;
    pthread_attr_destroy(&attr);
}

#define MARGIN ((uintptr_t)512) /* of the calls on the way to the kernel */

/* Not inline: its own frame is to be the deepest one. */
__attribute__((noinline)) void env_trim_stack(void)
{
    char here;
    if (!stack_low)
        return;
    uintptr_t top = ((uintptr_t)&here - MARGIN) & ~(page - 1);
    if (!WITH_ASAN && !WITH_TSAN && top > (uintptr_t)stack_low)
        madvise(stack_low, top - (uintptr_t)stack_low, MADV_DONTNEED);
}

static void *thread_body(void *arg)
{
    struct thread_task *task = arg;
    know_stack();
    pthread_setname_np(pthread_self(), task->name);
    task->fn(task->arg);
    return NULL;
}

static struct task *threads_start(struct env *env, const char *name, size_t stack,
                                  void (*fn)(void *arg), void *arg)
{
    struct thread_task *task = mem_new(1, sizeof(*task));
    task->task.env = env;
    task->fn = fn;
    task->arg = arg;
    snprintf(task->name, sizeof(task->name), "%s", name);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    if (stack && !WITH_ASAN && !WITH_TSAN) /* sanitized frames are many times larger */
        pthread_attr_setstacksize(&attr, stack);
    sigset_t all, old; /* signals are the main thread's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&task->thread, &attr, thread_body, task);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (failed) {
        fprintf(stderr, "maitred: no thread for %s: error %d\n", name, failed);
        abort();
    }
    return &task->task;
}

static void threads_join(struct task *task)
{
    struct thread_task *own = CONTAINER_OF(task, struct thread_task, task);
    pthread_join(own->thread, NULL);
    free(own);
}

static void threads_free(struct env *env)
{
    free(env);
}

static const struct env_ops threads_ops = {
    .mono_ms = threads_mono_ms,
    .wall_ms = threads_wall_ms,
    .draw = threads_random,
    .wait = threads_wait,
    .wake = threads_wake,
    .start = threads_start,
    .join = threads_join,
    .free = threads_free,
};

struct env *env_threads_new(void)
{
    struct env *env = mem_new(1, sizeof(*env));
    env->ops = &threads_ops;
    return env;
}
