/* The database as its callers see it: who is undone with whom, and what a full disk does. */
#include "tests/test.h"

#include "db/internal.h"
#include "tests/world.h"

#define WRITERS 40

struct scene {
    struct env *env;
    struct db *db;
    int failed, wrong;
};

struct writer {
    struct scene *scene;
    int64_t number;
};

/* Every third one writes, and then does not want to have written. */
static int put_number(struct db_conn *conn, void *arg, struct err *err)
{
    struct writer *writer = arg;
    if (db_exec(conn, err, "insert into city values ($1, 'n', 's', 'z', 0.0, 0.0, 1)", "i",
                writer->number))
        return -1;
    return writer->number % 3 ? 0 : err_set(err, ERR_BUG, NULL, "number %d", (int)writer->number);
}

static void write_one(void *arg)
{
    struct writer *writer = arg;
    struct err err = ERR_INIT;
    bool failed = db_write(writer->scene->db, put_number, writer, &err);
    writer->scene->failed += failed;
    writer->scene->wrong += failed != (writer->number % 3 == 0);
    writer->scene->wrong += failed != (err.kind == ERR_BUG);
}

static int count_numbers(struct db_conn *conn, void *arg, struct err *err)
{
    return db_int_of(conn, err, arg, "select count(*) from city", "") < 0 ? -1 : 0;
}

static void write_many(void *arg)
{
    struct scene *scene = arg;
    struct writer writers[WRITERS];
    struct task *tasks[WRITERS];
    enum db_trouble trouble;
    int64_t count = 0;
    struct err err = ERR_INIT;
    scene->db = db_open(scene->env, ":memory:", &trouble, &err);
    if (!scene->db) {
        scene->wrong = 1000;
        return;
    }
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){scene, (int64_t)i};
        tasks[i] = env_start(scene->env, "a writer", 0, write_one, &writers[i]);
    }
    for (size_t i = 0; i < WRITERS; i++)
        env_join(tasks[i]);
    if (db_read(scene->db, count_numbers, &count, &err) || count != WRITERS - (WRITERS + 2) / 3)
        scene->wrong += 100;
    if (db_trouble_now(scene->db) != DB_FINE)
        scene->wrong += 200;
    db_close(scene->db);
}

TEST(who_fails_is_undone_alone_be_it_in_a_batch_or_by_itself)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct scene scene = {.env = env_sim_new(seed, 0)};
        char stuck[200] = "";
        assert_int_equal(env_sim_run(scene.env, write_many, &scene, stuck, sizeof(stuck)), 0);
        env_free(scene.env);
        assert_int_equal(scene.wrong, 0);
        assert_int_equal(scene.failed, (WRITERS + 2) / 3);
    }
}

static int set_pages(struct db_conn *conn, void *arg, struct err *err)
{
    return *(bool *)arg ? db_exec(conn, err, "pragma max_page_count = 1", "") /* no more */
                        : db_exec(conn, err, "pragma max_page_count = 1000000", "");
}

/* The smallest row that there may be, so that no other fits where it does not. */
static int put_row(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err,
                   "insert into outbox (chat_id, kind, state, due_ms, payload, seen_ms) "
                   "values (1, 'notice', 'gone', 0, '', 0)",
                   "");
}

static void disk_fills(struct world *w)
{
    struct err err = ERR_INIT;
    bool full = true;
    int rows = 0;
    world_say(w, "/watch Lark 2031-05-09 2");
    world_pass(w, 60000);
    CHECK(w, db_write(w->db, set_pages, &full, &err) == 0);
    while (db_write(w->db, put_row, NULL, &err) == 0 && rows < 100000)
        rows++;
    CHECK(w, err.kind == ERR_STORE && db_trouble_now(w->db) == DB_FULL);
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 1200000);
    CHECK(w, world_count(w, "notice") == 1); /* once */
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "The disk is full. I cannot look for tables"));
    CHECK(w, world_count(w, "alert") == 0);
    full = false;
    CHECK(w, db_write(w->db, set_pages, &full, &err) == 0);
    world_pass(w, 400000);
    CHECK(w, world_count(w, "notice") == 2);
    notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "can be written again"));
    CHECK(w, world_count(w, "alert") == 1);
}

TEST(a_full_disk_is_told_once_past_the_outbox_and_once_when_it_is_over)
{
    for (int seed = 1; seed <= 6; seed++)
        WORLD(seed, NULL, disk_fills);
}

/* --- a database of an older program --- */

#define OLD 5 /* the version before the tables that others point to were rebuilt */

static const char old_rows[] =
    "insert into account (id, role, zone, city, created_ms) values (1, 'owner', 'UTC', 'ny', 1);"
    "insert into chat (id, platform, own, ref, created_ms) values (1, 'test', 'o', 'c', 1);"
    "insert into venue values (7, 'Lark', 'lark', 'ny', 'new-york-ny', 'UTC', '', '', 1, 1, 6, 1);"
    "insert into question (id, kind, venue_id, day, party, interval_ms, created_ms, answers) "
    "values (3, 'find', 7, '2031-05-09', 2, 60000, 1, 14);"
    "insert into slot (id, question_id, start, minute, start_ms, seating, shown, template, "
    "fee_cents, open, witnessed, opened_ms, opened_answer) values (5, 3, 's', 1155, 2, '', '', "
    "'', 0, 1, 1, 1, 1);"
    "insert into venue_watch (id, account_id, chat_id, venue_id, day, party, from_minute, "
    "to_minute, interval_ms, until_ms, state, inbox_id, created_ms, title) values (9, 1, 1, 7, "
    "'2031-05-09', 2, 0, 1740, 60000, 4000000000000, 'active', 11, 1, 'ours');"
    "insert into watch_question (watch_id, question_id, since_ms, since_answer, until_ms) "
    "values (9, 3, 1, 0, 4000000000000);"
    "insert into outbox (id, chat_id, kind, due_ms, payload, seen_ms) "
    "values (21, 1, 'alert', 1, '{}', 1);"
    "insert into told (watch_id, slot_id, outbox_id, told_ms) values (9, 5, 21, 1);"
    "insert into venue_watch (id, account_id, chat_id, venue_id, day, party, from_minute, "
    "to_minute, interval_ms, until_ms, state, inbox_id, created_ms) values (40, 1, 1, 7, "
    "'2031-05-09', 2, 0, 1740, 60000, 4, 'expired', 12, 1);"
    "delete from venue_watch where id = 40;";

static int count_old(struct db_conn *conn, void *arg, struct err *err)
{
    return db_int_of(
               conn, err, arg,
               "select count(*) from venue_watch w join watch_question s on s.watch_id = w.id "
               "join question q on q.id = s.question_id join slot l on l.question_id = q.id "
               "join told t on t.slot_id = l.id and t.watch_id = w.id "
               "where w.id = 9 and w.title = 'ours' and w.state = 'active' and q.answers = 14 "
               "and s.hint_id is null and s.based "
               "and (select seq from sqlite_sequence where name = 'venue_watch') = 40",
               "") < 0
               ? -1
               : 0;
}

static void open_old(void *arg)
{
    struct scene *scene = arg;
    enum db_trouble trouble;
    struct err err = ERR_INIT;
    int64_t count = 0;
    char path[] = "/tmp/maitred-old-XXXXXX", copy[64];
    int fd = mkstemp(path);
    sqlite3 *old;
    close(fd);
    if (sqlite3_open(path, &old) != SQLITE_OK)
        scene->wrong++;
    for (size_t i = 0; i < OLD; i++)
        scene->wrong += sqlite3_exec(old, migrations[i].sql, NULL, NULL, NULL) != SQLITE_OK;
    scene->wrong += sqlite3_exec(old, old_rows, NULL, NULL, NULL) != SQLITE_OK;
    scene->wrong += sqlite3_exec(old, "pragma user_version=5", NULL, NULL, NULL) != SQLITE_OK;
    sqlite3_close(old);
    scene->db = db_open(scene->env, path, &trouble, &err);
    scene->wrong += !scene->db || db_read(scene->db, count_old, &count, &err) || count != 1;
    if (scene->db)
        db_close(scene->db);
    unlink(path);
    for (size_t i = OLD; i < migrations_count; i++) { /* each leaves a copy of what was before */
        snprintf(copy, sizeof(copy), "%s.before-%d", path, migrations[i].number);
        scene->wrong += unlink(copy) != 0;
    }
}

TEST(a_database_of_an_older_program_keeps_all_that_points_to_a_rebuilt_table)
{
    struct scene scene = {.env = env_sim_new(1, 0)};
    char stuck[200] = "";
    assert_int_equal(env_sim_run(scene.env, open_old, &scene, stuck, sizeof(stuck)), 0);
    env_free(scene.env);
    assert_int_equal(scene.wrong, 0);
}

MAIN(cmocka_unit_test(a_database_of_an_older_program_keeps_all_that_points_to_a_rebuilt_table),
     cmocka_unit_test(who_fails_is_undone_alone_be_it_in_a_batch_or_by_itself),
     cmocka_unit_test(a_full_disk_is_told_once_past_the_outbox_and_once_when_it_is_over))
