/* What people type: which place, which day, how many, when.
 * Long for its tables of phrases. */
#include "tests/test.h"

#include "core/agents/commands/words.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/services/services.h"

static const struct local noon = {{2031, 5, 9}, 720, 0}; /* a Friday */

struct phrase {
    const char *said, *name, *day;
    int party;
    const char *window; /* "19:00-21:00", "any", "" */
};

static void clock_of(int minute, struct str *out)
{
    str_addf(out, "%02d:%02d", minute / 60, minute % 60);
}

/* name | day | party | window, as one text to compare. */
static void describe(const struct words *words, struct local now, struct str *out)
{
    char text[DATE_TEXT];
    struct word_dates dates;
    struct err err = ERR_INIT;
    str_addf(out, "%s | ", words->name);
    if (words_dates(words, now, &dates, &err))
        str_add(out, err.say);
    for (size_t i = 0; i < dates.count; i++) {
        if (i && !dates.either && i + 1 < dates.count &&
            date_days(dates.list[i + 1]) == date_days(dates.list[i - 1]) + 2)
            continue; /* between two of a row */
        bool row = i > 1 && date_days(dates.list[i - 2]) == date_days(dates.list[i]) - 2;
        str_add(out, !i ? "" : dates.either ? " or " : row ? ".." : ",");
        str_add(out, date_text(dates.list[i], text));
    }
    str_addf(out, " | %lld | ", (long long)words->party);
    if (words->any_time) {
        str_add(out, "any");
    } else if (words->has_time) {
        clock_of(words->from_minute, out);
        str_addc(out, '-');
        clock_of(words->to_minute, out);
    }
    if (words->prefer != PREFER_NONE)
        str_add(out, words->prefer == PREFER_LATE ? "late" : "early");
}

/* True: it is understood as it is meant. Else what is wrong is in `wrong`. */
static bool understood(const struct phrase *p, struct local now, struct str *wrong)
{
    struct words words;
    struct err err = ERR_INIT;
    auto_str got = STR_INIT(1000), want = STR_INIT(1000);
    if (words_read(p->said, &words, &err))
        str_addf(&got, "%s", err.say);
    else
        describe(&words, now, &got);
    str_addf(&want, "%s | %s | %d | %s", p->name, p->day, p->party, p->window);
    if (!strcmp(got.buf, want.buf))
        return true;
    str_addf(wrong, "\"%s\": %s; meant: %s\n", p->said, got.buf, want.buf);
    return false;
}

static void all_understood(const struct phrase *phrases, size_t count, struct local now)
{
    struct str wrong = STR_INIT(1 << 20);
    for (size_t i = 0; i < count; i++)
        (void)understood(&phrases[i], now, &wrong);
    if (wrong.len)
        print_message("%s", wrong.buf);
    bool fine = !wrong.len;
    str_free(&wrong);
    assert_true(fine);
}

/* --- what must be right --- */

static const struct phrase phrases[] = {
    /* nothing, names alone */
    {"", "", "", -1, ""},
    {"   \t ", "", "", -1, ""},
    {"carbone", "carbone", "", -1, ""},
    {"  Carbone  ", "Carbone", "", -1, ""},
    {"Don   Angie", "Don Angie", "", -1, ""},
    {"Le Gratin, New York", "Le Gratin, New York", "", -1, ""},
    {"The Modern", "The Modern", "", -1, ""},
    {"Kesté Pizza & Vino", "Kesté Pizza & Vino", "", -1, ""},
    {"東京カレー", "東京カレー", "", -1, ""},
    {"1803", "1803", "", -1, ""},
    {"4 Charles Prime Rib", "4 Charles Prime Rib", "", -1, ""},
    {"54 Below", "54 Below", "", -1, ""},
    {"Eleven Madison Park", "Eleven Madison Park", "", -1, ""},
    {"Five Leaves", "Five Leaves", "", -1, ""},
    {"Rule of Thirds", "Rule of Thirds", "", -1, ""},
    {"Bar Goto Niban", "Bar Goto Niban", "", -1, ""},
    /* the contract's and the brief's */
    {"carbone tomorrow at 8 for two", "carbone", "2031-05-10", 2, "19:00-21:00"},
    {"4 Charles Prime Rib tomorrow 2", "4 Charles Prime Rib", "2031-05-10", 2, ""},
    {"54 Below friday for 3", "54 Below", "2031-05-09", 3, ""},
    {"Sorrel & Ash tomorrow for 2 at 8pm", "Sorrel & Ash", "2031-05-10", 2, "19:00-21:00"},
    /* days by name */
    {"carbone today", "carbone", "2031-05-09", -1, ""},
    {"carbone tonight", "carbone", "2031-05-09", -1, "17:00-29:00"},
    {"carbone tonite for 2", "carbone", "2031-05-09", 2, "17:00-29:00"},
    {"carbone this evening", "carbone", "2031-05-09", -1, "17:00-29:00"},
    {"carbone tomorrow", "carbone", "2031-05-10", -1, ""},
    {"Carbone TOMORROW", "Carbone", "2031-05-10", -1, ""},
    {"carbone tmrw", "carbone", "2031-05-10", -1, ""},
    {"carbone tomorow", "carbone", "2031-05-10", -1, ""},
    {"tomorrow carbone", "carbone", "2031-05-10", -1, ""},
    {"tomorrow at carbone", "carbone", "2031-05-10", -1, ""},
    {"carbone tomorrow night", "carbone", "2031-05-10", -1, "17:00-29:00"},
    {"carbone day after tomorrow", "carbone", "2031-05-11", -1, ""},
    {"carbone the day after tomorrow for 2", "carbone", "2031-05-11", 2, ""},
    {"carbone in 3 days", "carbone", "2031-05-12", -1, ""},
    {"carbone in three days", "carbone", "2031-05-12", -1, ""},
    {"carbone in 1 day", "carbone", "2031-05-10", -1, ""},
    {"carbone in 0 days", "carbone", "2031-05-09", -1, ""},
    {"carbone friday", "carbone", "2031-05-09", -1, ""},
    {"carbone on friday", "carbone", "2031-05-09", -1, ""},
    {"carbone this friday", "carbone", "2031-05-09", -1, ""},
    {"carbone next friday", "carbone", "2031-05-16", -1, ""},
    {"carbone Saturday", "carbone", "2031-05-10", -1, ""},
    {"carbone sun", "carbone", "2031-05-11", -1, ""},
    {"carbone thurs", "carbone", "2031-05-15", -1, ""},
    {"carbone Thursday.", "carbone", "2031-05-15", -1, ""},
    {"carbone next sunday", "carbone", "2031-05-18", -1, ""},
    {"carbone next mon", "carbone", "2031-05-12", -1, ""},
    {"friday carbone", "carbone", "2031-05-09", -1, ""},
    {"carbone friday night for 2", "carbone", "2031-05-09", 2, "17:00-29:00"},
    /* dates */
    {"carbone 2031-05-20", "carbone", "2031-05-20", -1, ""},
    {"carbone 2031-05-20 2", "carbone", "2031-05-20", 2, ""},
    {"carbone 2031-05-20, 4", "carbone", "2031-05-20", 4, ""},
    {"2031-05-20 carbone", "carbone", "2031-05-20", -1, ""},
    {"carbone 2032-02-29", "carbone", "2032-02-29", -1, ""},
    {"carbone 12/12", "carbone", "2031-12-12", -1, ""},
    {"carbone 5/9", "carbone", "2031-05-09", -1, ""},
    {"carbone 5/8", "carbone", "2032-05-08", -1, ""},
    {"carbone 12/12/31", "carbone", "2031-12-12", -1, ""},
    {"carbone 12/12/2031 for 2", "carbone", "2031-12-12", 2, ""},
    {"carbone 2/29", "carbone", "2032-02-29", -1, ""},
    {"carbone Dec 12th", "carbone", "2031-12-12", -1, ""},
    {"carbone Dec 12", "carbone", "2031-12-12", -1, ""},
    {"carbone on Dec 12 for 2", "carbone", "2031-12-12", 2, ""},
    {"carbone December 1st", "carbone", "2031-12-01", -1, ""},
    {"carbone june 2nd, for 3", "carbone", "2031-06-02", 3, ""},
    {"carbone june 3rd", "carbone", "2031-06-03", -1, ""},
    {"carbone 12 dec", "carbone", "2031-12-12", -1, ""},
    {"carbone the 12th of december", "carbone", "2031-12-12", -1, ""},
    {"carbone Dec 12, 2032", "carbone", "2032-12-12", -1, ""},
    {"carbone dec 12 2032 for 2", "carbone", "2032-12-12", 2, ""},
    {"carbone may 9", "carbone", "2031-05-09", -1, ""},
    {"carbone may 8", "carbone", "2032-05-08", -1, ""},
    {"carbone feb 29", "carbone", "2032-02-29", -1, ""},
    {"carbone fri dec 12", "carbone", "2031-12-12", -1, ""},
    /* people */
    {"carbone for 2", "carbone", "", 2, ""},
    {"carbone for two", "carbone", "", 2, ""},
    {"carbone for twelve", "carbone", "", 12, ""},
    {"carbone for 2 people", "carbone", "", 2, ""},
    {"carbone 2 people", "carbone", "", 2, ""},
    {"carbone two people tomorrow", "carbone", "2031-05-10", 2, ""},
    {"carbone 4 ppl", "carbone", "", 4, ""},
    {"carbone 1 person", "carbone", "", 1, ""},
    {"carbone party of 4", "carbone", "", 4, ""},
    {"carbone, party of four, tomorrow", "carbone", "2031-05-10", 4, ""},
    {"carbone group of 6 friday", "carbone", "2031-05-09", 6, ""},
    {"carbone a table for 2 tomorrow", "carbone", "2031-05-10", 2, ""},
    {"table for two at carbone tomorrow at 8", "carbone", "2031-05-10", 2, "19:00-21:00"},
    {"carbone tomorrow for 2 please", "carbone", "2031-05-10", 2, ""},
    {"for 2 tomorrow at carbone", "carbone", "2031-05-10", 2, ""},
    {"carbone three of us tomorrow", "carbone", "2031-05-10", 3, ""},
    {"carbone tomorrow 2 8pm", "carbone", "2031-05-10", 2, "19:00-21:00"},
    {"carbone tomorrow 8pm 2", "carbone", "2031-05-10", 2, "19:00-21:00"},
    {"Eleven Madison Park for 2", "Eleven Madison Park", "", 2, ""},
    /* times */
    {"carbone 7pm", "carbone", "", -1, "18:00-20:00"},
    {"carbone 7 pm", "carbone", "", -1, "18:00-20:00"},
    {"carbone 7PM", "carbone", "", -1, "18:00-20:00"},
    {"carbone 7p.m.", "carbone", "", -1, "18:00-20:00"},
    {"carbone at 7", "carbone", "", -1, "18:00-20:00"},
    {"carbone at 7:30", "carbone", "", -1, "18:30-20:30"},
    {"carbone 7:30pm", "carbone", "", -1, "18:30-20:30"},
    {"carbone 7.30pm", "carbone", "", -1, "18:30-20:30"},
    {"carbone at 7:30 pm for 2", "carbone", "", 2, "18:30-20:30"},
    {"carbone 19:30", "carbone", "", -1, "18:30-20:30"},
    {"carbone at 19:30:00", "carbone", "", -1, "18:30-20:30"},
    {"carbone at noon", "carbone", "", -1, "11:00-13:00"},
    {"carbone at 12", "carbone", "", -1, "11:00-13:00"},
    {"carbone 11am", "carbone", "", -1, "10:00-12:00"},
    {"carbone 11:30 am", "carbone", "", -1, "10:30-12:30"},
    {"carbone at midnight", "carbone", "", -1, "23:00-25:00"},
    {"carbone 11pm", "carbone", "", -1, "22:00-24:00"},
    {"carbone around 8", "carbone", "", -1, "19:00-21:00"},
    {"carbone about 8pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone exactly 8pm", "carbone", "", -1, "20:00-20:00"},
    {"carbone after 6:30", "carbone", "", -1, "18:30-29:00"},
    {"carbone after 9 pm", "carbone", "", -1, "21:00-29:00"},
    {"carbone before 7", "carbone", "", -1, "00:00-19:00"},
    {"carbone by 8pm", "carbone", "", -1, "00:00-20:00"},
    {"carbone until 9", "carbone", "", -1, "00:00-21:00"},
    {"carbone before noon", "carbone", "", -1, "00:00-12:00"},
    {"carbone 7-9pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7-9", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7pm-9pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 18:00-20:00", "carbone", "", -1, "18:00-20:00"},
    {"carbone 5:30-7:15pm", "carbone", "", -1, "17:30-19:15"},
    {"carbone 11-1pm", "carbone", "", -1, "11:00-13:00"},
    {"carbone 11am-1pm", "carbone", "", -1, "11:00-13:00"},
    {"carbone between 7 and 9", "carbone", "", -1, "19:00-21:00"},
    {"carbone between 7 and 9 pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone between 6:30 and 8", "carbone", "", -1, "18:30-20:00"},
    {"carbone from 7 to 9", "carbone", "", -1, "19:00-21:00"},
    {"carbone from 7pm until 9pm for 2", "carbone", "", 2, "19:00-21:00"},
    {"carbone from 7 on", "carbone", "", -1, "19:00-29:00"},
    {"carbone for 7:30 tomorrow", "carbone", "2031-05-10", -1, "18:30-20:30"},
    {"carbone for 8pm for 2", "carbone", "", 2, "19:00-21:00"},
    /* meals */
    {"carbone dinner tomorrow", "carbone", "2031-05-10", -1, "17:30-21:30"},
    {"carbone for dinner tomorrow", "carbone", "2031-05-10", -1, "17:30-21:30"},
    {"carbone lunch for 2", "carbone", "", 2, "11:30-14:30"},
    {"carbone sunday brunch", "carbone", "2031-05-11", -1, "10:30-14:00"},
    {"carbone breakfast tomorrow", "carbone", "2031-05-10", -1, "08:00-10:30"},
    {"carbone anytime tomorrow", "carbone", "2031-05-10", -1, "any"},
    {"carbone any time friday for 2", "carbone", "2031-05-09", 2, "any"},
    /* all together, in every order */
    {"carbone next friday 7-9pm for 4", "carbone", "2031-05-16", 4, "19:00-21:00"},
    {"for 4 next friday 7-9pm carbone", "carbone", "2031-05-16", 4, "19:00-21:00"},
    {"7pm tomorrow for 2 at Don Angie", "Don Angie", "2031-05-10", 2, "18:00-20:00"},
    {"Don Angie, Dec 12th, 7:30pm, 2 people", "Don Angie", "2031-12-12", 2, "18:30-20:30"},
    {"Don Angie for 2 on saturday at 7:30 pm, please", "Don Angie", "2031-05-10", 2, "18:30-20:30"},
    {"Via Carota 2031-06-01 after 6:30 for 2", "Via Carota", "2031-06-01", 2, "18:30-29:00"},
    /* a bare answer to a question */
    {"2", "2", "", -1, ""},
    {"for 2", "", "", 2, ""},
    {"tomorrow for 2", "", "2031-05-10", 2, ""},
    {"8pm", "", "", -1, "19:00-21:00"},
    {"2 people", "", "", 2, ""},
    /* names that try something */
    {"\"Carbone\" tomorrow", "Carbone", "2031-05-10", -1, ""},
    {"Joe's Pizza tomorrow for 2", "Joe's Pizza", "2031-05-10", 2, ""},
    {"L'Artusi friday for 2", "L'Artusi", "2031-05-09", 2, ""},
    {"'; DROP TABLE venue;-- tomorrow for 2", "'; DROP TABLE venue;--", "2031-05-10", 2, ""},
    {"x' OR '1'='1 tomorrow", "x' OR '1'='1", "2031-05-10", -1, ""},
    {"<b>Carbone</b> tomorrow", "<b>Carbone</b>", "2031-05-10", -1, ""},
    {"*Carbone* _x_ [a](http://e.example) tomorrow", "*Carbone* _x_ [a](http://e.example)",
     "2031-05-10", -1, ""},
    {"%s%n%d tomorrow", "%s%n%d", "2031-05-10", -1, ""},
    {"{\"type\":\"done\"} tomorrow", "{\"type\":\"done\"}", "2031-05-10", -1, ""},
    {"/etc/passwd tomorrow", "/etc/passwd", "2031-05-10", -1, ""},
    {"-5 tomorrow", "-5", "2031-05-10", -1, ""},
    /* numbers that are none of ours */
    {"carbone tomorrow 99999999999999999999", "carbone 99999999999999999999", "2031-05-10", -1, ""},
    {"carbone 555-1234", "carbone 555-1234", "", -1, ""},
    {"carbone 1/2/", "carbone 1/2/", "", -1, ""},
    {"carbone 12:3", "carbone 12:3", "", -1, ""},
    {"carbone 2031-05", "carbone 2031-05", "", -1, ""},
};

TEST(plain_phrases_mean_what_a_person_means)
{
    assert_true(ARRAY_LEN(phrases) >= 120);
    all_understood(phrases, ARRAY_LEN(phrases), noon);
}

/* As people talk. */
static const struct phrase spoken[] = {
    /* people */
    {"carbone tomorrow for me and my wife", "carbone", "2031-05-10", 2, ""},
    {"me and my wife at carbone tomorrow", "carbone", "2031-05-10", 2, ""},
    {"carbone friday, my husband and I", "carbone", "2031-05-09", 2, ""},
    {"carbone friday with my boyfriend", "carbone", "2031-05-09", 2, ""},
    {"carbone tomorrow with 3 friends", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow with three friends", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow me and 3 friends", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow for me, my wife and two kids", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow with my wife and our two kids", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow me and my parents", "carbone", "2031-05-10", 3, ""},
    {"carbone tomorrow 2 adults and 2 kids", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow with a friend", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow just me", "carbone", "2031-05-10", 1, ""},
    {"carbone tomorrow solo", "carbone", "2031-05-10", 1, ""},
    {"carbone tomorrow by myself", "carbone", "2031-05-10", 1, ""},
    {"carbone tomorrow, a dozen of us", "carbone", "2031-05-10", 12, ""},
    {"a dozen of us at carbone tomorrow", "carbone", "2031-05-10", 12, ""},
    {"half a dozen of us at carbone tomorrow", "carbone", "2031-05-10", 6, ""},
    {"carbone tomorrow the two of us", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow for the 4 of us", "carbone", "2031-05-10", 4, ""},
    {"carbone tomorrow both of us", "carbone", "2031-05-10", 2, ""},
    {"there are 5 of us, carbone tomorrow", "carbone", "2031-05-10", 5, ""},
    {"carbone tomorrow 4-6 people", "carbone", "2031-05-10", 6, ""},
    {"carbone tomorrow 4 or 5 people", "carbone", "2031-05-10", 5, ""},
    {"carbone tomorrow x2", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow 2x", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow a party of four", "carbone", "2031-05-10", 4, ""},
    {"party of 4 tomorrow at carbone", "carbone", "2031-05-10", 4, ""},
    {"my family of 5 at carbone tomorrow", "carbone", "2031-05-10", 5, ""},
    {"carbone tomorrow just for two", "carbone", "2031-05-10", 2, ""},
    {"2 tomorrow carbone", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow for 15 people", "carbone", "2031-05-10", 15, ""},
    {"carbone tomorrow for fifteen", "carbone", "2031-05-10", 15, ""},
    /* numbers in names */
    {"Bar 19 tomorrow", "Bar 19", "2031-05-10", -1, ""},
    {"tomorrow for 2 at 4 Charles Prime Rib", "4 Charles Prime Rib", "2031-05-10", 2, ""},
    {"at 4 Charles Prime Rib tomorrow for 2", "4 Charles Prime Rib", "2031-05-10", 2, ""},
    {"24/7 Diner tomorrow", "24/7 Diner", "2031-05-10", -1, ""},
    {"The 5th Floor tomorrow", "The 5th Floor", "2031-05-10", -1, ""},
    /* days in names */
    {"Mon Ami Gabi tomorrow for 2", "Mon Ami Gabi", "2031-05-10", 2, ""},
    {"Thursday Kitchen tomorrow", "Thursday Kitchen", "2031-05-10", -1, ""},
    {"Sun Noodle friday for 2", "Sun Noodle", "2031-05-09", 2, ""},
    {"Late Night Ramen Club", "Late Night Ramen Club", "", -1, ""},
    {"Early Bird Cafe", "Early Bird Cafe", "", -1, ""},
    /* after midnight: the night after, as "midnight" is */
    {"carbone at 12am", "carbone", "", -1, "23:00-25:00"},
    {"carbone 12:30am", "carbone", "", -1, "23:30-25:30"},
    {"carbone 1am", "carbone", "", -1, "24:00-26:00"},
    {"carbone at 24:00", "carbone", "", -1, "23:00-25:00"},
    {"carbone 10pm-1am", "carbone", "", -1, "22:00-25:00"},
    /* two ends */
    {"carbone 9-11", "carbone", "", -1, "21:00-23:00"},
    {"carbone between 9pm and 11", "carbone", "", -1, "21:00-23:00"},
    {"carbone 7 - 9pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7\u20139pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7 to 9pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7 till 9pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7:30 to 9", "carbone", "", -1, "19:30-21:00"},
    {"carbone 7pm or 8pm", "carbone", "", -1, "19:00-20:00"},
    {"carbone at 7 or 8", "carbone", "", -1, "19:00-20:00"},
    {"carbone 7pm or later", "carbone", "", -1, "19:00-29:00"},
    {"carbone 9pm or earlier", "carbone", "", -1, "00:00-21:00"},
    {"carbone after 7 but before 9", "carbone", "", -1, "19:00-21:00"},
    {"carbone 7pm onwards", "carbone", "", -1, "19:00-29:00"},
    /* times as they are typed and said */
    {"carbone 8ish tomorrow", "carbone", "2031-05-10", -1, "19:00-21:00"},
    {"carbone tomorrow 7ish", "carbone", "2031-05-10", -1, "18:00-20:00"},
    {"carbone tomorrow 7:30ish", "carbone", "2031-05-10", -1, "18:30-20:30"},
    {"carbone around 7:30 or so tomorrow", "carbone", "2031-05-10", -1, "18:30-20:30"},
    {"carbone at 8 o'clock", "carbone", "", -1, "19:00-21:00"},
    {"carbone at 8 o\u2019clock tomorrow", "carbone", "2031-05-10", -1, "19:00-21:00"},
    {"carbone at eight", "carbone", "", -1, "19:00-21:00"},
    {"carbone at eight thirty", "carbone", "", -1, "19:30-21:30"},
    {"carbone half past seven", "carbone", "", -1, "18:30-20:30"},
    {"carbone quarter past 7", "carbone", "", -1, "18:15-20:15"},
    {"carbone a quarter to eight", "carbone", "", -1, "18:45-20:45"},
    {"carbone eight pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone @ 8pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone @8pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone 8:00\u202fPM", "carbone", "", -1, "19:00-21:00"},
    {"carbone tomorrow\u00a0for\u00a02", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow 8pm for 2\u3002", "carbone", "2031-05-10", 2, "19:00-21:00"},
    {"carbone exactly 19:15", "carbone", "", -1, "19:15-19:15"},
    {"carbone at exactly 8", "carbone", "", -1, "20:00-20:00"},
    {"carbone 8pm sharp", "carbone", "", -1, "20:00-20:00"},
    {"carbone not before 9", "carbone", "", -1, "21:00-29:00"},
    {"carbone no earlier than 7:30", "carbone", "", -1, "19:30-29:00"},
    {"carbone no later than 9", "carbone", "", -1, "00:00-21:00"},
    {"carbone not after 9pm", "carbone", "", -1, "00:00-21:00"},
    {"carbone anytime after 8", "carbone", "", -1, "20:00-29:00"},
    {"carbone 9pm at the latest", "carbone", "", -1, "00:00-21:00"},
    {"carbone 7 in the evening", "carbone", "", -1, "18:00-20:00"},
    {"carbone at 7 in the evening", "carbone", "", -1, "18:00-20:00"},
    {"carbone at 11 in the morning", "carbone", "", -1, "10:00-12:00"},
    {"carbone tomorrow, time doesn't matter", "carbone", "2031-05-10", -1, "any"},
    {"carbone tomorrow whenever", "carbone", "2031-05-10", -1, "any"},
    {"carbone tomorrow as late as possible", "carbone", "2031-05-10", -1, "late"},
    {"carbone tomorrow, the later the better", "carbone", "2031-05-10", -1, "late"},
    {"carbone tomorrow as early as possible for 2", "carbone", "2031-05-10", 2, "early"},
    {"carbone dinner tomorrow as late as possible", "carbone", "2031-05-10", -1, "17:30-21:30late"},
    /* meals and parts of a day */
    {"carbone tomorrow morning", "carbone", "2031-05-10", -1, "08:00-12:00"},
    {"carbone tomorrow afternoon", "carbone", "2031-05-10", -1, "12:00-17:00"},
    {"carbone late friday", "carbone", "2031-05-09", -1, "21:00-29:00"},
    {"carbone late dinner friday", "carbone", "2031-05-09", -1, "21:00-21:30"},
    {"carbone early dinner friday", "carbone", "2031-05-09", -1, "17:30-18:30"},
    {"carbone lunch or dinner friday", "carbone", "2031-05-09", -1, "11:30-21:30"},
    {"dinner at carbone friday for 2", "carbone", "2031-05-09", 2, "17:30-21:30"},
    {"dinner at 8 at carbone friday", "carbone", "2031-05-09", -1, "19:00-21:00"},
    {"brunch at carbone on sunday for 4", "carbone", "2031-05-11", 4, "10:30-14:00"},
    {"breakfast at 9 at carbone tomorrow", "carbone", "2031-05-10", -1, "08:00-10:00"},
    {"lunch at 1 at carbone tomorrow", "carbone", "2031-05-10", -1, "12:00-14:00"},
    {"carbone after work on monday", "carbone", "2031-05-12", -1, "18:00-29:00"},
    /* days as they are typed */
    {"carbone the 12th for 2", "carbone", "2031-05-12", 2, ""},
    {"carbone on the 5th", "carbone", "2031-06-05", -1, ""},
    {"carbone the 31st", "carbone", "2031-05-31", -1, ""},
    {"carbone the fifth", "carbone", "2031-06-05", -1, ""},
    {"sorry, the 28th", "", "2031-05-28", -1, ""},
    {"no, friday", "", "2031-05-09", -1, ""},
    {"actually make it saturday", "", "2031-05-10", -1, ""},
    {"carbone in a week", "carbone", "2031-05-16", -1, ""},
    {"carbone in 2 weeks", "carbone", "2031-05-23", -1, ""},
    {"carbone in a fortnight", "carbone", "2031-05-23", -1, ""},
    {"carbone two weeks from today", "carbone", "2031-05-23", -1, ""},
    {"carbone 3 days from now", "carbone", "2031-05-12", -1, ""},
    {"carbone a week from friday", "carbone", "2031-05-16", -1, ""},
    {"carbone a week from tomorrow", "carbone", "2031-05-17", -1, ""},
    {"carbone two weeks from saturday for 2", "carbone", "2031-05-24", 2, ""},
    {"carbone 12.12.2031", "carbone", "2031-12-12", -1, ""},
    {"carbone 2031/05/20", "carbone", "2031-05-20", -1, ""},
    {"carbone 2031.05.20", "carbone", "2031-05-20", -1, ""},
    {"carbone 5-20", "carbone", "2031-05-20", -1, ""},
    {"carbone december the 12th", "carbone", "2031-12-12", -1, ""},
    {"carbone friday dec 12", "carbone", "2031-12-12", -1, ""},
    {"carbone dec 12, friday", "carbone", "2031-12-12", -1, ""},
    {"carbone coming friday", "carbone", "2031-05-09", -1, ""},
    {"carbone this coming sunday", "carbone", "2031-05-11", -1, ""},
    {"carbone wensday", "carbone", "2031-05-14", -1, ""},
    /* holidays */
    {"carbone new year's eve for 2", "carbone", "2031-12-31", 2, ""},
    {"carbone on New Year\u2019s Eve", "carbone", "2031-12-31", -1, ""},
    {"carbone NYE", "carbone", "2031-12-31", -1, ""},
    {"carbone new year's day", "carbone", "2032-01-01", -1, ""},
    {"carbone valentine's day", "carbone", "2032-02-14", -1, ""},
    {"carbone valentines", "carbone", "2032-02-14", -1, ""},
    {"carbone Valentine's Day for two at 8", "carbone", "2032-02-14", 2, "19:00-21:00"},
    {"carbone christmas eve", "carbone", "2031-12-24", -1, ""},
    {"carbone thanksgiving", "carbone", "2031-11-27", -1, ""},
    {"carbone mother's day", "carbone", "2031-05-11", -1, ""},
    {"carbone father's day", "carbone", "2031-06-15", -1, ""},
    {"carbone memorial day", "carbone", "2031-05-26", -1, ""},
    {"carbone labor day", "carbone", "2031-09-01", -1, ""},
    {"carbone fourth of july", "carbone", "2031-07-04", -1, ""},
    {"carbone july 4th", "carbone", "2031-07-04", -1, ""},
    {"carbone easter", "carbone", "2032-03-28", -1, ""},
    {"carbone halloween", "carbone", "2031-10-31", -1, ""},
    /* several days */
    {"carbone any weekend in june", "carbone",
     "2031-06-01,2031-06-07,2031-06-08,2031-06-14,2031-06-15,2031-06-21,2031-06-22,2031-06-28,"
     "2031-06-29",
     -1, ""},
    {"carbone in the next 2 days", "carbone", "2031-05-09..2031-05-11", -1, ""},
    {"carbone yesterday for 2", "carbone", "2031-05-08", 2, ""},
    {"carbone friday evening", "carbone", "2031-05-09", -1, "17:00-23:00"},
    {"carbone 2ppl tomorrow", "carbone", "2031-05-10", 2, ""},
    {"carbone tomorrow no earlier than 8 and no later than 9", "carbone", "2031-05-10", -1,
     "20:00-21:00"},
    {"midnight anchovy saturday for 2", "midnight anchovy", "2031-05-10", 2, ""},
    {"tell me when Lark has a table on Dec 12 for 2", "Lark", "2031-12-12", 2, ""},
    {"let me know if lark gets a table friday for 2", "lark", "2031-05-09", 2, ""},
    {"tell me when something opens at lark on friday for 2", "lark", "2031-05-09", 2, ""},
    {"alert me about lark dec 12 2 people", "lark", "2031-12-12", 2, ""},
    {"lark any time is fine", "lark", "", -1, "any"},
    {"carbone this weekend", "carbone", "2031-05-10,2031-05-11", -1, ""},
    {"carbone next weekend for 2", "carbone", "2031-05-17,2031-05-18", 2, ""},
    {"carbone next week", "carbone", "2031-05-12..2031-05-18", -1, ""},
    {"carbone any night next week for 2", "carbone", "2031-05-12..2031-05-18", 2, ""},
    {"any evening next week at carbone", "carbone", "2031-05-12..2031-05-18", -1, ""},
    {"carbone this week", "carbone", "2031-05-09..2031-05-11", -1, ""},
    {"carbone friday or saturday", "carbone", "2031-05-09,2031-05-10", -1, ""},
    {"carbone friday or sunday", "carbone", "2031-05-09,2031-05-11", -1, ""},
    {"carbone fri/sat for 2", "carbone", "2031-05-09,2031-05-10", 2, ""},
    {"carbone fri-sun", "carbone", "2031-05-09..2031-05-11", -1, ""},
    {"carbone monday to wednesday", "carbone", "2031-05-12..2031-05-14", -1, ""},
    {"carbone mon - thu", "carbone", "2031-05-12..2031-05-15", -1, ""},
    {"carbone monday or tuesday next week", "carbone", "2031-05-12,2031-05-13", -1, ""},
    {"carbone next week thursday", "carbone", "2031-05-15", -1, ""},
    {"carbone friday next week", "carbone", "2031-05-16", -1, ""},
    {"carbone weekdays next week", "carbone", "2031-05-12..2031-05-16", -1, ""},
    {"carbone any weeknight next week", "carbone", "2031-05-12..2031-05-15", -1, ""},
    {"carbone any friday in june", "carbone", "2031-06-06,2031-06-13,2031-06-20,2031-06-27", -1,
     ""},
    {"carbone weekends in june", "carbone",
     "2031-06-01,2031-06-07,2031-06-08,2031-06-14,2031-06-15,2031-06-21,2031-06-22,2031-06-28,"
     "2031-06-29",
     -1, ""},
    {"carbone in february", "carbone", "2032-02-01..2032-02-29", -1, ""},
    {"carbone dec 12-14", "carbone", "2031-12-12..2031-12-14", -1, ""},
    {"carbone 12/12-12/14 for 2", "carbone", "2031-12-12..2031-12-14", 2, ""},
    {"carbone dec 12 to dec 14", "carbone", "2031-12-12..2031-12-14", -1, ""},
    {"carbone today or tomorrow", "carbone", "2031-05-09,2031-05-10", -1, ""},
    {"carbone tomorrow or dec 12", "carbone", "2031-05-10,2031-12-12", -1, ""},
    {"carbone from friday to sunday", "carbone", "2031-05-09..2031-05-11", -1, ""},
    /* whole sentences */
    {"book me a table at carbone tomorrow for 2", "carbone", "2031-05-10", 2, ""},
    {"is there anything at carbone tomorrow?", "carbone", "2031-05-10", -1, ""},
    {"who has a table tomorrow for 2 in soho", "soho", "2031-05-10", 2, ""},
    {"can you find carbone for 2 tomorrow", "carbone", "2031-05-10", 2, ""},
    {"Can you get us into Carbone this Friday at 8?", "Carbone", "2031-05-09", -1, "19:00-21:00"},
    {"I'd like a table at Don Angie for two tomorrow night", "Don Angie", "2031-05-10", 2,
     "17:00-29:00"},
    {"hi, any tables at carbone tonight for 2?", "carbone", "2031-05-09", 2, "17:00-29:00"},
    {"we want to go to Via Carota on saturday, 4 people, around 8", "Via Carota", "2031-05-10", 4,
     "19:00-21:00"},
    {"how about carbone on friday", "carbone", "2031-05-09", -1, ""},
    {"does carbone have anything tomorrow for 2", "carbone", "2031-05-10", 2, ""},
    {"\u201cCarbone\u201d tomorrow", "Carbone", "2031-05-10", -1, ""},
    {"please find me a table for 2 at carbone tomorrow at 7pm, thanks", "carbone", "2031-05-10", 2,
     "18:00-20:00"},
    {"let me know when carbone opens up friday for 2", "carbone", "2031-05-09", 2, ""},
    {"tell me when carbone has a table friday for 2", "carbone", "2031-05-09", 2, ""},
    {"watch carbone friday for 2", "carbone", "2031-05-09", 2, ""},
    {"notify me when there is a table at Don Angie next friday for 2", "Don Angie", "2031-05-16", 2,
     ""},
};

TEST(whole_sentences_mean_what_a_person_means)
{
    assert_true(ARRAY_LEN(phrases) + ARRAY_LEN(spoken) >= 250);
    all_understood(spoken, ARRAY_LEN(spoken), noon);
}

TEST(what_contradicts_itself_is_said_so)
{
    static const char *const in_words[][2] = {
        {"carbone for 2 for 4 tomorrow", "2 and 4"},
        {"carbone tomorrow at 7pm at 9:30pm", "two times"},
    };
    static const char *const in_days[][2] = {
        {"carbone friday dec 13", "Sat Dec 13"},
        {"carbone tomorrow sunday", "Sun May 11"},
        {"carbone dec 14 to dec 12", "Dec 12"},
        {"carbone 2031-05-10 to 2031-09-10", "too many"},
    };
    for (size_t i = 0; i < ARRAY_LEN(in_words); i++) {
        struct words words;
        FAILS(ERR_INPUT, words_read(in_words[i][0], &words, err));
        if (!strstr(err->say, in_words[i][1]))
            fail_msg("%s: %s", in_words[i][0], err->say);
    }
    for (size_t i = 0; i < ARRAY_LEN(in_days); i++) {
        struct words words;
        struct word_dates dates;
        OK(words_read(in_days[i][0], &words, err));
        FAILS(ERR_INPUT, words_dates(&words, noon, &dates, err));
        if (!strstr(err->say, in_days[i][1]))
            fail_msg("%s: %s", in_days[i][0], err->say);
    }
}

/* --- what a person would find wrong --- */

/* Plain forms: to be mended now. A row that is right moves up. */
static const struct phrase once_wrong[] = {
    {"Bar 19 tomorrow for 2", "Bar 19", "2031-05-10", 2, ""},
    {"Pier 17 friday for 2", "Pier 17", "2031-05-09", 2, ""},
    {"carbone 7-9 pm", "carbone", "", -1, "19:00-21:00"},
    {"carbone between 9 and 11", "carbone", "", -1, "21:00-23:00"},
    {"carbone 9pm-11", "carbone", "", -1, "21:00-23:00"},
    {"carbone tonight at 00:30", "carbone", "2031-05-09", -1, "23:30-25:30"},
    {"carbone 12am", "carbone", "", -1, "23:00-25:00"},
    {"carbone tomorrow 1930", "carbone", "2031-05-10", -1, "18:30-20:30"},
    {"carbone tomorrow 730pm", "carbone", "2031-05-10", -1, "18:30-20:30"},
    {"carbone from 7pm", "carbone", "", -1, "19:00-29:00"},
};

/* How many are wrong; each is said. */
static size_t count_wrong(const struct phrase *rows, size_t count)
{
    struct str wrong = STR_INIT(1 << 20);
    size_t bad = 0;
    for (size_t i = 0; i < count; i++)
        bad += !understood(&rows[i], noon, &wrong);
    if (bad)
        fprintf(stderr, "wrong: %zu of %zu:\n%s", bad, count, wrong.buf);
    str_free(&wrong);
    return bad;
}

TEST(plain_phrases_that_were_once_misread)
{
    assert_int_equal(count_wrong(once_wrong, ARRAY_LEN(once_wrong)), 0);
}

/* --- what does not exist --- */

TEST(a_date_or_a_time_that_does_not_exist_is_said_so)
{
    static const char *const phrases_without_sense[][2] = {
        {"carbone 2031-02-30", "2031-02-30"},
        {"carbone 2031-13-01", "2031-13-01"},
        {"carbone 2031-00-10", "2031-00-10"},
        {"carbone 2031-02-29", "2031-02-29"},
        {"carbone 2/30", "2/30"},
        {"carbone 13/1", "13/1"},
        {"carbone 0/5", "0/5"},
        {"carbone 2/29/31", "2/29/31"},
        {"carbone feb 30", "feb 30"},
        {"carbone june 31st for 2", "june 31st"},
        {"carbone 31 june", "31 june"},
        {"carbone feb 29 2031", "feb 29"},
        {"carbone dec 99", "dec 99"},
        {"carbone at 25:00", "25:00"},
        {"carbone 7:60", "7:60"},
        {"carbone 13pm", "13pm"},
        {"carbone 0am", "0am"},
        {"carbone 99:99 tomorrow for 2", "99:99"},
    };
    for (size_t i = 0; i < ARRAY_LEN(phrases_without_sense); i++) {
        struct words words;
        FAILS(ERR_INPUT, words_read(phrases_without_sense[i][0], &words, err));
        if (!strstr(err->say, phrases_without_sense[i][1]))
            fail_msg("%s: %s", phrases_without_sense[i][0], err->say);
    }
}

/* --- when it is said --- */

TEST(tonight_after_midnight_is_one_of_two_nights)
{
    static const struct phrase past_midnight[] = {
        {"carbone tonight for 2", "carbone", "2031-05-09 or 2031-05-10", 2, "17:00-29:00"},
        {"carbone today", "carbone", "2031-05-10", -1, ""},
        {"carbone tomorrow", "carbone", "2031-05-11", -1, ""},
        {"carbone saturday", "carbone", "2031-05-10", -1, ""},
    };
    const struct local half_past = {{2031, 5, 10}, 30, 0}, four = {{2031, 5, 10}, 240, 0};
    static const struct phrase at_four[] = {
        {"carbone tonight", "carbone", "2031-05-10", -1, "17:00-29:00"}};
    all_understood(past_midnight, ARRAY_LEN(past_midnight), half_past);
    all_understood(at_four, ARRAY_LEN(at_four), four);
}

TEST(the_turn_of_the_year_and_leap_days_are_counted_through)
{
    static const struct phrase in_december[] = {
        {"x tomorrow", "x", "2032-01-01", -1, ""},   {"x in 60 days", "x", "2032-02-29", -1, ""},
        {"x 12/31", "x", "2031-12-31", -1, ""},      {"x 1/1", "x", "2032-01-01", -1, ""},
        {"x feb 29", "x", "2032-02-29", -1, ""},     {"x friday", "x", "2032-01-02", -1, ""},
        {"x next friday", "x", "2032-01-09", -1, ""}};
    static const struct phrase on_leap_day[] = {{"x feb 29", "x", "2032-02-29", -1, ""},
                                                {"x tomorrow", "x", "2032-03-01", -1, ""},
                                                {"x feb 28", "x", "2033-02-28", -1, ""},
                                                {"x in 366 days", "x", "2033-03-01", -1, ""}};
    static const struct phrase after_leap_day[] = {{"x feb 29", "x", "2036-02-29", -1, ""},
                                                   {"x 2/29", "x", "2036-02-29", -1, ""}};
    all_understood(in_december, ARRAY_LEN(in_december), (struct local){{2031, 12, 31}, 720, 0});
    all_understood(on_leap_day, ARRAY_LEN(on_leap_day), (struct local){{2032, 2, 29}, 720, 0});
    all_understood(after_leap_day, ARRAY_LEN(after_leap_day), (struct local){{2032, 3, 1}, 720, 0});
}

static struct date only_date(const struct words *words, struct local now)
{
    struct word_dates dates;
    struct err err = ERR_INIT;
    assert_int_equal(words_dates(words, now, &dates, &err), 0);
    assert_int_equal(dates.count, 1);
    return dates.list[0];
}

TEST(next_and_this_weekday_are_right_from_every_day_of_the_week)
{
    static const char *const names[] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};
    for (int today = 0; today < 7; today++)
        for (int day = 0; day < 7; day++) {
            struct date base = date_add(noon.date, today), this, next;
            struct local now = {base, 720, 0};
            struct words words;
            auto_str said = STR_INIT(100);
            OK(words_read(names[day], &words, err));
            this = only_date(&words, now);
            assert_int_equal(date_weekday(this), day);
            assert_in_range(date_days(this) - date_days(base), 0, 6);
            str_addf(&said, "next %s", names[day]);
            OK(words_read(said.buf, &words, err));
            next = only_date(&words, now);
            assert_int_equal(date_weekday(next), day);
            /* in the week that begins on the coming Monday */
            int64_t monday = date_days(base) + 7 - (date_weekday(base) + 6) % 7;
            assert_in_range(date_days(next) - monday, 0, 6);
        }
}

/* --- kept and merged --- */

TEST(what_is_kept_comes_back_as_it_was)
{
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        struct words words, back;
        auto_str before = STR_INIT(1000), after = STR_INIT(1000), text = STR_INIT(10000);
        OK(words_read(phrases[i].said, &words, err));
        auto_json object = cJSON_CreateObject();
        words_save(&words, object);
        json_print(&text, object);
        auto_json again = json_parse(text.buf, text.len, "kept", err);
        assert_non_null(again);
        words_load(again, &back);
        describe(&words, noon, &before);
        describe(&back, noon, &after);
        assert_string_equal(before.buf, after.buf);
        assert_int_equal(back.from_minute, words.from_minute);
        assert_int_equal(back.to_minute, words.to_minute);
    }
}

TEST(what_was_kept_by_nobody_we_know_is_no_day)
{
    static const char *const objects[] = {
        "{}",
        "{\"days\":[{\"kind\":99}]}",
        "{\"days\":[{\"kind\":-1}]}",
        "{\"days\":[{\"kind\":1,\"date\":\"2031-02-30\"}]}",
        "{\"days\":[{\"kind\":1}]}",
        "{\"days\":[{\"kind\":5,\"date\":\"x\"}]}",
        "{\"days\":[{\"kind\":3,\"n\":7}]}",
        "{\"days\":[{\"kind\":7,\"n\":32}]}",
        "{\"days\":[1,null,\"x\"]}",
        "{\"days\":\"1\"}",
        "[]",
        "null",
    };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct words words;
        auto_json object = json_parse(objects[i], strlen(objects[i]), "kept", err);
        words_load(object, &words);
        assert_int_equal(words.day_count, 0);
        assert_int_equal(words.party, -1);
        assert_string_equal(words.name, "");
    }
}

TEST(what_is_said_later_replaces_what_was_said_before)
{
    static const struct {
        const char *first, *later, *want;
    } cases[] = {
        {"carbone", "tomorrow for 2", "carbone | 2031-05-10 | 2 | "},
        {"carbone tomorrow for 2 at 8", "for 4", "carbone | 2031-05-10 | 4 | 19:00-21:00"},
        {"carbone tomorrow", "don angie", "don angie | 2031-05-10 | -1 | "},
        {"carbone tomorrow at 8", "anytime", "carbone | 2031-05-10 | -1 | any"},
        {"carbone anytime", "7-9pm", "carbone |  | -1 | 19:00-21:00"},
        {"carbone tomorrow", "", "carbone | 2031-05-10 | -1 | "},
        {"carbone tomorrow", "friday", "carbone | 2031-05-09 | -1 | "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct words words, later;
        auto_str got = STR_INIT(1000);
        OK(words_read(cases[i].first, &words, err));
        OK(words_read(cases[i].later, &later, err));
        words_merge(&words, &later);
        describe(&words, noon, &got);
        assert_string_equal(got.buf, cases[i].want);
    }
}

/* --- too much --- */

TEST(a_line_without_end_is_cut_and_does_no_harm)
{
    static const char *const pieces[] = {"a ", "9", "for ", "é", "tomorrow ", "12/12 ", "東京 "};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct words words;
        auto_str text = STR_INIT(1 << 20);
        for (int n = 0; n < 20000; n++)
            str_add(&text, pieces[i]);
        OK(words_read(text.buf, &words, err));
        assert_true(strlen(words.name) < WORDS_NAME);
        assert_true(utf8_valid(words.name, strlen(words.name)));
    }
}

MAIN(cmocka_unit_test(plain_phrases_mean_what_a_person_means),
     cmocka_unit_test(whole_sentences_mean_what_a_person_means),
     cmocka_unit_test(what_contradicts_itself_is_said_so),
     cmocka_unit_test(plain_phrases_that_were_once_misread),
     cmocka_unit_test(a_date_or_a_time_that_does_not_exist_is_said_so),
     cmocka_unit_test(tonight_after_midnight_is_one_of_two_nights),
     cmocka_unit_test(the_turn_of_the_year_and_leap_days_are_counted_through),
     cmocka_unit_test(next_and_this_weekday_are_right_from_every_day_of_the_week),
     cmocka_unit_test(what_is_kept_comes_back_as_it_was),
     cmocka_unit_test(what_was_kept_by_nobody_we_know_is_no_day),
     cmocka_unit_test(what_is_said_later_replaces_what_was_said_before),
     cmocka_unit_test(a_line_without_end_is_cut_and_does_no_harm))
