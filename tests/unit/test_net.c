/* The real network code against a scripted server on this machine, and http.h over it. */
#include "tests/unit/loopback.h"

#include "core/base/net.h"

#define OK_HEAD       "HTTP/1.1 200 OK\r\nContent-Length: "
#define CHUNKED       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define GZIP(len)     OK_HEAD #len "\r\nContent-Encoding: gzip\r\n\r\n"
#define BINARY(bytes) bytes, sizeof(bytes) - 1
#define TEN           "0123456789"
#define HUNDRED       TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct script scripts[] = {
    {"/404", 0, BINARY("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), .after = KEEP},
    {"/429", 0, BINARY("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
     .after = KEEP},
    {"/500", 0, BINARY("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"), .after = KEEP},
    {"/302", 0, BINARY("HTTP/1.1 302 Found\r\nLocation: /404\r\nContent-Length: 0\r\n\r\n"),
     .after = KEEP},
    {"/204", 0, BINARY("HTTP/1.1 204 No Content\r\n\r\n"), .after = KEEP},
    {"/old", 0, BINARY("HTTP/1.0 200 OK\r\n\r\nuntil the end"), .after = CLOSE},
    {"/hints", 0,
     BINARY("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n" OK_HEAD "2\r\nLink: late\r\n\r\nok"),
     .after = KEEP},
    {"/slow", 60, BINARY(OK_HEAD "4\r\n\r\nslow"), .after = KEEP},
    {"/steady", 0, BINARY(OK_HEAD "10\r\n\r\n"), "x", 30, 10, KEEP},
    {"/silent", 0, BINARY("H"), .after = HANG},
    {"/never", 60000, BINARY("HTTP/1.1 200 OK\r\n\r\n"), .after = CLOSE},
    {"/stall", 0, BINARY(OK_HEAD "100\r\n\r\nab"), .after = HANG},
    {"/stall-head", 0, BINARY("HTTP/1.1 200 OK\r\nX-Half: "), .after = HANG},
    {"/drip", 0, BINARY(OK_HEAD "100000\r\n\r\n"), "x", 30, 100000, CLOSE},
    {"/drip-head", 0, BINARY("HTTP/1.1 200 OK\r\n"), "X-Drip: y\r\n", 30, 100000, CLOSE},
    {"/reset", 0, BINARY(OK_HEAD "100\r\n\r\nab"), .after = RESET},
    {"/reset-first", 0, BINARY(""), .after = RESET},
    {"/cut", 0, BINARY(OK_HEAD "100\r\n\r\nab"), .after = CLOSE},
    {"/cut-chunk", 0, BINARY(CHUNKED "a\r\n0123456789\r\nff\r\nabc"), .after = CLOSE},
    {"/no-last-chunk", 0, BINARY(CHUNKED "a\r\n0123456789\r\n"), .after = CLOSE},
    {"/chunked", 0, BINARY(CHUNKED "a\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n"), .after = KEEP},
    {"/bad-chunk", 0, BINARY(CHUNKED "zz\r\nabc"), .after = CLOSE},
    {"/empty", 0, BINARY(""), .after = CLOSE},
    {"/garbage", 0, BINARY("SSH-2.0-OpenSSH\r\n"), .after = CLOSE},
    {"/long", 0, BINARY(OK_HEAD "1000\r\n\r\n"), HUNDRED, 0, 10, KEEP},
    {"/long-chunks", 0, BINARY(CHUNKED), "64\r\n" HUNDRED "\r\n", 0, 10000, CLOSE},
    {"/long-head", 0, BINARY("HTTP/1.1 200 OK\r\n"), "X-Long: " HUNDRED "\r\n", 0, 10000, CLOSE},
    {"/endless-100", 0, BINARY(""), "HTTP/1.1 100 Continue\r\n\r\n", 0, 10000, CLOSE},
    {"/gzip", 0,
     BINARY(GZIP(37) "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x48\xcd\xc9\xc9\x57\xb2"
                     "\x52\x2a\xcf"
                     "\x2f\xca\x49\x51\xaa\x05\x00\xd1\x41\x09\xd8\x11\x00\x00\x00"),
     .after = KEEP},
    {"/bad-gzip", 0, BINARY(GZIP(8) "notgzip!"), .after = KEEP},
    {"/bomb", 0,
     BINARY(GZIP(
         230) "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xac"
              "\xeb\x5f\xc2\x0c\xfe\x40\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
              "\xaf\x01\x9b\x53\x69\xe0\x40\x0d\x03\x00"),
     .after = KEEP}, /* 200,000 times "a" */
    {0},
};

static struct env *env;
static struct net *net;
static struct http *http;
static struct loopback *server;

static int begin(void **state)
{
    static const struct net_options options;
    (void)state;
    env = env_threads_new();
    net = net_new(env, &options, NULL);
    http = net ? net_http(net) : NULL;
    server = loopback_begin(scripts);
    return net ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    net_free(net);
    loopback_end(server);
    env_free(env);
    return 0;
}

#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

struct url {
    char text[300];
};

static struct url url_of(const char *path)
{
    struct url url;
    snprintf(url.text, sizeof(url.text), "http://127.0.0.1:%d%s", server->port, path);
    return url;
}

static struct http_request request_of(const struct url *url)
{
    return (struct http_request){.method = "GET", .url = url->text};
}

static int get(const char *path, struct http_answer *answer, struct err *err)
{
    struct url url = url_of(path);
    struct http_request request = request_of(&url);
    return http_perform(http, &request, answer, err);
}

static void pause_ms(int ms)
{
    struct cell cell;
    cell_init(&cell, env);
    env_wait(env, &cell, env_mono_ms(env) + ms);
    cell_done(&cell);
}

/* In ten seconds at most. */
#define AWAIT(what)                                                                                \
    do {                                                                                           \
        for (int i_ = 0; i_ < 10000 && !(what); i_++)                                              \
            pause_ms(1);                                                                           \
        assert_true(what);                                                                         \
    } while (0)

/* --- what is sent and what comes back --- */

TEST(a_get_is_answered_with_status_headers_and_body)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    char value[20];
    int64_t start = env_mono_ms(env);
    OK(get("/n/one?q=1", &answer, err));
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body.buf, "/n/one");
    assert_false(answer.http2);
    assert_true(answer.received_ms >= start && answer.received_ms <= env_mono_ms(env));
    assert_true(http_header(&answer, "x-CONNECTION", value, sizeof(value)));
    assert_string_equal(value, "0");
    assert_string_equal(answer.headers.buf, "Content-Length: 6\nX-Connection: 0\n");
    OK(get("/404", &answer, err)); /* the same answer again: nothing of the old one is left */
    assert_string_equal(answer.body.buf, "gone");
    assert_string_equal(answer.headers.buf, "Content-Length: 4\n");
}

TEST(method_headers_and_body_are_sent_as_asked)
{
    static const char *const headers[] = {"X-Key: value one", "Content-Type: application/json",
                                          NULL};
    static const struct {
        const char *method, *body;
        size_t len;
        const char *line;
    } cases[] = {
        {"GET", NULL, 0, "GET /echo HTTP/1.1\r\n"},
        {"POST", BINARY("{\"a\":1}"), "POST /echo HTTP/1.1\r\n"},
        {"POST", BINARY("a\0b\xff"), "POST /echo HTTP/1.1\r\n"},
        {"POST", BINARY(""), "POST /echo HTTP/1.1\r\n"},
        {"PUT", BINARY("put"), "PUT /echo HTTP/1.1\r\n"},
        {"DELETE", NULL, 0, "DELETE /echo HTTP/1.1\r\n"},
    };
    struct url url = url_of("/echo");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct http_request request = request_of(&url);
        request.method = cases[i].method;
        request.headers = headers;
        request.body = cases[i].body;
        request.body_len = cases[i].len;
        OK(http_perform(http, &request, &answer, err));
        const struct str *echo = &answer.body;
        assert_memory_equal(echo->buf, cases[i].line, strlen(cases[i].line));
        assert_non_null(strstr(echo->buf, "\r\nX-Key: value one\r\n"));
        assert_non_null(strstr(echo->buf, "\r\nContent-Type: application/json\r\n"));
        assert_true(echo->len >= cases[i].len);
        assert_memory_equal(echo->buf + echo->len - cases[i].len - 4, "\r\n\r\n", 4);
        if (cases[i].len)
            assert_memory_equal(echo->buf + echo->len - cases[i].len, cases[i].body, cases[i].len);
    }
}

TEST(every_whole_answer_is_a_success)
{
    static const struct {
        const char *path;
        int status;
        const char *body, *headers;
    } cases[] = {
        {"/404", 404, "gone", "Content-Length: 4\n"},
        {"/429", 429, "", "Retry-After: 7\nContent-Length: 0\n"},
        {"/500", 500, "oops", "Content-Length: 4\n"},
        {"/302", 302, "", "Location: /404\nContent-Length: 0\n"},
        {"/204", 204, "", ""},
        {"/old", 200, "until the end", ""},
        {"/hints", 200, "ok", "Content-Length: 2\nLink: late\n"},
        {"/slow", 200, "slow", "Content-Length: 4\n"},
        {"/steady", 200, "xxxxxxxxxx", "Content-Length: 10\n"},
        {"/chunked", 200, TEN "abc", "Transfer-Encoding: chunked\n"},
        {"/gzip", 200, "{\"hello\":\"world\"}", "Content-Length: 37\nContent-Encoding: gzip\n"},
        {"/big/0", 200, "", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        OK(get(cases[i].path, &answer, err));
        assert_int_equal(answer.status, cases[i].status);
        assert_string_equal(answer.body.buf, cases[i].body);
        if (cases[i].headers)
            assert_string_equal(answer.headers.buf, cases[i].headers);
    }
}

static const struct failing {
    const char *path;
    unsigned first_byte_ms, idle_ms, total_ms;
    size_t body_max, header_max;
    const char *why; /* in err->why; NULL: whatever curl says */
} failing[] = {
    {"/never", 100, 0, 0, 0, 0, "no answer in time"},
    {"/silent", 100, 0, 0, 0, 0, "no answer in time"},
    {"/never", 0, 0, 100, 0, 0, NULL},
    {"/stall", 0, 100, 0, 0, 0, "nothing more came in time"},
    {"/stall-head", 0, 100, 0, 0, 0, "nothing more came in time"},
    {"/stall", 0, 0, 100, 0, 0, NULL},
    {"/drip", 0, 5, 0, 0, 0, "nothing more came in time"},
    {"/drip", 0, 2000, 200, 0, 0, NULL},
    {"/drip-head", 0, 2000, 200, 0, 0, NULL},
    {"/reset", 0, 0, 0, 0, 0, NULL},
    {"/reset-first", 0, 0, 0, 0, 0, NULL},
    {"/cut", 0, 0, 0, 0, 0, NULL},
    {"/cut-chunk", 0, 0, 0, 0, 0, NULL},
    {"/no-last-chunk", 0, 0, 0, 0, 0, NULL},
    {"/bad-chunk", 0, 0, 0, 0, 0, NULL},
    {"/empty", 0, 0, 0, 0, 0, NULL},
    {"/garbage", 0, 0, 0, 0, 0, NULL},
    {"/bad-gzip", 0, 0, 0, 0, 0, NULL},
    {"/long", 0, 0, 0, 999, 0, "body over the ceiling"},
    {"/long-chunks", 0, 0, 0, 5000, 0, "body over the ceiling"},
    {"/bomb", 0, 0, 0, 10000, 0, "body over the ceiling"},
    {"/long-head", 0, 0, 0, 0, 2000, "headers over the ceiling"},
    {"/long-head", 0, 0, 0, 0, 0, "headers over the ceiling"},
    {"/endless-100", 0, 0, 0, 0, 2000, "headers over the ceiling"},
};

static struct http_request failing_request(const struct failing *f, const struct url *url)
{
    static const char *const headers[] = {"Authorization: hidden-header", NULL};
    struct http_request request = request_of(url);
    request.headers = headers;
    request.first_byte_ms = f->first_byte_ms;
    request.idle_ms = f->idle_ms;
    request.total_ms = f->total_ms;
    request.body_max = f->body_max;
    request.header_max = f->header_max;
    return request;
}

TEST(what_is_no_whole_answer_fails_and_says_why_without_secrets)
{
    for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        char path[100];
        snprintf(path, sizeof(path), "%s?token=hidden-query", failing[i].path);
        struct url url = url_of(path);
        struct http_request request = failing_request(&failing[i], &url);
        int64_t start = env_mono_ms(env);
        *err = (struct err)ERR_INIT;
        if (!http_perform(http, &request, &answer, err))
            fail_msg("case %zu, %s: is answered", i, failing[i].path);
        assert_int_equal(err->kind, ERR_REMOTE);
        if (failing[i].why && !strstr(err->why, failing[i].why))
            fail_msg("case %zu, %s: %s", i, failing[i].path, err->why);
        if (strstr(err->why, "hidden") || strstr(err->why, failing[i].path))
            fail_msg("case %zu tells too much: %s", i, err->why);
        assert_non_null(strstr(err->why, "127.0.0.1"));
        if (env_mono_ms(env) - start > 5000)
            fail_msg("case %zu, %s: took long", i, failing[i].path);
        assert_int_equal(answer.body.len, 0);
        OK(get("/n/after", &answer, err)); /* and the next one is served */
        assert_string_equal(answer.body.buf, "/n/after");
    }
}

TEST(ceilings_are_reached_but_not_passed)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct url url = url_of("/long"), bomb = url_of("/bomb");
    struct http_request request = request_of(&url);
    request.body_max = 1000;
    OK(http_perform(http, &request, &answer, err));
    assert_int_equal(answer.body.len, 1000);
    request.url = bomb.text;
    request.body_max = 200000;
    OK(http_perform(http, &request, &answer, err));
    assert_int_equal(answer.body.len, 200000);
    request.body_max = 199999;
    FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
}

TEST(a_closed_port_is_refused_at_once)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct url url = url_of("/x");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0); /* bound, but nobody listens */
    getsockname(fd, (struct sockaddr *)&at, &len);
    snprintf(url.text, sizeof(url.text), "http://127.0.0.1:%d/hidden?hidden", ntohs(at.sin_port));
    struct http_request request = request_of(&url);
    FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
    assert_null(strstr(err->why, "hidden"));
    close(fd);
}

TEST(other_schemes_and_bad_addresses_are_refused)
{
    static const char *const urls[] = {"file:///etc/passwd",
                                       "ftp://127.0.0.1/hidden",
                                       "",
                                       "http://",
                                       "http://127.0.0.1:99999/hidden",
                                       "://",
                                       "gopher://127.0.0.1:1/hidden",
                                       "http://127.0.0.1:x/hidden"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct http_request request = {.method = "GET", .url = urls[i]};
        FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
        if (strstr(err->why, "passwd") || strstr(err->why, "/hidden"))
            fail_msg("%s tells too much: %s", urls[i], err->why);
    }
}

TEST(the_name_and_password_in_an_address_are_not_logged)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct url url;
    snprintf(url.text, sizeof(url.text), "http://me:hidden@127.0.0.1:%d/reset", server->port);
    struct http_request request = request_of(&url);
    FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
    assert_null(strstr(err->why, "hidden"));
}

TEST(headers_are_found_by_name)
{
    struct http_answer answer = HTTP_ANSWER_INIT;
    str_add(&answer.headers, "Server: x\nSet-Cookie: a=1\nset-cookie: b=2\nEmpty:\nNear-: \ty \n");
    static const struct {
        const char *name, *value;
    } cases[] = {{"server", "x"}, {"SET-COOKIE", "a=1"}, {"empty", ""},
                 {"Serve", NULL}, {"Server:", NULL},     {"", NULL},
                 {"none", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[10] = "";
        assert_int_equal(http_header(&answer, cases[i].name, out, sizeof(out)),
                         cases[i].value != NULL);
        if (cases[i].value)
            assert_string_equal(out, cases[i].value);
    }
    char small[3];
    assert_false(http_header(&answer, "Set-Cookie", small, sizeof(small)));
    assert_true(http_header(&answer, "Server", small, 2));
    http_answer_free(&answer);
    assert_false(http_header(&answer, "Server", small, 2));
}

/* --- connections --- */

TEST(connections_are_used_again)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    for (int i = 0; i < 10; i++)
        OK(get(i % 2 ? "/n/x" : "/404", &answer, err));
    assert_int_equal(server->made, 1);
}

/* That many transfers at once, so that as many connections are kept. */
static void warm_up(size_t count)
{
    struct http_request requests[8];
    struct http_answer answers[8];
    struct err errs[8];
    char path[20];
    snprintf(path, sizeof(path), "/gate/%d", server->at_gate + (int)count);
    struct url url = url_of(path);
    for (size_t i = 0; i < count; i++) {
        requests[i] = request_of(&url);
        answers[i] = (struct http_answer)HTTP_ANSWER_INIT;
    }
    assert_int_equal(http_perform_all(http, requests, count, answers, errs), 0);
    for (size_t i = 0; i < count; i++)
        http_answer_free(&answers[i]);
}

TEST(after_a_transport_error_the_next_connection_is_fresh)
{
    static const char *const bad[] = {"/reset", "/cut", "/garbage", "/empty"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        warm_up(4);
        int made = server->made;
        OK(get("/n/x", &answer, err));
        assert_int_equal(server->made, made); /* a kept one */
        FAILS(ERR_REMOTE, get(bad[i], &answer, err));
        made = server->made;
        OK(get("/n/x", &answer, err));
        int fresh = server->last;
        assert_true(fresh >= made); /* one that was not there before */
        made = server->made;
        OK(get("/n/x", &answer, err));
        assert_int_equal(server->made, made); /* and trusted again: a kept one will do */
    }
}

TEST(what_may_be_said_once_only_is_not_said_again_by_curl)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct url url = url_of("/reset-first");
    struct http_request request = {.method = "POST", .url = url.text, .body = "{}", .body_len = 2};
    for (int once = 0; once < 2; once++) {
        request.flags = once ? HTTP_ONCE : 0;
        OK(get("/n/x", &answer, err)); /* a connection to keep */
        int requests = server->requests;
        FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
        assert_int_equal(server->requests - requests, once ? 1 : 2);
        assert_true(answer.begun);
    }
}

TEST(a_lead_goes_before_its_body_also_when_it_is_said_again)
{
    struct url url = url_of("/echo");
    struct http_request request = {.method = "POST", .url = url.text};
    char *body = mem_new(100001, 1), *lead = mem_new(70001, 1); /* over curl's own buffers */
    memset(body, 'b', 100000);
    memset(lead, 'l', 70000);
    for (size_t len = 0; len <= 100000; len += 50000) {
        auto_answer answer = HTTP_ANSWER_INIT;
        request.lead = lead;
        request.body = body;
        request.body_len = len;
        OK(http_perform(http, &request, &answer, err));
        const char *sent = strstr(answer.body.buf, "\r\n\r\n") + 4;
        assert_int_equal(strspn(sent, "l"), 70000);
        assert_int_equal(strspn(sent + 70000, "b"), len);
        assert_int_equal(strlen(sent), 70000 + len);
    }
    free(body);
    free(lead);
    url = url_of("/reset-first");
    request = (struct http_request){
        .method = "POST", .url = url.text, .lead = "{\"a\":1", .body = ",\"b\":2}", .body_len = 7};
    auto_answer answer = HTTP_ANSWER_INIT;
    OK(get("/n/x", &answer, err)); /* a connection to keep, which dies */
    int requests = server->requests;
    FAILS(ERR_REMOTE, http_perform(http, &request, &answer, err));
    assert_int_equal(server->requests - requests, 2);
}

static int cancel_when_asked(void *arg);

/* A cancelled transfer says nothing about the host: what was learnt before it stays. */
TEST(a_cancelled_transfer_does_not_make_a_wedged_host_trusted)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct cancel cancel;
    cancel_init(&cancel);
    warm_up(4);
    struct url url = url_of("/never");
    struct http_request request = request_of(&url);
    request.cancel = &cancel;
    int before = server->requests;
    struct http_call *call = http_open(http, &request, 1000);
    AWAIT(server->requests > before);
    FAILS(ERR_REMOTE, get("/reset", &answer, err));
    http_close(call);
    int made = server->made;
    OK(get("/n/x", &answer, err));
    assert_int_equal(server->made, made + 1);
    cancel_done(&cancel);
}

TEST(a_request_may_have_a_connection_of_its_own)
{
    auto_answer answer = HTTP_ANSWER_INIT;
    struct url url = url_of("/n/own");
    struct http_request request = request_of(&url);
    request.flags = HTTP_OWN_CONNECTION;
    for (int i = 0; i < 3; i++)
        OK(http_perform(http, &request, &answer, err));
    assert_string_equal(answer.body.buf, "/n/own");
}

/* --- many at once --- */

TEST(two_hundred_requests_are_under_way_at_once)
{
    enum { COUNT = 200 };
    static struct http_request requests[COUNT];
    static struct http_answer answers[COUNT];
    static struct err errs[COUNT];
    struct url url = url_of("/gate/200"); /* none is answered before all are there */
    for (size_t i = 0; i < COUNT; i++) {
        requests[i] = request_of(&url);
        answers[i] = (struct http_answer)HTTP_ANSWER_INIT;
    }
    assert_int_equal(http_perform_all(http, requests, COUNT, answers, errs), 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(errs[i].kind, ERR_NONE);
        assert_string_equal(answers[i].body.buf, "through");
        http_answer_free(&answers[i]);
    }
    assert_int_equal(server->made, COUNT);
    AWAIT(server->gone >= COUNT - 30); /* few idle connections are kept */
}

TEST(of_many_requests_each_fails_for_itself)
{
    static const char *const paths[] = {"/n/a", "/reset", "/404", "/cut", "/n/b"};
    struct url urls[5];
    struct http_request requests[5];
    struct http_answer answers[5];
    struct err errs[5];
    for (size_t i = 0; i < 5; i++) {
        urls[i] = url_of(paths[i]);
        requests[i] = request_of(&urls[i]);
        answers[i] = (struct http_answer)HTTP_ANSWER_INIT;
    }
    assert_int_equal(http_perform_all(http, requests, 5, answers, errs), 2);
    static const int status[] = {200, 0, 404, 0, 200};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(answers[i].status, status[i]);
        assert_int_equal(errs[i].kind, status[i] ? ERR_NONE : ERR_REMOTE);
        http_answer_free(&answers[i]);
    }
    assert_int_equal(http_perform_all(http, NULL, 0, NULL, NULL), 0);
}

struct tally {
    atomic_int answered, failed, cancelled, wrong;
};

static void count_done(void *arg, const struct http_answer *answer, const struct err *err)
{
    struct tally *tally = arg;
    if (!answer == !err)
        tally->wrong++;
    if (answer) {
        tally->wrong += answer->status != 200 || strcmp(answer->body.buf, "/n/cb") != 0;
        tally->answered++;
    } else if (err->kind == ERR_CANCELLED) {
        tally->cancelled++;
    } else {
        tally->failed++;
    }
}

TEST(a_started_request_calls_back_once)
{
    struct tally tally = {0};
    struct url good = url_of("/n/cb"), bad = url_of("/reset");
    for (int i = 0; i < 60; i++) {
        struct http_request request = request_of(i % 3 ? &good : &bad);
        http_start(http, &request, count_done, &tally);
    }
    AWAIT(tally.answered + tally.failed == 60);
    assert_int_equal(tally.answered, 40);
    assert_int_equal(tally.failed, 20);
    assert_int_equal(tally.wrong, 0);
}

static void *hammer(void *arg)
{
    struct tally *tally = arg;
    static const char *const paths[] = {"/n/cb", "/404", "/reset", "/cut", "/gzip", "/bomb"};
    for (size_t i = 0; i < 240; i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct err err = ERR_INIT;
        const char *path = paths[i % ARRAY_LEN(paths)];
        int failed = get(path, &answer, &err);
        bool should = !strcmp(path, "/reset") || !strcmp(path, "/cut");
        tally->wrong += !failed == should;
        tally->answered += !failed;
    }
    return NULL;
}

TEST(threads_hammer_on_one_net)
{
    pthread_t threads[3];
    struct tally tally = {0};
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_create(&threads[i], NULL, hammer, &tally);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.answered, 3 * 160);
}

/* --- cancelling --- */

struct canceller {
    struct cancel cancel;
    int requests; /* as many must have come to the server */
    pthread_t thread;
};

static int cancel_when_asked(void *arg)
{
    struct canceller *canceller = arg;
    for (int i = 0; i < 10000 && server->requests < canceller->requests; i++)
        pause_ms(1);
    cancel_set(&canceller->cancel);
    return 0;
}

static void *cancel_thread(void *arg)
{
    cancel_when_asked(arg);
    return NULL;
}

TEST(a_request_is_cancelled_before_and_while_it_waits)
{
    static const char *const paths[] = {"/never", "/stall", "/drip", "/silent", "/stall-head"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        for (int during = 0; during < 2; during++) {
            auto_answer answer = HTTP_ANSWER_INIT;
            struct canceller canceller = {.requests = server->requests + during};
            cancel_init(&canceller.cancel);
            if (during)
                pthread_create(&canceller.thread, NULL, cancel_thread, &canceller);
            else
                cancel_set(&canceller.cancel);
            struct url url = url_of(paths[i]);
            struct http_request request = request_of(&url);
            request.cancel = &canceller.cancel;
            int64_t start = env_mono_ms(env);
            FAILS(ERR_CANCELLED, http_perform(http, &request, &answer, err));
            assert_true(env_mono_ms(env) - start < 5000);
            if (during)
                pthread_join(canceller.thread, NULL);
            cancel_done(&canceller.cancel);
        }
    AWAIT(server->gone == server->made); /* no broken-off connection is kept */
}

TEST(one_token_cancels_many)
{
    enum { COUNT = 50 };
    static struct http_request requests[COUNT];
    static struct http_answer answers[COUNT];
    static struct err errs[COUNT];
    struct canceller canceller = {.requests = COUNT};
    cancel_init(&canceller.cancel);
    struct url url = url_of("/never");
    for (size_t i = 0; i < COUNT; i++) {
        requests[i] = request_of(&url);
        requests[i].cancel = &canceller.cancel;
        answers[i] = (struct http_answer)HTTP_ANSWER_INIT;
    }
    pthread_create(&canceller.thread, NULL, cancel_thread, &canceller);
    assert_int_equal(http_perform_all(http, requests, COUNT, answers, errs), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(errs[i].kind, ERR_CANCELLED);
    pthread_join(canceller.thread, NULL);
    cancel_done(&canceller.cancel);
}

TEST(a_token_set_while_the_answer_comes_does_no_harm)
{
    for (int i = 0; i < 300; i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct canceller canceller = {.requests = server->requests + 1};
        cancel_init(&canceller.cancel);
        pthread_create(&canceller.thread, NULL, cancel_thread, &canceller);
        struct url url = url_of("/n/x");
        struct http_request request = request_of(&url);
        request.cancel = &canceller.cancel;
        if (http_perform(http, &request, &answer, err))
            assert_int_equal(err->kind, ERR_CANCELLED);
        else
            assert_string_equal(answer.body.buf, "/n/x");
        pthread_join(canceller.thread, NULL);
        cancel_done(&canceller.cancel);
    }
}

/* --- streaming --- */

TEST(a_streamed_body_is_whole_and_its_reader_holds_up_nobody)
{
    enum { LEN = 3000000 };
    auto_answer other = HTTP_ANSWER_INIT;
    auto_str body = STR_INIT(LEN * 2);
    struct url url = url_of("/big/3000000");
    struct http_request request = request_of(&url);
    request.idle_ms = 300; /* a reader that is slower than this is not the server's fault */
    struct http_call *call = http_open(http, &request, 20000);
    int status = 0, got = 1;
    for (int pieces = 0; (got = http_read(call, &body, &status, err)) == 1; pieces++) {
        assert_int_equal(status, 200);
        if (pieces < 3) {
            size_t before = body.len;
            pause_ms(350);
            OK(get("/n/x", &other, err));
            assert_int_equal(body.len, before);
        }
    }
    if (got)
        fail_msg("%s", err->why);
    http_close(call);
    assert_int_equal(body.len, LEN);
    for (size_t i = 0; i < LEN; i++)
        if (body.buf[i] != (char)('a' + i % 23))
            fail_msg("byte %zu is wrong", i);
}

TEST(a_gzipped_stream_survives_its_pauses)
{
    for (size_t window = 100; window < 100000; window *= 7) {
        auto_str body = STR_INIT(1 << 20);
        struct url url = url_of("/bomb");
        struct http_request request = request_of(&url);
        struct http_call *call = http_open(http, &request, window);
        int status, got;
        while ((got = http_read(call, &body, &status, err)) == 1)
            pause_ms(1);
        if (got)
            fail_msg("window %zu: %s", window, err->why);
        http_close(call);
        assert_int_equal(body.len, 200000);
        assert_int_equal(strspn(body.buf, "a"), 200000);
    }
}

TEST(no_more_waits_than_the_window_allows)
{
    static const size_t windows[] = {100000, 20000, 1000};
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        struct url url = url_of("/big/1000000");
        struct http_request request = request_of(&url);
        struct http_call *call = http_open(http, &request, windows[i]);
        auto_str piece = STR_INIT(2000000);
        int status, got;
        size_t most = 0;
        while ((got = http_read(call, &piece, &status, err)) == 1) {
            most = MAX_OF(most, piece.len);
            str_clear(&piece);
            pause_ms(1); /* so that more would wait if it might */
        }
        http_close(call);
        assert_int_equal(got, 0);
        if (most > MAX_OF(windows[i], 16384)) /* curl hands out as much at once */
            fail_msg("%zu bytes waited in a window of %zu", most, windows[i]);
    }
}

TEST(a_stream_that_breaks_gives_what_came_and_then_fails)
{
    static const char *const paths[] = {"/reset", "/cut", "/stall", "/no-last-chunk"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        auto_str body = STR_INIT(1000);
        struct url url = url_of(paths[i]);
        struct http_request request = request_of(&url);
        request.idle_ms = 200;
        struct http_call *call = http_open(http, &request, 1000);
        int status, got;
        *err = (struct err)ERR_INIT;
        while ((got = http_read(call, &body, &status, err)) == 1)
            ;
        assert_int_equal(got, -1);
        assert_int_equal(err->kind, ERR_REMOTE);
        assert_int_equal(http_read(call, &body, &status, err), -1); /* and stays so */
        http_close(call);
    }
}

TEST(an_empty_stream_has_a_status)
{
    auto_str body = STR_INIT(100);
    struct url url = url_of("/429");
    struct http_request request = request_of(&url);
    struct http_call *call = http_open(http, &request, 100);
    int status = 0;
    assert_int_equal(http_read(call, &body, &status, err), 0);
    assert_int_equal(status, 429);
    assert_int_equal(body.len, 0);
    http_close(call);
}

TEST(a_stream_is_closed_in_the_middle)
{
    static const char *const paths[] = {"/big/3000000", "/drip", "/never", "/n/x", "/reset"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        for (int pieces = 0; pieces < 3; pieces++) {
            auto_str body = STR_INIT(1 << 20);
            struct url url = url_of(paths[i]);
            struct http_request request = request_of(&url);
            request.first_byte_ms = 50;
            struct http_call *call = http_open(http, &request, 5000);
            int status;
            for (int n = 0; n < pieces && http_read(call, &body, &status, err) == 1; n++)
                ;
            http_close(call);
        }
    auto_answer answer = HTTP_ANSWER_INIT;
    OK(get("/n/x", &answer, err));
}

TEST(a_stream_is_cancelled_while_it_is_read)
{
    auto_str body = STR_INIT(1000);
    struct canceller canceller = {.requests = server->requests + 1};
    cancel_init(&canceller.cancel);
    pthread_create(&canceller.thread, NULL, cancel_thread, &canceller);
    struct url url = url_of("/drip");
    struct http_request request = request_of(&url);
    request.cancel = &canceller.cancel;
    struct http_call *call = http_open(http, &request, 1000);
    int status, got;
    while ((got = http_read(call, &body, &status, err)) == 1)
        ;
    assert_int_equal(got, -1);
    assert_int_equal(err->kind, ERR_CANCELLED);
    http_close(call);
    pthread_join(canceller.thread, NULL);
    cancel_done(&canceller.cancel);
}

static void spin_us(int64_t us)
{
    struct timespec now, until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t end_ns = until.tv_sec * 1000000000 + until.tv_nsec + us * 1000;
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec * 1000000000 + now.tv_nsec < end_ns);
}

static bool has_ended(struct http_call *call)
{
    pthread_mutex_lock(&call->lock);
    bool done = call->done;
    pthread_mutex_unlock(&call->lock);
    return done;
}

/* Closes at the moment at which the last one ended: http.c asks the carrier to abort a call that
 * the carrier is finishing. Sanitizers see what is used after it was freed. */
TEST(a_stream_closed_just_as_it_ends_does_no_harm)
{
    struct url url = url_of("/n/x");
    int64_t delay = 100;
    for (int i = 0; i < 2000; i++) {
        struct http_request request = request_of(&url);
        struct http_call *call = http_open(http, &request, 100000);
        spin_us(delay);
        delay += has_ended(call) ? -MIN_OF(delay, 3) : 3;
        http_close(call);
    }
}

/* The same for a transfer that is resumed as its time is over. */
TEST(a_stream_resumed_just_as_it_ends_does_no_harm)
{
    struct url url = url_of("/big/40000");
    for (int i = 0; i < 300; i++) {
        auto_str body = STR_INIT(100000);
        struct http_request request = request_of(&url);
        request.total_ms = 3;
        struct http_call *call = http_open(http, &request, 100);
        int status;
        spin_us(2000 + i * 5);
        while (http_read(call, &body, &status, err) == 1)
            ;
        http_close(call);
    }
}

/* --- the end --- */

struct lone {
    pthread_t thread;
    struct url url;
    struct err err;
    int failed;
};

static void *perform_alone(void *arg)
{
    struct lone *lone = arg;
    auto_answer answer = HTTP_ANSWER_INIT;
    struct http_request request = request_of(&lone->url);
    lone->failed = http_perform(http, &request, &answer, &lone->err);
    return NULL;
}

TEST(freeing_the_net_breaks_off_what_runs)
{
    struct lone lone[10];
    struct tally tally = {0};
    struct url url = url_of("/stall");
    for (size_t i = 0; i < ARRAY_LEN(lone); i++) {
        lone[i] = (struct lone){.url = url_of(i % 2 ? "/never" : "/drip")};
        pthread_create(&lone[i].thread, NULL, perform_alone, &lone[i]);
    }
    for (int i = 0; i < 20; i++) {
        struct http_request request = request_of(&url);
        http_start(http, &request, count_done, &tally);
    }
    AWAIT(server->requests == 30);
    struct http_request late = request_of(&url); /* perhaps not even begun */
    http_start(http, &late, count_done, &tally);
    net_free(net);
    net = NULL;
    for (size_t i = 0; i < ARRAY_LEN(lone); i++) {
        pthread_join(lone[i].thread, NULL);
        assert_int_equal(lone[i].failed, -1);
        assert_int_equal(lone[i].err.kind, ERR_CANCELLED);
    }
    assert_int_equal(tally.cancelled, 21);
    assert_int_equal(tally.answered + tally.failed + tally.wrong, 0);
}

static void try_again(void *arg, const struct http_answer *answer, const struct err *err)
{
    struct tally *tally = arg;
    if (tally->cancelled == 0) {
        struct url url = url_of("/never");
        struct http_request request = request_of(&url);
        http_start(http, &request, count_done, tally);
    }
    count_done(tally, answer, err);
}

/* http.h: "Calls back once"; LeakSanitizer sees it too. */
TEST(a_request_started_by_the_last_callback_is_called_back_too)
{
    struct tally tally = {0};
    struct url url = url_of("/never");
    struct http_request request = request_of(&url);
    http_start(http, &request, try_again, &tally);
    AWAIT(server->requests == 1);
    net_free(net);
    net = NULL;
    assert_int_equal(tally.cancelled, 2);
}

TEST(nets_are_made_and_freed)
{
    static const struct net_options options = {.ca_file = "/nowhere/ca.pem", .proxy = ""};
    net_free(NULL);
    for (int i = 0; i < 5; i++) {
        struct net *other = net_new(env, &options, err);
        assert_non_null(other);
        assert_true(net_last_turn_ms(other) <= env_mono_ms(env));
        net_free(other);
    }
}

MAIN(NET_TEST(a_get_is_answered_with_status_headers_and_body),
     NET_TEST(method_headers_and_body_are_sent_as_asked), NET_TEST(every_whole_answer_is_a_success),
     NET_TEST(what_is_no_whole_answer_fails_and_says_why_without_secrets),
     NET_TEST(ceilings_are_reached_but_not_passed), NET_TEST(a_closed_port_is_refused_at_once),
     NET_TEST(other_schemes_and_bad_addresses_are_refused),
     NET_TEST(the_name_and_password_in_an_address_are_not_logged),
     cmocka_unit_test(headers_are_found_by_name), NET_TEST(connections_are_used_again),
     NET_TEST(after_a_transport_error_the_next_connection_is_fresh),
     NET_TEST(what_may_be_said_once_only_is_not_said_again_by_curl),
     NET_TEST(a_lead_goes_before_its_body_also_when_it_is_said_again),
     NET_TEST(a_cancelled_transfer_does_not_make_a_wedged_host_trusted),
     NET_TEST(a_request_may_have_a_connection_of_its_own),
     NET_TEST(two_hundred_requests_are_under_way_at_once),
     NET_TEST(of_many_requests_each_fails_for_itself), NET_TEST(a_started_request_calls_back_once),
     NET_TEST(threads_hammer_on_one_net),
     NET_TEST(a_request_is_cancelled_before_and_while_it_waits), NET_TEST(one_token_cancels_many),
     NET_TEST(a_streamed_body_is_whole_and_its_reader_holds_up_nobody),
     NET_TEST(a_gzipped_stream_survives_its_pauses), NET_TEST(no_more_waits_than_the_window_allows),
     NET_TEST(a_stream_that_breaks_gives_what_came_and_then_fails),
     NET_TEST(an_empty_stream_has_a_status), NET_TEST(a_stream_is_closed_in_the_middle),
     NET_TEST(a_stream_is_cancelled_while_it_is_read),
     NET_TEST(freeing_the_net_breaks_off_what_runs), NET_TEST(nets_are_made_and_freed),
     NET_TEST(a_request_started_by_the_last_callback_is_called_back_too),
     NET_TEST(a_token_set_while_the_answer_comes_does_no_harm),
     NET_TEST(a_stream_resumed_just_as_it_ends_does_no_harm),
     NET_TEST(a_stream_closed_just_as_it_ends_does_no_harm))
