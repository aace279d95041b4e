/* A watch over many days asks the calendar, which is one request for all of them, and a day only
 * where it says that there are tables. A day whose tables count as open is asked on until they are
 * gone, whatever the calendar says: else nobody would learn when they go. */
#include "core/services/recorder.h"

struct gates {
    struct services *services;
    const struct question *question;
    const struct resy_calendar *calendar; /* NULL: all days */
    const char *claim;
    int64_t answered_ms, due_ms;
    bool outbox;
};

/* A day that is not in the calendar is not released. */
static bool is_open(const struct gates *g, const struct gated *gated)
{
    struct date day;
    if (!g->calendar || gated->held)
        return true;
    return !date_parse(gated->day, &day) && resy_calendar_day(g->calendar, day) == RESY_DAY_OPEN;
}

static int set_gates(struct db_conn *conn, const struct gates *g, struct err *err)
{
    int64_t floor_ms = services_options(g->services).floor_ms;
    struct gated *list = mem_new(WATCH_QUESTIONS, sizeof(*list));
    size_t count;
    int failed = questions_gated(conn, g->question, g->answered_ms, list, WATCH_QUESTIONS, &count,
                                 err);
    for (size_t i = 0; !failed && i < count; i++) {
        bool open = is_open(g, &list[i]);
        if (open == list[i].open)
            continue;
        record_gate(g->services, g->question, list[i].day, open);
        failed = question_set_gate(conn, list[i].id, open, err) ||
                 question_refresh(conn, list[i].id, g->answered_ms, floor_ms, err);
    }
    free(list);
    return failed;
}

static int apply(struct db_conn *conn, void *arg, struct err *err)
{
    struct gates *g = arg;
    bool mine;
    if (question_answered(conn, g->question, g->claim, g->answered_ms, g->due_ms, 0, 0, &mine, err))
        return -1;
    if (!mine)
        return 0;
    return set_gates(conn, g, err) ||
                   life_answered(g->services, conn, g->answered_ms, &g->outbox, err)
               ? -1
               : 0;
}

int days_apply(struct services *services, const struct days_answer *answer, bool *ret_outbox,
               struct err *err)
{
    struct gates gates = {.services = services,
                          .question = &answer->question,
                          .calendar = answer->calendar,
                          .claim = answer->claim,
                          .answered_ms = answer->answered_ms,
                          .due_ms = answer->due_ms};
    if (db_write(services->db, apply, &gates, err))
        return -1;
    *ret_outbox = gates.outbox;
    return 0;
}

int days_ask_all(struct services *services, struct db_conn *conn, const struct question *calendar,
                 int64_t now_ms, struct err *err)
{
    struct gates gates = {.services = services, .question = calendar, .answered_ms = now_ms};
    return set_gates(conn, &gates, err);
}

struct range_args {
    const struct question *question;
    int64_t now_ms;
    struct date first, last;
    bool any;
};

static int read_range(struct db_conn *conn, void *arg, struct err *err)
{
    struct range_args *args = arg;
    struct gated *list = mem_new(WATCH_QUESTIONS, sizeof(*list));
    size_t count;
    int failed = questions_gated(conn, args->question, args->now_ms, list, WATCH_QUESTIONS, &count,
                                 err);
    args->any = !failed && count && !date_parse(list[0].day, &args->first) &&
                !date_parse(list[count - 1].day, &args->last);
    free(list);
    return failed;
}

int days_ask(struct services *services, const struct question *q, struct cancel *cancel,
             enum resy_fault *ret_fault, struct resy_calendar *ret, struct err *err)
{
    struct resy_ask ask = {.class = BUDGET_CHECK, .cancel = cancel, .fault = ret_fault};
    struct range_args range = {.question = q, .now_ms = env_wall_ms(services->env)};
    *ret_fault = RESY_CANCELLED; /* ours: it says nothing of the provider */
    if (db_read(services->db, read_range, &range, err))
        return -1;
    if (!range.any) { /* nobody wants a day any more */
        *ret = (struct resy_calendar){0};
        return 0;
    }
    return resy_calendar(services->resy, &ask, q->venue_id, (int)q->party, range.first, range.last,
                         ret, err);
}
