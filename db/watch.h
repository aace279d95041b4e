/* watch.h: what people want to be told: tables venue_watch and watch_question.
 *
 * Threads: inside a db_fn.
 * Memory:  watches_free frees a list. */
#ifndef DB_WATCH_H
#define DB_WATCH_H

#include "db/question.h"

enum watch_once {              /* what ends it, before its time */
                  WATCH_EVERY, /* nothing: each table is told */
                  WATCH_FIRST, /* the first alert that was sent */
                  WATCH_EACH,  /* each restaurant's first; it is over with the last of them */
};

struct watch {
    int64_t id, account_id, chat_id, venue_id, party, from_minute, to_minute;
    int64_t interval_ms, until_ms, created_ms, inbox_id;
    int64_t max_fee_cents; /* -1: any */
    int64_t snoozed_ms;    /* silent until then */
    int64_t roll_ms;       /* 0, or when the days of one without dates move on */
    int64_t found_ms;      /* 0, or when it found its table and was over, if `once` */
    enum watch_once once;
    bool paused;
    char day[16], state[12], title[96], seating[96]; /* seating folded; "": any */
    char looking[160]; /* what it looks for, if for no restaurant by name; then venue_id is 0, and
                          venue says the same; else "" */
    /* When read; zone: written if it looks for something. Of the first of its venues: */
    char venue[160], zone[64], slug[128], city_slug[64];
    bool hours24; /* of the person */
    /* Of its questions together; fails and the last good answer are the worst of those that are
     * asked. party, day: the least. */
    int64_t questions, venues, days, party_most;
    bool gated; /* its many days are asked when a calendar says so */
    char day_last[16];
    int64_t answered_ms, first_answer_ms, answers, fails, failing_since_ms, due_ms;
    int64_t pace_ms; /* how often it is really asked, but for the budget's stretch: its fastest */
};
struct watches {
    struct watch *list;
    size_t count;
};
void watches_free(struct watches *watches);
#define auto_watches CLEANUP(watches_free) struct watches

/* *ret_id; made once for an inbox id, however often it is tried. */
int watch_add(struct db_conn *conn, const struct watch *watch, int64_t *ret_id,
              struct err *err) MUST_USE;
/* `until_ms`: when that question is over for it. */
/* `gated`: asked only while the restaurant's calendar says that there are tables that day. */
int watch_subscribe(struct db_conn *conn, int64_t watch_id, const struct question *question,
                    int64_t since_ms, int64_t until_ms, bool gated, struct err *err) MUST_USE;
int watch_unsubscribe(struct db_conn *conn, int64_t watch_id, int64_t question_id,
                      struct err *err) MUST_USE;
/* The ids of its questions, rising, at most `limit`. */
int watch_questions(struct db_conn *conn, int64_t watch_id, int64_t *ids, size_t limit,
                    size_t *ret_count, struct err *err) MUST_USE;

/* An active one of the same person with the same window, seating and fee, that asks just these
 * questions; 0: none. */
int watch_same(struct db_conn *conn, const struct watch *wish, const int64_t *questions,
               size_t count, int64_t *ret_id, struct err *err) MUST_USE;

/* Writes title, window, seating, fee, interval, once, paused, snoozed_ms, until_ms, venue_id, day
 * and party. */
int watch_set(struct db_conn *conn, const struct watch *watch, struct err *err) MUST_USE;

/* It has found its table and is over, if it is one that ends by that: *ret_found. */
int watch_found(struct db_conn *conn, int64_t id, int64_t now_ms, bool *ret_found,
                struct err *err) MUST_USE;
/* The restaurants of that alert are found, for one that waits for each: it asks them no more.
 * *ret_ids: what it no longer asks, at most `limit`; *ret_left: whether it asks others. */
int watch_found_each(struct db_conn *conn, int64_t id, int64_t outbox_id, int64_t *ids,
                     size_t limit, size_t *ret_count, bool *ret_left, struct err *err) MUST_USE;

/* The one that this message made, whatever became of it; 0: none. */
int watch_by_inbox(struct db_conn *conn, int64_t inbox_id, int64_t *ret_id,
                   struct err *err) MUST_USE;

/* Whoever's it is: *ret_found. */
int watch_get(struct db_conn *conn, int64_t id, struct watch *ret, bool *ret_found,
              struct err *err) MUST_USE;

/* A person's active watches, oldest first, at most `limit`. */
int watches_of(struct db_conn *conn, int64_t account_id, size_t limit, struct watches *ret,
               struct err *err) MUST_USE;
/* How many questions its active ones ask. */
int watch_count(struct db_conn *conn, int64_t account_id, int64_t now_ms, int64_t *ret,
                struct err *err) MUST_USE;
/* The ids of all questions that this person's ask; the caller frees *ret. */
int watch_questions_of(struct db_conn *conn, int64_t account_id, int64_t **ret, size_t *ret_count,
                       struct err *err) MUST_USE;
/* The ids of all active ones; the caller frees *ret. */
int watches_active(struct db_conn *conn, int64_t **ret, size_t *ret_count,
                   struct err *err) MUST_USE;
int watch_count_all(struct db_conn *conn, int64_t *ret, struct err *err) MUST_USE;

/* active → state for the message `inbox_id` (0: nobody's), again for the same one; *ret_changed
 * false: it was not active. */
int watch_end(struct db_conn *conn, int64_t id, const char *state, int64_t inbox_id, int64_t now_ms,
              bool *ret_changed, struct err *err) MUST_USE;

/* stopped since then → active. */
int watch_revive(struct db_conn *conn, int64_t id, int64_t since_ms, bool *ret_changed,
                 struct err *err) MUST_USE;

/* What this person stopped last: all that one message or press ended. */
int watches_last_stopped(struct db_conn *conn, int64_t account_id, int64_t *ids, size_t limit,
                         size_t *ret_count, struct err *err) MUST_USE;

/* Active ones whose time is over, at most `limit`; the next such time in *ret_next_ms. */
int watches_over(struct db_conn *conn, int64_t now_ms, size_t limit, struct watches *ret,
                 int64_t *ret_next_ms, struct err *err) MUST_USE;

/* The clock went back by so much: who is silent stays so for as long as they were to be. */
int watch_settle(struct db_conn *conn, int64_t now_ms, int64_t back_ms, struct err *err) MUST_USE;

/* The active ones whose days are to move on. */
int watches_to_roll(struct db_conn *conn, int64_t now_ms, int64_t *ids, size_t limit,
                    size_t *ret_count, struct err *err) MUST_USE;
int watch_set_roll(struct db_conn *conn, int64_t id, int64_t roll_ms, struct err *err) MUST_USE;

/* When the first of the active ones is over; INT64_MAX: none. */
int watch_next_end(struct db_conn *conn, int64_t *ret_ms, struct err *err) MUST_USE;

/* Watches that cannot see and whose people have not heard of it: of everybody of whom one question
 * has failed for more than `intervals` times its watch's interval, all that fail now. Or those that
 * see again, unless others of the same person are to be asked again in a moment. By chat and
 * person. */
struct blind_watch {
    int64_t id, chat_id, account_id, since_ms;
    char name[96]; /* title, or what it is for */
};
int watches_blind(struct db_conn *conn, int64_t now_ms, double intervals, struct blind_watch *out,
                  size_t limit, size_t *ret_count, struct err *err) MUST_USE;
int watches_seeing(struct db_conn *conn, int64_t now_ms, struct blind_watch *out, size_t limit,
                   size_t *ret_count, struct err *err) MUST_USE;
/* 0: it sees. */
int watch_set_affected(struct db_conn *conn, int64_t id, int64_t since_ms,
                       struct err *err) MUST_USE;

/* What a person's watches cost: requests a minute, a question shared by several counted in equal
 * parts. Dearest first. */
struct watch_rate {
    int64_t id;
    double a_minute;
};
int watch_rates(struct db_conn *conn, int64_t account_id, struct watch_rate *out, size_t limit,
                size_t *ret_count, struct err *err) MUST_USE;

/* What the active watches of a chat ask; the caller frees *ret_ids. */
int watches_ask_for_chat(struct db_conn *conn, int64_t chat_id, int64_t **ret_ids,
                         size_t *ret_count, struct err *err) MUST_USE;

int watch_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err) MUST_USE;

#endif
