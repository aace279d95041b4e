#include "tests/replay/truth.h"

#define FRESH_MS 10000 /* a new wish may be told from an answer that is no older */

void truth_free(struct truth *truth)
{
    for (size_t i = 0; i < truth->slot_count; i++)
        free(truth->slots[i].spans);
    truth->slot_count = 0;
}

const struct truth_span *truth_open(const struct truth_slot *slot, int64_t mono_ms)
{
    for (size_t i = 0; i < slot->count; i++)
        if (slot->spans[i].from_ms <= mono_ms && mono_ms < slot->spans[i].to_ms)
            return &slot->spans[i];
    return NULL;
}

void judge_begin(struct judge *judge, const struct truth *truth)
{
    *judge = (struct judge){.truth = truth};
}

static void mistake(struct judge *j, const char *what, size_t watch, size_t slot, int64_t wall_ms)
{
    const struct truth_slot *s = &j->truth->slots[slot];
    if (!*j->first)
        snprintf(j->first, sizeof(j->first), "%s: watch %zu, question %d, minute %d, %s, at %lld",
                 what, watch, s->question, s->minute, s->seating, (long long)wall_ms);
}

static bool wants(const struct want *w, const struct truth_slot *slot, int64_t fee_cents,
                  int64_t wall_ms)
{
    return w->on && (w->questions >> slot->question & 1) && wall_ms >= w->silent_until &&
           slot->minute >= w->from_minute && slot->minute <= w->to_minute &&
           strstr(slot->seating, w->seating) && (w->fee_cents < 0 || fee_cents <= w->fee_cents) &&
           slot->start_ms > wall_ms;
}

/* A telling stands for the quiet period, and after it as long as the table has not closed. */
static bool stands(const struct judge *j, size_t watch, size_t slot, int64_t wall_ms)
{
    int64_t told = j->told[watch][slot].told_ms;
    return told && !(j->told[watch][slot].closed && wall_ms - told >= j->truth->quiet_ms);
}

static void find_owed(struct judge *j, size_t watch, int question, int64_t wall_ms)
{
    for (size_t s = 0; s < j->truth->slot_count; s++) {
        const struct truth_slot *slot = &j->truth->slots[s];
        bool here = question < 0 || slot->question == question;
        j->owed[watch][s] = here && j->seen[s].shown &&
                            wants(&j->wants[watch], slot, j->seen[s].fee_cents, wall_ms) &&
                            !stands(j, watch, s, wall_ms);
    }
}

static void forget(struct judge *j)
{
    memset(j->owed, 0, sizeof(j->owed));
    memset(j->alerted, 0, sizeof(j->alerted));
}

void judge_wants(struct judge *j, int watch, const struct want *want, int64_t wall_ms)
{
    forget(j);
    j->wants[watch] = *want;
    for (int q = 0; q < TRUTH_QUESTIONS; q++) {
        int64_t age = wall_ms - j->asked[q].answered_ms;
        bool fresh = j->asked[q].answered_ms && !j->asked[q].failing && age >= 0 && age < FRESH_MS;
        bool owed[TRUTH_SLOTS];
        if (!fresh)
            continue;
        memcpy(owed, j->owed[watch], sizeof(owed));
        find_owed(j, (size_t)watch, q, wall_ms);
        for (size_t s = 0; s < j->truth->slot_count; s++)
            j->owed[watch][s] = j->owed[watch][s] || owed[s];
    }
}

static void closed(struct judge *j, size_t slot)
{
    j->seen[slot].open = false;
    for (size_t w = 0; w < TRUTH_WATCHES; w++)
        j->told[w][slot].closed = true;
}

void judge_answer(struct judge *j, int question, int64_t mono_ms, int64_t wall_ms,
                  const bool hidden[TRUTH_SLOTS])
{
    forget(j);
    j->asked[question].answered_ms = wall_ms;
    j->asked[question].failing = false;
    for (size_t s = 0; s < j->truth->slot_count; s++) {
        const struct truth_slot *slot = &j->truth->slots[s];
        if (slot->question != question)
            continue;
        const struct truth_span *span = truth_open(slot, mono_ms);
        bool shown = span && !hidden[s];
        j->seen[s].shown = shown;
        j->seen[s].misses = shown ? 0 : j->seen[s].misses + 1;
        j->seen[s].fee_cents = shown ? span->fee_cents : j->seen[s].fee_cents;
        if (shown)
            j->seen[s].open = true;
        else if (j->seen[s].open && j->seen[s].misses >= j->truth->close_polls)
            closed(j, s);
    }
    for (size_t w = 0; w < TRUTH_WATCHES; w++)
        find_owed(j, w, question, wall_ms);
}

void judge_alert(struct judge *j, int watch, int slot)
{
    j->alerted[watch][slot] = true;
}

void judge_end(struct judge *j, bool exact, int64_t wall_ms)
{
    for (size_t w = 0; w < TRUTH_WATCHES; w++)
        for (size_t s = 0; s < j->truth->slot_count; s++) {
            if (j->alerted[w][s] && !j->owed[w][s]) {
                j->falses++;
                mistake(j, "false", w, s, wall_ms);
            }
            if (exact && j->owed[w][s] && !j->alerted[w][s]) {
                j->missed++;
                mistake(j, "missed", w, s, wall_ms);
            }
            if (!j->alerted[w][s])
                continue;
            j->right += j->owed[w][s];
            j->told[w][s].told_ms = wall_ms;
            j->told[w][s].closed = false;
            if (j->wants[w].once)
                j->wants[w].on = false;
        }
}

void judge_failed(struct judge *j, int question)
{
    j->asked[question].failing = true;
}

void judge_tick(struct judge *j, int64_t wall_ms)
{
    for (size_t w = 0; w < TRUTH_WATCHES; w++)
        if (wall_ms >= j->wants[w].until_ms)
            j->wants[w].on = false;
}

void judge_jumped(struct judge *j, int64_t by_ms)
{
    for (size_t w = 0; w < TRUTH_WATCHES && by_ms < 0; w++) {
        j->wants[w].silent_until += by_ms;
        for (size_t s = 0; s < j->truth->slot_count; s++)
            j->told[w][s].told_ms += j->told[w][s].told_ms ? by_ms : 0;
    }
}
