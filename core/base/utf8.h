/* utf8.h: is it UTF-8, where may it be cut, how wide is it, how does it compare.
 *
 * Text from outside is checked once, at the door; everything behind the door may trust it.
 * Threads: all functions are pure. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/base.h"

/* True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms) without NUL. */
bool utf8_valid(const char *text, size_t len) MUST_USE;

/* The greatest n ≤ at with text[0..n) not ending inside a character. */
size_t utf8_floor(const char *text, size_t at);

/* One character from *at, which is moved behind it; -1 at the end. Ill-formed bytes give U+FFFD. */
int32_t utf8_next(const char **at, const char *end);

/* Length in UTF-16 code units, as Telegram counts entities and limits. */
size_t utf8_utf16_len(const char *text, size_t len);

/* Columns on a terminal: wide characters two, combining ones none. */
size_t utf8_width(const char *text, size_t len);

/* Bytes of the longest start that is at most `columns` wide, on a grapheme boundary. */
size_t utf8_fit(const char *text, size_t columns);

/* Lower case, accents and punctuation dropped, "&" as "and", blanks to one: what names are
 * compared by. "Café  Böhm's" becomes "cafe bohms". Never NULL; the caller frees. */
char *utf8_fold(const char *text);

/* Only case folded and blanks made one, ends trimmed. Never NULL; the caller frees. */
char *utf8_fold_case(const char *text);

/* Copies what fits of `text` into `out`, cut at a character boundary. */
void utf8_copy(char *out, size_t size, const char *text);

#endif
