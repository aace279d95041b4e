#include "db/booking.h"

#define COLUMNS                                                                                    \
    "select id, account_id, chat_id, kind = 'cancel', state, venue_id, party, start_ms, minute, "  \
    "venue, zone, day, seating, table_token, total_cents, fee_cents, reservation_id, watch_id, "   \
    "inbox_id, expires_ms, called_ms, due_ms, reads, created_ms, say, currency, fee_from_ms, "     \
    "refund_until_ms, before_id, absent, ended_ms from booking_attempt "

static const char *const states[] = {
    [BOOKING_OFFERED] = "offered", [BOOKING_CALLING] = "calling", [BOOKING_UNCLEAR] = "unclear",
    [BOOKING_DONE] = "done",       [BOOKING_REFUSED] = "refused", [BOOKING_RELEASED] = "released",
    [BOOKING_LOST] = "lost"};

static void read_row(struct db_rows *rows, struct booking *ret)
{
    *ret = (struct booking){
        .id = db_int(rows, 0),
        .account_id = db_int(rows, 1),
        .chat_id = db_int(rows, 2),
        .cancels = db_int(rows, 3),
        .venue_id = db_int(rows, 5),
        .party = db_int(rows, 6),
        .start_ms = db_int(rows, 7),
        .minute = (int)db_int(rows, 8),
        .total_cents = db_int(rows, 14),
        .fee_cents = db_int(rows, 15),
        .reservation_id = db_int(rows, 16),
        .watch_id = db_int(rows, 17),
        .inbox_id = db_int(rows, 18),
        .expires_ms = db_int(rows, 19),
        .called_ms = db_int(rows, 20),
        .due_ms = db_int(rows, 21),
        .reads = db_int(rows, 22),
        .created_ms = db_int(rows, 23),
        .fee_from_ms = db_int(rows, 26),
        .refund_until_ms = db_int(rows, 27),
        .before_id = db_int(rows, 28),
        .absent = db_int(rows, 29),
        .ended_ms = db_int(rows, 30),
    };
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (!strcmp(db_text(rows, 4), states[i]))
            ret->state = (enum booking_state)i;
    snprintf(ret->venue, sizeof(ret->venue), "%s", db_text(rows, 9));
    snprintf(ret->zone, sizeof(ret->zone), "%s", db_text(rows, 10));
    snprintf(ret->day, sizeof(ret->day), "%s", db_text(rows, 11));
    snprintf(ret->seating, sizeof(ret->seating), "%s", db_text(rows, 12));
    snprintf(ret->table_token, sizeof(ret->table_token), "%s", db_text(rows, 13));
    snprintf(ret->say, sizeof(ret->say), "%s", db_text(rows, 24));
    snprintf(ret->currency, sizeof(ret->currency), "%s", db_text(rows, 25));
}

/* The first row of `rows`. */
static int read_first(struct db_rows *rows, struct booking *ret, bool *ret_found, struct err *err)
{
    int more = db_next(rows, err);
    *ret_found = more > 0;
    if (more > 0)
        read_row(rows, ret);
    return more < 0 ? -1 : 0;
}

int booking_add(struct db_conn *conn, struct booking *b, int64_t now_ms, struct err *err)
{
    if (db_exec(conn, err,
                "insert into booking_attempt (account_id, chat_id, kind, state, venue_id, venue, "
                "zone, day, party, minute, start_ms, seating, table_token, total_cents, fee_cents, "
                "currency, fee_from_ms, refund_until_ms, reservation_id, before_id, watch_id, "
                "expires_ms, created_ms) values ($1, $2, $3, 'offered', $4, $5, $6, $7, $8, $9, "
                "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
                "iisisssiiissiisiiiiiii", b->account_id, b->chat_id, b->cancels ? "cancel" : "book",
                b->venue_id, b->venue, b->zone, b->day, b->party, (int64_t)b->minute, b->start_ms,
                b->seating, b->table_token, b->total_cents, b->fee_cents, b->currency,
                b->fee_from_ms, b->refund_until_ms, b->reservation_id, b->before_id, b->watch_id,
                b->expires_ms, now_ms))
        return -1;
    b->id = db_last_id(conn);
    b->created_ms = now_ms;
    return 0;
}

int booking_get(struct db_conn *conn, int64_t id, struct booking *ret, bool *ret_found,
                struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err, COLUMNS "where id = $1", "i", id)
               ? -1
               : read_first(&rows, ret, ret_found, err);
}

int booking_begin(struct db_conn *conn, int64_t id, int64_t inbox_id, int64_t now_ms,
                  bool *ret_begun, struct err *err)
{
    if (db_exec(conn, err,
                "update booking_attempt set state = 'calling', inbox_id = $2, called_ms = $3 "
                "where id = $1 and state = 'offered' and expires_ms > $3 and not exists "
                "(select 1 from booking_attempt where state in ('calling', 'unclear'))",
                "iii", id, inbox_id, now_ms))
        return -1;
    *ret_begun = db_changes(conn);
    return 0;
}

int booking_send(struct db_conn *conn, int64_t id, int64_t now_ms, bool *ret_calling,
                 struct err *err)
{
    if (db_exec(conn, err,
                "update booking_attempt set called_ms = $2 where id = $1 and state = 'calling'",
                "ii", id, now_ms))
        return -1;
    *ret_calling = db_changes(conn);
    return 0;
}

int booking_end(struct db_conn *conn, int64_t id, enum booking_state state, int64_t reservation_id,
                const char *say, int64_t now_ms, bool *ret_ended, struct err *err)
{
    if (db_exec(conn, err,
                "update booking_attempt set state = $2, reservation_id = case when $3 > 0 then $3 "
                "else reservation_id end, say = $4, ended_ms = $5 where id = $1 and (state in "
                "('offered', 'calling', 'unclear') or ($2 = 'done' and state in ('refused', "
                "'lost')))",
                "isisi", id, states[state], reservation_id, say, now_ms))
        return -1;
    *ret_ended = db_changes(conn);
    return 0;
}

int booking_put_off(struct db_conn *conn, int64_t id, int64_t due_ms, bool read, bool absent,
                    struct err *err)
{
    return db_exec(conn, err,
                   "update booking_attempt set state = 'unclear', due_ms = $2, reads = reads + $3, "
                   "absent = absent + $4 where id = $1 and state in ('calling', 'unclear')",
                   "iiii", id, due_ms, (int64_t)read, (int64_t)absent);
}

int booking_settle(struct db_conn *conn, int64_t before_ms, int64_t due_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update booking_attempt set state = 'unclear', due_ms = $2 "
                   "where state = 'calling' and called_ms < $1",
                   "ii", before_ms, due_ms);
}

int booking_clamp(struct db_conn *conn, int64_t now_ms, int64_t most_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update booking_attempt set called_ms = min(called_ms, $1), "
                   "due_ms = case when due_ms > $1 + $2 then $1 else due_ms end "
                   "where state in ('calling', 'unclear')",
                   "ii", now_ms, most_ms);
}

int booking_open(struct db_conn *conn, struct booking *ret, bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err, COLUMNS "where state in ('calling', 'unclear')", "")
               ? -1
               : read_first(&rows, ret, ret_found, err);
}

int booking_next_due(struct db_conn *conn, int64_t call_most_ms, int64_t *ret_ms, struct err *err)
{
    *ret_ms = INT64_MAX;
    return db_int_of(conn, err, ret_ms,
                     "select case state when 'unclear' then due_ms else called_ms + $1 end "
                     "from booking_attempt where state in ('calling', 'unclear')",
                     "i", call_most_ms) < 0
               ? -1
               : 0;
}

int booking_due(struct db_conn *conn, int64_t now_ms, struct booking *ret, bool *ret_found,
                struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err, COLUMNS "where state = 'unclear' and due_ms <= $1 limit 1",
                    "i", now_ms)
               ? -1
               : read_first(&rows, ret, ret_found, err);
}

int booking_near(struct db_conn *conn, int64_t start_ms, int64_t within_ms, struct booking *ret,
                 bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err,
                    COLUMNS
                    "where kind = 'book' and state in ('done', 'lost') and start_ms > $1 - $2 and "
                    "start_ms < $1 + $2 order by start_ms limit 1",
                    "ii", start_ms, within_ms)
               ? -1
               : read_first(&rows, ret, ret_found, err);
}

static int read_all(struct db_rows *rows, struct booking *out, size_t *ret_count, struct err *err)
{
    int more;
    *ret_count = 0;
    while ((more = db_next(rows, err)) > 0)
        read_row(rows, &out[(*ret_count)++]);
    return more;
}

int booking_held(struct db_conn *conn, int64_t account_id, int64_t after_ms, struct booking *out,
                 size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err,
                    COLUMNS "where kind = 'book' and state = 'done' and account_id = $1 and "
                            "start_ms > $2 order by start_ms limit $3",
                    "iii", account_id, after_ms, (int64_t)limit)
               ? -1
               : read_all(&rows, out, ret_count, err);
}

int booking_standing(struct db_conn *conn, int64_t after_ms, int64_t before_ms, struct booking *out,
                     size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    return db_query(conn, &rows, err,
                    COLUMNS "where kind = 'book' and state in ('done', 'lost') and start_ms > $1 "
                            "and ended_ms < $2 order by start_ms limit $3",
                    "iii", after_ms, before_ms, (int64_t)limit)
               ? -1
               : read_all(&rows, out, ret_count, err);
}

int booking_set(struct db_conn *conn, int64_t id, enum booking_state state, int64_t reservation_id,
                struct err *err)
{
    return db_exec(conn, err,
                   "update booking_attempt set state = $2, reservation_id = $3 where id = $1 and "
                   "state in ('done', 'lost')",
                   "isi", id, states[state], reservation_id);
}

int booking_release(struct db_conn *conn, int64_t reservation_id, struct err *err)
{
    return db_exec(conn, err,
                   "update booking_attempt set state = 'released' where kind = 'book' and "
                   "state = 'done' and reservation_id = $1",
                   "i", reservation_id);
}

int booking_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from booking_attempt where id in (select id from booking_attempt where "
                "created_ms < $1 and state not in ('calling', 'unclear') limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}
