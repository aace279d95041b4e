/* incident.h: what is wrong since when: table incident; at most one open for each cause.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values. */
#ifndef DB_INCIDENT_H
#define DB_INCIDENT_H

#include "db/db.h"

struct incident {
    int64_t id, opened_ms;
    int64_t failed; /* checks, or other tries, while it was open */
    char cause[48], why[160];
};

/* *ret_new false: it is open already. Each call counts as one failure of it. */
int incident_open(struct db_conn *conn, const char *cause, const char *why, int64_t now_ms,
                  bool *ret_new, struct err *err) MUST_USE;

/* One whose cause begins so is open. */
int incident_is_open(struct db_conn *conn, const char *prefix, bool *ret, struct err *err) MUST_USE;

/* Closes the open ones whose cause begins so; the oldest of them in *ret, if any. */
int incident_close(struct db_conn *conn, const char *prefix, int64_t now_ms, struct incident *ret,
                   bool *ret_closed, struct err *err) MUST_USE;

/* Refusals ("refused-CHAT.") of chats that wait for nothing any more are over. */
int incident_forget_refused(struct db_conn *conn, int64_t now_ms, struct err *err) MUST_USE;

/* The provider's first, then by age. */
int incidents_now(struct db_conn *conn, struct incident *out, size_t limit, size_t *ret_count,
                  struct err *err) MUST_USE;
int incident_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                   struct err *err) MUST_USE;

#endif
