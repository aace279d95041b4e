#include "core/resy/internal.h"

#include "core/base/utf8.h"

void resy_copy(char *to, size_t size, const cJSON *at, const char *path)
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
    resy_copy(ret->name, sizeof(ret->name), tree, "name");
    resy_copy(ret->slug, sizeof(ret->slug), tree, "url_slug");
    resy_copy(ret->city, sizeof(ret->city), tree, "location.code");
    resy_copy(ret->city_slug, sizeof(ret->city_slug), tree, "location.url_slug");
    resy_copy(ret->zone, sizeof(ret->zone), tree, "locale.time_zone");
    if (!*ret->zone)
        resy_copy(ret->zone, sizeof(ret->zone), tree, "location.time_zone");
    resy_copy(ret->neighborhood, sizeof(ret->neighborhood), tree, "location.neighborhood");
    resy_copy(ret->cuisine, sizeof(ret->cuisine), tree, "type");
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
