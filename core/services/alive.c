/* Proof of life for the people, whom incidents do not reach: whoever's watches cannot see for
 * longer than five of their intervals hears it once, and once when it is over; and a line a day,
 * for those who want one. */
#include "core/services/services.h"

#include "db/chat.h"
#include "db/incident.h"

#define INTERVALS 5
#define AT_ONCE   200
#define NAMED     5

struct alive {
    struct services *services;
    int64_t now_ms, owner_chat;
    struct blind_watch *list;
    size_t count;
    bool outbox;
};

static void add_instant(struct str *out, const struct account *account, int64_t utc_ms,
                        int64_t now_ms)
{
    auto_zone zone = services_zone(account->zone);
    struct local at = zone_local(zone, utc_ms), now = zone_local(zone, now_ms);
    char clock[CLOCK_TEXT], words[DATE_WORDS];
    if (date_compare(at.date, now.date) != 0)
        str_addf(out, "%s, ", date_words(at.date, now.date, words));
    str_add(out, clock_say(at.minute, account->hours24, clock));
}

/* "watch 3 (Lark)", "watches 3 (Lark), 5 (Thimble) and 4 more". */
static void add_names(struct str *out, const struct blind_watch *list, size_t count)
{
    str_add(out, count == 1 ? "watch " : "watches ");
    for (size_t i = 0; i < count && i < NAMED; i++)
        str_addf(out, "%s%lld (%s)", i ? ", " : "", (long long)list[i].id, list[i].name);
    if (count > NAMED)
        str_addf(out, " and %zu more", count - NAMED);
}

/* As many of the list, from `i` on, as belong to the same person in the same chat. */
static size_t of_one_person(const struct alive *a, size_t i)
{
    size_t n = 1;
    while (i + n < a->count && a->list[i + n].chat_id == a->list[i].chat_id &&
           a->list[i + n].account_id == a->list[i].account_id)
        n++;
    return n;
}

static int say_blind(struct alive *a, struct db_conn *conn, const struct account *account,
                     const struct blind_watch *list, size_t count, struct err *err)
{
    struct incident incident;
    size_t open;
    int64_t since = list[0].since_ms;
    auto_str text = STR_INIT(1200);
    if (incidents_now(conn, &incident, 1, &open, err))
        return -1;
    for (size_t i = 1; i < count; i++)
        since = MIN_OF(since, list[i].since_ms);
    str_add(&text, "I cannot look for your ");
    add_names(&text, list, count);
    str_add(&text, " since ");
    add_instant(&text, account, since, a->now_ms);
    str_addf(&text, ": %s. I go on trying, and tell you when I can look again.",
             open ? life_cause_words(incident.cause) : "my questions are not answered");
    return notice_add(a->services, conn, list[0].chat_id, text.buf, a->now_ms, err);
}

static int say_seeing(struct alive *a, struct db_conn *conn, const struct account *account,
                      const struct blind_watch *list, size_t count, struct err *err)
{
    char span[SPAN_WORDS];
    int64_t since = list[0].since_ms;
    auto_str text = STR_INIT(1200);
    (void)account;
    for (size_t i = 1; i < count; i++)
        since = MIN_OF(since, list[i].since_ms);
    str_add(&text, "I can look again for your ");
    add_names(&text, list, count);
    str_addf(&text,
             "; for %s I could not. What opened and closed meanwhile I do not know; what is open "
             "now, I tell you.",
             span_words(a->now_ms - since, span));
    return notice_add(a->services, conn, list[0].chat_id, text.buf, a->now_ms, err);
}

typedef int say_fn(struct alive *a, struct db_conn *conn, const struct account *account,
                   const struct blind_watch *list, size_t count, struct err *err);

/* The owner has the incident in the same chat, in more detail. */
static int say_each(struct alive *a, struct db_conn *conn, say_fn *say, bool blind, struct err *err)
{
    size_t n;
    for (size_t i = 0; i < a->count; i += n) {
        const struct blind_watch *first = &a->list[i];
        struct account account;
        n = of_one_person(a, i);
        if (account_get(conn, first->account_id, &account, err))
            return -1;
        bool told = account.owner && first->chat_id == a->owner_chat;
        if (!told && say(a, conn, &account, first, n, err))
            return -1;
        a->outbox = a->outbox || !told;
        for (size_t k = 0; k < n; k++)
            if (watch_set_affected(conn, first[k].id, blind ? first[k].since_ms : 0, err))
                return -1;
    }
    return 0;
}

static int tell_people(struct db_conn *conn, void *arg, struct err *err)
{
    struct alive *a = arg;
    double intervals = INTERVALS * services_stretch(a->services);
    if (chat_of_owner(conn, &a->owner_chat, err) ||
        watches_blind(conn, a->now_ms, intervals, a->list, AT_ONCE, &a->count, err) ||
        say_each(a, conn, say_blind, true, err) ||
        watches_seeing(conn, a->now_ms, a->list, AT_ONCE, &a->count, err))
        return -1;
    return say_each(a, conn, say_seeing, false, err);
}

/* --- a line a day --- */

static int say_daily(struct alive *a, struct db_conn *conn, struct account *account,
                     struct err *err)
{
    auto_watches watches = {0};
    auto_str text = STR_INIT(600);
    struct incident incident;
    size_t open, blind = 0;
    int64_t last = 0;
    char span[SPAN_WORDS];
    if (watches_of(conn, account->id, AT_ONCE, &watches, err) ||
        incidents_now(conn, &incident, 1, &open, err))
        return -1;
    for (size_t i = 0; i < watches.count; i++) {
        last = MAX_OF(last, watches.list[i].answered_ms);
        blind += watches.list[i].fails > 1;
    }
    str_addf(&text, "I am alive. %zu watch%s", watches.count, watches.count == 1 ? "" : "es");
    if (last)
        str_addf(&text, ", last good check %s ago", span_words(a->now_ms - last, span));
    str_addc(&text, '.');
    if (blind)
        str_addf(&text, " %zu of them cannot see just now.", blind);
    str_addf(&text, " %s.", open ? life_cause_words(incident.cause) : "Nothing is wrong");
    return notice_add(a->services, conn, account->daily_chat, text.buf, a->now_ms, err);
}

static int tell_daily(struct db_conn *conn, void *arg, struct err *err)
{
    struct alive *a = arg;
    int64_t ids[AT_ONCE], after = 0;
    size_t count;
    do {
        if (accounts_daily(conn, after, ids, AT_ONCE, &count, err))
            return -1;
        for (size_t i = 0; i < count; i++) {
            struct account account;
            char day[DATE_TEXT];
            after = ids[i];
            if (account_get(conn, ids[i], &account, err))
                return -1;
            auto_zone zone = services_zone(account.zone);
            struct local now = zone_local(zone, a->now_ms);
            date_text(now.date, day);
            if (!account.daily_chat || now.minute < account.daily_minute ||
                !strcmp(day, account.daily_day))
                continue;
            if (say_daily(a, conn, &account, err) || account_had_daily(conn, ids[i], day, err))
                return -1;
            a->outbox = true;
        }
    } while (count == AT_ONCE);
    return 0;
}

/* --- */

static int look(struct db_conn *conn, void *arg, struct err *err)
{
    return tell_people(conn, arg, err) || tell_daily(conn, arg, err) ? -1 : 0;
}

struct wanted {
    bool any;
    int64_t now_ms;
    double intervals;
};

/* Most of the time there is nothing to say, and nothing to write. */
static int read_wanted(struct db_conn *conn, void *arg, struct err *err)
{
    struct wanted *wanted = arg;
    struct blind_watch one;
    size_t blind, seeing = 0, daily = 0;
    int64_t id;
    if (watches_blind(conn, wanted->now_ms, wanted->intervals, &one, 1, &blind, err) ||
        (!blind && watches_seeing(conn, wanted->now_ms, &one, 1, &seeing, err)) ||
        (!blind && !seeing && accounts_daily(conn, 0, &id, 1, &daily, err)))
        return -1;
    wanted->any = blind || seeing || daily;
    return 0;
}

int alive_look(struct services *services, bool *ret_outbox, struct err *err)
{
    struct alive a = {.services = services, .now_ms = env_wall_ms(services->env)};
    struct wanted wanted = {false, a.now_ms, INTERVALS * services_stretch(services)};
    *ret_outbox = false;
    if (db_read(services->db, read_wanted, &wanted, err))
        return -1;
    if (!wanted.any)
        return 0;
    a.list = mem_new(AT_ONCE, sizeof(*a.list));
    int failed = db_write(services->db, look, &a, err);
    free(a.list);
    *ret_outbox = a.outbox;
    return failed;
}
