#!/bin/sh
# See liboutdial at work: forty people are called over real SIP and asked
# whether their water is back. The people are played by examples/callee, another
# process, on this machine alone. Needs Debian 12 and root or sudo; installs
# what is missing and says so, asks nothing. Leaves everything in demo-out/.
set -eu
cd "$(dirname "$0")"
out=demo-out
prompts=examples/demo

title() {
    printf '\n== %s\n' "$*"
}

# Show a command as one would type it, then run it.
outdial() {
    printf '$ outdial --db %s/demo.db' "$out"
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_.,:=/+-]*) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    build/examples/cli/outdial --db "$out/demo.db" "$@"
}

title "what it needs"
scripts/install-deps.sh build

title "build in build/"
if [ ! -f build/CMakeCache.txt ]; then
    cmake -G Ninja -S . -B build -DOUTDIAL_TESTS=OFF -DOUTDIAL_PYTHON=OFF \
        >/dev/null
fi
cmake --build build --target outdial_cli callee

title "forty people to call"
rm -rf "$out"
mkdir -p "$out/heard"
printf 'It is between 9:00 and 19:45 in: '
examples/demo/make_people.sh "$out/people.csv" "$out/plays" "$out/consent.csv"
outdial import "$out/people.csv" --group street --reject "$out/rejected.csv"
outdial dnc add "$(sed -n 2p "$out/people.csv" | cut -d , -f 1)" \
    --reason "asked by mail"

title "what allows the calls"
outdial consent import "$out/consent.csv"
outdial caller-id add "+1 212 555 0199" --evidence "contract, page 3"

title "what they will hear"
for prompt in hello offer ask_back ask_people no_such_key thanks removed; do
    outdial media add $prompt $prompts/$prompt.wav
done
outdial survey add $prompts/survey.txt
outdial campaign create "Water is back" --purpose informational \
    --seller "Lake Water Works" --caller-id "+1 212 555 0199" --group street \
    --prompt hello --prompt offer --identity hello --offer offer \
    --survey Water --opt-out-key '*' --opt-out-prompt removed --recall no \
    --concurrent 12 --ring-timeout 15s
outdial campaign problems "Water is back"

title "the people, a process of its own"
: >"$out/callee.log"
build/examples/callee/callee --listen 127.0.0.1:0 --plays "$out/plays" \
    --record "$out/heard" >"$out/callee.log" 2>&1 &
callee=$!
trap 'kill "$callee" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
port=
while [ -z "$port" ]; do
    kill -0 "$callee" || { cat "$out/callee.log" >&2; exit 1; }
    port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$out/callee.log")
    sleep 0.1
done
echo "listening on 127.0.0.1:$port"

title "the calls"
outdial run "Water is back" --until-done --address 127.0.0.1 \
    --trunk "name=street,host=127.0.0.1,port=$port,cps=8"

title "what is left"
outdial campaign export "Water is back" --calls "$out/calls.csv" \
    --answers "$out/answers.csv"
outdial dnc list
outdial ledger verify

title "the same by text, in simulated time"
outdial campaign create "By text" --channel text --purpose informational \
    --seller "Lake Water Works" --caller-id "+1 212 555 0199" --group street \
    --text "{{first_name|Hello}}, the water is back. How many live with you?" \
    --opt-out-text "Reply STOP to opt out" \
    --confirm-text "Lake Water Works: you get no more texts."
outdial message check "By text"
outdial message preview "By text" --longest 1
outdial simulate "By text" --text-undelivered 8 --text-opt-outs 5 \
    --text-replies 60 --text-reply 3

listener=$(awk 'NR > 1 && /press 1$/ { print substr($1, 2); exit }' "$out/plays")
heard=$out/heard/$listener-1.wav
cat <<LIST

  $out/demo.db        the database: people, calls, answers, ledger
  $out/calls.csv      every call
  $out/answers.csv    every answer
  $out/consent.csv    how each of them agreed
  $out/rejected.csv   the row that is no contact
  $heard   what one of them heard (play it with aplay)

Look around: build/examples/cli/outdial --db $out/demo.db --help
LIST
