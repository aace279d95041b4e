/* typing.h: the line a person is typing, kept whole while other lines arrive above it.
 *
 * Owner:   the UI; open and close around its life, so that the terminal is left as it was.
 * Threads: one task.
 * Facts:   libedit's callback interface (3.1-20221030) falls back to the terminal's own line mode
 *          after the first line and then blocks; so the little that is needed is done here. */
#ifndef ADAPTERS_CONSOLE_TYPING_H
#define ADAPTERS_CONSOLE_TYPING_H

#include "core/base/str.h"

#include <termios.h>

#define TYPING_HISTORY 50

struct typing {
    struct termios before;
    const char *prompt;
    int columns;
    struct str line;
    bool shown; /* prompt and line are on the screen */
    int rows;   /* that they take, less one */
    int escape; /* inside an escape sequence: how far */
    char escape_last;
    char *history[TYPING_HISTORY];
    size_t history_count, history_at;
};

void typing_open(struct typing *typing, const char *prompt, int columns);
void typing_close(struct typing *typing);

/* What to write so that the line goes away, and so that it is there again. */
void typing_hide(struct typing *typing, struct str *out);
void typing_show(struct typing *typing, struct str *out);

enum typing_event { TYPING_MORE, TYPING_LINE, TYPING_END };

/* Takes one byte. TYPING_LINE: typing->line is whole; call typing_next when it was used.
 * TYPING_END: Ctrl-D on an empty line. `out`: what to write. */
enum typing_event typing_take(struct typing *typing, char byte, struct str *out);
void typing_next(struct typing *typing);

#endif
