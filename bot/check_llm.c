#include "bot/check_rows.h"

#include "core/llm/client.h"

#define WAIT_MS ((int64_t)30 * 1000)

static const char *mend_of(enum llm_fault fault)
{
    switch (fault) {
    case LLM_KEY:
        return "write the key that the model's provider shows into llm.api_key";
    case LLM_NO_MODEL:
        return "look at llm.model, and at llm.base_url: it often has to end in /v1";
    case LLM_QUOTA:
        return "the account at the provider has no credit";
    case LLM_REFUSED:
        return "the server does not take what every chat completion has: is llm.base_url one?";
    default:
        return "look at llm.base_url and the network; then try again in a minute";
    }
}

/* The way there, the key, the model, streaming, and whether it uses a tool when it is told to. */
void check_llm(struct check *c)
{
    static const char tools[] =
        "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ready\","
        "\"description\":\"Says that you are "
        "ready.\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]";
    struct llm_options options = {c->config->llm_base_url, c->config->llm_api_key,
                                  c->config->llm_model, (unsigned)c->config->llm_timeout_ms};
    struct err err = ERR_INIT;
    enum llm_fault fault;
    auto_llm_answer answer = {0};
    if (!*c->config->llm_model)
        return;
    struct llm *llm = llm_new(net_http(c->net), &options);
    auto_json messages = cJSON_CreateArray();
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "role", "user");
    cJSON_AddStringToObject(message, "content", "Use the tool ready, and say nothing.");
    cJSON_AddItemToArray(messages, message);
    struct llm_ask ask = {
        .messages = messages, .tools = tools, .deadline_ms = env_mono_ms(c->env) + WAIT_MS};
    int failed = llm_ask(llm, &ask, &answer, &fault, &err);
    if (failed)
        check_fail(c, "model",
                   fault == LLM_KEY || fault == LLM_NO_MODEL || fault == LLM_REFUSED
                       ? EXIT_CONFIG_WRONG
                       : EXIT_UNREACHABLE,
                   err.why, mend_of(fault));
    else if (answer.end == LLM_END_CALLS)
        check_row(c, "model", STATE_OK, c->config->llm_model, NULL);
    else
        check_row(c, "model", STATE_WARNING, "it answers, but used no tool when it was told to",
                  "take a model that can call tools, or start its server so that it can");
    llm_free(llm);
}
