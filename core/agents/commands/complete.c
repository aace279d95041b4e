/* How a line could go on: commands, and restaurants that we have heard of. */
#include "core/agents/commands/commands.h"

#include "core/base/utf8.h"

#include <strings.h>

#define MOST       12
#define NAMES_MOST 2000

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
    const char *text;   /* the line */
    size_t from;        /* where the name begins in it */
    const char *folded; /* what is there of it */
    cJSON *list;
};

static bool add_name(void *arg, const char *name)
{
    struct names_args *args = arg;
    auto_text folded = utf8_fold(name);
    auto_str line = STR_INIT(400);
    if (strncmp(folded, args->folded, strlen(args->folded)) != 0)
        return true;
    str_addn(&line, args->text, args->from);
    str_addf(&line, "%s ", name);
    cJSON_AddItemToArray(args->list, cJSON_CreateString(line.buf));
    return cJSON_GetArraySize(args->list) < MOST;
}

static int read_names(struct db_conn *conn, void *arg, struct err *err)
{
    return venue_names(conn, NAMES_MOST, add_name, arg, err);
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
    auto_text folded = utf8_fold(text + from);
    struct names_args args = {text, from, folded, list};
    if (text[from] && db_read(services->db, read_names, &args, &err))
        return; /* a convenience */
}
