#include "adapters/console/typing.h"

#include "core/base/utf8.h"

#include <fcntl.h>

#define LINE_MOST    ((size_t)8000)
#define HISTORY_MOST ((size_t)256 << 10) /* bytes of the file that are read */

enum {
    CTRL_A = 1,
    CTRL_B = 2,
    CTRL_D = 4,
    CTRL_E = 5,
    CTRL_F = 6,
    CTRL_G = 7,
    CTRL_H = 8,
    TAB = 9,
    CTRL_K = 11,
    CTRL_L = 12,
    CTRL_N = 14,
    CTRL_P = 16,
    CTRL_R = 18,
    CTRL_U = 21,
    CTRL_W = 23,
    CTRL_Y = 25,
    ESCAPE = 27,
    DELETE = 127
};

/* --- what was typed before --- */

static void remember(struct typing *t, const char *text)
{
    bool repeat = t->history_count && !strcmp(t->history[t->history_count - 1], text);
    if (!*text || repeat)
        return;
    if (t->history_count == TYPING_HISTORY) {
        free(t->history[0]);
        memmove(t->history, t->history + 1, (TYPING_HISTORY - 1) * sizeof(*t->history));
        t->history_count--;
    }
    t->history[t->history_count++] = mem_text(text);
}

static void read_history(struct typing *t)
{
    int fd = t->history_file ? open(t->history_file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    auto_text text = mem_new(HISTORY_MOST + 1, 1);
    ssize_t n = read(fd, text, HISTORY_MOST);
    close(fd);
    if (n > 0 && utf8_valid(text, (size_t)n)) {
        char *rest = text, *line;
        while ((line = strsep(&rest, "\n")))
            remember(t, line);
    }
}

/* Whole again each time: what two terminals type is short, and the last one to leave wins. */
static void write_history(const struct typing *t)
{
    if (!t->history_file || !t->history_count)
        return;
    int fd = open(t->history_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return; /* a convenience: nothing is lost but that */
    auto_str all = STR_INIT(HISTORY_MOST);
    size_t first = t->history_count, room = HISTORY_MOST;
    while (first && strlen(t->history[first - 1]) + 1 <= room) /* the newest that fit */
        room -= strlen(t->history[--first]) + 1;
    for (size_t i = first; i < t->history_count; i++)
        str_addf(&all, "%s\n", t->history[i]);
    ssize_t n = write(fd, all.buf, all.len);
    (void)n; /* half a history is one, too */
    close(fd);
}

/* --- opening and closing --- */

static void set_raw(const struct typing *t)
{
    struct termios raw = t->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN); /* Ctrl-C stays a signal */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void typing_resume(struct typing *t)
{
    set_raw(t);
    t->shown = false;
}

void typing_open(struct typing *t, const char *prompt, int columns, const char *history_file)
{
    *t = (struct typing){.prompt = prompt,
                         .columns = columns,
                         .line = STR_INIT(LINE_MOST),
                         .killed = STR_INIT(LINE_MOST),
                         .draft = STR_INIT(LINE_MOST),
                         .sought = STR_INIT(LINE_MOST),
                         .history_file = mem_text(history_file)};
    read_history(t);
    t->history_at = t->history_count;
    tcgetattr(STDIN_FILENO, &t->before);
    set_raw(t);
}

void typing_close(struct typing *t)
{
    write_history(t);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
    str_free(&t->line);
    str_free(&t->killed);
    str_free(&t->draft);
    str_free(&t->sought);
    free(t->history_file);
    for (size_t i = 0; i < t->history_count; i++)
        free(t->history[i]);
    t->history_count = 0;
}

/* --- showing --- */

void typing_hide(struct typing *t, struct str *out)
{
    if (!t->shown)
        return;
    str_addc(out, '\r');
    if (t->row)
        str_addf(out, "\033[%dA", t->row);
    str_add(out, "\033[J");
    t->shown = false;
}

static void add_prompt(const struct typing *t, struct str *out)
{
    if (t->searching) {
        str_add(out, "(search: ");
        str_add_shown(out, t->sought.buf, t->sought.len);
        str_add(out, ") ");
    } else {
        str_add(out, t->prompt);
    }
}

void typing_show(struct typing *t, struct str *out)
{
    auto_str prompt = STR_INIT(LINE_MOST), left = STR_INIT(4 * LINE_MOST);
    auto_str right = STR_INIT(4 * LINE_MOST);
    typing_hide(t, out);
    add_prompt(t, &prompt);
    str_add_shown(&left, t->line.buf, t->at);
    str_add_shown(&right, t->line.buf + t->at, t->line.len - t->at);
    str_add(out, prompt.buf);
    str_add(out, left.buf);
    str_add(out, right.buf);
    size_t columns = (size_t)MAX_OF(t->columns, 1);
    size_t before = utf8_width(prompt.buf, prompt.len) + utf8_width(left.buf, left.len);
    size_t all = before + utf8_width(right.buf, right.len);
    if (all && all % columns == 0) /* the cursor hangs at the edge until something follows */
        str_add(out, "\r\n");
    size_t last = all / columns, row = before / columns;
    if (last > row)
        str_addf(out, "\033[%zuA", last - row);
    str_addc(out, '\r');
    if (before % columns)
        str_addf(out, "\033[%zuC", before % columns);
    t->row = (int)row;
    t->shown = true;
}

void typing_resize(struct typing *t, int columns, struct str *out)
{
    typing_hide(t, out);
    t->columns = columns;
    typing_show(t, out);
}

/* --- editing --- */

static void set_line(struct typing *t, const char *text)
{
    str_clear(&t->line);
    str_add(&t->line, text);
    t->at = t->line.len;
}

void typing_set(struct typing *t, const char *text, struct str *out)
{
    set_line(t, text);
    typing_show(t, out);
}

static size_t before(const struct typing *t, size_t at)
{
    while (at && ((unsigned char)t->line.buf[--at] & 0xc0) == 0x80)
        continue;
    return at;
}

static size_t after(const struct typing *t, size_t at)
{
    at += at < t->line.len;
    while (at < t->line.len && ((unsigned char)t->line.buf[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static size_t word_before(const struct typing *t)
{
    size_t at = t->at;
    while (at && t->line.buf[at - 1] == ' ')
        at--;
    while (at && t->line.buf[at - 1] != ' ')
        at--;
    return at;
}

static size_t word_after(const struct typing *t)
{
    size_t at = t->at;
    while (at < t->line.len && t->line.buf[at] == ' ')
        at++;
    while (at < t->line.len && t->line.buf[at] != ' ')
        at++;
    return at;
}

static void erase(struct typing *t, size_t from, size_t to, bool keep)
{
    if (from >= to)
        return;
    if (keep) {
        str_clear(&t->killed);
        str_addn(&t->killed, t->line.buf + from, to - from);
    }
    memmove(t->line.buf + from, t->line.buf + to, t->line.len - to + 1);
    t->line.len -= to - from;
    t->line.cut = false;
    t->at = from;
}

static void insert(struct typing *t, const char *bytes, size_t len)
{
    auto_str rest = STR_INIT(LINE_MOST);
    str_addn(&rest, t->line.buf + t->at, t->line.len - t->at);
    if (t->line.len + len > LINE_MOST)
        return;
    t->line.len = t->at;
    t->line.cut = false;
    str_addn(&t->line, bytes, len);
    t->at = t->line.len;
    str_addn(&t->line, rest.buf, rest.len);
}

static void recall(struct typing *t, bool older)
{
    if (older ? t->history_at == 0 : t->history_at >= t->history_count)
        return;
    if (t->history_at == t->history_count) {
        str_clear(&t->draft);
        str_addn(&t->draft, t->line.buf, t->line.len);
    }
    t->history_at += older ? -1 : 1;
    set_line(t, t->history_at < t->history_count ? t->history[t->history_at] : t->draft.buf);
}

/* The newest line before `from` that holds what is sought. */
static void seek(struct typing *t, size_t from)
{
    while (t->sought.len && from-- > 0)
        if (strstr(t->history[from], t->sought.buf)) {
            t->history_at = from;
            set_line(t, t->history[from]);
            return;
        }
}

/* Bytes of a character of several wait for each other; what makes none is dropped. *ret_len: how
 * many are in t->letter now that make one; 0: not yet, or never. */
static bool in_letter(struct typing *t, char byte, size_t *ret_len)
{
    unsigned char b = (unsigned char)byte;
    bool goes_on = (b & 0xc0) == 0x80;
    *ret_len = 0;
    if (b < 0x80) {
        t->letter_len = 0;
        return false;
    }
    if (!goes_on)
        t->letter_len = 0;
    if (goes_on && !t->letter_len)
        return true;
    t->letter[t->letter_len++] = byte;
    unsigned char lead = (unsigned char)t->letter[0];
    size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (t->letter_len == whole) {
        *ret_len = utf8_valid(t->letter, whole) ? whole : 0;
        t->letter_len = 0;
    }
    return true;
}

/* True: the byte belongs to the search. */
static bool in_search(struct typing *t, char byte)
{
    if (!t->searching)
        return false;
    if (byte == CTRL_R) {
        seek(t, t->history_at);
        return true;
    }
    if (byte == DELETE || byte == CTRL_H) {
        while (t->sought.len && ((unsigned char)t->sought.buf[t->sought.len - 1] & 0xc0) == 0x80)
            t->sought.len--;
        t->sought.len -= t->sought.len > 0;
        if (t->sought.buf != str_nothing)
            t->sought.buf[t->sought.len] = '\0';
        return true;
    }
    if ((unsigned char)byte >= ' ') {
        str_addc(&t->sought, byte);
        seek(t, t->history_count);
        return true;
    }
    t->searching = false; /* whatever else: the line found is the line */
    return byte == CTRL_G;
}

static void begin_search(struct typing *t)
{
    str_clear(&t->sought);
    t->searching = true;
    t->history_at = t->history_count;
}

/* --- keys --- */

static enum typing_event edit(struct typing *t, char byte, struct str *out)
{
    switch (byte) {
    case CTRL_A:
        t->at = 0;
        break;
    case CTRL_E:
        t->at = t->line.len;
        break;
    case CTRL_B:
        t->at = before(t, t->at);
        break;
    case CTRL_F:
        t->at = after(t, t->at);
        break;
    case CTRL_D:
        if (!t->line.len)
            return TYPING_END;
        erase(t, t->at, after(t, t->at), false);
        break;
    case CTRL_H:
    case DELETE:
        erase(t, before(t, t->at), t->at, false);
        break;
    case CTRL_K:
        erase(t, t->at, t->line.len, true);
        break;
    case CTRL_U:
        erase(t, 0, t->at, true);
        break;
    case CTRL_W:
        erase(t, word_before(t), t->at, true);
        break;
    case CTRL_Y:
        insert(t, t->killed.buf, t->killed.len);
        break;
    case CTRL_P:
        recall(t, true);
        break;
    case CTRL_N:
        recall(t, false);
        break;
    case CTRL_R:
        begin_search(t);
        break;
    case CTRL_L:
        str_add(out, "\033[H\033[2J");
        t->shown = false;
        break;
    case TAB:
        return TYPING_COMPLETE;
    default:
        if (byte >= ' ')
            insert(t, &byte, 1);
    }
    return TYPING_MORE;
}

static void escape_key(struct typing *t, const char *sequence)
{
    static const struct {
        const char *sequence;
        char key;
    } keys[] = {{"[A", CTRL_P},  {"OA", CTRL_P},  {"[B", CTRL_N},  {"OB", CTRL_N},
                {"[C", CTRL_F},  {"OC", CTRL_F},  {"[D", CTRL_B},  {"OD", CTRL_B},
                {"[H", CTRL_A},  {"OH", CTRL_A},  {"[F", CTRL_E},  {"OF", CTRL_E},
                {"[1~", CTRL_A}, {"[7~", CTRL_A}, {"[4~", CTRL_E}, {"[8~", CTRL_E}};
    auto_str nothing = STR_INIT(64); /* none of these keys writes */
    if (!strcmp(sequence, "[3~"))
        erase(t, t->at, after(t, t->at), false);
    else if (!strcmp(sequence, "b") || !strcmp(sequence, "[1;5D"))
        t->at = word_before(t);
    else if (!strcmp(sequence, "f") || !strcmp(sequence, "[1;5C"))
        t->at = word_after(t);
    else if (!strcmp(sequence, "d"))
        erase(t, t->at, word_after(t), true);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (!strcmp(keys[i].sequence, sequence))
            (void)edit(t, keys[i].key, &nothing);
}

/* True: the byte belongs to an escape sequence. */
static bool in_escape(struct typing *t, char byte)
{
    if (!t->escape)
        return false;
    size_t n = (size_t)t->escape - 1;
    if (n + 1 < sizeof(t->sequence))
        t->sequence[n] = byte;
    t->sequence[MIN_OF(n + 1, sizeof(t->sequence) - 1)] = '\0';
    t->escape++;
    bool opens = n == 0 && (byte == '[' || byte == 'O');
    bool ends = !opens && (n == 0 || (byte >= '@' && byte <= '~'));
    if (ends)
        t->escape = 0;
    return true;
}

static enum typing_event end_line(struct typing *t, struct str *out)
{
    t->at = t->line.len;
    t->searching = false;
    typing_show(t, out);
    str_add(out, "\r\n");
    t->shown = false;
    remember(t, t->line.buf);
    t->history_at = t->history_count;
    return TYPING_LINE;
}

enum typing_event typing_take(struct typing *t, char byte, struct str *out)
{
    enum typing_event event = TYPING_MORE;
    size_t letter = 0;
    if (!t->escape && in_letter(t, byte, &letter)) {
        if (letter && t->searching)
            str_addn(&t->sought, t->letter, letter);
        else if (letter)
            insert(t, t->letter, letter);
        if (letter && t->searching)
            seek(t, t->history_count);
    } else if (in_escape(t, byte)) {
        if (!t->escape)
            escape_key(t, t->sequence);
    } else if (in_search(t, byte)) {
        event = TYPING_MORE;
    } else if (byte == '\r' || byte == '\n') {
        return end_line(t, out);
    } else if (byte == ESCAPE) {
        t->escape = 1;
        return TYPING_MORE;
    } else {
        event = edit(t, byte, out);
    }
    if (!t->escape && !t->letter_len && !t->quiet)
        typing_show(t, out);
    return event;
}

void typing_next(struct typing *t)
{
    set_line(t, "");
}
