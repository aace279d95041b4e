/* How a search shows what it found. */
#include "tests/sandbox/city_inner.h"
#include "tests/sandbox/city_search.h"

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void add_marked(struct str *s, const char *name, const char *value)
{
    json_addf(s, "`%s`:{`value`:", name);
    city_json_text(s, value, true);
    json_addf(s, ",`matchLevel`:`none`,`matchedWords`:[]}");
}

static void add_highlights(struct str *s, const struct venue *venue)
{
    const struct place *place = venue_place(venue);
    json_addf(s, "`_highlightResult`:{");
    add_marked(s, "locality", place->name);
    str_addc(s, ',');
    add_marked(s, "neighborhood", venue->hood);
    json_addf(s, ",`cuisine`:[{`value`:`%s`,`matchLevel`:`none`,`matchedWords`:[]}],",
              venue->cuisine);
    add_marked(s, "name", venue->name);
    json_addf(s, ",`location`:{");
    add_marked(s, "name", place->name);
    str_add(s, "}}");
}

static void add_hit_names(struct str *s, const struct hit *hit)
{
    const struct venue *venue = hit->venue;
    const struct place *place = venue_place(venue);
    bool tock = venue->traits & VENUE_TOCK, odd = venue->traits & VENUE_ODD;
    int count;
    double rating = venue_rating(venue, &count);
    json_addf(s, "`id`:{`resy`:%d},`name`:", venue->id);
    city_json_text(s, venue->name, true);
    json_addf(s, ",`url_slug`:`%s`,`neighborhood`:", venue->slug);
    if (odd)
        str_add(s, venue->id % 2 ? "null" : "\"\"");
    else
        city_json_text(s, venue->hood, true);
    json_addf(s,
              ",`location`:{`code`:`%s`,`id`:%d,`name`:`%s`,`url_slug`:`%s`},`locality`:`%s`,"
              "`region`:`%s`,`country`:`%s`,",
              place->code, tock ? 0 : place->id, place->name, place->slug, place->name,
              place->region, venue->id % 4 ? place->country : place->country_code);
    const char *mark = *venue->cuisine ? "`" : "";
    json_addf(s, "`cuisine`:[%s%s%s],", mark, venue->cuisine, mark);
    if (odd)
        json_addf(s, "`rating`:null,`max_party_size`:null,`contact`:{`phone_number`:null},");
    else
        json_addf(s,
                  "`rating`:{`average`:%.5f,`count`:%d},`max_party_size`:%d,"
                  "`contact`:{`phone_number`:`%s`},",
                  rating, tock ? 0 : count, venue->max_party, venue->id % 3 ? "+12125550100" : "");
    json_addf(s, "`reopen`:{`date`:%s},", venue->id % 6 ? "null" : "\"2021-07-07\"");
}

static void add_hit_flags(struct str *s, const struct hit *hit)
{
    const struct venue *venue = hit->venue;
    const struct place *place = venue_place(venue);
    bool tock = venue->traits & VENUE_TOCK;
    bool global = venue_on_list(venue, "global-dining-access");
    json_addf(s,
              "`inventory_type_id`:%d,`price_range_id`:%d,`global_dining_access`:%d,"
              "`currency_code`:`%s`,`currency_symbol`:`%s`,`requires_reservation_transfers`:0,"
              "`is_gdc`:0,`is_rga`:0,`is_gns`:0,`is_global_dining_access`:%s,",
              tock ? 0 : 2, venue->price, global, place->currency, place->symbol, truth(global));
    json_addf(s,
              "`gda_concierge_booking`:false,`is_tock_inventory`:%s,`feature_recaptcha`:%s,"
              "`favorite`:%s,",
              truth(tock), truth(venue->traits & VENUE_RECAPTCHA), tock ? "null" : "false");
    if (tock)
        json_addf(s, "`waitlist`:{},");
    else
        json_addf(s, "`waitlist`:{`available`:0,`label`:`Join Wait List`,`current`:null},");
}

static void add_hit_rest(struct str *s, const struct hit *hit)
{
    const struct venue *venue = hit->venue;
    double lat, lng;
    venue_geo(venue, &lat, &lng);
    json_addf(s, "`images`:[");
    json_images(s, venue);
    json_addf(s, "],`source`:{`privacy_policy`:null,`name`:null,`logo`:null,"
                 "`terms_of_service`:null},`collections`:[");
    for (size_t i = 0, written = 0; i < city_list_count; i++) {
        const struct list *list = &city_lists[i];
        if (!venue_on_list(venue, list->slug))
            continue;
        json_addf(s,
                  "%s{`name`:`%s`,`collection_slug`:`%s`,"
                  "`image`:`https://image.sandbox.example/lists/%s.svg`,`id`:`%d`,"
                  "`file_name`:`%s`,`type_id`:%d,`short_name`:`%s`}",
                  written++ ? "," : "", list->name, list->slug, list->file, list->id, list->file,
                  list->type, list->name);
    }
    json_addf(s, "],");
    if (venue->id % 4)
        json_addf(s, "`collection`:[`4`,`891`],");
    if (hit->miles >= 0)
        json_addf(s, "`travel_time`:{`distance`:%.16g},", hit->miles);
    json_addf(s, "`content`:[");
    json_content(s, venue, false);
    json_addf(s, "],`_geoloc`:{`lat`:%.14f,`lng`:%.14f},", lat, lng);
    if (venue->traits & VENUE_TOCK)
        json_addf(s,
                  "`tock_business_page_url`:`https://tock.sandbox.example/%s/?origin=resy`,"
                  "`tock_business_search_url`:`https://tock.sandbox.example/%s/search`,",
                  venue->slug, venue->slug);
    add_highlights(s, venue);
}

/* --- the slots in a hit -------------------------------------------------------------------- */

static void add_short_template(struct str *s, const struct venue *venue, int id, bool first)
{
    int fee, deposit;
    template_terms(venue, id, &fee, &deposit);
    bool asks = fee || deposit;
    json_addf(s, "%s`%d`:{`id`:%d,`name`:`%d`,`venue_id`:%d,`is_default`:%d,`is_paid`:%s,",
              first ? "" : ",", id, id, id, venue->id, id % 8 == 2, truth(asks));
    if (fee)
        json_addf(s,
                  "`cancellation_fee`:%d.0,`large_party_cancellation_fee`:%d.0,"
                  "`large_party_size_cancel`:5,",
                  fee, fee * 2);
    else
        json_addf(s, "`cancellation_fee`:null,`large_party_cancellation_fee`:null,"
                     "`large_party_size_cancel`:null,");
    if (deposit)
        json_addf(s, "`deposit_fee`:%d.0,", deposit);
    else
        json_addf(s, "`deposit_fee`:null,");
    json_addf(s,
              "`payment_structure`:null,`secs_cancel_cut_off`:%s,`reservation_config`:{"
              "`time_off_market`:null,`type`:``,`badge`:null,`secs_off_market`:3600}}",
              asks ? "86400" : "null");
}

/* Resy's own and Tock's, which has null wherever a token would be made from. */
static void add_short_slot(struct str *s, const struct city *city, const struct wish *wish,
                           const struct venue *venue, const struct slot *slot)
{
    bool tock = venue->traits & VENUE_TOCK;
    char start[32], end[32], day[DATE_TEXT];
    auto_str token = STR_INIT(300);
    slot_token(&token, venue, slot, wish->day, wish->party);
    json_addf(s, "{`is_global_dining_access`:false,`reservation_config`:{`badge`:null},");
    if (tock)
        json_addf(s,
                  "`shift`:{`id`:null,`service`:{`type`:{`id`:null}},`day`:`%s`},"
                  "`config`:{`type`:null,`token`:null,`id`:null,`table_config_id`:null},"
                  "`tock_booking_url`:null,",
                  date_text(wish->day, day));
    else
        json_addf(s,
                  "`shift`:{`id`:%d,`service`:{`type`:{`id`:%d}},`day`:`%s`},"
                  "`config`:{`type`:`%s`,`token`:`%s`,`id`:%d},",
                  venue->id * 10 + slot->service, slot->service, date_text(wish->day, day),
                  venue->id % 5 ? slot->seating : "Dinner ", token.buf,
                  1000000 + (int)(mix(city->calls, (uint64_t)slot->seating[0]) % 900000));
    json_addf(s,
              "`has_add_ons`:false,`display_config`:{`color`:{`font`:%s,`background`:%s}},"
              "`exclusive`:{`is_eligible`:%s,`id`:0},`template`:{`id`:%d},"
              "`date`:{`end`:`%s`,`start`:`%s`}}",
              tock ? "\"#FFFFFF\"" : "null", tock ? "\"#1A1A1A\"" : "null", truth(!tock),
              tock ? 0 : slot_template(venue, slot),
              slot_clock(wish->day, slot->minute + TURN_MINUTES, end),
              slot_clock(wish->day, slot->minute, start));
}

static void add_tock_experiences(struct str *s, const struct city *city, const struct wish *wish,
                                 const struct hit *hit)
{
    char day[DATE_TEXT];
    date_text(wish->day, day);
    json_addf(s,
              ",`tock_notify_url`:`https://tock.sandbox.example/%s/waitlist?date=%s`,"
              "`experiences`:[{`images`:[`https://image.sandbox.example/tock/1.jpg`],"
              "`experience_type_display`:``,`name`:`Counter, Nineteen Courses`,"
              "`hide_experience_chip`:false,`id`:`444001`,"
              "`tock_notify_url`:`https://tock.sandbox.example/%s/waitlist?experience=444001`,"
              "`price_type_display`:`Prepaid`,`event_time_display`:null,`slots`:[",
              hit->venue->slug, day, hit->venue->slug);
    for (size_t i = 0; i < hit->slots.count; i++) {
        str_add(s, i ? "," : "");
        add_short_slot(s, city, wish, hit->venue, &hit->slots.at[i]);
    }
    str_add(s, "]}]");
}

static void add_availability(struct str *s, const struct city *city, const struct wish *wish,
                             const struct hit *hit)
{
    const struct venue *venue = hit->venue;
    size_t count = hit->slots.count, shown = MIN_OF(count, 3);
    size_t from = count ? city->calls % count : 0;
    bool tock = venue->traits & VENUE_TOCK;
    int seen[3];
    size_t kinds = 0;
    json_addf(s, "`availability`:{`status`:null,`notifies`:[],`events`:[],`templates`:{");
    for (size_t i = 0; i < shown && !tock; i++) {
        int id = slot_template(venue, &hit->slots.at[(from + i) % count]);
        size_t k = 0;
        while (k < kinds && seen[k] != id)
            k++;
        if (k < kinds)
            continue;
        add_short_template(s, venue, id, !kinds);
        seen[kinds++] = id;
    }
    json_addf(s, "},`notify_options`:[");
    if (!tock)
        json_notify_options(s, venue, wish->day);
    json_addf(s, "],`slots`:[");
    for (size_t i = 0; i < shown; i++) {
        str_add(s, i ? "," : "");
        add_short_slot(s, city, wish, venue, &hit->slots.at[(from + i) % count]);
    }
    json_addf(s, "],`service_types`:{`2`:{},`3`:{}},`gating_errors`:{}");
    if (tock)
        add_tock_experiences(s, city, wish, hit);
    str_add(s, "},");
}

void json_hit(struct str *s, const struct city *city, const struct wish *wish,
              const struct hit *hit)
{
    str_addc(s, '{');
    if (city->calls % 2)
        add_hit_flags(s, hit);
    if (wish->availability && wish->slots)
        add_availability(s, city, wish, hit);
    else if (hit->venue->id % 2)
        json_addf(s, "`availability`:null,"); /* or absent: both were seen */
    add_hit_names(s, hit);
    if (city->calls % 2 == 0)
        add_hit_flags(s, hit);
    add_hit_rest(s, hit);
    str_addc(s, '}');
}
