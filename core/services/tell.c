/* Alerts follow from state: every slot that is open, wanted and untold makes one, whenever we look,
 * however it came to be so. */
#include "core/services/recorder.h"

#include "db/told.h"

#define OWED_TEXT_MAX (64 << 20)

/* How many complete answers lacked the slot, since the watch began or the slot last closed. */
static int64_t answers_without(const struct owed *o)
{
    int64_t from = MAX_OF(o->since_answer, o->closed_answer);
    return MAX_OF(o->opened_answer - 1 - from, 0);
}

/* All numbers: nothing a stranger wrote goes in here. */
static void alert_payload(struct str *out, const struct owed *o)
{
    bool open_now = !o->witnessed || o->opened_ms < o->since_ms || !answers_without(o);
    str_addf(out, "{\"open_now\":%s,\"checks\":%lld,\"full_since\":%lld,\"opened\":%lld}",
             open_now ? "true" : "false", (long long)answers_without(o),
             (long long)MAX_OF(o->since_ms, o->closed_ms), (long long)o->opened_ms);
}

/* As many of the list, from `i` on, as go to the same person in the same chat. */
static size_t of_one_person(const struct owed_list *owed, size_t i)
{
    size_t n = 1;
    while (i + n < owed->count && owed->list[i + n].chat_id == owed->list[i].chat_id &&
           owed->list[i + n].account_id == owed->list[i].account_id)
        n++;
    return n;
}

/* One message for one person, however many of their watches it answers; one statement for all. */
static int add_alerts(struct services *services, struct db_conn *conn, const struct question *q,
                      const struct owed_list *owed, int64_t answered_ms, struct err *err)
{
    auto_str rows = STR_INIT(OWED_TEXT_MAX), told = STR_INIT(OWED_TEXT_MAX);
    size_t alerts = 0;
    int64_t id;
    for (size_t i = 0; i < owed->count; i += of_one_person(owed, i)) {
        const struct owed *first = &owed->list[i];
        str_addf(&rows, "%s[%lld,%lld,", alerts++ ? "," : "[", (long long)first->chat_id,
                 (long long)first->watch_id);
        alert_payload(&rows, first);
        str_addc(&rows, ']');
    }
    str_addc(&rows, ']');
    for (size_t i = 0; i < owed->count; i++)
        if (!owed->list[i].hinted) /* searches are not recorded */
            record_alert(services, q, owed->list[i].watch_id, owed->list[i].minute);
    if (outbox_add_alerts(conn, rows.buf, alerts, answered_ms, &id, err))
        return -1;
    for (size_t i = 0; i < owed->count; id++)
        for (size_t n = of_one_person(owed, i); n > 0; n--, i++)
            str_addf(&told, "%s[%lld,%lld,%lld]", i ? "," : "[", (long long)owed->list[i].watch_id,
                     (long long)owed->list[i].slot_id, (long long)id);
    str_addc(&told, ']');
    if (rows.cut || told.cut)
        return err_set(err, ERR_LIMIT, NULL, "over %d bytes of alerts", OWED_TEXT_MAX);
    return told_add(conn, told.buf, q->answers, answered_ms, err);
}

int tell_owed(struct services *services, struct db_conn *conn, const struct question *q,
              int64_t answered_ms, bool *ret_outbox, struct err *err)
{
    auto_owed owed = {0};
    int64_t look, quiet_ms = services_options(services).quiet_ms;
    if (told_forget(conn, q->id, answered_ms, quiet_ms, err) ||
        told_owed(conn, q->id, answered_ms, &owed, err))
        return -1;
    if (owed.count && add_alerts(services, conn, q, &owed, answered_ms, err))
        return -1;
    *ret_outbox = *ret_outbox || owed.count;
    if (told_next_look(conn, q->id, answered_ms, quiet_ms, &look, err))
        return -1;
    return look == q->look_ms ? 0 : question_set_look(conn, q->id, look, err);
}

/* What it was told of, it asks no more; with the last of its restaurants it is over. */
static int found_each(struct services *services, struct db_conn *conn, int64_t watch_id,
                      int64_t outbox_id, int64_t now_ms, bool *ret_over, struct err *err)
{
    int64_t ids[WATCH_QUESTIONS];
    size_t count;
    bool left;
    if (watch_found_each(conn, watch_id, outbox_id, ids, WATCH_QUESTIONS, &count, &left, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (question_refresh(conn, ids[i], now_ms, services_options(services).floor_ms, err))
            return -1;
    *ret_over = !left;
    return 0;
}

int watch_told(struct services *services, struct db_conn *conn, int64_t outbox_id, int64_t now_ms,
               struct err *err)
{
    struct told_watch watches[64];
    size_t count;
    if (told_watches_of(conn, outbox_id, now_ms, watches, ARRAY_LEN(watches), &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        bool found = false, over = watches[i].once != WATCH_EVERY;
        if (watches[i].once == WATCH_EACH &&
            found_each(services, conn, watches[i].id, outbox_id, now_ms, &over, err))
            return -1;
        if ((over && watch_found(conn, watches[i].id, now_ms, &found, err)) ||
            (found && watch_refresh(services, conn, watches[i].id, now_ms, err)))
            return -1;
    }
    return 0;
}
