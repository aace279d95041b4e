/* api.h: one call of a Bot API method, and what its answer means.
 *
 * Threads: any task; a call blocks.
 * Secrets: the token is part of every URL and stays in here; no error holds a URL.
 * Facts:   classified by HTTP status first, then by words of the description, since the service
 *          reserves the right to change its codes; a front end answers in HTML. A request that was
 *          written and not answered may have been carried out. */
#ifndef ADAPTERS_TELEGRAM_API_H
#define ADAPTERS_TELEGRAM_API_H

#include "core/base/http.h"
#include "core/base/json.h"

enum api_outcome {
    API_OK,
    API_NOT_MODIFIED, /* an edit that says what is there: as good as done */
    API_NO_MESSAGE,   /* the message to edit is gone, or cannot be edited */
    API_NO_THREAD,    /* the topic is gone or closed */
    API_CHAT_GONE,    /* blocked, kicked, deleted, no right to write */
    API_MOVED,        /* the chat has another id: migrate_to */
    API_FLOOD,        /* too many: wait retry_ms */
    API_BAD,          /* this request will never be taken */
    API_CONFLICT,     /* somebody else polls */
    API_WEBHOOK,      /* a webhook takes the updates */
    API_TOKEN,        /* the token is refused */
    API_TROUBLE,      /* it was not carried out; try again */
    API_UNKNOWN,      /* it may have been carried out */
};

struct api_answer {
    enum api_outcome outcome;
    cJSON *tree;         /* of the whole answer; api_answer_free */
    const cJSON *result; /* in the tree; NULL: none */
    int64_t migrate_to, retry_ms;
    int64_t update_id; /* the first that stands in an answer which cannot be read; 0: none */
    int status;
    char why[300]; /* for the log */
};
void api_answer_free(struct api_answer *answer);
#define auto_api CLEANUP(api_answer_free) struct api_answer

/* What an answer means; pure, for tests and fuzzing. `body` of any kind. */
void api_read(int status, const char *body, size_t len, struct api_answer *ret);

struct api {
    struct http *http;
    const char *base; /* "https://host/bot<token>/" */
    unsigned flags;   /* of http.h, for every call */
};

struct api_file {                    /* to be sent with a call, in the field `field` */
    const char *field, *name, *type; /* "document", "x.jsonl", "application/x-ndjson" */
    const char *bytes;
    size_t len;
};

struct api_options {
    unsigned total_ms; /* 0: as usual */
    unsigned flags;    /* of http.h */
    struct cancel *cancel;
    const struct api_file *file; /* NULL: none */
};

/* Fills all of `ret`. `options` NULL: as usual. API_UNKNOWN also for what we cancelled. */
void api_call(const struct api *api, const char *method, const cJSON *args,
              const struct api_options *options, struct api_answer *ret);

/* Without waiting for it, and nobody looks at the answer but `done` (NULL: nobody). */
typedef void api_done_fn(void *arg, const struct api_answer *answer);
void api_start(const struct api *api, const char *method, const cJSON *args, api_done_fn *done,
               void *arg);

/* "say" for the log and for a struct err. */
const char *api_outcome_name(enum api_outcome outcome);

#endif
