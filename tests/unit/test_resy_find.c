/* The parser of /4/find: the recorded answers exactly, and what else may come. */
#include "tests/test.h"

#include "core/base/json.h"
#include "core/resy/resy.h"
#include "tests/unit/recorded.h"

#define VENUE 900001

static const struct date day = {2031, 5, 9};

/* --- making answers --- */

#define TOKEN(template, time, seating)                                                             \
    "rgs://resy/900001/" template "/2/2031-05-09/2031-05-09/" time "/2/" seating

#define SLOT(start, type, token, template, more)                                                   \
    "{\"date\":{\"start\":\"" start "\"},\"config\":{\"id\":5,\"type\":\"" type                    \
    "\",\"token\":\"" token "\"},\"template\":{\"id\":" template "}" more "}"

#define AT_1915(more)                                                                              \
    SLOT("2031-05-09 19:15:00", "Dinner", TOKEN("77", "19:15:00", "Dining Room"), "77", more)

#define TEMPLATES "{\"77\":{\"cancellation_fee\":25.0,\"deposit_fee\":10},\"78\":{}}"

#define ANSWER(slots)                                                                              \
    "{\"query\":{\"day\":\"2031-05-09\",\"party_size\":2},\"results\":{\"venues\":[{\"venue\":"    \
    "{\"id\":{\"resy\":900001},\"name\":\"Example\",\"location\":{\"time_zone\":\"EST5EDT\"}},"    \
    "\"templates\":" TEMPLATES ",\"slots\":[" slots "]}]}}"

static int parse(const char *text, struct resy_find *ret, struct err *err)
{
    auto_json tree = json_parse(text, strlen(text), "the test", err);
    *ret = (struct resy_find){0};
    return tree ? resy_find_parse(tree, VENUE, day, ret, err) : -1;
}

/* "1155 dining room 2500; …", with a "?" in front of a partial answer. */
static void describe(const struct resy_find *find, struct str *out)
{
    if (find->partial)
        str_add(out, "? ");
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *s = &find->slots[i];
        str_addf(out, "%s%d %s %lld", i ? "; " : "", s->minute, s->seating,
                 (long long)s->fee_cents);
    }
}

/* --- the recorded answers --- */

TEST(the_recorded_answer_of_one_venue_parses_exactly)
{
    struct resy_find find;
    auto_json tree = recorded("amogh-venue-find.json");
    OK(resy_find_parse(tree, 87134, (struct date){2026, 10, 22}, &find, err));
    assert_int_equal(find.count, 33);
    assert_false(find.partial);
    assert_true(find.has_venue);
    assert_string_equal(find.zone, "EST5EDT");
    assert_string_equal(find.name, "Brooklyn Chop House - Downtown FIDI");
    for (size_t i = 0; i < find.count; i++) { /* each quarter from 12:00, each half from 18:00 */
        const struct resy_slot *s = &find.slots[i];
        int minute = (int)(i < 24 ? 720 + 15 * i : 1080 + 30 * (i - 24));
        char start[32];
        snprintf(start, sizeof(start), "2026-10-22 %02d:%02d", minute / 60, minute % 60);
        assert_int_equal(s->minute, minute);
        assert_string_equal(s->start, start);
        assert_string_equal(s->seating, "dining room");
        assert_string_equal(s->shown, "Dining Room");
        assert_string_equal(s->template, minute < 960 ? "3533613" : "3533618");
        assert_int_equal(s->fee_cents, 0);
    }
    resy_find_free(&find);
}

TEST(the_recorded_answer_is_not_taken_for_another_day_or_another_venue)
{
    struct resy_find find;
    auto_json tree = recorded("amogh-venue-find.json");
    FAILS(ERR_REMOTE, resy_find_parse(tree, 87134, (struct date){2026, 10, 23}, &find, err));
    FAILS(ERR_REMOTE, resy_find_parse(tree, 87135, (struct date){2026, 10, 22}, &find, err));
    assert_null(find.slots);
}

TEST(the_recorded_stub_with_bare_slots_parses)
{
    struct resy_find find;
    auto_str got = STR_INIT(1000);
    auto_json tree = recorded("alkaar-getReservations.json");
    OK(resy_find_parse(tree, 1, (struct date){2099, 1, 30}, &find, err));
    describe(&find, &got);
    assert_string_equal(got.buf, "960 table_type1 0; 1020 table_type2 0; 1020 table_type3 0; "
                                 "1020 table_type4 0; 1080 table_type5 0");
    assert_false(find.has_venue);
    resy_find_free(&find);
}

TEST(the_recorded_stub_without_slots_is_a_full_day)
{
    struct resy_find find;
    auto_json tree = recorded("alkaar-getReservationsNoneAvailable.json");
    OK(resy_find_parse(tree, 1, (struct date){2099, 1, 30}, &find, err));
    assert_int_equal(find.count, 0);
    assert_false(find.partial);
    resy_find_free(&find);
}

TEST(the_recorded_error_object_is_no_answer)
{
    struct resy_find find;
    auto_json tree = recorded("paystub-resy_find_response_sample.json");
    FAILS(ERR_REMOTE, resy_find_parse(tree, 1, day, &find, err));
}

TEST(a_recorded_search_is_no_find)
{
    struct resy_find find;
    auto_json tree = recorded("amogh-venue-search-geo.json");
    FAILS(ERR_REMOTE, resy_find_parse(tree, 1, day, &find, err));
}

/* --- nothing free: three ways to say it --- */

TEST(a_full_day_is_no_venue_or_a_venue_without_slots)
{
    static const struct {
        const char *answer;
        bool has_venue;
    } cases[] = {
        {"{\"results\":{}}", false},
        {"{\"results\":{\"venues\":null}}", false},
        {"{\"results\":{\"venues\":[]}}", false},
        {"{\"query\":null,\"results\":{\"venues\":[]}}", false},
        {"{\"query\":{\"day\":null},\"results\":{\"venues\":[],\"meta\":null}}", false},
        {ANSWER(""), true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct resy_find find;
        OK(parse(cases[i].answer, &find, err));
        assert_int_equal(find.count, 0);
        assert_false(find.partial);
        assert_int_equal(find.has_venue, cases[i].has_venue);
        resy_find_free(&find);
    }
}

TEST(what_is_no_answer_to_our_question_fails_and_leaves_nothing)
{
    static const char *const answers[] = {
        "<html><body>Pardon our interruption</body></html>",
        "",
        "null",
        "[]",
        "\"ok\"",
        "{}",
        "{\"results\":null}",
        "{\"results\":[]}",
        "{\"results\":\"none\"}",
        "{\"status\":419,\"code\":null,\"message\":\"Unauthorized\",\"data\":{}}",
        "{\"results\":{\"venues\":{}}}",
        "{\"results\":{\"venues\":\"x\"}}",
        "{\"results\":{\"venues\":0}}",
        "{\"results\":{\"venues\":[{\"venue\":{\"id\":{\"resy\":900001}}}]}}",
        "{\"results\":{\"venues\":[{\"venue\":{\"id\":{\"resy\":900001}},\"slots\":null}]}}",
        "{\"results\":{\"venues\":[{\"venue\":{\"id\":{\"resy\":900001}},\"slots\":{}}]}}",
        "{\"results\":{\"venues\":[null]}}",
        "{\"results\":{\"venues\":[[]]}}",
        /* of another venue, of another day */
        "{\"results\":{\"venues\":[{\"venue\":{\"id\":{\"resy\":5}},\"slots\":[]}]}}",
        "{\"query\":{\"day\":\"2031-05-10\"},\"results\":{\"venues\":[]}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct resy_find find;
        if (!parse(answers[i], &find, err))
            fail_msg("is taken: %s", answers[i]);
        assert_int_equal(err->kind, ERR_REMOTE);
        assert_true(*err->why);
        assert_null(find.slots);
        assert_int_equal(find.count, 0);
    }
}

/* --- the slots --- */

static const struct {
    const char *about, *slots, *want;
} slot_cases[] = {
    {"plain", AT_1915(""), "1155 dining room 2500"},
    {"all else null",
     AT_1915(",\"size\":null,\"quantity\":null,\"shift\":null,\"exclusive\":null,\"market\":null,"
             "\"payment\":null,\"table\":null,\"time\":null,\"has_add_ons\":null,\"id\":null,"
             "\"is_global_dining_access\":null,\"lock\":null,\"display_config\":null"),
     "1155 dining room 2500"},
    {"invisible, for card members",
     AT_1915(",\"config.is_visible\":false,"
             "\"is_global_dining_access\":true"),
     "1155 dining room 2500"},
    {"the slot's own terms are nearer than the template's",
     AT_1915(",\"payment\":{\"cancellation_fee\":5.5,\"deposit_fee\":null}"),
     "1155 dining room 550"},
    {"no fee in its own terms", AT_1915(",\"payment\":{\"cancellation_fee\":null}"),
     "1155 dining room 0"},
    {"the greater of the two",
     AT_1915(",\"payment\":{\"cancellation_fee\":1,\"deposit_fee\":99.99}"),
     "1155 dining room 9999"},
    {"cents are exact", AT_1915(",\"payment\":{\"cancellation_fee\":0.29,\"deposit_fee\":0.07}"),
     "1155 dining room 29"},
    {"fees of other shapes are none",
     AT_1915(",\"payment\":{\"cancellation_fee\":\"25\",\"deposit_fee\":-3}"),
     "1155 dining room 0"},
    {"no template", SLOT("2031-05-09 19:15:00", "Bar", "x", "null", ""), "1155 bar 0"},
    {"a template nobody described", SLOT("2031-05-09 19:15:00", "Bar", "x", "99", ""),
     "1155 bar 0"},
    {"eligible", AT_1915(",\"exclusive\":{\"id\":0,\"is_eligible\":true}"),
     "1155 dining room 2500"},
    {"not for this account", AT_1915(",\"exclusive\":{\"id\":3,\"is_eligible\":false}"), ""},
    {"eligible not said", AT_1915(",\"exclusive\":{}"), "1155 dining room 2500"},
    {"eligible null", AT_1915(",\"exclusive\":{\"is_eligible\":null}"), "1155 dining room 2500"},
    /* another site's: no token */
    {"token null", "{\"date\":{\"start\":\"2031-05-09 19:15:00\"},\"config\":{\"token\":null}}",
     ""},
    {"token absent", "{\"date\":{\"start\":\"2031-05-09 19:15:00\"},\"config\":{}}", ""},
    {"config null", "{\"date\":{\"start\":\"2031-05-09 19:15:00\"},\"config\":null}", ""},
    /* seating */
    {"the token's seating, not the type's",
     SLOT("2031-05-09 19:15:00", "Standard", TOKEN("77", "19:15:00", "Lounge"), "77", ""),
     "1155 lounge 2500"},
    {"case and blanks folded",
     SLOT("2031-05-09 19:15:00", "x", TOKEN("77", "19:15:00", " Dining  ROOM "), "77", ""),
     "1155 dining room 2500"},
    {"slashes belong to it",
     SLOT("2031-05-09 19:15:00", "x", TOKEN("77", "19:15:00", "Bar/Patio/1"), "77", ""),
     "1155 bar/patio/1 2500"},
    {"wide letters", SLOT("2031-05-09 19:15:00", "x", TOKEN("77", "19:15:00", "Café É"), "77", ""),
     "1155 café é 2500"},
    {"empty in the token",
     SLOT("2031-05-09 19:15:00", "Bar ", TOKEN("77", "19:15:00", ""), "77", ""), "1155 bar 2500"},
    {"a token of another make", SLOT("2031-05-09 19:15:00", "Bar", "opaque/1/2", "77", ""),
     "1155 bar 2500"},
    {"neither token nor type says",
     "{\"date\":{\"start\":\"2031-05-09 19:15:00\"},\"config\":{\"token\":\"x\",\"type\":null}}",
     "1155  0"},
    /* starts */
    {"after midnight", SLOT("2031-05-10 00:30:00", "Bar", "x", "77", ""), "1470 bar 2500"},
    {"midnight itself", SLOT("2031-05-10 00:00:00", "Bar", "x", "77", ""), "1440 bar 2500"},
    {"without seconds", SLOT("2031-05-09 19:15", "Bar", "x", "77", ""), "1155 bar 2500"},
    {"with a T", SLOT("2031-05-09T19:15:00", "Bar", "x", "77", ""), "1155 bar 2500"},
    {"the first minute", SLOT("2031-05-09 00:00:00", "Bar", "x", "77", ""), "0 bar 2500"},
    {"the day before", SLOT("2031-05-08 19:15:00", "Bar", "x", "77", ""), "? "},
    {"two days on", SLOT("2031-05-11 00:15:00", "Bar", "x", "77", ""), "? "},
    {"no such hour", SLOT("2031-05-09 24:15:00", "Bar", "x", "77", ""), "? "},
    {"no such day", SLOT("2031-02-30 19:15:00", "Bar", "x", "77", ""), "? "},
    {"cut", SLOT("2031-05-09 19:1", "Bar", "x", "77", ""), "? "},
    {"words", SLOT("tomorrow at seven pm", "Bar", "x", "77", ""), "? "},
    {"a signed hour", SLOT("2031-05-09 +9:15:00", "Bar", "x", "77", ""), "? "},
    {"no date", "{\"config\":{\"token\":\"x\"}}", "? "},
    {"start null", "{\"date\":{\"start\":null},\"config\":{\"token\":\"x\"}}", "? "},
    {"a number", "{\"date\":{\"start\":1935516900},\"config\":{\"token\":\"x\"}}", "? "},
    {"no object", "7, null, [], \"x\"", "? "},
    {"one of two can be read", SLOT("soon", "Bar", "x", "77", "") "," AT_1915(""),
     "? 1155 dining room 2500"},
    /* several */
    {"sorted by minute, then seating",
     SLOT("2031-05-10 00:15:00", "A", "x", "78", "") "," SLOT("2031-05-09 20:00:00", "B", "x", "78",
                                                              "") "," SLOT("2031-05-09 20:00:00",
                                                                           "A", "x", "78", ""),
     "1200 a 0; 1200 b 0; 1455 a 0"},
    {"two templates at one time and seating: the cheaper",
     AT_1915("") "," SLOT("2031-05-09 19:15:00", "x", TOKEN("78", "19:15:00", "dining room"), "78",
                          ""),
     "1155 dining room 0"},
    {"one token under several ids is one", AT_1915("") "," AT_1915("") "," AT_1915(""),
     "1155 dining room 2500"},
};

TEST(each_oddity_of_a_slot_is_read_as_it_is_meant)
{
    for (size_t i = 0; i < ARRAY_LEN(slot_cases); i++) {
        struct resy_find find;
        auto_str text = STR_INIT(65536), got = STR_INIT(1000);
        str_addf(&text, ANSWER("%s"), slot_cases[i].slots);
        if (parse(text.buf, &find, err))
            fail_msg("%s: %s", slot_cases[i].about, err->why);
        describe(&find, &got);
        if (strcmp(got.buf, slot_cases[i].want) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", slot_cases[i].about, got.buf, slot_cases[i].want);
        resy_find_free(&find);
    }
}

TEST(the_template_of_the_cheaper_one_stays)
{
    struct resy_find find;
    OK(parse(ANSWER(AT_1915("") "," SLOT("2031-05-09 19:15:00", "x",
                                         TOKEN("78", "19:15:00", "DINING ROOM"), "78", "")),
             &find, err));
    assert_int_equal(find.count, 1);
    assert_string_equal(find.slots[0].template, "78");
    assert_string_equal(find.slots[0].shown, "DINING ROOM");
    resy_find_free(&find);
}

TEST(the_start_keeps_its_own_calendar_day)
{
    struct resy_find find;
    OK(parse(ANSWER(SLOT("2031-05-10 00:30:00", "Bar", "x", "77", "")), &find, err));
    assert_string_equal(find.slots[0].start, "2031-05-10 00:30");
    resy_find_free(&find);
}

TEST(our_venue_is_found_behind_others)
{
    static const char text[] =
        "{\"results\":{\"venues\":[{\"venue\":{\"id\":{\"resy\":5},\"name\":\"Other\"},\"slots\":["
        "{}]},{\"venue\":{\"id\":{\"resy\":900001},\"name\":\"Ours\"},\"slots\":[]}]}}";
    struct resy_find find;
    OK(parse(text, &find, err));
    assert_string_equal(find.name, "Ours");
    assert_string_equal(find.zone, "");
    assert_false(find.partial);
    resy_find_free(&find);
}

TEST(templates_null_or_absent_cost_nothing)
{
    static const char *const templates[] = {"", "\"templates\":null,", "\"templates\":[],",
                                            "\"templates\":{\"77\":null},"};
    for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
        struct resy_find find;
        auto_str text = STR_INIT(65536);
        str_addf(&text, "{\"results\":{\"venues\":[{%s\"slots\":[%s]}]}}", templates[i],
                 AT_1915(""));
        OK(parse(text.buf, &find, err));
        assert_int_equal(find.count, 1);
        assert_int_equal(find.slots[0].fee_cents, 0);
        resy_find_free(&find);
    }
}

TEST(long_names_are_cut_at_a_character)
{
    struct resy_find find;
    auto_str text = STR_INIT(65536);
    str_add(&text, "{\"results\":{\"venues\":[{\"venue\":{\"name\":\"");
    for (int i = 0; i < 200; i++)
        str_add(&text, "é");
    str_add(&text, "\"},\"slots\":[{\"date\":{\"start\":\"2031-05-09 19:15:00\"},\"config\":"
                   "{\"type\":\"");
    for (int i = 0; i < 200; i++)
        str_add(&text, "東");
    str_add(&text, "\",\"token\":\"x\"}}]}]}}");
    OK(parse(text.buf, &find, err));
    assert_int_equal(strlen(find.name), 158);
    assert_int_equal(strlen(find.slots[0].shown), 93);
    resy_find_free(&find);
}

static void add_slots(struct str *text, int count)
{
    str_add(text, "{\"results\":{\"venues\":[{\"slots\":[");
    for (int i = 0; i < count; i++)
        str_addf(text,
                 "%s{\"date\":{\"start\":\"2031-05-09 %02d:%02d:00\"},\"config\":"
                 "{\"token\":\"t\",\"type\":\"S%d\"}}",
                 i ? "," : "", i % 24, i % 60, i);
    str_add(text, "]}]}}");
}

TEST(two_thousand_slots_are_read_and_one_more_is_too_many)
{
    struct resy_find find;
    auto_str text = STR_INIT(1 << 20), more = STR_INIT(1 << 20);
    add_slots(&text, 2000);
    OK(parse(text.buf, &find, err));
    assert_int_equal(find.count, 2000);
    for (size_t i = 1; i < find.count; i++)
        assert_true(find.slots[i - 1].minute <= find.slots[i].minute);
    resy_find_free(&find);
    add_slots(&more, 2001);
    FAILS(ERR_REMOTE, parse(more.buf, &find, err));
    assert_null(find.slots);
}

MAIN(cmocka_unit_test(the_recorded_answer_of_one_venue_parses_exactly),
     cmocka_unit_test(the_recorded_answer_is_not_taken_for_another_day_or_another_venue),
     cmocka_unit_test(the_recorded_stub_with_bare_slots_parses),
     cmocka_unit_test(the_recorded_stub_without_slots_is_a_full_day),
     cmocka_unit_test(the_recorded_error_object_is_no_answer),
     cmocka_unit_test(a_recorded_search_is_no_find),
     cmocka_unit_test(a_full_day_is_no_venue_or_a_venue_without_slots),
     cmocka_unit_test(what_is_no_answer_to_our_question_fails_and_leaves_nothing),
     cmocka_unit_test(each_oddity_of_a_slot_is_read_as_it_is_meant),
     cmocka_unit_test(the_template_of_the_cheaper_one_stays),
     cmocka_unit_test(the_start_keeps_its_own_calendar_day),
     cmocka_unit_test(our_venue_is_found_behind_others),
     cmocka_unit_test(templates_null_or_absent_cost_nothing),
     cmocka_unit_test(long_names_are_cut_at_a_character),
     cmocka_unit_test(two_thousand_slots_are_read_and_one_more_is_too_many))
