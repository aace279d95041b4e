#include "tests/test.h"

#include "core/base/clock.h"

static struct local local_at(const char *name, int64_t utc_ms)
{
    auto_zone zone = zone_new(name);
    assert_non_null(zone);
    return zone_local(zone, utc_ms);
}

static int64_t utc_of(const char *name, struct date date, int minute)
{
    auto_zone zone = zone_new(name);
    assert_non_null(zone);
    return zone_utc_ms(zone, date, minute);
}

static int64_t instant(int year, int month, int day, int minute)
{
    return date_days((struct date){year, month, day}) * DAY_MS + minute * MINUTE_MS;
}

TEST(zones_are_known_by_name_or_not_at_all)
{
    static const char *const known[] = {
        "EST5EDT", "America/New_York", "Europe/Madrid", "Asia/Kolkata",
        "UTC",     "Pacific/Apia",     "Asia/Kathmandu"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        auto_zone zone = zone_new(known[i]);
        assert_non_null(zone);
    }
    static const char *const unknown[] = {
        "",
        "Nowhere/Town",
        "America",
        "America/New_Yorkk",
        "../../../etc/passwd",
        "/etc/passwd",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        if (zone_new(unknown[i]))
            fail_msg("%s is a zone", unknown[i]);
    assert_null(zone_new(NULL));
    zone_free(NULL);
}

TEST(a_wall_clock_shows_what_it_should)
{
    static const struct {
        const char *zone;
        int64_t utc_s;
        struct local want;
    } cases[] = {
        {"UTC", 0, {{1970, 1, 1}, 0, 0}},
        {"UTC", -1, {{1969, 12, 31}, 1439, 59}},
        {"EST5EDT", 0, {{1969, 12, 31}, 19 * 60, 0}},
        {"America/New_York", 0, {{1969, 12, 31}, 19 * 60, 0}},
        {"America/New_York", 951782399, {{2000, 2, 28}, 18 * 60 + 59, 59}},
        {"Europe/Madrid", 1930000000, {{2031, 2, 28}, 6, 40}},
        {"America/New_York", 1930000000, {{2031, 2, 27}, 18 * 60 + 6, 40}},
        {"Asia/Kathmandu", 1930000000, {{2031, 2, 28}, 4 * 60 + 51, 40}},
        {"America/New_York", -1000000000, {{1938, 4, 24}, 18 * 60 + 13, 20}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct local got = local_at(cases[i].zone, cases[i].utc_s * 1000);
        char text[DATE_TEXT];
        if (date_compare(got.date, cases[i].want.date) || got.minute != cases[i].want.minute ||
            got.second != cases[i].want.second)
            fail_msg("case %zu: %s %d:%02d:%02d", i, date_text(got.date, text), got.minute / 60,
                     got.minute % 60, got.second);
    }
    assert_int_equal(local_at("UTC", -1).second, 59);
    assert_int_equal(local_at("UTC", 999).second, 0);
}

/* Both changes of 2031, in New York (March 9, November 2) and Madrid (March 30, October 26). */
TEST(a_shown_time_is_an_instant_also_on_the_days_of_change)
{
    static const struct {
        const char *zone;
        struct date date;
        int minute;
        struct date utc_date;
        int utc_minute;
    } cases[] = {
        {"America/New_York", {2031, 3, 9}, 0, {2031, 3, 9}, 300},
        {"America/New_York", {2031, 3, 9}, 119, {2031, 3, 9}, 419},
        {"America/New_York", {2031, 3, 9}, 120, {2031, 3, 9}, 420}, /* does not exist: 3:00 */
        {"America/New_York", {2031, 3, 9}, 150, {2031, 3, 9}, 450},
        {"America/New_York", {2031, 3, 9}, 179, {2031, 3, 9}, 479},
        {"America/New_York", {2031, 3, 9}, 180, {2031, 3, 9}, 420},
        {"America/New_York", {2031, 3, 9}, 1439, {2031, 3, 10}, 239},
        {"EST5EDT", {2031, 3, 9}, 150, {2031, 3, 9}, 450},
        {"EST5EDT", {2031, 7, 1}, 0, {2031, 7, 1}, 240},
        {"America/New_York", {2031, 11, 2}, 59, {2031, 11, 2}, 299},
        {"America/New_York", {2031, 11, 2}, 60, {2031, 11, 2}, 300}, /* twice: the first */
        {"America/New_York", {2031, 11, 2}, 119, {2031, 11, 2}, 359},
        {"America/New_York", {2031, 11, 2}, 120, {2031, 11, 2}, 420},
        {"EST5EDT", {2031, 11, 2}, 90, {2031, 11, 2}, 330},
        {"Europe/Madrid", {2031, 3, 30}, 119, {2031, 3, 30}, 59},
        {"Europe/Madrid", {2031, 3, 30}, 120, {2031, 3, 30}, 60},
        {"Europe/Madrid", {2031, 3, 30}, 150, {2031, 3, 30}, 90},
        {"Europe/Madrid", {2031, 3, 30}, 180, {2031, 3, 30}, 60},
        {"Europe/Madrid", {2031, 10, 26}, 119, {2031, 10, 25}, 1439},
        {"Europe/Madrid", {2031, 10, 26}, 120, {2031, 10, 26}, 0},
        {"Europe/Madrid", {2031, 10, 26}, 179, {2031, 10, 26}, 59},
        {"Europe/Madrid", {2031, 10, 26}, 180, {2031, 10, 26}, 120},
        {"America/New_York", {2031, 5, 9}, 1440, {2031, 5, 10}, 240}, /* the night after */
        {"America/New_York", {2031, 5, 9}, 1530, {2031, 5, 10}, 330},
        {"America/New_York", {2031, 3, 8}, 1440 + 150, {2031, 3, 9}, 450},
        {"America/New_York", {2031, 3, 8}, 1440 + 240, {2031, 3, 9}, 480},
        {"America/New_York", {2031, 12, 31}, 1440 + 60, {2032, 1, 1}, 360},
        {"Pacific/Apia", {2011, 12, 29}, 720, {2011, 12, 29}, 1320},
        {"Pacific/Apia", {2011, 12, 31}, 0, {2011, 12, 30}, 600}, /* the 30th never was */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t got = utc_of(cases[i].zone, cases[i].date, cases[i].minute);
        int64_t want = date_days(cases[i].utc_date) * DAY_MS + cases[i].utc_minute * MINUTE_MS;
        if (got != want)
            fail_msg("case %zu: off by %lld min", i, (long long)((got - want) / MINUTE_MS));
    }
}

static size_t hours_not_regained(const char *name, int64_t from, int64_t until)
{
    auto_zone zone = zone_new(name);
    size_t count = 0;
    for (int64_t t = from; t < until; t += HOUR_MS) {
        struct local shown = zone_local(zone, t);
        int64_t back = zone_utc_ms(zone, shown.date, shown.minute);
        if (back == t)
            continue;
        assert_int_equal(back, t - HOUR_MS); /* the first of the two that show the same */
        count++;
    }
    return count;
}

TEST(every_hour_of_three_years_comes_back)
{
    int64_t from = instant(2030, 1, 1, 0), until = instant(2033, 1, 1, 0);
    assert_int_equal(hours_not_regained("America/New_York", from, until), 3);
    assert_int_equal(hours_not_regained("EST5EDT", from, until), 3);
    assert_int_equal(hours_not_regained("Europe/Madrid", from, until), 3);
    assert_int_equal(hours_not_regained("UTC", from, until), 0);
    assert_int_equal(hours_not_regained("Asia/Kolkata", from, until), 0);
}

TEST(summer_time_goes_on_after_2037)
{
    struct local summer = local_at("America/New_York", instant(2045, 7, 1, 720));
    assert_int_equal(summer.minute, 480);
    struct local winter = local_at("America/New_York", instant(2045, 1, 1, 720));
    assert_int_equal(winter.minute, 420);
}

TEST(days_and_dates_match_over_four_hundred_years)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct date want = {1900, 1, 1};
    int64_t first = date_days(want);
    assert_int_equal(first, -25567);
    for (int64_t days = first; days < first + 400 * 366; days++) {
        struct date got = date_of_days(days);
        if (date_compare(got, want) || date_days(got) != days || !date_valid(got))
            fail_msg("day %lld is %d-%d-%d", (long long)days, got.year, got.month, got.day);
        assert_int_equal(date_weekday(got), (days - first + 1) % 7); /* 1900 began on a Monday */
        bool leap = want.year % 4 == 0 && (want.year % 100 != 0 || want.year % 400 == 0);
        if (++want.day > lengths[want.month - 1] + (want.month == 2 && leap)) {
            want.day = 1;
            want.month = want.month % 12 + 1;
            want.year += want.month == 1;
        }
    }
}

TEST(known_days_have_their_weekday)
{
    static const struct {
        struct date date;
        int weekday;
    } cases[] = {{{1970, 1, 1}, 4},  {{2000, 2, 29}, 2}, {{2031, 5, 9}, 5},  {{2024, 2, 29}, 4},
                 {{1969, 7, 20}, 0}, {{1900, 1, 1}, 1},  {{2031, 11, 2}, 0}, {{9999, 12, 31}, 5}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(date_weekday(cases[i].date), cases[i].weekday);
}

TEST(dates_are_read_or_refused)
{
    static const struct {
        const char *text;
        bool fine;
    } cases[] = {
        {"2031-05-09", true},
        {"2031-05-09T19:00", true},
        {"2032-02-29", true},
        {"2000-02-29", true},
        {"9999-12-31", true},
        {"1900-01-01", true},
        {"2031-02-29", false},
        {"2100-02-29", false},
        {"2031-04-31", false},
        {"2031-13-01", false},
        {"2031-00-10", false},
        {"2031-05-00", false},
        {"2031-05-32", false},
        {"2031-5-9", false},
        {"2031-05-9", false},
        {"2031/05/09", false},
        {"31-05-2031", false},
        {"", false},
        {"2", false},
        {"2031", false},
        {"2031-", false},
        {"2031-05", false},
        {"2031-05-", false},
        {"2031-05-0", false},
        {"2031-0a-09", false},
        {"-031-05-09", false},
        {"+031-05-09", false},
        {" 2031-05-09", false},
        {"1899-12-31", false},
        {"0000-00-00", false},
        {"tomorrow", false},
        {"2031-05-0x", false},
        {"２０３１-05-09", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_text exact = mem_text(cases[i].text);
        struct date got = {1, 2, 3};
        if ((date_parse(exact, &got) == 0) != cases[i].fine)
            fail_msg("%s", cases[i].text);
        char text[DATE_TEXT];
        if (cases[i].fine)
            assert_memory_equal(date_text(got, text), cases[i].text, 10);
        else
            assert_int_equal(got.year, 1);
    }
}

TEST(dates_that_are_none_are_not_valid)
{
    static const struct date none[] = {{2031, 2, 29}, {2031, 0, 1},  {2031, 13, 1}, {2031, 1, 0},
                                       {2031, 1, 32}, {2031, 6, 31}, {1899, 1, 1},  {10000, 1, 1},
                                       {2031, -1, 1}, {2031, 1, -1}, {0, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(date_valid(none[i]));
}

TEST(days_are_added_and_compared)
{
    char text[DATE_TEXT];
    struct date date = {2031, 12, 31};
    assert_string_equal(date_text(date_add(date, 1), text), "2032-01-01");
    assert_string_equal(date_text(date_add(date, 60), text), "2032-02-29");
    assert_string_equal(date_text(date_add(date, -365), text), "2030-12-31");
    assert_true(date_compare(date, date_add(date, 1)) < 0);
    assert_true(date_compare(date_add(date, 1), date) > 0);
    assert_int_equal(date_compare(date, date), 0);
    assert_true(date_compare((struct date){2031, 2, 28}, (struct date){2030, 12, 31}) > 0);
}

TEST(dates_are_said_in_words)
{
    char out[DATE_WORDS];
    struct date today = {2031, 1, 1};
    assert_string_equal(date_words((struct date){2031, 5, 9}, today, out), "Fri May 9");
    assert_string_equal(date_words((struct date){2032, 2, 29}, today, out), "Sun Feb 29 2032");
    assert_string_equal(date_words((struct date){2030, 12, 31}, today, out), "Tue Dec 31 2030");
}

TEST(clocks_are_written_and_read)
{
    static const struct {
        int minute;
        const char *text, *words;
    } cases[] = {{0, "00:00", "12:00 AM"},
                 {1, "00:01", "12:01 AM"},
                 {11 * 60 + 59, "11:59", "11:59 AM"},
                 {720, "12:00", "12:00 PM"},
                 {1155, "19:15", "7:15 PM"},
                 {1439, "23:59", "11:59 PM"},
                 {1440, "00:00", "12:00 AM"},
                 {1530, "01:30", "1:30 AM"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[CLOCK_TEXT];
        assert_string_equal(clock_words(cases[i].minute, out), cases[i].words);
        assert_string_equal(clock_text(cases[i].minute, out), cases[i].text);
        assert_int_equal(clock_parse(out), cases[i].minute % 1440);
    }
    assert_int_equal(clock_parse("19:15:59"), 1155);
    static const char *const none[] = {"",          "7:15",   "24:00",   "19:60",     "19-15",
                                       "1915",      "19:15:", "19:15:5", "19:15:005", "19:15 ",
                                       "ab:cd",     "-1:15",  "19:1",    "19:15x",    "19:15:xx",
                                       "19:15:00Z", " 9:15",  "7:15 PM"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (clock_parse(none[i]) != -1)
            fail_msg("%s is a clock", none[i]);
}

TEST(no_minute_has_more_than_sixty_seconds)
{
    assert_int_equal(clock_parse("19:15:75"), -1);
    assert_int_equal(clock_parse("19:15:99"), -1);
}

TEST(spans_are_said_in_words)
{
    static const struct {
        int64_t ms;
        const char *words;
    } cases[] = {{0, "0 s"},
                 {-5, "0 s"},
                 {499, "0 s"},
                 {45000, "45 s"},
                 {180000, "3 min"},
                 {2 * HOUR_MS + 5 * MINUTE_MS, "2 h 5 min"},
                 {2 * HOUR_MS, "2 h"},
                 {4 * DAY_MS, "4 days"},
                 {2 * DAY_MS, "2 days"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[SPAN_WORDS];
        assert_string_equal(span_words(cases[i].ms, out), cases[i].words);
    }
}

TEST(the_longest_span_does_not_overflow)
{
    char out[SPAN_WORDS];
    assert_string_equal(span_words(INT64_MAX, out), "106751991167 days");
}

static void *ask_zones(void *arg)
{
    size_t *wrong = arg;
    for (int i = 0; i < 300; i++) {
        auto_zone zone = zone_new(i % 2 ? "America/New_York" : "Europe/Madrid");
        int64_t t = 1900000000000 + i * 7 * HOUR_MS;
        struct local shown = zone_local(zone, t);
        int64_t back = zone_utc_ms(zone, shown.date, shown.minute) + shown.second * 1000;
        *wrong += back != t && back != t - HOUR_MS;
    }
    return NULL;
}

TEST(zones_are_asked_from_many_threads)
{
    pthread_t threads[8];
    size_t wrong[8] = {0};
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_zones, &wrong[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

MAIN(cmocka_unit_test(zones_are_known_by_name_or_not_at_all),
     cmocka_unit_test(a_wall_clock_shows_what_it_should),
     cmocka_unit_test(a_shown_time_is_an_instant_also_on_the_days_of_change),
     cmocka_unit_test(every_hour_of_three_years_comes_back),
     cmocka_unit_test(summer_time_goes_on_after_2037),
     cmocka_unit_test(days_and_dates_match_over_four_hundred_years),
     cmocka_unit_test(known_days_have_their_weekday), cmocka_unit_test(dates_are_read_or_refused),
     cmocka_unit_test(dates_that_are_none_are_not_valid),
     cmocka_unit_test(days_are_added_and_compared), cmocka_unit_test(dates_are_said_in_words),
     cmocka_unit_test(clocks_are_written_and_read),
     cmocka_unit_test(no_minute_has_more_than_sixty_seconds),
     cmocka_unit_test(spans_are_said_in_words), cmocka_unit_test(zones_are_asked_from_many_threads),
     cmocka_unit_test(the_longest_span_does_not_overflow))
