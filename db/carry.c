#include "db/carry.h"

#include "db/internal.h"

#include <sys/stat.h>

#define SQL_MAX   ((size_t)8192)
#define TABLE_MAX 64

/* --- out --- */

struct carrying {
    struct db_conn *conn;
    carry_fn *fn;
    void *arg;
    int64_t rows;
};

/* What one person's account leads to; $1 is its id. In an order in which whatever is pointed to
 * comes first. */
#define WATCHES   "(select id from venue_watch where account_id = $1)"
#define QUESTIONS "(select question_id from watch_question where watch_id in " WATCHES ")"
static const struct {
    const char *table, *where;
} personal[] = {
    {"account", "id = $1"},
    {"identity", "account_id = $1"},
    {"chat", "id in (select chat_id from venue_watch where account_id = $1 union "
             "select chat_id from inbox where account_id = $1)"},
    {"venue", "id in (select venue_id from question where id in " QUESTIONS ")"},
    {"question", "id in " QUESTIONS},
    {"venue_watch", "account_id = $1"},
    {"watch_question", "watch_id in " WATCHES},
    {"slot", "id in (select slot_id from told where watch_id in " WATCHES ")"},
    {"told", "watch_id in " WATCHES},
    {"inbox", "account_id = $1"},
    {"booking_attempt", "account_id = $1"},
    {"tool_call_log", "account_id = $1"},
    {"llm_use", "account_id = $1"},
    {"run_step", "inbox_id in (select id from inbox where account_id = $1)"},
    {"message", "inbox_id in (select id from inbox where account_id = $1)"},
};

/* "'id', id, 'name', name": the table's own columns. */
static int columns_of(struct db_conn *conn, const char *table, struct str *out, struct err *err)
{
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err, "select name from pragma_table_info($1)", "s", table))
        return -1;
    while ((more = db_next(&rows, err)) > 0)
        str_addf(out, "%s'%s', \"%s\"", out->len ? ", " : "", db_text(&rows, 0), db_text(&rows, 0));
    return more;
}

/* The statement is made of our own schema's names; what is in the rows never becomes SQL. */
static int table_out(struct carrying *c, const char *table, const char *where, int64_t id,
                     struct err *err)
{
    auto_str columns = STR_INIT(SQL_MAX), sql = STR_INIT(SQL_MAX);
    sqlite3_stmt *stmt = NULL;
    int failed = 0, code = SQLITE_DONE;
    if (columns_of(c->conn, table, &columns, err))
        return -1;
    str_addf(&sql, "select json_object('table', '%s', 'row', json_object(%s)) from \"%s\" where %s",
             table, columns.buf, table, where);
    if (sqlite3_prepare_v2(c->conn->sqlite, sql.buf, -1, &stmt, NULL) != SQLITE_OK)
        return conn_fail(c->conn, table, err);
    if (sqlite3_bind_parameter_count(stmt))
        sqlite3_bind_int64(stmt, 1, id);
    while (!failed && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        failed = c->fn(c->arg, (const char *)sqlite3_column_text(stmt, 0), err);
        c->rows++;
    }
    if (!failed && code != SQLITE_DONE)
        failed = conn_fail(c->conn, table, err);
    sqlite3_finalize(stmt);
    return failed;
}

static int line_out(struct carrying *c, cJSON *json, struct err *err)
{
    auto_str line = STR_INIT(4096);
    json_print(&line, json);
    json_free(json);
    return c->fn(c->arg, line.buf, err);
}

static int head_out(struct carrying *c, const char *of, struct err *err)
{
    cJSON *head = cJSON_CreateObject();
    int64_t schema = 0;
    if (db_int_of(c->conn, err, &schema, "pragma user_version", "") < 0) {
        json_free(head);
        return -1;
    }
    cJSON_AddStringToObject(head, "maitred", "export");
    json_put_i64(head, "schema", schema);
    cJSON_AddStringToObject(head, "of", of);
    return line_out(c, head, err);
}

static int end_out(struct carrying *c, struct err *err)
{
    cJSON *end = cJSON_CreateObject();
    json_put_i64(end, "end", c->rows);
    return line_out(c, end, err);
}

int carry_out(struct db_conn *conn, carry_fn *fn, void *arg, struct err *err)
{
    struct carrying c = {.conn = conn, .fn = fn, .arg = arg};
    auto_rows tables = {0};
    int more = 0;
    if (head_out(&c, "all", err) ||
        db_query(conn, &tables, err,
                 "select name from sqlite_schema where type = 'table' and (name = "
                 "'sqlite_sequence' or name not like 'sqlite\\_%' escape '\\') "
                 "order by name = 'sqlite_sequence', name",
                 ""))
        return -1;
    while ((more = db_next(&tables, err)) > 0)
        if (table_out(&c, db_text(&tables, 0), "1", 0, err))
            return -1;
    return more < 0 ? -1 : end_out(&c, err);
}

int carry_out_person(struct db_conn *conn, int64_t account_id, const char *who, carry_fn *fn,
                     void *arg, struct err *err)
{
    struct carrying c = {.conn = conn, .fn = fn, .arg = arg};
    if (head_out(&c, who, err))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(personal); i++)
        if (table_out(&c, personal[i].table, personal[i].where, account_id, err))
            return -1;
    return end_out(&c, err);
}

/* --- reading lines --- */

static int not_ours(struct err *err, const char *why)
{
    return err_set(err, ERR_INPUT, "That is not what `maitred export` writes.", "import: %s", why);
}

int carry_head(const char *line, struct carried_head *ret, struct err *err)
{
    struct err inner = ERR_INIT;
    auto_json json = json_parse(line, strlen(line), "an export", &inner);
    const char *of = json_text(json, "of");
    *ret = (struct carried_head){.schema = json_i64_or(json, "schema", 0)};
    if (strcmp(json_text_or(json, "maitred", ""), "export") != 0 || !of || ret->schema < 1 ||
        strlen(of) >= sizeof(ret->of))
        return not_ours(err, "the first line is not an export's");
    snprintf(ret->of, sizeof(ret->of), "%s", of);
    return 0;
}

cJSON *carry_row(const char *line, int64_t rows, bool *ret_end, struct err *err)
{
    struct err inner = ERR_INIT;
    cJSON *json = json_parse(line, strlen(line), "an export", &inner);
    int64_t count;
    *ret_end = false;
    if (json_text(json, "table") && json_object(json, "row"))
        return json;
    if (json_i64(json, "end", &count)) {
        *ret_end = count == rows;
        if (!*ret_end)
            not_ours(err, "rows are missing");
    } else {
        not_ours(err, json ? "a line is neither a row nor the end" : inner.why);
    }
    json_free(json);
    return NULL;
}

/* --- in --- */

struct filling {
    struct db_conn conn;
    sqlite3_stmt *stmt; /* of the table that the last row was for */
    char table[TABLE_MAX];
    int columns;
};

static void fill_done(struct filling *f)
{
    sqlite3_finalize(f->stmt);
    f->stmt = NULL;
    f->columns = 0;
    *f->table = '\0';
}

/* A name that is none of the table's is refused, so that nothing is lost silently. */
static int names_of(struct filling *f, const cJSON *row, struct str *names, struct str *values,
                    struct err *err)
{
    const cJSON *field;
    cJSON_ArrayForEach(field, row)
    {
        int64_t one = 0;
        int known = db_int_of(&f->conn, err, &one,
                              "select 1 from pragma_table_info($1) where name = $2", "ss", f->table,
                              field->string);
        if (known < 0)
            return -1;
        if (!known)
            return not_ours(err, "a column that the table does not have");
        f->columns++;
        str_addf(names, "%s\"%s\"", names->len ? ", " : "", field->string);
        str_addf(values, "%s$1 -> 'row' ->> '%s'", values->len ? ", " : "", field->string);
    }
    return 0;
}

static int begin_table(struct filling *f, const char *table, const cJSON *row, struct err *err)
{
    auto_str names = STR_INIT(SQL_MAX), values = STR_INIT(SQL_MAX), sql = STR_INIT(2 * SQL_MAX);
    int64_t one = 0;
    fill_done(f);
    if (strlen(table) >= sizeof(f->table))
        return not_ours(err, "a table that there is not");
    snprintf(f->table, sizeof(f->table), "%s", table);
    int known = db_int_of(&f->conn, err, &one,
                          "select 1 from sqlite_schema where type = 'table' and name = $1 and "
                          "(name = 'sqlite_sequence' or name not like 'sqlite\\_%' escape '\\')",
                          "s", table);
    if (known <= 0)
        return known ? -1 : not_ours(err, "a table that there is not");
    if (names_of(f, row, &names, &values, err))
        return -1;
    str_addf(&sql, "insert into \"%s\" (%s) values (%s)", table, names.buf, values.buf);
    if (sqlite3_prepare_v2(f->conn.sqlite, sql.buf, -1, &f->stmt, NULL) != SQLITE_OK)
        return conn_fail(&f->conn, table, err);
    return 0;
}

static int row_in(struct filling *f, const char *line, const cJSON *json, struct err *err)
{
    const char *table = json_text(json, "table");
    if (strcmp(table, f->table) != 0 && begin_table(f, table, json_object(json, "row"), err))
        return -1;
    if (cJSON_GetArraySize(json_object(json, "row")) != f->columns)
        return not_ours(err, "rows of one table have different columns");
    /* Inserting rows has counted already, perhaps less far. */
    if (!strcmp(table, "sqlite_sequence") &&
        db_exec(&f->conn, err, "delete from sqlite_sequence where name = $1", "s",
                json_text_or(json, "row.name", "")))
        return -1;
    sqlite3_bind_text(f->stmt, 1, line, -1, SQLITE_STATIC);
    int code = sqlite3_step(f->stmt);
    int failed = code == SQLITE_DONE ? 0 : conn_fail(&f->conn, table, err);
    sqlite3_reset(f->stmt);
    return failed;
}

static int rows_in(struct filling *f, carry_next_fn *next, void *arg, int64_t *ret_rows,
                   struct err *err)
{
    const char *line = "";
    bool end = false;
    int more = 0;
    *ret_rows = 0;
    while (!end && (more = next(arg, &line, err)) > 0) {
        auto_json json = carry_row(line, *ret_rows, &end, err);
        if (!json && !end)
            return -1;
        if (json && row_in(f, line, json, err))
            return -1;
        *ret_rows += json != NULL;
    }
    if (more < 0)
        return -1;
    return end ? 0 : not_ours(err, "it was cut: its last line is missing");
}

/* Of the version that the lines were written by, filled, and brought to ours. */
static int fill(struct filling *f, const char *path, const struct carried_head *head,
                carry_next_fn *next, void *arg, int64_t *ret_rows, enum db_trouble *trouble,
                struct err *err)
{
    if (conn_open(&f->conn, path, true, trouble, err))
        return -1;
    int failed = migrate_to(&f->conn, path, head->schema, trouble, err) ||
                 conn_run(&f->conn, "pragma foreign_keys=off; begin immediate", err) ||
                 rows_in(f, next, arg, ret_rows, err);
    fill_done(f);
    failed = failed || migrate_dangling(&f->conn, err) ||
             conn_run(&f->conn, "commit; pragma foreign_keys=on", err) ||
             migrate(&f->conn, ":memory:", trouble, err) || /* no copy of what is a copy */
             conn_run(&f->conn, "pragma wal_checkpoint(truncate); pragma journal_mode=delete", err);
    conn_close(&f->conn);
    return failed ? -1 : 0;
}

/* There is nothing, or a database of ours in which nobody is yet. */
static int is_free(const char *path, enum db_trouble *trouble, struct err *err)
{
    struct db_conn conn = {0};
    struct stat there;
    int64_t people = 0, made = 0;
    if (stat(path, &there) || !there.st_size)
        return 0;
    if (conn_open(&conn, path, false, trouble, err))
        return -1;
    int failed = db_int_of(&conn, err, &made,
                           "select count(*) from sqlite_schema where name = 'account'", "") < 0 ||
                 (made && db_int_of(&conn, err, &people, "select count(*) from account", "") < 0);
    conn_close(&conn);
    if (failed)
        return -1;
    if (!made)
        return err_set(err, ERR_INPUT, "That file is no database of mine.",
                       "%s: it is not a database of maitred; name another file in [database] url",
                       path);
    return people ? err_set(err, ERR_INPUT,
                            "That database has people in it already. All of another one goes into "
                            "a new one: name another file in [database] url.",
                            "%s: import wants a database without people; name another file in "
                            "[database] url",
                            path)
                  : 0;
}

/* The file, and what SQLite keeps beside it; or (`beside`) only that. */
static void remove_all(const char *path, bool beside)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = beside; i < ARRAY_LEN(ends); i++) {
        auto_str file = STR_INIT(4096);
        str_addf(&file, "%s%s", path, ends[i]);
        unlink(file.buf);
    }
}

int carry_in(const char *path, const struct carried_head *head, carry_next_fn *next, void *arg,
             int64_t *ret_rows, enum db_trouble *trouble, struct err *err)
{
    struct filling f = {0};
    auto_str fresh = STR_INIT(4096);
    int64_t newest = migrations[migrations_count - 1].number;
    *trouble = DB_FAILED;
    if (head->schema > newest)
        return err_set(err, ERR_INPUT, "That was written by a newer maitred than this one.",
                       "import: version %lld, this program knows up to %lld",
                       (long long)head->schema, (long long)newest);
    if (is_free(path, trouble, err))
        return -1;
    str_addf(&fresh, "%s.import", path);
    remove_all(fresh.buf, false);
    if (fill(&f, fresh.buf, head, next, arg, ret_rows, trouble, err)) {
        remove_all(fresh.buf, false);
        return -1;
    }
    remove_all(path, true); /* of one without people, which is replaced */
    if (rename(fresh.buf, path))
        return err_errno(err, ERR_STORE, NULL, "rename %s", fresh.buf);
    return 0;
}
