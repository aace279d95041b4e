/* recorded.h: the provider's answers as others recorded them, which are never copied to here. */
#ifndef TESTS_UNIT_RECORDED_H
#define TESTS_UNIT_RECORDED_H

#include "core/base/json.h"
#include "tests/test.h"

/* Skips the test where they are not there: nothing may be held, since that jumps. */
static inline cJSON *recorded(const char *name)
{
    size_t len = 0;
    char path[200];
    snprintf(path, sizeof(path), "resy/%s", name);
    char *text = fixtures() ? file_text(fixtures(), path, &len) : NULL;
    if (!text)
        skip();
    cJSON *tree = json_parse(text, len, name, NULL);
    free(text);
    return tree;
}

#endif
