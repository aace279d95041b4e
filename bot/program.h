/* program.h: the parts, built in order and taken down in reverse.
 *
 * Owner:   main.
 * Threads: the main thread alone; the parts have their own. */
#ifndef BOT_PROGRAM_H
#define BOT_PROGRAM_H

#include "bot/config.h"
#include "core/base/env.h"
#include "core/base/str.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE_WRONG = 64,
    EXIT_UNREACHABLE = 69,
    EXIT_BUSY = 75,
    EXIT_CONFIG_WRONG = 78,
};

struct program;

/* NULL: err, and how to exit in *code. Everything runs when it returns. `record`: where the day is
 * written down for replay; NULL: nowhere. `platforms`: those that are configured, beside the
 * console. */
struct program *program_open(struct env *env, const struct config *config, const char *record,
                             bool platforms, enum exit_code *code, struct err *err) MUST_USE;

/* Waits until every platform has connected or failed once, and says so:
 * "adapters=telegram failed=slack". */
void program_ready(struct program *program, struct str *out);

/* A platform that has no owner yet: the code by which the first one is known; false: none. */
bool program_claim(struct program *program, char ret_code[12]);

/* No platform that is configured takes its token: what is wrong, for the operator; else NULL. */
const char *program_refused(struct program *program);

/* Receivers, scheduler, runs (until `drain_ms` from now), senders, net, writer. NULL is fine. */
void program_close(struct program *program, int64_t drain_ms);

/* Takes up what may change while it runs. */
void program_reload(struct program *program, const struct config *config);

/* A connected socket of the console in this process; -1: err. */
int program_talk(struct program *program, struct err *err) MUST_USE;

/* True while net, writer, scheduler and the console have gone round in the last 30 s. */
bool program_is_alive(struct program *program);

/* Watches that are on, of everybody; 0 too if nobody can say. */
int64_t program_watches(struct program *program);

/* How it goes, in one line for systemd. */
void program_line(struct program *program, struct str *out);

#endif
