#include "core/resy/internal.h"

#include "core/base/utf8.h"

void resy_copy(char *to, size_t size, const cJSON *at, const char *path)
{
    utf8_copy(to, size, json_text_or(at, path, ""));
}

/* "9", "9:30", "10": minutes, and how many bytes; 0 bytes: none. */
static size_t clock_at(const char *text, int *ret_minute)
{
    int hour = 0, minute = 0;
    size_t used = 0;
    for (; used < 2 && text[used] >= '0' && text[used] <= '9'; used++)
        hour = hour * 10 + (text[used] - '0');
    if (used && text[used] == ':' && text[used + 1] >= '0' && text[used + 1] <= '5' &&
        text[used + 2] >= '0' && text[used + 2] <= '9') {
        minute = (text[used + 1] - '0') * 10 + (text[used + 2] - '0');
        used += 3;
    }
    *ret_minute = hour * 60 + minute;
    return hour >= 1 && hour <= 12 ? used : 0;
}

/* " at 9 AM", " at noon" in a folded text. */
static int release_minute(const char *folded)
{
    for (const char *at = strstr(folded, "at "); at; at = strstr(at + 3, "at ")) {
        int minute;
        if (at != folded && at[-1] != ' ')
            continue;
        if (!strncmp(at + 3, "noon", 4))
            return 12 * 60;
        if (!strncmp(at + 3, "midnight", 8))
            return 0;
        size_t used = clock_at(at + 3, &minute);
        const char *half = at + 3 + used + strspn(at + 3 + used, " ");
        bool morning = *half == 'a', evening = *half == 'p';
        bool whole = (morning || evening) &&
                     (half[1] == 'm' || !strncmp(half + 1, ".m", 2) || !strncmp(half + 1, " m", 2));
        if (used && whole)
            return minute % 720 + (evening ? 720 : 0);
    }
    return -1;
}

/* "14 days" in a folded text. */
static int release_days(const char *folded)
{
    for (const char *at = strstr(folded, " day"); at; at = strstr(at + 4, " day")) {
        const char *digit = at;
        while (digit > folded && at - digit < 3 && digit[-1] >= '0' && digit[-1] <= '9')
            digit--;
        long days = strtol(digit, NULL, 10);
        if (digit < at && days > 0 && days <= 365)
            return (int)days;
    }
    return -1;
}

bool resy_release_parse(const char *text, int *ret_days, int *ret_minute)
{
    static const char *const about[] = {"advance", "ahead", "release", "days out"};
    bool says = false;
    auto_text lower = mem_text(text);
    for (char *c = lower; *c; c++)
        *c = *c >= 'A' && *c <= 'Z'     ? (char)(*c + ('a' - 'A'))
             : *c == '\n' || *c == '\t' ? ' '
                                        : *c;
    for (size_t i = 0; i < ARRAY_LEN(about); i++)
        says = says || strstr(lower, about[i]);
    *ret_days = says ? release_days(lower) : -1;
    *ret_minute = *ret_days > 0 ? release_minute(lower) : -1;
    if (*ret_minute < 0)
        *ret_days = -1;
    return *ret_minute >= 0;
}

static void read_release(const cJSON *tree, struct resy_venue *ret)
{
    const cJSON *part;
    ret->release_days = ret->release_minute = -1;
    cJSON_ArrayForEach(part, json_array(tree, "content"))
    {
        if (!strcmp(json_text_or(part, "name", ""), "need_to_know") &&
            resy_release_parse(json_text_or(part, "body", ""), &ret->release_days,
                               &ret->release_minute))
            return;
    }
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
    read_release(tree, ret);
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
