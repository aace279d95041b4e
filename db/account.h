/* account.h: who people are: tables account and identity.
 *
 * Threads: inside a db_fn.
 * Memory:  plain values. */
#ifndef DB_ACCOUNT_H
#define DB_ACCOUNT_H

#include "db/db.h"

#define ZONE_TEXT 64
#define CITY_TEXT 32

struct account {
    int64_t id;
    bool owner;
    bool alone;   /* may talk outside of crowds */
    bool claimed; /* an owner by the claim code */
    char zone[ZONE_TEXT], city[CITY_TEXT];
    bool hours24;                 /* "19:15" and not "7:15 PM" */
    int64_t daily_minute;         /* of their day: when they want a line; -1: none */
    int64_t daily_chat;           /* where */
    char daily_day[16];           /* their day of the last one */
    int64_t quiet_from, quiet_to; /* minutes of their day without alerts; both -1: none */
    char language[16];            /* a tag, as their platform says it; "": it does not */
    int64_t alerts_chat;          /* where all their alerts go; 0: each where it was asked for */
    char chosen[16];              /* … as they said it themselves; "": they did not */
};

/* The account behind an identity, made with the given zone and city if it is new; a new one is
 * `owner` or a member. */
int account_of(struct db_conn *conn, const char *platform, const char *who, bool owner,
               const char *zone, const char *city, int64_t now_ms, struct account *ret,
               struct err *err) MUST_USE;

/* The same, if there is one: *ret_found. */
int account_find(struct db_conn *conn, const char *platform, const char *who, struct account *ret,
                 bool *ret_found, struct err *err) MUST_USE;

/* "platform:number": who they are on that platform; "": nobody. */
int account_who(struct db_conn *conn, int64_t id, const char *platform, char *out, size_t size,
                struct err *err) MUST_USE;

/* Is there an owner on that platform who has claimed to be it, or is one on another too? */
int account_has_owner(struct db_conn *conn, const char *platform, bool *ret,
                      struct err *err) MUST_USE;

int account_set_role(struct db_conn *conn, int64_t id, bool owner, struct err *err) MUST_USE;
int account_set_claimed(struct db_conn *conn, int64_t id, struct err *err) MUST_USE;
int account_set_alone(struct db_conn *conn, int64_t id, bool alone, struct err *err) MUST_USE;
/* Whose watch it is; *ret_found. */
int account_of_watch(struct db_conn *conn, int64_t watch_id, struct account *ret, bool *ret_found,
                     struct err *err) MUST_USE;

/* Who last said something in a chat; 0: nobody. */
int account_last_of_chat(struct db_conn *conn, int64_t chat_id, int64_t *ret,
                         struct err *err) MUST_USE;
/* What they are called where they talk; a claim, and not a proof. */
int account_set_name(struct db_conn *conn, int64_t id, const char *name, struct err *err) MUST_USE;

/* In which language their platform talks with them, and whether people there read 24-hour clocks:
 * that becomes theirs with their first message. */
int account_set_language(struct db_conn *conn, int64_t id, const char *language, bool hours24,
                         struct err *err) MUST_USE;

/* All that is known of a person goes, but for that they are an owner, if they are. Their watches'
 * questions are left as they are. */
int account_forget(struct db_conn *conn, int64_t id, struct err *err) MUST_USE;

/* Zone, city, clock, quiet hours, chosen language and daily line as they are there; daily_day only
 * with another daily_minute. */
int account_set(struct db_conn *conn, const struct account *account, struct err *err) MUST_USE;

/* Two are one: all of `from` becomes `into`'s, whose settings stay, and `from` is no more. The one
 * is an owner if either was. */
int account_merge(struct db_conn *conn, int64_t from, int64_t into, struct err *err) MUST_USE;
/* One more way to be them. */
int account_add_identity(struct db_conn *conn, int64_t id, const char *platform, const char *who,
                         int64_t now_ms, struct err *err) MUST_USE;
/* "platform:number" of each of their ways, to `fn`, which says when it has enough. */
typedef bool account_who_fn(void *arg, const char *who);
int account_each_who(struct db_conn *conn, int64_t id, account_who_fn *fn, void *arg,
                     struct err *err) MUST_USE;
/* Who on that platform has chosen a language: who they are there, and which, to `fn`. */
typedef void account_chosen_fn(void *arg, const char *who, const char *language);
int accounts_chosen(struct db_conn *conn, const char *platform, account_chosen_fn *fn, void *arg,
                    struct err *err) MUST_USE;
/* All active watches that were asked for alone alert there from now on. */
int account_move_alerts(struct db_conn *conn, int64_t id, int64_t chat_id,
                        struct err *err) MUST_USE;

/* ERR_MISSING: no such account. */
int account_get(struct db_conn *conn, int64_t id, struct account *ret, struct err *err) MUST_USE;

/* Who wants a line a day, by id from `after` on. */
int accounts_daily(struct db_conn *conn, int64_t after, int64_t *ids, size_t limit,
                   size_t *ret_count, struct err *err) MUST_USE;
int account_had_daily(struct db_conn *conn, int64_t id, const char *day, struct err *err) MUST_USE;

#endif
