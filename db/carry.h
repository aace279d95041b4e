/* carry.h: a database as JSON lines, out of one and into another.
 *
 * The first line says what they are of, the last one how many there were, so that a file which was
 * cut is known; between them a line is a row: {"table":…,"row":{column:value,…}}. Numbers are
 * exact. What is sealed in the database is sealed there too. Threads: inside a db_fn, but for
 * carry_in, which is alone with its file. */
#ifndef DB_CARRY_H
#define DB_CARRY_H

#include "core/base/json.h"
#include "db/db.h"

#define CARRY_LINE ((size_t)8 << 20) /* of one row, at most */

typedef int carry_fn(void *arg, const char *line, struct err *err);

/* Every row of every table. */
int carry_out(struct db_conn *conn, carry_fn *fn, void *arg, struct err *err) MUST_USE;

/* What is kept of one person, and what that points to; `who`: "platform:number", which is only
 * written down. */
int carry_out_person(struct db_conn *conn, int64_t account_id, const char *who, carry_fn *fn,
                     void *arg, struct err *err) MUST_USE;

/* What the lines say that they are; `of` is "all" or a person. ERR_INPUT: they are none of ours. */
struct carried_head {
    int64_t schema;
    char of[200];
};
int carry_head(const char *line, struct carried_head *ret, struct err *err) MUST_USE;

/* 1: *line is the next one, borrowed until the next call; 0: there is none; -1: failed. */
typedef int carry_next_fn(void *arg, const char **line, struct err *err);

/* Makes the database at `path` of the lines behind `head`, all or nothing, and migrates it. A
 * database that has people in it already is left as it is (ERR_INPUT). *ret_rows. */
int carry_in(const char *path, const struct carried_head *head, carry_next_fn *next, void *arg,
             int64_t *ret_rows, enum db_trouble *trouble, struct err *err) MUST_USE;

/* The row of a line; NULL: it is the last line, and right if *ret_end is `rows`. The caller frees
 * it, and reads `table` of it and `row`. */
cJSON *carry_row(const char *line, int64_t rows, bool *ret_end, struct err *err) MUST_USE;

#endif
