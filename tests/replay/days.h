/* days.h: random days, lived by the real services and judged.
 *
 * A day: two restaurants on two dates; tables that open for a while, flap, change their fee;
 * answers that fail or lack a table that is there, in a tenth of all and for hours on end; watches
 * that begin, are edited, paused, silenced, stopped and taken back; a clock that jumps. */
#ifndef TESTS_REPLAY_DAYS_H
#define TESTS_REPLAY_DAYS_H

#include "core/base/base.h"

struct days_tally {
    size_t days, answers, failed, withheld, openings, right, falses, missed;
    uint64_t bad_seed; /* of the first day with a mistake */
    char first[200];
};

/* Seeds from `seed` on; stops at the first bad day if `stop`. NULL: all calls went well. */
char *days_run(uint64_t seed, size_t days, bool stop, struct days_tally *ret);

#endif
