/* http.h: ask and be answered, over whatever carries it (net.h in the program).
 *
 * Owner:   the caller owns request and answer; the request may go as soon as a call was begun.
 * Threads: every function from any task but http_start's callback, which must not block.
 * Memory:  nothing grows over body_max and header_max; over them the call fails.
 * Failing: an answer with any status is success here; -1 is for what gave no whole answer.
 *          err->why never holds the URL's path, query or a header. */
#ifndef CORE_BASE_HTTP_H
#define CORE_BASE_HTTP_H

#include "core/base/cancel.h"
#include "core/base/env.h"
#include "core/base/err.h"
#include "core/base/str.h"

enum http_flags {
    HTTP_OWN_CONNECTION = 1, /* never share one: for long polls */
    HTTP_IPV4 = 2,           /* only so: where the other way is known to fail */
    HTTP_ONCE = 4,           /* fails where a kept connection died before its answer: curl would say
                              * it again on another, and it may have been heard */
};

struct http_request {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *url;
    const char *const *headers; /* "Name: value", NULL-ended; NULL: none */
    const char *body;           /* NULL: none */
    size_t body_len;
    const char *lead; /* what stands before the body and belongs to it, text that outlives every
                       * request: it is not copied; NULL: nothing */
    unsigned connect_ms, first_byte_ms, idle_ms, total_ms; /* 0: http_defaults' */
    size_t body_max, header_max;                           /* 0: http_defaults' */
    unsigned flags;
    struct cancel *cancel; /* borrowed; NULL: nobody will */
};

#define HTTP_CONNECT_MS    5000u
#define HTTP_FIRST_BYTE_MS 10000u
#define HTTP_IDLE_MS       10000u
#define HTTP_TOTAL_MS      30000u
#define HTTP_BODY_MAX      ((size_t)4 << 20)
#define HTTP_HEADER_MAX    ((size_t)64 << 10)

struct http_answer {
    int status;
    struct str headers; /* "name: value\n" each, as they came */
    struct str body;
    int64_t received_ms; /* monotonic, when the last byte was there */
    bool http2;
    bool begun; /* a connection was there, so the request may have arrived; set on failure too */
};

#define HTTP_ANSWER_INIT                                                                           \
    {                                                                                              \
        .headers = STR_INIT(HTTP_HEADER_MAX), .body = STR_INIT(HTTP_BODY_MAX)                      \
    }
void http_answer_free(struct http_answer *answer);
#define auto_answer CLEANUP(http_answer_free) struct http_answer

/* The first header of that name, case aside, into `out`; false: none, or longer than `size`. */
bool http_header(const struct http_answer *answer, const char *name, char *out, size_t size);

struct http;

/* Blocks the calling task. ERR_REMOTE: not reached, broken off, too late or too large;
 * ERR_CANCELLED: by the request's token. */
int http_perform(struct http *http, const struct http_request *request, struct http_answer *answer,
                 struct err *err) MUST_USE;

/* All at once; errs[i].kind is ERR_NONE where answers[i] is whole. Returns how many failed. */
size_t http_perform_all(struct http *http, const struct http_request *requests, size_t count,
                        struct http_answer *answers, struct err *errs);

/* Calls back once, on the carrier's thread, with answer or err (the other is NULL); both are
 * lent for the time of the call. The request's token of cancellation is not looked at. */
typedef void http_done_fn(void *arg, const struct http_answer *answer, const struct err *err);
void http_start(struct http *http, const struct http_request *request, http_done_fn *done,
                void *arg);

/* A body read piece by piece: at most `window` bytes wait here, or one piece of the carrier's (32
 * KB); over that the transfer alone is paused. One task reads. */
struct http_call;
struct http_call *http_open(struct http *http, const struct http_request *request,
                            size_t window) MUST_USE;
/* 1 and a piece appended to `piece`; 0: the body has ended well; -1: failed. `*ret_status` is set
 * once a piece or the end was there. */
int http_read(struct http_call *call, struct str *piece, int *ret_status, struct err *err) MUST_USE;
void http_close(struct http_call *call); /* also in the middle */

/* For carriers. submit begins the call or finishes it as failed; abort may come at any time until
 * the finish, and leads to one; resume says that there is room again. */
struct http_ops {
    void (*submit)(struct http *http, struct http_call *call, const struct http_request *request);
    void (*abort)(struct http *http, struct http_call *call);
    void (*resume)(struct http *http, struct http_call *call);
};
struct http {
    const struct http_ops *ops;
    struct env *env;
};
struct http_call {
    struct http *http;
    _Atomic int users; /* the caller and the carrier: the last one frees it, so that the carrier
                          may wake the caller without a lock for it to run into */
    struct cell cell;  /* the reader's */
    pthread_mutex_t lock;
    bool done;                 /* protected by lock */
    struct http_answer answer; /* the carrier's until done, then the caller's */
    struct err err;            /* kind ERR_NONE: answered */
    struct str piece;          /* protected by lock; streaming only */
    size_t window;             /* 0: not streaming */
    bool paused;               /* protected by lock */
    int status;                /* protected by lock; streaming only */
    struct cancel *cancel;
    struct cancel_listener listener;
    http_done_fn *done_fn;
    void *done_arg;
    void *carrier; /* the carrier's own part */
};

/* Bytes of the body: 0 taken; 1: pause, give them again later; -1: over the ceiling. */
int http_call_body(struct http_call *call, const char *bytes, size_t len);
/* Once, by the carrier, which must not touch the call afterwards. */
void http_call_finish(struct http_call *call);

#endif
