/* A client cuts what is too long for one message, and sends the parts one after another without a
 * word about it. So what may be the beginning of more waits a moment. It is stored already, and
 * after a crash it is answered as it is. */
#include "core/orchestrator/internal.h"

#define HELD_MS ((int64_t)1200) /* parts come some 50 ms apart, often in different polls */

bool held_put(struct orchestrator *o, const struct inbox_ref *ref)
{
    struct held *held = NULL;
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->held_count && !held; i++)
        held = o->held[i].ref.id == ref->id ? &o->held[i] : NULL;
    if (!held && o->held_count < HELD_MOST)
        held = &o->held[o->held_count++];
    if (held)
        *held = (struct held){*ref, env_mono_ms(o->env) + HELD_MS};
    pthread_mutex_unlock(&o->lock);
    return held;
}

bool held_is(struct orchestrator *o, int64_t inbox_id)
{
    bool is = false;
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->held_count && !is; i++)
        is = o->held[i].ref.id == inbox_id;
    pthread_mutex_unlock(&o->lock);
    return is;
}

/* Under the lock: out of the list, in the order in which they came. */
static struct inbox_ref take_at(struct orchestrator *o, size_t i)
{
    struct inbox_ref ref = o->held[i].ref;
    memmove(&o->held[i], &o->held[i + 1], (--o->held_count - i) * sizeof(*o->held));
    return ref;
}

static void post_all(struct orchestrator *o, const struct inbox_ref *refs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!inbox_post(o, &refs[i]))
            inbox_overflow(o);
}

void held_drop(struct orchestrator *o, int64_t inbox_id)
{
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->held_count;)
        if (o->held[i].ref.id == inbox_id)
            take_at(o, i);
        else
            i++;
    pthread_mutex_unlock(&o->lock);
}

void held_release(struct orchestrator *o, int64_t inbox_id, int64_t chat_id)
{
    struct inbox_ref ready[HELD_MOST];
    size_t count = 0;
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->held_count;)
        if (o->held[i].ref.id == inbox_id || (!inbox_id && o->held[i].ref.chat_id == chat_id))
            ready[count++] = take_at(o, i);
        else
            i++;
    pthread_mutex_unlock(&o->lock);
    post_all(o, ready, count);
}

int64_t held_look(struct orchestrator *o)
{
    struct inbox_ref ready[HELD_MOST];
    size_t count = 0;
    int64_t now = env_mono_ms(o->env), next = INT64_MAX;
    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->held_count;)
        if (o->held[i].until_ms <= now) {
            ready[count++] = take_at(o, i);
        } else {
            next = MIN_OF(next, o->held[i].until_ms - now);
            i++;
        }
    pthread_mutex_unlock(&o->lock);
    post_all(o, ready, count);
    return next;
}
