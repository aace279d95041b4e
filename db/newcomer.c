#include "db/newcomer.h"

#include "core/base/utf8.h"

#define COLUMNS                                                                                    \
    "select id, chat_id, asked, expires_ms, created_ms, crowd, platform, own, who, name, code, "   \
    "state from newcomer "

static int read_one(struct db_rows *rows, struct newcomer *ret, bool *ret_found, struct err *err)
{
    int found = db_next(rows, err);
    *ret_found = found > 0;
    if (found <= 0)
        return found;
    *ret = (struct newcomer){.id = db_int(rows, 0),
                             .chat_id = db_int(rows, 1),
                             .asked = db_int(rows, 2),
                             .expires_ms = db_int(rows, 3),
                             .created_ms = db_int(rows, 4),
                             .crowd = db_int(rows, 5)};
    utf8_copy(ret->platform, sizeof(ret->platform), db_text(rows, 6));
    utf8_copy(ret->own, sizeof(ret->own), db_text(rows, 7));
    utf8_copy(ret->who, sizeof(ret->who), db_text(rows, 8));
    utf8_copy(ret->name, sizeof(ret->name), db_text(rows, 9));
    utf8_copy(ret->code, sizeof(ret->code), db_text(rows, 10));
    utf8_copy(ret->state, sizeof(ret->state), db_text(rows, 11));
    return 0;
}

int newcomer_get(struct db_conn *conn, int64_t id, struct newcomer *ret, bool *ret_found,
                 struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, COLUMNS "where id = $1", "i", id))
        return -1;
    return read_one(&rows, ret, ret_found, err);
}

int newcomer_of(struct db_conn *conn, const char *platform, const char *own, const char *who,
                struct newcomer *ret, bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, COLUMNS "where platform = $1 and own = $2 and who = $3", "sss",
                 platform, own, who))
        return -1;
    return read_one(&rows, ret, ret_found, err);
}

int newcomer_by_code(struct db_conn *conn, const char *code, int64_t now_ms, struct newcomer *ret,
                     bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, COLUMNS "where code = $1 and state = 'asks' and expires_ms > $2",
                 "si", code, now_ms))
        return -1;
    return read_one(&rows, ret, ret_found, err);
}

int newcomer_put(struct db_conn *conn, struct newcomer *n, struct err *err)
{
    if (db_exec(conn, err,
                "insert into newcomer (platform, own, who, chat_id, crowd, name, code, state, "
                "asked, expires_ms, created_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                "$11) on conflict (platform, own, who) do update set chat_id = $4, name = $6, "
                "code = $7, state = $8, asked = $9, expires_ms = $10",
                "sssiisssiii", n->platform, n->own, n->who, n->chat_id, (int64_t)n->crowd, n->name,
                n->code, n->state, n->asked, n->expires_ms, n->created_ms))
        return -1;
    return db_int_of(conn, err, &n->id,
                     "select id from newcomer where platform = $1 and own = $2 and who = $3", "sss",
                     n->platform, n->own, n->who) == 1
               ? 0
               : -1;
}

int newcomer_settle(struct db_conn *conn, int64_t id, bool in, bool *ret_changed, struct err *err)
{
    if (db_exec(conn, err,
                "update newcomer set state = iif($2, 'in', 'out'), code = '' "
                "where id = $1 and state = 'asks'",
                "ii", id, (int64_t)in))
        return -1;
    *ret_changed = db_changes(conn);
    return 0;
}

int newcomer_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from newcomer where id in (select id from newcomer "
                "where max(expires_ms, created_ms) < $1 limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}
