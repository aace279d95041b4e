/* alert_inner.h: what the files that make alerts share: one being made, and its words.
 *
 * Threads: inside a db_fn. */
#ifndef CORE_SERVICES_ALERT_INNER_H
#define CORE_SERVICES_ALERT_INNER_H

#include "core/services/services.h"

#define OPEN_FOR     ((int64_t)2 * DAY_MS) /* Open is harmless; Stop lives as long as the watch */
#define WATCHES_MOST 8                     /* of one person that one message speaks for */
#define DIGEST_MOST  40 /* restaurants and days; what is over that is the next one's */

struct alert {
    struct services *services;
    struct db_conn *conn;
    const struct outbox_row *row;
    int alerts_max;
    int64_t now_ms;
    cJSON *payload;
    struct watch watch; /* the first of those that it speaks for */
    struct told_watch watches[WATCHES_MOST];
    size_t watch_count; /* of those that somebody still waits for */
    struct date day, today;
    struct zone *zone;
    struct told_slots slots;
    struct str missed; /* what closed in their quiet hours */
};

/* alert_words.c */

/* How many of its tables can be told: open, and not over. */
size_t alert_count(const struct alert *a);
/* Most wanted first; else by the clock, as they were read. */
void alert_sort(struct alert *a);
/* "19:15" each, a time once. */
cJSON *alert_times(const struct alert *a);
/* "7:15 PM (Dining Room, fee $25), 9:00 PM (Bar)"; `all`: those that are gone too. */
void alert_add_times(struct str *out, const struct alert *a, bool all);
/* "Tue 9:12 AM", on the restaurant's clock. */
void alert_add_instant(struct str *out, const struct alert *a, int64_t utc_ms, bool seconds);
void alert_add_headline(struct str *out, const struct alert *a);
void alert_add_facts(struct alert *a, cJSON *message);
/* When the last of its tables closed; 0: none has. */
int64_t alert_last_closed(const struct alert *a);
/* There is nothing left to say. */
int alert_gone(struct alert *a, struct err *err) MUST_USE;

/* digest.c */

/* Too many were sent within a minute: what waits is collected for a moment, and told as one.
 * *ret_later: not now. */
int digest_collect(struct alert *a, bool *ret_later, struct err *err) MUST_USE;
int digest_compose(struct alert *a, const int64_t *questions, size_t count, cJSON **ret,
                   struct err *err) MUST_USE;

/* *ret_later: its person has quiet hours, and it waits for the morning. */
int quiet_keep(struct alert *a, bool *ret_later, struct err *err) MUST_USE;
/* All that waited for the morning becomes one message, and what was missed is noted. */
int quiet_end(struct alert *a, struct err *err) MUST_USE;
/* Nothing is left of it in the morning. */
int quiet_compose_missed(struct alert *a, cJSON **ret, struct err *err) MUST_USE;

#endif
