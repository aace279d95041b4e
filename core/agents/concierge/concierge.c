/* The agent with a language model: asks it, runs what it wants run, and gives what it says to the
 * person. What it says is never more than words: cards and buttons are made by the tools. */
#include "core/agents/concierge/concierge.h"

#include "core/agents/concierge/turn.h"
#include "core/base/log.h"
#include "core/base/utf8.h"

#define TURN_MS ((int64_t)240 * 1000)
#define NAME    "The language model"

/* --- what it says --- */

/* What begins like a call in disguise is not shown before it is known to be none. */
static void on_text(void *arg, const char *piece)
{
    struct turn *t = arg;
    if (!t->open) {
        str_add(&t->held, piece);
        const char *at = t->held.buf + strspn(t->held.buf, " \t\r\n");
        if (!*at || strchr("<{[`", *at))
            return;
    }
    t->shown = true;
    run_text(t->run, "%s", t->open ? piece : t->held.buf);
    t->open = true;
}

/* It was words after all. */
static void show_held(struct turn *t)
{
    if (!t->open && t->held.len) {
        t->shown = true;
        run_text(t->run, "%s", t->held.buf);
    }
    str_clear(&t->held);
}

/* Text that is a call in disguise is nothing to show, and never run. */
static bool is_call_in_disguise(const char *text)
{
    static const char *const begins[] = {"<tool_call", "<function", "<|", "[TOOL_CALLS]"};
    text += strspn(text, " \t\r\n");
    if (!strncmp(text, "```", 3))
        text += strcspn(text, "\n");
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (!strncmp(text, begins[i], strlen(begins[i])))
            return true;
    return *text == '{' && strstr(text, "\"name\"") &&
           (strstr(text, "\"arguments\"") || strstr(text, "\"parameters\""));
}

/* Only a card of ours says that something is booked; whoever makes the model say so, or the model
 * by itself, is contradicted at once. */
static bool claims_a_booking(const char *text)
{
    static const char *const claims[] = {"i have booked",
                                         "i've booked",
                                         "i booked",
                                         "i have reserved",
                                         "i've reserved",
                                         "i reserved",
                                         "is now booked",
                                         "is booked for",
                                         "booking is confirmed",
                                         "reservation is confirmed",
                                         "is reserved for",
                                         "you're booked",
                                         "you are booked",
                                         "is all booked"};
    auto_text folded = utf8_fold(text);
    for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
        auto_text claim = utf8_fold(claims[i]);
        if (strstr(folded, claim))
            return true;
    }
    return false;
}

enum next { NEXT_ASK, NEXT_DONE, NEXT_FAILED };

static enum next ask_again(struct turn *t, const char *why, struct err *err)
{
    if (t->retried) {
        err_set(err, ERR_REMOTE, "The language model got tangled up.", "no answer of use");
        return NEXT_FAILED;
    }
    t->retried = true;
    history_add(t->messages, true, "…");
    history_add(t->messages, false, why);
    return NEXT_ASK;
}

static enum next after_words(struct turn *t, const struct llm_answer *a, struct err *err)
{
    if (a->end == LLM_END_FILTER) {
        err_set(err, ERR_INPUT,
                *a->refusal ? a->refusal : "The language model will not answer that.", "refused");
        return NEXT_FAILED;
    }
    if (a->count) /* calls that were cut: what was said beside them is not true */
        return ask_again(t, "[Your call was cut off and not run. Make it again, and shorter.]",
                         err);
    if (is_call_in_disguise(a->text))
        return ask_again(t,
                         "[That was no call of a tool. Use the tools that you have, or answer in "
                         "words.]",
                         err);
    if (!*a->text)
        return ask_again(t, "[Your answer was empty. Answer in words, or use a tool.]", err);
    show_held(t);
    if (a->end == LLM_END_LENGTH)
        run_text(t->run, " …");
    if (claims_a_booking(a->text))
        run_text(
            t->run,
            "\n\n(Only a card of mine says what is booked; /reservations reads your account.)");
    return NEXT_DONE;
}

/* --- what the owner hears --- */

struct told_args {
    struct services *services;
    enum llm_fault fault;
    const char *say, *why;
    bool outbox;
};

static int tell(struct db_conn *conn, void *arg, struct err *err)
{
    struct told_args *a = arg;
    int64_t now = env_wall_ms(a->services->env);
    return a->fault == LLM_FINE ? life_platform_over(a->services, conn, NAME, now, &a->outbox, err)
                                : life_platform(a->services, conn, a->say,
                                                "Commands and plain phrases go on without it.",
                                                a->why, now, &a->outbox, err);
}

/* Once when it fails for good or for long, and once when it is over. */
static void tell_owner(struct turn *t, enum llm_fault fault, const char *why)
{
    struct llm *llm = t->run->llm;
    static const char *const says[] = {
        [LLM_QUOTA] = NAME ": its credit is used up",
        [LLM_KEY] = NAME ": it does not accept the key",
        [LLM_NO_MODEL] = NAME ": there is none of that name at that address",
        [LLM_REFUSED] = NAME ": its server refuses requests",
    };
    const char *say = fault < (enum llm_fault)ARRAY_LEN(says) ? says[fault] : NULL;
    if (!say && llm_is_resting(llm))
        say = NAME " does not answer";
    struct told_args args = {t->run->services, fault, say, why, false};
    struct err err = ERR_INIT;
    if ((fault != LLM_FINE && !say) || !llm_set_told(llm, fault))
        return;
    if (db_write(t->run->services->db, tell, &args, &err)) {
        llm_forget_told(llm);
        log_err(LOG_ERR, "llm", &err, "telling the owner");
    } else if (args.outbox) {
        services_look(t->run->services);
    }
}

/* --- the turn --- */

static int ask(struct turn *t, struct llm_answer *a, enum llm_fault *ret_fault, struct err *err)
{
    const struct run_limits *limits = t->run->limits;
    bool last = t->requests + 1 >= limits->requests;
    t->no_more = t->no_more || t->tokens >= limits->tokens;
    str_clear(&t->held);
    t->open = false;
    struct llm_ask ask = {.messages = t->messages,
                          .tools = tools_json(),
                          .no_more_calls = last || t->no_more,
                          .text = on_text,
                          .text_arg = t,
                          .cancel = t->run->cancel,
                          .deadline_ms = t->deadline_ms};
    t->requests++;
    run_progress(t->run, "Thinking");
    int failed = llm_ask(t->run->llm, &ask, a, ret_fault, err);
    t->tokens += a->prompt_tokens + a->completion_tokens;
    t->run->llm_tokens = t->tokens;
    log_line(LOG_DEBUG, "llm", "inbox=%lld request=%d prompt=%lld cached=%lld answer=%lld",
             (long long)t->run->message.id, t->requests, (long long)a->prompt_tokens,
             (long long)a->cached_tokens, (long long)a->completion_tokens);
    if (*ret_fault != LLM_CANCELLED)
        tell_owner(t, *ret_fault, err->why);
    return failed;
}

static int converse(struct turn *t, enum llm_fault *ret_fault, struct err *err)
{
    for (;;) {
        auto_llm_answer a = {0};
        enum next next = NEXT_ASK;
        int failed = ask(t, &a, ret_fault, err);
        if (failed && (*ret_fault != LLM_BAD_CALL || t->retried))
            return -1;
        if (failed)
            next = ask_again(t, "[Your call was not understood. Make it again.]", err);
        else if (a.end != LLM_END_CALLS)
            next = after_words(t, &a, err);
        else if (t->requests < t->run->limits->requests) {
            show_held(t);
            if (calls_run(t, &a, err))
                return -1;
        } else {
            run_text(t->run, "That took too many steps; this is how far I got.");
            next = NEXT_DONE;
        }
        if (next == NEXT_FAILED && *ret_fault == LLM_FINE && err->kind == ERR_REMOTE)
            *ret_fault = LLM_BAD_CALL;
        if (next != NEXT_ASK)
            return next == NEXT_DONE ? 0 : -1;
    }
}

/* What was said so far is not the answer. */
static void take_back(struct run *run, size_t mark)
{
    auto_text kept = mem_textn(run->text.buf, MIN_OF(mark, run->text.len));
    str_clear(&run->text);
    str_add(&run->text, kept);
}

/* Nothing was shown or done: the same wish, by commands and grammar. */
static int without_model(struct run *run, size_t mark, struct err *err)
{
    auto_text say = mem_text(err->say);
    take_back(run, mark);
    run_text(run, "%s I take you at your word instead.\n\n", say);
    if (agent_find("commands")->run(run, err) == 0)
        return 0;
    auto_text theirs = mem_text(err->say);
    return err_say(err, "%s %s", say, theirs);
}

/* What was begun is brought to its end. */
static int may_ask(const struct turn *t, struct err *err)
{
    return t->over && !t->requests
               ? err_set(err, ERR_LIMIT, "You have used up the language model's share of a day.",
                         "the tokens of a day")
               : 0;
}

static int run_concierge(struct run *run, struct err *err)
{
    struct turn t = {.run = run,
                     .mark = run->text.len,
                     .deadline_ms = env_mono_ms(run->services->env) + TURN_MS,
                     .seen = STR_INIT(256 * 1024),
                     .done = STR_INIT(RUN_TEXT_MAX),
                     .held = STR_INIT(LLM_TEXT_MAX)};
    enum llm_fault fault = LLM_FINE;
    int failed = history_begin(&t, err) || calls_resume(&t, err) || may_ask(&t, err) ||
                 converse(&t, &fault, err);
    if (failed && err->kind == ERR_CANCELLED && cancel_is_set(run->cancel))
        fault = LLM_CANCELLED; /* between two steps */
    run->cancelled = fault == LLM_CANCELLED;
    bool untouched = !t.acted && !t.shown && !t.calls;
    if (failed && t.done.len) { /* what was done is said, however it ended */
        auto_text say = mem_text(err->say);
        take_back(run, t.mark);
        run_text(run, "%s Before that:\n%s", say, t.done.buf);
        failed = 0;
    } else {
        run->markdown = !failed;
    }
    json_free(t.messages);
    str_free(&t.seen);
    str_free(&t.done);
    str_free(&t.held);
    bool without = err->kind == ERR_LIMIT || (fault != LLM_FINE && fault != LLM_CANCELLED);
    if (failed && without && untouched) {
        return without_model(run, t.mark, err);
    }
    return failed ? -1 : 0;
}

const struct agent agent_concierge = {
    .name = "concierge",
    .about = "A language model that acts by tools.",
    .run = run_concierge,
};
