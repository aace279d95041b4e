#include "tests/test.h"

#include <errno.h>

#include "core/base/utf8.h"

static const char *repeat(char *out, size_t count, const char *then)
{
    memset(out, 'a', count);
    memcpy(out + count, then, strlen(then) + 1);
    return out;
}

TEST(a_failure_is_said_twice)
{
    int got = err_set(err, ERR_REMOTE, "I could not reach Resy.", "resy find: http %d", 503);
    assert_int_equal(got, -1);
    assert_int_equal(err->kind, ERR_REMOTE);
    assert_int_equal(err->retry_ms, 0);
    assert_string_equal(err->say, "I could not reach Resy.");
    assert_string_equal(err->why, "resy find: http 503");
}

TEST(every_kind_has_a_name_and_a_sentence_of_its_own)
{
    for (int kind = ERR_INPUT; kind <= ERR_BUG; kind++) {
        err_set(err, (enum err_kind)kind, NULL, "why");
        assert_true(strlen(err->say) > 5);
        assert_int_equal(err->say[strlen(err->say) - 1], '.');
        assert_true(strlen(err_kind_name((enum err_kind)kind)) > 2);
        for (int other = ERR_NONE; other < kind; other++)
            assert_string_not_equal(err_kind_name((enum err_kind)kind),
                                    err_kind_name((enum err_kind)other));
    }
    assert_string_equal(err_kind_name((enum err_kind)99), "unknown");
}

TEST(setting_again_forgets_what_was_there)
{
    err_set(err, ERR_LIMIT, "Slower.", "one");
    err->retry_ms = 500;
    err_set(err, ERR_STORE, NULL, "two");
    assert_int_equal(err->retry_ms, 0);
    assert_string_equal(err->why, "two");
    assert_string_not_equal(err->say, "Slower.");
}

TEST(context_goes_in_front_and_leaves_the_sentence)
{
    err_set(err, ERR_REMOTE, "Sorry.", "http 500");
    assert_int_equal(err_add(err, "venue %d", 7), -1);
    assert_int_equal(err_add(err, "watch"), -1);
    assert_string_equal(err->why, "watch: venue 7: http 500");
    assert_string_equal(err->say, "Sorry.");
    assert_int_equal(err->kind, ERR_REMOTE);
}

TEST(a_better_sentence_leaves_the_reason)
{
    err_set(err, ERR_REMOTE, NULL, "http 500");
    assert_int_equal(err_say(err, "I could not book %s.", "Lilia"), -1);
    assert_string_equal(err->say, "I could not book Lilia.");
    assert_string_equal(err->why, "http 500");
}

/* For every length around the edge, with a two-, three- and four-byte letter on it: what is kept
 * is well-formed, is a start of what was given, and lacks at most the letter. */
static void cut_around(struct err *err, size_t size, bool say, const char *letter)
{
    char text[700];
    for (size_t before = size - 8; before <= size + 2; before++) {
        repeat(text, before, letter);
        if (say)
            err_set(err, ERR_INPUT, text, "x");
        else
            err_set(err, ERR_INPUT, "x", "%s", text);
        const char *kept = say ? err->say : err->why;
        size_t len = strlen(kept), whole = strlen(text);
        assert_true(utf8_valid(kept, len));
        assert_memory_equal(kept, text, len);
        size_t fits = whole < size ? whole : MIN_OF(before, size - 1);
        assert_int_equal(len, fits);
    }
}

TEST(what_does_not_fit_is_cut_between_letters)
{
    static const char *const letters[] = {"é", "€", "🍝"};
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        cut_around(err, sizeof(err->say), true, letters[i]);
        cut_around(err, sizeof(err->why), false, letters[i]);
    }
}

TEST(a_sentence_said_later_and_a_context_are_cut_alike)
{
    char text[700];
    for (size_t before = 190; before < 205; before++) {
        repeat(text, before, "éé");
        err_set(err, ERR_INPUT, NULL, "x");
        err_say(err, "%s", text);
        assert_true(utf8_valid(err->say, strlen(err->say)));
        err_add(err, "%s", text);
        assert_true(utf8_valid(err->why, strlen(err->why)));
        assert_string_equal(err->why + strlen(err->why) - 3, ": x");
    }
    for (size_t before = 480; before < 500; before++) {
        err_set(err, ERR_INPUT, NULL, "%s", repeat(text, before, "é"));
        err_add(err, "context");
        assert_true(utf8_valid(err->why, strlen(err->why)));
        assert_memory_equal(err->why, "context: a", 10);
    }
}

TEST(the_text_of_errno_ends_the_reason)
{
    errno = ENOENT;
    assert_int_equal(err_errno(err, ERR_STORE, NULL, "open %s", "x.db"), -1);
    assert_string_equal(err->why, "open x.db: No such file or directory");
    assert_int_equal(err->kind, ERR_STORE);
    char text[700];
    errno = ENOSPC;
    err_errno(err, ERR_STORE, NULL, "%s", repeat(text, 600, ""));
    assert_int_equal(strlen(err->why), sizeof(err->why) - 1);
}

TEST(nobody_has_to_want_to_know)
{
    assert_int_equal(err_set(NULL, ERR_BUG, NULL, "x %d", 1), -1);
    assert_int_equal(err_add(NULL, "x"), -1);
    assert_int_equal(err_say(NULL, "x"), -1);
    assert_int_equal(err_errno(NULL, ERR_BUG, NULL, "x"), -1);
}

MAIN(cmocka_unit_test(a_failure_is_said_twice),
     cmocka_unit_test(every_kind_has_a_name_and_a_sentence_of_its_own),
     cmocka_unit_test(setting_again_forgets_what_was_there),
     cmocka_unit_test(context_goes_in_front_and_leaves_the_sentence),
     cmocka_unit_test(a_better_sentence_leaves_the_reason),
     cmocka_unit_test(what_does_not_fit_is_cut_between_letters),
     cmocka_unit_test(a_sentence_said_later_and_a_context_are_cut_alike),
     cmocka_unit_test(the_text_of_errno_ends_the_reason),
     cmocka_unit_test(nobody_has_to_want_to_know))
