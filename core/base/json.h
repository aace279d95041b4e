/* json.h: strangers' JSON, read by path, never by walking.
 *
 * Memory:  json_parse gives a tree that the caller frees with json_free (or auto_json), and that
 *          is only read: to change it, or to put a part of it elsewhere, cJSON_Duplicate it. What
 *          the readers lend points into the tree: copy it before the tree goes.
 * Paths:   "results.venues.0.venue.id.resy"; a number picks from an array. Keys match exactly,
 *          case too. A path that leads nowhere, or to another type, is simply not there.
 * Threads: no state; a tree is used by one thread at a time.
 * Facts:   cJSON itself ignores key case in GetObjectItem, saturates valueint, and accepts
 *          trailing text, ill-formed UTF-8 and \u0000; all four end here. */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <cjson/cJSON.h>

#define JSON_DEPTH_MAX 1000 /* CJSON_NESTING_LIMIT, which bounds its recursion */

/* Any tree, parsed or built; NULL is fine. */
void json_free(cJSON *tree);
void json_free_at(cJSON **tree);
#define auto_json CLEANUP(json_free_at) cJSON *

/* NULL and err (ERR_REMOTE): not UTF-8, deeper than JSON_DEPTH_MAX, cut, or followed by text.
 * `what` names the source in err->why. */
cJSON *json_parse(const char *text, size_t len, const char *what, struct err *err) MUST_USE;

/* Borrowed; NULL: not there. `at` may be NULL. */
const cJSON *json_at(const cJSON *at, const char *path);
const char *json_text(const cJSON *at, const char *path);
const cJSON *json_array(const cJSON *at, const char *path);
const cJSON *json_object(const cJSON *at, const char *path);

/* True and *ret only if a number stands there that is whole and exact (below 2^53). */
bool json_i64(const cJSON *at, const char *path, int64_t *ret);
bool json_number(const cJSON *at, const char *path, double *ret);
/* A JSON boolean, or the number 0 or 1, which Resy uses for flags. */
bool json_flag(const cJSON *at, const char *path, bool *ret);

/* The value, or the given one if it is not there. */
int64_t json_i64_or(const cJSON *at, const char *path, int64_t otherwise);
const char *json_text_or(const cJSON *at, const char *path, const char *otherwise);

/* Adds the tree as one line of JSON. */
void json_print(struct str *out, const cJSON *tree);

/* Adds `key`: exact for all int64 below 2^53. */
void json_put_i64(cJSON *object, const char *key, int64_t value);
/* NULL text adds null. */
void json_put_text(cJSON *object, const char *key, const char *text);

#endif
