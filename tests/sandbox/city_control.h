/* city_control.h: one control line in the making, between city_control.c (what changes the city)
 * and city_report.c (what only tells, and the script's clock).
 *
 * Owner:   order_run's stack.
 * Threads: see city.h. */
#ifndef TESTS_SANDBOX_CITY_CONTROL_H
#define TESTS_SANDBOX_CITY_CONTROL_H

#include "core/base/str.h"

struct city;

struct order {
    struct city *city;
    int64_t now_ms;
    bool dry; /* check only: a script's line */
    const char *words[64];
    size_t count, at;
    struct str reply; /* JSON */
};

int order_run(struct city *city, int64_t now_ms, const char *line, bool dry, char **reply);

/* `line` will be run by city_tick at that time. */
void plan_line(struct city *city, int64_t at_ms, const char *line);

/* Commands: 0, or -1 with the reply {"error":…}. */
int run_counts(struct order *order);
int run_reset_counts(struct order *order);
int run_log(struct order *order);
int say_venues(struct order *order);
int run_time(struct order *order);

#endif
