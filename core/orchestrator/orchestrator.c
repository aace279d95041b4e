#include "core/orchestrator/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/orchestrator/run.h"
#include "db/llm_use.h"
#include "db/run_step.h"

#include <uthash.h>

#define TRIES_MOST   3
#define PULL         256
#define WORKER_STACK ((size_t)256 * 1024)

enum { LANE_CHAT = 1, LANE_PERSON = 2 };

struct run_job {
    struct job job;
    struct orchestrator *o;
    int64_t id, chat_id; /* of the inbox row */
    bool direct;
    bool corrected; /* protected by o->lock: another message stands for it */
    struct cancel cancel;
    struct run *run; /* protected by o->lock: while at work */
    UT_hash_handle hh;
};

void failure_ref(struct env *env, char out[FAILURE_REF])
{
    static const char alphabet[] = "ACDEFGHJKLMNPQRTUVWXY3479";
    for (int i = 0; i < 4; i++)
        out[i] = alphabet[env_random_below(env, sizeof(alphabet) - 1)];
    out[4] = '\0';
}

struct adapter *adapter_of(struct orchestrator *o, const char *platform)
{
    for (size_t i = 0; i < o->adapter_count; i++)
        if (!strcmp(o->adapters[i]->ops->name, platform))
            return o->adapters[i];
    return NULL;
}

/* --- one run --- */

static void run_clear(struct run *run)
{
    inbox_row_free(&run->message);
    session_free(&run->session);
    button_free(&run->pressed);
    run_reply_free(run);
    *run = (struct run){.text = STR_INIT(RUN_TEXT_MAX), .card = STR_INIT(RUN_TEXT_MAX)};
}

struct begin_args {
    struct run *run;
    int64_t id, now_ms;
};

static int begin(struct db_conn *conn, void *arg, struct err *err)
{
    struct begin_args *args = arg;
    struct run *run = args->run;
    if (inbox_begin(conn, args->id, &run->message, err) ||
        account_get(conn, run->message.account_id, &run->account, err) ||
        session_of(conn, run->message.chat_id, args->now_ms, &run->session, err))
        return -1;
    run->key = run->message.id;
    if (!run->message.press)
        return 0;
    run->refused = (struct err)ERR_INIT;
    if (button_press(conn, run->message.text, run->account.id, run->message.id, args->now_ms,
                     &run->pressed, &run->refused) &&
        run->refused.kind == ERR_STORE) {
        *err = run->refused;
        return -1;
    }
    return 0;
}

static cJSON *reply_of(struct run *run, bool ok)
{
    cJSON *reply = cJSON_CreateObject();
    cJSON_AddStringToObject(reply, "type", "reply");
    cJSON_AddStringToObject(reply, "text", run->text.buf);
    if (run->card.len) /* beside the text, which may be marked up and streamed */
        cJSON_AddStringToObject(reply, "card", run->card.buf);
    cJSON_AddBoolToObject(reply, "ok", ok);
    cJSON_AddBoolToObject(reply, "asks", run->asks);
    if (run->replaces)
        cJSON_AddTrueToObject(reply, "replaces");
    if (run->spent)
        cJSON_AddTrueToObject(reply, "spent");
    if (run->menu && ok)
        cJSON_AddStringToObject(reply, "menu", run->menu);
    if (run->markdown && ok)
        cJSON_AddTrueToObject(reply, "markdown");
    if (run->venues) {
        cJSON_AddItemToObject(reply, "venues", run->venues);
        run->venues = NULL;
    }
    if (run->document) {
        cJSON_AddItemToObject(reply, "document", run->document);
        run->document = NULL;
    }
    cJSON_AddArrayToObject(reply, "buttons");
    return reply;
}

struct finish_args {
    struct run *run;
    cJSON *reply;
    int64_t now_ms;
    bool gave_up; /* tried too often: the owner hears of it */
};

static int tell_owner(struct db_conn *conn, struct run *run, int64_t now_ms, struct err *err)
{
    auto_str text = STR_INIT(200);
    str_addf(&text, "A message could not be answered in %d tries (number %lld in the log).",
             TRIES_MOST, (long long)run->message.id);
    return notice_add(run->services, conn, 0, text.buf, now_ms, err);
}

static int offer_buttons(struct db_conn *conn, const struct finish_args *args, struct err *err)
{
    struct run *run = args->run;
    cJSON *list = cJSON_GetObjectItemCaseSensitive(args->reply, "buttons");
    while (cJSON_GetArraySize(list)) /* a batch that failed is tried anew */
        cJSON_DeleteItemFromArray(list, 0);
    for (size_t i = 0; i < run->button_count; i++) {
        const struct run_button *b = &run->buttons[i];
        struct button_spec spec = {.label = b->label,
                                   .brief = b->brief,
                                   .url = b->url,
                                   .action = b->action,
                                   .args = b->args,
                                   .once = b->once,
                                   .expires_ms = args->now_ms + b->ttl_ms};
        if (button_offer(run->services, conn, run->account.id, run->message.chat_id, &spec,
                         args->now_ms, list, err))
            return -1;
    }
    return 0;
}

/* On a day of theirs. */
static int use_llm(struct db_conn *conn, const struct run *run, int64_t now_ms, struct err *err)
{
    char day[DATE_TEXT];
    auto_zone zone = services_zone(run->account.zone);
    date_text(zone_local(zone, now_ms).date, day);
    if (!run->forget && run->llm_tokens &&
        llm_use_add(conn, run->account.id, day, run->llm_tokens, err))
        return -1;
    return run_steps_done(conn, run->message.id, err);
}

static int add_answer(struct db_conn *conn, const struct run *run, int64_t now_ms, struct err *err)
{
    auto_str whole = STR_INIT(2 * RUN_TEXT_MAX);
    str_addf(&whole, "%s%s%s", run->text.buf, run->card.len ? "\n\n" : "", run->card.buf);
    return message_add(conn, run->session.id, run->message.id, true, whole.buf, now_ms, err);
}

/* All that a run leaves, at once: either it was answered, or it was not. */
static int finish(struct db_conn *conn, void *arg, struct err *err)
{
    struct finish_args *args = arg;
    struct run *run = args->run;
    int64_t now = args->now_ms;
    if (run->new_session && session_end(conn, run->message.chat_id, now, err))
        return -1;
    if (!run->new_session && !run->forget &&
        (session_set_pending(conn, run->session.id, run->pending, err) ||
         (run->last_search && session_set_search(conn, run->session.id, run->last_search, err)) ||
         (!run->message.press && message_add(conn, run->session.id, run->message.id, false,
                                             run->message.text, now, err)) ||
         add_answer(conn, run, now, err)))
        return -1;
    if (args->gave_up && tell_owner(conn, run, now, err))
        return -1;
    if (offer_buttons(conn, args, err))
        return -1;
    cJSON_DeleteItemFromObjectCaseSensitive(args->reply, "session_id");
    json_put_i64(args->reply, "session_id", run->session.id);
    auto_str payload = STR_INIT((size_t)2 << 20);
    json_print(&payload, args->reply);
    struct outbox_row row = {.chat_id = run->message.chat_id,
                             .kind = OUTBOX_REPLY,
                             .due_ms = now,
                             .payload = payload.buf,
                             .inbox_id = run->message.id,
                             .last = true,
                             .seen_ms = run->message.received_ms};
    if (run->forget && access_forget(run->services, conn, run->account.id, now, err))
        return -1;
    if (run->llm && use_llm(conn, run, now, err))
        return -1;
    if (outbox_add(conn, &row, NULL, err))
        return -1;
    return inbox_done(conn, run->message.id, now, err);
}

/* Where a failure of a run ends: the cause in the log, a sentence to the person, one reference. */
static void say_failure(struct run *run, const struct err *err)
{
    char ref[FAILURE_REF];
    failure_ref(run->services->env, ref);
    bool theirs = err->kind == ERR_INPUT || err->kind == ERR_MISSING || err->kind == ERR_LIMIT ||
                  err->kind == ERR_CANCELLED;
    log_err(theirs ? LOG_INFO : LOG_WARN, "run", err, "ref=%s inbox=%lld", ref,
            (long long)run->message.id);
    str_clear(&run->text);
    if (run->message.preface && *run->message.preface)
        str_addf(&run->text, "%s\n\n", run->message.preface);
    str_add(&run->text, err->say); /* not as a piece: the reply brings it as an error */
    if (!theirs)
        str_addf(&run->text, " (%s)", ref);
}

/* What could not be answered answers no question either. */
static void keep_question(struct run *run)
{
    if (!run->pending)
        run->pending = mem_text(run->session.pending);
}

/* Who answers: what is free text has a model to read it, if there is one. */
static const struct agent *route(const struct run *run)
{
    const char *text = run->message.text + strspn(run->message.text, " \t\r\n");
    bool free_text = !run->pressed.action && *text != '/';
    return agent_find(free_text && run->llm ? "concierge" : "commands");
}

static bool work(struct run *run, struct err *err)
{
    if (run->message.tries > TRIES_MOST) {
        str_addf(&run->text,
                 "I tried to answer this %d times and did not get to the end. I have "
                 "told my owner; please ask differently.",
                 TRIES_MOST);
        return false;
    }
    if (run->refused.kind != ERR_NONE) {
        keep_question(run);
        say_failure(run, &run->refused);
        return false;
    }
    if (*run->message.preface)
        run_text(run, "%s\n\n", run->message.preface);
    if (route(run)->run(run, err) == 0)
        return true;
    keep_question(run);
    say_failure(run, err);
    return false;
}

static bool is_stopping(struct orchestrator *o)
{
    pthread_mutex_lock(&o->lock);
    bool stopping = o->stopping;
    pthread_mutex_unlock(&o->lock);
    return stopping;
}

static bool is_corrected(struct run_job *job)
{
    pthread_mutex_lock(&job->o->lock);
    bool corrected = job->corrected;
    pthread_mutex_unlock(&job->o->lock);
    return corrected;
}

static int end_unanswered(struct db_conn *conn, void *arg, struct err *err)
{
    const struct finish_args *args = arg;
    if (args->run->llm && use_llm(conn, args->run, args->now_ms, err))
        return -1;
    return inbox_done(conn, args->run->message.id, args->now_ms, err);
}

/* What was corrected meanwhile is answered by the answer to its correction. */
static bool give_up(struct run_job *job, struct run *run)
{
    struct finish_args end = {.run = run, .now_ms = env_wall_ms(job->o->env)};
    struct err err = ERR_INIT;
    struct event event = {EVENT_GIVEN_UP, "", NULL};
    if (db_write(job->o->services->db, end_unanswered, &end, &err)) {
        log_err(LOG_ERR, "run", &err, "inbox=%lld", (long long)job->id);
        return false;
    }
    if (run->adapter && run->adapter->ops->event)
        run->adapter->ops->event(run->adapter, run->message.own, run->message.chat_ref,
                                 run->message.ref, &event);
    return true;
}

/* False: it could not be stored; the message stays in the inbox. */
static bool answer(struct run_job *job, struct run *run)
{
    struct orchestrator *o = job->o;
    struct err err = ERR_INIT;
    struct begin_args begun = {run, job->id, env_wall_ms(o->env)};
    if (db_write(o->services->db, begin, &begun, &err)) {
        if (err.kind != ERR_MISSING)
            log_err(LOG_ERR, "run", &err, "inbox=%lld", (long long)job->id);
        return err.kind == ERR_MISSING;
    }
    run->adapter = adapter_of(o, run->message.platform);
    run->spent = run->refused.kind == ERR_LIMIT || run->refused.kind == ERR_MISSING ||
                 (run->pressed.action && run->pressed.once);
    if (is_corrected(job))
        return give_up(job, run);
    bool ok = work(run, &err);
    if (!ok && is_corrected(job))
        return give_up(job, run);
    if ((!ok || run->cancelled) && cancel_is_set(&job->cancel) && is_stopping(o))
        return true; /* parked: the next start answers it */
    auto_json reply = reply_of(run, ok);
    struct finish_args end = {run, reply, env_wall_ms(o->env), run->message.tries > TRIES_MOST};
    if (db_write(o->services->db, finish, &end, &err) == 0) {
        struct event over = {EVENT_RESULT, "", NULL};
        if (run->adapter && run->adapter->ops->event)
            run->adapter->ops->event(run->adapter, run->message.own, run->message.chat_ref,
                                     run->message.ref, &over);
        return true;
    }
    log_err(LOG_ERR, "run", &err, "inbox=%lld", (long long)job->id);
    struct event event = {EVENT_PROGRESS, "I could not save that; I try again", NULL};
    if (run->adapter && run->adapter->ops->event)
        run->adapter->ops->event(run->adapter, run->message.own, run->message.chat_ref,
                                 run->message.ref, &event);
    return false;
}

static void job_forget(struct run_job *job)
{
    struct orchestrator *o = job->o;
    pthread_mutex_lock(&o->lock);
    HASH_DEL(o->posted, job);
    pthread_mutex_unlock(&o->lock);
    cancel_done(&job->cancel);
    free(job);
}

static void pull(struct orchestrator *o);

void inbox_overflow(struct orchestrator *o)
{
    pthread_mutex_lock(&o->lock);
    o->overflow = true;
    pthread_mutex_unlock(&o->lock);
}

void inbox_look(struct orchestrator *o)
{
    pthread_mutex_lock(&o->lock);
    bool more = o->overflow && !o->stopping;
    o->overflow = false;
    pthread_mutex_unlock(&o->lock);
    if (more)
        pull(o);
}

static void run_run(struct job *base)
{
    struct run_job *job = CONTAINER_OF(base, struct run_job, job);
    struct orchestrator *o = job->o;
    struct run *run = mem_new(1, sizeof(*run)); /* thousands may wait, on small stacks */
    *run = (struct run){.services = o->services,
                        .cancel = &job->cancel,
                        .text = STR_INIT(RUN_TEXT_MAX),
                        .card = STR_INIT(RUN_TEXT_MAX),
                        .llm = o->options.llm,
                        .limits = &o->options.limits};
    bool stored = answer(job, run);
    run_clear(run);
    free(run);
    job_forget(job);
    if (stored)
        inbox_look(o);
    else
        inbox_overflow(o);      /* it waits in the inbox: the scheduler's next turn takes it up */
    services_look(o->services); /* there is something to send */
}

static void run_drop(struct job *base)
{
    job_forget(CONTAINER_OF(base, struct run_job, job));
}

/* --- from the inbox into the lanes --- */

bool inbox_post(struct orchestrator *o, const struct inbox_ref *ref)
{
    struct run_job *job;
    struct err err = ERR_INIT;
    pthread_mutex_lock(&o->lock);
    HASH_FIND(hh, o->posted, &ref->id, sizeof(ref->id), job);
    bool there = job || o->stopping;
    if (!there) {
        job = mem_new(1, sizeof(*job));
        *job = (struct run_job){.job = {.run = run_run, .drop = run_drop},
                                .o = o,
                                .id = ref->id,
                                .chat_id = ref->chat_id,
                                .direct = ref->direct};
        cancel_init(&job->cancel);
        HASH_ADD(hh, o->posted, id, sizeof(job->id), job);
    }
    pthread_mutex_unlock(&o->lock);
    if (there)
        return true;
    uint64_t key = ref->direct ? lane_key(LANE_PERSON, (uint64_t)ref->account_id)
                               : lane_key(LANE_CHAT, (uint64_t)ref->chat_id);
    if (lane_post(o->runs, key, &job->job, &err) == 0)
        return true;
    job_forget(job);
    return err.kind == ERR_CANCELLED;
}

struct pull_args {
    int64_t after;
    struct inbox_ref refs[PULL];
    size_t count;
};

static int read_waiting(struct db_conn *conn, void *arg, struct err *err)
{
    struct pull_args *args = arg;
    return inbox_waiting(conn, args->after, args->refs, PULL, &args->count, err);
}

static void pull(struct orchestrator *o)
{
    struct pull_args *args = mem_new(1, sizeof(*args));
    struct err err = ERR_INIT;
    bool fits = true;
    do {
        if (db_read(o->services->db, read_waiting, args, &err)) {
            log_err(LOG_ERR, "inbox", &err, "pulling");
            fits = false;
            break;
        }
        for (size_t i = 0; i < args->count && fits; i++) {
            fits = held_is(o, args->refs[i].id) || inbox_post(o, &args->refs[i]);
            args->after = args->refs[i].id;
        }
    } while (fits && args->count == PULL);
    free(args);
    if (!fits)
        inbox_overflow(o);
}

/* --- giving up --- */

/* /new stops what the conversation is at, without waiting for its turn; a person's cancel stops
 * commands too. */
void conversation_cancel(struct orchestrator *o, int64_t chat_id, bool commands)
{
    struct run_job *job, *tmp;
    held_release(o, 0, chat_id);
    pthread_mutex_lock(&o->lock);
    HASH_ITER(hh, o->posted, job, tmp)
    if (job->chat_id == chat_id && (commands || !job->direct))
        cancel_set(&job->cancel);
    pthread_mutex_unlock(&o->lock);
}

void run_corrected(struct orchestrator *o, int64_t inbox_id)
{
    struct run_job *job;
    held_release(o, inbox_id, 0);
    pthread_mutex_lock(&o->lock);
    HASH_FIND(hh, o->posted, &inbox_id, sizeof(inbox_id), job);
    if (job) {
        job->corrected = true;
        cancel_set(&job->cancel);
    }
    pthread_mutex_unlock(&o->lock);
}

struct cancel_args {
    const char *platform, *own, *chat;
    int64_t id;
};

static int read_chat(struct db_conn *conn, void *arg, struct err *err)
{
    struct cancel_args *args = arg;
    return chat_find(conn, args->platform, args->own, args->chat, &args->id, err);
}

void orchestrator_cancel(struct orchestrator *o, const char *platform, const char *own,
                         const char *chat)
{
    struct cancel_args args = {platform, own, chat, 0};
    struct err err = ERR_INIT;
    if (db_read(o->services->db, read_chat, &args, &err))
        log_err(LOG_ERR, "orchestrator", &err, "cancel");
    else if (args.id)
        conversation_cancel(o, args.id, true);
}

void orchestrator_menus(struct orchestrator *o, cJSON *list)
{
    (void)o;
    for (size_t i = 0; i < agents_count; i++)
        if (agents[i]->menus)
            agents[i]->menus(list);
}

struct chosen_args {
    const char *platform;
    cJSON *list;
};

static void add_chosen(void *arg, const char *who, const char *language)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "person", who);
    cJSON_AddStringToObject(item, "language", language);
    cJSON_AddItemToArray(arg, item);
}

static int read_chosen(struct db_conn *conn, void *arg, struct err *err)
{
    struct chosen_args *args = arg;
    return accounts_chosen(conn, args->platform, add_chosen, args->list, err);
}

void orchestrator_chosen(struct orchestrator *o, const char *platform, cJSON *list)
{
    struct chosen_args args = {platform, list};
    struct err err = ERR_INIT;
    if (db_read(o->services->db, read_chosen, &args, &err))
        log_err(LOG_ERR, "orchestrator", &err, "chosen languages");
}

bool orchestrator_knows(const struct orchestrator *o, const char *name)
{
    (void)o;
    for (size_t i = 0; i < agents_count; i++)
        if (agents[i]->knows && agents[i]->knows(name))
            return true;
    return false;
}

cJSON *orchestrator_page(struct orchestrator *o, const struct page_ask *ask)
{
    cJSON *page = NULL;
    struct err err = ERR_INIT;
    if (page_of(o->services, ask, &page, &err))
        log_err(LOG_ERR, "page", &err, "%s", ask->platform);
    return page;
}

bool orchestrator_page_buttons(struct orchestrator *o, const struct page_ask *ask, cJSON *page)
{
    struct err err = ERR_INIT;
    bool failed = page_offer(o->services, ask, page, &err);
    if (failed)
        log_err(LOG_ERR, "page", &err, "%s", ask->platform);
    return !failed;
}

void orchestrator_complete(struct orchestrator *o, const char *text, cJSON *list)
{
    for (size_t i = 0; i < agents_count; i++)
        if (agents[i]->complete)
            agents[i]->complete(o->services, text, list);
}

/* --- life --- */

struct orchestrator *orchestrator_new(struct services *services,
                                      const struct orchestrator_options *options)
{
    struct orchestrator *o = mem_new(1, sizeof(*o));
    o->services = services;
    o->env = services->env;
    o->options = *options;
    pthread_mutex_init(&o->lock, NULL);
    struct lanes_limits runs = {options->runs, 64, MAX_OF(options->runs * 2, 2048), WORKER_STACK};
    struct lanes_limits sends = {16, 4, 100000, WORKER_STACK};
    o->runs = lanes_new(o->env, "run", &runs);
    o->sends = lanes_new(o->env, "send", &sends);
    return o;
}

void orchestrator_limit_messages(struct orchestrator *o, size_t a_minute)
{
    pthread_mutex_lock(&o->lock);
    o->options.messages_a_minute = a_minute;
    pthread_mutex_unlock(&o->lock);
}

void orchestrator_add(struct orchestrator *o, struct adapter *adapter)
{
    if (o->adapter_count < ADAPTERS_MAX)
        o->adapters[o->adapter_count++] = adapter;
    char *names = o->services->adapters;
    size_t len = strlen(names);
    snprintf(names + len, sizeof(o->services->adapters) - len, "%s%s", len ? ", " : "",
             adapter->ops->name);
}

static int take_over(struct db_conn *conn, void *arg, struct err *err)
{
    return outbox_reclaim(conn, *(int64_t *)arg, err);
}

#define SEEN 400

struct seen_args {
    const char *platform;
    struct outbox_seen list[SEEN];
    size_t count;
};

static int read_seen(struct db_conn *conn, void *arg, struct err *err)
{
    struct seen_args *args = arg;
    return outbox_seen(conn, args->platform, args->list, SEEN, &args->count, err);
}

/* What a predecessor knew to be there. */
static int tell_known(struct orchestrator *o, struct adapter *adapter, struct err *err)
{
    if (!adapter->ops->known)
        return 0;
    struct seen_args *args = mem_new(1, sizeof(*args));
    args->platform = adapter->ops->name;
    int failed = db_read(o->services->db, read_seen, args, err);
    for (size_t i = 0; i < args->count && !failed; i++)
        adapter->ops->known(adapter, args->list[i].chat, args->list[i].ref);
    outbox_seen_free(args->list, args->count);
    free(args);
    return failed;
}

int orchestrator_start(struct orchestrator *o, struct err *err)
{
    int64_t now = env_wall_ms(o->env);
    for (size_t i = 0; i < o->adapter_count; i++)
        if (tell_known(o, o->adapters[i], err))
            return -1;
    if (db_write(o->services->db, take_over, &now, err))
        return -1;
    pull(o);
    return 0;
}

void orchestrator_stop_runs(struct orchestrator *o, int64_t deadline_ms)
{
    if (lanes_stop(o->runs, deadline_ms))
        return;
    struct run_job *job, *tmp;
    pthread_mutex_lock(&o->lock);
    o->stopping = true;
    HASH_ITER(hh, o->posted, job, tmp)
    cancel_set(&job->cancel);
    pthread_mutex_unlock(&o->lock);
    lanes_stop(o->runs, ENV_FOREVER);
}

void orchestrator_stop_sends(struct orchestrator *o, int64_t deadline_ms)
{
    lanes_drain(o->sends, deadline_ms);
    lanes_stop(o->sends, deadline_ms);
}

void orchestrator_free(struct orchestrator *o)
{
    if (!o)
        return;
    lanes_free(o->runs);
    lanes_free(o->sends);
    sender_clear(o);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

struct orchestrator_load orchestrator_load(struct orchestrator *o)
{
    struct lanes_load runs = lanes_load(o->runs), sends = lanes_load(o->sends);
    return (struct orchestrator_load){runs.waiting, runs.running, sends.waiting, sends.running};
}
