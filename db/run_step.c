#include "db/run_step.h"

void run_steps_free(struct run_steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        free(steps->list[i].body);
    free(steps->list);
    *steps = (struct run_steps){0};
}

int run_step_add(struct db_conn *conn, int64_t inbox_id, int64_t step, bool result,
                 const char *body, struct err *err)
{
    return db_exec(conn, err,
                   "insert into run_step (inbox_id, step, kind, body) values ($1, $2, $3, $4) "
                   "on conflict do nothing",
                   "iiss", inbox_id, step, result ? "result" : "answer", body);
}

int run_steps_of(struct db_conn *conn, int64_t inbox_id, struct run_steps *ret, struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    int more;
    *ret = (struct run_steps){0};
    if (db_query(conn, &rows, err,
                 "select kind = 'result', body from run_step where inbox_id = $1 order by step",
                 "i", inbox_id))
        return -1;
    while ((more = db_next(&rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        ret->list[ret->count++] = (struct run_step){db_int(&rows, 0), mem_text(db_text(&rows, 1))};
    }
    return more;
}

int run_steps_done(struct db_conn *conn, int64_t inbox_id, struct err *err)
{
    return db_exec(conn, err,
                   "update run_step set body = json_remove(body, '$.effects') "
                   "where inbox_id = $1 and kind = 'result'",
                   "i", inbox_id);
}
