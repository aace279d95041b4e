#include "bot/store.h"

#include "core/base/utf8.h"

static enum exit_code store_code(enum db_trouble trouble)
{
    switch (trouble) {
    case DB_NEWER:
    case DB_READ_ONLY:
    case DB_UNREADABLE:
        return EXIT_CONFIG_WRONG;
    case DB_FULL:
        return EXIT_UNREACHABLE;
    default:
        return EXIT_FAILED;
    }
}

static const char *store_mend(enum db_trouble trouble)
{
    static const char *const mends[] = {
        [DB_FINE] = "",
        [DB_FAILED] = "",
        [DB_CORRUPT] = ("the database is damaged: stop here, keep a copy of it, and start from a "
                        "backup (or: sqlite3 OLD .recover | sqlite3 NEW)"),
        [DB_NEWER] = "",
        [DB_READ_ONLY] = "make the file and its folder writable by this user",
        [DB_UNREADABLE] = "make the folder, and let this user read and write there",
        [DB_FULL] = "the disk is full: make room, then start again; nothing is lost",
    };
    return mends[trouble];
}

struct service_options store_services(const struct config *c)
{
    struct service_options o = {
        .floor_ms = c->resy_is_local ? 0 : c->watch_floor_ms,
        .interval_ms = c->watch_default_ms,
        .quiet_ms = c->watch_quiet_ms,
        .close_polls = (int)c->watch_close_polls,
        .questions_per_person = (int)c->limits_questions,
        .search_pages = (int)c->resy_search_pages,
        .record_days = (int)c->watch_record_days,
        .booking = c->booking_enabled,
        .confirm_ms = c->booking_confirm_ms,
    };
    utf8_copy(o.zone, sizeof(o.zone), c->time_zone);
    utf8_copy(o.city, sizeof(o.city), c->city);
    o.access = !strcmp(c->access, "open")     ? ACCESS_OPEN
               : !strcmp(c->access, "owners") ? ACCESS_OWNERS
                                              : ACCESS_PAIRING;
    for (size_t i = 0; i < c->owner_count && i < OWNERS_MOST; i++)
        utf8_copy(o.owners[o.owner_count++], sizeof(o.owners[0]), c->owners[i]);
    return o;
}

int store_lock(struct store *store, const char *path, enum exit_code *code, struct err *err)
{
    store->instance = instance_take(path, err);
    if (store->instance)
        return 0;
    *code = err->kind == ERR_LIMIT ? EXIT_BUSY : EXIT_CONFIG_WRONG;
    return -1;
}

int store_trouble(const struct config *c, enum db_trouble trouble, enum exit_code *code,
                  struct err *err)
{
    auto_text path = config_path(c, c->database);
    *code = store_code(trouble);
    if (*store_mend(trouble))
        return err_add(err, "%s: database.url %s: %s", c->path, path, store_mend(trouble));
    return err_add(err, "%s: database.url %s", c->path, path);
}

int store_open(struct store *store, struct env *env, const struct config *c, enum exit_code *code,
               struct err *err)
{
    enum db_trouble trouble;
    auto_text path = config_path(c, c->database);
    if (store_lock(store, path, code, err))
        return -1;
    store->db = db_open(env, path, &trouble, err);
    return store->db ? 0 : store_trouble(c, trouble, code, err);
}

void store_close(struct store *store)
{
    db_close(store->db);
    instance_release(store->instance);
    *store = (struct store){0};
}
