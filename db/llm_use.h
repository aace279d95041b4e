/* llm_use.h: how much of the language model somebody has used on a day of theirs: table llm_use.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values. `day` as "2031-05-09". */
#ifndef DB_LLM_USE_H
#define DB_LLM_USE_H

#include "db/db.h"

int llm_use_add(struct db_conn *conn, int64_t account_id, const char *day, int64_t tokens,
                struct err *err) MUST_USE;
/* 0: nothing yet. */
int llm_use_of(struct db_conn *conn, int64_t account_id, const char *day, int64_t *ret_tokens,
               struct err *err) MUST_USE;
/* As the other tables' prune. */
int llm_use_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                  struct err *err) MUST_USE;

#endif
