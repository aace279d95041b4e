/* menu.h: what commands do, in the languages of a platform's menus.
 *
 * The commands themselves and their answers are in English; a language model answers in whatever it
 * is spoken to.
 * Threads: constant. */
#ifndef CORE_AGENTS_COMMANDS_MENU_H
#define CORE_AGENTS_COMMANDS_MENU_H

#include <stddef.h>

struct menu_line {
    const char *command, *about;
};
struct menu {
    const char *code; /* ISO 639-1 */
    const char *name; /* as its speakers call it */
    const char *english;
    const char *about; /* what a chat shows before it begins: at most 512 characters */
    const char *brief; /* at most 120 */
    const struct menu_line *lines;
    size_t count;
};
/* The first is English, whose lines stand in `commands`: it is for whoever speaks none of these. */
extern const struct menu menus[];
extern const size_t menus_count;

struct account;
/* The tag of a person's language; "": not known. */
const char *account_language(const struct account *account);

/* Of a tag ("pt-br"), or of a language by any of its names; NULL: there is none. English for "en".
 */
const struct menu *menu_of(const char *language);

/* What that command does, in that language; English where it has no word for it. `menu` NULL too.
 */
const char *menu_about(const struct menu *menu, const char *command);

#endif
