/* What there is at one place: its tables of a day, of several days, or a watch of it. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"

#define DAYS_LOOKED_AT 7

/* --- what there is on one day --- */

struct day_tables {
    int minutes[96];
    size_t count, inside;
};

static void read_minutes(const struct resy_find *find, const struct look *look,
                         const struct wish *wish, struct day_tables *ret)
{
    *ret = (struct day_tables){0};
    for (size_t i = 0; i < find->count && ret->count < ARRAY_LEN(ret->minutes); i++) {
        int minute = find->slots[i].minute;
        if (!look_fits(look, &find->slots[i]) ||
            (ret->count && ret->minutes[ret->count - 1] == minute))
            continue;
        ret->minutes[ret->count++] = minute;
        ret->inside += wish_takes(wish, minute);
    }
}

static int tables_of(struct look *look, const struct venue *venue, const struct wish *wish,
                     struct day_tables *ret, struct err *err)
{
    struct resy_find find;
    if (tables_now(look->run->services, venue, wish, look->run->cancel, &find, err))
        return -1;
    read_minutes(&find, look, wish, ret);
    resy_find_free(&find);
    return 0;
}

/* Those in the window, or those outside it. */
static size_t some_times(const struct day_tables *day, const struct wish *wish, bool inside,
                         int *list)
{
    size_t n = 0;
    for (size_t i = 0; i < day->count; i++)
        if (wish_takes(wish, day->minutes[i]) == inside)
            list[n++] = day->minutes[i];
    return n;
}

/* The latest first where that is wished. */
static void add_times(struct str *out, const struct look *look, const struct wish *wish,
                      const struct day_tables *day, bool inside)
{
    int list[ARRAY_LEN(day->minutes)];
    size_t n = some_times(day, wish, inside, list);
    for (size_t i = 0; wish->prefer > 0 && i < n / 2; i++) {
        int early = list[i];
        list[i] = list[n - 1 - i];
        list[n - 1 - i] = early;
    }
    show_minutes(out, look->run, list, n);
}

static void offer_watch(struct look *look, const struct venue *venue, const struct wish *wish,
                        struct date today)
{
    struct look watch = *look;
    char words[DATE_WORDS], label[64];
    watch.watch = true;
    watch.venue_id = venue->id;
    look_only(&watch, wish->day);
    snprintf(label, sizeof(label), "Watch %s for %lld", date_words(wish->day, today, words),
             (long long)wish->party);
    run_button(look->run, label, "watch", look_save(&watch), false, RUN_BUTTON_TTL);
    look_remember(&watch, true); /* a plain "yes" takes it */
    look->offered = true;
}

/* The times that the window leaves out, on demand. */
static void offer_all_times(struct look *look, const struct wish *wish)
{
    struct look all = *look;
    look_only(&all, wish->day);
    all.words.any_time = all.words.has_time = true;
    run_button(look->run, "Choose any time", "choose", look_save(&all), false, RUN_BUTTON_TTL);
}

/* A day without tables is full, closed, or not released yet; the calendar knows, if it answers. */
static const char *why_none(struct look *look, const struct venue *venue, const struct wish *wish)
{
    static const char *const said[] = {
        [DAY_TAKES_BOOKINGS] = "full for now",   [DAY_IS_CLOSED] = "closed that day, says Resy",
        [DAY_NOT_RELEASED] = "not released yet", [DAY_OVER] = "closed for good, it seems",
        [DAY_NOT_KNOWN] = "full for now",
    };
    struct date last;
    return said[venue_day(look->run->services, venue, wish->party, wish->day, look->run->cancel,
                          &last)];
}

/* Just the time that was wished is there: its card. False: it is not, or cannot be booked. */
static bool book_found(struct look *look, const struct venue *venue, const struct wish *wish,
                       const struct resy_find *find)
{
    int minute = look_minute(wish);
    const struct resy_slot *best = look_slot(look, find, minute);
    struct err err = ERR_INIT;
    if (!look->book || wish->any_time || wish->prefer || !best)
        return false;
    if (book_table(look, venue, wish, minute, best->seating, &err) == 0)
        return true;
    run_text(look->run, "%s\n", err.say);
    return false;
}

void say_found(struct look *look, const struct venue *venue, const struct wish *wish,
               const struct resy_find *find, struct date today)
{
    struct run *run = look->run;
    struct day_tables day;
    int list[ARRAY_LEN(day.minutes)];
    auto_str head = STR_INIT(400), times = STR_INIT(1000);
    if (book_found(look, venue, wish, find))
        return;
    read_minutes(find, look, wish, &day);
    str_addf(&head, "%s, ", venue->name);
    wish_words(&head, wish, today, run->account.hours24);
    add_times(&times, look, wish, &day, day.inside > 0);
    if (!day.count)
        run_text(run, "%s: %s. I can watch it and tell you when a table opens.", head.buf,
                 why_none(look, venue, wish));
    else if (!day.inside)
        run_text(run, "%s: nothing at that time. That day there is %s.", head.buf, times.buf);
    else
        run_text(run, "%s: %s.", head.buf, times.buf);
    if (look->book && day.count)
        run_text(run, " Which one is it? A press shows what it costs.");
    cJSON *cards = cJSON_CreateArray();
    cJSON_AddItemToArray(cards, show_card(venue, wish, day.minutes, day.count, NULL));
    show_cards(run, cards);
    offer_times(look, venue, wish, list, some_times(&day, wish, day.inside > 0, list),
                look->beside ? TIMES_A_CARD : TIMES_OFFERED);
    if (day.count)
        offer_page(run, venue, wish);
    if (day.inside && day.inside < day.count)
        offer_all_times(look, wish);
    if (!day.inside)
        offer_watch(look, venue, wish, today);
}

static int say_tables(struct look *look, const struct venue *venue, const struct wish *wish,
                      struct date today, struct err *err)
{
    struct resy_find find;
    run_progress(look->run, "Asking Resy for tables");
    if (tables_now(look->run->services, venue, wish, look->run->cancel, &find, err))
        return -1;
    say_found(look, venue, wish, &find, today);
    resy_find_free(&find);
    return 0;
}

/* --- several days --- */

/* The days to look at: the calendar says which are worth it, if it can be had. */
static void pick_days(struct look *look, const struct venue *venue, const struct word_dates *dates,
                      struct word_dates *ret, size_t *ret_closed)
{
    static struct resy_calendar const none;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    struct err err = ERR_INIT;
    *ret = (struct word_dates){0};
    *ret_closed = 0;
    *calendar = none;
    bool known = venue_calendar(look->run->services, venue, look->words.party, dates->list[0],
                                dates->list[dates->count - 1], look->run->cancel, calendar,
                                &err) == 0;
    for (size_t i = 0; i < dates->count; i++) {
        enum resy_day_state state = resy_calendar_day(calendar, dates->list[i]);
        if (!known || state == RESY_DAY_OPEN)
            ret->list[ret->count++] = dates->list[i];
        else if (state == RESY_DAY_CLOSED)
            ++*ret_closed;
    }
    free(calendar);
}

static void say_no_day(struct look *look, const struct venue *venue, const struct word_dates *dates)
{
    struct run *run = look->run;
    char label[64];
    struct look watch = *look;
    run_text(run,
             "%s has nothing for %lld on any of the %zu days. I can watch them all and tell "
             "you when a table opens.",
             venue->name, (long long)look->words.party, dates->count);
    watch.venue_id = venue->id;
    watch.watch = true;
    snprintf(label, sizeof(label), "Watch all %zu days", dates->count);
    run_button(run, label, "watch", look_save(&watch), false, RUN_BUTTON_TTL);
    look_remember(&watch, true);
    look->offered = true;
}

static int say_days(struct look *look, const struct venue *venue, const struct word_dates *dates,
                    struct date today, struct err *err)
{
    struct run *run = look->run;
    struct word_dates open;
    size_t closed, shown = 0;
    run_progress(run, "Asking Resy for the calendar");
    pick_days(look, venue, dates, &open, &closed);
    cJSON *cards = cJSON_CreateArray();
    auto_str text = STR_INIT(4000);
    for (size_t i = 0; i < open.count && i < DAYS_LOOKED_AT; i++) {
        struct wish wish = look_wish(look, open.list[i]);
        struct day_tables day;
        char words[DATE_WORDS];
        run_progress(run, "Asking Resy for tables");
        if (tables_of(look, venue, &wish, &day, err)) {
            json_free(cards);
            return -1;
        }
        if (!day.inside)
            continue;
        shown++;
        str_addf(&text, "\n%s: ", date_words(wish.day, today, words));
        add_times(&text, look, &wish, &day, true);
        cJSON_AddItemToArray(cards, show_card(venue, &wish, day.minutes, day.count, NULL));
        offer_day(look, "Choose", "choose", wish.day, today);
    }
    if (!shown) {
        json_free(cards);
        say_no_day(look, venue, dates);
        return 0;
    }
    run_text(run, "%s for %lld has tables on %zu of %zu days:%s", venue->name,
             (long long)look->words.party, shown, dates->count, text.buf);
    if (open.count > DAYS_LOOKED_AT)
        run_text(run, "\n(I looked at the first %d that are open.)", DAYS_LOOKED_AT);
    if (closed)
        run_text(run, "\n(%zu day%s closed.)", closed, closed == 1 ? " is" : "s are");
    show_cards(run, cards);
    return 0;
}

/* --- watching --- */

/* "You have that; widen it?": for the whole evening, or any time. */
static void offer_wider(struct look *look, const struct venue *venue, const struct wish *wish)
{
    if (wish->any_time)
        return;
    struct look wide = *look;
    wide.venue_id = venue->id;
    wide.words.any_time = true;
    look_only(&wide, wish->day);
    run_text(look->run, " Widen it?");
    run_button(look->run, "Watch any time that day", "watch", look_save(&wide), false,
               RUN_BUTTON_TTL);
}

static struct watch_wish wish_of(const struct look *look, const struct word_dates *dates)
{
    struct wish first = look_wish(look, dates->list[0]);
    return (struct watch_wish){.days = dates->list,
                               .day_count = dates->count,
                               .party = look->words.party_least ? look->words.party_least
                                                                : first.party,
                               .party_most = look->words.party_least ? first.party : 0,
                               .from_minute = first.from_minute,
                               .to_minute = first.to_minute,
                               .any_time = first.any_time,
                               .any_fee = !look->words.has_fee || look->words.max_fee < 0,
                               .max_fee_cents = look->words.max_fee * 100,
                               .seating = look->words.seating,
                               .interval_ms = look->words.every_ms,
                               .rolling = look->rolling,
                               .once = look->once};
}

/* True: it was there before, which is said. */
static bool say_was_there(struct look *look, const struct watch_started *started)
{
    struct run *run = look->run;
    int64_t now = env_wall_ms(run->services->env);
    auto_str head = STR_INIT(500);
    if (!started->was_there)
        return false;
    watch_words(&head, &started->watch, now);
    run_text(run, "You have that already: watch %lld, %s.", (long long)started->id, head.buf);
    if (started->watch.paused || started->watch.snoozed_ms > now) {
        run_text(run, " It is %s.", started->watch.paused ? "paused" : "silent for now");
        watch_button(run, "Resume", "resume", started->id, false, 2 * DAY_MS);
    }
    return true;
}

static void say_is_on(struct look *look, const struct watch_started *started)
{
    struct run *run = look->run;
    char span[SPAN_WORDS];
    auto_str head = STR_INIT(500);
    watch_words(&head, &started->watch, env_wall_ms(run->services->env));
    run_text(run, "Watch %lld is on: %s. ", (long long)started->id, head.buf);
    if (started->watch.gated)
        run_text(run,
                 "For so many days I ask Resy's calendar every %s, and each day that it says has "
                 "tables",
                 span_words(started->interval_ms, span));
    else if (started->questions > 1)
        run_text(run, "That is %zu questions to Resy; I ask each every %s", started->questions,
                 span_words(started->interval_ms, span));
    else
        run_text(run, "I ask Resy every %s", span_words(started->interval_ms, span));
}

/* One watch, however many restaurants and days. */
static int say_watch(struct look *look, const struct venue *venues, size_t count,
                     const struct word_dates *dates, const char *title, struct err *err)
{
    struct run *run = look->run;
    struct watch_started started;
    struct wish first = look_wish(look, dates->list[0]);
    struct watch_wish wish = wish_of(look, dates);
    wish.venues = venues;
    wish.venue_count = count;
    wish.title = title;
    if (watch_start(run->services, &run->account, run->message.chat_id, run->key, &wish, &started,
                    err))
        return -1;
    if (!say_was_there(look, &started)) {
        say_is_on(look, &started);
        run_text(run, " and tell you the moment a table opens; what is open now, I tell you at "
                      "once.");
    } else if (started.questions == 1 && !started.watch.paused &&
               started.watch.snoozed_ms <= env_wall_ms(run->services->env)) {
        offer_wider(look, venues, &first);
    }
    stop_button(run, started.id, 2 * DAY_MS);
    return 0;
}

int look_watch(struct look *look, const struct venue *venues, size_t count, const char *title,
               struct err *err)
{
    struct word_dates dates;
    struct date today;
    int whole = look_days(look, venues[0].zone, NULL, &dates, &today, err);
    return whole <= 0 ? whole : say_watch(look, venues, count, &dates, title, err);
}

int look_news(struct look *look, struct err *err)
{
    struct run *run = look->run;
    const struct city *city = search_city(run->services, &run->account, look->words.name,
                                          run->cancel);
    struct watch_started started;
    struct word_dates dates;
    struct date today;
    size_t there;
    look_remember(look, false);
    int whole = look_days(look, city ? city->zone : run->account.zone, NULL, &dates, &today, err);
    if (whole <= 0)
        return whole;
    struct watch_wish wish = wish_of(look, &dates);
    wish.party = look->words.party; /* a city is searched for one number of people */
    wish.party_most = 0;
    run_progress(run, "Searching the city");
    if (news_start(run->services, &run->account, run->message.chat_id, run->key, look->words.name,
                   &wish, run->cancel, &started, &there, err))
        return -1;
    if (!say_was_there(look, &started)) {
        say_is_on(look, &started);
        run_text(run, " and tell you of each place that turns up with a table.");
        if (there)
            run_text(run, " %zu ha%s one already, which is no news; /find shows them.", there,
                     there == 1 ? "s" : "ve");
    }
    stop_button(run, started.id, 2 * DAY_MS);
    return 0;
}

/* One after another; what was asked of the first holds for all. */
static int say_each(struct look *look, const struct venue *venues, size_t count,
                    const struct word_dates *dates, struct date today, struct err *err)
{
    bool offered = false;
    for (size_t i = 0; i < count; i++) {
        struct look one = *look;
        struct wish wish = look_wish(look, dates->list[0]);
        one.venue_id = venues[i].id;
        one.also_count = 0;
        one.beside = count > 1;
        if (i)
            run_text(look->run, "\n");
        if (dates->count > 1 ? say_days(&one, &venues[i], dates, today, err)
                             : say_tables(&one, &venues[i], &wish, today, err))
            return -1;
        offered = offered || one.offered;
    }
    if (count > 1) /* a plain "yes" is for all of them */
        look_remember(look, offered);
    return 0;
}

int look_at(struct look *look, struct err *err)
{
    struct venue venues[LOOK_PLACES];
    struct word_dates dates;
    struct date today;
    struct run *run = look->run;
    size_t count = 1 + look->also_count;
    const struct city *city = city_of(run->services, run->account.city);
    for (size_t i = 0; i < count; i++)
        if (venue_by_id(run->services, i ? look->also[i - 1] : look->venue_id,
                        city ? city->zone : run->account.zone, run->cancel, &venues[i], err))
            return -1;
    look_remember(look, false);
    int whole = look_days(look, venues[0].zone, &venues[0], &dates, &today, err);
    if (whole <= 0)
        return whole;
    if (look->watch)
        return say_watch(look, venues, count, &dates, NULL, err);
    return say_each(look, venues, count, &dates, today, err);
}
