#include "adapters/console/lines.h"

#include "adapters/console/console.h"

void console_parse(const char *line, size_t len, struct console_line *ret)
{
    *ret = (struct console_line){.said = CONSOLE_MESSAGE};
    auto_json object = len && *line == '{' ? json_parse(line, len, "a line", NULL) : NULL;
    const char *type = json_text_or(object, "type", "");
    if (!strcmp(type, "hello")) {
        ret->said = CONSOLE_HELLO;
        json_flag(object, "acts", &ret->acts);
        json_flag(object, "acks", &ret->acks);
        return;
    }
    if (!strcmp(type, "ack")) {
        ret->said = json_i64(object, "delivery", &ret->delivery) ? CONSOLE_ACK : CONSOLE_NOTHING;
        return;
    }
    if (!strcmp(type, "cancel")) {
        ret->said = CONSOLE_CANCEL;
        return;
    }
    if (!strcmp(type, "complete") && json_text(object, "text")) {
        ret->said = CONSOLE_COMPLETE;
        ret->text = mem_text(json_text(object, "text"));
        return;
    }
    const char *text = !strcmp(type, "message") ? json_text(object, "text") : NULL;
    ret->text = text ? mem_text(text) : mem_textn(line, len);
    if (!strncmp(ret->text, "!press ", 7)) {
        ret->said = CONSOLE_PRESS;
        char *token = mem_text(ret->text + 7 + strspn(ret->text + 7, " "));
        free(ret->text);
        ret->text = token;
        token[strcspn(token, " \t\r\n")] = '\0';
    }
}

static void add_line(struct str *out, const cJSON *object)
{
    json_print(out, object);
    str_addc(out, '\n');
}

void line_text(struct str *out, const char *text)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "text");
    cJSON_AddStringToObject(object, "content", text);
    add_line(out, object);
}

void line_progress(struct str *out, const char *text)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "progress");
    cJSON_AddStringToObject(object, "text", text);
    add_line(out, object);
}

void line_error(struct str *out, const char *message)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "error");
    cJSON_AddStringToObject(object, "message", message);
    add_line(out, object);
}

void line_done(struct str *out, bool ok, int64_t session_id, bool asks, int64_t delivery)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "done");
    cJSON_AddBoolToObject(object, "ok", ok);
    json_put_i64(object, "session_id", session_id);
    cJSON_AddBoolToObject(object, "asks", asks);
    json_put_i64(object, "delivery", delivery);
    add_line(out, object);
}

void line_completion(struct str *out, const char *text, cJSON *lines)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "completion");
    json_put_text(object, "text", text);
    cJSON_AddItemToObject(object, "lines", lines);
    add_line(out, object);
}

static void line_buttons(struct str *out, int64_t id, const cJSON *buttons)
{
    auto_json object = cJSON_CreateObject();
    if (!cJSON_GetArraySize(buttons))
        return;
    cJSON_AddStringToObject(object, "type", "buttons");
    json_put_i64(object, "id", id);
    cJSON_AddItemToObject(object, "buttons", cJSON_Duplicate(buttons, true));
    add_line(out, object);
}

/* What of the final text was not shown as pieces. A final that turned out otherwise begins anew. */
static void rest_of_text(struct str *out, const char *text, const char *streamed)
{
    size_t shown = strlen(streamed);
    if (!strncmp(text, streamed, shown)) {
        if (text[shown])
            line_text(out, text + shown);
        return;
    }
    auto_str anew = STR_INIT(65536);
    str_addf(&anew, "\n%s", text);
    line_text(out, anew.buf);
}

static void line_card(struct str *out, const char *card, bool under)
{
    auto_str piece = STR_INIT(65536);
    if (!card)
        return;
    str_addf(&piece, "%s%s", under ? "\n\n" : "", card);
    line_text(out, piece.buf);
}

void lines_of_reply(struct str *out, const cJSON *reply, int64_t id, const char *streamed)
{
    bool ok = true, asks = false;
    const char *text = json_text_or(reply, "text", "");
    json_flag(reply, "ok", &ok);
    json_flag(reply, "asks", &asks);
    if (ok)
        rest_of_text(out, text, streamed);
    else
        line_error(out, text);
    line_card(out, json_text(reply, "card"), *text);
    const cJSON *venues = json_object(reply, "venues");
    if (venues)
        add_line(out, venues);
    line_buttons(out, id, json_array(reply, "buttons"));
    line_done(out, ok, json_i64_or(reply, "session_id", 0), asks, id);
}

void lines_of_late_reply(struct str *out, const cJSON *reply, int64_t id)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "late");
    auto_str whole = STR_INIT(65536);
    str_add(&whole, json_text_or(reply, "text", ""));
    str_addf(&whole, "%s%s", whole.len && json_text(reply, "card") ? "\n\n" : "",
             json_text_or(reply, "card", ""));
    cJSON_AddStringToObject(object, "text", whole.buf);
    json_put_i64(object, "delivery", id);
    add_line(out, object);
}

void lines_of_push(struct str *out, const cJSON *message, int64_t id)
{
    auto_json object = cJSON_Duplicate(message, true);
    cJSON_DeleteItemFromObjectCaseSensitive(object, "delivery");
    json_put_i64(object, "delivery", id);
    add_line(out, object);
}
