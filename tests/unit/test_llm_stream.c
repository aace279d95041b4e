/* The stream of a chat completion: every known way in which servers differ, and what seven of them
 * really sent. */
#include "core/llm/stream.h"
#include "tests/test.h"

#define D(json)       "data: " json "\n\n"
#define DELTA(delta)  D("{\"choices\":[{\"index\":0,\"delta\":" delta "}]}")
#define FINISH(why)   D("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" why "\"}]}")
#define DONE          "data: [DONE]\n\n"
#define CALL(entries) DELTA("{\"tool_calls\":[" entries "]}")

static void collect(void *arg, const char *piece)
{
    str_add(arg, piece);
}

/* "stop text find({"a":1}) -" : the end, the text, the calls, and the error if any. `cut`: so many
 * bytes at a time. */
static char *read_in(const char *bytes, size_t len, size_t cut)
{
    static const char *const ends[] = {"cut", "stop", "calls", "length", "filter", "error"};
    auto_llm_answer a;
    auto_str shown = STR_INIT(100000);
    struct str out = STR_INIT(200000);
    struct llm_stream *s = llm_stream_new(collect, &shown);
    for (size_t at = 0; at < len; at += cut)
        if (!llm_stream_feed(s, bytes + at, MIN_OF(cut, len - at), NULL))
            break;
    llm_stream_end(s, &a);
    llm_stream_free(s);
    assert_string_equal(shown.buf, a.text);
    str_addf(&out, "%s|%s", ends[a.end], a.text);
    if (*a.refusal)
        str_addf(&out, "|refusal %s", a.refusal);
    for (size_t i = 0; i < a.count; i++)
        str_addf(&out, "|%s%s%s", a.calls[i].name, a.calls[i].whole ? "" : "!",
                 a.calls[i].arguments);
    if (a.error)
        str_addf(&out, "|error %s", a.error);
    return str_detach(&out);
}

#define READS(source, want)                                                                        \
    do {                                                                                           \
        for (size_t cut_ = 1; cut_ < 200; cut_ = cut_ * 2 + 1) {                                   \
            auto_text got_ = read_in(source, strlen(source), cut_);                                \
            assert_string_equal(got_, want);                                                       \
        }                                                                                          \
    } while (0)

TEST(text_comes_in_pieces_and_ends_with_a_reason_or_done)
{
    READS(DELTA("{\"role\":\"assistant\",\"content\":\"\"}") DELTA("{\"content\":\"Hel\"}")
              DELTA("{\"content\":\"lo\"}") FINISH("stop") DONE,
          "stop|Hello");
    READS(DELTA("{\"content\":\"4\"}") DONE, "stop|4"); /* no reason ever */
    READS(DELTA("{\"content\":\"4\"}") FINISH("") DONE, "stop|4");
    READS(DELTA("{\"content\":\"4\"}") FINISH("stop"), "stop|4"); /* no [DONE] */
    READS(DELTA("{\"content\":\"4\"}"), "cut|4");
    READS("", "cut|");
    READS(DELTA("{\"content\":\"4\"}") FINISH("end_turn") FINISH("length") DONE, "stop|4");
    READS(DELTA("{\"content\":\"long\"}") FINISH("length") DONE, "length|long");
}

TEST(the_framing_is_taken_as_it_comes)
{
    READS("\xEF\xBB\xBF: hello\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n"
          "id: 3\r\nretry: 5\r\ndata: {\"choices\":[{\"delta\":\r\ndata: "
          "{\"content\":\"b\"}}]}\r\n\r\n"
          "data: [DONE]\r\n\r\n",
          "stop|ab");
    READS("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\rdata: [DONE]\r\r", "stop|a");
    READS(DELTA("{\"content\":\"a\"}") "data: [DONE]", "stop|a"); /* no blank line at the end */
    READS(D("not json") DELTA("{\"content\":\"a\"}") DONE, "stop|a");
    READS(D("{\"choices\":null}") D("{\"choices\":[],\"prompt_filter_results\":[]}")
              D("{\"choices\":[{\"index\":0}]}") DELTA("{\"content\":\"a\"}") DONE,
          "stop|a");
    READS(DELTA("{\"content\":\"\xF0\x9F\x8D\x9C\"}") DONE, "stop|\xF0\x9F\x8D\x9C");
}

TEST(calls_are_put_together_whatever_servers_do)
{
    static const char plain[] = CALL(
        "{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"find\","
        "\"arguments\":\"\"}}") CALL("{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}")
        CALL("{\"index\":0,\"function\":{\"arguments\":\"1}\"}}") FINISH("tool_calls") DONE;
    READS(plain, "calls||find{\"a\":1}");
    /* interleaved */
    READS(CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\"}},{\"index\":1,\"id\":\"b\","
               "\"function\":{\"name\":\"y\"}}")
              CALL("{\"index\":1,\"function\":{\"arguments\":\"{\\\"b\\\":\"}}")
                  CALL("{\"index\":0,\"function\":{\"arguments\":\"{}\"}}")
                      CALL("{\"index\":1,\"function\":{\"arguments\":\"2}\"}}") FINISH("stop") DONE,
          "calls||x{}|y{\"b\":2}");
    /* no index, whole entries */
    READS(CALL("{\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}}")
              CALL("{\"id\":\"b\",\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"b\\\":2}\"}}")
                  DONE,
          "calls||x{}|x{\"b\":2}");
    /* no index, in fragments without anything */
    READS(CALL("{\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"b\\\"\"}}")
              CALL("{\"function\":{\"arguments\":\":2}\"}}") DONE,
          "calls||x{\"b\":2}");
    /* index always 0 */
    READS(CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}}")
              CALL("{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"y\",\"arguments\":\"{}\"}}")
                  DONE,
          "calls||x{}|y{}");
    /* a new id on each fragment, names blank or repeated */
    READS(
        CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"b\\\":"
             "\"}}")
            CALL("{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"\",\"arguments\":\"2\"}}")
                CALL("{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"x\",\"arguments\":\"}\"}}")
                    DONE,
        "calls||x{\"b\":2}");
    /* no id; arguments as an object, null, nothing, or wrapped twice */
    READS(CALL("{\"index\":0,\"function\":{\"name\":\"x\",\"arguments\":{\"a\":1}}}") DONE,
          "calls||x{\"a\":1}");
    READS(CALL("{\"index\":0,\"id\":\"\",\"function\":{\"name\":\"x\",\"arguments\":null}}") DONE,
          "calls||x{}");
    READS(CALL("{\"index\":0,\"function\":{\"name\":\"x\",\"arguments\":\"\\\"{\\\\\\\"a\\\\\\\":1}"
               "\\\"\""
               "}}") DONE,
          "calls||x{\"a\":1}");
    /* names with a prefix or residue; one that never gets a name */
    READS(CALL("{\"index\":0,\"function\":{\"name\":\"functions.find<|channel|>\",\"arguments\":\"{"
               "}\"}}") CALL("{\"index\":5,\"function\":{\"arguments\":\"{}\"}}") DONE,
          "calls||find{}");
    READS(CALL("{\"index\":0,\"function\":{\"name\":\"@x\",\"arguments\":\"{}\"}}")
              CALL("{\"index\":1,\"function\":{\"name\":\"a.b\",\"arguments\":\"{}\"}}") DONE,
          "calls||unreadable{}|a_b{}");
    /* text beside, and the last chunk has both */
    READS(DELTA("{\"content\":\"Let me look.\"}")
              D("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{"
                "\"name\":\"x\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"stop\"}]}") DONE,
          "calls|Let me look.|x{}");
}

TEST(what_is_cut_is_never_run)
{
    READS(CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"a\\\":"
               "\"}}") FINISH("length") DONE,
          "length||x!{\"a\":");
    READS(CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}}"),
          "cut||x{}");
    READS(CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"[1]\"}}")
              FINISH("tool_calls") DONE,
          "calls||x![1]");
    READS(
        CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{} extra\"}}")
            FINISH("tool_calls") DONE,
        "calls||x!{} extra");
}

TEST(a_call_with_a_hole_in_it_is_not_whole)
{
    READS(
        CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"n\\\":"
             "1\"}}")
            D("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
              "\"2\\ud83c\"}}]}}]}") CALL("{\"index\":0,\"function\":{\"arguments\":\"}\"}}")
                FINISH("tool_calls") DONE,
        "calls||x!{\"n\":1}");
}

TEST(errors_are_found_wherever_they_are)
{
    READS(D("{\"error\":{\"message\":\"no\",\"code\":429}}"),
          "error||error {\"message\":\"no\",\"code\":429}");
    READS(DELTA("{\"content\":\"a\"}") FINISH("length") D("{\"error\":{\"message\":\"no\"},"
                                                          "\"choices\":[]}") DONE,
          "error|a|error {\"message\":\"no\"}");
    READS("event: error\ndata: {\"message\":\"failed\"}\n\n",
          "error||error {\"message\":\"failed\"}");
    READS("{\"error\":\"model is loading\"}", "error||error \"model is loading\"");
    READS("{\n \"detail\": \"x\"\n}\n", "error||error {\"detail\":\"x\"}");
    READS("<html>502</html>", "error||error <html>502</html>\n");
    READS("{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}",
          "stop|whole");
    READS(DELTA("{\"refusal\":\"I can\"}") DELTA("{\"refusal\":\"not\"}") FINISH("stop") DONE,
          "filter||refusal I cannot");
    READS(FINISH("content_filter") DONE, "filter|");
}

TEST(thoughts_are_not_said)
{
    READS(DELTA("{\"content\":\"<thi\"}") DELTA("{\"content\":\"nk>a <b\"}")
              DELTA("{\"content\":\"</think>\\n\\nHi\"}") DELTA("{\"content\":\" <think>\"}") DONE,
          "stop|Hi <think>");
    READS(DELTA("{\"content\":\"<th\"}") DONE, "stop|<th");
    READS(DELTA("{\"content\":\"<3 you\"}") DONE, "stop|<3 you");
    READS(DELTA("{\"reasoning_content\":\"hm\",\"content\":null}") DELTA("{\"content\":\"Hi\"}")
              DONE,
          "stop|Hi");
    READS(DELTA("{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":"
                "\"x\"}]},"
                "{\"type\":\"text\",\"text\":\"Hi\"}]}") DONE,
          "stop|Hi");
}

TEST(what_never_ends_has_a_ceiling)
{
    struct llm_stream *s = llm_stream_new(NULL, NULL);
    auto_llm_answer a;
    char piece[4096];
    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 1000; i++)
        llm_stream_feed(s, piece, sizeof(piece), NULL);
    llm_stream_feed(s, "\n\n", 2, NULL);
    llm_stream_end(s, &a);
    llm_stream_free(s);
    assert_int_equal(a.end, LLM_END_ERROR);
}

TEST(what_servers_really_sent_is_read_right)
{
    static const struct {
        const char *file, *begins;
    } recorded[] = {
        {"test_complex_agent_run_in_flow.0.sse", "calls||get_country{}"},
        {"test_complex_agent_run_in_flow.1.sse",
         "calls||get_weather{\"city\": \"Mexico City\"}|get_product_name{}"},
        {"test_complex_agent_run_in_flow.2.sse", "calls||final_result{"},
        {"test_crusoe_model_streaming.0.sse", "stop|1"},
        {"test_groq_model_web_search_tool_stream.0.sse", "stop|"},
        {"test_mistral_model_thinking_part_iter.0.sse", "stop|"},
        {"test_openai_moderation_stream.0.sse", "stop|Paris"},
        {"test_openrouter_stream_error.0.sse", "error|"},
        {"test_openrouter_streaming_reasoning.0.sse", "stop|"},
        {"test_run_stream_sync_streams_real_model.0.sse", "calls||get_capital{\"country\":"},
        {"test_run_stream_sync_streams_real_model.1.sse", "stop|The capital"},
        {"test_snowflake_model_streaming.0.sse", "stop|4"},
        {"test_tool_use_failed_error_streaming.1.sse", "calls||"},
    };
    const char *folder = getenv("MAITRED_FIXTURES");
    for (size_t i = 0; i < ARRAY_LEN(recorded); i++) {
        char path[4096]; /* skip() jumps: nothing may be held */
        snprintf(path, sizeof(path), "%s/llm/%s", folder ? folder : "../shared/fixtures",
                 recorded[i].file);
        FILE *file = fopen(path, "re");
        if (!file) {
            print_message("no recorded answers at %s\n", path);
            skip();
        }
        static char bytes[200000];
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
        for (size_t cut = 1; cut < 10000; cut *= 7) {
            auto_text got = read_in(bytes, len, cut);
            if (strncmp(got, recorded[i].begins, strlen(recorded[i].begins)) != 0)
                fail_msg("%s in pieces of %zu: %.300s", recorded[i].file, cut, got);
        }
    }
}

MAIN(cmocka_unit_test(text_comes_in_pieces_and_ends_with_a_reason_or_done),
     cmocka_unit_test(the_framing_is_taken_as_it_comes),
     cmocka_unit_test(calls_are_put_together_whatever_servers_do),
     cmocka_unit_test(what_is_cut_is_never_run),
     cmocka_unit_test(a_call_with_a_hole_in_it_is_not_whole),
     cmocka_unit_test(errors_are_found_wherever_they_are), cmocka_unit_test(thoughts_are_not_said),
     cmocka_unit_test(what_never_ends_has_a_ceiling),
     cmocka_unit_test(what_servers_really_sent_is_read_right))
