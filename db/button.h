/* button.h: what a press means: table button.
 *
 * A token says nothing by itself; the row binds it to a person, an action and an hour.
 * Threads: inside a db_fn. */
#ifndef DB_BUTTON_H
#define DB_BUTTON_H

#include "db/db.h"

#define BUTTON_TOKEN 24

struct button {
    char token[BUTTON_TOKEN];
    int64_t account_id, chat_id, expires_ms;
    int64_t outbox_id; /* of the message that shows it, when it is made for one; 0: a reply's */
    bool once;
    char *action, *args; /* args: JSON; the caller's to free */
};
void button_free(struct button *button);

int button_add(struct db_conn *conn, const struct button *button, int64_t now_ms,
               struct err *err) MUST_USE;

/* Takes it for the message `inbox_id` (again for the same one after a crash). ERR_MISSING: no such
 * button; ERR_DENIED: somebody else's; ERR_LIMIT: expired or used. */
int button_press(struct db_conn *conn, const char *token, int64_t account_id, int64_t inbox_id,
                 int64_t now_ms, struct button *ret, struct err *err) MUST_USE;

/* The message was not sent after all: it will be made anew, with new buttons. */
int button_withdraw(struct db_conn *conn, int64_t outbox_id, struct err *err) MUST_USE;

int button_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err) MUST_USE;

#endif
