/* What a model's server streams: an answer says what was shown, a whole call has an object, and
 * nothing grows over its ceiling. */
#include "tests/fuzz/fuzz.h"

#include "core/base/utf8.h"
#include "core/llm/client.h"

static void collect(void *arg, const char *piece)
{
    str_add(arg, piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_llm_answer a;
    auto_str shown = STR_INIT(LLM_TEXT_MAX);
    char field[64];
    size_t cut = size ? data[0] + 1u : 1;
    struct llm_stream *s = llm_stream_new(collect, &shown);
    for (size_t at = 1; at < size; at += cut)
        if (!llm_stream_feed(s, (const char *)data + at, MIN_OF(cut, size - at), NULL))
            break;
    llm_stream_end(s, &a);
    llm_stream_free(s);
    MUST(!strcmp(shown.buf, a.text) && a.refusal && strlen(a.text) <= LLM_TEXT_MAX);
    MUST(a.count <= LLM_CALLS && (a.end != LLM_END_CALLS || a.count));
    for (size_t i = 0; i < a.count; i++) {
        auto_json json = json_parse(a.calls[i].arguments, strlen(a.calls[i].arguments), "x", NULL);
        MUST(*a.calls[i].name && (!a.calls[i].whole || cJSON_IsObject(json)));
        MUST(strlen(a.calls[i].arguments) <= LLM_ARGS_MAX);
    }
    if (a.error)
        llm_fault_of(400, a.error, field);
    return 0;
}
