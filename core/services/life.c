/* Proof of life: a cause of failure is told once, with what it affects, and once more when it is
 * over. A failed check is never a full restaurant, and never a silent one. */
#include "core/services/services.h"

#include "db/chat.h"
#include "db/incident.h"

#define TELL_AFTER     2 /* failed checks */
#define INCIDENTS_SAID 8
#define RATES_SAID     20
#define SAME_RUN_MS    ((int64_t)1000)
#define BACK_WITHIN_MS ((int64_t)30 * 1000)
#define CAUSE          "resy-"
#define DOUBT          CAUSE "doubt"
#define REFUSED        "refused-"
#define PLATFORM       "at-"

static const char *const said[RESY_FAULTS] = {
    [RESY_KEY] = "Resy refuses my key or token",
    [RESY_BLOCKED] = "Resy is refusing my requests",
    [RESY_LIMITED] = "Resy told me to slow down",
    [RESY_DOWN] = "Resy does not answer",
    [RESY_SHAPE] = "Resy answers something that I cannot read",
    [RESY_PARTIAL] = "A search at Resy does not come whole",
    [RESY_MISSING] = "Resy no longer knows a restaurant that is watched",
    [RESY_DOUBT] = "Resy shows no tables anywhere, which I do not believe",
};

static const char *const mends[RESY_FAULTS] = {
    [RESY_KEY] = " Check [resy] api_key and auth_token in the configuration.",
    [RESY_BLOCKED] = " I keep to longer pauses and do not try to get around it.",
    [RESY_PARTIAL] = " Narrower criteria come on fewer pages.",
    [RESY_MISSING] = " /watches shows which; stop it if the place is gone.",
    [RESY_DOUBT] = " It does so to addresses that it takes for a machine's, a server's above all.",
};

/* Failures in a row: with this one, or (`failed` false) those that this success ends. */
static int count_failure(struct services *services, bool failed)
{
    pthread_mutex_lock(&services->lock);
    int count = services->failed_in_row + failed;
    if (failed && count == 1)
        services->failing_ms = env_wall_ms(services->env);
    services->failed_in_row = failed ? count : 0;
    pthread_mutex_unlock(&services->lock);
    return count;
}

static void clock_at(struct str *out, struct services *services, int64_t utc_ms)
{
    const struct service_options options = services_options(services);
    auto_zone zone = services_zone(options.zone);
    struct local at = zone_local(zone, utc_ms);
    char clock[CLOCK_TEXT];
    str_add(out, clock_words(at.minute, clock));
}

static void incident_text(struct str *out, struct services *services, enum resy_fault fault,
                          int64_t since_ms, int64_t watches, int64_t next_ms)
{
    str_addf(out, "%s since ", said[fault] ? said[fault] : "Resy fails");
    clock_at(out, services, since_ms);
    str_addf(out, ". %lld watch%s affected: I cannot see tables meanwhile. Next try at ",
             (long long)watches, watches == 1 ? " is" : "es are");
    clock_at(out, services, next_ms);
    str_addf(out, ".%s", mends[fault] ? mends[fault] : "");
}

int life_doubt(struct services *services, struct db_conn *conn, int64_t retry_ms, int64_t now_ms,
               bool *ret_outbox, struct err *err)
{
    bool new;
    int64_t watches = 0;
    if (incident_open(conn, DOUBT, "a search and its first hits had no table", now_ms, &new, err) ||
        watch_count_all(conn, &watches, err))
        return -1;
    if (!new)
        return 0;
    auto_str text = STR_INIT(700);
    incident_text(&text, services, RESY_DOUBT, now_ms, watches, now_ms + retry_ms);
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

int life_no_doubt(struct services *services, struct db_conn *conn, int64_t now_ms, bool *ret_outbox,
                  struct err *err)
{
    struct incident incident;
    bool closed;
    char span[SPAN_WORDS];
    if (incident_close(conn, DOUBT, now_ms, &incident, &closed, err))
        return -1;
    if (!closed)
        return 0;
    auto_str text = STR_INIT(300);
    str_addf(&text,
             "Resy shows tables again; for %s I could not believe what it said. Everything is "
             "being checked again.",
             span_words(now_ms - incident.opened_ms, span));
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

int life_failed(struct services *services, struct db_conn *conn, enum resy_fault fault,
                const struct err *why, int64_t question_id, int64_t retry_ms, int64_t now_ms,
                bool *ret_outbox, struct err *err)
{
    struct question q;
    char cause[48];
    bool new = false;
    int64_t watches = 0;
    int in_row = count_failure(services, fault != RESY_MISSING);
    if (question_get(conn, question_id, &q, err))
        return -1;
    bool at_once = fault == RESY_BLOCKED || fault == RESY_KEY; /* we shall not ask again soon */
    if (!at_once && q.fails < TELL_AFTER && in_row < TELL_AFTER)
        return 0;
    snprintf(cause, sizeof(cause), CAUSE "%s", resy_fault_name(fault));
    if (incident_open(conn, cause, why->why, now_ms, &new, err) ||
        watch_count_all(conn, &watches, err))
        return -1;
    if (!new)
        return 0;
    auto_str text = STR_INIT(700);
    int64_t since = q.failing_since_ms ? q.failing_since_ms : now_ms;
    incident_text(&text, services, fault, since, watches, now_ms + retry_ms);
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

/* The open incident that nothing keeps open any more. Anything still failing does: one venue's
 * fault is not over because another answers. */
static int close_if_over(struct db_conn *conn, int64_t now_ms, struct incident *ret,
                         bool *ret_closed, struct err *err)
{
    bool open;
    int64_t failing;
    *ret_closed = false;
    if (incident_is_open(conn, CAUSE, &open, err))
        return -1;
    if (!open)
        return 0;
    if (question_failing(conn, &failing, err))
        return -1;
    return failing ? 0 : incident_close(conn, CAUSE, now_ms, ret, ret_closed, err);
}

int life_answered(struct services *services, struct db_conn *conn, int64_t now_ms, bool *ret_outbox,
                  struct err *err)
{
    struct incident incident;
    bool closed;
    char span[SPAN_WORDS];
    bool back = count_failure(services, false) >= TELL_AFTER;
    pthread_mutex_lock(&services->lock);
    int64_t since = services->failing_ms - SAME_RUN_MS;
    pthread_mutex_unlock(&services->lock);
    if (back && question_hasten_failing(conn, since, now_ms, BACK_WITHIN_MS, err))
        return -1;
    if (close_if_over(conn, now_ms, &incident, &closed, err))
        return -1;
    if (!closed)
        return 0;
    auto_str text = STR_INIT(300);
    str_add(&text, "Resy answers again since ");
    clock_at(&text, services, now_ms);
    str_addf(
        &text,
        "; for %s I could not see tables, and %lld check%s failed. Everything is being checked "
        "again; what opened and closed meanwhile I do not know.",
        span_words(now_ms - incident.opened_ms, span), (long long)incident.failed,
        incident.failed == 1 ? "" : "s");
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

int life_nothing_asked(struct services *services, struct db_conn *conn, int64_t now_ms,
                       struct err *err)
{
    struct incident incident;
    bool closed;
    (void)services;
    if (incident_forget_refused(conn, now_ms, err))
        return -1;
    return close_if_over(conn, now_ms, &incident, &closed, err);
}

/* The dot ends it: one cause must not be the beginning of another. */
static void refused_cause(char out[48], int64_t chat_id)
{
    snprintf(out, 48, REFUSED "%lld.", (long long)chat_id);
}

static int tell_owner_of(struct services *services, struct db_conn *conn, int64_t chat_id,
                         const char *says, const char *why, int64_t now_ms, struct err *err)
{
    struct chat_place place;
    bool found;
    int64_t owners = 0;
    if (chat_get(conn, chat_id, &place, &found, err) || chat_of_owner(conn, &owners, err))
        return -1;
    if (!found || owners == chat_id) /* it cannot be told there; /status and the log have it */
        return 0;
    auto_str text = STR_INIT(600);
    str_addf(&text, "Chat %lld on %s (", (long long)chat_id, place.platform);
    str_add_shown(&text, place.ref, strlen(place.ref));
    str_addf(&text, ") %s", says);
    if (why && *why) {
        str_add(&text, ": ");
        str_add_shown(&text, why, strlen(why));
    }
    str_addc(&text, '.');
    return notice_add(services, conn, owners, text.buf, now_ms, err);
}

int life_refused(struct services *services, struct db_conn *conn, int64_t chat_id, const char *why,
                 int64_t now_ms, struct err *err)
{
    char cause[48];
    bool new;
    refused_cause(cause, chat_id);
    if (incident_open(conn, cause, why, now_ms, &new, err))
        return -1;
    return new ? tell_owner_of(services, conn, chat_id, "refuses my messages, its alerts too", why,
                               now_ms, err)
               : 0;
}

int life_taken(struct services *services, struct db_conn *conn, int64_t chat_id, int64_t now_ms,
               struct err *err)
{
    char cause[48];
    struct incident incident;
    bool closed;
    refused_cause(cause, chat_id);
    if (incident_close(conn, cause, now_ms, &incident, &closed, err))
        return -1;
    return closed ? tell_owner_of(services, conn, chat_id, "takes my messages again", NULL, now_ms,
                                  err)
                  : 0;
}

int life_platform(struct services *services, struct db_conn *conn, const char *say,
                  const char *mend, const char *why, int64_t now_ms, bool *ret_outbox,
                  struct err *err)
{
    char cause[48];
    bool new;
    snprintf(cause, sizeof(cause), PLATFORM "%s", say);
    if (incident_open(conn, cause, why, now_ms, &new, err))
        return -1;
    if (!new)
        return 0;
    auto_str text = STR_INIT(500);
    str_addf(&text, "%s since ", say);
    clock_at(&text, services, now_ms);
    str_addf(&text, ".%s%s", *mend ? " " : "", mend);
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

int life_platform_over(struct services *services, struct db_conn *conn, const char *name,
                       int64_t now_ms, bool *ret_outbox, struct err *err)
{
    struct incident incident;
    char cause[48], span[SPAN_WORDS];
    bool closed;
    snprintf(cause, sizeof(cause), PLATFORM "%s", name);
    if (incident_close(conn, cause, now_ms, &incident, &closed, err))
        return -1;
    if (!closed)
        return 0;
    auto_str text = STR_INIT(500);
    str_addf(&text, "%s is as it should be again, after %s (it was: %s).", name,
             span_words(now_ms - incident.opened_ms, span), life_cause_words(incident.cause));
    *ret_outbox = true;
    return notice_add(services, conn, 0, text.buf, now_ms, err);
}

const char *life_cause_words(const char *cause)
{
    if (!strncmp(cause, PLATFORM, strlen(PLATFORM)))
        return cause + strlen(PLATFORM);
    if (!strncmp(cause, REFUSED, strlen(REFUSED)))
        return "a chat refuses my messages";
    for (size_t i = 0; i < RESY_FAULTS; i++)
        if (said[i] && !strcmp(cause + strlen(CAUSE), resy_fault_name((enum resy_fault)i)))
            return said[i];
    return "something fails";
}

struct line_args {
    struct incident first;
    size_t count;
};

static int read_first(struct db_conn *conn, void *arg, struct err *err)
{
    struct line_args *args = arg;
    return incidents_now(conn, &args->first, 1, &args->count, err);
}

void life_line(struct services *services, struct str *out)
{
    struct line_args args = {0};
    struct err err = ERR_INIT;
    if (db_trouble_now(services->db) != DB_FINE || db_read(services->db, read_first, &args, &err))
        str_add(out, "the database cannot be written");
    else if (args.count)
        str_add(out, life_cause_words(args.first.cause));
    else
        str_add(out, "all is well");
}

/* --- /status --- */

struct status_args {
    struct services *services;
    const struct account *account;
    struct question_load load;
    struct incident incidents[INCIDENTS_SAID];
    size_t incident_count;
    struct watches watches;
    struct watch_rate rates[RATES_SAID];
    size_t rate_count;
    int64_t all_watches, outbox;
};

static int read_status(struct db_conn *conn, void *arg, struct err *err)
{
    struct status_args *args = arg;
    if (question_load(conn, &args->load, err) ||
        incidents_now(conn, args->incidents, INCIDENTS_SAID, &args->incident_count, err) ||
        watches_of(conn, args->account->id, 20, &args->watches, err) ||
        watch_count_all(conn, &args->all_watches, err) ||
        watch_rates(conn, args->account->id, args->rates, RATES_SAID, &args->rate_count, err) ||
        outbox_waiting(conn, &args->outbox, err))
        return -1;
    return 0;
}

static void ago(struct str *out, int64_t now, int64_t then)
{
    char span[SPAN_WORDS];
    if (then)
        str_addf(out, "%s ago", span_words(now - then, span));
    else
        str_add(out, "never yet");
}

static void add_watch(struct str *out, struct services *services, const struct watch *w,
                      int64_t now)
{
    char span[SPAN_WORDS];
    int64_t pace = (int64_t)((double)w->pace_ms * services_stretch(services));
    str_addf(out, "\nWatch %lld, %s: last good check ", (long long)w->id,
             *w->title ? w->title : w->venue);
    ago(out, now, w->answered_ms);
    if (w->paused)
        str_add(out, ", paused");
    else
        str_addf(out, ", every %s", span_words(pace, span));
    if (w->fails)
        str_addf(out, "; the last %lld failed", (long long)w->fails);
    str_addc(out, '.');
}

/* What the person's own watches ask, of all that is asked. */
static void add_rates(struct str *out, const struct status_args *args)
{
    double stretch = services_stretch(args->services), mine = 0;
    if (!args->rate_count)
        return;
    str_addf(out, "\nOf %.1f a minute, ", args->load.a_minute / stretch);
    for (size_t i = 0; i < args->rate_count; i++) {
        mine += args->rates[i].a_minute;
        str_addf(out, "%swatch %lld takes %.1f", i ? ", " : "", (long long)args->rates[i].id,
                 args->rates[i].a_minute / stretch);
    }
    double others = args->load.a_minute - mine;
    if (others / stretch >= 0.05)
        str_addf(out, ", others %.1f", others / stretch);
    str_addc(out, '.');
}

static void add_budget(struct str *out, struct services *services)
{
    struct budget_use use = budget_use(resy_budget(services->resy), env_mono_ms(services->env));
    str_addf(out, "\nRequests to Resy: %u in the last minute", use.last_minute);
    if (use.a_minute)
        str_addf(out, " of %u, %u in the last hour of %u.", use.a_minute, use.last_hour,
                 use.an_hour);
    else
        str_addf(out, ", %u in the last hour; no limit on this machine.", use.last_hour);
}

int life_status(struct services *services, const struct account *account, struct str *out,
                struct err *err)
{
    struct status_args args = {.services = services, .account = account};
    int64_t now = env_wall_ms(services->env);
    char span[SPAN_WORDS];
    if (db_read(services->db, read_status, &args, err))
        return -1;
    str_addf(out,
             "I am alive, up for %s. %lld watch%s on, %lld question%s to Resy, the last good "
             "answer was ",
             span_words(now - services->started_ms, span), (long long)args.all_watches,
             args.all_watches == 1 ? "" : "es", (long long)args.load.active,
             args.load.active == 1 ? "" : "s");
    ago(out, now, args.load.last_answer_ms);
    str_addc(out, '.');
    for (size_t i = 0; i < args.incident_count; i++) {
        str_addf(out, "\nTrouble for %s: ", span_words(now - args.incidents[i].opened_ms, span));
        str_add(out, life_cause_words(args.incidents[i].cause));
        str_addc(out, '.');
    }
    bool stored = db_trouble_now(services->db) == DB_FINE;
    if (!stored)
        str_add(out, "\nTrouble: my last write to the disk failed. Is it full?");
    if (!args.incident_count && stored)
        str_add(out, "\nNothing is wrong that I know of.");
    add_budget(out, services);
    add_rates(out, &args);
    if (*services->adapters)
        str_addf(out, "\nI talk by: %s.", services->adapters);
    str_addf(out, "\nMessages waiting to be sent: %lld.", (long long)args.outbox);
    for (size_t i = 0; i < args.watches.count; i++)
        add_watch(out, services, &args.watches.list[i], now);
    watches_free(&args.watches);
    return 0;
}
