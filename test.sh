#!/bin/sh
# Build everything with warnings as errors, and run every test. As root or with
# sudo on Debian 12 it first installs what is missing and says so; it asks
# nothing. Ends with 0 if all is well.
#
#     ./test.sh [CTEST-OPTION]...     such as -R unit/ for a part
set -eu
cd "$(dirname "$0")"
build=${BUILD:-build-test}
failed=

title() {
    printf '\n== %s\n' "$*"
}

title "what it needs"
scripts/install-deps.sh build python test

title "build in $build/"
cmake -G Ninja -S . -B "$build" -DOUTDIAL_WERROR=ON >"$build.log" 2>&1 || {
    cat "$build.log"
    exit 1
}
rm -f "$build.log"
cmake --build "$build"

title "ctest"
ctest --test-dir "$build" --output-on-failure --output-log "$build/ctest.log" \
    --no-tests=error "$@" || failed="$failed ctest"

# A suite is tests/NAME/run.sh BUILD; it ends with 0 if all is well.
for suite in tests/*/run.sh; do
    [ -x "$suite" ] || continue
    title "$suite"
    "$suite" "$(realpath "$build")" || failed="$failed $suite"
done

title "result"
grep -E 'tests passed|tests failed' "$build/ctest.log" || true
if [ -n "$failed" ]; then
    echo "FAILED:$failed"
    exit 1
fi
echo "all suites passed"
