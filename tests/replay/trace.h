/* trace.h: a written or recorded day, fed to the real services under the virtual clock; the alerts
 * must be exactly those that are written in it.
 *
 * A line: a time, a verb, its words. The time is `+30s`, `+5m`, `+2h` after the line before, or
 * UTC, `2031-05-05T16:00:30Z`, `.250Z`. `#` begins a comment. Before the first time:
 *
 *   start TIME             required
 *   quiet DURATION, interval DURATION, polls N
 *
 * Anywhere, before they are used:
 *
 *   zone NAME              of the restaurants that follow; America/New_York
 *   venue ID NAME…
 *
 * Then:
 *
 *   watch ID PERSON VENUE[,VENUE] DAY[,DAY] PARTY[-MOST] HH:MM-HH:MM|any [seating WORD] [fee N]
 *         [once|each]        the seating's blanks are written _
 *   edit ID VENUE[,VENUE] …       the same without the person: as it is from now on
 *   window ID HH:MM-HH:MM|any     pause ID, resume ID, stop ID, undo ID, snooze ID DURATION
 *   answer VENUE DAY PARTY: [HH:MM SEATING… [fee N][, …]]
 *   known VENUE DAY PARTY: …      an answer whose alerts were told before the day began
 *   gate VENUE DAY PARTY open|closed  a calendar has that day of a watch of many days asked
 *   vouch, doubt                  what the canary found out about answers without tables
 *   failed VENUE DAY PARTY KIND   as resy_fault_name has it
 *   jump SECONDS                  of the wall clock
 *   alert ID VENUE DAY HH:MM[,HH:MM]  what the line before it must bring, of that watch */
#ifndef TESTS_REPLAY_TRACE_H
#define TESTS_REPLAY_TRACE_H

#include "core/base/base.h"

/* NULL: every alert is there, and no other. Else FILE:LINE and what is wrong, for the caller to
 * free. *ret_alerts: how many there were. */
char *trace_run(const char *path, size_t *ret_alerts);

#endif
