/* One check of a question (request, parse, diff, commit) against the least that could be done: one
 * warm connection, curl, cJSON_Parse. In turns, in one run. */
#include "core/base/log.h"
#include "core/base/net.h"
#include "core/services/services.h"
#include "tests/bench/bench.h"
#include "tests/sandbox/city.h"

#include <curl/curl.h>

#define ROUNDS 20
#define EACH   50

/* --- the bare loop --- */

static size_t gather(char *bytes, size_t size, size_t count, void *arg)
{
    str_addn(arg, bytes, size * count);
    return size * count;
}

static void bare_once(CURL *easy, struct str *body)
{
    str_clear(body);
    if (curl_easy_perform(easy) != CURLE_OK)
        abort();
    cJSON *tree = cJSON_ParseWithLength(body->buf, body->len);
    if (!tree)
        abort();
    cJSON_Delete(tree);
}

static CURL *bare_new(const char *url, struct str *body)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, gather);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    return easy;
}

/* --- ours --- */

struct ours {
    struct services *services;
    struct question question;
    int64_t venue_id;
    char day[16];
};

static int claim(struct db_conn *conn, void *arg, struct err *err)
{
    struct ours *o = arg;
    size_t count;
    if (db_exec(conn, err, "update question set due_ms = 1", ""))
        return -1;
    return question_claim(conn, "bench", 1 << 30, 0, &o->question, 1, &count, err);
}

static int prepare(struct db_conn *conn, void *arg, struct err *err)
{
    struct ours *o = arg;
    struct account account;
    int64_t id, q;
    struct venue venue = {.id = o->venue_id, .name = "V", .zone = "EST5EDT"};
    struct watch watch = {.venue_id = o->venue_id,
                          .party = 2,
                          .to_minute = 1,
                          .until_ms = INT64_MAX,
                          .interval_ms = 60000,
                          .max_fee_cents = -1,
                          .inbox_id = 1};
    snprintf(watch.day, sizeof(watch.day), "%s", o->day);
    return account_of(conn, "t", "p", true, "UTC", "ny", 1, &account, err) ||
           db_exec(
               conn, err,
               "insert into chat (id, platform, own, ref, created_ms) values (1, 't', 'o', 'c', 1)",
               "") ||
           venue_put(conn, &venue, err) ||
           (watch.account_id = account.id, watch.chat_id = 1, watch_add(conn, &watch, &id, err)) ||
           question_of(conn, o->venue_id, o->day, 2, 60000, 1, &q, err) ||
           watch_subscribe(conn, id, &(struct question){.id = q}, 1, INT64_MAX, false, err) ||
           question_refresh(conn, q, 1, 0, err);
}

/* The claim is shared by what is due together; it is not part of the check. */
static void claim_one(struct ours *o)
{
    struct err err = ERR_INIT;
    if (db_write(o->services->db, claim, o, &err))
        fprintf(stderr, "%s\n", err.why);
}

/* The recorded answer if it is here, else one of the sandbox's of the same size. */
static char *find_answer(struct ours *o, size_t *ret_len)
{
    const char *at = getenv("MAITRED_FIXTURES");
    auto_str path = STR_INIT(1024);
    str_addf(&path, "%s/resy/amogh-venue-find.json", at && *at ? at : "../shared/fixtures");
    FILE *file = fopen(path.buf, "rb");
    if (!file) {
        fprintf(stderr, "no recorded answer: bench_check is left out\n");
        exit(0);
    }
    char *text = mem_new(200000, 1);
    *ret_len = fread(text, 1, 199999, file);
    fclose(file);
    o->venue_id = 87134;
    snprintf(o->day, sizeof(o->day), "2026-10-22");
    return text;
}

int main(void)
{
    struct ours o = {0};
    size_t len;
    auto_text answer = find_answer(&o, &len);
    int port = bench_server(answer, len);
    struct err err = ERR_INIT;
    auto_str base = STR_INIT(64), url = STR_INIT(256), body = STR_INIT((size_t)1 << 20);
    str_addf(&base, "http://127.0.0.1:%d", port);
    str_addf(&url, "%s/4/find?lat=0&long=0&day=%s&party_size=2&venue_id=87134", base.buf, o.day);
    mem_tune();
    log_start(2, LOG_WARN, LOG_TEXT);
    struct env *env = env_threads_new();
    struct net_options net_options = {0};
    struct net *net = net_new(env, &net_options, &err);
    struct resy_options options = {.base_url = base.buf,
                                   .web_base = base.buf,
                                   .api_key = "0123456789abcdef0123456789abcdef",
                                   .timeout_ms = 5000};
    struct service_options service = {.interval_ms = 60000, .close_polls = 2};
    o.services = services_new(env, bench_db(env, "check.db"), resy_new(net_http(net), &options),
                              &service);
    if (db_write(o.services->db, prepare, &o, &err))
        fprintf(stderr, "%s\n", err.why);
    CURL *easy = bare_new(url.buf, &body);
    double bare = 0, ours = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++) {
            double from = bench_cpu_us();
            bare_once(easy, &body);
            double to = bench_cpu_us();
            claim_one(&o);
            double begun = bench_cpu_us();
            check_run(o.services, &o.question, "bench", NULL);
            double done = bench_cpu_us();
            if (round) { /* the first round warms up */
                bare += to - from;
                ours += done - begun;
            }
        }
    }
    size_t samples = (ROUNDS - 1) * EACH;
    bench_line("check_cpu", ours / (double)samples, "us", "bare curl + cJSON_Parse, at most 1.5",
               ours / bare, bench_fsync_p99(), samples);
    curl_easy_cleanup(easy);
    return 0;
}
