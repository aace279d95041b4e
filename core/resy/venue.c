#include "core/resy/internal.h"

#include "core/base/utf8.h"

#include <math.h>

#define HITS_MAX 500

static void copy(char *to, size_t size, const cJSON *at, const char *path)
{
    utf8_copy(to, size, json_text_or(at, path, ""));
}

int resy_venue_parse(const cJSON *tree, struct resy_venue *ret, struct err *err)
{
    *ret = (struct resy_venue){0};
    if (!json_i64(tree, "id.resy", &ret->id) || ret->id <= 0)
        return err_set(err, ERR_REMOTE, NULL, "a venue without id");
    if (!json_text(tree, "name") || !*json_text(tree, "name"))
        return err_set(err, ERR_REMOTE, NULL, "a venue without name");
    copy(ret->name, sizeof(ret->name), tree, "name");
    copy(ret->slug, sizeof(ret->slug), tree, "url_slug");
    copy(ret->city, sizeof(ret->city), tree, "location.code");
    copy(ret->city_slug, sizeof(ret->city_slug), tree, "location.url_slug");
    copy(ret->zone, sizeof(ret->zone), tree, "locale.time_zone");
    if (!*ret->zone)
        copy(ret->zone, sizeof(ret->zone), tree, "location.time_zone");
    copy(ret->neighborhood, sizeof(ret->neighborhood), tree, "location.neighborhood");
    copy(ret->cuisine, sizeof(ret->cuisine), tree, "type");
    ret->price = json_i64_or(tree, "price_range_id", 0);
    ret->party_min = json_i64_or(tree, "min_party_size", 0);
    ret->party_max = json_i64_or(tree, "max_party_size", 0);
    return 0;
}

int resy_venue(struct resy *resy, const struct resy_ask *ask, int64_t id, const char *slug,
               const char *city_slug, struct resy_venue *ret, struct err *err)
{
    auto_str path = STR_INIT(512);
    if (id) {
        str_addf(&path, "/3/venue?id=%lld", (long long)id);
    } else {
        str_add(&path, "/3/venue?url_slug=");
        str_add_url(&path, slug);
        str_add(&path, "&location=");
        str_add_url(&path, city_slug);
    }
    auto_json tree = resy_call(resy, ask, path.buf, NULL, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_venue_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "venue: %s", parse.why);
    return 0;
}

void resy_hits_free(struct resy_hits *hits)
{
    free(hits->venues);
    *hits = (struct resy_hits){0};
}

/* False: it cannot be one of ours (no id, no name). */
static bool read_hit(const cJSON *hit, struct resy_venue *ret)
{
    *ret = (struct resy_venue){0};
    const char *name = json_text(hit, "name"), *old_id = json_text(hit, "objectID");
    if (!json_i64(hit, "id.resy", &ret->id) && old_id && strlen(old_id) < 16 &&
        strspn(old_id, "0123456789") == strlen(old_id))
        ret->id = strtoll(old_id, NULL, 10);
    if (ret->id <= 0 || !name || !*name)
        return false;
    copy(ret->name, sizeof(ret->name), hit, "name");
    copy(ret->slug, sizeof(ret->slug), hit, "url_slug");
    copy(ret->city, sizeof(ret->city), hit, "location.code");
    copy(ret->city_slug, sizeof(ret->city_slug), hit, "location.url_slug");
    copy(ret->neighborhood, sizeof(ret->neighborhood), hit, "neighborhood");
    copy(ret->cuisine, sizeof(ret->cuisine), hit, "cuisine.0");
    ret->price = json_i64_or(hit, "price_range_id", 0);
    ret->party_max = json_i64_or(hit, "max_party_size", 0);
    json_flag(hit, "is_tock_inventory", &ret->elsewhere);
    ret->tables = (size_t)cJSON_GetArraySize(json_array(hit, "availability.slots"));
    return true;
}

int resy_search_parse(const cJSON *tree, struct resy_hits *ret, struct err *err)
{
    const cJSON *hits = json_array(tree, "search.hits"), *hit;
    size_t cap = 0;
    *ret = (struct resy_hits){0};
    if (!hits)
        return err_set(err, ERR_REMOTE, NULL, "no hits in it");
    if (cJSON_GetArraySize(hits) > HITS_MAX)
        return err_set(err, ERR_REMOTE, NULL, "over %d hits", HITS_MAX);
    cJSON_ArrayForEach(hit, hits)
    {
        struct resy_venue venue;
        if (!read_hit(hit, &venue))
            continue;
        ret->venues = mem_grow(ret->venues, &cap, ret->count + 1, sizeof(*ret->venues));
        ret->venues[ret->count++] = venue;
    }
    ret->total = json_i64_or(tree, "meta.total", (int64_t)ret->count);
    ret->pages = json_i64_or(tree, "meta.total_pages", 1);
    return 0;
}

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
}

int resy_search(struct resy *resy, const struct resy_ask *ask, const struct resy_query *query,
                struct resy_hits *ret, struct err *err)
{
    auto_json body = cJSON_CreateObject();
    const char *const types[] = {"venue"};
    *ret = (struct resy_hits){0};
    cJSON_AddStringToObject(body, "query", query->words);
    cJSON_AddItemToObject(body, "types", cJSON_CreateStringArray(types, 1));
    json_put_i64(body, "page", query->page);
    json_put_i64(body, "per_page", query->per_page);
    if (query->place && query->place->radius_m)
        put_place(body, query->place);
    if (query->party)
        put_tables(body, query);
    auto_str text = STR_INIT(4096);
    json_print(&text, body);
    auto_json tree = resy_call(resy, ask, "/3/venuesearch/search", text.buf, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_search_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "search: %s", parse.why);
    return 0;
}
