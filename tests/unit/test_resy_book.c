/* What Resy answers about a booking: its terms, what came of it, what the account holds. */
#include "tests/test.h"

#include "core/resy/resy.h"
#include "tests/unit/recorded.h"

TEST(an_answer_to_booking_is_one_of_six)
{
    static const struct {
        int status;
        const char *body;
        enum resy_outcome outcome;
    } cases[] = {
        {201, "{\"resy_token\":\"x\",\"reservation_id\":933020068,\"venue_opt_in\":false}",
         RESY_DONE},
        {200, "{\"resy_token\":\"x\"}", RESY_DONE},
        {200, "{}", RESY_UNCLEAR},
        {200, "<html>", RESY_UNCLEAR},
        {200, "{\"resy_tok", RESY_UNCLEAR},
        {302, "", RESY_UNCLEAR},
        {500, "Internal Server Error", RESY_UNCLEAR},
        {502, "", RESY_UNCLEAR},
        {408, "", RESY_UNCLEAR},
        {404, "{\"status\":404}", RESY_GONE},
        {412, "{\"status\":412}", RESY_GONE},
        {412, "", RESY_GONE},
        {412,
         "{\"specs\":{\"day\":\"2031-05-09\",\"time_slot\":\"19:00:00\"},"
         "\"venue\":{\"id\":5,\"name\":\"Lark\"}}",
         RESY_CONFLICT},
        {402, "{}", RESY_CARD},
        {400, "{}", RESY_REFUSED},
        {403, "{}", RESY_REFUSED},
        {419, "{\"status\":419}", RESY_REFUSED},
        {429, "", RESY_REFUSED},
    };
    struct resy_booked booked;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        resy_book_judge(cases[i].status, cases[i].body, strlen(cases[i].body), &booked);
        if (booked.outcome != cases[i].outcome)
            fail_msg("%d %s: %d", cases[i].status, cases[i].body, booked.outcome);
    }
    resy_book_judge(412, cases[12].body, strlen(cases[12].body), &booked);
    assert_string_equal(booked.other_venue, "Lark");
    assert_string_equal(booked.other_time, "19:00");
}

TEST(recorded_details_are_read)
{
    auto_json tree = recorded("amogh-details-commit1.json");
    struct resy_terms terms;
    OK(resy_details_parse(tree, &terms, err));
    assert_int_equal(terms.total_cents, 0);
    assert_int_equal(terms.fee_cents, 0);
    assert_int_equal(terms.card_id, 0);
    assert_true(terms.refund_until_ms == 1792684800000); /* 2026-10-22T16:00:00Z */
    assert_non_null(strstr(terms.policy, "24 hours in advance"));
    resy_terms_free(&terms);
}

TEST(terms_with_money_are_read)
{
    static const char text[] =
        "{\"book_token\":{\"value\":\"aa|bb|cc\"},\"payment\":{\"amounts\":{\"total\":108.88}},"
        "\"cancellation\":{\"fee\":{\"amount\":25.0,\"date_cut_off\":\"2031-05-08T23:15:00Z\"},"
        "\"display\":{\"policy\":[]},\"refund\":{\"date_cut_off\":null}},"
        "\"user\":{\"payment_methods\":[{\"id\":1},{\"id\":4242,\"is_default\":true}]}}";
    auto_json tree = json_parse(text, strlen(text), "details", NULL);
    struct resy_terms terms;
    OK(resy_details_parse(tree, &terms, err));
    assert_int_equal(terms.total_cents, 10888);
    assert_int_equal(terms.fee_cents, 2500);
    assert_true(terms.fee_from_ms == 1936048500000);
    assert_int_equal(terms.card_id, 4242);
    assert_string_equal(terms.book_token, "aa|bb|cc");
    resy_terms_free(&terms);
    static const char *const others[] = {"{}", "{\"book_token\":{\"value\":\"x\"}}",
                                         "{\"payment\":{\"amounts\":{\"total\":null}}}",
                                         "{\"payment\":{\"amounts\":{\"total\":\"12\"}}}"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) { /* silence is no "free" */
        auto_json other = json_parse(others[i], strlen(others[i]), "details", NULL);
        FAILS(ERR_REMOTE, resy_details_parse(other, &terms, err));
    }
}

TEST(reservations_are_read_and_a_part_is_not_taken_for_all)
{
    static const char text[] =
        "{\"reservations\":[{\"resy_token\":\"t\",\"reservation_id\":7,\"day\":\"2031-05-10\","
        "\"time_slot\":\"19:15:00\",\"num_seats\":2,\"venue\":{\"id\":5},\"config\":{\"type\":"
        "\"Bar\"},"
        "\"cancellation\":{\"allowed\":true,\"fee\":{\"amount\":25.0,\"applies\":true}}},"
        "{\"reservation_id\":6,\"day\":\"2031-05-09\",\"time_slot\":\"18:00:00\",\"num_seats\":4,"
        "\"venue\":{\"id\":9},\"cancellation\":null}],\"venues\":{\"5\":{\"name\":\"Lark\"}},"
        "\"metadata\":{\"total\":%d}}";
    for (int total = 2; total <= 3; total++) {
        auto_str whole = STR_INIT(2000);
        str_addf(&whole, text, total);
        auto_json tree = json_parse(whole.buf, whole.len, "reservations", NULL);
        struct resy_reservations held;
        OK(resy_reservations_parse(tree, &held, err));
        assert_int_equal(held.count, 2);
        assert_int_equal(held.complete, total == 2);
        assert_int_equal(held.list[0].id, 6);
        assert_string_equal(held.list[0].venue, "a restaurant");
        assert_string_equal(held.list[1].venue, "Lark");
        assert_string_equal(held.list[1].time, "19:15");
        assert_true(held.list[1].fee_applies && held.list[1].fee_cents == 2500);
        resy_reservations_free(&held);
    }
}

MAIN(cmocka_unit_test(an_answer_to_booking_is_one_of_six),
     cmocka_unit_test(recorded_details_are_read), cmocka_unit_test(terms_with_money_are_read),
     cmocka_unit_test(reservations_are_read_and_a_part_is_not_taken_for_all))
