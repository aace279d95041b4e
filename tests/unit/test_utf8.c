#include "tests/test.h"

#include "core/base/utf8.h"

#define BYTES(text) (text), sizeof(text) - 1

TEST(bytes_are_well_formed_or_not)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool valid;
    } cases[] = {
        {BYTES(""), true},
        {BYTES("plain"), true},
        {BYTES("sixteen letters!"), true},
        {BYTES("Café Böhm €5 🍝"), true},
        {BYTES("\x7f"), true},
        {BYTES("\xc2\x80"), true},
        {BYTES("\xdf\xbf"), true},
        {BYTES("\xe0\xa0\x80"), true},
        {BYTES("\xed\x9f\xbf"), true},
        {BYTES("\xee\x80\x80"), true},
        {BYTES("\xef\xbf\xbf"), true},
        {BYTES("\xf0\x90\x80\x80"), true},
        {BYTES("\xf4\x8f\xbf\xbf"), true},
        {BYTES("a\0b"), false},
        {BYTES("\0"), false},
        {BYTES("1234567\0"), false},
        {BYTES("\0001234567"), false},
        {BYTES("12345678\0"), false},
        {BYTES("\x01\x01\x01\x01\x01\x01\x01\0"), false},
        {BYTES("\x80"), false},
        {BYTES("\xbf"), false},
        {BYTES("12345678\x80"), false},
        {BYTES("\xc0\x80"), false},
        {BYTES("\xc1\xbf"), false},
        {BYTES("\xe0\x80\x80"), false},
        {BYTES("\xe0\x9f\xbf"), false},
        {BYTES("\xf0\x80\x80\x80"), false},
        {BYTES("\xf0\x8f\xbf\xbf"), false},
        {BYTES("\xed\xa0\x80"), false},
        {BYTES("\xed\xbf\xbf"), false},
        {BYTES("\xf4\x90\x80\x80"), false},
        {BYTES("\xf5\x80\x80\x80"), false},
        {BYTES("\xf8\x88\x80\x80\x80"), false},
        {BYTES("\xfe"), false},
        {BYTES("\xff"), false},
        {BYTES("\xc3"), false},
        {BYTES("\xe2\x82"), false},
        {BYTES("\xf0\x9f\x8d"), false},
        {BYTES("\xc3(x"), false},
        {BYTES("\xe2\x82(x"), false},
        {BYTES("\xf0\x9f\x8d(x"), false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *heap = malloc(cases[i].len + 1); /* so that ASan sees a read behind the end */
        memcpy(heap, cases[i].bytes, cases[i].len);
        char *exact = realloc(heap, cases[i].len ? cases[i].len : 1);
        if (utf8_valid(exact, cases[i].len) != cases[i].valid)
            fail_msg("case %zu should be %d", i, cases[i].valid);
        free(exact);
    }
}

TEST(every_character_and_no_other_is_well_formed)
{
    for (uint32_t c = 1; c < 0x120000; c++) {
        unsigned char b[4] = {
            (unsigned char)(0xf0 | c >> 18), (unsigned char)(0x80 | (c >> 12 & 63)),
            (unsigned char)(0x80 | (c >> 6 & 63)), (unsigned char)(0x80 | (c & 63))};
        if (c < 0x80)
            b[0] = (unsigned char)c;
        else if (c < 0x800)
            b[0] = (unsigned char)(0xc0 | c >> 6), b[1] = b[3];
        else if (c < 0x10000)
            b[0] = (unsigned char)(0xe0 | c >> 12), b[1] = b[2], b[2] = b[3];
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        bool should = c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
        const char *at = (char *)b, *end = at + len;
        if (utf8_valid(at, len) != should)
            fail_msg("U+%04X", c);
        if (should && ((uint32_t)utf8_next(&at, end) != c || at != end))
            fail_msg("U+%04X is read wrong", c);
    }
}

TEST(a_cut_never_splits_a_character)
{
    static const char text[] = "aé€🍝é";
    size_t borders[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10, 12};
    for (size_t at = 0; at < sizeof(text); at++) {
        assert_int_equal(utf8_floor(text, at), borders[at]);
        assert_true(utf8_valid(text, utf8_floor(text, at)));
    }
    assert_int_equal(utf8_floor("\x80\x80\x80\x80\x80", 5), 5);
}

TEST(ill_formed_bytes_are_read_as_replacements_one_by_one)
{
    static const char text[] = "a\xff\xe2\x82z\xc3";
    static const int32_t want[] = {'a', 0xfffd, 0xfffd, 0xfffd, 'z', 0xfffd, -1, -1};
    const char *at = text, *end = text + sizeof(text) - 1;
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(utf8_next(&at, end), want[i]);
}

TEST(telegram_counts_units_and_terminals_columns)
{
    static const struct {
        const char *text;
        size_t units, columns;
    } cases[] = {
        {"", 0, 0},  {"abc", 3, 3},  {"é", 1, 1},    {"e\u0301", 2, 1},  {"€", 1, 1},
        {"🍝", 2, 2}, {"寿司", 2, 4}, {"한글", 2, 4}, {"a\u200bb", 3, 2}, {"🍝🍝é", 5, 5},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(utf8_utf16_len(cases[i].text, strlen(cases[i].text)), cases[i].units);
        if (utf8_width(cases[i].text, strlen(cases[i].text)) != cases[i].columns)
            fail_msg("case %zu: width %zu", i, utf8_width(cases[i].text, strlen(cases[i].text)));
    }
}

TEST(a_fitting_start_ends_on_a_grapheme_border)
{
    static const struct {
        const char *text;
        size_t columns, bytes;
    } cases[] = {
        {"abc", 2, 2},
        {"abc", 3, 3},
        {"abc", 9, 3},
        {"abc", 0, 0},
        {"", 5, 0},
        {"寿司", 3, 3},
        {"寿司", 1, 0},
        {"寿司", 4, 6},
        {"e\u0301x", 1, 3}, /* the accent stays with its letter */
        {"xe\u0301e\u0301", 2, 4},
        {"🇪🇸🇺🇸", 2, 8}, /* a flag is two characters and one grapheme */
        {"a\r\nb", 1, 3},
        {"👨‍👩‍👧x", 2, 0}, /* wider than it looks: left out whole */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t bytes = utf8_fit(cases[i].text, cases[i].columns);
        if (bytes != cases[i].bytes)
            fail_msg("case %zu: %zu bytes", i, bytes);
        assert_true(utf8_width(cases[i].text, bytes) <= cases[i].columns);
    }
}

TEST(names_are_compared_folded)
{
    static const struct {
        const char *name, *folded;
    } cases[] = {
        {"Café  Böhm's", "cafe bohms"},
        {"", ""},
        {"  L'Artusi ", "lartusi"},
        {"L’Artusi", "lartusi"},
        {"Joe & Pat", "joe and pat"},
        {"Joe&Pat", "joe and pat"},
        {"&", "and"},
        {"ABC-def/ghi", "abc def ghi"},
        {"St. Anselm", "st anselm"},
        {"Straße", "strasse"},
        {"ﬁne", "fine"},
        {"  --  ", ""},
        {"4 Charles", "4 charles"},
        {"寿司", "寿司"},
        {"İstanbul", "istanbul"},
        {"E\u0301tude", "etude"},
        {"½", "1 2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_text folded = utf8_fold(cases[i].name);
        assert_string_equal(folded, cases[i].folded);
        auto_text again = utf8_fold(folded);
        assert_string_equal(again, folded);
    }
    auto_text broken = utf8_fold("a\xff");
    assert_non_null(broken);
}

/* "&" grows to four bytes: found by ASan as a write behind the end. */
TEST(many_ampersands_fold_within_their_room)
{
    char text[300];
    for (size_t count = 1; count < sizeof(text); count++) {
        memset(text, '&', count);
        text[count] = '\0';
        auto_text folded = utf8_fold(text);
        assert_int_equal(strlen(folded), count * 4 - 1);
    }
}

TEST(every_letter_folds_within_its_room)
{
    for (int32_t c = 1; c < 0x110000; c += c < 0x20000 ? 1 : 97) {
        char text[16] = "";
        if (c >= 0xd800 && c < 0xe000)
            continue;
        int n = c < 0x80    ? snprintf(text, sizeof(text), "%c", c)
                : c < 0x800 ? snprintf(text, sizeof(text), "%c%c", 0xc0 | c >> 6, 0x80 | (c & 63))
                : c < 0x10000
                    ? snprintf(text, sizeof(text), "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 63),
                               0x80 | (c & 63))
                    : snprintf(text, sizeof(text), "%c%c%c%c", 0xf0 | c >> 18,
                               0x80 | (c >> 12 & 63), 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
        assert_true(utf8_valid(text, (size_t)n));
        auto_text fold = utf8_fold(text);
        auto_text only_case = utf8_fold_case(text);
        if (!utf8_valid(fold, strlen(fold)) || !utf8_valid(only_case, strlen(only_case)))
            fail_msg("U+%04X", (unsigned)c);
    }
}

TEST(folding_case_alone_keeps_accents)
{
    static const char *const cases[][2] = {
        {"  Café   BÖHM'S ", "café böhm's"},
        {"", ""},
        {" \t ", ""},
        {"A\u00a0B", "a b"},
        {"ȺȺȺȺ", "ⱥⱥⱥⱥ"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_text folded = utf8_fold_case(cases[i][0]);
        assert_string_equal(folded, cases[i][1]);
    }
}

/* One bad byte becomes three of U+FFFD: found by ASan as a write behind the end. */
TEST(folding_case_of_ill_formed_bytes_stays_within_its_room)
{
    auto_text folded = utf8_fold_case("\xff\xff\xff\xff");
    assert_int_equal(strlen(folded), 12);
}

TEST(a_copy_is_cut_between_characters)
{
    static const struct {
        size_t size;
        const char *want;
    } cases[] = {{1, ""},   {2, "a"},  {3, "a"},   {4, "aé"},
                 {5, "aé"}, {6, "aé"}, {7, "aé€"}, {99, "aé€"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *out = malloc(cases[i].size);
        utf8_copy(out, cases[i].size, "aé€");
        assert_string_equal(out, cases[i].want);
        free(out);
    }
}

MAIN(cmocka_unit_test(bytes_are_well_formed_or_not),
     cmocka_unit_test(every_character_and_no_other_is_well_formed),
     cmocka_unit_test(a_cut_never_splits_a_character),
     cmocka_unit_test(ill_formed_bytes_are_read_as_replacements_one_by_one),
     cmocka_unit_test(telegram_counts_units_and_terminals_columns),
     cmocka_unit_test(a_fitting_start_ends_on_a_grapheme_border),
     cmocka_unit_test(names_are_compared_folded),
     cmocka_unit_test(every_letter_folds_within_its_room),
     cmocka_unit_test(folding_case_alone_keeps_accents),
     cmocka_unit_test(a_copy_is_cut_between_characters),
     cmocka_unit_test(many_ampersands_fold_within_their_room),
     cmocka_unit_test(folding_case_of_ill_formed_bytes_stays_within_its_room))
