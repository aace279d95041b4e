#include "tests/test.h"

#include <stdatomic.h>
#include <sys/wait.h>

#include "core/base/env.h"

static struct env *env;

static int begin(void **state)
{
    (void)state;
    env = env_threads_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    env_free(env);
    return 0;
}

#define ENV_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

TEST(clocks_go_forward)
{
    int64_t mono = env_mono_ms(env), wall = env_wall_ms(env);
    struct cell cell;
    cell_init(&cell, env);
    assert_false(env_wait(env, &cell, mono + 20));
    assert_true(env_mono_ms(env) >= mono + 20);
    assert_true(env_wall_ms(env) >= wall);
    assert_true(wall / 1000 - (int64_t)time(NULL) < 5);
    cell_done(&cell);
}

TEST(a_wake_before_the_wait_is_not_lost)
{
    struct cell cell;
    cell_init(&cell, env);
    env_wake(&cell);
    env_wake(&cell);
    assert_true(env_wait(env, &cell, ENV_FOREVER));
    assert_false(env_wait(env, &cell, env_mono_ms(env) + 5)); /* one bit, taken */
    env_wake(&cell);
    assert_true(env_wait(env, &cell, 0)); /* woken counts also after the deadline */
    cell_done(&cell);
}

TEST(a_wait_ends_at_its_deadline_and_not_before)
{
    static const int64_t spans[] = {0, 1, 10, 60};
    struct cell cell;
    cell_init(&cell, env);
    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        int64_t start = env_mono_ms(env);
        assert_false(env_wait(env, &cell, start + spans[i]));
        int64_t took = env_mono_ms(env) - start;
        assert_true(took >= spans[i]);
        assert_true(took < spans[i] + 2000);
    }
    assert_false(env_wait(env, &cell, 0));
    cell_done(&cell);
}

/* How a child that does this ends: its signal, or 0. */
static int ends_by(void (*fn)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        alarm(5);
        fn();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void wait_for_the_past(void)
{
    struct cell cell;
    cell_init(&cell, env);
    if (env_wait(env, &cell, -1500))
        _exit(1);
}

/* The virtual world returns at once; pthread_cond_timedwait says EINVAL, not ETIMEDOUT. */
TEST(a_deadline_below_zero_is_past)
{
    assert_int_equal(ends_by(wait_for_the_past), 0);
}

static void wait_forbidden(void)
{
    struct cell cell;
    cell_init(&cell, env);
    env_wake(&cell);
    env_forbid_waiting();
    env_forbid_waiting();
    env_allow_waiting();
    env_wait(env, &cell, 0);
}

static void wait_allowed_again(void)
{
    struct cell cell;
    cell_init(&cell, env);
    env_forbid_waiting();
    env_allow_waiting();
    env_wait(env, &cell, 0);
}

TEST(a_forbidden_wait_aborts)
{
    assert_int_equal(ends_by(wait_forbidden), SIGABRT);
    assert_int_equal(ends_by(wait_allowed_again), 0);
}

struct ping {
    struct cell mine, *other;
    pthread_mutex_t *lock;
    int *ball, parity, rounds;
};

static void play(void *arg)
{
    struct ping *ping = arg;
    for (int i = 0; i < ping->rounds; i++) {
        pthread_mutex_lock(ping->lock);
        while (*ping->ball % 2 != ping->parity) {
            pthread_mutex_unlock(ping->lock);
            env_wait(env, &ping->mine, ENV_FOREVER);
            pthread_mutex_lock(ping->lock);
        }
        ++*ping->ball;
        pthread_mutex_unlock(ping->lock);
        env_wake(ping->other);
    }
}

TEST(two_tasks_hand_a_ball_to_and_fro)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int ball = 0;
    struct ping a = {.lock = &lock, .ball = &ball, .parity = 0, .rounds = 5000}, b = a;
    b.parity = 1;
    cell_init(&a.mine, env);
    cell_init(&b.mine, env);
    a.other = &b.mine;
    b.other = &a.mine;
    struct task *one = env_start(env, "one", 0, play, &a);
    struct task *two = env_start(env, "a name much longer than sixteen", 65536, play, &b);
    env_join(one);
    env_join(two);
    assert_int_equal(ball, 10000);
    cell_done(&a.mine);
    cell_done(&b.mine);
}

static void count_up(void *arg)
{
    atomic_int *count = arg;
    struct cell cell;
    cell_init(&cell, env);
    env_wait(env, &cell, env_mono_ms(env) + 20);
    cell_done(&cell);
    ++*count;
}

TEST(a_thousand_tasks_run_at_once)
{
    static struct task *tasks[1000];
    atomic_int count = 0;
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        tasks[i] = env_start(env, "many", 65536, count_up, &count);
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        env_join(tasks[i]);
    assert_int_equal(count, 1000);
}

static void look_at_signals(void *arg)
{
    sigset_t *mask = arg;
    pthread_sigmask(SIG_BLOCK, NULL, mask);
}

TEST(signals_are_the_main_threads)
{
    sigset_t mask, mine;
    env_join(env_start(env, "signals", 0, look_at_signals, &mask));
    pthread_sigmask(SIG_BLOCK, NULL, &mine);
    assert_true(sigismember(&mask, SIGTERM));
    assert_true(sigismember(&mask, SIGHUP));
    assert_false(sigismember(&mine, SIGTERM));
}

TEST(random_numbers_stay_below_their_limit_and_differ)
{
    size_t seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[env_random_below(env, 7)]++;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        assert_true(seen[i] > 700 && seen[i] < 1300);
    assert_int_equal(env_random_below(env, 1), 0);
    unsigned char a[1000], b[1000];
    env_random(env, a, sizeof(a));
    env_random(env, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    env_random(env, a, 0);
}

MAIN(ENV_TEST(clocks_go_forward), ENV_TEST(a_wake_before_the_wait_is_not_lost),
     ENV_TEST(a_wait_ends_at_its_deadline_and_not_before), ENV_TEST(a_deadline_below_zero_is_past),
     ENV_TEST(a_forbidden_wait_aborts), ENV_TEST(two_tasks_hand_a_ball_to_and_fro),
     ENV_TEST(a_thousand_tasks_run_at_once), ENV_TEST(signals_are_the_main_threads),
     ENV_TEST(random_numbers_stay_below_their_limit_and_differ))
