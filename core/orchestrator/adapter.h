/* adapter.h: what the core needs of a platform, and what a platform gives the core.
 *
 * Calls go down through one `const struct adapter_ops` a platform; messages come up through
 * orchestrator_receive, which takes an inbound message also when it refuses it. A platform's own
 * struct embeds a `struct adapter`.
 * Threads: send on a worker of the sends budget, one at a time for each chat; event on any task. */
#ifndef CORE_ORCHESTRATOR_ADAPTER_H
#define CORE_ORCHESTRATOR_ADAPTER_H

#include "core/base/json.h"
#include "db/outbox.h"

#define PLATFORM_REF 96

struct inbound {     /* borrowed for the call; what is not there is zero */
    const char *own; /* the bot's own account there */
    const char *chat, *person;
    const char *name; /* of the person, and the title of a crowd: claims, not proofs */
    const char *title;
    const char *language;  /* in which their platform talks with them, "pt-br"; NULL: unknown */
    bool crowd;            /* several people are there */
    int64_t said_ms;       /* when it was said, by the platform's clock; 0: now */
    const char *edits;     /* the platform's id of the message that this one corrects */
    const char *continues; /* … of the message that this is the end of: a client has cut it */
    bool unfinished;       /* more of it may come, at once: it waits for that, shortly */
    const char *say;       /* the answer, where the platform knows it; `text` is kept with it */
    const char *ref;       /* the platform's id of the message: a repeat is dropped by it */
    bool press;            /* `text` is a button's token */
    bool owner;            /* the platform knows that this is an owner */
    bool acts;             /* false: may look and propose, but not do */
    bool unmetered;        /* no limit of messages a minute */
    const char *text;      /* UTF-8 or not: checked by the orchestrator */
    size_t text_len;
};

enum event_kind {
    EVENT_BEGUN,    /* the message is accepted, and will be answered */
    EVENT_TEXT,     /* a piece of the answer */
    EVENT_PROGRESS, /* what is being done */
    EVENT_VENUES,   /* a list to show as cards */
    EVENT_BUTTONS,
    EVENT_RESULT, /* all of it is there, and stored: it is on its way */
    EVENT_ERROR,
    EVENT_GIVEN_UP, /* it will not be answered: its correction is */
};
struct event { /* borrowed for the call */
    enum event_kind kind;
    const char *text;
    const cJSON *data;
};

struct delivery { /* borrowed for the call */
    int64_t id;   /* of the outbox row */
    enum outbox_kind kind;
    const cJSON *message;
    const char *own, *chat;
    const char *person;    /* whom it is for, as they are known there; NULL, "": nobody */
    const char *inbox_ref; /* of the message that this answers; NULL: none */
    const char *edit_ref;  /* of our own message to change; NULL: none */
    const char *after_ref; /* what `newest` said when the row was first tried; NULL: nothing */
    bool last;             /* the end of that answer */
    bool maybe;            /* an earlier try may have arrived */
    bool *ret_maybe;       /* set where a failed try, or a part of it, may have arrived */
    const char *others;    /* of a row that may have arrived: the ids of what was sent in the same
                              room since it was first tried, "1001,1002"; NULL: nothing */
};

struct adapter;
struct adapter_ops {
    const char *name; /* the platform */
    size_t text_max;  /* of one message, in its own units; 0: no limit */
    bool has_edit;    /* a message can be changed */
    int alerts_max;   /* to one chat within a minute: more are a digest; 0: no limit */
    bool strangers;   /* anybody may write there: who is answered is for the core to say */
    bool documents;   /* a message may bring a file: "document" in a reply */
    bool pushes;      /* its chats are reached at any time */

    /* 0: it is there, and its id in `ref`. ERR_MISSING: nobody attends that chat now, keep it;
     * ERR_DENIED: the chat takes nothing any more, until something comes from there; ERR_INPUT:
     * this message is refused for good; ERR_LIMIT: the chat must wait for err->retry_ms, which is
     * nobody's failure; anything else: try again, after err->retry_ms if set. ERR_CANCELLED: it may
     * have arrived. */
    int (*send)(struct adapter *adapter, const struct delivery *delivery, char ref[PLATFORM_REF],
                struct err *err);

    /* Before a row of this chat is made into a message: 0, its turn is taken; else so many ms until
     * it is. Must not wait. NULL: there is no pace. */
    int64_t (*turn)(struct adapter *adapter, const char *chat, bool alert);

    /* `ref` is of the last message that had reached this room (the part of the chat's id before a
     * ':'), or "": becomes that of the newest message that is known to have been there before
     * anything that is sent from now on. Must not wait. NULL: nobody asks for it later. */
    void (*newest)(struct adapter *adapter, const char *chat, char ref[PLATFORM_REF]);

    /* Before the first send of this process: a message that was there before, with the platform's
     * id of it as in the inbox or as `send` gave it. NULL: nobody needs to know. */
    void (*known)(struct adapter *adapter, const char *chat, const char *ref);

    /* An address that opens a chat with us and says this there: at most 64 letters, digits, - and
     * _. False: there is none now. NULL: never. */
    bool (*link)(struct adapter *adapter, const char *payload, struct str *out);

    /* What a run is doing, for previews. Must not wait. NULL: it shows none. */
    void (*event)(struct adapter *adapter, const char *own, const char *chat, const char *inbox_ref,
                  const struct event *event);
};
struct adapter {
    const struct adapter_ops *ops;
};

#endif
