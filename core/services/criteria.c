/* What words mean that name no restaurant: a kind of place, a neighbourhood, a curated list. */
#include "core/services/services.h"

#include "core/base/utf8.h"

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
void criteria_read(const char *words, struct criteria *ret)
{
    auto_text folded = utf8_fold(words);
    *ret = (struct criteria){0};
    read_list(folded, ret);
    if (*ret->list)
        return;
    struct str parts[2] = {STR_INIT(CRITERIA_WORDS - 1), STR_INIT(CRITERIA_WORDS - 1)};
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
    criteria_read(words, &c);
    return *c.list || !*c.what || is_one_of(kinds, ARRAY_LEN(kinds), c.what, strlen(c.what));
}

static bool holds(const char *text, const char *part)
{
    auto_text folded = utf8_fold(text);
    return strstr(folded, part);
}

bool criteria_fits(const struct criteria *c, const struct resy_venue *v)
{
    bool what = !*c->what || holds(v->cuisine, c->what) || holds(v->name, c->what);
    bool where = !*c->where || holds(v->neighborhood, c->where);
    return what && where;
}

/* The same for the same wish, however it was said: a question is known by it. */
void criteria_text(const struct criteria *c, struct str *out)
{
    auto_json object = cJSON_CreateObject();
    json_put_text(object, "what", c->what);
    json_put_text(object, "where", c->where);
    json_put_text(object, "list", c->list);
    json_put_text(object, "city", c->city);
    json_print(out, object);
}

int criteria_parse(const char *text, struct criteria *ret, struct err *err)
{
    auto_json object = json_parse(text, strlen(text), "criteria", err);
    *ret = (struct criteria){0};
    if (!object)
        return -1;
    utf8_copy(ret->what, sizeof(ret->what), json_text_or(object, "what", ""));
    utf8_copy(ret->where, sizeof(ret->where), json_text_or(object, "where", ""));
    utf8_copy(ret->list, sizeof(ret->list), json_text_or(object, "list", ""));
    utf8_copy(ret->city, sizeof(ret->city), json_text_or(object, "city", ""));
    return 0;
}
