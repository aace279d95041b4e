/* limits.h: how far one run may go that has a language model. */
#ifndef CORE_ORCHESTRATOR_LIMITS_H
#define CORE_ORCHESTRATOR_LIMITS_H

#include "core/base/base.h"

struct run_limits {
    int requests, tool_calls;
    int64_t tokens;        /* read and written */
    size_t history_tokens; /* of the conversation so far that it reads */
};

#endif
