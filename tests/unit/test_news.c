/* Watches that look for no restaurant by name: criteria, and whoever turns up with a table. In the
 * virtual world, against the sandbox's city. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static const struct world_setup ten_seconds = {.interval_ms = 10 * SECOND};

static const char *const seafood[] = {"saltmarsh-radio", "juniper-wharf", "kestrel-oyster-hall"};

static void all_full(struct world *w)
{
    for (size_t i = 0; i < ARRAY_LEN(seafood); i++)
        world_city(w, "full %s any 2", seafood[i]);
}

static bool last_alert_of(struct world *w, const char *venue)
{
    const struct sent *alert = world_last(w, "alert");
    return alert && !strcmp(json_text_or(alert->message, "venue", ""), venue);
}

static void turns_up(struct world *w)
{
    all_full(w);
    SAYS("watch seafood friday for 2", "Watch 1 is on: anything new for seafood, Fri May 9, 2");
    CHECK(w, !strstr(world_last(w, "reply")->text, "already"));
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1 && last_alert_of(w, "Kestrel Oyster Hall"));
    CHECK(w, strstr(world_last(w, "alert")->text, "A table opened: "));
    CHECK(w, strstr(world_last(w, "alert")->text, "not there in "));
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 21:30"); /* it had one: no news */
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "open saltmarsh-radio 2031-05-09 2 18:00");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 2 && last_alert_of(w, "Saltmarsh Radio"));
    SAYS("/why 1", "2 I have told you of");
    SAYS("/watches", "1: anything new for seafood");
}

TEST(a_place_that_newly_has_a_table_is_told_once)
{
    WORLD(1, &ten_seconds, turns_up);
}

static void gone_and_back(struct world *w)
{
    all_full(w);
    world_say(w, "watch seafood friday for 2");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1 && world_count(w, "edit") == 0);
    world_city(w, "full kestrel-oyster-hall any 2");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "edit") == 1);
    CHECK(w, !strcmp(json_text_or(world_last(w, "edit")->message, "state", ""), "gone"));
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15"); /* within the quiet period */
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_pass(w, 30 * MINUTE); /* and still there after it */
    CHECK(w, world_count(w, "alert") == 2);
    world_pass(w, 2 * HOUR);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_place_that_goes_and_comes_back_is_told_again_after_the_quiet_period)
{
    WORLD(1, &ten_seconds, gone_and_back);
}

static void no_news(struct world *w)
{
    all_full(w);
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    SAYS("watch seafood friday for 2", "1 has one already, which is no news");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "full kestrel-oyster-hall any 2");
    world_pass(w, MINUTE);
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1); /* it was full in between: now it is news */
    SAYS("/why 1", "Fri May 9 for 2: places have tables");
}

TEST(what_was_there_when_the_watch_began_is_no_news)
{
    WORLD(1, &ten_seconds, no_news);
}

static void window(struct world *w)
{
    all_full(w);
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 17:00");
    SAYS("watch seafood friday for 2, 7-9pm", "Watch 1 is on");
    world_city(w, "open juniper-wharf 2031-05-09 2 17:30");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    SAYS("/why 1", "Of these 2 had none that you want when I looked closely");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15"); /* the first in the window */
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1 && last_alert_of(w, "Kestrel Oyster Hall"));
    CHECK(w, !strstr(world_last(w, "alert")->text, "5:00 PM"));
    SAYS("/edit 1 5-9pm", "is now"); /* wider: what it did not want before, it looks at again */
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 2 && last_alert_of(w, "Juniper Wharf"));
}

TEST(a_place_is_news_when_it_has_a_table_in_the_window)
{
    WORLD(1, &ten_seconds, window);
}

static void own_view(struct world *w)
{
    all_full(w);
    world_say_as(w, "ann", "watch seafood friday for 2");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    const char *said = world_say_as(w, "bob", "watch seafood friday for 2");
    CHECK(w, strstr(said, "1 has one already"));
    world_say_as(w, "cid", "seafood friday for 2"); /* a mere search takes nobody's news away */
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 3); /* each of both */
    CHECK(w, !strstr(world_say_as(w, "bob", "/watches"), "1: anything"));
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_requests(w, "/3/venuesearch/search") <= 61); /* one search for both */
    CHECK(w, world_requests(w, "/4/find") == 0);                /* nothing new: nobody is asked */
}

TEST(each_watch_has_a_view_of_its_own_and_one_search_serves_all)
{
    WORLD(1, &ten_seconds, own_view);
}

static void edited(struct world *w)
{
    all_full(w);
    world_city(w, "open kestrel-oyster-hall 2031-05-10 2 20:15");
    world_city(w, "open juniper-wharf 2031-05-10 2 20:15");
    world_say(w, "watch seafood friday for 2");
    world_pass(w, MINUTE);
    SAYS("/edit 1 saturday", "Sat May 10");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0); /* another day is another beginning, no burst */
    world_city(w, "open saltmarsh-radio 2031-05-10 2 20:15");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1 && last_alert_of(w, "Saltmarsh Radio"));
}

TEST(other_criteria_are_another_beginning_and_bring_no_burst)
{
    WORLD(1, &ten_seconds, edited);
}

static void paused(struct world *w)
{
    all_full(w);
    world_say(w, "watch seafood friday for 2");
    world_pass(w, MINUTE);
    world_say(w, "/pause 1");
    world_city(w, "reset-counts");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    CHECK(w, world_requests(w, "/3/venuesearch/search") == 0);
    world_say(w, "/resume 1");
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    world_say(w, "/snooze 1 10 minutes");
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_pass(w, 6 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
    world_say(w, "/stop 1");
    world_city(w, "open saltmarsh-radio 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_search_is_paused_silenced_and_stopped_like_any_watch)
{
    WORLD(1, &ten_seconds, paused);
}

static void once(struct world *w)
{
    all_full(w);
    SAYS("/notify seafood friday 2", "until the first");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    SAYS("/watches", "You watch nothing");
}

TEST(until_the_first_place_and_no_further)
{
    WORLD(1, &ten_seconds, once);
}

static void not_whole(struct world *w)
{
    all_full(w);
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_say(w, "watch seafood friday for 2");
    world_pass(w, MINUTE);
    world_city(w, "fault status 502 count 30 path /3/venuesearch");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0); /* failed is not gone, so nothing is new after it */
    world_city(w, "no-fault");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "drift 400"); /* more pages than may be read, and another number each time */
    world_pass(w, MINUTE);
    SAYS("/watches", "failed");
    SAYS("watch italian friday for 2", "pages each time: I would miss some");
    CHECK(w, world_count(w, "alert") == 0);
}

TEST(a_search_that_fails_or_is_not_whole_changes_nothing)
{
    WORLD(1, &ten_seconds, not_whole);
}

static void blocked(struct world *w)
{
    SAYS("watch anything in red hook or williamsburg friday for 2", "");
    world_say(w, "/stop all");
    all_full(w);
    for (size_t i = 0; i < ARRAY_LEN(seafood); i++)
        world_city(w, "open %s 2031-05-09 2 20:15", seafood[i]);
    SAYS("watch seafood friday for 2", "3 have one already");
    world_pass(w, MINUTE);
    world_city(w, "fault empty count 200");
    world_pass(w, 5 * MINUTE);
    world_city(w, "no-fault");
    world_pass(w, 30 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0); /* a block looks like everybody full: not believed */
    CHECK(w, world_count(w, "notice") >= 2);
}

TEST(everybody_gone_at_once_is_not_believed_and_brings_no_burst_when_it_is_over)
{
    WORLD(1, &ten_seconds, blocked);
}

static void looks_again(struct world *w)
{
    all_full(w);
    SAYS("anything new", "Look for something first");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    SAYS("seafood friday for 2", "1 place has a table");
    CHECK(w, !strstr(world_last(w, "reply")->text, "New since"));
    SAYS("anything new", "Nothing new since you looked");
    world_say_as(w, "ann", "seafood friday for 2");
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_pass(w, HOUR);
    CHECK(w, strstr(world_say_as(w, "ann", "whats new"), "1 place has turned up since"));
    SAYS("what is new",
         "1 place has turned up since you looked 60 min ago:"); /* her look took nothing */
    SAYS("what is new", "Nothing new since");
    world_city(w, "open saltmarsh-radio 2031-05-09 2 20:15");
    world_city(w, "fault status 502 count 2 path /3/venuesearch"); /* failed is not gone */
    world_say(w, "seafood friday for 2");
    world_city(w, "no-fault");
    SAYS("seafood friday for 2", "New since you looked ");
    CHECK(w, strstr(world_last(w, "reply")->text, "ago: Saltmarsh Radio."));
}

TEST(a_search_done_again_says_who_has_turned_up_since_this_chat_looked)
{
    WORLD(1, &ten_seconds, looks_again);
}

static void first_look(struct world *w)
{
    all_full(w);
    for (size_t i = 0; i < ARRAY_LEN(seafood); i++)
        world_city(w, "open %s 2031-05-09 2 20:15", seafood[i]);
    world_say_as(w, "ann", "watch seafood friday for 2");
    world_pass(w, 5 * SECOND);
    world_city(w, "fault empty count 2 path /3/venuesearch");
    world_say_as(w, "bob", "watch seafood friday for 2"); /* sees nothing, twice */
    world_city(w, "no-fault");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0); /* and takes nothing away from her */
}

TEST(what_one_person_sees_at_first_changes_nothing_for_the_others)
{
    WORLD(1, &ten_seconds, first_look);
}

static void no_bar(struct world *w)
{
    all_full(w);
    world_say(w, "watch seafood friday for 2 at the bar");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 18:15");
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 21:15");
    world_pass(w, MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, 20 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") <= 3); /* looked at, and not again for the same times */
    SAYS("/edit 1 any day in june", "a week at most");
}

TEST(a_place_without_what_is_wanted_is_not_asked_again_and_again)
{
    WORLD(1, &ten_seconds, no_bar);
}

static void once_gone(struct world *w)
{
    all_full(w);
    world_say(w, "/notify seafood friday 2");
    w->offline = true;
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    world_city(w, "open juniper-wharf 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    world_city(w, "full kestrel-oyster-hall any 2");
    world_pass(w, 2 * MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1 && last_alert_of(w, "Juniper Wharf"));
}

TEST(a_notify_request_takes_the_next_place_when_its_first_one_went_untold)
{
    WORLD(1, &ten_seconds, once_gone);
}

static void in_flight(struct world *w)
{
    all_full(w);
    world_say_as(w, "bob", "watch kestrel oyster hall friday for 2");
    world_say_as(w, "ann", "watch seafood friday for 2");
    world_pass(w, 33 * SECOND);
    world_city(w, "open kestrel-oyster-hall 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2); /* to both */
}

TEST(a_find_that_was_under_way_before_the_hint_settles_nothing)
{
    static const struct world_setup slow = {.interval_ms = 10 * SECOND};
    for (int seed = 1; seed <= 12; seed++)
        WORLD(seed, &slow, in_flight);
}

static void nobody(struct world *w)
{
    SAYS("watch ethiopian in soho friday for 2", "I find no restaurant that fits");
    SAYS("watch seafood any day in june for 2", "a week at most");
    SAYS("/watches", "You watch nothing");
}

TEST(what_cannot_be_watched_is_said)
{
    WORLD(1, &ten_seconds, nobody);
}

MAIN(cmocka_unit_test(what_one_person_sees_at_first_changes_nothing_for_the_others),
     cmocka_unit_test(a_place_without_what_is_wanted_is_not_asked_again_and_again),
     cmocka_unit_test(a_notify_request_takes_the_next_place_when_its_first_one_went_untold),
     cmocka_unit_test(a_find_that_was_under_way_before_the_hint_settles_nothing),
     cmocka_unit_test(a_search_done_again_says_who_has_turned_up_since_this_chat_looked),
     cmocka_unit_test(a_place_that_newly_has_a_table_is_told_once),
     cmocka_unit_test(a_place_that_goes_and_comes_back_is_told_again_after_the_quiet_period),
     cmocka_unit_test(what_was_there_when_the_watch_began_is_no_news),
     cmocka_unit_test(a_place_is_news_when_it_has_a_table_in_the_window),
     cmocka_unit_test(each_watch_has_a_view_of_its_own_and_one_search_serves_all),
     cmocka_unit_test(other_criteria_are_another_beginning_and_bring_no_burst),
     cmocka_unit_test(a_search_is_paused_silenced_and_stopped_like_any_watch),
     cmocka_unit_test(until_the_first_place_and_no_further),
     cmocka_unit_test(a_search_that_fails_or_is_not_whole_changes_nothing),
     cmocka_unit_test(everybody_gone_at_once_is_not_believed_and_brings_no_burst_when_it_is_over),
     cmocka_unit_test(what_cannot_be_watched_is_said))
