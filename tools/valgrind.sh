#!/usr/bin/env bash
# A whole scenario under valgrind: start, find, watch, hear that it opened, stop. No leak, no error.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
room=$(mktemp -d)
sandbox=
trap '[ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null; rm -rf "$room"' EXIT
"$top/build/release/sandbox" --port 0 --control-port 0 >"$room/out" 2>/dev/null &
sandbox=$!
until grep -q '^listening' "$room/out"; do kill -0 "$sandbox"; done
url=$(sed -n 's/.* http=\([^ ]*\).*/\1/p' "$room/out")
control=$(sed -n 's/.* control=\([^ ]*\).*/\1/p' "$room/out")
printf '[resy]\nbase_url = "%s"\nweb_base = "%s"\n[watch]\ndefault = "1s"\n' "$url" "$url" >"$room/config.toml"
curl -sf -d 'open-for 60 sorrel-and-ash any 2 20:15' "$control/" >/dev/null
cd "$room"
printf '%s\n' '/help' '/find Marrow Street Kitchen friday for 2' '/watch Sorrel & Ash tomorrow for 2' \
    '/watches' '/status' '/test' '/stop 1' '/nonsense' |
    valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite --num-callers=30 --suppressions="$top/tools/valgrind.supp" \
        "$top/build/release/maitred" chat --yes --wait 4 >"$room/said" 2>"$room/valgrind.log" || {
    cat "$room/valgrind.log" "$room/said"
    exit 1
}
grep -q '^Open now: Sorrel' "$room/said" || { cat "$room/said"; echo "the alert did not come"; exit 1; }
echo "valgrind: a whole scenario without an error or a leak"
