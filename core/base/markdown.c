#include "core/base/markdown.h"

#include "core/base/utf8.h"

#include <md4c.h>

#define DEPTH_MOST 32
#define LISTS_MOST 8
#define URL_MAX    ((size_t)1024)

struct reading {
    struct marked *out;
    size_t open[DEPTH_MOST]; /* spans that have not ended; MARKED_SPANS: one that is left out */
    size_t depth;
    int numbers[LISTS_MOST]; /* of the lists we are in: the next number; -1: bullets */
    size_t lists;
    bool after_bullet; /* the paragraph belongs on the bullet's line */
};

void marked_free(struct marked *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->spans[i].url);
    str_free(&m->text);
    *m = (struct marked){.text = STR_INIT(MARKED_TEXT)};
}

/* --- spans --- */

static void open_span(struct reading *r, enum mark mark, char *url)
{
    struct marked *m = r->out;
    size_t at = MARKED_SPANS;
    if (r->depth < DEPTH_MOST && m->count < MARKED_SPANS) {
        at = m->count++;
        m->spans[at] = (struct mark_span){mark, m->text.len, m->text.len, url};
        url = NULL;
    }
    free(url);
    if (r->depth < DEPTH_MOST)
        r->open[r->depth] = at;
    r->depth++;
}

static void close_span(struct reading *r)
{
    r->depth--;
    if (r->depth < DEPTH_MOST && r->open[r->depth] < MARKED_SPANS)
        r->out->spans[r->open[r->depth]].to = r->out->text.len;
}

/* --- blocks --- */

static void trim(struct reading *r)
{
    struct marked *m = r->out;
    struct str *text = &m->text;
    while (text->len && strchr(" \n", text->buf[text->len - 1]))
        text->buf[--text->len] = '\0';
    for (size_t i = 0; i < m->count; i++) {
        m->spans[i].from = MIN_OF(m->spans[i].from, text->len);
        m->spans[i].to = MIN_OF(m->spans[i].to, text->len);
    }
}

/* So many line ends before what follows, but for the first. */
static void begin_line(struct reading *r, int ends)
{
    struct str *text = &r->out->text;
    int there = 0;
    while ((size_t)there < text->len && text->buf[text->len - 1 - (size_t)there] == '\n')
        there++;
    for (; text->len && there < ends; there++)
        str_addc(text, '\n');
}

static void begin_paragraph(struct reading *r)
{
    if (!r->after_bullet)
        begin_line(r, r->lists ? 1 : 2);
    r->after_bullet = false;
}

static void begin_list(struct reading *r, int number)
{
    begin_line(r, r->lists ? 1 : 2);
    r->after_bullet = false;
    if (r->lists < LISTS_MOST)
        r->numbers[r->lists] = number;
    r->lists++;
}

static void begin_item(struct reading *r)
{
    size_t at = MIN_OF(r->lists, (size_t)LISTS_MOST) - 1;
    begin_line(r, 1);
    for (size_t i = 0; i < at; i++)
        str_add(&r->out->text, "  ");
    if (r->numbers[at] < 0)
        str_add(&r->out->text, "• ");
    else
        str_addf(&r->out->text, "%d. ", r->numbers[at]++);
    r->after_bullet = true;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    switch (type) {
    case MD_BLOCK_QUOTE:
        begin_line(r, 2);
        open_span(r, MARK_QUOTE, NULL);
        break;
    case MD_BLOCK_UL:
        begin_list(r, -1);
        break;
    case MD_BLOCK_OL:
        begin_list(r, (int)((MD_BLOCK_OL_DETAIL *)detail)->start);
        break;
    case MD_BLOCK_LI:
        begin_item(r);
        break;
    case MD_BLOCK_HR:
        begin_line(r, 2);
        str_add(&r->out->text, "———");
        break;
    case MD_BLOCK_H:
        begin_line(r, 2);
        open_span(r, MARK_BOLD, NULL);
        break;
    case MD_BLOCK_CODE:
        begin_paragraph(r);
        open_span(r, MARK_BLOCK, NULL);
        break;
    case MD_BLOCK_P:
        begin_paragraph(r);
        break;
    default:
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    (void)detail;
    switch (type) {
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_CODE:
        trim(r); /* what is special ends with its last character */
        close_span(r);
        break;
    case MD_BLOCK_H:
        close_span(r);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        r->lists--;
        r->after_bullet = false;
        break;
    default:
        break;
    }
    return 0;
}

/* --- spans of a line --- */

/* The address of a link, if it is one for the web. */
static char *web_address(const MD_ATTRIBUTE *a)
{
    auto_str url = STR_INIT(URL_MAX);
    for (size_t i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
        MD_OFFSET from = a->substr_offsets[i], to = a->substr_offsets[i + 1];
        bool amp = a->substr_types[i] == MD_TEXT_ENTITY && to - from == 5 &&
                   !memcmp(a->text + from, "&amp;", 5);
        str_addn(&url, amp ? "&" : a->text + from, amp ? 1 : to - from);
    }
    bool web = !strncmp(url.buf, "https://", 8) || !strncmp(url.buf, "http://", 7);
    return web && !url.cut && !strpbrk(url.buf, " \"<>") ? str_detach(&url) : NULL;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    static const enum mark marks[] = {[MD_SPAN_EM] = MARK_ITALIC,
                                      [MD_SPAN_STRONG] = MARK_BOLD,
                                      [MD_SPAN_CODE] = MARK_CODE,
                                      [MD_SPAN_DEL] = MARK_STRIKE};
    if (type == MD_SPAN_A)
        open_span(r, MARK_LINK, web_address(&((MD_SPAN_A_DETAIL *)detail)->href));
    else if (type < ARRAY_LEN(marks) && type != MD_SPAN_IMG)
        open_span(r, marks[type], NULL);
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
    (void)detail;
    if (type != MD_SPAN_IMG && type <= MD_SPAN_DEL)
        close_span(arg);
    return 0;
}

/* --- text --- */

static void add_point(struct str *out, unsigned long c)
{
    char bytes[4];
    size_t len = 0;
    if (c < 0x20 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    if (c < 0x80) {
        bytes[len++] = (char)c;
    } else if (c < 0x800) {
        bytes[len++] = (char)(0xC0 | (c >> 6));
        bytes[len++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        bytes[len++] = (char)(0xE0 | (c >> 12));
        bytes[len++] = (char)(0x80 | ((c >> 6) & 0x3F));
        bytes[len++] = (char)(0x80 | (c & 0x3F));
    } else {
        bytes[len++] = (char)(0xF0 | (c >> 18));
        bytes[len++] = (char)(0x80 | ((c >> 12) & 0x3F));
        bytes[len++] = (char)(0x80 | ((c >> 6) & 0x3F));
        bytes[len++] = (char)(0x80 | (c & 0x3F));
    }
    str_addn(out, bytes, len);
}

/* The few that are written; the others stay as they are. */
static void add_entity(struct str *out, const char *text, size_t len)
{
    static const char *const known[][2] = {{"&amp;", "&"},   {"&lt;", "<"},   {"&gt;", ">"},
                                           {"&quot;", "\""}, {"&nbsp;", " "}, {"&apos;", "'"}};
    if (len > 3 && text[1] == '#') {
        bool hex = text[2] == 'x' || text[2] == 'X';
        add_point(out, strtoul(text + (hex ? 3 : 2), NULL, hex ? 16 : 10));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strlen(known[i][0]) == len && !memcmp(text, known[i][0], len)) {
            str_add(out, known[i][1]);
            return;
        }
    str_addn(out, text, len);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE len, void *arg)
{
    struct reading *r = arg;
    struct str *out = &r->out->text;
    switch (type) {
    case MD_TEXT_NULLCHAR:
        break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR: /* whoever writes to a chat means the line ends that they write */
        str_addc(out, '\n');
        break;
    case MD_TEXT_ENTITY:
        add_entity(out, text, len);
        break;
    default:
        str_addn(out, text, len);
    }
    return 0;
}

/* Empty ones, and links that lead nowhere, are no spans. */
static void tidy(struct marked *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct mark_span *s = &m->spans[i];
        s->to = MIN_OF(s->to, m->text.len);
        if (s->from < s->to && (s->mark != MARK_LINK || s->url))
            m->spans[kept++] = *s;
        else
            free(s->url);
    }
    m->count = kept;
}

void markdown_read(const char *text, struct marked *ret)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_STRIKETHROUGH,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = add_text,
    };
    struct reading r = {.out = ret};
    *ret = (struct marked){.text = STR_INIT(MARKED_TEXT)};
    size_t len = utf8_floor(text, MIN_OF(strlen(text), MARKED_TEXT));
    if (md_parse(text, (MD_SIZE)len, &parser, &r)) { /* it had no memory, or gave up */
        marked_free(ret);
        str_addn(&ret->text, text, len);
    }
    tidy(ret);
}
