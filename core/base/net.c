#include "core/base/net.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <uthash.h>

#define TURN_MS       5000 /* the loop goes round at least this often */
#define H2_CONNS      16
#define KEPT_CONNS    24    /* idle connections kept by each multi */
#define TRIM_OVER     256   /* transfers at once after which memory is given back when idle */
#define TRIM_AGAIN_MS 15000 /* and once more, when the workers that waited are gone too */
#define BURST                                                                                      \
    64 /* over so many to one host, curl is not asked to look for a connection to                  \
          use again: it walks all that there are, for each transfer */
#define KEPT_HANDLES   16 /* easy handles used again: making one costs more than a small request */
#define EVENTS_AT_ONCE 256
#define EXPECT_MOST    ((curl_off_t)1 << 20) /* what a length that was only promised may take */
#define SYSTEM_CA      "/etc/ssl/certs/ca-certificates.crt"

enum { MULTI_H1, MULTI_H2, MULTIS };
enum wish { WISH_SUBMIT = 1, WISH_ABORT = 2, WISH_RESUME = 4 };
enum host_kind { HOST_UNKNOWN, HOST_H1, HOST_H2 };

struct host {
    enum host_kind kind;
    bool wary;      /* a transport error was the last thing seen of it */
    size_t running; /* transfers to it now */
    UT_hash_handle hh;
    char name[]; /* scheme://authority */
};

struct transfer {
    struct net *net;
    struct http_call *call;
    CURL *easy;
    struct curl_slist *headers;
    char *host_name;
    struct host *host;
    unsigned wishes; /* protected by net->lock, as is queued */
    struct transfer *queued, **queued_at;
    struct transfer *next, **at; /* among net->running */
    int multi;                   /* -1: not begun */
    bool begun, own, https;      /* begun: a connection has its request */
    bool once;
    bool aborted;
    const char
        *lead; /* the request's, over TLS; with it the body is ours, and read as it is sent */
    char *body;
    size_t lead_len, body_len, body_at; /* body_at: of both together */
    const char *broke;                  /* our own reason for breaking off */
    size_t header_bytes;
    unsigned first_byte_ms, idle_ms;
    int64_t deadline; /* of the first byte, then of the next one */
    char error[CURL_ERROR_SIZE];
};

struct multi {
    struct net *net;
    CURLM *curl;
    int64_t due; /* curl's own timer; ENV_FOREVER: none */
};

struct net {
    struct http http;
    struct env *env;
    struct task *task;
    char *ca_file, *proxy;
    int epoll, event;
    struct multi multis[MULTIS];
    struct host *hosts;
    struct transfer *running;
    size_t count, count_max;
    int64_t trim_at;       /* 0: no need */
    int64_t next_deadline; /* no transfer's is earlier */
    bool sort_out;         /* a host turned out to speak HTTP/1.1 */
    _Atomic int64_t last_turn;
    pthread_mutex_t lock;
    struct transfer *queue, **queue_last; /* protected by lock, as are the rest */
    CURL *kept[KEPT_HANDLES];
    size_t kept_count;
    bool stopping;
};

static struct net *net_of(struct http *http)
{
    return CONTAINER_OF(http, struct net, http);
}

struct http *net_http(struct net *net)
{
    return &net->http;
}

int64_t net_last_turn_ms(struct net *net)
{
    return net->last_turn;
}

/* --- callers' threads --- */

static void nudge(struct net *net)
{
    uint64_t one = 1;
    ssize_t n = write(net->event, &one, sizeof(one));
    (void)n; /* full means: it is awake anyway */
}

/* Under net->lock. */
static void enqueue(struct net *net, struct transfer *t)
{
    t->queued = NULL;
    t->queued_at = net->queue_last;
    *net->queue_last = t;
    net->queue_last = &t->queued;
}

static void dequeue(struct net *net, struct transfer *t)
{
    if (!t->queued_at)
        return;
    *t->queued_at = t->queued;
    if (t->queued)
        t->queued->queued_at = t->queued_at;
    else
        net->queue_last = t->queued_at;
    t->queued_at = NULL;
}

/* False: nobody is there any more to grant it. */
static bool wish(struct net *net, struct http_call *call, enum wish what)
{
    pthread_mutex_lock(&net->lock);
    struct transfer *t = call->carrier; /* NULL: finished by itself in the meantime */
    bool taken = t && !(net->stopping && what == WISH_SUBMIT);
    if (taken) {
        t->wishes |= what;
        if (!t->queued_at)
            enqueue(net, t);
    }
    pthread_mutex_unlock(&net->lock);
    if (taken)
        nudge(net);
    return taken;
}

/* Every deadline is set here: the earliest must be known. */
static void set_deadline(struct transfer *t, unsigned in_ms)
{
    t->deadline = env_mono_ms(t->net->env) + in_ms;
    t->net->next_deadline = MIN_OF(t->net->next_deadline, t->deadline);
}

static CURL *handle_get(struct net *net)
{
    pthread_mutex_lock(&net->lock);
    CURL *easy = net->kept_count ? net->kept[--net->kept_count] : NULL;
    pthread_mutex_unlock(&net->lock);
    if (!easy)
        easy = curl_easy_init();
    if (!easy)
        abort(); /* out of memory is the only way */
    return easy;
}

static void handle_put(struct net *net, CURL *easy)
{
    pthread_mutex_lock(&net->lock);
    bool room = net->kept_count < KEPT_HANDLES;
    if (room) {
        curl_easy_reset(easy);
        net->kept[net->kept_count++] = easy;
    }
    pthread_mutex_unlock(&net->lock);
    if (!room)
        curl_easy_cleanup(easy);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * count;
    curl_off_t whole = 0;
    if (!t->call->window && !t->call->answer.body.len &&
        curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &whole) == CURLE_OK &&
        whole > 0 && whole < EXPECT_MOST)
        str_expect(&t->call->answer.body, (size_t)whole);
    int taken = http_call_body(t->call, bytes, len);
    set_deadline(t, t->idle_ms);
    if (taken > 0) {
        t->deadline = ENV_FOREVER; /* the reader is slow, not the other side */
        return CURL_WRITEFUNC_PAUSE;
    }
    if (taken < 0) {
        t->broke = "body over the ceiling";
        return 0;
    }
    return len;
}

static void learn(struct transfer *t, bool http2)
{
    t->call->answer.http2 = http2;
    t->host->wary = false;
    if (!t->https || t->own)
        return;
    if (!http2 && t->host->kind != HOST_H1)
        t->net->sort_out = true;
    t->host->kind = http2 ? HOST_H2 : HOST_H1;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    struct str *headers = &t->call->answer.headers;
    size_t len = size * count, text = len;
    set_deadline(t, t->idle_ms);
    t->header_bytes += len;
    if (t->header_bytes > headers->max) {
        t->broke = "headers over the ceiling";
        return 0;
    }
    while (text && (bytes[text - 1] == '\r' || bytes[text - 1] == '\n'))
        text--;
    if (text > 5 && !memcmp(bytes, "HTTP/", 5)) { /* also after a 100 Continue */
        long status = 0;
        str_clear(headers);
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        t->call->answer.status = (int)status;
        learn(t, bytes[5] == '2');
    } else if (text) {
        str_addn(headers, bytes, text);
        str_addc(headers, '\n');
    }
    return len;
}

static int on_begun(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct transfer *t = arg;
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    if (t->begun && t->once) {
        t->broke = "a kept connection died before its answer";
        return CURL_PREREQFUNC_ABORT;
    }
    t->begun = t->call->answer.begun = true;
    return CURL_PREREQFUNC_OK;
}

static char *host_of(const char *url)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    size_t len = strcspn(at, "/?#");
    const char *host = memrchr(at, '@', len); /* what stands before it is a secret */
    host = host ? host + 1 : at;
    struct str name = STR_INIT(4096);
    str_addn(&name, url, (size_t)(at - url));
    str_addn(&name, host, len - (size_t)(host - at));
    return str_detach(&name);
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    bool body = t->body_at >= t->lead_len;
    const char *from = body ? t->body + t->body_at - t->lead_len : t->lead + t->body_at;
    size_t left = (body ? t->lead_len + t->body_len : t->lead_len) - t->body_at;
    size_t len = MIN_OF(size * count, left);
    memcpy(to, from, len);
    t->body_at += len;
    return len;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct transfer *t = arg;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > t->lead_len + t->body_len)
        return CURL_SEEKFUNC_CANTSEEK;
    t->body_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static void set_body(struct transfer *t, const struct http_request *request)
{
    CURL *easy = t->easy;
    size_t lead = request->lead ? strlen(request->lead) : 0;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(lead + request->body_len));
    if (!lead) {
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
        return;
    }
    if (!t->https) { /* HTTP/1.1 sends at once what it has; to read it takes a buffer */
        auto_str whole = STR_INIT(SIZE_MAX / 2);
        str_addn(&whole, request->lead, lead);
        str_addn(&whole, request->body, request->body_len);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, whole.buf);
        return;
    }
    t->lead = request->lead;
    t->lead_len = lead;
    t->body = mem_textn(request->body, request->body_len);
    t->body_len = request->body_len;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, t);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, t);
}

static void set_request(struct transfer *t, const struct http_request *request)
{
    CURL *easy = t->easy;
    for (const char *const *h = request->headers; h && *h; h++)
        t->headers = curl_slist_append(t->headers, *h);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    if (request->body)
        set_body(t, request);
    if (strcmp(request->method, request->body ? "POST" : "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(request->connect_ms ? request->connect_ms : HTTP_CONNECT_MS));
    if (request->flags & HTTP_IPV4)
        curl_easy_setopt(easy, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     (long)(request->total_ms ? request->total_ms : HTTP_TOTAL_MS));
}

static void set_house_rules(struct transfer *t)
{
    CURL *easy = t->easy;
    struct net *net = t->net;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a resolver that hangs */
    /* Fewer reads; but what is read piece by piece comes in small ones, and waits long for them,
     * and of what calls back there may be thousands. Over HTTP/2, where transfers share a
     * connection, small buffers were seen to stop everything in a burst (7.88). */
    bool small = !t->https && (t->call->window || t->call->done_fn);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, small ? 1024L : 32768L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* the least there is */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, net->proxy);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begun);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    if (t->https) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, net->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
}

static void transfer_free(struct transfer *t)
{
    handle_put(t->net, t->easy);
    curl_slist_free_all(t->headers);
    free(t->body);
    free(t->host_name);
    free(t);
}

static void net_submit(struct http *http, struct http_call *call,
                       const struct http_request *request)
{
    struct net *net = net_of(http);
    struct transfer *t = mem_new(1, sizeof(*t));
    t->net = net;
    t->call = call;
    t->multi = -1;
    t->own = request->flags & HTTP_OWN_CONNECTION;
    t->once = request->flags & HTTP_ONCE;
    t->https = !strncmp(request->url, "https:", 6);
    t->host_name = host_of(request->url);
    t->first_byte_ms = request->first_byte_ms ? request->first_byte_ms : HTTP_FIRST_BYTE_MS;
    t->idle_ms = request->idle_ms ? request->idle_ms : HTTP_IDLE_MS;
    t->easy = handle_get(net);
    set_request(t, request);
    set_house_rules(t);
    call->carrier = t;
    if (wish(net, call, WISH_SUBMIT))
        return;
    err_set(&call->err, ERR_CANCELLED, NULL, "%s: stopping", t->host_name);
    call->carrier = NULL;
    transfer_free(t);
    http_call_finish(call);
}

static void net_abort(struct http *http, struct http_call *call)
{
    wish(net_of(http), call, WISH_ABORT);
}

static void net_resume(struct http *http, struct http_call *call)
{
    wish(net_of(http), call, WISH_RESUME);
}

static const struct http_ops net_ops = {
    .submit = net_submit, .abort = net_abort, .resume = net_resume};

/* --- the net thread --- */

static struct host *host_get(struct net *net, const char *name)
{
    struct host *host;
    HASH_FIND_STR(net->hosts, name, host);
    if (host)
        return host;
    size_t len = strlen(name);
    host = mem_new(1, sizeof(*host) + len + 1);
    memcpy(host->name, name, len + 1);
    HASH_ADD_KEYPTR(hh, net->hosts, host->name, len, host);
    return host;
}

static void add_to_multi(struct transfer *t)
{
    bool h2 = t->https && !t->own && t->host->kind != HOST_H1;
    t->multi = h2 ? MULTI_H2 : MULTI_H1;
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
                     h2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, h2 ? 1L : 0L);
    bool burst = !h2 && t->host->running > BURST;
    curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, t->host->wary || burst ? 1L : 0L);
    curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, burst ? 1L : 0L);
    t->host->wary = false;
    curl_multi_add_handle(t->net->multis[t->multi].curl, t->easy);
}

static void begin(struct net *net, struct transfer *t)
{
    t->host = host_get(net, t->host_name);
    t->next = net->running;
    t->at = &net->running;
    if (t->next)
        t->next->at = &t->next;
    net->running = t;
    net->count++;
    t->host->running++;
    net->count_max = MAX_OF(net->count_max, net->count);
    set_deadline(t, t->first_byte_ms);
    add_to_multi(t);
}

static void why(struct transfer *t, CURLcode code)
{
    struct err *err = &t->call->err;
    if (t->aborted) {
        err_set(err, ERR_CANCELLED, NULL, "%s: broken off by us", t->host_name);
    } else if (t->broke) {
        err_set(err, ERR_REMOTE, NULL, "%s: %s", t->host_name, t->broke);
    } else {
        const char *detail = t->error[0] ? t->error : curl_easy_strerror(code);
        err_set(err, ERR_REMOTE, NULL, "%s: %s", t->host_name, detail);
    }
    if (!t->aborted) /* which says nothing about the host */
        t->host->wary = true;
}

static void finish(struct net *net, struct transfer *t, CURLcode code)
{
    if (code != CURLE_OK)
        why(t, code);
    t->call->answer.received_ms = env_mono_ms(net->env);
    curl_multi_remove_handle(net->multis[t->multi].curl, t->easy);
    *t->at = t->next;
    if (t->next)
        t->next->at = t->at;
    net->count--;
    t->host->running--;
    pthread_mutex_lock(&net->lock);
    struct http_call *call = t->call;
    dequeue(net, t);
    call->carrier = NULL; /* from here on a wish comes too late */
    pthread_mutex_unlock(&net->lock);
    transfer_free(t);
    http_call_finish(call);
}

static struct transfer *take_wish(struct net *net, unsigned *ret_wishes)
{
    pthread_mutex_lock(&net->lock);
    struct transfer *t = net->queue;
    if (t) {
        dequeue(net, t);
        *ret_wishes = t->wishes;
        t->wishes = 0;
    }
    pthread_mutex_unlock(&net->lock);
    return t;
}

static void grant_wishes(struct net *net)
{
    unsigned wishes;
    for (struct transfer *t; (t = take_wish(net, &wishes));) {
        if (wishes & WISH_SUBMIT)
            begin(net, t);
        if (wishes & WISH_RESUME) {
            set_deadline(t, t->idle_ms);
            curl_easy_pause(t->easy, CURLPAUSE_CONT);
        }
        if (wishes & WISH_ABORT) {
            t->aborted = true;
            finish(net, t, CURLE_ABORTED_BY_CALLBACK);
        }
    }
}

/* All are walked only when the earliest deadline that was set has come. */
static void break_off_late(struct net *net)
{
    int64_t now = env_mono_ms(net->env), next = ENV_FOREVER;
    if (now < net->next_deadline)
        return;
    for (struct transfer *t = net->running, *after; t; t = after) {
        after = t->next;
        if (t->deadline <= now) {
            t->broke = t->call->answer.status ? "nothing more came in time" : "no answer in time";
            finish(net, t, CURLE_OPERATION_TIMEDOUT);
        } else {
            next = MIN_OF(next, t->deadline);
        }
    }
    net->next_deadline = next;
}

static void reap_done(struct net *net)
{
    for (int m = 0; m < MULTIS; m++) {
        int left;
        for (CURLMsg *msg; (msg = curl_multi_info_read(net->multis[m].curl, &left));) {
            struct transfer *t = NULL;
            CURLcode code = msg->data.result;
            if (msg->msg != CURLMSG_DONE)
                continue;
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
            finish(net, t, code);
        }
    }
}

/* Transfers that still wait for one of the 16 connections of a host that speaks HTTP/1.1. */
static void move_to_h1(struct net *net)
{
    net->sort_out = false;
    for (struct transfer *t = net->running; t; t = t->next)
        if (t->multi == MULTI_H2 && !t->begun && t->host->kind == HOST_H1) {
            curl_multi_remove_handle(net->multis[MULTI_H2].curl, t->easy);
            add_to_multi(t);
        }
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct multi *multi = arg;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(multi->net->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    bool h2 = multi == &multi->net->multis[MULTI_H2];
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)h2 << 32 | (uint32_t)fd};
    if (epoll_ctl(multi->net->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) &&
        errno == EEXIST) /* curl closed it and the kernel gave the number out again */
        epoll_ctl(multi->net->epoll, EPOLL_CTL_MOD, fd, &event);
    curl_multi_assign(multi->curl, fd, multi);
    return 0;
}

static int on_timer(CURLM *curl, long ms, void *arg)
{
    struct multi *multi = arg;
    (void)curl;
    multi->due = ms < 0 ? ENV_FOREVER : env_mono_ms(multi->net->env) + ms;
    return 0;
}

static void handle_events(struct net *net, int timeout_ms)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(net->epoll, events, EVENTS_AT_ONCE, timeout_ms);
    for (int i = 0; i < n; i++) {
        int fd = (int)(uint32_t)events[i].data.u64, running;
        if (fd == net->event) {
            uint64_t count;
            ssize_t got = read(net->event, &count, sizeof(count));
            (void)got;
            continue;
        }
        int flags = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                    (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                    (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(net->multis[events[i].data.u64 >> 32].curl, fd, flags, &running);
    }
}

static void run_timers(struct net *net)
{
    for (int m = 0; m < MULTIS; m++)
        if (net->multis[m].due <= env_mono_ms(net->env)) {
            int running;
            net->multis[m].due = ENV_FOREVER;
            curl_multi_socket_action(net->multis[m].curl, CURL_SOCKET_TIMEOUT, 0, &running);
        }
}

static int next_timeout(struct net *net)
{
    int64_t now = env_mono_ms(net->env), due = MIN_OF(net->next_deadline, now + TURN_MS);
    for (int m = 0; m < MULTIS; m++)
        due = MIN_OF(due, net->multis[m].due);
    return due <= now ? 0 : (int)(due - now);
}

static bool is_stopping(struct net *net)
{
    pthread_mutex_lock(&net->lock);
    bool stopping = net->stopping;
    pthread_mutex_unlock(&net->lock);
    return stopping;
}

static void abort_all(struct net *net)
{
    while (net->running) {
        net->running->aborted = true;
        finish(net, net->running, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void give_memory_back(struct net *net)
{
    int64_t now = env_mono_ms(net->env);
    bool again = net->trim_at && now >= net->trim_at;
    if (net->count || (net->count_max < TRIM_OVER && !again))
        return;
    net->trim_at = again ? 0 : now + TRIM_AGAIN_MS;
    net->count_max = 0;
    malloc_trim(0);
}

static void net_body(void *arg)
{
    struct net *net = arg;
    for (bool stopping = false; !stopping;) {
        handle_events(net, next_timeout(net));
        net->last_turn = env_mono_ms(net->env);
        stopping = is_stopping(net);
        grant_wishes(net);
        run_timers(net);
        reap_done(net);
        if (net->sort_out)
            move_to_h1(net);
        break_off_late(net);
        give_memory_back(net);
    }
    abort_all(net);
}

static int open_multi(struct net *net, int index, struct err *err)
{
    struct multi *multi = &net->multis[index];
    *multi = (struct multi){.net = net, .curl = curl_multi_init(), .due = ENV_FOREVER};
    if (!multi->curl)
        return err_set(err, ERR_BUG, NULL, "curl_multi_init failed");
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNS);
    if (index == MULTI_H2) {
        curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
        curl_multi_setopt(multi->curl, CURLMOPT_MAX_HOST_CONNECTIONS, (long)H2_CONNS);
    } else {
        curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    }
    return 0;
}

static int open_loop(struct net *net, struct err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, ERR_BUG, NULL, "curl_global_init failed");
    net->epoll = epoll_create1(EPOLL_CLOEXEC);
    net->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint32_t)net->event};
    if (net->epoll < 0 || net->event < 0 ||
        epoll_ctl(net->epoll, EPOLL_CTL_ADD, net->event, &event))
        return err_errno(err, ERR_BUG, NULL, "epoll");
    for (int m = 0; m < MULTIS; m++)
        if (open_multi(net, m, err))
            return -1;
    return 0;
}

static void close_loop(struct net *net)
{
    struct host *host, *tmp;
    for (size_t i = 0; i < net->kept_count; i++)
        curl_easy_cleanup(net->kept[i]);
    for (int m = 0; m < MULTIS; m++)
        curl_multi_cleanup(net->multis[m].curl);
    HASH_ITER(hh, net->hosts, host, tmp)
    {
        HASH_DEL(net->hosts, host);
        free(host);
    }
    if (net->epoll >= 0)
        close(net->epoll);
    if (net->event >= 0)
        close(net->event);
    free(net->ca_file);
    free(net->proxy);
    pthread_mutex_destroy(&net->lock);
    free(net);
    curl_global_cleanup();
}

struct net *net_new(struct env *env, const struct net_options *options, struct err *err)
{
    struct net *net = mem_new(1, sizeof(*net));
    *net = (struct net){.http = {.ops = &net_ops, .env = env}, .env = env};
    net->epoll = net->event = -1;
    net->ca_file = mem_text(options->ca_file && *options->ca_file ? options->ca_file : SYSTEM_CA);
    net->proxy = mem_text(options->proxy ? options->proxy : "");
    net->queue_last = &net->queue;
    net->last_turn = env_mono_ms(env);
    net->next_deadline = ENV_FOREVER;
    lock_init_brief(&net->lock);
    if (open_loop(net, err)) {
        close_loop(net);
        return NULL;
    }
    net->task = env_start(env, "net", 0, net_body, net);
    return net;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    pthread_mutex_lock(&net->lock);
    net->stopping = true;
    pthread_mutex_unlock(&net->lock);
    nudge(net);
    env_join(net->task);
    close_loop(net);
}
