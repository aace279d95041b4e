#include "tests/sandbox/city_inner.h"

#include <ctype.h>
#include <strings.h>

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *decoded(const char *text, size_t len)
{
    char *out = mem_new(len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex_of(text[i + 1]) : -1;
        int low = high >= 0 ? hex_of(text[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

static void fields_read(const char *text, size_t len, struct field **list, size_t *count,
                        size_t *cap)
{
    const char *end = text + len;
    while (text < end && *count < 64) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop)
            stop = end;
        const char *eq = memchr(text, '=', (size_t)(stop - text));
        const char *name_end = eq ? eq : stop, *value = eq ? eq + 1 : stop;
        *list = mem_grow(*list, cap, *count + 1, sizeof(**list));
        (*list)[(*count)++] = (struct field){decoded(text, (size_t)(name_end - text)),
                                             decoded(value, (size_t)(stop - value))};
        text = stop + 1;
    }
}

static const char *field_get(const struct field *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(list[i].name, name))
            return list[i].value;
    }
    return NULL;
}

static void fields_free(struct field *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i].name);
        free(list[i].value);
    }
    free(list);
}

void ask_init(struct ask *ask, const struct city_request *request)
{
    *ask = (struct ask){.request = request};
    size_t len = strcspn(request->path, "?");
    ask->path = mem_textn(request->path, len);
    if (request->path[len])
        fields_read(request->path + len + 1, strlen(request->path + len + 1), &ask->query,
                    &ask->query_count, &ask->query_cap);
    if (!request->body_len)
        return;
    const char *type = ask_header(ask, "content-type");
    if (type && !strncasecmp(type, "application/x-www-form-urlencoded", 33)) {
        fields_read(request->body, request->body_len, &ask->form, &ask->form_count, &ask->form_cap);
        const char *data = ask_form(ask, "struct_data");
        ask->json = data ? cJSON_Parse(data) : NULL;
    } else {
        ask->json = cJSON_ParseWithLength(request->body, request->body_len);
    }
}

void ask_free(struct ask *ask)
{
    free(ask->path);
    fields_free(ask->query, ask->query_count);
    fields_free(ask->form, ask->form_count);
    cJSON_Delete(ask->json);
    *ask = (struct ask){0};
}

const char *ask_header(const struct ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->request->header_count; i++) {
        if (!strcasecmp(ask->request->headers[i].name, name))
            return ask->request->headers[i].value;
    }
    return NULL;
}

const char *ask_query(const struct ask *ask, const char *name)
{
    return field_get(ask->query, ask->query_count, name);
}

const char *ask_form(const struct ask *ask, const char *name)
{
    return field_get(ask->form, ask->form_count, name);
}

bool ask_number(const struct ask *ask, const char *name, double *ret)
{
    if (ask->json) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(ask->json, name);
        if (cJSON_IsNumber(item))
            *ret = item->valuedouble;
        return cJSON_IsNumber(item);
    }
    const char *text = ask_query(ask, name);
    if (!text || !*text)
        return false;
    char *end;
    *ret = strtod(text, &end);
    return !*end;
}

const char *ask_text(const struct ask *ask, const char *name)
{
    if (ask->json)
        return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ask->json, name));
    return ask_query(ask, name);
}

int64_t ask_venue_id(const struct ask *ask)
{
    double number;
    if (ask_number(ask, "venue_id", &number) && number > 0 && number < 1e9)
        return (int64_t)number;
    const char *token = ask_text(ask, "config_id");
    if (token && !strncmp(token, "rgs://resy/", 11))
        return strtol(token + 11, NULL, 10);
    if (strcmp(ask->path, "/3/venue"))
        return 0;
    const char *id = ask_query(ask, "id"), *slug = ask_query(ask, "url_slug");
    if (id)
        return MAX_OF(whole_number(id), 0);
    const struct venue *venue = slug ? venue_by_slug(slug) : NULL;
    return venue ? venue->id : 0;
}

int64_t whole_number(const char *text)
{
    size_t len = strlen(text);
    if (!len || len > 9 || strspn(text, "0123456789") != len)
        return -1;
    return strtol(text, NULL, 10);
}

void json_addf(struct str *s, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    for (char *at = text; (at = strchr(at, '`'));)
        *at = '"';
    str_addn(s, text, (size_t)len);
    free(text);
}

static void add_escaped(struct str *s, uint32_t c)
{
    if (c >= 0x10000) {
        c -= 0x10000;
        str_addf(s, "\\u%04x", 0xd800 + (c >> 10));
        c = 0xdc00 + (c & 0x3ff);
    }
    str_addf(s, "\\u%04x", c);
}

void city_json_text(struct str *s, const char *text, bool ascii)
{
    str_addc(s, '"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\') {
            str_addc(s, '\\');
            str_addc(s, (char)*at);
        } else if (*at < 0x20) {
            add_escaped(s, *at);
        } else if (*at < 0x80 || !ascii) {
            str_addn(s, (const char *)at, 1);
        } else {
            size_t more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
            uint32_t c = *at & (0x3fu >> more);
            for (; more && (at[1] & 0xc0) == 0x80; more--)
                c = c << 6 | (*++at & 0x3fu);
            add_escaped(s, c);
        }
    }
    str_addc(s, '"');
}

/* splitmix64's mixer over both. */
uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a * 0x9e3779b97f4a7c15u + b + 0x632be59bd9b4e019u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
