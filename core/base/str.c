#include "core/base/str.h"
#include "core/base/utf8.h"

char str_nothing[1] = "";

void str_free(struct str *s)
{
    if (s->buf != str_nothing)
        mem_block_free(s->buf, s->cap);
    *s = (struct str)STR_INIT(s->max);
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->cut = false;
    if (s->buf != str_nothing)
        s->buf[0] = '\0';
}

static void reserve(struct str *s, size_t extra)
{
    if (s->buf == str_nothing) {
        s->cap = 0;
        s->buf = mem_block(extra + 1, &s->cap);
        return;
    }
    s->buf = mem_grow(s->buf, &s->cap, s->len + extra + 1, 1);
}

void str_expect(struct str *s, size_t len)
{
    if (len <= s->max - s->len)
        reserve(s, len);
    if (s->buf != str_nothing)
        s->buf[s->len] = '\0';
}

void str_addn(struct str *s, const char *bytes, size_t len)
{
    if (s->cut)
        return;
    if (len > s->max - s->len) {
        len = utf8_floor(bytes, s->max - s->len);
        s->cut = true;
    }
    if (!len)
        return;
    reserve(s, len);
    memcpy(s->buf + s->len, bytes, len);
    s->len += len;
    s->buf[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
    str_addn(s, &c, 1);
}

void str_addf(struct str *s, const char *fmt, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int want = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (want >= 0 && (size_t)want < sizeof(small)) {
        str_addn(s, small, (size_t)want);
    } else if (want >= 0) {
        char *big = mem_new((size_t)want + 1, 1);
        vsnprintf(big, (size_t)want + 1, fmt, again);
        str_addn(s, big, (size_t)want);
        free(big);
    }
    va_end(again);
}

char *str_detach(struct str *s)
{
    char *text = s->buf == str_nothing ? mem_text("") : s->buf;
    *s = (struct str)STR_INIT(s->max);
    return text;
}

static bool is_trick(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void str_add_shown(struct str *s, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    while (at < end) {
        const char *start = at;
        int32_t c = utf8_next(&at, end);
        bool broken = c == 0xfffd && at - start == 1;
        if (broken)
            str_addf(s, "\\x%02x", (unsigned char)*start);
        else if (c == '\n')
            str_add(s, "\\n");
        else if (is_trick(c))
            str_addf(s, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
        else
            str_addn(s, start, (size_t)(at - start));
    }
}

void str_add_url(struct str *s, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        if (plain)
            str_addc(s, (char)c);
        else
            str_addf(s, "%%%02X", c);
    }
}
