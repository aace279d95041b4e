#include "core/base/cancel.h"

#include <assert.h>

void cancel_init(struct cancel *cancel)
{
    *cancel = (struct cancel){0};
    pthread_mutex_init(&cancel->lock, NULL);
}

void cancel_done(struct cancel *cancel)
{
    assert(!cancel->listeners);
    pthread_mutex_destroy(&cancel->lock);
}

void cancel_set(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->lock);
    cancel->set = true;
    for (struct cancel_listener *l = cancel->listeners; l; l = l->next)
        env_wake(l->cell);
    pthread_mutex_unlock(&cancel->lock);
}

bool cancel_is_set(struct cancel *cancel)
{
    if (!cancel)
        return false;
    pthread_mutex_lock(&cancel->lock);
    bool set = cancel->set;
    pthread_mutex_unlock(&cancel->lock);
    return set;
}

void cancel_listen(struct cancel *cancel, struct cancel_listener *listener, struct cell *cell)
{
    if (!cancel)
        return;
    listener->cell = cell;
    pthread_mutex_lock(&cancel->lock);
    listener->next = cancel->listeners;
    cancel->listeners = listener;
    if (cancel->set)
        env_wake(cell);
    pthread_mutex_unlock(&cancel->lock);
}

void cancel_unlisten(struct cancel *cancel, struct cancel_listener *listener)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->lock);
    struct cancel_listener **at = &cancel->listeners;
    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    pthread_mutex_unlock(&cancel->lock);
}
