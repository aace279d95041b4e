#include <libwebsockets.h> /* first: base.h poisons names that OpenSSL's headers use */
#include <openssl/ssl.h>

#include "core/base/wires.h"

#include "core/base/str.h"

#include <netdb.h>

#define CONNECT_S  10 /* of each phase: TCP, TLS, upgrade */
#define GOODBYE_US ((lws_usec_t)LWS_US_PER_SEC)
#define ADDRESSES  8
#define RX_BUFFER  16384

enum order_kind { ORDER_OPEN, ORDER_FOUND, ORDER_SEND, ORDER_PING, ORDER_CLOSE, ORDER_DROP };

struct order {
    enum order_kind kind;
    uint64_t socket;
    struct ws_box *box; /* of an opening */
    char *text;         /* the address to open, or the message */
    size_t len;
    char *addresses[ADDRESSES]; /* that were found */
    struct order *next;
};

struct office { /* where orders are left; whoever looks a name up may outlive the loop */
    pthread_mutex_t lock;
    int users;
    struct lws_context *context; /* NULL: nobody takes orders any more */
    struct order *first, **last;
};

struct outgoing {
    struct outgoing *next;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE free ones first: lws writes its header there */
};

struct wire { /* the loop's alone */
    struct wires *all;
    uint64_t socket;
    struct ws_box *box;
    struct lws *wsi; /* NULL: none now */
    char *host, *path;
    int port;
    bool secure, up, over, pings, closing, dropped;
    char *addresses[ADDRESSES];
    size_t at;
    struct outgoing *first, **last;
    struct str in;
    lws_sorted_usec_list_t goodbye;
    char why[200];
    struct wire *next;
};

struct wires {
    struct ws ws;
    struct env *env;
    struct task *task;
    struct office *office;
    struct lws_context *context;
    SSL_CTX *tls;
    struct wire *list;
    bool stopping; /* the loop's */
};

static char last_line[160]; /* of libwebsockets' log: the loop's alone */

/* --- orders --- */

static void order_free(struct order *order)
{
    for (size_t i = 0; i < ADDRESSES; i++)
        free(order->addresses[i]);
    if (order->text)
        explicit_bzero(order->text, order->len);
    free(order->text);
    free(order);
}

/* Takes `order`. */
static void office_leave(struct office *office, struct order *order)
{
    pthread_mutex_lock(&office->lock);
    if (office->context) {
        *office->last = order;
        office->last = &order->next;
        lws_cancel_service(office->context);
        order = NULL;
    }
    pthread_mutex_unlock(&office->lock);
    if (order)
        order_free(order);
}

static struct order *office_take(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    struct order *order = office->first;
    if (order)
        office->first = order->next;
    if (!office->first)
        office->last = &office->first;
    pthread_mutex_unlock(&office->lock);
    return order;
}

static void office_quit(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    bool last = !--office->users;
    pthread_mutex_unlock(&office->lock);
    if (!last)
        return;
    for (struct order *order; (order = office_take(office));)
        order_free(order);
    pthread_mutex_destroy(&office->lock);
    free(office);
}

static void leave(struct ws *ws, enum order_kind kind, uint64_t socket, const char *text,
                  size_t len, struct ws_box *box)
{
    struct wires *all = CONTAINER_OF(ws, struct wires, ws);
    struct order *order = mem_new(1, sizeof(*order));
    *order = (struct order){.kind = kind, .socket = socket, .box = box, .len = len};
    order->text = text ? mem_textn(text, len) : NULL;
    office_leave(all->office, order);
}

static void do_open(struct ws *ws, uint64_t socket, const char *url, struct ws_box *box)
{
    leave(ws, ORDER_OPEN, socket, url, strlen(url), box);
}

static void do_send(struct ws *ws, uint64_t socket, const char *text, size_t len)
{
    leave(ws, ORDER_SEND, socket, text, len, NULL);
}

static void do_ping(struct ws *ws, uint64_t socket)
{
    leave(ws, ORDER_PING, socket, NULL, 0, NULL);
}

static void do_close(struct ws *ws, uint64_t socket, bool now)
{
    leave(ws, now ? ORDER_DROP : ORDER_CLOSE, socket, NULL, 0, NULL);
}

static const struct ws_ops ops = {do_open, do_send, do_ping, do_close};

/* --- names --- */

struct lookup {
    struct office *office;
    struct order *order;
    char *host;
};

static void *look_up(void *arg)
{
    struct lookup *lookup = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    size_t n = 0;
    if (getaddrinfo(lookup->host, NULL, &hints, &found) == 0) {
        for (struct addrinfo *at = found; at && n < ADDRESSES; at = at->ai_next) {
            char text[NI_MAXHOST];
            if (!getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0,
                             NI_NUMERICHOST))
                lookup->order->addresses[n++] = mem_text(text);
        }
        freeaddrinfo(found);
    }
    office_leave(lookup->office, lookup->order);
    office_quit(lookup->office);
    free(lookup->host);
    free(lookup);
    return NULL;
}

static void find_addresses(struct wire *wire)
{
    struct lookup *lookup = mem_new(1, sizeof(*lookup));
    struct office *office = wire->all->office;
    pthread_attr_t attr;
    pthread_t thread;
    *lookup = (struct lookup){office, mem_new(1, sizeof(*lookup->order)), mem_text(wire->host)};
    *lookup->order = (struct order){.kind = ORDER_FOUND, .socket = wire->socket};
    pthread_mutex_lock(&office->lock);
    office->users++;
    pthread_mutex_unlock(&office->lock);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attr, look_up, lookup)) {
        look_up(lookup); /* no thread to be had: here, then */
    }
    pthread_attr_destroy(&attr);
}

/* --- one connection --- */

static struct wire *wire_find(struct wires *all, uint64_t socket)
{
    struct wire *wire = all->list;
    while (wire && wire->socket != socket)
        wire = wire->next;
    return wire;
}

static void say_why(struct wire *wire, const char *why)
{
    if (!*wire->why)
        snprintf(wire->why, sizeof(wire->why), "%s", why);
}

static void wire_free(struct wire *wire, bool tell)
{
    struct wire **at = &wire->all->list;
    while (*at != wire)
        at = &(*at)->next;
    *at = wire->next;
    lws_sul_cancel(&wire->goodbye);
    if (tell)
        ws_box_put(wire->box, wire->socket, WS_GONE, wire->why, strlen(wire->why));
    for (struct outgoing *out; (out = wire->first);) {
        wire->first = out->next;
        free(out);
    }
    for (size_t i = 0; i < ADDRESSES; i++)
        free(wire->addresses[i]);
    str_free(&wire->in);
    explicit_bzero(wire->path, strlen(wire->path));
    free(wire->path);
    free(wire->host);
    free(wire);
}

/* The next address of its name. Its end is seen in tidy(). */
static void wire_connect(struct wire *wire)
{
    struct lws_client_connect_info info = {
        .context = wire->all->context,
        .address = wire->addresses[wire->at++],
        .host = wire->host,
        .path = wire->path,
        .port = wire->port,
        .ssl_connection = wire->secure ? LCCSCF_USE_SSL : 0,
        .local_protocol_name = "wire",
        .alpn = "http/1.1",
        .opaque_user_data = wire,
        .pwsi = &wire->wsi,
    };
    wire->over = false;
    last_line[0] = '\0';
    if (!lws_client_connect_via_info(&info)) {
        wire->wsi = NULL;
        wire->over = true;
        say_why(wire, *last_line ? last_line : "no connection");
        lws_cancel_service(wire->all->context);
    }
}

static void wire_kill(struct wire *wire)
{
    if (wire->wsi)
        lws_set_timeout(wire->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    wire->dropped = true;
}

static void on_goodbye(lws_sorted_usec_list_t *sul)
{
    wire_kill(lws_container_of(sul, struct wire, goodbye));
}

/* Where connections have ended: another address, or the end. */
static void tidy(struct wires *all)
{
    for (struct wire *wire = all->list, *next; wire; wire = next) {
        next = wire->next;
        bool more = !wire->up && !wire->dropped && wire->at < ADDRESSES &&
                    wire->addresses[wire->at];
        if (wire->over && more)
            wire_connect(wire);
        else if (wire->over || (wire->dropped && !wire->wsi))
            wire_free(wire, true);
    }
}

/* "wss://host:1234/path?query" */
static bool read_url(struct wire *wire, const char *url)
{
    bool secure = !strncmp(url, "wss://", 6);
    if (!secure && strncmp(url, "ws://", 5) != 0)
        return false;
    const char *host = url + (secure ? 6 : 5);
    size_t all = strcspn(host, "/?"), len;
    bool literal = *host == '[';
    if (literal)
        len = strcspn(++host, "]"), all -= 1;
    else
        len = MIN_OF(strcspn(host, ":"), all);
    const char *port = host + len + (literal && host[len] == ']');
    wire->secure = secure;
    wire->port = *port == ':' ? (int)strtol(port + 1, NULL, 10) : secure ? 443 : 80;
    wire->host = mem_textn(host, len);
    wire->path = mem_text(host[all] ? host + all : "/");
    return len && wire->port > 0 && wire->port < 65536;
}

static void open_wire(struct wires *all, struct order *order)
{
    struct wire *wire = mem_new(1, sizeof(*wire));
    *wire = (struct wire){.all = all,
                          .socket = order->socket,
                          .box = order->box,
                          .in = STR_INIT(WS_TEXT_MAX),
                          .next = all->list};
    wire->last = &wire->first;
    all->list = wire;
    if (read_url(wire, order->text)) {
        find_addresses(wire);
        return;
    }
    wire->host = wire->host ? wire->host : mem_text("");
    wire->path = wire->path ? wire->path : mem_text("");
    wire->over = true;
    say_why(wire, "no address of a WebSocket");
}

static void found(struct wire *wire, struct order *order)
{
    memcpy(wire->addresses, order->addresses, sizeof(wire->addresses));
    memset(order->addresses, 0, sizeof(order->addresses));
    wire->over = true; /* tidy begins with the first */
    if (!wire->addresses[0])
        say_why(wire, "its name is not known");
}

static void queue(struct wire *wire, const struct order *order)
{
    struct outgoing *out = mem_new(1, sizeof(*out) + LWS_PRE + order->len);
    out->len = order->len;
    memcpy(out->bytes + LWS_PRE, order->text, order->len);
    *wire->last = out;
    wire->last = &out->next;
}

static void obey(struct wires *all, struct order *order)
{
    if (order->kind == ORDER_OPEN) {
        open_wire(all, order);
        return;
    }
    struct wire *wire = wire_find(all, order->socket);
    if (!wire)
        return;
    switch (order->kind) {
    case ORDER_FOUND:
        found(wire, order);
        return;
    case ORDER_SEND:
        queue(wire, order);
        break;
    case ORDER_PING:
        wire->pings = true;
        break;
    case ORDER_CLOSE:
        wire->closing = true;
        if (!wire->up)
            wire_kill(wire);
        else
            lws_sul_schedule(all->context, 0, &wire->goodbye, on_goodbye, GOODBYE_US);
        break;
    default:
        wire_kill(wire);
        break;
    }
    if (wire->up && wire->wsi)
        lws_callback_on_writable(wire->wsi);
}

/* --- libwebsockets --- */

static int on_text(struct wire *wire, struct lws *wsi, const char *bytes, size_t len)
{
    if (lws_is_first_fragment(wsi))
        str_clear(&wire->in);
    if (wire->in.len + len > WS_TEXT_MAX) {
        say_why(wire, "a message over the ceiling");
        return -1;
    }
    str_addn(&wire->in, bytes, len);
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
        return 0;
    bool binary = lws_frame_is_binary(wsi);
    ws_box_put(wire->box, wire->socket, binary ? WS_SIGN : WS_TEXT, wire->in.buf,
               binary ? 0 : wire->in.len);
    if (wire->in.cap > 4 * RX_BUFFER)
        str_free(&wire->in);
    str_clear(&wire->in);
    return 0;
}

/* One thing a call. */
static int on_writable(struct wire *wire, struct lws *wsi)
{
    unsigned char ping[LWS_PRE + 8] = {0};
    struct outgoing *out = wire->first;
    int failed = 0;
    if (wire->pings) {
        wire->pings = false;
        failed = lws_write(wsi, ping + LWS_PRE, 4, LWS_WRITE_PING) < 0;
    } else if (out) {
        wire->first = out->next;
        if (!wire->first)
            wire->last = &wire->first;
        failed = lws_write(wsi, out->bytes + LWS_PRE, out->len, LWS_WRITE_TEXT) < 0;
        free(out);
    } else if (wire->closing) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    }
    if (!failed && (wire->pings || wire->first || wire->closing))
        lws_callback_on_writable(wsi);
    return failed ? -1 : 0;
}

static void peer_closed(struct wire *wire, const unsigned char *in, size_t len)
{
    char why[40];
    snprintf(why, sizeof(why), "closed by the peer: %d", len >= 2 ? in[0] << 8 | in[1] : 0);
    say_why(wire, why);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct wire *wire = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    (void)user;
    if (!wire)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        wire->up = true;
        wire->why[0] = '\0';
        ws_box_put(wire->box, wire->socket, WS_UP, NULL, 0);
        if (wire->first || wire->closing)
            lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_text(wire, wsi, in, len);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        ws_box_put(wire->box, wire->socket, WS_SIGN, NULL, 0);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writable(wire, wsi);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        say_why(wire, *last_line && wire->secure ? last_line : in ? in : "no connection");
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        peer_closed(wire, in, len);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        say_why(wire, wire->up ? "the connection has ended" : "no answer");
        wire->wsi = NULL;
        wire->over = true;
        lws_cancel_service(wire->all->context); /* its timers run without leaving lws_service */
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "wire", .callback = on_event, .rx_buffer_size = RX_BUFFER},
    {.name = NULL},
};

static void on_line(int level, const char *line)
{
    (void)level;
    if (strpbrk(line, "?&"))
        return;
    snprintf(last_line, sizeof(last_line), "%.*s", (int)strcspn(line, "\r\n"), line);
}

/* --- life --- */

static void loop(void *arg)
{
    struct wires *all = arg;
    while (!all->stopping && lws_service(all->context, 0) >= 0) {
        for (struct order *order; (order = office_take(all->office));) {
            obey(all, order);
            order_free(order);
        }
        tidy(all);
        pthread_mutex_lock(&all->office->lock);
        all->stopping = !all->office->context;
        pthread_mutex_unlock(&all->office->lock);
    }
}

/* Our own, since libwebsockets loads the whole bundle of certificates (0.9 MB) beside those that it
 * is told; in a folder they are looked up one by one. It checks the peer's name itself. */
static SSL_CTX *tls_new(const char *ca_file, struct err *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    bool fine = tls && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    if (fine && ca_file && *ca_file)
        fine = SSL_CTX_load_verify_locations(tls, ca_file, NULL);
    else if (fine)
        fine = SSL_CTX_set_default_verify_dir(tls);
    if (!fine) {
        err_set(err, ERR_CONFIG, NULL, "certificates: %s",
                ca_file && *ca_file ? ca_file : "system's");
        SSL_CTX_free(tls);
        return NULL;
    }
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    return tls;
}

struct wires *wires_new(struct env *env, const char *ca_file, struct err *err)
{
    SSL_CTX *tls = tls_new(ca_file, err);
    if (!tls)
        return NULL;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .provided_client_ssl_ctx = tls,
        .timeout_secs = CONNECT_S,
        .connect_timeout_secs = CONNECT_S / 3,
        .fd_limit_per_thread = 64,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    lws_set_log_level(LLL_ERR, on_line);
    struct lws_context *context = lws_create_context(&info);
    if (!context) {
        err_set(err, ERR_BUG, NULL, "libwebsockets made no context: %s", last_line);
        SSL_CTX_free(tls);
        return NULL;
    }
    struct wires *all = mem_new(1, sizeof(*all));
    *all = (struct wires){.ws = {&ops}, .env = env, .context = context, .tls = tls};
    all->office = mem_new(1, sizeof(*all->office));
    *all->office = (struct office){.users = 1, .context = context};
    all->office->last = &all->office->first;
    pthread_mutex_init(&all->office->lock, NULL);
    all->task = env_start(env, "wires", 0, loop, all);
    return all;
}

void wires_free(struct wires *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->office->lock);
    all->office->context = NULL;
    lws_cancel_service(all->context);
    pthread_mutex_unlock(&all->office->lock);
    env_join(all->task);
    lws_context_destroy(all->context);
    SSL_CTX_free(all->tls);
    while (all->list)
        wire_free(all->list, false);
    office_quit(all->office);
    free(all);
}

struct ws *wires_ws(struct wires *all)
{
    return &all->ws;
}
