#include "tests/sandbox/visit.h"

#include <sys/epoll.h>

#include "core/base/str.h"

#define DRIP_MS     200
#define ENDLESS_MAX ((size_t)4 << 30)
#define HEADERS_MAX 16

struct server server;

struct visit { /* one request on its way; on the heap, so that nothing waits in lws's own memory */
    struct waiting waiting;
    struct lws *wsi;
    char *method, *path, *body;
    size_t body_len, body_cap;
    char *names[HEADERS_MAX], *values[HEADERS_MAX];
    size_t header_count;
    struct city_answer answer;
    size_t sent;
    bool control, complete, arrived, ready, headers_sent, watched;
    bool polls; /* it is in server.held_polls */
    struct bot_visit bot;
    struct visit *next_poll;
};

int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- a visit's life ------------------------------------------------------------------------ */

static void hold(int by)
{
    server.held = (size_t)((int64_t)server.held + by);
    city_held(server.city, server.held);
}

/* lws 4.1 does not see a visitor leave whom we let wait over HTTP/1.1: it polls the socket, finds
 * it readable and reads nothing, round and round. So an epoll of our own, itself one of the files
 * that lws polls, says who has left. HTTP/2 needs none of it. (lws_rx_flow_control would end the
 * spinning, but then nothing was written either.) */
static void visit_watch(struct visit *visit)
{
    if (lws_get_network_wsi(visit->wsi) != visit->wsi)
        return;
    struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = visit};
    visit->watched = !epoll_ctl(server.leavers, EPOLL_CTL_ADD, lws_get_socket_fd(visit->wsi),
                                &event);
}

void visits_left(void)
{
    struct epoll_event events[64];
    int count = epoll_wait(server.leavers, events, ARRAY_LEN(events), 0);
    for (int i = 0; i < count; i++) {
        struct visit *visit = events[i].data.ptr;
        epoll_ctl(server.leavers, EPOLL_CTL_DEL, lws_get_socket_fd(visit->wsi), NULL);
        visit->watched = false;
        lws_set_timeout(visit->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    }
}

static void leave_polls(struct visit *visit)
{
    struct visit **at = &server.held_polls;
    while (*at && *at != visit)
        at = &(*at)->next_poll;
    if (*at)
        *at = visit->next_poll;
    visit->polls = false;
}

void visit_end(struct session *session)
{
    struct visit *visit = session->visit;
    if (!visit)
        return;
    session->visit = NULL;
    leave_polls(visit);
    if (visit->watched)
        epoll_ctl(server.leavers, EPOLL_CTL_DEL, lws_get_socket_fd(visit->wsi), NULL);
    waiting_stop(&server.waitings, &visit->waiting);
    if (visit->arrived)
        hold(-1);
    for (size_t i = 0; i < visit->header_count; i++) {
        free(visit->names[i]);
        free(visit->values[i]);
    }
    city_answer_free(&visit->answer);
    free(visit->method);
    free(visit->path);
    free(visit->body);
    free(visit);
}

static void take_header(struct visit *visit, const char *name, char *value)
{
    if (visit->header_count >= HEADERS_MAX) {
        free(value);
        return;
    }
    visit->names[visit->header_count] = mem_text(name);
    visit->values[visit->header_count++] = value;
}

static char *known_header(struct lws *wsi, enum lws_token_indexes token)
{
    int len = lws_hdr_total_length(wsi, token);
    if (len <= 0)
        return NULL;
    char *text = mem_new((size_t)len + 1, 1);
    if (lws_hdr_copy(wsi, text, len + 1, token) < 0)
        text[0] = '\0';
    return text;
}

static void take_token(struct visit *visit)
{
    static const char name[] = "x-resy-auth-token:";
    int len = lws_hdr_custom_length(visit->wsi, name, (int)strlen(name));
    if (len <= 0)
        return;
    char *text = mem_new((size_t)len + 1, 1);
    lws_hdr_custom_copy(visit->wsi, text, len + 1, name, (int)strlen(name));
    take_header(visit, "x-resy-auth-token", text);
}

static void take_headers(struct visit *visit)
{
    static const struct {
        enum lws_token_indexes token;
        const char *name;
    } known[] = {
        {WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
        {WSI_TOKEN_HTTP_USER_AGENT, "user-agent"},
        {WSI_TOKEN_HTTP_CONTENT_TYPE, "content-type"},
        {WSI_TOKEN_HTTP_ACCEPT, "accept"},
        {WSI_TOKEN_ORIGIN, "origin"},
        {WSI_TOKEN_HTTP_REFERER, "referer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        char *value = known_header(visit->wsi, known[i].token);
        if (value)
            take_header(visit, known[i].name, value);
    }
    /* lws 4.1 drops headers that it has no token for when they come over HTTP/2: the user token
     * cannot be read there, and is taken for given. Tests of a wrong one need HTTP/1.1. */
    if (lws_get_network_wsi(visit->wsi) != visit->wsi)
        take_header(visit, "x-resy-auth-token", mem_text(CITY_TOKEN));
    else
        take_token(visit);
}

/* lws keeps the query in pieces, cut at the & and already decoded; what would be read wrongly a
 * second time is encoded again. */
static void take_path(struct visit *visit, const char *uri)
{
    auto_str path = STR_INIT(16384);
    str_add(&path, uri);
    for (int i = 0;; i++) {
        char piece[4096];
        int len = lws_hdr_copy_fragment(visit->wsi, piece, sizeof(piece), WSI_TOKEN_HTTP_URI_ARGS,
                                        i);
        if (len <= 0)
            break;
        str_addc(&path, i ? '&' : '?');
        for (int k = 0; k < len; k++) {
            if (piece[k] == '%' || piece[k] == '&')
                str_addf(&path, "%%%02X", piece[k]);
            else
                str_addc(&path, piece[k]);
        }
    }
    visit->path = str_detach(&path);
}

static const char *method_name(struct lws *wsi)
{
    static const struct {
        enum lws_token_indexes token;
        const char *name;
    } methods[] = {
        {WSI_TOKEN_GET_URI, "GET"},         {WSI_TOKEN_POST_URI, "POST"},
        {WSI_TOKEN_PUT_URI, "PUT"},         {WSI_TOKEN_DELETE_URI, "DELETE"},
        {WSI_TOKEN_PATCH_URI, "PATCH"},     {WSI_TOKEN_HEAD_URI, "HEAD"},
        {WSI_TOKEN_OPTIONS_URI, "OPTIONS"},
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (lws_hdr_total_length(wsi, methods[i].token))
            return methods[i].name;
    }
    if (!lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COLON_METHOD))
        return "GET";
    char colon[16] = "";
    lws_hdr_copy(wsi, colon, sizeof(colon), WSI_TOKEN_HTTP_COLON_METHOD);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (!strcmp(methods[i].name, colon))
            return methods[i].name;
    }
    return "GET";
}

/* --- asking the city ----------------------------------------------------------------------- */

static struct city_request visit_request(const struct visit *visit, struct city_header *headers)
{
    for (size_t i = 0; i < visit->header_count; i++)
        headers[i] = (struct city_header){visit->names[i], visit->values[i]};
    return (struct city_request){.method = visit->method,
                                 .path = visit->path,
                                 .headers = headers,
                                 .header_count = visit->header_count,
                                 .body = visit->body ? visit->body : "",
                                 .body_len = visit->body_len};
}

static void visit_finish(struct visit *visit)
{
    struct city_header headers[HEADERS_MAX];
    struct city_request request = visit_request(visit, headers);
    if (visit->answer.cut == CITY_HANG)
        return; /* it stays held until the visitor leaves */
    city_finish(server.city, clock_ms(CLOCK_REALTIME), &request, &visit->answer);
    visit->ready = true;
    lws_callback_on_writable(visit->wsi);
}

static void visits_wake(lws_sorted_usec_list_t *timer);
static void visit_wait(struct visit *visit, int64_t ms);

/* --- the Bot API --- */

static void bot_try(struct visit *visit)
{
    struct city_header headers[HEADERS_MAX];
    struct city_request request = visit_request(visit, headers);
    int64_t now = clock_ms(CLOCK_REALTIME);
    city_answer_free(&visit->answer);
    if (!botapi_ask(server.bot, now, &visit->bot, &request, &visit->answer)) {
        if (!visit->polls) {
            visit->polls = true;
            visit->next_poll = server.held_polls;
            server.held_polls = visit;
            visit_watch(visit);
        }
        visit_wait(visit, visit->bot.until_ms - now);
        return;
    }
    leave_polls(visit);
    if (visit->answer.cut == CITY_HANG) {
        visit_watch(visit);
        return;
    }
    visit->ready = true;
    lws_callback_on_writable(visit->wsi);
}

static void bot_look(lws_sorted_usec_list_t *timer)
{
    (void)timer;
    for (struct visit *visit = server.held_polls, *next; visit; visit = next) {
        next = visit->next_poll;
        bot_try(visit);
    }
}

void bot_wake(void *ctx)
{
    (void)ctx;
    lws_sul_schedule(server.context, 0, &server.bot_timer, bot_look, 1);
}

static void timer_set(void)
{
    int64_t due = waitings_next(&server.waitings);
    if (due == INT64_MAX)
        return;
    int64_t wait = MAX_OF(due - clock_ms(CLOCK_MONOTONIC), 0);
    lws_sul_schedule(server.context, 0, &server.visit_timer, visits_wake, wait * 1000 + 1);
}

static void visits_wake(lws_sorted_usec_list_t *timer)
{
    (void)timer;
    struct waiting *waiting;
    int64_t now = clock_ms(CLOCK_MONOTONIC);
    for (int i = 0; i < 100 && (waiting = waiting_due(&server.waitings, now)); i++) {
        struct visit *visit = CONTAINER_OF(waiting, struct visit, waiting);
        if (visit->ready)
            lws_callback_on_writable(visit->wsi);
        else if (visit->polls)
            bot_try(visit);
        else
            visit_finish(visit);
    }
    timer_set();
}

static void visit_wait(struct visit *visit, int64_t ms)
{
    waiting_start(&server.waitings, &visit->waiting, clock_ms(CLOCK_MONOTONIC) + ms);
    timer_set();
}

static void model_try(struct visit *visit)
{
    struct city_header headers[HEADERS_MAX];
    struct city_request request = visit_request(visit, headers);
    model_ask(server.model, &request, &visit->answer);
    visit->arrived = true;
    hold(1);
    if (visit->answer.cut == CITY_HANG) {
        visit_watch(visit);
        return;
    }
    visit->ready = true; /* after its delay */
    if (visit->answer.delay_ms) {
        visit_watch(visit);
        visit_wait(visit, visit->answer.delay_ms);
        return;
    }
    lws_callback_on_writable(visit->wsi);
}

void city_wake(lws_sorted_usec_list_t *timer)
{
    (void)timer;
    int64_t now = clock_ms(CLOCK_REALTIME), next = city_tick(server.city, now);
    if (next != INT64_MAX)
        lws_sul_schedule(server.context, 0, &server.tick_timer, city_wake,
                         (MIN_OF(next - now, 3600000) + 1) * 1000);
}

static void answer_plain(struct visit *visit, int status, const char *type, char *body)
{
    visit->answer = (struct city_answer){
        .status = status, .content_type = mem_text(type), .body = body, .body_len = strlen(body)};
    visit->ready = true;
    lws_callback_on_writable(visit->wsi);
}

static void slack_try(struct visit *visit)
{
    struct city_header headers[HEADERS_MAX];
    struct city_request request = visit_request(visit, headers);
    slackapi_ask(server.slack, clock_ms(CLOCK_REALTIME), &request, &visit->answer);
    if (visit->answer.cut == CITY_HANG) {
        visit_watch(visit);
        return;
    }
    visit->ready = true;
    lws_callback_on_writable(visit->wsi);
}

static void control_run(struct visit *visit)
{
    char *rest = visit->body, *line, *reply = NULL;
    bool failed = false;
    while (rest && (line = strsep(&rest, "\n"))) {
        if (!line[strspn(line, " \t\r")])
            continue;
        free(reply);
        failed = !strncmp(line, "bot ", 4)
                     ? botapi_control(server.bot, clock_ms(CLOCK_REALTIME), line + 4, &reply)
                 : !strncmp(line, "slack ", 6)
                     ? slackapi_control(server.slack, clock_ms(CLOCK_REALTIME), line + 6, &reply)
                 : !strncmp(line, "model ", 6)
                     ? model_control(server.model, line + 6, &reply)
                     : city_control(server.city, clock_ms(CLOCK_REALTIME), line, &reply);
        if (failed)
            break;
    }
    city_wake(&server.tick_timer);
    links_look();
    if (!reply)
        reply = mem_text("{\"error\":\"no command\"}");
    answer_plain(visit, failed ? 400 : 200, "application/json", reply);
}

void visit_complete(struct visit *visit)
{
    if (visit->complete)
        return;
    visit->complete = true;
    lws_set_timeout(visit->wsi, NO_PENDING_TIMEOUT, 0); /* lws has its own idea of patience, */
    lws_set_timeout(lws_get_network_wsi(visit->wsi), NO_PENDING_TIMEOUT, 0); /* and another */
    if (visit->control) {
        control_run(visit);
        return;
    }
    if (server.max_held && server.held >= server.max_held) {
        answer_plain(visit, 503, "text/plain", mem_text("held too many"));
        return;
    }
    if (botapi_is(visit->path)) {
        bot_try(visit);
        return;
    }
    if (slackapi_is(visit->path)) {
        slack_try(visit);
        return;
    }
    if (model_is(visit->path)) {
        model_try(visit);
        return;
    }
    struct city_header headers[HEADERS_MAX];
    struct city_request request = visit_request(visit, headers);
    city_arrive(server.city, clock_ms(CLOCK_REALTIME), &request, &visit->answer);
    visit->arrived = true;
    hold(1);
    if (visit->answer.delay_ms || visit->answer.cut)
        visit_watch(visit);
    if (visit->answer.delay_ms)
        visit_wait(visit, visit->answer.delay_ms);
    else
        visit_finish(visit);
}

int visit_begin(struct lws *wsi, struct session *session, const char *uri)
{
    visit_end(session);
    struct visit *visit = mem_new(1, sizeof(*visit));
    session->visit = visit;
    visit->wsi = wsi;
    visit->control = lws_get_vhost(wsi) == server.control;
    visit->method = mem_text(method_name(wsi));
    take_path(visit, uri);
    take_headers(visit);
    auto_text length = known_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    unsigned long long announced = length ? strtoull(length, NULL, 10) : 0;
    if (announced > BODY_MAX) {
        visit->complete = true; /* what still comes is not listened to */
        answer_plain(visit, 413, "text/plain", mem_text("too large"));
    } else if (!announced && !lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
        visit_complete(visit); /* no body, or one of unknown length over HTTP/2: not supported */
    }
    return 0;
}

int visit_body(struct visit *visit, const void *bytes, size_t len)
{
    if (!visit || visit->body_len + len > BODY_MAX)
        return -1;
    if (visit->complete)
        return 0;
    visit->body = mem_grow(visit->body, &visit->body_cap, visit->body_len + len + 1, 1);
    memcpy(visit->body + visit->body_len, bytes, len);
    visit->body_len += len;
    visit->body[visit->body_len] = '\0';
    return 0;
}

/* --- writing the answer -------------------------------------------------------------------- */

static int add_extra(struct lws *wsi, const char *lines, unsigned char **at, unsigned char *end)
{
    auto_text copy = mem_text(lines ? lines : "");
    char *rest = copy, *line;
    while ((line = strsep(&rest, "\n"))) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        char name[64];
        int len = snprintf(name, sizeof(name), "%.*s:", (int)MIN_OF(colon - line, 60), line);
        for (int i = 0; i < len; i++) /* HTTP/2 has small letters only */
            name[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
        const char *value = colon + 1 + strspn(colon + 1, " ");
        if (lws_add_http_header_by_name(wsi, (unsigned char *)name, (unsigned char *)value,
                                        (int)strlen(value), at, end))
            return -1;
    }
    return 0;
}

static int write_headers(struct lws *wsi, struct visit *visit)
{
    const struct city_answer *answer = &visit->answer;
    unsigned char buf[LWS_PRE + 4096], *start = buf + LWS_PRE, *at = start;
    unsigned char *end = buf + sizeof(buf) - 1;
    bool endless = answer->cut == CITY_ENDLESS;
    lws_filepos_t length = endless ? LWS_ILLEGAL_HTTP_CONTENT_LEN : answer->body_len;
    if (lws_add_http_common_headers(wsi, (unsigned)answer->status, answer->content_type, length,
                                    &at, end) ||
        add_extra(wsi, answer->extra_headers, &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end))
        return -1;
    visit->headers_sent = true;
    return 0;
}

/* Ends the connection, over HTTP/2 with all its streams: closing one alone tells nobody (lws 4.1
 * sends no RST_STREAM then). */
static int hang_up(struct lws *wsi)
{
    struct lws *network = lws_get_network_wsi(wsi);
    if (network == wsi)
        return -1;
    lws_set_timeout(network, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    return 0;
}

static int visit_done(struct lws *wsi, struct session *session)
{
    bool close = session->visit->answer.status == 413 || session->visit->answer.cut;
    visit_end(session);
    if (close)
        return hang_up(wsi);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* How much of the body may go out now: by the cut, by HTTP/2's window, by our chunk. */
static size_t next_len(struct lws *wsi, const struct visit *visit, size_t total)
{
    size_t len = MIN_OF(total - visit->sent, CHUNK);
    lws_fileofs_t allowed = lws_get_peer_write_allowance(wsi);
    if (visit->answer.cut == CITY_DRIP)
        len = MIN_OF(len, (size_t)1);
    if (allowed >= 0)
        len = MIN_OF(len, (size_t)allowed);
    return len;
}

static int write_chunk(struct lws *wsi, struct visit *visit, size_t total)
{
    unsigned char buf[LWS_PRE + CHUNK];
    const struct city_answer *answer = &visit->answer;
    size_t len = next_len(wsi, visit, total);
    if (!len)
        return 0;                        /* lws calls again when the window opens */
    for (size_t done = 0; done < len;) { /* only an endless body goes round */
        size_t from = (visit->sent + done) % answer->body_len;
        size_t part = MIN_OF(len - done, answer->body_len - from);
        memcpy(buf + LWS_PRE + done, answer->body + from, part);
        done += part;
    }
    bool last = visit->sent + len == total && answer->cut != CITY_CUT_BODY;
    int written = lws_write(wsi, buf + LWS_PRE, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
    if (written < 0)
        return -1;
    visit->sent += len;
    return 0;
}

int visit_write(struct lws *wsi, struct session *session)
{
    struct visit *visit = session->visit;
    if (!visit || !visit->ready)
        return 0;
    const struct city_answer *answer = &visit->answer;
    if (answer->cut == CITY_RESET)
        return hang_up(wsi);
    size_t total = answer->body_len;
    if (answer->cut == CITY_CUT_BODY)
        total /= 2;
    else if (answer->cut == CITY_ENDLESS && total)
        total = ENDLESS_MAX;
    bool bodiless = !strcmp(visit->method, "HEAD") || !total;
    if (!visit->headers_sent) {
        if (write_headers(wsi, visit))
            return -1;
        if (!bodiless)
            lws_callback_on_writable(wsi);
        return bodiless ? visit_done(wsi, session) : 0;
    }
    if (visit->sent == total) /* a cut body: what was sent is through, now the end */
        return visit_done(wsi, session);
    if (write_chunk(wsi, visit, total))
        return -1;
    if (visit->sent == total && answer->cut != CITY_CUT_BODY)
        return visit_done(wsi, session);
    if (answer->cut == CITY_DRIP)
        visit_wait(visit, DRIP_MS);
    else
        lws_callback_on_writable(wsi);
    return 0;
}
