/* typing.h: the line a person is typing, kept whole while other lines arrive above it.
 *
 * Keys:    arrows, Home, End, Ctrl-A, -E, -B, -F move; Backspace, Delete, Ctrl-D, -K, -U, -W, Alt-D
 *          delete, Ctrl-Y brings back; up, down, Ctrl-P, -N recall, Ctrl-R searches what was typed
 *          before; Tab completes; Ctrl-L clears the screen.
 * Owner:   the UI; open and close around its life, so that the terminal is left as it was.
 * Threads: one task.
 * Facts:   libedit's callback interface (3.1-20221030) falls back to the terminal's own line mode
 *          after the first line and then blocks; so what is needed is done here. */
#ifndef ADAPTERS_CONSOLE_TYPING_H
#define ADAPTERS_CONSOLE_TYPING_H

#include "core/base/str.h"

#include <termios.h>

#define TYPING_HISTORY 200

struct typing {
    struct termios before;
    const char *prompt;
    int columns;
    struct str line;
    size_t at;  /* the cursor, in bytes; at a character's start */
    bool quiet; /* more bytes follow at once: showing can wait for the last */
    bool shown; /* prompt and line are on the screen */
    int row;    /* of the cursor, below the first row of the prompt */
    int escape; /* inside an escape sequence: how far */
    char sequence[8];
    char letter[4]; /* the bytes so far of a character of several */
    size_t letter_len;
    struct str killed, draft, sought; /* draft: what was typed before recalling */
    bool searching;
    char *history_file; /* NULL: it is not kept */
    char *history[TYPING_HISTORY];
    size_t history_count, history_at;
};

/* `history_file` may be NULL; it is made 0600. */
void typing_open(struct typing *typing, const char *prompt, int columns, const char *history_file);
void typing_close(struct typing *typing);
void typing_resume(struct typing *typing); /* the terminal's mode again, after a stop */

/* What to write so that the line goes away, and so that it is there again. */
void typing_hide(struct typing *typing, struct str *out);
void typing_show(struct typing *typing, struct str *out);
/* The terminal is as wide as that now. */
void typing_resize(struct typing *typing, int columns, struct str *out);

enum typing_event { TYPING_MORE, TYPING_LINE, TYPING_END, TYPING_COMPLETE };

/* Takes one byte. TYPING_LINE: typing->line is whole; call typing_next when it was used.
 * TYPING_END: Ctrl-D on an empty line. TYPING_COMPLETE: Tab. `out`: what to write. */
enum typing_event typing_take(struct typing *typing, char byte, struct str *out);
void typing_next(struct typing *typing);

/* The line becomes that, the cursor at its end. */
void typing_set(struct typing *typing, const char *text, struct str *out);

#endif
