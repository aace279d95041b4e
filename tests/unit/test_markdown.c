/* Markdown becomes plain text, with what is special in it beside. */
#include "core/base/markdown.h"
#include "core/base/utf8.h"
#include "tests/test.h"

/* "text|bold 0-4|link 5-9 https://x" */
static char *marked_text(const char *source)
{
    static const char *const names[] = {"bold",  "italic", "strike", "code",
                                        "block", "quote",  "link"};
    auto_marked m;
    auto_str out = STR_INIT(65536);
    markdown_read(source, &m);
    str_add(&out, m.text.buf);
    for (size_t i = 0; i < m.count; i++)
        str_addf(&out, "|%s %zu-%zu%s%s", names[m.spans[i].mark], m.spans[i].from, m.spans[i].to,
                 m.spans[i].url ? " " : "", m.spans[i].url ? m.spans[i].url : "");
    return str_detach(&out);
}

#define READS(source, want)                                                                        \
    do {                                                                                           \
        auto_text got_ = marked_text(source);                                                      \
        assert_string_equal(got_, want);                                                           \
    } while (0)

TEST(plain_text_stays_as_it_is)
{
    READS("Lark, Fri May 9, 2 people: 7:00 PM", "Lark, Fri May 9, 2 people: 7:00 PM");
    READS("one\ntwo", "one\ntwo");
    READS("one\n\n\n\ntwo", "one\n\ntwo");
    READS("", "");
    READS("5 * 3 = 15, 2*3", "5 * 3 = 15, 2*3");
    READS("snake_case_name and $10", "snake_case_name and $10");
    READS("<b>no</b> &lt; &amp; &euro; &#233;", "<b>no</b> < & &euro; é");
}

TEST(what_is_emphasised_is_a_span_of_the_text)
{
    READS("**Lark** at *8*", "Lark at 8|bold 0-4|italic 8-9");
    READS("**bold *and* more**", "bold and more|bold 0-13|italic 5-8");
    READS("~~full~~ `x*y*z`", "full x*y*z|strike 0-4|code 5-10");
    READS("# Tonight\nLark", "Tonight\n\nLark|bold 0-7");
    READS("a\n\n***\n\nb", "a\n\n———\n\nb");
}

TEST(lists_keep_their_marks_and_their_depth)
{
    READS("- a\n- b", "• a\n• b");
    READS("Here:\n\n3. a\n4. b\n\nDone", "Here:\n\n3. a\n4. b\n\nDone");
    READS("* a\n  * b\n* c", "• a\n  • b\n• c");
    READS("- a\n\n- b\n\n  more of b", "• a\n• b\nmore of b");
}

TEST(links_go_to_the_web_or_nowhere)
{
    READS("[Lark](https://resy.com/x?a=1&b=2)", "Lark|link 0-4 https://resy.com/x?a=1&b=2");
    READS("[Lark](https://resy.com/x?a=1&amp;b=2)", "Lark|link 0-4 https://resy.com/x?a=1&b=2");
    READS("[x](javascript:alert(1))", "x");
    READS("[x](tg://user?id=1)", "x");
    READS("![a picture](https://x.example/y.png)", "a picture");
    READS("<https://resy.com>", "https://resy.com|link 0-16 https://resy.com");
}

TEST(code_and_quotes_are_blocks)
{
    READS("```c\nint x;\n\nint y;\n```\nafter", "int x;\n\nint y;\n\nafter|block 0-14");
    READS("> said\n> so\n\nafter", "said\nso\n\nafter|quote 0-7");
    READS("> \n\nafter", "after");
    READS("> a `b\n`\n\nafter `c`", "a b\n\nafter c|quote 0-3|code 2-3|code 11-12");
}

TEST(what_does_not_end_or_is_deep_or_long_is_survived)
{
    auto_str deep = STR_INIT(100000), many = STR_INIT(100000);
    auto_marked m, n;
    READS("**bold", "**bold");
    READS("```\nx", "x|block 0-1");
    READS("[a](https://", "[a](https://");
    for (int i = 0; i < 500; i++)
        str_add(&deep, "> - ");
    str_add(&deep, "x");
    markdown_read(deep.buf, &m);
    assert_true(m.text.len > 0);
    for (int i = 0; i < 300; i++)
        str_add(&many, "**a** ");
    markdown_read(many.buf, &n);
    assert_int_equal(n.count, MARKED_SPANS);
    assert_int_equal(n.text.len, 599);
}

MAIN(cmocka_unit_test(plain_text_stays_as_it_is),
     cmocka_unit_test(what_is_emphasised_is_a_span_of_the_text),
     cmocka_unit_test(lists_keep_their_marks_and_their_depth),
     cmocka_unit_test(links_go_to_the_web_or_nowhere), cmocka_unit_test(code_and_quotes_are_blocks),
     cmocka_unit_test(what_does_not_end_or_is_deep_or_long_is_survived))
