#include "core/services/services.h"

#include "core/base/utf8.h"
#include "db/told.h"

#define LISTED     100
#define AT_ONCE    50
#define UNDO_MS    (15 * MINUTE_MS)
#define FRESH_MOST ((int64_t)10 * 1000)

struct start_args {
    struct services *services;
    struct watch watch;
    struct watch_started *ret;
};

static int64_t floor_of(struct services *services)
{
    return services_options(services).floor_ms;
}

static int within_limit(struct services *services, struct db_conn *conn, int64_t account_id,
                        struct err *err)
{
    int64_t count = 0;
    if (watch_count(conn, account_id, &count, err))
        return -1;
    if (count < services_options(services).questions_per_person)
        return 0;
    err_set(err, ERR_LIMIT, NULL, "%lld watches", (long long)count);
    return err_say(err,
                   "You already watch %lld things, which is the limit. Stop one first: "
                   "/watches lists them.",
                   (long long)count);
}

/* What is open is told by the next answer, or right now if the last one is fresh. */
static int look_at_once(struct services *services, struct db_conn *conn, int64_t question_id,
                        int64_t now_ms, struct err *err)
{
    struct question q;
    if (question_get(conn, question_id, &q, err))
        return -1;
    int64_t fresh = MIN_OF(q.interval_ms, FRESH_MOST);
    if (q.answers && !q.fails && q.answered_ms > now_ms - fresh && q.answered_ms <= now_ms) {
        bool outbox = false;
        return tell_owed(services, conn, &q, now_ms, &outbox, err);
    }
    /* at the next answer, whatever the clock says */
    if (question_set_look(conn, question_id, 1, err))
        return -1;
    return q.fails ? 0 : question_hasten(conn, question_id, now_ms, floor_of(services), err);
}

static int start(struct db_conn *conn, void *arg, struct err *err)
{
    struct start_args *args = arg;
    struct watch *w = &args->watch;
    struct question q;
    int64_t question_id;
    if (watch_same(conn, w, &args->ret->id, err))
        return -1;
    args->ret->was_there = args->ret->id != 0;
    if (args->ret->was_there)
        return 0;
    if (watch_by_inbox(conn, w->inbox_id, &args->ret->id, err))
        return -1;
    if (args->ret->id) /* this very message made it, before a crash */
        return 0;
    if (within_limit(args->services, conn, w->account_id, err) ||
        watch_add(conn, w, &args->ret->id, err) ||
        question_of(conn, w->venue_id, w->day, w->party, w->interval_ms, w->created_ms,
                    &question_id, err) ||
        question_get(conn, question_id, &q, err) ||
        watch_subscribe(conn, args->ret->id, question_id, w->created_ms, q.answers, err) ||
        question_refresh(conn, question_id, w->created_ms, floor_of(args->services), err))
        return -1;
    return look_at_once(args->services, conn, question_id, w->created_ms, err);
}

int watch_start(struct services *services, const struct account *account, int64_t chat_id,
                int64_t inbox_id, const struct venue *venue, const struct wish *wish,
                struct watch_started *ret, struct err *err)
{
    auto_zone zone = services_zone(venue->zone);
    const struct service_options o = services_options(services);
    struct start_args args = {.services = services,
                              .ret = ret,
                              .watch = {.account_id = account->id,
                                        .chat_id = chat_id,
                                        .venue_id = venue->id,
                                        .party = wish->party,
                                        .from_minute = wish->any_time ? 0 : wish->from_minute,
                                        .to_minute = wish->any_time ? ANY_TIME_TO : wish->to_minute,
                                        .interval_ms = MAX_OF(o.interval_ms, o.floor_ms),
                                        .created_ms = env_wall_ms(services->env),
                                        .max_fee_cents = -1,
                                        .inbox_id = inbox_id}};
    date_text(wish->day, args.watch.day);
    args.watch.until_ms = zone_utc_ms(zone, wish->day,
                                      (int)MIN_OF(args.watch.to_minute, (int64_t)ANY_TIME_TO));
    *ret = (struct watch_started){0};
    if (args.watch.until_ms <= args.watch.created_ms)
        return err_set(err, ERR_INPUT, "That time is over already. Which one do you mean?",
                       "a window in the past");
    if (db_write(services->db, start, &args, err))
        return -1;
    ret->interval_ms = (int64_t)((double)args.watch.interval_ms * services_stretch(services));
    services_look(services);
    return 0;
}

struct stop_args {
    struct services *services;
    int64_t account_id, watch_id, inbox_id, now_ms;
    struct watch *ret;
};

static int stop(struct db_conn *conn, void *arg, struct err *err)
{
    struct stop_args *args = arg;
    bool found, changed = false;
    if (watch_get(conn, args->watch_id, args->ret, &found, err))
        return -1;
    if (found && args->ret->account_id == args->account_id &&
        watch_end(conn, args->watch_id, "stopped", args->inbox_id, args->now_ms, &changed, err))
        return -1;
    if (!changed) {
        err_set(err, ERR_MISSING, NULL, "no such watch");
        return err_say(err, "You have no watch %lld that is on. /watches lists yours.",
                       (long long)args->watch_id);
    }
    return question_refresh(conn, args->ret->question_id, args->now_ms, floor_of(args->services),
                            err);
}

int watch_stop(struct services *services, int64_t account_id, int64_t watch_id, int64_t inbox_id,
               struct watch *ret, struct err *err)
{
    struct stop_args args = {services, account_id, watch_id, inbox_id, env_wall_ms(services->env),
                             ret};
    return db_write(services->db, stop, &args, err);
}

static int undo_stop(struct db_conn *conn, void *arg, struct err *err)
{
    struct stop_args *args = arg;
    struct watch *w = args->ret;
    bool found, changed = false;
    if (watch_get(conn, args->watch_id, w, &found, err))
        return -1;
    bool theirs = found && w->account_id == args->account_id;
    bool active = theirs && !strcmp(w->state, "active"); /* pressed again */
    int64_t same = 0;
    if (theirs && !active && watch_same(conn, w, &same, err))
        return -1;
    if (same)
        return err_set(err, ERR_INPUT, "You watch that again already.", "watch %lld is the same",
                       (long long)same);
    if (theirs && !active && within_limit(args->services, conn, w->account_id, err))
        return -1;
    if (theirs && !active && w->until_ms > args->now_ms &&
        watch_revive(conn, args->watch_id, args->now_ms - UNDO_MS, &changed, err))
        return -1;
    if (!changed && !active)
        return err_set(err, ERR_MISSING, "That is over, or too long ago. /watch begins a new one.",
                       "nothing to undo");
    return question_refresh(conn, w->question_id, args->now_ms, floor_of(args->services), err);
}

int watch_undo_stop(struct services *services, int64_t account_id, int64_t watch_id,
                    struct watch *ret, struct err *err)
{
    struct stop_args args = {services, account_id, watch_id, 0, env_wall_ms(services->env), ret};
    if (db_write(services->db, undo_stop, &args, err))
        return -1;
    services_look(services);
    return 0;
}

struct list_args {
    int64_t account_id;
    struct watches *ret;
};

static int list(struct db_conn *conn, void *arg, struct err *err)
{
    struct list_args *args = arg;
    return watches_of(conn, args->account_id, LISTED, args->ret, err);
}

int watch_list(struct services *services, int64_t account_id, struct watches *ret, struct err *err)
{
    struct list_args args = {account_id, ret};
    return db_read(services->db, list, &args, err);
}

static int expire_one(struct services *services, struct db_conn *conn, const struct watch *w,
                      int64_t now_ms, struct err *err)
{
    bool changed;
    struct date day;
    char words[DATE_WORDS];
    if (watch_end(conn, w->id, "expired", 0, now_ms, &changed, err) ||
        question_refresh(conn, w->question_id, now_ms, floor_of(services), err))
        return -1;
    if (!changed || date_parse(w->day, &day))
        return 0;
    auto_zone zone = services_zone(w->zone);
    auto_str text = STR_INIT(600);
    str_addf(&text, "Watch %lld has ended: %s, %s for %lld is over. I asked %lld times.",
             (long long)w->id, w->venue, date_words(day, zone_local(zone, now_ms).date, words),
             (long long)w->party, (long long)MAX_OF(w->answers, 0));
    return notice_add(services, conn, w->chat_id, text.buf, now_ms, err);
}

struct expire_args {
    struct services *services;
    int64_t now_ms, next_ms;
};

static int expire(struct db_conn *conn, void *arg, struct err *err)
{
    struct expire_args *args = arg;
    auto_watches over = {0};
    if (watches_over(conn, args->now_ms, AT_ONCE, &over, &args->next_ms, err))
        return -1;
    for (size_t i = 0; i < over.count; i++)
        if (expire_one(args->services, conn, &over.list[i], args->now_ms, err))
            return -1;
    if (over.count == AT_ONCE)
        args->next_ms = args->now_ms;
    return 0;
}

static int next_over(struct db_conn *conn, void *arg, struct err *err)
{
    struct expire_args *args = arg;
    return watch_next_end(conn, &args->next_ms, err);
}

int watches_expire(struct services *services, int64_t *ret_next_ms, struct err *err)
{
    struct expire_args args = {services, env_wall_ms(services->env), INT64_MAX};
    if (db_read(services->db, next_over, &args, err))
        return -1;
    if (args.next_ms <= args.now_ms && db_write(services->db, expire, &args, err))
        return -1;
    *ret_next_ms = args.next_ms;
    return 0;
}
