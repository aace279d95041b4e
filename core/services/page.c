/* A person's page: what they watch and how it goes, their settings, what is wrong. */
#include "core/services/booking.h"
#include "db/chat.h"
#include "db/incident.h"

#define INCIDENTS  3
#define HELD       5
#define BUTTON_TTL (7 * DAY_MS)

struct page_args {
    struct services *services;
    const struct page_ask *ask;
    int64_t now_ms;
    struct account account;
    bool known;
    struct watches watches;
    struct booking held[HELD];
    size_t held_count;
    struct incident incidents[INCIDENTS];
    size_t incident_count;
    cJSON *page;
};

static int read_page(struct db_conn *conn, void *arg, struct err *err)
{
    struct page_args *a = arg;
    if (account_find(conn, a->ask->platform, a->ask->person, &a->account, &a->known, err))
        return -1;
    a->known = a->known && (a->account.alone || a->account.owner);
    if (!a->known)
        return 0;
    return watches_of(conn, a->account.id, 500, &a->watches, err) ||
                   booking_held(conn, a->account.id, a->now_ms, a->held, HELD, &a->held_count,
                                err) ||
                   incidents_now(conn, a->incidents, INCIDENTS, &a->incident_count, err)
               ? -1
               : 0;
}

static void say_when(struct str *out, const struct page_args *a, int64_t then_ms)
{
    char clock[CLOCK_TEXT];
    auto_zone zone = services_zone(a->account.zone);
    if (!then_ms)
        str_add(out, "never yet");
    else if (a->now_ms - then_ms > DAY_MS / 2)
        str_addf(out, "%s ago", span_words(a->now_ms - then_ms, (char[SPAN_WORDS]){0}));
    else
        str_addf(out, "at %s",
                 clock_say(zone_local(zone, then_ms).minute, a->account.hours24, clock));
}

static void say_state(struct str *out, const struct page_args *a, const struct watch *w)
{
    char span[SPAN_WORDS];
    int64_t pace = (int64_t)((double)w->pace_ms * services_stretch(a->services));
    if (w->paused)
        str_add(out, "paused");
    else if (w->snoozed_ms > a->now_ms)
        str_addf(out, "silent for another %s", span_words(w->snoozed_ms - a->now_ms, span));
    else
        str_addf(out, "asked every %s", span_words(pace, span));
    str_add(out, "; last good check ");
    say_when(out, a, w->answered_ms);
    if (w->fails)
        str_addf(out, "; the last %lld failed", (long long)w->fails);
}

static void add_settings(struct page_args *a)
{
    auto_str text = STR_INIT(400);
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    const struct account *me = &a->account;
    str_addf(&text, "%s, %s-hour clock, ", me->zone, me->hours24 ? "24" : "12");
    if (me->quiet_from >= 0)
        str_addf(&text, "quiet from %s to %s", clock_say((int)me->quiet_from, me->hours24, from),
                 clock_say((int)me->quiet_to, me->hours24, to));
    else
        str_add(&text, "no quiet hours");
    cJSON_AddStringToObject(a->page, "settings", text.buf);
}

/* What is wrong with platforms and other people's chats is for the owner. */
static bool is_the_owner_s(const char *cause)
{
    return !strncmp(cause, "refused-", 8) || !strncmp(cause, "at-", 3);
}

/* What was booked here; the account itself is not asked, a page must be there at once. */
static void add_held(struct page_args *a)
{
    struct err off = ERR_INIT;
    cJSON *list = cJSON_AddArrayToObject(a->page, "reservations");
    bool may = !booking_may(a->services, &a->account, &off);
    cJSON_AddStringToObject(a->page, "booking", may ? "" : off.say);
    for (size_t i = 0; i < a->held_count; i++) {
        auto_str words = STR_INIT(600);
        cJSON *item = cJSON_CreateObject();
        booking_words(&words, &a->held[i], a->now_ms, a->account.hours24);
        cJSON_AddStringToObject(item, "title", words.buf);
        cJSON_AddStringToObject(item, "venue", a->held[i].venue);
        json_put_i64(item, "reservation", may ? a->held[i].reservation_id : 0);
        cJSON_AddItemToArray(list, item);
    }
}

static void make_page(struct page_args *a)
{
    cJSON *list = cJSON_AddArrayToObject(a->page, "watches");
    cJSON *trouble = cJSON_AddArrayToObject(a->page, "incidents");
    cJSON_AddBoolToObject(a->page, "known", a->known);
    json_put_i64(a->page, "total", (int64_t)a->watches.count);
    for (size_t i = a->ask->from; i < a->watches.count && i < a->ask->from + a->ask->limit; i++) {
        auto_str title = STR_INIT(500), state = STR_INIT(500);
        const struct watch *w = &a->watches.list[i];
        cJSON *item = cJSON_CreateObject();
        watch_words(&title, w, a->now_ms);
        say_state(&state, a, w);
        json_put_i64(item, "id", w->id);
        cJSON_AddStringToObject(item, "title", title.buf);
        cJSON_AddStringToObject(item, "state", state.buf);
        cJSON_AddItemToArray(list, item);
    }
    for (size_t i = 0; i < a->incident_count; i++) {
        if (!a->account.owner && is_the_owner_s(a->incidents[i].cause))
            continue;
        auto_str text = STR_INIT(300);
        char span[SPAN_WORDS];
        str_addf(&text, "%s, for %s", life_cause_words(a->incidents[i].cause),
                 span_words(a->now_ms - a->incidents[i].opened_ms, span));
        cJSON_AddItemToArray(trouble, cJSON_CreateString(text.buf));
    }
    if (!a->known)
        return;
    add_settings(a);
    add_held(a);
}

int page_of(struct services *services, const struct page_ask *ask, cJSON **ret, struct err *err)
{
    struct page_args args = {
        .services = services, .ask = ask, .now_ms = env_wall_ms(services->env)};
    if (db_read(services->db, read_page, &args, err))
        return -1;
    args.page = cJSON_CreateObject();
    make_page(&args);
    watches_free(&args.watches);
    *ret = args.page;
    return 0;
}

/* --- its buttons --- */

static int add_button(struct page_args *a, struct db_conn *conn, int64_t chat_id, cJSON *item,
                      const char *verb, const char *action, bool once, struct err *err)
{
    char label[48];
    int64_t id = json_i64_or(item, "id", 0);
    auto_json args = cJSON_CreateObject();
    json_put_i64(args, "watch", id);
    snprintf(label, sizeof(label), "%s watch %lld", verb, (long long)id);
    struct button_spec spec = {.label = label,
                               .action = action,
                               .args = args,
                               .once = once,
                               .expires_ms = a->now_ms + BUTTON_TTL};
    return button_offer(a->services, conn, a->account.id, chat_id, &spec, a->now_ms,
                        cJSON_GetObjectItemCaseSensitive(item, "buttons"), err);
}

static int add_cancel(struct page_args *a, struct db_conn *conn, int64_t chat_id, cJSON *item,
                      struct err *err)
{
    char label[220];
    auto_json args = cJSON_CreateObject();
    int64_t id = json_i64_or(item, "reservation", 0);
    cJSON_DeleteItemFromObjectCaseSensitive(item, "buttons");
    cJSON *list = cJSON_AddArrayToObject(item, "buttons");
    if (!id)
        return 0;
    json_put_i64(args, "reservation", id);
    snprintf(label, sizeof(label), "Cancel %s", json_text_or(item, "venue", ""));
    struct button_spec spec = {
        .label = label, .action = "unbook", .args = args, .expires_ms = a->now_ms + BUTTON_TTL};
    return button_offer(a->services, conn, a->account.id, chat_id, &spec, a->now_ms, list, err);
}

static int offer(struct db_conn *conn, void *arg, struct err *err)
{
    struct page_args *a = arg;
    int64_t chat_id;
    cJSON *item;
    if (account_find(conn, a->ask->platform, a->ask->person, &a->account, &a->known, err) ||
        chat_of(conn, a->ask->platform, a->ask->own, a->ask->chat, a->now_ms, &chat_id, err))
        return -1;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(a->page, "watches"))
    {
        bool paused = !strncmp(json_text_or(item, "state", ""), "paused", 6);
        cJSON_DeleteItemFromObjectCaseSensitive(item, "buttons");
        cJSON_AddArrayToObject(item, "buttons");
        if (add_button(a, conn, chat_id, item, paused ? "Resume" : "Pause",
                       paused ? "resume" : "pause", false, err) ||
            (!paused && add_button(a, conn, chat_id, item, "Snooze", "snooze", false, err)) ||
            add_button(a, conn, chat_id, item, "Stop", "stop", true, err))
            return -1;
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(a->page, "reservations"))
    {
        if (add_cancel(a, conn, chat_id, item, err))
            return -1;
    }
    return 0;
}

int page_offer(struct services *services, const struct page_ask *ask, cJSON *page, struct err *err)
{
    struct page_args args = {
        .services = services, .ask = ask, .now_ms = env_wall_ms(services->env), .page = page};
    return db_write(services->db, offer, &args, err);
}
