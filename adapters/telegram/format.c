#include "adapters/telegram/format.h"

#include "core/base/clock.h"
#include "core/base/markdown.h"
#include "core/base/utf8.h"

#define SPANS_MOST  100 /* as many as are shown */
#define TEXT_MAX    ((size_t)64 * 1024)
#define LABEL_MAX   60 /* bytes of a button's label */
#define ROW_COLUMNS 36
#define ROW_BUTTONS 4

void format_free(struct format *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->parts[i].text);
        json_free(f->parts[i].entities);
    }
    json_free(f->keyboard);
    free(f->picture);
    *f = (struct format){0};
}

static bool is_secure(const char *url)
{
    return url && !strncmp(url, "https://", 8);
}

/* --- parts --- */

/* The byte after at most `points` code points. */
static size_t bytes_of(const char *text, size_t points)
{
    size_t at = 0;
    while (text[at] && points) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        points--;
    }
    return at;
}

/* The last place before `end` where a part may end well: a blank line, a line, a sentence, a
 * word. */
static size_t border_before(const char *text, size_t end)
{
    static const char *const borders[] = {"\n\n", "\n", ". ", " "};
    for (size_t b = 0; b < ARRAY_LEN(borders); b++) {
        size_t len = strlen(borders[b]);
        for (size_t at = end; at > end / 2; at--)
            if (at >= len && !memcmp(text + at - len, borders[b], len))
                return at;
    }
    return end;
}

static cJSON *entities_of(const char *text, size_t from, size_t to, const struct format_span *spans,
                          size_t count)
{
    cJSON *list = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t begin = MAX_OF(spans[i].from, from), end = MIN_OF(spans[i].to, to);
        if (begin >= end)
            continue;
        cJSON *entity = cJSON_CreateObject();
        cJSON_AddStringToObject(entity, "type", spans[i].type ? spans[i].type : "bold");
        json_put_i64(entity, "offset", (int64_t)utf8_utf16_len(text + from, begin - from));
        json_put_i64(entity, "length", (int64_t)utf8_utf16_len(text + begin, end - begin));
        if (spans[i].url)
            cJSON_AddStringToObject(entity, "url", spans[i].url);
        list = list ? list : cJSON_CreateArray();
        cJSON_AddItemToArray(list, entity);
    }
    return list;
}

/* Ends without blanks, which the service would trim, and never empty. */
static void add_part(struct format *f, const char *text, size_t from, size_t to, bool more,
                     const struct format_span *spans, size_t count)
{
    auto_str part = STR_INIT(TEXT_MAX);
    size_t end = to;
    while (end > from && strchr(" \t\r\n", text[end - 1]))
        end--;
    str_addn(&part, text + from, end - from);
    str_add(&part, more ? " …" : part.len ? "" : ".");
    f->parts[f->count].entities = entities_of(text, from, end, spans, count);
    f->parts[f->count++].text = str_detach(&part);
}

void format_split(const char *text, const struct format_span *spans, size_t count, size_t most,
                  struct format *ret)
{
    size_t at = strspn(text, " \t\r\n"), len = strlen(text);
    do {
        size_t end = at + bytes_of(text + at, most);
        bool fits = end == len, last = ret->count + 1 == FORMAT_PARTS;
        if (!fits)
            end = at + border_before(text + at, bytes_of(text + at, last ? most - 2 : most));
        ret->cut = !fits && last;
        add_part(ret, text, at, end, ret->cut, spans, count);
        at = end + strspn(text + end, " \t\r\n");
    } while (at < len && !ret->cut);
}

/* --- the text --- */

struct writing {
    struct str text;
    struct format_span spans[SPANS_MOST];
    size_t count;
    struct marked marked; /* of a text in Markdown: its links are pointed to */
    bool is_marked;
};

static void embolden(struct writing *w, size_t from, size_t to)
{
    if (w->count < SPANS_MOST && to > from)
        w->spans[w->count++] = (struct format_span){from, to, NULL, NULL};
}

/* What a model wrote; the parser lets nothing be special inside of code. */
static void write_marked(struct writing *w, const char *text)
{
    static const char *const types[] = {
        [MARK_BOLD] = "bold",     [MARK_ITALIC] = "italic", [MARK_STRIKE] = "strikethrough",
        [MARK_CODE] = "code",     [MARK_BLOCK] = "pre",     [MARK_QUOTE] = "blockquote",
        [MARK_LINK] = "text_link"};
    size_t quoted = 0;
    markdown_read(text, &w->marked);
    w->is_marked = true;
    str_add(&w->text, w->marked.text.buf);
    for (size_t i = 0; i < w->marked.count && w->count < SPANS_MOST; i++) {
        const struct mark_span *s = &w->marked.spans[i];
        if (s->mark == MARK_QUOTE && s->from < quoted) /* quotes do not nest */
            continue;
        quoted = s->mark == MARK_QUOTE ? s->to : quoted;
        w->spans[w->count++] = (struct format_span){s->from, s->to, types[s->mark], s->url};
    }
}

static void write_bold(struct writing *w, const char *text)
{
    size_t from = w->text.len;
    str_add(&w->text, text);
    embolden(w, from, w->text.len);
}

/* What stands already in the text: the first place. */
static void embolden_words(struct writing *w, const char *words)
{
    const char *at = words && *words && !w->is_marked ? strstr(w->text.buf, words) : NULL;
    if (at)
        embolden(w, (size_t)(at - w->text.buf), (size_t)(at - w->text.buf) + strlen(words));
}

static void write_times(struct writing *w, const cJSON *venue, bool hours24)
{
    const cJSON *times = json_array(venue, "times"), *time;
    const char *state = json_text_or(venue, "state", "unknown");
    bool any = false;
    cJSON_ArrayForEach(time, times)
    {
        char words[CLOCK_TEXT];
        if (!cJSON_IsString(time))
            continue;
        int minute = clock_parse(time->valuestring);
        str_add(&w->text, any ? ", " : "");
        str_add(&w->text, minute < 0 ? time->valuestring : clock_say(minute, hours24, words));
        any = true;
    }
    if (!any)
        str_add(&w->text, !strcmp(state, "bookable") ? "at other times" : state);
}

/* "Soho · American · $$$" on a line of its own. */
static void write_facts(struct writing *w, const cJSON *venue)
{
    static const char *const facts[] = {"neighborhood", "cuisine", "price"};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        const char *fact = json_text_or(venue, facts[i], "");
        if (!*fact)
            continue;
        str_addf(&w->text, "%s%s", any ? " · " : "\n", fact);
        any = true;
    }
}

static void write_card(struct writing *w, const cJSON *venue, bool hours24)
{
    str_add(&w->text, w->text.len ? "\n\n" : "");
    write_bold(w, json_text_or(venue, "name", ""));
    write_facts(w, venue);
    str_addc(&w->text, '\n');
    write_times(w, venue, hours24);
}

/* One restaurant that the text tells of already gets no card of its own, but its facts. */
static bool write_alone(struct writing *w, const cJSON *list)
{
    const cJSON *venue = cJSON_GetArrayItem(list, 0);
    const char *name = json_text_or(venue, "name", "");
    if (cJSON_GetArraySize(list) != 1 || !*name || !strstr(w->text.buf, name))
        return false;
    embolden_words(w, name);
    write_facts(w, venue);
    return true;
}

static void write_venues(struct writing *w, const cJSON *venues, struct format *ret)
{
    const cJSON *list = json_array(venues, "venues"), *venue;
    bool hours24 = false, alone = write_alone(w, list);
    json_flag(venues, "hours24", &hours24);
    cJSON_ArrayForEach(venue, list)
    {
        const char *picture = json_text(venue, "picture");
        if (!alone)
            write_card(w, venue, hours24);
        if (!ret->picture && is_secure(picture))
            ret->picture = mem_text(picture);
    }
}

/* --- buttons --- */

/* `url`: of the whole message, for its Open. */
static cJSON *button_of(const cJSON *button, const char *url)
{
    const char *label = json_text(button, "label"), *press = json_text(button, "press");
    const char *brief = json_text(button, "brief"), *own = json_text(button, "url");
    if (!label || !*label || !press || !*press)
        return NULL;
    char text[LABEL_MAX + 1];
    cJSON *key = cJSON_CreateObject();
    utf8_copy(text, sizeof(text), brief && *brief ? brief : label);
    cJSON_AddStringToObject(key, "text", text);
    url = own ? own : !strncmp(label, "Open", 4) ? url : NULL;
    if (is_secure(url))
        cJSON_AddStringToObject(key, "url", url);
    else
        cJSON_AddStringToObject(key, "callback_data", press);
    return key;
}

cJSON *format_keyboard(const cJSON *buttons, const char *url)
{
    cJSON *rows = cJSON_CreateArray(), *row = NULL;
    const cJSON *button;
    size_t columns = 0;
    bool was_brief = false;
    cJSON_ArrayForEach(button, buttons)
    {
        cJSON *key = button_of(button, url);
        if (!key)
            continue;
        const char *text = json_text(key, "text");
        size_t width = utf8_width(text, strlen(text));
        bool brief = json_text(button, "brief"), apart = brief != was_brief;
        was_brief = brief;
        if (!row || apart || columns + width > ROW_COLUMNS ||
            cJSON_GetArraySize(row) == ROW_BUTTONS) {
            cJSON_AddItemToArray(rows, row = cJSON_CreateArray());
            columns = 0;
        }
        columns += width;
        cJSON_AddItemToArray(row, key);
    }
    if (!cJSON_GetArraySize(rows)) {
        json_free(rows);
        return NULL;
    }
    cJSON *keyboard = cJSON_CreateObject();
    cJSON_AddItemToObject(keyboard, "inline_keyboard", rows);
    return keyboard;
}

/* --- a message --- */

void format_message(const cJSON *message, struct format *ret)
{
    struct writing w = {.text = STR_INIT(TEXT_MAX)};
    const cJSON *alert;
    bool marked = false;
    *ret = (struct format){0};
    json_flag(message, "markdown", &marked);
    if (marked)
        write_marked(&w, json_text_or(message, "text", ""));
    else
        str_add(&w.text, json_text_or(message, "text", ""));
    if (json_text(message, "card")) /* ours, and never marked up */
        str_addf(&w.text, "%s%s", w.text.len ? "\n\n" : "", json_text(message, "card"));
    embolden_words(&w, json_text(message, "venue"));
    const char *before = NULL; /* of a digest's restaurants, in the order of the text */
    cJSON_ArrayForEach(alert, json_array(message, "alerts"))
    {
        const char *name = json_text_or(alert, "venue", "");
        const char *at = *name ? strstr(before ? before : w.text.buf, name) : NULL;
        if (!at)
            continue;
        embolden(&w, (size_t)(at - w.text.buf), (size_t)(at - w.text.buf) + strlen(name));
        before = at + strlen(name);
    }
    write_venues(&w, json_object(message, "venues"), ret);
    format_split(w.text.buf, w.spans, w.count, FORMAT_PART_TEXT, ret);
    ret->keyboard = format_keyboard(json_array(message, "buttons"), json_text(message, "url"));
    if (marked)
        marked_free(&w.marked);
    str_free(&w.text);
}
