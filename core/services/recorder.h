/* recorder.h: a real day, written down as a trace that tests/replay/ plays again: what people
 * watched, what the provider answered, and whom that alerted.
 *
 * No secret is in it, and nobody's name: people and watches are numbers of its own. Searches are
 * left out. What was told before it began counts as told when it began.
 * Owner:   recorder_new … recorder_free.
 * Threads: every function from any task; lines are written in the order of the transactions that
 *          they are called in. NULL records nothing. */
#ifndef CORE_SERVICES_RECORDER_H
#define CORE_SERVICES_RECORDER_H

#include "core/services/services.h"

/* Writes what is watched now, as the beginning. The file is made, 0600, and must not be there. */
struct recorder *recorder_new(struct services *services, const char *path,
                              struct err *err) MUST_USE;
void recorder_free(struct recorder *recorder);

/* Inside the transaction that does it, before what comes of it is told. */
void record_watch(struct services *services, struct db_conn *conn, int64_t watch_id);
/* "pause", "resume", "stop", "undo"; or "edit": as it is now. */
void record_change(struct services *services, struct db_conn *conn, int64_t watch_id,
                   const char *verb);
void record_answer(struct services *services, const struct question *question,
                   const struct resy_find *find);
void record_failed(struct services *services, const struct question *question,
                   enum resy_fault fault);
void record_verdict(struct services *services, bool believed);
/* A calendar has that day asked, or no longer. */
void record_gate(struct services *services, const struct question *calendar, const char *day,
                 bool open);
void record_jump(struct services *services, int64_t by_ms);
/* That watch is told of this slot. */
void record_alert(struct services *services, const struct question *question, int64_t watch_id,
                  int64_t minute);

#endif
