#include "core/services/booking.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define MEAL_MS      (2 * HOUR_MS)        /* two meals that begin within it overlap */
#define OTHERS_MOST  3                    /* of the same evening, on a card */
#define SURE_MS      (45 * (int64_t)1000) /* a booking was seen to appear late */
#define LOOK_MS      (20 * (int64_t)1000)
#define LOOK_MOST_MS (10 * MINUTE_MS)
#define GIVE_UP_MS   DAY_MS          /* an account that cannot be read for so long */
#define CALL_MOST_MS (3 * MINUTE_MS) /* no call takes so long: what is older was cut off */

int booking_may(struct services *services, const struct account *account, struct err *err)
{
    if (!services_options(services).booking)
        return err_set(err, ERR_INPUT,
                       "Booking is switched off here: [booking] enabled = true in my configuration "
                       "switches it on. The button Open leads to Resy's own page.",
                       "booking is off");
    if (!account->owner)
        return err_set(err, ERR_DENIED,
                       "I book on my owner's Resy account, so only they can book with me. The "
                       "button Open leads to Resy's own page.",
                       "booking is for owners");
    if (!resy_has_token(services->resy))
        return err_set(err, ERR_CONFIG,
                       "To book I need your Resy token: [resy] auth_token in my configuration.",
                       "no token to book with");
    return 0;
}

/* --- words --- */

static void add_meal(struct str *out, const char *venue, const char *day, int minute, int64_t party,
                     const char *seating, struct date today, bool hours24)
{
    char words[DATE_WORDS], clock[CLOCK_TEXT];
    struct date date;
    str_addf(out, "%s, %s, %s for %lld", venue,
             date_parse(day, &date) ? day : date_words(date, today, words),
             clock_say(minute, hours24, clock), (long long)party);
    if (*seating)
        str_addf(out, " (%s)", seating);
}

void booking_words(struct str *out, const struct booking *b, int64_t now_ms, bool hours24)
{
    auto_zone zone = services_zone(b->zone);
    add_meal(out, b->venue, b->day, b->minute, b->party, b->seating, zone_local(zone, now_ms).date,
             hours24);
}

void reservation_words(struct str *out, const struct resy_reservation *r, struct date today,
                       bool hours24)
{
    add_meal(out, r->venue, r->day, clock_parse(r->time), r->party, r->seating, today, hours24);
}

/* "Thu Dec 3, 7:30 PM", there. */
static void add_instant(struct str *out, int64_t utc_ms, const struct zone *zone, bool hours24)
{
    char words[DATE_WORDS], clock[CLOCK_TEXT];
    struct local at = zone_local(zone, utc_ms);
    str_addf(out, "%s, %s", date_words(at.date, at.date, words),
             clock_say(at.minute, hours24, clock));
}

static void add_money(struct str *out, int64_t cents, const char *currency)
{
    bool dollars = !*currency || !strcmp(currency, "USD");
    str_addf(out, "%s%lld", dollars ? "$" : "", (long long)cents / 100);
    if (cents % 100)
        str_addf(out, ".%02lld", (long long)cents % 100);
    if (!dollars)
        str_addf(out, " %s", currency);
}

void reservation_terms(struct str *out, const struct resy_reservation *r, const char *zone_name,
                       bool hours24)
{
    auto_zone zone = services_zone(zone_name);
    if (!r->may_cancel) {
        str_add(out, "Resy says that it cannot be cancelled.");
    } else if (r->fee_cents && r->fee_applies) {
        str_add(out, "Cancelling it now costs ");
        add_money(out, r->fee_cents, "");
        str_addc(out, '.');
    } else if (r->fee_cents && r->fee_from_ms) {
        str_add(out, "Cancelling is free until ");
        add_instant(out, r->fee_from_ms, zone, hours24);
        str_add(out, ", then it costs ");
        add_money(out, r->fee_cents, "");
        str_addc(out, '.');
    } else if (r->refund_until_ms) {
        str_add(out, "What was paid comes back until ");
        add_instant(out, r->refund_until_ms, zone, hours24);
        str_addc(out, '.');
    }
}

static void add_terms(struct str *out, const struct booking *b, const struct resy_terms *terms,
                      const struct zone *zone, bool hours24)
{
    if (terms->total_cents) {
        str_add(out, "\nYou pay ");
        add_money(out, terms->total_cents, terms->currency);
        str_add(out, " now, in all.");
    } else {
        str_add(out, "\nNothing to pay now.");
    }
    if (terms->fee_cents) {
        str_add(out, " Cancelling late, or not coming, costs ");
        add_money(out, terms->fee_cents, terms->currency);
    } else if (b->fee_cents) {
        str_add(out, " Resy names a fee of ");
        add_money(out, b->fee_cents, terms->currency);
        str_add(out, " a person");
    } else {
        str_add(out, " No fee for cancelling is named");
    }
    if (terms->fee_from_ms) {
        str_add(out, terms->fee_cents ? ", from " : "; cut-off ");
        add_instant(out, terms->fee_from_ms, zone, hours24);
    }
    str_addc(out, '.');
    if (terms->refund_until_ms) {
        str_add(out, " Free to cancel until ");
        add_instant(out, terms->refund_until_ms, zone, hours24);
        str_addc(out, '.');
    }
    if (*terms->policy)
        str_addf(out, "\nThe restaurant writes: \"%s\"", terms->policy);
    if (terms->total_cents && !terms->card_id)
        str_add(out, "\nYour Resy account has no card, so it may refuse.");
}

/* --- what the account holds --- */

struct release_args {
    const struct resy_reservations *held;
    int64_t asked_ms; /* what was booked after that is not in it */
};

static int release(struct db_conn *conn, void *arg, struct err *err)
{
    const struct release_args *a = arg;
    int64_t ids[RESY_RESERVATIONS_MAX];
    for (size_t i = 0; i < a->held->count; i++)
        ids[i] = a->held->list[i].id;
    return booking_release_others(conn, ids, a->held->count, a->asked_ms, err);
}

static int read_account(struct services *services, struct cancel *cancel,
                        struct resy_reservations *ret, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel};
    return resy_reservations(services->resy, &ask, ret, err);
}

int booking_list(struct services *services, const struct account *account, struct cancel *cancel,
                 struct resy_reservations *ret, struct err *err)
{
    struct release_args args = {ret, env_wall_ms(services->env)};
    if (booking_may(services, account, err) || read_account(services, cancel, ret, err))
        return -1;
    if (ret->complete && db_write(services->db, release, &args, err)) {
        resy_reservations_free(ret);
        return -1;
    }
    return 0;
}

/* What else is held that evening, on the card. It is not the moment to fail for it. */
static void add_others(struct services *services, const struct account *account,
                       const struct booking *b, struct cancel *cancel, struct str *card)
{
    struct resy_reservations held;
    struct err err = ERR_INIT;
    size_t n = 0;
    if (booking_list(services, account, cancel, &held, &err)) {
        log_err(LOG_INFO, "booking", &err, "reading the account for a card");
        str_add(card, "\n(I could not read what else you hold that day.)");
        return;
    }
    auto_zone zone = services_zone(b->zone);
    struct date today = zone_local(zone, env_wall_ms(services->env)).date;
    for (size_t i = 0; i < held.count; i++) {
        if (strcmp(held.list[i].day, b->day) != 0 || n++ >= OTHERS_MOST)
            continue;
        str_add(card, "\nYou hold already: ");
        reservation_words(card, &held.list[i], today, account->hours24);
        str_addc(card, '.');
    }
    resy_reservations_free(&held);
}

/* --- offering --- */

static int add_row(struct db_conn *conn, void *arg, struct err *err)
{
    struct booking *b = arg;
    return booking_add(conn, b, b->created_ms, err);
}

static int keep_offer(struct services *services, struct booking *b, struct err *err)
{
    b->created_ms = env_wall_ms(services->env);
    b->expires_ms = b->created_ms + services_options(services).confirm_ms;
    return db_write(services->db, add_row, b, err);
}

static int gone(struct err *err)
{
    return err_set(err, ERR_MISSING, "That table is gone. Somebody was faster.",
                   "no such table any more");
}

int booking_offer(struct services *services, const struct account *account, int64_t chat_id,
                  const struct booking_wish *wish, struct cancel *cancel, struct booking *ret,
                  struct str *card, struct err *err)
{
    const struct venue *venue = wish->venue;
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel, .fault = &fault};
    struct resy_table table;
    struct resy_terms terms;
    if (booking_may(services, account, err) ||
        resy_table(services->resy, &ask, venue->id, wish->day, (int)wish->party, wish->minute,
                   wish->seating, &table, err))
        return -1;
    if (!table.there)
        return gone(err);
    if (resy_details(services->resy, &ask, table.token, wish->day, (int)wish->party, false, &terms,
                     err))
        return fault == RESY_MISSING ? gone(err) : -1;
    auto_zone zone = services_zone(venue->zone);
    *ret = (struct booking){.account_id = account->id,
                            .chat_id = chat_id,
                            .venue_id = venue->id,
                            .party = wish->party,
                            .minute = wish->minute,
                            .start_ms = zone_utc_ms(zone, wish->day, wish->minute),
                            .total_cents = terms.total_cents,
                            .fee_cents = MAX_OF(terms.fee_cents, table.fee_cents),
                            .watch_id = wish->watch_id};
    utf8_copy(ret->venue, sizeof(ret->venue), venue->name);
    utf8_copy(ret->zone, sizeof(ret->zone), venue->zone);
    date_text(wish->day, ret->day);
    utf8_copy(ret->seating, sizeof(ret->seating), table.shown);
    utf8_copy(ret->table_token, sizeof(ret->table_token), table.token);
    booking_words(card, ret, env_wall_ms(services->env), account->hours24);
    add_terms(card, ret, &terms, zone, account->hours24);
    resy_terms_free(&terms);
    add_others(services, account, ret, cancel, card);
    return keep_offer(services, ret, err);
}

static int reservation_of(struct services *services, int64_t id, struct cancel *cancel,
                          struct resy_reservation *ret, struct err *err)
{
    struct resy_reservations held;
    bool found = false;
    *ret = (struct resy_reservation){0};
    if (read_account(services, cancel, &held, err))
        return -1;
    for (size_t i = 0; i < held.count && !found; i++) {
        found = held.list[i].id == id;
        if (found)
            *ret = held.list[i];
    }
    bool complete = held.complete;
    resy_reservations_free(&held);
    if (found)
        return 0;
    return err_set(err, complete ? ERR_MISSING : ERR_REMOTE,
                   complete ? "Your Resy account holds no such reservation any more."
                            : "Resy did not show me all of your reservations.",
                   "reservation %lld is not on the account", (long long)id);
}

struct venue_args {
    int64_t id;
    struct venue venue;
    bool found;
};

static int read_venue(struct db_conn *conn, void *arg, struct err *err)
{
    struct venue_args *a = arg;
    return venue_get(conn, a->id, &a->venue, &a->found, err);
}

/* The clock that counts there; the account's own where we do not know the place. */
static void zone_of(struct services *services, const struct account *account, int64_t venue_id,
                    char *out, size_t size)
{
    struct venue_args args = {.id = venue_id};
    struct err err = ERR_INIT;
    bool known = !db_read(services->db, read_venue, &args, &err) && args.found && *args.venue.zone;
    snprintf(out, size, "%s", known ? args.venue.zone : account->zone);
}

int booking_offer_cancel(struct services *services, const struct account *account, int64_t chat_id,
                         int64_t reservation_id, struct cancel *cancel, struct booking *ret,
                         struct str *card, struct err *err)
{
    struct resy_reservation r;
    struct date day;
    if (booking_may(services, account, err) ||
        reservation_of(services, reservation_id, cancel, &r, err))
        return -1;
    explicit_bzero(r.token, sizeof(r.token));
    if (date_parse(r.day, &day))
        return err_set(err, ERR_BUG, NULL, "a reservation without a day");
    *ret = (struct booking){.account_id = account->id,
                            .chat_id = chat_id,
                            .cancels = true,
                            .venue_id = r.venue_id,
                            .party = r.party,
                            .minute = clock_parse(r.time),
                            .fee_cents = r.fee_applies ? r.fee_cents : 0,
                            .reservation_id = r.id};
    zone_of(services, account, r.venue_id, ret->zone, sizeof(ret->zone));
    auto_zone zone = services_zone(ret->zone);
    ret->start_ms = zone_utc_ms(zone, day, ret->minute);
    utf8_copy(ret->venue, sizeof(ret->venue), r.venue);
    utf8_copy(ret->seating, sizeof(ret->seating), r.seating);
    date_text(day, ret->day);
    booking_words(card, ret, env_wall_ms(services->env), account->hours24);
    str_addc(card, '\n');
    reservation_terms(card, &r, ret->zone, account->hours24);
    if (!r.may_cancel)
        return err_set(err, ERR_INPUT, "Resy does not let me cancel that reservation.",
                       "its policy forbids it");
    return keep_offer(services, ret, err);
}

/* --- confirming --- */

struct begin_args {
    const struct account *account;
    int64_t id, inbox_id, now_ms;
    struct booking *ret;
    bool begun;
};

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

static int refuse_overlap(struct db_conn *conn, struct begin_args *a, const struct booking *other,
                          struct err *err)
{
    auto_str say = STR_INIT(sizeof(a->ret->say) - 1);
    str_add(&say, "You hold another table around that time: ");
    booking_words(&say, other, a->now_ms, a->account->hours24);
    str_add(&say, ". Nothing is booked; cancel that one first (/reservations).");
    return refuse_offer(conn, a->ret, say.buf, a->now_ms, err);
}

static int begin(struct db_conn *conn, void *arg, struct err *err)
{
    struct begin_args *a = arg;
    struct booking other, *b = a->ret;
    bool found = false, near = false;
    if (booking_get(conn, a->id, b, &found, err))
        return -1;
    if (!found || b->account_id != a->account->id)
        return err_set(err, ERR_MISSING, "I do not know that offer any more.", "no such offer");
    if (b->state != BOOKING_OFFERED)
        return 0;
    if (b->expires_ms <= a->now_ms)
        return err_set(err, ERR_LIMIT,
                       "That was offered too long ago, so nothing is done. Please begin anew.",
                       "the offer has expired");
    if (!b->cancels && booking_near(conn, b->start_ms, MEAL_MS, &other, &near, err))
        return -1;
    if (near)
        return refuse_overlap(conn, a, &other, err);
    if (booking_begin(conn, b->id, a->inbox_id, a->now_ms, &a->begun, err))
        return -1;
    if (!a->begun)
        return err_set(err, ERR_LIMIT,
                       "I am in the middle of another booking, whose answer I do not have yet. "
                       "Nothing is done; please try again in a minute.",
                       "another call is under way");
    b->state = BOOKING_CALLING;
    b->called_ms = a->now_ms;
    return 0;
}

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
    const struct booking *b;
    int64_t due_ms;
    bool read;
};

static int put_off_fn(struct db_conn *conn, void *arg, struct err *err)
{
    const struct put_off_args *a = arg;
    return booking_put_off(conn, a->b->id, a->due_ms, a->read, err);
}

static int put_off(struct services *services, struct booking *b, int64_t in_ms, bool read,
                   struct err *err)
{
    struct put_off_args args = {b, env_wall_ms(services->env) + in_ms, read};
    b->state = BOOKING_UNCLEAR;
    return db_write(services->db, put_off_fn, &args, err);
}

static void say_done(const struct booking *b, int64_t now_ms, bool hours24, const char *more,
                     struct str *out)
{
    str_add(out, b->cancels ? "Cancelled: " : "Booked: ");
    booking_words(out, b, now_ms, hours24);
    str_addf(out, ".%s", more);
}

static void say_conflict(const struct resy_booked *booked, struct str *out)
{
    str_add(out, "Resy says that you hold another reservation around that time");
    if (*booked->other_venue)
        str_addf(out, ": %s, %s %s", booked->other_venue, booked->other_day, booked->other_time);
    str_add(out, ". Nothing is booked.");
}

static int end_booking(struct services *services, struct booking *b,
                       const struct resy_booked *booked, const struct err *why, bool hours24,
                       struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    switch (booked->outcome) {
    case RESY_DONE:
        say_done(b, env_wall_ms(services->env), hours24, "", &say);
        return end_as(services, b, BOOKING_DONE, booked->reservation_id, false, say.buf, NULL, err);
    case RESY_UNCLEAR:
        log_line(LOG_WARN, "booking", "no clear answer, reading the account: %s", why->why);
        return put_off(services, b, LOOK_MS, false, err);
    case RESY_GONE:
        str_add(&say, "That table is gone: somebody was faster. Nothing is booked.");
        break;
    case RESY_CONFLICT:
        say_conflict(booked, &say);
        break;
    case RESY_CARD:
        str_add(&say, "The restaurant wants a card on your Resy account, and there is none. "
                      "Nothing is booked.");
        break;
    case RESY_REFUSED:
        str_addf(&say, "%s Nothing is booked.", *why->say ? why->say : "Resy refuses it.");
        break;
    }
    log_line(LOG_INFO, "booking", "refused: %s", why->why);
    return refuse(services, b, say.buf, err);
}

/* The terms are read once more with the token that books: nobody pays more than they were shown. */
static int call_book(struct services *services, struct booking *b, bool hours24,
                     struct cancel *cancel, struct err *err)
{
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel, .fault = &fault};
    struct resy_terms terms;
    struct resy_booked booked;
    struct err why = ERR_INIT;
    struct date day;
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    if (date_parse(b->day, &day))
        return err_set(err, ERR_BUG, NULL, "a booking without a day");
    if (resy_details(services->resy, &ask, b->table_token, day, (int)b->party, true, &terms,
                     &why)) {
        log_line(LOG_INFO, "booking", "not called: %s", why.why);
        str_addf(&say, "%s Nothing is booked.",
                 fault == RESY_MISSING ? "That table is gone: somebody was faster."
                 : *why.say            ? why.say
                                       : "Stopped.");
        return refuse(services, b, say.buf, err);
    }
    bool dearer = terms.total_cents > b->total_cents || terms.fee_cents > b->fee_cents;
    if (dearer) {
        resy_terms_free(&terms);
        return refuse(services, b,
                      "Its price or its terms have changed since I showed them. Nothing is "
                      "booked; please begin anew to see them.",
                      err);
    }
    resy_book(services->resy, &ask, &terms, &booked, &why);
    resy_terms_free(&terms);
    return end_booking(services, b, &booked, &why, hours24, err);
}

static int call_cancel(struct services *services, struct booking *b, bool hours24,
                       struct cancel *cancel, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel};
    struct resy_reservation r;
    struct err why = ERR_INIT;
    bool refund = false;
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    if (reservation_of(services, b->reservation_id, cancel, &r, &why)) {
        str_addf(&say, "%s Nothing is cancelled.", *why.say ? why.say : "Stopped.");
        return refuse(services, b, say.buf, err);
    }
    if (!r.may_cancel || (r.fee_applies ? r.fee_cents : 0) > b->fee_cents) {
        explicit_bzero(r.token, sizeof(r.token));
        return refuse(services, b,
                      "What cancelling costs has changed since I showed it. Nothing is cancelled; "
                      "please begin anew to see it.",
                      err);
    }
    enum resy_outcome outcome = resy_cancel(services->resy, &ask, r.token, &refund, &why);
    explicit_bzero(r.token, sizeof(r.token));
    if (outcome == RESY_DONE) {
        say_done(b, env_wall_ms(services->env), hours24, refund ? " What you paid comes back." : "",
                 &say);
        return end_as(services, b, BOOKING_DONE, 0, false, say.buf, NULL, err);
    }
    log_line(LOG_WARN, "booking", "cancelling: %s", why.why);
    if (outcome == RESY_UNCLEAR)
        return put_off(services, b, LOOK_MS, false, err);
    str_addf(&say, "%s It is not cancelled.",
             outcome == RESY_GONE ? "Resy does not know that reservation any more."
             : *why.say           ? why.say
                                  : "Resy refuses it.");
    return refuse(services, b, say.buf, err);
}

/* --- where no clear answer came --- */

/* The clock of a reservation in the night after is of the next day. */
static bool is_that(const struct resy_reservation *r, const struct booking *b)
{
    struct date day, theirs;
    if (r->venue_id != b->venue_id || r->party != b->party || date_parse(b->day, &day) ||
        date_parse(r->day, &theirs) || clock_parse(r->time) != b->minute % 1440)
        return false;
    int64_t apart = date_days(theirs) - date_days(day);
    return !apart || (apart == 1 && b->minute >= 1440);
}

static const struct resy_reservation *find_it(const struct resy_reservations *held,
                                              const struct booking *b)
{
    for (size_t i = 0; i < held->count; i++)
        if (b->cancels ? held->list[i].id == b->reservation_id : is_that(&held->list[i], b))
            return &held->list[i];
    return NULL;
}

/* The account could not be read all the time: nobody knows, and that is said. */
static int give_up(struct services *services, struct booking *b, bool hours24, bool notify,
                   bool *ret_ended, struct err *err)
{
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    str_addf(&say, "I could not find out whether this was %s, and I stop looking: ",
             b->cancels ? "cancelled" : "booked");
    booking_words(&say, b, env_wall_ms(services->env), hours24);
    str_add(&say, ". Please look at your reservations on Resy.");
    return end_as(services, b, BOOKING_REFUSED, 0, notify, say.buf, ret_ended, err);
}

/* Reads the account and ends it, if that is enough. What is not there may appear late, so its
 * absence counts when it is seen a second time, and not at once. */
static int judge(struct services *services, struct booking *b, bool hours24, bool notify,
                 struct cancel *cancel, bool *ret_ended, struct err *err)
{
    struct resy_reservations held;
    struct err why = ERR_INIT;
    int64_t wait = LOOK_MS << MIN_OF(b->reads, (int64_t)5);
    auto_str say = STR_INIT(sizeof(b->say) - 1);
    *ret_ended = false;
    int failed = read_account(services, cancel, &held, &why);
    int64_t now = env_wall_ms(services->env);
    if (failed) {
        log_err(LOG_WARN, "booking", &why, "reading the account");
        if (now - b->called_ms > GIVE_UP_MS)
            return give_up(services, b, hours24, notify, ret_ended, err);
        return put_off(services, b, MIN_OF(wait, (int64_t)LOOK_MOST_MS), true, err);
    }
    const struct resy_reservation *it = find_it(&held, b);
    int64_t id = it && !b->cancels ? it->id : 0;
    bool there = it, complete = held.complete;
    resy_reservations_free(&held);
    if (there != b->cancels && (there || complete)) {
        say_done(b, now, hours24, " (Its answer was lost; your Resy account says so.)", &say);
        return end_as(services, b, BOOKING_DONE, id, notify, say.buf, ret_ended, err);
    }
    if (!complete && !there && now - b->called_ms > GIVE_UP_MS)
        return give_up(services, b, hours24, notify, ret_ended, err);
    bool sure = (complete || b->cancels) && b->reads > 0 && now - b->called_ms >= SURE_MS;
    if (!sure)
        return put_off(services, b, MIN_OF(wait, (int64_t)LOOK_MOST_MS), true, err);
    str_add(&say, b->cancels ? "Not cancelled, your Resy account still holds it: "
                             : "Not booked, it is not on your Resy account: ");
    booking_words(&say, b, now, hours24);
    str_add(&say, ". You can try again.");
    return end_as(services, b, BOOKING_REFUSED, 0, notify, say.buf, ret_ended, err);
}

int booking_confirm(struct services *services, const struct account *account, int64_t id,
                    int64_t inbox_id, struct cancel *cancel, struct booking *ret, struct err *err)
{
    struct begin_args args = {.account = account,
                              .id = id,
                              .inbox_id = inbox_id,
                              .now_ms = env_wall_ms(services->env),
                              .ret = ret};
    bool ended;
    if (booking_may(services, account, err) || db_write(services->db, begin, &args, err))
        return -1;
    if (args.begun && (ret->cancels ? call_cancel(services, ret, account->hours24, cancel, err)
                                    : call_book(services, ret, account->hours24, cancel, err)))
        return -1;
    if (ret->state != BOOKING_UNCLEAR && ret->state != BOOKING_CALLING)
        return 0;
    return judge(services, ret, account->hours24, false, cancel, &ended, err);
}

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
                              a->ret->cancels ? "All right, you keep it."
                                              : "All right, nothing is booked.",
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
