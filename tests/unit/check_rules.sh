#!/bin/sh
# check_rules.sh - is rules_data.c what gen_rules.py makes of the texts, and the
# table of the guide what it lists? Exit 77 (skipped) without Python.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
rules=$root/src/rules
page=$root/docs/guide/rules.md
python=$(command -v python3) || exit 77
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$python" "$rules/gen_rules.py" > "$made/data.c"
if ! diff -u "$rules/rules_data.c" "$made/data.c" > "$made/diff"; then
    head -40 "$made/diff"
    echo "run: $rules/gen_rules.py > $rules/rules_data.c" >&2
    exit 1
fi
"$python" "$rules/gen_rules.py" --list > "$made/list"
sed -n '/^| rule | calls |/,/^$/p' "$page" | grep '^|' > "$made/page" || true
if ! diff -u "$made/page" "$made/list" > "$made/diff"; then
    head -40 "$made/diff"
    echo "put into $page: $rules/gen_rules.py --list" >&2
    exit 1
fi
