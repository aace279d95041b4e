#include "core/base/log.h"
#include "core/base/json.h"

#define LINE_MAX_BYTES 4096
#define SECRETS_MAX    32

static struct {
    int fd; /* these three are set before any thread starts, level and format again by SIGHUP */
    _Atomic int level;
    _Atomic int format;
    pthread_rwlock_t lock;
    char *secrets[SECRETS_MAX]; /* protected by lock, as is count */
    size_t count;
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
    if (strlen(text) < 6 || the_log.count == SECRETS_MAX)
        return;
    for (size_t i = 0; i < the_log.count; i++)
        if (!strcmp(the_log.secrets[i], text))
            return;
    the_log.secrets[the_log.count++] = mem_text(text);
}

void log_secret(const char *secret)
{
    auto_str url = STR_INIT(65536);
    str_add_url(&url, secret);
    pthread_rwlock_wrlock(&the_log.lock);
    keep(secret);
    keep(url.buf);
    pthread_rwlock_unlock(&the_log.lock);
}

void log_forget_secrets(void)
{
    pthread_rwlock_wrlock(&the_log.lock);
    for (size_t i = 0; i < the_log.count; i++) {
        explicit_bzero(the_log.secrets[i], strlen(the_log.secrets[i]));
        free(the_log.secrets[i]);
    }
    the_log.count = 0;
    pthread_rwlock_unlock(&the_log.lock);
}

static void redact_one(struct str *s, const char *secret)
{
    size_t len = strlen(secret);
    for (char *at = strstr(s->buf, secret); at; at = strstr(s->buf, secret)) {
        struct str clean = STR_INIT(s->max);
        str_addn(&clean, s->buf, (size_t)(at - s->buf));
        str_add(&clean, "[secret]");
        str_add(&clean, at + len);
        str_free(s);
        *s = clean;
    }
}

void log_redact(struct str *s)
{
    pthread_rwlock_rdlock(&the_log.lock);
    for (size_t i = 0; i < the_log.count; i++)
        redact_one(s, the_log.secrets[i]);
    pthread_rwlock_unlock(&the_log.lock);
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

static void emit(enum log_level level, const char *event, const char *rest)
{
    char time[40];
    stamp(time);
    auto_str line = STR_INIT(2 * LINE_MAX_BYTES);
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
    char rest[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(rest, sizeof(rest), fmt, args);
    va_end(args);
    emit(level, event, rest);
}

void log_err(enum log_level level, const char *event, const struct err *err, const char *fmt, ...)
{
    if (!log_wants(level))
        return;
    char head[1024], rest[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(head, sizeof(head), fmt, args);
    va_end(args);
    snprintf(rest, sizeof(rest), "%s%skind=%s why=%s", head, *head ? " " : "",
             err_kind_name(err->kind), err->why);
    emit(level, event, rest);
}
