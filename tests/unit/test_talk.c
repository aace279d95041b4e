/* Conversations: what is asked once, changed, taken back; a whole city; settings. In the virtual
 * world, against the sandbox's city. */
#include "tests/test.h"

#include "tests/world.h"

#define MINUTE ((int64_t)60 * 1000)

static size_t buttons(struct world *w)
{
    const struct sent *reply = world_last(w, "reply");
    return reply ? (size_t)cJSON_GetArraySize(json_array(reply->message, "buttons")) : 0;
}

static size_t labelled(struct world *w, const char *begin)
{
    const struct sent *reply = world_last(w, "reply");
    const cJSON *button;
    size_t n = 0;
    cJSON_ArrayForEach(button, json_array(reply ? reply->message : NULL, "buttons"))
    {
        n += !strncmp(json_text_or(button, "label", ""), begin, strlen(begin));
    }
    return n;
}

static size_t cards(struct world *w)
{
    const struct sent *reply = world_last(w, "reply");
    return reply ? (size_t)cJSON_GetArraySize(json_array(reply->message, "venues.venues")) : 0;
}

static void corrects(struct world *w)
{
    SAYS("marrow street kitchen tomorrow for 2", "Marrow Street Kitchen, Tue May 6, 2 people");
    SAYS("sorry, the 28th", "Marrow Street Kitchen, Wed May 28, 2 people");
    SAYS("for 4", "Marrow Street Kitchen, Wed May 28, 4 people");
    SAYS("around 8", "Marrow Street Kitchen, Wed May 28, 4 people, 7:00 PM to 9:00 PM");
    SAYS("no, friday", "Marrow Street Kitchen, Fri May 9, 4 people, 7:00 PM to 9:00 PM");
    SAYS("watch it", "is on: Marrow Street Kitchen, Fri May 9, 4 people");
    world_pass(w, 20 * MINUTE);
    SAYS("for 2", "Which restaurant and which day");
}

TEST(a_correction_changes_the_last_wish_for_a_quarter_of_an_hour)
{
    WORLD(1, NULL, corrects);
}

static void missing(struct world *w)
{
    SAYS("sorrel & ash", "Which day and for how many people?");
    SAYS("friday for two", "Sorrel & Ash, Fri May 9, 2 people");
    SAYS("for two tomorrow", "Sorrel & Ash, Tue May 6");
    SAYS("/find", "Which restaurant, which day and for how many people?");
    SAYS("lark", "Which day and for how many people?");
    SAYS("never mind", "forgotten");
    SAYS("what is the meaning of it all", "I did not understand that");
}

TEST(what_is_missing_is_asked_in_one_question)
{
    WORLD(1, NULL, missing);
}

static void chooses(struct world *w)
{
    world_say(w, "gilded tomorrow for 2");
    CHECK(w, buttons(w) == 2);
    SAYS("the tavern", "Gilded Turnip Tavern, Tue May 6, 2 people");
    world_say(w, "gilded tomorrow for 2");
    SAYS("2", "Gilded Turnip");
    world_say(w, "gilded tomorrow for 2");
    SAYS("lark", "Which day"); /* another name is another wish */
}

TEST(a_choice_may_be_named_or_numbered)
{
    WORLD(1, NULL, chooses);
}

static void by_list(struct world *w)
{
    SAYS("staff picks in new york list tomorrow for 2", "places have a table on Tue May 6");
    size_t all = cards(w);
    CHECK(w, all == 5 && strstr(world_say(w, "more"), "6 to "));
    SAYS("who has a table on the Staff Picks in New York list in soho tomorrow for 2",
         "2 places have a table");
    CHECK(w, cards(w) == 2);
    SAYS("the staff-picks-in-new-york list tomorrow for 2", "places have a table on Tue May 6");
    SAYS("the made up list tomorrow for 2", "no restaurant on a list called");
    SAYS("staff picks in new york list in madrid tomorrow for 2", "no restaurant on a list");
}

TEST(a_curated_list_can_be_searched)
{
    WORLD(1, NULL, by_list);
}

static void around(struct world *w)
{
    world_city(w, "reset-counts");
    SAYS("anything tomorrow for 2", "have a table on Tue May 6, 2 people, any time:");
    CHECK(w, cards(w) == 5 && labelled(w, "Choose ") == 5 && labelled(w, "Next") == 1);
    CHECK(w, labelled(w, "Previous") == 0 && buttons(w) >= 6 + 5 && buttons(w) <= 6 + 15);
    int64_t asked = world_requests(w, "/3/venuesearch/search");
    CHECK(w, asked >= 1 && asked <= 2);
    const char *next = world_press_label(w, "reply", "Next");
    CHECK(w, strstr(next, "6 to 10 of ") && strstr(next, "2 people")); /* of what, too */
    CHECK(w, cards(w) == 5 && labelled(w, "Previous") == 1);
    SAYS("more", "11 to 15 of ");
    SAYS("previous", "6 to 10 of ");
    CHECK(w, world_requests(w, "/3/venuesearch/search") == asked); /* kept, not asked again */
    CHECK(w, strstr(world_press_label(w, "reply", "Choose"), "Tue May 6, 2 people"));
    SAYS("italian in soho tomorrow for 2", "Tue May 6");
    const struct sent *reply = world_last(w, "reply");
    const cJSON *venue;
    cJSON_ArrayForEach(venue, json_array(reply->message, "venues.venues"))
    {
        CHECK(w, !strcmp(json_text_or(venue, "neighborhood", ""), "SoHo"));
        CHECK(w, !strcmp(json_text_or(venue, "cuisine", ""), "Italian"));
        CHECK(w, json_text(venue, "picture"));
    }
    SAYS("anything friday or saturday for 2", "one day at a time");
    CHECK(w, strstr(world_press_label(w, "reply", "Choose Sat"), "Sat May 10"));
    SAYS("watch sushi tomorrow for 2", "anything new for sushi");
}

TEST(a_whole_city_is_searched_by_kind_and_place_and_shown_by_pages)
{
    WORLD(1, NULL, around);
}

/* A time is asked anew when it is pressed. */
static void times(struct world *w)
{
    world_city(w, "full lark any 2");
    world_city(w, "open lark 2031-05-06 2 18:00,19:00,19:45,20:00,20:30,21:00,22:15,22:30");
    SAYS("lark tomorrow for 2", "6:00 PM, 7:00 PM");
    CHECK(w, labelled(w, "6:00 PM") == 1 && labelled(w, "9:00 PM") == 1); /* six near half past 7 */
    CHECK(w, labelled(w, "10:15 PM") == 0);
    SAYS("lark tomorrow for 2 at 8pm", "7:00 PM, 7:45 PM, 8:00 PM, 8:30 PM, 9:00 PM");
    CHECK(w, labelled(w, "7:00 PM") == 1 && labelled(w, "6:00 PM") == 0);
    CHECK(w, strstr(world_press_label(w, "reply", "8:00 PM"),
                    "Lark, Tue May 6, 8:00 PM for 2: it is there: "));
    CHECK(w, labelled(w, "Open") == 1 && labelled(w, "8:00 PM") == 0);
    SAYS("lark tomorrow for 2 at 8pm", "8:00 PM");
    world_city(w, "close lark 2031-05-06 2 20:00");
    const char *gone = world_press_label(w, "reply", "8:00 PM");
    CHECK(w, strstr(gone, "8:00 PM is gone. Lark, Tue May 6") && strstr(gone, "7:45 PM, 8:30 PM"));
    world_city(w, "full lark any 2");
    CHECK(w, strstr(world_press_label(w, "reply", "7:45 PM"), "7:45 PM is gone. Lark"));
    CHECK(w, labelled(w, "Watch") == 1);
}

/* Where several restaurants stand beside each other, each button says whose time it is. */
static void times_of_several(struct world *w)
{
    world_city(w, "open lark 2031-05-06 2 19:30");
    world_city(w, "open thimble 2031-05-06 2 19:30");
    SAYS("lark or thimble tomorrow for 2 at 7:30pm", "Thimble, Tue May 6");
    CHECK(w, labelled(w, "7:30 PM Lark") == 1 && labelled(w, "7:30 PM Thimble") == 1);
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(world_last(w, "reply")->message, "buttons"))
    {
        CHECK(w, !json_text(button, "brief"));
    }
    /* a search knows no seating: its times are not offered for one */
    SAYS("anything tomorrow for 2 outdoors", "Tue May 6");
    CHECK(w, labelled(w, "Choose ") > 0 && labelled(w, "7:30 PM") == 0);
}

TEST(times_of_several_restaurants_say_whose_they_are)
{
    WORLD(1, NULL, times_of_several);
}

TEST(a_time_that_is_pressed_is_asked_anew)
{
    WORLD(1, NULL, times);
}

static void late(struct world *w)
{
    world_city(w, "full lark any 2");
    world_city(w, "open lark 2031-05-06 2 18:00");
    world_city(w, "open lark 2031-05-06 2 22:15");
    SAYS("lark tomorrow for 2 as late as possible", "any time: 10:15 PM, 6:00 PM");
    SAYS("lark tomorrow for 2 at 6", "5:00 PM to 7:00 PM: 6:00 PM.");
    CHECK(w, strstr(world_press_label(w, "reply", "Choose any time"), "6:00 PM, 10:15 PM"));
}

TEST(as_late_as_possible_shows_the_latest_first_and_other_times_are_a_press_away)
{
    WORLD(1, NULL, late);
}

static void several_days(struct world *w)
{
    world_city(w, "full lark any 2");
    world_city(w, "open lark 2031-05-14 2 20:15");
    world_city(w, "reset-counts");
    SAYS("lark any night next week for 2",
         "Lark for 2 has tables on 1 of 7 days:\nWed May 14: 8:15 PM");
    CHECK(w, world_requests(w, "/4/venue/calendar") == 1);
    CHECK(w, world_requests(w, "/4/find") == 1); /* the calendar says which day is worth it */
    world_city(w, "full lark any 2");
    SAYS("lark any night next week for 2", "nothing for 2 on any of the 7 days");
    CHECK(w, buttons(w) == 1);
    CHECK(w, strstr(world_press_label(w, "reply", "Watch all 7 days"),
                    "is on: Lark, 7 days from Mon May 12 to Sun May 18, 2 people"));
    world_city(w, "fault status 502 path /4/venue/calendar");
    SAYS("lark this weekend for 2", "nothing for 2 on any of the 2 days");
}

TEST(over_several_days_the_calendar_is_asked_first_and_a_day_where_it_says_open)
{
    WORLD(1, NULL, several_days);
}

static void undoes(struct world *w)
{
    SAYS("/watch lark friday 2 7-9pm", "Watch 1 is on");
    SAYS("/watch lark friday 2 7-9pm", "You have that already: watch 1");
    CHECK(w, strstr(world_last(w, "reply")->text, "Widen it?"));
    CHECK(w, strstr(world_press_label(w, "reply", "Watch any time"),
                    "Watch 2 is on: Lark, Fri May 9, 2 people, any time"));
    SAYS("/stop 1", "Watch 1 (Lark, Fri May 9) is stopped");
    CHECK(w, strstr(world_press_label(w, "reply", "Undo"), "Watch 1 (Lark) goes on"));
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_count(w, "alert") == 1); /* it really does; one message speaks for both */
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && cJSON_GetArraySize(json_array(alert->message, "buttons")) == 4);
    SAYS("stop everything", "Watch 2 (Lark, Fri May 9) is stopped");
    SAYS("what am i watching?", "You watch nothing");
    SAYS("undo", "goes on");
    SAYS("/stop 77", "You have no watch 77");
    world_pass(w, 30 * MINUTE);
    SAYS("/stop 1", "");
    world_pass(w, 20 * MINUTE);
    SAYS("/undo", "too long ago");
}

TEST(a_stop_can_be_taken_back_and_the_same_wish_twice_can_be_widened)
{
    WORLD(1, NULL, undoes);
}

static void places(struct world *w)
{
    SAYS("/venue sorrel & ash", "Sorrel & Ash, New American, $$$");
    CHECK(w, strstr(world_last(w, "reply")->text,
                    "https://resy.com/cities/new-york-ny/venues/sorrel-and-ash"));
    SAYS("/calendar marrow street kitchen for 4",
         "Marrow Street Kitchen, 4 people, the next 31 days:");
    CHECK(w, strstr(world_press_label(w, "reply", "Choose"), "4 people"));
    SAYS("/venue", "Which restaurant?");
    SAYS("/calendar nowhere at all", "no restaurant");
}

TEST(a_restaurant_has_facts_a_calendar_and_a_link)
{
    WORLD(1, NULL, places);
}

static void settles(struct world *w)
{
    SAYS("/settings", "City: New York.");
    SAYS("/settings clock 24", "Clock: 24 hours");
    world_city(w, "full lark any 2");
    world_city(w, "open lark 2031-05-06 2 20:15");
    SAYS("lark tomorrow for 2 at 8", "19:00 to 21:00: 20:15.");
    SAYS("/watch lark tomorrow 2", "is on");
    world_pass(w, MINUTE);
    const struct sent *alert = world_last(w, "alert");
    CHECK(w, alert && strstr(alert->text, "\n20:15 ("));
    SAYS("/settings city madrid", "City: Madrid. Time zone: Europe/Madrid");
    SAYS("/settings city atlantis", "no city of that name");
    SAYS("/settings zone Mars/Olympus", "do not know that time zone");
    SAYS("/settings zone Europe/Lisbon", "Europe/Lisbon");
    SAYS("/settings colour blue", "I know the settings");
    SAYS("/settings", "City: Madrid. Time zone: Europe/Lisbon");
}

TEST(settings_are_kept_and_used)
{
    WORLD(1, NULL, settles);
}

static void small_talk(struct world *w)
{
    SAYS("hello", "Just say it:");
    SAYS("thanks!", "welcome");
    SAYS("/wach lark", "Do you mean /watch?");
    SAYS("/help watch", "For example: /watch");
    SAYS("are you there?", "I am alive");
    SAYS("carbone for 2 for 4 tomorrow", "One wish at a time");
    SAYS("lark friday may 10 for 2", "Which one do you mean?");
    SAYS("lark 2031-05-01 for 2", "is over. Which day do you mean?");
}

TEST(plain_words_do_what_commands_do_and_nonsense_is_said_to_be_that)
{
    WORLD(1, NULL, small_talk);
}

static void mistaken(struct world *w)
{
    SAYS("/watch lark friday 2 7-9pm", "Watch 1 is on");
    SAYS("/stop 1", "is stopped");
    SAYS("/watch lark friday 2 7-9pm", "Watch 2 is on");
    SAYS("/undo", "You watch that again already");
    SAYS("marrow street kitchen tomorrow for 2", "Marrow Street Kitchen");
    CHECK(w, !strstr(world_say(w, "great"), "is on")); /* tables were shown: it offered nothing */
    world_city(w, "full lark any 2");
    SAYS("lark saturday for 2", "full for now");
    SAYS("yes please", "is on: Lark, Sat May 10, 2 people");
    SAYS("lark for 2", "Which day");
    SAYS("stop everything", "is stopped");
    CHECK(w, strstr(world_press_label(w, "reply", "Undo"), "goes on"));
    SAYS("tomorrow", "Lark, Tue May 6, 2 people"); /* the question stood all the while */
    SAYS("sushi for 2 on sunday this weekend in february", "");
    SAYS("/calendar lark for 900000000", "1 to 20 people");
    SAYS("/calendar lark for 0", "1 to 20 people");
    world_city(w, "fault status 502 path /4/venue/calendar");
    SAYS("/venue lark", "https://resy.com/cities/new-york-ny/venues/lark");
}

TEST(what_is_easily_mistaken_is_not)
{
    WORLD(1, NULL, mistaken);
}

static void two_searches(struct world *w)
{
    char token[64] = "";
    world_say(w, "anything tomorrow for 2");
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(world_last(w, "reply")->message, "buttons"))
    {
        if (!strcmp(json_text_or(button, "label", ""), "Next"))
            snprintf(token, sizeof(token), "%s", json_text_or(button, "press", ""));
    }
    world_say(w, "anything friday for 2");
    CHECK(w, strstr(world_press(w, token), "That search is over"));
    SAYS("next", "6 to 10 of ");
    CHECK(w, strstr(world_say_as(w, "ann", "next"), "That search is over"));
}

TEST(next_belongs_to_its_own_search)
{
    WORLD(1, NULL, two_searches);
}

static void as_people_talk(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("marrow street kitchen friday for 2 at 7", "Marrow Street Kitchen, Fri May 9, 2 people");
    SAYS("no, lark", "Lark, Fri May 9, 2 people, 6:00 PM to 8:00 PM: full for now");
    SAYS("hollow crane instead", "Hollow Crane, Fri May 9, 2 people");
    SAYS("lark friday for 2, a window seat",
         "(I did not understand \"a window seat\".) Lark, Fri May 9");
    SAYS("tell me when lark has a table on May 12 for 2", "is on: Lark, Mon May 12, 2 people");
    SAYS("watch marrow street kitchen saturday for 2", "is on: Marrow Street Kitchen");
    SAYS("stop watching lark", "(Lark, Mon May 12) is stopped");
    SAYS("stop watching nowhere", "You watch nothing of that name");
    SAYS("stop watch 2", "(Marrow Street Kitchen, Sat May 10) is stopped");
    SAYS("sorel and ash tonight", "For how many people?");
    SAYS("lark yesterday for 2", "is over. Which day do you mean?");
    SAYS("bye", "Ctrl-D leaves");
    SAYS("lumen dec 18 for 2", "not released yet");
    SAYS("the ivory paddock tomorrow for 2", "The Ivory Paddock, Tue May 6");
}

TEST(people_may_talk_as_they_do)
{
    WORLD(1, NULL, as_people_talk);
}

MAIN(cmocka_unit_test(people_may_talk_as_they_do), cmocka_unit_test(what_is_easily_mistaken_is_not),
     cmocka_unit_test(next_belongs_to_its_own_search),
     cmocka_unit_test(a_correction_changes_the_last_wish_for_a_quarter_of_an_hour),
     cmocka_unit_test(what_is_missing_is_asked_in_one_question),
     cmocka_unit_test(a_choice_may_be_named_or_numbered),
     cmocka_unit_test(a_curated_list_can_be_searched),
     cmocka_unit_test(a_whole_city_is_searched_by_kind_and_place_and_shown_by_pages),
     cmocka_unit_test(times_of_several_restaurants_say_whose_they_are),
     cmocka_unit_test(a_time_that_is_pressed_is_asked_anew),
     cmocka_unit_test(as_late_as_possible_shows_the_latest_first_and_other_times_are_a_press_away),
     cmocka_unit_test(over_several_days_the_calendar_is_asked_first_and_a_day_where_it_says_open),
     cmocka_unit_test(a_stop_can_be_taken_back_and_the_same_wish_twice_can_be_widened),
     cmocka_unit_test(a_restaurant_has_facts_a_calendar_and_a_link),
     cmocka_unit_test(settings_are_kept_and_used),
     cmocka_unit_test(plain_words_do_what_commands_do_and_nonsense_is_said_to_be_that))
