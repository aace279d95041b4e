#include "tests/sandbox/city_search.h"
#include "core/base/utf8.h"
#include "tests/sandbox/city_inner.h"

#include <math.h>

#define PER_PAGE_MAX 75
#define WIDEN        120 /* minutes that a time_filter is widened by, on each side */
#define METRES_MILE  1609.344

/* --- reading the wish ---------------------------------------------------------------------- */

static const cJSON *get(const cJSON *tree, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(tree, name);
}

static int whole(const cJSON *tree, const char *name, int otherwise)
{
    const cJSON *item = get(tree, name);
    return cJSON_IsNumber(item) ? item->valueint : otherwise;
}

static const char *read_geo(const cJSON *geo, struct wish *wish)
{
    const cJSON *box = get(geo, "bounding_box");
    double sides[4];
    if (cJSON_GetArraySize(box) == 4) {
        for (int i = 0; i < 4; i++) {
            if (!cJSON_IsNumber(cJSON_GetArrayItem(box, i)))
                return "geo.bounding_box";
            sides[i] = cJSON_GetArrayItem(box, i)->valuedouble;
        }
        wish->box = true;
        wish->south = sides[0], wish->west = sides[1];
        wish->north = sides[2], wish->east = sides[3];
        wish->lat = (wish->south + wish->north) / 2;
        wish->lng = (wish->west + wish->east) / 2;
        return NULL;
    }
    const cJSON *lat = get(geo, "latitude"), *lng = get(geo, "longitude");
    if (!cJSON_IsNumber(lat) || !cJSON_IsNumber(lng))
        return "geo";
    const cJSON *radius = get(geo, "radius");
    wish->circle = true;
    wish->lat = lat->valuedouble, wish->lng = lng->valuedouble;
    wish->radius_m = cJSON_IsNumber(radius) ? radius->valuedouble : 35420;
    return NULL;
}

static const char *read_slot_filter(const cJSON *filter, struct wish *wish)
{
    const char *day = cJSON_GetStringValue(get(filter, "day"));
    if (!day || strlen(day) != 10 || date_parse(day, &wish->day))
        return "slot_filter.day";
    wish->party = whole(filter, "party_size", 0);
    if (wish->party < 1 || wish->party > 100)
        return "slot_filter.party_size";
    const cJSON *time = get(filter, "time_filter");
    if (cJSON_IsString(time)) {
        wish->minute = clock_parse(time->valuestring);
        if (wish->minute < 0)
            return "slot_filter.time_filter";
    }
    wish->slots = true;
    return NULL;
}

/* The name of a field that is wrong, or NULL. */
static const char *read_wish(const cJSON *json, struct wish *wish)
{
    *wish = (struct wish){.minute = -1};
    if (!cJSON_IsObject(json))
        return "struct_data";
    const cJSON *query = get(json, "query"), *geo = get(json, "geo");
    const cJSON *filter = get(json, "slot_filter"), *order = get(json, "order_by");
    if (query && !cJSON_IsString(query))
        return "query";
    wish->query = utf8_fold(query ? query->valuestring : "");
    wish->page = whole(json, "page", 1);
    wish->per_page = whole(json, "per_page", 20);
    if (wish->page < 1 || wish->page > 100000)
        return "page";
    if (wish->per_page < 1)
        return "per_page";
    wish->per_page = MIN_OF(wish->per_page, PER_PAGE_MAX);
    wish->availability = cJSON_IsTrue(get(json, "availability"));
    wish->by_availability = order && cJSON_IsString(order) &&
                            !strcmp(order->valuestring, "availability");
    wish->code = cJSON_GetStringValue(get(get(json, "venue_filter"), "location_code"));
    wish->list = cJSON_GetStringValue(get(get(json, "venue_filter"), "collection_slug"));
    wish->tock = !cJSON_IsFalse(get(json, "include_tock_inventory"));
    const char *wrong = cJSON_IsObject(geo) ? read_geo(geo, wish) : NULL;
    if (!wrong && cJSON_IsObject(filter))
        wrong = read_slot_filter(filter, wish);
    return wrong;
}

/* --- who matches --------------------------------------------------------------------------- */

static size_t letters_apart(const char *a, const char *b)
{
    size_t la = MIN_OF(strlen(a), 60), lb = MIN_OF(strlen(b), 60);
    size_t row[61];
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t up = row[j], change = corner + (a[i - 1] != b[j - 1]);
            row[j] = MIN_OF(MIN_OF(row[j] + 1, row[j - 1] + 1), change);
            corner = up;
        }
    }
    return row[lb];
}

/* How near one word of the query is to the nearest word of `text`: 0 … 10. */
static int word_near(const char *word, const char *text)
{
    int best = 0;
    auto_text copy = mem_text(text);
    char *rest = copy, *part;
    while ((part = strsep(&rest, " "))) {
        size_t longer = MAX_OF(strlen(word), strlen(part));
        size_t apart = letters_apart(word, part);
        int near = 0;
        if (!apart)
            near = 10;
        else if (strlen(word) > 1 && !strncmp(part, word, strlen(word)))
            near = 8;
        else if (longer > 3 && apart * 3 <= longer)
            near = 7 - (int)(apart * 6 / longer);
        best = MAX_OF(best, near);
    }
    return best;
}

/* 0 … 70: the words of the query found in the name, which is fuzzy; one may be missing of three. */
static int words_score(const char *query, const char *text)
{
    int sum = 0, count = 0, lost = 0;
    auto_text copy = mem_text(query);
    char *rest = copy, *word;
    while ((word = strsep(&rest, " "))) {
        int near = word_near(word, text);
        sum += near;
        lost += !near;
        count++;
    }
    return count && lost * 3 <= count ? sum * 7 / count : 0;
}

static int text_score(const struct venue *venue, const char *query)
{
    auto_text name = utf8_fold(venue->name);
    auto_text hood = utf8_fold(venue->hood);
    auto_text cuisine = utf8_fold(venue->cuisine);
    if (!strcmp(hood, query))
        return 100; /* before a venue of that very name, as seen with "Astoria" */
    if (!strcmp(name, query))
        return 99;
    if (!strncmp(name, query, strlen(query)))
        return 90;
    if (strstr(name, query))
        return 80;
    if (!strcmp(cuisine, query))
        return 60;
    int score = words_score(query, name);
    return MAX_OF(score, words_score(query, hood) / 2);
}

static double miles_between(double lat_a, double lng_a, double lat_b, double lng_b)
{
    double rad = 0.017453292519943295;
    double x = sin((lat_b - lat_a) * rad / 2), y = sin((lng_b - lng_a) * rad / 2);
    double h = x * x + cos(lat_a * rad) * cos(lat_b * rad) * y * y;
    return 2 * 3958.7613 * asin(sqrt(h));
}

static bool hit_fits(const struct wish *wish, const struct venue *venue, struct hit *hit)
{
    double lat, lng;
    venue_geo(venue, &lat, &lng);
    *hit = (struct hit){.venue = venue, .miles = -1};
    if (wish->circle || wish->box)
        hit->miles = miles_between(wish->lat, wish->lng, lat, lng);
    if (wish->circle && hit->miles * METRES_MILE > wish->radius_m)
        return false;
    if (wish->box &&
        (lat < wish->south || lat > wish->north || lng < wish->west || lng > wish->east))
        return false;
    if (wish->code && strcmp(wish->code, venue_place(venue)->code))
        return false;
    if (wish->list && !venue_on_list(venue, wish->list))
        return false;
    if (venue->traits & VENUE_TOCK && !wish->tock)
        return false;
    hit->score = *wish->query ? text_score(venue, wish->query) : 1;
    return hit->score > 0;
}

static void find_tock_slots(const struct wish *wish, struct slots *slots)
{
    slots->at = mem_grow(NULL, &slots->cap, 1, sizeof(*slots->at));
    slots->at[slots->count++] = (struct slot){
        .minute = 18 * 60, .service = 2, .size_min = 1, .size_max = wish->party};
}

static void hit_slots(const struct city *city, int64_t now_ms, const struct wish *wish,
                      struct hit *hit)
{
    if (hit->venue->traits & VENUE_TOCK)
        find_tock_slots(wish, &hit->slots);
    else
        slots_find(city, now_ms, hit->venue, wish->day, wish->party, &hit->slots);
    if (wish->minute < 0)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < hit->slots.count; i++) {
        if (abs(hit->slots.at[i].minute - wish->minute) <= WIDEN)
            hit->slots.at[kept++] = hit->slots.at[i];
    }
    hit->slots.count = kept;
}

static int by_rank(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->miles < y->miles || x->miles > y->miles)
        return x->miles < y->miles ? -1 : 1;
    return x->venue->id < y->venue->id ? -1 : x->venue->id > y->venue->id;
}

/* --- the call ------------------------------------------------------------------------------ */

static void add_cuisines(struct str *s, const struct hit *hits, size_t count)
{
    size_t written = 0;
    json_addf(s, "`cuisines`:[");
    for (size_t i = 0; i < count; i++) {
        bool seen = !*hits[i].venue->cuisine;
        for (size_t k = 0; k < i && !seen; k++)
            seen = !strcmp(hits[k].venue->cuisine, hits[i].venue->cuisine);
        if (seen)
            continue;
        str_add(s, written++ ? "," : "");
        city_json_text(s, hits[i].venue->cuisine, true);
    }
    str_add(s, "],");
}

/* `counted`: what it says there are, which need not stay the same from page to page. */
static void write_search(struct str *s, const struct city *city, const struct wish *wish,
                         const struct hit *hits, size_t count, size_t counted)
{
    size_t per_page = (size_t)wish->per_page, pages = (counted + per_page - 1) / per_page;
    size_t from = MIN_OF((size_t)(wish->page - 1) * per_page, count);
    size_t to = MIN_OF(from + per_page, count);
    json_addf(s,
              "{`meta`:{`engine`:`ELASTIC`,`total`:%zu,`page`:%d,`per_page`:%zu,"
              "`total_pages`:%zu},`search`:{`nbHits`:%zu,`page`:%d,`hitsPerPage`:%zu,",
              counted, wish->page, per_page, pages, counted, wish->page, per_page);
    if (wish->circle || wish->box)
        json_addf(s, "`nbPages`:%zu,", pages);
    add_cuisines(s, hits, count);
    json_addf(s, "`hits`:[");
    for (size_t i = from; i < to; i++) {
        str_add(s, i > from ? "," : "");
        json_hit(s, city, wish, &hits[i]);
    }
    if (*wish->query)
        json_addf(s, "],`suggestions`:[]}}");
    else
        json_addf(s, "]},`suggestions`:[]}");
}

void search_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    struct wish wish;
    const char *wrong = read_wish(ask->json, &wish);
    if (wrong) {
        free(wish.query);
        answer_error(ret, 400, "Bad Request", wrong, "Missing or invalid data for this field.");
        return;
    }
    struct hit *hits = mem_new(city_venue_count, sizeof(*hits));
    size_t count = 0;
    for (size_t i = 0; i < city_venue_count; i++)
        count += hit_fits(&wish, &city_venues[i], &hits[count]);
    for (size_t i = 0; wish.availability && wish.slots && i < count; i++) {
        if (ret->fault != FAULT_EMPTY)
            hit_slots(city, now_ms, &wish, &hits[i]);
        if (wish.by_availability && !*wish.query)
            hits[i].score = hits[i].slots.count ? 2 : 1;
    }
    qsort(hits, count, sizeof(*hits), by_rank);
    auto_str body = STR_INIT(BODY_MAX);
    city->drifted += (size_t)city->drift;
    write_search(&body, city, &wish, hits, count, count + city->drifted);
    for (size_t i = 0; i < count; i++)
        city_slots_free(&hits[i].slots);
    free(hits);
    free(wish.query);
    answer_json(ret, 200, &body);
}
