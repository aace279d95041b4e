/* The parsers of a search's hits and of one venue: the recorded answers, and what else may come. */
#include "tests/test.h"

#include "core/base/json.h"
#include "core/resy/resy.h"
#include "tests/unit/recorded.h"

static cJSON *made(const char *text)
{
    cJSON *tree = json_parse(text, strlen(text), "the test", NULL);
    if (!tree)
        fail_msg("no JSON: %s", text);
    return tree;
}

/* --- the recorded answers --- */

struct wanted {
    int64_t id;
    const char *name, *slug, *neighborhood, *cuisine;
    int64_t price, party_max;
    bool elsewhere;
};

static void check_hits(const struct resy_hits *hits, const struct wanted *wanted, size_t count)
{
    assert_int_equal(hits->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct resy_venue *v = &hits->venues[i];
        assert_int_equal(v->id, wanted[i].id);
        assert_string_equal(v->name, wanted[i].name);
        assert_string_equal(v->slug, wanted[i].slug);
        assert_string_equal(v->neighborhood, wanted[i].neighborhood);
        assert_string_equal(v->cuisine, wanted[i].cuisine);
        assert_string_equal(v->city, "ny");
        assert_string_equal(v->city_slug, "new-york-ny");
        assert_int_equal(v->price, wanted[i].price);
        assert_int_equal(v->party_max, wanted[i].party_max);
        assert_int_equal(v->elsewhere, wanted[i].elsewhere);
    }
}

TEST(a_recorded_search_by_place_parses_exactly)
{
    static const struct wanted wanted[] = {
        {87134, "Brooklyn Chop House - Downtown FIDI", "brooklyn-chop-house-downtown-fidi",
         "Financial District", "Steakhouse", 3, 6, false},
        {60029, "Le Gratin", "le-gratin", "Lower Manhattan", "French", 2, 6, false},
        {24492, "icca", "icca", "", "Edomae Sushi/ Italian Kappo", 4, 6, true},
        {72993, "Artesano", "artesano", "Tribeca", "Peruvian", 2, 8, false},
        {80538, "1803", "1803", "Tribeca", "Cajun", 2, 8, false},
        {59213, "Kesté Pizza & Vino", "keste-pizza-and-vino", "New York", "Italian & Pizza", 1, 40,
         false},
        {68244, "Holywater", "holywater", "Tribeca", "American", 1, 10, false},
        {54504, "ITO NYC", "ito", "Tribeca", "Sushi", 4, 6, false},
    };
    struct resy_hits hits;
    auto_json tree = recorded("amogh-venue-search-geo.json");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    check_hits(&hits, wanted, ARRAY_LEN(wanted));
    assert_int_equal(hits.total, 2722);
    assert_int_equal(hits.pages, 137);
    resy_hits_free(&hits);
}

TEST(a_recorded_search_without_the_page_count_beside_the_hits_parses)
{
    static const struct wanted wanted[] = {
        {67463, "Mayahuel", "mayahuel", "Astoria", "Mexican", 0, 0, false},
        {50923, "Rivercrest", "rivercrest", "Astoria", "American", 0, 0, false},
        {65245, "Sala - Astoria", "sala-astoria", "Astoria", "Spanish", 0, 0, false},
    };
    struct resy_hits hits;
    auto_json tree = recorded("phall1-search_astoria.json");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    check_hits(&hits, wanted, ARRAY_LEN(wanted));
    assert_int_equal(hits.total, 221);
    assert_int_equal(hits.pages, 74);
    resy_hits_free(&hits);
}

TEST(a_recorded_fuzzy_search_keeps_its_order)
{
    struct resy_hits hits;
    auto_json tree = recorded("amogh-venue-search-amori.json");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    assert_int_equal(hits.count, 2);
    assert_string_equal(hits.venues[0].name, "Mori");
    assert_string_equal(hits.venues[1].name, "Amor Loco");
    resy_hits_free(&hits);
}

TEST(the_recorded_venues_parse_exactly)
{
    struct resy_venue v;
    auto_json tree = recorded("amogh-venue.json");
    auto_json other = recorded("phall1-venue_astoria.json");
    OK(resy_venue_parse(tree, &v, err));
    assert_int_equal(v.id, 87134);
    assert_string_equal(v.name, "Brooklyn Chop House - Downtown FIDI");
    assert_string_equal(v.slug, "brooklyn-chop-house-downtown-fidi");
    assert_string_equal(v.city, "ny");
    assert_string_equal(v.city_slug, "new-york-ny");
    assert_string_equal(v.zone, "EST5EDT");
    assert_string_equal(v.neighborhood, "Financial District");
    assert_string_equal(v.cuisine, "Steakhouse");
    assert_int_equal(v.price, 3);
    assert_int_equal(v.party_min, 1);
    assert_int_equal(v.party_max, 6);
    OK(resy_venue_parse(other, &v, err));
    assert_int_equal(v.id, 49716);
    assert_string_equal(v.city, "dc");
    assert_string_equal(v.cuisine, "");
    assert_int_equal(v.party_max, 0);
}

TEST(a_recorded_find_is_neither_a_search_nor_a_venue)
{
    struct resy_hits hits;
    struct resy_venue venue;
    auto_json tree = recorded("amogh-venue-find.json");
    FAILS(ERR_REMOTE, resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    FAILS(ERR_REMOTE, resy_venue_parse(tree, &venue, err));
}

/* --- hits --- */

static const struct {
    const char *hit;
    int64_t id; /* 0: it is none of ours */
    bool elsewhere;
} hit_cases[] = {
    {"{\"id\":{\"resy\":7},\"name\":\"A\"}", 7, false},
    {"{\"id\":{\"resy\":7},\"name\":\"A\",\"is_tock_inventory\":true}", 7, true},
    {"{\"id\":{\"resy\":7},\"name\":\"A\",\"is_tock_inventory\":null}", 7, false},
    {"{\"id\":{\"resy\":7},\"name\":\"A\",\"is_tock_inventory\":1}", 7, true},
    {"{\"objectID\":\"12\",\"name\":\"Old\"}", 12, false},
    {"{\"id\":null,\"objectID\":\"12\",\"name\":\"Old\"}", 12, false},
    {"{\"id\":{\"resy\":7},\"objectID\":\"12\",\"name\":\"Both\"}", 7, false},
    {"{\"id\":{\"resy\":7},\"name\":\"A\",\"cuisine\":[],\"rating\":null,\"availability\":null,"
     "\"images\":null,\"location\":null,\"neighborhood\":null,\"favorite\":null,\"waitlist\":{},"
     "\"contact\":{\"phone_number\":null},\"_geoloc\":null,\"travel_time\":null,\"content\":null,"
     "\"max_party_size\":null,\"price_range_id\":null,\"url_slug\":null,\"collections\":null}",
     7, false},
    {"{\"id\":{\"resy\":7},\"name\":\"A\",\"cuisine\":\"Thai\",\"location\":[],"
     "\"max_party_size\":\"6\",\"price_range_id\":2.5}",
     7, false},
    {"{\"id\":{\"resy\":0},\"name\":\"A\"}", 0, false},
    {"{\"id\":{\"resy\":-4},\"name\":\"A\"}", 0, false},
    {"{\"id\":{\"resy\":1.5},\"name\":\"A\"}", 0, false},
    {"{\"id\":{\"resy\":1e300},\"name\":\"A\"}", 0, false},
    {"{\"id\":{\"resy\":null},\"name\":\"A\"}", 0, false},
    {"{\"id\":{},\"name\":\"A\"}", 0, false},
    {"{\"objectID\":\"\",\"name\":\"A\"}", 0, false},
    {"{\"objectID\":\"x9\",\"name\":\"A\"}", 0, false},
    {"{\"objectID\":\"-9\",\"name\":\"A\"}", 0, false},
    {"{\"objectID\":12,\"name\":\"A\"}", 0, false},
    {"{\"name\":\"A\"}", 0, false},
    {"{\"id\":{\"resy\":7}}", 0, false},
    {"{\"id\":{\"resy\":7},\"name\":\"\"}", 0, false},
    {"{\"id\":{\"resy\":7},\"name\":null}", 0, false},
    {"null", 0, false},
    {"[]", 0, false},
    {"\"x\"", 0, false},
};

TEST(a_hit_is_ours_if_it_has_an_id_and_a_name)
{
    for (size_t i = 0; i < ARRAY_LEN(hit_cases); i++) {
        struct resy_hits hits;
        auto_str text = STR_INIT(65536);
        str_addf(&text, "{\"search\":{\"hits\":[%s]}}", hit_cases[i].hit);
        auto_json tree = made(text.buf);
        OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
        if (hits.count != (hit_cases[i].id ? 1 : 0))
            fail_msg("%zu of %s", hits.count, hit_cases[i].hit);
        if (hits.count && hits.venues[0].id != hit_cases[i].id)
            fail_msg("%lld of %s", (long long)hits.venues[0].id, hit_cases[i].hit);
        if (hits.count)
            assert_int_equal(hits.venues[0].elsewhere, hit_cases[i].elsewhere);
        resy_hits_free(&hits);
    }
}

TEST(what_is_left_out_does_not_hide_the_rest)
{
    struct resy_hits hits;
    auto_json tree = made("{\"search\":{\"hits\":[null,{\"id\":{\"resy\":1},\"name\":\"A\"},{},"
                          "{\"id\":{\"resy\":0},\"name\":\"Tock\"},{\"objectID\":\"2\",\"name\":"
                          "\"B\"}]}}");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    assert_int_equal(hits.count, 2);
    assert_int_equal(hits.venues[1].id, 2);
    resy_hits_free(&hits);
}

TEST(the_total_and_the_pages_live_in_meta)
{
    static const struct {
        const char *meta;
        int64_t total, pages;
    } cases[] = {
        {"\"meta\":{\"total\":41,\"page\":1,\"per_page\":20,\"total_pages\":3},", 41, 3},
        {"\"meta\":{\"total\":41},", 41, 1},
        {"\"meta\":{\"total\":null,\"total_pages\":null},", 1, 1},
        {"\"meta\":null,", 1, 1},
        {"", 1, 1},
        {"\"total\":9,\"total_pages\":9,", 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct resy_hits hits;
        auto_str text = STR_INIT(65536);
        str_addf(&text, "{%s\"search\":{\"hits\":[{\"id\":{\"resy\":1},\"name\":\"A\"}]}}",
                 cases[i].meta);
        auto_json tree = made(text.buf);
        OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
        assert_int_equal(hits.total, cases[i].total);
        assert_int_equal(hits.pages, cases[i].pages);
        resy_hits_free(&hits);
    }
}

TEST(another_shape_is_no_search)
{
    static const char *const answers[] = {
        "null",
        "{}",
        "[]",
        "{\"search\":null}",
        "{\"search\":{}}",
        "{\"search\":[]}",
        "{\"search\":{\"hits\":null}}",
        "{\"search\":{\"hits\":{}}}",
        "{\"hits\":[]}",
        "{\"status\":419,\"code\":null,\"message\":\"Unauthorized\",\"data\":{}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct resy_hits hits;
        auto_json tree = made(answers[i]);
        FAILS(ERR_REMOTE, resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
        assert_null(hits.venues);
    }
}

TEST(no_hits_are_an_answer)
{
    struct resy_hits hits;
    auto_json tree = made("{\"meta\":{\"total\":0,\"total_pages\":0},\"search\":{\"hits\":[]}}");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    assert_int_equal(hits.count, 0);
    assert_int_equal(hits.total, 0);
    resy_hits_free(&hits);
}

TEST(five_hundred_hits_are_read_and_one_more_is_too_many)
{
    for (int count = 500; count <= 501; count++) {
        struct resy_hits hits;
        auto_str text = STR_INIT(1 << 20);
        str_add(&text, "{\"search\":{\"hits\":[");
        for (int i = 0; i < count; i++)
            str_addf(&text, "%s{\"id\":{\"resy\":%d},\"name\":\"N\"}", i ? "," : "", i + 1);
        str_add(&text, "]}}");
        auto_json tree = made(text.buf);
        if (count == 501) {
            FAILS(ERR_REMOTE, resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
            return;
        }
        OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
        assert_int_equal(hits.count, 500);
        resy_hits_free(&hits);
    }
}

/* --- one venue --- */

TEST(a_venue_has_an_id_and_a_name)
{
    static const char *const answers[] = {
        "null",
        "{}",
        "{\"venue\":{\"id\":{\"resy\":1},\"name\":\"A\"}}",
        "{\"id\":1,\"name\":\"A\"}",
        "{\"id\":{\"resy\":\"1\"},\"name\":\"A\"}",
        "{\"id\":{\"resy\":0},\"name\":\"A\"}",
        "{\"id\":{\"resy\":1}}",
        "{\"id\":{\"resy\":1},\"name\":\"\"}",
        "{\"id\":{\"resy\":1},\"name\":7}",
    };
    struct resy_venue venue;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        auto_json tree = made(answers[i]);
        FAILS(ERR_REMOTE, resy_venue_parse(tree, &venue, err));
    }
}

TEST(the_zone_is_the_locale_s_or_else_the_location_s)
{
    static const struct {
        const char *more, *zone;
    } cases[] = {
        {"\"locale\":{\"time_zone\":\"CST6CDT\"},\"location\":{\"time_zone\":\"EST5EDT\"}",
         "CST6CDT"},
        {"\"locale\":null,\"location\":{\"time_zone\":\"Europe/Madrid\"}", "Europe/Madrid"},
        {"\"locale\":{\"time_zone\":null},\"location\":null", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct resy_venue venue;
        auto_str text = STR_INIT(1000);
        str_addf(&text, "{\"id\":{\"resy\":1},\"name\":\"A\",%s}", cases[i].more);
        auto_json tree = made(text.buf);
        OK(resy_venue_parse(tree, &venue, err));
        assert_string_equal(venue.zone, cases[i].zone);
    }
}

TEST(a_hit_brings_its_tables_a_time_once_and_its_picture)
{
    struct resy_hits hits;
    auto_json tree = recorded("amogh-venue-search-geo.json");
    OK(resy_search_parse(tree, (struct date){2026, 10, 22}, &hits, err));
    assert_string_equal(hits.tables[0].picture,
                        "https://image.resy.com/3/003/2/87134/"
                        "7da5980387c5dd3ff7baac67f6eca33487cd2a63/jpg/640x360");
    assert_true(hits.tables[0].count >= 1);
    assert_int_equal(hits.tables[0].minutes[0], 720);
    for (size_t i = 0; i < hits.count; i++)
        for (size_t k = 1; k < hits.tables[i].count; k++)
            assert_true(hits.tables[i].minutes[k - 1] < hits.tables[i].minutes[k]);
    assert_false(hits.complete); /* one page of 137 */
    resy_hits_free(&hits);
}

TEST(the_recorded_calendar_parses_exactly)
{
    auto_json tree = recorded("amogh-venue-calendar.json");
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    OK(resy_calendar_parse(tree, calendar, err));
    assert_int_equal(calendar->count, 35);
    assert_int_equal(resy_calendar_day(calendar, (struct date){2026, 9, 27}), RESY_DAY_FULL);
    assert_int_equal(resy_calendar_day(calendar, (struct date){2026, 9, 28}), RESY_DAY_OPEN);
    assert_int_equal(resy_calendar_day(calendar, (struct date){2026, 11, 1}), RESY_DAY_UNKNOWN);
    assert_int_equal(date_compare(calendar->last, (struct date){2026, 10, 31}), 0);
    free(calendar);
}

TEST(the_recorded_cities_parse_exactly)
{
    struct resy_cities cities;
    auto_json tree = recorded("amogh-location-config.json");
    OK(resy_cities_parse(tree, &cities, err));
    assert_int_equal(cities.count, 6);
    assert_string_equal(cities.list[0].code, "ny");
    assert_string_equal(cities.list[0].slug, "new-york-ny");
    assert_string_equal(cities.list[0].zone, "EST5EDT");
    assert_int_equal(cities.list[0].place.radius_m, 16093);
    assert_string_equal(cities.list[3].name, "A Coru\u00f1a, Spain");
    resy_cities_free(&cities);
}

TEST(notify_requests_are_read_and_what_is_odd_among_them_is_left_out)
{
    struct resy_notify list[4];
    size_t count;
    auto_json tree = made("{\"notify\":[{\"specs\":{\"notify_request_id\":5,\"venue_id\":7,"
                          "\"day\":\"2031-05-09\",\"party_size\":2,"
                          "\"time_preferred_start\":\"18:00:00\",\"time_preferred_end\":"
                          "\"21:00:00\"}},{\"specs\":null},{},null]}");
    OK(resy_notify_parse(tree, list, 4, &count, err));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, 5);
    assert_string_equal(list[0].from, "18:00");
    assert_string_equal(list[0].to, "21:00");
    auto_json page = made("{\"status\":200}");
    FAILS(ERR_REMOTE, resy_notify_parse(page, list, 4, &count, err));
}

TEST(a_release_is_read_from_what_a_restaurant_publishes)
{
    static const struct {
        const char *text;
        int days, minute;
    } cases[] = {
        {"Tables are released 14 days ahead at 9 AM, local time.", 14, 540},
        {"Reservations open 30 days in advance at 10:30 a.m. EST", 30, 630},
        {"We release tables 21 days out at noon.", 21, 720},
        {"New tables at midnight, 7 days in advance", 7, 0},
        {"at 12 am, 7 days ahead", 7, 0},
        {"Booked 28 days ahead; at 5 p.m. sharp", 28, 1020},
        {"Please cancel 2 days before your meal at 9 AM.", -1, -1}, /* no release */
        {"Released 14 days ahead.", -1, -1},                        /* no hour */
        {"Released in advance at 9 AM.", -1, -1},                   /* no day */
        {"Released 400 days ahead at 9 AM.", -1, -1},
        {"Released 14 days ahead at 29 AM.", -1, -1},
        {"Released 14 days ahead at 9", -1, -1}, /* which half? */
        {"Released 14 days ahead at ", -1, -1},
        {"Released 14 days ahead at 9 p", -1, -1},
        {"", -1, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int days, minute;
        bool says = resy_release_parse(cases[i].text, &days, &minute);
        assert_int_equal(says, cases[i].days > 0);
        assert_int_equal(days, cases[i].days);
        assert_int_equal(minute, cases[i].minute);
    }
}

MAIN(cmocka_unit_test(a_release_is_read_from_what_a_restaurant_publishes),
     cmocka_unit_test(a_hit_brings_its_tables_a_time_once_and_its_picture),
     cmocka_unit_test(the_recorded_calendar_parses_exactly),
     cmocka_unit_test(the_recorded_cities_parse_exactly),
     cmocka_unit_test(notify_requests_are_read_and_what_is_odd_among_them_is_left_out),
     cmocka_unit_test(a_recorded_search_by_place_parses_exactly),
     cmocka_unit_test(a_recorded_search_without_the_page_count_beside_the_hits_parses),
     cmocka_unit_test(a_recorded_fuzzy_search_keeps_its_order),
     cmocka_unit_test(the_recorded_venues_parse_exactly),
     cmocka_unit_test(a_recorded_find_is_neither_a_search_nor_a_venue),
     cmocka_unit_test(a_hit_is_ours_if_it_has_an_id_and_a_name),
     cmocka_unit_test(what_is_left_out_does_not_hide_the_rest),
     cmocka_unit_test(the_total_and_the_pages_live_in_meta),
     cmocka_unit_test(another_shape_is_no_search), cmocka_unit_test(no_hits_are_an_answer),
     cmocka_unit_test(five_hundred_hits_are_read_and_one_more_is_too_many),
     cmocka_unit_test(a_venue_has_an_id_and_a_name),
     cmocka_unit_test(the_zone_is_the_locale_s_or_else_the_location_s))
