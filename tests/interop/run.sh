#!/bin/sh
# Calls of dial_once to sipp and baresip on loopback, and texts of message_once
# to and from sipp: one line for each case, then "N passed, N failed". The exit
# status is 0 if all passed.
#
#   run.sh path/to/dial_once path/to/message_once [case...]
#
# A case is judged by what these printed, line by line, and by sipp, which fails
# its scenario when a message is missing or unexpected. Everything is
# bounded in time; processes are ended by their own number.
set -u

if ! command -v sipp >/dev/null; then
    echo "skip: sipp is not installed (Debian: sip-tester)"
    exit 77
fi
dial_once=$1
message_once=$2
shift 2
tool=$dial_once
life=25 # of a case, in seconds
wanted=" $* "
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
passed=0
failed=0
peer=

stop_peer() {
    if [ -n "$peer" ]; then
        kill "$peer" 2>/dev/null
        wait "$peer" 2>/dev/null
        peer=
    fi
}
trap 'stop_peer; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Is a port bound? $1: udp or tcp, $2: port
is_bound() {
    grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$2") " "/proc/net/$1"
}

port=$((11000 + $$ % 4000))
next_port() {
    port=$((port + 10))
    while is_bound udp $port || is_bound tcp $port; do
        port=$((port + 10))
    done
}

wait_bound() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 \
             21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40; do
        is_bound "$1" "$port" && return 0
        sleep 0.05
    done
    return 1
}

is_wanted() {
    [ "$wanted" = "  " ] && return 0
    case $wanted in *" $1 "*) return 0 ;; esac
    return 1
}

verdict() { # name, problem or ""
    if [ -z "$2" ]; then
        passed=$((passed + 1))
        echo "pass $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1: $2"
        sed 's/^/    /' "$work/out"
    fi
}

# Is every expected line there, in order, and no other but for heard_ms?
compare() { # expected lines
    printf '%s\n' "$1" >"$work/expected"
    sed -e 's/ heard_ms=[0-9]*//' -e 's/ call_id=yes//' "$work/out" \
        >"$work/got"
    cmp -s "$work/expected" "$work/got" || echo "reports differ from: $1" |
        tr '\n' ' '
}

# A call to a sipp scenario.
# $1: case; $2: scenario, and after a colon the status it answers with;
# $3: options of sipp; $4: options of the tool; $5: expected lines;
# $6: host of the trunk, if not the address
sipp_case() {
    is_wanted "$1" || return 0
    next_port
    kind=udp
    case $3 in *"-t t1"*) kind=tcp ;; esac
    sed "s/@STATUS@/${2#*:}/" "$here/scenarios/${2%:*}.xml" \
        >"$work/scenario.xml"
    (
        cd "$work" || exit 1
        # shellcheck disable=SC2086
        exec timeout $((life + 5)) sipp -sf scenario.xml -i 127.0.0.1 \
            -mi 127.0.0.1 -p "$port" -mp $((port + 10000)) -aa -nostdin \
            -timeout $life -trace_err -error_file errors $3
    ) >"$work/sipp" 2>&1 &
    peer=$!
    : >"$work/errors"
    wait_bound $kind || true
    # shellcheck disable=SC2086
    timeout $life "$tool" --trunk "${6:-127.0.0.1}:$port" $4 \
        >"$work/out" 2>&1
    stop_peer
    problem=$(compare "$5")
    verdict "$1" "${problem:-$(ask_sipp)}"
}

# Why sipp is not content, or nothing.
ask_sipp() {
    grep -q 'Successful call *| *[0-9]* *| *1 ' "$work/sipp" ||
        echo "sipp is not content: $(tr '\n' ' ' <"$work/errors" |
            cut -c 1-400)"
}

answered='answered
play_ended
hangup
ended status=200 fault=OD_OK remote=0'

sipp_case answer answer "" "--play 400" "progress
ringing
$answered"
sipp_case answer_at_once answer_only "" "--play 200" "$answered"
sipp_case answer_tcp answer "-t t1" "--tcp --play 200" "progress
ringing
$answered"
sipp_case answer_by_name named "" "--address 127.0.0.1 --play 200 --prefix 9#" \
    "$answered" localhost
sipp_case answer_pcma pcma "" "--play 200" "$answered"
sipp_case answer_early_sdp early_sdp "" "--play 200" "progress
$answered"
sipp_case answer_by_proxy record_route "" "--play 200" "$answered"

for final in "busy 486" "no_answer 480" "not_found 404" "congestion 503" \
             "declined 603" "forbidden 403" "gone 410" "timeout 408"; do
    status=${final#* }
    sipp_case "${final% *}_$status" "final:$status" "" "" "progress
ended status=$status fault=OD_OK remote=0"
done
sipp_case busy_tcp final:486 "-t t1" "--tcp" "progress
ended status=486 fault=OD_OK remote=0"
sipp_case redirect_at_once final_at_once:302 "" "" \
    "ended status=302 fault=OD_OK remote=0"
sipp_case redirect_ringing redirect "" "--linger 1000" "progress
ringing
ended status=302 fault=OD_OK remote=0"

# Who hangs up hears how the INVITE ends: with what crossed the CANCEL, too.
for final in "ringing 487" "busy 486" "not_found 404"; do
    status=${final#* }
    sipp_case "cancel_${final% *}" "ring:$status" "" "--hangup-early 400" \
        "progress
ringing
hangup
ended status=$status fault=OD_OK remote=0"
done
sipp_case cancel_tcp ring:487 "-t t1" "--tcp --hangup-early 400" "progress
ringing
hangup
ended status=487 fault=OD_OK remote=0"
sipp_case cancel_trying trying "" "--hangup-early 400" "progress
hangup
ended status=487 fault=OD_OK remote=0"
sipp_case cancel_too_late glare "" "--hangup-early 400 --linger 600" "progress
ringing
hangup
answered
ended status=200 fault=OD_OK remote=0"
sipp_case cancel_endless endless "" "--hangup-early 100" "progress
ringing
hangup
ended status=0 fault=OD_OK remote=0"
sipp_case hangup_before_late_trying late "" "--hangup-early 100" "hangup
ended status=487 fault=OD_OK remote=0"

sipp_case bye_during_prompt bye "" "--play 5000" "progress
ringing
answered
ended status=200 fault=OD_OK remote=1"
sipp_case reinvite reinvite "" "--play 1500" "$answered"
sipp_case reinvite_empty reinvite_empty "" "--play 800" "$answered"
sipp_case reinvite_refused reinvite_bad "" "--play 800" "$answered"
sipp_case fork fork "" "--play 400" "$answered"

sipp_case sdp_missing no_sdp "" "--play 200" \
    "ended status=200 fault=OD_ERR_TRANSPORT remote=0"
sipp_case sdp_unusable bad_sdp "" "--play 200" \
    "ended status=200 fault=OD_ERR_TRANSPORT remote=0"

sipp_case auth_401 auth_401 "" "--play 200 --user alice --password secret" \
    "$answered"
sipp_case auth_407 auth_407 "" "--play 200 --user alice --password secret" \
    "$answered"
sipp_case auth_wrong auth_401 "" "--user alice --password wrong" \
    "ended status=403 fault=OD_OK remote=0"
sipp_case auth_none auth_refused "" "" \
    "ended status=401 fault=OD_OK remote=0"

sipp_case silent_peer answer_only "" "--play 5000 --silent 1000" "answered
ended status=200 fault=OD_OK remote=0"

# sipp plays captured packets through a raw socket.
if [ "$(id -u)" = 0 ]; then
    sipp_case digits digits "" "--play 2500" "answered
digit 4
digit 2
digit #
play_ended
hangup
ended status=200 fault=OD_OK remote=0"
fi

# == nobody there =============================================================

nobody_case() { # case, options of dial_once, expected lines
    is_wanted "$1" || return 0
    next_port
    # shellcheck disable=SC2086
    timeout 25 "$tool" --trunk "127.0.0.1:$port" $2 >"$work/out" 2>&1
    verdict "$1" "$(compare "$3")"
}

nobody_case nobody "--trying 600" "trunk down status=0
ended status=0 fault=OD_ERR_TRANSPORT remote=0"
nobody_case nobody_tcp "--tcp --wait-down" "trunk down status=0"
nobody_case hangup_before_trying "--trying 600 --hangup-early 100" "hangup
trunk down status=0
ended status=0 fault=OD_OK remote=0"

# == texts ====================================================================

tool=$message_once

# Every answer, and what it means. A text is sent once.
for answer in "200 sent delivered 1" "202 sent unknown 1" \
              "302 redirected none 0" "403 declined none 0" \
              "404 not_found none 0" "408 unknown none 0" \
              "480 failed none 0" "486 failed none 0" \
              "503 congestion none 0" "603 declined none 0"; do
    # shellcheck disable=SC2086
    set -- $answer
    sipp_case "text_$1" "text:$1" "" "--text Hello" \
        "ended status=$1 fault=OD_OK disposition=$2 delivery=$3 ids=$4"
done
sipp_case text_tcp text:200 "-t t1" "--tcp --text Hello" \
    "ended status=200 fault=OD_OK disposition=sent delivery=delivered ids=1"
sipp_case text_auth text_auth "" "--text Hello --user alice --password secret" \
    "ended status=200 fault=OD_OK disposition=sent delivery=delivered ids=1"
sipp_case text_auth_wrong text_auth "" \
    "--text Hello --user alice --password wrong" \
    "ended status=403 fault=OD_OK disposition=declined delivery=none ids=0"
for answer in "delivered delivered" "failed failed" "forbidden failed"; do
    status=${answer% *}
    sipp_case "receipt_$status" "text_imdn:$status" "" \
        "--text Hello --imdn --arrivals 1" \
        "ended status=202 fault=OD_OK disposition=sent delivery=accepted ids=1
receipt delivery=${answer#* } code=$status ours=1"
done

# It left and nobody said anything: that takes half a minute.
life=40
sipp_case text_silent text_silent "" "--text Hello --limit 36000" \
    "ended status=0 fault=OD_OK disposition=unknown delivery=none ids=0"
life=25

# sipp sends to us.
# $1: case; $2: scenario, and after a colon the status it expects; $3: options
# of sipp; $4: options of message_once; $5: expected lines
reply_case() {
    is_wanted "$1" || return 0
    next_port
    sed "s/@STATUS@/${2#*:}/" "$here/scenarios/${2%:*}.xml" \
        >"$work/scenario.xml"
    # shellcheck disable=SC2086
    timeout $life "$tool" --trunk "127.0.0.1:$port" --port $((port + 1)) $4 \
        >"$work/out" 2>&1 &
    peer=$!
    kind=udp
    case $3 in *"-t t1"*) kind=tcp ;; esac
    port=$((port + 1))
    wait_bound $kind || true
    : >"$work/errors"
    (
        cd "$work" || exit 1
        # shellcheck disable=SC2086
        exec timeout $life sipp -sf scenario.xml -i 127.0.0.1 -m 1 -nostdin \
            -p $((port - 1)) -timeout $((life - 5)) -trace_err \
            -error_file errors $3 "127.0.0.1:$port"
    ) >"$work/sipp" 2>&1
    wait "$peer"
    peer=
    problem=$(compare "$5")
    verdict "$1" "${problem:-$(ask_sipp)}"
}

reply_case reply reply:200 "" "--arrivals 1" \
    "reply from=12125550123 to=13105550100 text=Stop. Thank you"
# Over TCP nobody listens yet when we look.
reply_case reply_tcp reply:200 "-t t1" "--tcp --arrivals 1" \
    "trunk down
trunk up
reply from=12125550123 to=13105550100 text=Stop. Thank you"
reply_case reply_not_stored reply:503 "" "--arrivals 1 --refuse" \
    "reply from=12125550123 to=13105550100 text=Stop. Thank you"
reply_case reply_other reply_other "" "--arrivals 1" \
    "reply from=12125550123 to=13105550100 text=Yes"

tool=$dial_once

# == baresip ==================================================================

# Tell baresip a command over its control port ("netstring" of JSON). It takes
# the port after that of SIP for TLS.
baresip_say() {
    bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf "%d:%s," "${#2}" "$2" >&3
        read -r -t 1 -n 1 _ <&3' say "$((port + 5))" "$1" 2>/dev/null
}

# $1: case; $2: commands after the answer, each after half a second; $3:
# options of dial_once; $4: expected lines; $5: a line that baresip prints;
# $6: "" for one of its own accord: on a machine with a network it then names
# the address of that in its SDP and sends from another
baresip_case() {
    is_wanted "$1" || return 0
    next_port
    mkdir -p "$work/baresip"
    cat >"$work/baresip/config" <<END
poll_method epoll
sip_listen 127.0.0.1:$port
$6
rtp_ports $((port + 20000))-$((port + 20100))
audio_player aubridge,echo
audio_source aubridge,echo
module_path $baresip_modules
module g711.so
module aubridge.so
module_app account.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:$((port + 5))
module_app menu.so
END
    echo "<sip:+12125550123@127.0.0.1>;regint=0;answermode=auto" \
        >"$work/baresip/accounts"
    : >"$work/baresip/contacts"
    timeout 30 baresip -f "$work/baresip" -t 25 >"$work/said" 2>&1 \
        </dev/null &
    peer=$!
    wait_bound udp || true
    # shellcheck disable=SC2086
    timeout 25 "$dial_once" --trunk "127.0.0.1:$port" $3 >"$work/out" 2>&1 &
    dialer=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        grep -q answered "$work/out" && break
        sleep 0.1
    done
    for command in $2; do
        sleep 0.5
        baresip_say "$command"
    done
    wait "$dialer"
    stop_peer
    problem=$(compare "$4")
    if [ -z "$problem" ] && ! grep -q "$5" "$work/said"; then
        problem="baresip did not say: $5"
    fi
    verdict "$1" "$problem"
}

for baresip_modules in /usr/lib/baresip/modules \
                       /usr/lib/*/baresip/modules none; do
    [ -d "$baresip_modules" ] && break
done
if command -v baresip >/dev/null && [ -d "$baresip_modules" ]; then
    baresip_case baresip_answers "" "--play 1500 --digits 42" "progress
ringing
answered
digits_send OD_OK
play_ended
hangup
ended status=200 fault=OD_OK remote=0" "received event: '2' (end=1)" \
        "net_interface 127.0.0.1"
    baresip_case baresip_presses_and_hangs_up \
        '{"command":"sndcode","params":"5"} {"command":"hangup"}' \
        "--play 8000" "progress
ringing
answered
digit 5
ended status=200 fault=OD_OK remote=1" "Call established" \
        "net_interface 127.0.0.1"
    baresip_case baresip_sends_from_elsewhere \
        '{"command":"sndcode","params":"5"} {"command":"sndcode","params":"9"}' \
        "--play 3000 --digits 42 --silent 1500" "progress
ringing
answered
digits_send OD_OK
digit 5
digit 9
play_ended
hangup
ended status=200 fault=OD_OK remote=0" "Call established" ""
else
    echo "skip baresip: not installed"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
