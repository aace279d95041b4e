/* commands.h: the agent that needs no model: a table of commands and a grammar.
 *
 * Each command is a row of the table and a function; /help, completion and a test walk the table.
 * Threads: on the worker of a run. */
#ifndef CORE_AGENTS_COMMANDS_COMMANDS_H
#define CORE_AGENTS_COMMANDS_COMMANDS_H

#include "core/orchestrator/run.h"

struct command {
    const char *name;  /* without the slash */
    const char *usage; /* its arguments */
    const char *about; /* one sentence */
    const char *example;
    bool keeps; /* a question that stands goes on standing */
    int (*run)(struct run *run, const char *args, struct err *err);
};
extern const struct command commands[];
extern const size_t commands_count;

extern const struct agent agent_commands;

/* complete.c */
void commands_complete(struct services *services, const char *text, cJSON *list);

/* look.c */
int command_find(struct run *run, const char *args, struct err *err);
int command_watch(struct run *run, const char *args, struct err *err);
int command_hourly(struct run *run, const char *args, struct err *err);
int command_notify(struct run *run, const char *args, struct err *err);
/* The presses that belong to a search: choose, watch. */
int look_press(struct run *run, const cJSON *args, bool watch, struct err *err);

/* book.c */
int command_book(struct run *run, const char *args, struct err *err);
int command_reservations(struct run *run, const char *args, struct err *err);
int command_cancel(struct run *run, const char *args, struct err *err);
/* May the run's person book? */
bool book_may(struct run *run);
/* Book, Confirm, its "no", and Cancel of a reservation. */
int book_press(struct run *run, const cJSON *args, struct err *err);
int confirm_press(struct run *run, const cJSON *args, struct err *err);
int drop_press(struct run *run, const cJSON *args, struct err *err);
int unbook_press(struct run *run, const cJSON *args, struct err *err);

/* times.c */
int time_press(struct run *run, const cJSON *args, struct err *err);

/* talk.c */
/* Free text: an answer to what was asked, or a wish in words. */
int talk(struct run *run, const char *text, struct err *err);
int command_bye(struct run *run, const char *args, struct err *err);
int command_thanks(struct run *run, const char *args, struct err *err);

/* around.c */
/* The next page of the last search; "back": the one before. */
int command_next(struct run *run, const char *args, struct err *err);
/* The last search again: who has turned up since. */
int command_again(struct run *run, const char *args, struct err *err);
int around_press(struct run *run, const cJSON *args, struct err *err);

/* place.c */
int command_venue(struct run *run, const char *args, struct err *err);
int command_calendar(struct run *run, const char *args, struct err *err);
/* The same by the provider's number. */
int venue_by_number(struct run *run, int64_t id, struct err *err);
int place_press(struct run *run, const cJSON *args, struct err *err);

/* lists.c */
int command_toughest(struct run *run, const char *args, struct err *err);

/* people.c */
int command_export(struct run *run, const char *args, struct err *err);
int command_forget(struct run *run, const char *args, struct err *err);
int command_invite(struct run *run, const char *args, struct err *err);
int command_link(struct run *run, const char *args, struct err *err);
int command_log(struct run *run, const char *args, struct err *err);
int command_pair(struct run *run, const char *args, struct err *err);
/* What a platform says by itself: "/start" with what a link brought, "/near LATITUDE LONGITUDE". */
int command_start(struct run *run, const char *args, struct err *err);
int command_near(struct run *run, const char *args, struct err *err);
/* Are there several people in this chat? */
int chat_crowd(struct run *run, bool *ret, struct err *err);
int access_press(struct run *run, bool in, const cJSON *args, struct err *err);
int forget_press(struct run *run);

/* settings.c */
int command_settings(struct run *run, const char *args, struct err *err);
/* Keeps the settings of the run's account. */
int account_save(struct run *run, struct err *err);

/* change.c */
int command_edit(struct run *run, const char *args, struct err *err);
int command_pause(struct run *run, const char *args, struct err *err);
int command_rename(struct run *run, const char *args, struct err *err);
int command_resume(struct run *run, const char *args, struct err *err);
int command_snooze(struct run *run, const char *args, struct err *err);
int command_why(struct run *run, const char *args, struct err *err);
/* What these propose to somebody whose messages do not act, and Snooze on an alert. */
int change_press(struct run *run, const char *action, const cJSON *args, struct err *err);

/* list.c */
int command_watches(struct run *run, const char *args, struct err *err);
/* A watch with its state in one line of the answer. */
void watch_line(struct run *run, const struct watch *watch);

/* manage.c */
/* The watch that `args` names: by number, by a name, or the only one there is. 1: *ret_id, and what
 * follows in *ret_rest; 0: the person is asked, with a button for each (verb, action); -1. */
int watch_named(struct run *run, const char *args, const char *verb, const char *action,
                int64_t *ret_id, const char **ret_rest, struct err *err);
void watch_button(struct run *run, const char *verb, const char *action, int64_t watch_id,
                  bool once, int64_t ttl_ms);
void stop_button(struct run *run, int64_t watch_id, int64_t ttl_ms);
int undo_press(struct run *run, const cJSON *args, struct err *err);
int command_stop(struct run *run, const char *args, struct err *err);
int stop_press(struct run *run, const cJSON *args, struct err *err);
int open_press(struct run *run, const cJSON *args, struct err *err);
int command_undo(struct run *run, const char *args, struct err *err);
int command_status(struct run *run, const char *args, struct err *err);
int command_test(struct run *run, const char *args, struct err *err);
int command_new(struct run *run, const char *args, struct err *err);
int command_help(struct run *run, const char *args, struct err *err);

#endif
