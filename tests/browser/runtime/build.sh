#!/bin/sh
# build.sh FOLDER - the programs of runtime.test.mjs: html (native), app.wasm, host.js and later.js, as dew-wasm makes them.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
out=$1
mkdir -p "$out"
DEW_EMBED=${DEW_BIN:-$root/build/release/bin}/dew-embed "$root/tools/dew-wasm" --name app "$here/app.c" -o "$out/app.o"
native=''
for source in "$root"/src/base/*.c "$root"/src/type/*.c "$root"/src/view/*.c "$root"/src/page/*.c; do
    case $source in *.client.c) ;; *) native="$native $source" ;; esac
done
# shellcheck disable=SC2086
"$root/tests/browser/lib/build-html.sh" "$out" $native "$here/app.c" "$here/html_main.c"
cp "$out/app.o.d/app.wasm" "$out/app.o.d/host.js" "$out/app.o.d/later.js" "$out/"
