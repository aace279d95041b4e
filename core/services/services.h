/* services.h: the business rules: what is done for a person, whoever asks and however.
 *
 * Owner:   services_new … services_free; everything lent outlives it.
 * Threads: every function from any task; they may block on the provider and the database, never
 *          on both at once. Functions with a struct db_conn run inside a db_fn.
 * Rules:   a service sends no message: it writes the outbox. It knows no platform. */
#ifndef CORE_SERVICES_SERVICES_H
#define CORE_SERVICES_SERVICES_H

#include "core/base/env.h"
#include "core/base/json.h"
#include "core/data/guide.h"
#include "core/resy/resy.h"
#include "db/account.h"
#include "db/db.h"
#include "db/outbox.h"
#include "db/question.h"
#include "db/told.h"
#include "db/venue.h"
#include "db/watch.h"

enum access_mode { ACCESS_PAIRING, ACCESS_OWNERS, ACCESS_OPEN };
#define OWNERS_MOST 16

struct service_options {
    enum access_mode access;
    char owners[OWNERS_MOST][96]; /* "platform:person" */
    size_t owner_count;
    int64_t floor_ms;    /* least time between two questions to one venue; 0: none */
    int64_t interval_ms; /* of a watch that does not say */
    int64_t quiet_ms;
    int close_polls;
    int questions_per_person;
    int search_pages;                      /* of one search at most */
    int record_days;                       /* openings are kept so long; 0: as usual */
    bool booking;                          /* it is switched on */
    int64_t confirm_ms;                    /* an offer can be confirmed so long */
    char zone[ZONE_TEXT], city[CITY_TEXT]; /* of a person who never said */
};

struct services {
    struct env *env;
    struct db *db;
    struct resy *resy;
    void (*look)(void *ctx); /* something may be due now: the scheduler; set before any task runs */
    void *look_ctx;
    int64_t started_ms;
    pthread_mutex_t lock;
    struct service_options options; /* protected by lock, as are the rest: see services_options */
    int64_t failing_ms;             /* wall: when the last failure after a success was */
    int failed_in_row;              /* checks that failed one after another */
    double stretch;             /* all intervals times this, so that the checks fit the budget */
    int64_t canary_at_ms;       /* monotonic */
    bool doubting;              /* some answers are not believed */
    int64_t doubt_ms;           /* wall: since when, while doubting */
    int canary_misses;          /* in a row */
    char adapters[96];          /* their names, for /status; set before any task runs */
    const struct guide *guides; /* constants, as is their number */
    size_t guide_count;
    char claim[12]; /* protected by lock: whoever says it becomes the owner; "": nobody */
    struct recorder *recorder; /* of a day, for replay; set before any task runs; NULL: none */
    struct city_node *cities;  /* grows at its head; what is lent lives as long as we do */
};

struct services *services_new(struct env *env, struct db *db, struct resy *resy,
                              const struct service_options *options);
void services_free(struct services *services);
void services_look(struct services *services);
double services_stretch(struct services *services);
/* The fixed rules by which questions are asked more or less often. */
struct question_rules services_rules(struct services *services);

/* Due times are put right after a sleep or a jump of the wall clock by `jump_ms`, and at the start
 * (`first`), when a predecessor's claims are void too. */
int services_settle(struct services *services, bool first, int64_t jump_ms,
                    struct err *err) MUST_USE;

/* As they are now: they may be set anew while we run. */
struct service_options services_options(struct services *services);
void services_set_options(struct services *services, const struct service_options *options);

/* 0: of no use. Any zone: the account's, falling back to UTC. Never NULL; the caller frees. */
struct zone *services_zone(const char *name);

/* --- restaurants (venues.c) --- */

#define VENUES_OFFERED 6

enum venue_answer { VENUE_NONE, VENUE_ONE, VENUE_SEVERAL };
struct venue_choice {
    enum venue_answer answer;
    struct venue venues[VENUES_OFFERED];
    size_t count;
    bool named_in_full; /* VENUE_ONE by a name that is longer than what was asked for */
};

/* Who is meant by a name: exact and near names in the person's city, then elsewhere. A typo or
 * another city is never taken for granted: it is VENUE_SEVERAL, be it only one. */
int venue_resolve(struct services *services, const struct account *account, const char *name,
                  struct cancel *cancel, struct venue_choice *ret, struct err *err) MUST_USE;

/* By id; asked of the provider if what we know is old. Its zone is always set. */
int venue_by_id(struct services *services, int64_t id, const char *city_zone, struct cancel *cancel,
                struct venue *ret, struct err *err) MUST_USE;

/* How alike two folded names are: 3 the same, 2 one is the start or part of the other, 1 a typo
 * apart, 0 not. */
int venue_likeness(const char *asked, const char *name);

struct city {
    const char *code, *name, *slug, *zone;
    struct resy_place place;
};
/* Borrowed for the life of services. NULL: not one whose place we know. */
const struct city *city_of(struct services *services, const char *code);
/* The nearest that a place on the map belongs to, asking the provider for its list. NULL: err
 * (ERR_MISSING: there is none near). */
const struct city *city_near(struct services *services, double latitude, double longitude,
                             struct cancel *cancel, struct err *err) MUST_USE;
/* By code, name or slug, however it is written. */
const struct city *city_named(struct services *services, const char *name);
/* The same, asking the provider for its list if we do not know it. NULL: err (ERR_MISSING: there is
 * none of that name). */
const struct city *city_find(struct services *services, const char *name, struct cancel *cancel,
                             struct err *err) MUST_USE;
/* The account's, asked for if we do not know it; NULL: nobody does. */
const struct city *city_of_account(struct services *services, const struct account *account,
                                   struct cancel *cancel);
/* Those that were asked for before; once, before any task runs. */
int cities_load(struct services *services, struct err *err) MUST_USE;
void cities_free(struct services *services);

/* What a search told of it, and what is not sure of that. */
void venue_of_hit(const struct resy_venue *hit, const char *zone, struct venue *ret);
/* Stores it, unless more is known already. Inside a transaction. */
int venue_put_new(struct db_conn *conn, const struct venue *venue, struct err *err) MUST_USE;

/* https://resy.com/cities/…/venues/…?date=…&seats=… */
void venue_url(struct str *out, const char *city_slug, const char *slug, const char *day,
               int64_t party);

/* --- leaving (leave.c) --- */

/* What is kept of a person, as lines that `maitred import` takes, for their chat on `platform`.
 * ERR_INPUT: others would see it there; ERR_LIMIT: it is more than `out` takes. */
int person_export(struct services *services, int64_t account_id, int64_t chat_id,
                  const char *platform, struct str *out, struct err *err) MUST_USE;

/* --- tables now (tables.c) --- */

struct wish { /* what a person wants */
    struct date day;
    int64_t party;
    int from_minute, to_minute; /* of the service day; 0 and ANY_TIME_TO: any */
    bool any_time;
    int prefer; /* over 0: the later the better; under 0: the earlier */
};
#define ANY_TIME_TO (29 * 60) /* five in the morning after */

/* ERR_INPUT with a sentence: a day past or too far off, a party of none or too many. */
int wish_check(const struct wish *wish, const struct venue *venue, struct date today,
               struct err *err) MUST_USE;

bool wish_takes(const struct wish *wish, int minute);

int tables_now(struct services *services, const struct venue *venue, const struct wish *wish,
               struct cancel *cancel, struct resy_find *ret, struct err *err) MUST_USE;

/* The days on which it takes bookings, from `first` to `last`. */
int venue_calendar(struct services *services, const struct venue *venue, int64_t party,
                   struct date first, struct date last, struct cancel *cancel,
                   struct resy_calendar *ret, struct err *err) MUST_USE;

/* Why a day may have no table, as the calendar has it. */
enum day_state {
    DAY_TAKES_BOOKINGS,
    DAY_IS_CLOSED,
    DAY_NOT_RELEASED, /* it ends before that day */
    DAY_OVER,         /* it ended before today: closed for good, it seems */
    DAY_NOT_KNOWN,    /* it could not be asked, or does not say */
};
enum day_state venue_day(struct services *services, const struct venue *venue, int64_t party,
                         struct date day, struct cancel *cancel, struct date *ret_last);

/* --- words that name no restaurant (criteria.c) --- */

#define CRITERIA_WORDS 160
struct criteria {
    char what[CRITERIA_WORDS], where[CRITERIA_WORDS]; /* folded; "": anything, anywhere */
    char list[CRITERIA_WORDS];                        /* a curated list's slug; "": none */
    char city[CITY_TEXT];                             /* its code; "": the world */
};
/* Without the city. */
void criteria_read(const char *words, struct criteria *ret);
bool criteria_fits(const struct criteria *criteria, const struct resy_venue *venue);
/* As a question keeps them, and back. */
void criteria_text(const struct criteria *criteria, struct str *out);
int criteria_parse(const char *text, struct criteria *ret, struct err *err) MUST_USE;

/* Words that name a kind of place, a list ("the staff picks list") or nothing, and no restaurant.
 */
bool search_is_criteria(const char *words);

/* --- who has a table (search.c) --- */

struct found {
    struct venue venue;
    char picture[256];
    int minutes[RESY_HIT_TIMES]; /* rising; a part of those that there are */
    size_t count, inside;        /* of them in the window */
    bool fresh;                  /* it had none when this chat last looked for just this */
};
struct found_list {
    struct found *list; /* those with tables: in the window first */
    size_t count;
    int64_t total;    /* hits that the provider counts */
    size_t looked_at; /* of those that fit the words */
    size_t elsewhere; /* that another site books */
    bool complete;    /* all hits were read */
    bool no_list;     /* a list was named, and nobody is on one of that name */
    bool loose;       /* nothing fitted the words; these are what the provider thinks near */
    int64_t since_ms; /* when this chat last looked for just this, wall; 0: never */
};
void found_free(struct found_list *found);
#define auto_found CLEANUP(found_free) struct found_list

/* Where a search with these words looks: the city they name, or the account's. NULL: the world. May
 * ask the provider for its list of cities. */
const struct city *search_city(struct services *services, const struct account *account,
                               const char *words, struct cancel *cancel);

/* The same with the criteria themselves. */
const struct city *search_criteria(struct services *services, const struct account *account,
                                   const char *words, struct cancel *cancel, struct criteria *ret);

/* All that the provider has for these criteria, as it says it; those that do not fit them too. The
 * window is a wish only: nothing outside it is left out. */
int search_ask(struct services *services, const struct resy_ask *ask,
               const struct criteria *criteria, const struct wish *wish, struct resy_hits *ret,
               struct err *err) MUST_USE;

/* What it finds is kept for this chat (0: for none), so that the next one knows what is new. A part
 * of the hits makes nobody new. */
int search_tables(struct services *services, const struct account *account, int64_t chat_id,
                  const char *words, const struct wish *wish, struct cancel *cancel,
                  struct found_list *ret, struct err *err) MUST_USE;

/* "Fri Nov 27, 2 people, 6:00 PM to 8:00 PM". */
void wish_words(struct str *out, const struct wish *wish, struct date today, bool hours24);
void wish_window_words(struct str *out, int64_t from_minute, int64_t to_minute, bool hours24);

/* --- lists of printed guides (guide.c) --- */

/* "the whole toughest list": the one that is meant; NULL: none. */
const struct guide *guide_named(struct services *services, const char *words);

struct guide_found {
    struct venue venue;
    bool found; /* false: the provider has none of that name, or only another one's */
};
/* Who the guide's names are, guide->count of them into `out`, asking for those that were not asked
 * for lately, one after another. Takes a second for three; waits where the budget is spent. */
int guide_look_up(struct services *services, const struct guide *guide, struct cancel *cancel,
                  void (*progress)(void *ctx, size_t done, size_t total), void *ctx,
                  struct guide_found *out, struct err *err) MUST_USE;

/* --- watches (watches.c) --- */

#define WATCH_QUESTIONS 400 /* of one watch */
#define WATCH_VENUES    60
#define WATCH_DAYS      62
#define ROLLING_DAYS    30 /* of a watch without dates */

struct watch_seed {
    struct resy_hits hits;
    int64_t answered_ms; /* wall */
    int times;           /* how often that was the answer: nobody is believed only once */
};

/* Any of these restaurants, on any of these days, for so many people. */
struct watch_wish {
    const struct venue *venues;
    size_t venue_count; /* 0: none by name, but what fits the criteria */
    const struct criteria *criteria;
    const char *looking, *zone;     /* the criteria in words, and the clock that counts there */
    const struct watch_seed *seeds; /* what is there already, of each day; NULL: nobody knows */
    const struct date *days;
    size_t day_count;
    int64_t party, party_most; /* party_most under party: only party */
    int from_minute, to_minute;
    bool any_time, any_fee;
    enum watch_once once;
    int64_t max_fee_cents; /* unless any_fee */
    int64_t interval_ms;   /* 0: the usual one */
    const char *seating;   /* folded as in a slot; NULL: any */
    const char *title;     /* NULL: none */
    bool rolling;          /* its days move on with the calendar: it never ends */
};

struct watch_started {
    int64_t id;
    struct watch watch;  /* as it is then */
    bool was_there;      /* the same wish is watched already: its id */
    size_t questions;    /* that it asks */
    int64_t interval_ms; /* as they can really be asked */
};
int watch_start(struct services *services, const struct account *account, int64_t chat_id,
                int64_t inbox_id, const struct watch_wish *wish, struct watch_started *ret,
                struct err *err) MUST_USE;

/* What is not set stays. The restaurants stay. */
struct watch_change {
    const char *title, *seating; /* NULL: stays; "": none, any */
    const struct date *days;
    size_t day_count;
    int64_t party, party_most;
    bool has_window, any_time, has_fee, any_fee;
    int from_minute, to_minute;
    int64_t max_fee_cents, interval_ms;
    bool pause, resume;
    int64_t snooze_ms;
};
/* What is open then is told at once. *ret: as it is now. ERR_MISSING: not one of this person's
 * active ones. */
int watch_edit(struct services *services, int64_t account_id, int64_t watch_id,
               const struct watch_change *change, struct watch *ret, struct err *err) MUST_USE;

/* All its questions take the pace of those who want them, or rest. Inside a transaction. */
int watch_refresh(struct services *services, struct db_conn *conn, int64_t watch_id, int64_t now_ms,
                  struct err *err) MUST_USE;

/* "Lark, Fri May 9, 2 people", "2 restaurants (Lark …), 4 days from Fri May 9 to Sat May 17". */
void watch_words(struct str *out, const struct watch *watch, int64_t now_ms);

/* For the message `inbox_id`, again after a crash. ERR_MISSING: not one of this person's active
 * ones. */
int watch_stop(struct services *services, int64_t account_id, int64_t watch_id, int64_t inbox_id,
               struct watch *ret, struct err *err) MUST_USE;
/* What was stopped within the last quarter of an hour goes on, as if it had not been. ERR_MISSING:
 * it was not, or its time is over. */
int watch_undo_stop(struct services *services, int64_t account_id, int64_t watch_id,
                    struct watch *ret, struct err *err) MUST_USE;
/* One of this person's, on or over. ERR_MISSING: it is not. */
int watch_of(struct services *services, int64_t account_id, int64_t watch_id, struct watch *ret,
             struct err *err) MUST_USE;
int watch_list(struct services *services, int64_t account_id, struct watches *ret,
               struct err *err) MUST_USE;

/* --- a person's page (page.c) --- */

struct page_ask { /* borrowed */
    const char *platform, *own, *person;
    const char *chat;   /* where its presses are at home */
    size_t from, limit; /* which of the watches */
};
/* {"known":…,"watches":[{"id","title","state"}],"total":…,"settings":…,"incidents":["…"]}, for the
 * caller to free. `known` false: we do not talk with them. */
int page_of(struct services *services, const struct page_ask *ask, cJSON **ret,
            struct err *err) MUST_USE;
/* Puts "buttons" to each of its watches. */
int page_offer(struct services *services, const struct page_ask *ask, cJSON *page,
               struct err *err) MUST_USE;

/* --- what watches have found (found.c) --- */

enum found_state {
    FOUND_PENDING, /* nobody was asked yet, or nobody answered */
    FOUND_NOTHING, /* asked, and told nothing */
    FOUND_SOME,
};
struct watch_update {
    enum found_state state;
    struct watch watch;
    struct told_line list[8]; /* the newest */
    size_t count;
};
/* One of this person's, on or over. ERR_MISSING: it is not. */
int watch_update(struct services *services, int64_t account_id, int64_t watch_id,
                 struct watch_update *ret, struct err *err) MUST_USE;

/* What this person was told lately, by all their watches, newest first. */
int told_lately(struct services *services, int64_t account_id, struct told_line *out, size_t limit,
                size_t *ret_count, struct err *err) MUST_USE;

/* "Lark, Fri May 9, 2 people, 3 tables from 8:15 PM: 2 still there, told 4 min ago". */
void told_line_words(struct str *out, const struct told_line *line, bool hours24, int64_t now_ms);

/* The days of those without dates move on, each at its restaurant's midnight. */
int watches_roll(struct services *services, struct err *err) MUST_USE;

/* Ends what is over, with a closing line each; *ret_next_ms: when the next one is. */
int watches_expire(struct services *services, int64_t *ret_next_ms, struct err *err) MUST_USE;

/* Why it has not told anything, question by question, with the time of the last evidence (why.c).
 * May ask the provider's calendar, once. ERR_MISSING as above. */
int why_words(struct services *services, const struct account *account, int64_t watch_id,
              struct cancel *cancel, struct str *out, struct err *err) MUST_USE;

/* When this restaurant's tables open and how long they last, by our own checks; nothing if none was
 * seen to open (record.c). */
int record_words(struct services *services, const struct venue *venue, bool hours24,
                 struct str *out, struct err *err) MUST_USE;

/* --- checks (check.c, tell.c) --- */

/* What one answer changes, in one transaction; made for check_run, replay and the judge. */
struct check_answer {
    struct question question; /* as claimed */
    const char *claim;
    const struct resy_find *find;
    const char *zone;            /* the venue's */
    int64_t answered_ms, due_ms; /* wall */
};
int check_apply(struct services *services, const struct check_answer *answer, bool *ret_outbox,
                struct err *err) MUST_USE;

/* Asks, and applies or records the failure. Logs; returns true if there is something to send. */
bool check_run(struct services *services, const struct question *question, const char *claim,
               struct cancel *cancel);

/* It could not be asked: recorded, and asked again later. True: there is something to send. */
bool check_failed(struct services *services, const struct question *question, const char *claim,
                  enum resy_fault fault, const struct err *why);

/* --- watches that look for no restaurant by name (news.c) --- */

#define NEWS_DAYS 7 /* of one watch: each is a search */

/* Begins such a watch of what the words name; `wish` as for watch_start, without restaurants.
 * *ret_there: how many places have tables already; they are no news. ERR_LIMIT: it takes more pages
 * than may be read, or more days; ERR_MISSING: nothing fits. */
int news_start(struct services *services, const struct account *account, int64_t chat_id,
               int64_t inbox_id, const char *words, const struct watch_wish *wish,
               struct cancel *cancel, struct watch_started *ret, size_t *ret_there,
               struct err *err) MUST_USE;

/* A search that a check asks, whole. RESY_PARTIAL: its pages did not fit together. */
int news_ask(struct services *services, const struct question *question, struct cancel *cancel,
             enum resy_fault *ret_fault, struct resy_hits *ret, struct err *err) MUST_USE;

/* What its answer changes, in one transaction; made for check_run, replay and the judge. */
struct news_answer {
    struct question question; /* as claimed */
    const char *claim;
    const struct resy_hits *hits;
    int64_t answered_ms, due_ms; /* wall */
};
int news_apply(struct services *services, const struct news_answer *answer, bool *ret_outbox,
               struct err *err) MUST_USE;

/* The same for an answer that somebody got before the question was there, inside a transaction:
 * what is there is the beginning of a watch. `times`: how often that was the answer. Where others
 * ask the same already, what they know is the beginning. */
int news_begin(struct services *services, struct db_conn *conn, int64_t question_id,
               const struct criteria *criteria, const char *zone, const struct resy_hits *hits,
               int times, int64_t answered_ms, struct err *err) MUST_USE;

/* --- many days of one restaurant (days.c) --- */

int days_ask(struct services *services, const struct question *question, struct cancel *cancel,
             enum resy_fault *ret_fault, struct resy_calendar *ret, struct err *err) MUST_USE;
struct days_answer {
    struct question question; /* as claimed */
    const char *claim;
    const struct resy_calendar *calendar;
    int64_t answered_ms, due_ms; /* wall */
};
/* Days that have tables are asked from now on, others are not, unless tables of theirs count as
 * open still. */
int days_apply(struct services *services, const struct days_answer *answer, bool *ret_outbox,
               struct err *err) MUST_USE;
/* The calendar cannot be had: all its days are asked. Inside a transaction. */
int days_ask_all(struct services *services, struct db_conn *conn, const struct question *calendar,
                 int64_t now_ms, struct err *err) MUST_USE;

/* --- answers that are not believed (doubt.c) --- */

/* `q` was answered without a table: is that to be believed? Inside the transaction. */
int doubt_weigh(struct services *services, struct db_conn *conn, const struct question *q,
                int64_t answered_ms, bool *ret_doubted, struct err *err) MUST_USE;

/* The same for a search: of `had` places that had tables, `lost` show none now, and `shown` show
 * some. */
int doubt_weigh_search(struct services *services, struct db_conn *conn, const struct question *q,
                       size_t had, size_t lost, size_t shown, bool *ret_doubted,
                       struct err *err) MUST_USE;

/* The canary: a place that must have tables is asked, when answers are doubted or have had none
 * for long; monotonic ms. canary_run returns true if there is something to send. */
int64_t canary_due_ms(struct services *services);
void canary_begins(struct services *services); /* it is not due again until it has ended */
bool canary_run(struct services *services, struct cancel *cancel);
void canary_put_off(struct services *services);    /* it could not begin */
void canary_not_needed(struct services *services); /* an answer had tables */

/* Alerts for all that is owed of a question. */
int tell_owed(struct services *services, struct db_conn *conn, const struct question *question,
              int64_t answered_ms, bool *ret_outbox, struct err *err) MUST_USE;

/* That alert has been sent: a watch that was to find one table has found it, and is over. */
int watch_told(struct services *services, struct db_conn *conn, int64_t outbox_id, int64_t now_ms,
               struct err *err) MUST_USE;

/* --- what is sent (alert.c) --- */

/* Makes the message of a row that is being sent, as it is true now, with buttons. *ret NULL: there
 * is nothing left to say, and the row has ended as gone. */
/* `alerts_max`: alerts to one chat within a minute, over which they are collected into a digest; 0:
 * no limit. */
int delivery_compose(struct services *services, struct db_conn *conn, const struct outbox_row *row,
                     int alerts_max, int64_t now_ms, cJSON **ret, struct err *err) MUST_USE;

struct button_spec {
    const char *label, *action;
    const char *brief; /* the label, where the button stands under what it is about; NULL: none */
    const cJSON *args;
    bool once;
    int64_t expires_ms;
    int64_t outbox_id; /* 0: none */
    const char *url;   /* what it opens, where buttons can; NULL: nothing */
};

/* A line to a chat that nobody asked for. chat_id 0: the owner's, if there is one. */
int notice_add(struct services *services, struct db_conn *conn, int64_t chat_id, const char *text,
               int64_t now_ms, struct err *err) MUST_USE;

/* The same with buttons of the owner's: `specs`, whose args stay the caller's. */
int notice_to_owner(struct services *services, struct db_conn *conn, const char *text,
                    const struct button_spec *specs, size_t count, int64_t now_ms,
                    struct err *err) MUST_USE;

/* {"label":…,"press":…} (and "brief" and "url", if it has them) into `list`, and its row. `args` is
 * borrowed. */
int button_offer(struct services *services, struct db_conn *conn, int64_t account_id,
                 int64_t chat_id, const struct button_spec *spec, int64_t now_ms, cJSON *list,
                 struct err *err) MUST_USE;

/* --- who may talk (access.c) --- */

struct access_ask { /* borrowed */
    const char *platform, *own, *chat, *person, *name, *title;
    const char *text;     /* what was said; NULL: nothing */
    const char *language; /* of their platform; NULL: it does not say */
    bool crowd;           /* several people are there */
    bool strangers;       /* anybody may write there */
    bool owner;           /* the platform knows that this is an owner */
    bool pushes;          /* the chat is reached at any time */
};
enum access_answer {
    ACCESS_YES,
    ACCESS_NO,     /* not a word: they have had it, or it was not for us */
    ACCESS_TOLD,   /* they are told, in a notice of their own */
    ACCESS_ANSWER, /* `say` is the answer to the message: they have just become somebody */
};
struct access {
    enum access_answer answer;
    struct account account; /* ACCESS_YES, ACCESS_ANSWER */
    int64_t chat_id;        /* the same */
    const char *say;
};
/* Who is that, and may they talk with us here? Inside a transaction. Whoever is not let in leaves
 * no message behind, and hears of it once. */
int access_weigh(struct services *services, struct db_conn *conn, const struct access_ask *ask,
                 int64_t now_ms, struct access *ret, struct err *err) MUST_USE;

/* We were added to a chat of several people: by an owner it is allowed, else an owner is asked. */
int access_added(struct services *services, struct db_conn *conn, const struct access_ask *ask,
                 int64_t now_ms, struct err *err) MUST_USE;

/* An owner's answer, by the newcomer's id. ERR_DENIED: not an owner; ERR_MISSING: nobody asks.
 * *ret_name: who it was. */
int access_settle(struct services *services, const struct account *account, int64_t newcomer_id,
                  bool in, char ret_name[96], struct err *err) MUST_USE;
/* The same by the code that the newcomer was shown: lets them in. */
int access_pair(struct services *services, const struct account *account, const char *code,
                char ret_name[96], struct err *err) MUST_USE;

/* A code that lets one person in, for a day: whoever says it to us on this platform, or comes by a
 * link with it. ERR_DENIED: not an owner. */
int access_invite(struct services *services, const struct account *account, const char *platform,
                  const char *own, int64_t chat_id, char ret_code[8], struct err *err) MUST_USE;

/* Makes the code by which the first owner of this platform is known, if it has none; false: not
 * needed. Once, before any task runs. */
/* A code with which this person, on another platform, becomes one with who they are here: for ten
 * minutes, once. */
int access_link(struct services *services, const struct account *account, const char *platform,
                const char *own, int64_t chat_id, char ret_code[8], struct err *err) MUST_USE;
bool access_needs_claim(struct services *services, const char *platform, char ret_code[12],
                        struct err *err);

/* --- who can be reached (reach.c) --- */

/* A chat takes nothing any more, until something comes from there: its watches rest, and look at
 * what is open when they are back. Or a crowd's chat and all its topics. Inside a transaction. */
int reach_lost(struct services *services, struct db_conn *conn, int64_t chat_id, int64_t now_ms,
               struct err *err) MUST_USE;
int reach_room(struct services *services, struct db_conn *conn, const struct access_ask *ask,
               bool there, int64_t now_ms, struct err *err) MUST_USE;

/* Everything about this person goes: watches, conversations, settings; inside a transaction. */
int access_forget(struct services *services, struct db_conn *conn, int64_t account_id,
                  int64_t now_ms, struct err *err) MUST_USE;

/* --- proof of life (life.c) --- */

int life_failed(struct services *services, struct db_conn *conn, enum resy_fault fault,
                const struct err *why, int64_t question_id, int64_t retry_ms, int64_t now_ms,
                bool *ret_outbox, struct err *err) MUST_USE;
/* The canary sees no table either, or does again. */
int life_doubt(struct services *services, struct db_conn *conn, int64_t retry_ms, int64_t now_ms,
               bool *ret_outbox, struct err *err) MUST_USE;
int life_no_doubt(struct services *services, struct db_conn *conn, int64_t now_ms, bool *ret_outbox,
                  struct err *err) MUST_USE;
int life_answered(struct services *services, struct db_conn *conn, int64_t now_ms, bool *ret_outbox,
                  struct err *err) MUST_USE;

/* A platform refuses a chat's messages for good, or takes one: the owner hears of the first refusal
 * and of its end. */
int life_refused(struct services *services, struct db_conn *conn, int64_t chat_id, const char *why,
                 int64_t now_ms, struct err *err) MUST_USE;
int life_taken(struct services *services, struct db_conn *conn, int64_t chat_id, int64_t now_ms,
               struct err *err) MUST_USE;

/* Something is wrong with a platform, or is over: the owner hears of each once, by whatever reaches
 * them. `say`: a short sentence of 40 bytes at most that begins with the platform's name, "Chat X
 * does not answer"; `mend`: what the owner may do, or "". Over: all whose sentence begins so. */
int life_platform(struct services *services, struct db_conn *conn, const char *say,
                  const char *mend, const char *why, int64_t now_ms, bool *ret_outbox,
                  struct err *err) MUST_USE;
int life_platform_over(struct services *services, struct db_conn *conn, const char *name,
                       int64_t now_ms, bool *ret_outbox, struct err *err) MUST_USE;

/* "Resy does not answer", of an incident's cause; static, or a part of it. */
const char *life_cause_words(const char *cause);

/* --- proof of life for people (alive.c) --- */

/* Who must hear that their watches cannot see, or do again, and who wants their line of the day.
 * *ret_outbox: there is something to send. The scheduler calls it twice a minute. */
int alive_look(struct services *services, bool *ret_outbox, struct err *err) MUST_USE;

/* One line for systemd: what is wrong, or that nothing is. */
void life_line(struct services *services, struct str *out);

/* An incident whose questions nobody asks any more is over, without a word. */
int life_nothing_asked(struct services *services, struct db_conn *conn, int64_t now_ms,
                       struct err *err) MUST_USE;

/* How it goes, for a person; the provider, the budget, the last good answer, what is wrong. */
int life_status(struct services *services, const struct account *account, struct str *out,
                struct err *err) MUST_USE;

/* What was asked of the provider is kept minute by minute, for a restart within the hour. The
 * first is called twice a minute inside a transaction, the second once before anything is asked. */
int spent_save(struct services *services, struct db_conn *conn, struct err *err) MUST_USE;
int spent_load(struct services *services, struct err *err) MUST_USE;

/* Deletes a little of what is old from every table that grows; *ret_more: call again soon. */
int retention_run(struct services *services, bool *ret_more, struct err *err) MUST_USE;

#endif
