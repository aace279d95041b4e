/* From the Confirm button to what came of it. */
#include "core/services/booking_inner.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define MEAL_MS      (2 * HOUR_MS)        /* two meals that begin within it overlap */
#define LOOK_MS      ((int64_t)20 * 1000) /* doubled with each look, up to … */
#define LOOK_MOST_MS (10 * MINUTE_MS)
#define GIVE_UP_MS   DAY_MS          /* an account that cannot be read for so long */
#define CALL_MOST_MS (5 * MINUTE_MS) /* what has been calling for longer was cut off */

/* --- beginning --- */

struct begin_args {
    const struct account *account;
    const struct err *off; /* why its person may not book; kind ERR_NONE: they may */
    int64_t id, inbox_id, now_ms;
    struct booking *ret;
    bool begun;
};

/* `b` is as its row is then. */
static int refuse_offer(struct db_conn *conn, struct booking *b, const char *say, int64_t now_ms,
                        struct err *err)
{
    bool ended;
    if (booking_end(conn, b->id, BOOKING_REFUSED, 0, say, now_ms, &ended, err))
        return -1;
    b->state = BOOKING_REFUSED;
    snprintf(b->say, sizeof(b->say), "%s", say);
    return 0;
}

/* One call at a time: what came of the one before is not known yet. */
static int is_busy(struct db_conn *conn, int64_t now_ms, bool hours24, struct err *err)
{
    struct booking other;
    bool found = false;
    auto_str words = STR_INIT(150);
    if (booking_open(conn, &other, &found, err))
        return -1;
    if (!found)
        return 0;
    booking_words(&words, &other, now_ms, hours24);
    err_set(err, ERR_LIMIT, NULL, "another call is under way");
    return err_say(
        err,
        "I still wait for what came of %s. Until I have told you, I book and cancel nothing "
        "else; then please begin anew.",
        words.buf);
}

int booking_is_free(struct db_conn *conn, const struct booking *b, int64_t now_ms, bool hours24,
                    struct err *err)
{
    struct booking other;
    bool near = false;
    auto_str words = STR_INIT(150);
    if (is_busy(conn, now_ms, hours24, err) ||
        (!b->cancels && booking_near(conn, b->start_ms, MEAL_MS, &other, &near, err)))
        return -1;
    if (!near)
        return 0;
    booking_words(&words, &other, now_ms, hours24);
    err_set(err, ERR_INPUT, NULL, "two tables within two hours");
    return err_say(err, "You %s another table around that time: %s. Give it up first (/cancel).",
                   other.state == BOOKING_LOST ? "may hold" : "hold", words.buf);
}

static int begin(struct db_conn *conn, void *arg, struct err *err)
{
    struct begin_args *a = arg;
    struct booking *b = a->ret;
    bool found = false;
    if (booking_get(conn, a->id, b, &found, err))
        return -1;
    if (!found || b->account_id != a->account->id)
        return err_set(err, ERR_MISSING, "I do not know that offer any more.", "no such offer");
    if (b->state != BOOKING_OFFERED)
        return 0;
    if (a->off->kind != ERR_NONE) {
        *err = *a->off;
        return -1;
    }
    if (b->expires_ms <= a->now_ms)
        return err_set(err, ERR_LIMIT,
                       "That was offered too long ago, so nothing is done. Please begin anew.",
                       "the offer has expired");
    if (booking_is_free(conn, b, a->now_ms, a->account->hours24, err) ||
        booking_begin(conn, b->id, a->inbox_id, a->now_ms, &a->begun, err))
        return -1;
    if (!a->begun)
        return err_set(err, ERR_BUG, NULL, "an offer that could not be taken");
    b->state = BOOKING_CALLING;
    b->called_ms = a->now_ms;
    return 0;
}

/* --- ending --- */

struct end_args {
    struct services *services;
    struct booking *b;
    enum booking_state state;
    int64_t reservation_id;
    const char *say;
    int64_t now_ms;
    bool ended, notify;
};

static int end_fn(struct db_conn *conn, void *arg, struct err *err)
{
    struct end_args *a = arg;
    struct booking *b = a->b;
    bool found;
    if (booking_end(conn, b->id, a->state, a->reservation_id, a->say, a->now_ms, &a->ended, err) ||
        (a->ended && b->cancels && a->state == BOOKING_DONE &&
         booking_release(conn, b->reservation_id, err)) ||
        (a->ended && a->notify &&
         notice_add(a->services, conn, b->chat_id, a->say, a->now_ms, err)))
        return -1;
    return booking_get(conn, b->id, b, &found, err);
}

/* `b` is as the row is afterwards. */
static int end_as(struct services *services, struct booking *b, enum booking_state state,
                  int64_t reservation_id, bool notify, const char *say, bool *ret_ended,
                  struct err *err)
{
    struct end_args args = {.services = services,
                            .b = b,
                            .state = state,
                            .reservation_id = reservation_id,
                            .say = say,
                            .now_ms = env_wall_ms(services->env),
                            .notify = notify};
    int failed = db_write(services->db, end_fn, &args, err);
    if (ret_ended)
        *ret_ended = args.ended;
    return failed;
}

static int refuse(struct services *services, struct booking *b, const char *say, struct err *err)
{
    return end_as(services, b, BOOKING_REFUSED, 0, false, say, NULL, err);
}

struct put_off_args {
    struct booking *b;
    int64_t due_ms;
    bool read, absent;
};

static int put_off_fn(struct db_conn *conn, void *arg, struct err *err)
{
    const struct put_off_args *a = arg;
    bool found;
    return booking_put_off(conn, a->b->id, a->due_ms, a->read, a->absent, err) ||
                   booking_get(conn, a->b->id, a->b, &found, err)
               ? -1
               : 0;
}

/* The next look is that far away. */
static int put_off(struct services *services, struct booking *b, bool read, bool absent,
                   struct err *err)
{
    int64_t wait = read ? LOOK_MS << MIN_OF(b->reads, (int64_t)5) : LOOK_MS;
    struct put_off_args args = {b, env_wall_ms(services->env) + MIN_OF(wait, (int64_t)LOOK_MOST_MS),
                                read, absent};
    return db_write(services->db, put_off_fn, &args, err);
}

static void say_done(const struct booking *b, int64_t now_ms, bool hours24, const char *more,
                     struct str *out)
{
    str_add(out, b->cancels ? "Cancelled: " : "Booked: ");
    booking_words(out, b, now_ms, hours24);
    str_addf(out, ".%s", more);
}

/* --- calling --- */

struct send_args {
    struct booking *b;
    int64_t now_ms;
    bool calling;
};

static int send_fn(struct db_conn *conn, void *arg, struct err *err)
{
    struct send_args *a = arg;
    bool found;
    return booking_send(conn, a->b->id, a->now_ms, &a->calling, err) ||
                   booking_get(conn, a->b->id, a->b, &found, err)
               ? -1
               : 0;
}

/* The last look before it goes out: a press that was held up for so long that it counted as cut off
 * must not call after all. */
static int may_call(struct services *services, struct booking *b, bool *ret_calling,
                    struct err *err)
{
    struct send_args args = {.b = b, .now_ms = env_wall_ms(services->env)};
    int failed = db_write(services->db, send_fn, &args, err);
    *ret_calling = args.calling;
    return failed;
}

/* What could not be written down is found on the account, a few minutes later. */
static int or_say(int failed, struct err *err)
{
    return failed ? err_say(err, "Resy has answered, but I could not write it down. I read your "
                                 "account in a few minutes, and tell you what it says.")
                  : 0;
}

static void say_conflict(const struct resy_booked *booked, struct str *out)
{
    str_add(out, "Nothing is booked: Resy says that you hold another reservation around that time");
    if (*booked->other_venue)
        str_addf(out, ", %s, %s %s", booked->other_venue, booked->other_day, booked->other_time);
    str_addc(out, '.');
}

static int end_booking(struct services *services, struct booking *b,
                       const struct resy_booked *booked, bool card, const struct err *why,
                       bool hours24, struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    switch (booked->outcome) {
    case RESY_DONE:
        say_done(b, env_wall_ms(services->env), hours24, "", &say);
        return end_as(services, b, BOOKING_DONE, booked->reservation_id, false, say.buf, NULL, err);
    case RESY_UNCLEAR:
        log_line(LOG_WARN, "booking", "no clear answer, reading the account: %s", why->why);
        return put_off(services, b, false, false, err);
    case RESY_GONE:
        str_add(&say, "That table is gone. Nothing is booked.");
        break;
    case RESY_CONFLICT:
        say_conflict(booked, &say);
        break;
    case RESY_CARD:
        str_add(&say, card ? "Resy does not take the card on your account. Nothing is booked."
                           : "The restaurant wants a card on your Resy account, and there is none. "
                             "Nothing is booked.");
        break;
    case RESY_REFUSED:
        str_addf(&say, "%s Nothing is booked.", *why->say ? why->say : "Resy refuses it.");
        break;
    }
    log_line(LOG_INFO, "booking", "refused: %s", why->why);
    return refuse(services, b, say.buf, err);
}

/* The terms with the token that books. The table's own token may have grown old: where it means
 * nothing any more, the table is looked for once more. */
static int last_terms(struct services *services, struct booking *b, struct date day,
                      const struct resy_ask *ask, struct resy_terms *ret, struct err *err)
{
    struct resy_find find;
    auto_text seating = utf8_fold_case(b->seating);
    if (resy_details(services->resy, ask, b->table_token, day, (int)b->party, true, ret, err) == 0)
        return 0;
    if (*ask->fault != RESY_MISSING)
        return -1;
    if (resy_find(services->resy, ask, b->venue_id, day, (int)b->party, &find, err))
        return -1;
    const struct resy_slot *slot = resy_slot_at(&find, b->minute, seating);
    bool other = slot && strcmp(slot->token, b->table_token) != 0;
    int failed = other ? resy_details(services->resy, ask, slot->token, day, (int)b->party, true,
                                      ret, err)
                       : -1;
    if (failed && !other) {
        *ask->fault = RESY_MISSING;
        err_set(err, ERR_MISSING, NULL, "no such table any more");
    }
    resy_find_free(&find);
    return failed;
}

/* Nobody pays more, or is bound sooner, than they were shown. */
static bool is_worse(const struct booking *b, const struct resy_terms *terms, int64_t now_ms)
{
    bool fee_began = b->fee_from_ms > b->created_ms && b->fee_from_ms <= now_ms;
    bool free_ended = b->refund_until_ms > b->created_ms && b->refund_until_ms <= now_ms;
    return terms->total_cents > b->total_cents || terms->fee_cents > b->fee_cents ||
           strcmp(terms->currency, b->currency) != 0 ||
           (terms->fee_cents && terms->fee_from_ms < b->fee_from_ms) ||
           terms->refund_until_ms < b->refund_until_ms || fee_began || free_ended;
}

static int refuse_terms(struct services *services, struct booking *b, enum resy_fault fault,
                        const struct err *why, struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    log_line(LOG_INFO, "booking", "not called: %s", why->why);
    str_addf(&say, "%s Nothing is booked.",
             fault == RESY_MISSING ? "That table is gone."
             : *why->say           ? why->say
                                   : "Stopped.");
    return refuse(services, b, say.buf, err);
}

static int call_book(struct services *services, struct booking *b, bool hours24,
                     struct cancel *cancel, struct err *err)
{
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel, .fault = &fault};
    struct resy_terms terms;
    struct resy_booked booked;
    struct err why = ERR_INIT;
    struct date day;
    bool calling = false;
    if (date_parse(b->day, &day))
        return err_set(err, ERR_BUG, NULL, "a booking without a day");
    if (last_terms(services, b, day, &ask, &terms, &why))
        return refuse_terms(services, b, fault, &why, err);
    int64_t card = terms.card_id;
    bool worse = is_worse(b, &terms, env_wall_ms(services->env));
    int failed = worse ? refuse(services, b,
                                "Its price or its terms have changed since I showed them. Nothing "
                                "is booked; please begin anew to see them.",
                                err)
                       : may_call(services, b, &calling, err);
    if (calling)
        resy_book(services->resy, &ask, &terms, &booked, &why);
    resy_terms_free(&terms);
    if (!calling)
        return failed;
    return or_say(end_booking(services, b, &booked, card > 0, &why, hours24, err), err);
}

static int end_cancelling(struct services *services, struct booking *b, enum resy_outcome outcome,
                          bool refund, const struct err *why, bool hours24, struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    if (outcome == RESY_DONE) {
        say_done(b, env_wall_ms(services->env), hours24, refund ? " What you paid comes back." : "",
                 &say);
        return end_as(services, b, BOOKING_DONE, 0, false, say.buf, NULL, err);
    }
    log_line(LOG_WARN, "booking", "cancelling: %s", why->why);
    if (outcome == RESY_UNCLEAR)
        return put_off(services, b, false, false, err);
    str_addf(&say, "%s It is not cancelled.",
             outcome == RESY_GONE ? "Resy does not know that reservation any more."
             : *why->say          ? why->say
                                  : "Resy refuses it.");
    return refuse(services, b, say.buf, err);
}

static bool costs_more(const struct booking *b, const struct resy_reservation *r, int64_t now_ms)
{
    bool free_ended = b->refund_until_ms > b->created_ms && b->refund_until_ms <= now_ms;
    return !r->may_cancel || (r->fee_applies && r->fee_cents > b->fee_cents) || free_ended ||
           (r->refund_until_ms && r->refund_until_ms < b->refund_until_ms);
}

static int call_cancel(struct services *services, struct booking *b, bool hours24,
                       struct cancel *cancel, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel};
    struct resy_reservation r;
    struct err why = ERR_INIT;
    bool refund = false, calling = false;
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    if (booking_reservation(services, b->reservation_id, cancel, &r, &why)) {
        str_addf(&say, "%s Nothing is cancelled.", *why.say ? why.say : "Stopped.");
        return refuse(services, b, say.buf, err);
    }
    int failed = 0;
    enum resy_outcome outcome = RESY_REFUSED;
    if (costs_more(b, &r, env_wall_ms(services->env)))
        failed = refuse(services, b,
                        "What cancelling costs has changed since I showed it. Nothing is "
                        "cancelled; please begin anew to see it.",
                        err);
    else if (!*r.token)
        failed = refuse(services, b, "Resy does not say how that is cancelled. Its own page can.",
                        err);
    else
        failed = may_call(services, b, &calling, err);
    if (calling)
        outcome = resy_cancel(services->resy, &ask, r.token, &refund, &why);
    explicit_bzero(r.token, sizeof(r.token));
    if (!calling)
        return failed;
    return or_say(end_cancelling(services, b, outcome, refund, &why, hours24, err), err);
}

/* --- where no clear answer came --- */

/* The account cannot tell any more: nobody knows, and that is said. */
static int give_up(struct services *services, struct booking *b, bool hours24, bool notify,
                   bool *ret_ended, struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    str_addf(&say,
             "I could not find out whether this was %s, and I stop looking. Please look at "
             "your reservations on Resy: ",
             b->cancels ? "cancelled" : "booked");
    booking_words(&say, b, env_wall_ms(services->env), hours24);
    str_addc(&say, '.');
    return end_as(services, b, b->cancels ? BOOKING_REFUSED : BOOKING_LOST, 0, notify, say.buf,
                  ret_ended, err);
}

/* Reads the account and ends it, if that is enough. A booking that is not there may appear late,
 * and a cancelled one may stay for a moment: that counts when it is seen a second time, and not at
 * once; and when the meal has begun, its absence means nothing. */
static int judge(struct services *services, struct booking *b, bool hours24, bool notify,
                 struct cancel *cancel, bool *ret_ended, struct err *err)
{
    struct resy_reservations held;
    struct err why = ERR_INIT;
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    *ret_ended = false;
    int failed = booking_read(services, notify ? BUDGET_PERSON : BUDGET_PRESS, cancel, &held, &why);
    int64_t now = env_wall_ms(services->env);
    bool over = now - b->called_ms > GIVE_UP_MS || now >= b->start_ms;
    if (failed) {
        log_err(LOG_WARN, "booking", &why, "reading the account");
        return over ? give_up(services, b, hours24, notify, ret_ended, err)
                    : put_off(services, b, true, false, err);
    }
    const struct resy_reservation *it = booking_find(&held, b);
    int64_t id = it && !b->cancels ? it->id : 0;
    bool there = it, complete = held.complete;
    resy_reservations_free(&held);
    bool absent = !there && complete && now < b->start_ms;
    if (b->cancels ? absent : there) {
        say_done(b, now, hours24, " (Its answer was lost; your Resy account says so.)", &say);
        return end_as(services, b, BOOKING_DONE, id, notify, say.buf, ret_ended, err);
    }
    bool against = b->cancels ? there : absent;
    if (against && b->absent > 0 && now - b->called_ms >= BOOKING_SURE_MS) {
        str_add(&say, b->cancels ? "Not cancelled, your Resy account still holds it: "
                                 : "Not booked, it is not on your Resy account: ");
        booking_words(&say, b, now, hours24);
        str_add(&say, ". You can try again.");
        return end_as(services, b, BOOKING_REFUSED, 0, notify, say.buf, ret_ended, err);
    }
    return over ? give_up(services, b, hours24, notify, ret_ended, err)
                : put_off(services, b, true, against, err);
}

int booking_confirm(struct services *services, const struct account *account, int64_t id,
                    int64_t inbox_id, struct cancel *cancel, struct booking *ret, struct err *err)
{
    struct err off = ERR_INIT;
    struct begin_args args = {.account = account,
                              .off = &off,
                              .id = id,
                              .inbox_id = inbox_id,
                              .now_ms = env_wall_ms(services->env),
                              .ret = ret};
    bool ended;
    if (booking_may(services, account, &off) == 0)
        off = (struct err)ERR_INIT;
    if (db_write(services->db, begin, &args, err))
        return -1;
    if (args.begun && (ret->cancels ? call_cancel(services, ret, account->hours24, cancel, err)
                                    : call_book(services, ret, account->hours24, cancel, err)))
        return -1;
    if (ret->state != BOOKING_UNCLEAR && ret->state != BOOKING_CALLING)
        return 0;
    return judge(services, ret, account->hours24, false, cancel, &ended, err);
}

/* --- not wanted --- */

struct drop_args {
    const struct account *account;
    int64_t id, now_ms;
    struct booking *ret;
};

static int drop(struct db_conn *conn, void *arg, struct err *err)
{
    const struct drop_args *a = arg;
    bool found = false;
    if (booking_get(conn, a->id, a->ret, &found, err))
        return -1;
    if (!found || a->ret->account_id != a->account->id)
        return err_set(err, ERR_MISSING, "I do not know that offer any more.", "no such offer");
    return a->ret->state == BOOKING_OFFERED
               ? refuse_offer(conn, a->ret,
                              a->ret->cancels ? "It stays booked, as you wished."
                                              : "Nothing is booked, as you wished.",
                              a->now_ms, err)
               : 0;
}

int booking_drop(struct services *services, const struct account *account, int64_t id,
                 struct booking *ret, struct err *err)
{
    struct drop_args args = {account, id, env_wall_ms(services->env), ret};
    return db_write(services->db, drop, &args, err);
}

/* --- for the scheduler --- */

struct due_args {
    int64_t now_ms, next_ms;
    struct booking b;
    struct account account;
    bool found;
};

static int read_next(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *a = arg;
    return booking_next_due(conn, CALL_MOST_MS, &a->next_ms, err);
}

int booking_next(struct services *services, int64_t *ret_ms, struct err *err)
{
    struct due_args args = {0};
    int failed = db_read(services->db, read_next, &args, err);
    *ret_ms = args.next_ms;
    return failed;
}

static int take_due(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *a = arg;
    if (booking_settle(conn, a->now_ms - CALL_MOST_MS, a->now_ms, err) ||
        booking_due(conn, a->now_ms, &a->b, &a->found, err))
        return -1;
    return a->found ? account_get(conn, a->b.account_id, &a->account, err) : 0;
}

bool booking_look(struct services *services, struct cancel *cancel)
{
    struct due_args args = {.now_ms = env_wall_ms(services->env)};
    struct err err = ERR_INIT;
    bool ended = false;
    if (db_write(services->db, take_due, &args, &err) ||
        (args.found && judge(services, &args.b, args.account.hours24, true, cancel, &ended, &err)))
        log_err(LOG_ERR, "booking", &err, "looking at what came of it");
    return ended;
}
