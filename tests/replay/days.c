#include "tests/replay/days.h"

#include "tests/replay/engine.h"
#include "tests/replay/truth.h"

#define SECOND       ((int64_t)1000)
#define DAY_LASTS    (3 * HOUR_MS)
#define TICK         (30 * SECOND)
#define INTERVAL     (60 * SECOND)
#define EXPIRE_EVERY (2 * MINUTE_MS)
#define VENUES       2
#define DAYS         2
#define QUESTIONS    (VENUES * DAYS)
#define SLOTS_EACH   9
#define WATCHES_MOST 8
#define CHANGES_MOST 4
#define PERSONS      3
#define OPENINGS     20 /* at least */
#define NOTHING      (5 * HOUR_MS)

enum change_kind {
    EDIT_WINDOW,
    EDIT_FEE,
    EDIT_SEATING,
    EDIT_DAYS,
    PAUSE,
    RESUME,
    SNOOZE,
    STOP,
    UNDO,
    CHANGES
};

struct day_watch {
    int64_t id, person, at_ms; /* id 0: not begun, or refused */
    unsigned venues, days;     /* a bit each */
    int64_t change_ms[CHANGES_MOST];
    enum change_kind changes[CHANGES_MOST];
    size_t change_count, change_at;
    bool begun;
};

struct day {
    uint64_t random;
    struct truth truth;
    struct judge judge;
    struct venue venues[VENUES];
    struct date dates[DAYS];
    int64_t questions[QUESTIONS]; /* ids, as they become known */
    int64_t begun_ms;             /* monotonic */
    struct day_watch watches[WATCHES_MOST];
    size_t watch_count;
    bool withheld_last[QUESTIONS];
    int64_t blocked_from, blocked_to, jump_at, jump_by;
    struct days_tally *tally;
    struct engine *engine;
};

static const char *const seatings[] = {"bar", "dining room", "patio"};
static const int64_t fees[] = {0, 0, 0, 2500, 5000};

static uint64_t draw(struct day *d) /* splitmix64 */
{
    uint64_t z = (d->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t below(struct day *d, int64_t n)
{
    return (int64_t)(draw(d) % (uint64_t)n);
}

static bool chance(struct day *d, int percent)
{
    return below(d, 100) < percent;
}

/* --- what is true --- */

static void add_span(struct day *d, struct truth_slot *slot, int64_t from, int64_t lasts)
{
    slot->spans = mem_grow(slot->spans, &slot->room, slot->count + 1, sizeof(*slot->spans));
    slot->spans[slot->count++] = (struct truth_span){d->begun_ms + from, d->begun_ms + from + lasts,
                                                     fees[below(d, ARRAY_LEN(fees))]};
    d->tally->openings++;
}

/* One opening after another; the fee may change while it is open. */
static void open_now_and_then(struct day *d, struct truth_slot *slot, int64_t gap, int64_t lasts)
{
    int64_t at = below(d, gap);
    while (at < DAY_LASTS) {
        int64_t until = at + 1 + below(d, lasts);
        add_span(d, slot, at, until - at);
        at = until + (chance(d, 20) ? 0 : 1 + below(d, gap));
    }
}

static void fill_slot(struct day *d, struct truth_slot *slot, bool anchor)
{
    int kind = anchor ? 100 : (int)below(d, 100);
    if (kind >= 90)
        add_span(d, slot, 0, 2 * DAY_LASTS); /* always there */
    else if (kind >= 65)
        open_now_and_then(d, slot, 2 * HOUR_MS, HOUR_MS);
    else if (kind >= 40)
        open_now_and_then(d, slot, HOUR_MS, 10 * MINUTE_MS);
    else if (kind >= 32)
        open_now_and_then(d, slot, 4 * MINUTE_MS, 3 * MINUTE_MS); /* flaps */
}

/* The last one of a date always has a table, so that no restaurant ever turns empty: the answers
 * are to be believed here, doubt has tests of its own. */
static void make_truth(struct day *d, const struct zone *zone, int64_t wall_ms)
{
    struct local now = zone_local(zone, wall_ms);
    size_t before = d->tally->openings;
    d->truth.close_polls = 1 + (int)below(d, 3);
    d->truth.quiet_ms = (1 + below(d, 4)) * 10 * MINUTE_MS;
    for (int pass = 0; !pass || d->tally->openings - before < OPENINGS; pass++) {
        truth_free(&d->truth);
        d->tally->openings = before;
        for (int q = 0; q < QUESTIONS; q++)
            for (int i = 0; i < SLOTS_EACH; i++) {
                bool anchor = i == SLOTS_EACH - 1;
                struct truth_slot *slot = &d->truth.slots[d->truth.slot_count++];
                int minute = anchor ? 1739 : now.minute - 20 + i * 25 + (int)below(d, 20);
                *slot = (struct truth_slot){.question = q,
                                            .minute = MIN_OF(MAX_OF(minute, 0), 1738 + anchor),
                                            .seating = seatings[below(d, ARRAY_LEN(seatings))]};
                slot->start_ms = zone_utc_ms(zone, d->dates[q % DAYS], slot->minute);
                fill_slot(d, slot, anchor);
            }
    }
}

/* --- what people want --- */

static void make_watches(struct day *d)
{
    d->watch_count = 3 + (size_t)below(d, WATCHES_MOST - 2);
    for (size_t i = 0; i < d->watch_count; i++) {
        struct day_watch *w = &d->watches[i];
        *w = (struct day_watch){.person = 1 + below(d, PERSONS),
                                .at_ms = chance(d, 50) ? 0 : below(d, DAY_LASTS * 2 / 3),
                                .venues = 1 + (unsigned)below(d, 3),
                                .days = 1 + (unsigned)below(d, 3)};
        w->change_count = (size_t)below(d, CHANGES_MOST + 1);
        int64_t at = w->at_ms;
        for (size_t k = 0; k < w->change_count; k++) {
            at += below(d, HOUR_MS);
            w->change_ms[k] = at;
            w->changes[k] = (enum change_kind)below(d, CHANGES);
        }
    }
}

static unsigned questions_of(const struct day_watch *w)
{
    unsigned mask = 0;
    for (int q = 0; q < QUESTIONS; q++)
        if ((w->venues >> (q / DAYS) & 1) && (w->days >> (q % DAYS) & 1))
            mask |= 1u << q;
    return mask;
}

static size_t dates_of(const struct day *d, unsigned days, struct date *ret)
{
    size_t n = 0;
    for (int i = 0; i < DAYS; i++)
        if (days >> i & 1)
            ret[n++] = d->dates[i];
    return n;
}

static void draw_window(struct day *d, int *ret_from, int *ret_to)
{
    const struct truth_slot *a = &d->truth.slots[below(d, (int64_t)d->truth.slot_count)];
    const struct truth_slot *b = &d->truth.slots[below(d, (int64_t)d->truth.slot_count)];
    *ret_from = MIN_OF(a->minute, b->minute); /* borders are where mistakes are */
    *ret_to = MAX_OF(a->minute, b->minute);
}

static const char *draw_seating(struct day *d)
{
    return chance(d, 70) ? "" : chance(d, 50) ? "bar" : "room";
}

/* As the judge has it, from what the service says that it made of it. */
static void tell_judge(struct day *d, size_t i, const struct watch *now)
{
    static const char *const parts[] = {"", "bar", "room"};
    char first[DATE_TEXT];
    if (now->days == 1) /* what was over when it was asked for is not asked */
        d->watches[i].days = strcmp(now->day, date_text(d->dates[0], first)) ? 2 : 1;
    struct want want = {.on = true,
                        .once = now->once,
                        .questions = questions_of(&d->watches[i]),
                        .from_minute = (int)now->from_minute,
                        .to_minute = (int)now->to_minute,
                        .fee_cents = now->max_fee_cents,
                        .seating = "",
                        .silent_until = now->snoozed_ms,
                        .until_ms = now->until_ms};
    for (size_t k = 0; k < ARRAY_LEN(parts); k++)
        if (!strcmp(parts[k], now->seating))
            want.seating = parts[k];
    want.on = !now->paused;
    judge_wants(&d->judge, (int)i, &want, env_wall_ms(d->engine->env));
}

static void hear(void *ctx, const struct engine_alert *alert)
{
    struct day *d = ctx;
    int watch = -1, slot = -1;
    for (size_t i = 0; i < d->watch_count; i++)
        if (d->watches[i].id == alert->watch)
            watch = (int)i;
    for (size_t s = 0; s < d->truth.slot_count; s++)
        if (d->questions[d->truth.slots[s].question] == alert->question &&
            d->truth.slots[s].minute == alert->minute &&
            !strcmp(d->truth.slots[s].seating, alert->seating))
            slot = (int)s;
    if (watch >= 0 && slot >= 0)
        judge_alert(&d->judge, watch, slot);
    else
        d->judge.falses++;
}

static void begin_watch(struct day *d, size_t i)
{
    struct day_watch *w = &d->watches[i];
    struct venue venues[VENUES];
    struct date dates[DAYS];
    struct watch now;
    struct watch_wish wish = {.venues = venues,
                              .days = dates,
                              .day_count = dates_of(d, w->days, dates),
                              .party = 2,
                              .any_time = chance(d, 40),
                              .any_fee = chance(d, 60),
                              .max_fee_cents = 2500,
                              .once = chance(d, 15),
                              .seating = draw_seating(d)};
    for (int v = 0; v < VENUES; v++)
        if (w->venues >> v & 1)
            venues[wish.venue_count++] = d->venues[v];
    draw_window(d, &wish.from_minute, &wish.to_minute);
    w->begun = true;
    w->id = engine_watch(d->engine, w->person, &wish, &now);
    if (w->id)
        tell_judge(d, i, &now);
}

static void change_watch(struct day *d, size_t i)
{
    struct day_watch *w = &d->watches[i];
    enum change_kind kind = w->changes[w->change_at++];
    struct watch now;
    struct date dates[DAYS];
    struct watch_change change = {0};
    unsigned days = w->days;
    bool well;
    switch (kind) {
    case EDIT_WINDOW:
        change.has_window = true;
        draw_window(d, &change.from_minute, &change.to_minute);
        break;
    case EDIT_FEE:
        change.has_fee = true;
        change.any_fee = chance(d, 50);
        break;
    case EDIT_SEATING:
        change.seating = draw_seating(d);
        break;
    case EDIT_DAYS:
        days = 1 + (unsigned)below(d, 3);
        change.days = dates;
        change.day_count = dates_of(d, days, dates);
        break;
    case SNOOZE:
        change.snooze_ms = (1 + below(d, 60)) * MINUTE_MS;
        break;
    default:
        change.pause = kind == PAUSE;
        change.resume = kind == RESUME;
    }
    if (!w->id)
        return;
    if (kind == STOP) {
        if (engine_stop(d->engine, w->person, w->id))
            d->judge.wants[i].on = false;
        return;
    }
    well = kind == UNDO ? engine_undo(d->engine, w->person, w->id, &now)
                        : engine_change(d->engine, w->person, w->id, &change, &now);
    if (!well)
        return;
    w->days = days;
    tell_judge(d, i, &now);
}

static void people(struct day *d, int64_t at_ms)
{
    int64_t wall = env_wall_ms(d->engine->env);
    for (size_t i = 0; i < d->watch_count; i++) {
        struct day_watch *w = &d->watches[i];
        bool begins = !w->begun && w->at_ms <= at_ms;
        if (!begins && (w->change_at == w->change_count || w->change_ms[w->change_at] > at_ms))
            continue;
        judge_wants(&d->judge, (int)i, &d->judge.wants[i], wall); /* nothing new, so far */
        if (begins)
            begin_watch(d, i);
        else
            change_watch(d, i);
        engine_alerts(d->engine, hear, d);
        judge_end(&d->judge, false, wall);
    }
}

/* --- answers --- */

static int question_index(struct day *d, const struct question *q)
{
    char day[DATE_TEXT];
    for (int i = 0; i < QUESTIONS; i++)
        if (d->venues[i / DAYS].id == q->venue_id &&
            !strcmp(date_text(d->dates[i % DAYS], day), q->day)) {
            d->questions[i] = q->id;
            return i;
        }
    return -1;
}

static int by_time(const void *a, const void *b)
{
    const struct resy_slot *x = a, *y = b;
    return x->minute != y->minute ? x->minute - y->minute : strcmp(x->seating, y->seating);
}

/* A glitch withholds one table, or all but one; never twice in a row. */
static void draw_hidden(struct day *d, int question, bool hidden[TRUTH_SLOTS])
{
    bool glitch = chance(d, 6) && !d->withheld_last[question], all = chance(d, 25);
    memset(hidden, 0, TRUTH_SLOTS * sizeof(*hidden));
    d->withheld_last[question] = glitch;
    d->tally->withheld += glitch;
    for (size_t s = 0; glitch && s < d->truth.slot_count; s++)
        hidden[s] = d->truth.slots[s].question == question && (s + 1) % SLOTS_EACH != 0 &&
                    (all || chance(d, 20));
}

static void answer(struct day *d, const struct question *q, int index)
{
    struct resy_slot slots[SLOTS_EACH];
    struct resy_find find = {.slots = slots};
    bool hidden[TRUTH_SLOTS];
    int64_t mono = env_mono_ms(d->engine->env), wall = env_wall_ms(d->engine->env);
    draw_hidden(d, index, hidden);
    for (size_t s = 0; s < d->truth.slot_count; s++) {
        const struct truth_slot *slot = &d->truth.slots[s];
        const struct truth_span *span = truth_open(slot, mono);
        if (slot->question != index || !span || hidden[s])
            continue;
        struct resy_slot *out = &slots[find.count++];
        *out = (struct resy_slot){.minute = slot->minute,
                                  .seating = (char *)slot->seating,
                                  .shown = (char *)slot->seating,
                                  .fee_cents = span->fee_cents};
        snprintf(out->start, sizeof(out->start), "%d", slot->minute);
        snprintf(out->template, sizeof(out->template), "%lld", (long long)span->fee_cents);
    }
    qsort(slots, find.count, sizeof(*slots), by_time);
    judge_answer(&d->judge, index, mono, wall, hidden);
    engine_answer(d->engine, q, &find);
    engine_alerts(d->engine, hear, d);
    judge_end(&d->judge, true, wall);
    d->tally->answers++;
}

static void ask(struct day *d, int64_t at_ms)
{
    struct question due[QUESTIONS];
    size_t count = engine_due(d->engine, due, QUESTIONS);
    bool blocked = at_ms >= d->blocked_from && at_ms < d->blocked_to;
    for (size_t i = 0; i < count; i++) {
        int index = question_index(d, &due[i]);
        if (!blocked && !chance(d, 4)) {
            answer(d, &due[i], index);
            continue;
        }
        static const enum resy_fault faults[] = {RESY_DOWN, RESY_BLOCKED, RESY_SHAPE, RESY_LIMITED};
        engine_fail(d->engine, &due[i], faults[below(d, ARRAY_LEN(faults))]);
        judge_failed(&d->judge, index);
        d->tally->failed++;
    }
}

static void jump(struct day *d, int64_t at_ms)
{
    if (at_ms < d->jump_at)
        return;
    engine_jump(d->engine, d->jump_by);
    judge_jumped(&d->judge, d->jump_by);
    d->jump_at = INT64_MAX;
}

/* --- one day after another --- */

/* Two start shortly before a change of daylight saving. */
static const char *const first_dates[] = {"2031-03-08", "2031-11-01", "2031-05-09",
                                          "2031-07-04", "2031-12-31", "2032-02-28"};

static void make_day(struct day *d, struct engine *e, uint64_t seed, struct days_tally *tally)
{
    *d = (struct day){.random = seed * 0x2545f4914f6cdd1du + 1, .tally = tally, .engine = e};
    auto_zone zone = zone_new("EST5EDT");
    if (date_parse(first_dates[below(d, ARRAY_LEN(first_dates))], &d->dates[0]))
        abort();
    d->dates[1] = date_add(d->dates[0], 1);
    int64_t wall = zone_utc_ms(zone, d->dates[0], 15 * 60 + (int)below(d, 8 * 60));
    env_sim_jump_wall(e->env, wall - env_wall_ms(e->env));
    d->begun_ms = env_mono_ms(e->env);
    for (int v = 0; v < VENUES; v++) {
        d->venues[v] = (struct venue){.id = v + 1};
        snprintf(d->venues[v].zone, sizeof(d->venues[v].zone), "EST5EDT");
    }
    make_truth(d, zone, wall);
    make_watches(d);
    bool blocked = chance(d, 30), jumps = chance(d, 25);
    d->blocked_from = blocked ? below(d, DAY_LASTS) : NOTHING;
    d->blocked_to = d->blocked_from + 10 * MINUTE_MS + below(d, 50 * MINUTE_MS);
    d->jump_at = jumps ? below(d, DAY_LASTS) : INT64_MAX;
    d->jump_by = chance(d, 50) ? -below(d, HOUR_MS) : below(d, HOUR_MS);
    judge_begin(&d->judge, &d->truth);
}

static void live_day(struct day *d)
{
    struct engine *e = d->engine;
    struct service_options options = services_options(e->services);
    options.close_polls = d->truth.close_polls;
    options.quiet_ms = d->truth.quiet_ms;
    services_set_options(e->services, &options);
    for (int64_t at = 0; at < DAY_LASTS && !e->failure; at += TICK) {
        jump(d, at);
        if (at % EXPIRE_EVERY == 0) {
            engine_expire(e);
            judge_tick(&d->judge, env_wall_ms(e->env));
        }
        people(d, at);
        ask(d, at);
        env_sim_pause(e->env, TICK);
    }
}

struct run {
    uint64_t seed;
    size_t days;
    bool stop;
    struct days_tally *tally;
};

static void live(struct engine *e, void *arg)
{
    const struct run *run = arg;
    struct days_tally *t = run->tally;
    struct day *d = mem_new(1, sizeof(*d));
    for (int64_t i = 1; i <= PERSONS; i++)
        engine_person(e, i);
    for (int64_t v = 1; v <= VENUES; v++)
        engine_venue(e, v, v == 1 ? "One" : "Two", "EST5EDT");
    for (size_t i = 0; i < run->days && !e->failure && !(run->stop && (t->falses || t->missed));
         i++) {
        make_day(d, e, run->seed + i, t);
        live_day(d);
        t->days++;
        t->right += d->judge.right;
        t->falses += d->judge.falses;
        t->missed += d->judge.missed;
        if (*d->judge.first && !*t->first) {
            t->bad_seed = run->seed + i;
            memcpy(t->first, d->judge.first, sizeof(t->first));
        }
        truth_free(&d->truth);
        engine_clear(e);
    }
    free(d);
}

char *days_run(uint64_t seed, size_t days, bool stop, struct days_tally *ret)
{
    struct engine_options options = {.seed = seed,
                                     .wall_ms = (int64_t)1935000000000,
                                     .quiet_ms = 30 * MINUTE_MS,
                                     .interval_ms = INTERVAL,
                                     .close_polls = 2};
    struct run run = {seed, days, stop, ret};
    *ret = (struct days_tally){0};
    return engine_run(&options, live, &run);
}
