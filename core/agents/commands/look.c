/* /find and /watch: who is meant, which days, how many; answer.c answers then.
 *
 * A wish is a `struct words` and, once it is known, a venue's id. What is missing is asked in one
 * question and kept as the session's pending; the next free text fills it. What was looked for
 * last stays known for a while: "sorry, the 28th" changes it, "watch it" watches it. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"
#include "core/base/utf8.h"

#include <strings.h>

#define PENDING_LIVES_MS (15 * MINUTE_MS)

cJSON *look_save(const struct look *look)
{
    cJSON *object = cJSON_CreateObject();
    json_put_i64(object, "account", look->run->account.id); /* a chat may have several people */
    cJSON_AddBoolToObject(object, "watch", look->watch);
    json_put_i64(object, "once", look->once);
    cJSON_AddBoolToObject(object, "rolling", look->rolling);
    cJSON_AddBoolToObject(object, "book", look->book);
    json_put_i64(object, "venue_id", look->venue_id);
    json_put_i64(object, "said_ms", look->said_ms);
    cJSON *also = cJSON_AddArrayToObject(object, "also");
    for (size_t i = 0; i < look->also_count; i++)
        cJSON_AddItemToArray(also, cJSON_CreateNumber((double)look->also[i]));
    json_put_i64(object, "asked_ms", look->run->message.received_ms);
    words_save(&look->words, object);
    return object;
}

void look_load(struct run *run, const cJSON *object, struct look *ret)
{
    *ret = (struct look){.run = run};
    json_flag(object, "watch", &ret->watch);
    json_flag(object, "rolling", &ret->rolling);
    json_flag(object, "book", &ret->book);
    ret->once = (enum watch_once)json_i64_or(object, "once", WATCH_EVERY);
    const cJSON *also;
    ret->venue_id = json_i64_or(object, "venue_id", 0);
    cJSON_ArrayForEach(also, json_array(object, "also"))
    {
        if (ret->also_count < ARRAY_LEN(ret->also) &&
            json_i64(also, "", &ret->also[ret->also_count]))
            ret->also_count++;
    }
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

void look_remember(const struct look *look, bool offered)
{
    struct look plain = *look;
    plain.watch = plain.book = false;
    auto_json object = look_save(&plain);
    cJSON_AddBoolToObject(object, "offered", offered);
    print_into(&look->run->last_search, object);
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
    chosen.also_count = 0;
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
    size_t end = words_name_end(&look->words);
    if (!end)
        return false;
    auto_str rest = STR_INIT(80);
    const char *said = look->words.name + end + strspn(look->words.name + end, " ,;-/");
    str_add_shown(&rest, said, strlen(said));
    run_text(look->run, "(I did not understand \"%s\".) ", rest.buf);
    look->words.name[end] = '\0';
    look->words.name_gap = 0;
    look->choice = NULL;
    return true;
}

/* "lark or thimble": each must be known by just that name. 1: they are; 0: not so; -1. */
static int resolve_several(struct look *look, struct err *err)
{
    struct run *run = look->run;
    char names[LOOK_PLACES][WORDS_NAME];
    int64_t ids[LOOK_PLACES];
    size_t count = words_names(&look->words, names, LOOK_PLACES);
    for (size_t i = 0; i < count && count > 1; i++) {
        struct venue_choice choice;
        struct err one = ERR_INIT;
        if (venue_resolve(run->services, &run->account, names[i], run->cancel, &choice, &one)) {
            if (one.kind == ERR_MISSING)
                return 0;
            *err = one;
            return -1;
        }
        bool twice = false;
        ids[i] = choice.answer == VENUE_ONE ? choice.venues[0].id : 0;
        for (size_t k = 0; k < i; k++)
            twice = twice || ids[k] == ids[i];
        if (!ids[i] || twice)
            return 0;
    }
    if (count < 2)
        return 0;
    look->venue_id = ids[0];
    look->also_count = count - 1;
    memcpy(look->also, ids + 1, look->also_count * sizeof(*ids));
    return 1;
}

/* 1: look->venue_id is set; 0: the person is asked; -1, ERR_MISSING: there is none. */
static int resolve(struct look *look, struct err *err)
{
    struct venue_choice asked;
    const struct venue_choice *choice = look->choice;
    struct run *run = look->run;
    if (look->venue_id)
        return 1;
    if (!choice) {
        run_progress(run, "Looking for the restaurant");
        if (venue_resolve(run->services, &run->account, look->words.name, run->cancel, &asked, err))
            return -1;
        choice = &asked;
    }
    if (choice->answer == VENUE_ONE) {
        look->venue_id = choice->venues[0].id;
        look->also_count = 0;
        return 1;
    }
    if (choice->answer == VENUE_SEVERAL) {
        offer_choices(look, choice);
        return 0;
    }
    int several = resolve_several(look, err);
    if (several)
        return several;
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

cJSON *look_recent(struct run *run, const char *kept)
{
    return look_kept(run, kept, PENDING_LIVES_MS);
}

cJSON *look_kept(struct run *run, const char *kept, int64_t within_ms)
{
    cJSON *object = kept ? json_parse(kept, strlen(kept), "kept", NULL) : NULL;
    int64_t asked_ms = json_i64_or(object, "asked_ms", 0);
    bool theirs = json_i64_or(object, "account", 0) == run->account.id;
    if (theirs && run->message.received_ms - asked_ms < within_ms)
        return object;
    json_free(object);
    return NULL;
}

int look_on(struct look *look, struct err *err)
{
    const struct guide *guide = look->venue_id ? NULL
                                               : guide_named(look->run->services, look->words.name);
    if (guide && !look->watch)
        return look_guide(look, guide, err);
    if (ask_missing(look))
        return 0;
    /* Before anybody is asked: what can be wrong without knowing the place. */
    struct wish party = {.day = {2000, 1, 1}, .party = look->words.party};
    if (wish_check(&party, NULL, party.day, err))
        return -1;
    if (guide)
        return look_guide(look, guide, err);
    if (is_around(look) && !look->watch)
        return look_around(look, true, err) < 0 ? -1 : 0;
    if (is_around(look))
        return look_news(look, err);
    struct err missing = ERR_INIT;
    int known = resolve(look, &missing);
    bool words = known < 0 && missing.kind == ERR_MISSING && strchr(look->words.name, ' ');
    if (words && !look->watch) { /* not a name, but words that say what is wished? */
        struct err other = ERR_INIT;
        int answered = look_around(look, false, &other);
        if (answered > 0)
            return 0;
        if (answered < 0 && other.kind != ERR_MISSING)
            missing = other;
    }
    if (known < 0 && err)
        *err = missing;
    return known <= 0 ? known : look_at(look, err);
}

int look_begin(struct run *run, const struct words *words, bool watch,
               const struct venue_choice *choice, struct err *err)
{
    struct look look = {.run = run,
                        .watch = watch || words->watch,
                        .said_ms = run->message.received_ms,
                        .words = *words,
                        .choice = choice};
    return look_on(&look, err);
}

static int begin(struct run *run, const char *args, bool watch, struct err *err)
{
    struct words words;
    return words_read(args, &words, err) ? -1 : look_begin(run, &words, watch, NULL, err);
}

int command_find(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, false, err);
}

int command_watch(struct run *run, const char *args, struct err *err)
{
    return begin(run, args, true, err);
}

int command_notify(struct run *run, const char *args, struct err *err)
{
    struct look look = {
        .run = run, .watch = true, .once = WATCH_FIRST, .said_ms = run->message.received_ms};
    return words_read(args, &look.words, err) ? -1 : look_on(&look, err);
}

int command_hourly(struct run *run, const char *args, struct err *err)
{
    struct look look = {
        .run = run, .watch = true, .rolling = true, .said_ms = run->message.received_ms};
    struct words *w = &look.words;
    if (words_read(args, w, err))
        return -1;
    if (w->day_count)
        return err_set(err, ERR_INPUT,
                       "The hourly list looks at all of the next 30 days. For certain days, say "
                       "/watch.",
                       "a day on the hourly list");
    w->days[0] = (struct day_words){.kind = DAY_OFFSET};
    w->days[1] = (struct day_words){.kind = DAY_OFFSET, .n = ROLLING_DAYS - 1};
    w->day_count = 2;
    w->range = true;
    w->every_ms = w->every_ms ? w->every_ms : HOUR_MS;
    return look_on(&look, err);
}

int look_press(struct run *run, const cJSON *args, bool watch, struct err *err)
{
    struct look look;
    look_load(run, args, &look);
    look.watch = look.watch || watch;
    return look_on(&look, err);
}
