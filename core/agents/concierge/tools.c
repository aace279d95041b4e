#include "core/agents/concierge/tools.h"

#include "core/agents/commands/commands.h"
#include "core/agents/commands/look.h"
#include "core/agents/concierge/schema.h"
#include "core/base/utf8.h"
#include "core/services/booking.h"

#define RESULT_MAX  ((size_t)4000)
#define LISTED_MOST 12
/* Schemas, piece by piece. */
/* clang-format off */
#define TEXT(about)  "{\"type\":\"string\",\"description\":\"" about "\"}"
#define DAY          "{\"type\":\"string\",\"format\":\"date\"}"
#define CLOCK        "{\"type\":\"string\",\"format\":\"time\"}"
#define COUNT(least, most)                                                                         \
    "{\"type\":\"integer\",\"minimum\":" least ",\"maximum\":" most "}"
#define OBJECT(properties, required)                                                               \
    "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required "]}"

#define ID           "\"id\":" COUNT("1", "1000000000")
#define PLACE(about)                                                                               \
    "\"query\":" TEXT(about) ",\"ref\":{\"type\":\"string\"}"
#define EVERY        "\"every_minutes\":" COUNT("1", "1440")
#define DAY_PARTY "\"date\":" DAY "," "\"party_size\":" COUNT("1", "20")
#define WHEN      DAY_PARTY ",\"date_to\":" DAY ",\"time_from\":" CLOCK ",\"time_to\":" CLOCK
#define WATCH_MORE                                                                                 \
    ",\"party_most\":" COUNT("1", "20")                                                            \
    ",\"seating\":" TEXT("bar, patio …")                                                           \
    ",\"max_fee\":" COUNT("0", "10000")                                                            \
    "," EVERY
#define WISHED "\"query\",\"date\",\"party_size\""
/* clang-format on */

/* --- arguments into words --- */

static void put_day(struct words *w, const cJSON *args, const char *key)
{
    struct date date;
    const char *text = json_text(args, key);
    if (!text || date_parse(text, &date))
        return;
    w->days[w->day_count++] = (struct day_words){.kind = DAY_DATE, .date = date};
}

static void put_window(struct words *w, const cJSON *args)
{
    const char *from = json_text(args, "time_from"), *to = json_text(args, "time_to");
    int first = from ? clock_parse(from) : -1, last = to ? clock_parse(to) : -1;
    if (first < 0 && last < 0)
        return;
    w->has_time = true;
    w->from_minute = first >= 0 ? first : 0;
    w->to_minute = last >= 0 ? last : MIN_OF(w->from_minute + 120, ANY_TIME_TO);
    if (w->to_minute < w->from_minute) /* until after midnight */
        w->to_minute = MIN_OF(w->to_minute + 1440, ANY_TIME_TO);
}

static void words_of(const cJSON *args, struct words *ret)
{
    *ret = (struct words){.party = json_i64_or(args, "party_size", -1)};
    int64_t most = json_i64_or(args, "party_most", 0),
            minutes = json_i64_or(args, "every_minutes", 0);
    utf8_copy(ret->name, sizeof(ret->name), json_text_or(args, "query", ""));
    ret->any_place = !*ret->name;
    put_day(ret, args, "date");
    put_day(ret, args, "date_to");
    ret->range = ret->day_count == 2;
    put_window(ret, args);
    if (most > ret->party) {
        ret->party_least = ret->party;
        ret->party = most;
    }
    if (json_text(args, "seating")) {
        auto_text folded = utf8_fold(json_text(args, "seating"));
        utf8_copy(ret->seating, sizeof(ret->seating), folded);
        ret->has_seating = true;
    }
    if (json_i64(args, "max_fee", &ret->max_fee))
        ret->has_fee = true;
    ret->every_ms = minutes * MINUTE_MS;
}

/* --- refs --- */

/* A restaurant in a result, as the model may name it: its number, and letters of this conversation
 * that a guess is not likely to hit. So a ref that was made up, or carried over, means nothing. It
 * is no secret. */
#define REF_TEXT 24
#define REF_KEYS "23456789abcdefghjkmnpqrstuvwxyz"

static void make_ref(const struct run *run, int64_t venue_id, char out[REF_TEXT])
{
    static const char keys[] = REF_KEYS;
    uint64_t mix = (uint64_t)venue_id * 0x9E3779B97F4A7C15u ^ (uint64_t)run->session.id;
    mix = (mix ^ mix >> 29) * 0xBF58476D1CE4E5B9u;
    mix = (mix ^ (uint64_t)run->account.id) * 0x94D049BB133111EBu;
    snprintf(out, REF_TEXT, "v%lld%c%c%c", (long long)venue_id, keys[(mix >> 40) % strlen(keys)],
             keys[(mix >> 48) % strlen(keys)], keys[(mix >> 56) % strlen(keys)]);
}

/* 1: *ret_id; 0: none is given; -1: it means nothing. */
static int read_ref(const struct run *run, const cJSON *args, int64_t *ret_id, struct err *err)
{
    const char *ref = json_text_or(args, "ref", "");
    char right[REF_TEXT];
    *ret_id = 0;
    if (!*ref)
        return 0;
    int64_t id = *ref == 'v' ? strtoll(ref + 1, NULL, 10) : 0;
    make_ref(run, id, right);
    if (id <= 0 || strcmp(ref, right) != 0)
        return err_set(err, ERR_INPUT,
                       "That ref is of no restaurant in this conversation. Use its name.",
                       "a ref that we did not make");
    *ret_id = id;
    return 1;
}

/* --- the tools --- */

static int search_tables_tool(struct run *run, const cJSON *args, struct err *err)
{
    struct look look = {.run = run, .said_ms = run->message.received_ms};
    words_of(args, &look.words);
    return read_ref(run, args, &look.venue_id, err) < 0 ? -1 : look_on(&look, err);
}

static int watch_tool(struct run *run, const cJSON *args, enum watch_once once, struct err *err)
{
    struct look look = {
        .run = run, .watch = true, .once = once, .said_ms = run->message.received_ms};
    words_of(args, &look.words);
    return read_ref(run, args, &look.venue_id, err) < 0 ? -1 : look_on(&look, err);
}

static int start_watch(struct run *run, const cJSON *args, struct err *err)
{
    return watch_tool(run, args, WATCH_EVERY, err);
}

static int start_notify(struct run *run, const cJSON *args, struct err *err)
{
    return watch_tool(run, args, WATCH_FIRST, err);
}

static int notify_all(struct run *run, const cJSON *args, struct err *err)
{
    struct look look = {
        .run = run, .watch = true, .once = WATCH_FIRST, .said_ms = run->message.received_ms};
    words_of(args, &look.words);
    utf8_copy(look.words.name, sizeof(look.words.name), "the whole toughest list");
    look.words.any_place = false;
    return look_on(&look, err);
}

static int hardest(struct run *run, const cJSON *args, struct err *err)
{
    (void)args;
    return command_toughest(run, "", err);
}

static int check_new(struct run *run, const cJSON *args, struct err *err)
{
    (void)args;
    return command_again(run, "", err);
}

static int find_venue(struct run *run, const cJSON *args, struct err *err)
{
    int64_t id;
    int ref = read_ref(run, args, &id, err);
    if (ref)
        return ref < 0 ? -1 : venue_by_number(run, id, err);
    return command_venue(run, json_text_or(args, "query", ""), err);
}

static int list_watches(struct run *run, const cJSON *args, struct err *err)
{
    (void)args;
    return command_watches(run, "", err);
}

/* A command that takes a watch's number, and perhaps something behind it. */
static int by_id(struct run *run, const cJSON *args, const char *rest,
                 int (*command)(struct run *run, const char *args, struct err *err),
                 struct err *err)
{
    auto_str line = STR_INIT(1000);
    str_addf(&line, "%lld%s%s", (long long)json_i64_or(args, "id", 0), *rest ? " " : "", rest);
    return command(run, line.buf, err);
}

static int watch_news(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, "", command_watches, err);
}

static int pause_watch(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, "", command_pause, err);
}

static int resume_watch(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, "", command_resume, err);
}

static int stop_watch(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, "", command_stop, err);
}

static int explain_watch(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, "", command_why, err);
}

static int rename_watch(struct run *run, const cJSON *args, struct err *err)
{
    return by_id(run, args, json_text_or(args, "title", ""), command_rename, err);
}

/* Of what fits the schema only: nothing of it is free text. */
static int edit_watch(struct run *run, const cJSON *args, struct err *err)
{
    auto_str rest = STR_INIT(300);
    const char *date = json_text(args, "date"), *to = json_text(args, "date_to");
    const char *from = json_text(args, "time_from"), *until = json_text(args, "time_to");
    int64_t party, minutes;
    if (date)
        str_addf(&rest, to ? "from %s to %s " : "%s ", date, to ? to : "");
    if (json_i64(args, "party_size", &party))
        str_addf(&rest, "for %lld people ", (long long)party);
    if (from || until)
        str_addf(&rest, "from %s to %s ", from ? from : "00:00", until ? until : "23:59");
    if (json_i64(args, "every_minutes", &minutes))
        str_addf(&rest, "every %lld minutes ", (long long)minutes);
    return by_id(run, args, rest.buf, command_edit, err);
}

static int set_preference(struct run *run, const cJSON *args, struct err *err)
{
    auto_str line = STR_INIT(300);
    str_addf(&line, "%s %s", json_text_or(args, "name", ""), json_text_or(args, "value", ""));
    return command_settings(run, line.buf, err);
}

/* What is to be confirmed is a card under the model's words; nothing is booked by anybody but the
 * person's press. */
static int book_venue(struct run *run, const cJSON *args, struct err *err)
{
    struct look look = {.run = run, .book = true, .said_ms = run->message.received_ms};
    struct err off = ERR_INIT;
    words_of(args, &look.words);
    look.words.to_minute = look.words.from_minute; /* just that time */
    if (booking_may(run->services, &run->account, &off)) {
        run_text(run, "%s There is: ", off.say);
        look.book = false;
    }
    return read_ref(run, args, &look.venue_id, err) < 0 ? -1 : look_on(&look, err);
}

static int reservations(struct run *run, const cJSON *args, struct err *err)
{
    (void)args;
    return command_reservations(run, "", err);
}

static int cancel_reservation(struct run *run, const cJSON *args, struct err *err)
{
    return command_cancel(run, json_text_or(args, "query", ""), err);
}

/* clang-format off */
const struct tool tools[] = {
    {"book_venue",
     "For who wants a table booked: a card under your answer shows what it costs, and the person "
     "confirms. If that very time is not there, shows what is. Books nothing by itself. time_from: "
     "the time that is wanted.",
     OBJECT(PLACE("The restaurant's name.") "," DAY_PARTY ",\"time_from\":" CLOCK, WISHED),
     true, true, book_venue},
    {"cancel_reservation",
     "A card under your answer asks the person to confirm that a reservation is given up. Gives up "
     "nothing by itself.",
     OBJECT("\"query\":" TEXT("The restaurant's name, or the reservation's number."), ""), true,
     true, cancel_reservation},
    {"check_for_new_venues", "Does the person's last search again: who has turned up since.",
     OBJECT("", ""), false, true, check_new},
    {"edit_watch", "Changes a watch. Leave out what stays.",
     OBJECT(ID "," WHEN "," EVERY, "\"id\""), true, true, edit_watch},
    {"explain_watch", "Why a watch has not told anything yet, with the evidence.",
     OBJECT(ID, "\"id\""), false, true, explain_watch},
    {"find_venue", "Facts of one restaurant: where it is, when it releases tables, how long they last.",
     OBJECT(PLACE("Its name."), "\"query\""), false, true, find_venue},
    {"get_infatuation_hard_to_get",
     "A printed guide's list of the restaurants that are hardest to get. Credit the guide.",
     OBJECT("", ""), false, true, hardest},
    {"get_watch_update", "What a watch has found so far.",
     OBJECT(ID, "\"id\""), false, false, watch_news},
    {"list_my_watches", "All that the person watches.",
     OBJECT("", ""), false, false, list_watches},
    {"list_reservations", "What the person's Resy account holds, with what cancelling costs.",
     OBJECT("", ""), false, true, reservations},
    {"pause_watch", "A watch asks nothing until it is resumed.",
     OBJECT(ID, "\"id\""), true, false, pause_watch},
    {"resume_watch", "A paused or silent watch goes on.",
     OBJECT(ID, "\"id\""), true, false, resume_watch},
    {"search_venues_with_availability",
     "Who has a table: at a restaurant by name, or anywhere that fits words such as sushi in soho. "
     "The person sees the list as cards.",
     OBJECT(PLACE("A restaurant's name, or a kind of food and a neighbourhood. Empty for anything.")
            "," WHEN, WISHED), false, true, search_tables_tool},
    {"set_preference", "The person's own settings.",
     OBJECT("\"name\":{\"type\":\"string\","
            "\"enum\":[\"city\",\"zone\",\"clock\",\"daily\",\"quiet\",\"language\"]},"
            "\"value\":" TEXT("Los Angeles; Europe/Madrid; 12 or 24; 9am or off; 11pm-8am or off; French."),
            "\"name\",\"value\""), true, true, set_preference},
    {"start_notify_for_all_infatuation",
     "Watches every restaurant of the guide's hardest list, each until its first table.",
     OBJECT(WHEN, "\"date\",\"party_size\""), true, true, notify_all},
    {"start_venue_notify", "Watches one restaurant until the first table opens, then is done.",
     OBJECT(PLACE("The restaurant's name.") "," WHEN WATCH_MORE, WISHED), true, true, start_notify},
    {"start_watch",
     "Tells the person each time a table opens: at one restaurant, at any of several (\"lark or "
     "thimble\"), or whoever turns up of a kind.",
     OBJECT(PLACE("Names, or a kind of food and a neighbourhood.") "," WHEN WATCH_MORE, WISHED),
     true, true, start_watch},
    {"stop_watch", "Ends a watch; it can be taken back for a quarter of an hour.",
     OBJECT(ID, "\"id\""), true, false, stop_watch},
    {"update_venue_notify_title", "Gives a watch a title.",
     OBJECT(ID ",\"title\":{\"type\":\"string\"}", "\"id\",\"title\""), true, false, rename_watch},
};
/* clang-format on */
const size_t tools_count = ARRAY_LEN(tools);

const struct tool *tool_find(const char *name)
{
    for (size_t i = 0; i < tools_count; i++)
        if (!strcmp(tools[i].name, name))
            return &tools[i];
    return NULL;
}

static char *tools_text;

static void make_tools(void)
{
    struct str text = STR_INIT(100000);
    auto_json list = cJSON_CreateArray();
    for (size_t i = 0; i < tools_count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "type", "function");
        cJSON *function = cJSON_AddObjectToObject(item, "function");
        cJSON_AddStringToObject(function, "name", tools[i].name);
        cJSON_AddStringToObject(function, "description", tools[i].about);
        cJSON_AddRawToObject(function, "parameters", tools[i].parameters);
        cJSON_AddItemToArray(list, item);
    }
    str_add(&text, "{\"tools\":");
    json_print(&text, list);
    tools_text = str_detach(&text);
}

const char *tools_json(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tools);
    return tools_text;
}

/* --- one call --- */

/* What strangers wrote may hold what no reader sees and a model reads. */
void tools_add_clean(struct str *out, const char *text)
{
    static const struct {
        int32_t from, to;
    } hidden[] = {{0, '\t'},         {0x0B, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
                  {0x61C, 0x61C},    {0x180B, 0x180F}, {0x200B, 0x200F}, {0x202A, 0x202E},
                  {0x2060, 0x206F},  {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
                  {0xE0000, 0xE0FFF}};
    const char *at = text, *end = text + strlen(text), *from = at;
    for (int32_t c; (c = utf8_next(&at, end)) >= 0; from = at) {
        bool drop = false;
        for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
            drop = drop || (c >= hidden[i].from && c <= hidden[i].to);
        if (!drop)
            str_addn(out, from, (size_t)(at - from));
    }
}

/* The cards in short, so that the model can speak of them. */
static void add_venues(const struct run *run, const cJSON *venues, cJSON *result)
{
    static const char *const kept[] = {"name", "neighborhood", "cuisine", "date", "state"};
    const cJSON *venue, *time;
    cJSON *list = cJSON_AddArrayToObject(result, "venues");
    cJSON_ArrayForEach(venue, json_array(venues, "venues"))
    {
        cJSON *item = cJSON_CreateObject();
        int times = 0;
        char ref[REF_TEXT];
        make_ref(run, json_i64_or(venue, "id", 0), ref);
        cJSON_AddStringToObject(item, "ref", ref);
        for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
            auto_str text = STR_INIT(80);
            tools_add_clean(&text, json_text_or(venue, kept[i], ""));
            cJSON_AddStringToObject(item, kept[i], text.buf);
        }
        cJSON *shown = cJSON_AddArrayToObject(item, "times");
        cJSON_ArrayForEach(time, json_array(venue, "times"))
        {
            if (times++ < LISTED_MOST && cJSON_IsString(time))
                cJSON_AddItemToArray(shown, cJSON_CreateString(time->valuestring));
        }
        cJSON_AddItemToArray(list, item);
    }
}

bool tool_went_well(const char *result)
{
    return !strncmp(result, "{\"ok\":true", 10);
}

static char *result_text(const cJSON *result)
{
    struct str text = STR_INIT(64 * 1024);
    json_print(&text, result);
    return str_detach(&text);
}

static char *failed_result(const char *why)
{
    auto_json result = cJSON_CreateObject();
    cJSON_AddFalseToObject(result, "ok");
    cJSON_AddStringToObject(result, "error", why);
    return result_text(result);
}

static char *run_tool(struct run *run, const struct tool *tool, const cJSON *args, struct str *done)
{
    struct err err = ERR_INIT;
    struct str said = STR_INIT(RUN_TEXT_MAX);
    auto_str clean = STR_INIT(RESULT_MAX);
    size_t buttons = run->button_count;
    cJSON *venues = run->venues;
    run->venues = NULL;
    run->capture = &said;
    int failed = tool->run(run, args, &err);
    run->capture = NULL;
    tools_add_clean(&clean, failed ? err.say : said.buf);
    if (run->card.len) { /* it is shown as it is, whatever is said beside it */
        str_add(&clean, clean.len ? "\n" : "");
        tools_add_clean(&clean, run->card.buf);
    }
    if (!failed && tool->acts)
        str_addf(done, "%s%s", done->len ? "\n" : "", said.buf);
    str_free(&said);
    auto_json result = cJSON_CreateObject();
    cJSON_AddBoolToObject(result, "ok", !failed);
    cJSON_AddStringToObject(result, failed ? "error" : "untrusted_text", clean.buf);
    if (run->venues)
        add_venues(run, run->venues, result);
    else
        run->venues = venues;
    if (run->venues != venues)
        json_free(venues);
    if (run->button_count > buttons) {
        cJSON *list = cJSON_AddArrayToObject(result, "untrusted_buttons_shown");
        for (size_t i = buttons; i < run->button_count; i++) {
            auto_str label = STR_INIT(200);
            tools_add_clean(&label, run->buttons[i].label);
            cJSON_AddItemToArray(list, cJSON_CreateString(label.buf));
        }
    }
    return result_text(result);
}

char *tool_call(struct run *run, const char *name, const char *arguments, bool whole,
                struct str *done)
{
    const struct tool *tool = tool_find(name);
    struct err err = ERR_INIT;
    auto_str wrong = STR_INIT(2000);
    auto_json args = whole ? json_parse(arguments, strlen(arguments), "arguments", &err) : NULL;
    char *result;
    if (!tool) {
        str_addf(&wrong, "There is no tool %s. There are:", name);
        for (size_t i = 0; i < tools_count; i++)
            str_addf(&wrong, " %s", tools[i].name);
        result = failed_result(wrong.buf);
    } else if (!args) {
        result = failed_result("The arguments are no JSON object. Write them again.");
    } else {
        auto_json schema = json_parse(tool->parameters, strlen(tool->parameters), name, &err);
        auto_json mine = cJSON_Duplicate(args, true);
        result = schema_check(schema, mine, &wrong) ? failed_result(wrong.buf)
                                                    : run_tool(run, tool, mine, done);
    }
    return result;
}
