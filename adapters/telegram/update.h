/* update.h: what an update of the Bot API says, read from strangers' JSON.
 *
 * Threads: pure.
 * Memory:  update_free frees the texts of a read one.
 * Facts:   an update has one payload; new kinds appear several times a year and are stepped over.
 *          Entity offsets count UTF-16 units. Ids have up to 52 bits. Where sender_chat is there,
 *          it is who spoke: `from` is then a pseudo-person whom everybody shares. */
#ifndef ADAPTERS_TELEGRAM_UPDATE_H
#define ADAPTERS_TELEGRAM_UPDATE_H

#include "core/base/json.h"

enum update_kind {
    UPDATE_NOTHING, /* not for us, or not known */
    UPDATE_SAID,    /* text to be answered */
    UPDATE_SHOWN,   /* no text, but something that wants a word: `say` */
    UPDATE_PRESSED,
    UPDATE_MEMBER,  /* what we are in a chat */
    UPDATE_MOVED,   /* the chat has another id */
    UPDATE_STOPPED, /* a draft's Stop */
};

#define CHAT_REF   48
#define PERSON_REF 24
#define SAID_REF   64

struct update {
    enum update_kind kind;
    int64_t id, message_id, date_s, draft_id;
    char chat[CHAT_REF];     /* "-1001234" or "-1001234:77" for a topic */
    char person[PERSON_REF]; /* of a person, or of a chat that speaks as one */
    char ref[SAID_REF];      /* ours for the inbox: "m<chat>:<message>", "c<query>:<message>" … */
    char edits[SAID_REF];    /* the ref of what it corrects; "": nothing */
    char continues[SAID_REF]; /* the poller's: the ref of what this is the end of; "": nothing */
    char query[32];           /* of a press, to be answered */
    char moved_to[CHAT_REF];
    char name[100], title[100]; /* cleaned */
    char language[16];          /* "pt-br"; "": it does not say */
    bool crowd, there;
    bool long_text; /* so long that a client may have split it */
    char *text;
    char *rest; /* of a press: the keyboard without the button, as JSON; NULL: none was there */
    const char *say; /* static */
};
void update_free(struct update *update);

struct update_me { /* the bot */
    int64_t id;
    const char *username; /* "": not known yet */
};

/* Fills all of `ret`; UPDATE_NOTHING for whatever is not to be answered. */
void update_read(const cJSON *json, const struct update_me *me, struct update *ret);

/* The number in a ref that our own messages and the questions have: the message's id; 0: none. */
int64_t update_ref_message(const char *ref);

/* "-1001234:77" → chat and topic; false: it is none. */
bool update_chat_ref(const char *ref, int64_t *ret_chat, int64_t *ret_thread);

#endif
