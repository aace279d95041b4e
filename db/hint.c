#include "db/hint.h"

#include "core/base/str.h"

#define ASKS_TEXT_MAX ((size_t)1 << 20)

void hints_free(struct hints *hints)
{
    free(hints->list);
    *hints = (struct hints){0};
}

int hints_of(struct db_conn *conn, int64_t question_id, struct hints *ret, struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    int more;
    *ret = (struct hints){0};
    if (db_query(conn, &rows, err,
                 "select id, venue_id, missed, open from hint where question_id = $1 "
                 "order by venue_id",
                 "i", question_id))
        return -1;
    while ((more = db_next(&rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        ret->list[ret->count++] = (struct hint){.id = db_int(&rows, 0),
                                                .venue_id = db_int(&rows, 1),
                                                .missed = db_int(&rows, 2),
                                                .open = db_int(&rows, 3)};
    }
    return more;
}

int hint_open(struct db_conn *conn, int64_t question_id, int64_t venue_id, const char *shown,
              int64_t answer, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into hint (question_id, venue_id, open, shown, opened_answer, "
                   "opened_ms) values ($1, $2, 1, $3, $4, $5) "
                   "on conflict (question_id, venue_id) do update set open = 1, missed = 0, "
                   "shown = $3, opened_answer = $4, opened_ms = $5",
                   "iisii", question_id, venue_id, shown, answer, now_ms);
}

int hint_stays(struct db_conn *conn, int64_t id, const char *shown, struct err *err)
{
    return db_exec(conn, err,
                   "update hint set missed = 0, shown = $2 where id = $1 "
                   "and (missed or shown <> $2)",
                   "is", id, shown);
}

int hint_set_missed(struct db_conn *conn, int64_t id, int64_t missed, struct err *err)
{
    return db_exec(conn, err, "update hint set missed = $2 where id = $1", "ii", id, missed);
}

int hint_close(struct db_conn *conn, int64_t id, int64_t answer, int64_t now_ms, struct err *err)
{
    if (db_exec(conn, err, "delete from known where hint_id = $1", "i", id) ||
        db_exec(conn, err, "delete from watch_question where hint_id = $1", "i", id))
        return -1;
    return db_exec(conn, err,
                   "update hint set open = 0, missed = 0, closed_answer = $2, closed_ms = $3 "
                   "where id = $1",
                   "iii", id, answer, now_ms);
}

#define SHOWS_ONE                                                                                  \
    "exists (select 1 from json_each(h.shown) where value between w.from_minute and w.to_minute)"

int known_begin(struct db_conn *conn, int64_t question_id, struct err *err)
{
    if (db_exec(conn, err,
                "insert into known (watch_id, hint_id, state, shown) "
                "select w.id, h.id, case when " SHOWS_ONE " then 'there' else 'nothing' end, "
                "h.shown from watch_question s join venue_watch w on w.id = s.watch_id "
                "join hint h on h.question_id = s.question_id "
                "where s.question_id = $1 and not s.based and h.open on conflict do nothing",
                "i", question_id))
        return -1;
    return db_exec(conn, err, "update watch_question set based = 1 where question_id = $1", "i",
                   question_id);
}

int known_look_again(struct db_conn *conn, int64_t watch_id, struct err *err)
{
    return db_exec(conn, err,
                   "update known set shown = '' where watch_id = $1 and state = 'nothing'", "i",
                   watch_id);
}

/* Tables of this restaurant that the watch was told of, by a find of the search's day and party. */
#define TOLD_OF                                                                                    \
    "from told t join slot l on l.id = t.slot_id join question f on f.id = l.question_id "         \
    "where t.watch_id = w.id and not t.forgotten and f.venue_id = h.venue_id and f.day = q.day "   \
    "and f.party = q.party "

int known_to_ask(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                 struct to_ask *out, size_t limit, size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select w.id, h.id, h.venue_id, s.until_ms from watch_question s "
                 "join venue_watch w on w.id = s.watch_id join question q on q.id = s.question_id "
                 "join hint h on h.question_id = q.id "
                 "left join known k on k.hint_id = h.id and k.watch_id = w.id "
                 "where q.id = $1 and s.hint_id is null and s.based and w.state = 'active' "
                 "and not w.paused and w.snoozed_ms <= $2 and s.until_ms > $2 and h.missed = 0 and "
                 "case when not h.open then exists (select 1 " TOLD_OF "and l.open) "
                 "when k.state = 'nothing' then exists (select 1 from json_each(h.shown) "
                 "where value between w.from_minute and w.to_minute and value not in "
                 "(select value from json_each(iif(k.shown = '', '[]', k.shown))))"
                 " when k.state is not null then 0 "
                 "else not exists (select 1 " TOLD_OF
                 "and (l.open or t.told_ms > $2 - $3 or t.answer >= l.closed_answer)) end "
                 "order by h.opened_ms desc, h.id limit $4",
                 "iiii", question_id, now_ms, quiet_ms, (int64_t)limit))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct to_ask){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2),
                                              db_int(&rows, 3)};
    return more < 0 ? -1 : 0;
}

int known_ask(struct db_conn *conn, const struct to_ask *asks, size_t count, int64_t find_id,
              int64_t now_ms, struct err *err)
{
    auto_str watches = STR_INIT(ASKS_TEXT_MAX);
    for (size_t i = 0; i < count; i++)
        str_addf(&watches, "%s[%lld,%lld]", i ? "," : "[", (long long)asks[i].watch_id,
                 (long long)asks[i].until_ms);
    str_addc(&watches, ']');
    if (watches.cut)
        return err_set(err, ERR_LIMIT, NULL, "%zu watches of one hint", count);
    if (db_exec(conn, err,
                "insert into known (watch_id, hint_id, state, shown) "
                "select a.value ->> 0, h.id, 'asking', h.shown from json_each($1) a "
                "join hint h on h.id = $2 where h.open "
                "on conflict do update set state = 'asking', shown = (select "
                "json_group_array(value) from (select value from json_each(excluded.shown) union "
                "select value from json_each(iif(known.shown = '', '[]', known.shown))))",
                "si", watches.buf, asks->hint_id))
        return -1;
    return db_exec(
        conn, err,
        "insert into watch_question (watch_id, question_id, since_ms, since_answer, "
        "until_ms, hint_id) select a.value ->> 0, q.id, $4, q.answers, a.value ->> 1, $3 "
        "from json_each($1) a join question q on q.id = $2 where true "
        "on conflict do nothing",
        "siii", watches.buf, find_id, asks->hint_id, now_ms);
}

/* Subscriptions by hints that were there when the find was asked. */
#define BEFORE                                                                                     \
    "question_id = $1 and hint_id is not null "                                                    \
    "and since_ms <= (select asked_ms from question where id = $1)"

int known_settle(struct db_conn *conn, int64_t find_id, int64_t now_ms, bool *ret_any,
                 struct err *err)
{
    int64_t one;
    int any = db_int_of(conn, err, &one,
                        "select 1 from watch_question where question_id = $1 "
                        "and hint_id is not null limit 1",
                        "i", find_id);
    *ret_any = any > 0;
    if (any <= 0)
        return any;
    /* Told, or not to be told now: there is nothing to know but that. */
    if (db_exec(conn, err,
                "delete from known where (hint_id, watch_id) in (select s.hint_id, s.watch_id "
                "from watch_question s join venue_watch w on w.id = s.watch_id "
                "where s." BEFORE " and (w.state <> 'active' or w.paused or w.snoozed_ms > $2 "
                "or exists (select 1 from told t join slot l on l.id = t.slot_id "
                "where t.watch_id = w.id and not t.forgotten and ((l.question_id = $1 and l.open) "
                "or w.once = 1))))",
                "ii", find_id, now_ms) ||
        db_exec(conn, err,
                "update known set state = 'nothing' where state = 'asking' and "
                "(hint_id, watch_id) in (select hint_id, watch_id from watch_question "
                "where " BEFORE ")",
                "i", find_id) ||
        db_exec(conn, err, "delete from watch_question where " BEFORE, "i", find_id))
        return -1;
    /* Whoever came while it was under way waits for the next answer, whatever that says. */
    return db_exec(conn, err,
                   "update question set look_ms = 1 where id = $1 and exists (select 1 "
                   "from watch_question where question_id = $1 and hint_id is not null)",
                   "i", find_id);
}

int known_count(struct db_conn *conn, int64_t watch_id, int64_t question_id,
                struct known_count *ret, struct err *err)
{
    auto_rows rows = {0};
    *ret = (struct known_count){0};
    if (db_query(conn, &rows, err,
                 "select coalesce(sum(k.state = 'there'), 0), "
                 "coalesce(sum(k.state = 'nothing'), 0), "
                 "coalesce(sum(k.state is null and exists (select 1 " TOLD_OF ")), 0) from hint h "
                 "join question q on q.id = h.question_id join venue_watch w on w.id = $1 "
                 "left join known k on k.hint_id = h.id and k.watch_id = w.id "
                 "where h.question_id = $2 and h.open",
                 "ii", watch_id, question_id))
        return -1;
    if (db_next(&rows, err) != 1)
        return -1;
    *ret = (struct known_count){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2)};
    return 0;
}
