/* Who has a table: a search of the city by words or a list, day, party and window.
 *
 * Words may be a cuisine ("sushi"), a neighbourhood ("in soho"), both, or nothing ("anything"). The
 * provider's search is fuzzy and takes one or the other, so it is asked for the more telling of the
 * two and what comes back is narrowed here, unless that would leave nothing. */
#include "core/services/services.h"

#include "core/base/utf8.h"

#define PER_PAGE    75 /* more was not seen to come back */
#define WIDE_WINDOW (6 * 60)
#define WORDS_MOST  160

/* Folded, as utf8_fold does it. What people name when they mean a kind of place. */
static const char *const kinds[] = {
    "american",   "new american",  "argentinian", "asian",          "bakery",      "bar",
    "barbecue",   "bbq",           "bistro",      "brasserie",      "brazilian",   "breakfast",
    "british",    "brunch",        "burgers",     "cafe",           "cantonese",   "caribbean",
    "chinese",    "cocktail bar",  "cocktails",   "contemporary",   "cuban",       "deli",
    "dim sum",    "diner",         "ethiopian",   "filipino",       "fine dining", "french",
    "gastropub",  "german",        "greek",       "indian",         "irish",       "israeli",
    "italian",    "izakaya",       "japanese",    "korean",         "korean bbq",  "kosher",
    "lebanese",   "mediterranean", "mexican",     "middle eastern", "moroccan",    "noodles",
    "omakase",    "pasta",         "peruvian",    "pizza",          "polish",      "portuguese",
    "pub",        "ramen",         "russian",     "scandinavian",   "seafood",     "sichuan",
    "southern",   "spanish",       "steak",       "steakhouse",     "sushi",       "taiwanese",
    "tapas",      "tasting menu",  "thai",        "turkish",        "vegan",       "vegetarian",
    "vietnamese", "wine bar",
};
static const char *const generic[] = {
    "a",          "any",         "anything", "anywhere", "somewhere", "something",
    "restaurant", "restaurants", "place",    "places",   "food",      "spot",
    "spots",      "table",       "tables",   "good",     "nice",      "some",
    "the",        "cuisine",     "with",     "free",     "open",      "best",
};
static const char *const near_words[] = {"in", "near", "around", "by"};
static const char *const list_words[] = {"list", "collection"};
static const char *const before_list[] = {"on", "from"};

static bool is_one_of(const char *const *list, size_t count, const char *word, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == len && !strncmp(list[i], word, len))
            return true;
    return false;
}

struct criteria {
    char what[WORDS_MOST], where[WORDS_MOST]; /* folded; "": anything, anywhere */
    char list[WORDS_MOST];                    /* a curated list's slug; "": none */
};

/* "on the staff picks list in new york": a list's name as the provider writes it, "staff-picks",
 * and where. */
static void read_list(const char *folded, struct criteria *ret)
{
    const char *name = folded;
    for (const char *at = folded; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        const char *rest = at + len + strspn(at + len, " ");
        size_t near_len = strcspn(rest, " ");
        bool near = is_one_of(near_words, ARRAY_LEN(near_words), rest, near_len);
        if (is_one_of(before_list, ARRAY_LEN(before_list), at, len)) {
            name = rest;
        } else if (at > name && is_one_of(list_words, ARRAY_LEN(list_words), at, len) &&
                   (!*rest || near)) {
            utf8_copy(ret->list, sizeof(ret->list), name);
            ret->list[MIN_OF((size_t)(at - name) - 1, sizeof(ret->list) - 1)] = '\0';
            rest += near ? near_len + strspn(rest + near_len, " ") : 0;
            utf8_copy(ret->where, sizeof(ret->where), rest);
            for (char *c = ret->list; *c; c++)
                *c = (char)(*c == ' ' ? '-' : *c);
            return;
        }
        at += len;
    }
}

/* "good italian in the east village": what and where, without the words that say nothing. */
static void read_criteria(const char *words, struct criteria *ret)
{
    auto_text folded = utf8_fold(words);
    *ret = (struct criteria){0};
    read_list(folded, ret);
    if (*ret->list)
        return;
    struct str parts[2] = {STR_INIT(WORDS_MOST - 1), STR_INIT(WORDS_MOST - 1)};
    size_t part = 0;
    for (const char *at = folded; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (is_one_of(near_words, ARRAY_LEN(near_words), at, len)) {
            part = 1;
        } else if (!is_one_of(generic, ARRAY_LEN(generic), at, len)) {
            str_add(&parts[part], parts[part].len ? " " : "");
            str_addn(&parts[part], at, len);
        }
        at += len;
    }
    utf8_copy(ret->what, sizeof(ret->what), parts[0].buf);
    utf8_copy(ret->where, sizeof(ret->where), parts[1].buf);
    str_free(&parts[0]);
    str_free(&parts[1]);
}

bool search_is_criteria(const char *words)
{
    struct criteria c;
    read_criteria(words, &c);
    return *c.list || !*c.what || is_one_of(kinds, ARRAY_LEN(kinds), c.what, strlen(c.what));
}

void found_free(struct found_list *found)
{
    free(found->list);
    *found = (struct found_list){0};
}

static bool holds(const char *text, const char *part)
{
    auto_text folded = utf8_fold(text);
    return strstr(folded, part);
}

static bool fits(const struct resy_venue *v, const struct criteria *c)
{
    bool what = !*c->what || holds(v->cuisine, c->what) || holds(v->name, c->what);
    bool where = !*c->where || holds(v->neighborhood, c->where);
    return what && where;
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
        fitting += fits(&hits->venues[i], c) && !hits->venues[i].elsewhere;
    ret->loose = !fitting && hits->count;
    for (size_t i = 0; i < hits->count; i++) {
        ret->elsewhere += hits->venues[i].elsewhere;
        if (!hits->venues[i].elsewhere && (ret->loose || fits(&hits->venues[i], c))) {
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

static int keep(struct db_conn *conn, void *arg, struct err *err)
{
    const struct found_list *found = arg;
    for (size_t i = 0; i < found->count; i++)
        if (venue_put_new(conn, &found->list[i].venue, err))
            return -1;
    return 0;
}

/* A city that the words name is where to look, and no longer one of them. */
static const struct city *take_city(struct services *services, const struct account *account,
                                    struct criteria *c, struct cancel *cancel)
{
    const struct city *named = *c->where ? city_named(services, c->where) : NULL;
    if (!named)
        return city_of_account(services, account, cancel);
    c->where[0] = '\0';
    return named;
}

const struct city *search_city(struct services *services, const struct account *account,
                               const char *words, struct cancel *cancel)
{
    struct criteria c;
    read_criteria(words, &c);
    return take_city(services, account, &c, cancel);
}

/* A list may be called "the …" or not: the other name is tried if nothing is known by this one. */
static void toggle_article(char slug[WORDS_MOST])
{
    auto_text said = mem_text(slug);
    bool the = !strncmp(said, "the-", 4);
    snprintf(slug, WORDS_MOST, "%s%s", the ? "" : "the-", said + (the ? 4 : 0));
}

int search_tables(struct services *services, const struct account *account, const char *words,
                  const struct wish *wish, struct cancel *cancel, struct found_list *ret,
                  struct err *err)
{
    struct criteria c;
    struct resy_hits hits;
    struct resy_ask ask = {.class = BUDGET_PERSON, .cancel = cancel};
    read_criteria(words, &c);
    const struct city *city = take_city(services, account, &c, cancel);
    bool narrow = !wish->any_time && wish->to_minute - wish->from_minute <= WIDE_WINDOW;
    struct resy_query query = {
        .words = *c.where ? c.where : c.what,
        .place = city ? &city->place : NULL,
        .collection = *c.list ? c.list : NULL,
        .city = city ? city->code : NULL,
        .day = wish->day,
        .party = (int)wish->party,
        .minute = narrow ? (wish->from_minute + wish->to_minute) / 2 : 0,
        .page = 1,
        .per_page = PER_PAGE,
        .pages_most = services_options(services).search_pages,
    };
    *ret = (struct found_list){0};
    if (resy_search(services->resy, &ask, &query, &hits, err))
        return -1;
    if (*c.list && !hits.total) {
        resy_hits_free(&hits);
        toggle_article(c.list);
        if (resy_search(services->resy, &ask, &query, &hits, err))
            return -1;
    }
    ret->no_list = *c.list && !hits.total;
    ret->total = hits.total;
    ret->complete = hits.complete;
    collect(&hits, &c, wish, city ? city->zone : account->zone, ret);
    resy_hits_free(&hits);
    if (db_write(services->db, keep, ret, err)) {
        found_free(ret);
        return -1;
    }
    return 0;
}
