/* envelope.h: what Slack sends over a socket, read from strangers' JSON.
 *
 * Threads: pure.
 * Memory:  envelope_free frees what envelope_read made; the tree is kept in it.
 * Facts:   a retry comes under another envelope id with the same event id, and an accident of the
 *          service gives one message several event ids: so what was said is known by its place,
 *          channel and ts, a command by its envelope, a press by its action_ts, action and person.
 *          ts are texts: as numbers they lose digits. A mention in a channel may come as two
 *          events. Own messages and edits come back as events, and those of other bots have a
 *          bot_id or an app_id. The text has &, < and > escaped, and people, channels and links in
 *          <…>. */
#ifndef ADAPTERS_SLACK_ENVELOPE_H
#define ADAPTERS_SLACK_ENVELOPE_H

#include "core/base/json.h"

enum envelope_kind {
    ENVELOPE_NOTHING, /* to be acknowledged if it has an id, and no more */
    ENVELOPE_HELLO,
    ENVELOPE_DISCONNECT,
    ENVELOPE_SAID,    /* text to be answered: a message, a mention, a command */
    ENVELOPE_SHOWN,   /* something without words: `say` */
    ENVELOPE_PRESSED, /* a button of ours: `text` is its token */
    ENVELOPE_SHARED,  /* the adapter's own button: `text` is its key */
    ENVELOPE_FORM,    /* the form is asked for: `trigger` */
    ENVELOPE_FILLED,  /* the form was sent: `values` */
    ENVELOPE_OPENED,  /* our page or the messages beside it: `tab` */
    ENVELOPE_TURNED,  /* another part of our page: `text` is where it begins */
    ENVELOPE_STOPPED, /* Stop under an answer that is being written */
    ENVELOPE_REMOVED, /* the app was taken out of the workspace, or its tokens are no more */
    ENVELOPE_LIMITED, /* events were left out by the service */
};

#define SLACK_ID  32 /* of a person, a channel, a team, a ts */
#define SLACK_REF 96

struct envelope {
    enum envelope_kind kind;
    char id[80]; /* "": nothing to acknowledge */
    char team[SLACK_ID], user[SLACK_ID], channel[SLACK_ID], ts[SLACK_ID];
    char thread[SLACK_ID]; /* the ts of its root; "": it stands in none */
    char chat[SLACK_REF];  /* ours: "U1", "U1:1700.1" for a thread with one person, "C1:1700.1" */
    char person[2 * SLACK_ID + 2]; /* "T1/U1" */
    char ref[SLACK_REF];           /* ours for the inbox */
    char edits[SLACK_REF];         /* … of what it corrects; "": nothing */
    char name[100];                /* cleaned; "": not said */
    bool crowd;
    bool direct; /* a command, which is answered where it was given, for its person alone */
    int64_t said_ms;
    char *text;
    const char *say; /* static */
    char *response_url, *trigger;
    int64_t sockets;            /* of a hello: how many this app has */
    int64_t life_ms;            /* … and how long this one is to last; 0: not said */
    const char *reason;         /* of a disconnect; in the tree */
    const char *tab;            /* in the tree */
    const cJSON *values, *view; /* in the tree */
    cJSON *tree;
};
void envelope_free(struct envelope *e);
#define auto_envelope CLEANUP(envelope_free) struct envelope

struct envelope_me {
    const char *user; /* the bot's own, "U…"; "": not known */
    bool threads;     /* every conversation with one person is a thread (the agent view) */
    bool (*knows)(const void *ctx, const char *command); /* "find": is it one of ours? */
    const void *ctx;
};

/* Fills all of `ret`, whatever came. */
void envelope_read(const char *text, size_t len, const struct envelope_me *me,
                   struct envelope *ret);

/* "U1:1700.1" → "U1" and "1700.1" or ""; false: it is none of ours. */
bool envelope_place(const char *chat, char room[SLACK_ID], char thread[SLACK_ID]);

/* The text of a message as a person wrote it: entities read, what is in <…> by its name, our own
 * mention left out, quotes and blanks plain. */
char *envelope_plain(const char *text, const char *own);

/* Of our form: the same names in the view and in what comes back. */
#define FORM_CALLBACK "table_form"
#define SHARE_ACTION  "share"
#define TURN_ACTION   "turn"  /* and a number behind it */
#define ASK_ACTION    "form"  /* opens the form */
#define PRESS_ACTION  "press" /* and a number behind it */

#endif
