/* slack.h: Slack as a platform: Socket Mode in, the Web API out.
 *
 * Owner:   slack_new … slack_free by the program.
 * Threads: a task that keeps a socket up, stores what comes and acknowledges it; one for what is
 *          seen before an answer, and one for pages; send and event from any task.
 * Order:   an envelope is stored, then acknowledged on the socket that brought it, then worked on.
 * A socket that is to close is replaced first, and then let go. Facts:   Slack's documentation, its
 * own clients, and what went wrong with other bots. */
#ifndef ADAPTERS_SLACK_SLACK_H
#define ADAPTERS_SLACK_SLACK_H

#include "core/base/http.h"
#include "core/base/ws.h"
#include "core/orchestrator/orchestrator.h"

struct slack;

struct slack_options {
    const char *app_token; /* "xapp-…" */
    const char *bot_token; /* "xoxb-…" */
    const char *api_base;  /* "https://slack.com/api" */
};

/* Looks like a token of that kind: "xapp-" or "xoxb-". */
bool slack_token_is_one(const char *token, const char *kind);

/* Lent: http and ws. */
struct slack *slack_new(struct env *env, struct orchestrator *orchestrator, struct http *http,
                        struct ws *ws, const struct slack_options *options);
struct adapter *slack_adapter(struct slack *slack);

void slack_start(struct slack *slack);
/* No more is received; what was is acknowledged, within two seconds. */
void slack_hush(struct slack *slack);
/* After the last send. */
void slack_stop(struct slack *slack);
void slack_free(struct slack *slack);

enum slack_state {
    SLACK_STARTING,
    SLACK_UP,      /* a socket has said hello */
    SLACK_FAILED,  /* none has; tried for ever */
    SLACK_REFUSED, /* a token is not taken: looked at again every five minutes */
};
enum slack_state slack_state_now(struct slack *slack);

/* Waits until it has connected or failed once, or the deadline (monotonic). */
void slack_settled(struct slack *slack, int64_t deadline_ms);

/* New tokens of the same app. */
void slack_set_tokens(struct slack *slack, const char *app_token, const char *bot_token);

/* False: its task has not turned over for a minute. */
bool slack_is_alive(struct slack *slack);

/* For a supervisor: how it goes. */
struct slack_health {
    int64_t up_ms;      /* monotonic: when the socket of now said hello; 0: none has */
    int64_t ack_p99_ms; /* from an envelope's arrival to its acknowledgement, of the last 512 */
};
struct slack_health slack_health_now(struct slack *slack);

/* The app's manifest, to be pasted once; the caller frees. */
char *slack_manifest(void);
/* The scopes that it asks for, without those that it only wishes for. */
const char *const *slack_rights(size_t *ret_count);

#endif
