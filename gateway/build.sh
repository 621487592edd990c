#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the nginx module against the headers and the configure of nginx-dev.
#
# usage: build.sh CC CFLAGS LDFLAGS SOURCE INCLUDE BUILD OUTPUT DEPFILE LIBRARY...
#   SOURCE: this folder; INCLUDE: of "telltale.h"; BUILD: scratch; OUTPUT: the .so; LIBRARY: static, and linker options
# conf_flags sets an array, so this needs bash.  Nothing is written to nginx's own folder.
set -eu
cc=$1 cflags=$2 ldflags=$3
source=$(realpath "$4") include=$(realpath "$5") build=$6 output=$(realpath "$7") depfile=$8
shift 8

libraries=
for library in "$@"; do
    case $library in
    -*) libraries="$libraries $library" ;;
    *) libraries="$libraries $(realpath "$library")" ;;
    esac
done

rm -rf "$build"
mkdir -p "$build"
build=$(realpath "$build")
nginx=/usr/share/nginx/src
# Configure and make talk a lot; what they said is shown only when they fail.
log=$build/log
trap 'status=$?; [ $status -eq 0 ] || { tail -50 "$log"; }; exit $status' EXIT

export TELLTALE_INC=$include TELLTALE_CFLAGS=$cflags
export TELLTALE_LIBS="$ldflags -Wl,-Bsymbolic -Wl,--version-script=$source/exports.map -Wl,--start-group $libraries -Wl,--end-group"
cd "$nginx"
. ./conf_flags
./configure --with-cc="$cc" --with-cc-opt="-g -fPIC" --with-ld-opt="-fPIC" "${NGX_CONF_FLAGS[@]}" \
    --add-dynamic-module="$source" --builddir="$build" >"$log" 2>&1
make -f "$build/Makefile" -C "$nginx" modules >>"$log" 2>&1
# By rename: a running nginx has the old file mapped.
mv "$build/ngx_http_telltale_module.so" "$output"
cd - >/dev/null
{
    printf '%s:' "$(basename "$output")"
    printf ' %s' "$source"/*.[ch] "$source/config" "$source/exports.map" "$source/build.sh" "$include/telltale.h"
    echo
} >"$depfile"
