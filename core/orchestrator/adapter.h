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

struct inbound {     /* borrowed for the call */
    const char *own; /* the bot's own account there */
    const char *chat, *person;
    const char *ref;  /* the platform's id of the message: a repeat is dropped by it */
    bool press;       /* `text` is a button's token */
    bool owner;       /* the platform knows that this is an owner */
    bool acts;        /* false: may look and propose, but not do */
    bool unmetered;   /* no limit of messages a minute */
    const char *text; /* UTF-8 or not: checked by the orchestrator */
    size_t text_len;
};

enum event_kind {
    EVENT_TEXT,     /* a piece of the answer */
    EVENT_PROGRESS, /* what is being done */
    EVENT_VENUES,   /* a list to show as cards */
    EVENT_BUTTONS,
    EVENT_RESULT,
    EVENT_ERROR,
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
    const char *inbox_ref; /* of the message that this answers; NULL: none */
    const char *edit_ref;  /* of our own message to change; NULL: none */
    bool last;             /* the end of that answer */
};

struct adapter;
struct adapter_ops {
    const char *name; /* the platform */
    size_t text_max;  /* of one message, in its own units; 0: no limit */
    bool has_edit;    /* a message can be changed */
    int alerts_max;   /* to one chat within a minute: more are a digest; 0: no limit */

    /* 0: it is there, and its id in `ref`. ERR_MISSING: nobody attends that chat now, keep it;
     * ERR_DENIED: refused for good; anything else: try again, after err->retry_ms if set.
     * ERR_CANCELLED: it may have arrived. */
    int (*send)(struct adapter *adapter, const struct delivery *delivery, char ref[PLATFORM_REF],
                struct err *err);

    /* What a run is doing, for previews. Must not wait. NULL: it shows none. */
    void (*event)(struct adapter *adapter, const char *own, const char *chat, const char *inbox_ref,
                  const struct event *event);
};
struct adapter {
    const struct adapter_ops *ops;
};

#endif
