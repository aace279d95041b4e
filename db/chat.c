#include "db/chat.h"

#include "core/base/utf8.h"

int chat_of(struct db_conn *conn, const char *platform, const char *own, const char *ref,
            int64_t now_ms, int64_t *ret_id, struct err *err)
{
    int found = db_int_of(conn, err, ret_id,
                          "select id from chat where platform = $1 and own = $2 and ref = $3",
                          "sss", platform, own, ref);
    if (found)
        return found > 0 ? 0 : -1;
    if (db_exec(conn, err,
                "insert into chat (platform, own, ref, created_ms) values ($1, $2, $3, $4)", "sssi",
                platform, own, ref, now_ms))
        return -1;
    *ret_id = db_last_id(conn);
    return 0;
}

int chat_of_owner(struct db_conn *conn, int64_t *ret_id, struct err *err)
{
    *ret_id = 0;
    return db_int_of(conn, err, ret_id,
                     "select i.chat_id from inbox i join account a on a.id = i.account_id "
                     "join chat c on c.id = i.chat_id where a.role = 'owner' and not c.crowd "
                     "order by c.away_ms > 0, c.pushes desc, i.id desc limit 1",
                     "") < 0
               ? -1
               : 0;
}

int chat_get(struct db_conn *conn, int64_t id, struct chat_place *ret, bool *ret_found,
             struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, "select platform, own, ref from chat where id = $1", "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found < 0)
        return -1;
    *ret_found = found;
    if (!found)
        return 0;
    utf8_copy(ret->platform, sizeof(ret->platform), db_text(&rows, 0));
    utf8_copy(ret->own, sizeof(ret->own), db_text(&rows, 1));
    utf8_copy(ret->ref, sizeof(ret->ref), db_text(&rows, 2));
    return 0;
}

void session_free(struct session *session)
{
    free(session->pending);
    free(session->last_search);
    session->pending = session->last_search = NULL;
}

int session_of(struct db_conn *conn, int64_t chat_id, int64_t now_ms, struct session *ret,
               struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select id, pending, last_search from chat_session where chat_id = $1 and "
                 "ended_ms is null",
                 "i", chat_id))
        return -1;
    int found = db_next(&rows, err);
    if (found < 0)
        return -1;
    if (found) {
        *ret = (struct session){.id = db_int(&rows, 0)};
        if (!db_null(&rows, 1))
            ret->pending = mem_text(db_text(&rows, 1));
        if (!db_null(&rows, 2))
            ret->last_search = mem_text(db_text(&rows, 2));
        return 0;
    }
    if (db_exec(conn, err, "insert into chat_session (chat_id, started_ms) values ($1, $2)", "ii",
                chat_id, now_ms))
        return -1;
    *ret = (struct session){.id = db_last_id(conn)};
    return 0;
}

int session_end(struct db_conn *conn, int64_t chat_id, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update chat_session set ended_ms = $2, pending = null, last_search = null "
                   "where chat_id = $1 and ended_ms is null",
                   "ii", chat_id, now_ms);
}

int session_set_search(struct db_conn *conn, int64_t session_id, const char *last_search,
                       struct err *err)
{
    return db_exec(conn, err, "update chat_session set last_search = $2 where id = $1", "is",
                   session_id, last_search);
}

int session_set_pending(struct db_conn *conn, int64_t session_id, const char *pending,
                        struct err *err)
{
    return db_exec(conn, err, "update chat_session set pending = $2 where id = $1", "is",
                   session_id, pending);
}

int message_add(struct db_conn *conn, int64_t session_id, int64_t inbox_id, bool ours,
                const char *text, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into message (session_id, inbox_id, role, text, created_ms) "
                   "values ($1, $2, $3, $4, $5) on conflict do nothing",
                   "iissi", session_id, inbox_id, ours ? "maitred" : "person", text, now_ms);
}

int message_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from message where id in (select id from message "
                "where created_ms < $1 order by id limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}

int chat_find(struct db_conn *conn, const char *platform, const char *own, const char *ref,
              int64_t *ret_id, struct err *err)
{
    *ret_id = 0;
    return db_int_of(conn, err, ret_id,
                     "select id from chat where platform = $1 and own = $2 and ref = $3", "sss",
                     platform, own, ref) < 0
               ? -1
               : 0;
}

int chat_seen(struct db_conn *conn, int64_t id, bool crowd, const char *title, bool pushes,
              bool *ret_was_away, struct err *err)
{
    int64_t away = 0;
    if (db_int_of(conn, err, &away, "select away_ms from chat where id = $1", "i", id) < 0)
        return -1;
    *ret_was_away = away;
    return db_exec(conn, err,
                   "update chat set crowd = $2, title = $3, pushes = $4, away_ms = 0 where id = $1 "
                   "and (crowd <> $2 or title <> $3 or pushes <> $4 or away_ms)",
                   "iisi", id, (int64_t)crowd, title, (int64_t)pushes);
}

int chat_is_crowd(struct db_conn *conn, int64_t id, bool *ret, struct err *err)
{
    int64_t crowd = 1;
    int found = db_int_of(conn, err, &crowd, "select crowd from chat where id = $1", "i", id);
    *ret = crowd;
    return found < 0 ? -1 : 0;
}

int chat_is_allowed(struct db_conn *conn, int64_t id, bool *ret, struct err *err)
{
    int64_t allowed = 0;
    if (db_int_of(conn, err, &allowed, "select allowed from chat where id = $1", "i", id) < 0)
        return -1;
    *ret = allowed;
    return 0;
}

int chat_allow(struct db_conn *conn, int64_t id, bool allowed, struct err *err)
{
    return db_exec(conn, err, "update chat set allowed = $2 where id = $1 and allowed <> $2", "ii",
                   id, (int64_t)allowed);
}

int chat_set_away(struct db_conn *conn, int64_t id, int64_t away_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update chat set away_ms = $2 where id = $1 and (not away_ms or not $2)", "ii",
                   id, away_ms);
}

/* All that points to a chat. */
static int repoint(struct db_conn *conn, int64_t from, int64_t to, struct err *err)
{
    if (db_exec(conn, err, "update inbox set chat_id = $2 where chat_id = $1", "ii", from, to) ||
        db_exec(conn, err, "update outbox set chat_id = $2 where chat_id = $1", "ii", from, to) ||
        db_exec(conn, err, "update venue_watch set chat_id = $2 where chat_id = $1", "ii", from,
                to) ||
        db_exec(conn, err, "update button set chat_id = $2 where chat_id = $1", "ii", from, to) ||
        db_exec(conn, err, "update booking_attempt set chat_id = $2 where chat_id = $1", "ii", from,
                to) ||
        db_exec(conn, err, "update newcomer set chat_id = $2 where chat_id = $1", "ii", from, to))
        return -1;
    return db_exec(conn, err, "update account set daily_chat = $2 where daily_chat = $1", "ii",
                   from, to);
}

int chat_move(struct db_conn *conn, const char *platform, const char *own, const char *from,
              const char *to, struct err *err)
{
    int64_t old, new;
    if (chat_find(conn, platform, own, from, &old, err) ||
        chat_find(conn, platform, own, to, &new, err))
        return -1;
    if (!old)
        return 0;
    if (new && (repoint(conn, new, old, err) ||
                db_exec(conn, err, "delete from chat where id = $1", "i", new)))
        return -1;
    return db_exec(conn, err, "update chat set ref = $2 where id = $1", "is", old, to);
}

int chats_of_room(struct db_conn *conn, const char *platform, const char *own, const char *room,
                  int64_t **ret_ids, size_t *ret_count, struct err *err)
{
    return db_ids(conn, err, ret_ids, ret_count,
                  "select id from chat where platform = $1 and own = $2 "
                  "and (ref = $3 or substr(ref, 1, length($3) + 1) = $3 || ':')",
                  "sss", platform, own, room);
}

int messages_last(struct db_conn *conn, int64_t session_id, int64_t account_id, struct said *out,
                  size_t limit, size_t *ret_count, int64_t *ret_total, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    *ret_total = 0;
    if (db_int_of(conn, err, ret_total,
                  "select count(*) from message m join inbox i on i.id = m.inbox_id "
                  "where m.session_id = $1 and i.account_id = $2 and m.role = 'person'",
                  "ii", session_id, account_id) < 0)
        return -1;
    if (db_query(conn, &rows, err,
                 "select role <> 'person', text, inbox_id from (select m.id, m.role, m.text, "
                 "m.inbox_id from message m "
                 "join inbox i on i.id = m.inbox_id where m.session_id = $1 and i.account_id = $2 "
                 "order by m.id desc limit $3) order by id",
                 "iii", session_id, account_id, (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct said){db_int(&rows, 0), db_int(&rows, 2),
                                            mem_text(db_text(&rows, 1))};
    return more;
}
