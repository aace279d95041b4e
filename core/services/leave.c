/* What is kept of a person, for themselves. */
#include "core/services/services.h"

#include "db/carry.h"
#include "db/chat.h"

struct export_args {
    int64_t account_id, chat_id;
    const char *platform;
    struct str *out;
    char who[200];
};

static int add_line(void *arg, const char *line, struct err *err)
{
    struct str *out = arg;
    str_add(out, line);
    str_addc(out, '\n');
    if (!out->cut)
        return 0;
    return err_set(err, ERR_LIMIT, NULL, "an export of over %zu bytes", out->max);
}

static int read_person(struct db_conn *conn, void *arg, struct err *err)
{
    struct export_args *args = arg;
    bool crowd;
    if (chat_is_crowd(conn, args->chat_id, &crowd, err) ||
        account_who(conn, args->account_id, args->platform, args->who, sizeof(args->who), err))
        return -1;
    if (crowd)
        return err_set(err, ERR_INPUT,
                       "What I know of you is for you alone: ask me in a private chat.",
                       "an export in a crowd");
    return carry_out_person(conn, args->account_id, args->who, add_line, args->out, err);
}

int person_export(struct services *services, int64_t account_id, int64_t chat_id,
                  const char *platform, struct str *out, struct err *err)
{
    struct export_args args = {account_id, chat_id, platform, out, ""};
    if (db_read(services->db, read_person, &args, err) == 0)
        return 0;
    return err->kind == ERR_LIMIT
               ? err_say(err,
                         "That is too much for a message. My owner can write it into a file: "
                         "maitred export %s",
                         args.who)
               : -1;
}
