#include "tests/bench/bench.h"

#include "core/base/str.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static double clock_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double bench_wall_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

double bench_cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

long bench_rss_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        abort();
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_percentile(double *values, size_t count, double p)
{
    qsort(values, count, sizeof(*values), by_value);
    return values[(size_t)((double)(count - 1) * p)];
}

double bench_fsync_p99(void)
{
    double took[100];
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s/fsync", bench_folder());
    int fd = open(path.buf, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    for (size_t i = 0; i < ARRAY_LEN(took); i++) {
        char page[4096] = {0};
        if (write(fd, page, sizeof(page)) != sizeof(page))
            abort();
        double from = bench_wall_us();
        fsync(fd);
        took[i] = (bench_wall_us() - from) / 1000;
    }
    close(fd);
    return bench_percentile(took, ARRAY_LEN(took), 0.99);
}

void bench_line(const char *name, double value, const char *unit, const char *reference,
                double ratio, double fsync_ms, size_t samples)
{
    printf("%s\t%.3f\t%s\t%s\t%.3f\t", name, value, unit, reference, ratio);
    if (fsync_ms < 0)
        printf("-\t%zu\n", samples);
    else
        printf("%.2f\t%zu\n", fsync_ms, samples);
    fflush(stdout);
}

static char folder[64];

static void remove_folder(void)
{
    pid_t child = fork();
    if (child == 0)
        execlp("rm", "rm", "-rf", folder, (char *)NULL);
    waitpid(child, NULL, 0);
}

const char *bench_folder(void)
{
    if (!*folder) {
        snprintf(folder, sizeof(folder), "/tmp/maitred-bench-XXXXXX");
        if (!mkdtemp(folder))
            abort();
        atexit(remove_folder);
    }
    return folder;
}

struct db *bench_db(struct env *env, const char *name)
{
    enum db_trouble trouble;
    struct err err = ERR_INIT;
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s/%s", bench_folder(), name);
    struct db *db = db_open(env, path.buf, &trouble, &err);
    if (!db) {
        fprintf(stderr, "%s\n", err.why);
        exit(1);
    }
    return db;
}

/* --- a server of a few answers, in turn --- */

#define ANSWERS_MOST 8

struct answers {
    struct str list[ANSWERS_MOST];
    size_t count, next;
};

static bool answer_next(int fd, struct answers *answers)
{
    const struct str *answer = &answers->list[answers->next];
    char request[65536];
    ssize_t n = recv(fd, request, sizeof(request) - 1, 0);
    if (n <= 0)
        return false;
    answers->next = (answers->next + 1) % answers->count;
    for (size_t sent = 0; sent < answer->len;) {
        ssize_t out = send(fd, answer->buf + sent, answer->len - sent, MSG_NOSIGNAL);
        if (out <= 0)
            return false;
        sent += (size_t)out;
    }
    return true;
}

static void serve(int listener, struct answers *answers)
{
    struct pollfd polls[65] = {{listener, POLLIN, 0}};
    nfds_t count = 1;
    while (poll(polls, count, -1) >= 0) {
        for (nfds_t i = 1; i < count; i++)
            if (polls[i].revents && !answer_next(polls[i].fd, answers)) {
                close(polls[i].fd);
                polls[i] = polls[--count];
            }
        if (polls[0].revents && count < ARRAY_LEN(polls))
            polls[count++] = (struct pollfd){accept(listener, NULL, NULL), POLLIN, 0};
    }
}

static pid_t server;

static void end_server(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

int bench_server(const char *body, size_t len)
{
    return bench_server_of(&body, &len, 1);
}

int bench_server_of(const char *const *bodies, const size_t *lens, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&address, &size))
        abort();
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct answers answers = {.count = count};
        for (size_t i = 0; i < count; i++) {
            struct str *answer = &answers.list[i];
            *answer = (struct str)STR_INIT((size_t)16 << 20);
            str_addf(answer,
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     lens[i]);
            str_addn(answer, bodies[i], lens[i]);
        }
        serve(listener, &answers);
        _exit(0);
    }
    close(listener);
    atexit(end_server);
    return ntohs(address.sin_port);
}
