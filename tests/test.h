/* test.h: cmocka with its four includes, and the few words that every test is written in.
 *
 * A name is a sentence. Assertions stand on the main thread, outside coroutines: cmocka jumps.
 * CMOCKA_TEST_FILTER in the environment picks tests by pattern. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include "core/base/base.h"

#include <setjmp.h>

#include <cmocka.h>

#include "core/base/err.h"

/* In a test, `err` is there. */
#define TEST(name)                                                                                 \
    static void name##_body(struct err *err);                                                      \
    static void name(void **state)                                                                 \
    {                                                                                              \
        struct err error = ERR_INIT;                                                               \
        (void)state;                                                                               \
        name##_body(&error);                                                                       \
    }                                                                                              \
    static void name##_body(struct err *err __attribute__((unused)))

#define OK(call)                                                                                   \
    do {                                                                                           \
        if (call)                                                                                  \
            fail_msg("%s: %s", #call, err->why);                                                   \
    } while (0)

#define FAILS(as, call)                                                                            \
    do {                                                                                           \
        *err = (struct err)ERR_INIT;                                                               \
        if (!(call))                                                                               \
            fail_msg("%s should fail", #call);                                                     \
        if (err->kind != (as))                                                                     \
            fail_msg("%s fails as %s: %s", #call, err_kind_name(err->kind), err->why);             \
    } while (0)

#define MAIN(...)                                                                                  \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                           \
        const char *filter = getenv("CMOCKA_TEST_FILTER");                                         \
        if (filter && *filter)                                                                     \
            cmocka_set_test_filter(filter);                                                        \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

/* Where the recorded answers are; NULL: not here, the test skips. */
static inline const char *fixtures(void)
{
    const char *set = getenv("MAITRED_FIXTURES");
    const char *at = set && *set ? set : "../shared/fixtures";
    return access(at, R_OK) == 0 ? at : NULL;
}

/* A whole file, NUL-ended; NULL: there is none. The caller frees. */
static inline char *file_text(const char *folder, const char *name, size_t *ret_len)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t len = 0, cap = 0, n;
    do {
        text = mem_grow(text, &cap, len + 65537, 1);
        n = fread(text + len, 1, 65536, file);
        len += n;
    } while (n);
    fclose(file);
    text[len] = '\0';
    if (ret_len)
        *ret_len = len;
    return text;
}

#endif
