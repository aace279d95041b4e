/* scheduler.h: does what is due, when it is due. The database is the only list of due times.
 *
 * Owner:   scheduler_new … scheduler_free by the program.
 * Threads: a task of its own; scheduler_look from any task, as often as one likes.
 * Clock:   due times are wall-clock ms in the database; a sleep or a jump of the clock is noticed
 *          by comparing it with the monotonic one, and what is due then is spread, not fired. */
#ifndef CORE_SCHEDULER_SCHEDULER_H
#define CORE_SCHEDULER_SCHEDULER_H

#include "core/services/services.h"

struct scheduler;
struct scheduler_sends {
    void (*due)(void *ctx); /* from any task: sends what is due */
    /* The scheduler's own turn: the same, and when the next is due. `by_time`: nothing is said to
     * have changed since its last turn. */
    int64_t (*turn)(void *ctx, bool by_time);
    void *ctx;
};
struct scheduler *scheduler_new(struct services *services, const struct scheduler_sends *sends);

/* Clears a predecessor's claims, then begins. */
int scheduler_start(struct scheduler *scheduler, struct err *err) MUST_USE;

/* Something may be due earlier than thought. */
void scheduler_look(void *scheduler);

/* No more checks; those at work are cancelled and given back. */
void scheduler_stop(struct scheduler *scheduler);
void scheduler_free(struct scheduler *scheduler);

int64_t scheduler_last_turn_ms(struct scheduler *scheduler); /* monotonic */

#endif
