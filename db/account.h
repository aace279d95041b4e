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
    bool hours24; /* "19:15" and not "7:15 PM" */
};

/* The account behind an identity, made with the given zone and city if it is new; a new one is
 * `owner` or a member. */
int account_of(struct db_conn *conn, const char *platform, const char *who, bool owner,
               const char *zone, const char *city, int64_t now_ms, struct account *ret,
               struct err *err) MUST_USE;

/* Zone, city and clock as they are there. */
int account_set(struct db_conn *conn, const struct account *account, struct err *err) MUST_USE;

/* ERR_MISSING: no such account. */
int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err) MUST_USE;

#endif
