/* What a row of the outbox says, made when it is sent: as it is true then, not when it was found.
 */
#include "core/services/alert_inner.h"

#include "core/base/utf8.h"
#include "core/services/booking.h"
#include "db/told.h"

#define STOPS_MOST 3
#define BOOKS_MOST 3

/* "full in 14 checks since Tue 09:12, open at 18:03:22 (4 s ago)". */
static void add_evidence(struct str *out, const struct alert *a)
{
    char span[SPAN_WORDS];
    int64_t checks = json_i64_or(a->payload, "checks", 0);
    int64_t seen = a->row->seen_ms;
    int64_t opened = json_i64_or(a->payload, "opened", seen);
    if (cJSON_IsTrue(json_at(a->payload, "open_now"))) {
        str_add(out, "open when I looked at ");
        alert_add_instant(out, a, seen, true);
        str_addf(out, " (%s ago)", span_words(a->now_ms - seen, span));
        return;
    }
    str_addf(out, "not there in %lld check%s since ", (long long)checks, checks == 1 ? "" : "s");
    alert_add_instant(out, a, json_i64_or(a->payload, "full_since", opened), false);
    str_add(out, ", open at ");
    alert_add_instant(out, a, opened, true);
    str_addf(out, " (%s ago)", span_words(a->now_ms - opened, span));
}

static int add_button(struct alert *a, cJSON *list, const char *verb, const char *action,
                      int64_t watch_id, bool once, struct err *err)
{
    char label[48];
    auto_json args = cJSON_CreateObject();
    json_put_i64(args, "watch", watch_id);
    snprintf(label, sizeof(label), "%s watch %lld", verb, (long long)watch_id);
    struct button_spec spec = {.label = label,
                               .action = action,
                               .args = args,
                               .once = once,
                               .expires_ms = a->watch.until_ms,
                               .outbox_id = a->row->id};
    return button_offer(a->services, a->conn, a->watch.account_id, a->row->chat_id, &spec,
                        a->now_ms, list, err);
}

static int add_book(struct alert *a, cJSON *list, const struct told_slot *slot, bool twice,
                    struct err *err)
{
    char label[160], clock[CLOCK_TEXT];
    auto_json args = cJSON_CreateObject();
    auto_text seating = utf8_fold_case(slot->shown);
    json_put_i64(args, "venue", a->slots.venue_id);
    json_put_text(args, "day", a->slots.day);
    json_put_i64(args, "party", a->slots.party);
    json_put_i64(args, "minute", slot->minute);
    json_put_text(args, "seating", seating);
    json_put_i64(args, "watch", a->watch.id);
    snprintf(label, sizeof(label), "Book %s%s%s",
             clock_say((int)slot->minute, a->watch.hours24, clock), twice ? " " : "",
             twice ? slot->shown : "");
    struct button_spec spec = {.label = label,
                               .action = "book",
                               .args = args,
                               .expires_ms = slot->start_ms,
                               .outbox_id = a->row->id};
    return button_offer(a->services, a->conn, a->watch.account_id, a->row->chat_id, &spec,
                        a->now_ms, list, err);
}

/* The most wanted first, if its person may book. */
static int add_books(struct alert *a, cJSON *list, struct err *err)
{
    struct account account;
    struct err off = ERR_INIT;
    size_t n = 0;
    if (account_get(a->conn, a->watch.account_id, &account, err))
        return -1;
    if (booking_may(a->services, &account, &off))
        return 0;
    for (size_t i = 0; i < a->slots.count && n < BOOKS_MOST; i++) {
        const struct told_slot *slot = &a->slots.list[i];
        bool twice = false;
        for (size_t k = 0; k < a->slots.count; k++)
            twice = twice || (k != i && a->slots.list[k].minute == slot->minute);
        if (!slot->open || slot->start_ms <= a->now_ms)
            continue;
        if (add_book(a, list, slot, twice && *slot->shown, err))
            return -1;
        n++;
    }
    return 0;
}

static int add_buttons(struct alert *a, cJSON *message, struct err *err)
{
    cJSON *list = cJSON_AddArrayToObject(message, "buttons");
    if (add_books(a, list, err))
        return -1;
    auto_json args = cJSON_CreateObject();
    json_put_text(args, "city_slug", a->slots.city_slug);
    json_put_text(args, "slug", a->slots.slug);
    json_put_text(args, "day", a->slots.day);
    json_put_i64(args, "party", a->slots.party);
    struct button_spec open = {.label = "Open on Resy",
                               .action = "open",
                               .args = args,
                               .expires_ms = MAX_OF(a->watch.until_ms, a->now_ms + OPEN_FOR),
                               .outbox_id = a->row->id};
    if (button_offer(a->services, a->conn, a->watch.account_id, a->row->chat_id, &open, a->now_ms,
                     list, err))
        return -1;
    bool snooze = true;
    for (size_t i = 0; i < a->watch_count && i < STOPS_MOST; i++) {
        if (a->watches[i].once == WATCH_FIRST)
            continue; /* this alert ends it */
        if ((snooze && add_button(a, list, "Snooze", "snooze", a->watches[i].id, false, err)) ||
            add_button(a, list, "Stop", "stop", a->watches[i].id, true, err))
            return -1;
        snooze = false;
    }
    return 0;
}

static void add_missed(struct str *text, int64_t count)
{
    if (count)
        str_addf(text, "\n(%lld other table%s opened and closed before I could tell you.)",
                 (long long)count, count == 1 ? "" : "s");
}

/* Over before it could be sent again; but the first sending may have arrived, and nobody knows its
 * id to edit it by. */
static int compose_over(struct alert *a, cJSON **ret, struct err *err)
{
    int64_t missed = 0;
    auto_str text = STR_INIT(3000);
    if (outbox_count_gone(a->conn, a->row->chat_id, &missed, err))
        return -1;
    str_add(&text, "Gone");
    if (alert_last_closed(a)) {
        str_add(&text, " at ");
        alert_add_instant(&text, a, alert_last_closed(a), true);
    }
    str_add(&text, ", if I told you of it (I was interrupted while I did): ");
    alert_add_headline(&text, a);
    str_addc(&text, '\n');
    alert_add_times(&text, a, true);
    add_missed(&text, missed);
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "notice");
    cJSON_AddStringToObject(message, "text", text.buf);
    *ret = message;
    return 0;
}

static int compose_alert(struct alert *a, cJSON **ret, struct err *err)
{
    int64_t missed = 0;
    if (a->watch_count && a->row->maybe && a->slots.count && !alert_count(a))
        return compose_over(a, ret, err);
    if (!a->watch_count || !alert_count(a))
        return alert_gone(a, err);
    if (outbox_count_gone(a->conn, a->row->chat_id, &missed, err))
        return -1;
    bool open_now = cJSON_IsTrue(json_at(a->payload, "open_now"));
    auto_str text = STR_INIT(3000), evidence = STR_INIT(300);
    add_evidence(&evidence, a);
    if (a->row->maybe)
        str_add(&text, "(You may have this already: I was interrupted while I sent it.)\n");
    str_add(&text, open_now ? "Open now: " : "A table opened: ");
    alert_add_headline(&text, a);
    if (*a->watch.title)
        str_addf(&text, " (%s)", a->watch.title);
    str_add(&text, "\n");
    alert_add_times(&text, a, false);
    str_addf(&text, "\n%s", evidence.buf);
    for (size_t i = 0; i < a->watch_count; i++)
        if (a->watches[i].once == WATCH_FIRST)
            str_addf(&text, "\nThat is what watch %lld was for: it is over.",
                     (long long)a->watches[i].id);
    add_missed(&text, missed);
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "alert");
    json_put_i64(message, "id", a->row->id);
    alert_add_facts(a, message);
    cJSON_AddItemToObject(message, "times", alert_times(a));
    cJSON_AddBoolToObject(message, "open_now", open_now);
    cJSON_AddBoolToObject(message, "repeat", a->row->maybe);
    json_put_i64(message, "seen_ms", a->row->seen_ms);
    cJSON_AddStringToObject(message, "evidence", evidence.buf);
    cJSON_AddStringToObject(message, "text", text.buf);
    *ret = message;
    if (add_buttons(a, message, err)) {
        json_free(message);
        *ret = NULL;
        return -1;
    }
    return 0;
}

/* The message of an alert as it stands now: gone, or open (again). */
static int compose_edit(struct alert *a, cJSON **ret, struct err *err)
{
    if (!a->slots.count) /* forgotten since: a new alert speaks for it */
        return outbox_end(a->conn, a->row->id, "gone", "nothing to edit", a->now_ms, err);
    bool open = alert_count(a);
    if (open && !a->watch_count) /* nobody waits for it any more */
        return outbox_end(a->conn, a->row->id, "gone", "its watch has ended", a->now_ms, err);
    auto_str text = STR_INIT(3000);
    alert_add_headline(&text, a);
    str_addc(&text, '\n');
    if (open) {
        str_add(&text, "Open: ");
        alert_add_times(&text, a, false);
    } else {
        str_add(&text, "Gone at ");
        alert_add_instant(&text, a, alert_last_closed(a), true);
        str_add(&text, ": ");
        alert_add_times(&text, a, true);
    }
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "edit");
    json_put_i64(message, "id", a->row->edits);
    alert_add_facts(a, message);
    cJSON_AddItemToObject(message, "times", alert_times(a));
    cJSON_AddStringToObject(message, "state", open ? "open" : "gone");
    cJSON_AddStringToObject(message, "text", text.buf);
    if (open && add_buttons(a, message, err)) {
        json_free(message);
        return -1;
    }
    *ret = message;
    return 0;
}

/* The first watch that still waits speaks for the message; the row's own, if none does. */
static int read_alert(struct alert *a, int64_t alert_id, bool *ret_found, struct err *err)
{
    *ret_found = false;
    bool alert = a->row->kind == OUTBOX_ALERT;
    if ((alert && told_undo_dead(a->conn, alert_id, a->now_ms, err)) ||
        told_slots_of(a->conn, alert_id, 0, &a->slots, err) ||
        (alert && alert_count(a) && alert_count(a) < a->slots.count &&
         told_undo_closed(a->conn, alert_id, err)) ||
        told_watches_of(a->conn, alert_id, a->now_ms, a->watches, WATCHES_MOST, &a->watch_count,
                        err))
        return -1;
    return watch_get(a->conn, a->watch_count ? a->watches[0].id : a->row->watch_id, &a->watch,
                     ret_found, err);
}

static int compose_read(struct alert *a, cJSON **ret, struct err *err)
{
    if (a->slots.count && date_parse(a->slots.day, &a->day))
        return err_set(err, ERR_BUG, NULL, "a question without a day");
    a->zone = services_zone(a->slots.zone);
    a->today = zone_local(a->zone, a->now_ms).date;
    alert_sort(a);
    int failed = a->row->kind == OUTBOX_EDIT ? compose_edit(a, ret, err)
                                             : compose_alert(a, ret, err);
    zone_free(a->zone);
    return failed;
}

static int compose_told(struct alert *a, int64_t alert_id, cJSON **ret, struct err *err)
{
    int64_t questions[DIGEST_MOST];
    size_t count = 0;
    bool found = false;
    if (read_alert(a, alert_id, &found, err) ||
        told_questions_of(a->conn, alert_id, questions, ARRAY_LEN(questions), &count, err))
        return -1;
    if (!found)
        return outbox_end(a->conn, a->row->id, "gone", "its watch is gone", a->now_ms, err);
    if (a->row->quiet && !count && a->missed.len)
        return quiet_compose_missed(a, ret, err);
    if (count > 1 || (a->row->quiet && count))
        return digest_compose(a, questions, count, ret, err);
    return compose_read(a, ret, err);
}

static int compose_of_watch(struct alert *a, cJSON **ret, struct err *err)
{
    bool later = false, edit = a->row->kind == OUTBOX_EDIT;
    if (!edit && quiet_keep(a, &later, err))
        return -1;
    if (!edit && !later && a->row->quiet && quiet_end(a, err))
        return -1;
    if (!edit && !later && !a->row->quiet && digest_collect(a, &later, err))
        return -1;
    return later ? 0 : compose_told(a, edit ? a->row->edits : a->row->id, ret, err);
}

int delivery_compose(struct services *services, struct db_conn *conn, const struct outbox_row *row,
                     int alerts_max, int64_t now_ms, cJSON **ret, struct err *err)
{
    struct alert alert = {.services = services,
                          .conn = conn,
                          .row = row,
                          .alerts_max = alerts_max,
                          .now_ms = now_ms,
                          .missed = STR_INIT(8000)};
    auto_json payload = json_parse(row->payload, strlen(row->payload), "an outbox row", err);
    *ret = NULL;
    if (!payload)
        return outbox_end(conn, row->id, "undeliverable", "unreadable payload", now_ms, err);
    alert.payload = payload;
    if (row->kind == OUTBOX_ALERT || row->kind == OUTBOX_EDIT) {
        int failed = compose_of_watch(&alert, ret, err);
        told_slots_free(&alert.slots);
        str_free(&alert.missed);
        return failed;
    }
    *ret = payload;
    payload = NULL;
    return 0;
}
