#!/bin/sh
# Gets a machine ready for the Makefile, from the root of the checkout:
#
#   tools/set-up.sh venv       makes .venv, from a Python of 3.11 or newer
#   tools/set-up.sh compilers  finds what builds firmware and the native probe
#   tools/set-up.sh debugger   finds a gdb that knows RISC-V
#   tools/set-up.sh readers    finds the programs that tests read profiles and coverage with
#
# On Debian and Ubuntu it installs what is missing; elsewhere it says in a sentence what to do.
# PYTHON=/path/to/python chooses the interpreter that .venv is made from.

set -eu

stop() {
    echo "vplat: $*" >&2
    exit 1
}

# install PURPOSE PACKAGE...: from the distribution, as root or through sudo.
install() {
    purpose=$1
    shift
    command -v apt-get >/dev/null 2>&1 ||
        stop "$purpose is missing and this system has no apt-get; toolchain.md says how to get" \
            "it here, then run make again."
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 ||
            stop "$purpose is missing; have root run 'apt-get install $*', then run make again."
        as_root=sudo
    fi
    echo "vplat: $purpose is missing; installing $* with ${as_root:+$as_root }apt-get" >&2
    # A repository that cannot be reached is no reason to stop: the lists may be good enough.
    $as_root apt-get update -qq || true
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        stop "apt-get could not install $*; see its message above and toolchain.md."
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints the first interpreter that is new enough, or nothing.
find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

make_venv() {
    if [ -z "${PYTHON:-}" ] && ! command -v python3 >/dev/null 2>&1; then
        install "Python" python3 python3-venv
    fi
    python=$(find_python)
    if [ -z "$python" ]; then
        found=$("${PYTHON:-python3}" --version 2>&1) || found="no interpreter"
        stop "Python 3.11 or newer is needed and '${PYTHON:-python3}' is $found; install a newer" \
            "one (on Ubuntu 22.04: sudo apt-get install python3.11-venv), then run make again."
    fi
    # Debian and Ubuntu keep venv's ensurepip in a package of its own.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install "Python's venv module" "$(basename "$python")-venv"
    fi
    if ! "$python" -m venv --clear .venv; then
        rm -rf .venv
        stop "'$python -m venv .venv' failed; see its message above."
    fi
}

builds_firmware() {
    riscv64-unknown-elf-gcc --specs=picolibc.specs -E -x c /dev/null >/dev/null 2>&1
}

has_python_headers() {
    .venv/bin/python -c '
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

python_package() {
    .venv/bin/python -c 'import sys; print("python{}.{}-dev".format(*sys.version_info))'
}

find_compilers() {
    if ! builds_firmware; then
        install "The RISC-V toolchain" gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf
        builds_firmware ||
            stop "riscv64-unknown-elf-gcc still does not find picolibc.specs; see toolchain.md."
    fi
    if ! command -v cc >/dev/null 2>&1 || ! has_python_headers; then
        install "A C compiler or Python's headers" gcc libc6-dev "$(python_package)"
        # What was installed without a compiler lacks the native probe.
        rm -f .venv/installed .venv/installed-dev
    fi
}

find_debugger() {
    for name in gdb-multiarch riscv32-unknown-elf-gdb riscv64-unknown-elf-gdb; do
        if command -v "$name" >/dev/null 2>&1; then
            return
        fi
    done
    install "A gdb for RISC-V" gdb-multiarch
}

find_readers() {
    command -v callgrind_annotate >/dev/null 2>&1 || install "callgrind_annotate" valgrind
    command -v genhtml >/dev/null 2>&1 || install "genhtml" lcov
}

case ${1:-} in
    venv) make_venv ;;
    compilers) find_compilers ;;
    debugger) find_debugger ;;
    readers) find_readers ;;
    *) stop "say 'tools/set-up.sh' with venv, compilers, debugger or readers, not '$*'." ;;
esac
