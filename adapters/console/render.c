#include "adapters/console/render.h"

#include "core/base/clock.h"
#include "core/base/utf8.h"

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define GREEN "\033[32m"
#define RED   "\033[31m"
#define PLAIN "\033[0m"

void render_free(struct render *r)
{
    for (int i = 0; i < RENDER_BUTTONS; i++) {
        free(r->tokens[i]);
        free(r->labels[i]);
    }
    *r = (struct render){0};
}

const char *render_press(const struct render *r, int number)
{
    return number > 0 && number < RENDER_BUTTONS ? r->tokens[number] : NULL;
}

static void paint(const struct render *r, struct str *out, const char *code)
{
    if (r->colour)
        str_add(out, code);
}

/* One word with the blanks before it, on the next line if it does not fit on this one. */
static void add_word(struct render *r, struct str *out, const char *word, size_t len)
{
    auto_str shown = STR_INIT(65536);
    str_add_shown(&shown, word, len);
    size_t width = utf8_width(shown.buf, shown.len), blanks = strspn(shown.buf, " ");
    if (r->wrap && r->column && r->column + width > (size_t)r->columns) {
        str_addc(out, '\n');
        r->column = width - blanks;
        str_add(out, shown.buf + blanks);
        return;
    }
    r->column += width;
    str_add(out, shown.buf);
}

/* Line by line, so that only line ends are line ends. */
static void add_shown_lines(struct render *r, struct str *out, const char *text)
{
    while (*text) {
        if (*text == '\n') {
            str_addc(out, '\n');
            r->column = 0;
            text++;
            continue;
        }
        size_t blanks = strspn(text, " "), len = blanks + strcspn(text + blanks, " \n");
        add_word(r, out, text, len);
        text += len;
    }
}

static void set_bold(struct render *r, struct str *out, bool bold)
{
    if (r->bold != bold)
        paint(r, out, bold ? BOLD : PLAIN);
    r->bold = bold;
}

/* A language model writes **so**, perhaps in two pieces. */
static void add_text(struct render *r, struct str *out, const char *text)
{
    while (*text || r->star) {
        size_t len = strcspn(text, "*");
        if (r->star && *text == '*') {
            set_bold(r, out, !r->bold);
            r->star = false;
            text++;
            continue;
        }
        if (r->star && !*text)
            return; /* the next piece says what it is */
        auto_text piece = r->star ? mem_text("*") : mem_textn(text, len);
        add_shown_lines(r, out, piece);
        text += r->star ? 0 : len;
        r->star = !r->star && *text == '*';
        text += r->star;
    }
}

static void end_text(struct render *r, struct str *out)
{
    if (r->star)
        str_addc(out, '*');
    r->star = false;
    set_bold(r, out, false);
    if (r->open_text)
        str_addc(out, '\n');
    r->open_text = false;
    r->column = 0;
}

/* What has a brief label stands in the line of what it is about. */
static void add_buttons(struct render *r, const cJSON *buttons, struct str *out)
{
    const cJSON *button;
    bool first = true, was_brief = false;
    size_t column = 0;
    cJSON_ArrayForEach(button, buttons)
    {
        char number[16];
        const char *label = json_text(button, "label"), *press = json_text(button, "press");
        const char *brief = json_text(button, "brief");
        if (!label || !press)
            continue;
        r->next = r->next % (RENDER_BUTTONS - 1) + 1;
        free(r->tokens[r->next]);
        free(r->labels[r->next]);
        r->tokens[r->next] = mem_text(press);
        r->labels[r->next] = mem_text(label);
        snprintf(number, sizeof(number), "[%d]", r->next);
        label = brief ? brief : label;
        size_t width = strlen(number) + 1 + utf8_width(label, strlen(label));
        bool breaks = r->wrap && column && column + 2 + width > (size_t)r->columns;
        breaks = breaks || (was_brief && !brief);
        was_brief = brief;
        str_add(out, first ? "" : breaks ? "\n" : "  ");
        column = breaks || first ? width : column + 2 + width;
        paint(r, out, BOLD);
        str_add(out, number);
        paint(r, out, PLAIN);
        str_addc(out, ' ');
        str_add_shown(out, label, strlen(label));
        first = false;
    }
    if (!first)
        str_addc(out, '\n');
}

/* `text` in exactly `columns`, cut with an ellipsis or filled up. */
static void add_cell(struct str *out, const char *text, int columns)
{
    auto_str shown = STR_INIT(1024);
    str_add_shown(&shown, text, strlen(text));
    size_t width = utf8_width(shown.buf, shown.len), room = (size_t)columns;
    if (width > room) {
        size_t fit = utf8_fit(shown.buf, room - 1);
        str_addn(out, shown.buf, fit);
        str_add(out, "…");
        width = utf8_width(shown.buf, fit) + 1;
    } else {
        str_add(out, shown.buf);
    }
    for (; width < room; width++)
        str_addc(out, ' ');
}

static void add_times_cell(struct str *out, const cJSON *venue, bool hours24)
{
    const cJSON *times = json_array(venue, "times"), *time;
    const char *state = json_text_or(venue, "state", "unknown");
    bool any = false;
    cJSON_ArrayForEach(time, times)
    {
        if (!cJSON_IsString(time))
            continue;
        char words[CLOCK_TEXT];
        int minute = clock_parse(time->valuestring);
        str_addf(out, "%s%s", any ? ", " : "",
                 minute < 0 ? time->valuestring : clock_say(minute, hours24, words));
        any = true;
    }
    if (!any)
        str_add(out, !strcmp(state, "bookable") ? "at other times" : state);
}

static void render_venues(struct render *r, const cJSON *line, struct str *out)
{
    const cJSON *venue;
    int name = MAX_OF(r->columns * 3 / 8, 10), place = MAX_OF(r->columns / 4, 8);
    int times = MAX_OF(r->columns - name - place - 4, 8);
    bool hours24 = false;
    json_flag(line, "hours24", &hours24);
    cJSON_ArrayForEach(venue, json_array(line, "venues"))
    {
        auto_str where = STR_INIT(256), when = STR_INIT(1024);
        str_addf(&where, "%s%s%s", json_text_or(venue, "cuisine", ""),
                 *json_text_or(venue, "cuisine", "") ? ", " : "",
                 json_text_or(venue, "neighborhood", ""));
        add_times_cell(&when, venue, hours24);
        paint(r, out, BOLD);
        add_cell(out, json_text_or(venue, "name", "?"), name);
        paint(r, out, PLAIN);
        str_add(out, "  ");
        paint(r, out, DIM);
        add_cell(out, where.buf, place);
        paint(r, out, PLAIN);
        str_add(out, "  ");
        bool open = !strcmp(json_text_or(venue, "state", ""), "bookable");
        paint(r, out, open ? GREEN : RED);
        add_cell(out, when.buf, times);
        paint(r, out, PLAIN);
        while (out->len && out->buf[out->len - 1] == ' ')
            out->buf[--out->len] = '\0';
        str_addc(out, '\n');
    }
}

static void render_push(struct render *r, const cJSON *line, const char *code, struct str *out)
{
    paint(r, out, code);
    add_shown_lines(r, out, json_text_or(line, "text", ""));
    r->column = 0;
    paint(r, out, PLAIN);
    str_addc(out, '\n');
    add_buttons(r, json_array(line, "buttons"), out);
}

void render_line(struct render *r, const cJSON *line, struct str *out)
{
    const char *type = json_text_or(line, "type", "");
    if (!strcmp(type, "text")) {
        const char *text = json_text_or(line, "content", "");
        add_text(r, out, text);
        if (*text)
            r->open_text = text[strlen(text) - 1] != '\n';
        return;
    }
    if (!strcmp(type, "progress")) {
        if (r->colour) { /* on a terminal only */
            end_text(r, out);
            str_add(out, DIM);
            add_shown_lines(r, out, json_text_or(line, "text", ""));
            str_add(out, "…" PLAIN "\n");
            r->column = 0;
        }
        return;
    }
    end_text(r, out);
    if (!strcmp(type, "venues")) {
        render_venues(r, line, out);
    } else if (!strcmp(type, "buttons")) {
        add_buttons(r, json_array(line, "buttons"), out);
    } else if (!strcmp(type, "alert")) {
        paint(r, out, "\a");
        render_push(r, line, GREEN BOLD, out);
    } else if (!strcmp(type, "edit")) {
        render_push(r, line, DIM, out);
    } else if (!strcmp(type, "notice")) {
        render_push(r, line, BOLD, out);
    } else if (!strcmp(type, "late")) {
        str_add(out, "(To an earlier message) ");
        render_push(r, line, "", out);
    } else if (!strcmp(type, "error")) {
        paint(r, out, RED);
        add_shown_lines(r, out, json_text_or(line, "message", ""));
        paint(r, out, PLAIN);
        str_addc(out, '\n');
    }
}
