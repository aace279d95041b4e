/* What a person watches, and what that has found. */
#include "core/agents/commands/commands.h"

#define TOLD_LATELY 3
#define STOPS_MOST  8

void watch_line(struct run *run, const struct watch *w)
{
    char span[SPAN_WORDS], ago[SPAN_WORDS];
    auto_str words = STR_INIT(500);
    int64_t now = env_wall_ms(run->services->env);
    int64_t pace = (int64_t)((double)w->pace_ms * services_stretch(run->services));
    watch_words(&words, w, now);
    run_text(run, "%s%lld: %s. ", run->text.len ? "\n" : "", (long long)w->id, words.buf);
    if (w->paused)
        run_text(run, "Paused; ");
    else
        run_text(run, "Every %s; ", span_words(pace, span));
    if (!w->paused && w->snoozed_ms > now)
        run_text(run, "silent for another %s; ", span_words(w->snoozed_ms - now, ago));
    run_text(run, "last good check %s%s; asked %lld time%s",
             w->answered_ms ? span_words(now - w->answered_ms, ago) : "never yet",
             w->answered_ms ? " ago" : "", (long long)w->answers, w->answers == 1 ? "" : "s");
    if (!w->paused && w->due_ms > now)
        run_text(run, ", the next in %s", span_words(w->due_ms - now, span));
    run_text(run, ".");
    if (w->fails)
        run_text(run, " The last %lld failed.", (long long)w->fails);
}

static void say_told(struct run *run, const struct told_line *line)
{
    auto_str words = STR_INIT(500);
    told_line_words(&words, line, run->account.hours24, env_wall_ms(run->services->env));
    run_text(run, "\n- %s.", words.buf);
}

/* "/watches 3": how it goes with one. */
static int say_update(struct run *run, int64_t id, struct err *err)
{
    struct watch_update update;
    if (watch_update(run->services, run->account.id, id, &update, err))
        return -1;
    watch_line(run, &update.watch);
    switch (update.state) {
    case FOUND_PENDING:
        run_text(run, " I have no answer yet.");
        break;
    case FOUND_NOTHING:
        run_text(run, " Nothing so far; /why %lld tells why.", (long long)id);
        break;
    case FOUND_SOME:
        run_text(run, " It has found:");
        break;
    }
    for (size_t i = 0; i < update.count; i++)
        say_told(run, &update.list[i]);
    return 0;
}

int command_watches(struct run *run, const char *args, struct err *err)
{
    auto_watches watches = {0};
    struct told_line told[TOLD_LATELY];
    size_t count;
    if (*args) {
        int64_t id;
        const char *rest;
        int one = watch_named(run, args, NULL, NULL, &id, &rest, err);
        return one <= 0 ? one : say_update(run, id, err);
    }
    if (watch_list(run->services, run->account.id, &watches, err) ||
        told_lately(run->services, run->account.id, told, TOLD_LATELY, &count, err))
        return -1;
    if (!watches.count)
        run_text(run, "You watch nothing. /watch NAME DAY PEOPLE begins.");
    for (size_t i = 0; i < watches.count; i++)
        watch_line(run, &watches.list[i]);
    if (count)
        run_text(run, "\nTold lately:");
    for (size_t i = 0; i < count; i++)
        say_told(run, &told[i]);
    for (size_t i = 0; i < watches.count && watches.count <= STOPS_MOST; i++)
        stop_button(run, watches.list[i].id, 2 * DAY_MS);
    return 0;
}
