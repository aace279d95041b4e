#include "db/account.h"

int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select role, zone, city, hours24, coalesce(daily_minute, -1), "
                 "coalesce(daily_chat, 0), daily_day from account where id = $1",
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
    return 0;
}

int account_set(struct db_conn *conn, const struct account *a, struct err *err)
{
    return db_exec(
        conn, err,
        "update account set zone = $2, city = $3, hours24 = $4, "
        "daily_day = case when daily_minute is nullif($5, -1) then daily_day else $7 end, "
        "daily_minute = nullif($5, -1), daily_chat = nullif($6, 0) where id = $1",
        "issiiis", a->id, a->zone, a->city, (int64_t)a->hours24, a->daily_minute, a->daily_chat,
        a->daily_day);
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
