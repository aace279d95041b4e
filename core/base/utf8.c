#include "core/base/utf8.h"

#include <utf8proc.h>

/* One character: its bytes, or 0 if ill-formed. */
static size_t decode(const unsigned char *s, size_t len, int32_t *ret_c)
{
    unsigned char a = s[0];
    if (a < 0x80) {
        *ret_c = a;
        return 1;
    }
    size_t need = a >= 0xf0 ? 4 : a >= 0xe0 ? 3 : a >= 0xc2 ? 2 : 0;
    if (!need || a > 0xf4 || len < need)
        return 0;
    int32_t c = a & (0x7f >> need);
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[need] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret_c = c;
    return need;
}

bool utf8_valid(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + len;
    while (s < end) {
        uint64_t eight; /* mostly ASCII: eight bytes at a time, none of them NUL */
        while (end - s >= 8 && (memcpy(&eight, s, 8), !(eight & 0x8080808080808080u)) &&
               !((eight - 0x0101010101010101u) & ~eight & 0x8080808080808080u))
            s += 8;
        if (s >= end)
            break;
        int32_t c;
        size_t used = decode(s, (size_t)(end - s), &c);
        if (!used || !c)
            return false;
        s += used;
    }
    return true;
}

size_t utf8_floor(const char *text, size_t at)
{
    size_t n = at;
    while (n > 0 && at - n < 4) {
        unsigned char c = (unsigned char)text[n - 1];
        if (c < 0x80)
            return at;
        if (c >= 0xc0) {
            size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
            return at - (n - 1) >= need ? at : n - 1;
        }
        n--;
    }
    return at;
}

int32_t utf8_next(const char **at, const char *end)
{
    if (*at >= end)
        return -1;
    int32_t c;
    size_t used = decode((const unsigned char *)*at, (size_t)(end - *at), &c);
    *at += used ? used : 1;
    return used ? c : 0xfffd;
}

size_t utf8_utf16_len(const char *text, size_t len)
{
    size_t units = 0;
    const char *end = text + len;
    for (int32_t c; (c = utf8_next(&text, end)) >= 0;)
        units += c >= 0x10000 ? 2 : 1;
    return units;
}

static size_t width_of(int32_t c)
{
    int w = utf8proc_charwidth(c);
    return w > 0 ? (size_t)w : 0;
}

size_t utf8_width(const char *text, size_t len)
{
    size_t columns = 0;
    const char *end = text + len;
    for (int32_t c; (c = utf8_next(&text, end)) >= 0;)
        columns += width_of(c);
    return columns;
}

size_t utf8_fit(const char *text, size_t columns)
{
    const char *at = text, *end = text + strlen(text), *border = text;
    size_t used = 0;
    int32_t state = 0, last = -1;
    for (;;) {
        const char *before = at;
        int32_t c = utf8_next(&at, end);
        if (c < 0)
            return (size_t)(end - text);
        if (last >= 0 && utf8proc_grapheme_break_stateful(last, c, &state))
            border = before;
        used += width_of(c);
        if (used > columns)
            return (size_t)(border - text);
        last = c;
    }
}

static bool folds_to_nothing(int32_t c)
{
    utf8proc_category_t cat = utf8proc_category(c);
    return cat == UTF8PROC_CATEGORY_MN || c == '\'' || c == 0x2019 || c == '.' || c == 0x2018;
}

static bool folds_to_blank(int32_t c)
{
    utf8proc_category_t cat = utf8proc_category(c);
    return !(cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) &&
           !(cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO);
}

char *utf8_fold(const char *text)
{
    utf8proc_uint8_t *plain = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, 0, &plain,
                                        UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                            UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
    if (len < 0)
        return mem_text("");
    char *out = mem_new((size_t)len * 4 + 1, 1);
    size_t n = 0;
    const char *at = (char *)plain, *end = at + len;
    for (int32_t c; (c = utf8_next(&at, end)) >= 0;) {
        if (c == '&') {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
            memcpy(out + n, "and ", 4);
            n += 4;
        } else if (folds_to_nothing(c)) {
            continue;
        } else if (folds_to_blank(c)) {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
        } else {
            n += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out + n);
        }
    }
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    free(plain);
    return out;
}

char *utf8_fold_case(const char *text)
{
    char *out = mem_new(strlen(text) * 3 + 1, 1); /* an ill-formed byte becomes three */
    size_t n = 0;
    const char *end = text + strlen(text);
    for (int32_t c; (c = utf8_next(&text, end)) >= 0;) {
        if (c == ' ' || c == '\t' || c == 0xa0) {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
        } else {
            n += (size_t)utf8proc_encode_char(utf8proc_tolower(c), (utf8proc_uint8_t *)out + n);
        }
    }
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return out;
}

void utf8_copy(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size)
        len = utf8_floor(text, size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
}
