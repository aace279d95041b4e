#include "tests/sandbox/model.h"

#include "core/base/json.h"
#include "core/base/str.h"

#include <strings.h>

#define SCRIPTED 64
#define PIECE    7 /* bytes of text or arguments in one chunk */

struct turn {
    int status, retry_after_s;
    char *text, *raw; /* one of them, or calls */
    cJSON *calls;     /* [{name, arguments}] */
    enum city_cut cut;
    bool always;
};

struct model {
    struct turn turns[SCRIPTED];
    size_t count, at;
    int64_t asked;
    int delay_ms;
    char *last, *wrong;
};

struct model *model_new(void)
{
    return mem_new(1, sizeof(struct model));
}

static void turn_free(struct turn *t)
{
    free(t->text);
    free(t->raw);
    json_free(t->calls);
    *t = (struct turn){0};
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        turn_free(&m->turns[i]);
    free(m->last);
    free(m->wrong);
    free(m);
}

bool model_is(const char *path)
{
    return !strncmp(path, "/v1/", 4);
}

/* --- what a strict server refuses --- */

static const char *message_wrong(const cJSON *message, cJSON *open, bool first)
{
    const char *role = json_text_or(message, "role", "");
    const cJSON *content = json_at(message, "content"), *call;
    bool tool = !strcmp(role, "tool");
    if (cJSON_GetArraySize(open) && !tool)
        return "tool calls without results";
    if (!strcmp(role, "system"))
        return first ? NULL : "only the first message may be a system message";
    if (!strcmp(role, "user"))
        return cJSON_IsString(content) && *content->valuestring ? NULL
                                                                : "a user message without text";
    if (tool) {
        const char *id = json_text_or(message, "tool_call_id", "");
        if (!cJSON_GetObjectItemCaseSensitive(open, id))
            return "a result for no call";
        cJSON_DeleteItemFromObjectCaseSensitive(open, id);
        return cJSON_IsString(content) && *content->valuestring ? NULL : "a result that is no text";
    }
    if (strcmp(role, "assistant") != 0)
        return "an unknown role";
    const cJSON *calls = json_array(message, "tool_calls");
    if (!calls && !(cJSON_IsString(content) && *content->valuestring))
        return "an assistant message with neither text nor calls";
    if (calls && !cJSON_GetArraySize(calls))
        return "an empty list of calls";
    cJSON_ArrayForEach(call, calls)
    {
        const char *id = json_text_or(call, "id", ""),
                   *args = json_text(call, "function.arguments");
        auto_json object = args ? json_parse(args, strlen(args), "arguments", NULL) : NULL;
        if (!*id || strlen(id) > 40 || cJSON_GetObjectItemCaseSensitive(open, id))
            return "an id that is missing, too long or used twice";
        if (!cJSON_IsObject(object) || !json_text(call, "function.name"))
            return "a call whose arguments are no object";
        cJSON_AddTrueToObject(open, id);
    }
    return NULL;
}

const char *model_wrong(const cJSON *body)
{
    static const char *const known[] = {"model",  "messages",       "tools",
                                        "stream", "stream_options", "tool_choice"};
    const cJSON *member, *message;
    auto_json open = cJSON_CreateObject();
    bool first = true;
    cJSON_ArrayForEach(member, body)
    {
        bool fine = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            fine = fine || !strcmp(known[i], member->string);
        if (!fine)
            return "a field that is not needed";
    }
    if (json_array(body, "tools") && !cJSON_GetArraySize(json_array(body, "tools")))
        return "an empty list of tools";
    if (!cJSON_GetArraySize(json_array(body, "messages")))
        return "no messages";
    cJSON_ArrayForEach(message, json_array(body, "messages"))
    {
        const char *wrong = message_wrong(message, open, first);
        if (wrong)
            return wrong;
        first = false;
    }
    return cJSON_GetArraySize(open) ? "tool calls without results" : NULL;
}

/* --- answers --- */

static void add_chunk(struct str *out, cJSON *delta, const char *finish)
{
    auto_json chunk = cJSON_CreateObject();
    cJSON_AddStringToObject(chunk, "object", "chat.completion.chunk");
    cJSON *choices = cJSON_AddArrayToObject(chunk, "choices"), *choice = cJSON_CreateObject();
    cJSON_AddItemToArray(choices, choice);
    json_put_i64(choice, "index", 0);
    cJSON_AddItemToObject(choice, "delta", delta);
    json_put_text(choice, "finish_reason", finish);
    str_add(out, "data: ");
    json_print(out, chunk);
    str_add(out, "\n\n");
}

static void add_text(struct str *out, const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        size_t end = MIN_OF(at + PIECE, len);
        while (end < len && ((unsigned char)text[end] & 0xC0) == 0x80)
            end++;
        auto_text piece = mem_textn(text + at, end - at);
        cJSON *delta = cJSON_CreateObject();
        cJSON_AddStringToObject(delta, "content", piece);
        add_chunk(out, delta, NULL);
        at = end;
    }
}

static void add_call(struct str *out, const cJSON *call, int index, int64_t asked)
{
    const char *arguments = json_text_or(call, "arguments", "");
    size_t len = strlen(arguments);
    for (size_t at = 0, first = 1; at < len || first; at += PIECE, first = 0) {
        auto_text piece = mem_textn(arguments + at, MIN_OF((size_t)PIECE, len - at));
        cJSON *delta = cJSON_CreateObject(), *entry = cJSON_CreateObject();
        cJSON *entries = cJSON_AddArrayToObject(delta, "tool_calls");
        cJSON_AddItemToArray(entries, entry);
        json_put_i64(entry, "index", index);
        if (first) {
            char id[40];
            snprintf(id, sizeof(id), "call_%lld_%d", (long long)asked, index);
            cJSON_AddStringToObject(entry, "id", id);
            cJSON_AddStringToObject(entry, "type", "function");
        }
        cJSON *function = cJSON_AddObjectToObject(entry, "function");
        if (first)
            cJSON_AddStringToObject(function, "name", json_text_or(call, "name", ""));
        cJSON_AddStringToObject(function, "arguments", piece);
        add_chunk(out, delta, NULL);
    }
}

static char *stream_of(const struct turn *t, int64_t asked)
{
    struct str out = STR_INIT((size_t)1 << 20);
    const cJSON *call;
    int index = 0;
    cJSON *role = cJSON_CreateObject();
    cJSON_AddStringToObject(role, "role", "assistant");
    add_chunk(&out, role, NULL);
    if (t->text)
        add_text(&out, t->text);
    cJSON_ArrayForEach(call, t->calls)
    {
        add_call(&out, call, index++, asked);
    }
    add_chunk(&out, cJSON_CreateObject(), t->calls ? "tool_calls" : "stop");
    str_add(&out,
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":20,"
            "\"total_tokens\":1020,\"prompt_tokens_details\":{\"cached_tokens\":900}}}\n\n"
            "data: [DONE]\n\n");
    return str_detach(&out);
}

static void answer(struct city_answer *ret, int status, const char *type, char *body)
{
    *ret = (struct city_answer){
        .status = status, .content_type = mem_text(type), .body = body, .body_len = strlen(body)};
}

static void refuse(struct city_answer *ret, int status, const char *message)
{
    auto_json body = cJSON_CreateObject();
    struct str text = STR_INIT(65536);
    cJSON *error = cJSON_AddObjectToObject(body, "error");
    cJSON_AddStringToObject(error, "message", message);
    cJSON_AddStringToObject(error, "type", "invalid_request_error");
    json_print(&text, body);
    answer(ret, status, "application/json", str_detach(&text));
}

static bool has_key(const struct city_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (!strcasecmp(request->headers[i].name, "authorization"))
            return !strcmp(request->headers[i].value, "Bearer " MODEL_KEY);
    return false;
}

void model_ask(struct model *m, const struct city_request *request, struct city_answer *ret)
{
    auto_json body = json_parse(request->body, request->body_len, "a request", NULL);
    struct turn silent = {.text = (char *)(uintptr_t) "Nothing more is scripted."}, *t = &silent;
    m->asked++;
    free(m->last);
    m->last = mem_textn(request->body, request->body_len);
    if (!has_key(request)) {
        refuse(ret, 401, "Incorrect API key provided: sk-sand***");
        return;
    }
    const char *wrong = body ? model_wrong(body) : "no JSON";
    if (strcmp(json_text_or(body, "model", ""), MODEL_NAME) != 0) {
        refuse(ret, 404, "model_not_found");
        return;
    }
    if (wrong) {
        free(m->wrong);
        m->wrong = mem_text(wrong);
        refuse(ret, 400, wrong);
        return;
    }
    if (m->at < m->count)
        t = &m->turns[m->at];
    m->at += m->at < m->count && !t->always;
    if (t->status)
        refuse(ret, t->status, t->text);
    else
        answer(ret, 200, "text/event-stream", t->raw ? mem_text(t->raw) : stream_of(t, m->asked));
    if (t->retry_after_s) {
        char line[40];
        snprintf(line, sizeof(line), "Retry-After: %d\n", t->retry_after_s);
        ret->extra_headers = mem_text(line);
    }
    ret->delay_ms = m->delay_ms;
    ret->cut = t->cut;
}

/* --- orders --- */

static int reply_with(char **reply, cJSON *json)
{
    struct str text = STR_INIT((size_t)4 << 20);
    json_print(&text, json);
    json_free(json);
    *reply = str_detach(&text);
    return 0;
}

static int add_call_order(struct turn *t, const char *rest)
{
    size_t len = strcspn(rest, " ");
    cJSON *call = cJSON_CreateObject();
    auto_text name = mem_textn(rest, len);
    cJSON_AddStringToObject(call, "name", name);
    cJSON_AddStringToObject(call, "arguments", rest[len] ? rest + len + 1 : "{}");
    t->calls = t->calls ? t->calls : cJSON_CreateArray();
    cJSON_AddItemToArray(t->calls, call);
    return 0;
}

static char *unescaped(const char *text)
{
    struct str out = STR_INIT(65536);
    for (; *text; text++)
        if (text[0] == '\\' && text[1] == 'n')
            str_addc(&out, '\n'), text++;
        else
            str_addc(&out, *text);
    return str_detach(&out);
}

int model_control(struct model *m, const char *line, char **reply)
{
    size_t len = strcspn(line, " ");
    const char *rest = line + len + strspn(line + len, " ");
    struct turn *last = m->count ? &m->turns[m->count - 1] : NULL;
    cJSON *json = cJSON_CreateObject();
#define IS(word) (len == strlen(word) && !strncmp(line, word, len))
    if (IS("asked")) {
        json_put_i64(json, "asked", m->asked);
        json_put_text(json, "last", m->last);
        json_put_text(json, "wrong", m->wrong);
        return reply_with(reply, json);
    }
    if (IS("delay")) {
        m->delay_ms = (int)strtol(rest, NULL, 10);
        return reply_with(reply, json);
    }
    for (size_t i = 0; m->at == m->count && i < m->count; i++) /* all were given */
        turn_free(&m->turns[i]);
    if (m->at == m->count && (IS("say") || IS("call") || IS("raw") || IS("fault")))
        m->at = m->count = 0;
    bool adds = IS("say") || IS("call") || IS("raw") || IS("fault");
    if ((adds && m->count == SCRIPTED) || (!adds && !last)) {
        json_put_text(json, "error", adds ? "too many" : "no such order");
        reply_with(reply, json);
        return -1;
    }
    if (adds)
        last = &m->turns[m->count++];
    if (IS("say"))
        last->text = mem_text(rest);
    else if (IS("call") || IS("also"))
        add_call_order(last, rest);
    else if (IS("raw"))
        last->raw = unescaped(rest);
    else if (IS("fault")) {
        last->status = (int)strtol(rest, (char **)(uintptr_t)&rest, 10);
        last->text = mem_text(rest + strspn(rest, " "));
    } else if (IS("cut"))
        last->cut = CITY_CUT_BODY;
    else if (IS("hang"))
        last->cut = CITY_HANG;
    else if (IS("retry"))
        last->retry_after_s = (int)strtol(rest, NULL, 10);
    else if (IS("always"))
        last->always = true;
    return reply_with(reply, json);
#undef IS
}
