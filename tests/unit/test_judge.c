/* Random days, judged; and the judge itself, which must be able to find fault. */
#include "tests/test.h"

#include "tests/replay/days.h"
#include "tests/replay/truth.h"

#define DAYS 25 /* a benchmark lives thousands */

TEST(random_days_have_no_false_and_no_missed_alert)
{
    struct days_tally t;
    char *failure = days_run(1, DAYS, false, &t);
    if (failure)
        fail_msg("%s", failure);
    if (t.falses || t.missed)
        fail_msg("%zu false, %zu missed; seed %llu: %s", t.falses, t.missed,
                 (unsigned long long)t.bad_seed, t.first);
    assert_true(t.days == DAYS && t.answers > DAYS * 100 && t.right > DAYS * 10);
    assert_true(t.openings >= DAYS * 20);
    assert_true((t.failed + t.withheld) * 100 >= t.answers * 8);
}

/* One table, open from 100 s to 200 s and from 300 s on; one watch that wants it. */
static struct truth_span spans[] = {{100000, 200000, 0}, {300000, 900000, 0}};
static const struct truth truth = {
    .slots = {{0, 1200, "bar", 5000000, spans, 2, 2}},
    .slot_count = 1,
    .close_polls = 2,
    .quiet_ms = 60000,
};

static void begin(struct judge *j, bool on)
{
    struct want want = {.on = on,
                        .questions = 1,
                        .to_minute = 1440,
                        .fee_cents = -1,
                        .seating = "",
                        .until_ms = INT64_MAX};
    judge_begin(j, &truth);
    judge_wants(j, 0, &want, 1);
    judge_end(j, true, 1);
}

static void answered(struct judge *j, int64_t at_ms, bool withheld, bool alert)
{
    bool hidden[TRUTH_SLOTS] = {withheld};
    judge_answer(j, 0, at_ms, at_ms, hidden);
    if (alert)
        judge_alert(j, 0, 0);
    judge_end(j, true, at_ms);
}

TEST(the_judge_finds_what_was_missed_and_what_was_false)
{
    static const struct {
        const char *about;
        int64_t at_ms[8];
        bool withheld[8], alerted[8];
        size_t count, falses, missed;
        bool off;
    } cases[] = {
        {"told at once", {50000, 110000}, {0}, {0, 1}, 2, 0, 0, false},
        {"not told", {50000, 110000}, {0}, {0, 0}, 2, 0, 1, false},
        {"told twice", {110000, 150000}, {0}, {1, 1}, 2, 1, 0, false},
        {"told though full", {50000}, {0}, {1}, 1, 1, 0, false},
        {"told though nobody wants it", {110000}, {0}, {1}, 1, 1, 0, true},
        {"told from an answer that withheld it", {110000}, {1}, {1}, 1, 1, 0, false},
        {"one glitch is no closing", {110000, 150000, 190000}, {0, 1}, {1, 0, 1}, 3, 1, 0, false},
        {"closed, and open again",
         {110000, 250000, 260000, 310000},
         {0},
         {1, 0, 0, 1},
         4,
         0,
         0,
         false},
        {"the same, not told", {110000, 250000, 260000, 310000}, {0}, {1}, 4, 0, 1, false},
        {"one answer is no closing", {110000, 250000, 310000}, {0}, {1, 0, 1}, 3, 1, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct judge j;
        begin(&j, !cases[i].off);
        for (size_t k = 0; k < cases[i].count; k++)
            answered(&j, cases[i].at_ms[k], cases[i].withheld[k], cases[i].alerted[k]);
        if (j.falses != cases[i].falses || j.missed != cases[i].missed)
            fail_msg("%s: %zu false, %zu missed", cases[i].about, j.falses, j.missed);
    }
}

MAIN(cmocka_unit_test(the_judge_finds_what_was_missed_and_what_was_false),
     cmocka_unit_test(random_days_have_no_false_and_no_missed_alert))
