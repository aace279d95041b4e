/* The console's two parsers: a client's line, and the same bytes as the program's line shown in
 * a terminal, where nothing of a stranger's may act. */
#include "tests/fuzz/fuzz.h"

#include "adapters/console/console.h"
#include "adapters/console/render.h"
#include "core/base/utf8.h"

static void check_parse(const char *text, size_t len)
{
    struct console_line said;
    console_parse(text, len, &said);
    bool speaks = said.said == CONSOLE_MESSAGE || said.said == CONSOLE_PRESS ||
                  said.said == CONSOLE_COMPLETE;
    MUST(speaks == !!said.text);
    MUST(said.said <= CONSOLE_NOTHING);
    if (said.said == CONSOLE_PRESS)
        MUST(!strpbrk(said.text, " \t\r\n"));
    if (speaks && utf8_valid(text, len))
        MUST(utf8_valid(said.text, strlen(said.text)));
    free(said.text);
}

static void check_shown(const struct str *out)
{
    const char *at = out->buf, *end = at + out->len;
    MUST(strlen(out->buf) == out->len);
    MUST(utf8_valid(at, out->len));
    for (int32_t c; (c = utf8_next(&at, end)) >= 0;) {
        MUST(c == '\n' || (c >= 0x20 && (c < 0x7f || c >= 0xa0)));
        MUST(!(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069));
    }
}

/* With colour, what remains without our own few sequences must be as harmless. */
static void check_coloured(const struct str *out)
{
    static const char *const ours[] = {"\033[1m", "\033[2m", "\033[32m", "\033[31m",
                                       "\033[0m", "\033[K",  "\r",       "\a"};
    auto_str rest = STR_INIT(SIZE_MAX / 2);
    for (const char *at = out->buf; *at;) {
        size_t used = 0;
        for (size_t i = 0; i < ARRAY_LEN(ours) && !used; i++)
            if (!strncmp(at, ours[i], strlen(ours[i])))
                used = strlen(ours[i]);
        if (!used)
            str_addc(&rest, *at);
        at += used ? used : 1;
    }
    check_shown(&rest);
}

static void check_render(const cJSON *line, int columns, bool colour)
{
    struct render render = {.columns = columns, .colour = colour};
    auto_str out = STR_INIT(SIZE_MAX / 2);
    render_line(&render, line, &out);
    render_line(&render, line, &out);
    if (colour)
        check_coloured(&out);
    else
        check_shown(&out);
    MUST(render.next >= 0 && render.next < RENDER_BUTTONS);
    MUST(!render.next || render_press(&render, render.next));
    MUST(!render_press(&render, 0) && !render_press(&render, RENDER_BUTTONS));
    render_free(&render);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_text text = mem_textn((const char *)data, size);
    check_parse(text, size);
    auto_json line = json_parse(text, size, "fuzz", NULL);
    if (!line)
        return 0;
    check_render(line, 40 + (int)(size % 161), false);
    check_render(line, 80, true);
    return 0;
}
