#!/bin/sh
# Text campaigns of text_run to an SMSC in Perl on loopback: one line for each
# case, then "N passed, N failed". The exit status is 0 if all passed.
#
#   run_smpp.sh path/to/text_run [case...]
#
# A case is judged by smsc/judge.pl, which holds what the SMSC wrote down against
# the database: nobody texted twice, nobody lost, no receipt and no reply that
# was acknowledged and is not stored; in the middle of a fault and at the end.
# Everything is bounded in time; processes are ended by their own number. The
# instants of the kills come from OD_SEED, which is printed.
set -u

if ! perl -MNet::SMPP -e 1 2>/dev/null; then
    echo "skip: Net::SMPP is not installed (Debian: libnet-smpp-perl)"
    exit 77
fi
text_run=$1
shift
wanted=" $* "
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
seed=${OD_SEED:-$$}
passed=0
failed=0
smsc=
runner=
problem=

stop_smsc() { # signal
    if [ -n "$smsc" ]; then
        kill "-$1" "$smsc" 2>/dev/null
        wait "$smsc" 2>/dev/null
        smsc=
    fi
}
stop_runner() { # signal
    if [ -n "$runner" ]; then
        kill "-$1" "$runner" 2>/dev/null
        wait "$runner" 2>/dev/null
        runner=
    fi
}
trap 'stop_runner KILL; stop_smsc KILL; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

is_bound() {
    grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") " /proc/net/tcp
}

port=$((16000 + $$ % 4000))
next_port() {
    port=$((port + 10))
    while is_bound $port || is_bound $((port + 1)); do
        port=$((port + 10))
    done
}

# Try a command every 50 ms until it succeeds, at most $1 times.
wait_for() { # tries, command...
    tries=$1
    shift
    while ! "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

is_wanted() {
    [ "$wanted" = "  " ] && return 0
    case $wanted in *" $1 "*) return 0 ;; esac
    return 1
}

# The first problem of a case counts.
say_problem() {
    [ -n "$problem" ] || problem=$*
}

# == the two processes ========================================================

start_smsc() { # words of smsc.pl
    perl "$here/smsc/smsc.pl" "port=$port" "control=$((port + 1))" \
        "journal=$work/journal" "seed=$seed" lifetime_s=120 "$@" >>"$work/smsc" 2>&1 &
    smsc=$!
    wait_for 100 is_bound "$port" || say_problem "the SMSC does not start"
}

smsc_say() { # a line for its control port -> what it answers
    bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && echo "$2" >&3 &&
        read -r -t 5 answer <&3 && echo "$answer"' say "$((port + 1))" "$1"
}

start_run() { # options of text_run
    "$text_run" run --db "$work/db" --port "$port" \
        --began "$began" "$@" >>"$work/out" 2>&1 &
    runner=$!
}

end_run() { # status that is expected
    wait "$runner"
    status=$?
    runner=
    [ "$status" = "$1" ] || say_problem "text_run ended with $status"
}

# How many lines of the journal begin with these words?
journal_count() {
    grep -c "^$1" "$work/journal" 2>/dev/null
}

has_lines() { # words, at least
    [ "$(journal_count "$1")" -ge "$2" ]
}

wait_lines() { # words, at least
    wait_for 400 has_lines "$1" "$2" ||
        say_problem "not $2 lines of \"$1\" in the journal"
}

show() {
    timeout 30 "$text_run" show --db "$work/db" >"$work/shown" 2>&1 ||
        say_problem "show: $(head -n 1 "$work/shown")"
}

# How many lines of show match?
shown_count() {
    grep -c "$1" "$work/shown"
}

judge() { # words of judge.pl
    show
    said=$(perl "$here/smsc/judge.pl" "$work/journal" "$work/shown" "$@") ||
        say_problem "$(echo "$said" | head -n 5 | tr '\n' ';')"
}

expect() { # what, is, operator, wanted
    test "$2" "$3" "$4" || say_problem "$1: $2, not $3 $4"
}

# == cases ====================================================================

# $1: case; $2: contacts; then options of text_run prepare
begin_case() {
    name=$1
    is_wanted "$name" || return 1
    contacts=$2
    shift 2
    problem=
    said=
    rm -f "$work"/*
    : >"$work/journal"
    next_port
    began=$(date +%s%3N)
    timeout 60 "$text_run" prepare --db "$work/db" --contacts "$contacts" \
        "$@" >"$work/out" 2>&1 || say_problem "prepare failed"
}

end_case() {
    stop_runner KILL
    stop_smsc TERM
    if [ -z "$problem" ]; then
        passed=$((passed + 1))
        echo "pass $name: $said"
    else
        failed=$((failed + 1))
        echo "FAIL $name: $problem"
        tail -n 20 "$work/out" "$work/smsc" 2>/dev/null | sed 's/^/    /'
    fi
}

# A campaign that meets what the SMSC is told to do from the beginning on.
# $1: case; $2: words of smsc.pl; $3: options of text_run; $4: words of judge.pl
whole_case() {
    begin_case "$1" 300 || return 0
    # shellcheck disable=SC2086
    start_smsc $2
    # shellcheck disable=SC2086
    start_run $3
    end_run 0
    # shellcheck disable=SC2086
    judge "contacts=$contacts" $4
    return 1
}

whole_case plain "receipts=text" "" known || {
    expect "delivered" "$(shown_count ' sent delivered ')" = 300
    expect "binds" "$(journal_count bind)" = 1
    expect "validity" "$(journal_count 'taken .* 000001000000000R ')" = 300
    end_case
}
whole_case receipts_tlv "receipts=tlv" "" known || {
    expect "delivered" "$(shown_count ' sent delivered ')" = 300
    end_case
}
whole_case receipts_decimal "receipts=text ids=hex" "--decimal" known || {
    expect "delivered" "$(shown_count ' sent delivered ')" = 300
    end_case
}
whole_case receipts_early "receipts=mixed receipt_early=1000 answer_ms=50" "" \
    known || {
    expect "delivered" "$(shown_count ' sent delivered ')" = 300
    end_case
}
whole_case receipts_any_order "receipts=mixed receipt_early=300
    receipt_twice=300 receipt_sent=400 answer_ms=30 answer_reversed=1" "" \
    known || {
    expect "delivered" "$(shown_count ' sent delivered ')" = 300
    end_case
}
whole_case receipts_never "receipts=mixed receipt_never=500" "" known || {
    expect "accepted" "$(shown_count ' sent accepted ')" -gt 50
    end_case
}
whole_case undelivered "receipts=mixed undelivered=300 expired=200" "" known || {
    expect "failed" "$(shown_count ' undelivered failed ')" -gt 40
    expect "expired" "$(shown_count ' undelivered expired ')" -gt 20
    expect "codes" "$(shown_count ' undelivered failed .* 034$')" -gt 10
    end_case
}

# Throttling and full queues: not taken, so it is sent again.
whole_case throttled "reject=200" "" known || {
    expect "refused" "$(journal_count 'refused 88')" -gt 20
    end_case
}
whole_case throttled_burst "reject_next=100 reject_bare=1" "" known || {
    expect "refused" "$(journal_count 'refused 88')" = 100
    end_case
}
whole_case queue_full "reject_next=60 reject_status=0x14" "" known || {
    expect "refused" "$(journal_count 'refused 20')" = 60
    end_case
}
whole_case per_second "per_second=60" "--rate 200" known || {
    # Who does not slow down is refused 140 times a second, for five of them.
    expect "refused" "$(journal_count refused)" -lt 350
    end_case
}

# The connection goes: what was answered is SENT, what was not is UNKNOWN.
whole_case dropped "drop_after=90 drop_times=3 answer_ms=20" "" "" || {
    expect "drops" "$(journal_count drop)" = 3
    expect "binds" "$(journal_count bind)" = 4
    end_case
}
whole_case dropped_unanswered "drop_after=60 drop_mute=25 drop_times=4" \
    "" "" || {
    # What was on its way to it then is unknown as well, and not sent again.
    expect "drops" "$(journal_count drop)" -ge 3
    expect "unknown" "$(shown_count ' none unknown ')" -ge 75
    end_case
}
whole_case unanswered "mute=7" "--response 600" "" || {
    expect "unknown" "$(shown_count ' none unknown ')" = 7
    end_case
}

# Texts of several segments.
begin_long() {
    begin_case "$1" 60 --text "$long_text"
}
long_text="{{first_name}}, the office at the corner of Main Street and Second
Avenue is closed today and tomorrow because of the works in the street. We are
there again on Friday from nine in the morning; who had an appointment is called
by us, there is nothing that you have to do. Your number is {{phone}}."
if begin_long long_udh; then
    start_smsc receipts=mixed
    start_run
    end_run 0
    judge contacts=60 known
    # Six names have a letter that is not in the GSM alphabet.
    expect "septets" "$(journal_count 'taken [0-9]* [0-9]* [0-9]* 3 3 0 ')" = 54
    expect "UCS-2" "$(journal_count 'taken [0-9]* [0-9]* [0-9]* 5 5 8 ')" = 6
    expect "delivered" "$(shown_count ' sent delivered ')" = 60
    end_case
fi
if begin_long long_udh_dropped; then
    start_smsc receipts=mixed drop_after=50 drop_times=2 drop_mute=10
    start_run
    end_run 0
    judge contacts=60
    end_case
fi
if begin_long long_payload; then
    start_smsc receipts=mixed
    start_run --payload
    end_run 0
    judge contacts=60 known
    expect "parts" "$(journal_count 'taken [0-9]* [0-9]* [0-9]* 1 1 ')" = 60
    expect "delivered" "$(shown_count ' sent delivered ')" = 60
    end_case
fi

# The SMSC dies in mid-window and comes again on its port. Right after: what
# was taken is known to be, or is in progress.
if begin_case smsc_restarted 300; then
    start_smsc answer_ms=40
    start_run --rate 150
    wait_lines taken 100
    stop_smsc KILL
    sleep 0.2
    judge running
    sleep 0.5
    judge running
    start_smsc answer_ms=40
    end_run 0
    judge contacts=300
    expect "binds" "$(journal_count bind)" -ge 2
    end_case
fi

# It stands still and holds the connection: requests run out of time, and what
# it answers then is too late.
if begin_case smsc_frozen 200; then
    start_smsc answer_ms=10
    start_run --rate 200 --response 700 --enquire 1
    wait_lines taken 60
    kill -STOP "$smsc"
    sleep 1.5
    judge running
    kill -CONT "$smsc"
    end_run 0
    judge contacts=200
    end_case
fi

# It answers no enquire_link: the connection is taken for dead and made anew.
if begin_case enquire_silent 50; then
    start_smsc enquire=0
    start_run --enquire 1 --response 500 --linger 4000
    wait_lines closed 1
    smsc_say enquire=1 >/dev/null
    wait_lines bind 2
    end_run 0
    judge contacts=50 known
    end_case
fi

# Nobody there, then one who does not know us, then one who does.
if begin_case bind_refused 50; then
    start_run --password wrong --limit 1500
    sleep 0.5
    start_smsc
    end_run 3
    judge running
    expect "refused" "$(journal_count bind-refused)" -ge 2
    expect "taken" "$(journal_count taken)" = 0
    start_run
    end_run 0
    judge contacts=50 known
    end_case
fi

# People write: before they got a text, and then they get none; and after it, in
# parts and in other alphabets.
write() { # from, coding, text
    [ "$(smsc_say "mo $1 12125550100 $2 $3")" = ok ] ||
        say_problem "the SMSC refused $3"
}
if begin_case replies 200; then
    start_smsc receipts=mixed reject=1000
    start_run --linger 2500
    wait_lines refused 10
    write 12125552190 gsm "Stop. Thank you"
    write 12125552191 ucs2 "STOP 😀"
    write 12125552192 gsm_parts "STOP. I never signed up"
    write 12125552193 ucs2_parts "Stop texting me"
    wait_lines mo-ack 4
    smsc_say reject=0 >/dev/null
    wait_lines receipt-ack 196
    write 12125552000 gsm HELP
    write 12125552001 gsm "please don't stop €"
    write 12125552002 ucs2_parts "Ça va? Привет, 你好"
    write 12125552003 gsm " stop "
    write 12125552004 ucs2_parts "UNSUBSCRIBE — please"
    wait_lines mo-ack 9
    end_run 0
    judge contacts=200 known
    for phone in 12125552190 12125552191 12125552192 12125552193; do
        expect "$phone texted" "$(shown_count "text $phone none sent")" = 0
        expect "$phone listed" "$(shown_count "dnc $phone reply")" = 1
    done
    for phone in 12125552003 12125552004; do
        expect "$phone confirmed" \
            "$(shown_count "text $phone confirm sent")" = 1
        expect "$phone listed" "$(shown_count "dnc $phone reply")" = 1
    done
    expect "helped" "$(shown_count 'text 12125552000 help sent')" = 1
    expect "others listed" "$(shown_count 'dnc 1212555200[012] ')" = 0
    end_case
fi

# Replies and receipts that the drops cut off are handed over again.
if begin_case replies_dropped 200; then
    start_smsc receipts=mixed reply_every=5 drop_after=30 drop_times=6 \
        drop_mute=4
    start_run --rate 150 --linger 2500
    end_run 0
    judge contacts=200
    expect "drops" "$(journal_count drop)" = 6
    end_case
fi

# Asked to end: what was sent is answered, nothing is unknown.
if begin_case told_to_end 300; then
    start_smsc answer_ms=30
    for taken in 60 120 180; do
        start_run --rate 150
        wait_lines taken $taken
        kill -TERM "$runner"
        end_run 0
        judge running known
        expect "in progress" "$(shown_count ' in_progress 0 ')" = 1
    done
    start_run
    end_run 0
    judge contacts=300 known
    end_case
fi

# kill -9 at random instants, until it is through.
kill_case() { # case, words of smsc.pl
    begin_case "$1" 300 || return 0
    echo "     $1: OD_SEED=$seed"
    random=$seed
    # shellcheck disable=SC2086
    start_smsc $2
    kills=0
    while [ $kills -lt 15 ]; do
        start_run --rate 100
        random=$(((random * 1103515245 + 12345) % 2147483648))
        sleep "0.$(printf %03d $((50 + random / 65536 % 350)))"
        stop_runner KILL
        kills=$((kills + 1))
        judge running
    done
    start_run --linger 2000
    end_run 0
    judge contacts=300
    end_case
}
kill_case killed "receipts=mixed answer_ms=20"
kill_case killed_replies "receipts=mixed answer_ms=5 reply_every=6
    receipt_early=200 receipt_twice=100"
kill_case killed_throttled "receipts=mixed reject=150 answer_ms=10"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
