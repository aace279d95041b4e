/* What becomes of what was to be said, where saying it goes wrong. In the virtual world. */
#include "tests/test.h"

#include "db/spent.h"
#include "tests/world.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)

static const struct world_setup ten_seconds = {.interval_ms = 10 * SECOND};

static void lost_and_closed(struct world *w)
{
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 30 * SECOND);
    w->lose = 1;
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    while (!world_count(w, "alert"))
        world_pass(w, SECOND);
    w->offline = true; /* the repeat cannot be sent before the table is gone */
    world_city(w, "close sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "Gone at "));
    CHECK(w, notice && strstr(notice->text, "if I told you of it"));
    CHECK(w, notice && strstr(notice->text, "Sorrel & Ash, Fri May 9, 2 people"));
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 2); /* told anew: the first may never have arrived */
}

TEST(an_alert_that_may_have_arrived_and_is_over_is_said_to_be_over)
{
    SEEDS(&ten_seconds, lost_and_closed);
}

static void refused(struct world *w)
{
    world_say(w, "/status"); /* the owner is there */
    world_say_as(w, "ann", "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_say_as(w, "ann", "/watch Lark 2031-05-09 2 8pm");
    world_pass(w, 30 * SECOND);
    w->deny = "ann";
    world_city(w, "open sorrel-and-ash 2031-05-09 2 20:15");
    world_city(w, "open lark 2031-05-09 2 20:15");
    world_pass(w, 5 * MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    CHECK(w, world_count(w, "notice") == 1); /* one, for two refusals */
    const struct sent *notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "refuses my messages"));
    CHECK(w, notice && strstr(notice->text, "blocked by the user"));
    CHECK(w, strstr(world_say(w, "/status"), "a chat refuses my messages"));
    w->deny = NULL;
    world_say_as(w, "ann", "/watches");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "notice") == 2);
    CHECK(w, world_count(w, "alert") == 1); /* the first was refused, the second has waited */
    notice = world_last(w, "notice");
    CHECK(w, notice && strstr(notice->text, "takes my messages again"));
    CHECK(w, !strstr(world_say(w, "/status"), "refuses"));
}

TEST(a_chat_that_refuses_for_good_is_told_to_the_owner_once_and_once_when_it_is_over)
{
    SEEDS(&ten_seconds, refused);
}

static int read_spent(struct db_conn *conn, void *arg, struct err *err)
{
    struct spent list[100];
    size_t count;
    int64_t *ret = arg;
    if (spent_between(conn, 0, INT64_MAX, list, ARRAY_LEN(list), &count, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        *ret += list[i].requests;
    return 0;
}

static void spends(struct world *w)
{
    struct err err = ERR_INIT;
    int64_t written = 0;
    world_say(w, "/watch Sorrel & Ash 2031-05-09 2 8pm");
    world_pass(w, 10 * MINUTE + 31 * SECOND);
    CHECK(w, db_read(w->db, read_spent, &written, &err) == 0);
    int64_t asked = world_requests(w, "/4/find");
    CHECK(w, written > asked - 10 && written <= asked + 5);
    struct resy *resy = w->services->resy;
    struct resy_options options = {.base_url = "http://x",
                                   .web_base = "http://x",
                                   .a_minute = 40,
                                   .an_hour = 1000,
                                   .api_key = "k"};
    w->services->resy = resy_new(&w->http, &options); /* as after a restart */
    CHECK(w, spent_load(w->services, &err) == 0);
    struct budget_use use = budget_use(resy_budget(w->services->resy), env_mono_ms(w->env));
    CHECK(w, use.last_hour == written);
    CHECK(w, use.last_minute <= 14);
    resy_free(w->services->resy);
    w->services->resy = resy;
    world_pass(w, 2 * 60 * MINUTE);
    written = 0;
    CHECK(w, db_read(w->db, read_spent, &written, &err) == 0);
    CHECK(w, written < 61 * 7);
}

TEST(what_was_asked_in_an_hour_outlives_a_restart)
{
    WORLD(1, &ten_seconds, spends);
}

static void many_at_once(struct world *w)
{
    world_city(w, "full lark any 2");
    SAYS("watch lark any day in may for 2", " days from ");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 0);
    world_city(w, "open lark any 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 20);
    size_t digests = world_count(w, "digest"), told = 20;
    CHECK(w, digests == 1);
    const struct sent *digest = world_last(w, "digest");
    if (digest)
        told += (size_t)cJSON_GetArraySize(json_array(digest->message, "alerts"));
    CHECK(w, told >= 26 && told <= 27); /* nothing is lost by it */
    CHECK(w, digest && strstr(digest->text, "Many tables opened at once:\n- Lark, "));
    CHECK(w, digest && cJSON_GetArraySize(json_array(digest->message, "buttons")) == 4);
    world_pass(w, 10 * MINUTE);
    CHECK(w, world_count(w, "alert") == 20 && world_count(w, "digest") == 1);
    SAYS("/status", "Messages waiting to be sent: 0.");
    digest = world_last(w, "digest");
    world_city(w, "full lark %s 2", json_text_or(digest->message, "alerts.0.date", ""));
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "edit") == 1);
    const struct sent *edit = world_last(w, "edit");
    CHECK(w, edit && strstr(edit->text, "2 people: gone at "));
    CHECK(w, edit && strstr(edit->text, "2 people: 8:15 PM"));
    CHECK(w, edit && !strcmp(json_text_or(edit->message, "state", ""), "open"));
}

TEST(more_alerts_than_anybody_reads_become_a_digest_that_loses_none)
{
    SEEDS(&ten_seconds, many_at_once);
}

static void lost_digest(struct world *w)
{
    world_city(w, "full lark any 2");
    world_say(w, "watch lark any day in may for 2");
    world_pass(w, MINUTE);
    w->offline = true;
    world_city(w, "open lark any 2 20:15");
    world_pass(w, 5 * MINUTE);
    world_city(w, "full lark 2031-05-30 2");
    world_pass(w, MINUTE);
    w->offline = false;
    orchestrator_attended(w->orchestrator, "test", "bot");
    world_pass(w, 2 * MINUTE);
    CHECK(w, world_count(w, "alert") == 20 && world_count(w, "digest") == 1);
    const struct sent *digest = world_last(w, "digest");
    CHECK(w, digest && cJSON_GetArraySize(json_array(digest->message, "alerts")) >= 5);
    CHECK(w, digest && !strstr(digest->text, "May 30")); /* gone before it could be told */
}

TEST(a_digest_tells_what_is_open_when_it_is_sent)
{
    SEEDS(&ten_seconds, lost_digest);
}

MAIN(cmocka_unit_test(more_alerts_than_anybody_reads_become_a_digest_that_loses_none),
     cmocka_unit_test(a_digest_tells_what_is_open_when_it_is_sent),
     cmocka_unit_test(an_alert_that_may_have_arrived_and_is_over_is_said_to_be_over),
     cmocka_unit_test(
         a_chat_that_refuses_for_good_is_told_to_the_owner_once_and_once_when_it_is_over),
     cmocka_unit_test(what_was_asked_in_an_hour_outlives_a_restart))
