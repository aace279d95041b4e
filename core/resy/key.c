#include "core/resy/internal.h"

#include "core/base/log.h"

#define KEPT_MS ((int64_t)6 * 3600 * 1000)

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int get(struct resy *resy, const struct resy_ask *ask, const char *path,
               struct http_answer *answer, struct err *err)
{
    auto_str url = STR_INIT(1024);
    str_addf(&url, "%s/%s", resy->web_base, path);
    static const char *const headers[] = {"User-Agent: Mozilla/5.0 (X11; Linux x86_64)", NULL};
    struct http_request request = {.method = "GET",
                                   .url = url.buf,
                                   .headers = headers,
                                   .body_max = (size_t)16 << 20,
                                   .first_byte_ms = resy->timeout_ms,
                                   .total_ms = 3 * resy->timeout_ms,
                                   .cancel = ask->cancel};
    struct err net = ERR_INIT;
    if (http_perform(resy->http, &request, answer, &net))
        return resy_fail(ask, net.kind == ERR_CANCELLED ? RESY_CANCELLED : RESY_DOWN, 0, err,
                         "the public page: %s", net.why);
    if (answer->status == 403)
        return resy_fail(ask, RESY_BLOCKED, resy_block_pause(resy), err,
                         "the public page: http 403");
    if (answer->status != 200)
        return resy_fail(ask,
                         answer->status == 429   ? RESY_LIMITED
                         : answer->status >= 500 ? RESY_DOWN
                                                 : RESY_KEY,
                         0, err, "the public page: http %d", answer->status);
    return 0;
}

/* "modules/app.<hex>.js" in the page. */
static int find_script(const char *page, char *out, size_t size)
{
    for (const char *at = page; (at = strstr(at, "modules/app."));) {
        size_t len = strlen("modules/app.");
        while (is_word(at[len]))
            len++;
        if (!strncmp(at + len, ".js", 3) && len + 3 < size) {
            memcpy(out, at, len + 3);
            out[len + 3] = '\0';
            return 0;
        }
        at += len;
    }
    return -1;
}

/* apiKey:"…" in the script. */
static int find_key(const char *script, char key[RESY_KEY_MAX + 1])
{
    for (const char *at = script; (at = strstr(at, "apiKey"));) {
        at += strlen("apiKey");
        at += strspn(at, "\" :");
        size_t len = 0;
        while (is_word(at[len]) && len <= RESY_KEY_MAX)
            len++;
        if (len >= 16 && len <= RESY_KEY_MAX && at[-1] == '"' && at[len] == '"') {
            memcpy(key, at, len);
            key[len] = '\0';
            return 0;
        }
    }
    return -1;
}

static int read_key(struct resy *resy, const struct resy_ask *ask, char key[RESY_KEY_MAX + 1],
                    struct err *err)
{
    auto_answer page = HTTP_ANSWER_INIT, script = HTTP_ANSWER_INIT;
    char path[256];
    if (get(resy, ask, "", &page, err))
        return -1;
    if (find_script(page.body.buf, path, sizeof(path)))
        return resy_fail(ask, RESY_KEY, 0, err, "the public page names no script");
    if (get(resy, ask, path, &script, err))
        return -1;
    if (find_key(script.body.buf, key))
        return resy_fail(ask, RESY_KEY, 0, err, "the public script holds no key");
    return 0;
}

int resy_key(struct resy *resy, const struct resy_ask *ask, bool again, char key[RESY_KEY_MAX + 1],
             struct err *err)
{
    int64_t now = env_mono_ms(resy->env);
    pthread_mutex_lock(&resy->lock);
    bool fresh = !resy->auto_key ||
                 (!again && resy->key_read_ms && now - resy->key_read_ms < KEPT_MS);
    memcpy(key, resy->key, sizeof(resy->key));
    pthread_mutex_unlock(&resy->lock);
    if (fresh)
        return 0;
    if (read_key(resy, ask, key, err))
        return -1;
    log_secret(key);
    pthread_mutex_lock(&resy->lock);
    memcpy(resy->key, key, sizeof(resy->key));
    resy->key_read_ms = now;
    if (again)
        resy->reread_ms = now;
    pthread_mutex_unlock(&resy->lock);
    return 0;
}
