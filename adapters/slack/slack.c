/* The adapter: its tokens, its state, its life, and what it remembers of what was asked. */
#include "adapters/slack/internal.h"

#include "core/base/log.h"

#define TOKEN_LEAST 20
#define ALIVE_MS    60000

bool slack_token_is_one(const char *token, const char *kind)
{
    size_t len = strlen(token);
    return !strncmp(token, kind, strlen(kind)) && len >= TOKEN_LEAST && len < 400 &&
           strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") == len;
}

void slack_set_tokens(struct slack *s, const char *app_token, const char *bot_token)
{
    pthread_mutex_lock(&s->lock);
    bool same = !strcmp(s->app_token, app_token) && !strcmp(s->bot_token, bot_token);
    snprintf(s->app_token, sizeof(s->app_token), "%s", app_token);
    snprintf(s->bot_token, sizeof(s->bot_token), "%s", bot_token);
    pthread_mutex_unlock(&s->lock);
    if (same)
        return;
    s->tokens_new = true; /* it is looked at before it is used */
    env_wake(&s->cell);
}

/* --- state --- */

enum slack_state slack_state_now(struct slack *s)
{
    return (enum slack_state)s->state;
}

void slack_set_state(struct slack *s, enum slack_state state)
{
    s->state = (int)state;
    pthread_mutex_lock(&s->lock);
    if (s->settled)
        env_wake(s->settled);
    pthread_mutex_unlock(&s->lock);
}

void slack_settled(struct slack *s, int64_t deadline_ms)
{
    struct cell cell;
    cell_init(&cell, s->env);
    pthread_mutex_lock(&s->lock);
    s->settled = &cell;
    pthread_mutex_unlock(&s->lock);
    while (slack_state_now(s) == SLACK_STARTING && env_mono_ms(s->env) < deadline_ms)
        env_wait(s->env, &cell, deadline_ms);
    pthread_mutex_lock(&s->lock);
    s->settled = NULL;
    pthread_mutex_unlock(&s->lock);
    cell_done(&cell);
}

bool slack_is_alive(struct slack *s)
{
    return env_mono_ms(s->env) - s->turned_ms < ALIVE_MS;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

struct slack_health slack_health_now(struct slack *s)
{
    uint32_t sorted[ARRAY_LEN(s->acks_ms)];
    pthread_mutex_lock(&s->lock);
    struct slack_health health = {.up_ms = s->up_ms};
    size_t count = MIN_OF(s->ack_next, ARRAY_LEN(sorted));
    memcpy(sorted, s->acks_ms, count * sizeof(*sorted));
    pthread_mutex_unlock(&s->lock);
    qsort(sorted, count, sizeof(*sorted), by_value);
    health.ack_p99_ms = count ? sorted[count - 1 - count / 100] : 0;
    return health;
}

void slack_ids(struct slack *s, char team[SLACK_ID], char user[SLACK_ID])
{
    pthread_mutex_lock(&s->lock);
    memcpy(team, s->team, SLACK_ID);
    memcpy(user, s->user, SLACK_ID);
    pthread_mutex_unlock(&s->lock);
}

/* --- what was asked --- */

static void asked_clear(struct asked *a)
{
    if (a->url)
        explicit_bzero(a->url, strlen(a->url));
    free(a->url);
    free(a->rest);
    *a = (struct asked){0};
}

void asked_put(struct slack *s, const struct asked *asked)
{
    pthread_mutex_lock(&s->lock);
    struct asked *slot = &s->asked[s->asked_next++ % ASKED_KEPT];
    asked_clear(slot);
    *slot = *asked;
    pthread_mutex_unlock(&s->lock);
}

/* Under the lock. */
static struct asked *asked_find(struct slack *s, const char *ref)
{
    for (size_t i = 0; ref && i < ASKED_KEPT; i++)
        if (*s->asked[i].ref && !strcmp(s->asked[i].ref, ref))
            return &s->asked[i];
    return NULL;
}

bool asked_get(struct slack *s, const char *ref, struct asked *ret)
{
    pthread_mutex_lock(&s->lock);
    struct asked *a = asked_find(s, ref);
    *ret = a ? *a : (struct asked){0};
    ret->url = ret->rest = NULL;
    pthread_mutex_unlock(&s->lock);
    return a;
}

char *asked_url(struct slack *s, const char *ref)
{
    int64_t now = env_mono_ms(s->env);
    pthread_mutex_lock(&s->lock);
    struct asked *a = asked_find(s, ref);
    bool fresh = a && a->url && a->uses < RESPONSES_MOST && now - a->at_ms < RESPONSE_MS;
    char *url = fresh ? mem_text(a->url) : NULL;
    if (fresh)
        a->uses++;
    pthread_mutex_unlock(&s->lock);
    return url;
}

void asked_shown(struct slack *s, const char *ref)
{
    pthread_mutex_lock(&s->lock);
    struct asked *a = asked_find(s, ref);
    if (a)
        a->shown = true;
    pthread_mutex_unlock(&s->lock);
}

char *asked_rest(struct slack *s, const char *ref)
{
    pthread_mutex_lock(&s->lock);
    struct asked *a = asked_find(s, ref);
    char *rest = a ? a->rest : NULL;
    if (a)
        a->rest = NULL;
    pthread_mutex_unlock(&s->lock);
    return rest;
}

void asked_forget_rest(struct slack *s, const char *channel, const char *ts)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < ASKED_KEPT; i++) {
        struct asked *a = &s->asked[i];
        if (!a->rest || strcmp(a->channel, channel) != 0 || strcmp(a->ts, ts) != 0)
            continue;
        free(a->rest);
        a->rest = NULL;
    }
    pthread_mutex_unlock(&s->lock);
}

/* --- what may be shown to a channel --- */

void shared_put(struct slack *s, const char *key, const struct slack_form *form)
{
    auto_str blocks = STR_INIT((size_t)512 * 1024);
    auto_json list = cJSON_CreateArray();
    const cJSON *block;
    cJSON_ArrayForEach(block, form->blocks)
    {
        cJSON *copy = cJSON_Duplicate(block, true);
        cJSON *elements = cJSON_GetObjectItemCaseSensitive(copy, "elements");
        bool actions = !strcmp(json_text_or(copy, "type", ""), "actions");
        for (int i = cJSON_GetArraySize(elements); actions && i-- > 0;)
            if (!json_text(cJSON_GetArrayItem(elements, i), "url")) /* what acts is one's own */
                cJSON_DeleteItemFromArray(elements, i);
        if (actions && !cJSON_GetArraySize(elements))
            json_free(copy);
        else
            cJSON_AddItemToArray(list, copy);
    }
    json_print(&blocks, list);
    pthread_mutex_lock(&s->lock);
    struct shared *slot = &s->shared[s->shared_next++ % SHARED_KEPT];
    free(slot->text);
    free(slot->blocks);
    snprintf(slot->key, sizeof(slot->key), "%s", key);
    slot->text = mem_text(form->text);
    slot->blocks = str_detach(&blocks);
    pthread_mutex_unlock(&s->lock);
}

static void shared_done(void *arg, const struct http_answer *answer, const struct err *err)
{
    (void)arg;
    if (err || answer->status != 200)
        log_line(LOG_WARN, PLATFORM, "sharing: %s", err ? err->why : "refused");
}

void shared_show(struct slack *s, const struct envelope *e)
{
    auto_json message = cJSON_CreateObject();
    pthread_mutex_lock(&s->lock);
    struct shared *found = NULL;
    for (size_t i = 0; i < SHARED_KEPT && !found; i++)
        found = s->shared[i].text && !strcmp(s->shared[i].key, e->text) ? &s->shared[i] : NULL;
    cJSON *blocks = found ? json_parse(found->blocks, strlen(found->blocks), "blocks", NULL) : NULL;
    cJSON_AddStringToObject(message, "response_type", found ? "in_channel" : "ephemeral");
    cJSON_AddFalseToObject(message, "replace_original");
    cJSON_AddStringToObject(message, "text",
                            found ? found->text
                                  : "That has been shown already, or I no longer have it.");
    if (found) { /* once */
        free(found->text);
        free(found->blocks);
        *found = (struct shared){0};
    }
    pthread_mutex_unlock(&s->lock);
    if (blocks) {
        auto_str by = STR_INIT(100);
        str_addf(&by, "Shared by <@%s>", e->user);
        cJSON *copy = cJSON_Duplicate(blocks, true);
        slack_add_context(copy, by.buf);
        cJSON_AddItemToObject(message, "blocks", copy);
        json_free(blocks);
    }
    if (e->response_url)
        slack_respond_start(s->api, e->response_url, message, shared_done, NULL);
}

/* --- the adapter --- */

static void slack_event(struct adapter *adapter, const char *own, const char *chat,
                        const char *inbox_ref, const struct event *event)
{
    struct slack *s = CONTAINER_OF(adapter, struct slack, adapter);
    struct asked asked;
    (void)own;
    if (!inbox_ref)
        return;
    if (event->kind == EVENT_BEGUN) {
        bool known = asked_get(s, inbox_ref, &asked);
        slack_previews_begin(s->previews, chat, inbox_ref, known && asked.direct);
    } else if (event->kind == EVENT_GIVEN_UP) {
        slack_previews_over(s->previews, chat, inbox_ref, "", true);
    } else {
        slack_previews_event(s->previews, inbox_ref, event);
    }
}

static const struct adapter_ops slack_ops = {
    .name = PLATFORM,
    .text_max = 12000,
    .has_edit = true,
    .alerts_max = 20,
    .strangers = true,
    .documents = true,
    .pushes = true,
    .send = slack_send,
    .turn = slack_turn,
    .event = slack_event,
};

struct slack *slack_new(struct env *env, struct orchestrator *orchestrator, struct http *http,
                        struct ws *ws, const struct slack_options *options)
{
    struct slack *s = mem_new(1, sizeof(*s));
    s->adapter.ops = &slack_ops;
    s->orchestrator = orchestrator;
    s->env = env;
    s->ws = ws;
    s->api = slack_api_new(http, env, options->api_base);
    cell_init(&s->cell, env);
    cancel_init(&s->hush);
    ws_box_init(&s->box, env, &s->cell);
    pthread_mutex_init(&s->lock, NULL);
    s->turned_ms = env_mono_ms(env);
    s->previews = slack_previews_new(s);
    s->pages = pages_new(s);
    slack_set_tokens(s, options->app_token, options->bot_token);
    s->tokens_new = false;
    return s;
}

struct adapter *slack_adapter(struct slack *s)
{
    return &s->adapter;
}

void slack_start(struct slack *s)
{
    slack_previews_start(s->previews);
    pages_start(s->pages);
    s->task = env_start(s->env, "slack", 0, socket_loop, s);
}

void slack_hush(struct slack *s)
{
    if (!s->task)
        return;
    s->stopping = true;
    cancel_set(&s->hush);
    env_wake(&s->cell);
    env_join(s->task);
    s->task = NULL;
}

void slack_stop(struct slack *s)
{
    slack_hush(s);
    pages_stop(s->pages);
    slack_previews_stop(s->previews);
}

void slack_free(struct slack *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < ASKED_KEPT; i++)
        asked_clear(&s->asked[i]);
    for (size_t i = 0; i < SHARED_KEPT; i++) {
        free(s->shared[i].text);
        free(s->shared[i].blocks);
    }
    rooms_clear(s);
    pages_free(s->pages);
    slack_previews_free(s->previews);
    slack_api_free(s->api);
    ws_box_done(&s->box);
    cell_done(&s->cell);
    cancel_done(&s->hush);
    explicit_bzero(s->app_token, sizeof(s->app_token));
    explicit_bzero(s->bot_token, sizeof(s->bot_token));
    pthread_mutex_destroy(&s->lock);
    free(s);
}
