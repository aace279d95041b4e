/* Who may talk: owners by the configuration or by the first claim; everybody else is let in by an
 * owner, once, for their own conversation; a crowd is allowed by an owner, and who is in it may
 * talk there and nowhere else. By numbers of the platform only: names are claims. */
#include "core/services/services.h"

#include "core/base/utf8.h"
#include "db/button.h"
#include "db/chat.h"
#include "db/newcomer.h"

#include <ctype.h>
#include <strings.h>

#define CODE_LIFE_MS  (10 * MINUTE_MS)
#define CLAIM_LEN     8
#define ASKED_MOST    5 /* codes that one stranger is given, and claims that they may try */
#define PRESS_LIFE_MS DAY_MS
#define INVITATION    "invitation " /* in place of a person, and its code behind it */
#define LINK          "link "       /* … and the number of an account behind it */
#define LINKED                                                                                     \
    "You are one person to me now, here and there: your watches and settings are the same. "       \
    "/settings alerts here brings all alerts to this chat."
#define WELCOME                                                                                    \
    "You are in. Tell me what you look for, as you would tell a person: \"Lark on Friday at 8 "    \
    "for "                                                                                         \
    "two\". /help shows more."

/* Letters and digits that nobody mixes up. */
static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static void make_code(struct env *env, char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[env_random_below(env, sizeof(alphabet) - 1)];
    out[len] = '\0';
}

/* "/start abcd-2345", " ABCD2345 ": is it this code? */
static bool says_code(const char *text, const char *code)
{
    if (!text || !*code)
        return false;
    if (!strncasecmp(text, "/start ", 7))
        text += 7;
    for (; *text || *code; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        if (!*code || toupper((unsigned char)*text) != *code++)
            return false;
    }
    return true;
}

/* Something of a claim code's length and letters: a try, and not a greeting. */
static bool may_be_code(const char *text)
{
    size_t len = 0;
    if (!strncasecmp(text, "/start ", 7))
        text += 7;
    for (; *text; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        if (!strchr(alphabet, toupper((unsigned char)*text)))
            return false;
        len++;
    }
    return len == CLAIM_LEN;
}

/* "/start abc-234" → "ABC234"; what is longer is none. */
static void read_code(const char *text, char out[NEWCOMER_CODE])
{
    size_t len = 0;
    if (!strncasecmp(text, "/start ", 7))
        text += 7;
    else if (!strncasecmp(text, "/link ", 6))
        text += 6;
    else if (!strncasecmp(text, LINK, 5))
        text += 5;
    for (; *text && len + 1 < NEWCOMER_CODE; text++)
        if (*text != '-' && *text != ' ')
            out[len++] = (char)toupper((unsigned char)*text);
    out[*text ? 0 : len] = '\0';
}

static bool is_configured_owner(const struct service_options *o, const struct access_ask *ask)
{
    char who[200];
    snprintf(who, sizeof(who), "%s:%s", ask->platform, ask->person);
    for (size_t i = 0; i < o->owner_count; i++)
        if (!strcmp(o->owners[i], who))
            return true;
    return false;
}

/* By any of the ways to be them. */
struct owning {
    const struct service_options *options;
    bool owner;
};

static bool is_owner_s(void *arg, const char *who)
{
    struct owning *o = arg;
    for (size_t i = 0; i < o->options->owner_count && !o->owner; i++)
        o->owner = !strcmp(o->options->owners[i], who);
    return o->owner;
}

static bool has_configured_owner(const struct service_options *o, const char *platform)
{
    size_t len = strlen(platform);
    for (size_t i = 0; i < o->owner_count; i++)
        if (!strncmp(o->owners[i], platform, len) && o->owners[i][len] == ':')
            return true;
    return false;
}

struct weighing {
    struct services *services;
    struct db_conn *conn;
    const struct access_ask *ask;
    struct service_options options;
    int64_t now_ms;
    struct access *ret;
};

/* ret_was_away may be NULL. */
static int chat_here(struct weighing *w, bool *ret_was_away, struct err *err)
{
    bool was_away;
    if (chat_of(w->conn, w->ask->platform, w->ask->own, w->ask->chat, w->now_ms, &w->ret->chat_id,
                err))
        return -1;
    if (chat_seen(w->conn, w->ret->chat_id, w->ask->crowd, w->ask->title ? w->ask->title : "",
                  w->ask->pushes, &was_away, err))
        return -1;
    if (ret_was_away)
        *ret_was_away = was_away;
    if (!was_away)
        return 0;
    char room[96]; /* whoever is heard from one topic is reached in all */
    struct access_ask all = *w->ask;
    snprintf(room, sizeof(room), "%.*s", (int)MIN_OF(strcspn(w->ask->chat, ":"), sizeof(room) - 1),
             w->ask->chat);
    all.chat = room;
    return reach_room(w->services, w->conn, &all, true, w->now_ms, err);
}

/* A crowd's topics belong to its room: the chat's id before a ':'. */
static int room_of(struct weighing *w, int64_t *ret_id, struct err *err)
{
    char ref[96];
    snprintf(ref, sizeof(ref), "%.*s", (int)MIN_OF(strcspn(w->ask->chat, ":"), sizeof(ref) - 1),
             w->ask->chat);
    return chat_find(w->conn, w->ask->platform, w->ask->own, ref, ret_id, err);
}

static int room_allow(struct weighing *w, struct err *err)
{
    char ref[96];
    int64_t id;
    snprintf(ref, sizeof(ref), "%.*s", (int)MIN_OF(strcspn(w->ask->chat, ":"), sizeof(ref) - 1),
             w->ask->chat);
    if (chat_of(w->conn, w->ask->platform, w->ask->own, ref, w->now_ms, &id, err))
        return -1;
    return chat_allow(w->conn, id, true, err);
}

/* Who speaks English reads twelve hours, but for the British and the Irish; of the others most do
 * not. /settings knows better. */
static bool reads_24_hours(const char *language)
{
    bool english = !strncasecmp(language, "en", 2) && (!language[2] || language[2] == '-');
    return !english || !strcasecmp(language, "en-gb") || !strcasecmp(language, "en-ie");
}

static int let_in(struct weighing *w, bool owner, bool alone, struct err *err)
{
    struct account *account = &w->ret->account;
    if (account_of(w->conn, w->ask->platform, w->ask->person, owner, w->options.zone,
                   w->options.city, w->now_ms, account, err))
        return -1;
    if (account->owner != owner && owner && account_set_role(w->conn, account->id, true, err))
        return -1;
    account->owner = account->owner || owner;
    if (account->alone != alone && account_set_alone(w->conn, account->id, alone, err))
        return -1;
    account->alone = alone;
    if (w->ask->name && account_set_name(w->conn, account->id, w->ask->name, err))
        return -1;
    if (w->ask->language && account_set_language(w->conn, account->id, w->ask->language,
                                                 reads_24_hours(w->ask->language), err))
        return -1;
    w->ret->answer = ACCESS_YES;
    return chat_here(w, NULL, err);
}

/* --- strangers --- */

static int ask_owner(struct weighing *w, const struct newcomer *n, struct err *err)
{
    auto_str text = STR_INIT(600), yes = STR_INIT(60), no = STR_INIT(60);
    auto_json in = cJSON_CreateObject();
    auto_json out = cJSON_CreateObject();
    json_put_i64(in, "newcomer", n->id);
    json_put_i64(out, "newcomer", n->id);
    size_t shown = utf8_floor(n->name, MIN_OF(strlen(n->name), (size_t)30));
    str_add(&yes, "Approve ");
    str_add_shown(&yes, n->name, shown);
    str_add(&no, "Refuse ");
    str_add_shown(&no, n->name, shown);
    str_add_shown(&text, n->name, strlen(n->name));
    if (n->crowd)
        str_addf(&text, " (%s, several people) has added me. Shall I talk there?", n->platform);
    else
        str_addf(&text, " (%s, number %s) asks to talk with me. Their code is %s.", n->platform,
                 n->who, n->code);
    const struct button_spec specs[] = {
        {yes.buf, "approve", NULL, in, true, w->now_ms + PRESS_LIFE_MS, 0, NULL},
        {no.buf, "refuse", NULL, out, true, w->now_ms + PRESS_LIFE_MS, 0, NULL},
    };
    return notice_to_owner(w->services, w->conn, text.buf, specs, ARRAY_LEN(specs), w->now_ms, err);
}

static int tell_stranger(struct weighing *w, const struct newcomer *n, struct err *err)
{
    auto_str text = STR_INIT(600);
    if (w->options.access == ACCESS_OWNERS)
        str_addf(&text,
                 "This bot is private. If it is meant to know you, tell its owner your number "
                 "here: %s.",
                 n->who);
    else
        str_addf(&text,
                 "Hello. I look for restaurant tables for my owner and their friends. I have asked "
                 "whether I may talk with you; your code is %s, for ten minutes. I tell you here "
                 "when I may.",
                 n->code);
    w->ret->answer = ACCESS_TOLD;
    return notice_add(w->services, w->conn, n->chat_id, text.buf, w->now_ms, err);
}

static void newcomer_begin(struct weighing *w, struct newcomer *ret)
{
    const struct access_ask *ask = w->ask;
    *ret = (struct newcomer){.crowd = ask->crowd, .created_ms = w->now_ms, .state = "asks"};
    snprintf(ret->platform, sizeof(ret->platform), "%s", ask->platform);
    snprintf(ret->own, sizeof(ret->own), "%s", ask->own);
    snprintf(ret->who, sizeof(ret->who), "%s", ask->crowd ? ask->chat : ask->person);
}

/* Somebody who brings an invitation. *ret_in: they are let in. */
static int invited(struct weighing *w, bool *ret_in, struct err *err)
{
    struct newcomer n;
    char code[NEWCOMER_CODE];
    bool found;
    *ret_in = false;
    if (w->ask->crowd || !w->ask->text)
        return 0;
    read_code(w->ask->text, code);
    if (!*code)
        return 0;
    if (newcomer_by_code(w->conn, code, w->now_ms, &n, &found, err))
        return -1;
    if (!found || strncmp(n.who, INVITATION, strlen(INVITATION)) != 0 ||
        strcmp(n.platform, w->ask->platform) != 0)
        return 0;
    if (newcomer_settle(w->conn, n.id, true, ret_in, err))
        return -1;
    return *ret_in ? let_in(w, false, true, err) : 0;
}

/* Somebody who is known on another platform, and brings the code from there. *ret_linked: they are
 * one person now. */
static int linked(struct weighing *w, bool *ret_linked, struct err *err)
{
    const struct access_ask *ask = w->ask;
    struct newcomer n;
    char code[NEWCOMER_CODE], here[200];
    bool found, known;
    *ret_linked = false;
    if (ask->crowd || !ask->text ||
        (strncasecmp(ask->text, "/link ", 6) != 0 && strncasecmp(ask->text, LINK, 5) != 0))
        return 0;
    read_code(ask->text, code);
    if (!*code || newcomer_by_code(w->conn, code, w->now_ms, &n, &found, err))
        return *code ? -1 : 0;
    if (!found || strncmp(n.who, LINK, strlen(LINK)) != 0 || !strcmp(n.platform, ask->platform))
        return 0;
    struct account *me = &w->ret->account, other;
    int64_t into = strtoll(n.who + strlen(LINK), NULL, 10);
    if (account_get(w->conn, into, me, err)) /* they were forgotten meanwhile */
        return err->kind == ERR_MISSING ? 0 : -1;
    if (account_find(w->conn, ask->platform, ask->person, &other, &known, err) ||
        account_who(w->conn, into, ask->platform, here, sizeof(here), err))
        return -1;
    /* One person is one here; and whoever made the code becomes no owner by it. */
    if ((*here && !(known && other.id == into)) || (known && other.owner && !me->owner))
        return 0;
    if (newcomer_settle(w->conn, n.id, true, ret_linked, err))
        return -1;
    if (!*ret_linked)
        return 0;
    if (known && other.id != into && account_merge(w->conn, other.id, into, err))
        return -1;
    if (!known && account_add_identity(w->conn, into, ask->platform, ask->person, w->now_ms, err))
        return -1;
    if (account_get(w->conn, into, me, err))
        return -1;
    w->ret->answer = ACCESS_ANSWER;
    w->ret->say = LINKED;
    return chat_here(w, NULL, err);
}

/* Once, and once more when the code has expired and they ask again; five times at the most. */
static int stranger(struct weighing *w, struct err *err)
{
    const struct access_ask *ask = w->ask;
    struct newcomer n;
    bool found, in;
    if (invited(w, &in, err))
        return -1;
    if (in) {
        w->ret->answer = ACCESS_ANSWER;
        w->ret->say = WELCOME;
        return 0;
    }
    if (newcomer_of(w->conn, ask->platform, ask->own, ask->crowd ? ask->chat : ask->person, &n,
                    &found, err))
        return -1;
    if (!found)
        newcomer_begin(w, &n);
    if (!*n.code && !strcmp(n.state, "asks"))
        n.asked = 0; /* those were tries to become the owner */
    bool once = w->options.access == ACCESS_OWNERS && n.asked;
    if (once || strcmp(n.state, "asks") != 0 || n.asked >= ASKED_MOST ||
        (n.asked && n.expires_ms > w->now_ms))
        return 0;
    if (chat_here(w, NULL, err))
        return -1;
    const char *name = ask->crowd ? ask->title : ask->name;
    utf8_copy(n.name, sizeof(n.name), name && *name ? name : "Somebody");
    n.chat_id = w->ret->chat_id;
    n.asked++;
    n.expires_ms = w->now_ms + CODE_LIFE_MS;
    make_code(w->services->env, n.code, 6);
    if (newcomer_put(w->conn, &n, err))
        return -1;
    if (!ask->crowd && tell_stranger(w, &n, err))
        return -1;
    return w->options.access == ACCESS_PAIRING ? ask_owner(w, &n, err) : 0;
}

/* --- the first owner --- */

static bool claim_is(struct services *services, const char *text)
{
    pthread_mutex_lock(&services->lock);
    bool is = says_code(text, services->claim);
    pthread_mutex_unlock(&services->lock);
    return is;
}

/* Nobody is answered before there is an owner; the tries of each are counted. */
static int nobody_yet(struct weighing *w, struct err *err)
{
    const struct access_ask *ask = w->ask;
    struct newcomer n;
    bool found;
    if (ask->crowd || !ask->text)
        return 0;
    if (newcomer_of(w->conn, ask->platform, ask->own, ask->person, &n, &found, err))
        return -1;
    if (!found)
        newcomer_begin(w, &n);
    if (n.asked >= ASKED_MOST)
        return 0;
    if (!claim_is(w->services, ask->text)) {
        if (!may_be_code(ask->text))
            return 0;
        if (chat_here(w, NULL, err))
            return -1;
        n.chat_id = w->ret->chat_id;
        n.asked++;
        n.expires_ms = w->now_ms;
        return newcomer_put(w->conn, &n, err);
    }
    if (let_in(w, true, true, err) || account_set_claimed(w->conn, w->ret->account.id, err))
        return -1;
    w->ret->answer = ACCESS_ANSWER;
    w->ret->say = "You are my owner now: I answer you, and whom you let in. I find tables on Resy, "
                  "watch the full places, and tell you the moment one opens. /help shows how.";
    return 0;
}

struct owned_args {
    const char *platform;
    bool owned;
};

static int read_owned(struct db_conn *conn, void *arg, struct err *err)
{
    struct owned_args *args = arg;
    return account_has_owner(conn, args->platform, &args->owned, err);
}

bool access_needs_claim(struct services *services, const char *platform, char ret_code[12],
                        struct err *err)
{
    struct service_options options = services_options(services);
    struct owned_args args = {platform, has_configured_owner(&options, platform)};
    if ((!args.owned && db_read(services->db, read_owned, &args, err)) || args.owned)
        return false;
    pthread_mutex_lock(&services->lock);
    if (!*services->claim)
        make_code(services->env, services->claim, CLAIM_LEN);
    snprintf(ret_code, 12, "%.4s-%.4s", services->claim, services->claim + 4);
    pthread_mutex_unlock(&services->lock);
    return true;
}

/* --- all together --- */

/* In a crowd: an owner's word allows it, and then everybody there may talk there. */
static int weigh_crowd(struct weighing *w, bool owner, bool known, struct err *err)
{
    int64_t chat_id;
    bool allowed = false, alone = known && w->ret->account.alone;
    if (room_of(w, &chat_id, err) || (chat_id && chat_is_allowed(w->conn, chat_id, &allowed, err)))
        return -1;
    if (!chat_id && !owner && w->options.access != ACCESS_OPEN)
        return 0;
    if (chat_id && !allowed && !owner)
        return 0;
    if (let_in(w, owner, owner || alone, err))
        return -1;
    return owner ? room_allow(w, err) : 0;
}

/* Known on another platform, and one person here and there. */
struct elsewhere {
    const char *platform;
    bool is;
};

static bool is_elsewhere(void *arg, const char *who)
{
    struct elsewhere *e = arg;
    size_t len = strlen(e->platform);
    e->is = strncmp(who, e->platform, len) != 0 || who[len] != ':';
    return e->is;
}

static int weigh(struct weighing *w, struct err *err)
{
    const struct access_ask *ask = w->ask;
    bool known, owned, brought, configured = is_configured_owner(&w->options, ask);
    if (!ask->strangers)
        return let_in(w, ask->owner, true, err);
    int failed = linked(w, &brought, err);
    if (failed || brought)
        return failed;
    if (account_find(w->conn, ask->platform, ask->person, &w->ret->account, &known, err) ||
        account_has_owner(w->conn, ask->platform, &owned, err))
        return -1;
    struct elsewhere elsewhere = {ask->platform, false};
    if (known && account_each_who(w->conn, w->ret->account.id, is_elsewhere, &elsewhere, err))
        return -1;
    if (!owned && !has_configured_owner(&w->options, ask->platform) && !elsewhere.is)
        return nobody_yet(w, err);
    bool claimed = known && w->ret->account.owner && w->ret->account.claimed;
    struct owning owning = {&w->options, configured};
    if (known && account_each_who(w->conn, w->ret->account.id, is_owner_s, &owning, err))
        return -1;
    configured = owning.owner;
    bool owner = configured || claimed;
    if (known && w->ret->account.owner && !owner && /* no longer in the configuration */
        account_set_role(w->conn, w->ret->account.id, false, err))
        return -1;
    if (ask->crowd)
        return weigh_crowd(w, owner, known, err);
    if (owner || (known && w->ret->account.alone) || w->options.access == ACCESS_OPEN)
        return let_in(w, owner, true, err);
    return stranger(w, err);
}

int access_weigh(struct services *services, struct db_conn *conn, const struct access_ask *ask,
                 int64_t now_ms, struct access *ret, struct err *err)
{
    struct weighing w = {services, conn, ask, services_options(services), now_ms, ret};
    *ret = (struct access){.answer = ACCESS_NO};
    return weigh(&w, err);
}

/* A crowd that was let in once and has left us asks anew. */
static int ask_again(struct weighing *w, struct err *err)
{
    struct newcomer n;
    bool found;
    if (newcomer_of(w->conn, w->ask->platform, w->ask->own, w->ask->chat, &n, &found, err))
        return -1;
    if (!found || strcmp(n.state, "in") != 0)
        return 0;
    snprintf(n.state, sizeof(n.state), "asks");
    n.asked = n.expires_ms = 0;
    return newcomer_put(w->conn, &n, err);
}

int access_added(struct services *services, struct db_conn *conn, const struct access_ask *ask,
                 int64_t now_ms, struct err *err)
{
    struct access ret = {.answer = ACCESS_NO};
    struct weighing w = {services, conn, ask, services_options(services), now_ms, &ret};
    bool known;
    bool was_away;
    int64_t before;
    if (account_find(conn, ask->platform, ask->person, &ret.account, &known, err) ||
        room_of(&w, &before, err) || chat_here(&w, &was_away, err))
        return -1;
    bool owner = is_configured_owner(&w.options, ask) || (known && ret.account.owner);
    if (owner || w.options.access == ACCESS_OPEN)
        return chat_allow(conn, ret.chat_id, true, err);
    if (before && !was_away) /* we were there: it is a right that has changed */
        return 0;
    if (chat_allow(conn, ret.chat_id, false, err) || ask_again(&w, err))
        return -1;
    return stranger(&w, err);
}

/* --- an owner's answer --- */

struct settle_args {
    struct services *services;
    const struct account *account;
    int64_t newcomer_id;
    const char *code; /* NULL: by the id */
    bool in;
    int64_t now_ms;
    char *name;
};

static int welcome(struct settle_args *args, struct db_conn *conn, const struct newcomer *n,
                   struct err *err)
{
    struct service_options o = services_options(args->services);
    struct account account;
    if (n->crowd)
        return chat_allow(conn, n->chat_id, true, err);
    if (account_of(conn, n->platform, n->who, false, o.zone, o.city, args->now_ms, &account, err) ||
        account_set_alone(conn, account.id, true, err) ||
        account_set_name(conn, account.id, n->name, err))
        return -1;
    return notice_add(args->services, conn, n->chat_id, WELCOME, args->now_ms, err);
}

static int settle(struct db_conn *conn, void *arg, struct err *err)
{
    struct settle_args *args = arg;
    struct newcomer n;
    bool found, changed = false;
    if (!args->account->owner)
        return err_set(err, ERR_DENIED, "Only my owner decides who may talk with me.",
                       "not an owner");
    if (args->code ? newcomer_by_code(conn, args->code, args->now_ms, &n, &found, err)
                   : newcomer_get(conn, args->newcomer_id, &n, &found, err))
        return -1;
    found = found && strncmp(n.who, INVITATION, strlen(INVITATION)) != 0 &&
            strncmp(n.who, LINK, strlen(LINK)) != 0;
    if (found && newcomer_settle(conn, n.id, args->in, &changed, err))
        return -1;
    if (!changed)
        return err_set(err, ERR_MISSING,
                       args->code ? "Nobody asks with that code; a code lasts ten minutes."
                                  : "That has been decided already.",
                       "no such newcomer");
    memcpy(args->name, n.name, sizeof(n.name));
    return args->in ? welcome(args, conn, &n, err) : 0;
}

int access_settle(struct services *services, const struct account *account, int64_t newcomer_id,
                  bool in, char ret_name[96], struct err *err)
{
    struct settle_args args = {services, account, newcomer_id, NULL, in, env_wall_ms(services->env),
                               ret_name};
    return db_write(services->db, settle, &args, err);
}

int access_pair(struct services *services, const struct account *account, const char *code,
                char ret_name[96], struct err *err)
{
    char upper[NEWCOMER_CODE];
    read_code(code, upper);
    struct settle_args args = {services, account, 0, upper, true, env_wall_ms(services->env),
                               ret_name};
    return db_write(services->db, settle, &args, err);
}

/* --- invitations --- */

static int put_invitation(struct db_conn *conn, void *arg, struct err *err)
{
    return newcomer_put(conn, arg, err);
}

int access_invite(struct services *services, const struct account *account, const char *platform,
                  const char *own, int64_t chat_id, char ret_code[8], struct err *err)
{
    int64_t now = env_wall_ms(services->env);
    struct newcomer n = {.chat_id = chat_id,
                         .expires_ms = now + DAY_MS,
                         .created_ms = now,
                         .name = "Somebody invited",
                         .state = "asks"};
    if (!account->owner)
        return err_set(err, ERR_DENIED, "Only my owner invites people.", "not an owner");
    make_code(services->env, n.code, NEWCOMER_CODE - 1);
    snprintf(n.platform, sizeof(n.platform), "%s", platform);
    snprintf(n.own, sizeof(n.own), "%s", own);
    snprintf(n.who, sizeof(n.who), INVITATION "%s", n.code);
    memcpy(ret_code, n.code, sizeof(n.code));
    return db_write(services->db, put_invitation, &n, err);
}

/* --- one person on two platforms --- */

int access_link(struct services *services, const struct account *account, const char *platform,
                const char *own, int64_t chat_id, char ret_code[8], struct err *err)
{
    int64_t now = env_wall_ms(services->env);
    struct newcomer n = {.chat_id = chat_id,
                         .expires_ms = now + CODE_LIFE_MS,
                         .created_ms = now,
                         .name = "Somebody known",
                         .state = "asks"};
    make_code(services->env, n.code, NEWCOMER_CODE - 1);
    snprintf(n.platform, sizeof(n.platform), "%s", platform);
    snprintf(n.own, sizeof(n.own), "%s", own);
    snprintf(n.who, sizeof(n.who), LINK "%lld", (long long)account->id);
    memcpy(ret_code, n.code, sizeof(n.code));
    return db_write(services->db, put_invitation, &n, err);
}

/* --- being forgotten --- */

int access_forget(struct services *services, struct db_conn *conn, int64_t account_id,
                  int64_t now_ms, struct err *err)
{
    int64_t *questions = NULL;
    size_t count = 0;
    if (watch_questions_of(conn, account_id, &questions, &count, err))
        return -1;
    int failed = account_forget(conn, account_id, err);
    for (size_t i = 0; i < count && !failed; i++)
        failed = question_refresh(conn, questions[i], now_ms, services_options(services).floor_ms,
                                  err);
    free(questions);
    return failed ? -1 : 0;
}
