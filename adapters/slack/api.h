/* api.h: the Web API of Slack: a method, its arguments, and what its answer means.
 *
 * Threads: any. A method is called no more often a minute than its tier allows. Each method that
 * was answered 429 rests for as long as was demanded, by itself: a call to it fails at once
 * meanwhile. Only chat.postMessage does not: there it is the channel, unless the whole workspace
 * has said too much (message_limit_exceeded). Facts:   the status is 200 for nearly everything:
 * `ok` counts. internal_error and its kin, and a lost answer, may have done what was asked; there
 * is no key that makes a repeat safe. The token stands in a header and nowhere else. */
#ifndef ADAPTERS_SLACK_API_H
#define ADAPTERS_SLACK_API_H

#include "core/base/http.h"
#include "core/base/json.h"

enum slack_outcome {
    SLACK_OK,
    SLACK_NO_MESSAGE, /* nothing there to change */
    SLACK_CHAT_GONE,  /* that room takes nothing from us, and will not */
    SLACK_LIMITED,    /* wait retry_ms */
    SLACK_BLOCKS,     /* refused for its blocks: plain text may do */
    SLACK_TOO_LONG,
    SLACK_STALE,   /* a trigger, a hash or a stream whose time is over */
    SLACK_ABSENT,  /* this workspace does not have it: a method, a scope, a feature */
    SLACK_TOKEN,   /* the token is not taken */
    SLACK_BAD,     /* refused for good: ours to mend */
    SLACK_TROUBLE, /* it failed, and nothing was done */
    SLACK_UNKNOWN, /* it may have been done */
};

struct slack_answer {
    enum slack_outcome outcome;
    cJSON *tree; /* slack_answer_free */
    int64_t retry_ms;
    char error[64];    /* "channel_not_found"; "": none was said */
    char needed[64];   /* the scope that is missing; "": none was named */
    char scopes[1000]; /* that the token has, as auth.test's answer says; "": not said */
    char why[300];     /* for the log */
};
void slack_answer_free(struct slack_answer *answer);
#define auto_slack CLEANUP(slack_answer_free) struct slack_answer

/* What an answer means; pure, for tests and fuzzing. `body` of any kind. */
void slack_read(int status, int64_t retry_after_s, const char *body, size_t len,
                struct slack_answer *ret);

/* Is it in a list of scopes as Slack writes it? */
bool slack_has_scope(const char *scopes, const char *scope);

struct slack_api;
/* `base`: "https://slack.com/api". Lent: http. */
struct slack_api *slack_api_new(struct http *http, struct env *env, const char *base);
void slack_api_free(struct slack_api *api);
/* From the next call on. */
void slack_api_set_token(struct slack_api *api, const char *token);

/* Fills all of `ret`. `token` NULL: the bot's. `form`: reading methods are asked so. `cancel`
 * NULL: nobody will. */
void slack_call(struct slack_api *api, const char *method, const cJSON *args, const char *token,
                bool form, struct cancel *cancel, struct slack_answer *ret);

/* Without waiting for it; nobody looks at the answer but `done` (NULL: nobody), which must not
 * block. */
typedef void slack_done_fn(void *arg, const struct slack_answer *answer);
void slack_call_start(struct slack_api *api, const char *method, const cJSON *args,
                      const char *token, slack_done_fn *done, void *arg);

/* The bytes of a file, to the address that files.getUploadURLExternal gave. */
void slack_upload(struct slack_api *api, const char *url, const char *bytes, size_t len,
                  struct slack_answer *ret);

/* To a response_url, which wants no token. */
void slack_respond(struct slack_api *api, const char *url, const cJSON *args,
                   struct slack_answer *ret);

/* The same without waiting for it; `done` NULL: nobody looks at the answer. */
void slack_respond_start(struct slack_api *api, const char *url, const cJSON *args,
                         http_done_fn *done, void *arg);

#endif
