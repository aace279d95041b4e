/* words.h: what a person means by a line: which days, how many, when; the rest is a name.
 *
 * Threads: pure functions; what day it is, is a parameter.
 * Memory:  plain values; a name over its room is cut at a character boundary.
 * Language: all words are in the tables of one `struct language` (words_inner.h). */
#ifndef CORE_AGENTS_COMMANDS_WORDS_H
#define CORE_AGENTS_COMMANDS_WORDS_H

#include "core/base/clock.h"
#include "core/base/json.h"

enum day_kind { /* kept in JSON: new ones go to the end */
                DAY_NONE,
                DAY_DATE,    /* that date */
                DAY_OFFSET,  /* so many days from today */
                DAY_WEEKDAY, /* the next one, today included */
                DAY_NEXT,    /* that weekday of next week */
                DAY_OF_YEAR, /* month and day, the next time they come */
                DAY_TONIGHT,
                DAY_OF_MONTH, /* the n-th, the next time it comes */
                DAY_HOLIDAY,  /* the n-th of the language's table, the next time it comes */
                DAY_WEEKEND,  /* Saturday and Sunday, n weeks ahead */
                DAY_WEEK,     /* all its days, n weeks ahead; of this one, those that are left */
                DAY_MONTH, /* all days of date.month, the next time; month 0: of the month n ahead
                            */
};
struct day_words {
    enum day_kind kind;
    struct date date; /* DAY_DATE; DAY_OF_YEAR, DAY_MONTH without the year */
    int n;            /* see above; DAY_WEEKDAY, DAY_NEXT: 0 Sunday … 6 */
    int plus;         /* and so many days later */
};

enum prefer { PREFER_NONE, PREFER_EARLY, PREFER_LATE };

#define WORDS_NAME 160
#define WORDS_DAYS 4

struct words {
    char name[WORDS_NAME]; /* what was left; "" */
    size_t name_gap;       /* where in it something that was understood stood between; 0: nowhere */
    struct day_words days[WORDS_DAYS];
    size_t day_count;    /* 0: not said */
    bool range;          /* from days[0] to days[1]; else each of them */
    bool agree;          /* days[0] and days[1] were said of one day: they must be the same */
    unsigned weekdays;   /* of those only these, a bit each (1: Sunday); 0: all */
    int64_t party;       /* -1: not said */
    int64_t party_least; /* "2 to 4 people": then party is 4; 0: just party */
    bool has_time, any_time;
    int from_minute, to_minute;
    enum prefer prefer;
    int64_t every_ms; /* how often to ask; 0: not said */
    bool has_fee, has_seating;
    int64_t max_fee;  /* dollars; -1: any */
    char seating[32]; /* folded, a part of the provider's word; "": any */
    bool watch;       /* "tell me when …" */
    bool asks;        /* "find …", "book me …" */
    bool any_place;   /* "anything": no name is meant */
};

enum words_answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO, ANSWER_WATCH };
/* The whole line is a yes, a no, or "watch it". */
enum words_answer words_answer(const char *text);

/* What the whole line asks for in place of a command: its name without the slash; NULL: nothing. */
const char *words_command(const char *text);

/* "stop watch 1", "pause lark": the command that takes what follows, which is a part of `text`.
 * NULL: nothing of the kind. */
const char *words_verb(const char *text, const char **ret_rest);
/* "book lark tomorrow": is a table to be booked, and not only looked for? */
bool words_books(const char *text);

/* "2 hours", "90m", "half an hour": ms; 0: no duration. */
int64_t words_duration(const char *text);

/* Where in its name something else may begin ("lark, window seat please"): bytes; 0: nowhere. */
size_t words_name_end(const struct words *words);

/* "lark, thimble or lumen": each name by itself, at most `most` of them; how many there are. */
size_t words_names(const struct words *words, char (*ret)[WORDS_NAME], size_t most);

/* The folded text without "the" or "in" at its start: a part of it. */
const char *words_past_article(const char *folded);

/* ERR_INPUT with a sentence: a date or a time that does not exist, or two that contradict. */
int words_read(const char *text, struct words *ret, struct err *err) MUST_USE;

/* A day, a number of people or a time is said. */
bool words_has_wish(const struct words *words);

/* What `later` says replaces what `words` had. */
void words_merge(struct words *words, const struct words *later);

#define WORDS_DATES 31
struct word_dates {
    struct date list[WORDS_DATES]; /* rising, one each */
    size_t count;
    bool either; /* "tonight" between midnight and four: the night that began yesterday, list[0],
                    or the one to come, list[1] */
    bool far;    /* a day without its year that is over this year */
};
/* ERR_INPUT with a sentence: days that contradict each other, a range that ends before it begins
 * or is too long. */
int words_dates(const struct words *words, struct local now, struct word_dates *ret,
                struct err *err) MUST_USE;

/* As JSON members of `object`, and back. */
void words_save(const struct words *words, cJSON *object);
void words_load(const cJSON *object, struct words *ret);

#endif
