/* The console's lines as a person sees them: in the width there is, and with nothing executed. */
#include "tests/test.h"

#include "adapters/console/render.h"
#include "core/base/utf8.h"

#define ROOM ((size_t)1 << 20)

static void render(struct render *r, const char *line, struct str *out)
{
    auto_json tree = json_parse(line, strlen(line), "the test", NULL);
    if (!tree)
        fail_msg("no JSON: %s", line);
    render_line(r, tree, out);
}

/* One line, without colour, at 80 columns. */
static void shows(const char *line, const char *want)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    render(&r, line, &out);
    if (strcmp(out.buf, want) != 0)
        fail_msg("%s\nshows: %s\nnot:   %s", line, out.buf, want);
    render_free(&r);
}

static bool is_plain(const struct str *out)
{
    const char *at = out->buf, *end = at + out->len;
    for (int32_t c; (c = utf8_next(&at, end)) >= 0;)
        if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
            (c >= 0x2066 && c <= 0x2069))
            return false;
    return true;
}

/* --- types --- */

TEST(each_type_of_line_is_shown_as_it_is_meant)
{
    static const char *const cases[][2] = {
        {"{\"type\":\"text\",\"content\":\"Hello\"}", "Hello"},
        {"{\"type\":\"text\",\"content\":\"a\\nb\\n\"}", "a\nb\n"},
        {"{\"type\":\"text\",\"content\":\"\"}", ""},
        {"{\"type\":\"text\"}", ""},
        {"{\"type\":\"error\",\"message\":\"No.\"}", "No.\n"},
        {"{\"type\":\"edit\",\"id\":1,\"state\":\"gone\",\"text\":\"gone at 7:15 PM\"}",
         "gone at 7:15 PM\n"},
        {"{\"type\":\"notice\",\"text\":\"Resy is back.\"}", "Resy is back.\n"},
        {"{\"type\":\"late\",\"text\":\"x\"}", "(To an earlier message) x\n"},
        {"{\"type\":\"alert\",\"text\":\"A table!\",\"buttons\":[{\"label\":\"Stop\",\"press\":"
         "\"t\"}]}",
         "A table!\n[1] Stop\n"},
        {"{\"type\":\"done\",\"ok\":true}", ""},
        {"{\"type\":\"progress\",\"text\":\"Looking\"}", ""},
        {"{\"type\":\"tomorrow's\",\"text\":\"x\"}", ""},
        {"{\"type\":5}", ""},
        {"{}", ""},
        {"[]", ""},
        {"null", ""},
        {"{\"type\":\"venues\"}", ""},
        {"{\"type\":\"venues\",\"venues\":{}}", ""},
        {"{\"type\":\"buttons\",\"buttons\":null}", ""},
        {"{\"type\":\"alert\"}", "\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        shows(cases[i][0], cases[i][1]);
}

TEST(pieces_of_a_text_stay_together_and_what_follows_begins_a_line)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    render(&r, "{\"type\":\"text\",\"content\":\"Hel\"}", &out);
    assert_true(r.open_text);
    render(&r, "{\"type\":\"text\",\"content\":\"lo\"}", &out);
    render(&r, "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"A\",\"press\":\"t\"}]}", &out);
    assert_false(r.open_text);
    render(&r, "{\"type\":\"text\",\"content\":\"x\\n\"}", &out);
    render(&r, "{\"type\":\"done\"}", &out);
    assert_string_equal(out.buf, "Hello\n[1] A\nx\n");
    render_free(&r);
}

TEST(an_empty_piece_does_not_close_the_line)
{
    struct render r = {.columns = 80};
    struct str out = STR_INIT(ROOM);
    render(&r, "{\"type\":\"text\",\"content\":\"Hello\"}", &out);
    render(&r, "{\"type\":\"text\",\"content\":\"\"}", &out);
    render(&r, "{\"type\":\"error\",\"message\":\"No.\"}", &out);
    bool apart = !strcmp(out.buf, "Hello\nNo.\n");
    str_free(&out);
    render_free(&r);
    assert_true(apart);
}

/* --- venues --- */

#define VENUES(venues) "{\"type\":\"venues\",\"id\":1,\"venues\":[" venues "]}"

#define EMOJI  "\U0001f35c\U0001f363\U0001f355\U0001f354\U0001f32e"
#define FAMILY "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
#define FLAGS  "\U0001f1ef\U0001f1f5\U0001f1fa\U0001f1f8"

static const char *const venue_lists[] = {
    VENUES("{\"name\":\"Carbone\",\"neighborhood\":\"Greenwich Village\",\"cuisine\":\"Italian\","
           "\"times\":[\"19:15\",\"20:00\"],\"state\":\"bookable\"}"),
    VENUES("{\"name\":\"A name that is much longer than any column of the table could ever be, "
           "even at two hundred columns, and then some more of it, and more\",\"neighborhood\":"
           "\"The neighborhood of all neighborhoods, south of the river and the rails\","
           "\"cuisine\":\"Edomae Sushi / Italian Kappo / Whatever Comes\",\"times\":[\"17:00\","
           "\"17:15\",\"17:30\",\"17:45\",\"18:00\",\"18:15\",\"18:30\",\"18:45\",\"19:00\","
           "\"19:15\",\"19:30\",\"19:45\",\"20:00\",\"20:15\",\"20:30\",\"20:45\"],\"state\":"
           "\"bookable\"}"),
    VENUES("{\"name\":\"東京カレー横丁の長い名前のレストラン本店東京カレー横丁の長い名前\","
           "\"neighborhood\":\"東京都千代田区丸の内一丁目\",\"cuisine\":\"日本料理\",\"times\":[],"
           "\"state\":\"full\"}"),
    VENUES("{\"name\":\"x東京カレー横丁の長い名前のレストラン本店\",\"neighborhood\":\"y東京都千代"
           "田区丸の内一丁目一番\",\"times\":[],\"state\":\"absent\"}"),
    VENUES("{\"name\":\"Cafe\u0301 de\u0301ja\u0300 vu\u0308 with combining marks all over the "
           "place\u0301\u0301\u0301\",\"state\":\"unknown\"}"),
    VENUES("{\"name\":\"" EMOJI EMOJI EMOJI EMOJI " " FAMILY " " FLAGS "\",\"state\":\"full\"}"),
    VENUES("{\"name\":\"\\u001b[31mred\\u001b[0m\\u0007\\r\\n\\t\\u202egnp\\u2066\\u200f\","
           "\"neighborhood\":\"\\u001b]0;title\\u0007\",\"cuisine\":\"\\u0085\\u009b2J\","
           "\"times\":[\"\\u001b[2J\"],\"state\":\"\\u001b[5m\"}"),
    VENUES("{},null,7,[],{\"name\":null,\"times\":[1,null,\"19:15\"],\"state\":7}"),
};

TEST(venues_are_a_table_that_fits_every_width)
{
    for (int columns = 40; columns <= 200; columns++)
        for (size_t i = 0; i < ARRAY_LEN(venue_lists); i++) {
            struct render r = {.columns = columns};
            auto_str out = STR_INIT(ROOM);
            render(&r, venue_lists[i], &out);
            assert_true(is_plain(&out));
            assert_true(utf8_valid(out.buf, out.len));
            assert_true(out.len && out.buf[out.len - 1] == '\n');
            for (const char *at = out.buf; *at; at += strcspn(at, "\n") + 1) {
                size_t len = strcspn(at, "\n"), width = utf8_width(at, len);
                if (width > (size_t)columns)
                    fail_msg("%zu columns in %d: %.*s", width, columns, (int)len, at);
                assert_true(!len || at[len - 1] != ' ');
            }
            render_free(&r);
        }
}

/* Where `text` begins, in columns of its line. */
static size_t column_of(const char *out, const char *text)
{
    const char *at = strstr(out, text), *line = at;
    assert_non_null(at);
    while (line > out && line[-1] != '\n')
        line--;
    return utf8_width(line, (size_t)(at - line));
}

TEST(the_columns_of_all_venues_stand_below_each_other)
{
    for (int columns = 40; columns <= 200; columns += 7) {
        struct render r = {.columns = columns};
        auto_str out = STR_INIT(ROOM);
        render(&r,
               VENUES("{\"name\":\"A\",\"neighborhood\":\"Soho\",\"times\":[\"11:11\"]},"
                      "{\"name\":\"東京カレー\",\"neighborhood\":\"Noho\",\"times\":[\"12:12\"]},"
                      "{\"name\":\"A very long name, longer than all the columns that there are in "
                      "this table\",\"neighborhood\":\"Tribeca\",\"times\":[\"13:13\"]}"),
               &out);
        assert_int_equal(column_of(out.buf, "11:11"), column_of(out.buf, "12:12"));
        assert_int_equal(column_of(out.buf, "11:11"), column_of(out.buf, "1:13 PM"));
        assert_int_equal(column_of(out.buf, "Soho"), column_of(out.buf, "Noho"));
        assert_int_equal(column_of(out.buf, "Soho"), column_of(out.buf, "Tribeca"));
        render_free(&r);
    }
}

TEST(a_venue_without_times_says_its_state)
{
    static const char *const states[][2] = {
        {"\"full\"", "full"}, {"\"absent\"", "absent"},           {"\"unknown\"", "unknown"},
        {"null", "unknown"},  {"\"bookable\"", "at other times"},
    };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct render r = {.columns = 80};
        auto_str out = STR_INIT(ROOM), line = STR_INIT(500);
        str_addf(&line, VENUES("{\"name\":\"A\",\"times\":[],\"state\":%s}"), states[i][0]);
        render(&r, line.buf, &out);
        assert_non_null(strstr(out.buf, states[i][1]));
        render_free(&r);
    }
}

TEST(escapes_in_names_are_shown_not_executed)
{
    struct render r = {.columns = 120};
    auto_str out = STR_INIT(ROOM);
    render(&r, venue_lists[6], &out);
    assert_non_null(strstr(out.buf, "\\x1b[31mred\\x1b[0m\\x07"));
    render(&r, "{\"type\":\"error\",\"message\":\"\\u001b[2J\\u0007\\r\"}", &out);
    assert_non_null(strstr(out.buf, "\\x1b[2J\\x07\\x0d\n"));
    render(&r, "{\"type\":\"text\",\"content\":\"\\u202eabc\\u001b]0;x\\u0007\"}", &out);
    assert_non_null(strstr(out.buf, "\\u202eabc\\x1b]0;x\\x07"));
    render(&r,
           "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"Stop\\n\\u001b[1A\",\"press\":"
           "\"t\"}]}",
           &out);
    assert_non_null(strstr(out.buf, "[1] Stop\\n\\x1b[1A\n"));
    assert_true(is_plain(&out));
    render_free(&r);
}

/* --- buttons --- */

TEST(times_of_day_stand_in_the_line_of_their_restaurant)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    render(&r,
           "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"Choose Lark\",\"press\":\"a\"},"
           "{\"label\":\"7:30 PM Lark\",\"brief\":\"7:30 PM\",\"press\":\"b\"},"
           "{\"label\":\"Choose Elm\",\"press\":\"c\"}]}",
           &out);
    assert_string_equal(out.buf, "[1] Choose Lark  [2] 7:30 PM\n[3] Choose Elm\n");
    assert_string_equal(render_press(&r, 2), "b");
    render_free(&r);
}

TEST(buttons_are_numbered_and_pressed_by_number)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    render(&r,
           "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"Book 7:15 PM\",\"press\":\"aa\"},"
           "{\"label\":\"Stop\",\"press\":\"bb\"}]}",
           &out);
    render(&r,
           "{\"type\":\"alert\",\"text\":\"x\",\"buttons\":[{\"label\":\"Snooze\",\"press\":"
           "\"cc\"}]}",
           &out);
    assert_string_equal(out.buf, "[1] Book 7:15 PM  [2] Stop\nx\n[3] Snooze\n");
    assert_string_equal(render_press(&r, 1), "aa");
    assert_string_equal(render_press(&r, 2), "bb");
    assert_string_equal(render_press(&r, 3), "cc");
    assert_null(render_press(&r, 4));
    assert_null(render_press(&r, 0));
    assert_null(render_press(&r, -1));
    assert_null(render_press(&r, 99));
    assert_null(render_press(&r, 100));
    assert_null(render_press(&r, INT32_MAX));
    render_free(&r);
    assert_null(render_press(&r, 1));
}

TEST(what_is_no_button_gets_no_number)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    render(&r,
           "{\"type\":\"buttons\",\"buttons\":[null,5,{},{\"label\":\"A\"},{\"press\":\"t\"},"
           "{\"label\":1,\"press\":\"t\"},{\"label\":\"B\",\"press\":\"tt\"}]}",
           &out);
    assert_string_equal(out.buf, "[1] B\n");
    assert_string_equal(render_press(&r, 1), "tt");
    render_free(&r);
}

TEST(numbers_begin_again_after_ninety_nine_and_mean_the_newest)
{
    struct render r = {.columns = 80};
    auto_str out = STR_INIT(ROOM);
    for (int i = 1; i <= 250; i++) {
        auto_str line = STR_INIT(200);
        str_addf(&line, "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"L\",\"press\":\"t%d\"}]}",
                 i);
        render(&r, line.buf, &out);
    }
    assert_int_equal(r.next, 250 - 2 * 99);
    assert_string_equal(render_press(&r, r.next), "t250");
    assert_string_equal(render_press(&r, r.next + 1), "t152");
    assert_string_equal(render_press(&r, 99), "t198");
    assert_string_equal(render_press(&r, 1), "t199");
    assert_null(render_press(&r, 100));
    assert_non_null(strstr(out.buf, "[99] L\n[1] L\n"));
    render_free(&r);
}

/* --- colour --- */

TEST(without_colour_there_is_no_escape_and_no_bell)
{
    static const char *const lines[] = {
        "{\"type\":\"alert\",\"text\":\"x\"}",    "{\"type\":\"edit\",\"text\":\"x\"}",
        "{\"type\":\"notice\",\"text\":\"x\"}",   "{\"type\":\"error\",\"message\":\"x\"}",
        "{\"type\":\"progress\",\"text\":\"x\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct render plain = {.columns = 80}, coloured = {.columns = 80, .colour = true};
        auto_str a = STR_INIT(ROOM), b = STR_INIT(ROOM);
        render(&plain, lines[i], &a);
        render(&coloured, lines[i], &b);
        assert_true(is_plain(&a));
        assert_non_null(strchr(b.buf, '\033'));
        render_free(&plain);
        render_free(&coloured);
    }
}

TEST(every_colour_is_taken_back_before_the_line_ends)
{
    static const char *const lines[] = {
        VENUES("{\"name\":\"A\",\"times\":[\"19:15\"],\"state\":\"bookable\"},{\"name\":\"B\"}"),
        "{\"type\":\"buttons\",\"buttons\":[{\"label\":\"A\",\"press\":\"t\"}]}",
        "{\"type\":\"alert\",\"text\":\"a\\nb\"}",
        "{\"type\":\"error\",\"message\":\"x\"}",
        "{\"type\":\"notice\",\"text\":\"x\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct render r = {.columns = 80, .colour = true};
        auto_str out = STR_INIT(ROOM);
        render(&r, lines[i], &out);
        const char *last = NULL;
        for (const char *at = out.buf; (at = strchr(at, '\033')); at++)
            last = at;
        assert_non_null(last);
        assert_int_equal(strncmp(last, "\033[0m", 4), 0);
        render_free(&r);
    }
}

static void says(struct render *r, const char *content, struct str *out)
{
    auto_json line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "type", "text");
    cJSON_AddStringToObject(line, "content", content);
    render_line(r, line, out);
}

TEST(what_a_model_makes_bold_is_bold_where_there_are_colours)
{
    for (int colour = 0; colour < 2; colour++) {
        struct render r = {.columns = 80, .colour = colour};
        auto_str out = STR_INIT(ROOM);
        says(&r, "**La", &out);
        says(&r, "rk*", &out);
        says(&r, "* at 5 * 3, a*", &out);
        says(&r, "b **open", &out);
        render(&r, "{\"type\":\"done\"}", &out);
        assert_string_equal(out.buf, colour
                                         ? "\033[1mLark\033[0m at 5 * 3, a*b \033[1mopen\033[0m\n"
                                         : "Lark at 5 * 3, a*b open\n");
        render_free(&r);
    }
}

MAIN(cmocka_unit_test(what_a_model_makes_bold_is_bold_where_there_are_colours),
     cmocka_unit_test(each_type_of_line_is_shown_as_it_is_meant),
     cmocka_unit_test(pieces_of_a_text_stay_together_and_what_follows_begins_a_line),
     cmocka_unit_test(an_empty_piece_does_not_close_the_line),
     cmocka_unit_test(venues_are_a_table_that_fits_every_width),
     cmocka_unit_test(the_columns_of_all_venues_stand_below_each_other),
     cmocka_unit_test(a_venue_without_times_says_its_state),
     cmocka_unit_test(escapes_in_names_are_shown_not_executed),
     cmocka_unit_test(times_of_day_stand_in_the_line_of_their_restaurant),
     cmocka_unit_test(buttons_are_numbered_and_pressed_by_number),
     cmocka_unit_test(what_is_no_button_gets_no_number),
     cmocka_unit_test(numbers_begin_again_after_ninety_nine_and_mean_the_newest),
     cmocka_unit_test(without_colour_there_is_no_escape_and_no_bell),
     cmocka_unit_test(every_colour_is_taken_back_before_the_line_ends))
