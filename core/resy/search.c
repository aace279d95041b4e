/* Search: who there is, and a part of their tables. Paging lives in `meta`; a search is fuzzy, and
 * worldwide where no place is given. */
#include "core/resy/internal.h"

#include "core/base/utf8.h"

#define HITS_MAX 500

void resy_hits_free(struct resy_hits *hits)
{
    free(hits->venues);
    free(hits->tables);
    *hits = (struct resy_hits){0};
}

/* False: it cannot be one of ours (no id, no name). */
static bool read_hit(const cJSON *hit, struct resy_venue *ret)
{
    *ret = (struct resy_venue){.release_days = -1, .release_minute = -1};
    const char *name = json_text(hit, "name"), *old_id = json_text(hit, "objectID");
    if (!json_i64(hit, "id.resy", &ret->id) && old_id && strlen(old_id) < 16 &&
        strspn(old_id, "0123456789") == strlen(old_id))
        ret->id = strtoll(old_id, NULL, 10);
    if (ret->id <= 0 || !name || !*name)
        return false;
    resy_copy(ret->name, sizeof(ret->name), hit, "name");
    resy_copy(ret->slug, sizeof(ret->slug), hit, "url_slug");
    resy_copy(ret->city, sizeof(ret->city), hit, "location.code");
    resy_copy(ret->city_slug, sizeof(ret->city_slug), hit, "location.url_slug");
    resy_copy(ret->neighborhood, sizeof(ret->neighborhood), hit, "neighborhood");
    resy_copy(ret->cuisine, sizeof(ret->cuisine), hit, "cuisine.0");
    ret->price = json_i64_or(hit, "price_range_id", 0);
    ret->party_max = json_i64_or(hit, "max_party_size", 0);
    json_flag(hit, "is_tock_inventory", &ret->elsewhere);
    return true;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Tables that can be booked here, a time once. */
static void read_tables(const cJSON *hit, struct date day, struct resy_hit_tables *ret)
{
    const cJSON *slot;
    *ret = (struct resy_hit_tables){0};
    cJSON_ArrayForEach(slot, json_array(hit, "availability.slots"))
    {
        bool eligible = true;
        int minute = resy_minute(json_text(slot, "date.start"), day);
        json_flag(slot, "exclusive.is_eligible", &eligible);
        if (minute < 0 || !eligible || !json_text(slot, "config.token") ||
            ret->count == RESY_HIT_TIMES)
            continue;
        ret->minutes[ret->count++] = minute;
    }
    qsort(ret->minutes, ret->count, sizeof(*ret->minutes), by_number);
    size_t kept = 0;
    for (size_t i = 0; i < ret->count; i++)
        if (!kept || ret->minutes[kept - 1] != ret->minutes[i])
            ret->minutes[kept++] = ret->minutes[i];
    ret->count = kept;
    resy_copy(ret->picture, sizeof(ret->picture), hit, "images.0");
    json_number(hit, "rating.average", &ret->rating);
}

static bool has_hit(const struct resy_hits *hits, int64_t id)
{
    for (size_t i = 0; i < hits->count; i++)
        if (hits->venues[i].id == id)
            return true;
    return false;
}

/* Behind what is there; a venue once, though a page may repeat it. */
static int add_hits(const cJSON *tree, struct date day, struct resy_hits *ret, struct err *err)
{
    const cJSON *hits = json_array(tree, "search.hits"), *hit;
    if (!hits)
        return err_set(err, ERR_REMOTE, NULL, "no hits in it");
    if (cJSON_GetArraySize(hits) > HITS_MAX)
        return err_set(err, ERR_REMOTE, NULL, "over %d hits", HITS_MAX);
    cJSON_ArrayForEach(hit, hits)
    {
        struct resy_venue venue;
        if (!read_hit(hit, &venue) || has_hit(ret, venue.id) || ret->count == RESY_HITS_MAX)
            continue;
        ret->venues = mem_grow(ret->venues, &ret->venue_room, ret->count + 1, sizeof(*ret->venues));
        ret->tables = mem_grow(ret->tables, &ret->table_room, ret->count + 1, sizeof(*ret->tables));
        ret->venues[ret->count] = venue;
        read_tables(hit, day, &ret->tables[ret->count++]);
    }
    ret->total = json_i64_or(tree, "meta.total", (int64_t)ret->count);
    ret->pages = json_i64_or(tree, "meta.total_pages", 1);
    return 0;
}

int resy_search_parse(const cJSON *tree, struct date day, struct resy_hits *ret, struct err *err)
{
    *ret = (struct resy_hits){0};
    if (add_hits(tree, day, ret, err))
        return -1;
    ret->complete = ret->pages <= 1;
    return 0;
}

/* --- asking --- */

static void put_place(cJSON *body, const struct resy_place *place)
{
    cJSON *geo = cJSON_AddObjectToObject(body, "geo");
    cJSON_AddNumberToObject(geo, "latitude", place->latitude);
    cJSON_AddNumberToObject(geo, "longitude", place->longitude);
    json_put_i64(geo, "radius", place->radius_m);
}

static void put_tables(cJSON *body, const struct resy_query *query)
{
    char day[DATE_TEXT];
    cJSON_AddTrueToObject(body, "availability");
    cJSON_AddStringToObject(body, "order_by", "availability");
    cJSON *filter = cJSON_AddObjectToObject(body, "slot_filter");
    cJSON_AddStringToObject(filter, "day", date_text(query->day, day));
    json_put_i64(filter, "party_size", query->party);
    if (query->minute > 0) {
        char clock[CLOCK_TEXT];
        cJSON_AddStringToObject(filter, "time_filter", clock_text(query->minute % 1440, clock));
    }
}

static void put_collection(cJSON *body, const struct resy_query *query)
{
    cJSON *filter = cJSON_AddObjectToObject(body, "venue_filter");
    cJSON_AddStringToObject(filter, "location_code", query->city ? query->city : "ny");
    cJSON_AddStringToObject(filter, "collection_slug", query->collection);
}

static int ask_page(struct resy *resy, const struct resy_ask *ask, const struct resy_query *query,
                    int page, struct resy_hits *ret, struct err *err)
{
    auto_json body = cJSON_CreateObject();
    const char *const types[] = {"venue"};
    cJSON_AddStringToObject(body, "query", query->words);
    cJSON_AddItemToObject(body, "types", cJSON_CreateStringArray(types, 1));
    json_put_i64(body, "page", page);
    json_put_i64(body, "per_page", query->per_page);
    if (query->place && query->place->radius_m)
        put_place(body, query->place);
    if (query->party)
        put_tables(body, query);
    if (query->collection)
        put_collection(body, query);
    auto_str text = STR_INIT(4096);
    json_print(&text, body);
    auto_json tree = resy_call(resy, ask, "/3/venuesearch/search", text.buf, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (add_hits(tree, query->day, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "search: %s", parse.why);
    return 0;
}

int resy_search(struct resy *resy, const struct resy_ask *ask, const struct resy_query *query,
                struct resy_hits *ret, struct err *err)
{
    int page = MAX_OF(query->page, 1), last = page + MAX_OF(query->pages_most, 1) - 1;
    *ret = (struct resy_hits){0};
    bool steady = true, all = false;
    for (int64_t total = -1; page <= last; page++) {
        if (ask_page(resy, ask, query, page, ret, err)) {
            resy_hits_free(ret);
            return -1;
        }
        steady = steady && (total < 0 || total == ret->total);
        total = ret->total;
        all = page >= ret->pages && ret->count < RESY_HITS_MAX;
        if (page >= ret->pages)
            break;
    }
    ret->complete = steady && all && query->page <= 1;
    return 0;
}
