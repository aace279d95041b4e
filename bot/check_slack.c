#include "bot/check_rows.h"

#include "adapters/slack/api.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/slack.h"
#include "bot/instance.h"
#include "core/base/wires.h"

#define HELLO_MS 15000
#define SCOPES   "add it under OAuth & Permissions, and install the app again"

struct looking {
    struct cell cell;
    struct ws_box box; /* as long as what fills it */
    struct check *c;
    struct slack_api *api;
    struct ws *ws;
};

static void refused(struct check *c, const char *row, const struct slack_answer *a,
                    const char *mend)
{
    bool swapped = !strcmp(a->error, "not_allowed_token_type");
    if (a->outcome == SLACK_TOKEN || a->outcome == SLACK_ABSENT || a->outcome == SLACK_BAD)
        check_fail(c, row, EXIT_CONFIG_WRONG, a->why,
                   swapped ? "the two tokens are swapped: app_token begins with xapp-, bot_token "
                             "with xoxb-"
                           : mend);
    else
        check_fail(c, row, EXIT_UNREACHABLE, a->why,
                   "look at the network; then try again in a minute");
}

static void check_scopes(struct check *c, const char *scopes)
{
    size_t count, missing = 0;
    const char *const *rights = slack_rights(&count);
    auto_str text = STR_INIT(400);
    for (size_t i = 0; i < count; i++) {
        if (slack_has_scope(scopes, rights[i]))
            continue;
        str_addf(&text, "%s%s", missing++ ? ", " : "missing: ", rights[i]);
    }
    if (!*scopes)
        check_row(c, "slack rights", STATE_WARNING, "Slack does not say which there are", NULL);
    else if (missing)
        check_row(c, "slack rights", STATE_WARNING, text.buf, SCOPES);
    else
        check_row(c, "slack rights", STATE_OK, "all that is needed", NULL);
}

static bool check_bot(const struct looking *l)
{
    auto_slack a = {0};
    auto_str text = STR_INIT(300);
    slack_call(l->api, "auth.test", NULL, NULL, false, NULL, &a);
    if (a.outcome != SLACK_OK) {
        refused(l->c, "slack bot_token", &a,
                "write the one that the app's settings show under OAuth & Permissions");
        return false;
    }
    str_addf(&text, "%.60s in %.100s", json_text_or(a.tree, "user", "?"),
             json_text_or(a.tree, "team", "?"));
    check_row(l->c, "slack bot_token", STATE_OK, text.buf, NULL);
    check_scopes(l->c, a.scopes);
    return true;
}

/* -1: no hello came; else how many sockets there are, this one counted. */
static int64_t count_sockets(struct looking *l, const char *url, char why[200])
{
    struct env *env = l->c->env;
    int64_t sockets = -1, until = env_mono_ms(env) + HELLO_MS;
    bool gone = false;
    ws_open(l->ws, 1, url, &l->box);
    while (sockets < 0 && !gone && env_mono_ms(env) < until) {
        struct ws_event *event = ws_box_take(&l->box);
        if (!event) {
            env_wait(env, &l->cell, until);
            continue;
        }
        const struct envelope_me nobody = {"", false, NULL, NULL};
        auto_envelope e = {0};
        if (event->kind == WS_TEXT)
            envelope_read(event->text, event->len, &nobody, &e);
        if (e.kind == ENVELOPE_HELLO)
            sockets = e.sockets;
        gone = event->kind == WS_GONE;
        if (gone)
            snprintf(why, 200, "%s", event->text);
        ws_event_free(event);
    }
    ws_close(l->ws, 1, false);
    until = env_mono_ms(env) + 2000;
    while (!gone && env_mono_ms(env) < until) {
        struct ws_event *event = ws_box_take(&l->box);
        gone = event && event->kind == WS_GONE;
        if (!event)
            env_wait(env, &l->cell, until);
        ws_event_free(event);
    }
    return sockets;
}

static bool somebody_runs(const struct check *c)
{
    struct err err = ERR_INIT;
    auto_text path = config_path(c->config, c->config->database);
    int fd = instance_connect(path, &err);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void check_socket(struct looking *l)
{
    auto_slack a = {0};
    auto_str text = STR_INIT(300);
    char why[200] = "no hello came in time";
    slack_call(l->api, "apps.connections.open", NULL, l->c->config->slack_app_token, false, NULL,
               &a);
    const char *url = json_text(a.tree, "url");
    if (a.outcome != SLACK_OK || !url) {
        bool off = strstr(a.error, "disabled") != NULL;
        refused(l->c, off ? "slack socket" : "slack app_token", &a,
                off ? "switch Socket Mode on in the app's settings"
                    : "make one with connections:write under Basic Information, App-Level Tokens");
        return;
    }
    check_row(l->c, "slack app_token", STATE_OK, "opens sockets", NULL);
    int64_t sockets = count_sockets(l, url, why);
    bool runs = somebody_runs(l->c);
    int64_t others = sockets - 1 - (runs ? 1 : 0);
    if (sockets < 0) {
        check_fail(l->c, "slack socket", EXIT_UNREACHABLE, why,
                   "does something on the way keep WebSockets from wss-primary.slack.com?");
    } else if (others > 0) {
        str_addf(&text, "%lld other socket%s of this app %s open", (long long)others,
                 others == 1 ? "" : "s", others == 1 ? "is" : "are");
        check_row(l->c, "slack socket", STATE_WARNING, text.buf,
                  "stop the other copy of me: each message goes to one of them");
    } else {
        check_row(l->c, "slack socket", STATE_OK, runs ? "a run is at it" : "it says hello", NULL);
    }
}

static void check_owners(const struct looking *l)
{
    size_t told = 0, count = 0;
    char why[300] = "";
    for (size_t i = 0; i < l->c->config->owner_count; i++) {
        const char *owner = l->c->config->owners[i], *user = strchr(owner, '/');
        if (strncmp(owner, "slack:", 6) != 0 || !user)
            continue;
        auto_slack a = {0};
        auto_json args = cJSON_CreateObject();
        cJSON_AddStringToObject(args, "channel", user + 1);
        cJSON_AddStringToObject(
            args, "text", "This is a test by `maitred check`: what I have to tell you comes here.");
        slack_call(l->api, "chat.postMessage", args, NULL, false, NULL, &a);
        count++;
        told += a.outcome == SLACK_OK;
        if (a.outcome != SLACK_OK)
            snprintf(why, sizeof(why), "%s", a.why);
    }
    if (!count)
        check_row(
            l->c, "slack owner", STATE_OK,
            "none is configured: the first who sends the claim code that `run` prints, or who "
            "did",
            NULL);
    else if (told < count)
        check_row(l->c, "slack owner", STATE_WARNING, why,
                  "is it \"slack:TEAM/PERSON\", as in slack:T0123/U0456?");
    else
        check_row(l->c, "slack owner", STATE_OK, "has a test message", NULL);
}

void check_slack(struct check *c)
{
    struct err err = ERR_INIT;
    auto_text ca_file = config_path(c->config, c->config->ca_file);
    struct wires *wires = wires_new(c->env, ca_file, &err);
    if (!wires) {
        check_fail(c, "slack socket", EXIT_FAILED, err.why, NULL);
        return;
    }
    struct looking l = {.c = c,
                        .api = slack_api_new(net_http(c->net), c->env, c->config->slack_api_base),
                        .ws = wires_ws(wires)};
    cell_init(&l.cell, c->env);
    ws_box_init(&l.box, c->env, &l.cell);
    slack_api_set_token(l.api, c->config->slack_bot_token);
    if (check_bot(&l)) {
        check_socket(&l);
        check_owners(&l);
    }
    slack_api_free(l.api);
    wires_free(wires);
    ws_box_done(&l.box);
    cell_done(&l.cell);
}
