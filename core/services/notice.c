/* Lines that nobody asked for. */
#include "core/services/services.h"

#include "db/chat.h"

static int add_notice(struct db_conn *conn, int64_t chat_id, const cJSON *payload, int64_t now_ms,
                      struct err *err)
{
    auto_str json = STR_INIT(8192);
    json_print(&json, payload);
    struct outbox_row row = {.chat_id = chat_id,
                             .kind = OUTBOX_NOTICE,
                             .due_ms = now_ms,
                             .payload = json.buf,
                             .seen_ms = now_ms};
    return outbox_add(conn, &row, NULL, err);
}

int notice_add(struct services *services, struct db_conn *conn, int64_t chat_id, const char *text,
               int64_t now_ms, struct err *err)
{
    (void)services;
    if (!chat_id && chat_of_owner(conn, &chat_id, err))
        return -1;
    if (!chat_id) /* nobody has talked to us yet; the log has it */
        return 0;
    auto_json payload = cJSON_CreateObject();
    cJSON_AddStringToObject(payload, "type", "notice");
    cJSON_AddStringToObject(payload, "text", text);
    return add_notice(conn, chat_id, payload, now_ms, err);
}

int notice_to_owner(struct services *services, struct db_conn *conn, const char *text,
                    const struct button_spec *specs, size_t count, int64_t now_ms, struct err *err)
{
    int64_t chat_id, owner;
    if (chat_of_owner(conn, &chat_id, err))
        return -1;
    if (!chat_id)
        return 0;
    if (account_last_of_chat(conn, chat_id, &owner, err))
        return -1;
    auto_json payload = cJSON_CreateObject();
    cJSON_AddStringToObject(payload, "type", "notice");
    cJSON_AddStringToObject(payload, "text", text);
    cJSON *list = cJSON_AddArrayToObject(payload, "buttons");
    for (size_t i = 0; i < count; i++)
        if (button_offer(services, conn, owner, chat_id, &specs[i], now_ms, list, err))
            return -1;
    return add_notice(conn, chat_id, payload, now_ms, err);
}
