#!/usr/bin/env bash
# The main job against a sandbox on this machine: watch a full place, hear that it opened.
# Without a terminal: messages from standard input, one a line; exit 0 only if the alert came.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
place="Sorrel & Ash"
wish="/watch $place tomorrow for 2 at 8pm"
room=$(mktemp -d)
sandbox=
chat=
clean_up() {
    [ -z "$chat" ] || kill "$chat" 2>/dev/null || true
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$room"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

"$top/build/release/sandbox" --port 0 --control-port 0 --script "$top/tests/sandbox/demo.script" \
    >"$room/sandbox.out" 2>"$room/sandbox.err" &
sandbox=$!
for _ in $(seq 100); do
    grep -q '^listening' "$room/sandbox.out" && break
    kill -0 "$sandbox" 2>/dev/null || { cat "$room/sandbox.err"; echo "The sandbox did not start."; exit 1; }
    read -r -t 0.05 _ <> <(:) || true
done
url=$(sed -n 's/.* http=\([^ ]*\).*/\1/p' "$room/sandbox.out")
umask 077 # a token is in it, if only the sandbox's
cat >"$room/config.toml" <<EOF
[resy]
base_url = "$url"
web_base = "$url"
auth_token = "sandbox-token"
[booking]
enabled = true
[watch]
default = "2s"
[log]
level = "err"
EOF
cat <<EOF

  This is maitred in a made-up city: a sandbox on this machine answers in Resy's place.
  "$place" is full every night. Somebody cancels about 25 seconds from now.

  Type this, and wait for the alert:

      $wish

  When it comes, press Book and Confirm: here it costs nothing.

  More to try: sushi tomorrow for 2; Lark, any night next week, for two; sorry, the 28th; /help.
  A number presses the button that has it. Tab completes, Ctrl-D leaves.

EOF
cd "$room"
if [ -t 0 ] && [ -t 1 ]; then
    "$top/build/maitred" chat || exit $?
    exit 0
fi

# Standard input may be empty: then the demo says the line itself.
cat >"$room/messages" || true
if ! grep -q '[^[:space:]]' "$room/messages"; then
    echo "> $wish"
    printf '%s\n' "$wish" >"$room/messages"
fi
mkfifo "$room/answers"
"$top/build/maitred" chat --yes --wait 90 <"$room/messages" >"$room/answers" &
chat=$!
came=1
while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in
        "A table opened: $place"* | "Open now: $place"*) came=0 ;;
        *"[1] "* | *"[2] "* | *"] Stop watch"*) [ $came -eq 1 ] || break ;;
    esac
done <"$room/answers"
kill "$chat" 2>/dev/null || true
wait "$chat" 2>/dev/null || true
chat=
if [ $came -eq 0 ]; then
    printf '\n  That was the alert: a table was opened while maitred watched, and it said so at once.\n'
else
    printf '\n  The alert did not come. Watch "%s" to see it: %s\n' "$place" "$wish"
fi
exit $came
