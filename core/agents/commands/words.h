/* words.h: what a person means by a line: which day, how many, when; the rest is a name.
 *
 * Threads: pure functions; what day it is, is a parameter.
 * Memory:  plain values; a name over its room is cut at a character boundary. */
#ifndef CORE_AGENTS_COMMANDS_WORDS_H
#define CORE_AGENTS_COMMANDS_WORDS_H

#include "core/base/clock.h"
#include "core/base/json.h"

enum day_kind {
    DAY_NONE,
    DAY_DATE,    /* that date */
    DAY_OFFSET,  /* so many days from today */
    DAY_WEEKDAY, /* the next one, today included */
    DAY_NEXT,    /* that weekday of next week */
    DAY_OF_YEAR, /* month and day, the next time they come */
    DAY_TONIGHT,
};
struct day_words {
    enum day_kind kind;
    struct date date; /* DAY_DATE; DAY_OF_YEAR without the year */
    int n;            /* DAY_OFFSET: days; DAY_WEEKDAY, DAY_NEXT: 0 Sunday … 6 */
};

#define WORDS_NAME 160

struct words {
    char name[WORDS_NAME]; /* what was left; "" */
    struct day_words day;
    int64_t party; /* -1: not said */
    bool has_time;
    int from_minute, to_minute;
    bool any_time;
};

/* ERR_INPUT with a sentence: a date or a time that does not exist. */
int words_read(const char *text, struct words *ret, struct err *err) MUST_USE;

/* What `later` says replaces what `words` had. */
void words_merge(struct words *words, const struct words *later);

enum day_answer { DAY_KNOWN, DAY_UNKNOWN, DAY_EITHER };
/* DAY_EITHER: "tonight" between midnight and four: *ret is the evening that began yesterday, and
 * the day after it the one to come. */
enum day_answer words_day(const struct day_words *day, struct local now, struct date *ret);

/* As JSON members of `object`, and back. */
void words_save(const struct words *words, cJSON *object);
void words_load(const cJSON *object, struct words *ret);

#endif
