#include "core/resy/internal.h"

#include "core/base/utf8.h"

#define SLOTS_MAX  2000
#define NIGHT_ENDS (5 * 60) /* a slot after midnight belongs to the day before until then */

void resy_find_free(struct resy_find *find)
{
    for (size_t i = 0; i < find->count; i++) {
        free(find->slots[i].seating);
        free(find->slots[i].shown);
        free(find->slots[i].token);
    }
    free(find->slots);
    *find = (struct resy_find){0};
}

/* The rest of "rgs://resy/VENUE/TEMPLATE/SERVICE/DAY/DATE/TIME/PARTY/SEATING". */
static const char *seating_in(const char *token)
{
    if (!token || strncmp(token, "rgs://resy/", 11) != 0)
        return NULL;
    const char *at = token + 11;
    for (int i = 0; i < 7; i++) {
        at = strchr(at, '/');
        if (!at)
            return NULL;
        at++;
    }
    return *at ? at : NULL;
}

int64_t resy_cents(const cJSON *at, const char *path)
{
    double dollars;
    if (!json_number(at, path, &dollars) || dollars <= 0)
        return 0;
    return (int64_t)(MIN_OF(dollars, 1e6) * 100 + 0.5);
}

static int64_t fee_of(const cJSON *slot, const cJSON *templates, const char *template)
{
    int64_t fee = MAX_OF(resy_cents(slot, "payment.cancellation_fee"),
                         resy_cents(slot, "payment.deposit_fee"));
    if (json_object(slot, "payment"))
        return fee;
    const cJSON *terms = json_object(templates, template);
    return MAX_OF(resy_cents(terms, "cancellation_fee"), resy_cents(terms, "deposit_fee"));
}

int resy_minute(const char *start, struct date day)
{
    struct date date;
    if (!start || strlen(start) < 16 || date_parse(start, &date) ||
        (start[10] != ' ' && start[10] != 'T'))
        return -1;
    char clock[6] = {0};
    memcpy(clock, start + 11, 5);
    int minute = clock_parse(clock);
    int64_t days = date_days(date) - date_days(day);
    return minute < 0 || days < 0 || days > 1 ? -1 : (int)days * 1440 + minute;
}

/* -1: it cannot be read; 0: not for us; 1: *ret is a slot. */
static int read_slot(const cJSON *item, const cJSON *templates, struct date day,
                     struct resy_slot *ret)
{
    const char *start = json_text(item, "date.start"), *token = json_text(item, "config.token");
    int64_t template;
    bool eligible = true;
    int minute = resy_minute(start, day);
    if (minute < 0)
        return -1;
    if (!token || minute > 1440 + NIGHT_ENDS) /* another site's, or another day's */
        return 0;
    json_flag(item, "exclusive.is_eligible", &eligible);
    if (!eligible)
        return 0;
    const char *seating = seating_in(token);
    if (!seating)
        seating = json_text_or(item, "config.type", "");
    *ret = (struct resy_slot){.minute = minute};
    if (json_i64(item, "template.id", &template))
        snprintf(ret->template, sizeof(ret->template), "%lld", (long long)template);
    memcpy(ret->start, start, 16); /* "YYYY-MM-DD HH:MM", checked above */
    ret->start[10] = ' ';
    char shown[96];
    utf8_copy(shown, sizeof(shown), seating);
    ret->seating = utf8_fold_case(shown);
    ret->shown = mem_text(shown);
    ret->token = mem_text(token);
    ret->fee_cents = fee_of(item, templates, ret->template);
    return 1;
}

static int by_identity(const void *a, const void *b)
{
    const struct resy_slot *x = a, *y = b;
    if (x->minute != y->minute)
        return x->minute < y->minute ? -1 : 1;
    int order = strcmp(x->seating, y->seating);
    if (order)
        return order;
    return x->fee_cents < y->fee_cents ? -1 : x->fee_cents > y->fee_cents;
}

/* Of several at one time and seating the cheapest stands for all. */
static void drop_repeats(struct resy_find *find)
{
    size_t kept = 0;
    for (size_t i = 0; i < find->count; i++) {
        struct resy_slot *last = kept ? &find->slots[kept - 1] : NULL, *slot = &find->slots[i];
        if (last && last->minute == slot->minute && !strcmp(last->seating, slot->seating)) {
            free(slot->seating);
            free(slot->shown);
            free(slot->token);
        } else {
            find->slots[kept++] = *slot;
        }
    }
    find->count = kept;
}

static int read_slots(const cJSON *entry, struct date day, struct resy_find *ret, struct err *err)
{
    const cJSON *slots = json_array(entry, "slots"), *item;
    const cJSON *templates = json_object(entry, "templates");
    size_t cap = 0;
    if (!slots)
        return err_set(err, ERR_REMOTE, NULL, "a venue without slots");
    if (cJSON_GetArraySize(slots) > SLOTS_MAX)
        return err_set(err, ERR_REMOTE, NULL, "over %d slots", SLOTS_MAX);
    cJSON_ArrayForEach(item, slots)
    {
        struct resy_slot slot;
        int got = read_slot(item, templates, day, &slot);
        if (got < 0)
            ret->partial = true;
        if (got <= 0)
            continue;
        ret->slots = mem_grow(ret->slots, &cap, ret->count + 1, sizeof(*ret->slots));
        ret->slots[ret->count++] = slot;
    }
    if (ret->count) {
        qsort(ret->slots, ret->count, sizeof(*ret->slots), by_identity);
        drop_repeats(ret);
    }
    return 0;
}

static void read_venue(const cJSON *entry, struct resy_find *ret)
{
    const char *name = json_text(entry, "venue.name");
    const char *zone = json_text(entry, "venue.location.time_zone");
    if (!name)
        return;
    ret->has_venue = true;
    utf8_copy(ret->name, sizeof(ret->name), name);
    if (zone)
        utf8_copy(ret->zone, sizeof(ret->zone), zone);
}

int resy_find_parse(const cJSON *tree, int64_t venue_id, struct date day, struct resy_find *ret,
                    struct err *err)
{
    char asked[DATE_TEXT];
    const char *answered = json_text(tree, "query.day");
    *ret = (struct resy_find){0};
    if (!json_object(tree, "results"))
        return err_set(err, ERR_REMOTE, NULL, "no results in it");
    if (answered && strcmp(answered, date_text(day, asked)) != 0)
        return err_set(err, ERR_REMOTE, NULL, "it is about another day");
    const cJSON *venues = json_at(tree, "results.venues"), *entry;
    if (!venues || cJSON_IsNull(venues))
        return 0; /* nothing free: the list may be absent */
    if (!cJSON_IsArray(venues))
        return err_set(err, ERR_REMOTE, NULL, "venues is no list");
    size_t others = 0;
    cJSON_ArrayForEach(entry, venues)
    {
        int64_t id = json_i64_or(entry, "venue.id.resy", -1);
        if (id >= 0 && id != venue_id) {
            others++;
            continue;
        }
        read_venue(entry, ret);
        if (read_slots(entry, day, ret, err)) {
            resy_find_free(ret);
            return -1;
        }
        return 0;
    }
    return others ? err_set(err, ERR_REMOTE, NULL, "it is about other venues") : 0;
}

const struct resy_slot *resy_slot_at(const struct resy_find *find, int minute, const char *seating)
{
    const struct resy_slot *best = NULL;
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *slot = &find->slots[i];
        if (slot->minute != minute || (seating && strcmp(slot->seating, seating) != 0))
            continue;
        if (!best || slot->fee_cents < best->fee_cents)
            best = slot;
    }
    return best;
}

int resy_find(struct resy *resy, const struct resy_ask *ask, int64_t venue_id, struct date day,
              int party, struct resy_find *ret, struct err *err)
{
    char text[DATE_TEXT];
    int64_t answered = 0;
    auto_str path = STR_INIT(256);
    *ret = (struct resy_find){0};
    str_addf(&path, "/4/find?lat=0&long=0&day=%s&party_size=%d&venue_id=%lld", date_text(day, text),
             party, (long long)venue_id);
    auto_json tree = resy_call(resy, ask, path.buf, NULL, &answered, err);
    if (!tree)
        return -1;
    struct err parse = ERR_INIT;
    if (resy_find_parse(tree, venue_id, day, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "find: %s", parse.why);
    ret->answered_mono_ms = answered;
    return 0;
}
