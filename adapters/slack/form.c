/* The form: what to look for, as a line that the same commands read. It says nothing that could not
 * be typed; what does not fit is said under its field, and what was filled in stays. */
#include "adapters/slack/internal.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/utf8.h"

#define WHAT_MOST 200

struct choice {
    const char *label, *value;
};
static const struct choice deeds[] = {{"Find tables now", "find"}, {"Watch, and tell me", "watch"}};
/* In words that the grammar knows. */
static const struct choice seatings[] = {{"Any", "any"},
                                         {"Dining room", "in the dining room"},
                                         {"Bar", "at the bar"},
                                         {"Counter", "at the counter"},
                                         {"Outdoor", "outdoor seating"}};
static const struct choice paces[] = {{"As often as usual", "usual"},
                                      {"Every minute", "1 minute"},
                                      {"Every 5 minutes", "5 minutes"},
                                      {"Every 30 minutes", "30 minutes"},
                                      {"Every hour", "1 hour"}};

/* --- the view --- */

static cJSON *plain(const char *text)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", "plain_text");
    cJSON_AddStringToObject(object, "text", text);
    return object;
}

static cJSON *add_input(cJSON *blocks, const char *id, const char *label, const char *type,
                        bool optional)
{
    cJSON *block = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "input");
    cJSON_AddStringToObject(block, "block_id", id);
    cJSON_AddItemToObject(block, "label", plain(label));
    cJSON_AddBoolToObject(block, "optional", optional);
    cJSON *element = cJSON_AddObjectToObject(block, "element");
    cJSON_AddStringToObject(element, "type", type);
    cJSON_AddStringToObject(element, "action_id", id);
    cJSON_AddItemToArray(blocks, block);
    return element;
}

static cJSON *option(const struct choice *choice)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(object, "text", plain(choice->label));
    cJSON_AddStringToObject(object, "value", choice->value);
    return object;
}

static void add_select(cJSON *blocks, const char *id, const char *label,
                       const struct choice *choices, size_t count)
{
    cJSON *element = add_input(blocks, id, label, "static_select", false);
    cJSON *list = cJSON_AddArrayToObject(element, "options");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, option(&choices[i]));
    cJSON_AddItemToObject(element, "initial_option", option(&choices[0]));
}

/* All of it is known at once: nothing need be waited for within the trigger's three seconds. */
static cJSON *view_of(const char *what)
{
    cJSON *view = cJSON_CreateObject(), *blocks = cJSON_CreateArray(), *element;
    cJSON_AddStringToObject(view, "type", "modal");
    cJSON_AddStringToObject(view, "callback_id", FORM_CALLBACK);
    cJSON_AddItemToObject(view, "title", plain("Find a table"));
    cJSON_AddItemToObject(view, "submit", plain("Go"));
    cJSON_AddItemToObject(view, "close", plain("Cancel"));
    add_select(blocks, "deed", "What shall I do?", deeds, ARRAY_LEN(deeds));
    element = add_input(blocks, "what", "Restaurant, cuisine or neighborhood", "plain_text_input",
                        false);
    json_put_i64(element, "max_length", WHAT_MOST);
    cJSON_AddItemToObject(element, "placeholder", plain("Lark · italian in soho · …"));
    if (what && *what) {
        char first[WHAT_MOST + 1];
        utf8_copy(first, sizeof(first), what);
        cJSON_AddStringToObject(element, "initial_value", first);
    }
    add_input(blocks, "date", "Day", "datepicker", false);
    element = add_input(blocks, "party", "People", "number_input", false);
    cJSON_AddFalseToObject(element, "is_decimal_allowed");
    cJSON_AddStringToObject(element, "min_value", "1");
    cJSON_AddStringToObject(element, "max_value", "20");
    cJSON_AddStringToObject(element, "initial_value", "2");
    add_input(blocks, "from", "Not before", "timepicker", true);
    add_input(blocks, "to", "Not after", "timepicker", true);
    add_select(blocks, "seating", "Seating", seatings, ARRAY_LEN(seatings));
    add_select(blocks, "pace", "How often I ask (watches)", paces, ARRAY_LEN(paces));
    cJSON_AddItemToObject(view, "blocks", blocks);
    return view;
}

/* On its way; `api` is there as long as a call is under way. */
struct opening {
    struct slack_api *api;
    char *url; /* where to say that it was too late; NULL: nowhere */
};

/* A trigger lives three seconds, and a call may fail: whoever presses the button has a fresh one.
 */
static void offer_again(const struct opening *o)
{
    auto_json message = cJSON_CreateObject();
    auto_json button = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "response_type", "ephemeral");
    cJSON_AddFalseToObject(message, "replace_original");
    cJSON_AddStringToObject(message, "text", "The form did not open in time. Open it again:");
    cJSON *blocks = cJSON_AddArrayToObject(message, "blocks"), *row = cJSON_CreateObject();
    slack_add_section(blocks, "The form did not open in time. Open it again:");
    cJSON_AddStringToObject(button, "type", "button");
    cJSON_AddItemToObject(button, "text", plain("Find a table"));
    cJSON_AddStringToObject(button, "action_id", ASK_ACTION);
    cJSON_AddStringToObject(button, "value", "form");
    cJSON_AddStringToObject(row, "type", "actions");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(row, "elements"), cJSON_Duplicate(button, true));
    cJSON_AddItemToArray(blocks, row);
    slack_respond_start(o->api, o->url, message, NULL, NULL);
}

static void on_opened(void *arg, const struct slack_answer *a)
{
    struct opening *o = arg;
    if (a->outcome != SLACK_OK)
        log_line(LOG_WARN, PLATFORM, "the form did not open: %s", a->why);
    if (a->outcome != SLACK_OK && o->url)
        offer_again(o);
    free(o->url);
    free(o);
}

void form_open(struct slack *s, const struct envelope *e)
{
    auto_json args = cJSON_CreateObject();
    if (!e->trigger)
        return;
    struct opening *o = mem_new(1, sizeof(*o));
    *o = (struct opening){s->api, mem_text(e->response_url)};
    cJSON_AddStringToObject(args, "trigger_id", e->trigger);
    bool command = e->text && *e->text == '/';
    cJSON_AddItemToObject(args, "view", view_of(command ? "" : e->text));
    slack_call_start(s->api, "views.open", args, NULL, on_opened, o);
}

/* --- what was filled in --- */

static const char *value_of(const cJSON *values, const char *id)
{
    static const char *const kinds[] = {"value", "selected_date", "selected_time",
                                        "selected_option.value"};
    char path[100];
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(path, sizeof(path), "%s.%s.%s", id, id, kinds[i]);
        const char *text = json_text(values, path);
        if (text)
            return text;
    }
    return "";
}

static void wrong(cJSON **errors, const char *block, const char *say)
{
    *errors = *errors ? *errors : cJSON_CreateObject();
    cJSON_AddStringToObject(*errors, block, say);
}

static bool is_one_of(const struct choice *choices, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(choices[i].value, value))
            return true;
    return false;
}

/* One line, without what would make it another command. */
static void add_what(struct str *out, const char *what)
{
    for (; *what; what++)
        str_addn(out, (unsigned char)*what < ' ' ? " " : what, 1);
}

char *form_read(const cJSON *values, int64_t now_ms, cJSON **ret_errors)
{
    auto_str line = STR_INIT(1000);
    struct date day;
    char today[16];
    const char *what = value_of(values, "what"), *date = value_of(values, "date");
    const char *party = value_of(values, "party"), *from = value_of(values, "from");
    const char *to = value_of(values, "to"), *seating = value_of(values, "seating");
    const char *pace = value_of(values, "pace"), *deed = value_of(values, "deed");
    char *end;
    long people = strtol(party, &end, 10);
    int begin = *from ? clock_parse(from) : -1, until = *to ? clock_parse(to) : -1;
    *ret_errors = NULL;
    what += strspn(what, " \t\r\n/");
    if (!*what || strlen(what) > WHAT_MOST * 4)
        wrong(ret_errors, "what", "Name a restaurant, a cuisine or a neighborhood.");
    auto_zone west = zone_new("Etc/GMT+12"); /* where today lasts longest */
    if (date_parse(date, &day))
        wrong(ret_errors, "date", "Choose a day.");
    else if (west && strcmp(date, date_text(zone_local(west, now_ms).date, today)) < 0)
        wrong(ret_errors, "date", "That day is over.");
    if (*end || end == party || people < 1 || people > 20)
        wrong(ret_errors, "party", "Between 1 and 20 people.");
    if (*from && begin < 0)
        wrong(ret_errors, "from", "That is no time of day.");
    if (*to && until < 0)
        wrong(ret_errors, "to", "That is no time of day.");
    if (begin >= 0 && until >= 0 && until <= begin && until >= 5 * 60)
        wrong(ret_errors, "to", "That is before the time above.");
    if (*ret_errors)
        return NULL;
    str_addf(&line, "/%s ", is_one_of(deeds, ARRAY_LEN(deeds), deed) ? deed : "find");
    add_what(&line, what);
    str_addf(&line, " %s for %ld", date, people);
    if (begin >= 0 && until >= 0)
        str_addf(&line, " between %s and %s", from, to);
    else if (begin >= 0)
        str_addf(&line, " after %s", from);
    else if (until >= 0)
        str_addf(&line, " before %s", to);
    if (strcmp(seating, "any") != 0 && is_one_of(seatings, ARRAY_LEN(seatings), seating))
        str_addf(&line, " %s", seating);
    if (!strcmp(deed, "watch") && strcmp(pace, "usual") != 0 &&
        is_one_of(paces, ARRAY_LEN(paces), pace))
        str_addf(&line, " every %s", pace);
    return str_detach(&line);
}
