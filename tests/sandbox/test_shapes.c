/* Does the sandbox answer in the shapes that were recorded? Each key path of a recorded answer has
 * to be in the city's answer to the like request, with a type that fits. Skips where the recorded
 * answers are not. */
#include "tests/sandbox/city_inner.h"

#include <setjmp.h>

#include <cmocka.h>

#define NOW_MS     1790000000000LL /* 2026-09-21, a time like that of the recordings */
#define DAY        "2026-10-15"
#define SHAPES_MAX 3000

enum { IS_NULL = 1, IS_BOOL = 2, IS_NUMBER = 4, IS_TEXT = 8, IS_LIST = 16, IS_OBJECT = 32 };

struct seen {
    char *path;
    int types;
};

struct seens {
    struct seen at[SHAPES_MAX];
    size_t count;
};

static int type_of(const cJSON *item)
{
    if (cJSON_IsNull(item))
        return IS_NULL;
    if (cJSON_IsBool(item))
        return IS_BOOL;
    if (cJSON_IsNumber(item))
        return IS_NUMBER;
    if (cJSON_IsString(item))
        return IS_TEXT;
    return cJSON_IsArray(item) ? IS_LIST : IS_OBJECT;
}

static struct seen *seen_find(struct seens *seens, const char *path)
{
    for (size_t i = 0; i < seens->count; i++) {
        if (!strcmp(seens->at[i].path, path))
            return &seens->at[i];
    }
    return NULL;
}

/* A key that is data and no name: an id, or an image's hash. */
static bool is_data(const char *key)
{
    size_t len = strlen(key);
    return strspn(key, "0123456789") == len ||
           (len >= 16 && strspn(key, "0123456789abcdef*") == len);
}

static void walk(struct seens *seens, const cJSON *item, const char *path)
{
    struct seen *seen = seen_find(seens, path);
    if (!seen) {
        assert_true(seens->count < SHAPES_MAX);
        seen = &seens->at[seens->count++];
        *seen = (struct seen){.path = mem_text(path)};
    }
    seen->types |= type_of(item);
    for (const cJSON *child = item->child; child; child = child->next) {
        auto_str below = STR_INIT(1000);
        str_add(&below, path);
        if (cJSON_IsArray(item))
            str_add(&below, "[]");
        else
            str_addf(&below, ".%s", is_data(child->string) ? "#" : child->string);
        walk(seens, child, below.buf);
    }
}

static void seens_free(struct seens *seens)
{
    for (size_t i = 0; i < seens->count; i++)
        free(seens->at[i].path);
    free(seens);
}

static cJSON *recorded(const char *name)
{
    const char *dir = getenv("MAITRED_FIXTURES");
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s/resy/%s", dir ? dir : "../shared/fixtures", name);
    FILE *file = fopen(path.buf, "re");
    if (!file) {
        print_message("no recorded answers at %s\n", path.buf);
        return NULL;
    }
    size_t max = 4 << 20;
    char *text = mem_new(max + 1, 1);
    text[fread(text, 1, max, file)] = '\0';
    fclose(file);
    cJSON *json = cJSON_Parse(text);
    free(text);
    assert_non_null(json);
    return json;
}

static cJSON *asked(struct city *city, const char *method, const char *path, const char *type,
                    const char *body, int status)
{
    struct city_header headers[] = {
        {"Authorization", "ResyAPI api_key=\"" CITY_KEY "\""},
        {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"},
        {"X-Resy-Auth-Token", CITY_TOKEN},
        {"Content-Type", type},
    };
    struct city_request request = {method, path, headers, ARRAY_LEN(headers), body, strlen(body)};
    struct city_answer answer;
    city_answer(city, NOW_MS, &request, &answer);
    assert_int_equal(answer.status, status);
    cJSON *json = cJSON_Parse(answer.body);
    assert_non_null(json);
    city_answer_free(&answer);
    return json;
}

/* Takes both. */
static void compare(cJSON *record, cJSON *answer)
{
    struct seens *want = mem_new(1, sizeof(*want)), *have = mem_new(1, sizeof(*have));
    int wrong = 0;
    walk(want, record, "");
    walk(have, answer, "");
    for (size_t i = 0; i < want->count; i++) {
        const struct seen *seen = seen_find(have, want->at[i].path);
        int recorded_types = want->at[i].types;
        bool any = recorded_types == IS_NULL;
        if (!seen)
            print_message("missing: %s\n", want->at[i].path);
        else if (!any && seen->types & ~(recorded_types | IS_NULL))
            print_message("types %d for %d: %s\n", seen->types, recorded_types, seen->path);
        else
            continue;
        wrong++;
    }
    print_message("%zu paths compared, the answer has %zu\n", want->count, have->count);
    seens_free(want);
    seens_free(have);
    cJSON_Delete(record);
    cJSON_Delete(answer);
    assert_int_equal(wrong, 0);
}

struct recording {
    const char *file, *method, *path, *body;
};

#define GEO     "\"geo\":{\"latitude\":40.7129,\"longitude\":-74.0063,\"radius\":16100}"
#define KITCHEN "70115"
#define FIND    "/4/find?lat=0&long=0&party_size=2&venue_id=" KITCHEN "&day=" DAY

static const struct recording find = {"amogh-venue-find.json", "GET", FIND, ""};
static const struct recording find_stub = {"alkaar-getReservations.json", "GET", FIND, ""};
static const struct recording search_geo = {
    "amogh-venue-search-geo.json", "POST", "/3/venuesearch/search",
    "{\"availability\":true," GEO ",\"include_tock_inventory\":true,\"order_by\":\"availability\","
    "\"page\":1,\"per_page\":75,\"query\":\"\",\"slot_filter\":{\"day\":\"" DAY
    "\",\"party_size\":2},\"types\":[\"venue\"]}"};
static const struct recording search_text = {"amogh-venue-search-amori.json", "POST",
                                             "/3/venuesearch/search",
                                             "{\"query\":\"lumen\",\"per_page\":3," GEO "}"};
static const struct recording search_near = {"amogh-venue-search-amor-loco.json", "POST",
                                             "/3/venuesearch/search",
                                             "{\"query\":\"lumen bar\",\"per_page\":3," GEO "}"};
static const struct recording search_hood = {"phall1-search_astoria.json", "POST",
                                             "/3/venuesearch/search",
                                             "{\"query\":\"astoria\",\"per_page\":3}"};
static const struct recording calendar = {"amogh-venue-calendar.json", "GET",
                                          "/4/venue/calendar?venue_id=" KITCHEN
                                          "&num_seats=2&start_date=2026-09-21&end_date=2026-11-21",
                                          ""};
static const struct recording venue = {"amogh-venue.json", "GET", "/3/venue?id=" KITCHEN, ""};
static const struct recording venue_far = {"phall1-venue_astoria.json", "GET",
                                           "/3/venue?url_slug=red-hook-dc&location=dc", ""};
static const struct recording places = {"amogh-location-config.json", "GET", "/3/location/config",
                                        ""};

static void compares(void **state)
{
    const struct recording *recording = *state;
    cJSON *record = recorded(recording->file);
    if (!record)
        skip();
    struct city *city = city_new(1);
    cJSON *answer = asked(city, recording->method, recording->path, "application/json",
                          recording->body, 200);
    city_free(city);
    compare(record, answer);
}

/* The first token that find offers at the Kitchen, which always has one. */
static char *some_token(struct city *city)
{
    cJSON *found = asked(city, "GET", FIND, "application/json", "", 200);
    const cJSON *venues = cJSON_GetObjectItem(cJSON_GetObjectItem(found, "results"), "venues");
    const cJSON *slots = cJSON_GetObjectItem(cJSON_GetArrayItem(venues, 0), "slots");
    const cJSON *config = cJSON_GetObjectItem(cJSON_GetArrayItem(slots, 0), "config");
    char *token = mem_text(cJSON_GetStringValue(cJSON_GetObjectItem(config, "token")));
    assert_non_null(token);
    cJSON_Delete(found);
    return token;
}

static cJSON *some_details(struct city *city)
{
    auto_text token = some_token(city);
    auto_str body = STR_INIT(1000);
    json_addf(&body, "{`config_id`:`%s`,`day`:`" DAY "`,`party_size`:2,`commit`:1}", token);
    return asked(city, "POST", "/3/details", "application/json", body.buf, 200);
}

static void details_have_the_recorded_shape(void **state)
{
    (void)state;
    cJSON *record = recorded("amogh-details-commit1.json");
    if (!record)
        skip();
    struct city *city = city_new(1);
    cJSON *answer = some_details(city);
    city_free(city);
    compare(record, answer);
}

static void booking_has_the_recorded_shape(void **state)
{
    (void)state;
    cJSON *record = recorded("amogh-book.json");
    if (!record)
        skip();
    struct city *city = city_new(1);
    cJSON *details = some_details(city);
    auto_str form = STR_INIT(1000);
    str_add(&form, "book_token=");
    str_add_url(&form, cJSON_GetStringValue(cJSON_GetObjectItem(
                           cJSON_GetObjectItem(details, "book_token"), "value")));
    cJSON_Delete(details);
    cJSON *answer = asked(city, "POST", "/3/book", "application/x-www-form-urlencoded", form.buf,
                          201);
    city_free(city);
    compare(record, answer);
}

#define LIKE(recording)                                                                            \
    {                                                                                              \
#recording " has the recorded shape", compares, NULL, NULL, (void *)&(recording)           \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIKE(find),
        LIKE(find_stub),
        LIKE(search_geo),
        LIKE(search_text),
        LIKE(search_near),
        LIKE(search_hood),
        LIKE(calendar),
        LIKE(venue),
        LIKE(venue_far),
        LIKE(places),
        cmocka_unit_test(details_have_the_recorded_shape),
        cmocka_unit_test(booking_has_the_recorded_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
