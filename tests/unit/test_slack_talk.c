/* What is said in Slack, in the virtual world: answers, alerts, cards, buttons. */
#include "tests/test.h"

#include "adapters/slack/api.h"
#include "tests/unit/models.h"
#include "tests/unit/workspace.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .slack = true, .owner = "slack:T1/U1"};
static const struct world_setup with_model = {
    .interval_ms = 10 * SECOND, .slack = true, .model = true, .owner = "slack:T1/U1"};

/* --- the main job --- */

static void whole(struct world *w)
{
    order(w, "say U1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("D1", "Watch 1 is on");
    world_pass(w, 30 * SECOND);
    int64_t opened = env_wall_ms(w->env);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    TOLD("D1", "A table opened: Sorrel");
    CHECK(w, env_wall_ms(w->env) - opened <= 11 * SECOND);
    CHECK(w, !saying(w, "D1", "Sorrel & Ash")); /* escaped, wherever it stands */
    world_city(w, "full sorrel-and-ash any 2");
    TOLD("D1", "Gone at ");
    CHECK(w, !saying(w, "D1", "A table opened: Sorrel")); /* the same message, edited */
    order(w, "press U1 D1 Stop watch 1");
    TOLD("D1", "is stopped");
    CHECK(w, number_in(w, "calls", "fast") == 0);
}

TEST(a_watch_its_alert_its_edit_and_its_stop_by_chat)
{
    SEEDS(&with_owner, whole);
}

static bool has_block(struct world *w, const char *channel, const char *type)
{
    auto_json chat = world_slack(w, "chat %s", channel);
    const cJSON *m, *b;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        cJSON_ArrayForEach(b, json_array(m, "blocks"))
        {
            if (!strcmp(json_text_or(b, "type", ""), type))
                return true;
        }
    }
    return false;
}

static void by_command(struct world *w)
{
    connected(w);
    order(w, "slash U1 C1 watch Sorrel &amp; Ash 2031-05-09 2 8pm");
    TOLD("C1", "Watch 1 is on"); /* where it was said, for them alone */
    CHECK(w, number_in(w, "calls", "chat.postMessage") == 0);
    world_pass(w, 30 * SECOND);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    TOLD("D1", "A table opened"); /* and the alert among the messages with them */
    auto_json titles = world_slack(w, "titles");
    CHECK(w, titles->child && strstr(titles->child->valuestring, "A table opened"));
    CHECK(w, has_block(w, "D1", "context")); /* the evidence */
    order(w, "slash U1 C1 sorrel &amp; ash on may 9 for two at 8pm");
    TOLD("C1", "Sorrel");
}

TEST(a_command_is_answered_where_it_was_given_and_its_alert_comes_as_a_message)
{
    SEEDS(&with_owner, by_command);
}

static void in_threads(struct world *w)
{
    auto_json root = world_slack(w, "say U1 watches");
    const char *ts = json_text_or(root, "ts", "");
    TOLD("D1", "You watch nothing");
    order(w, "say U1@%s settings", ts);
    TOLD("D1", "City: New York");
    auto_json chat = world_slack(w, "chat D1");
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool ours = false;
        json_flag(m, "ours", &ours);
        CHECK(w, !ours || !strcmp(json_text_or(m, "thread", ""), ts));
    }
    order(w, "channel C1");
    auto_json asked = world_slack(w, "mention U1 C1 watches");
    TOLD("C1", "You watch nothing");
    auto_json channel = world_slack(w, "chat C1");
    const cJSON *answer = cJSON_GetArrayItem(json_array(channel, "messages"), 1);
    CHECK(w, !strcmp(json_text_or(answer, "thread", ""), json_text_or(asked, "ts", "?")));
}

TEST(a_thread_is_a_conversation_and_is_answered_in_it)
{
    SEEDS(&with_owner, in_threads);
}

static void plain(struct world *w)
{
    auto_json chat = NULL;
    order(w, "plain on");
    world_restart(w);
    order(w, "say U1 watches");
    TOLD("D1", "You watch nothing");
    chat = world_slack(w, "chat D1");
    CHECK(w, !*json_text_or(chat, "messages.1.thread", "?"));
}

TEST(where_there_is_no_agent_view_messages_stand_beside_each_other)
{
    ON_DISK(&with_owner, plain);
}

static void as_it_is_said_here(struct world *w)
{
    connected(w);
    order(w, "say U1 settings clock 24");
    TOLD("D1", "Clock: 24 hours");
    CHECK(w, saying(w, "D1", "/tables settings city Los Angeles"));
    CHECK(w, !saying(w, "D1", " /settings"));
    order(w, "channel C1");
    order(w, "mention U1 C1 ");
    TOLD("C1", "/tables find");
    order(w, "slash U1 C1 venue lark");
    world_pass(w, 10 * SECOND);
    auto_json chat = world_slack(w, "chat C1");
    auto_str text = STR_INIT(400000);
    json_print(&text, chat);
    CHECK(w, strstr(text.buf, "<https://")); /* an address is one to press */
}

TEST(commands_are_named_as_they_are_given_here)
{
    WORLD(1, &with_owner, as_it_is_said_here);
}

static void corrected(struct world *w)
{
    model(w, "say One.");
    model(w, "say Two.");
    auto_json said = world_slack(w, "say U1 tell me something nice");
    TOLD("D1", "One.");
    order(w, "edit U1 %s tell me something nicer", json_text_or(said, "ts", ""));
    TOLD("D1", "Two.");
    order(w, "edit U1 %s tell me something nicer", json_text_or(said, "ts", ""));
    world_pass(w, MINUTE);
    CHECK(w, asked(w) == 2);
}

TEST(a_message_that_is_edited_is_answered_anew)
{
    WORLD(1, &with_model, corrected);
}

/* --- sending --- */

static void lost(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "fault chat.postMessage lost count 1");
    order(w, "say U1 watches");
    TOLD("D1", "You watch nothing");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, "D1", "You watch nothing") == 1);
    order(w, "fault chat.postMessage internal_error count 1");
    order(w, "say U1 settings");
    TOLD("D1", "City: New York");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, "D1", "City: New York") == 1);
    order(w, "fault chat.postMessage html 502 count 2");
    order(w, "say U1 toughest");
    world_pass(w, 10 * MINUTE);
    CHECK(w, number_in(w, "envelopes", "acked") == 4);
}

TEST(an_answer_that_may_have_arrived_is_looked_for_before_it_is_said_again)
{
    SEEDS(&with_owner, lost);
}

static void lost_before_restart(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "fault chat.postMessage lost count 1");
    order(w, "fault conversations.replies html 500");
    order(w, "say U1 watches");
    world_pass(w, 3 * SECOND);
    world_restart(w);
    order(w, "calm");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, "D1", "You watch nothing") == 1);
}

TEST(what_may_have_arrived_is_looked_for_after_a_restart_too)
{
    ON_DISK(&with_owner, lost_before_restart);
}

static void refused_blocks(struct world *w)
{
    order(w, "fault chat.postMessage invalid_blocks count 1");
    order(w, "say U1 watches");
    TOLD("D1", "You watch nothing");
    auto_json chat = world_slack(w, "chat D1");
    CHECK(w, !json_array(chat, "messages.1.blocks"));
}

TEST(blocks_that_are_refused_are_left_out)
{
    WORLD(1, &with_owner, refused_blocks);
}

static void limits(struct world *w)
{
    order(w, "limit on");
    for (int i = 0; i < 8; i++)
        order(w, "say U1 pause %d", i + 1);
    world_pass(w, 30 * SECOND);
    CHECK(w, saying(w, "D1", "watch") == 8);
    CHECK(w, number_in(w, "calls", "fast") == 0);
    order(w, "fault chat.postMessage slow 30 count 1");
    order(w, "say U1 settings");
    world_pass(w, 29 * SECOND);
    int64_t calls = number_in(w, "calls", "chat.postMessage");
    CHECK(w, !saying(w, "D1", "City: New York"));
    TOLD("D1", "City: New York");
    int64_t after = number_in(w, "calls", "chat.postMessage");
    CHECK(w, after == calls + 1);
}

TEST(a_channel_gets_a_message_a_second_and_a_method_rests_as_long_as_is_demanded)
{
    SEEDS(&with_owner, limits);
}

static int allowed(struct slack_api *api, const char *method, int times)
{
    int count = 0;
    for (int i = 0; i < times; i++) {
        auto_slack a = {0};
        auto_json args = cJSON_CreateObject();
        slack_call(api, method, args, SLACK_BOT_TOKEN, false, NULL, &a);
        count += a.outcome != SLACK_LIMITED;
    }
    return count;
}

static void tiers(struct world *w)
{
    struct slack_api *api = slack_api_new(&w->http, w->env, "http://127.0.0.1:1/slack/api");
    CHECK(w, allowed(api, "chat.update", 120) == 50);
    CHECK(w, allowed(api, "chat.startStream", 40) == 20); /* each by itself */
    world_pass(w, 12 * SECOND);
    CHECK(w, allowed(api, "chat.update", 120) == 10);
    world_pass(w, MINUTE);
    CHECK(w, allowed(api, "chat.update", 120) == 50);
    CHECK(w, allowed(api, "chat.postMessage", 120) == 120); /* there the channel counts */
    slack_api_free(api);
}

TEST(a_method_is_called_no_more_often_than_its_tier_allows)
{
    WORLD(1, &with_owner, tiers);
}

static void files(struct world *w)
{
    connected(w);
    order(w, "fault files.completeUploadExternal service_unavailable count 1");
    order(w, "slash U1 C1 export");
    TOLD("D1", "file maitred.jsonl: {");
    world_pass(w, 5 * MINUTE);
    CHECK(w, saying(w, "D1", "file maitred.jsonl: {") == 1);
    order(w, "say U1 export");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, "D1", "file maitred.jsonl: {") == 2);
    CHECK(w, saying(w, "C1", "This is what I keep of you") == 1);
}

TEST(a_file_comes_behind_its_message)
{
    SEEDS(&with_owner, files);
}

static void shut_out(struct world *w)
{
    connected(w);
    order(w, "channel C1");
    order(w, "mention U1 C1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("C1", "Watch 1 is on");
    order(w, "channel C1 out");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    TOLD("D1", "A table opened"); /* an alert too */
    order(w, "mention U1 C1 watches");
    TOLD("D1", "where I cannot write: invite me there");
    TOLD("D1", "1: Sorrel");
    order(w, "channel C1 archived");
    order(w, "mention U1 C1 settings");
    TOLD("D1", "it is archived");
}

TEST(where_it_may_not_write_its_person_is_told_alone)
{
    WORLD(1, &with_owner, shut_out);
}

static void used_up(struct world *w)
{
    connected(w);
    order(w, "fault response html 404");
    order(w, "slash U1 C1 watches");
    TOLD("D1", "You watch nothing"); /* that way is closed: as a message */
    order(w, "calm");
    order(w, "fault response lost count 1");
    order(w, "slash U1 C1 settings");
    TOLD("C1", "City: New York");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, "C1", "City: New York") == 1);
}

TEST(an_answer_that_cannot_go_back_to_its_command_comes_as_a_message)
{
    SEEDS(&with_owner, used_up);
}

static void hostile(struct world *w)
{
    connected(w);
    order(w, "say U1 find <!channel> & *bold* for two tomorrow at 8pm");
    order(w, "slash U1 C1 find &lt;!channel&gt; for two tomorrow at 8pm");
    world_pass(w, MINUTE);
    CHECK(w, !saying(w, "D1", "<!channel>"));
    CHECK(w, !saying(w, "C1", "<!channel>"));
    CHECK(w, saying(w, "C1", "") >= 1);
}

TEST(nobody_can_make_it_call_a_channel)
{
    WORLD(1, &with_owner, hostile);
}

/* --- cards and buttons --- */

static void cards(struct world *w)
{
    connected(w);
    order(w, "slash U1 C1 anything friday for 2");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "C1", "") == 1);
    CHECK(w, has_block(w, "C1", "actions"));
    order(w, "press U1 C1 Next");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "C1", "") == 1); /* the same message */
    order(w, "press U1 C1 Share");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "C1", "") == 2);
    auto_json chat = world_slack(w, "chat C1");
    bool shown = false;
    json_flag(cJSON_GetArrayItem(json_array(chat, "messages"), 1), "in_channel", &shown);
    CHECK(w, shown);
    order(w, "say U1 anything friday for 2");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "D1", "") == 1);
    order(w, "press U1 D1 Next");
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, "D1", "") == 1);
}

TEST(cards_turn_in_place_and_are_shared_by_a_button)
{
    SEEDS(&with_owner, cards);
}

static void pressed_in_channel(struct world *w)
{
    connected(w);
    order(w, "channel C1");
    order(w, "mention U1 C1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("C1", "Watch 1 is on");
    order(w, "mention U2 C1 watches");
    TOLD("C1", "You watch nothing");
    order(w, "press U2 C1 Stop watch 1");
    TOLD("C1", "somebody else");
    auto_json chat = world_slack(w, "chat C1");
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool no = strstr(json_text_or(m, "text", ""), "somebody else") != NULL;
        CHECK(w, !no || !strcmp(json_text_or(m, "only", ""), "U2")); /* seen by nobody else */
    }
}

TEST(what_is_wrong_with_a_press_in_a_channel_is_for_who_pressed)
{
    WORLD(1, &with_owner, pressed_in_channel);
}

static void pressed_by_another(struct world *w)
{
    order(w, "say U1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("D1", "Watch 1 is on");
    order(w, "press U2 D1 Stop watch 1");
    world_pass(w, MINUTE);
    order(w, "say U1 watches");
    TOLD("D1", "1: Sorrel");
}

TEST(somebody_else_s_press_does_nothing)
{
    WORLD(1, &with_owner, pressed_by_another);
}

static bool has_button(struct world *w, const char *channel, const char *label)
{
    auto_json chat = world_slack(w, "chat %s", channel);
    auto_str text = STR_INIT(400000);
    json_print(&text, json_array(chat, "messages"));
    return strstr(text.buf, label) != NULL;
}

static void two_presses(struct world *w)
{
    order(w, "say U1 watch Sorrel & Ash 2031-05-09 2 8pm");
    TOLD("D1", "Watch 1 is on");
    order(w, "say U1 watch Sorrel & Ash 2031-05-10 2 8pm");
    TOLD("D1", "Watch 2 is on");
    order(w, "say U1 watches");
    TOLD("D1", "2: Sorrel");
    order(w, "press U1 D1 Stop watch 1");
    order(w, "press U1 D1 Stop watch 2");
    world_pass(w, 30 * SECOND);
    auto_json chat = world_slack(w, "chat D1");
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        auto_str text = STR_INIT(100000);
        bool list = strstr(json_text_or(m, "text", ""), "2: Sorrel") != NULL;
        json_print(&text, m);
        CHECK(w,
              !list || !strstr(text.buf, "Stop watch 2\"") || !strstr(text.buf, "Stop watch 1\""));
    }
    order(w, "press U1 D1 Undo");
    world_pass(w, 10 * SECOND);
    CHECK(w, has_button(w, "D1", "goes on") || saying(w, "D1", "goes on"));
}

TEST(two_buttons_of_one_message_do_not_bring_each_other_back)
{
    SEEDS(&with_owner, two_presses);
}

static void gone_thread(struct world *w)
{
    connected(w);
    order(w, "event {\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":"
             "\"U1\",\"text\":\"watches\",\"ts\":\"9.1\",\"thread_ts\":\"8.1\"}");
    TOLD("D1", "You watch nothing");
}

TEST(a_thread_that_is_gone_is_answered_beside)
{
    WORLD(1, &with_owner, gone_thread);
}

static void bad_bot_token(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "fault chat.postMessage invalid_auth");
    order(w, "fault auth.test invalid_auth");
    order(w, "say U1 watches");
    world_pass(w, 2 * MINUTE);
    CHECK(w, number_in(w, "sockets", "opened") == 1); /* which lives on by the other token */
    order(w, "disconnect warning");
    world_pass(w, MINUTE);
    CHECK(w, number_in(w, "sockets", "opened") == 2);
    CHECK(w, number_in(w, "calls", "auth.test") < 4);
    order(w, "calm");
    TOLD("D1", "refuses bot_token");
    TOLD("D1", "You watch nothing");
    TOLD("D1", "as it should be again");
}

TEST(a_token_for_sending_that_is_refused_is_told_and_looked_at_again)
{
    WORLD(1, &with_owner, bad_bot_token);
}

MAIN(cmocka_unit_test(a_watch_its_alert_its_edit_and_its_stop_by_chat),
     cmocka_unit_test(a_command_is_answered_where_it_was_given_and_its_alert_comes_as_a_message),
     cmocka_unit_test(a_thread_is_a_conversation_and_is_answered_in_it),
     cmocka_unit_test(where_there_is_no_agent_view_messages_stand_beside_each_other),
     cmocka_unit_test(commands_are_named_as_they_are_given_here),
     cmocka_unit_test(a_message_that_is_edited_is_answered_anew),
     cmocka_unit_test(an_answer_that_may_have_arrived_is_looked_for_before_it_is_said_again),
     cmocka_unit_test(what_may_have_arrived_is_looked_for_after_a_restart_too),
     cmocka_unit_test(blocks_that_are_refused_are_left_out),
     cmocka_unit_test(a_channel_gets_a_message_a_second_and_a_method_rests_as_long_as_is_demanded),
     cmocka_unit_test(a_method_is_called_no_more_often_than_its_tier_allows),
     cmocka_unit_test(a_file_comes_behind_its_message),
     cmocka_unit_test(where_it_may_not_write_its_person_is_told_alone),
     cmocka_unit_test(an_answer_that_cannot_go_back_to_its_command_comes_as_a_message),
     cmocka_unit_test(nobody_can_make_it_call_a_channel),
     cmocka_unit_test(cards_turn_in_place_and_are_shared_by_a_button),
     cmocka_unit_test(somebody_else_s_press_does_nothing),
     cmocka_unit_test(what_is_wrong_with_a_press_in_a_channel_is_for_who_pressed),
     cmocka_unit_test(two_buttons_of_one_message_do_not_bring_each_other_back),
     cmocka_unit_test(a_thread_that_is_gone_is_answered_beside),
     cmocka_unit_test(a_token_for_sending_that_is_refused_is_told_and_looked_at_again))
