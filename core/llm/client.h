/* client.h: a language model behind an OpenAI-compatible server: one request, streamed.
 *
 * Owner:   llm_new … llm_free by the program.
 * Threads: every function from any task; llm_ask blocks its caller.
 * Retries: the call, never the turn: nothing is asked again once a piece of the answer was shown.
 *          Retry-After is waited for, unless that would be after the deadline: then it is busy.
 * Learnt:  what a server refuses (a field, a value) is left out from then on, in memory.
 * Secrets: the key is in a header and in no error. */
#ifndef CORE_LLM_CLIENT_H
#define CORE_LLM_CLIENT_H

#include "core/base/http.h"
#include "core/llm/stream.h"

enum llm_fault {
    LLM_FINE,
    LLM_DOWN,     /* not reached, broken off, overloaded, or too late */
    LLM_BUSY,     /* too many requests; it passes */
    LLM_QUOTA,    /* no credit: the owner's */
    LLM_KEY,      /* not accepted: the owner's */
    LLM_NO_MODEL, /* there is none of that name, or base_url is wrong: the owner's */
    LLM_TOO_LONG, /* more than the model reads */
    LLM_BLOCKED,  /* it will not answer that */
    LLM_BAD_CALL, /* it wrote a call that its own server refuses */
    LLM_REFUSED,  /* it does not take what we send */
    LLM_CANCELLED,
};

struct llm_options {
    const char *base_url, *api_key, *model;
    unsigned timeout_ms; /* to the first byte, and between events */
};

struct llm;
struct llm *llm_new(struct http *http, const struct llm_options *options);
void llm_free(struct llm *llm); /* NULL is fine */
void llm_set_key(struct llm *llm, const char *api_key);

struct llm_ask {
    const cJSON *messages;
    const char *tools;  /* the beginning of a request, {"tools":[…], which lives as long as the
                         * program: thousands of requests share its bytes; NULL: none */
    bool no_more_calls; /* it is to answer in words */
    llm_text_fn *text;  /* each piece; NULL: nobody looks */
    void *text_arg;
    struct cancel *cancel;
    int64_t deadline_ms; /* monotonic: of all tries together */
};

/* 0: `ret` is whole, as far as the server goes (look at ret->end). -1: *ret_fault, a sentence in
 * err->say, and `ret` has what came; free it in either case. */
int llm_ask(struct llm *llm, const struct llm_ask *ask, struct llm_answer *ret,
            enum llm_fault *ret_fault, struct err *err) MUST_USE;

/* What a refusal means; pure, for tests. `field` gets the one that is not supported, or "". */
enum llm_fault llm_fault_of(int status, const char *error, char field[64]);

/* How the owner is to know it: true if they do not yet. What they knew before we started, nobody
 * knows. And: they could not be told. */
bool llm_set_told(struct llm *llm, enum llm_fault fault);
void llm_forget_told(struct llm *llm);

/* True: so many calls have failed in a row that it is not asked for a while. */
bool llm_is_resting(struct llm *llm);

#endif
