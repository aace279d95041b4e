#include "core/agents/commands/commands.h"

#include "core/agents/commands/menu.h"
#include "core/agents/commands/words.h"

#include <ctype.h>
#include <strings.h>

const struct command commands[] = {
    {"book", "NAME DAY [PEOPLE] [TIME]", "Books a table, once you confirm what it costs.",
     "/book Sorrel & Ash tomorrow for 2 at 7:30pm", false, command_book},
    {"calendar", "NAME [PEOPLE]", "Shows on which days a restaurant has tables.",
     "/calendar Sorrel & Ash for 4", true, command_calendar},
    {"cancel", "[NAME]", "Gives up a reservation, once you confirm.", "/cancel Sorrel & Ash", true,
     command_cancel},
    {"edit", "ID CHANGES", "Changes a watch: day, people, time, pace, fee, seating.",
     "/edit 12 7-9pm every 2 minutes", true, command_edit},
    {"export", "", "Gives you what I keep of you, as a file.", "/export", true, command_export},
    {"find", "[WHAT] [DAY] [PEOPLE] [TIME]", "Looks for tables: at a restaurant, or anywhere.",
     "/find sushi in soho tomorrow for 2 at 8pm", false, command_find},
    {"forget", "", "Forgets you: your watches, settings and conversations.", "/forget", true,
     command_forget},
    {"help", "[COMMAND]", "Shows this, or more of one command.", "/help watch", true, command_help},
    {"hourly", "NAME [PEOPLE] [TIME]", "Looks every hour, at all of the next 30 days.",
     "/hourly Sorrel & Ash 2 around 8pm", false, command_hourly},
    {"invite", "", "Makes a link that lets one person in, for a day; for my owner.", "/invite",
     true, command_invite},
    {"link", "", "Makes us know you on another platform too: a code to say there.", "/link", true,
     command_link},
    {"log", "", "Shows what the language model had done for you lately.", "/log", true,
     command_log},
    {"new", "", "Forgets this conversation.", "/new", false, command_new},
    {"notify", "NAME DAY [PEOPLE] [TIME]", "Watches until the first table, then is done.",
     "/notify Sorrel & Ash Dec 12 2", false, command_notify},
    {"pair", "CODE", "Lets somebody talk with me; for my owner.", "/pair ABC234", true,
     command_pair},
    {"pause", "ID", "A watch asks nothing until you resume it.", "/pause 12", true, command_pause},
    {"rename", "ID TITLE", "Gives a watch a title.", "/rename 12 Our anniversary", true,
     command_rename},
    {"reservations", "", "Lists what your Resy account holds.", "/reservations", true,
     command_reservations},
    {"resume", "ID", "A paused or silent watch goes on.", "/resume 12", true, command_resume},
    {"settings", "[city|zone|clock|daily|quiet|language|alerts VALUE]",
     "Your city, zone, clock, language, a line a day, quiet hours.", "/settings city Los Angeles",
     true, command_settings},
    {"snooze", "ID [DURATION]", "Keeps a watch silent for an hour, or as long as you say.",
     "/snooze 12 2 hours", true, command_snooze},
    {"status", "", "Tells how I am and when I last looked.", "/status", true, command_status},
    {"stop", "ID | all", "Ends a watch, or all of them.", "/stop 12", true, command_stop},
    {"test", "", "Sends a sample alert.", "/test", true, command_test},
    {"toughest", "", "Lists the restaurants that are hardest to get.", "/toughest", true,
     command_toughest},
    {"undo", "", "Takes back the last /stop.", "/undo", true, command_undo},
    {"venue", "NAME", "Facts, open days and the page of a restaurant.", "/venue Sorrel & Ash", true,
     command_venue},
    {"watch", "[NAME] [DAY] [PEOPLE] [TIME]", "Tells you the moment a table opens.",
     "/watch Sorrel & Ash tomorrow 2 7-9pm", false, command_watch},
    {"watches", "[ID]", "Lists what you watch, or tells what one has found.", "/watches 12", true,
     command_watches},
    {"why", "ID", "Tells why a watch has not told you anything.", "/why 12", true, command_why},
};
const size_t commands_count = ARRAY_LEN(commands);

/* What is said in words and shown nowhere. */
static const struct command in_words[] = {
    {.name = "again", .keeps = true, .run = command_again},
    {.name = "bye", .run = command_bye},
    {.name = "near", .keeps = true, .run = command_near},
    {.name = "next", .keeps = true, .run = command_next},
    {.name = "start", .run = command_start},
    {.name = "thanks", .keeps = true, .run = command_thanks},
};

static const struct command *command_in(const struct command *list, size_t count, const char *text,
                                        size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) == len && !strncasecmp(list[i].name, text, len))
            return &list[i];
    return NULL;
}

static const struct command *command_of(const char *text, size_t len)
{
    const struct command *shown = command_in(commands, commands_count, text, len);
    return shown ? shown : command_in(in_words, ARRAY_LEN(in_words), text, len);
}

/* One that is nearly called so; NULL: none. */
static const struct command *command_like(const char *text, size_t len)
{
    char name[24];
    if (len < 3 || len >= sizeof(name))
        return NULL;
    for (size_t i = 0; i < len; i++)
        name[i] = (char)tolower((unsigned char)text[i]);
    name[len] = '\0';
    for (size_t i = 0; i < commands_count; i++)
        if (venue_likeness(name, commands[i].name) > 0 || !strncmp(commands[i].name, name, len))
            return &commands[i];
    return NULL;
}

static int run_command(struct run *run, const char *text, struct err *err)
{
    size_t len = strcspn(text, " \t\r\n");
    const struct command *command = command_of(text, len);
    if (!command || command->keeps) /* a question stands until it is answered or replaced */
        run->pending = mem_text(run->session.pending);
    if (command)
        return command->run(run, text + len + strspn(text + len, " \t\r\n"), err);
    auto_str shown = STR_INIT(40);
    str_add_shown(&shown, text, MIN_OF(len, (size_t)30));
    err_set(err, ERR_INPUT, NULL, "unknown command");
    const struct command *like = command_like(text, len);
    if (like)
        return err_say(err, "I do not know /%s. Do you mean /%s? /help shows what I can do.",
                       shown.buf, like->name);
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
    run->pending = mem_text(run->session.pending); /* the rest has nothing to do with it */
    if (!strcmp(b->action, "time"))
        return time_press(run, args, err);
    if (!strcmp(b->action, "book"))
        return book_press(run, args, err);
    if (!strcmp(b->action, "confirm"))
        return confirm_press(run, args, err);
    if (!strcmp(b->action, "drop"))
        return drop_press(run, args, err);
    if (!strcmp(b->action, "unbook"))
        return unbook_press(run, args, err);
    if (!strcmp(b->action, "stop"))
        return stop_press(run, args, err);
    if (!strcmp(b->action, "pause") || !strcmp(b->action, "resume") ||
        !strcmp(b->action, "snooze") || !strcmp(b->action, "edit"))
        return change_press(run, b->action, args, err);
    if (!strcmp(b->action, "open"))
        return open_press(run, args, err);
    if (!strcmp(b->action, "approve") || !strcmp(b->action, "refuse"))
        return access_press(run, !strcmp(b->action, "approve"), args, err);
    if (!strcmp(b->action, "forget"))
        return forget_press(run);
    if (!strcmp(b->action, "undo"))
        return undo_press(run, args, err);
    if (!strcmp(b->action, "page"))
        return around_press(run, args, err);
    if (!strcmp(b->action, "place"))
        return place_press(run, args, err);
    return err_set(err, ERR_BUG, NULL, "unknown action %s", b->action);
}

static int run_commands(struct run *run, struct err *err)
{
    if (run->pressed.action)
        return run_press(run, err);
    const char *text = run->message.text + strspn(run->message.text, " \t\r\n");
    if (*text == '/' && text[1])
        return run_command(run, text + 1, err);
    if (words_books(text) && book_may(run))
        return command_book(run, text, err);
    const char *plain = words_command(text), *rest;
    const char *verb = plain ? NULL : words_verb(text, &rest);
    if (verb)
        return command_of(verb, strlen(verb))->run(run, rest, err);
    return plain ? run_command(run, plain, err) : talk(run, text, err);
}

static void list_menus(cJSON *list)
{
    for (size_t k = 0; k < menus_count; k++) {
        cJSON *menu = cJSON_CreateObject();
        cJSON_AddStringToObject(menu, "language", menus[k].code);
        cJSON_AddStringToObject(menu, "about", menus[k].about);
        cJSON_AddStringToObject(menu, "brief", menus[k].brief);
        cJSON *lines = cJSON_AddArrayToObject(menu, "commands");
        for (size_t i = 0; i < commands_count; i++) {
            cJSON *item = cJSON_CreateObject();
            cJSON_AddStringToObject(item, "command", commands[i].name);
            cJSON_AddStringToObject(item, "description", menu_about(&menus[k], commands[i].name));
            cJSON_AddItemToArray(lines, item);
        }
        cJSON_AddItemToArray(list, menu);
    }
}

static bool knows(const char *name)
{
    return command_in(commands, commands_count, name, strlen(name));
}

const struct agent agent_commands = {
    .name = "commands",
    .about = "Commands and plain phrases, without a language model.",
    .run = run_commands,
    .menus = list_menus,
    .knows = knows,
    .complete = commands_complete,
};
