/* toml.h: a TOML document, value by value. The only door to the C++ library behind it.
 *
 * Memory:  what the visitor gets is lent for the call. No C++ type or exception crosses.
 * Threads: no state. */
#ifndef BOT_TOML_H
#define BOT_TOML_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toml_kind {
    TOML_TEXT,
    TOML_INTEGER,
    TOML_REAL,
    TOML_FLAG,
    TOML_SECTION,
    TOML_EMPTY,
    TOML_OTHER
}; /* TOML_EMPTY: a list of nothing */

struct toml_value {
    const char *path; /* "resy.base_url"; of an item of a list: the list's own path */
    enum toml_kind kind;
    bool in_list;
    unsigned line; /* from 1 */
    const char *text;
    int64_t integer; /* TOML_FLAG: 0 or 1 */
};

/* False stops the walk. */
typedef bool toml_visit(void *ctx, const struct toml_value *value);

/* False: not TOML; the line and the sentence say where and why. */
bool toml_walk(const char *text, size_t len, toml_visit *visit, void *ctx, unsigned *line,
               char *why, size_t size);

#ifdef __cplusplus
}
#endif

#endif
