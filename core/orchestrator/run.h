/* run.h: one message being answered, as an agent sees it; and what an agent is.
 *
 * Owner:   the orchestrator makes and ends a run; the agent fills its reply.
 * Threads: one worker; the agent may block. */
#ifndef CORE_ORCHESTRATOR_RUN_H
#define CORE_ORCHESTRATOR_RUN_H

#include "core/base/cancel.h"
#include "core/orchestrator/adapter.h"
#include "core/orchestrator/limits.h"
#include "core/services/services.h"
#include "db/button.h"
#include "db/chat.h"
#include "db/inbox.h"

#define RUN_BUTTONS      32
#define RUN_TEXT_MAX     ((size_t)16000)
#define RUN_DOCUMENT_MAX ((size_t)512 * 1024)
#define RUN_BUTTON_TTL   (15 * MINUTE_MS) /* of what may be pressed again */

struct llm; /* core/llm/client.h */

struct run_button {
    char *label, *action;
    cJSON *args;
    bool once;
    int64_t ttl_ms;
    char *brief, *url; /* NULL: none */
};

struct run {
    struct services *services;
    struct inbox_row message;
    struct account account;
    struct session session;
    struct button pressed; /* action NULL: a text */
    struct err refused;    /* why that button may not be pressed */
    struct cancel *cancel;
    struct adapter *adapter; /* for events; NULL: none */
    struct llm *llm;         /* NULL: there is none */
    const struct run_limits *limits;
    int64_t key;         /* of a watch that it begins: the message's number, or run_key_of */
    int64_t llm_tokens;  /* that it has used of the model */
    struct str *capture; /* what is said goes there, and not to the person; NULL: it does not */

    /* The reply, written by the agent through the functions below. */
    struct str text;
    struct str card; /* ours, whoever wrote the text: it stands under it */
    cJSON *venues;
    struct run_button *buttons;
    size_t button_count, button_cap;
    char *pending;     /* JSON: what we now wait to hear; NULL: nothing any more */
    char *last_search; /* JSON: what was looked for now; NULL: nothing new */
    cJSON *document;   /* a file that goes with the answer: {"name":…,"text":…} */
    bool new_session;  /* forget this conversation */
    bool forget;       /* forget this person */
    bool markdown;     /* the text is written so */
    bool cancelled;    /* `cancel` came in the middle, and what is said is how far that was */
    bool replaces;     /* the answer takes the place of the message that was pressed */
    bool spent;        /* the button that was pressed is over */
    const char *menu;  /* the language chosen (static); "": the platform's; NULL: as it was */
    bool asks;         /* a number was asked for: a bare one answers it and presses no button */
};

/* Of the n-th thing (from 1) that a message begins: the same after a crash, and nobody else's. */
int64_t run_key_of(int64_t inbox_id, int nth);

/* A piece of the answer; shown at once, and part of the final text. */
void run_text(struct run *run, const char *fmt, ...) PRINTF(2, 3);
/* The same for what is stated by code alone: what is to be confirmed, and what came of it. It
 * stands at the end of the answer, and no model's words are in it. */
void run_card(struct run *run, const char *text);
void run_progress(struct run *run, const char *text);
/* Takes `venues`: {"type":"venues","id":…,"venues":[…]}. At most one a run. */
void run_venues(struct run *run, cJSON *venues);
/* A file with the answer, of at most RUN_DOCUMENT_MAX bytes. False: the platform has no files. */
bool run_document(struct run *run, const char *name, const char *text);
/* As adapter_ops.link, of the platform that asked. */
bool run_link(struct run *run, const char *payload, struct str *out);
/* Takes `args` (an object or NULL). Over RUN_BUTTONS they are left out. */
void run_button(struct run *run, const char *label, const char *action, cJSON *args, bool once,
                int64_t ttl_ms);
/* One that may be pressed again, and that is called `brief` where it stands under what it is about.
 */
void run_brief_button(struct run *run, const char *label, const char *brief, const char *action,
                      cJSON *args, int64_t ttl_ms);
/* … and that opens `url`, where buttons can. */
void run_url_button(struct run *run, const char *label, const char *url, const char *action,
                    cJSON *args, int64_t ttl_ms);

/* The texts, buttons and the rest of a reply, of a run that is no more. */
void run_reply_free(struct run *run);

struct agent {
    const char *name;
    const char *about; /* one sentence */
    /* 0: the reply is in the run. -1: err->say is the reply. */
    int (*run)(struct run *run, struct err *err);
    /* Its commands by language, see orchestrator_menus. NULL: it has none. */
    void (*menus)(cJSON *list);
    /* Is there a command of that name, without its slash? NULL: it has none. */
    bool (*knows)(const char *name);
    /* How a line could go on: whole lines into `list`. Must not ask the provider. NULL: no idea. */
    void (*complete)(struct services *services, const char *text, cJSON *list);
};

/* By name; NULL: there is none. */
const struct agent *agent_find(const char *name);
extern const struct agent *const agents[];
extern const size_t agents_count;

#endif
