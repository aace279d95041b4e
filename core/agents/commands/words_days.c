/* Which days: what the rules understand. Which dates that is, words_dates.c knows. */
#include "core/agents/commands/words_inner.h"

#define LEAP_YEAR 2024 /* for days without a year: February 29 may come */
#define WEEKEND   0x41u

static struct match one_day(size_t at, size_t used, enum day_kind kind, struct date date, int n)
{
    return (struct match){
        .at = at, .used = used, .field = FIELD_DAY, .day = {.kind = kind, .date = date, .n = n}};
}

/* --- dates by number --- */

struct match rule_iso(struct reader *r, size_t i)
{
    int y, m, d, end = 0;
    char sep, sep2;
    const char *t = word_at(r, i);
    if (strspn(t, "0123456789") != 4 ||
        sscanf(t, "%4d%c%2d%c%2d%n", &y, &sep, &m, &sep2, &d, &end) != 5 || t[end] || sep != sep2 ||
        !strchr("-/.", sep))
        return (struct match){0};
    struct date date = {y, m, d};
    if (!date_valid(date))
        words_fail(r, "There is no such date as %s.", t);
    return one_day(i, 1, DAY_DATE, date, 0);
}

/* "12/12", "12/12/31" as month and day; 0: it is not one. */
static size_t slashes(const char *t, struct date *ret, bool *ret_year)
{
    int m, d, y = 0, end = 0, end2 = 0;
    if (*t < '0' || *t > '9' || sscanf(t, "%2d/%2d%n/%4d%n", &m, &d, &end, &y, &end2) < 2 || !end)
        return 0;
    if (y && y < 100)
        y += 2000;
    *ret = (struct date){y ? y : LEAP_YEAR, m, d};
    *ret_year = y;
    return (size_t)(end2 ? end2 : end);
}

/* "12.12.2031", as it is written where dots are: the day first. */
static bool dots(const char *t, struct date *ret)
{
    int m, d, y, end = 0;
    if (*t < '0' || *t > '9' || sscanf(t, "%2d.%2d.%4d%n", &d, &m, &y, &end) != 3 || t[end])
        return false;
    *ret = (struct date){y < 100 ? y + 2000 : y, m, d};
    return true;
}

/* "5-20": no window of times ends at 20 where 5 was in the evening. */
static bool dashes(const char *t, struct date *ret)
{
    int m, d, end = 0;
    if (*t < '0' || *t > '9' || sscanf(t, "%2d-%2d%n", &m, &d, &end) != 2 || t[end] || m > 12 ||
        d < 13)
        return false;
    *ret = (struct date){LEAP_YEAR, m, d};
    return true;
}

struct match rule_slashes(struct reader *r, size_t i)
{
    struct date date, until;
    bool year = true, year2;
    const char *t = word_at(r, i);
    size_t used = slashes(t, &date, &year), more = 0;
    bool range = used && t[used] == '-' && (more = slashes(t + used + 1, &until, &year2)) &&
                 !t[used + 1 + more];
    if (used && t[used] && !range)
        return (struct match){0};
    if (used && date.month > 12 && i + 1 < r->count && r->tokens[i + 1].capital && !year)
        return (struct match){0}; /* "24/7 Diner" */
    if (!used && !dots(t, &date)) {
        year = false;
        if (!dashes(t, &date))
            return (struct match){0};
    }
    if (!date_valid(date) || (range && !date_valid(until)))
        words_fail(r, "There is no such date as %s (I read month/day).", t);
    struct match m = one_day(i, 1, year ? DAY_DATE : DAY_OF_YEAR, date, 0);
    if (range)
        m.until = (struct day_words){.kind = year2 ? DAY_DATE : DAY_OF_YEAR, .date = until};
    return m;
}

/* "12", "12th"; 0: no day of a month. *ret_to: "12-14". */
static int day_number(const char *text, bool *ret_ordinal, int *ret_to)
{
    char *end;
    *ret_to = 0;
    if (*text < '0' || *text > '9')
        return 0;
    long n = strtol(text, &end, 10);
    *ret_ordinal = !strcmp(end, "st") || !strcmp(end, "nd") || !strcmp(end, "rd") ||
                   !strcmp(end, "th");
    if (*end == '-' && end[1] >= '0' && end[1] <= '9') {
        long to = strtol(end + 1, &end, 10);
        if (*end || to < 1 || to > 31)
            return 0;
        *ret_to = (int)to;
    } else if (*end && !*ret_ordinal) {
        return 0;
    }
    return n >= 1 && n <= 99 ? (int)n : 0;
}

static int month_at(const struct reader *r, size_t i)
{
    int month;
    return NAMED_AT(r, i, months, &month) ? month : -1;
}

struct match rule_month(struct reader *r, size_t i)
{
    bool ordinal;
    int to, month = month_at(r, i), day = day_number(word_at(r, i + 1), &ordinal, &to);
    size_t the, used = 2;
    if (month > 0 && !day && phrase_at(r, i + 1, "the")) { /* "december the 12th" */
        day = day_number(word_at(r, i + 2), &ordinal, &to);
        used = 3;
    }
    if (month < 0 || !day) {
        the = ANY_AT(r, i, the);
        day = day_number(word_at(r, i + the), &ordinal, &to);
        size_t at = i + the + 1 + ANY_AT(r, i + the + 1, of_words);
        month = month_at(r, at);
        used = at - i + 1;
        if (month < 0 || !day)
            return (struct match){0};
    }
    int64_t year = digits_of(word_at(r, i + used));
    bool has_year = year >= 2000 && year < 2200;
    struct date date = {has_year ? (int)year : LEAP_YEAR, month, day};
    struct date until = {date.year, month, to};
    if (!date_valid(date) || (to && !date_valid(until))) {
        char text[2 * TOKEN_TEXT + 2];
        snprintf(text, sizeof(text), "%s %s", word_at(r, i), word_at(r, i + 1));
        words_fail(r, "There is no such date as %s.", text);
    }
    enum day_kind kind = has_year ? DAY_DATE : DAY_OF_YEAR;
    struct match m = one_day(i, used + has_year, kind, date, 0);
    if (to)
        m.until = (struct day_words){.kind = kind, .date = until};
    return m;
}

/* "the 5th", "5th"; not "The 5th Floor". */
struct match rule_ordinal(struct reader *r, size_t i)
{
    bool ordinal = false;
    int to, value;
    size_t the = ANY_AT(r, i, the), used = 1;
    int day = day_number(word_at(r, i + the), &ordinal, &to);
    if (!day && the && (used = NAMED_AT(r, i + the, ordinals, &value))) {
        day = value;
        ordinal = true;
    }
    if (!day || !ordinal || to || (i + the + used < r->count && r->tokens[i + the + used].capital))
        return (struct match){0};
    if (day > 31)
        words_fail(r, "There is no such day as the %s.", word_at(r, i + the));
    return one_day(i, the + used, DAY_OF_MONTH, (struct date){0}, day);
}

/* --- days by name --- */

static int weekday_of(const struct reader *r, const char *text, size_t len)
{
    for (size_t k = 0; k < r->lang->weekdays.count; k++)
        if (strlen(r->lang->weekdays.list[k].name) == len &&
            !strncmp(r->lang->weekdays.list[k].name, text, len))
            return r->lang->weekdays.list[k].value;
    return -1;
}

/* "fri/sat", "fri-sun", "fri&sat" in one token. */
static struct match weekdays_in_one(const struct reader *r, size_t i)
{
    const char *t = word_at(r, i);
    size_t len = strcspn(t, "-/&+");
    if (!t[len])
        return (struct match){0};
    int from = weekday_of(r, t, len), to = weekday_of(r, t + len + 1, strlen(t + len + 1));
    if (from < 0 || to < 0)
        return (struct match){0};
    unsigned mask = 1u << from | 1u << to;
    for (int day = from; t[len] == '-' && day != to; day = (day + 1) % 7)
        mask |= 1u << day;
    return (struct match){
        .at = i, .used = 1, .field = FIELD_WEEKDAYS, .mask = mask, .several = true};
}

struct match rule_weekday(struct reader *r, size_t i)
{
    int day;
    size_t next = ANY_AT(r, i, prefix_next), prefix = next ? next : ANY_AT(r, i, prefix_this);
    struct match many = weekdays_in_one(r, i + prefix);
    if (many.used) {
        many.at = i;
        many.used += prefix;
        return many;
    }
    int mask;
    size_t class = NAMED_AT(r, i + prefix, weekday_classes, &mask);
    if (class)
        return (struct match){.at = i,
                              .used = prefix + class,
                              .field = FIELD_WEEKDAYS,
                              .mask = (unsigned)mask,
                              .several = true};
    size_t used = NAMED_AT(r, i + prefix, weekdays, &day);
    if (!used)
        return (struct match){0};
    if (next)
        return one_day(i, prefix + used, DAY_NEXT, (struct date){0}, day);
    return (struct match){.at = i,
                          .used = prefix + used,
                          .field = FIELD_WEEKDAYS,
                          .mask = 1u << day,
                          .weak = !prefix,
                          .number = day};
}

/* The day that "from" counts from: "today", "tomorrow", "friday"; DAY_OFFSET 0 if none is said. */
static size_t counted_from(const struct reader *r, size_t i, struct day_words *ret)
{
    int n;
    *ret = (struct day_words){.kind = DAY_OFFSET};
    size_t from = ANY_AT(r, i, from_day), used;
    if (!from)
        return 0;
    if ((used = phrase_at(r, i + from, "now")))
        return from + used;
    if ((used = NAMED_AT(r, i + from, offsets, &n))) {
        ret->n = n;
        return from + used;
    }
    size_t this = ANY_AT(r, i + from, prefix_this);
    if ((used = NAMED_AT(r, i + from + this, weekdays, &n))) {
        *ret = (struct day_words){.kind = DAY_WEEKDAY, .n = n};
        return from + this + used;
    }
    return 0;
}

/* "in the next 5 days", "over the next two weeks": from today on. */
static struct match rule_next_days(struct reader *r, size_t i)
{
    int unit;
    size_t lead = ANY_AT(r, i, in_words), used, number_used;
    lead = lead ? lead : phrase_at(r, i, "over") + phrase_at(r, i, "any time in");
    lead += phrase_at(r, i + lead, "the");
    size_t next = phrase_at(r, i + lead, "next");
    int64_t n = next ? number_at(r, i + lead + next, &number_used) : -1;
    if (n < 1 || n > 60 || !(used = NAMED_AT(r, i + lead + next + number_used, day_units, &unit)))
        return (struct match){0};
    struct match m = one_day(i, lead + next + number_used + used, DAY_OFFSET, (struct date){0}, 0);
    m.until = (struct day_words){.kind = DAY_OFFSET, .n = (int)n * unit};
    return m;
}

/* "in 3 days", "two weeks from today", "a week from friday". */
static struct match rule_counted(struct reader *r, size_t i)
{
    int unit;
    size_t in = ANY_AT(r, i, in_words), number_used, unit_used;
    int64_t n = number_at(r, i + in, &number_used);
    if (n < 0 && (word_is(r, i + in, "a") || word_is(r, i + in, "one"))) {
        n = 1;
        number_used = 1;
    }
    if (n < 0 || n > 366)
        return (struct match){0};
    size_t at = i + in + number_used;
    unit_used = NAMED_AT(r, at, day_units, &unit);
    if (!unit_used)
        return (struct match){0};
    at += unit_used;
    struct match m = one_day(i, 0, DAY_OFFSET, (struct date){0}, 0);
    size_t from = counted_from(r, at, &m.day);
    if (!in && !from)
        return (struct match){0};
    m.day.plus = (int)n * unit;
    m.used = at + from - i;
    return m;
}

struct match rule_relative(struct reader *r, size_t i)
{
    int n;
    size_t used = NAMED_AT(r, i, offsets, &n);
    if (used)
        return one_day(i, used, DAY_OFFSET, (struct date){0}, n);
    used = ANY_AT(r, i, tonight);
    if (used)
        return one_day(i, used, DAY_TONIGHT, (struct date){0}, 0);
    struct match next = rule_next_days(r, i);
    return next.used ? next : rule_counted(r, i);
}

struct match rule_holiday(struct reader *r, size_t i)
{
    size_t longest = 0, best = 0;
    size_t prefix = ANY_AT(r, i, prefix_this);
    for (size_t k = 0; k < r->lang->holidays.count; k++) {
        size_t used = phrase_at(r, i + prefix, r->lang->holidays.list[k].name);
        if (used > longest) {
            longest = used;
            best = k;
        }
    }
    if (!longest)
        return (struct match){0};
    return one_day(i, prefix + longest, DAY_HOLIDAY, (struct date){0}, (int)best);
}

struct match rule_many_days(struct reader *r, size_t i)
{
    int n, month;
    size_t any = ANY_AT(r, i, any_day);
    if (any)
        any += phrase_at(r, i + any, "of") + phrase_at(r, i + any, "in");
    size_t used = NAMED_AT(r, i + any, weeks, &n);
    if (used)
        return one_day(i, any + used, DAY_WEEK, (struct date){0}, n);
    used = NAMED_AT(r, i + any, weekends, &n);
    if (used)
        return one_day(i, any + used, DAY_WEEKEND, (struct date){0}, n);
    used = NAMED_AT(r, i + any, month_words, &n);
    if (used)
        return one_day(i, any + used, DAY_MONTH, (struct date){0}, n);
    size_t in = any && (word_is(r, i + any - 1, "in") || word_is(r, i + any - 1, "of"))
                    ? 0
                    : ANY_AT(r, i + any, in_words);
    in += phrase_at(r, i + any + in, "of");
    bool said = in || (any && word_is(r, i + any - 1, "in"));
    size_t next = ANY_AT(r, i + any + in, prefix_next), this = phrase_at(r, i + any + in, "this");
    size_t lead = any + in + MAX_OF(next, this);
    month = month_at(r, i + lead);
    if (month > 0 && (said || next || this))
        return one_day(i, lead + 1, DAY_MONTH, (struct date){LEAP_YEAR, month, 1}, 0);
    return any ? (struct match){.at = i, .used = any, .field = FIELD_NOTHING, .weak = true}
               : (struct match){0};
}

/* --- putting them together --- */

static bool is_base(const struct match *m)
{
    return m->field == FIELD_DAY &&
           (m->day.kind == DAY_WEEK || m->day.kind == DAY_WEEKEND || m->day.kind == DAY_MONTH);
}

static void add_day(struct words *w, struct day_words day)
{
    if (w->day_count < WORDS_DAYS)
        w->days[w->day_count++] = day;
}

/* The words between two days. */
enum joint { JOINT_NONE, JOINT_OR, JOINT_TO };
static enum joint joint_of(const struct reader *r, const struct match *a, const struct match *b)
{
    if (joined_by(r, a, b, r->lang->range_to.list, r->lang->range_to.count))
        return JOINT_TO;
    if (joined_by(r, a, b, r->lang->or_words.list, r->lang->or_words.count))
        return JOINT_OR;
    return JOINT_NONE;
}

static unsigned mask_range(int from, int to)
{
    unsigned mask = 1u << to;
    for (int day = from; day != to; day = (day + 1) % 7)
        mask |= 1u << day;
    return mask;
}

static bool has_month(const struct match **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i]->field == FIELD_DAY && list[i]->day.kind == DAY_MONTH)
            return true;
    return false;
}

static void settle_with_base(struct reader *r, const struct match **list, size_t count)
{
    struct words *w = r->words;
    for (size_t i = 0; i < count; i++) {
        const struct match *m = list[i];
        bool of_month = m->day.kind == DAY_WEEKEND && !m->day.n && has_month(list, count);
        if (m->field == FIELD_DAY && of_month) { /* "any weekend in december" */
            w->weekdays |= WEEKEND;
        } else if (is_base(m)) {
            add_day(w, m->day);
        } else if (m->field == FIELD_WEEKDAYS) {
            bool range = i && list[i - 1]->field == FIELD_WEEKDAYS && !m->several &&
                         joint_of(r, list[i - 1], m) == JOINT_TO;
            w->weekdays |= range ? mask_range(list[i - 1]->number, m->number) : m->mask;
        } else if (m->day.kind == DAY_NEXT) {
            w->weekdays |= 1u << m->day.n;
        } else {
            add_day(w, m->day);
            w->agree = true;
        }
    }
}

static struct day_words day_of(const struct match *m)
{
    return m->field == FIELD_WEEKDAYS ? (struct day_words){.kind = DAY_WEEKDAY, .n = m->number}
                                      : m->day;
}

static void settle_list(struct reader *r, const struct match **list, size_t count)
{
    struct words *w = r->words;
    for (size_t i = 0; i < count; i++) {
        const struct match *m = list[i];
        enum joint joint = i ? joint_of(r, list[i - 1], m) : JOINT_NONE;
        if (m->field == FIELD_WEEKDAYS && m->several) { /* of the seven days to come */
            w->weekdays |= m->mask;
            continue;
        }
        add_day(w, day_of(m));
        if (m->until.kind != DAY_NONE) {
            add_day(w, m->until);
            w->range = true;
        }
        w->range = w->range || joint == JOINT_TO;
        w->agree = w->agree || (i && joint == JOINT_NONE);
    }
    if (w->weekdays && !w->day_count) {
        add_day(w, (struct day_words){.kind = DAY_OFFSET});
        add_day(w, (struct day_words){.kind = DAY_OFFSET, .n = 6});
        w->range = true;
    }
}

/* "Thursday Kitchen tomorrow": a weekday that begins a name, where another day is said. */
static bool is_of_name(const struct reader *r, const struct match *m, size_t days)
{
    size_t next = m->at + m->used;
    return m->field == FIELD_WEEKDAYS && m->weak && days > 1 && r->tokens[m->at].capital &&
           next < r->count && !r->tokens[next].taken && r->tokens[next].capital;
}

void days_settle(struct reader *r)
{
    const struct match *list[MATCHES];
    size_t count = 0, all = 0;
    bool base = false;
    for (size_t i = 0; i < r->match_count; i++)
        all += r->matches[i].field == FIELD_DAY || r->matches[i].field == FIELD_WEEKDAYS;
    for (size_t i = 0; i < r->match_count; i++) {
        struct match *m = &r->matches[i];
        if (m->field != FIELD_DAY && m->field != FIELD_WEEKDAYS)
            continue;
        if (is_of_name(r, m, all)) {
            for (size_t k = m->at; k < m->at + m->used; k++)
                r->tokens[k].taken = false;
            all--;
            continue;
        }
        base = base || is_base(m);
        list[count++] = m;
    }
    if (base)
        settle_with_base(r, list, count);
    else
        settle_list(r, list, count);
    if (r->words->range && r->words->day_count > 2)
        words_fail(r, "That is more than one range of days%s. One wish at a time, please.", "");
}
