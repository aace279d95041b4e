#include "core/base/base.h"

#include <malloc.h>

void mem_tune(void)
{
    mallopt(M_ARENA_MAX, 1); /* the top of a second one is not given back by malloc_trim */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

void lock_init_brief(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(lock, &attr);
    pthread_mutexattr_destroy(&attr);
}

static void mem_out(size_t count, size_t size)
{
    fprintf(stderr, "maitred: out of memory (%zu x %zu bytes)\n", count, size);
    abort();
}

void *mem_new(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        mem_out(count, size);
    return p;
}

void *mem_grow(void *old, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap && old)
        return old;
    size_t room = *cap + *cap / 2 + 8;
    if (room < need)
        room = need;
    size_t bytes;
    if (__builtin_mul_overflow(room, size, &bytes))
        mem_out(room, size);
    void *p = realloc(old, bytes);
    if (!p)
        mem_out(room, size);
    *cap = room;
    return p;
}

/* A few blocks of an answer's size go round. Given to malloc, each would make it sweep all its
 * small free blocks together, twice an answer, which costs more than reading the answer does. */
#define SPARE_LEAST ((size_t)64 << 10)
#define SPARE_MOST  ((size_t)256 << 10)
static struct {
    pthread_mutex_t lock;
    void *blocks[4]; /* protected by lock, as is caps */
    size_t caps[4];
} spare = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool spare_put(void *block, size_t cap)
{
    bool kept = false;
    if (WITH_ASAN || WITH_TSAN) /* a use after free must show */
        return false;
    if (cap < SPARE_LEAST || cap > SPARE_MOST)
        return false;
    pthread_mutex_lock(&spare.lock);
    for (size_t i = 0; i < ARRAY_LEN(spare.blocks) && !kept; i++)
        if (!spare.blocks[i]) {
            spare.blocks[i] = block;
            spare.caps[i] = cap;
            kept = true;
        }
    pthread_mutex_unlock(&spare.lock);
    return kept;
}

/* NULL: none that is large enough. */
static void *spare_get(size_t need, size_t *ret_cap)
{
    void *block = NULL;
    if (need < SPARE_LEAST / 2 || need > SPARE_MOST)
        return NULL;
    pthread_mutex_lock(&spare.lock);
    for (size_t i = 0; i < ARRAY_LEN(spare.blocks) && !block; i++)
        if (spare.blocks[i] && spare.caps[i] >= need) {
            block = spare.blocks[i];
            *ret_cap = spare.caps[i];
            spare.blocks[i] = NULL;
        }
    pthread_mutex_unlock(&spare.lock);
    return block;
}

void *mem_block(size_t need, size_t *ret_cap)
{
    void *block = spare_get(need, ret_cap);
    *ret_cap = block ? *ret_cap : 0;
    return block ? block : mem_grow(NULL, ret_cap, need, 1);
}

void mem_block_free(void *block, size_t cap)
{
    if (!spare_put(block, cap))
        free(block);
}

char *mem_textn(const char *text, size_t len)
{
    char *copy = mem_new(len + 1, 1);
    memcpy(copy, text, len);
    return copy;
}

char *mem_text(const char *text)
{
    return text ? mem_textn(text, strlen(text)) : NULL;
}

void mem_free_text(char **text)
{
    free(*text);
    *text = NULL;
}
