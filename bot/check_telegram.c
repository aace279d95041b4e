#include "bot/check_rows.h"

#include "adapters/telegram/api.h"
#include "bot/instance.h"

#define OWNER "telegram:"

/* False: the token is of no use, and nothing else need be asked. */
static bool check_token(struct check *c, const struct api *api)
{
    auto_api a = {0};
    auto_str text = STR_INIT(200);
    api_call(api, "getMe", NULL, NULL, &a);
    if (a.outcome == API_TOKEN) {
        check_fail(c, "telegram token", EXIT_CONFIG_WRONG, a.why,
                   "write the token that @BotFather shows into telegram.token");
        return false;
    }
    if (a.outcome != API_OK) {
        check_fail(c, "telegram token", EXIT_UNREACHABLE, a.why,
                   "look at the network; then try again in a minute");
        return false;
    }
    bool all = false;
    str_addf(&text, "@%s", json_text_or(a.result, "username", "?"));
    check_row(c, "telegram token", STATE_OK, text.buf, NULL);
    json_flag(a.result, "can_read_all_group_messages", &all);
    check_row(c, "telegram groups", STATE_OK,
              all ? "privacy mode is off: it is given all that is said in groups, and answers what "
                    "is said to it"
                  : "privacy mode is on: it is given commands, its name, and answers to it",
              NULL);
    return true;
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

/* Without an offset nothing is confirmed: what waits goes on waiting. */
static void check_poll(struct check *c, const struct api *api)
{
    auto_api hook = {0};
    auto_api poll = {0};
    api_call(api, "getWebhookInfo", NULL, NULL, &hook);
    if (*json_text_or(hook.result, "url", "")) {
        check_row(
            c, "telegram poll", STATE_WARNING, "a webhook takes this bot's messages",
            "the next run removes it; if it comes back, somebody else has the token: revoke it "
            "with @BotFather");
        return;
    }
    if (somebody_runs(c)) {
        check_row(c, "telegram poll", STATE_OK, "a run is at it", NULL);
        return;
    }
    auto_json args = cJSON_CreateObject();
    json_put_i64(args, "timeout", 0);
    json_put_i64(args, "limit", 1);
    api_call(api, "getUpdates", args, NULL, &poll);
    if (poll.outcome == API_CONFLICT)
        check_fail(c, "telegram poll", EXIT_BUSY, "another program polls with this token",
                   "stop it, or revoke the token with @BotFather if it is not yours");
    else if (poll.outcome != API_OK)
        check_row(c, "telegram poll", STATE_WARNING, poll.why, "look again in a minute");
    else
        check_row(c, "telegram poll", STATE_OK, "nobody else takes this bot's messages", NULL);
}

static bool tell_owner(const struct api *api, const char *owner, char why[300])
{
    auto_api a = {0};
    auto_json args = cJSON_CreateObject();
    json_put_i64(args, "chat_id", strtoll(owner + strlen(OWNER), NULL, 10));
    cJSON_AddStringToObject(
        args, "text", "This is a test by `maitred check`: what I have to tell you comes here.");
    cJSON_AddTrueToObject(args, "disable_notification");
    api_call(api, "sendMessage", args, NULL, &a);
    snprintf(why, 300, "%s", a.why);
    return a.outcome == API_OK;
}

static void check_owners(struct check *c, const struct api *api)
{
    char why[300] = "";
    size_t told = 0, count = 0;
    for (size_t i = 0; i < c->config->owner_count; i++) {
        if (strncmp(c->config->owners[i], OWNER, strlen(OWNER)) != 0)
            continue;
        count++;
        told += tell_owner(api, c->config->owners[i], why);
    }
    if (!count)
        check_row(
            c, "telegram owner", STATE_OK,
            "none is configured: the first who sends the claim code that `run` prints, or who "
            "did",
            NULL);
    else if (told < count)
        check_row(c, "telegram owner", STATE_WARNING, why,
                  "open the chat with your bot and press Start: a bot cannot write first; is the "
                  "number in bot.owners yours?");
    else
        check_row(c, "telegram owner", STATE_OK, "has a test message", NULL);
}

void check_telegram(struct check *c)
{
    auto_str base = STR_INIT(1024);
    str_addf(&base, "%s/bot%s/", c->config->telegram_api_base, c->config->telegram_token);
    struct api api = {net_http(c->net), base.buf, 0};
    if (check_token(c, &api)) {
        check_poll(c, &api);
        check_owners(c, &api);
    }
    explicit_bzero(base.buf, base.len);
}
