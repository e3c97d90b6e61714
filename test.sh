#!/bin/sh
# Build everything with warnings as errors, and run every test. As root or with
# sudo on Debian 12 it first installs what is missing and says so; it asks
# nothing. Ends with 0 if all is well.
#
#     ./test.sh [CTEST-OPTION]...     such as -R unit/ for a part
set -eu
cd "$(dirname "$0")"
build=${BUILD:-build-test}

title() {
    printf '\n== %s\n' "$*"
}

title "what it needs"
scripts/install-deps.sh build python test

title "build in $build/"
# Optimised as it is shipped, but with its assertions.
cmake -G Ninja -S . -B "$build" -DOUTDIAL_WERROR=ON \
    -DCMAKE_C_FLAGS_RELWITHDEBINFO="-O2 -g" >/dev/null
cmake --build "$build"

# Whatever is a test of this project is a ctest test: units, conformance,
# scenarios, faults, interop with other SIP programs, the command line, Python.
title "tests"
ctest --test-dir "$build" --output-on-failure --no-tests=error "$@"
