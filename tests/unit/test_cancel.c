#include "tests/test.h"

#include "core/base/cancel.h"
#include "core/base/env_sim.h"

TEST(a_token_is_set_once_and_for_all)
{
    struct cancel cancel;
    cancel_init(&cancel);
    assert_false(cancel_is_set(&cancel));
    cancel_set(&cancel);
    cancel_set(&cancel);
    assert_true(cancel_is_set(&cancel));
    cancel_done(&cancel);
}

TEST(no_token_is_never_set)
{
    struct cancel_listener listener;
    assert_false(cancel_is_set(NULL));
    cancel_listen(NULL, &listener, NULL);
    cancel_unlisten(NULL, &listener);
}

TEST(every_listener_is_woken_also_one_that_comes_late)
{
    struct env *env = env_threads_new();
    struct cancel cancel;
    struct cell cells[4];
    struct cancel_listener listeners[4];
    cancel_init(&cancel);
    for (size_t i = 0; i < 4; i++)
        cell_init(&cells[i], env);
    for (size_t i = 0; i < 3; i++)
        cancel_listen(&cancel, &listeners[i], &cells[i]);
    cancel_unlisten(&cancel, &listeners[1]);
    cancel_set(&cancel);
    cancel_listen(&cancel, &listeners[3], &cells[3]);
    static const bool woken[] = {true, false, true, true};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(env_wait(env, &cells[i], 0), woken[i]);
    cancel_unlisten(&cancel, &listeners[0]);
    cancel_unlisten(&cancel, &listeners[3]);
    cancel_unlisten(&cancel, &listeners[2]);
    cancel_done(&cancel);
    for (size_t i = 0; i < 4; i++)
        cell_done(&cells[i]);
    env_free(env);
}

#define LISTENERS 8

struct hall {
    struct env *env;
    struct cancel cancel;
    size_t left;
    pthread_mutex_t lock;
};

/* Listens and goes again and again until the token is set: the cell lives shorter than it. */
static void listen_until_set(void *arg)
{
    struct hall *hall = arg;
    while (!cancel_is_set(&hall->cancel)) {
        struct cell cell;
        struct cancel_listener listener;
        cell_init(&cell, hall->env);
        cancel_listen(&hall->cancel, &listener, &cell);
        env_wait(hall->env, &cell,
                 env_mono_ms(hall->env) + (int64_t)env_random_below(hall->env, 3));
        cancel_unlisten(&hall->cancel, &listener);
        cell_done(&cell);
    }
    pthread_mutex_lock(&hall->lock);
    hall->left++;
    pthread_mutex_unlock(&hall->lock);
}

static void fill_hall(void *arg)
{
    struct hall *hall = arg;
    struct task *tasks[LISTENERS];
    struct cell cell;
    for (size_t i = 0; i < LISTENERS; i++)
        tasks[i] = env_start(hall->env, "listener", 65536, listen_until_set, hall);
    cell_init(&cell, hall->env);
    env_wait(hall->env, &cell, env_mono_ms(hall->env) + 20);
    cell_done(&cell);
    cancel_set(&hall->cancel);
    for (size_t i = 0; i < LISTENERS; i++)
        env_join(tasks[i]);
}

TEST(all_who_listen_hear_it_among_threads)
{
    for (int i = 0; i < 10; i++) {
        struct hall hall = {.env = env_threads_new(), .lock = PTHREAD_MUTEX_INITIALIZER};
        cancel_init(&hall.cancel);
        fill_hall(&hall);
        assert_int_equal(hall.left, LISTENERS);
        cancel_done(&hall.cancel);
        env_free(hall.env);
    }
}

TEST(all_who_listen_hear_it_under_every_seed)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct hall hall = {.env = env_sim_new(seed, 0), .lock = PTHREAD_MUTEX_INITIALIZER};
        cancel_init(&hall.cancel);
        assert_int_equal(env_sim_run(hall.env, fill_hall, &hall, NULL, 0), 0);
        assert_int_equal(hall.left, LISTENERS);
        cancel_done(&hall.cancel);
        env_free(hall.env);
    }
}

MAIN(cmocka_unit_test(a_token_is_set_once_and_for_all), cmocka_unit_test(no_token_is_never_set),
     cmocka_unit_test(every_listener_is_woken_also_one_that_comes_late),
     cmocka_unit_test(all_who_listen_hear_it_among_threads),
     cmocka_unit_test(all_who_listen_hear_it_under_every_seed))
