/* /find and /watch: who is meant, which days, how many; then the tables, or the watch.
 *
 * A wish is a `struct words` and, once it is known, a venue's id. What is missing is asked in one
 * question and kept as the session's pending; the next free text fills it. What was looked for
 * last stays known for a while: "sorry, the 28th" changes it, "watch it" watches it. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"
#include "core/base/utf8.h"

#include <strings.h>

#define PENDING_LIVES_MS (15 * MINUTE_MS)
#define DAYS_LOOKED_AT   7

cJSON *look_save(const struct look *look)
{
    cJSON *object = cJSON_CreateObject();
    json_put_i64(object, "account", look->run->account.id); /* a chat may have several people */
    cJSON_AddBoolToObject(object, "watch", look->watch);
    json_put_i64(object, "venue_id", look->venue_id);
    json_put_i64(object, "said_ms", look->said_ms);
    json_put_i64(object, "asked_ms", look->run->message.received_ms);
    words_save(&look->words, object);
    return object;
}

void look_load(struct run *run, const cJSON *object, struct look *ret)
{
    *ret = (struct look){.run = run};
    json_flag(object, "watch", &ret->watch);
    ret->venue_id = json_i64_or(object, "venue_id", 0);
    ret->said_ms = json_i64_or(object, "said_ms", run->message.received_ms);
    words_load(object, &ret->words);
}

static void print_into(char **to, const cJSON *object)
{
    auto_str text = STR_INIT(100000);
    json_print(&text, object);
    free(*to);
    *to = str_detach(&text);
}

static void keep_pending(const struct look *look)
{
    auto_json object = look_save(look);
    print_into(&look->run->pending, object);
}

static void remember(const struct look *look, bool offered)
{
    struct look plain = *look;
    plain.watch = false;
    auto_json object = look_save(&plain);
    cJSON_AddBoolToObject(object, "offered", offered);
    print_into(&look->run->last_search, object);
}

void look_remember(const struct look *look)
{
    remember(look, false);
}

void look_only(struct look *look, struct date day)
{
    look->words.days[0] = (struct day_words){.kind = DAY_DATE, .date = day};
    look->words.day_count = 1;
    look->words.range = look->words.agree = false;
    look->words.weekdays = 0;
}

struct wish look_wish(const struct look *look, struct date day)
{
    return (struct wish){
        .day = day,
        .party = look->words.party,
        .from_minute = look->words.from_minute,
        .to_minute = look->words.to_minute,
        .any_time = !look->words.has_time || look->words.any_time,
        .prefer = look->words.prefer == PREFER_LATE    ? 1
                  : look->words.prefer == PREFER_EARLY ? -1
                                                       : 0,
    };
}

static bool is_around(const struct look *look)
{
    if (look->venue_id)
        return false;
    return *look->words.name ? search_is_criteria(look->words.name) : look->words.any_place;
}

/* All that is missing in one question. */
static bool ask_missing(struct look *look)
{
    bool name = !*look->words.name && !look->venue_id && !look->words.any_place;
    bool day = !look->words.day_count, party = look->words.party < 0;
    if (!name && !day && !party)
        return false;
    const char *parts[3] = {NULL};
    size_t n = 0;
    if (name)
        parts[n++] = "which restaurant";
    if (day)
        parts[n++] = "which day";
    if (party)
        parts[n++] = "for how many people";
    const char *examples[] = {name ? "Sorrel & Ash" : NULL, day ? "tomorrow" : NULL,
                              party ? "for 2" : NULL, "at 8pm"};
    auto_str text = STR_INIT(300);
    str_addf(&text, "%c%s", parts[0][0] - 'a' + 'A', parts[0] + 1);
    for (size_t i = 1; i < n; i++)
        str_addf(&text, "%s%s", i + 1 == n ? " and " : ", ", parts[i]);
    str_add(&text, "? For example:");
    for (size_t i = 0; i < ARRAY_LEN(examples) - look->words.has_time; i++)
        if (examples[i])
            str_addf(&text, " %s", examples[i]);
    str_addc(&text, '.');
    run_text(look->run, "%s", text.buf);
    look->run->asks = party;
    keep_pending(look);
    return true;
}

/* --- who is meant --- */

static cJSON *offer_choice(struct look *look, const struct venue *venue)
{
    char label[200];
    struct look chosen = *look;
    chosen.venue_id = venue->id;
    snprintf(label, sizeof(label), "Choose %s", venue->name);
    run_button(look->run, label, "choose", look_save(&chosen), false, RUN_BUTTON_TTL);
    cJSON *choice = cJSON_CreateObject();
    json_put_i64(choice, "id", venue->id);
    json_put_text(choice, "name", venue->name);
    json_put_text(choice, "hood", venue->neighborhood);
    return choice;
}

/* They may be pressed, or named in the next message. */
static void offer_choices(struct look *look, const struct venue_choice *choice)
{
    struct run *run = look->run;
    auto_json pending = look_save(look);
    cJSON *choices = cJSON_AddArrayToObject(pending, "choices");
    run_text(run, "%s \"%s\"? I found:", choice->count > 1 ? "Which" : "Do you mean this one by",
             look->words.name);
    for (size_t i = 0; i < choice->count; i++) {
        const struct venue *v = &choice->venues[i];
        const struct city *city = city_of(run->services, v->city);
        run_text(run, "\n- %s%s%s, %s", v->name, *v->neighborhood ? ", " : "", v->neighborhood,
                 city ? city->name : v->city_slug);
        cJSON_AddItemToArray(choices, offer_choice(look, v));
    }
    print_into(&run->pending, pending);
}

/* "lark, window seat please": what follows the name is said not to be understood. False: nothing
 * follows it. */
static bool shorten_name(struct look *look)
{
    static const char *const cuts[] = {",",    ";",     " - ",    " / ",     " but ",
                                       " or ", " and ", " with ", " instead"};
    char *name = look->words.name, *cut = NULL;
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        char *at = strstr(name, cuts[i]);
        if (at && at != name && (!cut || at < cut))
            cut = at;
    }
    if (!cut && look->words.name_gap)
        cut = name + look->words.name_gap;
    look->words.name_gap = 0;
    if (!cut)
        return false;
    auto_str rest = STR_INIT(80);
    const char *said = cut + strspn(cut, " ,;-/");
    str_add_shown(&rest, said, strlen(said));
    run_text(look->run, "(I did not understand \"%s\".) ", rest.buf);
    *cut = '\0';
    return true;
}

/* 1: look->venue_id is set; 0: the person is asked; -1, ERR_MISSING: there is none. */
static int resolve(struct look *look, struct err *err)
{
    struct venue_choice choice;
    struct run *run = look->run;
    if (look->venue_id)
        return 1;
    run_progress(run, "Looking for the restaurant");
    if (venue_resolve(run->services, &run->account, look->words.name, run->cancel, &choice, err))
        return -1;
    if (choice.answer == VENUE_ONE) {
        look->venue_id = choice.venues[0].id;
        return 1;
    }
    if (choice.answer == VENUE_SEVERAL) {
        offer_choices(look, &choice);
        return 0;
    }
    if (shorten_name(look))
        return resolve(look, err);
    const struct city *city = city_of(run->services, run->account.city);
    auto_str shown = STR_INIT(80);
    str_add_shown(&shown, look->words.name, strlen(look->words.name));
    err_set(err, ERR_MISSING, NULL, "no venue of that name");
    return err_say(err, "I find no restaurant called \"%s\" on Resy, in %s or elsewhere.",
                   shown.buf, city ? city->name : run->account.city);
}

/* --- which days --- */

void offer_day(struct look *look, const char *verb, const char *action, struct date day,
               struct date today)
{
    char words[DATE_WORDS], label[64];
    struct look chosen = *look;
    look_only(&chosen, day);
    snprintf(label, sizeof(label), "%s %s", verb, date_words(day, today, words));
    run_button(look->run, label, action, look_save(&chosen), false, RUN_BUTTON_TTL);
}

int look_days(struct look *look, const char *zone_name, const struct venue *venue,
              struct word_dates *ret, struct date *ret_today, struct err *err)
{
    auto_zone zone = services_zone(zone_name);
    int64_t now = env_wall_ms(look->run->services->env);
    char a[DATE_WORDS], b[DATE_WORDS];
    *ret_today = zone_local(zone, now).date;
    if (words_dates(&look->words, zone_local(zone, look->said_ms), ret, err))
        return -1;
    if (ret->either) {
        run_text(look->run, "It is past midnight there: do you mean the night of %s or of %s?",
                 date_words(ret->list[0], *ret_today, a), date_words(ret->list[1], *ret_today, b));
        offer_day(look, "Choose", "choose", ret->list[0], *ret_today);
        offer_day(look, "Choose", "choose", ret->list[1], *ret_today);
        return 0;
    }
    if (ret->far) {
        err_set(err, ERR_INPUT, NULL, "a day of this year that is over");
        return err_say(err, "That day is over this year. If you mean %s, say the year with it.",
                       date_words(ret->list[0], *ret_today, a));
    }
    if (!ret->count)
        return err_set(err, ERR_INPUT, "There is no such day left there. Which one do you mean?",
                       "no date fits");
    /* The night that began yesterday is not over yet. */
    struct date oldest = *ret_today;
    if (zone_local(zone, now).minute < ANY_TIME_TO - 1440)
        oldest = date_add(oldest, -1);
    struct wish wish = look_wish(look, ret->list[0]);
    return wish_check(&wish, venue, oldest, err) ? -1 : 1;
}

/* --- what there is on one day --- */

struct day_tables {
    int minutes[96];
    size_t count, inside;
};

static void read_minutes(const struct resy_find *find, const struct wish *wish,
                         struct day_tables *ret)
{
    *ret = (struct day_tables){0};
    for (size_t i = 0; i < find->count && ret->count < ARRAY_LEN(ret->minutes); i++) {
        int minute = find->slots[i].minute;
        if (ret->count && ret->minutes[ret->count - 1] == minute)
            continue;
        ret->minutes[ret->count++] = minute;
        ret->inside += wish_takes(wish, minute);
    }
}

static int tables_of(struct look *look, const struct venue *venue, const struct wish *wish,
                     struct day_tables *ret, struct err *err)
{
    struct resy_find find;
    if (tables_now(look->run->services, venue, wish, look->run->cancel, &find, err))
        return -1;
    read_minutes(&find, wish, ret);
    resy_find_free(&find);
    return 0;
}

/* Those in the window, or those outside it; the latest first where that is wished. */
static void add_times(struct str *out, const struct look *look, const struct wish *wish,
                      const struct day_tables *day, bool inside)
{
    int list[ARRAY_LEN(day->minutes)];
    size_t n = 0;
    for (size_t i = 0; i < day->count; i++) {
        size_t at = wish->prefer > 0 ? day->count - 1 - i : i;
        if (wish_takes(wish, day->minutes[at]) == inside)
            list[n++] = day->minutes[at];
    }
    show_minutes(out, look->run, list, n);
}

static void offer_watch(struct look *look, const struct venue *venue, const struct wish *wish,
                        struct date today)
{
    struct look watch = *look;
    char words[DATE_WORDS], label[64];
    watch.watch = true;
    watch.venue_id = venue->id;
    look_only(&watch, wish->day);
    snprintf(label, sizeof(label), "Watch %s for %lld", date_words(wish->day, today, words),
             (long long)wish->party);
    run_button(look->run, label, "watch", look_save(&watch), false, RUN_BUTTON_TTL);
    remember(&watch, true); /* a plain "yes" takes it */
}

static void offer_page(struct run *run, const struct venue *venue, const struct wish *wish)
{
    char day[DATE_TEXT];
    cJSON *args = cJSON_CreateObject();
    json_put_text(args, "city_slug", venue->city_slug);
    json_put_text(args, "slug", venue->slug);
    json_put_text(args, "day", date_text(wish->day, day));
    json_put_i64(args, "party", wish->party);
    run_button(run, "Open on Resy", "open", args, false, DAY_MS);
}

/* The times that the window leaves out, on demand. */
static void offer_all_times(struct look *look, const struct wish *wish)
{
    struct look all = *look;
    look_only(&all, wish->day);
    all.words.any_time = all.words.has_time = true;
    run_button(look->run, "Choose any time", "choose", look_save(&all), false, RUN_BUTTON_TTL);
}

/* A day without tables is full, closed, or not released yet; the calendar knows, if it answers. */
static const char *why_none(struct look *look, const struct venue *venue, const struct wish *wish)
{
    struct err err = ERR_INIT;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    const char *why = "full for now";
    if (venue_calendar(look->run->services, venue, wish->party, wish->day, wish->day,
                       look->run->cancel, calendar, &err) == 0) {
        enum resy_day_state state = resy_calendar_day(calendar, wish->day);
        bool later = calendar->last.year && date_compare(wish->day, calendar->last) > 0;
        if (state == RESY_DAY_CLOSED)
            why = "closed that day, says Resy";
        else if (state == RESY_DAY_UNKNOWN && later)
            why = "not released yet";
    }
    free(calendar);
    return why;
}

static int say_tables(struct look *look, const struct venue *venue, const struct wish *wish,
                      struct date today, struct err *err)
{
    struct run *run = look->run;
    struct day_tables day;
    auto_str head = STR_INIT(400), times = STR_INIT(1000);
    run_progress(run, "Asking Resy for tables");
    if (tables_of(look, venue, wish, &day, err))
        return -1;
    str_addf(&head, "%s, ", venue->name);
    wish_words(&head, wish, today, run->account.hours24);
    add_times(&times, look, wish, &day, day.inside > 0);
    if (!day.count)
        run_text(run, "%s: %s. I can watch it and tell you when a table opens.", head.buf,
                 why_none(look, venue, wish));
    else if (!day.inside)
        run_text(run, "%s: nothing at that time. That day there is %s.", head.buf, times.buf);
    else
        run_text(run, "%s: %s.", head.buf, times.buf);
    cJSON *cards = cJSON_CreateArray();
    cJSON_AddItemToArray(cards, show_card(venue, wish, day.minutes, day.count, NULL));
    show_cards(run, cards);
    if (day.count)
        offer_page(run, venue, wish);
    if (day.inside && day.inside < day.count)
        offer_all_times(look, wish);
    if (!day.inside)
        offer_watch(look, venue, wish, today);
    return 0;
}

/* --- several days --- */

/* The days to look at: the calendar says which are worth it, if it can be had. */
static void pick_days(struct look *look, const struct venue *venue, const struct word_dates *dates,
                      struct word_dates *ret, size_t *ret_closed)
{
    static struct resy_calendar const none;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    struct err err = ERR_INIT;
    *ret = (struct word_dates){0};
    *ret_closed = 0;
    *calendar = none;
    bool known = venue_calendar(look->run->services, venue, look->words.party, dates->list[0],
                                dates->list[dates->count - 1], look->run->cancel, calendar,
                                &err) == 0;
    for (size_t i = 0; i < dates->count; i++) {
        enum resy_day_state state = resy_calendar_day(calendar, dates->list[i]);
        if (!known || state == RESY_DAY_OPEN)
            ret->list[ret->count++] = dates->list[i];
        else if (state == RESY_DAY_CLOSED)
            ++*ret_closed;
    }
    free(calendar);
}

static void say_no_day(struct look *look, const struct venue *venue, const struct word_dates *dates,
                       struct date today)
{
    struct run *run = look->run;
    run_text(run, "%s has nothing for %lld on any of the %zu days. Which shall I watch?",
             venue->name, (long long)look->words.party, dates->count);
    struct look watch = *look;
    watch.venue_id = venue->id;
    watch.watch = true;
    for (size_t i = 0; i < dates->count && i < DAYS_LOOKED_AT; i++)
        offer_day(&watch, "Watch", "watch", dates->list[i], today);
}

static int say_days(struct look *look, const struct venue *venue, const struct word_dates *dates,
                    struct date today, struct err *err)
{
    struct run *run = look->run;
    struct word_dates open;
    size_t closed, shown = 0;
    run_progress(run, "Asking Resy for the calendar");
    pick_days(look, venue, dates, &open, &closed);
    cJSON *cards = cJSON_CreateArray();
    auto_str text = STR_INIT(4000);
    for (size_t i = 0; i < open.count && i < DAYS_LOOKED_AT; i++) {
        struct wish wish = look_wish(look, open.list[i]);
        struct day_tables day;
        char words[DATE_WORDS];
        run_progress(run, "Asking Resy for tables");
        if (tables_of(look, venue, &wish, &day, err)) {
            json_free(cards);
            return -1;
        }
        if (!day.inside)
            continue;
        shown++;
        str_addf(&text, "\n%s: ", date_words(wish.day, today, words));
        add_times(&text, look, &wish, &day, true);
        cJSON_AddItemToArray(cards, show_card(venue, &wish, day.minutes, day.count, NULL));
        offer_day(look, "Choose", "choose", wish.day, today);
    }
    if (!shown) {
        json_free(cards);
        say_no_day(look, venue, dates, today);
        return 0;
    }
    run_text(run, "%s for %lld has tables on %zu of %zu days:%s", venue->name,
             (long long)look->words.party, shown, dates->count, text.buf);
    if (open.count > DAYS_LOOKED_AT)
        run_text(run, "\n(I looked at the first %d that are open.)", DAYS_LOOKED_AT);
    if (closed)
        run_text(run, "\n(%zu day%s closed.)", closed, closed == 1 ? " is" : "s are");
    show_cards(run, cards);
    return 0;
}

static int ask_watch_days(struct look *look, const struct venue *venue,
                          const struct word_dates *dates, struct date today)
{
    struct look watch = *look;
    watch.venue_id = venue->id;
    run_text(look->run, "%s for %lld: each day is a watch of its own. Which ones?", venue->name,
             (long long)look->words.party);
    for (size_t i = 0; i < dates->count && i < DAYS_LOOKED_AT; i++)
        offer_day(&watch, "Watch", "watch", dates->list[i], today);
    if (dates->count > DAYS_LOOKED_AT)
        run_text(look->run, " (These are the first %d of %zu.)", DAYS_LOOKED_AT, dates->count);
    return 0;
}

/* --- watching --- */

/* "You have that; widen it?": for the whole evening, or any time. */
static void offer_wider(struct look *look, const struct venue *venue, const struct wish *wish)
{
    if (wish->any_time)
        return;
    struct look wide = *look;
    wide.venue_id = venue->id;
    wide.words.any_time = true;
    look_only(&wide, wish->day);
    run_text(look->run, " Widen it?");
    run_button(look->run, "Watch any time that day", "watch", look_save(&wide), false,
               RUN_BUTTON_TTL);
}

static int say_watch(struct look *look, const struct venue *venue, const struct wish *wish,
                     struct date today, struct err *err)
{
    struct run *run = look->run;
    struct watch_started started;
    char span[SPAN_WORDS];
    auto_str head = STR_INIT(400);
    if (watch_start(run->services, &run->account, run->message.chat_id, run->message.id, venue,
                    wish, &started, err))
        return -1;
    str_addf(&head, "%s, ", venue->name);
    wish_words(&head, wish, today, run->account.hours24);
    if (started.was_there) {
        run_text(run, "You have that already: watch %lld, %s.", (long long)started.id, head.buf);
        offer_wider(look, venue, wish);
    } else {
        run_text(run,
                 "Watch %lld is on: %s. I ask Resy every %s and tell you the moment a table opens; "
                 "what is open now, I tell you at once.",
                 (long long)started.id, head.buf, span_words(started.interval_ms, span));
    }
    stop_button(run, started.id, 2 * DAY_MS);
    return 0;
}

/* --- the whole way --- */

static int look_at(struct look *look, struct err *err)
{
    struct venue venue;
    struct word_dates dates;
    struct date today;
    struct run *run = look->run;
    const struct city *city = city_of(run->services, run->account.city);
    if (venue_by_id(run->services, look->venue_id, city ? city->zone : run->account.zone,
                    run->cancel, &venue, err))
        return -1;
    look_remember(look);
    int whole = look_days(look, venue.zone, &venue, &dates, &today, err);
    if (whole <= 0)
        return whole;
    struct wish wish = look_wish(look, dates.list[0]);
    if (dates.count > 1)
        return look->watch ? ask_watch_days(look, &venue, &dates, today)
                           : say_days(look, &venue, &dates, today, err);
    return look->watch ? say_watch(look, &venue, &wish, today, err)
                       : say_tables(look, &venue, &wish, today, err);
}

int look_on(struct look *look, struct err *err)
{
    if (ask_missing(look))
        return 0;
    /* Before anybody is asked: what can be wrong without knowing the place. */
    struct wish party = {.day = {2000, 1, 1}, .party = look->words.party};
    if (wish_check(&party, NULL, party.day, err))
        return -1;
    if (is_around(look)) {
        if (!look->watch)
            return look_around(look, err);
        look->words.name[0] = '\0';
        look->words.any_place = false;
        ask_missing(look);
        return 0;
    }
    struct err missing = ERR_INIT;
    int known = resolve(look, &missing);
    if (known < 0 && missing.kind == ERR_MISSING && !look->watch) {
        struct err other = ERR_INIT; /* not a name, but words that say what is wished? */
        int failed = strchr(look->words.name, ' ') ? look_around(look, &other) : 0;
        if (failed && other.kind != ERR_MISSING)
            missing = other;
        else if (!failed && look->run->text.len && look->run->button_count)
            return 0;
        str_clear(&look->run->text);
    }
    if (known < 0 && err)
        *err = missing;
    return known <= 0 ? known : look_at(look, err);
}

static int begin(struct run *run, const char *args, bool watch, struct err *err)
{
    struct look look = {.run = run, .watch = watch, .said_ms = run->message.received_ms};
    if (words_read(args, &look.words, err))
        return -1;
    look.watch = look.watch || look.words.watch;
    return look_on(&look, err);
}

int command_find(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, false, err);
}

int command_watch(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, true, err);
}

int look_press(struct run *run, const cJSON *args, bool watch, struct err *err)
{
    struct look look;
    look_load(run, args, &look);
    look.watch = look.watch || watch;
    return look_on(&look, err);
}

/* --- free text --- */

static int not_an_answer(struct run *run, struct err *err)
{
    run->pending = mem_text(run->session.pending); /* the question stands */
    return err_set(err, ERR_INPUT,
                   "I did not understand that as an answer. Say a day and a number of people, "
                   "like \"tomorrow for 2\", or /new to forget it.",
                   "no answer to the question");
}

/* "2" alone, where only the party is missing. */
static void bare_number(struct words *more)
{
    char *end;
    long n = strtol(more->name, &end, 10);
    if (end == more->name || *end || more->party >= 0)
        return;
    more->party = n;
    more->name[0] = '\0';
}

/* "the tavern", "in chelsea", "2": one of those that were offered; 0: none, or several. */
static int64_t named_choice(const cJSON *choices, const char *text)
{
    const cJSON *choice;
    int64_t found = 0, number = 0, at = 0;
    char *end;
    auto_text said = utf8_fold(text);
    long n = strtol(said, &end, 10);
    const char *bare = !strncmp(said, "the ", 4)  ? said + 4
                       : !strncmp(said, "in ", 3) ? said + 3
                                                  : said;
    if (end != said && !*end)
        number = n;
    cJSON_ArrayForEach(choice, choices)
    {
        auto_text name = utf8_fold(json_text_or(choice, "name", ""));
        auto_text hood = utf8_fold(json_text_or(choice, "hood", ""));
        int64_t id = json_i64_or(choice, "id", 0);
        if (!strcmp(name, said) || ++at == number)
            return id;
        if (*bare && (!strcmp(hood, bare) || venue_likeness(bare, name) >= 1))
            found = found ? -1 : id;
    }
    return MAX_OF(found, 0);
}

/* The provider knows it by that very name, or by a part of it. */
static bool is_a_place(struct run *run, const char *name)
{
    struct venue_choice choice;
    struct err err = ERR_INIT;
    if (strlen(name) > 60 ||
        venue_resolve(run->services, &run->account, name, run->cancel, &choice, &err))
        return false;
    auto_text asked = utf8_fold(name);
    for (size_t i = 0; i < choice.count; i++) {
        auto_text known = utf8_fold(choice.venues[i].name);
        if (venue_likeness(asked, known) >= 2)
            return true;
    }
    return false;
}

/* The answer to what was asked. A name that is known stays: what is left over of "tomorrow then"
 * is no other restaurant. */
static int go_on(struct run *run, const char *text, struct err *err)
{
    struct look look;
    struct words more;
    auto_json object = json_parse(run->session.pending, strlen(run->session.pending), "pending",
                                  err);
    if (!object)
        return -1;
    look_load(run, object, &look);
    int64_t chosen = named_choice(json_array(object, "choices"), text);
    if (chosen) {
        look.venue_id = chosen;
        return look_on(&look, err);
    }
    if (words_read(text, &more, err)) {
        run->pending = mem_text(run->session.pending);
        return -1;
    }
    if (look.words.party < 0)
        bare_number(&more);
    if (*more.name && more.day_count && more.party >= 0)
        return begin(run, text, look.watch, err); /* a wish of its own: the old one is over */
    if (*more.name && words_has_wish(&more) && is_a_place(run, more.name))
        return begin(run, text, look.watch, err);
    bool choosing = json_array(object, "choices");
    if (*more.name && choosing && !words_has_wish(&more))
        return begin(run, text, look.watch, err); /* none of them: another name */
    if (*look.words.name || look.venue_id)
        more.name[0] = '\0';
    if (!*more.name && !words_has_wish(&more) && !more.any_place)
        return not_an_answer(run, err);
    if (more.day_count)
        look.said_ms = run->message.received_ms;
    words_merge(&look.words, &more);
    return look_on(&look, err);
}

cJSON *look_recent(struct run *run, const char *kept)
{
    cJSON *object = kept ? json_parse(kept, strlen(kept), "kept", NULL) : NULL;
    int64_t asked_ms = json_i64_or(object, "asked_ms", 0);
    bool theirs = json_i64_or(object, "account", 0) == run->account.id;
    if (theirs && run->message.received_ms - asked_ms < PENDING_LIVES_MS)
        return object;
    json_free(object);
    return NULL;
}

/* "sorry, the 28th", "for 4 then": the last wish, with this instead. */
static int correct(struct run *run, const cJSON *last, const struct words *words, struct err *err)
{
    struct look look;
    look_load(run, last, &look);
    if (words->day_count)
        look.said_ms = run->message.received_ms;
    if (*words->name)
        look.venue_id = 0;
    words_merge(&look.words, words);
    look.watch = words->watch;
    return look_on(&look, err);
}

/* A name and nothing else: is there such a place? */
static int maybe_a_name(struct run *run, const char *text, const cJSON *last,
                        const struct words *words, struct err *err)
{
    struct venue_choice choice;
    struct err no_matter = ERR_INIT;
    const struct account *account = &run->account;
    bool known = *words->name && strlen(words->name) < 60 &&
                 venue_resolve(run->services, account, words->name, run->cancel, &choice,
                               &no_matter) == 0 &&
                 choice.answer != VENUE_NONE;
    if (known && last)
        return correct(run, last, words, err); /* the same day and party, there */
    if (known)
        return begin(run, text, false, err);
    if (no_matter.kind == ERR_CANCELLED || no_matter.kind == ERR_DENIED) {
        *err = no_matter;
        return -1;
    }
    return err_set(err, ERR_INPUT,
                   "I did not understand that. Say a restaurant, a day and how many: \"Sorrel & "
                   "Ash tomorrow for 2 at 8pm\". /help shows more.",
                   "free text without a wish");
}

int look_free_text(struct run *run, const char *text, struct err *err)
{
    struct words words;
    auto_json pending = look_recent(run, run->session.pending);
    auto_json last = look_recent(run, run->session.last_search);
    enum words_answer answer = words_answer(text);
    if (answer == ANSWER_NO) {
        run_text(run, pending ? "All right, forgotten." : "All right.");
        return 0;
    }
    bool offered = false;
    json_flag(last, "offered", &offered);
    bool watch_it = answer == ANSWER_WATCH || (answer == ANSWER_YES && !pending && offered);
    if (watch_it && last) {
        struct look look;
        look_load(run, last, &look);
        look.watch = true;
        return look_on(&look, err);
    }
    if (pending)
        return go_on(run, text, err);
    if (words_read(text, &words, err))
        return -1;
    bool wish = words_has_wish(&words);
    if (!*words.name && !words.any_place && wish && last)
        return correct(run, last, &words, err);
    if (wish || words.watch)
        return begin(run, text, false, err);
    return maybe_a_name(run, text, last, &words, err);
}
