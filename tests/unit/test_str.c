#include "tests/test.h"

#include "core/base/str.h"
#include "core/base/utf8.h"

TEST(nothing_is_an_empty_text)
{
    auto_str s = STR_INIT(10);
    assert_string_equal(s.buf, "");
    str_add(&s, "");
    str_addn(&s, NULL, 0);
    str_clear(&s);
    assert_string_equal(s.buf, "");
    assert_false(s.cut);
    str_free(&s);
    str_free(&s);
}

TEST(text_grows_piece_by_piece)
{
    auto_str s = STR_INIT(1000000);
    for (int i = 0; i < 10000; i++) {
        str_addc(&s, 'x');
        str_add(&s, "yz");
        str_addf(&s, "%d", i % 10);
        assert_int_equal(s.buf[s.len], '\0');
    }
    assert_int_equal(s.len, 40000);
    assert_memory_equal(s.buf + 39996, "xyz9", 5);
    assert_false(s.cut);
}

TEST(the_ceiling_cuts_between_characters_and_for_good)
{
    for (size_t max = 0; max < 14; max++) {
        auto_str s = STR_INIT(max);
        str_add(&s, "aé€🍝é");
        assert_true(s.len <= max);
        assert_int_equal(s.len, utf8_floor("aé€🍝é", MIN_OF(max, 12)));
        assert_int_equal(s.cut, max < 12);
        size_t before = s.len;
        if (s.cut) {
            str_add(&s, "a");
            str_addc(&s, 'b');
            str_addf(&s, "%s", "c");
            assert_int_equal(s.len, before);
        }
        assert_int_equal(strlen(s.buf), s.len);
    }
}

TEST(exactly_full_is_not_cut)
{
    auto_str s = STR_INIT(3);
    str_add(&s, "abc");
    assert_false(s.cut);
    str_add(&s, "");
    assert_false(s.cut);
    str_addc(&s, 'd');
    assert_true(s.cut);
    assert_string_equal(s.buf, "abc");
    str_clear(&s);
    assert_false(s.cut);
    str_add(&s, "de");
    assert_string_equal(s.buf, "de");
}

TEST(long_formats_are_whole)
{
    auto_str s = STR_INIT(100000);
    for (int width = 250; width < 260; width++) {
        str_clear(&s);
        str_addf(&s, "%*d|%s", width, 7, "end");
        assert_int_equal(s.len, width + 4);
        assert_string_equal(s.buf + s.len - 5, "7|end");
    }
}

TEST(a_detached_text_is_the_callers)
{
    struct str s = STR_INIT(100);
    auto_text nothing = str_detach(&s);
    assert_string_equal(nothing, "");
    str_add(&s, "abc");
    auto_text text = str_detach(&s);
    assert_string_equal(text, "abc");
    assert_int_equal(s.len, 0);
    assert_int_equal(s.max, 100);
    str_add(&s, "def");
    assert_string_equal(s.buf, "def");
    assert_string_equal(text, "abc");
    str_free(&s);
}

TEST(strangers_text_is_shown_without_tricks)
{
    static const struct {
        const char *text;
        size_t len;
        const char *shown;
    } cases[] = {
#define CASE(text, shown) {(text), sizeof(text) - 1, (shown)}
        CASE("plain é€🍝", "plain é€🍝"),
        CASE("\x1b[31mred", "\\x1b[31mred"),
        CASE("\xc2\x9b"
             "31m",
             "\\x9b31m"),
        CASE("a\rb\nc\td", "a\\x0db\\nc\\x09d"),
        CASE("a\0b", "a\\x00b"),
        CASE("\x7f\x08", "\\x7f\\x08"),
        CASE("abc\u202edef", "abc\\u202edef"),
        CASE("\u2066x\u2069", "\\u2066x\\u2069"),
        CASE("\u200e\u200f\u2028\u2029\ufeff", "\\u200e\\u200f\\u2028\\u2029\\ufeff"),
        CASE("a\xffz", "a\\xffz"),
        CASE("\xc3", "\\xc3"),
        CASE("\xe2\x82", "\\xe2\\x82"),
        CASE("\xed\xa0\x80", "\\xed\\xa0\\x80"),
        CASE("\ufffd", "\ufffd"),
        CASE("", ""),
#undef CASE
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_str s = STR_INIT(1000);
        str_add_shown(&s, cases[i].text, cases[i].len);
        assert_string_equal(s.buf, cases[i].shown);
    }
}

TEST(no_byte_below_a_blank_is_ever_shown)
{
    auto_str s = STR_INIT(100000);
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b += 5) {
            char pair[2] = {(char)a, (char)b};
            str_clear(&s);
            str_add_shown(&s, pair, 2);
            assert_true(utf8_valid(s.buf, s.len));
            for (size_t i = 0; i < s.len; i++)
                assert_true((unsigned char)s.buf[i] >= 0x20 && s.buf[i] != 0x7f);
        }
}

TEST(url_parts_are_percent_encoded)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"abcXYZ019-._~", "abcXYZ019-._~"},
        {"a b+c", "a%20b%2Bc"},
        {"/?#&=%:@", "%2F%3F%23%26%3D%25%3A%40"},
        {"é🍝", "%C3%A9%F0%9F%8D%9D"},
        {"\x01\x7f\xff", "%01%7F%FF"},
        {"{\"day\":\"2031-05-09\"}", "%7B%22day%22%3A%222031-05-09%22%7D"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_str s = STR_INIT(1000);
        str_add_url(&s, cases[i][0]);
        assert_string_equal(s.buf, cases[i][1]);
    }
}

MAIN(cmocka_unit_test(nothing_is_an_empty_text), cmocka_unit_test(text_grows_piece_by_piece),
     cmocka_unit_test(the_ceiling_cuts_between_characters_and_for_good),
     cmocka_unit_test(exactly_full_is_not_cut), cmocka_unit_test(long_formats_are_whole),
     cmocka_unit_test(a_detached_text_is_the_callers),
     cmocka_unit_test(strangers_text_is_shown_without_tricks),
     cmocka_unit_test(no_byte_below_a_blank_is_ever_shown),
     cmocka_unit_test(url_parts_are_percent_encoded))
