#include "core/agents/commands/commands.h"

#include <ctype.h>

const struct command commands[] = {
    {"find", "[NAME] [DAY] [PEOPLE] [TIME]", "Looks for tables at a restaurant now.",
     "/find Sorrel & Ash tomorrow for 2 at 8pm", command_find},
    {"help", "", "Shows this.", "/help", command_help},
    {"new", "", "Forgets this conversation.", "/new", command_new},
    {"status", "", "Tells how I am and when I last looked.", "/status", command_status},
    {"stop", "ID", "Ends a watch.", "/stop 12", command_stop},
    {"test", "", "Sends a sample alert.", "/test", command_test},
    {"watch", "[NAME] [DAY] [PEOPLE] [TIME]", "Tells you the moment a table opens.",
     "/watch Sorrel & Ash tomorrow 2 7-9pm", command_watch},
    {"watches", "", "Lists what you watch.", "/watches", command_watches},
};
const size_t commands_count = ARRAY_LEN(commands);

static const struct command *command_of(const char *text, size_t len)
{
    for (size_t i = 0; i < commands_count; i++)
        if (strlen(commands[i].name) == len && !strncasecmp(commands[i].name, text, len))
            return &commands[i];
    return NULL;
}

static int run_command(struct run *run, const char *text, struct err *err)
{
    size_t len = strcspn(text, " \t\r\n");
    const struct command *command = command_of(text, len);
    bool own = command && (command->run == command_find || command->run == command_watch ||
                           command->run == command_new);
    if (!own) /* a question stands until it is answered or another wish replaces it */
        run->pending = mem_text(run->session.pending);
    if (command)
        return command->run(run, text + len + strspn(text + len, " \t\r\n"), err);
    auto_str shown = STR_INIT(40);
    str_add_shown(&shown, text, MIN_OF(len, (size_t)30));
    err_set(err, ERR_INPUT, NULL, "unknown command");
    return err_say(err, "I do not know /%s. /help shows what I can do.", shown.buf);
}

static int run_press(struct run *run, struct err *err)
{
    const struct button *b = &run->pressed;
    auto_json args = json_parse(b->args, strlen(b->args), "a button", err);
    if (!args)
        return -1;
    if (!strcmp(b->action, "choose"))
        return look_press(run, args, false, err);
    if (!strcmp(b->action, "watch"))
        return look_press(run, args, true, err);
    if (!strcmp(b->action, "stop"))
        return stop_press(run, args, err);
    if (!strcmp(b->action, "open"))
        return open_press(run, args, err);
    return err_set(err, ERR_BUG, NULL, "unknown action %s", b->action);
}

static int run_commands(struct run *run, struct err *err)
{
    if (run->pressed.action)
        return run_press(run, err);
    const char *text = run->message.text + strspn(run->message.text, " \t\r\n");
    if (*text == '/' && text[1])
        return run_command(run, text + 1, err);
    return look_free_text(run, text, err);
}

const struct agent agent_commands = {
    .name = "commands",
    .about = "Commands and plain phrases, without a language model.",
    .run = run_commands,
};
