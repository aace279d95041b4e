#include "tests/test.h"

#include "core/base/env_sim.h"

#define WALL 1930000000000

/* What the coroutines note for the assertions on the main thread. */
struct notes {
    struct env *env;
    struct cell cell;
    char order[400];
    size_t len;
    int64_t at[8];
    bool woken[8];
    struct task *task;
};

static void note(struct notes *notes, char c)
{
    if (notes->len + 1 < sizeof(notes->order))
        notes->order[notes->len++] = c;
}

static void run(struct notes *notes, uint64_t seed, void (*fn)(void *arg))
{
    char stuck[200] = "";
    *notes = (struct notes){.env = env_sim_new(seed, WALL)};
    cell_init(&notes->cell, notes->env);
    if (env_sim_run(notes->env, fn, notes, stuck, sizeof(stuck)))
        fail_msg("seed %llu: stuck: %s", (unsigned long long)seed, stuck);
    cell_done(&notes->cell);
    env_free(notes->env);
}

static void jump_through_time(void *arg)
{
    struct notes *notes = arg;
    notes->at[0] = env_mono_ms(notes->env);
    notes->at[1] = env_wall_ms(notes->env);
    env_sim_pause(notes->env, 86400000);
    notes->at[2] = env_mono_ms(notes->env);
    notes->at[3] = env_wall_ms(notes->env);
    env_sim_jump_wall(notes->env, -3600000);
    notes->at[4] = env_mono_ms(notes->env);
    notes->at[5] = env_wall_ms(notes->env);
    env_sim_sleep_machine(notes->env, 7200000);
    notes->at[6] = env_mono_ms(notes->env);
    notes->at[7] = env_wall_ms(notes->env);
}

TEST(time_stands_until_all_wait_and_then_jumps)
{
    struct notes notes;
    run(&notes, 1, jump_through_time);
    static const int64_t want[] = {1000000,
                                   WALL,
                                   1000000 + 86400000,
                                   WALL + 86400000,
                                   1000000 + 86400000,
                                   WALL + 82800000,
                                   1000000 + 86400000,
                                   WALL + 90000000};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(notes.at[i], want[i]);
}

static void wake_then_wait(void *arg)
{
    struct notes *notes = arg;
    int64_t now = env_mono_ms(notes->env);
    env_wake(&notes->cell);
    env_wake(&notes->cell);
    notes->woken[0] = env_wait(notes->env, &notes->cell, ENV_FOREVER);
    notes->woken[1] = env_wait(notes->env, &notes->cell, now + 500);
    notes->at[0] = env_mono_ms(notes->env) - now;
    notes->woken[2] = env_wait(notes->env, &notes->cell, now);
    notes->woken[3] = env_wait(notes->env, &notes->cell, -1);
    env_wake(&notes->cell);
    notes->woken[4] = env_wait(notes->env, &notes->cell, 0);
    notes->at[1] = env_mono_ms(notes->env) - now;
}

TEST(a_wake_before_the_wait_is_taken_once)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct notes notes;
        run(&notes, seed, wake_then_wait);
        assert_true(notes.woken[0]);
        assert_false(notes.woken[1]);
        assert_false(notes.woken[2]);
        assert_false(notes.woken[3]);
        assert_true(notes.woken[4]);
        assert_int_equal(notes.at[0], 500);
        assert_int_equal(notes.at[1], 500);
    }
}

static void wake_after_a_while(void *arg)
{
    struct notes *notes = arg;
    env_sim_pause(notes->env, 300);
    env_wake(&notes->cell);
}

static void wait_to_be_woken(void *arg)
{
    struct notes *notes = arg;
    int64_t now = env_mono_ms(notes->env);
    struct task *task = env_start(notes->env, "waker", 0, wake_after_a_while, notes);
    notes->woken[0] = env_wait(notes->env, &notes->cell, now + 1000);
    notes->at[0] = env_mono_ms(notes->env) - now;
    env_join(task);
}

TEST(a_sleeper_is_woken_at_the_time_of_the_wake)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct notes notes;
        run(&notes, seed, wait_to_be_woken);
        assert_true(notes.woken[0]);
        assert_int_equal(notes.at[0], 300);
    }
}

struct walker {
    struct notes *notes;
    char name;
    int steps;
};

static void walk(void *arg)
{
    struct walker *walker = arg;
    for (int i = 0; i < walker->steps; i++) {
        note(walker->notes, walker->name);
        env_sim_pause(walker->notes->env, 0);
    }
}

static void walk_together(void *arg)
{
    struct notes *notes = arg;
    struct walker walkers[5];
    struct task *tasks[5];
    for (int i = 0; i < 5; i++) {
        walkers[i] = (struct walker){notes, (char)('a' + i), 20};
        tasks[i] = env_start(notes->env, "walker", 0, walk, &walkers[i]);
    }
    for (int i = 0; i < 5; i++)
        env_join(tasks[i]);
    uint64_t drawn;
    env_random(notes->env, &drawn, sizeof(drawn));
    notes->at[0] = (int64_t)drawn;
}

TEST(a_seed_is_an_interleaving)
{
    struct notes first, again, other;
    size_t differing = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        run(&first, seed, walk_together);
        run(&again, seed, walk_together);
        run(&other, seed + 1000, walk_together);
        assert_int_equal(first.len, 100);
        assert_string_equal(first.order, again.order);
        assert_true(first.at[0] == again.at[0]);
        differing += strcmp(first.order, other.order) != 0;
    }
    assert_int_equal(differing, 50);
}

TEST(everybody_comes_first_under_some_seed)
{
    bool first[5] = {false}, last[5] = {false};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct notes notes;
        run(&notes, seed, walk_together);
        first[notes.order[0] - 'a'] = true;
        last[notes.order[99] - 'a'] = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        assert_true(first[i] && last[i]);
}

static void return_at_once(void *arg)
{
    (void)arg;
}

static void wait_for_ever(void *arg)
{
    struct notes *notes = arg;
    struct cell never;
    cell_init(&never, notes->env);
    env_wait(notes->env, &never, ENV_FOREVER);
}

static void get_stuck(void *arg)
{
    struct notes *notes = arg;
    struct task *done = env_start(notes->env, "done", 0, return_at_once, notes);
    struct task *lost = env_start(notes->env, "lost", 0, wait_for_ever, notes);
    env_sim_pause(notes->env, 1000);
    env_join(lost);
    env_join(done);
}

static void stick(char *stuck, size_t size)
{
    struct notes notes = {.env = env_sim_new(3, WALL)};
    assert_int_equal(env_sim_run(notes.env, get_stuck, &notes, stuck, size), -1);
    assert_int_equal(env_mono_ms(notes.env), 1001000);
    env_free(notes.env);
}

TEST(a_lost_wake_up_is_reported_by_name)
{
    char stuck[200] = "";
    stick(stuck, sizeof(stuck));
    assert_non_null(strstr(stuck, "lost"));
    assert_non_null(strstr(stuck, "main"));
    char small[5] = "";
    stick(small, sizeof(small));
    assert_int_equal(small[4], '\0');
    stick(NULL, 0);
}

TEST(who_has_ended_is_not_named_as_stuck)
{
    char stuck[200] = "";
    stick(stuck, sizeof(stuck));
    assert_null(strstr(stuck, "done"));
}

static void join_both_ways(void *arg)
{
    struct notes *notes = arg;
    struct walker walker = {notes, 'x', 3};
    struct task *task = env_start(notes->env, "early", 0, walk, &walker);
    env_sim_pause(notes->env, 100); /* it has ended before it is joined */
    env_join(task);
    note(notes, '|');
    task = env_start(notes->env, "late", 0, walk, &walker);
    env_join(task);
    note(notes, '.');
}

TEST(a_task_is_joined_before_and_after_its_end)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct notes notes;
        run(&notes, seed, join_both_ways);
        assert_string_equal(notes.order, "xxx|xxx.");
    }
}

/* Deep, so that a killed task leaves frames on its stack. */
static int descend(struct notes *notes, int depth)
{
    char frame[256];
    memset(frame, depth, sizeof(frame));
    if (!depth)
        wait_for_ever(notes);
    return depth ? descend(notes, depth - 1) + frame[depth] : frame[0];
}

static void go_deep(void *arg)
{
    descend(arg, 100);
}

static void start_and_leave(void *arg)
{
    struct notes *notes = arg;
    for (int i = 0; i < 5; i++)
        notes->task = env_start(notes->env, "deep", 0, go_deep, notes);
    env_sim_pause(notes->env, 10);
    note(notes, 'l');
}

TEST(killed_tasks_are_gone_and_the_world_goes_on)
{
    struct notes notes = {.env = env_sim_new(5, WALL)};
    for (int i = 0; i < 50; i++) {
        assert_int_equal(env_sim_run(notes.env, start_and_leave, &notes, NULL, 0), 0);
        env_sim_kill(notes.env);
    }
    char stuck[100] = "";
    assert_int_equal(env_sim_run(notes.env, wait_for_ever, &notes, stuck, sizeof(stuck)), -1);
    assert_string_equal(stuck, "main");
    assert_int_equal(notes.len, 50);
    env_free(notes.env);
}

static void pause_a_minute_often(void *arg)
{
    struct notes *notes = arg;
    for (int i = 0; i < 31 * 24 * 60; i++)
        env_sim_pause(notes->env, 60000);
}

static void live_a_month(void *arg)
{
    struct notes *notes = arg;
    struct task *task = env_start(notes->env, "minutes", 0, pause_a_minute_often, notes);
    pause_a_minute_often(notes);
    env_join(task);
    notes->at[0] = env_mono_ms(notes->env);
    notes->at[1] = (int64_t)env_sim_switches(notes->env);
}

TEST(a_month_takes_a_moment)
{
    struct notes notes;
    struct timespec from, until;
    clock_gettime(CLOCK_MONOTONIC, &from);
    run(&notes, 1, live_a_month);
    clock_gettime(CLOCK_MONOTONIC, &until);
    assert_int_equal(notes.at[0], 1000000 + (int64_t)31 * 86400 * 1000);
    assert_true(notes.at[1] > 2 * 31 * 24 * 60);
    double seconds = (double)(until.tv_sec - from.tv_sec) +
                     (double)(until.tv_nsec - from.tv_nsec) / 1e9;
    assert_true(seconds < 5); /* sanitized, on a busy machine; 0.02 without */
}

static void start_a_thousand(void *arg)
{
    struct notes *notes = arg;
    static struct task *tasks[1000];
    static struct walker walker;
    walker = (struct walker){notes, 'x', 2};
    for (int i = 0; i < 1000; i++)
        tasks[i] = env_start(notes->env, "many", 0, walk, &walker);
    for (int i = 0; i < 1000; i++)
        env_join(tasks[i]);
    notes->at[0] = (int64_t)env_sim_switches(notes->env);
}

TEST(a_thousand_tasks_take_turns)
{
    struct notes notes;
    run(&notes, 1, start_a_thousand);
    assert_true(notes.at[0] >= 3000);
}

MAIN(cmocka_unit_test(time_stands_until_all_wait_and_then_jumps),
     cmocka_unit_test(a_wake_before_the_wait_is_taken_once),
     cmocka_unit_test(a_sleeper_is_woken_at_the_time_of_the_wake),
     cmocka_unit_test(a_seed_is_an_interleaving),
     cmocka_unit_test(everybody_comes_first_under_some_seed),
     cmocka_unit_test(a_lost_wake_up_is_reported_by_name),
     cmocka_unit_test(who_has_ended_is_not_named_as_stuck),
     cmocka_unit_test(a_task_is_joined_before_and_after_its_end),
     cmocka_unit_test(killed_tasks_are_gone_and_the_world_goes_on),
     cmocka_unit_test(a_month_takes_a_moment), cmocka_unit_test(a_thousand_tasks_take_turns))
