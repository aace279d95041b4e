#include "tests/replay/trace.h"

#include "tests/replay/engine.h"

#define LINES_MOST   500000
#define LINE_MOST    8192
#define WATCHES_MOST 1000
#define PEOPLE_MOST  200
#define VENUES_MOST  1000
#define SLOTS_MOST   256
#define ALERTS_MOST  4096

struct line {
    int number;
    char *text;
    bool is_alert;
};

struct told { /* "1 7 2031-05-09 19:15": as an `alert` line has it, a time each */
    char text[96];
};

struct trace {
    const char *path;
    struct line *lines;
    size_t count;
    char zone[64];
    struct engine_options options;
    int64_t ids[WATCHES_MOST]; /* by the trace's number */
    int64_t persons[WATCHES_MOST];
    struct engine *engine;
    struct venue venues[VENUES_MOST]; /* id and zone */
    size_t venue_count;
    struct told heard[ALERTS_MOST];
    size_t heard_count, alerts;
    bool told_before; /* what this line brings is no news */
    int at;           /* the line, for what is wrong */
    char *wrong;
};

static void wrong(struct trace *t, const char *fmt, ...) PRINTF(2, 3);
static void wrong(struct trace *t, const char *fmt, ...)
{
    va_list args;
    char *text;
    if (t->wrong)
        return;
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0 ||
        asprintf(&t->wrong, "%s:%d: %s", t->path, t->at, text) < 0)
        abort();
    va_end(args);
    free(text);
}

/* --- reading --- */

static int64_t duration_of(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    int64_t unit = *end == 's' ? 1000 : *end == 'm' ? MINUTE_MS : *end == 'h' ? HOUR_MS : 0;
    return unit && !end[1] ? n * unit : -1;
}

/* "2031-05-05T16:00:30.250Z"; -1: not so. */
static int64_t instant_of(const char *text)
{
    char day[DATE_TEXT];
    struct date date;
    int h, m, s, ms = 0, used = 0;
    snprintf(day, sizeof(day), "%.10s", text);
    if (strlen(text) < 20 || date_parse(day, &date) || text[10] != 'T' ||
        sscanf(text + 11, "%2d:%2d:%2d%n", &h, &m, &s, &used) != 3)
        return -1;
    if (text[11 + used] == '.')
        ms = (int)strtol(text + 12 + used, NULL, 10);
    auto_zone utc = zone_new("UTC");
    return zone_utc_ms(utc, date, h * 60 + m) + s * 1000 + ms;
}

static int minute_of(const char *text)
{
    int h, m;
    return sscanf(text, "%d:%d", &h, &m) == 2 ? h * 60 + m : -1;
}

static bool window_of(struct trace *t, const char *text, int *ret_from, int *ret_to)
{
    const char *dash = strchr(text, '-');
    *ret_from = minute_of(text);
    *ret_to = dash ? minute_of(dash + 1) : -1;
    if (strcmp(text, "any") != 0 && (*ret_from < 0 || *ret_to < 0))
        wrong(t, "no window: %s", text);
    return !strcmp(text, "any");
}

static char *next_word(char **at)
{
    static char none[1];
    char *word;
    do
        word = strsep(at, " \t");
    while (word && !*word);
    return word ? word : none;
}

static size_t index_of(struct trace *t, const char *word)
{
    long n = strtol(word, NULL, 10);
    if (n > 0 && n < WATCHES_MOST)
        return (size_t)n;
    wrong(t, "no watch: %s", word);
    return 0;
}

/* --- the verbs --- */

static const struct venue *venue_named(struct trace *t, const char *word)
{
    int64_t id = strtol(word, NULL, 10);
    for (size_t i = 0; i < t->venue_count; i++)
        if (t->venues[i].id == id)
            return &t->venues[i];
    wrong(t, "no venue: %s", word);
    return &t->venues[0];
}

static void read_options(struct trace *t, char *rest, struct watch_wish *ret)
{
    for (char *word; *(word = next_word(&rest));) {
        if (!strcmp(word, "seating")) {
            char *seating = next_word(&rest);
            ret->seating = seating;
            for (char *c = seating; *c; c++)
                *c = (char)(*c == '_' ? ' ' : *c);
        } else if (!strcmp(word, "fee")) {
            ret->any_fee = false;
            ret->max_fee_cents = strtol(next_word(&rest), NULL, 10) * 100;
        } else if (!strcmp(word, "once") || !strcmp(word, "each")) {
            ret->once = *word == 'o' ? WATCH_FIRST : WATCH_EACH;
        } else {
            wrong(t, "what is %s?", word);
        }
    }
}

/* Room for what a wish points to. */
struct wished {
    struct venue venues[WATCH_VENUES];
    struct date days[WATCH_DAYS];
    struct watch_wish wish;
};

static void read_wish(struct trace *t, char *rest, struct wished *ret)
{
    struct watch_wish *wish = &ret->wish;
    *wish = (struct watch_wish){.venues = ret->venues, .days = ret->days, .any_fee = true};
    char *list = next_word(&rest), *one, *most;
    while ((one = strsep(&list, ",")) && wish->venue_count < ARRAY_LEN(ret->venues))
        ret->venues[wish->venue_count++] = *venue_named(t, one);
    list = next_word(&rest);
    while ((one = strsep(&list, ",")) && wish->day_count < ARRAY_LEN(ret->days))
        if (date_parse(one, &ret->days[wish->day_count++]))
            wrong(t, "no date: %s", one);
    wish->party = strtol(next_word(&rest), &most, 10);
    wish->party_most = *most == '-' ? strtol(most + 1, NULL, 10) : 0;
    wish->any_time = window_of(t, next_word(&rest), &wish->from_minute, &wish->to_minute);
    read_options(t, rest, wish);
}

static void do_watch(struct trace *t, char *rest)
{
    struct wished *wished = mem_new(1, sizeof(*wished));
    struct watch watch;
    size_t at = index_of(t, next_word(&rest));
    int64_t person = strtol(next_word(&rest), NULL, 10);
    read_wish(t, rest, wished);
    t->persons[at] = person;
    t->ids[at] = t->wrong ? 0 : engine_watch(t->engine, person, &wished->wish, &watch);
    if (!t->ids[at])
        wrong(t, "the watch was refused");
    free(wished);
}

static void do_edit(struct trace *t, char *rest)
{
    struct wished *wished = mem_new(1, sizeof(*wished));
    const struct watch_wish *wish = &wished->wish;
    struct watch watch;
    size_t at = index_of(t, next_word(&rest));
    read_wish(t, rest, wished);
    struct watch_change change = {.days = wish->days,
                                  .day_count = wish->day_count,
                                  .party = wish->party,
                                  .party_most = wish->party_most,
                                  .has_window = true,
                                  .any_time = wish->any_time,
                                  .from_minute = wish->from_minute,
                                  .to_minute = wish->to_minute,
                                  .has_fee = true,
                                  .any_fee = wish->any_fee,
                                  .max_fee_cents = wish->max_fee_cents,
                                  .seating = wish->seating ? wish->seating : ""};
    if (!t->wrong && !engine_change(t->engine, t->persons[at], t->ids[at], &change, &watch))
        wrong(t, "edit was refused");
    free(wished);
}

static void do_change(struct trace *t, const char *verb, char *rest)
{
    struct watch_change change = {0};
    struct watch watch;
    size_t at = index_of(t, next_word(&rest));
    bool well;
    change.pause = !strcmp(verb, "pause");
    change.resume = !strcmp(verb, "resume");
    if (!strcmp(verb, "snooze"))
        change.snooze_ms = duration_of(next_word(&rest));
    if (!strcmp(verb, "window")) {
        change.has_window = true;
        change.any_time = window_of(t, next_word(&rest), &change.from_minute, &change.to_minute);
    }
    if (!strcmp(verb, "stop"))
        well = engine_stop(t->engine, t->persons[at], t->ids[at]);
    else if (!strcmp(verb, "undo"))
        well = engine_undo(t->engine, t->persons[at], t->ids[at], &watch);
    else
        well = engine_change(t->engine, t->persons[at], t->ids[at], &change, &watch);
    if (!well)
        wrong(t, "%s was refused", verb);
}

/* "19:15 Dining Room fee 25": folded as the parser of the provider's answers does it. */
static void read_slot(struct trace *t, char *text, struct resy_slot *ret)
{
    text += strspn(text, " ");
    *ret = (struct resy_slot){.minute = minute_of(text)};
    char *seating = text + strcspn(text, " ");
    seating += strspn(seating, " ");
    char *fee = strstr(seating, " fee ");
    if (fee)
        ret->fee_cents = strtol(fee + 5, NULL, 10) * 100;
    seating[fee ? (size_t)(fee - seating) : strlen(seating)] = '\0';
    for (char *c = seating; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    ret->seating = ret->shown = seating;
    snprintf(ret->start, sizeof(ret->start), "%d", ret->minute);
    snprintf(ret->template, sizeof(ret->template), "%lld", (long long)ret->fee_cents);
    if (ret->minute < 0)
        wrong(t, "no time: %s", text);
}

static int by_time(const void *a, const void *b)
{
    const struct resy_slot *x = a, *y = b;
    return x->minute != y->minute ? x->minute - y->minute : strcmp(x->seating, y->seating);
}

static bool claim(struct trace *t, char *venue, char *day, char *party, struct question *ret)
{
    return engine_claim(t->engine, strtol(venue, NULL, 10), day, strtol(party, NULL, 10), ret);
}

static void do_answer(struct trace *t, char *rest)
{
    struct resy_slot slots[SLOTS_MOST];
    struct resy_find find = {.slots = slots};
    struct question q;
    char *venue = next_word(&rest), *day = next_word(&rest), *party = next_word(&rest), *one;
    while (rest && rest[strspn(rest, " ")] && find.count < SLOTS_MOST && (one = strsep(&rest, ",")))
        read_slot(t, one, &slots[find.count++]);
    qsort(slots, find.count, sizeof(*slots), by_time);
    if (!t->wrong && claim(t, venue, day, party, &q)) /* else nobody wants to know any more */
        engine_answer(t->engine, &q, &find);
}

static void do_failed(struct trace *t, char *rest)
{
    struct question q;
    char *venue = next_word(&rest), *day = next_word(&rest), *party = next_word(&rest);
    const char *kind = next_word(&rest);
    for (int fault = 0; fault < RESY_FAULTS; fault++)
        if (!strcmp(resy_fault_name((enum resy_fault)fault), kind)) {
            if (claim(t, venue, day, party, &q))
                engine_fail(t->engine, &q, (enum resy_fault)fault);
            return;
        }
    wrong(t, "no such failure: %s", kind);
}

static void do_gate(struct trace *t, char *rest)
{
    char *venue = next_word(&rest), *day = next_word(&rest), *party = next_word(&rest);
    engine_gate(t->engine, strtol(venue, NULL, 10), day, strtol(party, NULL, 10),
                !strcmp(next_word(&rest), "open"));
}

static void do_verb(struct trace *t, char *rest)
{
    const char *verb = next_word(&rest);
    if (!strcmp(verb, "watch"))
        do_watch(t, rest);
    else if (!strcmp(verb, "edit"))
        do_edit(t, rest);
    else if (!strcmp(verb, "answer") || !strcmp(verb, "known"))
        do_answer(t, rest);
    else if (!strcmp(verb, "gate"))
        do_gate(t, rest);
    else if (!strcmp(verb, "vouch") || !strcmp(verb, "doubt"))
        engine_verdict(t->engine, *verb == 'v');
    else if (!strcmp(verb, "failed"))
        do_failed(t, rest);
    else if (!strcmp(verb, "jump"))
        engine_jump(t->engine, strtol(next_word(&rest), NULL, 10) * 1000);
    else if (strstr(" window pause resume stop undo snooze ", verb))
        do_change(t, verb, rest);
    else
        wrong(t, "no such verb: %s", verb);
}

/* --- the alerts --- */

static void hear(void *ctx, const struct engine_alert *alert)
{
    struct trace *t = ctx;
    struct question q;
    size_t at = 1;
    if (t->told_before)
        return;
    while (at < WATCHES_MOST && t->ids[at] != alert->watch)
        at++;
    if (!engine_question(t->engine, alert->question, &q) || t->heard_count == ALERTS_MOST) {
        wrong(t, "over %d alerts at once, or of no question", ALERTS_MOST);
        return;
    }
    snprintf(t->heard[t->heard_count++].text, sizeof(t->heard->text), "%zu %lld %s %02lld:%02lld",
             at, (long long)q.venue_id, q.day, (long long)alert->minute / 60,
             (long long)alert->minute % 60);
    t->alerts++;
}

/* An `alert` line takes what it names away; what stays was not to be. */
static void expect(struct trace *t, char *rest)
{
    char *watch = next_word(&rest), *venue = next_word(&rest), *day = next_word(&rest), *one;
    char *times = next_word(&rest);
    while ((one = strsep(&times, ","))) {
        char want[96];
        size_t i = 0;
        snprintf(want, sizeof(want), "%s %s %s %s", watch, venue, day, one);
        while (i < t->heard_count && strcmp(t->heard[i].text, want) != 0)
            i++;
        if (i == t->heard_count)
            wrong(t, "no alert: %s", want);
        else
            t->heard[i] = t->heard[--t->heard_count];
    }
}

static void no_others(struct trace *t)
{
    for (size_t i = 0; i < t->heard_count; i++)
        wrong(t, "an alert that is not to be: %s", t->heard[i].text);
    t->heard_count = 0;
}

/* --- the day --- */

static void wait_until(struct trace *t, const char *word)
{
    int64_t now = env_wall_ms(t->engine->env);
    int64_t until = *word == '+' ? now + duration_of(word + 1) : instant_of(word);
    if (until < now)
        wrong(t, "no time, or before the line before: %s", word);
    else
        env_sim_pause(t->engine->env, until - now);
}

static void add_venue(struct trace *t, char *rest)
{
    int64_t id = strtol(next_word(&rest), NULL, 10);
    if (t->venue_count == VENUES_MOST) {
        wrong(t, "over %d venues", VENUES_MOST);
        return;
    }
    t->venues[t->venue_count] = (struct venue){.id = id};
    snprintf(t->venues[t->venue_count++].zone, sizeof(t->venues->zone), "%s", t->zone);
    engine_venue(t->engine, id, rest ? rest : "", t->zone);
}

static void live(struct engine *e, void *arg)
{
    struct trace *t = arg;
    t->engine = e;
    for (int64_t person = 1; person <= PEOPLE_MOST; person++)
        engine_person(e, person);
    for (size_t i = 0; i < t->count && !t->wrong && !e->failure; i++) {
        char *rest = t->lines[i].text;
        if (!t->lines[i].is_alert)
            no_others(t); /* of the line before */
        t->at = t->lines[i].number;
        const char *word = next_word(&rest);
        if (t->lines[i].is_alert) {
            expect(t, rest);
        } else if (!strcmp(word, "zone")) {
            snprintf(t->zone, sizeof(t->zone), "%s", next_word(&rest));
        } else if (!strcmp(word, "venue")) {
            add_venue(t, rest);
        } else {
            wait_until(t, word);
            engine_expire(e);
            t->told_before = rest && !strncmp(rest, "known ", 6);
            if (!t->wrong)
                do_verb(t, rest);
            engine_alerts(e, hear, t);
        }
    }
    no_others(t);
}

/* What stands before the first time. False: it is for the day itself. */
static bool read_setting(struct trace *t, const char *text)
{
    char word[16] = "", value[64] = "";
    if (sscanf(text, "%15s %63s", word, value) < 2)
        return false;
    if (!strcmp(word, "start"))
        t->options.wall_ms = instant_of(value);
    else if (!strcmp(word, "quiet"))
        t->options.quiet_ms = duration_of(value);
    else if (!strcmp(word, "interval"))
        t->options.interval_ms = duration_of(value);
    else if (!strcmp(word, "polls"))
        t->options.close_polls = (int)strtol(value, NULL, 10);
    else
        return false;
    return true;
}

static void read_lines(struct trace *t, FILE *file)
{
    char text[LINE_MOST];
    size_t room = 0;
    for (int number = 1; fgets(text, sizeof(text), file) && t->count < LINES_MOST; number++) {
        t->at = number;
        if (!strchr(text, '\n') || t->count == LINES_MOST - 1)
            wrong(t, "a line without end, or too many");
        text[strcspn(text, "#\n")] = '\0';
        size_t skip = strspn(text, " \t");
        char *colon = strchr(text + skip, ':');
        while (colon && colon[1] && colon[1] != ' ') /* "answer 1 2031-05-09 2: …" */
            colon = strchr(colon + 1, ':');
        if (colon)
            *colon = ' ';
        if (!text[skip] || read_setting(t, text + skip))
            continue;
        t->lines = mem_grow(t->lines, &room, t->count + 1, sizeof(*t->lines));
        t->lines[t->count++] = (struct line){number, mem_text(text + skip),
                                             !strncmp(text + skip, "alert ", 6)};
    }
}

char *trace_run(const char *path, size_t *ret_alerts)
{
    struct trace *t = mem_new(1, sizeof(*t));
    t->path = path;
    snprintf(t->zone, sizeof(t->zone), "America/New_York");
    t->options = (struct engine_options){1, -1, 30 * MINUTE_MS, MINUTE_MS, 2};
    FILE *file = fopen(path, "re");
    if (!file)
        wrong(t, "it cannot be read");
    else
        read_lines(t, file);
    if (file)
        fclose(file);
    if (t->options.wall_ms < 0)
        wrong(t, "no start");
    char *failure = t->wrong ? NULL : engine_run(&t->options, live, t);
    if (failure)
        wrong(t, "%s", failure);
    free(failure);
    for (size_t i = 0; i < t->count; i++)
        free(t->lines[i].text);
    free(t->lines);
    *ret_alerts = t->alerts;
    char *said = t->wrong;
    free(t);
    return said;
}
