/* /book, /reservations and /cancel, and their buttons. What is to be confirmed, and what came of
 * it, is a card: no model words it. */
#include "core/services/booking.h"

#include "core/agents/commands/commands.h"
#include "core/agents/commands/look.h"
#include "core/base/utf8.h"

#define LISTED  20
#define OFFERED 4 /* seatings of one time */

/* --- what is to be confirmed --- */

static cJSON *attempt_args(const struct booking *b)
{
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "attempt", b->id);
    return args;
}

static void offer_confirm(struct run *run, const struct booking *b, const char *card)
{
    auto_str label = STR_INIT(300);
    char no[220], clock[CLOCK_TEXT], words[DATE_WORDS] = "";
    int64_t ttl = b->expires_ms - b->created_ms;
    struct date day;
    if (!date_parse(b->day, &day)) {
        day = date_add(day, b->minute / 1440);
        date_words(day, day, words);
    }
    run_card(run, card);
    str_add(&label, "Confirm");
    if (b->cancels) {
        str_addf(&label, " cancelling %s, %s", b->venue, words);
    } else if (b->total_cents) {
        str_add(&label, ", pay ");
        money_words(&label, b->total_cents, b->currency);
        str_addf(&label, ": %s, %s", b->venue, words);
    } else {
        str_addf(&label, " %s, %s, %s", b->venue, words,
                 clock_say(b->minute, run->account.hours24, clock));
    }
    run_button(run, label.buf, "confirm", attempt_args(b), true, ttl);
    snprintf(no, sizeof(no), b->cancels ? "Keep %s" : "Cancel this offer", b->venue);
    run_button(run, no, "drop", attempt_args(b), true, ttl);
}

static int offer_table(struct run *run, const struct booking_wish *wish, struct err *err)
{
    struct booking booking;
    char span[SPAN_WORDS];
    auto_str card = STR_INIT(3000);
    run_progress(run, "Asking Resy for the table and its terms");
    if (booking_offer(run->services, &run->account, run->message.chat_id, wish, run->cancel,
                      &booking, &card, err))
        return -1;
    str_addf(&card, "\nNothing is booked yet. Confirm within %s books it.",
             span_words(booking.expires_ms - booking.created_ms, span));
    offer_confirm(run, &booking, card.buf);
    return 0;
}

bool book_may(struct run *run)
{
    struct err err = ERR_INIT;
    return booking_may(run->services, &run->account, &err) == 0;
}

int book_table(const struct look *look, const struct venue *venue, const struct wish *wish,
               int minute, const char *seating, struct err *err)
{
    const struct booking_wish asked = {.venue = venue,
                                       .day = wish->day,
                                       .party = wish->party,
                                       .minute = minute,
                                       .seating = seating};
    return offer_table(look->run, &asked, err);
}

void book_offer_seatings(struct run *run, const struct look *look, const struct venue *venue,
                         const struct wish *wish, const struct resy_find *find, int minute)
{
    size_t n = 0;
    for (size_t i = 0; i < find->count && n < OFFERED; i++) {
        const struct resy_slot *slot = &find->slots[i];
        char label[140], day[DATE_TEXT];
        if (slot->minute != minute || !look_fits(look, slot))
            continue;
        cJSON *args = cJSON_CreateObject();
        json_put_i64(args, "venue", venue->id);
        json_put_text(args, "day", date_text(wish->day, day));
        json_put_i64(args, "party", wish->party);
        json_put_i64(args, "minute", minute);
        json_put_text(args, "seating", slot->seating);
        snprintf(label, sizeof(label), "Book %s", *slot->shown ? slot->shown : "it");
        run_button(run, label, "book", args, false, RUN_BUTTON_TTL);
        n++;
    }
}

int command_book(struct run *run, const char *args, struct err *err)
{
    struct look look = {.run = run, .book = true, .said_ms = run->message.received_ms};
    struct err off = ERR_INIT;
    if (words_read(args, &look.words, err))
        return -1;
    if (booking_may(run->services, &run->account, &off)) {
        run_text(run, "%s\n\n", off.say);
        look.book = false;
    }
    return look_on(&look, err);
}

/* Book on an alert, or beside a seating. */
int book_press(struct run *run, const cJSON *args, struct err *err)
{
    const struct city *city = city_of(run->services, run->account.city);
    struct venue venue;
    struct booking_wish wish = {.venue = &venue,
                                .party = json_i64_or(args, "party", 0),
                                .minute = (int)json_i64_or(args, "minute", -1),
                                .seating = json_text(args, "seating"),
                                .watch_id = json_i64_or(args, "watch", 0)};
    if (wish.minute < 0 || date_parse(json_text_or(args, "day", ""), &wish.day))
        return err_set(err, ERR_BUG, NULL, "a Book button without a day or a time");
    if (venue_by_id(run->services, json_i64_or(args, "venue", 0),
                    city ? city->zone : run->account.zone, run->cancel, &venue, err))
        return -1;
    if (offer_table(run, &wish, err) == 0)
        return 0;
    bool gone = err->kind == ERR_MISSING;
    struct look look = {.run = run, .venue_id = venue.id, .said_ms = run->message.received_ms};
    look.words = (struct words){.party = wish.party, .has_time = true, .any_time = true};
    look_only(&look, wish.day);
    if (!gone)
        return -1;
    run_text(run, "%s What there is now: ", err->say); /* the next one is a press away */
    return look_at(&look, err);
}

/* --- what came of it --- */

static void offer_after(struct run *run, const struct booking *b)
{
    struct watch watch;
    struct err err = ERR_INIT;
    char label[220];
    int64_t left = b->start_ms - env_wall_ms(run->services->env);
    if (b->cancels || b->state != BOOKING_DONE)
        return;
    if (b->reservation_id && left > 0) {
        cJSON *args = cJSON_CreateObject();
        json_put_i64(args, "reservation", b->reservation_id);
        snprintf(label, sizeof(label), "Cancel %s", b->venue);
        run_button(run, label, "unbook", args, false, left);
    }
    if (!b->watch_id || watch_of(run->services, run->account.id, b->watch_id, &watch, &err))
        return;
    auto_str more = STR_INIT(100);
    str_addf(&more, "Watch %lld goes on until you stop it.", (long long)b->watch_id);
    run_card(run, more.buf);
    stop_button(run, b->watch_id, 2 * DAY_MS);
}

static void say_state(struct run *run, const struct booking *b)
{
    run->spent = run->replaces = true; /* the card itself becomes its end */
    if (b->state != BOOKING_UNCLEAR && b->state != BOOKING_CALLING)
        run_card(run, b->say);
    else
        run_card(run, b->cancels
                          ? "Resy gave no clear answer, so I do not know yet whether it is "
                            "cancelled. I read your account until it tells, mostly within two "
                            "minutes, and tell you."
                          : "Resy gave no clear answer, so I do not know yet whether it is booked. "
                            "I do not try again, so that nothing is booked twice: I read your "
                            "account until it tells, mostly within two minutes, and tell you. "
                            "Please book nothing else for that time until then.");
}

int confirm_press(struct run *run, const cJSON *args, struct err *err)
{
    struct booking b;
    run_progress(run, "Asking Resy");
    if (booking_confirm(run->services, &run->account, json_i64_or(args, "attempt", 0),
                        run->message.id, run->cancel, &b, err))
        return -1;
    say_state(run, &b);
    offer_after(run, &b);
    return 0;
}

int drop_press(struct run *run, const cJSON *args, struct err *err)
{
    struct booking b;
    if (booking_drop(run->services, &run->account, json_i64_or(args, "attempt", 0), &b, err))
        return -1;
    say_state(run, &b);
    return 0;
}

/* --- reservations --- */

static void cancel_button(struct run *run, const struct resy_reservation *r)
{
    char label[220], words[DATE_WORDS];
    struct date day;
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "reservation", r->id);
    snprintf(label, sizeof(label), "Cancel %s, %s", r->venue,
             date_parse(r->day, &day) ? r->day : date_words(day, day, words));
    run_button(run, label, "unbook", args, false, RUN_BUTTON_TTL);
}

static void say_reservation(struct run *run, const struct resy_reservation *r)
{
    auto_str line = STR_INIT(1000);
    reservation_words(run->services, &run->account, r, &line);
    run_text(run, "\n%lld: %s", (long long)r->id, line.buf);
}

static int list_all(struct run *run, struct resy_reservations *ret, struct err *err)
{
    run_progress(run, "Reading your Resy account");
    return booking_list(run->services, &run->account, run->cancel, ret, err);
}

int command_reservations(struct run *run, const char *args, struct err *err)
{
    struct resy_reservations held;
    (void)args;
    if (list_all(run, &held, err))
        return -1;
    if (held.count)
        run_text(run, "Your Resy account holds:");
    else
        run_text(run, held.complete ? "Your Resy account holds no reservation to come."
                                    : "Your Resy account holds what I cannot read.");
    for (size_t i = 0; i < held.count && i < LISTED; i++) {
        say_reservation(run, &held.list[i]);
        if (held.list[i].may_cancel)
            cancel_button(run, &held.list[i]);
    }
    if (held.count > LISTED || !held.complete)
        run_text(run, "\n(There are more; Resy's own page shows all.)");
    resy_reservations_free(&held);
    return 0;
}

static int offer_cancel(struct run *run, int64_t reservation_id, struct err *err)
{
    struct booking b;
    char span[SPAN_WORDS];
    auto_str card = STR_INIT(2000), whole = STR_INIT(2300);
    run_progress(run, "Reading your Resy account");
    if (booking_offer_cancel(run->services, &run->account, run->message.chat_id, reservation_id,
                             run->cancel, &b, &card, err))
        return -1;
    str_addf(&whole, "Cancel %s\nNothing is given up yet. Confirm within %s gives it up.", card.buf,
             span_words(b.expires_ms - b.created_ms, span));
    offer_confirm(run, &b, whole.buf);
    return 0;
}

int unbook_press(struct run *run, const cJSON *args, struct err *err)
{
    return offer_cancel(run, json_i64_or(args, "reservation", 0), err);
}

/* Those that are meant by a number or a name, moved to the front. */
static size_t pick(struct resy_reservations *held, const char *args)
{
    char *end;
    long long id = strtoll(args, &end, 10);
    bool number = end != args && !*(end + strspn(end, " ."));
    auto_text asked = utf8_fold(args);
    size_t n = 0;
    for (size_t i = 0; i < held->count; i++) {
        auto_text name = utf8_fold(held->list[i].venue);
        if (*args && (number ? held->list[i].id != id : venue_likeness(asked, name) < 1))
            continue;
        struct resy_reservation here = held->list[i];
        held->list[i] = held->list[n];
        held->list[n++] = here;
    }
    return n;
}

int command_cancel(struct run *run, const char *args, struct err *err)
{
    struct resy_reservations held;
    args += strspn(args, " #");
    if (list_all(run, &held, err))
        return -1;
    size_t n = pick(&held, args);
    int64_t id = n == 1 ? held.list[0].id : 0;
    if (n > 1) {
        run_text(run, "Which of these?");
        for (size_t i = 0; i < n && i < LISTED; i++) {
            say_reservation(run, &held.list[i]);
            cancel_button(run, &held.list[i]);
        }
    }
    bool none = !held.count, complete = held.complete;
    resy_reservations_free(&held);
    if (n)
        return id ? offer_cancel(run, id, err) : 0;
    if (!complete)
        return err_set(err, ERR_MISSING,
                       "Resy did not show me all of your reservations, and that one is not among "
                       "those that I can read. Its own page can cancel it.",
                       "not all reservations could be read");
    return err_set(err, ERR_MISSING,
                   none ? "Your Resy account holds no reservation to come. To end a watch, say "
                          "/stop."
                        : "You hold no reservation of that name or number. /reservations lists "
                          "yours; to end a watch, say /stop.",
                   "no such reservation");
}
