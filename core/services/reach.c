/* A chat that is out of reach (blocked, left, closed) costs nothing: what its people watch is not
 * asked for them, and is looked at anew when they are back. */
#include "core/services/services.h"

#include "db/chat.h"

static int ask_or_rest(struct services *services, struct db_conn *conn, int64_t chat_id, bool back,
                       int64_t now_ms, struct err *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    int64_t floor = services_options(services).floor_ms;
    int failed = watches_ask_for_chat(conn, chat_id, &ids, &count, err);
    for (size_t i = 0; i < count && !failed; i++) {
        failed = question_refresh(conn, ids[i], now_ms, floor, err);
        if (back && !failed)
            failed = question_set_look(conn, ids[i], 1, err);
    }
    free(ids);
    return failed ? -1 : 0;
}

int reach_lost(struct services *services, struct db_conn *conn, int64_t chat_id, int64_t now_ms,
               struct err *err)
{
    if (chat_set_away(conn, chat_id, now_ms, err))
        return -1;
    return ask_or_rest(services, conn, chat_id, false, now_ms, err);
}

static int reach_back(struct services *services, struct db_conn *conn, int64_t chat_id,
                      int64_t now_ms, struct err *err)
{
    if (chat_set_away(conn, chat_id, 0, err))
        return -1;
    return ask_or_rest(services, conn, chat_id, true, now_ms, err);
}

int reach_room(struct services *services, struct db_conn *conn, const struct access_ask *ask,
               bool there, int64_t now_ms, struct err *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    int failed = chats_of_room(conn, ask->platform, ask->own, ask->chat, &ids, &count, err);
    for (size_t i = 0; i < count && !failed; i++)
        failed = there ? reach_back(services, conn, ids[i], now_ms, err)
                       : reach_lost(services, conn, ids[i], now_ms, err);
    free(ids);
    return failed ? -1 : 0;
}
