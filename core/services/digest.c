/* Several alerts as one message: where one person would get more than anybody reads, and in the
 * morning after quiet hours. */
#include "core/services/alert_inner.h"

#include "db/told.h"

#define COLLECT_MS ((int64_t)10 * 1000)
#define OPENS_MOST 4

/* --- digests: where one person would get more than anybody reads --- */

int digest_collect(struct alert *a, bool *ret_later, struct err *err)
{
    int64_t sent, last, questions[DIGEST_MOST];
    size_t count;
    *ret_later = false;
    if (!a->alerts_max) /* nobody is flooded there */
        return 0;
    if (outbox_alerted(a->conn, a->row->chat_id, a->now_ms - MINUTE_MS, a->now_ms, &sent, &last,
                       err))
        return -1;
    if (sent < a->alerts_max || a->row->maybe)
        return 0;
    if (last + COLLECT_MS > a->now_ms) {
        *ret_later = true;
        return outbox_again(a->conn, a->row->id, last + COLLECT_MS, false, false, "collecting",
                            err);
    }
    if (told_questions_of(a->conn, a->row->id, questions, DIGEST_MOST, &count, err))
        return -1;
    return outbox_merge(a->conn, a->row->id, DIGEST_MOST - count, a->now_ms, err);
}

static void add_line(struct str *out, const struct alert *a)
{
    str_add(out, out->len ? "\n- " : "- ");
    alert_add_headline(out, a);
    if (alert_count(a)) {
        str_add(out, ": ");
        alert_add_times(out, a, false);
    } else if (alert_last_closed(a)) {
        str_add(out, ": gone at ");
        alert_add_instant(out, a, alert_last_closed(a), true);
    } else {
        str_add(out, ": over");
    }
}

static int add_open(struct alert *a, cJSON *list, struct err *err)
{
    char label[96];
    auto_json args = cJSON_CreateObject();
    json_put_text(args, "city_slug", a->slots.city_slug);
    json_put_text(args, "slug", a->slots.slug);
    json_put_text(args, "day", a->slots.day);
    json_put_i64(args, "party", a->slots.party);
    snprintf(label, sizeof(label), "Open %.80s", a->slots.venue);
    struct button_spec open = {.label = label,
                               .action = "open",
                               .args = args,
                               .expires_ms = MAX_OF(a->watch.until_ms, a->now_ms + OPEN_FOR),
                               .outbox_id = a->row->id};
    return button_offer(a->services, a->conn, a->watch.account_id, a->row->chat_id, &open,
                        a->now_ms, list, err);
}

/* One restaurant's part of it. */
static int add_part(struct alert *a, int64_t question_id, struct str *text, cJSON *message,
                    size_t *ret_open, struct err *err)
{
    bool edit = a->row->kind == OUTBOX_EDIT;
    told_slots_free(&a->slots);
    if (told_slots_of(a->conn, edit ? a->row->edits : a->row->id, question_id, &a->slots, err))
        return -1;
    if (!a->slots.count || (!edit && !alert_count(a)))
        return 0;
    if (date_parse(a->slots.day, &a->day))
        return err_set(err, ERR_BUG, NULL, "a question without a day");
    a->zone = services_zone(a->slots.zone);
    a->today = zone_local(a->zone, a->now_ms).date;
    alert_sort(a);
    add_line(text, a);
    *ret_open += alert_count(a) > 0;
    cJSON *part = cJSON_CreateObject();
    alert_add_facts(a, part);
    cJSON_AddItemToObject(part, "times", alert_times(a));
    cJSON_AddTrueToObject(part, "open_now");
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(message, "alerts"), part);
    cJSON *buttons = cJSON_GetObjectItemCaseSensitive(message, "buttons");
    bool room = alert_count(a) && cJSON_GetArraySize(buttons) < OPENS_MOST;
    int failed = room ? add_open(a, buttons, err) : 0;
    zone_free(a->zone);
    a->zone = NULL;
    return failed;
}

static int fill_digest(struct alert *a, const int64_t *questions, size_t count, cJSON *message,
                       size_t *ret_open, struct err *err)
{
    bool edit = a->row->kind == OUTBOX_EDIT;
    auto_str lines = STR_INIT(12000), text = STR_INIT(13000);
    json_put_i64(message, "id", edit ? a->row->edits : a->row->id);
    cJSON_AddItemToObject(message, "alerts", cJSON_CreateArray());
    cJSON_AddItemToObject(message, "buttons", cJSON_CreateArray());
    for (size_t i = 0; i < count; i++)
        if (add_part(a, questions[i], &lines, message, ret_open, err))
            return -1;
    if (!edit)
        str_addf(&text, "%s%s:\n",
                 a->row->maybe ? "(You may have this already: I was interrupted while I sent it.)\n"
                               : "",
                 a->row->quiet ? "Your quiet hours are over. Open now"
                               : "Many tables opened at once");
    str_add(&text, lines.buf);
    if (a->missed.len)
        str_addf(&text, "\nMissed meanwhile:\n%s", a->missed.buf);
    json_put_text(message, "text", text.buf);
    cJSON_AddStringToObject(message, "type", edit ? "edit" : "digest");
    if (edit)
        cJSON_AddStringToObject(message, "state", *ret_open ? "open" : "gone");
    return 0;
}

int digest_compose(struct alert *a, const int64_t *questions, size_t count, cJSON **ret,
                   struct err *err)
{
    size_t open = 0;
    cJSON *message = cJSON_CreateObject();
    if (fill_digest(a, questions, count, message, &open, err)) {
        json_free(message);
        return -1;
    }
    if (open || a->row->kind == OUTBOX_EDIT) {
        *ret = message;
        return 0;
    }
    json_free(message);
    return alert_gone(a, err);
}

/* --- quiet hours: what opens then is told in the morning, as it is then --- */

/* When they end, if it is quiet for this watch's person now; 0: it is not. */
static int64_t quiet_until(const struct account *account, int64_t now_ms)
{
    int64_t from = account->quiet_from, to = account->quiet_to;
    if (from < 0)
        return 0;
    auto_zone zone = services_zone(account->zone);
    struct local now = zone_local(zone, now_ms);
    bool night = from > to; /* they go over midnight */
    bool quiet = night ? now.minute >= from || now.minute < to
                       : now.minute >= from && now.minute < to;
    struct date day = night && now.minute >= from ? date_add(now.date, 1) : now.date;
    return quiet ? MAX_OF(zone_utc_ms(zone, day, (int)to), now_ms + 1000) : 0;
}

int quiet_keep(struct alert *a, bool *ret_later, struct err *err)
{
    struct account account;
    bool found;
    if (account_of_watch(a->conn, a->row->watch_id, &account, &found, err))
        return -1;
    a->watch.hours24 = found && account.hours24; /* for what was missed */
    int64_t until = found ? quiet_until(&account, a->now_ms) : 0;
    *ret_later = until;
    return until ? outbox_be_quiet(a->conn, a->row->id, until, err) : 0;
}

static int add_missed_part(struct alert *a, int64_t question_id, struct err *err)
{
    told_slots_free(&a->slots);
    if (told_slots_of(a->conn, a->row->id, question_id, &a->slots, err))
        return -1;
    if (!a->slots.count || alert_count(a))
        return 0;
    if (date_parse(a->slots.day, &a->day))
        return err_set(err, ERR_BUG, NULL, "a question without a day");
    a->zone = services_zone(a->slots.zone);
    a->today = zone_local(a->zone, a->now_ms).date;
    str_addf(&a->missed, "%s- ", a->missed.len ? "\n" : "");
    alert_add_headline(&a->missed, a);
    str_add(&a->missed, ": ");
    alert_add_times(&a->missed, a, true);
    if (alert_last_closed(a)) {
        str_add(&a->missed, ", gone at ");
        alert_add_instant(&a->missed, a, alert_last_closed(a), false);
    }
    zone_free(a->zone);
    a->zone = NULL;
    return 0;
}

int quiet_end(struct alert *a, struct err *err)
{
    int64_t questions[DIGEST_MOST];
    size_t count;
    if (told_questions_of(a->conn, a->row->id, questions, DIGEST_MOST, &count, err) ||
        outbox_merge(a->conn, a->row->id, DIGEST_MOST - count, a->now_ms, err) ||
        told_undo_dead(a->conn, a->row->id, a->now_ms, err) ||
        told_questions_of(a->conn, a->row->id, questions, DIGEST_MOST, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (add_missed_part(a, questions[i], err))
            return -1;
    told_slots_free(&a->slots);
    return told_undo_closed(a->conn, a->row->id, err);
}

int quiet_compose_missed(struct alert *a, cJSON **ret, struct err *err)
{
    auto_str text = STR_INIT(13000);
    if (told_undo(a->conn, a->row->id, err))
        return -1;
    str_addf(&text, "Your quiet hours are over. What opened meanwhile is gone:\n%s", a->missed.buf);
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "notice");
    json_put_text(message, "text", text.buf);
    *ret = message;
    return 0;
}
