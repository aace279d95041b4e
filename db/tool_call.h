/* tool_call.h: what the language model had done: table tool_call_log.
 *
 * Threads: inside a db_fn.
 * Memory:  tool_call_free frees the texts of a read one. */
#ifndef DB_TOOL_CALL_H
#define DB_TOOL_CALL_H

#include "db/db.h"

struct tool_call {
    int64_t account_id, inbox_id, took_ms, created_ms;
    char *tool, *arguments; /* cut at 2,000 characters when stored */
    const char *outcome;    /* "ok", "failed"; NULL in a read one */
    bool ok;
};
void tool_call_free(struct tool_call *call);

int tool_call_add(struct db_conn *conn, const struct tool_call *call, struct err *err) MUST_USE;
/* A person's newest, newest first. */
int tool_calls_last(struct db_conn *conn, int64_t account_id, struct tool_call *out, size_t limit,
                    size_t *ret_count, struct err *err) MUST_USE;
int tool_call_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                    struct err *err) MUST_USE;

#endif
