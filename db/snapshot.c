#include "db/snapshot.h"

int snapshot_get(struct db_conn *conn, int64_t chat_id, const char *wish, int64_t **ret_ids,
                 size_t *ret_count, int64_t *ret_made_ms, struct err *err)
{
    *ret_made_ms = 0;
    if (db_int_of(conn, err, ret_made_ms,
                  "select made_ms from venue_search_snapshot where chat_id = $1 and wish = $2",
                  "is", chat_id, wish) < 0)
        return -1;
    return db_ids(conn, err, ret_ids, ret_count,
                  "select value from venue_search_snapshot, json_each(venues) "
                  "where chat_id = $1 and wish = $2 order by value",
                  "is", chat_id, wish);
}

int snapshot_put(struct db_conn *conn, int64_t chat_id, const char *wish, const char *ids, bool add,
                 int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into venue_search_snapshot (chat_id, wish, venues, made_ms) "
                   "values ($1, $2, $3, $5) on conflict do update set made_ms = $5, "
                   "venues = iif($4, (select json_group_array(value) from (select value "
                   "from json_each($3) union select value from json_each(venues))), $3)",
                   "issii", chat_id, wish, ids, (int64_t)add, now_ms);
}

int snapshot_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from venue_search_snapshot where id in (select id from "
                "venue_search_snapshot where made_ms < $1 limit 100)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 100;
    return 0;
}
