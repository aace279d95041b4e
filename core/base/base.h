/* base.h: the dialect: attributes, memory, and the functions that nobody may call.
 *
 * Every header of ours includes it, directly or through another.
 * Memory:  running out aborts, here and nowhere else; SQLite has the state and the supervisor
 *          starts us again. What a stranger can make big has a ceiling where it is made. */
#ifndef CORE_BASE_BASE_H
#define CORE_BASE_BASE_H

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MUST_USE         __attribute__((warn_unused_result))
#define PRINTF(at, args) __attribute__((format(printf, at, args)))
#define CLEANUP(fn)      __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* The struct of type `type` whose member `member` is at `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#define WITH_ASAN 1
#else
#define WITH_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define WITH_TSAN 1
#else
#define WITH_TSAN 0
#endif

/* For a lock under which others are woken: they find it held for a moment longer, and spin. */
void lock_init_brief(pthread_mutex_t *lock);

/* Once, at start: all threads share one arena, and blocks of an answer's size are kept for the next
 * one instead of being given back and faulted in again. */
void mem_tune(void);

/* Zeroed; never NULL. The caller frees with free(). */
void *mem_new(size_t count, size_t size);

/* `old` (or NULL) moved to room for at least `need` items of `size`, growing by halves; *cap is
 * the room in items and is updated. Never NULL. */
void *mem_grow(void *old, size_t *cap, size_t need, size_t size);

/* At least `need` bytes, not zeroed, that are kept for the next one if they are of an answer's
 * size; *ret_cap is the room. Never NULL; the caller frees with mem_block_free, or grows it with
 * mem_grow first. */
void *mem_block(size_t need, size_t *ret_cap);
void mem_block_free(void *block, size_t cap);

/* Copies; never NULL. NULL in gives NULL out. The caller frees with free(). */
char *mem_text(const char *text);
char *mem_textn(const char *text, size_t len);

/* For CLEANUP on a `char *`. */
void mem_free_text(char **text);
#define auto_text CLEANUP(mem_free_text) char *

/* There is a house function for each: str.h, json.h, clock.h, env.h, err.h. */
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll gmtime localtime
#pragma GCC poison strerror sleep usleep rand srand

#endif
