/* db.h: the database: one writer that groups commits, a few readers, statements by name.
 *
 * Owner:   db_open … db_close by the instance that holds the lock file.
 * Threads: db_write and db_read from any task. The function given to db_write runs on the writer,
 *          in a savepoint of its own; what has queued shares one commit and one fsync.
 * Rules:   such a function may not wait, call the network or call db_* of this header that take a
 *          struct db: it aborts if it tries. It gets an open transaction and returns 0 or -1;
 *          at -1 all it wrote is undone, and nobody else's.
 * SQL:     texts are literals (statements are kept by their address), parameters $1, $2, … are
 *          bound by name in the order of `types`: i int64_t, s const char * (NULL is null),
 *          r double, n null (takes no argument). */
#ifndef DB_DB_H
#define DB_DB_H

#include "core/base/env.h"
#include "core/base/err.h"

struct db;
struct db_conn;
typedef struct sqlite3_stmt sqlite3_stmt;

enum db_trouble { DB_FINE, DB_FAILED, DB_CORRUPT, DB_NEWER, DB_READ_ONLY, DB_UNREADABLE, DB_FULL };

/* `path` may be ":memory:". Opens or makes the file (0600), checks it, migrates it after a backup
 * beside it. NULL: err, and what is wrong in *trouble. */
struct db *db_open(struct env *env, const char *path, enum db_trouble *trouble,
                   struct err *err) MUST_USE;
void db_close(struct db *db); /* what has queued is committed first; NULL is fine */

typedef int db_fn(struct db_conn *conn, void *arg, struct err *err);

/* 0: fn returned 0 and its changes are on the disk. ERR_STORE: they are not. */
int db_write(struct db *db, db_fn *fn, void *arg, struct err *err) MUST_USE;
int db_read(struct db *db, db_fn *fn, void *arg, struct err *err) MUST_USE;

/* A consistent copy into a new file of a database that others may have open; nothing is migrated
 * or locked. */
int db_copy_file(const char *path, const char *to, enum db_trouble *trouble,
                 struct err *err) MUST_USE;

/* Looks at a file that others may have open, and changes nothing: is it whole, and not newer than
 * we are? And: one reading of it. */
int db_check_file(const char *path, enum db_trouble *trouble, struct err *err) MUST_USE;
int db_read_file(const char *path, db_fn *fn, void *arg, struct err *err) MUST_USE;

int64_t db_last_turn_ms(struct db *db); /* monotonic; of the writer, for the watchdog */
uint64_t db_commits(struct db *db);
/* What the last failed commit met; DB_FINE once one went well again. */
enum db_trouble db_trouble_now(struct db *db);

/* --- inside a db_fn --- */

/* Runs a statement to its end. */
int db_exec(struct db_conn *conn, struct err *err, const char *sql, const char *types,
            ...) MUST_USE;

/* The first column of the first row: 1 found (*ret set), 0 no row, -1 failed. A null is 0. */
int db_int_of(struct db_conn *conn, struct err *err, int64_t *ret, const char *sql,
              const char *types, ...) MUST_USE;

/* The first column of all rows; the caller frees *ret, which is NULL for none. */
int db_ids(struct db_conn *conn, struct err *err, int64_t **ret, size_t *ret_count, const char *sql,
           const char *types, ...) MUST_USE;

struct db_rows {
    struct db_conn *conn;
    sqlite3_stmt *stmt;
    bool kept; /* in the cache; else finalized */
};
void db_rows_done(struct db_rows *rows);
#define auto_rows CLEANUP(db_rows_done) struct db_rows

int db_query(struct db_conn *conn, struct db_rows *rows, struct err *err, const char *sql,
             const char *types, ...) MUST_USE;
/* 1 a row, 0 the end, -1 failed. */
int db_next(struct db_rows *rows, struct err *err) MUST_USE;
int64_t db_int(struct db_rows *rows, int column);
double db_real(struct db_rows *rows, int column);
bool db_null(struct db_rows *rows, int column);
/* Borrowed until the next db_next; "" for null. */
const char *db_text(struct db_rows *rows, int column);

int64_t db_last_id(struct db_conn *conn);
int64_t db_changes(struct db_conn *conn); /* of the last db_exec */

#endif
