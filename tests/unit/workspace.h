/* workspace.h: what tests of Slack say and look at, in the virtual world. */
#ifndef TESTS_UNIT_WORKSPACE_H
#define TESTS_UNIT_WORKSPACE_H

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static inline void order(struct world *w, const char *fmt, ...) PRINTF(2, 3);
static inline void order(struct world *w, const char *fmt, ...)
{
    char line[20000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    json_free(world_slack(w, "%s", line));
}

static inline int64_t number_in(struct world *w, const char *line, const char *key)
{
    auto_json json = world_slack(w, "%s", line);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key); /* methods have dots */
    return item ? (int64_t)item->valuedouble : 0;
}

/* How many messages of ours there say this. */
static inline size_t saying(struct world *w, const char *channel, const char *words)
{
    auto_json chat = world_slack(w, "chat %s", channel);
    size_t n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, json_array(chat, "messages"))
    {
        bool ours = false;
        json_flag(m, "ours", &ours);
        n += ours && strstr(json_text_or(m, "text", ""), words);
    }
    return n;
}

/* Does a person's page hold these words? */
static inline bool page_says(struct world *w, const char *user, const char *words)
{
    auto_json page = world_slack(w, "page %s", user);
    auto_str text = STR_INIT(200000);
    if (page)
        json_print(&text, page);
    return strstr(text.buf, words) != NULL;
}

/* Waits until we are connected: a command that comes before is lost, as it is there. */
static inline void connected(struct world *w)
{
    for (int i = 0; i < 300 && slack_state_now(w->slack) != SLACK_UP; i++)
        world_pass(w, 100);
}

/* Waits until that has been said there. */
static inline bool told(struct world *w, const char *channel, const char *words)
{
    for (int i = 0; i < 3000 && !saying(w, channel, words); i++)
        world_pass(w, 100);
    return saying(w, channel, words);
}
#define TOLD(channel, words)                                                                       \
    world_check(w, told(w, channel, words), "%s:%d: %s is not told %s", __FILE__, __LINE__,        \
                channel, words)

#endif
