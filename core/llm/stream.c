#include "core/llm/stream.h"

#include "core/base/utf8.h"

#define THINK_OPEN  "<think>"
#define THINK_CLOSE "</think>"

struct pending { /* a call being put together */
    int64_t index;
    bool has_index;
    char their_id[128];
    char name[LLM_NAME_MAX + 1];
    struct str arguments;
    bool weighed, complete; /* complete: the arguments are an object, as of when it was weighed */
};

enum think { THINK_MAYBE, THINK_IN, THINK_OUT };

struct llm_stream {
    llm_text_fn *text_fn;
    void *text_arg;
    struct str line, event; /* the line so far; the data of the event so far */
    bool after_cr, bom_over, is_error_event, any_data;
    struct str text, refusal, held; /* held: may be the start of thoughts */
    enum think think;
    struct pending *calls; /* LLM_CALLS of them, once there is one */
    size_t count;
    bool done, too_large;
    bool hole; /* a chunk could not be read: what the calls say is not to be trusted */
    char finish[32];
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    char *error;
    struct str raw; /* what was no event: an error as plain JSON, or a page of a front end */
};

void llm_answer_free(struct llm_answer *a)
{
    free(a->text);
    free(a->refusal);
    free(a->error);
    for (size_t i = 0; i < a->count; i++)
        free(a->calls[i].arguments);
    free(a->calls);
    *a = (struct llm_answer){0};
}

struct llm_stream *llm_stream_new(llm_text_fn *text, void *arg)
{
    struct llm_stream *s = mem_new(1, sizeof(*s));
    *s = (struct llm_stream){.text_fn = text,
                             .text_arg = arg,
                             .line = STR_INIT(LLM_LINE_MAX),
                             .event = STR_INIT(LLM_LINE_MAX),
                             .text = STR_INIT(LLM_TEXT_MAX),
                             .refusal = STR_INIT(LLM_TEXT_MAX),
                             .held = STR_INIT(LLM_TEXT_MAX),
                             .raw = STR_INIT(LLM_TEXT_MAX)};
    return s;
}

void llm_stream_free(struct llm_stream *s)
{
    if (!s)
        return;
    str_free(&s->line);
    str_free(&s->event);
    str_free(&s->text);
    str_free(&s->refusal);
    str_free(&s->held);
    str_free(&s->raw);
    for (size_t i = 0; i < s->count; i++)
        str_free(&s->calls[i].arguments);
    free(s->calls);
    free(s->error);
    free(s);
}

/* --- text --- */

static void show(struct llm_stream *s, const char *piece)
{
    if (!*piece)
        return;
    str_add(&s->text, piece);
    if (s->text_fn && !s->text.cut)
        s->text_fn(s->text_arg, piece);
}

/* Thoughts at the start of the text are nobody's business, also where their marks come in pieces.
 */
static void add_text(struct llm_stream *s, const char *piece)
{
    if (s->think == THINK_OUT) {
        show(s, piece);
        return;
    }
    str_add(&s->held, piece);
    const char *at = s->held.buf + strspn(s->held.buf, " \t\r\n");
    size_t len = strlen(at), open = strlen(THINK_OPEN);
    if (s->think == THINK_MAYBE && !strncmp(at, THINK_OPEN, MIN_OF(len, open)) && len < open)
        return; /* it is not known yet */
    if (s->think == THINK_MAYBE)
        s->think = strncmp(at, THINK_OPEN, open) ? THINK_OUT : THINK_IN;
    const char *close = s->think == THINK_IN ? strstr(at, THINK_CLOSE) : NULL;
    if (s->think == THINK_IN && !close) { /* of thoughts only what may be the end's start is kept */
        size_t keep = MIN_OF(s->held.len, strlen(THINK_CLOSE) - 1);
        auto_text tail = mem_text(s->held.buf + s->held.len - keep);
        str_clear(&s->held);
        str_add(&s->held, tail);
        return;
    }
    auto_text rest = mem_text(close ? close + strlen(THINK_CLOSE) : s->held.buf);
    s->think = THINK_OUT;
    show(s, rest + (close ? strspn(rest, " \t\r\n") : 0));
}

/* A text, or parts of which some are text. */
static void add_content(struct llm_stream *s, const cJSON *content)
{
    const cJSON *part;
    if (cJSON_IsString(content)) {
        add_text(s, content->valuestring);
        return;
    }
    cJSON_ArrayForEach(part, content)
    {
        if (!strcmp(json_text_or(part, "type", ""), "text"))
            add_text(s, json_text_or(part, "text", ""));
    }
}

/* --- calls --- */

static bool is_object(const char *text)
{
    auto_json json = json_parse(text, strlen(text), "arguments", NULL);
    return cJSON_IsObject(json);
}

/* Looked at once after each change: a stream may ask for it with every byte. */
static bool is_complete(struct pending *c)
{
    if (!c->weighed)
        c->complete = is_object(c->arguments.buf);
    c->weighed = true;
    return c->complete;
}

struct piece { /* of a call, as one entry says it */
    int64_t index;
    bool has_index;
    const char *id, *name;
};

static struct pending *newest_with_index(struct llm_stream *s, int64_t index)
{
    for (size_t i = s->count; i-- > 0;)
        if (s->calls[i].has_index && s->calls[i].index == index)
            return &s->calls[i];
    return NULL;
}

/* Whose entry is it? NULL: a new call's. */
static struct pending *owner_of(struct llm_stream *s, const struct piece *p)
{
    struct pending *open = NULL;
    size_t unfinished = 0;
    if (p->has_index)
        return newest_with_index(s, p->index);
    for (size_t i = 0; *p->id && i < s->count; i++)
        if (!strcmp(s->calls[i].their_id, p->id))
            return &s->calls[i];
    if (*p->id || *p->name || !s->count)
        return NULL;
    for (size_t i = 0; i < s->count; i++)
        if (!is_complete(&s->calls[i])) {
            open = &s->calls[i];
            unfinished++;
        }
    return unfinished == 1 ? open : &s->calls[s->count - 1];
}

/* Servers that say index 0 for all, or a name with each piece: only a name with another id, once
 * the one before is complete (or says nothing yet and has another name), is another call. */
static bool begins_another(struct pending *c, const struct piece *p)
{
    if (!*p->name || !*c->name || !*p->id || !strcmp(p->id, c->their_id))
        return false;
    return is_complete(c) || (!c->arguments.len && strcmp(c->name, p->name) != 0);
}

static struct pending *new_call(struct llm_stream *s, const struct piece *p)
{
    if (s->count == LLM_CALLS)
        return NULL;
    s->calls = s->calls ? s->calls : mem_new(LLM_CALLS, sizeof(*s->calls));
    struct pending *c = &s->calls[s->count++];
    *c = (struct pending){
        .index = p->index, .has_index = p->has_index, .arguments = STR_INIT(LLM_ARGS_MAX)};
    return c;
}

static void add_call(struct llm_stream *s, const cJSON *entry)
{
    const cJSON *arguments = json_at(entry, "function.arguments");
    struct piece p = {.id = json_text_or(entry, "id", ""),
                      .name = json_text_or(entry, "function.name", "")};
    p.has_index = json_i64(entry, "index", &p.index);
    auto_str args = STR_INIT(LLM_ARGS_MAX);
    if (cJSON_IsString(arguments))
        str_add(&args, arguments->valuestring);
    else if (cJSON_IsObject(arguments))
        json_print(&args, arguments);
    struct pending *c = owner_of(s, &p);
    if (!c || begins_another(c, &p))
        c = new_call(s, &p);
    if (!c)
        return;
    if (!*c->their_id)
        utf8_copy(c->their_id, sizeof(c->their_id), p.id);
    if (!*c->name)
        utf8_copy(c->name, sizeof(c->name), p.name);
    str_add(&c->arguments, args.buf);
    c->weighed = c->weighed && !args.len;
    s->too_large = s->too_large || args.cut || c->arguments.cut;
}

/* --- an event --- */

static void set_error(struct llm_stream *s, const cJSON *error)
{
    auto_str text = STR_INIT(LLM_TEXT_MAX);
    if (s->error)
        return;
    json_print(&text, error);
    s->error = str_detach(&text);
}

static void add_usage(struct llm_stream *s, const cJSON *chunk)
{
    const cJSON *usage = json_object(chunk, "usage");
    if (!usage)
        usage = json_object(chunk, "x_groq.usage");
    if (!usage)
        return;
    s->prompt_tokens = json_i64_or(usage, "prompt_tokens", s->prompt_tokens);
    s->completion_tokens = json_i64_or(usage, "completion_tokens", s->completion_tokens);
    s->cached_tokens = json_i64_or(usage, "prompt_tokens_details.cached_tokens", s->cached_tokens);
}

static void add_choice(struct llm_stream *s, const cJSON *choice)
{
    const cJSON *delta = json_object(choice, "delta"), *entry;
    const char *finish = json_text_or(choice, "finish_reason", "");
    if (!delta) /* a server that answers whole */
        delta = json_object(choice, "message");
    add_content(s, json_at(delta, "content"));
    str_add(&s->refusal, json_text_or(delta, "refusal", ""));
    cJSON_ArrayForEach(entry, json_array(delta, "tool_calls"))
    {
        add_call(s, entry);
    }
    if (*finish && !*s->finish)
        utf8_copy(s->finish, sizeof(s->finish), finish);
}

static void take_event(struct llm_stream *s)
{
    const cJSON *choice;
    if (!s->event.len)
        return;
    s->any_data = true;
    if (!strncmp(s->event.buf, "[DONE]", 6)) {
        s->done = true;
        return;
    }
    auto_json chunk = s->event.cut ? NULL : json_parse(s->event.buf, s->event.len, "a chunk", NULL);
    s->too_large = s->too_large || s->event.cut;
    if (!chunk) { /* not the whole answer's failure, but a call's */
        s->hole = true;
        return;
    }
    const cJSON *error = json_at(chunk, "error");
    if (error && !cJSON_IsNull(error))
        set_error(s, error);
    else if (s->is_error_event || !strcmp(json_text_or(chunk, "object", ""), "error"))
        set_error(s, chunk);
    add_usage(s, chunk);
    cJSON_ArrayForEach(choice, json_array(chunk, "choices"))
    {
        if (json_i64_or(choice, "index", 0) == 0)
            add_choice(s, choice);
    }
}

/* --- framing --- */

static void take_line(struct llm_stream *s)
{
    const char *line = s->line.buf;
    if (!s->line.len) { /* the end of an event */
        take_event(s);
        str_clear(&s->event);
        s->is_error_event = false;
    } else if (!strncmp(line, "data:", 5)) {
        line += 5 + (line[5] == ' ');
        if (s->event.len)
            str_addc(&s->event, '\n');
        str_add(&s->event, line);
    } else if (!strncmp(line, "event:", 6)) {
        s->is_error_event = !strcmp(line + 6 + (line[6] == ' '), "error");
    } else if (*line != ':') {
        str_add(&s->raw, line);
        str_addc(&s->raw, '\n');
    }
    s->too_large = s->too_large || s->line.cut;
    str_clear(&s->line);
}

bool llm_stream_feed(struct llm_stream *s, const char *bytes, size_t len, bool *ret_data)
{
    static const char bom[] = "\xEF\xBB\xBF";
    s->any_data = false;
    for (size_t i = 0; i < len && !s->done && !s->too_large; i++) {
        char c = bytes[i];
        bool second = s->after_cr && c == '\n';
        s->after_cr = c == '\r';
        if (second || !c)
            continue;
        if (c == '\n' || c == '\r') {
            take_line(s);
            continue;
        }
        str_addc(&s->line, c);
        if (!s->bom_over && s->line.len == 3) {
            if (!memcmp(s->line.buf, bom, 3))
                str_clear(&s->line);
            s->bom_over = true;
        }
    }
    if (ret_data)
        *ret_data = s->any_data;
    return !s->done && !s->error && !s->too_large;
}

/* --- the end --- */

/* "{}" for nothing; what is a text that holds an object is unwrapped once. */
static void settle_arguments(struct llm_call *call, const char *text)
{
    const char *at = text + strspn(text, " \t\r\n");
    auto_json json = json_parse(at, strlen(at), "arguments", NULL);
    auto_str out = STR_INIT(LLM_ARGS_MAX);
    if (!*at || cJSON_IsNull(json))
        str_add(&out, "{}");
    else if (cJSON_IsString(json) && is_object(json->valuestring))
        str_add(&out, json->valuestring);
    else
        str_add(&out, at);
    call->whole = is_object(out.buf);
    call->arguments = str_detach(&out);
}

/* "functions.find<|channel|>" → "find"; whatever else there is becomes a name that may stand in a
 * request, since the call is to be answered. */
static void settle_name(char out[LLM_NAME_MAX + 1], const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (!strncmp(name, "functions.", 10))
        name += 10;
    size_t len = MIN_OF(strspn(name, allowed), (size_t)LLM_NAME_MAX);
    snprintf(out, LLM_NAME_MAX + 1, "%.*s", len ? (int)len : -1, len ? name : "unreadable");
    for (char *at = out; *at; at++)
        *at = *at == '.' ? '_' : *at;
}

static void settle_calls(struct llm_stream *s, struct llm_answer *ret)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!*s->calls[i].name) /* it never got a name */
            continue;
        ret->calls = ret->calls ? ret->calls : mem_new(s->count, sizeof(*ret->calls));
        struct llm_call *call = &ret->calls[ret->count++];
        settle_name(call->name, s->calls[i].name);
        settle_arguments(call, s->calls[i].arguments.buf);
        call->whole = call->whole && !s->hole && !s->calls[i].arguments.cut;
    }
}

static enum llm_end end_of(const struct llm_stream *s, const struct llm_answer *a)
{
    bool length = !strcmp(s->finish, "length") || !strcmp(s->finish, "max_tokens");
    bool whole = a->count > 0;
    for (size_t i = 0; i < a->count; i++)
        whole = whole && a->calls[i].whole;
    if (s->error || s->too_large)
        return LLM_END_ERROR;
    if (!*s->finish && !s->done)
        return LLM_END_CUT;
    if (!strcmp(s->finish, "content_filter") || *a->refusal)
        return LLM_END_FILTER;
    if (!strcmp(s->finish, "error"))
        return LLM_END_ERROR;
    if (a->count)
        return length && !whole ? LLM_END_LENGTH : LLM_END_CALLS;
    return length ? LLM_END_LENGTH : LLM_END_STOP;
}

/* No event at all: a whole answer as plain JSON, or what a front end says. */
static void read_raw(struct llm_stream *s)
{
    const cJSON *choice;
    if (!s->raw.len || s->finish[0] || s->done || s->text.len || s->count)
        return;
    auto_json json = json_parse(s->raw.buf, s->raw.len, "an answer", NULL);
    const cJSON *error = json_at(json, "error");
    cJSON_ArrayForEach(choice, json_array(json, "choices"))
    {
        add_choice(s, choice);
        add_usage(s, json);
    }
    if (error && !cJSON_IsNull(error))
        set_error(s, error);
    else if (!json_array(json, "choices") && !s->error)
        s->error = json ? NULL : mem_text(s->raw.buf);
    if (json && !json_array(json, "choices") && !s->error)
        set_error(s, json);
}

void llm_stream_end(struct llm_stream *s, struct llm_answer *ret)
{
    if (s->line.len)
        take_line(s);
    if (s->event.len)
        take_line(s); /* the blank line that is missing at the end */
    read_raw(s);
    if (s->think == THINK_MAYBE && s->held.len)
        show(s, s->held.buf);
    *ret = (struct llm_answer){.text = mem_text(s->text.buf),
                               .refusal = mem_text(s->refusal.buf),
                               .prompt_tokens = s->prompt_tokens,
                               .completion_tokens = s->completion_tokens,
                               .cached_tokens = s->cached_tokens,
                               .error = s->error ? mem_text(s->error) : NULL};
    if (s->too_large && !ret->error)
        ret->error = mem_text("an answer over the ceilings");
    settle_calls(s, ret);
    ret->end = end_of(s, ret);
}
