/* str.h: text that grows, up to a ceiling.
 *
 * Owner:   whoever has the struct; str_free, or str_detach to keep the text alone.
 * Memory:  `buf` is never NULL and always NUL-ended. What would go over `max` bytes is left out
 *          at a character boundary and remembered in `cut`; a later piece is left out too. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include "core/base/base.h"

struct str {
    char *buf;
    size_t len, cap, max;
    bool cut;
};

extern char str_nothing[1];

#define STR_INIT(ceiling)                                                                          \
    {                                                                                              \
        .buf = str_nothing, .max = (ceiling)                                                       \
    }
#define auto_str CLEANUP(str_free) struct str

void str_free(struct str *s);
void str_clear(struct str *s);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *bytes, size_t len);
void str_addc(struct str *s, char c);
/* Makes room for `len` more bytes, within the ceiling: what is known to come is not grown into. */
void str_expect(struct str *s, size_t len);
void str_addf(struct str *s, const char *fmt, ...) PRINTF(2, 3);

/* The text, now the caller's to free(); `s` is empty again. Never NULL. */
char *str_detach(struct str *s) MUST_USE;

/* Strangers' text for a terminal or a log: control characters, escapes, line ends, bidi overrides
 * and ill-formed bytes become visible escapes such as \x1b. */
void str_add_shown(struct str *s, const char *text, size_t len);

/* Percent-encodes all but unreserved characters (RFC 3986). */
void str_add_url(struct str *s, const char *text);

#endif
