/* orchestrator.h: messages come in, are stored, run, and answered; what is to be said goes out.
 *
 * Owner:   orchestrator_new … orchestrator_free by the program; adapters are added before
 *          orchestrator_start.
 * Threads: receive, kick and wake from any task. Runs and sends are workers of two budgets.
 * Order:   free text of a chat runs one at a time; commands and presses one at a time for each
 *          person, beside it. */
#ifndef CORE_ORCHESTRATOR_ORCHESTRATOR_H
#define CORE_ORCHESTRATOR_ORCHESTRATOR_H

#include "core/orchestrator/adapter.h"
#include "core/orchestrator/limits.h"
#include "core/services/services.h"

struct llm; /* core/llm/client.h */

struct orchestrator_options {
    size_t runs;              /* at work at once */
    size_t messages_a_minute; /* of one person */
    struct llm *llm;          /* lent; NULL: there is no language model */
    struct run_limits limits; /* of its runs */
};

struct orchestrator;
struct orchestrator *orchestrator_new(struct services *services,
                                      const struct orchestrator_options *options);
void orchestrator_add(struct orchestrator *o, struct adapter *adapter); /* lent */

/* Takes up what a predecessor left. */
int orchestrator_start(struct orchestrator *o, struct err *err) MUST_USE;

/* No more runs; those at work have until `deadline_ms` (monotonic), then they are cancelled and
 * stay in the inbox. */
void orchestrator_stop_runs(struct orchestrator *o, int64_t deadline_ms);
/* What is due is sent until then. */
void orchestrator_stop_sends(struct orchestrator *o, int64_t deadline_ms);
void orchestrator_free(struct orchestrator *o);

/* One transaction for all; only then may the platform be told that they arrived. Those that are
 * refused (too long, not UTF-8, too many) are stored with their answer. */
int orchestrator_receive(struct orchestrator *o, struct adapter *adapter,
                         const struct inbound *messages, size_t count, struct err *err) MUST_USE;

/* What a platform says of a chat. `person`: who did it; the texts as in struct inbound. */
struct membership {
    const char *own, *chat, *person, *name, *title;
    bool crowd, there; /* there: messages may be sent to it */
};
int orchestrator_membership(struct orchestrator *o, struct adapter *adapter,
                            const struct membership *membership, struct err *err) MUST_USE;
/* The chat has another id from now on. */
int orchestrator_moved(struct orchestrator *o, const char *platform, const char *own,
                       const char *from, const char *to, struct err *err) MUST_USE;

/* As life_platform; `say` NULL: it is over, of all that begins with `name`. Logs its own failure.
 */
void orchestrator_incident(struct orchestrator *o, const char *name, const char *say,
                           const char *mend, const char *why);

/* A code for the first owner of this platform, if it has none; true: `ret_code` is to be shown. */
bool orchestrator_claim(struct orchestrator *o, struct adapter *adapter, char ret_code[12]);

/* Sends what is due. */
void orchestrator_send_due(struct orchestrator *o);
/* The same in the scheduler's turn, by its task alone, and what has waited long enough for its end
 * is answered. Returns when the next of these is due (wall ms; INT64_MAX: none). `by_time`: nothing
 * has changed since the last turn, and what was to come then is still known. */
int64_t orchestrator_send_turn(struct orchestrator *o, bool by_time);

/* Somebody attends these chats again: what waited for that is due. */
void orchestrator_attended(struct orchestrator *o, const char *platform, const char *own);

/* What is being answered in that chat is given up; its replies say so. */
void orchestrator_cancel(struct orchestrator *o, const char *platform, const char *own,
                         const char *chat);

/* How the line could go on: whole lines into `list`, an array of texts. */
void orchestrator_complete(struct orchestrator *o, const char *text, cJSON *list);

/* All commands by language into `list`, an array, first the one for who speaks none of the others:
 * {"language":"en", "about":…, "brief":…, "commands":[{"command":…,"description":…}]}. */
void orchestrator_menus(struct orchestrator *o, cJSON *list);

/* Who on that platform has chosen a language, into `list`, an array: {"person":…,"language":…}. */
void orchestrator_chosen(struct orchestrator *o, const char *platform, cJSON *list);

/* Is there a command of that name, without its slash? */
bool orchestrator_knows(const struct orchestrator *o, const char *name);

/* A person's page, see page_of and page_offer; NULL: it could not be read. */
cJSON *orchestrator_page(struct orchestrator *o, const struct page_ask *ask);
bool orchestrator_page_buttons(struct orchestrator *o, const struct page_ask *ask, cJSON *page);

/* Of one person, anew while others talk. */
void orchestrator_limit_messages(struct orchestrator *o, size_t a_minute);

struct orchestrator_load {
    size_t runs_waiting, runs, sends_waiting, sends;
};
struct orchestrator_load orchestrator_load(struct orchestrator *o);

#endif
