/* city_search.h: a search in the making, between city_search.c (who matches) and city_hit.c (how
 * it is shown).
 *
 * Owner:   search_answer's stack; threads: see city.h. */
#ifndef TESTS_SANDBOX_CITY_SEARCH_H
#define TESTS_SANDBOX_CITY_SEARCH_H

#include "tests/sandbox/city_inner.h"

struct wish { /* what a search asks for */
    char *query;
    int page, per_page;
    bool availability, by_availability;
    bool slots; /* there is a slot_filter */
    struct date day;
    int party, minute; /* minute -1: any */
    bool circle, box;
    double lat, lng, radius_m;
    double south, west, north, east;
    const char *code, *list; /* of venue_filter, borrowed */
    bool tock;
};

struct hit {
    const struct venue *venue;
    int score;
    double miles; /* -1: no geo */
    struct slots slots;
};

/* One element of search.hits. */
void json_hit(struct str *s, const struct city *city, const struct wish *wish,
              const struct hit *hit);

#endif
