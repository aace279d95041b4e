/* format.h: a message of ours as the Bot API takes it: plain text with entities, cut into parts,
 * and a keyboard.
 *
 * Threads: pure.
 * Memory:  format_free frees what format_message made.
 * Facts:   the limit is 4096 code points, entities count UTF-16 units; a button's data has at most
 *          64 bytes, which a token of ours always fits. */
#ifndef ADAPTERS_TELEGRAM_FORMAT_H
#define ADAPTERS_TELEGRAM_FORMAT_H

#include "core/base/json.h"

#define FORMAT_PARTS     4
#define FORMAT_PART_TEXT 4000 /* code points */

struct format_part {
    char *text;
    cJSON *entities; /* an array; NULL: none */
};
struct format {
    struct format_part parts[FORMAT_PARTS];
    size_t count;
    cJSON *keyboard; /* of the last part; NULL: none */
    char *picture;   /* its URL, shown above the first part; NULL: none */
    bool cut;        /* it would have taken more parts */
};

/* Of a message of the outbox. Never fails: a message that has no text gets a dot. */
void format_message(const cJSON *message, struct format *ret);
void format_free(struct format *format);
#define auto_format CLEANUP(format_free) struct format

/* The keyboard of some buttons, or NULL. `url`: what an "Open …" button opens without asking us. */
cJSON *format_keyboard(const cJSON *buttons, const char *url);

/* Cuts `text` at natural borders into parts of at most `most` code points; a last part that says
 * less than all ends with "…". Spans are [from, to) bytes, rising by `from`, not crossing. */
struct format_span {
    size_t from, to;
    const char *type; /* of the entity; NULL: bold */
    const char *url;  /* of a "text_link" */
};
void format_split(const char *text, const struct format_span *spans, size_t count, size_t most,
                  struct format *ret);

#endif
