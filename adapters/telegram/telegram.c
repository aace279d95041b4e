/* The adapter: its token, its state, its life. */
#include "adapters/telegram/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#define PLATFORM    "telegram"
#define ALERTS_MAX  20
#define TOKEN_LEAST 35

/* --- the token --- */

bool telegram_token_is_one(const char *token)
{
    size_t digits = strspn(token, "0123456789");
    size_t rest = digits && token[digits] == ':'
                      ? strspn(token + digits + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "abcdefghijklmnopqrstuvwxyz"
                                                   "0123456789_-")
                      : 0;
    return digits >= 3 && digits < 20 && *token != '0' && digits + 1 + rest == strlen(token) &&
           strlen(token) >= TOKEN_LEAST;
}

static void own_of(const char *token, char own[24])
{
    snprintf(own, 24, "%.*s", (int)MIN_OF(strcspn(token, ":"), (size_t)20), token);
}

static char *base_of(const struct telegram *t, const char *token)
{
    auto_str base = STR_INIT(1024);
    str_addf(&base, "%s/bot%s/", t->host, token);
    return str_detach(&base);
}

bool telegram_set_token(struct telegram *t, const char *token)
{
    char own[24];
    own_of(token, own);
    char *base = base_of(t, token);
    pthread_mutex_lock(&t->lock);
    bool same = !strcmp(base, t->bases[t->base_count - 1]);
    bool fits = !strcmp(own, t->own) && t->base_count < TOKENS_MOST;
    if (!same && fits) {
        t->bases[t->base_count++] = base;
        base = NULL;
    }
    pthread_mutex_unlock(&t->lock);
    if (base)
        explicit_bzero(base, strlen(base));
    free(base);
    if (!same && fits)
        env_wake(&t->nap);
    return same || fits;
}

struct api telegram_api(struct telegram *t)
{
    pthread_mutex_lock(&t->lock);
    struct api api = {t->http, t->bases[t->base_count - 1], t->only_v4 ? HTTP_IPV4 : 0};
    pthread_mutex_unlock(&t->lock);
    return api;
}

struct update_me telegram_me(struct telegram *t, char username[64])
{
    pthread_mutex_lock(&t->lock);
    memcpy(username, t->username, sizeof(t->username));
    pthread_mutex_unlock(&t->lock);
    return (struct update_me){strtoll(t->own, NULL, 10), username};
}

/* --- state --- */

enum telegram_state telegram_state_now(struct telegram *t)
{
    return (enum telegram_state)t->state;
}

void telegram_set_state(struct telegram *t, enum telegram_state state)
{
    t->state = (int)state;
    pthread_mutex_lock(&t->lock);
    if (t->settled)
        env_wake(t->settled);
    pthread_mutex_unlock(&t->lock);
}

void telegram_settled(struct telegram *t, int64_t deadline_ms)
{
    struct cell cell;
    cell_init(&cell, t->env);
    pthread_mutex_lock(&t->lock);
    t->settled = &cell;
    pthread_mutex_unlock(&t->lock);
    while (telegram_state_now(t) == TELEGRAM_STARTING && env_mono_ms(t->env) < deadline_ms)
        env_wait(t->env, &cell, deadline_ms);
    pthread_mutex_lock(&t->lock);
    t->settled = NULL;
    pthread_mutex_unlock(&t->lock);
    cell_done(&cell);
}

bool telegram_is_alive(struct telegram *t)
{
    return telegram_state_now(t) == TELEGRAM_REFUSED ||
           env_mono_ms(t->env) - t->polled_ms < 2 * (t->poll_ms + POLL_MORE_MS + 3000);
}

static void telegram_event(struct adapter *adapter, const char *own, const char *chat,
                           const char *inbox_ref, const struct event *event)
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    (void)own;
    if (inbox_ref && event->kind == EVENT_BEGUN)
        previews_begin(t->previews, chat, inbox_ref, update_ref_message(inbox_ref));
    else if (inbox_ref && event->kind == EVENT_GIVEN_UP)
        previews_drop(t->previews, inbox_ref);
    else if (inbox_ref)
        previews_event(t->previews, inbox_ref, event);
}

static bool telegram_link(struct adapter *adapter, const char *payload, struct str *out)
{
    struct telegram *t = CONTAINER_OF(adapter, struct telegram, adapter);
    char username[64];
    telegram_me(t, username);
    if (*username)
        str_addf(out, "https://t.me/%s?start=%s", username, payload);
    return *username;
}

static const struct adapter_ops telegram_ops = {
    .name = PLATFORM,
    .text_max = 4096,
    .has_edit = true,
    .alerts_max = ALERTS_MAX,
    .strangers = true,
    .pushes = true,
    .send = telegram_send,
    .turn = telegram_turn,
    .newest = telegram_newest,
    .known = telegram_known,
    .documents = true,
    .link = telegram_link,
    .event = telegram_event,
};

struct telegram *telegram_new(struct env *env, struct orchestrator *orchestrator, struct http *http,
                              const struct telegram_options *options)
{
    struct telegram *t = mem_new(1, sizeof(*t));
    t->adapter.ops = &telegram_ops;
    t->orchestrator = orchestrator;
    t->env = env;
    t->http = http;
    t->host = mem_text(options->api_base);
    t->poll_ms = options->poll_ms;
    own_of(options->token, t->own);
    t->bases[t->base_count++] = base_of(t, options->token);
    t->pace = pace_new();
    t->previews = previews_new(t);
    t->polled_ms = env_mono_ms(env);
    cancel_init(&t->stop);
    cell_init(&t->nap, env);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

struct adapter *telegram_adapter(struct telegram *t)
{
    return &t->adapter;
}

void telegram_start(struct telegram *t)
{
    previews_start(t->previews);
    t->poller = env_start(t->env, "telegram", 0, poll_loop, t);
}

void telegram_hush(struct telegram *t)
{
    if (!t->poller)
        return;
    cancel_set(&t->stop);
    env_wake(&t->nap);
    env_join(t->poller);
    t->poller = NULL;
}

void telegram_stop(struct telegram *t)
{
    telegram_hush(t);
    previews_stop(t->previews);
}

void telegram_free(struct telegram *t)
{
    if (!t)
        return;
    progress_clear(t);
    for (size_t i = 0; i < PRESSES_KEPT; i++)
        free(t->presses[i].rest);
    previews_free(t->previews);
    pace_free(t->pace);
    cancel_done(&t->stop);
    cell_done(&t->nap);
    for (size_t i = 0; i < t->base_count; i++) {
        explicit_bzero(t->bases[i], strlen(t->bases[i]));
        free(t->bases[i]);
    }
    pthread_mutex_destroy(&t->lock);
    free(t->host);
    free(t);
}
