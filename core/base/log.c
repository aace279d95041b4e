#include "core/base/log.h"
#include "core/base/json.h"

#define LINE_MAX_BYTES 4096

static struct {
    _Atomic int
        fd; /* these three are set before any thread starts, level and format again by SIGHUP */
    _Atomic int level;
    _Atomic int format;
    pthread_rwlock_t lock;
    char **secrets; /* the longest first; protected by lock, as are count and cap */
    size_t count, cap;
} the_log = {.fd = 2, .level = LOG_INFO, .format = LOG_TEXT, .lock = PTHREAD_RWLOCK_INITIALIZER};

static const char *const names[] = {"err", "warn", "info", "debug"};

void log_start(int fd, enum log_level level, enum log_format format)
{
    the_log.fd = fd;
    the_log.level = (int)level;
    the_log.format = (int)format;
}

int log_level_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(name, names[i]))
            return (int)i;
    return -1;
}

static void keep(const char *text)
{
    size_t at = 0;
    if (strlen(text) < 6)
        return;
    for (size_t i = 0; i < the_log.count; i++)
        if (!strcmp(the_log.secrets[i], text))
            return;
    the_log.secrets = mem_grow(the_log.secrets, &the_log.cap, the_log.count + 1,
                               sizeof(*the_log.secrets));
    while (at < the_log.count && strlen(the_log.secrets[at]) >= strlen(text))
        at++;
    memmove(the_log.secrets + at + 1, the_log.secrets + at,
            (the_log.count++ - at) * sizeof(*the_log.secrets));
    the_log.secrets[at] = mem_text(text);
}

void log_secret(const char *secret)
{
    auto_str url = STR_INIT(65536), json = STR_INIT(65536);
    auto_json text = cJSON_CreateString(secret);
    str_add_url(&url, secret);
    json_print(&json, text);
    json.buf[json.len - 1] = '\0'; /* without its quotes */
    pthread_rwlock_wrlock(&the_log.lock);
    keep(secret);
    keep(url.buf);
    keep(json.buf + 1);
    pthread_rwlock_unlock(&the_log.lock);
}

void log_forget_secrets(void)
{
    pthread_rwlock_wrlock(&the_log.lock);
    for (size_t i = 0; i < the_log.count; i++) {
        explicit_bzero(the_log.secrets[i], strlen(the_log.secrets[i]));
        free(the_log.secrets[i]);
    }
    free(the_log.secrets);
    the_log.secrets = NULL;
    the_log.count = the_log.cap = 0;
    pthread_rwlock_unlock(&the_log.lock);
}

/* The longest secret that begins here, or NULL. */
static const char *secret_at(const char *at)
{
    for (size_t i = 0; i < the_log.count; i++)
        if (!strncmp(at, the_log.secrets[i], strlen(the_log.secrets[i])))
            return the_log.secrets[i];
    return NULL;
}

void log_redact(struct str *s)
{
    struct str clean = STR_INIT(s->max);
    const char *from = s->buf;
    pthread_rwlock_rdlock(&the_log.lock);
    for (const char *at = s->buf; *at;) {
        const char *secret = secret_at(at);
        if (!secret) {
            at++;
            continue;
        }
        str_addn(&clean, from, (size_t)(at - from));
        str_add(&clean, "[secret]");
        from = at += strlen(secret);
    }
    pthread_rwlock_unlock(&the_log.lock);
    if (from == s->buf) {
        str_free(&clean);
        return;
    }
    str_add(&clean, from);
    clean.cut |= s->cut;
    str_free(s);
    *s = clean;
}

bool log_wants(enum log_level level)
{
    return (int)level <= the_log.level;
}

static void stamp(char out[40])
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 40 - n, ".%03ldZ", now.tv_nsec / 1000000);
}

static void as_text(struct str *line, enum log_level level, const char *time, const char *event,
                    const char *rest)
{
    static const char *const journal[] = {"<3>", "<4>", "<6>", "<7>"};
    if (!isatty(the_log.fd))
        str_add(line, journal[level]);
    str_addf(line, "%s %-5s %s", time, names[level], event);
    if (*rest)
        str_addc(line, ' ');
    str_add_shown(line, rest, strlen(rest));
}

static void as_json(struct str *line, enum log_level level, const char *time, const char *event,
                    const char *rest)
{
    auto_json object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "time", time);
    cJSON_AddStringToObject(object, "level", names[level]);
    cJSON_AddStringToObject(object, "event", event);
    auto_str shown = STR_INIT(LINE_MAX_BYTES);
    str_add_shown(&shown, rest, strlen(rest));
    cJSON_AddStringToObject(object, "text", shown.buf);
    json_print(line, object);
}

/* What `fmt` makes, redacted before it is cut: half a secret is none that could be found. */
static void add_args(struct str *out, const char *fmt, va_list args) PRINTF(2, 0);
static void add_args(struct str *out, const char *fmt, va_list args)
{
    char *text;
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    struct str whole = STR_INIT(SIZE_MAX / 4);
    str_add(&whole, text);
    free(text);
    log_redact(&whole);
    str_add(out, whole.buf);
    str_free(&whole);
}

static void emit(enum log_level level, const char *event, const char *rest)
{
    char time[40];
    stamp(time);
    auto_str line = STR_INIT(2 * LINE_MAX_BYTES + 512);
    if (the_log.format == LOG_JSON)
        as_json(&line, level, time, event, rest);
    else
        as_text(&line, level, time, event, rest);
    log_redact(&line);
    if (line.cut)
        str_add(&line, "…");
    line.cut = false;
    line.max += 8;
    str_addc(&line, '\n');
    ssize_t written = write(the_log.fd, line.buf, line.len);
    (void)written; /* there is nobody left to tell */
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    if (!log_wants(level))
        return;
    auto_str rest = STR_INIT(LINE_MAX_BYTES);
    va_list args;
    va_start(args, fmt);
    add_args(&rest, fmt, args);
    va_end(args);
    emit(level, event, rest.buf);
}

void log_err(enum log_level level, const char *event, const struct err *err, const char *fmt, ...)
{
    if (!log_wants(level))
        return;
    auto_str rest = STR_INIT(LINE_MAX_BYTES);
    va_list args;
    va_start(args, fmt);
    add_args(&rest, fmt, args);
    va_end(args);
    str_addf(&rest, "%skind=%s why=%s", rest.len ? " " : "", err_kind_name(err->kind), err->why);
    emit(level, event, rest.buf);
}
