#include "core/services/recorder.h"

#include "db/booking.h"
#include "db/button.h"
#include "db/chat.h"
#include "db/inbox.h"
#include "db/incident.h"
#include "db/llm_use.h"
#include "db/newcomer.h"
#include "db/opening.h"
#include "db/snapshot.h"
#include "db/told.h"
#include "db/tool_call.h"

#define OUTBOX_MOST_MS HOUR_MS
#define RECORD_DAYS    180
#define LOOK_AFTER_MS  ((int64_t)30 * 1000) /* the press itself, answered again, looks first */
#define LOOK_MOST_MS   (10 * MINUTE_MS)

struct services *services_new(struct env *env, struct db *db, struct resy *resy,
                              const struct service_options *options)
{
    struct services *services = mem_new(1, sizeof(*services));
    services->env = env;
    services->db = db;
    services->resy = resy;
    services->options = *options;
    services->started_ms = env_wall_ms(env);
    services->stretch = 1;
    services->guides = guides;
    services->guide_count = guides_count;
    pthread_mutex_init(&services->lock, NULL);
    canary_not_needed(services);
    return services;
}

void services_free(struct services *services)
{
    if (!services)
        return;
    cities_free(services);
    pthread_mutex_destroy(&services->lock);
    free(services);
}

void services_look(struct services *services)
{
    if (services->look)
        services->look(services->look_ctx);
}

double services_stretch(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    double stretch = services->stretch;
    pthread_mutex_unlock(&services->lock);
    return stretch;
}

struct question_rules services_rules(struct services *services)
{
    const struct service_options o = services_options(services);
    /* Where no floor binds, on this machine itself, there is nobody to be polite to. */
    return (struct question_rules){.usual_ms = o.floor_ms ? o.interval_ms : 0,
                                   .floor_ms = o.floor_ms,
                                   .far_ms = 30 * DAY_MS,
                                   .soon_ms = DAY_MS,
                                   .before_ms = 2 * MINUTE_MS,
                                   .after_ms = 15 * MINUTE_MS,
                                   .fast_ms = MAX_OF(o.floor_ms, (int64_t)20 * 1000)};
}

struct service_options services_options(struct services *services)
{
    pthread_mutex_lock(&services->lock);
    struct service_options options = services->options;
    pthread_mutex_unlock(&services->lock);
    return options;
}

void services_set_options(struct services *services, const struct service_options *options)
{
    pthread_mutex_lock(&services->lock);
    services->options = *options;
    pthread_mutex_unlock(&services->lock);
}

struct zone *services_zone(const char *name)
{
    struct zone *zone = zone_new(name);
    return zone ? zone : zone_new("UTC");
}

struct settle_args {
    struct services *services;
    int64_t now_ms, back_ms;
    bool first;
    int64_t jump_ms;
};

static int settle(struct db_conn *conn, void *arg, struct err *err)
{
    struct settle_args *args = arg;
    if (args->jump_ms)
        record_jump(args->services, args->jump_ms);
    if ((args->first && question_unclaim_all(conn, args->now_ms, err)) ||
        booking_clamp(conn, args->now_ms, LOOK_MOST_MS, err) ||
        (args->first &&
         booking_settle(conn, args->services->started_ms, args->now_ms + LOOK_AFTER_MS, err)) ||
        question_settle(conn, args->now_ms, services_stretch(args->services), err) ||
        question_wake(conn, args->now_ms, err) ||
        told_settle(conn, args->now_ms, args->back_ms, err) ||
        watch_settle(conn, args->now_ms, args->back_ms, err) ||
        (args->back_ms && question_look_all(conn, err)))
        return -1;
    return outbox_settle(conn, args->now_ms, OUTBOX_MOST_MS, err);
}

int services_settle(struct services *services, bool first, int64_t jump_ms, struct err *err)
{
    struct settle_args args = {services, env_wall_ms(services->env), MAX_OF(-jump_ms, (int64_t)0),
                               first, jump_ms};
    return db_write(services->db, settle, &args, err);
}

#define TOKEN_TIME 6 /* letters */

/* Letters and digits that nobody mixes up: first the second, so that the buttons of one message lie
 * on one page of the database, then about 75 bits of chance. */
static void make_token(struct env *env, int64_t now_ms, char out[BUTTON_TOKEN])
{
    static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";
    const size_t letters = sizeof(alphabet) - 1;
    unsigned char bytes[15];
    uint64_t second = (uint64_t)now_ms / 1000;
    env_random(env, bytes, sizeof(bytes));
    for (size_t i = TOKEN_TIME; i-- > 0; second /= letters)
        out[i] = alphabet[second % letters];
    for (size_t i = 0; i < sizeof(bytes); i++)
        out[TOKEN_TIME + i] = alphabet[bytes[i] % letters];
    out[TOKEN_TIME + sizeof(bytes)] = '\0';
}

int button_offer(struct services *services, struct db_conn *conn, int64_t account_id,
                 int64_t chat_id, const struct button_spec *spec, int64_t now_ms, cJSON *list,
                 struct err *err)
{
    struct button button = {.account_id = account_id,
                            .chat_id = chat_id,
                            .expires_ms = spec->expires_ms,
                            .outbox_id = spec->outbox_id,
                            .once = spec->once};
    make_token(services->env, now_ms, button.token);
    auto_str args = STR_INIT(4096);
    if (spec->args)
        json_print(&args, spec->args);
    button.action = mem_text(spec->action);
    button.args = mem_text(spec->args ? args.buf : "{}");
    int failed = button_add(conn, &button, now_ms, err);
    button_free(&button);
    if (failed)
        return -1;
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "label", spec->label);
    cJSON_AddStringToObject(item, "press", button.token);
    if (spec->brief)
        cJSON_AddStringToObject(item, "brief", spec->brief);
    if (spec->url)
        cJSON_AddStringToObject(item, "url", spec->url);
    cJSON_AddItemToArray(list, item);
    return 0;
}

/* Each rule once: how long a table's rows are of use. */
static const struct {
    int days;
    int (*prune)(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err);
} retention[] = {
    {90, message_prune},  {1, button_prune},     {30, watch_prune},   {30, outbox_prune},
    {30, question_prune}, {90, incident_prune},  {90, inbox_prune},   {30, snapshot_prune},
    {30, newcomer_prune}, {30, tool_call_prune}, {30, llm_use_prune}, {400, booking_prune},
};

struct prune_args {
    int64_t now_ms, record_days;
    bool more;
};

static int prune_some(struct db_conn *conn, void *arg, struct err *err)
{
    struct prune_args *args = arg;
    args->more = false;
    for (size_t i = 0; i < ARRAY_LEN(retention); i++) {
        bool more = false;
        if (retention[i].prune(conn, args->now_ms - retention[i].days * DAY_MS, &more, err))
            return -1;
        args->more = args->more || more;
    }
    bool more = false;
    if (opening_prune(conn, args->now_ms - args->record_days * DAY_MS, &more, err))
        return -1;
    args->more = args->more || more;
    return 0;
}

int retention_run(struct services *services, bool *ret_more, struct err *err)
{
    int days = services_options(services).record_days;
    struct prune_args args = {.now_ms = env_wall_ms(services->env),
                              .record_days = days ? days : RECORD_DAYS};
    int failed = db_write(services->db, prune_some, &args, err);
    *ret_more = args.more;
    return failed;
}
