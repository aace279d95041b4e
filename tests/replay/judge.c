/* judge DAYS [SEED [stop]]: lives that many random days and says what it found; 1 if alerts were
 * false or missed. */
#include "tests/replay/days.h"

#include <time.h>

int main(int argc, char **argv)
{
    struct days_tally t;
    struct timespec from, to;
    size_t days = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 100;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    clock_gettime(CLOCK_MONOTONIC, &from);
    char *failure = days_run(seed, days, argc > 3, &t);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("days %zu, answers %zu (failed %zu, withholding %zu), openings %zu, alerts right %zu, "
           "false %zu, missed %zu, %.1f s\n",
           t.days, t.answers, t.failed, t.withheld, t.openings, t.right, t.falses, t.missed,
           seconds);
    if (*t.first)
        printf("first: seed %llu: %s\n", (unsigned long long)t.bad_seed, t.first);
    if (failure)
        printf("failed: %s\n", failure);
    bool bad = failure || t.falses || t.missed;
    free(failure);
    return bad;
}
