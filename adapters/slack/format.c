#include "adapters/slack/format.h"

#include "adapters/slack/envelope.h"
#include "core/base/clock.h"
#include "core/base/markdown.h"
#include "core/base/utf8.h"

#define TEXT_MAX     ((size_t)64 * 1024)
#define LABEL_MAX    70 /* characters */
#define ROW_BUTTONS  25
#define BUTTONS_MOST 60

void slack_form_free(struct slack_form *form)
{
    free(form->text);
    json_free(form->blocks);
    *form = (struct slack_form){0};
}

/* --- text --- */

void slack_add_escaped(struct str *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '&')
            str_add(out, "&amp;");
        else if (text[i] == '<')
            str_add(out, "&lt;");
        else if (text[i] == '>')
            str_add(out, "&gt;");
        else
            str_addn(out, text + i, 1);
    }
}

/* Addresses are to be pressed, which they are only in <…>, since nothing becomes a link by itself.
 */
static void add_linked(struct str *out, const char *text, size_t len)
{
    size_t from = 0;
    for (size_t at = 0; at + 8 < len; at++) {
        size_t end = at;
        if (strncmp(text + at, "https://", 8) != 0)
            continue;
        while (end < len && !strchr(" \n\t<>|\"()", text[end]))
            end++;
        while (strchr(".,;:!?", text[end - 1])) /* it ends with the sentence */
            end--;
        slack_add_escaped(out, text + from, at - from);
        str_addc(out, '<');
        slack_add_escaped(out, text + at, end - at);
        str_addc(out, '>');
        from = end;
        at = end - 1;
    }
    slack_add_escaped(out, text + from, len - from);
}

static void add_escaped(struct str *out, const char *text)
{
    slack_add_escaped(out, text, strlen(text));
}

/* Bytes of at most so many characters. */
static size_t bytes_of(const char *text, size_t points)
{
    size_t at = 0;
    while (text[at] && points) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        points--;
    }
    return at;
}

/* An escaped text is cut at a line, a blank, or before what stands for one character. */
static size_t border(const char *text, size_t most)
{
    size_t end = bytes_of(text, most);
    if (!text[end])
        return end;
    for (size_t at = end; at > end / 2; at--)
        if (text[at - 1] == '\n')
            return at;
    for (size_t at = end; at > end / 2; at--)
        if (text[at - 1] == ' ')
            return at;
    for (size_t at = end; at > 0 && at + 8 > end; at--)
        if (text[at - 1] == '&')
            return at - 1;
    return end;
}

/* --- blocks --- */

static cJSON *text_object(const char *type, const char *text)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "type", type);
    cJSON_AddStringToObject(object, "text", text);
    if (!strcmp(type, "mrkdwn"))
        cJSON_AddTrueToObject(object, "verbatim"); /* nothing becomes a link or a call by itself */
    return object;
}

static cJSON *add_block(cJSON *blocks, const char *type)
{
    if (cJSON_GetArraySize(blocks) >= FORM_BLOCKS)
        return NULL;
    cJSON *block = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", type);
    cJSON_AddItemToArray(blocks, block);
    return block;
}

void slack_add_section(cJSON *blocks, const char *mrkdwn)
{
    for (const char *at = mrkdwn; *at;) {
        size_t len = border(at, FORM_SECTION), end = len;
        while (end && strchr(" \t\r\n", at[end - 1]))
            end--;
        auto_text part = mem_textn(at, end);
        cJSON *block = end ? add_block(blocks, "section") : NULL;
        if (block) {
            cJSON_AddItemToObject(block, "text", text_object("mrkdwn", part));
            cJSON_AddTrueToObject(block, "expand");
        }
        at += len;
        at += strspn(at, "\r\n");
    }
}

void slack_add_context(cJSON *blocks, const char *mrkdwn)
{
    auto_text part = mem_textn(mrkdwn, border(mrkdwn, FORM_SECTION));
    cJSON *block = *part ? add_block(blocks, "context") : NULL;
    if (block)
        cJSON_AddItemToArray(cJSON_AddArrayToObject(block, "elements"),
                             text_object("mrkdwn", part));
}

static bool is_secure(const char *url)
{
    return url && !strncmp(url, "https://", 8) && strlen(url) < 3000;
}

static const char *style_of(const char *label)
{
    if (!strncmp(label, "Book", 4) || !strncmp(label, "Confirm", 7) ||
        !strncmp(label, "Approve", 7))
        return "primary";
    return !strncmp(label, "Stop", 4) || !strncmp(label, "Refuse", 6) ? "danger" : NULL;
}

/* `called`: what stands on it; NULL: its label. */
static cJSON *button_of(const cJSON *button, const char *called, const char *url, int at)
{
    char text[LABEL_MAX * 4 + 1], id[24];
    const char *label = json_text(button, "label"), *press = json_text(button, "press");
    const char *own = json_text(button, "url");
    if (!label || !*label || !press || !*press)
        return NULL;
    called = called ? called : label;
    snprintf(text, sizeof(text), "%.*s", (int)bytes_of(called, LABEL_MAX), called);
    snprintf(id, sizeof(id), PRESS_ACTION "%d", at);
    cJSON *key = cJSON_CreateObject();
    cJSON_AddStringToObject(key, "type", "button");
    cJSON_AddItemToObject(key, "text", text_object("plain_text", text));
    cJSON_AddStringToObject(key, "action_id", id);
    url = own ? own : !strncmp(label, "Open", 4) ? url : NULL;
    if (is_secure(url)) /* its press comes too, and has nothing to say */
        cJSON_AddStringToObject(key, "url", url);
    else
        cJSON_AddStringToObject(key, "value", press);
    const char *style = style_of(label);
    if (style)
        cJSON_AddStringToObject(key, "style", style);
    return key;
}

struct row { /* an actions block that fills */
    cJSON *blocks, *elements;
    const char *url;
    int *at;
};

static void row_add(struct row *row, const cJSON *button, const char *called)
{
    if (*row->at >= BUTTONS_MOST)
        return;
    cJSON *key = button_of(button, called, row->url, *row->at);
    if (!key)
        return;
    if (!row->elements || cJSON_GetArraySize(row->elements) == ROW_BUTTONS) {
        cJSON *block = add_block(row->blocks, "actions");
        row->elements = block ? cJSON_AddArrayToObject(block, "elements") : NULL;
    }
    if (!row->elements) {
        json_free(key);
        return;
    }
    ++*row->at;
    cJSON_AddItemToArray(row->elements, key);
}

void slack_add_buttons(cJSON *blocks, const cJSON *buttons, int *at)
{
    struct row row = {blocks, NULL, NULL, at};
    const cJSON *button;
    cJSON_ArrayForEach(button, buttons) row_add(&row, button, NULL);
}

/* --- the text of a message --- */

static const char *const marks[] = {[MARK_BOLD] = "*",
                                    [MARK_ITALIC] = "_",
                                    [MARK_STRIKE] = "~",
                                    [MARK_CODE] = "`",
                                    [MARK_BLOCK] = "```"};

/* What a model wrote. Spans nest: each is opened and closed where it stands. */
static void write_marked(struct str *out, const char *text)
{
    auto_marked m = {0};
    size_t open[MARKED_SPANS], depth = 0, next = 0;
    markdown_read(text, &m);
    for (size_t at = 0; at <= m.text.len; at++) {
        while (depth && m.spans[open[depth - 1]].to == at) {
            const struct mark_span *s = &m.spans[open[--depth]];
            str_add(out, s->mark == MARK_LINK ? ">" : s->mark == MARK_QUOTE ? "" : marks[s->mark]);
        }
        while (next < m.count && m.spans[next].from == at) {
            const struct mark_span *s = &m.spans[next];
            open[depth++] = next++;
            if (s->mark == MARK_LINK) {
                auto_str url = STR_INIT(3000);
                slack_add_escaped(&url, s->url, strcspn(s->url, "|"));
                str_addf(out, "<%s|", url.buf);
            } else {
                str_add(out, s->mark == MARK_QUOTE ? "" : marks[s->mark]);
            }
        }
        if (at < m.text.len)
            slack_add_escaped(out, m.text.buf + at, 1);
    }
}

/* A name in bold where the text has it first; stars of its own would end the bold. */
static void write_with_bold(struct str *out, const char *text, const char *name)
{
    const char *at = name && *name && !strpbrk(name, "*_~`") ? strstr(text, name) : NULL;
    if (!at) {
        add_linked(out, text, strlen(text));
        return;
    }
    add_linked(out, text, (size_t)(at - text));
    str_addc(out, '*');
    add_escaped(out, name);
    str_addc(out, '*');
    add_linked(out, at + strlen(name), strlen(at + strlen(name)));
}

/* "T1/U7" and "C2:1700.1" in a notice of ours, which is how people and chats are known, as names
 * that its reader sees; and who has no name but that is only that. */
static char *with_people(const char *text)
{
    auto_str out = STR_INIT(TEXT_MAX);
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char nameless[] = "Somebody (slack, number ";
    for (const char *at = text; *at;) {
        bool alone = !strncmp(at, nameless, strlen(nameless));
        const char *id = alone ? at + strlen(nameless) : at;
        size_t team = strspn(id, letters), user = 0, channel = 0;
        if (*id == 'T' && team > 1 && id[team] == '/' &&
            (id[team + 1] == 'U' || id[team + 1] == 'W'))
            user = strspn(id + team + 1, letters);
        bool known = alone || (at - text >= 7 && !strncmp(at - 7, "number ", 7));
        bool digit = known && user > 1 &&
                     strcspn(id + team + 1, "0123456789") < user; /* no "TUE/WED" */
        if (*at == 'C' && team > 1 && at[team] == ':')
            channel = strspn(at + team + 1, "0123456789.");
        if (digit && user < SLACK_ID) {
            str_addf(&out, "<@%.*s>", (int)user, id + team + 1);
            at = id + team + 1 + user;
            at += alone && *at == ')';
        } else if (channel > 10) {
            str_addf(&out, "<#%.*s>", (int)team, at);
            at += team + 1 + channel;
        } else {
            size_t len = alone || !team ? 1 : team;
            str_addn(&out, at, len);
            at += len;
        }
    }
    return str_detach(&out);
}

/* "/help" → "/tables help", for each word that is a command. */
static char *with_tables(const char *text, const struct slack_commands *commands)
{
    auto_str out = STR_INIT(TEXT_MAX);
    for (const char *at = text; *at; at++) {
        char word[24];
        size_t len = *at == '/' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
        bool begins = at == text || strchr(" \n\t(\"'", at[-1]);
        snprintf(word, sizeof(word), "%.*s", (int)MIN_OF(len, sizeof(word) - 1), at + 1);
        bool command = begins && len && len < sizeof(word) && commands->knows &&
                       commands->knows(commands->ctx, word);
        str_add(&out, command ? "/tables " : "");
        if (!command)
            str_addn(&out, at, 1);
    }
    return str_detach(&out);
}

/* --- cards --- */

static void add_name(struct str *out, const char *name)
{
    bool plain = !strpbrk(name, "*_~`");
    str_add(out, plain && *name ? "*" : "");
    add_escaped(out, name);
    str_add(out, plain && *name ? "*" : "");
}

static void add_facts(struct str *out, const cJSON *venue)
{
    static const char *const facts[] = {"neighborhood", "cuisine", "price"};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        const char *fact = json_text_or(venue, facts[i], "");
        if (!*fact)
            continue;
        str_add(out, any ? " · " : "\n");
        add_escaped(out, fact);
        any = true;
    }
}

static void add_times(struct str *out, const cJSON *venue, bool hours24)
{
    const cJSON *time;
    const char *state = json_text_or(venue, "state", "unknown");
    bool any = false;
    cJSON_ArrayForEach(time, json_array(venue, "times"))
    {
        char words[CLOCK_TEXT];
        int minute = cJSON_IsString(time) ? clock_parse(time->valuestring) : -1;
        if (minute < 0)
            continue;
        str_addf(out, "%s%s", any ? ", " : "\n", clock_say(minute, hours24, words));
        any = true;
    }
    if (!any)
        str_addf(out, "\n%s", !strcmp(state, "bookable") ? "at other times" : state);
}

/* Which of the buttons are this restaurant's: "7:30 PM Lark", called "7:30 PM" under its card. */
static bool is_of(const cJSON *button, const char *name, bool alone)
{
    const char *brief = json_text(button, "brief"), *label = json_text_or(button, "label", "");
    if (!brief || json_text(button, "url"))
        return false;
    size_t len = strlen(brief);
    return alone ||
           (!strncmp(label, brief, len) && label[len] == ' ' && !strcmp(label + len + 1, name));
}

struct making {
    const cJSON *message;
    struct slack_form *ret;
    int at; /* buttons so far */
    const cJSON *placed[BUTTONS_MOST];
    size_t placed_count;
};

static bool is_placed(const struct making *m, const cJSON *button)
{
    for (size_t i = 0; i < m->placed_count; i++)
        if (m->placed[i] == button)
            return true;
    return false;
}

static void card(struct making *m, const cJSON *venue, bool told, bool hours24, bool alone)
{
    auto_str text = STR_INIT(TEXT_MAX);
    const char *name = json_text_or(venue, "name", ""), *picture = json_text(venue, "picture");
    add_name(&text, name);
    add_facts(&text, venue);
    if (!told)
        add_times(&text, venue, hours24);
    auto_text part = mem_textn(text.buf, border(text.buf, FORM_SECTION));
    cJSON *block = *part ? add_block(m->ret->blocks, "section") : NULL;
    if (block)
        cJSON_AddItemToObject(block, "text", text_object("mrkdwn", part));
    if (block && is_secure(picture)) {
        cJSON *image = cJSON_AddObjectToObject(block, "accessory");
        cJSON_AddStringToObject(image, "type", "image");
        cJSON_AddStringToObject(image, "image_url", picture);
        cJSON_AddStringToObject(image, "alt_text", *name ? name : "the restaurant");
    }
    struct row row = {m->ret->blocks, NULL, NULL, &m->at};
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(m->message, "buttons"))
    {
        if (is_placed(m, button) || !is_of(button, name, alone) || m->placed_count == BUTTONS_MOST)
            continue;
        m->placed[m->placed_count++] = button;
        row_add(&row, button, json_text(button, "brief"));
    }
}

static void cards(struct making *m, const char *text)
{
    const cJSON *venues = json_object(m->message, "venues"), *venue;
    const cJSON *list = json_array(venues, "venues");
    bool hours24 = false, alone = cJSON_GetArraySize(list) == 1;
    json_flag(venues, "hours24", &hours24);
    cJSON_ArrayForEach(venue, list)
    {
        const char *name = json_text_or(venue, "name", "");
        card(m, venue, alone && *name && strstr(text, name), hours24, alone);
    }
}

static void other_buttons(struct making *m, const char *share)
{
    struct row row = {m->ret->blocks, NULL, json_text(m->message, "url"), &m->at};
    const cJSON *button;
    cJSON_ArrayForEach(button, json_array(m->message, "buttons"))
    {
        if (!is_placed(m, button))
            row_add(&row, button, NULL);
    }
    if (!share)
        return;
    auto_json shared = cJSON_CreateObject();
    cJSON_AddStringToObject(shared, "label", "Share here");
    cJSON_AddStringToObject(shared, "press", share);
    row_add(&row, shared, NULL);
    cJSON *last = row.elements
                      ? cJSON_GetArrayItem(row.elements, cJSON_GetArraySize(row.elements) - 1)
                      : NULL;
    if (last)
        cJSON_ReplaceItemInObjectCaseSensitive(last, "action_id", cJSON_CreateString(SHARE_ACTION));
}

/* --- a message --- */

/* The text without a line of it. */
static char *without(const char *text, const char *part)
{
    const char *at = *part ? strstr(text, part) : NULL;
    auto_str out = STR_INIT(TEXT_MAX);
    if (!at)
        return mem_text(text);
    size_t before = (size_t)(at - text);
    str_addn(&out, text, before && text[before - 1] == '\n' ? before - 1 : before);
    str_add(&out, at + strlen(part));
    return str_detach(&out);
}

/* What a notification says: the text, and the names of what is shown. */
static char *sentence(const cJSON *message, const char *plain)
{
    auto_str out = STR_INIT(TEXT_MAX);
    const cJSON *venue;
    bool any = false;
    add_escaped(&out, plain);
    cJSON_ArrayForEach(venue, json_array(json_object(message, "venues"), "venues"))
    {
        const char *name = json_text_or(venue, "name", "");
        if (!*name || strstr(plain, name))
            continue;
        str_add(&out, any ? ", " : out.len ? "\n" : "");
        add_escaped(&out, name);
        any = true;
    }
    if (!out.len)
        str_add(&out, "maitred");
    return mem_textn(out.buf, border(out.buf, FORM_TEXT));
}

void slack_form_message(const cJSON *message, const char *share,
                        const struct slack_commands *commands, struct slack_form *ret)
{
    auto_str text = STR_INIT(TEXT_MAX);
    auto_text told = with_tables(json_text_or(message, "text", ""), commands);
    const char *plain = told;
    const char *evidence = json_text_or(message, "evidence", "");
    bool marked = false;
    struct making m = {.message = message, .ret = ret};
    *ret = (struct slack_form){.blocks = cJSON_CreateArray()};
    json_flag(message, "markdown", &marked);
    auto_text said = without(plain, evidence);
    if (marked)
        write_marked(&text, plain);
    else
        write_with_bold(&text, said, json_text(message, "venue"));
    bool notice = !strcmp(json_text_or(message, "type", ""), "notice");
    auto_text named = notice ? with_people(text.buf) : mem_text(text.buf);
    slack_add_section(ret->blocks, named);
    auto_text card = with_tables(json_text_or(message, "card", ""), commands);
    auto_str own = STR_INIT(TEXT_MAX), whole = STR_INIT(TEXT_MAX);
    add_escaped(&own, card);
    slack_add_section(ret->blocks, own.buf);
    str_addf(&whole, "%s%s%s", plain, *plain && *card ? "\n\n" : "", card);
    cards(&m, plain);
    if (*evidence) {
        auto_str context = STR_INIT(TEXT_MAX);
        add_escaped(&context, evidence);
        slack_add_context(ret->blocks, context.buf);
    }
    other_buttons(&m, share);
    ret->cut = cJSON_GetArraySize(ret->blocks) >= FORM_BLOCKS;
    ret->text = sentence(message, whole.buf);
    if (!cJSON_GetArraySize(ret->blocks))
        slack_add_section(ret->blocks, ret->text);
}
