/* Which dates are meant by words of days, on the day and at the hour that they were said. */
#include "core/agents/commands/words_inner.h"

#define DAYS_MOST 62 /* a range longer than that is a mistake */

/* Anonymous Gregorian computus. */
static struct date easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25;
    int g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
    int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    return (struct date){year, n / 31, n % 31 + 1};
}

static struct date holiday_in(const struct holiday *h, int year)
{
    if (h->easter)
        return date_add(easter(year), h->day);
    if (!h->nth)
        return (struct date){year, h->month, h->day};
    if (h->nth > 0) {
        struct date first = {year, h->month, 1};
        return date_add(first, (h->weekday - date_weekday(first) + 7) % 7 + 7 * (h->nth - 1));
    }
    struct date after = {h->month == 12 ? year + 1 : year, h->month % 12 + 1, 1};
    struct date last = date_add(after, -1);
    return date_add(last, -((date_weekday(last) - h->weekday + 7) % 7));
}

static struct date next_holiday(int n, struct date today)
{
    const struct language *lang = &english;
    const struct holiday *h = &lang->holidays.list[(size_t)n < lang->holidays.count ? n : 0];
    struct date date = holiday_in(h, today.year);
    return date_compare(date, today) < 0 ? holiday_in(h, today.year + 1) : date;
}

static struct date next_of_month(int day, struct date today)
{
    struct date date = {today.year, today.month, day};
    while (!date_valid(date) || date_compare(date, today) < 0) {
        date.year += date.month == 12;
        date.month = date.month % 12 + 1;
    }
    return date;
}

static struct date next_of_year(struct date date, struct date today)
{
    date.year = today.year;
    while (!date_valid(date) || date_compare(date, today) < 0)
        date.year++;
    return date;
}

static struct date monday_of(struct date today, int weeks)
{
    return date_add(today, 7 * weeks - (date_weekday(today) + 6) % 7);
}

struct span {
    struct date first, last;
};

static struct span month_span(const struct day_words *day, struct date today)
{
    int month = day->date.month, year = today.year;
    if (!month) {
        month = (today.month + day->n - 1) % 12 + 1;
        year += month < today.month;
    } else {
        year += month < today.month;
    }
    struct date first = {year, month, 1};
    struct date after = {month == 12 ? year + 1 : year, month % 12 + 1, 1};
    return (struct span){first, date_add(after, -1)};
}

/* What one expression means today, from its first day to its last. */
static struct span span_of(const struct day_words *day, struct local now)
{
    struct date today = now.date, one;
    struct span span;
    switch (day->kind) {
    case DAY_DATE:
        one = day->date;
        break;
    case DAY_NONE:
    case DAY_OFFSET:
        one = date_add(today, day->n);
        break;
    case DAY_WEEKDAY:
        one = date_add(today, (day->n - date_weekday(today) + 7) % 7);
        break;
    case DAY_NEXT: /* weeks begin on Monday */
        one = date_add(monday_of(today, 1), (day->n + 6) % 7);
        break;
    case DAY_OF_YEAR:
        one = next_of_year(day->date, today);
        break;
    case DAY_TONIGHT:
        one = now.minute < 4 * 60 ? date_add(today, -1) : today;
        break;
    case DAY_OF_MONTH:
        one = next_of_month(day->n, today);
        break;
    case DAY_HOLIDAY:
        one = next_holiday(day->n, today);
        break;
    case DAY_WEEKEND:
        span = (struct span){date_add(monday_of(today, day->n), 5),
                             date_add(monday_of(today, day->n), 6)};
        goto of_several;
    case DAY_WEEK:
        span = (struct span){monday_of(today, day->n), date_add(monday_of(today, day->n), 6)};
        goto of_several;
    case DAY_MONTH:
        span = month_span(day, today);
        goto of_several;
    }
    one = date_add(one, day->plus);
    return (struct span){one, one};
of_several:
    if (date_compare(span.first, today) < 0)
        span.first = today;
    return span;
}

static void put_date(struct word_dates *ret, struct date date)
{
    size_t at = 0;
    while (at < ret->count && date_compare(ret->list[at], date) < 0)
        at++;
    if ((at < ret->count && !date_compare(ret->list[at], date)) || ret->count == WORDS_DATES)
        return;
    memmove(&ret->list[at + 1], &ret->list[at], (ret->count - at) * sizeof(*ret->list));
    ret->list[at] = date;
    ret->count++;
}

static void put_span(const struct words *w, struct span span, struct word_dates *ret)
{
    for (struct date day = span.first; date_compare(day, span.last) <= 0; day = date_add(day, 1))
        if (!w->weekdays || w->weekdays & 1u << date_weekday(day))
            put_date(ret, day);
}

static int disagree(struct date a, struct date b, struct date today, struct err *err)
{
    char first[DATE_WORDS], second[DATE_WORDS];
    err_set(err, ERR_INPUT, NULL, "two days that are not the same");
    return err_say(err, "I read two days there: %s and %s. Which one do you mean?",
                   date_words(a, today, first), date_words(b, today, second));
}

/* All were said of one day: "Friday Dec 12". A weekday follows the date it was said with. */
static int agree(const struct words *w, struct local now, struct word_dates *ret, struct err *err)
{
    size_t main = 0;
    while (main + 1 < w->day_count && w->days[main].kind == DAY_WEEKDAY)
        main++;
    struct span span = span_of(&w->days[main], now);
    for (size_t i = 0; i < w->day_count; i++) {
        struct span other = span_of(&w->days[i], now);
        bool same = w->days[i].kind == DAY_WEEKDAY ? w->days[i].n == date_weekday(span.first)
                                                   : date_compare(other.first, span.last) <= 0 &&
                                                         date_compare(other.last, span.first) >= 0;
        if (!same)
            return disagree(span.first, other.first, now.date, err);
        if (w->days[i].kind != DAY_WEEKDAY && date_compare(other.first, span.first) > 0)
            span.first = other.first;
        if (w->days[i].kind != DAY_WEEKDAY && date_compare(other.last, span.last) < 0)
            span.last = other.last;
    }
    put_span(w, span, ret);
    return 0;
}

static int from_to(const struct words *w, struct local now, struct word_dates *ret, struct err *err)
{
    struct span first = span_of(&w->days[0], now), last = span_of(&w->days[1], now);
    if (date_compare(last.last, first.first) < 0 && w->days[1].kind == DAY_WEEKDAY)
        last.last = date_add(last.last, 7);
    if (date_compare(last.last, first.first) < 0)
        return disagree(first.first, last.last, now.date, err);
    int64_t most = w->weekdays ? DAYS_MOST : WORDS_DATES - 1;
    if (date_days(last.last) - date_days(first.first) > most)
        return err_set(err, ERR_INPUT, "That are too many days at once; a month is the most.",
                       "a range of over %d days", DAYS_MOST);
    put_span(w, (struct span){first.first, last.last}, ret);
    return 0;
}

int words_dates(const struct words *w, struct local now, struct word_dates *ret, struct err *err)
{
    int failed = 0;
    *ret = (struct word_dates){0};
    if (w->range && w->day_count == 2)
        failed = from_to(w, now, ret, err);
    else if (w->agree)
        failed = agree(w, now, ret, err);
    for (size_t i = 0; !w->range && !w->agree && i < w->day_count; i++)
        put_span(w, span_of(&w->days[i], now), ret);
    if (failed)
        return -1;
    if (w->day_count == 1 && w->days[0].kind == DAY_TONIGHT && now.minute < 4 * 60) {
        ret->either = true;
        put_date(ret, date_add(ret->list[0], 1));
    }
    bool yearless = w->day_count == 1 && w->days[0].kind == DAY_OF_YEAR;
    ret->far = yearless && date_days(ret->list[0]) - date_days(now.date) > 300;
    return 0;
}
