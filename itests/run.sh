#!/bin/sh
# Runs the tests. Installs what they need first (Debian packages, as root or with sudo).
#
#   sh itests/run.sh          everything: about an hour on 4 cores
#   sh itests/run.sh quick    what each commit should pass: at most 8 minutes
#   sh itests/run.sh long     everything, and the long proofs (hundreds of kills, fuzzing)
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
 mosquitto_pub:mosquitto-clients etcd:etcd-server setsid:util-linux awk:gawk chromium:chromium python3:python3 curl:curl docker-registry:docker-registry
 mbpoll:mbpoll socat:socat pkg-config:pkg-config coap-client-openssl:libcoap3-bin"

install_needed() {
    packages=
    for pair in $NEEDED; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || packages="$packages ${pair#*:}"
    done
    command -v go >/dev/null 2>&1 || packages="$packages golang-go"
    [ -f /usr/include/stdio.h ] || packages="$packages libc6-dev"
    [ -f /usr/include/modbus/modbus.h ] || packages="$packages libmodbus-dev"
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
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
    # Debian starts a broker on 1883 with its package, and a registry on 5000; the tests and the gateway bring their own.
    if [ -d /run/systemd/system ]; then
        case "$packages" in *mosquitto\ * | *mosquitto) $as_root systemctl disable --now mosquitto || true ;; esac
        case "$packages" in *docker-registry*) $as_root systemctl disable --now docker-registry || true ;; esac
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
    mkdir -p "$HERE/target"
    sh "$HERE/control-plane.sh" build > "$HERE/target/control-plane.path" &
    programs=$!
fi

# The tests that the last call of Maven left out, and why: a line each.
left_out() {
    find . -path '*/target/*-reports/TEST-*.xml' -newer "$LOGS/stage" -exec awk '
        match($0, /<testcase name="[^"]*" classname="[^"]*"/) { split($0, part, "\""); test = part[4] "." part[2] }
        /<skipped/ { sub(/.*message="/, ""); sub(/".*/, ""); print test ": " $0 }' {} +
}

# Maven on the modules, tests of the given JUnit tags left out; two modules at a time, since most tests wait more than they
# work. On a machine that has other work, too, a test may miss a deadline: outside the quick form it gets a second chance,
# and Maven reports it as a flake.
build() { # EXCLUDED_TAGS ARGUMENT...
    excluded=$1
    shift
    [ "$MODE" = quick ] || set -- -Dsurefire.rerunFailingTestsCount=1 -Dfailsafe.rerunFailingTestsCount=1 -Dkelp.requirePeers=true "$@"
    touch "$LOGS/stage"
    status=0
    mvn -B -ntp -T 2 verify -Dkelp.excludedGroups="$excluded" "$@" || status=$?
    left_out >> "$LOGS/left-out"
    return "$status"
}

# End-to-end tests only; the modules before them are built, not tested again.
end_to_end() { # EXCLUDED_TAGS MODULES ARGUMENT...
    excluded=$1
    shift
    modules=$1
    shift
    build "$excluded" -pl "$modules" -am -DskipITs -Dtest='io.kelp.itests.**' -Dsurefire.failIfNoSpecifiedTests=false "$@"
}

# Each fuzz test in a run of its own: the fuzzer takes one per process. In the other forms they go through what was kept.
fuzz() {
    grep -rl --include='*FuzzTest.java' '@FuzzTest' bundles cloud-service device-mappers | while read -r file; do
        module=${file%%/src/*}
        class=$(basename "$file" .java)
        sed -n '/@FuzzTest/{n;s/^ *void \([A-Za-z0-9]*\)(.*/\1/p;}' "$file" | while read -r method; do
            say "fuzzing $class#$method for a while"
            JAZZER_FUZZ=1 build "" -q -pl "$module" -am -DskipITs -Dtest="$class#$method" -Dsurefire.failIfNoSpecifiedTests=false \
                < /dev/null > "$LOGS/fuzz-$method.log" 2>&1 || { tail -n 60 "$LOGS/fuzz-$method.log"; fail "fuzzing $class#$method found something"; }
        done || exit 1
    done
}

LOGS=$TOP/itests/target
mkdir -p "$LOGS"
: > "$LOGS/left-out"
case "$MODE" in
    quick) skipped=slow,long ;;
    full) skipped=long ;;
    long) skipped= ;;
esac

if [ -z "$programs" ]; then
    say "building, unit tests and bundles in the framework"
    # JUnit's tags do not reach the tests in the framework.
    build "$skipped" -pl '!itests/e2e,!itests/kubeapi' -Dit.test='!StartIT,!ConfigurationIT#aFile*'
else
    say "building, unit tests and bundles in the framework; the cloud service's follow"
    if [ "$MODE" = long ]; then
        build "$skipped" -pl '!itests/e2e,!itests/kubeapi,!cloud-service' -Dkelp.rounds=50 # of each device mapper, installed and removed
    else
        build "$skipped" -pl '!itests/e2e,!itests/kubeapi,!cloud-service'
    fi
    say "the project that authors of mappers copy, built alone"
    sh "$HERE/template.sh"
    wait "$programs" || fail "the control plane could not be built"
    PATH=$PATH:$(tail -n 1 "$LOGS/control-plane.path")
    say "the cloud service, on a real API server where it matters"
    build "$skipped" -pl cloud-service -am -Dtest='io.kelp.cloud.**' -Dsurefire.failIfNoSpecifiedTests=false
    [ "$MODE" != long ] || fuzz
    say "end to end on a real control plane, and beside it our Kubernetes API compared with the real one, Java $(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
    end_to_end "$skipped" itests/e2e,itests/kubeapi
    say "the main chain again without a cluster"
    end_to_end "$skipped" itests/e2e -Dkelp.groups=chain -Dkelp.api=standalone
    say "the quick start"
    sh "$HERE/quickstart.sh"
    newer=$(java25)
    if [ -n "$newer" ]; then
        say "bundles in the framework and the main chain again with $newer"
        JAVA_HOME=$newer build "$skipped" -pl itests/bundles -am -Dtest=MainJarTest -Dsurefire.failIfNoSpecifiedTests=false
        KELP_JAVA=$newer/bin/java end_to_end "$skipped" itests/e2e -Dkelp.groups=chain
    else
        say "no Java 25 found: only Java 17 was tested"
    fi
fi
if [ -s "$LOGS/left-out" ]; then
    say "left out"
    sort -u "$LOGS/left-out"
fi
say "all passed ($MODE)"
