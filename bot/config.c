#include "bot/config.h"

#include "adapters/slack/slack.h"
#include "adapters/telegram/telegram.h"
#include "bot/toml.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define SETTINGS_MOST  64
#define SECRETS_MOST   8

struct reading {
    const char *file, *folder;
    struct config *config;
    bool others_may_read;
    struct err *err;
    bool failed;
    unsigned lines[SETTINGS_MOST]; /* where each setting was written; 0: it was not */
    unsigned telegram_line;        /* of the section */
    unsigned slack_line;
    char from_environment[SECRETS_MOST][64];
    size_t from_environment_count;
};

/* What came by the environment and was taken out of it: a configuration read again needs it. The
 * main thread's alone. */
static struct kept {
    char name[64];
    char *value;
} kept[SECRETS_MOST];
static size_t kept_count;

/* --- small parsers --- */

int64_t duration_parse(const char *text)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 12)
        return -1;
    long long n = strtoll(text, &end, 10);
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (!strcmp(end, units[i].unit) && n <= 366LL * 24 * 3600 * 1000 / units[i].ms)
            return n * units[i].ms;
    return -1;
}

static bool is_loopback(const char *host, size_t len)
{
    if ((len == 9 && !strncmp(host, "localhost", 9)) || (len == 5 && !strncmp(host, "[::1]", 5)))
        return true;
    return len > 4 && !strncmp(host, "127.", 4) && strspn(host, "0123456789.") >= len;
}

bool url_allowed(const char *url, bool *ret_local)
{
    bool plain = !strncmp(url, "http://", 7), tls = !strncmp(url, "https://", 8);
    const char *host = url + (tls ? 8 : 7);
    *ret_local = false;
    if ((!plain && !tls) || strpbrk(url, " \t\r\n\"\\@"))
        return false;
    size_t len = strcspn(host, "/?#");
    size_t name = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    if (!name || name > len || (name < len && host[name] != ':'))
        return false;
    *ret_local = is_loopback(host, name);
    return tls || *ret_local;
}

/* --- failing well: file, line, key, what is wrong, the mend --- */

static bool wrong(struct reading *r, unsigned line, const char *key, const char *fmt, ...)
    PRINTF(4, 5);
static bool wrong(struct reading *r, unsigned line, const char *key, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    r->failed = true;
    auto_str shown = STR_INIT(100);
    str_add_shown(&shown, key, strlen(key));
    if (line)
        err_set(r->err, ERR_CONFIG, NULL, "%s:%u: %s: %s", r->file, line, shown.buf, text);
    else
        err_set(r->err, ERR_CONFIG, NULL, "%s: %s: %s", r->file, shown.buf, text);
    return false;
}

static size_t unlike(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[80];
    if (n >= ARRAY_LEN(row) || m >= ARRAY_LEN(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]), least = MIN_OF(row[j], row[j - 1]);
            diagonal = row[j];
            row[j] = MIN_OF(change, least + 1);
        }
    }
    return row[m];
}

static bool unknown_key(struct reading *r, const struct toml_value *v)
{
    const char *nearest = settings[0].key;
    char section[32], best[32] = "";
    for (size_t i = 1; i < settings_count; i++)
        if (unlike(v->path, settings[i].key) < unlike(v->path, nearest))
            nearest = settings[i].key;
    for (size_t i = 0; i < settings_count; i++) { /* "wacth" is nearer to "watch" than to any key */
        size_t len = strcspn(settings[i].key, ".");
        utf8_copy(section, MIN_OF(len + 1, sizeof(section)), settings[i].key);
        if (unlike(v->path, section) <= 2 &&
            unlike(v->path, section) < unlike(v->path, *best ? best : nearest))
            utf8_copy(best, sizeof(best), section);
    }
    if (*best)
        return wrong(r, v->line, v->path, "there is no such key; the nearest section is [%s]",
                     best);
    return wrong(r, v->line, v->path, "there is no such key; the nearest one is %s", nearest);
}

/* --- secrets --- */

static char *read_small_file(const char *path, size_t most, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *text = mem_new(most + 1, 1);
    size_t len = 0;
    ssize_t n = 0;
    while (len < most && (n = read(fd, text + len, most - len)) > 0)
        len += (size_t)n;
    close(fd);
    *ret_len = len;
    if (n >= 0)
        return text;
    free(text); /* a folder, or worse */
    return NULL;
}

static char *read_secret_file(struct reading *r, const struct toml_value *v, const char *path)
{
    size_t len = 0;
    char *text = r->folder ? read_small_file(path, 16384, &len) : NULL;
    if (!text) {
        wrong(r, v->line, v->path, "the file %s cannot be read: make it, readable by this user",
              path);
        return NULL;
    }
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    text[len] = '\0';
    if (len)
        return text;
    free(text);
    wrong(r, v->line, v->path, "the file %s is empty: put the secret into it", path);
    return NULL;
}

static const char *kept_value(const char *name)
{
    for (size_t i = 0; i < kept_count; i++)
        if (!strcmp(kept[i].name, name))
            return kept[i].value;
    return NULL;
}

static char *read_environment(struct reading *r, const struct toml_value *v, const char *name)
{
    const char *value = getenv(name);
    if (!value)
        value = kept_value(name);
    if (!value || strlen(name) >= sizeof(kept->name)) {
        wrong(r, v->line, v->path,
              "the environment has no %s: set it, or write the value another "
              "way",
              name);
        return NULL;
    }
    if (r->from_environment_count < SECRETS_MOST)
        snprintf(r->from_environment[r->from_environment_count++], sizeof(kept->name), "%s", name);
    return mem_text(value);
}

static char *under(const char *folder, const char *name)
{
    struct str path = STR_INIT(4096);
    str_addf(&path, "%s/%s", folder, name);
    return str_detach(&path);
}

/* The secret that `text` means; NULL: failed. */
static char *secret_of(struct reading *r, const struct toml_value *v)
{
    const char *text = v->text, *folder;
    if (!strncmp(text, "env:", 4))
        return read_environment(r, v, text + 4);
    if (!strncmp(text, "file:", 5)) {
        auto_text path = text[5] == '/' || !r->folder ? mem_text(text + 5)
                                                      : under(r->folder, text + 5);
        return read_secret_file(r, v, path);
    }
    if (!strncmp(text, "cred:", 5)) {
        folder = getenv("CREDENTIALS_DIRECTORY");
        if (!folder || strchr(text + 5, '/')) {
            wrong(r, v->line, v->path,
                  "systemd gave no credentials: start it as a unit with LoadCredential=%s:…",
                  text + 5);
            return NULL;
        }
        auto_text path = under(folder, text + 5);
        return read_secret_file(r, v, path);
    }
    if (*text && strcmp(text, "auto") != 0 && r->others_may_read) {
        wrong(r, v->line, v->path,
              "a secret is written here and others may read this file: chmod 600 %s", r->file);
        return NULL;
    }
    return mem_text(text);
}

/* After all was read: what came by the environment must not stay in it. */
static void forget_environment(const struct reading *r)
{
    for (size_t i = 0; i < r->from_environment_count; i++) {
        const char *name = r->from_environment[i];
        char *value = getenv(name);
        if (!value)
            continue;
        if (!kept_value(name) && kept_count < SECRETS_MOST) {
            snprintf(kept[kept_count].name, sizeof(kept->name), "%s", name);
            kept[kept_count++].value = mem_text(value);
        }
        explicit_bzero(value, strlen(value));
        unsetenv(name);
    }
}

void config_forget_secrets(void)
{
    for (size_t i = 0; i < kept_count; i++) {
        explicit_bzero(kept[i].value, strlen(kept[i].value));
        free(kept[i].value);
    }
    kept_count = 0;
}

/* --- one value --- */

static char **text_at(struct config *config, const struct setting *s)
{
    return (char **)(void *)((char *)config + s->offset);
}

static int64_t *number_at(struct config *config, const struct setting *s)
{
    return (int64_t *)(void *)((char *)config + s->offset);
}

static void put_text(struct config *config, const struct setting *s, char *text)
{
    char **at = text_at(config, s);
    free(*at);
    *at = text;
}

static bool take_number(struct reading *r, const struct setting *s, const struct toml_value *v,
                        int64_t number, const char *unit)
{
    int64_t least = s->least;
    if (number >= least && number <= s->most) {
        *number_at(r->config, s) = number;
        return true;
    }
    return wrong(r, v->line, v->path, "must be from %lld to %lld%s", (long long)least,
                 (long long)s->most, unit);
}

static bool take_duration(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    int64_t ms = v->kind == TOML_TEXT ? duration_parse(v->text) : -1;
    if (ms < 0)
        return wrong(r, v->line, v->path, "must be a duration in quotes, such as %s", s->standard);
    /* On this machine nobody is asked too often: finish() checks the floor where it binds. */
    if (!strncmp(s->key, "watch.", 6) && ms < s->least && ms >= 10) {
        *number_at(r->config, s) = ms;
        return true;
    }
    return take_number(r, s, v, ms, " ms");
}

static bool take_choice(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    size_t len = strlen(v->text);
    for (const char *at = s->choices; *at; at += strcspn(at, " "), at += *at == ' ')
        if (len && strcspn(at, " ") == len && !strncmp(at, v->text, len)) {
            put_text(r->config, s, mem_text(v->text));
            return true;
        }
    return wrong(r, v->line, v->path, "must be one of: %s", s->choices);
}

static bool take_url(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    bool local;
    if (!url_allowed(v->text, &local))
        return wrong(r, v->line, v->path,
                     "must be an https:// address; plain http:// is for this machine alone "
                     "(http://127.0.0.1:PORT)");
    char *url = mem_text(v->text);
    size_t len = strlen(url);
    while (len && url[len - 1] == '/')
        url[--len] = '\0';
    put_text(r->config, s, url);
    return true;
}

static bool take_secret(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    char *secret = secret_of(r, v);
    if (!secret)
        return false;
    size_t len = strlen(secret);
    bool clean = strcmp(secret, "auto") != 0 || !strcmp(s->key, "resy.api_key");
    for (size_t i = 0; i < len; i++)
        clean = clean && secret[i] > ' ' && secret[i] < 0x7f && secret[i] != '"';
    if (!clean || (int64_t)len > s->most) {
        explicit_bzero(secret, len);
        free(secret);
        return wrong(r, v->line, v->path,
                     "does not look like one: at most %lld letters, digits "
                     "and signs without blanks",
                     (long long)s->most);
    }
    if (strcmp(secret, "auto") != 0)
        log_secret(secret);
    put_text(r->config, s, secret);
    return true;
}

static bool take_database(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    if (strncmp(v->text, "sqlite:", 7) != 0 || !v->text[7])
        return wrong(r, v->line, v->path, "must be \"sqlite:\" and a path, such as %s",
                     s->standard);
    put_text(r->config, s, mem_text(v->text + 7));
    return true;
}

static bool take_item(struct reading *r, const struct toml_value *v)
{
    struct config *c = r->config;
    if (v->kind == TOML_EMPTY)
        return true;
    if (v->kind != TOML_TEXT || !strchr(v->text, ':') || v->text[0] == ':')
        return wrong(r, v->line, v->path, "must be a list of texts such as \"telegram:123\"");
    if (c->owner_count == CONFIG_OWNERS)
        return wrong(r, v->line, v->path, "holds more than %d", CONFIG_OWNERS);
    c->owners[c->owner_count++] = mem_text(v->text);
    return true;
}

static bool take_text(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    switch (s->kind) {
    case SETTING_URL:
        return take_url(r, s, v);
    case SETTING_SECRET:
        return take_secret(r, s, v);
    case SETTING_CHOICE:
        return take_choice(r, s, v);
    case SETTING_DATABASE:
        return take_database(r, s, v);
    default:
        if (strlen(v->text) > 1024)
            return wrong(r, v->line, v->path, "is too long");
        put_text(r->config, s, mem_text(v->text));
        return true;
    }
}

static const char *const kind_words[] = {
    [SETTING_TEXT] = "a text in quotes",   [SETTING_SECRET] = "a text in quotes",
    [SETTING_URL] = "a text in quotes",    [SETTING_PATH] = "a text in quotes",
    [SETTING_INTEGER] = "a whole number",  [SETTING_FLAG] = "true or false",
    [SETTING_DURATION] = "a duration",     [SETTING_CHOICE] = "a text in quotes",
    [SETTING_LIST] = "a list in brackets", [SETTING_DATABASE] = "a text in quotes",
};

static bool take_value(struct reading *r, const struct setting *s, const struct toml_value *v)
{
    if (s->kind == SETTING_LIST && v->in_list)
        return take_item(r, v);
    bool fits = s->kind == SETTING_INTEGER    ? v->kind == TOML_INTEGER
                : s->kind == SETTING_FLAG     ? v->kind == TOML_FLAG
                : s->kind == SETTING_DURATION ? true
                : s->kind == SETTING_LIST     ? false
                                              : v->kind == TOML_TEXT;
    if (!fits || v->in_list)
        return wrong(r, v->line, v->path, "must be %s, such as %s", kind_words[s->kind],
                     s->standard);
    if (s->kind == SETTING_INTEGER)
        return take_number(r, s, v, v->integer, "");
    if (s->kind == SETTING_FLAG) {
        *number_at(r->config, s) = v->integer;
        return true;
    }
    return s->kind == SETTING_DURATION ? take_duration(r, s, v) : take_text(r, s, v);
}

static bool is_section(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < settings_count; i++)
        if (!strncmp(settings[i].key, path, len) && settings[i].key[len] == '.')
            return true;
    return false;
}

static bool visit(void *ctx, const struct toml_value *v)
{
    struct reading *r = ctx;
    for (size_t i = 0; sections_to_come[i]; i++) {
        size_t len = strlen(sections_to_come[i]);
        if (!strncmp(v->path, sections_to_come[i], len) && (!v->path[len] || v->path[len] == '.'))
            return wrong(r, v->line, sections_to_come[i],
                         "not in this version: take the section out");
    }
    if (v->kind == TOML_SECTION && !v->in_list && is_section(v->path)) {
        if (!strcmp(v->path, "telegram"))
            r->telegram_line = v->line;
        if (!strcmp(v->path, "slack"))
            r->slack_line = v->line;
        return true;
    }
    for (size_t i = 0; i < settings_count; i++)
        if (!strcmp(settings[i].key, v->path)) {
            r->lines[i] = v->line;
            return take_value(r, &settings[i], v);
        }
    return unknown_key(r, v);
}

/* --- the whole --- */

/* Every standard value goes the same way as a written one. */
static int set_standards(struct reading *r)
{
    for (size_t i = 0; i < settings_count; i++) {
        auto_str line = STR_INIT(512);
        char why[200];
        unsigned at;
        str_addf(&line, "%s = %s\n", settings[i].key, settings[i].standard);
        if (!toml_walk(line.buf, line.len, visit, r, &at, why, sizeof(why)) || r->failed)
            return err_add(r->err, "the standard value of %s", settings[i].key);
        r->lines[i] = 0;
    }
    r->telegram_line = r->slack_line = 0;
    return 0;
}

static unsigned line_of(const struct reading *r, const char *key)
{
    for (size_t i = 0; i < settings_count; i++)
        if (!strcmp(settings[i].key, key))
            return r->lines[i];
    return 0;
}

/* The number before the colon is no secret; the rest is, and is not shown. */
static bool check_telegram(struct reading *r)
{
    const char *key = "telegram.token", *token = r->config->telegram_token;
    unsigned line = line_of(r, key);
    if (r->telegram_line && !line)
        return wrong(r, r->telegram_line, key,
                     "is missing: write what @BotFather shows, or \"\" for no Telegram");
    if (*token && !telegram_token_is_one(token))
        return wrong(r, line, key,
                     "is no token of a bot: it looks like 123456789: and 35 letters and digits, "
                     "as @BotFather shows it");
    return true;
}

/* Both or none, and each in its place: they are easily swapped. */
static bool check_slack(struct reading *r)
{
    static const struct {
        const char *key, *kind, *where;
    } tokens[] = {
        {"slack.app_token", "xapp-", "Basic Information, App-Level Tokens, connections:write"},
        {"slack.bot_token", "xoxb-", "OAuth & Permissions, once the app is installed"},
    };
    const struct config *c = r->config;
    const char *values[] = {c->slack_app_token, c->slack_bot_token};
    bool any = *values[0] || *values[1];
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        unsigned line = line_of(r, tokens[i].key);
        if ((r->slack_line && !line) || (any && !*values[i]))
            return wrong(r, line ? line : r->slack_line, tokens[i].key,
                         "is missing: the app's settings show it (%s); \"\" for both: no Slack",
                         tokens[i].where);
        if (*values[i] && !slack_token_is_one(values[i], tokens[i].kind))
            return wrong(r, line, tokens[i].key, "begins with %s: the app's settings show it (%s)",
                         tokens[i].kind, tokens[i].where);
    }
    return true;
}

static bool check_together(struct reading *r)
{
    struct config *c = r->config;
    struct zone *zone = zone_new(c->time_zone);
    if (!zone)
        return wrong(r, line_of(r, "bot.time_zone"), "bot.time_zone",
                     "there is no time zone \"%s\": use a name such as \"America/New_York\"",
                     c->time_zone);
    zone_free(zone);
    if (!check_telegram(r) || !check_slack(r))
        return false;
    url_allowed(c->resy_base_url, &c->resy_is_local);
    const char *hasty = c->watch_floor_ms < 10000     ? "watch.floor"
                        : c->watch_default_ms < 10000 ? "watch.default"
                                                      : NULL;
    if (!c->resy_is_local && hasty)
        return wrong(r, line_of(r, hasty), hasty,
                     "must be at least \"10s\": Resy is asked politely");
    return true;
}

int config_parse(const char *file, const char *folder, const char *text, size_t len,
                 bool others_may_read, struct config *ret, struct err *err)
{
    struct reading r = {.file = file, .folder = folder, .config = ret, .err = err};
    unsigned line = 0;
    char why[300];
    *ret = (struct config){.path = mem_text(file), .folder = mem_text(folder ? folder : ".")};
    int failed = set_standards(&r);
    r.others_may_read = others_may_read;
    if (!failed && (!utf8_valid(text, len) || memchr(text, 0, len)))
        failed = err_set(err, ERR_CONFIG, NULL, "%s: it is not UTF-8 text", file);
    if (!failed && !toml_walk(text, len, visit, &r, &line, why, sizeof(why)))
        failed = err_set(err, ERR_CONFIG, NULL, "%s:%u: not TOML: %s", file, line, why);
    if (!failed && (r.failed || !check_together(&r)))
        failed = -1;
    if (failed)
        config_free(ret);
    else if (folder)
        forget_environment(&r);
    return failed;
}

int config_read(const char *path, struct config *ret, struct err *err)
{
    size_t len = 0;
    struct stat info;
    auto_text copy = mem_text(path);
    auto_text text = read_small_file(path, FILE_MAX_BYTES, &len);
    *ret = (struct config){0};
    if (!text || stat(path, &info))
        return err_set(err, ERR_CONFIG, NULL,
                       "%s: %s: copy config.example.toml there, or name another file with -c", path,
                       errno == ENOENT ? "there is no such file" : "it cannot be read");
    if (len == FILE_MAX_BYTES)
        return err_set(err, ERR_CONFIG, NULL, "%s: it is over 1 MB: that is no configuration",
                       path);
    bool open = info.st_mode & (S_IRGRP | S_IROTH);
    return config_parse(path, dirname(copy), text, len, open, ret, err);
}

char *config_path(const struct config *config, const char *path)
{
    if (!*path || *path == '/' || *path == ':')
        return mem_text(path);
    return under(config->folder, path);
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *s = &settings[i];
        bool text = s->kind != SETTING_INTEGER && s->kind != SETTING_FLAG &&
                    s->kind != SETTING_DURATION && s->kind != SETTING_LIST;
        char **at = text ? text_at(config, s) : NULL;
        if (at && *at && s->kind == SETTING_SECRET)
            explicit_bzero(*at, strlen(*at));
        if (at)
            free(*at);
    }
    for (size_t i = 0; i < config->owner_count; i++)
        free(config->owners[i]);
    free(config->path);
    free(config->folder);
    *config = (struct config){0};
}
