/* booking.h: what a person was asked to confirm, and what came of it: table booking_attempt.
 *
 * offered → calling → done or refused; where no clear answer came: calling → unclear → done or
 * refused. A booking that is done and no longer held is released. Every step is a compare-and-set,
 * and one row at most is calling or unclear.
 * Threads: inside a db_fn. */
#ifndef DB_BOOKING_H
#define DB_BOOKING_H

#include "db/db.h"

enum booking_state {
    BOOKING_OFFERED,
    BOOKING_CALLING,
    BOOKING_UNCLEAR,
    BOOKING_DONE,
    BOOKING_REFUSED,
    BOOKING_RELEASED,
};

struct booking {
    int64_t id, account_id, chat_id;
    bool cancels; /* a cancellation */
    enum booking_state state;
    int64_t venue_id, party, start_ms; /* UTC */
    int minute;                        /* of the service day, on the restaurant's clock */
    char venue[160], zone[64], day[16], seating[200];
    char table_token[400];
    int64_t total_cents, fee_cents;
    int64_t reservation_id, watch_id, inbox_id; /* 0: none */
    int64_t expires_ms, called_ms, due_ms, reads, created_ms;
    char say[400];
};

int booking_add(struct db_conn *conn, struct booking *booking, int64_t now_ms,
                struct err *err) MUST_USE; /* sets its id */
int booking_get(struct db_conn *conn, int64_t id, struct booking *ret, bool *ret_found,
                struct err *err) MUST_USE;

/* offered → calling. *ret_begun false: it was not offered any more, or another one is under way. */
int booking_begin(struct db_conn *conn, int64_t id, int64_t inbox_id, int64_t now_ms,
                  bool *ret_begun, struct err *err) MUST_USE;
/* offered, calling or unclear → done or refused. *ret_ended false: somebody was faster. */
int booking_end(struct db_conn *conn, int64_t id, enum booking_state state, int64_t reservation_id,
                const char *say, int64_t now_ms, bool *ret_ended, struct err *err) MUST_USE;
/* calling or unclear → unclear, to be looked at then; counted if the account was read. */
int booking_put_off(struct db_conn *conn, int64_t id, int64_t due_ms, bool read,
                    struct err *err) MUST_USE;
/* What a predecessor was calling is unclear; `before_ms`: called before that, all the same. */
int booking_settle(struct db_conn *conn, int64_t before_ms, int64_t due_ms,
                   struct err *err) MUST_USE;

/* When the one that is unclear is due, or the one that is calling has taken so long that it cannot
 * be; INT64_MAX: there is none. */
int booking_next_due(struct db_conn *conn, int64_t call_most_ms, int64_t *ret_ms,
                     struct err *err) MUST_USE;
int booking_due(struct db_conn *conn, int64_t now_ms, struct booking *ret, bool *ret_found,
                struct err *err) MUST_USE;

/* Held bookings that begin within `within_ms` of that instant: the first. */
int booking_near(struct db_conn *conn, int64_t start_ms, int64_t within_ms, struct booking *ret,
                 bool *ret_found, struct err *err) MUST_USE;
/* A person's held ones that begin after that, by time. */
int booking_held(struct db_conn *conn, int64_t account_id, int64_t after_ms, struct booking *out,
                 size_t limit, size_t *ret_count, struct err *err) MUST_USE;
/* These are all that the account held when it was asked. Those to come that were booked before and
 * are none of them are released: their person gave them up elsewhere. Without a number they stay.
 */
int booking_release_others(struct db_conn *conn, const int64_t *reservations, size_t count,
                           int64_t asked_ms, struct err *err) MUST_USE;
int booking_release(struct db_conn *conn, int64_t reservation_id, struct err *err) MUST_USE;

int booking_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                  struct err *err) MUST_USE;

#endif
