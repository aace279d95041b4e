/* config_parse: what it accepts is whole and in range; what it refuses it names. */
#include "tests/fuzz/fuzz.h"

#include "bot/config.h"
#include "core/base/log.h"
#include "core/base/utf8.h"

static bool is_number(const struct setting *s)
{
    return s->kind == SETTING_INTEGER || s->kind == SETTING_DURATION;
}

static bool is_text(const struct setting *s)
{
    return !is_number(s) && s->kind != SETTING_FLAG && s->kind != SETTING_LIST;
}

static void check_setting(const struct config *config, const struct setting *s)
{
    const char *at = (const char *)config + s->offset;
    int64_t number;
    char *text;
    if (is_number(s)) {
        memcpy(&number, at, sizeof(number));
        bool free_here = config->resy_is_local && !strncmp(s->key, "watch.", 6);
        MUST(number <= s->most && number >= (free_here ? 0 : s->least));
    }
    if (is_text(s)) {
        memcpy(&text, at, sizeof(text));
        MUST(text && utf8_valid(text, strlen(text)));
    }
}

static void check_config(const struct config *config)
{
    bool local;
    for (size_t i = 0; i < settings_count; i++)
        check_setting(config, &settings[i]);
    MUST(config->owner_count <= CONFIG_OWNERS);
    for (size_t i = 0; i < config->owner_count; i++)
        MUST(strchr(config->owners[i], ':'));
    MUST(url_allowed(config->resy_base_url, &local) && local == config->resy_is_local);
    MUST(strncmp(config->resy_base_url, "http:", 5) != 0 || local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    struct err err = ERR_INIT;
    auto_text text = mem_textn((const char *)data, size);
    (void)duration_parse(text);
    if (config_parse("fuzz.toml", NULL, text, size, size % 2, &config, &err)) {
        MUST(err.kind == ERR_CONFIG);
        MUST(!strncmp(err.why, "fuzz.toml:", 10));
        MUST(utf8_valid(err.why, strlen(err.why)));
        MUST(!config.path && !config.folder && !config.owner_count);
    } else {
        check_config(&config);
        config_free(&config);
    }
    log_forget_secrets();
    return 0;
}
