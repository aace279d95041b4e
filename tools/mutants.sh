#!/usr/bin/env bash
# Seeds a bug in one rule after another, in a copy of the tree, and asks the judge of random days
# whether it finds it: within DAYS days (1000), or the rule is not watched over.
set -u
cd "$(dirname "$0")/.." || exit 1
days=${1:-1000}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
git ls-files -co --exclude-standard | tar cf - -T - | tar xf - -C "$room"
judge() { make -s -C "$room" -j2 MODE=release build/release/tests/replay/judge >"$room/log" 2>&1; }
judge || { tail "$room/log"; exit 1; }
missed=0

mutant() { # rule, file, sed expression
    local rule=$1 file=$2 expression=$3
    cp "$room/$file" "$room/original"
    sed -i "$expression" "$room/$file"
    if cmp -s "$room/original" "$room/$file"; then
        echo "no such place: $rule"
        missed=$((missed + 1))
    elif ! judge; then
        echo "does not build: $rule"
        tail -n 3 "$room/log"
        missed=$((missed + 1))
    elif found=$("$room/build/release/tests/replay/judge" "$days" 1 stop); then
        echo "NOT FOUND: $rule"
        missed=$((missed + 1))
    else
        echo "found on day $(sed -n 's/^days \([0-9]*\),.*/\1/p' <<<"$found"): $rule"
    fi
    cp "$room/original" "$room/$file"
}

mutant "a table closes after close_polls answers without it" core/services/check.c \
    's/known->missed + 1 < args->close_polls)/known->missed + 2 < args->close_polls)/'
mutant "a table that the last answer lacked is not told" db/told.c 's/ and s.missed = 0 / /'
mutant "the borders of a window belong to it" db/told.c \
    's/s.minute between w.from_minute and w.to_minute/s.minute > w.from_minute and s.minute <= w.to_minute/'
mutant "the seating is the one that is wished" db/told.c 's/instr(s.seating, w.seating)/1/'
mutant "the fee is at most what is allowed" db/told.c 's/s.fee_cents <= w.max_fee_cents/1/'
mutant "a telling is forgotten after the quiet period only" db/told.c \
    's/"and told_ms <= $2 - $3 "/"and $2 - $3 "/'
mutant "a telling is forgotten only if the table has closed" db/told.c \
    's/"and answer < (select closed_answer from slot where id = told.slot_id)"/""/'
mutant "a paused watch is told nothing" db/told.c "s/w.state = 'active' and not w.paused and w.snoozed_ms <= \$2 \"/w.state = 'active' and w.snoozed_ms <= \$2 \"/"
mutant "a silent watch is told nothing" db/told.c "s/not w.paused and w.snoozed_ms <= \$2 \"/not w.paused \"/"
mutant "a table in the past is told to nobody" db/told.c 's/ and s.start_ms > $2 / and $2 /'
mutant "a stopped watch is told nothing" db/told.c "s/\"and w.state = 'active' and not w.paused/\"and not w.paused/"
mutant "an answer that leaves something open is looked at again" core/services/check.c \
    's/return args->missing ? question_set_fingerprint/return 0 ? question_set_fingerprint/'
mutant "a watch that goes on is looked at" core/services/watches.c \
    's/if (question_set_look(conn, question_id, 1, err))/if (0)/'
mutant "a lower fee is news" core/services/check.c \
    's/args->changed = true; \/\* a lower fee.*/;/'
mutant "a clock that goes back ages nothing" db/told.c 's/min(told_ms - $2, $1)/told_ms + 0 * $2/'
mutant "a silence that ends is looked at" db/told.c 's/snoozed ? snoozed : INT64_MAX/INT64_MAX/'
echo "mutants: $missed not found"
[ $missed -eq 0 ]
