/* opening.h: every table that was seen to open, and how long it lasted: table opening. Kept when
 * the question that saw it is gone.
 *
 * Threads: inside a db_fn. */
#ifndef DB_OPENING_H
#define DB_OPENING_H

#include "db/db.h"

/* A slot opened that an earlier answer had not, or it closed. */
int opening_begin(struct db_conn *conn, int64_t question_id, const char *start, const char *seating,
                  int64_t opened_ms, struct err *err) MUST_USE;
int opening_end(struct db_conn *conn, int64_t slot_id, int64_t closed_ms, struct err *err) MUST_USE;

struct opening {
    int64_t opened_ms, closed_ms; /* closed_ms 0: it has not, or nobody looked any more */
};
/* Of one restaurant, newest first; tables of one time, seating and day once, however many questions
 * saw them open within a minute. */
int openings_of(struct db_conn *conn, int64_t venue_id, struct opening *out, size_t limit,
                size_t *ret_count, struct err *err) MUST_USE;

int opening_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                  struct err *err) MUST_USE;

#endif
