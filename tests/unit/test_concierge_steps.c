/* What the agent with a language model remembers: the steps of a run, over a crash too, and what
 * they leave for later messages. */
#include "core/agents/concierge/turn.h"
#include "db/llm_use.h"
#include "tests/test.h"
#include "tests/unit/chats.h"
#include "tests/unit/models.h"

#define DAY "2031-05-09"

static const struct world_setup with_model = {.interval_ms = 10 * SECOND, .model = true};

/* --- after a crash --- */

/* In a file, so that it can be opened again. */
static const struct world_setup with_both = {
    .interval_ms = 10 * SECOND, .model = true, .telegram = true, .owner = "telegram:42"};

static int forget_results(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return db_exec(conn, err, "delete from run_step where kind = 'result' and step > 1", "");
}

/* Two watches are begun, then the model hangs and the program goes down. */
static void interrupted(struct world *w, bool results_lost)
{
    struct err err = ERR_INIT;
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "also start_watch {\"query\":\"Thimble\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "say never");
    model(w, "hang");
    say(w, OWNER, "watch lark and thimble on friday for two");
    world_pass(w, 20 * SECOND);
    CHECK(w, asked(w) == 2);
    if (results_lost)
        CHECK(w, !db_write(w->db, forget_results, NULL, &err));
    model(w, "say Both are watched.");
    world_restart(w);
    HEARS(OWNER, "Both are watched.");
    CHECK(w, asked(w) == 3); /* what it had said was not asked again */
    CHECK(w, last_request_has(w, "Watch 1 is on: Lark") &&
                 last_request_has(w, "Watch 2 is on: Thimble"));
    say(w, OWNER, "/watches");
    HEARS(OWNER, "1: Lark");
    order(w, "press 42 42 Stop watch 2"); /* its button came over too */
    HEARS(OWNER, "Watch 2 (Thimble, Fri May 9) is stopped");
    CHECK(w, !saying(w, OWNER, "3: "));
}

static void goes_on(struct world *w)
{
    interrupted(w, false);
}

static void acts_once(struct world *w)
{
    interrupted(w, true);
}

TEST(a_run_goes_on_from_its_last_step)
{
    ON_DISK(&with_both, goes_on);
}

TEST(what_acts_is_not_done_again_where_its_result_was_lost)
{
    ON_DISK(&with_both, acts_once);
}

/* The program goes down while a tool waits for the provider: that is no result. */
static void in_a_tool(struct world *w)
{
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "say Lark is watched.");
    world_city(w, "delay 8000");
    say(w, OWNER, "watch lark on friday for two");
    world_pass(w, 4 * SECOND);
    CHECK(w, asked(w) == 1);
    world_restart(w);
    world_city(w, "delay 0");
    HEARS(OWNER, "Lark is watched.");
    CHECK(w, asked(w) == 2 && last_request_has(w, "Watch 1 is on: Lark"));
}

TEST(a_tool_that_was_interrupted_is_run_when_the_run_goes_on)
{
    ON_DISK(&with_both, in_a_tool);
}

static void stopped_between(struct world *w)
{
    say(w, OWNER, "/watch Thimble " DAY " 2");
    HEARS(OWNER, "Watch 1 is on");
    model(w, "call find_venue {\"query\":\"Lark\"}");
    model(w, "also stop_watch {\"id\":1}");
    model(w, "say Both done.");
    world_city(w, "delay 8000");
    say(w, OWNER, "where is lark? and stop watching thimble");
    world_pass(w, 4 * SECOND);
    order(w, "stop 42");
    HEARS(OWNER, "Stopped.");
    world_city(w, "delay 0");
    say(w, OWNER, "/watches");
    HEARS(OWNER, "1: Thimble");
    CHECK(w, asked(w) == 1);
}

TEST(after_a_stop_nothing_more_is_done)
{
    ON_DISK(&with_both, stopped_between);
}

/* --- reads beside each other --- */

static void beside(struct world *w)
{
    model(w, "call find_venue {\"query\":\"Lark\"}");
    model(w, "also find_venue {\"query\":\"Thimble\"}");
    model(w, "also find_venue {\"query\":\"Lumen\"}");
    model(w, "also list_my_watches {}");
    model(w, "say Three places.");
    world_city(w, "delay 2000");
    int64_t begun = env_mono_ms(w->env);
    SAYS("tell me about lark", "Three places.");
    int64_t took = env_mono_ms(w->env) - begun;
    world_city(w, "delay 0");
    CHECK(w, took >= 2000);
    model(w, "call find_venue {\"query\":\"Harrow Finch\"}");
    model(w, "say One.");
    world_city(w, "delay 2000");
    begun = env_mono_ms(w->env);
    SAYS("and harrow finch?", "One.");
    world_city(w, "delay 0");
    int64_t one = env_mono_ms(w->env) - begun;
    world_check(w, took < 2 * one, "three took %lld ms, one %lld", (long long)took, (long long)one);
    /* in the order in which they were asked for */
    auto_json json = world_model(w, "asked");
    const char *last = json_text_or(json, "last", "");
    const char *lark = strstr(last, "\\\"Lark\\\""), *lumen = strstr(last, "\\\"Lumen\\\"");
    CHECK(w, lark && lumen && lark < lumen);
    CHECK(w, asked(w) == 4);
}

TEST(what_only_looks_runs_beside_what_only_looks)
{
    SEEDS(&with_model, beside);
}

/* --- what later messages read --- */

static void remembers(struct world *w)
{
    world_city(w, "open sorrel-and-ash any 2 20:15");
    model(w, "call search_venues_with_availability {\"query\":\"Sorrel & Ash\",\"date\":\"" DAY
             "\",\"party_size\":2}");
    model(w, "say It has a table.");
    SAYS("sorrel on friday for two?", "It has a table.");
    model(w, "say At 8:15.");
    SAYS("when exactly?", "At 8:15.");
    CHECK(w, last_request_has(w, "\"tool_calls\"") && last_request_has(w, "20:15"));
    model(w, "say Yes.");
    model(w, "always");
    for (int i = 0; i < 6; i++)
        SAYS("sure?", "Yes.");
    CHECK(w, last_request_has(w, "\"tool_calls\"") && !last_request_has(w, "20:15"));
    CHECK(w, last_request_has(w, "Left out since"));
    asked(w);
    SAYS("/new", "Forgotten");
    SAYS("sure?", "Yes.");
    CHECK(w, !last_request_has(w, "\"tool_calls\""));
}

TEST(results_are_read_again_and_old_ones_in_short)
{
    WORLD(1, &with_model, remembers);
}

static int spend(struct db_conn *conn, void *arg, struct err *err)
{
    (void)arg;
    return llm_use_add(conn, 1, "2031-05-05", 40 * 30000, err);
}

static void spent(struct world *w)
{
    struct err err = ERR_INIT;
    model(w, "say Hello.");
    model(w, "always");
    SAYS("hi there", "Hello.");
    int64_t so_far = asked(w);
    CHECK(w, !db_write(w->db, spend, NULL, &err));
    SAYS("lark on friday for 2 at 8pm",
         "You have used up the language model's share of a day. I take you at your word instead."
         "\n\nLark, Fri May 9, 2 people");
    CHECK(w, asked(w) == so_far);
    CHECK(w, strstr(world_say_as(w, "somebody else", "hi there"), "Hello."));
    world_pass(w, 24 * 60 * MINUTE);
    SAYS("hi there", "Hello."); /* another day */
}

TEST(whoever_has_used_up_their_day_goes_on_by_commands)
{
    static const struct world_setup seldom = {.interval_ms = 24 * 60 * MINUTE, .model = true};
    WORLD(1, &seldom, spent);
}

/* --- repair --- */

static uint32_t chance(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static cJSON *record(const char *kind, const char *text)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "kind", kind);
    cJSON_AddStringToObject(item, "text", text);
    return item;
}

/* A conversation as it should be: words, calls, a result for each. */
static cJSON *conversation(uint32_t *state)
{
    cJSON *records = cJSON_CreateArray();
    for (uint32_t turn = 0; turn < 6; turn++) {
        cJSON_AddItemToArray(records, record("person", "hello"));
        for (uint32_t step = chance(state, 3); step > 0; step--) {
            cJSON *answer = record("answer", chance(state, 2) ? "let me see" : "");
            cJSON *calls = cJSON_AddArrayToObject(answer, "calls");
            uint32_t count = 1 + chance(state, 3);
            cJSON_AddItemToArray(records, answer);
            for (uint32_t i = 0; i < count; i++) {
                char id[16];
                cJSON *call = cJSON_CreateObject(), *result = record("result", "{\"ok\":true}");
                snprintf(id, sizeof(id), "c%u%u%u", (unsigned)turn, (unsigned)step, (unsigned)i);
                cJSON_AddStringToObject(call, "id", id);
                cJSON_AddStringToObject(call, "name", "list_my_watches");
                cJSON_AddStringToObject(call, "arguments", "{}");
                cJSON_AddItemToArray(calls, call);
                cJSON_AddStringToObject(result, "id", id);
                cJSON_AddItemToArray(records, result);
            }
        }
        cJSON_AddItemToArray(records, record("ours", "there it is"));
    }
    return records;
}

TEST(whatever_is_missing_of_a_conversation_makes_no_request_that_is_refused)
{
    uint32_t state = 7;
    for (int round = 0; round < 3000; round++) {
        auto_json records = conversation(&state);
        for (uint32_t gone = chance(&state, 12); gone > 0 && cJSON_GetArraySize(records); gone--)
            cJSON_DeleteItemFromArray(records,
                                      (int)chance(&state, (uint32_t)cJSON_GetArraySize(records)));
        auto_json body = cJSON_CreateObject();
        auto_json again = cJSON_CreateArray();
        cJSON *messages = cJSON_AddArrayToObject(body, "messages");
        records_render(records, messages);
        records_render(records, again);
        assert_true(cJSON_Compare(messages, again, true));
        history_add(messages, false, "and now?");
        const char *wrong = model_wrong(body);
        if (wrong)
            fail_msg("round %d: %s", round, wrong);
    }
}

MAIN(cmocka_unit_test(a_run_goes_on_from_its_last_step),
     cmocka_unit_test(what_acts_is_not_done_again_where_its_result_was_lost),
     cmocka_unit_test(a_tool_that_was_interrupted_is_run_when_the_run_goes_on),
     cmocka_unit_test(after_a_stop_nothing_more_is_done),
     cmocka_unit_test(what_only_looks_runs_beside_what_only_looks),
     cmocka_unit_test(results_are_read_again_and_old_ones_in_short),
     cmocka_unit_test(whoever_has_used_up_their_day_goes_on_by_commands),
     cmocka_unit_test(whatever_is_missing_of_a_conversation_makes_no_request_that_is_refused))
