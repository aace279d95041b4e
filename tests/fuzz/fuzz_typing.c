/* The line editor: whatever keys come, the cursor stays in the line, at the start of a letter. */
#include "tests/fuzz/fuzz.h"

#include "adapters/console/typing.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct typing t = {.prompt = "> ",
                       .columns = size ? data[0] % 100 + 1 : 1,
                       .line = STR_INIT(8000),
                       .killed = STR_INIT(8000),
                       .draft = STR_INIT(8000),
                       .sought = STR_INIT(8000)};
    for (size_t i = 0; i < size; i++) {
        auto_str out = STR_INIT(SIZE_MAX / 2);
        enum typing_event event = typing_take(&t, (char)data[i], &out);
        if (event == TYPING_LINE)
            typing_next(&t);
        MUST(t.at <= t.line.len && strlen(t.line.buf) == t.line.len);
        MUST(utf8_valid(t.line.buf, t.line.len));
        MUST(t.at == t.line.len || ((unsigned char)t.line.buf[t.at] & 0xc0) != 0x80);
        MUST(t.history_at <= t.history_count && t.history_count <= TYPING_HISTORY);
        MUST(t.row >= 0);
    }
    for (size_t i = 0; i < t.history_count; i++)
        free(t.history[i]);
    str_free(&t.line);
    str_free(&t.killed);
    str_free(&t.draft);
    str_free(&t.sought);
    return 0;
}
