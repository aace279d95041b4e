#include "db/outbox.h"

#include "db/button.h"

#define ON_ITS_WAY_MS 1000 /* a request that a predecessor sent has arrived by then */

static const char *const kinds[] = {"reply", "alert", "edit", "notice"};

void outbox_row_free(struct outbox_row *row)
{
    free(row->payload);
    free(row->platform_ref);
    free(row->after_ref);
    free(row->others);
    free(row->platform);
    free(row->own);
    free(row->chat_ref);
    free(row->inbox_ref);
    *row = (struct outbox_row){0};
}

int outbox_add(struct db_conn *conn, const struct outbox_row *row, int64_t *ret_id, struct err *err)
{
    if (db_exec(conn, err,
                "insert into outbox (chat_id, kind, due_ms, payload, inbox_id, last, watch_id, "
                "edits, seen_ms) values ($1, $2, max($3, coalesce((select rest_ms from chat "
                "where id = $1), 0)), $4, nullif($5, 0), $6, nullif($7, 0), nullif($8, 0), $9)",
                "isisiiiii", row->chat_id, kinds[row->kind], row->due_ms, row->payload,
                row->inbox_id, (int64_t)row->last, row->watch_id, row->edits, row->seen_ms))
        return -1;
    if (ret_id)
        *ret_id = db_last_id(conn);
    return 0;
}

int outbox_add_alerts(struct db_conn *conn, const char *rows, size_t count, int64_t now_ms,
                      int64_t *ret_first, struct err *err)
{
    if (db_exec(conn, err,
                "insert into outbox (chat_id, kind, due_ms, payload, watch_id, seen_ms) "
                "select value ->> 0, 'alert', $2, value -> 2, value ->> 1, $2 "
                "from json_each($1)",
                "si", rows, now_ms))
        return -1;
    *ret_first = db_last_id(conn) - (int64_t)count + 1; /* a new id is the greatest and one more */
    return 0;
}

static enum outbox_kind kind_of(const char *name)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(kinds) && strcmp(kinds[i], name) != 0)
        i++;
    return (enum outbox_kind)i;
}

static char *text_or_null(struct db_rows *rows, int column)
{
    return db_null(rows, column) ? NULL : mem_text(db_text(rows, column));
}

/* The chats that share the numbering of their messages with the crowd $1: its topics, and itself.
 * Whoever is alone, and most are, is not to pay for that. */
#define ROOM                                                                                       \
    "select b.id from chat a join chat b on b.platform = a.platform and b.own = a.own "            \
    "where a.id = $1 and substr(b.ref, 1, instr(b.ref || ':', ':') - 1) = "                        \
    "substr(a.ref, 1, instr(a.ref || ':', ':') - 1)"
#define IS_CROWD "(select crowd from chat where id = $1)"
#define LAST_OF(chats)                                                                             \
    "(select s.platform_ref from outbox s where s.chat_id " chats " and s.state = 'sent' "         \
    "and s.edits is null order by s.sent_ms desc limit 1)"
#define SINCE_OF(chats)                                                                            \
    "(select group_concat(platform_ref) from (select s.platform_ref from outbox s "                \
    "where s.chat_id " chats " and s.state = 'sent' and s.edits is null "                          \
    "and s.sent_ms >= o.seen_ms order by s.sent_ms limit 100))"

/* Alerts first, then in order; an edit waits for what it edits. 1: *ret_id; 0: none. */
static int next_due(struct db_conn *conn, int64_t chat_id, int64_t now_ms, int64_t *ret_id,
                    struct err *err)
{
    return db_int_of(conn, err, ret_id,
                     "select id from outbox where chat_id = $1 "
                     "and state in ('due', 'sending') and state = 'due' and due_ms <= $2 "
                     "and (edits is null or edits in (select e.id from outbox e "
                     "where e.id = outbox.edits and e.state = 'sent')) "
                     "and not exists (select 1 from chat where id = $1 and away_ms > 0) "
                     "order by kind <> 'alert', id limit 1",
                     "ii", chat_id, now_ms);
}

int outbox_is_due(struct db_conn *conn, int64_t chat_id, int64_t now_ms, bool *ret, bool *ret_alert,
                  struct err *err)
{
    int64_t id, alert = 0;
    int found = next_due(conn, chat_id, now_ms, &id, err);
    *ret = found > 0;
    if (found > 0)
        found = db_int_of(conn, err, &alert, "select kind = 'alert' from outbox where id = $1", "i",
                          id);
    *ret_alert = alert;
    return found < 0 ? -1 : 0;
}

int outbox_last_ref(struct db_conn *conn, int64_t chat_id, char *ref, size_t size, struct err *err)
{
    auto_rows rows = {0};
    *ref = '\0';
    if (db_query(conn, &rows, err,
                 "select coalesce(case when " IS_CROWD
                 " then " LAST_OF("in (" ROOM ")") " else " LAST_OF("= $1") " end, '')",
                 "i", chat_id) ||
        db_next(&rows, err) != 1)
        return -1;
    snprintf(ref, size, "%s", db_text(&rows, 0));
    return 0;
}

int outbox_seen(struct db_conn *conn, const char *platform, struct outbox_seen *out, size_t limit,
                size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select * from (select c.ref, i.ref from inbox i join chat c on c.id = i.chat_id "
                 "where i.platform = $1 order by i.id desc limit $2) union all "
                 "select * from (select c.ref, o.platform_ref from outbox o join chat c "
                 "on c.id = o.chat_id where c.platform = $1 and o.state = 'sent' "
                 "and o.platform_ref is not null order by o.id desc limit $2)",
                 "si", platform, (int64_t)(limit / 2)))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct outbox_seen){mem_text(db_text(&rows, 0)),
                                                   mem_text(db_text(&rows, 1))};
    return more < 0 ? -1 : 0;
}

void outbox_seen_free(struct outbox_seen *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(seen[i].chat);
        free(seen[i].ref);
    }
}

int outbox_take(struct db_conn *conn, int64_t chat_id, int64_t now_ms, const char *after_ref,
                struct outbox_row *ret, bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    int64_t id = 0;
    int found = next_due(conn, chat_id, now_ms, &id, err);
    *ret_found = found > 0;
    if (found <= 0)
        return found;
    if (db_exec(conn, err,
                "update outbox set state = 'sending', after_ref = coalesce(after_ref, $2) "
                "where id = $1 and state = 'due'",
                after_ref ? "is" : "in", id, after_ref))
        return -1;
    if (db_query(conn, &rows, err,
                 "select o.id, o.kind, o.due_ms, o.tries, o.maybe, o.payload, "
                 "coalesce(o.inbox_id, 0), o.last, coalesce(o.watch_id, 0), "
                 "coalesce(o.edits, 0), o.seen_ms, coalesce(e.platform_ref, o.platform_ref), "
                 "c.platform, c.own, c.ref, i.ref, o.quiet, nullif(o.after_ref, ''), "
                 "case when not o.maybe then null when " IS_CROWD
                 " then " SINCE_OF("in (" ROOM ")") " else " SINCE_OF(
                     "= $1") " end "
                             "from outbox o join chat c on c.id = o.chat_id "
                             "left join inbox i on i.id = o.inbox_id left join outbox e on e.id = "
                             "o.edits "
                             "where o.id = $2",
                 "ii", chat_id, id) ||
        db_next(&rows, err) != 1)
        return -1;
    *ret = (struct outbox_row){
        .id = db_int(&rows, 0),
        .chat_id = chat_id,
        .kind = kind_of(db_text(&rows, 1)),
        .due_ms = db_int(&rows, 2),
        .tries = db_int(&rows, 3),
        .maybe = db_int(&rows, 4),
        .payload = mem_text(db_text(&rows, 5)),
        .inbox_id = db_int(&rows, 6),
        .last = db_int(&rows, 7),
        .watch_id = db_int(&rows, 8),
        .edits = db_int(&rows, 9),
        .seen_ms = db_int(&rows, 10),
        .platform_ref = text_or_null(&rows, 11),
        .platform = mem_text(db_text(&rows, 12)),
        .own = mem_text(db_text(&rows, 13)),
        .chat_ref = mem_text(db_text(&rows, 14)),
        .inbox_ref = text_or_null(&rows, 15),
        .quiet = db_int(&rows, 16),
        .after_ref = text_or_null(&rows, 17),
        .others = text_or_null(&rows, 18),
    };
    return 0;
}

int outbox_sent(struct db_conn *conn, int64_t id, const char *platform_ref, int64_t now_ms,
                struct err *err)
{
    return db_exec(conn, err,
                   "update outbox set state = 'sent', sent_ms = $3, platform_ref = $2, "
                   "tries = tries + 1 where id = $1 and state = 'sending'",
                   "isi", id, platform_ref, now_ms);
}

int outbox_again(struct db_conn *conn, int64_t id, int64_t due_ms, bool counts, bool maybe,
                 const char *why, struct err *err)
{
    /* An edit that waits anew says it all. */
    if (db_exec(conn, err,
                "update outbox set state = 'gone', why = 'superseded' where id = $1 and edits in "
                "(select edits from outbox where state = 'due' and edits is not null)",
                "i", id) ||
        button_withdraw(conn, id, err))
        return -1;
    return db_exec(conn, err,
                   "update outbox set state = 'due', due_ms = $2, tries = tries + $3, "
                   "after_ref = iif(maybe or $4, after_ref, null), "
                   "maybe = max(maybe, $4), why = $5 where id = $1 and state = 'sending'",
                   "iiiis", id, due_ms, (int64_t)counts, (int64_t)maybe, why);
}

int outbox_end(struct db_conn *conn, int64_t id, const char *state, const char *why, int64_t now_ms,
               struct err *err)
{
    return db_exec(conn, err,
                   "update outbox set state = $2, why = $3, sent_ms = $4 "
                   "where id = $1 and state = 'sending'",
                   "issi", id, state, why, now_ms);
}

int outbox_reclaim(struct db_conn *conn, int64_t now_ms, struct err *err)
{
    /* An edit that waits anew makes the interrupted one superfluous. */
    if (db_exec(
            conn, err,
            "update outbox set state = 'gone', why = 'superseded' where state = 'sending' "
            "and (edits in (select edits from outbox where state = 'due' and edits is not null) "
            "or id < (select max(o.id) from outbox o where o.edits = outbox.edits "
            "and o.state = 'sending'))",
            ""))
        return -1;
    /* What is still on its way is waited for, and nothing there overtakes it. */
    if (db_exec(conn, err,
                "update chat set rest_ms = $1 + $2 where id in (select chat_id from outbox "
                "where state = 'sending' and kind <> 'alert')",
                "ii", now_ms, (int64_t)ON_ITS_WAY_MS) ||
        db_exec(conn, err,
                "update outbox set due_ms = $1 + $2 where state = 'due' and due_ms < $1 + $2 "
                "and kind <> 'alert' and chat_id in (select chat_id from outbox "
                "where state = 'sending' and kind <> 'alert')",
                "ii", now_ms, (int64_t)ON_ITS_WAY_MS))
        return -1;
    return db_exec(conn, err,
                   "update outbox set state = 'due', maybe = 1, "
                   "due_ms = $1 + iif(kind = 'alert', 0, $2) where state = 'sending'",
                   "ii", now_ms, (int64_t)ON_ITS_WAY_MS);
}

int outbox_reclaim_chat(struct db_conn *conn, int64_t chat_id, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update or ignore outbox set state = 'due', due_ms = $2, maybe = 1 "
                   "where chat_id = $1 and state in ('due', 'sending') and state = 'sending'",
                   "ii", chat_id, now_ms);
}

int outbox_due_chats(struct db_conn *conn, int64_t now_ms, int64_t *chats, size_t limit,
                     size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select distinct chat_id from outbox where state = 'due' and due_ms <= $1 "
                 "and chat_id not in (select id from chat where away_ms > 0) limit $2",
                 "ii", now_ms, (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        chats[(*ret_count)++] = db_int(&rows, 0);
    return more;
}

int outbox_coming(struct db_conn *conn, int64_t now_ms, struct outbox_next *out, size_t limit,
                  size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select chat_id, due_ms from outbox where state = 'due' and due_ms > $1 "
                 "order by due_ms limit $2",
                 "ii", now_ms, (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct outbox_next){db_int(&rows, 0), db_int(&rows, 1)};
    return more;
}

int outbox_wake(struct db_conn *conn, const char *platform, const char *own, int64_t now_ms,
                struct err *err)
{
    return db_exec(conn, err,
                   "update outbox set due_ms = $3 where state = 'due' and due_ms > $3 and chat_id "
                   "in (select id from chat where platform = $1 and own = $2)",
                   "ssi", platform, own, now_ms);
}

int outbox_settle(struct db_conn *conn, int64_t now_ms, int64_t most_ms, struct err *err)
{
    if (db_exec(conn, err, "update chat set rest_ms = $1 where rest_ms > $1 + $2", "ii", now_ms,
                most_ms))
        return -1;
    return db_exec(conn, err,
                   "update outbox set due_ms = $1 where state = 'due' and due_ms > $1 + $2", "ii",
                   now_ms, most_ms);
}

#define UNTOLD "kind = 'alert' and state = 'gone' and last = 0 and why = '" OUTBOX_OVER "'"

int outbox_count_gone(struct db_conn *conn, int64_t chat_id, int64_t *ret_count, struct err *err)
{
    return db_int_of(conn, err, ret_count,
                     "select count(*) from outbox where chat_id = $1 and " UNTOLD, "i", chat_id) < 0
               ? -1
               : 0;
}

int outbox_alerted(struct db_conn *conn, int64_t chat_id, int64_t since_ms, int64_t now_ms,
                   int64_t *ret_count, int64_t *ret_last_ms, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select count(*), coalesce(max(sent_ms), 0) from outbox where chat_id = $1 "
                 "and state = 'sent' and edits is null and kind = 'alert' "
                 "and sent_ms between $2 and $3",
                 "iii", chat_id, since_ms, now_ms) ||
        db_next(&rows, err) != 1)
        return -1;
    *ret_count = db_int(&rows, 0);
    *ret_last_ms = db_int(&rows, 1);
    return 0;
}

#define MERGED                                                                                     \
    "select o.id from outbox o join venue_watch w on w.id = o.watch_id "                           \
    "join outbox a on a.id = $1 join venue_watch v on v.id = a.watch_id "                          \
    "where o.chat_id = a.chat_id and o.state = 'due' and o.kind = 'alert' and o.id <> a.id "       \
    "and not o.tries and not o.maybe and w.account_id = v.account_id order by o.id limit $2"

int outbox_merge(struct db_conn *conn, int64_t id, size_t most, int64_t now_ms, struct err *err)
{
    if (db_exec(conn, err, "update told set outbox_id = $1 where outbox_id in (" MERGED ")", "ii",
                id, (int64_t)most))
        return -1;
    return db_exec(conn, err,
                   "update outbox set state = 'gone', sent_ms = $3, why = 'told in a digest' "
                   "where id in (" MERGED ")",
                   "iii", id, (int64_t)most, now_ms);
}

int outbox_told_gone(struct db_conn *conn, int64_t chat_id, struct err *err)
{
    return db_exec(conn, err, "update outbox set last = 1 where chat_id = $1 and " UNTOLD, "i",
                   chat_id);
}

int outbox_rest_chat(struct db_conn *conn, int64_t chat_id, int64_t due_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update outbox set due_ms = $2 where chat_id = $1 "
                   "and state in ('due', 'sending') and state = 'due' and due_ms < $2",
                   "ii", chat_id, due_ms);
}

int outbox_pace_chat(struct db_conn *conn, int64_t chat_id, int64_t due_ms, struct err *err)
{
    if (db_exec(conn, err, "update chat set rest_ms = $2 where id = $1 and rest_ms < $2", "ii",
                chat_id, due_ms))
        return -1;
    return outbox_rest_chat(conn, chat_id, due_ms, err);
}

int outbox_sending_chats(struct db_conn *conn, int64_t *chats, size_t limit, size_t *ret_count,
                         struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select distinct chat_id from outbox where state in ('due', 'sending') "
                 "and state = 'sending' limit $1",
                 "i", (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        chats[(*ret_count)++] = db_int(&rows, 0);
    return more;
}

int outbox_waiting(struct db_conn *conn, int64_t *ret_count, struct err *err)
{
    return db_int_of(conn, err, ret_count,
                     "select count(*) from outbox where state in ('due', 'sending')", "") < 0
               ? -1
               : 0;
}

int outbox_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    /* Who has been out of reach for so long is not told of what was then. */
    if (db_exec(conn, err,
                "update outbox set state = 'undeliverable', why = 'out of reach' "
                "where state = 'due' and seen_ms < $1 and chat_id in "
                "(select id from chat where away_ms > 0)",
                "i", before_ms))
        return -1;
    /* An alert is kept while its telling counts. */
    if (db_exec(conn, err,
                "delete from outbox where id in (select id from outbox where "
                "state not in ('due', 'sending') and seen_ms < $1 and not exists "
                "(select 1 from told where outbox_id = outbox.id) limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}

int outbox_be_quiet(struct db_conn *conn, int64_t id, int64_t until_ms, struct err *err)
{
    if (button_withdraw(conn, id, err))
        return -1;
    return db_exec(conn, err,
                   "update outbox set state = 'due', due_ms = $2, quiet = 1 "
                   "where id = $1 and state = 'sending'",
                   "ii", id, until_ms);
}

int outbox_wake_quiet(struct db_conn *conn, int64_t account_id, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update outbox set due_ms = $2 where state = 'due' and quiet and due_ms > $2 "
                   "and watch_id in (select id from venue_watch where account_id = $1)",
                   "ii", account_id, now_ms);
}
