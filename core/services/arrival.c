#include "core/services/arrival.h"

#include "core/base/utf8.h"

#include <uthash.h>

enum mapped { MAP_QUESTION, MAP_WATCH };

#define PARTY_MOST 20

struct renamed { /* what has another number here */
    int64_t key; /* see key_of */
    enum mapped kind;
    int64_t to;
    UT_hash_handle hh;
};

struct arrival {
    struct db_conn *conn;
    struct service_options options;
    int64_t now_ms;
    struct account account;
    int64_t chat_id;
    struct renamed *names;
    size_t watches;
};

static int64_t key_of(enum mapped kind, int64_t from)
{
    return from * 2 + (kind == MAP_WATCH);
}

static void set_name(struct arrival *a, enum mapped kind, int64_t from, int64_t to)
{
    struct renamed *n = mem_new(1, sizeof(*n));
    *n = (struct renamed){.key = key_of(kind, from), .kind = kind, .to = to};
    HASH_ADD(hh, a->names, key, sizeof(n->key), n);
}

/* 0: it did not come along. */
static int64_t name_of(const struct arrival *a, enum mapped kind, int64_t from)
{
    struct renamed *n, *names = a->names;
    int64_t key = key_of(kind, from);
    HASH_FIND(hh, names, &key, sizeof(key), n);
    return n ? n->to : 0;
}

void arrival_free(struct arrival *a)
{
    struct renamed *n, *tmp;
    if (!a)
        return;
    HASH_ITER(hh, a->names, n, tmp)
    {
        HASH_DEL(a->names, n);
        free(n);
    }
    free(a);
}

/* Their own chat here, where their watches will report. */
static int find_chat(struct arrival *a, const char *platform, struct err *err)
{
    int found = db_int_of(a->conn, err, &a->chat_id,
                          "select i.chat_id from inbox i join chat c on c.id = i.chat_id "
                          "where i.account_id = $1 and c.platform = $2 and not c.crowd "
                          "order by i.id desc limit 1",
                          "is", a->account.id, platform);
    return found > 0 ? 0 : -1;
}

struct arrival *arrival_begin(struct db_conn *conn, const char *who,
                              const struct service_options *options, int64_t now_ms,
                              struct err *err)
{
    char platform[32];
    bool known = false;
    const char *colon = strchr(who, ':');
    struct arrival *a = mem_new(1, sizeof(*a));
    *a = (struct arrival){.conn = conn, .options = *options, .now_ms = now_ms};
    if (!colon || !colon[1] || (size_t)(colon - who) >= sizeof(platform)) {
        err_set(err, ERR_INPUT, NULL, "import: nobody's");
        goto fail;
    }
    snprintf(platform, sizeof(platform), "%.*s", (int)(colon - who), who);
    if (account_find(conn, platform, colon + 1, &a->account, &known, err))
        goto fail;
    if (known && find_chat(a, platform, err) == 0)
        return a;
    if (err->kind == ERR_NONE)
        err_set(err, ERR_MISSING, NULL,
                "import: %s has not talked with this maitred yet: let them write to it once, then "
                "import",
                who);
fail:
    arrival_free(a);
    return NULL;
}

/* --- one row each --- */

static int bad_row(struct err *err, const char *why)
{
    return err_set(err, ERR_INPUT, "That is not what `maitred export` writes.", "import: %s", why);
}

static int take_account(struct arrival *a, const cJSON *row, struct err *err)
{
    struct account *to = &a->account;
    int64_t hours24 = json_i64_or(row, "hours24", 0);
    utf8_copy(to->zone, sizeof(to->zone), json_text_or(row, "zone", to->zone));
    utf8_copy(to->city, sizeof(to->city), json_text_or(row, "city", to->city));
    to->hours24 = hours24;
    to->quiet_from = json_i64_or(row, "quiet_from", -1);
    to->quiet_to = json_i64_or(row, "quiet_to", -1);
    return account_set(a->conn, to, err);
}

static int take_venue(struct arrival *a, const cJSON *row, struct err *err)
{
    struct venue v = {.id = json_i64_or(row, "id", 0), .price = json_i64_or(row, "price", 0)};
    utf8_copy(v.name, sizeof(v.name), json_text_or(row, "name", ""));
    utf8_copy(v.slug, sizeof(v.slug), json_text_or(row, "slug", ""));
    utf8_copy(v.city, sizeof(v.city), json_text_or(row, "city", ""));
    utf8_copy(v.city_slug, sizeof(v.city_slug), json_text_or(row, "city_slug", ""));
    utf8_copy(v.zone, sizeof(v.zone), json_text_or(row, "zone", ""));
    utf8_copy(v.neighborhood, sizeof(v.neighborhood), json_text_or(row, "neighborhood", ""));
    utf8_copy(v.cuisine, sizeof(v.cuisine), json_text_or(row, "cuisine", ""));
    return venue_put_new(a->conn, &v, err); /* not sure: it is asked for when it matters */
}

/* One that somebody asks here already stays as it is. */
static int settle_question(struct arrival *a, const cJSON *row, int64_t id, struct err *err)
{
    int64_t asked = 0;
    int64_t cost = MIN_OF(MAX_OF(json_i64_or(row, "cost", 1), (int64_t)1),
                          (int64_t)MAX_OF(a->options.search_pages, 1));
    if (db_int_of(a->conn, err, &asked,
                  "select count(*) from watch_question where question_id = $1", "i", id) < 0)
        return -1;
    if (asked)
        return 0;
    if (question_set_cost(a->conn, id, cost, err))
        return -1;
    return question_set_times(a->conn, id, json_i64_or(row, "meal_ms", 0),
                              json_i64_or(row, "release_ms", 0), err);
}

static int take_question(struct arrival *a, const cJSON *row, struct err *err)
{
    const char *kind = json_text_or(row, "kind", ""), *day = json_text_or(row, "day", "");
    int64_t venue = json_i64_or(row, "venue_id", 0), party = json_i64_or(row, "party", 0), id;
    int64_t interval = MIN_OF(MAX_OF(json_i64_or(row, "interval_ms", 0), a->options.floor_ms),
                              (int64_t)DAY_MS);
    struct date date;
    bool calendar = !strcmp(kind, "calendar"), search = !strcmp(kind, "search");
    int failed;
    if ((!calendar && date_parse(day, &date)) || party < 1 || party > PARTY_MOST)
        return bad_row(err, "a question without a day or people");
    if (calendar)
        failed = question_calendar(a->conn, venue, party, interval, a->now_ms, &id, err);
    else if (search)
        failed = question_search(a->conn, json_text_or(row, "criteria", ""), day, party, interval,
                                 a->now_ms, &id, err);
    else
        failed = question_of(a->conn, venue, day, party, interval, a->now_ms, &id, err);
    if (failed || settle_question(a, row, id, err))
        return -1;
    set_name(a, MAP_QUESTION, json_i64_or(row, "id", 0), id);
    return 0;
}

/* No message of ours began it, so it is counted downwards: inbox numbers are over 0. */
static int take_watch(struct arrival *a, const cJSON *row, struct err *err)
{
    int64_t id, from = json_i64_or(row, "from_minute", -1), to = json_i64_or(row, "to_minute", -1);
    const char *state = json_text_or(row, "state", "");
    bool known = !strcmp(state, "active") || !strcmp(state, "stopped") || !strcmp(state, "expired");
    auto_str text = STR_INIT(65536);
    if (!known || from < 0 || to < from || to > 2 * 1440 || json_i64_or(row, "until_ms", 0) <= 0)
        return bad_row(err, "a watch that says nothing");
    int found = db_int_of(a->conn, err, &id,
                          "select id from venue_watch where account_id = $1 and created_ms = $2",
                          "ii", a->account.id, json_i64_or(row, "created_ms", 0));
    if (found < 0 || found)
        return found < 0 ? -1 : 0;
    json_print(&text, row);
    if (db_exec(a->conn, err,
                "insert into venue_watch (account_id, chat_id, venue_id, looking, zone, day, "
                "party, from_minute, to_minute, seating, max_fee_cents, interval_ms, until_ms, "
                "state, ended_ms, inbox_id, created_ms, title, paused, snoozed_ms, once, "
                "found_ms, roll_ms) select $1, $2, j ->> 'venue_id', j ->> 'looking', "
                "j ->> 'zone', j ->> 'day', j ->> 'party', j ->> 'from_minute', "
                "j ->> 'to_minute', j ->> 'seating', j ->> 'max_fee_cents', "
                "max(j ->> 'interval_ms', $4), j ->> 'until_ms', j ->> 'state', "
                "j ->> 'ended_ms', min(0, coalesce((select min(inbox_id) from venue_watch), 0)) "
                "- 1, j ->> 'created_ms', j ->> 'title', j ->> 'paused', j ->> 'snoozed_ms', "
                "j ->> 'once', j ->> 'found_ms', j ->> 'roll_ms' from (select $3 as j)",
                "iisi", a->account.id, a->chat_id, text.buf, a->options.floor_ms))
        return -1;
    set_name(a, MAP_WATCH, json_i64_or(row, "id", 0), db_last_id(a->conn));
    a->watches += !strcmp(json_text_or(row, "state", ""), "active");
    return 0;
}

/* What a hint had it ask for a moment is asked again when there is a hint again. */
static int take_subscription(struct arrival *a, const cJSON *row, struct err *err)
{
    int64_t watch = name_of(a, MAP_WATCH, json_i64_or(row, "watch_id", 0));
    int64_t question = name_of(a, MAP_QUESTION, json_i64_or(row, "question_id", 0)), hint;
    struct question q;
    if (!watch || !question || json_i64(row, "hint_id", &hint))
        return 0;
    if (question_get(a->conn, question, &q, err))
        return -1;
    return watch_subscribe(a->conn, watch, &q, a->now_ms, json_i64_or(row, "until_ms", 0),
                           json_i64_or(row, "gated", 0), err);
}

int arrival_row(struct arrival *a, const cJSON *line, struct err *err)
{
    static const struct {
        const char *table;
        int (*take)(struct arrival *a, const cJSON *row, struct err *err);
    } takes[] = {
        {"account", take_account},
        {"venue", take_venue},
        {"question", take_question},
        {"venue_watch", take_watch},
        {"watch_question", take_subscription},
    };
    const char *table = json_text_or(line, "table", "");
    for (size_t i = 0; i < ARRAY_LEN(takes); i++)
        if (!strcmp(takes[i].table, table))
            return takes[i].take(a, json_object(line, "row"), err);
    return 0; /* for reading */
}

/* --- the end --- */

int arrival_end(struct arrival *a, size_t *ret_watches, struct err *err)
{
    struct renamed *n, *tmp;
    int64_t count = 0;
    int failed = watch_count(a->conn, a->account.id, a->now_ms, &count, err);
    if (!failed && count > a->options.questions_per_person)
        failed = err_set(err, ERR_LIMIT, NULL,
                         "import: they would ask %lld questions, and [limits] questions_per_person "
                         "is %d",
                         (long long)count, a->options.questions_per_person);
    HASH_ITER(hh, a->names, n, tmp)
    {
        if (n->kind != MAP_QUESTION || failed)
            continue;
        failed = question_refresh(a->conn, n->to, a->now_ms, a->options.floor_ms, err) ||
                 question_set_look(a->conn, n->to, 1, err);
    }
    *ret_watches = a->watches;
    arrival_free(a);
    return failed ? -1 : 0;
}
