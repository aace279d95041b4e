/* How many: "for two", "party of 4", "a dozen of us", "me and my wife", "2 adults and 2 kids". */
#include "core/agents/commands/words_inner.h"

#include "core/base/utf8.h"

static struct match party(size_t at, size_t used, int64_t n)
{
    return (struct match){.at = at, .used = used, .field = FIELD_PARTY, .number = (int)n};
}

/* "x2", "2x". */
static int64_t times_sign(const char *text)
{
    char digits[8];
    size_t len = strlen(text);
    size_t n = strspn(text, "0123456789");
    if (n && n < 3 && n < len) /* "2ppl" */
        for (size_t i = 0; i < english.people.count; i++)
            if (len - n > 2 && !strcmp(english.people.list[i], text + n))
                return strtol(text, NULL, 10);
    if (len < 2 || len > 3)
        return -1;
    if (*text == 'x')
        return digits_of(text + 1);
    if (text[len - 1] != 'x')
        return -1;
    utf8_copy(digits, len, text);
    return digits_of(digits);
}

/* "4-6" in one token, of people: as many as there may be; *ret_least: as few. */
static int64_t dashed(const char *text, int64_t *ret_least)
{
    const char *dash = strchr(text, '-');
    int64_t to = dash ? digits_of(dash + 1) : -1;
    *ret_least = strtol(text, NULL, 10);
    return to > 0 && to < 100 && strspn(text, "0123456789") == (size_t)(dash - text) && dash != text
               ? to
               : -1;
}

/* "4", "4-6", "4 or 6", "four". */
static int64_t count_at(const struct reader *r, size_t i, size_t *ret_used, bool *ret_several,
                        int64_t *ret_least)
{
    int64_t n = dashed(word_at(r, i), ret_least);
    *ret_used = 1;
    *ret_several = n > 0;
    if (n > 0)
        return n;
    n = number_at(r, i, ret_used);
    *ret_least = n;
    if (n < 0)
        return -1;
    size_t at = i + *ret_used, more, joint = ANY_AT(r, at, or_words);
    joint = joint ? joint : ANY_AT(r, at, range_to);
    int64_t m = joint ? number_at(r, at + joint, &more) : -1;
    if (m > n && ANY_AT(r, at + joint + more, people)) {
        *ret_used += joint + more;
        *ret_several = true;
        return m;
    }
    return n;
}

struct match rule_people(struct reader *r, size_t i)
{
    size_t group = ANY_AT(r, i, group_words), said = ANY_AT(r, i, for_words), used;
    size_t article = phrase_at(r, i, "the"), skip = MAX_OF(MAX_OF(group, said), article);
    bool several;
    int64_t least, n = times_sign(word_at(r, i));
    if (n > 0)
        return party(i, 1, n);
    if (said && ANY_AT(r, i + said, the) && !group)
        skip = said + ANY_AT(r, i + said, the);
    n = count_at(r, i + skip, &used, &several, &least);
    if (n < 0)
        return (struct match){0};
    size_t noun = ANY_AT(r, i + skip + used, people);
    bool plain = (group || said) && !several;
    if (!noun && (!plain || (!group && skip != said)))
        return (struct match){0};
    struct match said_so = party(i, skip + used + noun, n);
    said_so.from = (int)MIN_OF(least, n);
    return said_so;
}

/* --- "me, my wife and two kids" --- */

/* One of a chain; how many in *ret_n, 0 tokens: none. */
static size_t one_at(const struct reader *r, size_t i, int *ret_n, bool *ret_me)
{
    int person;
    size_t used, my = ANY_AT(r, i, my);
    size_t me = my ? 0 : ANY_AT(r, i, me);
    *ret_me = me;
    *ret_n = 1;
    if (me)
        return me;
    size_t count_used = 0;
    int64_t n = number_at(r, i + my, &count_used);
    used = NAMED_AT(r, i + my + (n > 0 ? count_used : 0), persons, &person);
    if (!used || (!my && n <= 0) || (n <= 0 && !person))
        return 0;
    *ret_n = n > 0 ? (int)MIN_OF(n, 1000) : person;
    return my + (n > 0 ? count_used : 0) + used;
}

struct match rule_chain(struct reader *r, size_t i)
{
    static const char *const alone[] = {"just me",   "only me",   "solo",         "alone",
                                        "by myself", "on my own", "for me alone", "just myself"};
    for (size_t k = 0; k < ARRAY_LEN(alone); k++) {
        size_t used = phrase_at(r, i, alone[k]);
        bool more = used && ANY_AT(r, i + used, or_words);
        if (used && !more)
            return party(i, used, 1);
    }
    size_t both = phrase_at(r, i, "both of us");
    if (both)
        return party(i, both, 2);
    size_t with = ANY_AT(r, i, with), said = with ? with : ANY_AT(r, i, for_words);
    size_t at = i + said, links = 0;
    int sum = with ? 1 : 0;
    for (;;) {
        int n;
        bool me;
        size_t used = one_at(r, at, &n, &me);
        if (!used)
            break;
        sum += me && with ? 0 : n;
        links++;
        at += used;
        size_t joint = ANY_AT(r, at, or_words);
        joint = joint ? joint : ANY_AT(r, at, with);
        int ignored;
        bool ignored_me;
        if (one_at(r, at + joint, &ignored, &ignored_me) == 0)
            break;
        at += joint;
    }
    if (!links || (!with && links < 2))
        return (struct match){0};
    return party(i, at - i, sum);
}

/* --- together --- */

void party_settle(struct reader *r)
{
    const struct match *first = NULL;
    for (size_t i = 0; i < r->match_count; i++) {
        const struct match *m = &r->matches[i];
        if (m->field != FIELD_PARTY)
            continue;
        if (first && first->number != m->number) {
            char both[48];
            snprintf(both, sizeof(both), "%d and %d", first->number, m->number);
            words_fail(r, "I read two numbers of people there, %s. One wish at a time, please.",
                       both);
            return;
        }
        first = m;
        r->words->party = m->number;
        r->words->party_least = m->from > 0 && m->from < m->number ? m->from : 0;
    }
}
