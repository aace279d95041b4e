/* The calls of an answer: stored, run, stored. Each runs in a run of its own, whose part of the
 * reply (cards, buttons, what was last looked for) is then put to the whole: so several may look at
 * once, and what a result did to the reply can be stored with it. */
#include "core/agents/concierge/turn.h"

#include "core/agents/commands/menu.h"
#include "core/base/log.h"
#include "db/tool_call.h"

#include <stdatomic.h>

#define TOOL_STACK ((size_t)256 * 1024)
#define SAME_MOST  2 /* the same call in one run */
#define BODY_MAX   ((size_t)256 * 1024)
#define BESIDE     256 /* threads that look beside their run, of all runs: more look one by one */

struct call {
    struct turn *t;
    const struct tool *tool; /* NULL: there is none of that name */
    const char *id, *name, *arguments;
    bool whole, refused; /* refused: it is answered, and not run */
    struct run run;
    struct str done;
    char *result;
    cJSON *record; /* of it, once it was run */
    int64_t took_ms;
    struct task *task;
};

static void say_more(struct turn *t)
{
    if (t->run->text.len) /* what follows is another thought */
        run_text(t->run, "\n\n");
}

/* --- may it run? --- */

static bool was_asked_before(struct turn *t, const struct call *call)
{
    auto_str line = STR_INIT(LLM_ARGS_MAX + 200);
    int times = 0;
    str_addf(&line, "\n%s %s\n", call->name, call->arguments);
    for (const char *at = t->seen.buf; (at = strstr(at, line.buf)); at++)
        times++;
    str_add(&t->seen, line.buf);
    return times >= SAME_MOST;
}

static void weigh(struct call *call)
{
    static const char over[] =
        "{\"ok\":false,\"error\":\"That was the last use of tools in this turn. "
        "Say what you found.\"}";
    static const char again[] = "{\"ok\":false,\"error\":\"You did just this already; its result "
                                "stands above. Do something else, or answer.\"}";
    struct turn *t = call->t;
    if (t->no_more || t->calls >= t->run->limits->tool_calls) {
        t->no_more = true;
        call->result = mem_text(over);
    } else {
        t->calls++;
        call->run.key = run_key_of(t->run->message.id, t->calls);
        if (was_asked_before(t, call))
            call->result = mem_text(again);
    }
    call->refused = call->result;
}

/* --- what it did to the reply --- */

static cJSON *effects_of(const struct run *run)
{
    cJSON *effects = cJSON_CreateObject(), *buttons = cJSON_AddArrayToObject(effects, "buttons");
    for (size_t i = 0; i < run->button_count; i++) {
        const struct run_button *b = &run->buttons[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", b->label);
        cJSON_AddStringToObject(item, "action", b->action);
        cJSON_AddItemToObject(item, "args", cJSON_Duplicate(b->args, true));
        cJSON_AddBoolToObject(item, "once", b->once);
        json_put_i64(item, "ttl", b->ttl_ms);
        if (b->brief)
            cJSON_AddStringToObject(item, "brief", b->brief);
        if (b->url)
            cJSON_AddStringToObject(item, "url", b->url);
        cJSON_AddItemToArray(buttons, item);
    }
    if (run->card.len)
        cJSON_AddStringToObject(effects, "card", run->card.buf);
    if (run->venues)
        cJSON_AddItemToObject(effects, "venues", cJSON_Duplicate(run->venues, true));
    if (run->last_search)
        cJSON_AddStringToObject(effects, "search", run->last_search);
    if (run->pending)
        cJSON_AddStringToObject(effects, "pending", run->pending);
    if (run->menu)
        cJSON_AddStringToObject(effects, "menu", run->menu);
    return effects;
}

static void replace(char **to, const char *text)
{
    if (!text)
        return;
    free(*to);
    *to = mem_text(text);
}

static void put_effects(struct run *run, const cJSON *effects)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_array(effects, "buttons"))
    {
        const char *label = json_text_or(item, "label", ""), *brief = json_text(item, "brief");
        const char *action = json_text_or(item, "action", ""), *url = json_text(item, "url");
        cJSON *args = cJSON_Duplicate(json_object(item, "args"), true);
        int64_t ttl = json_i64_or(item, "ttl", RUN_BUTTON_TTL);
        bool once = false;
        json_flag(item, "once", &once);
        if (brief)
            run_brief_button(run, label, brief, action, args, ttl);
        else if (url)
            run_url_button(run, label, url, action, args, ttl);
        else
            run_button(run, label, action, args, once, ttl);
    }
    if (json_text(effects, "card"))
        run_card(run, json_text(effects, "card"));
    if (json_object(effects, "venues"))
        run_venues(run, cJSON_Duplicate(json_object(effects, "venues"), true));
    replace(&run->last_search, json_text(effects, "search"));
    replace(&run->pending, json_text(effects, "pending"));
    const char *language = json_text(effects, "menu");
    const struct menu *menu = language ? menu_of(language) : NULL;
    if (language)
        run->menu = menu ? menu->code : "";
}

/* --- steps --- */

static cJSON *answer_record(const struct llm_answer *a)
{
    cJSON *record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "kind", "answer");
    cJSON_AddStringToObject(record, "text", a->text);
    json_put_i64(record, "tokens", a->prompt_tokens + a->completion_tokens);
    cJSON *calls = cJSON_AddArrayToObject(record, "calls");
    for (size_t i = 0; i < a->count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", a->calls[i].id);
        cJSON_AddStringToObject(item, "name", a->calls[i].name);
        cJSON_AddStringToObject(item, "arguments",
                                a->calls[i].whole ? a->calls[i].arguments : "{}");
        if (!a->calls[i].whole)
            cJSON_AddTrueToObject(item, "cut");
        cJSON_AddItemToArray(calls, item);
    }
    return record;
}

static cJSON *result_record(const struct call *call)
{
    cJSON *record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "kind", "result");
    cJSON_AddStringToObject(record, "id", call->id);
    cJSON_AddStringToObject(record, "text", call->result);
    cJSON_AddBoolToObject(record, "acts", !call->refused && call->tool && call->tool->acts);
    cJSON_AddStringToObject(record, "done", call->done.buf);
    cJSON_AddItemToObject(record, "effects", effects_of(&call->run));
    return record;
}

struct store_args {
    struct turn *t;
    const cJSON *answer; /* or: */
    const struct call *calls;
    size_t count;
};

static int log_call(struct db_conn *conn, const struct call *call, struct err *err)
{
    const struct run *run = call->t->run;
    struct tool_call log = {.account_id = run->account.id,
                            .inbox_id = run->message.id,
                            .tool = (char *)(uintptr_t)call->name,
                            .arguments = (char *)(uintptr_t)call->arguments,
                            .outcome = tool_went_well(call->result) ? "ok" : "failed",
                            .took_ms = call->took_ms,
                            .created_ms = env_wall_ms(run->services->env)};
    return tool_call_add(conn, &log, err);
}

static int store_one(struct db_conn *conn, const struct store_args *a, size_t i,
                     const cJSON *record, struct err *err)
{
    auto_str body = STR_INIT(BODY_MAX);
    json_print(&body, record);
    if (body.cut)
        return err_set(err, ERR_BUG, NULL, "a step of over %zu bytes", BODY_MAX);
    return run_step_add(conn, a->t->run->message.id, a->t->steps + (int64_t)i, !a->answer, body.buf,
                        err);
}

static int store_steps(struct db_conn *conn, void *arg, struct err *err)
{
    const struct store_args *a = arg;
    if (a->answer)
        return store_one(conn, a, 0, a->answer, err);
    for (size_t i = 0; i < a->count; i++)
        if (store_one(conn, a, i, a->calls[i].record, err) || log_call(conn, &a->calls[i], err))
            return -1;
    return 0;
}

static int store(struct store_args *args, struct err *err)
{
    struct turn *t = args->t;
    int failed = db_write(t->run->services->db, store_steps, args, err);
    t->steps += args->answer ? 1 : (int64_t)args->count;
    return failed;
}

/* --- running --- */

static void call_body(void *arg)
{
    struct call *call = arg;
    int64_t begun = env_mono_ms(call->run.services->env);
    call->result = tool_call(&call->run, call->name, call->arguments, call->whole, &call->done);
    call->took_ms = env_mono_ms(call->run.services->env) - begun;
}

/* It sees what the whole run sees, and writes for itself. */
static void call_init(struct call *call, struct turn *t)
{
    call->t = t;
    call->tool = tool_find(call->name);
    call->done = (struct str)STR_INIT(RUN_TEXT_MAX);
    call->run = *t->run;
    call->run.text = (struct str)STR_INIT(RUN_TEXT_MAX);
    call->run.card = (struct str)STR_INIT(RUN_TEXT_MAX);
    call->run.venues = call->run.document = NULL;
    call->run.buttons = NULL;
    call->run.button_count = call->run.button_cap = 0;
    call->run.pending = call->run.last_search = NULL;
    call->run.menu = NULL;
}

static void call_free(struct call *call)
{
    run_reply_free(&call->run);
    str_free(&call->done);
    free(call->result);
    json_free(call->record);
}

/* What changes somebody or something is done alone, and those behind it see it. Of the rest of a
 * reply (a document, a conversation that ends …) no tool makes use. */
static void put_back(struct call *call)
{
    struct run *run = call->t->run;
    call->record = result_record(call);
    put_effects(run, json_object(call->record, "effects"));
    if (call->tool && call->tool->acts)
        run->account = call->run.account;
    if (call->done.len)
        str_addf(&call->t->done, "%s%s", call->t->done.len ? "\n" : "", call->done.buf);
}

static bool looks(const struct call *call)
{
    return call->refused || !call->tool || !call->tool->acts;
}

static _Atomic int beside;

/* False: there are enough. */
static bool start_beside(struct call *call)
{
    if (atomic_fetch_add(&beside, 1) < BESIDE) {
        call->task = env_start(call->run.services->env, "tool", TOOL_STACK, call_body, call);
        return true;
    }
    atomic_fetch_sub(&beside, 1);
    return false;
}

static bool waits(const struct call *call)
{
    return !call->refused && call->tool && call->tool->asks;
}

static void start_all(struct call *calls, size_t count)
{
    size_t last = count; /* of those that wait for the provider: it needs no thread of its own */
    for (size_t i = 0; i < count; i++)
        last = waits(&calls[i]) ? i : last;
    for (size_t i = 0; i < last && last < count; i++)
        if (waits(&calls[i]) && !start_beside(&calls[i]))
            break;
    for (size_t i = 0; i < count; i++)
        if (!calls[i].task && !calls[i].refused)
            call_body(&calls[i]);
    for (size_t i = 0; i < count; i++) {
        if (!calls[i].task)
            continue;
        env_join(calls[i].task);
        atomic_fetch_sub(&beside, 1);
    }
}

static bool looks_by_name(const char *name)
{
    const struct tool *tool = tool_find(name);
    return !tool || !tool->acts;
}

static int given_up(struct err *err)
{
    return err_set(err, ERR_CANCELLED, "Stopped.", "between the steps of a run");
}

/* Those that only look, up to the next that acts; or one that acts. */
static int run_batch(struct turn *t, struct call *calls, size_t count, size_t *ret_run,
                     struct err *err)
{
    size_t n = 0;
    do {
        call_init(&calls[n], t);
        weigh(&calls[n]);
        n++;
    } while (looks(&calls[n - 1]) && n < count && looks_by_name(calls[n].name));
    t->acted = t->acted || !looks(&calls[n - 1]);
    start_all(calls, n);
    *ret_run = n;
    bool cancelled = cancel_is_set(t->run->cancel);
    size_t good = 0; /* what was given up has no result: it is run when the run goes on */
    while (good < n && (!cancelled || tool_went_well(calls[good].result)))
        put_back(&calls[good++]);
    if (good && store(&(struct store_args){.t = t, .calls = calls, .count = good}, err))
        return -1;
    return cancelled ? given_up(err) : 0;
}

/* As the model is to read it. */
static void add_result(cJSON *records, const char *id, const char *text)
{
    cJSON *record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "kind", "result");
    cJSON_AddStringToObject(record, "id", id);
    cJSON_AddStringToObject(record, "text", text);
    cJSON_AddItemToArray(records, record);
}

/* `answer` is stored, and the first `have` of its calls are answered: their results stand in
 * `records`, behind it, which are then given to the model. */
static int run_all(struct turn *t, const cJSON *answer, cJSON *records, size_t have,
                   struct err *err)
{
    const cJSON *list = json_array(answer, "calls"), *item;
    size_t count = (size_t)cJSON_GetArraySize(list), i = 0, n = 0;
    struct call *calls = mem_new(count + 1, sizeof(*calls));
    int failed = 0;
    cJSON_ArrayForEach(item, list)
    {
        bool cut = false;
        json_flag(item, "cut", &cut);
        calls[i++] = (struct call){.id = json_text_or(item, "id", ""),
                                   .name = json_text_or(item, "name", ""),
                                   .arguments = json_text_or(item, "arguments", "{}"),
                                   .whole = !cut};
    }
    for (i = have; i < count && !failed; i += n) {
        n = 0;
        failed = cancel_is_set(t->run->cancel) ? given_up(err)
                                               : run_batch(t, calls + i, count - i, &n, err);
    }
    for (size_t k = have; k < i; k++) {
        add_result(records, calls[k].id, calls[k].result);
        call_free(&calls[k]);
    }
    free(calls);
    records_render(records, t->messages);
    say_more(t);
    return failed;
}

static void make_id(struct turn *t, char id[LLM_ID])
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (int i = 0; i < LLM_ID - 1; i++)
        id[i] = alphabet[env_random_below(t->run->services->env, sizeof(alphabet) - 1)];
    id[LLM_ID - 1] = '\0';
}

int calls_run(struct turn *t, struct llm_answer *a, struct err *err)
{
    for (size_t i = 0; i < a->count; i++)
        make_id(t, a->calls[i].id);
    auto_json records = cJSON_CreateArray();
    cJSON *answer = answer_record(a);
    cJSON_AddItemToArray(records, answer);
    if (store(&(struct store_args){.t = t, .answer = answer}, err))
        return -1;
    return run_all(t, answer, records, 0, err);
}

/* --- after a crash --- */

struct resume_args {
    int64_t inbox_id;
    struct run_steps steps;
};

static int read_steps(struct db_conn *conn, void *arg, struct err *err)
{
    struct resume_args *a = arg;
    return run_steps_of(conn, a->inbox_id, &a->steps, err);
}

/* What a result did, once more. */
static void redo(struct turn *t, const cJSON *record)
{
    bool acts = false;
    const char *done = json_text_or(record, "done", "");
    json_flag(record, "acts", &acts);
    put_effects(t->run, json_object(record, "effects"));
    t->calls++;
    t->acted = t->acted || acts;
    if (*done)
        str_addf(&t->done, "%s%s", t->done.len ? "\n" : "", done);
}

/* One answer and the results that follow it, from *at on. */
static int resume_one(struct turn *t, const struct run_steps *steps, size_t *at, struct err *err)
{
    auto_json records = cJSON_CreateArray();
    size_t have = 0;
    const char *body = steps->list[*at].body;
    auto_json answer = json_parse(body, strlen(body), "a step", err);
    if (!answer)
        return -1;
    cJSON_AddItemToArray(records, cJSON_Duplicate(answer, true));
    t->no_more = t->no_more || t->tokens >= t->run->limits->tokens; /* as it was then */
    for (++*at; *at < steps->count && steps->list[*at].result; ++*at, have++) {
        body = steps->list[*at].body;
        auto_json result = json_parse(body, strlen(body), "a step", err);
        if (!result)
            return -1;
        const cJSON *call = cJSON_GetArrayItem(json_array(answer, "calls"), (int)have);
        str_addf(&t->seen, "\n%s %s\n", json_text_or(call, "name", ""),
                 json_text_or(call, "arguments", ""));
        redo(t, result);
        add_result(records, json_text_or(result, "id", ""), json_text_or(result, "text", ""));
    }
    t->requests++;
    t->tokens += json_i64_or(answer, "tokens", 0);
    if (*json_text_or(answer, "text", ""))
        run_text(t->run, "%s", json_text_or(answer, "text", ""));
    return run_all(t, answer, records, have, err);
}

static int resume_all(struct turn *t, const struct run_steps *steps, struct err *err)
{
    for (size_t at = 0; at < steps->count;)
        if (resume_one(t, steps, &at, err))
            return -1;
    return 0;
}

int calls_resume(struct turn *t, struct err *err)
{
    struct resume_args args = {.inbox_id = t->run->message.id};
    if (t->run->message.tries <= 1)
        return 0;
    int failed = db_read(t->run->services->db, read_steps, &args, err);
    t->steps = (int64_t)args.steps.count;
    if (!failed && args.steps.count) {
        log_line(LOG_INFO, "concierge", "inbox=%lld goes on from step %zu",
                 (long long)args.inbox_id, args.steps.count);
        failed = resume_all(t, &args.steps, err);
    }
    run_steps_free(&args.steps);
    return failed;
}
