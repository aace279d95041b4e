/* What Resy may answer about a booking: its terms, what came of it, what the account holds. The
 * first byte is half the status less 200. */
#include "tests/fuzz/fuzz.h"

#include "core/base/utf8.h"
#include "core/resy/resy.h"

static void check_reservation(const struct resy_reservation *r)
{
    struct date date;
    MUST(r->id > 0 && !date_parse(r->day, &date) && clock_parse(r->time) >= 0);
    MUST(r->fee_cents >= 0 && r->fee_cents <= 100 * 1000 * 1000);
    MUST(utf8_valid(r->venue, strlen(r->venue)) && utf8_valid(r->seating, strlen(r->seating)));
    MUST(strlen(r->token) < sizeof(r->token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct resy_terms terms;
    struct resy_reservations held;
    struct resy_booked booked;
    struct err err = ERR_INIT;
    if (!size)
        return 0;
    auto_text text = mem_textn((const char *)data + 1, size - 1);
    resy_book_judge(200 + 2 * data[0], text, size - 1, &booked);
    MUST(booked.outcome != RESY_DONE || data[0] < 50);
    MUST(utf8_valid(booked.other_venue, strlen(booked.other_venue)));
    auto_json tree = json_parse(text, size - 1, "fuzz", NULL);
    if (!tree)
        return 0;
    if (resy_details_parse(tree, &terms, &err) == 0) {
        MUST(terms.total_cents >= 0 && terms.fee_cents >= 0);
        MUST(utf8_valid(terms.policy, strlen(terms.policy)));
        resy_terms_free(&terms);
    }
    if (resy_reservations_parse(tree, &held, &err))
        return 0;
    MUST(held.count <= RESY_RESERVATIONS_MAX);
    for (size_t i = 0; i < held.count; i++)
        check_reservation(&held.list[i]);
    resy_reservations_free(&held);
    return 0;
}
