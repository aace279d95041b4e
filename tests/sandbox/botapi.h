/* botapi.h: a Bot API server of the messenger, without sockets: chats, people, a bot, faults.
 *
 * Written from reference/telegram.md alone and never from what our client sends.
 * Owner:   whoever made it with botapi_new.
 * Threads: one at a time. Nothing in it blocks or looks at a clock: every call is told the time
 *          (UTC, ms).
 * Holding: a long poll that has nothing to say is held: ask again with the same `struct bot_visit`
 *          when `wake` was called, or at visit->until_ms. A newer poll ends an older one. */
#ifndef TESTS_SANDBOX_BOTAPI_H
#define TESTS_SANDBOX_BOTAPI_H

#include "tests/sandbox/city.h"

#define BOT_TOKEN "12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"
#define BOT_NAME  "sandbox_table_bot"
#define BOT_ID    12345678

struct botapi;

/* `wake`: something that was held may have an answer now; called inside other functions of this
 * header, so it must only take note. */
struct botapi *botapi_new(void (*wake)(void *ctx), void *ctx);
void botapi_free(struct botapi *api);

/* Is this path one of the Bot API's? */
bool botapi_is(const char *path);

struct bot_visit { /* zeroed before the first asking */
    uint64_t ticket;
    int64_t until_ms;
};

/* True: `ret` is the answer. False: held. The request is borrowed for the call. */
bool botapi_ask(struct botapi *api, int64_t now_ms, struct bot_visit *visit,
                const struct city_request *request, struct city_answer *ret);

/* A control line without the leading "bot ": see the top of botapi_control.c. 0, or -1; `reply` is
 * JSON for the caller to free, also on failure. */
int botapi_control(struct botapi *api, int64_t now_ms, const char *line, char **reply) MUST_USE;

#endif
