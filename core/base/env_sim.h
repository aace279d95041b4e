/* env_sim.h: the virtual world: coroutines on one thread under a virtual clock.
 *
 * Owner:   the test. Everything runs inside env_sim_run, on the thread that calls it.
 * Clock:   stands still while anybody can go on; when all wait it jumps to the next deadline.
 * Order:   which of the ready tasks goes on is drawn from the seed, so that a seed is an
 *          interleaving, and the same seed is the same one.
 * Facts:   ucontext with the sanitizers' fiber calls; a switch costs well under a microsecond. */
#ifndef CORE_BASE_ENV_SIM_H
#define CORE_BASE_ENV_SIM_H

#include "core/base/env.h"

/* `wall_ms`: what the wall clock shows first. The monotonic one starts at 1,000,000. */
struct env *env_sim_new(uint64_t seed, int64_t wall_ms) MUST_USE;

/* Runs `fn` as a task, with all that it starts, until it returns. -1: everybody waits for ever
 * (a lost wake-up); the tasks stay as they are and `stuck`, if not NULL, names them. */
int env_sim_run(struct env *env, void (*fn)(void *arg), void *arg, char *stuck,
                size_t size) MUST_USE;

/* Moves the wall clock alone, as somebody setting it would. */
void env_sim_jump_wall(struct env *env, int64_t by_ms);
/* A machine that slept: its wall clock went on, its monotonic clock stood. */
void env_sim_sleep_machine(struct env *env, int64_t for_ms);

/* The calling task waits that long. */
void env_sim_pause(struct env *env, int64_t for_ms);

/* Drops all tasks where they stand, as kill -9 would: their stacks are freed, nothing runs. */
void env_sim_kill(struct env *env);

uint64_t env_sim_switches(struct env *env);

#endif
