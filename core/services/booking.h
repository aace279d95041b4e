/* booking.h: tables booked and given up by a person's own press.
 *
 * Two steps: an offer reads the table anew and is a row, with what it costs; a confirmation is
 * bound to that row, its person and its hour, and makes one call. Where no clear answer comes,
 * nothing is said again: the account is read, by the press itself and then by the scheduler, and
 * what it says is the answer. Owner:   nobody; what is given out is the caller's. Threads: as in
 * services.h. Who:     all of it is done on the one account that the configuration names, so it is
 * for owners. */
#ifndef CORE_SERVICES_BOOKING_H
#define CORE_SERVICES_BOOKING_H

#include "core/services/services.h"
#include "db/booking.h"

/* May this person book? ERR_INPUT, ERR_DENIED, ERR_CONFIG with a sentence. */
int booking_may(struct services *services, const struct account *account, struct err *err) MUST_USE;

struct booking_wish {
    const struct venue *venue;
    struct date day; /* the service day */
    int64_t party;
    int minute;
    const char *seating; /* folded; NULL: any, the cheapest */
    int64_t watch_id;    /* whose alert it comes from; 0: none */
};

/* Reads the table and its terms, and what the account holds: `card` gets what is to be confirmed,
 * in words, *ret the row. ERR_MISSING: the table is gone. */
int booking_offer(struct services *services, const struct account *account, int64_t chat_id,
                  const struct booking_wish *wish, struct cancel *cancel, struct booking *ret,
                  struct str *card, struct err *err) MUST_USE;

/* The same for giving up a reservation of the account. ERR_MISSING: it holds none of that number.
 */
int booking_offer_cancel(struct services *services, const struct account *account, int64_t chat_id,
                         int64_t reservation_id, struct cancel *cancel, struct booking *ret,
                         struct str *card, struct err *err) MUST_USE;

/* What the press `inbox_id` confirms: ret->state and ret->say tell what came of it; the same again
 * where the press is answered again after a crash. A call that `cancel` breaks off is like one
 * whose answer was lost. */
int booking_confirm(struct services *services, const struct account *account, int64_t id,
                    int64_t inbox_id, struct cancel *cancel, struct booking *ret,
                    struct err *err) MUST_USE;
/* It is not wanted any more; ret->say tells what had come of it, if that was too late. */
int booking_drop(struct services *services, const struct account *account, int64_t id,
                 struct booking *ret, struct err *err) MUST_USE;

/* All that the account holds from now on, as it says itself; those of ours that it does not name
 * are no longer held. */
int booking_list(struct services *services, const struct account *account, struct cancel *cancel,
                 struct resy_reservations *ret, struct err *err) MUST_USE;

/* "Lark, Fri Dec 4, 7:30 PM for 2 (Dining Room)", by the calendar: what is after midnight is of the
 * next day. */
void booking_words(struct str *out, const struct booking *booking, int64_t now_ms, bool hours24);
/* The same of a reservation, and "Cancelling is free until Thu Dec 3, 7:30 PM, then it costs $25",
 * if it says so: on the restaurant's clock, as far as we know it. */
void reservation_words(struct services *services, const struct account *account,
                       const struct resy_reservation *reservation, struct str *out);
/* "$25", "120.50 GBP". */
void money_words(struct str *out, int64_t cents, const char *currency);

/* --- for the scheduler --- */

/* When one without a clear answer is to be looked at, wall ms; INT64_MAX: there is none. */
int booking_next(struct services *services, int64_t *ret_ms, struct err *err) MUST_USE;
/* Looks at one that is due. True: there is something to send. Logs. */
bool booking_look(struct services *services, struct cancel *cancel);

#endif
