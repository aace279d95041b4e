/* slackapi_inner.h: what the workspace's own files share. */
#ifndef TESTS_SANDBOX_SLACKAPI_INNER_H
#define TESTS_SANDBOX_SLACKAPI_INNER_H

#include "core/base/json.h"
#include "core/base/str.h"
#include "tests/sandbox/slackapi.h"

struct ws_message {
    char channel[24], ts[40], thread[40];
    char *text;
    cJSON *blocks, *metadata;
    char only[24]; /* who alone sees it; "": everybody */
    bool ours;     /* the app's */
    bool deleted, streams, in_channel;
    int edits;
    int64_t started_ms; /* of a stream */
};

struct ws_channel {
    char id[24];
    char state[24]; /* "", "archived", "out", "denied" */
    double tokens;  /* a message a second */
    int64_t tokens_at;
};

struct ws_socket {
    void *socket;
    bool up, frozen, mute; /* mute: it answers no pings */
    int64_t hello_ms;      /* when it is to be greeted; 0: it was */
};

enum envelope_state { SENT, ACKED, WAITS, LOST };
struct ws_envelope {
    char id[40], event[24]; /* event: the event's id; "": none */
    cJSON *json;
    void *socket;
    enum envelope_state state;
    int attempts;
    int64_t sent_ms, due_ms;
};

struct ws_response {
    char id[24], channel[24], user[24], ts[24]; /* ts: of the message that was pressed; "": none */
    int uses;
    int64_t until_ms;
};

struct ws_trigger {
    char id[24];
    int64_t until_ms;
    bool used;
};

struct ws_fault {
    char method[48], kind[48];
    int64_t number, count;
};

struct ws_view {
    char user[24], hash[24];
    cJSON *view;
    int published;
};

struct slackapi {
    struct slackapi_ops ops;
    void *ctx;
    char origin[100];
    struct ws_socket *sockets;
    size_t socket_count, socket_cap;
    char ticket[40]; /* one that may be used; "": none */
    struct ws_channel *channels;
    size_t channel_count, channel_cap;
    struct ws_message *messages;
    size_t message_count, message_cap;
    struct ws_envelope *envelopes;
    size_t envelope_count, envelope_cap;
    struct ws_response *responses;
    size_t response_count, response_cap;
    struct ws_trigger *triggers;
    size_t trigger_count, trigger_cap;
    struct ws_fault *faults;
    size_t fault_count, fault_cap;
    struct ws_view *homes;
    size_t home_count, home_cap;
    cJSON *modal, *calls, *statuses, *titles;
    cJSON *files; /* by id: {"name","length","text"} */
    int64_t next, opened, refused, failed, redelivered, fast, acks, bad_acks, twice;
    int64_t *took; /* ms from sending an envelope to its acknowledgement */
    size_t took_count, took_cap;
    int no_hello, refuse, hang; /* of the next upgrades */
    int refuse_status;          /* what the refused are answered */
    int64_t hello_late_ms;      /* of the next socket */
    bool plain;                 /* a workspace without the agent view */
    int pings;                  /* to be sent */
    bool fragments;             /* each text in three of them */
    bool limited;               /* 429 for what is too fast */
    size_t turn;                /* which socket is next */
};

struct ws_call {
    struct slackapi *api;
    int64_t now_ms;
    const cJSON *args;
    struct city_answer *ret;
};

/* slackapi.c */
void ws_ok(struct ws_call *call, cJSON *body); /* takes body, or NULL */
void ws_refuse(struct ws_call *call, const char *error);
struct ws_channel *ws_channel_get(struct slackapi *api, const char *id, bool make);
struct ws_message *ws_message_get(struct slackapi *api, const char *channel, const char *ts);
struct ws_message *ws_message_add(struct slackapi *api, int64_t now_ms, const char *channel,
                                  const char *thread, const char *text);
/* Takes `payload`; type: "events_api", "slash_commands", "interactive". */
void ws_deliver(struct slackapi *api, int64_t now_ms, const char *type, cJSON *payload);
void ws_new_id(struct slackapi *api, const char *prefix, char *out, size_t size);
const char *ws_trigger_new(struct slackapi *api, int64_t now_ms);
char *ws_response_new(struct slackapi *api, int64_t now_ms, const char *channel, const char *user,
                      const char *ts);
struct ws_socket *ws_socket_of(struct slackapi *api, void *socket);

/* slackapi_call.c: true if it knows the method. */
bool ws_method(struct ws_call *call, const char *method);
void ws_respond(struct ws_call *call, const char *id);
void ws_upload(struct ws_call *call, const char *id, const char *body);

#endif
