/* visit.h: one HTTP request on its way through the sandbox's server, from its headers to the last
 * byte of its answer.
 *
 * Owner:   the session, which is lws's memory for a connection or an HTTP/2 stream.
 * Threads: lws's service thread alone. Writes only when lws says that it may. */
#ifndef TESTS_SANDBOX_VISIT_H
#define TESTS_SANDBOX_VISIT_H

/* Before base.h, which poisons names that OpenSSL's headers use. */
#include <libwebsockets.h>

#include "tests/sandbox/botapi.h"
#include "tests/sandbox/city.h"
#include "tests/sandbox/model.h"
#include "tests/sandbox/slackapi.h"
#include "tests/sandbox/waiting.h"

#define BODY_MAX ((size_t)1 << 20) /* of a request */
#define CHUNK    ((size_t)16 * 1024)

struct visit;

struct session { /* zeroed by lws */
    struct visit *visit;
};

/* lws's callbacks have no better place. */
extern struct server {
    struct city *city;
    struct botapi *bot;
    struct model *model;
    struct slackapi *slack;
    struct visit *held_polls; /* what the Bot API has no answer for yet */
    struct lws_context *context;
    struct lws_vhost *http, *https, *control;
    lws_sorted_usec_list_t visit_timer, tick_timer, bot_timer, slack_timer;
    struct waitings waitings;
    size_t held, max_held;
    int leavers; /* an epoll that is readable when a waiting visitor has left */
} server;

int64_t clock_ms(clockid_t clock);

/* For lws's callbacks, with their return values. */
int visit_begin(struct lws *wsi, struct session *session, const char *uri);
int visit_body(struct visit *visit, const void *bytes, size_t len);
void visit_complete(struct visit *visit);
int visit_write(struct lws *wsi, struct session *session);
void visit_end(struct session *session);

/* Ends the visits of those who have left while they waited; when server.leavers is readable. */
void visits_left(void);

/* Asks the Bot API again for all that it holds; soon, from any of our own callbacks. */
void bot_wake(void *ctx);

/* link.c: the sockets of the workspace. */
extern const struct slackapi_ops link_ops;
int link_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

/* After an order: some may have been frozen. */
void links_look(void);

/* Runs what the city has planned and comes back for the next. */
void city_wake(lws_sorted_usec_list_t *timer);

#endif
