/* words_read: whatever is typed, the day is a day, the time is on the clock, the name is text. */
#include "tests/fuzz/fuzz.h"

#include "core/agents/commands/words.h"
#include "core/base/utf8.h"
#include "core/services/services.h"

static void check_days(const struct words *words)
{
    static const struct local nows[] = {
        {{2031, 5, 9}, 0, 0}, {{2031, 12, 31}, 1439, 59}, {{2032, 2, 29}, 239, 0}};
    for (size_t i = 0; i < ARRAY_LEN(nows); i++) {
        struct word_dates dates;
        struct err err = ERR_INIT;
        if (words_dates(words, nows[i], &dates, &err)) {
            MUST(err.kind == ERR_INPUT && *err.say);
            continue;
        }
        MUST(dates.count <= WORDS_DATES && (words->day_count || !dates.count));
        MUST(!dates.either || dates.count == 2);
        for (size_t k = 0; k < dates.count; k++) {
            bool yesterday = words->days[0].kind == DAY_OFFSET && words->days[0].n < 0;
            bool said = words->days[0].kind == DAY_DATE || words->day_count > 1 || dates.either ||
                        yesterday;
            MUST(date_valid(dates.list[k]));
            MUST(!k || date_compare(dates.list[k - 1], dates.list[k]) < 0);
            MUST(said || date_compare(dates.list[k], nows[i].date) >= 0); /* no guess in the past */
        }
    }
}

static void check_words(const struct words *words)
{
    MUST(words->party >= -1);
    MUST(words->from_minute >= 0 && words->from_minute <= words->to_minute);
    MUST(words->to_minute <= ANY_TIME_TO);
    MUST(words->has_time || !words->any_time);
    MUST(strlen(words->name) < WORDS_NAME);
    MUST(!strpbrk(words->name, "\r\n\t"));
    check_days(words);
}

/* What is kept while a question is open comes back as it was. */
static void check_kept(const struct words *words)
{
    struct words back;
    auto_json object = cJSON_CreateObject();
    words_save(words, object);
    auto_str text = STR_INIT(65536);
    json_print(&text, object);
    auto_json again = json_parse(text.buf, text.len, "kept", NULL);
    MUST(again);
    words_load(again, &back);
    MUST(!strcmp(back.name, words->name) && back.party == words->party);
    MUST(back.day_count == words->day_count && back.range == words->range);
    MUST(back.weekdays == words->weekdays && back.prefer == words->prefer);
    MUST(back.has_time == words->has_time && back.any_time == words->any_time);
    MUST(back.from_minute == words->from_minute && back.to_minute == words->to_minute);
    for (size_t i = 0; i < back.day_count; i++)
        MUST(back.days[i].kind == words->days[i].kind && back.days[i].n == words->days[i].n &&
             back.days[i].plus == words->days[i].plus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct words words;
    struct err err = ERR_INIT;
    auto_text text = mem_textn((const char *)data, size);
    if (words_read(text, &words, &err)) {
        MUST(err.kind == ERR_INPUT && *err.say);
        MUST(utf8_valid(err.say, strlen(err.say)));
        return 0;
    }
    check_words(&words);
    (void)words_answer(text);
    (void)words_command(text);
    if (!utf8_valid(text, strlen(text)))
        return 0; /* is refused at the door; here it must only do no harm */
    MUST(utf8_valid(words.name, strlen(words.name)));
    check_kept(&words);
    return 0;
}
