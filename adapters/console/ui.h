/* ui.h: `maitred chat`: the terminal's side of the console.
 *
 * Owner:   the main thread of a `chat`, which it blocks.
 * Threads: it alone touches the terminal. What it has shown, it confirms to the console. */
#ifndef ADAPTERS_CONSOLE_UI_H
#define ADAPTERS_CONSOLE_UI_H

#include "core/base/env.h"
#include "core/base/err.h"

struct ui_options {
    bool json;
    bool yes;            /* what acts needs no button, also without a terminal */
    int64_t wait_ms;     /* without a terminal: listen this long after the last reply */
    const char *message; /* NULL: read messages */
    int signals;         /* a signalfd: INT, TERM, HUP, WINCH */
    const char *history; /* the file of what was typed; NULL: it is not kept */
};

/* Until the input has ended and all was answered. Takes `fd`, a socket of the console. 0; -1 with
 * ERR_REMOTE: the console went away, or nobody reads what is printed; ERR_INPUT: the one message of
 * the options was answered by an error, which has been shown. */
int ui_run(struct env *env, int fd, const struct ui_options *options, struct err *err) MUST_USE;

#endif
