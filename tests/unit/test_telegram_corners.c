/* Corners of Telegram in the virtual world: outages, floods, lost answers, topics, corrections. */
#include "tests/test.h"

#include "tests/unit/chats.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .telegram = true, .owner = "telegram:42"};
static const struct world_setup unhurried = {
    .interval_ms = 10 * MINUTE, .telegram = true, .owner = "telegram:42"}; /* over days */
static const struct world_setup with_nobody = {.interval_ms = 10 * SECOND, .telegram = true};

static void outage(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates reset");
    world_pass(w, 5 * MINUTE);
    CHECK(w, telegram_is_alive(w->telegram));
}

TEST(an_outage_of_any_length_is_not_taken_for_a_part_that_hangs)
{
    WORLD(1, &with_owner, outage);
}

static void flood(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates flood 900 count 1");
    world_pass(w, MINUTE);
    world_pass(w, 10 * MINUTE);
    CHECK(w, telegram_is_alive(w->telegram));
}

TEST(a_long_wait_that_the_service_wants_is_told_and_is_no_hang)
{
    WORLD(1, &with_owner, flood);
}

static void location(struct world *w)
{
    order(w, "group %lld 42 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    size_t before = messages_in(w, GROUP);
    order(w,
          "message {\"from\":{\"id\":77,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"location\":{\"latitude\":34.05,\"longitude\":-118.25}}",
          GROUP);
    world_pass(w, 20 * SECOND);
    CHECK(w, messages_in(w, GROUP) == before);
}

TEST(a_place_that_somebody_shows_to_a_group_is_not_for_us)
{
    WORLD(1, &with_owner, location);
}

static void promote(struct world *w)
{
    order(w, "member 42 %lld member", GROUP);
    order(w, "group %lld 77 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    order(w, "member 77 %lld administrator", GROUP);
    world_pass(w, 10 * SECOND);
    order(w, "group %lld 77 /settings", GROUP);
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, GROUP, "City: New York"));
}

TEST(a_new_right_in_a_group_silences_nobody)
{
    WORLD(1, &with_owner, promote);
}

static void stepping(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates garbage count 14");
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    for (int i = 0; i < 3; i++) {
        say(w, OWNER, "/watches");
    }
    world_pass(w, 7 * MINUTE);
    CHECK(w, saying(w, OWNER, "You watch nothing") == 3);
}

TEST(answers_without_anything_to_read_step_over_nothing)
{
    WORLD(1, &with_owner, stepping);
}

static void sticker(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    order(w, "fault getUpdates status 500");
    world_pass(w, MINUTE);
    say(w, OWNER, "thimble friday for 2");
    order(w, "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":42,"
             "\"type\":\"private\"},\"sticker\":{\"emoji\":\"x\"}}");
    world_pass(w, 60 * MINUTE);
    order(w, "calm");
    HEARS(OWNER, "Nice one");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, OWNER, "thimble") + saying(w, OWNER, "Thimble") >= 1);
}

TEST(a_sticker_after_a_long_silence_does_not_make_the_question_before_it_vanish)
{
    WORLD(1, &with_owner, sticker);
}

static void many_stale(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    order(w, "fault getUpdates status 500");
    world_pass(w, MINUTE);
    for (int i = 0; i < 32; i++)
        say(w, OWNER, "lark friday for 2");
    world_pass(w, 60 * MINUTE);
    order(w, "calm");
    world_pass(w, 2 * MINUTE);
    CHECK(w, saying(w, OWNER, "Sorry, I was away") == 1);
    CHECK(w, saying(w, OWNER, "too many messages") == 0);
}

TEST(many_messages_after_a_long_silence_are_one_to_the_limit)
{
    WORLD(1, &with_owner, many_stale);
}

static void twice_edited(struct world *w)
{
    auto_json said = world_bot(w, "say 42 lark on fri");
    long long id = json_i64_or(said, "message_id", 0), now = env_wall_ms(w->env) / 1000;
    HEARS(OWNER, "For how many people?");
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":42,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":42,\"type\":\"private\"},"
          "\"text\":\"lark on friday for 2\"}",
          id, now, now + 5);
    HEARS(OWNER, "Lark, Fri May 9, 2 people");
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":42,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":42,\"type\":\"private\"},"
          "\"text\":\"lark on friday for 3\"}",
          id, now, now + 15);
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, OWNER, "3 people"));
}

TEST(a_message_may_be_corrected_twice)
{
    WORLD(1, &with_owner, twice_edited);
}

static void overtaken(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_pass(w, 30 * SECOND);
    order(w, "fault sendMessage lost count 1");
    order(w, "fault sendMessage status 500 count 3");
    say(w, OWNER, "/settings");
    HEARS(OWNER, "City: New York");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    HEARS(OWNER, "A table opened");
    world_pass(w, 2 * MINUTE);
    CHECK(w, saying(w, OWNER, "City: New York") == 1);
    CHECK(w, saying(w, OWNER, "A table opened") == 1);
}

TEST(an_alert_that_overtakes_a_lost_answer_makes_it_no_two)
{
    SEEDS(&with_owner, overtaken);
}

static void greeted(struct world *w)
{
    char code[12], right[40];
    CHECK(w, orchestrator_claim(w->orchestrator, telegram_adapter(w->telegram), code));
    say(w, OWNER, "/start");
    say(w, OWNER, "hello");
    say(w, OWNER, "hello?");
    say(w, OWNER, "/help");
    say(w, OWNER, "hi");
    world_pass(w, 10 * SECOND);
    snprintf(right, sizeof(right), "%s", code);
    say(w, OWNER, right);
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, OWNER, "You are my owner now"));
}

TEST(whoever_greets_first_can_still_claim)
{
    WORLD(1, &with_nobody, greeted);
}

static void maybe_lost(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault sendMessage lost count 1");
    order(w, "fault sendMessage status 500");
    say(w, OWNER, "/settings");
    HEARS(OWNER, "City: New York");
    world_pass(w, 3 * SECOND);
    world_restart(w);
    order(w, "calm");
    world_pass(w, 6 * MINUTE);
    CHECK(w, saying(w, OWNER, "City: New York") == 1);
}

TEST(what_may_have_arrived_is_remembered_over_a_restart)
{
    ON_DISK(&with_owner, maybe_lost);
}

static void known_before(struct world *w)
{
    char before[PLATFORM_REF] = "", after[PLATFORM_REF] = "";
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    struct adapter *adapter = telegram_adapter(w->telegram);
    adapter->ops->newest(adapter, "42", before);
    CHECK(w, before[0]);
    world_restart(w);
    adapter = telegram_adapter(w->telegram);
    adapter->ops->newest(adapter, "42", after);
    CHECK(w, !strcmp(before, after));
}

TEST(a_predecessor_knew_what_was_there)
{
    ON_DISK(&with_owner, known_before);
}

static void far_behind(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    say(w, ANN, "hi");
    HEARS(OWNER, "number 77");
    for (int i = 0; i < 320; i++)
        say(w, ANN, "hi");
    world_pass(w, MINUTE);
    order(w, "fault sendMessage lost count 2");
    say(w, 88, "hi");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, OWNER, "number 88") == 1);
    CHECK(w, saying(w, 88, "your code is") == 1);
}

TEST(a_lost_message_is_found_however_long_nothing_was_said_in_its_chat)
{
    WORLD(1, &with_owner, far_behind);
}

static void deleted_topic(struct world *w)
{
    /* two topics of one group: a lost answer in one, an answer in the other */
    order(w, "topic %lld 77", GROUP);
    order(w, "topic %lld 78", GROUP);
#define IN(topic, text)                                                                            \
    order(w,                                                                                       \
          "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"              \
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":%d,"           \
          "\"text\":\"%s\"}",                                                                      \
          GROUP, topic, text)
    IN(77, "/watches");
    HEARS(GROUP, "You watch nothing");
    order(w, "fault sendMessage reset count 2"); /* may have arrived; it has not */
    IN(77, "/undo");
    world_pass(w, 300);
    IN(78, "/settings");
    HEARS(GROUP, "City: New York");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, GROUP, "City: New York") == 1);
    CHECK(w, saying(w, GROUP, "take back") == 1);
    auto_json chat = world_bot(w, "chat %lld", GROUP);
    auto_str t = STR_INIT(100000);
    json_print(&t, chat);
}

TEST(a_lost_answer_in_one_topic_touches_nothing_in_another)
{
    SEEDS(&with_owner, deleted_topic);
}

static void unread(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates html 200");
    world_pass(w, 10 * MINUTE);
    CHECK(w, number_in(w, "calls", "getUpdates") < 100);
    CHECK(w, saying(w, OWNER, "Telegram does not answer"));
}

TEST(a_service_that_says_nothing_readable_is_told_to_the_owner)
{
    WORLD(1, &with_owner, unread);
}

static void digest(struct world *w)
{
    say(w, OWNER, "/settings quiet 11pm-8am");
    HEARS(OWNER, "Quiet hours: 11:00 PM to 8:00 AM");
    world_city(w, "full sorrel-and-ash any 2");
    world_city(w, "full lark any 2");
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 to 2031-05-31 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    say(w, OWNER, "/watch Lark 2031-05-09 to 2031-05-31 2 8pm");
    HEARS(OWNER, "Watch 2 is on");
    world_pass(w, 15 * 60 * MINUTE);
    for (int d = 10; d < 31; d++) {
        world_city(w, "open sorrel-and-ash 2031-05-%02d 2 20:15", d);
        world_city(w, "open lark 2031-05-%02d 2 20:15", d);
    }
    world_pass(w, 9 * 60 * MINUTE);
    auto_json chat = world_bot(w, "chat 42");
    size_t lines = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        const char *text = json_text_or(m, "text", "");
        for (const char *at = text; (at = strstr(at, "people: ")); at++)
            lines++;
    }
    CHECK(w, lines == 42);
}

TEST(a_morning_with_more_than_forty_tables_loses_none)
{
    WORLD(1, &unhurried, digest);
}

static void clock24(struct world *w)
{
    say(w, OWNER, "/settings clock 24");
    HEARS(OWNER, "24 hours");
    say(w, OWNER, "/settings quiet 11pm-8am");
    HEARS(OWNER, "Quiet hours: 23:00 to");
    world_city(w, "full lark any 2");
    say(w, OWNER, "/watch Lark 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_pass(w, 15 * 60 * MINUTE);
    world_city(w, "open lark 2031-05-09 2 20:00");
    world_pass(w, 20 * MINUTE);
    world_city(w, "full lark any 2");
    world_pass(w, 6 * 60 * MINUTE);
    CHECK(w, saying(w, OWNER, "8:00 PM") == 0);
    CHECK(w, saying(w, OWNER, "20:00") == 1);
}

TEST(what_was_missed_is_told_by_the_clock_that_its_person_reads)
{
    WORLD(1, &unhurried, clock24);
}

static void topic_member(struct world *w)
{
    order(w, "topic %lld 77", GROUP);
    order(w, "member 42 %lld member", GROUP);
    order(w, "group %lld 77 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    order(w,
          "message {\"from\":{\"id\":77,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":77,"
          "\"text\":\"/settings\"}",
          GROUP);
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, GROUP, "City: New York") == 1);
}

TEST(a_group_that_is_allowed_is_so_in_all_its_topics)
{
    WORLD(1, &with_owner, topic_member);
}

static void topic_hole(struct world *w)
{
    order(w, "topic %lld 77", GROUP);
    order(w, "member 42 %lld member", GROUP);
    order(w,
          "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":77,"
          "\"text\":\"/watches\"}",
          GROUP);
    HEARS(GROUP, "You watch nothing");
    order(w, "member 42 %lld kicked", GROUP);
    world_pass(w, SECOND);
    order(w, "member 88 %lld member", GROUP); /* a stranger brings it back */
    world_pass(w, SECOND);
    order(w,
          "message {\"from\":{\"id\":77,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":77,"
          "\"text\":\"/settings\"}",
          GROUP);
    world_pass(w, 20 * SECOND);
    CHECK(w, saying(w, GROUP, "City: New York") == 0);
}

TEST(a_group_that_a_stranger_brings_back_is_allowed_in_no_topic)
{
    WORLD(1, &with_owner, topic_hole);
}

static void quiet_off(struct world *w)
{
    say(w, OWNER, "/settings quiet 11pm-8am");
    HEARS(OWNER, "Quiet hours: 11:00 PM to 8:00 AM");
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_pass(w, 15 * 60 * MINUTE);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 15 * MINUTE);
    say(w, OWNER, "/settings quiet off");
    HEARS(OWNER, "Quiet hours: none");
    world_pass(w, 30 * MINUTE);
    CHECK(w, saying(w, OWNER, "8:15 PM"));
}

TEST(quiet_hours_that_are_switched_off_release_what_waited)
{
    WORLD(1, &unhurried, quiet_off);
}

static void others_edit(struct world *w)
{
    order(w, "group %lld 42 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    world_city(w, "hold 4000");
    auto_json owners = world_bot(w, "group %lld 42 @" BOT_NAME " sushi in soho friday for 2",
                                 GROUP);
    world_pass(w, 300);
    auto_json said = world_bot(w, "group %lld 77 @" BOT_NAME " lark on friday for 2", GROUP);
    long long id = json_i64_or(said, "message_id", 0), now = env_wall_ms(w->env) / 1000;
    world_pass(w, 1000);
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":77,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":%lld,\"type\":\"supergroup\"},"
          "\"entities\":[{\"type\":\"mention\",\"offset\":0,\"length\":%zu}],"
          "\"text\":\"@" BOT_NAME " lark on friday for 3\"}",
          id, now, now + 2, GROUP, strlen(BOT_NAME) + 1);
    world_pass(w, 90 * SECOND);
    auto_json chat = world_bot(w, "chat %lld", GROUP);
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        if (json_i64_or(m, "reply_to", 0) == json_i64_or(owners, "message_id", -1))
            CHECK(w, !strstr(json_text_or(m, "text", ""), "Stopped"));
    }
    CHECK(w, saying(w, GROUP, "Lark, Fri May 9, 3 people"));
}

TEST(a_correction_gives_up_nobody_elses_answer)
{
    WORLD(1, &with_owner, others_edit);
}

static void outage_again(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    int64_t polls = number_in(w, "calls", "getUpdates");
    (void)polls;
    CHECK(w, telegram_set_token(w->telegram, "12345678:another_TOKEN-sandbox_TOKEN-sandbox00"));
    world_pass(w, 2 * MINUTE); /* the old poll ends, the new token is refused */
    CHECK(w, telegram_state_now(w->telegram) == TELEGRAM_REFUSED);
    CHECK(w, telegram_set_token(w->telegram, BOT_TOKEN));
    world_pass(w, 2 * MINUTE);
    say(w, OWNER, "/settings");
    HEARS(OWNER, "City: New York");
}

TEST(a_new_token_is_taken_without_a_restart)
{
    WORLD(1, &with_owner, outage_again);
}

MAIN(cmocka_unit_test(an_outage_of_any_length_is_not_taken_for_a_part_that_hangs),
     cmocka_unit_test(a_long_wait_that_the_service_wants_is_told_and_is_no_hang),
     cmocka_unit_test(a_place_that_somebody_shows_to_a_group_is_not_for_us),
     cmocka_unit_test(a_new_right_in_a_group_silences_nobody),
     cmocka_unit_test(answers_without_anything_to_read_step_over_nothing),
     cmocka_unit_test(a_sticker_after_a_long_silence_does_not_make_the_question_before_it_vanish),
     cmocka_unit_test(many_messages_after_a_long_silence_are_one_to_the_limit),
     cmocka_unit_test(a_message_may_be_corrected_twice),
     cmocka_unit_test(an_alert_that_overtakes_a_lost_answer_makes_it_no_two),
     cmocka_unit_test(whoever_greets_first_can_still_claim),
     cmocka_unit_test(what_may_have_arrived_is_remembered_over_a_restart),
     cmocka_unit_test(a_predecessor_knew_what_was_there),
     cmocka_unit_test(a_lost_answer_in_one_topic_touches_nothing_in_another),
     cmocka_unit_test(a_service_that_says_nothing_readable_is_told_to_the_owner),
     cmocka_unit_test(a_morning_with_more_than_forty_tables_loses_none),
     cmocka_unit_test(what_was_missed_is_told_by_the_clock_that_its_person_reads),
     cmocka_unit_test(a_group_that_is_allowed_is_so_in_all_its_topics),
     cmocka_unit_test(a_group_that_a_stranger_brings_back_is_allowed_in_no_topic),
     cmocka_unit_test(quiet_hours_that_are_switched_off_release_what_waited),
     cmocka_unit_test(a_correction_gives_up_nobody_elses_answer),
     cmocka_unit_test(a_lost_message_is_found_however_long_nothing_was_said_in_its_chat),
     cmocka_unit_test(a_new_token_is_taken_without_a_restart))
