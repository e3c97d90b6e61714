#!/bin/sh
# Every option that leaves something out: each builds without warnings and
# passes the tests that are left. Six builds from nothing, so not in ctest.
#
#     tests/packaging/options.sh [WORK-DIR]      kept if it is given
set -u
source=$(realpath "$(dirname "$0")/../..")
passed=0
failed=0
if [ $# -gt 0 ]; then
    work=$1
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

build() { # DIR OPTION...
    dir=$1
    shift
    timeout 1200 cmake -G Ninja -S "$source" -B "$dir" -DOUTDIAL_WERROR=ON \
        -DCMAKE_BUILD_TYPE=Debug "$@" &&
        timeout 1200 cmake --build "$dir"
}

tests() { # DIR: none is fine where there are none
    timeout 600 ctest --test-dir "$1" --output-on-failure -j 2 \
        -R '^(unit|conformance|api)/' -E 'check_plan'
}

# check NAME OPTION...: one build and its tests
check() {
    name=$1
    shift
    if build "$work/$name" "$@" >"$work/$name.log" 2>&1 &&
        tests "$work/$name" >>"$work/$name.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $name ($*)"
        tail -n 25 "$work/$name.log" | sed 's/^/    /'
    fi
}

check without_sip -DOUTDIAL_SIP=OFF
check without_smpp -DOUTDIAL_SMPP=OFF
check without_sqlite -DOUTDIAL_SQLITE=OFF
check without_all -DOUTDIAL_SIP=OFF -DOUTDIAL_SMPP=OFF -DOUTDIAL_SQLITE=OFF \
    -DOUTDIAL_PYTHON=OFF
check library_alone -DOUTDIAL_TESTS=OFF -DOUTDIAL_EXAMPLES=OFF \
    -DOUTDIAL_PYTHON=OFF
check libre_shared -DOUTDIAL_LIBRE=shared

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
