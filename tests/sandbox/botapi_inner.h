/* botapi_inner.h: what the Bot API server's own files share. */
#ifndef TESTS_SANDBOX_BOTAPI_INNER_H
#define TESTS_SANDBOX_BOTAPI_INNER_H

#include "core/base/json.h"
#include "core/base/str.h"
#include "tests/sandbox/botapi.h"

struct bot_message {
    int64_t id, thread, reply_to, date;
    int edits;
    bool deleted, silent;
    char *text;
    cJSON *entities, *markup, *preview;
    cJSON *document; /* then `text` is its caption */
};

struct bot_chat {
    int64_t id;
    bool blocked; /* or kicked */
    int64_t migrated_to;
    struct bot_message *messages;
    size_t count, cap;
    int64_t threads[8]; /* topics that there are */
    size_t thread_count;
    double tokens; /* of the limiter */
    int64_t tokens_at;
    int64_t draft_id, draft_until_ms;
    char *draft;
    bool draft_stop;
    int drafts, actions;
    int64_t given_ms; /* when the bot was given the last message of it; 0: it has answered */
};

struct bot_update {
    int64_t id, expires_ms;
    cJSON *json;
};

struct bot_query { /* of a press, to be answered */
    char id[24];
    int64_t expires_ms;
    bool answered;
};

struct bot_fault {
    char method[40], kind[16];
    int64_t number; /* a status, seconds */
    int64_t count;  /* so many times; -1: until it is taken back */
};

struct botapi {
    void (*wake)(void *ctx);
    void *ctx;
    struct bot_chat **chats;
    size_t chat_count, chat_cap;
    struct bot_update *updates;
    size_t update_count, update_cap;
    struct bot_query *queries;
    size_t query_count, query_cap;
    struct bot_fault *faults;
    size_t fault_count, fault_cap;
    int64_t next_update, next_message, next_query;
    uint64_t tickets, polling; /* polling: the ticket of the poll that counts */
    int64_t last_offset, last_poll_ms;
    char *webhook;
    bool limited;   /* it counts messages as the real one does */
    bool no_drafts; /* an older server */
    bool privacy_off;
    double tokens;
    int64_t tokens_at;
    int64_t *took; /* ms from giving a message to the first one that is sent there */
    size_t took_count, took_cap;
    int64_t floods;  /* answers with 429 by the limiter */
    cJSON *calls;    /* how often each method was called */
    cJSON *settings; /* commands, descriptions: by method */
};

struct bot_call { /* one method being answered */
    struct botapi *api;
    int64_t now_ms;
    const cJSON *args; /* may be NULL */
    struct city_answer *ret;
};

/* botapi.c */
struct bot_chat *bot_chat_get(struct botapi *api, int64_t id, bool make);
struct bot_message *bot_message_get(struct bot_chat *chat, int64_t id);
void bot_ok(struct bot_call *call, cJSON *result);
void bot_refuse(struct bot_call *call, int code, const char *description, int64_t retry_after,
                int64_t migrate_to);
/* Takes `json` without its update_id; returns the id. */
int64_t bot_update_add(struct botapi *api, int64_t now_ms, cJSON *json);
/* A chat, or the refusal is said. */
struct bot_chat *bot_chat_of(struct bot_call *call);

/* botapi_form.c: an upload's fields and files; NULL: it is malformed. */
bool bot_form_is(const struct city_request *request);
cJSON *bot_form_args(const struct city_request *request);

/* botapi_send.c: true if it knows the method. */
bool bot_send_method(struct bot_call *call, const char *method);

#endif
