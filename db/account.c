#include "db/account.h"

int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, "select role, zone, city, hours24 from account where id = $1",
                 "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found ? -1 : err_set(err, ERR_MISSING, NULL, "no account %lld", (long long)id);
    *ret = (struct account){.id = id, .owner = !strcmp(db_text(&rows, 0), "owner")};
    snprintf(ret->zone, sizeof(ret->zone), "%s", db_text(&rows, 1));
    snprintf(ret->city, sizeof(ret->city), "%s", db_text(&rows, 2));
    ret->hours24 = db_int(&rows, 3);
    return 0;
}

int account_set(struct db_conn *conn, const struct account *a, struct err *err)
{
    return db_exec(conn, err, "update account set zone = $2, city = $3, hours24 = $4 where id = $1",
                   "issi", a->id, a->zone, a->city, (int64_t)a->hours24);
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
