#include "core/agents/commands/words_inner.h"

#include "core/base/utf8.h"
#include "core/services/services.h"

#include <ctype.h>

/* --- tokens --- */

/* Blanks of all kinds; 0: none there. */
static size_t blank_at(const char *text)
{
    static const char *const blanks[] = {" ",      "\t",     "\r",     "\n",
                                         "\u00a0", "\u202f", "\u2009", "\u3000"};
    for (size_t i = 0; i < ARRAY_LEN(blanks); i++)
        if (!strncmp(text, blanks[i], strlen(blanks[i])))
            return strlen(blanks[i]);
    return 0;
}

/* What a character is for the rules: "" for quotes and apostrophes, a dash for all dashes. */
static const char *plain(const char *at, size_t *ret_len)
{
    static const struct {
        const char *from, *to;
    } table[] = {
        {"\u2013", "-"}, {"\u2014", "-"}, {"\u2212", "-"}, {"\u2019", ""},
        {"\u2018", ""},  {"\u201c", ""},  {"\u201d", ""},  {"\u3002", "."},
        {"\u2026", "."}, {"'", ""},       {"\"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strncmp(at, table[i].from, strlen(table[i].from))) {
            *ret_len = strlen(table[i].from);
            return table[i].to;
        }
    return NULL;
}

static void fill_low(struct token *t)
{
    size_t n = 0;
    const char *at = t->at, *end = t->at + t->len;
    while (at < end && n + 1 < TOKEN_TEXT) {
        size_t len = 1;
        const char *other = plain(at, &len);
        if (other && *other)
            t->low[n++] = *other;
        else if (!other)
            t->low[n++] = (char)tolower((unsigned char)*at);
        at += len;
    }
    while (n > 1 && strchr(",.;!?)", t->low[n - 1]))
        n--;
    if (n > 1 && t->low[0] == '(')
        memmove(t->low, t->low + 1, n--);
    t->low[n] = '\0';
    t->capital = *t->at >= 'A' && *t->at <= 'Z';
}

static void add_token(struct reader *r, const char *at, size_t len)
{
    struct token *t = &r->tokens[r->count];
    if (!len || r->count == TOKENS)
        return;
    *t = (struct token){.at = at, .len = len};
    fill_low(t);
    r->count++;
}

void words_cut(struct reader *r, const char *text)
{
    while (*text && r->count < TOKENS) {
        size_t blank, len = 0;
        while ((blank = blank_at(text)))
            text += blank;
        while (text[len] && !blank_at(text + len))
            len++;
        bool sign = len > 1 && (*text == '@' || *text == '~'); /* "@8pm" */
        if (sign)
            add_token(r, text, 1);
        add_token(r, text + sign, len - sign);
        text += len;
    }
}

const char *word_at(const struct reader *r, size_t i)
{
    return i < r->count && !r->tokens[i].taken ? r->tokens[i].low : "";
}

bool word_is(const struct reader *r, size_t i, const char *word)
{
    return !strcmp(word_at(r, i), word);
}

size_t phrase_at(const struct reader *r, size_t i, const char *phrase)
{
    size_t used = 0;
    while (*phrase) {
        size_t len = strcspn(phrase, " ");
        const char *word = word_at(r, i + used);
        if (!*word || strncmp(word, phrase, len) != 0 || word[len])
            return 0;
        used++;
        phrase += len + (phrase[len] == ' ');
    }
    return used;
}

size_t named_at(const struct reader *r, size_t i, const struct named *list, size_t count,
                int *ret_value)
{
    size_t longest = 0;
    char first = *word_at(r, i);
    for (size_t k = 0; k < count; k++) {
        size_t used = *list[k].name == first ? phrase_at(r, i, list[k].name) : 0;
        if (used <= longest)
            continue;
        longest = used;
        if (ret_value)
            *ret_value = list[k].value;
    }
    return longest;
}

size_t any_at(const struct reader *r, size_t i, const char *const *list, size_t count)
{
    size_t longest = 0;
    char first = *word_at(r, i);
    for (size_t k = 0; k < count; k++)
        if (*list[k] == first)
            longest = MAX_OF(longest, phrase_at(r, i, list[k]));
    return longest;
}

int64_t digits_of(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 9)
        return -1;
    long long n = strtoll(text, &end, 10);
    return *end ? -1 : n;
}

int64_t number_at(const struct reader *r, size_t i, size_t *ret_used)
{
    int value;
    int64_t n = digits_of(word_at(r, i));
    *ret_used = n >= 0 ? 1 : NAMED_AT(r, i, numbers, &value);
    return n >= 0 ? n : *ret_used ? value : -1;
}

void words_fail(struct reader *r, const char *say, const char *word)
{
    if (r->failed)
        return;
    r->failed = true;
    auto_str shown = STR_INIT(60);
    str_add_shown(&shown, word, strlen(word));
    err_set(r->err, ERR_INPUT, NULL, "%s", shown.buf);
    err_say(r->err, say, shown.buf);
}

bool joined_by(const struct reader *r, const struct match *a, const struct match *b,
               const char *const *list, size_t count)
{
    size_t from = a->at + a->used;
    if (from >= b->at)
        return false;
    struct reader open = *r; /* they may have been taken as small words */
    for (size_t i = from; i < b->at; i++)
        open.tokens[i].taken = false;
    return any_at(&open, from, list, count) == b->at - from;
}

/* --- matching --- */

static void take(struct reader *r, size_t i, size_t used)
{
    for (size_t k = i; k < i + used && k < r->count; k++)
        r->tokens[k].taken = true;
}

static struct match best_at(struct reader *r, size_t i)
{
    static rule_fn *const rules[] = {
        rule_iso,     rule_slashes,  rule_month,   rule_holiday, rule_many_days,
        rule_weekday, rule_relative, rule_ordinal, rule_span,    rule_meal,
        rule_people,  rule_chain,    rule_clock,   rule_terms,
    };
    struct match best = {0};
    for (size_t k = 0; k < ARRAY_LEN(rules) && !r->failed; k++) {
        struct match m = rules[k](r, i);
        if (m.used > best.used)
            best = m;
    }
    return best;
}

static void keep(struct reader *r, struct match m)
{
    take(r, m.at, m.used);
    if (m.field != FIELD_NOTHING && r->match_count < MATCHES)
        r->matches[r->match_count++] = m;
}

/* "book me a table at", "tell me when": they say what to do, and nothing of it. */
static size_t read_start(struct reader *r, size_t i)
{
    size_t find = ANY_AT(r, i, find_starts), watch = ANY_AT(r, i, watch_starts);
    r->words->watch = r->words->watch || watch;
    r->words->asks = r->words->asks || find;
    return MAX_OF(find, watch);
}

static size_t read_starts(struct reader *r)
{
    size_t at = 0, used;
    while ((used = read_start(r, at))) {
        /* "Maybe Tomorrow Cafe": a start is not the whole line, nor the half of a name */
        bool name = used == 1 && at + 1 < r->count && r->tokens[at].capital &&
                    r->tokens[at + 1].capital && !best_at(r, at + 1).used && !at &&
                    !ANY_AT(r, at, watch_starts);
        if (at + used >= r->count || name)
            break;
        take(r, at, used);
        at += used;
    }
    return at;
}

static void read_all(struct reader *r)
{
    for (size_t i = read_starts(r); i < r->count && !r->failed;) {
        struct match m = best_at(r, i);
        if (m.used)
            keep(r, m);
        i += m.used ? m.used : 1;
    }
}

/* "late", "morning": a part of a name, unless they stand beside something that was understood. */
static void drop_weak(struct reader *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->match_count; i++) {
        const struct match *m = &r->matches[i];
        size_t after = m->at + m->used;
        bool beside = (m->at && r->tokens[m->at - 1].taken) ||
                      (after < r->count && r->tokens[after].taken) || after >= r->count;
        if (m->field == FIELD_MEAL && m->weak && !beside) {
            for (size_t k = m->at; k < after; k++)
                r->tokens[k].taken = false;
            continue;
        }
        r->matches[kept++] = r->matches[i];
    }
    r->match_count = kept;
}

/* --- what is left: small words, and the name --- */

/* "/find NAME DATE 2": a bare number beside something that was understood. */
static void read_bare_party(struct reader *r)
{
    for (size_t i = 0; i < r->count && r->words->party < 0; i++) {
        int64_t n = digits_of(word_at(r, i));
        bool after = i && r->tokens[i - 1].taken;
        bool before = i + 1 < r->count && r->tokens[i + 1].taken && i;
        bool first = !i && r->count > 1 && r->tokens[1].taken && r->words->day_count;
        bool of_name = before && !after && n > 12; /* "Bar 19 tomorrow" */
        if (n < 0 || n > 999 || of_name || (!after && !before && !first))
            continue;
        r->words->party = n;
        r->tokens[i].taken = true;
    }
}

/* Small words at the edges of what was understood belong to it, not to the name. */
static void drop_fillers(struct reader *r)
{
    for (size_t i = r->count; i-- > 0;) {
        bool edge = i + 1 < r->count && r->tokens[i + 1].taken;
        bool small = ANY_AT(r, i, fillers) || !*word_at(r, i) || word_is(r, i, "-") ||
                     word_is(r, i, "/") || word_is(r, i, "&");
        if (edge && !r->tokens[i].taken && small)
            r->tokens[i].taken = true;
    }
    for (size_t i = 0;
         i < r->count && (r->tokens[i].taken || word_is(r, i, "at") || word_is(r, i, "@") ||
                          word_is(r, i, "for") || word_is(r, i, "to") || word_is(r, i, "in"));
         i++)
        r->tokens[i].taken = true;
}

/* "tomorrow night", "for two please": they follow what was understood and add nothing. */
static void drop_followers(struct reader *r)
{
    for (size_t i = 1; i < r->count; i++) {
        size_t used = r->tokens[i - 1].taken ? ANY_AT(r, i, followers) : 0;
        take(r, i, used);
    }
}

/* "carbone please", "carbone opens up": they end the line, or come before what was understood. */
static void drop_ends(struct reader *r)
{
    for (size_t i = 1; i < r->count; i++) {
        size_t used = ANY_AT(r, i, ends), after = i + used;
        bool over = after >= r->count || r->tokens[after].taken ||
                    (used > 1 && ANY_AT(r, after, fillers)); /* "has a table on Dec 12" */
        if (used && over && !r->tokens[i].capital)
            take(r, i, used);
    }
}

static void read_name(struct reader *r)
{
    auto_str name = STR_INIT(WORDS_NAME - 1);
    size_t gap = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->tokens[i].taken)
            continue;
        if (name.len && !gap && r->tokens[i - 1].taken)
            gap = name.len;
        if (name.len)
            str_addc(&name, ' ');
        str_addn(&name, r->tokens[i].at, r->tokens[i].len);
    }
    static const char *const edges[] = {" ", ",",  ";",      ".",      "!",
                                        "?", "\"", "\u201c", "\u201d", "\u3002"};
    char *text = name.buf;
    size_t len = name.len;
    for (size_t k = 0; k < ARRAY_LEN(edges);) {
        size_t n = strlen(edges[k]);
        bool front = *edges[k] != '.' && len >= n && !memcmp(text, edges[k], n);
        bool back = len >= n && !memcmp(text + len - n, edges[k], n);
        text += front ? n : 0;
        len -= front ? n : back ? n : 0;
        k = front || back ? 0 : k + 1;
    }
    memcpy(r->words->name, text, len);
    r->words->name[len] = '\0';
    gap -= MIN_OF(gap, (size_t)(text - name.buf));
    r->words->name_gap = gap < len ? gap : 0;
}

static bool says_any_place(const struct reader *r)
{
    struct reader open = *r;
    for (size_t i = 0; i < open.count; i++)
        open.tokens[i].taken = false;
    for (size_t i = 0; i < open.count; i++)
        if (ANY_AT(&open, i, any_place))
            return true;
    return false;
}

int words_read(const char *text, struct words *ret, struct err *err)
{
    struct reader r = {.lang = &english, .words = ret, .err = err};
    *ret = (struct words){.party = -1};
    words_cut(&r, text);
    read_all(&r);
    drop_weak(&r);
    days_settle(&r);
    party_settle(&r);
    times_settle(&r);
    terms_settle(&r);
    if (r.failed)
        return -1;
    read_bare_party(&r);
    drop_ends(&r);
    drop_followers(&r);
    drop_ends(&r);
    drop_fillers(&r);
    drop_followers(&r);
    read_name(&r);
    ret->any_place = !*ret->name && says_any_place(&r);
    return 0;
}

/* The whole line is one phrase of the table. */
static bool is_whole(const struct reader *r, const char *phrase)
{
    return r->count && phrase_at(r, 0, phrase) == r->count;
}

enum words_answer words_answer(const char *text)
{
    struct reader r = {.lang = &english};
    words_cut(&r, text);
    for (size_t i = 0; i < r.lang->watch_it.count; i++)
        if (is_whole(&r, r.lang->watch_it.list[i]))
            return ANSWER_WATCH;
    for (size_t i = 0; i < r.lang->yes.count; i++)
        if (is_whole(&r, r.lang->yes.list[i]))
            return ANSWER_YES;
    for (size_t i = 0; i < r.lang->no.count; i++)
        if (is_whole(&r, r.lang->no.list[i]))
            return ANSWER_NO;
    return ANSWER_NONE;
}

const char *words_command(const char *text)
{
    struct reader r = {.lang = &english};
    words_cut(&r, text);
    for (size_t i = 0; i < r.lang->plain.count; i++)
        if (is_whole(&r, r.lang->plain.list[i].name))
            return r.lang->plain.list[i].command;
    return NULL;
}

const char *words_verb(const char *text, const char **ret_rest)
{
    struct reader r = {.lang = &english};
    size_t longest = 0;
    const char *command = NULL;
    words_cut(&r, text);
    for (size_t k = 0; k < r.lang->verbs.count; k++) {
        size_t used = phrase_at(&r, 0, r.lang->verbs.list[k].name);
        if (used > longest) {
            longest = used;
            command = r.lang->verbs.list[k].command;
        }
    }
    if (!command || longest >= r.count || words_answer(text) != ANSWER_NONE)
        return NULL;
    *ret_rest = r.tokens[longest].at;
    return command;
}

bool words_books(const char *text)
{
    struct reader r = {.lang = &english};
    words_cut(&r, text);
    return r.count > 1 && ANY_AT(&r, 0, book_starts);
}

size_t words_name_end(const struct words *w)
{
    struct reader r = {.lang = &english};
    words_cut(&r, w->name);
    for (size_t i = 0; i + 1 < r.count; i++) {
        size_t len = strcspn(r.tokens[i].at, ",;"), at = (size_t)(r.tokens[i].at - w->name);
        if (len < r.tokens[i].len && at + len)
            return at + len;
        if (ANY_AT(&r, i + 1, name_ends))
            return at + r.tokens[i].len;
    }
    return w->name_gap;
}

size_t words_names(const struct words *w, char (*ret)[WORDS_NAME], size_t most)
{
    struct reader r = {.lang = &english};
    size_t count = 0, i = 0;
    words_cut(&r, w->name);
    while (i < r.count && count < most) {
        auto_str name = STR_INIT(WORDS_NAME - 1);
        for (bool ends = false; i < r.count && !ends; i++) {
            size_t len = strcspn(r.tokens[i].at, ",;");
            ends = len < r.tokens[i].len || ANY_AT(&r, i, between_names);
            len = ANY_AT(&r, i, between_names) ? 0 : MIN_OF(len, r.tokens[i].len);
            str_add(&name, name.len && len ? " " : "");
            str_addn(&name, r.tokens[i].at, len);
        }
        if (name.len)
            memcpy(ret[count++], name.buf, name.len + 1);
    }
    return count;
}

const char *words_past_article(const char *folded)
{
    struct reader r = {.lang = &english};
    words_cut(&r, folded);
    size_t used = ANY_AT(&r, 0, articles);
    return used < r.count ? r.tokens[used].at : folded;
}

bool words_has_wish(const struct words *w)
{
    return w->day_count || w->party >= 0 || w->has_time || w->prefer != PREFER_NONE;
}

/* --- kept and merged --- */

void words_merge(struct words *words, const struct words *later)
{
    if (*later->name) {
        memcpy(words->name, later->name, sizeof(words->name));
        words->name_gap = later->name_gap;
    }
    if (later->day_count) {
        memcpy(words->days, later->days, sizeof(words->days));
        words->day_count = later->day_count;
        words->range = later->range;
        words->agree = later->agree;
        words->weekdays = later->weekdays;
    }
    if (later->party >= 0) {
        words->party = later->party;
        words->party_least = later->party_least;
    }
    if (later->has_time) {
        words->has_time = true;
        words->any_time = later->any_time;
        words->from_minute = later->from_minute;
        words->to_minute = later->to_minute;
    }
    words->any_place = words->any_place || later->any_place;
    if (later->prefer != PREFER_NONE)
        words->prefer = later->prefer;
    if (later->every_ms)
        words->every_ms = later->every_ms;
    if (later->has_fee) {
        words->has_fee = true;
        words->max_fee = later->max_fee;
    }
    if (later->has_seating) {
        words->has_seating = true;
        memcpy(words->seating, later->seating, sizeof(words->seating));
    }
}

static cJSON *save_day(const struct day_words *day)
{
    char text[DATE_TEXT];
    cJSON *object = cJSON_CreateObject();
    json_put_i64(object, "kind", day->kind);
    json_put_text(object, "date", date_text(day->date, text));
    json_put_i64(object, "n", day->n);
    json_put_i64(object, "plus", day->plus);
    return object;
}

void words_save(const struct words *w, cJSON *object)
{
    json_put_text(object, "name", w->name);
    cJSON *days = cJSON_AddArrayToObject(object, "days");
    for (size_t i = 0; i < w->day_count; i++)
        cJSON_AddItemToArray(days, save_day(&w->days[i]));
    cJSON_AddBoolToObject(object, "range", w->range);
    cJSON_AddBoolToObject(object, "agree", w->agree);
    json_put_i64(object, "weekdays", w->weekdays);
    json_put_i64(object, "party", w->party);
    if (w->party_least)
        json_put_i64(object, "party_least", w->party_least);
    cJSON_AddBoolToObject(object, "has_time", w->has_time);
    cJSON_AddBoolToObject(object, "any_time", w->any_time);
    json_put_i64(object, "from", w->from_minute);
    json_put_i64(object, "to", w->to_minute);
    json_put_i64(object, "prefer", w->prefer);
    cJSON_AddBoolToObject(object, "any_place", w->any_place);
    json_put_i64(object, "every", w->every_ms);
    if (w->has_fee)
        json_put_i64(object, "fee", w->max_fee);
    if (w->has_seating)
        json_put_text(object, "seating", w->seating);
}

static int64_t within(const cJSON *object, const char *key, int64_t least, int64_t most)
{
    int64_t n = json_i64_or(object, key, 0);
    return n < least || n > most ? MAX_OF(least, (int64_t)0) : n;
}

static bool load_day(const cJSON *object, struct day_words *ret)
{
    const char *date = json_text_or(object, "date", "");
    *ret = (struct day_words){.kind = (enum day_kind)within(object, "kind", DAY_NONE, DAY_MONTH),
                              .n = (int)within(object, "n", -1, 100000),
                              .plus = (int)within(object, "plus", 0, 100000)};
    bool real = strlen(date) == 10 && !date_parse(date, &ret->date);
    bool dated = ret->kind == DAY_DATE || ret->kind == DAY_OF_YEAR;
    bool weekday = ret->kind == DAY_WEEKDAY || ret->kind == DAY_NEXT;
    bool of_month = ret->kind == DAY_OF_MONTH;
    if (!real)
        ret->date = (struct date){0};
    return ret->kind != DAY_NONE && (real || !dated) && (!weekday || ret->n < 7) &&
           (!of_month || (ret->n >= 1 && ret->n <= 31));
}

void words_load(const cJSON *object, struct words *ret)
{
    const cJSON *day;
    *ret = (struct words){.party = json_i64_or(object, "party", -1)};
    ret->party_least = within(object, "party_least", 0, MAX_OF(ret->party - 1, (int64_t)0));
    utf8_copy(ret->name, sizeof(ret->name), json_text_or(object, "name", ""));
    cJSON_ArrayForEach(day, json_array(object, "days"))
    {
        if (ret->day_count < WORDS_DAYS && load_day(day, &ret->days[ret->day_count]))
            ret->day_count++;
    }
    json_flag(object, "range", &ret->range);
    json_flag(object, "agree", &ret->agree);
    ret->weekdays = (unsigned)within(object, "weekdays", 0, 127);
    json_flag(object, "any_place", &ret->any_place);
    json_flag(object, "has_time", &ret->has_time);
    json_flag(object, "any_time", &ret->any_time);
    ret->from_minute = (int)within(object, "from", 0, ANY_TIME_TO);
    ret->to_minute = (int)within(object, "to", 0, ANY_TIME_TO);
    ret->prefer = (enum prefer)within(object, "prefer", PREFER_NONE, PREFER_LATE);
    ret->every_ms = within(object, "every", 0, DAY_MS);
    ret->has_fee = json_i64(object, "fee", &ret->max_fee);
    ret->has_seating = json_text(object, "seating");
    utf8_copy(ret->seating, sizeof(ret->seating), json_text_or(object, "seating", ""));
}
