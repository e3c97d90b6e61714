#!/bin/sh
# Each public header alone, strictly, as C99 and as C++11.
#
#     headers.sh INCLUDE-DIR       compilers: CC and CXX, or cc and c++
set -u
include=$1
strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME COMMAND...: one test
check() {
    name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $name"
        sed 's/^/    /' "$work/said"
    fi
}

for header in "$include"/outdial/*.h; do
    name=outdial/$(basename "$header")
    # Included twice: the guard works as well.
    printf '#include <%s>\n#include <%s>\n' "$name" "$name" >"$work/one.c"
    # shellcheck disable=SC2086
    check "$name in C99" "${CC:-cc}" -std=c99 $strict -Wstrict-prototypes \
        -I"$include" -x c -fsyntax-only "$work/one.c"
    # shellcheck disable=SC2086
    check "$name in C++11" "${CXX:-c++}" -std=c++11 $strict \
        -I"$include" -x c++ -fsyntax-only "$work/one.c"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
