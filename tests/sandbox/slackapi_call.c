/* What an app may do: say, change, look back, pages, forms, streams; with the checks that the
 * documentation names. */
#include "tests/sandbox/slackapi_inner.h"

#define STREAM_LIFE_MS 300000
#define STREAM_BYTES   10700

static size_t code_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* --- checks --- */

static const char *button_wrong(const cJSON *e)
{
    const char *label = json_text_or(e, "text.text", ""), *url = json_text(e, "url");
    if (strcmp(json_text_or(e, "type", ""), "button") != 0)
        return NULL;
    if (!*label || code_points(label) > 75 ||
        strcmp(json_text_or(e, "text.type", ""), "plain_text") != 0)
        return "invalid_blocks";
    if (!json_text(e, "action_id") || strlen(json_text(e, "action_id")) > 255 ||
        strlen(json_text_or(e, "value", "")) > 2000 || (url && strlen(url) > 3000))
        return "invalid_blocks";
    const char *style = json_text(e, "style");
    return style && strcmp(style, "primary") != 0 && strcmp(style, "danger") != 0 ? "invalid_blocks"
                                                                                  : NULL;
}

static bool is_twice(const cJSON *blocks, const cJSON *button)
{
    const cJSON *block, *e;
    const char *id = json_text_or(button, "action_id", "");
    cJSON_ArrayForEach(block, blocks)
    {
        cJSON_ArrayForEach(e, json_array(block, "elements"))
        {
            if (e != button && !strcmp(json_text_or(e, "action_id", "?"), id))
                return true;
        }
    }
    return false;
}

static const char *block_wrong(const cJSON *blocks, const cJSON *block)
{
    const char *type = json_text_or(block, "type", ""),
               *text = json_text_or(block, "text.text", "");
    const cJSON *elements = json_array(block, "elements"), *e;
    if (!strcmp(type, "section")) {
        const char *picture = json_text(block, "accessory.image_url");
        if (!*text || code_points(text) > 3000)
            return "invalid_blocks";
        if (picture && (strncmp(picture, "https://", 8) != 0 ||
                        !*json_text_or(block, "accessory.alt_text", "")))
            return "invalid_blocks";
    } else if (!strcmp(type, "header")) {
        if (!*text || code_points(text) > 150)
            return "invalid_blocks";
    } else if (!strcmp(type, "context")) {
        if (cJSON_GetArraySize(elements) < 1 || cJSON_GetArraySize(elements) > 10)
            return "invalid_blocks";
    } else if (!strcmp(type, "actions")) {
        if (cJSON_GetArraySize(elements) < 1 || cJSON_GetArraySize(elements) > 25)
            return "invalid_blocks";
        cJSON_ArrayForEach(e, elements)
        {
            if (button_wrong(e) || is_twice(blocks, e))
                return "invalid_blocks";
        }
    } else if (strcmp(type, "input") != 0 && strcmp(type, "divider") != 0 &&
               strcmp(type, "image") != 0 && strcmp(type, "markdown") != 0) {
        return "invalid_blocks";
    }
    return NULL;
}

static const char *blocks_wrong(const cJSON *blocks, int most)
{
    const cJSON *block;
    if (cJSON_GetArraySize(blocks) > most)
        return "invalid_blocks";
    cJSON_ArrayForEach(block, blocks)
    {
        const char *wrong = block_wrong(blocks, block);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *message_wrong(const cJSON *args)
{
    const char *text = json_text_or(args, "text", "");
    const cJSON *blocks = json_array(args, "blocks");
    if (!*text && !cJSON_GetArraySize(blocks))
        return "no_text";
    if (code_points(text) > 40000)
        return "msg_too_long";
    if (strstr(text, "<!channel>") || strstr(text, "<!here>") || strstr(text, "<!everyone>"))
        return "sandbox_everybody_was_called"; /* no message of ours has a reason to */
    return blocks_wrong(blocks, 50);
}

/* "U1" is the messages with that person. */
static const char *channel_id(const char *asked, char out[24])
{
    snprintf(out, 24, "%s", asked);
    if (*out == 'U')
        *out = 'D';
    return out;
}

/* NULL: the refusal is said. */
static struct ws_channel *channel_of(struct ws_call *call, const char *key)
{
    char id[24];
    const char *asked = json_text_or(call->args, key, "");
    struct ws_channel *c = ws_channel_get(call->api, channel_id(asked, id), false);
    const char *wrong = !c                              ? "channel_not_found"
                        : !strcmp(c->state, "archived") ? "is_archived"
                        : !strcmp(c->state, "out")      ? "not_in_channel"
                        : !strcmp(c->state, "denied")   ? "messages_tab_disabled"
                                                        : NULL;
    if (wrong)
        ws_refuse(call, wrong);
    return wrong ? NULL : c;
}

/* One message a second. True: refused. */
static bool is_fast(struct ws_call *call, struct ws_channel *c)
{
    double left = c->tokens + (double)(call->now_ms - c->tokens_at) / 1000;
    c->tokens = left > 1 ? 1 : left;
    c->tokens_at = call->now_ms;
    if (c->tokens >= 0.999) {
        c->tokens -= 1;
        return false;
    }
    call->api->fast++;
    if (!call->api->limited)
        return false;
    ws_refuse(call, "ratelimited");
    call->ret->status = 429;
    call->ret->extra_headers = mem_text("Retry-After: 1");
    return true;
}

/* --- messages --- */

static void fill(struct ws_message *m, const cJSON *args)
{
    const char *text = json_text(args, "text");
    if (text) {
        free(m->text);
        m->text = mem_text(text);
    }
    if (text || json_array(args, "blocks")) {
        json_free(m->blocks);
        m->blocks = cJSON_Duplicate(json_array(args, "blocks"), true);
    }
    if (json_object(args, "metadata")) {
        json_free(m->metadata);
        m->metadata = cJSON_Duplicate(json_object(args, "metadata"), true);
    }
}

static void said(struct ws_call *call, const struct ws_message *m)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "channel", m->channel);
    cJSON_AddStringToObject(body, "ts", m->ts);
    ws_ok(call, body);
}

static void post_message(struct ws_call *call)
{
    const char *thread = json_text_or(call->args, "thread_ts", ""), *wrong;
    struct ws_channel *c = channel_of(call, "channel");
    if (!c || is_fast(call, c))
        return;
    wrong = message_wrong(call->args);
    if (!wrong && *thread && !ws_message_get(call->api, c->id, thread))
        wrong = "thread_not_found";
    if (wrong) {
        ws_refuse(call, wrong);
        return;
    }
    struct ws_message *m = ws_message_add(call->api, call->now_ms, c->id, thread, "");
    m->ours = true;
    fill(m, call->args);
    said(call, m);
}

static void update_message(struct ws_call *call)
{
    struct ws_channel *c = channel_of(call, "channel");
    const char *asked = json_text_or(call->args, "channel", "");
    if (!c)
        return;
    struct ws_message *m =
        *asked == 'U' ? NULL : ws_message_get(call->api, c->id, json_text_or(call->args, "ts", ""));
    const char *wrong = !m           ? "message_not_found"
                        : *m->only   ? "message_not_found"
                        : !m->ours   ? "cant_update_message"
                        : m->streams ? "streaming_state_conflict"
                                     : message_wrong(call->args);
    if (!wrong && code_points(json_text_or(call->args, "text", "")) > 4000)
        wrong = "msg_too_long";
    if (wrong) {
        ws_refuse(call, wrong);
        return;
    }
    fill(m, call->args);
    m->edits++;
    said(call, m);
}

static void delete_message(struct ws_call *call)
{
    struct ws_message *m = ws_message_get(call->api, json_text_or(call->args, "channel", ""),
                                          json_text_or(call->args, "ts", ""));
    if (m)
        m->deleted = true;
    if (m)
        ws_ok(call, NULL);
    else
        ws_refuse(call, "message_not_found");
}

static cJSON *message_json(const struct ws_message *m)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "message");
    cJSON_AddStringToObject(json, "user", m->ours ? SLACK_BOT : "U1");
    cJSON_AddStringToObject(json, "text", m->text);
    cJSON_AddStringToObject(json, "ts", m->ts);
    if (*m->thread)
        cJSON_AddStringToObject(json, "thread_ts", m->thread);
    if (m->metadata)
        cJSON_AddItemToObject(json, "metadata", cJSON_Duplicate(m->metadata, true));
    return json;
}

static void history(struct ws_call *call, bool replies)
{
    struct ws_channel *c = channel_of(call, "channel");
    const char *root = json_text_or(call->args, "ts", "");
    const char *oldest = json_text_or(call->args, "oldest", "0");
    if (!c)
        return;
    if (*json_text_or(call->args, "channel", "") == 'U') { /* a person is no channel here */
        ws_refuse(call, "channel_not_found");
        return;
    }
    cJSON *body = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(body, "messages");
    for (size_t i = 0; i < call->api->message_count; i++) {
        const struct ws_message *m = &call->api->messages[i];
        bool in = replies ? !strcmp(m->thread, root) || !strcmp(m->ts, root) : !*m->thread;
        if (strcmp(m->channel, c->id) != 0 || m->deleted || *m->only || !in ||
            strcmp(m->ts, oldest) < 0)
            continue;
        if (replies)
            cJSON_AddItemToArray(list, message_json(m));
        else
            cJSON_InsertItemInArray(list, 0, message_json(m));
    }
    ws_ok(call, body);
}

static void open_conversation(struct ws_call *call)
{
    char id[24];
    const char *users = json_text_or(call->args, "users", "");
    if (*users != 'U') {
        ws_refuse(call, "user_not_found");
        return;
    }
    cJSON *body = cJSON_CreateObject(), *channel = cJSON_AddObjectToObject(body, "channel");
    cJSON_AddStringToObject(channel, "id", channel_id(users, id));
    ws_ok(call, body);
}

/* --- streams and sessions --- */

static void start_stream(struct ws_call *call)
{
    struct ws_channel *c = channel_of(call, "channel");
    const char *thread = json_text_or(call->args, "thread_ts", "");
    const char *text = json_text_or(call->args, "markdown_text", "");
    if (!c)
        return;
    if (call->api->plain)
        ws_refuse(call, "unknown_method");
    else if (!ws_message_get(call->api, c->id, thread))
        ws_refuse(call, "thread_not_found");
    else if (*c->id != 'D' && !json_text(call->args, "recipient_user_id"))
        ws_refuse(call, "missing_recipient_user_id");
    else {
        struct ws_message *m = ws_message_add(call->api, call->now_ms, c->id, thread, text);
        m->ours = m->streams = true;
        m->started_ms = call->now_ms;
        said(call, m);
    }
}

static void stream_on(struct ws_call *call, bool stop)
{
    struct ws_message *m = ws_message_get(call->api, json_text_or(call->args, "channel", ""),
                                          json_text_or(call->args, "ts", ""));
    const char *text = json_text_or(call->args, "markdown_text", "");
    if (!m) {
        ws_refuse(call, "message_not_found");
        return;
    }
    if (!m->streams || call->now_ms - m->started_ms > STREAM_LIFE_MS) {
        m->streams = false;
        ws_refuse(call, "message_not_in_streaming_state");
        return;
    }
    if (strlen(m->text) + strlen(text) > STREAM_BYTES) {
        ws_refuse(call, "msg_too_long");
        return;
    }
    if (!stop && !*text) {
        ws_refuse(call, "no_text");
        return;
    }
    auto_str all = STR_INIT(20000);
    str_addf(&all, "%s", m->text);
    str_add(&all, text);
    free(m->text);
    m->text = mem_text(all.buf);
    m->streams = !stop;
    if (stop)
        cJSON_DeleteItemFromObjectCaseSensitive(call->api->statuses, m->thread);
    said(call, m);
}

static void set_status(struct ws_call *call)
{
    struct ws_channel *c = channel_of(call, "channel_id");
    const char *thread = json_text_or(call->args, "thread_ts", "");
    const char *status = json_text_or(call->args, "status", "");
    if (!c)
        return;
    if (call->api->plain || *json_text_or(call->args, "channel_id", "") == 'U' || !*thread) {
        ws_refuse(call, call->api->plain ? "unknown_method" : "channel_not_found");
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(call->api->statuses, thread);
    if (strcmp(status, "active") != 0)
        cJSON_AddStringToObject(call->api->statuses, thread, status);
    ws_ok(call, NULL);
}

/* Kept beside the statuses, by its thread. */
static void rename_session(struct ws_call *call)
{
    struct ws_channel *c = channel_of(call, "channel_id");
    const char *title = json_text_or(call->args, "title", "");
    const char *thread = json_text_or(call->args, "thread_ts", "");
    if (!c)
        return;
    if (call->api->plain || !ws_message_get(call->api, c->id, thread)) {
        ws_refuse(call, call->api->plain ? "unknown_method" : "thread_not_found");
        return;
    }
    if (!*title || code_points(title) > 200) {
        ws_refuse(call, "invalid_arguments");
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(call->api->titles, thread);
    cJSON_AddStringToObject(call->api->titles, thread, title);
    ws_ok(call, NULL);
}

static void respond_refuse(struct ws_call *call, const char *text)
{
    free(call->ret->body);
    call->ret->status = 404;
    call->ret->body = mem_text(text);
    call->ret->body_len = strlen(text);
}

/* --- files --- */

static void upload_url(struct ws_call *call)
{
    char id[24];
    const char *name = json_text_or(call->args, "filename", "");
    const char *length = json_text_or(call->args, "length", "0");
    if (!*name || strtoll(length, NULL, 10) <= 0) {
        ws_refuse(call, "invalid_arguments");
        return;
    }
    ws_new_id(call->api, "F", id, sizeof(id));
    cJSON *file = cJSON_AddObjectToObject(call->api->files, id), *body = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "name", name);
    cJSON_AddStringToObject(file, "length", length);
    auto_str url = STR_INIT(200);
    str_addf(&url, "%s/slack/upload/%s", call->api->origin, id);
    cJSON_AddStringToObject(body, "upload_url", url.buf);
    cJSON_AddStringToObject(body, "file_id", id);
    ws_ok(call, body);
}

void ws_upload(struct ws_call *call, const char *id, const char *body)
{
    cJSON *file = cJSON_GetObjectItemCaseSensitive(call->api->files, id);
    if (!file || strtoull(json_text_or(file, "length", "0"), NULL, 10) != strlen(body)) {
        respond_refuse(call, "wrong length");
        return;
    }
    cJSON_AddStringToObject(file, "text", body);
    ws_ok(call, NULL);
}

/* Shared as a message, whose ts is not told. */
static void complete_upload(struct ws_call *call)
{
    struct ws_channel *c = channel_of(call, "channel_id");
    const char *id = json_text_or(call->args, "files.0.id", "");
    if (!c)
        return;
    const cJSON *file = cJSON_GetObjectItemCaseSensitive(call->api->files, id);
    if (!file || !json_text(file, "text") || *json_text_or(call->args, "channel_id", "") == 'U') {
        ws_refuse(call, "invalid_arguments");
        return;
    }
    auto_str text = STR_INIT((size_t)1 << 20);
    str_addf(&text, "file %s: ", json_text_or(file, "name", ""));
    str_add(&text, json_text_or(file, "text", ""));
    struct ws_message *m = ws_message_add(call->api, call->now_ms, c->id,
                                          json_text_or(call->args, "thread_ts", ""), text.buf);
    m->ours = true;
    ws_ok(call, NULL);
}

/* --- views --- */

static void open_view(struct ws_call *call)
{
    const char *id = json_text_or(call->args, "trigger_id", "");
    struct ws_trigger *t = NULL;
    for (size_t i = 0; i < call->api->trigger_count && !t; i++)
        t = !strcmp(call->api->triggers[i].id, id) ? &call->api->triggers[i] : NULL;
    const cJSON *view = json_object(call->args, "view");
    const char *wrong = !t                           ? "invalid_trigger_id"
                        : t->used                    ? "exchanged_trigger_id"
                        : call->now_ms > t->until_ms ? "expired_trigger_id"
                        : strlen(json_text_or(view, "title.text", "")) > 24
                            ? "invalid_arguments"
                            : blocks_wrong(json_array(view, "blocks"), 100);
    if (wrong) {
        ws_refuse(call, wrong);
        return;
    }
    t->used = true;
    json_free(call->api->modal);
    call->api->modal = cJSON_Duplicate(view, true);
    ws_ok(call, NULL);
}

static void publish_view(struct ws_call *call)
{
    struct slackapi *api = call->api;
    const char *user = json_text_or(call->args, "user_id", "");
    const cJSON *view = json_object(call->args, "view");
    const char *wrong = blocks_wrong(json_array(view, "blocks"), 100);
    if (wrong || *user != 'U' || strcmp(json_text_or(view, "type", ""), "home") != 0) {
        ws_refuse(call, wrong ? wrong : "invalid_arguments");
        return;
    }
    struct ws_view *home = NULL;
    for (size_t i = 0; i < api->home_count && !home; i++)
        home = !strcmp(api->homes[i].user, user) ? &api->homes[i] : NULL;
    if (!home) {
        api->homes = mem_grow(api->homes, &api->home_cap, api->home_count + 1, sizeof(*api->homes));
        home = &api->homes[api->home_count++];
        *home = (struct ws_view){0};
        snprintf(home->user, sizeof(home->user), "%s", user);
    }
    const char *hash = json_text(call->args, "hash");
    if (hash && strcmp(hash, home->hash) != 0) { /* somebody else was faster */
        ws_refuse(call, "hash_conflict");
        return;
    }
    json_free(home->view);
    home->view = cJSON_Duplicate(view, true);
    home->published++;
    ws_new_id(api, "hash", home->hash, sizeof(home->hash));
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "view"), "hash", home->hash);
    ws_ok(call, body);
}

/* --- who the app is --- */

static void auth_test(struct ws_call *call)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "url", "https://sandbox.slack.com/");
    cJSON_AddStringToObject(body, "team", "Sandbox");
    cJSON_AddStringToObject(body, "user", "maitred");
    cJSON_AddStringToObject(body, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(body, "user_id", SLACK_BOT);
    cJSON_AddStringToObject(body, "bot_id", "B1");
    call->ret->extra_headers = mem_text(
        call->api->plain ? "X-OAuth-Scopes: app_mentions:read,chat:write,commands,im:history,"
                           "im:read,im:write,users:read,reactions:write,files:write"
                         : "X-OAuth-Scopes: app_mentions:read,assistant:write,chat:write,commands,"
                           "im:history,im:read,im:write,users:read,reactions:write,files:write");
    ws_ok(call, body);
}

static void open_connection(struct ws_call *call)
{
    struct slackapi *api = call->api;
    auto_str url = STR_INIT(300);
    cJSON *body = cJSON_CreateObject();
    ws_new_id(api, "ticket", api->ticket, sizeof(api->ticket));
    bool secure = !strncmp(api->origin, "https", 5);
    str_addf(&url, "%s%s/slack/link/?ticket=%s&app_id=A0SANDBOX", secure ? "wss" : "ws",
             api->origin + (secure ? 5 : 4), api->ticket);
    cJSON_AddStringToObject(body, "url", url.buf);
    ws_ok(call, body);
}

static void user_info(struct ws_call *call)
{
    const char *user = json_text_or(call->args, "user", "");
    if (*user != 'U') {
        ws_refuse(call, "user_not_found");
        return;
    }
    cJSON *body = cJSON_CreateObject(), *json = cJSON_AddObjectToObject(body, "user");
    cJSON_AddStringToObject(json, "id", user);
    cJSON_AddStringToObject(json, "tz", "America/New_York");
    ws_ok(call, body);
}

bool ws_method(struct ws_call *call, const char *method)
{
    static const struct {
        const char *name;
        void (*run)(struct ws_call *call);
    } methods[] = {
        {"auth.test", auth_test},
        {"apps.connections.open", open_connection},
        {"chat.postMessage", post_message},
        {"chat.update", update_message},
        {"chat.delete", delete_message},
        {"chat.startStream", start_stream},
        {"conversations.open", open_conversation},
        {"agents.sessions.setStatus", set_status},
        {"agents.sessions.rename", rename_session},
        {"files.completeUploadExternal", complete_upload},
        {"files.getUploadURLExternal", upload_url},
        {"views.open", open_view},
        {"views.publish", publish_view},
        {"users.info", user_info},
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (strcmp(methods[i].name, method) != 0)
            continue;
        methods[i].run(call);
        return true;
    }
    bool append = !strcmp(method, "chat.appendStream"), stop = !strcmp(method, "chat.stopStream");
    bool replies = !strcmp(method, "conversations.replies");
    if (append || stop)
        stream_on(call, stop);
    else if (replies || !strcmp(method, "conversations.history"))
        history(call, replies);
    else
        return false;
    return true;
}

/* --- response_url --- */

static struct ws_message *last_of(struct slackapi *api, const struct ws_response *r)
{
    if (*r->ts)
        return ws_message_get(api, r->channel, r->ts);
    for (size_t i = api->message_count; i-- > 0;) /* what this command was last told */
        if (!strcmp(api->messages[i].only, r->user) &&
            !strcmp(api->messages[i].channel, r->channel) && !api->messages[i].deleted)
            return &api->messages[i];
    return NULL;
}

void ws_respond(struct ws_call *call, const char *id)
{
    struct slackapi *api = call->api;
    struct ws_response *r = NULL;
    bool replace = false;
    for (size_t i = 0; i < api->response_count && !r; i++)
        r = !strcmp(api->responses[i].id, id) ? &api->responses[i] : NULL;
    if (!r || call->now_ms > r->until_ms) {
        respond_refuse(call, "expired_url");
        return;
    }
    if (++r->uses > 5) {
        respond_refuse(call, "used_url");
        return;
    }
    const char *wrong = message_wrong(call->args);
    if (wrong) {
        respond_refuse(call, wrong);
        return;
    }
    json_flag(call->args, "replace_original", &replace);
    bool shown = !strcmp(json_text_or(call->args, "response_type", ""), "in_channel");
    struct ws_message *m = replace ? last_of(api, r) : NULL;
    if (!m) {
        m = ws_message_add(api, call->now_ms, r->channel, "", "");
        m->ours = true;
        m->in_channel = shown;
        if (!shown)
            snprintf(m->only, sizeof(m->only), "%s", r->user);
    } else {
        m->edits++;
    }
    fill(m, call->args);
    free(call->ret->body);
    call->ret->body = mem_text("ok");
    call->ret->body_len = 2;
}
