/* The pure parts of Telegram's adapter: what answers and updates mean, cutting, the pace. */
#include "tests/test.h"

#include "adapters/telegram/api.h"
#include "adapters/telegram/format.h"
#include "adapters/telegram/pace.h"
#include "adapters/telegram/telegram.h"
#include "adapters/telegram/update.h"
#include "core/agents/commands/commands.h"
#include "core/agents/commands/menu.h"
#include "core/base/utf8.h"

/* --- answers --- */

static const struct {
    int status;
    const char *body;
    enum api_outcome outcome;
    int64_t retry_ms;
} answers[] = {
    {200, "{\"ok\":true,\"result\":true}", API_OK, 0},
    {200, "{\"ok\":true,\"result\":[", API_UNKNOWN, 0},
    {200, "", API_UNKNOWN, 0},
    {502, "<html>nginx</html>", API_TROUBLE, 0},
    {500, "{\"ok\":false,\"error_code\":500,\"description\":\"Internal Server Error: restart\"}",
     API_TROUBLE, 0},
    {429,
     "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 7\","
     "\"parameters\":{\"retry_after\":7}}",
     API_FLOOD, 7000},
    {429, "<html>slow down</html>", API_FLOOD, 5000},
    {400,
     "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: message is not modified: "
     "specified new\"}",
     API_NOT_MODIFIED, 0},
    {400, "{\"ok\":false,\"description\":\"Bad Request: message to edit not found\"}",
     API_NO_MESSAGE, 0},
    {400, "{\"ok\":false,\"description\":\"Bad Request: message thread not found\"}", API_NO_THREAD,
     0},
    {400, "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}", API_CHAT_GONE, 0},
    {400, "{\"ok\":false,\"description\":\"Bad Request: BUTTON_DATA_INVALID\"}", API_BAD, 0},
    {400,
     "{\"ok\":false,\"description\":\"Bad Request: group chat was upgraded to a supergroup chat\","
     "\"parameters\":{\"migrate_to_chat_id\":-1001234567890123}}",
     API_MOVED, 0},
    {403, "{\"ok\":false,\"description\":\"Forbidden: bot was blocked by the user\"}",
     API_CHAT_GONE, 0},
    {401, "{\"ok\":false,\"description\":\"Unauthorized\"}", API_TOKEN, 0},
    {404, "{\"ok\":false,\"description\":\"Not Found\"}", API_TOKEN, 0},
    {404, "{\"ok\":false,\"description\":\"Not Found: method not found\"}", API_BAD, 0},
    {409,
     "{\"ok\":false,\"description\":\"Conflict: terminated by other getUpdates request; make sure "
     "that only one bot instance is running\"}",
     API_CONFLICT, 0},
    {409,
     "{\"ok\":false,\"description\":\"Conflict: can't use getUpdates method while webhook is "
     "active\"}",
     API_WEBHOOK, 0},
};

TEST(each_answer_of_the_bot_api_means_what_the_reference_says)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct api_answer a;
        api_read(answers[i].status, answers[i].body, strlen(answers[i].body), &a);
        if (a.outcome != answers[i].outcome || a.retry_ms != answers[i].retry_ms)
            fail_msg("%s: %s, %lld", answers[i].body, api_outcome_name(a.outcome),
                     (long long)a.retry_ms);
        api_answer_free(&a);
    }
}

TEST(a_chat_id_of_a_supergroup_is_read_exactly)
{
    struct api_answer a;
    const char *body = answers[12].body;
    api_read(400, body, strlen(body), &a);
    assert_true(a.migrate_to == -1001234567890123);
    api_answer_free(&a);
}

TEST(an_update_that_cannot_be_read_can_be_stepped_over)
{
    struct api_answer a;
    const char *body =
        "{\"ok\":true,\"result\":[{\"update_id\":8123456,\"message\":{\"text\":\"\\ud83c\"";
    api_read(200, body, strlen(body), &a);
    assert_int_equal(a.outcome, API_UNKNOWN);
    assert_int_equal(a.update_id, 8123456);
    api_answer_free(&a);
}

/* --- updates --- */

#define PRIVATE                                                                                    \
    "\"chat\":{\"id\":42,\"type\":\"private\"},\"from\":{\"id\":42,\"first_name\":\"A\"}"
#define CROWD                                                                                      \
    "\"chat\":{\"id\":-1001234567890123,\"type\":\"supergroup\",\"title\":\"T\"},"                 \
    "\"from\":{\"id\":42,\"first_name\":\"A\"}"

static const struct {
    const char *json;
    enum update_kind kind;
    const char *text; /* NULL: whatever */
} updates[] = {
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"text\":\"hi\"}}", UPDATE_SAID,
     "hi"},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"caption\":\"hi\",\"photo\":[]}}",
     UPDATE_SAID, "hi"},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"text\":\"/find@Ours_bot x\"}}",
     UPDATE_SAID, "/find x"},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"text\":\"/find@other_bot x\"}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"sticker\":{}}}", UPDATE_SHOWN,
     NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," PRIVATE ",\"pinned_message\":{}}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD ",\"text\":\"hi\"}}", UPDATE_NOTHING,
     NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD ",\"sticker\":{}}}", UPDATE_NOTHING,
     NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD
     ",\"text\":\"👋 @ours_bot lark\",\"entities\":[{\"type\":\"mention\",\"offset\":3,"
     "\"length\":9}]}}",
     UPDATE_SAID, "👋  lark"},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD
     ",\"text\":\"👋 @ours_bot lark\",\"entities\":[{\"type\":\"mention\",\"offset\":1,"
     "\"length\":900}]}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD
     ",\"text\":\"and for four?\",\"reply_to_message\":{\"from\":{\"id\":99}}}}",
     UPDATE_SAID, "and for four?"},
    {"{\"update_id\":1,\"message\":{\"message_id\":7," CROWD
     ",\"text\":\"x\",\"reply_to_message\":{\"from\":{\"id\":99},\"forum_topic_created\":{}}}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"channel_post\":{\"message_id\":7,\"chat\":{\"id\":-5,\"type\":\"channel\"}"
     ","
     "\"text\":\"x\"}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"edited_message\":{\"message_id\":7,\"date\":100,\"edit_date\":160," PRIVATE
     ",\"text\":\"hi\"}}",
     UPDATE_SAID, "hi"},
    {"{\"update_id\":1,\"edited_message\":{\"message_id\":7,\"date\":100,\"edit_date\":999," PRIVATE
     ",\"text\":\"hi\"}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"callback_query\":{\"id\":\"1\",\"from\":{\"id\":42},\"data\":\"abc\"}}",
     UPDATE_NOTHING, NULL},
    {"{\"update_id\":1,\"message\":{\"message_id\":7,\"chat\":5,\"text\":[]}}", UPDATE_NOTHING,
     NULL},
    {"{\"update_id\":1,\"something\":{}}", UPDATE_NOTHING, NULL},
};

TEST(each_update_is_for_us_or_not)
{
    const struct update_me me = {99, "ours_bot"};
    for (size_t i = 0; i < ARRAY_LEN(updates); i++) {
        struct update u;
        auto_json json = json_parse(updates[i].json, strlen(updates[i].json), "test", err);
        assert_non_null(json);
        update_read(json, &me, &u);
        if (u.kind != updates[i].kind || (updates[i].text && strcmp(u.text, updates[i].text)))
            fail_msg("%s: %d \"%s\"", updates[i].json, u.kind, u.text ? u.text : "");
        update_free(&u);
    }
}

/* --- cutting --- */

TEST(a_long_text_is_cut_where_a_person_would_and_its_entities_with_it)
{
    auto_str text = STR_INIT(20000);
    struct format f = {0};
    for (int i = 0; i < 400; i++)
        str_add(&text, i % 10 == 9 ? "🍜 sushi.\n\n" : "🍜 sushi. ");
    struct format_span bold = {0, text.len, NULL, NULL};
    format_split(text.buf, &bold, 1, 1000, &f);
    assert_true(f.count == 4 && !f.cut);
    for (size_t i = 0; i < f.count; i++) {
        const char *part = f.parts[i].text;
        assert_true(!strncmp(part, "🍜", 4) && part[strlen(part) - 1] == '.');
        assert_true(json_i64_or(cJSON_GetArrayItem(f.parts[i].entities, 0), "length", 0) ==
                    (int64_t)utf8_utf16_len(part, strlen(part)));
    }
    format_free(&f);
}

static void keys(const char *buttons, const char *url, const char *want)
{
    auto_json list = json_parse(buttons, strlen(buttons), "the test", NULL);
    auto_json keyboard = format_keyboard(list, url);
    auto_str out = STR_INIT(4000);
    const cJSON *row, *key;
    cJSON_ArrayForEach(row, json_array(keyboard, "inline_keyboard"))
    {
        cJSON_ArrayForEach(key, row)
        {
            str_addf(&out, "[%s>%s]", json_text_or(key, "text", ""),
                     json_text_or(key, "url", json_text_or(key, "callback_data", "")));
        }
        str_addc(&out, '\n');
    }
    assert_string_equal(out.buf, want);
}

TEST(times_stand_under_what_they_belong_to_and_open_opens)
{
    keys("[{\"label\":\"Choose Lark\",\"press\":\"a\"},"
         "{\"label\":\"7:30 PM Lark\",\"brief\":\"7:30 PM\",\"press\":\"b\"},"
         "{\"label\":\"8 PM Lark\",\"brief\":\"8 PM\",\"press\":\"c\"},"
         "{\"label\":\"Choose Elm\",\"press\":\"d\"},{\"label\":\"Next\",\"press\":\"e\"}]",
         NULL, "[Choose Lark>a]\n[7:30 PM>b][8 PM>c]\n[Choose Elm>d][Next>e]\n");
    keys("[{\"label\":\"Open on Resy\",\"press\":\"a\",\"url\":\"https://x.example/\"}]", NULL,
         "[Open on Resy>https://x.example/]\n");
    keys("[{\"label\":\"Open on Resy\",\"press\":\"a\",\"url\":\"http://x.example/\"}]", NULL,
         "[Open on Resy>a]\n");
    keys("[{\"label\":\"Open on Resy\",\"press\":\"a\"},{\"label\":\"Stop\",\"press\":\"b\"}]",
         "https://y.example/", "[Open on Resy>https://y.example/][Stop>b]\n");
}

TEST(each_language_has_a_word_for_each_command)
{
    assert_string_equal(menu_of("pt-br")->code, "pt");
    assert_string_equal(menu_of("en-GB")->code, "en");
    assert_string_equal(menu_of("italiano")->code, "it");
    assert_null(menu_of("fra"));
    assert_null(menu_of(""));
    for (size_t i = 1; i < menus_count; i++) {
        assert_int_equal(menus[i].count, commands_count);
        assert_true(utf8_utf16_len(menus[i].about, strlen(menus[i].about)) <= 512);
        assert_true(utf8_utf16_len(menus[i].brief, strlen(menus[i].brief)) <= 120);
        for (size_t k = 0; k < commands_count; k++) {
            const char *about = menu_about(&menus[i], commands[k].name);
            assert_ptr_not_equal(about, commands[k].about);
            assert_true(utf8_utf16_len(about, strlen(about)) <= 70); /* a line of a phone or two */
        }
    }
}

TEST(more_than_four_parts_end_with_dots)
{
    auto_str text = STR_INIT(60000);
    struct format f = {0};
    for (int i = 0; i < 20000; i++)
        str_addc(&text, 'x');
    format_split(text.buf, NULL, 0, 4000, &f);
    assert_true(f.count == FORMAT_PARTS && f.cut);
    const char *last = f.parts[3].text;
    assert_string_equal(last + strlen(last) - strlen(" …"), " …");
    format_free(&f);
}

/* --- the pace --- */

TEST(a_chat_gets_a_short_burst_then_one_a_second_and_nobody_asks_twice)
{
    struct pace *pace = pace_new();
    int64_t now = 1000000, waits = 0;
    for (int i = 0; i < 3; i++)
        assert_true(pace_take(pace, 7, now) == 0);
    int64_t wait = pace_take(pace, 7, now);
    assert_true(wait > 0 && wait <= 1200);
    assert_true(!pace_try(pace, 7, now)); /* a preview yields to what waits */
    assert_true(pace_take(pace, 8, now) == 0);
    assert_true(pace_take(pace, 7, now + wait) == 0); /* its turn is kept */
    for (int64_t chat = 100; chat < 1100; chat++) {   /* a thousand at once: each waits once */
        int64_t w = pace_take(pace, chat, now);
        assert_true(w >= waits);
        waits = w;
        assert_true(!w || pace_take(pace, chat, now + w) == 0);
    }
    assert_true(waits > 33000 && waits < 40000);
    pace_free(pace);
    pace = pace_new();
    int64_t went[300];
    size_t instants = 0;
    for (size_t i = 0; i < ARRAY_LEN(went); i++) {
        went[i] = now + pace_take_together(pace, 100 + (int64_t)i, now);
        instants += !i || went[i] != went[i - 1];
        if (i >= 50) /* in no second more than 27 and the burst, and few share no instant */
            assert_true(went[i] - went[i - 50] >= 1000);
    }
    assert_true(instants <= 1 + (ARRAY_LEN(went) - 20 + 4) / 5 + 1);
    pace_flood(pace, 7, now + 5000, 30000);
    assert_true(pace_take(pace, 7, now + 6000) >= 29000);
    pace_free(pace);
}

TEST(a_token_looks_like_one)
{
    assert_true(telegram_token_is_one("12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"));
    assert_false(telegram_token_is_one("12345678"));
    assert_false(telegram_token_is_one("0123:sandbox_TOKEN-sandbox_TOKEN-sandbox00"));
    assert_false(telegram_token_is_one("12345678:sandbox_TOKEN/sandbox_TOKEN-sandbox00"));
    assert_false(telegram_token_is_one(""));
}

TEST(markdown_becomes_entities_and_what_is_cut_keeps_its_part)
{
    auto_format f = {0};
    auto_json message = cJSON_CreateObject();
    cJSON_AddTrueToObject(message, "markdown");
    cJSON_AddStringToObject(message, "text",
                            "\xf0\x9f\x91\x8b **Lark** `a*b` [page](https://resy.com/x)\n> so");
    format_message(message, &f);
    assert_string_equal(f.parts[0].text, "\xf0\x9f\x91\x8b Lark a*b page\n\nso");
    auto_str entities = STR_INIT(1000);
    json_print(&entities, f.parts[0].entities);
    assert_string_equal(
        entities.buf,
        "[{\"type\":\"bold\",\"offset\":3,\"length\":4},"
        "{\"type\":\"code\",\"offset\":8,\"length\":3},"
        "{\"type\":\"text_link\",\"offset\":12,\"length\":4,\"url\":\"https://resy.com/x\"},"
        "{\"type\":\"blockquote\",\"offset\":18,\"length\":2}]");
}

MAIN(cmocka_unit_test(markdown_becomes_entities_and_what_is_cut_keeps_its_part),
     cmocka_unit_test(each_answer_of_the_bot_api_means_what_the_reference_says),
     cmocka_unit_test(a_chat_id_of_a_supergroup_is_read_exactly),
     cmocka_unit_test(an_update_that_cannot_be_read_can_be_stepped_over),
     cmocka_unit_test(each_update_is_for_us_or_not),
     cmocka_unit_test(a_long_text_is_cut_where_a_person_would_and_its_entities_with_it),
     cmocka_unit_test(each_language_has_a_word_for_each_command),
     cmocka_unit_test(more_than_four_parts_end_with_dots),
     cmocka_unit_test(times_stand_under_what_they_belong_to_and_open_opens),
     cmocka_unit_test(a_chat_gets_a_short_burst_then_one_a_second_and_nobody_asks_twice),
     cmocka_unit_test(a_token_looks_like_one))
