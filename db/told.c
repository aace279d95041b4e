#include "db/told.h"

#include "core/base/utf8.h"

void owed_free(struct owed_list *owed)
{
    free(owed->list);
    *owed = (struct owed_list){0};
}

void told_slots_free(struct told_slots *slots)
{
    free(slots->list);
    *slots = (struct told_slots){0};
}

int told_owed(struct db_conn *conn, int64_t question_id, int64_t now_ms, struct owed_list *ret,
              struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    *ret = (struct owed_list){0};
    if (db_query(conn, &rows, err,
                 "select w.id, w.chat_id, w.account_id, s.id, s.minute, w.party, q.since_ms, "
                 "q.since_answer, s.opened_ms, s.opened_answer, s.closed_ms, s.closed_answer, "
                 "s.witnessed from slot s "
                 "join watch_question q on q.question_id = s.question_id "
                 "join venue_watch w on w.id = q.watch_id "
                 "where s.question_id = $1 and s.open and s.missed = 0 and s.start_ms > $2 "
                 "and w.state = 'active' and s.minute between w.from_minute and w.to_minute "
                 "and (w.seating is null or w.seating = s.seating) "
                 "and (w.max_fee_cents is null or s.fee_cents <= w.max_fee_cents) "
                 "and not exists (select 1 from told t where t.slot_id = s.id "
                 "and t.watch_id = w.id) order by w.chat_id, w.id, s.minute, s.id",
                 "ii", question_id, now_ms))
        return -1;
    int more;
    while ((more = db_next(&rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        ret->list[ret->count++] = (struct owed){
            .watch_id = db_int(&rows, 0),
            .chat_id = db_int(&rows, 1),
            .account_id = db_int(&rows, 2),
            .slot_id = db_int(&rows, 3),
            .minute = db_int(&rows, 4),
            .party = db_int(&rows, 5),
            .since_ms = db_int(&rows, 6),
            .since_answer = db_int(&rows, 7),
            .opened_ms = db_int(&rows, 8),
            .opened_answer = db_int(&rows, 9),
            .closed_ms = db_int(&rows, 10),
            .closed_answer = db_int(&rows, 11),
            .witnessed = db_int(&rows, 12),
        };
    }
    return more;
}

int told_add(struct db_conn *conn, int64_t watch_id, int64_t slot_id, int64_t outbox_id,
             int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into told (watch_id, slot_id, outbox_id, told_ms) "
                   "values ($1, $2, $3, $4)",
                   "iiii", watch_id, slot_id, outbox_id, now_ms);
}

int told_forget(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                struct err *err)
{
    return db_exec(conn, err,
                   "delete from told where told_ms <= $2 - $3 and slot_id in "
                   "(select s.id from slot s where s.question_id = $1 and s.closed_ms > told_ms)",
                   "iii", question_id, now_ms, quiet_ms);
}

int told_next_forget(struct db_conn *conn, int64_t question_id, int64_t quiet_ms, int64_t *ret_ms,
                     struct err *err)
{
    int64_t oldest = 0;
    if (db_int_of(conn, err, &oldest,
                  "select min(t.told_ms) from slot s join told t on t.slot_id = s.id "
                  "where s.question_id = $1 and s.open and s.closed_ms > t.told_ms",
                  "i", question_id) < 0)
        return -1;
    *ret_ms = oldest ? oldest + quiet_ms : INT64_MAX;
    return 0;
}

int told_undo(struct db_conn *conn, int64_t outbox_id, struct err *err)
{
    return db_exec(conn, err, "delete from told where outbox_id = $1", "i", outbox_id);
}

int told_undo_closed(struct db_conn *conn, int64_t outbox_id, struct err *err)
{
    return db_exec(conn, err,
                   "delete from told where outbox_id = $1 and slot_id in "
                   "(select id from slot where not open)",
                   "i", outbox_id);
}

int told_slots_of(struct db_conn *conn, int64_t outbox_id, struct told_slots *ret, struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    *ret = (struct told_slots){0};
    if (db_query(conn, &rows, err,
                 "select s.minute, s.start_ms, s.fee_cents, s.closed_ms, s.opened_ms, s.open, "
                 "s.shown from told t join slot s on s.id = t.slot_id where t.outbox_id = $1 "
                 "order by s.minute, s.seating",
                 "i", outbox_id))
        return -1;
    int more;
    while ((more = db_next(&rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        struct told_slot *slot = &ret->list[ret->count++];
        *slot = (struct told_slot){.minute = db_int(&rows, 0),
                                   .start_ms = db_int(&rows, 1),
                                   .fee_cents = db_int(&rows, 2),
                                   .closed_ms = db_int(&rows, 3),
                                   .opened_ms = db_int(&rows, 4),
                                   .open = db_int(&rows, 5)};
        utf8_copy(slot->shown, sizeof(slot->shown), db_text(&rows, 6));
    }
    return more;
}

int told_queue_edits(struct db_conn *conn, int64_t slot_id, int64_t now_ms, bool *ret_any,
                     struct err *err)
{
    if (db_exec(conn, err,
                "insert into outbox (chat_id, kind, due_ms, payload, watch_id, edits, seen_ms) "
                "select o.chat_id, 'edit', $2, '{}', o.watch_id, o.id, $2 from told t "
                "join outbox o on o.id = t.outbox_id "
                "where t.slot_id = $1 and o.kind = 'alert' and o.state in ('sent', 'sending') "
                "on conflict do nothing",
                "ii", slot_id, now_ms))
        return -1;
    *ret_any = *ret_any || db_changes(conn);
    return 0;
}
