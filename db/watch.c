#include "db/watch.h"

#include "core/base/utf8.h"

#define ASKED "(q.due_ms is not null or q.claim is not null)"
#define COLUMNS                                                                                    \
    "select w.id, w.account_id, w.chat_id, w.venue_id, w.from_minute, w.to_minute, "               \
    "w.interval_ms, w.until_ms, w.created_ms, w.inbox_id, coalesce(w.max_fee_cents, -1), "         \
    "w.snoozed_ms, w.found_ms, w.once, w.paused, coalesce(w.seating, ''), w.title, w.state, "      \
    "coalesce(v.name, w.looking), coalesce(v.zone, w.zone), coalesce(v.slug, ''), "                \
    "coalesce(v.city_slug, ''), a.hours24, count(q.id), count(distinct q.venue_id), "              \
    "count(distinct nullif(q.day, '')), coalesce(min(q.party), w.party), coalesce(max(q.party), "  \
    "w.party), "                                                                                   \
    "coalesce(min(nullif(q.day, '')), w.day), coalesce(max(q.day), w.day), "                       \
    "coalesce(min(case when " ASKED " then q.answered_ms end), max(q.answered_ms)), "              \
    "min(q.first_answer_ms), sum(q.answers - s.since_answer), "                                    \
    "max(case when " ASKED " then q.fails end), min(nullif(q.failing_since_ms, 0)), "              \
    "min(q.due_ms), w.looking, "                                                                   \
    "coalesce(min(case when " ASKED " then q.pace_ms end), w.interval_ms), "                       \
    "coalesce(max(s.gated), 0), w.roll_ms from venue_watch w "                                     \
    "left join venue v on v.id = w.venue_id join account a on a.id = w.account_id "                \
    "left join watch_question s on s.watch_id = w.id and s.hint_id is null "                       \
    "left join question q on q.id = s.question_id "
#define EACH " group by w.id order by w.id "

void watches_free(struct watches *watches)
{
    free(watches->list);
    *watches = (struct watches){0};
}

static void read_row(struct db_rows *rows, struct watch *ret)
{
    *ret = (struct watch){
        .id = db_int(rows, 0),
        .account_id = db_int(rows, 1),
        .chat_id = db_int(rows, 2),
        .venue_id = db_int(rows, 3),
        .from_minute = db_int(rows, 4),
        .to_minute = db_int(rows, 5),
        .interval_ms = db_int(rows, 6),
        .until_ms = db_int(rows, 7),
        .created_ms = db_int(rows, 8),
        .inbox_id = db_int(rows, 9),
        .max_fee_cents = db_int(rows, 10),
        .snoozed_ms = db_int(rows, 11),
        .found_ms = db_int(rows, 12),
        .once = (enum watch_once)db_int(rows, 13),
        .paused = db_int(rows, 14),
        .hours24 = db_int(rows, 22),
        .questions = db_int(rows, 23),
        .venues = db_int(rows, 24),
        .days = db_int(rows, 25),
        .party = db_int(rows, 26),
        .party_most = db_int(rows, 27),
        .answered_ms = db_int(rows, 30),
        .first_answer_ms = db_int(rows, 31),
        .answers = db_int(rows, 32),
        .fails = db_int(rows, 33),
        .failing_since_ms = db_int(rows, 34),
        .due_ms = db_int(rows, 35),
        .pace_ms = db_int(rows, 37),
        .gated = db_int(rows, 38),
        .roll_ms = db_int(rows, 39),
    };
    utf8_copy(ret->looking, sizeof(ret->looking), db_text(rows, 36));
    utf8_copy(ret->seating, sizeof(ret->seating), db_text(rows, 15));
    utf8_copy(ret->title, sizeof(ret->title), db_text(rows, 16));
    utf8_copy(ret->state, sizeof(ret->state), db_text(rows, 17));
    utf8_copy(ret->venue, sizeof(ret->venue), db_text(rows, 18));
    utf8_copy(ret->zone, sizeof(ret->zone), db_text(rows, 19));
    utf8_copy(ret->slug, sizeof(ret->slug), db_text(rows, 20));
    utf8_copy(ret->city_slug, sizeof(ret->city_slug), db_text(rows, 21));
    utf8_copy(ret->day, sizeof(ret->day), db_text(rows, 28));
    utf8_copy(ret->day_last, sizeof(ret->day_last), db_text(rows, 29));
}

static int read_all(struct db_rows *rows, struct watches *ret, struct err *err)
{
    size_t cap = 0;
    int more;
    while ((more = db_next(rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        read_row(rows, &ret->list[ret->count++]);
    }
    return more;
}

int watch_add(struct db_conn *conn, const struct watch *w, int64_t *ret_id, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "insert into venue_watch (account_id, chat_id, venue_id, day, party, from_minute, "
                 "to_minute, interval_ms, until_ms, max_fee_cents, state, inbox_id, created_ms, "
                 "seating, title, once, looking, zone) "
                 "values ($1, $2, nullif($3, 0), $4, $5, $6, $7, $8, $9, nullif($10, -1), "
                 "'active', $11, $12, nullif($13, ''), $14, $15, $16, $17) "
                 "on conflict (inbox_id) do update set inbox_id = inbox_id returning id",
                 "iiisiiiiiiiississ", w->account_id, w->chat_id, w->venue_id, w->day, w->party,
                 w->from_minute, w->to_minute, w->interval_ms, w->until_ms, w->max_fee_cents,
                 w->inbox_id, w->created_ms, w->seating, w->title, (int64_t)w->once, w->looking,
                 w->zone) ||
        db_next(&rows, err) != 1)
        return -1;
    *ret_id = db_int(&rows, 0);
    return 0;
}

int watch_set(struct db_conn *conn, const struct watch *w, struct err *err)
{
    return db_exec(conn, err,
                   "update venue_watch set title = $2, from_minute = $3, to_minute = $4, "
                   "seating = nullif($5, ''), max_fee_cents = nullif($6, -1), interval_ms = $7, "
                   "once = $8, paused = $9, snoozed_ms = $10, until_ms = $11, "
                   "venue_id = nullif($12, 0), "
                   "day = $13, party = $14 where id = $1",
                   "isiisiiiiiiisi", w->id, w->title, w->from_minute, w->to_minute, w->seating,
                   w->max_fee_cents, w->interval_ms, (int64_t)w->once, (int64_t)w->paused,
                   w->snoozed_ms, w->until_ms, w->venue_id, w->day, w->party);
}

int watch_subscribe(struct db_conn *conn, int64_t watch_id, const struct question *q,
                    int64_t since_ms, int64_t until_ms, bool gated, struct err *err)
{
    if (db_exec(conn, err,
                "insert into watch_question (watch_id, question_id, since_ms, since_answer, "
                "until_ms, based, gated) values ($1, $2, $3, $4, $5, $6, $7) "
                "on conflict do update set until_ms = $5, gated = $7",
                "iiiiiii", watch_id, q->id, since_ms, q->answers, until_ms,
                (int64_t)(q->kind != QUESTION_SEARCH), (int64_t)gated))
        return -1;
    if (!gated || q->answers)
        return 0;
    /* Nothing is known of it yet: the calendar says when to ask. */
    return db_exec(conn, err,
                   "update question set gate_open = 0 where id = $1 and answers = 0 "
                   "and not exists (select 1 from watch_question where question_id = $1 "
                   "and not gated)",
                   "i", q->id);
}

int watch_unsubscribe(struct db_conn *conn, int64_t watch_id, int64_t question_id, struct err *err)
{
    return db_exec(conn, err, "delete from watch_question where watch_id = $1 and question_id = $2",
                   "ii", watch_id, question_id);
}

static int read_ids(struct db_rows *rows, int64_t *ids, size_t limit, size_t *ret_count,
                    struct err *err)
{
    int more = 0;
    *ret_count = 0;
    while (*ret_count < limit && (more = db_next(rows, err)) > 0)
        ids[(*ret_count)++] = db_int(rows, 0);
    return more < 0 ? -1 : 0;
}

int watch_questions(struct db_conn *conn, int64_t watch_id, int64_t *ids, size_t limit,
                    size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select question_id from watch_question where watch_id = $1 and hint_id is null "
                 "order by question_id",
                 "i", watch_id))
        return -1;
    return read_ids(&rows, ids, limit, ret_count, err);
}

static int asks_all(struct db_conn *conn, int64_t watch_id, const int64_t *questions, size_t count,
                    bool *ret, struct err *err)
{
    *ret = true;
    for (size_t i = 0; i < count && *ret; i++) {
        int64_t one;
        int found = db_int_of(conn, err, &one,
                              "select 1 from watch_question where watch_id = $1 "
                              "and question_id = $2",
                              "ii", watch_id, questions[i]);
        if (found < 0)
            return -1;
        *ret = found;
    }
    return 0;
}

int watch_same(struct db_conn *conn, const struct watch *w, const int64_t *questions, size_t count,
               int64_t *ret_id, struct err *err)
{
    auto_rows rows = {0};
    int64_t ids[64];
    size_t found;
    *ret_id = 0;
    if (db_query(
            conn, &rows, err,
            "select w.id from venue_watch w join watch_question s on s.watch_id = w.id "
            "where s.question_id = $1 and w.account_id = $2 and w.state = 'active' "
            "and w.inbox_id <> $3 and w.from_minute = $4 and w.to_minute = $5 "
            "and coalesce(w.seating, '') = $6 and coalesce(w.max_fee_cents, -1) = $7 "
            "and w.once = $9 and $8 = (select count(*) from watch_question where watch_id = w.id "
            "and hint_id is null) "
            "order by w.id",
            "iiiiisiii", questions[0], w->account_id, w->inbox_id, w->from_minute, w->to_minute,
            w->seating, w->max_fee_cents, (int64_t)count, (int64_t)w->once) ||
        read_ids(&rows, ids, ARRAY_LEN(ids), &found, err))
        return -1;
    for (size_t i = 0; i < found && !*ret_id; i++) {
        bool all;
        if (asks_all(conn, ids[i], questions, count, &all, err))
            return -1;
        *ret_id = all ? ids[i] : 0;
    }
    return 0;
}

int watch_found(struct db_conn *conn, int64_t id, int64_t now_ms, bool *ret_found, struct err *err)
{
    if (db_exec(conn, err,
                "update venue_watch set state = 'expired', ended_ms = $2, found_ms = $2 "
                "where id = $1 and state = 'active' and once",
                "ii", id, now_ms))
        return -1;
    *ret_found = db_changes(conn);
    return 0;
}

int watch_found_each(struct db_conn *conn, int64_t id, int64_t outbox_id, int64_t *ids,
                     size_t limit, size_t *ret_count, bool *ret_left, struct err *err)
{
    int64_t left = 0;
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select s.question_id from watch_question s join question q "
                 "on q.id = s.question_id where s.watch_id = $1 and q.venue_id in "
                 "(select f.venue_id from told t join slot l on l.id = t.slot_id "
                 "join question f on f.id = l.question_id "
                 "where t.outbox_id = $2 and t.watch_id = $1)",
                 "ii", id, outbox_id) ||
        read_ids(&rows, ids, limit, ret_count, err))
        return -1;
    for (size_t i = 0; i < *ret_count; i++)
        if (watch_unsubscribe(conn, id, ids[i], err))
            return -1;
    if (db_int_of(conn, err, &left, "select count(*) from watch_question where watch_id = $1", "i",
                  id) < 0)
        return -1;
    *ret_left = left;
    return left ? db_exec(conn, err, /* it is called by one that it still waits for */
                          "update venue_watch set venue_id = (select q.venue_id "
                          "from watch_question s join question q on q.id = s.question_id "
                          "where s.watch_id = $1 order by q.id limit 1) where id = $1",
                          "i", id)
                : 0;
}

int watch_get(struct db_conn *conn, int64_t id, struct watch *ret, bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    *ret_found = false;
    if (db_query(conn, &rows, err, COLUMNS "where w.id = $1" EACH, "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found > 0) {
        read_row(&rows, ret);
        *ret_found = true;
    }
    return found < 0 ? -1 : 0;
}

int watches_of(struct db_conn *conn, int64_t account_id, size_t limit, struct watches *ret,
               struct err *err)
{
    auto_rows rows = {0};
    *ret = (struct watches){0};
    if (db_query(conn, &rows, err,
                 COLUMNS "where w.account_id = $1 and w.state = 'active'" EACH "limit $2", "ii",
                 account_id, (int64_t)limit))
        return -1;
    return read_all(&rows, ret, err);
}

int watch_count(struct db_conn *conn, int64_t account_id, int64_t now_ms, int64_t *ret,
                struct err *err)
{
    return db_int_of(
               conn, err, ret,
               "select count(*) from venue_watch w join watch_question s on s.watch_id = w.id "
               "where w.account_id = $1 and w.state = 'active' and s.until_ms > $2 "
               "and s.hint_id is null and not s.gated",
               "ii", account_id, now_ms) < 0
               ? -1
               : 0;
}

int watch_count_all(struct db_conn *conn, int64_t *ret, struct err *err)
{
    return db_int_of(conn, err, ret, "select count(*) from venue_watch where state = 'active'",
                     "") < 0
               ? -1
               : 0;
}

int watch_end(struct db_conn *conn, int64_t id, const char *state, int64_t inbox_id, int64_t now_ms,
              bool *ret_changed, struct err *err)
{
    if (db_exec(conn, err,
                "update venue_watch set state = $2, ended_ms = $3, ended_by = nullif($4, 0) "
                "where id = $1 and (state = 'active' or ended_by = $4)",
                "isii", id, state, now_ms, inbox_id))
        return -1;
    *ret_changed = db_changes(conn);
    return 0;
}

int watch_revive(struct db_conn *conn, int64_t id, int64_t since_ms, bool *ret_changed,
                 struct err *err)
{
    if (db_exec(conn, err,
                "update venue_watch set state = 'active', ended_ms = null, ended_by = null "
                "where id = $1 and state = 'stopped' and ended_ms >= $2",
                "ii", id, since_ms))
        return -1;
    *ret_changed = db_changes(conn);
    return 0;
}

int watches_last_stopped(struct db_conn *conn, int64_t account_id, int64_t *ids, size_t limit,
                         size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select id from venue_watch where account_id = $1 and state = 'stopped' and "
                 "ended_by = (select ended_by from venue_watch where account_id = $1 and "
                 "state = 'stopped' order by ended_ms desc, id desc limit 1) order by id limit $2",
                 "ii", account_id, (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        ids[(*ret_count)++] = db_int(&rows, 0);
    return more;
}

int watches_over(struct db_conn *conn, int64_t now_ms, size_t limit, struct watches *ret,
                 int64_t *ret_next_ms, struct err *err)
{
    auto_rows rows = {0};
    *ret = (struct watches){0};
    *ret_next_ms = INT64_MAX;
    if (db_query(conn, &rows, err,
                 COLUMNS "where w.state = 'active' and w.until_ms <= $1 group by w.id "
                         "order by w.until_ms limit $2",
                 "ii", now_ms, (int64_t)limit) ||
        read_all(&rows, ret, err))
        return -1;
    int64_t next = 0;
    int found = db_int_of(conn, err, &next,
                          "select until_ms from venue_watch where state = 'active' "
                          "and until_ms > $1 order by until_ms limit 1",
                          "i", now_ms);
    if (found > 0)
        *ret_next_ms = ret->count == limit ? now_ms : next;
    return found < 0 ? -1 : 0;
}

int watches_to_roll(struct db_conn *conn, int64_t now_ms, int64_t *ids, size_t limit,
                    size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select id from venue_watch where state = 'active' and roll_ms > 0 "
                 "and roll_ms <= $1 order by roll_ms",
                 "i", now_ms))
        return -1;
    return read_ids(&rows, ids, limit, ret_count, err);
}

int watch_set_roll(struct db_conn *conn, int64_t id, int64_t roll_ms, struct err *err)
{
    return db_exec(conn, err, "update venue_watch set roll_ms = nullif($2, 0) where id = $1", "ii",
                   id, roll_ms);
}

int watch_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from venue_watch where id in (select id from venue_watch "
                "where state <> 'active' and ended_ms < $1 limit 100)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 100;
    return 0;
}

int watch_by_inbox(struct db_conn *conn, int64_t inbox_id, int64_t *ret_id, struct err *err)
{
    *ret_id = 0;
    return db_int_of(conn, err, ret_id, "select id from venue_watch where inbox_id = $1", "i",
                     inbox_id) < 0
               ? -1
               : 0;
}

int watch_next_end(struct db_conn *conn, int64_t *ret_ms, struct err *err)
{
    *ret_ms = INT64_MAX;
    return db_int_of(conn, err, ret_ms,
                     "select until_ms from venue_watch where state = 'active' "
                     "order by until_ms limit 1",
                     "") < 0
               ? -1
               : 0;
}

int watch_settle(struct db_conn *conn, int64_t now_ms, int64_t back_ms, struct err *err)
{
    return db_exec(conn, err,
                   "update venue_watch set snoozed_ms = snoozed_ms - $2 "
                   "where $2 and state = 'active' and snoozed_ms > $1",
                   "ii", now_ms, back_ms);
}

#define SOON_MS ((int64_t)60 * 1000) /* one that will be asked again so soon may join in */
#define BLIND   "select w.id, w.chat_id, w.account_id, "
#define NAMED   ", case when w.title <> '' then w.title else coalesce(v.name, w.looking) end "

static int read_blind(struct db_rows *rows, struct blind_watch *out, size_t limit,
                      size_t *ret_count, struct err *err)
{
    int more = 0;
    *ret_count = 0;
    while (*ret_count < limit && (more = db_next(rows, err)) > 0) {
        struct blind_watch *blind = &out[(*ret_count)++];
        *blind = (struct blind_watch){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2),
                                      db_int(rows, 3), ""};
        utf8_copy(blind->name, sizeof(blind->name), db_text(rows, 4));
    }
    return more < 0 ? -1 : 0;
}

/* A question of w's that fails. */
#define FAILS                                                                                      \
    "from question q cross join watch_question s on s.question_id = q.id "                         \
    "cross join venue_watch w on w.id = s.watch_id where q.fails > 0 and " ASKED                   \
    " and s.until_ms > $1 and s.hint_id is null and w.state = 'active' and not w.paused "

int watches_blind(struct db_conn *conn, int64_t now_ms, double intervals, struct blind_watch *out,
                  size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "with late as (select distinct w.chat_id as chat, w.account_id as account " FAILS
                 "and w.affected_ms = 0 and q.failing_since_ms < $1 - w.interval_ms * $2), "
                 "dark as (select w.id as id, min(q.failing_since_ms) as since " FAILS
                 "and w.affected_ms = 0 and q.fails > 1 group by w.id) " BLIND "dark.since" NAMED
                 "from dark join venue_watch w on w.id = dark.id join late "
                 "on late.chat = w.chat_id and late.account = w.account_id "
                 "left join venue v on v.id = w.venue_id "
                 "order by w.chat_id, w.account_id, w.id limit $3",
                 "iri", now_ms, intervals, (int64_t)limit))
        return -1;
    return read_blind(&rows, out, limit, ret_count, err);
}

int watches_seeing(struct db_conn *conn, int64_t now_ms, struct blind_watch *out, size_t limit,
                   size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "with dark as (select distinct w.id as id, w.chat_id as chat, "
                 "w.account_id as account, "
                 "coalesce(q.due_ms, 0) <= $1 + $3 as soon " FAILS "and w.affected_ms > 0) " BLIND
                 "w.affected_ms" NAMED "from venue_watch w left join venue v on v.id = w.venue_id "
                 "where w.affected_ms > 0 and w.state = 'active' and not w.paused "
                 "and w.id not in (select id from dark) and not exists (select 1 "
                 "from watch_question s join question q on q.id = s.question_id "
                 "where s.watch_id = w.id and s.hint_id is null and " ASKED
                 " and q.answered_ms <= w.affected_ms) "
                 "and not exists (select 1 from dark where soon and chat = w.chat_id "
                 "and account = w.account_id) order by w.chat_id, w.account_id, w.id limit $2",
                 "iii", now_ms, (int64_t)limit, SOON_MS))
        return -1;
    return read_blind(&rows, out, limit, ret_count, err);
}

int watch_set_affected(struct db_conn *conn, int64_t id, int64_t since_ms, struct err *err)
{
    return db_exec(conn, err, "update venue_watch set affected_ms = $2 where id = $1", "ii", id,
                   since_ms);
}

int watch_rates(struct db_conn *conn, int64_t account_id, struct watch_rate *out, size_t limit,
                size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select s.watch_id, sum(60000.0 * q.cost / q.pace_ms / (select count(*) "
                 "from watch_question o join venue_watch x on x.id = o.watch_id "
                 "where o.question_id = q.id and x.state = 'active' and not x.paused)) as rate "
                 "from venue_watch w join watch_question s on s.watch_id = w.id "
                 "join question q on q.id = s.question_id where w.account_id = $1 "
                 "and w.state = 'active' and not w.paused and " ASKED
                 " group by s.watch_id order by rate desc, s.watch_id limit $2",
                 "ii", account_id, (int64_t)limit))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct watch_rate){db_int(&rows, 0), db_real(&rows, 1)};
    return more < 0 ? -1 : 0;
}

int watches_active(struct db_conn *conn, int64_t **ret, size_t *ret_count, struct err *err)
{
    return db_ids(conn, err, ret, ret_count,
                  "select id from venue_watch where state = 'active' order by id", "");
}

int watch_questions_of(struct db_conn *conn, int64_t account_id, int64_t **ret, size_t *ret_count,
                       struct err *err)
{
    return db_ids(conn, err, ret, ret_count,
                  "select distinct s.question_id from watch_question s "
                  "join venue_watch w on w.id = s.watch_id where w.account_id = $1",
                  "i", account_id);
}

int watches_ask_for_chat(struct db_conn *conn, int64_t chat_id, int64_t **ret_ids,
                         size_t *ret_count, struct err *err)
{
    return db_ids(conn, err, ret_ids, ret_count,
                  "select distinct s.question_id from venue_watch w join watch_question s "
                  "on s.watch_id = w.id where w.chat_id = $1 and w.state = 'active'",
                  "i", chat_id);
}
