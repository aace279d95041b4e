/* A search of three pages with 60 hits against bare curl and cJSON_Parse of the same bytes; and
 * what the grammar costs a phrase. In turns, in one run. */
#include "core/agents/commands/words.h"
#include "core/base/log.h"
#include "core/base/net.h"
#include "core/resy/resy.h"
#include "tests/bench/bench.h"

#include <curl/curl.h>

#define ROUNDS 20
#define EACH   20
#define PAGES  3
#define A_PAGE 20

static size_t gather(char *bytes, size_t size, size_t count, void *arg)
{
    str_addn(arg, bytes, size * count);
    return size * count;
}

/* Pages of twenty made of the recorded hits, each with an id of its own. */
static char *page_of(const cJSON *recorded, int page)
{
    const cJSON *hits = json_array(recorded, "search.hits");
    auto_json tree = cJSON_CreateObject();
    cJSON *meta = cJSON_AddObjectToObject(tree, "meta");
    json_put_i64(meta, "total", (int64_t)PAGES * A_PAGE);
    json_put_i64(meta, "total_pages", PAGES);
    cJSON *list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(tree, "search"), "hits");
    for (int i = 0; i < A_PAGE; i++) {
        cJSON *hit = cJSON_Duplicate(cJSON_GetArrayItem(hits, i % cJSON_GetArraySize(hits)), true);
        cJSON *id = cJSON_GetObjectItemCaseSensitive(hit, "id");
        cJSON_DeleteItemFromObjectCaseSensitive(id, "resy");
        json_put_i64(id, "resy", 1000 + page * A_PAGE + i);
        cJSON_AddItemToArray(list, hit);
    }
    return cJSON_PrintUnformatted(tree);
}

static cJSON *recorded_search(void)
{
    const char *at = getenv("MAITRED_FIXTURES");
    auto_str path = STR_INIT(1024);
    str_addf(&path, "%s/resy/amogh-venue-search-geo.json", at && *at ? at : "../shared/fixtures");
    FILE *file = fopen(path.buf, "rb");
    if (!file) {
        fprintf(stderr, "no recorded answer: bench_search is left out\n");
        exit(0);
    }
    auto_text text = mem_new(200000, 1);
    size_t len = fread(text, 1, 199999, file);
    fclose(file);
    return json_parse(text, len, "the fixture", NULL);
}

static void bare_search(CURL *easy, struct str *body)
{
    for (int i = 0; i < PAGES; i++) {
        str_clear(body);
        if (curl_easy_perform(easy) != CURLE_OK)
            abort();
        cJSON *tree = cJSON_ParseWithLength(body->buf, body->len);
        if (!tree)
            abort();
        cJSON_Delete(tree);
    }
}

static void our_search(struct resy *resy)
{
    struct err err = ERR_INIT;
    struct resy_ask ask = {.class = BUDGET_PERSON};
    struct resy_hits hits;
    struct resy_query query = {.words = "",
                               .day = {2026, 10, 22},
                               .party = 2,
                               .page = 1,
                               .per_page = A_PAGE,
                               .pages_most = PAGES};
    if (resy_search(resy, &ask, &query, &hits, &err)) {
        fprintf(stderr, "%s\n", err.why);
        abort();
    }
    if (hits.count != (size_t)PAGES * A_PAGE || !hits.complete)
        abort();
    resy_hits_free(&hits);
}

static void bench_grammar(void)
{
    static const char *const phrases[] = {
        "carbone tomorrow at 8 for two",
        "sushi in soho on Friday for me and my wife, around 7:30",
        "notify me when there is a table at Don Angie next friday for 2",
        "carbone any friday in june",
        "Can you get us into Carbone this Friday at 8?",
        "sorry, the 28th",
        "2",
        "we want to go to Via Carota on saturday, 4 people, not before 8",
    };
    struct local now = {{2031, 5, 9}, 720, 0};
    size_t count = 0;
    double from = bench_cpu_us();
    for (int round = 0; round < 1000; round++)
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++, count++) {
            struct words words;
            struct word_dates dates;
            struct err err = ERR_INIT;
            if (words_read(phrases[i], &words, &err) || words_dates(&words, now, &dates, &err))
                abort();
        }
    double each = (bench_cpu_us() - from) / (double)count;
    bench_line("grammar_a_phrase", each, "us", "50 us", each / 50, -1, count);
}

int main(void)
{
    auto_json recorded = recorded_search();
    const char *bodies[PAGES];
    size_t lens[PAGES];
    for (int i = 0; i < PAGES; i++) {
        bodies[i] = page_of(recorded, i);
        lens[i] = strlen(bodies[i]);
    }
    int port = bench_server_of(bodies, lens, PAGES);
    struct err err = ERR_INIT;
    auto_str base = STR_INIT(64), body = STR_INIT((size_t)1 << 20);
    str_addf(&base, "http://127.0.0.1:%d", port);
    mem_tune();
    log_start(2, LOG_WARN, LOG_TEXT);
    struct env *env = env_threads_new();
    struct net_options net_options = {0};
    struct net *net = net_new(env, &net_options, &err);
    struct resy_options options = {.base_url = base.buf,
                                   .web_base = base.buf,
                                   .api_key = "0123456789abcdef0123456789abcdef",
                                   .timeout_ms = 5000};
    struct resy *resy = resy_new(net_http(net), &options);
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, base.buf);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, gather);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    double bare = 0, ours = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < EACH; i++) {
            double from = bench_cpu_us();
            bare_search(easy, &body);
            double to = bench_cpu_us();
            our_search(resy);
            double done = bench_cpu_us();
            if (round) { /* the first round warms up */
                bare += to - from;
                ours += done - to;
            }
        }
    size_t samples = (ROUNDS - 1) * EACH;
    bench_line("search_3_pages_60_hits_cpu", ours / (double)samples, "us",
               "bare curl + cJSON_Parse, at most 1.5", ours / bare, -1, samples);
    bench_grammar();
    curl_easy_cleanup(easy);
    return 0;
}
