#include "core/services/services.h"

#include "core/base/utf8.h"

#define FRESH_MS (7 * DAY_MS)
#define PER_PAGE 20

void venue_url(struct str *out, const char *city_slug, const char *slug, const char *day,
               int64_t party)
{
    str_add(out, "https://resy.com/cities/");
    str_add_url(out, *city_slug ? city_slug : "new-york-ny");
    str_add(out, "/venues/");
    str_add_url(out, slug);
    str_addf(out, "?date=%s&seats=%lld", day, (long long)party);
}

/* Levenshtein distance up to `most`; longer names are cut, which only makes them less alike. */
static size_t distance(const char *a, const char *b, size_t most)
{
    enum { LONGEST = 64 };
    size_t n = MIN_OF(strlen(a), (size_t)LONGEST), m = MIN_OF(strlen(b), (size_t)LONGEST);
    size_t row[LONGEST + 1];
    if ((n > m ? n - m : m - n) > most)
        return most + 1;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t drop = MIN_OF(row[j], row[j - 1]) + 1;
            row[j] = MIN_OF(change, drop);
        }
    }
    return row[m];
}

/* Every word of `part` stands in `whole` as a word. */
static bool words_in(const char *part, const char *whole)
{
    while (*part) {
        size_t len = strcspn(part, " ");
        bool found = false;
        for (const char *at = whole; *at && !found; at += strcspn(at, " "), at += *at == ' ')
            found = strcspn(at, " ") == len && !strncmp(at, part, len);
        if (!found)
            return false;
        part += len + (part[len] == ' ');
    }
    return true;
}

static const char *without_article(const char *name)
{
    return !strncmp(name, "the ", 4) ? name + 4 : name;
}

int venue_likeness(const char *asked, const char *name)
{
    asked = without_article(asked);
    name = without_article(name);
    size_t len = strlen(asked), most = len < 4 ? 0 : len < 8 ? 1 : 2;
    if (!len || !*name)
        return 0;
    if (!strcmp(asked, name))
        return 3;
    if (words_in(asked, name) || words_in(name, asked))
        return 2;
    return distance(asked, name, most) <= most;
}

static void to_venue(const struct resy_venue *from, const char *zone, int64_t fetched_ms,
                     struct venue *ret)
{
    *ret = (struct venue){.id = from->id,
                          .price = from->price,
                          .party_min = from->party_min,
                          .party_max = from->party_max,
                          .fetched_ms = fetched_ms,
                          .release_days = MAX_OF(from->release_days, 0),
                          .release_minute = MAX_OF(from->release_minute, 0)};
    utf8_copy(ret->name, sizeof(ret->name), from->name);
    utf8_copy(ret->slug, sizeof(ret->slug), from->slug);
    utf8_copy(ret->city, sizeof(ret->city), from->city);
    utf8_copy(ret->city_slug, sizeof(ret->city_slug), from->city_slug);
    utf8_copy(ret->zone, sizeof(ret->zone), *from->zone ? from->zone : zone);
    utf8_copy(ret->neighborhood, sizeof(ret->neighborhood), from->neighborhood);
    utf8_copy(ret->cuisine, sizeof(ret->cuisine), from->cuisine);
}

void venue_of_hit(const struct resy_venue *hit, const char *zone, struct venue *ret)
{
    to_venue(hit, zone, 0, ret);
}

/* Those hits that are as like as `level`, inside or outside the city; *ret_elsewhere counts the
 * ones that another site books. */
static void pick(struct services *services, const struct resy_hits *hits, const char *asked,
                 const char *city, bool inside, int level, struct venue_choice *ret,
                 size_t *ret_elsewhere)
{
    for (size_t i = 0; i < hits->count && ret->count < VENUES_OFFERED; i++) {
        const struct resy_venue *hit = &hits->venues[i];
        auto_text name = utf8_fold(hit->name);
        if (venue_likeness(asked, name) != level || !strcmp(hit->city, city) != inside)
            continue;
        if (hit->elsewhere) {
            ++*ret_elsewhere;
            continue;
        }
        const struct city *known = city_of(services, hit->city);
        to_venue(hit, known ? known->zone : "", 0, &ret->venues[ret->count++]);
    }
}

/* The best likeness there is; a typo is only ever offered. */
static void choose(struct services *services, const struct resy_hits *hits, const char *asked,
                   const char *city, bool inside, struct venue_choice *ret, size_t *ret_elsewhere)
{
    for (int level = 3; level > 0 && !ret->count; level--) {
        pick(services, hits, asked, city, inside, level, ret, ret_elsewhere);
        if (!ret->count)
            continue;
        bool sure = ret->count == 1 && inside && level >= 2;
        ret->answer = sure ? VENUE_ONE : VENUE_SEVERAL;
        ret->named_in_full = level == 2;
    }
}

static int search(struct services *services, const char *name, const struct resy_place *place,
                  struct cancel *cancel, struct resy_hits *ret, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    struct resy_query query = {.words = name, .place = place, .page = 1, .per_page = PER_PAGE};
    return resy_search(services->resy, &ask, &query, ret, err);
}

struct put_args {
    const struct venue *venues;
    size_t count;
    int64_t id;
    struct venue *ret;
    bool found;
};

/* What a search tells must not overwrite what the venue's own page told. */
int venue_put_new(struct db_conn *conn, const struct venue *venue, struct err *err)
{
    struct venue known;
    bool found;
    if (venue_get(conn, venue->id, &known, &found, err))
        return -1;
    bool newer = !found || !known.fetched_ms || venue->fetched_ms;
    return newer ? venue_put(conn, venue, err) : 0;
}

static int put_new(struct db_conn *conn, void *arg, struct err *err)
{
    struct put_args *args = arg;
    for (size_t i = 0; i < args->count; i++)
        if (venue_put_new(conn, &args->venues[i], err))
            return -1;
    return 0;
}

static int get_known(struct db_conn *conn, void *arg, struct err *err)
{
    struct put_args *args = arg;
    return venue_get(conn, args->id, args->ret, &args->found, err);
}

int venue_resolve(struct services *services, const struct account *account, const char *name,
                  struct cancel *cancel, struct venue_choice *ret, struct err *err)
{
    struct resy_hits hits;
    size_t elsewhere = 0;
    const struct city *city = city_of_account(services, account, cancel);
    auto_text asked = utf8_fold(name);
    *ret = (struct venue_choice){0};
    if (search(services, name, city ? &city->place : NULL, cancel, &hits, err))
        return -1;
    choose(services, &hits, asked, account->city, true, ret, &elsewhere);
    if (!ret->count && !elsewhere && city) { /* not here: anywhere? */
        resy_hits_free(&hits);
        if (search(services, name, NULL, cancel, &hits, err))
            return -1;
    }
    if (!ret->count && !elsewhere)
        choose(services, &hits, asked, account->city, false, ret, &elsewhere);
    resy_hits_free(&hits);
    if (!ret->count && elsewhere)
        return err_set(err, ERR_MISSING,
                       "That restaurant takes its bookings on another site, not on Resy, so I "
                       "cannot look there.",
                       "only hits of another site");
    struct put_args put = {.venues = ret->venues, .count = ret->count};
    return ret->count ? db_write(services->db, put_new, &put, err) : 0;
}

int venue_by_id(struct services *services, int64_t id, const char *city_zone, struct cancel *cancel,
                struct venue *ret, struct err *err)
{
    struct put_args known = {.id = id, .ret = ret};
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel, .fault = &fault};
    int64_t now = env_wall_ms(services->env);
    if (db_read(services->db, get_known, &known, err))
        return -1;
    if (known.found && ret->fetched_ms > now - FRESH_MS)
        return 0;
    struct resy_venue page;
    struct err asked = ERR_INIT;
    if (resy_venue(services->resy, &ask, id, NULL, NULL, &page, &asked) == 0 && page.id == id) {
        char zone[sizeof(ret->zone)];
        utf8_copy(zone, sizeof(zone), known.found && *ret->zone ? ret->zone : city_zone);
        to_venue(&page, zone, now, ret);
        struct put_args put = {.venues = ret, .count = 1};
        return db_write(services->db, put_new, &put, err);
    }
    if (asked.kind == ERR_NONE)
        err_set(&asked, ERR_REMOTE, NULL, "asked for venue %lld, told of another", (long long)id);
    if (!known.found || fault == RESY_CANCELLED || fault == RESY_KEY) {
        if (err)
            *err = asked;
        return -1;
    }
    if (!*ret->zone) /* what the search told will do, with the city's zone */
        utf8_copy(ret->zone, sizeof(ret->zone), city_zone);
    return 0;
}
