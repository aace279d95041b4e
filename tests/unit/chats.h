/* chats.h: what tests of Telegram say and look at, in the virtual world. */
#ifndef TESTS_UNIT_CHATS_H
#define TESTS_UNIT_CHATS_H

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

#define OWNER 42
#define ANN   77
#define GROUP (-1001234567890LL)

/* --- looking at what is there --- */

static inline size_t count_messages(const cJSON *chat)
{
    size_t n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool deleted = false;
        json_flag(m, "deleted", &deleted);
        n += !deleted;
    }
    return n;
}

/* How many messages there say this. */
static inline size_t saying(struct world *w, int64_t id, const char *words)
{
    auto_json chat = world_bot(w, "chat %lld", (long long)id);
    size_t n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool deleted = false;
        json_flag(m, "deleted", &deleted);
        n += !deleted && strstr(json_text_or(m, "text", ""), words);
    }
    return n;
}

static inline size_t messages_in(struct world *w, int64_t id)
{
    auto_json chat = world_bot(w, "chat %lld", (long long)id);
    return count_messages(chat);
}

static inline int64_t number_in(struct world *w, const char *order, const char *key)
{
    auto_json json = world_bot(w, "%s", order);
    return json_i64_or(json, key, 0);
}

static inline void say(struct world *w, int64_t who, const char *text)
{
    json_free(world_bot(w, "say %lld %s", (long long)who, text));
}

static inline void order(struct world *w, const char *fmt, ...) PRINTF(2, 3);
static inline void order(struct world *w, const char *fmt, ...)
{
    char line[5000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    json_free(world_bot(w, "%s", line));
}

/* Waits until somebody has been told this. */
static inline bool hears(struct world *w, int64_t id, const char *words)
{
    for (int i = 0; i < 2000 && !saying(w, id, words); i++)
        world_pass(w, 100);
    return saying(w, id, words);
}
#define HEARS(id, words)                                                                           \
    world_check(w, hears(w, id, words), "%s:%d: %lld does not hear %s", __FILE__, __LINE__,        \
                (long long)(id), words)

#endif
