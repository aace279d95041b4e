/* guide.h: who is meant by the names of a printed guide: table guide_venue.
 *
 * Threads: inside a db_fn. */
#ifndef DB_GUIDE_H
#define DB_GUIDE_H

#include "db/venue.h"

/* *ret_asked_ms 0: it was never asked for. *ret_known: the provider has it, *ret. */
int guide_get(struct db_conn *conn, const char *name, struct venue *ret, bool *ret_known,
              int64_t *ret_asked_ms, struct err *err) MUST_USE;
/* venue_id 0: there is none of that name. */
int guide_put(struct db_conn *conn, const char *name, int64_t venue_id, int64_t now_ms,
              struct err *err) MUST_USE;

#endif
