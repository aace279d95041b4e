/* pace.h: how fast may be sent: to one chat, to a group, in all; and what the service demanded.
 *
 * A slot is reserved: who is told to wait has its turn at that time, so that nobody asks again and
 * again, and 1,000 chats go in the order in which they came.
 * Together: alerts that wait for all, and not for their own chat, go at the same instants as others
 * that do: five then cost two or three commits and not ten. None goes before its time. Replies go
 * one by one: fewer are then under way if we are killed.
 * Threads: any; a lock of its own. Clock: the caller's, monotonic ms.
 * Facts:   about one message a second to a chat (short bursts pass), 20 a minute to a group, 30 a
 *          second in all; edits count as messages. retry_after is to be obeyed to the letter, chat
 *          by chat. */
#ifndef ADAPTERS_TELEGRAM_PACE_H
#define ADAPTERS_TELEGRAM_PACE_H

#include "core/base/base.h"

struct pace;
struct pace *pace_new(void);
void pace_free(struct pace *pace);

/* 0: go on, it is counted. Else: wait so many ms, then it will be 0. */
int64_t pace_take(struct pace *pace, int64_t chat, int64_t now_ms);
/* The same of one of many: see "Together". */
int64_t pace_take_together(struct pace *pace, int64_t chat, int64_t now_ms);

/* The same without a reservation, for what may as well not be said: a preview. False: not now. */
bool pace_try(struct pace *pace, int64_t chat, int64_t now_ms);

/* The service wants silence in that chat for so long. */
void pace_flood(struct pace *pace, int64_t chat, int64_t now_ms, int64_t wait_ms);

#endif
