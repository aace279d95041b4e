#!/usr/bin/env bash
# Runs the benchmarks: build/bench.tsv and a table. A figure without samples is refused.
set -u
cd "$(dirname "$0")/.." || exit 1
out=build/bench.tsv
bin=build/release/tests/bench
raw=$(mktemp)
failed=0
run() { timeout 300 "$@" >>"$raw" || { echo "failed: $*"; failed=1; }; }
gcc -O2 -D_GNU_SOURCE -shared -fPIC tests/bench/slow_fsync.c -o build/slow_fsync.so -ldl || exit 1

run python3 tests/bench/process.py
run python3 tests/bench/telegram.py
run python3 tests/bench/slack.py
run python3 tests/bench/model.py
run python3 tests/bench/booking.py
run $bin/bench_check
run $bin/bench_search
run $bin/bench_alert
run $bin/bench_watches
run $bin/bench_opening
run $bin/bench_messages
run tests/bench/judge.sh build/release/tests/replay/judge
LD_PRELOAD=$PWD/build/slow_fsync.so run $bin/bench_messages 25

room=$(mktemp -d)
build/release/sandbox --port 0 --tls-port 0 --control-port 0 --tls-dir "$room" --max-held 12000 >"$room/out" 2>/dev/null &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; rm -rf "$room" "$raw"' EXIT
until grep -q ^listening "$room/out"; do kill -0 $sandbox || exit 1; done
at() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" "$room/out"; }
ulimit -n "$(ulimit -H -n)"
curl -sf -d 'hold 5000' "$(at control)/" >/dev/null
run $bin/bench_hold "$(at https)" 1000 "$(at ca)" 0
curl -sf -d 'reset-counts' "$(at control)/" >/dev/null
run $bin/bench_hold "$(at http)" 10000 - 1
held=$(curl -sf -d 'counts' "$(at control)/" | sed -n 's/.*"held_max":\([0-9]*\).*/\1/p')
printf 'held_by_the_sandbox_at_once\t%s\trequests\t10000\t%s\t-\t1\n' "$held" "$(awk "BEGIN{print $held/10000}")" >>"$raw"

awk -F'\t' 'NF != 7 || $7 < 1 { print "no samples: " $0 > "/dev/stderr"; bad = 1; next } { print } END { exit bad }' "$raw" >"$out.body" || failed=1
{ printf 'name\tvalue\tunit\treference\tratio\tfsync_p99_ms\tsamples\n'; cat "$out.body"; } >"$out"
rm -f "$out.body"
column -t -s "$(printf '\t')" "$out"
exit $failed
