/* account.h: who people are: tables account and identity.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values. */
#ifndef DB_ACCOUNT_H
#define DB_ACCOUNT_H

#include "db/db.h"

#define ZONE_TEXT 64
#define CITY_TEXT 32

struct account {
    int64_t id;
    bool owner;
    char zone[ZONE_TEXT], city[CITY_TEXT];
    bool hours24;         /* "19:15" and not "7:15 PM" */
    int64_t daily_minute; /* of their day: when they want a line; -1: none */
    int64_t daily_chat;   /* where */
    char daily_day[16];   /* their day of the last one */
};

/* The account behind an identity, made with the given zone and city if it is new; a new one is
 * `owner` or a member. */
int account_of(struct db_conn *conn, const char *platform, const char *who, bool owner,
               const char *zone, const char *city, int64_t now_ms, struct account *ret,
               struct err *err) MUST_USE;

/* Zone, city, clock and daily line as they are there; daily_day only with another daily_minute. */
int account_set(struct db_conn *conn, const struct account *account, struct err *err) MUST_USE;

/* ERR_MISSING: no such account. */
int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err) MUST_USE;

/* Who wants a line a day, by id from `after` on. */
int accounts_daily(struct db_conn *conn, int64_t after, int64_t *ids, size_t limit,
                   size_t *ret_count, struct err *err) MUST_USE;
int account_had_daily(struct db_conn *conn, int64_t id, const char *day, struct err *err) MUST_USE;

#endif
