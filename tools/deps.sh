#!/bin/sh
# deps.sh build|test|bench…: makes sure that what a purpose needs is there.
#
# What is missing is installed by apt-get on Debian and its kin, through sudo when not root, after saying what; on other
# systems it is listed, and the script stops. Each line of the lists: how to see that it is there, and Debian's package.
#   cmd:NAME  a command on PATH        pc:NAME   a pkg-config module
#   lib:FILE  a file the C compiler finds among its libraries
#   clang:FILE  a file in clang's resource folder
# A package in brackets is of use but not needed: it is installed when others have to be.
set -eu

packages() {
    case $1 in
    build) cat <<'LIST' ;;
cmd:cc gcc
lib:crt1.o libc6-dev
cmd:cmake cmake
cmd:ninja ninja-build
cmd:pkg-config pkg-config
pc:libuv libuv1-dev
pc:sqlite3 libsqlite3-dev
pc:zlib zlib1g-dev
lib:libboost_context.a libboost-context-dev
cmd:clang clang
cmd:wasm-ld lld
cmd:wasm-opt [binaryen]
pc:libcurl [libcurl4-openssl-dev]
pc:libmicrohttpd [libmicrohttpd-dev]
cmd:esbuild [esbuild]
lib:libzopfli.so [libzopfli-dev]
LIST
    test) cat <<'LIST' ;;
pc:cmocka libcmocka-dev
pc:libcurl libcurl4-openssl-dev
pc:openssl libssl-dev
pc:libmicrohttpd libmicrohttpd-dev
cmd:g++ g++
cmd:git git
cmd:python3 python3
cmd:ccache ccache
cmd:clang-format clang-format
cmd:clang-tidy clang-tidy
clang:lib/linux/libclang_rt.asan-*.a libclang-rt-dev
cmd:llvm-symbolizer llvm
cmd:shellcheck shellcheck
cmd:sqlite3 sqlite3
cmd:chromium chromium
cmd:node nodejs
cmd:npm npm
LIST
    bench) cat <<'LIST' ;;
cmd:nginx nginx-light
cmd:wrk wrk
cmd:chromium chromium
cmd:node nodejs
cmd:npm npm
LIST
    *) echo "deps.sh: \"$1\": build, test or bench" >&2; exit 2 ;;
    esac
}

is_there() {
    what=${1#*:}
    case $1 in
    cmd:*) command -v "$what" >/dev/null 2>&1 ;;
    pc:*) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$what" ;;
    lib:*) command -v cc >/dev/null 2>&1 && [ "$(cc -print-file-name="$what")" != "$what" ] ;;
    clang:*)
        command -v clang >/dev/null 2>&1 || return 1
        for file in "$(clang -print-resource-dir)"/$what; do [ -f "$file" ] && return 0; done
        return 1 ;;
    esac
}

needed='' useful=''
for purpose in "$@"; do
    list=$(packages "$purpose")
    while read -r probe package; do
        is_there "$probe" && continue
        case $package in
        \[*) package=${package#[}; useful="$useful ${package%]}" ;;
        *) needed="$needed $package" ;;
        esac
    done <<LIST
$list
LIST
done
[ -n "$needed" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These are missing (named as on Debian). Install them, then run this again:" >&2
    # shellcheck disable=SC2086
    printf '    %s\n' $needed >&2
    exit 1
fi
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Packages are missing, and there is no sudo to install them with. As root:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends$needed$useful" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "Installing with ${as_root:+sudo }apt-get:$needed$useful"
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $needed $useful
