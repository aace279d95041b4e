/* The app's page of each person (App Home): made from what is stored, anew when something of it may
 * have changed, and sent only if something has. */
#include "adapters/slack/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"

#include <uthash.h>

#define PAGES_MOST   2000
#define WATCHES      15   /* of a page: with what stands around them under FORM_BLOCKS */
#define AGAIN_MS     2000 /* between two of one person */
#define RETRY_MS     10000
#define RETRIES_MOST 3

struct page {
    char user[SLACK_ID];
    size_t from;
    uint64_t shown; /* a hash of what was last sent; 0: nothing was */
    int64_t due_ms; /* ENV_FOREVER: nothing has changed */
    int64_t sent_ms;
    int tries;
    UT_hash_handle hh;
};

struct pages {
    struct slack *s;
    struct task *task;
    struct cell cell;
    pthread_mutex_t lock; /* protects all below */
    struct page *list;
    bool stopping;
};

struct pages *pages_new(struct slack *s)
{
    struct pages *p = mem_new(1, sizeof(*p));
    p->s = s;
    cell_init(&p->cell, s->env);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void pages_free(struct pages *p)
{
    struct page *page, *tmp;
    if (!p)
        return;
    HASH_ITER(hh, p->list, page, tmp)
    {
        HASH_DEL(p->list, page);
        free(page);
    }
    cell_done(&p->cell);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* Under the lock; NULL: there are too many, or (`make` false) none. */
static struct page *page_get(struct pages *p, const char *user, bool make)
{
    struct page *page;
    HASH_FIND_STR(p->list, user, page);
    if (page || !make || HASH_COUNT(p->list) >= PAGES_MOST)
        return page;
    page = mem_new(1, sizeof(*page));
    *page = (struct page){.due_ms = ENV_FOREVER};
    snprintf(page->user, sizeof(page->user), "%s", user);
    HASH_ADD_STR(p->list, user, page);
    return page;
}

static void touch(struct pages *p, const char *user, bool opened, const size_t *from)
{
    int64_t now = env_mono_ms(p->s->env);
    pthread_mutex_lock(&p->lock);
    struct page *page = page_get(p, user, opened);
    if (page && from)
        page->from = *from;
    if (page) {
        int64_t due = opened ? now : MAX_OF(now, page->sent_ms + AGAIN_MS);
        page->due_ms = MIN_OF(page->due_ms, due);
        page->tries = 0;
    }
    pthread_mutex_unlock(&p->lock);
    if (page)
        env_wake(&p->cell);
}

void pages_touch(struct pages *p, const char *user, bool opened)
{
    static const size_t first;
    touch(p, user, opened, opened ? &first : NULL);
}

void pages_turn(struct pages *p, const char *user, size_t from)
{
    touch(p, user, true, &from);
}

/* --- what it says --- */

static cJSON *plain_button(const char *label, const char *action, const char *value)
{
    cJSON *button = cJSON_CreateObject(), *text = cJSON_AddObjectToObject(button, "text");
    cJSON_AddStringToObject(button, "type", "button");
    cJSON_AddStringToObject(text, "type", "plain_text");
    cJSON_AddStringToObject(text, "text", label);
    cJSON_AddStringToObject(button, "action_id", action);
    cJSON_AddStringToObject(button, "value", value);
    return button;
}

static cJSON *add_actions(cJSON *blocks)
{
    cJSON *block = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "actions");
    cJSON *elements = cJSON_AddArrayToObject(block, "elements");
    cJSON_AddItemToArray(blocks, block);
    return elements;
}

static void add_header(cJSON *blocks, const char *words)
{
    cJSON *block = cJSON_CreateObject(), *text = cJSON_AddObjectToObject(block, "text");
    cJSON_AddStringToObject(block, "type", "header");
    cJSON_AddStringToObject(text, "type", "plain_text");
    cJSON_AddStringToObject(text, "text", words);
    cJSON_AddItemToArray(blocks, block);
}

static void add_escaped_section(cJSON *blocks, const char *bold, const char *text)
{
    auto_str out = STR_INIT(4000);
    bool plain = !strpbrk(bold, "*_~`");
    str_add(&out, plain && *bold ? "*" : "");
    slack_add_escaped(&out, bold, strlen(bold));
    str_add(&out, plain && *bold ? "*" : "");
    str_add(&out, *bold && *text ? "\n" : "");
    slack_add_escaped(&out, text, strlen(text));
    slack_add_section(blocks, out.buf);
}

static void add_watches(cJSON *blocks, const cJSON *page, int *at)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_array(page, "watches"))
    {
        add_escaped_section(blocks, json_text_or(item, "title", ""),
                            json_text_or(item, "state", ""));
        slack_add_buttons(blocks, json_array(item, "buttons"), at);
    }
}

static void add_reservations(cJSON *blocks, const cJSON *page, int *at)
{
    const cJSON *item, *list = json_array(page, "reservations");
    const char *off = json_text_or(page, "booking", "");
    cJSON_ArrayForEach(item, list)
    {
        add_escaped_section(blocks, json_text_or(item, "title", ""), "Booked by me.");
        slack_add_buttons(blocks, json_array(item, "buttons"), at);
    }
    if (*off)
        add_escaped_section(blocks, "", off);
    else
        slack_add_context(blocks, cJSON_GetArraySize(list)
                                      ? "`/tables reservations` reads your Resy account."
                                      : "Nothing booked by me. `/tables reservations` reads your "
                                        "Resy account.");
}

static void add_turns(cJSON *blocks, int64_t total, size_t from)
{
    char value[24];
    bool before = from > 0, after = (int64_t)(from + WATCHES) < total;
    if (!before && !after)
        return;
    cJSON *row = add_actions(blocks);
    if (before) {
        snprintf(value, sizeof(value), "%zu", from > WATCHES ? from - WATCHES : 0);
        cJSON_AddItemToArray(row, plain_button("Previous", TURN_ACTION "0", value));
    }
    if (after) {
        snprintf(value, sizeof(value), "%zu", from + WATCHES);
        cJSON_AddItemToArray(row, plain_button("Next", TURN_ACTION "1", value));
    }
}

static cJSON *view_of(const cJSON *page, size_t from)
{
    cJSON *view = cJSON_CreateObject(), *blocks = cJSON_AddArrayToObject(view, "blocks");
    const cJSON *line;
    bool known = false;
    int at = 0;
    int64_t total = json_i64_or(page, "total", 0);
    json_flag(page, "known", &known);
    cJSON_AddStringToObject(view, "type", "home");
    if (!known) {
        slack_add_section(blocks, "I find restaurant tables for my owner and their friends. Write "
                                  "me a message under *Messages*, and I ask whether I may talk "
                                  "with you.");
        return view;
    }
    cJSON_ArrayForEach(line, json_array(page, "incidents"))
    {
        if (cJSON_IsString(line))
            add_escaped_section(blocks, "Trouble", line->valuestring);
    }
    add_header(blocks, total ? "What I watch for you" : "You watch nothing yet");
    cJSON_AddItemToArray(add_actions(blocks), plain_button("Watch or find …", ASK_ACTION, "form"));
    add_watches(blocks, page, &at);
    add_turns(blocks, total, from);
    add_header(blocks, "Reservations");
    add_reservations(blocks, page, &at);
    add_header(blocks, "Settings");
    add_escaped_section(blocks, "", json_text_or(page, "settings", ""));
    slack_add_context(blocks, "`/tables settings` changes them, `/tables help` shows the rest.");
    return view;
}

/* --- sending it --- */

static uint64_t hash_of(const char *text)
{
    uint64_t h = 1469598103934665603u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h ? h : 1;
}

/* 0: done, or there was nothing to do; else in how many ms to try again. */
static int64_t show(struct pages *p, const char *user, size_t from, uint64_t shown,
                    uint64_t *ret_shown)
{
    struct slack *s = p->s;
    char team[SLACK_ID], own[SLACK_ID], person[2 * SLACK_ID + 2];
    auto_str text = STR_INIT((size_t)512 * 1024);
    slack_ids(s, team, own);
    snprintf(person, sizeof(person), "%s/%s", team, user);
    struct page_ask ask = {PLATFORM, team, person, user, from, WATCHES};
    auto_json page = orchestrator_page(s->orchestrator, &ask);
    if (page && from && (int64_t)from >= json_i64_or(page, "total", 0)) { /* there were more */
        json_free(page);
        ask.from = from = 0;
        page = orchestrator_page(s->orchestrator, &ask);
    }
    if (!page)
        return RETRY_MS;
    json_print(&text, page);
    *ret_shown = hash_of(text.buf);
    if (*ret_shown == shown)
        return 0;
    if (json_array(page, "watches") && cJSON_GetArraySize(json_array(page, "watches")) &&
        !orchestrator_page_buttons(s->orchestrator, &ask, page))
        return RETRY_MS;
    auto_slack a = {0};
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, "user_id", user);
    cJSON_AddItemToObject(args, "view", view_of(page, from));
    slack_call(s->api, "views.publish", args, NULL, false, NULL, &a);
    if (a.outcome == SLACK_OK)
        return 0;
    log_line(LOG_WARN, PLATFORM, "page of a person: %s", a.why);
    *ret_shown = shown;
    return a.outcome == SLACK_ABSENT || a.outcome == SLACK_BAD ? 0
           : a.retry_ms                                        ? a.retry_ms
                                                               : RETRY_MS;
}

static void loop(void *arg)
{
    struct pages *p = arg;
    for (;;) {
        struct page *page, *tmp, now_page = {0};
        int64_t now = env_mono_ms(p->s->env), next = ENV_FOREVER;
        pthread_mutex_lock(&p->lock);
        bool stopping = p->stopping;
        HASH_ITER(hh, p->list, page, tmp)
        {
            if (page->due_ms <= now && !*now_page.user) {
                page->due_ms = ENV_FOREVER;
                now_page = *page;
            }
            next = MIN_OF(next, page->due_ms);
        }
        pthread_mutex_unlock(&p->lock);
        if (stopping)
            return;
        if (!*now_page.user) {
            env_wait(p->s->env, &p->cell, next);
            continue;
        }
        uint64_t shown = now_page.shown;
        int64_t again = show(p, now_page.user, now_page.from, now_page.shown, &shown);
        pthread_mutex_lock(&p->lock);
        page = page_get(p, now_page.user, false);
        if (page) {
            page->shown = shown;
            page->sent_ms = env_mono_ms(p->s->env);
            if (again && page->tries++ < RETRIES_MOST)
                page->due_ms = MIN_OF(page->due_ms, page->sent_ms + again);
        }
        pthread_mutex_unlock(&p->lock);
    }
}

void pages_start(struct pages *p)
{
    p->task = env_start(p->s->env, "slack-pages", 0, loop, p);
}

void pages_stop(struct pages *p)
{
    if (!p->task)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_mutex_unlock(&p->lock);
    env_wake(&p->cell);
    env_join(p->task);
    p->task = NULL;
}
