/* How often the provider is asked, whoever wishes what; and that one person's wishes are nobody
 * else's. In the virtual world. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Restaurants of the sandbox that book in New York. */
static const char *const places[] = {
    "sorrel-and-ash",
    "marrow-street-kitchen",
    "lark",
    "lumen",
    "lumen-counter",
    "cafe-orle",
    "cafe-orla",
    "otanseys-pantry",
    "nans-fourth-oven",
    "parla-and-pine",
    "the-gilded-turnip",
    "gilded-turnip-tavern",
    "harrow-finch",
    "vesper-quill",
    "four-stools",
    "tidewrack-omakase",
    "midnight-anchovy",
    "trellis-and-bone",
    "hollow-crane",
    "saltmarsh-radio",
    "quince-almanac",
    "brass-heron",
    "juniper-wharf",
    "bitter-almond-social",
    "pigeon-hour",
    "ox-and-apricot",
    "thimble",
    "senor-farol",
    "dovetail-ferry",
    "mossback-tavern",
    "ninth-lamp-noodles",
    "velvet-radish",
    "kestrel-oyster-hall",
    "paper-mulberry",
};

/* "Lark" of "lark": a card's name is found by its slug's words well enough. */
static void watch_as(struct world *w, const char *person, const char *slug, const char *how)
{
    auto_str text = STR_INIT(200);
    str_addf(&text, "/watch %s 2031-05-09 2 %s", slug, how);
    for (char *c = text.buf + 7; *c && *c != ' '; c++)
        *c = (char)(*c == '-' ? ' ' : *c);
    const char *said = world_say_as(w, person, text.buf);
    for (int i = 0; i < 3 && strstr(said, "as often as I may"); i++) {
        world_pass(w, MINUTE); /* as it asks for */
        said = world_say_as(w, person, text.buf);
    }
    if (strstr(said, "Which \"") || strstr(said, "Do you mean"))
        said = world_press_label(w, "reply", "Choose");
    world_check(w, strstr(said, "is on: "), "%s: %s", text.buf, said);
}

static void thirty_four(struct world *w)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        world_city(w, "full %s any 2", places[i]);
        watch_as(w, "ann", places[i], "every minute");
    }
    world_pass(w, 2 * MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    int64_t finds = world_requests(w, "/4/find");
    CHECK(w, finds <= 34 * 10 && finds >= 34 * 9);
    CHECK(w, world_requests(w, "/3/venuesearch/search") == 0);
}

TEST(thirty_four_places_each_minute_are_at_most_thirty_four_requests_a_minute)
{
    assert_int_equal(ARRAY_LEN(places), 34);
    WORLD(1, NULL, thirty_four);
}

/* Two hundred watches of five people over twenty restaurants. */
static void two_hundred(struct world *w)
{
    static const char *const people[] = {"ann", "bob", "cid", "dot", "eve"};
    static const char *const windows[] = {"6pm", "7-9pm"};
    for (size_t p = 0; p < ARRAY_LEN(people); p++)
        for (size_t v = 0; v < 20; v++)
            for (size_t k = 0; k < ARRAY_LEN(windows); k++) {
                if (!p && !k)
                    world_city(w, "full %s any 2", places[v]);
                watch_as(w, people[p], places[v], windows[k]);
            }
    CHECK(w, strstr(world_say(w, "/status"), "200 watches on, 20 questions to Resy"));
    world_pass(w, 2 * MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    int64_t finds = world_requests(w, "/4/find");
    CHECK(w, finds <= 20 * 10 && finds >= 20 * 9);
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 90 * SECOND);
    CHECK(w, world_count(w, "alert") == 5); /* whoever wants it, once each */
}

TEST(two_hundred_watches_over_twenty_places_ask_each_question_once_an_interval)
{
    static const struct world_setup setup = {.interval_ms = MINUTE};
    WORLD(1, &setup, two_hundred);
}

static void slow_down(struct world *w)
{
    watch_as(w, "ann", "lark", "");
    world_pass(w, MINUTE);
    world_city(w, "fault status 429 count 1 retry_after 240");
    world_pass(w, 30 * SECOND);
    world_city(w, "reset-counts");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0); /* told to wait, it waits */
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") > 0);
}

TEST(who_is_told_to_slow_down_does)
{
    static const struct world_setup setup = {.interval_ms = 10 * SECOND};
    WORLD(1, &setup, slow_down);
}

/* Far more is watched than may be asked: everybody is asked, in turn. */
static void nobody_starves(struct world *w)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        world_city(w, "full %s any 2", places[i]);
        world_pass(w, 2 * MINUTE); /* a person is served out of the same budget */
        watch_as(w, i % 2 ? "ann" : "bob", places[i], i ? "every 10 minutes" : "every 20 seconds");
    }
    world_pass(w, 20 * MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, HOUR);
    CHECK(w, world_requests(w, "/4/find") <= 6 * 60);
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        world_city(w, "open %s 2031-05-09 2 20:15", places[i]);
    world_pass(w, 40 * MINUTE);
    size_t told = world_count(w, "alert");
    const struct sent *digest = world_last(w, "digest");
    told += digest ? (size_t)cJSON_GetArraySize(json_array(digest->message, "alerts")) : 0;
    CHECK(w, told == ARRAY_LEN(places));
}

TEST(within_a_small_budget_nobody_starves)
{
    static const struct world_setup setup = {.a_minute = 6, .floor_ms = 20 * SECOND};
    WORLD(1, &setup, nobody_starves);
}

/* --- two people, two chats, one database --- */

static void two_people(struct world *w)
{
    static const char *const meddle[] = {
        "/stop 1", "/pause 1",         "/snooze 1 2 hours", "/edit 1 9pm", "/resume 1",
        "/why 1",  "/rename 1 theirs", "pause lark",        "/undo",       "why lark"};
    world_city(w, "full lark any 2");
    CHECK(w, strstr(world_say_as(w, "ann", "/watch lark 2031-05-09 2"), "Watch 1 is on"));
    CHECK(w, strstr(world_say_as(w, "bob", "/watches"), "You watch nothing"));
    for (size_t i = 0; i < ARRAY_LEN(meddle); i++) {
        const char *said = world_say_as(w, "bob", meddle[i]);
        world_check(
            w, !strstr(said, "Lark") && !strstr(said, "is paused") && !strstr(said, "is stopped"),
            "bob said %s and heard: %s", meddle[i], said);
    }
    CHECK(w, !strstr(world_say_as(w, "bob", "/status"), "Watch 1"));
    CHECK(w, strstr(world_say_as(w, "bob", "/watch lark 2031-05-09 2"), "Watch 2 is on"));
    CHECK(w, strstr(world_say_as(w, "ann", "/watches"), "1: Lark, Fri May 9, 2 people, any time"));
    CHECK(w, !strstr(world_say_as(w, "ann", "/watches"), "2: Lark"));
    world_say_as(w, "bob", "/stop all");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 90 * SECOND);
    CHECK(w, world_count(w, "alert") == 1); /* hers goes on, and is hers alone */
}

TEST(two_people_on_one_database_never_meet)
{
    WORLD(1, NULL, two_people);
}

MAIN(cmocka_unit_test(thirty_four_places_each_minute_are_at_most_thirty_four_requests_a_minute),
     cmocka_unit_test(two_hundred_watches_over_twenty_places_ask_each_question_once_an_interval),
     cmocka_unit_test(who_is_told_to_slow_down_does),
     cmocka_unit_test(within_a_small_budget_nobody_starves),
     cmocka_unit_test(two_people_on_one_database_never_meet))
