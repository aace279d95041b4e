/* turn.h: what the concierge's files share: one message on its way through the model.
 *
 * Records: a conversation as we keep it, whatever server reads it: an array of
 *            {"kind":"person","text":…}   {"kind":"ours","text":…}
 *            {"kind":"answer","text":…,"calls":[{"id","name","arguments"}],"tokens":…}
 *            {"kind":"result","id":…,"text":…,"acts":…,"done":…,"effects":{…}}
 *          The last two are also the steps that are stored (db/run_step.h).
 * Threads: the worker of the run; what calls_run starts is joined before it returns. */
#ifndef CORE_AGENTS_CONCIERGE_TURN_H
#define CORE_AGENTS_CONCIERGE_TURN_H

#include "core/agents/concierge/tools.h"
#include "core/llm/client.h"
#include "db/run_step.h"

struct turn {
    struct run *run;
    cJSON *messages; /* of the next request */
    int64_t deadline_ms;
    int64_t steps; /* that are stored */
    int requests, calls;
    int64_t tokens;
    bool acted, shown;
    bool retried;    /* an answer of no use was asked for again */
    bool no_more;    /* calls: the limits are reached */
    bool over;       /* nothing more of the model is theirs today */
    struct str seen; /* "name arguments\n" of every call so far */
    struct str done; /* what was changed, in the words of the commands */
    struct str held; /* of an answer that may be a call in disguise */
    bool open;       /* the answer is words, and shown as it comes */
    size_t mark;     /* where the answer begins in the run's text, behind a word of apology */
};

/* --- history.c --- */

/* `records` as a server takes them, behind what is in `messages`: every call has its results and
 * every result its call, whatever is missing; roles alternate. Pure. */
void records_render(const cJSON *records, cJSON *messages);

/* The rules, the conversation so far as far as it fits, and the message. t->over: its person has
 * used up their day. */
int history_begin(struct turn *t, struct err *err);

/* Behind the last message, or one with it. */
void history_add(cJSON *messages, bool ours, const char *text);

/* --- calls.c --- */

/* Runs what the model wants run, step by step: the answer is stored before, each result after. What
 * only looks runs beside what only looks. Every call is answered once, in order. */
int calls_run(struct turn *t, struct llm_answer *answer, struct err *err);

/* After a crash: what was done and shown so far is again, and what was not answered is run. */
int calls_resume(struct turn *t, struct err *err);

#endif
