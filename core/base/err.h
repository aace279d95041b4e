/* err.h: what went wrong, said twice: for the person and for the log.
 *
 * Owner:   the caller's struct; a fixed-size value without allocation, copied freely.
 * Threads: none of its own.
 * Rules:   a function that can fail takes `struct err *err` last and returns 0 or -1; `err` is
 *          filled on failure only. Lower layers return, the job boundary logs: never both. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include "core/base/base.h"

enum err_kind { /* what the caller may do about it; never the wording */
                ERR_NONE,
                ERR_INPUT,     /* what was asked makes no sense: the asker mends it */
                ERR_DENIED,    /* a key, a token or a right is missing or refused */
                ERR_MISSING,   /* there is no such thing */
                ERR_LIMIT,     /* too much, too fast, too many */
                ERR_REMOTE,    /* the other side failed or was not reached */
                ERR_STORE,     /* the database or the disk */
                ERR_CONFIG,    /* the configuration */
                ERR_CANCELLED, /* somebody asked us to stop */
                ERR_BUG,       /* ours */
};

struct err {
    enum err_kind kind;
    unsigned retry_ms; /* 0: do not try again by itself */
    char say[200];     /* for the person: no secret, path, SQL or code in it */
    char why[500];     /* for the log */
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        .kind = ERR_NONE                                                                           \
    }

/* All four return -1, so that `return err_set(…)` is a failing function's last line. Texts that
 * do not fit are cut at a character boundary. `err` may be NULL: nobody wants to know. */

/* `say` NULL: the kind's own sentence. */
int err_set(struct err *err, enum err_kind kind, const char *say, const char *why, ...)
    PRINTF(4, 5);

/* Puts "context: " in front of why. */
int err_add(struct err *err, const char *context, ...) PRINTF(2, 3);

/* A better sentence, from a layer that knows what the person wanted. */
int err_say(struct err *err, const char *say, ...) PRINTF(2, 3);

/* `why` ends in the text of errno as it was on entry. */
int err_errno(struct err *err, enum err_kind kind, const char *say, const char *why, ...)
    PRINTF(4, 5);

const char *err_kind_name(enum err_kind kind);

#endif
