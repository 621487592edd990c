#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules of the code that a machine can check (CONTRIBUTING.md).  usage: lint.sh BUILD-FOLDER
# Each check prints what breaks it; the last line counts the broken rules.
set -u
cd "$(dirname "$0")/.." || exit 2
build=$1
broken=0

# check NAME OUTPUT: a rule holds when its check printed nothing
check() {
    if [ -n "$2" ]; then
        printf 'lint: %s\n%s\n' "$1" "$2"
        broken=$((broken + 1))
    fi
}

code=$(git ls-files '*.c' '*.h')
source=$(git ls-files 'src/*.c' 'src/*.h')
text=$(git ls-files | grep -Ev '^tests/(golden|fuzz/corpus)/|^data/(rules|unicode)/|^examples/')

# Rooms may include only the rooms of design's table; `allow ROOM ROOM...`
allow() {
    room=$1
    shift
    pattern=$(printf '%s|' "$room" "$@")
    grep -nE '^#include "' src/"$room"/*.c src/"$room"/*.h 2>/dev/null | grep -vE "#include \"(${pattern%|})/" || true
}
check "a room includes one that it may not" "$(
    allow base
    allow text base
    allow json base text
    allow finding base
    allow traffic base json finding
    allow catalog base text json
    allow marks base text json finding traffic
    allow input base
    allow scan base text json finding traffic marks input
    allow inspect base text json finding traffic marks input
    allow policy base text finding catalog marks
    allow ledger base text json
    allow gate base text json finding traffic catalog marks policy scan ledger
    allow serve base text json finding traffic catalog marks policy scan gate ledger
    allow cli base text json finding traffic catalog marks policy input scan inspect gate ledger serve probe
    allow probe base text json finding traffic catalog marks
)"

# libtelltale does no I/O and asks nothing of its surroundings.
library=$(git ls-files 'src/base/*' 'src/text/*' 'src/json/*' 'src/finding/*' 'src/catalog/*' 'src/traffic/*' 'src/marks/*' 'src/policy/*' 'src/gate/*' | grep '\.[ch]$')
check "a library room does I/O, exits, or asks the environment" "$(
    grep -nE '\b(printf|fprintf|snprintf|vsnprintf|puts|fopen|fread|fwrite|exit|abort|getenv|setlocale|malloc|calloc|time|clock)\(' $library |
        grep -v '^src/base/alloc.c:'
)"

check "the nginx module includes more than nginx and telltale.h" "$(
    grep -nE '^#include "' gateway/*.[ch] | grep -vE '#include "(telltale|ngx_http_telltale_module)\.h"'
    grep -nE '^#include <' gateway/*.[ch] | grep -vE '#include <(ngx_(config|core|http)|time)\.h>'
)"

check "a banned function" "$(
    grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|scanf|sscanf|alloca|gmtime|localtime|asctime|ctime|system|popen|tmpnam|mktemp|strncpy|strncat)\(' $source gateway/*.[ch]
)"

check "a global symbol without the prefix tt_" "$(
    find "$build/src" -name 'lib*.a' -exec nm -A -g --defined-only {} + 2>/dev/null | awk '$NF !~ /^tt_/ && NF >= 3 {print $1, $NF}'
)"
# Tables of pointers lie in .data.rel.ro, which the loader makes read-only.
check "a writable global variable" "$(
    find "$build/src" -name 'lib*.a' -exec nm -A -f sysv --defined-only {} + 2>/dev/null |
        awk -F '|' '$NF ~ /^ *\.(data|bss|tdata|tbss)/ && $NF !~ /\.data\.rel\.ro/ {print $1}'
)"

check "a file over 1000 lines" "$(wc -l $code | awk '$2 != "total" && $1 > 1000 {print $2 ": " $1}')"
# pmccabe: modified complexity, complexity, statements, first line, lines, file(line): function.  It complains about macros that declare members.
check "a function over 100 lines" "$(pmccabe $source gateway/*.c 2>/dev/null | awk -F '\t' '$5 > 100 {print $6 ": " $5 " lines"}')"
check "a function of complexity over 25" "$(pmccabe $source gateway/*.c 2>/dev/null | awk -F '\t' '$1 > 25 {print $6 ": complexity " $1}')"

check "a file without its licence line" "$(
    for f in $code $(git ls-files '*.py' '*.sh' '*meson.build'); do head -3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$f"; done
)"
check "white space at a line's end, a tab in C, or no newline at the end" "$(
    grep -nE '[[:blank:]]+$' $text /dev/null | grep -vE '\.(md|txt):'
    grep -nP '\t' $code /dev/null
    for f in $text; do [ -s "$f" ] && [ -n "$(tail -c 1 "$f")" ] && echo "$f: no newline at the end"; done
)"
check "an invisible character in a source" "$(
    LC_ALL=C.UTF-8 grep -nP '[\x{00AD}\x{034F}\x{061C}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{E0000}-\x{E0FFF}]' $text /dev/null
)"
check "a layout that clang-format would change" "$(
    clang-format --dry-run $code 2>&1 | grep -E 'warning:' | cut -d: -f1 | sort | uniq -c
)"
for header in $(git ls-files 'src/*.h'); do
    out=$(cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Isrc -x c "$header" 2>&1)
    check "the header $header does not stand alone" "$out"
done
check "a folder with one file" "$(
    git ls-files src docs/internals tests/unit | sed 's,/[^/]*$,,' | sort | uniq -c | awk '$1 == 1 && $2 != "src" {print $2}'
)"

if [ "$broken" -eq 0 ]; then
    echo "lint: every rule holds"
else
    echo "lint: $broken rules are broken"
    exit 1
fi
