/* hint.h: what a search says of each restaurant, and what each watch makes of it: tables hint and
 * known.
 *
 * A search's tables are a part of those that there are, and another part each time: a hint opens
 * no table and tells nobody. It is worth a find, whose tables do.
 * known: of a hint, for one watch: it was there when the watch began; a find is under way because
 * of it; or a find had nothing that the watch wants. Without a row: the watch has not looked, or
 * was told (table told).
 * Threads: inside a db_fn.
 * Memory:  hints_free frees a list. */
#ifndef DB_HINT_H
#define DB_HINT_H

#include "db/db.h"

struct hint {
    int64_t id, venue_id, missed; /* missed: complete answers in a row without it, while open */
    bool open;
};
struct hints {
    struct hint *list;
    size_t count;
};
void hints_free(struct hints *hints);
#define auto_hints CLEANUP(hints_free) struct hints

/* By venue. */
int hints_of(struct db_conn *conn, int64_t question_id, struct hints *ret,
             struct err *err) MUST_USE;

/* It has tables (again), or still: `shown` is a JSON array of minutes. `answer`: how many complete
 * answers the search has had, this one included. */
int hint_open(struct db_conn *conn, int64_t question_id, int64_t venue_id, const char *shown,
              int64_t answer, int64_t now_ms, struct err *err) MUST_USE;
int hint_stays(struct db_conn *conn, int64_t id, const char *shown, struct err *err) MUST_USE;
int hint_set_missed(struct db_conn *conn, int64_t id, int64_t missed, struct err *err) MUST_USE;
/* What was known of it is forgotten; what was told is not. */
int hint_close(struct db_conn *conn, int64_t id, int64_t answer, int64_t now_ms,
               struct err *err) MUST_USE;

/* What is there belongs to the beginning of every watch of this search that has just begun. Those
 * that show nothing in its window do not: they may turn up later. */
int known_begin(struct db_conn *conn, int64_t question_id, struct err *err) MUST_USE;

/* The watch wants other tables now: it looks again at what had none for it. */
int known_look_again(struct db_conn *conn, int64_t watch_id, struct err *err) MUST_USE;

/* Finds that are to be asked: for hints that are there, and that a watch has neither been told of
 * nor looked at since they showed this. Also for hints that are gone whose tables count as open, so
 * that what was told can be edited. */
struct to_ask { /* those of one hint stand together */
    int64_t watch_id, hint_id, venue_id, until_ms;
};
int known_to_ask(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                 struct to_ask *out, size_t limit, size_t *ret_count, struct err *err) MUST_USE;
/* All of one hint, `count` of them, ask that find. */
int known_ask(struct db_conn *conn, const struct to_ask *asks, size_t count, int64_t find_id,
              int64_t now_ms, struct err *err) MUST_USE;

/* A find that some watches asked because of a hint is answered, and what it owes is told: they ask
 * it no longer. *ret_any: there were such. */
int known_settle(struct db_conn *conn, int64_t find_id, int64_t now_ms, bool *ret_any,
                 struct err *err) MUST_USE;

/* What a watch makes of the places that a search shows with tables now. */
struct known_count {
    int64_t there, nothing, told;
};
int known_count(struct db_conn *conn, int64_t watch_id, int64_t question_id,
                struct known_count *ret, struct err *err) MUST_USE;

#endif
