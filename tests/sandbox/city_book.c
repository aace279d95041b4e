/* Details, booking and the guest's list, for the one guest of the sandbox; cancelling knows no
 * policies. */
#include "tests/sandbox/city_inner.h"

#define CARD_ID       4242
#define TOKEN_LIFE_MS (5 * MINUTE_MS)

static const char *utc_text(int64_t ms, char out[40])
{
    int64_t seconds = ms / 1000;
    char date[DATE_TEXT];
    date_text(date_of_days(seconds / 86400), date);
    snprintf(out, 40, "%.10s%s%02d:%02d:%02dZ", date, "T", (int)(seconds % 86400 / 3600),
             (int)(seconds % 3600 / 60), (int)(seconds % 60));
    return out;
}

/* The slot that a config token names, if it is free now. */
static const struct venue *token_slot(const struct city *city, int64_t now_ms, const char *token,
                                      int party, struct date *day, struct slot *ret)
{
    const char *id = strncmp(token, "rgs://resy/", 11) ? "" : token + 11;
    const struct venue *venue = city_venue_by_id(strtol(id, NULL, 10));
    const char *part = strchr(id, '/');
    for (int i = 0; i < 2 && part; i++)
        part = strchr(part + 1, '/');
    if (!venue || !part || date_parse(part + 1, day))
        return NULL;
    struct slots slots;
    bool found = false;
    slots_find(city, now_ms, venue, *day, party, &slots);
    for (size_t i = 0; i < slots.count && !found; i++) {
        auto_str own = STR_INIT(300);
        slot_token(&own, venue, &slots.at[i], *day, party);
        found = !strcmp(own.buf, token);
        *ret = slots.at[i];
    }
    city_slots_free(&slots);
    return found ? venue : NULL;
}

static struct promise *promise_new(struct city *city, int64_t now_ms, const struct venue *venue,
                                   const struct slot *slot, struct date day, int party)
{
    size_t count = ARRAY_LEN(city->promises);
    struct promise *promise = &city->promises[city->promise_next++ % count];
    int deposit;
    *promise = (struct promise){.expires_ms = now_ms + TOKEN_LIFE_MS,
                                .venue_id = venue->id,
                                .party = party,
                                .minute = slot->minute,
                                .day = date_days(day)};
    template_terms(venue, slot_template(venue, slot), &promise->fee, &deposit);
    promise->due = deposit * party;
    snprintf(promise->seating, sizeof(promise->seating), "%s", slot->seating);
    uint64_t h = mix(mix(city->seed, city->promise_next), (uint64_t)now_ms);
    snprintf(promise->value, sizeof(promise->value), "sb|%016llx|%016llx+/=", (unsigned long long)h,
             (unsigned long long)mix(h, 1));
    return promise;
}

static void add_amounts(struct str *s, int party, double each)
{
    double total = each * party;
    json_addf(s,
              "`payment`:{`amounts`:{`items`:[],`reservation_charge`:%.0f,`subtotal`:%.0f,"
              "`add_ons`:0,`quantity`:%d,`resy_fee`:0,`service_fee`:0,`service_charge`:{"
              "`amount`:0,`value`:`0%%`},`tax`:0.0,`total`:%.1f,`surcharge`:0.0,"
              "`price_per_unit`:%.1f},`comp`:false,`config`:{`type`:`%s`},",
              total, total, party, total, each, each > 0 ? "deposit" : "free");
    json_addf(s, "`display`:{`balance`:{`value`:``,`modifier`:``},`buy`:{`action`:`NOW`,"
                 "`after_modifier`:``,`before_modifier`:``,`init`:``,`value`:");
    if (each > 0)
        json_addf(s, "`$%.2f x %d = $%.2f`", each, party, total);
    else
        json_addf(s, "`RESERVE`");
    json_addf(s,
              "},`description`:[]},`options`:[{`amounts`:{`price_per_unit`:%.1f,`resy_fee`:0,"
              "`service_fee`:0,`service_charge`:{`amount`:0,`value`:`0%%`},`tax`:0.0,"
              "`total`:%.1f}}]},",
              each, total);
}

static void add_terms(struct str *s, const struct promise *promise, int64_t start_ms)
{
    char cut[40];
    utc_text(start_ms - DAY_MS, cut);
    json_addf(s, "`cancellation`:{`credit`:{`date_cut_off`:null},`display`:{`policy`:["
                 "`Let us know a day ahead if you cannot come.`]},`fee`:");
    if (promise->fee)
        json_addf(s, "{`amount`:%d.0,`date_cut_off`:`%s`}", promise->fee, cut);
    else
        str_add(s, "null");
    json_addf(s,
              ",`refund`:{`date_cut_off`:`%s`}},`change`:{`date_cut_off`:`%s`},"
              "`config`:{`add_ons`:null,`double_confirmation`:null,`event`:null,"
              "`features`:null,`is_event`:false,`menu_items`:null,"
              "`service_charge_options`:null,`type`:``},",
              cut, cut);
}

static bool details_read(const struct ask *ask, const char **token, int *party,
                         struct city_answer *ret)
{
    double number;
    if (!strcmp(ask->request->method, "POST") && !ask->json) {
        answer_error(ret, 415, "Unsupported Media Type", NULL, NULL);
        return false;
    }
    *token = ask_text(ask, "config_id");
    bool good = *token && ask_text(ask, "day") && ask_number(ask, "party_size", &number) &&
                number >= 1 && number <= 100;
    if (!good)
        answer_error(ret, 400, "Bad Request", "config_id", "Missing data for required field.");
    *party = good ? (int)number : 0;
    return good;
}

void details_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                    struct city_answer *ret)
{
    const char *token;
    int party;
    struct date day;
    struct slot slot;
    if (!ask_has_token(ask, ret) || !details_read(ask, &token, &party, ret))
        return;
    const struct venue *venue = token_slot(city, now_ms, token, party, &day, &slot);
    if (!venue || ret->fault == FAULT_EMPTY) {
        answer_error(ret, 404, "Not Found", NULL, NULL);
        return;
    }
    double commit = 1; /* clients that leave it out get a token as well */
    if (!ask_number(ask, "commit", &commit))
        commit = 1;
    struct promise *promise = promise_new(city, now_ms, venue, &slot, day, party);
    const struct place *place = venue_place(venue);
    char expires[40];
    auto_str body = STR_INIT(BODY_MAX);
    str_addc(&body, '{');
    add_terms(&body, promise, zone_utc_ms(city_zone(city, venue), day, slot.minute));
    json_addf(&body, "`locale`:{`currency`:`%s`,`time_zone`:`%s`},", place->currency, place->zone);
    add_amounts(&body, party, promise->due / party);
    json_addf(&body,
              "`user`:{`payment_methods`:[{`id`:%d,`is_default`:true,`type`:`visa`,"
              "`display`:`0000`}]},",
              CARD_ID);
    json_details_venue(&body, venue);
    json_addf(&body, "`viewers`:{`total`:0}");
    if (commit > 0)
        json_addf(&body, ",`book_token`:{`date_expires`:`%s`,`value`:`%s`}",
                  utc_text(promise->expires_ms, expires), promise->value);
    else
        *promise = (struct promise){0};
    str_addc(&body, '}');
    answer_json(ret, 200, &body);
}

/* --- booking ------------------------------------------------------------------------------- */

static int64_t start_of(const struct city *city, const struct promise *what)
{
    return zone_utc_ms(city_zone(city, city_venue_by_id(what->venue_id)), date_of_days(what->day),
                       what->minute);
}

static const struct booking *conflict_of(const struct city *city, const struct promise *what)
{
    for (size_t i = 0; i < city->booking_count; i++) {
        const struct booking *booking = &city->bookings[i];
        int64_t apart = start_of(city, &booking->what) - start_of(city, what);
        bool overlaps = llabs(apart) < TURN_MINUTES * MINUTE_MS;
        bool same_house = booking->what.venue_id == what->venue_id &&
                          booking->what.day == what->day;
        if (!booking->cancelled && (overlaps || same_house))
            return booking;
    }
    return NULL;
}

static void answer_conflict(const struct booking *booking, struct city_answer *ret)
{
    char day[DATE_TEXT], start[32];
    struct date date = date_of_days(booking->what.day);
    const struct venue *venue = city_venue_by_id(booking->what.venue_id);
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body,
              "{`status`:412,`message`:`You already have a reservation around this time.`,"
              "`specs`:{`day`:`%s`,`time_slot`:`%s`},`venue`:{`id`:%d,`name`:`%s`}}",
              date_text(date, day), slot_clock(date, booking->what.minute, start) + 11, venue->id,
              venue->name);
    answer_json(ret, 412, &body);
}

static struct promise *promise_of(struct city *city, int64_t now_ms, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(city->promises); i++) {
        struct promise *promise = &city->promises[i];
        if (*promise->value && !strcmp(promise->value, value) && promise->expires_ms > now_ms)
            return promise;
    }
    return NULL;
}

static bool still_free(const struct city *city, int64_t now_ms, const struct promise *what)
{
    struct slots slots;
    bool found = false;
    slots_find(city, now_ms, city_venue_by_id(what->venue_id), date_of_days(what->day), what->party,
               &slots);
    for (size_t i = 0; i < slots.count; i++)
        found = found ||
                (slots.at[i].minute == what->minute && !strcmp(slots.at[i].seating, what->seating));
    city_slots_free(&slots);
    return found;
}

static bool card_given(const struct ask *ask)
{
    const char *text = ask_form(ask, "struct_payment_method");
    cJSON *json = text ? cJSON_Parse(text) : NULL;
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    bool given = cJSON_IsNumber(id) && id->valueint == CARD_ID;
    cJSON_Delete(json);
    return given;
}

void book_answer(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    if (!ask_has_token(ask, ret))
        return;
    const char *value = ask_form(ask, "book_token");
    if (!value) {
        answer_error(ret, 400, "Bad Request", "book_token", "Missing data for required field.");
        return;
    }
    struct promise *promise = promise_of(city, now_ms, value);
    if (!promise || !still_free(city, now_ms, promise)) {
        answer_error(ret, 404, "Not Found", NULL, NULL);
        return;
    }
    const struct booking *conflict = conflict_of(city, promise);
    if (conflict) {
        answer_conflict(conflict, ret);
        return;
    }
    if (venue_asks_card(city_venue_by_id(promise->venue_id)) && !card_given(ask)) {
        answer_error(ret, 402, "Payment Required", NULL, NULL);
        return;
    }
    city->bookings = mem_grow(city->bookings, &city->booking_cap, city->booking_count + 1,
                              sizeof(*city->bookings));
    struct booking *booking = &city->bookings[city->booking_count++];
    *booking = (struct booking){.id = 930000000 + (int64_t)city->booking_count, .what = *promise};
    *promise = (struct promise){0};
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body, "{`resy_token`:`sb-%lld-%016llx`,`reservation_id`:%lld,`venue_opt_in`:false}",
              (long long)booking->id, (unsigned long long)mix(city->seed, city->calls),
              (long long)booking->id);
    answer_json(ret, 201, &body);
}

/* --- the guest's list ---------------------------------------------------------------------- */

static void add_booking(struct str *s, const struct city *city, const struct booking *booking)
{
    const struct promise *what = &booking->what;
    char day[DATE_TEXT], start[32];
    struct date date = date_of_days(what->day);
    json_addf(s,
              "{`resy_token`:`sb-%lld-%016llx`,`reservation_id`:%lld,`day`:`%s`,"
              "`time_slot`:`%s`,`num_seats`:%d,`venue`:{`id`:%d,`currency`:`%s`},"
              "`config`:{`type`:`%s`},`occasion`:null,`special_request`:null,"
              "`cancellation`:{`allowed`:true,`date_refund_cut_off`:null,"
              "`date_credit_cut_off`:null,`fee`:null},`cancellation_policy`:[],"
              "`status`:{`finished`:0,`no_show`:0},`party`:[{`first_name`:`Sandy`,"
              "`last_name`:`Box`,`user`:{`em_address`:`sandy@sandbox.example`}}],"
              "`share`:{`link`:`https://sandbox.example/r/%lld`},`payment`:{`invoice`:{"
              "`subtotal`:%.0f,`tax`:0,`service_fee`:0,`resy_fee`:0,`total`:%.0f}}}",
              (long long)booking->id, (unsigned long long)mix(city->seed, city->calls),
              (long long)booking->id, date_text(date, day),
              slot_clock(date, what->minute, start) + 11, what->party, what->venue_id,
              venue_place(city_venue_by_id(what->venue_id))->currency, what->seating,
              (long long)booking->id, what->due, what->due);
}

static bool listed(const struct city *city, int64_t now_ms, const struct booking *booking,
                   const char *type)
{
    bool past = start_of(city, &booking->what) < now_ms;
    if (!type) /* the whole history */
        return true;
    return !booking->cancelled && past == !strcmp(type, "past");
}

void reservations_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                         struct city_answer *ret)
{
    if (!ask_has_token(ask, ret))
        return;
    const char *type = ask_query(ask, "type");
    auto_str body = STR_INIT(BODY_MAX), names = STR_INIT(BODY_MAX);
    int shown = 0;
    json_addf(&body, "{`reservations`:[");
    for (size_t i = 0; i < city->booking_count; i++) {
        const struct booking *booking = &city->bookings[i];
        if (!listed(city, now_ms, booking, type))
            continue;
        str_add(&body, shown ? "," : "");
        add_booking(&body, city, booking);
        bool named = false;
        for (size_t k = 0; k < i; k++)
            named = named || (city->bookings[k].what.venue_id == booking->what.venue_id &&
                              listed(city, now_ms, &city->bookings[k], type));
        if (!named)
            json_addf(&names, "%s`%d`:{`name`:`%s`}", shown ? "," : "", booking->what.venue_id,
                      city_venue_by_id(booking->what.venue_id)->name);
        shown++;
    }
    json_addf(&body, "],`venues`:{%s},`metadata`:{`total`:%d,`offset`:1,`limit`:50}}", names.buf,
              shown);
    answer_json(ret, 200, &body);
}

void cancel_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    (void)now_ms;
    if (!ask_has_token(ask, ret))
        return;
    const char *token = ask_form(ask, "resy_token");
    int64_t id = token && !strncmp(token, "sb-", 3) ? strtol(token + 3, NULL, 10) : 0;
    for (size_t i = 0; i < city->booking_count; i++) {
        if (city->bookings[i].id != id || city->bookings[i].cancelled)
            continue;
        city->bookings[i].cancelled = true;
        auto_str body = STR_INIT(BODY_MAX);
        json_addf(&body, "{`payment`:{`transaction`:{`refund`:%d}}}",
                  city->bookings[i].what.due > 0);
        answer_json(ret, 200, &body);
        return;
    }
    answer_error(ret, token ? 404 : 400, token ? "Not Found" : "Bad Request", NULL, NULL);
}

void user_answer(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    (void)now_ms;
    if (!ask_has_token(ask, ret))
        return;
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body,
              "{`id`:111,`first_name`:`Sandy`,`last_name`:`Box`,"
              "`em_address`:`sandy@sandbox.example`,`mobile_number`:`+12125550100`,"
              "`num_bookings`:%zu,`date_created`:1600000000,`resy_select`:0,"
              "`profile_image_url`:null,`guest_id`:222,`payment_method_id`:%d,"
              "`payment_methods`:[{`id`:%d,`type`:`visa`,`display`:`0000`,`exp_month`:1,"
              "`exp_year`:2040,`is_default`:true}],`is_global_dining_access`:false,"
              "`is_platinum_night_eligible`:false,`is_rga`:false,`feature_flags`:{}}",
              city->booking_count, CARD_ID, CARD_ID);
    answer_json(ret, 200, &body);
}
