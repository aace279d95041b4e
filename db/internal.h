/* internal.h: what db/ shares among its own files and nobody else.
 *
 * Owner, Threads: a conn belongs to the task that works on it at the moment. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include "db/db.h"

#include <sqlite3.h>

struct kept_stmt;
struct db_conn {
    sqlite3 *sqlite;
    struct kept_stmt *kept;
};

/* Opens, sets the pragmas; `write`: makes the file if there is none. */
int conn_open(struct db_conn *conn, const char *path, bool write, enum db_trouble *trouble,
              struct err *err) MUST_USE;
void conn_close(struct db_conn *conn);

/* Plain SQL without parameters, any number of statements. */
int conn_run(struct db_conn *conn, const char *sql, struct err *err) MUST_USE;

/* err from the connection's last failure. */
int conn_fail(struct db_conn *conn, const char *what, struct err *err);
enum db_trouble conn_trouble(struct db_conn *conn);

/* DB_NEWER: this program is older than the database. */
int migrate_check(struct db_conn *conn, const char *path, enum db_trouble *trouble,
                  struct err *err) MUST_USE;

/* Brings the database to this program's version. */
int migrate(struct db_conn *conn, const char *path, enum db_trouble *trouble,
            struct err *err) MUST_USE;

/* The same, no further than that version. */
int migrate_to(struct db_conn *conn, const char *path, int64_t newest, enum db_trouble *trouble,
               struct err *err) MUST_USE;
/* ERR_STORE: some row points to one that there is not. */
int migrate_dangling(struct db_conn *conn, struct err *err) MUST_USE;

struct migration {
    int number;
    const char *name, *sql;
};
extern const struct migration migrations[]; /* made by the Makefile from db/migrations/ */
extern const size_t migrations_count;

#endif
