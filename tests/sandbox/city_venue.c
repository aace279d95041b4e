#include "tests/sandbox/city_inner.h"

static void add_location(struct str *s, const struct venue *venue, bool all)
{
    const struct place *place = venue_place(venue);
    double lat, lng;
    venue_geo(venue, &lat, &lng);
    json_addf(s,
              "`location`:{`address_1`:`%d Sandbox St`,`address_2`:null,`code`:`%s`,"
              "`country`:`%s`,`cross_street_1`:``,`cross_street_2`:``,`id`:%d,"
              "`latitude`:%.14f,`locality`:`%s`,`longitude`:%.14f,",
              venue->id % 400 + 1, place->code, place->country, place->id, lat, place->name, lng);
    if (all)
        json_addf(s, "`url_slug`:`%s`,`country_iso3166`:`%s`,", place->slug, place->country_code);
    if (venue->traits & VENUE_ODD)
        json_addf(s, "`neighborhood`:null,");
    else
        json_addf(s, "`neighborhood`:`%s`,", venue->hood);
    json_addf(s, "`postal_code`:`%05d`,`region`:`%s`},", 10000 + venue->id % 90, place->region);
}

static void add_top(struct str *s, const struct venue *venue)
{
    bool odd = venue->traits & VENUE_ODD;
    json_addf(s,
              "`announcement`:null,`reopen`:{`date`:null},`custom_affiliations`:[],"
              "`collections`:[],`config`:{`allow_bypass_payment_method`:%d,"
              "`allow_multiple_resys`:0,`enable_discovery`:1,`enable_invite`:1,"
              "`enable_resypay`:0,`hospitality_included`:0,`experiences`:false},",
              !venue_asks_card(venue));
    json_addf(s,
              "`contact`:{`phone_number`:%s,`url`:`https://%s.sandbox.example`,`menu_url`:null},"
              "`content`:[",
              odd ? "null" : "\"+12125550100\"", venue->slug);
    json_content(s, venue, true);
    json_addf(s,
              "],`id`:{`foursquare`:%s,`google`:`Sandbox%d`,`resy`:%d,`fb_pixel`:null},"
              "`images`:[",
              odd ? "\"null\"" : "null", venue->id, venue->id);
    json_images(s, venue);
    json_addf(s,
              "],`map_images`:{`222x222`:{`15`:{`FF2500`:`https://maps.sandbox.example/%d`}}},"
              "`responsive_images`:",
              venue->id);
    json_responsive_images(s, venue);
}

static void add_middle(struct str *s, const struct venue *venue)
{
    const struct place *place = venue_place(venue);
    json_addf(s,
              ",`inventory`:{`type`:{`id`:2}},`links`:{"
              "`deep`:`resy://resy.com/VenueDetails?venue_id=%d`,"
              "`web`:`https://resy.com/cities/%s/venues/%s`},"
              "`locale`:{`currency`:`%s`,`time_zone`:`%s`},",
              venue->id, place->slug, venue->slug, place->currency, place->zone);
    add_location(s, venue, true);
    json_addf(s,
              "`custom_affiliation`:{`id`:null},`venue_group`:{`id`:%d,`name`:`%s`,`venues`:[]},"
              "`metadata`:{`description`:`%s is a restaurant of the sandbox.`,"
              "`keywords`:[`book`,`%s`]},`name`:`%s`,`price_range_id`:%d,"
              "`currency_symbol`:`%s`,`rater`:[",
              venue->id + 150000, venue->name, venue->name, venue->hood, venue->name, venue->price,
              place->symbol);
    int total;
    double rating = venue_rating(venue, &total);
    if (!(venue->traits & VENUE_ODD))
        json_addf(s, "{`name`:`Resy`,`scale`:5,`score`:%.5f,`total`:%d}", rating, total);
    json_addf(s,
              "],`resy_select`:0,`is_gdc`:0,`is_global_dining_access`:%s,"
              "`is_global_dining_access_only`:false,`is_resy_credit_eligible`:true,"
              "`gda_concierge_booking`:false,`feature_recaptcha`:%s,`is_rga`:false,"
              "`gdc_perk`:null,`requires_reservation_transfers`:0,`is_gns`:0,",
              venue->id % 7 ? "false" : "true", venue->traits & VENUE_RECAPTCHA ? "true" : "false");
}

static void add_bottom(struct str *s, const struct venue *venue)
{
    json_addf(s,
              "`social`:[{`id`:1,`name`:`facebook`,`value`:`https://social.sandbox.example/%s`}],"
              "`special_announcement`:{},`award`:[],"
              "`ticket`:{`average`:1.0,`average_str`:`$1`},`type`:`%s`,`url_slug`:`%s`,"
              "`favorite`:false,`user_venue_lists`:[],`user_login_preference`:{"
              "`mobile_first`:1},`source`:{`name`:null,`logo`:null,`terms_of_service`:null,"
              "`privacy_policy`:null},`hide_allergy_question`:false,"
              "`hide_occasion_question`:false,`hide_special_request_question`:false,"
              "`tax_included`:false,`transaction_processor`:`stripe`,",
              venue->slug, venue->cuisine, venue->slug);
    json_addf(s, "`safety_categories`:[{`id`:1,`value`:`Spacing`,`order_num`:1,`items`:[]}],"
                 "`safety_info_url`:null,`show_recommendations`:true,`show_algo_recs`:false,");
    if (venue->traits & VENUE_ODD)
        json_addf(s, "`min_party_size`:null,`max_party_size`:null,`large_party_message`:null,");
    else
        json_addf(s,
                  "`min_party_size`:1,`max_party_size`:%d,"
                  "`large_party_message`:`For more than %d, write to us.`,",
                  venue->max_party, venue->max_party);
    json_addf(s, "`is_active`:1,`travel_time`:{`distance`:null}");
}

static const struct venue *venue_asked(const struct ask *ask, struct city_answer *ret)
{
    const char *slug = ask_query(ask, "url_slug"), *id = ask_query(ask, "id");
    const char *where = ask_query(ask, "location"), *where_id = ask_query(ask, "location_id");
    const struct venue *venue = id ? city_venue_by_id(whole_number(id)) : NULL;
    if (!id && !slug) {
        answer_error(ret, 400, "Bad Request", "id", "Missing data for required field.");
        return NULL;
    }
    if (!id && !where && !where_id) {
        answer_error(ret, 400, "Bad Request", "location", "Missing data for required field.");
        return NULL;
    }
    if (!id)
        venue = venue_by_slug(slug);
    const struct place *place = venue ? venue_place(venue) : NULL;
    bool elsewhere = !id && place &&
                     (where ? strcmp(where, place->code) && strcmp(where, place->slug)
                            : whole_number(where_id) != place->id);
    if (!venue || elsewhere) {
        answer_error(ret, 404, "Not Found", NULL, NULL);
        return NULL;
    }
    return venue;
}

void venue_answer(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    (void)city, (void)now_ms;
    const struct venue *venue = venue_asked(ask, ret);
    if (!venue)
        return;
    auto_str body = STR_INIT(BODY_MAX);
    str_addc(&body, '{');
    add_top(&body, venue);
    add_middle(&body, venue);
    add_bottom(&body, venue);
    str_addc(&body, '}');
    answer_json(ret, 200, &body);
}

void config_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    (void)city, (void)now_ms;
    const struct venue *venue = city_venue_by_id(ask_venue_id(ask));
    if (!venue) {
        answer_error(ret, 404, "Not Found", NULL, NULL);
        return;
    }
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body,
              "{`lead_time_in_days`:%d,`venue`:{`name`:`%s`,`min_party_size`:1,"
              "`max_party_size`:%d},`service_types`:[{`id`:2,`name`:`Dinner`}]}",
              venue->lead_days, venue->name, venue->max_party ? venue->max_party : 8);
    answer_json(ret, 200, &body);
}

static void add_place(struct str *s, const struct place *place)
{
    json_addf(s,
              "{`all_cities_header`:0,`blog_url`:null,`code`:`%s`,`content_tier`:1,"
              "`country_code`:`%s`,`country_id`:233,`country_name`:`%s`,`has_rga_venues`:true,"
              "`id`:%d,`latitude`:%.4f,`longitude`:%.4f,`map_center`:{`latitude`:%.6f,"
              "`longitude`:%.6f},`name`:`%s`,`radius`:%d,",
              place->code, place->country_code, place->country, place->id, place->lat, place->lng,
              place->lat, place->lng, place->name, place->radius_miles);
    auto_str shape = STR_INIT(1000);
    json_addf(&shape,
              "{`coordinates`: [[[%.4f, %.4f], [%.4f, %.4f], [%.4f, %.4f], [%.4f, %.4f]]], "
              "`type`: `Polygon`}",
              place->lng - 0.2, place->lat - 0.2, place->lng + 0.2, place->lat - 0.2,
              place->lng + 0.2, place->lat + 0.2, place->lng - 0.2, place->lat - 0.2);
    json_addf(s, "`shape_data`:");
    if (place->id == 1)
        city_json_text(s, shape.buf, true);
    else
        str_add(s, "null");
    json_addf(s,
              ",`show_in_app`:1,`show_in_display`:1,`show_on_web`:1,`time_zone`:`%s`,"
              "`url_slug`:`%s`,`waitlist_max_distance`:%s,`waitlist_travel_mode`:%s,"
              "`metadata`:{`description`:`Tables of the sandbox in %s`,"
              "`keywords`:[`dining`,`%s`],`all_cities`:{`header`:`Restaurants in %s.`,"
              "`tagline`:`None of them is real.`}}}",
              place->zone, place->slug, place->id == 1 ? "1" : "null",
              place->id == 1 ? "\"walking\"" : "null", place->name, place->name, place->name);
}

void places_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    (void)city, (void)now_ms, (void)ask;
    auto_str body = STR_INIT(BODY_MAX);
    str_addc(&body, '[');
    for (size_t i = 0; i < city_place_count; i++) {
        str_add(&body, i ? "," : "");
        add_place(&body, &city_places[i]);
    }
    str_addc(&body, ']');
    answer_json(ret, 200, &body);
}

void json_details_venue(struct str *s, const struct venue *venue)
{
    int total;
    double rating = venue_rating(venue, &total);
    json_addf(s,
              "`venue`:{`config`:{`allow_bypass_payment_method`:%d,`allow_multiple_resys`:0,"
              "`enable_invite`:1,`enable_resypay`:0,`hospitality_included`:0},`content`:[",
              !venue_asks_card(venue));
    json_content(s, venue, true);
    json_addf(s, "],");
    add_location(s, venue, false);
    json_addf(s,
              "`contact`:{`phone_number`:`+12125550100`},`rater`:[{`name`:`Resy`,`scale`:5,"
              "`score`:%.5f,`total`:%d}],`source`:{`name`:null,`logo`:null,"
              "`terms_of_service`:null,`privacy_policy`:null},`tax_included`:false},",
              rating, total);
}
