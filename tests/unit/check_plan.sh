#!/bin/sh
# check_plan.sh - is plan_data.c what gen_plan.py makes of the CSV files?
# Exit 77 (skipped) without Python.
set -eu
place=$(cd "$(dirname "$0")/../../src/place" && pwd)
python=$(command -v python3) || exit 77
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$python" "$place/gen_plan.py" > "$made"
if ! diff -u "$place/plan_data.c" "$made" > "$made.diff"; then
    head -40 "$made.diff"
    rm -f "$made.diff"
    echo "run: $place/gen_plan.py > $place/plan_data.c" >&2
    exit 1
fi
rm -f "$made.diff"
