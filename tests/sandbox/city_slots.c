#include "tests/sandbox/city_inner.h"

#define OFF_MINUTES 60 /* online booking of a default table closes that long before */

static struct slot *slots_add(struct slots *slots)
{
    slots->at = mem_grow(slots->at, &slots->cap, slots->count + 1, sizeof(*slots->at));
    struct slot *slot = &slots->at[slots->count++];
    *slot = (struct slot){0};
    return slot;
}

void city_slots_free(struct slots *slots)
{
    free(slots->at);
    *slots = (struct slots){0};
}

bool venue_serves(const struct city *city, const struct venue *venue, struct date day)
{
    if (venue->traits & (VENUE_CLOSED | VENUE_TOCK))
        return false;
    if (venue->traits & (VENUE_ALWAYS | VENUE_FULL))
        return true;
    bool closed_mondays = mix(city->seed, (uint64_t)venue->id) % 4 == 0;
    return !(closed_mondays && date_weekday(day) == 1);
}

/* Which seatings the venue has; the first is the usual one. */
static size_t venue_seatings(const struct venue *venue, const char *ret[3])
{
    ret[0] = "Dining Room";
    ret[1] = "Bar";
    ret[2] = "Patio";
    if (venue->traits & VENUE_SEATINGS)
        return 3;
    return mix((uint64_t)venue->id, 21) % 3 == 0 ? 2 : 1;
}

/* How many of a hundred tables are free that evening; some evenings none is. */
static unsigned evening_chance(const struct city *city, const struct venue *venue, int64_t day)
{
    static const unsigned chances[] = {0, 0, 8, 12, 20, 30, 45};
    uint64_t h = mix(mix(city->seed, (uint64_t)venue->id), (uint64_t)day);
    if (venue->traits & VENUE_ALWAYS)
        return 60;
    return chances[h % ARRAY_LEN(chances)];
}

static void one_default(const struct city *city, const struct venue *venue, struct date day,
                        int party, const struct slot *like, struct slots *ret)
{
    static const int sizes[] = {2, 2, 2, 4, 4, 6, 8};
    uint64_t h = mix(mix(city->seed, (uint64_t)venue->id), (uint64_t)date_days(day));
    h = mix(mix(h, (uint64_t)like->minute), (uint64_t)like->seating[0]);
    int seats = sizes[h / 128 % ARRAY_LEN(sizes)];
    bool certain = venue->traits & VENUE_ALWAYS && like->minute == 19 * 60;
    if (certain)
        seats = MAX_OF(seats, party);
    if (!certain && h % 100 >= evening_chance(city, venue, date_days(day)))
        return;
    int least = certain || seats < 6 ? 1 : 3;
    if (party > seats || party < least)
        return;
    struct slot *slot = slots_add(ret);
    *slot = *like;
    slot->size_min = least;
    slot->size_max = seats;
    slot->unnamed = slot->service == 3; /* as seen: no seating in the tokens of lunch */
}

static void one_service(const struct city *city, const struct venue *venue, struct date day,
                        int party, int service, int first, int last, struct slots *ret)
{
    const char *seatings[3];
    size_t count = venue_seatings(venue, seatings);
    int step = venue->id % 2 ? 15 : 30;
    for (int minute = first; minute <= last; minute += step) {
        for (size_t i = 0; i < count; i++) {
            struct slot like = {.minute = minute, .service = service};
            snprintf(like.seating, sizeof(like.seating), "%s", seatings[i]);
            one_default(city, venue, day, party, &like, ret);
        }
    }
}

static void add_defaults(const struct city *city, const struct venue *venue, struct date day,
                         int party, struct slots *ret)
{
    if (venue->traits & VENUE_BREAKFAST)
        one_service(city, venue, day, party, 5, 8 * 60, 10 * 60 + 30, ret);
    if (venue->traits & VENUE_LUNCH)
        one_service(city, venue, day, party, 3, 12 * 60, 14 * 60 + 30, ret);
    if (!(venue->traits & VENUE_BREAKFAST))
        one_service(city, venue, day, party, 2, 17 * 60,
                    venue->traits & VENUE_NIGHT ? 25 * 60 + 30 : 22 * 60, ret);
}

static void remove_minute(struct slots *slots, int minute)
{
    size_t kept = 0;
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->at[i].minute != minute)
            slots->at[kept++] = slots->at[i];
    }
    slots->count = kept;
}

static void open_slot(const struct change *change, int party, struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        struct slot *slot = &slots->at[i];
        if (slot->minute == change->minute && !strcmp(slot->seating, change->seating)) {
            slot->opened = true;
            slot->fee = change->fee;
            return;
        }
    }
    struct slot *slot = slots_add(slots);
    slot->minute = change->minute;
    bool breakfast = change->minute < 11 * 60;
    slot->service = breakfast ? 5 : change->minute < 16 * 60 ? 3 : 2;
    slot->size_min = 1;
    slot->size_max = MAX_OF(party, 2);
    slot->fee = change->fee;
    slot->opened = true;
    snprintf(slot->seating, sizeof(slot->seating), "%s", change->seating);
}

static void apply_change(const struct change *change, int party, struct slots *slots)
{
    if (change->kind == CHANGE_FULL)
        slots->count = 0;
    else if (change->kind == CHANGE_CLOSE)
        remove_minute(slots, change->minute);
    else
        open_slot(change, party, slots);
}

static void drop_past(const struct city *city, int64_t now_ms, const struct venue *venue,
                      struct date day, struct slots *slots)
{
    const struct zone *zone = city_zone(city, venue);
    size_t kept = 0;
    for (size_t i = 0; i < slots->count; i++) {
        int64_t start = zone_utc_ms(zone, day, slots->at[i].minute);
        int64_t closes = start - (slots->at[i].opened ? 0 : OFF_MINUTES * MINUTE_MS);
        if (closes > now_ms)
            slots->at[kept++] = slots->at[i];
    }
    slots->count = kept;
}

static int slot_order(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;
    if (x->minute != y->minute)
        return x->minute < y->minute ? -1 : 1;
    return strcmp(x->seating, y->seating);
}

void slots_find(const struct city *city, int64_t now_ms, const struct venue *venue, struct date day,
                int party, struct slots *ret)
{
    *ret = (struct slots){0};
    int64_t number = date_days(day);
    int64_t ahead = number - date_days(city_today(city, venue, now_ms));
    if (party < 1 || (venue->max_party && party > venue->max_party) || ahead < -1)
        return;
    bool on_sale = ahead <= venue->lead_days;
    if (on_sale && venue_serves(city, venue, day) && !(venue->traits & VENUE_FULL))
        add_defaults(city, venue, day, party, ret);
    for (size_t i = 0; i < city->change_count; i++) {
        const struct change *change = &city->changes[i];
        if (change->venue_id == venue->id && (change->day == DAY_ANY || change->day == number) &&
            (change->party == PARTY_ANY || change->party == party))
            apply_change(change, party, ret);
    }
    drop_past(city, now_ms, venue, day, ret);
    if (ret->count)
        qsort(ret->at, ret->count, sizeof(*ret->at), slot_order);
}

/* --- templates and tokens ------------------------------------------------------------------ */

#define TEMPLATE_BASE 3000000
#define FEE_BASE      600000000 /* + venue * 1000 + fee: those of `open … fee N` */

int slot_template(const struct venue *venue, const struct slot *slot)
{
    if (slot->fee)
        return FEE_BASE + venue->id * 1000 + slot->fee;
    return TEMPLATE_BASE + venue->id * 8 + slot->service;
}

void template_terms(const struct venue *venue, int template_id, int *fee, int *deposit)
{
    int service = template_id - TEMPLATE_BASE - venue->id * 8;
    *fee = *deposit = 0;
    if (template_id >= FEE_BASE) {
        *fee = template_id - FEE_BASE - venue->id * 1000;
        return;
    }
    if (venue->traits & VENUE_FEE && service == 2)
        *fee = 25;
    if (venue->traits & VENUE_DEPOSIT && service == 2)
        *deposit = 50;
}

void slot_token(struct str *s, const struct venue *venue, const struct slot *slot, struct date day,
                int party)
{
    char service_day[DATE_TEXT], real_day[DATE_TEXT], start[32];
    date_text(day, service_day);
    date_text(date_add(day, slot->minute / 1440), real_day);
    slot_clock(day, slot->minute, start);
    str_addf(s, "rgs://resy/%d/%d/%d/%s/%s/%s/%d/%s", venue->id, slot_template(venue, slot),
             slot->service, service_day, real_day, start + 11, party,
             slot->unnamed ? "" : slot->seating);
}

const char *slot_clock(struct date day, int minute, char out[32])
{
    char date[DATE_TEXT], clock[CLOCK_TEXT];
    date_text(date_add(day, minute / 1440), date);
    clock_text(minute % 1440, clock);
    snprintf(out, 32, "%.10s %.5s:00", date, clock);
    return out;
}
