#!/bin/sh
# build.sh FOLDER - the programs of state.test.mjs: html (native) and view.wasm, of src/base, src/type and src/view.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../../..
out=$1
mkdir -p "$out"
clang=$(command -v clang || command -v clang-14)
wasm_ld=$(command -v wasm-ld || command -v wasm-ld-14)
objects=''
for source in "$root"/src/base/*.c "$root"/src/base/freestanding/*.c "$root"/src/type/*.c "$root"/src/view/*.c \
    "$here"/state_view.c "$here"/main.client.c; do
    case $source in *.server.c) continue ;; esac
    object=$out/$(basename "$(dirname "$source")")_$(basename "$source").o
    objects="$objects $object"
    builtin=''
    case $source in */freestanding/*) builtin=-fno-builtin ;; esac
    "$clang" --target=wasm32 -std=gnu17 -ffreestanding -nostdlibinc $builtin -Os -mbulk-memory -msign-ext -DDEW_VIEW_CHECKS \
        -Wall -Wextra -Wno-unused-parameter -isystem "$root/src/base/freestanding/include" \
        -I"$root/include" -I"$root/src" -c "$source" -o "$object" &
done
native=''
for source in "$root"/src/base/*.c "$root"/src/type/*.c "$root"/src/view/*.c; do
    case $source in *.client.c) ;; *) native="$native $source" ;; esac
done
wait
# shellcheck disable=SC2086
"$wasm_ld" --no-entry --stack-first -z stack-size=131072 --gc-sections $objects -o "$out/view.wasm"
# shellcheck disable=SC2086
"${CC:-cc}" -std=gnu17 -O1 -g -Wall -Wextra ${DEW_TEST_CFLAGS:-} -I"$root/include" -I"$root/src" $native \
    "$here/state_view.c" "$here/html_main.c" -o "$out/html"
