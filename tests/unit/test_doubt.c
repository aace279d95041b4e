/* Answers without tables that are not believed, and those that are. In the virtual world. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static const struct world_setup one_minute = {.interval_ms = MINUTE, .quiet_ms = 30 * MINUTE};

#define SEEDS(setup, fn)                                                                           \
    for (int seed_ = 1; seed_ <= 6; seed_++)                                                       \
    WORLD(seed_, setup, fn)

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

MAIN(cmocka_unit_test(when_all_that_had_tables_turns_empty_nothing_is_over_until_the_canary_agrees),
     cmocka_unit_test(restaurants_that_really_sell_out_at_once_are_over_within_three_intervals),
     cmocka_unit_test(the_canary_can_be_asked_within_a_budget_that_spaces_checks),
     cmocka_unit_test(one_that_sells_out_needs_no_canary),
     cmocka_unit_test(a_block_that_looks_like_full_is_noticed_where_all_that_is_watched_is_full),
     cmocka_unit_test(a_canary_that_cannot_be_asked_vouches_for_nothing))
