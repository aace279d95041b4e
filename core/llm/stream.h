/* stream.h: a streamed chat completion, byte by byte: text as it comes, and at the end the whole
 * answer: text, calls of tools, what it cost, or why it failed.
 *
 * Owner:   llm_stream_new … llm_stream_free; llm_answer_free frees what an answer holds.
 * Threads: one at a time.
 * Memory:  a line, the text and the arguments have ceilings; over them the answer counts as failed.
 * Facts:   servers differ in everything but the framing. An answer is whole only with a finish
 *          reason or [DONE]: a connection that ends well proves nothing. Calls are told apart by
 *          index, id and name together, since each is missing, repeated or always 0 somewhere. A
 *          call whose arguments are no object is not whole, and must not be run. */
#ifndef CORE_LLM_STREAM_H
#define CORE_LLM_STREAM_H

#include "core/base/json.h"

#define LLM_CALLS    16 /* more are left out */
#define LLM_TEXT_MAX ((size_t)64 * 1024)
#define LLM_ARGS_MAX ((size_t)32 * 1024)
#define LLM_LINE_MAX ((size_t)1 << 20)
#define LLM_NAME_MAX 64
#define LLM_ID       10 /* ours: nine letters and digits, which every server takes */

struct llm_call {
    char id[LLM_ID]; /* ours */
    char name[LLM_NAME_MAX + 1];
    char *arguments; /* a JSON object as text; what came, where it is none */
    bool whole;
};

enum llm_end {
    LLM_END_CUT,    /* no finish reason and no [DONE]: not an answer */
    LLM_END_STOP,   /* it said what it wanted to say */
    LLM_END_CALLS,  /* it wants tools */
    LLM_END_LENGTH, /* it ran out of tokens */
    LLM_END_FILTER, /* refused */
    LLM_END_ERROR,  /* `error` */
};

struct llm_answer {
    enum llm_end end;
    char *text, *refusal;   /* never NULL */
    struct llm_call *calls; /* at most LLM_CALLS */
    size_t count;
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    char *error; /* JSON of the error object, or text; NULL: none */
};
void llm_answer_free(struct llm_answer *answer);
#define auto_llm_answer CLEANUP(llm_answer_free) struct llm_answer

struct llm_stream;
/* `text` is called with each piece that may be shown (NULL: nobody looks). */
typedef void llm_text_fn(void *arg, const char *piece);
struct llm_stream *llm_stream_new(llm_text_fn *text, void *arg);
void llm_stream_free(struct llm_stream *stream);

/* False: enough, the rest need not be read ([DONE], or an error). *ret_data: an event was in it,
 * and not only a comment that keeps the line open; may be NULL. */
bool llm_stream_feed(struct llm_stream *stream, const char *bytes, size_t len, bool *ret_data);

/* After the last byte. Fills all of `ret`. */
void llm_stream_end(struct llm_stream *stream, struct llm_answer *ret);

#endif
