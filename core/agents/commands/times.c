/* Times of day on buttons. What was shown may be over, so a press asks anew, for that minute. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"

#define USUAL_MINUTE (19 * 60 + 30) /* where no time was wished */

bool look_fits(const struct look *look, const struct resy_slot *slot)
{
    const struct words *words = &look->words;
    return strstr(slot->seating, words->seating) &&
           (!words->has_fee || words->max_fee < 0 || slot->fee_cents <= words->max_fee * 100);
}

const struct resy_slot *look_slot(const struct look *look, const struct resy_find *find, int minute)
{
    const struct resy_slot *best = NULL;
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *slot = &find->slots[i];
        if (slot->minute == minute && look_fits(look, slot) &&
            (!best || slot->fee_cents < best->fee_cents))
            best = slot;
    }
    return best;
}

void offer_page(struct run *run, const struct venue *venue, const struct wish *wish)
{
    char day[DATE_TEXT];
    auto_str url = STR_INIT(512);
    cJSON *args = cJSON_CreateObject();
    venue_url(&url, venue->city_slug, venue->slug, date_text(wish->day, day), wish->party);
    json_put_text(args, "city_slug", venue->city_slug);
    json_put_text(args, "slug", venue->slug);
    json_put_text(args, "day", day);
    json_put_i64(args, "party", wish->party);
    run_url_button(run, "Open on Resy", url.buf, "open", args, DAY_MS);
}

/* --- offering --- */

int look_minute(const struct wish *wish)
{
    int from = wish->any_time ? 0 : wish->from_minute;
    int to = wish->any_time ? ANY_TIME_TO : wish->to_minute;
    if (wish->prefer)
        return wish->prefer > 0 ? to : from;
    if (!from || to == ANY_TIME_TO) /* open at an end */
        return MIN_OF(MAX_OF(USUAL_MINUTE, from), to);
    return (from + to) / 2;
}

static void offer_time(const struct look *look, const struct venue *venue, struct date day,
                       int minute)
{
    char clock[CLOCK_TEXT], label[200];
    struct look chosen = *look;
    chosen.watch = chosen.book = false;
    chosen.venue_id = venue->id;
    chosen.also_count = 0;
    look_only(&chosen, day);
    cJSON *args = look_save(&chosen);
    json_put_i64(args, "minute", minute);
    clock_say(minute, look->run->account.hours24, clock);
    snprintf(label, sizeof(label), "%s%s%s", clock, look->beside ? " " : "",
             look->beside ? venue->name : "");
    if (look->beside && !look->under)
        run_button(look->run, label, "time", args, false, RUN_BUTTON_TTL);
    else
        run_brief_button(look->run, label, clock, "time", args, RUN_BUTTON_TTL);
}

/* The nearest stand together, so they are a window over the list, which is moved as long as what
 * comes in is nearer than what goes out. */
void offer_times(const struct look *look, const struct venue *venue, const struct wish *wish,
                 const int *minutes, size_t count, size_t most)
{
    int wanted = look_minute(wish);
    size_t from = 0, n = MIN_OF(count, most);
    while (from + n < count && abs(minutes[from + n] - wanted) < abs(minutes[from] - wanted))
        from++;
    for (size_t i = from; i < from + n; i++)
        offer_time(look, venue, wish->day, minutes[i]);
}

/* --- pressing --- */

/* "Dining Room, Bar (fee $25 a person)". */
static size_t add_seatings(struct str *out, const struct look *look, const struct resy_find *find,
                           int minute)
{
    size_t n = 0;
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *slot = &find->slots[i];
        if (slot->minute != minute || !look_fits(look, slot))
            continue;
        str_addf(out, "%s%s", n++ ? ", " : "", *slot->shown ? slot->shown : "a table");
        if (slot->fee_cents)
            str_addf(out, " (fee $%lld a person)", (long long)(slot->fee_cents + 99) / 100);
    }
    return n;
}

int time_press(struct run *run, const cJSON *args, struct err *err)
{
    struct look look;
    struct venue venue;
    struct word_dates dates;
    struct date today;
    struct resy_find find;
    char clock[CLOCK_TEXT], words[DATE_WORDS];
    auto_str seatings = STR_INIT(1000);
    const struct city *city = city_of(run->services, run->account.city);
    int minute = (int)json_i64_or(args, "minute", -1);
    look_load(run, args, &look);
    if (minute < 0 || minute > ANY_TIME_TO)
        return err_set(err, ERR_BUG, NULL, "a time without a minute");
    if (venue_by_id(run->services, look.venue_id, city ? city->zone : run->account.zone,
                    run->cancel, &venue, err))
        return -1;
    int whole = look_days(&look, venue.zone, &venue, &dates, &today, err);
    if (whole <= 0)
        return whole;
    struct wish wish = look_wish(&look, dates.list[0]);
    run_progress(run, "Asking Resy for tables");
    if (tables_now(run->services, &venue, &wish, run->cancel, &find, err))
        return -1;
    clock_say(minute, run->account.hours24, clock);
    size_t there = add_seatings(&seatings, &look, &find, minute);
    int failed = 0;
    if (there == 1 && book_may(run)) {
        look_remember(&look, false);
        failed = book_table(&look, &venue, &wish, minute, look_slot(&look, &find, minute)->seating,
                            err);
    } else if (there) {
        look_remember(&look, false);
        run_text(run, "%s, %s, %s for %lld: it is there: %s.", venue.name,
                 date_words(wish.day, today, words), clock, (long long)wish.party, seatings.buf);
        if (book_may(run))
            book_offer_seatings(run, &look, &venue, &wish, &find, minute);
        else
            run_text(run, " On Resy's page it is one tap more.");
        offer_page(run, &venue, &wish);
    } else {
        run_text(run, "%s is gone. ", clock);
        say_found(&look, &venue, &wish, &find, today);
    }
    resy_find_free(&find);
    return failed;
}
