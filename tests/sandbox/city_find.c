#include "tests/sandbox/city_inner.h"

struct plan { /* one find answer in the making */
    struct city *city;
    const struct venue *venue;
    struct date day;
    int party;
    struct slots slots;
};

/* --- the venue ----------------------------------------------------------------------------- */

static void add_venue_first(struct str *s, const struct plan *plan)
{
    const struct venue *venue = plan->venue;
    bool odd = venue->traits & VENUE_ODD;
    int total;
    double rating = venue_rating(venue, &total);
    json_addf(s,
              "`id`:{`resy`:%d},`venue_group`:{`id`:%d,`name`:`%s`,`venues`:[]},`name`:`%s`,"
              "`type`:`%s`,`url_slug`:`%s`,`price_range`:%d,`average_bill_size`:1.0,"
              "`currency_symbol`:`%s`,`hospitality_included`:0,`resy_select`:0,`is_gdc`:0,",
              venue->id, venue->id + 150000, venue->name, venue->name, venue->cuisine, venue->slug,
              venue->price, venue_place(venue)->symbol);
    json_addf(s,
              "`is_global_dining_access`:%s,`is_global_dining_access_only`:false,"
              "`requires_reservation_transfers`:0,`is_gns`:0,`transaction_processor`:`stripe`,"
              "`hide_allergy_question`:false,`hide_occasion_question`:false,"
              "`hide_special_request_question`:false,`gda_concierge_booking`:false,"
              "`tax_included`:false,`feature_recaptcha`:%s,",
              venue->id % 7 == 0 ? "true" : "false",
              venue->traits & VENUE_RECAPTCHA ? "true" : "false");
    if (odd)
        json_addf(s, "`rating`:null,`total_ratings`:null,");
    else
        json_addf(s, "`rating`:%.5f,`total_ratings`:%d,", rating, total);
    json_addf(s, "`inventory`:{`type`:{`id`:2}},`reopen`:{`date`:%s},",
              odd ? "\"2021-07-07\"" : "null");
}

static void add_venue_place(struct str *s, const struct plan *plan)
{
    const struct venue *venue = plan->venue;
    const struct place *place = venue_place(venue);
    double lat, lng;
    venue_geo(venue, &lat, &lng);
    json_addf(s, "`location`:{`time_zone`:`%s`,`neighborhood`:", place->zone);
    if (venue->traits & VENUE_ODD)
        str_add(s, "null");
    else
        city_json_text(s, venue->hood, true);
    json_addf(s,
              ",`geo`:{`lat`:%.14f,`lon`:%.14f},`code`:`%s`,`name`:`%s`,`url_slug`:`%s`},"
              "`travel_time`:{`distance`:5391.223600821152},"
              "`source`:{`name`:null,`logo`:null,`terms_of_service`:null,`privacy_policy`:null},"
              "`service_types`:{`2`:{},`3`:{}},`top`:false,"
              "`ticket`:{`average`:1.0,`average_str`:`%s1`},"
              "`currency`:{`symbol`:`%s`,`code`:`%s`},`is_rga`:false,`is_rga_only`:false,",
              lat, lng, place->code, place->name, place->slug, place->symbol, place->symbol,
              place->currency);
}

static void add_venue_last(struct str *s, const struct plan *plan)
{
    const struct venue *venue = plan->venue;
    struct slot usual = {.service = 2};
    json_addf(s, "`default_template`:`%d`,`responsive_images`:", slot_template(venue, &usual));
    json_responsive_images(s, venue);
    json_addf(s, ",`notify_options`:[");
    json_notify_options(s, venue, plan->day);
    json_addf(s, "],`favorite`:false,`waitlist`:");
    if (venue->traits & VENUE_ODD)
        str_add(s, "{}");
    else
        json_addf(s, "{`available`:0,`label`:`Join Wait List`,`current`:null}");
    json_addf(s, ",`supports_pickups`:0,`collections`:[],`content`:[");
    json_content(s, venue, false);
    json_addf(s, "],`allow_bypass_payment_method`:%d,`events`:[]", !venue_asks_card(venue));
}

/* --- templates ----------------------------------------------------------------------------- */

static void add_number(struct str *s, const char *name, int number, const char *format_zero)
{
    if (number)
        json_addf(s, "`%s`:%d.0,", name, number);
    else
        json_addf(s, "`%s`:%s,", name, format_zero);
}

static void add_template_terms(struct str *s, const struct plan *plan, int id)
{
    int fee, deposit;
    template_terms(plan->venue, id, &fee, &deposit);
    bool asks = fee || deposit;
    json_addf(s, "`is_paid`:%s,`venue_share`:null,`restriction_id`:null,`payment_structure`:null,",
              asks ? "true" : "false");
    add_number(s, "cancellation_fee", fee, "null");
    json_addf(s,
              "`secs_cancel_cut_off`:%s,`time_cancel_cut_off`:null,`secs_change_cut_off`:%s,"
              "`time_change_cut_off`:null,`large_party_size_cancel`:%s,",
              asks ? "86400" : "null", asks ? "86400" : "null", fee ? "5" : "null");
    add_number(s, "large_party_cancellation_fee", fee * 2, "null");
    json_addf(s,
              "`large_party_secs_cancel_cut_off`:%s,`large_party_time_cancel_cut_off`:null,"
              "`large_party_secs_change_cut_off`:null,`large_party_time_change_cut_off`:null,",
              fee ? "172800" : "null");
    add_number(s, "deposit_fee", deposit, "null");
    json_addf(s, "`service_charge`:null,`service_charge_options`:[],");
}

static void add_template_text(struct str *s, const struct plan *plan, const char *name, bool last)
{
    json_addf(s,
              "`%s`:{`attribution`:null,`body`:`%s seats its guests in %s from early to late. The "
              "kitchen cooks what the sandbox tells it to, and the list is short. Ask for the "
              "corner table; it has the better light.`,`enhanced_body`:null,`title`:null}%s",
              name, plan->venue->name, plan->venue->hood, last ? "" : ",");
}

static void add_template(struct str *s, const struct plan *plan, int id, bool first)
{
    const struct venue *venue = plan->venue;
    json_addf(s, "%s`%d`:{", first ? "" : ",", id);
    add_template_terms(s, plan, id);
    json_addf(s, "`images`:[");
    json_images(s, venue);
    json_addf(s,
              "],`raw_image_names`:[`%016llx`],`image_dimensions`:[[1280,720],[1280,853]],"
              "`is_default`:%d,`is_event`:0,`is_pickup`:0,`pickup_highlight`:0,`venue_id`:%d,"
              "`reservation_config`:{`badge`:null,`type`:``,`secs_off_market`:3600,"
              "`time_off_market`:null},`turn_times`:[",
              (unsigned long long)mix((uint64_t)venue->id, 3), id % 8 == 2, venue->id);
    for (int size = 1; size <= 8; size += 2)
        json_addf(s, "{`secs_amount`:%d,`size`:{`max`:%d,`min`:%d}},", TURN_MINUTES * 60, size + 1,
                  size);
    json_addf(s, "{`secs_amount`:9000,`size`:{`max`:null,`min`:9}}],"
                 "`display_config`:{`color`:{`background`:null,`font`:null}},"
                 "`content`:{`en-us`:{");
    add_template_text(s, plan, "about", false);
    add_template_text(s, plan, "need_to_know", false);
    add_template_text(s, plan, "why_we_like_it", true);
    json_addf(s, "}},`id`:%d,`menu`:{},`name`:`TEMPLATE_%d`,`item_ids`:[],`menu_ids`:[]}", id,
              id % 100);
}

static void add_templates(struct str *s, const struct plan *plan)
{
    int seen[64];
    size_t count = 0;
    struct slot usual = {.service = 2};
    seen[count++] = slot_template(plan->venue, &usual);
    add_template(s, plan, seen[0], true);
    for (size_t i = 0; i < plan->slots.count && count < ARRAY_LEN(seen); i++) {
        int id = slot_template(plan->venue, &plan->slots.at[i]);
        size_t k = 0;
        while (k < count && seen[k] != id)
            k++;
        if (k < count)
            continue;
        seen[count++] = id;
        add_template(s, plan, id, false);
    }
}

/* --- slots --------------------------------------------------------------------------------- */

static void add_slot_first(struct str *s, const struct plan *plan, const struct slot *slot,
                           int extra)
{
    const struct venue *venue = plan->venue;
    const struct zone *zone = city_zone(plan->city, venue);
    char start[32], end[32], day[DATE_TEXT];
    int64_t begins = zone_utc_ms(zone, plan->day, slot->minute) / 1000;
    int64_t on = zone_utc_ms(zone, date_add(plan->day, -venue->lead_days), 0) / 1000;
    auto_str token = STR_INIT(300);
    slot_token(&token, venue, slot, plan->day, plan->party);
    /* Ids move with each call; one id stands for all slots of a seating. */
    uint64_t id = 1000000 + (mix(plan->city->calls, (uint64_t)slot->seating[0]) % 900000);
    json_addf(s,
              "`availability`:{`id`:3},`config`:{`id`:%llu,`custom_config_name`:null,"
              "`token`:`%s`,`type`:",
              (unsigned long long)id + (unsigned)extra, token.buf);
    if (venue->traits & VENUE_ODD)
        str_add(s, "null");
    else
        json_addf(s, "`%s`", venue->id % 5 ? slot->seating : "Dinner ");
    json_addf(s,
              ",`is_visible`:false},`custom_config`:{`object_id`:null,`name`:null},"
              "`date`:{`end`:`%s`,`start`:`%s`},`exclusive`:{`id`:0,`is_eligible`:true},"
              "`is_global_dining_access`:false,`floorplan`:{`id`:%d},`id`:null,"
              "`market`:{`date`:{`off`:%lld,`on`:%lld}},"
              "`meta`:{`size`:{`assumed`:%d},`type`:{`id`:1}},`lock`:null,"
              "`pacing`:{`beyond`:false},`score`:{`total`:100.0},",
              slot_clock(plan->day, slot->minute + TURN_MINUTES, end),
              slot_clock(plan->day, slot->minute, start), venue->id + 20000,
              (long long)begins - (slot->opened ? 0 : 3600), (long long)on, plan->party);
    json_addf(s, "`shift`:{`id`:%d,`service`:{`type`:{`id`:%d}},`day`:`%s`}",
              venue->id * 10 + slot->service, slot->service, date_text(plan->day, day));
}

static void add_slot_last(struct str *s, const struct plan *plan, const struct slot *slot)
{
    int fee, deposit, id = slot_template(plan->venue, slot);
    template_terms(plan->venue, id, &fee, &deposit);
    bool asks = fee || deposit;
    uint64_t h = mix(plan->city->calls, (uint64_t)slot->minute);
    json_addf(s,
              "`size`:{`max`:%d,`min`:%d},`status`:{`id`:1},`table`:{`id`:[%d]},"
              "`template`:{`id`:%d},`time`:{`turn`:{`actual`:%d,`estimated`:%d}},`quantity`:%d,"
              "`display_config`:{`color`:{`background`:null,`font`:null}},"
              "`reservation_config`:{`badge`:null},`gdc_perk`:null,`has_add_ons`:false,",
              slot->size_max, slot->size_min, plan->venue->id * 20 + slot->minute % 20, id,
              TURN_MINUTES * 60, TURN_MINUTES * 60, slot->opened ? 1 : 1 + (int)(h % 45));
    json_addf(s, "`payment`:{`is_paid`:%s,`is_add_on_required`:false,", asks ? "true" : "false");
    add_number(s, "cancellation_fee", fee, "null");
    add_number(s, "deposit_fee", deposit, "null");
    json_addf(s,
              "`service_charge`:null,`venue_share`:null,`payment_structure`:null,"
              "`secs_cancel_cut_off`:%s,`time_cancel_cut_off`:null,`secs_change_cut_off`:%s,"
              "`time_change_cut_off`:null,`service_charge_options`:[]}",
              asks ? "86400" : "null", asks ? "86400" : "null");
}

static void add_slot(struct str *s, const struct plan *plan, const struct slot *slot, int extra)
{
    str_addc(s, '{');
    if (plan->city->calls % 2) {
        add_slot_last(s, plan, slot);
        str_addc(s, ',');
        add_slot_first(s, plan, slot, extra);
    } else {
        add_slot_first(s, plan, slot, extra);
        str_addc(s, ',');
        add_slot_last(s, plan, slot);
    }
    str_addc(s, '}');
}

static void add_slots(struct str *s, const struct plan *plan)
{
    size_t count = plan->slots.count, from = count ? plan->city->calls % count : 0;
    for (size_t i = 0; i < count; i++) {
        str_add(s, i ? "," : "");
        add_slot(s, plan, &plan->slots.at[(from + i) % count], 0);
    }
    if (count && plan->venue->traits & VENUE_SEATINGS) { /* one token under a second id */
        str_addc(s, ',');
        add_slot(s, plan, &plan->slots.at[from], 1);
    }
}

static void add_found(struct str *s, const struct plan *plan)
{
    json_addf(s, "{`venue`:{");
    add_venue_first(s, plan);
    add_venue_place(s, plan);
    add_venue_last(s, plan);
    json_addf(s, "},`templates`:{");
    add_templates(s, plan);
    json_addf(s, "},`slots`:[");
    add_slots(s, plan);
    json_addf(s, "],`gating_errors`:{},`notifies`:[],"
                 "`pickups`:{`slots`:[],`service_types`:{}}}");
}

/* --- the calls ----------------------------------------------------------------------------- */

static bool find_reads(const struct ask *ask, struct date *day, int *party, int *venue_id,
                       struct city_answer *ret)
{
    double lat, lng, number;
    const char *text = ask_text(ask, "day"), *wrong = NULL;
    if (!ask_number(ask, "lat", &lat))
        wrong = "lat";
    else if (!ask_number(ask, "long", &lng))
        wrong = "long";
    else if (!text || strlen(text) != 10 || date_parse(text, day))
        wrong = "day";
    else if (!ask_number(ask, "party_size", &number) || number < 1 || number > 100)
        wrong = "party_size";
    else
        *party = (int)number;
    if (!wrong && (!ask_number(ask, "venue_id", &number) || number < 1 || number > 1e9))
        wrong = "venue_id";
    if (wrong) {
        answer_error(ret, 400, "Bad Request", wrong, "Missing or invalid data for this field.");
        return false;
    }
    *venue_id = (int)number;
    return true;
}

void find_answer(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    struct plan plan = {.city = city};
    int venue_id;
    if (!find_reads(ask, &plan.day, &plan.party, &venue_id, ret))
        return;
    plan.venue = city_venue_by_id(venue_id);
    bool known = plan.venue && !(plan.venue->traits & VENUE_TOCK);
    if (known && ret->fault != FAULT_EMPTY)
        slots_find(city, now_ms, plan.venue, plan.day, plan.party, &plan.slots);
    char date[DATE_TEXT];
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body,
              "{`query`:{`day`:`%s`,`party_size`:%d,`time_filter`:null},`bookmark`:null,"
              "`results`:{`venues`:[",
              date_text(plan.day, date), plan.party);
    if (known && (plan.slots.count || venue_id % 2))
        add_found(&body, &plan);
    json_addf(&body, "],`meta`:{`offset`:1,`limit`:null}},`guest_token`:null,"
                     "`platinum_night`:null}");
    city_slots_free(&plan.slots);
    answer_json(ret, 200, &body);
}

static void add_calendar_day(struct str *s, const struct city *city, int64_t now_ms,
                             const struct venue *venue, struct date day, int party, bool empty)
{
    struct slots slots;
    char date[DATE_TEXT];
    slots_find(city, now_ms, venue, day, party, &slots);
    const char *state = "sold-out";
    if (slots.count && !empty)
        state = "available";
    else if (!venue_serves(city, venue, day))
        state = "not available";
    city_slots_free(&slots);
    json_addf(s,
              "{`date`:`%s`,`inventory`:{`reservation`:`%s`,`event`:`not available`,"
              "`walk-in`:`available`}}",
              date_text(day, date), state);
}

void calendar_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                     struct city_answer *ret)
{
    double party, id;
    struct date first, last;
    const char *from = ask_query(ask, "start_date"), *to = ask_query(ask, "end_date");
    if (!ask_number(ask, "venue_id", &id) || !ask_number(ask, "num_seats", &party) || party < 1 ||
        party > 100 || !from || date_parse(from, &first) || !to || date_parse(to, &last)) {
        answer_error(ret, 400, "Bad Request", "num_seats",
                     "venue_id, num_seats, start_date and end_date are required.");
        return;
    }
    const struct venue *venue = id > 0 && id < 1e9 ? city_venue_by_id((int64_t)id) : NULL;
    if (!venue || venue->traits & VENUE_TOCK) {
        int status = (int64_t)id % 2 ? 502 : 404; /* both were seen */
        answer_error(ret, status, status == 404 ? "Not Found" : "Bad Gateway", NULL, NULL);
        return;
    }
    struct date today = city_today(city, venue, now_ms), day = first;
    bool closed = venue->traits & VENUE_CLOSED;
    struct date end = date_add(today, closed ? -40 : venue->lead_days);
    if (date_compare(day, today) < 0)
        day = today;
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body, "{`scheduled`:[");
    for (bool more = false; date_compare(day, last) <= 0 && date_compare(day, end) <= 0;
         day = date_add(day, 1), more = true) {
        str_add(&body, more ? "," : "");
        add_calendar_day(&body, city, now_ms, venue, day, (int)party, ret->fault == FAULT_EMPTY);
    }
    char text[DATE_TEXT];
    json_addf(&body, "],`last_calendar_day`:`%s`}", date_text(end, text));
    answer_json(ret, 200, &body);
}
