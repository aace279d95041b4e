/* arrival.h: a person who comes with what `maitred export` wrote of them elsewhere.
 *
 * They must be known here: nobody is let in by a file. Their settings are taken over, and their
 * watches go on here, under new numbers, and report to their own chat; what was said is for reading
 * and stays in the file. Whatever the file says of chats, roles and other people is not looked at.
 * A watch that is here already (of the same moment) is not begun again. Threads: arrival_begin …
 * arrival_end in one db_fn. */
#ifndef CORE_SERVICES_ARRIVAL_H
#define CORE_SERVICES_ARRIVAL_H

#include "core/base/json.h"
#include "core/services/services.h"

struct arrival;

/* `who`: "platform:number". NULL: err (ERR_MISSING: they have not talked with us yet). */
struct arrival *arrival_begin(struct db_conn *conn, const char *who,
                              const struct service_options *options, int64_t now_ms,
                              struct err *err) MUST_USE;
/* One row, in the order of the file. */
int arrival_row(struct arrival *arrival, const cJSON *row, struct err *err) MUST_USE;
/* What they watch is asked from now on. *ret_watches: that go on here. Frees it. */
int arrival_end(struct arrival *arrival, size_t *ret_watches, struct err *err) MUST_USE;
void arrival_free(struct arrival *arrival);

#endif
