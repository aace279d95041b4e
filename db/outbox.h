/* outbox.h: what we have to say, until it was said: table outbox.
 *
 * States:  due → sending → sent, or back to due; gone (an alert that was over before it could be
 *          sent); undeliverable (refused for good). Each change is a compare-and-set.
 * Threads: inside a db_fn.
 * Memory:  outbox_row_free frees a row's texts. */
#ifndef DB_OUTBOX_H
#define DB_OUTBOX_H

#include "db/db.h"

enum outbox_kind { OUTBOX_REPLY, OUTBOX_ALERT, OUTBOX_EDIT, OUTBOX_NOTICE };

struct outbox_row {
    int64_t id, chat_id, inbox_id, watch_id, edits; /* 0: none */
    enum outbox_kind kind;
    int64_t due_ms, tries, seen_ms;
    bool maybe;                                  /* an earlier try may have arrived */
    bool last;                                   /* of its reply */
    bool quiet;                                  /* an alert that waited for the morning */
    char *payload;                               /* JSON */
    char *platform_ref;                          /* of the message to edit; NULL: none */
    char *platform, *own, *chat_ref, *inbox_ref; /* inbox_ref NULL: nobody asked */
    char *after_ref; /* of what had reached that room when it was first tried; NULL: nothing */
    char *others;    /* of one that may have arrived: what was sent in the room since; or NULL */
};
void outbox_row_free(struct outbox_row *row);

/* Only what is set there is written; *ret_id may be NULL. */
/* Alerts, as many as `rows` (a JSON array of [chat, watch, payload]) has, due now, in one
 * statement: their ids are *ret_first and those that follow, in that order. */
int outbox_add_alerts(struct db_conn *conn, const char *rows, size_t count, int64_t now_ms,
                      int64_t *ret_first, struct err *err) MUST_USE;

int outbox_add(struct db_conn *conn, const struct outbox_row *row, int64_t *ret_id,
               struct err *err) MUST_USE;
/* The chat's oldest that is due, alerts first, now being sent; *ret_found. `after_ref` is kept with
 * it if this is its first try; NULL: nothing is. */
int outbox_take(struct db_conn *conn, int64_t chat_id, int64_t now_ms, const char *after_ref,
                struct outbox_row *ret, bool *ret_found, struct err *err) MUST_USE;

/* Of the last message that reached the room of this chat; "": none did. */
int outbox_last_ref(struct db_conn *conn, int64_t chat_id, char *ref, size_t size,
                    struct err *err) MUST_USE;

/* Messages of this platform, the newest of theirs and of ours, in no order; the caller frees with
 * outbox_seen_free. */
struct outbox_seen {
    char *chat, *ref;
};
int outbox_seen(struct db_conn *conn, const char *platform, struct outbox_seen *out, size_t limit,
                size_t *ret_count, struct err *err) MUST_USE;
void outbox_seen_free(struct outbox_seen *seen, size_t count);

/* Is there anything to take, and is it an alert? */
int outbox_is_due(struct db_conn *conn, int64_t chat_id, int64_t now_ms, bool *ret, bool *ret_alert,
                  struct err *err) MUST_USE;

int outbox_sent(struct db_conn *conn, int64_t id, const char *platform_ref, int64_t now_ms,
                struct err *err) MUST_USE;
/* `counts`: a try that failed, and not a chat that nobody attends. */
int outbox_again(struct db_conn *conn, int64_t id, int64_t due_ms, bool counts, bool maybe,
                 const char *why, struct err *err) MUST_USE;
int outbox_end(struct db_conn *conn, int64_t id, const char *state, const char *why, int64_t now_ms,
               struct err *err) MUST_USE;

/* What a predecessor was sending may have arrived: due again, and marked so. */
int outbox_reclaim(struct db_conn *conn, int64_t now_ms, struct err *err) MUST_USE;

/* The same for one chat, by whoever alone sends there: a result that could not be stored. */
int outbox_reclaim_chat(struct db_conn *conn, int64_t chat_id, int64_t now_ms,
                        struct err *err) MUST_USE;

/* An alert that its person wants in the morning. */
int outbox_be_quiet(struct db_conn *conn, int64_t id, int64_t until_ms, struct err *err) MUST_USE;

/* What waits for this person's morning is looked at again. */
int outbox_wake_quiet(struct db_conn *conn, int64_t account_id, int64_t now_ms,
                      struct err *err) MUST_USE;

/* Chats within reach with something due. */
int outbox_due_chats(struct db_conn *conn, int64_t now_ms, int64_t *chats, size_t limit,
                     size_t *ret_count, struct err *err) MUST_USE;

/* What is due after now, the next first. */
struct outbox_next {
    int64_t chat_id, due_ms;
};
int outbox_coming(struct db_conn *conn, int64_t now_ms, struct outbox_next *out, size_t limit,
                  size_t *ret_count, struct err *err) MUST_USE;

/* What waits for somebody to attend these chats is due now. */
int outbox_wake(struct db_conn *conn, const char *platform, const char *own, int64_t now_ms,
                struct err *err) MUST_USE;

/* A due time further off than `most_ms` is now. */
int outbox_settle(struct db_conn *conn, int64_t now_ms, int64_t most_ms, struct err *err) MUST_USE;

/* Alerts that were sent to the chat since then, and when the last one was (0: none). */
int outbox_alerted(struct db_conn *conn, int64_t chat_id, int64_t since_ms, int64_t now_ms,
                   int64_t *ret_count, int64_t *ret_last_ms, struct err *err) MUST_USE;
/* Other alerts of the same person in the same chat that wait and were never tried, the oldest
 * `most`: this one speaks for them. */
int outbox_merge(struct db_conn *conn, int64_t id, size_t most, int64_t now_ms,
                 struct err *err) MUST_USE;

/* Why an alert is gone that was over before it could be sent. */
#define OUTBOX_OVER "closed before it could be sent"

/* Alerts that were over before they could be sent and that no message has counted yet; and: one
 * has. */
int outbox_count_gone(struct db_conn *conn, int64_t chat_id, int64_t *ret_count,
                      struct err *err) MUST_USE;
int outbox_told_gone(struct db_conn *conn, int64_t chat_id, struct err *err) MUST_USE;

/* Nobody attends: all that is due there waits until then. */
int outbox_rest_chat(struct db_conn *conn, int64_t chat_id, int64_t due_ms,
                     struct err *err) MUST_USE;

/* The same, and for what is added meanwhile too: nothing there overtakes. */
int outbox_pace_chat(struct db_conn *conn, int64_t chat_id, int64_t due_ms,
                     struct err *err) MUST_USE;

/* Chats in which something is being sent, or was when its result could not be stored. */
int outbox_sending_chats(struct db_conn *conn, int64_t *chats, size_t limit, size_t *ret_count,
                         struct err *err) MUST_USE;
int outbox_waiting(struct db_conn *conn, int64_t *ret_count, struct err *err) MUST_USE;
int outbox_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err) MUST_USE;

#endif
