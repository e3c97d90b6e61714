#!/bin/sh
# The names that the libraries show: the shared one exactly those of
# docs/symbols.txt, each of them declared in a header and called by a test
# beside this script; the static one no other.
#
#     symbols.sh SOURCE-DIR LIBOUTDIAL.SO LIBOUTDIAL.A
#
# After a change that is meant, write the new list:
#
#     symbols.sh SOURCE-DIR LIBOUTDIAL.SO > docs/symbols.txt
set -u
export LC_ALL=C
source=$1
shared=$2
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$shared" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
    sort >"$work/shared"
if [ $# -eq 2 ]; then
    cat "$work/shared"
    exit 0
fi

# same NAME FILE FILE: one test, whose failure shows the difference
same() {
    if diff "$2" "$3" >"$work/said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $1"
        sed -n 's/^[<>]/    &/p' "$work/said"
    fi
}

# Declarations as the compiler reads them: everything that is OD_API.
printf '#include <outdial/outdial.h>\n#include <outdial/backend.h>\n' |
    "${CC:-cc}" -std=c99 -I"$source/include" -E -P -x c - |
    tr '\n' ' ' | tr ';' '\n' |
    sed -n 's/.*visibility("default").*[ *]\(od_[a-z0-9_]*\)(.*/\1/p' |
    sort >"$work/declared"
nm --extern-only --defined-only "$3" | awk 'NF == 3 { print $3 }' |
    sort >"$work/static"

while read -r name; do
    grep -qw "$name" "$source"/tests/api/test_*.c || echo "$name"
done <"$work/shared" >"$work/untested"

same "exported by the shared library (<) as in docs/symbols.txt (>)" \
    "$work/shared" "$source/docs/symbols.txt"
same "declared (<) and defined (>)" "$work/declared" "$work/shared"
same "global in the static library (<) as in the shared one (>)" \
    "$work/static" "$work/shared"
same "names that no test here calls (<)" "$work/untested" /dev/null
grep -v '^od_[a-z]' "$work/shared" "$work/static" >"$work/others"
same "names that are not od_* (<)" "$work/others" /dev/null

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
