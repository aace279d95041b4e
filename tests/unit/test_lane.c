#include "tests/test.h"

#include <stdatomic.h>

#include "core/base/env_sim.h"
#include "core/base/lane.h"

#define SEEDS   200
#define THREADS 5 /* how often in the world of threads */

/* A world, and what went wrong in it: tasks must not assert, so they note. */
struct world {
    struct env *env;
    bool sim;
    uint64_t seed;
    void (*scene)(struct world *world);
    atomic_int fault_line;
    const char *fault;
};

static void check(struct world *world, bool holds, const char *what, int line)
{
    int none = 0;
    if (!holds && atomic_compare_exchange_strong(&world->fault_line, &none, line))
        world->fault = what;
}
#define CHECK(what) check(world, (what), #what, __LINE__)

static void play_scene(void *arg)
{
    struct world *world = arg;
    world->scene(world);
}

static void play_sim(void (*scene)(struct world *world))
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        char stuck[200] = "";
        struct world world = {env_sim_new(seed, 1930000000000), true, seed, scene, 0, NULL};
        int failed = env_sim_run(world.env, play_scene, &world, stuck, sizeof(stuck));
        if (failed)
            fail_msg("seed %u: stuck: %s", (unsigned)seed, stuck);
        if (world.fault_line)
            fail_msg("seed %u, line %d: %s", (unsigned)seed, world.fault_line, world.fault);
        env_free(world.env);
    }
}

static void play_threads(void (*scene)(struct world *world))
{
    for (uint64_t i = 1; i <= THREADS; i++) {
        struct world world = {env_threads_new(), false, i, scene, 0, NULL};
        scene(&world);
        if (world.fault_line)
            fail_msg("threads, line %d: %s", world.fault_line, world.fault);
        env_free(world.env);
    }
}

static void play(void (*scene)(struct world *world))
{
    play_sim(scene);
    play_threads(scene);
}

static void pause_ms(struct world *world, int64_t ms)
{
    struct cell cell;
    cell_init(&cell, world->env);
    env_wait(world->env, &cell, env_mono_ms(world->env) + ms);
    cell_done(&cell);
}

/* A condition that must come true in ten seconds of its world. */
#define AWAIT(what)                                                                                \
    do {                                                                                           \
        int64_t until_ = env_mono_ms(world->env) + 10000;                                          \
        while (!(what) && env_mono_ms(world->env) < until_)                                        \
            pause_ms(world, 1);                                                                    \
        CHECK(what);                                                                               \
    } while (0)

/* A job that counts what happened to it, and may wait for a gate. */
struct gate {
    struct world *world;
    atomic_bool open;
    atomic_int inside;
};

struct counted {
    struct job job;
    struct world *world;
    struct gate *gate;
    atomic_int ran, dropped;
};

static void counted_run(struct job *job)
{
    struct counted *own = CONTAINER_OF(job, struct counted, job);
    own->ran++;
    if (!own->gate)
        return;
    own->gate->inside++;
    while (!own->gate->open)
        pause_ms(own->world, 1);
    own->gate->inside--;
}

static void counted_drop(struct job *job)
{
    CONTAINER_OF(job, struct counted, job)->dropped++;
}

static void counted_init(struct counted *jobs, size_t count, struct world *world, struct gate *gate)
{
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (struct counted){.world = world, .gate = gate};
        jobs[i].job.run = counted_run;
        jobs[i].job.drop = counted_drop;
    }
}

static bool all_are(struct counted *jobs, size_t count, int ran, int dropped)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i].ran != ran || jobs[i].dropped != dropped)
            return false;
    return true;
}

/* --- order, parallel work, the budget --- */

#define POSTERS 4
#define KEYS    3
#define ROUNDS  8
#define BUDGET  2

struct crowd {
    struct world *world;
    struct lanes *lanes;
    atomic_int last[POSTERS][KEYS]; /* number of the job that ran last */
    atomic_int in_key[KEYS], at_once, most, done;
};

struct numbered {
    struct job job;
    struct crowd *crowd;
    int poster, key, number;
};

struct poster {
    struct crowd *crowd;
    int index;
};

static void numbered_run(struct job *job)
{
    struct numbered *own = CONTAINER_OF(job, struct numbered, job);
    struct crowd *crowd = own->crowd;
    struct world *world = crowd->world;
    int at_once = ++crowd->at_once;
    CHECK(at_once <= BUDGET);
    if (at_once > crowd->most)
        crowd->most = at_once;
    CHECK(++crowd->in_key[own->key] == 1);
    CHECK(crowd->last[own->poster][own->key]++ == own->number);
    if (env_random_below(world->env, 4) == 0)
        pause_ms(world, 1);
    crowd->in_key[own->key]--;
    crowd->at_once--;
    crowd->done++;
    free(own);
}

static void numbered_drop(struct job *job)
{
    struct numbered *own = CONTAINER_OF(job, struct numbered, job);
    struct world *world = own->crowd->world;
    CHECK(!"dropped");
    free(own);
}

static void post_numbered(void *arg)
{
    struct poster *poster = arg;
    struct crowd *crowd = poster->crowd;
    for (int number = 0; number < ROUNDS; number++)
        for (int key = 0; key < KEYS; key++) {
            struct numbered *own = mem_new(1, sizeof(*own));
            *own = (struct numbered){
                {NULL, numbered_run, numbered_drop}, crowd, poster->index, key, number};
            struct err err = ERR_INIT;
            while (lane_post(crowd->lanes, lane_key(1, (uint64_t)key), &own->job, &err)) {
                struct world *world = crowd->world;
                CHECK(err.kind == ERR_LIMIT);
                pause_ms(crowd->world, 1);
            }
        }
}

static void crowd_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = BUDGET, .a_lane = 10, .in_all = 25, .stack = 65536};
    struct crowd crowd = {.world = world, .lanes = lanes_new(world->env, "crowd", &limits)};
    struct poster posters[POSTERS];
    struct task *tasks[POSTERS];
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){&crowd, i};
        tasks[i] = env_start(world->env, "poster", 0, post_numbered, &posters[i]);
    }
    for (int i = 0; i < POSTERS; i++)
        env_join(tasks[i]);
    AWAIT(crowd.done == POSTERS * KEYS * ROUNDS);
    CHECK(crowd.most >= 1);
    AWAIT(lanes_load(crowd.lanes).running == 0);
    CHECK(lanes_load(crowd.lanes).waiting == 0);
    CHECK(lanes_load(crowd.lanes).workers <= BUDGET);
    CHECK(lanes_stop(crowd.lanes, ENV_FOREVER));
    lanes_free(crowd.lanes);
}

TEST(jobs_of_a_key_run_in_order_one_by_one_within_the_budget)
{
    play(crowd_scene);
}

static void parallel_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 4, .a_lane = 10, .in_all = 100, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "parallel", &limits);
    struct gate gate = {.world = world};
    struct counted jobs[12];
    counted_init(jobs, ARRAY_LEN(jobs), world, &gate);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) /* two for each of six keys */
        CHECK(!lane_post(lanes, lane_key(2, i / 2), &jobs[i].job, NULL));
    AWAIT(gate.inside == 4);
    CHECK(lanes_load(lanes).running == 4);
    CHECK(lanes_load(lanes).workers == 4);
    CHECK(lanes_load(lanes).waiting == 8);
    for (size_t i = 0; i < 4; i++) { /* the oldest lanes, one job of each */
        CHECK(jobs[2 * i].ran == 1);
        CHECK(jobs[2 * i + 1].ran == 0);
    }
    gate.open = true;
    AWAIT(all_are(jobs, ARRAY_LEN(jobs), 1, 0));
    lanes_free(lanes); /* which also stops */
}

TEST(different_keys_run_at_the_same_time)
{
    play(parallel_scene);
}

/* --- turns --- */

struct turns {
    struct job job;
    char *order, name;
    atomic_int *done;
};

static void turns_run(struct job *job)
{
    struct turns *own = CONTAINER_OF(job, struct turns, job);
    own->order[*own->done] = own->name; /* there is one worker */
    ++*own->done;
}

static void turns_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 1, .a_lane = 10, .in_all = 100, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "turns", &limits);
    struct gate gate = {.world = world};
    struct counted first;
    struct turns jobs[6];
    char order[8] = "";
    atomic_int done = 0;
    counted_init(&first, 1, world, &gate);
    CHECK(!lane_post(lanes, 99, &first.job, NULL));
    AWAIT(gate.inside == 1);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        jobs[i] = (struct turns){{NULL, turns_run, counted_drop}, order, "aaaabc"[i], &done};
        CHECK(!lane_post(lanes, (uint64_t)jobs[i].name, &jobs[i].job, NULL));
    }
    gate.open = true;
    AWAIT(done == 6);
    CHECK(!strcmp(order, "abcaaa"));
    lanes_free(lanes);
}

TEST(a_long_lane_does_not_starve_the_others)
{
    play(turns_scene);
}

/* --- limits --- */

static void limits_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 1, .a_lane = 3, .in_all = 5, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "limits", &limits);
    struct gate gate = {.world = world};
    struct counted busy, same[4], other[3];
    struct err err = ERR_INIT;
    counted_init(&busy, 1, world, &gate);
    counted_init(same, 4, world, NULL);
    counted_init(other, 3, world, NULL);
    CHECK(!lane_post(lanes, 1, &busy.job, NULL));
    AWAIT(gate.inside == 1);
    for (size_t i = 0; i < 3; i++)
        CHECK(!lane_post(lanes, 1, &same[i].job, NULL));
    CHECK(lane_post(lanes, 1, &same[3].job, &err) == -1);
    CHECK(err.kind == ERR_LIMIT);
    for (size_t i = 0; i < 2; i++)
        CHECK(!lane_post(lanes, 2 + i, &other[i].job, NULL));
    CHECK(lane_post(lanes, 9, &other[2].job, &err) == -1);
    CHECK(err.kind == ERR_LIMIT);
    CHECK(lanes_load(lanes).waiting == 5);
    gate.open = true;
    AWAIT(all_are(same, 3, 1, 0) && all_are(other, 2, 1, 0));
    CHECK(all_are(&same[3], 1, 0, 0) && all_are(&other[2], 1, 0, 0)); /* still the poster's */
    CHECK(!lane_post(lanes, 9, &other[2].job, NULL));
    AWAIT(all_are(&other[2], 1, 1, 0));
    CHECK(lanes_stop(lanes, ENV_FOREVER));
    CHECK(all_are(&same[3], 1, 0, 0));
    lanes_free(lanes);
}

TEST(what_is_over_the_limits_stays_the_posters)
{
    play(limits_scene);
}

/* --- stopping --- */

static void busy_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 2, .a_lane = 50, .in_all = 100, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "busy", &limits);
    struct gate gate = {.world = world};
    struct counted busy[2], waiting[20], late;
    struct err err = ERR_INIT;
    counted_init(busy, 2, world, &gate);
    counted_init(waiting, 20, world, NULL);
    counted_init(&late, 1, world, NULL);
    for (size_t i = 0; i < 2; i++)
        CHECK(!lane_post(lanes, i, &busy[i].job, NULL));
    AWAIT(gate.inside == 2);
    for (size_t i = 0; i < 20; i++)
        CHECK(!lane_post(lanes, i % 5, &waiting[i].job, NULL));
    int64_t until = env_mono_ms(world->env) + 20;
    CHECK(!lanes_stop(lanes, until));
    CHECK(env_mono_ms(world->env) >= until);
    CHECK(!lanes_stop(lanes, 0));
    CHECK(all_are(waiting, 20, 0, 1));
    CHECK(all_are(busy, 2, 1, 0));
    CHECK(lane_post(lanes, 77, &late.job, &err) == -1);
    CHECK(err.kind == ERR_CANCELLED);
    CHECK(lanes_load(lanes).running == 2);
    gate.open = true;
    CHECK(lanes_stop(lanes, ENV_FOREVER));
    CHECK(lanes_load(lanes).running == 0);
    CHECK(gate.inside == 0);
    lanes_free(lanes);
    CHECK(all_are(waiting, 20, 0, 1) && all_are(busy, 2, 1, 0) && all_are(&late, 1, 0, 0));
}

TEST(stopping_drops_what_waits_and_waits_for_what_runs)
{
    play(busy_scene);
}

#define STORM 60

struct storm {
    struct world *world;
    struct lanes *lanes;
    struct counted jobs[STORM];
    bool taken[STORM];
    atomic_int refused;
};

static void post_storm(void *arg)
{
    struct storm *storm = arg;
    struct world *world = storm->world;
    for (size_t i = 0; i < STORM; i++) {
        struct err err = ERR_INIT;
        storm->taken[i] = !lane_post(storm->lanes, i % 7, &storm->jobs[i].job, &err);
        if (!storm->taken[i]) {
            CHECK(err.kind == ERR_CANCELLED || err.kind == ERR_LIMIT);
            storm->refused++;
        }
        if (i % 5 == 0)
            pause_ms(world, (int64_t)env_random_below(world->env, 2));
    }
}

static void storm_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 3, .a_lane = 50, .in_all = 500, .stack = 65536};
    static struct storm storms[3];
    struct task *tasks[3];
    struct gate gate = {.world = world, .open = true};
    struct lanes *lanes = lanes_new(world->env, "storm", &limits);
    for (size_t s = 0; s < 3; s++) {
        storms[s] = (struct storm){.world = world, .lanes = lanes};
        counted_init(storms[s].jobs, STORM, world, &gate);
        tasks[s] = env_start(world->env, "storm", 0, post_storm, &storms[s]);
    }
    pause_ms(world, (int64_t)(world->seed % 13));
    CHECK(lanes_stop(lanes, ENV_FOREVER));
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; i < STORM; i++)
            CHECK(storms[s].jobs[i].ran + storms[s].jobs[i].dropped <= 1);
    for (size_t s = 0; s < 3; s++)
        env_join(tasks[s]);
    lanes_free(lanes);
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; i < STORM; i++)
            CHECK(storms[s].jobs[i].ran + storms[s].jobs[i].dropped == storms[s].taken[i]);
}

TEST(stopped_amid_posting_each_taken_job_is_run_or_dropped_once)
{
    play(storm_scene);
}

/* --- workers --- */

static void idle_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 5, .a_lane = 5, .in_all = 50, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "idle", &limits);
    struct gate gate = {.world = world};
    struct counted jobs[5], later[2];
    counted_init(jobs, 5, world, &gate);
    counted_init(later, 2, world, NULL);
    CHECK(lanes_load(lanes).workers == 0); /* made on demand */
    for (size_t i = 0; i < 5; i++)
        CHECK(!lane_post(lanes, i, &jobs[i].job, NULL));
    AWAIT(gate.inside == 5);
    gate.open = true;
    AWAIT(lanes_load(lanes).running == 0);
    CHECK(lanes_load(lanes).workers == 5);
    CHECK(!lane_post(lanes, 1, &later[0].job, NULL));
    AWAIT(later[0].ran == 1);
    CHECK(lanes_load(lanes).workers == 5); /* an idle one took it */
    pause_ms(world, 60000);
    CHECK(lanes_load(lanes).workers == 0);
    CHECK(!lane_post(lanes, 1, &later[1].job, NULL));
    AWAIT(later[1].ran == 1);
    CHECK(lanes_load(lanes).workers == 1);
    lanes_free(lanes);
}

TEST(idle_workers_are_let_go_and_made_again)
{
    play_sim(idle_scene); /* among threads it takes ten seconds */
}

/* Posts come just as the idle workers leave: none may be left lying. */
static void edge_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 2, .a_lane = 5, .in_all = 50, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "edge", &limits);
    for (int i = 0; i < 10; i++) {
        struct counted jobs[3];
        counted_init(jobs, 3, world, NULL);
        for (size_t k = 0; k < 3; k++)
            CHECK(!lane_post(lanes, k, &jobs[k].job, NULL));
        AWAIT(all_are(jobs, 3, 1, 0));
        pause_ms(world, 9998 + (int64_t)env_random_below(world->env, 4));
    }
    lanes_free(lanes);
}

TEST(a_post_at_the_moment_a_worker_leaves_is_run)
{
    play_sim(edge_scene);
}

struct chain {
    struct job job;
    struct world *world;
    struct lanes *lanes;
    int left;
    atomic_int *done;
};

static void chain_run(struct job *job)
{
    struct chain *own = CONTAINER_OF(job, struct chain, job);
    struct world *world = own->world;
    if (own->left-- == 0) {
        ++*own->done;
        return;
    }
    CHECK(!lane_post(own->lanes, own->left % 2 ? 1 : 2, &own->job, NULL));
}

static void chain_scene(struct world *world)
{
    static const struct lanes_limits limits = {
        .workers = 2, .a_lane = 5, .in_all = 50, .stack = 65536};
    struct lanes *lanes = lanes_new(world->env, "chain", &limits);
    struct chain chains[3];
    atomic_int done = 0;
    for (size_t i = 0; i < 3; i++) {
        chains[i] = (struct chain){{NULL, chain_run, counted_drop}, world, lanes, 20, &done};
        CHECK(!lane_post(lanes, i, &chains[i].job, NULL));
    }
    AWAIT(done == 3);
    lanes_free(lanes);
}

TEST(a_job_may_post_itself_again)
{
    play(chain_scene);
}

TEST(lanes_that_never_worked_are_freed)
{
    static const struct lanes_limits limits = {1, 1, 1, 65536};
    struct env *env = env_threads_new();
    lanes_free(NULL);
    lanes_free(lanes_new(env, "none", &limits));
    struct lanes *lanes = lanes_new(env, "a name longer than sixteen letters", &limits);
    assert_true(lanes_stop(lanes, 0));
    assert_true(lanes_stop(lanes, ENV_FOREVER));
    lanes_free(lanes);
    env_free(env);
}

TEST(keys_of_different_kinds_differ)
{
    static const uint64_t ids[] = {0, 1, 7, 0x0fffffffffffffff, (uint64_t)-1001234567890};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        for (unsigned kind = 0; kind < 16; kind++)
            for (size_t k = 0; k < ARRAY_LEN(ids); k++)
                for (unsigned other = 0; other < 16; other++)
                    assert_int_equal(lane_key(kind, ids[i]) == lane_key(other, ids[k]),
                                     kind == other && i == k);
}

MAIN(cmocka_unit_test(jobs_of_a_key_run_in_order_one_by_one_within_the_budget),
     cmocka_unit_test(different_keys_run_at_the_same_time),
     cmocka_unit_test(a_long_lane_does_not_starve_the_others),
     cmocka_unit_test(what_is_over_the_limits_stays_the_posters),
     cmocka_unit_test(stopping_drops_what_waits_and_waits_for_what_runs),
     cmocka_unit_test(stopped_amid_posting_each_taken_job_is_run_or_dropped_once),
     cmocka_unit_test(idle_workers_are_let_go_and_made_again),
     cmocka_unit_test(a_post_at_the_moment_a_worker_leaves_is_run),
     cmocka_unit_test(a_job_may_post_itself_again),
     cmocka_unit_test(lanes_that_never_worked_are_freed),
     cmocka_unit_test(keys_of_different_kinds_differ))
