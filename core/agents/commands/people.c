/* Who may talk, and being forgotten. */
#include "core/agents/commands/commands.h"

#include "core/base/utf8.h"
#include "db/tool_call.h"

#include <math.h>
#include <strings.h>

#define LINK_VENUE "v" /* "/start v1505": a restaurant that somebody shared */

int access_press(struct run *run, bool in, const cJSON *args, struct err *err)
{
    char name[96];
    auto_str shown = STR_INIT(120);
    if (access_settle(run->services, &run->account, json_i64_or(args, "newcomer", 0), in, name,
                      err))
        return -1;
    str_add_shown(&shown, name, strlen(name));
    run_text(run, in ? "%s may talk with me now." : "%s will not be answered.", shown.buf);
    return 0;
}

int command_pair(struct run *run, const char *args, struct err *err)
{
    char name[96];
    auto_str shown = STR_INIT(120);
    if (!*args)
        return err_set(err, ERR_INPUT, "Say /pair and the code that the other person was shown.",
                       "pair without a code");
    if (access_pair(run->services, &run->account, args, name, err))
        return -1;
    str_add_shown(&shown, name, strlen(name));
    run_text(run, "%s may talk with me now.", shown.buf);
    return 0;
}

int command_invite(struct run *run, const char *args, struct err *err)
{
    char code[8];
    auto_str link = STR_INIT(300);
    (void)args;
    if (access_invite(run->services, &run->account, run->message.platform, run->message.own,
                      run->message.chat_id, code, err))
        return -1;
    if (run_link(run, code, &link))
        run_text(run, "Give them this link; it lets one person in, until tomorrow:\n%s", link.buf);
    else
        run_text(run, "They are to say this to me; it lets one person in, until tomorrow: %s",
                 code);
    return 0;
}

struct crowd_args {
    int64_t chat_id;
    bool crowd;
};

static int read_crowd(struct db_conn *conn, void *arg, struct err *err)
{
    struct crowd_args *args = arg;
    return chat_is_crowd(conn, args->chat_id, &args->crowd, err);
}

int chat_crowd(struct run *run, bool *ret, struct err *err)
{
    struct crowd_args args = {.chat_id = run->message.chat_id};
    int failed = db_read(run->services->db, read_crowd, &args, err);
    *ret = args.crowd;
    return failed;
}

int command_link(struct run *run, const char *args, struct err *err)
{
    char code[8];
    if (!strncasecmp(args, "resy", 4))
        return err_set(err, ERR_INPUT,
                       "I do not book in this version, and need no account of yours.", "link resy");
    if (*args)
        return err_set(
            err, ERR_INPUT,
            "I do not know that code. A code is made by /link on the other platform, and "
            "is good for ten minutes, once.",
            "an unknown code");
    bool crowd = false;
    if (chat_crowd(run, &crowd, err))
        return -1;
    if (crowd)
        return err_set(err, ERR_INPUT, "That is for you alone: ask me in a private chat.",
                       "a code in a crowd");
    if (access_link(run->services, &run->account, run->message.platform, run->message.own,
                    run->message.chat_id, code, err))
        return -1;
    run_text(run,
             "Say this to me where you want to be known too, within ten minutes:\nlink %s\n"
             "Then your watches and settings are the same here and there.",
             code);
    return 0;
}

int command_export(struct run *run, const char *args, struct err *err)
{
    auto_str lines = STR_INIT(RUN_DOCUMENT_MAX);
    (void)args;
    if (person_export(run->services, run->account.id, run->message.chat_id, run->message.platform,
                      &lines, err))
        return -1;
    if (run_document(run, "maitred.jsonl", lines.buf))
        run_text(run, "This is what I keep of you: who you are here, your settings, what you "
                      "watch and what you said. Another maitred takes it with `maitred import`; "
                      "/forget deletes it here.");
    else
        run_text(run, "There are no files here. `maitred export` writes them: everything, or one "
                      "person, as in `maitred export PLATFORM:NUMBER`.");
    return 0;
}

#define LOGGED 15

struct log_args {
    int64_t account_id, chat_id;
    struct tool_call list[LOGGED];
    size_t count;
};

static int read_log(struct db_conn *conn, void *arg, struct err *err)
{
    struct log_args *args = arg;
    bool crowd;
    if (chat_is_crowd(conn, args->chat_id, &crowd, err))
        return -1;
    if (crowd)
        return err_set(err, ERR_INPUT, "That is for you alone: ask me in a private chat.",
                       "a log in a crowd");
    return tool_calls_last(conn, args->account_id, args->list, LOGGED, &args->count, err);
}

int command_log(struct run *run, const char *args, struct err *err)
{
    struct log_args log = {.account_id = run->account.id, .chat_id = run->message.chat_id};
    auto_zone zone = services_zone(run->account.zone);
    (void)args;
    int failed = db_read(run->services->db, read_log, &log, err);
    if (!failed && !log.count)
        run_text(run, "No language model has done anything for you lately.");
    for (size_t i = 0; i < log.count; i++) {
        const struct tool_call *c = &log.list[i];
        char clock[CLOCK_TEXT];
        auto_str shown = STR_INIT(200);
        str_add_shown(&shown, c->arguments, MIN_OF(strlen(c->arguments), (size_t)150));
        if (!failed)
            run_text(run, "%s%s %s %s: %s, %lld ms", i ? "\n" : "",
                     clock_say(zone_local(zone, c->created_ms).minute, run->account.hours24, clock),
                     c->tool, shown.buf, c->ok ? "done" : "not done", (long long)c->took_ms);
        tool_call_free(&log.list[i]);
    }
    return failed;
}

int command_forget(struct run *run, const char *args, struct err *err)
{
    (void)args, (void)err;
    run_text(run, "Shall I forget you? Your watches end, and your settings and what you said to me "
                  "are deleted. There is no way back.");
    run_button(run, "Confirm: forget me", "forget", NULL, true, RUN_BUTTON_TTL);
    return 0;
}

int forget_press(struct run *run)
{
    run->forget = true;
    if (*run->account.chosen)
        run->menu = ""; /* nor is a menu of their own kept */
    run_text(run, "You are forgotten. Write again whenever you like: we begin anew.");
    return 0;
}

int command_start(struct run *run, const char *args, struct err *err)
{
    if (!strncmp(args, LINK_VENUE, 1) && args[1] &&
        strspn(args + 1, "0123456789") == strlen(args + 1))
        return venue_by_number(run, strtoll(args + 1, NULL, 10), err);
    return command_help(run, "", err);
}

/* Resy is searched by its cities: the one that is near is looked in from then on. */
int command_near(struct run *run, const char *args, struct err *err)
{
    char *end;
    double latitude = strtod(args, &end), longitude = strtod(end, &end);
    if (*end || !(fabs(latitude) <= 90) || !(fabs(longitude) <= 180))
        return err_set(err, ERR_INPUT, "I could not read that place.", "near what?");
    const struct city *city = city_near(run->services, latitude, longitude, run->cancel, err);
    if (!city)
        return -1;
    utf8_copy(run->account.city, sizeof(run->account.city), city->code);
    utf8_copy(run->account.zone, sizeof(run->account.zone), city->zone);
    if (account_save(run, err))
        return -1;
    run_text(run,
             "That is in %s: I look there from now on. What shall it be, which day, and how "
             "many are you?",
             city->name);
    return 0;
}
