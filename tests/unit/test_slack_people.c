/* Who may talk with it in Slack, and one person on two platforms. */
#include "tests/test.h"

#include "tests/unit/workspace.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .slack = true, .owner = "slack:T1/U1"};

/* --- who may talk --- */

static void strangers(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "say U7 hello");
    TOLD("D7", "your code is");
    TOLD("D1", "asks to talk with me");
    auto_json chat = world_slack(w, "chat D1");
    auto_str all = STR_INIT(100000);
    json_print(&all, chat);
    CHECK(w, strstr(all.buf, "<@U7> asks")); /* whose name its reader sees */
    order(w, "press U1 D1 Approve");
    TOLD("D7", "You are in");
    order(w, "say U7 watches");
    TOLD("D7", "You watch nothing");
}

TEST(a_stranger_is_let_in_by_an_owner_s_button)
{
    SEEDS(&with_owner, strangers);
}

/* --- one person on two platforms --- */

static bool telegram_says(struct world *w, int who, const char *words, char code[16])
{
    for (int i = 0; i < 300; i++) {
        auto_json chat = world_bot(w, "chat %d", who);
        const cJSON *m;
        bool found = false;
        cJSON_ArrayForEach(m, json_array(chat, "messages"))
        {
            const char *at = strstr(json_text_or(m, "text", ""), words);
            found = found || at;
            if (at && code) /* the newest */
                snprintf(code, 16, "%.7s", at + strlen(words));
        }
        if (found)
            return true;
        world_pass(w, 100);
    }
    return false;
}

static void linked(struct world *w)
{
    char code[16] = "";
    json_free(world_bot(w, "say 42 /watch Sorrel & Ash 2031-05-09 2 8pm"));
    CHECK(w, telegram_says(w, 42, "Watch 1 is on", NULL));
    json_free(world_bot(w, "say 42 /link"));
    CHECK(w, telegram_says(w, 42, "minutes:\nlink ", code));
    order(w, "say U9 link ZZZZZZZ");
    order(w, "say U8 watches");
    world_pass(w, MINUTE);
    CHECK(w, !saying(w, "D9", "You are one person"));
    order(w, "say U9 link %s", code);
    TOLD("D9", "You are one person");
    order(w, "say U9 watches");
    TOLD("D9", "1: Sorrel");
    CHECK(w, !saying(w, "D8", "Sorrel"));
    order(w, "say U8 link %s", code); /* used */
    world_pass(w, MINUTE);
    CHECK(w, !saying(w, "D8", "You are one person"));
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    CHECK(w, telegram_says(w, 42, "A table opened", NULL)); /* where it was asked for */
    CHECK(w, !saying(w, "D9", "A table opened"));
    order(w, "slash U9 C1 settings alerts here");
    TOLD("C1", "Alerts: all in our own chat here");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:45");
    TOLD("D9", "A table opened");
    order(w, "home U9");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U9", "Sorrel &amp; Ash"));
}

TEST(a_code_makes_one_person_of_two_and_alerts_go_where_they_want)
{
    static const struct world_setup both = {
        .interval_ms = 10 * SECOND, .slack = true, .telegram = true, .owner = "telegram:42"};
    SEEDS(&both, linked);
}

static void merged(struct world *w)
{
    char code[16] = "";
    json_free(world_bot(w, "say 42 /link"));
    CHECK(w, telegram_says(w, 42, "minutes:\nlink ", code));
    order(w, "say U9 link %s", code);
    TOLD("D9", "You are one person");
    order(w, "say U8 hello");
    TOLD("D9", "T1/U8) asks to talk"); /* the owner, where last heard from */
    order(w, "press U9 D9 Approve");
    TOLD("D8", "You are in");
    order(w, "say U8 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("D8", "Watch 1 is on");
    json_free(world_bot(w, "say 77 hello"));
    TOLD("D9", "number 77");
    order(w, "press U9 D9 Approve");
    CHECK(w, telegram_says(w, 77, "You are in", NULL));
    /* who has one way to be here already gets no second */
    json_free(world_bot(w, "say 42 /link"));
    world_pass(w, 5 * SECOND);
    CHECK(w, telegram_says(w, 42, "minutes:\nlink ", code));
    order(w, "say U8 link %s", code);
    world_pass(w, 10 * SECOND);
    CHECK(w, !saying(w, "D8", "You are one person"));
    /* and an owner who says somebody's code makes nobody an owner */
    json_free(world_bot(w, "say 77 /link"));
    CHECK(w, telegram_says(w, 77, "minutes:\nlink ", code));
    order(w, "slash U9 C1 link %s", code);
    TOLD("C1", "I do not know that code");
    order(w, "slash U8 C1 link %s", code);
    TOLD("C1", "You are one person");
    json_free(world_bot(w, "say 77 /stop 1"));
    CHECK(w, telegram_says(w, 77, "is stopped", NULL));
    json_free(world_bot(w, "say 77 /invite"));
    CHECK(w, telegram_says(w, 77, "Only my owner", NULL));
}

TEST(who_was_known_on_both_is_one_with_the_watches_of_both)
{
    static const struct world_setup both = {
        .interval_ms = 10 * SECOND, .slack = true, .telegram = true, .owner = "telegram:42"};
    SEEDS(&both, merged);
}

MAIN(cmocka_unit_test(a_stranger_is_let_in_by_an_owner_s_button),
     cmocka_unit_test(a_code_makes_one_person_of_two_and_alerts_go_where_they_want),
     cmocka_unit_test(who_was_known_on_both_is_one_with_the_watches_of_both))
