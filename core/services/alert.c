/* What a row of the outbox says, made when it is sent: as it is true then, not when it was found.
 */
#include "core/services/services.h"

#include "db/chat.h"
#include "db/told.h"

#define OPEN_FOR     ((int64_t)2 * DAY_MS) /* Open is harmless; Stop lives as long as the watch */
#define WATCHES_MOST 8                     /* of one person that one message speaks for */
#define STOPS_MOST   3
#define COLLECT_MS   ((int64_t)10 * 1000)
#define DIGEST_MOST  40 /* restaurants and days; what is over that is the next one's */
#define OPENS_MOST   4

struct alert {
    struct services *services;
    struct db_conn *conn;
    const struct outbox_row *row;
    int alerts_max;
    int64_t now_ms;
    cJSON *payload;
    struct watch watch; /* the first of those that it speaks for */
    struct told_watch watches[WATCHES_MOST];
    size_t watch_count; /* of those that somebody still waits for */
    struct date day, today;
    struct zone *zone;
    struct told_slots slots;
    struct str missed; /* what closed in their quiet hours */
};

static bool sayable(const struct alert *a, const struct told_slot *slot)
{
    return slot->open && slot->start_ms > a->now_ms;
}

static size_t count_sayable(const struct alert *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->slots.count; i++)
        n += sayable(a, &a->slots.list[i]);
    return n;
}

/* What the watch's window says of the minute that is wanted most: its middle ("around 8"), or the
 * end that it has; -1: nothing. */
static int64_t wanted_minute(const struct watch *w)
{
    bool from = w->from_minute > 0, to = w->to_minute < ANY_TIME_TO;
    if (from && to)
        return (w->from_minute + w->to_minute) / 2;
    return from ? w->from_minute : to ? w->to_minute : -1;
}

static int by_wish(const void *a, const void *b, void *ctx)
{
    const struct told_slot *x = a, *y = b;
    int64_t wanted = *(int64_t *)ctx;
    int64_t far_x = llabs(x->minute - wanted), far_y = llabs(y->minute - wanted);
    if (far_x != far_y)
        return far_x < far_y ? -1 : 1;
    return x->minute < y->minute ? -1 : x->minute > y->minute;
}

/* Most wanted first; else by the clock, as they were read. */
static void sort_slots(struct alert *a)
{
    int64_t wanted = wanted_minute(&a->watch);
    if (wanted >= 0 && a->slots.count > 1)
        qsort_r(a->slots.list, a->slots.count, sizeof(*a->slots.list), by_wish, &wanted);
}

/* "19:15" each, a time once. */
static cJSON *times_of(const struct alert *a)
{
    cJSON *times = cJSON_CreateArray();
    int64_t last = -1;
    for (size_t i = 0; i < a->slots.count; i++) {
        const struct told_slot *slot = &a->slots.list[i];
        char text[CLOCK_TEXT];
        if (!sayable(a, slot) || slot->minute == last)
            continue;
        last = slot->minute;
        cJSON_AddItemToArray(times, cJSON_CreateString(clock_text((int)slot->minute, text)));
    }
    return times;
}

/* "7:15 PM (Dining Room, fee $25), 9:00 PM (Bar)". */
static void add_times(struct str *out, const struct alert *a, bool all)
{
    bool first = true;
    for (size_t i = 0; i < a->slots.count; i++) {
        const struct told_slot *slot = &a->slots.list[i];
        char text[CLOCK_TEXT];
        if (!all && !sayable(a, slot))
            continue;
        str_addf(out, "%s%s", first ? "" : ", ",
                 clock_say((int)slot->minute, a->watch.hours24, text));
        first = false;
        if (*slot->shown || slot->fee_cents)
            str_add(out, " (");
        str_add(out, slot->shown);
        if (slot->fee_cents)
            str_addf(out, "%sfee $%lld", *slot->shown ? ", " : "",
                     (long long)(slot->fee_cents + 99) / 100);
        if (*slot->shown || slot->fee_cents)
            str_addc(out, ')');
    }
}

static void add_instant(struct str *out, const struct alert *a, int64_t utc_ms, bool seconds)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct local at = zone_local(a->zone, utc_ms), now = zone_local(a->zone, a->now_ms);
    if (date_compare(at.date, now.date) != 0)
        str_addf(out, "%s ", days[date_weekday(at.date)]);
    char clock[CLOCK_TEXT];
    clock_say(at.minute, a->watch.hours24, clock);
    size_t digits = strcspn(clock, " ");
    str_addn(out, clock, digits);
    if (seconds)
        str_addf(out, ":%02d", at.second);
    str_add(out, clock + digits);
}

/* "full in 14 checks since Tue 09:12, open at 18:03:22 (4 s ago)". */
static void add_evidence(struct str *out, const struct alert *a)
{
    char span[SPAN_WORDS];
    int64_t checks = json_i64_or(a->payload, "checks", 0);
    int64_t seen = a->row->seen_ms;
    int64_t opened = json_i64_or(a->payload, "opened", seen);
    if (cJSON_IsTrue(json_at(a->payload, "open_now"))) {
        str_add(out, "open when I looked at ");
        add_instant(out, a, seen, true);
        str_addf(out, " (%s ago)", span_words(a->now_ms - seen, span));
        return;
    }
    str_addf(out, "not there in %lld check%s since ", (long long)checks, checks == 1 ? "" : "s");
    add_instant(out, a, json_i64_or(a->payload, "full_since", opened), false);
    str_add(out, ", open at ");
    add_instant(out, a, opened, true);
    str_addf(out, " (%s ago)", span_words(a->now_ms - opened, span));
}

static void add_headline(struct str *out, const struct alert *a)
{
    char words[DATE_WORDS];
    str_addf(out, "%s, %s, %lld %s", a->slots.venue, date_words(a->day, a->today, words),
             (long long)a->slots.party, a->slots.party == 1 ? "person" : "people");
}

static int add_button(struct alert *a, cJSON *list, const char *verb, const char *action,
                      int64_t watch_id, bool once, struct err *err)
{
    char label[48];
    auto_json args = cJSON_CreateObject();
    json_put_i64(args, "watch", watch_id);
    snprintf(label, sizeof(label), "%s watch %lld", verb, (long long)watch_id);
    struct button_spec spec = {label, action, args, once, a->watch.until_ms, a->row->id};
    return button_offer(a->services, a->conn, a->watch.account_id, a->row->chat_id, &spec,
                        a->now_ms, list, err);
}

static int add_buttons(struct alert *a, cJSON *message, struct err *err)
{
    cJSON *list = cJSON_AddArrayToObject(message, "buttons");
    auto_json args = cJSON_CreateObject();
    json_put_text(args, "city_slug", a->slots.city_slug);
    json_put_text(args, "slug", a->slots.slug);
    json_put_text(args, "day", a->slots.day);
    json_put_i64(args, "party", a->slots.party);
    struct button_spec open = {
        "Open on Resy", "open", args, false, MAX_OF(a->watch.until_ms, a->now_ms + OPEN_FOR),
        a->row->id};
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

static void add_facts(struct alert *a, cJSON *message)
{
    auto_str url = STR_INIT(512);
    venue_url(&url, a->slots.city_slug, a->slots.slug, a->slots.day, a->slots.party);
    json_put_i64(message, "watch", a->watch.id);
    if (*a->watch.title)
        json_put_text(message, "title", a->watch.title);
    json_put_text(message, "venue", a->slots.venue);
    json_put_text(message, "date", a->slots.day);
    json_put_i64(message, "party_size", a->slots.party);
    json_put_text(message, "url", url.buf);
}

static int gone(struct alert *a, struct err *err)
{
    bool over = a->watch_count;
    if (told_undo(a->conn, a->row->id, err))
        return -1;
    return outbox_end(a->conn, a->row->id, "gone", over ? OUTBOX_OVER : "its watch has ended",
                      a->now_ms, err);
}

static void add_missed(struct str *text, int64_t count)
{
    if (count)
        str_addf(text, "\n(%lld other table%s opened and closed before I could tell you.)",
                 (long long)count, count == 1 ? "" : "s");
}

static int64_t last_closed(const struct alert *a)
{
    int64_t last = 0;
    for (size_t i = 0; i < a->slots.count; i++)
        last = MAX_OF(last, a->slots.list[i].closed_ms);
    return last;
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
    if (last_closed(a)) {
        str_add(&text, " at ");
        add_instant(&text, a, last_closed(a), true);
    }
    str_add(&text, ", if I told you of it (I was interrupted while I did): ");
    add_headline(&text, a);
    str_addc(&text, '\n');
    add_times(&text, a, true);
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
    if (a->watch_count && a->row->maybe && a->slots.count && !count_sayable(a))
        return compose_over(a, ret, err);
    if (!a->watch_count || !count_sayable(a))
        return gone(a, err);
    if (outbox_count_gone(a->conn, a->row->chat_id, &missed, err))
        return -1;
    bool open_now = cJSON_IsTrue(json_at(a->payload, "open_now"));
    auto_str text = STR_INIT(3000), evidence = STR_INIT(300);
    add_evidence(&evidence, a);
    if (a->row->maybe)
        str_add(&text, "(You may have this already: I was interrupted while I sent it.)\n");
    str_add(&text, open_now ? "Open now: " : "A table opened: ");
    add_headline(&text, a);
    if (*a->watch.title)
        str_addf(&text, " (%s)", a->watch.title);
    str_add(&text, "\n");
    add_times(&text, a, false);
    str_addf(&text, "\n%s", evidence.buf);
    for (size_t i = 0; i < a->watch_count; i++)
        if (a->watches[i].once == WATCH_FIRST)
            str_addf(&text, "\nThat is what watch %lld was for: it is over.",
                     (long long)a->watches[i].id);
    add_missed(&text, missed);
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "alert");
    json_put_i64(message, "id", a->row->id);
    add_facts(a, message);
    cJSON_AddItemToObject(message, "times", times_of(a));
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
    bool open = count_sayable(a);
    if (open && !a->watch_count) /* nobody waits for it any more */
        return outbox_end(a->conn, a->row->id, "gone", "its watch has ended", a->now_ms, err);
    auto_str text = STR_INIT(3000);
    add_headline(&text, a);
    str_addc(&text, '\n');
    if (open) {
        str_add(&text, "Open: ");
        add_times(&text, a, false);
    } else {
        str_add(&text, "Gone at ");
        add_instant(&text, a, last_closed(a), true);
        str_add(&text, ": ");
        add_times(&text, a, true);
    }
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "edit");
    json_put_i64(message, "id", a->row->edits);
    add_facts(a, message);
    cJSON_AddItemToObject(message, "times", times_of(a));
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
        (alert && count_sayable(a) && told_undo_closed(a->conn, alert_id, err)) ||
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
    sort_slots(a);
    int failed = a->row->kind == OUTBOX_EDIT ? compose_edit(a, ret, err)
                                             : compose_alert(a, ret, err);
    zone_free(a->zone);
    return failed;
}

/* --- digests: where one person would get more than anybody reads --- */

/* Too many were sent within a minute: what waits is collected for a moment, and told as one.
 * *ret_later: not now. */
static int collect(struct alert *a, bool *ret_later, struct err *err)
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
    add_headline(out, a);
    if (count_sayable(a)) {
        str_add(out, ": ");
        add_times(out, a, false);
    } else if (last_closed(a)) {
        str_add(out, ": gone at ");
        add_instant(out, a, last_closed(a), true);
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
    struct button_spec open = {
        label, "open", args, false, MAX_OF(a->watch.until_ms, a->now_ms + OPEN_FOR), a->row->id};
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
    if (!a->slots.count || (!edit && !count_sayable(a)))
        return 0;
    if (date_parse(a->slots.day, &a->day))
        return err_set(err, ERR_BUG, NULL, "a question without a day");
    a->zone = services_zone(a->slots.zone);
    a->today = zone_local(a->zone, a->now_ms).date;
    sort_slots(a);
    add_line(text, a);
    *ret_open += count_sayable(a) > 0;
    cJSON *part = cJSON_CreateObject();
    add_facts(a, part);
    cJSON_AddItemToObject(part, "times", times_of(a));
    cJSON_AddTrueToObject(part, "open_now");
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(message, "alerts"), part);
    cJSON *buttons = cJSON_GetObjectItemCaseSensitive(message, "buttons");
    bool room = count_sayable(a) && cJSON_GetArraySize(buttons) < OPENS_MOST;
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

static int compose_digest(struct alert *a, const int64_t *questions, size_t count, cJSON **ret,
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
    return gone(a, err);
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

/* *ret_later: it waits. */
static int keep_quiet(struct alert *a, bool *ret_later, struct err *err)
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
    if (!a->slots.count || count_sayable(a))
        return 0;
    if (date_parse(a->slots.day, &a->day))
        return err_set(err, ERR_BUG, NULL, "a question without a day");
    a->zone = services_zone(a->slots.zone);
    a->today = zone_local(a->zone, a->now_ms).date;
    str_addf(&a->missed, "%s- ", a->missed.len ? "\n" : "");
    add_headline(&a->missed, a);
    str_add(&a->missed, ": ");
    add_times(&a->missed, a, true);
    if (last_closed(a)) {
        str_add(&a->missed, ", gone at ");
        add_instant(&a->missed, a, last_closed(a), false);
    }
    zone_free(a->zone);
    a->zone = NULL;
    return 0;
}

/* All that waited for the morning becomes one message, and what was missed is noted. */
static int end_quiet(struct alert *a, struct err *err)
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

/* Nothing is left of it in the morning. */
static int compose_missed(struct alert *a, cJSON **ret, struct err *err)
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

/* --- */

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
        return compose_missed(a, ret, err);
    if (count > 1 || (a->row->quiet && count))
        return compose_digest(a, questions, count, ret, err);
    return compose_read(a, ret, err);
}

static int compose_of_watch(struct alert *a, cJSON **ret, struct err *err)
{
    bool later = false, edit = a->row->kind == OUTBOX_EDIT;
    if (!edit && keep_quiet(a, &later, err))
        return -1;
    if (!edit && !later && a->row->quiet && end_quiet(a, err))
        return -1;
    if (!edit && !later && !a->row->quiet && collect(a, &later, err))
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
