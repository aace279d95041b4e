/* The budget's hour outlives us: what was asked is written down by the minute. A crash forgets half
 * a minute of it at most, which the limit of a minute bounds. */
#include "db/spent.h"
#include "core/services/services.h"

#define MINUTES 60

/* The minute that ended last, in whole, and the one that runs. */
int spent_save(struct services *services, struct db_conn *conn, struct err *err)
{
    struct budget *budget = resy_budget(services->resy);
    int64_t wall = env_wall_ms(services->env), mono = env_mono_ms(services->env);
    for (int64_t minute = wall / MINUTE_MS - 1; minute <= wall / MINUTE_MS; minute++) {
        int64_t from = mono - (wall - minute * MINUTE_MS);
        struct spent spent = {minute, budget_taken(budget, from, from + MINUTE_MS)};
        if (spent.requests && spent_put(conn, &spent, err))
            return -1;
    }
    return 0;
}

struct load_args {
    int64_t since, until;
    struct spent list[MINUTES + 1];
    size_t count;
};

static int load(struct db_conn *conn, void *arg, struct err *err)
{
    struct load_args *args = arg;
    return spent_between(conn, args->since, args->until, args->list, ARRAY_LEN(args->list),
                         &args->count, err);
}

int spent_load(struct services *services, struct err *err)
{
    int64_t wall = env_wall_ms(services->env), mono = env_mono_ms(services->env);
    struct load_args args = {.since = wall / MINUTE_MS - MINUTES, .until = wall / MINUTE_MS};
    if (db_read(services->db, load, &args, err))
        return -1;
    for (size_t i = 0; i < args.count; i++) {
        /* The middle of it: it must not be filed under another minute when it is saved again. */
        int64_t middle = args.list[i].minute * MINUTE_MS + MINUTE_MS / 2;
        budget_add(resy_budget(services->resy), mono - MAX_OF(wall - middle, 0),
                   (unsigned)MIN_OF(args.list[i].requests, 1000000));
    }
    return 0;
}
