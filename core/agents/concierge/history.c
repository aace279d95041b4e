/* What the model reads: the rules, the conversation, the message with its date. */
#include "core/agents/concierge/turn.h"

#include "core/agents/commands/menu.h"
#include "db/llm_use.h"

#define HISTORY_MOST  60 /* messages */
#define BYTES_A_TOKEN 3
#define CALENDAR_DAYS 14
#define WHOLE_LEAST   2 /* groups whose results are read whole; the border moves in steps of … */
#define WHOLE_STEP    4
#define DAY_RUNS      40 /* so many whole runs a day and person */

extern const char concierge_md[]; /* made by the Makefile from concierge.md */

#define INTERRUPTED "{\"ok\":false,\"error\":\"Interrupted: what became of it is not known.\"}"
#define DIGEST      "Left out since: use the tool again if you need it."

/* --- records as a server takes them --- */

static void add_message(cJSON *list, const char *role, const char *content)
{
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "role", role);
    cJSON_AddStringToObject(message, "content", content);
    cJSON_AddItemToArray(list, message);
}

void history_add(cJSON *messages, bool ours, const char *text)
{
    const char *role = ours ? "assistant" : "user";
    cJSON *last = cJSON_GetArrayItem(messages, cJSON_GetArraySize(messages) - 1);
    if (!*text)
        return;
    bool same = last && !strcmp(json_text_or(last, "role", ""), role) &&
                !json_array(last, "tool_calls");
    if (!same) {
        add_message(messages, role, text);
        return;
    }
    auto_str joined = STR_INIT(256 * 1024);
    str_addf(&joined, "%s\n%s", json_text_or(last, "content", ""), text);
    cJSON_ReplaceItemInObjectCaseSensitive(last, "content", cJSON_CreateString(joined.buf));
}

/* The record of that call's result among those that follow, before anybody says something. */
static const cJSON *result_of(const cJSON *record, const char *id)
{
    for (record = record->next; record; record = record->next) {
        if (strcmp(json_text_or(record, "kind", ""), "result") != 0)
            return NULL;
        if (!strcmp(json_text_or(record, "id", ""), id))
            return record;
    }
    return NULL;
}

static void add_calls(const cJSON *record, cJSON *messages)
{
    cJSON *message = cJSON_CreateObject();
    const char *text = json_text_or(record, "text", "");
    const cJSON *call;
    cJSON_AddStringToObject(message, "role", "assistant");
    json_put_text(message, "content", *text ? text : NULL);
    cJSON *list = cJSON_AddArrayToObject(message, "tool_calls");
    cJSON_AddItemToArray(messages, message);
    cJSON_ArrayForEach(call, json_array(record, "calls"))
    {
        const char *id = json_text_or(call, "id", "");
        cJSON *item = cJSON_CreateObject(), *answer = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", id);
        cJSON_AddStringToObject(item, "type", "function");
        cJSON *function = cJSON_AddObjectToObject(item, "function");
        cJSON_AddStringToObject(function, "name", json_text_or(call, "name", ""));
        cJSON_AddStringToObject(function, "arguments", json_text_or(call, "arguments", "{}"));
        cJSON_AddItemToArray(list, item);
        const cJSON *result = result_of(record, id);
        const char *said = json_text_or(result, "text", "");
        cJSON_AddStringToObject(answer, "role", "tool");
        cJSON_AddStringToObject(answer, "tool_call_id", id);
        cJSON_AddStringToObject(answer, "content", *said ? said : INTERRUPTED);
        cJSON_AddItemToArray(messages, answer);
    }
}

void records_render(const cJSON *records, cJSON *messages)
{
    const cJSON *record;
    cJSON_ArrayForEach(record, records)
    {
        const char *kind = json_text_or(record, "kind", "");
        if (!strcmp(kind, "answer") && cJSON_GetArraySize(json_array(record, "calls")))
            add_calls(record, messages);
        else if (!strcmp(kind, "person") || !strcmp(kind, "ours") || !strcmp(kind, "answer"))
            history_add(messages, *kind != 'p', json_text_or(record, "text", ""));
    }
}

/* --- what was said --- */

struct history {
    const struct run *run;
    char day[DATE_TEXT];
    int64_t used; /* tokens of that day */
    int64_t total;
    struct said list[HISTORY_MOST];
    struct run_steps steps[HISTORY_MOST]; /* of the person's messages */
    size_t count;
};

static int read_history(struct db_conn *conn, void *arg, struct err *err)
{
    struct history *h = arg;
    if (llm_use_of(conn, h->run->account.id, h->day, &h->used, err) ||
        messages_last(conn, h->run->session.id, h->run->account.id, h->list, HISTORY_MOST,
                      &h->count, &h->total, err))
        return -1;
    for (size_t i = 0; i < h->count; i++)
        if (!h->list[i].ours && run_steps_of(conn, h->list[i].inbox_id, &h->steps[i], err))
            return -1;
    return 0;
}

static void history_free(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        free(h->list[i].text);
        run_steps_free(&h->steps[i]);
    }
}

/* What we said names restaurants, and strangers. */
static cJSON *said_record(const struct said *said)
{
    auto_str clean = STR_INIT(64 * 1024);
    cJSON *record = cJSON_CreateObject();
    tools_add_clean(&clean, said->text);
    cJSON_AddStringToObject(record, "kind", said->ours ? "ours" : "person");
    cJSON_AddStringToObject(record, "text", clean.len ? clean.buf : "…");
    return record;
}

/* That it was, and how it ended; of what was done, what. */
static void digest(cJSON *record)
{
    const char *done = json_text_or(record, "done", "");
    struct str text = STR_INIT((size_t)128 * 1024);
    auto_json short_one = cJSON_CreateObject();
    bool acts = false;
    json_flag(record, "acts", &acts);
    cJSON_AddBoolToObject(short_one, "ok", tool_went_well(json_text_or(record, "text", "")));
    cJSON_AddStringToObject(short_one, acts ? "untrusted_text" : "digest", acts ? done : DIGEST);
    json_print(&text, short_one);
    auto_text printed = str_detach(&text);
    cJSON_ReplaceItemInObjectCaseSensitive(record, "text", cJSON_CreateString(printed));
}

/* What was said beside the calls stands in the answer that came in the end. */
static cJSON *step_record(const struct run_step *step, bool whole)
{
    auto_json read = json_parse(step->body, strlen(step->body), "a step", NULL);
    cJSON *record = cJSON_Duplicate(read, true); /* what was read is never changed */
    if (!record)
        return NULL;
    if (!step->result)
        cJSON_ReplaceItemInObjectCaseSensitive(record, "text", cJSON_CreateString(""));
    else if (!whole)
        digest(record);
    cJSON_DeleteItemFromObjectCaseSensitive(record, "effects");
    return record;
}

static size_t bytes_of(const cJSON *records)
{
    const cJSON *record;
    size_t bytes = 0;
    cJSON_ArrayForEach(record, records)
    {
        const cJSON *call;
        bytes += strlen(json_text_or(record, "text", "")) + 30;
        cJSON_ArrayForEach(call, json_array(record, "calls"))
        {
            bytes += strlen(json_text_or(call, "arguments", "")) + 80;
        }
    }
    return bytes;
}

/* From one word of the person's up to their next: never cut. `at`: its first message. */
static cJSON *group_at(struct history *h, size_t at, size_t end, bool whole)
{
    cJSON *records = cJSON_CreateArray();
    for (size_t i = at; i < end; i++) {
        cJSON_AddItemToArray(records, said_record(&h->list[i]));
        for (size_t k = 0; k < h->steps[i].count; k++) {
            cJSON *record = step_record(&h->steps[i].list[k], whole);
            if (record)
                cJSON_AddItemToArray(records, record);
        }
    }
    return records;
}

/* The newest groups that fit. Which of them are read whole depends on how many there ever were, and
 * changes once in WHOLE_STEP messages: what servers keep of the rest is of use until then. */
static void add_groups(struct turn *t, struct history *h)
{
    size_t room = t->run->limits->history_tokens * BYTES_A_TOKEN, end = h->count;
    int64_t whole_from = (h->total - WHOLE_LEAST) / WHOLE_STEP * WHOLE_STEP, ordinal = h->total;
    auto_json groups = cJSON_CreateArray();
    for (size_t at = h->count; at-- > 0;) {
        if (h->list[at].ours)
            continue;
        cJSON *group = group_at(h, at, end, ordinal - 1 >= whole_from);
        if (bytes_of(group) > room) { /* in short it may fit */
            json_free(group);
            group = group_at(h, at, end, false);
        }
        if (bytes_of(group) > room) {
            json_free(group);
            break;
        }
        room -= bytes_of(group);
        ordinal--;
        end = at;
        cJSON_InsertItemInArray(groups, 0, group);
    }
    /* What is cut off at its beginning is cut in steps, too. */
    for (; ordinal > 0 && ordinal % WHOLE_STEP && cJSON_GetArraySize(groups) > 1; ordinal++)
        cJSON_DeleteItemFromArray(groups, 0);
    const cJSON *group;
    cJSON_ArrayForEach(group, groups)
    {
        records_render(group, t->messages);
    }
}

/* --- the message --- */

/* What day it is there, worked out for each message; models are bad at calendars, so it stands
 * there. */
static void add_now(struct turn *t, struct str *out)
{
    struct run *run = t->run;
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const struct city *city = city_of(run->services, run->account.city);
    const char *name = city ? city->zone : run->account.zone;
    auto_zone zone = services_zone(name);
    struct local now = zone_local(zone, run->message.received_ms);
    char text[DATE_TEXT];
    str_addf(out, "\n\n[now: %s %s %02d:%02d in %s, %s. calendar:", days[date_weekday(now.date)],
             date_text(now.date, text), now.minute / 60, now.minute % 60,
             city ? city->name : run->account.city, name);
    for (int i = 0; i < CALENDAR_DAYS; i++) {
        struct date day = date_add(now.date, i);
        str_addf(out, " %s %s", days[date_weekday(day)], date_text(day, text));
    }
    str_addf(out, ". clock: %s hours", run->account.hours24 ? "24" : "12");
    const struct menu *menu = menu_of(account_language(&run->account));
    if (menu)
        str_addf(out, ". where the message leaves it open, answer in %s", menu->english);
    str_add(out, "]");
}

int history_begin(struct turn *t, struct err *err)
{
    struct run *run = t->run;
    auto_str said = STR_INIT(64 * 1024);
    auto_zone zone = services_zone(run->account.zone);
    struct history *h = mem_new(1, sizeof(*h));
    h->run = run;
    date_text(zone_local(zone, env_wall_ms(run->services->env)).date, h->day);
    t->messages = cJSON_CreateArray();
    cJSON *rules = cJSON_CreateObject();
    cJSON_AddStringToObject(rules, "role", "system");
    cJSON_AddItemToObject(rules, "content", cJSON_CreateStringReference(concierge_md));
    cJSON_AddItemToArray(t->messages, rules);
    int failed = db_read(run->services->db, read_history, h, err);
    t->over = !failed && h->used >= DAY_RUNS * run->limits->tokens;
    if (!failed)
        add_groups(t, h);
    history_free(h);
    free(h);
    str_add(&said, run->message.text);
    add_now(t, &said);
    history_add(t->messages, false, said.buf);
    return failed;
}
