/* inbox.h: what came in, before anything else is done with it: table inbox.
 *
 * Order:   by id within a chat. Unique on (platform, own account, platform's id): a repeat is
 *          not taken again.
 * Threads: inside a db_fn.
 * Memory:  texts in struct inbox_row are the caller's to free with inbox_row_free. */
#ifndef DB_INBOX_H
#define DB_INBOX_H

#include "db/db.h"

struct inbox_row {
    int64_t id, chat_id, account_id, received_ms;
    int64_t tries; /* times that it was begun, this one included */
    bool press, acts, done;
    char *platform, *own, *ref, *text;
    char *preface;  /* a word before the answer; "": none */
    char *chat_ref; /* when begun */
};
void inbox_row_free(struct inbox_row *row);

/* *ret_id 0: it was there already. */
int inbox_add(struct db_conn *conn, const struct inbox_row *row, int64_t *ret_id,
              struct err *err) MUST_USE;

/* How many of a person's messages came since. */
int inbox_count_since(struct db_conn *conn, int64_t account_id, int64_t since_ms, int64_t *ret,
                      struct err *err) MUST_USE;

/* Counts the try and gives the row; ERR_MISSING if it is done already or unknown. */
int inbox_begin(struct db_conn *conn, int64_t id, struct inbox_row *ret, struct err *err) MUST_USE;

enum inbox_joined {
    INBOX_ALONE,    /* its beginning is not there, or is being answered: it stands for itself */
    INBOX_JOINED,   /* *ret_id is the whole */
    INBOX_TOO_LONG, /* *ret_id would be: nothing was put to it */
    INBOX_REFUSED,  /* the beginning was answered without being run: for all of it */
};
/* The text of message `id` is the end of what this person began in the message of the platform's id
 * `ref`: it is put there, and the message is done. A whole has at most `most` bytes. */
int inbox_join(struct db_conn *conn, int64_t id, const char *ref, size_t most, int64_t now_ms,
               enum inbox_joined *ret, int64_t *ret_id, struct err *err) MUST_USE;

/* The message with this id of the platform, if it is the chat's last one: *ret_id; else 0. */
int inbox_last_of(struct db_conn *conn, const char *platform, const char *own, const char *ref,
                  int64_t *ret_id, char **ret_text, struct err *err) MUST_USE;

int inbox_done(struct db_conn *conn, int64_t id, int64_t now_ms, struct err *err) MUST_USE;

struct inbox_ref { /* enough to choose a lane */
    int64_t id, chat_id, account_id;
    bool direct; /* a command or a press */
};
/* The oldest that are not done and have an id over `after`, at most `limit`. */
int inbox_waiting(struct db_conn *conn, int64_t after, struct inbox_ref *out, size_t limit,
                  size_t *ret_count, struct err *err) MUST_USE;

int inbox_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err) MUST_USE;

#endif
