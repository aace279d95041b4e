/* spent.h: how much was asked of the provider, minute by minute, for an hour: table spent.
 *
 * Threads: inside a db_fn. */
#ifndef DB_SPENT_H
#define DB_SPENT_H

#include "db/db.h"

struct spent {
    int64_t minute; /* of Unix time */
    int64_t requests;
};

/* At least so many; what is an hour older, or later, is forgotten. */
int spent_put(struct db_conn *conn, const struct spent *spent, struct err *err) MUST_USE;

/* Those of these minutes, oldest first. */
int spent_between(struct db_conn *conn, int64_t from, int64_t to, struct spent *out, size_t limit,
                  size_t *ret_count, struct err *err) MUST_USE;

#endif
