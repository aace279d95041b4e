/* Who has a table: a search of the city by words or a list, day, party and window.
 *
 * Words may be a cuisine ("sushi"), a neighbourhood ("in soho"), both, or nothing ("anything"). The
 * provider's search is fuzzy and takes one or the other, so it is asked for the more telling of the
 * two and what comes back is narrowed here, unless that would leave nothing. */
#include "core/services/services.h"

#include "core/base/utf8.h"
#include "db/snapshot.h"

#define PER_PAGE    75 /* more was not seen to come back */
#define WIDE_WINDOW (6 * 60)

void found_free(struct found_list *found)
{
    free(found->list);
    *found = (struct found_list){0};
}

static void add_found(const struct resy_hits *hits, size_t i, const struct wish *wish,
                      const char *zone, struct found_list *ret)
{
    const struct resy_hit_tables *t = &hits->tables[i];
    struct found *f = &ret->list[ret->count];
    *f = (struct found){.count = t->count};
    memcpy(f->minutes, t->minutes, t->count * sizeof(*t->minutes));
    memcpy(f->picture, t->picture, sizeof(f->picture));
    for (size_t k = 0; k < t->count; k++)
        f->inside += wish_takes(wish, t->minutes[k]);
    venue_of_hit(&hits->venues[i], zone, &f->venue);
    if (f->count)
        ret->count++;
}

static int last_inside(const struct found *f, const struct wish *wish)
{
    int last = 0;
    for (size_t i = 0; i < f->count; i++)
        last = wish_takes(wish, f->minutes[i]) ? f->minutes[i] : last;
    return last;
}

static int first_inside(const struct found *f, const struct wish *wish)
{
    for (size_t i = 0; i < f->count; i++)
        if (wish_takes(wish, f->minutes[i]))
            return f->minutes[i];
    return ANY_TIME_TO;
}

/* Those with a table in the window first, in the provider's order; or by how late, or early. */
static void put_in_order(struct found_list *found, const struct wish *wish)
{
    for (size_t i = 1; i < found->count; i++) { /* stable, and lists are short */
        struct found one = found->list[i];
        size_t at = i;
        for (; at > 0; at--) {
            const struct found *other = &found->list[at - 1];
            int by = (one.inside > 0) - (other->inside > 0);
            if (!by && wish->prefer > 0)
                by = last_inside(&one, wish) - last_inside(other, wish);
            if (!by && wish->prefer < 0)
                by = first_inside(other, wish) - first_inside(&one, wish);
            if (by <= 0)
                break;
            found->list[at] = *other;
        }
        found->list[at] = one;
    }
}

static void collect(const struct resy_hits *hits, const struct criteria *c, const struct wish *wish,
                    const char *zone, struct found_list *ret)
{
    size_t fitting = 0;
    ret->list = mem_new(hits->count, sizeof(*ret->list));
    for (size_t i = 0; i < hits->count; i++)
        fitting += criteria_fits(c, &hits->venues[i]) && !hits->venues[i].elsewhere;
    ret->loose = !fitting && hits->count;
    for (size_t i = 0; i < hits->count; i++) {
        ret->elsewhere += hits->venues[i].elsewhere;
        if (!hits->venues[i].elsewhere && (ret->loose || criteria_fits(c, &hits->venues[i]))) {
            ret->looked_at++;
            add_found(hits, i, wish, zone, ret);
        }
    }
    put_in_order(ret, wish);
    size_t inside = 0;
    while (inside < ret->count && ret->list[inside].inside)
        inside++;
    ret->count = inside ? inside : ret->count; /* other times only where there are no such */
}

struct keep_args {
    struct found_list *found;
    int64_t chat_id, now_ms;
    const char *wish; /* this very one */
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Against what this chat saw when it last looked for just this. */
static int compare(struct db_conn *conn, const struct keep_args *args, struct err *err)
{
    struct found_list *found = args->found;
    int64_t *seen;
    size_t count;
    auto_str ids = STR_INIT((size_t)RESY_HITS_MAX * 24);
    if (snapshot_get(conn, args->chat_id, args->wish, &seen, &count, &found->since_ms, err)) {
        free(seen);
        return -1;
    }
    str_addc(&ids, '[');
    for (size_t i = 0; i < found->count; i++) {
        int64_t id = found->list[i].venue.id;
        bool known = count && bsearch(&id, seen, count, sizeof(id), by_id);
        found->list[i].fresh = found->since_ms && found->complete && !known;
        str_addf(&ids, "%s%lld", i ? "," : "", (long long)id);
    }
    str_addc(&ids, ']');
    free(seen);
    return snapshot_put(conn, args->chat_id, args->wish, ids.buf, !found->complete, args->now_ms,
                        err);
}

static int keep(struct db_conn *conn, void *arg, struct err *err)
{
    const struct keep_args *args = arg;
    for (size_t i = 0; i < args->found->count; i++)
        if (venue_put_new(conn, &args->found->list[i].venue, err))
            return -1;
    return args->chat_id ? compare(conn, args, err) : 0;
}

/* A city that the words name is where to look, and no longer one of them. */
static const struct city *take_city(struct services *services, const struct account *account,
                                    struct criteria *c, struct cancel *cancel)
{
    const struct city *city = *c->where ? city_named(services, c->where) : NULL;
    if (city)
        c->where[0] = '\0';
    else
        city = city_of_account(services, account, cancel);
    utf8_copy(c->city, sizeof(c->city), city ? city->code : "");
    return city;
}

const struct city *search_city(struct services *services, const struct account *account,
                               const char *words, struct cancel *cancel)
{
    struct criteria c;
    criteria_read(words, &c);
    return take_city(services, account, &c, cancel);
}

const struct city *search_criteria(struct services *services, const struct account *account,
                                   const char *words, struct cancel *cancel, struct criteria *ret)
{
    criteria_read(words, ret);
    return take_city(services, account, ret, cancel);
}

/* A list may be called "the …" or not: the other name is tried if nothing is known by this one. */
static void toggle_article(char slug[CRITERIA_WORDS])
{
    auto_text said = mem_text(slug);
    bool the = !strncmp(said, "the-", 4);
    snprintf(slug, CRITERIA_WORDS, "%s%s", the ? "" : "the-", said + (the ? 4 : 0));
}

int search_ask(struct services *services, const struct resy_ask *ask, const struct criteria *c,
               const struct wish *wish, struct resy_hits *ret, struct err *err)
{
    const struct city *city = *c->city ? city_of(services, c->city) : NULL;
    bool narrow = !wish->any_time && wish->to_minute - wish->from_minute <= WIDE_WINDOW;
    char list[CRITERIA_WORDS];
    utf8_copy(list, sizeof(list), c->list);
    struct resy_query query = {
        .words = *c->where ? c->where : c->what,
        .place = city ? &city->place : NULL,
        .collection = *list ? list : NULL,
        .city = city ? city->code : NULL,
        .day = wish->day,
        .party = (int)wish->party,
        .minute = narrow ? (wish->from_minute + wish->to_minute) / 2 : 0,
        .page = 1,
        .per_page = PER_PAGE,
        .pages_most = services_options(services).search_pages,
    };
    if (resy_search(services->resy, ask, &query, ret, err))
        return -1;
    if (!*list || ret->total)
        return 0;
    resy_hits_free(ret);
    toggle_article(list);
    return resy_search(services->resy, ask, &query, ret, err);
}

int search_tables(struct services *services, const struct account *account, int64_t chat_id,
                  const char *words, const struct wish *wish, struct cancel *cancel,
                  struct found_list *ret, struct err *err)
{
    char day[DATE_TEXT];
    auto_str key = STR_INIT(1000);
    struct criteria c;
    struct resy_hits hits;
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    const struct city *city = search_criteria(services, account, words, cancel, &c);
    *ret = (struct found_list){0};
    if (search_ask(services, &ask, &c, wish, &hits, err))
        return -1;
    ret->no_list = *c.list && !hits.total;
    ret->total = hits.total;
    ret->complete = hits.complete;
    collect(&hits, &c, wish, city ? city->zone : account->zone, ret);
    resy_hits_free(&hits);
    criteria_text(&c, &key);
    str_addf(&key, " %s %lld %d-%d", date_text(wish->day, day), (long long)wish->party,
             wish->any_time ? 0 : wish->from_minute,
             wish->any_time ? ANY_TIME_TO : wish->to_minute);
    struct keep_args kept = {ret, chat_id, env_wall_ms(services->env), key.buf};
    if (db_write(services->db, keep, &kept, err)) {
        found_free(ret);
        return -1;
    }
    return 0;
}
