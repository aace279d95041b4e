/* The agent with a language model, over a model that a test scripts. */
#include "core/agents/concierge/schema.h"
#include "core/agents/concierge/tools.h"
#include "core/llm/client.h"
#include "tests/test.h"
#include "tests/unit/chats.h"
#include "tests/unit/models.h"

#include <ctype.h>

#define DAY "2031-05-09"

extern const char concierge_md[];

static const struct world_setup with_model = {.interval_ms = 10 * SECOND, .model = true};
static const struct world_setup in_chat = {
    .interval_ms = 10 * SECOND, .model = true, .telegram = true, .owner = "telegram:42"};

static void searches(struct world *w)
{
    world_city(w, "open sorrel-and-ash any 2 20:15");
    model(w, "call search_venues_with_availability {\"query\":\"Sorrel & Ash\",\"date\":\"" DAY
             "\",\"party_size\":2,\"time_from\":\"19:00\",\"time_to\":\"21:00\"}");
    model(w, "say **Sorrel & Ash** has a table at 8:15 PM on Friday.");
    SAYS("is there a table at sorrel on friday for two, about eight?",
         "**Sorrel & Ash** has a table at 8:15 PM on Friday.");
    CHECK(w, asked(w) == 2);
    CHECK(w, last_request_has(w, "20:15"));
    CHECK(w, last_request_has(w, "[now: Mon 2031-05-05 12:00 in New York"));
    CHECK(w, last_request_has(w, "Fri 2031-05-09"));
    const struct sent *reply = world_last(w, "reply");
    CHECK(w, reply && json_object(reply->message, "venues"));
    bool markdown = false;
    json_flag(reply->message, "markdown", &markdown);
    CHECK(w, markdown);
    SAYS("/log", "search_venues_with_availability");
}

TEST(a_wish_in_words_becomes_a_search_with_cards)
{
    SEEDS(&with_model, searches);
}

static void watches(struct world *w)
{
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"" DAY
             "\",\"party_size\":\"2\",\"time_from\":\"19:00\",\"time_to\":\"21:00\"}");
    model(w, "say I watch Lark for you.");
    SAYS("tell me when lark has something", "I watch Lark for you.");
    SAYS("/watches", "1: Lark, Fri May 9, 2 people, 7:00 PM to 9:00 PM");
    world_city(w, "open lark any 2 20:15");
    world_pass(w, MINUTE);
    CHECK(w, world_count(w, "alert") == 1);
    CHECK(w, asked(w) == 2); /* alerts never pass through it */
    /* the conversation is remembered, and /new forgets it */
    model(w, "say Yes.");
    SAYS("do you watch it?", "Yes.");
    CHECK(w, last_request_has(w, "tell me when lark has something"));
    CHECK(w, last_request_has(w, "I watch Lark for you."));
    SAYS("/new", "");
    model(w, "say Hello.");
    SAYS("hi there", "Hello.");
    CHECK(w, !last_request_has(w, "lark has something"));
}

TEST(a_watch_is_begun_and_its_alert_needs_no_model)
{
    SEEDS(&with_model, watches);
}

static void errors_go_back(struct world *w)
{
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"2031-02-30\",\"party_size\":99}");
    model(w, "call fly_to_the_moon {}");
    model(w, "call list_my_watches [1]");
    model(w, "call book_venue {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "say I could not.");
    SAYS("do something odd", "I could not.");
    CHECK(w, asked(w) == 5);
    CHECK(w, last_request_has(w, "must be a date that exists"));
    CHECK(w, last_request_has(w, "must be at most 20"));
    CHECK(w, last_request_has(w, "There is no tool fly_to_the_moon"));
    CHECK(w, last_request_has(w, "no JSON object"));
    CHECK(w, last_request_has(w, "Booking is switched off here"));
    SAYS("/watches", "You watch nothing");
}

TEST(what_goes_wrong_in_a_call_goes_back_to_the_model)
{
    WORLD(1, &with_model, errors_go_back);
}

static void several(struct world *w)
{
    model(w, "call list_my_watches {}");
    model(w, "also get_infatuation_hard_to_get {}");
    model(w, "say Nothing yet.");
    SAYS("what do I watch, and what is hard to get?", "Nothing yet.");
    CHECK(w, asked(w) == 2);
}

TEST(several_calls_of_one_answer_are_answered_each)
{
    WORLD(1, &with_model, several);
}

static void refs(struct world *w)
{
    char ref[24] = "", order[300];
    model(w, "call search_venues_with_availability {\"query\":\"\",\"date\":\"" DAY
             "\",\"party_size\":2}");
    model(w, "say There are some.");
    SAYS("anything on friday for two?", "There are some.");
    auto_json json = world_model(w, "asked");
    const char *at = strstr(json_text_or(json, "last", ""), "\\\"ref\\\":\\\"v");
    CHECK(w, at);
    sscanf(at ? at + 10 : "", "%20[a-z0-9]", ref);
    const struct sent *reply = world_last(w, "reply");
    const char *name = json_text_or(reply->message, "venues.venues.0.name", "?");
    auto_text expected = mem_text(name);
    snprintf(order, sizeof(order),
             "call start_watch {\"query\":\"\",\"ref\":\"%s\",\"date\":\"" DAY
             "\",\"party_size\":2}",
             ref);
    model(w, order);
    model(w, "call start_watch {\"query\":\"\",\"ref\":\"v1abc\",\"date\":\"" DAY
             "\",\"party_size\":2}");
    model(w, "say Done.");
    SAYS("watch the first", "Done.");
    CHECK(w, last_request_has(w, "That ref is of no restaurant"));
    SAYS("/watches", expected);
    CHECK(w, !strstr(world_last(w, "reply")->text, "2: "));
}

TEST(a_restaurant_of_a_result_goes_by_a_ref_that_only_we_can_make)
{
    SEEDS(&with_model, refs);
}

static void two_watches(struct world *w)
{
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "also start_watch {\"query\":\"Thimble\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "say Both are watched.");
    SAYS("watch lark and thimble", "Both are watched.");
    SAYS("/watches", "1: Lark");
    SAYS("/watches", "2: Thimble");
}

TEST(one_message_may_begin_several_watches)
{
    WORLD(1, &with_model, two_watches);
}

static void loops(struct world *w)
{
    model(w, "call list_my_watches {}");
    model(w, "always");
    world_say(w, "go round in circles");
    CHECK(w, asked(w) == 8); /* and no further */
    CHECK(w, last_request_has(w, "\"tool_choice\":\"none\""));
    CHECK(w, last_request_has(w, "You did just this already"));
}

TEST(a_model_that_goes_in_circles_comes_to_an_end)
{
    WORLD(1, &with_model, loops);
}

static void down(struct world *w)
{
    model(w, "fault 503 overloaded");
    model(w, "always");
    SAYS("lark on friday for 2 at 8pm",
         "The language model does not answer just now. I take you at "
         "your word instead.\n\nLark, Fri May 9, 2 people");
    CHECK(w, asked(w) == 3);
    SAYS("/watches", "You watch nothing");
    CHECK(w, asked(w) == 3);
    SAYS("lark on friday for 2 at 8pm", "your word");
    world_pass(w, 10 * SECOND);
    CHECK(w, world_last(w, "notice") &&
                 strstr(world_last(w, "notice")->text, "The language model does not answer"));
    size_t notices = world_count(w, "notice");
    int64_t so_far = asked(w);
    SAYS("lark on friday for 2 at 8pm", "your word");
    CHECK(w, asked(w) == so_far); /* it rests */
    CHECK(w, world_count(w, "notice") == notices);
}

TEST(without_the_model_the_wish_is_answered_all_the_same_and_the_owner_hears_once)
{
    WORLD(1, &with_model, down);
}

static void busy(struct world *w)
{
    model(w, "fault 429 Rate limit reached for requests");
    model(w, "retry 7");
    model(w, "say Hello.");
    int64_t begun = env_mono_ms(w->env);
    SAYS("hi there", "Hello.");
    int64_t took = env_mono_ms(w->env) - begun;
    CHECK(w, asked(w) == 2 && took >= 7 * SECOND && took < 9 * SECOND);
    model(w, "fault 429 Rate limit reached for requests");
    model(w, "retry 3600");
    begun = env_mono_ms(w->env);
    SAYS("lark on friday for 2 at 8pm", "busy just now. I take you at your word instead.");
    CHECK(w, asked(w) == 3 && env_mono_ms(w->env) - begun < 5 * SECOND);
}

TEST(a_busy_model_is_given_the_time_that_it_asks_for_if_there_is_any)
{
    WORLD(1, &with_model, busy);
}

static void over(struct world *w)
{
    model(w, "fault 429 insufficient_quota: you exceeded your current quota");
    model(w, "say Hello again.");
    SAYS("lark on friday for 2 at 8pm", "credit is used up");
    CHECK(w, asked(w) == 1); /* that is not tried again */
    world_pass(w, 10 * SECOND);
    CHECK(w, world_last(w, "notice") &&
                 strstr(world_last(w, "notice")->text, "its credit is used up"));
    size_t notices = world_count(w, "notice");
    SAYS("hello", "Hello again.");
    world_pass(w, 10 * SECOND);
    CHECK(w, world_count(w, "notice") == notices + 1); /* that it is over */
}

TEST(a_quota_is_no_rate_limit)
{
    WORLD(1, &with_model, over);
}

static void cut_short(struct world *w)
{
    model(w, "say Once upon a time there was a table at a place that nobody knew.");
    model(w, "cut");
    model(w, "say Lark has nothing.");
    world_say(w, "tell me a story");
    const struct sent *reply = world_last(w, "reply");
    CHECK(w, reply && !strstr(reply->text, "nobody knew"));
    CHECK(w, reply && strstr(reply->text, "does not answer"));
    model(w, "raw data: "
             "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{"
             "\"name\":\"start_watch\",\"arguments\":\"{\\\"query\\\":\\\"Lark\\\"\"}}]},"
             "\"finish_reason\":\"length\"}]}\\n\\ndata: [DONE]\\n\\n");
    world_say(w, "watch lark");
    SAYS("/watches", "You watch nothing");
}

TEST(what_is_cut_is_no_answer_and_no_call)
{
    WORLD(1, &with_model, cut_short);
}

static void disguised(struct world *w)
{
    model(w, "say <tool_call>{\"name\":\"start_watch\"}</tool_call>");
    model(w, "say Which day?");
    SAYS("watch lark", "Which day?");
    const struct sent *reply = world_last(w, "reply");
    CHECK(w, reply && !strstr(reply->text, "tool_call"));
    model(w, "raw data: {\"choices\":[{\"delta\":{\"content\":\"```json\\\\n{\\\"name\\\":"
             "\\\"stop_watch\\\",\\\"parameters\\\":{}}\"}}]}\\n\\ndata: [DONE]\\n\\n");
    model(w, "say No calls.");
    SAYS("again", "No calls.");
    model(w, "say ");
    model(w, "say Here I am.");
    SAYS("hello?", "Here I am.");
    SAYS("/watches", "You watch nothing");
}

TEST(a_call_in_disguise_is_neither_run_nor_shown_and_an_empty_answer_is_asked_again)
{
    WORLD(1, &with_model, disguised);
}

static void learns(struct world *w)
{
    model(w, "fault 400 Unsupported parameter: stream_options is not supported");
    model(w, "say Hello.");
    SAYS("hi there", "Hello.");
    CHECK(w, asked(w) == 2 && !last_request_has(w, "stream_options"));
    model(w, "say Again.");
    SAYS("hi there", "Again.");
    CHECK(w, asked(w) == 3 && !last_request_has(w, "stream_options"));
}

TEST(what_a_server_refuses_is_left_out_from_then_on)
{
    WORLD(1, &with_model, learns);
}

static void stops(struct world *w)
{
    model(w, "say never");
    model(w, "hang");
    say(w, OWNER, "tell me a long story");
    world_pass(w, 5 * SECOND);
    order(w, "stop 42");
    HEARS(OWNER, "Stopped.");
    int64_t begun = env_wall_ms(w->env);
    model(w, "hang");
    say(w, OWNER, "tell me another");
    world_pass(w, SECOND);
    say(w, OWNER, "/watches");
    HEARS(OWNER, "You watch nothing"); /* commands never wait for a model */
    CHECK(w, env_wall_ms(w->env) - begun < 3 * SECOND);
}

TEST(stop_gives_up_what_the_model_is_at_and_commands_do_not_wait_for_it)
{
    WORLD(1, &in_chat, stops);
}

static void thinks_long(struct world *w)
{
    model(w, "say never");
    model(w, "hang");
    model(w, "always");
    say(w, OWNER, "tell me a long story");
    world_pass(w, 110 * SECOND); /* a draft lives 30 s and is shown again after 20 */
    int64_t drafts = number_in(w, "calls", "sendMessageDraft");
    world_check(w, drafts >= 5, "%lld drafts", (long long)drafts);
    order(w, "stop 42");
    HEARS(OWNER, "Stopped.");
}

TEST(who_thinks_for_long_is_seen_to_think)
{
    WORLD(1, &in_chat, thinks_long);
}

static void stopped_after(struct world *w)
{
    model(w, "call start_watch {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2}");
    model(w, "say never");
    model(w, "hang");
    say(w, OWNER, "watch lark");
    world_pass(w, 10 * SECOND);
    order(w, "stop 42");
    HEARS(OWNER, "Stopped. Before that:\nWatch 1 is on: Lark");
}

TEST(what_was_done_before_a_stop_is_said)
{
    WORLD(1, &in_chat, stopped_after);
}

static void crowded(struct world *w)
{
    order(w, "group %lld 42 /watches", GROUP);
    HEARS(GROUP, "You watch nothing");
    model(w, "say First.");
    order(w, "group %lld 77 @" BOT_NAME " words-of-another", GROUP);
    HEARS(GROUP, "First.");
    model(w, "say Second.");
    order(w, "group %lld 42 @" BOT_NAME " hello", GROUP);
    HEARS(GROUP, "Second.");
    CHECK(w, !last_request_has(w, "words-of-another"));
    order(w, "group %lld 42 /log", GROUP);
    HEARS(GROUP, "for you alone");
}

TEST(in_a_crowd_nobody_speaks_for_another)
{
    WORLD(1, &in_chat, crowded);
}

static void late_and_down(struct world *w)
{
    say(w, OWNER, "/help");
    HEARS(OWNER, "I find tables");
    model(w, "fault 503 overloaded");
    model(w, "always");
    order(w, "fault getUpdates status 500");
    world_pass(w, MINUTE);
    say(w, OWNER, "lark friday for 2");
    world_pass(w, 30 * MINUTE);
    order(w, "calm");
    HEARS(OWNER, "your word instead");
    CHECK(w, saying(w, OWNER, "Sorry, I was away when you wrote") == 1);
}

TEST(an_apology_outlives_a_model_that_is_down)
{
    WORLD(1, &in_chat, late_and_down);
}

static void claims(struct world *w)
{
    model(w, "say Good news! I’ve booked Lark for Friday.");
    SAYS("did it work?", "Only a card of mine says what is booked");
    model(w, "say Lark is fully booked on Friday.");
    SAYS("and friday?", "fully booked");
    CHECK(w, !strstr(world_last(w, "reply")->text, "Only a card"));
}

TEST(a_model_that_says_that_it_booked_is_contradicted)
{
    WORLD(1, &with_model, claims);
}

static void hostile(struct world *w)
{
    model(w, "call find_venue {\"query\":\"Lark\"}");
    model(w, "say It is in New York.");
    SAYS("where is lark?", "It is in New York.");
    CHECK(w, last_request_has(w, "untrusted_text"));
    auto_json json = world_model(w, "asked");
    auto_json body = json_parse(json_text_or(json, "last", ""),
                                strlen(json_text_or(json, "last", "")), "last", NULL);
    const cJSON *message;
    cJSON_ArrayForEach(message, json_array(body, "messages"))
    {
        bool system = !strcmp(json_text_or(message, "role", ""), "system");
        CHECK(w, !system || !strstr(json_text_or(message, "content", ""), "2031"));
    }
}

TEST(what_strangers_wrote_is_data_and_the_rules_never_change)
{
    WORLD(1, &with_model, hostile);
}

/* Of the last request, up to the first word of a person; the caller frees it. */
static char *prefix(struct world *w)
{
    auto_json json = world_model(w, "asked");
    const char *last = json_text_or(json, "last", ""), *user = strstr(last, "{\"role\":\"user\"");
    return mem_textn(last, user ? (size_t)(user - last) : 0);
}

static void same_prefix(struct world *w)
{
    auto_text first = NULL;
    model(w, "say Hello.");
    model(w, "always");
    for (int i = 0; i < 1000; i++) {
        char person[16];
        snprintf(person, sizeof(person), "person%d", i % 50);
        world_say_as(w, person, i % 3 ? "lark for 2" : "guten Tag, für zwei");
        auto_text now = prefix(w);
        if (!first)
            first = mem_text(now);
        CHECK(w, strlen(now) > 5000 && !strcmp(first, now));
        if (i % 200 == 0)
            world_pass(w, 20 * 60 * MINUTE);
    }
}

TEST(what_servers_may_keep_is_the_same_for_everybody_and_every_day)
{
    static const struct world_setup seldom = {.interval_ms = 24 * 60 * MINUTE, .model = true};
    WORLD(1, &seldom, same_prefix);
}

static void presses(struct world *w)
{
    say(w, OWNER, "/watch Lark 2031-05-09 2 8pm");
    HEARS(OWNER, "Watch 1 is on");
    model(w, "say never");
    model(w, "hang");
    say(w, OWNER, "tell me a long story");
    world_pass(w, 10 * SECOND);
    int64_t begun = env_wall_ms(w->env);
    order(w, "press 42 42 Stop watch 1");
    while (!saying(w, OWNER, "is stopped") && env_wall_ms(w->env) - begun < MINUTE)
        world_pass(w, 5);
    CHECK(w, env_wall_ms(w->env) - begun <= 50);
}

TEST(a_press_does_not_wait_for_a_model)
{
    SEEDS(&in_chat, presses);
}

static const struct world_setup booking_model = {
    .model = true, .booking = true, .interval_ms = 10 * SECOND};

/* What the model had prepared is a card of ours under its words, whatever these say. */
static void proposes(struct world *w)
{
    world_city(w, "open lark " DAY " 2 20:15 seating Bar");
    model(w, "call book_venue {\"query\":\"Lark\",\"date\":\"" DAY "\",\"party_size\":2,"
             "\"time_from\":\"20:15\"}");
    model(w, "say All done, I have booked it!");
    const char *said = world_say(w, "get me lark on friday at 8:15 for two");
    CHECK(w, strstr(said, "Only a card of mine says what is booked"));
    CHECK(w, strstr(said, "Nothing is booked yet"));
    CHECK(w, world_requests(w, "/3/book") == 0);
    CHECK(w, last_request_has(w, "Nothing is booked yet")); /* the model has read it too */
    CHECK(w, strstr(world_press_label(w, "reply", "Confirm Lark"), "Booked: Lark"));
    CHECK(w, world_requests(w, "/3/book") == 1);
    model(w, "call list_reservations {}");
    model(w, "say You hold one.");
    SAYS("what do i hold?", "You hold one.");
    CHECK(w, last_request_has(w, "8:15 PM for 2"));
    model(w, "call cancel_reservation {\"query\":\"Lark\"}");
    model(w, "say As you wish.");
    SAYS("give it up", "Cancel Lark");
    CHECK(w, world_requests(w, "/3/cancel") == 0);
    CHECK(w, strstr(world_press_label(w, "reply", "Confirm cancelling"), "Cancelled: Lark"));
}

TEST(the_model_proposes_a_booking_and_a_press_makes_it)
{
    SEEDS(&booking_model, proposes);
}

TEST(every_tool_has_a_schema_that_is_understood)
{
    auto_str whole = STR_INIT(100000);
    str_addf(&whole, "%s}", tools_json());
    auto_json all = json_parse(whole.buf, whole.len, "tools", NULL);
    assert_int_equal(cJSON_GetArraySize(json_array(all, "tools")), tools_count);
    for (size_t i = 0; i < tools_count; i++) {
        auto_json schema = json_parse(tools[i].parameters, strlen(tools[i].parameters), "schema",
                                      NULL);
        assert_non_null(schema);
        const char *unknown = schema_unknown(schema);
        if (unknown)
            fail_msg("%s: %s", tools[i].name, unknown);
        const cJSON *name;
        cJSON_ArrayForEach(name, json_array(schema, "required")) assert_non_null(
            cJSON_GetObjectItemCaseSensitive(json_object(schema, "properties"), name->valuestring));
        assert_true(!i || strcmp(tools[i - 1].name, tools[i].name) < 0);
    }
}

TEST(the_rules_are_as_they_were_written)
{
    const char *line = concierge_md;
    while (*line) {
        size_t len = strcspn(line, "\n");
        bool fine = !len || isupper((unsigned char)*line) || !strncmp(line, "- ", 2);
        if (!fine)
            fail_msg("%.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
    assert_non_null(strstr(concierge_md, "**bold**"));
}

TEST(what_a_refusal_means_is_told_apart)
{
    static const struct {
        int status;
        const char *error;
        enum llm_fault fault;
        const char *field;
    } refusals[] = {
        {429, "Rate limit reached for model x on tokens per minute. Upgrade at /settings/billing",
         LLM_BUSY, ""},
        {429, "{\"code\":\"insufficient_quota\"}", LLM_QUOTA, ""},
        {402, "", LLM_QUOTA, ""},
        {401, "Incorrect API key", LLM_KEY, ""},
        {400, "Incorrect API key provided", LLM_KEY, ""},
        {502, "<html>billing</html>", LLM_DOWN, ""},
        {503, "", LLM_DOWN, ""},
        {404, "model_not_found", LLM_NO_MODEL, ""},
        {400, "maximum context length is 8192 tokens", LLM_TOO_LONG, ""},
        {413, "", LLM_TOO_LONG, ""},
        {400, "Invalid tool_choice type: 'object'", LLM_REFUSED, "tool_choice"},
        {400, "Unsupported value: reasoning_effort", LLM_REFUSED, "reasoning_effort"},
        {422, "extra_forbidden", LLM_REFUSED, ""},
        {400, "tool_use_failed", LLM_BAD_CALL, ""},
        {400, "content_filter", LLM_BLOCKED, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        char field[64];
        if (llm_fault_of(refusals[i].status, refusals[i].error, field) != refusals[i].fault)
            fail_msg("%d %s", refusals[i].status, refusals[i].error);
        assert_string_equal(field, refusals[i].field);
    }
}

MAIN(cmocka_unit_test(what_servers_may_keep_is_the_same_for_everybody_and_every_day),
     cmocka_unit_test(a_press_does_not_wait_for_a_model),
     cmocka_unit_test(a_restaurant_of_a_result_goes_by_a_ref_that_only_we_can_make),
     cmocka_unit_test(one_message_may_begin_several_watches),
     cmocka_unit_test(who_thinks_for_long_is_seen_to_think),
     cmocka_unit_test(what_was_done_before_a_stop_is_said),
     cmocka_unit_test(in_a_crowd_nobody_speaks_for_another),
     cmocka_unit_test(the_rules_are_as_they_were_written),
     cmocka_unit_test(what_a_refusal_means_is_told_apart),
     cmocka_unit_test(a_wish_in_words_becomes_a_search_with_cards),
     cmocka_unit_test(a_watch_is_begun_and_its_alert_needs_no_model),
     cmocka_unit_test(what_goes_wrong_in_a_call_goes_back_to_the_model),
     cmocka_unit_test(several_calls_of_one_answer_are_answered_each),
     cmocka_unit_test(a_model_that_goes_in_circles_comes_to_an_end),
     cmocka_unit_test(without_the_model_the_wish_is_answered_all_the_same_and_the_owner_hears_once),
     cmocka_unit_test(a_busy_model_is_given_the_time_that_it_asks_for_if_there_is_any),
     cmocka_unit_test(a_quota_is_no_rate_limit),
     cmocka_unit_test(what_is_cut_is_no_answer_and_no_call),
     cmocka_unit_test(
         a_call_in_disguise_is_neither_run_nor_shown_and_an_empty_answer_is_asked_again),
     cmocka_unit_test(what_a_server_refuses_is_left_out_from_then_on),
     cmocka_unit_test(stop_gives_up_what_the_model_is_at_and_commands_do_not_wait_for_it),
     cmocka_unit_test(an_apology_outlives_a_model_that_is_down),
     cmocka_unit_test(a_model_that_says_that_it_booked_is_contradicted),
     cmocka_unit_test(the_model_proposes_a_booking_and_a_press_makes_it),
     cmocka_unit_test(what_strangers_wrote_is_data_and_the_rules_never_change),
     cmocka_unit_test(every_tool_has_a_schema_that_is_understood))
