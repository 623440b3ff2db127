#!/bin/sh
# A real Kubernetes control plane on loopback, for tests and for trying things by hand.
#
#   sh itests/control-plane.sh up DIR      start it (or find it running) and print the path of its kubeconfig
#   sh itests/control-plane.sh down DIR    stop it; DIR keeps the data, so that a later "up" goes on with it
#   sh itests/control-plane.sh build       only make sure that the programs are there, and print their folder
#
# etcd comes from the PATH (Debian: etcd-server), kubectl too; kube-apiserver, kube-controller-manager
# and kube-scheduler from the PATH if they are of the pinned minor version, else all are built once from
# their Go module and kept in a cache outside the checkout (KELP_CACHE, default ~/.cache/kelp).
# With EVICT_SECONDS a node is found silent after 8 s, and its pods are evicted so many seconds later (Kubernetes: 50 and 300).
set -eu

VERSION=1.34.4
MINOR=1.34
HERE=$(cd "$(dirname "$0")" && pwd)
CACHE=${KELP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/kelp}
BIN=$CACHE/control-plane-$VERSION
PROGRAMS="kube-apiserver kube-controller-manager kube-scheduler kubectl"
GO_VERSION=1.24.9
START_SECONDS=120

say() { printf '%s\n' "control-plane: $*" >&2; }
fail() { say "$*"; exit 1; }

usage() {
    sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'
}

# Puts a Go that is new enough on the PATH. A distribution's older Go can fetch a newer toolchain, which is
# published as a module like any other; only the permissions of its programs are not.
find_go() {
    command -v go >/dev/null || fail "Go is missing; install it: apt-get install golang-go"
    have=$(go env GOVERSION | sed 's/^go1\.\([0-9]*\).*/\1/')
    [ "$have" -lt 24 ] || return 0
    module=golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$(go env GOARCH)
    say "Go $(go env GOVERSION) is too old for Kubernetes $VERSION, fetching $GO_VERSION"
    mkdir -p "$CACHE"
    fetched=$(go mod download -json "$module" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
    [ -d "$fetched" ] || fail "$module could not be fetched"
    if [ ! -x "$CACHE/go-$GO_VERSION/bin/go" ]; then
        rm -rf "$CACHE/go-$GO_VERSION.new"
        cp -R "$fetched" "$CACHE/go-$GO_VERSION.new"
        chmod -R u+w "$CACHE/go-$GO_VERSION.new"
        chmod +x "$CACHE/go-$GO_VERSION.new"/bin/* "$CACHE/go-$GO_VERSION.new"/pkg/tool/*/*
        rm -rf "$CACHE/go-$GO_VERSION"
        mv "$CACHE/go-$GO_VERSION.new" "$CACHE/go-$GO_VERSION"
    fi
    PATH=$CACHE/go-$GO_VERSION/bin:$PATH
    GOROOT=$CACHE/go-$GO_VERSION GOTOOLCHAIN=local
    export GOROOT GOTOOLCHAIN PATH
}

# Prints the path of a program that fits: from the PATH, else from the cache.
program() {
    found=$(command -v "$1" || true)
    if [ "$1" = kubectl ] && [ -n "$found" ]; then
        printf '%s\n' "$found"
    elif [ -n "$found" ] && "$found" --version 2>/dev/null | grep -q "v$MINOR\."; then
        printf '%s\n' "$found"
    else
        printf '%s\n' "$BIN/$1"
    fi
}

build() {
    command -v etcd >/dev/null || fail "etcd is missing; install it: apt-get install etcd-server"
    missing=
    for p in $PROGRAMS; do
        [ -x "$(program "$p")" ] || missing="$missing k8s.io/kubernetes/cmd/$p"
    done
    [ -n "$missing" ] || return 0
    find_go
    say "building Kubernetes $VERSION once, about 5 minutes on 4 cores: $(echo $missing | sed 's#k8s.io/kubernetes/cmd/##g')"
    mkdir -p "$BIN.new.$$"
    trap 'rm -rf "$BIN.new.$$"' EXIT
    flags="-X k8s.io/component-base/version.gitVersion=v$VERSION -X k8s.io/component-base/version.gitMajor=1"
    flags="$flags -X k8s.io/component-base/version.gitMinor=${MINOR#1.}"
    # shellcheck disable=SC2086  # one word per package
    (cd "$HERE/control-plane" && go build -mod=mod -trimpath -ldflags "-s -w $flags" -o "$BIN.new.$$/" $missing) \
        || fail "the build of Kubernetes failed; see above"
    mkdir -p "$BIN"
    for f in "$BIN.new.$$"/*; do
        mv "$f" "$BIN/"
    done
}

# Whether a TCP port is free on loopback, from the kernel's own table.
port_is_free() {
    hex=$(printf '%04X' "$1")
    ! awk -v p=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == p { found = 1 } END { exit !found }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

free_port() {
    p=$((20000 + ($$ * 7 + ${1} * 97) % 9000))
    while ! port_is_free "$p"; do
        p=$((p + 1))
        [ "$p" -lt 32000 ] || p=20000
    done
    printf '%s\n' "$p"
}

# Whether the process whose pid is in the file is alive and is the named program.
alive() {
    [ -s "$1" ] || return 1
    pid=$(cat "$1")
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' < "/proc/$pid/cmdline" | grep -q "$2"
}

# start NAME PROGRAM ARG...: in the background, output to DIR/NAME.log, pid to DIR/NAME.pid
start() {
    name=$1
    shift
    if alive "$DIR/$name.pid" "$name"; then
        return 0
    fi
    setsid "$@" >> "$DIR/$name.log" 2>&1 < /dev/null &
    echo $! > "$DIR/$name.pid"
    # Until it has replaced the shell that was forked for it, the process bears this script's name.
    n=0
    until alive "$DIR/$name.pid" "$name" || [ "$n" -ge 50 ] || ! kill -0 "$(cat "$DIR/$name.pid")" 2>/dev/null; do
        n=$((n + 1))
        sleep 0.1
    done
}

await() { # await WHAT LOGNAME COMMAND...
    what=$1 log=$2
    shift 2
    n=0
    until "$@" >/dev/null 2>&1; do
        alive "$DIR/$log.pid" "$log" || { tail -n 15 "$DIR/$log.log" >&2; fail "$what ended while starting; its log is $DIR/$log.log"; }
        n=$((n + 1))
        [ "$n" -lt $((START_SECONDS * 5)) ] || fail "$what is not ready after $START_SECONDS s; its log is $DIR/$log.log"
        sleep 0.2
    done
}

kubectl_here() { "$(program kubectl)" --kubeconfig "$DIR/kubeconfig" --request-timeout 5s "$@"; }

up() {
    build
    command -v openssl >/dev/null || fail "openssl is missing; install it: apt-get install openssl"
    mkdir -p "$DIR"
    chmod 700 "$DIR"
    if [ ! -s "$DIR/ports" ]; then
        echo "$(free_port 1) $(free_port 2) $(free_port 3) $(free_port 4) $(free_port 5)" > "$DIR/ports"
    fi
    read -r etcd_port peer_port api_port cm_port sched_port < "$DIR/ports"
    if [ ! -s "$DIR/sa.key" ]; then
        openssl genrsa -out "$DIR/sa.key.new" 2048 2>/dev/null
        openssl rsa -in "$DIR/sa.key.new" -pubout -out "$DIR/sa.pub" 2>/dev/null
        printf '%s,admin,admin,system:masters\n' "$(openssl rand -hex 24)" > "$DIR/tokens.csv"
        chmod 600 "$DIR/tokens.csv" "$DIR/sa.key.new"
        mv "$DIR/sa.key.new" "$DIR/sa.key"
    fi
    start etcd etcd --name default --data-dir "$DIR/etcd" --unsafe-no-fsync \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "default=http://127.0.0.1:$peer_port"
    apiserver_more= controllers_more=
    if [ -n "${EVICT_SECONDS:-}" ]; then
        apiserver_more="--default-not-ready-toleration-seconds=$EVICT_SECONDS --default-unreachable-toleration-seconds=$EVICT_SECONDS"
        controllers_more="--node-monitor-grace-period=8s --node-monitor-period=1s"
    fi
    # shellcheck disable=SC2086  # one word per option
    start kube-apiserver "$(program kube-apiserver)" --etcd-servers "http://127.0.0.1:$etcd_port" \
        --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$api_port" --cert-dir "$DIR/certs" \
        --token-auth-file "$DIR/tokens.csv" --authorization-mode Node,RBAC --service-cluster-ip-range 10.96.0.0/16 \
        --service-account-issuer https://kubernetes.default.svc.cluster.local \
        --service-account-key-file "$DIR/sa.pub" --service-account-signing-key-file "$DIR/sa.key" $apiserver_more
    await kube-apiserver kube-apiserver test -s "$DIR/certs/apiserver.crt"
    token=$(cut -d, -f1 "$DIR/tokens.csv")
    (umask 077; cat > "$DIR/kubeconfig.new" <<KUBECONFIG
apiVersion: v1
kind: Config
clusters:
- name: kelp-tests
  cluster:
    server: https://127.0.0.1:$api_port
    certificate-authority-data: $(base64 -w0 "$DIR/certs/apiserver.crt")
users:
- name: admin
  user:
    token: $token
contexts:
- name: kelp-tests
  context: {cluster: kelp-tests, user: admin}
current-context: kelp-tests
KUBECONFIG
    )
    mv "$DIR/kubeconfig.new" "$DIR/kubeconfig"
    await kube-apiserver kube-apiserver kubectl_here get --raw /readyz
    # Their own limits on requests would be what is measured when a hundred pods start.
    # shellcheck disable=SC2086  # one word per option
    start kube-controller-manager "$(program kube-controller-manager)" --kubeconfig "$DIR/kubeconfig" \
        --bind-address 127.0.0.1 --secure-port "$cm_port" --cert-dir "$DIR/cm-certs" --leader-elect=false \
        --service-account-private-key-file "$DIR/sa.key" --use-service-account-credentials=false \
        --root-ca-file "$DIR/certs/apiserver.crt" --kube-api-qps 200 --kube-api-burst 400 $controllers_more
    start kube-scheduler "$(program kube-scheduler)" --kubeconfig "$DIR/kubeconfig" \
        --bind-address 127.0.0.1 --secure-port "$sched_port" --cert-dir "$DIR/scheduler-certs" --leader-elect=false --kube-api-qps 200 --kube-api-burst 400
    await "the default service account" kube-controller-manager kubectl_here -n default get serviceaccount default
    printf '%s\n' "$DIR/kubeconfig"
}

down() {
    for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do
        alive "$DIR/$name.pid" "$name" || { rm -f "$DIR/$name.pid"; continue; }
        pid=$(cat "$DIR/$name.pid")
        kill "$pid" 2>/dev/null || true
        n=0
        while alive "$DIR/$name.pid" "$name"; do
            n=$((n + 1))
            [ "$n" -ne 100 ] || { say "$name does not end after 10 s, killing it"; kill -9 "$pid" 2>/dev/null || true; }
            [ "$n" -lt 150 ] || fail "$name (pid $pid) cannot be ended"
            sleep 0.1
        done
        rm -f "$DIR/$name.pid"
    done
}

case "${1:-}" in
    up | down)
        [ $# -eq 2 ] || { usage >&2; exit 2; }
        mkdir -p "$2"
        DIR=$(cd "$2" && pwd)
        "$1"
        ;;
    build) build; printf '%s\n' "$BIN" ;;
    -h | --help | help) usage ;;
    *) usage >&2; exit 2 ;;
esac
