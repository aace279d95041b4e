/* What the control port tells, and what waits for its time. */
#include "tests/sandbox/city_control.h"
#include "tests/sandbox/city_inner.h"

#define PLANNED_MAX 20000

int run_counts(struct order *order)
{
    const struct city *city = order->city;
    struct str *s = &order->reply;
    json_addf(s, "{`total`:%lld,`held`:%zu,`held_max`:%zu,`paths`:{", (long long)city->total,
              city->held, city->held_max);
    for (size_t i = 0; i < city->path_count; i++) {
        str_add(s, i ? "," : "");
        city_json_text(s, city->paths[i].path, true);
        str_addf(s, ":%lld", (long long)city->paths[i].count);
    }
    json_addf(s, "},`venues`:{");
    bool more = false;
    for (size_t i = 0; i < city_venue_count; i++) {
        if (!city->venue_counts[i])
            continue;
        json_addf(s, "%s`%d`:%lld", more ? "," : "", city_venues[i].id,
                  (long long)city->venue_counts[i]);
        more = true;
    }
    str_add(s, "}}");
    return 0;
}

int run_reset_counts(struct order *order)
{
    struct city *city = order->city;
    if (!order->dry) {
        city->total = 0;
        city->held_max = city->held;
        city->path_count = 0;
        memset(city->venue_counts, 0, city_venue_count * sizeof(*city->venue_counts));
    }
    str_add(&order->reply, "{\"ok\":true}");
    return 0;
}

int run_log(struct order *order)
{
    const struct city *city = order->city;
    struct str *s = &order->reply;
    int64_t asked = order->at < order->count ? whole_number(order->words[order->at++]) : 100;
    uint64_t have = MIN_OF(city->log_next, (uint64_t)LOG_ENTRIES);
    uint64_t shown = asked < 0 ? have : MIN_OF((uint64_t)asked, have);
    str_addc(s, '[');
    for (uint64_t i = city->log_next - shown; i < city->log_next; i++) {
        const struct entry *entry = &city->log[i % LOG_ENTRIES];
        json_addf(s, "%s{`ms`:%lld,`method`:", i > city->log_next - shown ? "," : "",
                  (long long)entry->at_ms);
        city_json_text(s, entry->method, true);
        json_addf(s, ",`path`:");
        city_json_text(s, entry->path, true);
        json_addf(s, ",`status`:%d}", entry->status);
    }
    str_addc(s, ']');
    return 0;
}

int say_venues(struct order *order)
{
    struct str *s = &order->reply;
    str_addc(s, '[');
    for (size_t i = 0; i < city_venue_count; i++) {
        const struct venue *venue = &city_venues[i];
        json_addf(s, "%s{`id`:%d,`name`:`%s`,`slug`:`%s`,`code`:`%s`}", i ? "," : "", venue->id,
                  venue->name, venue->slug, venue_place(venue)->code);
    }
    str_addc(s, ']');
    return 0;
}

int run_time(struct order *order)
{
    struct str *s = &order->reply;
    json_addf(s, "{`ms`:%lld", (long long)order->now_ms);
    for (size_t i = 0; i < city_place_count; i++) {
        struct local local = zone_local(order->city->zones[i], order->now_ms);
        char clock[32];
        json_addf(s, ",`%s`:`%s`", city_places[i].code,
                  slot_clock(local.date, local.minute, clock));
    }
    str_addc(s, '}');
    return 0;
}

/* --- the script's clock -------------------------------------------------------------------- */

static bool planned_later(const struct planned *a, const struct planned *b)
{
    return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->order > b->order;
}

void plan_line(struct city *city, int64_t at_ms, const char *line)
{
    if (city->planned_count >= PLANNED_MAX)
        return;
    city->planned = mem_grow(city->planned, &city->planned_cap, city->planned_count + 1,
                             sizeof(*city->planned));
    struct planned new = {at_ms, city->planned_orders++, mem_text(line)};
    size_t at = city->planned_count++;
    for (; at && planned_later(&new, &city->planned[at - 1]); at--)
        city->planned[at] = city->planned[at - 1];
    city->planned[at] = new;
}

/* "SECONDS COMMAND…": where the command starts, or NULL. */
static const char *script_line(const char *line, int64_t *at_ms)
{
    char *end;
    double seconds = strtod(line, &end);
    if (end == line || seconds < 0 || seconds > 1e9 || (*end != ' ' && *end != '\t'))
        return NULL;
    *at_ms = (int64_t)(seconds * 1000);
    return end + strspn(end, " \t");
}

/* Both passes over a script; the first only looks. 0, or the number of the wrong line. */
static int script_pass(struct city *city, int64_t start_ms, const char *text, bool take,
                       char **reply)
{
    int number = 0;
    auto_text copy = mem_text(text);
    char *rest = copy, *line;
    while ((line = strsep(&rest, "\n"))) {
        int64_t at_ms;
        number++;
        line[strcspn(line, "#\r")] = '\0';
        line += strspn(line, " \t");
        if (!*line)
            continue;
        const char *command = script_line(line, &at_ms);
        if (command && take) {
            plan_line(city, start_ms + at_ms, command);
            continue;
        }
        free(*reply);
        *reply = NULL;
        if (!command || order_run(city, start_ms, command, true, reply))
            return number;
    }
    return 0;
}

int city_script(struct city *city, int64_t start_ms, const char *text, char **error)
{
    char *reply = NULL;
    int wrong = script_pass(city, start_ms, text, false, &reply);
    if (wrong) {
        auto_str say = STR_INIT(400);
        str_addf(&say, "line %d: %s", wrong, reply ? reply : "SECONDS COMMAND is expected");
        *error = str_detach(&say);
    } else {
        script_pass(city, start_ms, text, true, &reply);
    }
    free(reply);
    return wrong ? -1 : 0;
}

int64_t city_tick(struct city *city, int64_t now_ms)
{
    while (city->planned_count && city->planned[city->planned_count - 1].at_ms <= now_ms) {
        struct planned due = city->planned[--city->planned_count];
        char *reply = NULL;
        if (order_run(city, due.at_ms, due.line, false, &reply)) /* checked when it was planned */
            fprintf(stderr, "sandbox: \"%s\": %s\n", due.line, reply);
        free(reply);
        free(due.line);
    }
    return city->planned_count ? city->planned[city->planned_count - 1].at_ms : INT64_MAX;
}
