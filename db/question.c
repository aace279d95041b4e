#include "db/question.h"

#include "core/base/utf8.h"

#define COLUMNS                                                                                    \
    "id, venue_id, party, interval_ms, day, asked_ms, answered_ms, first_answer_ms, answers, "     \
    "fails, failing_since_ms, look_ms, claim, why, fingerprint, tables, "                          \
    "(select zone from venue where id = venue_id), criteria, pace_ms, release_ms, "                \
    "kind, gate_open"

static void read_row(struct db_rows *rows, struct question *ret)
{
    *ret = (struct question){
        .id = db_int(rows, 0),
        .venue_id = db_int(rows, 1),
        .party = db_int(rows, 2),
        .interval_ms = db_int(rows, 3),
        .asked_ms = db_int(rows, 5),
        .answered_ms = db_int(rows, 6),
        .first_answer_ms = db_int(rows, 7),
        .answers = db_int(rows, 8),
        .fails = db_int(rows, 9),
        .failing_since_ms = db_int(rows, 10),
        .look_ms = db_null(rows, 11) ? INT64_MAX : db_int(rows, 11),
        .claimed = !db_null(rows, 12),
        .fingerprint = db_int(rows, 14),
        .tables = db_int(rows, 15),
        .pace_ms = db_int(rows, 18),
        .release_ms = db_int(rows, 19),
        .gate_open = db_int(rows, 21),
    };
    utf8_copy(ret->day, sizeof(ret->day), db_text(rows, 4));
    utf8_copy(ret->why, sizeof(ret->why), db_text(rows, 13));
    utf8_copy(ret->zone, sizeof(ret->zone), db_text(rows, 16));
    utf8_copy(ret->criteria, sizeof(ret->criteria), db_text(rows, 17));
    const char *kind = db_text(rows, 20);
    ret->kind = *kind == 's' ? QUESTION_SEARCH : *kind == 'c' ? QUESTION_CALENDAR : QUESTION_FIND;
}

int question_of(struct db_conn *conn, int64_t venue_id, const char *day, int64_t party,
                int64_t interval_ms, int64_t now_ms, int64_t *ret_id, struct err *err)
{
    if (db_exec(
            conn, err,
            "insert into question (kind, venue_id, day, party, interval_ms, pace_ms, created_ms) "
            "values ('find', $1, $2, $3, $4, $4, $5) on conflict do nothing",
            "isiii", venue_id, day, party, interval_ms, now_ms))
        return -1;
    return db_int_of(conn, err, ret_id,
                     "select id from question where kind = 'find' and venue_id = $1 and day = $2 "
                     "and party = $3",
                     "isi", venue_id, day, party) == 1
               ? 0
               : -1;
}

int question_search(struct db_conn *conn, const char *criteria, const char *day, int64_t party,
                    int64_t interval_ms, int64_t now_ms, int64_t *ret_id, struct err *err)
{
    if (db_exec(conn, err,
                "insert into question (kind, criteria, day, party, interval_ms, pace_ms, "
                "created_ms) values ('search', $1, $2, $3, $4, $4, $5) on conflict do nothing",
                "ssiii", criteria, day, party, interval_ms, now_ms))
        return -1;
    return db_int_of(conn, err, ret_id,
                     "select id from question where kind = 'search' and criteria = $1 "
                     "and day = $2 and party = $3",
                     "ssi", criteria, day, party) == 1
               ? 0
               : -1;
}

int question_calendar(struct db_conn *conn, int64_t venue_id, int64_t party, int64_t interval_ms,
                      int64_t now_ms, int64_t *ret_id, struct err *err)
{
    if (db_exec(conn, err,
                "insert into question (kind, venue_id, day, party, interval_ms, pace_ms, "
                "created_ms) values ('calendar', $1, '', $2, $3, $3, $4) on conflict do nothing",
                "iiii", venue_id, party, interval_ms, now_ms))
        return -1;
    return db_int_of(conn, err, ret_id,
                     "select id from question where kind = 'calendar' and venue_id = $1 "
                     "and party = $2",
                     "ii", venue_id, party) == 1
               ? 0
               : -1;
}

int questions_gated(struct db_conn *conn, const struct question *calendar, int64_t now_ms,
                    struct gated *out, size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select q.id, q.day, q.gate_open, exists (select 1 from slot l "
                 "where l.question_id = q.id and l.open and l.start_ms > $3) from question q "
                 "where q.kind = 'find' and q.venue_id = $1 and q.party = $2 and exists "
                 "(select 1 from watch_question s where s.question_id = q.id and s.gated "
                 "and s.until_ms > $3) order by q.day",
                 "iii", calendar->venue_id, calendar->party, now_ms))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0) {
        struct gated *gated = &out[(*ret_count)++];
        *gated = (struct gated){
            .id = db_int(&rows, 0), .open = db_int(&rows, 2), .held = db_int(&rows, 3)};
        utf8_copy(gated->day, sizeof(gated->day), db_text(&rows, 1));
    }
    return more < 0 ? -1 : 0;
}

int question_set_gate(struct db_conn *conn, int64_t id, bool open, struct err *err)
{
    return db_exec(conn, err, "update question set gate_open = $2 where id = $1", "ii", id,
                   (int64_t)open);
}

int question_set_cost(struct db_conn *conn, int64_t id, int64_t cost, struct err *err)
{
    return db_exec(conn, err, "update question set cost = $2 where id = $1 and cost <> $2", "ii",
                   id, cost);
}

int question_get(struct db_conn *conn, int64_t id, struct question *ret, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, "select " COLUMNS " from question where id = $1", "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found ? -1 : err_set(err, ERR_MISSING, NULL, "no question %lld", (long long)id);
    read_row(&rows, ret);
    return 0;
}

int question_refresh(struct db_conn *conn, int64_t id, int64_t now_ms, int64_t floor_ms,
                     struct err *err)
{
    int64_t least = 0;
    if (db_int_of(conn, err, &least,
                  "select min(w.interval_ms) from watch_question q "
                  "join venue_watch w on w.id = q.watch_id join chat c on c.id = w.chat_id "
                  "where q.question_id = $1 and w.state = 'active' and not w.paused "
                  "and not c.away_ms and q.until_ms > $2 and (not q.gated "
                  "or (select gate_open from question where id = $1))",
                  "ii", id, now_ms) < 0)
        return -1;
    if (!least)
        return db_exec(conn, err,
                       "update question set due_ms = null, fails = 0, failing_since_ms = 0 "
                       "where id = $1",
                       "i", id);
    return db_exec(
        conn, err,
        "update question set interval_ms = $2, "
        "pace_ms = case when interval_ms = $2 then pace_ms else $2 end, due_ms = case when claim "
        "is null "
        "then min(coalesce(due_ms, max($3, coalesce((select max(o.asked_ms) from question o "
        "where o.venue_id = question.venue_id), asked_ms) + $4)), $3 + max($2, $4)) end "
        "where id = $1",
        "iiii", id, least, now_ms, floor_ms);
}

int question_set_times(struct db_conn *conn, int64_t id, int64_t meal_ms, int64_t release_ms,
                       struct err *err)
{
    return db_exec(conn, err,
                   "update question set meal_ms = $2, release_ms = iif($3, $3, release_ms) "
                   "where id = $1 and (meal_ms <> $2 or ($3 and release_ms <> $3))",
                   "iii", id, meal_ms, release_ms);
}

#define PACED                                                                                      \
    "max($3, case when release_ms and $1 between release_ms - $6 and release_ms + $7 "             \
    "then min(interval_ms, $8) when interval_ms <> $2 or not meal_ms then interval_ms "            \
    "when meal_ms > $1 + $4 then interval_ms * 3 "                                                 \
    "when meal_ms < $1 + $5 then interval_ms / 2 else interval_ms end)"

int question_repace(struct db_conn *conn, const struct question_rules *r, int64_t watch_id,
                    int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update question set pace_ms = " PACED ", due_ms = min(due_ms, max($1, "
                   "asked_ms + " PACED ")) "
                   "where due_ms is not null and fails = 0 and pace_ms <> " PACED
                   " and ($9 = 0 or id in (select question_id from watch_question "
                   "where watch_id = $9))",
                   "iiiiiiiii", now_ms, r->usual_ms, r->floor_ms, r->far_ms, r->soon_ms,
                   r->before_ms, r->after_ms, r->fast_ms, watch_id);
}

int question_hasten(struct db_conn *conn, int64_t id, int64_t now_ms, int64_t floor_ms,
                    struct err *err)
{
    return db_exec(
        conn, err,
        "update question set due_ms = max(min(due_ms, $2), coalesce((select max(o.asked_ms) "
        "from question o where o.venue_id = question.venue_id), asked_ms) + $3) "
        "where id = $1 and due_ms is not null",
        "iii", id, now_ms, floor_ms);
}

/* The venue is asked no more often than the floor says: its other questions wait that long. */
static int hold_siblings(struct db_conn *conn, const struct question *q, int64_t until_ms,
                         struct err *err)
{
    return db_exec(conn, err,
                   "update question set due_ms = $3 "
                   "where venue_id = $1 and id <> $2 and due_ms is not null and due_ms < $3",
                   "iii", q->venue_id, q->id, until_ms);
}

/* Two statements: RETURNING would build a table of its own for the one row. */
static int claim_one(struct db_conn *conn, const char *claim, int64_t now_ms, struct question *ret,
                     struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select " COLUMNS " from question where due_ms <= $1 "
                 "order by due_ms, asked_ms limit 1",
                 "i", now_ms))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found;
    read_row(&rows, ret);
    ret->asked_ms = now_ms;
    ret->claimed = true;
    return db_exec(conn, err,
                   "update question set claim = $2, asked_ms = $3, due_ms = null where id = $1",
                   "isi", ret->id, claim, now_ms)
               ? -1
               : 1;
}

int question_claim(struct db_conn *conn, const char *claim, int64_t now_ms, int64_t floor_ms,
                   struct question *out, size_t limit, size_t *ret_count, struct err *err)
{
    *ret_count = 0;
    while (*ret_count < limit) {
        int found = claim_one(conn, claim, now_ms, &out[*ret_count], err);
        if (found <= 0)
            return found;
        if (floor_ms && hold_siblings(conn, &out[*ret_count], now_ms + floor_ms, err))
            return -1;
        ++*ret_count;
    }
    return 0;
}

/* Nobody may have stayed who wants to know: then it is not due. */
#define DUE_IF_WANTED(at, now)                                                                     \
    "case when exists (select 1 from watch_question s join venue_watch w on w.id = s.watch_id "    \
    "join chat c on c.id = w.chat_id where s.question_id = $1 and w.state = 'active' "             \
    "and not w.paused and not c.away_ms and s.until_ms > " now                                     \
    " and (not s.gated or gate_open)) then " at " end"

int question_set_fingerprint(struct db_conn *conn, int64_t id, int64_t fingerprint, struct err *err)
{
    return db_exec(conn, err, "update question set fingerprint = $2 where id = $1", "ii", id,
                   fingerprint);
}

int question_answered(struct db_conn *conn, const struct question *q, const char *claim,
                      int64_t answered_ms, int64_t due_ms, int64_t tables, int64_t fingerprint,
                      bool *ret_mine, struct err *err)
{
    if (db_exec(
            conn, err,
            "update question set claim = null, due_ms = " DUE_IF_WANTED(
                "$4",
                "$3") ", "
                      "answered_ms = $3, answers = answers + 1, fails = 0, failing_since_ms = 0, "
                      "first_answer_ms = case when answers = 0 then $3 else first_answer_ms end, "
                      "emptied_ms = case when $5 then 0 when tables then $3 else emptied_ms end, "
                      "tables = $5, doubted = 0, fingerprint = $6 where id = $1 and claim = $2",
            "isiiii", q->id, claim, answered_ms, due_ms, tables, fingerprint))
        return -1;
    *ret_mine = db_changes(conn);
    return 0;
}

int question_answered_aside(struct db_conn *conn, int64_t id, int64_t answered_ms, bool *ret_taken,
                            struct err *err)
{
    if (db_exec(conn, err,
                "update question set answered_ms = $2, answers = answers + 1, fails = 0, "
                "failing_since_ms = 0, doubted = 0, asked_ms = max(asked_ms, $2), "
                "due_ms = case when due_ms is not null then $2 + interval_ms end, "
                "first_answer_ms = case when answers = 0 then $2 else first_answer_ms end "
                "where id = $1 and claim is null",
                "ii", id, answered_ms))
        return -1;
    *ret_taken = db_changes(conn);
    return 0;
}

int question_set_tables(struct db_conn *conn, int64_t id, int64_t tables, struct err *err)
{
    return db_exec(conn, err, "update question set tables = $2 where id = $1", "ii", id, tables);
}

int question_failed(struct db_conn *conn, int64_t id, const char *claim, const char *why,
                    bool counts, int64_t now_ms, int64_t due_ms, bool *ret_mine, struct err *err)
{
    if (db_exec(conn, err,
                "update question set claim = null, due_ms = " DUE_IF_WANTED(
                    "$5", "$4") ", "
                                "fails = fails + $6, why = $3, doubted = doubted and not $6, "
                                "failing_since_ms = case when fails = 0 and $6 then $4 else "
                                "failing_since_ms end "
                                "where id = $1 and claim = $2",
                "issiii", id, claim, why, now_ms, due_ms, (int64_t)counts))
        return -1;
    *ret_mine = db_changes(conn);
    return 0;
}

int question_doubted(struct db_conn *conn, int64_t id, const char *claim, int64_t answered_ms,
                     int64_t due_ms, bool *ret_mine, struct err *err)
{
    if (db_exec(
            conn, err,
            "update question set claim = null, due_ms = " DUE_IF_WANTED(
                "$4", "$3") ", "
                            "fails = fails + 1, why = 'empty, and not believed', "
                            "failing_since_ms = case when fails = 0 then $3 else failing_since_ms "
                            "end, emptied_ms = case when tables then $3 else emptied_ms end, "
                            "tables = 0, doubted = 1 where id = $1 and claim = $2",
            "isii", id, claim, answered_ms, due_ms))
        return -1;
    *ret_mine = db_changes(conn);
    return 0;
}

#define WANTED "(due_ms is not null or claim is not null)"

int question_doubts(struct db_conn *conn, bool *ret, struct err *err)
{
    int64_t one;
    int found = db_int_of(conn, err, &one,
                          "select 1 from question where doubted and " WANTED " limit 1", "");
    *ret = found > 0;
    return found < 0 ? -1 : 0;
}

int question_turned(struct db_conn *conn, const struct question *q, int64_t since_ms,
                    int64_t *ret_turned, int64_t *ret_had, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(
            conn, &rows, err,
            "with venues as (select venue_id, sum(tables > 0 and id <> $1) as shown from "
            "question where (tables > 0 or emptied_ms > $2) and venue_id is not null and " WANTED
            " group by venue_id) select count(*), coalesce(sum(shown = 0), 0) from venues",
            "ii", q->id, since_ms))
        return -1;
    if (db_next(&rows, err) != 1)
        return -1;
    *ret_had = db_int(&rows, 0);
    *ret_turned = db_int(&rows, 1);
    return 0;
}

int question_shows(struct db_conn *conn, int64_t since_ms, bool *ret, struct err *err)
{
    int64_t one;
    int found = db_int_of(conn, err, &one,
                          "select 1 from question where tables > 0 and answered_ms > $1 and " WANTED
                          " limit 1",
                          "i", since_ms);
    *ret = found > 0;
    return found < 0 ? -1 : 0;
}

int question_vouch_all(struct db_conn *conn, int64_t now_ms, int64_t floor_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update question set emptied_ms = 0, doubted = 0, "
                   "due_ms = case when doubted and due_ms is not null "
                   "then max($1, asked_ms + $2) else due_ms end, "
                   "fails = case when doubted then 0 else fails end, "
                   "failing_since_ms = case when doubted then 0 else failing_since_ms end "
                   "where emptied_ms > 0 or doubted",
                   "ii", now_ms, floor_ms);
}

int question_doubt_all(struct db_conn *conn, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update question set doubted = 1, why = 'empty, and not believed', "
                   "failing_since_ms = case when fails = 0 then $1 else failing_since_ms end, "
                   "fails = 1 where fails = 0 and tables = 0 and kind <> 'calendar' and " WANTED,
                   "i", now_ms);
}

int question_set_look(struct db_conn *conn, int64_t id, int64_t look_ms, struct err *err)
{
    return db_exec(conn, err, "update question set look_ms = nullif($2, $3) where id = $1", "iii",
                   id, look_ms, INT64_MAX);
}

int question_next_due(struct db_conn *conn, int64_t *ret_ms, struct err *err)
{
    int64_t due = 0;
    int found = db_int_of(conn, err, &due,
                          "select due_ms from question where due_ms is not null "
                          "order by due_ms limit 1",
                          "");
    *ret_ms = found > 0 ? due : INT64_MAX;
    return found < 0 ? -1 : 0;
}

int question_unclaim_all(struct db_conn *conn, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update question set claim = null, due_ms = $1 where claim is not null", "i",
                   now_ms);
}

int question_unclaim_old(struct db_conn *conn, int64_t claimed_before_ms, int64_t now_ms,
                         struct err *err)
{
    return db_exec(conn, err,
                   "update question set claim = null, due_ms = $2 "
                   "where claim is not null and asked_ms < $1",
                   "ii", claimed_before_ms, now_ms);
}

int question_settle(struct db_conn *conn, int64_t now_ms, double stretch, struct err *err)
{
    return db_exec(conn, err,
                   "update question set due_ms = case when due_ms > $1 then $1 "
                   "else $1 + abs(random() % (pace_ms / 2 + 1)) end "
                   "where due_ms is not null and (due_ms < $1 - pace_ms or due_ms > $1 + "
                   "case when fails = 0 then pace_ms * $2 * 1.1 + 2000 else 25200000 end)",
                   "ir", now_ms, stretch);
}

int question_load(struct db_conn *conn, struct question_load *ret, struct err *err)
{
    auto_rows rows = {0};
    *ret = (struct question_load){0};
    if (db_query(conn, &rows, err,
                 "select count(*), coalesce(sum(fails >= 2), 0), coalesce(max(answered_ms), 0), "
                 "coalesce(sum(60000.0 * cost / pace_ms), 0.0) from question "
                 "where due_ms is not null or claim is not null",
                 ""))
        return -1;
    if (db_next(&rows, err) != 1)
        return -1;
    ret->active = db_int(&rows, 0);
    ret->failing = db_int(&rows, 1);
    ret->last_answer_ms = db_int(&rows, 2);
    ret->a_minute = db_real(&rows, 3);
    return 0;
}

int question_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(
            conn, err,
            "delete from question where id in (select q.id from question q where q.due_ms is null "
            "and q.claim is null and max(q.asked_ms, q.created_ms) < $1 and not exists "
            "(select 1 from watch_question s join venue_watch w on w.id = s.watch_id "
            "where s.question_id = q.id and w.state = 'active' and s.until_ms > $1) "
            "and not exists (select 1 from slot l join told t on t.slot_id = l.id "
            "join venue_watch w on w.id = t.watch_id where l.question_id = q.id and l.open "
            "and l.start_ms > $1 and w.state = 'active') limit 100)",
            "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 100;
    return 0;
}

int question_failing(struct db_conn *conn, int64_t *ret_count, struct err *err)
{
    *ret_count = 0;
    return db_int_of(conn, err, ret_count,
                     "select count(*) from question where fails > 0 "
                     "and (due_ms is not null or claim is not null)",
                     "") < 0
               ? -1
               : 0;
}

int question_hasten_failing(struct db_conn *conn, int64_t since_ms, int64_t now_ms,
                            int64_t spread_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update question set due_ms = max(asked_ms + pace_ms, $1 + abs(random() % $2)) "
                   "where fails > 0 and failing_since_ms >= $3 and not doubted "
                   "and due_ms > max(asked_ms + pace_ms, $1 + $2)",
                   "iii", now_ms, spread_ms, since_ms);
}

int question_pace(struct db_conn *conn, int64_t watch_id, int64_t floor_ms, int64_t *ret_ms,
                  struct err *err)
{
    *ret_ms = 0;
    return db_int_of(conn, err, ret_ms,
                     "select max(n * $2) from (select count(*) as n from question o where " WANTED
                     " and o.venue_id in (select q.venue_id from question q join watch_question s "
                     "on s.question_id = q.id where s.watch_id = $1) group by o.venue_id)",
                     "ii", watch_id, floor_ms) < 0
               ? -1
               : 0;
}

int question_wake(struct db_conn *conn, int64_t now_ms, struct err *err)
{
    return db_exec(
        conn, err,
        "update question set due_ms = $1 where due_ms is null and claim is null and id in "
        "(select s.question_id from watch_question s join venue_watch w "
        "on w.id = s.watch_id join chat c on c.id = w.chat_id "
        "where w.state = 'active' and not w.paused and not c.away_ms and s.until_ms > $1 and (not "
        "s.gated or question.gate_open))",
        "i", now_ms);
}

int question_look_all(struct db_conn *conn, struct err *err)
{
    return db_exec(conn, err, "update question set look_ms = 1", "");
}

int questions_asked(struct db_conn *conn, int64_t **ret, size_t *ret_count, struct err *err)
{
    return db_ids(conn, err, ret, ret_count, "select id from question where " WANTED " order by id",
                  "");
}
