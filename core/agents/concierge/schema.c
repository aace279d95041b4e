#include "core/agents/concierge/schema.h"

#include "core/base/clock.h"

#include <math.h>

static const char *const keywords[] = {"type",    "properties", "required", "enum",
                                       "minimum", "maximum",    "format",   "description"};

const char *schema_unknown(const cJSON *schema)
{
    const cJSON *member, *property;
    cJSON_ArrayForEach(member, schema)
    {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
            known = known || !strcmp(keywords[i], member->string);
        if (!known)
            return member->string;
    }
    cJSON_ArrayForEach(property, json_object(schema, "properties"))
    {
        const char *unknown = schema_unknown(property);
        if (unknown)
            return unknown;
    }
    return NULL;
}

static void complain(struct str *out, const char *name, const char *what)
{
    str_addf(out, "%s%s %s.", out->len ? " " : "", name, what);
}

static bool is_whole(double value)
{
    return value == floor(value) && fabs(value) < 9e15;
}

/* "4" for 4: what models like to write. */
static void loosen(cJSON *args, const cJSON *properties)
{
    const cJSON *property;
    cJSON_ArrayForEach(property, properties)
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(args, property->string);
        char *end;
        if (strcmp(json_text_or(property, "type", ""), "integer") != 0 || !cJSON_IsString(value) ||
            !*value->valuestring)
            continue;
        double number = strtod(value->valuestring, &end);
        if (!*end && is_whole(number))
            cJSON_ReplaceItemInObjectCaseSensitive(args, property->string,
                                                   cJSON_CreateNumber(number));
    }
}

static bool is_one_of(const cJSON *list, const cJSON *value)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_Compare(item, value, true))
            return true;
    }
    return !list;
}

static void check_format(const char *format, const char *name, const char *text, struct str *out)
{
    struct date date;
    if (!strcmp(format, "date") && (date_parse(text, &date) || strlen(text) != 10))
        complain(out, name, "must be a date that exists, YYYY-MM-DD");
    if (!strcmp(format, "time") && (clock_parse(text) < 0 || strlen(text) > 5))
        complain(out, name, "must be a time of day, HH:MM");
}

static void check_value(const cJSON *schema, const char *name, const cJSON *value, struct str *out)
{
    const char *type = json_text_or(schema, "type", "");
    double least, most;
    char words[100];
    if ((!strcmp(type, "string") && !cJSON_IsString(value)) ||
        (!strcmp(type, "integer") && (!cJSON_IsNumber(value) || !is_whole(value->valuedouble))) ||
        (!strcmp(type, "boolean") && !cJSON_IsBool(value))) {
        snprintf(words, sizeof(words), "must be of type %s", type);
        complain(out, name, words);
        return;
    }
    if (json_number(schema, "minimum", &least) && value->valuedouble < least) {
        snprintf(words, sizeof(words), "must be at least %g", least);
        complain(out, name, words);
    }
    if (json_number(schema, "maximum", &most) && value->valuedouble > most) {
        snprintf(words, sizeof(words), "must be at most %g", most);
        complain(out, name, words);
    }
    if (!is_one_of(json_array(schema, "enum"), value)) {
        auto_str list = STR_INIT(500);
        json_print(&list, json_array(schema, "enum"));
        auto_str text = STR_INIT(600);
        str_addf(&text, "must be one of %s", list.buf);
        complain(out, name, text.buf);
    }
    if (cJSON_IsString(value))
        check_format(json_text_or(schema, "format", ""), name, value->valuestring, out);
}

int schema_check(const cJSON *schema, cJSON *args, struct str *out)
{
    const cJSON *properties = json_object(schema, "properties"), *name;
    loosen(args, properties);
    cJSON_ArrayForEach(name, json_array(schema, "required"))
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(args, name->valuestring);
        if (!value || cJSON_IsNull(value))
            complain(out, name->valuestring, "is missing");
    }
    const cJSON *value;
    cJSON_ArrayForEach(value, args)
    {
        const cJSON *property = cJSON_GetObjectItemCaseSensitive(properties, value->string);
        if (!property)
            complain(out, "There", "is an argument that this tool does not have");
        else if (!cJSON_IsNull(value))
            check_value(property, value->string, value, out);
    }
    return out->len ? -1 : 0;
}
