/* tools.h: what the concierge can do: one table, a row each: name, what it is for, its arguments as
 * JSON Schema, and a function.
 *
 * A tool does what a command does, through the same functions: so the two cannot say different
 * things, and whatever is shown to the person (cards, buttons) is made by code and not by the
 * model. Nothing here books or cancels a reservation, takes a person's id or an address. Threads:
 * on the worker of a run. */
#ifndef CORE_AGENTS_CONCIERGE_TOOLS_H
#define CORE_AGENTS_CONCIERGE_TOOLS_H

#include "core/orchestrator/run.h"

struct tool {
    const char *name, *about, *parameters;
    bool acts; /* changes something; else it only looks */
    bool asks; /* the provider, which may take long */
    /* What it says goes to run->text, its cards and buttons to the run. `args` fit the schema. */
    int (*run)(struct run *run, const cJSON *args, struct err *err);
};
extern const struct tool tools[];
extern const size_t tools_count;

/* NULL: there is none of that name. */
const struct tool *tool_find(const char *name);

/* The table as a request begins with it, {"tools":[…]; its bytes are always the same. Static. */
const char *tools_json(void);

/* Runs one call and gives its result as JSON for the model; never fails: what went wrong is in it.
 * What was shown to the person stays in the run, and what was said does not; `done` gets it if
 * something was changed. */
char *tool_call(struct run *run, const char *name, const char *arguments, bool whole,
                struct str *done);

bool tool_went_well(const char *result);

/* `text` without characters that nobody sees. */
void tools_add_clean(struct str *out, const char *text);

#endif
