/* Commands and descriptions by language, asked for first and set only where they are not as they
 * should be: they are shared and their setting is limited. */
#include "adapters/telegram/internal.h"

#include "core/base/log.h"

#define REST_MOST_MS 600000 /* a longer flood leaves the menu to the next start */
#define CHAT_MS      3000   /* an answer that was sent waits for it to be recorded */

static void put_language(cJSON *args, const char *language)
{
    if (*language)
        cJSON_AddStringToObject(args, "language_code", language);
}

static void set_text(struct telegram *t, const struct api *api, const char *language,
                     const char *get, const char *set, const char *field, const char *text)
{
    auto_api is = {0};
    auto_api done = {0};
    struct api_options options = {.cancel = &t->stop};
    auto_json args = cJSON_CreateObject();
    put_language(args, language);
    api_call(api, get, args, &options, &is);
    if (is.outcome != API_OK || !strcmp(json_text_or(is.result, field, ""), text))
        return;
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

/* As long as the service wants, unless we are to stop. */
static void rest(struct telegram *t, int64_t ms)
{
    struct cell cell;
    struct cancel_listener listener;
    int64_t until = env_mono_ms(t->env) + ms;
    cell_init(&cell, t->env);
    cancel_listen(&t->stop, &listener, &cell);
    while (!cancel_is_set(&t->stop) && env_mono_ms(t->env) < until)
        env_wait(t->env, &cell, until);
    cancel_unlisten(&t->stop, &listener);
    cell_done(&cell);
}

/* `chat`: of that one alone; 0: of all in the scope. True: they were not as they should be. */
static bool set_commands(struct telegram *t, const struct api *api, const cJSON *commands,
                         const char *scope, int64_t chat, const char *language)
{
    auto_api is = {0};
    auto_api done = {0};
    struct api_options options = {.cancel = &t->stop, .total_ms = chat ? CHAT_MS : 0};
    auto_json args = cJSON_CreateObject();
    cJSON *where = cJSON_AddObjectToObject(args, "scope");
    cJSON_AddStringToObject(where, "type", scope);
    if (chat)
        json_put_i64(where, "chat_id", chat);
    put_language(args, language);
    api_call(api, "getMyCommands", args, &options, &is);
    if (is.outcome != API_OK || same_commands(is.result, commands))
        return false;
    cJSON_AddItemToObject(args, "commands", cJSON_Duplicate(commands, true));
    api_call(api, "setMyCommands", args, &options, &done);
    if (done.outcome == API_FLOOD && !chat && done.retry_ms <= REST_MOST_MS) {
        rest(t, done.retry_ms);
        api_answer_free(&done);
        api_call(api, "setMyCommands", args, &options, &done);
    }
    if (done.outcome != API_OK)
        log_line(LOG_WARN, "telegram", "setMyCommands: %s", done.why);
    return true;
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

/* `language`: for whom; "": for all who have none of their own. */
static bool set_menu(struct telegram *t, const struct api *api, const cJSON *menu,
                     const char *language)
{
    const cJSON *commands = json_array(menu, "commands");
    auto_json few = for_crowds(commands);
    bool changed = set_commands(t, api, commands, "all_private_chats", 0, language);
    set_commands(t, api, few, "all_group_chats", 0, language);
    set_text(t, api, language, "getMyDescription", "setMyDescription", "description",
             json_text_or(menu, "about", ""));
    set_text(t, api, language, "getMyShortDescription", "setMyShortDescription",
             "short_description", json_text_or(menu, "brief", ""));
    return changed;
}

void menu_set(void *arg)
{
    struct telegram *t = arg;
    struct api api = telegram_api(t);
    auto_json menus = cJSON_CreateArray();
    const cJSON *menu;
    bool changed = false;
    orchestrator_menus(t->orchestrator, menus);
    cJSON_ArrayForEach(menu, menus)
    {
        bool first = menu == menus->child;
        if (!cancel_is_set(&t->stop))
            changed = set_menu(t, &api, menu, first ? "" : json_text_or(menu, "language", "")) ||
                      changed;
    }
    auto_json chosen = cJSON_CreateArray(); /* whose menus are their own, and old now */
    if (changed)
        orchestrator_chosen(t->orchestrator, "telegram", chosen);
    cJSON_ArrayForEach(menu, chosen)
    {
        int64_t chat = strtoll(json_text_or(menu, "person", ""), NULL, 10);
        if (chat > 0 && !cancel_is_set(&t->stop))
            menu_of_chat(t, chat, json_text_or(menu, "language", ""));
    }
}

/* What is for one chat wins over what is for all, in whatever language. */
void menu_of_chat(struct telegram *t, int64_t chat, const char *language)
{
    struct api api = telegram_api(t);
    auto_json menus = cJSON_CreateArray();
    const cJSON *menu;
    if (!*language) {
        auto_api done = {0};
        auto_json args = cJSON_CreateObject();
        cJSON *where = cJSON_AddObjectToObject(args, "scope");
        cJSON_AddStringToObject(where, "type", "chat");
        json_put_i64(where, "chat_id", chat);
        struct api_options options = {.total_ms = CHAT_MS};
        api_call(&api, "deleteMyCommands", args, &options, &done);
        return;
    }
    orchestrator_menus(t->orchestrator, menus);
    cJSON_ArrayForEach(menu, menus)
    {
        if (!strcmp(json_text_or(menu, "language", ""), language))
            set_commands(t, &api, json_array(menu, "commands"), "chat", chat, "");
    }
}
