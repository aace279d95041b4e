/* models.h: what tests of the language model's agent order and look at, in the virtual world. */
#ifndef TESTS_UNIT_MODELS_H
#define TESTS_UNIT_MODELS_H

#include "tests/world.h"

static inline void model(struct world *w, const char *order)
{
    json_free(world_model(w, "%s", order));
}

/* How often it was asked so far; nothing of that may have been what a strict server refuses. */
static inline int64_t asked(struct world *w)
{
    auto_json json = world_model(w, "asked");
    const char *wrong = json_text(json, "wrong");
    world_check(w, !wrong, "a request that a strict server refuses: %s", wrong ? wrong : "");
    return json_i64_or(json, "asked", 0);
}

static inline bool last_request_has(struct world *w, const char *words)
{
    auto_json json = world_model(w, "asked");
    return strstr(json_text_or(json, "last", ""), words) != NULL;
}

#endif
