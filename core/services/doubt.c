/* Failed is not full, and neither is an empty answer that nobody believes: to an address that it
 * takes for a machine's, Resy may answer everything with no tables at all.
 *
 * When more than half of the restaurants that had tables turn empty within one interval, empty
 * answers change nothing until the canary agrees: a search of the whole city and a find of one of
 * its hits, which must have a table. Where no answer has had a table for long, because all that is
 * watched is full, the canary is asked as well: that is what such a block looks like from there. */
#include "core/services/recorder.h"

#include "core/base/log.h"

#define TURNED_LEAST 2 /* one restaurant that sells out proves nothing */
#define QUIET_MS     ((int64_t)30 * MINUTE_MS)
#define RETRY_MS     MINUTE_MS
#define MISSES_MOST  2 /* before it is believed of a canary that nobody had reason to ask */
#define DAYS_AHEAD   2
#define HITS         20
#define FINDS_MOST   3

int64_t canary_due_ms(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    int64_t due = services->canary_at_ms;
    pthread_mutex_unlock(&services->lock);
    return due;
}

void canary_put_off(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    services->canary_at_ms = env_mono_ms(services->env) + RETRY_MS;
    pthread_mutex_unlock(&services->lock);
}

void canary_begins(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    services->canary_at_ms = ENV_FOREVER;
    pthread_mutex_unlock(&services->lock);
}

static void canary_ends(struct services *services, bool doubting, int misses, int64_t wait_ms)
{
    pthread_mutex_lock(&services->lock);
    if (doubting && !services->doubting)
        services->doubt_ms = env_wall_ms(services->env);
    services->doubting = doubting;
    services->canary_misses = misses;
    services->canary_at_ms = env_mono_ms(services->env) + wait_ms;
    pthread_mutex_unlock(&services->lock);
}

void canary_not_needed(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    if (!services->doubting && services->canary_at_ms != ENV_FOREVER) {
        services->canary_at_ms = env_mono_ms(services->env) + QUIET_MS;
        services->canary_misses = 0;
    }
    pthread_mutex_unlock(&services->lock);
}

static void begin_to_doubt(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    bool begins = !services->doubting;
    services->doubting = true;
    services->doubt_ms = begins ? env_wall_ms(services->env) : services->doubt_ms;
    if (begins && services->canary_at_ms != ENV_FOREVER)
        services->canary_at_ms = env_mono_ms(services->env);
    pthread_mutex_unlock(&services->lock);
    if (begins)
        services_look(services);
}

int doubt_weigh(struct services *services, struct db_conn *conn, const struct question *q,
                int64_t answered_ms, bool *ret_doubted, struct err *err)
{
    int64_t turned, had;
    int64_t interval = (int64_t)((double)q->pace_ms * services_stretch(services));
    int64_t since = answered_ms - interval - interval / 10 - 2000; /* with the jitter of the pace */
    if (question_doubts(conn, ret_doubted, err))
        return -1;
    if (!*ret_doubted && q->tables) {
        if (question_turned(conn, q, since, &turned, &had, err))
            return -1;
        *ret_doubted = turned >= TURNED_LEAST && 2 * turned > had;
    }
    if (*ret_doubted)
        begin_to_doubt(services);
    return 0;
}

int doubt_weigh_search(struct services *services, struct db_conn *conn, const struct question *q,
                       size_t had, size_t lost, size_t shown, bool *ret_doubted, struct err *err)
{
    bool doubts, turned = lost >= TURNED_LEAST && 2 * lost > had;
    *ret_doubted = false;
    if (!turned && shown)
        return 0;
    if (question_doubts(conn, &doubts, err))
        return -1;
    *ret_doubted = doubts || (turned && q->tables);
    if (*ret_doubted)
        begin_to_doubt(services);
    return 0;
}

/* --- the canary --- */

enum canary { CANARY_UNKNOWN, CANARY_TABLES, CANARY_NONE };

static enum canary try_hits(struct services *services, const struct resy_ask *ask,
                            const struct resy_hits *hits, struct date day, int party)
{
    int finds = 0;
    for (size_t i = 0; i < hits->count && finds < FINDS_MOST; i++) {
        struct err err = ERR_INIT;
        struct resy_find find;
        if (hits->venues[i].elsewhere || !hits->tables[i].count)
            continue;
        finds++;
        if (resy_find(services->resy, ask, hits->venues[i].id, day, party, &find, &err)) {
            log_err(LOG_INFO, "canary", &err, "find");
            return CANARY_UNKNOWN;
        }
        bool tables = find.count, partial = find.partial;
        resy_find_free(&find);
        if (tables)
            return CANARY_TABLES;
        if (partial)
            return CANARY_UNKNOWN;
    }
    return CANARY_NONE;
}

static enum canary try(struct services *services, struct cancel *cancel)
{
    const struct service_options options = services_options(services);
    const struct city *city = city_of(services, options.city);
    auto_zone zone = services_zone(city ? city->zone : options.zone);
    /* Not spaced out as checks are: its find comes right behind its search, and others wait. */
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    struct date today = zone_local(zone, env_wall_ms(services->env)).date;
    struct resy_query query = {.words = "",
                               .place = city ? &city->place : NULL,
                               .day = date_add(today, DAYS_AHEAD),
                               .party = 2,
                               .page = 1,
                               .per_page = HITS};
    struct err err = ERR_INIT;
    struct resy_hits hits;
    if (resy_search(services->resy, &ask, &query, &hits, &err)) {
        log_err(LOG_INFO, "canary", &err, "search");
        return CANARY_UNKNOWN;
    }
    enum canary result = try_hits(services, &ask, &hits, query.day, query.party);
    resy_hits_free(&hits);
    return result;
}

struct verdict_args {
    struct services *services;
    int64_t now_ms, doubt_ms;
    bool wanted; /* somebody wants to know something */
    bool shown;  /* an answer since the doubt began had tables: as good as the canary's */
    bool outbox;
};

static int read_wanted(struct db_conn *conn, void *arg, struct err *err)
{
    struct verdict_args *args = arg;
    struct question_load load;
    if (question_load(conn, &load, err) || question_shows(conn, args->doubt_ms, &args->shown, err))
        return -1;
    args->wanted = load.active;
    return 0;
}

static int vouch(struct db_conn *conn, void *arg, struct err *err)
{
    struct verdict_args *args = arg;
    int64_t floor_ms = services_options(args->services).floor_ms;
    record_verdict(args->services, true);
    if (question_vouch_all(conn, args->now_ms, floor_ms, err))
        return -1;
    return life_no_doubt(args->services, conn, args->now_ms, &args->outbox, err);
}

static int doubt(struct db_conn *conn, void *arg, struct err *err)
{
    struct verdict_args *args = arg;
    record_verdict(args->services, false);
    if (question_doubt_all(conn, args->now_ms, err))
        return -1;
    return life_doubt(args->services, conn, RETRY_MS, args->now_ms, &args->outbox, err);
}

/* It could not be asked, again and again: what is doubted stays so, and that is told. */
static int say_doubt(struct db_conn *conn, void *arg, struct err *err)
{
    struct verdict_args *args = arg;
    return life_doubt(args->services, conn, RETRY_MS, args->now_ms, &args->outbox, err);
}

static bool is_doubting(struct services *services, int *ret_misses, int64_t *ret_since_ms)
{
    pthread_mutex_lock(&services->lock);
    bool doubting = services->doubting;
    *ret_misses = services->canary_misses;
    *ret_since_ms = doubting ? services->doubt_ms : INT64_MAX;
    pthread_mutex_unlock(&services->lock);
    return doubting;
}

bool canary_run(struct services *services, struct cancel *cancel)
{
    struct verdict_args args = {.services = services};
    struct err err = ERR_INIT;
    int misses, failed = 0;
    bool doubting = is_doubting(services, &misses, &args.doubt_ms);
    if (db_read(services->db, read_wanted, &args, &err)) {
        log_err(LOG_ERR, "canary", &err, "is anything wanted");
        canary_ends(services, doubting, misses, RETRY_MS);
        return false;
    }
    if (!args.wanted) {
        canary_ends(services, false, 0, QUIET_MS);
        return false;
    }
    if (doubting)
        log_line(LOG_WARN, "doubt", "answers without tables are not believed; asking elsewhere");
    enum canary result = args.shown ? CANARY_TABLES : try(services, cancel);
    doubting = is_doubting(services, &misses, &args.doubt_ms);
    args.now_ms = env_wall_ms(services->env);
    misses = result == CANARY_TABLES ? 0 : result == CANARY_NONE || doubting ? misses + 1 : misses;
    bool often = misses >= MISSES_MOST;
    if (result == CANARY_TABLES)
        failed = db_write(services->db, vouch, &args, &err);
    else if (result == CANARY_NONE && (doubting || often))
        failed = db_write(services->db, doubt, &args, &err);
    else if (doubting && often)
        failed = db_write(services->db, say_doubt, &args, &err);
    if (failed)
        log_err(LOG_ERR, "canary", &err, "its verdict");
    bool believed = result == CANARY_TABLES && !failed;
    bool now_doubting = !believed && (doubting || (result == CANARY_NONE && often));
    canary_ends(services, now_doubting, misses, believed ? QUIET_MS : RETRY_MS);
    if (believed)
        services_look(services); /* what was doubted is due */
    return args.outbox;
}
