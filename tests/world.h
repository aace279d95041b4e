/* world.h: the whole core in the virtual world: our own code, the sandbox's city, a clock that
 * jumps, and an adapter that remembers what it was given.
 *
 * A test is a function that runs as a coroutine inside the world; its checks are remembered and
 * asserted outside, since cmocka jumps. The same seed is the same interleaving.
 * Owner:   world_run makes and frees everything. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "adapters/slack/slack.h"
#include "adapters/telegram/telegram.h"
#include "core/base/env_sim.h"
#include "core/orchestrator/orchestrator.h"
#include "core/scheduler/scheduler.h"
#include "tests/sandbox/botapi.h"
#include "tests/sandbox/city.h"
#include "tests/sandbox/model.h"
#include "tests/sandbox/slackapi.h"

struct sent {      /* what the adapter was given */
    int64_t at_ms; /* wall */
    enum outbox_kind kind;
    char *type, *text; /* of the message; its card is in the text */
    cJSON *message;
    bool repeat;
};

struct world {
    struct env *env;
    struct city *city;
    struct botapi *bot;
    struct model *model;
    struct llm *llm; /* if the world was set up so */
    bool with_model;
    struct http http;
    struct carried *carried;
    struct db *db;
    struct resy *resy;
    struct services *services;
    struct orchestrator *orchestrator;
    struct scheduler *scheduler;
    struct adapter adapter;
    struct telegram *telegram; /* if the world was set up so */
    bool with_telegram;
    struct slackapi *workspace;
    struct slack *slack; /* if the world was set up so */
    bool with_slack;
    struct ws ws;
    struct virtual_socket *sockets;
    struct task *clock; /* the workspace's: what is due by time */
    struct cell tick;
    bool ticking;
    const char *path; /* of the database */
    struct service_options options;
    unsigned a_minute;
    bool booking;

    struct sent *sent;
    size_t sent_count, sent_cap;
    struct cell heard; /* woken when something was sent */
    bool offline;      /* nobody attends */
    int lose;          /* so many sends arrive, and their answer is lost */
    const char *deny;  /* the person to whom nothing may be sent any more; NULL: none */
    int refs;
    bool running;
    char *failure; /* the first check that failed */
};

typedef void world_fn(struct world *w);

/* What to change before the world begins; NULL: nothing. */
struct world_setup {
    int64_t wall_ms;
    const char *path; /* NULL: in memory */
    const char *zone, *city;
    int64_t interval_ms, quiet_ms, floor_ms;
    int close_polls;
    unsigned a_minute; /* 0: no limit */
    bool model;        /* with a language model */
    bool booking;      /* switched on, with the one guest's token */
    bool telegram;     /* with the Bot API's server and our adapter of it */
    bool slack;        /* with a workspace and our adapter of it */
    enum access_mode access;
    const char *owner; /* "telegram:42"; NULL: none is configured */
};

/* NULL: all checks held. Else the first that did not, for the caller to free. */
char *world_run(uint64_t seed, const struct world_setup *setup, world_fn *fn);

/* The same with the database in a file of its own, so that it can be left and begun again. */
char *world_run_on_disk(uint64_t seed, const struct world_setup *setup, world_fn *fn);

#define WORLD(seed, setup, fn)                                                                     \
    do {                                                                                           \
        char *failure_ = world_run(seed, setup, fn);                                               \
        if (failure_)                                                                              \
            fail_msg("seed %d: %s", (int)(seed), failure_);                                        \
    } while (0)

/* Several interleavings: MAITRED_SEEDS of them, or six. */
int world_seeds(void);
#define SEEDS(setup, fn)                                                                           \
    for (int seed_ = 1; seed_ <= world_seeds(); seed_++)                                           \
    WORLD(seed_, setup, fn)

/* … with the database on the disk. */
#define ON_DISK(setup, fn)                                                                         \
    for (int seed_ = 1; seed_ <= world_seeds(); seed_++) {                                         \
        char *failure_ = world_run_on_disk((uint64_t)seed_, setup, fn);                            \
        if (failure_)                                                                              \
            fail_msg("seed %d: %s", seed_, failure_);                                              \
    }

#define CHECK(w, condition) world_check(w, condition, "%s:%d: %s", __FILE__, __LINE__, #condition)
void world_check(struct world *w, bool holds, const char *fmt, ...) PRINTF(3, 4);

/* Says it as `person` in their own chat and waits for the reply, whose text is returned (borrowed).
 */
const char *world_say_as(struct world *w, const char *person, const char *text);
const char *world_say(struct world *w, const char *text); /* the owner */
const char *world_press(struct world *w, const char *token);
/* The button of the last message of a type whose label begins so. */
const char *world_press_label(struct world *w, const char *type, const char *label);

/* The owner says it, and the answer must hold that. */
bool world_answers(struct world *w, const char *text, const char *want);
#define SAYS(text, want) CHECK(w, world_answers(w, text, want))

/* A control line of the sandbox; fails the check if it is refused. */
void world_city(struct world *w, const char *fmt, ...) PRINTF(2, 3);
/* The same for the Bot API server; what it answers, for the caller to free with json_free. */
cJSON *world_bot(struct world *w, const char *fmt, ...) PRINTF(2, 3);
/* The same for the workspace. */
cJSON *world_slack(struct world *w, const char *fmt, ...) PRINTF(2, 3);
/* The same for the language model. */
cJSON *world_model(struct world *w, const char *fmt, ...) PRINTF(2, 3);
int64_t world_requests(struct world *w, const char *path); /* since the last reset-counts */

void world_pass(struct world *w, int64_t ms);

/* The core is taken down and built again on the same database, which must be a file. */
void world_restart(struct world *w);

/* Sent so far of a type ("alert", "edit", "notice", "reply"), and the newest of it or NULL. */
size_t world_count(const struct world *w, const char *type);
const struct sent *world_last(const struct world *w, const char *type);

/* A time of the wall clock in a zone, ms UTC. */
int64_t world_time(const char *zone, const char *date, int minute);

#endif
