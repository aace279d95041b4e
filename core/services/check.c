/* One answer changes what is known, and whoever is owed an alert gets it, in one transaction.
 *
 * Both lists are in the order of (minute, seating): they are walked once, side by side. A slot
 * that the answer has and we do not know as open opens; one that we know as open and the answer
 * lacks misses, and closes when it has missed close_polls complete answers in a row. */
#include "core/services/services.h"

#include "core/base/log.h"
#include "core/services/recorder.h"
#include "db/hint.h"
#include "db/opening.h"
#include "db/slot.h"
#include "db/told.h"

#define JITTER_MOST_MS  ((int64_t)1000)
#define BACKOFF_MOST    ((int64_t)5 * 60 * 1000)
#define BLIND_CALENDARS 3 /* that fail in a row: then the days are asked without it */
#define WITNESS_LEAST   ((int64_t)10 * 60 * 1000)

struct apply_args {
    struct services *services;
    const struct check_answer *answer;
    struct zone *zone;
    int close_polls;
    struct question q; /* as it stands in this transaction */
    bool changed, outbox;
    bool missing; /* an open slot is not in the answer: the next one decides */
};

static int open_slot(struct db_conn *conn, struct apply_args *args, const struct resy_slot *seen,
                     const struct slot *known, struct err *err)
{
    const struct check_answer *a = args->answer;
    int64_t recent = MAX_OF(5 * args->q.pace_ms, WITNESS_LEAST);
    struct date day;
    if (date_parse(args->q.day, &day))
        return err_set(err, ERR_BUG, NULL, "question %lld has no day", (long long)args->q.id);
    struct slot slot = {
        .minute = seen->minute,
        .start_ms = zone_utc_ms(args->zone, day, seen->minute),
        .fee_cents = seen->fee_cents,
        .seating = seen->seating,
        .shown = seen->shown,
        .witnessed = args->q.answers && args->q.answered_ms > a->answered_ms - recent,
        .opened_ms = a->answered_ms,
        .opened_answer = args->q.answers + 1,
    };
    memcpy(slot.start, seen->start, sizeof(slot.start));
    memcpy(slot.template, seen->template, sizeof(slot.template));
    args->changed = true;
    if (slot_open(conn, args->q.id, &slot, err) ||
        (slot.witnessed &&
         opening_begin(conn, args->q.id, slot.start, slot.seating, slot.opened_ms, err)))
        return -1;
    return known ? told_queue_edits(conn, known->id, a->answered_ms, &args->outbox, err) : 0;
}

static int still_open(struct db_conn *conn, struct apply_args *args, const struct resy_slot *seen,
                      const struct slot *known, struct err *err)
{
    args->changed = args->changed || known->missed; /* it was not told while it was missing */
    if (known->missed && slot_set_missed(conn, known->id, 0, err))
        return -1;
    if (known->fee_cents == seen->fee_cents && !strcmp(known->template, seen->template))
        return 0;
    args->changed = true; /* a lower fee may be one that somebody wants */
    return slot_set_terms(conn, known->id, seen->template, seen->fee_cents, err);
}

static int missing(struct db_conn *conn, struct apply_args *args, const struct slot *known,
                   struct err *err)
{
    const struct check_answer *a = args->answer;
    if (!known->open)
        return 0;
    args->missing = args->missing || known->missed + 1 < args->close_polls;
    if (known->missed + 1 < args->close_polls)
        return slot_set_missed(conn, known->id, known->missed + 1, err);
    args->changed = true;
    if (slot_close(conn, known->id, a->answered_ms, args->q.answers + 1, err) ||
        (known->witnessed && opening_end(conn, known->id, a->answered_ms, err)))
        return -1;
    return told_queue_edits(conn, known->id, a->answered_ms, &args->outbox, err);
}

static int order(const struct resy_slot *seen, const struct slot *known)
{
    if (seen->minute != known->minute)
        return seen->minute < known->minute ? -1 : 1;
    return strcmp(seen->seating, known->seating);
}

static int walk(struct db_conn *conn, struct apply_args *args, const struct slots *known,
                struct err *err)
{
    const struct resy_find *find = args->answer->find;
    size_t i = 0, j = 0;
    while (i < find->count || j < known->count) {
        int which = i == find->count    ? 1
                    : j == known->count ? -1
                                        : order(&find->slots[i], &known->list[j]);
        int failed;
        if (which > 0)
            failed = missing(conn, args, &known->list[j++], err);
        else if (which < 0)
            failed = open_slot(conn, args, &find->slots[i++], NULL, err);
        else if (known->list[j].open)
            failed = still_open(conn, args, &find->slots[i++], &known->list[j++], err);
        else
            failed = open_slot(conn, args, &find->slots[i++], &known->list[j++], err);
        if (failed)
            return -1;
    }
    return 0;
}

static uint64_t hash_on(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

/* What an answer says, in a number that is not 0 (FNV-1a). Equal to the last one's means: nothing
 * has changed, and there is nothing to compare slot by slot. */
static int64_t fingerprint_of(const struct resy_find *find)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < find->count; i++) {
        const struct resy_slot *s = &find->slots[i];
        hash = hash_on(hash, &s->minute, sizeof(s->minute));
        hash = hash_on(hash, s->seating, strlen(s->seating) + 1);
        hash = hash_on(hash, s->template, strlen(s->template) + 1);
        hash = hash_on(hash, &s->fee_cents, sizeof(s->fee_cents));
    }
    return hash ? (int64_t)hash : 1;
}

static int compare(struct db_conn *conn, struct apply_args *args, struct err *err)
{
    auto_slots known = {0};
    if (slots_of(conn, args->q.id, &known, err) || walk(conn, args, &known, err))
        return -1;
    return args->missing ? question_set_fingerprint(conn, args->q.id, 0, err) : 0;
}

/* Who asked because of a hint has its answer. */
static int settle_hints(struct apply_args *args, struct db_conn *conn, struct err *err)
{
    int64_t now = args->answer->answered_ms;
    bool any;
    if (known_settle(conn, args->q.id, now, &any, err))
        return -1;
    return any ? question_refresh(conn, args->q.id, now, services_options(args->services).floor_ms,
                                  err)
               : 0;
}

static int apply(struct db_conn *conn, void *arg, struct err *err)
{
    struct apply_args *args = arg;
    const struct check_answer *a = args->answer;
    int64_t fingerprint = fingerprint_of(a->find);
    bool mine, doubted = false;
    if (question_get(conn, a->question.id, &args->q, err) ||
        (!a->find->count &&
         doubt_weigh(args->services, conn, &args->q, a->answered_ms, &doubted, err)))
        return -1;
    if (doubted) {
        record_answer(args->services, &args->q, a->find);
        return question_doubted(conn, args->q.id, a->claim, a->answered_ms, a->due_ms, &mine, err);
    }
    if (question_answered(conn, &args->q, a->claim, a->answered_ms, a->due_ms,
                          (int64_t)a->find->count, fingerprint, &mine, err))
        return -1;
    if (!mine) /* a late answer: somebody else has asked since */
        return 0;
    record_answer(args->services, &args->q, a->find);
    if (args->q.fingerprint != fingerprint && compare(conn, args, err))
        return -1;
    bool look = args->changed || args->q.look_ms <= a->answered_ms;
    args->q.answers++;
    if (look && (tell_owed(args->services, conn, &args->q, a->answered_ms, &args->outbox, err) ||
                 settle_hints(args, conn, err)))
        return -1;
    return life_answered(args->services, conn, a->answered_ms, &args->outbox, err);
}

int check_apply(struct services *services, const struct check_answer *answer, bool *ret_outbox,
                struct err *err)
{
    auto_zone zone = services_zone(answer->zone);
    struct apply_args args = {.services = services,
                              .answer = answer,
                              .zone = zone,
                              .close_polls = services_options(services).close_polls};
    if (db_write(services->db, apply, &args, err))
        return -1;
    *ret_outbox = args.outbox;
    return 0;
}

/* --- asking --- */

/* At the release of its tables, if that comes before. Up to a twentieth of the interval, never more
 * than a second: nobody waits longer than interval + 1 s, and the questions of one minute do not
 * march in step. */
static int64_t next_due(struct services *services, const struct question *q)
{
    int64_t interval = (int64_t)((double)q->pace_ms * services_stretch(services));
    int64_t jitter = MIN_OF(interval / 20, JITTER_MOST_MS);
    int64_t due = q->asked_ms + interval +
                  (int64_t)env_random_below(services->env, (uint64_t)jitter + 1);
    return q->release_ms > q->asked_ms ? MIN_OF(due, q->release_ms) : due;
}

static int64_t retry_due(struct services *services, const struct question *q, unsigned retry_ms,
                         int64_t now)
{
    int64_t wait = q->interval_ms;
    for (int64_t i = 0; i < q->fails && wait < BACKOFF_MOST; i++)
        wait *= 2;
    wait = MAX_OF(MIN_OF(wait, BACKOFF_MOST), q->interval_ms);
    wait = MAX_OF(wait, (int64_t)retry_ms);
    return now + wait + (int64_t)env_random_below(services->env, (uint64_t)wait / 10 + 1);
}

struct fail_args {
    struct services *services;
    const struct question *q;
    const char *claim;
    enum resy_fault fault;
    const struct err *why;
    int64_t now_ms, due_ms;
    bool outbox;
};

static int record_failure(struct db_conn *conn, void *arg, struct err *err)
{
    struct fail_args *args = arg;
    bool counts = args->fault != RESY_NO_BUDGET && args->fault != RESY_CANCELLED, mine;
    if (question_failed(conn, args->q->id, args->claim, args->why->why, counts, args->now_ms,
                        args->due_ms, &mine, err))
        return -1;
    if (!mine || !counts)
        return 0;
    record_failed(args->services, args->q, args->fault);
    if (args->q->kind == QUESTION_CALENDAR && args->q->fails + 1 >= BLIND_CALENDARS &&
        days_ask_all(args->services, conn, args->q, args->now_ms, err))
        return -1;
    return life_failed(args->services, conn, args->fault, args->why, args->q->id,
                       args->due_ms - args->now_ms, args->now_ms, &args->outbox, err);
}

bool check_failed(struct services *services, const struct question *q, const char *claim,
                  enum resy_fault fault, const struct err *why)
{
    struct err err = ERR_INIT;
    int64_t now = env_wall_ms(services->env);
    bool soon = fault == RESY_NO_BUDGET || fault == RESY_CANCELLED;
    struct fail_args args = {
        .services = services,
        .q = q,
        .claim = claim,
        .fault = fault,
        .why = why,
        .now_ms = now,
        .due_ms = soon ? now + MAX_OF(why->retry_ms, 1000u)
                       : retry_due(services, q, why->retry_ms, now),
    };
    if (!soon)
        log_err(LOG_WARN, "check", why, "question=%lld fault=%s", (long long)q->id,
                resy_fault_name(fault));
    if (db_write(services->db, record_failure, &args, &err))
        log_err(LOG_ERR, "check", &err, "question=%lld", (long long)q->id);
    return args.outbox;
}

/* What was got could not be stored: nothing is known of it, the same as not asked. */
static bool not_stored(struct services *services, const struct question *q, const char *claim,
                       struct err *err)
{
    log_err(LOG_ERR, "check", err, "question=%lld", (long long)q->id);
    err->retry_ms = (unsigned)MIN_OF(q->interval_ms, BACKOFF_MOST);
    return check_failed(services, q, claim, RESY_CANCELLED, err);
}

static bool check_search(struct services *services, const struct question *q, const char *claim,
                         struct cancel *cancel)
{
    struct err err = ERR_INIT;
    enum resy_fault fault = RESY_FINE;
    struct resy_hits hits;
    bool outbox = false;
    if (news_ask(services, q, cancel, &fault, &hits, &err))
        return check_failed(services, q, claim, fault, &err);
    int64_t now = env_wall_ms(services->env);
    struct news_answer answer = {.question = *q,
                                 .claim = claim,
                                 .hits = &hits,
                                 .answered_ms = now,
                                 .due_ms = MAX_OF(next_due(services, q), now)};
    int stored = news_apply(services, &answer, &outbox, &err);
    resy_hits_free(&hits);
    if (stored)
        return not_stored(services, q, claim, &err);
    services_look(services); /* a find may be due */
    return outbox;
}

static bool check_find(struct services *services, const struct question *q, const char *claim,
                       struct cancel *cancel)
{
    struct err err = ERR_INIT;
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_CHECK, .cancel = cancel, .fault = &fault};
    struct resy_find find;
    struct date day;
    bool outbox = false;
    if (date_parse(q->day, &day)) {
        log_line(LOG_ERR, "check", "question=%lld has no day", (long long)q->id);
        return false;
    }
    if (resy_find(services->resy, &ask, q->venue_id, day, (int)q->party, &find, &err))
        return check_failed(services, q, claim, fault, &err);
    if (find.partial) {
        resy_find_free(&find);
        err_set(&err, ERR_REMOTE, NULL, "slots that cannot be read");
        return check_failed(services, q, claim, RESY_SHAPE, &err);
    }
    int64_t age = env_mono_ms(services->env) - find.answered_mono_ms;
    int64_t now = env_wall_ms(services->env);
    struct check_answer answer = {.question = *q,
                                  .claim = claim,
                                  .find = &find,
                                  .zone = *find.zone ? find.zone : q->zone,
                                  .answered_ms = now - MAX_OF(age, 0),
                                  .due_ms = MAX_OF(next_due(services, q), now)};
    if (find.count)
        canary_not_needed(services);
    int stored = check_apply(services, &answer, &outbox, &err);
    resy_find_free(&find);
    return stored ? not_stored(services, q, claim, &err) : outbox;
}

static bool check_calendar(struct services *services, const struct question *q, const char *claim,
                           struct cancel *cancel)
{
    struct err err = ERR_INIT;
    enum resy_fault fault = RESY_FINE;
    struct resy_calendar *calendar = mem_new(1, sizeof(*calendar));
    bool outbox = false;
    if (days_ask(services, q, cancel, &fault, calendar, &err)) {
        free(calendar);
        return check_failed(services, q, claim, fault, &err);
    }
    int64_t now = env_wall_ms(services->env);
    struct days_answer answer = {.question = *q,
                                 .claim = claim,
                                 .calendar = calendar,
                                 .answered_ms = now,
                                 .due_ms = MAX_OF(next_due(services, q), now)};
    int stored = days_apply(services, &answer, &outbox, &err);
    free(calendar);
    if (stored)
        return not_stored(services, q, claim, &err);
    services_look(services); /* a day may be due */
    return outbox;
}

bool check_run(struct services *services, const struct question *q, const char *claim,
               struct cancel *cancel)
{
    switch (q->kind) {
    case QUESTION_SEARCH:
        return check_search(services, q, claim, cancel);
    case QUESTION_CALENDAR:
        return check_calendar(services, q, claim, cancel);
    default:
        return check_find(services, q, claim, cancel);
    }
}
