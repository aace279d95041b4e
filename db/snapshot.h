/* snapshot.h: who had a table when a chat last looked for just that: table venue_search_snapshot.
 * Nobody else's: a watch has its own view (hint.h), another chat its own row.
 *
 * Threads: inside a db_fn.
 * Memory:  the caller frees *ret_ids. */
#ifndef DB_SNAPSHOT_H
#define DB_SNAPSHOT_H

#include "db/db.h"

/* Rising ids. *ret_made_ms 0: it never looked for that. */
int snapshot_get(struct db_conn *conn, int64_t chat_id, const char *wish, int64_t **ret_ids,
                 size_t *ret_count, int64_t *ret_made_ms, struct err *err) MUST_USE;
/* `ids`: a JSON array; `add`: those that were there stay. */
int snapshot_put(struct db_conn *conn, int64_t chat_id, const char *wish, const char *ids, bool add,
                 int64_t now_ms, struct err *err) MUST_USE;
int snapshot_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                   struct err *err) MUST_USE;

#endif
