/* /settings: zone, city, and how clocks are read. */
#include "core/agents/commands/commands.h"

#include "core/agents/commands/menu.h"
#include "core/agents/commands/words.h"
#include "core/base/utf8.h"

#include <strings.h>

struct save_args {
    const struct account *account;
    int64_t now_ms;
};

static int save_account(struct db_conn *conn, void *arg, struct err *err)
{
    struct save_args *args = arg;
    struct account before;
    if (account_get(conn, args->account->id, &before, err) || account_set(conn, args->account, err))
        return -1;
    bool moves = args->account->alerts_chat && args->account->alerts_chat != before.alerts_chat;
    if (moves && account_move_alerts(conn, args->account->id, args->account->alerts_chat, err))
        return -1;
    return outbox_wake_quiet(conn, args->account->id, args->now_ms, err);
}

int account_save(struct run *run, struct err *err)
{
    struct save_args args = {&run->account, env_wall_ms(run->services->env)};
    return db_write(run->services->db, save_account, &args, err);
}

static int set_zone(struct run *run, const char *value, struct err *err)
{
    auto_zone zone = zone_new(value);
    if (!zone || strlen(value) >= ZONE_TEXT)
        return err_set(
            err, ERR_INPUT,
            "I do not know that time zone. Say it like America/New_York, or name a city: "
            "/settings city Chicago.",
            "no such zone");
    utf8_copy(run->account.zone, sizeof(run->account.zone), value);
    return 0;
}

/* A city brings its zone with it. */
static int set_city(struct run *run, const char *value, struct err *err)
{
    const struct city *city = city_find(run->services, value, run->cancel, err);
    if (!city)
        return -1;
    utf8_copy(run->account.city, sizeof(run->account.city), city->code);
    utf8_copy(run->account.zone, sizeof(run->account.zone), city->zone);
    return 0;
}

static int set_clock(struct run *run, const char *value, struct err *err)
{
    bool is24 = !strncmp(value, "24", 2);
    if (!is24 && strncmp(value, "12", 2) != 0)
        return err_set(err, ERR_INPUT, "Say /settings clock 12 or /settings clock 24.",
                       "no such clock");
    run->account.hours24 = is24;
    return 0;
}

/* "9am", "21:30", "off". */
static int set_daily(struct run *run, const char *value, struct err *err)
{
    struct words words;
    static const char *const off[] = {"off", "no", "never", "none"};
    for (size_t i = 0; i < ARRAY_LEN(off); i++)
        if (!strcasecmp(value, off[i])) {
            run->account.daily_minute = -1;
            return 0;
        }
    if (words_read(value, &words, err))
        return -1;
    if (!words.has_time || words.any_time || *words.name || words.day_count ||
        words.to_minute - words.from_minute != 2 * HOUR_MS / MINUTE_MS)
        return err_set(err, ERR_INPUT,
                       "Say when, like /settings daily 9am, or /settings daily off.",
                       "no time of day");
    auto_zone zone = services_zone(run->account.zone);
    struct local now = zone_local(zone, env_wall_ms(run->services->env));
    /* A single time is read as an hour before and after it; anything else is none. */
    run->account.daily_minute = words.from_minute + HOUR_MS / MINUTE_MS;
    run->account.daily_chat = run->message.chat_id;
    date_text(now.minute >= run->account.daily_minute ? now.date : date_add(now.date, -1),
              run->account.daily_day); /* the first one is still to come */
    return 0;
}

/* "23", "11pm", "7:30 am"; returns how many bytes that is, 0: none. */
static size_t hour_at(const char *text, int *ret_minute)
{
    char *end;
    long hour = strtol(text, &end, 10), minute = 0;
    if (end == text || hour < 0 || hour > 24)
        return 0;
    if (*end == ':') {
        const char *from = end + 1;
        minute = strtol(from, &end, 10);
        if (end != from + 2 || minute < 0 || minute > 59)
            return 0;
    }
    const char *half = end + strspn(end, " ");
    bool am = !strncasecmp(half, "am", 2), pm = !strncasecmp(half, "pm", 2);
    if ((am || pm) && (hour < 1 || hour > 12))
        return 0;
    hour = am || pm ? hour % 12 + (pm ? 12 : 0) : hour;
    *ret_minute = (int)((hour * 60 + minute) % 1440);
    return (size_t)((am || pm ? half + 2 : end) - text);
}

/* "23-8", "11pm to 7:30am", "off". */
static int set_quiet(struct run *run, const char *value, struct err *err)
{
    int from, to;
    size_t first = 0, second = 0;
    run->account.quiet_from = run->account.quiet_to = -1;
    if (!strcasecmp(value, "off") || !strcasecmp(value, "none") || !strcasecmp(value, "no"))
        return 0;
    first = hour_at(value, &from);
    const char *rest = value + first + strspn(value + first, " ");
    rest += !strncmp(rest, "to ", 3) ? 3 : *rest == '-' ? 1 : 0;
    rest += strspn(rest, " ");
    second = first ? hour_at(rest, &to) : 0;
    if (!second || rest[second] || from == to)
        return err_set(err, ERR_INPUT,
                       "Say from when until when, like /settings quiet 11pm-8am, or /settings "
                       "quiet off.",
                       "no quiet hours");
    run->account.quiet_from = from;
    run->account.quiet_to = to;
    return 0;
}

/* Of menus and /help, and what the model is told. "auto": as the platform says. */
static int set_language(struct run *run, const char *value, struct err *err)
{
    const struct menu *menu = menu_of(value);
    bool automatic = !strcasecmp(value, "auto");
    if (!menu && !automatic) {
        auto_str known = STR_INIT(200);
        for (size_t i = 0; i < menus_count; i++)
            str_addf(&known, "%s%s", i ? ", " : "", menus[i].english);
        err_set(err, ERR_INPUT, NULL, "no such language");
        return err_say(err,
                       "My menus are in %s: /settings language French, or /settings language "
                       "auto.",
                       known.buf);
    }
    const char *code = automatic ? "" : menu->code;
    utf8_copy(run->account.chosen, sizeof(run->account.chosen), code);
    run->menu = code;
    return 0;
}

/* "here": all of them come to this chat, on whatever platform they were asked for. */
static int set_alerts(struct run *run, const char *value, struct err *err)
{
    bool crowd, here = !strcasecmp(value, "here");
    if (!here && strcasecmp(value, "each") != 0)
        return err_set(err, ERR_INPUT,
                       "Say /settings alerts here, and all come to this chat, or /settings alerts "
                       "each: each where its watch was made.",
                       "no such place");
    if (chat_crowd(run, &crowd, err))
        return -1;
    if (here && crowd)
        return err_set(err, ERR_INPUT, "Several people read this. Say it where we are alone.",
                       "alerts to a crowd");
    run->account.alerts_chat = here ? run->message.chat_id : 0;
    return 0;
}

static const struct {
    const char *name;
    int (*set)(struct run *run, const char *value, struct err *err);
} settings[] = {{"zone", set_zone},    {"city", set_city},   {"clock", set_clock},
                {"daily", set_daily},  {"quiet", set_quiet}, {"language", set_language},
                {"alerts", set_alerts}};

static void say_settings(struct run *run)
{
    const struct city *city = city_of(run->services, run->account.city);
    auto_zone zone = services_zone(run->account.zone);
    char clock[CLOCK_TEXT], daily[CLOCK_TEXT] = "off", to[CLOCK_TEXT], from[CLOCK_TEXT];
    auto_str quiet = STR_INIT(60);
    int minute = zone_local(zone, env_wall_ms(run->services->env)).minute;
    const struct menu *menu = menu_of(account_language(&run->account));
    if (run->account.daily_minute >= 0)
        clock_say((int)run->account.daily_minute, run->account.hours24, daily);
    if (run->account.quiet_from < 0)
        str_add(&quiet, "none");
    else
        str_addf(&quiet, "%s to %s",
                 clock_say((int)run->account.quiet_from, run->account.hours24, from),
                 clock_say((int)run->account.quiet_to, run->account.hours24, to));
    run_text(run,
             "City: %s. Time zone: %s, where it is %s now. Clock: %s hours. A line a day that I am "
             "alive: %s. Quiet hours: %s. Language of the menus: %s. Alerts: %s.\n"
             "To change: /settings city Los Angeles, /settings clock %s, "
             "/settings zone Europe/Madrid, /settings daily 9am, /settings quiet 11pm-8am, "
             "/settings language Spanish. A "
             "restaurant's times are always "
             "its own.",
             city ? city->name : run->account.city, run->account.zone,
             clock_say(minute, run->account.hours24, clock), run->account.hours24 ? "24" : "12",
             daily, quiet.buf, menu ? menu->english : "English",
             !run->account.alerts_chat                          ? "each where it was asked for"
             : run->account.alerts_chat == run->message.chat_id ? "all in our own chat here"
                                                                : "all in another chat of ours",
             run->account.hours24 ? "12" : "24");
}

int command_settings(struct run *run, const char *args, struct err *err)
{
    size_t len = strcspn(args, " ");
    const char *value = args + len + strspn(args + len, " ");
    if (!*args) {
        say_settings(run);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        if (strlen(settings[i].name) != len || strncasecmp(args, settings[i].name, len) != 0)
            continue;
        if (settings[i].set(run, value, err) || account_save(run, err))
            return -1;
        say_settings(run);
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "I know the settings city, zone, clock, daily, quiet, language and alerts: "
                   "/settings city Los "
                   "Angeles.",
                   "no such setting");
}
