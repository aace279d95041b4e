#include "db/opening.h"

int opening_begin(struct db_conn *conn, int64_t question_id, const char *start, const char *seating,
                  int64_t opened_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into opening (venue_id, party, start, seating, opened_ms) "
                   "select venue_id, party, $2, $3, $4 from question where id = $1 "
                   "on conflict do nothing",
                   "issi", question_id, start, seating, opened_ms);
}

int opening_end(struct db_conn *conn, int64_t slot_id, int64_t closed_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update opening set closed_ms = $2 where (venue_id, party, start, seating, "
                   "opened_ms) = (select q.venue_id, q.party, s.start, s.seating, s.opened_ms "
                   "from slot s join question q on q.id = s.question_id where s.id = $1)",
                   "ii", slot_id, closed_ms);
}

int openings_of(struct db_conn *conn, int64_t venue_id, struct opening *out, size_t limit,
                size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select min(opened_ms), coalesce(max(closed_ms), 0) from opening "
                 "where venue_id = $1 group by start, seating, opened_ms / 60000 "
                 "order by 1 desc limit $2",
                 "ii", venue_id, (int64_t)limit))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct opening){db_int(&rows, 0), db_int(&rows, 1)};
    return more < 0 ? -1 : 0;
}

int opening_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from opening where id in (select id from opening where opened_ms < $1 "
                "order by opened_ms limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}
