/* Commands and descriptions, asked for first and set only where they are not as they should be:
 * they are shared and their setting is limited. */
#include "adapters/telegram/internal.h"

#include "core/base/log.h"

#define ABOUT                                                                                      \
    "I find restaurant tables on Resy, watch the full ones, and tell you the moment one opens. "   \
    "Just say: \"Lark on Friday at 8 for two\"."
#define SHORT "Finds restaurant tables, watches the full ones, and tells you the moment one opens."

static void set_text(struct telegram *t, const struct api *api, const char *get, const char *set,
                     const char *field, const char *text)
{
    auto_api is = {0};
    auto_api done = {0};
    struct api_options options = {.cancel = &t->stop};
    api_call(api, get, NULL, &options, &is);
    if (is.outcome != API_OK || !strcmp(json_text_or(is.result, field, ""), text))
        return;
    auto_json args = cJSON_CreateObject();
    cJSON_AddStringToObject(args, field, text);
    api_call(api, set, args, &options, &done);
    if (done.outcome != API_OK)
        log_line(LOG_WARN, "telegram", "%s: %s", set, done.why);
}

static bool same_commands(const cJSON *a, const cJSON *b)
{
    int count = cJSON_GetArraySize(a);
    if (count != cJSON_GetArraySize(b))
        return false;
    for (int i = 0; i < count; i++) {
        const cJSON *x = cJSON_GetArrayItem(a, i), *y = cJSON_GetArrayItem(b, i);
        if (strcmp(json_text_or(x, "command", ""), json_text_or(y, "command", "")) != 0 ||
            strcmp(json_text_or(x, "description", ""), json_text_or(y, "description", "")) != 0)
            return false;
    }
    return true;
}

static void set_commands(struct telegram *t, const struct api *api, const cJSON *commands,
                         const char *scope)
{
    auto_api is = {0};
    auto_api done = {0};
    struct api_options options = {.cancel = &t->stop};
    auto_json args = cJSON_CreateObject();
    cJSON *where = cJSON_AddObjectToObject(args, "scope");
    cJSON_AddStringToObject(where, "type", scope);
    api_call(api, "getMyCommands", args, &options, &is);
    if (is.outcome != API_OK || same_commands(is.result, commands))
        return;
    cJSON_AddItemToObject(args, "commands", cJSON_Duplicate(commands, true));
    api_call(api, "setMyCommands", args, &options, &done);
    if (done.outcome != API_OK)
        log_line(LOG_WARN, "telegram", "setMyCommands: %s", done.why);
}

/* In a crowd only what is of use there. */
static cJSON *for_crowds(const cJSON *commands)
{
    static const char *const names[] = {"find", "watch", "watches", "stop", "help"};
    cJSON *list = cJSON_CreateArray();
    const cJSON *command;
    cJSON_ArrayForEach(command, commands)
    {
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (!strcmp(json_text_or(command, "command", ""), names[i]))
                cJSON_AddItemToArray(list, cJSON_Duplicate(command, true));
    }
    return list;
}

void menu_set(struct telegram *t)
{
    struct api api = telegram_api(t);
    auto_json commands = cJSON_CreateArray();
    orchestrator_commands(t->orchestrator, commands);
    auto_json few = for_crowds(commands);
    set_commands(t, &api, commands, "all_private_chats");
    set_commands(t, &api, few, "all_group_chats");
    set_text(t, &api, "getMyDescription", "setMyDescription", "description", ABOUT);
    set_text(t, &api, "getMyShortDescription", "setMyShortDescription", "short_description", SHORT);
}
