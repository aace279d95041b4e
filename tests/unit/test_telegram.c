/* Telegram in the virtual world: our adapter over the Bot API's server, with its faults. */
#include "tests/test.h"

#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

#define OWNER 42
#define ANN   77
#define GROUP (-1001234567890LL)

static const struct world_setup with_owner = {
    .interval_ms = 10 * SECOND, .telegram = true, .owner = "telegram:42"};
static const struct world_setup with_nobody = {.interval_ms = 10 * SECOND, .telegram = true};

/* --- looking at what is there --- */

static size_t count_messages(const cJSON *chat)
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
static size_t saying(struct world *w, int64_t id, const char *words)
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

static size_t messages_in(struct world *w, int64_t id)
{
    auto_json chat = world_bot(w, "chat %lld", (long long)id);
    return count_messages(chat);
}

static int64_t number_in(struct world *w, const char *order, const char *key)
{
    auto_json json = world_bot(w, "%s", order);
    return json_i64_or(json, key, 0);
}

static void say(struct world *w, int64_t who, const char *text)
{
    json_free(world_bot(w, "say %lld %s", (long long)who, text));
}

static void order(struct world *w, const char *fmt, ...) PRINTF(2, 3);
static void order(struct world *w, const char *fmt, ...)
{
    char line[2000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    json_free(world_bot(w, "%s", line));
}

/* Waits until somebody has been told this. */
static bool hears(struct world *w, int64_t id, const char *words)
{
    for (int i = 0; i < 600 && !saying(w, id, words); i++)
        world_pass(w, 100);
    return saying(w, id, words);
}
#define HEARS(id, words)                                                                           \
    world_check(w, hears(w, id, words), "%s:%d: %lld does not hear %s", __FILE__, __LINE__,        \
                (long long)(id), words)

/* --- the main job --- */

static void whole(struct world *w)
{
    say(w, OWNER, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    CHECK(w, messages_in(w, OWNER) == 1);
    world_pass(w, 30 * SECOND);
    int64_t opened = env_wall_ms(w->env);
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    HEARS(OWNER, "A table opened: Sorrel & Ash");
    CHECK(w, env_wall_ms(w->env) - opened <= 11 * SECOND);
    CHECK(w, messages_in(w, OWNER) == 2);
    world_city(w, "full sorrel-and-ash any 2");
    HEARS(OWNER, "Gone at ");
    CHECK(w, messages_in(w, OWNER) == 2); /* the same message, edited */
    say(w, OWNER, "/watches");
    HEARS(OWNER, "Told lately");
    order(w, "press 42 42 Stop watch 1");
    HEARS(OWNER, "Watch 1 (Sorrel & Ash, Fri May 9) is stopped");
    order(w, "press 42 42 Stop watch 1"); /* once more: it does no harm */
    HEARS(OWNER, "pressed already");
}

TEST(a_watch_its_alert_its_edit_and_its_stop_by_chat)
{
    SEEDS(&with_owner, whole);
}

MAIN(cmocka_unit_test(a_watch_its_alert_its_edit_and_its_stop_by_chat))
