#!/bin/sh
# Runs the tests. Installs what they need first (Debian packages, as root or with sudo).
#
#   sh itests/run.sh          everything: at most 45 minutes on 2 cores
#   sh itests/run.sh quick    what each commit should pass: at most 8 minutes
#   sh itests/run.sh long     everything, and the long proofs (hundreds of kills, long fuzzing)
#
# Needs a Java 17 development kit and Maven; a Java 25 that it finds is tested, too
# (KELP_JAVA25 names its folder, else /usr/lib/jvm is looked through).
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
TOP=$(dirname "$HERE")
MODE=${1:-full}

say() { printf '\n=== %s\n' "$*"; }
fail() { printf '%s\n' "run.sh: $*" >&2; exit 1; }

case "$MODE" in
    full | quick | long) ;;
    -h | --help | help) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    *) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac

# command:package
NEEDED="javac:openjdk-17-jdk-headless mvn:maven openssl:openssl unzip:unzip gcc:gcc mosquitto:mosquitto
 mosquitto_pub:mosquitto-clients etcd:etcd-server setsid:util-linux awk:gawk chromium:chromium"

install_needed() {
    packages=
    for pair in $NEEDED; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || packages="$packages ${pair#*:}"
    done
    command -v go >/dev/null 2>&1 || packages="$packages golang-go"
    [ -f /usr/include/stdio.h ] || packages="$packages libc6-dev"
    [ -n "$packages" ] || return 0
    say "installing:$packages"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "please install as root: apt-get install$packages"
        as_root=sudo
    fi
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    $as_root apt-get update -q || fail "apt-get update failed"
    # shellcheck disable=SC2086  # one word per package
    $as_root apt-get install -y -q --no-install-recommends $packages || fail "could not install$packages"
    # Debian starts a broker on 1883 with its package; the tests and the gateway bring their own.
    if [ -d /run/systemd/system ]; then
        case "$packages" in *mosquitto\ * | *mosquitto) $as_root systemctl disable --now mosquitto || true ;; esac
    fi
}

java25() {
    for home in "${KELP_JAVA25:-}" /usr/lib/jvm/*25*; do
        if [ -n "$home" ] && [ -x "$home/bin/java" ]; then
            printf '%s\n' "$home"
            return 0
        fi
    done
}

install_needed
PATH=$PATH:/usr/sbin
export PATH
cd "$TOP"

programs=
if [ "$MODE" != quick ]; then
    say "making sure of the real control plane (built once, beside Maven)"
    sh "$HERE/control-plane.sh" build > "${TMPDIR:-/tmp}/kelp-control-plane.$$" &
    programs=$!
fi

say "building, unit tests and bundles in the framework"
case "$MODE" in
    quick) mvn -B -ntp verify -DexcludedGroups=slow,long -Dkelp.excludedGroups=slow,long -pl '!itests/e2e' ;;
    full) mvn -B -ntp verify -Dkelp.excludedGroups=long -pl '!itests/e2e' ;;
    long) mvn -B -ntp verify -pl '!itests/e2e' ;;
esac

if [ -n "$programs" ]; then
    wait "$programs" || fail "the control plane could not be built"
    PATH=$PATH:$(cat "${TMPDIR:-/tmp}/kelp-control-plane.$$")
    rm -f "${TMPDIR:-/tmp}/kelp-control-plane.$$"
    say "end to end, on a real control plane, Java $(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
    groups=; [ "$MODE" = long ] || groups=long
    mvn -B -ntp verify -Dkelp.excludedGroups="$groups" -pl itests/e2e
    newer=$(java25)
    if [ -n "$newer" ]; then
        say "the main chain again with $newer"
        KELP_JAVA=$newer/bin/java mvn -B -ntp verify -Dkelp.groups=chain -pl itests/e2e
    else
        say "no Java 25 found: only Java 17 was tested"
    fi
fi
say "all passed ($MODE)"
