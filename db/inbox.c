#include "db/inbox.h"

void inbox_row_free(struct inbox_row *row)
{
    free(row->platform);
    free(row->own);
    free(row->ref);
    free(row->text);
    free(row->preface);
    free(row->chat_ref);
    *row = (struct inbox_row){0};
}

int inbox_add(struct db_conn *conn, const struct inbox_row *row, int64_t *ret_id, struct err *err)
{
    *ret_id = 0;
    if (db_exec(conn, err,
                "insert into inbox (platform, own, ref, chat_id, account_id, kind, text, acts, "
                "received_ms, preface) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                "on conflict do nothing",
                "sssiissiis", row->platform, row->own, row->ref, row->chat_id, row->account_id,
                row->press ? "press" : "text", row->text, (int64_t)row->acts, row->received_ms,
                row->preface ? row->preface : ""))
        return -1;
    if (db_changes(conn))
        *ret_id = db_last_id(conn);
    return 0;
}

int inbox_count_since(struct db_conn *conn, int64_t account_id, int64_t since_ms, int64_t *ret,
                      struct err *err)
{
    return db_int_of(conn, err, ret,
                     "select count(*) from inbox where account_id = $1 and received_ms > $2", "ii",
                     account_id, since_ms) < 0
               ? -1
               : 0;
}

int inbox_begin(struct db_conn *conn, int64_t id, struct inbox_row *ret, struct err *err)
{
    if (db_exec(conn, err, "update inbox set tries = tries + 1 where id = $1 and state = 'new'",
                "i", id))
        return -1;
    if (!db_changes(conn))
        return err_set(err, ERR_MISSING, NULL, "inbox %lld is done", (long long)id);
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select i.chat_id, i.account_id, i.received_ms, i.tries, i.kind, i.acts, "
                 "i.platform, i.own, i.ref, i.text, i.preface, c.ref from inbox i "
                 "join chat c on c.id = i.chat_id where i.id = $1",
                 "i", id) ||
        db_next(&rows, err) != 1)
        return -1;
    *ret = (struct inbox_row){
        .id = id,
        .chat_id = db_int(&rows, 0),
        .account_id = db_int(&rows, 1),
        .received_ms = db_int(&rows, 2),
        .tries = db_int(&rows, 3),
        .press = !strcmp(db_text(&rows, 4), "press"),
        .acts = db_int(&rows, 5),
        .platform = mem_text(db_text(&rows, 6)),
        .own = mem_text(db_text(&rows, 7)),
        .ref = mem_text(db_text(&rows, 8)),
        .text = mem_text(db_text(&rows, 9)),
        .preface = mem_text(db_text(&rows, 10)),
        .chat_ref = mem_text(db_text(&rows, 11)),
    };
    return 0;
}

int inbox_done(struct db_conn *conn, int64_t id, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update inbox set state = 'done', done_ms = $2 where id = $1 and state = 'new'",
                   "ii", id, now_ms);
}

int inbox_waiting(struct db_conn *conn, int64_t after, struct inbox_ref *out, size_t limit,
                  size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select id, chat_id, account_id, kind = 'press' or text like '/%' from inbox "
                 "where state = 'new' and id > $1 order by id limit $2",
                 "ii", after, (int64_t)limit))
        return -1;
    int more;
    while ((more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct inbox_ref){db_int(&rows, 0), db_int(&rows, 1),
                                                 db_int(&rows, 2), db_int(&rows, 3)};
    return more;
}

int inbox_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from inbox where id in (select id from inbox "
                "where state = 'done' and received_ms < $1 and id not in "
                "(select max(id) from inbox group by chat_id) order by id limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}

static int join(struct db_conn *conn, int64_t whole, int64_t end, int64_t now_ms, struct err *err)
{
    if (db_exec(conn, err,
                "update inbox set text = text || (select e.text from inbox e where e.id = $2) "
                "where id = $1",
                "ii", whole, end))
        return -1;
    return inbox_done(conn, end, now_ms, err);
}

int inbox_join(struct db_conn *conn, int64_t id, const char *ref, size_t most, int64_t now_ms,
               enum inbox_joined *ret, int64_t *ret_id, struct err *err)
{
    auto_rows rows = {0};
    *ret = INBOX_ALONE;
    *ret_id = 0;
    if (db_query(
            conn, &rows, err,
            "select b.id, b.state = 'new' and not b.tries, b.state = 'done' and not b.tries, "
            "length(cast(b.text as blob)) + length(cast(e.text as blob)) from inbox e join inbox b "
            "on b.platform = e.platform and b.own = e.own and b.chat_id = e.chat_id "
            "and b.account_id = e.account_id and b.ref = $2 where e.id = $1",
            "is", id, ref))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found;
    int64_t whole = db_int(&rows, 0), bytes = db_int(&rows, 3);
    if (!db_int(&rows, 1))
        *ret = db_int(&rows, 2) ? INBOX_REFUSED : INBOX_ALONE;
    else
        *ret = bytes > (int64_t)most ? INBOX_TOO_LONG : INBOX_JOINED;
    if (*ret == INBOX_ALONE)
        return 0;
    *ret_id = whole;
    if (*ret == INBOX_JOINED)
        return join(conn, whole, id, now_ms, err);
    if (db_exec(conn, err, "update inbox set text = '' where id = $1", "i", whole))
        return -1;
    return inbox_done(conn, id, now_ms, err);
}

int inbox_last_of(struct db_conn *conn, const char *platform, const char *own, const char *ref,
                  int64_t *ret_id, char **ret_text, struct err *err)
{
    auto_rows rows = {0};
    *ret_id = 0;
    *ret_text = NULL;
    if (db_query(conn, &rows, err,
                 "select i.id, i.text from inbox i where i.platform = $1 and i.own = $2 "
                 "and i.ref = $3 and i.id = (select max(l.id) from inbox l "
                 "where l.chat_id = i.chat_id)",
                 "sss", platform, own, ref))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found;
    *ret_id = db_int(&rows, 0);
    *ret_text = mem_text(db_text(&rows, 1));
    return 0;
}
