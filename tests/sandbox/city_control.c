/* The control lines. Words are separated by blanks; VENUE is an id or a url_slug; DAY is
 * YYYY-MM-DD, +N days from the venue's today, or `any`; PARTY is a number or *; HH:MM may go to
 * 29:59, the night after that day.
 *
 *   open VENUE DAY PARTY HH:MM[,HH:MM…] [seating WORDS…] [fee N]
 *   close VENUE DAY PARTY HH:MM[,HH:MM…]|*
 *   full VENUE DAY PARTY            as close … *
 *   clear VENUE                     back to the default
 *   open-for SECONDS VENUE DAY PARTY HH:MM[,HH:MM…] [seating WORDS…] [fee N]
 *   fault KIND [count N] [path PREFIX] [venue ID] [delay MS] [retry_after S] [for SECONDS]
 *         KIND: status CODE, challenge, html, cut, hang, drip, reset, empty, endless, deep, shape,
 *         null, redirect, type, bad-json, none (for its delay alone)
 *   no-fault
 *   delay MS, hold MS               each answer waits
 *   drift N                         each search counts N hits more than the one before
 *   counts, reset-counts, log N, key VALUE, venues, time */
#include "tests/sandbox/city_control.h"
#include "tests/sandbox/city_inner.h"

#define CHANGES_MAX 50000
#define FAULTS_MAX  64

static int refuse(struct order *order, const char *fmt, ...) PRINTF(2, 3);

static int refuse(struct order *order, const char *fmt, ...)
{
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    str_clear(&order->reply);
    json_addf(&order->reply, "{`error`:");
    city_json_text(&order->reply, text, false);
    str_addc(&order->reply, '}');
    return -1;
}

static int done(struct order *order)
{
    str_add(&order->reply, "{\"ok\":true}");
    return 0;
}

static const char *next_word(struct order *order)
{
    return order->at < order->count ? order->words[order->at++] : NULL;
}

static bool next_is(struct order *order, const char *word)
{
    if (order->at >= order->count || strcmp(order->words[order->at], word))
        return false;
    order->at++;
    return true;
}

static int64_t next_number(struct order *order)
{
    const char *word = next_word(order);
    return word ? whole_number(word) : -1;
}

static const struct venue *next_venue(struct order *order)
{
    const char *word = next_word(order);
    if (!word)
        return NULL;
    const struct venue *venue = city_venue_by_id(whole_number(word));
    return venue ? venue : venue_by_slug(word);
}

/* --- tables -------------------------------------------------------------------------------- */

static int read_day(struct order *order, const struct venue *venue, int64_t *ret)
{
    const char *word = next_word(order);
    struct date date;
    if (!word)
        return -1;
    if (!strcmp(word, "any") || !strcmp(word, "*")) {
        *ret = DAY_ANY;
        return 0;
    }
    if (*word == '+' && whole_number(word + 1) >= 0) {
        *ret = date_days(city_today(order->city, venue, order->now_ms)) + whole_number(word + 1);
        return 0;
    }
    if (strlen(word) != 10 || date_parse(word, &date))
        return -1;
    *ret = date_days(date);
    return 0;
}

static int read_table(struct order *order, struct change *ret)
{
    const struct venue *venue = next_venue(order);
    if (!venue)
        return refuse(order, "no such venue");
    ret->venue_id = venue->id;
    if (read_day(order, venue, &ret->day))
        return refuse(order, "DAY is YYYY-MM-DD, +N or any");
    const char *party = next_word(order);
    int64_t number = party && strcmp(party, "*") ? whole_number(party) : PARTY_ANY;
    if (!party || number < 0 || number > 100 || (number == 0 && strcmp(party, "*")))
        return refuse(order, "PARTY is a number or *");
    ret->party = (int)number;
    return 0;
}

/* "24:30" is half past midnight of the night after. */
static int read_minute(const char **at)
{
    char *end;
    long hour = strtol(*at, &end, 10);
    if (end == *at || end - *at > 2 || *end != ':' || hour < 0 || hour > 29)
        return -1;
    const char *from = end + 1;
    long minute = strtol(from, &end, 10);
    if (end - from != 2 || minute < 0 || minute > 59)
        return -1;
    *at = end;
    return (int)(hour * 60 + minute);
}

static bool hides(const struct change *later, const struct change *earlier)
{
    bool same_table = later->venue_id == earlier->venue_id && later->day == earlier->day &&
                      later->party == earlier->party;
    if (!same_table || later->kind == CHANGE_FULL)
        return same_table;
    return earlier->kind != CHANGE_FULL && later->minute == earlier->minute &&
           (later->kind == CHANGE_CLOSE || !strcmp(later->seating, earlier->seating));
}

static void add_change(struct city *city, const struct change *change)
{
    size_t kept = 0;
    for (size_t i = 0; i < city->change_count; i++) {
        if (!hides(change, &city->changes[i]))
            city->changes[kept++] = city->changes[i];
    }
    city->change_count = kept;
    if (kept >= CHANGES_MAX)
        return;
    city->changes = mem_grow(city->changes, &city->change_cap, kept + 1, sizeof(*city->changes));
    city->changes[city->change_count++] = *change;
}

/* One change for each time of a list "HH:MM,HH:MM". */
static int change_times(struct order *order, struct change *change, const char *times)
{
    for (const char *at = times;; at++) {
        change->minute = read_minute(&at);
        if (change->minute < 0 || (*at && *at != ','))
            return refuse(order, "times are HH:MM[,HH:MM…]");
        if (!order->dry)
            add_change(order->city, change);
        if (!*at)
            return done(order);
    }
}

static int read_open_options(struct order *order, struct change *change)
{
    snprintf(change->seating, sizeof(change->seating), "Dining Room");
    while (order->at < order->count) {
        if (next_is(order, "fee")) {
            int64_t fee = next_number(order);
            if (fee < 1 || fee > 999)
                return refuse(order, "fee is 1 to 999");
            change->fee = (int)fee;
        } else if (next_is(order, "seating")) {
            auto_str seating = STR_INIT(SEATING_TEXT - 1);
            while (order->at < order->count && strcmp(order->words[order->at], "fee")) {
                str_add(&seating, seating.len ? " " : "");
                str_add(&seating, next_word(order));
            }
            if (!seating.len || strpbrk(seating.buf, "\"\\`"))
                return refuse(order, "seating needs words without quotes");
            snprintf(change->seating, sizeof(change->seating), "%s", seating.buf);
        } else {
            return refuse(order, "what is \"%.40s\"?", order->words[order->at]);
        }
    }
    return 0;
}

static int run_open(struct order *order)
{
    struct change change = {.kind = CHANGE_OPEN};
    if (read_table(order, &change))
        return -1;
    const char *times = next_word(order);
    if (!times)
        return refuse(order, "open needs times");
    if (read_open_options(order, &change))
        return -1;
    return change_times(order, &change, times);
}

static int run_close(struct order *order)
{
    struct change change = {.kind = CHANGE_CLOSE};
    if (read_table(order, &change))
        return -1;
    const char *times = next_word(order);
    if (!times)
        return refuse(order, "close needs times or *");
    if (strcmp(times, "*"))
        return change_times(order, &change, times);
    change.kind = CHANGE_FULL;
    if (!order->dry)
        add_change(order->city, &change);
    return done(order);
}

static int run_full(struct order *order)
{
    struct change change = {.kind = CHANGE_FULL};
    if (read_table(order, &change))
        return -1;
    if (!order->dry)
        add_change(order->city, &change);
    return done(order);
}

static int run_clear(struct order *order)
{
    const struct venue *venue = next_venue(order);
    if (!venue)
        return refuse(order, "no such venue");
    struct city *city = order->city;
    size_t kept = 0;
    for (size_t i = 0; i < city->change_count && !order->dry; i++) {
        if (city->changes[i].venue_id != venue->id)
            city->changes[kept++] = city->changes[i];
    }
    if (!order->dry)
        city->change_count = kept;
    return done(order);
}

/* The day is fixed now, so that the closing means the same table after midnight. */
static int run_open_for(struct order *order)
{
    int64_t seconds = next_number(order);
    if (seconds < 0)
        return refuse(order, "open-for SECONDS VENUE DAY PARTY HH:MM");
    size_t table = order->at;
    struct change change;
    if (run_open(order))
        return -1;
    if (order->dry)
        return 0;
    order->at = table;
    if (read_table(order, &change))
        return -1;
    char day[DATE_TEXT] = "any", line[300];
    if (change.day != DAY_ANY)
        date_text(date_of_days(change.day), day);
    snprintf(line, sizeof(line), "close %d %.10s %.5s %.200s", change.venue_id, day,
             order->words[table + 2], order->words[table + 3]);
    plan_line(order->city, order->now_ms + seconds * 1000, line);
    return 0;
}

/* --- faults -------------------------------------------------------------------------------- */

static const char *const fault_names[FAULT_KINDS] = {
    [FAULT_NONE] = "none",         [FAULT_STATUS] = "status", [FAULT_CHALLENGE] = "challenge",
    [FAULT_HTML] = "html",         [FAULT_CUT] = "cut",       [FAULT_HANG] = "hang",
    [FAULT_DRIP] = "drip",         [FAULT_RESET] = "reset",   [FAULT_EMPTY] = "empty",
    [FAULT_ENDLESS] = "endless",   [FAULT_DEEP] = "deep",     [FAULT_SHAPE] = "shape",
    [FAULT_NULL] = "null",         [FAULT_TYPE] = "type",     [FAULT_REDIRECT] = "redirect",
    [FAULT_BAD_JSON] = "bad-json",
};

static int read_fault_options(struct order *order, struct fault *fault)
{
    while (order->at < order->count) {
        const char *name = next_word(order);
        if (!strcmp(name, "path") && order->at < order->count) {
            snprintf(fault->path, sizeof(fault->path), "%s", next_word(order));
            continue;
        }
        if (!strcmp(name, "venue")) {
            const struct venue *venue = next_venue(order);
            if (!venue)
                return refuse(order, "no such venue");
            fault->venue_id = venue->id;
            continue;
        }
        int64_t number = next_number(order);
        if (number < 0)
            return refuse(order, "%.40s needs a number", name);
        if (!strcmp(name, "count"))
            fault->count = number;
        else if (!strcmp(name, "delay"))
            fault->delay_ms = (int)number;
        else if (!strcmp(name, "retry_after"))
            fault->retry_after_s = (int)number;
        else if (!strcmp(name, "for"))
            fault->until_ms = order->now_ms + number * 1000;
        else
            return refuse(order, "what is \"%.40s\"?", name);
    }
    return 0;
}

static int run_fault(struct order *order)
{
    struct fault fault = {
        .kind = FAULT_KINDS, .count = -1, .retry_after_s = -1, .until_ms = INT64_MAX};
    const char *name = next_word(order);
    for (int i = 0; name && i < FAULT_KINDS; i++) {
        if (!strcmp(fault_names[i], name))
            fault.kind = (enum fault_kind)i;
    }
    if (fault.kind == FAULT_KINDS)
        return refuse(order, "no such fault");
    if (fault.kind == FAULT_STATUS) {
        fault.code = (int)next_number(order);
        if (fault.code < 200 || fault.code > 599)
            return refuse(order, "status CODE is 200 to 599");
    }
    if (read_fault_options(order, &fault))
        return -1;
    struct city *city = order->city;
    if (order->dry)
        return 0;
    if (city->fault_count >= FAULTS_MAX)
        return refuse(order, "too many faults");
    city->faults = mem_grow(city->faults, &city->fault_cap, city->fault_count + 1,
                            sizeof(*city->faults));
    city->faults[city->fault_count++] = fault;
    return done(order);
}

static int run_no_fault(struct order *order)
{
    if (!order->dry)
        order->city->fault_count = 0;
    return done(order);
}

static void drop_old_faults(struct city *city, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < city->fault_count; i++) {
        if (city->faults[i].count && city->faults[i].until_ms > now_ms)
            city->faults[kept++] = city->faults[i];
    }
    city->fault_count = kept;
}

void fault_take(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    static const enum city_cut cuts[FAULT_KINDS] = {
        [FAULT_CUT] = CITY_CUT_BODY, [FAULT_HANG] = CITY_HANG,       [FAULT_DRIP] = CITY_DRIP,
        [FAULT_RESET] = CITY_RESET,  [FAULT_ENDLESS] = CITY_ENDLESS,
    };
    ret->delay_ms = city->delay_ms;
    ret->retry_after_s = -1;
    drop_old_faults(city, now_ms);
    for (size_t i = 0; i < city->fault_count; i++) {
        struct fault *fault = &city->faults[i];
        bool fits = !strncmp(ask->path, fault->path, strlen(fault->path)) &&
                    (!fault->venue_id || fault->venue_id == ask_venue_id(ask));
        if (!fits)
            continue;
        if (fault->count > 0)
            fault->count--;
        ret->fault = fault->kind;
        ret->fault_code = fault->code;
        ret->retry_after_s = fault->retry_after_s;
        ret->delay_ms = MAX_OF(ret->delay_ms, fault->delay_ms);
        ret->cut = cuts[fault->kind];
        return;
    }
}

/* --- the rest ------------------------------------------------------------------------------ */

static int run_delay(struct order *order)
{
    int64_t ms = next_number(order);
    if (ms < 0)
        return refuse(order, "delay MS");
    if (!order->dry)
        order->city->delay_ms = (int)ms;
    return done(order);
}

static int run_drift(struct order *order)
{
    int64_t by = next_number(order);
    if (by < 0 || by > 1000)
        return refuse(order, "drift N, at most 1000");
    if (!order->dry)
        order->city->drift = (int)by;
    return done(order);
}

static int run_key(struct order *order)
{
    const char *key = next_word(order);
    if (!key || strlen(key) >= sizeof(order->city->key) || strpbrk(key, "\"\\`"))
        return refuse(order, "key VALUE, at most 63 characters");
    if (!order->dry)
        snprintf(order->city->key, sizeof(order->city->key), "%s", key);
    return done(order);
}

static const struct command {
    const char *name;
    int (*run)(struct order *order);
} commands[] = {
    {"open", run_open},
    {"close", run_close},
    {"full", run_full},
    {"clear", run_clear},
    {"open-for", run_open_for},
    {"fault", run_fault},
    {"no-fault", run_no_fault},
    {"delay", run_delay},
    {"hold", run_delay},
    {"drift", run_drift},
    {"key", run_key},
    {"counts", run_counts},
    {"reset-counts", run_reset_counts},
    {"log", run_log},
    {"venues", say_venues},
    {"time", run_time},
};

int order_run(struct city *city, int64_t now_ms, const char *line, bool dry, char **reply)
{
    struct order order = {.city = city, .now_ms = now_ms, .dry = dry, .reply = STR_INIT(BODY_MAX)};
    auto_text copy = mem_text(line);
    char *rest = copy, *word;
    while ((word = strsep(&rest, " \t\r\n")) && order.count < ARRAY_LEN(order.words)) {
        if (*word)
            order.words[order.count++] = word;
    }
    const char *name = next_word(&order);
    int result = -1;
    size_t i = 0;
    while (name && i < ARRAY_LEN(commands) && strcmp(commands[i].name, name))
        i++;
    if (!name || i == ARRAY_LEN(commands))
        refuse(&order, "no such command: %.40s", name ? name : "");
    else
        result = commands[i].run(&order);
    *reply = str_detach(&order.reply);
    return result;
}

int city_control(struct city *city, int64_t now_ms, const char *line, char **reply)
{
    city_tick(city, now_ms);
    if (order_run(city, now_ms, line, true, reply)) /* all of a line or nothing */
        return -1;
    free(*reply);
    return order_run(city, now_ms, line, false, reply);
}
