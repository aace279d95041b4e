#include "db/internal.h"

#include "core/base/str.h"

#include <fcntl.h>

static int version_of(struct db_conn *conn, int64_t *ret, struct err *err)
{
    return db_int_of(conn, err, ret, "pragma user_version", "") == 1 ? 0 : -1;
}

/* The copy that the owner can go back to, beside the database. */
static int keep_copy(struct db_conn *conn, const char *path, int64_t version, struct err *err)
{
    auto_str to = STR_INIT(4096);
    str_addf(&to, "%s.before-%lld", path, (long long)version + 1);
    if (unlink(to.buf) && access(to.buf, F_OK) == 0)
        return err_errno(err, ERR_STORE, NULL, "unlink %s", to.buf);
    int fd = open(to.buf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, ERR_STORE, NULL, "open %s", to.buf);
    close(fd); /* private before there is anything in it */
    return db_exec(conn, err, "vacuum into $1", "s", to.buf);
}

int migrate_dangling(struct db_conn *conn, struct err *err)
{
    int64_t count = 0;
    if (db_int_of(conn, err, &count, "select count(*) from pragma_foreign_key_check", "") < 0)
        return -1;
    return count ? err_set(err, ERR_STORE, NULL, "%lld rows point nowhere", (long long)count) : 0;
}

/* A migration may rebuild a table that others point to: SQLite would empty those when the old one
 * is dropped, so foreign keys are off meanwhile and checked before the end
 * (https://sqlite.org/lang_altertable.html). */
static int apply(struct db_conn *conn, const struct migration *migration, struct err *err)
{
    auto_str done = STR_INIT(128);
    str_addf(&done, "pragma user_version=%d; commit;", migration->number);
    if (conn_run(conn, "pragma foreign_keys=off; begin immediate", err))
        return -1;
    int failed = conn_run(conn, migration->sql, err) || migrate_dangling(conn, err) ||
                 conn_run(conn, done.buf, err);
    if (failed) {
        err_add(err, "migration %d (%s)", migration->number, migration->name);
        sqlite3_exec(conn->sqlite, "rollback", NULL, NULL, NULL);
    }
    sqlite3_exec(conn->sqlite, "pragma foreign_keys=on", NULL, NULL, NULL);
    return failed ? -1 : 0;
}

/* Its version, if we know that one. */
static int known_version(struct db_conn *conn, const char *path, int64_t *ret,
                         enum db_trouble *trouble, struct err *err)
{
    if (version_of(conn, ret, err)) {
        *trouble = conn_trouble(conn);
        return -1;
    }
    int64_t version = *ret, newest = migrations[migrations_count - 1].number;
    if (version > newest) {
        *trouble = DB_NEWER;
        return err_set(err, ERR_CONFIG, NULL,
                       "%s has version %lld, this program knows up to %lld: start the newer "
                       "program, or the backup made before it",
                       path, (long long)version, (long long)newest);
    }
    return 0;
}

int migrate_check(struct db_conn *conn, const char *path, enum db_trouble *trouble, struct err *err)
{
    int64_t version;
    return known_version(conn, path, &version, trouble, err);
}

int migrate_to(struct db_conn *conn, const char *path, int64_t newest, enum db_trouble *trouble,
               struct err *err)
{
    int64_t version = 0;
    if (known_version(conn, path, &version, trouble, err))
        return -1;
    for (size_t i = 0; i < migrations_count; i++) {
        if (migrations[i].number <= version || migrations[i].number > newest)
            continue;
        bool worth_a_copy = version > 0 && strcmp(path, ":memory:") != 0;
        if ((worth_a_copy && keep_copy(conn, path, migrations[i].number - 1, err)) ||
            apply(conn, &migrations[i], err)) {
            *trouble = conn_trouble(conn);
            return -1;
        }
    }
    return 0;
}

int migrate(struct db_conn *conn, const char *path, enum db_trouble *trouble, struct err *err)
{
    return migrate_to(conn, path, migrations[migrations_count - 1].number, trouble, err);
}
