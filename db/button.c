#include "db/button.h"

void button_free(struct button *button)
{
    free(button->action);
    free(button->args);
    button->action = button->args = NULL;
}

int button_add(struct db_conn *conn, const struct button *b, int64_t now_ms, struct err *err)
{
    return db_exec(conn, err,
                   "insert into button (token, account_id, chat_id, action, args, once, "
                   "expires_ms, created_ms, outbox_id) "
                   "values ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, 0))",
                   "siissiiii", b->token, b->account_id, b->chat_id, b->action, b->args,
                   (int64_t)b->once, b->expires_ms, now_ms, b->outbox_id);
}

static int use_up(struct db_conn *conn, const char *token, int64_t inbox_id, int64_t now_ms,
                  struct err *err)
{
    if (db_exec(conn, err,
                "update button set used_ms = $2, used_by = $3 "
                "where token = $1 and (used_ms is null or used_by = $3)",
                "sii", token, now_ms, inbox_id))
        return -1;
    if (db_changes(conn))
        return 0;
    return err_set(err, ERR_LIMIT, "That button was pressed already.", "button used");
}

int button_press(struct db_conn *conn, const char *token, int64_t account_id, int64_t inbox_id,
                 int64_t now_ms, struct button *ret, struct err *err)
{
    auto_rows rows = {0};
    if (db_query(conn, &rows, err,
                 "select account_id, chat_id, action, args, once, expires_ms from button "
                 "where token = $1",
                 "s", token))
        return -1;
    int found = db_next(&rows, err);
    if (found <= 0)
        return found ? -1
                     : err_set(err, ERR_MISSING, "I do not know that button any more.",
                               "unknown button");
    if (db_int(&rows, 0) != account_id)
        return err_set(err, ERR_DENIED, "That button is for somebody else.", "foreign button");
    if (db_int(&rows, 5) <= now_ms)
        return err_set(err, ERR_LIMIT, "That button has expired. Please ask again.",
                       "button expired");
    if (db_int(&rows, 4) && use_up(conn, token, inbox_id, now_ms, err))
        return -1;
    *ret = (struct button){.account_id = account_id,
                           .chat_id = db_int(&rows, 1),
                           .action = mem_text(db_text(&rows, 2)),
                           .args = mem_text(db_text(&rows, 3)),
                           .once = db_int(&rows, 4),
                           .expires_ms = db_int(&rows, 5)};
    snprintf(ret->token, sizeof(ret->token), "%s", token);
    return 0;
}

int button_withdraw(struct db_conn *conn, int64_t outbox_id, struct err *err)
{
    return db_exec(conn, err, "delete from button where outbox_id = $1", "i", outbox_id);
}

int button_prune(struct db_conn *conn, int64_t before_ms, bool *ret_more, struct err *err)
{
    if (db_exec(conn, err,
                "delete from button where token in (select token from button "
                "where expires_ms < $1 limit 500)",
                "i", before_ms))
        return -1;
    *ret_more = db_changes(conn) == 500;
    return 0;
}
