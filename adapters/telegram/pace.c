/* Each bucket is the time at which it would be full again (the "theoretical arrival time"): a
 * message moves it on by its interval, and may go while it is at most a burst ahead of now. */
#include "adapters/telegram/pace.h"

#include <pthread.h>
#include <uthash.h>

#define PRIVATE_MS    1100
#define GROUP_MS      3200
#define BURST         3
#define ALL_US        37000 /* 27 a second */
#define ALL_BURST     20
#define TOGETHER_MS   185 /* see pace.h */
#define FLOOD_MORE_MS 200
#define RESERVED_MS   60000 /* a slot that nobody took by then is forgotten */
#define IDLE_MS       600000
#define CHATS_MOST    4096

struct pace_chat {
    int64_t id, full_ms, silent_ms, reserved_ms, used_ms;
    UT_hash_handle hh;
};

struct pace {
    pthread_mutex_t lock;
    struct pace_chat *chats; /* protected by lock, as is the rest */
    int64_t full_us;
};

struct pace *pace_new(void)
{
    struct pace *pace = mem_new(1, sizeof(*pace));
    pthread_mutex_init(&pace->lock, NULL);
    return pace;
}

static void drop(struct pace *pace, struct pace_chat *chat)
{
    HASH_DEL(pace->chats, chat);
    free(chat);
}

void pace_free(struct pace *pace)
{
    struct pace_chat *chat, *tmp;
    if (!pace)
        return;
    HASH_ITER(hh, pace->chats, chat, tmp)
    {
        drop(pace, chat);
    }
    pthread_mutex_destroy(&pace->lock);
    free(pace);
}

static void forget_idle(struct pace *pace, int64_t now)
{
    struct pace_chat *chat, *tmp;
    HASH_ITER(hh, pace->chats, chat, tmp)
    {
        if (chat->used_ms < now - IDLE_MS && chat->silent_ms < now)
            drop(pace, chat);
    }
}

static struct pace_chat *chat_of(struct pace *pace, int64_t id, int64_t now)
{
    struct pace_chat *chat;
    HASH_FIND(hh, pace->chats, &id, sizeof(id), chat);
    if (!chat) {
        if (HASH_COUNT(pace->chats) >= CHATS_MOST)
            forget_idle(pace, now);
        chat = mem_new(1, sizeof(*chat));
        *chat = (struct pace_chat){.id = id};
        HASH_ADD(hh, pace->chats, id, sizeof(chat->id), chat);
    }
    chat->used_ms = now;
    return chat;
}

/* When the next one may go, whatever is reserved. */
static int64_t next_ms(const struct pace *pace, const struct pace_chat *chat, int64_t now,
                       bool together)
{
    int64_t interval = chat->id > 0 ? PRIVATE_MS : GROUP_MS;
    int64_t at = MAX_OF(now, chat->silent_ms);
    at = MAX_OF(at, chat->full_ms - (BURST - 1) * interval);
    int64_t all = (pace->full_us - (int64_t)(ALL_BURST - 1) * ALL_US + 999) / 1000;
    all = together && all > now ? (all + TOGETHER_MS - 1) / TOGETHER_MS * TOGETHER_MS : all;
    return MAX_OF(at, all);
}

/* In all it counts now, also where its chat has it wait: one slow chat must not hold up others. */
static void count(struct pace *pace, struct pace_chat *chat, int64_t at, int64_t now)
{
    int64_t interval = chat->id > 0 ? PRIVATE_MS : GROUP_MS;
    chat->full_ms = MAX_OF(chat->full_ms, at) + interval;
    pace->full_us = MAX_OF(pace->full_us, now * 1000) + ALL_US;
}

static int64_t take(struct pace *pace, int64_t id, int64_t now, bool together)
{
    pthread_mutex_lock(&pace->lock);
    struct pace_chat *chat = chat_of(pace, id, now);
    int64_t at = now;
    bool reserved = chat->reserved_ms && now < chat->reserved_ms + RESERVED_MS;
    if (reserved) {
        at = MAX_OF(chat->reserved_ms, chat->silent_ms);
    } else {
        at = next_ms(pace, chat, now, together);
        count(pace, chat, at, now);
    }
    chat->reserved_ms = at > now ? at : 0;
    pthread_mutex_unlock(&pace->lock);
    return MAX_OF(at - now, (int64_t)0);
}

int64_t pace_take(struct pace *pace, int64_t id, int64_t now)
{
    return take(pace, id, now, false);
}

int64_t pace_take_together(struct pace *pace, int64_t id, int64_t now)
{
    return take(pace, id, now, true);
}

bool pace_try(struct pace *pace, int64_t id, int64_t now)
{
    pthread_mutex_lock(&pace->lock);
    struct pace_chat *chat = chat_of(pace, id, now);
    bool may = !chat->reserved_ms && next_ms(pace, chat, now, false) <= now;
    pthread_mutex_unlock(&pace->lock);
    return may;
}

void pace_flood(struct pace *pace, int64_t id, int64_t now, int64_t wait)
{
    pthread_mutex_lock(&pace->lock);
    struct pace_chat *chat = chat_of(pace, id, now);
    chat->silent_ms = MAX_OF(chat->silent_ms, now + wait + FLOOD_MORE_MS);
    pthread_mutex_unlock(&pace->lock);
}
