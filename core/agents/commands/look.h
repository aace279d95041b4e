/* look.h: what the files behind /find and /watch share: a wish on its way to an answer.
 *
 * Threads: on the worker of a run. */
#ifndef CORE_AGENTS_COMMANDS_LOOK_H
#define CORE_AGENTS_COMMANDS_LOOK_H

#include "core/agents/commands/words.h"
#include "core/orchestrator/run.h"

#define LOOK_PLACES 6

struct look {
    struct run *run;
    bool watch;
    enum watch_once once;
    bool rolling;                  /* a watch without dates */
    bool book;                     /* the table of just that time is to be booked */
    int64_t venue_id;              /* 0: not chosen yet */
    int64_t also[LOOK_PLACES - 1]; /* other restaurants that were named beside it */
    size_t also_count;
    bool only_new;   /* of a search: who has turned up since the last one */
    bool offered;    /* a watch was, in this answer */
    bool beside;     /* other restaurants are shown beside it */
    bool under;      /* … and its buttons stand under one with its name */
    int64_t said_ms; /* when the day was said: "tomorrow" is from then */
    struct words words;
    const struct venue_choice *choice; /* who the name may mean, if that was asked; else NULL */
};

cJSON *look_save(const struct look *look);
void look_load(struct run *run, const cJSON *object, struct look *ret);

/* What it is about stays known, so that a correction or a plain "watch it" has something to change.
 * `offered`: a watch was, so that a plain "yes" takes it. */
void look_remember(const struct look *look, bool offered);

/* The whole way: asks for what is missing, finds the place and the days, answers. */
int look_on(struct look *look, struct err *err);
/* The same from the words on; `choice` as above. */
int look_begin(struct run *run, const struct words *words, bool watch,
               const struct venue_choice *choice, struct err *err);

/* That day, and no other. */
void look_only(struct look *look, struct date day);

/* 1: the days that are meant, by the clock there; 0: the person is asked which night; -1. `venue`
 * may be NULL. */
int look_days(struct look *look, const char *zone, const struct venue *venue,
              struct word_dates *ret, struct date *ret_today, struct err *err);

/* What was kept of this person's last question or search, unless it is too long ago; the caller
 * frees it. `kept` may be NULL. */
cJSON *look_recent(struct run *run, const char *kept);
cJSON *look_kept(struct run *run, const char *kept, int64_t within_ms); /* not longer ago */

/* The wish for one day. */
struct wish look_wish(const struct look *look, struct date day);

/* A button that goes on with the wish for this one day. */
void offer_day(struct look *look, const char *verb, const char *action, struct date day,
               struct date today);

/* --- times of day on buttons (times.c) --- */

#define TIMES_OFFERED 6 /* of one restaurant that is shown alone */
#define TIMES_A_CARD  3

/* Those of `minutes` (rising) that are nearest to the wish, at most `most`: a press asks whether
 * there is still a table. */
void offer_times(const struct look *look, const struct venue *venue, const struct wish *wish,
                 const int *minutes, size_t count, size_t most);

/* Is it one that the words want, but for its time? */
bool look_fits(const struct look *look, const struct resy_slot *slot);

/* The cheapest of those at that minute; NULL: there is none. */
const struct resy_slot *look_slot(const struct look *look, const struct resy_find *find,
                                  int minute);

void offer_page(struct run *run, const struct venue *venue, const struct wish *wish);

/* The minute of the day that is wished most. */
int look_minute(const struct wish *wish);

/* --- booking (book.c) --- */

/* The card of that table, to be confirmed. */
int book_table(const struct look *look, const struct venue *venue, const struct wish *wish,
               int minute, const char *seating, struct err *err);
/* A Book button for each seating that there is at that minute. */
void book_offer_seatings(struct run *run, const struct look *look, const struct venue *venue,
                         const struct wish *wish, const struct resy_find *find, int minute);

/* --- one place (answer.c) --- */

/* What an answer of the provider says of that place and day. */
void say_found(struct look *look, const struct venue *venue, const struct wish *wish,
               const struct resy_find *find, struct date today);

/* What there is at look->venue_id, or a watch of it. */
int look_at(struct look *look, struct err *err);

/* --- showing (show.c) --- */

/* A card of the "venues" event; `minutes` rising, a time once. */
cJSON *show_card(const struct venue *venue, const struct wish *wish, const int *minutes,
                 size_t count, const char *picture);
const char *show_price(const struct venue *venue); /* "$" to "$$$$"; "": not known */
/* Takes `cards` (an array). */
void show_cards(struct run *run, cJSON *cards);
void show_minutes(struct str *out, const struct run *run, const int *minutes, size_t count);

/* A watch of these, on the days that the words say; `title` NULL: none. 0 also where the person is
 * asked which night. */
int look_watch(struct look *look, const struct venue *venues, size_t count, const char *title,
               struct err *err);
/* --- lists of guides (lists.c) --- */

/* A watch of all on it, or the list itself. */
int look_guide(struct look *look, const struct guide *guide, struct err *err);

/* A watch of what the words name, which is no restaurant. */
int look_news(struct look *look, struct err *err);

/* --- a city instead of a restaurant (around.c) --- */

/* 1: answered; 0: nothing is found, which is said if `say_nothing`; -1. */
int look_around(struct look *look, bool say_nothing, struct err *err);
/* Next and Previous. */
int around_press(struct run *run, const cJSON *args, struct err *err);

#endif
