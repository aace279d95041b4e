/* console.h: the terminal as a platform: lines of JSON over a Unix socket. The reference adapter.
 *
 * `maitred chat` is a client of it, in the same process or in another one. What a client says:
 *   {"type":"hello","acts":true,"acks":true}   what it may do; acks: it confirms what it has shown
 *   {"type":"message","text":…}                a message, or "!press TOKEN"
 *   {"type":"ack","delivery":N}
 *   {"type":"cancel"}                          what is being answered is given up
 *   {"type":"complete","text":…}               answered by
 * {"type":"completion","text":…,"lines":[…]} or any other line, which is a message as it stands.
 * What it hears is the contract's --json.
 *
 * Owner:   console_new … console_free by the program.
 * Threads: one of its own for all sockets; send and event from any task.
 * Order:   a client's next message is taken when the last one was answered; the others at once.
 * Limits:  a line of LINE_MAX_BYTES, CLIENTS_MAX clients, OUT_MAX bytes waiting for each. Only
 *          processes of the user that owns the database may connect. */
#ifndef ADAPTERS_CONSOLE_CONSOLE_H
#define ADAPTERS_CONSOLE_CONSOLE_H

#include "core/orchestrator/orchestrator.h"

struct console;

/* `path`: of the socket; an old one there is replaced. NULL: none, clients are given. */
struct console *console_new(struct env *env, struct orchestrator *orchestrator, const char *path,
                            struct err *err) MUST_USE;
int console_start(struct console *console, struct err *err) MUST_USE;

/* Takes the connected socket `fd` as a client. */
void console_join(struct console *console, int fd);

/* No more messages are taken; what is being answered still goes out. */
void console_hush(struct console *console);

/* Clients are let go; nobody sends any more. */
void console_stop(struct console *console);
void console_free(struct console *console);

struct adapter *console_adapter(struct console *console);
int64_t console_last_turn_ms(struct console *console); /* monotonic */

/* The parser of one line of a client, alone, for tests and fuzzing. */
enum console_said {
    CONSOLE_MESSAGE,
    CONSOLE_PRESS,
    CONSOLE_HELLO,
    CONSOLE_ACK,
    CONSOLE_CANCEL,
    CONSOLE_COMPLETE,
    CONSOLE_NOTHING
};
struct console_line {
    enum console_said said;
    char *text; /* of a message, a press, or what is to be completed; the caller's to free */
    bool acts, acks;
    int64_t delivery;
};
void console_parse(const char *line, size_t len, struct console_line *ret);

#endif
