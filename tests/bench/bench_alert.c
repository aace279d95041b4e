/* From the provider's answer to the alert in the adapter's hands: real threads, a real file. */
#include "core/base/log.h"
#include "core/orchestrator/orchestrator.h"
#include "core/services/services.h"
#include "tests/bench/bench.h"

#define OPENINGS 500

static struct cell heard;
static double heard_us;

static int take(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                struct err *err)
{
    (void)adapter, (void)err;
    snprintf(ref, PLATFORM_REF, "%lld", (long long)d->id);
    heard_us = bench_wall_us();
    env_wake(&heard);
    return 0;
}

static const struct adapter_ops ops = {.name = "t", .send = take};

static int prepare(struct db_conn *conn, void *arg, struct err *err)
{
    int64_t *q = arg, id;
    struct account account;
    struct venue venue = {.id = 1, .name = "V", .zone = "EST5EDT"};
    struct watch watch = {.venue_id = 1,
                          .party = 2,
                          .to_minute = 2000,
                          .until_ms = INT64_MAX,
                          .interval_ms = 60000,
                          .max_fee_cents = -1,
                          .inbox_id = 1,
                          .day = "2031-05-09",
                          .chat_id = 1};
    return account_of(conn, "t", "p", true, "UTC", "ny", 1, &account, err) ||
           db_exec(
               conn, err,
               "insert into chat (id, platform, own, ref, created_ms) values (1, 't', 'o', 'c', 1)",
               "") ||
           venue_put(conn, &venue, err) ||
           (watch.account_id = account.id, watch_add(conn, &watch, &id, err)) ||
           question_of(conn, 1, "2031-05-09", 2, 60000, 1, q, err) ||
           watch_subscribe(conn, id, &(struct question){.id = *q}, 1, INT64_MAX, false, err) ||
           question_refresh(conn, *q, 1, 0, err);
}

static int claim(struct db_conn *conn, void *arg, struct err *err)
{
    size_t count;
    return db_exec(conn, err, "update question set due_ms = 1, claim = null", "") ||
           question_claim(conn, "bench", 1 << 30, 0, arg, 1, &count, err);
}

int main(void)
{
    struct err err = ERR_INIT;
    struct env *env = env_threads_new();
    struct service_options options = {.interval_ms = 60000, .close_polls = 2};
    struct orchestrator_options limits = {.runs = 16, .messages_a_minute = 100};
    struct adapter adapter = {&ops};
    int64_t question_id;
    double took[OPENINGS];
    log_start(2, LOG_WARN, LOG_TEXT);
    cell_init(&heard, env);
    struct services *services = services_new(env, bench_db(env, "alert.db"), NULL, &options);
    struct orchestrator *o = orchestrator_new(services, &limits);
    orchestrator_add(o, &adapter);
    if (orchestrator_start(o, &err) || db_write(services->db, prepare, &question_id, &err))
        fprintf(stderr, "%s\n", err.why);
    for (int i = 0; i < OPENINGS; i++) {
        char seating[32];
        struct question question;
        snprintf(seating, sizeof(seating), "room %04d", i);
        struct resy_slot slot = {.start = "2031-05-09 19:15",
                                 .minute = 1155,
                                 .seating = seating,
                                 .shown = seating,
                                 .template = "1"};
        struct resy_find find = {.slots = &slot, .count = 1};
        struct check_answer answer = {.claim = "bench", .find = &find, .zone = "EST5EDT"};
        bool outbox;
        if (db_write(services->db, claim, &question, &err))
            fprintf(stderr, "%s\n", err.why);
        answer.question = question;
        answer.answered_ms = env_wall_ms(env);
        answer.due_ms = answer.answered_ms + 60000;
        double from = bench_wall_us();
        if (check_apply(services, &answer, &outbox, &err) || !outbox)
            fprintf(stderr, "no alert: %s\n", err.why);
        orchestrator_send_due(o);
        env_wait(env, &heard, ENV_FOREVER);
        took[i] = (heard_us - from) / 1000;
    }
    double fsync_ms = bench_fsync_p99(), p99 = bench_percentile(took, OPENINGS, 0.99);
    bench_line("answer_to_alert_p99", p99, "ms", "10 ms + 3 fsync", p99 / (10 + 3 * fsync_ms),
               fsync_ms, OPENINGS);
    bench_line("answer_to_alert_p50", bench_percentile(took, OPENINGS, 0.5), "ms", "-", 0, fsync_ms,
               OPENINGS);
    return 0;
}
