#include "adapters/console/console.h"

#include "adapters/console/lines.h"
#include "core/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define PLATFORM       "console"
#define OWN            "local"
#define CHAT           "terminal"
#define PERSON         "owner"
#define LINE_MAX_BYTES ((size_t)256 * 1024)
#define OUT_MAX        ((size_t)4 << 20)
#define CLIENTS_MAX    32
#define GIVEN          64
#define TURN_MS        5000
#define SHOWN_MS       5000 /* a client must have shown what it was given within this */

struct client {
    int64_t number;
    int fd;
    char nonce[20];
    int64_t counter; /* of its messages */
    bool acts, acks, discarding;
    bool busy;           /* a message of its is being answered */
    struct str in, wire; /* the console thread's alone */
    struct str out;      /* protected by console->lock, as are the rest */
    uint64_t queued, written;
    int64_t given[GIVEN]; /* the last deliveries: what is tried again here is only waited for */
    size_t given_next;
    struct str streamed; /* of the answer to the message it is busy with */
};

struct showing { /* a delivery on its way to eyes */
    int64_t id;
    int64_t client; /* number */
    uint64_t until; /* bytes of the client's stream; without acks */
    bool acks, done, ok;
    struct cell *cell;
    struct showing *next;
};

struct console {
    struct adapter adapter;
    struct orchestrator *orchestrator;
    struct env *env;
    struct task *task;
    char *path;
    int listener, event;
    _Atomic int64_t last_turn;
    pthread_mutex_t lock; /* protects all below */
    struct client *clients[CLIENTS_MAX];
    size_t count;
    int64_t numbers;
    struct showing *showings;
    bool stopping, hushed;
};

struct adapter *console_adapter(struct console *console)
{
    return &console->adapter;
}

int64_t console_last_turn_ms(struct console *console)
{
    return console->last_turn;
}

static void nudge(struct console *c)
{
    uint64_t one = 1;
    ssize_t n = write(c->event, &one, sizeof(one));
    (void)n;
}

/* --- from workers: send and event --- */

static bool asked_it(const struct client *client, const char *inbox_ref)
{
    size_t len = strlen(client->nonce);
    return inbox_ref && !strncmp(inbox_ref, client->nonce, len) && inbox_ref[len] == '-';
}

/* Under the lock. The client's own line is over: the next may come. */
static void answered(struct client *client)
{
    client->busy = false;
    str_clear(&client->streamed);
}

static void write_to(struct client *client, const struct delivery *d, struct str *lines)
{
    bool own = d->kind == OUTBOX_REPLY && asked_it(client, d->inbox_ref);
    str_clear(lines);
    if (own)
        lines_of_reply(lines, d->message, d->id, client->streamed.buf);
    else if (d->kind == OUTBOX_REPLY)
        lines_of_late_reply(lines, d->message, d->id);
    else
        lines_of_push(lines, d->message, d->id);
    str_addn(&client->out, lines->buf, lines->len);
    client->queued += lines->len;
    if (own && d->last)
        answered(client);
}

static bool was_given(struct client *client, int64_t id)
{
    for (size_t i = 0; i < GIVEN; i++)
        if (client->given[i] == id)
            return true;
    client->given[client->given_next++ % GIVEN] = id;
    return false;
}

/* Under the lock: hands the delivery to whom it concerns. Returns to how many. */
static size_t hand_out(struct console *c, const struct delivery *d, struct cell *cell,
                       struct showing *showings)
{
    auto_str lines = STR_INIT(OUT_MAX);
    size_t n = 0;
    bool here = false;
    for (size_t i = 0; i < c->count; i++)
        here = here || asked_it(c->clients[i], d->inbox_ref);
    for (size_t i = 0; i < c->count; i++) {
        struct client *client = c->clients[i];
        bool concerns = d->kind != OUTBOX_REPLY || !here || asked_it(client, d->inbox_ref);
        if (!concerns)
            continue;
        if (!was_given(client, d->id))
            write_to(client, d, &lines);
        showings[n] = (struct showing){.id = d->id,
                                       .client = client->number,
                                       .until = client->queued,
                                       .acks = client->acks,
                                       .cell = cell,
                                       .next = c->showings};
        c->showings = &showings[n++];
    }
    return n;
}

/* Under the lock. */
static void forget(struct console *c, const struct showing *showing)
{
    struct showing **at = &c->showings;
    while (*at && *at != showing)
        at = &(*at)->next;
    if (*at)
        *at = showing->next;
}

static bool all_done(struct console *c, const struct showing *showings, size_t n, bool *ret_shown)
{
    size_t done = 0;
    pthread_mutex_lock(&c->lock);
    *ret_shown = false;
    for (size_t i = 0; i < n; i++) {
        done += showings[i].done;
        *ret_shown = *ret_shown || (showings[i].done && showings[i].ok);
    }
    pthread_mutex_unlock(&c->lock);
    return done == n;
}

static int console_send(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                        struct err *err)
{
    struct console *c = CONTAINER_OF(adapter, struct console, adapter);
    struct showing showings[CLIENTS_MAX];
    struct cell cell;
    bool shown = false;
    cell_init(&cell, c->env);
    pthread_mutex_lock(&c->lock);
    size_t n = c->stopping ? 0 : hand_out(c, d, &cell, showings);
    pthread_mutex_unlock(&c->lock);
    nudge(c);
    int64_t deadline = env_mono_ms(c->env) + SHOWN_MS;
    while (n && !all_done(c, showings, n, &shown) && env_mono_ms(c->env) < deadline)
        env_wait(c->env, &cell, deadline);
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < n; i++)
        forget(c, &showings[i]);
    pthread_mutex_unlock(&c->lock);
    cell_done(&cell);
    if (!n)
        return err_set(err, ERR_MISSING, NULL, "console: nobody is there");
    if (!shown)
        return err_set(err, ERR_CANCELLED, NULL, "console: it was not confirmed");
    snprintf(ref, PLATFORM_REF, "%lld", (long long)d->id);
    return 0;
}

static void console_event(struct adapter *adapter, const char *own, const char *chat,
                          const char *inbox_ref, const struct event *event)
{
    struct console *c = CONTAINER_OF(adapter, struct console, adapter);
    auto_str line = STR_INIT(65536);
    (void)own, (void)chat;
    if (event->kind == EVENT_TEXT)
        line_text(&line, event->text);
    else if (event->kind == EVENT_PROGRESS)
        line_progress(&line, event->text);
    else if (event->kind == EVENT_ERROR) {
        line_error(&line, event->text);
        line_done(&line, false, 0, false, 0);
    } else
        return;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->count; i++) {
        struct client *client = c->clients[i];
        if (!asked_it(client, inbox_ref))
            continue;
        str_addn(&client->out, line.buf, line.len);
        client->queued += line.len;
        if (event->kind == EVENT_TEXT)
            str_add(&client->streamed, event->text);
        if (event->kind == EVENT_ERROR)
            answered(client);
    }
    pthread_mutex_unlock(&c->lock);
    nudge(c);
}

static const struct adapter_ops console_ops = {
    .name = PLATFORM,
    .has_edit = true,
    .send = console_send,
    .event = console_event,
};

/* --- the console's thread --- */

/* Under the lock: showings of a client that are over. */
static void settle(struct console *c, const struct client *client, int64_t acked, bool left)
{
    for (struct showing *s = c->showings; s; s = s->next) {
        if (s->client != client->number || s->done)
            continue;
        bool shown = s->acks ? s->id == acked : client->written >= s->until;
        if (!shown && !left)
            continue;
        s->done = true;
        s->ok = shown;
        env_wake(s->cell);
    }
}

static void drop_client(struct console *c, struct client *client)
{
    pthread_mutex_lock(&c->lock);
    settle(c, client, -1, true);
    size_t i = 0;
    while (c->clients[i] != client)
        i++;
    c->clients[i] = c->clients[--c->count];
    pthread_mutex_unlock(&c->lock);
    close(client->fd);
    str_free(&client->in);
    str_free(&client->wire);
    str_free(&client->out);
    str_free(&client->streamed);
    free(client);
}

static void receive(struct console *c, struct client *client, const char *text, size_t len,
                    bool press)
{
    char ref[64];
    struct err err = ERR_INIT;
    snprintf(ref, sizeof(ref), "%s-%lld", client->nonce, (long long)++client->counter);
    struct inbound message = {.own = OWN,
                              .chat = CHAT,
                              .person = PERSON,
                              .ref = ref,
                              .press = press,
                              .owner = true,
                              .acts = client->acts,
                              .unmetered = true,
                              .text = text,
                              .text_len = len};
    pthread_mutex_lock(&c->lock);
    client->busy = true;
    pthread_mutex_unlock(&c->lock);
    if (orchestrator_receive(c->orchestrator, &c->adapter, &message, 1, &err) == 0)
        return;
    log_err(LOG_ERR, "console", &err, "receiving");
    struct event event = {EVENT_ERROR, err.say, NULL};
    console_event(&c->adapter, OWN, CHAT, ref, &event);
}

static void complete(struct console *c, struct client *client, const char *text)
{
    auto_str line = STR_INIT(65536);
    cJSON *list = cJSON_CreateArray();
    orchestrator_complete(c->orchestrator, text, list);
    line_completion(&line, text, list);
    pthread_mutex_lock(&c->lock);
    str_addn(&client->out, line.buf, line.len);
    client->queued += line.len;
    pthread_mutex_unlock(&c->lock);
}

static void take_line(struct console *c, struct client *client, const char *line, size_t len)
{
    struct console_line said;
    if (len && line[len - 1] == '\r')
        len--;
    console_parse(line, len, &said);
    switch (said.said) {
    case CONSOLE_HELLO:
        pthread_mutex_lock(&c->lock);
        client->acts = said.acts;
        client->acks = said.acks;
        pthread_mutex_unlock(&c->lock);
        break;
    case CONSOLE_ACK:
        pthread_mutex_lock(&c->lock);
        settle(c, client, said.delivery, false);
        pthread_mutex_unlock(&c->lock);
        break;
    case CONSOLE_MESSAGE:
    case CONSOLE_PRESS:
        receive(c, client, said.text, strlen(said.text), said.said == CONSOLE_PRESS);
        break;
    case CONSOLE_CANCEL:
        orchestrator_cancel(c->orchestrator, PLATFORM, OWN, CHAT);
        break;
    case CONSOLE_COMPLETE:
        complete(c, client, said.text);
        break;
    case CONSOLE_NOTHING:
        break;
    }
    free(said.text);
}

static bool is_busy(struct console *c, struct client *client)
{
    pthread_mutex_lock(&c->lock);
    bool busy = client->busy || c->hushed;
    pthread_mutex_unlock(&c->lock);
    return busy;
}

/* What need not wait until the last message was answered. */
static bool is_urgent(const char *line, size_t len)
{
    struct console_line said = {.said = CONSOLE_MESSAGE};
    if (*line == '{' && len < 20000)
        console_parse(line, len, &said);
    free(said.text);
    return said.said == CONSOLE_ACK || said.said == CONSOLE_CANCEL || said.said == CONSOLE_COMPLETE;
}

/* Whole lines, one at a time: the next message waits until the last was answered; what is urgent
 * never. */
static void take_lines(struct console *c, struct client *client)
{
    size_t from = 0, kept = 0;
    bool busy = is_busy(c, client);
    char *buf = client->in.buf;
    for (char *end; (end = memchr(buf + from, '\n', client->in.len - from));) {
        size_t len = (size_t)(end - buf) - from;
        if (busy && !is_urgent(buf + from, len)) {
            memmove(buf + kept, buf + from, len + 1);
            kept += len + 1;
        } else if (client->discarding) {
            client->discarding = false;
            receive(c, client, "\xff", 1, false); /* what was cut away could not be read either */
        } else {
            take_line(c, client, buf + from, len);
        }
        from += len + 1;
        busy = busy || is_busy(c, client);
    }
    size_t rest = client->in.len - from;
    memmove(buf + kept, buf + from, rest);
    client->in.len = kept + rest;
    if (client->in.buf != str_nothing)
        client->in.buf[client->in.len] = '\0';
    if (!kept && rest >= LINE_MAX_BYTES) { /* no line is so long: forget its start */
        client->discarding = true;
        str_clear(&client->in);
    }
}

/* False: it has left. */
static bool read_client(struct console *c, struct client *client)
{
    char bytes[16384];
    ssize_t n = read(client->fd, bytes, sizeof(bytes));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (n > 0) {
        client->in.cut = false;
        str_addn(&client->in, bytes, (size_t)n);
    }
    take_lines(c, client);
    return true;
}

/* What has gathered is taken under the lock and written without it. */
static bool write_client(struct console *c, struct client *client)
{
    ssize_t n = 0;
    pthread_mutex_lock(&c->lock);
    bool alive = !client->out.cut; /* it does not read and missed something: it must begin anew */
    if (!client->wire.len) {
        struct str empty = client->wire;
        client->wire = client->out;
        client->out = empty;
    }
    pthread_mutex_unlock(&c->lock);
    if (client->wire.len) {
        n = send(client->fd, client->wire.buf, client->wire.len, MSG_NOSIGNAL);
        alive = alive && (n >= 0 || errno == EAGAIN || errno == EINTR);
    }
    if (n > 0) {
        client->wire.len -= (size_t)n;
        memmove(client->wire.buf, client->wire.buf + n, client->wire.len + 1);
    }
    pthread_mutex_lock(&c->lock);
    client->written += n > 0 ? (size_t)n : 0;
    settle(c, client, -1, false);
    pthread_mutex_unlock(&c->lock);
    return alive;
}

void console_join(struct console *c, int fd)
{
    uint64_t nonce;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    struct client *client = mem_new(1, sizeof(*client));
    *client = (struct client){.fd = fd,
                              .in = STR_INIT(LINE_MAX_BYTES * 2),
                              .wire = STR_INIT(OUT_MAX),
                              .out = STR_INIT(OUT_MAX),
                              .streamed = STR_INIT(65536)};
    env_random(c->env, &nonce, sizeof(nonce));
    snprintf(client->nonce, sizeof(client->nonce), "%016llx", (unsigned long long)nonce);
    pthread_mutex_lock(&c->lock);
    bool room = c->count < CLIENTS_MAX && !c->stopping;
    if (room) {
        client->number = ++c->numbers;
        c->clients[c->count++] = client;
    }
    pthread_mutex_unlock(&c->lock);
    if (!room) {
        close(fd);
        free(client);
        return;
    }
    nudge(c);
    orchestrator_attended(c->orchestrator, PLATFORM, OWN);
}

/* Only the same user: the socket's mode says so too, this is the second lock on the door. */
static void accept_client(struct console *c)
{
    struct ucred peer = {0};
    socklen_t len = sizeof(peer);
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != geteuid()) {
        log_line(LOG_WARN, "console", "refused uid=%u", peer.uid);
        close(fd);
        return;
    }
    console_join(c, fd);
}

static size_t watch_all(struct console *c, struct pollfd *polls, struct client **clients)
{
    polls[0] = (struct pollfd){c->event, POLLIN, 0};
    polls[1] = (struct pollfd){c->listener, POLLIN, 0};
    pthread_mutex_lock(&c->lock);
    size_t n = c->count;
    for (size_t i = 0; i < n; i++) {
        struct client *client = c->clients[i];
        bool room = client->in.len < LINE_MAX_BYTES;
        clients[i] = client;
        polls[2 + i] = (struct pollfd){
            client->fd,
            (short)((room ? POLLIN : 0) | (client->out.len || client->wire.len ? POLLOUT : 0)), 0};
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

static bool is_stopping(struct console *c)
{
    pthread_mutex_lock(&c->lock);
    bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

static void serve(struct console *c, struct client *client, short events)
{
    bool alive = true;
    if (events & (POLLIN | POLLHUP | POLLERR))
        alive = read_client(c, client);
    else if (client->in.len)
        take_lines(c, client); /* what waited for the last answer */
    if (alive)
        alive = write_client(c, client);
    if (!alive)
        drop_client(c, client);
}

static void console_body(void *arg)
{
    struct console *c = arg;
    struct pollfd polls[CLIENTS_MAX + 2];
    struct client *clients[CLIENTS_MAX];
    while (!is_stopping(c)) {
        size_t n = watch_all(c, polls, clients);
        poll(polls, n + 2, TURN_MS);
        c->last_turn = env_mono_ms(c->env);
        if (polls[0].revents) {
            uint64_t count;
            ssize_t got = read(c->event, &count, sizeof(count));
            (void)got;
        }
        for (size_t i = 0; i < n; i++)
            serve(c, clients[i], polls[2 + i].revents);
        if (c->listener >= 0 && polls[1].revents)
            accept_client(c);
    }
}

/* --- life --- */

static int open_socket(struct console *c, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(c->path) >= sizeof(address.sun_path))
        return err_set(err, ERR_CONFIG, NULL,
                       "the socket's path is over %zu bytes: %s; use a shorter [database] url",
                       sizeof(address.sun_path) - 1, c->path);
    memcpy(address.sun_path, c->path, strlen(c->path));
    unlink(c->path); /* whoever made it is gone: we hold the lock */
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener < 0)
        return err_errno(err, ERR_CONFIG, NULL, "socket");
    fchmod(c->listener, 0600); /* so that it is private from the moment it has a name */
    if (bind(c->listener, (struct sockaddr *)&address, sizeof(address)) || chmod(c->path, 0600) ||
        listen(c->listener, 16))
        return err_errno(err, ERR_CONFIG, NULL, "socket %s", c->path);
    return 0;
}

struct console *console_new(struct env *env, struct orchestrator *orchestrator, const char *path,
                            struct err *err)
{
    struct console *c = mem_new(1, sizeof(*c));
    c->adapter.ops = &console_ops;
    c->env = env;
    c->orchestrator = orchestrator;
    c->path = mem_text(path);
    c->listener = c->event = -1;
    pthread_mutex_init(&c->lock, NULL);
    c->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->event >= 0 && (!path || open_socket(c, err) == 0))
        return c;
    if (c->event < 0)
        err_errno(err, ERR_BUG, NULL, "eventfd");
    console_free(c);
    return NULL;
}

int console_start(struct console *c, struct err *err)
{
    (void)err;
    c->last_turn = env_mono_ms(c->env);
    c->task = env_start(c->env, "console", 0, console_body, c);
    return 0;
}

void console_hush(struct console *c)
{
    pthread_mutex_lock(&c->lock);
    c->hushed = true;
    pthread_mutex_unlock(&c->lock);
}

void console_stop(struct console *c)
{
    if (!c || !c->task)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_mutex_unlock(&c->lock);
    nudge(c);
    env_join(c->task);
    c->task = NULL;
    while (c->count) {
        write_client(c, c->clients[0]);
        drop_client(c, c->clients[0]);
    }
}

void console_free(struct console *c)
{
    if (!c)
        return;
    console_stop(c);
    if (c->listener >= 0) {
        close(c->listener);
        unlink(c->path);
    }
    if (c->event >= 0)
        close(c->event);
    free(c->path);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
