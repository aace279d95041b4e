/* cancel.h: "stop what you are doing", said by one task to another.
 *
 * Owner:   whoever began the work; it outlives everybody who was lent it.
 * Threads: cancel_set and cancel_is_set from any task; a listener belongs to the task that waits.
 * Locks:   the token's own; cells are woken under it, so that a listener cannot go meanwhile. */
#ifndef CORE_BASE_CANCEL_H
#define CORE_BASE_CANCEL_H

#include "core/base/env.h"

struct cancel_listener {
    struct cell *cell;
    struct cancel_listener *next;
};

struct cancel {
    pthread_mutex_t lock;
    bool set; /* protected by lock, as is listeners */
    struct cancel_listener *listeners;
};

void cancel_init(struct cancel *cancel);
void cancel_done(struct cancel *cancel); /* nobody listens */

void cancel_set(struct cancel *cancel);
bool cancel_is_set(struct cancel *cancel); /* NULL is never set */

/* Between the two, cancel_set wakes the cell (also if it is set already). NULL does nothing. */
void cancel_listen(struct cancel *cancel, struct cancel_listener *listener, struct cell *cell);
void cancel_unlisten(struct cancel *cancel, struct cancel_listener *listener);

#endif
