/* The client against a carrier that plays a script, in the virtual world: what is sent, how each
 * fault is told from the others, the key, the pauses, the budget, cancelling.
 * Long because one carrier serves all of it. */
#include "tests/test.h"

#include "core/base/env_sim.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/resy/resy.h"

#include <sys/wait.h>

#define VENUE   900001
#define KEY     "abcdefghijklmnop0123456789ABCDEF"
#define NEW_KEY "ZZZdefghijklmnop0123456789ABCDEF"
#define TOKEN   "eyJhbGciOiJFUzI1NiJ9.token.value"
#define WALL    INT64_C(1935500000000) /* 2031-05-02 14:53:20 UTC */
#define SECOND  INT64_C(1000)
#define MINUTE  (60 * SECOND)
#define HOUR    (60 * MINUTE)

#define FREE   "{\"results\":{\"venues\":[]}}"
#define HTML   "<!DOCTYPE html><html>Pardon our interruption</html>"
#define PAGE   "<script src=\"/modules/app.0a1b2c.js\"></script>"
#define SCRIPT "var a={apiKey:\"" KEY "\",b:1}"

/* --- the carrier --- */

struct reply {
    int status; /* 0: the transport fails; -1: never answers */
    const char *body, *headers;
};

struct asked {
    char method[8], url[600], headers[2000], body[600];
    int64_t at;
};

#define ASKED 200
#define TOLD  100

struct told { /* what an ask came to */
    int ret;
    enum resy_fault fault;
    struct err err;
    int64_t began, ended;
    int64_t answered;
};

struct scene {
    struct http http; /* first: the carrier finds its scene */
    struct env *env;
    struct resy *resy;
    const struct reply *replies; /* in order; the last one stays */
    size_t reply_count, played;
    const char *page, *script;
    int page_status;
    struct asked asked[ASKED];
    size_t asked_count, pages_read;
    struct told told[TOLD];
    size_t told_count;
    struct cancel cancel;
};

static void record(struct scene *scene, const struct http_request *request)
{
    struct asked *asked = &scene->asked[scene->asked_count++ % ASKED];
    size_t n = 0;
    *asked = (struct asked){.at = env_mono_ms(scene->env)};
    snprintf(asked->method, sizeof(asked->method), "%s", request->method);
    snprintf(asked->url, sizeof(asked->url), "%s", request->url);
    for (const char *const *h = request->headers; h && *h && n < sizeof(asked->headers); h++)
        n += (size_t)snprintf(asked->headers + n, sizeof(asked->headers) - n, "%s\n", *h);
    if (request->body)
        snprintf(asked->body, sizeof(asked->body), "%.*s", (int)request->body_len, request->body);
}

static void answer(struct http_call *call, int status, const char *body, const char *headers)
{
    if (status == 0) {
        err_set(&call->err, ERR_REMOTE, NULL, "connection reset");
    } else {
        call->answer.status = status;
        call->answer.received_ms = env_mono_ms(call->http->env);
        str_add(&call->answer.headers, headers ? headers : "");
        (void)http_call_body(call, body ? body : "", strlen(body ? body : ""));
    }
    http_call_finish(call);
}

static void submit(struct http *http, struct http_call *call, const struct http_request *request)
{
    struct scene *scene = CONTAINER_OF(http, struct scene, http);
    if (!strncmp(request->url, "https://web.example/", 20)) {
        bool script = strstr(request->url, "modules/");
        scene->pages_read += !script;
        answer(call, scene->page_status, script ? scene->script : scene->page, NULL);
        return;
    }
    record(scene, request);
    const struct reply *reply = &scene->replies[MIN_OF(scene->played, scene->reply_count - 1)];
    scene->played++;
    if (reply->status >= 0)
        answer(call, reply->status, reply->body, reply->headers);
}

static void give_up(struct http *http, struct http_call *call)
{
    (void)http;
    err_set(&call->err, ERR_CANCELLED, NULL, "cancelled");
    http_call_finish(call);
}

static const struct http_ops carrier = {.submit = submit, .abort = give_up};

/* --- a scene --- */

static struct scene *scene_new(const struct reply *replies, size_t count, const char *api_key,
                               const char *token, unsigned a_minute)
{
    struct scene *scene = mem_new(1, sizeof(*scene));
    scene->env = env_sim_new(7, WALL);
    scene->http = (struct http){.ops = &carrier, .env = scene->env};
    scene->replies = replies;
    scene->reply_count = count;
    scene->page = PAGE;
    scene->script = SCRIPT;
    scene->page_status = 200;
    struct resy_options options = {.base_url = "https://api.example",
                                   .web_base = "https://web.example",
                                   .api_key = api_key,
                                   .token = token,
                                   .a_minute = a_minute,
                                   .an_hour = 1800,
                                   .timeout_ms = 10000};
    scene->resy = resy_new(&scene->http, &options);
    cancel_init(&scene->cancel);
    return scene;
}

static void scene_free(struct scene *scene)
{
    resy_free(scene->resy);
    cancel_done(&scene->cancel);
    env_free(scene->env);
    free(scene);
    log_forget_secrets();
}

/* Inside the world: one find, whose outcome is kept. */
static void ask(struct scene *scene, enum budget_class class)
{
    struct told *told = &scene->told[scene->told_count++ % TOLD];
    struct resy_find find;
    struct resy_ask how = {.class = class, .cancel = &scene->cancel, .fault = &told->fault};
    told->began = env_mono_ms(scene->env);
    told->ret = resy_find(scene->resy, &how, VENUE, (struct date){2031, 5, 9}, 2, &find,
                          &told->err);
    told->ended = env_mono_ms(scene->env);
    told->answered = find.answered_mono_ms;
    resy_find_free(&find);
}

static void play(struct scene *scene, void (*fn)(void *arg))
{
    char stuck[100] = "";
    if (env_sim_run(scene->env, fn, scene, stuck, sizeof(stuck)))
        fail_msg("everybody waits: %s", stuck);
}

static void ask_once(void *arg)
{
    ask(arg, BUDGET_PERSON);
}

#define SCENE(replies, key, token) scene_new(replies, ARRAY_LEN(replies), key, token, 0)

#define WRONG(...) fail_msg(__VA_ARGS__)

static size_t times_in(const char *text, const char *piece)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, piece)); at += strlen(piece))
        n++;
    return n;
}

/* --- what is sent --- */

static const struct reply all_free[] = {{200, FREE, NULL}};

TEST(a_question_carries_what_a_browser_would_send)
{
    struct scene *scene = SCENE(all_free, KEY, "");
    play(scene, ask_once);
    const struct asked *a = &scene->asked[0];
    assert_int_equal(scene->told[0].ret, 0);
    assert_int_equal(scene->told[0].fault, RESY_FINE);
    assert_string_equal(a->method, "GET");
    assert_string_equal(a->url, "https://api.example/4/find?lat=0&long=0&day=2031-05-09&"
                                "party_size=2&venue_id=900001");
    assert_non_null(strstr(a->headers, "Authorization: ResyAPI api_key=\"" KEY "\"\n"));
    assert_non_null(strstr(a->headers, "User-Agent: Mozilla/5.0 "));
    assert_non_null(strstr(a->headers, "Origin: https://resy.com\n"));
    assert_non_null(strstr(a->headers, "Referer: https://resy.com/\n"));
    assert_null(strstr(a->headers, "X-Resy"));
    assert_null(strstr(a->headers, "Content-Type"));
    assert_null(strstr(a->headers, "Cookie"));
    scene_free(scene);
}

TEST(the_token_is_sent_twice_and_never_in_the_url)
{
    struct scene *scene = SCENE(all_free, KEY, TOKEN);
    play(scene, ask_once);
    const struct asked *a = &scene->asked[0];
    assert_int_equal(times_in(a->headers, TOKEN), 2);
    assert_non_null(strstr(a->headers, "X-Resy-Auth-Token: " TOKEN "\n"));
    assert_non_null(strstr(a->headers, "X-Resy-Universal-Auth: " TOKEN "\n"));
    assert_null(strstr(a->url, TOKEN));
    assert_null(strstr(a->url, KEY));
    scene_free(scene);
}

TEST(a_token_that_is_null_is_not_sent)
{
    struct scene *scene = SCENE(all_free, KEY, NULL);
    play(scene, ask_once);
    assert_null(strstr(scene->asked[0].headers, "X-Resy"));
    scene_free(scene);
}

static void ask_with_other_keys(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    resy_set_keys(scene->resy, NEW_KEY, "fresh");
    ask(scene, BUDGET_PERSON);
    resy_set_keys(scene->resy, KEY, NULL);
    ask(scene, BUDGET_PERSON);
}

TEST(key_and_token_can_be_changed_while_it_runs)
{
    struct scene *scene = SCENE(all_free, KEY, TOKEN);
    play(scene, ask_with_other_keys);
    assert_non_null(strstr(scene->asked[1].headers, "api_key=\"" NEW_KEY "\""));
    assert_int_equal(times_in(scene->asked[1].headers, ": fresh\n"), 2);
    assert_null(strstr(scene->asked[1].headers, TOKEN));
    assert_non_null(strstr(scene->asked[2].headers, "api_key=\"" KEY "\""));
    assert_null(strstr(scene->asked[2].headers, "X-Resy"));
    scene_free(scene);
}

static const struct reply venue_then_search[] = {
    {200, "{\"id\":{\"resy\":7},\"name\":\"A\"}", NULL},
    {200, "{\"id\":{\"resy\":7},\"name\":\"A\"}", NULL},
    {200, "{\"meta\":{\"total\":1},\"search\":{\"hits\":[{\"id\":{\"resy\":7},\"name\":\"A\"}]}}",
     NULL},
    {200, "{\"search\":{\"hits\":[]}}", NULL},
    {200, "{\"venue\":{}}", NULL},
    {200, "{\"hits\":[]}", NULL},
};

static void ask_venue_and_search(void *arg)
{
    struct scene *scene = arg;
    struct resy_ask how = {.class = BUDGET_PERSON};
    struct resy_venue venue;
    struct resy_hits hits;
    struct told *told = scene->told;
    struct resy_place place = {40.71, -74.0, 16100};
    struct resy_query cafe = {
        .words = "caf\u00e9 \"x\"", .place = &place, .page = 2, .per_page = 20};
    struct resy_query any = {.words = "", .page = 1, .per_page = 5};
    struct resy_query x = {.words = "x", .page = 1, .per_page = 5};
    told[0].ret = resy_venue(scene->resy, &how, 7, NULL, NULL, &venue, &told[0].err);
    told[1].ret = resy_venue(scene->resy, &how, 0, "a&b=c/é", "new york", &venue, &told[1].err);
    told[2].ret = resy_search(scene->resy, &how, &cafe, &hits, &told[2].err);
    told[2].answered = (int64_t)hits.count;
    resy_hits_free(&hits);
    told[3].ret = resy_search(scene->resy, &how, &any, &hits, &told[3].err);
    resy_hits_free(&hits);
    how.fault = &told[4].fault;
    told[4].ret = resy_venue(scene->resy, &how, 7, NULL, NULL, &venue, &told[4].err);
    how.fault = &told[5].fault;
    told[5].ret = resy_search(scene->resy, &how, &x, &hits, &told[5].err);
}

TEST(a_venue_and_a_search_are_asked_for_as_the_web_client_does)
{
    struct scene *scene = SCENE(venue_then_search, KEY, "");
    play(scene, ask_venue_and_search);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(scene->told[i].ret, 0);
    assert_int_equal(scene->told[2].answered, 1);
    assert_string_equal(scene->asked[0].url, "https://api.example/3/venue?id=7");
    assert_string_equal(scene->asked[1].url, "https://api.example/3/venue?url_slug=a%26b%3Dc%2F"
                                             "%C3%A9&location=new%20york");
    assert_string_equal(scene->asked[2].url, "https://api.example/3/venuesearch/search");
    assert_string_equal(scene->asked[2].method, "POST");
    assert_non_null(strstr(scene->asked[2].headers, "Content-Type: application/json\n"));
    auto_json body = json_parse(scene->asked[2].body, strlen(scene->asked[2].body), "b", err);
    assert_string_equal(json_text(body, "query"), "caf\u00e9 \"x\"");
    assert_string_equal(json_text(body, "types.0"), "venue");
    assert_int_equal(json_i64_or(body, "page", 0), 2);
    assert_int_equal(json_i64_or(body, "per_page", 0), 20);
    assert_int_equal(json_i64_or(body, "geo.radius", 0), 16100);
    assert_null(strstr(scene->asked[3].body, "geo"));
    for (size_t i = 4; i < 6; i++) {
        assert_int_equal(scene->told[i].ret, -1);
        assert_int_equal(scene->told[i].fault, RESY_SHAPE);
    }
    scene_free(scene);
}

/* --- each fault told from the others --- */

static const struct fault_case {
    struct reply reply;
    enum resy_fault fault;
    enum err_kind kind;
    unsigned retry_ms; /* also how long nobody asks */
} fault_cases[] = {
    {{200, FREE, NULL}, RESY_FINE, ERR_NONE, 0},
    {{201, FREE, NULL}, RESY_FINE, ERR_NONE, 0},
    {{401, "{}", NULL}, RESY_KEY, ERR_DENIED, 0},
    {{419, "{\"status\":419,\"code\":null,\"message\":\"Unauthorized\",\"data\":{}}", NULL},
     RESY_KEY,
     ERR_DENIED,
     0},
    {{302, "", "location: https://resy.com/login\n"}, RESY_KEY, ERR_DENIED, 0},
    {{307, HTML, NULL}, RESY_KEY, ERR_DENIED, 0},
    {{403, HTML, NULL}, RESY_BLOCKED, ERR_REMOTE, 10 * MINUTE},
    {{403, "{}", NULL}, RESY_BLOCKED, ERR_REMOTE, 10 * MINUTE},
    {{200, HTML, NULL}, RESY_BLOCKED, ERR_REMOTE, 10 * MINUTE},
    {{200, " \r\n\t" HTML, NULL}, RESY_BLOCKED, ERR_REMOTE, 10 * MINUTE},
    {{404, "{\"message\":\"Not Found\"}", NULL}, RESY_MISSING, ERR_MISSING, 0},
    {{404, HTML, NULL}, RESY_MISSING, ERR_MISSING, 0},
    {{429, "{}", "retry-after: 30\n"}, RESY_LIMITED, ERR_LIMIT, 30 * SECOND},
    {{429, HTML, "X: y\nRetry-After:90\nZ: a\n"}, RESY_LIMITED, ERR_LIMIT, 90 * SECOND},
    {{429, "", NULL}, RESY_LIMITED, ERR_LIMIT, 60 * SECOND},
    {{429, "", "retry-after: Fri, 02 May 2031 14:55:00 GMT\n"},
     RESY_LIMITED,
     ERR_LIMIT,
     100 * SECOND},
    {{429, "", "retry-after: Fri, 02 May 2031 14:00:00 GMT\n"},
     RESY_LIMITED,
     ERR_LIMIT,
     1 * SECOND},
    {{429, "", "retry-after: later\n"}, RESY_LIMITED, ERR_LIMIT, 60 * SECOND},
    {{429, "", "retry-after: \n"}, RESY_LIMITED, ERR_LIMIT, 60 * SECOND},
    {{429, "", "retry-after: 0\n"}, RESY_LIMITED, ERR_LIMIT, 1 * SECOND},
    {{429, "", "retry-after: -7\n"}, RESY_LIMITED, ERR_LIMIT, 1 * SECOND},
    {{429, "", "retry-after: 999999999\n"}, RESY_LIMITED, ERR_LIMIT, 6 * HOUR},
    {{500, "Internal Server Error", NULL}, RESY_DOWN, ERR_REMOTE, 0},
    {{500, HTML, NULL}, RESY_DOWN, ERR_REMOTE, 0},
    {{502, HTML, NULL}, RESY_DOWN, ERR_REMOTE, 0},
    {{503, "", NULL}, RESY_DOWN, ERR_REMOTE, 0},
    {{0, NULL, NULL}, RESY_DOWN, ERR_REMOTE, 0},
    {{200, "Hello", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "{\"results\":{\"venues\":[}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "{\"results\":{\"venues\":[]}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, FREE FREE, NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "{\"results\":\"\xff\"}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "{}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{200, "null", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{204, "", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{400, "{}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{412, "{}", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
    {{418, "", NULL}, RESY_SHAPE, ERR_REMOTE, 0},
};

static void check_fault(const struct fault_case *c)
{
    struct scene *scene = scene_new(&c->reply, 1, KEY, TOKEN, 0);
    play(scene, ask_once);
    const struct told *told = &scene->told[0];
    int64_t paused = resy_paused_until(scene->resy);
    if (told->fault != c->fault || told->ret != (c->fault ? -1 : 0))
        fail_msg("http %d %s%s is told as %s, not %s", c->reply.status,
                 c->reply.headers ? c->reply.headers : "", c->reply.body ? c->reply.body : "",
                 resy_fault_name(told->fault), resy_fault_name(c->fault));
    assert_int_equal(told->err.kind, c->kind);
    if (told->err.retry_ms != c->retry_ms)
        fail_msg("http %d %s: again after %u ms, not %u", c->reply.status,
                 c->reply.headers ? c->reply.headers : "", told->err.retry_ms, c->retry_ms);
    assert_int_equal(paused ? paused - told->ended : 0, c->retry_ms);
    assert_int_equal(scene->asked_count, 1); /* nothing is repeated by itself */
    assert_int_equal(told->answered, c->fault ? 0 : told->ended);
    if (c->fault) {
        assert_true(*told->err.say);
        assert_null(strstr(told->err.why, TOKEN));
        assert_null(strstr(told->err.why, KEY));
    }
    scene_free(scene);
}

TEST(each_fault_is_told_from_the_others)
{
    for (size_t i = 0; i < ARRAY_LEN(fault_cases); i++)
        check_fault(&fault_cases[i]);
}

TEST(every_fault_has_a_name_of_its_own)
{
    for (int i = 0; i < RESY_FAULTS; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(resy_fault_name((enum resy_fault)i),
                                    resy_fault_name((enum resy_fault)k));
}

TEST(a_fault_that_nobody_wants_to_know_is_still_an_error)
{
    static const struct reply down[] = {{500, "", NULL}};
    struct scene *scene = SCENE(down, KEY, "");
    play(scene, ask_venue_and_search);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(scene->told[i].ret, -1);
    scene_free(scene);
}

/* In a process of its own: the sanitizer ends it. */
TEST(a_retry_after_beyond_all_numbers_is_only_a_long_one)
{
    static const struct fault_case beyond = {
        {429, "", "retry-after: 99999999999999999999\n"}, RESY_LIMITED, ERR_LIMIT, 6 * HOUR};
    pid_t child = fork();
    if (child == 0) {
        struct scene *scene = scene_new(&beyond.reply, 1, KEY, "", 0);
        char stuck[10];
        int failed = env_sim_run(scene->env, ask_once, scene, stuck, sizeof(stuck));
        _exit(failed || scene->told[0].err.retry_ms != beyond.retry_ms);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status)
        WRONG("retry_after_ms overflows on 99999999999999999999\n");
}

/* --- blocked --- */

static void ask_ten_times(void *arg)
{
    for (int i = 0; i < 10; i++)
        ask(arg, BUDGET_CHECK);
}

static void ask_twenty_times(void *arg)
{
    ask_ten_times(arg);
    ask_ten_times(arg);
}

TEST(ten_500s_in_a_row_are_a_block)
{
    static const struct reply down[] = {{500, "Internal Server Error", NULL}};
    struct scene *scene = SCENE(down, KEY, "");
    play(scene, ask_twenty_times);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(scene->told[i].fault, RESY_DOWN);
    assert_int_equal(scene->told[9].fault, RESY_BLOCKED);
    assert_int_equal(scene->told[9].err.retry_ms, 10 * MINUTE);
    assert_int_equal(scene->asked_count, 10); /* the rest were not sent */
    for (size_t i = 10; i < 20; i++)
        assert_true(scene->told[i].ret && scene->told[i].err.retry_ms == 10 * MINUTE);
    scene_free(scene);
}

TEST(nine_500s_an_answer_and_another_are_no_block)
{
    static const struct reply others[] = {{200, FREE, NULL}, {502, "", NULL}};
    for (size_t k = 0; k < ARRAY_LEN(others); k++) {
        struct reply replies[20];
        for (size_t i = 0; i < 20; i++)
            replies[i] = i % 10 == 9 ? others[k] : (struct reply){500, "", NULL};
        struct scene *scene = SCENE(replies, KEY, "");
        play(scene, ask_twenty_times);
        for (size_t i = 0; i < 20; i++)
            assert_int_not_equal(scene->told[i].fault, RESY_BLOCKED);
        assert_int_equal(scene->asked_count, 20);
        scene_free(scene);
    }
}

TEST(any_other_answer_between_500s_breaks_their_row)
{
    struct reply replies[20];
    for (size_t i = 0; i < 20; i++)
        replies[i] = i % 10 == 9 ? (struct reply){404, "{}", NULL} : (struct reply){500, "", NULL};
    struct scene *scene = SCENE(replies, KEY, "");
    play(scene, ask_twenty_times);
    bool blocked = false;
    for (size_t i = 0; i < 20; i++)
        blocked = blocked || scene->told[i].fault == RESY_BLOCKED;
    scene_free(scene);
    if (blocked)
        WRONG("nine 500s, a 404 and a 500 count as ten 500s in a row\n");
}

static void ask_after_each_pause(void *arg)
{
    struct scene *scene = arg;
    for (int i = 0; i < 8; i++) {
        ask(scene, BUDGET_CHECK);
        int64_t until = resy_paused_until(scene->resy);
        if (until)
            env_sim_pause(scene->env, until - env_mono_ms(scene->env));
    }
}

TEST(a_block_that_stays_is_asked_less_and_less_and_a_good_answer_forgets_it)
{
    static const struct reply replies[] = {{403, HTML, NULL}, {403, HTML, NULL}, {403, HTML, NULL},
                                           {403, HTML, NULL}, {403, HTML, NULL}, {200, FREE, NULL},
                                           {403, HTML, NULL}, {200, FREE, NULL}};
    static const int64_t minutes[] = {10, 20, 40, 60, 60, 0, 10, 0};
    struct scene *scene = SCENE(replies, KEY, "");
    play(scene, ask_after_each_pause);
    assert_int_equal(scene->asked_count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(scene->told[i].err.retry_ms, minutes[i] * MINUTE);
    scene_free(scene);
}

/* --- pauses --- */

static void ask_during_a_pause(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    ask(scene, BUDGET_PERSON);
    env_sim_pause(scene->env, 29 * SECOND);
    ask(scene, BUDGET_CHECK);
    ask(scene, BUDGET_PRESS);
    env_sim_pause(scene->env, 1 * SECOND);
    ask(scene, BUDGET_CHECK);
}

TEST(after_a_429_nobody_asks_until_the_time_it_named_but_a_press)
{
    static const struct reply replies[] = {{429, "", "retry-after: 30\n"}, {200, FREE, NULL}};
    struct scene *scene = SCENE(replies, KEY, "");
    play(scene, ask_during_a_pause);
    assert_int_equal(scene->told[1].fault, RESY_LIMITED);
    assert_int_equal(scene->told[1].err.retry_ms, 30 * SECOND);
    assert_int_equal(scene->told[2].fault, RESY_LIMITED);
    assert_int_equal(scene->told[2].err.retry_ms, 1 * SECOND);
    assert_int_equal(scene->told[3].ret, 0);
    assert_int_equal(scene->told[4].ret, 0);
    assert_int_equal(scene->asked_count, 3);
    assert_int_equal(resy_paused_until(scene->resy), 0);
    scene_free(scene);
}

static void wait_for_a_place(void *arg)
{
    ask(arg, BUDGET_PERSON);
}

/* Two a minute: the third waits four seconds, and meanwhile a press brings a 429. */
static void wait_while_a_429_comes(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    ask(scene, BUDGET_PERSON);
    env_sim_pause(scene->env, 56 * SECOND);
    struct task *task = env_start(scene->env, "person", 0, wait_for_a_place, scene);
    env_sim_pause(scene->env, 1 * SECOND);
    ask(scene, BUDGET_PRESS);
    env_join(task);
}

TEST(who_waits_for_the_budget_obeys_a_pause_that_began_meanwhile)
{
    static const struct reply replies[] = {
        {200, FREE, NULL}, {200, FREE, NULL}, {429, "", "retry-after: 30\n"}, {200, FREE, NULL}};
    struct scene *scene = scene_new(replies, ARRAY_LEN(replies), KEY, "", 2);
    play(scene, wait_while_a_429_comes);
    size_t asked = scene->asked_count;
    scene_free(scene);
    if (asked != 3)
        WRONG("a person who waited for the budget asks although a 429 said no\n");
}

/* --- the budget --- */

static void use_up_and_ask(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    ask(scene, BUDGET_PERSON);
    env_sim_pause(scene->env, 54 * SECOND);
    ask(scene, BUDGET_PERSON); /* a place in 6 s */
    env_sim_pause(scene->env, 1 * SECOND);
    ask(scene, BUDGET_CHECK);
    ask(scene, BUDGET_PERSON); /* in 5 s */
    ask(scene, BUDGET_PRESS);
}

TEST(a_person_waits_for_the_budget_five_seconds_at_most_and_a_check_not_at_all)
{
    struct scene *scene = scene_new(all_free, 1, KEY, "", 2);
    play(scene, use_up_and_ask);
    const struct told *told = scene->told;
    assert_int_equal(told[2].fault, RESY_NO_BUDGET);
    assert_int_equal(told[2].ended - told[2].began, 0);
    assert_int_equal(told[2].err.retry_ms, 6 * SECOND);
    assert_int_equal(told[2].err.kind, ERR_LIMIT);
    assert_int_equal(told[3].fault, RESY_NO_BUDGET);
    assert_int_equal(told[3].ended - told[3].began, 0);
    assert_true(told[3].err.retry_ms >= 5 * SECOND);
    assert_int_equal(told[4].ret, 0);
    assert_int_equal(told[4].ended - told[4].began, 5 * SECOND);
    assert_int_equal(told[5].ret, 0);
    assert_int_equal(told[5].ended - told[5].began, 0);
    assert_int_equal(scene->asked_count, 4);
    assert_int_equal(budget_use(resy_budget(scene->resy), told[5].ended).last_hour, 4);
    scene_free(scene);
}

TEST(a_repeat_with_a_fresh_key_is_paid_for_too)
{
    static const struct reply replies[] = {{419, "", NULL}, {200, FREE, NULL}};
    struct scene *scene = scene_new(replies, 2, "auto", "", 60);
    play(scene, ask_once);
    assert_int_equal(scene->told[0].ret, 0);
    assert_int_equal(budget_use(resy_budget(scene->resy), scene->told[0].ended).last_hour, 2);
    scene_free(scene);
}

/* --- the key from the public page --- */

TEST(the_key_is_read_from_the_page_and_its_script)
{
    static const struct {
        const char *page, *script, *key;
    } cases[] = {
        {PAGE, SCRIPT, KEY},
        {"<link href=modules/app.css>" PAGE, "x={\"apiKey\":\"" KEY "\"}", KEY},
        {"modules/app.ff.css modules/app.ff00.js", "apiKey: \"" KEY "\"", KEY},
        {PAGE, "apiKey:e.apiKey,y={apiKey:\"\",apiKey:\"short\"},{apiKey:\"" NEW_KEY "\"}",
         NEW_KEY},
        {PAGE, "apiKey:\"has-a-dash-in-it-and-is-long\";apiKey:\"" KEY "\"", KEY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene *scene = SCENE(all_free, "auto", "");
        scene->page = cases[i].page;
        scene->script = cases[i].script;
        play(scene, ask_once);
        if (scene->told[0].ret)
            fail_msg("%zu: %s", i, scene->told[0].err.why);
        auto_str want = STR_INIT(100);
        str_addf(&want, "api_key=\"%s\"", cases[i].key);
        assert_non_null(strstr(scene->asked[0].headers, want.buf));
        scene_free(scene);
    }
}

TEST(a_page_without_a_key_is_a_fault_of_the_key)
{
    static const struct {
        const char *page, *script;
        int status;
    } cases[] = {
        {"", "", 200},
        {HTML, SCRIPT, 200},
        {"modules/app.css", SCRIPT, 200},
        {"modules/app.", SCRIPT, 200},
        {PAGE, "", 200},
        {PAGE, "apiKey", 200},
        {PAGE, "apiKey:\"", 200},
        {PAGE, "apiKey:\"tooshort\"", 200},
        {PAGE, "apiKey:\"" KEY, 200},
        {PAGE, "apiKey:\"" KEY KEY KEY "\"", 200},
        {PAGE, "apiKey:'" KEY "'", 200},
        {PAGE, "apiKey:\"" KEY "\\\"\"", 200},
        {PAGE, SCRIPT, 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene *scene = SCENE(all_free, "auto", "");
        scene->page = cases[i].page;
        scene->script = cases[i].script;
        scene->page_status = cases[i].status;
        play(scene, ask_once);
        if (scene->told[0].fault != RESY_KEY)
            fail_msg("%zu: %s", i, resy_fault_name(scene->told[0].fault));
        assert_int_equal(scene->asked_count, 0);
        scene_free(scene);
    }
}

TEST(a_page_that_is_refused_is_a_block_and_makes_a_pause)
{
    struct scene *scene = SCENE(all_free, "auto", "");
    scene->page_status = 403;
    play(scene, ask_once);
    assert_int_equal(scene->told[0].fault, RESY_BLOCKED);
    assert_int_equal(scene->asked_count, 0);
    assert_true(resy_paused_until(scene->resy) > 0);
    scene_free(scene);
}

TEST(a_page_that_is_not_reached_is_down)
{
    struct scene *scene = SCENE(all_free, "auto", "");
    scene->page_status = 0;
    play(scene, ask_once);
    assert_int_equal(scene->told[0].fault, RESY_DOWN);
    assert_int_equal(scene->asked_count, 0);
    scene_free(scene);
}

TEST(a_page_that_fails_is_down_and_no_fault_of_the_key)
{
    struct scene *scene = SCENE(all_free, "auto", "");
    scene->page_status = 503;
    play(scene, ask_once);
    enum resy_fault fault = scene->told[0].fault;
    scene_free(scene);
    if (fault != RESY_DOWN)
        WRONG("the public page answers 503 and it is told as \"%s\"\n", resy_fault_name(fault));
}

static void ask_over_the_hours(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    env_sim_pause(scene->env, 6 * HOUR - 1);
    ask(scene, BUDGET_PERSON);
    scene->script = "apiKey:\"" NEW_KEY "\"";
    env_sim_pause(scene->env, 1);
    ask(scene, BUDGET_PERSON);
}

TEST(a_key_that_was_read_is_kept_six_hours)
{
    struct scene *scene = SCENE(all_free, "auto", "");
    play(scene, ask_over_the_hours);
    assert_int_equal(scene->pages_read, 2);
    assert_non_null(strstr(scene->asked[1].headers, KEY));
    assert_non_null(strstr(scene->asked[2].headers, NEW_KEY));
    scene_free(scene);
}

TEST(a_configured_key_is_never_read_from_the_page)
{
    static const struct reply refused[] = {{419, "", NULL}};
    struct scene *scene = SCENE(refused, KEY, "");
    play(scene, ask_once);
    assert_int_equal(scene->pages_read, 0);
    assert_int_equal(scene->asked_count, 1);
    scene_free(scene);
}

static void ask_with_an_old_key(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    scene->script = "apiKey:\"" NEW_KEY "\"";
    ask(scene, BUDGET_PERSON);
}

TEST(a_key_that_was_refused_is_read_again_once)
{
    for (int status = 401; status <= 419; status += 18) {
        const struct reply replies[] = {{200, FREE, NULL}, {status, "", NULL}, {200, FREE, NULL}};
        struct scene *scene = SCENE(replies, "auto", "");
        play(scene, ask_with_an_old_key);
        assert_int_equal(scene->told[1].ret, 0);
        assert_int_equal(scene->told[1].fault, RESY_FINE);
        assert_int_equal(scene->pages_read, 2);
        assert_int_equal(scene->asked_count, 3);
        assert_non_null(strstr(scene->asked[1].headers, "\"" KEY "\""));
        assert_non_null(strstr(scene->asked[2].headers, NEW_KEY));
        scene_free(scene);
    }
}

TEST(a_key_that_is_refused_again_is_a_fault_of_key_or_token)
{
    static const struct reply replies[] = {{200, FREE, NULL}, {419, "", NULL}};
    struct scene *scene = SCENE(replies, "auto", TOKEN);
    play(scene, ask_with_an_old_key);
    assert_int_equal(scene->told[1].fault, RESY_KEY);
    assert_int_equal(scene->pages_read, 2);
    assert_int_equal(scene->asked_count, 3);
    scene_free(scene);
}

TEST(a_dead_token_does_not_read_the_page_with_each_question)
{
    static const struct reply refused[] = {{419, "", NULL}};
    struct scene *scene = SCENE(refused, "auto", TOKEN);
    play(scene, ask_ten_times);
    size_t pages = scene->pages_read;
    scene_free(scene);
    if (pages > 2)
        WRONG("ten questions with a dead token read the public page %zu times\n", pages);
}

static void ask_while_blocked_with_an_old_key(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_CHECK);
    env_sim_pause(scene->env, 6 * HOUR);
    ask(scene, BUDGET_CHECK); /* a 403: pause */
    resy_set_keys(scene->resy, KEY, "");
    resy_set_keys(scene->resy, "auto", "");
    ask(scene, BUDGET_CHECK);
}

TEST(the_page_is_not_read_while_we_pause)
{
    static const struct reply replies[] = {{200, FREE, NULL}, {403, HTML, NULL}};
    struct scene *scene = SCENE(replies, "auto", "");
    play(scene, ask_while_blocked_with_an_old_key);
    size_t pages = scene->pages_read, asked = scene->asked_count;
    scene_free(scene);
    assert_int_equal(asked, 2);
    if (pages > 2)
        WRONG("the public page is read for a question that may not be asked\n");
}

/* --- cancelling --- */

static void cancel_soon(void *arg)
{
    struct scene *scene = arg;
    env_sim_pause(scene->env, 3 * SECOND);
    cancel_set(&scene->cancel);
}

static void ask_and_be_cancelled(void *arg)
{
    struct scene *scene = arg;
    struct task *task = env_start(scene->env, "canceller", 0, cancel_soon, scene);
    ask(scene, BUDGET_PERSON);
    env_join(task);
    ask(scene, BUDGET_PERSON);
}

TEST(a_question_on_its_way_can_be_cancelled)
{
    static const struct reply never[] = {{-1, NULL, NULL}};
    struct scene *scene = SCENE(never, KEY, "");
    play(scene, ask_and_be_cancelled);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(scene->told[i].ret, -1);
        assert_int_equal(scene->told[i].fault, RESY_CANCELLED);
        assert_int_equal(scene->told[i].err.kind, ERR_CANCELLED);
    }
    assert_int_equal(scene->told[0].ended - scene->told[0].began, 3 * SECOND);
    assert_int_equal(scene->told[1].ended - scene->told[1].began, 0);
    assert_int_equal(resy_paused_until(scene->resy), 0);
    scene_free(scene);
}

static void wait_and_be_cancelled(void *arg)
{
    struct scene *scene = arg;
    ask(scene, BUDGET_PERSON);
    env_sim_pause(scene->env, 56 * SECOND);
    struct task *task = env_start(scene->env, "canceller", 0, cancel_soon, scene);
    ask(scene, BUDGET_PERSON);
    env_join(task);
}

TEST(a_person_who_waits_for_the_budget_can_be_cancelled)
{
    struct scene *scene = scene_new(all_free, 1, KEY, "", 1);
    play(scene, wait_and_be_cancelled);
    assert_int_equal(scene->told[1].fault, RESY_CANCELLED);
    assert_int_equal(scene->told[1].ended - scene->told[1].began, 3 * SECOND);
    assert_int_equal(scene->asked_count, 1);
    assert_int_equal(budget_use(resy_budget(scene->resy), scene->told[1].ended).last_hour, 1);
    scene_free(scene);
}

MAIN(cmocka_unit_test(a_question_carries_what_a_browser_would_send),
     cmocka_unit_test(the_token_is_sent_twice_and_never_in_the_url),
     cmocka_unit_test(a_token_that_is_null_is_not_sent),
     cmocka_unit_test(key_and_token_can_be_changed_while_it_runs),
     cmocka_unit_test(a_venue_and_a_search_are_asked_for_as_the_web_client_does),
     cmocka_unit_test(each_fault_is_told_from_the_others),
     cmocka_unit_test(every_fault_has_a_name_of_its_own),
     cmocka_unit_test(a_fault_that_nobody_wants_to_know_is_still_an_error),
     cmocka_unit_test(a_retry_after_beyond_all_numbers_is_only_a_long_one),
     cmocka_unit_test(ten_500s_in_a_row_are_a_block),
     cmocka_unit_test(nine_500s_an_answer_and_another_are_no_block),
     cmocka_unit_test(any_other_answer_between_500s_breaks_their_row),
     cmocka_unit_test(a_block_that_stays_is_asked_less_and_less_and_a_good_answer_forgets_it),
     cmocka_unit_test(after_a_429_nobody_asks_until_the_time_it_named_but_a_press),
     cmocka_unit_test(who_waits_for_the_budget_obeys_a_pause_that_began_meanwhile),
     cmocka_unit_test(a_person_waits_for_the_budget_five_seconds_at_most_and_a_check_not_at_all),
     cmocka_unit_test(a_repeat_with_a_fresh_key_is_paid_for_too),
     cmocka_unit_test(the_key_is_read_from_the_page_and_its_script),
     cmocka_unit_test(a_page_without_a_key_is_a_fault_of_the_key),
     cmocka_unit_test(a_page_that_is_refused_is_a_block_and_makes_a_pause),
     cmocka_unit_test(a_page_that_is_not_reached_is_down),
     cmocka_unit_test(a_page_that_fails_is_down_and_no_fault_of_the_key),
     cmocka_unit_test(a_key_that_was_read_is_kept_six_hours),
     cmocka_unit_test(a_configured_key_is_never_read_from_the_page),
     cmocka_unit_test(a_key_that_was_refused_is_read_again_once),
     cmocka_unit_test(a_key_that_is_refused_again_is_a_fault_of_key_or_token),
     cmocka_unit_test(a_dead_token_does_not_read_the_page_with_each_question),
     cmocka_unit_test(the_page_is_not_read_while_we_pause),
     cmocka_unit_test(a_question_on_its_way_can_be_cancelled),
     cmocka_unit_test(a_person_who_waits_for_the_budget_can_be_cancelled))
