/* city.h: the cities that were asked for: table city, keyed by the provider's code.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values. */
#ifndef DB_CITY_H
#define DB_CITY_H

#include "db/db.h"

struct city_row {
    char code[32], name[64], slug[64], zone[64];
    double latitude, longitude;
    int64_t radius_m;
};

/* Unless it is there. */
int city_put(struct db_conn *conn, const struct city_row *city, struct err *err) MUST_USE;
int city_each(struct db_conn *conn, void (*each)(void *arg, const struct city_row *city), void *arg,
              struct err *err) MUST_USE;

#endif
