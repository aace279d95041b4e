#include "bot/program.h"

#include "adapters/console/console.h"
#include "adapters/slack/slack.h"
#include "adapters/telegram/telegram.h"
#include "bot/store.h"
#include "core/base/log.h"
#include "core/base/net.h"
#include "core/base/wires.h"
#include "core/llm/client.h"
#include "core/scheduler/scheduler.h"
#include "core/services/recorder.h"

#include <sys/socket.h>

#define ALIVE_MS  30000
#define SETTLE_MS 30000

struct program {
    struct env *env;
    struct store store;
    struct net *net;
    struct resy *resy;
    struct recorder *recorder;
    struct services *services;
    struct llm *llm; /* NULL: there is none */
    struct orchestrator *orchestrator;
    struct console *console;
    struct telegram *telegram; /* NULL: not configured */
    struct wires *wires;       /* for Slack; NULL: not configured */
    struct slack *slack;
    struct scheduler *scheduler;
};

static int open_net(struct program *p, const struct config *c, struct err *err)
{
    auto_text ca_file = config_path(c, c->ca_file);
    struct net_options net = {.ca_file = ca_file};
    struct resy_options resy = {.base_url = c->resy_base_url,
                                .web_base = c->resy_web_base,
                                .api_key = c->resy_api_key,
                                .token = c->resy_token,
                                .a_minute = c->resy_is_local ? 0 : (unsigned)c->resy_a_minute,
                                .an_hour = (unsigned)c->resy_an_hour,
                                .timeout_ms = (unsigned)c->resy_timeout_ms};
    p->net = net_new(p->env, &net, err);
    if (!p->net)
        return -1;
    p->resy = resy_new(net_http(p->net), &resy);
    return 0;
}

static void send_due(void *ctx)
{
    orchestrator_send_due(ctx);
}

static int64_t send_turn(void *ctx, bool by_time)
{
    return orchestrator_send_turn(ctx, by_time);
}

static void open_telegram(struct program *p, const struct config *c)
{
    struct telegram_options options = {.token = c->telegram_token,
                                       .api_base = c->telegram_api_base,
                                       .poll_ms = c->telegram_poll_ms};
    p->telegram = telegram_new(p->env, p->orchestrator, net_http(p->net), &options);
    orchestrator_add(p->orchestrator, telegram_adapter(p->telegram));
}

static int open_slack(struct program *p, const struct config *c, struct err *err)
{
    auto_text ca_file = config_path(c, c->ca_file);
    struct slack_options options = {.app_token = c->slack_app_token,
                                    .bot_token = c->slack_bot_token,
                                    .api_base = c->slack_api_base};
    p->wires = wires_new(p->env, ca_file, err);
    if (!p->wires)
        return -1;
    p->slack = slack_new(p->env, p->orchestrator, net_http(p->net), wires_ws(p->wires), &options);
    orchestrator_add(p->orchestrator, slack_adapter(p->slack));
    return 0;
}

static int open_core(struct program *p, const struct config *c, const char *record, bool platforms,
                     struct err *err)
{
    struct service_options service = store_services(c);
    struct llm_options llm = {c->llm_base_url, c->llm_api_key, c->llm_model,
                              (unsigned)c->llm_timeout_ms};
    struct orchestrator_options options = {
        .runs = (size_t)c->limits_runs,
        .messages_a_minute = (size_t)c->limits_messages,
        .limits = {(int)c->llm_max_requests, (int)c->llm_max_tool_calls, c->llm_max_tokens,
                   (size_t)c->llm_history_tokens},
    };
    auto_text path = config_path(c, c->database);
    auto_str socket_path = STR_INIT(4096);
    str_addf(&socket_path, "%s.sock", path);
    p->services = services_new(p->env, p->store.db, p->resy, &service);
    if (record && !(p->recorder = recorder_new(p->services, record, err)))
        return -1;
    p->llm = *c->llm_model ? llm_new(net_http(p->net), &llm) : NULL;
    options.llm = p->llm;
    p->orchestrator = orchestrator_new(p->services, &options);
    p->scheduler = scheduler_new(p->services,
                                 &(struct scheduler_sends){send_due, send_turn, p->orchestrator});
    p->services->look = scheduler_look;
    p->services->look_ctx = p->scheduler;
    p->console = console_new(p->env, p->orchestrator, socket_path.buf, err);
    if (!p->console)
        return -1;
    orchestrator_add(p->orchestrator, console_adapter(p->console));
    if (platforms && *c->telegram_token)
        open_telegram(p, c);
    if (platforms && *c->slack_app_token && open_slack(p, c, err))
        return -1;
    if (orchestrator_start(p->orchestrator, err) || scheduler_start(p->scheduler, err) ||
        console_start(p->console, err))
        return -1;
    if (p->telegram)
        telegram_start(p->telegram);
    if (p->slack)
        slack_start(p->slack);
    return 0;
}

struct program *program_open(struct env *env, const struct config *config, const char *record,
                             bool platforms, enum exit_code *code, struct err *err)
{
    struct program *p = mem_new(1, sizeof(*p));
    p->env = env;
    if (store_open(&p->store, env, config, code, err)) {
        program_close(p, 0);
        return NULL;
    }
    *code = EXIT_FAILED;
    if (open_net(p, config, err) || open_core(p, config, record, platforms, err)) {
        *code = err->kind == ERR_CONFIG ? EXIT_CONFIG_WRONG : EXIT_FAILED;
        program_close(p, 0);
        return NULL;
    }
    *code = EXIT_DONE;
    return p;
}

void program_close(struct program *p, int64_t drain_ms)
{
    if (!p)
        return;
    int64_t until = env_mono_ms(p->env) + drain_ms;
    if (p->console)
        console_hush(p->console);
    if (p->telegram)
        telegram_hush(p->telegram);
    if (p->slack)
        slack_hush(p->slack);
    if (p->scheduler)
        scheduler_stop(p->scheduler);
    if (p->orchestrator) {
        orchestrator_stop_runs(p->orchestrator, until);
        orchestrator_send_due(p->orchestrator);
        orchestrator_stop_sends(p->orchestrator, MAX_OF(until, env_mono_ms(p->env) + 200));
    }
    if (p->console)
        console_stop(p->console);
    if (p->telegram)
        telegram_stop(p->telegram);
    if (p->slack)
        slack_stop(p->slack);
    orchestrator_free(p->orchestrator);
    scheduler_free(p->scheduler);
    console_free(p->console);
    telegram_free(p->telegram);
    wires_free(p->wires); /* it fills the other's box until it is gone */
    slack_free(p->slack);
    llm_free(p->llm);
    recorder_free(p->recorder);
    services_free(p->services);
    resy_free(p->resy);
    net_free(p->net);
    store_close(&p->store);
    free(p);
}

void program_reload(struct program *p, const struct config *c)
{
    struct service_options options = store_services(c);
    services_set_options(p->services, &options);
    orchestrator_limit_messages(p->orchestrator, (size_t)c->limits_messages);
    resy_set_keys(p->resy, c->resy_api_key, c->resy_token);
    if (p->llm)
        llm_set_key(p->llm, c->llm_api_key);
    if (p->telegram && *c->telegram_token && !telegram_set_token(p->telegram, c->telegram_token))
        log_line(LOG_ERR, "reload", "telegram.token is another bot's: that wants a restart");
    if (p->slack && *c->slack_app_token)
        slack_set_tokens(p->slack, c->slack_app_token, c->slack_bot_token);
    log_start(2, (enum log_level)log_level_of(c->log_level),
              !strcmp(c->log_format, "json") ? LOG_JSON : LOG_TEXT);
}

int program_talk(struct program *p, struct err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return err_errno(err, ERR_BUG, NULL, "socketpair");
    console_join(p->console, pair[0]);
    return pair[1];
}

static int count_watches(struct db_conn *conn, void *arg, struct err *err)
{
    return watch_count_all(conn, arg, err);
}

int64_t program_watches(struct program *p)
{
    int64_t count = 0;
    struct err err = ERR_INIT;
    return db_read(p->store.db, count_watches, &count, &err) ? 0 : count;
}

void program_line(struct program *p, struct str *out)
{
    if (program_is_alive(p))
        life_line(p->services, out);
    else
        str_add(out, "a part hangs");
    if (p->slack && slack_state_now(p->slack) == SLACK_UP) {
        char span[SPAN_WORDS];
        struct slack_health health = slack_health_now(p->slack);
        str_addf(out, "; Slack for %s, p99 of acknowledging %lld ms",
                 span_words(env_mono_ms(p->env) - health.up_ms, span),
                 (long long)health.ack_p99_ms);
    } else if (p->slack) {
        str_add(out, "; Slack is not connected");
    }
}

bool program_is_alive(struct program *p)
{
    int64_t now = env_mono_ms(p->env), oldest = net_last_turn_ms(p->net);
    oldest = MIN_OF(oldest, db_last_turn_ms(p->store.db));
    oldest = MIN_OF(oldest, scheduler_last_turn_ms(p->scheduler));
    oldest = MIN_OF(oldest, console_last_turn_ms(p->console));
    return now - oldest < ALIVE_MS && (!p->telegram || telegram_is_alive(p->telegram)) &&
           (!p->slack || slack_is_alive(p->slack));
}

static void add_name(struct str *names, const char *name)
{
    str_addf(names, "%s%s", names->len ? "," : "", name);
}

void program_ready(struct program *p, struct str *out)
{
    auto_str up = STR_INIT(100), failed = STR_INIT(100);
    int64_t until = env_mono_ms(p->env) + SETTLE_MS;
    if (!p->telegram && !p->slack) {
        str_add(out, "adapters=console");
        return;
    }
    if (p->telegram) {
        telegram_settled(p->telegram, until);
        add_name(telegram_state_now(p->telegram) == TELEGRAM_UP ? &up : &failed, "telegram");
    }
    if (p->slack) {
        slack_settled(p->slack, until);
        add_name(slack_state_now(p->slack) == SLACK_UP ? &up : &failed, "slack");
    }
    str_addf(out, "adapters=%s", up.buf);
    if (failed.len)
        str_addf(out, " failed=%s", failed.buf);
}

bool program_claim(struct program *p, char ret_code[12])
{
    bool telegram = p->telegram &&
                    orchestrator_claim(p->orchestrator, telegram_adapter(p->telegram), ret_code);
    bool slack = p->slack && orchestrator_claim(p->orchestrator, slack_adapter(p->slack), ret_code);
    return telegram || slack;
}

const char *program_refused(struct program *p)
{
    bool telegram = p->telegram && telegram_state_now(p->telegram) == TELEGRAM_REFUSED;
    bool slack = p->slack && slack_state_now(p->slack) == SLACK_REFUSED;
    if ((p->telegram && !telegram) || (p->slack && !slack))
        return NULL;
    return telegram ? "telegram.token: Telegram does not take it: write the one that @BotFather "
                      "shows"
           : slack  ? "slack.app_token, slack.bot_token: Slack does not take one of them: maitred "
                      "check tells which"
                    : NULL;
}
