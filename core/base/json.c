#include "core/base/json.h"
#include "core/base/utf8.h"

#include <math.h>

#define EXACT 9007199254740992.0 /* 2^53 */

/* --- the memory of a parsed tree ---
 *
 * A tree that was read is never changed and goes at once, so its thousands of small pieces are cut
 * from a few blocks: for an answer of 110 kB that takes a third off parsing it and letting it go.
 * The root, which has no neighbours, keeps them by its `prev`: in a tree that was built that is
 * NULL, also in a copy of one that was read. */
#define BLOCK_FIRST ((size_t)256 << 10) /* at most, and what mem_block keeps */
#define BLOCK_NEXT  ((size_t)128 << 10)

struct block {
    struct block *next;
    size_t cap, used;
};

static _Thread_local struct block *blocks; /* of the tree that this thread is reading; else NULL */

static struct block *block_new(size_t need)
{
    size_t cap;
    struct block *block = mem_block(sizeof(*block) + need, &cap);
    *block = (struct block){.cap = cap, .used = sizeof(*block)};
    return block;
}

static void blocks_free(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        mem_block_free(block, block->cap);
        block = next;
    }
}

/* The first block stays the first: what is added goes behind it. */
static void *piece(size_t size)
{
    struct block *block = blocks->next ? blocks->next : blocks;
    size = (size + 7) & ~(size_t)7;
    if (size > block->cap - block->used) {
        block = block_new(MAX_OF(size, BLOCK_NEXT));
        block->next = blocks->next;
        blocks->next = block;
    }
    void *at = (char *)block + block->used;
    block->used += size;
    return at;
}

static void *hook_malloc(size_t size)
{
    return blocks ? piece(size) : malloc(size);
}

static void hook_free(void *at)
{
    if (!blocks)
        free(at);
}

__attribute__((constructor)) static void set_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hook_malloc, .free_fn = hook_free});
}

static cJSON *parse(const char *text, size_t len, const char **ret_end)
{
    struct block *first = block_new(MIN_OF(3 * len + 512, BLOCK_FIRST - 2 * sizeof(*first)));
    blocks = first;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, len, ret_end, false);
    blocks = NULL;
    if (tree)
        tree->prev = (cJSON *)(void *)first;
    else
        blocks_free(first);
    return tree;
}

void json_free(cJSON *tree)
{
    if (tree && tree->prev)
        blocks_free((struct block *)(void *)tree->prev);
    else
        cJSON_Delete(tree);
}

void json_free_at(cJSON **tree)
{
    json_free(*tree);
}

/* --- reading --- */

/* "\u0000", which cJSON turns into the end of the text; but not after an escaped backslash. */
static bool holds_nul(const char *text, size_t len)
{
    const char *end = text + len, *at = text;
    while (end - at >= 6 && (at = memchr(at, '\\', (size_t)(end - at) - 5))) {
        if (!memcmp(at + 1, "u0000", 5))
            return true;
        at += 2; /* with what it escapes */
    }
    return false;
}

static const char *refuse(const char *text, size_t len)
{
    if (holds_nul(text, len))
        return "holds \\u0000";
    return utf8_valid(text, len) ? NULL : "is not UTF-8";
}

cJSON *json_parse(const char *text, size_t len, const char *what, struct err *err)
{
    const char *fault = refuse(text, len);
    if (fault) {
        err_set(err, ERR_REMOTE, NULL, "%s %s", what, fault);
        return NULL;
    }
    const char *end = text;
    cJSON *tree = parse(text, len, &end);
    if (!tree) {
        size_t at = end ? (size_t)(end - text) : 0;
        err_set(err, ERR_REMOTE, NULL, "%s is not JSON (%zu bytes, fault near byte %zu)", what, len,
                at);
        return NULL;
    }
    for (; (size_t)(end - text) < len; end++)
        if (!strchr(" \t\r\n", *end)) {
            json_free(tree);
            err_set(err, ERR_REMOTE, NULL, "%s is followed by text", what);
            return NULL;
        }
    return tree;
}

static const cJSON *step(const cJSON *at, const char *key, size_t len)
{
    if (cJSON_IsArray(at)) {
        int index = 0;
        for (size_t i = 0; i < len; i++) {
            if (key[i] < '0' || key[i] > '9' || index > 1000000)
                return NULL;
            index = index * 10 + key[i] - '0';
        }
        return cJSON_GetArrayItem(at, index);
    }
    if (!cJSON_IsObject(at))
        return NULL;
    for (const cJSON *item = at->child; item; item = item->next)
        if (item->string && *item->string == *key && !strncmp(item->string, key, len) &&
            !item->string[len])
            return item;
    return NULL;
}

const cJSON *json_at(const cJSON *at, const char *path)
{
    while (at && *path) {
        size_t len = strcspn(path, ".");
        at = step(at, path, len);
        path += len + (path[len] == '.');
    }
    return at;
}

const char *json_text(const cJSON *at, const char *path)
{
    const cJSON *item = json_at(at, path);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

const cJSON *json_array(const cJSON *at, const char *path)
{
    const cJSON *item = json_at(at, path);
    return cJSON_IsArray(item) ? item : NULL;
}

const cJSON *json_object(const cJSON *at, const char *path)
{
    const cJSON *item = json_at(at, path);
    return cJSON_IsObject(item) ? item : NULL;
}

bool json_number(const cJSON *at, const char *path, double *ret)
{
    const cJSON *item = json_at(at, path);
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
        return false;
    *ret = item->valuedouble;
    return true;
}

bool json_i64(const cJSON *at, const char *path, int64_t *ret)
{
    double value;
    if (!json_number(at, path, &value) || value <= -EXACT || value >= EXACT ||
        floor(value) != value)
        return false;
    *ret = (int64_t)value;
    return true;
}

bool json_flag(const cJSON *at, const char *path, bool *ret)
{
    const cJSON *item = json_at(at, path);
    if (cJSON_IsBool(item)) {
        *ret = cJSON_IsTrue(item);
        return true;
    }
    int64_t number;
    if (!json_i64(at, path, &number) || (number != 0 && number != 1))
        return false;
    *ret = number == 1;
    return true;
}

int64_t json_i64_or(const cJSON *at, const char *path, int64_t otherwise)
{
    int64_t value;
    return json_i64(at, path, &value) ? value : otherwise;
}

const char *json_text_or(const cJSON *at, const char *path, const char *otherwise)
{
    const char *text = json_text(at, path);
    return text ? text : otherwise;
}

void json_print(struct str *out, const cJSON *tree)
{
    char *text = cJSON_PrintUnformatted(tree);
    if (!text)
        abort(); /* out of memory is the only way */
    str_add(out, text);
    cJSON_free(text);
}

void json_put_i64(cJSON *object, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)value);
    if (value > -1000000000000000 && value < 1000000000000000)
        cJSON_AddNumberToObject(object, key, (double)value);
    else /* cJSON takes %1.15g for exact also where it is not */
        cJSON_AddRawToObject(object, key, text);
}

void json_put_text(cJSON *object, const char *key, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddNullToObject(object, key);
}
