/* check_rows.h: what the files of `maitred check` share: a row, and what rows need.
 *
 * Threads: the main thread alone. */
#ifndef BOT_CHECK_ROWS_H
#define BOT_CHECK_ROWS_H

#include "bot/check.h"
#include "core/base/net.h"
#include "core/resy/resy.h"

enum state { STATE_OK, STATE_WARNING, STATE_FAILED };

struct check {
    const struct config *config;
    struct env *env;
    struct net *net;
    struct resy *resy;
    bool json;
    enum exit_code code; /* of the first row that failed */
    size_t failed, warned;
};

void check_row(struct check *c, const char *name, enum state state, const char *text,
               const char *mend);
void check_fail(struct check *c, const char *name, enum exit_code code, const char *text,
                const char *mend);

/* check_llm.c: the language model, if one is configured. */
void check_llm(struct check *c);

/* check_telegram.c: token, who else takes the updates, groups, and a message to the owners. */
void check_telegram(struct check *c);

/* check_slack.c: both tokens, the rights, Socket Mode, who else has a socket, and a message to the
 * owners. */
void check_slack(struct check *c);

#endif
