/* The heart: a table that opens is told within an interval, once; nothing else is. In the virtual
 * world, against the sandbox's city. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static const struct world_setup ten_seconds = {.interval_ms = 10 * SECOND};

/* Every world is lived through with several interleavings. */
static void opens(struct world *w)
{
    CHECK(w, strstr(world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm"), "Watch 1 is on"));
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 0);
    int64_t opened = env_wall_ms(w->env);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && alert->at_ms - opened <= 11 * SECOND);
    CHECK(w, alert && strstr(alert->text, "8:15 PM"));
    CHECK(w, alert && strstr(alert->text, "Fri May 9"));
    CHECK(w, alert && strstr(alert->text, "checks since"));
    CHECK(w, alert && cJSON_IsFalse(json_at(alert->message, "open_now")));
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(a_table_that_opens_is_told_once_within_an_interval)
{
    SEEDS(&ten_seconds, opens);
}

static void open_already(struct world *w)
{
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 2 * SECOND);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && cJSON_IsTrue(json_at(alert->message, "open_now")));
    CHECK(w, alert && !strncmp(alert->text, "Open now", 8));
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(what_is_open_when_a_watch_begins_is_told_at_once_as_open_now)
{
    SEEDS(&ten_seconds, open_already);
}

static void second_watch_hears_too(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "reset-counts");
    world_say_as(w, "ann", "/watch Sorrel & Ash 2031-05-09 2 7-9pm");
    world_pass(w, 15 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
    world_pass(w, 85 * SECOND);
    CHECK(w, world_requests(w, "/4/find") <= 11);
}

TEST(a_second_watch_of_one_question_costs_nothing_and_hears_what_is_open)
{
    SEEDS(&ten_seconds, second_watch_hears_too);
}

static void flaps(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 30 * SECOND);
    for (int i = 0; i < 20; i++) {
        world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
        world_pass(w, 30 * SECOND);
        world_city(w, "close sorrel-and-ash 2031-05-09 2 20:15");
        world_pass(w, 30 * SECOND);
    }
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, world_count(w, "edit") >= 20);
    world_pass(w, 40 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(twenty_flaps_in_ten_minutes_are_one_alert_and_open_for_good_is_another)
{
    SEEDS(&ten_seconds, flaps);
}

static void reopens_and_stays(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 30 * SECOND);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    world_city(w, "close sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    const struct sent *edit = world_last(w, "edit");
    CHECK(w, edit && !strcmp(json_text_or(edit->message, "state", ""), "gone"));
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    edit = world_last(w, "edit");
    CHECK(w, edit && !strcmp(json_text_or(edit->message, "state", ""), "open"));
    CHECK(w, world_count(w, "alert") == 1);
    world_pass(w, 30 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2); /* still open when the quiet period ended */
    world_pass(w, 120 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_table_that_comes_back_edits_its_message_and_is_told_anew_when_the_quiet_period_ends)
{
    SEEDS(&ten_seconds, reopens_and_stays);
}

static void one_glitch(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 15 * SECOND);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    world_city(w, "fault empty count 1 path /4/find"); /* one answer lacks it */
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, world_count(w, "edit") == 0);
}

TEST(one_answer_without_the_table_closes_nothing)
{
    SEEDS(&ten_seconds, one_glitch);
}

static void windows(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 7pm-9pm");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 18:45,21:15");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open sorrel-and-ash 2031-05-09 4 20:00");
    world_city(w, "open sorrel-and-ash 2031-05-10 2 20:00");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 19:00,21:00");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && cJSON_GetArraySize(json_array(alert->message, "times")) == 2);
}

TEST(only_the_asked_day_party_and_window_are_told_borders_included)
{
    SEEDS(&ten_seconds, windows);
}

static void after_midnight(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 11pm-1am");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 24:30");
    world_pass(w, 60 * SECOND);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && strstr(alert->text, "12:30 AM"));
    CHECK(w, alert && !strcmp(json_text_or(alert->message, "date", ""), "2031-05-09"));
    /* At 00:10 of the tenth the night of the ninth is still on. */
    world_city(w, "close sorrel-and-ash 2031-05-09 2 24:30");
    world_pass(w, world_time("EST5EDT", "2031-05-10", 10) - env_wall_ms(w->env));
    size_t before = world_count(w, "alert");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 24:45");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == before + 1);
    world_pass(w, 60 * MINUTE);
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "has ended"));
}

TEST(a_slot_after_midnight_belongs_to_the_night_before)
{
    static const struct world_setup setup = {.interval_ms = 30 * SECOND};
    for (int seed = 1; seed <= 3; seed++)
        WORLD(seed, &setup, after_midnight);
}

static void provider_fails(struct world *w, const char *fault, const char *says)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 30 * SECOND);
    size_t notices = world_count(w, "notice");
    world_city(w, "fault %s path /4/find", fault);
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "notice") == notices + 1);
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, says));
    CHECK(w, notice && strstr(notice->text, "1 watch is affected"));
    CHECK(w, world_count(w, "alert") == 0);
    CHECK(w, strstr(world_say(w, "/status"), "Trouble for"));
    world_city(w, "no-fault");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 70 * MINUTE);
    CHECK(w, world_count(w, "notice") == notices + 2);
    notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "answers again"));
    CHECK(w, world_count(w, "alert") == 1);
}

#define PROVIDER(name, fault, says)                                                                \
    static void name##_fails(struct world *w)                                                      \
    {                                                                                              \
        provider_fails(w, fault, says);                                                            \
    }
PROVIDER(hang, "hang", "does not answer")
PROVIDER(error_500, "status 502", "does not answer")
PROVIDER(cut, "cut", "does not answer")
PROVIDER(challenge, "challenge", "refusing my requests")
PROVIDER(html, "html", "refusing my requests")
PROVIDER(shape, "shape", "cannot read")
PROVIDER(deep, "deep", "cannot read")
PROVIDER(bad_json, "bad-json", "cannot read")
PROVIDER(limited, "status 429 retry_after 30", "slow down")
PROVIDER(refused_key, "status 419", "refuses my key")
PROVIDER(redirect, "redirect", "refuses my key")

TEST(each_failure_of_the_provider_is_told_once_with_its_cause_and_once_when_it_is_over)
{
    static world_fn *const fails[] = {
        hang_fails, error_500_fails, cut_fails,     challenge_fails,   html_fails,    shape_fails,
        deep_fails, bad_json_fails,  limited_fails, refused_key_fails, redirect_fails};
    for (size_t i = 0; i < ARRAY_LEN(fails); i++)
        WORLD(100 + i, &ten_seconds, fails[i]);
}

static void failed_checks(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "fault status 503 path /4/find count 6");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "edit") == 0);
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(failed_is_not_full)
{
    SEEDS(&ten_seconds, failed_checks);
}

static void answer_lost(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    w->lose = 1;
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && alert->repeat && strstr(alert->text, "You may have this already"));
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(an_alert_whose_sending_was_not_confirmed_is_sent_again_and_says_so)
{
    SEEDS(&ten_seconds, answer_lost);
}

static void nobody_there(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    w->offline = true;
    world_city(w, "open-for 60 sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 0); /* over before it could be said */
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:30");
    world_pass(w, 60 * SECOND);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && strstr(alert->text, "1 other table opened and closed"));
}

TEST(an_alert_that_is_over_before_it_could_be_sent_is_counted_in_the_next)
{
    SEEDS(&ten_seconds, nobody_there);
}

static void attended_late(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    w->offline = true;
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && !alert->repeat);
}

TEST(an_alert_waits_for_somebody_to_be_there)
{
    SEEDS(&ten_seconds, attended_late);
}

static void clock_jumps(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 25 * SECOND);
    env_sim_jump_wall(w->env, -6 * 60 * MINUTE);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    env_sim_jump_wall(w->env, 8 * 60 * MINUTE); /* a machine that slept */
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:30");
    world_city(w, "reset-counts");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
    CHECK(w, world_requests(w, "/4/find") <= 5); /* no burst to catch up */
}

TEST(a_clock_that_jumps_and_a_machine_that_slept_lose_nothing_and_make_no_burst)
{
    SEEDS(&ten_seconds, clock_jumps);
}

static void many_sleep(struct world *w)
{
    for (int i = 0; i < 40; i++) {
        char line[100];
        snprintf(line, sizeof(line), "/watch Sorrel & Ash %s 2",
                 i % 2 ? "2031-05-09" : "2031-05-10");
        char date[16];
        date_text(date_add((struct date){2031, 5, 9}, i), date);
        snprintf(line, sizeof(line), "/watch Lark %s 2", date);
        world_say(w, line);
    }
    world_pass(w, 5 * MINUTE);
    env_sim_sleep_machine(w->env, 3 * 60 * MINUTE);
    world_pass(w, 6 * SECOND);
    world_city(w, "reset-counts");
    world_pass(w, 60 * SECOND);
    int64_t in_a_minute = world_requests(w, "/4/find");
    CHECK(w, in_a_minute >= 30 && in_a_minute <= 90);
}

TEST(forty_questions_after_a_sleep_are_spread_and_not_fired_at_once)
{
    WORLD(1, NULL, many_sleep);
}

static void spring_forward(struct world *w)
{
    /* New York, 2031-03-09: 02:00 becomes 03:00. */
    world_say(w, "/watch Sorrel & Ash 2031-03-09 2 8pm");
    world_pass(w, 3 * 60 * MINUTE);
    world_city(w, "open sorrel-and-ash 2031-03-09 2 20:15");
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    int64_t until = world_time("EST5EDT", "2031-03-09", 21 * 60);
    world_pass(w, until - env_wall_ms(w->env) - 30 * SECOND);
    CHECK(w, world_count(w, "notice") == 0);
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "notice") == 1); /* at 21:00 there, an hour earlier than by EST */
}

static void fall_back(struct world *w)
{
    /* New York, 2031-11-02: 02:00 becomes 01:00. */
    CHECK(w, strstr(world_say(w, "/watch Sorrel & Ash tomorrow 2 8pm"), "Sun Nov 2"));
    world_pass(w, world_time("EST5EDT", "2031-11-02", 21 * 60) - env_wall_ms(w->env) - 30 * SECOND);
    CHECK(w, world_count(w, "notice") == 0);
    world_pass(w, 60 * SECOND);
    CHECK(w, world_count(w, "notice") == 1);
}

TEST(both_changes_of_daylight_saving_keep_the_venues_clock)
{
    struct world_setup setup = {.interval_ms = 60 * SECOND};
    setup.wall_ms = world_time("EST5EDT", "2031-03-08", 23 * 60);
    WORLD(1, &setup, spring_forward);
    setup.wall_ms = world_time("EST5EDT", "2031-11-01", 23 * 60);
    WORLD(2, &setup, fall_back);
}

static void another_zone(struct world *w)
{
    /* 00:30 of the sixth in New York is 21:30 of the fifth in Los Angeles. */
    world_say(w, "/find Coyote Lantern today for 2");
    const struct sent *said = world_last(w, "reply");
    const cJSON *buttons = json_array(said->message, "buttons");
    if (cJSON_GetArraySize(buttons)) /* elsewhere is asked, not assumed */
        world_press(w, json_text_or(buttons, "0.press", ""));
    said = world_last(w, "reply");
    world_check(w, strstr(said->text, "Mon May 5"), "said: %s", said->text);
}

TEST(today_is_the_venues_today)
{
    struct world_setup setup = {.wall_ms = world_time("America/New_York", "2031-05-06", 30)};
    WORLD(1, &setup, another_zone);
}

static void late_evening(struct world *w)
{
    CHECK(w, strstr(world_say(w, "/find Sorrel & Ash tomorrow for 2"), "Tue May 6"));
    world_pass(w, 2 * MINUTE); /* past midnight */
    CHECK(w, strstr(world_say(w, "/find Sorrel & Ash tomorrow for 2"), "Wed May 7"));
    const char *asked = world_say(w, "/find Sorrel & Ash tonight for 2");
    CHECK(w, strstr(asked, "Mon May 5") && strstr(asked, "Tue May 6"));
}

TEST(tomorrow_moves_at_the_venues_midnight_and_tonight_after_it_is_asked_back)
{
    struct world_setup setup = {
        .wall_ms = world_time("America/New_York", "2031-05-05", 23 * 60 + 59)};
    WORLD(1, &setup, late_evening);
}

static void same_wish(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    CHECK(w, strstr(world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm"), "already: watch 1"));
    CHECK(w, strstr(world_say(w, "/stop 1"), "is stopped"));
    CHECK(w, strstr(world_say(w, "/stop 1"), "no watch 1"));
    CHECK(w, strstr(world_say(w, "/watches"), "watch nothing"));
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0); /* nobody wants to know any more */
}

TEST(a_stopped_watch_asks_nothing_and_the_same_wish_twice_is_one)
{
    SEEDS(&ten_seconds, same_wish);
}

static void not_mine(struct world *w)
{
    world_say_as(w, "ann", "/watch Sorrel & Ash 2031-05-09 2 8pm");
    CHECK(w, strstr(world_say_as(w, "bob", "/watches"), "watch nothing"));
    CHECK(w, strstr(world_say_as(w, "bob", "/stop 1"), "no watch 1"));
    world_say_as(w, "ann", "/watches");
    const struct sent *said = world_last(w, "reply");
    auto_text token = mem_text(json_text_or(said->message, "buttons.0.press", ""));
    CHECK(w, strstr(world_press(w, token), "for somebody else"));
    CHECK(w, strstr(world_say_as(w, "ann", "/watches"), "Sorrel"));
}

TEST(nobody_sees_or_stops_what_is_not_theirs)
{
    SEEDS(NULL, not_mine);
}

static void budget_holds(struct world *w)
{
    for (int i = 0; i < 30; i++) {
        char line[100], date[16];
        date_text(date_add((struct date){2031, 5, 9}, i), date);
        snprintf(line, sizeof(line), "/watch Lark %s 2", date);
        world_say(w, line);
        world_pass(w, 5 * SECOND);
    }
    world_pass(w, 2 * MINUTE);
    for (int minute = 0; minute < 10; minute++) {
        world_city(w, "reset-counts");
        world_pass(w, 60 * SECOND);
        CHECK(w, world_requests(w, "/4/find") <= 16); /* four fifths of 20 */
        world_check(w, world_requests(w, "/4/find") >= 12, "%d in minute %d",
                    (int)world_requests(w, "/4/find"), minute);
    }
    CHECK(w, world_count(w, "notice") == 1);
    CHECK(w, strstr(world_last(w, "notice")->text, "more slowly than wished"));
}

TEST(checks_that_do_not_fit_the_budget_stretch_and_the_owner_is_told_once)
{
    static const struct world_setup setup = {.interval_ms = 60 * SECOND, .a_minute = 20};
    WORLD(1, &setup, budget_holds);
}

static void floor_holds(struct world *w)
{
    for (int i = 0; i < 6; i++) {
        char line[100], date[16];
        date_text(date_add((struct date){2031, 5, 9}, i), date);
        snprintf(line, sizeof(line), "/watch Lark %s 2", date);
        world_say(w, line);
    }
    world_pass(w, 2 * MINUTE);
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    int64_t asked = world_requests(w, "/4/find");
    CHECK(w, asked <= 31 && asked >= 25); /* one in 20 s for the venue, whatever the days */
}

TEST(a_venue_is_asked_no_more_often_than_the_floor)
{
    static const struct world_setup setup = {.interval_ms = 20 * SECOND, .floor_ms = 20 * SECOND};
    WORLD(1, &setup, floor_holds);
}

static void missing_once(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "close sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 11 * SECOND); /* one answer lacks it: not closed yet, but not there either */
    world_say_as(w, "ann", "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 1 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 2); /* ann's */
}

TEST(a_table_that_the_last_answer_lacked_is_not_told_as_open)
{
    static const struct world_setup slow_to_close = {.interval_ms = 10 * SECOND, .close_polls = 20};
    SEEDS(&slow_to_close, missing_once);
}

static int interrupt_edits(struct db_conn *conn, void *arg, struct err *err)
{
    int64_t *due = arg;
    return db_exec(
               conn, err,
               "insert into chat (id, platform, own, ref, created_ms) values (1, 't', 'o', 'c', 1)",
               "") ||
           db_exec(conn, err,
                   "insert into outbox (id, chat_id, kind, state, due_ms, payload, edits, seen_ms) "
                   "values (1, 1, 'alert', 'sent', 1, '{}', null, 1), "
                   "(2, 1, 'edit', 'sending', 1, '{}', 1, 1), "
                   "(3, 1, 'edit', 'sending', 1, '{}', 1, 1)",
                   "") ||
           outbox_again(conn, 3, 5, true, false, "it failed", err) ||
           outbox_again(conn, 2, 5, true, false, "it failed", err) ||
           db_exec(conn, err, "update outbox set state = 'sending' where kind = 'edit'", "") ||
           outbox_reclaim(conn, 9, err) ||
           db_int_of(conn, err, due, "select count(*) from outbox where state = 'due'", "") < 0;
}

static void two_edits(struct world *w)
{
    struct err err = ERR_INIT;
    int64_t due = 0;
    world_check(w, !db_write(w->db, interrupt_edits, &due, &err), "%s", err.why);
    CHECK(w, due == 1);
}

TEST(two_edits_of_one_message_that_were_interrupted_do_not_keep_us_from_starting)
{
    WORLD(1, NULL, two_edits);
}

static void long_open(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 120 * MINUTE); /* told long ago, and open all the while */
    CHECK(w, world_count(w, "alert") == 1 && world_count(w, "edit") == 0);
    world_city(w, "full sorrel-and-ash any 2");
    world_pass(w, MINUTE);
    const struct sent *edit = world_last(w, "edit");
    CHECK(w, edit && !strcmp(json_text_or(edit->message, "state", ""), "gone"));
    CHECK(w, edit && strstr(edit->text, "Gone at "));
    CHECK(w, edit && strstr(edit->text, "8:15 PM"));
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15"); /* the quiet period is long over */
    world_pass(w, 12 * SECOND);
    CHECK(w, world_count(w, "alert") == 2);
    world_pass(w, 60 * MINUTE);
    CHECK(w, world_count(w, "alert") == 2);
}

TEST(a_table_that_was_open_for_long_is_edited_when_it_goes_and_told_anew_when_it_is_back)
{
    SEEDS(&ten_seconds, long_open);
}

static void another_wish(struct world *w)
{
    CHECK(w, strstr(world_say(w, "lark tomorrow"), "For how many people?"));
    CHECK(w, strstr(world_say(w, "marrow street kitchen friday for 2 at 7"), "Marrow Street"));
    world_say(w, "lark tomorrow");
    CHECK(w, strstr(world_say(w, "2"), "Lark, Tue May 6, 2 people"));
    world_say(w, "lark tomorrow");
    world_pass(w, 20 * MINUTE);
    CHECK(w, strstr(world_say(w, "2"), "did not understand"));
}

TEST(a_whole_wish_replaces_an_open_question_and_an_old_question_is_none)
{
    WORLD(1, NULL, another_wish);
}

MAIN(cmocka_unit_test(a_table_that_opens_is_told_once_within_an_interval),
     cmocka_unit_test(what_is_open_when_a_watch_begins_is_told_at_once_as_open_now),
     cmocka_unit_test(a_second_watch_of_one_question_costs_nothing_and_hears_what_is_open),
     cmocka_unit_test(twenty_flaps_in_ten_minutes_are_one_alert_and_open_for_good_is_another),
     cmocka_unit_test(
         a_table_that_comes_back_edits_its_message_and_is_told_anew_when_the_quiet_period_ends),
     cmocka_unit_test(one_answer_without_the_table_closes_nothing),
     cmocka_unit_test(only_the_asked_day_party_and_window_are_told_borders_included),
     cmocka_unit_test(a_slot_after_midnight_belongs_to_the_night_before),
     cmocka_unit_test(
         each_failure_of_the_provider_is_told_once_with_its_cause_and_once_when_it_is_over),
     cmocka_unit_test(failed_is_not_full),
     cmocka_unit_test(an_alert_whose_sending_was_not_confirmed_is_sent_again_and_says_so),
     cmocka_unit_test(an_alert_that_is_over_before_it_could_be_sent_is_counted_in_the_next),
     cmocka_unit_test(an_alert_waits_for_somebody_to_be_there),
     cmocka_unit_test(a_clock_that_jumps_and_a_machine_that_slept_lose_nothing_and_make_no_burst),
     cmocka_unit_test(forty_questions_after_a_sleep_are_spread_and_not_fired_at_once),
     cmocka_unit_test(both_changes_of_daylight_saving_keep_the_venues_clock),
     cmocka_unit_test(today_is_the_venues_today),
     cmocka_unit_test(tomorrow_moves_at_the_venues_midnight_and_tonight_after_it_is_asked_back),
     cmocka_unit_test(a_stopped_watch_asks_nothing_and_the_same_wish_twice_is_one),
     cmocka_unit_test(nobody_sees_or_stops_what_is_not_theirs),
     cmocka_unit_test(checks_that_do_not_fit_the_budget_stretch_and_the_owner_is_told_once),
     cmocka_unit_test(a_venue_is_asked_no_more_often_than_the_floor),
     cmocka_unit_test(a_table_that_the_last_answer_lacked_is_not_told_as_open),
     cmocka_unit_test(two_edits_of_one_message_that_were_interrupted_do_not_keep_us_from_starting),
     cmocka_unit_test(
         a_table_that_was_open_for_long_is_edited_when_it_goes_and_told_anew_when_it_is_back),
     cmocka_unit_test(a_whole_wish_replaces_an_open_question_and_an_old_question_is_none))
