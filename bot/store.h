/* store.h: the database of this configuration, as the one instance that may have it.
 *
 * Owner:   store_open … store_close.
 * Threads: the main thread alone. */
#ifndef BOT_STORE_H
#define BOT_STORE_H

#include "bot/config.h"
#include "bot/instance.h"
#include "bot/program.h"
#include "core/services/services.h"

struct store {
    struct instance *instance;
    struct db *db;
};

/* -1: err, and how to exit in *code. */
int store_open(struct store *store, struct env *env, const struct config *config,
               enum exit_code *code, struct err *err) MUST_USE;
void store_close(struct store *store); /* half open is fine */

/* The lock alone: the file is not touched. */
int store_lock(struct store *store, const char *path, enum exit_code *code,
               struct err *err) MUST_USE;

/* -1: err gets the mend of the trouble, and *code how to exit. */
int store_trouble(const struct config *config, enum db_trouble trouble, enum exit_code *code,
                  struct err *err);

/* What the configuration says to the services. */
struct service_options store_services(const struct config *config);

#endif
