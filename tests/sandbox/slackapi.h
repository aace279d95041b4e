/* slackapi.h: a Slack workspace, without sockets: its Web API, its envelopes, people, an app,
 * faults.
 *
 * Written from reference/slack.md alone and never from what our client sends.
 * Owner:   whoever made it with slackapi_new.
 * Threads: one at a time. Nothing in it blocks or looks at a clock: every call is told the time
 *          (UTC, ms).
 * Sockets: whoever carries them names each by a pointer of their own, asks slackapi_upgrade, and
 *          tells what happens to it; what is sent goes out through the ops. slackapi_tick does what
 *          is due by time. */
#ifndef TESTS_SANDBOX_SLACKAPI_H
#define TESTS_SANDBOX_SLACKAPI_H

#include "tests/sandbox/city.h"

#define SLACK_APP_TOKEN "xapp-sandbox.sandbox.sandbox.0"
#define SLACK_BOT_TOKEN "xoxb-sandbox.sandbox.sandbox.0"
#define SLACK_TEAM      "T1"
#define SLACK_BOT       "UBOT"

struct slackapi_ops { /* called inside other functions of this header: they must only take note */
    void (*text)(void *ctx, void *socket, const char *text, size_t len);
    void (*close)(void *ctx, void *socket, bool reset);
    void (*due)(void *ctx); /* slackapi_tick is to be called soon */
};

struct slackapi;
/* `origin`: "http://127.0.0.1:1", of the addresses that it gives out; ws:// in place of http://. */
struct slackapi *slackapi_new(const struct slackapi_ops *ops, void *ctx, const char *origin);
void slackapi_free(struct slackapi *api);
void slackapi_set_origin(struct slackapi *api, const char *origin);

/* Is this path one of the Web API's, or a response_url's? */
bool slackapi_is(const char *path);
void slackapi_ask(struct slackapi *api, int64_t now_ms, const struct city_request *request,
                  struct city_answer *ret);

enum upgrade { UPGRADE_YES, UPGRADE_NO, UPGRADE_HANG };
/* `path` with its query. After UPGRADE_YES slackapi_up follows. */
enum upgrade slackapi_upgrade(struct slackapi *api, int64_t now_ms, const char *path, void *socket);
/* The status that goes with UPGRADE_NO. */
int slackapi_refusal(const struct slackapi *api);
void slackapi_up(struct slackapi *api, int64_t now_ms, void *socket);
void slackapi_text(struct slackapi *api, int64_t now_ms, void *socket, const char *text,
                   size_t len);
/* Does it answer pings, and read at all? */
bool slackapi_answers(struct slackapi *api, void *socket);
/* Is what it sends to go out in three fragments, with a ping between? */
bool slackapi_fragments(const struct slackapi *api);
/* How many pings it wants to send to each; asked once. */
int slackapi_pings(struct slackapi *api);
void slackapi_gone(struct slackapi *api, int64_t now_ms, void *socket);

/* Returns when to call it again (INT64_MAX: not by time). */
int64_t slackapi_tick(struct slackapi *api, int64_t now_ms);

/* A control line without the leading "slack ": see the top of slackapi_control.c. 0, or -1; `reply`
 * is JSON for the caller to free, also on failure. */
int slackapi_control(struct slackapi *api, int64_t now_ms, const char *line, char **reply) MUST_USE;

#endif
