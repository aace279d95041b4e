/* telegram.h: Telegram as a platform: the Bot API by long poll.
 *
 * Owner:   telegram_new … telegram_free by the program.
 * Threads: a task that polls, on a connection of its own, and one for previews; send and event from
 *          any task.
 * Order:   an update is stored before the next poll, which confirms it; the next offset is the last
 *          id of the answer + 1, even if that goes down. Repeats are known by the message, on disk.
 * Facts:   the Bot API's description and server, and what went wrong with other bots. */
#ifndef ADAPTERS_TELEGRAM_TELEGRAM_H
#define ADAPTERS_TELEGRAM_TELEGRAM_H

#include "core/base/http.h"
#include "core/orchestrator/orchestrator.h"

struct telegram;

struct telegram_options {
    const char *token;    /* "12345:abc…", checked by telegram_token_is_one */
    const char *api_base; /* "https://api.telegram.org" */
    int64_t poll_ms;      /* how long a poll is held, 50 s at most */
};

/* Looks like a token of BotFather's. */
bool telegram_token_is_one(const char *token);

struct telegram *telegram_new(struct env *env, struct orchestrator *orchestrator, struct http *http,
                              const struct telegram_options *options);
struct adapter *telegram_adapter(struct telegram *telegram);

void telegram_start(struct telegram *telegram);
/* No more is received; what was is confirmed, within two seconds. */
void telegram_hush(struct telegram *telegram);
/* After the last send. */
void telegram_stop(struct telegram *telegram);
void telegram_free(struct telegram *telegram);

enum telegram_state {
    TELEGRAM_STARTING,
    TELEGRAM_UP,      /* the last poll was answered */
    TELEGRAM_FAILED,  /* it was not; tried for ever */
    TELEGRAM_REFUSED, /* the token is not taken: it rests until a new one comes */
};
enum telegram_state telegram_state_now(struct telegram *telegram);

/* Waits until it has connected or failed once, or the deadline (monotonic). */
void telegram_settled(struct telegram *telegram, int64_t deadline_ms);

/* A new token of the same bot; false: it is another bot's, which wants a restart. */
bool telegram_set_token(struct telegram *telegram, const char *token);

/* False: no poll has ended for longer than any may take. */
bool telegram_is_alive(struct telegram *telegram);

#endif
