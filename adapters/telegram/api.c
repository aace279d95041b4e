#include "adapters/telegram/api.h"

#include <strings.h>

#define TOTAL_MS      20000u
#define FIRST_BYTE_MS 15000u
#define ANSWER_MAX    ((size_t)6 << 20) /* the service cuts an answer at about 4 MiB */
#define ARGS_MAX      ((size_t)256 * 1024)
#define RETRY_MOST_S  86400

void api_answer_free(struct api_answer *answer)
{
    json_free(answer->tree);
    answer->tree = NULL;
    answer->result = NULL;
}

const char *api_outcome_name(enum api_outcome outcome)
{
    static const char *const names[] = {
        [API_OK] = "ok",
        [API_NOT_MODIFIED] = "not modified",
        [API_NO_MESSAGE] = "no such message",
        [API_NO_THREAD] = "no such topic",
        [API_CHAT_GONE] = "chat gone",
        [API_MOVED] = "chat moved",
        [API_FLOOD] = "flood",
        [API_BAD] = "refused",
        [API_CONFLICT] = "another poller",
        [API_WEBHOOK] = "webhook",
        [API_TOKEN] = "token refused",
        [API_TROUBLE] = "trouble",
        [API_UNKNOWN] = "no clear answer",
    };
    return names[outcome];
}

/* --- what an answer means --- */

static const struct {
    int status; /* 0: any */
    enum api_outcome outcome;
    const char *words;
} meanings[] = {
    {400, API_NOT_MODIFIED, "message is not modified"},
    {400, API_NO_MESSAGE, "message to edit not found"},
    {400, API_NO_MESSAGE, "message to delete not found"},
    {400, API_NO_MESSAGE, "message can't be edited"},
    {400, API_NO_MESSAGE, "message_id_invalid"},
    {400, API_NO_THREAD, "message thread not found"},
    {400, API_NO_THREAD, "topic_closed"},
    {400, API_NO_THREAD, "topic_deleted"},
    {400, API_CHAT_GONE, "chat not found"},
    {400, API_CHAT_GONE, "have no rights to send"},
    {400, API_CHAT_GONE, "not enough rights to send"},
    {400, API_CHAT_GONE, "chat_write_forbidden"},
    {400, API_CHAT_GONE, "peer_id_invalid"},
    {409, API_WEBHOOK, "webhook"},
    {409, API_CONFLICT, ""},
    {401, API_TOKEN, ""},
    {404, API_BAD, "method not found"},
    {404, API_TOKEN, ""},
    {403, API_CHAT_GONE, ""},
    {400, API_BAD, ""},
    {413, API_BAD, ""},
    {421, API_TOKEN, ""},
};

static bool holds(const char *text, const char *words)
{
    size_t len = strlen(words);
    for (; *text; text++)
        if (!strncasecmp(text, words, len))
            return true;
    return !len;
}

static enum api_outcome meaning_of(int status, const char *description)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (meanings[i].status == status && holds(description, meanings[i].words))
            return meanings[i].outcome;
    return API_TROUBLE;
}

static void read_refusal(int status, struct api_answer *ret)
{
    const char *description = json_text_or(ret->tree, "description", "");
    int64_t seconds = json_i64_or(ret->tree, "parameters.retry_after", 0);
    int code = (int)json_i64_or(ret->tree, "error_code", status);
    ret->migrate_to = json_i64_or(ret->tree, "parameters.migrate_to_chat_id", 0);
    ret->outcome = meaning_of(status >= 400 ? status : code, description);
    if (ret->migrate_to)
        ret->outcome = API_MOVED;
    if (status == 429 || seconds > 0) {
        ret->outcome = API_FLOOD;
        ret->retry_ms = MAX_OF(MIN_OF(seconds, (int64_t)RETRY_MOST_S), (int64_t)1) * 1000;
    }
    auto_str shown = STR_INIT(200);
    str_add_shown(&shown, description, strlen(description));
    snprintf(ret->why, sizeof(ret->why), "http %d: %s", status, shown.buf);
}

/* In bytes that are no JSON. */
static int64_t update_id_in(const char *body, size_t len)
{
    static const char key[] = "\"update_id\":";
    const char *at = memmem(body, len, key, strlen(key));
    int64_t id = 0;
    for (at = at ? at + strlen(key) : body + len; at < body + len && *at >= '0' && *at <= '9'; at++)
        id = id < INT32_MAX ? id * 10 + (*at - '0') : id;
    return id;
}

void api_read(int status, const char *body, size_t len, struct api_answer *ret)
{
    struct err err = ERR_INIT;
    bool ok = false;
    *ret = (struct api_answer){.status = status};
    ret->tree = json_parse(body, len, "the Bot API", &err);
    if (!json_flag(ret->tree, "ok", &ok)) { /* HTML of a front end, cut, or something else */
        auto_str shown = STR_INIT(100);
        str_add_shown(&shown, body, MIN_OF(len, (size_t)80));
        snprintf(ret->why, sizeof(ret->why), "http %d: not an answer: %s", status, shown.buf);
        ret->outcome = status == 429                   ? API_FLOOD
                       : status >= 200 && status < 300 ? API_UNKNOWN
                                                       : API_TROUBLE;
        ret->retry_ms = status == 429 ? 5000 : 0;
        ret->update_id = update_id_in(body, len);
        return;
    }
    if (!ok) {
        read_refusal(status, ret);
        return;
    }
    ret->result = json_at(ret->tree, "result");
    ret->outcome = API_OK;
}

/* --- calls --- */

struct ready { /* a request with what it points to */
    struct http_request request;
    const char *headers[2];
    char type[100];
    struct str url, body;
};

/* A file goes as a form: its arguments are fields, of which what is no text is JSON. The border is
 * chance, so that no file holds it. */
static void put_form(struct ready *r, const struct api *api, const cJSON *args,
                     const struct api_file *file)
{
    uint64_t border[2];
    const cJSON *field;
    env_random(api->http->env, border, sizeof(border));
    snprintf(r->type, sizeof(r->type), "Content-Type: multipart/form-data; boundary=%016llx%016llx",
             (unsigned long long)border[0], (unsigned long long)border[1]);
    const char *line = strchr(r->type, '=') + 1;
    cJSON_ArrayForEach(field, args)
    {
        str_addf(&r->body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", line,
                 field->string);
        if (cJSON_IsString(field))
            str_add(&r->body, field->valuestring);
        else
            json_print(&r->body, field);
        str_add(&r->body, "\r\n");
    }
    str_addf(&r->body,
             "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
             "Content-Type: %s\r\n\r\n",
             line, file->field, file->name, file->type);
    str_addn(&r->body, file->bytes, file->len);
    str_addf(&r->body, "\r\n--%s--\r\n", line);
}

/* Said twice it would be there twice; what asks, edits or passes by would not. */
static bool stays_for_good(const char *method)
{
    return !strncmp(method, "send", 4) && strcmp(method, "sendMessageDraft") != 0 &&
           strcmp(method, "sendChatAction") != 0;
}

static void ready_make(struct ready *r, const struct api *api, const char *method,
                       const cJSON *args, const struct api_options *options)
{
    const struct api_file *file = options ? options->file : NULL;
    *r = (struct ready){.type = "Content-Type: application/json",
                        .url = STR_INIT(2048),
                        .body = STR_INIT(ARGS_MAX + (file ? file->len : 0))};
    str_add(&r->url, api->base);
    str_add(&r->url, method);
    if (file)
        put_form(r, api, args, file);
    else if (args)
        json_print(&r->body, args);
    else
        str_add(&r->body, "{}");
    r->headers[0] = r->type;
    unsigned once = stays_for_good(method) ? HTTP_ONCE : 0;
    unsigned total = options && options->total_ms ? options->total_ms : TOTAL_MS;
    r->request = (struct http_request){.method = "POST",
                                       .url = r->url.buf,
                                       .headers = r->headers,
                                       .body = r->body.buf,
                                       .body_len = r->body.len,
                                       .total_ms = total,
                                       .first_byte_ms = MAX_OF(total, FIRST_BYTE_MS),
                                       .body_max = ANSWER_MAX,
                                       .flags = once | api->flags | (options ? options->flags : 0),
                                       .cancel = options ? options->cancel : NULL};
}

static void ready_free(struct ready *r)
{
    explicit_bzero(r->url.buf, r->url.len); /* it holds the token */
    str_free(&r->url);
    str_free(&r->body);
}

static void failed(struct api_answer *ret, const struct err *err, bool begun)
{
    *ret = (struct api_answer){.outcome = begun ? API_UNKNOWN : API_TROUBLE};
    snprintf(ret->why, sizeof(ret->why), "%.280s", err->why);
}

void api_call(const struct api *api, const char *method, const cJSON *args,
              const struct api_options *options, struct api_answer *ret)
{
    struct ready ready;
    struct err err = ERR_INIT;
    auto_answer answer = HTTP_ANSWER_INIT;
    ready_make(&ready, api, method, args, options);
    if (http_perform(api->http, &ready.request, &answer, &err))
        failed(ret, &err, answer.begun);
    else
        api_read(answer.status, answer.body.buf, answer.body.len, ret);
    ready_free(&ready);
}

struct started {
    api_done_fn *done;
    void *arg;
};

static void on_done(void *arg, const struct http_answer *answer, const struct err *err)
{
    struct started *started = arg;
    struct api_answer read;
    if (answer)
        api_read(answer->status, answer->body.buf, answer->body.len, &read);
    else
        failed(&read, err, true);
    if (started->done)
        started->done(started->arg, &read);
    api_answer_free(&read);
    free(started);
}

void api_start(const struct api *api, const char *method, const cJSON *args, api_done_fn *done,
               void *arg)
{
    struct ready ready;
    struct started *started = mem_new(1, sizeof(*started));
    *started = (struct started){done, arg};
    ready_make(&ready, api, method, args, NULL);
    http_start(api->http, &ready.request, on_done, started);
    ready_free(&ready);
}
