#!/usr/bin/env bash
# Runs fuzz targets, each for some seconds, from seeds that are made here.
# Usage: tools/fuzz.sh SECONDS NAME…     (make fuzz builds them)
# A target's corpus grows in build/fuzz/corpus/NAME; what broke it is kept in build/fuzz/crashes.
set -u
cd "$(dirname "$0")/.." || exit 1
if [ $# -lt 2 ]; then
    echo "usage: tools/fuzz.sh SECONDS NAME..." >&2
    exit 64
fi
seconds=$1
shift
recorded=${MAITRED_FIXTURES:-../shared/fixtures}/resy
crashes=build/fuzz/crashes
passed=0 failed=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=1:detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

seed() { # folder, format, arguments: one seed, named by its content
    local at
    at=$(mktemp "$1/.new.XXXXXX")
    # shellcheck disable=SC2059
    printf "${@:2}" >"$at"
    mv "$at" "$1/seed-$(sha1sum "$at" | cut -c1-12)"
}

slot='{"date":{"start":"%s","end":"2031-05-09 20:45:00"},"config":{"id":5,"type":"%s","token":%s},"template":{"id":%s},"exclusive":{"id":0,"is_eligible":%s},"payment":%s}'
day='2031-05-09 19:15:00'
token='"rgs://resy/900001/77/2/2031-05-09/2031-05-09/19:15:00/2/Dining Room"'
token2='"rgs://resy/900001/78/2/2031-05-09/2031-05-09/19:15:00/2/dining  room"'
paid='{"cancellation_fee":25.5,"deposit_fee":null}'
venue='{"id":{"resy":900001},"name":"Example","location":{"time_zone":"EST5EDT"}}'
terms='{"77":{"id":77,"cancellation_fee":25.0,"deposit_fee":10}}'
# shellcheck disable=SC2059
slots=$(printf "$slot,$slot,$slot,$slot" "$day" Lounge "$token" 77 true "$paid" \
    "$day" '' "$token2" 78 true null '2031-05-10 00:30:00' Bar null 0 true null \
    '2031-05-09T19:15' Bar '"x"' 77 false null)

seeds_find() {
    seed "$1" '%s' '{"results":{"venues":[]}}'
    seed "$1" '%s' '{"query":{"day":"2031-05-09"},"results":{"meta":{"offset":1}}}'
    seed "$1" '{"results":{"venues":[{"venue":%s,"templates":%s,"slots":[]}]}}' "$venue" "$terms"
    seed "$1" '{"query":{"day":"2031-05-09","party_size":2},"results":{"venues":[{"venue":{"id":{"resy":5}}},{"venue":%s,"templates":%s,"slots":[%s]}]}}' \
        "$venue" "$terms" "$slots"
}

seeds_search() {
    seed "$1" '%s' '{"meta":{"total":41,"page":1,"total_pages":3},"search":{"nbHits":41,"hits":[]}}'
    seed "$1" '%s' '{"meta":{"total":2},"search":{"hits":[{"id":{"resy":1},"name":"Café","url_slug":"cafe","location":{"id":1,"code":"ny","name":"New York","url_slug":"new-york-ny"},"neighborhood":"Soho","cuisine":["Thai"],"price_range_id":2,"max_party_size":6,"is_tock_inventory":true},{"objectID":"12","name":"Old"}]}}'
    seed "$1" '%s' '{"id":{"resy":7},"name":"Example","url_slug":"example","type":"Thai","locale":{"time_zone":"Europe/Madrid"},"location":{"code":"ny","url_slug":"new-york-ny","neighborhood":"Soho"},"price_range_id":2,"min_party_size":1,"max_party_size":6}'
}

seeds_book() {
    seed "$1" '\000%s' '{"resy_token":"x","reservation_id":933020068,"venue_opt_in":false}'
    seed "$1" '\152%s' '{"specs":{"day":"2031-05-09","time_slot":"19:00:00"},"venue":{"id":5,"name":"Café"}}'
    seed "$1" '\000%s' '{"book_token":{"value":"aa|bb"},"payment":{"amounts":{"total":108.88}},"cancellation":{"fee":{"amount":25.0,"date_cut_off":"2031-05-08T23:15:00Z"},"display":{"policy":["Call us."]},"refund":{"date_cut_off":null}},"locale":{"currency":"EUR"},"user":{"payment_methods":[{"id":1},{"id":4242,"is_default":true}]}}'
    seed "$1" '\000%s' '{"reservations":[{"resy_token":"t","reservation_id":7,"day":"2031-05-10","time_slot":"19:15:00","num_seats":2,"venue":{"id":5},"config":{"type":"Bar"},"cancellation":{"allowed":false,"fee":{"amount":25.0,"applies":true,"date_cut_off":"2031-05-08T23:15:00Z"}}},{"reservation_id":-1}],"venues":{"5":{"name":"Café"}},"metadata":{"total":2}}'
}

seeds_json() {
    seeds_find "$1"
    seed "$1" 'a.0.b\000{"a":[{"b":-1.5e3,"c":"\\u00e9\\ud83c\\udf5c"}],"d":[[],{}],"e":null,"f":true}'
    seed "$1" 'n\000{"n":9007199254740991,"N":1e400}'
}

seeds_config() {
    [ -r config.example.toml ] && cp config.example.toml "$1/seed-example"
    seed "$1" '[resy]\nbase_url = "http://127.0.0.1:8080/"\napi_key = "env:HOME"\n[watch]\nfloor = "50ms"\ndefault = "1s"\n'
    seed "$1" '[bot]\nowners = ["telegram:1", "slack:T1/U1"]\naccess = "open"\ndrain = "500ms"\n[database]\nurl = "sqlite:x.db"\n[booking]\nenabled = true\n'
    seed "$1" 'bot.city = "ny"\nlog = {level = "debug", format = "json"}\nresy.auth_token = '"'"'file:x'"'"'\n'
    seed "$1" '[[resy]]\nbase_url = 1979-05-27T07:32:00Z\n[telegram]\ntoken = 1.5\n'
}

seeds_console() {
    seed "$1" '%s' '{"type":"hello","acts":true,"acks":true}'
    seed "$1" '%s' '{"type":"message","text":"!press abc def"}'
    seed "$1" '%s' '!press  abc'
    seed "$1" '%s' '{"type":"ack","delivery":7}'
    seed "$1" '%s' '{"type":"text","content":"one\ntwo \u001b[2J"}'
    seed "$1" '%s' '{"type":"venues","id":1,"venues":[{"id":1,"name":"\u001b[31m東京カレー 🍜","neighborhood":"Soho","cuisine":"Thai","times":["19:15","20:00"],"state":"bookable"},{"name":"B","times":[],"state":"full"}]}'
    seed "$1" '%s' '{"type":"buttons","id":1,"buttons":[{"label":"Choose A","press":"t1"},{"label":"Stop\n","press":"t2"}]}'
    seed "$1" '%s' '{"type":"alert","id":1,"text":"A table opened","times":["19:15"],"buttons":[{"label":"Stop","press":"t"}]}'
    local type
    for type in edit notice late error progress done; do
        seed "$1" '{"type":"%s","ok":true,"text":"t\\u202e\\u0007","message":"m\\r"}' "$type"
    done
}

seeds_words() {
    local line
    while read -r line; do
        seed "$1" '%s' "$line"
    done <<'END'
carbone tomorrow at 8 for two
4 Charles Prime Rib next friday 7-9pm party of 4
54 Below 2031-05-09 after 6:30 for 2 people
day after tomorrow between 7 and 9 pm
Dec 12th 2031 dinner, 2
12/12/31 by noon for a table for eleven
tonight at 00:30 anytime
in 3 days 11-1pm exactly 12 o'clock
29 of february from 7 on this evening
END
}

seeds_llm() {
    seed "$1" '\007data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"<think>x</think>Hi"},"finish_reason":null}]}\n\ndata: [DONE]\n\n'
    seed "$1" '\100: hello\r\n\r\ndata: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"functions.find","arguments":"{\\"a\\":"}}]}}]}\r\n\r\ndata: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5}}\r\n\r\n'
    seed "$1" '\001event: error\ndata: {"error":{"message":"insufficient_quota","code":429}}\n\n'
    seed "$1" '\377{"error":"stream_options is not supported"}'
    seed "$1" '\003{"choices":[{"message":{"content":[{"type":"text","text":"whole"}],"refusal":""},"finish_reason":"stop"}]}'
}

seeds_markdown() {
    seed "$1" '%s' '# Tonight

**Lark** at *8*, `code`, ~~full~~ &amp; [page](https://resy.com/x?a=1)

- a
  1. b

> said

```
int x;
```'
}

seeds_telegram() {
    local chat='"chat":{"id":42,"type":"private"}' from='"from":{"id":42,"first_name":"A\u202e","last_name":"B"}'
    local crowd='"chat":{"id":-1001,"type":"supergroup","title":"T"}'
    seed "$1" '%s' '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}'
    seed "$1" '%s' '{"ok":true,"result":[{"update_id":5}]}'
    seed "$1" '%s' "{\"update_id\":1,\"message\":{\"message_id\":7,\"date\":1,$from,$chat,\"text\":\"lark on friday\"}}"
    seed "$1" '%s' "{\"update_id\":1,\"message\":{\"message_id\":7,\"date\":1,$from,$crowd,\"text\":\"👋 @sandbox_table_bot x\",\"entities\":[{\"type\":\"mention\",\"offset\":3,\"length\":18}]}}"
    seed "$1" '%s' "{\"update_id\":1,\"edited_message\":{\"message_id\":7,\"date\":1,\"edit_date\":9,$from,$crowd,\"is_topic_message\":true,\"message_thread_id\":9,\"text\":\"/find@sandbox_table_bot\"}}"
    seed "$1" '%s' "{\"update_id\":1,\"callback_query\":{\"id\":\"44\",$from,\"data\":\"abc\",\"message\":{\"message_id\":7,$crowd}}}"
    seed "$1" '%s' "{\"update_id\":1,\"my_chat_member\":{$from,$crowd,\"new_chat_member\":{\"status\":\"member\"}}}"
    seed "$1" '%s' "{\"update_id\":1,\"message\":{\"message_id\":7,\"sender_chat\":{\"id\":-1001,\"title\":\"x\"},$from,$crowd,\"migrate_to_chat_id\":-1002}}"
    seed "$1" '%s' '{"type":"reply","text":"Two places. 🍜 Both.","venues":{"hours24":true,"venues":[{"name":"東京","neighborhood":"Soho","times":["19:15"],"picture":"https://x/y.jpg"},{"name":"B","state":"full"}]},"buttons":[{"label":"Open x","press":"t"},{"label":"Stop","press":"u"}],"url":"https://x/"}'
    seed "$1" '%s' '{"type":"digest","text":"- Lark: 8\n- Lark: 9","alerts":[{"venue":"Lark"},{"venue":"Lark"}]}'
}

seeds_slack() {
    local event='"type":"events_api","envelope_id":"e-1","retry_attempt":1,"payload":{"team_id":"T1","event_id":"Ev1","event":'
    local ask='"type":"interactive","envelope_id":"e-3","payload":{"team":{"id":"T1"},"user":{"id":"U1","username":"a"},"trigger_id":"t",'
    seed "$1" '%s' '{"type":"hello","num_connections":2,"debug_info":{"approximate_connection_time":18060}}'
    seed "$1" '%s' '{"type":"disconnect","reason":"refresh_requested"}'
    seed "$1" '%s' "{$event{\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",\"text\":\"find <@U2|ann> &amp; <https://x|y> “x”\",\"ts\":\"1700000000.000100\"}}}"
    seed "$1" '%s' "{$event{\"type\":\"app_mention\",\"channel\":\"C1\",\"user\":\"U1\",\"text\":\"<@UBOT> lark\",\"ts\":\"1.1\",\"thread_ts\":\"1.0\"}}}"
    seed "$1" '%s' "{$event{\"type\":\"message\",\"subtype\":\"message_changed\",\"channel\":\"D1\",\"channel_type\":\"im\",\"message\":{\"user\":\"U1\",\"text\":\"a\",\"ts\":\"1.1\",\"edited\":{\"ts\":\"1.2\"}},\"previous_message\":{\"text\":\"b\"}}}}"
    seed "$1" '%s' '{"type":"slash_commands","envelope_id":"e-2","payload":{"team_id":"T1","user_id":"U1","channel_id":"C1","text":"find lark","response_url":"https://x/","trigger_id":"t"}}'
    seed "$1" '%s' "{$ask\"type\":\"block_actions\",\"container\":{\"channel_id\":\"C1\",\"message_ts\":\"1.1\",\"is_ephemeral\":true},\"actions\":[{\"action_id\":\"press0\",\"value\":\"abc\",\"action_ts\":\"1.2\"}]}}"
    seed "$1" '%s' "{$ask\"type\":\"view_submission\",\"view\":{\"callback_id\":\"table_form\",\"state\":{\"values\":{\"what\":{\"what\":{\"value\":\"lark\"}},\"date\":{\"date\":{\"selected_date\":\"2031-05-09\"}},\"party\":{\"party\":{\"value\":\"2\"}},\"from\":{\"from\":{\"selected_time\":\"19:00\"}}}}}}}"
    seed "$1" '%s' '{"type":"reply","text":"Two *places* <!here> & **more**","markdown":true,"venues":{"venues":[{"name":"Lark","times":["19:15"],"picture":"https://x/y.jpg"},{"name":"B","state":"full"}]},"buttons":[{"label":"7:15 PM Lark","brief":"7:15 PM","press":"a"},{"label":"Open x","press":"t","url":"https://x/"}],"evidence":"seen at 8"}'
    seed "$1" '%s' '{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] x"]}}'
}

dictionary() { # name: the words of its language, one a line
    case $1 in
    fuzz_config) printf '"%s"\n' '[resy]' '[watch]' '[bot]' 'env:' 'file:' 'cred:' 'http://' \
        '127.0.0.1' 'localhost' 'sqlite:' 'owners' 'base_url' 'auth_token' 'floor' '10s' 'ms' \
        '[[' "'''" ' = ' ;;
    fuzz_telegram) printf '"%s"\n' update_id message edited_message callback_query \
        my_chat_member chat from id type private supergroup text caption entities mention \
        bot_command offset length sender_chat migrate_to_chat_id is_topic_message venues venue \
        alerts buttons label press url times '@sandbox_table_bot' '\xf0\x9f\x8d\x9c' '\\ud83c' ;;
    fuzz_slack) printf '"%s"\n' events_api slash_commands interactive envelope_id payload event \
        message app_mention channel channel_type thread_ts user text subtype message_changed \
        previous_message edited block_actions view_submission actions action_id action_ts value \
        container is_ephemeral callback_id table_form state values selected_date selected_time \
        response_url trigger_id press0 share '<@UBOT>' '&lt;' 'venues' 'buttons' 'markdown' ;;
    fuzz_words) printf '"%s"\n' tomorrow tonight friday next this for at after between and from \
        pm am noon midnight people party of a table december feb 29 12 '-' '/' ':' ' ' ;;
    fuzz_console) printf '"%s"\n' type text content venues buttons alert edit label press name \
        times state '!press ' hello ack delivery '\\u001b' '\xf0\x9f\x8d\x9c' \
        '\xe6\x9d\xb1' ;;
    *) printf '"%s"\n' results venues slots venue id resy date start config token templates \
        template payment cancellation_fee deposit_fee exclusive is_eligible query day location \
        time_zone search hits meta total_pages objectID 'rgs://resy/' '2031-05-09 ' '2031-05-10 ' \
        900001 null true false 1e308 '\\u0000' '\\ud83c' ;;
    esac
}

for name in "$@"; do
    binary=build/fuzz/tests/fuzz/$name
    corpus=build/fuzz/corpus/$name
    log=build/fuzz/$name.log
    mkdir -p "$corpus" "$crashes"
    if ! [ -x "$binary" ]; then
        echo "FAILED $name: it is not built (make fuzz)"
        failed=$((failed + 1))
        continue
    fi
    "seeds_${name#fuzz_}" "$corpus" 2>/dev/null || seed "$corpus" '%s' '{}'
    case $name in
    fuzz_json | fuzz_find | fuzz_search)
        for file in "$recorded"/*.json; do
            [ -r "$file" ] && cp "$file" "$corpus/recorded-$(basename "$file")"
        done
        ;;
    esac
    dictionary "$name" >"build/fuzz/$name.dict"
    if "$binary" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
        -dict="build/fuzz/$name.dict" -artifact_prefix="$crashes/$name-" -print_final_stats=1 \
        "$corpus" >"$log" 2>&1; then
        passed=$((passed + 1))
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        features=$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
        echo "ok     $name ($runs inputs in $seconds s, $features features)"
    else
        failed=$((failed + 1))
        echo "FAILED $name: $(grep -m 1 -E 'not so:|ERROR: |runtime error:' "$log")"
        sed -n 's/^Test unit written to /       /p; s/.*Test unit written to /       /p' "$log" |
            sort -u
    fi
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
