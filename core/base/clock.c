#include "core/base/clock.h"

#include <glib.h>

/* GLib keeps its zones in a cache of its own behind locks that TSan cannot see; one lock of ours
 * around every call makes the order visible. Nothing is called while it is held but GLib. */
static pthread_mutex_t glib_lock = PTHREAD_MUTEX_INITIALIZER;

struct zone {
    GTimeZone *rules;
    char *name;
    bool kept; /* in the cache, for good */
};

/* Reading a zone's file costs more than parsing an answer. Names come from strangers too, so the
 * cache has a ceiling; over it a zone is read anew each time. */
#define ZONES_KEPT 64
static struct zone kept_zones[ZONES_KEPT]; /* protected by glib_lock, as is the count */
static size_t kept_count;

static struct zone *zone_kept(const char *name)
{
    for (size_t i = 0; i < kept_count; i++)
        if (!strcmp(kept_zones[i].name, name))
            return &kept_zones[i];
    return NULL;
}

struct zone *zone_new(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (!name || !*name || strlen(name) > 64 || *name == '/' || name[strspn(name, letters)])
        return NULL; /* a path: GLib would read any file, complain on stderr and leak */
    pthread_mutex_lock(&glib_lock);
    struct zone *zone = zone_kept(name);
    GTimeZone *rules = zone ? zone->rules : g_time_zone_new_identifier(name);
    if (!zone && rules) {
        bool room = kept_count < ZONES_KEPT;
        zone = room ? &kept_zones[kept_count++] : mem_new(1, sizeof(*zone));
        *zone = (struct zone){rules, room ? mem_text(name) : NULL, room};
    }
    pthread_mutex_unlock(&glib_lock);
    return zone;
}

void zone_free(struct zone *zone)
{
    if (!zone || zone->kept)
        return;
    pthread_mutex_lock(&glib_lock);
    g_time_zone_unref(zone->rules);
    pthread_mutex_unlock(&glib_lock);
    free(zone);
}

void zone_free_at(struct zone **zone)
{
    zone_free(*zone);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Seconds east of UTC, for an instant (type UNIVERSAL) or a shown time (STANDARD). */
static int64_t offset_at(const struct zone *zone, GTimeType type, int64_t *seconds)
{
    pthread_mutex_lock(&glib_lock);
    gint64 time = *seconds;
    gint interval = g_time_zone_adjust_time(zone->rules, type, &time);
    gint32 offset = interval >= 0 ? g_time_zone_get_offset(zone->rules, interval) : 0;
    pthread_mutex_unlock(&glib_lock);
    *seconds = time;
    return offset;
}

struct local zone_local(const struct zone *zone, int64_t utc_ms)
{
    int64_t utc = floor_div(utc_ms, 1000), at = utc;
    int64_t shown = utc + offset_at(zone, G_TIME_TYPE_UNIVERSAL, &at);
    int64_t days = floor_div(shown, 86400), rest = shown - days * 86400;
    return (struct local){date_of_days(days), (int)(rest / 60), (int)(rest % 60)};
}

int64_t zone_utc_ms(const struct zone *zone, struct date date, int minute)
{
    int64_t shown = date_days(date) * 86400 + (int64_t)minute * 60, asked = shown;
    /* Before the change and after it: take the earlier reading that really shows `asked`. */
    int64_t early = asked - 86400, late = asked + 86400;
    int64_t before = offset_at(zone, G_TIME_TYPE_UNIVERSAL, &early);
    int64_t after = offset_at(zone, G_TIME_TYPE_UNIVERSAL, &late);
    int64_t first = shown - MAX_OF(before, after), at = first;
    if (first + offset_at(zone, G_TIME_TYPE_UNIVERSAL, &at) == shown)
        return first * 1000;
    int64_t second = shown - MIN_OF(before, after);
    at = second;
    if (second + offset_at(zone, G_TIME_TYPE_UNIVERSAL, &at) == shown)
        return second * 1000;
    return (shown - before) * 1000; /* left out by the spring change: read with the old offset */
}

/* Howard Hinnant's days_from_civil: exact over the whole range, no tables. */
int64_t date_days(struct date date)
{
    int64_t y = date.year - (date.month <= 2);
    int64_t era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_of_days(int64_t days)
{
    int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct date){(int)(yoe + era * 400 + (month <= 2)), month,
                         (int)(doy - (153 * mp + 2) / 5 + 1)};
}

struct date date_add(struct date date, int64_t days)
{
    return date_of_days(date_days(date) + days);
}

bool date_valid(struct date d)
{
    if (d.year < 1900 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31)
        return false;
    return date_compare(date_of_days(date_days(d)), d) == 0;
}

int date_weekday(struct date date)
{
    int64_t days = date_days(date) + 4;
    return (int)(days - floor_div(days, 7) * 7);
}

int date_compare(struct date a, struct date b)
{
    int64_t x = date_days(a), y = date_days(b);
    if (x == y)
        return a.day - b.day; /* differs only if one of them is no real date */
    return x < y ? -1 : 1;
}

static int digits(const char *text, int count)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        n = n * 10 + text[i] - '0';
    }
    return n;
}

int date_parse(const char *text, struct date *ret)
{
    int year = digits(text, 4);
    if (year < 0 || text[4] != '-')
        return -1;
    int month = digits(text + 5, 2);
    if (month < 0 || text[7] != '-')
        return -1;
    struct date date = {year, month, digits(text + 8, 2)};
    if (!date_valid(date))
        return -1;
    *ret = date;
    return 0;
}

const char *date_text(struct date date, char out[DATE_TEXT])
{
    snprintf(out, DATE_TEXT, "%04u-%02u-%02u", (unsigned)date.year % 10000u,
             (unsigned)date.month % 100u, (unsigned)date.day % 100u);
    return out;
}

const char *date_words(struct date date, struct date today, char out[DATE_WORDS])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int n = snprintf(out, DATE_WORDS, "%s %s %d", days[date_weekday(date)],
                     months[(date.month + 11) % 12], date.day);
    if (date.year != today.year && n > 0)
        snprintf(out + n, (size_t)(DATE_WORDS - n), " %d", date.year);
    return out;
}

const char *clock_text(int minute, char out[CLOCK_TEXT])
{
    unsigned m = (unsigned)(minute % 1440);
    snprintf(out, CLOCK_TEXT, "%02u:%02u", m / 60 % 24, m % 60);
    return out;
}

const char *clock_words(int minute, char out[CLOCK_TEXT])
{
    unsigned m = (unsigned)(minute % 1440), hour = m / 60 % 24;
    snprintf(out, CLOCK_TEXT, "%u:%02u %s", hour % 12 ? hour % 12 : 12, m % 60,
             hour < 12 ? "AM" : "PM");
    return out;
}

const char *clock_say(int minute, bool hours24, char out[CLOCK_TEXT])
{
    return hours24 ? clock_text(minute, out) : clock_words(minute, out);
}

int clock_parse(const char *text)
{
    if (strlen(text) < 5 || text[2] != ':')
        return -1;
    int hour = digits(text, 2), minute = digits(text + 3, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return -1;
    if (text[5] == '\0')
        return hour * 60 + minute;
    if (text[5] != ':' || strlen(text) != 8 || digits(text + 6, 2) < 0 || digits(text + 6, 2) > 59)
        return -1;
    return hour * 60 + minute;
}

const char *span_words(int64_t ms, char out[SPAN_WORDS])
{
    long long s = ms < 0 ? 0 : ms / 1000 + (ms % 1000 >= 500);
    if (s < 100)
        snprintf(out, SPAN_WORDS, "%lld s", s);
    else if (s < 90 * 60)
        snprintf(out, SPAN_WORDS, "%lld min", (s + 30) / 60);
    else if (s < 48 * 3600 && s / 60 % 60)
        snprintf(out, SPAN_WORDS, "%lld h %lld min", s / 3600, s / 60 % 60);
    else if (s < 48 * 3600)
        snprintf(out, SPAN_WORDS, "%lld h", s / 3600);
    else
        snprintf(out, SPAN_WORDS, "%lld days", s / 86400);
    return out;
}
