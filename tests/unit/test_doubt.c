/* Answers without tables that are not believed, and those that are. In the virtual world. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static const struct world_setup one_minute = {.interval_ms = MINUTE, .quiet_ms = 30 * MINUTE};

static const char *const slugs[] = {"sorrel-and-ash", "lark", "lumen-counter", "harrow-finch",
                                    "the-gilded-turnip"};
static const char *const names[] = {"Sorrel & Ash", "Lark", "Lumen Counter", "Harrow Finch",
                                    "The Gilded Turnip"};

static void watch_all(struct world *w, bool open)
{
    char text[100];
    for (size_t i = 0; i < ARRAY_LEN(slugs); i++) {
        world_city(w, "full %s 2031-05-09 2", slugs[i]);
        if (open)
            world_city(w, "open %s 2031-05-09 2 20:15", slugs[i]);
        snprintf(text, sizeof(text), "/watch %s 2031-05-09 2 8pm", names[i]);
        CHECK(w, strstr(world_say(w, text), "is on"));
    }
    world_pass(w, 5 * MINUTE);
}

static void all_empty(struct world *w)
{
    watch_all(w, true);
    CHECK(w, world_count(w, "alert") == 5);
    world_city(w, "fault empty");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_count(w, "notice") == 1);
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "shows no tables anywhere, which I do not believe"));
    CHECK(w, strstr(world_say(w, "/status"), "no tables anywhere"));
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_count(w, "notice") == 1);
    CHECK(w, world_count(w, "edit") == 0);
    world_city(w, "no-fault");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_count(w, "notice") == 2);
    notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "tables again"));
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_count(w, "notice") == 2);
    CHECK(w, world_count(w, "edit") == 0);
    CHECK(w, world_count(w, "alert") == 5); /* nothing is repeated */
}

TEST(when_all_that_had_tables_turns_empty_nothing_is_over_until_the_canary_agrees)
{
    SEEDS(&one_minute, all_empty);
}

static void four_sell_out(struct world *w)
{
    watch_all(w, true);
    for (size_t i = 0; i < 4; i++)
        world_city(w, "full %s 2031-05-09 2", slugs[i]);
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "edit") == 4);
    CHECK(w, world_count(w, "notice") == 0);
    CHECK(w, !strstr(world_say(w, "/status"), "Trouble"));
}

TEST(restaurants_that_really_sell_out_at_once_are_over_within_three_intervals)
{
    SEEDS(&one_minute, four_sell_out);
}

static const struct world_setup on_a_budget = {
    .interval_ms = MINUTE, .quiet_ms = 30 * MINUTE, .a_minute = 60};

TEST(the_canary_can_be_asked_within_a_budget_that_spaces_checks)
{
    SEEDS(&on_a_budget, four_sell_out);
}

static void one_sells_out(struct world *w)
{
    watch_all(w, true);
    world_city(w, "reset-counts");
    world_city(w, "full %s 2031-05-09 2", slugs[0]);
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "edit") == 1);
    CHECK(w, world_requests(w, "/3/venuesearch/search") == 0);
}

TEST(one_that_sells_out_needs_no_canary)
{
    SEEDS(&one_minute, one_sells_out);
}

static void full_and_blocked(struct world *w)
{
    watch_all(w, false);
    world_city(w, "reset-counts");
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_requests(w, "/3/venuesearch/search") <= 2);
    CHECK(w, world_count(w, "notice") == 0);
    world_city(w, "fault empty");
    world_pass(w, 40 * MINUTE);
    CHECK(w, world_count(w, "notice") == 1);
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "no-fault");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, world_count(w, "notice") == 2);
}

TEST(a_block_that_looks_like_full_is_noticed_where_all_that_is_watched_is_full)
{
    SEEDS(&one_minute, full_and_blocked);
}

static void canary_fails(struct world *w)
{
    watch_all(w, true);
    world_city(w, "fault empty path /4/find");
    world_city(w, "fault status 503 path /3/venuesearch");
    world_pass(w, 20 * MINUTE);
    CHECK(w, world_count(w, "edit") == 0);   /* nobody has vouched */
    CHECK(w, world_count(w, "notice") == 1); /* and that is not kept silent */
    world_city(w, "no-fault");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "notice") == 2);
    CHECK(w, world_count(w, "edit") == 0);
    CHECK(w, world_count(w, "alert") == 5);
    CHECK(w, !strstr(world_say(w, "/status"), "Trouble"));
}

TEST(a_canary_that_cannot_be_asked_vouches_for_nothing)
{
    SEEDS(&one_minute, canary_fails);
}

/* --- an hour in which nothing goes well --- */

static const struct world_setup ten_watches = {.interval_ms = MINUTE, .a_minute = 30};

static void bad_hour(struct world *w, const char *fault)
{
    static const char *const all[] = {"/4/find", "/3/venuesearch/search", "/3/venue",
                                      "/4/venue/calendar", "/"};
    char text[100];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        world_city(w, "open %s 2031-05-09 2 20:15", slugs[i]);
        snprintf(text, sizeof(text), "/watch %s 2031-05-09 2 8pm", names[i]);
        world_say(w, text);
        world_pass(w, 20 * SECOND);
    }
    world_pass(w, 5 * MINUTE);
    size_t notices = world_count(w, "notice"), edits = world_count(w, "edit");
    world_city(w, "reset-counts");
    world_city(w, "fault %s", fault);
    for (int i = 0; i < 60; i++) {
        world_pass(w, MINUTE);
        int64_t before = env_mono_ms(w->env);
        CHECK(w, strstr(world_say(w, i % 2 ? "/status" : "/watches"), "Lark"));
        CHECK(w, env_mono_ms(w->env) - before <= 50); /* nobody waits for it */
    }
    int64_t asked = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        asked += world_requests(w, all[i]);
    CHECK(w, asked <= 60 * 30);
    CHECK(w, world_count(w, "notice") == notices + 1); /* one incident */
    CHECK(w, world_count(w, "edit") == edits);         /* failed is not full */
}

#define BAD_HOUR(name, fault)                                                                      \
    static void name##_hour(struct world *w)                                                       \
    {                                                                                              \
        bad_hour(w, fault);                                                                        \
    }
BAD_HOUR(hangs, "hang")
BAD_HOUR(falls, "status 503")
BAD_HOUR(limits, "status 429 retry_after 30")
BAD_HOUR(refuses, "challenge")
BAD_HOUR(lies, "empty")
BAD_HOUR(babbles, "shape")
BAD_HOUR(breaks, "cut")

TEST(an_hour_of_any_failure_is_one_incident_within_the_budget_and_nobody_waits_for_it)
{
    static world_fn *const hours[] = {hangs_hour, falls_hour,   limits_hour, refuses_hour,
                                      lies_hour,  babbles_hour, breaks_hour};
    for (size_t i = 0; i < ARRAY_LEN(hours); i++)
        WORLD((int)i + 1, &ten_watches, hours[i]);
}

static void totals_drift(struct world *w)
{
    world_city(w, "drift 30");
    const char *reply = world_say(w, "anything tomorrow for 2");
    CHECK(w, strstr(reply, "have a table") && strstr(reply, "I read a part of the"));
    world_city(w, "drift 0");
}

TEST(a_total_that_changes_between_pages_makes_a_search_incomplete_and_that_is_said)
{
    WORLD(1, &ten_watches, totals_drift);
}

static size_t notices_with(const struct world *w, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < w->sent_count; i++)
        count += !strcmp(w->sent[i].type, "notice") && strstr(w->sent[i].text, part);
    return count;
}

static void people_hear(struct world *w)
{
    world_say(w, "/watch lark 2031-05-09 2");
    world_say_as(w, "ann", "/watch sorrel & ash 2031-05-09 2");
    world_say_as(w, "ann", "/watch lark 2031-05-09 2");
    world_say_as(w, "bob", "/watch lark 2031-05-09 2 every hour");
    world_pass(w, 60000);
    world_city(w, "fault status 502 count 100000 path /4/find");
    world_pass(w, 45000); /* not yet five of their intervals */
    CHECK(w, notices_with(w, "I cannot look for your") == 0);
    world_pass(w, 60 * 60000);
    CHECK(w,
          notices_with(w, "I cannot look for your watches 2 (Sorrel & Ash), 3 (Lark) since") == 1);
    CHECK(w, notices_with(w, "I cannot look for your") == 1); /* the owner has the incident */
    CHECK(w, notices_with(w, "Resy does not answer since ") == 1);
    world_city(w, "no-fault");
    world_pass(w, 10 * 60000);
    CHECK(w, notices_with(
                 w, "I can look again for your watches 2 (Sorrel & Ash), 3 (Lark); for 6") == 1);
    CHECK(w, notices_with(w, "I can look again for your") == 1);
    CHECK(w, notices_with(w, "checks failed. Everything is being checked again") == 1);
    world_pass(w, 60 * 60000);
    CHECK(w, notices_with(w, "look for your") + notices_with(w, "look again for your") == 2);
}

TEST(who_cannot_be_served_for_five_intervals_hears_it_once_and_once_when_it_is_over)
{
    static const struct world_setup ten_seconds = {.interval_ms = 10000};
    WORLD(1, &ten_seconds, people_hear);
}

static void for_good(struct world *w)
{
    world_say_as(w, "ann", "/watch lark 2031-05-09 2 every hour");
    world_say_as(w, "ann", "/watch thimble 2031-05-09 2 every hour");
    world_say_as(w, "bob", "/watch sorrel & ash 2031-05-09 2 every minute");
    world_city(w, "fault bad-json count 100000 path /4/find venue 70129");
    world_city(w, "fault bad-json count 100000 path /4/find venue 70505");
    world_pass(w, 60 * 60000);
    world_city(w, "reset-counts");
    world_pass(w, 6 * 60 * 60000);
    int64_t finds = world_requests(w, "/4/find");
    CHECK(w, finds <= 6 * 60 + 6 * 2 + 20); /* what fails for good keeps its pace */
    world_say_as(w, "ann", "/stop 2");
    world_pass(w, 60 * 60000);
    CHECK(w, notices_with(w, "look again for your") == 0); /* and is not well because it ended */
}

TEST(what_fails_for_good_is_not_asked_more_often_because_others_answer)
{
    WORLD(1, NULL, for_good);
}

static void a_line_a_day(struct world *w)
{
    world_say_as(w, "ann", "/watch lark 2031-05-20 2");
    CHECK(w, strstr(world_say_as(w, "ann", "/settings daily 9am"), "alive: 9:00 AM"));
    world_pass(w, 2 * DAY_MS);
    CHECK(w, notices_with(w, "I am alive. 1 watch, last good check ") == 2);
    CHECK(w, notices_with(w, "Nothing is wrong.") == 2);
    CHECK(w, strstr(world_say_as(w, "ann", "/settings daily off"), "alive: off"));
    world_pass(w, DAY_MS);
    CHECK(w, notices_with(w, "I am alive.") == 2);
    CHECK(w, strstr(world_say_as(w, "ann", "/settings daily lark"), "Say when"));
}

TEST(who_wants_a_line_a_day_gets_it_at_their_hour)
{
    WORLD(1, NULL, a_line_a_day);
}

static void who_spends(struct world *w)
{
    world_say(w, "/watch lark 2031-05-09 2 every 10 seconds");
    world_say(w, "/watch sorrel & ash 2031-05-09 2 every minute");
    world_say_as(w, "ann", "/watch lark 2031-05-09 2 every 10 seconds");
    world_pass(w, 60000);
    SAYS("/status", "Of 7.0 a minute, watch 1 takes 3.0, watch 2 takes 1.0, others 3.0.");
    CHECK(w, strstr(world_last(w, "reply")->text, "I talk by: test."));
    CHECK(w, strstr(world_say_as(w, "ann", "/status"),
                    "Of 7.0 a minute, watch 3 takes 3.0, others 4.0."));
}

TEST(status_says_which_watch_takes_how_much_and_it_adds_up)
{
    WORLD(1, NULL, who_spends);
}

MAIN(
    cmocka_unit_test(what_fails_for_good_is_not_asked_more_often_because_others_answer),

    cmocka_unit_test(
        who_cannot_be_served_for_five_intervals_hears_it_once_and_once_when_it_is_over),
    cmocka_unit_test(who_wants_a_line_a_day_gets_it_at_their_hour),
    cmocka_unit_test(status_says_which_watch_takes_how_much_and_it_adds_up),

    cmocka_unit_test(
        an_hour_of_any_failure_is_one_incident_within_the_budget_and_nobody_waits_for_it),
    cmocka_unit_test(a_total_that_changes_between_pages_makes_a_search_incomplete_and_that_is_said),
    cmocka_unit_test(when_all_that_had_tables_turns_empty_nothing_is_over_until_the_canary_agrees),
    cmocka_unit_test(restaurants_that_really_sell_out_at_once_are_over_within_three_intervals),
    cmocka_unit_test(the_canary_can_be_asked_within_a_budget_that_spaces_checks),
    cmocka_unit_test(one_that_sells_out_needs_no_canary),
    cmocka_unit_test(a_block_that_looks_like_full_is_noticed_where_all_that_is_watched_is_full),
    cmocka_unit_test(a_canary_that_cannot_be_asked_vouches_for_nothing))
