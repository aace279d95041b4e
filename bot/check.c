/* Each row is a function that looks and says; nothing is changed, and Resy is asked three times at
 * most. A row that failed names the mend. */
#include "bot/check_rows.h"

#include "bot/instance.h"
#include "bot/keys.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/net.h"
#include "core/resy/resy.h"
#include "db/db.h"
#include "db/spent.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#define CONNECT_MS  3000
#define DISK_LEAST  ((uint64_t)10 << 20)
#define DISK_WISHED ((uint64_t)200 << 20)
#define CLOCK_LATE  2  /* seconds off that are noticed */
#define CLOCK_WRONG 30 /* and that are wrong */

void check_row(struct check *c, const char *name, enum state state, const char *text,
               const char *mend)
{
    static const char *const words[] = {"ok", "warning", "failed"};
    auto_str line = STR_INIT(4096);
    c->warned += state == STATE_WARNING;
    if (c->json) {
        auto_json object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "type", "check");
        cJSON_AddStringToObject(object, "name", name);
        cJSON_AddStringToObject(object, "state", words[state]);
        cJSON_AddStringToObject(object, "text", text);
        json_put_text(object, "mend", state == STATE_OK ? NULL : mend);
        json_print(&line, object);
        str_addc(&line, '\n');
    } else {
        str_addf(&line, "%-8s %-15s %s\n", words[state], name, text);
        if (state != STATE_OK && mend)
            str_addf(&line, "%-24s mend: %s\n", "", mend);
    }
    log_redact(&line);
    fputs(line.buf, stdout);
    fflush(stdout);
}

void check_fail(struct check *c, const char *name, enum exit_code code, const char *text,
                const char *mend)
{
    if (!c->failed++)
        c->code = code;
    check_row(c, name, STATE_FAILED, text, mend);
}

/* --- here --- */

static void check_key(struct check *c)
{
    struct err err = ERR_INIT;
    auto_text path = config_path(c->config, c->config->key_file);
    auto_str text = STR_INIT(1000);
    str_addf(&text, "%s", path);
    if (access(path, F_OK)) {
        str_add(&text, " is not there yet");
        check_row(c, "key", STATE_WARNING, text.buf,
                  "maitred keygen makes it, and so does the first run; keep a copy of it");
    } else if (key_check(path, &err)) {
        check_fail(c, "key", EXIT_CONFIG_WRONG, err.why,
                   "it must be 32 bytes that only you can read");
    } else {
        check_row(c, "key", STATE_OK, text.buf, NULL);
    }
}

static void check_database(struct check *c)
{
    struct err err = ERR_INIT;
    enum db_trouble trouble;
    auto_text path = config_path(c->config, c->config->database);
    auto_str text = STR_INIT(1000);
    str_addf(&text, "%s", path);
    int fd = instance_connect(path, &err);
    bool runs = fd >= 0;
    if (runs)
        close(fd);
    if (access(path, F_OK)) {
        str_add(&text, " is not there yet; the first run makes it");
        check_row(c, "database", STATE_OK, text.buf, NULL);
        return;
    }
    if (db_check_file(path, &trouble, &err)) {
        check_fail(c, "database", trouble == DB_CORRUPT ? EXIT_FAILED : EXIT_CONFIG_WRONG, err.why,
                   trouble == DB_CORRUPT ? "put the last good backup in its place"
                   : trouble == DB_NEWER
                       ? "use the newer program, or the backup that it made beside it"
                       : "make it readable and writable for this user");
        return;
    }
    str_add(&text, runs ? "; a run is at work on it" : "; nobody is at work on it");
    check_row(c, "database", STATE_OK, text.buf, NULL);
}

static void check_disk(struct check *c)
{
    struct statvfs fs;
    auto_text path = config_path(c->config, c->config->database);
    auto_text folder = mem_text(path);
    char *slash = strrchr(folder, '/');
    auto_str text = STR_INIT(1000);
    if (slash)
        slash[slash == folder] = '\0';
    if (statvfs(slash ? folder : ".", &fs)) {
        str_addf(&text, "%s: %s", folder, strerrordesc_np(errno));
        check_fail(c, "disk", EXIT_CONFIG_WRONG, text.buf, "make the folder of database.url");
        return;
    }
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    str_addf(&text, "%llu MB free", (unsigned long long)(free_bytes >> 20));
    if (fs.f_flag & ST_RDONLY)
        check_fail(c, "disk", EXIT_CONFIG_WRONG, "the disk can only be read", "mount it writable");
    else if (free_bytes < DISK_LEAST)
        check_fail(c, "disk", EXIT_UNREACHABLE, text.buf, "make room on the disk");
    else
        check_row(c, "disk", free_bytes < DISK_WISHED ? STATE_WARNING : STATE_OK, text.buf,
                  "make room soon: the database and its backups grow");
}

static void check_files(struct check *c)
{
    struct rlimit limit = {0, 0};
    auto_str text = STR_INIT(200);
    getrlimit(RLIMIT_NOFILE, &limit);
    unsigned long long least = (unsigned long long)c->config->limits_runs + 256;
    str_addf(&text, "%llu files may be open", (unsigned long long)limit.rlim_max);
    check_row(c, "files", limit.rlim_max < least ? STATE_WARNING : STATE_OK, text.buf,
              "raise the hard limit (LimitNOFILE= in systemd), or lower limits.runs");
}

/* --- the way there --- */

/* "https://host:port/…" taken apart. */
static void host_of(const char *url, struct str *host, struct str *port)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    bool bracket = *at == '[';
    size_t len = bracket ? strcspn(at, "]") : strcspn(at, ":/");
    str_addn(host, at + bracket, len - bracket);
    at += len + (bracket && at[len]);
    if (*at == ':')
        str_addn(port, at + 1, strcspn(at + 1, "/"));
    else
        str_add(port, strncmp(url, "http:", 5) ? "443" : "80");
}

static bool connects(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int fault = 0;
    socklen_t size = sizeof(fault);
    if (fd < 0)
        return false;
    struct pollfd one = {fd, POLLOUT, 0};
    bool there = connect(fd, to->ai_addr, to->ai_addrlen) == 0 ||
                 (errno == EINPROGRESS && poll(&one, 1, CONNECT_MS) == 1 &&
                  getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && !fault);
    close(fd);
    return there;
}

/* 1 reached, 0 has an address and is not reached, -1 has none. */
static int reach(const struct addrinfo *list, int family)
{
    int result = -1;
    for (const struct addrinfo *at = list; at && result < 1; at = at->ai_next)
        if (at->ai_family == family)
            result = connects(at);
    return result;
}

/* `prefix`: of the rows' names; `key`: the setting that names the host. */
static void check_network(struct check *c, const char *prefix, const char *url, const char *key)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    auto_str host = STR_INIT(300), port = STR_INIT(10), text = STR_INIT(500);
    auto_str name = STR_INIT(40), mend = STR_INIT(200);
    host_of(url, &host, &port);
    int fault = getaddrinfo(host.buf, port.buf, &hints, &list);
    if (fault) {
        str_addf(&text, "%s: %s", host.buf, gai_strerror(fault));
        str_addf(&name, "%sdns", prefix);
        str_addf(&mend, "look at /etc/resolv.conf, the network, and %s", key);
        check_fail(c, name.buf, EXIT_UNREACHABLE, text.buf, mend.buf);
        return;
    }
    str_addf(&name, "%sdns", prefix);
    check_row(c, name.buf, STATE_OK, host.buf, NULL);
    static const struct {
        const char *name;
        int family;
    } families[] = {{"ipv4", AF_INET}, {"ipv6", AF_INET6}};
    int reached[2] = {reach(list, AF_INET), reach(list, AF_INET6)};
    for (size_t i = 0; i < 2; i++) {
        static const char *const said[] = {"no address", "an address, but nobody answers there",
                                           "reached"};
        const char *says = said[reached[i] + 1];
        bool other = reached[1 - i] == 1;
        str_clear(&name);
        str_clear(&mend);
        str_addf(&name, "%s%s", prefix, families[i].name);
        str_addf(&mend, "look at the network, a firewall, and %s", key);
        if (reached[i] == 1 || (reached[i] < 0 && other))
            check_row(c, name.buf, STATE_OK, says, NULL);
        else if (other)
            check_row(c, name.buf, STATE_WARNING, says,
                      "connections fall back to the other version, later; mend or switch it off");
        else if (!i)
            check_fail(c, name.buf, EXIT_UNREACHABLE, says, mend.buf);
        else
            check_row(c, name.buf, STATE_WARNING, says, "only if there is no IPv4");
    }
    freeaddrinfo(list);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" → seconds; -1: it is none. */
static int64_t http_date(const char *text)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date;
    char month[4];
    int hour, minute, second;
    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &date.day, month, &date.year, &hour, &minute,
               &second) != 6)
        return -1;
    for (date.month = 1; date.month <= 12 && strcmp(months[date.month - 1], month) != 0;)
        date.month++;
    if (date.month > 12 || !date_valid(date))
        return -1;
    return ((date_days(date) * 24 + hour) * 60 + minute) * 60 + second;
}

static void check_clock(struct check *c)
{
    struct err err = ERR_INIT;
    auto_answer answer = HTTP_ANSWER_INIT;
    char date[64];
    auto_str url = STR_INIT(500), text = STR_INIT(200);
    str_addf(&url, "%s/", c->config->resy_web_base);
    const char *const headers[] = {"User-Agent: Mozilla/5.0", NULL};
    struct http_request request = {.method = "GET", .url = url.buf, .headers = headers};
    if (http_perform(net_http(c->net), &request, &answer, &err)) {
        check_fail(c, "page", EXIT_UNREACHABLE, err.why,
                   "is resy.web_base right, and security.ca_file if there is one?");
        return;
    }
    if (!http_header(&answer, "Date", date, sizeof(date)) || http_date(date) < 0) {
        check_row(c, "clock", STATE_WARNING, "the server names no time to compare with",
                  "make sure that this machine's clock is right (timedatectl)");
        return;
    }
    int64_t off = env_wall_ms(c->env) / 1000 - http_date(date);
    int64_t by = off < 0 ? -off : off;
    str_addf(&text, by > CLOCK_LATE ? "%lld s %s the server's" : "as the server's", (long long)by,
             off < 0 ? "behind" : "ahead of");
    if (by > CLOCK_WRONG)
        check_fail(c, "clock", EXIT_FAILED, text.buf, "set the clock (timedatectl set-ntp true)");
    else
        check_row(c, "clock", by > CLOCK_LATE ? STATE_WARNING : STATE_OK, text.buf,
                  "switch on its synchronisation (timedatectl set-ntp true)");
}

/* --- Resy --- */

static const char *mend_of(enum resy_fault fault, bool token)
{
    switch (fault) {
    case RESY_KEY:
        return token ? "log in at resy.com again and put the new token into resy.auth_token"
                     : "set resy.api_key to \"auto\", or to the key of Resy's own web page";
    case RESY_BLOCKED:
        return "this address is not welcome there now; wait, or run it from a home connection";
    case RESY_LIMITED:
        return "wait a few minutes; lower resy.requests_per_minute";
    case RESY_SHAPE:
        return "is resy.base_url Resy's API? Then this program is older than its answers";
    default:
        return "look at the network; then try again in a minute";
    }
}

static void check_resy(struct check *c)
{
    struct err err = ERR_INIT;
    enum resy_fault fault = RESY_FINE;
    struct resy_ask ask = {.class = BUDGET_PERSON, .fault = &fault};
    struct resy_query query = {.words = "", .page = 1, .per_page = 1};
    struct resy_hits hits;
    if (resy_search(c->resy, &ask, &query, &hits, &err)) {
        check_fail(c, "resy key", fault == RESY_KEY ? EXIT_CONFIG_WRONG : EXIT_UNREACHABLE, err.why,
                   mend_of(fault, false));
        return;
    }
    resy_hits_free(&hits);
    check_row(c, "resy key", STATE_OK,
              strcmp(c->config->resy_api_key, "auto") ? "accepted"
                                                      : "read from the public page, accepted",
              NULL);
    bool books = c->config->booking_enabled;
    if (!*c->config->resy_token && books)
        check_fail(c, "resy token", EXIT_CONFIG_WRONG, "none, and booking is switched on",
                   "put your Resy token into resy.auth_token, or switch booking.enabled off");
    else if (!*c->config->resy_token)
        check_row(c, "resy token", STATE_OK, "none; looking and watching need none", NULL);
    else if (resy_who_am_i(c->resy, &ask, &err))
        check_fail(c, "resy token", fault == RESY_KEY ? EXIT_CONFIG_WRONG : EXIT_UNREACHABLE,
                   err.why, mend_of(fault, true));
    else
        check_row(c, "resy token", STATE_OK,
                  books ? "accepted; tables are booked on its account" : "accepted", NULL);
}

struct spent_args {
    int64_t minute, total;
};

/* A key that is accepted, and an address that is shown nothing: that was seen at servers. */
static void check_tables(struct check *c)
{
    struct err err = ERR_INIT;
    struct resy_ask ask = {.class = BUDGET_PERSON};
    struct date today = date_of_days(env_wall_ms(c->env) / DAY_MS);
    struct resy_query query = {
        .words = "", .day = date_add(today, 2), .party = 2, .page = 1, .per_page = 20};
    struct resy_hits hits;
    size_t tables = 0;
    if (resy_search(c->resy, &ask, &query, &hits, &err)) {
        check_row(c, "tables", STATE_WARNING, err.why, "look again in a minute");
        return;
    }
    for (size_t i = 0; i < hits.count; i++)
        tables += hits.tables[i].count > 0;
    resy_hits_free(&hits);
    check_row(c, "tables", tables ? STATE_OK : STATE_WARNING,
              tables ? "Resy shows this address tables"
                     : "Resy shows this address no tables anywhere",
              "it does so to servers' addresses; run it from a home connection");
}

static int read_spent(struct db_conn *conn, void *arg, struct err *err)
{
    struct spent_args *args = arg;
    struct spent list[61];
    size_t count;
    if (spent_between(conn, args->minute - 60, args->minute, list, ARRAY_LEN(list), &count, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        args->total += list[i].requests;
    return 0;
}

static void check_budget(struct check *c)
{
    auto_text path = config_path(c->config, c->config->database);
    struct spent_args spent = {.minute = env_wall_ms(c->env) / MINUTE_MS};
    auto_str text = STR_INIT(300);
    if (c->config->resy_is_local)
        str_add(&text, "no limit: resy.base_url is this machine");
    else
        str_addf(&text, "%lld requests a minute, %lld an hour", (long long)c->config->resy_a_minute,
                 (long long)c->config->resy_an_hour);
    if (access(path, F_OK) == 0 && db_read_file(path, read_spent, &spent, NULL) == 0)
        str_addf(&text, "; %lld in the last hour", (long long)spent.total);
    check_row(c, "budget", STATE_OK, text.buf, NULL);
}

static int open_net(struct check *c)
{
    struct err err = ERR_INIT;
    const struct config *config = c->config;
    auto_text ca_file = config_path(config, config->ca_file);
    struct net_options options = {.ca_file = ca_file};
    struct resy_options resy = {.base_url = config->resy_base_url,
                                .web_base = config->resy_web_base,
                                .api_key = config->resy_api_key,
                                .token = config->resy_token,
                                .timeout_ms = (unsigned)config->resy_timeout_ms};
    c->env = env_threads_new();
    c->net = net_new(c->env, &options, &err);
    if (!c->net) {
        check_fail(c, "network", EXIT_CONFIG_WRONG, err.why, "security.ca_file must be a PEM file");
        return -1;
    }
    c->resy = resy_new(net_http(c->net), &resy);
    return 0;
}

static void say_result(const struct check *c)
{
    if (c->json)
        printf("{\"type\":\"done\",\"ok\":%s}\n", c->failed ? "false" : "true");
    else if (c->failed)
        printf("%zu %s.\n", c->failed, c->failed == 1 ? "row failed" : "rows failed");
    else
        printf(c->warned ? "Nothing failed; see the warnings.\n" : "All is well.\n");
}

enum exit_code check_all(const struct config *config, const char *why, bool json)
{
    struct check c = {.config = config, .json = json};
    if (!config) {
        check_fail(&c, "configuration", EXIT_CONFIG_WRONG, why,
                   "config.example.toml shows every key; the rows below wait for it");
        say_result(&c);
        return c.code;
    }
    check_row(&c, "configuration", STATE_OK, config->path, NULL);
    check_key(&c);
    check_database(&c);
    check_disk(&c);
    check_files(&c);
    if (open_net(&c) == 0) {
        check_network(&c, "", config->resy_base_url, "resy.base_url");
        if (!c.failed || c.code != EXIT_UNREACHABLE) {
            check_clock(&c);
            check_resy(&c);
            if (!c.failed)
                check_tables(&c);
        } else {
            check_row(&c, "resy", STATE_WARNING, "not looked at: it is not reached", NULL);
        }
        check_budget(&c);
        if (*config->telegram_token) {
            check_network(&c, "telegram ", config->telegram_api_base, "telegram.api_base");
            check_telegram(&c);
        }
        if (*config->slack_app_token) {
            check_network(&c, "slack ", config->slack_api_base, "slack.api_base");
            check_slack(&c);
        }
        check_llm(&c);
        resy_free(c.resy);
        net_free(c.net);
    }
    env_free(c.env);
    say_result(&c);
    return c.code;
}
