/* What watches have found: what each has told, and whether it is there still. */
#include "core/services/services.h"

struct lines_args {
    int64_t account_id, watch_id, now_ms;
    struct told_line *out;
    size_t limit, count;
};

static int read_lines(struct db_conn *conn, void *arg, struct err *err)
{
    struct lines_args *a = arg;
    return told_lines(conn, a->account_id, a->watch_id, a->now_ms, a->out, a->limit, &a->count,
                      err);
}

int told_lately(struct services *services, int64_t account_id, struct told_line *out, size_t limit,
                size_t *ret_count, struct err *err)
{
    struct lines_args args = {account_id, 0, env_wall_ms(services->env), out, limit, 0};
    int failed = db_read(services->db, read_lines, &args, err);
    *ret_count = args.count;
    return failed;
}

int watch_update(struct services *services, int64_t account_id, int64_t watch_id,
                 struct watch_update *ret, struct err *err)
{
    struct lines_args args = {account_id,           watch_id, env_wall_ms(services->env), ret->list,
                              ARRAY_LEN(ret->list), 0};
    if (watch_of(services, account_id, watch_id, &ret->watch, err) ||
        db_read(services->db, read_lines, &args, err))
        return -1;
    ret->count = args.count;
    ret->state = args.count ? FOUND_SOME : ret->watch.answers ? FOUND_NOTHING : FOUND_PENDING;
    return 0;
}

void told_line_words(struct str *out, const struct told_line *line, bool hours24, int64_t now_ms)
{
    char words[DATE_WORDS], clock[CLOCK_TEXT], span[SPAN_WORDS];
    struct date day;
    auto_zone zone = services_zone(line->zone);
    struct date today = zone_local(zone, now_ms).date;
    str_addf(out, "%s, %s, %lld %s, ", line->venue,
             date_parse(line->day, &day) ? line->day : date_words(day, today, words),
             (long long)line->party, line->party == 1 ? "person" : "people");
    clock_say((int)line->minute, hours24, clock);
    if (line->tables > 1)
        str_addf(out, "%lld tables from %s: ", (long long)line->tables, clock);
    else
        str_addf(out, "%s: ", clock);
    if (!line->open)
        str_add(out, "gone");
    else if (line->tables == 1)
        str_add(out, "still there");
    else
        str_addf(out, "%lld still there", (long long)line->open);
    str_addf(out, ", told %s ago", span_words(now_ms - line->told_ms, span));
}
