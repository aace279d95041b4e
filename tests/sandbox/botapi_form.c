/* Uploads: multipart/form-data (RFC 7578), of which the service takes fields as texts and files
 * with their names. */
#include "tests/sandbox/botapi_inner.h"

#include <strings.h>

#define BOUNDARY_MOST 70 /* RFC 2046 */

static const char *type_of(const struct city_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (!strcasecmp(request->headers[i].name, "content-type"))
            return request->headers[i].value;
    return "";
}

/* name="…" in a part's head; false: there is none. */
static bool parameter(const char *head, size_t len, const char *name, char *out, size_t size)
{
    char key[32];
    snprintf(key, sizeof(key), " %s=\"", name);
    const char *at = memmem(head, len, key, strlen(key));
    if (!at)
        return false;
    at += strlen(key);
    const char *end = memchr(at, '"', (size_t)(head + len - at));
    if (!end || (size_t)(end - at) >= size)
        return false;
    snprintf(out, size, "%.*s", (int)(end - at), at);
    return true;
}

static void add_field(cJSON *args, const char *name, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (*text && !*end)
        cJSON_AddNumberToObject(args, name, number);
    else
        cJSON_AddStringToObject(args, name, text);
}

static bool add_part(cJSON *args, const char *part, size_t len)
{
    char name[64], file[256];
    const char *end = memmem(part, len, "\r\n\r\n", 4);
    if (!end || !parameter(part, (size_t)(end - part), "name", name, sizeof(name)))
        return false;
    size_t head = (size_t)(end - part);
    auto_text text = mem_textn(end + 4, len - head - 4);
    if (!parameter(part, head, "filename", file, sizeof(file))) {
        add_field(args, name, text);
        return true;
    }
    cJSON *object = cJSON_AddObjectToObject(args, name);
    cJSON_AddStringToObject(object, "file_name", file);
    cJSON_AddStringToObject(object, "text", text);
    return true;
}

bool bot_form_is(const struct city_request *request)
{
    return !strncasecmp(type_of(request), "multipart/form-data", 19);
}

cJSON *bot_form_args(const struct city_request *request)
{
    char border[BOUNDARY_MOST + 8];
    const char *boundary = strstr(type_of(request), "boundary=");
    if (!boundary || strlen(boundary + 9) > BOUNDARY_MOST)
        return NULL;
    snprintf(border, sizeof(border), "\r\n--%s", boundary + 9);
    size_t len = strlen(border);
    const char *at = request->body, *end = at + request->body_len;
    cJSON *args = cJSON_CreateObject();
    bool fine = request->body_len >= len && !memcmp(at, border + 2, len - 2);
    at += fine ? len - 2 : 0;
    while (fine && end - at >= 2 && memcmp(at, "--", 2) != 0) {
        const char *next = memmem(at, (size_t)(end - at), border, len);
        fine = next && !memcmp(at, "\r\n", 2) && add_part(args, at + 2, (size_t)(next - at) - 2);
        at = fine ? next + len : at;
    }
    if (fine && end - at >= 2)
        return args;
    json_free(args);
    return NULL;
}
