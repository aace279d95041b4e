#include "core/base/ws.h"

void ws_event_free(struct ws_event *event)
{
    if (event)
        free(event->text);
    free(event);
}

void ws_box_init(struct ws_box *box, struct env *env, struct cell *cell)
{
    *box = (struct ws_box){.env = env, .cell = cell};
    box->last = &box->first;
    pthread_mutex_init(&box->lock, NULL);
}

struct ws_event *ws_box_take(struct ws_box *box)
{
    pthread_mutex_lock(&box->lock);
    struct ws_event *event = box->first;
    if (event) {
        box->first = event->next;
        box->bytes -= event->len;
    }
    if (!box->first)
        box->last = &box->first;
    pthread_mutex_unlock(&box->lock);
    return event;
}

void ws_box_done(struct ws_box *box)
{
    for (struct ws_event *event; (event = ws_box_take(box));)
        ws_event_free(event);
    pthread_mutex_destroy(&box->lock);
}

size_t ws_box_lost(struct ws_box *box)
{
    pthread_mutex_lock(&box->lock);
    size_t lost = box->lost;
    pthread_mutex_unlock(&box->lock);
    return lost;
}

void ws_box_put(struct ws_box *box, uint64_t socket, enum ws_kind kind, const char *text,
                size_t len)
{
    struct ws_event *event = mem_new(1, sizeof(*event));
    *event = (struct ws_event){.socket = socket, .kind = kind, .at_ms = env_mono_ms(box->env)};
    event->text = mem_textn(text ? text : "", len);
    event->len = len;
    pthread_mutex_lock(&box->lock);
    bool fits = kind != WS_TEXT || box->bytes + len <= WS_BOX_MAX;
    if (fits) {
        box->bytes += len;
        *box->last = event;
        box->last = &event->next;
        event = NULL;
    } else {
        box->lost++;
    }
    env_wake(box->cell);
    pthread_mutex_unlock(&box->lock);
    ws_event_free(event);
}

void ws_open(struct ws *ws, uint64_t socket, const char *url, struct ws_box *box)
{
    ws->ops->open(ws, socket, url, box);
}

void ws_send(struct ws *ws, uint64_t socket, const char *text, size_t len)
{
    ws->ops->send(ws, socket, text, len);
}

void ws_ping(struct ws *ws, uint64_t socket)
{
    ws->ops->ping(ws, socket);
}

void ws_close(struct ws *ws, uint64_t socket, bool now)
{
    ws->ops->close(ws, socket, now);
}
