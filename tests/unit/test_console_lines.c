/* The console's two vocabularies: what a client says, and what it hears. */
#include "tests/test.h"

#include "adapters/console/console.h"
#include "adapters/console/lines.h"
#include "core/base/json.h"
#include "core/orchestrator/run.h"

#define ROOM ((size_t)1 << 22)

/* --- what a client says --- */

TEST(a_line_is_a_message_a_press_a_hello_or_an_ack)
{
    static const struct {
        const char *line;
        enum console_said said;
        const char *text;
    } cases[] = {
        {"", CONSOLE_MESSAGE, ""},
        {"carbone tomorrow", CONSOLE_MESSAGE, "carbone tomorrow"},
        {"  two  blanks ", CONSOLE_MESSAGE, "  two  blanks "},
        {"caf\u00e9 \u6771\u4eac", CONSOLE_MESSAGE, "caf\u00e9 \u6771\u4eac"},
        {"{\"type\":\"message\",\"text\":\"hi \\u001b\"}", CONSOLE_MESSAGE, "hi \033"},
        {"{\"type\":\"message\",\"text\":\"\"}", CONSOLE_MESSAGE, ""},
        {"{\"type\":\"message\",\"text\":\"a\\nb\"}", CONSOLE_MESSAGE, "a\nb"},
        {"!press abc", CONSOLE_PRESS, "abc"},
        {"!press   abc  ", CONSOLE_PRESS, "abc"},
        {"!press abc def", CONSOLE_PRESS, "abc"},
        {"!press ", CONSOLE_PRESS, ""},
        {"{\"type\":\"message\",\"text\":\"!press abc\\nmore\"}", CONSOLE_PRESS, "abc"},
        {"!press", CONSOLE_MESSAGE, "!press"},
        {" !press abc", CONSOLE_MESSAGE, " !press abc"},
        {"!pressure", CONSOLE_MESSAGE, "!pressure"},
        {"{\"type\":\"hello\"}", CONSOLE_HELLO, NULL},
        {"{\"type\":\"ack\",\"delivery\":7}", CONSOLE_ACK, NULL},
        {"{\"type\":\"ack\"}", CONSOLE_NOTHING, NULL},
        {"{\"type\":\"ack\",\"delivery\":\"7\"}", CONSOLE_NOTHING, NULL},
        {"{\"type\":\"ack\",\"delivery\":1.5}", CONSOLE_NOTHING, NULL},
        /* what is no line of ours is a message as it stands */
        {"{\"type\":\"message\"}", CONSOLE_MESSAGE, "{\"type\":\"message\"}"},
        {"{\"type\":\"message\",\"text\":5}", CONSOLE_MESSAGE, "{\"type\":\"message\",\"text\":5}"},
        {"{\"type\":\"else\",\"text\":\"x\"}", CONSOLE_MESSAGE,
         "{\"type\":\"else\",\"text\":\"x\"}"},
        {"{\"Type\":\"hello\"}", CONSOLE_MESSAGE, "{\"Type\":\"hello\"}"},
        {"{\"type\":\"hello\"} x", CONSOLE_MESSAGE, "{\"type\":\"hello\"} x"},
        {"{\"type\":\"hello\"", CONSOLE_MESSAGE, "{\"type\":\"hello\""},
        {"[{\"type\":\"hello\"}]", CONSOLE_MESSAGE, "[{\"type\":\"hello\"}]"},
        {" {\"type\":\"hello\"}", CONSOLE_MESSAGE, " {\"type\":\"hello\"}"},
        {"{}", CONSOLE_MESSAGE, "{}"},
        {"{", CONSOLE_MESSAGE, "{"},
        {"null", CONSOLE_MESSAGE, "null"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct console_line said;
        console_parse(cases[i].line, strlen(cases[i].line), &said);
        bool same = said.said == cases[i].said && !said.text == !cases[i].text &&
                    (!said.text || !strcmp(said.text, cases[i].text));
        if (!same)
            fail_msg("%s: %d %s", cases[i].line, said.said, said.text ? said.text : "");
        free(said.text);
    }
}

TEST(a_hello_says_what_the_client_may_and_an_ack_which_delivery)
{
    static const struct {
        const char *line;
        bool acts, acks;
        int64_t delivery;
    } cases[] = {
        {"{\"type\":\"hello\",\"acts\":true,\"acks\":false}", true, false, 0},
        {"{\"type\":\"hello\",\"acks\":true}", false, true, 0},
        {"{\"type\":\"hello\",\"acts\":\"yes\",\"acks\":null}", false, false, 0},
        {"{\"type\":\"hello\",\"acts\":2}", false, false, 0},
        {"{\"type\":\"ack\",\"delivery\":9007199254740991}", false, false, 9007199254740991},
        {"{\"type\":\"ack\",\"delivery\":-1}", false, false, -1},
        {"{\"type\":\"ack\",\"delivery\":0,\"acts\":true}", false, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct console_line said;
        console_parse(cases[i].line, strlen(cases[i].line), &said);
        assert_int_equal(said.acts, cases[i].acts);
        assert_int_equal(said.acks, cases[i].acks);
        assert_int_equal(said.delivery, cases[i].delivery);
        assert_null(said.text);
    }
}

TEST(only_the_given_length_is_read)
{
    struct console_line said;
    console_parse("carbone\nmore", 7, &said);
    assert_string_equal(said.text, "carbone");
    free(said.text);
    console_parse("{\"type\":\"hello\"}!", 16, &said);
    assert_int_equal(said.said, CONSOLE_HELLO);
    console_parse("!press abc", 8, &said);
    assert_string_equal(said.text, "a");
    free(said.text);
}

/* --- what it hears --- */

/* Each line parses alone; how many are of that type. */
static size_t count_of(const struct str *out, const char *type)
{
    size_t count = 0;
    assert_true(!out->len || out->buf[out->len - 1] == '\n');
    for (const char *at = out->buf; *at;) {
        size_t len = strcspn(at, "\n");
        auto_json line = json_parse(at, len, "a line", NULL);
        assert_non_null(line);
        assert_non_null(json_text(line, "type"));
        count += !strcmp(json_text(line, "type"), type);
        at += len + 1;
    }
    return count;
}

static cJSON *made(const char *text)
{
    cJSON *tree = json_parse(text, strlen(text), "the test", NULL);
    if (!tree)
        fail_msg("no JSON: %s", text);
    return tree;
}

TEST(a_reply_ends_in_exactly_one_done)
{
    static const char *const replies[] = {
        "{}",
        "{\"ok\":true,\"text\":\"hi\"}",
        "{\"ok\":false,\"text\":\"no\"}",
        "{\"ok\":false}",
        "{\"text\":\"\"}",
        "{\"text\":null,\"ok\":null,\"buttons\":null,\"venues\":null,\"session_id\":null}",
        "{\"text\":\"{\\\"type\\\":\\\"done\\\"}\\n{\\\"type\\\":\\\"done\\\"}\\n\"}",
        "{\"text\":\"x\",\"venues\":{\"type\":\"venues\",\"venues\":[]},\"buttons\":[]}",
        "{\"text\":\"x\",\"buttons\":[{\"label\":\"Stop\",\"press\":\"t\"}]}",
        "{\"text\":\"x\",\"buttons\":{},\"venues\":[]}",
        "[]",
        "null",
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        auto_str out = STR_INIT(ROOM);
        auto_json reply = made(replies[i]);
        lines_of_reply(&out, reply, 7, "");
        if (count_of(&out, "done") != 1)
            fail_msg("%s: %s", replies[i], out.buf);
        const char *last = out.buf;
        for (const char *at = out.buf; *at; at += strcspn(at, "\n") + 1)
            last = at;
        auto_json done = made(last);
        assert_string_equal(json_text(done, "type"), "done");
        assert_int_equal(json_i64_or(done, "delivery", 0), 7);
        assert_true(cJSON_IsBool(json_at(done, "ok")));
        assert_non_null(json_at(done, "session_id"));
    }
}

TEST(a_reply_is_text_venues_buttons_and_done_in_this_order)
{
    auto_str out = STR_INIT(ROOM);
    auto_json reply = made("{\"ok\":true,\"text\":\"Here:\",\"session_id\":5,\"asks\":true,"
                           "\"venues\":{\"type\":\"venues\",\"id\":1,\"venues\":[]},"
                           "\"buttons\":[{\"label\":\"Stop\",\"press\":\"t\"}]}");
    lines_of_reply(&out, reply, 9, "");
    assert_string_equal(
        out.buf,
        "{\"type\":\"text\",\"content\":\"Here:\"}\n"
        "{\"type\":\"venues\",\"id\":1,\"venues\":[]}\n"
        "{\"type\":\"buttons\",\"id\":9,\"buttons\":[{\"label\":\"Stop\",\"press\":\"t\"}]}\n"
        "{\"type\":\"done\",\"ok\":true,\"session_id\":5,\"asks\":true,\"delivery\":9}\n");
}

TEST(what_was_streamed_is_not_said_again)
{
    static const struct {
        const char *text, *streamed, *rest; /* rest NULL: no text line */
    } cases[] = {
        {"Hello there.", "", "Hello there."},
        {"Hello there.", "Hello", " there."},
        {"Hello there.", "Hello there.", NULL},
        {"caf\u00e9!", "caf\u00e9", "!"},
        {"", "", NULL},
        /* it turned out otherwise: all of it, on a line of its own */
        {"Good bye.", "Hello", "\nGood bye."},
        {"Hell", "Hello", "\nHell"},
        {"", "Hello", "\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_str out = STR_INIT(ROOM);
        auto_json reply = cJSON_CreateObject();
        json_put_text(reply, "text", cases[i].text);
        lines_of_reply(&out, reply, 1, cases[i].streamed);
        auto_text first = mem_textn(out.buf, strcspn(out.buf, "\n"));
        auto_json line = made(first);
        const char *said = json_text(line, "content");
        assert_int_equal(count_of(&out, "text"), cases[i].rest ? 1 : 0);
        if (cases[i].rest)
            assert_string_equal(said, cases[i].rest);
    }
}

TEST(a_failure_is_an_error_and_not_a_text)
{
    auto_str out = STR_INIT(ROOM);
    auto_json reply = made("{\"ok\":false,\"text\":\"I cannot.\",\"session_id\":3}");
    lines_of_reply(&out, reply, 2, "I was saying");
    assert_int_equal(count_of(&out, "text"), 0);
    assert_int_equal(count_of(&out, "error"), 1);
    assert_non_null(strstr(out.buf, "\"message\":\"I cannot.\""));
    assert_non_null(strstr(out.buf, "\"ok\":false"));
}

TEST(a_late_reply_has_no_done)
{
    auto_str out = STR_INIT(ROOM);
    auto_json reply = made("{\"text\":\"late\",\"buttons\":[{\"label\":\"A\",\"press\":\"t\"}]}");
    lines_of_late_reply(&out, reply, 4);
    assert_string_equal(out.buf, "{\"type\":\"late\",\"text\":\"late\",\"delivery\":4}\n");
}

TEST(a_push_is_its_message_with_its_delivery)
{
    auto_str out = STR_INIT(ROOM);
    auto_json alert = made("{\"type\":\"alert\",\"delivery\":99,\"times\":[\"19:15\"],\"text\":"
                           "\"a\\nb\"}");
    lines_of_push(&out, alert, 4);
    assert_string_equal(out.buf, "{\"type\":\"alert\",\"times\":[\"19:15\"],\"text\":\"a\\nb\","
                                 "\"delivery\":4}\n");
    assert_int_equal(json_i64_or(alert, "delivery", 0), 99); /* the message itself is lent */
}

TEST(every_line_is_one_line_whatever_is_said)
{
    static const char nasty[] = "a\nb\r\n\"c\"\\ \t\033[2J \u2028 {\"type\":\"done\"}";
    auto_str out = STR_INIT(ROOM);
    line_text(&out, nasty);
    line_progress(&out, nasty);
    line_error(&out, nasty);
    line_done(&out, true, 1, false, 2);
    assert_int_equal(count_of(&out, "text"), 1);
    assert_int_equal(count_of(&out, "progress"), 1);
    assert_int_equal(count_of(&out, "error"), 1);
    assert_int_equal(count_of(&out, "done"), 1);
    assert_null(strchr(out.buf, '\r'));
    assert_null(strchr(out.buf, '\033'));
}

TEST(the_longest_answer_that_there_is_can_replace_a_streamed_one)
{
    auto_str text = STR_INIT(RUN_TEXT_MAX), out = STR_INIT(ROOM);
    for (int i = 0; !text.cut; i++)
        str_addf(&text, "\"%d\"\n", i);
    auto_json reply = cJSON_CreateObject();
    json_put_text(reply, "text", text.buf);
    lines_of_reply(&out, reply, 1, "otherwise");
    auto_text first = mem_textn(out.buf, strcspn(out.buf, "\n"));
    auto_json line = made(first);
    assert_string_equal(json_text_or(line, "content", "x") + 1, text.buf);
    assert_int_equal(count_of(&out, "done"), 1);
}

MAIN(cmocka_unit_test(a_line_is_a_message_a_press_a_hello_or_an_ack),
     cmocka_unit_test(a_hello_says_what_the_client_may_and_an_ack_which_delivery),
     cmocka_unit_test(only_the_given_length_is_read),
     cmocka_unit_test(a_reply_ends_in_exactly_one_done),
     cmocka_unit_test(a_reply_is_text_venues_buttons_and_done_in_this_order),
     cmocka_unit_test(what_was_streamed_is_not_said_again),
     cmocka_unit_test(a_failure_is_an_error_and_not_a_text),
     cmocka_unit_test(a_late_reply_has_no_done),
     cmocka_unit_test(a_push_is_its_message_with_its_delivery),
     cmocka_unit_test(every_line_is_one_line_whatever_is_said),
     cmocka_unit_test(the_longest_answer_that_there_is_can_replace_a_streamed_one))
