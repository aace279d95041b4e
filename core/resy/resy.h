/* resy.h: the provider's HTTP API: questions out, typed answers in.
 *
 * Owner:   resy_new … resy_free; answers are the caller's, freed by their own _free.
 * Threads: every function from any task; they block it.
 * Memory:  bodies, lists and texts have ceilings; an answer over one is RESY_SHAPE.
 * Facts:   there is no official document. Without a browser's User-Agent it answers 500; a bad
 *          key, a dead token and a wrong password are the same 419; slots in a search are a
 *          subset; a full day is either no venue or a venue without slots. */
#ifndef CORE_RESY_RESY_H
#define CORE_RESY_RESY_H

#include "core/base/clock.h"
#include "core/base/http.h"
#include "core/base/json.h"
#include "core/resy/budget.h"

enum resy_fault { /* why there is no answer */
                  RESY_FINE,
                  RESY_KEY,     /* the client key, or the token, is refused: 401, 419, a way to the
                                   login */
                  RESY_BLOCKED, /* a challenge, or ten 500s in a row: our address is not wanted */
                  RESY_LIMITED, /* 429 */
                  RESY_DOWN,    /* 5xx, not reached, too late, broken off */
                  RESY_SHAPE,   /* it answered, but not what we know: HTML, other JSON, too much */
                  RESY_PARTIAL, /* a search whose pages do not fit together, or are too many: a
                                   service's judgement */
                  RESY_MISSING, /* 404: no such venue */
                  RESY_DOUBT,   /* an answer without tables that is not believed: a service's
                                   judgement */
                  RESY_NO_BUDGET, /* we may not ask now */
                  RESY_CANCELLED,
                  RESY_FAULTS,
};
const char *resy_fault_name(enum resy_fault fault);

struct resy_options {
    const char *base_url, *web_base;
    const char *api_key; /* "auto": read from the public page, kept six hours */
    const char *token;   /* "" or NULL: none */
    unsigned a_minute, an_hour;
    unsigned timeout_ms;
};

struct resy;
struct resy *resy_new(struct http *http, const struct resy_options *options);
void resy_free(struct resy *resy);

/* Every question: on failure err says it twice, err->retry_ms says when it may be worth asking
 * again (0: at the usual pace), and *fault, which may be NULL, what kind it was. */
struct resy_ask {
    enum budget_class class;
    struct cancel *cancel;
    enum resy_fault *fault;
};

struct resy_slot {
    char start[20]; /* "2031-05-09 19:15", the venue's clock */
    int minute;     /* since 00:00 of the service day asked for; over 1439: the night after */
    char *seating;  /* folded: part of the slot's identity */
    char *shown;    /* as the provider writes it */
    char *token;    /* what details calls it; of use for a few minutes, and no secret */
    char template[24];
    int64_t fee_cents; /* the greater of deposit and cancellation fee, a person; 0: none */
};

struct resy_find {
    struct resy_slot *slots; /* by minute, then seating; one each */
    size_t count;
    bool partial;   /* something in it could not be read: what is missing means nothing */
    bool has_venue; /* the answer described the venue: zone and name are set */
    char zone[64], name[160];
    int64_t answered_mono_ms;
};
void resy_find_free(struct resy_find *find);

/* All tables of one venue, one service day, one party. */
int resy_find(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, struct date day,
              int party, struct resy_find *ret, struct err *err) MUST_USE;

/* The cheapest at that minute with that seating (folded; NULL: any). NULL: none. */
const struct resy_slot *resy_slot_at(const struct resy_find *find, int minute, const char *seating);

/* The parser alone, for tests, replay and fuzzing. */
int resy_find_parse(const cJSON *tree, int64_t venue_id, struct date day, struct resy_find *ret,
                    struct err *err) MUST_USE;

struct resy_venue {
    int64_t id;
    char name[160], slug[128], city[32], city_slug[64], zone[64], neighborhood[96], cuisine[96];
    int64_t price, party_min, party_max;
    int release_days, release_minute; /* "14 days ahead at 9 AM", as its page says in words; -1: it
                                         does not */
    bool elsewhere;                   /* a hit that can be booked on another site alone */
};

/* By id; or, with id 0, by slug and city slug. */
int resy_venue(struct resy *resy, const struct resy_ask *ask, int64_t id, const char *slug,
               const char *city_slug, struct resy_venue *ret, struct err *err) MUST_USE;
int resy_venue_parse(const cJSON *tree, struct resy_venue *ret, struct err *err) MUST_USE;

/* "Reservations open 14 days in advance at 9 AM": true, and the two numbers. There is no field of
 * the API that has the hour; this prose is what restaurants publish. */
bool resy_release_parse(const char *text, int *ret_days, int *ret_minute);

struct resy_place { /* where to look; radius 0: the whole world */
    double latitude, longitude;
    int radius_m;
};

#define RESY_HITS_MAX  1000
#define RESY_HIT_TIMES 48
struct resy_hit_tables {         /* of a hit, where the search was for a day */
    int minutes[RESY_HIT_TIMES]; /* rising; a part of those that there are */
    size_t count;
    char picture[256];
    double rating; /* 0: none */
};

struct resy_hits {
    struct resy_venue *venues; /* a venue once */
    struct resy_hit_tables *tables;
    size_t count, venue_room, table_room;
    int64_t total, pages;
    bool complete; /* every page came, under one total */
};
void resy_hits_free(struct resy_hits *hits);

struct resy_query {
    const char *words;              /* names like these; "": any */
    const struct resy_place *place; /* NULL: the whole world */
    struct date day;                /* with party: whose tables */
    int party;                      /* 0: without tables */
    int minute;                     /* tables around it are wished; 0: any. Never a hard bound */
    const char *collection, *city;  /* slug, and the city's code; NULL: none */
    int page, per_page;
    int pages_most; /* pages from `page` on at most; 0: one */
};

/* Venues page by page, until all that there are or may be asked for. */
int resy_search(struct resy *resy, const struct resy_ask *ask, const struct resy_query *query,
                struct resy_hits *ret, struct err *err) MUST_USE;
int resy_search_parse(const cJSON *tree, struct date day, struct resy_hits *ret,
                      struct err *err) MUST_USE;

/* --- what a restaurant and the provider publish --- */

enum resy_day_state {                   /* of the calendar */
                      RESY_DAY_UNKNOWN, /* not listed: not released yet */
                      RESY_DAY_OPEN,    /* "available"; find may have nothing in a window yet */
                      RESY_DAY_FULL,    /* "sold-out" */
                      RESY_DAY_CLOSED,  /* "not available", "closed" */
};
#define RESY_CALENDAR_MAX 400
struct resy_calendar {
    struct {
        struct date date;
        enum resy_day_state state;
    } days[RESY_CALENDAR_MAX]; /* rising */
    size_t count;
    struct date last; /* no day after it is released; year 0: not said */
};
/* Slow (up to a second) and flaky: not for racing. */
int resy_calendar(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, int party,
                  struct date first, struct date last, struct resy_calendar *ret,
                  struct err *err) MUST_USE;
int resy_calendar_parse(const cJSON *tree, struct resy_calendar *ret, struct err *err) MUST_USE;
enum resy_day_state resy_calendar_day(const struct resy_calendar *calendar, struct date day);

/* How many days ahead its tables are released, not at which hour; 0: not said. */
int resy_lead_days(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, int *ret_days,
                   struct err *err) MUST_USE;

struct resy_city {
    char code[32], name[64], slug[64], zone[64];
    struct resy_place place;
};
struct resy_cities {
    struct resy_city *list;
    size_t count, room;
};
void resy_cities_free(struct resy_cities *cities);
int resy_cities(struct resy *resy, const struct resy_ask *ask, struct resy_cities *ret,
                struct err *err) MUST_USE;
int resy_cities_parse(const cJSON *tree, struct resy_cities *ret, struct err *err) MUST_USE;

/* The account's own notify requests at the provider; needs a token. */
struct resy_notify {
    int64_t id, venue_id, party;
    char day[16], from[8], to[8];
};
#define RESY_NOTIFY_MAX 100
int resy_notify_list(struct resy *resy, const struct resy_ask *ask, struct resy_notify *out,
                     size_t limit, size_t *ret_count, struct err *err) MUST_USE;
int resy_notify_parse(const cJSON *tree, struct resy_notify *out, size_t limit, size_t *ret_count,
                      struct err *err) MUST_USE;

/* --- booking (book.c): all of it needs a token --- */

bool resy_has_token(struct resy *resy);

struct resy_terms {          /* what it costs and binds to */
    int64_t total_cents;     /* to be paid at once, for all; fees and tax are in it */
    int64_t fee_cents;       /* for cancelling late or not coming, as it is written; 0: none */
    int64_t fee_from_ms;     /* UTC: from then it is due; 0: not said */
    int64_t refund_until_ms; /* UTC: until then what was paid comes back; 0: not said */
    char currency[8], policy[500];
    int64_t card_id;  /* the account's own; 0: it has none */
    char *book_token; /* only if it was asked for: a secret of about five minutes */
};
void resy_terms_free(struct resy_terms *terms); /* wipes the token */
/* `commit`: with the token that books. RESY_MISSING: the table is gone. */
int resy_details(struct resy *resy, const struct resy_ask *ask, const char *table_token,
                 struct date day, int party, bool commit, struct resy_terms *ret,
                 struct err *err) MUST_USE;
int resy_details_parse(const cJSON *tree, struct resy_terms *ret, struct err *err) MUST_USE;

enum resy_outcome {
    RESY_DONE,
    RESY_GONE,     /* somebody was faster */
    RESY_CONFLICT, /* the account holds another reservation around that time, or there */
    RESY_CARD,     /* it needs a card on the account */
    RESY_REFUSED,  /* a clear no of another kind */
    RESY_UNCLEAR,  /* no clear answer: it may have been done. Never to be said again */
};
struct resy_booked {
    enum resy_outcome outcome;
    int64_t reservation_id;                              /* RESY_DONE; 0: it did not say */
    char other_venue[160], other_day[16], other_time[8]; /* RESY_CONFLICT; "": not said */
};
/* One request, whose answer is always one of these; why it is not RESY_DONE is in err (kind and
 * why). Waits longer than others: a timeout of seconds was seen to leave a table booked and paid.
 */
void resy_book(struct resy *resy, const struct resy_ask *ask, const struct resy_terms *terms,
               struct resy_booked *ret, struct err *err);
/* What an answer with that status and body means; pure. */
void resy_book_judge(int status, const char *body, size_t len, struct resy_booked *ret);

#define RESY_RESERVATIONS_MAX 100
struct resy_reservation {
    int64_t id, venue_id, party;
    char venue[160], day[16], time[8], seating[96]; /* "2031-05-09", "19:15": the venue's clock */
    char currency[8];                               /* "": not said */
    bool may_cancel;
    int64_t fee_cents;                    /* for cancelling late; 0: none */
    bool fee_applies;                     /* now */
    int64_t fee_from_ms, refund_until_ms; /* UTC; 0: not said */
    char token[256]; /* what cancel wants; another at each listing, so it is never stored */
};
struct resy_reservations {
    struct resy_reservation *list; /* to come, by day and time */
    size_t count;
    bool complete; /* all that there are */
};
void resy_reservations_free(struct resy_reservations *reservations);
int resy_reservations(struct resy *resy, const struct resy_ask *ask, struct resy_reservations *ret,
                      struct err *err) MUST_USE;
int resy_reservations_parse(const cJSON *tree, struct resy_reservations *ret,
                            struct err *err) MUST_USE;

/* As resy_book; RESY_GONE: there is no such reservation; RESY_REFUSED: its policy forbids it.
 * *ret_refund: what was paid comes back. */
enum resy_outcome resy_cancel(struct resy *resy, const struct resy_ask *ask, const char *token,
                              bool *ret_refund, struct err *err);

/* Is the token alive? The cheapest call that needs one. */
int resy_who_am_i(struct resy *resy, const struct resy_ask *ask, struct err *err) MUST_USE;

/* Key and token anew, while others ask. */
void resy_set_keys(struct resy *resy, const char *api_key, const char *token);

struct budget *resy_budget(struct resy *resy);

/* Monotonic ms until which the provider asked not to be asked (429, a challenge); 0: go ahead. */
int64_t resy_paused_until(struct resy *resy);

#endif
