/* A full disk silences the outbox itself, so this one thing is told past it: to the owner, once,
 * by the adapter; and once more, as any other notice, when the disk takes writes again. */
#include "core/orchestrator/internal.h"

#include "core/base/log.h"
#include "db/chat.h"

#define TRY_AGAIN_MS ((int64_t)20 * 1000)
#define IDS_BELOW    ((int64_t)-1000) /* no row of the outbox has them */

struct trouble_job {
    struct job job;
    struct orchestrator *o;
    enum db_trouble trouble; /* DB_FINE: it is over */
    int64_t id;              /* of what is told: the same however often it is tried */
};

struct owner_args {
    struct services *services;
    int64_t chat_id;
    struct chat_place place;
    bool found;
};

static int read_owner(struct db_conn *conn, void *arg, struct err *err)
{
    struct owner_args *args = arg;
    if (chat_of_owner(conn, &args->chat_id, err))
        return -1;
    return args->chat_id ? chat_get(conn, args->chat_id, &args->place, &args->found, err) : 0;
}

static const char *cause_of(enum db_trouble trouble)
{
    switch (trouble) {
    case DB_FULL:
        return "The disk is full";
    case DB_READ_ONLY:
        return "The disk, or my database on it, can only be read";
    case DB_CORRUPT:
        return "My database is damaged";
    default:
        return "I cannot write my database";
    }
}

/* True: it was said, or there is nobody to say it to. */
static bool say_it(struct orchestrator *o, enum db_trouble trouble, int64_t id)
{
    struct owner_args args = {0};
    struct err err = ERR_INIT;
    char ref[PLATFORM_REF] = "";
    if (db_read(o->services->db, read_owner, &args, &err))
        return false;
    if (!args.found)
        return true;
    struct adapter *adapter = adapter_of(o, args.place.platform);
    if (!adapter)
        return false;
    auto_str text = STR_INIT(400);
    str_addf(&text,
             "%s. I cannot look for tables nor send alerts until that is mended; then I go on by "
             "myself.",
             cause_of(trouble));
    auto_json message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "notice");
    cJSON_AddStringToObject(message, "text", text.buf);
    struct delivery delivery = {.id = id,
                                .kind = OUTBOX_NOTICE,
                                .message = message,
                                .own = args.place.own,
                                .chat = args.place.ref};
    if (adapter->ops->send(adapter, &delivery, ref, &err) == 0)
        return true;
    log_err(LOG_WARN, "trouble", &err, "telling the owner");
    return false;
}

static int say_over(struct db_conn *conn, void *arg, struct err *err)
{
    struct services *services = arg;
    return notice_add(services, conn, 0, "My database can be written again; I go on.",
                      env_wall_ms(services->env), err);
}

static void ended(struct trouble_job *job, bool told)
{
    struct orchestrator *o = job->o;
    pthread_mutex_lock(&o->lock);
    o->trouble_posted = false;
    o->troubles += o->trouble_told && !told;
    o->trouble_told = told;
    o->trouble_next_ms = env_mono_ms(o->env) + TRY_AGAIN_MS;
    pthread_mutex_unlock(&o->lock);
    free(job);
}

static void trouble_run(struct job *base)
{
    struct trouble_job *job = CONTAINER_OF(base, struct trouble_job, job);
    struct orchestrator *o = job->o;
    struct err err = ERR_INIT;
    bool told = job->trouble == DB_FINE
                    ? db_write(o->services->db, say_over, o->services, &err) != 0
                    : say_it(o, job->trouble, job->id);
    ended(job, told);
    services_look(o->services);
}

static void trouble_drop(struct job *base)
{
    struct trouble_job *job = CONTAINER_OF(base, struct trouble_job, job);
    ended(job, job->trouble == DB_FINE);
}

void trouble_look(struct orchestrator *o)
{
    enum db_trouble trouble = db_trouble_now(o->services->db);
    struct err err = ERR_INIT;
    pthread_mutex_lock(&o->lock);
    bool due = (trouble != DB_FINE) != o->trouble_told && !o->trouble_posted && !o->stopping &&
               env_mono_ms(o->env) >= o->trouble_next_ms;
    o->trouble_posted = o->trouble_posted || due;
    int64_t id = IDS_BELOW - o->troubles;
    pthread_mutex_unlock(&o->lock);
    if (!due)
        return;
    struct trouble_job *job = mem_new(1, sizeof(*job));
    *job = (struct trouble_job){{.run = trouble_run, .drop = trouble_drop}, o, trouble, id};
    if (lane_post(o->sends, 0, &job->job, &err))
        trouble_drop(&job->job);
}
