/* What a model writes: spans lie in the text, at borders of characters, and nest. */
#include "tests/fuzz/fuzz.h"

#include "core/base/markdown.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_text text = mem_textn((const char *)data, size);
    if (!utf8_valid(text, strlen(text)))
        return 0;
    auto_marked m;
    markdown_read(text, &m);
    MUST(utf8_valid(m.text.buf, m.text.len) && m.text.len <= MARKED_TEXT);
    for (size_t i = 0; i < m.count; i++) {
        const struct mark_span *s = &m.spans[i];
        MUST(s->from < s->to && s->to <= m.text.len && (s->mark == MARK_LINK) == (s->url != NULL));
        MUST(utf8_floor(m.text.buf, s->from) == s->from && utf8_floor(m.text.buf, s->to) == s->to);
        for (size_t j = 0; j < i; j++) {
            const struct mark_span *before = &m.spans[j];
            MUST(before->from <= s->from && (before->to <= s->from || before->to >= s->to));
        }
    }
    return 0;
}
