/* venue.h: what we know of a restaurant: table venue, keyed by the provider's id.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values; longer texts are cut at a character boundary when they come in. */
#ifndef DB_VENUE_H
#define DB_VENUE_H

#include "db/db.h"

struct venue {
    int64_t id;
    char name[160], slug[128], city[32], city_slug[64], zone[64], neighborhood[96], cuisine[96];
    int64_t price;                        /* 1..4; 0: unknown */
    int64_t party_min, party_max;         /* 0: unknown */
    int64_t release_days, release_minute; /* tables are released so many days ahead, at that minute
                                             of its day; both 0: not published */
    int64_t fetched_ms; /* 0: known from a search alone; zone and party are not sure */
};

int venue_put(struct db_conn *conn, const struct venue *venue, struct err *err) MUST_USE;
/* *ret_found false: never heard of it. */
int venue_get(struct db_conn *conn, int64_t id, struct venue *ret, bool *ret_found,
              struct err *err) MUST_USE;

/* The names of those heard of, newest first, at most `limit`, until `each` returns false. */
int venue_names(struct db_conn *conn, int64_t limit, bool (*each)(void *arg, const char *name),
                void *arg, struct err *err) MUST_USE;

#endif
