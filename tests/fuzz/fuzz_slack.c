/* What Slack sends and what is sent there: an envelope is read whatever it is, names nobody it
 * should not, and a message has no block over what the service takes. */
#include "tests/fuzz/fuzz.h"

#include "adapters/slack/api.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/internal.h"
#include "core/base/utf8.h"

static bool knows(const void *ctx, const char *command)
{
    (void)ctx;
    return !strcmp(command, "find") || !strcmp(command, "stop");
}

static size_t code_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool is_for_core(const struct envelope *e)
{
    return e->kind == ENVELOPE_SAID || e->kind == ENVELOPE_SHOWN || e->kind == ENVELOPE_PRESSED;
}

static void check_envelope(const char *text, size_t size, bool threads)
{
    const struct envelope_me me = {"UBOT", threads, knows, NULL};
    char room[SLACK_ID], thread[SLACK_ID];
    auto_envelope e = {0};
    envelope_read(text, size, &me, &e);
    MUST(utf8_valid(e.name, strlen(e.name)) && !strpbrk(e.name, "\r\n\x1b"));
    MUST(utf8_valid(e.id, strlen(e.id)));
    if (e.text)
        MUST(utf8_valid(e.text, strlen(e.text)));
    if (is_for_core(&e)) {
        MUST(*e.person && strchr(e.person, '/') && *e.ref && *e.id && e.text);
        MUST(envelope_place(e.chat, room, thread));
        MUST(strcmp(e.user, "UBOT") != 0 || e.direct || e.kind == ENVELOPE_PRESSED);
    }
    if (e.kind == ENVELOPE_SHOWN)
        MUST(e.say && !e.crowd);
    if (e.kind == ENVELOPE_FILLED) {
        cJSON *errors = NULL;
        auto_text line = form_read(e.values, 1900000000000, &errors);
        MUST(!line == (errors != NULL));
        MUST(!line || (*line == '/' && !strpbrk(line, "\r\n")));
        json_free(errors);
    }
}

static void check_text(const char *text)
{
    auto_str out = STR_INIT(100000);
    slack_add_escaped(&out, text, strlen(text));
    MUST(!strpbrk(out.buf, "<>"));
}

static void check_message(const cJSON *tree)
{
    static const struct slack_commands commands = {knows, NULL};
    auto_form f = {0};
    const cJSON *block, *e;
    slack_form_message(tree, "share1", &commands, &f);
    MUST(*f.text && code_points(f.text) <= 4000 && utf8_valid(f.text, strlen(f.text)));
    MUST(cJSON_GetArraySize(f.blocks) >= 1 && cJSON_GetArraySize(f.blocks) <= FORM_BLOCKS);
    cJSON_ArrayForEach(block, f.blocks)
    {
        const char *type = json_text_or(block, "type", "");
        const char *said = json_text_or(block, "text.text", "");
        if (!strcmp(type, "section"))
            MUST(*said && code_points(said) <= 3000 && utf8_valid(said, strlen(said)));
        if (!strcmp(type, "actions"))
            MUST(cJSON_GetArraySize(json_array(block, "elements")) >= 1 &&
                 cJSON_GetArraySize(json_array(block, "elements")) <= 25);
        cJSON_ArrayForEach(e, json_array(block, "elements"))
        {
            const char *label = json_text_or(e, "text.text", "x");
            MUST(*label && code_points(label) <= 75);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_text text = mem_textn((const char *)data, size);
    auto_slack answer = {0};
    check_envelope(text, size, true);
    check_envelope(text, size, false);
    check_text(text);
    auto_text plain = envelope_plain(text, "UBOT");
    MUST(strlen(plain) <= size);
    slack_read(200, 0, text, size, &answer);
    MUST(answer.retry_ms >= 0);
    auto_json tree = json_parse(text, size, "fuzz", NULL);
    if (tree)
        check_message(tree);
    return 0;
}
