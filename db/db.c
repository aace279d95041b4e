#include "db/internal.h"

#include "core/base/str.h"

#include <assert.h>
#include <fcntl.h>

#define READERS 4
#define TURN_MS 5000
#define BATCH   512 /* jobs in one commit at most: nobody waits for a batch without end */

struct write_job {
    db_fn *fn;
    void *arg;
    struct err *err;
    int failed;
    bool hurt;        /* by the disk, not by what it wanted */
    struct cell cell; /* woken once, by the writer, when the job is over */
    struct write_job *next;
};

struct reader {
    struct db_conn conn;
    struct reader *next;
};

struct read_wait {
    struct cell cell;
    bool failed;          /* nobody will give one: the connection that was to be opened was not */
    struct reader *given; /* protected by db->lock */
    struct read_wait *next;
};

struct db {
    struct env *env;
    char *path;
    bool memory; /* one connection: readers queue with the writers */
    struct db_conn writer;
    struct task *task;
    struct cell work; /* the writer's */
    _Atomic int64_t last_turn;
    _Atomic uint64_t commits;
    _Atomic int trouble;
    sqlite3_int64 changes; /* the writer's, up to the last commit; whoever commits owns it */
    pthread_mutex_t lock;  /* protects all below */
    struct write_job *first, **last;
    bool busy; /* somebody commits: the writer, or a caller for itself */
    bool stopping;
    struct reader *readers;
    size_t reader_count;
    struct read_wait *waits, **waits_last;
};

/* --- the writer --- */

static void run_fn(struct db *db, struct write_job *job)
{
    env_forbid_waiting();
    job->failed = job->fn(&db->writer, job->arg, job->err) ? -1 : 0;
    env_allow_waiting();
    enum db_trouble trouble = job->failed ? conn_trouble(&db->writer) : DB_FAILED;
    job->hurt = trouble != DB_FAILED;
    if (job->hurt)
        db->trouble = (int)trouble;
}

static void run_job(struct db *db, struct write_job *job)
{
    struct err inner = ERR_INIT;
    job->failed = db_exec(&db->writer, job->err, "savepoint job", "");
    if (job->failed)
        return;
    run_fn(db, job);
    bool undo = job->failed && db_exec(&db->writer, &inner, "rollback to job", "");
    if ((undo || db_exec(&db->writer, &inner, "release job", "")) && !job->failed) {
        job->failed = -1;
        if (job->err)
            *job->err = inner;
    }
}

static void fail_all(struct write_job *jobs, const struct err *err)
{
    for (struct write_job *job = jobs; job; job = job->next)
        if (!job->failed) {
            job->failed = -1;
            if (job->err)
                *job->err = *err;
        }
}

/* True: a full disk, or the like, has ended the transaction under the job. */
static bool was_ended(struct db *db, const struct write_job *job, struct err *ret_why)
{
    if (!sqlite3_get_autocommit(db->writer.sqlite))
        return false;
    if (job->err && job->err->kind != ERR_NONE)
        *ret_why = *job->err;
    else
        err_set(ret_why, ERR_STORE, NULL, "sqlite ended the transaction");
    return true;
}

static void undo_all(struct db *db)
{
    sqlite3_exec(db->writer.sqlite, "rollback", NULL, NULL, NULL);
}

static void commit_batch(struct db *db, struct write_job *jobs)
{
    struct err err = ERR_INIT;
    int failed = db_exec(&db->writer, &err, "begin immediate", "");
    if (!failed && !jobs->next) { /* alone: the transaction is its savepoint */
        run_fn(db, jobs);
        failed = was_ended(db, jobs, &err) ? -1 : 0;
        if (!failed && jobs->failed) {
            undo_all(db);
            return;
        }
    } else {
        for (struct write_job *job = jobs; job && !failed; job = job->next) {
            run_job(db, job);
            failed = was_ended(db, job, &err) ? -1 : 0;
        }
    }
    if (!failed)
        failed = db_exec(&db->writer, &err, "commit", "");
    if (failed) {
        db->trouble = (int)conn_trouble(&db->writer);
        undo_all(db);
        fail_all(jobs, &err);
        return;
    }
    bool hurt = false;
    for (const struct write_job *job = jobs; job; job = job->next)
        hurt = hurt || job->hurt;
    sqlite3_int64 changes = sqlite3_total_changes64(db->writer.sqlite);
    if (!hurt && changes != db->changes) /* one that wrote nothing proves nothing */
        db->trouble = DB_FINE;
    db->changes = changes;
    db->commits++;
}

/* `mine`: the writer has just ended a batch. *ret_stop: there will be none any more. */
static struct write_job *take_batch(struct db *db, bool mine, bool *ret_stop)
{
    struct write_job *jobs = NULL;
    pthread_mutex_lock(&db->lock);
    db->busy = db->busy && !mine;
    if (!db->busy) {
        db->last_turn = env_mono_ms(db->env);
        jobs = db->first;
        struct write_job **at = &db->first;
        for (int n = 0; *at && n < BATCH; n++)
            at = &(*at)->next;
        struct write_job *rest = *at;
        *at = NULL;
        db->first = rest;
        if (!rest)
            db->last = &db->first;
        db->busy = jobs != NULL;
    }
    *ret_stop = db->stopping && !db->busy;
    pthread_mutex_unlock(&db->lock);
    return jobs;
}

/* The wake is the last that the writer does with a job: its caller, who has it on the stack, goes
 * on with it and with nothing else. */
static void wake_callers(struct write_job *jobs)
{
    while (jobs) {
        struct write_job *next = jobs->next;
        env_wake(&jobs->cell);
        jobs = next;
    }
}

static void writer_body(void *arg)
{
    struct db *db = arg;
    struct write_job *jobs = NULL;
    for (bool stop = false; !stop;) {
        jobs = take_batch(db, jobs != NULL, &stop);
        if (jobs) {
            commit_batch(db, jobs);
            wake_callers(jobs);
        } else if (!stop) {
            env_wait(db->env, &db->work, env_mono_ms(db->env) + TURN_MS);
        }
    }
}

/* Commits for itself, which saves going to the writer and back; who comes meanwhile queues. */
static void commit_alone(struct db *db, struct write_job *job)
{
    commit_batch(db, job);
    pthread_mutex_lock(&db->lock);
    db->busy = false;
    db->last_turn = env_mono_ms(db->env);
    bool more = db->first || db->stopping;
    pthread_mutex_unlock(&db->lock);
    if (more)
        env_wake(&db->work);
}

static void commit_by_writer(struct db *db, struct write_job *job, bool busy)
{
    if (!busy) /* else who is busy looks again */
        env_wake(&db->work);
    env_wait(db->env, &job->cell, ENV_FOREVER);
}

int db_write(struct db *db, db_fn *fn, void *arg, struct err *err)
{
    struct write_job job = {.fn = fn, .arg = arg, .err = err};
    cell_init(&job.cell, db->env);
    pthread_mutex_lock(&db->lock);
    bool busy = db->busy, alone = !busy && !db->first && !env_hands_over(db->env);
    if (alone) {
        db->busy = true;
    } else {
        *db->last = &job;
        db->last = &job.next;
    }
    pthread_mutex_unlock(&db->lock);
    if (alone)
        commit_alone(db, &job);
    else
        commit_by_writer(db, &job, busy);
    cell_done(&job.cell);
    return job.failed;
}

/* --- the readers --- */

static struct reader *reader_open(struct db *db, struct err *err)
{
    struct reader *reader = mem_new(1, sizeof(*reader));
    enum db_trouble trouble;
    if (conn_open(&reader->conn, db->path, false, &trouble, err) == 0)
        return reader;
    free(reader);
    pthread_mutex_lock(&db->lock);
    db->reader_count--;
    for (; !db->reader_count && db->waits; db->waits = db->waits->next) {
        db->waits->failed = true;
        env_wake(&db->waits->cell);
    }
    if (!db->waits)
        db->waits_last = &db->waits;
    pthread_mutex_unlock(&db->lock);
    return NULL;
}

static struct reader *wait_for_reader(struct db *db, struct read_wait *wait, struct err *err)
{
    struct reader *given = NULL;
    bool failed = false;
    while (!given && !failed) {
        env_wait(db->env, &wait->cell, ENV_FOREVER);
        pthread_mutex_lock(&db->lock);
        given = wait->given;
        failed = wait->failed;
        pthread_mutex_unlock(&db->lock);
    }
    cell_done(&wait->cell);
    if (failed)
        err_set(err, ERR_STORE, NULL, "no connection to read by");
    return given;
}

static struct reader *reader_get(struct db *db, struct err *err)
{
    struct read_wait wait = {0};
    bool open = false;
    pthread_mutex_lock(&db->lock);
    struct reader *reader = db->readers;
    if (reader) {
        db->readers = reader->next;
    } else if (db->reader_count < READERS) {
        db->reader_count++;
        open = true;
    } else {
        cell_init(&wait.cell, db->env);
        *db->waits_last = &wait;
        db->waits_last = &wait.next;
    }
    pthread_mutex_unlock(&db->lock);
    if (reader)
        return reader;
    return open ? reader_open(db, err) : wait_for_reader(db, &wait, err);
}

static void reader_put(struct db *db, struct reader *reader)
{
    pthread_mutex_lock(&db->lock);
    struct read_wait *wait = db->waits;
    if (wait) {
        db->waits = wait->next;
        if (!db->waits)
            db->waits_last = &db->waits;
        wait->given = reader;
        env_wake(&wait->cell);
    } else {
        reader->next = db->readers;
        db->readers = reader;
    }
    pthread_mutex_unlock(&db->lock);
}

int db_read(struct db *db, db_fn *fn, void *arg, struct err *err)
{
    if (db->memory)
        return db_write(db, fn, arg, err);
    struct reader *reader = reader_get(db, err);
    if (!reader)
        return -1;
    env_forbid_waiting();
    int failed = db_exec(&reader->conn, err, "begin", "");
    if (!failed) {
        failed = fn(&reader->conn, arg, err) ? -1 : 0;
        if (db_exec(&reader->conn, NULL, "commit", "")) /* it only read: nothing is lost */
            sqlite3_exec(reader->conn.sqlite, "rollback", NULL, NULL, NULL);
    }
    env_allow_waiting();
    reader_put(db, reader);
    return failed;
}

/* --- opening, closing, copying --- */

static int check_whole(struct db_conn *conn, enum db_trouble *trouble, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err, "pragma quick_check(1)", "") || db_next(&rows, err) < 0) {
        *trouble = conn_trouble(conn);
        return -1;
    }
    if (!strcmp(db_text(&rows, 0), "ok"))
        return 0;
    *trouble = DB_CORRUPT;
    return err_set(err, ERR_STORE, NULL, "quick_check: %s", db_text(&rows, 0));
}

struct db *db_open(struct env *env, const char *path, enum db_trouble *trouble, struct err *err)
{
    struct db *db = mem_new(1, sizeof(*db));
    *trouble = DB_FAILED;
    db->env = env;
    db->path = mem_text(path);
    db->memory = !strcmp(path, ":memory:");
    db->last = &db->first;
    db->waits_last = &db->waits;
    db->last_turn = env_mono_ms(env);
    if (conn_open(&db->writer, path, true, trouble, err)) {
        free(db->path);
        free(db);
        return NULL;
    }
    if (check_whole(&db->writer, trouble, err) || migrate(&db->writer, path, trouble, err)) {
        conn_close(&db->writer);
        free(db->path);
        free(db);
        return NULL;
    }
    lock_init_brief(&db->lock);
    cell_init(&db->work, env);
    *trouble = DB_FINE;
    db->task = env_start(env, "writer", 0, writer_body, db);
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    pthread_mutex_lock(&db->lock);
    db->stopping = true;
    env_wake(&db->work);
    pthread_mutex_unlock(&db->lock);
    env_join(db->task);
    while (db->readers) {
        struct reader *next = db->readers->next;
        conn_close(&db->readers->conn);
        free(db->readers);
        db->readers = next;
    }
    conn_close(&db->writer);
    cell_done(&db->work);
    pthread_mutex_destroy(&db->lock);
    free(db->path);
    free(db);
}

static int copy_to(struct db_conn *conn, const char *to, struct err *err)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, ERR_INPUT, "I cannot make that file: is it there already?",
                         "backup to %s", to);
    close(fd); /* vacuum into takes an empty file, and so it is private from the start */
    if (db_exec(conn, err, "vacuum into $1", "s", to) == 0)
        return 0;
    unlink(to);
    return -1;
}

int db_copy_file(const char *path, const char *to, enum db_trouble *trouble, struct err *err)
{
    struct db_conn conn = {0};
    if (conn_open(&conn, path, false, trouble, err))
        return -1;
    int failed = copy_to(&conn, to, err);
    *trouble = failed ? conn_trouble(&conn) : DB_FINE;
    conn_close(&conn);
    return failed;
}

int db_check_file(const char *path, enum db_trouble *trouble, struct err *err)
{
    struct db_conn conn = {0};
    if (conn_open(&conn, path, false, trouble, err))
        return -1;
    int failed = check_whole(&conn, trouble, err) || migrate_check(&conn, path, trouble, err);
    conn_close(&conn);
    return failed ? -1 : 0;
}

int db_read_file(const char *path, db_fn *fn, void *arg, struct err *err)
{
    struct db_conn conn = {0};
    enum db_trouble trouble;
    if (conn_open(&conn, path, false, &trouble, err))
        return -1;
    int failed = db_exec(&conn, err, "begin", "") || fn(&conn, arg, err); /* of one moment */
    conn_close(&conn);
    return failed ? -1 : 0;
}

int64_t db_last_turn_ms(struct db *db)
{
    return db->last_turn;
}

uint64_t db_commits(struct db *db)
{
    return db->commits;
}

enum db_trouble db_trouble_now(struct db *db)
{
    return (enum db_trouble)db->trouble;
}
