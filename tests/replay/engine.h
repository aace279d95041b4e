/* engine.h: the real services on a database in memory under the virtual clock, fed by hand: what
 * the scheduler would ask is handed out, and answered by the caller.
 *
 * Threads: everything inside the function that engine_run runs. */
#ifndef TESTS_REPLAY_ENGINE_H
#define TESTS_REPLAY_ENGINE_H

#include "core/base/env_sim.h"
#include "core/services/services.h"

struct engine {
    struct env *env;
    struct services *services;
    int64_t next_inbox, alerts_to; /* ids */
    bool alerts_due;               /* there may be new ones */
    bool once;                     /* some watch ends with its first alert */
    char *failure;                 /* the first call that failed */
};

struct engine_options {
    uint64_t seed;
    int64_t wall_ms, quiet_ms, interval_ms;
    int close_polls;
};

/* NULL: all went well. Else what failed, for the caller to free. */
char *engine_run(const struct engine_options *options, void (*fn)(struct engine *engine, void *arg),
                 void *arg);

/* Person `person` (from 1) has a chat of that number. */
void engine_person(struct engine *engine, int64_t person);
void engine_venue(struct engine *engine, int64_t id, const char *name, const char *zone);

/* 0: the same is watched already, or the time is over. */
int64_t engine_watch(struct engine *engine, int64_t person, const struct watch_wish *wish,
                     struct watch *ret);
/* False: there is no such watch any more, or it cannot be. */
bool engine_change(struct engine *engine, int64_t person, int64_t id,
                   const struct watch_change *change, struct watch *ret);
bool engine_stop(struct engine *engine, int64_t person, int64_t id);
bool engine_undo(struct engine *engine, int64_t person, int64_t id, struct watch *ret);

/* What is due is claimed. */
size_t engine_due(struct engine *engine, struct question *out, size_t limit);
/* That one, due or not. False: nobody wants to know. */
bool engine_claim(struct engine *engine, int64_t venue_id, const char *day, int64_t party,
                  struct question *ret);
bool engine_question(struct engine *engine, int64_t id, struct question *ret);
void engine_answer(struct engine *engine, const struct question *q, const struct resy_find *find);
void engine_fail(struct engine *engine, const struct question *q, enum resy_fault fault);

/* A calendar has that day asked, or no longer; nothing if nobody has that day asked so. */
void engine_gate(struct engine *engine, int64_t venue_id, const char *day, int64_t party,
                 bool open);
/* The canary's: empty answers are believed, or none is. */
void engine_verdict(struct engine *engine, bool believed);

/* As the scheduler does: what is over ends; after a jump of the clock everything is put right. */
void engine_expire(struct engine *engine);
void engine_jump(struct engine *engine, int64_t by_ms);

/* The alerts since the last call; each counts as sent. */
struct engine_alert {
    int64_t watch, question, minute;
    char seating[96];
};
void engine_alerts(struct engine *engine, void (*each)(void *ctx, const struct engine_alert *alert),
                   void *ctx);

/* Everything is forgotten. */
void engine_clear(struct engine *engine);

#endif
