#!/bin/sh
# build-html.sh FOLDER SOURCES… - FOLDER/html, a native program of these sources alone: what views render. What ccache, if
# there, has compiled for one test serves all.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
out=$1
shift
mkdir -p "$out"
ccache=$(command -v ccache || :)
objects='' pids=''
for source in "$@"; do
    object=$out/native_$(basename "$(dirname "$source")")_$(basename "$source").o
    objects="$objects $object"
    # shellcheck disable=SC2086
    $ccache "${CC:-cc}" -std=gnu17 -O1 -g -Wall -Wextra ${DEW_TEST_CFLAGS:-} -I"$root/include" -I"$root/src" -c "$source" -o "$object" &
    pids="$pids $!"
done
failed=''
for pid in $pids; do wait "$pid" || failed=yes; done
[ -z "$failed" ] || exit 1
# shellcheck disable=SC2086
"${CC:-cc}" ${DEW_TEST_CFLAGS:-} $objects -o "$out/html"
