#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on the sample: an unmarked capture, a marked one, and what the mark would say.  usage: demo.sh TELLTALE
set -eu
telltale=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")"

# A scan that finds something ends with exit code 1; here that is the point.
show() {
    code=0
    printf '\n$ telltale %s\n' "$*"
    "$telltale" "$@" || code=$?
    [ "$code" -le 1 ]
}

echo "Two captures of one conversation with a model API, as a client sent it.  They look the same on a screen."
show scan unmarked.jsonl
show scan --show candidate marked.jsonl
printf '\nThe reference codec writes the same sentence from the same facts:\n'
show marks encode --base-url https://my-deepseek-proxy.example.com --timezone Asia/Shanghai --date 2026-05-09
