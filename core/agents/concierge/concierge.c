/* The agent with a language model: asks it, runs what it wants run, and gives what it says to the
 * person. What it says is never more than words: cards and buttons are made by the tools. */
#include "core/agents/concierge/concierge.h"

#include "core/agents/commands/menu.h"
#include "core/agents/concierge/tools.h"
#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/llm/client.h"

#define TURN_MS       ((int64_t)240 * 1000)
#define HISTORY_MOST  60 /* messages */
#define BYTES_A_TOKEN 3
#define CALENDAR_DAYS 14
#define SAME_MOST     2 /* the same call in one run */
#define NAME          "The language model"

extern const char concierge_md[]; /* made by the Makefile from concierge.md */

struct turn {
    struct run *run;
    cJSON *messages;
    int64_t deadline_ms;
    int requests, calls;
    int64_t tokens;
    bool acted, shown;
    bool retried;    /* an answer of no use was asked for again */
    bool no_more;    /* calls: the limits are reached */
    struct str seen; /* "name arguments\n" of every call so far */
    struct str done; /* what was changed, in the words of the commands */
    struct str held; /* of an answer that may be a call in disguise */
    bool open;       /* the answer is words, and shown as it comes */
    size_t mark;     /* where the answer begins in the run's text, behind a word of apology */
};

/* --- what it reads --- */

static void add_message(cJSON *list, const char *role, const char *content)
{
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "role", role);
    cJSON_AddStringToObject(message, "content", content);
    cJSON_AddItemToArray(list, message);
}

/* Some servers want the roles to alternate. */
static void add_said(cJSON *list, bool ours, const char *text)
{
    const char *role = ours ? "assistant" : "user";
    cJSON *last = cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1);
    if (!*text)
        return;
    if (!last || strcmp(json_text_or(last, "role", ""), role) != 0) {
        add_message(list, role, text);
        return;
    }
    auto_str joined = STR_INIT(256 * 1024);
    str_addf(&joined, "%s\n%s", json_text_or(last, "content", ""), text);
    cJSON_ReplaceItemInObjectCaseSensitive(last, "content", cJSON_CreateString(joined.buf));
}

struct history {
    int64_t session_id, account_id;
    struct said list[HISTORY_MOST];
    size_t count;
};

static int read_history(struct db_conn *conn, void *arg, struct err *err)
{
    struct history *h = arg;
    return messages_last(conn, h->session_id, h->account_id, h->list, HISTORY_MOST, &h->count, err);
}

/* The newest that fit, begun by the person. */
static int add_history(struct turn *t, struct err *err)
{
    struct history h = {.session_id = t->run->session.id, .account_id = t->run->account.id};
    size_t room = t->run->limits->history_tokens * BYTES_A_TOKEN, first;
    if (db_read(t->run->services->db, read_history, &h, err))
        return -1;
    for (first = h.count; first > 0; first--) {
        size_t len = strlen(h.list[first - 1].text) + 12;
        if (len > room)
            break;
        room -= len;
    }
    while (first < h.count && h.list[first].ours)
        first++;
    for (size_t i = first; i < h.count; i++) {
        auto_str clean = STR_INIT(64 * 1024); /* what we said names restaurants, and strangers */
        tools_add_clean(&clean, h.list[i].text);
        add_said(t->messages, h.list[i].ours, clean.buf);
    }
    for (size_t i = 0; i < h.count; i++)
        free(h.list[i].text);
    return 0;
}

/* What day it is there, worked out for each message; models are bad at calendars, so it stands
 * there. */
static void add_now(struct turn *t, struct str *out)
{
    struct run *run = t->run;
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const struct city *city = city_of(run->services, run->account.city);
    const char *name = city ? city->zone : run->account.zone;
    auto_zone zone = services_zone(name);
    struct local now = zone_local(zone, run->message.received_ms);
    char text[DATE_TEXT];
    str_addf(out, "\n\n[now: %s %s %02d:%02d in %s, %s. calendar:", days[date_weekday(now.date)],
             date_text(now.date, text), now.minute / 60, now.minute % 60,
             city ? city->name : run->account.city, name);
    for (int i = 0; i < CALENDAR_DAYS; i++) {
        struct date day = date_add(now.date, i);
        str_addf(out, " %s %s", days[date_weekday(day)], date_text(day, text));
    }
    str_addf(out, ". clock: %s hours", run->account.hours24 ? "24" : "12");
    const struct menu *menu = menu_of(account_language(&run->account));
    if (menu)
        str_addf(out, ". where the message leaves it open, answer in %s", menu->english);
    str_add(out, "]");
}

static int begin_messages(struct turn *t, struct err *err)
{
    auto_str said = STR_INIT(64 * 1024);
    t->messages = cJSON_CreateArray();
    add_message(t->messages, "system", concierge_md);
    if (add_history(t, err))
        return -1;
    str_add(&said, t->run->message.text);
    add_now(t, &said);
    add_said(t->messages, false, said.buf);
    return 0;
}

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

static bool was_asked_before(struct turn *t, const struct llm_call *call)
{
    auto_str line = STR_INIT(LLM_ARGS_MAX + 200);
    int times = 0;
    str_addf(&line, "\n%s %s\n", call->name, call->arguments);
    for (const char *at = t->seen.buf; (at = strstr(at, line.buf)); at++)
        times++;
    str_add(&t->seen, line.buf);
    return times >= SAME_MOST;
}

static void make_id(struct turn *t, char id[LLM_ID])
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (int i = 0; i < LLM_ID - 1; i++)
        id[i] = alphabet[env_random_below(t->run->services->env, sizeof(alphabet) - 1)];
    id[LLM_ID - 1] = '\0';
}

static char *result_of(struct turn *t, const struct llm_call *call)
{
    static const char over[] =
        "{\"ok\":false,\"error\":\"That was the last use of tools in this turn. "
        "Say what you found.\"}";
    static const char again[] = "{\"ok\":false,\"error\":\"You did just this already; its result "
                                "stands above. Do something else, or answer.\"}";
    const struct tool *tool = tool_find(call->name);
    if (t->no_more || t->calls >= t->run->limits->tool_calls) {
        t->no_more = true;
        return mem_text(over);
    }
    t->calls++;
    if (was_asked_before(t, call))
        return mem_text(again);
    t->acted = t->acted || (tool && tool->acts);
    return tool_call(t->run, call->name, call->arguments, call->whole, &t->done);
}

/* Every call is answered once, in order, whatever became of it. */
static void run_calls(struct turn *t, struct llm_answer *a)
{
    show_held(t);
    cJSON *message = cJSON_CreateObject(), *results = cJSON_CreateArray();
    cJSON_AddStringToObject(message, "role", "assistant");
    json_put_text(message, "content", *a->text ? a->text : NULL);
    cJSON *calls = cJSON_AddArrayToObject(message, "tool_calls");
    for (size_t i = 0; i < a->count; i++) {
        struct llm_call *call = &a->calls[i];
        cJSON *item = cJSON_CreateObject(), *result = cJSON_CreateObject();
        auto_text text = NULL;
        make_id(t, call->id);
        text = result_of(t, call);
        cJSON_AddStringToObject(item, "id", call->id);
        cJSON_AddStringToObject(item, "type", "function");
        cJSON *function = cJSON_AddObjectToObject(item, "function");
        cJSON_AddStringToObject(function, "name", call->name);
        cJSON_AddStringToObject(function, "arguments", call->whole ? call->arguments : "{}");
        cJSON_AddItemToArray(calls, item);
        cJSON_AddStringToObject(result, "role", "tool");
        cJSON_AddStringToObject(result, "tool_call_id", call->id);
        cJSON_AddStringToObject(result, "content", text);
        cJSON_AddItemToArray(results, result);
    }
    cJSON_AddItemToArray(t->messages, message);
    while (cJSON_GetArraySize(results))
        cJSON_AddItemToArray(t->messages, cJSON_DetachItemFromArray(results, 0));
    json_free(results);
    if (t->run->text.len) /* what follows is another thought */
        run_text(t->run, "\n\n");
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
    add_said(t->messages, true, "…");
    add_said(t->messages, false, why);
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
        run_text(t->run, "\n\n(Nothing is booked: I do not book. Resy's own page does.)");
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
        else if (t->requests < t->run->limits->requests)
            run_calls(t, &a);
        else {
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
static int without_model(struct run *run, size_t mark, const struct err *why, struct err *err)
{
    auto_text say = mem_text(why->say);
    take_back(run, mark);
    run_text(run, "%s I take you at your word instead.\n\n", say);
    if (agent_find("commands")->run(run, err) == 0)
        return 0;
    auto_text theirs = mem_text(err->say);
    return err_say(err, "%s %s", say, theirs);
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
    int failed = begin_messages(&t, err) || converse(&t, &fault, err);
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
    if (failed && fault != LLM_FINE && fault != LLM_CANCELLED && untouched) {
        struct err why = *err;
        return without_model(run, t.mark, &why, err);
    }
    return failed ? -1 : 0;
}

const struct agent agent_concierge = {
    .name = "concierge",
    .about = "A language model that acts by tools.",
    .run = run_concierge,
};
