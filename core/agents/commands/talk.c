/* What is said without a slash: the answer to a question, a correction of the last wish, or a wish
 * of its own. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"
#include "core/base/utf8.h"

#define NAME_MOST 60 /* bytes; more is no name that is worth asking for */

static int not_an_answer(struct run *run, struct err *err)
{
    run->pending = mem_text(run->session.pending); /* the question stands */
    return err_set(err, ERR_INPUT,
                   "I did not understand that as an answer. Say a day and a number of people, "
                   "like \"tomorrow for 2\", or /new to forget it.",
                   "no answer to the question");
}

/* "2" alone, where only the party is missing. */
static void bare_number(struct words *more)
{
    char *end;
    long n = strtol(more->name, &end, 10);
    if (end == more->name || *end || more->party >= 0)
        return;
    more->party = n;
    more->name[0] = '\0';
}

/* "the tavern", "in chelsea", "2": one of those that were offered; 0: none, or several. */
static int64_t named_choice(const cJSON *choices, const char *text)
{
    const cJSON *choice;
    int64_t found = 0, number = 0, at = 0;
    char *end;
    auto_text said = utf8_fold(text);
    long n = strtol(said, &end, 10);
    const char *bare = words_past_article(said);
    if (end != said && !*end)
        number = n;
    cJSON_ArrayForEach(choice, choices)
    {
        auto_text name = utf8_fold(json_text_or(choice, "name", ""));
        auto_text hood = utf8_fold(json_text_or(choice, "hood", ""));
        int64_t id = json_i64_or(choice, "id", 0);
        if (!strcmp(name, said) || ++at == number)
            return id;
        if (*bare && (!strcmp(hood, bare) || venue_likeness(bare, name) >= 1))
            found = found ? -1 : id;
    }
    return MAX_OF(found, 0);
}

/* The provider knows it by that very name, or by a part of it. */
static bool is_a_place(struct run *run, const char *name, struct venue_choice *ret)
{
    struct err err = ERR_INIT;
    if (strlen(name) > NAME_MOST ||
        venue_resolve(run->services, &run->account, name, run->cancel, ret, &err))
        return false;
    auto_text asked = utf8_fold(name);
    for (size_t i = 0; i < ret->count; i++) {
        auto_text known = utf8_fold(ret->venues[i].name);
        if (venue_likeness(asked, known) >= 2)
            return true;
    }
    return false;
}

/* The answer to what was asked. A name that is known stays: what is left over of "tomorrow then"
 * is no other restaurant. */
static int go_on(struct run *run, const char *text, struct err *err)
{
    struct look look;
    struct words more;
    struct venue_choice choice;
    auto_json object = json_parse(run->session.pending, strlen(run->session.pending), "pending",
                                  err);
    if (!object)
        return -1;
    look_load(run, object, &look);
    int64_t chosen = named_choice(json_array(object, "choices"), text);
    if (chosen) {
        look.venue_id = chosen;
        look.also_count = 0;
        return look_on(&look, err);
    }
    if (words_read(text, &more, err)) {
        run->pending = mem_text(run->session.pending);
        return -1;
    }
    if (look.words.party < 0)
        bare_number(&more);
    if (*more.name && more.day_count && more.party >= 0) /* of its own: the old one is over */
        return look_begin(run, &more, look.watch, NULL, err);
    if (*more.name && words_has_wish(&more) && is_a_place(run, more.name, &choice))
        return look_begin(run, &more, look.watch, &choice, err);
    bool choosing = json_array(object, "choices");
    if (*more.name && choosing && !words_has_wish(&more)) /* none of them: another name */
        return look_begin(run, &more, look.watch, NULL, err);
    if (*look.words.name || look.venue_id)
        more.name[0] = '\0';
    if (!*more.name && !words_has_wish(&more) && !more.any_place)
        return not_an_answer(run, err);
    if (more.day_count)
        look.said_ms = run->message.received_ms;
    words_merge(&look.words, &more);
    return look_on(&look, err);
}

/* "sorry, the 28th", "for 4 then": the last wish, with this instead. */
static int correct(struct run *run, const cJSON *last, const struct words *words,
                   const struct venue_choice *choice, struct err *err)
{
    struct look look;
    look_load(run, last, &look);
    if (words->day_count)
        look.said_ms = run->message.received_ms;
    if (*words->name) {
        look.venue_id = 0;
        look.also_count = 0;
    }
    words_merge(&look.words, words);
    look.watch = words->watch;
    look.choice = choice;
    return look_on(&look, err);
}

/* A name and nothing else: is there such a place? */
static int maybe_a_name(struct run *run, const cJSON *last, const struct words *words,
                        struct err *err)
{
    struct venue_choice choice;
    struct err no_matter = ERR_INIT;
    const struct account *account = &run->account;
    bool known = *words->name && strlen(words->name) <= NAME_MOST &&
                 venue_resolve(run->services, account, words->name, run->cancel, &choice,
                               &no_matter) == 0 &&
                 choice.answer != VENUE_NONE;
    if (known && last)
        return correct(run, last, words, &choice, err); /* the same day and party, there */
    if (known)
        return look_begin(run, words, false, &choice, err);
    if (no_matter.kind == ERR_CANCELLED || no_matter.kind == ERR_DENIED) {
        *err = no_matter;
        return -1;
    }
    return err_set(err, ERR_INPUT,
                   "I did not understand that. Say a restaurant, a day and how many: \"Sorrel & "
                   "Ash tomorrow for 2 at 8pm\". /help shows more.",
                   "free text without a wish");
}

int command_bye(struct run *run, const char *args, struct err *err)
{
    (void)args, (void)err;
    run_text(run, "Goodbye. In the terminal, Ctrl-D leaves.");
    return 0;
}

int command_thanks(struct run *run, const char *args, struct err *err)
{
    (void)args, (void)err;
    run_text(run, "You are welcome.");
    return 0;
}

int talk(struct run *run, const char *text, struct err *err)
{
    struct words words;
    auto_json pending = look_recent(run, run->session.pending);
    auto_json last = look_recent(run, run->session.last_search);
    enum words_answer answer = words_answer(text);
    if (answer == ANSWER_NO) {
        run_text(run, pending ? "All right, forgotten." : "All right.");
        return 0;
    }
    bool offered = false;
    json_flag(last, "offered", &offered);
    bool watch_it = answer == ANSWER_WATCH || (answer == ANSWER_YES && !pending && offered);
    if (watch_it && last) {
        struct look look;
        look_load(run, last, &look);
        look.watch = true;
        return look_on(&look, err);
    }
    if (pending)
        return go_on(run, text, err);
    if (words_read(text, &words, err))
        return -1;
    bool wish = words_has_wish(&words);
    if (!*words.name && !words.any_place && wish && last)
        return correct(run, last, &words, NULL, err);
    if (wish || words.watch)
        return look_begin(run, &words, false, NULL, err);
    return maybe_a_name(run, last, &words, err);
}
