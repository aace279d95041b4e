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

/* The slot is one that the watch wants. */
#define FITS                                                                                       \
    "s.minute between w.from_minute and w.to_minute "                                              \
    "and (w.seating is null or instr(s.seating, w.seating)) "                                      \
    "and (w.max_fee_cents is null or s.fee_cents <= w.max_fee_cents) "

/* For a watch of several numbers of people the same table, told for one of them, is told for all.
 * A watch that looks for no restaurant by name asks a find because of a hint (hint.h): then it is
 * the search's answers that count, and one alert a restaurant. */
int told_owed(struct db_conn *conn, int64_t question_id, int64_t now_ms, struct owed_list *ret,
              struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    *ret = (struct owed_list){0};
    if (db_query(
            conn, &rows, err,
            "select w.id, w.chat_id, w.account_id, s.id, s.minute, w.party, "
            "coalesce(b.since_ms, q.since_ms), coalesce(b.since_answer, q.since_answer), "
            "coalesce(h.opened_ms, s.opened_ms), coalesce(h.opened_answer, s.opened_answer), "
            "coalesce(h.closed_ms, s.closed_ms), coalesce(h.closed_answer, s.closed_answer), "
            "coalesce(h.opened_answer > b.since_answer, s.witnessed), h.id is not null "
            "from slot s "
            "join watch_question q on q.question_id = s.question_id "
            "join venue_watch w on w.id = q.watch_id "
            "left join hint h on h.id = q.hint_id "
            "left join watch_question b on b.question_id = h.question_id "
            "and b.watch_id = w.id "
            "where s.question_id = $1 and s.open and s.missed = 0 and s.start_ms > $2 "
            "and w.state = 'active' and not w.paused and w.snoozed_ms <= $2 "
            "and " FITS
            "and (not w.once or not exists (select 1 from told f where f.watch_id = w.id "
            "and not f.forgotten and (w.once = 1 or exists (select 1 from slot l join question x "
            "on x.id = l.question_id join question y on y.id = s.question_id "
            "where l.id = f.slot_id and x.venue_id = y.venue_id)))) "
            "and (h.id is null or exists (select 1 from known k where k.hint_id = h.id "
            "and k.watch_id = w.id and k.state = 'asking')) "
            "and not exists (select 1 from told t where t.slot_id = s.id "
            "and t.watch_id = w.id and not t.forgotten) "
            "and not exists (select 1 from told t join slot l on l.id = t.slot_id "
            "join question y on y.id = l.question_id join question x on x.id = s.question_id "
            "where t.watch_id = w.id and not t.forgotten and l.start = s.start and l.seating = "
            "s.seating "
            "and y.venue_id = x.venue_id and y.day = x.day and y.id <> x.id) order by "
            "w.chat_id, w.account_id, "
            "w.id, s.minute, s.id",
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
            .hinted = db_int(&rows, 13),
        };
    }
    return more;
}

int told_add(struct db_conn *conn, const char *rows, int64_t answer, int64_t now_ms,
             struct err *err)
{
    return db_exec(
        conn, err,
        "insert into told (watch_id, slot_id, outbox_id, answer, told_ms) "
        "select value ->> 0, value ->> 1, value ->> 2, $2, $3 from json_each($1) where true "
        "on conflict do update set outbox_id = excluded.outbox_id, "
        "answer = excluded.answer, told_ms = excluded.told_ms, forgotten = 0",
        "sii", rows, answer, now_ms);
}

int told_forget(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                struct err *err)
{
    return db_exec(conn, err,
                   "update told set forgotten = 1 where slot_id in (select id from slot "
                   "where question_id = $1 and closed_answer) and not forgotten "
                   "and told_ms <= $2 - $3 "
                   "and answer < (select closed_answer from slot where id = told.slot_id)",
                   "iii", question_id, now_ms, quiet_ms);
}

int told_next_look(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                   int64_t *ret_ms, struct err *err)
{
    int64_t oldest = 0, snoozed = 0;
    if (db_int_of(conn, err, &oldest,
                  "select min(t.told_ms) from slot s join told t on t.slot_id = s.id "
                  "where s.question_id = $1 and s.open and s.closed_answer > t.answer "
                  "and not t.forgotten",
                  "i", question_id) < 0 ||
        db_int_of(conn, err, &snoozed,
                  "select min(w.snoozed_ms) from watch_question q join venue_watch w "
                  "on w.id = q.watch_id where q.question_id = $1 and w.state = 'active' "
                  "and w.snoozed_ms > $2",
                  "ii", question_id, now_ms) < 0)
        return -1;
    *ret_ms = MIN_OF(oldest ? oldest + quiet_ms : INT64_MAX, snoozed ? snoozed : INT64_MAX);
    return 0;
}

int told_settle(struct db_conn *conn, int64_t now_ms, int64_t back_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update told set told_ms = min(told_ms - $2, $1) where told_ms - $2 > $1 or $2",
                   "ii", now_ms, back_ms);
}

/* A watch that is to find one table is owed others again when a telling is taken back. Takes `ids`.
 */
static int look_for_others(struct db_conn *conn, int failed, int64_t *ids, size_t count,
                           struct err *err)
{
    for (size_t i = 0; i < count && !failed; i++)
        failed = db_exec(conn, err,
                         "update question set look_ms = 1 where id in (select s.question_id "
                         "from watch_question s join venue_watch w on w.id = s.watch_id "
                         "where w.id = $1 and w.once)",
                         "i", ids[i]);
    free(ids);
    return failed;
}

int told_undo(struct db_conn *conn, int64_t outbox_id, struct err *err)
{
    int64_t *ids;
    size_t count;
    int failed = db_ids(conn, err, &ids, &count,
                        "delete from told where outbox_id = $1 returning watch_id", "i", outbox_id);
    return look_for_others(conn, failed, ids, count, err);
}

int told_undo_closed(struct db_conn *conn, int64_t outbox_id, struct err *err)
{
    int64_t *ids;
    size_t count;
    int failed = db_ids(conn, err, &ids, &count,
                        "delete from told where outbox_id = $1 and slot_id in "
                        "(select id from slot where not open) returning watch_id",
                        "i", outbox_id);
    return look_for_others(conn, failed, ids, count, err);
}

/* Its telling counts: somebody waits for it, or it is what a watch was to find. */
#define LIVE                                                                                       \
    "((w.found_ms > 0 and w.state = 'expired') or "                                                \
    "(w.state = 'active' and not w.paused and w.snoozed_ms <= $2))"
int told_undo_dead(struct db_conn *conn, int64_t outbox_id, int64_t now_ms, struct err *err)
{
    int64_t *ids;
    size_t count;
    int failed = db_ids(conn, err, &ids, &count,
                        "delete from told where outbox_id = $1 and not exists "
                        "(select 1 from venue_watch w join slot s on s.id = told.slot_id "
                        "join question f on f.id = s.question_id "
                        "join watch_question b on b.watch_id = w.id "
                        "join question q on q.id = b.question_id "
                        "where w.id = told.watch_id and (q.id = f.id or (q.venue_id is null "
                        "and q.day = f.day and q.party = f.party)) and " FITS "and " LIVE
                        ") returning watch_id",
                        "ii", outbox_id, now_ms);
    return look_for_others(conn, failed, ids, count, err);
}

int told_watches_of(struct db_conn *conn, int64_t outbox_id, int64_t now_ms, struct told_watch *out,
                    size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select distinct w.id, w.once from told t join venue_watch w on w.id = t.watch_id "
                 "where t.outbox_id = $1 and " LIVE " order by w.id",
                 "ii", outbox_id, now_ms))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct told_watch){db_int(&rows, 0),
                                                  (enum watch_once)db_int(&rows, 1)};
    return more < 0 ? -1 : 0;
}

int told_questions_of(struct db_conn *conn, int64_t outbox_id, int64_t *ids, size_t limit,
                      size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select distinct q.id from told t join slot s on s.id = t.slot_id "
                 "join question q on q.id = s.question_id join venue v on v.id = q.venue_id "
                 "where t.outbox_id = $1 order by q.day, v.name, q.id",
                 "i", outbox_id))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        ids[(*ret_count)++] = db_int(&rows, 0);
    return more < 0 ? -1 : 0;
}

int told_slots_of(struct db_conn *conn, int64_t outbox_id, int64_t question_id,
                  struct told_slots *ret, struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    *ret = (struct told_slots){0};
    if (db_query(conn, &rows, err,
                 "select s.minute, s.start_ms, s.fee_cents, s.closed_ms, s.opened_ms, s.open, "
                 "s.shown, q.day, q.party, v.name, v.zone, v.slug, v.city_slug, v.id from told t "
                 "join slot s on s.id = t.slot_id join question q on q.id = s.question_id "
                 "join venue v on v.id = q.venue_id where t.outbox_id = $1 and $2 in (0, q.id) "
                 "group by s.id order by s.minute, s.seating",
                 "ii", outbox_id, question_id))
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
        ret->party = db_int(&rows, 8);
        utf8_copy(ret->day, sizeof(ret->day), db_text(&rows, 7));
        utf8_copy(ret->venue, sizeof(ret->venue), db_text(&rows, 9));
        utf8_copy(ret->zone, sizeof(ret->zone), db_text(&rows, 10));
        utf8_copy(ret->slug, sizeof(ret->slug), db_text(&rows, 11));
        utf8_copy(ret->city_slug, sizeof(ret->city_slug), db_text(&rows, 12));
        ret->venue_id = db_int(&rows, 13);
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

int told_when(struct db_conn *conn, int64_t watch_id, int64_t slot_id, int64_t *ret_ms,
              struct err *err)
{
    *ret_ms = 0;
    return db_int_of(conn, err, ret_ms,
                     "select told_ms from told where slot_id = $1 and watch_id = $2 "
                     "and not forgotten",
                     "ii", slot_id, watch_id) < 0
               ? -1
               : 0;
}

int told_lines(struct db_conn *conn, int64_t account_id, int64_t watch_id, int64_t now_ms,
               struct told_line *out, size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select t.watch_id, q.party, max(t.told_ms), count(*), "
                 "sum(s.open and s.missed = 0 and s.start_ms > $3), min(s.minute), v.name, q.day, "
                 "v.zone from venue_watch w join told t on t.watch_id = w.id "
                 "join outbox o on o.id = t.outbox_id join slot s on s.id = t.slot_id "
                 "join question q on q.id = s.question_id join venue v on v.id = q.venue_id "
                 "where w.account_id = $1 and $2 in (0, w.id) and o.state = 'sent' "
                 "group by t.watch_id, q.id order by 3 desc, q.id limit $4",
                 "iiii", account_id, watch_id, now_ms, (int64_t)limit))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0) {
        struct told_line *line = &out[(*ret_count)++];
        *line = (struct told_line){.watch_id = db_int(&rows, 0),
                                   .party = db_int(&rows, 1),
                                   .told_ms = db_int(&rows, 2),
                                   .tables = db_int(&rows, 3),
                                   .open = db_int(&rows, 4),
                                   .minute = db_int(&rows, 5)};
        utf8_copy(line->venue, sizeof(line->venue), db_text(&rows, 6));
        utf8_copy(line->day, sizeof(line->day), db_text(&rows, 7));
        utf8_copy(line->zone, sizeof(line->zone), db_text(&rows, 8));
    }
    return more < 0 ? -1 : 0;
}
