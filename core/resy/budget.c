#include "core/resy/budget.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)

struct budget {
    unsigned a_minute, an_hour;
    size_t room; /* of the ring: what may be counted in an hour, overdrafts too */
    pthread_mutex_t lock;
    int64_t *taken; /* protected by lock, as are the rest: a ring of times, oldest overwritten */
    uint64_t count; /* of all that were ever taken */
    int64_t last_check;
};

struct budget *budget_new(unsigned a_minute, unsigned an_hour)
{
    struct budget *budget = mem_new(1, sizeof(*budget));
    budget->a_minute = a_minute;
    budget->an_hour = an_hour ? an_hour : 1;
    budget->room = a_minute ? (size_t)an_hour + 64 : 4096;
    budget->taken = mem_new(budget->room, sizeof(int64_t));
    budget->last_check = INT64_MIN / 2;
    pthread_mutex_init(&budget->lock, NULL);
    return budget;
}

void budget_free(struct budget *budget)
{
    if (!budget)
        return;
    pthread_mutex_destroy(&budget->lock);
    free(budget->taken);
    free(budget);
}

/* The time of the n-th newest (1: the newest), or long ago. */
static int64_t nth(const struct budget *b, uint64_t n)
{
    if (n > b->count || n > b->room)
        return INT64_MIN / 2;
    return b->taken[(b->count - n) % b->room];
}

/* With `limit` in any `span`: the limit-th newest must have left the span. */
static int64_t wait_for(const struct budget *b, unsigned limit, int64_t span, int64_t now)
{
    int64_t free_at = nth(b, limit ? limit : 1) + span;
    return free_at > now ? free_at - now : 0;
}

static unsigned share(enum budget_class class, unsigned limit)
{
    unsigned part = limit / 5 * 4 + limit % 5 * 4 / 5;
    return class == BUDGET_CHECK && part ? part : limit;
}

static int64_t wait_of(const struct budget *b, enum budget_class class, int64_t now)
{
    if (class == BUDGET_PRESS || !b->a_minute)
        return 0;
    int64_t wait = wait_for(b, share(class, b->a_minute), MINUTE, now);
    int64_t hour = wait_for(b, share(class, b->an_hour), HOUR, now);
    wait = MAX_OF(wait, hour);
    if (class == BUDGET_CHECK) {
        unsigned in_minute = share(class, b->a_minute), in_hour = share(class, b->an_hour);
        int64_t gap = MAX_OF(MINUTE / MAX_OF(in_minute, 1u), HOUR / MAX_OF(in_hour, 1u));
        wait = MAX_OF(wait, b->last_check + gap - now);
    }
    return wait;
}

bool budget_take(struct budget *budget, enum budget_class class, int64_t now_ms,
                 int64_t *ret_wait_ms)
{
    pthread_mutex_lock(&budget->lock);
    int64_t wait = wait_of(budget, class, now_ms);
    if (!wait) {
        budget->taken[budget->count++ % budget->room] = now_ms;
        if (class == BUDGET_CHECK)
            budget->last_check = now_ms;
    }
    pthread_mutex_unlock(&budget->lock);
    *ret_wait_ms = wait;
    return !wait;
}

int64_t budget_wait_ms(struct budget *budget, enum budget_class class, int64_t now_ms)
{
    pthread_mutex_lock(&budget->lock);
    int64_t wait = wait_of(budget, class, now_ms);
    pthread_mutex_unlock(&budget->lock);
    return wait;
}

struct budget_use budget_use(struct budget *budget, int64_t now_ms)
{
    struct budget_use use = {.a_minute = budget->a_minute, .an_hour = budget->an_hour};
    pthread_mutex_lock(&budget->lock);
    for (uint64_t n = 1; nth(budget, n) > now_ms - HOUR; n++) {
        use.last_hour++;
        use.last_minute += nth(budget, n) > now_ms - MINUTE;
    }
    pthread_mutex_unlock(&budget->lock);
    return use;
}

unsigned budget_taken(struct budget *budget, int64_t from_ms, int64_t to_ms)
{
    unsigned count = 0;
    pthread_mutex_lock(&budget->lock);
    for (uint64_t n = 1; nth(budget, n) >= from_ms; n++)
        count += nth(budget, n) < to_ms;
    pthread_mutex_unlock(&budget->lock);
    return count;
}

void budget_add(struct budget *budget, int64_t at_ms, unsigned count)
{
    pthread_mutex_lock(&budget->lock);
    for (unsigned i = 0; i < count && i < budget->room; i++)
        budget->taken[budget->count++ % budget->room] = at_ms;
    pthread_mutex_unlock(&budget->lock);
}

double budget_checks_a_minute(const struct budget *budget)
{
    double minute = share(BUDGET_CHECK, budget->a_minute);
    double hour = share(BUDGET_CHECK, budget->an_hour) / 60.0;
    return budget->a_minute ? MIN_OF(minute, hour) : 0;
}
