#include "core/base/env_sim.h"

#include <assert.h>
#include <sys/mman.h>
#include <ucontext.h>

#if WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define STACK_BYTES ((size_t)512 * 1024)

enum coro_state { CORO_READY, CORO_WAITING, CORO_ENDED };

struct coro {
    struct task task; /* first: a task of this world is a coro */
    struct sim *sim;
    ucontext_t context;
    void *stack;
    void *fiber; /* TSan's name for it */
    enum coro_state state;
    struct cell *cell; /* while waiting */
    int64_t deadline;
    bool woken;
    struct cell ended; /* woken when it returns */
    void (*fn)(void *arg);
    void *arg;
    char name[24];
    struct coro *next, **at; /* in sim->all */
};

struct free_stack { /* at the start of a stack that nobody uses */
    struct free_stack *next;
};

struct sim {
    struct env env;
    struct free_stack *stacks;
    uint64_t state; /* of the random numbers */
    int64_t mono, wall_less_mono;
    uint64_t switches;
    ucontext_t home;
    void *home_fiber;
    const void *home_stack;
    size_t home_stack_size;
    struct coro *all, *current;
};

static struct sim *sim_of(struct env *env)
{
    return CONTAINER_OF(env, struct sim, env);
}

/* splitmix64: small, and good enough to choose from. */
static uint64_t draw(struct sim *sim)
{
    uint64_t z = sim->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int64_t sim_mono_ms(struct env *env)
{
    return sim_of(env)->mono;
}

static int64_t sim_wall_ms(struct env *env)
{
    struct sim *sim = sim_of(env);
    return sim->mono + sim->wall_less_mono;
}

static void sim_random(struct env *env, void *out, size_t len)
{
    unsigned char *at = out;
    for (size_t i = 0; i < len; i++)
        at[i] = (unsigned char)(draw(sim_of(env)) >> 24);
}

static void go_home(struct coro *coro, bool for_good)
{
    struct sim *sim = coro->sim;
    (void)for_good;
#if WITH_ASAN
    void *fake = NULL;
    __sanitizer_start_switch_fiber(for_good ? NULL : &fake, sim->home_stack, sim->home_stack_size);
#endif
#if WITH_TSAN
    __tsan_switch_to_fiber(sim->home_fiber, 0);
#endif
    swapcontext(&coro->context, &sim->home);
#if WITH_ASAN
    __sanitizer_finish_switch_fiber(fake, &sim->home_stack, &sim->home_stack_size);
#endif
}

static void go_to(struct sim *sim, struct coro *coro)
{
    sim->current = coro;
    sim->switches++;
#if WITH_ASAN
    void *fake = NULL;
    __sanitizer_start_switch_fiber(&fake, coro->stack, STACK_BYTES);
#endif
#if WITH_TSAN
    __tsan_switch_to_fiber(coro->fiber, 0);
#endif
    swapcontext(&sim->home, &coro->context);
#if WITH_ASAN
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
    sim->current = NULL;
}

static bool sim_wait(struct env *env, struct cell *cell, int64_t deadline_ms)
{
    struct sim *sim = sim_of(env);
    struct coro *self = sim->current;
    assert(self && !cell->sleeper);
    self->cell = cell;
    self->deadline = deadline_ms;
    self->woken = cell->woken;
    cell->woken = false;
    cell->sleeper = self;
    self->state = self->woken || deadline_ms <= sim->mono ? CORO_READY : CORO_WAITING;
    go_home(self, false);
    cell->sleeper = NULL;
    self->cell = NULL;
    return self->woken;
}

static void sim_wake(struct cell *cell)
{
    if (!cell->sleeper) {
        cell->woken = true;
        return;
    }
    cell->sleeper->woken = true;
    cell->sleeper->state = CORO_READY;
}

static void body(unsigned high, unsigned low)
{
    struct coro *self = (struct coro *)((uintptr_t)high << 32 | low); /* makecontext takes ints */
#if WITH_ASAN
    __sanitizer_finish_switch_fiber(NULL, &self->sim->home_stack, &self->sim->home_stack_size);
#endif
    self->fn(self->arg);
    self->state = CORO_ENDED;
    sim_wake(&self->ended);
    go_home(self, true);
    abort(); /* nobody goes on with an ended one */
}

/* Stacks are used again: a world starts many short tasks. */
static void *stack_new(struct sim *sim)
{
    void *stack = sim->stacks;
    if (stack) {
        sim->stacks = sim->stacks->next;
        return stack;
    }
    stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        abort();
    return stack;
}

static void stack_free(struct sim *sim, void *stack)
{
#if WITH_ASAN
    __asan_unpoison_memory_region(stack, STACK_BYTES);
#endif
    struct free_stack *free_one = stack;
    free_one->next = sim->stacks;
    sim->stacks = free_one;
}

static struct task *sim_start(struct env *env, const char *name, size_t stack,
                              void (*fn)(void *arg), void *arg)
{
    (void)stack;
    struct sim *sim = sim_of(env);
    struct coro *coro = mem_new(1, sizeof(*coro));
    coro->task.env = env;
    coro->sim = sim;
    coro->fn = fn;
    coro->arg = arg;
    snprintf(coro->name, sizeof(coro->name), "%s", name);
    cell_init(&coro->ended, env);
    coro->stack = stack_new(sim);
    getcontext(&coro->context);
    coro->context.uc_stack.ss_sp = coro->stack;
    coro->context.uc_stack.ss_size = STACK_BYTES;
    uintptr_t self = (uintptr_t)coro;
    makecontext(&coro->context, (void (*)(void))body, 2, (unsigned)(self >> 32), (unsigned)self);
#if WITH_TSAN
    coro->fiber = __tsan_create_fiber(0);
#endif
    coro->next = sim->all;
    coro->at = &sim->all;
    if (coro->next)
        coro->next->at = &coro->next;
    sim->all = coro;
    return &coro->task;
}

static void coro_free(struct coro *coro)
{
    *coro->at = coro->next;
    if (coro->next)
        coro->next->at = coro->at;
#if WITH_TSAN
    __tsan_destroy_fiber(coro->fiber);
#endif
    stack_free(coro->sim, coro->stack);
    cell_done(&coro->ended);
    free(coro);
}

static void sim_join(struct task *task)
{
    struct coro *coro = CONTAINER_OF(task, struct coro, task);
    while (coro->state != CORO_ENDED)
        sim_wait(task->env, &coro->ended, ENV_FOREVER);
    coro_free(coro);
}

void env_sim_kill(struct env *env)
{
    struct sim *sim = sim_of(env);
    assert(!sim->current);
    while (sim->all)
        coro_free(sim->all);
}

static void sim_free(struct env *env)
{
    struct sim *sim = sim_of(env);
    env_sim_kill(env);
    while (sim->stacks) {
        struct free_stack *next = sim->stacks->next;
        munmap(sim->stacks, STACK_BYTES);
        sim->stacks = next;
    }
    free(sim);
}

/* One of the ready tasks, each with the same chance; NULL if there is none. */
static struct coro *choose(struct sim *sim, int64_t *ret_next)
{
    struct coro *chosen = NULL;
    uint64_t ready = 0;
    *ret_next = ENV_FOREVER;
    for (struct coro *c = sim->all; c; c = c->next) {
        if (c->state == CORO_WAITING && c->deadline <= sim->mono)
            c->state = CORO_READY;
        if (c->state == CORO_READY && draw(sim) % ++ready == 0)
            chosen = c;
        else if (c->state == CORO_WAITING)
            *ret_next = MIN_OF(*ret_next, c->deadline);
    }
    return chosen;
}

static void name_stuck(struct sim *sim, char *stuck, size_t size)
{
    size_t n = 0;
    for (struct coro *c = sim->all; stuck && c && n < size; c = c->next)
        if (c->state != CORO_ENDED)
            n += (size_t)snprintf(stuck + n, size - n, "%s%s", n ? ", " : "", c->name);
}

int env_sim_run(struct env *env, void (*fn)(void *arg), void *arg, char *stuck, size_t size)
{
    struct sim *sim = sim_of(env);
#if WITH_TSAN
    sim->home_fiber = __tsan_get_current_fiber();
#endif
    struct coro *main = CONTAINER_OF(sim_start(env, "main", 0, fn, arg), struct coro, task);
    while (main->state != CORO_ENDED) {
        int64_t next;
        struct coro *coro = choose(sim, &next);
        if (coro) {
            go_to(sim, coro);
        } else if (next != ENV_FOREVER) {
            sim->mono = next;
        } else {
            name_stuck(sim, stuck, size);
            return -1;
        }
    }
    coro_free(main);
    return 0;
}

void env_sim_jump_wall(struct env *env, int64_t by_ms)
{
    sim_of(env)->wall_less_mono += by_ms;
}

void env_sim_sleep_machine(struct env *env, int64_t for_ms)
{
    env_sim_jump_wall(env, for_ms);
}

void env_sim_pause(struct env *env, int64_t for_ms)
{
    struct cell never;
    cell_init(&never, env);
    env_wait(env, &never, env_mono_ms(env) + for_ms);
    cell_done(&never);
}

uint64_t env_sim_switches(struct env *env)
{
    return sim_of(env)->switches;
}

static bool sim_hands_over(struct env *env)
{
    return draw(sim_of(env)) & 1;
}

static const struct env_ops sim_ops = {
    .mono_ms = sim_mono_ms,
    .wall_ms = sim_wall_ms,
    .draw = sim_random,
    .wait = sim_wait,
    .wake = sim_wake,
    .start = sim_start,
    .join = sim_join,
    .hands_over = sim_hands_over,
    .free = sim_free,
};

struct env *env_sim_new(uint64_t seed, int64_t wall_ms)
{
    struct sim *sim = mem_new(1, sizeof(*sim));
    sim->env.ops = &sim_ops;
    sim->state = seed;
    sim->mono = 1000000;
    sim->wall_less_mono = wall_ms - sim->mono;
    return &sim->env;
}
