/* Every written day in tests/replay brings exactly the alerts that stand in it. */
#include "tests/test.h"

#include "core/services/recorder.h"
#include "tests/replay/trace.h"
#include "tests/world.h"

#include <dirent.h>

#define FOLDER "tests/replay"

TEST(every_trace_brings_its_alerts_and_no_other)
{
    DIR *folder = opendir(FOLDER);
    size_t count = 0;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[300];
        const char *end = strrchr(entry->d_name, '.');
        size_t alerts;
        if (!end || strcmp(end, ".trace") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", FOLDER, entry->d_name);
        char *wrong = trace_run(path, &alerts);
        if (wrong)
            fail_msg("%s", wrong);
        assert_true(alerts > 0);
        count++;
    }
    closedir(folder);
    assert_true(count >= 15);
}

static char *run_text(const char *text)
{
    char path[] = "/tmp/maitred-trace-XXXXXX";
    size_t alerts;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    char *wrong = trace_run(path, &alerts);
    unlink(path);
    return wrong;
}

#define HEAD "start 2031-05-05T16:00:00Z\nvenue 1 Lark\n+0s watch 1 1 1 2031-05-09 2 any\n"

TEST(a_trace_whose_alerts_are_wrong_is_refused_with_its_line)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {HEAD "+1s answer 1 2031-05-09 2: 19:15 Bar\n", ":4: an alert that is not to be"},
        {HEAD "+1s answer 1 2031-05-09 2:\nalert 1 1 2031-05-09 19:15\n", ":5: no alert"},
        {HEAD "+1s dance 1\n", ":4: no such verb"},
        {HEAD "soon answer 1 2031-05-09 2:\n", ":4: no time"},
        {"venue 1 Lark\n", "no start"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *wrong = run_text(cases[i].text);
        if (!wrong || !strstr(wrong, cases[i].says))
            fail_msg("%s: %s", cases[i].says, wrong ? wrong : "nothing is wrong");
        free(wrong);
    }
}

/* --- a day is lived, recorded and played again --- */

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static char recorded[64]; /* where */
static size_t sent;       /* alerts while it was recorded */

static void begin_recording(struct world *w)
{
    struct err err = ERR_INIT;
    snprintf(recorded, sizeof(recorded), "/tmp/maitred-day-%d", (int)getpid());
    unlink(recorded);
    sent = world_count(w, "alert");
    w->services->recorder = recorder_new(w->services, recorded, &err);
    CHECK(w, w->services->recorder);
}

static void end_recording(struct world *w)
{
    struct recorder *recorder = w->services->recorder;
    w->services->recorder = NULL;
    recorder_free(recorder);
    sent = world_count(w, "alert") - sent;
}

static void a_day(struct world *w)
{
    static const char *const places[] = {"lark", "sorrel-and-ash", "thimble"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        world_city(w, "full %s any 2", places[i]);
    world_say(w, "/watch lark 2031-05-09 2 7-9pm"); /* before the recording begins */
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 2 * MINUTE);
    begin_recording(w);
    world_say_as(w, "ann", "watch lark, sorrel & ash or thimble friday or saturday for 2");
    world_say_as(w, "ann", "/notify sorrel & ash 2031-05-09 2 fee up to 20");
    for (int i = 0; i < 100; i++) {
        uint64_t luck = env_random_below(w->env, 12);
        const char *place = places[env_random_below(w->env, ARRAY_LEN(places))];
        int day = 9 + (int)env_random_below(w->env, 2), quarter = (int)env_random_below(w->env, 4);
        if (luck < 4)
            world_city(w, "open %s 2031-05-%02d 2 %d:%02d fee %d", place, day, 18 + quarter,
                       15 * quarter, 1 + 10 * quarter);
        else if (luck < 7)
            world_city(w, "full %s 2031-05-%02d 2", place, day);
        else if (luck == 7)
            world_city(w, "fault status 502 count 3 path /4/find");
        else if (luck == 8)
            world_say_as(w, "ann", i % 2 ? "/edit 2 6:30-8pm" : "/edit 2 any time");
        else if (luck == 9)
            world_say(w, i % 2 ? "/pause 1" : "/resume 1");
        else if (luck == 10)
            world_say(w, "/snooze 1 3 minutes");
        else {
            world_say_as(w, "ann", "/stop 2");
            world_pass(w, (int64_t)env_random_below(w->env, 2 * MINUTE));
            world_say_as(w, "ann", "/undo");
        }
        world_pass(w, (int64_t)env_random_below(w->env, 3 * MINUTE));
    }
    world_pass(w, MINUTE);
    end_recording(w);
}

static bool file_says(const char *path, const char *word)
{
    char line[8192];
    bool says = false;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        says = says || strstr(line, word);
    if (file)
        fclose(file);
    return says;
}

TEST(a_recorded_day_brings_the_same_alerts_when_it_is_played_again)
{
    static const struct world_setup setup = {.interval_ms = 10 * SECOND, .quiet_ms = 10 * MINUTE};
    for (int seed = 1; seed <= 2; seed++) {
        size_t played = 0;
        WORLD(seed, &setup, a_day);
        char *wrong = trace_run(recorded, &played);
        if (wrong)
            fail_msg("seed %d: %s", seed, wrong);
        assert_true(sent > 5 && played >= sent);
        assert_false(file_says(recorded, "ann")); /* nobody's name */
        unlink(recorded);
    }
}

MAIN(cmocka_unit_test(a_recorded_day_brings_the_same_alerts_when_it_is_played_again),
     cmocka_unit_test(every_trace_brings_its_alerts_and_no_other),
     cmocka_unit_test(a_trace_whose_alerts_are_wrong_is_refused_with_its_line))
