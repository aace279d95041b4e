/* What comes in is stored before anything else is done with it: one transaction for a batch. */
#include "core/orchestrator/internal.h"

#include "core/base/log.h"
#include "core/base/utf8.h"
#include "core/orchestrator/run.h"

#define STALE_MS (10 * MINUTE_MS) /* what waited longer is answered with an apology */
#define TOO_LONG                                                                                   \
    "That is too long for me: I read at most 16 KB at once. Please say it in fewer words."
#define NAMED_MOST  5
#define NAMED_BYTES 80

struct receive_args {
    struct orchestrator *o;
    struct adapter *adapter;
    const struct inbound *messages;
    size_t count;
    struct inbox_ref *refs; /* id 0: nothing to run */
    int64_t *refused;       /* of a message that turned out to be too long with this end; or 0 */
    bool *whole;            /* it is no part of one that came before */
    int64_t now_ms;
    size_t answered;   /* they have their answers: there is something to send */
    int64_t cancel[8]; /* messages that were corrected, which may be being answered */
    size_t cancel_count;
};

static const char *refusal(const struct inbound *m)
{
    if (m->text_len > MESSAGE_MAX)
        return TOO_LONG;
    if (!utf8_valid(m->text, m->text_len))
        return "I could not read that: it is not valid UTF-8 text.";
    if (!m->text_len)
        return "That was empty. /help shows what I can do.";
    return NULL;
}

static int answer_at_once(struct db_conn *conn, struct receive_args *args,
                          const struct inbox_row *row, const char *say, bool ok, struct err *err)
{
    auto_json reply = cJSON_CreateObject();
    auto_str payload = STR_INIT(8192), text = STR_INIT(4096);
    str_addf(&text, "%s%s%s", row->preface, *row->preface ? "\n\n" : "", say);
    cJSON_AddStringToObject(reply, "type", "reply");
    cJSON_AddStringToObject(reply, "text", text.buf);
    cJSON_AddBoolToObject(reply, "ok", ok);
    cJSON_AddArrayToObject(reply, "buttons");
    struct session session = {0};
    if (session_of(conn, row->chat_id, args->now_ms, &session, err))
        return -1;
    json_put_i64(reply, "session_id", session.id);
    session_free(&session);
    json_print(&payload, reply);
    struct outbox_row out = {.chat_id = row->chat_id,
                             .kind = OUTBOX_REPLY,
                             .due_ms = args->now_ms,
                             .payload = payload.buf,
                             .inbox_id = row->id,
                             .last = true,
                             .seen_ms = args->now_ms};
    args->answered++;
    if (outbox_add(conn, &out, NULL, err))
        return -1;
    return inbox_done(conn, row->id, args->now_ms, err);
}

static int too_many(struct db_conn *conn, struct receive_args *args, const struct inbound *m,
                    int64_t account_id, bool *ret, struct err *err)
{
    int64_t count = 0;
    *ret = false;
    if (m->unmetered)
        return 0;
    if (inbox_count_since(conn, account_id, args->now_ms - MINUTE_MS, &count, err))
        return -1;
    pthread_mutex_lock(&args->o->lock);
    size_t most = args->o->options.messages_a_minute;
    pthread_mutex_unlock(&args->o->lock);
    *ret = count > (int64_t)most;
    return 0;
}

/* --- after a silence of ours --- */

static bool is_stale(const struct receive_args *args, const struct inbound *m)
{
    return m->said_ms && m->said_ms < args->now_ms - STALE_MS && !m->press && !m->say;
}

/* A later one of the same person in the same chat speaks for it. */
static bool is_superseded(const struct receive_args *args, size_t i)
{
    const struct inbound *m = &args->messages[i];
    for (size_t k = i + 1; k < args->count && is_stale(args, m); k++) {
        const struct inbound *later = &args->messages[k];
        bool speaks = !later->press && !later->say && !later->edits && !later->continues &&
                      !refusal(later);
        if (speaks && !strcmp(later->chat, m->chat) && !strcmp(later->person, m->person))
            return true;
    }
    return false;
}

/* Which of that chat's are not answered, in words. */
static void add_superseded(struct str *out, const struct receive_args *args, size_t i)
{
    size_t named = 0, left = 0;
    for (size_t k = 0; k < i; k++) {
        const struct inbound *m = &args->messages[k];
        if (!is_superseded(args, k) || strcmp(m->chat, args->messages[i].chat) != 0 ||
            strcmp(m->person, args->messages[i].person) != 0)
            continue;
        if (named++ >= NAMED_MOST) {
            left++;
            continue;
        }
        str_add(out, named == 1 ? " I answer your last message; say again what still matters of \""
                                : "\", \"");
        str_add_shown(out, m->text, utf8_floor(m->text, MIN_OF(m->text_len, (size_t)NAMED_BYTES)));
    }
    str_add(out, named ? "\"" : "");
    if (left)
        str_addf(out, " and %zu more", left);
    str_add(out, named ? "." : "");
}

static char *preface_of(const struct receive_args *args, size_t i)
{
    char span[SPAN_WORDS];
    struct str text = STR_INIT(1500);
    const struct inbound *m = &args->messages[i];
    bool any = is_stale(args, m);
    for (size_t k = 0; k < i && !any; k++)
        any = is_superseded(args, k) && !strcmp(args->messages[k].chat, m->chat) &&
              !strcmp(args->messages[k].person, m->person);
    if (any && !m->press) {
        int64_t from = args->now_ms;
        for (size_t k = 0; k <= i; k++)
            if (!strcmp(args->messages[k].chat, m->chat) && args->messages[k].said_ms)
                from = MIN_OF(from, args->messages[k].said_ms);
        str_addf(&text, "Sorry, I was away when you wrote, %s ago.",
                 span_words(args->now_ms - from, span));
        add_superseded(&text, args, i);
    }
    return str_detach(&text);
}

/* --- one message --- */

/* A correction counts while what it corrects is the chat's last word; commands are not run again.
 * *ret_drop: it changes nothing. */
static int weigh_edit(struct db_conn *conn, struct receive_args *args, const struct inbound *m,
                      bool *ret_drop, struct err *err)
{
    int64_t id;
    auto_text before = NULL;
    *ret_drop = false;
    if (!m->edits)
        return 0;
    if (inbox_last_of(conn, args->adapter->ops->name, m->own, m->edits, &id, &before, err))
        return -1;
    bool same = before && strlen(before) == m->text_len && !memcmp(before, m->text, m->text_len);
    *ret_drop = !id || *m->text == '/' || (before && *before == '/') || same;
    if (!*ret_drop && args->cancel_count < ARRAY_LEN(args->cancel))
        args->cancel[args->cancel_count++] = id;
    return 0;
}

/* What a client has cut is one message again. *ret_alone: it is none of that. */
static int join(struct db_conn *conn, struct receive_args *args, size_t i, struct inbox_row *row,
                bool *ret_alone, struct err *err)
{
    enum inbox_joined joined;
    struct inbox_row whole = *row;
    *ret_alone = args->whole[i] = true;
    if (!args->messages[i].continues)
        return 0;
    if (inbox_join(conn, row->id, args->messages[i].continues, MESSAGE_MAX, args->now_ms, &joined,
                   &whole.id, err))
        return -1;
    *ret_alone = joined == INBOX_ALONE;
    args->whole[i] = *ret_alone;
    if (joined == INBOX_JOINED)
        args->refs[i] = (struct inbox_ref){whole.id, row->chat_id, row->account_id, false};
    if (joined != INBOX_TOO_LONG)
        return 0;
    args->refused[i] = whole.id;
    return answer_at_once(conn, args, &whole, TOO_LONG, false, err);
}

static int store(struct db_conn *conn, struct receive_args *args, size_t i,
                 const struct access *access, struct err *err)
{
    const struct inbound *m = &args->messages[i];
    const char *say = access->answer == ACCESS_ANSWER ? access->say : m->say, *no = refusal(m);
    bool flood = false, drop, alone;
    auto_text text = no ? mem_text("") : mem_textn(m->text, m->text_len);
    auto_text preface = preface_of(args, i);
    struct inbox_row row = {.platform = (char *)(uintptr_t)args->adapter->ops->name,
                            .own = (char *)(uintptr_t)m->own,
                            .ref = (char *)(uintptr_t)m->ref,
                            .text = text,
                            .preface = preface,
                            .press = m->press,
                            .acts = m->acts,
                            .chat_id = access->chat_id,
                            .account_id = access->account.id,
                            .received_ms = is_stale(args, m) ? m->said_ms : args->now_ms};
    if (weigh_edit(conn, args, m, &drop, err))
        return -1;
    if (drop)
        return 0;
    if (inbox_add(conn, &row, &row.id, err))
        return -1;
    if (!row.id) /* a repeat */
        return 0;
    if (is_superseded(args, i))
        return inbox_done(conn, row.id, args->now_ms, err);
    if (join(conn, args, i, &row, &alone, err))
        return -1;
    if (!alone)
        return 0;
    if (too_many(conn, args, m, row.account_id, &flood, err))
        return -1;
    if (flood && !no)
        no = "That was too many messages in a minute. Please wait a little and say it again.";
    if (no || say)
        return answer_at_once(conn, args, &row, say ? say : no, say, err);
    args->refs[i] = (struct inbox_ref){row.id, row.chat_id, row.account_id,
                                       m->press || text[0] == '/'};
    return 0;
}

static int receive_one(struct db_conn *conn, struct receive_args *args, size_t i, struct err *err)
{
    const struct inbound *m = &args->messages[i];
    const struct adapter_ops *ops = args->adapter->ops;
    /* Only what may be a code is looked at. */
    auto_text said = !m->press && m->text_len < 100 && utf8_valid(m->text, m->text_len)
                         ? mem_textn(m->text, m->text_len)
                         : NULL;
    struct access_ask ask = {.platform = ops->name,
                             .own = m->own,
                             .chat = m->chat,
                             .person = m->person,
                             .name = m->name,
                             .title = m->title,
                             .text = said,
                             .language = m->language,
                             .crowd = m->crowd,
                             .strangers = ops->strangers,
                             .owner = m->owner,
                             .pushes = ops->pushes};
    struct access access;
    args->refs[i] = (struct inbox_ref){0};
    args->refused[i] = 0;
    if (access_weigh(args->o->services, conn, &ask, args->now_ms, &access, err))
        return -1;
    args->answered += access.answer == ACCESS_TOLD;
    if (access.answer == ACCESS_NO || access.answer == ACCESS_TOLD)
        return 0;
    return store(conn, args, i, &access, err);
}

static int receive(struct db_conn *conn, void *arg, struct err *err)
{
    struct receive_args *args = arg;
    args->answered = args->cancel_count = 0;
    for (size_t i = 0; i < args->count; i++)
        if (receive_one(conn, args, i, err))
            return -1;
    return 0;
}

/* Into its lane, unless more of it may come. False: it does not fit. */
static bool post(struct orchestrator *o, const struct inbound *m, const struct inbox_ref *ref)
{
    if (m->unfinished && !ref->direct && held_put(o, ref))
        return true;
    held_drop(o, ref->id);
    return inbox_post(o, ref);
}

int orchestrator_receive(struct orchestrator *o, struct adapter *adapter,
                         const struct inbound *messages, size_t count, struct err *err)
{
    struct receive_args args = {.o = o,
                                .adapter = adapter,
                                .messages = messages,
                                .count = count,
                                .now_ms = env_wall_ms(o->env)};
    args.refs = mem_new(count, sizeof(*args.refs));
    args.refused = mem_new(count, sizeof(*args.refused));
    args.whole = mem_new(count, sizeof(*args.whole));
    int failed = db_write(o->services->db, receive, &args, err);
    bool fits = true, held = false;
    for (size_t i = 0; i < args.cancel_count && !failed; i++)
        run_corrected(o, args.cancel[i]);
    for (size_t i = 0; i < count && !failed; i++) {
        held_drop(o, args.refused[i]);
        if (!args.refs[i].id)
            continue;
        if (messages[i].text_len == 4 && !memcmp(messages[i].text, "/new", 4))
            conversation_cancel(o, args.refs[i].chat_id, false);
        if (adapter->ops->event && !messages[i].press && args.whole[i])
            adapter->ops->event(adapter, messages[i].own, messages[i].chat, messages[i].ref,
                                &(struct event){EVENT_BEGUN, "", NULL});
        fits = fits && post(o, &messages[i], &args.refs[i]);
        held = held || messages[i].unfinished;
    }
    if (!fits)
        inbox_overflow(o);
    if (held)
        services_look(o->services);
    if (args.answered && !failed) {
        log_line(LOG_INFO, "inbox", "answered_at_once=%zu of=%zu", args.answered, count);
        services_look(o->services);
    }
    free(args.refs);
    free(args.refused);
    free(args.whole);
    return failed;
}

/* --- chats --- */

struct member_args {
    struct orchestrator *o;
    const struct adapter_ops *ops;
    const struct membership *m;
    int64_t now_ms;
};

static int set_member(struct db_conn *conn, void *arg, struct err *err)
{
    struct member_args *args = arg;
    const struct membership *m = args->m;
    struct access_ask ask = {.platform = args->ops->name,
                             .own = m->own,
                             .chat = m->chat,
                             .person = m->person,
                             .name = m->name,
                             .title = m->title,
                             .crowd = m->crowd,
                             .strangers = args->ops->strangers,
                             .pushes = args->ops->pushes};
    if (m->there && m->crowd)
        return access_added(args->o->services, conn, &ask, args->now_ms, err);
    return reach_room(args->o->services, conn, &ask, m->there, args->now_ms, err);
}

int orchestrator_membership(struct orchestrator *o, struct adapter *adapter,
                            const struct membership *membership, struct err *err)
{
    struct member_args args = {o, adapter->ops, membership, env_wall_ms(o->env)};
    int failed = db_write(o->services->db, set_member, &args, err);
    services_look(o->services);
    return failed;
}

struct moved_args {
    struct services *services;
    const char *platform, *own, *from, *to;
};

static int move(struct db_conn *conn, void *arg, struct err *err)
{
    const struct moved_args *args = arg;
    struct access_ask ask = {.platform = args->platform, .own = args->own, .chat = args->to};
    if (chat_move(conn, args->platform, args->own, args->from, args->to, err))
        return -1;
    return reach_room(args->services, conn, &ask, true, env_wall_ms(args->services->env), err);
}

int orchestrator_moved(struct orchestrator *o, const char *platform, const char *own,
                       const char *from, const char *to, struct err *err)
{
    struct moved_args args = {o->services, platform, own, from, to};
    int failed = db_write(o->services->db, move, &args, err);
    services_look(o->services);
    return failed;
}

bool orchestrator_claim(struct orchestrator *o, struct adapter *adapter, char ret_code[12])
{
    struct err err = ERR_INIT;
    if (!adapter->ops->strangers)
        return false;
    bool needed = access_needs_claim(o->services, adapter->ops->name, ret_code, &err);
    if (err.kind != ERR_NONE)
        log_err(LOG_ERR, "access", &err, "is there an owner?");
    return needed;
}

struct incident_args {
    struct services *services;
    const char *name, *say, *mend, *why;
    bool outbox;
};

static int set_incident(struct db_conn *conn, void *arg, struct err *err)
{
    struct incident_args *a = arg;
    int64_t now = env_wall_ms(a->services->env);
    return a->say ? life_platform(a->services, conn, a->say, a->mend, a->why, now, &a->outbox, err)
                  : life_platform_over(a->services, conn, a->name, now, &a->outbox, err);
}

void orchestrator_incident(struct orchestrator *o, const char *name, const char *say,
                           const char *mend, const char *why)
{
    struct incident_args args = {o->services, name, say, mend, why, false};
    struct err err = ERR_INIT;
    if (db_write(o->services->db, set_incident, &args, &err))
        log_err(LOG_ERR, "incident", &err, "%s", name);
    else if (args.outbox)
        services_look(o->services);
}
