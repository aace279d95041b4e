/* 1,000, 10,000 and 100,000 watches on 500 questions, in the virtual world: as many requests an
 * interval as there are questions, and what is not due costs nothing that grows. */
#include "tests/bench/bench.h"
#include "tests/world.h"

#define QUESTIONS 500
#define INTERVALS 3

static int watches;
static double idle_us, interval_us;
static int64_t requests;

static int make_all(struct db_conn *conn, void *arg, struct err *err)
{
    struct world *w = arg;
    int64_t now = env_wall_ms(w->env);
    struct account account;
    struct venue venue = {.zone = "EST5EDT"};
    if (account_of(conn, "test", "p", true, "UTC", "ny", 1, &account, err) ||
        db_exec(conn, err,
                "insert into chat (id, platform, own, ref, created_ms) values (1, 'test', 'bot', "
                "'p', 1)",
                ""))
        return -1;
    for (int i = 0; i < QUESTIONS; i++) {
        venue.id = 70129 + (i ? 100000 + i : 0);
        snprintf(venue.name, sizeof(venue.name), "V%d", i);
        if (venue_put(conn, &venue, err))
            return -1;
    }
    for (int i = 0; i < watches; i++) {
        int64_t id, q, at = i % QUESTIONS;
        struct watch watch = {.account_id = account.id,
                              .chat_id = 1,
                              .party = 2,
                              .venue_id = 70129 + (at ? 100000 + at : 0),
                              .to_minute = 1740,
                              .until_ms = now + 40 * DAY_MS,
                              .interval_ms = 60000,
                              .max_fee_cents = -1,
                              .created_ms = now,
                              .inbox_id = i + 1,
                              .day = "2031-05-20"};
        if (watch_add(conn, &watch, &id, err) ||
            question_of(conn, watch.venue_id, watch.day, 2, 60000, now, &q, err) ||
            watch_subscribe(conn, id, &(struct question){.id = q}, now, watch.until_ms, false,
                            err) ||
            (i < QUESTIONS && question_refresh(conn, q, now, 0, err)))
            return -1;
    }
    return db_exec(conn, err, "update question set due_ms = $1 + id * 120 where due_ms is not null",
                   "i", now);
}

static void live(struct world *w)
{
    struct err err = ERR_INIT;
    if (db_write(w->db, make_all, w, &err))
        world_check(w, false, "%s", err.why);
    world_pass(w, 61000); /* every question once, whatever its phase */
    world_city(w, "reset-counts");
    double from = bench_cpu_us();
    world_pass(w, INTERVALS * 60000);
    interval_us = (bench_cpu_us() - from) / INTERVALS;
    requests = world_requests(w, "/4/find");
}

static int hush(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "update question set due_ms = due_ms + 86400000", "");
}

static void idle(struct world *w)
{
    struct err err = ERR_INIT;
    if (db_write(w->db, make_all, w, &err) || db_write(w->db, hush, NULL, &err))
        world_check(w, false, "%s", err.why);
    w->services->options.interval_ms = 60000;
    world_pass(w, 10000);
    double from = bench_cpu_us();
    world_pass(w, 600000);
    idle_us = (bench_cpu_us() - from) / 600;
}

int main(void)
{
    static const struct world_setup setup = {.interval_ms = 60000};
    static const int counts[] = {1000, 10000, 100000};
    double first_idle = 0;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        char name[64];
        watches = counts[i];
        char *failure = world_run(1, &setup, live);
        if (!failure)
            failure = world_run(1, &setup, idle);
        if (failure) {
            fprintf(stderr, "%s\n", failure);
            return 1;
        }
        first_idle = first_idle ? first_idle : idle_us;
        snprintf(name, sizeof(name), "requests_an_interval_%d_watches", watches);
        bench_line(name, (double)requests / INTERVALS, "requests", "500 questions",
                   (double)requests / INTERVALS / QUESTIONS, -1, INTERVALS);
        snprintf(name, sizeof(name), "cpu_an_interval_%d_watches", watches);
        bench_line(name, interval_us / 1000, "ms", "-", 0, -1, INTERVALS);
        snprintf(name, sizeof(name), "idle_cpu_a_second_%d_watches", watches);
        bench_line(name, idle_us, "us", "the same with 1000 watches", idle_us / first_idle, -1,
                   600);
    }
    return 0;
}
