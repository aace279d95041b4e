/* The words of an alert: its tables as they are now. */
#include "core/services/alert_inner.h"

static bool alert_sayable(const struct alert *a, const struct told_slot *slot)
{
    return slot->open && slot->start_ms > a->now_ms;
}

size_t alert_count(const struct alert *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->slots.count; i++)
        n += alert_sayable(a, &a->slots.list[i]);
    return n;
}

/* What the watch's window says of the minute that is wanted most: its middle ("around 8"), or the
 * end that it has; -1: nothing. */
static int64_t wanted_minute(const struct watch *w)
{
    bool from = w->from_minute > 0, to = w->to_minute < ANY_TIME_TO;
    if (from && to)
        return (w->from_minute + w->to_minute) / 2;
    return from ? w->from_minute : to ? w->to_minute : -1;
}

static int by_wish(const void *a, const void *b, void *ctx)
{
    const struct told_slot *x = a, *y = b;
    int64_t wanted = *(int64_t *)ctx;
    int64_t far_x = llabs(x->minute - wanted), far_y = llabs(y->minute - wanted);
    if (far_x != far_y)
        return far_x < far_y ? -1 : 1;
    return x->minute < y->minute ? -1 : x->minute > y->minute;
}

/* Most wanted first; else by the clock, as they were read. */
void alert_sort(struct alert *a)
{
    int64_t wanted = wanted_minute(&a->watch);
    if (wanted >= 0 && a->slots.count > 1)
        qsort_r(a->slots.list, a->slots.count, sizeof(*a->slots.list), by_wish, &wanted);
}

/* "19:15" each, a time once. */
cJSON *alert_times(const struct alert *a)
{
    cJSON *times = cJSON_CreateArray();
    int64_t last = -1;
    for (size_t i = 0; i < a->slots.count; i++) {
        const struct told_slot *slot = &a->slots.list[i];
        char text[CLOCK_TEXT];
        if (!alert_sayable(a, slot) || slot->minute == last)
            continue;
        last = slot->minute;
        cJSON_AddItemToArray(times, cJSON_CreateString(clock_text((int)slot->minute, text)));
    }
    return times;
}

/* "7:15 PM (Dining Room, fee $25), 9:00 PM (Bar)". */
void alert_add_times(struct str *out, const struct alert *a, bool all)
{
    bool first = true;
    for (size_t i = 0; i < a->slots.count; i++) {
        const struct told_slot *slot = &a->slots.list[i];
        char text[CLOCK_TEXT];
        if (!all && !alert_sayable(a, slot))
            continue;
        str_addf(out, "%s%s", first ? "" : ", ",
                 clock_say((int)slot->minute, a->watch.hours24, text));
        first = false;
        if (*slot->shown || slot->fee_cents)
            str_add(out, " (");
        str_add(out, slot->shown);
        if (slot->fee_cents)
            str_addf(out, "%sfee $%lld", *slot->shown ? ", " : "",
                     (long long)(slot->fee_cents + 99) / 100);
        if (*slot->shown || slot->fee_cents)
            str_addc(out, ')');
    }
}

void alert_add_instant(struct str *out, const struct alert *a, int64_t utc_ms, bool seconds)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct local at = zone_local(a->zone, utc_ms), now = zone_local(a->zone, a->now_ms);
    if (date_compare(at.date, now.date) != 0)
        str_addf(out, "%s ", days[date_weekday(at.date)]);
    char clock[CLOCK_TEXT];
    clock_say(at.minute, a->watch.hours24, clock);
    size_t digits = strcspn(clock, " ");
    str_addn(out, clock, digits);
    if (seconds)
        str_addf(out, ":%02d", at.second);
    str_add(out, clock + digits);
}

void alert_add_headline(struct str *out, const struct alert *a)
{
    char words[DATE_WORDS];
    str_addf(out, "%s, %s, %lld %s", a->slots.venue, date_words(a->day, a->today, words),
             (long long)a->slots.party, a->slots.party == 1 ? "person" : "people");
}

void alert_add_facts(struct alert *a, cJSON *message)
{
    auto_str url = STR_INIT(512);
    venue_url(&url, a->slots.city_slug, a->slots.slug, a->slots.day, a->slots.party);
    json_put_i64(message, "watch", a->watch.id);
    if (*a->watch.title)
        json_put_text(message, "title", a->watch.title);
    json_put_text(message, "venue", a->slots.venue);
    json_put_text(message, "date", a->slots.day);
    json_put_i64(message, "party_size", a->slots.party);
    json_put_text(message, "url", url.buf);
}

int64_t alert_last_closed(const struct alert *a)
{
    int64_t last = 0;
    for (size_t i = 0; i < a->slots.count; i++)
        last = MAX_OF(last, a->slots.list[i].closed_ms);
    return last;
}

int alert_gone(struct alert *a, struct err *err)
{
    bool over = a->watch_count;
    if (told_undo(a->conn, a->row->id, err))
        return -1;
    return outbox_end(a->conn, a->row->id, "gone", over ? OUTBOX_OVER : "its watch has ended",
                      a->now_ms, err);
}
