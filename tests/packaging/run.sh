#!/bin/sh
# The library as others use it: installed into a stage, then found by CMake and
# by pkg-config, shared and static, before and after the stage has moved; and
# as a folder of somebody's project.
#
#     tests/packaging/run.sh BUILD      a build of everything, not sanitized
set -u
build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
source=$(realpath "$here/../..")
CC=${CC:-cc}
CXX=${CXX:-c++}
generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
strict='-Wall -Wextra -Wpedantic -Werror'
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# check NAME COMMAND...: one test; its output is shown if it fails
check() {
    name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $name"
        tail -n 15 "$work/said" | sed 's/^/    /'
    fi
}

# -- what a user does -----------------------------------------------------------

# by_cmake PREFIX HOW: configure, build, run
by_cmake() {
    rm -rf "$work/project"
    cmake -G "$generator" -S "$here/consumer" -B "$work/project" -DHOW="$2" \
        -DCMAKE_PREFIX_PATH="$1" -DCMAKE_C_COMPILER="$CC" \
        -DOUTDIAL_SOURCE="$source" &&
        cmake --build "$work/project" -j 2 &&
        for program in "$work/project"/consumer?; do
            "$program" || return 1
        done
}

find_pc() { # PREFIX -> the folder of outdial.pc
    dirname "$(find "$1" -name outdial.pc)"
}

# by_pkg_config PREFIX LANGUAGE STANDARD
by_pkg_config() {
    PKG_CONFIG_PATH=$(find_pc "$1")
    export PKG_CONFIG_PATH
    compiler=$CC
    [ "$2" = c ] || compiler=$CXX
    # shellcheck disable=SC2046,SC2086
    "$compiler" -x "$2" "-std=$3" $strict "$here/consumer/main.c" -x none \
        -o shared $(pkg-config --cflags --libs outdial) &&
        LD_LIBRARY_PATH=$(pkg-config --variable=libdir outdial) ./shared
}

# The static library by its file name; with -loutdial the linker takes the
# shared one where both are.
by_pkg_config_static() {
    PKG_CONFIG_PATH=$(find_pc "$1")
    export PKG_CONFIG_PATH
    libs=$(pkg-config --static --libs outdial | sed 's/-loutdial/-l:liboutdial.a/')
    # shellcheck disable=SC2046,SC2086
    "$CC" -std=c99 $strict "$here/consumer/main.c" -o static \
        $(pkg-config --cflags outdial) $libs -Wl,-z,defs &&
        ./static && ! ldd ./static | grep -E 'outdial|libre\.so'
}

# An example of ours, away from our tree
example() {
    PKG_CONFIG_PATH=$(find_pc "$1")
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046,SC2086
    "$CC" -std=c99 $strict "$2" -o example \
        $(pkg-config --cflags --libs outdial)
}

# -- what lies in the stage -----------------------------------------------------

same_headers() {
    diff -r "$source/include/outdial" "$1/include/outdial"
}

soname() {
    library=$(find "$1" -name 'liboutdial.so')
    readelf -d "$library" | grep -F 'Library soname: [liboutdial.so.0]' &&
        [ -L "$library" ] && [ -e "$(dirname "$library")/liboutdial.so.0" ]
}

no_foreign_paths() {
    ! grep -rF -e "$source" -e "$build" -e "$work" "$(find_pc "$1")" \
        "$1"/lib*/cmake "$1"/lib*/*/cmake 2>/dev/null
}

other_version() { # PREFIX: a find_package that must fail
    printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(x C)' \
        'find_package(outdial 0.9 REQUIRED)' >CMakeLists.txt
    ! cmake -G "$generator" -S . -B version -DCMAKE_PREFIX_PATH="$1"
}

installs_nothing_of_ours() {
    cmake --install "$work/project" --prefix "$work/theirs" &&
        [ -z "$(find "$work/theirs" -name '*outdial*')" ]
}

# -- the tests ------------------------------------------------------------------

first=$work/first
moved=$work/elsewhere/moved
check "install" cmake --install "$build" --prefix "$first"
check "headers are all there" same_headers "$first"
check "soname and links" soname "$first"
check "no path of this machine in the package files" no_foreign_paths "$first"
for prefix in "$first" "$moved"; do
    if [ "$prefix" = "$moved" ]; then
        mkdir "$work/elsewhere"
        mv "$first" "$moved"
    fi
    at=$(basename "$prefix")
    check "find_package, $at" by_cmake "$prefix" shared
    check "find_package static, $at" by_cmake "$prefix" static
    check "pkg-config, $at" by_pkg_config "$prefix" c c99
    check "pkg-config from C++, $at" by_pkg_config "$prefix" c++ c++11
    check "pkg-config --static, $at" by_pkg_config_static "$prefix"
done
check "find_package of another version fails" other_version "$moved"
for file in "$source"/examples/*.c; do
    check "$(basename "$file") outside of the tree" example "$moved" "$file"
done
mkdir "$work/root"
check "install for a package" env DESTDIR="$work/root" \
    cmake --install "$build" --prefix /usr
check "pkg-config in its root" by_pkg_config "$work/root/usr" c c99
# make sees fewer dependencies than ninja does: the harder of the two.
! command -v make >/dev/null || generator="Unix Makefiles"
check "add_subdirectory" by_cmake /nowhere subdirectory
check "a project around us installs its own" installs_nothing_of_ours

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
