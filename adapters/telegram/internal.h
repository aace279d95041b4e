/* internal.h: what the files of this adapter share. */
#ifndef ADAPTERS_TELEGRAM_INTERNAL_H
#define ADAPTERS_TELEGRAM_INTERNAL_H

#include "adapters/telegram/api.h"
#include "adapters/telegram/pace.h"
#include "adapters/telegram/telegram.h"
#include "adapters/telegram/update.h"

#define TOKENS_MOST  8
#define POLL_MORE_MS 12000 /* over the hold of a poll: then the connection is dead */

struct previews;
struct progress; /* send.c */

#define SENT_KEPT 256
struct sent_message {
    int64_t chat, id, row; /* row: of the outbox */
};

#define PRESSES_KEPT 64
struct pressed { /* until it is answered; the oldest are forgotten */
    char ref[SAID_REF], chat[CHAT_REF];
    int64_t message_id;
    char *rest; /* see struct update; NULL: what it says is no longer so */
};

struct telegram {
    struct adapter adapter;
    struct orchestrator *orchestrator;
    struct env *env;
    struct http *http;
    struct pace *pace;
    struct previews *previews;
    char *host;   /* "https://api.telegram.org" */
    char own[24]; /* our number, from the token */
    int64_t poll_ms;
    struct task *poller;
    struct task *menu; /* the poller's; NULL: not begun */
    struct cancel stop;
    struct cell nap;           /* the poller's */
    _Atomic int64_t polled_ms; /* monotonic: when a poll last ended */
    _Atomic int state;
    _Atomic bool only_v4;
    _Atomic bool no_drafts;   /* the server does not take them */
    pthread_mutex_t lock;     /* protects all below */
    char *bases[TOKENS_MOST]; /* "…/bot<token>/", the newest last; kept, since calls use them */
    size_t base_count;
    char username[64];
    struct cell *settled; /* somebody waits for the first connection */
    struct progress *progress;
    struct sent_message sent[SENT_KEPT]; /* the last ones: what is known to be something else */
    size_t sent_next;
    struct pressed presses[PRESSES_KEPT];
    size_t press_next;
    int64_t newest; /* message of those that are numbered through: see telegram_saw */
};

/* With the token of now. */
struct api telegram_api(struct telegram *t);
struct update_me telegram_me(struct telegram *t, char username[64]);

void telegram_set_state(struct telegram *t, enum telegram_state state);

/* poll.c: the poller's task. */
void poll_loop(void *arg);

/* chat_id, and message_thread_id if it is a topic. */
cJSON *telegram_to(int64_t chat, int64_t thread);

/* preview.c: what is seen before the answer: a typing action at once, drafts with a Stop where the
 * chat is one person's, else nothing but the answer. */
struct previews *previews_new(struct telegram *t);
void previews_start(struct previews *p);
void previews_stop(struct previews *p);
void previews_free(struct previews *p);
/* A message that will be answered: `ref` is the inbox's. */
void previews_begin(struct previews *p, const char *chat, const char *ref, int64_t message_id);
void previews_event(struct previews *p, const char *ref, const struct event *event);
/* The answer comes: nothing more is shown of it before. Returns a message of ours that stands for
 * the answer and is to become it, or 0. May wait for what is under way. */
int64_t previews_end(struct previews *p, const char *ref);
/* There will be no answer: what was shown of it goes. */
void previews_drop(struct previews *p, const char *ref);

/* send.c */
int telegram_send(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                  struct err *err);
int64_t telegram_turn(struct adapter *adapter, const char *chat_ref, bool alert);
/* A message is there. Chats of one person and small groups share one numbering (a channel and a
 * supergroup have their own), so it stands before whatever we send later to any of them. */
void telegram_saw(struct telegram *t, int64_t chat, int64_t message_id);
/* A press that will be answered; takes its `rest`. */
void telegram_pressed(struct telegram *t, struct update *update);
void telegram_known(struct adapter *adapter, const char *chat, const char *ref);
void telegram_newest(struct adapter *adapter, const char *chat_ref, char ref[PLATFORM_REF]);
void progress_clear(struct telegram *t);

/* menu.c: commands and descriptions, set where they are not as they should be: a task of its own.
 */
void menu_set(void *telegram);
/* The commands of this chat in that language; "": as its client wants. Takes one or two calls. */
void menu_of_chat(struct telegram *t, int64_t chat, const char *language);

#endif
