/* The workspace's sockets over libwebsockets. */
#include "tests/sandbox/visit.h"

#include "core/base/str.h"

struct outgoing {
    struct outgoing *next;
    enum lws_write_protocol kind;
    size_t len;
    unsigned char bytes[];
};

struct link {
    struct lws *wsi;
    struct outgoing *first, **last;
    struct str in;
    bool shut, reset;
    struct link *next;
};

static struct link *links;

static void slack_look(lws_sorted_usec_list_t *timer)
{
    (void)timer;
    int64_t now = clock_ms(CLOCK_REALTIME), next = slackapi_tick(server.slack, now);
    if (next != INT64_MAX)
        lws_sul_schedule(server.context, 0, &server.slack_timer, slack_look,
                         (MIN_OF(next - now, 3600000) + 1) * 1000);
}

static void on_due(void *ctx)
{
    (void)ctx;
    lws_sul_schedule(server.context, 0, &server.slack_timer, slack_look, 1);
}

static void put(struct link *link, const char *bytes, size_t len, enum lws_write_protocol kind)
{
    struct outgoing *out = mem_new(1, sizeof(*out) + LWS_PRE + len);
    out->len = len;
    out->kind = kind;
    memcpy(out->bytes + LWS_PRE, bytes, len);
    *link->last = out;
    link->last = &out->next;
}

static void on_text(void *ctx, void *socket, const char *text, size_t len)
{
    struct link *link = socket;
    size_t third = len / 3;
    (void)ctx;
    if (slackapi_fragments(server.slack) && third) {
        put(link, text, third, (enum lws_write_protocol)(LWS_WRITE_TEXT | LWS_WRITE_NO_FIN));
        put(link, "Ping from applink-2", 19, LWS_WRITE_PING);
        put(link, text + third, third,
            (enum lws_write_protocol)(LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN));
        put(link, text + 2 * third, len - 2 * third, LWS_WRITE_CONTINUATION);
    } else {
        put(link, text, len, LWS_WRITE_TEXT);
    }
    lws_callback_on_writable(link->wsi);
}

static void on_close(void *ctx, void *socket, bool reset)
{
    struct link *link = socket;
    (void)ctx;
    link->shut = true;
    link->reset = reset;
    lws_callback_on_writable(link->wsi);
}

const struct slackapi_ops link_ops = {on_text, on_close, on_due};

static int begin(struct lws *wsi)
{
    struct link *link = mem_new(1, sizeof(*link));
    *link = (struct link){.wsi = wsi, .in = STR_INIT((size_t)1 << 20), .next = links};
    link->last = &link->first;
    links = link;
    lws_set_opaque_user_data(wsi, link);
    slackapi_up(server.slack, clock_ms(CLOCK_REALTIME), link);
    return 0;
}

static void end(struct link *link)
{
    struct link **at = &links;
    slackapi_gone(server.slack, clock_ms(CLOCK_REALTIME), link);
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    for (struct outgoing *out; (out = link->first);) {
        link->first = out->next;
        free(out);
    }
    str_free(&link->in);
    free(link);
}

static int send_next(struct link *link)
{
    struct outgoing *out = link->first;
    if (link->shut && (link->reset || !out)) {
        if (link->reset) {
            struct linger now = {1, 0};
            setsockopt(lws_get_socket_fd(link->wsi), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        } else {
            lws_close_reason(link->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        }
        return -1;
    }
    if (!out)
        return 0;
    link->first = out->next;
    if (!link->first)
        link->last = &link->first;
    int failed = lws_write(link->wsi, out->bytes + LWS_PRE, out->len, out->kind) < 0;
    free(out);
    if (link->first || link->shut)
        lws_callback_on_writable(link->wsi);
    return failed ? -1 : 0;
}

/* Who is frozen reads nothing, so that libwebsockets answers no pings of theirs. */
void links_look(void)
{
    int pings = slackapi_pings(server.slack);
    for (struct link *link = links; link; link = link->next) {
        lws_rx_flow_control(link->wsi, slackapi_answers(server.slack, link));
        for (int i = 0; i < pings; i++)
            put(link, "Ping from applink-2", 19, LWS_WRITE_PING);
        if (pings)
            lws_callback_on_writable(link->wsi);
    }
}

/* The path with its query. */
static int may_upgrade(struct lws *wsi)
{
    char path[400] = "", query[400] = "";
    auto_str all = STR_INIT(1000);
    lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI);
    for (int i = 0;; i++) {
        if (lws_hdr_copy_fragment(wsi, query, sizeof(query), WSI_TOKEN_HTTP_URI_ARGS, i) <= 0)
            break;
        str_addf(&all, "%c%s", i ? '&' : '?', query);
    }
    auto_str whole = STR_INIT(1400);
    str_addf(&whole, "%s%s", path, all.buf);
    enum upgrade answer = slackapi_upgrade(server.slack, clock_ms(CLOCK_REALTIME), whole.buf, NULL);
    if (answer == UPGRADE_NO)
        lws_return_http_status(wsi, (unsigned)slackapi_refusal(server.slack), NULL);
    return answer == UPGRADE_YES ? 0 : -1;
}

int link_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct link *link = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return may_upgrade(wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return begin(wsi);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return link ? send_next(link) : 0;
    case LWS_CALLBACK_RECEIVE:
        if (!link || !slackapi_answers(server.slack, link))
            return 0;
        str_addn(&link->in, in, len);
        if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) {
            slackapi_text(server.slack, clock_ms(CLOCK_REALTIME), link, link->in.buf, link->in.len);
            str_clear(&link->in);
        }
        return 0;
    case LWS_CALLBACK_CLOSED:
        if (link)
            end(link);
        lws_set_opaque_user_data(wsi, NULL);
        return 0;
    default:
        return 0;
    }
}
