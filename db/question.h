/* question.h: what is asked of the provider, once for everybody who wants to know: table question.
 *
 * A question holds no time of day; the windows are its subscribers'. It is due at due_ms; null
 * means that nobody wants to know, or that somebody has it (`claim`).
 * Threads: inside a db_fn. */
#ifndef DB_QUESTION_H
#define DB_QUESTION_H

#include "db/db.h"

#define QUESTION_CRITERIA 640

enum question_kind {
    QUESTION_FIND,     /* the tables of a restaurant, a day, a number of people */
    QUESTION_SEARCH,   /* who has some, of those that fit criteria */
    QUESTION_CALENDAR, /* on which days a restaurant has some */
};

struct question {
    enum question_kind kind;
    int64_t id, venue_id, party, interval_ms;       /* venue_id 0: a search */
    int64_t pace_ms;                                /* how often it is really asked */
    int64_t release_ms;                             /* when its tables are released; 0: unknown */
    char criteria[QUESTION_CRITERIA];               /* of a search, as its service writes them */
    char day[16], zone[64];                         /* zone: the venue's, when read */
    int64_t asked_ms, answered_ms, first_answer_ms; /* 0: never; only complete answers count */
    int64_t answers;                                /* complete ones, ever */
    int64_t fails, failing_since_ms;                /* in a row */
    int64_t look_ms;                                /* look at it again then; INT64_MAX: no need */
    int64_t fingerprint;                            /* of the last answer, if it left nothing open
                                                       that it lacks; 0: look closely */
    int64_t tables;                                 /* in the last answer, believed or not; of a
                                                       search: places that have some */
    bool claimed;
    bool gate_open; /* of one that is asked if a calendar says so: it does */
    char why[120];  /* of the last failure */
};

/* The question's id, made if it is new. */
int question_of(struct db_conn *conn, int64_t venue_id, const char *day, int64_t party,
                int64_t interval_ms, int64_t now_ms, int64_t *ret_id, struct err *err) MUST_USE;
/* The same for a calendar; its day is "". */
int question_calendar(struct db_conn *conn, int64_t venue_id, int64_t party, int64_t interval_ms,
                      int64_t now_ms, int64_t *ret_id, struct err *err) MUST_USE;
/* The finds of that restaurant and party that somebody has asked only if the calendar says so. */
struct gated {
    int64_t id;
    char day[16];
    bool open; /* the gate */
    bool held; /* tables of it count as open: it is asked until they are gone */
};
int questions_gated(struct db_conn *conn, const struct question *calendar, int64_t now_ms,
                    struct gated *out, size_t limit, size_t *ret_count, struct err *err) MUST_USE;
int question_set_gate(struct db_conn *conn, int64_t id, bool open, struct err *err) MUST_USE;
/* The same for a search. */
int question_search(struct db_conn *conn, const char *criteria, const char *day, int64_t party,
                    int64_t interval_ms, int64_t now_ms, int64_t *ret_id, struct err *err) MUST_USE;
/* How many requests it takes to ask it. */
int question_set_cost(struct db_conn *conn, int64_t id, int64_t cost, struct err *err) MUST_USE;
int question_get(struct db_conn *conn, int64_t id, struct question *ret, struct err *err) MUST_USE;

/* Takes the least interval of its subscribers within reach; due now (its venue's floor kept) if it
 * was not, never if it has none left. */
int question_refresh(struct db_conn *conn, int64_t id, int64_t now_ms, int64_t floor_ms,
                     struct err *err) MUST_USE;

/* About when its meal is, and when its tables are released; 0: not known. */
int question_set_times(struct db_conn *conn, int64_t id, int64_t meal_ms, int64_t release_ms,
                       struct err *err) MUST_USE;

/* Where nobody chose an interval, so that it is the usual one, fixed rules make it longer or
 * shorter, never under the floor; and near a release time everybody's is short. */
struct question_rules {
    int64_t usual_ms, floor_ms;  /* usual_ms 0: nothing is usual */
    int64_t far_ms, soon_ms;     /* a meal further off is asked for a third as often, one nearer
                                    twice as often */
    int64_t before_ms, after_ms; /* a release: as often as `fast_ms` */
    int64_t fast_ms;
};
/* Of one watch, or of all (0). */
int question_repace(struct db_conn *conn, const struct question_rules *rules, int64_t watch_id,
                    int64_t now_ms, struct err *err) MUST_USE;

/* Due now, its venue's floor kept, if it is due at all. */
int question_hasten(struct db_conn *conn, int64_t id, int64_t now_ms, int64_t floor_ms,
                    struct err *err) MUST_USE;

/* Claims what is due, the longest due first, one a venue within `floor_ms` (0: no such limit). */
int question_claim(struct db_conn *conn, const char *claim, int64_t now_ms, int64_t floor_ms,
                   struct question *out, size_t limit, size_t *ret_count, struct err *err) MUST_USE;

/* Gives a claim back: due again then. *ret_mine false: the claim was not ours any more, and
 * nothing was changed. */
int question_answered(struct db_conn *conn, const struct question *q, const char *claim,
                      int64_t answered_ms, int64_t due_ms, int64_t tables, int64_t fingerprint,
                      bool *ret_mine, struct err *err) MUST_USE;
/* It was answered out of turn, by somebody who asked for themselves: *ret_taken, unless it is being
 * asked just now. Due again after its interval. */
int question_answered_aside(struct db_conn *conn, int64_t id, int64_t answered_ms, bool *ret_taken,
                            struct err *err) MUST_USE;
int question_set_tables(struct db_conn *conn, int64_t id, int64_t tables, struct err *err) MUST_USE;
int question_set_fingerprint(struct db_conn *conn, int64_t id, int64_t fingerprint,
                             struct err *err) MUST_USE;
int question_failed(struct db_conn *conn, int64_t id, const char *claim, const char *why,
                    bool counts, int64_t now_ms, int64_t due_ms, bool *ret_mine,
                    struct err *err) MUST_USE;

/* The same for an answer without tables that is not believed: a failure, but for the pace. */
int question_doubted(struct db_conn *conn, int64_t id, const char *claim, int64_t answered_ms,
                     int64_t due_ms, bool *ret_mine, struct err *err) MUST_USE;

/* Of those that somebody wants to know: is one doubted? And, counting `q` as empty now: how many
 * restaurants have turned empty since then, of how many that had tables? */
int question_doubts(struct db_conn *conn, bool *ret, struct err *err) MUST_USE;
int question_turned(struct db_conn *conn, const struct question *q, int64_t since_ms,
                    int64_t *ret_turned, int64_t *ret_had, struct err *err) MUST_USE;

/* Empty is empty: what was doubted is due now, each venue's floor kept. Or: no emptiness is
 * believed. */
int question_vouch_all(struct db_conn *conn, int64_t now_ms, int64_t floor_ms,
                       struct err *err) MUST_USE;
/* Does one of them show tables, by an answer since then? */
int question_shows(struct db_conn *conn, int64_t since_ms, bool *ret, struct err *err) MUST_USE;
int question_doubt_all(struct db_conn *conn, int64_t now_ms, struct err *err) MUST_USE;

int question_set_look(struct db_conn *conn, int64_t id, int64_t look_ms, struct err *err) MUST_USE;

/* The earliest due time; INT64_MAX: none. */
int question_next_due(struct db_conn *conn, int64_t *ret_ms, struct err *err) MUST_USE;

/* A predecessor's claims are void: due now. */
int question_unclaim_all(struct db_conn *conn, int64_t now_ms, struct err *err) MUST_USE;

/* Claims older than that were not given back because the database would not take it: due now. */
int question_unclaim_old(struct db_conn *conn, int64_t claimed_before_ms, int64_t now_ms,
                         struct err *err) MUST_USE;

/* After a sleep or a jump of the clock: what is due further off than its interval (times
 * `stretch`) is due now, and what is overdue by more than that is spread over half an interval. */
int question_settle(struct db_conn *conn, int64_t now_ms, double stretch, struct err *err) MUST_USE;

/* The ids of all that somebody wants to know; the caller frees *ret. */
int questions_asked(struct db_conn *conn, int64_t **ret, size_t *ret_count,
                    struct err *err) MUST_USE;

struct question_load {
    int64_t active, failing, last_answer_ms;
    double a_minute; /* what the active ones ask for together */
};
int question_load(struct db_conn *conn, struct question_load *ret, struct err *err) MUST_USE;

/* Deletes some that nobody wants and that were last asked before. */
int question_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                   struct err *err) MUST_USE;

/* Somebody answered again: those that have failed since then are asked within `spread_ms`,
 * though not before their time. */
int question_hasten_failing(struct db_conn *conn, int64_t since_ms, int64_t now_ms,
                            int64_t spread_ms, struct err *err) MUST_USE;

/* How many of those that are asked fail. */
int question_failing(struct db_conn *conn, int64_t *ret_count, struct err *err) MUST_USE;

/* The next answer to each is looked at, whatever it says and whatever the clock says. */
int question_look_all(struct db_conn *conn, struct err *err) MUST_USE;

/* Those that somebody wants and that nobody asks are due now: the clock went back. */
int question_wake(struct db_conn *conn, int64_t now_ms, struct err *err) MUST_USE;

/* How long it takes to ask all that is asked of one restaurant, its floor kept: of that one of the
 * watch's restaurants where it is longest. */
int question_pace(struct db_conn *conn, int64_t watch_id, int64_t floor_ms, int64_t *ret_ms,
                  struct err *err) MUST_USE;

#endif
