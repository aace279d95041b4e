/* Who talks with us in Telegram: owners, strangers, crowds; menus and links. In the virtual world.
 */
#include "tests/test.h"

#include "adapters/telegram/api.h"
#include "tests/unit/chats.h"

static const struct world_setup with_nobody = {.interval_ms = 10 * SECOND, .telegram = true};
static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .telegram = true, .owner = "telegram:42"};

/* --- who may talk --- */

static void claims(struct world *w)
{
    char code[12], wrong[40];
    CHECK(w, orchestrator_claim(w->orchestrator, telegram_adapter(w->telegram), code));
    say(w, ANN, "hello");
    say(w, ANN, "WRNG-CODE");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, ANN) == 0);
    snprintf(wrong, sizeof(wrong), "/start %s", code);
    say(w, OWNER, wrong);
    HEARS(OWNER, "You are my owner now");
    CHECK(w, !orchestrator_claim(w->orchestrator, telegram_adapter(w->telegram), code));
    say(w, ANN, "hello again");
    HEARS(ANN, "your code is");
    HEARS(OWNER, "Person 77");
    say(w, ANN, "and again");
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, ANN) == 1); /* one notice, then silence */
    order(w, "press 77 42 Approve");    /* not theirs to press */
    world_pass(w, 10 * SECOND);
    CHECK(w, !saying(w, ANN, "You are in"));
    order(w, "press 42 42 Approve");
    HEARS(ANN, "You are in");
    HEARS(OWNER, "may talk with me now");
    say(w, ANN, "/watches");
    HEARS(ANN, "You watch nothing");
}

TEST(the_first_owner_claims_and_strangers_are_let_in_by_a_button)
{
    SEEDS(&with_nobody, claims);
}

static char *code_of(struct world *w, int64_t who)
{
    auto_json chat = world_bot(w, "chat %lld", (long long)who);
    const cJSON *list = json_array(chat, "messages");
    const char *text = json_text_or(cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1), "text",
                                    "");
    const char *at = strstr(text, "your code is ");
    return mem_textn(at ? at + 13 : "", at ? 6 : 0);
}

static void paired(struct world *w)
{
    char line[40];
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    say(w, ANN, "hello");
    HEARS(ANN, "your code is");
    auto_text code = code_of(w, ANN);
    say(w, OWNER, "/pair XXXXXX");
    HEARS(OWNER, "Nobody asks with that code");
    snprintf(line, sizeof(line), "/pair %s", code);
    say(w, OWNER, line);
    HEARS(OWNER, "Person 77 may talk with me now");
    HEARS(ANN, "You are in");
    say(w, 88, "hello");
    HEARS(88, "your code is");
    auto_text late = code_of(w, 88);
    world_pass(w, 11 * MINUTE);
    snprintf(line, sizeof(line), "/pair %s", late);
    say(w, OWNER, line);
    world_pass(w, 5 * SECOND);
    CHECK(w, saying(w, OWNER, "Nobody asks with that code") == 2);
    for (int i = 0; i < 10; i++) { /* five codes at the most */
        say(w, 88, "hello");
        world_pass(w, 11 * MINUTE);
    }
    CHECK(w, messages_in(w, 88) == 5);
    order(w, "press 42 42 Refuse Person 88");
    HEARS(OWNER, "will not be answered");
    say(w, ANN, "/pair ABC234");
    HEARS(ANN, "Only my owner");
}

TEST(a_code_lets_in_once_for_ten_minutes_and_a_stranger_gets_five)
{
    WORLD(1, &with_owner, paired);
}

static const struct world_setup owners_only = {
    .interval_ms = 10 * SECOND, .telegram = true, .owner = "telegram:42", .access = ACCESS_OWNERS};

static void private_bot(struct world *w)
{
    say(w, ANN, "hello");
    HEARS(ANN, "This bot is private");
    HEARS(ANN, "77");
    say(w, ANN, "hello?");
    world_pass(w, MINUTE);
    CHECK(w, messages_in(w, ANN) == 1);
}

TEST(a_private_bot_says_so_once)
{
    WORLD(1, &owners_only, private_bot);
}

static void not_theirs(struct world *w)
{
    say(w, OWNER, "/status");
    HEARS(OWNER, "alive");
    say(w, ANN, "hi");
    HEARS(OWNER, "Person 77");
    order(w, "press 42 42 Approve");
    HEARS(ANN, "You are in");
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    order(w, "press 77 42 Stop watch 1"); /* a forwarded button */
    say(w, ANN, "/watches");
    HEARS(ANN, "You watch nothing");
    say(w, ANN, "/stop 1");
    world_pass(w, 5 * SECOND);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "1: Sorrel & Ash");
}

TEST(nobody_sees_or_stops_what_is_anothers)
{
    WORLD(1, &with_owner, not_theirs);
}

static void forgotten(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    say(w, OWNER, "/forget");
    HEARS(OWNER, "Shall I forget you?");
    order(w, "press 42 42 Confirm");
    HEARS(OWNER, "You are forgotten");
    world_city(w, "reset-counts");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_requests(w, "/4/find") == 0);
    say(w, OWNER, "/watches"); /* still the owner */
    HEARS(OWNER, "You watch nothing");
}

TEST(who_is_forgotten_leaves_nothing_behind)
{
    WORLD(1, &with_owner, forgotten);
}

/* --- crowds --- */

static void exported(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    say(w, OWNER, "/export");
    HEARS(OWNER, "what I keep of you");
    world_pass(w, 5 * SECOND);
    auto_json chat = world_bot(w, "chat %d", OWNER);
    const cJSON *messages = json_array(chat, "messages");
    const cJSON *last = cJSON_GetArrayItem(messages, cJSON_GetArraySize(messages) - 1);
    const char *text = json_text_or(last, "document.text", "");
    CHECK(w, !strcmp(json_text_or(last, "document.file_name", ""), "maitred.jsonl"));
    CHECK(w, strstr(text, "\"of\":\"telegram:42\"") && strstr(text, "Sorrel & Ash"));
    CHECK(w, strstr(text, "{\"end\":"));
    order(w, "fault sendDocument lost count 1");
    say(w, OWNER, "/export");
    world_pass(w, MINUTE);
    CHECK(w, saying(w, OWNER, "Once more, in case") == 1);
    CHECK(w, saying(w, OWNER, "what I keep of you") == 2);
    order(w, "group %lld 42 /export", GROUP);
    HEARS(GROUP, "for you alone");
}

TEST(what_is_kept_of_a_person_is_theirs_to_have)
{
    WORLD(1, &with_owner, exported);
}

static void crowds(struct world *w)
{
    order(w, "member 77 %lld member", GROUP);
    order(w, "group %lld 77 /watches", GROUP);
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, GROUP) == 0);                /* a stranger added us: not a word */
    order(w, "group %lld 42 /watches@" BOT_NAME, GROUP); /* an owner's word allows it */
    HEARS(GROUP, "You watch nothing");
    order(w, "group %lld 77 what a day", GROUP);
    order(w, "group %lld 77 /watches@another_bot", GROUP);
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, GROUP) == 1);
    order(w, "group %lld 77 hey @" BOT_NAME " lark friday for 2", GROUP);
    HEARS(GROUP, "Lark, Fri May 9, 2 people");
    say(w, ANN, "hello"); /* alone it is another matter */
    HEARS(ANN, "your code is");
}

TEST(in_a_group_it_speaks_when_spoken_to_and_only_once_an_owner_allowed_it)
{
    WORLD(1, &with_owner, crowds);
}

static void migrated(struct world *w)
{
    order(w, "group -500 42 /watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(-500, "Watch 1 is on");
    order(w, "migrate -500 %lld", GROUP);
    world_pass(w, SECOND);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    HEARS(GROUP, "A table opened");
    order(w, "group %lld 42 /watches", GROUP);
    HEARS(GROUP, "1: Sorrel & Ash");
}

TEST(a_group_that_becomes_a_supergroup_keeps_its_watches)
{
    SEEDS(&with_owner, migrated);
}

static void topics(struct world *w)
{
    order(w, "topic %lld 77", GROUP);
    order(w,
          "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":77,"
          "\"text\":\"/watches\"}",
          GROUP);
    HEARS(GROUP, "You watch nothing");
    auto_json chat = world_bot(w, "chat %lld", GROUP);
    CHECK(w, json_i64_or(chat, "messages.0.thread", 0) == 77);
    CHECK(w, json_i64_or(chat, "messages.0.reply_to", 0) > 0);
    order(w,
          "message {\"from\":{\"id\":42,\"first_name\":\"O\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"is_topic_message\":true,\"message_thread_id\":78,"
          "\"text\":\"/settings\"}",
          GROUP); /* a topic that is gone */
    HEARS(GROUP, "City: New York");
}

TEST(a_topic_is_answered_in_it_and_beside_it_when_it_is_gone)
{
    WORLD(1, &with_owner, topics);
}

static void anonymous(struct world *w)
{
    order(w, "group %lld 42 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    order(w,
          "message {\"from\":{\"id\":1087968824,\"is_bot\":true,\"first_name\":\"Group\"},"
          "\"sender_chat\":{\"id\":%lld,\"title\":\"The Friday Table\"},\"chat\":{\"id\":%lld,"
          "\"type\":\"supergroup\"},\"text\":\"/settings\"}",
          GROUP, GROUP);
    HEARS(GROUP, "City: New York");
    order(w,
          "message {\"from\":{\"id\":99,\"is_bot\":true,\"first_name\":\"Bot\"},"
          "\"chat\":{\"id\":%lld,\"type\":\"supergroup\"},\"text\":\"/help\"}",
          GROUP); /* no loops with other bots */
    world_pass(w, 10 * SECOND);
    CHECK(w, messages_in(w, GROUP) == 2);
}

TEST(an_anonymous_admin_is_answered_and_another_bot_is_not)
{
    WORLD(1, &with_owner, anonymous);
}

/* --- menus and links --- */

static void menu(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    world_pass(w, 10 * SECOND); /* nobody waits for them */
    auto_json settings = world_bot(w, "settings");
    CHECK(w, cJSON_GetArraySize(settings) == 4 * 6); /* two scopes and two texts a language */
    CHECK(w, number_in(w, "calls", "setMyCommands") == 2 * 6);
    const cJSON *french = cJSON_GetObjectItemCaseSensitive(settings, "ShortDescription  fr");
    CHECK(w, !strncmp(json_text_or(french, "short_description", ""), "Trouve des tables", 17));
    /* the person's own word goes before what their client says */
    say(w, OWNER, "/settings language klingon");
    HEARS(OWNER, "My menus are in English, Spanish, French");
    say(w, OWNER, "/settings language Deutsch");
    HEARS(OWNER, "Language of the menus: German");
    say(w, OWNER, "/help");
    HEARS(OWNER, "Meldet sich, sobald ein Tisch frei wird.");
    auto_json own = world_bot(w, "settings");
    CHECK(w, cJSON_GetArraySize(own) == 4 * 6 + 1);
    say(w, OWNER, "/settings language auto");
    HEARS(OWNER, "Language of the menus: English");
    auto_json automatic = world_bot(w, "settings");
    CHECK(w, cJSON_GetArraySize(automatic) == 4 * 6);
}

static void forget_commands(struct world *w, const char *scope, const char *language)
{
    struct api api = {&w->http, "http://127.0.0.1:1/bot" BOT_TOKEN "/", 0};
    auto_api a = {0};
    auto_json args = cJSON_CreateObject();
    cJSON *where = cJSON_AddObjectToObject(args, "scope");
    cJSON_AddStringToObject(where, "type", scope);
    if (!strcmp(scope, "chat"))
        json_put_i64(where, "chat_id", OWNER);
    if (*language)
        cJSON_AddStringToObject(args, "language_code", language);
    api_call(&api, "deleteMyCommands", args, NULL, &a);
    CHECK(w, a.outcome == API_OK);
}

/* Another version has other commands: then those that are one chat's own are old too. */
static void menu_anew(struct world *w)
{
    say(w, OWNER, "/settings language Deutsch");
    HEARS(OWNER, "Language of the menus: German");
    world_pass(w, 10 * SECOND);
    forget_commands(w, "all_private_chats", "de");
    forget_commands(w, "chat", "");
    order(w, "fault setMyCommands flood 5 count 1");
    world_restart(w);
    world_pass(w, 30 * SECOND);
    auto_json settings = world_bot(w, "settings");
    CHECK(w, cJSON_GetArraySize(settings) == 4 * 6 + 1);
}

TEST(a_chat_s_own_menu_is_renewed_with_the_others)
{
    char *failure = world_run_on_disk(1, &with_owner, menu_anew);
    if (failure)
        fail_msg("%s", failure);
}

TEST(commands_and_descriptions_are_set)
{
    WORLD(1, &with_owner, menu);
}

static void invites(struct world *w)
{
    char line[40];
    say(w, OWNER, "/venue lark");
    HEARS(OWNER, "To share it: https://t.me/" BOT_NAME "?start=v");
    say(w, OWNER, "/invite");
    HEARS(OWNER, "Give them this link");
    auto_json chat = world_bot(w, "chat 42");
    const char *text = json_text_or(chat, "messages.1.text", "");
    const char *at = strstr(text, "?start=");
    snprintf(line, sizeof(line), "/start %.7s", at ? at + 7 : "");
    say(w, ANN, line);
    HEARS(ANN, "You are in");
    say(w, ANN, "/invite");
    HEARS(ANN, "Only my owner");
    say(w, 88, line); /* it lets one person in */
    HEARS(88, "your code is");
    auto_json first = world_bot(w, "chat 42");
    at = strstr(json_text_or(first, "messages.0.text", ""), "?start=v");
    snprintf(line, sizeof(line), "/start %.20s", at ? at + 7 : "");
    line[strcspn(line, "\n")] = '\0';
    say(w, ANN, line);
    HEARS(ANN, "Lark");
}

TEST(a_link_lets_one_person_in_and_another_shows_a_restaurant)
{
    WORLD(1, &with_owner, invites);
}

MAIN(cmocka_unit_test(a_link_lets_one_person_in_and_another_shows_a_restaurant),
     cmocka_unit_test(the_first_owner_claims_and_strangers_are_let_in_by_a_button),
     cmocka_unit_test(a_code_lets_in_once_for_ten_minutes_and_a_stranger_gets_five),
     cmocka_unit_test(a_private_bot_says_so_once),
     cmocka_unit_test(nobody_sees_or_stops_what_is_anothers),
     cmocka_unit_test(who_is_forgotten_leaves_nothing_behind),
     cmocka_unit_test(in_a_group_it_speaks_when_spoken_to_and_only_once_an_owner_allowed_it),
     cmocka_unit_test(a_group_that_becomes_a_supergroup_keeps_its_watches),
     cmocka_unit_test(a_topic_is_answered_in_it_and_beside_it_when_it_is_gone),
     cmocka_unit_test(an_anonymous_admin_is_answered_and_another_bot_is_not),
     cmocka_unit_test(what_is_kept_of_a_person_is_theirs_to_have),
     cmocka_unit_test(commands_and_descriptions_are_set),
     cmocka_unit_test(a_chat_s_own_menu_is_renewed_with_the_others))
