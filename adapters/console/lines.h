/* lines.h: the console's vocabulary: what is said as lines of JSON.
 *
 * Memory:  appended to the caller's `out`.
 * Threads: pure functions. */
#ifndef ADAPTERS_CONSOLE_LINES_H
#define ADAPTERS_CONSOLE_LINES_H

#include "core/base/json.h"

void line_text(struct str *out, const char *text);
void line_progress(struct str *out, const char *text);
void line_error(struct str *out, const char *message);
void line_done(struct str *out, bool ok, int64_t session_id, bool asks, int64_t delivery);

/* How `text` could go on. Takes `lines`. */
void line_completion(struct str *out, const char *text, cJSON *lines);

/* A whole reply, ending in its done; `streamed` is what of its text was shown already. */
void lines_of_reply(struct str *out, const cJSON *reply, int64_t id, const char *streamed);

/* A reply whose asker has left, for whoever is there now: no done, nobody asked here. */
void lines_of_late_reply(struct str *out, const cJSON *reply, int64_t id);

/* An alert, an edit or a notice. */
void lines_of_push(struct str *out, const cJSON *message, int64_t id);

#endif
