#!/bin/sh
# SIP calls beside sipp's own caller, against the same answering peer, in turns.
#
#   bench_sip.sh path/to/bench_sip [calls_per_second [seconds]]
set -u
bench=$(realpath "$1")
rate=${2:-500}
seconds=${3:-10}
work=$(mktemp -d)
peer=
stop() {
    [ -n "$peer" ] && kill "$peer" 2>/dev/null && wait "$peer" 2>/dev/null
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
port=$((16000 + $$ % 3000))
cd "$work" || exit 1

timeout $((seconds * 3 + 60)) sipp -sn uas -i 127.0.0.1 -p $port -aa -nostdin \
    >/dev/null 2>&1 &
peer=$!
sleep 1

cpu_s() { # user and system seconds of the children that ended
    sed -n 2p "$1" | awk '{ u = $1; s = $2; split(u, a, "m"); split(s, b, "m")
           print a[1] * 60 + a[2] + b[1] * 60 + b[2] }'
}

echo "liboutdial:"
"$bench" "127.0.0.1:$port" "$rate" "$seconds"
good=$?

calls=$((rate * seconds))
echo "sipp -sn uac:"
times >before
timeout $((seconds + 30)) sipp -sn uac "127.0.0.1:$port" -i 127.0.0.1 \
    -r "$rate" -m $calls -d 0 -l 2000 -nostdin >"$work/uac" 2>&1
times >after
grep -h 'Successful call\|Failed call' "$work/uac" | tail -2
awk "BEGIN { printf \"CPU for each call: %.3f ms\\n\", \
     ($(cpu_s after) - $(cpu_s before)) * 1000 / $calls }"
exit $good
