#!/usr/bin/env bash
# Arrows only go down: who may include whom, read from the #include lines.
set -u
cd "$(dirname "$0")/.." || exit 1

# folder: what it may include besides itself
allowed() {
    case $1 in
        core/base) echo "" ;;
        core/resy | core/data | core/llm) echo "core/base" ;;
        db) echo "core/base" ;;
        core/services) echo "core/base core/data core/resy db" ;;
        core/scheduler) echo "core/base core/resy core/services db" ;;
        core/orchestrator) echo "core/base core/llm core/services db" ;;
        core/agents) echo "core/base core/data core/llm core/services core/orchestrator db" ;;
        adapters/*) echo "core/base core/orchestrator" ;;
        bot) echo "core adapters db" ;;
        tests) echo "core adapters db bot" ;;
        *) echo "?" ;;
    esac
}

folder_of() {
    case $1 in
        core/*) echo "$1" | cut -d/ -f1-2 ;;
        adapters/*) echo "$1" | cut -d/ -f1-2 ;;
        *) echo "$1" | cut -d/ -f1 ;;
    esac
}

bad=0
while IFS=: read -r file line include; do
    target=$(echo "$include" | sed 's/.*"\(.*\)".*/\1/')
    from=$(folder_of "$file")
    to=$(folder_of "$target")
    [ "$from" = "$to" ] && continue
    ok=
    for may in $(allowed "$from"); do
        case $to in "$may" | "$may"/*) ok=1 ;; esac
    done
    if [ -z "$ok" ]; then
        echo "$file:$line: $from may not include $target"
        bad=1
    fi
done < <(grep -rn '^#include "' --include='*.c' --include='*.h' --include='*.cpp' core db adapters bot tests)

# core/ and db/ name no platform.
if grep -rniE '\b(telegram|slack)\b' --include='*.c' --include='*.h' core db | grep -v 'utf8.h'; then
    echo "core/ and db/ may not name a platform"
    bad=1
fi
[ $bad -eq 0 ] && echo "layers: all arrows go down"
exit $bad
