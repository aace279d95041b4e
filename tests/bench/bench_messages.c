/* 1,000 messages at once, from a thousand people: stored, begun, answered, sent. Under
 * slow_fsync.so (a fsync of 25 ms) it takes as long as its commits, grouped, and no longer. */
#include "core/base/log.h"
#include "core/orchestrator/orchestrator.h"
#include "tests/bench/bench.h"

#define MESSAGES 1000

static struct env *env;
static struct orchestrator *orchestrator;
static struct cell all_done;
static _Atomic int answered, failed;

static int take(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                struct err *err)
{
    (void)adapter, (void)err;
    snprintf(ref, PLATFORM_REF, "%lld", (long long)d->id);
    if (++answered == MESSAGES)
        env_wake(&all_done);
    return 0;
}

static const struct adapter_ops ops = {.name = "t", .send = take};
static struct adapter adapter = {&ops};

static void say(void *arg)
{
    char who[16];
    struct err err = ERR_INIT;
    snprintf(who, sizeof(who), "p%d", (int)(intptr_t)arg);
    struct inbound message = {.own = "bot",
                              .chat = who,
                              .person = who,
                              .ref = who,
                              .acts = true,
                              .unmetered = true,
                              .text = "/watches",
                              .text_len = 8};
    if (orchestrator_receive(orchestrator, &adapter, &message, 1, &err)) {
        failed++;
        fprintf(stderr, "%s\n", err.why);
    }
}

static void look(void *ctx)
{
    orchestrator_send_due(ctx);
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    struct task *tasks[MESSAGES];
    struct service_options options = {.interval_ms = 60000, .close_polls = 2, .zone = "UTC"};
    struct orchestrator_options limits = {.runs = 1000, .messages_a_minute = 100};
    double fsync_ms = argc > 1 ? strtod(argv[1], NULL) : bench_fsync_p99();
    mem_tune();
    log_start(2, LOG_WARN, LOG_TEXT);
    env = env_threads_new();
    cell_init(&all_done, env);
    struct services *services = services_new(env, bench_db(env, "messages.db"), NULL, &options);
    orchestrator = orchestrator_new(services, &limits);
    orchestrator_add(orchestrator, &adapter);
    services->look = look;
    services->look_ctx = orchestrator;
    if (orchestrator_start(orchestrator, &err))
        return 1;
    uint64_t commits = db_commits(services->db);
    double from = bench_wall_us();
    for (int i = 0; i < MESSAGES; i++)
        tasks[i] = env_start(env, "say", 128 * 1024, say, (void *)(intptr_t)i);
    for (int i = 0; i < MESSAGES; i++)
        env_join(tasks[i]);
    while (answered + failed < MESSAGES)
        env_wait(env, &all_done, env_mono_ms(env) + 100);
    double ms = (bench_wall_us() - from) / 1000;
    commits = db_commits(services->db) - commits;
    const char *how = argc > 1 ? "slow_fsync" : "this_disk";
    char name[64];
    snprintf(name, sizeof(name), "messages_1000_%s", how);
    bench_line(name, ms, "ms", "its commits x fsync", ms / ((double)commits * fsync_ms), fsync_ms,
               MESSAGES);
    snprintf(name, sizeof(name), "messages_1000_commits_%s", how);
    bench_line(name, (double)commits, "commits", "3000 ungrouped", (double)commits / 3000, fsync_ms,
               MESSAGES);
    snprintf(name, sizeof(name), "messages_1000_failed_%s", how);
    bench_line(name, failed, "messages", "0", failed, fsync_ms, MESSAGES);
    _exit(failed ? 1 : 0);
}
