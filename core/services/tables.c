#include "core/services/services.h"

#include "core/base/utf8.h"

#define DAYS_AHEAD 366
#define PARTY_MOST 20

int wish_check(const struct wish *wish, const struct venue *venue, struct date today,
               struct err *err)
{
    char words[DATE_WORDS];
    if (date_compare(wish->day, today) < 0) {
        err_set(err, ERR_INPUT, NULL, "a day in the past");
        return err_say(err, "%s is over. Which day do you mean?",
                       date_words(wish->day, (struct date){0}, words));
    }
    if (date_days(wish->day) - date_days(today) > DAYS_AHEAD)
        return err_set(err, ERR_INPUT, "That is more than a year away; Resy does not go so far.",
                       "too far ahead");
    if (wish->party < 1 || wish->party > PARTY_MOST) {
        err_set(err, ERR_INPUT, NULL, "a party of %lld", (long long)wish->party);
        return err_say(err, "I can look for 1 to %d people.", PARTY_MOST);
    }
    if (venue && venue->party_max && wish->party > venue->party_max) {
        err_set(err, ERR_INPUT, NULL, "over the venue's party");
        return err_say(err, "%s takes at most %lld people online.", venue->name,
                       (long long)venue->party_max);
    }
    if (venue && wish->party < venue->party_min) {
        err_set(err, ERR_INPUT, NULL, "under the venue's party");
        return err_say(err, "%s takes no less than %lld people online.", venue->name,
                       (long long)venue->party_min);
    }
    return 0;
}

bool wish_takes(const struct wish *wish, int minute)
{
    return wish->any_time || (minute >= wish->from_minute && minute <= wish->to_minute);
}

int venue_calendar(struct services *services, const struct venue *venue, int64_t party,
                   struct date first, struct date last, struct cancel *cancel,
                   struct resy_calendar *ret, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    return resy_calendar(services->resy, &ask, venue->id, (int)party, first, last, ret, err);
}

enum day_state venue_day(struct services *services, const struct venue *venue, int64_t party,
                         struct date day, struct cancel *cancel, struct date *ret_last)
{
    struct err err = ERR_INIT;
    enum day_state state = DAY_NOT_KNOWN;
    auto_zone zone = services_zone(venue->zone);
    struct date today = zone_local(zone, env_wall_ms(services->env)).date;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    *ret_last = (struct date){0};
    if (venue_calendar(services, venue, party, day, day, cancel, calendar, &err) == 0) {
        enum resy_day_state said = resy_calendar_day(calendar, day);
        *ret_last = calendar->last;
        if (said == RESY_DAY_CLOSED)
            state = DAY_IS_CLOSED;
        else if (said != RESY_DAY_UNKNOWN)
            state = DAY_TAKES_BOOKINGS;
        else if (ret_last->year && date_compare(*ret_last, today) < 0)
            state = DAY_OVER;
        else if (ret_last->year && date_compare(day, *ret_last) > 0)
            state = DAY_NOT_RELEASED;
    }
    free(calendar);
    return state;
}

int tables_now(struct services *services, const struct venue *venue, const struct wish *wish,
               struct cancel *cancel, struct resy_find *ret, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    if (resy_find(services->resy, &ask, venue->id, wish->day, (int)wish->party, ret, err))
        return -1;
    if (ret->partial) {
        resy_find_free(ret);
        return err_set(err, ERR_REMOTE, "Resy answered something that I cannot read.",
                       "a find answer with slots that cannot be read");
    }
    return 0;
}

void wish_window_words(struct str *out, int64_t from_minute, int64_t to_minute, bool hours24)
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    if (from_minute <= 0 && to_minute >= ANY_TIME_TO)
        str_add(out, "any time");
    else if (from_minute <= 0)
        str_addf(out, "until %s", clock_say((int)to_minute, hours24, to));
    else if (to_minute >= ANY_TIME_TO)
        str_addf(out, "from %s on", clock_say((int)from_minute, hours24, from));
    else if (from_minute == to_minute)
        str_addf(out, "at %s", clock_say((int)from_minute, hours24, from));
    else
        str_addf(out, "%s to %s", clock_say((int)from_minute, hours24, from),
                 clock_say((int)to_minute, hours24, to));
}

void wish_words(struct str *out, const struct wish *wish, struct date today, bool hours24)
{
    char words[DATE_WORDS];
    str_addf(out, "%s, %lld %s, ", date_words(wish->day, today, words), (long long)wish->party,
             wish->party == 1 ? "person" : "people");
    wish_window_words(out, wish->any_time ? 0 : wish->from_minute,
                      wish->any_time ? ANY_TIME_TO : wish->to_minute, hours24);
}

void watch_words(struct str *out, const struct watch *w, int64_t now_ms)
{
    char first[DATE_WORDS], last[DATE_WORDS];
    struct date a, b;
    auto_zone zone = services_zone(w->zone);
    struct date today = zone_local(zone, now_ms).date;
    if (*w->title)
        str_addf(out, "\"%s\": ", w->title);
    str_addf(out, "%s%s", *w->looking ? "anything new for " : "", w->venue);
    if (w->venues > 1)
        str_addf(out, " and %lld more", (long long)w->venues - 1);
    if (w->roll_ms)
        str_addf(out, ", any of the next %d days", ROLLING_DAYS);
    else if (!date_parse(w->day, &a) && w->days <= 1)
        str_addf(out, ", %s", date_words(a, today, first));
    else if (!date_parse(w->day, &a) && !date_parse(w->day_last, &b))
        str_addf(out, ", %lld days from %s to %s", (long long)w->days, date_words(a, today, first),
                 date_words(b, today, last));
    if (w->party_most > w->party)
        str_addf(out, ", %lld to %lld people, ", (long long)w->party, (long long)w->party_most);
    else
        str_addf(out, ", %lld %s, ", (long long)w->party, w->party == 1 ? "person" : "people");
    wish_window_words(out, w->from_minute, w->to_minute, w->hours24);
    if (*w->seating)
        str_addf(out, ", %s", w->seating);
    if (w->max_fee_cents >= 0)
        str_addf(out, ", fee at most $%lld", (long long)w->max_fee_cents / 100);
    if (w->once == WATCH_FIRST)
        str_add(out, ", until the first");
    if (w->once == WATCH_EACH)
        str_add(out, ", each until its first");
}
