/* check.h: `maitred check`: is everything that a run needs there, one row each with the mend.
 *
 * Threads: the main thread alone. */
#ifndef BOT_CHECK_H
#define BOT_CHECK_H

#include "bot/config.h"
#include "bot/program.h"

/* `config` NULL: it could not be read, and `why` says it. Returns how to exit. */
enum exit_code check_all(const struct config *config, const char *why, bool json);

#endif
