/* As The Infatuation's New York guides had them in January 2026. */
#include "core/data/guide.h"

static const struct guide_place toughest[] = {
    {"Bistrot Ha", "French-Vietnamese", "Lower East Side"},
    {"Ramen By Ra", "ramen", "East Village"},
    {"Sushi Sho", "omakase", "Midtown"},
    {"Semma", "South Indian", "West Village"},
    {"The Eighty Six", "steakhouse", "West Village"},
    {"Wild Cherry", "American", "West Village"},
    {"Musaafer", "Indian", "Tribeca"},
    {"Bong", "Cambodian", "Crown Heights"},
    {"I Cavallini", "Italian", "Williamsburg"},
    {"Una Pizza Napoletana", "pizza", "Lower East Side"},
    {"Red Hook Tavern", "American", "Red Hook"},
    {"Ha's Snack Bar", "wine bar, Vietnamese", "Lower East Side"},
    {"The Corner Store", "American", "SoHo"},
    {"Le Veau d'Or", "French", "Upper East Side"},
    {"The Polo Bar", "American", "Midtown East"},
    {"The Four Horsemen", "wine bar", "Williamsburg"},
    {"Tatiana", "Pan-African", "Lincoln Center"},
    {"Torrisi Bar & Restaurant", "Italian", "Nolita"},
    {"Carbone", "Italian", "Greenwich Village"},
    {"Atomix", "Korean tasting menu", "NoMad"},
    {"4 Charles Prime Rib", "steakhouse", "West Village"},
    {"Rao's", "Italian (standing tables)", "East Harlem"},
};

static const struct guide_place hit_list[] = {
    {"The History", "Georgian", "Hell's Kitchen"},
    {"Diljān", "bakery, café", "Brooklyn Heights"},
    {"Vato", "Mexican tortilleria", "Park Slope"},
    {"Barker Cafeteria", "bakery, café", "Bed-Stuy"},
    {"Il Leone", "pizza", "Park Slope"},
    {"Falansai", "Vietnamese", "Greenpoint"},
    {"Danny's", "American", "Flatiron"},
    {"Salvo's", "sandwiches", "Ridgewood"},
    {"LenLen", "Thai", "Flatiron"},
    {"Kelang", "Malaysian", "Greenpoint"},
    {"New Absolute Bagels", "bagels", "Upper West Side"},
    {"Pierogi Boys", "Polish", "Ridgewood"},
};

#define CREDIT "The Infatuation", "https://www.theinfatuation.com/new-york", "January 2026", "ny"

const struct guide guides[] = {
    {"Toughest Reservations", "toughest", CREDIT, toughest, ARRAY_LEN(toughest)},
    {"The Hit List", "hit list", CREDIT, hit_list, ARRAY_LEN(hit_list)},
};
const size_t guides_count = ARRAY_LEN(guides);
