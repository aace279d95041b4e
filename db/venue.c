#include "db/venue.h"

int venue_put(struct db_conn *conn, const struct venue *v, struct err *err)
{
    return db_exec(
        conn, err,
        "insert into venue (id, name, slug, city, city_slug, zone, neighborhood, "
        "cuisine, price, party_min, party_max, fetched_ms, release_days, release_minute) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, 0), "
        "iif($13, $14, null)) "
        "on conflict (id) do update set name = $2, slug = $3, city = $4, "
        "city_slug = $5, zone = $6, neighborhood = $7, cuisine = $8, price = $9, "
        "party_min = $10, party_max = $11, fetched_ms = $12, "
        "release_days = nullif($13, 0), release_minute = iif($13, $14, null)",
        "isssssssiiiiii", v->id, v->name, v->slug, v->city, v->city_slug, v->zone, v->neighborhood,
        v->cuisine, v->price, v->party_min, v->party_max, v->fetched_ms, v->release_days,
        v->release_minute);
}

static void copy(char *to, size_t size, struct db_rows *rows, int column)
{
    snprintf(to, size, "%s", db_text(rows, column));
}

int venue_get(struct db_conn *conn, int64_t id, struct venue *ret, bool *ret_found, struct err *err)
{
    auto_rows rows = {0};
    *ret_found = false;
    if (db_query(conn, &rows, err,
                 "select name, slug, city, city_slug, zone, neighborhood, cuisine, price, "
                 "party_min, party_max, fetched_ms, coalesce(release_days, 0), "
                 "coalesce(release_minute, 0) from venue where id = $1",
                 "i", id))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found;
    *ret = (struct venue){.id = id,
                          .price = db_int(&rows, 7),
                          .party_min = db_int(&rows, 8),
                          .party_max = db_int(&rows, 9),
                          .fetched_ms = db_int(&rows, 10),
                          .release_days = db_int(&rows, 11),
                          .release_minute = db_int(&rows, 12)};
    copy(ret->name, sizeof(ret->name), &rows, 0);
    copy(ret->slug, sizeof(ret->slug), &rows, 1);
    copy(ret->city, sizeof(ret->city), &rows, 2);
    copy(ret->city_slug, sizeof(ret->city_slug), &rows, 3);
    copy(ret->zone, sizeof(ret->zone), &rows, 4);
    copy(ret->neighborhood, sizeof(ret->neighborhood), &rows, 5);
    copy(ret->cuisine, sizeof(ret->cuisine), &rows, 6);
    *ret_found = true;
    return 0;
}

int venue_names(struct db_conn *conn, int64_t limit, bool (*each)(void *arg, const char *name),
                void *arg, struct err *err)
{
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err, "select name from venue order by fetched_ms desc, id limit $1",
                 "i", limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        if (!each(arg, db_text(&rows, 0)))
            return 0;
    return more;
}
