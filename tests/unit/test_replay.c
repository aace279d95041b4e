/* Every written day in tests/replay brings exactly the alerts that stand in it. */
#include "tests/test.h"

#include "tests/replay/trace.h"

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

MAIN(cmocka_unit_test(every_trace_brings_its_alerts_and_no_other),
     cmocka_unit_test(a_trace_whose_alerts_are_wrong_is_refused_with_its_line))
