/* internal.h: what core/resy shares among its own files.
 *
 * Threads: as in resy.h. */
#ifndef CORE_RESY_INTERNAL_H
#define CORE_RESY_INTERNAL_H

#include "core/resy/resy.h"

#define RESY_KEY_MAX 64

struct resy {
    struct http *http;
    struct env *env;
    struct budget *budget;
    char *base_url, *web_base;
    unsigned timeout_ms;
    pthread_mutex_t lock; /* protects all below */
    char *token;
    bool auto_key;
    char key[RESY_KEY_MAX + 1];
    int64_t key_read_ms; /* monotonic; 0: never */
    int64_t reread_ms;   /* when it was last read because it had been refused */
    int64_t paused_until;
    unsigned fives_in_a_row, blocks_in_a_row;
};

/* One question: budget, headers, the answer's class, JSON. `body` NULL: GET. The tree is the
 * caller's. NULL: failed. */
cJSON *resy_call(struct resy *resy, const struct resy_ask *ask, const char *path, const char *body,
                 int64_t *ret_answered_ms, struct err *err) MUST_USE;

/* One request as it is, once, whatever its answer's status. 0: there was an answer. -1: there was
 * none, and if answer->begun it may have been heard all the same. */
struct resy_request {
    const char *path, *body; /* body NULL: GET */
    bool form, once;         /* once: see HTTP_ONCE */
    unsigned patience_ms;    /* if that is longer than the usual timeout */
};
int resy_exchange(struct resy *resy, const struct resy_ask *ask, const struct resy_request *request,
                  struct http_answer *answer, struct err *err) MUST_USE;

/* What a status other than 200 means; -1. */
int resy_refused(struct resy *resy, const struct resy_ask *ask, const struct http_answer *answer,
                 struct err *err);

/* The client key into `key`; reads it from the public page if it must. `again`: the one we have
 * was refused. */
int resy_key(struct resy *resy, const struct resy_ask *ask, bool again, char key[RESY_KEY_MAX + 1],
             struct err *err) MUST_USE;

/* True: the key comes from the public page, and was not read anew just now for being refused. */
bool resy_key_may_be_old(struct resy *resy);

/* A text of the tree, "" if it is not there. */
void resy_copy(char *to, size_t size, const cJSON *at, const char *path);

/* A sum of dollars, or whatever the currency is, as cents; 0: none, or no number. */
int64_t resy_cents(const cJSON *at, const char *path);

/* "2031-05-09 19:15:00" as minutes since 00:00 of `day`, over 1439 in the night after; -1: it is
 * not of that day, or cannot be read. */
int resy_minute(const char *start, struct date day);

/* Our address is not wanted: nothing is asked for that long now. */
unsigned resy_block_pause(struct resy *resy);

/* Sets *ask->fault and err. */
int resy_fail(const struct resy_ask *ask, enum resy_fault fault, unsigned retry_ms, struct err *err,
              const char *why, ...) PRINTF(5, 6);

#endif
