/* How restaurants and their tables are shown. */
#include "core/agents/commands/look.h"

#define TIMES_SHOWN 30

const char *show_price(const struct venue *venue)
{
    static const char *const prices[] = {"", "$", "$$", "$$$", "$$$$"};
    return venue->price > 0 && venue->price < (int64_t)ARRAY_LEN(prices) ? prices[venue->price]
                                                                         : "";
}

cJSON *show_card(const struct venue *venue, const struct wish *wish, const int *minutes,
                 size_t count, const char *picture)
{
    char text[DATE_TEXT];
    auto_str url = STR_INIT(512);
    cJSON *item = cJSON_CreateObject();
    venue_url(&url, venue->city_slug, venue->slug, date_text(wish->day, text), wish->party);
    json_put_i64(item, "id", venue->id);
    json_put_text(item, "name", venue->name);
    json_put_text(item, "neighborhood", venue->neighborhood);
    json_put_text(item, "cuisine", venue->cuisine);
    json_put_text(item, "price", show_price(venue));
    json_put_text(item, "date", text);
    json_put_i64(item, "party_size", wish->party);
    cJSON *times = cJSON_AddArrayToObject(item, "times");
    for (size_t i = 0; i < count; i++) {
        char clock[CLOCK_TEXT];
        int minute = minutes[wish->prefer > 0 ? count - 1 - i : i];
        if (wish_takes(wish, minute))
            cJSON_AddItemToArray(times, cJSON_CreateString(clock_text(minute, clock)));
    }
    json_put_text(item, "state", count ? "bookable" : "full");
    json_put_text(item, "url", url.buf);
    if (picture && *picture)
        json_put_text(item, "picture", picture);
    return item;
}

void show_cards(struct run *run, cJSON *cards)
{
    cJSON *list = cJSON_CreateObject();
    cJSON_AddStringToObject(list, "type", "venues");
    json_put_i64(list, "id", run->message.id);
    cJSON_AddBoolToObject(list, "hours24", run->account.hours24);
    cJSON_AddItemToObject(list, "venues", cards);
    run_venues(run, list);
}

void show_minutes(struct str *out, const struct run *run, const int *minutes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[CLOCK_TEXT];
        if (i == TIMES_SHOWN) {
            str_add(out, " and more");
            return;
        }
        str_addf(out, "%s%s", i ? ", " : "", clock_say(minutes[i], run->account.hours24, text));
    }
}
