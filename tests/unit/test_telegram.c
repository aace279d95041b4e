/* Telegram in the virtual world: our adapter over the Bot API's server, with its faults. */
#include "tests/test.h"

#include "core/orchestrator/internal.h"
#include "tests/unit/chats.h"

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .telegram = true, .owner = "telegram:42"};
static const struct world_setup unhurried = {
    .interval_ms = 5 * MINUTE, .telegram = true, .owner = "telegram:42"}; /* over days */

/* --- the main job --- */

static void whole(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    CHECK(w, messages_in(w, OWNER) == 1);
    world_pass(w, 30 * SECOND);
    int64_t opened = env_wall_ms(w->env);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    HEARS(OWNER, "A table opened: Sorrel & Ash");
    CHECK(w, env_wall_ms(w->env) - opened <= 11 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 2);
    world_city(w, "full sorrel-and-ash any 2");
    HEARS(OWNER, "Gone at ");
    CHECK(w, messages_in(w, OWNER) == 2); /* the same message, edited */
    say(w, OWNER, "/watches");
    HEARS(OWNER, "Told lately");
    order(w, "press 42 42 Stop watch 1");
    HEARS(OWNER, "Watch 1 (Sorrel & Ash, Fri May 9) is stopped");
    order(w, "press 42 42 Stop watch 1"); /* once more: it does no harm */
    HEARS(OWNER, "pressed already");
}

TEST(a_watch_its_alert_its_edit_and_its_stop_by_chat)
{
    SEEDS(&with_owner, whole);
}

static const struct world_setup books = {
    .interval_ms = 10 * SECOND, .telegram = true, .booking = true, .owner = "telegram:42"};

/* The card is a message of its own, which becomes its end. */
static void booked(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15 seating Dining Room");
    HEARS(OWNER, "A table opened: Sorrel & Ash");
    order(w, "press 42 42 Book 8:15 PM");
    HEARS(OWNER, "Nothing is booked yet");
    size_t before = messages_in(w, OWNER);
    order(w, "press 42 42 Confirm Sorrel");
    HEARS(OWNER, "Booked: Sorrel & Ash");
    CHECK(w, messages_in(w, OWNER) == before && !saying(w, OWNER, "Nothing is booked yet"));
    CHECK(w, world_requests(w, "/3/book") == 1);
    order(w, "press 42 42 Cancel Sorrel");
    HEARS(OWNER, "Cancel Sorrel & Ash, Fri May 9");
    order(w, "press 42 42 Keep Sorrel");
    HEARS(OWNER, "It stays booked, as you wished");
    CHECK(w, world_requests(w, "/3/cancel") == 0);
}

TEST(an_alert_is_booked_by_its_buttons_and_the_card_becomes_the_answer)
{
    SEEDS(&books, booked);
}

/* --- receiving --- */

static void lost_answer(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault sendMessage lost count 1");
    int64_t asked = env_wall_ms(w->env);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    CHECK(w, env_wall_ms(w->env) - asked < 3 * SECOND);
    world_pass(w, MINUTE);
    CHECK(w, saying(w, OWNER, "You watch nothing") == 1); /* one final, and nothing else */
    CHECK(w, messages_in(w, OWNER) == 2);
}

TEST(an_answer_whose_sending_was_not_confirmed_is_there_once)
{
    SEEDS(&with_owner, lost_answer);
}

static void hanging_poll(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates hang count 1");
    say(w, OWNER, "/help"); /* the poll that is held brings it, the next one hangs */
    HEARS(OWNER, "I find tables");
    int64_t asked = env_wall_ms(w->env);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    CHECK(w, env_wall_ms(w->env) - asked <= 65 * SECOND); /* the poll's time and 15 s */
}

TEST(a_poll_that_is_never_answered_is_given_up_in_time)
{
    WORLD(1, &with_owner, hanging_poll);
}

static void html_and_conflict(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates html 502 count 2");
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    order(w, "fault getUpdates conflict count 3");
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    order(w, "fault getUpdates garbage count 1");
    say(w, OWNER, "/settings");
    HEARS(OWNER, "City: New York");
    order(w, "fault getUpdates flood 7 count 1");
    say(w, OWNER, "/undo");
    HEARS(OWNER, "nothing to take back");
    world_pass(w, MINUTE);
    CHECK(w, !saying(w, OWNER, "polls for me"));
}

TEST(html_conflicts_garbage_and_floods_of_the_poll_lose_nothing_and_are_not_told)
{
    WORLD(1, &with_owner, html_and_conflict);
}

static void other_poller(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault getUpdates conflict");
    say(w, OWNER, "/help");
    HEARS(OWNER, "another program polls for me");
    world_pass(w, 10 * MINUTE);
    CHECK(w, saying(w, OWNER, "another program polls for me") == 1);
    order(w, "calm");
    HEARS(OWNER, "as it should be again");
}

TEST(somebody_else_who_polls_is_told_to_the_owner_once_and_once_when_it_is_over)
{
    WORLD(1, &with_owner, other_poller);
}

static void webhook(struct world *w)
{
    order(w, "webhook https://example.org/x");
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    CHECK(w, number_in(w, "calls", "deleteWebhook") == 1);
}

TEST(a_webhook_is_removed_and_what_was_written_is_answered)
{
    WORLD(1, &with_owner, webhook);
}

static void ids_go_down(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    order(w, "jump 1000"); /* after a week without updates they begin anywhere */
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    say(w, OWNER, "/settings");
    HEARS(OWNER, "City: New York");
    world_pass(w, MINUTE);
    CHECK(w, messages_in(w, OWNER) == 3);
    CHECK(w, number_in(w, "pending", "pending") == 0);
}

TEST(update_ids_that_go_down_are_followed_and_repeat_nothing)
{
    WORLD(1, &with_owner, ids_go_down);
}

static void confirmed(struct world *w)
{
    for (int i = 0; i < 30; i++)
        say(w, OWNER, "/watches");
    for (int i = 0; i < 100 && saying(w, OWNER, "You watch nothing") < 30; i++)
        world_pass(w, SECOND);
    CHECK(w, saying(w, OWNER, "You watch nothing") == 30);
    CHECK(w, number_in(w, "floods", "floods") == 0);
}

static void paced(struct world *w)
{
    order(w, "limit on");
    confirmed(w);
}

TEST(thirty_messages_at_once_are_answered_at_the_pace_that_is_allowed)
{
    WORLD(1, &with_owner, paced);
}

static void away(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    order(w, "fault getUpdates status 500");
    world_pass(w, MINUTE); /* the poll that is held ends */
    say(w, OWNER, "lark friday for 2");
    say(w, OWNER, "thimble on friday for 2");
    say(w, OWNER, "/watches");
    world_pass(w, 60 * MINUTE);
    order(w, "calm");
    HEARS(OWNER, "Sorry, I was away when you wrote, 6");
    HEARS(OWNER, "I answer your last message; say again what still matters of \"lark friday for "
                 "2\", \"thimble on friday for 2\".");
    HEARS(OWNER, "You watch nothing");
    world_pass(w, MINUTE);
    CHECK(w, !saying(w, OWNER, "Thimble,"));
}

TEST(after_a_long_silence_the_newest_message_is_answered_and_the_others_are_named)
{
    WORLD(1, &with_owner, away);
}

static void stale_press(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    order(w, "fault getUpdates status 500");
    world_pass(w, 3 * MINUTE);
    order(w, "press 42 42 Stop watch 1");
    order(w, "calm");
    world_pass(w, 2 * MINUTE);
    CHECK(w, !saying(w, OWNER, "is stopped"));
    CHECK(w, number_in(w, "calls", "answerCallbackQuery") == 1);
    order(w, "press 42 42 Stop watch 1");
    HEARS(OWNER, "is stopped");
}

TEST(a_press_from_while_we_were_away_does_nothing_but_say_so)
{
    WORLD(1, &with_owner, stale_press);
}

/* --- what people send --- */

static void kinds(struct world *w)
{
    order(w, "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":42,"
             "\"type\":\"private\"},\"sticker\":{\"emoji\":\"x\"}}");
    HEARS(OWNER, "Nice one. Tell me a restaurant");
    order(w, "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":42,"
             "\"type\":\"private\"},\"voice\":{}}");
    HEARS(OWNER, "I cannot listen");
    order(w, "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":42,"
             "\"type\":\"private\"},\"location\":{\"latitude\":34.05,\"longitude\":-118.25}}");
    HEARS(OWNER, "That is in Los Angeles");
    order(w, "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":42,"
             "\"type\":\"private\"},\"new_chat_title\":\"x\"}");
    order(w, "update {\"something_new\":{\"a\":1}}");
    say(w, OWNER, "/start");
    HEARS(OWNER, "I find tables");
    CHECK(w, messages_in(w, OWNER) == 4);
}

TEST(stickers_voices_and_places_are_answered_and_what_nobody_knows_is_stepped_over)
{
    WORLD(1, &with_owner, kinds);
}

/* As long as a client lets pass, with a wish at both ends. */
static void say_cut(struct world *w, long long chat, const char *begin, const char *end)
{
    char text[4097];
    memset(text, ' ', sizeof(text));
    memcpy(text, begin, strlen(begin));
    memcpy(text + 4096 - strlen(end), end, strlen(end));
    text[4096] = '\0';
    say(w, chat, text);
}

static void pasted(struct world *w)
{
    say_cut(w, OWNER, "lark", "on satur");
    say(w, OWNER, "day for 2 at 8pm");
    HEARS(OWNER, "Sat");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1);
    /* in three parts, which come one by one */
    say_cut(w, OWNER, "thimble", "on sun");
    world_pass(w, 500);
    say_cut(w, OWNER, "day", "for 2 at 8");
    world_pass(w, 500);
    say(w, OWNER, "pm");
    HEARS(OWNER, "Sun");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 2);
}

/* Something that did not fit is taken up from the inbox just then. */
static void pasted_in_a_crush(struct world *w)
{
    say_cut(w, OWNER, "lark", "on satur");
    world_pass(w, 300);
    inbox_overflow(w->orchestrator);
    orchestrator_send_due(w->orchestrator);
    world_pass(w, 300);
    say(w, OWNER, "day for 2 at 8pm");
    HEARS(OWNER, "Sat");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1);
}

TEST(a_paste_waits_for_its_end_though_others_are_taken_up)
{
    SEEDS(&with_owner, pasted_in_a_crush);
}

TEST(a_paste_that_the_client_cut_is_one_message_again)
{
    SEEDS(&with_owner, pasted);
}

static void long_alone(struct world *w)
{
    int64_t before = env_mono_ms(w->env);
    say_cut(w, OWNER, "lark", "on saturday for 2 at 8pm");
    HEARS(OWNER, "Sat");
    CHECK(w, env_mono_ms(w->env) - before < 3 * SECOND);
    /* a command waits for nothing, and is no part of anything */
    say_cut(w, OWNER, "thimble", "on sunday for 2 at 8pm");
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    HEARS(OWNER, "Sun");
    /* what comes later stands for itself */
    say_cut(w, OWNER, "lark", "on saturday for 2 at 8pm");
    world_pass(w, 3 * SECOND);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    CHECK(w, messages_in(w, OWNER) == 5);
}

TEST(a_long_message_waits_for_its_end_but_not_for_ever)
{
    SEEDS(&with_owner, long_alone);
}

static void held_and_corrected(struct world *w)
{
    char text[4097];
    memset(text, ' ', sizeof(text));
    memcpy(text, "lark", 4);
    memcpy(text + 4079, "on saturday for 2", 17);
    text[4096] = '\0';
    auto_json said = world_bot(w, "say 42 %s", text);
    long long id = json_i64_or(said, "message_id", 0), now = env_wall_ms(w->env) / 1000;
    world_pass(w, 300); /* it waits for its end */
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":42,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":42,\"type\":\"private\"},"
          "\"text\":\"lark on sunday for 2\"}",
          id, now, now + 1);
    HEARS(OWNER, "Sun");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1 && !saying(w, OWNER, "Sat"));
}

TEST(what_waits_for_its_end_can_be_corrected)
{
    SEEDS(&with_owner, held_and_corrected);
}

static void cut_in_a_crowd(struct world *w)
{
    char text[4097];
    order(w, "group %lld 42 /watches@" BOT_NAME, GROUP);
    HEARS(GROUP, "You watch nothing");
    snprintf(text, sizeof(text), "@" BOT_NAME " lark%*s", 4096 - (int)strlen("@" BOT_NAME " lark"),
             "on satur");
    order(w, "group %lld 42 %s", GROUP, text);
    order(w, "group %lld 77 nothing to do with it", GROUP);
    order(w, "group %lld 42 day for 2 at 8pm", GROUP); /* it names nobody */
    HEARS(GROUP, "Sat");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, GROUP) == 2);
}

TEST(a_paste_in_a_crowd_is_for_us_to_its_end)
{
    SEEDS(&with_owner, cut_in_a_crowd);
}

static void endless(struct world *w)
{
    for (int i = 0; i < 6; i++)
        say_cut(w, OWNER, "x", "x");
    say(w, OWNER, "the end of it");
    HEARS(OWNER, "too long for me");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1);
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
}

TEST(a_paste_without_end_is_refused_once)
{
    SEEDS(&with_owner, endless);
}

static void edited(struct world *w)
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
    size_t before = messages_in(w, OWNER);
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":42,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":42,\"type\":\"private\"},"
          "\"text\":\"/stop all\"}",
          id, now, now + 6);
    world_pass(w, 5 * SECOND);
    CHECK(w, messages_in(w, OWNER) == before); /* commands are not run by edits */
}

TEST(a_message_that_is_edited_at_once_is_answered_anew_and_runs_no_command)
{
    WORLD(1, &with_owner, edited);
}

/* --- previews --- */

static void drafts(struct world *w)
{
    world_city(w, "hold 6000");
    say(w, OWNER, "sushi in soho friday for 2");
    world_pass(w, 3 * SECOND);
    auto_json chat = world_bot(w, "chat 42");
    CHECK(w, json_i64_or(chat, "actions", 0) >= 1); /* within a second */
    CHECK(w, messages_in(w, OWNER) == 0);
    world_pass(w, 20 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1);
    auto_json later = world_bot(w, "chat 42");
    int64_t actions = json_i64_or(later, "actions", 0);
    world_pass(w, MINUTE);
    auto_json last = world_bot(w, "chat 42");
    CHECK(w, json_i64_or(last, "actions", 0) == actions); /* and not after the answer */
}

TEST(whoever_waits_sees_at_once_that_something_is_done)
{
    WORLD(1, &with_owner, drafts);
}

static void stopped(struct world *w)
{
    world_city(w, "hold 9000");
    say(w, OWNER, "/notify the toughest list friday for 2"); /* says how far it is */
    for (int i = 0; i < 100; i++) {
        auto_json chat = world_bot(w, "chat 42");
        if (json_text(chat, "draft"))
            break;
        world_pass(w, 500);
    }
    order(w, "stop 42");
    int64_t asked = env_wall_ms(w->env);
    for (int i = 0; i < 100 && !messages_in(w, OWNER); i++)
        world_pass(w, 100);
    CHECK(w, messages_in(w, OWNER) == 1);
    CHECK(w, env_wall_ms(w->env) - asked < 3 * SECOND);
    CHECK(w, !saying(w, OWNER, "is on"));
}

TEST(stop_on_a_draft_gives_up_what_is_being_done)
{
    WORLD(1, &with_owner, stopped);
}

static void pages(struct world *w)
{
    say(w, OWNER, "anything friday for 2");
    HEARS(OWNER, "people");
    size_t before = messages_in(w, OWNER);
    order(w, "press 42 42 Next");
    HEARS(OWNER, "6 to 10 of ");
    CHECK(w, messages_in(w, OWNER) == before); /* the same message turns its page */
}

TEST(next_turns_the_page_of_the_same_message)
{
    WORLD(1, &with_owner, pages);
}

/* --- buttons --- */

static void forged(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    order(w, "press-data 42 42 1001 abcdefghij");
    HEARS(OWNER, "I do not know that button any more");
    say(w, OWNER, "/watches");
    HEARS(OWNER, "1: Sorrel & Ash");
}

TEST(a_forged_press_does_nothing_but_say_so)
{
    WORLD(1, &with_owner, forged);
}

/* The labels under the newest message of a chat that says this. */
static void labels_under(struct world *w, int64_t id, const char *words, struct str *out)
{
    auto_json chat = world_bot(w, "chat %lld", (long long)id);
    const cJSON *m, *row, *button;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        if (!strstr(json_text_or(m, "text", ""), words))
            continue;
        str_clear(out);
        cJSON_ArrayForEach(row, json_array(m, "markup.inline_keyboard"))
        {
            cJSON_ArrayForEach(button, row) str_addf(out, "[%s]", json_text_or(button, "text", ""));
        }
    }
}

static void spent_button(struct world *w)
{
    auto_str labels = STR_INIT(1000);
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    HEARS(OWNER, "A table opened");
    world_pass(w, 10 * SECOND);
    labels_under(w, OWNER, "A table opened", &labels);
    CHECK(w, strstr(labels.buf, "[Stop watch 1]") && strstr(labels.buf, "[Open"));
    order(w, "press 42 42 Stop watch 1");
    HEARS(OWNER, "is stopped");
    world_pass(w, 10 * SECOND);
    labels_under(w, OWNER, "A table opened", &labels);
    CHECK(w, !strstr(labels.buf, "Stop") && strstr(labels.buf, "[Open"));
    /* one that was over already goes too, when it is pressed */
    labels_under(w, OWNER, "Watch 1 is on", &labels);
    CHECK(w, strstr(labels.buf, "[Stop"));
}

TEST(a_button_that_is_used_up_goes_from_under_its_message)
{
    WORLD(1, &with_owner, spent_button);
}

static void corrected_meanwhile(struct world *w)
{
    world_city(w, "hold 3000");
    auto_json said = world_bot(w, "say 42 lark on friday for 2");
    long long id = json_i64_or(said, "message_id", 0), now = env_wall_ms(w->env) / 1000;
    world_pass(w, SECOND);
    order(w,
          "edited {\"message_id\":%lld,\"date\":%lld,\"edit_date\":%lld,\"from\":{\"id\":42,"
          "\"first_name\":\"O\"},\"chat\":{\"id\":42,\"type\":\"private\"},"
          "\"text\":\"lark on friday for 3\"}",
          id, now, now + 2);
    HEARS(OWNER, "3 people");
    world_pass(w, 20 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 1); /* nothing of the first one */
}

TEST(what_is_corrected_while_it_is_worked_on_is_answered_by_its_correction_alone)
{
    SEEDS(&with_owner, corrected_meanwhile);
}

static void languages(struct world *w)
{
    static const char message[] =
        "message {\"from\":{\"id\":42,\"first_name\":\"O\",\"language_code\":\"%s\"},\"chat\":{"
        "\"id\":42,\"type\":\"private\"},\"text\":\"%s\"}";
    order(w, message, "de", "/settings");
    HEARS(OWNER, "Clock: 24 hours");
    order(w, message, "de", "/settings clock 12");
    HEARS(OWNER, "Clock: 12 hours");
    order(w, message, "en", "hello");
    order(w, message, "de", "/settings quiet 11pm-8am");
    HEARS(OWNER, "11:00 PM to 8:00 AM"); /* what they said themselves stays */
}

TEST(who_reads_24_hours_at_home_does_so_here_unless_they_say_otherwise)
{
    WORLD(1, &with_owner, languages);
}

/* --- out of reach --- */

static void blocked(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    say(w, ANN, "hi");
    HEARS(OWNER, "Person 77");
    order(w, "press 42 42 Approve");
    HEARS(ANN, "You are in");
    say(w, ANN, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(ANN, "Watch 1 is on");
    order(w, "block 77");
    world_pass(w, SECOND);
    int64_t calls = number_in(w, "calls", "sendMessage");
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_city(w, "reset-counts");
    world_pass(w, 10 * MINUTE);
    CHECK(w, number_in(w, "calls", "sendMessage") == calls); /* it rests */
    CHECK(w, world_requests(w, "/4/find") == 0);             /* and nobody asks for it */
    order(w, "unblock 77");
    HEARS(ANN, "Open now"); /* it is there still */
}

TEST(a_chat_that_blocked_us_rests_until_it_is_back)
{
    SEEDS(&with_owner, blocked);
}

static void flooded(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault sendMessage flood 30 count 1");
    int64_t asked = env_wall_ms(w->env);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing");
    int64_t waited = env_wall_ms(w->env) - asked;
    CHECK(w, waited >= 30 * SECOND && waited <= 33 * SECOND);
    CHECK(w, saying(w, OWNER, "You watch nothing") == 1);
}

TEST(what_the_service_says_to_wait_is_waited)
{
    WORLD(1, &with_owner, flooded);
}

static void refused_row(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    order(w, "fault sendMessage status 400 count 3"); /* whatever is left out of it */
    say(w, OWNER, "/help");
    world_pass(w, 10 * SECOND);
    order(w, "calm");
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing"); /* it stops nothing else */
    CHECK(w, !saying(w, OWNER, "I find tables"));
}

TEST(what_is_refused_for_good_stops_nothing_else)
{
    WORLD(1, &with_owner, refused_row);
}

static void quiet(struct world *w)
{
    say(w, OWNER, "/settings quiet 11pm-8am");
    HEARS(OWNER, "Quiet hours: 11:00 PM to 8:00 AM");
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    say(w, OWNER, "/watch Lark 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 2 is on");
    world_city(w, "full lark any 2");
    world_pass(w, 15 * 60 * MINUTE); /* from noon to three at night */
    size_t before = messages_in(w, OWNER);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_city(w, "open lark 2031-05-09 2 20:00");
    world_pass(w, 20 * MINUTE);
    CHECK(w, messages_in(w, OWNER) == before);
    world_city(w, "full lark any 2");
    world_pass(w, 5 * 60 * MINUTE); /* past eight */
    HEARS(OWNER,
          "Your quiet hours are over. Open now:\n- Sorrel & Ash, Fri May 9, 2 people: 8:15 PM");
    HEARS(OWNER, "Missed meanwhile:\n- Lark, Fri May 9, 2 people: 8:00 PM");
    CHECK(w, messages_in(w, OWNER) == before + 1);
}

TEST(in_quiet_hours_alerts_wait_for_the_morning_and_say_what_is_true_then)
{
    WORLD(1, &unhurried, quiet);
}

static void press_meanwhile(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    world_city(w, "hold 9000");
    say(w, OWNER, "sushi in soho friday for 2");
    world_pass(w, 2 * SECOND);
    order(w, "press 42 42 Stop watch 1");
    world_pass(w, 50);
    CHECK(w, number_in(w, "calls", "answerCallbackQuery") == 1);
    CHECK(w, saying(w, OWNER, "is stopped")); /* beside the search, which still waits */
    CHECK(w, !saying(w, OWNER, "SoHo"));
}

TEST(a_press_is_answered_at_once_while_a_search_is_under_way)
{
    SEEDS(&with_owner, press_meanwhile);
}

MAIN(
    cmocka_unit_test(a_press_is_answered_at_once_while_a_search_is_under_way),
    cmocka_unit_test(an_alert_is_booked_by_its_buttons_and_the_card_becomes_the_answer),
    cmocka_unit_test(a_watch_its_alert_its_edit_and_its_stop_by_chat),
    cmocka_unit_test(an_answer_whose_sending_was_not_confirmed_is_there_once),
    cmocka_unit_test(a_poll_that_is_never_answered_is_given_up_in_time),
    cmocka_unit_test(html_conflicts_garbage_and_floods_of_the_poll_lose_nothing_and_are_not_told),
    cmocka_unit_test(somebody_else_who_polls_is_told_to_the_owner_once_and_once_when_it_is_over),
    cmocka_unit_test(a_webhook_is_removed_and_what_was_written_is_answered),
    cmocka_unit_test(update_ids_that_go_down_are_followed_and_repeat_nothing),
    cmocka_unit_test(thirty_messages_at_once_are_answered_at_the_pace_that_is_allowed),
    cmocka_unit_test(after_a_long_silence_the_newest_message_is_answered_and_the_others_are_named),
    cmocka_unit_test(a_press_from_while_we_were_away_does_nothing_but_say_so),
    cmocka_unit_test(stickers_voices_and_places_are_answered_and_what_nobody_knows_is_stepped_over),
    cmocka_unit_test(a_paste_waits_for_its_end_though_others_are_taken_up),
    cmocka_unit_test(a_paste_that_the_client_cut_is_one_message_again),
    cmocka_unit_test(a_long_message_waits_for_its_end_but_not_for_ever),
    cmocka_unit_test(what_waits_for_its_end_can_be_corrected),
    cmocka_unit_test(a_paste_in_a_crowd_is_for_us_to_its_end),
    cmocka_unit_test(a_paste_without_end_is_refused_once),
    cmocka_unit_test(a_message_that_is_edited_at_once_is_answered_anew_and_runs_no_command),
    cmocka_unit_test(whoever_waits_sees_at_once_that_something_is_done),
    cmocka_unit_test(stop_on_a_draft_gives_up_what_is_being_done),
    cmocka_unit_test(next_turns_the_page_of_the_same_message),
    cmocka_unit_test(a_forged_press_does_nothing_but_say_so),
    cmocka_unit_test(a_chat_that_blocked_us_rests_until_it_is_back),
    cmocka_unit_test(what_the_service_says_to_wait_is_waited),
    cmocka_unit_test(what_is_refused_for_good_stops_nothing_else),
    cmocka_unit_test(in_quiet_hours_alerts_wait_for_the_morning_and_say_what_is_true_then),
    cmocka_unit_test(a_button_that_is_used_up_goes_from_under_its_message),
    cmocka_unit_test(what_is_corrected_while_it_is_worked_on_is_answered_by_its_correction_alone),
    cmocka_unit_test(who_reads_24_hours_at_home_does_so_here_unless_they_say_otherwise))
