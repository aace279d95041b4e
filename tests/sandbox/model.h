/* model.h: an OpenAI-compatible server without sockets: answers that a test scripts, streamed as
 * chunks, and a check of every request against the pairing rules.
 *
 * Written from reference/llm.md alone and never from what our client sends.
 * Owner:   whoever made it with model_new.
 * Threads: one at a time. Nothing in it blocks or looks at a clock.
 *
 * Orders, all after "model ":
 *   say TEXT           the next answer is this text
 *   call NAME JSON     the next answer is a call; `also NAME JSON` adds another to it
 *   raw BODY           the next answer is this, with \n for line ends
 *   fault STATUS TEXT  the next answer is a refusal; `retry SECONDS`: that says for how long
 *   cut                the answer scripted last breaks off; `hang`: it never comes
 *   always             the answer scripted last is given for ever
 *   delay MS           every answer waits so long
 *   asked              how often it was asked, the last request, and what was wrong with any */
#ifndef TESTS_SANDBOX_MODEL_H
#define TESTS_SANDBOX_MODEL_H

#include "core/base/json.h"
#include "tests/sandbox/city.h"

#define MODEL_KEY  "sk-sandbox-KEY-7q2mR9vT4xW8zB1n"
#define MODEL_NAME "sandbox-model"

struct model;
struct model *model_new(void);
void model_free(struct model *model);

/* Is this path the model's? */
bool model_is(const char *path);

void model_ask(struct model *model, const struct city_request *request, struct city_answer *ret);

/* What a strict server would refuse this request for; NULL: nothing. Static. */
const char *model_wrong(const cJSON *body);

/* A control line without the leading "model ". As botapi_control. */
int model_control(struct model *model, const char *line, char **reply) MUST_USE;

#endif
