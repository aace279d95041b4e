#include "core/agents/commands/commands.h"
#include "core/agents/concierge/concierge.h"

const struct agent *const agents[] = {
    &agent_commands,
    &agent_concierge,
};
const size_t agents_count = ARRAY_LEN(agents);

const struct agent *agent_find(const char *name)
{
    for (size_t i = 0; i < agents_count; i++)
        if (!strcmp(agents[i]->name, name))
            return agents[i];
    return NULL;
}
