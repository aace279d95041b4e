/* Pieces of JSON that several answers show. */
#include "tests/sandbox/city_inner.h"

static void image_name(const struct venue *venue, int number, char out[48])
{
    uint64_t a = mix((uint64_t)venue->id, 100 + (uint64_t)number), b = mix(a, 1), c = mix(b, 2);
    snprintf(out, 48, "%016llx%016llx%08x", (unsigned long long)a, (unsigned long long)b,
             (unsigned)c);
}

static void image_url(struct str *s, const struct venue *venue, const char *image,
                      const char *shape)
{
    json_addf(s, "`https://image.sandbox.example/3/003/2/%d/%s/%s`", venue->id, image, shape);
}

void json_images(struct str *s, const struct venue *venue)
{
    for (int i = 0; i < 3; i++) {
        char image[48];
        image_name(venue, i, image);
        str_add(s, i ? "," : "");
        image_url(s, venue, image, "jpg/640x360");
    }
}

static const struct shape {
    const char *ratio, *widths[4], *sizes[4];
} shapes[] = {
    {"1:1", {"200", "400", "800", "1600"}, {"200x200", "400x400", "800x800", "1600x1600"}},
    {"4:3", {"400", "800", "1600"}, {"400x300", "800x600", "1600x1200"}},
    {"16:9", {"400", "800", "1600"}, {"400x225", "800x450", "1600x900"}},
};

static void add_urls(struct str *s, const struct venue *venue, const char *image)
{
    json_addf(s, "`%s`:{", image);
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        json_addf(s, "%s`%s`:{", i ? "," : "", shapes[i].ratio);
        for (int k = 0; k < 4 && shapes[i].widths[k]; k++) {
            json_addf(s, "%s`%s`:", k ? "," : "", shapes[i].widths[k]);
            image_url(s, venue, image, shapes[i].sizes[k]);
        }
        str_addc(s, '}');
    }
    str_addc(s, '}');
}

static void add_urls_by_width(struct str *s, const struct venue *venue, const char *image)
{
    json_addf(s, "`%s`:{", image);
    for (int k = 0; k < 3; k++) {
        json_addf(s, "%s`%s`:{", k ? "," : "", shapes[1].widths[k]);
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
            json_addf(s, "%s`%s`:", i ? "," : "", shapes[i].ratio);
            image_url(s, venue, image, shapes[i].sizes[k]);
        }
        str_addc(s, '}');
    }
    str_addc(s, '}');
}

static void add_ratios(struct str *s)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        json_addf(s, "%s`%s`:{", i ? "," : "", shapes[i].ratio);
        for (int k = 0; k < 4 && shapes[i].widths[k]; k++)
            json_addf(s, "%s`%s`:`%s`", k ? "," : "", shapes[i].widths[k], shapes[i].sizes[k]);
        str_addc(s, '}');
    }
}

void json_responsive_images(struct str *s, const struct venue *venue)
{
    char images[3][48];
    json_addf(s, "{`originals`:{");
    for (int i = 0; i < 3; i++) {
        image_name(venue, i, images[i]);
        json_addf(s, "%s`%s`:{`url`:", i ? "," : "", images[i]);
        image_url(s, venue, images[i], "jpg/original");
        str_addc(s, '}');
    }
    json_addf(s, "},`urls`:{");
    for (int i = 0; i < 3; i++) {
        str_add(s, i ? "," : "");
        add_urls(s, venue, images[i]);
    }
    json_addf(s, "},`urls_by_resolution`:{");
    for (int i = 0; i < 3; i++) {
        str_add(s, i ? "," : "");
        add_urls_by_width(s, venue, images[i]);
    }
    json_addf(s, "},`file_names`:[`%s`,`%s`,`%s`],`aspect_ratios`:{", images[0], images[1],
              images[2]);
    add_ratios(s);
    str_add(s, "}}");
}

void json_content(struct str *s, const struct venue *venue, bool all)
{
    static const char *const names[] = {"why_we_like_it", "about", "need_to_know",
                                        "tagline",        "tips",  "from_the_venue"};
    for (size_t i = 0; i < (all ? ARRAY_LEN(names) : 1); i++) {
        bool bare = i == 4 && venue->id % 2;
        json_addf(s, "%s{`attribution`:null,`body`:", i ? "," : "");
        if (bare)
            str_add(s, "null");
        else if (i == 2)
            json_addf(s, "`Tables are released %d days ahead at 9 AM, local time.`",
                      venue->lead_days);
        else
            json_addf(s, "`%s is a place of the sandbox, in %s; nobody has eaten there yet.`",
                      venue->name, venue->hood);
        json_addf(s,
                  ",`display`:{`type`:`text`},`icon`:{`url`:%s},`locale`:%s,"
                  "`name`:`%s`,`title`:null}",
                  bare ? "null" : "\"https://image.sandbox.example/icons/heart.svg\"",
                  bare ? "null" : "{\"language\":\"en-us\"}", names[i]);
    }
}

void json_notify_options(struct str *s, const struct venue *venue, struct date day)
{
    char date[DATE_TEXT];
    date_text(day, date);
    json_addf(s,
              "{`service_type_id`:2,`min_request_datetime`:`%s 17:00:00`,"
              "`max_request_datetime`:`%s 22:00:00`,`step_minutes`:30}",
              date, date);
    if (venue->traits & VENUE_LUNCH)
        json_addf(s,
                  ",{`service_type_id`:3,`min_request_datetime`:`%s 12:00:00`,"
                  "`max_request_datetime`:`%s 14:30:00`,`step_minutes`:30}",
                  date, date);
}
