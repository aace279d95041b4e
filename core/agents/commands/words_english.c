/* English: every word and form of words that the grammar knows. */
#include "core/agents/commands/words_inner.h"

#include "core/services/services.h"

#define HOURS(from, to) (int)((from)*60), (int)((to)*60)
#define AROUND          60 /* minutes each side of a time that is not said to be exact */

static const struct named weekdays[] = {
    {"sunday", 0},    {"sun", 0},        {"sundays", 0},   {"monday", 1},     {"mon", 1},
    {"mondays", 1},   {"tuesday", 2},    {"tue", 2},       {"tues", 2},       {"tuesdays", 2},
    {"wednesday", 3}, {"wed", 3},        {"weds", 3},      {"wednesdays", 3}, {"wensday", 3},
    {"thursday", 4},  {"thu", 4},        {"thur", 4},      {"thurs", 4},      {"thursdays", 4},
    {"friday", 5},    {"fri", 5},        {"fridays", 5},   {"saturday", 6},   {"sat", 6},
    {"saturdays", 6}, {"wednessday", 3}, {"saterday", 6},  {"thrusday", 4},   {"frday", 5},
    {"firday", 5},    {"wendsday", 3},   {"wedensday", 3}, {"satruday", 6},   {"saterday", 6},
    {"sundy", 0},     {"tusday", 2},     {"tuseday", 2},
};
/* A bit for each day, 1 for Sunday. */
static const struct named weekday_classes[] = {
    {"weekday", 0x3e},    {"weekdays", 0x3e}, {"weeknight", 0x1e},
    {"weeknights", 0x1e}, {"weekends", 0x41},
};
static const struct named months[] = {
    {"january", 1},   {"jan", 1},   {"february", 2},  {"feb", 2},      {"march", 3},
    {"mar", 3},       {"april", 4}, {"apr", 4},       {"may", 5},      {"june", 6},
    {"jun", 6},       {"july", 7},  {"jul", 7},       {"august", 8},   {"aug", 8},
    {"september", 9}, {"sep", 9},   {"sept", 9},      {"october", 10}, {"oct", 10},
    {"november", 11}, {"nov", 11},  {"december", 12}, {"dec", 12},
};
static const struct named numbers[] = {
    {"one", 1},      {"two", 2},          {"three", 3},     {"four", 4},      {"five", 5},
    {"six", 6},      {"seven", 7},        {"eight", 8},     {"nine", 9},      {"ten", 10},
    {"eleven", 11},  {"twelve", 12},      {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},
    {"sixteen", 16}, {"seventeen", 17},   {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},
    {"a dozen", 12}, {"half a dozen", 6}, {"a couple", 2},  {"dozen", 12},
};
static const struct named ordinals[] = {
    {"first", 1},     {"second", 2},   {"third", 3},      {"fourth", 4},     {"fifth", 5},
    {"sixth", 6},     {"seventh", 7},  {"eighth", 8},     {"ninth", 9},      {"tenth", 10},
    {"eleventh", 11}, {"twelfth", 12}, {"fifteenth", 15}, {"twentieth", 20}, {"thirtieth", 30},
};
static const struct named minutes[] = {
    {"fifteen", 15}, {"thirty", 30}, {"forty five", 45}, {"forty-five", 45}, {"oh five", 5},
};
static const struct named offsets[] = {
    {"today", 0},
    {"yesterday", -1},
    {"2morrow", 1},
    {"tomorro", 1},
    {"tomorrrow", 1},
    {"tmrow", 1},
    {"tomorrow", 1},
    {"tomorow", 1},
    {"tommorow", 1},
    {"tommorrow", 1},
    {"tmrw", 1},
    {"tmw", 1},
    {"tmr", 1},
    {"2moro", 1},
    {"day after tomorrow", 2},
    {"the day after tomorrow", 2},
    {"overmorrow", 2},
};
static const struct named day_units[] = {
    {"day", 1},  {"days", 1},  {"night", 1},      {"nights", 1},
    {"week", 7}, {"weeks", 7}, {"weeks time", 7}, {"fortnight", 14},
};
static const struct named weeks[] = {
    {"this week", 0},        {"later this week", 0},
    {"rest of the week", 0}, {"the rest of the week", 0},
    {"next week", 1},        {"the week after next", 2},
    {"week after next", 2},  {"the following week", 1},
};
static const struct named weekends[] = {
    {"weekend", 0},          {"this weekend", 0},           {"the weekend", 0},
    {"over the weekend", 0}, {"on the weekend", 0},         {"this coming weekend", 0},
    {"next weekend", 1},     {"the weekend after next", 2}, {"weekend after next", 2},
};
static const struct named month_words[] = {
    {"this month", 0}, {"later this month", 0}, {"next month", 1}};
static const struct named prefers[] = {
    {"as late as possible", PREFER_LATE},
    {"late as possible", PREFER_LATE},
    {"the later the better", PREFER_LATE},
    {"latest possible", PREFER_LATE},
    {"the latest", PREFER_LATE},
    {"latest table", PREFER_LATE},
    {"as early as possible", PREFER_EARLY},
    {"early as possible", PREFER_EARLY},
    {"the earlier the better", PREFER_EARLY},
    {"earliest possible", PREFER_EARLY},
    {"the earliest", PREFER_EARLY},
    {"earliest table", PREFER_EARLY},
};
/* Who counts as how many. */
static const struct named persons[] = {
    {"wife", 1},    {"husband", 1},      {"partner", 1},   {"girlfriend", 1}, {"boyfriend", 1},
    {"gf", 1},      {"bf", 1},           {"friend", 1},    {"spouse", 1},     {"fiance", 1},
    {"fiancee", 1}, {"mom", 1},          {"mum", 1},       {"mother", 1},     {"dad", 1},
    {"father", 1},  {"son", 1},          {"daughter", 1},  {"brother", 1},    {"sister", 1},
    {"boss", 1},    {"colleague", 1},    {"date", 1},      {"roommate", 1},   {"cousin", 1},
    {"kid", 1},     {"child", 1},        {"baby", 1},      {"parents", 2},    {"in-laws", 2},
    {"inlaws", 2},  {"grandparents", 2}, {"grandma", 1},   {"grandpa", 1},    {"plus one", 1},
    {"friends", 0}, {"kids", 0},         {"children", 0},  {"colleagues", 0}, {"others", 0},
    {"adults", 0},  {"adult", 1},        {"coworkers", 0}, {"more", 0},       {"brothers", 0},
    {"sisters", 0}, {"sons", 0},         {"daughters", 0}, {"clients", 0},    {"people", 0},
    {"guests", 0},  {"toddler", 1},      {"toddlers", 0},  {"babies", 0},
};
static const struct named halves[] = {
    {"am", 0},
    {"a.m", 0},
    {"a", 0},
    {"pm", 12},
    {"p.m", 12},
    {"p", 12},
    {"in the evening", 12},
    {"at night", 12},
    {"in the morning", 0},
    {"in the afternoon", 12},
};
static const struct holiday holidays[] = {
    {.name = "new years eve", .month = 12, .day = 31},
    {.name = "nye", .month = 12, .day = 31},
    {.name = "new years day", .month = 1, .day = 1},
    {.name = "new years", .month = 1, .day = 1},
    {.name = "valentines day", .month = 2, .day = 14},
    {.name = "valentines", .month = 2, .day = 14},
    {.name = "valentine day", .month = 2, .day = 14},
    {.name = "v-day", .month = 2, .day = 14},
    {.name = "st patricks day", .month = 3, .day = 17},
    {.name = "saint patricks day", .month = 3, .day = 17},
    {.name = "cinco de mayo", .month = 5, .day = 5},
    {.name = "juneteenth", .month = 6, .day = 19},
    {.name = "independence day", .month = 7, .day = 4},
    {.name = "fourth of july", .month = 7, .day = 4},
    {.name = "halloween", .month = 10, .day = 31},
    {.name = "veterans day", .month = 11, .day = 11},
    {.name = "christmas eve", .month = 12, .day = 24},
    {.name = "xmas eve", .month = 12, .day = 24},
    {.name = "christmas day", .month = 12, .day = 25},
    {.name = "christmas", .month = 12, .day = 25},
    {.name = "xmas", .month = 12, .day = 25},
    {.name = "boxing day", .month = 12, .day = 26},
    {.name = "mlk day", .month = 1, .weekday = 1, .nth = 3},
    {.name = "presidents day", .month = 2, .weekday = 1, .nth = 3},
    {.name = "mothers day", .month = 5, .weekday = 0, .nth = 2},
    {.name = "memorial day", .month = 5, .weekday = 1, .nth = -1},
    {.name = "fathers day", .month = 6, .weekday = 0, .nth = 3},
    {.name = "labor day", .month = 9, .weekday = 1, .nth = 1},
    {.name = "columbus day", .month = 10, .weekday = 1, .nth = 2},
    {.name = "thanksgiving", .month = 11, .weekday = 4, .nth = 4},
    {.name = "thanksgiving day", .month = 11, .weekday = 4, .nth = 4},
    {.name = "good friday", .easter = true, .day = -2},
    {.name = "easter sunday", .easter = true},
    {.name = "easter", .easter = true},
    {.name = "easter monday", .easter = true, .day = 1},
};
static const struct meal meals[] = {
    {"breakfast", HOURS(8, 10.5), true, false},
    {"brunch", HOURS(10.5, 14), true, false},
    {"lunch", HOURS(11.5, 14.5), false, false},
    {"dinner", HOURS(17.5, 21.5), false, false},
    {"supper", HOURS(17.5, 21.5), false, false},
    {"lunchtime", HOURS(11.5, 14.5), false, false},
    {"dinnertime", HOURS(17.5, 21.5), false, false},
    {"happy hour", HOURS(16, 18), false, true},
    {"morning", HOURS(8, 12), true, true},
    {"in the morning", HOURS(8, 12), true, true},
    {"afternoon", HOURS(12, 17), false, true},
    {"in the afternoon", HOURS(12, 17), false, true},
    {"early evening", HOURS(17, 19), false, true},
    {"early", HOURS(17, 18.5), false, true},
    {"late", HOURS(21, 29), false, true},
    {"late night", HOURS(22, 29), false, true},
    {"late evening", HOURS(21, 29), false, true},
    {"evening", HOURS(17, 23), false, true},
    {"night", HOURS(17, 29), false, true},
    {"at night", HOURS(17, 29), false, true},
    {"in the evening", HOURS(17, 23), false, true},
    {"after work", HOURS(18, 29), false, true},
    {"after theater", HOURS(22, 29), false, true},
    {"pre-theater", HOURS(17, 18.5), false, true},
};
static const struct way ways[] = {
    {"at", AROUND, AROUND},
    {"@", AROUND, AROUND},
    {"around", AROUND, AROUND},
    {"about", AROUND, AROUND},
    {"at about", AROUND, AROUND},
    {"at around", AROUND, AROUND},
    {"approx", AROUND, AROUND},
    {"circa", AROUND, AROUND},
    {"roughly", AROUND, AROUND},
    {"approximately", AROUND, AROUND},
    {"near", AROUND, AROUND},
    {"~", AROUND, AROUND},
    {"exactly", 0, 0},
    {"at exactly", 0, 0},
    {"exactly at", 0, 0},
    {"only at", 0, 0},
    {"at precisely", 0, 0},
    {"after", 0, -1},
    {"anytime after", 0, -1},
    {"any time after", 0, -1},
    {"not before", 0, -1},
    {"no earlier than", 0, -1},
    {"not earlier than", 0, -1},
    {"earliest", 0, -1},
    {"starting at", 0, -1},
    {"starting", 0, -1},
    {"later than", 0, -1},
    {"past", 0, -1},
    {"before", -1, 0},
    {"anytime before", -1, 0},
    {"any time before", -1, 0},
    {"by", -1, 0},
    {"until", -1, 0},
    {"till", -1, 0},
    {"til", -1, 0},
    {"no later than", -1, 0},
    {"not later than", -1, 0},
    {"not after", -1, 0},
    {"latest", -1, 0},
    {"earlier than", -1, 0},
    {"at the latest", -1, 0},
    {"up to", -1, 0},
};
static const struct way ways_after[] = {
    {"or later", 0, -1},
    {"and later", 0, -1},
    {"onwards", 0, -1},
    {"onward", 0, -1},
    {"or after", 0, -1},
    {"and after", 0, -1},
    {"on", 0, -1},
    {"and on", 0, -1},
    {"or earlier", -1, 0},
    {"or before", -1, 0},
    {"at the latest", -1, 0},
    {"latest", -1, 0},
    {"sharp", 0, 0},
    {"on the dot", 0, 0},
    {"exactly", 0, 0},
    {"at the earliest", 0, -1},
    {"earliest", 0, -1},
    {"precisely", 0, 0},
};

/* clang-format off */
#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__}
WORDS(tonight, "tonight", "tonite", "this evening", "2nite");
WORDS(prefix_next, "next", "on next");
WORDS(prefix_this, "this", "on", "on a", "on the", "this coming", "coming", "the coming", "any", "every", "a", "on any", "on this");
WORDS(any_day, "any night", "any day", "any evening", "every night", "every day", "each night", "all", "all of", "sometime", "some time", "some day", "some night", "a night", "a day", "one night", "one day", "any", "during");
WORDS(any_time, "anytime", "any time", "whenever", "at any time", "any hour", "no matter when", "all day", "all night", "flexible", "time doesnt matter", "any time works");
WORDS(from_words, "from");
WORDS(to_words, "to", "until", "till", "til", "-", "and", "through");
WORDS(range_to, "to", "until", "till", "til", "-", "through", "thru");
WORDS(or_words, "or", "and", "&", "/", "or maybe", "or on", "and on", "or else");
WORDS(group_words, "party of", "a party of", "group of", "a group of", "table for", "a table for", "family of", "a family of", "my family of", "tables for", "room for", "reservation for", "seats for");
WORDS(people, "people", "person", "persons", "guests", "guest", "ppl", "pax", "adults", "adult", "of us", "diners", "folks", "peeps", "friends", "seats", "covers", "top", "humans");
WORDS(me, "me", "i", "myself", "us");
WORDS(my, "my", "our", "a", "an", "his", "her", "the");
WORDS(with, "with", "plus", "bringing");
WORDS(find_starts,
    "book me a table at", "book us a table at", "book a table at", "book me a table for", "book a table for", "book me", "book us", "book a table", "book",
    "reserve a table at", "reserve me a table at", "reserve", "find me a table at", "find us a table at", "find a table at", "find me a table for", "find a table for", "find me a table", "find us a table", "find a table",
    "find me", "find us", "find", "get me a table at", "get us a table at", "get a table at", "get me into", "get us into", "get me a table", "get us a table", "get me", "get", "could we", "could i", "get us", "can you", "could you", "would you", "can we", "can i",
    "is there anything at", "is there a table at", "is there anything", "is there a table", "are there any tables at", "are there tables at", "are there any tables", "is there any table at", "is there", "anything at", "any tables at", "any table at", "any tables", "any availability at", "any availability", "any chance at", "any luck at", "anything available at", "anything free at", "any openings at", "what about", "how about", "what does",
    "i want to eat at", "i want to go to", "i want a table at", "i want to book", "i want", "id like a table at", "id like to go to", "id like to eat at", "id like to book", "id like", "i would like to go to", "i would like a table at", "i would like", "wed like a table at", "wed like to go to", "wed like", "we want to go to", "we want", "i need a table at", "i need", "we need a table at", "we need", "were looking for", "im looking for", "looking for", "look for", "looking to book", "look up", "who has a table at", "who has a table", "who has tables", "who has anything", "who has", "which restaurants have a table", "which restaurants have tables", "which places have a table", "which places have tables", "lets go to", "lets try", "lets eat at", "lets do", "lets", "do you have a table at", "do they have", "do you have", "does",
    "search for", "search", "check for", "check", "try", "show me", "show", "see if theres", "see if there is", "table at", "a table at", "tables at", "reservation at", "a reservation at", "reservations at", "a spot at", "spot at", "seats at", "we are", "we will be", "well be", "there are", "there will be", "it is", "its", "make it", "make that", "change it to", "change that to", "change to",
    "please", "pls", "hi", "hey", "hello", "ok", "okay", "so", "sorry", "oh sorry", "oops", "no sorry", "no wait", "no", "wait", "actually", "i mean", "i meant", "rather", "instead", "and", "then", "also", "lets say", "say", "maybe", "perhaps", "um", "hmm", "well");
WORDS(watch_starts,
    "watch for a table at", "watch for", "watch out for", "watch", "keep an eye on", "keep watching", "keep checking", "notify me when there is a table at", "notify me when", "notify me if", "notify me about", "notify me", "notify us when", "notify", "tell me when there is a table at", "tell me when theres a table at", "tell me when there is something at", "tell me when a table opens at", "tell me when something opens at", "tell me when something opens up at", "tell me if something opens at", "let me know when something opens at", "let me know if something opens at", "let me know if anything opens at", "notify me if anything opens at", "notify me when something opens at", "notify me if something opens at", "alert me about", "alert me when something opens at", "tell me as soon as", "tell me when", "tell me if", "let me know when there is a table at", "let me know when theres a table at", "let me know when a table opens at", "let me know as soon as", "let me know when", "let me know if", "alert me when", "alert me if", "alert me", "ping me when", "ping me if", "monitor", "track");
WORDS(ends, "please", "thanks", "thank you", "pls", "thx", "if possible", "instead", "available", "then", "free", "opens up", "opens", "has a table", "gets a table", "gets free", "has tables", "has any table", "has any tables", "has space", "is fine", "is ok", "is good", "works for me", "has a table free", "has anything", "has something", "has availability", "is available", "is free", "frees up", "comes up", "becomes available", "anything available", "anything", "something", "ok", "okay", "right", "for me", "for us", "somehow", "maybe", "now", "again", "too", "have", "have anything", "a table", "a spot", "have a table", "table");
WORDS(fillers, "at", "on", "for", "in", "a", "table", "please", "the", "of", "and", "or", "but", "to", "with", "is", "be", "would", "should", "ideally", "preferably", "say", "maybe", "like", "book", "there", "from");
WORDS(followers, "nights", "evenings", "please", "thanks", "then", "day", "time", "oclock", "date", "works", "is", "instead", "or so", "hours", "hrs", "h", "coming");
WORDS(in_words, "in", "within");
WORDS(of_words, "of");
WORDS(the, "the", "on the", "for the");
WORDS(between, "between");
WORDS(for_words, "for", "table for", "just for", "only for", "just", "only");
WORDS(oclock, "oclock", "o clock");
WORDS(half_past, "half past", "half");
WORDS(quarter_past, "quarter past", "a quarter past", "quarter after");
WORDS(quarter_to, "quarter to", "a quarter to", "quarter of", "quarter before");
WORDS(ish, "ish", "or so", "or thereabouts");
WORDS(from_day, "from", "after");

WORDS(yes, "yes", "yes please", "yep", "yeah", "sure", "ok", "okay", "do it", "go ahead", "please do", "y", "yup", "sounds good", "great");
WORDS(no, "no", "no thanks", "nope", "never mind", "nevermind", "forget it", "forget that", "cancel", "cancel that", "n", "nah", "not now", "no thank you", "actually no", "forget about it", "stop it", "dont bother");
WORDS(watch_it, "watch it", "watch that", "watch them", "watch this", "watch", "yes watch it", "ok watch it", "please watch it", "watch it please", "keep watching it", "tell me when it opens", "let me know when it opens", "notify me");
WORDS(any_place, "anything", "anywhere", "somewhere", "something", "any place", "any restaurant", "a restaurant", "restaurants", "someplace", "some place");
static const struct plain verbs[] = {
    {"stop watching", "stop"}, {"cancel watch", "stop"}, {"stop watch", "stop"}, {"cancel", "stop"}, {"stop", "stop"},
    {"cancel reservation", "cancel"}, {"cancel reservation at", "cancel"}, {"cancel my reservation at", "cancel"}, {"cancel my reservation", "cancel"}, {"cancel the reservation at", "cancel"}, {"cancel my booking at", "cancel"}, {"cancel booking at", "cancel"}, {"cancel my table at", "cancel"}, {"give up my table at", "cancel"},
    {"pause", "pause"}, {"pause watch", "pause"}, {"resume", "resume"}, {"resume watch", "resume"}, {"unpause", "resume"}, {"go on with", "resume"}, {"unmute", "resume"}, {"unsnooze", "resume"},
    {"snooze", "snooze"}, {"snooze watch", "snooze"}, {"mute", "snooze"}, {"mute watch", "snooze"}, {"silence", "snooze"},
    {"rename", "rename"}, {"rename watch", "rename"}, {"call watch", "rename"},
    {"edit", "edit"}, {"edit watch", "edit"}, {"change watch", "edit"},
    {"any news on", "watches"}, {"any news of", "watches"}, {"news on", "watches"}, {"update on", "watches"}, {"what did you find for", "watches"}, {"whats up with", "watches"}, {"hows watch", "watches"},
    {"why", "why"}, {"why no alert for", "why"}, {"why nothing for", "why"}, {"why is there nothing for", "why"}, {"why not", "why"}, {"whats with watch", "why"}, {"whats up with watch", "why"},
};
/* What a person says, and a part of what the provider writes in small letters; "": any. */
static const struct plain seatings[] = {
    {"at the bar", "bar"}, {"bar seating", "bar"}, {"bar seats", "bar"}, {"bar only", "bar"}, {"at the counter", "counter"}, {"counter seating", "counter"}, {"counter seats", "counter"}, {"chefs counter", "counter"},
    {"outdoors", "outdoor"}, {"outdoor seating", "outdoor"}, {"outdoor only", "outdoor"}, {"outdoor table", "outdoor"}, {"patio seating", "patio"}, {"on the patio", "patio"}, {"indoors", "indoor"}, {"indoor seating", "indoor"}, {"indoor only", "indoor"},
    {"dining room only", "dining room"}, {"in the dining room", "dining room"}, {"dining room seating", "dining room"}, {"any seating", ""}, {"any seat", ""},
};
static const struct named time_units[] = {
    {"second", 1000}, {"seconds", 1000}, {"sec", 1000}, {"secs", 1000}, {"s", 1000}, {"minute", 60000}, {"minutes", 60000}, {"min", 60000}, {"mins", 60000}, {"m", 60000},
    {"hour", 3600000}, {"hours", 3600000}, {"hr", 3600000}, {"hrs", 3600000}, {"h", 3600000}, {"day", 86400000}, {"days", 86400000}, {"d", 86400000}, {"week", 604800000},
};
/* -1: any fee; 0: none; 1: an amount follows. */
static const struct named fee_phrases[] = {
    {"any fee", -1}, {"whatever the fee", -1}, {"no fee", 0}, {"without fee", 0}, {"without a fee", 0}, {"no fees", 0}, {"no deposit", 0}, {"without deposit", 0},
    {"fee", 1}, {"max fee", 1}, {"maximum fee", 1}, {"fee up to", 1}, {"fee at most", 1}, {"fee of at most", 1}, {"fee under", 1}, {"fees up to", 1}, {"fee max", 1}, {"fee limit", 1},
};
WORDS(every_words, "every", "each", "check every", "checking every", "ask every", "asking every", "once every");
WORDS(fee_words, "fee", "fees", "deposit");
WORDS(book_starts, "book", "reserve", "please book", "please reserve", "i want to book", "id like to book", "can you book", "could you book");
WORDS(at_most, "at most", "up to", "under", "max", "no more than");
WORDS(name_ends, "but", "or", "and", "with", "instead", "-", "/");
WORDS(between_names, "or", "and", "/", "or maybe", "or at", "and at");
WORDS(articles, "the", "in", "in the");
static const struct plain plain[] = {
    {"help", "help"}, {"hi", "help"}, {"hello", "help"}, {"hey", "help"}, {"what can you do", "help"}, {"how does this work", "help"},
    {"what am i watching", "watches"}, {"my watches", "watches"}, {"list my watches", "watches"}, {"show my watches", "watches"}, {"show me my watches", "watches"}, {"what are you watching", "watches"}, {"list watches", "watches"}, {"watches", "watches"},
    {"status", "status"}, {"are you alive", "status"}, {"are you there", "status"}, {"are you working", "status"}, {"how are you", "status"},
    {"stop all", "stop all"}, {"cancel all my watches", "stop all"}, {"stop all my watches", "stop all"}, {"cancel everything", "stop all"}, {"cancel all watches", "stop all"}, {"who are you", "help"}, {"?", "help"}, {"quit", "bye"}, {"exit", "bye"}, {"bye", "bye"}, {"goodbye", "bye"}, {"show me more", "next"}, {"stop everything", "stop all"}, {"stop all watches", "stop all"}, {"stop watching", "stop all"}, {"cancel all", "stop all"}, {"stop watching everything", "stop all"},
    {"why", "why"}, {"why not", "why"}, {"pause", "pause"}, {"resume", "resume"}, {"snooze", "snooze"},
    {"toughest", "toughest"}, {"the toughest", "toughest"}, {"hard to get", "toughest"}, {"hardest to get", "toughest"}, {"toughest list", "toughest"}, {"hit list", "toughest"}, {"the hit list", "toughest"}, {"the toughest list", "toughest"}, {"what is hard to get", "toughest"},
    {"anything new", "again"}, {"is there anything new", "again"}, {"whats new", "again"}, {"what is new", "again"}, {"any news", "again"}, {"check again", "again"}, {"look again", "again"}, {"search again", "again"},
    {"reservations", "reservations"}, {"my reservations", "reservations"}, {"list my reservations", "reservations"}, {"show my reservations", "reservations"}, {"my bookings", "reservations"}, {"what have i booked", "reservations"}, {"what did i book", "reservations"}, {"what do i have booked", "reservations"}, {"cancel my reservation", "cancel"}, {"cancel my booking", "cancel"}, {"cancel a reservation", "cancel"},
    {"settings", "settings"}, {"my settings", "settings"}, {"start over", "new"}, {"undo", "undo"}, {"undo that", "undo"},
    {"next", "next"}, {"more", "next"}, {"show more", "next"}, {"next page", "next"}, {"more please", "next"}, {"previous", "next back"}, {"back", "next back"}, {"go back", "next back"},
    {"thanks", "thanks"}, {"thank you", "thanks"}, {"thx", "thanks"}, {"cool", "thanks"}, {"nice", "thanks"}, {"perfect", "thanks"}, {"good", "thanks"},
};

#define ALL(name) .name = {name, ARRAY_LEN(name)}
const struct language english = {
    ALL(weekdays), ALL(weekday_classes), ALL(months), ALL(numbers), ALL(offsets), ALL(ordinals), ALL(minutes),
    ALL(day_units), ALL(weeks), ALL(weekends), ALL(month_words), ALL(prefers), ALL(persons),
    ALL(halves), ALL(holidays), ALL(meals), ALL(ways), ALL(ways_after), ALL(tonight),
    ALL(prefix_next), ALL(prefix_this), ALL(any_day), ALL(any_time), ALL(from_words), ALL(to_words),
    ALL(or_words), ALL(group_words), ALL(people), ALL(me), ALL(my), ALL(with), ALL(find_starts),
    ALL(watch_starts), ALL(ends), ALL(fillers), ALL(followers), ALL(in_words),
    ALL(of_words), ALL(the), ALL(between), ALL(range_to), ALL(for_words), ALL(oclock), ALL(half_past),
    ALL(quarter_past), ALL(quarter_to), ALL(ish), ALL(from_day),
    ALL(yes), ALL(no), ALL(watch_it), ALL(any_place), ALL(name_ends), ALL(verbs), ALL(seatings),
    ALL(time_units), ALL(fee_phrases), ALL(every_words), ALL(fee_words), ALL(at_most), ALL(book_starts),
    ALL(articles), ALL(between_names), ALL(plain),
    .noon = "noon", .midnight = "midnight",
};
/* clang-format on */
