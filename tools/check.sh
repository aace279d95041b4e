#!/usr/bin/env bash
# Everything that must hold before a change lands. Ends with a line like that of the tests.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
export CI=1

step() { # name, command…
    local name=$1 out
    shift
    out=$(mktemp)
    local from=$SECONDS
    if "$@" >"$out" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $name ($((SECONDS - from)) s): $(tail -n 1 "$out")"
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        tail -n 60 "$out"
    fi
    rm -f "$out"
}

add_tests() { # a line of counts
    local numbers
    numbers=$(sed -n 's/^tests: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$1" | tail -n 1)
    read -r p f s <<<"${numbers:-0 1 0}"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

under_tsan() {
    make --no-print-directory -j2 MODE=tsan binaries >/dev/null || return 1
    # The virtual world is one thread: more interleavings of it show TSan nothing more.
    MAITRED_SEEDS=1 tools/test.sh build/tsan unit
}

under_valgrind() {
    make --no-print-directory -j2 build/maitred >/dev/null || return 1
    make --no-print-directory -j2 MODE=release build/release/sandbox >/dev/null || return 1
    tools/valgrind.sh
}

tests=$(mktemp)
make --no-print-directory test 2>&1 | tee "$tests" | grep -v '^gcc\|^g++\|^ar\|^awk'
add_tests "$tests"
rm -f "$tests"
step format make --no-print-directory format
step layers make --no-print-directory layers
step headers make --no-print-directory headers
step secrets make --no-print-directory secrets
step clang make --no-print-directory clang
step tidy make --no-print-directory tidy
step tsan under_tsan
step valgrind under_valgrind
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
