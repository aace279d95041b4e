#include "db/incident.h"

#include "core/base/utf8.h"

int incident_open(struct db_conn *conn, const char *cause, const char *why, int64_t now_ms,
                  bool *ret_new, struct err *err)
{
    if (db_exec(conn, err,
                "insert into incident (cause, why, opened_ms) values ($1, $2, $3) "
                "on conflict do nothing",
                "ssi", cause, why, now_ms))
        return -1;
    *ret_new = db_changes(conn);
    return db_exec(conn, err,
                   "update incident set failed = failed + 1 where cause = $1 "
                   "and closed_ms is null",
                   "s", cause);
}

static int list(struct db_rows *rows, struct incident *out, size_t limit, size_t *ret_count,
                struct err *err)
{
    int more;
    *ret_count = 0;
    while (*ret_count < limit && (more = db_next(rows, err)) != 0) {
        if (more < 0)
            return -1;
        struct incident *incident = &out[(*ret_count)++];
        *incident = (struct incident){
            .id = db_int(rows, 0), .opened_ms = db_int(rows, 1), .failed = db_int(rows, 4)};
        utf8_copy(incident->cause, sizeof(incident->cause), db_text(rows, 2));
        utf8_copy(incident->why, sizeof(incident->why), db_text(rows, 3));
    }
    return 0;
}

int incident_close(struct db_conn *conn, const char *prefix, int64_t now_ms, struct incident *ret,
                   bool *ret_closed, struct err *err)
{
    auto_rows rows = {0};
    size_t count;
    if (db_query(conn, &rows, err,
                 "select id, opened_ms, cause, why, failed from incident where closed_ms is null "
                 "and substr(cause, 1, length($1)) = $1 order by opened_ms limit 1",
                 "s", prefix) ||
        list(&rows, ret, 1, &count, err))
        return -1;
    *ret_closed = count;
    if (!count)
        return 0;
    return db_exec(conn, err,
                   "update incident set closed_ms = $2 where closed_ms is null "
                   "and substr(cause, 1, length($1)) = $1",
                   "si", prefix, now_ms);
}

int incident_forget_refused(struct db_conn *conn, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update incident set closed_ms = $1 where closed_ms is null and "
                   "cause glob 'refused-*' and not exists (select 1 from venue_watch "
                   "where state = 'active' and 'refused-' || chat_id || '.' = cause)",
                   "i", now_ms);
}

int incidents_now(struct db_conn *conn, struct incident *out, size_t limit, size_t *ret_count,
                  struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select id, opened_ms, cause, why, failed from incident where closed_ms is null "
                 "order by cause glob 'resy-*' desc, opened_ms",
                 ""))
        return -1;
    return list(&rows, out, limit, ret_count, err);
}

int incident_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from incident where id in (select id from incident "
                "where closed_ms < $1 limit 100)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 100;
    return 0;
}

int incident_is_open(struct db_conn *conn, const char *prefix, bool *ret, struct err *err)
{
    int64_t open = 0;
    int found = db_int_of(conn, err, &open,
                          "select 1 from incident where closed_ms is null "
                          "and substr(cause, 1, length($1)) = $1 limit 1",
                          "s", prefix);
    *ret = found > 0;
    return found < 0 ? -1 : 0;
}
