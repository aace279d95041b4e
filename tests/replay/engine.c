#include "tests/replay/engine.h"

#include "core/base/http.h"
#include "core/base/log.h"

#define CLAIM "replay"

static void failed(struct engine *e, const struct err *err, const char *what)
{
    if (!e->failure && asprintf(&e->failure, "%s: %s", what, err->why) < 0)
        abort();
}

struct life {
    struct engine engine;
    const struct engine_options *options;
    void (*fn)(struct engine *engine, void *arg);
    void *arg;
};

static void live(void *arg)
{
    struct life *life = arg;
    struct engine *e = &life->engine;
    const struct engine_options *o = life->options;
    struct err err = ERR_INIT;
    enum db_trouble trouble;
    struct http nobody = {.env = e->env};
    struct resy_options resy = {.base_url = "http://127.0.0.1:1", .web_base = "", .api_key = "x"};
    struct service_options options = {.interval_ms = o->interval_ms,
                                      .quiet_ms = o->quiet_ms,
                                      .close_polls = o->close_polls,
                                      .questions_per_person = 5000,
                                      .search_pages = 1,
                                      .zone = "UTC",
                                      .city = "ny"};
    struct db *db = db_open(e->env, ":memory:", &trouble, &err);
    if (!db) {
        failed(e, &err, "database");
        return;
    }
    struct resy *provider = resy_new(&nobody, &resy);
    e->services = services_new(e->env, db, provider, &options);
    life->fn(e, life->arg);
    services_free(e->services);
    resy_free(provider);
    db_close(db);
}

char *engine_run(const struct engine_options *options, void (*fn)(struct engine *engine, void *arg),
                 void *arg)
{
    struct life life = {.options = options, .fn = fn, .arg = arg};
    char stuck[200];
    log_start(2, LOG_ERR, LOG_TEXT);
    life.engine.env = env_sim_new(options->seed, options->wall_ms);
    if (env_sim_run(life.engine.env, live, &life, stuck, sizeof(stuck)) && !life.engine.failure)
        life.engine.failure = mem_text(stuck);
    env_free(life.engine.env);
    return life.engine.failure;
}

struct row_args {
    int64_t id;
    const char *name, *zone;
};

static int add_person(struct db_conn *conn, void *arg, struct err *err)
{
    const struct row_args *args = arg;
    return db_exec(conn, err,
                   "insert into account (id, role, zone, city, created_ms) "
                   "values ($1, 'member', 'UTC', 'ny', 1)",
                   "i", args->id) ||
           db_exec(conn, err,
                   "insert into chat (id, platform, own, ref, created_ms) values ($1, 'replay', "
                   "'bot', $1, 1)",
                   "i", args->id);
}

static int add_venue(struct db_conn *conn, void *arg, struct err *err)
{
    const struct row_args *args = arg;
    struct venue venue = {.id = args->id};
    snprintf(venue.name, sizeof(venue.name), "%s", args->name);
    snprintf(venue.zone, sizeof(venue.zone), "%s", args->zone);
    return venue_put(conn, &venue, err);
}

void engine_person(struct engine *e, int64_t person)
{
    struct err err = ERR_INIT;
    struct row_args args = {.id = person};
    if (db_write(e->services->db, add_person, &args, &err))
        failed(e, &err, "person");
}

void engine_venue(struct engine *e, int64_t id, const char *name, const char *zone)
{
    struct err err = ERR_INIT;
    struct row_args args = {id, name, zone};
    if (db_write(e->services->db, add_venue, &args, &err))
        failed(e, &err, "venue");
}

/* What a person may be refused; anything else is a failure of ours. */
static bool refused(struct engine *e, const struct err *err, const char *what)
{
    if (err->kind != ERR_INPUT && err->kind != ERR_MISSING)
        failed(e, err, what);
    return false;
}

int64_t engine_watch(struct engine *e, int64_t person, const struct watch_wish *wish,
                     struct watch *ret)
{
    struct err err = ERR_INIT;
    struct account account = {.id = person};
    struct watch_started started;
    e->alerts_due = true;
    if (watch_start(e->services, &account, person, ++e->next_inbox, wish, &started, &err))
        return refused(e, &err, "watch");
    e->once = e->once || wish->once;
    *ret = started.watch;
    return started.was_there ? 0 : started.id;
}

bool engine_change(struct engine *e, int64_t person, int64_t id, const struct watch_change *change,
                   struct watch *ret)
{
    struct err err = ERR_INIT;
    e->alerts_due = true;
    return !watch_edit(e->services, person, id, change, ret, &err) || refused(e, &err, "change");
}

bool engine_stop(struct engine *e, int64_t person, int64_t id)
{
    struct err err = ERR_INIT;
    struct watch watch;
    return !watch_stop(e->services, person, id, ++e->next_inbox, &watch, &err) ||
           refused(e, &err, "stop");
}

bool engine_undo(struct engine *e, int64_t person, int64_t id, struct watch *ret)
{
    struct err err = ERR_INIT;
    e->alerts_due = true;
    return !watch_undo_stop(e->services, person, id, ret, &err) || refused(e, &err, "undo");
}

struct due_args {
    int64_t now_ms, next_ms;
    struct question *out;
    size_t limit, count;
};

static int read_due(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *args = arg;
    return question_next_due(conn, &args->next_ms, err);
}

static int claim(struct db_conn *conn, void *arg, struct err *err)
{
    struct due_args *args = arg;
    return question_claim(conn, CLAIM, args->now_ms, 0, args->out, args->limit, &args->count, err);
}

size_t engine_due(struct engine *e, struct question *out, size_t limit)
{
    struct err err = ERR_INIT;
    struct due_args args = {.now_ms = env_wall_ms(e->env), .out = out, .limit = limit};
    if (db_read(e->services->db, read_due, &args, &err) ||
        (args.next_ms <= args.now_ms && db_write(e->services->db, claim, &args, &err)))
        failed(e, &err, "claim");
    return args.count;
}

struct claim_args {
    int64_t venue_id, party, now_ms, id;
    const char *day;
    struct question *ret;
    bool found;
};

static int claim_one(struct db_conn *conn, void *arg, struct err *err)
{
    struct claim_args *args = arg;
    int found = db_int_of(conn, err, &args->id,
                          "select id from question where venue_id = $1 and day = $2 "
                          "and party = $3 and due_ms is not null",
                          "isi", args->venue_id, args->day, args->party);
    args->found = found > 0;
    if (found <= 0)
        return found;
    return db_exec(conn, err,
                   "update question set claim = '" CLAIM "', due_ms = null, asked_ms = $2 "
                   "where id = $1",
                   "ii", args->id, args->now_ms) ||
           question_get(conn, args->id, args->ret, err);
}

bool engine_claim(struct engine *e, int64_t venue_id, const char *day, int64_t party,
                  struct question *ret)
{
    struct err err = ERR_INIT;
    struct claim_args args = {venue_id, party, env_wall_ms(e->env), 0, day, ret, false};
    if (db_write(e->services->db, claim_one, &args, &err))
        failed(e, &err, "claim");
    return args.found;
}

static int read_question(struct db_conn *conn, void *arg, struct err *err)
{
    struct claim_args *args = arg;
    return question_get(conn, args->id, args->ret, err);
}

bool engine_question(struct engine *e, int64_t id, struct question *ret)
{
    struct err err = ERR_INIT;
    struct claim_args args = {.id = id, .ret = ret};
    return !db_read(e->services->db, read_question, &args, &err);
}

void engine_answer(struct engine *e, const struct question *q, const struct resy_find *find)
{
    struct err err = ERR_INIT;
    bool outbox;
    struct check_answer answer = {.question = *q,
                                  .claim = CLAIM,
                                  .find = find,
                                  .zone = q->zone,
                                  .answered_ms = env_wall_ms(e->env)};
    answer.due_ms = answer.answered_ms + q->interval_ms;
    if (check_apply(e->services, &answer, &outbox, &err))
        failed(e, &err, "answer");
    e->alerts_due = e->alerts_due || outbox;
}

void engine_fail(struct engine *e, const struct question *q, enum resy_fault fault)
{
    struct err why = ERR_INIT;
    err_set(&why, ERR_REMOTE, NULL, "%s", resy_fault_name(fault));
    check_failed(e->services, q, CLAIM, fault, &why);
}

struct gate_args {
    struct engine *engine;
    int64_t venue_id, party;
    const char *day;
    bool open;
};

static int set_gate(struct db_conn *conn, void *arg, struct err *err)
{
    struct gate_args *args = arg;
    int64_t id;
    int found = db_int_of(conn, err, &id,
                          "select id from question where kind = 'find' and venue_id = $1 "
                          "and day = $2 and party = $3",
                          "isi", args->venue_id, args->day, args->party);
    if (found <= 0)
        return found;
    return question_set_gate(conn, id, args->open, err) ||
           question_refresh(conn, id, env_wall_ms(args->engine->env), 0, err);
}

void engine_gate(struct engine *e, int64_t venue_id, const char *day, int64_t party, bool open)
{
    struct err err = ERR_INIT;
    struct gate_args args = {e, venue_id, party, day, open};
    if (db_write(e->services->db, set_gate, &args, &err))
        failed(e, &err, "gate");
}

static int vouch(struct db_conn *conn, void *arg, struct err *err)
{
    struct engine *e = arg;
    return question_vouch_all(conn, env_wall_ms(e->env), 0, err);
}

static int doubt(struct db_conn *conn, void *arg, struct err *err)
{
    struct engine *e = arg;
    return question_doubt_all(conn, env_wall_ms(e->env), err);
}

void engine_verdict(struct engine *e, bool believed)
{
    struct err err = ERR_INIT;
    if (db_write(e->services->db, believed ? vouch : doubt, e, &err))
        failed(e, &err, "verdict");
}

void engine_expire(struct engine *e)
{
    struct err err = ERR_INIT;
    int64_t next;
    if (watches_expire(e->services, &next, &err))
        failed(e, &err, "expire");
}

void engine_jump(struct engine *e, int64_t by_ms)
{
    struct err err = ERR_INIT;
    env_sim_jump_wall(e->env, by_ms);
    if (services_settle(e->services, false, by_ms, &err))
        failed(e, &err, "settle");
}

struct alerts_args {
    struct engine *engine;
    struct engine_alert *list;
    size_t count, room;
    int64_t to;
};

static int read_alerts(struct db_conn *conn, void *arg, struct err *err)
{
    struct alerts_args *args = arg;
    auto_rows rows = {0};
    int more;
    if (db_query(conn, &rows, err,
                 "select o.id, t.watch_id, s.question_id, s.minute, s.seating from outbox o "
                 "join told t on t.outbox_id = o.id join slot s on s.id = t.slot_id "
                 "where o.id > $1 and o.kind = 'alert' order by o.id",
                 "i", args->engine->alerts_to))
        return -1;
    while ((more = db_next(&rows, err)) > 0) {
        args->list = mem_grow(args->list, &args->room, args->count + 1, sizeof(*args->list));
        struct engine_alert *alert = &args->list[args->count++];
        args->to = db_int(&rows, 0);
        *alert = (struct engine_alert){db_int(&rows, 1), db_int(&rows, 2), db_int(&rows, 3), ""};
        snprintf(alert->seating, sizeof(alert->seating), "%s", db_text(&rows, 4));
    }
    return more;
}

static int sent(struct db_conn *conn, void *arg, struct err *err)
{
    struct alerts_args *args = arg;
    struct engine *e = args->engine;
    for (int64_t id = e->alerts_to + 1; id <= args->to && e->once; id++)
        if (watch_told(e->services, conn, id, env_wall_ms(e->env), err))
            return -1;
    return 0;
}

void engine_alerts(struct engine *e, void (*each)(void *ctx, const struct engine_alert *alert),
                   void *ctx)
{
    struct err err = ERR_INIT;
    struct alerts_args args = {.engine = e, .to = e->alerts_to};
    if (!e->alerts_due)
        return;
    e->alerts_due = false;
    if (db_read(e->services->db, read_alerts, &args, &err))
        failed(e, &err, "alerts");
    for (size_t i = 0; i < args.count; i++)
        each(ctx, &args.list[i]);
    if (args.count && e->once && db_write(e->services->db, sent, &args, &err))
        failed(e, &err, "sent");
    e->alerts_to = args.to;
    free(args.list);
}

static int clear(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "delete from told", "") ||
           db_exec(conn, err, "delete from outbox", "") ||
           db_exec(conn, err, "delete from venue_watch", "") ||
           db_exec(conn, err, "delete from question", "") ||
           db_exec(conn, err, "delete from incident", "");
}

void engine_clear(struct engine *e)
{
    struct err err = ERR_INIT;
    if (db_write(e->services->db, clear, NULL, &err))
        failed(e, &err, "clear");
    e->alerts_to = 0;
    e->once = false;
}
