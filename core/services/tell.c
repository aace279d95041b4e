/* Alerts follow from state: every slot that is open, wanted and untold makes one, whenever we look,
 * however it came to be so. */
#include "core/services/services.h"

#include "db/told.h"

/* How many complete answers lacked the slot, since the watch began or the slot last closed. */
static int64_t answers_without(const struct owed *o)
{
    int64_t from = MAX_OF(o->since_answer, o->closed_answer);
    return MAX_OF(o->opened_answer - 1 - from, 0);
}

/* All numbers: nothing a stranger wrote goes in here. */
static void alert_payload(struct str *out, const struct owed *o, int64_t answered_ms)
{
    bool open_now = !o->witnessed || o->opened_ms < o->since_ms || !answers_without(o);
    str_addf(out,
             "{\"open_now\":%s,\"checks\":%lld,\"full_since\":%lld,\"opened\":%lld,"
             "\"seen\":%lld,\"account\":%lld}",
             open_now ? "true" : "false", (long long)answers_without(o),
             (long long)MAX_OF(o->since_ms, o->closed_ms), (long long)o->opened_ms,
             (long long)answered_ms, (long long)o->account_id);
}

/* One message for one person, however many of their watches it answers. */
static int add_alert(struct db_conn *conn, const struct question *q, const struct owed *first,
                     size_t count, int64_t answered_ms, struct err *err)
{
    auto_str payload = STR_INIT(1024);
    int64_t id;
    alert_payload(&payload, first, answered_ms);
    struct outbox_row row = {.chat_id = first->chat_id,
                             .kind = OUTBOX_ALERT,
                             .due_ms = answered_ms,
                             .payload = payload.buf,
                             .watch_id = first->watch_id,
                             .seen_ms = answered_ms};
    if (outbox_add(conn, &row, &id, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (told_add(conn, first[i].watch_id, first[i].slot_id, id, q->answers, answered_ms, err))
            return -1;
    return 0;
}

int tell_owed(struct services *services, struct db_conn *conn, const struct question *q,
              int64_t answered_ms, bool *ret_outbox, struct err *err)
{
    auto_owed owed = {0};
    int64_t look, quiet_ms = services_options(services).quiet_ms;
    if (told_forget(conn, q->id, answered_ms, quiet_ms, err) ||
        told_owed(conn, q->id, answered_ms, &owed, err))
        return -1;
    for (size_t i = 0, n; i < owed.count; i += n) {
        n = 1;
        while (i + n < owed.count && owed.list[i + n].chat_id == owed.list[i].chat_id &&
               owed.list[i + n].account_id == owed.list[i].account_id)
            n++;
        if (add_alert(conn, q, &owed.list[i], n, answered_ms, err))
            return -1;
        *ret_outbox = true;
    }
    if (told_next_look(conn, q->id, answered_ms, quiet_ms, &look, err))
        return -1;
    return look == q->look_ms ? 0 : question_set_look(conn, q->id, look, err);
}

int watch_told(struct services *services, struct db_conn *conn, int64_t outbox_id, int64_t now_ms,
               struct err *err)
{
    int64_t ids[64];
    size_t count;
    if (told_watches_of(conn, outbox_id, now_ms, ids, ARRAY_LEN(ids), &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        bool found;
        if (watch_found(conn, ids[i], now_ms, &found, err) ||
            (found && watch_refresh(services, conn, ids[i], now_ms, err)))
            return -1;
    }
    return 0;
}
