#!/bin/sh
# test.sh [soak]: every test but the soaks; or the soaks alone. Called by make test and make soak.
#
# Steps are independent; each writes build/test/<step>.log, prints one line, and its log's end when it fails. All of it
# fits 40 minutes on two cores from an empty cache. DEW_STEPS="release js" runs some alone. Whatever runs on the release
# build runs on the debug build (AddressSanitizer, UndefinedBehaviorSanitizer, leaks at exit) as well, but for what looks at
# the browser alone, which is the same. Browser halves as `dew dev` builds them are others: development-browser is theirs.
set -u
cd "$(dirname "$0")/.." || exit 1
mode=${1:-test}
logs=build/test
mkdir -p "$logs"
cores=$(getconf _NPROCESSORS_ONLN)
export CCACHE_NOHASHDIR=1 # what one preset has compiled serves another with the same options
failed='' passed=0 failures=0

# step NAME COMMAND…
step() {
    name=$1
    shift
    case " ${DEW_STEPS:-$name} " in *" $name "*) ;; *) return ;; esac
    start=$(date +%s)
    if "$@" >"$logs/$name.log" 2>&1; then
        echo "ok      $name  ($(($(date +%s) - start)) s)"
        passed=$((passed + 1))
    else
        echo "FAILED  $name  ($(($(date +%s) - start)) s): $logs/$name.log"
        grep -nE 'error:|FAILED|\*\*\*Failed|not ok |AssertionError|ERROR: |runtime error' "$logs/$name.log" | head -n 20
        tail -n 40 "$logs/$name.log"
        failed="$failed $name"
        failures=$((failures + 1))
    fi
}

# Configures and builds a preset; further arguments go to the build.
build() {
    preset=$1
    shift
    cmake --preset "$preset" && cmake --build --preset "$preset" -j "$cores" "$@"
}

# Builds a preset and runs its C tests; further arguments go to ctest.
c_tests() {
    preset=$1
    shift
    build "$preset" && ctest --test-dir "build/$preset" -j "$cores" --output-on-failure --no-tests=error "$@"
}

tsan_tests() {
    build tsan --target threaded_tests &&
        TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1" \
            ctest --test-dir build/tsan -j "$cores" --output-on-failure --no-tests=error -L threaded -LE soak
}

# A million random writes; after each, whatever they change is seen.
differential() {
    build release --target live_sqlite_differential_test --target sql_match_test &&
        (cd tests && export DEW_TEST_STEPS=1000000 && ../build/release/bin/live_sqlite_differential_test &&
            ../build/release/bin/sql_match_test)
}

# Each fuzz target for so many seconds, $cores of them at a time.
fuzz() {
    seconds=$1
    build fuzz || return 1
    find build/fuzz/bin -name "*_fuzz" -type f -print0 | xargs -0 -P "$cores" -I{} tools/fuzz-one {} "$seconds"
}

npm_install() {
    (cd tests && if ! cmp -s package-lock.json node_modules/.lock; then npm ci --no-audit --no-fund && cp package-lock.json node_modules/.lock; fi)
}

types() {
    npm_install && (cd tests && npx tsc --project tsconfig.json)
}

# The Node that drives browsers: playwright-core asks for 20 or later. Debian 12 has 18, on which all else runs; there the
# npm package "node" brings another.
browser_node() {
    if node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; then
        command -v node
        return
    fi
    newer=build/node/node_modules/.bin/node
    [ -x $newer ] || npm install --prefix build/node --no-audit --no-fund node@22.23.3 >&2 || return 1
    echo "$PWD/$newer"
}

# The *.test.mjs of folders, or these files, on programs of the release build.
node_tests() {
    npm_install || return 1
    node=node
    case " $*" in *" browser"*) node=$(browser_node) || return 1 ;; esac
    files=$(cd tests && find "$@" -name '*.test.mjs' | sort | sed 's|^|tests/|')
    # as many files at a time as there are processors; of its own node leaves one of them idle (18 does not know the option)
    side_by_side=--test-concurrency=$cores
    "$node" "$side_by_side" -e 0 2>/dev/null || side_by_side=
    # shellcheck disable=SC2086
    [ -z "$files" ] || "$node" --test $side_by_side $files
}

# The level of a process after a hundred thousand requests, and of a tab after ten thousand navigations.
levels() {
    npm_install || return 1
    node=$(browser_node) || return 1
    DEW_REQUESTS=100000 DEW_NAVIGATIONS=10000 "$node" --test tests/protocol/memory.test.mjs tests/browser/memory.test.mjs
}

# The same on programs of the debug build: a report of a sanitizer fails the test (tests/browser/lib/showcase.mjs).
debug_node_tests() {
    build debug --target examples --target dew_cli || return 1
    # shellcheck disable=SC2030
    (
        export DEW_BIN="$PWD/build/debug/bin/" CC=clang
        export DEW_TEST_CFLAGS='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
        node_tests "$@"
    )
}

# Browser halves as `dew dev` builds them (tools/dew-wasm --development): of each program of the tests that a browser opens, and
# what does not build programs itself, nor looks at how pages look (the ring around what has the focus, too) or how much they hold.
development_browser_tests() {
    build development --target examples --target ahead --target islands --target places --target regions --target travel \
        --target visitor --target window || return 1
    files=$(cd tests && find browser -name '*.test.mjs' | grep -vE '/(dev|runtime|state|view|accessibility|keyboard|memory)\.test')
    [ -n "$files" ] || return 1
    # shellcheck disable=SC2031,SC2086
    (export DEW_BIN="$PWD/build/development/bin/" DEW_TEST_DEVELOPMENT=1 && node_tests $files)
}

# Random schedules of the program of a preset: so many.
schedules() {
    preset=$1
    build "$preset" --target schedule &&
        env DEW_BIN="$PWD/build/$preset/bin/" SCHEDULES="${SCHEDULES:-$2}" \
            TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1" \
            node --test tests/schedule/schedule.test.mjs
}

# All folders with *.test.mjs but these.
other_folders() {
    find tests -name '*.test.mjs' -not -path '*/node_modules/*' | cut -d/ -f2 | sort -u | grep -vxE "$1"
}

tools/deps.sh build test || exit 1
if [ "$mode" = soak ]; then
    step release c_tests release -L soak
    step differential differential
    DEW_ROUNDS=1000 step crash node_tests crash
    step levels levels
    step schedule schedules release 20000
    step fuzz fuzz 300
else
    step release c_tests release -LE soak
    step lint tools/lint build/release
    step types types
    # shellcheck disable=SC2046
    step js node_tests $(other_folders 'browser|schedule')
    step schedule schedules release 1000
    step browser node_tests browser
    step development-browser development_browser_tests
    step install tests/install/run build/release
    step plain c_tests plain -LE 'soak|source'
    step debug c_tests debug -LE 'soak|source'
    DEW_ROUNDS=${DEW_ROUNDS:-40} step debug-programs debug_node_tests protocol crash wasm
    step debug-schedule schedules debug 300
    step debug-browser debug_node_tests browser
    step tsan tsan_tests
    step tsan-schedule schedules tsan 300
    step fuzz fuzz "${DEW_FUZZ_SECONDS:-5}"
fi
[ -z "$failed" ] || echo "failed:$failed"
echo "$passed passed, $failures failed"
[ "$failures" -eq 0 ]
