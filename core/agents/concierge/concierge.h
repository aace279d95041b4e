/* concierge.h: the agent that a language model speaks for. Without one (run->llm NULL) it must not
 * be chosen. */
#ifndef CORE_AGENTS_CONCIERGE_CONCIERGE_H
#define CORE_AGENTS_CONCIERGE_CONCIERGE_H

#include "core/orchestrator/run.h"

extern const struct agent agent_concierge;

#endif
