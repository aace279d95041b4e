#include "bot/moving.h"

#include "bot/store.h"
#include "core/services/arrival.h"
#include "db/carry.h"

#include <errno.h>

/* --- out --- */

static int print_line(void *arg, const char *line, struct err *err)
{
    (void)arg;
    if (puts(line) < 0)
        return err_errno(err, ERR_STORE, NULL, "standard output");
    return 0;
}

static int print_all(struct db_conn *conn, void *arg, struct err *err)
{
    const char *who = arg;
    char platform[32];
    struct account account;
    bool found = false;
    if (!who)
        return carry_out(conn, print_line, NULL, err);
    const char *colon = strchr(who, ':');
    if (colon && (size_t)(colon - who) < sizeof(platform)) {
        snprintf(platform, sizeof(platform), "%.*s", (int)(colon - who), who);
        if (account_find(conn, platform, colon + 1, &account, &found, err))
            return -1;
    }
    if (!found)
        return err_set(err, ERR_MISSING, NULL,
                       "nobody is known as %s; a person goes by platform and number, like "
                       "telegram:77",
                       who);
    return carry_out_person(conn, account.id, who, print_line, NULL, err);
}

int moving_out(const struct config *c, const char *who, enum exit_code *code, struct err *err)
{
    auto_text path = config_path(c, c->database);
    *code = EXIT_FAILED;
    if (db_read_file(path, print_all, (void *)(uintptr_t)who, err))
        return err->kind == ERR_STORE ? err_add(err, "%s: database.url %s", c->path, path) : -1;
    if (fflush(stdout))
        return err_errno(err, ERR_STORE, NULL, "standard output");
    return 0;
}

/* --- in --- */

struct lines {
    FILE *file;
    char *line;
    size_t room;
    int64_t number;
};

static int next_line(void *arg, const char **line, struct err *err)
{
    struct lines *l = arg;
    errno = 0;
    ssize_t len = getline(&l->line, &l->room, l->file);
    if (len < 0)
        return ferror(l->file) || errno ? err_errno(err, ERR_STORE, NULL, "reading") : 0;
    l->number++;
    if ((size_t)len > CARRY_LINE || strlen(l->line) != (size_t)len)
        return err_set(err, ERR_INPUT, NULL, "import: a line that is too long, or not text");
    l->line[strcspn(l->line, "\r\n")] = '\0';
    *line = l->line;
    return 1;
}

struct in_args {
    struct lines *lines;
    const struct carried_head *head;
    struct service_options options;
    int64_t now_ms;
    size_t watches;
};

/* It reads while it writes: nobody else has the database, and half a person is none. */
static int take_person(struct db_conn *conn, void *arg, struct err *err)
{
    struct in_args *args = arg;
    const char *line = "";
    int more = 0;
    bool end = false;
    struct arrival *arrival = arrival_begin(conn, args->head->of, &args->options, args->now_ms,
                                            err);
    if (!arrival)
        return -1;
    for (int64_t rows = 0; !end && (more = next_line(args->lines, &line, err)) > 0; rows++) {
        auto_json json = carry_row(line, rows, &end, err);
        if (!end && (!json || arrival_row(arrival, json, err)))
            break;
    }
    if (!end) {
        if (!more)
            err_set(err, ERR_INPUT, NULL, "import: it was cut: its last line is missing");
        arrival_free(arrival);
        return -1;
    }
    return arrival_end(arrival, &args->watches, err);
}

static int person_in(const struct config *c, const struct carried_head *head, struct lines *lines,
                     enum exit_code *code, struct err *err)
{
    struct store store = {0};
    struct env *env = env_threads_new();
    struct in_args args = {lines, head, store_services(c), env_wall_ms(env), 0};
    int failed = store_open(&store, env, c, code, err);
    if (!failed && db_write(store.db, take_person, &args, err)) {
        *code = EXIT_FAILED;
        failed = -1;
    }
    store_close(&store);
    env_free(env);
    if (!failed)
        printf("%s: settings, and %zu watch%s that go%s on\n", head->of, args.watches,
               args.watches == 1 ? "" : "es", args.watches == 1 ? "es" : "");
    return failed;
}

static int all_in(const struct config *c, const struct carried_head *head, struct lines *lines,
                  enum exit_code *code, struct err *err)
{
    struct store store = {0};
    enum db_trouble trouble;
    int64_t rows;
    auto_text path = config_path(c, c->database);
    if (!strcmp(path, ":memory:"))
        return err_set(err, ERR_INPUT, NULL, "import: database.url names no file");
    int failed = store_lock(&store, path, code, err);
    if (!failed && carry_in(path, head, next_line, lines, &rows, &trouble, err)) {
        *code = EXIT_FAILED;
        failed = err->kind == ERR_STORE ? store_trouble(c, trouble, code, err) : -1;
    }
    store_close(&store);
    if (!failed)
        printf("%s: %lld rows\n", path, (long long)rows);
    return failed;
}

static int read_in(const struct config *c, struct lines *lines, enum exit_code *code,
                   struct err *err)
{
    struct carried_head head;
    const char *line = "";
    int more = next_line(lines, &line, err);
    if (more <= 0)
        return more ? -1 : err_set(err, ERR_INPUT, NULL, "import: there is nothing to read");
    if (carry_head(line, &head, err))
        return -1;
    return strcmp(head.of, "all") != 0 ? person_in(c, &head, lines, code, err)
                                       : all_in(c, &head, lines, code, err);
}

int moving_in(const struct config *c, const char *file, enum exit_code *code, struct err *err)
{
    struct lines lines = {.file = file ? fopen(file, "re") : stdin};
    *code = EXIT_FAILED;
    if (!lines.file)
        return err_errno(err, ERR_INPUT, NULL, "open %s", file);
    int failed = read_in(c, &lines, code, err);
    if (failed && lines.number)
        err_add(err, "line %lld", (long long)lines.number);
    free(lines.line);
    if (file)
        fclose(lines.file);
    return failed;
}
