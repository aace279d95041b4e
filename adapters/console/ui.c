#include "adapters/console/ui.h"

#include "adapters/console/render.h"
#include "adapters/console/typing.h"
#include "core/base/json.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#define LINE_MAX_BYTES ((size_t)8 << 20)
#define TYPED_MOST     ((size_t)200 * 1024) /* of one line; the console refuses less */
#define PROMPT         "> "

struct ui {
    struct env *env;
    const struct ui_options *options;
    struct render render;
    struct typing typing; /* with a terminal */
    int fd;
    bool terminal;    /* a person types */
    bool ended, gone; /* the input has ended; the console has gone */
    bool stopped;
    bool failed;    /* a reply was an error */
    bool unread;    /* what we print goes nowhere: nothing more is confirmed */
    bool asks;      /* the last reply was a question: a number is its answer */
    size_t waiting; /* messages without their done */
    int64_t listen_until;
    bool too_long; /* the rest of a line that was given up on */
    struct str heard, typed;
};

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* False: nobody reads us any more. */
static bool print_all(const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void say(struct ui *ui, cJSON *object)
{
    auto_str line = STR_INIT(LINE_MAX_BYTES);
    json_print(&line, object);
    str_addc(&line, '\n');
    json_free(object);
    if (!send_all(ui->fd, line.buf, line.len))
        ui->gone = true;
}

static void say_hello(struct ui *ui)
{
    cJSON *hello = cJSON_CreateObject();
    cJSON_AddStringToObject(hello, "type", "hello");
    cJSON_AddBoolToObject(hello, "acts", ui->terminal || ui->options->yes);
    cJSON_AddBoolToObject(hello, "acks", true);
    say(ui, hello);
}

/* As it was typed; what is not UTF-8 cannot go into JSON, and goes as it is to be refused. */
static void say_message(struct ui *ui, const char *text, size_t len)
{
    auto_str line = STR_INIT(LINE_MAX_BYTES);
    ui->waiting++;
    ui->asks = false;
    str_addn(&line, text, len);
    if (utf8_valid(text, len)) {
        cJSON *message = cJSON_CreateObject();
        cJSON_AddStringToObject(message, "type", "message");
        cJSON_AddStringToObject(message, "text", line.buf);
        say(ui, message);
        return;
    }
    for (size_t i = 0; i < line.len; i++) /* one line it was, and one line it stays */
        if (line.buf[i] == '\n')
            line.buf[i] = ' ';
    str_addc(&line, '\n');
    if (!send_all(ui->fd, line.buf, line.len))
        ui->gone = true;
}

static void say_press(struct ui *ui, const char *token)
{
    auto_str line = STR_INIT(256);
    str_addf(&line, "!press %s", token);
    say_message(ui, line.buf, line.len);
}

/* "3" or "#3" press the button of that number, unless a number was asked for. */
static void take_input(struct ui *ui, const char *text, size_t len)
{
    char *end = NULL;
    while (len && (text[len - 1] == '\r' || text[len - 1] == ' '))
        len--;
    const char *digits = *text == '#' ? text + 1 : text;
    long number = len ? strtol(digits, &end, 10) : 0;
    bool only = len && end == text + len && end != digits;
    bool acts = ui->terminal || ui->options->yes; /* a press acts: a pipe says !press itself */
    bool small = acts && only && number > 0 && number < 1000;
    const char *token = small ? render_press(&ui->render, (int)number) : NULL;
    if (token && (*text == '#' || !ui->asks))
        say_press(ui, token);
    else if (len || !ui->terminal)
        say_message(ui, text, len);
}

/* --- what is heard --- */

static void confirm(struct ui *ui, const cJSON *line)
{
    int64_t delivery;
    if (!json_i64(line, "delivery", &delivery) || !delivery)
        return;
    cJSON *ack = cJSON_CreateObject();
    cJSON_AddStringToObject(ack, "type", "ack");
    json_put_i64(ack, "delivery", delivery);
    say(ui, ack);
}

static void show(struct ui *ui, const cJSON *line, const char *text, size_t len)
{
    auto_str out = STR_INIT(LINE_MAX_BYTES);
    if (ui->options->json) {
        str_addn(&out, text, len);
        str_addc(&out, '\n');
    } else {
        render_line(&ui->render, line, &out);
    }
    if (!out.len)
        return;
    struct str all = STR_INIT(LINE_MAX_BYTES);
    if (ui->terminal) /* what is being typed goes away, and comes back below */
        typing_hide(&ui->typing, &all);
    str_addn(&all, out.buf, out.len);
    if (ui->terminal && !ui->render.open_text)
        typing_show(&ui->typing, &all);
    ui->unread = ui->unread || !print_all(all.buf, all.len);
    str_free(&all);
}

/* --- completion --- */

static void ask_completion(struct ui *ui)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "complete");
    cJSON_AddStringToObject(object, "text", ui->typing.line.buf);
    say(ui, object);
}

/* How far all of them go together. */
static size_t common_start(const cJSON *lines)
{
    const char *first = json_text_or(lines, "0", "");
    size_t common = strlen(first);
    const cJSON *line;
    cJSON_ArrayForEach(line, lines)
    {
        const char *text = cJSON_GetStringValue(line);
        size_t n = 0;
        while (text && n < common && text[n] == first[n])
            n++;
        common = n;
    }
    return utf8_floor(first, common);
}

/* One way on is taken; of several, what they share, and they are shown. */
static void show_completion(struct ui *ui, const cJSON *line)
{
    const cJSON *lines = json_array(line, "lines"), *one;
    struct str out = STR_INIT(LINE_MAX_BYTES);
    int count = cJSON_GetArraySize(lines);
    if (!ui->terminal || !count || strcmp(json_text_or(line, "text", ""), ui->typing.line.buf) != 0)
        return; /* or it was typed on meanwhile */
    const char *first = json_text_or(lines, "0", "");
    size_t common = common_start(lines);
    if (count == 1 || common > ui->typing.line.len) {
        auto_text start = mem_textn(first, count == 1 ? strlen(first) : common);
        typing_set(&ui->typing, start, &out);
    } else {
        typing_hide(&ui->typing, &out);
        cJSON_ArrayForEach(one, lines)
        {
            const char *text = cJSON_GetStringValue(one);
            str_add(&out, "  ");
            if (text)
                str_add_shown(&out, text, strlen(text));
            str_addc(&out, '\n');
        }
        typing_show(&ui->typing, &out);
    }
    print_all(out.buf, out.len);
    str_free(&out);
}

static void hear(struct ui *ui, const char *text, size_t len)
{
    auto_json line = json_parse(text, len, "the console's line", NULL);
    const char *type = json_text_or(line, "type", "");
    if (!line)
        return;
    bool done = !strcmp(type, "done");
    if (!strcmp(type, "completion")) {
        show_completion(ui, line);
        return;
    }
    show(ui, line, text, len);
    if (ui->unread)
        return;
    confirm(ui, line);
    if (!done)
        return;
    json_flag(line, "asks", &ui->asks);
    ui->waiting -= ui->waiting > 0;
    bool ok = true;
    json_flag(line, "ok", &ok);
    ui->failed = ui->failed || !ok;
    ui->listen_until = env_mono_ms(ui->env) + ui->options->wait_ms;
}

static void read_console(struct ui *ui)
{
    char bytes[65536];
    ssize_t n = read(ui->fd, bytes, sizeof(bytes));
    if (n <= 0) {
        ui->gone = n == 0 || (errno != EINTR && errno != EAGAIN);
        return;
    }
    str_addn(&ui->heard, bytes, (size_t)n);
    size_t from = 0;
    for (char *end; (end = memchr(ui->heard.buf + from, '\n', ui->heard.len - from));) {
        size_t to = (size_t)(end - ui->heard.buf);
        hear(ui, ui->heard.buf + from, to - from);
        from = to + 1;
    }
    ui->heard.len -= from;
    memmove(ui->heard.buf, ui->heard.buf + from, ui->heard.len);
    if (ui->heard.buf != str_nothing)
        ui->heard.buf[ui->heard.len] = '\0';
    ui->heard.cut = false;
}

/* --- what is typed --- */

static void take_typed(struct ui *ui, const char *bytes, ssize_t len)
{
    struct str out = STR_INIT(LINE_MAX_BYTES);
    for (ssize_t i = 0; i < len && !ui->stopped; i++) {
        ui->typing.quiet = i + 1 < len;
        enum typing_event event = typing_take(&ui->typing, bytes[i], &out);
        if (event == TYPING_COMPLETE)
            ask_completion(ui);
        if (event == TYPING_MORE || event == TYPING_COMPLETE)
            continue;
        if (event == TYPING_END) {
            typing_hide(&ui->typing, &out);
            ui->ended = ui->stopped = true;
            continue;
        }
        if (ui->typing.line.len)
            take_input(ui, ui->typing.line.buf, ui->typing.line.len);
        typing_next(&ui->typing);
        if (!ui->waiting)
            typing_show(&ui->typing, &out);
    }
    print_all(out.buf, out.len);
    str_free(&out);
}

/* Without a terminal: the next line when the last was answered. */
static void take_piped_lines(struct ui *ui)
{
    while (!ui->waiting && !ui->gone) {
        char *end = memchr(ui->typed.buf, '\n', ui->typed.len);
        bool full = ui->typed.len >=
                    LINE_MAX_BYTES / 2; /* no line is so long: it is refused whole */
        if (!end && !full && !(ui->ended && ui->typed.len))
            return;
        size_t len = end ? (size_t)(end - ui->typed.buf) : ui->typed.len;
        size_t used = end ? len + 1 : len;
        if (len && !ui->too_long)
            take_input(ui, ui->typed.buf, MIN_OF(len, TYPED_MOST));
        ui->too_long = full && !end;
        ui->typed.len -= used;
        memmove(ui->typed.buf, ui->typed.buf + used, ui->typed.len);
        ui->typed.buf[ui->typed.len] = '\0';
    }
}

static void read_input(struct ui *ui)
{
    char bytes[65536];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (ui->terminal) {
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            ui->ended = ui->stopped = true;
        take_typed(ui, bytes, n);
        return;
    }
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        ui->ended = true;
    for (ssize_t i = 0; i < n; i++) /* the console takes texts, not NULs */
        if (!bytes[i])
            bytes[i] = '\x01';
    if (n > 0)
        str_addn(&ui->typed, bytes, (size_t)n);
    ui->listen_until = env_mono_ms(ui->env) + ui->options->wait_ms;
}

/* --- the loop --- */

static bool is_over(struct ui *ui)
{
    if (ui->gone || ui->stopped || ui->unread)
        return true;
    if (!ui->ended || ui->waiting || ui->typed.len)
        return false;
    return env_mono_ms(ui->env) >= ui->listen_until;
}

static int timeout_of(const struct ui *ui)
{
    if (!ui->ended || ui->waiting)
        return -1;
    int64_t left = ui->listen_until - env_mono_ms(ui->env);
    return left > 0 ? (int)MIN_OF(left, (int64_t)60000) : 0;
}

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

static void resize(struct ui *ui)
{
    struct str out = STR_INIT(LINE_MAX_BYTES);
    ui->render.columns = terminal_columns();
    if (ui->terminal)
        typing_resize(&ui->typing, ui->render.columns, &out);
    print_all(out.buf, out.len);
    str_free(&out);
}

/* Ctrl-C: what is being answered is given up; else what was typed; else we leave. */
static void interrupt(struct ui *ui)
{
    if (!ui->terminal || (!ui->waiting && !ui->typing.line.len)) {
        ui->stopped = true;
        return;
    }
    if (ui->waiting) {
        cJSON *cancel = cJSON_CreateObject();
        cJSON_AddStringToObject(cancel, "type", "cancel");
        say(ui, cancel);
        return;
    }
    struct str out = STR_INIT(LINE_MAX_BYTES);
    typing_set(&ui->typing, "", &out);
    print_all(out.buf, out.len);
    str_free(&out);
}

static void take_signal(struct ui *ui)
{
    struct signalfd_siginfo info;
    if (read(ui->options->signals, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo == SIGCONT && ui->terminal)
        typing_resume(&ui->typing); /* after Ctrl-Z and fg the terminal is as the shell had it */
    if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT)
        resize(ui);
    else if (info.ssi_signo == SIGINT)
        interrupt(ui);
    else
        ui->stopped = true;
}

static void turn(struct ui *ui)
{
    bool reads = !ui->ended && ui->typed.len < LINE_MAX_BYTES / 2;
    struct pollfd polls[] = {{ui->fd, POLLIN, 0},
                             {reads ? STDIN_FILENO : -1, POLLIN, 0},
                             {ui->options->signals, POLLIN, 0}};
    if (poll(polls, ARRAY_LEN(polls), timeout_of(ui)) < 0)
        return;
    if (polls[0].revents)
        read_console(ui);
    if (polls[1].revents)
        read_input(ui);
    if (polls[2].revents)
        take_signal(ui);
    if (!ui->terminal)
        take_piped_lines(ui);
}

static void open_terminal(struct ui *ui)
{
    struct str out = STR_INIT(1024);
    typing_open(&ui->typing, PROMPT, ui->render.columns, ui->options->history);
    if (!ui->typing.history_count) /* somebody's first time */
        str_add(&out, "Say what you wish: \"Lark tomorrow for 2 at 8pm\". /help shows more, "
                      "Ctrl-D leaves.\n");
    typing_show(&ui->typing, &out);
    print_all(out.buf, out.len);
    str_free(&out);
}

static void close_terminal(struct ui *ui)
{
    struct str out = STR_INIT(256);
    typing_hide(&ui->typing, &out);
    if (ui->render.open_text)
        str_addc(&out, '\n');
    print_all(out.buf, out.len);
    str_free(&out);
    typing_close(&ui->typing);
}

/* By NO_COLOR, and by what the terminal says it is. */
static bool can_move(void)
{
    const char *term = secure_getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_colour(void)
{
    const char *no = secure_getenv("NO_COLOR");
    const char *term = secure_getenv("TERM");
    return can_move() && !(no && *no) && !strstr(term, "mono") && strncmp(term, "vt1", 3) != 0;
}

int ui_run(struct env *env, int fd, const struct ui_options *options, struct err *err)
{
    bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && can_move();
    struct ui ui = {.env = env,
                    .options = options,
                    .fd = fd,
                    .terminal = tty && !options->json && !options->message,
                    .heard = STR_INIT(LINE_MAX_BYTES),
                    .typed = STR_INIT(LINE_MAX_BYTES)};
    ui.render.columns = terminal_columns();
    ui.render.wrap = ui.terminal;
    ui.render.colour = ui.terminal && wants_colour();
    ui.listen_until = env_mono_ms(env) + options->wait_ms;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    say_hello(&ui);
    if (options->message) {
        ui.ended = true;
        say_message(&ui, options->message, strlen(options->message));
    }
    if (ui.terminal)
        open_terminal(&ui);
    while (!is_over(&ui))
        turn(&ui);
    if (ui.terminal)
        close_terminal(&ui);
    close(fd);
    render_free(&ui.render);
    str_free(&ui.heard);
    str_free(&ui.typed);
    if (ui.unread)
        return err_set(err, ERR_REMOTE, "Nobody reads what I print.", "standard output is closed");
    if (ui.gone && !ui.stopped && (ui.waiting || !ui.ended))
        return err_set(err, ERR_REMOTE,
                       "The maitred that I talked with has ended. Start it again: maitred run, or "
                       "just this chat.",
                       "the console closed the connection");
    if (options->message && ui.failed)
        return err_set(err, ERR_INPUT, NULL, "the reply was an error");
    return 0;
}
