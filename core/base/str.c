#include "core/base/str.h"
#include "core/base/utf8.h"

char str_nothing[1] = "";

/* A few blocks of an answer's size go round. Given to malloc, each would make it sweep all its
 * small free blocks together, twice an answer, which costs more than reading the answer does. */
#define SPARE_LEAST ((size_t)64 << 10)
#define SPARE_MOST  ((size_t)256 << 10)
static struct {
    pthread_mutex_t lock;
    char *bufs[3]; /* protected by lock, as is caps */
    size_t caps[3];
} spare = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool spare_put(char *buf, size_t cap)
{
    bool kept = false;
    if (WITH_ASAN || WITH_TSAN) /* a use after free must show */
        return false;
    if (cap < SPARE_LEAST || cap > SPARE_MOST)
        return false;
    pthread_mutex_lock(&spare.lock);
    for (size_t i = 0; i < ARRAY_LEN(spare.bufs) && !kept; i++)
        if (!spare.bufs[i]) {
            spare.bufs[i] = buf;
            spare.caps[i] = cap;
            kept = true;
        }
    pthread_mutex_unlock(&spare.lock);
    return kept;
}

/* NULL: none that is large enough. */
static char *spare_get(size_t need, size_t *ret_cap)
{
    char *buf = NULL;
    if (need < SPARE_LEAST / 2 || need > SPARE_MOST)
        return NULL;
    pthread_mutex_lock(&spare.lock);
    for (size_t i = 0; i < ARRAY_LEN(spare.bufs) && !buf; i++)
        if (spare.bufs[i] && spare.caps[i] >= need) {
            buf = spare.bufs[i];
            *ret_cap = spare.caps[i];
            spare.bufs[i] = NULL;
        }
    pthread_mutex_unlock(&spare.lock);
    return buf;
}

void str_free(struct str *s)
{
    if (s->buf != str_nothing && !spare_put(s->buf, s->cap))
        free(s->buf);
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
        s->buf = spare_get(extra + 1, &s->cap);
        if (!s->buf)
            s->buf = mem_grow(NULL, &s->cap, extra + 1, 1);
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
