#include "db/llm_use.h"

int llm_use_add(struct db_conn *conn, int64_t account_id, const char *day, int64_t tokens,
                struct err *err)
{
    return db_exec(conn, err,
                   "insert into llm_use (account_id, day, tokens) values ($1, $2, $3) "
                   "on conflict do update set tokens = tokens + excluded.tokens",
                   "isi", account_id, day, tokens);
}

int llm_use_of(struct db_conn *conn, int64_t account_id, const char *day, int64_t *ret_tokens,
               struct err *err)
{
    *ret_tokens = 0;
    return db_int_of(conn, err, ret_tokens,
                     "select tokens from llm_use where account_id = $1 and day = $2", "is",
                     account_id, day) < 0
               ? -1
               : 0;
}

int llm_use_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    *ret_more = false;
    return db_exec(conn, err, "delete from llm_use where day < date($1 / 1000, 'unixepoch')", "i",
                   before_ms);
}
