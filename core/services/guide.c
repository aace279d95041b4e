/* The lists of printed guides: whose names are the guide's. Each is looked up when somebody wants
 * it, one after another at an easy pace, and what came of it is kept. */
#include "core/services/services.h"

#include "core/base/utf8.h"
#include "db/guide.h"

#define KEPT_MS    (30 * DAY_MS)
#define MISSING_MS (7 * DAY_MS)
#define PACE_MS    300 /* others want to ask too */
#define REST_MS    ((int64_t)5 * 1000)
#define TRIES_MOST 12

const struct guide *guide_named(struct services *services, const char *words)
{
    auto_text said = utf8_fold(words);
    for (size_t i = 0; i < services->guide_count; i++) {
        const char *called = services->guides[i].called, *at = strstr(said, called);
        size_t len = strlen(called);
        bool whole = at && (at == said || at[-1] == ' ') && (!at[len] || at[len] == ' ');
        static const char *const around[] = {
            "all",    "the",    "of",  "on",         "list",     "reservations",
            "from",   "whole",  "a",   "everything", "everyone", "restaurants",
            "places", "tables", "any", "one",        "ones"};
        for (const char *word = said; whole && *word; word += strspn(word, " ")) {
            size_t n = strcspn(word, " ");
            bool small = word >= at && word < at + len;
            for (size_t k = 0; k < ARRAY_LEN(around) && !small; k++)
                small = strlen(around[k]) == n && !strncmp(around[k], word, n);
            whole = small;
            word += n;
        }
        if (whole)
            return &services->guides[i];
    }
    return NULL;
}

/* The one that has just this name; or the only one of nearly this name in that part of the city.
 * Somebody else of a like name is nobody. */
static const struct venue *pick(const struct venue_choice *choice, const struct guide_place *place)
{
    auto_text asked = utf8_fold(place->name);
    auto_text area = utf8_fold(place->area);
    const struct venue *same = NULL, *near = NULL;
    size_t sames = 0, nears = 0;
    for (size_t i = 0; i < choice->count; i++) {
        auto_text name = utf8_fold(choice->venues[i].name);
        auto_text hood = utf8_fold(choice->venues[i].neighborhood);
        int like = venue_likeness(asked, name);
        if (like == 3 && ++sames)
            same = &choice->venues[i];
        if (like >= 2 && *hood && (strstr(hood, area) || strstr(area, hood)) && ++nears)
            near = &choice->venues[i];
    }
    return sames == 1 ? same : nears == 1 ? near : NULL;
}

struct entry_args {
    const char *name;
    struct venue *venue;
    bool known;
    int64_t asked_ms, venue_id;
};

static int get_entry(struct db_conn *conn, void *arg, struct err *err)
{
    struct entry_args *args = arg;
    return guide_get(conn, args->name, args->venue, &args->known, &args->asked_ms, err);
}

static int put_entry(struct db_conn *conn, void *arg, struct err *err)
{
    struct entry_args *args = arg;
    return guide_put(conn, args->name, args->venue_id, args->asked_ms, err);
}

/* *ret_asked: the provider was. */
static int look_up(struct services *services, const struct guide *guide,
                   const struct guide_place *place, struct cancel *cancel, struct guide_found *ret,
                   bool *ret_asked, struct err *err)
{
    struct entry_args entry = {.name = place->name, .venue = &ret->venue};
    struct account there = {0};
    struct venue_choice choice;
    int64_t now = env_wall_ms(services->env);
    *ret_asked = false;
    if (db_read(services->db, get_entry, &entry, err))
        return -1;
    ret->found = entry.known;
    if (entry.asked_ms && now - entry.asked_ms < (entry.known ? KEPT_MS : MISSING_MS))
        return 0;
    utf8_copy(there.city, sizeof(there.city), guide->city);
    *ret_asked = true;
    struct err asked = ERR_INIT;
    if (venue_resolve(services, &there, place->name, cancel, &choice, &asked) == 0) {
        const struct venue *venue = pick(&choice, place);
        ret->found = venue;
        if (venue)
            ret->venue = *venue;
    } else if (asked.kind == ERR_MISSING) { /* another site books it */
        ret->found = false;
    } else {
        if (err)
            *err = asked;
        return -1;
    }
    entry.venue_id = ret->found ? ret->venue.id : 0;
    entry.asked_ms = now;
    return db_write(services->db, put_entry, &entry, err);
}

/* True: cancelled meanwhile. */
static bool rest(struct services *services, struct cancel *cancel, int64_t ms)
{
    struct cell cell;
    struct cancel_listener listener;
    int64_t until = env_mono_ms(services->env) + ms;
    cell_init(&cell, services->env);
    cancel_listen(cancel, &listener, &cell);
    while (!cancel_is_set(cancel) && env_mono_ms(services->env) < until)
        env_wait(services->env, &cell, until);
    cancel_unlisten(cancel, &listener);
    cell_done(&cell);
    return cancel_is_set(cancel);
}

/* The budget may be spent: then the rest of the list waits for it. */
static int look_up_patiently(struct services *services, const struct guide *guide, size_t i,
                             struct cancel *cancel, struct guide_found *ret, struct err *err)
{
    for (int tries = 0;; tries++) {
        struct err failed = ERR_INIT;
        bool asked;
        if (look_up(services, guide, &guide->places[i], cancel, ret, &asked, &failed) == 0) {
            if (!asked || !rest(services, cancel, PACE_MS))
                return 0;
        } else if (failed.kind != ERR_LIMIT || tries == TRIES_MOST) {
            if (err)
                *err = failed;
            return -1;
        }
        if (rest(services, cancel, MAX_OF((int64_t)failed.retry_ms, REST_MS)))
            return err_set(err, ERR_CANCELLED, NULL, "cancelled");
    }
}

int guide_look_up(struct services *services, const struct guide *guide, struct cancel *cancel,
                  void (*progress)(void *ctx, size_t done, size_t total), void *ctx,
                  struct guide_found *out, struct err *err)
{
    for (size_t i = 0; i < guide->count; i++) {
        out[i] = (struct guide_found){0};
        progress(ctx, i, guide->count);
        if (look_up_patiently(services, guide, i, cancel, &out[i], err))
            return -1;
    }
    return 0;
}
