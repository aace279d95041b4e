#include "tests/test.h"

TEST(growing_keeps_what_was_there)
{
    size_t cap = 0;
    char *p = mem_grow(NULL, &cap, 3, 1);
    memcpy(p, "abc", 3);
    p = mem_grow(p, &cap, 1000, 1);
    assert_memory_equal(p, "abc", 3);
    assert_true(cap >= 1000);
    free(p);
}

TEST(copies_of_nothing_are_nothing)
{
    assert_null(mem_text(NULL));
}

MAIN(cmocka_unit_test(growing_keeps_what_was_there),
     cmocka_unit_test(copies_of_nothing_are_nothing))
