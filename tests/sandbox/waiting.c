#include "tests/sandbox/waiting.h"

static void put(struct waitings *all, struct waiting *waiting, size_t place)
{
    all->heap[place - 1] = waiting;
    waiting->place = place;
}

static void move_up(struct waitings *all, struct waiting *waiting)
{
    size_t place = waiting->place;
    while (place > 1 && all->heap[place / 2 - 1]->due_ms > waiting->due_ms) {
        put(all, all->heap[place / 2 - 1], place);
        place /= 2;
    }
    put(all, waiting, place);
}

static void move_down(struct waitings *all, struct waiting *waiting)
{
    size_t place = waiting->place;
    for (;;) {
        size_t child = place * 2;
        if (child > all->count)
            break;
        if (child < all->count && all->heap[child]->due_ms < all->heap[child - 1]->due_ms)
            child++;
        if (all->heap[child - 1]->due_ms >= waiting->due_ms)
            break;
        put(all, all->heap[child - 1], place);
        place = child;
    }
    put(all, waiting, place);
}

void waitings_free(struct waitings *all)
{
    free(all->heap);
    *all = (struct waitings){0};
}

void waiting_start(struct waitings *all, struct waiting *waiting, int64_t due_ms)
{
    waiting_stop(all, waiting);
    waiting->due_ms = due_ms;
    all->heap = mem_grow(all->heap, &all->cap, all->count + 1, sizeof(struct waiting *));
    put(all, waiting, ++all->count);
    move_up(all, waiting);
}

void waiting_stop(struct waitings *all, struct waiting *waiting)
{
    size_t place = waiting->place;
    if (!place)
        return;
    waiting->place = 0;
    struct waiting *last = all->heap[--all->count];
    if (last == waiting)
        return;
    put(all, last, place);
    move_up(all, last);
    move_down(all, last);
}

struct waiting *waiting_due(struct waitings *all, int64_t now_ms)
{
    if (!all->count || all->heap[0]->due_ms > now_ms)
        return NULL;
    struct waiting *waiting = all->heap[0];
    waiting_stop(all, waiting);
    return waiting;
}

int64_t waitings_next(const struct waitings *all)
{
    return all->count ? all->heap[0]->due_ms : INT64_MAX;
}
