/* city_inner.h: what the files of the city share; nobody else includes it.
 *
 * Owner:   struct city owns everything here but the tables of city_data.c, which are constant.
 * Threads: see city.h. */
#ifndef TESTS_SANDBOX_CITY_INNER_H
#define TESTS_SANDBOX_CITY_INNER_H

#include "core/base/clock.h"
#include "core/base/str.h"
#include "tests/sandbox/city.h"

#include <cjson/cJSON.h>

#define BODY_MAX     ((size_t)8 << 20)
#define TURN_MINUTES 90
#define DAY_ANY      INT64_MAX
#define PARTY_ANY    0
#define SEATING_TEXT 40

/* --- city_data.c: who is where ------------------------------------------------------------- */

struct place {
    int id;
    const char *code, *name, *slug, *zone;
    double lat, lng;
    int radius_miles;
    const char *region, *country, *country_code, *currency, *symbol;
};

struct hood {
    const char *name, *place;
    double lat, lng;
};

enum venue_trait {
    VENUE_FULL = 1,        /* no table unless opened by order */
    VENUE_ALWAYS = 2,      /* a table at 19:00 whatever the day and party */
    VENUE_LUNCH = 4,       /* besides dinner */
    VENUE_BREAKFAST = 8,   /* instead of dinner */
    VENUE_NIGHT = 16,      /* seats until half past one */
    VENUE_SEATINGS = 32,   /* several seatings at one time */
    VENUE_FEE = 64,        /* cancellation fee at dinner */
    VENUE_DEPOSIT = 128,   /* paid at booking */
    VENUE_TOCK = 256,      /* slots without tokens, in search only */
    VENUE_RECAPTCHA = 512, /* feature_recaptcha */
    VENUE_ODD = 1024,      /* null wherever null was ever seen */
    VENUE_CLOSED = 2048,   /* no online inventory: empty calendar */
};

struct venue {
    int id;
    const char *name, *slug, *hood, *cuisine;
    int price, lead_days, max_party;
    int traits;
};

extern const struct venue city_venues[];
extern const size_t city_venue_count;
extern const struct place city_places[];
extern const size_t city_place_count;

struct list { /* curated: every so manieth venue, of one place or (code NULL) of all */
    int id, type;
    const char *name, *slug, *file, *code;
    int every;
};
extern const struct list city_lists[];
extern const size_t city_list_count;
bool venue_on_list(const struct venue *venue, const char *slug);

const struct venue *city_venue_by_id(int64_t id);
const struct venue *venue_by_slug(const char *slug);
const struct place *venue_place(const struct venue *venue);
void venue_geo(const struct venue *venue, double *lat, double *lng);
bool venue_asks_card(const struct venue *venue);

/* --- the city itself ----------------------------------------------------------------------- */

enum change_kind { CHANGE_OPEN, CHANGE_CLOSE, CHANGE_FULL };

struct change { /* an order of the control port; later ones win */
    enum change_kind kind;
    int venue_id;
    int64_t day; /* days since 1970 or DAY_ANY */
    int party;   /* or PARTY_ANY */
    int minute;
    int fee;
    char seating[SEATING_TEXT];
};

enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,
    FAULT_CHALLENGE,
    FAULT_HTML,
    FAULT_CUT,
    FAULT_HANG,
    FAULT_DRIP,
    FAULT_RESET,
    FAULT_EMPTY,
    FAULT_ENDLESS,
    FAULT_DEEP,
    FAULT_SHAPE,
    FAULT_NULL,
    FAULT_REDIRECT,
    FAULT_TYPE,
    FAULT_BAD_JSON,
    FAULT_KINDS,
};

struct fault {
    enum fault_kind kind;
    int code;
    int64_t count; /* -1: for ever */
    char path[64]; /* "" for all */
    int64_t venue_id;
    int delay_ms, retry_after_s;
    int64_t until_ms;
};

struct planned { /* a control line that waits for its time */
    int64_t at_ms;
    uint64_t order; /* among those of the same time */
    char *line;
};

struct entry { /* one line of the log */
    int64_t at_ms;
    char method[8];
    char path[256];
    int status;
};

#define LOG_ENTRIES 4096

struct tally {
    char path[64];
    int64_t count;
};

struct promise { /* a book_token that was given out */
    char value[80];
    int64_t expires_ms;
    int venue_id, party, minute, fee;
    int64_t day;
    char seating[SEATING_TEXT];
    double due; /* dollars at booking */
};

struct booking {
    int64_t id;
    struct promise what;
    bool cancelled;
};

struct city {
    uint64_t seed;
    uint64_t calls; /* drives what rotates */
    char key[64];
    int delay_ms;
    int drift; /* hits that each search counts more than the last */
    size_t drifted;
    struct zone **zones; /* one for each place */
    struct change *changes;
    size_t change_count, change_cap;
    struct fault *faults;
    size_t fault_count, fault_cap;
    struct planned *planned; /* sorted by time, the next one last */
    size_t planned_count, planned_cap;
    uint64_t planned_orders;
    struct entry *log; /* a ring of LOG_ENTRIES */
    uint64_t log_next;
    struct tally *paths;
    size_t path_count, path_cap;
    int64_t *venue_counts; /* as city_venues */
    int64_t total;
    size_t held, held_max;
    struct promise promises[32];
    size_t promise_next;
    struct booking *bookings;
    size_t booking_count, booking_cap;
};

/* --- city_ask.c: a request taken apart ----------------------------------------------------- */

struct field {
    char *name, *value;
};

struct ask {
    const struct city_request *request;
    char *path; /* without the query */
    struct field *query;
    size_t query_count, query_cap;
    struct field *form;
    size_t form_count, form_cap;
    cJSON *json; /* the body, if it is JSON; or what is in form field struct_data */
};

void ask_init(struct ask *ask, const struct city_request *request);
void ask_free(struct ask *ask);

/* Borrowed from the request or the ask; NULL if it is not there. */
const char *ask_header(const struct ask *ask, const char *name);
const char *ask_query(const struct ask *ask, const char *name);
const char *ask_form(const struct ask *ask, const char *name);

/* From JSON if there is a body of it, else from the query. A JSON text is no number. */
bool ask_number(const struct ask *ask, const char *name, double *ret);
const char *ask_text(const struct ask *ask, const char *name);

/* The venue that the request is about, or 0. */
int64_t ask_venue_id(const struct ask *ask);

/* A whole number of up to nine digits, nothing else; -1 otherwise. */
int64_t whole_number(const char *text);

/* --- writing JSON -------------------------------------------------------------------------- */

/* Formats, with each ` in the result written as a double quote. */
void json_addf(struct str *s, const char *fmt, ...) PRINTF(2, 3);

/* A JSON string with its quotes; `ascii` writes \u escapes, as some of Resy's answers do. */
void city_json_text(struct str *s, const char *text, bool ascii);

uint64_t mix(uint64_t a, uint64_t b);

/* --- answers ------------------------------------------------------------------------------- */

/* Takes the text of `body`. */
void answer_json(struct city_answer *ret, int status, struct str *body);
/* {"status":…,"message":…,"data":{field: reason}}; `field` may be NULL. */
void answer_error(struct city_answer *ret, int status, const char *message, const char *field,
                  const char *reason);
void answer_unauthorized(struct city_answer *ret);
bool ask_has_token(const struct ask *ask, struct city_answer *ret);

struct zone *city_zone(const struct city *city, const struct venue *venue);
struct date city_today(const struct city *city, const struct venue *venue, int64_t now_ms);

/* --- city_slots.c: which tables are free --------------------------------------------------- */

struct slot {
    int minute;  /* of the service day; over 1439 is the night after */
    int service; /* 2 dinner, 3 lunch, 5 breakfast */
    char seating[SEATING_TEXT];
    int size_min, size_max;
    int fee;      /* of an `open … fee N`, else 0 */
    bool opened;  /* by order, not by default alone */
    bool unnamed; /* no seating in the token */
};

struct slots {
    struct slot *at;
    size_t count, cap;
};

void slots_find(const struct city *city, int64_t now_ms, const struct venue *venue, struct date day,
                int party, struct slots *ret);
void city_slots_free(struct slots *slots);

/* Open to guests that day at all, by the venue's own plan. */
bool venue_serves(const struct city *city, const struct venue *venue, struct date day);

int slot_template(const struct venue *venue, const struct slot *slot);
/* Fills terms of a template id: fee for cancelling and deposit, 0 for none. */
void template_terms(const struct venue *venue, int template_id, int *fee, int *deposit);
void slot_token(struct str *s, const struct venue *venue, const struct slot *slot, struct date day,
                int party);
/* "2031-05-09 19:15:00"; 32 bytes. */
const char *slot_clock(struct date day, int minute, char out[32]);

/* --- the endpoints: each fills `ret` whole ------------------------------------------------- */

typedef void endpoint(struct city *city, int64_t now_ms, const struct ask *ask,
                      struct city_answer *ret);

endpoint find_answer, calendar_answer, search_answer, venue_answer, config_answer, places_answer,
    home_answer, script_answer, details_answer, book_answer, reservations_answer, cancel_answer,
    user_answer;

/* Parts that several answers show. */
void json_images(struct str *s, const struct venue *venue);
void json_responsive_images(struct str *s, const struct venue *venue);
void json_content(struct str *s, const struct venue *venue, bool all);
void json_notify_options(struct str *s, const struct venue *venue, struct date day);
void json_details_venue(struct str *s, const struct venue *venue); /* ends in a comma */
double venue_rating(const struct venue *venue, int *count);

/* --- city_control.c ------------------------------------------------------------------------ */

/* The first fault that fits and is not used up, counted down; `delay_ms` is the city's own too. */
void fault_take(struct city *city, int64_t now_ms, const struct ask *ask, struct city_answer *ret);

#endif
