#!/bin/sh
# Install what a build needs and this machine lacks, on Debian: says what and
# why, asks nothing. demo.sh and test.sh call it.
#
#     scripts/install-deps.sh SET...     sets: build python test
#
# Elsewhere than on Debian it only prints the list.
set -eu

packages() { # SET -> lines of "package why"
    case $1 in
    build) cat <<'LIST'
gcc               the compiler
libc6-dev         its headers
cmake             says what is built from what
ninja-build       builds it
pkg-config        finds the libraries
libre-dev         SIP
librem-dev        G.711
libssl-dev        SHA-256 for the ledger; TLS inside libre and for SMPP
zlib1g-dev        inside libre
libsmpp34-dev     SMPP
libsqlite3-dev    the database
libcsv-dev        contact lists
libsndfile1-dev   prompts: WAV, FLAC, Ogg, MP3
libsamplerate0-dev  prompts: from any rate to 8 kHz
tzdata            time zones of the people who are called
LIST
        ;;
    python) cat <<'LIST'
swig              makes the Python binding
python3-dev       compiles it
python3-pytest    tests it
LIST
        ;;
    test) cat <<'LIST'
g++               checks that the headers are C++ as well
libcmocka-dev     unit tests
sip-tester        sipp, a far end with a script
baresip-core      an independent far end
libnet-smpp-perl  an SMSC that shares no line with ours
sqlite3           looks into databases
python3           reads what the command line writes
python3-phonenumbers  an independent map of area codes
valgrind          checks memory of a whole campaign
LIST
        ;;
    *) echo "install-deps.sh: there is no set $1" >&2; exit 2 ;;
    esac
}

is_installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
        grep -qx installed
}

list=$(for set in "$@"; do packages "$set"; done)
if ! command -v apt-get >/dev/null; then
    printf '%s\n%s\n' "Not Debian: please see to it that these are there:" \
        "$list"
    exit 0
fi

missing=$(printf '%s\n' "$list" | while read -r package why; do
    is_installed "$package" || printf '%-20s %s\n' "$package" "$why"
done)
if [ -z "$missing" ]; then
    exit 0
fi
printf 'Installing from Debian:\n%s\n' "$missing"

sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=sudo
    if ! command -v sudo >/dev/null; then
        echo "install-deps.sh: this needs root or sudo" >&2
        exit 1
    fi
fi
names=$(printf '%s\n' "$missing" | cut -d ' ' -f 1)
log=$(mktemp)
# shellcheck disable=SC2086 # the names are words, sudo may be none
if ! { $sudo apt-get update &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends $names; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "install-deps.sh: apt-get failed, see above" >&2
    exit 1
fi
rm -f "$log"
