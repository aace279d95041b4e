#include "core/agents/commands/commands.h"

#include "core/agents/commands/menu.h"
#include "core/base/utf8.h"

#include <strings.h>

#define UNDONE_MOST 100
#define NAME_WORDS  8

void watch_button(struct run *run, const char *verb, const char *action, int64_t watch_id,
                  bool once, int64_t ttl_ms)
{
    char label[48];
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "watch", watch_id);
    snprintf(label, sizeof(label), "%s watch %lld", verb, (long long)watch_id);
    run_button(run, label, action, args, once, ttl_ms);
}

void stop_button(struct run *run, int64_t watch_id, int64_t ttl_ms)
{
    watch_button(run, "Stop", "stop", watch_id, true, ttl_ms);
}

/* --- which one --- */

/* The first `words` words of a text, folded; *ret_end: behind them. */
static char *first_words(const char *text, size_t words, const char **ret_end)
{
    const char *at = text;
    for (size_t i = 0; i < words; i++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    *ret_end = at;
    auto_text part = mem_textn(text, (size_t)(at - text));
    return utf8_fold(part);
}

static bool is_called(const struct watch *w, const char *asked)
{
    auto_text name = utf8_fold(w->venue);
    auto_text title = utf8_fold(w->title);
    size_t len = strlen(asked); /* "lark for an hour" is not its name, though it begins so */
    return len && ((len <= strlen(name) + 1 && venue_likeness(asked, name) >= 1) ||
                   (len <= strlen(title) + 1 && venue_likeness(asked, title) >= 1));
}

/* As many words of the text as make a name that some are called by. */
static size_t count_called(const struct watches *watches, const char *text, int64_t *ret_id,
                           char **ret_name, const char **ret_rest)
{
    for (size_t words = NAME_WORDS; words > 0; words--) {
        size_t found = 0;
        char *asked = first_words(text, words, ret_rest);
        for (size_t i = 0; i < watches->count; i++) {
            bool called = is_called(&watches->list[i], asked);
            found += called;
            *ret_id = called ? watches->list[i].id : *ret_id;
        }
        *ret_name = asked;
        if (found)
            return found;
        mem_free_text(ret_name);
    }
    return 0;
}

static int ask_which(struct run *run, const struct watches *watches, const char *name,
                     const char *verb, const char *action)
{
    run_text(run, "Which of these?");
    for (size_t i = 0; i < watches->count; i++) {
        if (name && !is_called(&watches->list[i], name))
            continue;
        watch_line(run, &watches->list[i]);
        if (verb)
            watch_button(run, verb, action, watches->list[i].id, !strcmp(action, "stop"),
                         RUN_BUTTON_TTL);
    }
    return 0;
}

/* "3", "#3", "watch 3", "no. 3": its number; 0: none. */
static int64_t number_of(const char *args, const char **ret_rest)
{
    char *end;
    if (!strncasecmp(args, "watch ", 6))
        args += 6;
    args += strspn(args, " #");
    long long id = strtoll(args, &end, 10);
    if (end == args || id <= 0 || (*end && !strchr(" .,:", *end)))
        return 0;
    *ret_rest = end + strspn(end, " .,:");
    return id;
}

int watch_named(struct run *run, const char *args, const char *verb, const char *action,
                int64_t *ret_id, const char **ret_rest, struct err *err)
{
    auto_watches watches = {0};
    auto_text name = NULL;
    args += strspn(args, " ");
    *ret_id = number_of(args, ret_rest);
    if (*ret_id)
        return 1;
    if (watch_list(run->services, run->account.id, &watches, err))
        return -1;
    if (!watches.count)
        return err_set(err, ERR_MISSING, "You watch nothing. /watch NAME DAY PEOPLE begins.",
                       "no watches");
    size_t found = *args ? count_called(&watches, args, ret_id, &name, ret_rest) : watches.count;
    if (!*args) {
        *ret_id = watches.list[0].id;
        *ret_rest = args;
    }
    if (!found)
        return err_set(err, ERR_MISSING,
                       "You watch nothing of that name. /watches lists yours with their numbers.",
                       "no such watch");
    if (found > 1)
        return ask_which(run, &watches, name, verb, action);
    *ret_rest += strspn(*ret_rest, " ,:");
    return 1;
}

/* --- stopping --- */

static void undo_button(struct run *run, int64_t id)
{
    char label[48];
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "watch", id);
    snprintf(label, sizeof(label), "Undo stop of %lld", (long long)id);
    run_button(run, label, "undo", args, false, RUN_BUTTON_TTL);
}

static int stop_watch(struct run *run, int64_t id, struct err *err)
{
    struct watch watch;
    struct date day;
    char words[DATE_WORDS];
    if (watch_stop(run->services, run->account.id, id, run->message.id, &watch, err))
        return -1;
    auto_zone zone = services_zone(watch.zone);
    struct date today = zone_local(zone, env_wall_ms(run->services->env)).date;
    run_text(run, "%sWatch %lld (%s, %s) is stopped.", run->text.len ? "\n" : "", (long long)id,
             watch.venue, date_parse(watch.day, &day) ? "" : date_words(day, today, words));
    undo_button(run, id);
    return 0;
}

static int stop_all(struct run *run, struct err *err)
{
    auto_watches watches = {0};
    if (watch_list(run->services, run->account.id, &watches, err))
        return -1;
    if (!watches.count) {
        run_text(run, "You watch nothing.");
        return 0;
    }
    if (!run->message.acts) {
        run_text(run, "Shall I stop all %zu? Press the button.", watches.count);
        run_button(run, "Stop all", "stop", NULL, true, RUN_BUTTON_TTL);
        return 0;
    }
    for (size_t i = 0; i < watches.count; i++) {
        struct err one = ERR_INIT;
        if (stop_watch(run, watches.list[i].id, &one) && one.kind != ERR_MISSING) {
            *err = one; /* one that ended by itself meanwhile is no reason to keep the others */
            return -1;
        }
    }
    return 0;
}

struct stopped_args {
    int64_t account_id, ids[UNDONE_MOST];
    size_t count;
};

static int read_last_stopped(struct db_conn *conn, void *arg, struct err *err)
{
    struct stopped_args *args = arg;
    return watches_last_stopped(conn, args->account_id, args->ids, UNDONE_MOST, &args->count, err);
}

static int say_revived(struct run *run, int64_t id, struct err *err)
{
    struct watch watch;
    if (watch_undo_stop(run->services, run->account.id, id, &watch, err))
        return -1;
    run_text(run, "%sWatch %lld (%s) goes on, as if it had not been stopped.",
             run->text.len ? "\n" : "", (long long)id, watch.venue);
    return 0;
}

int undo_press(struct run *run, const cJSON *args, struct err *err)
{
    return say_revived(run, json_i64_or(args, "watch", 0), err);
}

int command_undo(struct run *run, const char *args, struct err *err)
{
    struct stopped_args last = {.account_id = run->account.id};
    (void)args;
    if (db_read(run->services->db, read_last_stopped, &last, err))
        return -1;
    if (!last.count)
        return err_set(err, ERR_MISSING, "There is nothing to take back.", "nothing was stopped");
    for (size_t i = 0; i < last.count; i++) {
        if (!run->message.acts)
            undo_button(run, last.ids[i]);
        else if (say_revived(run, last.ids[i], err))
            return -1;
    }
    if (!run->message.acts)
        run_text(run, "Shall I take that back? Press the button.");
    return 0;
}

struct open_args {
    int64_t account_id, id;
    struct watch watch;
    bool found;
};

static int read_watch(struct db_conn *conn, void *arg, struct err *err)
{
    struct open_args *args = arg;
    return watch_get(conn, args->id, &args->watch, &args->found, err);
}

int command_stop(struct run *run, const char *args, struct err *err)
{
    struct open_args known = {0};
    const char *rest = "";
    if (!strcasecmp(args, "all"))
        return stop_all(run, err);
    if (!args[strspn(args, " #")])
        return err_set(err, ERR_INPUT, "Which one? Say /stop and its number; /watches lists yours.",
                       "stop without a number");
    int one = watch_named(run, args, "Stop", "stop", &known.id, &rest, err);
    if (one <= 0)
        return one;
    if (*rest)
        return err_set(err, ERR_INPUT, "One at a time, please: /stop and its number.",
                       "more than one thing to stop");
    if (run->message.acts)
        return stop_watch(run, known.id, err);
    if (db_read(run->services->db, read_watch, &known, err))
        return -1;
    if (!known.found || known.watch.account_id != run->account.id ||
        strcmp(known.watch.state, "active") != 0) {
        err_set(err, ERR_MISSING, NULL, "no such watch");
        return err_say(err, "You have no watch %lld that is on. /watches lists yours.",
                       (long long)known.id);
    }
    /* Whoever pipes messages in may look and propose; a press, or --yes, does it. */
    stop_button(run, known.id, RUN_BUTTON_TTL);
    run_text(run, "Shall I stop watch %lld? Press the button.", (long long)known.id);
    return 0;
}

int stop_press(struct run *run, const cJSON *args, struct err *err)
{
    int64_t id = json_i64_or(args, "watch", 0);
    if (id)
        return stop_watch(run, id, err);
    run->message.acts = true; /* "Stop all" was pressed */
    return stop_all(run, err);
}

int open_press(struct run *run, const cJSON *args, struct err *err)
{
    struct open_args open = {.id = json_i64_or(args, "watch", 0)};
    auto_str url = STR_INIT(512);
    if (json_text(args, "slug")) { /* of a restaurant that was found */
        venue_url(&url, json_text_or(args, "city_slug", ""), json_text(args, "slug"),
                  json_text_or(args, "day", ""), json_i64_or(args, "party", 2));
        run_text(run, "%s", url.buf);
        return 0;
    }
    if (!open.id) { /* the sample alert's */
        run_text(run, "This would open the restaurant's page on Resy.");
        return 0;
    }
    if (db_read(run->services->db, read_watch, &open, err))
        return -1;
    if (!open.found || open.watch.account_id != run->account.id)
        return err_set(err, ERR_MISSING, "That watch is gone.", "open without its watch");
    venue_url(&url, open.watch.city_slug, open.watch.slug, open.watch.day, open.watch.party);
    run_text(run, "%s", url.buf);
    return 0;
}

int command_status(struct run *run, const char *args, struct err *err)
{
    auto_str text = STR_INIT(RUN_TEXT_MAX);
    (void)args;
    if (life_status(run->services, &run->account, &text, err))
        return -1;
    run_text(run, "%s", text.buf);
    return 0;
}

/* A sample goes the way of the real ones: through the outbox. */
struct test_args {
    struct run *run;
    int64_t now_ms;
};

static int add_sample(struct db_conn *conn, void *arg, struct err *err)
{
    struct test_args *args = arg;
    auto_zone zone = services_zone(args->run->account.zone);
    auto_json message = cJSON_CreateObject();
    auto_json none = cJSON_CreateObject();
    auto_str payload = STR_INIT(4096);
    char day[DATE_TEXT], words[DATE_WORDS];
    struct date today = zone_local(zone, args->now_ms).date, tomorrow = date_add(today, 1);
    auto_str text = STR_INIT(300);
    str_addf(&text,
             "This is a test. A table opened: The Sample Table, %s, 2 people\n7:15 PM\n"
             "Real alerts look like this, with how often I looked and when it opened.",
             date_words(tomorrow, today, words));
    cJSON_AddStringToObject(message, "type", "alert");
    json_put_i64(message, "id", 0);
    json_put_i64(message, "watch", 0);
    cJSON_AddStringToObject(message, "venue", "The Sample Table");
    cJSON_AddStringToObject(message, "date", date_text(tomorrow, day));
    json_put_i64(message, "party_size", 2);
    const char *const times[] = {"19:15"};
    cJSON_AddItemToObject(message, "times", cJSON_CreateStringArray(times, 1));
    cJSON_AddBoolToObject(message, "open_now", false);
    cJSON_AddBoolToObject(message, "test", true);
    cJSON_AddStringToObject(message, "text", text.buf);
    cJSON *list = cJSON_AddArrayToObject(message, "buttons");
    struct button_spec open = {.label = "Open on Resy",
                               .action = "open",
                               .args = none,
                               .expires_ms = args->now_ms + DAY_MS};
    if (button_offer(args->run->services, conn, args->run->account.id, args->run->message.chat_id,
                     &open, args->now_ms, list, err))
        return -1;
    json_print(&payload, message);
    struct outbox_row row = {.chat_id = args->run->message.chat_id,
                             .kind = OUTBOX_NOTICE,
                             .due_ms = args->now_ms,
                             .payload = payload.buf,
                             .seen_ms = args->now_ms};
    return outbox_add(conn, &row, NULL, err);
}

int command_test(struct run *run, const char *args, struct err *err)
{
    struct test_args test = {run, env_wall_ms(run->services->env)};
    (void)args;
    if (db_write(run->services->db, add_sample, &test, err))
        return -1;
    run_text(run, "A sample alert is on its way.");
    return 0;
}

int command_new(struct run *run, const char *args, struct err *err)
{
    (void)args, (void)err;
    run->new_session = true;
    run_text(run, "Forgotten. Your watches stay on; /watches lists them.");
    return 0;
}

/* "/help watch": one command, with an example. */
static bool help_of(struct run *run, const char *name)
{
    name += *name == '/';
    for (size_t i = 0; i < commands_count; i++) {
        if (strcasecmp(commands[i].name, name) != 0)
            continue;
        run_text(run, "/%s%s%s: %s\nFor example: %s", commands[i].name,
                 *commands[i].usage ? " " : "", commands[i].usage, commands[i].about,
                 commands[i].example);
        return true;
    }
    return false;
}

int command_help(struct run *run, const char *args, struct err *err)
{
    const struct menu *menu = menu_of(account_language(&run->account));
    (void)err;
    if (*args && help_of(run, args))
        return 0;
    run_text(run, "I find tables on Resy, watch the full ones, and tell you the moment one opens. "
                  "Just say it:\n"
                  "- Sorrel & Ash tomorrow for 2 at 8pm\n"
                  "- sushi in soho on Friday for me and my wife, around 7:30\n"
                  "- anything tonight for 4, as late as possible\n"
                  "- Lark, any night next week, for two\n"
                  "- tell me when Lark has a table on Dec 12 for 2\n"
                  "Then: \"sorry, the 28th\", \"for 4\", \"watch it\".\n"
                  "The same by command (/help COMMAND shows more):");
    for (size_t i = 0; i < commands_count; i++)
        run_text(run, "\n/%s%s%s: %s", commands[i].name, *commands[i].usage ? " " : "",
                 commands[i].usage, menu_about(menu, commands[i].name));
    return 0;
}
