#include "tests/sandbox/city_inner.h"

/* All names are invented; districts are where they really are. */

const struct place city_places[] = {
    {1, "ny", "New York", "new-york-ny", "EST5EDT", 40.7128, -74.006, 10, "NY", "United States",
     "US", "USD", "$"},
    {2, "la", "Los Angeles", "los-angeles-ca", "PST8PDT", 34.0522, -118.2437, 19, "CA",
     "United States", "US", "USD", "$"},
    {5, "dc", "Washington D.C.", "washington-dc", "EST5EDT", 38.9072, -77.0369, 12, "DC",
     "United States", "US", "USD", "$"},
    {77, "mad", "Madrid", "madrid-es", "Europe/Madrid", 40.4168, -3.7038, 8, "MD", "Spain", "ES",
     "EUR", "€"},
};

const size_t city_place_count = ARRAY_LEN(city_places);

static const struct hood hoods[] = {
    {"Tribeca", "ny", 40.7163, -74.0086},
    {"SoHo", "ny", 40.7233, -74.0030},
    {"East Village", "ny", 40.7265, -73.9815},
    {"West Village", "ny", 40.7358, -74.0036},
    {"Lower East Side", "ny", 40.7150, -73.9843},
    {"Williamsburg", "ny", 40.7081, -73.9571},
    {"Astoria", "ny", 40.7644, -73.9235},
    {"Greenpoint", "ny", 40.7305, -73.9515},
    {"Red Hook", "ny", 40.6734, -74.0083},
    {"Chelsea", "ny", 40.7465, -74.0014},
    {"Harlem", "ny", 40.8116, -73.9465},
    {"Upper West Side", "ny", 40.7870, -73.9754},
    {"Park Slope", "ny", 40.6710, -73.9814},
    {"Silver Lake", "la", 34.0869, -118.2702},
    {"Venice", "la", 33.9850, -118.4695},
    {"Koreatown", "la", 34.0618, -118.3006},
    {"Shaw", "dc", 38.9121, -77.0219},
    {"Dupont Circle", "dc", 38.9096, -77.0434},
    {"Georgetown", "dc", 38.9097, -77.0654},
    {"Malasaña", "mad", 40.4270, -3.7046},
};

const struct venue city_venues[] = {
    {70101, "Sorrel & Ash", "sorrel-and-ash", "East Village", "New American", 3, 30, 6, VENUE_FULL},
    {70115, "Marrow Street Kitchen", "marrow-street-kitchen", "West Village", "American", 2, 30, 8,
     VENUE_ALWAYS | VENUE_LUNCH},
    {70129, "Lark", "lark", "Lower East Side", "French", 3, 30, 6, VENUE_FULL},
    {70140, "Lumen", "lumen", "SoHo", "Italian", 3, 21, 6, 0},
    {70154, "Lumen Bar & Restaurant", "lumen-bar-and-restaurant", "SoHo", "Italian", 2, 14, 8,
     VENUE_LUNCH},
    {70168, "Lumen Counter", "lumen-counter", "Tribeca", "Japanese", 4, 14, 4, VENUE_FEE},
    {70179, "Café Orlé", "cafe-orle", "Greenpoint", "Café", 1, 30, 6,
     VENUE_BREAKFAST | VENUE_LUNCH},
    {70193, "Café Orla", "cafe-orla", "Park Slope", "Café", 1, 14, 6, VENUE_BREAKFAST},
    {70207, "O'Tansey's Pantry", "otanseys-pantry", "Astoria", "Irish", 2, 30, 10, VENUE_LUNCH},
    {70218, "Nan’s Fourth Oven", "nans-fourth-oven", "Harlem", "Bakery", 1, 14, 6, VENUE_BREAKFAST},
    {70232, "Pärla & Pine", "parla-and-pine", "Williamsburg", "Scandinavian", 3, 21, 6, VENUE_FEE},
    {70246, "The Gilded Turnip", "the-gilded-turnip", "Chelsea", "Vegetarian", 2, 30, 8, 0},
    {70257, "Gilded Turnip Tavern", "gilded-turnip-tavern", "Chelsea", "Pub", 2, 30, 12,
     VENUE_LUNCH},
    {70271, "Harrow Finch", "harrow-finch", "Tribeca", "British", 3, 30, 6, VENUE_SEATINGS},
    {70285, "Nineteen Embers", "nineteen-embers", "Lower East Side", "Sushi", 4, 30, 4, VENUE_TOCK},
    {70296, "Vesper Quill", "vesper-quill", "West Village", "Cocktail Bar", 3, 14, 6,
     VENUE_RECAPTCHA},
    {70310, "Four Stools", "four-stools", "East Village", "Sushi", 4, 14, 4, VENUE_DEPOSIT},
    {70324, "Copper Lantern Chop Room", "copper-lantern-chop-room", "Tribeca", "Steakhouse", 4, 30,
     8, VENUE_FEE | VENUE_LUNCH},
    {70335, "Tidewrack Omakase", "tidewrack-omakase", "SoHo", "Japanese", 4, 14, 6, VENUE_DEPOSIT},
    {70349, "Midnight Anchovy", "midnight-anchovy", "Lower East Side", "Tapas", 2, 21, 6,
     VENUE_NIGHT},
    {70363, "Trellis & Bone", "trellis-and-bone", "Williamsburg", "Mediterranean", 3, 30, 8,
     VENUE_SEATINGS | VENUE_LUNCH},
    {70374, "Untitled Soup Project", "untitled-soup-project", "Red Hook", "", 1, 14, 0, VENUE_ODD},
    {70388, "The Ivory Paddock", "the-ivory-paddock", "Upper West Side", "Steakhouse", 4, 30, 6,
     VENUE_CLOSED},
    {70402, "Hollow Crane", "hollow-crane", "Greenpoint", "Korean", 2, 30, 6, 0},
    {70413, "Saltmarsh Radio", "saltmarsh-radio", "Red Hook", "Seafood", 2, 30, 8, VENUE_SEATINGS},
    {70427, "Quince Almanac", "quince-almanac", "Park Slope", "New American", 3, 21, 6, 0},
    {70441, "Brass Heron", "brass-heron", "Chelsea", "French", 3, 14, 6, VENUE_FEE},
    {70452, "Juniper Wharf", "juniper-wharf", "Williamsburg", "Seafood", 2, 30, 8, VENUE_LUNCH},
    {70466, "Bitter Almond Social", "bitter-almond-social", "East Village", "Italian", 2, 30, 10,
     0},
    {70480, "Pigeon Hour", "pigeon-hour", "Upper West Side", "Thai", 1, 14, 6, VENUE_LUNCH},
    {70491, "Ox and Apricot", "ox-and-apricot", "Harlem", "Georgian", 2, 30, 8, 0},
    {70505, "Thimble", "thimble", "West Village", "Wine Bar", 2, 14, 4, VENUE_NIGHT},
    {70519, "Señor Farol", "senor-farol", "Astoria", "Mexican", 1, 30, 8, VENUE_LUNCH},
    {70530, "Dovetail Ferry", "dovetail-ferry", "Astoria", "Greek", 2, 21, 8, 0},
    {70544, "Mossback Tavern", "mossback-tavern", "Astoria", "American", 2, 30, 10, VENUE_SEATINGS},
    {70558, "Ninth Lamp Noodles", "ninth-lamp-noodles", "Lower East Side", "Chinese", 1, 14, 6,
     VENUE_LUNCH},
    {70569, "Velvet Radish", "velvet-radish", "SoHo", "Vegan", 2, 30, 6, 0},
    {70583, "Kestrel Oyster Hall", "kestrel-oyster-hall", "Red Hook", "Seafood", 3, 30, 8,
     VENUE_FEE},
    {70597, "Paper Mulberry", "paper-mulberry", "Tribeca", "Japanese", 4, 21, 6,
     VENUE_RECAPTCHA | VENUE_FEE},
    {70608, "Smoke Ledger", "smoke-ledger", "Harlem", "Barbecue", 2, 14, 12, VENUE_LUNCH},
    {70622, "Blue Hour Canteen", "blue-hour-canteen", "Park Slope", "Indian", 2, 30, 8, 0},
    {70636, "Clementine Vault", "clementine-vault", "Chelsea", "Spanish", 3, 30, 6, VENUE_SEATINGS},
    {70647, "Rook & Rosemary", "rook-and-rosemary", "Upper West Side", "British", 2, 30, 8,
     VENUE_LUNCH},
    {70661, "Amber Loom", "amber-loom", "Greenpoint", "Polish", 2, 14, 6, 0},
    {70675, "Harrow Finch", "harrow-finch-la", "Silver Lake", "British", 3, 30, 6, 0},
    {70686, "Saffron Tannery", "saffron-tannery", "Venice", "Persian", 3, 21, 8, VENUE_LUNCH},
    {70700, "Low Tide Bakery", "low-tide-bakery", "Venice", "Bakery", 1, 14, 6, VENUE_BREAKFAST},
    {70714, "Coyote Lantern", "coyote-lantern", "Silver Lake", "Mexican", 2, 30, 8, VENUE_NIGHT},
    {70725, "Nightjar Banchan", "nightjar-banchan", "Koreatown", "Korean", 2, 30, 10, 0},
    {70739, "Cinder Palm", "cinder-palm", "Koreatown", "Barbecue", 3, 14, 6, VENUE_FEE},
    {70753, "Lumen", "lumen-venice", "Venice", "Californian", 3, 30, 6, VENUE_SEATINGS},
    {70764, "Red Hook", "red-hook-dc", "Shaw", "Seafood", 2, 30, 8, 0},
    {70778, "Senate Sparrow", "senate-sparrow", "Dupont Circle", "American", 3, 30, 8, VENUE_LUNCH},
    {70792, "Thistle Embassy", "thistle-embassy", "Georgetown", "Scottish", 3, 21, 6, VENUE_FEE},
    {70803, "Marble Okra", "marble-okra", "Shaw", "Southern", 2, 14, 8, 0},
    {70817, "Quiet Filibuster", "quiet-filibuster", "Dupont Circle", "Wine Bar", 2, 30, 6,
     VENUE_SEATINGS},
    {70831, "Potomac Plum", "potomac-plum", "Georgetown", "Chinese", 2, 30, 8, VENUE_LUNCH},
    {70842, "Casa Añil", "casa-anil", "Malasaña", "Spanish", 3, 30, 6, VENUE_NIGHT | VENUE_LUNCH},
    {70856, "Wren Parlour", "wren-parlour", "Chelsea", "Cocktail Bar", 3, 14, 6, VENUE_NIGHT},
    {70870, "Ember & Oat", "ember-and-oat", "Williamsburg", "Breakfast", 1, 14, 6, VENUE_BREAKFAST},
};

const size_t city_venue_count = ARRAY_LEN(city_venues);

const struct venue *city_venue_by_id(int64_t id)
{
    for (size_t i = 0; i < city_venue_count; i++) {
        if (city_venues[i].id == id)
            return &city_venues[i];
    }
    return NULL;
}

const struct venue *venue_by_slug(const char *slug)
{
    for (size_t i = 0; i < city_venue_count; i++) {
        if (!strcmp(city_venues[i].slug, slug))
            return &city_venues[i];
    }
    return NULL;
}

const struct list city_lists[] = {
    {14, 10, "Global Dining Access", "global-dining-access", "rga", NULL, 7},
    {891, 2, "Staff Picks in New York", "staff-picks-in-new-york", "staff-picks", "ny", 3},
};
const size_t city_list_count = ARRAY_LEN(city_lists);

bool venue_on_list(const struct venue *venue, const char *slug)
{
    for (size_t i = 0; i < city_list_count; i++) {
        const struct list *list = &city_lists[i];
        if (!strcmp(list->slug, slug))
            return venue->id % list->every == 0 &&
                   (!list->code || !strcmp(list->code, venue_place(venue)->code));
    }
    return false;
}

static const struct hood *venue_hood(const struct venue *venue)
{
    for (size_t i = 0; i < ARRAY_LEN(hoods); i++) {
        if (!strcmp(hoods[i].name, venue->hood))
            return &hoods[i];
    }
    return &hoods[0];
}

const struct place *venue_place(const struct venue *venue)
{
    const struct hood *hood = venue_hood(venue);
    for (size_t i = 0; i < city_place_count; i++) {
        if (!strcmp(city_places[i].code, hood->place))
            return &city_places[i];
    }
    return &city_places[0];
}

/* Within a few hundred metres of the district's middle, always the same. */
void venue_geo(const struct venue *venue, double *lat, double *lng)
{
    const struct hood *hood = venue_hood(venue);
    uint64_t h = mix((uint64_t)venue->id, 11);
    *lat = hood->lat + ((double)(h % 1000) - 500) / 150000.0;
    *lng = hood->lng + ((double)(h / 1000 % 1000) - 500) / 150000.0;
}

bool venue_asks_card(const struct venue *venue)
{
    return venue->traits & (VENUE_FEE | VENUE_DEPOSIT);
}

double venue_rating(const struct venue *venue, int *count)
{
    uint64_t h = mix((uint64_t)venue->id, 12);
    *count = 20 + (int)(h % 4000);
    return 3.9 + (double)(h / 4096 % 100000) / 100000.0;
}
