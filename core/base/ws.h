/* ws.h: WebSockets as a client, over whatever carries them (wires.h in the program).
 *
 * A socket is a number that whoever opens it has chosen and never uses again; what happens to it
 * comes into a box, in order, and after WS_GONE nothing more. So nobody holds what another frees.
 * Owner:   the box is its reader's; it outlives the sockets that were opened with it, or what
 * carries them. Threads: every function from any task; one task reads a box. Memory:  a message has
 * at most WS_TEXT_MAX bytes, and at most WS_BOX_MAX wait in a box; what is over is dropped, and
 * counted in `lost`. */
#ifndef CORE_BASE_WS_H
#define CORE_BASE_WS_H

#include "core/base/env.h"

#define WS_TEXT_MAX ((size_t)4 << 20)
#define WS_BOX_MAX  ((size_t)16 << 20)

enum ws_kind {
    WS_UP,   /* the handshake is done */
    WS_TEXT, /* a whole message */
    WS_SIGN, /* some other sign of life: a pong */
    WS_GONE, /* the end, whoever made it; `text` says why, for the log */
};

struct ws_event {
    uint64_t socket;
    enum ws_kind kind;
    int64_t at_ms; /* monotonic: when it was there, not when it is read */
    char *text;
    size_t len;
    struct ws_event *next;
};
void ws_event_free(struct ws_event *event);

struct ws_box {
    struct env *env;
    struct cell *cell; /* woken by what comes */
    pthread_mutex_t lock;
    struct ws_event *first, **last; /* protected by lock, as is the rest */
    size_t bytes, lost;
};
void ws_box_init(struct ws_box *box, struct env *env, struct cell *cell);
void ws_box_done(struct ws_box *box);
/* The oldest, for the caller to free; NULL: none. */
struct ws_event *ws_box_take(struct ws_box *box);
/* Messages so far that were dropped, since too much waited. */
size_t ws_box_lost(struct ws_box *box);
/* For carriers. */
void ws_box_put(struct ws_box *box, uint64_t socket, enum ws_kind kind, const char *text,
                size_t len);

struct ws;
struct ws_ops {
    void (*open)(struct ws *ws, uint64_t socket, const char *url, struct ws_box *box);
    void (*send)(struct ws *ws, uint64_t socket, const char *text, size_t len);
    void (*ping)(struct ws *ws, uint64_t socket);
    void (*close)(struct ws *ws, uint64_t socket, bool now);
};
struct ws {
    const struct ws_ops *ops;
};

/* "ws://…" or "wss://…", whose certificate is checked. The address is resolved beside. */
void ws_open(struct ws *ws, uint64_t socket, const char *url, struct ws_box *box);
/* Messages leave in the order of their sending; to a socket that has gone: nothing happens. */
void ws_send(struct ws *ws, uint64_t socket, const char *text, size_t len);
void ws_ping(struct ws *ws, uint64_t socket);
/* Says goodbye (1000) after what is to be sent, and is gone within about a second; `now`: without
 * it. */
void ws_close(struct ws *ws, uint64_t socket, bool now);

#endif
