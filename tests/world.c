#include "tests/world.h"

#include "core/base/log.h"
#include "core/llm/client.h"

struct carried { /* a request on its way, in virtual time */
    struct world *world;
    struct http_call *call;
    struct task *task;
    struct cell cell;
    struct city_answer answer;
    int64_t first_byte_ms;
    bool aborted, ended;
    char *path, *body, *type; /* of a request to the Bot API, which may be held */
    size_t body_len;
    struct bot_visit visit;
    struct carried *next;
};

void world_check(struct world *w, bool holds, const char *fmt, ...)
{
    va_list args;
    if (holds || w->failure)
        return;
    va_start(args, fmt);
    if (vasprintf(&w->failure, fmt, args) < 0)
        abort();
    va_end(args);
}

/* --- the carrier: city_answer in place of sockets --- */

static void fill_headers(struct str *out, const char *extra)
{
    for (; extra && *extra; extra += strcspn(extra, "\n"), extra += *extra == '\n') {
        str_addn(out, extra, strcspn(extra, "\n"));
        str_addc(out, '\n');
    }
}

/* Something that is held may have an answer now. */
static void wake_held(void *ctx)
{
    struct world *w = ctx;
    for (struct carried *c = w->carried; c; c = c->next)
        if (c->path && !c->ended)
            env_wake(&c->cell);
}

/* Until the Bot API has an answer, or nobody waits for it any more. */
static void hold(struct carried *c)
{
    struct env *env = c->world->env;
    struct city_header type = {"Content-Type", c->type};
    struct city_request asked = {.method = "POST",
                                 .path = c->path,
                                 .headers = &type,
                                 .header_count = 1,
                                 .body = c->body,
                                 .body_len = c->body_len};
    int64_t until = env_mono_ms(env) + c->first_byte_ms;
    while (!c->aborted && env_mono_ms(env) < until) {
        int64_t now = env_wall_ms(env);
        if (botapi_ask(c->world->bot, now, &c->visit, &asked, &c->answer))
            return;
        env_wait(env, &c->cell, MIN_OF(until, env_mono_ms(env) + c->visit.until_ms - now));
    }
    c->answer.cut = CITY_HANG;
    c->first_byte_ms = 0;
}

static void carry(void *arg)
{
    struct carried *c = arg;
    struct http_call *call = c->call;
    call->answer.begun = true;
    if (c->path)
        hold(c);
    struct env *env = c->world->env;
    bool whole = c->answer.cut == CITY_WHOLE;
    int64_t wait = c->answer.cut == CITY_HANG ? c->first_byte_ms : c->answer.delay_ms + 1;
    bool late = c->answer.cut == CITY_HANG || wait >= c->first_byte_ms;
    int64_t until = env_mono_ms(env) + MIN_OF(wait, c->first_byte_ms);
    while (!c->aborted && env_mono_ms(env) < until)
        env_wait(env, &c->cell, until);
    if (c->aborted)
        err_set(&call->err, ERR_CANCELLED, NULL, "aborted");
    else if (late || !whole)
        err_set(&call->err, ERR_REMOTE, NULL, late ? "no answer in time" : "cut");
    call->answer.status = c->answer.status;
    call->answer.received_ms = env_mono_ms(env);
    fill_headers(&call->answer.headers, c->answer.extra_headers);
    bool half = call->window && c->answer.cut == CITY_CUT_BODY && !c->aborted;
    if (c->answer.body && (call->err.kind == ERR_NONE || half) &&
        http_call_body(call, c->answer.body, c->answer.body_len / (half ? 2 : 1)) < 0)
        err_set(&call->err, ERR_REMOTE, NULL, "body over the ceiling");
    c->call = NULL;
    http_call_finish(call);
    c->ended = true;
}

static void reap(struct world *w, bool all)
{
    for (struct carried **at = &w->carried; *at;) {
        struct carried *c = *at;
        if (!c->ended && !all) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        env_join(c->task);
        city_answer_free(&c->answer);
        cell_done(&c->cell);
        free(c->path);
        free(c->body);
        free(c->type);
        free(c);
    }
}

static size_t split_headers(const char *const *from, struct city_header *to, char **texts,
                            size_t max)
{
    size_t n = 0;
    for (; from && from[n] && n < max; n++) {
        texts[n] = mem_text(from[n]);
        char *colon = strchr(texts[n], ':');
        char *value = colon ? colon + 1 + strspn(colon + 1, " ") : NULL;
        if (colon)
            *colon = '\0';
        to[n] = (struct city_header){texts[n], value ? value : ""};
    }
    return n;
}

static void submit(struct http *http, struct http_call *call, const struct http_request *request)
{
    struct world *w = CONTAINER_OF(http, struct world, http);
    struct city_header headers[16];
    char *texts[16];
    const char *host = strstr(request->url, "://"), *path = strchr(host + 3, '/');
    reap(w, false);
    struct carried *c = mem_new(1, sizeof(*c));
    *c = (struct carried){.world = w, .call = call, .next = w->carried};
    c->first_byte_ms = request->first_byte_ms ? request->first_byte_ms : HTTP_FIRST_BYTE_MS;
    cell_init(&c->cell, w->env);
    w->carried = c;
    call->carrier = c;
    if (path && botapi_is(path)) {
        c->path = mem_text(path);
        c->body = mem_textn(request->body ? request->body : "", request->body_len);
        c->body_len = request->body_len;
        size_t count = split_headers(request->headers, headers, texts, 16);
        c->type = mem_text(count ? headers[0].value : "");
        for (size_t i = 0; i < count; i++)
            free(texts[i]);
        c->task = env_start(w->env, "carrier", 0, carry, c);
        return;
    }
    auto_str body = STR_INIT((size_t)64 << 20);
    str_add(&body, request->lead ? request->lead : "");
    str_addn(&body, request->body ? request->body : "", request->body_len);
    struct city_request asked = {
        .method = request->method,
        .path = path ? path : "/",
        .headers = headers,
        .header_count = split_headers(request->headers, headers, texts, 16),
        .body = body.buf,
        .body_len = body.len};
    city_tick(w->city, env_wall_ms(w->env));
    if (slackapi_is(asked.path))
        slackapi_ask(w->workspace, env_wall_ms(w->env), &asked, &c->answer);
    else if (model_is(asked.path))
        model_ask(w->model, &asked, &c->answer);
    else
        city_answer(w->city, env_wall_ms(w->env), &asked, &c->answer);
    for (size_t i = 0; i < asked.header_count; i++)
        free(texts[i]);
    c->task = env_start(w->env, "carrier", 0, carry, c);
}

static void abort_call(struct http *http, struct http_call *call)
{
    struct carried *c = call->carrier;
    (void)http;
    c->aborted = true;
    env_wake(&c->cell);
}

static void resume(struct http *http, struct http_call *call)
{
    (void)http, (void)call;
}

static const struct http_ops carrier_ops = {submit, abort_call, resume};

/* --- WebSockets: the workspace in place of a network --- */

struct virtual_socket {
    uint64_t id;
    struct ws_box *box;
    bool up;
    struct virtual_socket *next;
};

static struct virtual_socket *socket_find(struct world *w, uint64_t id)
{
    struct virtual_socket *s = w->sockets;
    while (s && s->id != id)
        s = s->next;
    return s;
}

static void socket_drop(struct world *w, struct virtual_socket *s, const char *why)
{
    struct virtual_socket **at = &w->sockets;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    ws_box_put(s->box, s->id, WS_GONE, why, strlen(why));
    free(s);
}

static void virtual_open(struct ws *ws, uint64_t id, const char *url, struct ws_box *box)
{
    struct world *w = CONTAINER_OF(ws, struct world, ws);
    struct virtual_socket *s = mem_new(1, sizeof(*s));
    const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
    *s = (struct virtual_socket){.id = id, .box = box, .next = w->sockets};
    w->sockets = s;
    switch (slackapi_upgrade(w->workspace, env_wall_ms(w->env), path ? path : "/", s)) {
    case UPGRADE_YES:
        s->up = true;
        ws_box_put(box, id, WS_UP, NULL, 0);
        slackapi_up(w->workspace, env_wall_ms(w->env), s);
        break;
    case UPGRADE_NO:
        socket_drop(w, s, "upgrade refused");
        break;
    case UPGRADE_HANG:
        break;
    }
}

static void virtual_send(struct ws *ws, uint64_t id, const char *text, size_t len)
{
    struct world *w = CONTAINER_OF(ws, struct world, ws);
    struct virtual_socket *s = socket_find(w, id);
    if (s && s->up)
        slackapi_text(w->workspace, env_wall_ms(w->env), s, text, len);
}

static void virtual_ping(struct ws *ws, uint64_t id)
{
    struct world *w = CONTAINER_OF(ws, struct world, ws);
    struct virtual_socket *s = socket_find(w, id);
    if (s && s->up && slackapi_answers(w->workspace, s))
        ws_box_put(s->box, id, WS_SIGN, NULL, 0);
}

static void virtual_close(struct ws *ws, uint64_t id, bool now)
{
    struct world *w = CONTAINER_OF(ws, struct world, ws);
    struct virtual_socket *s = socket_find(w, id);
    (void)now;
    if (!s)
        return;
    slackapi_gone(w->workspace, env_wall_ms(w->env), s);
    socket_drop(w, s, "closed by us");
}

static const struct ws_ops socket_ops = {virtual_open, virtual_send, virtual_ping, virtual_close};

static void on_slack_text(void *ctx, void *socket, const char *text, size_t len)
{
    struct virtual_socket *s = socket;
    (void)ctx;
    ws_box_put(s->box, s->id, WS_TEXT, text, len);
}

static void on_slack_close(void *ctx, void *socket, bool reset)
{
    socket_drop(ctx, socket, reset ? "reset" : "closed by the peer: 1000");
}

static void on_slack_due(void *ctx)
{
    struct world *w = ctx;
    env_wake(&w->tick);
}

static const struct slackapi_ops workspace_ops = {on_slack_text, on_slack_close, on_slack_due};

static void tick(void *arg)
{
    struct world *w = arg;
    while (w->ticking) {
        int64_t now = env_wall_ms(w->env), next = slackapi_tick(w->workspace, now);
        env_wait(w->env, &w->tick,
                 next == INT64_MAX ? ENV_FOREVER : env_mono_ms(w->env) + MAX_OF(next - now, 1));
    }
}

/* --- the adapter: it remembers --- */

static char *whole_text(const cJSON *message)
{
    struct str text = STR_INIT(1 << 20);
    str_add(&text, json_text_or(message, "text", ""));
    if (json_text(message, "card"))
        str_addf(&text, "%s%s", text.len ? "\n\n" : "", json_text(message, "card"));
    return str_detach(&text);
}

static int remember(struct adapter *adapter, const struct delivery *d, char ref[PLATFORM_REF],
                    struct err *err)
{
    struct world *w = CONTAINER_OF(adapter, struct world, adapter);
    if (w->offline)
        return err_set(err, ERR_MISSING, NULL, "nobody attends");
    if (w->deny && !strcmp(d->chat, w->deny))
        return err_set(err, ERR_DENIED, NULL, "blocked by the user");
    w->sent = mem_grow(w->sent, &w->sent_cap, w->sent_count + 1, sizeof(*w->sent));
    struct sent *sent = &w->sent[w->sent_count++];
    *sent = (struct sent){.at_ms = env_wall_ms(w->env),
                          .kind = d->kind,
                          .type = mem_text(json_text_or(d->message, "type", "")),
                          .text = whole_text(d->message),
                          .message = cJSON_Duplicate(d->message, true)};
    json_flag(d->message, "repeat", &sent->repeat);
    env_wake(&w->heard);
    snprintf(ref, PLATFORM_REF, "%d", ++w->refs);
    if (w->lose > 0 && d->kind == OUTBOX_ALERT) {
        w->lose--;
        return err_set(err, ERR_CANCELLED, NULL, "the answer was lost");
    }
    return 0;
}

static const struct adapter_ops adapter_ops = {
    .name = "test", .has_edit = true, .alerts_max = 20, .send = remember};

/* --- life --- */

static void send_due(void *ctx)
{
    orchestrator_send_due(ctx);
}

static int64_t send_turn(void *ctx, bool by_time)
{
    return orchestrator_send_turn(ctx, by_time);
}

static void open_telegram(struct world *w)
{
    struct telegram_options options = {
        .token = BOT_TOKEN, .api_base = "http://127.0.0.1:1", .poll_ms = 50000};
    w->telegram = telegram_new(w->env, w->orchestrator, &w->http, &options);
    orchestrator_add(w->orchestrator, telegram_adapter(w->telegram));
}

static void open_slack(struct world *w)
{
    struct slack_options options = {.app_token = SLACK_APP_TOKEN,
                                    .bot_token = SLACK_BOT_TOKEN,
                                    .api_base = "http://127.0.0.1:1/slack/api"};
    w->slack = slack_new(w->env, w->orchestrator, &w->http, &w->ws, &options);
    orchestrator_add(w->orchestrator, slack_adapter(w->slack));
}

static void open_core(struct world *w)
{
    struct err err = ERR_INIT;
    enum db_trouble trouble;
    struct resy_options resy = {.base_url = "http://127.0.0.1:1",
                                .web_base = "http://127.0.0.1:1",
                                .api_key = "auto",
                                .token = w->booking ? CITY_TOKEN : NULL,
                                .a_minute = w->a_minute,
                                .an_hour = w->a_minute * 60,
                                .timeout_ms = 10000};
    struct llm_options llm = {"http://127.0.0.1:1/v1/", MODEL_KEY, MODEL_NAME, 60000};
    struct orchestrator_options options = {
        .runs = 16, .messages_a_minute = 30, .limits = {8, 16, 30000, 12000}};
    w->db = db_open(w->env, w->path, &trouble, &err);
    if (!w->db) {
        world_check(w, false, "db: %s", err.why);
        return;
    }
    w->resy = resy_new(&w->http, &resy);
    w->services = services_new(w->env, w->db, w->resy, &w->options);
    w->llm = w->with_model ? llm_new(&w->http, &llm) : NULL;
    options.llm = w->llm;
    w->orchestrator = orchestrator_new(w->services, &options);
    orchestrator_add(w->orchestrator, &w->adapter);
    if (w->with_telegram)
        open_telegram(w);
    if (w->with_slack)
        open_slack(w);
    w->scheduler = scheduler_new(w->services,
                                 &(struct scheduler_sends){send_due, send_turn, w->orchestrator});
    w->services->look = scheduler_look;
    w->services->look_ctx = w->scheduler;
    w->running = !orchestrator_start(w->orchestrator, &err) && !scheduler_start(w->scheduler, &err);
    world_check(w, w->running, "start: %s", err.why);
    if (w->telegram)
        telegram_start(w->telegram);
    if (w->slack)
        slack_start(w->slack);
}

static void close_core(struct world *w)
{
    if (w->telegram)
        telegram_hush(w->telegram);
    if (w->slack)
        slack_hush(w->slack);
    scheduler_stop(w->scheduler);
    orchestrator_stop_runs(w->orchestrator, env_mono_ms(w->env) + 1000);
    orchestrator_stop_sends(w->orchestrator, env_mono_ms(w->env) + 1000);
    if (w->telegram)
        telegram_stop(w->telegram);
    if (w->slack)
        slack_stop(w->slack);
    orchestrator_free(w->orchestrator);
    scheduler_free(w->scheduler);
    telegram_free(w->telegram);
    slack_free(w->slack);
    llm_free(w->llm);
    services_free(w->services);
    resy_free(w->resy);
    db_close(w->db);
    reap(w, true);
    w->telegram = NULL;
    w->slack = NULL;
}

void world_restart(struct world *w)
{
    close_core(w);
    open_core(w);
}

struct life {
    struct world *world;
    world_fn *fn;
};

static void live(void *arg)
{
    struct life *life = arg;
    struct world *w = life->world;
    w->ticking = w->with_slack;
    w->clock = w->ticking ? env_start(w->env, "workspace", 0, tick, w) : NULL;
    open_core(w);
    if (w->running)
        life->fn(w);
    if (w->running)
        close_core(w);
    w->ticking = false;
    env_wake(&w->tick);
    if (w->clock)
        env_join(w->clock);
}

static void forget_sent(struct world *w)
{
    for (size_t i = 0; i < w->sent_count; i++) {
        free(w->sent[i].type);
        free(w->sent[i].text);
        json_free(w->sent[i].message);
    }
    free(w->sent);
}

static void set_up(struct world *w, const struct world_setup *s)
{
    static const struct world_setup none;
    s = s ? s : &none;
    w->path = s->path ? s->path : ":memory:";
    w->a_minute = s->a_minute;
    w->with_telegram = s->telegram;
    w->with_slack = s->slack;
    w->with_model = s->model;
    w->booking = s->booking;
    w->options = (struct service_options){
        .floor_ms = s->floor_ms,
        .interval_ms = s->interval_ms ? s->interval_ms : 60000,
        .quiet_ms = s->quiet_ms ? s->quiet_ms : 30 * MINUTE_MS,
        .close_polls = s->close_polls ? s->close_polls : 2,
        .questions_per_person = 5000,
        .search_pages = 5,
        .access = s->access,
        .booking = s->booking,
        .confirm_ms = 5 * MINUTE_MS,
    };
    if (s->owner)
        snprintf(w->options.owners[w->options.owner_count++], sizeof(w->options.owners[0]), "%s",
                 s->owner);
    snprintf(w->options.zone, sizeof(w->options.zone), "%s",
             s->zone ? s->zone : "America/New_York");
    snprintf(w->options.city, sizeof(w->options.city), "%s", s->city ? s->city : "ny");
}

int world_seeds(void)
{
    const char *set = getenv("MAITRED_SEEDS");
    int seeds = set ? (int)strtol(set, NULL, 10) : 0;
    return seeds > 0 ? seeds : 6;
}

char *world_run(uint64_t seed, const struct world_setup *setup, world_fn *fn)
{
    struct world w = {.http = {.ops = &carrier_ops},
                      .adapter = {.ops = &adapter_ops},
                      .ws = {.ops = &socket_ops}};
    struct life life = {&w, fn};
    char stuck[400] = "";
    int64_t start = setup && setup->wall_ms ? setup->wall_ms
                                            : world_time("America/New_York", "2031-05-05", 12 * 60);
    log_start(2, getenv("WORLD_LOG") ? LOG_DEBUG : LOG_ERR - 1, LOG_TEXT);
    w.env = w.http.env = env_sim_new(seed, start);
    w.city = city_new(7);
    w.bot = botapi_new(wake_held, &w);
    w.model = model_new();
    w.workspace = slackapi_new(&workspace_ops, &w, "http://127.0.0.1:1");
    cell_init(&w.tick, w.env);
    set_up(&w, setup);
    cell_init(&w.heard, w.env);
    if (env_sim_run(w.env, live, &life, stuck, sizeof(stuck)))
        world_check(&w, false, "everybody waits for ever: %s", stuck);
    cell_done(&w.heard);
    forget_sent(&w);
    city_free(w.city);
    botapi_free(w.bot);
    model_free(w.model);
    slackapi_free(w.workspace);
    cell_done(&w.tick);
    env_free(w.env);
    return w.failure;
}

char *world_run_on_disk(uint64_t seed, const struct world_setup *from, world_fn *fn)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char folder[] = "/tmp/maitred-world-XXXXXX", path[64];
    struct world_setup setup = *from;
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof(path), "%s/m.db", folder);
    setup.path = path;
    char *failure = world_run(seed, &setup, fn);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char file[80];
        snprintf(file, sizeof(file), "%s%s", path, ends[i]);
        unlink(file);
    }
    rmdir(folder);
    return failure;
}

/* --- what tests do --- */

int64_t world_time(const char *zone_name, const char *date, int minute)
{
    auto_zone zone = zone_new(zone_name);
    struct date day;
    if (date_parse(date, &day))
        abort();
    return zone_utc_ms(zone, day, minute);
}

void world_pass(struct world *w, int64_t ms)
{
    env_sim_pause(w->env, ms);
}

size_t world_count(const struct world *w, const char *type)
{
    size_t n = 0;
    for (size_t i = 0; i < w->sent_count; i++)
        n += !strcmp(w->sent[i].type, type);
    return n;
}

const struct sent *world_last(const struct world *w, const char *type)
{
    for (size_t i = w->sent_count; i-- > 0;)
        if (!strcmp(w->sent[i].type, type))
            return &w->sent[i];
    return NULL;
}

static const char *send_and_wait(struct world *w, const char *person, const char *text, bool press)
{
    struct err err = ERR_INIT;
    char ref[32];
    size_t before = world_count(w, "reply");
    snprintf(ref, sizeof(ref), "in-%d", ++w->refs);
    struct inbound message = {.own = "bot",
                              .chat = person,
                              .person = person,
                              .ref = ref,
                              .press = press,
                              .owner = !strcmp(person, "owner"),
                              .acts = true,
                              .unmetered = true,
                              .text = text,
                              .text_len = strlen(text)};
    if (orchestrator_receive(w->orchestrator, &w->adapter, &message, 1, &err)) {
        world_check(w, false, "receive: %s", err.why);
        return "";
    }
    int64_t deadline = env_mono_ms(w->env) + 120000;
    while (world_count(w, "reply") == before && env_mono_ms(w->env) < deadline)
        env_wait(w->env, &w->heard, deadline);
    world_check(w, world_count(w, "reply") > before, "no reply to %s", text);
    const struct sent *reply = world_last(w, "reply");
    return reply ? reply->text : "";
}

const char *world_say_as(struct world *w, const char *person, const char *text)
{
    return send_and_wait(w, person, text, false);
}

const char *world_say(struct world *w, const char *text)
{
    return send_and_wait(w, "owner", text, false);
}

const char *world_press(struct world *w, const char *token)
{
    return send_and_wait(w, "owner", token, true);
}

void world_city(struct world *w, const char *fmt, ...)
{
    char line[400], *reply = NULL;
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (city_control(w->city, env_wall_ms(w->env), line, &reply))
        world_check(w, false, "%s: %s", line, reply);
    free(reply);
}

/* What a control line was answered; takes both texts. */
static cJSON *answered(struct world *w, const char *whose, int failed, char *line, char *reply)
{
    struct err err = ERR_INIT;
    if (failed)
        world_check(w, false, "%s %s: %s", whose, line, reply);
    cJSON *json = json_parse(reply, strlen(reply), whose, &err);
    free(reply);
    free(line);
    return json;
}

static char *line_of(const char *fmt, va_list args)
{
    char *line = NULL;
    if (vasprintf(&line, fmt, args) < 0)
        abort();
    return line;
}

cJSON *world_bot(struct world *w, const char *fmt, ...)
{
    char *reply = NULL;
    va_list args;
    va_start(args, fmt);
    char *line = line_of(fmt, args);
    va_end(args);
    int failed = botapi_control(w->bot, env_wall_ms(w->env), line, &reply);
    return answered(w, "bot", failed, line, reply);
}

cJSON *world_slack(struct world *w, const char *fmt, ...)
{
    char *reply = NULL;
    va_list args;
    va_start(args, fmt);
    char *line = line_of(fmt, args);
    va_end(args);
    int failed = slackapi_control(w->workspace, env_wall_ms(w->env), line, &reply);
    return answered(w, "slack", failed, line, reply);
}

cJSON *world_model(struct world *w, const char *fmt, ...)
{
    char *reply = NULL;
    va_list args;
    va_start(args, fmt);
    char *line = line_of(fmt, args);
    va_end(args);
    int failed = model_control(w->model, line, &reply);
    return answered(w, "model", failed, line, reply);
}

int64_t world_requests(struct world *w, const char *path)
{
    char *reply = NULL;
    int64_t count = 0;
    if (city_control(w->city, env_wall_ms(w->env), "counts", &reply) == 0) {
        auto_json counts = json_parse(reply, strlen(reply), "counts", NULL);
        const cJSON *paths = json_object(counts, "paths");
        const cJSON *item = paths ? cJSON_GetObjectItemCaseSensitive(paths, path) : NULL;
        count = item ? (int64_t)item->valuedouble : 0;
    }
    free(reply);
    return count;
}

const char *world_press_label(struct world *w, const char *type, const char *label)
{
    const struct sent *last = world_last(w, type);
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(last ? last->message : NULL, "buttons"))
    {
        if (!strncmp(json_text_or(button, "label", ""), label, strlen(label)))
            return world_press(w, json_text_or(button, "press", ""));
    }
    world_check(w, false, "no button \"%s\"", label);
    return "";
}

bool world_answers(struct world *w, const char *text, const char *want)
{
    const char *reply = world_say(w, text);
    bool found = reply && strstr(reply, want);
    world_check(w, found, "\"%s\": %s\n  wanted: %s", text, reply ? reply : "(nothing)", want);
    return found;
}
