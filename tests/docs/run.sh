#!/bin/sh
# The README and the guide: their code runs, their names and files are there.
#     tests/docs/run.sh BUILD
exec python3 "$(dirname "$0")/test_docs.py" "$1"
