/* newcomer.h: who asks to be let in: table newcomer.
 *
 * A person by their id on a platform, or a chat of several people by its own.
 * Threads: inside a db_fn.
 * Memory:  plain values. */
#ifndef DB_NEWCOMER_H
#define DB_NEWCOMER_H

#include "db/db.h"

#define NEWCOMER_CODE 8

struct newcomer {
    int64_t id, chat_id, asked, expires_ms, created_ms;
    bool crowd;
    char platform[32], own[96], who[96], name[96], code[NEWCOMER_CODE];
    char state[8]; /* asks, in, out */
};

/* *ret_found. */
int newcomer_get(struct db_conn *conn, int64_t id, struct newcomer *ret, bool *ret_found,
                 struct err *err) MUST_USE;
int newcomer_of(struct db_conn *conn, const char *platform, const char *own, const char *who,
                struct newcomer *ret, bool *ret_found, struct err *err) MUST_USE;
/* Who asks with this code, and in time. */
int newcomer_by_code(struct db_conn *conn, const char *code, int64_t now_ms, struct newcomer *ret,
                     bool *ret_found, struct err *err) MUST_USE;

/* Writes all but the id, which is set in it. */
int newcomer_put(struct db_conn *conn, struct newcomer *newcomer, struct err *err) MUST_USE;

/* asks → in or out; *ret_changed false: somebody was faster. */
int newcomer_settle(struct db_conn *conn, int64_t id, bool in, bool *ret_changed,
                    struct err *err) MUST_USE;

int newcomer_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                   struct err *err) MUST_USE;

#endif
