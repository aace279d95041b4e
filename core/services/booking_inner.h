/* booking_inner.h: what the files that book share.
 *
 * Threads: as in booking.h. */
#ifndef CORE_SERVICES_BOOKING_INNER_H
#define CORE_SERVICES_BOOKING_INNER_H

#include "core/services/booking.h"

#define BOOKING_SURE_MS ((int64_t)45 * 1000) /* a booking was seen to be listed late */

/* All that the account holds. `class`: a press is never held back, a look of ours waits its turn.
 */
int booking_read(struct services *services, enum budget_class class, struct cancel *cancel,
                 struct resy_reservations *ret, struct err *err) MUST_USE;

/* The one of that number. ERR_MISSING: the account holds none; ERR_REMOTE: it did not show all. */
int booking_reservation(struct services *services, int64_t id, struct cancel *cancel,
                        struct resy_reservation *ret, struct err *err) MUST_USE;

/* The one that is this booking, or that this is to cancel; NULL: none. */
const struct resy_reservation *booking_find(const struct resy_reservations *held,
                                            const struct booking *booking);

/* Could that be confirmed now? ERR_LIMIT: what came of another is not known yet; ERR_INPUT: another
 * table is held around that time. Inside a db_fn. */
int booking_is_free(struct db_conn *conn, const struct booking *booking, int64_t now_ms,
                    bool hours24, struct err *err) MUST_USE;

#endif
