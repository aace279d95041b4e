#include "adapters/console/ui.h"
#include "adapters/slack/slack.h"
#include "bot/check.h"
#include "bot/instance.h"
#include "bot/keys.h"
#include "bot/moving.h"
#include "bot/notify.h"
#include "bot/program.h"
#include "core/base/log.h"
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#ifndef MAITRED_VERSION
#define MAITRED_VERSION "unknown"
#endif

#define ALIVE_EVERY_MS 10000

struct invocation {
    const char *config;
    const char *command;
    char **args;
    int count;
    int64_t started_ms;
};

struct command {
    const char *name, *usage, *about;
    int (*run)(const struct invocation *call);
};

static int run_bot(const struct invocation *call);
static int run_chat(const struct invocation *call);
static int run_check(const struct invocation *call);
static int run_backup(const struct invocation *call);
static int run_export(const struct invocation *call);
static int run_import(const struct invocation *call);
static int run_keygen(const struct invocation *call);
static int run_manifest(const struct invocation *call);
static int run_version(const struct invocation *call);
static int run_help(const struct invocation *call);

static const struct command table[] = {
    {"run", "[--record FILE]", "every configured adapter and the scheduler, until a signal",
     run_bot},
    {"chat", "[--json] [--wait SECONDS] [--yes] [-m TEXT]", "talk in this terminal", run_chat},
    {"check", "[--json]", "the configuration, the machine and Resy, a row each, with the mend",
     run_check},
    {"backup", "FILE", "a consistent copy of the database while others run", run_backup},
    {"export", "[PERSON]", "everything, or one person (telegram:77), as lines of JSON", run_export},
    {"import", "[FILE]", "what export wrote: everything into a new database, or one person",
     run_import},
    {"slack-manifest", "", "prints the manifest that makes the app in Slack", run_manifest},
    {"keygen", "", "makes the sealing key; refuses to overwrite", run_keygen},
    {"version", "", "prints the version", run_version},
    {"help", "", "prints this", run_help},
};

static int usage_wrong(const char *fmt, ...) PRINTF(1, 2);
static int usage_wrong(const char *fmt, ...)
{
    va_list args;
    fputs("maitred: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("\nmaitred help shows how it is used.\n", stderr);
    return EXIT_USAGE_WRONG;
}

static int fail(enum exit_code code, const struct err *err)
{
    auto_str line = STR_INIT(2048);
    str_addf(&line, "maitred: %s\n", err->why);
    log_redact(&line);
    fputs(line.buf, stderr);
    return (int)code;
}

static int run_version(const struct invocation *call)
{
    (void)call;
    printf("maitred %s\n", MAITRED_VERSION);
    return EXIT_DONE;
}

static int run_manifest(const struct invocation *call)
{
    if (call->count)
        return usage_wrong("slack-manifest takes no arguments: %s", call->args[0]);
    auto_text text = slack_manifest();
    printf("%s\n", text);
    return EXIT_DONE;
}

static int run_help(const struct invocation *call)
{
    (void)call;
    printf("maitred finds a table, watches the full places, and tells you the moment one opens.\n"
           "\nusage: maitred [-c FILE] COMMAND\n\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        printf("  %-8s%s%s\n            %s\n", table[i].name, *table[i].usage ? " " : "",
               table[i].usage, table[i].about);
    printf("\n  -c FILE   the configuration; else $MAITRED_CONFIG, else ./config.toml\n");
    return EXIT_DONE;
}

/* --- what every command that reads the configuration begins with --- */

static int read_config(const struct invocation *call, struct config *config)
{
    struct err err = ERR_INIT;
    if (config_read(call->config, config, &err))
        return fail(EXIT_CONFIG_WRONG, &err);
    log_start(2, (enum log_level)log_level_of(config->log_level),
              !strcmp(config->log_format, "json") ? LOG_JSON : LOG_TEXT);
    return EXIT_DONE;
}

static int read_config_and_key(const struct invocation *call, struct config *config)
{
    struct err err = ERR_INIT;
    int failed = read_config(call, config);
    if (failed)
        return failed;
    auto_text path = config_path(config, config->key_file);
    if (key_check(path, &err) == 0)
        return EXIT_DONE;
    config_free(config);
    return fail(EXIT_CONFIG_WRONG, &err);
}

static void harden(void)
{
    struct rlimit files, none = {0, 0};
    setrlimit(RLIMIT_CORE, &none); /* libraries keep copies of secrets */
    if (!WITH_ASAN && !WITH_TSAN)  /* the leak checker looks at us as a debugger would */
        prctl(PR_SET_DUMPABLE, 0);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mem_tune();
    signal(SIGPIPE, SIG_IGN);
}

/* Signals come as bytes to read, on the main thread alone. */
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCONT);
    sigaddset(&set, SIGWINCH); /* chat's; run reads and forgets it */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int next_signal(int signals)
{
    struct signalfd_siginfo info;
    return read(signals, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* --- run --- */

static void reload(const struct invocation *call, struct program *program)
{
    struct config fresh;
    struct err err = ERR_INIT;
    if (config_read(call->config, &fresh, &err)) {
        log_err(LOG_ERR, "reload", &err, "keeping what was");
        return;
    }
    program_reload(program, &fresh);
    log_line(LOG_INFO, "reload",
             "read %s: log, watch, limits, key and token are new; database, key file, addresses "
             "and the budget want a restart",
             call->config);
    config_free(&fresh);
}

struct second_signal {
    int signals, over; /* over: readable when nobody needs to wait any more */
};

/* While we stop, a second signal ends everything at once. */
static void *second_signal(void *arg)
{
    struct second_signal *s = arg;
    struct pollfd polls[] = {{s->signals, POLLIN, 0}, {s->over, POLLIN, 0}};
    while (poll(polls, 2, -1) < 0 || !polls[1].revents) {
        int got = next_signal(s->signals);
        if (got == SIGINT || got == SIGTERM)
            _exit(EXIT_FAILED);
    }
    return NULL;
}

static void close_all(struct program *program, const struct config *config, int signals)
{
    pthread_t waiter;
    uint64_t one = 1;
    struct second_signal second = {signals, eventfd(0, EFD_CLOEXEC)};
    bool waits = second.over >= 0 && !pthread_create(&waiter, NULL, second_signal, &second);
    notify_systemd("STOPPING=1");
    program_close(program, config->drain_ms);
    if (waits && write(second.over, &one, sizeof(one)) == sizeof(one))
        pthread_join(waiter, NULL);
    if (second.over >= 0)
        close(second.over);
}

static void tell_systemd(struct program *program, struct str *said)
{
    auto_str now = STR_INIT(200);
    str_add(&now, "STATUS=");
    program_line(program, &now);
    if (!strcmp(now.buf, said->buf))
        return;
    notify_systemd(now.buf);
    str_clear(said);
    str_add(said, now.buf);
}

/* How the program is to exit. */
static int serve(const struct invocation *call, struct program *program, int signals)
{
    int64_t feed = notify_watchdog_ms();
    int every = (int)(feed ? MIN_OF(feed, (int64_t)ALIVE_EVERY_MS) : ALIVE_EVERY_MS);
    bool was_alive = true;
    auto_str said = STR_INIT(200);
    for (;;) {
        tell_systemd(program, &said);
        const char *refused = program_refused(program);
        if (refused) {
            fprintf(stderr, "maitred: %s: %s\n", call->config, refused);
            return EXIT_CONFIG_WRONG;
        }
        struct pollfd poll_one = {signals, POLLIN, 0};
        poll(&poll_one, 1, every);
        int got = next_signal(signals);
        if (got == SIGINT || got == SIGTERM)
            return EXIT_DONE;
        if (got == SIGHUP)
            reload(call, program);
        bool alive = program_is_alive(program);
        if (alive && feed)
            notify_systemd("WATCHDOG=1");
        if (alive != was_alive)
            log_line(alive ? LOG_INFO : LOG_ERR, "alive", "%s",
                     alive ? "all parts turn again" : "a part has not turned for 30 s");
        was_alive = alive;
    }
}

static void say_ready(const struct invocation *call, struct env *env, struct program *program)
{
    char code[12];
    auto_str ready = STR_INIT(200);
    program_ready(program, &ready);
    fprintf(stderr, "ready %s ms=%lld\n", ready.buf,
            (long long)(env_mono_ms(env) - call->started_ms));
    if (program_claim(program, code))
        fprintf(stderr,
                "claim code: %s  (send it to your bot in a private chat: whoever does first is its "
                "owner)\n",
                code);
}

static int run_bot(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    enum exit_code code;
    const char *record = call->count == 2 && !strcmp(call->args[0], "--record") ? call->args[1]
                                                                                : NULL;
    if (call->count && !record)
        return usage_wrong("run takes nothing but --record FILE: %s", call->args[0]);
    int failed = read_config_and_key(call, &config);
    if (failed)
        return failed;
    int signals = open_signals();
    struct env *env = env_threads_new();
    struct program *program = program_open(env, &config, record, true, &code, &err);
    if (!program) {
        config_free(&config);
        env_free(env);
        return fail(code, &err);
    }
    say_ready(call, env, program);
    notify_systemd("READY=1");
    malloc_trim(0);
    failed = serve(call, program, signals);
    close_all(program, &config, signals);
    config_free(&config);
    env_free(env);
    close(signals);
    return failed;
}

/* --- chat --- */

static int read_chat_options(const struct invocation *call, struct ui_options *ret)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
                                          {"wait", required_argument, NULL, 'w'},
                                          {"yes", no_argument, NULL, 'y'},
                                          {NULL, 0, NULL, 0}};
    char *end;
    *ret = (struct ui_options){0};
    optind = 0;
    for (int c; (c = getopt_long(call->count + 1, call->args - 1, "+:m:", longs, NULL)) != -1;)
        switch (c) {
        case 'j':
            ret->json = true;
            break;
        case 'y':
            ret->yes = true;
            break;
        case 'm':
            ret->message = optarg;
            break;
        case 'w':
            ret->wait_ms = (int64_t)(strtod(optarg, &end) * 1000);
            if (end == optarg || *end || ret->wait_ms < 0 || ret->wait_ms > 7 * 86400000LL)
                return usage_wrong("--wait takes seconds: %s", optarg);
            break;
        default:
            return usage_wrong("chat does not know this, or it lacks its value: %s",
                               call->args[optind - 2]);
        }
    if (optind <= call->count)
        return usage_wrong("chat takes a message after -m: %s", call->args[optind - 1]);
    return EXIT_DONE;
}

/* An instance that is just starting has its lock before its socket. */
static int connect_soon(struct env *env, const char *database, struct err *err)
{
    struct cell tick;
    int fd = -1;
    cell_init(&tick, env);
    for (int i = 0; i < 60 && (fd = instance_connect(database, err)) < 0; i++)
        env_wait(env, &tick, env_mono_ms(env) + 50);
    cell_done(&tick);
    return fd;
}

static int talk(struct env *env, int fd, const struct ui_options *options)
{
    struct err err = ERR_INIT;
    if (ui_run(env, fd, options, &err) == 0)
        return EXIT_DONE;
    if (err.kind == ERR_INPUT)
        return EXIT_FAILED;
    fprintf(stderr, "maitred: %s\n", err.say);
    return EXIT_UNREACHABLE;
}

static int run_chat(const struct invocation *call)
{
    struct config config;
    struct ui_options options;
    struct err err = ERR_INIT;
    enum exit_code code;
    int failed = read_chat_options(call, &options);
    if (failed || (failed = read_config_and_key(call, &config)))
        return failed;
    if (strcmp(config.log_level, "info") == 0) /* the terminal is for the talk */
        log_start(2, LOG_ERR, LOG_TEXT);
    options.signals = open_signals();
    struct env *env = env_threads_new();
    auto_text path = config_path(&config, config.database);
    auto_str history = STR_INIT(4096);
    str_addf(&history, "%s.history", path);
    options.history = strcmp(path, ":memory:") ? history.buf : NULL;
    struct program *program = program_open(env, &config, NULL, false, &code, &err);
    int fd = program             ? program_talk(program, &err)
             : code == EXIT_BUSY ? connect_soon(env, path, &err)
                                 : -1;
    if (fd >= 0)
        failed = talk(env, fd, &options);
    else
        failed = fail(code == EXIT_BUSY ? EXIT_UNREACHABLE : program ? EXIT_FAILED : code, &err);
    int64_t left_on = program && !options.json ? program_watches(program) : 0;
    if (program)
        close_all(program, &config, options.signals);
    if (left_on)
        fprintf(stderr,
                "%lld watch%s on, but nobody looks while no maitred runs: start `maitred run`.\n",
                (long long)left_on, left_on == 1 ? " is" : "es are");
    config_free(&config);
    env_free(env);
    close(options.signals);
    return failed;
}

/* --- the small ones --- */

static int run_check(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    bool json = call->count == 1 && !strcmp(call->args[0], "--json");
    if (call->count > json)
        return usage_wrong("check takes --json and nothing else: %s", call->args[json]);
    if (config_read(call->config, &config, &err))
        return (int)check_all(NULL, err.why, json);
    log_start(2, LOG_ERR, LOG_TEXT);
    enum exit_code code = check_all(&config, NULL, json);
    config_free(&config);
    return (int)code;
}

static int run_backup(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    enum db_trouble trouble;
    if (call->count != 1)
        return usage_wrong("backup takes the file to make");
    int failed = read_config(call, &config);
    if (failed)
        return failed;
    auto_text path = config_path(&config, config.database);
    if (db_copy_file(path, call->args[0], &trouble, &err))
        failed = fail(trouble == DB_FULL ? EXIT_UNREACHABLE : EXIT_FAILED, &err);
    config_free(&config);
    return failed;
}

static int run_export(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    enum exit_code code;
    if (call->count > 1)
        return usage_wrong("export takes one person, or nothing");
    int failed = read_config(call, &config);
    if (failed)
        return failed;
    if (moving_out(&config, call->count ? call->args[0] : NULL, &code, &err))
        failed = fail(code, &err);
    config_free(&config);
    return failed;
}

static int run_import(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    enum exit_code code;
    if (call->count > 1)
        return usage_wrong("import takes one file, or nothing and reads its input");
    int failed = read_config_and_key(call, &config);
    if (failed)
        return failed;
    if (moving_in(&config, call->count ? call->args[0] : NULL, &code, &err))
        failed = fail(code, &err);
    config_free(&config);
    return failed;
}

static int run_keygen(const struct invocation *call)
{
    struct config config;
    struct err err = ERR_INIT;
    if (call->count)
        return usage_wrong("keygen takes no arguments: %s", call->args[0]);
    int failed = read_config(call, &config);
    if (failed)
        return failed;
    auto_text path = config_path(&config, config.key_file);
    if (key_make(path, &err))
        failed = fail(EXIT_CONFIG_WRONG, &err);
    else
        printf("%s\n", path);
    config_free(&config);
    return failed;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    const char *from_environment = getenv("MAITRED_CONFIG");
    struct invocation call = {.config = from_environment ? from_environment : "config.toml",
                              .started_ms = now_ms()};
    int at = 1;
    if (at + 1 < argc && !strcmp(argv[at], "-c")) {
        call.config = argv[at + 1];
        at += 2;
    }
    if (at >= argc)
        return usage_wrong("say what to do");
    call.command = argv[at];
    call.args = argv + at + 1;
    call.count = argc - at - 1;
    harden();
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(table[i].name, call.command) ||
            (!strcmp(call.command, "--help") && table[i].run == run_help) ||
            (!strcmp(call.command, "--version") && table[i].run == run_version)) {
            int code = table[i].run(&call);
            log_forget_secrets();
            config_forget_secrets();
            return code;
        }
    static const char *const to_come[] = {"slack-manifest"};
    for (size_t i = 0; i < ARRAY_LEN(to_come); i++)
        if (!strcmp(to_come[i], call.command))
            return usage_wrong("%s is not in this version", call.command);
    return usage_wrong("there is no command %s", call.command);
}
