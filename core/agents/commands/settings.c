/* /settings: zone, city, and how clocks are read. */
#include "core/agents/commands/commands.h"

#include "core/base/utf8.h"

#include <strings.h>

static int save_account(struct db_conn *conn, void *arg, struct err *err)
{
    return account_set(conn, arg, err);
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

static const struct {
    const char *name;
    int (*set)(struct run *run, const char *value, struct err *err);
} settings[] = {{"zone", set_zone}, {"city", set_city}, {"clock", set_clock}};

static void say_settings(struct run *run)
{
    const struct city *city = city_of(run->services, run->account.city);
    auto_zone zone = services_zone(run->account.zone);
    char clock[CLOCK_TEXT];
    int minute = zone_local(zone, env_wall_ms(run->services->env)).minute;
    run_text(run,
             "City: %s. Time zone: %s, where it is %s now. Clock: %s hours.\n"
             "To change: /settings city Los Angeles, /settings clock %s, "
             "/settings zone Europe/Madrid. A restaurant's times are always its own.",
             city ? city->name : run->account.city, run->account.zone,
             clock_say(minute, run->account.hours24, clock), run->account.hours24 ? "24" : "12",
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
        if (settings[i].set(run, value, err) ||
            db_write(run->services->db, save_account, &run->account, err))
            return -1;
        say_settings(run);
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "I know the settings city, zone and clock: /settings city Los Angeles.",
                   "no such setting");
}
