/* clock.h: dates, wall clocks and time zones, IANA ("Europe/Madrid") and POSIX ("EST5EDT").
 *
 * What time it is now comes from struct env, never from here.
 * Threads: every function may be called from any thread.
 * Facts:   GLib's zone rules agreed with glibc on 1.45 million instants; libical's did not. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include "core/base/err.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

struct date {
    int year, month, day; /* month and day from 1 */
};

struct local { /* a wall clock somewhere */
    struct date date;
    int minute; /* of the day, 0..1439 */
    int second;
};

struct zone;

/* NULL: no such zone. The caller frees with zone_free, which takes NULL. */
struct zone *zone_new(const char *name) MUST_USE;
void zone_free(struct zone *zone);
void zone_free_at(struct zone **zone); /* for CLEANUP */
#define auto_zone CLEANUP(zone_free_at) struct zone *

struct local zone_local(const struct zone *zone, int64_t utc_ms);

/* The instant at which the clock there shows that; `minute` may be over 1439 (the night after).
 * A time that the spring change leaves out is that much later, one that the autumn change
 * shows twice is the first. */
int64_t zone_utc_ms(const struct zone *zone, struct date date, int minute);

bool date_valid(struct date date);
int64_t date_days(struct date date); /* since 1970-01-01; may be negative */
struct date date_of_days(int64_t days);
struct date date_add(struct date date, int64_t days);
int date_weekday(struct date date); /* 0 Sunday … 6 Saturday */
int date_compare(struct date a, struct date b);

/* "2031-05-09", exactly ten characters at the start of `text`; -1 if it is no real date. */
int date_parse(const char *text, struct date *ret) MUST_USE;

/* "2031-05-09". */
#define DATE_TEXT 16
const char *date_text(struct date date, char out[DATE_TEXT]);

/* "Fri May 9", with the year where it is not that of `today`. */
#define DATE_WORDS 32
const char *date_words(struct date date, struct date today, char out[DATE_WORDS]);

/* "19:15" and "7:15 PM" of a minute of the day; over 1439 it starts again. */
#define CLOCK_TEXT 16
const char *clock_text(int minute, char out[CLOCK_TEXT]);
const char *clock_words(int minute, char out[CLOCK_TEXT]);

/* The one or the other, as a person reads it. */
const char *clock_say(int minute, bool hours24, char out[CLOCK_TEXT]);

/* "HH:MM" or "HH:MM:SS" to minutes; -1 if it is none. */
int clock_parse(const char *text);

/* "45 s", "3 min", "2 h 5 min", "4 days". */
#define SPAN_WORDS 32
const char *span_words(int64_t ms, char out[SPAN_WORDS]);

#endif
