/* internal.h: what the files of this adapter share. */
#ifndef ADAPTERS_SLACK_INTERNAL_H
#define ADAPTERS_SLACK_INTERNAL_H

#include "adapters/slack/api.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/format.h"
#include "adapters/slack/slack.h"

#define PLATFORM "slack"
#define NAME     "Slack"

#define RESPONSES_MOST 4                /* of a response_url: 5 are allowed */
#define RESPONSE_MS    (29 * 60 * 1000) /* … within half an hour */

/* Of a message that came: where and how it is to be answered. Forgotten in time; the answer then
 * goes to the chat. */
struct asked {
    char ref[SLACK_REF]; /* of the inbox; "": free */
    char user[SLACK_ID], channel[SLACK_ID], ts[SLACK_ID];
    char title[84]; /* what was said, shortly: of a conversation that begins with it */
    char *url;      /* the response_url; NULL: none */
    char *rest;     /* of a press: the blocks without its button, as JSON; NULL: not known */
    int uses;       /* of the url */
    bool direct;    /* answered there, for its person alone */
    bool pressed;   /* a button, of the message `ts` */
    bool crowd, page, shown; /* page: pressed on our page; shown: a word was said before */
    int64_t at_ms;           /* monotonic */
};
#define ASKED_KEPT 256

struct shared { /* an answer that its person may show to the channel */
    char key[20];
    char *text, *blocks;
};
#define SHARED_KEPT 64

struct previews;
struct pages;
struct room; /* send.c */

struct slack {
    struct adapter adapter;
    struct orchestrator *orchestrator;
    struct env *env;
    struct ws *ws;
    struct slack_api *api;
    struct previews *previews;
    struct pages *pages;
    struct task *task; /* the socket's */
    struct cell cell;  /* the socket's */
    struct cancel hush;
    struct ws_box box;
    _Atomic bool stopping, tokens_new;
    _Atomic int state;
    _Atomic int64_t turned_ms;
    _Atomic bool threads;     /* the agent view: every conversation with one person is a thread */
    _Atomic bool bot_refused; /* bot_token was not taken lately */
    _Atomic bool no_streams, no_sessions; /* this workspace does not have them */
    pthread_mutex_t lock;                 /* protects all below */
    char app_token[400], bot_token[400];
    char team[SLACK_ID], user[SLACK_ID]; /* the bot's own, from auth.test; "": not known yet */
    struct cell *settled;
    struct asked asked[ASKED_KEPT];
    size_t asked_next;
    struct shared shared[SHARED_KEPT];
    size_t shared_next;
    struct room *rooms;
    int64_t up_ms;         /* monotonic: when the socket of now said hello */
    uint32_t acks_ms[512]; /* from an envelope's arrival to its acknowledgement */
    size_t ack_next;
};

void slack_set_state(struct slack *s, enum slack_state state);
void slack_ids(struct slack *s, char team[SLACK_ID], char user[SLACK_ID]);

/* socket.c */
void socket_loop(void *arg);

/* slack.c: what is remembered of a message; `url` and `rest` are taken. */
void asked_put(struct slack *s, const struct asked *asked);
/* A copy without texts; false: forgotten. */
bool asked_get(struct slack *s, const char *ref, struct asked *ret);
/* One use of its address, for the caller to free; NULL: there is none left. */
char *asked_url(struct slack *s, const char *ref);
void asked_shown(struct slack *s, const char *ref);
char *asked_rest(struct slack *s, const char *ref);
/* That message has other blocks now, whatever earlier presses said. */
void asked_forget_rest(struct slack *s, const char *channel, const char *ts);

/* An answer's key for its Share. */
void shared_put(struct slack *s, const char *key, const struct slack_form *form);
/* Shows it in the channel. */
void shared_show(struct slack *s, const struct envelope *e);

/* send.c */
int slack_send(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
               struct err *err);
int64_t slack_turn(struct adapter *adapter, const char *chat, bool alert);
void rooms_clear(struct slack *s);
/* The channel of the messages with that person ("D…"), asked for once; false: not to be had, and
 * `ret` says why. Frees nothing of it. */
bool room_of_person(struct slack *s, const char *user, char channel[SLACK_ID],
                    struct slack_answer *ret);
/* A chat with one person is named after them. */
static inline bool is_person(const char *room)
{
    return *room == 'U' || *room == 'W';
}

/* preview.c: what is seen before the answer. */
struct previews *slack_previews_new(struct slack *s);
void slack_previews_start(struct previews *p);
void slack_previews_stop(struct previews *p);
void slack_previews_free(struct previews *p);
void slack_previews_begin(struct previews *p, const char *chat, const char *ref, bool direct);
void slack_previews_event(struct previews *p, const char *ref, const struct event *event);
/* The answer comes: nothing more is shown of it before. The message of ours that stands for it, in
 * `channel` and `ts` ("": none). */
void slack_previews_end(struct previews *p, const char *ref, char channel[SLACK_ID],
                        char ts[SLACK_ID]);
/* It has been answered (by `answer`, "D1/1700.1"; "": elsewhere), or (`dropped`) will not be: the
 * status goes, and what was shown of it, if it has not become the answer. Must not wait. */
void slack_previews_over(struct previews *p, const char *chat, const char *ref, const char *answer,
                         bool dropped);

/* page.c: the app's page of each person (App Home), and the form. */
struct pages *pages_new(struct slack *s);
void pages_start(struct pages *p);
void pages_stop(struct pages *p);
void pages_free(struct pages *p);
/* Its page is looked at, or what it shows may have changed: it is made anew, soon. `opened`: it is
 * looked at now; else only who has looked since the start gets one. */
void pages_touch(struct pages *p, const char *user, bool opened);
/* Its watches from that one on. */
void pages_turn(struct pages *p, const char *user, size_t from);

/* form.c */
void form_open(struct slack *s, const struct envelope *e);
/* The line that the form stands for, for the caller to free; NULL: `errors`, by block, is to go
 * back. */
char *form_read(const cJSON *values, int64_t now_ms, cJSON **ret_errors);

#endif
