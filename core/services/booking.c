/* What may be booked, what is to be confirmed, what the account holds; booking_call.c does it. */
#include "core/services/booking_inner.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define OTHERS_MOST   3 /* of the same evening, on a card */
#define STANDING_MOST 64

int booking_may(struct services *services, const struct account *account, struct err *err)
{
    if (!services_options(services).booking)
        return err_set(err, ERR_INPUT,
                       "Booking is switched off here: [booking] enabled = true in my configuration "
                       "switches it on. Until then, Resy's own page books.",
                       "booking is off");
    if (!account->owner)
        return err_set(err, ERR_DENIED,
                       "I book on my owner's Resy account, so only they can book with me. Resy's "
                       "own page books for everybody.",
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
    bool known = !date_parse(day, &date);
    if (known)
        date_words(date_add(date, minute / 1440), today, words);
    str_addf(out, "%s, %s, %s for %lld", venue, known ? words : day,
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

/* "Thu Dec 3, 7:30 PM", there. */
static void add_instant(struct str *out, int64_t utc_ms, const struct zone *zone, bool hours24)
{
    char words[DATE_WORDS], clock[CLOCK_TEXT];
    struct local at = zone_local(zone, utc_ms);
    str_addf(out, "%s, %s", date_words(at.date, at.date, words),
             clock_say(at.minute, hours24, clock));
}

void money_words(struct str *out, int64_t cents, const char *currency)
{
    bool dollars = !*currency || !strcmp(currency, "USD");
    str_addf(out, "%s%lld", dollars ? "$" : "", (long long)cents / 100);
    if (cents % 100)
        str_addf(out, ".%02lld", (long long)cents % 100);
    if (!dollars)
        str_addf(out, " %s", currency);
}

/* What cancelling costs: now, or from when on. */
static void add_cut_offs(struct str *out, int64_t fee_cents, int64_t fee_from_ms,
                         int64_t refund_until_ms, const char *currency, const struct zone *zone,
                         int64_t now_ms, bool hours24)
{
    if (fee_cents) {
        str_add(out, " Cancelling late, or not coming, costs ");
        money_words(out, fee_cents, currency);
        if (fee_from_ms > now_ms) {
            str_add(out, ", from ");
            add_instant(out, fee_from_ms, zone, hours24);
            str_add(out, " on");
        } else if (fee_from_ms) {
            str_add(out, ", from now on");
        }
        str_addc(out, '.');
    }
    if (refund_until_ms == fee_from_ms && fee_cents)
        return; /* said already */
    if (refund_until_ms > now_ms) {
        str_add(out, " Free to cancel until ");
        add_instant(out, refund_until_ms, zone, hours24);
        str_addc(out, '.');
    } else if (refund_until_ms) {
        str_add(out, " The time to cancel it for free is over.");
    }
}

static void add_terms(struct str *out, const struct booking *b, const struct resy_terms *terms,
                      int64_t table_fee_cents, const struct zone *zone, int64_t now_ms,
                      bool hours24)
{
    str_addc(out, '\n');
    if (terms->total_cents) {
        str_add(out, "You pay ");
        money_words(out, terms->total_cents, terms->currency);
        str_add(out, " now, in all.");
    } else {
        str_add(out, "Nothing to pay now.");
    }
    if (!terms->fee_cents && !terms->total_cents && table_fee_cents) {
        str_add(out, " Resy names a fee of ");
        money_words(out, table_fee_cents, terms->currency);
        str_add(out, " a person.");
    } else if (!terms->fee_cents) {
        str_add(out, " No fee for cancelling is named.");
    }
    add_cut_offs(out, b->fee_cents, b->fee_from_ms, b->refund_until_ms, b->currency, zone, now_ms,
                 hours24);
    if (*terms->policy)
        str_addf(out, "\nThe restaurant writes: \"%s\"", terms->policy);
    if (terms->total_cents && !terms->card_id)
        str_add(out, "\nYour Resy account has no card, so it may refuse.");
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

void reservation_words(struct services *services, const struct account *account,
                       const struct resy_reservation *r, struct str *out)
{
    char name[ZONE_TEXT];
    int64_t now = env_wall_ms(services->env);
    zone_of(services, account, r->venue_id, name, sizeof(name));
    auto_zone zone = services_zone(name);
    add_meal(out, r->venue, r->day, clock_parse(r->time), r->party, r->seating,
             zone_local(zone, now).date, account->hours24);
    str_addc(out, '.');
    if (!r->may_cancel) {
        str_add(out, " Resy says that it cannot be cancelled.");
    } else if (r->fee_applies && r->fee_cents) {
        str_add(out, " Cancelling it now costs ");
        money_words(out, r->fee_cents, r->currency);
        str_addc(out, '.');
    } else {
        add_cut_offs(out, r->fee_cents, r->fee_from_ms, r->refund_until_ms, r->currency, zone, now,
                     account->hours24);
    }
}

/* --- what the account holds --- */

int booking_read(struct services *services, enum budget_class class, struct cancel *cancel,
                 struct resy_reservations *ret, struct err *err)
{
    struct resy_ask ask = {.class = class, .cancel = cancel};
    return resy_reservations(services->resy, &ask, ret, err);
}

/* The clock of a reservation in the night after may be written with either day. */
static bool is_that(const struct resy_reservation *r, const struct booking *b)
{
    struct date day, theirs;
    if (r->venue_id != b->venue_id || (r->party && r->party != b->party) || r->id == b->before_id ||
        date_parse(b->day, &day) || date_parse(r->day, &theirs) ||
        clock_parse(r->time) != b->minute % 1440)
        return false;
    int64_t apart = date_days(theirs) - date_days(day);
    return !apart || (apart == 1 && b->minute >= 1440);
}

const struct resy_reservation *booking_find(const struct resy_reservations *held,
                                            const struct booking *b)
{
    for (size_t i = 0; held->list && i < held->count; i++) {
        const struct resy_reservation *r = &held->list[i];
        if (b->reservation_id ? r->id == b->reservation_id : is_that(r, b))
            return r;
    }
    return NULL;
}

struct learn_args {
    const struct resy_reservations *held;
    int64_t asked_ms;
};

/* What we think is held, as the account has it: numbers that we do not know, what was given up
 * elsewhere, and what was lost sight of. What was booked just now may not be listed yet. */
static int learn(struct db_conn *conn, void *arg, struct err *err)
{
    const struct learn_args *a = arg;
    struct booking standing[STANDING_MOST];
    size_t count;
    if (booking_standing(conn, a->asked_ms, a->asked_ms - BOOKING_SURE_MS, standing, STANDING_MOST,
                         &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct booking *b = &standing[i];
        const struct resy_reservation *r = booking_find(a->held, b);
        bool known = r && b->state == BOOKING_DONE && b->reservation_id == r->id;
        if (!known && booking_set(conn, b->id, r ? BOOKING_DONE : BOOKING_RELEASED,
                                  r ? r->id : b->reservation_id, err))
            return -1;
    }
    return 0;
}

int booking_list(struct services *services, const struct account *account, struct cancel *cancel,
                 struct resy_reservations *ret, struct err *err)
{
    struct learn_args args = {ret, env_wall_ms(services->env)};
    if (booking_may(services, account, err) ||
        booking_read(services, BUDGET_PRESS, cancel, ret, err))
        return -1;
    if (ret->complete && db_write(services->db, learn, &args, err)) {
        resy_reservations_free(ret);
        return -1;
    }
    return 0;
}

int booking_reservation(struct services *services, int64_t id, struct cancel *cancel,
                        struct resy_reservation *ret, struct err *err)
{
    struct resy_reservations held;
    bool found = false;
    *ret = (struct resy_reservation){0};
    if (booking_read(services, BUDGET_PRESS, cancel, &held, err))
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

/* What else is held that day, on the card, and what looks the same. It is not the moment to fail
 * for it. */
static void add_others(struct services *services, const struct account *account, struct booking *b,
                       struct cancel *cancel, struct str *card)
{
    struct resy_reservations held;
    struct err err = ERR_INIT;
    size_t n = 0;
    if (booking_list(services, account, cancel, &held, &err)) {
        log_err(LOG_INFO, "booking", &err, "reading the account for a card");
        str_add(card, "\n(I could not read what else you hold that day.)");
        return;
    }
    const struct resy_reservation *same = booking_find(&held, b);
    b->before_id = same ? same->id : 0;
    for (size_t i = 0; held.list && i < held.count; i++) {
        if (strcmp(held.list[i].day, b->day) != 0 || n++ >= OTHERS_MOST)
            continue;
        str_add(card, "\nYou hold already: ");
        reservation_words(services, account, &held.list[i], card);
    }
    resy_reservations_free(&held);
}

/* --- offering --- */

struct offer_args {
    struct booking *b;
    bool hours24;
};

/* What could not be confirmed is not offered. */
static int add_row(struct db_conn *conn, void *arg, struct err *err)
{
    const struct offer_args *a = arg;
    struct booking *b = a->b;
    return booking_is_free(conn, b, b->created_ms, a->hours24, err) ||
                   booking_add(conn, b, b->created_ms, err)
               ? -1
               : 0;
}

static int keep_offer(struct services *services, struct booking *b, bool hours24, struct err *err)
{
    struct offer_args args = {b, hours24};
    b->created_ms = env_wall_ms(services->env);
    b->expires_ms = b->created_ms + services_options(services).confirm_ms;
    return db_write(services->db, add_row, &args, err);
}

static int gone(struct err *err)
{
    return err_set(err, ERR_MISSING, "That table is gone.", "no such table any more");
}

static void put_table(struct booking *b, const struct booking_wish *wish,
                      const struct resy_slot *slot)
{
    utf8_copy(b->venue, sizeof(b->venue), wish->venue->name);
    utf8_copy(b->zone, sizeof(b->zone), wish->venue->zone);
    date_text(wish->day, b->day);
    utf8_copy(b->seating, sizeof(b->seating), slot->shown);
    snprintf(b->table_token, sizeof(b->table_token), "%s", slot->token);
}

static void put_terms(struct booking *b, const struct resy_terms *terms)
{
    b->total_cents = terms->total_cents;
    b->fee_cents = terms->fee_cents;
    b->fee_from_ms = terms->fee_from_ms;
    b->refund_until_ms = terms->refund_until_ms;
    utf8_copy(b->currency, sizeof(b->currency), terms->currency);
}

int booking_offer(struct services *services, const struct account *account, int64_t chat_id,
                  const struct booking_wish *wish, struct cancel *cancel, struct booking *ret,
                  struct str *card, struct err *err)
{
    const struct venue *venue = wish->venue;
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PRESS, .cancel = cancel, .fault = &fault};
    struct resy_find find;
    struct resy_terms terms;
    auto_zone zone = services_zone(venue->zone);
    *ret = (struct booking){.account_id = account->id,
                            .chat_id = chat_id,
                            .venue_id = venue->id,
                            .party = wish->party,
                            .minute = wish->minute,
                            .start_ms = zone_utc_ms(zone, wish->day, wish->minute),
                            .watch_id = wish->watch_id};
    if (booking_may(services, account, err) ||
        resy_find(services->resy, &ask, venue->id, wish->day, (int)wish->party, &find, err))
        return -1;
    const struct resy_slot *slot = resy_slot_at(&find, wish->minute, wish->seating);
    int64_t table_fee_cents = slot ? slot->fee_cents : 0;
    if (slot)
        put_table(ret, wish, slot);
    bool fits = slot && !strcmp(slot->token, ret->table_token);
    resy_find_free(&find);
    if (!slot)
        return gone(err);
    if (!fits)
        return err_set(err, ERR_REMOTE, "Resy answered something that I cannot read.",
                       "a table's token of over %zu bytes", sizeof(ret->table_token));
    if (resy_details(services->resy, &ask, ret->table_token, wish->day, (int)wish->party, false,
                     &terms, err))
        return fault == RESY_MISSING ? gone(err) : -1;
    int64_t now = env_wall_ms(services->env);
    put_terms(ret, &terms);
    booking_words(card, ret, now, account->hours24);
    add_terms(card, ret, &terms, table_fee_cents, zone, now, account->hours24);
    resy_terms_free(&terms);
    add_others(services, account, ret, cancel, card);
    return keep_offer(services, ret, account->hours24, err);
}

int booking_offer_cancel(struct services *services, const struct account *account, int64_t chat_id,
                         int64_t reservation_id, struct cancel *cancel, struct booking *ret,
                         struct str *card, struct err *err)
{
    struct resy_reservation r;
    struct date day;
    if (booking_may(services, account, err) ||
        booking_reservation(services, reservation_id, cancel, &r, err))
        return -1;
    explicit_bzero(r.token, sizeof(r.token));
    if (date_parse(r.day, &day))
        return err_set(err, ERR_BUG, NULL, "a reservation without a day");
    if (!r.may_cancel)
        return err_set(err, ERR_INPUT, "Resy does not let me cancel that reservation.",
                       "its policy forbids it");
    *ret = (struct booking){.account_id = account->id,
                            .chat_id = chat_id,
                            .cancels = true,
                            .venue_id = r.venue_id,
                            .party = r.party,
                            .minute = clock_parse(r.time),
                            .fee_cents = r.fee_applies ? r.fee_cents : 0,
                            .fee_from_ms = r.fee_from_ms,
                            .refund_until_ms = r.refund_until_ms,
                            .reservation_id = r.id};
    zone_of(services, account, r.venue_id, ret->zone, sizeof(ret->zone));
    auto_zone zone = services_zone(ret->zone);
    ret->start_ms = zone_utc_ms(zone, day, ret->minute);
    utf8_copy(ret->venue, sizeof(ret->venue), r.venue);
    utf8_copy(ret->seating, sizeof(ret->seating), r.seating);
    utf8_copy(ret->currency, sizeof(ret->currency), r.currency);
    date_text(day, ret->day);
    reservation_words(services, account, &r, card);
    if (r.may_cancel && !r.fee_cents && !r.refund_until_ms)
        str_add(card, " Resy does not say what cancelling costs.");
    return keep_offer(services, ret, account->hours24, err);
}
