/* truth.h: what is true of a day, and the one rule by which alerts are judged: an opening that
 * shows in a complete answer while a watch wants it is told within that answer, once per quiet
 * period; nothing else is.
 *
 * The judge reads the truth, the answers' times and what they withheld, what people wished and
 * when, and the alerts. It knows nothing of how alerts are made: it includes no header of
 * core/services.
 * Owner:   truth_free frees the spans of the slots. */
#ifndef TESTS_REPLAY_TRUTH_H
#define TESTS_REPLAY_TRUTH_H

#include "core/base/base.h"

#define TRUTH_QUESTIONS 8
#define TRUTH_SLOTS     96
#define TRUTH_WATCHES   16

struct truth_span { /* open from, to (monotonic ms), for a fee */
    int64_t from_ms, to_ms, fee_cents;
};
struct truth_slot {
    int question, minute;
    const char *seating;
    int64_t start_ms; /* wall */
    struct truth_span *spans;
    size_t count, room;
};
struct truth {
    struct truth_slot slots[TRUTH_SLOTS];
    size_t slot_count;
    int close_polls;
    int64_t quiet_ms;
};
void truth_free(struct truth *truth);
/* NULL: it is not open then. */
const struct truth_span *truth_open(const struct truth_slot *slot, int64_t mono_ms);

struct want { /* what a watch wants from now on */
    bool on, once;
    unsigned questions; /* a bit each */
    int from_minute, to_minute;
    int64_t fee_cents;    /* at most; -1: any */
    const char *seating;  /* a part of the slot's; "": any */
    int64_t silent_until; /* wall */
    int64_t until_ms;     /* wall: it ends then */
};

struct judge {
    const struct truth *truth;
    struct want wants[TRUTH_WATCHES];
    struct {
        int64_t told_ms; /* wall; 0: never */
        bool closed;     /* since */
    } told[TRUTH_WATCHES][TRUTH_SLOTS];
    struct {
        bool open, shown; /* as far as answers go; in the last one */
        int misses;
        int64_t fee_cents;
    } seen[TRUTH_SLOTS];
    struct {
        int64_t answered_ms; /* wall; 0: never */
        bool failing;
    } asked[TRUTH_QUESTIONS];
    bool owed[TRUTH_WATCHES][TRUTH_SLOTS], alerted[TRUTH_WATCHES][TRUTH_SLOTS];
    size_t falses, missed, right;
    char first[200]; /* the first mistake */
};

void judge_begin(struct judge *judge, const struct truth *truth);

/* One of these, then the alerts that came of it, then judge_end. */
void judge_wants(struct judge *judge, int watch, const struct want *want, int64_t wall_ms);
/* A complete answer; `hidden`: slots that it withheld. */
void judge_answer(struct judge *judge, int question, int64_t mono_ms, int64_t wall_ms,
                  const bool hidden[TRUTH_SLOTS]);

void judge_alert(struct judge *judge, int watch, int slot);
/* `exact`: what was owed must have been told. */
void judge_end(struct judge *judge, bool exact, int64_t wall_ms);

/* Nothing comes of these. */
void judge_failed(struct judge *judge, int question);
void judge_tick(struct judge *judge, int64_t wall_ms); /* what is over has ended */
/* The wall clock was moved. If it went back, what is told is as old as before. */
void judge_jumped(struct judge *judge, int64_t by_ms);

#endif
