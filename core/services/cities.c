/* Where people look. A few cities are known from the start; the others come from the provider's own
 * list, when somebody asks for one, and are kept. */
#include "core/services/services.h"

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "db/city.h"

#include <math.h>

#define NEAR_M 100000.0

struct city_node {
    struct resy_city own; /* the texts that city lends */
    struct city city;
    struct city_node *next;
};

/* Facts from the provider's list. */
static const struct city cities[] = {
    {"ny", "New York", "new-york-ny", "EST5EDT", {40.712941, -74.006393, 16100}},
    {"la", "Los Angeles", "los-angeles-ca", "PST8PDT", {34.041515, -118.280131, 30600}},
    {"dc", "Washington", "washington-dc", "EST5EDT", {38.9072, -77.0369, 16100}},
    {"li", "Hamptons", "hamptons-ny", "EST5EDT", {40.926011, -72.494534, 48300}},
};

/* `loosely`: its name may go on ("Los Angeles, CA"). */
static bool is_called(const struct city *city, const char *name, bool loosely)
{
    auto_text asked = utf8_fold(name);
    auto_text known = utf8_fold(city->name);
    auto_text slug = utf8_fold(city->slug);
    size_t len = strlen(asked);
    return len && (!strcasecmp(city->code, name) || !strcmp(known, asked) || !strcmp(slug, asked) ||
                   (loosely && len > 4 && !strncmp(known, asked, len)));
}

static struct city_node *first_node(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    struct city_node *node = services->cities;
    pthread_mutex_unlock(&services->lock);
    return node;
}

const struct city *city_of(struct services *services, const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(cities); i++)
        if (!strcmp(cities[i].code, code))
            return &cities[i];
    for (struct city_node *node = first_node(services); node; node = node->next)
        if (!strcmp(node->city.code, code))
            return &node->city;
    return NULL;
}

static const struct city *known_as(struct services *services, const char *name, bool loosely)
{
    for (size_t i = 0; i < ARRAY_LEN(cities); i++)
        if (is_called(&cities[i], name, loosely))
            return &cities[i];
    for (struct city_node *node = first_node(services); node; node = node->next)
        if (is_called(&node->city, name, loosely))
            return &node->city;
    return NULL;
}

const struct city *city_named(struct services *services, const char *name)
{
    const struct city *exact = known_as(services, name, false);
    return exact ? exact : known_as(services, name, true);
}

static void add(struct services *services, const struct resy_city *city)
{
    if (city_of(services, city->code))
        return;
    struct city_node *node = mem_new(1, sizeof(*node));
    node->own = *city;
    node->city = (struct city){node->own.code, node->own.name, node->own.slug, node->own.zone,
                               node->own.place};
    pthread_mutex_lock(&services->lock);
    node->next = services->cities;
    services->cities = node;
    pthread_mutex_unlock(&services->lock);
}

static int put(struct db_conn *conn, void *arg, struct err *err)
{
    const struct resy_city *c = arg;
    struct city_row row = {.latitude = c->place.latitude,
                           .longitude = c->place.longitude,
                           .radius_m = c->place.radius_m};
    utf8_copy(row.code, sizeof(row.code), c->code);
    utf8_copy(row.name, sizeof(row.name), c->name);
    utf8_copy(row.slug, sizeof(row.slug), c->slug);
    utf8_copy(row.zone, sizeof(row.zone), c->zone);
    return city_put(conn, &row, err);
}

const struct city *city_find(struct services *services, const char *name, struct cancel *cancel,
                             struct err *err)
{
    const struct city *known = city_named(services, name);
    struct resy_cities list;
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    if (known)
        return known;
    if (resy_cities(services->resy, &ask, &list, err))
        return NULL;
    int failed = 0;
    for (size_t k = 0; k < 2 * list.count && !failed && !known; k++) { /* exact names first */
        size_t i = k < list.count ? k : k - list.count;
        const struct resy_city *c = &list.list[i];
        struct city as = {c->code, c->name, c->slug, c->zone, c->place};
        auto_zone zone = zone_new(c->zone);
        if (!zone || !is_called(&as, name, k >= list.count))
            continue;
        failed = db_write(services->db, put, &list.list[i], err);
        if (!failed)
            add(services, c);
        known = city_of(services, c->code);
    }
    resy_cities_free(&list);
    if (!known && !failed)
        err_set(err, ERR_MISSING, "I find no city of that name on Resy.", "no such city");
    return known;
}

/* In m, on a ball. */
static double distance(double lat1, double lon1, double lat2, double lon2)
{
    double rad = M_PI / 180, a = sin((lat2 - lat1) * rad / 2), b = sin((lon2 - lon1) * rad / 2);
    return 12742000 * asin(sqrt(a * a + cos(lat1 * rad) * cos(lat2 * rad) * b * b));
}

static const struct resy_city *nearest_of(const struct resy_cities *list, double latitude,
                                          double longitude)
{
    const struct resy_city *nearest = NULL;
    double least = NEAR_M;
    for (size_t i = 0; i < list->count; i++) {
        const struct resy_city *c = &list->list[i];
        double m = distance(latitude, longitude, c->place.latitude, c->place.longitude);
        auto_zone zone = m < least ? zone_new(c->zone) : NULL;
        if (!zone)
            continue;
        least = m;
        nearest = c;
    }
    return nearest;
}

const struct city *city_near(struct services *services, double latitude, double longitude,
                             struct cancel *cancel, struct err *err)
{
    struct resy_cities list;
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    const struct city *city = NULL;
    if (resy_cities(services->resy, &ask, &list, err))
        return NULL;
    const struct resy_city *nearest = nearest_of(&list, latitude, longitude);
    if (!nearest)
        err_set(err, ERR_MISSING,
                "I know no city of Resy's near there. /settings city NAME says where to look.",
                "no city near");
    else if (city_of(services, nearest->code) ||
             db_write(services->db, put, (void *)(uintptr_t)nearest, err) == 0) {
        add(services, nearest);
        city = city_of(services, nearest->code);
    }
    resy_cities_free(&list);
    return city;
}

const struct city *city_of_account(struct services *services, const struct account *account,
                                   struct cancel *cancel)
{
    struct err err = ERR_INIT;
    const struct city *city = city_of(services, account->city);
    if (!city)
        city = city_find(services, account->city, cancel, &err);
    if (!city)
        log_err(LOG_WARN, "city", &err, "%s", account->city);
    return city;
}

static void add_kept(void *arg, const struct city_row *row)
{
    struct resy_city c = {.place = {row->latitude, row->longitude, (int)row->radius_m}};
    utf8_copy(c.code, sizeof(c.code), row->code);
    utf8_copy(c.name, sizeof(c.name), row->name);
    utf8_copy(c.slug, sizeof(c.slug), row->slug);
    utf8_copy(c.zone, sizeof(c.zone), row->zone);
    add(arg, &c);
}

static int load(struct db_conn *conn, void *arg, struct err *err)
{
    return city_each(conn, add_kept, arg, err);
}

int cities_load(struct services *services, struct err *err)
{
    return db_read(services->db, load, services, err);
}

void cities_free(struct services *services)
{
    while (services->cities) {
        struct city_node *next = services->cities->next;
        free(services->cities);
        services->cities = next;
    }
}
