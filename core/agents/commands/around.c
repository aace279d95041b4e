/* A search of the whole city: who has a table. What was found is kept with the conversation, so
 * that Next and Previous ask nobody again. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"
#include "core/base/utf8.h"

#define A_PAGE     5
#define KEPT_MOST  60
#define DAYS_SHOWN 7
#define NEW_SAID   5

static cJSON *save_found(const struct found *f)
{
    cJSON *item = cJSON_CreateObject();
    json_put_i64(item, "id", f->venue.id);
    json_put_text(item, "name", f->venue.name);
    json_put_text(item, "hood", f->venue.neighborhood);
    json_put_text(item, "cuisine", f->venue.cuisine);
    json_put_i64(item, "price", f->venue.price);
    json_put_text(item, "slug", f->venue.slug);
    json_put_text(item, "city_slug", f->venue.city_slug);
    json_put_text(item, "picture", f->picture);
    cJSON_AddItemToObject(item, "minutes", cJSON_CreateIntArray(f->minutes, (int)f->count));
    return item;
}

static void load_found(const cJSON *item, struct found *ret)
{
    const cJSON *minute;
    *ret = (struct found){
        .venue = {.id = json_i64_or(item, "id", 0), .price = json_i64_or(item, "price", 0)}};
    utf8_copy(ret->venue.name, sizeof(ret->venue.name), json_text_or(item, "name", ""));
    utf8_copy(ret->venue.neighborhood, sizeof(ret->venue.neighborhood),
              json_text_or(item, "hood", ""));
    utf8_copy(ret->venue.cuisine, sizeof(ret->venue.cuisine), json_text_or(item, "cuisine", ""));
    utf8_copy(ret->venue.slug, sizeof(ret->venue.slug), json_text_or(item, "slug", ""));
    utf8_copy(ret->venue.city_slug, sizeof(ret->venue.city_slug),
              json_text_or(item, "city_slug", ""));
    utf8_copy(ret->picture, sizeof(ret->picture), json_text_or(item, "picture", ""));
    cJSON_ArrayForEach(minute, json_array(item, "minutes"))
    {
        int64_t n;
        if (ret->count < RESY_HIT_TIMES && json_i64(minute, "", &n))
            ret->minutes[ret->count++] = (int)n;
    }
}

static void page_button(struct run *run, const char *label, size_t page, int64_t search)
{
    cJSON *args = cJSON_CreateObject();
    json_put_i64(args, "search", search);
    json_put_i64(args, "page", (int64_t)page);
    run_button(run, label, "page", args, false, RUN_BUTTON_TTL);
}

static void choose_button(const struct look *look, const struct found *f, struct date day)
{
    char label[200];
    struct look chosen = *look;
    chosen.venue_id = f->venue.id;
    utf8_copy(chosen.words.name, sizeof(chosen.words.name), f->venue.name);
    look_only(&chosen, day);
    snprintf(label, sizeof(label), "Choose %s", f->venue.name);
    run_button(look->run, label, "choose", look_save(&chosen), false, RUN_BUTTON_TTL);
}

/* What a search says of times is a part of those that there are; Choose shows the rest. */
static void offer_card_times(const struct look *look, const struct found *f,
                             const struct wish *wish)
{
    struct look one = *look;
    int list[RESY_HIT_TIMES];
    size_t n = 0;
    if (*look->words.seating || look->words.has_fee) /* which a search does not know */
        return;
    for (size_t i = 0; i < f->count; i++)
        if (wish_takes(wish, f->minutes[i]))
            list[n++] = f->minutes[i];
    one.beside = one.under = true;
    utf8_copy(one.words.name, sizeof(one.words.name), f->venue.name);
    offer_times(&one, &f->venue, wish, list, n, TIMES_A_CARD);
}

/* One page of what is kept. */
static void show_page(const struct look *look, const cJSON *kept, struct date day, size_t page)
{
    struct run *run = look->run;
    const cJSON *list = json_array(kept, "found");
    struct wish wish = look_wish(look, day);
    size_t count = (size_t)cJSON_GetArraySize(list), from = page * A_PAGE;
    cJSON *cards = cJSON_CreateArray();
    for (size_t i = from; i < from + A_PAGE && i < count; i++) {
        struct found f;
        load_found(cJSON_GetArrayItem(list, (int)i), &f);
        cJSON_AddItemToArray(cards, show_card(&f.venue, &wish, f.minutes, f.count, f.picture));
        choose_button(look, &f, day);
        offer_card_times(look, &f, &wish);
    }
    show_cards(run, cards);
    if (page)
        page_button(run, "Previous", page - 1, json_i64_or(kept, "search", 0));
    if (from + A_PAGE < count)
        page_button(run, "Next", page + 1, json_i64_or(kept, "search", 0));
}

static void keep(struct run *run, const cJSON *search)
{
    auto_str out = STR_INIT(200000);
    json_print(&out, search);
    free(run->last_search);
    run->last_search = str_detach(&out);
}

/* What was found, as it is kept and shown. The caller frees it. */
static cJSON *search_of(const struct look *look, const struct found_list *found, struct date day)
{
    char text[DATE_TEXT];
    cJSON *object = look_save(look);
    json_put_text(object, "around", date_text(day, text));
    json_put_i64(object, "search", look->run->message.id);
    cJSON *list = cJSON_AddArrayToObject(object, "found");
    for (size_t i = 0; i < found->count && i < KEPT_MOST; i++)
        cJSON_AddItemToArray(list, save_found(&found->list[i]));
    return object;
}

static void say_how_many(struct look *look, const struct found_list *found, const struct wish *wish,
                         struct date today)
{
    auto_str head = STR_INIT(300);
    size_t inside = 0;
    wish_words(&head, wish, today, look->run->account.hours24);
    for (size_t i = 0; i < found->count; i++)
        inside += found->list[i].inside > 0;
    if (found->loose)
        run_text(look->run, "Nothing fits \"%s\" exactly; this is what Resy thinks is near. ",
                 look->words.name);
    if (inside)
        run_text(look->run, "%zu place%s a table on %s:", inside, inside == 1 ? " has" : "s have",
                 head.buf);
    else
        run_text(look->run, "Nothing on %s; %zu place%s a table at another time:", head.buf,
                 found->count, found->count == 1 ? " has" : "s have");
    if (!found->complete)
        run_text(look->run, " (I read a part of the %lld that Resy knows.)",
                 (long long)found->total);
}

static void say_none(struct look *look, const struct found_list *found, const struct wish *wish,
                     struct date today)
{
    auto_str head = STR_INIT(300);
    bool named = *look->words.name;
    wish_words(&head, wish, today, look->run->account.hours24);
    if (found->no_list) {
        run_text(look->run,
                 "Resy shows me no restaurant on a list called \"%s\". The name must be the one in "
                 "the list's address on resy.com.",
                 look->words.name);
        return;
    }
    run_text(look->run, "I find no place with a table%s%s%s on %s.%s", named ? " (" : "",
             look->words.name, named ? ")" : "", head.buf,
             found->looked_at ? " All that I know there are full; name one and I watch it."
                              : " Try fewer words, or another day.");
}

static size_t count_new(const struct found_list *found)
{
    size_t fresh = 0;
    for (size_t i = 0; i < found->count; i++)
        fresh += found->list[i].fresh;
    return fresh;
}

/* The same was asked before: who has turned up since? */
static void say_new(const struct look *look, const struct found_list *found)
{
    char span[SPAN_WORDS];
    size_t fresh = count_new(found), said = 0;
    if (!fresh)
        return;
    run_text(look->run, " New since you looked %s ago:",
             span_words(env_wall_ms(look->run->services->env) - found->since_ms, span));
    for (size_t i = 0; i < found->count && said < NEW_SAID; i++)
        if (found->list[i].fresh)
            run_text(look->run, "%s %s", said++ ? "," : "", found->list[i].venue.name);
    run_text(look->run, fresh > NEW_SAID ? " and %zu more." : ".", fresh - said);
}

/* Leaves those that are new, and says how many. False: it was never looked for before. */
static bool only_new(const struct look *look, struct found_list *found)
{
    struct run *run = look->run;
    char span[SPAN_WORDS];
    if (!found->since_ms) {
        run_text(run, "I looked for the first time: all of these are new to me. ");
        return false;
    }
    span_words(env_wall_ms(run->services->env) - found->since_ms, span);
    size_t fresh = 0;
    for (size_t i = 0; i < found->count; i++)
        if (found->list[i].fresh)
            found->list[fresh++] = found->list[i];
    found->count = fresh;
    if (!fresh)
        run_text(run,
                 found->complete ? "Nothing new since you looked %s ago."
                                 : "I could read a part only, so I cannot say what is new "
                                   "since you looked %s ago.",
                 span);
    else
        run_text(run, "%zu place%s turned up since you looked %s ago:", fresh,
                 fresh == 1 ? " has" : "s have", span);
    return true;
}

static void ask_which_day(struct look *look, const struct word_dates *dates, struct date today)
{
    run_text(look->run, "A whole city, one day at a time, please. Which one?");
    for (size_t i = 0; i < dates->count && i < DAYS_SHOWN; i++)
        offer_day(look, "Choose", "choose", dates->list[i], today);
}

int look_around(struct look *look, bool say_nothing, struct err *err)
{
    struct run *run = look->run;
    const struct city *city = search_city(run->services, &run->account, look->words.name,
                                          run->cancel);
    struct word_dates dates;
    auto_found found = {0};
    struct date today;
    if (!look->only_new) /* else the last search stays the last */
        look_remember(look, false);
    int whole = look_days(look, city ? city->zone : run->account.zone, NULL, &dates, &today, err);
    if (whole <= 0)
        return whole < 0 ? -1 : 1;
    if (dates.count > 1) {
        ask_which_day(look, &dates, today);
        return 1;
    }
    struct wish wish = look_wish(look, dates.list[0]);
    run_progress(run, "Searching the city");
    if (search_tables(run->services, &run->account, run->message.chat_id, look->words.name, &wish,
                      run->cancel, &found, err))
        return -1;
    if (look->only_new && only_new(look, &found) && !found.count)
        return 1;
    if (!found.count) {
        if (say_nothing)
            say_none(look, &found, &wish, today);
        return 0;
    }
    if (!look->only_new) {
        say_how_many(look, &found, &wish, today);
        say_new(look, &found);
    }
    auto_json search = search_of(look, &found, wish.day);
    keep(run, search);
    show_page(look, search, wish.day, 0);
    return 1;
}

/* Page `page` of the search of that number, or so many on from the one that was shown last. */
static int turn_to(struct run *run, int64_t search, int64_t page, int64_t by, struct err *err)
{
    struct look look;
    struct date day;
    auto_json kept = look_recent(run, run->session.last_search);
    if (!by && json_i64_or(kept, "search", 0) != search)
        return err_set(err, ERR_MISSING, "That search is over; please ask again.",
                       "a page of another search");
    page = by ? json_i64_or(kept, "page", 0) + by : page;
    int64_t count = cJSON_GetArraySize(json_array(kept, "found"));
    const char *text = json_text_or(kept, "around", "");
    if (strlen(text) != 10 || date_parse(text, &day) || page < 0 || page * A_PAGE >= count)
        return err_set(err, ERR_MISSING,
                       count ? "There are no more." : "That search is over; please ask again.",
                       "a page that is not there");
    look_load(run, kept, &look);
    auto_str head = STR_INIT(300);
    auto_zone zone = services_zone(run->account.zone);
    struct wish wish = look_wish(&look, day);
    wish_words(&head, &wish, zone_local(zone, env_wall_ms(run->services->env)).date,
               run->account.hours24);
    run_text(run, "%lld to %lld of %lld on %s:", (long long)page * A_PAGE + 1,
             (long long)MIN_OF(count, (page + 1) * A_PAGE), (long long)count, head.buf);
    show_page(&look, kept, day, (size_t)page);
    auto_json shown = cJSON_Duplicate(kept, true);
    cJSON_DeleteItemFromObjectCaseSensitive(shown, "page");
    json_put_i64(shown, "page", page);
    keep(run, shown);
    return 0;
}

int around_press(struct run *run, const cJSON *args, struct err *err)
{
    run->replaces = true;
    return turn_to(run, json_i64_or(args, "search", 0), json_i64_or(args, "page", 0), 0, err);
}

int command_next(struct run *run, const char *args, struct err *err)
{
    return turn_to(run, 0, 0, !strcmp(args, "back") ? -1 : 1, err);
}

int command_again(struct run *run, const char *args, struct err *err)
{
    struct look look;
    auto_json last = look_kept(run, run->session.last_search, DAY_MS);
    (void)args;
    if (!json_text(last, "around"))
        return err_set(err, ERR_INPUT,
                       "New where? Look for something first, like \"sushi in soho friday for 2\".",
                       "no search to do again");
    look_load(run, last, &look);
    look.only_new = true;
    return look_around(&look, true, err) < 0 ? -1 : 0;
}
