#include "db/city.h"

#include "core/base/utf8.h"

int city_put(struct db_conn *conn, const struct city_row *c, struct err *err)
{
    return db_exec(conn, err,
                   "insert into city (code, name, slug, zone, latitude, longitude, radius_m) "
                   "values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
                   "ssssrri", c->code, c->name, c->slug, c->zone, c->latitude, c->longitude,
                   c->radius_m);
}

int city_each(struct db_conn *conn, void (*each)(void *arg, const struct city_row *city), void *arg,
              struct err *err)
{
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err,
                 "select code, name, slug, zone, latitude, longitude, radius_m from city", ""))
        return -1;
    while ((more = db_next(&rows, err)) > 0) {
        struct city_row c = {.latitude = db_real(&rows, 4),
                             .longitude = db_real(&rows, 5),
                             .radius_m = db_int(&rows, 6)};
        utf8_copy(c.code, sizeof(c.code), db_text(&rows, 0));
        utf8_copy(c.name, sizeof(c.name), db_text(&rows, 1));
        utf8_copy(c.slug, sizeof(c.slug), db_text(&rows, 2));
        utf8_copy(c.zone, sizeof(c.zone), db_text(&rows, 3));
        each(arg, &c);
    }
    return more;
}
