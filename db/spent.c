#include "db/spent.h"

int spent_put(struct db_conn *conn, const struct spent *spent, struct err *err)
{
    if (db_exec(conn, err,
                "insert into spent values ($1, $2) on conflict do update "
                "set requests = max(requests, excluded.requests)",
                "ii", spent->minute, spent->requests))
        return -1;
    return db_exec(conn, err, "delete from spent where minute < $1 - 60 or minute > $1 + 1", "i",
                   spent->minute);
}

int spent_between(struct db_conn *conn, int64_t from, int64_t to, struct spent *out, size_t limit,
                  size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select minute, requests from spent where minute between $1 and $2 "
                 "order by minute",
                 "ii", from, to))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) != 0) {
        if (more < 0)
            return -1;
        out[(*ret_count)++] = (struct spent){db_int(&rows, 0), db_int(&rows, 1)};
    }
    return 0;
}
