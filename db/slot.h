/* slot.h: the tables of a question as far as they are known: table slot.
 *
 * Identity: (question, start, seating folded); never the provider's token.
 * Threads:  inside a db_fn.
 * Memory:   slots_free frees a list. */
#ifndef DB_SLOT_H
#define DB_SLOT_H

#include "db/db.h"

struct slot {
    int64_t id, minute, start_ms, fee_cents;
    char start[20];
    char *seating, *shown;
    char template[24];
    bool open, witnessed; /* witnessed: a complete answer without it came before */
    int64_t missed;       /* complete answers in a row without it, while open */
    int64_t opened_ms, opened_answer, closed_ms, closed_answer;
};
struct slots {
    struct slot *list;
    size_t count;
};
void slots_free(struct slots *slots);
#define auto_slots CLEANUP(slots_free) struct slots

/* By minute, then seating. */
int slots_of(struct db_conn *conn, int64_t question_id, struct slots *ret,
             struct err *err) MUST_USE;

/* New, or open again: by identity. */
int slot_open(struct db_conn *conn, int64_t question_id, const struct slot *slot,
              struct err *err) MUST_USE;
int slot_set_terms(struct db_conn *conn, int64_t id, const char *template, int64_t fee_cents,
                   struct err *err) MUST_USE;
int slot_set_missed(struct db_conn *conn, int64_t id, int64_t missed, struct err *err) MUST_USE;
int slot_close(struct db_conn *conn, int64_t id, int64_t closed_ms, int64_t closed_answer,
               struct err *err) MUST_USE;

#endif
