/* What a person does with a watch that there is: pause, resume, silence, title, edit, ask why. */
#include "core/agents/commands/commands.h"
#include "core/agents/commands/words.h"

#include "core/base/utf8.h"

#define SNOOZE_MS   HOUR_MS
#define SNOOZE_MOST (30 * DAY_MS)

/* 1: the watch is known and may be changed now; 0: the person is asked, or has to press. */
static int begin(struct run *run, const char *args, const char *verb, const char *action,
                 int64_t *ret_id, const char **ret_rest, struct err *err)
{
    int one = watch_named(run, args, verb, action, ret_id, ret_rest, err);
    if (one <= 0 || run->message.acts)
        return one;
    run_text(run, "Shall I? Press the button.");
    watch_button(run, verb, action, *ret_id, false, RUN_BUTTON_TTL);
    return 0;
}

/* Changes it and says what it is then; `how` begins the sentence. */
static int change(struct run *run, int64_t id, const struct watch_change *change, const char *how,
                  struct err *err)
{
    struct watch watch;
    auto_str words = STR_INIT(500);
    if (watch_edit(run->services, run->account.id, id, change, &watch, err))
        return -1;
    watch_words(&words, &watch, env_wall_ms(run->services->env));
    run_text(run, "Watch %lld %s: %s.", (long long)id, how, words.buf);
    return 0;
}

static int pause_it(struct run *run, int64_t id, struct err *err)
{
    static const struct watch_change pause = {.pause = true};
    if (change(run, id, &pause, "is paused", err))
        return -1;
    watch_button(run, "Resume", "resume", id, false, 2 * DAY_MS);
    return 0;
}

static int resume_it(struct run *run, int64_t id, struct err *err)
{
    static const struct watch_change resume = {.resume = true};
    return change(run, id, &resume, "goes on", err);
}

static int snooze_it(struct run *run, int64_t id, int64_t ms, struct err *err)
{
    char span[SPAN_WORDS], how[80];
    struct watch_change snooze = {.snooze_ms = ms};
    snprintf(how, sizeof(how), "is silent for %s", span_words(ms, span));
    if (change(run, id, &snooze, how, err))
        return -1;
    watch_button(run, "Resume", "resume", id, false, 2 * DAY_MS);
    return 0;
}

int command_pause(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    int one = begin(run, args, "Pause", "pause", &id, &rest, err);
    return one <= 0 ? one : pause_it(run, id, err);
}

int command_resume(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    int one = begin(run, args, "Resume", "resume", &id, &rest, err);
    return one <= 0 ? one : resume_it(run, id, err);
}

int command_snooze(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    int one = watch_named(run, args, "Snooze", "snooze", &id, &rest, err);
    if (one <= 0)
        return one;
    int64_t ms = *rest ? words_duration(rest) : SNOOZE_MS;
    if (ms <= 0 || ms > SNOOZE_MOST)
        return err_set(err, ERR_INPUT,
                       "For how long? Say it like \"/snooze 12 2 hours\", at most 30 days.",
                       "no duration");
    if (run->message.acts)
        return snooze_it(run, id, ms, err);
    char label[64], span[SPAN_WORDS];
    cJSON *kept = cJSON_CreateObject();
    json_put_i64(kept, "watch", id);
    json_put_i64(kept, "ms", ms);
    snprintf(label, sizeof(label), "Snooze watch %lld for %s", (long long)id, span_words(ms, span));
    run_button(run, label, "snooze", kept, false, RUN_BUTTON_TTL);
    run_text(run, "Shall I? Press the button.");
    return 0;
}

int command_rename(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    char title[96];
    int one = watch_named(run, args, NULL, NULL, &id, &rest, err);
    if (one <= 0)
        return one;
    auto_str shown = STR_INIT(sizeof(title) - 1);
    rest += strncmp(rest, "to ", 3) ? 0 : 3;
    str_add_shown(&shown, rest, strlen(rest));
    utf8_copy(title, sizeof(title), shown.buf);
    if (!*title)
        return err_set(err, ERR_INPUT, "Which title? Say it like \"/rename 12 Our anniversary\".",
                       "no title");
    struct watch_change rename = {.title = title};
    return change(run, id, &rename, "has a title", err);
}

/* --- edit --- */

/* `said_ms`: "tomorrow" is from then. */
static int days_of(const struct words *words, int64_t said_ms, const struct watch *w,
                   struct word_dates *ret, struct err *err)
{
    auto_zone zone = services_zone(w->zone);
    *ret = (struct word_dates){0};
    if (!words->day_count)
        return 0;
    if (words_dates(words, zone_local(zone, said_ms), ret, err))
        return -1;
    if (ret->count && !ret->either && !ret->far)
        return 0;
    return err_set(err, ERR_INPUT, "Which day do you mean? Say its date, please.", "no such day");
}

static int edit_it(struct run *run, int64_t id, const struct words *words, int64_t said_ms,
                   struct err *err)
{
    struct watch_change edit = {.party = words->party_least ? words->party_least
                                                            : MAX_OF(words->party, (int64_t)0),
                                .party_most = words->party_least ? words->party : 0,
                                .has_window = words->has_time,
                                .any_time = words->any_time,
                                .from_minute = words->from_minute,
                                .to_minute = words->to_minute,
                                .has_fee = words->has_fee,
                                .any_fee = words->max_fee < 0,
                                .max_fee_cents = words->max_fee * 100,
                                .seating = words->has_seating ? words->seating : NULL,
                                .interval_ms = words->every_ms};
    struct watch watch;
    struct word_dates dates;
    if (watch_of(run->services, run->account.id, id, &watch, err) ||
        days_of(words, said_ms, &watch, &dates, err))
        return -1;
    struct wish wish = {.day = {2000, 1, 1}, .party = words->party >= 0 ? words->party : 1};
    if (wish_check(&wish, NULL, wish.day, err))
        return -1;
    edit.days = dates.list;
    edit.day_count = dates.count;
    return change(run, id, &edit, "is now", err);
}

int command_edit(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    struct words words;
    int one = watch_named(run, args, NULL, NULL, &id, &rest, err);
    if (one <= 0)
        return one;
    if (words_read(rest, &words, err))
        return -1;
    bool says = words_has_wish(&words) || words.every_ms || words.has_fee || words.has_seating;
    if (!says || *words.name) {
        auto_str shown = STR_INIT(60);
        str_add_shown(&shown, words.name, strlen(words.name));
        err_set(err, ERR_INPUT, NULL, "an edit that says nothing, or too much");
        return err_say(err,
                       "%s%s%sSay what is to change: a day, people, a time, \"every 2 minutes\", "
                       "\"fee up to 25\", \"bar seating\". /rename gives it a title.",
                       *shown.buf ? "I did not understand \"" : "", shown.buf,
                       *shown.buf ? "\". " : "");
    }
    if (run->message.acts)
        return edit_it(run, id, &words, run->message.received_ms, err);
    char label[48];
    cJSON *kept = cJSON_CreateObject();
    words_save(&words, kept);
    json_put_i64(kept, "watch", id);
    json_put_i64(kept, "said_ms", run->message.received_ms);
    snprintf(label, sizeof(label), "Confirm change of %lld", (long long)id);
    run_button(run, label, "edit", kept, true, RUN_BUTTON_TTL);
    run_text(run, "Shall I change watch %lld? Press the button.", (long long)id);
    return 0;
}

int change_press(struct run *run, const char *action, const cJSON *args, struct err *err)
{
    struct words words;
    int64_t id = json_i64_or(args, "watch", 0);
    if (!strcmp(action, "pause"))
        return pause_it(run, id, err);
    if (!strcmp(action, "resume"))
        return resume_it(run, id, err);
    if (!strcmp(action, "snooze"))
        return snooze_it(run, id, json_i64_or(args, "ms", SNOOZE_MS), err);
    words_load(args, &words);
    return edit_it(run, id, &words, json_i64_or(args, "said_ms", run->message.received_ms), err);
}

/* --- why --- */

int command_why(struct run *run, const char *args, struct err *err)
{
    int64_t id;
    const char *rest = "";
    auto_str text = STR_INIT(RUN_TEXT_MAX);
    int one = watch_named(run, args, NULL, NULL, &id, &rest, err);
    if (one <= 0)
        return one;
    if (why_words(run->services, &run->account, id, run->cancel, &text, err))
        return -1;
    run_text(run, "%s", text.buf);
    return 0;
}
