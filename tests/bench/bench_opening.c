/* One opening that a thousand people wait for: one commit, and what it costs; and a turn of the
 * scheduler with 100,000 watches over 2,000 questions. On a real file. */
#include "core/services/services.h"

#include "core/base/log.h"
#include "tests/bench/bench.h"

#define SUBSCRIBERS 1000
#define QUESTIONS   2000
#define WATCHES     100000
#define OPENINGS    50
#define TURNS       60

static struct account account;
static int made;

static int add_watch(struct db_conn *conn, int64_t venue_id, int64_t chat_id, struct err *err)
{
    int64_t id, q;
    struct watch watch = {.account_id = account.id,
                          .chat_id = chat_id,
                          .venue_id = venue_id,
                          .party = 2,
                          .to_minute = 1740,
                          .until_ms = INT64_MAX,
                          .interval_ms = 60000,
                          .max_fee_cents = -1,
                          .inbox_id = ++made,
                          .day = "2031-05-09"};
    return watch_add(conn, &watch, &id, err) ||
           question_of(conn, venue_id, watch.day, 2, 60000, 1, &q, err) ||
           watch_subscribe(conn, id, &(struct question){.id = q}, 1, INT64_MAX, false, err);
}

static int prepare(struct db_conn *conn, void *arg, struct err *err)
{
    struct venue venue = {.name = "V", .zone = "EST5EDT"};
    (void)arg;
    if (account_of(conn, "t", "p", true, "UTC", "ny", 1, &account, err))
        return -1;
    for (int i = 1; i <= SUBSCRIBERS; i++)
        if (db_exec(conn, err,
                    "insert into chat (id, platform, own, ref, created_ms) values ($1, 't', 'o', "
                    "$1, 1)",
                    "i", (int64_t)i))
            return -1;
    for (venue.id = 1; venue.id <= QUESTIONS; venue.id++)
        if (venue_put(conn, &venue, err))
            return -1;
    for (int i = 1; i <= SUBSCRIBERS; i++)
        if (add_watch(conn, 1, i, err))
            return -1;
    for (int i = 0; i < WATCHES; i++)
        if (add_watch(conn, 1 + i % QUESTIONS, 1, err))
            return -1;
    return 0;
}

static int make_due(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "delete from slot", "") ||
           db_exec(conn, err, "delete from outbox", "") ||
           db_exec(conn, err,
                   "update question set due_ms = 1 + id * 30, claim = null, fingerprint = 0", "");
}

static int forget_rest(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "delete from venue_watch where id > $1", "i", (int64_t)SUBSCRIBERS);
}

struct turn {
    int64_t now_ms;
    size_t limit, count;
    struct question questions[64];
};

static int claim(struct db_conn *conn, void *arg, struct err *err)
{
    struct turn *turn = arg;
    return question_claim(conn, "bench", turn->now_ms, 0, turn->questions, turn->limit,
                          &turn->count, err);
}

static void answer(struct services *services, const struct question *q, int minute)
{
    struct err err = ERR_INIT;
    bool outbox;
    char seating[32];
    snprintf(seating, sizeof(seating), "room %d", minute);
    struct resy_slot slot = {.start = "2031-05-09 19:15",
                             .minute = 1155,
                             .seating = seating,
                             .shown = seating,
                             .template = "1"};
    struct resy_find find = {.slots = &slot, .count = minute ? 1 : 0};
    struct check_answer a = {.question = *q, .claim = "bench", .find = &find, .zone = "EST5EDT"};
    a.answered_ms = env_wall_ms(services->env);
    a.due_ms = a.answered_ms + 60000;
    if (check_apply(services, &a, &outbox, &err))
        fprintf(stderr, "%s\n", err.why);
}

/* Turns of the scheduler, a second each: what is due is claimed, answered, stored. */
static void turns(struct services *services)
{
    struct err err = ERR_INIT;
    struct turn turn = {.limit = 64};
    double took[TURNS];
    size_t asked = 0;
    if (db_write(services->db, make_due, NULL, &err))
        fprintf(stderr, "%s\n", err.why);
    for (int i = 0; i < TURNS; i++) {
        double from = bench_cpu_us();
        turn.now_ms = (i + 1) * 1000;
        if (db_write(services->db, claim, &turn, &err))
            fprintf(stderr, "%s\n", err.why);
        for (size_t k = 0; k < turn.count; k++)
            answer(services, &turn.questions[k], 0);
        asked += turn.count;
        took[i] = (bench_cpu_us() - from) / 1000;
    }
    double worst = bench_percentile(took, TURNS, 1);
    bench_line("turn_100000_watches_2000_questions_cpu", worst, "ms", "50 ms", worst / 50,
               bench_fsync_p99(), asked);
}

static void openings(struct services *services)
{
    struct err err = ERR_INIT;
    struct turn turn = {.now_ms = INT64_MAX, .limit = 1};
    double took[OPENINGS];
    if (db_write(services->db, forget_rest, NULL, &err))
        fprintf(stderr, "%s\n", err.why);
    uint64_t commits = 0;
    for (int i = 0; i < OPENINGS; i++) {
        if (db_write(services->db, make_due, NULL, &err) ||
            db_write(services->db, claim, &turn, &err))
            fprintf(stderr, "%s\n", err.why);
        uint64_t before = db_commits(services->db);
        double from = bench_cpu_us();
        answer(services, &turn.questions[0], i + 1);
        took[i] = (bench_cpu_us() - from) / 1000;
        commits += db_commits(services->db) - before;
    }
    double p50 = bench_percentile(took, OPENINGS, 0.5);
    bench_line("opening_1000_subscribers_cpu", p50, "ms", "10 ms", p50 / 10, bench_fsync_p99(),
               OPENINGS);
    bench_line("opening_1000_subscribers_commits", (double)commits / OPENINGS, "commits", "1",
               (double)commits / OPENINGS, -1, OPENINGS);
}

int main(void)
{
    struct err err = ERR_INIT;
    struct env *env = env_threads_new();
    struct service_options options = {.interval_ms = 60000, .quiet_ms = HOUR_MS, .close_polls = 2};
    log_start(2, LOG_WARN, LOG_TEXT);
    struct services *services = services_new(env, bench_db(env, "opening.db"), NULL, &options);
    if (db_write(services->db, prepare, NULL, &err)) {
        fprintf(stderr, "%s\n", err.why);
        return 1;
    }
    turns(services);
    openings(services);
    return 0;
}
