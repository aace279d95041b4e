/* When: clock times, windows and meals. Minutes of the service day; over 1439 is the night after.
 */
#include "core/agents/commands/words_inner.h"

#include "core/base/utf8.h"
#include "core/services/services.h"

#include <ctype.h>

#define NIGHT_ENDS (5 * 60) /* times before it are of the night after the day that was said */
#define EVENING    (17 * 60)
#define SMALL_HOUR 4 /* nobody dines at four: "at 4 Charles" begins a name */

struct clock_word {
    int minute;    /* -1: no time; -2: one that does not exist */
    bool explicit; /* am, pm or a colon: a time even without "at" */
    bool half;     /* am or pm was said */
    bool ish;
    size_t used;
};

static const struct clock_word no_clock = {.minute = -1};

/* "pm" and the like, alone. */
static bool half_of(const struct reader *r, const char *text, int *ret_add)
{
    for (size_t i = 0; i < r->lang->halves.count; i++)
        if (!strcmp(r->lang->halves.list[i].name, text)) {
            *ret_add = r->lang->halves.list[i].value;
            return true;
        }
    return false;
}

static size_t half_at(const struct reader *r, size_t i, int *ret_add)
{
    size_t used = NAMED_AT(r, i, halves, ret_add);
    return used == 1 && strlen(word_at(r, i)) < 2 ? 0 : used; /* "a" and "p" only behind a number */
}

/* Hours without am or pm are those of meals: 1 to 10 are in the evening. */
static int settle_hour(int hour, bool half, int add, bool padded)
{
    if (half)
        return hour >= 1 && hour <= 12 ? hour % 12 + add : -1;
    if (hour > 24)
        return -1;
    return hour >= 1 && hour <= 10 && !padded ? hour + 12 : hour % 24;
}

static int after_midnight(int minute)
{
    return minute < NIGHT_ENDS ? minute + 1440 : minute;
}

/* Three or four digits: hours and minutes, if am or pm follow or it is 13:00 and over. */
static bool digits_apart(const char *text, bool half, int *hour, int *minute)
{
    size_t len = strspn(text, "0123456789");
    int n = (len == 3 || len == 4) ? (int)strtol(text, NULL, 10) : -1;
    if (n < 0 || n % 100 > 59 || (!half && (len < 4 || n < 1300 || n > 2359)))
        return false;
    *hour = n / 100;
    *minute = n % 100;
    return true;
}

/* "half past seven", "quarter to 8", "eight o'clock", "eight pm". */
static struct clock_word spelled(const struct reader *r, size_t i)
{
    size_t half = ANY_AT(r, i, half_past), past = ANY_AT(r, i, quarter_past);
    size_t to = ANY_AT(r, i, quarter_to), lead = MAX_OF(MAX_OF(half, past), to), used;
    int64_t hour = number_at(r, i + lead, &used);
    if (hour < 1 || hour > 12 || (!lead && *word_at(r, i) >= '0' && *word_at(r, i) <= '9'))
        return no_clock;
    int add = 0, minute = half ? 30 : past ? 15 : to ? -15 : 0;
    struct clock_word got = {.explicit = lead, .used = lead + used};
    size_t oclock = ANY_AT(r, i + got.used, oclock);
    size_t more = lead || oclock ? 0 : NAMED_AT(r, i + got.used, minutes, &minute);
    got.used += oclock + more;
    size_t half_used = half_at(r, i + got.used, &add);
    got.used += half_used;
    got.half = half_used;
    got.explicit = lead || oclock || half_used || more;
    got.minute = after_midnight(settle_hour((int)hour, half_used, add, false) * 60 + minute);
    return got;
}

/* What stands behind the digits of one token: "", ":30", "pm", ":30pm", "ish". */
static struct clock_word digits(const struct reader *r, size_t i)
{
    struct clock_word got = {.minute = -1, .explicit = true, .used = 1};
    const char *t = word_at(r, i);
    int hour, minute = 0, end = 0, add = 0;
    if (*t < '0' || *t > '9' || sscanf(t, "%2d%n", &hour, &end) != 1)
        return no_clock;
    const char *rest = t + end;
    bool colon = (*rest == ':' || *rest == '.') && rest[1] >= '0' && rest[1] <= '9';
    if (colon) {
        int more = 0;
        if (sscanf(rest + 1, "%2d%n", &minute, &more) != 1 || more != 2)
            return no_clock;
        rest += 1 + more;
        if (!strncmp(rest, ":00", 3))
            rest += 3;
    }
    if (!colon && strspn(t, "0123456789") > 2) /* "730pm", "1930" */
        rest = t + strspn(t, "0123456789");
    size_t tail = strlen(rest);
    got.ish = (tail >= 3 && !strcmp(rest + tail - 3, "ish")) || !strcmp(rest, "-ish") ||
              !strcmp(rest, "+");
    bool half = half_of(r, rest, &add), at_once = half || got.ish;
    if (*rest && !at_once)
        return no_clock;
    size_t oclock = *rest ? 0 : ANY_AT(r, i + 1, oclock);
    size_t apart_used = half ? 0 : half_at(r, i + 1 + oclock, &add);
    got.used += oclock + apart_used;
    half = half || apart_used;
    bool apart = !colon && digits_apart(t, half, &hour, &minute);
    colon = colon || apart;
    hour = settle_hour(hour, half, add, colon && *t == '0');
    if (hour < 0 || minute > 59)
        return (struct clock_word){-2, colon || half, half, false, got.used};
    got.minute = after_midnight(hour * 60 + minute);
    got.explicit = (colon && !apart) || half || got.ish || oclock;
    got.half = half;
    return got;
}

/* "before noon": the word before it says how it is meant. */
static bool way_ends_at(const struct reader *r, size_t i)
{
    for (size_t k = 0; k < r->lang->ways.count && i; k++) {
        const char *name = r->lang->ways.list[k].name, *last = strrchr(name, ' ');
        if (word_is(r, i - 1, last ? last + 1 : name))
            return true;
    }
    return false;
}

static struct clock_word clock_at(const struct reader *r, size_t i)
{
    const char *t = word_at(r, i);
    bool noon = !strcmp(t, r->lang->noon), midnight = !strcmp(t, r->lang->midnight);
    bool beside = i && r->tokens[i - 1].taken, last = i + 1 >= r->count;
    bool said = i && !r->tokens[i - 1].taken && ANY_AT(r, i - 1, fillers);
    if ((noon || midnight) &&
        (beside || last || said || way_ends_at(r, i))) /* "Midnight Anchovy" */
        return (struct clock_word){noon ? 720 : 1440, true, true, false, 1};
    struct clock_word got = digits(r, i);
    return got.minute == -1 ? spelled(r, i) : got;
}

static struct match window(size_t at, size_t used, int from, int to, bool open)
{
    return (struct match){.at = at,
                          .used = used,
                          .field = FIELD_TIME,
                          .from = MAX_OF(from, 0),
                          .to = MIN_OF(to, ANY_TIME_TO),
                          .open = open};
}

/* --- from … to --- */

/* The end comes after the start: in the evening if nobody said which half, or the night after; or
 * the start was in the morning ("10-1pm"). */
static void settle_span(struct clock_word *from, struct clock_word *to)
{
    if (to->minute <= from->minute && !to->half && to->minute + 720 > from->minute &&
        to->minute < 720)
        to->minute += 720;
    else if (to->minute <= from->minute && !from->half && from->minute - 720 < to->minute &&
             from->minute >= 720)
        from->minute -= 720;
    else if (to->minute <= from->minute)
        to->minute += 1440;
}

static struct match span(size_t at, size_t used, struct clock_word from, struct clock_word to)
{
    bool open = !from.half && !to.half;
    settle_span(&from, &to);
    return window(at, used, from.minute, to.minute, open);
}

/* "7-9pm", "18:00-20:00" in one token. */
static struct match dashed(const struct reader *r, size_t i)
{
    const char *t = word_at(r, i), *dash = strchr(t, '-');
    if (!dash || strchr(dash + 1, '-') || *t < '0' || *t > '9' ||
        (strspn(t, "0123456789") == 4 && strlen(dash + 1) != 4)) /* "2031-05" is a month */
        return (struct match){0};
    struct reader two = {.lang = r->lang, .count = 2};
    utf8_copy(two.tokens[0].low, MIN_OF((size_t)(dash - t) + 1, (size_t)TOKEN_TEXT), t);
    utf8_copy(two.tokens[1].low, TOKEN_TEXT, dash + 1);
    int add;
    size_t apart = digits_of(dash + 1) >= 0 ? half_at(r, i + 1, &add) : 0; /* "7-9 pm" */
    size_t room = TOKEN_TEXT - strlen(two.tokens[1].low) - 1;
    if (apart && room > 2)
        strncat(two.tokens[1].low, add ? "pm" : "am", room);
    struct clock_word from = clock_at(&two, 0), to = clock_at(&two, 1);
    if (from.minute < 0 || to.minute < 0)
        return (struct match){0};
    return span(i, 1 + apart, from, to);
}

/* "between 7 and 9", "from 7 to 9", "7 - 9pm", "7 to 9pm", "7 or 8", "from 7 on". */
struct match rule_span(struct reader *r, size_t i)
{
    struct match one = dashed(r, i);
    if (one.used)
        return one;
    size_t between = ANY_AT(r, i, between), lead = between ? between : ANY_AT(r, i, from_words);
    bool said = lead;
    if (!said) /* "at 7 or 8" */
        lead = phrase_at(r, i, "at") + phrase_at(r, i, "around") + phrase_at(r, i, "about");
    struct clock_word from = clock_at(r, i + lead);
    if (from.minute < 0)
        return (struct match){0};
    size_t at = i + lead + from.used;
    size_t joint = ANY_AT(r, at, to_words);
    if (joint && !between && word_is(r, at, "and"))
        joint = 0;
    if (!joint && !said)
        joint = phrase_at(r, at, "or");
    struct clock_word to = joint ? clock_at(r, at + joint) : no_clock;
    if (to.minute < 0) {
        if (!said || between)
            return (struct match){0};
        size_t on = phrase_at(r, at, "on") + phrase_at(r, at, "onwards") +
                    phrase_at(r, at, "onward");
        return window(i, lead + from.used + on, from.minute, ANY_TIME_TO, !from.half);
    }
    /* "7 to 9" alone could be anything; with am, pm or a colon it is a time. */
    if (!said && !lead && !from.explicit && !to.explicit && !word_is(r, at, "-"))
        return (struct match){0};
    return span(i, lead + from.used + joint + to.used, from, to);
}

/* --- one time --- */

static const struct way *way_at(const struct reader *r, size_t i, bool after, size_t *ret_used)
{
    const struct way *list = after ? r->lang->ways_after.list : r->lang->ways.list, *best = NULL;
    size_t count = after ? r->lang->ways_after.count : r->lang->ways.count;
    *ret_used = 0;
    for (size_t k = 0; k < count; k++) {
        size_t used = phrase_at(r, i, list[k].name);
        if (used > *ret_used) {
            *ret_used = used;
            best = &list[k];
        }
    }
    return best;
}

/* "at 4 Charles": a small bare hour and then a name. */
static bool begins_name(const struct reader *r, size_t i, const struct clock_word *t)
{
    int64_t n = digits_of(word_at(r, i));
    return !t->explicit && n >= 1 && n <= SMALL_HOUR && i + 1 < r->count &&
           r->tokens[i + 1].capital;
}

struct match rule_clock(struct reader *r, size_t i)
{
    size_t skip, after_used;
    const struct way *way = way_at(r, i, false, &skip);
    if (!skip)
        skip = phrase_at(r, i, "for");
    struct clock_word t = clock_at(r, i + skip);
    if (t.minute == -2 && t.explicit) {
        words_fail(r, "There is no such time as %s.", word_at(r, i + skip));
        return window(i, skip + t.used, 0, 0, false);
    }
    if (t.minute < 0 || begins_name(r, i + skip, &t))
        return (struct match){0};
    const struct way *after = way_at(r, i + skip + t.used, true, &after_used);
    if (after_used == 1 && word_is(r, i + skip + t.used, "on") && !word_is(r, i, "from"))
        after_used = 0; /* "at 8 on friday" */
    /* "1930" beside a day is a time; alone it may be a name. */
    bool beside = i && r->tokens[i - 1].taken && strlen(word_at(r, i)) == 4 &&
                  digits_of(word_at(r, i)) > 0;
    size_t ish = ANY_AT(r, i + skip + t.used, ish);
    if (!t.explicit && !way && !beside && !after_used && !ish)
        return (struct match){0};
    size_t used = skip + t.used + (after_used ? after_used : ish);
    int before = way ? way->before : r->lang->ways.list[0].before;
    int later = way ? way->after : r->lang->ways.list[0].after;
    if (after_used) {
        before = after->before;
        later = after->after;
    }
    return window(i, used, before < 0 ? 0 : t.minute - before,
                  later < 0 ? ANY_TIME_TO : t.minute + later, !t.half);
}

/* --- meals and parts of a day --- */

struct match rule_meal(struct reader *r, size_t i)
{
    const struct meal *best = NULL;
    size_t longest = 0, skip = phrase_at(r, i, "for") + phrase_at(r, i, "for a");
    skip = MIN_OF(skip, 2);
    skip = skip ? skip : phrase_at(r, i, "at") + phrase_at(r, i, "a");
    int prefer;
    size_t used = NAMED_AT(r, i, prefers, &prefer);
    if (used)
        return (struct match){.at = i, .used = used, .field = FIELD_PREFER, .number = prefer};
    used = ANY_AT(r, i, any_time);
    if (used)
        return (struct match){.at = i, .used = used, .field = FIELD_ANY_TIME};
    for (size_t k = 0; k < r->lang->meals.count; k++) {
        used = phrase_at(r, i + skip, r->lang->meals.list[k].name);
        if (used > longest) {
            longest = used;
            best = &r->lang->meals.list[k];
        }
    }
    if (!best || (best->weak && skip && word_is(r, i, "a")))
        return (struct match){0};
    return (struct match){.at = i,
                          .used = skip + longest,
                          .field = FIELD_MEAL,
                          .from = best->from,
                          .to = best->to,
                          .open = best->morning,
                          .weak = best->weak};
}

/* --- together --- */

/* Two windows of meals are what they share ("late dinner"), or both ("lunch or dinner"). */
static void add_meal(struct reader *r, const struct match *m, bool either)
{
    struct words *w = r->words;
    if (!w->has_time) {
        w->has_time = true;
        w->from_minute = m->from;
        w->to_minute = m->to;
    } else if (either) {
        w->from_minute = MIN_OF(w->from_minute, m->from);
        w->to_minute = MAX_OF(w->to_minute, m->to);
    } else if (MAX_OF(w->from_minute, m->from) < MIN_OF(w->to_minute, m->to)) {
        w->from_minute = MAX_OF(w->from_minute, m->from);
        w->to_minute = MIN_OF(w->to_minute, m->to);
    }
}

/* "breakfast at 9" is not in the evening. */
static struct match in_the_morning(struct match m)
{
    if (m.open && m.from >= 720 + 6 * 60 && m.from < 1440 && m.to < ANY_TIME_TO) {
        m.from -= 720;
        m.to -= 720;
    }
    return m;
}

/* Meals, "any time", "as late as possible". True: in the morning. */
static bool settle_meals(struct reader *r)
{
    const struct match *meal = NULL;
    bool morning = false;
    for (size_t i = 0; i < r->match_count; i++) {
        const struct match *m = &r->matches[i];
        if (m->field == FIELD_MEAL) {
            bool either = meal &&
                          joined_by(r, meal, m, r->lang->or_words.list, r->lang->or_words.count);
            morning = (morning || !meal) && m->open;
            add_meal(r, m, either);
            meal = m;
        } else if (m->field == FIELD_ANY_TIME) {
            r->words->has_time = r->words->any_time = true;
        } else if (m->field == FIELD_PREFER) {
            r->words->prefer = (enum prefer)m->number;
        }
    }
    return morning;
}

/* "tonight" is no lunch. */
static void settle_tonight(struct reader *r)
{
    for (size_t i = 0; i < r->match_count; i++)
        if (r->matches[i].field == FIELD_DAY && r->matches[i].day.kind == DAY_TONIGHT &&
            !r->words->has_time) {
            r->words->has_time = true;
            r->words->from_minute = EVENING;
            r->words->to_minute = ANY_TIME_TO;
        }
}

/* A second window: the first one too ("at 7 or 9"), or what both leave ("after 7, before 9").
 * False: they contradict. */
static bool add_second(struct words *w, const struct match *m, bool either)
{
    bool open_ended = m->from == 0 || m->to == ANY_TIME_TO || w->from_minute == 0 ||
                      w->to_minute == ANY_TIME_TO;
    bool share = m->from <= w->to_minute && m->to >= w->from_minute;
    if (either && !open_ended) {
        w->from_minute = MIN_OF(w->from_minute, m->from);
        w->to_minute = MAX_OF(w->to_minute, m->to);
        return true;
    }
    w->from_minute = MAX_OF(w->from_minute, m->from);
    w->to_minute = MIN_OF(w->to_minute, m->to);
    return share;
}

void times_settle(struct reader *r)
{
    const struct match *clock = NULL;
    struct words *w = r->words;
    bool morning = settle_meals(r);
    settle_tonight(r);
    for (size_t i = 0; i < r->match_count && !r->failed; i++) {
        struct match m = r->matches[i];
        if (m.field != FIELD_TIME)
            continue;
        if (morning)
            m = in_the_morning(m);
        bool either = clock && joined_by(r, clock, &r->matches[i], r->lang->or_words.list,
                                         r->lang->or_words.count);
        w->has_time = true;
        w->any_time = false;
        if (clock && !add_second(w, &m, either))
            words_fail(r, "I read two times there (%s …). One wish at a time, please.",
                       word_at(r, r->matches[i].at));
        if (!clock) {
            w->from_minute = m.from;
            w->to_minute = m.to;
        }
        clock = &r->matches[i];
    }
}
