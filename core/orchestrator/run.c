#include "core/orchestrator/run.h"

static void show(struct run *run, enum event_kind kind, const char *text, const cJSON *data)
{
    if (!run->adapter || !run->adapter->ops->event)
        return;
    struct event event = {kind, text, data};
    run->adapter->ops->event(run->adapter, run->message.own, run->message.chat_ref,
                             run->message.ref, &event);
}

#define KEY_FIRST ((int64_t)1 << 40)
#define KEY_MOST  256 /* over the most calls that may be configured */

int64_t run_key_of(int64_t inbox_id, int nth)
{
    return nth <= 1 ? inbox_id : KEY_FIRST + inbox_id * KEY_MOST + MIN_OF(nth, KEY_MOST - 1);
}

void run_text(struct run *run, const char *fmt, ...)
{
    struct str piece = STR_INIT(RUN_TEXT_MAX);
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    str_addn(&piece, text, (size_t)len);
    free(text);
    str_add(run->capture ? run->capture : &run->text, piece.buf);
    if (!run->capture)
        show(run, EVENT_TEXT, piece.buf, NULL);
    str_free(&piece);
}

void run_card(struct run *run, const char *text)
{
    str_addf(&run->card, "%s%s", run->card.len ? "\n\n" : "", text);
}

void run_reply_free(struct run *run)
{
    str_free(&run->text);
    str_free(&run->card);
    json_free(run->venues);
    json_free(run->document);
    free(run->pending);
    free(run->last_search);
    for (size_t i = 0; i < run->button_count; i++) {
        free(run->buttons[i].label);
        free(run->buttons[i].brief);
        free(run->buttons[i].url);
        free(run->buttons[i].action);
        json_free(run->buttons[i].args);
    }
    free(run->buttons);
    run->buttons = NULL;
    run->button_count = run->button_cap = 0;
}

void run_progress(struct run *run, const char *text)
{
    show(run, EVENT_PROGRESS, text, NULL);
}

void run_venues(struct run *run, cJSON *venues)
{
    json_free(run->venues);
    run->venues = venues;
}

void run_button(struct run *run, const char *label, const char *action, cJSON *args, bool once,
                int64_t ttl_ms)
{
    if (run->button_count == RUN_BUTTONS) {
        json_free(args);
        return;
    }
    run->buttons = mem_grow(run->buttons, &run->button_cap, run->button_count + 1,
                            sizeof(*run->buttons));
    run->buttons[run->button_count++] = (struct run_button){.label = mem_text(label),
                                                            .action = mem_text(action),
                                                            .args = args ? args
                                                                         : cJSON_CreateObject(),
                                                            .once = once,
                                                            .ttl_ms = ttl_ms};
}

void run_brief_button(struct run *run, const char *label, const char *brief, const char *action,
                      cJSON *args, int64_t ttl_ms)
{
    size_t before = run->button_count;
    run_button(run, label, action, args, false, ttl_ms);
    if (run->button_count > before)
        run->buttons[before].brief = mem_text(brief);
}

void run_url_button(struct run *run, const char *label, const char *url, const char *action,
                    cJSON *args, int64_t ttl_ms)
{
    size_t before = run->button_count;
    run_button(run, label, action, args, false, ttl_ms);
    if (run->button_count > before)
        run->buttons[before].url = mem_text(url);
}

bool run_document(struct run *run, const char *name, const char *text)
{
    if (!run->adapter || !run->adapter->ops->documents)
        return false;
    json_free(run->document);
    run->document = cJSON_CreateObject();
    cJSON_AddStringToObject(run->document, "name", name);
    cJSON_AddStringToObject(run->document, "text", text);
    return true;
}

bool run_link(struct run *run, const char *payload, struct str *out)
{
    return run->adapter && run->adapter->ops->link &&
           run->adapter->ops->link(run->adapter, payload, out);
}
