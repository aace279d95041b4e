/* instance.h: one process a database: the lock file, and the way to whoever holds it.
 *
 * The holder of the exclusive lock on "<database>.lock" is the instance; the file names its pid.
 * The kernel lets the lock go with the process, however it ends.
 * Threads: the main thread alone. */
#ifndef BOT_INSTANCE_H
#define BOT_INSTANCE_H

#include "core/base/err.h"

struct instance;

/* NULL: ERR_LIMIT somebody has it (err->why names the pid), ERR_CONFIG it cannot be made. For
 * ":memory:" there is nothing to lock. */
struct instance *instance_take(const char *database, struct err *err) MUST_USE;
void instance_release(struct instance *instance); /* NULL is fine */

/* A socket connected to the console of the instance; -1: nobody answers there. */
int instance_connect(const char *database, struct err *err) MUST_USE;

#endif
