#!/bin/sh
# Tests distribution/quickstart.sh as a newcomer meets it; prints a line per sentence that holds, and how long things took.
#
#   sh itests/quickstart.sh          with the zips that are built, in a temporary folder, on ports of its own
#   sh itests/quickstart.sh bare     on a copy of the checkout without build results, in a bare Debian 12 without JDK, Maven and
#                                    kubectl, and with an empty Maven cache; needs root, debootstrap and the network; takes minutes
set -u
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
TOP=$(dirname -- "$HERE")
MODE=${1:-here}
work=$(mktemp -d "${TMPDIR:-/tmp}/kelp-quickstart.XXXXXX") || exit 1
dir="$work/a folder"
base=$((20000 + $$ % 20000))
out=$work/out

quick() { sh "$TOP/distribution/quickstart.sh" "$@" --dir "$dir"; }
millis() { echo $(($(date +%s%N) / 1000000)); }

cleanup() {
    if [ "$MODE" = bare ]; then
        [ ! -e "$work/root/kelp" ] || inside distribution/quickstart.sh stop >/dev/null 2>&1
        for mount in dev/shm proc; do umount "$work/root/$mount" 2>/dev/null; done
        # Nothing may be deleted through a mount that is still there.
        ! grep -q " $work/root/" /proc/mounts || { echo "still mounted below $work/root; not deleted" >&2; return; }
    else
        quick stop >/dev/null 2>&1
    fi
    [ -z "${holder:-}" ] || kill "$holder" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# expect CODE SENTENCE COMMAND…: the command ends with CODE
expect() {
    want=$1 sentence=$2; shift 2
    begun=$(millis)
    "$@" >"$out" 2>&1 </dev/null
    got=$?
    took=$(($(millis) - begun))
    if [ "$got" = "$want" ]; then
        echo "ok: $sentence ($took ms)"
    else
        echo "FAILED: $sentence (code $got, expected $want)"; sed 's/^/  /' "$out"
        tail -n 30 "$dir"/log/*.log 2>/dev/null | sed 's/^/  log: /'
        exit 1
    fi
}
says() { grep -q -e "$1" "$out" || { echo "FAILED: '$1' is not said"; cat "$out"; exit 1; }; }
within() { [ "$took" -le "$1" ] || { echo "FAILED: that took $took ms, at most $1 were expected"; exit 1; }; }
value() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$out" | sed -n "${2:-1}p"; }
# Whether no command line names a folder.
no_process() {
    for entry in /proc/[0-9]*/cmdline; do
        words=$(cat "$entry" 2>/dev/null | tr '\0' ' ')
        case $words in *"$1"*) echo "left: $entry $words"; return 1 ;; esac
    done
}

if [ "$MODE" = bare ]; then
    inside() { chroot "$work/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh "/kelp/$@"; }
    command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
    debootstrap --variant=minbase bookworm "$work/root" >"$out" 2>&1 || { tail "$out"; exit 1; }
    size=$(du -sm "$work/root" | cut -f1)
    mount -t proc proc "$work/root/proc" && mkdir -p "$work/root/dev/shm" && mount -t tmpfs tmpfs "$work/root/dev/shm" || exit 1
    cp /etc/resolv.conf "$work/root/etc/" 2>/dev/null
    # A CA that this machine's owner added, for example of a proxy, is trusted in there, too.
    mkdir -p "$work/root/usr/local/share/ca-certificates"
    cp /usr/local/share/ca-certificates/*.crt "$work/root/usr/local/share/ca-certificates/" 2>/dev/null
    git clone -q "$TOP" "$work/root/kelp" || exit 1
    echo "ok: a bare Debian without JDK, Maven, kubectl, curl ($size MB)"
    expect 0 "one command, cold: packages, Maven's downloads, build, start" inside distribution/quickstart.sh --port-base "$base"
    says "counter-1 on gateway-1 counts: [1-9]"
    expect 0 "stop" inside distribution/quickstart.sh stop
    expect 0 "one command, warm, nothing running" inside distribution/quickstart.sh
    within 60000
    expect 0 "one command, everything running" inside distribution/quickstart.sh
    within 15000
    expect 0 "reset" inside distribution/quickstart.sh reset
    no_process "$work/root" || { echo "FAILED: something is left running"; exit 1; }
    echo "quickstart.sh: all good"
    exit 0
fi

expect 0 "help" quick --help; says "port-base"
expect 2 "an unknown argument" quick --frobnicate; says "unknown argument --frobnicate"
expect 2 "a port that is none" quick --port-base 99; says "must be 1024 to 64000"
expect 4 "status before anything" quick status; says "nothing was set up"
expect 0 "stop before anything" quick stop

bash -c 'exec 3<&0; exec python3 -m http.server --bind 127.0.0.1 "$0"' "$((base + 80))" >/dev/null 2>&1 &
holder=$!
n=0; until grep -qi ":$(printf %04X $((base + 80))) 00000000:0000 0A" /proc/net/tcp || [ $n -gt 100 ]; do n=$((n + 1)); sleep 0.1; done
expect 1 "a busy port" quick --port-base "$base"; says "port $((base + 80)) (the page) is in use"; says "--port-base"
kill "$holder"; wait "$holder" 2>/dev/null; holder=

expect 0 "one command, everything built, nothing running" quick --port-base "$base"
within 60000
says "counter-1 on gateway-1 counts: [1-9]"; says "http://127.0.0.1:$((base + 80))/"; says "export KUBECONFIG="; says "kubectl patch device counter-1"
url=$(sed -n 's/^ *curl \(http.*\)/\1/p' "$out" | head -n 1)
expect 0 "status" quick status; says "page http://127.0.0.1:$((base + 80))/"
expect 0 "status --json" quick status --json
cloud=$(value pid 1) gateway=$(value pid 2)
[ "$(value hubPort)" = "$base" ] && [ "$(value joinPort)" = "$((base + 2))" ] && [ "$(value mqttPort)" = "$((base + 883))" ] \
    && [ "$(value node)" = gateway-1 ] && [ "$(value apiUrl)" = "https://127.0.0.1:$((base + 443))" ] && kill -0 "$cloud" && kill -0 "$gateway" \
    || { echo "FAILED: status --json is wrong"; cat "$out"; exit 1; }
[ "$(stat -c %a "$dir/data/admin.kubeconfig")" = 600 ] || { echo "FAILED: admin.kubeconfig is not private"; exit 1; }
expect 0 "a second run finds everything there" quick
within 15000; says "running already"
[ "$(quick status --json | sed -n 's/.*"pid": \([0-9]*\).*/\1/p' | sed -n 1p)" = "$cloud" ] || { echo "FAILED: the second run started the cloud anew"; exit 1; }
expect 1 "other ports for the same folder" quick --port-base $((base + 1)); says "was set up with --port-base $base"

expect 0 "the pod shows the counter" curl -s --max-time 5 "$url"; says "bundle"; says "counter-1 count: reported [1-9]"
expect 0 "the pod switches the counter" curl -s --max-time 5 -X PUT -d ON "$url"; says "counter-1 status shall be ON"

if command -v kubectl >/dev/null; then
    KUBECONFIG=$dir/data/admin.kubeconfig; export KUBECONFIG
    expect 0 "kubectl sees the gateway" kubectl wait --for=condition=Ready node/gateway-1 --timeout=30s
    expect 0 "kubectl sees the pod" kubectl wait --for=condition=Ready pod/twin-http --timeout=30s
    expect 0 "kubectl switches the counter" kubectl patch device counter-1 --type=json -p '[{"op":"replace","path":"/spec/properties/0/desired/value","value":"OFF"}]'
    n=0; until "$dir/kelp-gateway/bin/kelp" device get counter-1 2>/dev/null | grep -q 'status.*OFF.*OFF'; do
        n=$((n + 1)); [ $n -lt 100 ] || { echo "FAILED: OFF does not reach the counter"; RUNTIME_DIRECTORY="$dir/run" "$dir/kelp-gateway/bin/kelp" device get counter-1; exit 1; }
        sleep 0.1
    done
    echo "ok: OFF has reached the counter"
    unset KUBECONFIG
fi

kill -9 "$gateway"
n=0; while kill -0 "$gateway" 2>/dev/null && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
expect 4 "status names a dead half" quick status; says "gateway: *not running"
expect 0 "a run starts the dead half again" quick
kill -9 "$cloud"
n=0; while kill -0 "$cloud" 2>/dev/null && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
expect 4 "status names the other dead half" quick status; says "cloud service: not running"
expect 0 "a run starts that again" quick
expect 0 "stop" quick stop
no_process "$dir" || { echo "FAILED: something is left running"; exit 1; }
expect 0 "a run after a stop goes on with the data" quick
expect 0 "reset" quick reset
no_process "$dir" || { echo "FAILED: something is left running"; exit 1; }
[ ! -e "$dir" ] || { echo "FAILED: $dir is still there"; exit 1; }
mkdir -p "$dir/mine"
expect 1 "reset leaves a folder alone that is not its own" quick reset; says "was not made by quickstart"
echo "quickstart.sh: all good"
