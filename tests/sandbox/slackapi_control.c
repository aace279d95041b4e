/* Control lines:
 *
 *   say USER[@THREAD] TEXT         a message to the app; without a thread it begins one
 *   mention USER CHANNEL[@THREAD] TEXT
 *   edit USER TS TEXT              of a message to the app
 *   slash USER CHANNEL [TEXT]      /tables TEXT
 *   press USER CHANNEL LABEL       the newest button there whose label begins so; or "home"
 *   fill USER KEY=VALUE;…          the form that is open, sent
 *   home USER [TAB]                looks at the app's page
 *   stop USER THREAD               Stop under an answer
 *   event JSON | raw TEXT          any event; any text to all sockets
 *   bytes HEX                      as a text, whatever they are
 *   pings N                        so many at once, over real sockets
 *   again                          the last envelope once more, as it was
 *   again-event                    the last event under another envelope
 *   twin                           the last message event with another event id
 *   channel ID [STATE]             there is one; STATE archived, out, denied
 *   disconnect REASON              to all that are up
 *   reset | shut | freeze | mute   all that are up: gone, closed, deaf and dumb, no pongs
 *   no-hello N | refuse N [STATUS] | hang N   of the next upgrades
 *   late-hello MS                  of the next socket
 *   fault METHOD KIND [NUMBER] [count N]
 *                                  lost, hang, reset, html N, slow SECONDS, or an error's name
 *   calm                           no faults
 *   origin URL                     of the addresses that are given out
 *   fragments on|off               over real sockets: in three, with a ping between
 *   plain on|off | limit on|off    without the agent view; 429 for what is too fast
 *   chat CHANNEL | page USER | modal | calls | envelopes | sockets | statuses | titles
 */
#include "tests/sandbox/slackapi_inner.h"

struct order {
    struct slackapi *api;
    int64_t now_ms;
    char *rest;
    cJSON *reply;
    char **ret;
};

static char *word(struct order *o)
{
    char *at = o->rest + strspn(o->rest, " ");
    size_t len = strcspn(at, " ");
    o->rest = at + len + (at[len] == ' ');
    at[len] = '\0';
    return at;
}

static int wrong(struct order *o, const char *what)
{
    cJSON_AddStringToObject(o->reply, "error", what);
    return -1;
}

/* "U1@1700.1" → both. */
static void split_thread(char *text, const char **ret_thread)
{
    char *at = strchr(text, '@');
    *ret_thread = at ? at + 1 : "";
    if (at)
        *at = '\0';
}

static void direct_of(const char *user, char out[24])
{
    snprintf(out, 24, "%s", user);
    *out = 'D';
}

static cJSON *event_payload(struct slackapi *api, int64_t now_ms, cJSON *event)
{
    char id[24];
    cJSON *payload = cJSON_CreateObject();
    ws_new_id(api, "Ev", id, sizeof(id));
    cJSON_AddStringToObject(payload, "type", "event_callback");
    cJSON_AddStringToObject(payload, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(payload, "api_app_id", "A0SANDBOX");
    cJSON_AddStringToObject(payload, "event_id", id);
    json_put_i64(payload, "event_time", now_ms / 1000);
    cJSON_AddItemToObject(payload, "event", event);
    return payload;
}

static cJSON *message_event(const char *type, const char *user, const struct ws_message *m)
{
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "type", type);
    cJSON_AddStringToObject(event, "user", user);
    cJSON_AddStringToObject(event, "text", m->text);
    cJSON_AddStringToObject(event, "ts", m->ts);
    cJSON_AddStringToObject(event, "channel", m->channel);
    cJSON_AddStringToObject(event, "event_ts", m->ts);
    cJSON_AddStringToObject(event, "team", SLACK_TEAM);
    cJSON_AddStringToObject(event, "client_msg_id", "00000000-0000-0000-0000-000000000000");
    if (*m->channel == 'D')
        cJSON_AddStringToObject(event, "channel_type", "im");
    if (*m->thread)
        cJSON_AddStringToObject(event, "thread_ts", m->thread);
    return event;
}

static int say(struct order *o)
{
    char channel[24];
    const char *thread, *user = word(o);
    split_thread((char *)(uintptr_t)user, &thread);
    direct_of(user, channel);
    struct ws_message *m = ws_message_add(o->api, o->now_ms, channel, thread, o->rest);
    cJSON_AddStringToObject(o->reply, "ts", m->ts);
    ws_deliver(o->api, o->now_ms, "events_api",
               event_payload(o->api, o->now_ms, message_event("message", user, m)));
    return 0;
}

static int mention(struct order *o)
{
    const char *thread, *user = word(o);
    char *channel = word(o);
    auto_str text = STR_INIT(20000);
    split_thread(channel, &thread);
    str_addf(&text, "<@" SLACK_BOT "> %s", o->rest);
    struct ws_message *m = ws_message_add(o->api, o->now_ms, channel, thread, text.buf);
    cJSON_AddStringToObject(o->reply, "ts", m->ts);
    ws_deliver(o->api, o->now_ms, "events_api",
               event_payload(o->api, o->now_ms, message_event("app_mention", user, m)));
    return 0;
}

static int edit(struct order *o)
{
    char channel[24], at[40];
    const char *user = word(o), *ts = word(o);
    direct_of(user, channel);
    struct ws_message *m = ws_message_get(o->api, channel, ts);
    if (!m)
        return wrong(o, "no such message");
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "type", "message");
    cJSON_AddStringToObject(event, "subtype", "message_changed");
    cJSON_AddTrueToObject(event, "hidden");
    cJSON_AddStringToObject(event, "channel", channel);
    cJSON_AddStringToObject(event, "channel_type", "im");
    cJSON_AddItemToObject(event, "previous_message", message_event("message", user, m));
    free(m->text);
    m->text = mem_text(o->rest);
    cJSON *now = message_event("message", user, m),
          *edited = cJSON_AddObjectToObject(now, "edited");
    snprintf(at, sizeof(at), "%lld.000000", (long long)o->now_ms / 1000);
    cJSON_AddStringToObject(edited, "user", user);
    cJSON_AddStringToObject(edited, "ts", at);
    cJSON_AddItemToObject(event, "message", now);
    ws_deliver(o->api, o->now_ms, "events_api", event_payload(o->api, o->now_ms, event));
    return 0;
}

static int slash(struct order *o)
{
    const char *user = word(o), *channel = word(o);
    cJSON *payload = cJSON_CreateObject();
    auto_text url = ws_response_new(o->api, o->now_ms, channel, user, "");
    cJSON_AddStringToObject(payload, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(payload, "team_domain", "sandbox");
    cJSON_AddStringToObject(payload, "channel_id", channel);
    cJSON_AddStringToObject(payload, "user_id", user);
    cJSON_AddStringToObject(payload, "user_name", "somebody");
    cJSON_AddStringToObject(payload, "command", "/tables");
    cJSON_AddStringToObject(payload, "text", o->rest);
    cJSON_AddStringToObject(payload, "is_enterprise_install", "false");
    cJSON_AddStringToObject(payload, "response_url", url);
    cJSON_AddStringToObject(payload, "trigger_id", ws_trigger_new(o->api, o->now_ms));
    ws_deliver(o->api, o->now_ms, "slash_commands", payload);
    return 0;
}

static cJSON *interaction(struct order *o, const char *type, const char *user)
{
    cJSON *payload = cJSON_CreateObject();
    cJSON_AddStringToObject(payload, "type", type);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(payload, "team"), "id", SLACK_TEAM);
    cJSON *who = cJSON_AddObjectToObject(payload, "user");
    cJSON_AddStringToObject(who, "id", user);
    cJSON_AddStringToObject(who, "username", "somebody");
    cJSON_AddStringToObject(who, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(payload, "api_app_id", "A0SANDBOX");
    cJSON_AddStringToObject(payload, "trigger_id", ws_trigger_new(o->api, o->now_ms));
    return payload;
}

static const cJSON *button_in(const cJSON *blocks, const char *label)
{
    const cJSON *block, *e;
    cJSON_ArrayForEach(block, blocks)
    {
        cJSON_ArrayForEach(e, json_array(block, "elements"))
        {
            if (!strncmp(json_text_or(e, "text.text", ""), label, strlen(label)) &&
                json_text(e, "action_id"))
                return e;
        }
    }
    return NULL;
}

static void put_action(struct order *o, cJSON *payload, const cJSON *button)
{
    char ts[40];
    cJSON *list = cJSON_AddArrayToObject(payload, "actions");
    cJSON *action = cJSON_Duplicate(button, true);
    snprintf(ts, sizeof(ts), "%lld.%06lld", (long long)o->now_ms / 1000,
             (long long)(++o->api->next % 1000000));
    cJSON_AddStringToObject(action, "action_ts", ts);
    cJSON_AddItemToArray(list, action);
}

static int press_home(struct order *o, const char *user, const char *label)
{
    for (size_t i = 0; i < o->api->home_count; i++) {
        const cJSON *button = button_in(json_array(o->api->homes[i].view, "blocks"), label);
        if (strcmp(o->api->homes[i].user, user) != 0 || !button)
            continue;
        cJSON *payload = interaction(o, "block_actions", user);
        cJSON *container = cJSON_AddObjectToObject(payload, "container");
        cJSON_AddStringToObject(container, "type", "view");
        cJSON_AddItemToObject(payload, "view", cJSON_Duplicate(o->api->homes[i].view, true));
        put_action(o, payload, button);
        ws_deliver(o->api, o->now_ms, "interactive", payload);
        return 0;
    }
    return wrong(o, "no such button");
}

static int press(struct order *o)
{
    const char *user = word(o), *channel = word(o);
    if (!strcmp(channel, "home"))
        return press_home(o, user, o->rest);
    for (size_t i = o->api->message_count; i-- > 0;) {
        const struct ws_message *m = &o->api->messages[i];
        const cJSON *button = button_in(m->blocks, o->rest);
        if (strcmp(m->channel, channel) != 0 || m->deleted || !button ||
            (*m->only && strcmp(m->only, user) != 0))
            continue;
        cJSON *payload = interaction(o, "block_actions", user);
        cJSON *container = cJSON_AddObjectToObject(payload, "container");
        auto_text url = ws_response_new(o->api, o->now_ms, channel, user, m->ts);
        cJSON_AddStringToObject(container, "type", "message");
        cJSON_AddStringToObject(container, "message_ts", m->ts);
        cJSON_AddStringToObject(container, "channel_id", channel);
        cJSON_AddBoolToObject(container, "is_ephemeral", *m->only);
        if (*m->thread)
            cJSON_AddStringToObject(container, "thread_ts", m->thread);
        cJSON_AddStringToObject(payload, "response_url", url);
        if (!*m->only) {
            cJSON *message = cJSON_AddObjectToObject(payload, "message");
            cJSON_AddStringToObject(message, "ts", m->ts);
            cJSON_AddStringToObject(message, "text", m->text);
            cJSON_AddItemToObject(message, "blocks", cJSON_Duplicate(m->blocks, true));
        }
        put_action(o, payload, button);
        ws_deliver(o->api, o->now_ms, "interactive", payload);
        return 0;
    }
    return wrong(o, "no such button");
}

static const char *field_of(const char *type)
{
    return !strcmp(type, "datepicker")      ? "selected_date"
           : !strcmp(type, "timepicker")    ? "selected_time"
           : !strcmp(type, "static_select") ? "selected_option"
                                            : "value";
}

/* "KEY=VALUE;…" into state.values, with what the form began with for the rest. */
static cJSON *values_of(struct order *o)
{
    cJSON *values = cJSON_CreateObject();
    const cJSON *block;
    cJSON_ArrayForEach(block, json_array(o->api->modal, "blocks"))
    {
        const char *id = json_text_or(block, "block_id", ""), *found = NULL;
        const char *type = json_text_or(block, "element.type", "");
        auto_text copy = mem_text(o->rest);
        char *rest = copy, *pair;
        while ((pair = strsep(&rest, ";"))) {
            char *value = strchr(pair, '=');
            if (value && !strncmp(pair, id, (size_t)(value - pair)) &&
                strlen(id) == (size_t)(value - pair))
                found = value + 1;
        }
        if (!found)
            found = json_text(block, "element.initial_value");
        if (!found)
            found = json_text(block, "element.initial_option.value");
        cJSON *state = cJSON_AddObjectToObject(cJSON_AddObjectToObject(values, id),
                                               json_text_or(block, "element.action_id", ""));
        cJSON_AddStringToObject(state, "type", type);
        if (found && !strcmp(type, "static_select"))
            cJSON_AddStringToObject(cJSON_AddObjectToObject(state, "selected_option"), "value",
                                    found);
        else if (found)
            cJSON_AddStringToObject(state, field_of(type), found);
        else
            cJSON_AddNullToObject(state, field_of(type));
    }
    return values;
}

static int fill(struct order *o)
{
    const char *user = word(o);
    if (!o->api->modal)
        return wrong(o, "no form is open");
    cJSON *payload = interaction(o, "view_submission", user);
    cJSON *view = cJSON_Duplicate(o->api->modal, true);
    cJSON_AddItemToObject(cJSON_AddObjectToObject(view, "state"), "values", values_of(o));
    cJSON_AddItemToObject(payload, "view", view);
    ws_deliver(o->api, o->now_ms, "interactive", payload);
    return 0;
}

static int home(struct order *o)
{
    char channel[24];
    const char *user = word(o), *tab = word(o);
    cJSON *event = cJSON_CreateObject();
    direct_of(user, channel);
    cJSON_AddStringToObject(event, "type", "app_home_opened");
    cJSON_AddStringToObject(event, "user", user);
    cJSON_AddStringToObject(event, "channel", channel);
    cJSON_AddStringToObject(event, "tab", *tab ? tab : "home");
    ws_deliver(o->api, o->now_ms, "events_api", event_payload(o->api, o->now_ms, event));
    return 0;
}

static int stop(struct order *o)
{
    char channel[24];
    const char *user = word(o), *thread = word(o);
    cJSON *event = cJSON_CreateObject();
    direct_of(user, channel);
    cJSON_AddStringToObject(event, "type", "agent_session_stopped");
    cJSON_AddStringToObject(event, "user", user);
    cJSON_AddStringToObject(event, "channel", channel);
    cJSON_AddStringToObject(event, "thread_ts", thread);
    ws_deliver(o->api, o->now_ms, "events_api", event_payload(o->api, o->now_ms, event));
    return 0;
}

static int event(struct order *o)
{
    cJSON *json = cJSON_Parse(o->rest);
    if (!json)
        return wrong(o, "no JSON");
    ws_deliver(o->api, o->now_ms, "events_api", event_payload(o->api, o->now_ms, json));
    return 0;
}

static int raw(struct order *o)
{
    for (size_t i = 0; i < o->api->socket_count; i++)
        if (!o->api->sockets[i].frozen)
            o->api->ops.text(o->api->ctx, o->api->sockets[i].socket, o->rest, strlen(o->rest));
    return 0;
}

static int bytes(struct order *o)
{
    auto_str text = STR_INIT(100000);
    for (const char *at = word(o); at[0] && at[1]; at += 2) {
        char hex[3] = {at[0], at[1], '\0'}, c = (char)strtol(hex, NULL, 16);
        str_addn(&text, &c, 1);
    }
    for (size_t i = 0; i < o->api->socket_count; i++)
        if (!o->api->sockets[i].frozen)
            o->api->ops.text(o->api->ctx, o->api->sockets[i].socket, text.buf, text.len);
    return 0;
}

static int pings(struct order *o)
{
    o->api->pings = (int)strtol(word(o), NULL, 10);
    return 0;
}

static void print_raw(struct order *o, const cJSON *json)
{
    auto_str text = STR_INIT((size_t)4 << 20);
    json_print(&text, json);
    o->rest = text.buf;
    raw(o);
}

static int again(struct order *o)
{
    if (!o->api->envelope_count)
        return wrong(o, "no envelope");
    print_raw(o, o->api->envelopes[o->api->envelope_count - 1].json);
    return 0;
}

static int deliver_copy(struct order *o, bool new_event)
{
    char id[24];
    if (!o->api->envelope_count)
        return wrong(o, "no envelope");
    const cJSON *last = o->api->envelopes[o->api->envelope_count - 1].json;
    cJSON *payload = cJSON_Duplicate(json_object(last, "payload"), true);
    ws_new_id(o->api, "Ev", id, sizeof(id));
    if (new_event)
        cJSON_ReplaceItemInObjectCaseSensitive(payload, "event_id", cJSON_CreateString(id));
    ws_deliver(o->api, o->now_ms, json_text_or(last, "type", ""), payload);
    return 0;
}

static int again_event(struct order *o)
{
    return deliver_copy(o, false);
}

static int twin(struct order *o)
{
    return deliver_copy(o, true);
}

static int channel(struct order *o)
{
    struct ws_channel *c = ws_channel_get(o->api, word(o), true);
    snprintf(c->state, sizeof(c->state), "%s", word(o));
    return 0;
}

static int disconnect(struct order *o)
{
    auto_json json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "disconnect");
    cJSON_AddStringToObject(json, "reason", word(o));
    cJSON_AddStringToObject(cJSON_AddObjectToObject(json, "debug_info"), "host", "applink-1");
    print_raw(o, json);
    return 0;
}

static int end_all(struct order *o, bool reset)
{
    while (o->api->socket_count) {
        void *socket = o->api->sockets[0].socket;
        slackapi_gone(o->api, o->now_ms, socket);
        o->api->ops.close(o->api->ctx, socket, reset);
    }
    return 0;
}

static int reset(struct order *o)
{
    return end_all(o, true);
}

static int shut(struct order *o)
{
    return end_all(o, false);
}

static int freeze(struct order *o)
{
    for (size_t i = 0; i < o->api->socket_count; i++)
        o->api->sockets[i].frozen = true;
    return 0;
}

static int mute(struct order *o)
{
    for (size_t i = 0; i < o->api->socket_count; i++)
        o->api->sockets[i].mute = true;
    return 0;
}

static int no_hello(struct order *o)
{
    o->api->no_hello = (int)strtol(word(o), NULL, 10);
    return 0;
}

static int late_hello(struct order *o)
{
    o->api->hello_late_ms = strtoll(word(o), NULL, 10);
    return 0;
}

static int refuse(struct order *o)
{
    o->api->refuse = (int)strtol(word(o), NULL, 10);
    o->api->refuse_status = (int)strtol(word(o), NULL, 10);
    return 0;
}

static int hang(struct order *o)
{
    o->api->hang = (int)strtol(word(o), NULL, 10);
    return 0;
}

static int fault(struct order *o)
{
    struct slackapi *api = o->api;
    api->faults = mem_grow(api->faults, &api->fault_cap, api->fault_count + 1,
                           sizeof(*api->faults));
    struct ws_fault *f = &api->faults[api->fault_count++];
    *f = (struct ws_fault){.count = -1};
    snprintf(f->method, sizeof(f->method), "%s", word(o));
    snprintf(f->kind, sizeof(f->kind), "%s", word(o));
    for (const char *next = word(o); *next; next = word(o)) {
        if (!strcmp(next, "count"))
            f->count = strtoll(word(o), NULL, 10);
        else
            f->number = strtoll(next, NULL, 10);
    }
    return 0;
}

static int calm(struct order *o)
{
    o->api->fault_count = 0;
    o->api->no_hello = o->api->refuse = o->api->hang = 0;
    return 0;
}

static int plain(struct order *o)
{
    o->api->plain = !strcmp(word(o), "on");
    return 0;
}

static int limit(struct order *o)
{
    o->api->limited = !strcmp(word(o), "on");
    return 0;
}

static int origin(struct order *o)
{
    slackapi_set_origin(o->api, word(o));
    return 0;
}

static int fragments(struct order *o)
{
    o->api->fragments = !strcmp(word(o), "on");
    return 0;
}

static int chat(struct order *o)
{
    const char *id = word(o);
    cJSON *list = cJSON_AddArrayToObject(o->reply, "messages");
    for (size_t i = 0; i < o->api->message_count; i++) {
        const struct ws_message *m = &o->api->messages[i];
        if (strcmp(m->channel, id) != 0 || m->deleted)
            continue;
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "ts", m->ts);
        cJSON_AddStringToObject(json, "thread", m->thread);
        cJSON_AddStringToObject(json, "text", m->text);
        cJSON_AddStringToObject(json, "only", m->only);
        cJSON_AddBoolToObject(json, "ours", m->ours);
        cJSON_AddBoolToObject(json, "streams", m->streams);
        cJSON_AddBoolToObject(json, "in_channel", m->in_channel);
        json_put_i64(json, "edits", m->edits);
        if (m->blocks)
            cJSON_AddItemToObject(json, "blocks", cJSON_Duplicate(m->blocks, true));
        cJSON_AddItemToArray(list, json);
    }
    return 0;
}

static int page(struct order *o)
{
    const char *user = word(o);
    for (size_t i = 0; i < o->api->home_count; i++)
        if (!strcmp(o->api->homes[i].user, user)) {
            cJSON_AddItemToObject(o->reply, "view", cJSON_Duplicate(o->api->homes[i].view, true));
            json_put_i64(o->reply, "published", o->api->homes[i].published);
        }
    return 0;
}

static int modal(struct order *o)
{
    cJSON_AddItemToObject(o->reply, "modal",
                          o->api->modal ? cJSON_Duplicate(o->api->modal, true)
                                        : cJSON_CreateNull());
    return 0;
}

static int calls(struct order *o)
{
    json_free(o->reply);
    o->reply = cJSON_Duplicate(o->api->calls, true);
    json_put_i64(o->reply, "fast", o->api->fast);
    return 0;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int envelopes(struct order *o)
{
    struct slackapi *api = o->api;
    int64_t pending = 0;
    for (size_t i = 0; i < api->envelope_count; i++)
        pending += api->envelopes[i].state == SENT || api->envelopes[i].state == WAITS;
    json_put_i64(o->reply, "sent", (int64_t)api->envelope_count);
    json_put_i64(o->reply, "acked", api->acks);
    json_put_i64(o->reply, "pending", pending);
    json_put_i64(o->reply, "failed", api->failed);
    json_put_i64(o->reply, "redelivered", api->redelivered);
    json_put_i64(o->reply, "acked_twice", api->twice);
    json_put_i64(o->reply, "acked_elsewhere", api->bad_acks);
    int64_t *sorted = mem_new(api->took_count + 1, sizeof(*sorted));
    if (api->took_count)
        memcpy(sorted, api->took, api->took_count * sizeof(*sorted));
    qsort(sorted, api->took_count, sizeof(*sorted), by_size);
    json_put_i64(o->reply, "ack_p50_ms", api->took_count ? sorted[api->took_count / 2] : 0);
    json_put_i64(o->reply, "ack_p99_ms",
                 api->took_count ? sorted[api->took_count - 1 - api->took_count / 100] : 0);
    free(sorted);
    return 0;
}

static int sockets(struct order *o)
{
    json_put_i64(o->reply, "up", (int64_t)o->api->socket_count);
    json_put_i64(o->reply, "opened", o->api->opened);
    json_put_i64(o->reply, "refused", o->api->refused);
    return 0;
}

static int statuses(struct order *o)
{
    json_free(o->reply);
    o->reply = cJSON_Duplicate(o->api->statuses, true);
    return 0;
}

static int titles(struct order *o)
{
    json_free(o->reply);
    o->reply = cJSON_Duplicate(o->api->titles, true);
    return 0;
}

int slackapi_control(struct slackapi *api, int64_t now_ms, const char *line, char **ret)
{
    static const struct {
        const char *name;
        int (*run)(struct order *o);
    } orders[] = {
        {"say", say},
        {"mention", mention},
        {"edit", edit},
        {"slash", slash},
        {"press", press},
        {"fill", fill},
        {"home", home},
        {"stop", stop},
        {"event", event},
        {"raw", raw},
        {"bytes", bytes},
        {"pings", pings},
        {"again", again},
        {"again-event", again_event},
        {"twin", twin},
        {"channel", channel},
        {"disconnect", disconnect},
        {"reset", reset},
        {"shut", shut},
        {"freeze", freeze},
        {"mute", mute},
        {"no-hello", no_hello},
        {"late-hello", late_hello},
        {"refuse", refuse},
        {"hang", hang},
        {"fault", fault},
        {"calm", calm},
        {"plain", plain},
        {"limit", limit},
        {"origin", origin},
        {"fragments", fragments},
        {"chat", chat},
        {"page", page},
        {"modal", modal},
        {"calls", calls},
        {"envelopes", envelopes},
        {"sockets", sockets},
        {"statuses", statuses},
        {"titles", titles},
    };
    auto_text copy = mem_text(line);
    auto_str text = STR_INIT((size_t)8 << 20);
    struct order o = {.api = api, .now_ms = now_ms, .rest = copy, .reply = cJSON_CreateObject()};
    const char *name = word(&o);
    int result = -1;
    size_t i = 0;
    while (i < ARRAY_LEN(orders) && strcmp(orders[i].name, name) != 0)
        i++;
    if (i < ARRAY_LEN(orders))
        result = orders[i].run(&o);
    else
        wrong(&o, "no such order");
    json_print(&text, o.reply);
    json_free(o.reply);
    *ret = str_detach(&text);
    return result;
}
