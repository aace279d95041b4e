/* guide.h: restaurants that everybody wants, as a printed guide lists them: facts, no prose.
 *
 * The names are the guide's, which the provider may write otherwise, and some are not there at all:
 * each is resolved to an id before it is watched. Wherever a list is shown, its guide is named.
 * Threads: constants. */
#ifndef CORE_DATA_GUIDE_H
#define CORE_DATA_GUIDE_H

#include "core/base/base.h"

struct guide_place {
    const char *name, *kind, *area;
};
struct guide {
    const char *title;  /* "Toughest Reservations" */
    const char *called; /* what people call it, folded: "toughest" */
    const char *credit, *url, *as_of;
    const char *city; /* its code */
    const struct guide_place *places;
    size_t count;
};
extern const struct guide guides[];
extern const size_t guides_count;

#endif
