#!/usr/bin/env bash
# Nothing that looks like a secret, a package mirror or a path of this machine is in the tree.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
look() { # what, pattern
    local hits
    hits=$(git grep -nIE "$2" -- . ':!tools/secrets.sh' 2>/dev/null)
    [ -z "$hits" ] && return
    echo "$hits" | cut -c1-160
    echo "this looks like $1"
    bad=1
}
look "a JSON web token" 'eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}'
look "a Telegram token" '\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b'
look "a Slack token" 'xox[abprs]-[0-9A-Za-z-]{10,}|xapp-[0-9]-[A-Z0-9]'
look "an API key" '\bsk-[A-Za-z0-9]{20,}'
look "a private key" 'BEGIN [A-Z ]*PRIVATE KEY'
look "a path of somebody's machine" "$(dirname "$(pwd)")/|/home/[a-z]+/|/root/"
look "a package mirror" '(deb|security)\.debian\.org|snapshot\.debian\.org|/debian-security'
[ $bad -eq 0 ] && echo "secrets: none"
exit $bad
