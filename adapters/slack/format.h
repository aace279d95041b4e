/* format.h: a message of ours as Slack takes it: blocks, and a sentence in their place.
 *
 * Threads: pure.
 * Memory:  slack_form_free frees what was made.
 * Facts:   50 blocks a message, 100 a page; 3,000 characters a section, 150 a header, 75 a button's
 *          label, 25 buttons an actions block; `text` is what notifications and screen readers
 *          say, at most 4,000. &, < and > are escaped in all that is not plain_text: unescaped
 *          text could call a whole channel. */
#ifndef ADAPTERS_SLACK_FORMAT_H
#define ADAPTERS_SLACK_FORMAT_H

#include "core/base/json.h"

#define FORM_BLOCKS  50
#define FORM_SECTION 2900 /* characters; the limit is 3,000 */
#define FORM_TEXT    3900

struct slack_form {
    char *text;    /* never empty */
    cJSON *blocks; /* an array; never empty */
    bool cut;      /* it would have taken more */
};

/* Which words are commands; NULL `knows`: none. */
struct slack_commands {
    bool (*knows)(const void *ctx, const char *command);
    const void *ctx;
};

/* Of a message of the outbox. Never fails. `share`: the key of the button that shows it to the
 * channel; NULL: none. Commands that our own words name are named as they are given here: "/help"
 * as
 * "/tables help". */
void slack_form_message(const cJSON *message, const char *share,
                        const struct slack_commands *commands, struct slack_form *ret);
void slack_form_free(struct slack_form *form);
#define auto_form CLEANUP(slack_form_free) struct slack_form

/* Adds `text` with &, < and > escaped. */
void slack_add_escaped(struct str *out, const char *text, size_t len);

/* Blocks, added to an array. `mrkdwn` is escaped already. */
void slack_add_section(cJSON *blocks, const char *mrkdwn);
void slack_add_context(cJSON *blocks, const char *mrkdwn);
/* Of {"label","press","url"}; *at counts on, so that no two of a message are called the same. */
void slack_add_buttons(cJSON *blocks, const cJSON *buttons, int *at);

#endif
