/* Slack's socket, in the virtual world: our adapter against a workspace that misbehaves. */
#include "tests/test.h"

#include "tests/unit/workspace.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .slack = true, .owner = "slack:T1/U1"};

/* --- coming and going --- */

static void hello(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "slash U1 C1 status");
    TOLD("C1", "I am alive");
    CHECK(w, number_in(w, "envelopes", "acked") == 2);
    CHECK(w, number_in(w, "envelopes", "acked_elsewhere") == 0);
}

TEST(a_message_and_a_command_are_answered)
{
    SEEDS(&with_owner, hello);
}

static void quiet(struct world *w)
{
    world_pass(w, 30 * MINUTE);
    CHECK(w, number_in(w, "sockets", "opened") == 1);
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
}

TEST(a_quiet_workspace_keeps_its_socket)
{
    WORLD(1, &with_owner, quiet);
}

/* How long until there is another one. */
static int64_t replaced_in(struct world *w, int64_t opened)
{
    int64_t began = env_mono_ms(w->env);
    while (number_in(w, "sockets", "opened") == opened && env_mono_ms(w->env) < began + 5 * MINUTE)
        world_pass(w, 50);
    return env_mono_ms(w->env) - began;
}

static void frozen(struct world *w)
{
    world_pass(w, MINUTE);
    order(w, "freeze");
    CHECK(w, replaced_in(w, 1) <= 25 * SECOND);
    world_pass(w, MINUTE);
    order(w, "mute");
    CHECK(w, replaced_in(w, 2) <= 25 * SECOND);
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
}

TEST(a_frozen_peer_is_replaced_within_25_seconds)
{
    SEEDS(&with_owner, frozen);
}

static void ended(struct world *w)
{
    world_pass(w, 2 * MINUTE);
    order(w, "reset");
    CHECK(w, replaced_in(w, 1) <= 2 * SECOND);
    world_pass(w, 2 * MINUTE);
    order(w, "shut");
    CHECK(w, replaced_in(w, 2) <= 2 * SECOND);
    CHECK(w, !saying(w, "D1", "does not answer"));
}

TEST(a_peer_that_ends_is_replaced_within_two)
{
    SEEDS(&with_owner, ended);
}

static void slow_to_greet(struct world *w)
{
    world_pass(w, 2 * MINUTE);
    order(w, "no-hello 1");
    order(w, "reset");
    CHECK(w, replaced_in(w, 1) <= 2 * SECOND); /* it is up, and says nothing */
    CHECK(w, replaced_in(w, 2) <= 15 * SECOND);
    world_pass(w, 2 * MINUTE);
    order(w, "late-hello 9000"); /* late is no reason to give it up, nor to be used before */
    order(w, "reset");
    world_pass(w, 2 * SECOND);
    order(w, "say U1 watches");
    world_pass(w, 12 * SECOND);
    CHECK(w, number_in(w, "sockets", "opened") == 4);
    TOLD("D1", "You watch nothing");
    order(w, "hang 1");
    order(w, "refuse 1");
    order(w, "reset");
    CHECK(w, replaced_in(w, 4) <= 30 * SECOND); /* ten of them were given to the first */
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
}

TEST(a_socket_without_a_hello_or_an_upgrade_is_given_up)
{
    SEEDS(&with_owner, slow_to_greet);
}

static void storm(struct world *w)
{
    world_pass(w, 10 * SECOND);
    for (int i = 0; i < 20; i++) { /* each dies at once: that must not become a storm */
        order(w, "reset");
        world_pass(w, 5 * SECOND);
    }
    CHECK(w, number_in(w, "sockets", "opened") < 12);
}

TEST(sockets_that_die_at_once_are_dialled_ever_more_slowly)
{
    WORLD(1, &with_owner, storm);
}

static void refreshed(struct world *w)
{
    world_pass(w, MINUTE);
    for (int turn = 0; turn < 20; turn++) {
        for (int i = 0; i < 50; i++) {
            order(w, "say U1 pause %d", turn * 50 + i + 1);
            if (i == 25)
                order(w, turn % 2 ? "disconnect warning" : "disconnect refresh_requested");
            if (i % 10 == 0)
                world_pass(w, 20);
        }
        world_pass(w, 40 * SECOND);
        CHECK(w, number_in(w, "sockets", "opened") == turn + 2);
        CHECK(w, number_in(w, "sockets", "up") == 1);
    }
    CHECK(w, number_in(w, "envelopes", "acked") == 1000);
    CHECK(w, number_in(w, "envelopes", "redelivered") == 0);
    CHECK(w, number_in(w, "envelopes", "failed") == 0);
    CHECK(w, number_in(w, "envelopes", "acked_twice") == 0);
    CHECK(w, number_in(w, "envelopes", "acked_elsewhere") == 0);
}

TEST(a_thousand_events_over_twenty_refreshes)
{
    WORLD(1, &with_owner, refreshed);
}

static void too_many(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "disconnect too_many_websockets");
    order(w, "shut");
    world_pass(w, 25 * SECOND);
    CHECK(w, number_in(w, "sockets", "opened") == 1);
    CHECK(w, replaced_in(w, 1) <= 15 * SECOND);
    TOLD("D1", "too many copies of me");
}

TEST(too_many_sockets_is_no_reason_to_come_back_at_once)
{
    WORLD(1, &with_owner, too_many);
}

static void switched_off(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "fault apps.connections.open socket_mode_disabled");
    order(w, "disconnect link_disabled");
    order(w, "shut");
    TOLD("D1", "Socket Mode is switched off");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, "D1", "Socket Mode is switched off") == 1);
    CHECK(w, number_in(w, "calls", "apps.connections.open") < 8);
    order(w, "calm");
    world_pass(w, 2 * MINUTE); /* six at most between two looks */
    TOLD("D1", "as it should be again");
}

TEST(socket_mode_that_is_switched_off_is_told_once_and_looked_at_slowly)
{
    WORLD(1, &with_owner, switched_off);
}

static void bad_app_token(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "fault apps.connections.open invalid_auth");
    order(w, "reset");
    TOLD("D1", "refuses app_token");
    CHECK(w, slack_state_now(w->slack) == SLACK_REFUSED);
    order(w, "calm");
    world_pass(w, 6 * MINUTE);
    CHECK(w, slack_state_now(w->slack) == SLACK_UP);
}

TEST(a_token_that_is_refused_is_told_and_tried_again_in_minutes)
{
    WORLD(1, &with_owner, bad_app_token);
}

static void slow_down(struct world *w)
{
    world_pass(w, MINUTE);
    order(w, "fault apps.connections.open slow 20 count 1");
    order(w, "reset");
    world_pass(w, 19 * SECOND);
    CHECK(w, number_in(w, "sockets", "opened") == 1);
    CHECK(w, replaced_in(w, 1) <= 4 * SECOND);
    world_pass(w, 2 * MINUTE);
    order(w, "fault apps.connections.open html 502 count 3");
    order(w, "reset");
    CHECK(w, replaced_in(w, 2) <= 15 * SECOND);
}

TEST(an_address_is_asked_for_as_slowly_as_is_demanded)
{
    WORLD(1, &with_owner, slow_down);
}

/* --- repeats --- */

static void repeats(struct world *w)
{
    order(w, "say U1 watches");
    TOLD("D1", "You watch nothing");
    order(w, "again");
    order(w, "again-event");
    order(w, "twin");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, "D1", "You watch nothing") == 1);
    world_pass(w, 10 * MINUTE);
    order(w, "twin");
    world_restart(w);
    order(w, "twin");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, "D1", "You watch nothing") == 1);
    order(w, "slash U1 C1 watches");
    TOLD("C1", "You watch nothing");
    order(w, "again");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, "C1", "You watch nothing") == 1);
}

TEST(what_comes_again_under_whatever_id_is_answered_once)
{
    ON_DISK(&with_owner, repeats);
}

static void missed(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "refuse 3");
    order(w, "reset");
    order(w, "say U1 watches"); /* while nobody is there: it comes again */
    TOLD("D1", "You watch nothing");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, "D1", "You watch nothing") == 1);
}

TEST(what_was_said_while_no_socket_was_up_is_answered_when_it_comes_again)
{
    SEEDS(&with_owner, missed);
}

static void burst(struct world *w)
{
    world_pass(w, MINUTE);
    for (int i = 0; i < 500; i++)
        order(w, "event {\"type\":\"reaction_added\",\"user\":\"U1\",\"item\":{}}");
    world_pass(w, 10 * SECOND);
    CHECK(w, number_in(w, "envelopes", "acked") == 500);
    CHECK(w, number_in(w, "envelopes", "acked_twice") == 0);
}

TEST(each_of_a_burst_is_acknowledged_once)
{
    SEEDS(&with_owner, burst);
}

/* --- what is not for us --- */

static void others(struct world *w)
{
    static const char *const events[] = {
        "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"UBOT\","
        "\"text\":\"status\",\"ts\":\"1.1\"}",
        "{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\","
        "\"bot_id\":\"B9\",\"text\":\"status\",\"ts\":\"1.2\"}",
        "{\"type\":\"message\",\"subtype\":\"bot_message\",\"channel\":\"D1\",\"channel_type\":"
        "\"im\",\"user\":\"U1\",\"text\":\"status\",\"ts\":\"1.3\"}",
        "{\"type\":\"message\",\"subtype\":\"channel_join\",\"channel\":\"C1\",\"user\":\"U1\","
        "\"text\":\"<@UBOT> status\",\"ts\":\"1.4\"}",
        "{\"type\":\"message\",\"channel\":\"C1\",\"channel_type\":\"channel\",\"user\":\"U1\","
        "\"text\":\"status\",\"ts\":\"1.5\"}",
        "{\"type\":\"message\",\"subtype\":\"message_deleted\",\"channel\":\"D1\",\"channel_type\":"
        "\"im\",\"ts\":\"1.6\"}",
        "{\"type\":\"message\",\"subtype\":\"message_changed\",\"channel\":\"D1\",\"channel_type\":"
        "\"im\",\"message\":{\"user\":\"UBOT\",\"text\":\"a\",\"ts\":\"1.7\",\"edited\":{\"ts\":"
        "\"2.1\"}},\"previous_message\":{\"text\":\"b\"},\"ts\":\"1.8\"}",
        "{\"type\":\"message\"}",
        "{\"type\":\"nobody_knows\"}",
        "{}",
    };
    order(w, "channel C1");
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        order(w, "event %s", events[i]);
    order(w, "raw no JSON at all");
    order(w, "raw {\"type\":\"events_api\",\"envelope_id\":\"e-1\"}");
    order(w, "raw {\"type\":\"events_api\",\"envelope_id\":\"e-2\",\"payload\":{\"type\":"
             "\"app_rate_limited\",\"team_id\":\"T1\"}}");
    order(w, "raw {\"type\":\"surprise\"}");
    world_pass(w, MINUTE);
    CHECK(w, number_in(w, "envelopes", "acked") == (int64_t)ARRAY_LEN(events));
    CHECK(w, number_in(w, "calls", "chat.postMessage") == 0);
    CHECK(w, number_in(w, "sockets", "opened") == 1);
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
}

TEST(own_messages_those_of_bots_and_what_nobody_knows_are_left_alone)
{
    SEEDS(&with_owner, others);
}

static void gone_from_workspace(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "event {\"type\":\"app_uninstalled\"}");
    TOLD("D1", "the app was taken out");
}

TEST(an_app_that_is_taken_out_is_told_to_whoever_can_hear_it)
{
    WORLD(1, &with_owner, gone_from_workspace);
}

/* --- the manifest --- */

/* The limits of the published schema. */
TEST(the_manifest_keeps_to_its_limits)
{
    auto_text text = slack_manifest();
    auto_json m = json_parse(text, strlen(text), "the manifest", NULL);
    static const struct {
        const char *path;
        size_t least, most;
    } limits[] = {
        {"display_information.name", 1, 35},
        {"display_information.description", 1, 140},
        {"display_information.long_description", 175, 4000},
        {"features.bot_user.display_name", 1, 80},
        {"features.agent_view.agent_description", 1, 300},
        {"features.slash_commands.0.command", 2, 32},
        {"features.slash_commands.0.description", 1, 2000},
        {"features.slash_commands.0.usage_hint", 1, 1000},
        {"features.shortcuts.0.name", 1, 24},
        {"features.shortcuts.1.name", 1, 24},
        {"features.shortcuts.0.description", 1, 150},
        {"features.shortcuts.1.description", 1, 150},
    };
    assert_non_null(m);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        const char *value = json_text(m, limits[i].path);
        if (!value || strlen(value) < limits[i].least || strlen(value) > limits[i].most)
            fail_msg("%s: %s", limits[i].path, value ? value : "(not there)");
    }
    bool read_only = true, socket_mode = false;
    json_flag(m, "features.app_home.messages_tab_read_only_enabled", &read_only);
    json_flag(m, "settings.socket_mode_enabled", &socket_mode);
    assert_true(!read_only && socket_mode);
    assert_true(cJSON_GetArraySize(json_array(m, "features.agent_view.suggested_prompts")) <= 4);
}

MAIN(cmocka_unit_test(a_message_and_a_command_are_answered),
     cmocka_unit_test(a_quiet_workspace_keeps_its_socket),
     cmocka_unit_test(a_frozen_peer_is_replaced_within_25_seconds),
     cmocka_unit_test(a_peer_that_ends_is_replaced_within_two),
     cmocka_unit_test(a_socket_without_a_hello_or_an_upgrade_is_given_up),
     cmocka_unit_test(sockets_that_die_at_once_are_dialled_ever_more_slowly),
     cmocka_unit_test(a_thousand_events_over_twenty_refreshes),
     cmocka_unit_test(too_many_sockets_is_no_reason_to_come_back_at_once),
     cmocka_unit_test(socket_mode_that_is_switched_off_is_told_once_and_looked_at_slowly),
     cmocka_unit_test(a_token_that_is_refused_is_told_and_tried_again_in_minutes),
     cmocka_unit_test(an_address_is_asked_for_as_slowly_as_is_demanded),
     cmocka_unit_test(what_comes_again_under_whatever_id_is_answered_once),
     cmocka_unit_test(what_was_said_while_no_socket_was_up_is_answered_when_it_comes_again),
     cmocka_unit_test(each_of_a_burst_is_acknowledged_once),
     cmocka_unit_test(own_messages_those_of_bots_and_what_nobody_knows_are_left_alone),
     cmocka_unit_test(the_manifest_keeps_to_its_limits),
     cmocka_unit_test(an_app_that_is_taken_out_is_told_to_whoever_can_hear_it))
