/* What Telegram sends and what is sent there: an answer is read whatever it is, an update never
 * names who it should not, a message is cut into parts that the service takes. */
#include "tests/fuzz/fuzz.h"

#include "adapters/telegram/api.h"
#include "adapters/telegram/format.h"
#include "adapters/telegram/update.h"
#include "core/base/utf8.h"

static size_t code_points(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void check_update(const cJSON *tree)
{
    const struct update_me me = {12345678, "sandbox_table_bot"};
    struct update u;
    int64_t chat, thread;
    update_read(tree, &me, &u);
    MUST(utf8_valid(u.name, strlen(u.name)) && utf8_valid(u.title, strlen(u.title)));
    MUST(!strpbrk(u.name, "\r\n\x1b") && !strpbrk(u.title, "\r\n\x1b"));
    if (u.text)
        MUST(utf8_valid(u.text, strlen(u.text)));
    if (u.kind == UPDATE_SAID || u.kind == UPDATE_PRESSED || u.kind == UPDATE_SHOWN) {
        MUST(*u.person && *u.ref && update_chat_ref(u.chat, &chat, &thread) && chat);
        MUST(strcmp(u.person, "1087968824") != 0 || !json_object(tree, "message.sender_chat"));
        MUST(update_ref_message(u.ref) == u.message_id);
    }
    if (u.kind == UPDATE_SAID || u.kind == UPDATE_PRESSED)
        MUST(u.text);
    if (u.kind == UPDATE_SHOWN)
        MUST(u.say && !u.crowd);
    update_free(&u);
}

static void check_format(const cJSON *tree)
{
    auto_format f = {0};
    format_message(tree, &f);
    MUST(f.count >= 1 && f.count <= FORMAT_PARTS);
    for (size_t i = 0; i < f.count; i++) {
        const char *text = f.parts[i].text;
        const cJSON *e;
        int64_t units = (int64_t)utf8_utf16_len(text, strlen(text)), at = 0;
        MUST(*text && code_points(text) <= 4096 && utf8_valid(text, strlen(text)));
        cJSON_ArrayForEach(e, f.parts[i].entities)
        {
            int64_t offset = json_i64_or(e, "offset", -1), length = json_i64_or(e, "length", -1);
            MUST(offset >= at && length > 0 && offset + length <= units);
            at = offset;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_text text = mem_textn((const char *)data, size);
    struct api_answer answer;
    api_read(200, text, size, &answer);
    MUST((answer.outcome == API_OK) == (answer.result != NULL) || answer.outcome == API_OK);
    MUST(answer.retry_ms >= 0 && answer.update_id >= 0);
    api_answer_free(&answer);
    api_read(400, text, size, &answer);
    MUST(answer.outcome != API_UNKNOWN);
    api_answer_free(&answer);
    auto_json tree = json_parse(text, size, "fuzz", NULL);
    if (utf8_valid(text, strlen(text))) {
        auto_json said = cJSON_CreateObject();
        cJSON_AddTrueToObject(said, "markdown");
        cJSON_AddStringToObject(said, "text", text);
        check_format(said);
    }
    if (tree) {
        check_update(tree);
        check_format(tree);
    }
    return 0;
}
