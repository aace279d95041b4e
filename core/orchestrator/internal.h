/* internal.h: what core/orchestrator shares among its own files.
 *
 * Threads: as in orchestrator.h. */
#ifndef CORE_ORCHESTRATOR_INTERNAL_H
#define CORE_ORCHESTRATOR_INTERNAL_H

#include "core/base/cancel.h"
#include "core/base/lane.h"
#include "core/orchestrator/orchestrator.h"
#include "db/inbox.h"

#define ADAPTERS_MAX 4
#define AHEAD        64
#define MESSAGE_MAX  ((size_t)16 * 1024) /* bytes of a text that a person may send */
#define HELD_MOST    32                  /* messages whose end may still come */

struct run_job;   /* orchestrator.c */
struct send_mark; /* sender.c */

struct orchestrator {
    struct services *services;
    struct env *env;
    struct adapter *adapters[ADAPTERS_MAX];
    size_t adapter_count;
    struct lanes *runs, *sends;
    /* the scheduler's task alone: what is due next, in order, since it last looked */
    struct outbox_next ahead[AHEAD];
    size_t ahead_count, ahead_at;
    pthread_mutex_t lock; /* protects all below */
    struct orchestrator_options options;
    struct run_job *posted; /* by inbox id: in a lane or at work */
    struct held {
        struct inbox_ref ref;
        int64_t until_ms; /* monotonic */
    } held[HELD_MOST];
    size_t held_count;
    bool overflow; /* something waits in the inbox that did not fit into the lanes */
    bool stopping;
    bool crowded;                      /* more chats were due than were taken at once */
    bool stuck;                        /* the result of a send could not be stored */
    bool trouble_told, trouble_posted; /* that the database cannot be written */
    int64_t troubles;                  /* so far: each is told under an id of its own */
    int64_t trouble_next_ms;           /* monotonic: when to try to tell it again */
    struct send_mark *sending;         /* by chat id: a send job is in a lane or at work */
};

struct adapter *adapter_of(struct orchestrator *o, const char *platform);

/* A short name for a failure, the same in the log and in what the person reads. */
#define FAILURE_REF 8
void failure_ref(struct env *env, char out[FAILURE_REF]);

/* orchestrator.c: a message into its lane; false: it does not fit now. */
bool inbox_post(struct orchestrator *o, const struct inbox_ref *ref);
/* Something waits in the inbox that did not fit. */
void inbox_overflow(struct orchestrator *o);
/* That message's answer is given up; or all that is being answered in that chat, its commands too.
 */
void run_corrected(struct orchestrator *o, int64_t inbox_id);
void conversation_cancel(struct orchestrator *o, int64_t chat_id, bool commands);
/* takes up what did not fit into the lanes, or could not be stored. */
void inbox_look(struct orchestrator *o);

/* held.c: messages that wait for their end, which their client sent by itself. */
/* It waits, from now on; false: it cannot. */
bool held_put(struct orchestrator *o, const struct inbox_ref *ref);
bool held_is(struct orchestrator *o, int64_t inbox_id);
/* It waits no more. */
void held_drop(struct orchestrator *o, int64_t inbox_id);
/* That one, or (0) all of that chat, are posted now: who calls them off does not wait for their
 * end. */
void held_release(struct orchestrator *o, int64_t inbox_id, int64_t chat_id);
/* Those that have waited long enough are posted; returns in how many ms the next has (INT64_MAX:
 * none waits). */
int64_t held_look(struct orchestrator *o);

/* sender.c */
void sender_clear(struct orchestrator *o);

/* trouble.c: a database that cannot be written, told past the outbox. Never waits. */
void trouble_look(struct orchestrator *o);

#endif
