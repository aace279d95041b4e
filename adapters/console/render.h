/* render.h: the console's lines of JSON as a person reads them in a terminal.
 *
 * Owner:   the UI; one renderer a session.
 * Memory:  appended to the caller's `out`; button tokens are kept under their numbers.
 * Threads: one task. Strangers' text comes out with its escapes shown, never executed. */
#ifndef ADAPTERS_CONSOLE_RENDER_H
#define ADAPTERS_CONSOLE_RENDER_H

#include "core/base/json.h"

#define RENDER_BUTTONS 100

struct render {
    int columns;
    bool colour;
    bool wrap;     /* words that do not fit go on the next line: a person's terminal */
    size_t column; /* where the text stands, while it wraps */
    int next;      /* number of the next button, 1..99 */
    char *tokens[RENDER_BUTTONS];
    char *labels[RENDER_BUTTONS];
    bool bold;      /* between two "**" of a model's text */
    bool star;      /* the last piece ended with a "*", which may be half of one */
    bool open_text; /* the last thing written was a piece without line end */
};

void render_free(struct render *render);

/* Adds what the line shows; nothing for a type it does not know. */
void render_line(struct render *render, const cJSON *line, struct str *out);

/* The token behind a number that was shown; NULL: none. */
const char *render_press(const struct render *render, int number);

#endif
