#include "tests/test.h"

#include <fcntl.h>

#include "core/base/json.h"
#include "core/base/log.h"

/* The log into a pipe, and what came out of it; large enough for every line here. */
static int pipe_ends[2];

static int begin(void **state)
{
    (void)state;
    if (pipe2(pipe_ends, O_NONBLOCK | O_CLOEXEC))
        return -1;
    log_start(pipe_ends[1], LOG_INFO, LOG_TEXT);
    return 0;
}

static int end(void **state)
{
    (void)state;
    log_forget_secrets();
    log_start(2, LOG_INFO, LOG_TEXT);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return 0;
}

static const char *logged(void)
{
    static char out[65536];
    ssize_t n = read(pipe_ends[0], out, sizeof(out) - 1);
    out[n > 0 ? n : 0] = '\0';
    return out;
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void assert_one_line(const char *line)
{
    size_t len = strlen(line);
    assert_true(len > 0);
    assert_ptr_equal(strchr(line, '\n'), line + len - 1);
}

TEST(a_line_has_time_level_event_and_pairs)
{
    log_line(LOG_WARN, "check", "question=%d why=%s", 7, "http 500");
    const char *line = logged();
    assert_one_line(line);
    assert_memory_equal(line, "<4>20", 5);
    assert_non_null(strstr(line, "Z warn  check question=7 why=http 500\n"));
    log_line(LOG_ERR, "stop", "%s", "");
    assert_non_null(strstr(logged(), " err   stop\n"));
}

TEST(lines_below_the_level_are_not_written)
{
    static const enum log_level levels[] = {LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG};
    for (size_t set = 0; set < ARRAY_LEN(levels); set++)
        for (size_t said = 0; said < ARRAY_LEN(levels); said++) {
            log_start(pipe_ends[1], levels[set], LOG_TEXT);
            struct err failure = {.kind = ERR_BUG};
            log_line(levels[said], "one", "a=%d", 1);
            assert_int_equal(*logged() != '\0', said <= set);
            log_err(levels[said], "two", &failure, "a=%d", 1);
            assert_int_equal(*logged() != '\0', said <= set);
            assert_int_equal(log_wants(levels[said]), said <= set);
        }
}

TEST(levels_have_names)
{
    assert_int_equal(log_level_of("err"), LOG_ERR);
    assert_int_equal(log_level_of("debug"), LOG_DEBUG);
    assert_int_equal(log_level_of("loud"), -1);
    assert_int_equal(log_level_of(""), -1);
}

TEST(a_failure_is_logged_with_kind_and_reason)
{
    err_set(err, ERR_REMOTE, "say", "http 500");
    log_err(LOG_ERR, "check", err, "question=%d", 3);
    assert_non_null(strstr(logged(), " check question=3 kind=remote why=http 500\n"));
    log_err(LOG_ERR, "check", err, "%s", "");
    assert_non_null(strstr(logged(), " check kind=remote why=http 500\n"));
}

TEST(control_characters_never_reach_the_terminal)
{
    for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
        log_start(pipe_ends[1], LOG_INFO, (enum log_format)format);
        log_line(LOG_INFO, "said", "text=%s", "\x1b[2J\r\nfake=1\x07\u202e\xff\x7f");
        const char *line = logged();
        assert_one_line(line);
        for (size_t i = 0; i + 1 < strlen(line); i++)
            assert_true((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
        assert_non_null(strstr(line, "x1b[2J"));
        assert_null(strstr(line, "\u202e"));
    }
}

TEST(a_json_line_is_json)
{
    log_start(pipe_ends[1], LOG_INFO, LOG_JSON);
    log_line(LOG_INFO, "said", "text=%s", "\"quoted\" \\ é");
    const char *line = logged();
    assert_one_line(line);
    auto_json tree = json_parse(line, strlen(line), "line", err);
    assert_non_null(tree);
    assert_string_equal(json_text(tree, "level"), "info");
    assert_string_equal(json_text(tree, "event"), "said");
    assert_string_equal(json_text(tree, "text"), "text=\"quoted\" \\ é");
}

static void assert_hidden(const char *secret, const char *as)
{
    log_secret(secret);
    for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
        log_start(pipe_ends[1], LOG_INFO, (enum log_format)format);
        log_line(LOG_INFO, "said", "a=%s b=%s", as, as);
        const char *line = logged();
        if (strstr(line, as) || !strstr(line, "a=[secret] b=[secret]"))
            fail_msg("%s is shown: %s", as, line);
    }
}

TEST(secrets_are_replaced_as_they_are_and_as_in_urls)
{
    assert_hidden("s3cret-token", "s3cret-token");
    assert_hidden("a b/c+d&e=f", "a b/c+d&e=f");
    assert_hidden("a b/c+d&e=f", "a%20b%2Fc%2Bd%26e%3Df");
    assert_hidden("pässword", "p%C3%A4ssword");
    log_forget_secrets();
    log_line(LOG_INFO, "said", "a=%s", "s3cret-token");
    assert_non_null(strstr(logged(), "s3cret-token"));
}

/* log.h: "and its JSON and URL forms". */
TEST(secrets_are_replaced_as_in_json)
{
    static const char secret[] = "pa\"ss\\word";
    log_secret(secret);
    auto_str as_json = STR_INIT(1000);
    str_add(&as_json, "{\"password\":\"pa\\\"ss\\\\word\"}");
    log_redact(&as_json);
    assert_string_equal(as_json.buf, "{\"password\":\"[secret]\"}");
    log_start(pipe_ends[1], LOG_INFO, LOG_JSON);
    log_line(LOG_INFO, "said", "a=%s", secret);
    assert_null(strstr(logged(), "word"));
}

TEST(short_texts_are_no_secrets)
{
    log_secret("");
    log_secret("12345");
    log_line(LOG_INFO, "said", "a=12345");
    assert_non_null(strstr(logged(), "a=12345"));
    assert_hidden("123456", "123456");
}

TEST(a_secret_is_replaced_wherever_it_stands)
{
    log_secret("123456");
    auto_str s = STR_INIT(1000);
    str_add(&s, "123456 123456123456 12345 x123456");
    log_redact(&s);
    assert_string_equal(s.buf, "[secret] [secret][secret] 12345 x[secret]");
}

TEST(a_secret_inside_a_longer_one_leaves_no_rest)
{
    log_secret("abcdef");
    log_secret("abcdef-the-longer-part");
    auto_str s = STR_INIT(1000);
    str_add(&s, "x=abcdef-the-longer-part");
    log_redact(&s);
    assert_null(strstr(s.buf, "longer"));
}

/* The replacement itself holds the word. */
TEST(the_word_secret_may_be_one)
{
    log_secret("secret");
    auto_str s = STR_INIT(100);
    str_add(&s, "my secret here");
    log_redact(&s);
    assert_string_equal(s.buf, "my [secret] here");
}

TEST(forty_secrets_are_all_replaced)
{
    for (int i = 0; i < 40; i++) {
        char secret[32];
        snprintf(secret, sizeof(secret), "token/number/%02d", i);
        log_secret(secret);
    }
    auto_str s = STR_INIT(1000);
    str_add(&s, "token/number/39");
    log_redact(&s);
    assert_string_equal(s.buf, "[secret]");
}

TEST(redacting_remembers_that_a_text_was_cut)
{
    log_secret("0123456789");
    auto_str s = STR_INIT(12);
    str_add(&s, "0123456789 and more");
    assert_true(s.cut);
    log_redact(&s);
    assert_true(s.cut);
}

/* Wherever a long line is cut, no more of the secret is left than what nobody could use. */
TEST(a_line_cut_inside_a_secret_does_not_show_its_start)
{
    static const char secret[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    static char padding[4200];
    log_secret(secret);
    for (size_t len = 4040; len < 4100; len++) {
        memset(padding, 'p', len);
        padding[len] = '\0';
        log_line(LOG_INFO, "said", "a=%s%s", padding, secret);
        const char *line = logged();
        if (strstr(line, "0123456789"))
            fail_msg("%zu bytes before it: %s", len, strstr(line, "0123456789"));
    }
}

TEST(very_long_values_are_cut_and_stay_one_line)
{
    static const char *const fill[] = {"x", "\x1b", "\"", "é", "\xff", "\\"};
    auto_str value = STR_INIT(100000);
    for (size_t i = 0; i < ARRAY_LEN(fill); i++)
        for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
            str_clear(&value);
            for (int n = 0; n < 20000; n++)
                str_add(&value, fill[i]);
            log_start(pipe_ends[1], LOG_INFO, (enum log_format)format);
            log_line(LOG_INFO, "said", "a=%s", value.buf);
            const char *line = logged();
            assert_one_line(line);
            assert_true(strlen(line) < 10000);
            auto_json tree = format == LOG_JSON ? json_parse(line, strlen(line), "x", err) : NULL;
            if (format == LOG_JSON && !tree)
                fail_msg("filled with %s: %s", fill[i], err->why);
        }
}

static void *say_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++)
        log_line(LOG_INFO, "said", "secret=%s i=%d", "s3cret-token", i);
    return NULL;
}

static void *register_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++)
        log_secret(i % 2 ? "s3cret-token" : "another/token");
    return NULL;
}

TEST(lines_of_many_threads_do_not_mix)
{
    pthread_t threads[5];
    log_secret("s3cret-token");
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_create(&threads[i], NULL, i ? say_often : register_often, NULL);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    size_t lines = 0;
    for (const char *at = logged(); *at; at = strchr(at, '\n') + 1, lines++) {
        assert_memory_equal(at, "<6>2", 4);
        const char *tail = strstr(at, " info  said secret=[secret] i=");
        assert_non_null(tail);
        assert_true(tail < strchr(at, '\n'));
    }
    assert_int_equal(lines, 400);
}

/* SIGHUP comes while others log; TSan looks at it. */
TEST(the_log_is_started_again_while_others_write)
{
    pthread_t thread;
    pthread_create(&thread, NULL, say_often, NULL);
    for (int i = 0; i < 100; i++)
        log_start(pipe_ends[1], LOG_INFO, LOG_TEXT);
    pthread_join(thread, NULL);
    assert_non_null(strstr(logged(), "i=99\n"));
}

MAIN(LOG_TEST(a_line_has_time_level_event_and_pairs),
     LOG_TEST(lines_below_the_level_are_not_written), cmocka_unit_test(levels_have_names),
     LOG_TEST(a_failure_is_logged_with_kind_and_reason),
     LOG_TEST(control_characters_never_reach_the_terminal), LOG_TEST(a_json_line_is_json),
     LOG_TEST(secrets_are_replaced_as_they_are_and_as_in_urls),
     LOG_TEST(secrets_are_replaced_as_in_json), LOG_TEST(short_texts_are_no_secrets),
     LOG_TEST(a_secret_is_replaced_wherever_it_stands),
     LOG_TEST(a_secret_inside_a_longer_one_leaves_no_rest), LOG_TEST(the_word_secret_may_be_one),
     LOG_TEST(forty_secrets_are_all_replaced), LOG_TEST(redacting_remembers_that_a_text_was_cut),
     LOG_TEST(a_line_cut_inside_a_secret_does_not_show_its_start),
     LOG_TEST(very_long_values_are_cut_and_stay_one_line),
     LOG_TEST(lines_of_many_threads_do_not_mix),
     LOG_TEST(the_log_is_started_again_while_others_write))
