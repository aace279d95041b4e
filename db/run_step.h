/* run_step.h: what a run has done so far: table run_step.
 *
 * Order:   by step, from 0. A step is written once, before the next begins.
 * Threads: inside a db_fn.
 * Memory:  bodies are the caller's to free with run_steps_free. */
#ifndef DB_RUN_STEP_H
#define DB_RUN_STEP_H

#include "db/db.h"

struct run_step {
    bool result; /* of a call; else an answer of the model */
    char *body;  /* JSON */
};
struct run_steps {
    struct run_step *list;
    size_t count;
};
void run_steps_free(struct run_steps *steps);
#define auto_steps CLEANUP(run_steps_free) struct run_steps

/* Again with the same number: nothing. */
int run_step_add(struct db_conn *conn, int64_t inbox_id, int64_t step, bool result,
                 const char *body, struct err *err) MUST_USE;
int run_steps_of(struct db_conn *conn, int64_t inbox_id, struct run_steps *ret,
                 struct err *err) MUST_USE;
/* The message is answered: what its results did to the answer ("effects") is of no more use. */
int run_steps_done(struct db_conn *conn, int64_t inbox_id, struct err *err) MUST_USE;

#endif
