#include "db/account.h"

int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select role, zone, city, hours24, coalesce(daily_minute, -1), "
                 "coalesce(daily_chat, 0), daily_day, alone, coalesce(quiet_from, -1), "
                 "coalesce(quiet_to, -1), claimed, language, chosen, "
                 "coalesce(alerts_chat, 0) from account where id = $1",
                 "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found ? -1 : err_set(err, ERR_MISSING, NULL, "no account %lld", (long long)id);
    *ret = (struct account){.id = id, .owner = !strcmp(db_text(&rows, 0), "owner")};
    snprintf(ret->zone, sizeof(ret->zone), "%s", db_text(&rows, 1));
    snprintf(ret->city, sizeof(ret->city), "%s", db_text(&rows, 2));
    ret->hours24 = db_int(&rows, 3);
    ret->daily_minute = db_int(&rows, 4);
    ret->daily_chat = db_int(&rows, 5);
    snprintf(ret->daily_day, sizeof(ret->daily_day), "%s", db_text(&rows, 6));
    ret->alone = db_int(&rows, 7);
    ret->quiet_from = db_int(&rows, 8);
    ret->quiet_to = db_int(&rows, 9);
    ret->claimed = db_int(&rows, 10);
    snprintf(ret->language, sizeof(ret->language), "%s", db_text(&rows, 11));
    snprintf(ret->chosen, sizeof(ret->chosen), "%s", db_text(&rows, 12));
    ret->alerts_chat = db_int(&rows, 13);
    return 0;
}

int account_set(struct db_conn *conn, const struct account *a, struct err *err)
{
    return db_exec(
        conn, err,
        "update account set zone = $2, city = $3, hours24 = $4, "
        "daily_day = case when daily_minute is nullif($5, -1) then daily_day else $7 end, "
        "daily_minute = nullif($5, -1), daily_chat = nullif($6, 0), quiet_from = nullif($8, -1), "
        "quiet_to = nullif($9, -1), chosen = $10, alerts_chat = nullif($11, 0) where id = $1",
        "issiiisiisi", a->id, a->zone, a->city, (int64_t)a->hours24, a->daily_minute, a->daily_chat,
        a->daily_day, a->quiet_from, a->quiet_to, a->chosen, a->alerts_chat);
}

int account_of(struct db_conn *conn, const char *platform, const char *who, bool owner,
               const char *zone, const char *city, int64_t now_ms, struct account *ret,
               struct err *err)
{
    int64_t id;
    int found = db_int_of(conn, err, &id,
                          "select account_id from identity where platform = $1 and who = $2", "ss",
                          platform, who);
    if (found < 0)
        return -1;
    if (!found) {
        if (db_exec(conn, err,
                    "insert into account (role, zone, city, created_ms) values ($1, $2, $3, $4)",
                    "sssi", owner ? "owner" : "member", zone, city, now_ms))
            return -1;
        id = db_last_id(conn);
        if (db_exec(conn, err,
                    "insert into identity (account_id, platform, who, created_ms) "
                    "values ($1, $2, $3, $4)",
                    "issi", id, platform, who, now_ms))
            return -1;
    }
    return account_get(conn, id, ret, err);
}

int accounts_daily(struct db_conn *conn, int64_t after, int64_t *ids, size_t limit,
                   size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more = 0;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select id from account where daily_minute is not null and id > $1 order by id",
                 "i", after))
        return -1;
    while (*ret_count < limit && (more = db_next(&rows, err)) > 0)
        ids[(*ret_count)++] = db_int(&rows, 0);
    return more < 0 ? -1 : 0;
}

int account_had_daily(struct db_conn *conn, int64_t id, const char *day, struct err *err)
{
    return db_exec(conn, err, "update account set daily_day = $2 where id = $1", "is", id, day);
}

int account_find(struct db_conn *conn, const char *platform, const char *who, struct account *ret,
                 bool *ret_found, struct err *err)
{
    int64_t id;
    int found = db_int_of(conn, err, &id,
                          "select account_id from identity where platform = $1 and who = $2", "ss",
                          platform, who);
    *ret_found = found > 0;
    return found > 0 ? account_get(conn, id, ret, err) : found;
}

int account_has_owner(struct db_conn *conn, const char *platform, bool *ret, struct err *err)
{
    int64_t one;
    int found = db_int_of(
        conn, err, &one,
        "select 1 from identity i join account a on a.id = i.account_id "
        "where i.platform = $1 and a.role = 'owner' and (a.claimed or exists (select 1 "
        "from identity j where j.account_id = a.id and j.platform <> $1)) "
        "limit 1",
        "s", platform);
    *ret = found > 0;
    return found < 0 ? -1 : 0;
}

int account_set_role(struct db_conn *conn, int64_t id, bool owner, struct err *err)
{
    return db_exec(conn, err, "update account set role = $2 where id = $1", "is", id,
                   owner ? "owner" : "member");
}

int account_set_claimed(struct db_conn *conn, int64_t id, struct err *err)
{
    return db_exec(conn, err, "update account set claimed = 1 where id = $1", "i", id);
}

int account_set_alone(struct db_conn *conn, int64_t id, bool alone, struct err *err)
{
    return db_exec(conn, err, "update account set alone = $2 where id = $1", "ii", id,
                   (int64_t)alone);
}

int account_set_name(struct db_conn *conn, int64_t id, const char *name, struct err *err)
{
    return db_exec(conn, err, "update account set name = $2 where id = $1 and name <> $2", "is", id,
                   name);
}

int account_set_language(struct db_conn *conn, int64_t id, const char *language, bool hours24,
                         struct err *err)
{
    return db_exec(conn, err,
                   "update account set hours24 = max(hours24, $3 and not exists "
                   "(select 1 from inbox where account_id = $1)), language = $2 where id = $1 and "
                   "language <> $2",
                   "isi", id, language, (int64_t)hours24);
}

int account_forget(struct db_conn *conn, int64_t id, struct err *err)
{
    if (db_exec(conn, err,
                "delete from chat_session where chat_id in (select i.chat_id from inbox i "
                "join chat c on c.id = i.chat_id where i.account_id = $1 and not c.crowd)",
                "i", id) ||
        db_exec(conn, err,
                "delete from venue_search_snapshot where chat_id in (select i.chat_id from inbox i "
                "join chat c on c.id = i.chat_id where i.account_id = $1 and not c.crowd)",
                "i", id) ||
        db_exec(conn, err,
                "update outbox set payload = '{}', state = iif(state = 'due', 'gone', state), "
                "why = 'forgotten' where watch_id in (select id from venue_watch "
                "where account_id = $1) or inbox_id in (select id from inbox "
                "where account_id = $1 and state = 'done')",
                "i", id) ||
        db_exec(conn, err, "delete from venue_watch where account_id = $1", "i", id) ||
        db_exec(conn, err, "delete from button where account_id = $1", "i", id) ||
        db_exec(conn, err, "delete from tool_call_log where account_id = $1", "i", id) ||
        db_exec(conn, err,
                "delete from booking_attempt where account_id = $1 and state not in ('calling', "
                "'unclear')", /* whose end they are told */
                "i", id) ||
        db_exec(conn, err, "delete from inbox where account_id = $1", "i", id) ||
        db_exec(conn, err,
                "delete from newcomer where state <> 'out' and (platform, who) in (select "
                "platform, who from identity "
                "where account_id = $1)",
                "i", id))
        return -1;
    /* Its number may be given again, and a code that it made says only that. */
    if (db_exec(conn, err, "delete from newcomer where who = 'link ' || $1", "i", id) ||
        db_exec(conn, err, "delete from account where id = $1 and role <> 'owner'", "i", id))
        return -1;
    return db_exec(
        conn, err,
        "update account set name = '', language = '', chosen = '', hours24 = 0, "
        "daily_minute = null, "
        "daily_chat = null, alerts_chat = null, daily_day = '', quiet_from = null, quiet_to = null "
        "where id = $1",
        "i", id);
}

int account_last_of_chat(struct db_conn *conn, int64_t chat_id, int64_t *ret, struct err *err)
{
    *ret = 0;
    return db_int_of(conn, err, ret,
                     "select account_id from inbox where chat_id = $1 order by id desc limit 1",
                     "i", chat_id) < 0
               ? -1
               : 0;
}

int account_of_watch(struct db_conn *conn, int64_t watch_id, struct account *ret, bool *ret_found,
                     struct err *err)
{
    int64_t id;
    int found = db_int_of(conn, err, &id, "select account_id from venue_watch where id = $1", "i",
                          watch_id);
    *ret_found = found > 0;
    return found > 0 ? account_get(conn, id, ret, err) : found;
}

int account_who(struct db_conn *conn, int64_t id, const char *platform, char *out, size_t size,
                struct err *err)
{
    auto_rows rows = {0};
    *out = '\0';
    if (db_query(conn, &rows, err,
                 "select who from identity where account_id = $1 and platform = $2 limit 1", "is",
                 id, platform))
        return -1;
    int found = db_next(&rows, err);
    if (found > 0)
        snprintf(out, size, "%s:%s", platform, db_text(&rows, 0));
    return found < 0 ? -1 : 0;
}

int account_add_identity(struct db_conn *conn, int64_t id, const char *platform, const char *who,
                         int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into identity (account_id, platform, who, created_ms) "
                   "values ($1, $2, $3, $4)",
                   "issi", id, platform, who, now_ms);
}

int account_each_who(struct db_conn *conn, int64_t id, account_who_fn *fn, void *arg,
                     struct err *err)
{
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err,
                 "select platform || ':' || who from identity where account_id = $1 order by id",
                 "i", id))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        if (fn(arg, db_text(&rows, 0)))
            return 0;
    return more;
}

int account_move_alerts(struct db_conn *conn, int64_t id, int64_t chat_id, struct err *err)
{
    return db_exec(conn, err,
                   "update venue_watch set chat_id = $2 where account_id = $1 and "
                   "state = 'active' and chat_id in (select id from chat where not crowd)",
                   "ii", id, chat_id);
}

int account_merge(struct db_conn *conn, int64_t from, int64_t into, struct err *err)
{
    static const char *const moves[] = {
        "delete from newcomer where who = 'link ' || $1 and $2 > 0", /* its number may come again */
        "update identity set account_id = $2 where account_id = $1",
        "update inbox set account_id = $2 where account_id = $1",
        "update venue_watch set account_id = $2 where account_id = $1",
        "update button set account_id = $2 where account_id = $1",
        "update booking_attempt set account_id = $2 where account_id = $1",
        "update tool_call_log set account_id = $2 where account_id = $1",
        "insert into llm_use (account_id, day, tokens) select $2, day, tokens from llm_use "
        "where account_id = $1 on conflict (account_id, day) do update set "
        "tokens = tokens + excluded.tokens",
        "update account set role = iif((select role from account where id = $1) = 'owner', "
        "'owner', role), claimed = max(claimed, (select claimed from account where id = $1)), "
        "alone = max(alone, (select alone from account where id = $1)) where id = $2",
    };
    for (size_t i = 0; i < ARRAY_LEN(moves); i++)
        if (db_exec(conn, err, moves[i], "ii", from, into))
            return -1;
    return db_exec(conn, err, "delete from account where id = $1", "i", from);
}

int accounts_chosen(struct db_conn *conn, const char *platform, account_chosen_fn *fn, void *arg,
                    struct err *err)
{
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err,
                 "select i.who, a.chosen from identity i join account a on a.id = i.account_id "
                 "where i.platform = $1 and a.chosen <> '' order by i.id",
                 "s", platform))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        fn(arg, db_text(&rows, 0), db_text(&rows, 1));
    return more;
}
