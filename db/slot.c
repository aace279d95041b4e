#include "db/slot.h"

void slots_free(struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        free(slots->list[i].seating);
        free(slots->list[i].shown);
    }
    free(slots->list);
    *slots = (struct slots){0};
}

static void read_row(struct db_rows *rows, struct slot *ret)
{
    *ret = (struct slot){
        .id = db_int(rows, 0),
        .minute = db_int(rows, 1),
        .start_ms = db_int(rows, 2),
        .fee_cents = db_int(rows, 3),
        .seating = mem_text(db_text(rows, 5)),
        .shown = mem_text(db_text(rows, 6)),
        .open = db_int(rows, 8),
        .witnessed = db_int(rows, 9),
        .missed = db_int(rows, 10),
        .opened_ms = db_int(rows, 11),
        .opened_answer = db_int(rows, 12),
        .closed_ms = db_int(rows, 13),
        .closed_answer = db_int(rows, 14),
    };
    snprintf(ret->start, sizeof(ret->start), "%s", db_text(rows, 4));
    snprintf(ret->template, sizeof(ret->template), "%s", db_text(rows, 7));
}

int slots_of(struct db_conn *conn, int64_t question_id, struct slots *ret, struct err *err)
{
    auto_rows rows = {0};
    size_t cap = 0;
    *ret = (struct slots){0};
    if (db_query(conn, &rows, err,
                 "select id, minute, start_ms, fee_cents, start, seating, shown, template, open, "
                 "witnessed, missed, opened_ms, opened_answer, closed_ms, closed_answer "
                 "from slot where question_id = $1 order by minute, seating",
                 "i", question_id))
        return -1;
    int more;
    while ((more = db_next(&rows, err)) > 0) {
        ret->list = mem_grow(ret->list, &cap, ret->count + 1, sizeof(*ret->list));
        read_row(&rows, &ret->list[ret->count++]);
    }
    return more;
}

int slot_open(struct db_conn *conn, int64_t question_id, const struct slot *s, struct err *err)
{
    return db_exec(conn, err,
                   "insert into slot (question_id, start, minute, start_ms, seating, shown, "
                   "template, fee_cents, open, witnessed, opened_ms, opened_answer) "
                   "values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11) "
                   "on conflict (question_id, start, seating) do update set shown = $6, "
                   "minute = $3, start_ms = $4, "
                   "template = $7, fee_cents = $8, open = 1, witnessed = $9, missed = 0, "
                   "opened_ms = $10, opened_answer = $11",
                   "isiisssiiii", question_id, s->start, s->minute, s->start_ms, s->seating,
                   s->shown, s->template, s->fee_cents, (int64_t)s->witnessed, s->opened_ms,
                   s->opened_answer);
}

int slot_set_terms(struct db_conn *conn, int64_t id, const char *template, int64_t fee_cents,
                   struct err *err)
{
    return db_exec(conn, err, "update slot set template = $2, fee_cents = $3 where id = $1", "isi",
                   id, template, fee_cents);
}

int slot_set_missed(struct db_conn *conn, int64_t id, int64_t missed, struct err *err)
{
    return db_exec(conn, err, "update slot set missed = $2 where id = $1", "ii", id, missed);
}

int slot_close(struct db_conn *conn, int64_t id, int64_t closed_ms, int64_t closed_answer,
               struct err *err)
{
    return db_exec(conn, err,
                   "update slot set open = 0, missed = 0, closed_ms = $2, closed_answer = $3 "
                   "where id = $1",
                   "iii", id, closed_ms, closed_answer);
}
