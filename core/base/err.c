#include "core/base/err.h"
#include "core/base/utf8.h"

#include <errno.h>

static const struct {
    const char *name, *say;
} kinds[] = {
    [ERR_NONE] = {"none", ""},
    [ERR_INPUT] = {"input", "I did not understand that."},
    [ERR_DENIED] = {"denied", "That is not allowed."},
    [ERR_MISSING] = {"missing", "There is no such thing."},
    [ERR_LIMIT] = {"limit", "That is too much at once. Please try again in a moment."},
    [ERR_REMOTE] = {"remote", "The service I need did not answer. Please try again."},
    [ERR_STORE] = {"store", "I could not save that. Please try again."},
    [ERR_CONFIG] = {"config", "My configuration is wrong."},
    [ERR_CANCELLED] = {"cancelled", "Stopped."},
    [ERR_BUG] = {"bug", "Something went wrong on my side."},
};

const char *err_kind_name(enum err_kind kind)
{
    return (size_t)kind < ARRAY_LEN(kinds) ? kinds[kind].name : "unknown";
}

static void put(char *to, size_t size, const char *fmt, va_list args) PRINTF(3, 0);
static void put(char *to, size_t size, const char *fmt, va_list args)
{
    int want = vsnprintf(to, size, fmt, args);
    if (want >= (int)size)
        to[utf8_floor(to, size - 1)] = '\0';
}

int err_set(struct err *err, enum err_kind kind, const char *say, const char *why, ...)
{
    if (!err)
        return -1;
    *err = (struct err){.kind = kind};
    snprintf(err->say, sizeof(err->say), "%s", say ? say : kinds[kind].say);
    err->say[utf8_floor(err->say, strlen(err->say))] = '\0';
    va_list args;
    va_start(args, why);
    put(err->why, sizeof(err->why), why, args);
    va_end(args);
    return -1;
}

int err_add(struct err *err, const char *context, ...)
{
    if (!err)
        return -1;
    char head[200], rest[sizeof(err->why)];
    va_list args;
    va_start(args, context);
    put(head, sizeof(head), context, args);
    va_end(args);
    memcpy(rest, err->why, sizeof(rest));
    int want = snprintf(err->why, sizeof(err->why), "%s: %s", head, rest);
    if (want >= (int)sizeof(err->why))
        err->why[utf8_floor(err->why, sizeof(err->why) - 1)] = '\0';
    return -1;
}

int err_say(struct err *err, const char *say, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, say);
    put(err->say, sizeof(err->say), say, args);
    va_end(args);
    return -1;
}

int err_errno(struct err *err, enum err_kind kind, const char *say, const char *why, ...)
{
    int saved = errno;
    if (!err)
        return -1;
    err_set(err, kind, say, "%s", "");
    va_list args;
    va_start(args, why);
    put(err->why, sizeof(err->why), why, args);
    va_end(args);
    char text[128];
    size_t len = strlen(err->why);
    snprintf(err->why + len, sizeof(err->why) - len, ": %s", strerror_r(saved, text, sizeof(text)));
    return -1;
}
