/* A line is cut into tokens; each rule looks at the token where it stands and takes as many as it
 * understands. What no rule took is the name. */
#include "core/agents/commands/words.h"

#include "core/base/utf8.h"
#include "core/services/services.h"

#include <ctype.h>

#define TOKENS     64
#define TOKEN_TEXT 48
#define AROUND     60       /* minutes each side of a time that is not said to be exact */
#define NIGHT_ENDS (5 * 60) /* times before it are of the night after the day that was said */

struct token {
    const char *at; /* in the text, with its original letters */
    size_t len;
    char low[TOKEN_TEXT]; /* lower case, without punctuation at its end */
    bool taken;
};

struct reader {
    struct token tokens[TOKENS];
    size_t count;
    struct words *words;
    struct err *err;
    bool failed;
};

struct named {
    const char *name;
    int value;
};

static const struct named weekdays[] = {
    {"sunday", 0}, {"sun", 0},    {"monday", 1},    {"mon", 1},      {"tuesday", 2}, {"tue", 2},
    {"tues", 2},   {"wed", 3},    {"wednesday", 3}, {"thursday", 4}, {"thu", 4},     {"thur", 4},
    {"thurs", 4},  {"friday", 5}, {"fri", 5},       {"saturday", 6}, {"sat", 6},
};
static const struct named months[] = {
    {"january", 1},   {"jan", 1},   {"february", 2},  {"feb", 2},      {"march", 3},
    {"mar", 3},       {"april", 4}, {"apr", 4},       {"may", 5},      {"june", 6},
    {"jun", 6},       {"july", 7},  {"jul", 7},       {"august", 8},   {"aug", 8},
    {"september", 9}, {"sep", 9},   {"sept", 9},      {"october", 10}, {"oct", 10},
    {"november", 11}, {"nov", 11},  {"december", 12}, {"dec", 12},
};
static const struct named numbers[] = {
    {"one", 1},   {"two", 2},   {"three", 3}, {"four", 4}, {"five", 5},    {"six", 6},
    {"seven", 7}, {"eight", 8}, {"nine", 9},  {"ten", 10}, {"eleven", 11}, {"twelve", 12},
};
static const struct named days_off[] = {
    {"today", 0},     {"tomorrow", 1}, {"tomorow", 1}, {"tommorow", 1},
    {"tommorrow", 1}, {"tmrw", 1},     {"tmw", 1},
};
static const struct {
    const char *name;
    int from, to;
} meals[] = {
    {"breakfast", 8 * 60, 10 * 60 + 30},
    {"brunch", 10 * 60 + 30, 14 * 60},
    {"lunch", 11 * 60 + 30, 14 * 60 + 30},
    {"dinner", 17 * 60 + 30, 21 * 60 + 30},
};
static const char *const fillers[] = {"at", "on", "for", "in", "a", "table", "please", "the", "of"};

static int look_up(const struct named *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(table[i].name, name))
            return table[i].value;
    return -1;
}
#define LOOK_UP(table, name) look_up(table, ARRAY_LEN(table), name)

static const char *low(const struct reader *r, size_t i)
{
    return i < r->count && !r->tokens[i].taken ? r->tokens[i].low : "";
}

static bool is(const struct reader *r, size_t i, const char *word)
{
    return !strcmp(low(r, i), word);
}

static void cut(struct reader *r, const char *text)
{
    while (*text && r->count < TOKENS) {
        text += strspn(text, " \t\r\n");
        size_t len = strcspn(text, " \t\r\n");
        if (!len)
            break;
        struct token *t = &r->tokens[r->count++];
        *t = (struct token){.at = text, .len = len};
        size_t n = MIN_OF(len, (size_t)TOKEN_TEXT - 1);
        for (size_t i = 0; i < n; i++)
            t->low[i] = (char)tolower((unsigned char)text[i]);
        while (n && strchr(",.;!?", t->low[n - 1]))
            t->low[--n] = '\0';
        text += len;
    }
}

/* A whole token of digits; -1: it is none, or beyond any sense. */
static int64_t number(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 9)
        return -1;
    long long n = strtoll(text, &end, 10);
    return *end ? -1 : n;
}

static int64_t count_word(const char *text)
{
    int64_t n = number(text);
    return n >= 0 ? n : LOOK_UP(numbers, text);
}

static void fail(struct reader *r, const char *say, const char *word)
{
    if (r->failed)
        return;
    r->failed = true;
    auto_str shown = STR_INIT(60);
    str_add_shown(&shown, word, strlen(word));
    err_set(r->err, ERR_INPUT, NULL, "%s", shown.buf);
    err_say(r->err, say, shown.buf);
}

/* --- days --- */

static size_t set_day(struct reader *r, enum day_kind kind, struct date date, int n, size_t used)
{
    r->words->day = (struct day_words){kind, date, n};
    return used;
}

static size_t read_iso(struct reader *r, size_t i)
{
    int y, m, d, end = 0;
    const char *t = low(r, i);
    if (sscanf(t, "%4d-%2d-%2d%n", &y, &m, &d, &end) != 3 || t[end] || strspn(t, "0123456789") != 4)
        return 0;
    struct date date = {y, m, d};
    if (!date_valid(date))
        fail(r, "There is no such date as %s.", t);
    return set_day(r, DAY_DATE, date, 0, 1);
}

static size_t read_slashes(struct reader *r, size_t i)
{
    int m, d, y = 0, end = 0, end2 = 0;
    const char *t = low(r, i);
    if (sscanf(t, "%2d/%2d%n/%4d%n", &m, &d, &end, &y, &end2) < 2)
        return 0;
    if (t[end2 ? end2 : end] || *t < '0' || *t > '9')
        return 0;
    if (y && y < 100)
        y += 2000;
    struct date date = {y ? y : 2024, m, d}; /* a leap year: February 29 may come */
    if (!date_valid(date))
        fail(r, "There is no such date as %s (I read month/day).", t);
    return set_day(r, y ? DAY_DATE : DAY_OF_YEAR, date, 0, 1);
}

/* "12", "12th"; 0: no day of a month. */
static int day_number(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return 0;
    long n = strtol(text, &end, 10);
    bool ordinal = !*end || !strcmp(end, "st") || !strcmp(end, "nd") || !strcmp(end, "rd") ||
                   !strcmp(end, "th");
    return ordinal && n >= 1 && n <= 99 ? (int)n : 0;
}

static size_t read_month(struct reader *r, size_t i)
{
    int month = LOOK_UP(months, low(r, i)), day = day_number(low(r, i + 1));
    size_t used = 2;
    if (month < 0 || !day) {
        day = day_number(low(r, i));
        size_t at = is(r, i + 1, "of") ? i + 2 : i + 1;
        month = LOOK_UP(months, low(r, at));
        used = at - i + 1;
        if (month < 0 || !day)
            return 0;
    }
    int64_t year = number(low(r, i + used));
    bool has_year = year >= 2000 && year < 2200;
    struct date date = {has_year ? (int)year : 2024, month, day};
    if (!date_valid(date)) {
        char text[2 * TOKEN_TEXT + 2];
        snprintf(text, sizeof(text), "%s %s", r->tokens[i].low, r->tokens[i + 1].low);
        fail(r, "There is no such date as %s.", text);
    }
    return set_day(r, has_year ? DAY_DATE : DAY_OF_YEAR, date, 0, used + has_year);
}

static size_t read_weekday(struct reader *r, size_t i)
{
    bool next = is(r, i, "next"), prefix = next || is(r, i, "this") || is(r, i, "on");
    int day = LOOK_UP(weekdays, low(r, i + prefix));
    if (day < 0)
        return 0;
    return set_day(r, next ? DAY_NEXT : DAY_WEEKDAY, (struct date){0}, day, 1u + prefix);
}

static size_t read_relative(struct reader *r, size_t i)
{
    int off = LOOK_UP(days_off, low(r, i));
    if (off >= 0)
        return set_day(r, DAY_OFFSET, (struct date){0}, off, 1);
    if (is(r, i, "tonight") || is(r, i, "tonite"))
        return set_day(r, DAY_TONIGHT, (struct date){0}, 0, 1);
    if (is(r, i, "this") && is(r, i + 1, "evening"))
        return set_day(r, DAY_TONIGHT, (struct date){0}, 0, 2);
    if (is(r, i, "day") && is(r, i + 1, "after") && is(r, i + 2, "tomorrow"))
        return set_day(r, DAY_OFFSET, (struct date){0}, 2, 3);
    int64_t n = count_word(low(r, i + 1));
    if (is(r, i, "in") && n >= 0 && n < 1000 && (is(r, i + 2, "days") || is(r, i + 2, "day")))
        return set_day(r, DAY_OFFSET, (struct date){0}, (int)n, 3);
    return 0;
}

/* --- people --- */

static bool is_people(const struct reader *r, size_t i)
{
    static const char *const words[] = {"people", "person", "persons", "guests", "guest",
                                        "ppl",    "pax",    "adults",  "of"};
    for (size_t k = 0; k + 1 < ARRAY_LEN(words); k++)
        if (is(r, i, words[k]))
            return true;
    return is(r, i, "of") && is(r, i + 1, "us");
}

static size_t read_party(struct reader *r, size_t i)
{
    size_t at = i + is(r, i, "a");
    bool group = (is(r, at, "party") || is(r, at, "group")) && is(r, at + 1, "of");
    if (group || (is(r, at, "table") && is(r, at + 1, "for")))
        at += 2;
    else if (is(r, i, "for"))
        at = i + 1;
    else
        at = i;
    int64_t n = count_word(low(r, at));
    if (n < 0 || (at == i && !is_people(r, i + 1)))
        return 0;
    /* "for 8pm" is no party, nor is "for 7:30"; number() refused them. */
    r->words->party = n;
    size_t used = at - i + 1;
    if (is_people(r, at + 1))
        used += is(r, at + 1, "of") ? 2 : 1;
    return used;
}

/* --- times --- */

struct clock_word {
    int minute;     /* -1: no time */
    bool explicit;  /* am, pm or a colon: a time even without "at" */
    bool said_half; /* am or pm */
    size_t used;
};

static bool half_of_day(const char *text, int *ret_add)
{
    *ret_add = !strcmp(text, "pm") || !strcmp(text, "p.m") || !strcmp(text, "p") ? 12 : 0;
    return *ret_add || !strcmp(text, "am") || !strcmp(text, "a.m") || !strcmp(text, "a");
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

static struct clock_word read_clock(const struct reader *r, size_t i)
{
    struct clock_word none = {.minute = -1}, got = {.minute = -1, .explicit = true, .used = 1};
    const char *t = low(r, i);
    int hour, minute = 0, end = 0, add = 0;
    if (!strcmp(t, "noon"))
        return (struct clock_word){720, true, true, 1};
    if (!strcmp(t, "midnight"))
        return (struct clock_word){1440, true, true, 1};
    if (*t < '0' || *t > '9' || sscanf(t, "%2d%n", &hour, &end) != 1)
        return none;
    const char *rest = t + end;
    bool colon = (*rest == ':' || *rest == '.') && rest[1] >= '0' && rest[1] <= '9';
    if (colon) {
        int more = 0;
        if (sscanf(rest + 1, "%2d%n", &minute, &more) != 1 || more != 2)
            return none;
        rest += 1 + more;
        if (!strncmp(rest, ":00", 3))
            rest += 3;
    }
    bool half = half_of_day(rest, &add);
    if (!colon && strspn(t, "0123456789") > 2) { /* "730pm", "1930" */
        rest = t + strspn(t, "0123456789");
        half = half_of_day(rest, &add);
    }
    if (*rest && !half)
        return none;
    if (!half && half_of_day(low(r, i + 1), &add) && strlen(low(r, i + 1)) > 1) {
        half = true;
        got.used = 2;
    }
    bool apart = !colon && digits_apart(t, half, &hour, &minute);
    colon = colon || apart;
    hour = settle_hour(hour, half, add, colon && *t == '0');
    if (hour < 0 || minute > 59)
        return (struct clock_word){-2, colon || half, half, got.used};
    got.minute = hour * 60 + minute;
    if (got.minute < NIGHT_ENDS)
        got.minute += 1440;
    got.explicit = (colon && !apart) || half;
    got.said_half = half;
    return got;
}

static size_t set_window(struct reader *r, int from, int to, size_t used)
{
    r->words->has_time = true;
    r->words->from_minute = MAX_OF(from, 0);
    r->words->to_minute = MIN_OF(to, ANY_TIME_TO);
    return used;
}

/* The end comes after the start: in the evening if nobody said which half, or the night after; or
 * the start was in the morning ("10-1pm"). */
static void settle_span(struct clock_word *from, struct clock_word *to)
{
    if (to->minute <= from->minute && !to->said_half && to->minute + 720 > from->minute &&
        to->minute < 720)
        to->minute += 720;
    else if (to->minute <= from->minute && !from->said_half && from->minute - 720 < to->minute &&
             from->minute >= 720)
        from->minute -= 720;
    else if (to->minute <= from->minute)
        to->minute += 1440;
}

/* "7-9pm", "18:00-20:00" in one token. */
static size_t read_dashed(struct reader *r, size_t i)
{
    const char *t = low(r, i), *dash = strchr(t, '-');
    if (!dash || strchr(dash + 1, '-') || *t < '0' || *t > '9' ||
        (strspn(t, "0123456789") == 4 && strlen(dash + 1) != 4)) /* "2031-05" is a month */
        return 0;
    struct reader two = {.count = 2};
    utf8_copy(two.tokens[0].low, MIN_OF((size_t)(dash - t) + 1, (size_t)TOKEN_TEXT), t);
    utf8_copy(two.tokens[1].low, TOKEN_TEXT, dash + 1);
    int add;
    bool apart = half_of_day(low(r, i + 1), &add) && strlen(low(r, i + 1)) > 1; /* "7-9 pm" */
    size_t room = TOKEN_TEXT - strlen(two.tokens[1].low) - 1;
    if (apart && number(two.tokens[1].low) >= 0 && room > 2)
        strncat(two.tokens[1].low, low(r, i + 1), room);
    struct clock_word from = read_clock(&two, 0), to = read_clock(&two, 1);
    if (from.minute < 0 || to.minute < 0)
        return 0;
    settle_span(&from, &to);
    return set_window(r, from.minute, to.minute, 1u + apart);
}

static size_t read_between(struct reader *r, size_t i)
{
    bool between = is(r, i, "between"), from_to = is(r, i, "from");
    if (!between && !from_to)
        return 0;
    struct clock_word from = read_clock(r, i + 1);
    if (from.minute < 0)
        return 0;
    size_t at = i + 1 + from.used;
    if (!is(r, at, "and") && !is(r, at, "to") && !is(r, at, "until"))
        return from_to ? set_window(r, from.minute, ANY_TIME_TO, at - i + is(r, at, "on")) : 0;
    struct clock_word to = read_clock(r, at + 1);
    if (to.minute < 0)
        return 0;
    settle_span(&from, &to);
    return set_window(r, from.minute, to.minute, at + 1 + to.used - i);
}

static size_t read_time(struct reader *r, size_t i)
{
    static const struct {
        const char *word;
        int before, after; /* minutes around; -1: without end */
    } ways[] = {
        {"at", AROUND, AROUND}, {"around", AROUND, AROUND}, {"about", AROUND, AROUND},
        {"exactly", 0, 0},      {"after", 0, -1},           {"before", -1, 0},
        {"by", -1, 0},          {"until", -1, 0},
    };
    size_t way = 0, skip = 0;
    for (size_t k = 0; k < ARRAY_LEN(ways); k++)
        if (is(r, i, ways[k].word)) {
            way = k;
            skip = 1;
        }
    struct clock_word t = read_clock(r, i + skip);
    /* "1930" beside a day is a time; alone it may be a name. */
    bool beside = i && r->tokens[i - 1].taken && strlen(low(r, i)) == 4;
    bool at_number = (skip || beside) && t.minute >= 0;
    if (t.minute == -2 && t.explicit) {
        fail(r, "There is no such time as %s.", low(r, i + skip));
        return skip + t.used;
    }
    if (t.minute < 0 || (!t.explicit && !at_number))
        return 0;
    int from = ways[way].before < 0 ? 0 : t.minute - ways[way].before;
    int to = ways[way].after < 0 ? ANY_TIME_TO : t.minute + ways[way].after;
    return set_window(r, from, to, skip + t.used);
}

static size_t read_meal(struct reader *r, size_t i)
{
    size_t skip = is(r, i, "for") ? 1 : 0;
    for (size_t k = 0; k < ARRAY_LEN(meals); k++)
        if (is(r, i + skip, meals[k].name))
            return set_window(r, meals[k].from, meals[k].to, skip + 1);
    if (is(r, i, "anytime") || (is(r, i, "any") && is(r, i + 1, "time"))) {
        r->words->any_time = r->words->has_time = true;
        return is(r, i, "any") ? 2 : 1;
    }
    return 0;
}

/* --- all together --- */

static void take(struct reader *r, size_t i, size_t used)
{
    for (size_t k = i; k < i + used && k < r->count; k++)
        r->tokens[k].taken = true;
}

static size_t read_at(struct reader *r, size_t i)
{
    static size_t (*const rules[])(struct reader * r, size_t i) = {
        read_iso,     read_slashes, read_month, read_weekday, read_relative,
        read_between, read_meal,    read_party, read_dashed,  read_time,
    };
    for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
        size_t used = rules[k](r, i);
        if (used)
            return used;
    }
    return 0;
}

/* "/find NAME DATE 2": a bare number beside something that was understood. */
static void read_bare_party(struct reader *r)
{
    for (size_t i = 0; i < r->count && r->words->party < 0; i++) {
        int64_t n = number(low(r, i));
        bool after = i && r->tokens[i - 1].taken;
        bool before = i + 1 < r->count && r->tokens[i + 1].taken && i;
        if (n < 0 || n > 999 || (!after && !before))
            continue;
        r->words->party = n;
        r->tokens[i].taken = true;
    }
}

static bool is_filler(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        if (!strcmp(fillers[i], word))
            return true;
    return !*word;
}

/* Small words at the edges of what was understood belong to it, not to the name. */
static void drop_fillers(struct reader *r)
{
    for (size_t i = r->count; i-- > 0;) {
        bool edge = i + 1 < r->count && r->tokens[i + 1].taken;
        if (edge && !r->tokens[i].taken && is_filler(r->tokens[i].low))
            r->tokens[i].taken = true;
    }
    for (size_t i = 0; i < r->count && (r->tokens[i].taken || !strcmp(r->tokens[i].low, "at") ||
                                        !strcmp(r->tokens[i].low, "for"));
         i++)
        r->tokens[i].taken = true;
}

/* "tomorrow night", "for two please": they follow what was understood and add nothing. */
static void drop_followers(struct reader *r)
{
    static const char *const words[] = {"night", "evening", "please", "thanks", "then"};
    for (size_t i = 1; i < r->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(words) && r->tokens[i - 1].taken; k++)
            if (is(r, i, words[k]))
                r->tokens[i].taken = true;
}

static void read_name(struct reader *r)
{
    auto_str name = STR_INIT(WORDS_NAME - 1);
    for (size_t i = 0; i < r->count; i++) {
        if (r->tokens[i].taken)
            continue;
        if (name.len)
            str_addc(&name, ' ');
        str_addn(&name, r->tokens[i].at, r->tokens[i].len);
    }
    char *text = name.buf;
    size_t len = name.len;
    while (len && strchr(" ,;.!?\"", text[len - 1]))
        len--;
    while (len && strchr(" ,;\"", *text)) {
        text++;
        len--;
    }
    memcpy(r->words->name, text, len);
    r->words->name[len] = '\0';
}

int words_read(const char *text, struct words *ret, struct err *err)
{
    struct reader r = {.words = ret, .err = err};
    *ret = (struct words){.party = -1};
    cut(&r, text);
    for (size_t i = 0; i < r.count;) {
        size_t used = read_at(&r, i);
        take(&r, i, used);
        i += used ? used : 1;
    }
    if (r.failed)
        return -1;
    read_bare_party(&r);
    drop_fillers(&r);
    drop_followers(&r);
    read_name(&r);
    return 0;
}

void words_merge(struct words *words, const struct words *later)
{
    if (*later->name)
        memcpy(words->name, later->name, sizeof(words->name));
    if (later->day.kind != DAY_NONE)
        words->day = later->day;
    if (later->party >= 0)
        words->party = later->party;
    if (later->has_time) {
        words->has_time = true;
        words->any_time = later->any_time;
        words->from_minute = later->from_minute;
        words->to_minute = later->to_minute;
    }
}

enum day_answer words_day(const struct day_words *day, struct local now, struct date *ret)
{
    int today = date_weekday(now.date);
    switch (day->kind) {
    case DAY_NONE:
        return DAY_UNKNOWN;
    case DAY_DATE:
        *ret = day->date;
        return DAY_KNOWN;
    case DAY_OFFSET:
        *ret = date_add(now.date, day->n);
        return DAY_KNOWN;
    case DAY_WEEKDAY:
        *ret = date_add(now.date, (day->n - today + 7) % 7);
        return DAY_KNOWN;
    case DAY_NEXT: /* weeks begin on Monday */
        *ret = date_add(now.date, 7 - (today + 6) % 7 + (day->n + 6) % 7);
        return DAY_KNOWN;
    case DAY_OF_YEAR:
        *ret = (struct date){now.date.year, day->date.month, day->date.day};
        while (!date_valid(*ret) || date_compare(*ret, now.date) < 0)
            ret->year++;
        return DAY_KNOWN;
    case DAY_TONIGHT:
        *ret = now.minute < 4 * 60 ? date_add(now.date, -1) : now.date;
        return now.minute < 4 * 60 ? DAY_EITHER : DAY_KNOWN;
    }
    return DAY_UNKNOWN;
}

void words_save(const struct words *w, cJSON *object)
{
    char text[DATE_TEXT];
    json_put_text(object, "name", w->name);
    json_put_i64(object, "day", w->day.kind);
    json_put_text(object, "date", date_text(w->day.date, text));
    json_put_i64(object, "n", w->day.n);
    json_put_i64(object, "party", w->party);
    cJSON_AddBoolToObject(object, "has_time", w->has_time);
    cJSON_AddBoolToObject(object, "any_time", w->any_time);
    json_put_i64(object, "from", w->from_minute);
    json_put_i64(object, "to", w->to_minute);
}

void words_load(const cJSON *object, struct words *ret)
{
    *ret = (struct words){.party = json_i64_or(object, "party", -1)};
    utf8_copy(ret->name, sizeof(ret->name), json_text_or(object, "name", ""));
    int64_t kind = json_i64_or(object, "day", DAY_NONE);
    if (kind > DAY_NONE && kind <= DAY_TONIGHT)
        ret->day.kind = (enum day_kind)kind;
    const char *date = json_text_or(object, "date", "");
    if (strlen(date) != 10 || date_parse(date, &ret->day.date))
        ret->day.kind = kind == DAY_DATE || kind == DAY_OF_YEAR ? DAY_NONE : ret->day.kind;
    ret->day.n = (int)json_i64_or(object, "n", 0);
    json_flag(object, "has_time", &ret->has_time);
    json_flag(object, "any_time", &ret->any_time);
    ret->from_minute = (int)json_i64_or(object, "from", 0);
    ret->to_minute = (int)json_i64_or(object, "to", 0);
}
