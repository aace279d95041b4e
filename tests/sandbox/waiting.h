/* waiting.h: things that wait for a time, by the ten thousand: a binary heap of embedded nodes.
 *
 * Owner:   whoever embeds the node; stop it before its memory goes.
 * Threads: one at a time. Starting and stopping cost O(log n); lws's own timers are a sorted list
 *          that is walked, which at ten thousand delays is all that a server would do. */
#ifndef TESTS_SANDBOX_WAITING_H
#define TESTS_SANDBOX_WAITING_H

#include "core/base/base.h"

struct waiting { /* zeroed: not waiting */
    int64_t due_ms;
    size_t place; /* in the heap, from 1; 0 is nowhere */
};

struct waitings {
    struct waiting **heap; /* heap[0] is the first of place 1 */
    size_t count, cap;
};

void waitings_free(struct waitings *all);

/* Again, if it waits already. */
void waiting_start(struct waitings *all, struct waiting *waiting, int64_t due_ms);
void waiting_stop(struct waitings *all, struct waiting *waiting);

/* The next that is due at `now_ms`, no longer waiting; or NULL. */
struct waiting *waiting_due(struct waitings *all, int64_t now_ms);

/* When the next is due, or INT64_MAX. */
int64_t waitings_next(const struct waitings *all);

#endif
