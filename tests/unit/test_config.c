/* The configuration: every default is in the example, and each mistake is named with its mend.
 * Long for its table of mistakes. */
#include "tests/test.h"

#include "bot/config.h"
#include "bot/toml.h"
#include "core/base/log.h"
#include "core/base/str.h"

#include <sys/stat.h>
#include <sys/wait.h>

static int parse_len(const char *text, size_t len, bool open, struct config *ret, struct err *err)
{
    return config_parse("t.toml", NULL, text, len, open, ret, err);
}

static int parse(const char *text, struct config *ret, struct err *err)
{
    return parse_len(text, strlen(text), false, ret, err);
}

/* --- the example --- */

#define KEYS_MAX 100

struct example {
    unsigned seen[KEYS_MAX];
    char stranger[100];
};

static bool note(void *ctx, const struct toml_value *v)
{
    struct example *example = ctx;
    if (v->kind == TOML_SECTION)
        return true;
    for (size_t i = 0; i < settings_count; i++)
        if (!strcmp(settings[i].key, v->path)) {
            example->seen[i]++;
            return true;
        }
    snprintf(example->stranger, sizeof(example->stranger), "%s", v->path);
    return true;
}

TEST(the_example_has_every_key_once_and_no_other)
{
    struct example example = {{0}, ""};
    size_t len = 0;
    unsigned line;
    char why[200];
    char *text = file_text(".", "config.example.toml", &len);
    if (!text)
        skip();
    assert_true(settings_count <= KEYS_MAX);
    bool read = toml_walk(text, len, note, &example, &line, why, sizeof(why));
    free(text);
    assert_true(read);
    assert_string_equal(example.stranger, "");
    for (size_t i = 0; i < settings_count; i++)
        if (example.seen[i] != 1)
            fail_msg("%s stands in it %u times", settings[i].key, example.seen[i]);
}

static bool is_number(const struct setting *s)
{
    return s->kind == SETTING_INTEGER || s->kind == SETTING_FLAG || s->kind == SETTING_DURATION;
}

static void same_value(const struct config *a, const struct config *b, const struct setting *s)
{
    if (s->kind == SETTING_LIST) {
        assert_int_equal(a->owner_count, b->owner_count);
        return;
    }
    const char *x = (const char *)a + s->offset, *y = (const char *)b + s->offset;
    char *text_x, *text_y;
    if (is_number(s)) {
        if (memcmp(x, y, sizeof(int64_t)) != 0)
            fail_msg("%s differs", s->key);
        return;
    }
    memcpy(&text_x, x, sizeof(text_x));
    memcpy(&text_y, y, sizeof(text_y));
    if (strcmp(text_x, text_y) != 0)
        fail_msg("%s: \"%s\" and \"%s\"", s->key, text_x, text_y);
}

TEST(the_example_says_what_an_empty_file_means)
{
    struct config example, empty;
    size_t len = 0;
    char *text = file_text(".", "config.example.toml", &len);
    if (!text)
        skip();
    OK(parse_len(text, len, true, &example, err));
    OK(parse("", &empty, err));
    for (size_t i = 0; i < settings_count; i++)
        same_value(&example, &empty, &settings[i]);
    config_free(&example);
    config_free(&empty);
    free(text);
}

TEST(an_empty_file_is_the_contract_s_defaults)
{
    struct config c;
    OK(parse("", &c, err));
    assert_string_equal(c.time_zone, "America/New_York");
    assert_string_equal(c.city, "ny");
    assert_string_equal(c.access, "pairing");
    assert_int_equal(c.drain_ms, 20000);
    assert_string_equal(c.database, "maitred.db");
    assert_string_equal(c.key_file, "maitred.key");
    assert_string_equal(c.resy_base_url, "https://api.resy.com");
    assert_string_equal(c.resy_api_key, "auto");
    assert_string_equal(c.resy_token, "");
    assert_int_equal(c.resy_a_minute, 60);
    assert_int_equal(c.resy_an_hour, 1800);
    assert_int_equal(c.watch_floor_ms, 20000);
    assert_int_equal(c.watch_default_ms, 60000);
    assert_int_equal(c.watch_close_polls, 2);
    assert_int_equal(c.watch_quiet_ms, 1800000);
    assert_int_equal(c.booking_enabled, 0);
    assert_int_equal(c.booking_confirm_ms, 300000);
    assert_int_equal(c.limits_runs, 1000);
    assert_int_equal(c.limits_questions, 100);
    assert_int_equal(c.limits_messages, 30);
    assert_string_equal(c.log_level, "info");
    assert_string_equal(c.log_format, "text");
    assert_false(c.resy_is_local);
    config_free(&c);
}

TEST(what_is_written_replaces_the_default)
{
    struct config c;
    OK(parse("bot.time_zone = 'Europe/Madrid'\n"
             "[watch]\nfloor = \"50ms\"\ndefault = '1s'\n"
             "[resy]\nbase_url = \"http://127.0.0.1:8080///\"\nrequests_per_minute = 6_000\n"
             "[booking]\nenabled = true\n"
             "[bot]\n",
             &c, err) &&
       parse("[bot]\ntime_zone = 'Europe/Madrid'\nowners = [\"telegram:1\", 'slack:T1/U1',]\n"
             "[watch]\nfloor = \"50ms\"\ndefault = '1s'\n"
             "[resy]\nbase_url = \"http://127.0.0.1:8080///\"\nrequests_per_minute = 6_000\n"
             "[booking]\nenabled = true\n",
             &c, err));
    assert_string_equal(c.time_zone, "Europe/Madrid");
    assert_int_equal(c.owner_count, 2);
    assert_string_equal(c.owners[1], "slack:T1/U1");
    assert_int_equal(c.watch_floor_ms, 50);
    assert_int_equal(c.watch_default_ms, 1000);
    assert_string_equal(c.resy_base_url, "http://127.0.0.1:8080");
    assert_true(c.resy_is_local);
    assert_int_equal(c.resy_a_minute, 6000);
    assert_int_equal(c.booking_enabled, 1);
    config_free(&c);
}

/* --- mistakes --- */

struct mistake {
    const char *text;
    unsigned line; /* 0: the whole file */
    const char *key;
    const char *mend; /* a piece of what err->why says */
};

static const struct mistake mistakes[] = {
    /* unknown keys */
    {"[resy]\nbase_ulr = \"x\"\n", 2, "resy.base_ulr", "resy.base_url"},
    {"[watch]\n\n\nfloors = \"20s\"\n", 4, "watch.floors", "watch.floor"},
    {"[bots]\ncity = \"ny\"\n", 1, "bots", "nearest"},
    {"city = \"ny\"\n", 1, "city", "bot.city"},
    {"[resy.more]\nx = 1\n", 1, "resy.more", "nearest"},
    {"[log]\nlevel = \"info\"\nLevel = \"info\"\n", 3, "log.Level", "log.level"},
    {"\"\" = 1\n", 1, "", "nearest"},
    {"resy = 5\n", 1, "resy", "nearest"},
    {"watch = []\n", 1, "watch", "nearest"},
    {"bot = [[]]\n", 1, "bot", "nearest"},
    /* types */
    {"[bot]\ncity = 5\n", 2, "bot.city", "text in quotes"},
    {"[bot]\ncity = [\"ny\"]\n", 2, "bot.city", "text in quotes"},
    {"[bot]\ncity = 1979-05-27\n", 2, "bot.city", "text in quotes"},
    {"[bot]\nowners = \"telegram:1\"\n", 2, "bot.owners", "list"},
    {"[bot]\nowners = {a = 1}\n", 2, "bot.owners", "list"},
    {"[bot]\nowners = [1]\n", 2, "bot.owners", "telegram:123"},
    {"[bot]\nowners = [1.5]\n", 2, "bot.owners", "telegram:123"},
    {"[bot]\nowners = [true]\n", 2, "bot.owners", "telegram:123"},
    {"[bot]\nowners = [[\"telegram:1\"]]\n", 2, "bot.owners", "list"},
    {"[bot]\nowners = [\"telegram:1\",\n  [] ]\n", 3, "bot.owners", "list"},
    {"[bot]\nowners = [{a = 1}]\n", 2, "bot.owners", "telegram:123"},
    {"[bot]\nowners = [\"nobody\"]\n", 2, "bot.owners", "telegram:123"},
    {"[bot]\nowners = [\":1\"]\n", 2, "bot.owners", "telegram:123"},
    {"[resy]\nrequests_per_minute = \"60\"\n", 2, "resy.requests_per_minute", "whole number"},
    {"[resy]\nrequests_per_minute = 60.5\n", 2, "resy.requests_per_minute", "whole number"},
    {"[booking]\nenabled = 1\n", 2, "booking.enabled", "true or false"},
    {"[booking]\nenabled = \"yes\"\n", 2, "booking.enabled", "true or false"},
    {"[resy]\nbase_url = true\n", 2, "resy.base_url", "text in quotes"},
    {"[database]\nurl = 1\n", 2, "database.url", "text in quotes"},
    /* ranges */
    {"[resy]\nrequests_per_minute = 0\n", 2, "resy.requests_per_minute", "from 1 to 6000"},
    {"[resy]\nrequests_per_minute = 6001\n", 2, "resy.requests_per_minute", "from 1 to 6000"},
    {"[resy]\nrequests_per_minute = -1\n", 2, "resy.requests_per_minute", "from 1 to 6000"},
    {"[resy]\nsearch_pages = 9223372036854775807\n", 2, "resy.search_pages", "from 1 to 50"},
    {"[limits]\nruns = 0x7fffffff\n", 2, "limits.runs", "from 1 to 20000"},
    {"[bot]\ndrain = \"2h\"\n", 2, "bot.drain", "from 0 to 3600000"},
    {"[resy]\ntimeout = \"99ms\"\n", 2, "resy.timeout", "from 100"},
    /* durations */
    {"[bot]\ndrain = 20\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"20\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"20 s\"\n", 2, "bot.drain", "\"20s\""},
    {"[bot]\ndrain = \"-20s\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"1h30m\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"1.5h\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"s\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"1d\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = \"99999999999999999999s\"\n", 2, "bot.drain", "duration"},
    {"[bot]\ndrain = [\"20s\"]\n", 2, "bot.drain", "duration"},
    /* choices */
    {"[bot]\naccess = \"all\"\n", 2, "bot.access", "pairing owners open"},
    {"[bot]\naccess = \"\"\n", 2, "bot.access", "pairing owners open"},
    {"[bot]\naccess = \"open \"\n", 2, "bot.access", "pairing owners open"},
    {"[bot]\naccess = \"owners open\"\n", 2, "bot.access", "pairing owners open"},
    {"[bot]\naccess = \"own\"\n", 2, "bot.access", "pairing owners open"},
    {"[log]\nlevel = \"INFO\"\n", 2, "log.level", "err warn info debug"},
    /* addresses */
    {"[resy]\nbase_url = \"http://api.resy.com\"\n", 2, "resy.base_url", "https://"},
    {"[resy]\nbase_url = \"http://127.0.0.1.evil.com\"\n", 2, "resy.base_url", "https://"},
    {"[resy]\nbase_url = \"http://localhost@evil.com\"\n", 2, "resy.base_url", "https://"},
    {"[resy]\nweb_base = \"http://localhost.evil.com\"\n", 2, "resy.web_base", "https://"},
    {"[resy]\nbase_url = \"ftp://127.0.0.1\"\n", 2, "resy.base_url", "https://"},
    {"[resy]\nbase_url = \"\"\n", 2, "resy.base_url", "https://"},
    {"[database]\nurl = \"postgres://x\"\n", 2, "database.url", "sqlite:maitred.db"},
    {"[database]\nurl = \"sqlite:\"\n", 2, "database.url", "sqlite:maitred.db"},
    {"[bot]\ntime_zone = \"Mars/Olympus\"\n", 2, "bot.time_zone", "America/New_York"},
    {"[bot]\ntime_zone = \"\"\n", 2, "bot.time_zone", "America/New_York"},
    /* asked too often */
    {"[watch]\nfloor = \"9999ms\"\n", 2, "watch.floor", "10s"},
    {"[watch]\ndefault = \"5s\"\n", 2, "watch.default", "10s"},
    {"[watch]\nfloor = \"5s\"\n[resy]\nbase_url = \"https://api.example\"\n", 2, "watch.floor",
     "10s"},
    {"[watch]\nfloor = \"5ms\"\n[resy]\nbase_url = \"http://127.0.0.1:1\"\n", 2, "watch.floor",
     "from 10000"},
    /* secrets */
    {"[resy]\napi_key = \"env:MAITRED_TEST_NOBODY_SET\"\n", 2, "resy.api_key",
     "MAITRED_TEST_NOBODY_SET"},
    {"[resy]\napi_key = \"env:\"\n", 2, "resy.api_key", "set it"},
    {"[resy]\nauth_token = \"file:none\"\n", 2, "resy.auth_token", "cannot be read"},
    {"[resy]\nauth_token = \"cred:token\"\n", 2, "resy.auth_token", "LoadCredential=token"},
    {"[resy]\nauth_token = \"two words\"\n", 2, "resy.auth_token", "without blanks"},
    {"[resy]\nauth_token = \"a\\r\\nX-Evil: 1\"\n", 2, "resy.auth_token", "without blanks"},
    {"[resy]\nauth_token = \"a\\\"b\"\n", 2, "resy.auth_token", "without blanks"},
    {"[resy]\nauth_token = \"caf\u00e9\"\n", 2, "resy.auth_token", "without blanks"},
    {"[resy]\napi_key = \"12345678901234567890123456789012345678901234567890123456789012345\"\n", 2,
     "resy.api_key", "at most 64"},
    /* no TOML */
    {"[resy\n", 1, "", "not TOML"},
    {"a = 1\n\nb = \n", 3, "", "not TOML"},
    {"[bot]\ncity = ny\n", 2, "", "not TOML"},
    {"[bot]\ncity = \"ny\"\ncity = \"la\"\n", 3, "", "not TOML"},
    {"[bot]\n[log]\n[bot]\n", 3, "", "not TOML"},
    {"[bot]\nx = 99999999999999999999\n", 2, "", "not TOML"},
    {"city = \"ny\n", 1, "", "not TOML"},
    {"{\"bot\":{}}\n", 1, "", "not TOML"},
    {"<html>\n", 1, "", "not TOML"},
    {"a = \"\\uD800\"\n", 1, "", "not TOML"},
    /* not yet */
    {"[http]\ntoken = \"x\"\n", 1, "http", "not in this version"},
    {"\n[slack]\n", 2, "slack.app_token", "is missing"},
    {"[slack]\napp_token = \"xapp-sandbox.sandbox.sandbox\"\n", 1, "slack.bot_token", "is missing"},
    {"[slack]\napp_token = \"xoxb-sandbox.sandbox.sandbox\"\nbot_token = "
     "\"xapp-sandbox.sandbox.sandbox\"\n",
     2, "slack.app_token", "begins with xapp-"},
    {"\n[telegram]\n", 2, "telegram.token", "is missing"},
    {"[telegram]\ntoken = \"x\"\n", 2, "telegram.token", "no token of a bot"},
    {"[telegram]\ntoken = \"\"\npoll_timeout = \"60s\"\n", 3, "telegram.poll_timeout", "50"},
    {"[bot]\n[http]\n", 2, "http", "not in this version"},
    {"\n[http]\nlisten = \"127.0.0.1:8080\"\n", 2, "http", "not in this version"},
    {"http.token = \"x\"\n", 1, "http", "not in this version"},
    {"http = 1\n", 1, "http", "not in this version"},
};

/* "t.toml:LINE: KEY" at its start, and the mend in it. */
static void check_mistake(const struct mistake *m, const struct err *err)
{
    auto_str start = STR_INIT(300);
    str_add(&start, "t.toml:");
    if (m->line)
        str_addf(&start, "%u:", m->line);
    if (*m->key)
        str_addf(&start, " %s: ", m->key);
    if (strncmp(err->why, start.buf, start.len) != 0 || !strstr(err->why, m->mend))
        fail_msg("%s\nis told as: %s\nnot as: %s… %s", m->text, err->why, start.buf, m->mend);
}

TEST(each_mistake_is_named_with_its_place_and_its_mend)
{
    unsetenv("CREDENTIALS_DIRECTORY");
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct config c;
        *err = (struct err)ERR_INIT;
        if (!parse(mistakes[i].text, &c, err))
            fail_msg("is taken: %s", mistakes[i].text);
        assert_int_equal(err->kind, ERR_CONFIG);
        check_mistake(&mistakes[i], err);
        assert_null(c.path);
    }
}

#define WRONG(...) fail_msg(__VA_ARGS__)

TEST(what_is_found_when_all_is_read_has_a_line_too)
{
    struct config c;
    FAILS(ERR_CONFIG, parse("[watch]\n\nfloor = \"5s\"\n", &c, err));
    if (strncmp(err->why, "t.toml:3:", 9) != 0)
        WRONG("%s\n", err->why);
}

TEST(nothing_that_is_written_is_passed_over_in_silence)
{
    static const char *const texts[] = {
        "[[resy]]\nbase_url = \"https://other.example\"\n",
        "resy = [{base_url = \"https://other.example\"}]\n",
        "[bot]\nowners = [1979-05-27]\n",
        "[bot]\ncity = \"ny\\u0000la\"\n",
        "[resy]\nauth_token = \"auto\"\n",
    };
    size_t silent = 0;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct config c;
        if (parse(texts[i], &c, err))
            continue;
        silent++;
        fprintf(stderr, "is taken and means nothing: %s", texts[i]);
        config_free(&c);
    }
    assert_int_equal(silent, 0);
}

/* --- addresses and durations by themselves --- */

TEST(plain_http_is_for_this_machine_alone)
{
    static const struct {
        const char *url;
        bool allowed, local;
    } cases[] = {
        {"https://api.resy.com", true, false},
        {"https://api.resy.com:8443/x?y#z", true, false},
        {"https://localhost", true, true},
        {"https://127.0.0.1/", true, true},
        {"http://127.0.0.1", true, true},
        {"http://127.0.0.1:8080", true, true},
        {"http://127.0.0.1:8080/path", true, true},
        {"http://127.8.9.10/", true, true},
        {"http://localhost", true, true},
        {"http://localhost:1", true, true},
        {"http://localhost/?x", true, true},
        {"http://[::1]", true, true},
        {"http://[::1]:8080/x", true, true},
        {"http://api.resy.com", false, false},
        {"http://127.0.0.1.evil.com", false, false},
        {"http://127.evil.com", false, false},
        {"http://localhost.evil.com", false, false},
        {"http://localhostevil", false, false},
        {"http://localhost@evil.com", false, false},
        {"http://localhost:80@evil.com", false, false},
        {"http://127.0.0.1@evil.com/", false, false},
        {"http://user:pass@127.0.0.1/", false, false},
        {"https://user:pass@api.resy.com/", false, false},
        {"http://evil.com/127.0.0.1", false, false},
        {"http://evil.com#localhost", false, false},
        {"http://evil.com?http://localhost", false, false},
        {"http://localhost%2eevil.com", false, false},
        {"http://localhost\\evil.com", false, false},
        {"http://[::1", false, false},
        {"http://[::2]", false, false},
        {"http://[::ffff:1.2.3.4]", false, false},
        {"http://0.0.0.0", false, false},
        {"http://128.0.0.1", false, false},
        {"http://127", false, false},
        {"http://2130706433", false, false},
        {"http://", false, false},
        {"https://", false, false},
        {"https:///x", false, false},
        {"http:///localhost", false, false},
        {"http:localhost", false, false},
        {"HTTP://evil.com", false, false},
        {"//localhost", false, false},
        {"localhost", false, false},
        {"", false, false},
        {"file:///etc/passwd", false, false},
        {"ws://localhost", false, false},
        {"http://localhost /", false, false},
        {"http://localhost\n", false, false},
        {"\thttp://localhost", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool local = !cases[i].local;
        if (url_allowed(cases[i].url, &local) != cases[i].allowed)
            fail_msg("%s is %s", cases[i].url, cases[i].allowed ? "refused" : "allowed");
        if (cases[i].allowed)
            assert_int_equal(local, cases[i].local);
    }
}

TEST(what_follows_an_address_in_brackets_is_looked_at)
{
    bool local;
    if (url_allowed("http://[::1].evil.com/", &local))
        WRONG("http://[::1].evil.com/ is allowed as this machine\n");
}

TEST(a_duration_is_a_number_and_one_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"500ms", 500},
        {"30s", 30000},
        {"5m", 300000},
        {"1h", 3600000},
        {"0s", 0},
        {"0h", 0},
        {"007s", 7000},
        {"8784h", INT64_C(31622400000)},
        {"8785h", -1},
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"5S", -1},
        {" 5s", -1},
        {"5s ", -1},
        {"+5s", -1},
        {"-5s", -1},
        {"5 s", -1},
        {"1.5s", -1},
        {"1h1m", -1},
        {"5sec", -1},
        {"0x5s", -1},
        {"5\u00b5s", -1},
        {"9999999999999ms", -1},
        {"99999999999999999999h", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (duration_parse(cases[i].text) != cases[i].ms)
            fail_msg("%s: %lld", cases[i].text, (long long)duration_parse(cases[i].text));
}

/* --- secrets --- */

static char *folder_new(void)
{
    char *folder = mem_text("/tmp/maitred-config-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void folder_free(char *folder, const char *const *names)
{
    for (; *names; names++) {
        auto_str path = STR_INIT(300);
        str_addf(&path, "%s/%s", folder, *names);
        unlink(path.buf);
    }
    rmdir(folder);
    free(folder);
}

static void put_file(const char *folder, const char *name, const char *text, mode_t mode)
{
    auto_str path = STR_INIT(300);
    str_addf(&path, "%s/%s", folder, name);
    FILE *file = fopen(path.buf, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path.buf, mode);
}

static int read_in(const char *folder, const char *text, struct config *ret, struct err *err)
{
    return config_parse("t.toml", folder, text, strlen(text), true, ret, err);
}

TEST(a_literal_secret_in_a_file_that_others_may_read_is_refused_with_the_chmod)
{
    static const char text[] = "[resy]\nauth_token = \"abcdef.ghijkl\"\n";
    struct config c;
    FAILS(ERR_CONFIG, parse_len(text, strlen(text), true, &c, err));
    assert_non_null(strstr(err->why, "chmod 600 t.toml"));
    assert_null(strstr(err->why, "abcdef"));
    OK(parse_len(text, strlen(text), false, &c, err));
    assert_string_equal(c.resy_token, "abcdef.ghijkl");
    config_free(&c);
}

TEST(a_secret_that_is_wrong_is_not_repeated_in_the_error)
{
    struct config c;
    FAILS(ERR_CONFIG, parse("[resy]\nauth_token = \"hush-hush \"\n", &c, err));
    assert_null(strstr(err->why, "hush"));
}

TEST(a_secret_comes_from_the_environment_and_leaves_it)
{
    struct config c;
    assert_int_equal(setenv("MAITRED_TEST_TOKEN", "from-the-environment", 1), 0);
    OK(read_in("/tmp", "[resy]\nauth_token = \"env:MAITRED_TEST_TOKEN\"\n", &c, err));
    assert_string_equal(c.resy_token, "from-the-environment");
    assert_null(getenv("MAITRED_TEST_TOKEN"));
    config_free(&c);
}

TEST(a_secret_in_single_quotes_leaves_the_environment_too)
{
    struct config c;
    assert_int_equal(setenv("MAITRED_TEST_TOKEN", "from-the-environment", 1), 0);
    OK(read_in("/tmp", "[resy]\nauth_token = 'env:MAITRED_TEST_TOKEN'\n", &c, err));
    bool left = getenv("MAITRED_TEST_TOKEN");
    unsetenv("MAITRED_TEST_TOKEN");
    config_free(&c);
    if (left)
        WRONG("auth_token = 'env:X' leaves X in the environment\n");
}

TEST(what_only_a_comment_names_stays_in_the_environment)
{
    struct config c;
    assert_int_equal(setenv("MAITRED_TEST_OTHER", "needed", 1), 0);
    OK(read_in("/tmp", "# auth_token = \"env:MAITRED_TEST_OTHER\"\n", &c, err));
    bool left = getenv("MAITRED_TEST_OTHER");
    unsetenv("MAITRED_TEST_OTHER");
    config_free(&c);
    if (!left)
        WRONG("a comment with \"env:X\" takes X out of the environment\n");
}

TEST(a_secret_comes_from_a_file_beside_the_configuration)
{
    static const char *const names[] = {"token", "empty", "big", NULL};
    struct config c;
    char *folder = folder_new();
    put_file(folder, "token", "from-a-file \r\n\n", 0600);
    OK(read_in(folder, "[resy]\nauth_token = \"file:token\"\n", &c, err));
    assert_string_equal(c.resy_token, "from-a-file");
    config_free(&c);
    auto_str text = STR_INIT(500), big = STR_INIT(100000);
    str_addf(&text, "[resy]\nauth_token = \"file:%s/token\"\n", folder);
    OK(read_in(folder, text.buf, &c, err));
    assert_string_equal(c.resy_token, "from-a-file");
    config_free(&c);
    for (int i = 0; i < 20000; i++)
        str_addc(&big, 'x');
    put_file(folder, "big", big.buf, 0600);
    FAILS(ERR_CONFIG, read_in(folder, "[resy]\nauth_token = \"file:big\"\n", &c, err));
    FAILS(ERR_CONFIG, read_in(folder, "[resy]\nauth_token = \"file:none\"\n", &c, err));
    assert_non_null(strstr(err->why, "/none"));
    folder_free(folder, names);
}

TEST(a_secret_comes_from_systemd_s_credentials)
{
    static const char *const names[] = {"resy", NULL};
    struct config c;
    char *folder = folder_new();
    put_file(folder, "resy", "from-systemd\n", 0400);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    OK(read_in("/tmp", "[resy]\nauth_token = \"cred:resy\"\n", &c, err));
    assert_string_equal(c.resy_token, "from-systemd");
    config_free(&c);
    FAILS(ERR_CONFIG, read_in("/tmp", "[resy]\nauth_token = \"cred:other\"\n", &c, err));
    FAILS(ERR_CONFIG, read_in("/tmp", "[resy]\nauth_token = \"cred:../resy\"\n", &c, err));
    unsetenv("CREDENTIALS_DIRECTORY");
    FAILS(ERR_CONFIG, read_in("/tmp", "[resy]\nauth_token = \"cred:resy\"\n", &c, err));
    folder_free(folder, names);
}

TEST(secrets_are_known_to_the_log)
{
    struct config c;
    struct str line = STR_INIT(200);
    OK(parse("[resy]\nauth_token = \"very-secret-token\"\n", &c, err));
    str_add(&line, "why=very-secret-token!");
    log_redact(&line);
    assert_string_equal(line.buf, "why=[secret]!");
    str_free(&line);
    config_free(&c);
    log_forget_secrets();
}

/* --- too much, and no text --- */

TEST(what_is_not_utf8_is_refused)
{
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {{"[bot]\ncity = \"\xff\"\n", 17},
                 {"[bot]\ncity = \"\xc0\xaf\"\n", 18},
                 {"[bot]\ncity = \"\xed\xa0\x80\"\n", 19},
                 {"[bot]\n\0city = 1\n", 16},
                 {"\xff\xfe[\0b\0", 6}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c;
        FAILS(ERR_CONFIG, parse_len(cases[i].text, cases[i].len, false, &c, err));
        assert_non_null(strstr(err->why, "UTF-8"));
    }
}

static void refused(const char *text, size_t len)
{
    struct config c;
    struct err err = ERR_INIT;
    assert_int_equal(parse_len(text, len, false, &c, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(c.path);
}

TEST(nesting_without_end_is_refused)
{
    static const char *const pieces[][2] = {{"a = ", "["}, {"a = [1", ",["}, {"a = ", "{a="},
                                            {"[", "["},    {"a", ".a"},      {"[a", ".a"}};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        auto_str text = STR_INIT(1 << 20);
        str_add(&text, pieces[i][0]);
        for (int n = 0; n < 5000; n++)
            str_add(&text, pieces[i][1]);
        refused(text.buf, text.len);
        str_add(&text, *pieces[i][0] == '[' ? "]\n" : " = 1\n");
        refused(text.buf, text.len);
    }
}

/* In a process of its own: it may run out of stack. */
TEST(a_megabyte_of_dots_is_refused)
{
    static const char *const pieces[] = {"a", "[a"};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        pid_t child = fork();
        if (child == 0) {
            struct config c;
            struct str text = STR_INIT(1 << 20);
            str_add(&text, pieces[i]);
            while (text.len < 1000000)
                str_add(&text, ".a");
            str_add(&text, i ? "]\n" : " = 1\n");
            freopen("/dev/null", "w", stderr);
            _exit(!parse_len(text.buf, text.len, false, &c, NULL));
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (status)
            WRONG("500,000 dotted keys in a row end the program (%d)\n", status);
    }
}

TEST(a_megabyte_of_nonsense_is_refused)
{
    static const char *const pieces[] = {"x", "\n[a]", "\"", "# c\nq", "a=1,", "\xc3\xa9", "'''"};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        auto_str text = STR_INIT(1 << 20);
        while (!text.cut)
            str_add(&text, pieces[i]);
        refused(text.buf, text.len);
    }
}

TEST(a_very_long_key_is_cut_in_the_error)
{
    auto_str text = STR_INIT(1 << 20);
    struct config c;
    for (int i = 0; i < 100000; i++)
        str_addc(&text, 'k');
    str_add(&text, " = 1\n");
    FAILS(ERR_CONFIG, parse(text.buf, &c, err));
    assert_non_null(strstr(err->why, "nearest"));
}

TEST(escapes_in_a_key_are_shown_not_executed)
{
    struct config c;
    FAILS(ERR_CONFIG, parse("\"\\u001b[2J\\n\" = 1\n", &c, err));
    assert_null(strchr(err->why, '\033'));
    assert_null(strchr(err->why, '\n'));
}

TEST(more_owners_than_there_is_room_for_are_refused)
{
    for (int count = CONFIG_OWNERS; count <= CONFIG_OWNERS + 1; count++) {
        struct config c;
        auto_str text = STR_INIT(4096);
        str_add(&text, "[bot]\nowners = [");
        for (int i = 0; i < count; i++)
            str_addf(&text, "\"telegram:%d\",", i);
        str_add(&text, "]\n");
        if (count > CONFIG_OWNERS) {
            FAILS(ERR_CONFIG, parse(text.buf, &c, err));
        } else {
            OK(parse(text.buf, &c, err));
            assert_int_equal(c.owner_count, CONFIG_OWNERS);
            config_free(&c);
        }
    }
}

/* --- files --- */

TEST(a_file_that_is_not_there_is_named_with_the_way_to_get_one)
{
    struct config c;
    FAILS(ERR_CONFIG, config_read("/nowhere/config.toml", &c, err));
    assert_non_null(strstr(err->why, "/nowhere/config.toml"));
    assert_non_null(strstr(err->why, "config.example.toml"));
}

TEST(a_folder_is_no_file)
{
    struct config c;
    bool whole = !config_read("/tmp", &c, err);
    config_free(&c);
    bool secret = !read_in("/tmp", "[resy]\nauth_token = \"file:.\"\n", &c, err);
    config_free(&c);
    if (whole || secret)
        WRONG("a folder is read as an empty file\n");
}

TEST(relative_paths_start_at_the_configuration_s_folder)
{
    static const char *const names[] = {"c.toml", NULL};
    struct config c;
    char *folder = folder_new();
    auto_str path = STR_INIT(300), want = STR_INIT(300);
    put_file(folder, "c.toml", "[resy]\nauth_token = \"literal-secret\"\n", 0644);
    str_addf(&path, "%s/c.toml", folder);
    FAILS(ERR_CONFIG, config_read(path.buf, &c, err));
    assert_non_null(strstr(err->why, "chmod 600"));
    chmod(path.buf, 0600);
    OK(config_read(path.buf, &c, err));
    str_addf(&want, "%s/maitred.db", folder);
    auto_text at = config_path(&c, c.database);
    assert_string_equal(at, want.buf);
    auto_text absolute = config_path(&c, "/x/y");
    assert_string_equal(absolute, "/x/y");
    auto_text memory = config_path(&c, ":memory:");
    assert_string_equal(memory, ":memory:");
    config_free(&c);
    folder_free(folder, names);
    log_forget_secrets();
}

MAIN(cmocka_unit_test(the_example_has_every_key_once_and_no_other),
     cmocka_unit_test(the_example_says_what_an_empty_file_means),
     cmocka_unit_test(an_empty_file_is_the_contract_s_defaults),
     cmocka_unit_test(what_is_written_replaces_the_default),
     cmocka_unit_test(each_mistake_is_named_with_its_place_and_its_mend),
     cmocka_unit_test(what_is_found_when_all_is_read_has_a_line_too),
     cmocka_unit_test(nothing_that_is_written_is_passed_over_in_silence),
     cmocka_unit_test(plain_http_is_for_this_machine_alone),
     cmocka_unit_test(what_follows_an_address_in_brackets_is_looked_at),
     cmocka_unit_test(a_duration_is_a_number_and_one_unit),
     cmocka_unit_test(a_literal_secret_in_a_file_that_others_may_read_is_refused_with_the_chmod),
     cmocka_unit_test(a_secret_that_is_wrong_is_not_repeated_in_the_error),
     cmocka_unit_test(a_secret_comes_from_the_environment_and_leaves_it),
     cmocka_unit_test(a_secret_in_single_quotes_leaves_the_environment_too),
     cmocka_unit_test(what_only_a_comment_names_stays_in_the_environment),
     cmocka_unit_test(a_secret_comes_from_a_file_beside_the_configuration),
     cmocka_unit_test(a_secret_comes_from_systemd_s_credentials),
     cmocka_unit_test(secrets_are_known_to_the_log), cmocka_unit_test(what_is_not_utf8_is_refused),
     cmocka_unit_test(nesting_without_end_is_refused),
     cmocka_unit_test(a_megabyte_of_dots_is_refused),
     cmocka_unit_test(a_megabyte_of_nonsense_is_refused),
     cmocka_unit_test(a_very_long_key_is_cut_in_the_error),
     cmocka_unit_test(escapes_in_a_key_are_shown_not_executed),
     cmocka_unit_test(more_owners_than_there_is_room_for_are_refused),
     cmocka_unit_test(a_file_that_is_not_there_is_named_with_the_way_to_get_one),
     cmocka_unit_test(a_folder_is_no_file),
     cmocka_unit_test(relative_paths_start_at_the_configuration_s_folder))
