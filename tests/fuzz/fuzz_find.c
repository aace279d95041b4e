/* resy_find_parse: the slots of an answer are sorted, one each, and of the day asked for. */
#include "tests/fuzz/fuzz.h"

#include "core/base/utf8.h"
#include "core/resy/resy.h"

#define VENUE 900001

static void check_slot(const struct resy_slot *slot, struct date day)
{
    struct date date;
    MUST(slot->minute >= 0 && slot->minute <= 2879);
    MUST(slot->seating && slot->shown);
    MUST(utf8_valid(slot->seating, strlen(slot->seating)));
    MUST(utf8_valid(slot->shown, strlen(slot->shown)));
    MUST(strlen(slot->start) == 16 && slot->start[10] == ' ');
    MUST(!date_parse(slot->start, &date));
    MUST(clock_parse(slot->start + 11) == slot->minute % 1440);
    MUST(date_compare(date, date_add(day, slot->minute / 1440)) == 0);
    MUST(slot->fee_cents >= 0 && slot->fee_cents <= 100 * 1000 * 1000);
    MUST(strlen(slot->template) < sizeof(slot->template));
}

static void check_order(const struct resy_slot *a, const struct resy_slot *b)
{
    MUST(a->minute < b->minute || (a->minute == b->minute && strcmp(a->seating, b->seating) < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct date day = {2031, 5, 9};
    struct err err = ERR_INIT;
    auto_text text = mem_textn((const char *)data, size);
    auto_json tree = json_parse(text, size, "fuzz", NULL);
    if (!tree)
        return 0;
    struct resy_find find;
    if (resy_find_parse(tree, VENUE, day, &find, &err)) {
        MUST(err.kind == ERR_REMOTE && *err.why);
        MUST(!find.count && !find.slots); /* nothing for the caller to free */
        return 0;
    }
    MUST(find.count <= 2000);
    for (size_t i = 0; i < find.count; i++) {
        check_slot(&find.slots[i], day);
        if (i)
            check_order(&find.slots[i - 1], &find.slots[i]);
    }
    MUST(utf8_valid(find.zone, strlen(find.zone)));
    MUST(utf8_valid(find.name, strlen(find.name)));
    resy_find_free(&find);
    return 0;
}
