#include "core/base/base.h"

#include <malloc.h>

void mem_tune(void)
{
    mallopt(M_ARENA_MAX, 2);
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
