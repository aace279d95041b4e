/* moving.h: `maitred export` and `maitred import`.
 *
 * Threads: the main thread alone. */
#ifndef BOT_MOVING_H
#define BOT_MOVING_H

#include "bot/config.h"
#include "bot/program.h"

/* To standard output; `who` NULL: everything, else one person, "telegram:77". */
int moving_out(const struct config *config, const char *who, enum exit_code *code,
               struct err *err) MUST_USE;

/* From `file`, or standard input if that is NULL. Says what came on standard output. */
int moving_in(const struct config *config, const char *file, enum exit_code *code,
              struct err *err) MUST_USE;

#endif
