#include "db/internal.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <uthash.h>

struct kept_stmt {
    const char *sql; /* the literal's address is the key */
    sqlite3_stmt *stmt;
    UT_hash_handle hh;
};

enum db_trouble conn_trouble(struct db_conn *conn)
{
    switch (sqlite3_errcode(conn->sqlite) & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DB_CORRUPT;
    case SQLITE_READONLY:
        return DB_READ_ONLY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return DB_UNREADABLE;
    case SQLITE_FULL:
        return DB_FULL;
    case SQLITE_IOERR:
        return sqlite3_system_errno(conn->sqlite) == 28 ? DB_FULL : DB_FAILED;
    default:
        return DB_FAILED;
    }
}

int conn_fail(struct db_conn *conn, const char *what, struct err *err)
{
    return err_set(err, ERR_STORE,
                   conn_trouble(conn) == DB_FULL
                       ? "My disk is full; I could not save that. Please tell my owner."
                       : NULL,
                   "sqlite: %s: %s (%d)", what, sqlite3_errmsg(conn->sqlite),
                   sqlite3_extended_errcode(conn->sqlite));
}

int conn_run(struct db_conn *conn, const char *sql, struct err *err)
{
    if (sqlite3_exec(conn->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return conn_fail(conn, "statement", err);
}

static int make_private(const char *path, enum db_trouble *trouble, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        *trouble = access(path, F_OK) == 0 && access(path, R_OK) == 0 ? DB_READ_ONLY
                                                                      : DB_UNREADABLE;
        return err_errno(err, ERR_STORE, NULL, "open %s", path);
    }
    close(fd);
    return 0;
}

/* Its count of what is allocated, which nobody reads, costs a lock an allocation. */
static void count_nothing(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int conn_open(struct db_conn *conn, const char *path, bool write, enum db_trouble *trouble,
              struct err *err)
{
    static const char pragmas[] =
        "pragma foreign_keys=on; pragma synchronous=full; pragma cache_size=-512;"
        "pragma temp_store=memory; pragma mmap_size=0; pragma trusted_schema=off;";
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool memory = !strcmp(path, ":memory:");
    pthread_once(&once, count_nothing);
    int flags = (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                SQLITE_OPEN_NOMUTEX;
    if (write && !memory && make_private(path, trouble, err))
        return -1;
    if (sqlite3_open_v2(path, &conn->sqlite, flags, NULL) != SQLITE_OK)
        goto fail;
    sqlite3_busy_timeout(conn->sqlite, 2000); /* for other processes only: backup, a shell */
    if (conn_run(conn, pragmas, err) ||
        (!WITH_ASAN && !WITH_TSAN && conn_run(conn, "pragma ignore_check_constraints=on;", err)) ||
        (write && !memory &&
         conn_run(conn, "pragma journal_mode=wal; pragma cache_size=-1024;", err)))
        goto fail;
    if (write && sqlite3_db_readonly(conn->sqlite, "main")) {
        *trouble = DB_READ_ONLY;
        err_set(err, ERR_STORE, NULL, "%s is read-only", path);
        conn_close(conn);
        return -1;
    }
    return 0;
fail:
    *trouble = conn_trouble(conn);
    conn_fail(conn, path, err);
    conn_close(conn);
    return -1;
}

void conn_close(struct db_conn *conn)
{
    struct kept_stmt *kept, *tmp;
    HASH_ITER(hh, conn->kept, kept, tmp)
    {
        HASH_DEL(conn->kept, kept);
        sqlite3_finalize(kept->stmt);
        free(kept);
    }
    sqlite3_close(conn->sqlite);
    conn->sqlite = NULL;
}

static int prepare(struct db_conn *conn, struct db_rows *rows, const char *sql, struct err *err)
{
    struct kept_stmt *kept;
    HASH_FIND_PTR(conn->kept, &sql, kept);
    *rows = (struct db_rows){.conn = conn, .kept = true};
    if (kept && !sqlite3_stmt_busy(kept->stmt)) {
        rows->stmt = kept->stmt;
        return 0;
    }
    if (sqlite3_prepare_v3(conn->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows->stmt, NULL) !=
        SQLITE_OK)
        return conn_fail(conn, sql, err);
    if (kept) { /* the same statement inside itself: this one is for once */
        rows->kept = false;
        return 0;
    }
    kept = mem_new(1, sizeof(*kept));
    kept->sql = sql;
    kept->stmt = rows->stmt;
    HASH_ADD_PTR(conn->kept, sql, kept);
    return 0;
}

static void bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
    for (int i = 1; *types; types++, i++) {
        char name[16];
        snprintf(name, sizeof(name), "$%d", i);
        int at = sqlite3_bind_parameter_index(stmt, name);
        assert(at && "a parameter that the statement does not have");
        const char *text;
        switch (*types) {
        case 'i':
            sqlite3_bind_int64(stmt, at, va_arg(args, int64_t));
            break;
        case 'r':
            sqlite3_bind_double(stmt, at, va_arg(args, double));
            break;
        case 's':
            text = va_arg(args, const char *);
            sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
            break;
        default:
            assert(*types == 'n');
            sqlite3_bind_null(stmt, at);
        }
    }
}

void db_rows_done(struct db_rows *rows)
{
    if (!rows->stmt)
        return;
    if (rows->kept) {
        sqlite3_reset(rows->stmt);
        sqlite3_clear_bindings(rows->stmt);
    } else {
        sqlite3_finalize(rows->stmt);
    }
    rows->stmt = NULL;
}

static int query(struct db_conn *conn, struct db_rows *rows, struct err *err, const char *sql,
                 const char *types, va_list args)
{
    if (prepare(conn, rows, sql, err))
        return -1;
    bind(rows->stmt, types, args);
    return 0;
}

int db_query(struct db_conn *conn, struct db_rows *rows, struct err *err, const char *sql,
             const char *types, ...)
{
    va_list args;
    va_start(args, types);
    int failed = query(conn, rows, err, sql, types, args);
    va_end(args);
    return failed;
}

int db_next(struct db_rows *rows, struct err *err)
{
    int code = sqlite3_step(rows->stmt);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    return conn_fail(rows->conn, sqlite3_sql(rows->stmt), err);
}

int db_exec(struct db_conn *conn, struct err *err, const char *sql, const char *types, ...)
{
    auto_rows rows = {0};
    va_list args;
    va_start(args, types);
    int failed = query(conn, &rows, err, sql, types, args);
    va_end(args);
    if (failed)
        return -1;
    int more;
    while ((more = db_next(&rows, err)) > 0)
        continue;
    return more;
}

int db_int_of(struct db_conn *conn, struct err *err, int64_t *ret, const char *sql,
              const char *types, ...)
{
    auto_rows rows = {0};
    va_list args;
    va_start(args, types);
    int failed = query(conn, &rows, err, sql, types, args);
    va_end(args);
    if (failed)
        return -1;
    int found = db_next(&rows, err);
    if (found > 0)
        *ret = db_int(&rows, 0);
    return found;
}

int db_ids(struct db_conn *conn, struct err *err, int64_t **ret, size_t *ret_count, const char *sql,
           const char *types, ...)
{
    auto_rows rows = {0};
    size_t room = 0;
    int more;
    va_list args;
    *ret = NULL;
    *ret_count = 0;
    va_start(args, types);
    int failed = query(conn, &rows, err, sql, types, args);
    va_end(args);
    if (failed)
        return -1;
    while ((more = db_next(&rows, err)) > 0) {
        *ret = mem_grow(*ret, &room, *ret_count + 1, sizeof(**ret));
        (*ret)[(*ret_count)++] = db_int(&rows, 0);
    }
    return more;
}

int64_t db_int(struct db_rows *rows, int column)
{
    return sqlite3_column_int64(rows->stmt, column);
}

double db_real(struct db_rows *rows, int column)
{
    return sqlite3_column_double(rows->stmt, column);
}

bool db_null(struct db_rows *rows, int column)
{
    return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

const char *db_text(struct db_rows *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows->stmt, column);
    return text ? (const char *)text : "";
}

int64_t db_last_id(struct db_conn *conn)
{
    return sqlite3_last_insert_rowid(conn->sqlite);
}

int64_t db_changes(struct db_conn *conn)
{
    return sqlite3_changes64(conn->sqlite);
}
