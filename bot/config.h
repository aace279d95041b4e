/* config.h: what the owner configured: one table of settings, read from TOML.
 *
 * Owner:   the program; config_free wipes the secrets.
 * Threads: read before any thread starts, and again into another struct by SIGHUP. */
#ifndef BOT_CONFIG_H
#define BOT_CONFIG_H

#include "core/base/err.h"

#define CONFIG_OWNERS 16

struct config {
    char *path, *folder; /* relative paths start at the folder */
    /* [bot] */
    char *time_zone, *city, *access;
    char *owners[CONFIG_OWNERS];
    size_t owner_count;
    int64_t drain_ms;
    /* [database] */
    char *database; /* a path, or ":memory:" */
    /* [security] */
    char *key_file, *ca_file;
    /* [resy] */
    char *resy_base_url, *resy_api_key, *resy_web_base, *resy_token;
    int64_t resy_a_minute, resy_an_hour, resy_timeout_ms, resy_search_pages;
    /* [watch] */
    int64_t watch_floor_ms, watch_default_ms, watch_close_polls, watch_quiet_ms, watch_record_days;
    /* [booking] */
    int64_t booking_enabled, booking_max_fee, booking_confirm_ms;
    /* [telegram] */
    char *telegram_token; /* "": there is none */
    char *telegram_api_base;
    int64_t telegram_poll_ms;
    /* [slack] */
    char *slack_app_token, *slack_bot_token; /* "": there is none */
    char *slack_api_base;
    /* [llm] */
    char *llm_base_url, *llm_api_key, *llm_model; /* llm_model "": there is none */
    int64_t llm_timeout_ms, llm_max_requests, llm_max_tool_calls, llm_max_tokens;
    int64_t llm_history_tokens;
    /* [limits] */
    int64_t limits_runs, limits_questions, limits_messages;
    /* [log] */
    char *log_level, *log_format;

    bool resy_is_local; /* base_url is a loopback address: no floor, no limit on requests */
};

enum setting_kind {
    SETTING_TEXT,
    SETTING_SECRET,
    SETTING_URL,
    SETTING_PATH,
    SETTING_INTEGER,
    SETTING_FLAG,
    SETTING_DURATION,
    SETTING_CHOICE,
    SETTING_LIST,
    SETTING_DATABASE
};

struct setting {
    const char *key; /* "resy.base_url" */
    enum setting_kind kind;
    const char *standard; /* as it is written in TOML */
    int64_t least, most;  /* integers as they are, durations in ms */
    const char *choices;  /* "pairing owners open" */
    size_t offset;        /* in struct config */
    const char *about;
};
extern const struct setting settings[];
extern const size_t settings_count;

/* Sections that the contract names and this version does not have. */
extern const char *const sections_to_come[];

/* ERR_CONFIG: err->why is file:line: key: what is wrong and the mend. Secrets are registered with
 * the log. */
int config_read(const char *path, struct config *ret, struct err *err) MUST_USE;

/* The same from a text; `file` names it. For tests and fuzzing; reads no file for a secret when
 * `folder` is NULL. */
int config_parse(const char *file, const char *folder, const char *text, size_t len,
                 bool others_may_read, struct config *ret, struct err *err) MUST_USE;

void config_free(struct config *config);

/* Wipes what was kept of the environment for reading the configuration again; at exit. */
void config_forget_secrets(void);

/* A path as the configuration means it. The caller frees. */
char *config_path(const struct config *config, const char *path);

/* "1h", "90s", "500ms" → ms; -1: it is none. */
int64_t duration_parse(const char *text);

/* http on a loopback address, or https. */
bool url_allowed(const char *url, bool *ret_local);

#endif
