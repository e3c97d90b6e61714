#!/bin/sh
# The command line and the examples, as a user meets them.
#     tests/cli/run.sh BUILD
exec python3 "$(dirname "$0")/test_cli.py" "$1"
