/* /venue and /calendar: what is known of one restaurant, and on which days it takes bookings. */
#include "core/agents/commands/commands.h"
#include "core/agents/commands/look.h"

#define DAYS_AHEAD    31
#define BUTTONS_SHOWN 5

/* The place that is named, or the one that was looked for last. 1: *ret; 0: the person is asked;
 * -1. */
static int which(struct look *look, struct venue *ret, struct err *err)
{
    struct venue_choice choice;
    struct run *run = look->run;
    const struct city *city = city_of(run->services, run->account.city);
    const char *zone = city ? city->zone : run->account.zone;
    if (!look->venue_id && !*look->words.name)
        return err_set(err, ERR_INPUT, "Which restaurant? For example: /venue Sorrel & Ash.",
                       "no name");
    if (look->venue_id)
        return venue_by_id(run->services, look->venue_id, zone, run->cancel, ret, err) ? -1 : 1;
    run_progress(run, "Looking for the restaurant");
    if (venue_resolve(run->services, &run->account, look->words.name, run->cancel, &choice, err))
        return -1;
    if (choice.answer == VENUE_NONE)
        return err_set(err, ERR_MISSING, "I find no restaurant of that name on Resy.",
                       "no venue of that name");
    if (choice.answer == VENUE_ONE)
        return venue_by_id(run->services, choice.venues[0].id, zone, run->cancel, ret, err) ? -1
                                                                                            : 1;
    run_text(run, "Which \"%s\"? I found:", look->words.name);
    for (size_t i = 0; i < choice.count; i++) {
        const struct venue *v = &choice.venues[i];
        char label[200];
        cJSON *args = cJSON_CreateObject();
        run_text(run, "\n- %s%s%s", v->name, *v->neighborhood ? ", " : "", v->neighborhood);
        json_put_i64(args, "venue_id", v->id);
        json_put_i64(args, "party", look->words.party);
        cJSON_AddBoolToObject(args, "calendar", look->watch);
        snprintf(label, sizeof(label), "Choose %s", v->name);
        run_button(run, label, "place", args, false, RUN_BUTTON_TTL);
    }
    return 0;
}

static const char *state_word(enum resy_day_state state)
{
    switch (state) {
    case RESY_DAY_OPEN:
        return "tables";
    case RESY_DAY_FULL:
        return "full";
    case RESY_DAY_CLOSED:
        return "closed";
    default:
        return "not released yet";
    }
}

/* "Fri Nov 27 to Sun Nov 29: tables", days of one kind together. */
static void add_days(struct str *out, const struct resy_calendar *c, struct date first,
                     struct date last, struct date today)
{
    char a[DATE_WORDS], b[DATE_WORDS];
    for (struct date day = first; date_compare(day, last) <= 0;) {
        enum resy_day_state state = resy_calendar_day(c, day);
        struct date until = day;
        while (date_compare(until, last) < 0 && resy_calendar_day(c, date_add(until, 1)) == state)
            until = date_add(until, 1);
        str_addf(out, "\n%s", date_words(day, today, a));
        if (date_compare(until, day) > 0)
            str_addf(out, " to %s", date_words(until, today, b));
        str_addf(out, ": %s", state_word(state));
        day = date_add(until, 1);
    }
}

static int say_calendar(struct look *look, const struct venue *venue, struct err *err)
{
    struct run *run = look->run;
    auto_zone zone = services_zone(venue->zone);
    struct date today = zone_local(zone, env_wall_ms(run->services->env)).date;
    struct date last = date_add(today, DAYS_AHEAD - 1);
    int64_t party = look->words.party >= 0 ? look->words.party : 2;
    struct wish wish = {.day = today, .party = party};
    if (wish_check(&wish, NULL, today, err))
        return -1;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    run_progress(run, "Asking Resy for the calendar");
    int failed = venue_calendar(run->services, venue, party, today, last, run->cancel, calendar,
                                err);
    if (!failed) {
        auto_str days = STR_INIT(4000);
        size_t shown = 0;
        add_days(&days, calendar, today, last, today);
        run_text(run, "%s, %lld %s, the next %d days:%s", venue->name, (long long)party,
                 party == 1 ? "person" : "people", DAYS_AHEAD, days.buf);
        struct look chosen = *look;
        chosen.watch = false;
        chosen.venue_id = venue->id;
        chosen.words.party = party;
        for (size_t i = 0; i < calendar->count && shown < BUTTONS_SHOWN; i++)
            if (calendar->days[i].state == RESY_DAY_OPEN && ++shown)
                offer_day(&chosen, "Choose", "choose", calendar->days[i].date, today);
    }
    free(calendar);
    return failed;
}

static int say_venue(struct look *look, const struct venue *v, struct err *err)
{
    struct run *run = look->run;
    const struct city *city = city_of(run->services, v->city);
    auto_zone zone = services_zone(v->zone);
    char day[DATE_TEXT], clock[CLOCK_TEXT];
    auto_str url = STR_INIT(512), record = STR_INIT(600), share = STR_INIT(300);
    char payload[32];
    struct date tomorrow = date_add(zone_local(zone, env_wall_ms(run->services->env)).date, 1);
    run_text(run, "%s", v->name);
    if (*v->cuisine)
        run_text(run, ", %s", v->cuisine);
    if (*show_price(v))
        run_text(run, ", %s", show_price(v));
    run_text(run, "\n%s%s%s", v->neighborhood, *v->neighborhood ? ", " : "",
             city ? city->name : v->city_slug);
    if (v->party_max)
        run_text(run, "\nTakes %lld to %lld people online.",
                 (long long)MAX_OF(v->party_min, (int64_t)1), (long long)v->party_max);
    venue_url(&url, v->city_slug, v->slug, date_text(tomorrow, day), 2);
    run_text(run, "\n%s\n", url.buf);
    snprintf(payload, sizeof(payload), "v%lld", (long long)v->id);
    if (run_link(run, payload, &share))
        run_text(run, "To share it: %s\n", share.buf);
    if (v->release_days)
        run_text(run, "It says that it releases tables %lld days ahead at %s.\n",
                 (long long)v->release_days,
                 clock_say((int)v->release_minute, run->account.hours24, clock));
    if (record_words(run->services, v, run->account.hours24, &record, err))
        return -1;
    if (record.len)
        run_text(run, "%s\n", record.buf);
    struct err slow = ERR_INIT; /* the calendar is flaky, and the facts are worth saying alone */
    if (say_calendar(look, v, &slow) == 0 || slow.kind == ERR_CANCELLED)
        return slow.kind == ERR_CANCELLED ? err_set(err, ERR_CANCELLED, NULL, "cancelled") : 0;
    run_text(run, "%s (its calendar)", slow.say);
    return 0;
}

static int say_place(struct look *look, bool calendar, struct err *err)
{
    struct venue venue;
    look->watch = calendar; /* of a choice that is pressed */
    int known = which(look, &venue, err);
    if (known <= 0)
        return known;
    return calendar ? say_calendar(look, &venue, err) : say_venue(look, &venue, err);
}

static int begin(struct run *run, const char *args, bool calendar, struct err *err)
{
    struct look look = {.run = run, .said_ms = run->message.received_ms};
    if (words_read(args, &look.words, err))
        return -1;
    return say_place(&look, calendar, err);
}

int command_venue(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, false, err);
}

int command_calendar(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, true, err);
}

int venue_by_number(struct run *run, int64_t id, struct err *err)
{
    struct look look = {
        .run = run, .said_ms = run->message.received_ms, .venue_id = id, .words = {.party = -1}};
    return say_place(&look, false, err);
}

int place_press(struct run *run, const cJSON *args, struct err *err)
{
    struct look look = {.run = run,
                        .said_ms = run->message.received_ms,
                        .venue_id = json_i64_or(args, "venue_id", 0),
                        .words = {.party = json_i64_or(args, "party", -1)}};
    bool calendar = false;
    json_flag(args, "calendar", &calendar);
    return say_place(&look, calendar, err);
}
