/* log.h: one line an event, key=value, on standard error, without a secret in it.
 *
 * Owner:   the process; log_start once, before any thread.
 * Threads: log_line from any thread. A line is made whole, then written by one write(2), with no
 *          lock held. Only bot/ and the loops of threads log above debug.
 * Secrets: every registered text, and its JSON and URL forms, is replaced by [secret]. */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include "core/base/err.h"
#include "core/base/str.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* May be called again (SIGHUP). `fd` stays the caller's. */
void log_start(int fd, enum log_level level, enum log_format format);

/* Copies. Texts under 6 bytes are not taken: they would blot out words. */
void log_secret(const char *secret);
void log_forget_secrets(void); /* wipes them; at exit and in tests */

/* Replaces every registered secret in `s`; also for what leaves by other ways than the log. */
void log_redact(struct str *s);

bool log_wants(enum log_level level);

/* log_line(LOG_WARN, "check", "question=%lld why=%s", id, why): the event, then key=value pairs.
 * Values are shown as they are but for control characters; put the free text last. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF(3, 4);

/* Where a failure ends: event, the error's kind and why, and what `fmt` adds. */
void log_err(enum log_level level, const char *event, const struct err *err, const char *fmt, ...)
    PRINTF(4, 5);

/* -1: no such name. */
int log_level_of(const char *name);

#endif
