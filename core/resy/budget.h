/* budget.h: how much may be asked of the provider, exactly: so many in any minute, so many in any
 * hour, in three classes that share one count.
 *
 * Owner:   budget_new … budget_free.
 * Threads: every function from any task.
 * Clock:   monotonic ms, given by the caller. */
#ifndef CORE_RESY_BUDGET_H
#define CORE_RESY_BUDGET_H

#include "core/base/base.h"

enum budget_class {
    BUDGET_PRESS,  /* bookings and cancellations that a person pressed: never held back */
    BUDGET_PERSON, /* a person waits for the answer */
    BUDGET_CHECK,  /* the rest: four fifths of both counts, and evenly spaced */
};

struct budget;

/* 0 a minute: no limit (the provider is on this machine). */
struct budget *budget_new(unsigned a_minute, unsigned an_hour);
void budget_free(struct budget *budget);

/* True: taken and counted. False: not before *ret_wait_ms have passed. */
bool budget_take(struct budget *budget, enum budget_class class, int64_t now_ms,
                 int64_t *ret_wait_ms);

/* How long until budget_take could say yes; takes nothing. */
int64_t budget_wait_ms(struct budget *budget, enum budget_class class, int64_t now_ms);

struct budget_use {
    unsigned last_minute, last_hour, a_minute, an_hour;
};
struct budget_use budget_use(struct budget *budget, int64_t now_ms);

/* What was taken in [from, to); and: so many were, before a restart. Add in the order of time, and
 * before the first is taken. */
unsigned budget_taken(struct budget *budget, int64_t from_ms, int64_t to_ms);
void budget_add(struct budget *budget, int64_t at_ms, unsigned count);

/* Checks a minute that the budget allows; 0: no limit. */
double budget_checks_a_minute(const struct budget *budget);

#endif
