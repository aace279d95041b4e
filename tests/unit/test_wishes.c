/* Watches of every kind, and what a person does with them: several days, the first table only,
 * seating and fee, pause, silence, titles, edits, reasons. In the virtual world, against the
 * sandbox's city. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static const struct world_setup ten_seconds = {.interval_ms = 10 * SECOND};

static void many_days(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("watch lark any friday or saturday in june for 2, 7-9pm",
         "Watch 1 is on: Lark, 8 days from Fri Jun 6 to Sat Jun 28, 2 people, 7:00 PM to 9:00 PM");
    CHECK(w, strstr(world_last(w, "reply")->text, "That is 8 questions to Resy"));
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open lark 2031-06-14 2 20:15");
    world_city(w, "open lark 2031-06-15 2 20:15"); /* a Sunday: nobody asks */
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Lark, Sat Jun 14, 2 people"));
    world_city(w, "open lark 2031-06-27 2 19:00");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    CHECK(w, !strcmp(json_text_or(world_last(w, "alert")->message, "date", ""), "2031-06-27"));
    SAYS("/watches", "8 days from");
    SAYS("/stop 1", "stopped");
    world_city(w, "reset-counts");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0);
}

TEST(several_days_are_one_watch_and_each_is_told)
{
    WORLD(1, &ten_seconds, many_days);
}

static void many_places(struct world *w)
{
    world_city(w, "full lark any 2");
    world_city(w, "full sorrel-and-ash any 2");
    SAYS("watch lark, thimble or sorrel & ash friday for 2 at 8pm",
         "Watch 1 is on: Lark and 2 more, Fri May 9, 2 people, 7:00 PM to 9:00 PM");
    world_pass(w, MINUTE);
    size_t before = world_count(w, "alert");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == before + 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Sorrel & Ash, Fri May 9, 2 people"));
    SAYS("/why 1", "Lark, Fri May 9 for 2: full");
    SAYS("watch lark, thimble or sorrel & ash friday for 2 at 8pm", "You have that already");
    SAYS("lark or sorrel & ash friday for 2", "Lark, Fri May 9, 2 people, any time: full for now");
    CHECK(w,
          strstr(world_last(w, "reply")->text, "Sorrel & Ash, Fri May 9, 2 people, any time: 8"));
    SAYS("ox and apricot friday for 2", "Ox and Apricot, Fri May 9"); /* one name */
    SAYS("lark or xyzzyx friday for 2", "I did not understand \"or xyzzyx\"");
}

TEST(several_restaurants_are_one_watch_and_each_is_told)
{
    WORLD(1, &ten_seconds, many_places);
}

static void first_only(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/notify lark friday or saturday for 2", "until the first");
    world_pass(w, MINUTE);
    world_city(w, "open lark 2031-05-10 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "it is over"));
    SAYS("/watches", "You watch nothing");
    SAYS("/why 1", "It found its table");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_city(w, "reset-counts");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, world_requests(w, "/4/find") == 0);
}

TEST(a_notify_request_is_over_with_the_first_table)
{
    WORLD(1, &ten_seconds, first_only);
}

/* Nobody could be told, and the table went: that is not what it was for. */
static void not_found_yet(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/notify lark friday for 2", "until the first");
    world_pass(w, MINUTE);
    w->offline = true;
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    world_city(w, "full lark any 2");
    world_pass(w, MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("/watches", "1: Lark");
}

TEST(a_notify_request_whose_table_went_before_it_could_be_told_goes_on)
{
    WORLD(1, &ten_seconds, not_found_yet);
}

/* Two tables open; the first is gone before it could be told: the other one is told then. */
static void the_other_one(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/notify lark friday or saturday for 2", "until the first");
    world_pass(w, MINUTE);
    w->offline = true;
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    world_city(w, "open lark 2031-05-10 2 21:00");
    world_pass(w, MINUTE);
    world_city(w, "close lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Sat May 10"));
    SAYS("/watches", "You watch nothing");
}

TEST(a_notify_request_takes_the_next_table_when_its_first_one_went_untold)
{
    WORLD(1, &ten_seconds, the_other_one);
}

static void edited_away(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark friday for 2", "Watch 1 is on");
    world_pass(w, MINUTE);
    w->offline = true;
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    w->offline = false;
    SAYS("/edit 1 saturday", "Sat May 10");
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("/edit 1 2040-01-01", "");
    CHECK(w, !strstr(world_last(w, "reply")->text, "is now"));
    SAYS("/edit 1 for 19", "");
    CHECK(w, !strstr(world_last(w, "reply")->text, "is now"));
}

TEST(an_alert_that_waits_is_not_sent_when_its_watch_wants_something_else)
{
    WORLD(1, &ten_seconds, edited_away);
}

static void long_pause(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark 2031-07-11 for 2", "Watch 1 is on");
    SAYS("/pause 1", "is paused");
    env_sim_jump_wall(w->env, 40 * 24 * HOUR);
    world_pass(w, 2 * HOUR); /* what is old is deleted */
    SAYS("/watch lark 2031-07-11 for 2", "It is paused");
    SAYS("/resume 1", "goes on: Lark, Fri Jul 11, 2 people");
    world_city(w, "open lark 2031-07-11 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(a_watch_that_was_paused_for_weeks_still_knows_what_to_ask)
{
    WORLD(1, &ten_seconds, long_pause);
}

static void pauses(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark friday for 2", "Watch 1 is on");
    world_pass(w, MINUTE);
    SAYS("pause lark", "Watch 1 is paused");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_city(w, "reset-counts");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("/watches", "Paused");
    SAYS("/why 1", "It is paused");
    CHECK(w, strstr(world_say(w, "resume watch 1"), "goes on"));
    world_pass(w, 15 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(a_paused_watch_asks_nothing_and_hears_what_is_open_when_it_goes_on)
{
    WORLD(1, &ten_seconds, pauses);
}

/* Another watch goes on asking the same: the answers stay the same too. */
static void pauses_beside(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark friday for 2", "Watch 1 is on");
    world_say_as(w, "ann", "/watch lark friday for 2");
    SAYS("/pause 1", "paused");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    SAYS("/resume 1", "goes on");
    world_pass(w, 15 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
    world_pass(w, HOUR);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_watch_that_goes_on_is_told_though_the_answers_did_not_change)
{
    WORLD(1, &ten_seconds, pauses_beside);
}

static void snoozes(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark friday for 2", "Watch 1 is on");
    world_pass(w, MINUTE);
    SAYS("snooze lark for 30 minutes", "Watch 1 is silent for 30 min");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_city(w, "open lark 2031-05-09 2 21:15");
    world_pass(w, 10 * MINUTE);
    world_city(w, "close lark 2031-05-09 2 21:15");
    world_pass(w, 15 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("why lark", "It is silent until");
    world_pass(w, 6 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "8:15 PM"));
    CHECK(w, !strstr(world_last(w, "alert")->text, "9:15 PM"));
    CHECK(w,
          strstr(world_press_label(w, "alert", "Snooze watch 1"), "Watch 1 is silent for 60 min"));
    CHECK(w, strstr(world_press_label(w, "reply", "Resume"), "goes on"));
    SAYS("/snooze 1 a year", "For how long?");
}

TEST(a_silent_watch_is_told_afterwards_what_is_open_then)
{
    WORLD(1, &ten_seconds, snoozes);
}

static void edits(struct world *w)
{
    world_city(w, "full lark any *");
    world_city(w, "open lark 2031-05-09 2 17:30");
    SAYS("/watch lark friday for 2 8-9pm", "Watch 1 is on");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("/why 1", "There is 1 table outside your times (5:30 PM)");
    SAYS("/edit 1 5-9pm", "Watch 1 is now: Lark, Fri May 9, 2 people, 5:00 PM to 9:00 PM");
    world_pass(w, 15 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    SAYS("edit lark saturday and sunday for 4",
         "2 days from Sat May 10 to Sun May 11, 4 people, 5:00 PM to 9:00 PM");
    world_city(w, "reset-counts");
    world_city(w, "open lark 2031-05-11 4 20:00");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    SAYS("/edit 1 friday for 2", "Fri May 9, 2 people");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2); /* it was told of that table within the half hour */
    SAYS("/edit 1 every 2 minutes", "is now");
    SAYS("/watches", "Every 2 min");
    SAYS("/edit 1 nonsense", "I did not understand \"nonsense\"");
    SAYS("/edit 1", "Say what is to change");
    SAYS("/edit 7 for 3", "You have no watch 7");
    SAYS("/edit 1 yesterday", "over already");
    SAYS("/rename 1 to Our anniversary", "\"Our anniversary\": Lark");
    SAYS("pause our anniversary", "is paused");
}

TEST(an_edited_watch_hears_at_once_what_it_wants_now)
{
    WORLD(1, &ten_seconds, edits);
}

static void terms(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("watch lark friday for 2 at the bar, fee up to $20, every 5 minutes",
         "Lark, Fri May 9, 2 people, any time, bar, fee at most $20");
    CHECK(w, strstr(world_last(w, "reply")->text, "every 5 min"));
    world_city(w, "open lark 2031-05-09 2 20:15 seating Dining Room");
    world_city(w, "open lark 2031-05-09 2 20:30 seating Bar fee 50");
    world_pass(w, 6 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("why", "1 table of another seating (8:15 PM). There is 1 table with a higher fee");
    world_city(w, "open lark 2031-05-09 2 21:00 seating Bar fee 20");
    world_pass(w, 6 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "9:00 PM (Bar, fee $20)"));
    SAYS("/edit 1 any fee", "any time, bar.");
    world_pass(w, 6 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(seating_fee_and_pace_are_the_watchs_own)
{
    WORLD(1, &ten_seconds, terms);
}

static void explains(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark friday for 2", "on");
    SAYS("/watch the ivory paddock friday for 2", "on");
    SAYS("/watch lark 2031-07-20 for 2", "on");
    world_pass(w, MINUTE);
    SAYS("/why 1", "full, in ");
    SAYS("/why 2", "closed for good");
    SAYS("/why 3", "not released yet");
    world_city(w, "fault status 502 path /4/find");
    world_pass(w, 2 * MINUTE);
    SAYS("/why 1", "I do not know how it is now");
    SAYS("/stop 1", "stopped");
    SAYS("/why 1", "You stopped it");
    SAYS("/why 9", "You have no watch 9");
    CHECK(w, strstr(world_say_as(w, "ann", "/why 2"), "You have no watch 2"));
    CHECK(w, strstr(world_say_as(w, "ann", "/pause 2"), "You have no watch 2"));
    CHECK(w, strstr(world_say_as(w, "ann", "/edit 2 for 3"), "You have no watch 2"));
    CHECK(w, strstr(world_say_as(w, "ann", "/rename 2 Mine"), "You have no watch 2"));
    CHECK(w, strstr(world_say_as(w, "ann", "why"), "You watch nothing"));
}

TEST(why_tells_the_reason_with_its_evidence)
{
    WORLD(1, &ten_seconds, explains);
}

static void limits(struct world *w)
{
    w->services->options.questions_per_person = 10;
    SAYS("watch lark any night next week for 2", "Watch 1 is on");
    SAYS("watch thimble any night next week for 2",
         "You ask 7 already, this would add 7, and the limit is 10");
    SAYS("/edit 1 tomorrow", "is now");
    SAYS("watch thimble any night next week for 2", "Watch 2 is on");
}

TEST(the_limit_counts_questions_and_is_said_plainly)
{
    WORLD(1, &ten_seconds, limits);
}

static void clock_goes_back(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/watch lark saturday for 2", "on");
    world_pass(w, MINUTE);
    world_city(w, "open lark 2031-05-10 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    env_sim_jump_wall(w->env, -2 * HOUR);
    world_city(w, "close lark 2031-05-10 2 20:15");
    world_pass(w, 2 * MINUTE);
    world_city(w, "open lark 2031-05-10 2 20:15");
    world_pass(w, 45 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_clock_that_goes_back_does_not_keep_a_table_from_being_told_again)
{
    WORLD(1, &ten_seconds, clock_goes_back);
}

/* Finds within so long: of the watch, and twice an hour the canary's. */
static int64_t asked_within(struct world *w, int64_t ms)
{
    world_city(w, "reset-counts");
    world_pass(w, ms);
    return world_requests(w, "/4/find");
}

static void paces(struct world *w)
{
    world_city(w, "full lark any 2");
    world_city(w, "full thimble any 2");
    SAYS("/watch lark 2031-07-20 2", "I ask Resy every 3 min"); /* over 30 days ahead */
    int64_t far = asked_within(w, HOUR);
    CHECK(w, far >= 19 && far <= 24);
    SAYS("/edit 1 2031-05-20", "Tue May 20");
    int64_t near = asked_within(w, HOUR);
    CHECK(w, near >= 58 && near <= 64);
    SAYS("/edit 1 tomorrow", "May 6");
    int64_t last_day = asked_within(w, HOUR); /* from this evening on */
    CHECK(w, last_day >= 58 && last_day <= 64);
    world_pass(w, 6 * HOUR);
    last_day = asked_within(w, HOUR);
    CHECK(w, last_day >= 115 && last_day <= 124);
    SAYS("/watches", "Every 30 s");
    SAYS("/edit 1 every 5 minutes", "Lark"); /* who says how often, has it so */
    int64_t chosen = asked_within(w, HOUR);
    CHECK(w, chosen >= 11 && chosen <= 16);
    SAYS("/stop 1", "stopped");
    SAYS("/watch thimble 2031-05-21 2", "Watch 2 is on"); /* 14 days ahead at 9 AM: on May 7 */
    world_pass(w, world_time("America/New_York", "2031-05-07", 9 * 60 - 10) - env_wall_ms(w->env));
    int64_t before = asked_within(w, 8 * MINUTE);
    int64_t release = asked_within(w, 15 * MINUTE);
    CHECK(w, before >= 7 && before <= 11);
    CHECK(w, release >= 43 && release <= 48);
    CHECK(w, asked_within(w, 10 * MINUTE) <= 20);
}

TEST(pace_is_by_fixed_rules_slower_far_ahead_faster_in_the_last_day_and_at_a_release)
{
    static const struct world_setup polite = {.interval_ms = MINUTE, .floor_ms = 20 * SECOND};
    WORLD(1, &polite, paces);
}

static void calendar_first(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("watch lark any day in may for 2, 7-9pm",
         "For so many days I ask Resy's calendar every 10 s");
    world_pass(w, MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_requests(w, "/4/venue/calendar") >= 55);
    CHECK(w, world_requests(w, "/4/find") == 0);   /* 26 days, and not one is asked */
    world_city(w, "open lark 2031-05-20 2 17:00"); /* nothing in the window yet */
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    int64_t finds = world_requests(w, "/4/find");
    CHECK(w, finds >= 4 && finds <= 7); /* that day alone */
    world_city(w, "open lark 2031-05-20 2 20:15");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Lark, Tue May 20"));
    world_city(w, "full lark 2031-05-20 2");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "edit") == 1); /* asked until it was gone */
    world_city(w, "reset-counts");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0);
    SAYS("/why 1", "its calendar for 2: asked ");
    world_city(w, "open lark 2031-05-20 2 20:15");
    world_pass(w, 31 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2); /* again, when the quiet period is over */
    world_city(w, "fault status 502 count 1000 path /4/venue/calendar");
    world_pass(w, 5 * MINUTE); /* three failures in a row, and the days are asked without it */
    world_city(w, "open lark 2031-05-25 2 20:15");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 3);
    world_city(w, "no-fault");
    world_pass(w, 10 * MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, MINUTE);
    finds = world_requests(w, "/4/find");
    CHECK(w, finds >= 10 && finds <= 14); /* the two days that have some */
    SAYS("/edit 1 may 20", "Tue May 20");
    world_city(w, "reset-counts");
    world_pass(w, MINUTE);
    CHECK(w, world_requests(w, "/4/venue/calendar") == 0);
}

TEST(of_many_days_the_calendar_is_asked_and_a_day_only_where_it_has_tables)
{
    WORLD(1, &ten_seconds, calendar_first);
}

static void hourly(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/hourly lark 2 around 8pm",
         "Lark, any of the next 30 days, 2 people, 7:00 PM to 9:00 PM");
    CHECK(w, strstr(world_last(w, "reply")->text, "calendar every 60 min"));
    world_city(w, "reset-counts");
    world_pass(w, 24 * HOUR);
    int64_t asked = world_requests(w, "/4/venue/calendar");
    CHECK(w, asked >= 23 && asked <= 26);
    world_city(w, "open lark 2031-05-20 2 20:15");
    world_pass(w, 65 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Lark, Tue May 20, 2 people"));
    world_pass(w, 2 * DAY_MS); /* a day that was beyond the thirty when it began */
    world_city(w, "open lark 2031-06-06 2 20:15");
    world_pass(w, 65 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    SAYS("/watches", "1: Lark, any of the next 30 days"); /* it does not end by itself */
    SAYS("/hourly lark friday 2", "For certain days, say /watch");
    SAYS("/stop 1", "stopped");
}

TEST(the_hourly_list_really_runs_and_moves_on_with_the_calendar)
{
    WORLD(1, &ten_seconds, hourly);
}

static void party_range(struct world *w)
{
    world_city(w, "full lark any *");
    SAYS("watch lark friday for 2 to 4 people", "Fri May 9, 2 to 4 people");
    CHECK(w, strstr(world_last(w, "reply")->text, "That is 3 questions"));
    world_pass(w, MINUTE);
    world_city(w, "open lark 2031-05-09 3 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, strstr(world_last(w, "alert")->text, "Lark, Fri May 9, 3 people"));
    world_city(w, "open lark 2031-05-09 4 20:15"); /* the same table, for one more */
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "open lark 2031-05-09 4 21:45");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    SAYS("/edit 1 3-4 people", "3 to 4 people");
    SAYS("/edit 1 2 people", "2 people");
    CHECK(w, !strstr(world_last(w, "reply")->text, " to 2 people"));
    SAYS("watch sorrel & ash saturday 2-3 people", "2 to 3 people");
}

TEST(a_range_of_people_asks_for_each_and_tells_a_table_once)
{
    WORLD(1, &ten_seconds, party_range);
}

static void record(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("/venue lark", "It says that it releases tables 30 days ahead at 9:00 AM.");
    CHECK(w, !strstr(world_last(w, "reply")->text, "tables open here"));
    world_say(w, "/watch lark 2031-05-20 2");
    world_pass(w, MINUTE);
    for (int i = 0; i < 4; i++) { /* Monday noon, then three on Tuesday evening */
        world_city(w, "open lark 2031-05-20 2 2%d:15", i % 3);
        world_pass(w, 5 * MINUTE);
        world_city(w, "full lark 2031-05-20 2");
        world_pass(w, i ? 10 * MINUTE : 29 * HOUR);
    }
    SAYS("/venue lark", "I saw 4 tables open here; most on Tuesdays (3) and between 5:00 PM and "
                        "6:00 PM (3). Half of them were gone within 5 min.");
    world_say(w, "/stop 1");
    struct service_options options = services_options(w->services);
    options.record_days = 1;
    services_set_options(w->services, &options);
    world_pass(w, 27 * HOUR);
    SAYS("/venue lark", "Lark");
    CHECK(w, !strstr(world_last(w, "reply")->text, "tables open here")); /* long forgotten */
}

TEST(when_tables_open_and_how_long_they_last_is_remembered_and_said)
{
    WORLD(1, &ten_seconds, record);
}

static const struct guide_place listed[] = {
    {"Lark", "French", "Lower East Side"},
    {"Turnip", "pub", "Chelsea"}, /* there are two of nearly that name there */
    {"Sorrel and Ash", "American", "East Village"},
    {"Nineteen Embers", "sushi", "Lower East Side"}, /* another site books it */
    {"Copper Lantern", "steakhouse", "TriBeCa"},     /* the provider says more */
    {"Harrow Finch", "British", "Soho"},             /* by its very name, elsewhere in the city */
    {"Nobody's Table", "American", "Chelsea"},
};
static const struct guide tough = {
    "Toughest Tables", "toughest", "The Guide", "https://guide.test/",
    "May 2031",        "ny",       listed,      ARRAY_LEN(listed)};

static void whole_list(struct world *w)
{
    w->services->guides = &tough;
    w->services->guide_count = 1;
    world_city(w, "full lark any 2");
    world_city(w, "full sorrel-and-ash any 2");
    world_city(w, "full copper-lantern-chop-room any 2");
    world_city(w, "full harrow-finch any 2");
    SAYS("/toughest", "Toughest Tables, by The Guide:");
    CHECK(w, strstr(world_last(w, "reply")->text, "The list is that of The Guide"));
    world_city(w, "reset-counts");
    SAYS("/notify all on the toughest list friday 2",
         "Watch 1 is on: \"Toughest Tables\": Lark and 3 more, Fri May 9, 2 people, any time, "
         "each until its first");
    const char *said = world_last(w, "reply")->text;
    CHECK(w, strstr(said, "Not on Resy, or not by that name: Turnip, Nineteen Embers, "
                          "Nobody's Table."));
    CHECK(w, strstr(said, "The list is that of The Guide"));
    CHECK(w, world_requests(w, "/3/venuesearch/search") >= 7);
    world_city(w, "reset-counts");
    SAYS("/notify the toughest list friday for 2", "You have that already");
    CHECK(w, world_requests(w, "/3/venuesearch/search") == 0); /* who they are is kept */
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "open lark 2031-05-09 2 21:15"); /* it has been told of that place */
    world_city(w, "open harrow-finch 2031-05-09 2 21:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    SAYS("/watches", "Sorrel & Ash and 1 more");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_city(w, "open copper-lantern-chop-room 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 4);
    SAYS("/watches", "You watch nothing");
}

TEST(a_guides_whole_list_is_one_watch_that_tells_each_place_once)
{
    WORLD(1, &ten_seconds, whole_list);
}

static void updates(struct world *w)
{
    world_city(w, "full sorrel-and-ash any 2");
    SAYS("/watch Sorrel & Ash 2031-05-09 2 8pm", "Watch 1 is on");
    world_pass(w, 60 * SECOND);
    SAYS("any news on sorrel?", "Nothing so far; /why 1");
    CHECK(w, !strstr(world_say(w, "/watches"), "Told lately"));
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15,20:30");
    world_pass(w, 5 * MINUTE);
    SAYS("/watches 1", "It has found:\n- Sorrel & Ash, Fri May 9, 2 people, 2 tables from 8:15 PM: "
                       "2 still there, told 5 min ago.");
    world_city(w, "close sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    SAYS("/watches", "Told lately:\n- Sorrel & Ash, Fri May 9, 2 people, 2 tables from 8:15 PM: "
                     "1 still there");
    CHECK(w, !strstr(world_say_as(w, "ann", "/watches"), "Sorrel"));
    CHECK(w, strstr(world_say_as(w, "ann", "/watches 1"), "no watch 1"));
}

TEST(what_a_watch_has_found_is_told_when_asked_and_to_its_person_alone)
{
    WORLD(1, &ten_seconds, updates);
}

static void most_wanted(struct world *w)
{
    world_city(w, "full sorrel-and-ash any 2");
    SAYS("/watch Sorrel & Ash 2031-05-09 2 around 8pm", "Watch 1 is on");
    SAYS("/watch Sorrel & Ash 2031-05-10 2 after 6pm", "Watch 2 is on");
    SAYS("/watch Sorrel & Ash 2031-05-11 2", "Watch 3 is on");
    world_pass(w, MINUTE);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 19:15,19:45,20:15,20:45");
    world_pass(w, 12 * SECOND);
    CHECK(w, strstr(world_last(w, "alert")->text, "7:45 PM (Dining Room), 8:15 PM (Dining Room), "
                                                  "7:15 PM (Dining Room), 8:45 PM"));
    world_city(w, "open sorrel-and-ash 2031-05-10 2 21:00,18:30");
    world_pass(w, 12 * SECOND);
    CHECK(w, strstr(world_last(w, "alert")->text, "\n6:30 PM (Dining Room), 9:00 PM"));
    world_city(w, "open sorrel-and-ash 2031-05-11 2 21:00,18:30");
    world_pass(w, 12 * SECOND);
    CHECK(w, strstr(world_last(w, "alert")->text, "\n6:30 PM (Dining Room), 9:00 PM"));
}

TEST(the_times_of_an_alert_are_told_the_most_wanted_first)
{
    WORLD(1, &ten_seconds, most_wanted);
}

MAIN(cmocka_unit_test(the_times_of_an_alert_are_told_the_most_wanted_first),
     cmocka_unit_test(what_a_watch_has_found_is_told_when_asked_and_to_its_person_alone),
     cmocka_unit_test(the_hourly_list_really_runs_and_moves_on_with_the_calendar),
     cmocka_unit_test(of_many_days_the_calendar_is_asked_and_a_day_only_where_it_has_tables),
     cmocka_unit_test(a_range_of_people_asks_for_each_and_tells_a_table_once),
     cmocka_unit_test(when_tables_open_and_how_long_they_last_is_remembered_and_said),
     cmocka_unit_test(
         pace_is_by_fixed_rules_slower_far_ahead_faster_in_the_last_day_and_at_a_release),
     cmocka_unit_test(a_guides_whole_list_is_one_watch_that_tells_each_place_once),
     cmocka_unit_test(a_notify_request_takes_the_next_table_when_its_first_one_went_untold),
     cmocka_unit_test(an_alert_that_waits_is_not_sent_when_its_watch_wants_something_else),
     cmocka_unit_test(a_watch_that_was_paused_for_weeks_still_knows_what_to_ask),
     cmocka_unit_test(several_restaurants_are_one_watch_and_each_is_told),
     cmocka_unit_test(several_days_are_one_watch_and_each_is_told),
     cmocka_unit_test(a_notify_request_is_over_with_the_first_table),
     cmocka_unit_test(a_notify_request_whose_table_went_before_it_could_be_told_goes_on),
     cmocka_unit_test(a_paused_watch_asks_nothing_and_hears_what_is_open_when_it_goes_on),
     cmocka_unit_test(a_watch_that_goes_on_is_told_though_the_answers_did_not_change),
     cmocka_unit_test(a_silent_watch_is_told_afterwards_what_is_open_then),
     cmocka_unit_test(an_edited_watch_hears_at_once_what_it_wants_now),
     cmocka_unit_test(seating_fee_and_pace_are_the_watchs_own),
     cmocka_unit_test(why_tells_the_reason_with_its_evidence),
     cmocka_unit_test(the_limit_counts_questions_and_is_said_plainly),
     cmocka_unit_test(a_clock_that_goes_back_does_not_keep_a_table_from_being_told_again))
