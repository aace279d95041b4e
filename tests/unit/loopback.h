/* loopback.h: a scripted HTTP/1.1 server on 127.0.0.1, inside the test that includes it.
 *
 * Owner:   loopback_begin … loopback_end by the test; it asserts nothing, it counts.
 * Threads: one that accepts and one a connection. A pause is a poll on the connection, so that a
 *          client that goes ends it.
 * Paths:   those of the scripts; and /echo (the request as it came), /n/… (the path itself),
 *          /big/N (N bytes), /gate/N (answered when N of them are here). */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include "tests/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "core/base/str.h"

enum after { KEEP, CLOSE, RESET, HANG }; /* HANG: nothing more, until the client goes */

struct script {
    const char *path;
    int delay_ms;
    const char *bytes;
    size_t len; /* 0: strlen */
    const char *again;
    int gap_ms, times; /* `again` that often, each after a gap */
    enum after after;
};

#define LOOPBACK_MOST 4096

struct connection {
    struct loopback *server;
    pthread_t thread;
    int fd, number;
};

struct loopback {
    const struct script *scripts; /* up to one without a path */
    int fd, port;
    pthread_t thread;
    struct connection connections[LOOPBACK_MOST];
    atomic_int made, gone, requests, last; /* last: the number of the connection last asked */
    atomic_int at_gate;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of every connection's fd */
};

/* False: the client has gone, or all ends. */
static bool loopback_pause(struct connection *c, int ms)
{
    char byte;
    struct pollfd poll_fd = {.fd = c->fd, .events = POLLIN};
    if (poll(&poll_fd, 1, ms) == 1 && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
        return false;
    return !c->server->stopping;
}

static bool loopback_send(struct connection *c, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool loopback_answer(struct connection *c, const char *body, size_t len)
{
    auto_str head = STR_INIT(1000);
    str_addf(&head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nX-Connection: %d\r\n\r\n", len,
             c->number);
    return loopback_send(c, head.buf, head.len) && loopback_send(c, body, len);
}

static bool loopback_big(struct connection *c, size_t len)
{
    char *body = mem_new(len, 1);
    for (size_t i = 0; i < len; i++)
        body[i] = (char)('a' + i % 23);
    bool sent = loopback_answer(c, body, len);
    free(body);
    return sent;
}

/* Bytes of the body that belong to this head, and how long the head is; 0: not whole yet. */
static size_t loopback_head(const struct str *got, size_t *ret_body)
{
    const char *end = strstr(got->buf, "\r\n\r\n"),
               *at = strcasestr(got->buf, "\r\nContent-Length:");
    *ret_body = at && end && at < end ? strtoul(at + 17, NULL, 10) : 0;
    return end ? (size_t)(end - got->buf) + 4 : 0;
}

/* One whole request; false: none comes. */
static bool loopback_read(struct connection *c, struct str *got)
{
    for (;;) {
        size_t body, head = loopback_head(got, &body);
        if (head && got->len >= head + body)
            return true;
        char bytes[4096];
        ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);
        if (n <= 0)
            return false;
        str_addn(got, bytes, (size_t)n);
    }
}

static bool loopback_play(struct connection *c, const struct script *script)
{
    size_t len = script->len ? script->len : strlen(script->bytes);
    if (script->delay_ms && !loopback_pause(c, script->delay_ms))
        return false;
    if (!loopback_send(c, script->bytes, len))
        return false;
    for (int i = 0; i < script->times; i++)
        if ((script->gap_ms && !loopback_pause(c, script->gap_ms)) ||
            !loopback_send(c, script->again, strlen(script->again)))
            return false;
    while (script->after == HANG && loopback_pause(c, 100))
        ;
    if (script->after == RESET) {
        struct linger now = {1, 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    return script->after == KEEP;
}

static bool loopback_gate(struct connection *c, int count)
{
    ++c->server->at_gate;
    while (c->server->at_gate < count)
        if (!loopback_pause(c, 2))
            return false;
    return loopback_answer(c, "through", 7);
}

/* True: the connection goes on. */
static bool loopback_serve(struct connection *c, const struct str *got)
{
    char path[200] = "";
    const char *from = strchr(got->buf, ' ');
    snprintf(path, sizeof(path), "%s", from ? from + 1 : "");
    path[strcspn(path, "? ")] = '\0';
    if (!strcmp(path, "/echo"))
        return loopback_answer(c, got->buf, got->len);
    if (!strncmp(path, "/n/", 3))
        return loopback_answer(c, path, strlen(path));
    if (!strncmp(path, "/big/", 5))
        return loopback_big(c, strtoul(path + 5, NULL, 10));
    if (!strncmp(path, "/gate/", 6))
        return loopback_gate(c, (int)strtol(path + 6, NULL, 10));
    for (const struct script *script = c->server->scripts; script->path; script++)
        if (!strcmp(path, script->path))
            return loopback_play(c, script);
    return false;
}

static void *loopback_connection(void *arg)
{
    struct connection *c = arg;
    struct str got = STR_INIT(1 << 20);
    while (loopback_read(c, &got)) {
        c->server->last = c->number;
        ++c->server->requests;
        if (!loopback_serve(c, &got))
            break;
        str_clear(&got);
    }
    str_free(&got);
    pthread_mutex_lock(&c->server->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->server->lock);
    ++c->server->gone;
    return NULL;
}

static void *loopback_accept(void *arg)
{
    struct loopback *server = arg;
    for (;;) {
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 || server->stopping || server->made == LOOPBACK_MOST) {
            if (fd >= 0)
                close(fd);
            return NULL;
        }
        struct connection *c = &server->connections[server->made];
        *c = (struct connection){.server = server, .fd = fd, .number = server->made};
        ++server->made; /* before it can answer: tests count by it */
        pthread_create(&c->thread, NULL, loopback_connection, c);
    }
}

static struct loopback *loopback_begin(const struct script *scripts)
{
    struct loopback *server = mem_new(1, sizeof(*server));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    server->scripts = scripts;
    pthread_mutex_init(&server->lock, NULL);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->fd, (struct sockaddr *)&at, len) || listen(server->fd, 512) ||
        getsockname(server->fd, (struct sockaddr *)&at, &len))
        abort();
    server->port = ntohs(at.sin_port);
    pthread_create(&server->thread, NULL, loopback_accept, server);
    return server;
}

static void loopback_end(struct loopback *server)
{
    server->stopping = true;
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    for (int i = 0; i < server->made; i++) {
        struct connection *c = &server->connections[i];
        pthread_mutex_lock(&server->lock);
        if (c->fd >= 0)
            shutdown(c->fd, SHUT_RDWR);
        pthread_mutex_unlock(&server->lock);
        pthread_join(c->thread, NULL);
    }
    close(server->fd);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

#endif
