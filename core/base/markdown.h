/* markdown.h: Markdown as plain text and what is special in it, which every platform shows its own
 * way.
 *
 * Threads: pure.
 * Memory:  marked_free frees what markdown_read made. Text over MARKED_TEXT bytes is cut, spans
 * over MARKED_SPANS are left out. Facts:   the parser is md4c (CommonMark 0.30). Raw HTML stays as
 * it is written, tables stay as they are, a link that is neither http nor https is only its text.
 */
#ifndef CORE_BASE_MARKDOWN_H
#define CORE_BASE_MARKDOWN_H

#include "core/base/str.h"

#define MARKED_SPANS 100
#define MARKED_TEXT  ((size_t)64 * 1024)

enum mark { MARK_BOLD, MARK_ITALIC, MARK_STRIKE, MARK_CODE, MARK_BLOCK, MARK_QUOTE, MARK_LINK };

struct mark_span {
    enum mark mark;
    size_t from, to; /* bytes of the text, at borders of characters; never empty */
    char *url;       /* of a link */
};

struct marked {
    struct str text;
    struct mark_span spans[MARKED_SPANS]; /* by where they begin; they nest and never cross */
    size_t count;
};

/* Fills all of `ret`; never fails: what is no Markdown is text. */
void markdown_read(const char *text, struct marked *ret);
void marked_free(struct marked *marked);
#define auto_marked CLEANUP(marked_free) struct marked

#endif
