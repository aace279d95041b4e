#include "tests/sandbox/city_inner.h"

#include <strings.h>

#define ROOT_JS "/modules/app."

struct city *city_new(uint64_t seed)
{
    struct city *city = mem_new(1, sizeof(*city));
    city->seed = seed;
    snprintf(city->key, sizeof(city->key), "%s", CITY_KEY);
    city->zones = mem_new(city_place_count, sizeof(*city->zones));
    for (size_t i = 0; i < city_place_count; i++)
        city->zones[i] = zone_new(city_places[i].zone);
    city->log = mem_new(LOG_ENTRIES, sizeof(*city->log));
    city->venue_counts = mem_new(city_venue_count, sizeof(*city->venue_counts));
    return city;
}

void city_free(struct city *city)
{
    if (!city)
        return;
    for (size_t i = 0; i < city_place_count; i++)
        zone_free(city->zones[i]);
    for (size_t i = 0; i < city->planned_count; i++)
        free(city->planned[i].line);
    free(city->zones);
    free(city->changes);
    free(city->faults);
    free(city->planned);
    free(city->log);
    free(city->paths);
    free(city->venue_counts);
    free(city->bookings);
    free(city);
}

struct zone *city_zone(const struct city *city, const struct venue *venue)
{
    return city->zones[venue_place(venue) - city_places];
}

struct date city_today(const struct city *city, const struct venue *venue, int64_t now_ms)
{
    return zone_local(city_zone(city, venue), now_ms).date;
}

void city_held(struct city *city, size_t held)
{
    city->held = held;
    city->held_max = MAX_OF(city->held_max, held);
}

/* --- answers that all endpoints share ------------------------------------------------------ */

void answer_json(struct city_answer *ret, int status, struct str *body)
{
    ret->status = status;
    ret->content_type = mem_text("application/json");
    ret->body_len = body->len;
    ret->body = str_detach(body);
}

static void answer_text(struct city_answer *ret, int status, const char *type, const char *text)
{
    ret->status = status;
    ret->content_type = mem_text(type);
    ret->body = mem_text(text);
    ret->body_len = strlen(text);
}

void answer_error(struct city_answer *ret, int status, const char *message, const char *field,
                  const char *reason)
{
    auto_str body = STR_INIT(BODY_MAX);
    json_addf(&body, "{`status`:%d,`message`:`%s`,`data`:{", status, message);
    if (field)
        json_addf(&body, "`%s`:`%s`", field, reason);
    str_add(&body, "}}");
    answer_json(ret, status, &body);
}

void answer_unauthorized(struct city_answer *ret)
{
    answer_text(ret, 419, "application/json",
                "{\"status\":419,\"code\":null,\"message\":\"Unauthorized\",\"data\":{}}");
}

bool ask_has_token(const struct ask *ask, struct city_answer *ret)
{
    const char *token = ask_header(ask, "x-resy-auth-token");
    if (token && !strcmp(token, CITY_TOKEN))
        return true;
    answer_unauthorized(ret);
    return false;
}

/* --- the web site that names the key ------------------------------------------------------- */

static uint64_t script_hash(const struct city *city)
{
    uint64_t h = 1;
    for (const char *at = city->key; *at; at++)
        h = mix(h, (unsigned char)*at);
    return h;
}

void home_answer(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret)
{
    (void)now_ms, (void)ask;
    auto_str page = STR_INIT(BODY_MAX);
    str_addf(&page,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<title>Resy | Right This Way</title>"
             "<link rel=\"stylesheet\" href=\"/styles/app.%06x.css\">"
             "<script>window.__env={\"release\":\"sandbox\"}</script></head>"
             "<body><div id=\"app\"></div>"
             "<script src=\"modules/vendor.%012llx.js\" defer></script>"
             "<script src=\"modules/app.%016llx.js\" defer></script></body></html>\n",
             1u, 0x5a5a5a5aULL, (unsigned long long)script_hash(city));
    answer_text(ret, 200, "text/html; charset=utf-8", page.buf);
}

void script_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    (void)now_ms;
    auto_str name = STR_INIT(100);
    str_addf(&name, ROOT_JS "%016llx.js", (unsigned long long)script_hash(city));
    if (strcmp(ask->path, name.buf)) {
        answer_text(ret, 404, "text/html; charset=utf-8", "<html><body>Not Found</body></html>");
        return;
    }
    auto_str text = STR_INIT(BODY_MAX);
    str_add(&text, "!function(e){var t={};function n(r){return t[r]||(t[r]={exports:{}})}}");
    for (int i = 0; i < 2000; i++) /* the real one is long as well, and the key far inside */
        str_addf(&text, ",n(%d,{mode:\"k%d\",apiVersion:%d})", i, i, i % 5);
    str_addf(&text, ",n(9,{apiHost:\"https://api.resy.com\",apiKey:\"%s\",env:\"production\"});",
             city->key);
    answer_text(ret, 200, "application/javascript", text.buf);
}

/* --- who may ask what ---------------------------------------------------------------------- */

static const struct route {
    const char *method, *path;
    endpoint *run;
} routes[] = {
    {"POST", "/3/venuesearch/search", search_answer},
    {"GET", "/4/find", find_answer},
    {"POST", "/4/find", find_answer},
    {"GET", "/4/venue/calendar", calendar_answer},
    {"GET", "/3/venue", venue_answer},
    {"GET", "/2/config", config_answer},
    {"GET", "/3/location/config", places_answer},
    {"GET", "/3/details", details_answer},
    {"POST", "/3/details", details_answer},
    {"POST", "/3/book", book_answer},
    {"GET", "/3/user/reservations", reservations_answer},
    {"POST", "/3/cancel", cancel_answer},
    {"GET", "/2/user", user_answer},
};

static bool key_fits(const struct city *city, const struct ask *ask)
{
    char expected[100];
    snprintf(expected, sizeof(expected), "ResyAPI api_key=\"%s\"", city->key);
    const char *given = ask_header(ask, "authorization");
    return given && !strcmp(given, expected);
}

static void route_answer(struct city *city, int64_t now_ms, const struct ask *ask,
                         struct city_answer *ret)
{
    const char *method = ask->request->method;
    if (!strcmp(method, "GET") && !strcmp(ask->path, "/")) {
        home_answer(city, now_ms, ask, ret);
        return;
    }
    if (!strcmp(method, "GET") && !strncmp(ask->path, ROOT_JS, strlen(ROOT_JS))) {
        script_answer(city, now_ms, ask, ret);
        return;
    }
    const char *agent = ask_header(ask, "user-agent");
    if (!agent || strncmp(agent, "Mozilla/", 8)) {
        answer_text(ret, 500, "text/html; charset=utf-8", "Internal Server Error");
        return;
    }
    if (!key_fits(city, ask)) {
        answer_unauthorized(ret);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (strcmp(routes[i].path, ask->path))
            continue;
        known = true;
        if (strcmp(routes[i].method, method))
            continue;
        routes[i].run(city, now_ms, ask, ret);
        return;
    }
    answer_error(ret, known ? 405 : 404, known ? "Method Not Allowed" : "Not Found", NULL, NULL);
}

/* --- faults -------------------------------------------------------------------------------- */

static void add_header(struct city_answer *ret, const char *line)
{
    auto_str all = STR_INIT(1000);
    if (ret->extra_headers)
        str_add(&all, ret->extra_headers);
    str_add(&all, line);
    str_addc(&all, '\n');
    free(ret->extra_headers);
    ret->extra_headers = str_detach(&all);
}

static void fault_status(struct city_answer *ret)
{
    if (ret->fault_code == 419)
        answer_unauthorized(ret);
    else if (ret->fault_code == 204 || ret->fault_code == 304)
        answer_text(ret, ret->fault_code, "application/json", "");
    else if (ret->fault_code >= 500)
        answer_text(ret, ret->fault_code, "text/html; charset=utf-8", "Internal Server Error");
    else
        answer_error(ret, ret->fault_code, "Sandbox fault", NULL, NULL);
}

static void fault_challenge(struct city_answer *ret)
{
    answer_text(ret, 403, "text/html",
                "<html style=\"height:100%\"><head><META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, "
                "NOFOLLOW\"><script src=\"/_Sandbox_Resource?SWJIYLWA=1\"></script></head>"
                "<body><iframe id=\"main-iframe\" src=\"/_Sandbox_Resource?CWUDNSAI=9\">Request "
                "unsuccessful. Incident ID: 1234000560078900-1</iframe></body></html>");
    add_header(ret, "x-cdn: Imperva");
    add_header(ret, "x-iinfo: 1-2345-0 0NNN RT(0 0) q(0 -1 -1 -1) r(0 -1) B12(4,200,0) U5");
}

static void fault_deep(struct city_answer *ret)
{
    size_t depth = 20000;
    ret->status = 200;
    ret->content_type = mem_text("application/json");
    ret->body_len = depth * 2;
    ret->body = mem_new(ret->body_len + 1, 1);
    memset(ret->body, '[', depth);
    memset(ret->body + depth, ']', depth);
}

/* Each third leaf becomes null, which is more than was ever seen and no more than the types say. */
static void null_leaves(cJSON *tree, unsigned *count)
{
    for (cJSON *item = tree->child; item; item = item->next) {
        if (item->child) {
            null_leaves(item, count);
        } else if (++*count % 3 == 0 && !cJSON_IsArray(item) && !cJSON_IsObject(item)) {
            if (cJSON_IsString(item))
                free(item->valuestring);
            item->valuestring = NULL;
            item->type = cJSON_NULL;
        }
    }
}

static void fault_null(struct city_answer *ret)
{
    cJSON *tree = cJSON_Parse(ret->body);
    unsigned count = 0;
    if (!tree)
        return;
    null_leaves(tree, &count);
    free(ret->body);
    ret->body = cJSON_PrintUnformatted(tree);
    ret->body_len = strlen(ret->body);
    cJSON_Delete(tree);
}

/* Those that need no true answer. False for the others. */
static bool fault_instead(struct city_answer *ret)
{
    switch ((enum fault_kind)ret->fault) {
    case FAULT_STATUS:
        fault_status(ret);
        return true;
    case FAULT_CHALLENGE:
        fault_challenge(ret);
        return true;
    case FAULT_HTML:
        answer_text(ret, 200, "text/html; charset=utf-8",
                    "<!DOCTYPE html><html><body><h1>We will be right back</h1></body></html>");
        return true;
    case FAULT_DEEP:
        fault_deep(ret);
        return true;
    case FAULT_SHAPE:
        answer_text(ret, 200, "application/json",
                    "{\"data\":{\"items\":[{\"uuid\":\"9f\",\"when\":{\"iso\":\"soon\"}}],"
                    "\"results\":\"moved\"},\"results\":[{\"venues\":{\"0\":{}}}],\"meta\":[],"
                    "\"search\":\"see data\",\"scheduled\":{},\"version\":5}");
        return true;
    case FAULT_REDIRECT:
        answer_text(ret, 302, "text/html", "<html><body>Found</body></html>");
        add_header(ret, "Location: /login");
        return true;
    default:
        return false;
    }
}

static void fault_after(struct city_answer *ret)
{
    if (ret->fault == FAULT_NULL) {
        fault_null(ret);
    } else if (ret->fault == FAULT_TYPE) {
        free(ret->content_type);
        ret->content_type = mem_text("text/plain");
    } else if (ret->fault == FAULT_BAD_JSON && ret->body_len > 2) {
        ret->body_len = ret->body_len / 2;
        ret->body[ret->body_len - 1] = '{';
        ret->body[ret->body_len] = '\0';
    }
}

/* --- arriving and leaving ------------------------------------------------------------------ */

static void count_path(struct city *city, const char *path)
{
    for (size_t i = 0; i < city->path_count; i++) {
        if (!strncmp(city->paths[i].path, path, sizeof(city->paths[i].path) - 1)) {
            city->paths[i].count++;
            return;
        }
    }
    if (city->path_count >= 200) /* a fuzzer's paths are not worth more */
        return;
    city->paths = mem_grow(city->paths, &city->path_cap, city->path_count + 1,
                           sizeof(*city->paths));
    struct tally *tally = &city->paths[city->path_count++];
    *tally = (struct tally){.count = 1};
    snprintf(tally->path, sizeof(tally->path), "%s", path);
}

static void note_arrival(struct city *city, int64_t now_ms, const struct ask *ask,
                         struct city_answer *ret)
{
    city->total++;
    count_path(city, ask->path);
    const struct venue *venue = city_venue_by_id(ask_venue_id(ask));
    if (venue)
        city->venue_counts[venue - city_venues]++;
    ret->entry = city->log_next++;
    struct entry *entry = &city->log[ret->entry % LOG_ENTRIES];
    *entry = (struct entry){.at_ms = now_ms};
    snprintf(entry->method, sizeof(entry->method), "%s", ask->request->method);
    snprintf(entry->path, sizeof(entry->path), "%s", ask->request->path);
}

static void arrive(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    *ret = (struct city_answer){0};
    city_tick(city, now_ms);
    note_arrival(city, now_ms, ask, ret);
    fault_take(city, now_ms, ask, ret);
}

static void finish(struct city *city, int64_t now_ms, const struct ask *ask,
                   struct city_answer *ret)
{
    city_tick(city, now_ms);
    city->calls++;
    if (!fault_instead(ret)) {
        route_answer(city, now_ms, ask, ret);
        fault_after(ret);
    }
    if (ret->retry_after_s >= 0) {
        char line[40];
        snprintf(line, sizeof(line), "Retry-After: %d", ret->retry_after_s);
        add_header(ret, line);
    }
    struct entry *entry = &city->log[ret->entry % LOG_ENTRIES];
    if (ret->entry + LOG_ENTRIES >= city->log_next)
        entry->status = ret->status;
}

void city_arrive(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret)
{
    struct ask ask;
    ask_init(&ask, request);
    arrive(city, now_ms, &ask, ret);
    ask_free(&ask);
}

void city_finish(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret)
{
    struct ask ask;
    ask_init(&ask, request);
    finish(city, now_ms, &ask, ret);
    ask_free(&ask);
}

void city_answer(struct city *city, int64_t now_ms, const struct city_request *request,
                 struct city_answer *ret)
{
    struct ask ask;
    ask_init(&ask, request);
    arrive(city, now_ms, &ask, ret);
    finish(city, now_ms, &ask, ret);
    ask_free(&ask);
}

void city_answer_free(struct city_answer *answer)
{
    free(answer->content_type);
    free(answer->extra_headers);
    free(answer->body);
    *answer = (struct city_answer){0};
}
