/* told.h: who has been told of which slot, and who is owed it: table told.
 *
 * Owed is worked out from state, never from edges: a slot that is open, that an active watch
 * wants, and that this watch has not been told of. A telling that is forgotten counts no more, and
 * stays: by it the message that told is found when the slot closes.
 * Threads: inside a db_fn.
 * Memory:  owed_free, told_slots_free free lists. */
#ifndef DB_TOLD_H
#define DB_TOLD_H

#include "db/db.h"
#include "db/watch.h"

struct owed {
    int64_t watch_id, chat_id, account_id, slot_id, minute, party;
    int64_t since_ms, since_answer; /* when the watch began to look */
    int64_t opened_ms, opened_answer, closed_ms, closed_answer;
    bool witnessed;
    bool hinted; /* of a watch that looks for no restaurant by name */
};
struct owed_list {
    struct owed *list;
    size_t count;
};
void owed_free(struct owed_list *owed);
#define auto_owed CLEANUP(owed_free) struct owed_list

/* By chat, person, watch and minute. Slots in the past are nobody's due. */
int told_owed(struct db_conn *conn, int64_t question_id, int64_t now_ms, struct owed_list *ret,
              struct err *err) MUST_USE;

/* All that `rows` (a JSON array of [watch, slot, outbox]) has, in one statement; a forgotten
 * telling of the same becomes this one. `answer`: how many complete answers the question has had.
 */
int told_add(struct db_conn *conn, const char *rows, int64_t answer, int64_t now_ms,
             struct err *err) MUST_USE;

/* Tellings of the question older than `quiet_ms` whose slot has closed since are forgotten. */
int told_forget(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                struct err *err) MUST_USE;

/* When the next telling of an open slot may be forgotten, or somebody listens again; INT64_MAX:
 * never. */
int told_next_look(struct db_conn *conn, int64_t question_id, int64_t now_ms, int64_t quiet_ms,
                   int64_t *ret_ms, struct err *err) MUST_USE;

/* The clock went back by so much (0: nobody knows how much): what was told stays as old as it is,
 * and nobody was told in the future. */
int told_settle(struct db_conn *conn, int64_t now_ms, int64_t back_ms, struct err *err) MUST_USE;

/* The alert never left: what it would have told is untold. */
int told_undo(struct db_conn *conn, int64_t outbox_id, struct err *err) MUST_USE;
/* The same for the part that nobody waits for any more: stopped, paused, silent, or edited to want
 * something else meanwhile. */
int told_undo_dead(struct db_conn *conn, int64_t outbox_id, int64_t now_ms,
                   struct err *err) MUST_USE;
int told_undo_closed(struct db_conn *conn, int64_t outbox_id, struct err *err) MUST_USE;

struct told_slot {
    int64_t minute, start_ms, fee_cents, closed_ms, opened_ms;
    bool open;
    char shown[96];
};
struct told_slots { /* of one question: its day, party and restaurant */
    struct told_slot *list;
    size_t count;
    int64_t party, venue_id;
    char day[16], venue[160], zone[64], slug[128], city_slug[64];
};
void told_slots_free(struct told_slots *slots);
#define auto_told_slots CLEANUP(told_slots_free) struct told_slots

/* The questions whose slots an alert told of, by day and restaurant: one, unless it is a digest. */
int told_questions_of(struct db_conn *conn, int64_t outbox_id, int64_t *ids, size_t limit,
                      size_t *ret_count, struct err *err) MUST_USE;

/* The slots of one of them that it told of, by minute. question_id 0: of its only one. */
int told_slots_of(struct db_conn *conn, int64_t outbox_id, int64_t question_id,
                  struct told_slots *ret, struct err *err) MUST_USE;

/* The watches that it told and that still wait, or have found what they were to find. */
struct told_watch {
    int64_t id;
    enum watch_once once;
};
int told_watches_of(struct db_conn *conn, int64_t outbox_id, int64_t now_ms, struct told_watch *out,
                    size_t limit, size_t *ret_count, struct err *err) MUST_USE;

/* What a person was told by their watches (`watch_id` 0: by all of them), and that has been sent:
 * a line for each watch, restaurant, day and number of people, newest first. */
struct told_line {
    int64_t watch_id, party, told_ms;
    int64_t tables, open, minute; /* how many, how many of them are there still, and the earliest */
    char venue[160], day[16], zone[64];
};
int told_lines(struct db_conn *conn, int64_t account_id, int64_t watch_id, int64_t now_ms,
               struct told_line *out, size_t limit, size_t *ret_count, struct err *err) MUST_USE;

/* When this watch was told of the slot; 0: it was not. */
int told_when(struct db_conn *conn, int64_t watch_id, int64_t slot_id, int64_t *ret_ms,
              struct err *err) MUST_USE;

/* Queues an edit of each sent alert that told of this slot (one waiting edit an alert). */
int told_queue_edits(struct db_conn *conn, int64_t slot_id, int64_t now_ms, bool *ret_any,
                     struct err *err) MUST_USE;

#endif
