/* words_inner.h: what the files of the grammar share.
 *
 * A line is cut into tokens. At each token every rule looks how much it understands from there on;
 * the longest wins. What was understood is a list of matches, which are then put together. What no
 * rule took is the name.
 * Threads: pure functions. */
#ifndef CORE_AGENTS_COMMANDS_WORDS_INNER_H
#define CORE_AGENTS_COMMANDS_WORDS_INNER_H

#include "core/agents/commands/words.h"

#define TOKENS     64
#define TOKEN_TEXT 48
#define MATCHES    24

struct token {
    const char *at; /* in the text, with its original letters */
    size_t len;
    char low[TOKEN_TEXT]; /* lower case; without quotes, and without punctuation at its end */
    bool capital;         /* begins with an upper-case letter */
    bool taken;
};

enum field {
    FIELD_DAY,
    FIELD_WEEKDAYS, /* mask; `range` in one token ("fri-sun"), else one day or a class of them */
    FIELD_PARTY,
    FIELD_TIME,
    FIELD_MEAL,
    FIELD_ANY_TIME,
    FIELD_PREFER,
    FIELD_EVERY,   /* number: ms */
    FIELD_FEE,     /* number: dollars; -1: any */
    FIELD_SEATING, /* number: of the table */
    FIELD_NOTHING, /* understood, and says nothing */
};

struct match {
    size_t at, used; /* tokens; used 0: nothing was understood */
    enum field field;
    bool weak; /* counts beside something else alone: it may be a part of a name */
    struct day_words day, until; /* until.kind DAY_NONE: one day */
    unsigned mask;
    bool several; /* of the mask: "weekdays", "fri-sun" */
    int number;   /* FIELD_PARTY, FIELD_PREFER */
    int from, to; /* minutes; FIELD_PARTY: from as few as there may be, 0: no range */
    bool open;    /* FIELD_TIME: am or pm was not said; FIELD_MEAL: of the morning */
};

struct reader {
    const struct language *lang;
    struct token tokens[TOKENS];
    size_t count;
    struct match matches[MATCHES];
    size_t match_count;
    struct words *words;
    struct err *err;
    bool failed;
};

/* --- a language --- */

struct named { /* `name` may be several words, in small letters, without apostrophes */
    const char *name;
    int value;
};
struct plain {
    const char *name, *command;
};
struct meal {
    const char *name;
    int from, to;
    bool morning, weak;
};
struct way {
    const char *name;
    int before, after; /* minutes around; -1: without end */
};
struct holiday {
    const char *name;
    int month, day;   /* fixed; or */
    int weekday, nth; /* the n-th weekday of the month; -1: the last; or */
    bool easter;      /* Easter Sunday, and `day` days from it */
};

#define TABLE(type)                                                                                \
    struct {                                                                                       \
        const type *list;                                                                          \
        size_t count;                                                                              \
    }

struct language {
    TABLE(struct named) weekdays, weekday_classes, months, numbers, offsets, ordinals, minutes;
    TABLE(struct named) day_units, weeks, weekends, month_words, prefers, persons, halves;
    TABLE(struct holiday) holidays;
    TABLE(struct meal) meals;
    TABLE(struct way) ways, ways_after;
    TABLE(char *const) tonight, prefix_next, prefix_this, any_day, any_time, from_words, to_words;
    TABLE(char *const) or_words, group_words, people, me, my, with, find_starts, watch_starts;
    TABLE(char *const)
    ends, fillers, followers, in_words, of_words, the, between, range_to;
    TABLE(char *const) yes, no, watch_it, any_place, name_ends, between_names;
    TABLE(char *const) articles;
    TABLE(struct plain) plain, verbs, seatings;
    TABLE(struct named) time_units, fee_phrases;
    TABLE(char *const) every_words, fee_words, at_most, book_starts;
    TABLE(char *const) for_words, oclock, half_past, quarter_past, quarter_to, ish, from_day;
    const char *noon, *midnight;
};
extern const struct language english;

/* --- tokens --- */

void words_cut(struct reader *r, const char *text);

/* "" beyond the end. */
const char *word_at(const struct reader *r, size_t i);
bool word_is(const struct reader *r, size_t i, const char *word);

/* How many tokens the phrase takes there; 0: it is not there. */
size_t phrase_at(const struct reader *r, size_t i, const char *phrase);
/* The longest phrase of a table: its tokens; *ret_value may be NULL. */
size_t named_at(const struct reader *r, size_t i, const struct named *list, size_t count,
                int *ret_value);
size_t any_at(const struct reader *r, size_t i, const char *const *list, size_t count);
#define NAMED_AT(r, i, table, ret)                                                                 \
    named_at(r, i, (r)->lang->table.list, (r)->lang->table.count, ret)
#define ANY_AT(r, i, table) any_at(r, i, (r)->lang->table.list, (r)->lang->table.count)

/* A whole token of at most nine digits; -1: it is none. */
int64_t digits_of(const char *text);
/* The same, or a number word; takes *ret_used tokens ("a dozen"). -1: none. */
int64_t number_at(const struct reader *r, size_t i, size_t *ret_used);

/* Remembers the first: `say` has one %s for `word`. */
void words_fail(struct reader *r, const char *say, const char *word);

/* --- the rules: what is understood from token i on --- */

typedef struct match rule_fn(struct reader *r, size_t i);
rule_fn rule_iso, rule_slashes, rule_month, rule_weekday, rule_relative, rule_ordinal, rule_holiday,
    rule_many_days;
rule_fn rule_people, rule_chain;
rule_fn rule_clock, rule_span, rule_meal;
rule_fn rule_terms;

/* --- putting the matches together --- */

void days_settle(struct reader *r);
void party_settle(struct reader *r);
void times_settle(struct reader *r);
void terms_settle(struct reader *r);

/* Between the matches a and b stand only such words (and at least one of them). */
bool joined_by(const struct reader *r, const struct match *a, const struct match *b,
               const char *const *list, size_t count);

#endif
