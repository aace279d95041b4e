/* On what terms: how often to ask, at most what fee, which seating; and durations. */
#include "core/agents/commands/words_inner.h"

#include "core/base/utf8.h"

#include <ctype.h>

#define EVERY_MOST DAY_MS
#define FEE_MOST   100000

/* "5 minutes", "5m", "an hour", "half an hour", "minute" (one of them). 0 tokens: no duration. */
static size_t duration_at(const struct reader *r, size_t i, bool bare, int64_t *ret_ms)
{
    int unit;
    size_t used, article = phrase_at(r, i, "a") + phrase_at(r, i, "an");
    const char *word = word_at(r, i);
    size_t digits = strspn(word, "0123456789");
    if (digits && digits < 6 && word[digits]) { /* "90m" */
        struct reader one = {.lang = r->lang, .count = 1};
        utf8_copy(one.tokens[0].low, sizeof(one.tokens[0].low), word + digits);
        *ret_ms = NAMED_AT(&one, 0, time_units, &unit) ? strtol(word, NULL, 10) * unit : 0;
        return *ret_ms ? 1 : 0;
    }
    size_t half = phrase_at(r, i, "half an");
    used = half ? NAMED_AT(r, i + half, time_units, &unit) : 0;
    if (used) {
        *ret_ms = unit / 2;
        return half + used;
    }
    if (article || bare) {
        used = NAMED_AT(r, i + article, time_units, &unit);
        if (used)
            *ret_ms = unit;
        if (used || article)
            return used ? article + used : 0;
    }
    int64_t n = number_at(r, i, &used);
    size_t unit_used = n > 0 ? NAMED_AT(r, i + used, time_units, &unit) : 0;
    if (!unit_used || n > 100000)
        return 0;
    *ret_ms = n * unit;
    return used + unit_used;
}

static struct match rule_every(struct reader *r, size_t i)
{
    int64_t ms = 0;
    size_t every = ANY_AT(r, i, every_words);
    size_t used = every ? duration_at(r, i + every, true, &ms) : 0;
    if (!used && phrase_at(r, i, "hourly")) {
        every = 0;
        used = 1;
        ms = HOUR_MS;
    }
    if (!used || ms > EVERY_MOST)
        return (struct match){0};
    return (struct match){.at = i, .used = every + used, .field = FIELD_EVERY, .number = (int)ms};
}

static int64_t money_of(const char *text)
{
    int64_t n = digits_of(text + (*text == '$'));
    return n >= 0 && n <= FEE_MOST ? n : -1;
}

/* "fee up to $25", "at most $25 fee", "no fee", "any fee". */
static struct match rule_fee(struct reader *r, size_t i)
{
    int value;
    size_t used = NAMED_AT(r, i, fee_phrases, &value);
    if (used && value < 0)
        return (struct match){.at = i, .used = used, .field = FIELD_FEE, .number = -1};
    if (used && value == 0)
        return (struct match){.at = i, .used = used, .field = FIELD_FEE, .number = 0};
    int64_t n = used ? money_of(word_at(r, i + used)) : -1;
    if (n >= 0)
        return (struct match){.at = i, .used = used + 1, .field = FIELD_FEE, .number = (int)n};
    used = ANY_AT(r, i, at_most);
    n = used ? money_of(word_at(r, i + used)) : -1;
    size_t noun = n >= 0 ? ANY_AT(r, i + used + 1, fee_words) : 0;
    if (!noun)
        return (struct match){0};
    return (struct match){.at = i, .used = used + 1 + noun, .field = FIELD_FEE, .number = (int)n};
}

struct match rule_terms(struct reader *r, size_t i)
{
    struct match every = rule_every(r, i), fee = rule_fee(r, i);
    size_t longest = 0;
    int at = 0;
    for (size_t k = 0; k < r->lang->seatings.count; k++) {
        size_t used = phrase_at(r, i, r->lang->seatings.list[k].name);
        if (used > longest) {
            longest = used;
            at = (int)k;
        }
    }
    if (every.used || fee.used)
        return every.used ? every : fee;
    return (struct match){.at = i, .used = longest, .field = FIELD_SEATING, .number = at};
}

void terms_settle(struct reader *r)
{
    struct words *w = r->words;
    for (size_t i = 0; i < r->match_count; i++) {
        const struct match *m = &r->matches[i];
        if (m->field == FIELD_EVERY)
            w->every_ms = m->number;
        if (m->field == FIELD_FEE) {
            w->has_fee = true;
            w->max_fee = m->number;
        }
        if (m->field == FIELD_SEATING) {
            w->has_seating = true;
            utf8_copy(w->seating, sizeof(w->seating), r->lang->seatings.list[m->number].command);
        }
    }
}

int64_t words_duration(const char *text)
{
    struct reader r = {.lang = &english};
    int64_t ms = 0;
    words_cut(&r, text);
    size_t skip = ANY_AT(&r, 0, for_words), used = duration_at(&r, skip, false, &ms);
    return used && skip + used == r.count ? ms : 0;
}
