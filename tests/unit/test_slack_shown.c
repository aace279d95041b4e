/* What Slack shows beside messages: the form, the page, and what is seen before an answer. */
#include "tests/test.h"

#include "tests/unit/models.h"
#include "tests/unit/workspace.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .slack = true, .owner = "slack:T1/U1"};
static const struct world_setup with_model = {
    .interval_ms = 10 * SECOND, .slack = true, .model = true, .owner = "slack:T1/U1"};

/* --- the form --- */

static void form(struct world *w)
{
    connected(w);
    order(w, "slash U1 C1");
    world_pass(w, 2 * SECOND);
    order(w, "fill U1 what=Sorrel & Ash;party=two;date=2020-01-01");
    world_pass(w, 2 * SECOND);
    auto_json wrong = world_slack(w, "modal");
    CHECK(w, json_text(wrong, "modal.errors.date") && json_text(wrong, "modal.errors.party"));
    order(w, "fill U1 deed=watch;what=Sorrel & Ash;date=2031-05-09;party=2;from=19:00;to=21:00;"
             "pace=5 minutes");
    TOLD("D1", "Watch 1 is on");
    auto_json closed = world_slack(w, "modal");
    CHECK(w, cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(closed, "modal")));
    order(w, "say U1 watches");
    TOLD("D1", "Every 5 min");
    order(w, "slash U1 C1");
    world_pass(w, 2 * SECOND);
    order(w, "fill U1 deed=watch;what=Sorrel & Ash;date=2031-05-10;party=2;seating=at the bar");
    TOLD("D1", "Watch 2 is on");
    CHECK(w, !saying(w, "D1", "did not understand"));
    order(w, "slash U1 C1 watch"); /* what is missing is a form */
    world_pass(w, 2 * SECOND);
    order(w, "fill U1 what=Sorrel & Ash;date=2031-05-09;party=2;seating=outdoor seating");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "D1", "Sorrel") >= 3 && !saying(w, "D1", "did not understand"));
}

TEST(a_form_that_is_filled_in_wrongly_says_so_and_one_that_is_right_is_a_command)
{
    SEEDS(&with_owner, form);
}

static void late_form(struct world *w)
{
    connected(w);
    order(w, "fault views.open expired_trigger_id count 1");
    order(w, "slash U1 C1");
    TOLD("C1", "Open it again");
    order(w, "press U1 C1 Find a table");
    world_pass(w, 2 * SECOND);
    order(w, "fill U1 what=Sorrel & Ash;date=2031-05-09;party=2");
    TOLD("D1", "Sorrel");
}

TEST(a_form_that_could_not_open_in_time_is_offered_again)
{
    WORLD(1, &with_owner, late_form);
}

/* --- the page --- */

static void page(struct world *w)
{
    order(w, "home U1");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "I find restaurant tables")); /* it knows nobody yet */
    order(w, "say U1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("D1", "Watch 1 is on");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "Sorrel &amp; Ash"));
    CHECK(w, page_says(w, "U1", "last good check"));
    size_t before = saying(w, "D1", "");
    order(w, "press U1 home Pause watch 1");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "paused"));
    CHECK(w, saying(w, "D1", "") == before); /* in place */
    order(w, "press U1 home Resume watch 1");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "asked every"));
    int64_t published = number_in(w, "page U1", "published");
    order(w, "home U1");
    order(w, "home U1");
    world_pass(w, SECOND);
    CHECK(w, number_in(w, "page U1", "published") <= published + 1);
    order(w, "press U1 home Stop watch 1");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "You watch nothing yet"));
    order(w, "home U7");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U7", "I find restaurant tables"));
}

TEST(the_page_shows_what_is_watched_and_its_buttons_act_in_place)
{
    SEEDS(&with_owner, page);
}

static void many(struct world *w)
{
    world_pass(w, MINUTE);
    for (int i = 0; i < 25; i++) {
        order(w, "say U1 watch Sorrel & Ash 2031-05-%02d 2 8pm", 6 + i);
        world_pass(w, 3 * SECOND);
    }
    order(w, "home U1");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "Stop watch 15") && !page_says(w, "U1", "Stop watch 16"));
    order(w, "press U1 home Next");
    world_pass(w, 5 * SECOND);
    CHECK(w, page_says(w, "U1", "Stop watch 25") && !page_says(w, "U1", "Stop watch 15"));
}

TEST(many_watches_are_shown_by_pages)
{
    WORLD(1, &with_owner, many);
}

/* --- before the answer --- */

static void slow_model(struct world *w)
{
    model(w, "delay 5000");
    model(w, "say Here is something nice.");
    order(w, "say U1 tell me something nice");
    world_pass(w, 2 * SECOND);
    auto_json working = world_slack(w, "statuses");
    CHECK(w, cJSON_GetArraySize(working) == 1);
    TOLD("D1", "Here is something nice.");
    world_pass(w, 5 * SECOND);
    auto_json over = world_slack(w, "statuses");
    CHECK(w, cJSON_GetArraySize(over) == 0);
}

TEST(who_waits_sees_that_it_is_worked_on_and_the_status_goes)
{
    SEEDS(&with_model, slow_model);
}

static void stopped(struct world *w)
{
    model(w, "delay 60000");
    model(w, "say Too late.");
    auto_json said = world_slack(w, "say U1 tell me something nice");
    world_pass(w, 3 * SECOND);
    order(w, "stop U1 %s", json_text_or(said, "ts", ""));
    world_pass(w, 5 * SECOND);
    auto_json over = world_slack(w, "statuses");
    CHECK(w, cJSON_GetArraySize(over) == 0);
    CHECK(w, saying(w, "D1", "") == 1);
    CHECK(w, !saying(w, "D1", "Too late"));
}

TEST(stop_ends_what_is_under_way)
{
    SEEDS(&with_model, stopped);
}

/* A piece of an answer that is being made, as an agent shows it. */
static void piece(struct world *w, const char *chat, const char *ref, const char *text)
{
    struct adapter *adapter = slack_adapter(w->slack);
    struct event event = {EVENT_TEXT, text, NULL};
    adapter->ops->event(adapter, "T1", chat, ref, &event);
}

/* What is there of ours: how many messages, and whether the last one still grows. */
static size_t shown(struct world *w, const char *channel, bool *ret_streams)
{
    auto_json chat = world_slack(w, "chat %s", channel);
    size_t n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool ours = false;
        json_flag(m, "ours", &ours);
        n += ours;
        if (ours)
            json_flag(m, "streams", ret_streams);
    }
    return n;
}

static void grows(struct world *w, const char *say, const char *channel, const char *room)
{
    char chat[96], ref[96];
    bool streams = false;
    connected(w);
    model(w, "delay 20000");
    model(w, "say This is the whole answer.");
    auto_json said = world_slack(w, "%s", say);
    snprintf(chat, sizeof(chat), "%s:%s", room, json_text_or(said, "ts", ""));
    snprintf(ref, sizeof(ref), "m%s:%s", channel, json_text_or(said, "ts", ""));
    world_pass(w, SECOND);
    piece(w, chat, ref, "This is <!channel> ");
    world_pass(w, 3 * SECOND);
    CHECK(w, saying(w, channel, "This is &lt;!channel&gt;") == 1);
    for (int i = 0; i < 600; i++)
        piece(w, chat, ref, "a good deal more of it, ");
    world_pass(w, 5 * SECOND);
    CHECK(w, shown(w, channel, &streams) == 1);
    TOLD(channel, "This is the whole answer.");
    world_pass(w, 5 * SECOND);
    CHECK(w, shown(w, channel, &streams) == 1 && !streams);
    auto_json over = world_slack(w, "statuses");
    CHECK(w, cJSON_GetArraySize(over) == 0);
}

static void streamed(struct world *w)
{
    grows(w, "say U1 tell me something long", "D1", "U1");
    CHECK(w, number_in(w, "calls", "chat.startStream") == 1);
    CHECK(w, number_in(w, "calls", "chat.appendStream") < 12);
}

TEST(an_answer_that_grows_is_shown_as_a_stream_and_becomes_the_answer)
{
    SEEDS(&with_model, streamed);
}

static void streamed_in_channel(struct world *w)
{
    order(w, "channel C1");
    grows(w, "mention U1 C1 tell me something long", "C1", "C1");
}

TEST(it_streams_in_a_channel_too)
{
    WORLD(1, &with_model, streamed_in_channel);
}

static void not_streamed(struct world *w)
{
    order(w, "fault chat.startStream unknown_method");
    grows(w, "say U1 tell me something long", "D1", "U1");
    CHECK(w, number_in(w, "calls", "chat.startStream") == 1); /* it is remembered */
    CHECK(w, number_in(w, "calls", "chat.update") < 8);
}

TEST(where_streams_are_refused_a_message_is_edited_every_three_seconds)
{
    SEEDS(&with_model, not_streamed);
}

static void late_message(struct world *w)
{
    char chat[96], ref[96];
    bool streams = false;
    connected(w);
    order(w, "fault chat.startStream unknown_method");
    model(w, "delay 40000");
    model(w, "say This is the whole answer.");
    auto_json said = world_slack(w, "say U1 tell me something long");
    snprintf(chat, sizeof(chat), "U1:%s", json_text_or(said, "ts", ""));
    snprintf(ref, sizeof(ref), "mD1:%s", json_text_or(said, "ts", ""));
    world_pass(w, SECOND);
    piece(w, chat, ref, "It grows ");
    world_pass(w, 10 * SECOND);
    CHECK(w, saying(w, "D1", "It grows") == 1);
    TOLD("D1", "This is the whole answer.");
    world_pass(w, 5 * SECOND);
    CHECK(w, shown(w, "D1", &streams) == 1 && !saying(w, "D1", "It grows"));
    auto_json there = world_slack(w, "chat D1");
    CHECK(w, json_i64_or(there, "messages.1.edits", -1) == 0); /* a message of its own: it rings */
}

TEST(a_late_answer_is_a_message_of_its_own)
{
    SEEDS(&with_model, late_message);
}

static void given_up(struct world *w)
{
    char chat[96], ref[96];
    bool streams = false;
    connected(w);
    model(w, "delay 10000");
    model(w, "say One.");
    model(w, "say Two.");
    auto_json said = world_slack(w, "say U1 tell me something nice");
    const char *ts = json_text_or(said, "ts", "");
    snprintf(chat, sizeof(chat), "U1:%s", ts);
    snprintf(ref, sizeof(ref), "mD1:%s", ts);
    world_pass(w, SECOND);
    piece(w, chat, ref, "It grows ");
    world_pass(w, 2 * SECOND);
    order(w, "edit U1 %s tell me something nicer", ts);
    TOLD("D1", "o."); /* one of the two: the other was given up */
    world_pass(w, 30 * SECOND);
    CHECK(w, shown(w, "D1", &streams) == 1 && !saying(w, "D1", "It grows"));
    auto_json over = world_slack(w, "statuses");
    CHECK(w, cJSON_GetArraySize(over) == 0);
}

TEST(what_was_shown_of_an_answer_that_is_given_up_goes)
{
    SEEDS(&with_model, given_up);
}

static void slow_command(struct world *w)
{
    connected(w);
    model(w, "delay 5000");
    model(w, "say Here it is.");
    order(w, "slash U1 C1 tell me something nice");
    world_pass(w, 2 * SECOND);
    CHECK(w, saying(w, "C1", "Thinking") == 1);
    TOLD("C1", "Here it is.");
    CHECK(w, !saying(w, "C1", "Thinking")); /* in its place */
}

TEST(a_command_that_takes_long_has_a_word_meanwhile)
{
    SEEDS(&with_model, slow_command);
}

MAIN(cmocka_unit_test(a_form_that_is_filled_in_wrongly_says_so_and_one_that_is_right_is_a_command),
     cmocka_unit_test(a_form_that_could_not_open_in_time_is_offered_again),
     cmocka_unit_test(the_page_shows_what_is_watched_and_its_buttons_act_in_place),
     cmocka_unit_test(many_watches_are_shown_by_pages),
     cmocka_unit_test(who_waits_sees_that_it_is_worked_on_and_the_status_goes),
     cmocka_unit_test(stop_ends_what_is_under_way),
     cmocka_unit_test(an_answer_that_grows_is_shown_as_a_stream_and_becomes_the_answer),
     cmocka_unit_test(it_streams_in_a_channel_too),
     cmocka_unit_test(where_streams_are_refused_a_message_is_edited_every_three_seconds),
     cmocka_unit_test(a_command_that_takes_long_has_a_word_meanwhile),
     cmocka_unit_test(a_late_answer_is_a_message_of_its_own),
     cmocka_unit_test(what_was_shown_of_an_answer_that_is_given_up_goes))
