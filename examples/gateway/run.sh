#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A gateway that one person can try: on this machine, with its state in a folder that git does not see.
# usage: run.sh TELLTALE [OPTION]...    (more options of `telltale gateway`, such as --upstream anthropic=http://127.0.0.1:9001)
set -eu
telltale=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
state=${TELLTALE_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/telltale-gateway-example}

# A keys file that others may read is refused, and git keeps no modes.
mkdir -p "$state"
chmod 700 "$state"
(umask 077 && cp "$here/keys.json" "$state/keys.json")
exec "$telltale" gateway --policy "$here/policy.yaml" --keys "$state/keys.json" --state "$state" "$@"
