/* server.c: the city behind sockets: the sandbox program.
 *
 *   sandbox [--port N] [--tls-port N] [--control-port N] [--script FILE] [--seed N]
 *           [--tls-dir DIR] [--max-held N] [--until-eof]
 *
 * Binds 127.0.0.1 only; port 0 takes any free one; without --tls-dir there is no https. Prints one
 * line when it listens. One thread: libwebsockets' service loop calls everything here. */
#include "tests/sandbox/visit.h" /* first: it has lws before base.h */

#include <getopt.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "core/base/err.h"
#include "tests/sandbox/certificate.h"

struct options {
    int port, tls_port, control_port;
    const char *script, *tls_dir;
    uint64_t seed;
    size_t max_held;
    bool until_eof;
};

static volatile sig_atomic_t stopping;

/* --- libwebsockets ------------------------------------------------------------------------- */

static int on_file(struct lws *wsi)
{
    char bytes[1024];
    if (lws_get_socket_fd(wsi) == server.leavers) {
        visits_left();
        return 0;
    }
    ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (got > 0)
        return 0;
    stopping = 1;
    return -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct session *session = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return visit_begin(wsi, session, in);
    case LWS_CALLBACK_HTTP_BODY:
        return visit_body(session->visit, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (session->visit)
            visit_complete(session->visit);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return visit_write(wsi, session);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (session)
            visit_end(session);
        return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
        return on_file(wsi);
    case LWS_CALLBACK_RAW_CLOSE_FILE: /* a pipe's end is a hang-up, and nothing to read */
        stopping = 1;
        return 0;
    default:
        return 0; /* never lws_callback_http_dummy: it answers by itself */
    }
}

static const struct lws_protocols protocols[] = {
    /* Without tx_packet_size lws sends 4 kB of a write and keeps the rest, which over HTTP/2 it
     * then forgets to send. */
    {.name = "sandbox",
     .callback = on_event,
     .per_session_data_size = sizeof(struct session),
     .tx_packet_size = 2 * CHUNK},
    {.name = "link", .callback = link_event, .rx_buffer_size = 16384},
    {.name = NULL},
};

/* Upgrades name no subprotocol. */
static const struct lws_protocol_vhost_options link_default = {NULL, NULL, "default", "1"};
static const struct lws_protocol_vhost_options link_options = {NULL, &link_default, "link", ""};

static struct lws_vhost *vhost_new(const char *name, int port, const char *tls_dir)
{
    char cert[4096], key[4096];
    struct lws_context_creation_info info = {
        .port = port,
        .iface = "127.0.0.1",
        .vhost_name = name,
        .protocols = protocols,
        .pvo = &link_options,
        .options = LWS_SERVER_OPTION_DISABLE_IPV6,
        .keepalive_timeout = 3600,
        .timeout_secs_ah_idle = 36000,
        /* Streams at once, 24 by default; beyond it lws drops the connection, and a client that
         * starts one as another ends is beyond it. The others as lws has them. */
        .http2_settings = {1, 65536, 0, 250, 65535, 16384, 4096},
    };
    if (tls_dir) {
        snprintf(cert, sizeof(cert), "%s/cert.pem", tls_dir);
        snprintf(key, sizeof(key), "%s/key.pem", tls_dir);
        info.ssl_cert_filepath = cert;
        info.ssl_private_key_filepath = key;
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.alpn = "h2,http/1.1";
    }
    return lws_create_vhost(server.context, &info);
}

static int context_open(struct err *err)
{
    /* fd_limit_per_thread stays 0: given one below the process's limit, lws walks a list for
     * each descriptor that it looks up. The limit itself is what is made to fit. */
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .max_http_header_pool2 = 32768,
        .max_http_header_data = 8192,
        .pt_serv_buf_size = 2 * CHUNK,
        .timeout_secs = 3600,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    server.context = lws_create_context(&info);
    return server.context ? 0 : err_set(err, ERR_BUG, NULL, "libwebsockets made no context");
}

static int file_adopt(int fd, struct err *err)
{
    lws_sock_file_fd_type file = {.filefd = fd};
    if (lws_adopt_descriptor_vhost(server.http, LWS_ADOPT_RAW_FILE_DESC, file, "sandbox", NULL))
        return 0;
    return err_set(err, ERR_BUG, NULL, "libwebsockets did not adopt file %d", fd);
}

static int server_listen(const struct options *options, struct err *err)
{
    if (context_open(err))
        return -1;
    server.http = vhost_new("http", options->port, NULL);
    server.control = vhost_new("control", options->control_port, NULL);
    if (options->tls_dir)
        server.https = vhost_new("https", options->tls_port, options->tls_dir);
    if (!server.http || !server.control || (options->tls_dir && !server.https))
        return err_set(err, ERR_CONFIG, NULL, "a port is taken");
    char origin[60];
    struct lws_vhost *shown = server.https ? server.https : server.http;
    snprintf(origin, sizeof(origin), "http%s://127.0.0.1:%d", server.https ? "s" : "",
             lws_get_vhost_listen_port(shown));
    slackapi_set_origin(server.slack, origin);
    if (file_adopt(server.leavers, err))
        return -1;
    return options->until_eof ? file_adopt(STDIN_FILENO, err) : 0;
}

static void say_listening(const struct options *options)
{
    printf("listening http=http://127.0.0.1:%d", lws_get_vhost_listen_port(server.http));
    if (server.https)
        printf(" https=https://127.0.0.1:%d", lws_get_vhost_listen_port(server.https));
    printf(" control=http://127.0.0.1:%d", lws_get_vhost_listen_port(server.control));
    if (server.https)
        printf(" ca=%s/cert.pem", options->tls_dir);
    printf("\n");
    fflush(stdout);
}

/* --- the program --------------------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
    if (server.context)
        lws_cancel_service(server.context);
}

/* Room for 12,000 held requests where the system lets us; no more than lws's tables should be. */
static void raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = MIN_OF(limit.rlim_max, (rlim_t)32768);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int script_load(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return err_errno(err, ERR_CONFIG, NULL, "%s", path);
    char *text = mem_new(BODY_MAX + 1, 1), *error = NULL;
    size_t len = fread(text, 1, BODY_MAX, file);
    fclose(file);
    text[len] = '\0';
    int result = city_script(server.city, clock_ms(CLOCK_REALTIME), text, &error);
    if (result)
        err_set(err, ERR_CONFIG, NULL, "%s: %s", path, error);
    free(error);
    free(text);
    return result;
}

static int options_read(int argc, char **argv, struct options *ret)
{
    static const struct option longs[] = {
        {"port", required_argument, NULL, 'p'},
        {"tls-port", required_argument, NULL, 't'},
        {"control-port", required_argument, NULL, 'c'},
        {"script", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'e'},
        {"tls-dir", required_argument, NULL, 'd'},
        {"max-held", required_argument, NULL, 'm'},
        {"until-eof", no_argument, NULL, 'u'},
        {NULL, 0, NULL, 0},
    };
    *ret = (struct options){.seed = 1};
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        long long number = optarg ? strtoll(optarg, NULL, 10) : 0;
        switch (c) {
        case 'p':
            ret->port = (int)number;
            break;
        case 't':
            ret->tls_port = (int)number;
            break;
        case 'c':
            ret->control_port = (int)number;
            break;
        case 's':
            ret->script = optarg;
            break;
        case 'e':
            ret->seed = (uint64_t)number;
            break;
        case 'd':
            ret->tls_dir = optarg;
            break;
        case 'm':
            ret->max_held = (size_t)number;
            break;
        case 'u':
            ret->until_eof = true;
            break;
        default:
            return -1;
        }
    }
    return optind == argc ? 0 : -1;
}

static int serve(const struct options *options, struct err *err)
{
    if (options->tls_dir && certificate_write(options->tls_dir, err))
        return -1;
    if (server_listen(options, err))
        return -1;
    if (options->script && script_load(options->script, err))
        return -1;
    city_wake(&server.tick_timer);
    say_listening(options);
    while (!stopping && lws_service(server.context, 0) >= 0)
        ;
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err = ERR_INIT;
    if (options_read(argc, argv, &options)) {
        fprintf(stderr,
                "usage: %s [--port N] [--tls-port N] [--control-port N] [--script FILE]\n"
                "       [--seed N] [--tls-dir DIR] [--max-held N] [--until-eof]\n",
                argv[0]);
        return 2;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_files();
    lws_set_log_level(LLL_ERR, NULL);
    server.city = city_new(options.seed);
    server.bot = botapi_new(bot_wake, NULL);
    server.model = model_new();
    server.slack = slackapi_new(&link_ops, NULL, "");
    server.max_held = options.max_held;
    server.leavers = epoll_create1(EPOLL_CLOEXEC);
    int result = serve(&options, &err);
    if (result)
        fprintf(stderr, "sandbox: %s\n", err.why);
    lws_context_destroy(server.context);
    server.context = NULL;
    waitings_free(&server.waitings);
    city_free(server.city);
    botapi_free(server.bot);
    model_free(server.model);
    slackapi_free(server.slack);
    return result ? 1 : 0;
}
