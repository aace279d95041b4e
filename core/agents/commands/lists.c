/* /toughest, and a watch of a guide's whole list in one step. */
#include "core/agents/commands/look.h"

#include "core/agents/commands/commands.h"

static void credit(struct run *run, const struct guide *guide)
{
    run_text(run, "\n(The list is that of %s, %s: %s)", guide->credit, guide->as_of, guide->url);
}

static void say_list(struct run *run, const struct guide *guide)
{
    run_text(run, "%s%s, by %s:", run->text.len ? "\n\n" : "", guide->title, guide->credit);
    for (size_t i = 0; i < guide->count; i++)
        run_text(run, "\n- %s, %s, %s", guide->places[i].name, guide->places[i].kind,
                 guide->places[i].area);
}

int command_toughest(struct run *run, const char *args, struct err *err)
{
    (void)args, (void)err;
    const struct services *services = run->services;
    for (size_t i = 0; i < services->guide_count; i++)
        say_list(run, &services->guides[i]);
    if (services->guide_count)
        credit(run, &services->guides[0]);
    run_text(run,
             "\nOne: \"/notify %s friday for 2\". All: \"/notify the %s list friday for 2\" tells "
             "you of each place's first table.",
             services->guide_count ? services->guides[0].places[0].name : "NAME",
             services->guide_count ? services->guides[0].called : "whole");
    return 0;
}

struct progress {
    struct run *run;
    const struct guide *guide;
};

static void say_progress(void *ctx, size_t done, size_t total)
{
    const struct progress *progress = ctx;
    char text[64];
    snprintf(text, sizeof(text), "Looking up the restaurants: %zu of %zu", done, total);
    run_progress(progress->run, text);
}

static bool takes(const struct guide_found *found, int64_t party)
{
    return !found->venue.party_max || party <= found->venue.party_max;
}

/* Those that cannot be watched, and why. */
static void say_left_out(struct run *run, const struct guide *guide,
                         const struct guide_found *found, int64_t party, bool missing)
{
    size_t said = 0;
    for (size_t i = 0; i < guide->count; i++) {
        if (missing ? found[i].found : !found[i].found || takes(&found[i], party))
            continue;
        if (!said++)
            run_text(run, missing ? "\nNot on Resy, or not by that name: "
                                  : "\nThey do not take that many people online: ");
        run_text(run, "%s%s", said > 1 ? ", " : "", guide->places[i].name);
    }
    if (said)
        run_text(run, ".");
}

static int watch_found_ones(struct look *look, const struct guide *guide,
                            const struct guide_found *found, struct err *err)
{
    struct venue *venues = mem_new(WATCH_VENUES, sizeof(*venues));
    size_t count = 0;
    for (size_t i = 0; i < guide->count && count < WATCH_VENUES; i++)
        if (found[i].found && takes(&found[i], look->words.party))
            venues[count++] = found[i].venue;
    int failed = count
                     ? look_watch(look, venues, count, guide->title, err)
                     : err_set(err, ERR_MISSING, "I find none of that list's restaurants on Resy.",
                               "nobody of the list");
    free(venues);
    return failed;
}

int look_guide(struct look *look, const struct guide *guide, struct err *err)
{
    struct run *run = look->run;
    struct progress progress = {run, guide};
    if (!look->watch) {
        say_list(run, guide);
        credit(run, guide);
        run_text(run, "\nName one, or let me watch them all: \"/notify the %s list friday for 2\".",
                 guide->called);
        return 0;
    }
    struct guide_found *found = mem_new(guide->count, sizeof(*found));
    look->once = look->once == WATCH_FIRST ? WATCH_EACH : look->once;
    int failed = guide_look_up(run->services, guide, run->cancel, say_progress, &progress, found,
                               err) ||
                 watch_found_ones(look, guide, found, err);
    if (!failed) {
        say_left_out(run, guide, found, look->words.party, true);
        say_left_out(run, guide, found, look->words.party, false);
        credit(run, guide);
    }
    free(found);
    return failed ? -1 : 0;
}
