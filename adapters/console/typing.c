#include "adapters/console/typing.h"

#include "core/base/utf8.h"

#define LINE_MOST ((size_t)8000)

enum {
    CTRL_D = 4,
    BACKSPACE = 8,
    CTRL_L = 12,
    CTRL_U = 21,
    CTRL_W = 23,
    ESCAPE = 27,
    DELETE = 127
};

void typing_open(struct typing *t, const char *prompt, int columns)
{
    struct termios raw;
    *t = (struct typing){.prompt = prompt, .columns = columns, .line = STR_INIT(LINE_MOST)};
    tcgetattr(STDIN_FILENO, &t->before);
    raw = t->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN); /* Ctrl-C stays a signal */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void typing_close(struct typing *t)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
    str_free(&t->line);
    for (size_t i = 0; i < t->history_count; i++)
        free(t->history[i]);
    t->history_count = 0;
}

void typing_hide(struct typing *t, struct str *out)
{
    if (!t->shown)
        return;
    str_addc(out, '\r');
    if (t->rows)
        str_addf(out, "\033[%dA", t->rows);
    str_add(out, "\033[J");
    t->shown = false;
}

void typing_show(struct typing *t, struct str *out)
{
    typing_hide(t, out);
    str_add(out, t->prompt);
    str_add_shown(out, t->line.buf, t->line.len);
    size_t width = strlen(t->prompt) + utf8_width(t->line.buf, t->line.len);
    t->rows = width ? (int)(width - 1) / t->columns : 0;
    t->shown = true;
}

static void cut_to(struct typing *t, size_t len)
{
    t->line.len = len;
    t->line.cut = false;
    if (t->line.buf != str_nothing)
        t->line.buf[len] = '\0';
}

static void delete_char(struct typing *t)
{
    size_t len = t->line.len;
    while (len && ((unsigned char)t->line.buf[len - 1] & 0xc0) == 0x80)
        len--;
    cut_to(t, len ? len - 1 : 0);
}

static void delete_word(struct typing *t)
{
    size_t len = t->line.len;
    while (len && t->line.buf[len - 1] == ' ')
        len--;
    while (len && t->line.buf[len - 1] != ' ')
        len--;
    cut_to(t, len);
}

static void recall(struct typing *t, bool older)
{
    if (older && t->history_at > 0)
        t->history_at--;
    else if (!older && t->history_at < t->history_count)
        t->history_at++;
    else
        return;
    cut_to(t, 0);
    if (t->history_at < t->history_count)
        str_add(&t->line, t->history[t->history_at]);
}

/* True: the byte belongs to an escape sequence. Of those, the arrows up and down mean something. */
static bool in_escape(struct typing *t, char byte)
{
    if (!t->escape)
        return false;
    t->escape++;
    bool first = t->escape == 2, opens = first && (byte == '[' || byte == 'O');
    bool ends = !opens && (first || (byte >= '@' && byte <= '~'));
    if (ends) {
        t->escape = 0;
        if (!first && (byte == 'A' || byte == 'B'))
            recall(t, byte == 'A');
    }
    return true;
}

static void remember(struct typing *t)
{
    if (t->history_count == TYPING_HISTORY) {
        free(t->history[0]);
        memmove(t->history, t->history + 1, (TYPING_HISTORY - 1) * sizeof(*t->history));
        t->history_count--;
    }
    if (t->line.len)
        t->history[t->history_count++] = mem_text(t->line.buf);
    t->history_at = t->history_count;
}

enum typing_event typing_take(struct typing *t, char byte, struct str *out)
{
    if (in_escape(t, byte)) {
        if (!t->escape)
            typing_show(t, out);
        return TYPING_MORE;
    }
    switch (byte) {
    case '\r':
    case '\n':
        typing_show(t, out);
        str_addc(out, '\n');
        t->shown = false;
        remember(t);
        return TYPING_LINE;
    case CTRL_D:
        return t->line.len ? TYPING_MORE : TYPING_END;
    case ESCAPE:
        t->escape = 1;
        return TYPING_MORE;
    case BACKSPACE:
    case DELETE:
        delete_char(t);
        break;
    case CTRL_U:
        cut_to(t, 0);
        break;
    case CTRL_W:
        delete_word(t);
        break;
    case CTRL_L:
        str_add(out, "\033[H\033[2J");
        t->shown = false;
        break;
    default:
        if ((unsigned char)byte >= ' ')
            str_addc(&t->line, byte);
    }
    if (utf8_valid(t->line.buf, t->line.len)) /* not in the middle of a letter */
        typing_show(t, out);
    return TYPING_MORE;
}

void typing_next(struct typing *t)
{
    cut_to(t, 0);
}
