#!/usr/bin/env bash
# Runs every test of a build folder through one runner; the last line counts them.
# Usage: tools/test.sh build/asan [unit]   (unit: without the integration tests)
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
what=${2:-all}
passed=0 failed=0 skipped=0
log=$build/test.log
: >"$log"
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:detect_stack_use_after_return=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=0:exitcode=66}

count() { # name, exit code, file: cmocka's lines
    local ok bad skip
    ok=$(grep -c '^\[       OK \]' "$3")
    skip=$(grep -c '^\[  SKIPPED \] [a-z]' "$3")
    bad=$(grep -c '^\[  FAILED  \] [a-z_]*$' "$3")
    bad=$((bad / 2 + bad % 2)) # cmocka says each twice: where it happened, and at the end
    skip=$((skip / 2 + skip % 2))
    [ "$2" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1 # it ended otherwise: crashed, or was told on
    passed=$((passed + ok)) skipped=$((skipped + skip)) failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        echo "FAILED $1"
        grep -vE '^\[( RUN|       OK|=====)' "$3" | head -n 40
    else
        echo "ok     $1 ($ok$([ "$skip" -eq 0 ] || echo ", $skip skipped"))"
    fi
}

# Two at a time: each has its own output and exit code, counted in the order of their names.
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
run_one() { # binary
    timeout 300 "$1" >"$2/$(basename "$1").out" 2>&1
    echo $? >"$2/$(basename "$1").code"
}
export -f run_one
find "$build/tests/unit" "$build/tests/sandbox" -maxdepth 1 -name 'test_*' -type f -perm -u+x |
    xargs -P 2 -I{} bash -c 'run_one {} '"$room"
for code in "$room"/*.code; do
    name=$(basename "$code" .code)
    count "$name" "$(cat "$code")" "$room/$name.out"
    cat "$room/$name.out" >>"$log"
done

if [ "$what" = all ]; then
    for script in tests/integration/test_*.py; do
        [ -e "$script" ] || continue
        out=$(mktemp)
        MAITRED_BUILD=$build timeout 600 python3 "$script" >"$out" 2>&1
        code=$?
        counts=$(sed -n 's/^counts \([0-9]*\) \([0-9]*\) \([0-9]*\)$/\1 \2 \3/p' "$out" | tail -n 1)
        read -r ok bad skip <<<"${counts:-0 1 0}"
        [ $code -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
        passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
        if [ "$bad" -gt 0 ]; then
            echo "FAILED $(basename "$script")"
            tail -n 60 "$out"
        else
            echo "ok     $(basename "$script") ($ok$([ "$skip" -eq 0 ] || echo ", $skip skipped"))"
        fi
        cat "$out" >>"$log"
        rm -f "$out"
    done
fi
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
