/* Why a watch has not told anything: what is known of each of its questions, and since when. */
#include "core/services/services.h"

#include "db/hint.h"
#include "db/incident.h"
#include "db/slot.h"
#include "db/told.h"

#define SHOWN_MOST 5 /* questions that are explained one by one */
#define TIMES_MOST 6

enum reason { SLOT_OUTSIDE, SLOT_SEATING, SLOT_FEE, SLOT_TOLD, SLOT_REASONS };
static const char *const reasons[] = {
    [SLOT_OUTSIDE] = "outside your times",
    [SLOT_SEATING] = "of another seating",
    [SLOT_FEE] = "with a higher fee than you allow",
    [SLOT_TOLD] = "that I have told you of",
};

struct asked {
    struct question q;
    struct venue venue;
    int minutes[SLOT_REASONS][TIMES_MOST];
    size_t counts[SLOT_REASONS];
    struct known_count known; /* of a search */
};

struct why_args {
    int64_t id, now_ms;
    struct watch *watch;
    struct asked *asked;
    size_t count, total;
    struct incident incident;
    size_t incidents;
};

static enum reason reason_of(const struct watch *w, const struct slot *slot)
{
    if (slot->minute < w->from_minute || slot->minute > w->to_minute)
        return SLOT_OUTSIDE;
    if (!strstr(slot->seating, w->seating))
        return SLOT_SEATING;
    if (w->max_fee_cents >= 0 && slot->fee_cents > w->max_fee_cents)
        return SLOT_FEE;
    return SLOT_TOLD;
}

static int read_slots(struct db_conn *conn, const struct why_args *args, struct asked *a,
                      struct err *err)
{
    auto_slots slots = {0};
    if (slots_of(conn, a->q.id, &slots, err))
        return -1;
    for (size_t i = 0; i < slots.count; i++) {
        const struct slot *slot = &slots.list[i];
        enum reason why = reason_of(args->watch, slot);
        int64_t told_ms = 1;
        if (!slot->open || slot->missed || slot->start_ms <= args->now_ms)
            continue;
        if (why == SLOT_TOLD && told_when(conn, args->id, slot->id, &told_ms, err))
            return -1;
        if (!told_ms)
            continue; /* owed: it is on its way */
        if (a->counts[why] < TIMES_MOST)
            a->minutes[why][a->counts[why]] = (int)slot->minute;
        a->counts[why]++;
    }
    return 0;
}

static int read_why(struct db_conn *conn, void *arg, struct err *err)
{
    struct why_args *args = arg;
    int64_t ids[WATCH_QUESTIONS];
    bool found;
    if (watch_questions(conn, args->id, ids, WATCH_QUESTIONS, &args->total, err) ||
        incidents_now(conn, &args->incident, 1, &args->incidents, err))
        return -1;
    for (size_t i = 0; i < args->total && args->count < SHOWN_MOST; i++) {
        struct asked *a = &args->asked[args->count];
        if (question_get(conn, ids[i], &a->q, err))
            return -1;
        if (!a->q.gate_open && args->watch->gated) /* the calendar speaks for it */
            continue;
        args->count++;
        if ((!a->q.venue_id && known_count(conn, args->id, a->q.id, &a->known, err)) ||
            (a->q.venue_id && (venue_get(conn, a->q.venue_id, &a->venue, &found, err) ||
                               read_slots(conn, args, a, err))))
            return -1;
    }
    return 0;
}

static void add_clock(struct str *out, const struct watch *w, int64_t utc_ms, int64_t now_ms)
{
    auto_zone zone = services_zone(w->zone);
    struct local at = zone_local(zone, utc_ms), now = zone_local(zone, now_ms);
    char clock[CLOCK_TEXT], words[DATE_WORDS];
    if (date_compare(at.date, now.date) != 0)
        str_addf(out, "%s ", date_words(at.date, now.date, words));
    str_add(out, clock_say(at.minute, w->hours24, clock));
}

static void add_slots(struct str *out, const struct watch *w, const struct asked *a)
{
    for (int why = 0; why < SLOT_REASONS; why++) {
        if (!a->counts[why])
            continue;
        str_addf(out, " There %s %zu table%s %s (", a->counts[why] == 1 ? "is" : "are",
                 a->counts[why], a->counts[why] == 1 ? "" : "s", reasons[why]);
        for (size_t i = 0; i < a->counts[why] && i < TIMES_MOST; i++) {
            char clock[CLOCK_TEXT];
            str_addf(out, "%s%s", i ? ", " : "", clock_say(a->minutes[why][i], w->hours24, clock));
        }
        str_add(out, a->counts[why] > TIMES_MOST ? ", …)." : ").");
    }
}

/* A day without any table is full, closed, or not released yet. */
static void add_calendar(struct services *services, const struct asked *a, struct cancel *cancel,
                         struct str *out)
{
    struct date day, last;
    char words[DATE_WORDS];
    if (date_parse(a->q.day, &day))
        return;
    switch (venue_day(services, &a->venue, a->q.party, day, cancel, &last)) {
    case DAY_IS_CLOSED:
        str_add(out, " Resy's calendar says that it is closed that day.");
        break;
    case DAY_NOT_RELEASED:
        str_addf(out, " That day is not released yet: Resy's calendar ends on %s.",
                 date_words(last, day, words));
        break;
    case DAY_OVER:
        str_addf(out, " Resy's calendar of it ended on %s: it seems to be closed for good.",
                 date_words(last, day, words));
        break;
    case DAY_TAKES_BOOKINGS:
        str_add(out, " Resy's calendar says that it takes bookings that day.");
        break;
    case DAY_NOT_KNOWN:
        break;
    }
}

/* Of a search: the places that have tables, and why none of them is news. */
static void add_places(const struct asked *a, struct str *out)
{
    const struct {
        int64_t count;
        const char *what;
    } parts[] = {
        {a->known.there, "had one when the watch began, which is no news"},
        {a->known.told, "I have told you of"},
        {a->known.nothing, "had none that you want when I looked closely"},
    };
    const char *before = " Of these ";
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!parts[i].count)
            continue;
        str_addf(out, "%s%lld %s", before, (long long)parts[i].count, parts[i].what);
        before = ", ";
    }
    str_add(out, *before == ',' ? "." : "");
}

/* Of many days the calendar is what is asked. */
static void add_calendar_checks(const struct why_args *args, const struct asked *a, struct str *out)
{
    char span[SPAN_WORDS];
    str_addf(out, "\n%s, its calendar for %lld: asked %lld time%s", a->venue.name,
             (long long)a->q.party, (long long)a->q.answers, a->q.answers == 1 ? "" : "s");
    if (a->q.answers)
        str_addf(out, ", the last time %s ago", span_words(args->now_ms - a->q.answered_ms, span));
    str_add(out, a->q.fails ? "; it fails just now, so I ask the days themselves."
                            : ". I ask a day only where it shows tables.");
}

static void add_question(struct services *services, const struct why_args *args,
                         const struct asked *a, struct cancel *cancel, struct str *out)
{
    const struct watch *w = args->watch;
    char span[SPAN_WORDS], words[DATE_WORDS];
    struct date day;
    bool search = a->q.kind == QUESTION_SEARCH;
    if (a->q.kind == QUESTION_CALENDAR) {
        add_calendar_checks(args, a, out);
        return;
    }
    auto_zone zone = services_zone(search ? w->zone : a->venue.zone);
    struct date today = zone_local(zone, args->now_ms).date;
    str_addf(out, "\n%s, %s for %lld: ", search ? w->looking : a->venue.name,
             date_parse(a->q.day, &day) ? a->q.day : date_words(day, today, words),
             (long long)a->q.party);
    if (!a->q.answers)
        str_add(out, "not asked yet.");
    else
        str_addf(out, "%s, in %lld good check%s; the last was %s ago.",
                 search && a->q.tables ? "places have tables"
                 : a->q.tables         ? "it has tables"
                                       : "full",
                 (long long)a->q.answers, a->q.answers == 1 ? "" : "s",
                 span_words(args->now_ms - a->q.answered_ms, span));
    if (a->q.fails) {
        str_addf(out, " The last %lld check%s failed, since ", (long long)a->q.fails,
                 a->q.fails == 1 ? "" : "s");
        add_clock(out, w, a->q.failing_since_ms, args->now_ms);
        str_add(out, " (");
        str_add_shown(out, a->q.why, strlen(a->q.why));
        str_add(out, "): I do not know how it is now.");
    }
    if (search)
        add_places(a, out);
    add_slots(out, w, a);
    if (a->venue.party_max && a->q.party > a->venue.party_max)
        str_addf(out, " It takes at most %lld people at a time.", (long long)a->venue.party_max);
    if (a->venue.party_min && a->q.party < a->venue.party_min)
        str_addf(out, " It takes %lld people at least.", (long long)a->venue.party_min);
    if (!search && args->total == 1 && a->q.answers && !a->q.tables && !a->q.fails)
        add_calendar(services, a, cancel, out);
}

/* What holds for all of it. */
static bool add_state(struct str *out, const struct why_args *args)
{
    const struct watch *w = args->watch;
    if (w->found_ms) {
        str_add(out, " It found its table at ");
        add_clock(out, w, w->found_ms, args->now_ms);
        str_add(out, " and is over.");
    } else if (!strcmp(w->state, "stopped")) {
        str_add(out, " You stopped it.");
    } else if (strcmp(w->state, "active") != 0) {
        str_add(out, " Its time is over, so it has ended.");
    }
    if (strcmp(w->state, "active") != 0)
        return false;
    if (w->paused)
        str_addf(out, " It is paused: I ask nothing. /resume %lld lets it go on.",
                 (long long)w->id);
    else if (w->snoozed_ms > args->now_ms) {
        str_add(out, " It is silent until ");
        add_clock(out, w, w->snoozed_ms, args->now_ms);
        str_add(out, "; what is open then, I tell you.");
    }
    if (!w->paused && w->due_ms > args->now_ms) {
        char span[SPAN_WORDS];
        str_addf(out, " The next check is in %s.", span_words(w->due_ms - args->now_ms, span));
    }
    return true;
}

int why_words(struct services *services, const struct account *account, int64_t watch_id,
              struct cancel *cancel, struct str *out, struct err *err)
{
    struct watch watch;
    if (watch_of(services, account->id, watch_id, &watch, err))
        return -1;
    struct why_args args = {.id = watch_id,
                            .now_ms = env_wall_ms(services->env),
                            .watch = &watch,
                            .asked = mem_new(SHOWN_MOST, sizeof(struct asked))};
    int failed = db_read(services->db, read_why, &args, err);
    if (!failed) {
        str_addf(out, "Watch %lld: ", (long long)watch_id);
        watch_words(out, &watch, args.now_ms);
        str_addc(out, '.');
        bool on = add_state(out, &args);
        for (size_t i = 0; on && i < args.count; i++)
            add_question(services, &args, &args.asked[i], cancel, out);
        if (on && args.total > args.count && !watch.gated)
            str_addf(out, "\n(These are the first %zu of its %zu questions.)", args.count,
                     args.total);
    }
    free(args.asked);
    return failed;
}
