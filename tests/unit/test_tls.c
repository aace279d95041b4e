/* The network code over TLS and HTTP/2, against the sandbox on this machine. */
#include "tests/test.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <sys/wait.h>

#include "core/base/net.h"
#include "tests/sandbox/model.h"

#define MANY 100

static struct sandbox {
    pid_t pid;
    int out;
    char folder[64], ca[128], url[256];
} sandbox, other; /* other: for its certificate */

static struct env *env;

/* The URL after `name` in the sandbox's one line, or "". */
static void word_after(const char *line, const char *name, char *out, size_t size)
{
    const char *at = strstr(line, name);
    at = at ? at + strlen(name) : "";
    snprintf(out, size, "%.*s", (int)strcspn(at, " \n"), at);
}

static void run_sandbox(const char *program, const char *folder, int out)
{
    dup2(out, STDOUT_FILENO);
    execl(program, program, "--port", "0", "--tls-port", "0", "--control-port", "0", "--tls-dir",
          folder, (char *)NULL);
    _exit(127);
}

/* ../../sandbox of this program's folder; false: it is not built. */
static bool find_sandbox(char path[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 20);
    path[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    memcpy(path + strlen(path), "/sandbox", 9);
    return access(path, X_OK) == 0;
}

static bool read_line(int fd, char *line, size_t size)
{
    size_t len = 0;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (len + 1 < size && poll(&poll_fd, 1, 20000) == 1) {
        ssize_t n = read(fd, line + len, size - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        line[len] = '\0';
        if (strchr(line, '\n'))
            return true;
    }
    return false;
}

static int sandbox_begin(struct sandbox *s, const char *program)
{
    char line[1024] = "";
    int ends[2];
    snprintf(s->folder, sizeof(s->folder), "/tmp/maitred-tls-XXXXXX");
    if (!mkdtemp(s->folder) || pipe(ends))
        return -1;
    s->pid = fork();
    if (!s->pid)
        run_sandbox(program, s->folder, ends[1]);
    close(ends[1]);
    s->out = ends[0];
    if (!read_line(s->out, line, sizeof(line)))
        return -1;
    word_after(line, " https=", s->url, sizeof(s->url));
    word_after(line, " ca=", s->ca, sizeof(s->ca));
    return *s->url && *s->ca ? 0 : -1;
}

static int begin(void **state)
{
    char path[PATH_MAX];
    (void)state;
    env = env_threads_new();
    if (!find_sandbox(path))
        return 0;
    return sandbox_begin(&sandbox, path) || sandbox_begin(&other, path) ? -1 : 0;
}

static void remove_folder(const char *name)
{
    DIR *folder = opendir(name);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
        unlink(path);
    }
    if (folder)
        closedir(folder);
    rmdir(name);
}

static void sandbox_end(struct sandbox *s)
{
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    close(s->out);
    remove_folder(s->folder);
}

static int end(void **state)
{
    (void)state;
    sandbox_end(&sandbox);
    sandbox_end(&other);
    env_free(env);
    return 0;
}

static struct net *net_with(const char *ca_file, struct err *err)
{
    struct net_options options = {.ca_file = ca_file};
    struct net *net = net_new(env, &options, err);
    assert_non_null(net);
    return net;
}

static int ask(struct net *net, unsigned flags, struct http_answer *answer, struct err *err)
{
    struct http_request request = {.method = "GET", .url = sandbox.url, .flags = flags};
    return http_perform(net_http(net), &request, answer, err);
}

#define NEEDS_SANDBOX                                                                              \
    do {                                                                                           \
        if (sandbox.pid <= 0)                                                                      \
            skip();                                                                                \
    } while (0)

TEST(a_known_certificate_is_trusted_and_http2_spoken)
{
    NEEDS_SANDBOX;
    auto_answer answer = HTTP_ANSWER_INIT;
    struct net *net = net_with(sandbox.ca, err);
    OK(ask(net, 0, &answer, err));
    assert_true(answer.status >= 200);
    assert_true(answer.http2);
    net_free(net);
}

TEST(an_unknown_certificate_is_refused)
{
    NEEDS_SANDBOX;
    const char *const others[] = {NULL, "", "/nowhere/ca.pem", "/dev/null", other.ca};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct net *net = net_with(others[i], err);
        FAILS(ERR_REMOTE, ask(net, 0, &answer, err));
        FAILS(ERR_REMOTE, ask(net, HTTP_OWN_CONNECTION, &answer, err));
        assert_int_equal(answer.status, 0);
        net_free(net);
    }
}

TEST(a_connection_of_its_own_speaks_http1)
{
    NEEDS_SANDBOX;
    auto_answer answer = HTTP_ANSWER_INIT;
    struct net *net = net_with(sandbox.ca, err);
    OK(ask(net, HTTP_OWN_CONNECTION, &answer, err));
    assert_false(answer.http2);
    OK(ask(net, 0, &answer, err)); /* and the host is still known for HTTP/2 */
    assert_true(answer.http2);
    net_free(net);
}

/* Open TCP connections of this process to the sandbox's port. */
static size_t sockets_open(void)
{
    FILE *file = fopen("/proc/net/tcp", "r");
    char line[512], want[16];
    size_t count = 0;
    unsigned port = (unsigned)strtoul(strrchr(sandbox.url, ':') + 1, NULL, 10);
    snprintf(want, sizeof(want), "0100007F:%04X", port);
    while (file && fgets(line, sizeof(line), file)) {
        char remote[32] = "";
        unsigned state = 0;
        if (sscanf(line, " %*d: %*s %31s %x", remote, &state) == 2 && state == 1)
            count += !strcmp(remote, want);
    }
    if (file)
        fclose(file);
    return count;
}

static void many_at_once(struct net *net)
{
    static struct http_request requests[MANY];
    static struct http_answer answers[MANY];
    static struct err errs[MANY];
    for (size_t i = 0; i < MANY; i++) {
        requests[i] = (struct http_request){.method = "GET", .url = sandbox.url};
        answers[i] = (struct http_answer)HTTP_ANSWER_INIT;
    }
    size_t failed = http_perform_all(net_http(net), requests, MANY, answers, errs);
    for (size_t i = 0; i < MANY; i++) {
        if (errs[i].kind != ERR_NONE)
            fail_msg("%zu failed, of them %zu: %s", failed, i, errs[i].why);
        assert_true(answers[i].http2);
        http_answer_free(&answers[i]);
    }
}

TEST(a_hundred_requests_share_few_http2_connections)
{
    NEEDS_SANDBOX;
    struct net *net = net_with(sandbox.ca, err);
    for (int i = 0; i < 5; i++) {
        many_at_once(net);
        assert_true(sockets_open() >= 1);
        assert_true(sockets_open() <= 16);
    }
    net_free(net);
}

/* The model in the sandbox takes nothing but whole JSON. */
TEST(a_lead_goes_before_its_body_over_http2_too)
{
    NEEDS_SANDBOX;
    static const char body[] = " hello\"}]}";
    const char *headers[] = {"Authorization: Bearer " MODEL_KEY, NULL};
    struct net *net = net_with(sandbox.ca, err);
    auto_str url = STR_INIT(1000), lead = STR_INIT(100000);
    str_addf(&url, "%s/v1/chat/completions", sandbox.url);
    str_add(&lead, "{\"model\":\"" MODEL_NAME "\",\"stream\":true,"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"");
    while (lead.len < 60000) /* over one frame, and one of curl's buffers */
        str_add(&lead, " well");
    for (int cut = 0; cut < 2; cut++) {
        auto_answer answer = HTTP_ANSWER_INIT;
        struct http_request request = {.method = "POST",
                                       .url = url.buf,
                                       .headers = headers,
                                       .lead = lead.buf,
                                       .body = body,
                                       .body_len = sizeof(body) - 1 - (size_t)cut};
        OK(http_perform(net_http(net), &request, &answer, err));
        assert_true(answer.http2);
        assert_int_equal(answer.status, cut ? 404 : 200);
    }
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_certificate_is_trusted_and_http2_spoken),
        cmocka_unit_test(an_unknown_certificate_is_refused),
        cmocka_unit_test(a_connection_of_its_own_speaks_http1),
        cmocka_unit_test(a_hundred_requests_share_few_http2_connections),
        cmocka_unit_test(a_lead_goes_before_its_body_over_http2_too),
    };
    const char *filter = getenv("CMOCKA_TEST_FILTER");
    if (filter && *filter)
        cmocka_set_test_filter(filter);
    return cmocka_run_group_tests(tests, begin, end);
}
