/* 10,000 requests held at once by the sandbox for five seconds, each by a worker that waits for its
 * answer, while a person asks /status; and 1,000 over https.
 * Usage: bench_hold URL COUNT CA_FILE|- STATUS */
#include "core/base/lane.h"
#include "core/base/log.h"
#include "core/base/net.h"
#include "core/services/services.h"
#include "tests/bench/bench.h"

struct held {
    struct job job;
    struct http *http;
    const char *url;
    _Atomic int *left, *failed;
    struct cell *done;
};

static void ask(struct job *base)
{
    struct held *h = CONTAINER_OF(base, struct held, job);
    static const char *const headers[] = {
        "Authorization: ResyAPI api_key=\"sandboxKEY7q2mR9vT4xW8zB1nC6dF3h\"",
        "User-Agent: Mozilla/5.0", NULL};
    struct http_request request = {.method = "GET",
                                   .url = h->url,
                                   .headers = headers,
                                   .connect_ms = 20000,
                                   .first_byte_ms = 30000,
                                   .total_ms = 60000};
    struct err err = ERR_INIT;
    auto_answer answer = HTTP_ANSWER_INIT;
    if (http_perform(h->http, &request, &answer, &err) || answer.status != 200) {
        if (!(*h->failed)++)
            fprintf(stderr, "held: %d %s\n", answer.status, err.why);
    }
    if (--*h->left == 0)
        env_wake(h->done);
}

static void drop(struct job *base)
{
    (void)base;
}

static int make_account(struct db_conn *conn, void *arg, struct err *err)
{
    return account_of(conn, "t", "p", true, "UTC", "ny", 1, arg, err);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 64;
    int count = (int)strtol(argv[2], NULL, 10);
    bool https = strcmp(argv[3], "-") != 0, status = strtol(argv[4], NULL, 10);
    _Atomic int left = count, failed = 0;
    struct err err = ERR_INIT;
    struct account account;
    struct cell done;
    mem_tune();
    log_start(2, LOG_WARN, LOG_TEXT);
    struct env *env = env_threads_new();
    struct net_options options = {.ca_file = https ? argv[3] : NULL};
    struct net *net = net_new(env, &options, &err);
    struct resy_options resy = {.base_url = argv[1], .web_base = argv[1], .api_key = "auto"};
    struct service_options service = {.interval_ms = 60000, .close_polls = 2, .zone = "UTC"};
    struct services *services = services_new(env, bench_db(env, "hold.db"),
                                             resy_new(net_http(net), &resy), &service);
    struct lanes_limits limits = {(size_t)count, 4, (size_t)count + 10, 128 * 1024};
    struct lanes *lanes = lanes_new(env, "run", &limits);
    struct held *all = mem_new((size_t)count, sizeof(*all));
    double *took = mem_new(100000, sizeof(double));
    size_t samples = 0;
    long peak = 0;
    cell_init(&done, env);
    auto_str url = STR_INIT(512);
    str_addf(&url, "%s/2/config?venue_id=70115", argv[1]);
    if (db_write(services->db, make_account, &account, &err))
        return 1;
    double from = bench_wall_us();
    for (int i = 0; i < count; i++) {
        all[i] = (struct held){
            {.run = ask, .drop = drop}, net_http(net), url.buf, &left, &failed, &done};
        if (lane_post(lanes, (uint64_t)i, &all[i].job, &err))
            fprintf(stderr, "%s\n", err.why);
    }
    while (left > 0) {
        auto_str text = STR_INIT(4096);
        double begun = bench_wall_us();
        if (status && life_status(services, &account, &text, &err))
            fprintf(stderr, "%s\n", err.why);
        if (samples < 100000)
            took[samples++] = (bench_wall_us() - begun) / 1000;
        long now = bench_rss_kb();
        peak = MAX_OF(peak, now);
        env_wait(env, &done, env_mono_ms(env) + 10);
    }
    double seconds = (bench_wall_us() - from) / 1e6;
    const char *way = https ? "https" : "http";
    char name[64];
    snprintf(name, sizeof(name), "held_%d_%s_all_done", count, way);
    bench_line(name, seconds, "s", "10 s", seconds / 10, -1, (size_t)count);
    snprintf(name, sizeof(name), "held_%d_%s_failed", count, way);
    bench_line(name, failed, "requests", "0", failed, -1, (size_t)count);
    snprintf(name, sizeof(name), "held_%d_%s_rss", count, way);
    bench_line(name, (double)peak / 1024, "MB", https ? "60 MB" : "350 MB",
               (double)peak / 1024 / (https ? 60 : 350), -1, samples);
    if (status) {
        double p99 = bench_percentile(took, samples, 0.99);
        bench_line("status_meanwhile_p99", p99, "ms", "50 ms", p99 / 50, -1, samples);
        for (int i = 0; i < 60; i++) /* workers go, memory comes back within a minute */
            env_wait(env, &done, env_mono_ms(env) + 1000);
        double after = (double)bench_rss_kb() / 1024;
        bench_line("held_rss_a_minute_later", after, "MB", "40 MB", after / 40, -1, 1);
    }
    fflush(stdout);
    _exit(failed ? 1 : 0);
}
