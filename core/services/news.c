/* Watches that look for no restaurant by name: "sushi in soho, Friday, for 2".
 *
 * A search knows places, not tables: the slots of a hit are a part of those that there are, and
 * another part each time. So what it says is a hint (hint.h): a place that turns bookable, or shows
 * a time that a watch wants for the first time, is asked by one find, whose tables make the alert.
 * What was there when a watch began is its beginning and no news; so is what is there after its
 * criteria, day or party change. An answer without any place is no beginning until a second one
 * agrees. */
#include "core/services/services.h"

#include "core/base/utf8.h"
#include "db/hint.h"

#define ASKED_AT_ONCE 4096 /* watches and places at once; the rest follow the next answer */
#define CLOSE_LEAST   2    /* answers in a row without it: pages shift while they are read */

struct seen { /* a place with tables, of a hit that fits */
    int64_t venue_id;
    size_t hit;
};

struct news {
    struct services *services;
    struct db_conn *conn;
    const struct resy_hits *hits;
    const char *zone; /* of the city */
    struct question q;
    struct seen *seen;
    size_t seen_count;
    int64_t answered_ms;
};

static int by_venue(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return x->venue_id < y->venue_id ? -1 : x->venue_id > y->venue_id;
}

static void see(struct news *n, const struct criteria *criteria)
{
    n->seen = mem_new(n->hits->count + 1, sizeof(*n->seen));
    for (size_t i = 0; i < n->hits->count; i++)
        if (n->hits->tables[i].count && !n->hits->venues[i].elsewhere &&
            criteria_fits(criteria, &n->hits->venues[i]))
            n->seen[n->seen_count++] = (struct seen){n->hits->venues[i].id, i};
    qsort(n->seen, n->seen_count, sizeof(*n->seen), by_venue);
    size_t kept = 0;
    for (size_t i = 0; i < n->seen_count; i++)
        if (!kept || n->seen[kept - 1].venue_id != n->seen[i].venue_id)
            n->seen[kept++] = n->seen[i];
    n->seen_count = kept;
}

static void shown_text(const struct resy_hit_tables *tables, struct str *out)
{
    str_addc(out, '[');
    for (size_t i = 0; i < tables->count; i++)
        str_addf(out, "%s%d", i ? "," : "", tables->minutes[i]);
    str_addc(out, ']');
}

/* `known` NULL: never seen before. */
static int note_seen(struct news *n, const struct seen *seen, const struct hint *known,
                     struct err *err)
{
    auto_str shown = STR_INIT(RESY_HIT_TIMES * 8);
    shown_text(&n->hits->tables[seen->hit], &shown);
    if (known && known->open)
        return hint_stays(n->conn, known->id, shown.buf, err);
    struct venue venue;
    venue_of_hit(&n->hits->venues[seen->hit], n->zone, &venue);
    if (!known && venue_put_new(n->conn, &venue, err))
        return -1;
    return hint_open(n->conn, n->q.id, seen->venue_id, shown.buf, n->q.answers, n->answered_ms,
                     err);
}

static int note_missing(struct news *n, const struct hint *known, int polls, struct err *err)
{
    if (!known->open)
        return 0;
    if (known->missed + 1 < polls)
        return hint_set_missed(n->conn, known->id, known->missed + 1, err);
    return hint_close(n->conn, known->id, n->q.answers, n->answered_ms, err);
}

/* Both lists rise by restaurant: side by side. */
static int walk(struct news *n, const struct hints *known, struct err *err)
{
    int polls = MAX_OF(services_options(n->services).close_polls, CLOSE_LEAST);
    size_t i = 0, j = 0;
    while (i < n->seen_count || j < known->count) {
        const struct seen *seen = i < n->seen_count ? &n->seen[i] : NULL;
        const struct hint *hint = j < known->count ? &known->list[j] : NULL;
        bool same = seen && hint && seen->venue_id == hint->venue_id;
        bool first = seen && (!hint || seen->venue_id <= hint->venue_id);
        int failed = first  ? note_seen(n, seen, same ? hint : NULL, err)
                     : hint ? note_missing(n, hint, polls, err)
                            : 0;
        if (failed)
            return -1;
        i += first;
        j += same || !first;
    }
    return 0;
}

/* How many places that had tables, and how many of those have none in this answer. */
static void count_lost(const struct news *n, const struct hints *known, size_t *ret_had,
                       size_t *ret_lost)
{
    *ret_had = *ret_lost = 0;
    for (size_t i = 0; i < known->count; i++) {
        struct seen key = {.venue_id = known->list[i].venue_id};
        if (!known->list[i].open)
            continue;
        ++*ret_had;
        *ret_lost += !bsearch(&key, n->seen, n->seen_count, sizeof(key), by_venue);
    }
}

/* One place is asked once, however many watches it is news to. */
static int ask_find(struct news *n, const struct to_ask *asks, size_t count, struct err *err)
{
    int64_t find, floor_ms = services_options(n->services).floor_ms;
    if (question_of(n->conn, asks->venue_id, n->q.day, n->q.party, n->q.interval_ms, n->answered_ms,
                    &find, err) ||
        known_ask(n->conn, asks, count, find, n->answered_ms, err) ||
        question_set_look(n->conn, find, 1, err) ||
        question_refresh(n->conn, find, n->answered_ms, floor_ms, err))
        return -1;
    return question_hasten(n->conn, find, n->answered_ms, floor_ms, err);
}

static int ask_finds(struct news *n, struct err *err)
{
    struct to_ask *asks = mem_new(ASKED_AT_ONCE, sizeof(*asks));
    size_t count = 0, same = 0;
    int failed = known_to_ask(n->conn, n->q.id, n->answered_ms,
                              services_options(n->services).quiet_ms, asks, ASKED_AT_ONCE, &count,
                              err);
    for (size_t i = 0; i < count && !failed; i += same) {
        same = 1;
        while (i + same < count && asks[i + same].hint_id == asks[i].hint_id)
            same++;
        failed = ask_find(n, asks + i, same, err);
    }
    free(asks);
    return failed ? -1 : 0;
}

/* After n->q.answers has counted this answer; `before`: places that had tables in the last one. */
static int take(struct news *n, const struct hints *known, int64_t before, struct err *err)
{
    bool agreed = n->seen_count || (n->q.answers > 1 && !before);
    if (walk(n, known, err) ||
        question_set_cost(n->conn, n->q.id, MAX_OF(n->hits->pages, 1), err) ||
        (agreed && known_begin(n->conn, n->q.id, err)))
        return -1;
    return ask_finds(n, err);
}

int news_begin(struct services *services, struct db_conn *conn, int64_t question_id,
               const struct criteria *criteria, const char *zone, const struct resy_hits *hits,
               int times, int64_t answered_ms, struct err *err)
{
    struct news n = {
        .services = services, .conn = conn, .hits = hits, .zone = zone, .answered_ms = answered_ms};
    auto_hints known = {0};
    bool free_to, doubts;
    if (question_get(conn, question_id, &n.q, err) || question_doubts(conn, &doubts, err))
        return -1;
    if (doubts || n.q.fails) /* what is there is seen when answers are believed again */
        return 0;
    if (n.q.answers) /* others look already, and what they know is not for one person to change */
        return known_begin(conn, question_id, err);
    if (question_answered_aside(conn, question_id, answered_ms, &free_to, err))
        return -1;
    if (!free_to) /* it is being asked just now: that answer will do */
        return 0;
    see(&n, criteria);
    n.q.answers += times;
    int failed = question_set_tables(conn, question_id, (int64_t)n.seen_count, err) ||
                 hints_of(conn, question_id, &known, err) || take(&n, &known, 0, err);
    free(n.seen);
    return failed ? -1 : 0;
}

/* --- a check --- */

struct apply_args {
    struct services *services;
    const struct question *question;
    const struct criteria *criteria;
    const struct resy_hits *hits;
    const char *claim, *zone;
    int64_t answered_ms, due_ms;
    bool outbox;
};

static int apply_seen(struct apply_args *args, struct news *n, struct err *err)
{
    auto_hints known = {0};
    size_t had, lost;
    bool mine, doubted;
    if (hints_of(n->conn, n->q.id, &known, err))
        return -1;
    count_lost(n, &known, &had, &lost);
    if (doubt_weigh_search(args->services, n->conn, &n->q, had, lost, n->seen_count, &doubted, err))
        return -1;
    if (doubted)
        return question_doubted(n->conn, n->q.id, args->claim, args->answered_ms, args->due_ms,
                                &mine, err);
    if (question_answered(n->conn, &n->q, args->claim, args->answered_ms, args->due_ms,
                          (int64_t)n->seen_count, 0, &mine, err))
        return -1;
    if (!mine)
        return 0;
    n->q.answers++;
    if (take(n, &known, n->q.tables, err))
        return -1;
    return life_answered(args->services, n->conn, args->answered_ms, &args->outbox, err);
}

static int apply(struct db_conn *conn, void *arg, struct err *err)
{
    struct apply_args *args = arg;
    struct news n = {.services = args->services,
                     .conn = conn,
                     .hits = args->hits,
                     .zone = args->zone,
                     .answered_ms = args->answered_ms};
    if (question_get(conn, args->question->id, &n.q, err))
        return -1;
    see(&n, args->criteria);
    int failed = apply_seen(args, &n, err);
    free(n.seen);
    return failed;
}

int news_apply(struct services *services, const struct news_answer *a, bool *ret_outbox,
               struct err *err)
{
    const struct service_options options = services_options(services);
    struct criteria criteria;
    if (criteria_parse(a->question.criteria, &criteria, err))
        return -1;
    const struct city *city = city_of(services, *criteria.city ? criteria.city : options.city);
    struct apply_args args = {.services = services,
                              .question = &a->question,
                              .criteria = &criteria,
                              .hits = a->hits,
                              .claim = a->claim,
                              .zone = city ? city->zone : options.zone,
                              .answered_ms = a->answered_ms,
                              .due_ms = a->due_ms};
    if (db_write(services->db, apply, &args, err))
        return -1;
    *ret_outbox = args.outbox;
    return 0;
}

int news_ask(struct services *services, const struct question *q, struct cancel *cancel,
             enum resy_fault *ret_fault, struct resy_hits *ret, struct err *err)
{
    struct criteria criteria;
    struct resy_ask ask = {.class = BUDGET_CHECK, .cancel = cancel, .fault = ret_fault};
    struct wish wish = {.party = q->party, .any_time = true};
    if (date_parse(q->day, &wish.day) || criteria_parse(q->criteria, &criteria, err)) {
        *ret_fault = RESY_SHAPE;
        return err_set(err, ERR_BUG, NULL, "question %lld is no search", (long long)q->id);
    }
    if (search_ask(services, &ask, &criteria, &wish, ret, err))
        return -1;
    if (ret->complete)
        return 0;
    *ret_fault = RESY_PARTIAL;
    err_set(err, ERR_REMOTE, NULL, "%lld places on %lld pages, not all of one count",
            (long long)ret->total, (long long)ret->pages);
    resy_hits_free(ret);
    return -1;
}

/* --- beginning --- */

static size_t count_fitting(const struct resy_hits *hits, const struct criteria *criteria,
                            size_t *ret_with_tables)
{
    size_t fitting = 0;
    *ret_with_tables = 0;
    for (size_t i = 0; i < hits->count; i++) {
        bool fits = !hits->venues[i].elsewhere && criteria_fits(criteria, &hits->venues[i]);
        fitting += fits;
        *ret_with_tables += fits && hits->tables[i].count;
    }
    return fitting;
}

static int too_many(struct services *services, const struct resy_hits *hits, struct err *err)
{
    int most = services_options(services).search_pages;
    err_set(err, ERR_LIMIT, NULL, "%lld pages of %d", (long long)hits->pages, most);
    return err_say(err,
                   "That is %lld restaurants on %lld pages, and I read at most %d pages each time: "
                   "I would miss some. Narrow it by a cuisine, a neighbourhood or a list, as in "
                   "\"sushi in soho\".",
                   (long long)hits->total, (long long)hits->pages, most);
}

/* One day as it is now; asked twice where it shows nothing. */
static int look_first(struct services *services, const struct resy_ask *ask,
                      const struct criteria *criteria, const struct wish *wish,
                      struct watch_seed *ret, size_t *ret_there, struct err *err)
{
    ret->times = 0;
    do {
        resy_hits_free(&ret->hits);
        if (search_ask(services, ask, criteria, wish, &ret->hits, err))
            return -1;
        if (ret->hits.pages > services_options(services).search_pages)
            return too_many(services, &ret->hits, err);
        size_t fitting = count_fitting(&ret->hits, criteria, ret_there);
        if (!fitting)
            return err_set(err, ERR_MISSING,
                           "I find no restaurant that fits, so there is nothing to wait for. "
                           "Try other words: a cuisine, a neighbourhood.",
                           "nothing fits the criteria");
        ret->times += ret->hits.complete;
    } while (!*ret_there && ret->hits.complete && ret->times < 2);
    ret->answered_ms = env_wall_ms(services->env);
    if (!ret->hits.complete)
        *ret_there = 0;
    return 0;
}

int news_start(struct services *services, const struct account *account, int64_t chat_id,
               int64_t inbox_id, const char *words, const struct watch_wish *plain,
               struct cancel *cancel, struct watch_started *ret, size_t *ret_there, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    struct watch_seed seeds[NEWS_DAYS] = {0};
    struct watch_wish wish = *plain;
    struct criteria criteria;
    char looking[CRITERIA_WORDS];
    int failed = 0;
    *ret_there = 0;
    if (wish.day_count > NEWS_DAYS)
        return err_set(err, ERR_LIMIT,
                       "A whole city takes several questions a day, so a week at most, please. "
                       "Which days?",
                       "over %d days of searches", NEWS_DAYS);
    const struct city *city = search_criteria(services, account, words, cancel, &criteria);
    wish.criteria = &criteria;
    wish.zone = city ? city->zone : account->zone;
    utf8_copy(looking, sizeof(looking), *words ? words : "any restaurant");
    wish.looking = looking;
    wish.seeds = seeds;
    wish.venue_count = 0;
    for (size_t i = 0; i < wish.day_count && !failed; i++) {
        size_t there = 0;
        struct wish day = {.day = wish.days[i], .party = wish.party, .any_time = true};
        failed = look_first(services, &ask, &criteria, &day, &seeds[i], &there, err);
        *ret_there += failed ? 0 : there;
    }
    failed = failed || watch_start(services, account, chat_id, inbox_id, &wish, ret, err);
    for (size_t i = 0; i < NEWS_DAYS; i++)
        resy_hits_free(&seeds[i].hits);
    return failed ? -1 : 0;
}
