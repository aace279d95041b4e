/* What a restaurant and the provider publish: days, lead time, cities; and the account's notifies.
 */
#include "core/resy/internal.h"

#include "core/base/utf8.h"

#include <math.h>

#define METRES_A_MILE 1609.34
#define CITIES_MAX    2000
#define RADIUS_LEAST  2

/* --- days --- */

static enum resy_day_state state_of(const char *text)
{
    if (!strcmp(text, "available"))
        return RESY_DAY_OPEN;
    if (!strcmp(text, "sold-out"))
        return RESY_DAY_FULL;
    return RESY_DAY_CLOSED;
}

static int by_date(const void *a, const void *b)
{
    return date_compare(*(const struct date *)a, *(const struct date *)b);
}

int resy_calendar_parse(const cJSON *tree, struct resy_calendar *ret, struct err *err)
{
    const cJSON *days = json_array(tree, "scheduled"), *day;
    *ret = (struct resy_calendar){0};
    if (!days)
        return err_set(err, ERR_REMOTE, NULL, "no days in it");
    cJSON_ArrayForEach(day, days)
    {
        const char *date = json_text_or(day, "date", "");
        const char *state = json_text(day, "inventory.reservation");
        if (ret->count == RESY_CALENDAR_MAX || strlen(date) < 10 || !state ||
            date_parse(date, &ret->days[ret->count].date))
            continue;
        ret->days[ret->count++].state = state_of(state);
    }
    qsort(ret->days, ret->count, sizeof(*ret->days), by_date);
    const char *last = json_text_or(tree, "last_calendar_day", "");
    if (strlen(last) < 10 || date_parse(last, &ret->last))
        ret->last = (struct date){0};
    return 0;
}

int resy_calendar(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, int party,
                  struct date first, struct date last, struct resy_calendar *ret, struct err *err)
{
    char from[DATE_TEXT], to[DATE_TEXT];
    auto_str path = STR_INIT(256);
    str_addf(&path, "/4/venue/calendar?venue_id=%lld&num_seats=%d&start_date=%s&end_date=%s",
             (long long)venue_id, party, date_text(first, from), date_text(last, to));
    auto_json tree = resy_call(resy, ask, path.buf, NULL, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_calendar_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "calendar: %s", parse.why);
    return 0;
}

enum resy_day_state resy_calendar_day(const struct resy_calendar *calendar, struct date day)
{
    for (size_t i = 0; i < calendar->count; i++)
        if (!date_compare(calendar->days[i].date, day))
            return calendar->days[i].state;
    return RESY_DAY_UNKNOWN;
}

int resy_lead_days(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, int *ret_days,
                   struct err *err)
{
    auto_str path = STR_INIT(128);
    str_addf(&path, "/2/config?venue_id=%lld", (long long)venue_id);
    auto_json tree = resy_call(resy, ask, path.buf, NULL, NULL, err);
    if (!tree)
        return -1;
    int64_t days = json_i64_or(tree, "lead_time_in_days", 0);
    *ret_days = days > 0 && days < 1000 ? (int)days : 0;
    return 0;
}

/* --- cities --- */

void resy_cities_free(struct resy_cities *cities)
{
    free(cities->list);
    *cities = (struct resy_cities){0};
}

static bool read_city(const cJSON *item, struct resy_city *ret)
{
    double radius = 0;
    *ret = (struct resy_city){0};
    resy_copy(ret->code, sizeof(ret->code), item, "code");
    resy_copy(ret->name, sizeof(ret->name), item, "name");
    resy_copy(ret->slug, sizeof(ret->slug), item, "url_slug");
    resy_copy(ret->zone, sizeof(ret->zone), item, "time_zone");
    bool placed = json_number(item, "latitude", &ret->place.latitude) &&
                  json_number(item, "longitude", &ret->place.longitude);
    json_number(item, "radius", &radius); /* miles, as the numbers of known cities say */
    ret->place.radius_m = (int)(fmin(fmax(radius, RADIUS_LEAST), 100) * METRES_A_MILE);
    return placed && *ret->code && *ret->name && *ret->zone;
}

int resy_cities_parse(const cJSON *tree, struct resy_cities *ret, struct err *err)
{
    const cJSON *item;
    *ret = (struct resy_cities){0};
    if (!cJSON_IsArray(tree))
        return err_set(err, ERR_REMOTE, NULL, "not a list of cities");
    cJSON_ArrayForEach(item, tree)
    {
        struct resy_city city;
        if (!read_city(item, &city) || ret->count == CITIES_MAX)
            continue;
        ret->list = mem_grow(ret->list, &ret->room, ret->count + 1, sizeof(*ret->list));
        ret->list[ret->count++] = city;
    }
    return 0;
}

int resy_cities(struct resy *resy, const struct resy_ask *ask, struct resy_cities *ret,
                struct err *err)
{
    *ret = (struct resy_cities){0};
    auto_json tree = resy_call(resy, ask, "/3/location/config", NULL, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_cities_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "cities: %s", parse.why);
    return 0;
}

/* --- the account --- */

int resy_notify_parse(const cJSON *tree, struct resy_notify *out, size_t limit, size_t *ret_count,
                      struct err *err)
{
    const cJSON *list = json_array(tree, "notify"), *item;
    *ret_count = 0;
    if (!list)
        return err_set(err, ERR_REMOTE, NULL, "no list of notify requests");
    cJSON_ArrayForEach(item, list)
    {
        struct resy_notify one = {0};
        if (*ret_count == limit || !json_i64(item, "specs.notify_request_id", &one.id) ||
            !json_i64(item, "specs.venue_id", &one.venue_id))
            continue;
        one.party = json_i64_or(item, "specs.party_size", 0);
        resy_copy(one.day, sizeof(one.day), item, "specs.day");
        utf8_copy(one.from, 6, json_text_or(item, "specs.time_preferred_start", ""));
        utf8_copy(one.to, 6, json_text_or(item, "specs.time_preferred_end", ""));
        out[(*ret_count)++] = one;
    }
    return 0;
}

int resy_notify_list(struct resy *resy, const struct resy_ask *ask, struct resy_notify *out,
                     size_t limit, size_t *ret_count, struct err *err)
{
    *ret_count = 0;
    auto_json tree = resy_call(resy, ask, "/3/notify", NULL, NULL, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_notify_parse(tree, out, limit, ret_count, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "notify: %s", parse.why);
    return 0;
}

int resy_who_am_i(struct resy *resy, const struct resy_ask *ask, struct err *err)
{
    auto_json tree = resy_call(resy, ask, "/2/user", NULL, NULL, err);
    if (!tree)
        return -1;
    return json_object(tree, "") || cJSON_IsObject(tree)
               ? 0
               : resy_fail(ask, RESY_SHAPE, 0, err, "user: not an object");
}
