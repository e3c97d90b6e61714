#!/bin/sh
# Build this checkout and run its tests on Debian 13, in a root of its own.
#
#     scripts/debian13.sh [CTEST-OPTION]...    default: all but the slow parts
#
# Needs root and debootstrap, and takes its packages from where this machine's
# apt takes them. The root (OUTDIAL_DEBIAN13_ROOT, by default
# /var/tmp/outdial-debian13) is kept, the next run begins with it. Nothing is
# mounted or left running outside of it. Ends with 0 if all is well, with 77
# where a Debian 13 cannot be made.
set -eu
checkout=$(realpath "$(dirname "$0")/..")
root=${OUTDIAL_DEBIAN13_ROOT:-/var/tmp/outdial-debian13}
suite=trixie

title() {
    printf '\n== %s\n' "$*"
}

cannot() {
    echo "debian13.sh: skipped: $*"
    exit 77
}

# URI of the archive that this machine's own release comes from.
mirror() {
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
        'Created-By: Packages' |
        awk -v release="$codename" '$1 == release { print $2; exit }'
}

# What this machine's apt knows about proxies and dates goes for the root too.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?|Check)[A-Za-z:-]* "' || true
}

make_root() {
    uri=$(mirror)
    [ -n "$uri" ] || cannot "apt's sources do not name this release"
    proxy=$(apt-config shell proxy Acquire::http::Proxy)
    [ -z "$proxy" ] || { eval "$proxy" && export http_proxy="$proxy"; }
    rm -rf "$root.new"
    mkdir -p "$root.new"
    if ! timeout 1200 debootstrap --variant=minbase "$suite" "$root.new" \
        "$uri" >"$root.log" 2>&1; then
        tail -n 5 "$root.log"
        cannot "debootstrap did not get $suite, see $root.log"
    fi
    mv "$root.new" "$root"
}

# inside SECONDS SCRIPT [ARGUMENT]...: run a shell script in the root. Mounts
# and processes end with it; the checkout can only be read.
inside() {
    seconds=$1 script=$2
    shift 2
    timeout --kill-after=10 "$seconds" \
        unshare --mount --pid --fork --kill-child sh -eu -c '
            root=$1 checkout=$2
            shift 2
            mount -t proc proc "$root/proc"
            mount --rbind /dev "$root/dev"
            mkdir -p "$root/checkout"
            mount --bind "$checkout" "$root/checkout"
            mount -o remount,bind,ro "$root/checkout"
            exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 \
                PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
        ' sh "$root" "$checkout" sh -eu -c "$script" sh "$@"
}

[ "$(id -u)" -eq 0 ] || cannot "this needs root"
for tool in debootstrap apt-get unshare; do
    command -v "$tool" >/dev/null || cannot "there is no $tool"
done
unshare --mount true 2>/dev/null || cannot "mounts are not allowed here"

title "Debian 13 in $root"
[ -d "$root" ] || make_root
cp /etc/resolv.conf "$root/etc/resolv.conf"
apt_settings >"$root/etc/apt/apt.conf.d/99host"
inside 60 '. /etc/os-release; echo "$PRETTY_NAME"'

title "what it needs"
inside 1800 '/checkout/scripts/install-deps.sh build python test
    dpkg-query -W -f "\${Package} \${Version}\n" gcc libre-dev librem-dev'

title "build"
inside 1800 'cd /root
    cmake -G Ninja -S /checkout -B build -DOUTDIAL_WERROR=ON >cmake.log 2>&1 ||
        { cat cmake.log; exit 1; }
    cmake --build build'

title "ctest"
[ $# -gt 0 ] || set -- -LE slow -E '^(fault|fuzz|interop)/'
inside 1800 'cd /root/build
    ctest --output-on-failure --no-tests=error "$@"' "$@"
