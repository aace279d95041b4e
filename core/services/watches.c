#include "core/services/services.h"

#include "core/base/utf8.h"
#include "core/services/recorder.h"
#include "db/chat.h"
#include "db/hint.h"

#define LISTED        100
#define AT_ONCE       50
#define UNDO_MS       (15 * MINUTE_MS)
#define FRESH_MOST    ((int64_t)10 * 1000)
#define CALENDAR_FROM 10        /* over so many days the calendar is asked first */
#define MEAL_MINUTE   (19 * 60) /* about when people eat: whose day is near, whose far off */

static int64_t floor_of(struct services *services)
{
    return services_options(services).floor_ms;
}

/* `more`: questions that are to be added. */
static int within_limit(struct services *services, struct db_conn *conn, int64_t account_id,
                        size_t more, int64_t now_ms, struct err *err)
{
    int64_t count = 0, limit = services_options(services).questions_per_person;
    if (watch_count(conn, account_id, now_ms, &count, err))
        return -1;
    if (count + (int64_t)more <= limit)
        return 0;
    err_set(err, ERR_LIMIT, NULL, "%lld questions and %zu more", (long long)count, more);
    return err_say(err,
                   "Each restaurant, day and number of people is a question of its own. You ask "
                   "%lld already, this would add %zu, and the limit is %lld. Stop one first "
                   "(/watches lists them), or wish for fewer days.",
                   (long long)count, more, (long long)limit);
}

/* What is open is told by the next answer, or right now if the last one is fresh. */
static int look_at_once(struct services *services, struct db_conn *conn, int64_t question_id,
                        int64_t now_ms, struct err *err)
{
    struct question q;
    if (question_get(conn, question_id, &q, err))
        return -1;
    int64_t fresh = MIN_OF(q.interval_ms, FRESH_MOST);
    if (!q.gate_open) /* it is looked at when it is asked */
        return question_set_look(conn, question_id, 1, err);
    if (q.answers && !q.fails && q.answered_ms > now_ms - fresh && q.answered_ms <= now_ms) {
        bool outbox = false;
        return tell_owed(services, conn, &q, now_ms, &outbox, err);
    }
    /* at the next answer, whatever the clock says */
    if (question_set_look(conn, question_id, 1, err))
        return -1;
    return q.fails ? 0 : question_hasten(conn, question_id, now_ms, floor_of(services), err);
}

/* --- what a wish asks --- */

struct asked { /* the questions of a wish, rising by id */
    int64_t ids[WATCH_QUESTIONS], untils[WATCH_QUESTIONS];
    bool gated;            /* finds are asked when a calendar says so */
    size_t count, counted; /* counted: towards the limit of a person */
    int64_t until_ms;      /* the last of them */
};

/* What is asked for that day: of one restaurant, or (NULL) of what fits the criteria. */
static int question_for(struct db_conn *conn, const struct watch *w, const struct watch_wish *wish,
                        const struct venue *venue, struct date day, int64_t party, int64_t now_ms,
                        int64_t *ret_id, struct err *err)
{
    char text[DATE_TEXT];
    date_text(day, text);
    if (venue)
        return question_of(conn, venue->id, text, party, w->interval_ms, now_ms, ret_id, err);
    auto_str criteria = STR_INIT(QUESTION_CRITERIA - 1);
    criteria_text(wish->criteria, &criteria);
    if (criteria.cut)
        return err_set(err, ERR_INPUT, "That is too long a wish. Fewer words, please.",
                       "criteria over %d bytes", QUESTION_CRITERIA);
    return question_search(conn, criteria.buf, text, party, w->interval_ms, now_ms, ret_id, err);
}

static void add_asked(struct asked *ret, int64_t id, int64_t until_ms)
{
    size_t at = ret->count++;
    for (; at && ret->ids[at - 1] > id; at--) {
        ret->ids[at] = ret->ids[at - 1];
        ret->untils[at] = ret->untils[at - 1];
    }
    ret->ids[at] = id;
    ret->untils[at] = until_ms;
    ret->until_ms = MAX_OF(ret->until_ms, until_ms);
}

/* `over`: though its time is over, because the watch has asked it and may again. */
static int ask(struct db_conn *conn, const struct watch *w, const struct watch_wish *wishes,
               const struct venue *venue, struct date day, int64_t party, int64_t now_ms, bool over,
               struct asked *ret, struct err *err)
{
    int64_t id = 0;
    auto_zone zone = services_zone(venue ? venue->zone : w->zone);
    int64_t until = zone_utc_ms(zone, day, (int)MIN_OF(w->to_minute, (int64_t)ANY_TIME_TO));
    if (until <= now_ms && !over)
        return 0;
    struct wish wish = {.day = day, .party = party, .any_time = true};
    if (until > now_ms &&
        wish_check(&wish, venue, date_add(zone_local(zone, now_ms).date, -1), err))
        return -1;
    if (ret->count == WATCH_QUESTIONS)
        return err_set(err, ERR_LIMIT,
                       "That is more than one watch can ask. Fewer days, please, or fewer places.",
                       "over %d questions", WATCH_QUESTIONS);
    if (question_for(conn, w, wishes, venue, day, party, now_ms, &id, err))
        return -1;
    int64_t release = venue && venue->release_days
                          ? zone_utc_ms(zone, date_add(day, -(int)venue->release_days),
                                        (int)venue->release_minute)
                          : 0;
    if (question_set_times(conn, id, zone_utc_ms(zone, day, MEAL_MINUTE), release, err))
        return -1;
    add_asked(ret, id, until);
    ret->counted += !ret->gated;
    return 0;
}

/* One question for all days of a restaurant. */
static int ask_calendar(struct db_conn *conn, const struct watch *w, const struct venue *venue,
                        int64_t party, int64_t now_ms, struct asked *ret, struct err *err)
{
    int64_t id;
    if (ret->count == WATCH_QUESTIONS)
        return err_set(err, ERR_LIMIT,
                       "That is more than one watch can ask. Fewer days, please, or fewer places.",
                       "over %d questions", WATCH_QUESTIONS);
    if (question_calendar(conn, venue->id, party, w->interval_ms, now_ms, &id, err))
        return -1;
    add_asked(ret, id, ret->until_ms);
    ret->counted++;
    return 0;
}

/* Every restaurant, day and number of people, unless it is over. */
static int ask_all(struct db_conn *conn, const struct watch *w, const struct watch_wish *wish,
                   int64_t now_ms, bool over, struct asked *ret, struct err *err)
{
    *ret = (struct asked){.gated = !wish->criteria && wish->day_count > CALENDAR_FROM};
    for (size_t v = 0; v < MAX_OF(wish->venue_count, (size_t)1); v++)
        for (size_t d = 0; d < wish->day_count; d++)
            for (int64_t party = wish->party; party <= MAX_OF(wish->party, wish->party_most);
                 party++)
                if (ask(conn, w, wish, wish->criteria ? NULL : &wish->venues[v], wish->days[d],
                        party, now_ms, over, ret, err))
                    return -1;
    for (size_t v = 0; ret->gated && ret->count && v < wish->venue_count; v++)
        for (int64_t party = wish->party; party <= MAX_OF(wish->party, wish->party_most); party++)
            if (ask_calendar(conn, w, &wish->venues[v], party, now_ms, ret, err))
                return -1;
    if (ret->until_ms > now_ms)
        return 0;
    return err_set(err, ERR_INPUT, "That time is over already. Which one do you mean?",
                   "a window in the past");
}

static bool is_among(const struct asked *asked, int64_t id)
{
    for (size_t i = 0; i < asked->count; i++)
        if (asked->ids[i] == id)
            return true;
    return false;
}

static int subscribe(struct services *services, struct db_conn *conn, int64_t watch_id,
                     const struct asked *asked, int64_t now_ms, struct err *err)
{
    for (size_t i = 0; i < asked->count; i++) {
        struct question q;
        if (question_get(conn, asked->ids[i], &q, err) ||
            watch_subscribe(conn, watch_id, &q, now_ms, asked->untils[i],
                            asked->gated && q.kind == QUESTION_FIND, err) ||
            question_refresh(conn, q.id, now_ms, floor_of(services), err))
            return -1;
    }
    const struct question_rules rules = services_rules(services);
    return question_repace(conn, &rules, watch_id, now_ms, err);
}

int watch_refresh(struct services *services, struct db_conn *conn, int64_t watch_id, int64_t now_ms,
                  struct err *err)
{
    int64_t ids[WATCH_QUESTIONS];
    size_t count;
    if (watch_questions(conn, watch_id, ids, WATCH_QUESTIONS, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (question_refresh(conn, ids[i], now_ms, floor_of(services), err))
            return -1;
    return 0;
}

static int look_again(struct services *services, struct db_conn *conn, int64_t watch_id,
                      int64_t now_ms, struct err *err)
{
    int64_t ids[WATCH_QUESTIONS];
    size_t count;
    if (watch_questions(conn, watch_id, ids, WATCH_QUESTIONS, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (look_at_once(services, conn, ids[i], now_ms, err))
            return -1;
    return 0;
}

/* --- beginning --- */

struct start_args {
    struct services *services;
    const struct watch_wish *wish;
    struct watch watch;
    struct watch_started *ret;
    struct question_load load;
    int64_t pace_ms;
};

static int64_t next_midnight(const char *zone_name, int64_t now_ms)
{
    auto_zone zone = services_zone(zone_name);
    return zone_utc_ms(zone, date_add(zone_local(zone, now_ms).date, 1), 0);
}

/* What was found when the person asked is the beginning: day by day, twice where it was nothing. */
static int begin_with(struct db_conn *conn, struct start_args *args, struct err *err)
{
    const struct watch_wish *wish = args->wish;
    for (size_t d = 0; wish->seeds && d < wish->day_count; d++) {
        const struct watch_seed *seed = &wish->seeds[d];
        int64_t id = 0;
        if (question_for(conn, &args->watch, wish, NULL, wish->days[d], wish->party,
                         args->watch.created_ms, &id, err))
            return -1;
        if (seed->times && news_begin(args->services, conn, id, wish->criteria, wish->zone,
                                      &seed->hits, seed->times, seed->answered_ms, err))
            return -1;
    }
    return 0;
}

/* Where its person wants alerts, unless several people hear of it. */
static int where_it_alerts(struct db_conn *conn, struct start_args *args, struct err *err)
{
    struct account account;
    bool crowd;
    if (account_get(conn, args->watch.account_id, &account, err) ||
        chat_is_crowd(conn, args->watch.chat_id, &crowd, err))
        return -1;
    if (account.alerts_chat && !crowd)
        args->watch.chat_id = account.alerts_chat;
    return 0;
}

static int start(struct db_conn *conn, void *arg, struct err *err)
{
    struct start_args *args = arg;
    struct watch *w = &args->watch;
    struct asked asked;
    bool found;
    if (watch_by_inbox(conn, w->inbox_id, &args->ret->id, err))
        return -1;
    if (args->ret->id) /* this very message made it, before a crash */
        return watch_get(conn, args->ret->id, &args->ret->watch, &found, err);
    if (where_it_alerts(conn, args, err) ||
        ask_all(conn, w, args->wish, w->created_ms, false, &asked, err) ||
        watch_same(conn, w, asked.ids, asked.count, &args->ret->id, err))
        return -1;
    args->ret->questions = asked.count;
    args->ret->was_there = args->ret->id != 0;
    if (args->ret->was_there)
        return watch_get(conn, args->ret->id, &args->ret->watch, &found, err);
    w->until_ms = asked.until_ms;
    if (within_limit(args->services, conn, w->account_id, asked.counted, w->created_ms, err) ||
        watch_add(conn, w, &args->ret->id, err) ||
        subscribe(args->services, conn, args->ret->id, &asked, w->created_ms, err))
        return -1;
    record_watch(args->services, conn, args->ret->id);
    if (args->wish->rolling &&
        watch_set_roll(conn, args->ret->id,
                       next_midnight(args->wish->venues[0].zone, w->created_ms), err))
        return -1;
    if (look_again(args->services, conn, args->ret->id, w->created_ms, err) ||
        begin_with(conn, args, err) ||
        question_pace(conn, args->ret->id, floor_of(args->services), &args->pace_ms, err) ||
        watch_get(conn, args->ret->id, &args->ret->watch, &found, err))
        return -1;
    return question_load(conn, &args->load, err);
}

int watch_start(struct services *services, const struct account *account, int64_t chat_id,
                int64_t inbox_id, const struct watch_wish *wish, struct watch_started *ret,
                struct err *err)
{
    const struct service_options o = services_options(services);
    int64_t interval = wish->interval_ms ? wish->interval_ms : o.interval_ms;
    struct start_args args = {.services = services,
                              .ret = ret,
                              .wish = wish,
                              .watch = {.account_id = account->id,
                                        .chat_id = chat_id,
                                        .venue_id = wish->criteria ? 0 : wish->venues[0].id,
                                        .party = wish->party,
                                        .from_minute = wish->any_time ? 0 : wish->from_minute,
                                        .to_minute = wish->any_time ? ANY_TIME_TO : wish->to_minute,
                                        .interval_ms = MAX_OF(interval, o.floor_ms),
                                        .created_ms = env_wall_ms(services->env),
                                        .max_fee_cents = wish->any_fee ? -1 : wish->max_fee_cents,
                                        .once = wish->once,
                                        .inbox_id = inbox_id}};
    date_text(wish->days[0], args.watch.day);
    utf8_copy(args.watch.seating, sizeof(args.watch.seating), wish->seating ? wish->seating : "");
    utf8_copy(args.watch.title, sizeof(args.watch.title), wish->title ? wish->title : "");
    utf8_copy(args.watch.looking, sizeof(args.watch.looking), wish->criteria ? wish->looking : "");
    utf8_copy(args.watch.zone, sizeof(args.watch.zone), wish->criteria ? wish->zone : "");
    *ret = (struct watch_started){0};
    if (db_write(services->db, start, &args, err))
        return -1;
    double allowed = budget_checks_a_minute(resy_budget(services->resy));
    double stretch = allowed > 0 ? MAX_OF(args.load.a_minute / allowed, 1.0) : 1.0;
    int64_t pace = ret->watch.pace_ms; /* by the rules */
    ret->interval_ms = MAX_OF((int64_t)((double)pace * stretch), args.pace_ms);
    services_look(services);
    return 0;
}

/* --- changing --- */

struct change_args {
    struct services *services;
    int64_t account_id, watch_id, now_ms;
    const struct watch_change *change;
    struct watch *ret;
};

/* Its restaurants, or its criteria. */
static int read_venues(struct db_conn *conn, const struct watch *w, struct watch_wish *ret,
                       struct venue *venues, struct criteria *criteria, struct err *err)
{
    int64_t ids[WATCH_QUESTIONS];
    size_t count;
    if (watch_questions(conn, w->id, ids, WATCH_QUESTIONS, &count, err))
        return -1;
    ret->venues = venues;
    for (size_t i = 0; i < count; i++) {
        struct question q;
        bool known = false, found;
        if (question_get(conn, ids[i], &q, err))
            return -1;
        if (!q.venue_id) {
            ret->criteria = criteria;
            return criteria_parse(q.criteria, criteria, err);
        }
        for (size_t k = 0; k < ret->venue_count && !known; k++)
            known = venues[k].id == q.venue_id;
        if (known || ret->venue_count == WATCH_VENUES)
            continue;
        if (venue_get(conn, q.venue_id, &venues[ret->venue_count], &found, err))
            return -1;
        ret->venue_count += found;
    }
    return 0;
}

static int read_days(struct db_conn *conn, const struct watch *w, struct date *ret,
                     size_t *ret_count, struct err *err)
{
    int64_t ids[WATCH_QUESTIONS];
    size_t count;
    *ret_count = 0;
    if (watch_questions(conn, w->id, ids, WATCH_QUESTIONS, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct question q;
        struct date day;
        bool known = false;
        if (question_get(conn, ids[i], &q, err))
            return -1;
        if (q.kind == QUESTION_CALENDAR || date_parse(q.day, &day))
            continue;
        for (size_t k = 0; k < *ret_count && !known; k++)
            known = !date_compare(ret[k], day);
        if (!known && *ret_count < WATCH_DAYS)
            ret[(*ret_count)++] = day;
    }
    return 0;
}

/* Other questions: those that stay keep what is known of them, and what was told. */
static int ask_anew(struct change_args *args, struct db_conn *conn, struct watch *w,
                    struct err *err)
{
    const struct watch_change *c = args->change;
    struct asked *asked = mem_new(1, sizeof(*asked));
    struct venue *venues = mem_new(WATCH_VENUES, sizeof(*venues));
    struct criteria criteria;
    struct date days[WATCH_DAYS];
    int64_t old[WATCH_QUESTIONS];
    size_t count, more = 0;
    struct watch_wish wish = {.days = c->day_count ? c->days : days,
                              .day_count = c->day_count,
                              .party = c->party ? c->party : w->party,
                              .party_most = c->party ? c->party_most : w->party_most};
    int failed = (!c->day_count && read_days(conn, w, days, &wish.day_count, err)) ||
                 read_venues(conn, w, &wish, venues, &criteria, err) ||
                 ask_all(conn, w, &wish, args->now_ms, !c->day_count, asked, err) ||
                 watch_questions(conn, w->id, old, WATCH_QUESTIONS, &count, err);
    if (!failed && wish.criteria && asked->count > NEWS_DAYS)
        failed = err_set(err, ERR_LIMIT,
                         "A whole city takes several questions a day, so a week at most, please.",
                         "over %d searches", NEWS_DAYS);
    for (size_t i = 0; !failed && i < count; i++) /* first: what is given up makes room */
        if (!is_among(asked, old[i]))
            failed = watch_unsubscribe(conn, w->id, old[i], err) ||
                     question_refresh(conn, old[i], args->now_ms, floor_of(args->services), err);
    for (size_t i = 0; !failed && i < asked->count; i++) {
        bool known = asked->untils[i] <= args->now_ms;
        for (size_t k = 0; k < count && !known; k++)
            known = old[k] == asked->ids[i];
        more += !known && !asked->gated;
    }
    failed = failed ||
             (more && within_limit(args->services, conn, w->account_id, more, args->now_ms, err));
    w->until_ms = asked->until_ms;
    w->party = wish.party;
    date_text(wish.day_count ? wish.days[0] : (struct date){0}, w->day);
    failed = failed || watch_set(conn, w, err) ||
             subscribe(args->services, conn, w->id, asked, args->now_ms, err);
    free(venues);
    free(asked);
    return failed ? -1 : 0;
}

static void apply_change(struct services *services, const struct watch_change *c, int64_t now_ms,
                         struct watch *w)
{
    if (c->title)
        utf8_copy(w->title, sizeof(w->title), c->title);
    if (c->seating)
        utf8_copy(w->seating, sizeof(w->seating), c->seating);
    if (c->has_window) {
        w->from_minute = c->any_time ? 0 : c->from_minute;
        w->to_minute = c->any_time ? ANY_TIME_TO : c->to_minute;
    }
    if (c->has_fee)
        w->max_fee_cents = c->any_fee ? -1 : c->max_fee_cents;
    if (c->interval_ms)
        w->interval_ms = MAX_OF(c->interval_ms, floor_of(services));
    if (c->pause || c->resume)
        w->paused = c->pause;
    if (c->resume)
        w->snoozed_ms = 0;
    if (c->snooze_ms)
        w->snoozed_ms = now_ms + c->snooze_ms;
}

/* Somebody's own watch that is on; ERR_MISSING with a sentence otherwise. */
static int get_theirs(struct db_conn *conn, int64_t account_id, int64_t id, struct watch *ret,
                      struct err *err)
{
    bool found;
    if (watch_get(conn, id, ret, &found, err))
        return -1;
    if (found && ret->account_id == account_id && !strcmp(ret->state, "active"))
        return 0;
    err_set(err, ERR_MISSING, NULL, "no such watch");
    return err_say(err, "You have no watch %lld that is on. /watches lists yours.", (long long)id);
}

/* As many days as it has, from today on. */
static int roll(struct services *services, struct db_conn *conn, int64_t id, int64_t now_ms,
                struct err *err)
{
    struct watch w;
    struct date days[WATCH_DAYS];
    struct watch_change change = {.days = days};
    struct change_args args = {services, 0, id, now_ms, &change, &w};
    bool found;
    if (watch_get(conn, id, &w, &found, err))
        return -1;
    auto_zone zone = services_zone(w.zone);
    struct date today = zone_local(zone, now_ms).date;
    for (; change.day_count < ROLLING_DAYS; change.day_count++)
        days[change.day_count] = date_add(today, (int)change.day_count);
    if (ask_anew(&args, conn, &w, err) || watch_refresh(services, conn, id, now_ms, err) ||
        watch_set_roll(conn, id, next_midnight(w.zone, now_ms), err))
        return -1;
    record_change(services, conn, id, "edit");
    return 0;
}

struct roll_args {
    struct services *services;
    int64_t now_ms, ids[AT_ONCE];
    size_t count;
};

static int read_to_roll(struct db_conn *conn, void *arg, struct err *err)
{
    struct roll_args *args = arg;
    return watches_to_roll(conn, args->now_ms, args->ids, AT_ONCE, &args->count, err);
}

static int roll_some(struct db_conn *conn, void *arg, struct err *err)
{
    struct roll_args *args = arg;
    for (size_t i = 0; i < args->count; i++)
        if (roll(args->services, conn, args->ids[i], args->now_ms, err))
            return -1;
    return 0;
}

int watches_roll(struct services *services, struct err *err)
{
    struct roll_args args = {.services = services, .now_ms = env_wall_ms(services->env)};
    if (db_read(services->db, read_to_roll, &args, err))
        return -1;
    return args.count ? db_write(services->db, roll_some, &args, err) : 0;
}

static int change(struct db_conn *conn, void *arg, struct err *err)
{
    struct change_args *args = arg;
    const struct watch_change *c = args->change;
    struct watch *w = args->ret;
    bool found;
    if (get_theirs(conn, args->account_id, args->watch_id, w, err))
        return -1;
    apply_change(args->services, c, args->now_ms, w);
    bool others = c->day_count || c->party || c->has_window; /* a window moves the end */
    if (others ? ask_anew(args, conn, w, err) : watch_set(conn, w, err))
        return -1;
    if (c->day_count && w->roll_ms && watch_set_roll(conn, w->id, 0, err)) /* these days now */
        return -1;
    record_change(args->services, conn, w->id,
                  c->pause       ? "pause"
                  : c->resume    ? "resume"
                  : c->snooze_ms ? "snooze"
                                 : "edit");
    if (known_look_again(conn, w->id, err) ||
        watch_refresh(args->services, conn, w->id, args->now_ms, err) ||
        (!w->paused && look_again(args->services, conn, w->id, args->now_ms, err)))
        return -1;
    return watch_get(conn, w->id, w, &found, err);
}

int watch_edit(struct services *services, int64_t account_id, int64_t watch_id,
               const struct watch_change *c, struct watch *ret, struct err *err)
{
    struct change_args args = {services, account_id, watch_id, env_wall_ms(services->env), c, ret};
    if (db_write(services->db, change, &args, err))
        return -1;
    services_look(services);
    return 0;
}

/* --- ending --- */

struct stop_args {
    struct services *services;
    int64_t account_id, watch_id, inbox_id, now_ms;
    struct watch *ret;
};

static int stop(struct db_conn *conn, void *arg, struct err *err)
{
    struct stop_args *args = arg;
    bool found, changed = false;
    if (watch_get(conn, args->watch_id, args->ret, &found, err))
        return -1;
    if (found && args->ret->account_id == args->account_id &&
        watch_end(conn, args->watch_id, "stopped", args->inbox_id, args->now_ms, &changed, err))
        return -1;
    if (!changed) {
        err_set(err, ERR_MISSING, NULL, "no such watch");
        return err_say(err, "You have no watch %lld that is on. /watches lists yours.",
                       (long long)args->watch_id);
    }
    record_change(args->services, conn, args->watch_id, "stop");
    return watch_refresh(args->services, conn, args->watch_id, args->now_ms, err);
}

int watch_stop(struct services *services, int64_t account_id, int64_t watch_id, int64_t inbox_id,
               struct watch *ret, struct err *err)
{
    struct stop_args args = {services, account_id, watch_id, inbox_id, env_wall_ms(services->env),
                             ret};
    return db_write(services->db, stop, &args, err);
}

static int undo_stop(struct db_conn *conn, void *arg, struct err *err)
{
    struct stop_args *args = arg;
    struct watch *w = args->ret;
    bool found, changed = false;
    int64_t ids[WATCH_QUESTIONS], same = 0;
    size_t count = 0;
    if (watch_get(conn, args->watch_id, w, &found, err))
        return -1;
    bool theirs = found && w->account_id == args->account_id;
    bool active = theirs && !strcmp(w->state, "active"); /* pressed again */
    if (theirs && !active &&
        (watch_questions(conn, w->id, ids, WATCH_QUESTIONS, &count, err) ||
         (count && watch_same(conn, w, ids, count, &same, err))))
        return -1;
    if (same)
        return err_set(err, ERR_INPUT, "You watch that again already.", "watch %lld is the same",
                       (long long)same);
    if (theirs && !active &&
        within_limit(args->services, conn, w->account_id, count, args->now_ms, err))
        return -1;
    if (theirs && !active && w->until_ms > args->now_ms &&
        watch_revive(conn, args->watch_id, args->now_ms - UNDO_MS, &changed, err))
        return -1;
    if (!changed && !active)
        return err_set(err, ERR_MISSING, "That is over, or too long ago. /watch begins a new one.",
                       "nothing to undo");
    if (changed)
        record_change(args->services, conn, args->watch_id, "undo");
    if (watch_refresh(args->services, conn, args->watch_id, args->now_ms, err))
        return -1;
    return changed ? look_again(args->services, conn, args->watch_id, args->now_ms, err) : 0;
}

int watch_undo_stop(struct services *services, int64_t account_id, int64_t watch_id,
                    struct watch *ret, struct err *err)
{
    struct stop_args args = {services, account_id, watch_id, 0, env_wall_ms(services->env), ret};
    if (db_write(services->db, undo_stop, &args, err))
        return -1;
    services_look(services);
    return 0;
}

struct of_args {
    int64_t account_id, id;
    struct watch *ret;
    bool found;
};

static int read_of(struct db_conn *conn, void *arg, struct err *err)
{
    struct of_args *args = arg;
    return watch_get(conn, args->id, args->ret, &args->found, err);
}

int watch_of(struct services *services, int64_t account_id, int64_t watch_id, struct watch *ret,
             struct err *err)
{
    struct of_args args = {account_id, watch_id, ret, false};
    if (db_read(services->db, read_of, &args, err))
        return -1;
    if (args.found && ret->account_id == account_id)
        return 0;
    err_set(err, ERR_MISSING, NULL, "no such watch");
    return err_say(err, "You have no watch %lld. /watches lists yours.", (long long)watch_id);
}

struct list_args {
    int64_t account_id;
    struct watches *ret;
};

static int list(struct db_conn *conn, void *arg, struct err *err)
{
    struct list_args *args = arg;
    return watches_of(conn, args->account_id, LISTED, args->ret, err);
}

int watch_list(struct services *services, int64_t account_id, struct watches *ret, struct err *err)
{
    struct list_args args = {account_id, ret};
    return db_read(services->db, list, &args, err);
}

static int expire_one(struct services *services, struct db_conn *conn, const struct watch *w,
                      int64_t now_ms, struct err *err)
{
    bool changed;
    if (watch_end(conn, w->id, "expired", 0, now_ms, &changed, err) ||
        watch_refresh(services, conn, w->id, now_ms, err))
        return -1;
    if (!changed)
        return 0;
    auto_str text = STR_INIT(900);
    str_addf(&text, "Watch %lld has ended: ", (long long)w->id);
    watch_words(&text, w, now_ms);
    str_addf(&text, ". I asked %lld times.", (long long)MAX_OF(w->answers, 0));
    return notice_add(services, conn, w->chat_id, text.buf, now_ms, err);
}

struct expire_args {
    struct services *services;
    int64_t now_ms, next_ms;
};

static int expire(struct db_conn *conn, void *arg, struct err *err)
{
    struct expire_args *args = arg;
    auto_watches over = {0};
    if (watches_over(conn, args->now_ms, AT_ONCE, &over, &args->next_ms, err))
        return -1;
    for (size_t i = 0; i < over.count; i++)
        if (expire_one(args->services, conn, &over.list[i], args->now_ms, err))
            return -1;
    if (over.count == AT_ONCE)
        args->next_ms = args->now_ms;
    return 0;
}

static int next_over(struct db_conn *conn, void *arg, struct err *err)
{
    struct expire_args *args = arg;
    return watch_next_end(conn, &args->next_ms, err);
}

int watches_expire(struct services *services, int64_t *ret_next_ms, struct err *err)
{
    struct expire_args args = {services, env_wall_ms(services->env), INT64_MAX};
    if (db_read(services->db, next_over, &args, err))
        return -1;
    if (args.next_ms <= args.now_ms && db_write(services->db, expire, &args, err))
        return -1;
    *ret_next_ms = args.next_ms;
    return 0;
}
