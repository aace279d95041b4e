#include "db/tool_call.h"

#define ARGUMENTS_MOST 2000

void tool_call_free(struct tool_call *call)
{
    free(call->tool);
    free(call->arguments);
    *call = (struct tool_call){0};
}

int tool_call_add(struct db_conn *conn, const struct tool_call *c, struct err *err)
{
    return db_exec(conn, err,
                   "insert into tool_call_log (account_id, inbox_id, tool, arguments, outcome, "
                   "took_ms, created_ms) values ($1, $2, $3, substr($4, 1, $8), $5, $6, $7)",
                   "iisssiii", c->account_id, c->inbox_id, c->tool, c->arguments, c->outcome,
                   c->took_ms, c->created_ms, (int64_t)ARGUMENTS_MOST);
}

int tool_calls_last(struct db_conn *conn, int64_t account_id, struct tool_call *out, size_t limit,
                    size_t *ret_count, struct err *err)
{
    auto_rows rows = {0};
    int more;
    *ret_count = 0;
    if (db_query(conn, &rows, err,
                 "select tool, arguments, outcome = 'ok', took_ms, created_ms from tool_call_log "
                 "where account_id = $1 order by id desc limit $2",
                 "ii", account_id, (int64_t)limit))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        out[(*ret_count)++] = (struct tool_call){.account_id = account_id,
                                                 .tool = mem_text(db_text(&rows, 0)),
                                                 .arguments = mem_text(db_text(&rows, 1)),
                                                 .ok = db_int(&rows, 2),
                                                 .took_ms = db_int(&rows, 3),
                                                 .created_ms = db_int(&rows, 4)};
    return more;
}

int tool_call_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from tool_call_log where id in (select id from tool_call_log "
                "where created_ms < $1 limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}
