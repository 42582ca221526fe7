#!/bin/sh
# build-view.sh FOLDER SOURCES… - of views alone (src/base, src/type, src/view) two programs in FOLDER: html, native,
# which writes what they render, and view.wasm, which traps on undefined behaviour, as what `dew dev` builds does. SOURCES: *.client.c
# for wasm alone, *_main.c for html alone, all others for both.
# What ccache, if there, has compiled for one test serves all.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
out=$1
shift
mkdir -p "$out"
clang=$(command -v clang || command -v clang-14)
wasm_ld=$(command -v wasm-ld || command -v wasm-ld-14)
ccache=$(command -v ccache || :)
objects='' pids=''
for source in "$root"/src/base/*.c "$root"/src/base/freestanding/*.c "$root"/src/type/*.c "$root"/src/view/*.c "$@"; do
    case $source in *.server.c | *_main.c) continue ;; esac
    object=$out/$(basename "$(dirname "$source")")_$(basename "$source").o
    objects="$objects $object"
    builtin=''
    case $source in */freestanding/*) builtin=-fno-builtin ;; esac
    $ccache "$clang" --target=wasm32 -std=gnu17 -ffreestanding -nostdlibinc $builtin -Os -mbulk-memory -msign-ext -DDEW_VIEW_CHECKS \
        -fsanitize=undefined -fno-sanitize=pointer-overflow -fsanitize-trap=undefined -Wall -Wextra -Wno-unused-parameter \
        -isystem "$root/src/base/freestanding/include" -I"$root/include" -I"$root/src" -c "$source" -o "$object" &
    pids="$pids $!"
done
native=''
for source in "$root"/src/base/*.c "$root"/src/type/*.c "$root"/src/view/*.c "$@"; do
    case $source in *.client.c) ;; *) native="$native $source" ;; esac
done
failed=''
for pid in $pids; do wait "$pid" || failed=yes; done
[ -z "$failed" ] || exit 1
# shellcheck disable=SC2086
"$wasm_ld" --no-entry --stack-first -z stack-size=131072 --gc-sections $objects -o "$out/view.wasm"
# shellcheck disable=SC2086
"$root/tests/browser/lib/build-html.sh" "$out" $native
