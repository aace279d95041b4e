/* The manifest that makes the app: every command, right and event that this program uses, and no
 * other. */
#include "adapters/slack/internal.h"

static const char *const rights[] = {"app_mentions:read", "assistant:write", "chat:write",
                                     "commands",          "files:write",     "im:history",
                                     "im:write"};
/* To look whether a lost answer arrived, in channels too. */
static const char *const wished[] = {"channels:history", "groups:history"};
static const char *const events[] = {"agent_session_stopped", "app_home_opened", "app_mention",
                                     "app_uninstalled",       "message.im",      "tokens_revoked"};

const char *const *slack_rights(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rights);
    return rights;
}

static void put_list(cJSON *object, const char *key, const char *const *texts, size_t count)
{
    cJSON_AddItemToObject(object, key, cJSON_CreateStringArray(texts, (int)count));
}

static void add_prompt(cJSON *list, const char *title, const char *message)
{
    cJSON *prompt = cJSON_CreateObject();
    cJSON_AddStringToObject(prompt, "title", title);
    cJSON_AddStringToObject(prompt, "message", message);
    cJSON_AddItemToArray(list, prompt);
}

static void add_shortcut(cJSON *list, const char *name, const char *type, const char *id,
                         const char *about)
{
    cJSON *shortcut = cJSON_CreateObject();
    cJSON_AddStringToObject(shortcut, "name", name);
    cJSON_AddStringToObject(shortcut, "type", type);
    cJSON_AddStringToObject(shortcut, "callback_id", id);
    cJSON_AddStringToObject(shortcut, "description", about);
    cJSON_AddItemToArray(list, shortcut);
}

static void add_features(cJSON *manifest)
{
    cJSON *features = cJSON_AddObjectToObject(manifest, "features");
    cJSON *home = cJSON_AddObjectToObject(features, "app_home");
    cJSON_AddTrueToObject(home, "home_tab_enabled");
    cJSON_AddTrueToObject(home, "messages_tab_enabled");
    cJSON_AddFalseToObject(home, "messages_tab_read_only_enabled");
    cJSON *bot = cJSON_AddObjectToObject(features, "bot_user");
    cJSON_AddStringToObject(bot, "display_name", "maitred");
    cJSON_AddTrueToObject(bot, "always_online");
    cJSON *agent = cJSON_AddObjectToObject(features, "agent_view");
    cJSON_AddStringToObject(agent, "agent_description",
                            "Tell me where and when you want to eat. I look for tables and watch "
                            "the full places.");
    cJSON *prompts = cJSON_AddArrayToObject(agent, "suggested_prompts");
    add_prompt(prompts, "Tonight", "A table tonight around 8 for two");
    add_prompt(prompts, "My watches", "watches");
    add_prompt(prompts, "The hard ones", "toughest");
    cJSON *shortcuts = cJSON_AddArrayToObject(features, "shortcuts");
    add_shortcut(shortcuts, "Find a table", "global", "find_table", "Opens the form");
    add_shortcut(shortcuts, "Find this restaurant", "message", "find_from_message",
                 "Opens the form with what the message says");
    cJSON *command = cJSON_CreateObject();
    cJSON_AddStringToObject(command, "command", "/tables");
    cJSON_AddStringToObject(command, "description", "Finds and watches restaurant tables");
    cJSON_AddStringToObject(command, "usage_hint", "lark friday 8pm for 2 | watches | help");
    cJSON_AddTrueToObject(command, "should_escape");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(features, "slash_commands"), command);
}

char *slack_manifest(void)
{
    auto_json manifest = cJSON_CreateObject();
    cJSON *meta = cJSON_AddObjectToObject(manifest, "_metadata");
    json_put_i64(meta, "major_version", 2);
    json_put_i64(meta, "minor_version", 1);
    cJSON *display = cJSON_AddObjectToObject(manifest, "display_information");
    cJSON_AddStringToObject(display, "name", "maitred");
    cJSON_AddStringToObject(display, "description",
                            "Finds restaurant tables on Resy and watches the full ones.");
    cJSON_AddStringToObject(display, "background_color", "#23313a");
    cJSON_AddStringToObject(
        display, "long_description",
        "maitred looks for tables on Resy, watches the places that are full and "
        "writes the moment one opens. Write it a message, mention it in a "
        "channel, or say /tables. It runs on a machine of your own and connects "
        "from there, so Slack needs no address of it.");
    add_features(manifest);
    cJSON *scopes = cJSON_AddObjectToObject(cJSON_AddObjectToObject(manifest, "oauth_config"),
                                            "scopes");
    put_list(scopes, "bot", rights, ARRAY_LEN(rights));
    put_list(scopes, "bot_optional", wished, ARRAY_LEN(wished));
    cJSON *settings = cJSON_AddObjectToObject(manifest, "settings");
    put_list(cJSON_AddObjectToObject(settings, "event_subscriptions"), "bot_events", events,
             ARRAY_LEN(events));
    cJSON_AddTrueToObject(cJSON_AddObjectToObject(settings, "interactivity"), "is_enabled");
    cJSON_AddFalseToObject(settings, "org_deploy_enabled");
    cJSON_AddTrueToObject(settings, "socket_mode_enabled");
    cJSON_AddFalseToObject(settings, "token_rotation_enabled");
    char *printed = cJSON_Print(manifest), *text = mem_text(printed);
    cJSON_free(printed);
    return text;
}
