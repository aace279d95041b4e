#include "db/guide.h"

int guide_get(struct db_conn *conn, const char *name, struct venue *ret, bool *ret_known,
              int64_t *ret_asked_ms, struct err *err)
{
    int64_t venue = 0;
    *ret_known = false;
    *ret_asked_ms = 0;
    if (db_int_of(conn, err, ret_asked_ms, "select asked_ms from guide_venue where name = $1", "s",
                  name) < 0 ||
        db_int_of(conn, err, &venue,
                  "select venue_id from guide_venue where name = $1 and venue_id is not null", "s",
                  name) < 0)
        return -1;
    return venue ? venue_get(conn, venue, ret, ret_known, err) : 0;
}

int guide_put(struct db_conn *conn, const char *name, int64_t venue_id, int64_t now_ms,
              struct err *err)
{
    return db_exec(conn, err,
                   "insert into guide_venue (name, venue_id, asked_ms) "
                   "values ($1, nullif($2, 0), $3) on conflict do update set "
                   "venue_id = excluded.venue_id, asked_ms = excluded.asked_ms",
                   "sii", name, venue_id, now_ms);
}
