#!/bin/sh
# The tests under sanitizers, and a whole campaign under valgrind.
#
#     tests/sanitize.sh [PART]...     parts: address thread valgrind; all of
#                                     them without one
#
# address   address and undefined: unit, conformance, scenario and api tests
# thread    the programs with threads: rings, wake, media, SIP
# valgrind  the command line: import, consent, rules, a registry, prompts,
#           survey, a campaign checked, forecast and simulated to its end,
#           exports, ledger
#
# OUTDIAL_CAMPAIGN names another program for valgrind (a command with its
# arguments). BUILD, by default build, begins the names of the build folders.
# Every part is bounded in time.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
passed=0
failed=0
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

title() {
    printf '\n== %s\n' "$*"
}

# check NAME COMMAND...: one part
check() {
    name=$1
    shift
    title "$name"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $name"
    fi
}

configure() { # DIR OPTION...: -O1 keeps the stacks readable and the time short
    dir=$1
    shift
    mkdir -p "$dir"
    if ! cmake -G Ninja -S . -B "$dir" -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS=-O1 -DOUTDIAL_PYTHON=OFF "$@" >"$dir/cmake.log" 2>&1
    then
        cat "$dir/cmake.log"
        return 1
    fi
}

make_all() {
    timeout 1800 cmake --build "$1" >"$1/build.log" 2>&1 ||
        { tail -n 30 "$1/build.log"; return 1; }
}

run_tests() { # DIR SECONDS CTEST-OPTION...
    dir=$1
    seconds=$2
    shift 2
    # The thread sanitizer wants the memory laid out as of old.
    timeout --kill-after=10 "$seconds" setarch "$(uname -m)" -R \
        ctest --test-dir "$dir" --output-on-failure --no-tests=error "$@"
}

address() {
    configure "$build-address" -DOUTDIAL_SANITIZE=address,undefined &&
        make_all "$build-address" &&
        run_tests "$build-address" 1800 --timeout 600 \
            -R '^(unit|conformance|scenario|api)/'
}

thread() {
    configure "$build-thread" -DOUTDIAL_SANITIZE=thread &&
        make_all "$build-thread" &&
        run_tests "$build-thread" 1200 --timeout 600 \
            -R '/test_(ring|wake|media.*|sip.*|transport_sip|link|agent)$'
}

campaign() { # COMMAND...: what valgrind watches
    timeout --kill-after=10 600 valgrind --quiet --error-exitcode=99 \
        --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
        "$@" >"$work/out" 2>&1 ||
        { tail -n 60 "$work/out"; return 1; }
}

outdial() {
    echo "outdial $*"
    campaign "$build-valgrind/examples/cli/outdial" --db "$db" "$@"
}

# Forty people, one of them twice, one without a phone.
people() {
    echo 'phone,first_name,notes'
    for i in $(seq 10 49); do
        echo "+121255501$i,Person $i,\"one, two\""
    done
    echo '+12125550110,Person again,'
    echo ',Nobody,'
}

# All of them but one agreed.
agreed() {
    echo 'phone,kind,purpose,obtained,seller'
    for i in $(seq 10 48); do
        echo "+121255501$i,express,informational,2026-03-01,Works"
    done
}

rules() {
    printf '%s\n' 'rule own.hours' '  in US-NY' '  purpose any' \
        '  window daily 9:00-18:00' '  cite the board' '  verified yes'
}

whole_campaign() {
    people >"$work/people.csv"
    agreed >"$work/agreed.csv"
    rules >"$work/own.rules"
    echo 2125550111 >"$work/listed.txt"
    db=$work/people.db
    outdial import "$work/people.csv" --group street \
        --reject "$work/rejected.csv" &&
        outdial dnc add +12125550112 --reason asked &&
        outdial dnc build --name us.national --obtained 2027-05-01 \
            --out "$work/national.reg" "$work/listed.txt" &&
        outdial consent import "$work/agreed.csv" &&
        outdial caller-id add +12125550199 --evidence letter &&
        outdial rules add own "$work/own.rules" &&
        outdial override add told --rule us.optout.exempt --reason tested \
            --who tests || return 1
    for file in examples/demo/*.wav; do
        outdial media add "$(basename "$file" .wav)" "$file" || return 1
    done
    outdial survey add examples/demo/survey.txt &&
        outdial campaign create All --purpose informational --seller Works \
            --caller-id +12125550199 --group street --prompt hello \
            --prompt offer --identity hello --offer offer --survey Water \
            --opt-out-key '*' --opt-out-prompt removed --retry busy=10m/2 \
            --quota 'back=Yes:90' --guard brief=900 &&
        outdial campaign problems All &&
        outdial campaign show All &&
        outdial campaign forecast All &&
        outdial simulate All --at 2027-05-12T16:00:00Z --answer 60 \
            --voicemail 10 --opt-out 5 --opt-out-key '*' \
            --range +12125550113:busy=100 --registry "$work/national.reg" \
            --keep "$work/kept.db" || return 1
    cat "$work/out"
    db=$work/kept.db
    outdial campaign histogram All &&
        outdial campaign export All --calls "$work/calls.csv" \
        --answers "$work/answers.csv" &&
        outdial ledger verify
}

valgrind_campaign() {
    configure "$build-valgrind" -DOUTDIAL_TESTS=OFF &&
        make_all "$build-valgrind" || return 1
    if [ -n "${OUTDIAL_CAMPAIGN:-}" ]; then
        # shellcheck disable=SC2086 # a command with its arguments
        campaign $OUTDIAL_CAMPAIGN
    else
        whole_campaign
    fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- address thread valgrind
for part in "$@"; do
    case $part in
    address) check "address, undefined" address ;;
    thread) check "thread" thread ;;
    valgrind) check "valgrind" valgrind_campaign ;;
    *) echo "sanitize.sh: there is no part $part" >&2; exit 2 ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
