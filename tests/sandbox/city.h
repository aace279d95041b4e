/* city.h: an invented city that answers like Resy's private HTTP API, without sockets.
 *
 * Written from reference/resy-api.md alone and never from what our client sends: where the two
 * disagree, that is what the tests are for.
 * Owner:   whoever made it with city_new; answers belong to the caller.
 * Threads: one at a time. Nothing in it blocks, sleeps or looks at a clock.
 * Clock:   every call is told the time (UTC, ms). The same seed, orders and times give the same
 *          answers, but for the fields that rotate on purpose: config.id, quantity, the order of
 *          slots and of some keys change with each call, tokens never do.
 * Memory:  a request body is at most 1 MB by the server's rule; an answer is under 8 MB. */
#ifndef TESTS_SANDBOX_CITY_H
#define TESTS_SANDBOX_CITY_H

#include "core/base/base.h"

#define CITY_KEY   "sandboxKEY7q2mR9vT4xW8zB1nC6dF3h" /* until `key VALUE` sets another */
#define CITY_TOKEN "sandbox-token"                    /* the one guest's X-Resy-Auth-Token */

struct city;

/* Never NULL. */
struct city *city_new(uint64_t seed);
void city_free(struct city *city);

struct city_header {
    const char *name, *value; /* names in any case */
};

struct city_request { /* all borrowed for the call */
    const char *method;
    const char *path; /* with the query */
    const struct city_header *headers;
    size_t header_count;
    const char *body;
    size_t body_len;
};

enum city_cut {
    CITY_WHOLE,
    CITY_CUT_BODY, /* announce the full length, send half, close */
    CITY_HANG,     /* never answer */
    CITY_DRIP,     /* a byte every 200 ms */
    CITY_RESET,    /* close without a byte */
    CITY_ENDLESS,  /* no length announced; `body` again and again, 50 MB and on */
};

struct city_answer {
    int status;
    char *content_type;
    char *extra_headers; /* "Name: value\n…" or NULL */
    char *body;          /* NUL-ended; never NULL once finished */
    size_t body_len;
    int delay_ms; /* to wait before the first byte */
    enum city_cut cut;
    int fault, fault_code; /* city_arrive's note for city_finish; no business of others */
    int retry_after_s;
    uint64_t entry;
};

/* What the API says to `request`. Fills all of `ret`; city_answer_free when done. */
void city_answer(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret);
void city_answer_free(struct city_answer *answer);

/* The same in two steps, so that a server which holds thousands of requests need not hold their
 * answers: city_arrive counts the request, takes its fault and fills `delay_ms` and `cut` only;
 * city_finish, at the end of the delay and with the same request, makes the rest. A visitor who
 * left in between is simply never finished. */
void city_arrive(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret);
void city_finish(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret);

/* How many requests the server has in hand now, for `counts`. */
void city_held(struct city *city, size_t held);

/* One control line; README of the commands at the top of city_control.c. `reply` is JSON text for
 * the caller to free, also on failure: {"error":"…"}. 0, or -1. */
int city_control(struct city *city, int64_t now_ms, const char *line, char **reply) MUST_USE;

/* Lines "SECONDS COMMAND…" relative to start_ms, '#' starts a comment. All lines are checked
 * before any is taken; -1 with a sentence in `error`, the caller's to free. */
int city_script(struct city *city, int64_t start_ms, const char *text, char **error) MUST_USE;

/* Runs what is due, in order. Returns when the next is due (UTC, ms) or INT64_MAX. */
int64_t city_tick(struct city *city, int64_t now_ms);

#endif
