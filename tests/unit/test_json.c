#include "tests/test.h"

#include <float.h>
#include <math.h>

#include "core/base/json.h"

static cJSON *read_text(const char *text, struct err *err)
{
    return json_parse(text, strlen(text), "a test", err);
}

/* NULL as FAILS wants it: -1. */
static int refused(const char *text, size_t len, struct err *err)
{
    auto_json tree = json_parse(text, len, "a test", err);
    return tree ? 0 : -1;
}

TEST(values_are_found_by_path)
{
    auto_json tree = read_text("{\"a\":{\"b\":[{\"c\":\"x\"},{\"c\":\"y\",\"n\":null}]},\"\":1,"
                               "\"10\":\"ten\",\"t\":true}",
                               err);
    assert_non_null(tree);
    assert_string_equal(json_text(tree, "a.b.0.c"), "x");
    assert_string_equal(json_text(tree, "a.b.1.c"), "y");
    assert_string_equal(json_text(tree, "10"), "ten");
    assert_non_null(json_array(tree, "a.b"));
    assert_non_null(json_object(tree, "a.b.1"));
    assert_ptr_equal(json_at(tree, ""), tree);
    static const char *const nowhere[] = {"a.b.2.c", "a.b.-1",    "a.b.x",
                                          "a.c",     "a.b.0.c.d", "z",
                                          "a.b.1x",  "t.x",       "a.b.99999999999999999999",
                                          "1"};
    for (size_t i = 0; i < ARRAY_LEN(nowhere); i++)
        assert_null(json_at(tree, nowhere[i]));
    assert_null(json_text(tree, "a"));
    assert_null(json_array(tree, "a"));
    assert_null(json_object(tree, "a.b"));
    assert_null(json_text(tree, "a.b.1.n"));
    assert_null(json_at(NULL, "a"));
    assert_null(json_text(NULL, "a"));
    assert_string_equal(json_text_or(tree, "z", "else"), "else");
    assert_string_equal(json_text_or(tree, "10", "else"), "ten");
}

TEST(keys_match_exactly)
{
    auto_json tree = read_text("{\"Name\":1,\"name\":2,\"nam\":3,\"names\":4}", err);
    assert_int_equal(json_i64_or(tree, "Name", 0), 1);
    assert_int_equal(json_i64_or(tree, "name", 0), 2);
    assert_int_equal(json_i64_or(tree, "nam", 0), 3);
    assert_int_equal(json_i64_or(tree, "names", 0), 4);
    assert_null(json_at(tree, "NAME"));
    assert_null(json_at(tree, "na"));
}

TEST(numbers_are_whole_and_exact_or_not_there)
{
    static const struct {
        const char *text;
        bool there;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"1e3", true, 1000},
        {"12.0", true, 12},
        {"2147483647", true, 2147483647},
        {"2147483648", true, 2147483648},
        {"-1001234567890", true, -1001234567890},     /* a Telegram group */
        {"4503599627370495", true, 4503599627370495}, /* its largest: 52 bits */
        {"9007199254740991", true, 9007199254740991},
        {"-9007199254740991", true, -9007199254740991},
        {"9007199254740992", false, 0},
        {"9007199254740993", false, 0},
        {"-9007199254740992", false, 0},
        {"9223372036854775807", false, 0},
        {"1e300", false, 0},
        {"-1e300", false, 0},
        {"1e999", false, 0},
        {"1.5", false, 0},
        {"1e-3", false, 0},
        {"\"12\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[1]", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"n\":%s}", cases[i].text);
        auto_json tree = read_text(text, err);
        assert_non_null(tree);
        int64_t value = 77;
        if (json_i64(tree, "n", &value) != cases[i].there)
            fail_msg("%s", cases[i].text);
        assert_int_equal(value, cases[i].there ? cases[i].value : 77);
        assert_int_equal(json_i64_or(tree, "n", -5), cases[i].there ? cases[i].value : -5);
    }
}

TEST(infinite_numbers_are_not_there)
{
    double number;
    auto_json tree = read_text("{\"a\":1e999,\"b\":1e300,\"c\":0.5}", err);
    assert_false(json_number(tree, "a", &number));
    assert_true(json_number(tree, "b", &number));
    assert_true(json_number(tree, "c", &number));
    assert_true(number > 0.4 && number < 0.6);
    auto_json made = cJSON_CreateObject();
    cJSON_AddNumberToObject(made, "nan", (double)NAN);
    int64_t whole;
    assert_false(json_number(made, "nan", &number));
    assert_false(json_i64(made, "nan", &whole));
}

TEST(flags_are_booleans_or_nought_and_one)
{
    static const struct {
        const char *text;
        int flag; /* -1: not there */
    } cases[] = {{"true", 1}, {"false", 0}, {"1", 1},     {"0", 0},      {"2", -1},
                 {"-1", -1},  {"0.5", -1},  {"null", -1}, {"\"1\"", -1}, {"{}", -1}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        snprintf(text, sizeof(text), "[%s]", cases[i].text);
        auto_json tree = read_text(text, err);
        bool flag = false;
        assert_int_equal(json_flag(tree, "0", &flag), cases[i].flag >= 0);
        assert_int_equal(flag, cases[i].flag == 1);
    }
}

TEST(what_is_not_json_is_refused)
{
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {
#define CASE(text) {(text), sizeof(text) - 1}
        CASE(""),
        CASE(" "),
        CASE("{"),
        CASE("{\"a\":"),
        CASE("{\"a\":1"),
        CASE("[1,2"),
        CASE("\"abc"),
        CASE("\"abc\\"),
        CASE("\"abc\\u00"),
        CASE("tru"),
        CASE("nul"),
        CASE("NaN"),
        CASE("Infinity"),
        CASE("-"),
        CASE("<html>"),
        CASE("{a:1}"),
        CASE("{} x"),
        CASE("{}{}"),
        CASE("1 2"),
        CASE("[1]]"),
        CASE("{}\0"),
        CASE("{}\0x"),
        CASE("\"a\0b\""),
        CASE("\"a\\u0000b\""),
        CASE("{\"a\\u0000b\":1}"),
        CASE("\"\xff\""),
        CASE("\"\xc0\x80\""),
        CASE("\"\xed\xa0\x80\""),
        CASE("\"\xc3\""),
        CASE("\"\\ud800\""),
        CASE("\"\\udc00\\ud800\""),
        CASE("\"\\x41\""),
#undef CASE
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *exact = malloc(cases[i].len ? cases[i].len : 1);
        memcpy(exact, cases[i].text, cases[i].len);
        *err = (struct err)ERR_INIT;
        if (!refused(exact, cases[i].len, err))
            fail_msg("case %zu is taken: %s", i, cases[i].text);
        assert_int_equal(err->kind, ERR_REMOTE);
        assert_memory_equal(err->why, "a test ", 7);
        free(exact);
    }
}

TEST(blanks_and_escapes_around_are_fine)
{
    auto_json tree = read_text(" \r\n\t{\"a\" : \"\\\\u0000 \\ud83c\\udf5d \\u00e9\\n\"} \n", err);
    assert_non_null(tree);
    assert_string_equal(json_text(tree, "a"), "\\u0000 🍝 é\n");
}

static char *nested(size_t depth, char open, char close, size_t *ret_len)
{
    char *text = mem_new(depth * 2 + 1, 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    *ret_len = depth * 2;
    return text;
}

TEST(depth_has_a_ceiling)
{
    size_t len;
    auto_text fits = nested(JSON_DEPTH_MAX, '[', ']', &len);
    OK(refused(fits, len, err));
    auto_text over = nested(JSON_DEPTH_MAX + 1, '[', ']', &len);
    FAILS(ERR_REMOTE, refused(over, len, err));
    auto_text huge = nested(20000, '[', ']', &len);
    FAILS(ERR_REMOTE, refused(huge, len, err));
    FAILS(ERR_REMOTE, refused(huge, 20000, err)); /* and never closed */
    auto_str objects = STR_INIT(1 << 20);
    for (int i = 0; i < 20000; i++)
        str_add(&objects, "{\"a\":");
    FAILS(ERR_REMOTE, refused(objects.buf, objects.len, err));
}

static void *read_deep(void *arg)
{
    struct err err = ERR_INIT;
    for (size_t depth = JSON_DEPTH_MAX / 2; depth <= JSON_DEPTH_MAX + 1; depth++) {
        auto_str text = STR_INIT(1 << 20);
        for (size_t i = 0; i < depth; i++)
            str_add(&text, i % 2 ? "{\"a\":" : "[");
        for (size_t i = depth; i > 0; i--)
            str_addc(&text, i % 2 ? ']' : '}');
        auto_json tree = json_parse(text.buf, text.len, "a test", &err);
        auto_str out = STR_INIT(1 << 20);
        if (tree)
            json_print(&out, tree);
    }
    *(bool *)arg = true;
    return NULL;
}

/* cJSON recurses when it reads, prints and frees, and a worker's stack is 256 KiB: a quarter is
 * left to its callers. The sanitizers' frames are larger. */
TEST(the_depth_that_is_taken_fits_a_workers_stack)
{
    bool done = false;
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WITH_ASAN || WITH_TSAN ? 1 << 20 : 192 * 1024);
    assert_int_equal(pthread_create(&thread, &attr, read_deep, &done), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    assert_true(done);
}

TEST(brackets_in_a_text_are_not_depth)
{
    auto_str s = STR_INIT(1 << 20);
    str_addc(&s, '"');
    for (int i = 0; i < 1000; i++)
        str_add(&s, "[{\\\"");
    str_addc(&s, '"');
    OK(refused(s.buf, s.len, err));
}

TEST(what_is_put_comes_out_as_it_was)
{
    static const int64_t values[] = {0,
                                     1,
                                     -1,
                                     INT32_MAX,
                                     INT32_MIN,
                                     2147483648,
                                     -1001234567890,
                                     999999999999999,
                                     1000000000000001,
                                     4503599627370495};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        auto_json tree = cJSON_CreateObject();
        json_put_i64(tree, "n", values[i]);
        auto_str out = STR_INIT(1000), want = STR_INIT(1000);
        json_print(&out, tree);
        str_addf(&want, "{\"n\":%lld}", (long long)values[i]);
        assert_string_equal(out.buf, want.buf);
    }
}

/* cJSON takes %1.15g for exact if it is off by no more than 2 in 2^53. */
TEST(numbers_of_53_bits_are_put_exactly)
{
    static const int64_t values[] = {9007199254740991, -9007199254740991, 9007199254740989,
                                     4503599627370497, 8999999999999999};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        auto_json tree = cJSON_CreateObject();
        json_put_i64(tree, "n", values[i]);
        auto_str out = STR_INIT(1000);
        json_print(&out, tree);
        auto_json again = json_parse(out.buf, out.len, "a test", err);
        if (json_i64_or(again, "n", 0) != values[i])
            fail_msg("%lld is put as %s", (long long)values[i], out.buf);
    }
}

TEST(texts_and_nulls_are_put)
{
    auto_json tree = cJSON_CreateObject();
    json_put_text(tree, "a", "é \"quoted\" \\ \n");
    json_put_text(tree, "b", NULL);
    auto_str out = STR_INIT(1000);
    json_print(&out, tree);
    assert_string_equal(out.buf, "{\"a\":\"é \\\"quoted\\\" \\\\ \\n\",\"b\":null}");
    auto_json again = json_parse(out.buf, out.len, "again", err);
    assert_string_equal(json_text(again, "a"), "é \"quoted\" \\ \n");
    assert_null(json_text(again, "b"));
}

MAIN(cmocka_unit_test(values_are_found_by_path), cmocka_unit_test(keys_match_exactly),
     cmocka_unit_test(numbers_are_whole_and_exact_or_not_there),
     cmocka_unit_test(infinite_numbers_are_not_there),
     cmocka_unit_test(flags_are_booleans_or_nought_and_one),
     cmocka_unit_test(what_is_not_json_is_refused),
     cmocka_unit_test(blanks_and_escapes_around_are_fine), cmocka_unit_test(depth_has_a_ceiling),
     cmocka_unit_test(brackets_in_a_text_are_not_depth),
     cmocka_unit_test(what_is_put_comes_out_as_it_was), cmocka_unit_test(texts_and_nulls_are_put),
     cmocka_unit_test(numbers_of_53_bits_are_put_exactly),
     cmocka_unit_test(the_depth_that_is_taken_fits_a_workers_stack))
