/* Booking by a person's press: once, with what it costs, and never a second time because an answer
 * was lost. In the virtual world, against the sandbox's city. */
#include "tests/test.h"

#include "tests/unit/workspace.h"

#define PLACE "sorrel-and-ash"
#define DAY   "2031-05-09"

static const struct world_setup books = {.booking = true, .interval_ms = 10 * SECOND};
static const struct world_setup open_to_all = {
    .booking = true, .interval_ms = 10 * SECOND, .access = ACCESS_OPEN};
static const struct world_setup off = {.interval_ms = 10 * SECOND};

static void check_card(struct world *w, const char *text, const char *want)
{
    world_check(w, strstr(text, want), "%s\n  wanted: %s", text, want);
}
#define HOLDS(text, want) check_card(w, text, want)

/* A card of that table is there to be confirmed. */
static void offer(struct world *w, const char *minute)
{
    auto_str line = STR_INIT(200);
    world_city(w, "open " PLACE " " DAY " 2 %s seating Dining Room", minute);
    str_addf(&line, "/book Sorrel & Ash " DAY " 2 at %s", minute);
    HOLDS(world_say(w, line.buf), "Nothing is booked yet");
}

static void one_tap(struct world *w)
{
    CHECK(w, strstr(world_say(w, "/watch Sorrel & Ash " DAY " 2 8pm"), "Watch 1 is on"));
    world_pass(w, MINUTE);
    world_city(w, "open " PLACE " " DAY " 2 20:15 seating Dining Room fee 25");
    world_pass(w, 30 * SECOND);
    CHECK(w, world_count(w, "alert") == 1);
    const char *card = world_press_label(w, "alert", "Book 8:15 PM");
    HOLDS(card, "Sorrel & Ash, Fri May 9, 8:15 PM for 2 (Dining Room)");
    HOLDS(card, "$25");
    HOLDS(card, "Nothing to pay now");
    HOLDS(card, "Confirm within 5 min books it");
    CHECK(w, world_requests(w, "/3/book") == 0);
    world_city(w, "reset-counts");
    HOLDS(world_press_label(w, "reply", "Confirm Sorrel"), "Booked: Sorrel & Ash, Fri May 9");
    CHECK(w, world_requests(w, "/3/details") == 1);
    CHECK(w, world_requests(w, "/3/book") == 1);
    CHECK(w, world_requests(w, "/4/find") + world_requests(w, "/3/user/reservations") <= 3);
}

TEST(a_table_is_booked_by_two_presses_and_the_second_makes_two_requests)
{
    SEEDS(&books, one_tap);
}

/* The buttons of a message that is not the last one any more. */
static char *token_of(struct world *w, const char *label)
{
    const struct sent *last = world_last(w, "reply");
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(last->message, "buttons"))
    {
        if (!strncmp(json_text_or(button, "label", ""), label, strlen(label)))
            return mem_text(json_text_or(button, "press", ""));
    }
    world_check(w, false, "no button %s", label);
    return mem_text("");
}

static void pressed_again(struct world *w)
{
    offer(w, "20:15");
    auto_text confirm = token_of(w, "Confirm");
    HOLDS(world_press(w, confirm), "Booked: ");
    HOLDS(world_press(w, confirm), "pressed already");
    CHECK(w, world_requests(w, "/3/book") == 1);
    world_city(w, "open " PLACE " " DAY " 2 20:45 seating Dining Room"); /* of the same evening */
    SAYS("/book Sorrel & Ash " DAY " 2 at 20:45", "You hold another table around that time");
    CHECK(w, world_requests(w, "/3/book") == 1);
}

TEST(pressing_again_books_nothing_nor_does_another_card_of_that_evening)
{
    SEEDS(&books, pressed_again);
}

static void given_up(struct world *w)
{
    SAYS("/reservations", "holds no reservation to come");
    SAYS("/cancel", "holds no reservation to come");
    offer(w, "20:15");
    world_press_label(w, "reply", "Confirm");
    SAYS("what have i booked", "Sorrel & Ash, Fri May 9, 8:15 PM for 2");
    HOLDS(world_press_label(w, "reply", "Cancel Sorrel"), "Cancel Sorrel & Ash, Fri May 9");
    HOLDS(world_press_label(w, "reply", "Keep"), "It stays booked, as you wished");
    CHECK(w, world_requests(w, "/3/cancel") == 0);
    SAYS("/cancel lark", "no reservation of that name");
    SAYS("cancel my reservation at sorrel & ash", "Cancel Sorrel & Ash, Fri May 9, 8:15 PM");
    HOLDS(world_press_label(w, "reply", "Confirm cancelling"), "Cancelled: Sorrel & Ash");
    CHECK(w, world_requests(w, "/3/cancel") == 1);
    SAYS("/reservations", "holds no reservation to come");
    offer(w, "20:30"); /* and the evening is free again */
    HOLDS(world_press_label(w, "reply", "Confirm"), "Booked: ");
}

TEST(a_reservation_is_listed_and_given_up_by_a_confirmed_press)
{
    SEEDS(&books, given_up);
}

static void answer_lost(struct world *w)
{
    static const char *const ways[] = {"hang", "cut", "reset", "bad-json"};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        offer(w, "20:15");
        world_city(w, "reset-counts");
        world_city(w, "fault %s count 1 path /3/book", ways[i]);
        HOLDS(world_press_label(w, "reply", "Confirm"), "Booked: Sorrel & Ash");
        HOLDS(world_last(w, "reply")->text, "Its answer was lost");
        CHECK(w, world_requests(w, "/3/book") == 1);
        world_pass(w, 5 * MINUTE);
        CHECK(w, world_requests(w, "/3/book") == 1 && world_count(w, "notice") == 0);
        world_city(w, "fault %s count 1 path /3/cancel", ways[i]);
        world_say(w, "/cancel");
        HOLDS(world_press_label(w, "reply", "Confirm"), "Cancelled: Sorrel & Ash");
        CHECK(w, world_requests(w, "/3/cancel") == 1);
        world_city(w, "no-fault");
        world_city(w, "close " PLACE " " DAY " 2 20:15");
    }
}

TEST(a_booking_whose_answer_was_lost_is_found_on_the_account_and_not_made_again)
{
    SEEDS(&books, answer_lost);
}

static void not_made(struct world *w)
{
    offer(w, "20:15");
    world_city(w, "fault status 502 count 1 path /3/book");
    HOLDS(world_press_label(w, "reply", "Confirm"), "no clear answer");
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_count(w, "notice") == 1);
    HOLDS(world_last(w, "notice")->text, "Not booked, it is not on your Resy account");
    CHECK(w, world_requests(w, "/3/book") == 1);
    offer(w, "20:15"); /* it may be tried again */
    HOLDS(world_press_label(w, "reply", "Confirm"), "Booked: ");
}

TEST(what_is_not_on_the_account_after_a_minute_was_not_booked)
{
    SEEDS(&books, not_made);
}

static void account_unreadable(struct world *w)
{
    offer(w, "21:30");
    auto_text other = token_of(w, "Confirm");
    offer(w, "17:15");
    world_city(w, "fault hang count 1 path /3/book");
    world_city(w, "fault status 503 path /3/user/reservations for 300");
    HOLDS(world_press_label(w, "reply", "Confirm"), "no clear answer");
    HOLDS(world_press(w, other), "I still wait for what came of");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "notice") == 0); /* failed is not absent */
    world_pass(w, 15 * MINUTE);
    CHECK(w, world_requests(w, "/3/book") == 1);
    HOLDS(world_last(w, "notice")->text, "Booked: Sorrel & Ash, Fri May 9, 5:15 PM");
}

TEST(an_account_that_cannot_be_read_proves_nothing_and_nothing_else_is_booked_meanwhile)
{
    SEEDS(&books, account_unreadable);
}

static void too_late(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash " DAY " 2 8pm");
    world_pass(w, MINUTE);
    world_city(w, "open " PLACE " " DAY " 2 20:15");
    world_pass(w, 15 * SECOND);
    world_city(w, "close " PLACE " " DAY " 2 20:15");
    world_city(w, "open " PLACE " " DAY " 2 20:30");
    const char *said = world_press_label(w, "alert", "Book 8:15 PM");
    HOLDS(said, "That table is gone");
    HOLDS(said, "8:30 PM"); /* and what there is instead */
    offer(w, "20:15");
    world_city(w, "close " PLACE " " DAY " 2 20:15");
    HOLDS(world_press_label(w, "reply", "Confirm"), "That table is gone. Nothing is booked");
    offer(w, "20:15");
    world_pass(w, 6 * MINUTE);
    HOLDS(world_press_label(w, "reply", "Confirm"), "expired");
    CHECK(w, world_requests(w, "/3/book") == 0);
}

TEST(a_table_that_is_gone_and_a_card_that_is_old_book_nothing)
{
    SEEDS(&books, too_late);
}

static void all_at_once(struct world *w)
{
    static const char *const minutes[] = {"19:15", "19:30", "19:45", "20:15", "20:30",
                                          "20:45", "21:00", "18:45", "18:30", "18:15"};
    struct inbound presses[ARRAY_LEN(minutes)];
    char *tokens[ARRAY_LEN(minutes)], refs[ARRAY_LEN(minutes)][24];
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(minutes); i++) {
        offer(w, minutes[i]);
        tokens[i] = token_of(w, "Confirm");
        snprintf(refs[i], sizeof(refs[i]), "all-%zu", i);
        presses[i] = (struct inbound){.own = "bot",
                                      .chat = "owner",
                                      .person = "owner",
                                      .ref = refs[i],
                                      .press = true,
                                      .owner = true,
                                      .acts = true,
                                      .unmetered = true,
                                      .text = tokens[i],
                                      .text_len = strlen(tokens[i])};
    }
    CHECK(w,
          !orchestrator_receive(w->orchestrator, &w->adapter, presses, ARRAY_LEN(minutes), &err));
    world_pass(w, 3 * MINUTE);
    CHECK(w, world_requests(w, "/3/book") == 1);
    for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
        free(tokens[i]);
}

TEST(ten_presses_of_one_evening_make_one_booking)
{
    SEEDS(&books, all_at_once);
}

static int to_calling(struct db_conn *conn, void *arg, struct err *err)
{
    int64_t *now = arg;
    return db_exec(conn, err,
                   "update booking_attempt set state = 'calling', called_ms = $1, inbox_id = 1",
                   "i", *now);
}

/* Cut off in the middle of the call: the row is all that is known. */
static void cut_off(struct world *w)
{
    struct err err = ERR_INIT;
    offer(w, "20:15");
    int64_t now = env_wall_ms(w->env);
    CHECK(w, !db_write(w->db, to_calling, &now, &err));
    world_restart(w);
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_requests(w, "/3/book") == 0);
    HOLDS(world_last(w, "notice")->text, "Not booked");
    CHECK(w, world_count(w, "notice") == 1);
}

TEST(a_booking_that_was_cut_off_is_looked_up_and_told)
{
    ON_DISK(&books, cut_off);
}

/* We end while the call is under way, and are there again. */
static void ended_in_the_call(struct world *w)
{
    struct err err = ERR_INIT;
    offer(w, "20:15");
    auto_text confirm = token_of(w, "Confirm");
    struct inbound press = {.own = "bot",
                            .chat = "owner",
                            .person = "owner",
                            .ref = "the-press",
                            .press = true,
                            .owner = true,
                            .acts = true,
                            .text = confirm,
                            .text_len = strlen(confirm)};
    world_city(w, "fault none count 1 path /3/book delay 20000");
    CHECK(w, !orchestrator_receive(w->orchestrator, &w->adapter, &press, 1, &err));
    world_pass(w, 2 * SECOND);
    CHECK(w, world_requests(w, "/3/book") == 1);
    int64_t before = env_mono_ms(w->env);
    world_restart(w);
    CHECK(w, env_mono_ms(w->env) - before < 5 * SECOND);
    world_pass(w, 2 * MINUTE);
    const struct sent *last = world_last(w, world_count(w, "notice") ? "notice" : "reply");
    HOLDS(last->text, "Booked: Sorrel & Ash");
    CHECK(w, world_requests(w, "/3/book") == 1);
}

TEST(our_end_in_the_middle_of_a_call_loses_nothing)
{
    ON_DISK(&books, ended_in_the_call);
}

static void never_known(struct world *w)
{
    offer(w, "20:15");
    world_city(w, "fault hang count 1 path /3/book");
    world_city(w, "fault status 503 path /3/user/reservations");
    HOLDS(world_press_label(w, "reply", "Confirm"), "no clear answer");
    world_pass(w, 25 * 60 * MINUTE);
    CHECK(w, world_count(w, "notice") == 1);
    HOLDS(world_last(w, "notice")->text, "I could not find out whether this was booked");
    CHECK(w, world_requests(w, "/3/book") == 1);
}

TEST(an_account_that_cannot_be_read_for_a_day_is_given_up_and_that_is_said)
{
    WORLD(1, &books, never_known);
}

/* --- what would be a wrong report --- */

static int decide(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err,
                   "update booking_attempt set state = 'refused', say = 'Not booked.' "
                   "where state = 'calling'",
                   "");
}

static struct inbound press_of(const char *token, const char *ref)
{
    return (struct inbound){.own = "bot",
                            .chat = "owner",
                            .person = "owner",
                            .ref = ref,
                            .press = true,
                            .owner = true,
                            .acts = true,
                            .text = token,
                            .text_len = strlen(token)};
}

/* A press that is held up until somebody has told its end does not call; one that has called, and
 * has proof, is believed all the same. */
static void held_up(struct world *w)
{
    static const char *const where[] = {"/3/details", "/3/book"};
    for (size_t i = 0; i < ARRAY_LEN(where); i++) {
        struct err err = ERR_INIT;
        char ref[8] = "held-0";
        ref[5] = (char)('0' + i);
        offer(w, "20:15");
        auto_text confirm = token_of(w, "Confirm");
        struct inbound press = press_of(confirm, ref);
        world_city(w, "reset-counts");
        world_city(w, "fault none count 1 path %s delay 8000", where[i]);
        CHECK(w, !orchestrator_receive(w->orchestrator, &w->adapter, &press, 1, &err));
        world_pass(w, 2 * SECOND);
        CHECK(w, !db_write(w->db, decide, NULL, &err));
        world_pass(w, 20 * SECOND);
        CHECK(w, world_requests(w, "/3/book") == (int64_t)i);
        HOLDS(world_last(w, "reply")->text, i ? "Booked: Sorrel & Ash" : "Not booked.");
    }
}

TEST(a_press_that_was_held_up_does_not_call_and_proof_wins_over_a_verdict)
{
    SEEDS(&books, held_up);
}

/* The account could not be read for a while: only readings that showed it count. */
static void failed_reads(struct world *w)
{
    offer(w, "20:15");
    world_city(w, "fault status 502 count 1 path /3/book");
    world_city(w, "fault status 503 path /3/user/reservations for 100");
    HOLDS(world_press_label(w, "reply", "Confirm"), "no clear answer");
    world_pass(w, 2 * MINUTE);
    world_city(w, "reset-counts");
    while (!world_count(w, "notice") && world_requests(w, "/3/user/reservations") < 5)
        world_pass(w, 10 * SECOND);
    CHECK(w, world_requests(w, "/3/user/reservations") >= 2);
    HOLDS(world_last(w, "notice")->text, "Not booked");
    CHECK(w, world_requests(w, "/3/book") == 0);
}

TEST(a_reading_that_failed_counts_for_nothing)
{
    SEEDS(&books, failed_reads);
}

/* After its beginning a meal is not among those to come, whatever became of it. */
static void after_the_meal(struct world *w)
{
    offer(w, "20:15");
    world_press_label(w, "reply", "Confirm");
    int64_t meal = world_time("America/New_York", DAY, 20 * 60 + 15);
    world_pass(w, meal - env_wall_ms(w->env) - 10 * MINUTE);
    world_say(w, "/cancel");
    world_city(w, "fault status 502 count 1 path /3/cancel");
    world_city(w, "fault status 503 path /3/user/reservations count 3");
    auto_text confirm = token_of(w, "Confirm");
    HOLDS(world_press(w, confirm), "Nothing is cancelled"); /* it is not called blindly */
    world_city(w, "no-fault");
    world_say(w, "/cancel");
    world_city(w, "fault status 502 count 1 path /3/cancel");
    struct err err = ERR_INIT;
    auto_text again = token_of(w, "Confirm");
    struct inbound press = press_of(again, "after");
    CHECK(w, !orchestrator_receive(w->orchestrator, &w->adapter, &press, 1, &err));
    while (!world_requests(w, "/3/cancel"))
        world_pass(w, 1);
    world_city(w, "fault status 503 path /3/user/reservations for 500");
    world_pass(w, 40 * MINUTE);
    const struct sent *told = world_last(w, "notice");
    CHECK(w, told && strstr(told->text, "could not find out whether this was cancelled"));
}

static const struct world_setup that_evening = {
    .booking = true, .wall_ms = 1936130400000}; /* six in New York, on DAY */

TEST(when_the_meal_has_begun_its_absence_proves_nothing)
{
    SEEDS(&that_evening, after_the_meal);
}

static void page_for_an_answer(struct world *w)
{
    offer(w, "20:15");
    world_press_label(w, "reply", "Confirm");
    world_say(w, "/cancel");
    world_city(w, "fault html count 1 path /3/cancel");
    world_press_label(w, "reply", "Confirm");
    world_pass(w, 3 * MINUTE);
    HOLDS(world_last(w, "notice")->text, "Not cancelled, your Resy account still holds it");
    SAYS("/reservations", "Sorrel & Ash");
}

TEST(a_page_in_place_of_an_answer_cancels_nothing)
{
    SEEDS(&books, page_for_an_answer);
}

/* Elsewhere booked, elsewhere given up. */
static int forget_row(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "delete from booking_attempt", "");
}

static void elsewhere(struct world *w)
{
    struct err err = ERR_INIT;
    offer(w, "20:15");
    world_press_label(w, "reply", "Confirm");
    CHECK(w, !db_write(w->db, forget_row, NULL, &err)); /* now it is one that we did not make */
    offer(w, "20:45");
    HOLDS(world_last(w, "reply")->text, "You hold already: Sorrel & Ash, Fri May 9, 8:15 PM");
    HOLDS(world_press_label(w, "reply", "Confirm"),
          "Resy says that you hold another reservation around that time, Sorrel & Ash");
    world_city(w, "open " PLACE " " DAY " 2 20:15 seating Bar"); /* and one that looks the same */
    SAYS("/book Sorrel & Ash " DAY " 2 at 20:15", "Nothing is booked yet");
    world_city(w, "fault status 502 count 1 path /3/book");
    world_press_label(w, "reply", "Confirm");
    world_pass(w, 3 * MINUTE);
    HOLDS(world_last(w, "notice")->text, "Not booked");
}

TEST(what_was_booked_elsewhere_is_said_and_is_not_taken_for_ours)
{
    SEEDS(&books, elsewhere);
}

static void clock_set_back(struct world *w)
{
    offer(w, "21:30");
    auto_text other = token_of(w, "Confirm");
    offer(w, "17:15");
    world_city(w, "fault status 502 count 1 path /3/book");
    world_press_label(w, "reply", "Confirm");
    HOLDS(world_press(w, other), "I still wait for what came of Sorrel & Ash, Fri May 9, 5:15 PM");
    env_sim_jump_wall(w->env, -6 * 60 * MINUTE);
    world_pass(w, 5 * MINUTE);
    HOLDS(world_last(w, "notice")->text, "Not booked");
}

TEST(a_clock_that_is_set_back_does_not_stop_the_looking)
{
    SEEDS(&books, clock_set_back);
}

static int merge(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return account_merge(conn, 2, 1, err) || account_merge(conn, 1, 3, err) ? -1 : 0;
}

static int count_rows(struct db_conn *conn, void *arg, struct err *err)
{
    return db_int_of(conn, err, arg, "select count(*) from booking_attempt where account_id = 3",
                     "") < 0
               ? -1
               : 0;
}

/* Somebody becomes one with who they are elsewhere: what they hold goes with them. */
static void merged(struct world *w)
{
    struct err err = ERR_INIT;
    int64_t rows = 0;
    offer(w, "20:15");
    world_press_label(w, "reply", "Confirm");
    world_say_as(w, "friend", "/status");
    world_say_as(w, "another", "/status");
    CHECK(w, !db_write(w->db, merge, NULL, &err));
    CHECK(w, !db_read(w->db, count_rows, &rows, &err) && rows == 1);
}

static void after_midnight(struct world *w)
{
    world_city(w, "open " PLACE " " DAY " 2 24:30 seating Bar");
    SAYS("/find Sorrel & Ash " DAY " 2", "12:30 AM");
    HOLDS(world_press_label(w, "reply", "12:30 AM"), "Sorrel & Ash, Sat May 10, 12:30 AM for 2");
    HOLDS(world_press_label(w, "reply", "Confirm"), "Booked: Sorrel & Ash, Sat May 10, 12:30 AM");
}

TEST(what_somebody_holds_goes_with_them_to_another_account)
{
    WORLD(1, &open_to_all, merged);
}

TEST(a_table_after_midnight_is_of_the_next_day)
{
    SEEDS(&books, after_midnight);
}

static void dead_token(struct world *w)
{
    offer(w, "20:15");
    auto_text confirm = token_of(w, "Confirm");
    resy_set_keys(w->resy, "auto", "another-token");
    HOLDS(world_press(w, confirm), "Resy refuses your token");
    HOLDS(world_last(w, "reply")->text, "Nothing is booked");
    SAYS("/reservations", "Resy refuses your token");
    CHECK(w, world_requests(w, "/3/book") == 0);
    CHECK(w,
          !strstr(world_say(w, "/find Sorrel & Ash " DAY " 2"), "refuses")); /* which needs none */
}

TEST(a_token_that_is_refused_is_named_as_such)
{
    SEEDS(&books, dead_token);
}

static void switched_off(struct world *w)
{
    world_city(w, "open " PLACE " " DAY " 2 20:15");
    SAYS("/book Sorrel & Ash " DAY " 2 at 20:15", "Booking is switched off here");
    HOLDS(world_last(w, "reply")->text, "8:15 PM"); /* and what there is */
    SAYS("/reservations", "Booking is switched off here");
    CHECK(w, !strstr(world_say(w, "book Sorrel & Ash " DAY " for 2 at 8:15pm"), "switched off"));
    world_say(w, "/watch Sorrel & Ash " DAY " 2 8pm");
    world_pass(w, 30 * SECOND);
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(world_last(w, "alert")->message, "buttons"))
        CHECK(w, strncmp(json_text_or(button, "label", ""), "Book", 4) != 0);
    CHECK(w, world_requests(w, "/3/details") == 0);
}

TEST(switched_off_it_says_so_and_offers_nothing)
{
    SEEDS(&off, switched_off);
}

static void others(struct world *w)
{
    world_city(w, "open " PLACE " " DAY " 2 20:15");
    HOLDS(world_say_as(w, "friend", "/book Sorrel & Ash " DAY " 2 at 20:15"), "my owner's Resy");
    offer(w, "20:15");
    auto_text confirm = token_of(w, "Confirm");
    CHECK(w, world_requests(w, "/3/book") == 0);
    w->options.booking = false; /* switched off since */
    services_set_options(w->services, &w->options);
    HOLDS(world_press(w, confirm), "switched off");
    CHECK(w, world_requests(w, "/3/book") == 0);
}

TEST(only_the_owner_books)
{
    SEEDS(&open_to_all, others);
}

static const struct world_setup in_slack = {
    .slack = true, .booking = true, .owner = "slack:T1/U1", .interval_ms = 10 * SECOND};

static void slack_books(struct world *w)
{
    connected(w);
    order(w, "home U1");
    order(w, "say U1 watch Sorrel & Ash " DAY " 2 8pm");
    TOLD("D1", "Watch 1 is on");
    world_city(w, "open " PLACE " " DAY " 2 20:15 seating Dining Room");
    TOLD("D1", "A table opened");
    order(w, "press U1 D1 Book 8:15 PM");
    TOLD("D1", "Nothing is booked yet");
    order(w, "press U1 D1 Confirm Sorrel");
    TOLD("D1", "Booked: Sorrel");
    world_pass(w, 10 * SECOND);
    CHECK(w, page_says(w, "U1", "8:15 PM for 2 (Dining Room)"));
    order(w, "press U1 home Cancel Sorrel");
    TOLD("D1", "Cancel Sorrel");
    order(w, "press U1 D1 Confirm cancelling");
    TOLD("D1", "Cancelled: Sorrel");
    world_pass(w, 10 * SECOND);
    CHECK(w, page_says(w, "U1", "Nothing booked by me"));
    CHECK(w, world_requests(w, "/3/book") == 1 && world_requests(w, "/3/cancel") == 1);
}

TEST(in_slack_an_alert_has_book_and_the_page_what_was_booked)
{
    SEEDS(&in_slack, slack_books);
}

MAIN(cmocka_unit_test(a_table_is_booked_by_two_presses_and_the_second_makes_two_requests),
     cmocka_unit_test(pressing_again_books_nothing_nor_does_another_card_of_that_evening),
     cmocka_unit_test(a_reservation_is_listed_and_given_up_by_a_confirmed_press),
     cmocka_unit_test(a_booking_whose_answer_was_lost_is_found_on_the_account_and_not_made_again),
     cmocka_unit_test(what_is_not_on_the_account_after_a_minute_was_not_booked),
     cmocka_unit_test(
         an_account_that_cannot_be_read_proves_nothing_and_nothing_else_is_booked_meanwhile),
     cmocka_unit_test(a_table_that_is_gone_and_a_card_that_is_old_book_nothing),
     cmocka_unit_test(ten_presses_of_one_evening_make_one_booking),
     cmocka_unit_test(a_booking_that_was_cut_off_is_looked_up_and_told),
     cmocka_unit_test(our_end_in_the_middle_of_a_call_loses_nothing),
     cmocka_unit_test(an_account_that_cannot_be_read_for_a_day_is_given_up_and_that_is_said),
     cmocka_unit_test(a_press_that_was_held_up_does_not_call_and_proof_wins_over_a_verdict),
     cmocka_unit_test(a_reading_that_failed_counts_for_nothing),
     cmocka_unit_test(when_the_meal_has_begun_its_absence_proves_nothing),
     cmocka_unit_test(a_page_in_place_of_an_answer_cancels_nothing),
     cmocka_unit_test(what_was_booked_elsewhere_is_said_and_is_not_taken_for_ours),
     cmocka_unit_test(a_clock_that_is_set_back_does_not_stop_the_looking),
     cmocka_unit_test(what_somebody_holds_goes_with_them_to_another_account),
     cmocka_unit_test(a_table_after_midnight_is_of_the_next_day),
     cmocka_unit_test(a_token_that_is_refused_is_named_as_such),
     cmocka_unit_test(switched_off_it_says_so_and_offers_nothing),
     cmocka_unit_test(in_slack_an_alert_has_book_and_the_page_what_was_booked),
     cmocka_unit_test(only_the_owner_books))
