#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target for some seconds on its corpus.  usage: run.sh BUILD-FOLDER SECONDS
set -u
here=$(dirname "$0")
broken=0
for target in "$1"/tests/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    work=$(mktemp -d) || exit 2
    golden=$here/../golden/$name # documents that other tests read serve as seeds too
    [ -d "$golden" ] || golden=
    echo "fuzz: $name for $2 s"
    "$target" -max_total_time="$2" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$1/crash-$name-" "$work" "$here/corpus/$name" $golden || broken=$((broken + 1))
    rm -rf "$work"
done
echo "fuzz: $broken targets failed"
[ "$broken" -eq 0 ]
