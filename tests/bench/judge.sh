#!/usr/bin/env bash
# The judge of random days, on two cores: alerts false and missed, of how many answers, how long.
set -u
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
from=$(date +%s.%N)
"$1" 1640 1 >"$room/a" &
"$1" 1640 100001 >"$room/b" &
wait
seconds=$(awk "BEGIN{print $(date +%s.%N) - $from}")
cat "$room/a" "$room/b" >&2
sum() { sed -n "s/.*[ ,(]$1 \([0-9]*\).*/\1/p" "$room/a" "$room/b" | awk '{ s += $1 } END { print s + 0 }'; }
answers=$(sum answers)
line() { printf '%s\t%s\t%s\t%s\t%s\t-\t%s\n' "$1" "$2" "$3" "$4" "$5" "$answers"; }
line judge_answers "$answers" answers "at least 1500000" "$(awk "BEGIN{print 1500000 / $answers}")"
line judge_false_alerts "$(sum false)" alerts 0 "$(sum false)"
line judge_missed_alerts "$(sum missed)" alerts 0 "$(sum missed)"
line judge_seconds "$seconds" s "60 s" "$(awk "BEGIN{print $seconds / 60}")"
