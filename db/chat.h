/* chat.h: where we talk: tables chat, chat_session and message.
 *
 * Threads: inside a db_fn.
 * Memory:  texts in struct session are the caller's to free with session_free. */
#ifndef DB_CHAT_H
#define DB_CHAT_H

#include "db/db.h"

/* The chat's id, made if it is new. */
int chat_of(struct db_conn *conn, const char *platform, const char *own, const char *ref,
            int64_t now_ms, int64_t *ret_id, struct err *err) MUST_USE;

/* The same, 0 if we never heard of it. */
int chat_find(struct db_conn *conn, const char *platform, const char *own, const char *ref,
              int64_t *ret_id, struct err *err) MUST_USE;

/* What a platform says of it, whenever something comes from there: `pushes`: it is reached at any
 * time. It is no longer out of reach. *ret_was_away. */
int chat_seen(struct db_conn *conn, int64_t id, bool crowd, const char *title, bool pushes,
              bool *ret_was_away, struct err *err) MUST_USE;
int chat_is_crowd(struct db_conn *conn, int64_t id, bool *ret, struct err *err) MUST_USE;
/* Of several people: may they talk with us there? */
int chat_is_allowed(struct db_conn *conn, int64_t id, bool *ret, struct err *err) MUST_USE;
int chat_allow(struct db_conn *conn, int64_t id, bool allowed, struct err *err) MUST_USE;
/* What is due there waits until something comes from there; 0: within reach again. */
int chat_set_away(struct db_conn *conn, int64_t id, int64_t away_ms, struct err *err) MUST_USE;
/* A room and all its topics; the caller frees *ret_ids. */
int chats_of_room(struct db_conn *conn, const char *platform, const char *own, const char *room,
                  int64_t **ret_ids, size_t *ret_count, struct err *err) MUST_USE;
/* It has another id on its platform now, and keeps all that it was; what came under the new id
 * already goes with it. */
int chat_move(struct db_conn *conn, const char *platform, const char *own, const char *from,
              const char *to, struct err *err) MUST_USE;

/* A chat in which an owner can be told something, alone: first one that is reached at any time,
 * then the one last heard from; 0 if there is none. */
int chat_of_owner(struct db_conn *conn, int64_t *ret_id, struct err *err) MUST_USE;

/* What an adapter needs to reach it; *ret_found. */
struct chat_place {
    char platform[32], own[96], ref[96];
};
int chat_get(struct db_conn *conn, int64_t id, struct chat_place *ret, bool *ret_found,
             struct err *err) MUST_USE;

struct session {
    int64_t id;
    char *pending;     /* JSON: what we asked and wait to hear; NULL: nothing */
    char *last_search; /* JSON: what was last looked for; NULL: nothing yet */
};
void session_free(struct session *session);

/* The current conversation of the chat, begun if there is none. */
int session_of(struct db_conn *conn, int64_t chat_id, int64_t now_ms, struct session *ret,
               struct err *err) MUST_USE;
int session_end(struct db_conn *conn, int64_t chat_id, int64_t now_ms, struct err *err) MUST_USE;
int session_set_search(struct db_conn *conn, int64_t session_id, const char *last_search,
                       struct err *err) MUST_USE;
int session_set_pending(struct db_conn *conn, int64_t session_id, const char *pending,
                        struct err *err) MUST_USE;

int message_add(struct db_conn *conn, int64_t session_id, int64_t inbox_id, bool ours,
                const char *text, int64_t now_ms, struct err *err) MUST_USE;

struct said {
    bool ours;
    int64_t inbox_id;
    char *text; /* the caller's to free */
};
/* The newest that one person and we said to each other in a conversation, in their order: others
 * may be there too. *ret_total: how many messages of that person are in it. */
int messages_last(struct db_conn *conn, int64_t session_id, int64_t account_id, struct said *out,
                  size_t limit, size_t *ret_count, int64_t *ret_total, struct err *err) MUST_USE;

/* Deletes some of what is older; *ret_more if there may be more. */
int message_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more,
                  struct err *err) MUST_USE;

#endif
