/* schema.h: arguments of a tool against its JSON Schema, of which we use a small part.
 *
 * Threads: pure.
 * Facts:   what every server takes: type, properties, required, enum, minimum, maximum, pattern of
 *          ours ("date", "time", as `format`), description. A server's own "strict" is a help to
 * the model and no promise to us. */
#ifndef CORE_AGENTS_CONCIERGE_SCHEMA_H
#define CORE_AGENTS_CONCIERGE_SCHEMA_H

#include "core/base/json.h"

/* 0: `args` fit; a number that came as a text is made one. -1: `out` says to the model what is
 * wrong and what would be right. */
int schema_check(const cJSON *schema, cJSON *args, struct str *out);

/* A keyword in a schema of ours that schema_check does not know, or NULL; for a test. */
const char *schema_unknown(const cJSON *schema);

#endif
