#include "core/services/recorder.h"

#include "core/base/log.h"
#include "db/slot.h"

#include <fcntl.h>

#define LINE_TEXT 8000

struct numbers { /* ids of ours, by the numbers that stand for them: 1 and on */
    int64_t *list;
    size_t count, room;
};

struct recorder {
    pthread_mutex_t lock; /* protects all below */
    FILE *file;
    struct numbers watches, people, venues;
    bool failed;
};

/* *ret_new: it has just got its number. */
static size_t number_of(struct numbers *n, int64_t id, bool *ret_new)
{
    *ret_new = false;
    for (size_t i = 0; i < n->count; i++)
        if (n->list[i] == id)
            return i + 1;
    n->list = mem_grow(n->list, &n->room, n->count + 1, sizeof(*n->list));
    n->list[n->count++] = id;
    *ret_new = true;
    return n->count;
}

/* "2031-05-05T16:00:30.250Z". */
static void add_instant(struct str *out, int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(utc_ms % 1000));
}

static void add_minute(struct str *out, int64_t minute)
{
    str_addf(out, "%02lld:%02lld", (long long)minute / 60, (long long)minute % 60);
}

/* A stranger's text must not end a line, or begin something else in it. */
static void add_plain(struct str *out, const char *text)
{
    for (; *text; text++)
        str_addc(out, strchr(",#:\n\r\t", *text) ? ' ' : *text);
}

static void write_line(struct recorder *r, const struct str *line)
{
    if (fprintf(r->file, "%s\n", line->buf) < 0 && !r->failed) {
        r->failed = true; /* the day goes on without it */
        log_line(LOG_ERR, "record", "the recording cannot be written");
    }
}

static void add_venue(struct recorder *r, struct db_conn *conn, int64_t id)
{
    bool new, found;
    struct venue venue;
    struct err err = ERR_INIT;
    number_of(&r->venues, id, &new);
    if (!new || venue_get(conn, id, &venue, &found, &err) || !found)
        return;
    auto_str line = STR_INIT(LINE_TEXT);
    str_addf(&line, "zone %s\nvenue %lld ", venue.zone, (long long)id);
    add_plain(&line, venue.name);
    write_line(r, &line);
}

/* "1,2 2031-05-09,2031-05-10": its restaurants and days. False: it is a search. */
static bool add_asked(struct recorder *r, struct db_conn *conn, int64_t watch_id, struct str *out)
{
    int64_t *ids = mem_new(WATCH_QUESTIONS, sizeof(*ids));
    size_t count = 0;
    auto_str venues = STR_INIT(LINE_TEXT), days = STR_INIT(LINE_TEXT);
    struct err err = ERR_INIT;
    bool well = !watch_questions(conn, watch_id, ids, WATCH_QUESTIONS, &count, &err) && count;
    for (size_t i = 0; i < count && well; i++) {
        struct question q;
        char venue[24], day[24];
        well = !question_get(conn, ids[i], &q, &err) && q.kind != QUESTION_SEARCH;
        if (!well)
            break;
        if (q.kind == QUESTION_CALENDAR)
            continue;
        add_venue(r, conn, q.venue_id);
        snprintf(venue, sizeof(venue), ",%lld,", (long long)q.venue_id);
        snprintf(day, sizeof(day), ",%s,", q.day);
        auto_text had_venues = NULL;
        auto_text had_days = NULL;
        if (asprintf(&had_venues, ",%s,", venues.buf ? venues.buf : "") < 0 ||
            asprintf(&had_days, ",%s,", days.buf ? days.buf : "") < 0)
            abort();
        if (!strstr(had_venues, venue))
            str_addf(&venues, "%s%lld", venues.len ? "," : "", (long long)q.venue_id);
        if (!strstr(had_days, day))
            str_addf(&days, "%s%s", days.len ? "," : "", q.day);
    }
    free(ids);
    if (well)
        str_addf(out, "%s %s", venues.buf, days.buf);
    return well;
}

/* Its restaurants, days, people, window, seating, fee. False: it is a search. */
static bool add_wish(struct recorder *r, struct db_conn *conn, const struct watch *w,
                     struct str *out)
{
    if (!add_asked(r, conn, w->id, out))
        return false;
    str_addf(out, " %lld", (long long)w->party);
    if (w->party_most > w->party)
        str_addf(out, "-%lld", (long long)w->party_most);
    str_addc(out, ' ');
    if (w->from_minute <= 0 && w->to_minute >= ANY_TIME_TO) {
        str_add(out, "any");
    } else {
        add_minute(out, w->from_minute);
        str_addc(out, '-');
        add_minute(out, w->to_minute);
    }
    if (*w->seating) {
        str_add(out, " seating ");
        for (const char *c = w->seating; *c; c++) /* one word of the line */
            str_addc(out, strchr(" ,#:", *c) ? '_' : *c);
    }
    if (w->max_fee_cents >= 0)
        str_addf(out, " fee %lld", (long long)w->max_fee_cents / 100);
    if (w->once)
        str_add(out, w->once == WATCH_FIRST ? " once" : " each");
    return true;
}

static void begin_line(struct services *services, struct str *line, const char *verb)
{
    add_instant(line, env_wall_ms(services->env));
    str_addf(line, " %s ", verb);
}

static void write_watch(struct services *services, struct db_conn *conn, int64_t id,
                        const char *verb)
{
    struct recorder *r = services->recorder;
    struct watch w;
    struct err err = ERR_INIT;
    bool found, new;
    auto_str line = STR_INIT(LINE_TEXT);
    if (watch_get(conn, id, &w, &found, &err) || !found)
        return;
    begin_line(services, &line, verb);
    str_addf(&line, "%zu ", number_of(&r->watches, id, &new));
    if (!strcmp(verb, "watch"))
        str_addf(&line, "%zu ", number_of(&r->people, w.account_id, &new));
    if (add_wish(r, conn, &w, &line))
        write_line(r, &line);
}

void record_watch(struct services *services, struct db_conn *conn, int64_t watch_id)
{
    struct recorder *r = services->recorder;
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    write_watch(services, conn, watch_id, "watch");
    pthread_mutex_unlock(&r->lock);
}

void record_change(struct services *services, struct db_conn *conn, int64_t watch_id,
                   const char *verb)
{
    struct recorder *r = services->recorder;
    struct err err = ERR_INIT;
    struct watch w;
    bool found, new;
    if (!r || watch_get(conn, watch_id, &w, &found, &err) || !found || *w.looking)
        return;
    pthread_mutex_lock(&r->lock);
    if (!strcmp(verb, "edit")) {
        write_watch(services, conn, watch_id, verb);
    } else {
        auto_str line = STR_INIT(LINE_TEXT);
        begin_line(services, &line, verb);
        str_addf(&line, "%zu", number_of(&r->watches, watch_id, &new));
        if (!strcmp(verb, "snooze"))
            str_addf(&line, " %llds",
                     (long long)(w.snoozed_ms - env_wall_ms(services->env)) / 1000);
        write_line(r, &line);
    }
    pthread_mutex_unlock(&r->lock);
}

static void add_slot(struct str *line, bool first, int64_t minute, const char *seating,
                     int64_t fee_cents)
{
    str_add(line, first ? " " : ", ");
    add_minute(line, minute);
    str_addc(line, ' ');
    add_plain(line, seating);
    if (fee_cents)
        str_addf(line, " fee %lld", (long long)(fee_cents + 99) / 100);
}

void record_answer(struct services *services, const struct question *q,
                   const struct resy_find *find)
{
    struct recorder *r = services->recorder;
    auto_str line = STR_INIT(LINE_TEXT);
    if (!r || q->kind != QUESTION_FIND)
        return;
    begin_line(services, &line, "answer");
    str_addf(&line, "%lld %s %lld:", (long long)q->venue_id, q->day, (long long)q->party);
    for (size_t i = 0; i < find->count; i++)
        add_slot(&line, !i, find->slots[i].minute, find->slots[i].seating,
                 find->slots[i].fee_cents);
    pthread_mutex_lock(&r->lock);
    write_line(r, &line);
    pthread_mutex_unlock(&r->lock);
}

static void write_plain(struct services *services, const char *verb, const char *rest)
{
    struct recorder *r = services->recorder;
    auto_str line = STR_INIT(LINE_TEXT);
    begin_line(services, &line, verb);
    str_add(&line, rest);
    pthread_mutex_lock(&r->lock);
    write_line(r, &line);
    pthread_mutex_unlock(&r->lock);
}

void record_failed(struct services *services, const struct question *q, enum resy_fault fault)
{
    char rest[96];
    if (!services->recorder || q->kind != QUESTION_FIND)
        return;
    snprintf(rest, sizeof(rest), "%lld %s %lld %s", (long long)q->venue_id, q->day,
             (long long)q->party, resy_fault_name(fault));
    write_plain(services, "failed", rest);
}

void record_verdict(struct services *services, bool believed)
{
    if (services->recorder)
        write_plain(services, believed ? "vouch" : "doubt", "");
}

void record_gate(struct services *services, const struct question *calendar, const char *day,
                 bool open)
{
    char rest[96];
    snprintf(rest, sizeof(rest), "%lld %s %lld %s", (long long)calendar->venue_id, day,
             (long long)calendar->party, open ? "open" : "closed");
    if (services->recorder)
        write_plain(services, "gate", rest);
}

void record_jump(struct services *services, int64_t by_ms)
{
    char rest[32];
    snprintf(rest, sizeof(rest), "%lld", (long long)by_ms / 1000);
    if (services->recorder)
        write_plain(services, "jump", rest);
}

void record_alert(struct services *services, const struct question *q, int64_t watch_id,
                  int64_t minute)
{
    struct recorder *r = services->recorder;
    bool new;
    if (!r)
        return;
    auto_str line = STR_INIT(LINE_TEXT);
    pthread_mutex_lock(&r->lock);
    str_addf(&line, "alert %zu %lld %s ", number_of(&r->watches, watch_id, &new),
             (long long)q->venue_id, q->day);
    add_minute(&line, minute);
    write_line(r, &line);
    pthread_mutex_unlock(&r->lock);
}

/* --- beginning --- */

/* What is known to be open, as if it had just been answered, and whom that would alert. */
static int write_open(struct services *services, struct db_conn *conn, int64_t question_id,
                      struct err *err)
{
    struct question q;
    auto_slots slots = {0};
    auto_str line = STR_INIT(LINE_TEXT);
    bool first = true;
    if (question_get(conn, question_id, &q, err))
        return -1;
    if (q.kind != QUESTION_FIND || !q.answers)
        return 0;
    if (slots_of(conn, question_id, &slots, err))
        return -1;
    auto_str gate = STR_INIT(LINE_TEXT);
    begin_line(services, &gate, "gate");
    str_addf(&gate, "%lld %s %lld open", (long long)q.venue_id, q.day, (long long)q.party);
    write_line(services->recorder, &gate);
    begin_line(services, &line, "known");
    str_addf(&line, "%lld %s %lld:", (long long)q.venue_id, q.day, (long long)q.party);
    for (size_t i = 0; i < slots.count; i++) {
        if (!slots.list[i].open)
            continue;
        add_slot(&line, first, slots.list[i].minute, slots.list[i].seating,
                 slots.list[i].fee_cents);
        first = false;
    }
    write_line(services->recorder, &line);
    return 0;
}

static int write_all(struct db_conn *conn, void *arg, struct err *err)
{
    struct services *services = arg;
    int64_t *ids = NULL;
    size_t count = 0, questions = 0;
    int failed = watches_active(conn, &ids, &count, err);
    for (size_t i = 0; i < count && !failed; i++)
        write_watch(services, conn, ids[i], "watch");
    free(ids);
    ids = NULL;
    failed = failed || questions_asked(conn, &ids, &questions, err);
    for (size_t i = 0; i < questions && !failed; i++)
        failed = write_open(services, conn, ids[i], err);
    free(ids);
    return failed;
}

struct recorder *recorder_new(struct services *services, const char *path, struct err *err)
{
    const struct service_options o = services_options(services);
    struct recorder *r = mem_new(1, sizeof(*r));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    r->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    pthread_mutex_init(&r->lock, NULL);
    if (!r->file) {
        err_errno(err, ERR_CONFIG, "The recording cannot be begun.", "%s", path);
        recorder_free(r);
        return NULL;
    }
    auto_str start = STR_INIT(64);
    add_instant(&start, env_wall_ms(services->env));
    fprintf(r->file, "start %s\nquiet %llds\ninterval %llds\npolls %d\n", start.buf,
            (long long)o.quiet_ms / 1000, (long long)o.interval_ms / 1000, o.close_polls);
    services->recorder = r;
    if (db_read(services->db, write_all, services, err)) {
        services->recorder = NULL;
        recorder_free(r);
        return NULL;
    }
    return r;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    if (r->file && fclose(r->file))
        log_line(LOG_ERR, "record", "the recording was not written to its end");
    pthread_mutex_destroy(&r->lock);
    free(r->watches.list);
    free(r->people.list);
    free(r->venues.list);
    free(r);
}
