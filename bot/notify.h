/* notify.h: a word to systemd, if it is there: ready, status, watchdog, stopping.
 *
 * Threads: the main thread alone. */
#ifndef BOT_NOTIFY_H
#define BOT_NOTIFY_H

#include "core/base/base.h"

/* "READY=1", "STATUS=…", "WATCHDOG=1", "STOPPING=1"; lines may be put together. */
void notify_systemd(const char *state);

/* Every how many ms the watchdog wants to be fed; 0: it does not. */
int64_t notify_watchdog_ms(void);

#endif
