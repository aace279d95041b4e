/* resy_search_parse and resy_venue_parse: whoever comes out has an id and a name. */
#include "tests/fuzz/fuzz.h"

#include "core/base/utf8.h"
#include "core/resy/resy.h"

static void check_venue(const struct resy_venue *venue)
{
    const char *const texts[] = {venue->name, venue->slug,         venue->city,   venue->city_slug,
                                 venue->zone, venue->neighborhood, venue->cuisine};
    MUST(venue->id > 0);
    MUST(*venue->name);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        MUST(utf8_valid(texts[i], strlen(texts[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    auto_text text = mem_textn((const char *)data, size);
    int days, minute;
    if (resy_release_parse(text, &days, &minute))
        MUST(days > 0 && days <= 365 && minute >= 0 && minute < 1440);
    auto_json tree = json_parse(text, size, "fuzz", NULL);
    if (!tree)
        return 0;
    struct resy_venue venue;
    if (!resy_venue_parse(tree, &venue, &err))
        check_venue(&venue);
    else
        MUST(err.kind == ERR_REMOTE && *err.why);

    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    if (!resy_calendar_parse(tree, calendar, &err))
        for (size_t i = 0; i < calendar->count; i++)
            MUST(date_valid(calendar->days[i].date));
    free(calendar);
    struct resy_cities cities;
    if (!resy_cities_parse(tree, &cities, &err))
        for (size_t i = 0; i < cities.count; i++)
            MUST(*cities.list[i].code && *cities.list[i].name &&
                 utf8_valid(cities.list[i].name, strlen(cities.list[i].name)));
    resy_cities_free(&cities);
    struct resy_notify notify[RESY_NOTIFY_MAX];
    size_t count;
    if (!resy_notify_parse(tree, notify, RESY_NOTIFY_MAX, &count, &err))
        MUST(count <= RESY_NOTIFY_MAX);

    struct resy_hits hits;
    if (resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, &err)) {
        MUST(!hits.count && !hits.venues);
        return 0;
    }
    MUST(hits.count <= 500);
    for (size_t i = 0; i < hits.count; i++)
        check_venue(&hits.venues[i]);
    resy_hits_free(&hits);
    return 0;
}
