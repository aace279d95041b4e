/* The request budget: never more than was allowed in any minute or any hour, whoever asks when. */
#include "tests/test.h"

#include "core/resy/budget.h"

#define MINUTE  ((int64_t)60 * 1000)
#define HOUR    (60 * MINUTE)
#define START   1000000
#define TAKES   20000
#define CLASSES 3

struct draws {
    uint64_t state;
};

static uint64_t draw(struct draws *draws, uint64_t below)
{
    draws->state = draws->state * 6364136223846793005u + 1442695040888963407u;
    return (draws->state >> 33) % below;
}

static bool take(struct budget *budget, enum budget_class class, int64_t now)
{
    int64_t wait = -1;
    bool taken = budget_take(budget, class, now, &wait);
    assert_true(taken ? wait == 0 : wait > 0);
    return taken;
}

/* Takes until it is refused; how many that were. */
static unsigned drain(struct budget *budget, enum budget_class class, int64_t now)
{
    unsigned taken = 0;
    while (taken < 100000 && take(budget, class, now))
        taken++;
    return taken;
}

/* --- windows --- */

struct taken {
    int64_t at[TAKES];
    enum budget_class class[TAKES];
    size_t count;
};

/* The greatest number of takes in any window of `span`, of one class (or, with -1, of all). */
static unsigned most_in(const struct taken *taken, int64_t span, int class)
{
    unsigned most = 0;
    for (size_t i = 0; i < taken->count; i++) {
        unsigned n = 0;
        for (size_t k = i; k < taken->count && taken->at[k] < taken->at[i] + span; k++)
            n += class < 0 || (int)taken->class[k] == class;
        most = MAX_OF(most, n);
    }
    return most;
}

/* Two hours and more of random questions, most of them in bursts. */
static void ask_at_random(struct budget *budget, struct draws *draws, unsigned classes,
                          struct taken *taken)
{
    int64_t now = START, end = START + 2 * HOUR + 10 * MINUTE;
    taken->count = 0;
    while (now < end && taken->count < TAKES) {
        now += draw(draws, 8) ? (int64_t)draw(draws, 700) : (int64_t)draw(draws, 3 * MINUTE);
        enum budget_class class = (enum budget_class)(BUDGET_PRESS + CLASSES - classes +
                                                      draw(draws, classes));
        if (!take(budget, class, now))
            continue;
        taken->at[taken->count] = now;
        taken->class[taken->count++] = class;
    }
    assert_true(taken->count < TAKES);
}

TEST(no_minute_and_no_hour_ever_holds_more_than_allowed)
{
    static struct taken taken;
    static const unsigned limits[][2] = {{60, 1800}, {1, 1},    {1, 60},  {7, 100},
                                         {5, 5},     {100, 10}, {60, 61}, {3, 1000}};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct draws draws = {seed};
        const unsigned *limit = limits[seed % ARRAY_LEN(limits)];
        struct budget *budget = budget_new(limit[0], limit[1]);
        ask_at_random(budget, &draws, 2, &taken); /* persons and checks */
        assert_true(taken.count > 0);
        assert_true(most_in(&taken, MINUTE, -1) <= limit[0]);
        assert_true(most_in(&taken, HOUR, -1) <= limit[1]);
        budget_free(budget);
    }
}

TEST(with_presses_among_them_the_others_still_stay_within_the_limits)
{
    static struct taken taken;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct draws draws = {seed * 77};
        struct budget *budget = budget_new(10, 120);
        ask_at_random(budget, &draws, 3, &taken);
        unsigned most = 0; /* of a window that ends with a take that was no press */
        for (size_t i = 0; i < taken.count; i++) {
            unsigned minute = 0, hour = 0;
            for (size_t k = 0; k <= i; k++) {
                minute += taken.at[k] > taken.at[i] - MINUTE;
                hour += taken.at[k] > taken.at[i] - HOUR;
            }
            if (taken.class[i] != BUDGET_PRESS) {
                assert_true(minute <= 10 && hour <= 120);
                most = MAX_OF(most, minute);
            }
        }
        assert_true(most > 0);
        budget_free(budget);
    }
}

TEST(a_place_is_free_exactly_when_a_minute_has_passed)
{
    struct budget *budget = budget_new(2, 100);
    int64_t wait;
    assert_true(take(budget, BUDGET_PERSON, START));
    assert_true(take(budget, BUDGET_PERSON, START + 1));
    assert_false(budget_take(budget, BUDGET_PERSON, START + 2, &wait));
    assert_int_equal(wait, MINUTE - 2);
    assert_int_equal(budget_wait_ms(budget, BUDGET_PERSON, START + 2), MINUTE - 2);
    assert_false(take(budget, BUDGET_PERSON, START + MINUTE - 1));
    assert_true(take(budget, BUDGET_PERSON, START + MINUTE));
    assert_false(take(budget, BUDGET_PERSON, START + MINUTE));
    assert_true(take(budget, BUDGET_PERSON, START + MINUTE + 1));
    budget_free(budget);
}

TEST(an_hour_counts_as_exactly_as_a_minute)
{
    struct budget *budget = budget_new(10, 3);
    int64_t wait;
    for (int i = 0; i < 3; i++)
        assert_true(take(budget, BUDGET_PERSON, START + i));
    assert_false(budget_take(budget, BUDGET_PERSON, START + 10, &wait));
    assert_int_equal(wait, HOUR - 10);
    assert_true(take(budget, BUDGET_PERSON, START + HOUR));
    assert_false(take(budget, BUDGET_PERSON, START + HOUR));
    budget_free(budget);
}

TEST(the_wait_that_is_named_is_enough_and_not_too_long)
{
    struct draws draws = {5};
    struct budget *budget = budget_new(9, 50);
    int64_t now = START;
    for (int i = 0; i < 3000; i++) {
        int64_t wait = 0, none;
        enum budget_class class = draw(&draws, 2) ? BUDGET_CHECK : BUDGET_PERSON;
        now += (int64_t)draw(&draws, 2000);
        if (budget_take(budget, class, now, &wait))
            continue;
        assert_int_equal(budget_wait_ms(budget, class, now), wait);
        assert_true(budget_wait_ms(budget, class, now + wait - 1) == 1);
        now += wait;
        assert_true(budget_take(budget, class, now, &none));
    }
    budget_free(budget);
}

/* --- classes --- */

TEST(presses_are_never_held_back_but_they_are_counted)
{
    struct budget *budget = budget_new(5, 20);
    for (int i = 0; i < 2000; i++)
        assert_true(take(budget, BUDGET_PRESS, START + i));
    assert_false(take(budget, BUDGET_PERSON, START + 2000));
    assert_false(take(budget, BUDGET_CHECK, START + 2000));
    assert_false(take(budget, BUDGET_PERSON, START + 1980 + HOUR - 1));
    assert_true(take(budget, BUDGET_PERSON, START + 1980 + HOUR));
    budget_free(budget);
}

TEST(checks_leave_a_fifth_of_the_minute_to_persons)
{
    static const unsigned limits[][2] = {{10, 8}, {60, 48}, {5, 4}, {4, 3}, {1, 1}, {2, 1}, {7, 5}};
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct budget *budget = budget_new(limits[i][0], 100000);
        unsigned checks = 0;
        for (int64_t now = START; now < START + MINUTE; now += 10)
            checks += take(budget, BUDGET_CHECK, now);
        assert_int_equal(checks, limits[i][1]);
        assert_int_equal(drain(budget, BUDGET_PERSON, START + MINUTE - 1),
                         limits[i][0] - limits[i][1]);
        budget_free(budget);
    }
}

TEST(checks_leave_a_fifth_of_the_hour_to_persons)
{
    struct budget *budget = budget_new(60, 100);
    unsigned checks = 0;
    for (int64_t now = START; now < START + HOUR; now += 100)
        checks += take(budget, BUDGET_CHECK, now);
    assert_int_equal(checks, 80);
    assert_int_equal(drain(budget, BUDGET_PERSON, START + HOUR - 1), 20);
    budget_free(budget);
}

TEST(what_persons_took_is_not_there_for_checks)
{
    struct budget *budget = budget_new(10, 1000);
    for (int i = 0; i < 8; i++)
        assert_true(take(budget, BUDGET_PERSON, START + i));
    assert_false(take(budget, BUDGET_CHECK, START + 10));
    assert_true(take(budget, BUDGET_PERSON, START + 10));
    budget_free(budget);
}

TEST(checks_are_evenly_spaced)
{
    struct budget *budget = budget_new(60, 100000); /* 48 checks: one each 1250 ms */
    int64_t last = 0;
    unsigned taken = 0;
    for (int64_t now = START; now < START + 3 * MINUTE; now += 7) {
        if (!take(budget, BUDGET_CHECK, now))
            continue;
        if (taken++)
            assert_in_range(now - last, MINUTE / 48, MINUTE / 48 + 7);
        last = now;
    }
    assert_in_range(taken, 140, 144);
    assert_int_equal(budget_wait_ms(budget, BUDGET_CHECK, last), MINUTE / 48);
    assert_true(take(budget, BUDGET_PERSON, last)); /* persons are not spaced */
    assert_true(take(budget, BUDGET_PERSON, last));
    budget_free(budget);
}

TEST(a_first_check_is_not_held_back)
{
    struct budget *budget = budget_new(1, 1);
    assert_int_equal(budget_wait_ms(budget, BUDGET_CHECK, 0), 0);
    assert_true(take(budget, BUDGET_CHECK, 0));
    budget_free(budget);
}

/* With 60 a minute and 1800 an hour, checks that all go in the first half of the hour leave the
 * watches blind for the other half. */
TEST(checks_are_evenly_spaced_over_the_hour_too)
{
    struct budget *budget = budget_new(60, 1800);
    int64_t last = START, longest = 0;
    for (int64_t now = START; now < START + 2 * HOUR; now += 50) {
        if (!take(budget, BUDGET_CHECK, now))
            continue;
        longest = MAX_OF(longest, now - last);
        last = now;
    }
    budget_free(budget);
    if (longest > 10000)
        fail_msg("no check for %lld s of an hour", (long long)longest / 1000);
}

/* --- no limit, and what is told --- */

TEST(nothing_a_minute_is_no_limit)
{
    struct budget *budget = budget_new(0, 0);
    for (int i = 0; i < 10000; i++)
        assert_true(take(budget, (enum budget_class)(i % CLASSES), START));
    assert_int_equal(budget_wait_ms(budget, BUDGET_CHECK, START), 0);
    assert_true(budget_checks_a_minute(budget) == 0);
    budget_free(budget);
}

TEST(use_counts_the_last_minute_and_the_last_hour)
{
    struct budget *budget = budget_new(60, 1800);
    assert_int_equal(budget_use(budget, START).last_hour, 0);
    for (int i = 0; i < 10; i++)
        assert_true(take(budget, i % 2 ? BUDGET_PERSON : BUDGET_PRESS, START + i * 10000));
    struct budget_use use = budget_use(budget, START + 90000);
    assert_int_equal(use.last_minute, 6); /* at 40 s … 90 s; that of 30 s is a minute old */
    assert_int_equal(use.last_hour, 10);
    assert_int_equal(use.a_minute, 60);
    assert_int_equal(use.an_hour, 1800);
    assert_int_equal(budget_use(budget, START + HOUR).last_hour, 9);
    assert_int_equal(budget_use(budget, START + 2 * HOUR).last_hour, 0);
    budget_free(budget);
}

TEST(use_takes_nothing)
{
    struct budget *budget = budget_new(1, 10);
    for (int i = 0; i < 100; i++) {
        (void)budget_use(budget, START);
        (void)budget_wait_ms(budget, BUDGET_PERSON, START);
    }
    assert_true(take(budget, BUDGET_PERSON, START));
    budget_free(budget);
}

TEST(the_pace_of_checks_is_the_narrower_of_both_limits)
{
    static const struct {
        unsigned a_minute, an_hour;
        double checks;
    } cases[] = {{60, 1800, 24}, {60, 100000, 48}, {10, 1800, 8}, {60, 75, 1}, {0, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct budget *budget = budget_new(cases[i].a_minute, cases[i].an_hour);
        assert_true(budget_checks_a_minute(budget) == cases[i].checks);
        budget_free(budget);
    }
    budget_free(NULL);
}

MAIN(cmocka_unit_test(no_minute_and_no_hour_ever_holds_more_than_allowed),
     cmocka_unit_test(with_presses_among_them_the_others_still_stay_within_the_limits),
     cmocka_unit_test(a_place_is_free_exactly_when_a_minute_has_passed),
     cmocka_unit_test(an_hour_counts_as_exactly_as_a_minute),
     cmocka_unit_test(the_wait_that_is_named_is_enough_and_not_too_long),
     cmocka_unit_test(presses_are_never_held_back_but_they_are_counted),
     cmocka_unit_test(checks_leave_a_fifth_of_the_minute_to_persons),
     cmocka_unit_test(checks_leave_a_fifth_of_the_hour_to_persons),
     cmocka_unit_test(what_persons_took_is_not_there_for_checks),
     cmocka_unit_test(checks_are_evenly_spaced), cmocka_unit_test(a_first_check_is_not_held_back),
     cmocka_unit_test(checks_are_evenly_spaced_over_the_hour_too),
     cmocka_unit_test(nothing_a_minute_is_no_limit),
     cmocka_unit_test(use_counts_the_last_minute_and_the_last_hour),
     cmocka_unit_test(use_takes_nothing),
     cmocka_unit_test(the_pace_of_checks_is_the_narrower_of_both_limits))
