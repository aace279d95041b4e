/* How a line could go on: commands, and restaurants that we have heard of. */
#include "core/agents/commands/commands.h"

#include "core/base/utf8.h"

#include <strings.h>

#define MOST 12

static void complete_command(const char *text, cJSON *list)
{
    size_t len = strlen(text + 1);
    for (size_t i = 0; i < commands_count; i++) {
        char line[40];
        if (strncasecmp(commands[i].name, text + 1, len) != 0)
            continue;
        snprintf(line, sizeof(line), "/%s%s", commands[i].name, *commands[i].usage ? " " : "");
        cJSON_AddItemToArray(list, cJSON_CreateString(line));
    }
}

struct names_args {
    const char *text; /* the line */
    size_t from;      /* where the name begins in it */
    cJSON *list;
};

static int read_names(struct db_conn *conn, void *arg, struct err *err)
{
    struct names_args *args = arg;
    auto_rows rows = {0};
    auto_text asked = utf8_fold(args->text + args->from);
    int more;
    if (db_query(conn, &rows, err, "select name from venue order by fetched_ms desc, id limit 2000",
                 ""))
        return -1;
    while ((more = db_next(&rows, err)) > 0 && cJSON_GetArraySize(args->list) < MOST) {
        auto_text name = utf8_fold(db_text(&rows, 0));
        auto_str line = STR_INIT(400);
        if (strncmp(name, asked, strlen(asked)) != 0)
            continue;
        str_addn(&line, args->text, args->from);
        str_addf(&line, "%s ", db_text(&rows, 0));
        cJSON_AddItemToArray(args->list, cJSON_CreateString(line.buf));
    }
    return more < 0 ? -1 : 0;
}

void commands_complete(struct services *services, const char *text, cJSON *list)
{
    size_t from = *text == '/' ? strcspn(text, " ") : 0;
    struct err err = ERR_INIT;
    if (*text == '/' && !text[from]) {
        complete_command(text, list);
        return;
    }
    from += strspn(text + from, " ");
    struct names_args args = {text, from, list};
    if (strlen(text + from) >= 1 && db_read(services->db, read_names, &args, &err))
        return; /* a convenience */
}
