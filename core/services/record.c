/* The record of openings: when this restaurant's tables open and how long they last, as our own
 * checks saw it. */
#include "core/services/services.h"

#include "db/opening.h"

#define READ_MOST 2000
#define LEAST     3 /* fewer say nothing */

struct record_args {
    int64_t venue_id;
    struct opening *list;
    size_t count;
};

static int read_openings(struct db_conn *conn, void *arg, struct err *err)
{
    struct record_args *args = arg;
    return openings_of(conn, args->venue_id, args->list, READ_MOST, &args->count, err);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t most_of(const size_t *counts, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = counts[i] > counts[best] ? i : best;
    return best;
}

/* "Half of them were gone within 7 min." */
static void add_lasting(struct str *out, const struct record_args *r)
{
    int64_t *lasted = mem_new(r->count, sizeof(*lasted));
    size_t n = 0;
    char span[SPAN_WORDS];
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].closed_ms)
            lasted[n++] = r->list[i].closed_ms - r->list[i].opened_ms;
    qsort(lasted, n, sizeof(*lasted), by_number);
    if (n >= LEAST)
        str_addf(out, " Half of them were gone within %s.",
                 span_words(MAX_OF(lasted[n / 2], (int64_t)1000), span));
    free(lasted);
}

static void add_record(struct str *out, const struct venue *venue, const struct record_args *r,
                       int64_t now_ms, bool hours24)
{
    static const char *const days[] = {"Sundays",   "Mondays", "Tuesdays", "Wednesdays",
                                       "Thursdays", "Fridays", "Saturdays"};
    size_t by_day[7] = {0}, by_hour[24] = {0};
    char words[DATE_WORDS], from[CLOCK_TEXT], to[CLOCK_TEXT];
    auto_zone zone = services_zone(venue->zone);
    for (size_t i = 0; i < r->count; i++) {
        struct local at = zone_local(zone, r->list[i].opened_ms);
        by_day[date_weekday(at.date)]++;
        by_hour[at.minute / 60 % 24]++;
    }
    size_t day = most_of(by_day, 7), hour = most_of(by_hour, 24);
    struct date first = zone_local(zone, r->list[r->count - 1].opened_ms).date;
    str_addf(out,
             "Since %s I saw %s%zu tables open here; most on %s (%zu) and between %s and %s (%zu).",
             date_words(first, zone_local(zone, now_ms).date, words),
             r->count == READ_MOST ? "over " : "", r->count, days[day], by_day[day],
             clock_say((int)hour * 60, hours24, from), clock_say((int)(hour + 1) * 60, hours24, to),
             by_hour[hour]);
    add_lasting(out, r);
}

int record_words(struct services *services, const struct venue *venue, bool hours24,
                 struct str *out, struct err *err)
{
    struct record_args args = {.venue_id = venue->id,
                               .list = mem_new(READ_MOST, sizeof(*args.list))};
    int failed = db_read(services->db, read_openings, &args, err);
    if (!failed && args.count >= LEAST)
        add_record(out, venue, &args, env_wall_ms(services->env), hours24);
    else if (!failed && args.count)
        str_addf(out, "I saw %zu table%s open here so far.", args.count,
                 args.count == 1 ? "" : "s");
    free(args.list);
    return failed;
}
