/* keys.h: the sealing key: made once, private, never overwritten.
 *
 * Threads: the main thread alone, at start. */
#ifndef BOT_KEYS_H
#define BOT_KEYS_H

#include "core/base/err.h"

/* ERR_CONFIG: it is there already, or cannot be made. */
int key_make(const char *path, struct err *err) MUST_USE;

/* Checks length and mode; makes it if it is missing. ERR_CONFIG names the mend. */
int key_check(const char *path, struct err *err) MUST_USE;

#endif
