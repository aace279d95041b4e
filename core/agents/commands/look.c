/* /find and /watch: who is meant, which day, how many; then the tables, or the watch.
 *
 * A wish is a `struct words` and, once it is known, a venue's id. What is missing is asked in one
 * question and kept as the session's pending; the next free text fills it. */
#include "core/agents/commands/commands.h"

#include "core/agents/commands/words.h"
#include "core/base/utf8.h"

#include <strings.h>

#define PENDING_LIVES_MS (15 * MINUTE_MS)
#define YEAR_IS_SAID     300 /* days ahead from which a date without its year is asked back */

struct look {
    struct run *run;
    bool watch;
    int64_t venue_id; /* 0: not chosen yet */
    int64_t said_ms;  /* when the day was said: "tomorrow" is from then */
    struct words words;
};

static cJSON *save(const struct look *look)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "watch", look->watch);
    json_put_i64(object, "venue_id", look->venue_id);
    json_put_i64(object, "said_ms", look->said_ms);
    json_put_i64(object, "asked_ms", look->run->message.received_ms);
    words_save(&look->words, object);
    return object;
}

static void load(struct run *run, const cJSON *object, struct look *ret)
{
    *ret = (struct look){.run = run};
    json_flag(object, "watch", &ret->watch);
    ret->venue_id = json_i64_or(object, "venue_id", 0);
    ret->said_ms = json_i64_or(object, "said_ms", run->message.received_ms);
    words_load(object, &ret->words);
}

static void keep_pending(const struct look *look)
{
    auto_json object = save(look);
    auto_str text = STR_INIT(4096);
    json_print(&text, object);
    free(look->run->pending);
    look->run->pending = str_detach(&text);
}

/* All that is missing in one question. */
static bool ask_missing(struct look *look)
{
    bool name = !*look->words.name && !look->venue_id;
    bool day = look->words.day.kind == DAY_NONE, party = look->words.party < 0;
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
    keep_pending(look);
    return true;
}

/* --- who is meant --- */

static void offer_choice(struct look *look, const struct venue *venue)
{
    char label[200];
    struct look chosen = *look;
    chosen.venue_id = venue->id;
    snprintf(label, sizeof(label), "Choose %s", venue->name);
    run_button(look->run, label, "choose", save(&chosen), false, RUN_BUTTON_TTL);
}

static void offer_choices(struct look *look, const struct venue_choice *choice)
{
    struct run *run = look->run;
    run_text(run, "%s \"%s\"? I found:", choice->count > 1 ? "Which" : "Do you mean this one by",
             look->words.name);
    for (size_t i = 0; i < choice->count; i++) {
        const struct venue *v = &choice->venues[i];
        const struct city *city = city_of(v->city);
        run_text(run, "\n- %s%s%s, %s", v->name, *v->neighborhood ? ", " : "", v->neighborhood,
                 city ? city->name : v->city_slug);
        offer_choice(look, v);
    }
}

/* 1: look->venue_id is set; 0: the person is asked; -1. */
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
    const struct city *city = city_of(run->account.city);
    auto_str shown = STR_INIT(80);
    str_add_shown(&shown, look->words.name, strlen(look->words.name));
    err_set(err, ERR_MISSING, NULL, "no venue of that name");
    return err_say(err, "I find no restaurant called \"%s\" on Resy, in %s or elsewhere.",
                   shown.buf, city ? city->name : run->account.city);
}

/* --- which day --- */

static void offer_day(struct look *look, struct date day, struct date today)
{
    char words[DATE_WORDS], label[64];
    struct look chosen = *look;
    chosen.words.day = (struct day_words){.kind = DAY_DATE, .date = day};
    snprintf(label, sizeof(label), "Choose %s", date_words(day, today, words));
    run_button(look->run, label, "choose", save(&chosen), false, RUN_BUTTON_TTL);
}

/* 1: the wish is whole; 0: the person is asked which night; -1. */
static int settle_wish(struct look *look, const struct venue *venue, struct wish *ret,
                       struct date *ret_today, struct err *err)
{
    auto_zone zone = services_zone(venue->zone);
    struct date day = {0};
    int64_t now = env_wall_ms(look->run->services->env);
    *ret_today = zone_local(zone, now).date;
    enum day_answer answer = words_day(&look->words.day, zone_local(zone, look->said_ms), &day);
    if (answer == DAY_EITHER) {
        char a[DATE_WORDS], b[DATE_WORDS];
        run_text(look->run, "It is past midnight there: do you mean the night of %s or of %s?",
                 date_words(day, *ret_today, a), date_words(date_add(day, 1), *ret_today, b));
        offer_day(look, day, *ret_today);
        offer_day(look, date_add(day, 1), *ret_today);
        return 0;
    }
    if (look->words.day.kind == DAY_OF_YEAR &&
        date_days(day) - date_days(*ret_today) > YEAR_IS_SAID) {
        char words[DATE_WORDS];
        err_set(err, ERR_INPUT, NULL, "a day of this year that is over");
        return err_say(err, "That day is over this year. If you mean %s, say the year with it.",
                       date_words(day, *ret_today, words));
    }
    *ret = (struct wish){.day = day,
                         .party = look->words.party,
                         .from_minute = look->words.from_minute,
                         .to_minute = look->words.to_minute,
                         .any_time = !look->words.has_time || look->words.any_time};
    /* The night that began yesterday is not over yet. */
    struct date oldest = *ret_today;
    if (zone_local(zone, now).minute < ANY_TIME_TO - 1440)
        oldest = date_add(oldest, -1);
    return wish_check(ret, venue, oldest, err) ? -1 : 1;
}

/* --- what there is --- */

static bool in_window(const struct wish *wish, int minute)
{
    return wish->any_time || (minute >= wish->from_minute && minute <= wish->to_minute);
}

static size_t count_in_window(const struct resy_find *find, const struct wish *wish)
{
    size_t n = 0;
    for (size_t i = 0; i < find->count; i++)
        n += in_window(wish, find->slots[i].minute);
    return n;
}

static void add_times(struct str *out, const struct resy_find *find, const struct wish *wish,
                      bool inside)
{
    int last = -1, shown = 0;
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *slot = &find->slots[i];
        char text[CLOCK_TEXT];
        if (in_window(wish, slot->minute) != inside || slot->minute == last)
            continue;
        last = slot->minute;
        if (++shown > 30) {
            str_add(out, " and more");
            return;
        }
        str_addf(out, "%s%s", shown > 1 ? ", " : "", clock_words(slot->minute, text));
    }
}

static cJSON *card(const struct venue *venue, const struct wish *wish, const struct resy_find *find)
{
    static const char *const prices[] = {"", "$", "$$", "$$$", "$$$$"};
    char text[DATE_TEXT];
    auto_str url = STR_INIT(512);
    cJSON *item = cJSON_CreateObject();
    venue_url(&url, venue->city_slug, venue->slug, date_text(wish->day, text), wish->party);
    json_put_i64(item, "id", venue->id);
    json_put_text(item, "name", venue->name);
    json_put_text(item, "neighborhood", venue->neighborhood);
    json_put_text(item, "cuisine", venue->cuisine);
    json_put_text(item, "price", venue->price > 0 && venue->price < 5 ? prices[venue->price] : "");
    json_put_text(item, "date", text);
    json_put_i64(item, "party_size", wish->party);
    cJSON *times = cJSON_AddArrayToObject(item, "times");
    int last = -1;
    for (size_t i = 0; i < find->count; i++) {
        char clock[CLOCK_TEXT];
        int minute = find->slots[i].minute;
        if (!in_window(wish, minute) || minute == last)
            continue;
        last = minute;
        cJSON_AddItemToArray(times, cJSON_CreateString(clock_text(minute, clock)));
    }
    json_put_text(item, "state", find->count ? "bookable" : "full");
    json_put_text(item, "url", url.buf);
    return item;
}

static void show_card(struct run *run, const struct venue *venue, const struct wish *wish,
                      const struct resy_find *find)
{
    cJSON *list = cJSON_CreateObject();
    cJSON_AddStringToObject(list, "type", "venues");
    json_put_i64(list, "id", run->message.id);
    cJSON *venues = cJSON_AddArrayToObject(list, "venues");
    cJSON_AddItemToArray(venues, card(venue, wish, find));
    run_venues(run, list);
}

static void offer_watch(struct look *look, const struct venue *venue, const struct wish *wish,
                        struct date today)
{
    char words[DATE_WORDS], label[64];
    struct look watch = *look;
    watch.watch = true;
    watch.venue_id = venue->id;
    watch.words.day = (struct day_words){.kind = DAY_DATE, .date = wish->day};
    snprintf(label, sizeof(label), "Watch %s for %lld", date_words(wish->day, today, words),
             (long long)wish->party);
    run_button(look->run, label, "watch", save(&watch), false, RUN_BUTTON_TTL);
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

static int say_tables(struct look *look, const struct venue *venue, const struct wish *wish,
                      struct date today, struct err *err)
{
    struct run *run = look->run;
    struct resy_find find;
    auto_str head = STR_INIT(400), times = STR_INIT(1000);
    run_progress(run, "Asking Resy for tables");
    if (tables_now(run->services, venue, wish, run->cancel, &find, err))
        return -1;
    str_addf(&head, "%s, ", venue->name);
    wish_words(&head, wish, today);
    if (!find.count) {
        run_text(run, "%s: full for now. I can watch it and tell you when a table opens.",
                 head.buf);
    } else if (!count_in_window(&find, wish)) {
        add_times(&times, &find, wish, false);
        run_text(run, "%s: nothing at that time. That day there is %s.", head.buf, times.buf);
    } else {
        add_times(&times, &find, wish, true);
        run_text(run, "%s: %s.", head.buf, times.buf);
    }
    show_card(run, venue, wish, &find);
    if (find.count)
        offer_page(run, venue, wish);
    if (!count_in_window(&find, wish))
        offer_watch(look, venue, wish, today);
    resy_find_free(&find);
    return 0;
}

static int say_watch(struct look *look, const struct venue *venue, const struct wish *wish,
                     struct date today, struct err *err)
{
    struct run *run = look->run;
    struct watch_started started;
    char span[SPAN_WORDS], label[48];
    auto_str head = STR_INIT(400);
    if (watch_start(run->services, &run->account, run->message.chat_id, run->message.id, venue,
                    wish, &started, err))
        return -1;
    str_addf(&head, "%s, ", venue->name);
    wish_words(&head, wish, today);
    if (started.was_there)
        run_text(run, "You watch that already: watch %lld, %s.", (long long)started.id, head.buf);
    else
        run_text(run,
                 "Watch %lld is on: %s. I ask Resy every %s and tell you the moment a table opens; "
                 "what is open now, I tell you at once.",
                 (long long)started.id, head.buf, span_words(started.interval_ms, span));
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "watch", started.id);
    snprintf(label, sizeof(label), "Stop watch %lld", (long long)started.id);
    run_button(run, label, "stop", args, true, 2 * DAY_MS);
    return 0;
}

static int look_on(struct look *look, struct err *err)
{
    struct venue venue;
    struct wish wish;
    struct date today;
    struct run *run = look->run;
    const struct city *city = city_of(run->account.city);
    if (ask_missing(look))
        return 0;
    /* Before anybody is asked: what can be wrong without knowing the place. */
    struct wish party = {.day = {2000, 1, 1}, .party = look->words.party};
    if (wish_check(&party, NULL, party.day, err))
        return -1;
    int known = resolve(look, err);
    if (known <= 0)
        return known;
    if (venue_by_id(run->services, look->venue_id, city ? city->zone : run->account.zone,
                    run->cancel, &venue, err))
        return -1;
    int whole = settle_wish(look, &venue, &wish, &today, err);
    if (whole <= 0)
        return whole;
    return look->watch ? say_watch(look, &venue, &wish, today, err)
                       : say_tables(look, &venue, &wish, today, err);
}

static int begin(struct run *run, const char *args, bool watch, struct err *err)
{
    struct look look = {.run = run, .watch = watch, .said_ms = run->message.received_ms};
    if (words_read(args, &look.words, err))
        return -1;
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
    load(run, args, &look);
    look.watch = look.watch || watch;
    return look_on(&look, err);
}

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
    load(run, object, &look);
    if (words_read(text, &more, err)) {
        run->pending = mem_text(run->session.pending);
        return -1;
    }
    if (look.words.party < 0)
        bare_number(&more);
    if (*more.name && more.day.kind != DAY_NONE && more.party >= 0)
        return begin(run, text, look.watch, err); /* a wish of its own: the old one is over */
    if (*look.words.name || look.venue_id)
        more.name[0] = '\0';
    if (!*more.name && more.day.kind == DAY_NONE && more.party < 0 && !more.has_time)
        return not_an_answer(run, err);
    if (more.day.kind != DAY_NONE)
        look.said_ms = run->message.received_ms;
    words_merge(&look.words, &more);
    return look_on(&look, err);
}

/* A question that nobody answered for a while is no longer one. */
static bool is_pending(struct run *run)
{
    const char *pending = run->session.pending;
    auto_json object = pending ? json_parse(pending, strlen(pending), "pending", NULL) : NULL;
    int64_t asked_ms = json_i64_or(object, "asked_ms", 0);
    return object && run->message.received_ms - asked_ms < PENDING_LIVES_MS;
}

static const char *after_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    if (strncasecmp(text, word, len) != 0 || (text[len] != ' ' && text[len]))
        return NULL;
    return text + len + strspn(text + len, " ");
}

int look_free_text(struct run *run, const char *text, struct err *err)
{
    struct words words;
    const char *rest;
    if ((rest = after_word(text, "watch")))
        return begin(run, rest, true, err);
    if ((rest = after_word(text, "find")))
        return begin(run, rest, false, err);
    if (is_pending(run))
        return go_on(run, text, err);
    if (words_read(text, &words, err))
        return -1;
    bool wish = words.day.kind != DAY_NONE || words.party >= 0 || words.has_time;
    if (wish)
        return begin(run, text, false, err);
    if (!strcasecmp(text, "help") || !strcasecmp(text, "hi") || !strcasecmp(text, "hello"))
        return command_help(run, "", err);
    return err_set(err, ERR_INPUT,
                   "I did not understand that. Say a restaurant, a day and how many: \"Sorrel & "
                   "Ash tomorrow for 2 at 8pm\". /help shows more.",
                   "free text without a wish");
}
