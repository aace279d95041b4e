/* booking.h: what a person was asked to confirm, and what came of it: table booking_attempt.
 *
 * offered → calling → done or refused; where no clear answer came: calling → unclear → done,
 * refused, or lost: nobody found out. A booking that is done and no longer held is released. Every
 * step is a compare-and-set, and one row at most is calling or unclear. Proof that it is done wins
 * over a verdict that was too early.
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
    BOOKING_LOST,
};

struct booking {
    int64_t id, account_id, chat_id;
    bool cancels; /* a cancellation */
    enum booking_state state;
    int64_t venue_id, party, start_ms; /* UTC */
    int minute;                        /* of the service day, on the restaurant's clock */
    char venue[160], zone[64], day[16], seating[200];
    char table_token[400];
    int64_t total_cents, fee_cents;       /* as shown, like the next three */
    int64_t fee_from_ms, refund_until_ms; /* UTC; 0: not said */
    char currency[8];
    int64_t reservation_id, watch_id, inbox_id; /* 0: none */
    int64_t before_id; /* a reservation that looks the same and was held before; 0: none */
    int64_t expires_ms, called_ms, due_ms, reads, absent, ended_ms, created_ms;
    char say[500];
};

int booking_add(struct db_conn *conn, struct booking *booking, int64_t now_ms,
                struct err *err) MUST_USE; /* sets its id */
int booking_get(struct db_conn *conn, int64_t id, struct booking *ret, bool *ret_found,
                struct err *err) MUST_USE;

/* offered → calling. *ret_begun false: it was not offered any more, or another one is under way. */
int booking_begin(struct db_conn *conn, int64_t id, int64_t inbox_id, int64_t now_ms,
                  bool *ret_begun, struct err *err) MUST_USE;
/* Just before the call: *ret_calling false: it took so long that it counts as cut off, and must not
 * be made. */
int booking_send(struct db_conn *conn, int64_t id, int64_t now_ms, bool *ret_calling,
                 struct err *err) MUST_USE;
/* offered, calling or unclear → done, refused or lost. *ret_ended false: somebody was faster. */
int booking_end(struct db_conn *conn, int64_t id, enum booking_state state, int64_t reservation_id,
                const char *say, int64_t now_ms, bool *ret_ended, struct err *err) MUST_USE;
/* calling or unclear → unclear, to be looked at then. `read`: a look was tried; `absent`: the
 * account spoke against it. */
int booking_put_off(struct db_conn *conn, int64_t id, int64_t due_ms, bool read, bool absent,
                    struct err *err) MUST_USE;
/* What was called before that, and is still calling, was cut off: it is unclear. */
int booking_settle(struct db_conn *conn, int64_t before_ms, int64_t due_ms,
                   struct err *err) MUST_USE;
/* After the clock was set: nothing lies ahead by more than that. */
int booking_clamp(struct db_conn *conn, int64_t now_ms, int64_t most_ms, struct err *err) MUST_USE;
/* The one that is calling or unclear. */
int booking_open(struct db_conn *conn, struct booking *ret, bool *ret_found,
                 struct err *err) MUST_USE;

/* When the one that is unclear is due, or the one that is calling has taken so long that it cannot
 * be; INT64_MAX: there is none. */
int booking_next_due(struct db_conn *conn, int64_t call_most_ms, int64_t *ret_ms,
                     struct err *err) MUST_USE;
int booking_due(struct db_conn *conn, int64_t now_ms, struct booking *ret, bool *ret_found,
                struct err *err) MUST_USE;

/* The first that is held, or may be, and begins within `within_ms` of that instant. */
int booking_near(struct db_conn *conn, int64_t start_ms, int64_t within_ms, struct booking *ret,
                 bool *ret_found, struct err *err) MUST_USE;
/* A person's held ones that begin after that, by time. */
int booking_held(struct db_conn *conn, int64_t account_id, int64_t after_ms, struct booking *out,
                 size_t limit, size_t *ret_count, struct err *err) MUST_USE;
/* Everybody's that are held, or may be, begin after `after_ms` and ended before `before_ms`. */
int booking_standing(struct db_conn *conn, int64_t after_ms, int64_t before_ms, struct booking *out,
                     size_t limit, size_t *ret_count, struct err *err) MUST_USE;
/* One of these, as the account has it. */
int booking_set(struct db_conn *conn, int64_t id, enum booking_state state, int64_t reservation_id,
                struct err *err) MUST_USE;
int booking_release(struct db_conn *conn, int64_t reservation_id, struct err *err) MUST_USE;

int booking_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                  struct err *err) MUST_USE;

#endif
