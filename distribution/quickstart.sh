#!/bin/sh
# Kelp on this machine with one command: a cloud service with a Kubernetes API of its own, a gateway, a counter on it, and a pod
# that shows the counter.
#
#   sh distribution/quickstart.sh            builds what is missing, starts everything, waits until the counter counts
#   sh distribution/quickstart.sh status     tells what runs; --json: as one JSON object
#   sh distribution/quickstart.sh stop       stops it; the next start goes on with its data
#   sh distribution/quickstart.sh reset      stops it and deletes what it made
#
#   --dir D          folder for all that is written while it runs; default: distribution/target/quickstart
#   --port-base N    first of its ports, all on loopback; default 10000: hub N, join N+2, page N+80, metrics N+91,
#                    API N+443, MQTT N+883
#   --kubeconfig F   use the cluster of this kubeconfig instead of an API of its own
#
# Needs Java 17 (JDK), Maven and unzip: installs them when it is root, else says what to install.
# Exit codes: 0 done; 1 failed; 2 wrong usage; 4 not running (status).
set -u
umask 077
LC_ALL=C; export LC_ALL

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
TOP=$(dirname -- "$HERE")
SELF="sh $0"
NODE=gateway-1
DEVICE=counter-1
SAMPLE=twin-http
SAMPLE_IMAGE=kelp.io/samples/twin-http:0.1.0
START_SECONDS=90
STOP_SECONDS=20

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
fail() { code=$1; shift; printf 'quickstart: %s\n' "$*" >&2; exit "$code"; }
usage() { sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p;}' "$0"; }
wrong() { printf 'quickstart: %s\n\n' "$*" >&2; usage >&2; exit 2; }

# ---- what is asked for

COMMAND=
DIR=
BASE=
KUBECONFIG_GIVEN=
JSON=
while [ $# -gt 0 ]; do
    case $1 in
        start | stop | status | reset) [ -z "$COMMAND" ] || wrong "one command at a time, not $COMMAND and $1"; COMMAND=$1 ;;
        -h | --help | help) usage; exit 0 ;;
        --json) JSON=1 ;;
        --dir | --port-base | --kubeconfig)
            [ $# -ge 2 ] && [ -n "$2" ] || wrong "$1 needs a value"
            case $1 in
                --dir) DIR=$2 ;;
                --port-base) BASE=$2 ;;
                *) KUBECONFIG_GIVEN=$2 ;;
            esac
            shift ;;
        --dir=*) DIR=${1#*=} ;;
        --port-base=*) BASE=${1#*=} ;;
        --kubeconfig=*) KUBECONFIG_GIVEN=${1#*=} ;;
        *) wrong "unknown argument $1" ;;
    esac
    shift
done
COMMAND=${COMMAND:-start}
case $BASE in
    '') ;;
    *[!0-9]* | ??????*) wrong "--port-base is \"$BASE\", it must be a number from 1024 to 64000" ;;
    *) [ "$BASE" -ge 1024 ] && [ "$BASE" -le 64000 ] || wrong "--port-base is $BASE, it must be 1024 to 64000" ;;
esac
[ -z "$JSON" ] || [ "$COMMAND" = status ] || wrong "--json goes with status"

absolute() {
    case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s/%s\n' "$(pwd -P)" "$1" ;; esac
}
DIR=$(absolute "${DIR:-$HERE/target/quickstart}")
if [ -n "$KUBECONFIG_GIVEN" ]; then
    KUBECONFIG_GIVEN=$(absolute "$KUBECONFIG_GIVEN")
    [ -r "$KUBECONFIG_GIVEN" ] || fail 1 "--kubeconfig: $KUBECONFIG_GIVEN cannot be read"
fi

SETTINGS=$DIR/quickstart.settings
CLOUD=$DIR/kelp-cloud
GATEWAY=$DIR/kelp-gateway
LOGS=$DIR/log

# Ports and cluster are chosen once per folder: a gateway that has joined must find its cloud again.
read_settings() {
    PORT_BASE= CLUSTER=
    [ -r "$SETTINGS" ] || return 1
    PORT_BASE=$(sed -n 's/^port-base=//p' "$SETTINGS")
    CLUSTER=$(sed -n 's/^kubeconfig=//p' "$SETTINGS")
}

derive() {
    HUB_PORT=$PORT_BASE
    JOIN_PORT=$((PORT_BASE + 2))
    WEB_PORT=$((PORT_BASE + 80))
    METRICS_PORT=$((PORT_BASE + 91))
    API_PORT=$((PORT_BASE + 443))
    MQTT_PORT=$((PORT_BASE + 883))
    WEB_URL=http://127.0.0.1:$WEB_PORT/
    if [ -n "$CLUSTER" ]; then
        KUBECONFIG_USED=$CLUSTER
        API_URL=$(sed -n 's/^ *\(- \)\{0,1\}server: *"\{0,1\}\([^" ]*\).*/\2/p' "$CLUSTER" 2>/dev/null | head -n 1)
    else
        KUBECONFIG_USED=$DIR/data/admin.kubeconfig
        API_URL=https://127.0.0.1:$API_PORT
    fi
}

# ---- processes

# Start time of a process, field 22 of its stat; the name before it may hold blanks and brackets.
started_at() {
    IFS= read -r stat <"/proc/$1/stat" || return 1
    set -f; set -- ${stat##*) }; set +f
    case $1 in Z | X) return 1 ;; esac
    eval "started=\${20}"
} 2>/dev/null

# Sets cloud_pid; a number that another process has got since does not count.
cloud_runs() {
    cloud_pid='' began=''
    [ -r "$DIR/cloud.pid" ] && read -r cloud_pid began <"$DIR/cloud.pid"
    [ -n "$cloud_pid" ] && started_at "$cloud_pid" && [ "$started" = "$began" ]
}

kelp() { RUNTIME_DIRECTORY=$DIR/run "$GATEWAY/bin/kelp" "$@"; }

# Sets gateway_pid.
gateway_runs() {
    gateway_pid='' began=''
    [ -r "$DIR/run/gateway/pid" ] && read -r gateway_pid began <"$DIR/run/gateway/pid"
    [ -n "$gateway_pid" ] && started_at "$gateway_pid" && [ "$started" = "$began" ]
}

millis() { now=$(date +%s%N); say $((now / 1000000)); }

# Waits for a condition: until_true SECONDS COMMAND…
until_true() {
    deadline=$(($(date +%s) + $1)); shift
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

# Who listens on a port of this machine, from the kernel's table: 0 when somebody does.
taken() {
    port=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$port" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }'
}

free_or_fail() {
    ! taken "$1" || fail 1 "port $1 ($2) is in use by another program; choose other ports with --port-base N" \
        "$([ ! -e "$SETTINGS" ] || say "(after: $SELF reset${DIR_OPTION})")"
}

# A page of the cloud service. Debian's bash can do it where curl is missing.
fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl -s -f --max-time 5 "$WEB_URL$1"
    else
        timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET /%s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n" "$1" "$0" >&3 && cat <&3' \
            "$WEB_PORT" "$1" 2>/dev/null
    fi
}

# ---- what it needs

java_of() { # NAME: the program of a JDK of version 17 or newer
    for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/$1}" "$(command -v "$1")" /usr/lib/jvm/*/bin/"$1"; do
        [ -n "$candidate" ] && [ -x "$candidate" ] || continue
        major=$("$candidate" -version 2>&1 | sed -n '1s/^[^0-9]*\([0-9]*\).*/\1/p')
        [ "${major:-0}" -ge 17 ] && { printf '%s\n' "$candidate"; return 0; }
    done
    return 1
}

install_missing() {
    packages=
    java_of javac >/dev/null || packages="$packages openjdk-17-jdk-headless"
    command -v mvn >/dev/null 2>&1 || packages="$packages maven"
    command -v unzip >/dev/null 2>&1 || packages="$packages unzip"
    if [ -n "$packages" ]; then
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
            fail 1 "missing:$packages. Please install them (as root: apt-get install$packages) and start again"
        fi
        step "Installing$packages"
        mkdir -p "$LOGS"
        # shellcheck disable=SC2086  # one word per package
        { DEBIAN_FRONTEND=noninteractive apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages; } \
            >"$LOGS/install.log" 2>&1 || { tail -n 15 "$LOGS/install.log" >&2; fail 1 "apt-get could not install$packages; the whole output is in $LOGS/install.log"; }
    fi
    JAVA=$(java_of java) || fail 1 "no Java 17 or newer found although it is installed; set JAVA_HOME"
    JAVA_HOME=$(dirname -- "$(dirname -- "$(readlink -f "$(java_of javac)")")")
    KELP_JAVA=$JAVA
    export JAVA_HOME KELP_JAVA
}

one_file() { # FOLDER PATTERN: the newest file that fits, or nothing
    newest=
    for file in "$1"/$2; do
        [ ! -e "$file" ] || { [ -n "$newest" ] && [ "$newest" -nt "$file" ]; } || newest=$file
    done
    [ -z "$newest" ] || printf '%s\n' "$newest"
}

# Whether a source is newer than a zip.
stale() {
    [ -n "$1" ] || return 0
    [ -n "$(find "$TOP/pom.xml" "$TOP/bundles" "$TOP/cloud-service" "$TOP/device-mappers" "$TOP/distribution" "$TOP/features" \
        \( -name target -o -name docs -o -name '*.md' \) -prune -o -type f -newer "$1" ! -path '*/src/test/*' ! -name quickstart.sh -print 2>/dev/null | head -n 1)" ]
}

build() {
    cloud_zip=$(one_file "$TOP/cloud-service/target" "kelp-cloud-*.zip")
    gateway_zip=$(one_file "$TOP/distribution/target" "kelp-gateway-*.zip")
    sample_jar=$(one_file "$HERE/samples/$SAMPLE/target" "sample-$SAMPLE-*.jar")
    if ! stale "$cloud_zip" && ! stale "$gateway_zip" && ! stale "$sample_jar"; then
        return 0
    fi
    step "Building (the first time Maven fetches what it needs; log: $LOGS/build.log)"
    mkdir -p "$LOGS"
    rm -f "$DIR/build.failed"
    { (cd "$TOP" && mvn -B -ntp package -DskipTests -pl "cloud-service,distribution,distribution/samples/$SAMPLE" -am 2>&1) || : >"$DIR/build.failed"; } \
        | tee "$LOGS/build.log" | sed -n -u 's/^\[INFO\] Building \(Kelp.*\) [^ ]* *\(\[[0-9/]*\]\)$/    \2 \1/p'
    if [ -e "$DIR/build.failed" ]; then
        grep '^\[ERROR\]' "$LOGS/build.log" | head -n 15 >&2
        fail 1 "the build failed; the whole output is in $LOGS/build.log"
    fi
    cloud_zip=$(one_file "$TOP/cloud-service/target" "kelp-cloud-*.zip")
    gateway_zip=$(one_file "$TOP/distribution/target" "kelp-gateway-*.zip")
    sample_jar=$(one_file "$HERE/samples/$SAMPLE/target" "sample-$SAMPLE-*.jar")
    [ -n "$cloud_zip" ] && [ -n "$gateway_zip" ] && [ -n "$sample_jar" ] || fail 1 "the build made no zips; see $LOGS/build.log"
}

# Unpacks a zip over what is there; data, settings and keys of an installation are not in the zip and stay.
unpack() { # ZIP FOLDER
    [ "$2/.unpacked" -nt "$1" ] && return 0
    rm -rf "$DIR/unpack" "$2/lib" "$2/bundles"
    mkdir -p "$DIR/unpack" "$2" && unzip -q "$1" -d "$DIR/unpack" && cp -R "$DIR/unpack"/*/. "$2/" && rm -rf "$DIR/unpack" && : >"$2/.unpacked" \
        || fail 1 "$1 cannot be unpacked to $2; is the disk full?"
}

# ---- start

choose() {
    if read_settings; then
        [ -z "$BASE" ] || [ "$BASE" = "$PORT_BASE" ] || fail 1 "$DIR was set up with --port-base $PORT_BASE;" \
            "leave the option out, take another --dir, or start anew after: $SELF reset$DIR_OPTION"
        [ -z "$KUBECONFIG_GIVEN" ] || [ "$KUBECONFIG_GIVEN" = "$CLUSTER" ] || fail 1 "$DIR was set up" \
            "$([ -z "$CLUSTER" ] && say "with an API of its own" || say "for $CLUSTER"); take another --dir, or start anew after: $SELF reset$DIR_OPTION"
        return 0
    fi
    PORT_BASE=${BASE:-10000} CLUSTER=$KUBECONFIG_GIVEN
}

start_cloud() {
    free_or_fail "$HUB_PORT" "gateways' messages"
    free_or_fail "$JOIN_PORT" "joining"
    free_or_fail "$WEB_PORT" "the page"
    unpack "$cloud_zip" "$CLOUD"
    set -- --bind 127.0.0.1 --advertise 127.0.0.1 --hub-port "$HUB_PORT" --join-port "$JOIN_PORT" --web-port "$WEB_PORT"
    if [ -n "$CLUSTER" ]; then
        step "Starting the cloud service on $API_URL"
        set -- "$@" --kubeconfig "$CLUSTER"
    else
        free_or_fail "$API_PORT" "the Kubernetes API"
        step "Starting the cloud service with a Kubernetes API of its own"
        set -- "$@" --standalone --data "$DIR/data" --api-port "$API_PORT"
    fi
    setsid "$CLOUD/bin/kelp-cloud" run "$@" >"$LOGS/cloud.log" 2>&1 </dev/null &
    cloud_pid=$!
    started_at "$cloud_pid" && printf '%s %s\n' "$cloud_pid" "$started" >"$DIR/cloud.pid"
    until_true "$START_SECONDS" cloud_settled
    cloud_runs || { tail -n 5 "$LOGS/cloud.log" >&2; fail 1 "the cloud service has ended; its whole log is $LOGS/cloud.log"; }
    cloud_healthy || { tail -n 5 "$LOGS/cloud.log" >&2; fail 1 "the cloud service is not ready after $START_SECONDS s; its log is $LOGS/cloud.log"; }
}

cloud_healthy() { fetch healthz | grep -q '^ok'; }
cloud_settled() { ! cloud_runs || cloud_healthy; }

cloud_access() {
    if [ -n "$CLUSTER" ]; then
        say --kubeconfig; say "$CLUSTER"
    else
        say --data; say "$DIR/data"
    fi
}

# kelp-cloud COMMAND… on the API in use
cloud_command() {
    if [ -n "$CLUSTER" ]; then
        "$CLOUD/bin/kelp-cloud" "$@" --kubeconfig "$CLUSTER"
    else
        "$CLOUD/bin/kelp-cloud" "$@" --data "$DIR/data"
    fi
}

settings_of_gateway() { # COMPONENT JSON: once, so that what the user changes stays
    [ -e "$GATEWAY/etc/$1.json" ] || { mkdir -p "$GATEWAY/etc" && printf '%s\n' "$2" >"$GATEWAY/etc/$1.json"; } || fail 1 "$GATEWAY/etc cannot be written"
}

start_gateway() {
    free_or_fail "$MQTT_PORT" "the gateway's MQTT broker"
    free_or_fail "$METRICS_PORT" "the gateway's metrics"
    unpack "$gateway_zip" "$GATEWAY"
    settings_of_gateway io.kelp.broker "{\"port\": $MQTT_PORT, \"secondPort\": -1}"
    settings_of_gateway io.kelp.control "{\"metricsPort\": $METRICS_PORT}"
    mkdir -p "$DIR/run"
    if [ ! -e "$GATEWAY/data/certs/edge.crt" ]; then
        step "Joining the gateway as node $NODE"
        token=$(cloud_command token 2>"$LOGS/token.log") || { cat "$LOGS/token.log" >&2; fail 1 "there is no join token"; }
        kelp join --cloud 127.0.0.1 --hub-port "$HUB_PORT" --join-port "$JOIN_PORT" --token "$token" --node "$NODE" >"$LOGS/join.log" 2>&1 \
            || { cat "$LOGS/join.log" >&2; fail 1 "the gateway could not join"; }
    fi
    step "Starting the gateway"
    # After a crash its supervisor may be about to do the same.
    kelp start >"$LOGS/start.log" 2>&1 || { grep -q "started again" "$LOGS/start.log" && until_true "$START_SECONDS" gateway_runs; } || { cat "$LOGS/start.log" >&2; fail 1 "the gateway does not start; its log is $GATEWAY/log/kelp.log"; }
}

gateway_linked() { kelp status --json 2>/dev/null | tr -d ' \n' | grep -q '"link":{"state":"CONNECTED"'; }
mapper_there() { kelp mapper list 2>/dev/null | grep -q counter; }

count() { kelp device get "$DEVICE" 2>/dev/null | sed -n 's/^ *count[^0-9]*\([0-9][0-9]*\).*/\1/p' | head -n 1; }
known() { [ -n "$(kelp device get "$DEVICE" 2>/dev/null)" ]; }
counts() { [ "$(count)" -gt "${first:-0}" ]; } 2>/dev/null

give_device() {
    mapper_there || {
        step "Installing the counter's mapper into the running gateway"
        kelp mapper install "$(one_file "$GATEWAY/device-mappers" "mapper-counter-*.jar")" >"$LOGS/mapper.log" 2>&1 \
            || { cat "$LOGS/mapper.log" >&2; fail 1 "the mapper cannot be installed"; }
    }
    [ -e "$DIR/device.given" ] && return 0
    step "Giving it a counter, switched ON"
    sed -e "s/edge-node/$NODE/" -e "s/value: 'OFF'/value: 'ON'/" "$GATEWAY/device-mappers/v1beta1.yaml" >"$DIR/counter.yaml"
    cloud_command import "$DIR/counter.yaml" >"$LOGS/device.log" 2>&1 || { cat "$LOGS/device.log" >&2; fail 1 "the counter cannot be created"; }
    until_true "$START_SECONDS" known || fail 1 "the counter has not reached the gateway within $START_SECONDS s; see $LOGS/cloud.log and $GATEWAY/log/kelp.log"
    first=$(count)
    until_true "$START_SECONDS" counts || fail 1 "the counter does not count: $(kelp device get "$DEVICE" 2>&1)"
    : >"$DIR/device.given"
}

# Where the sample listens, by its own words; empty until it does.
sample_url() { kelp pod logs "default/$SAMPLE" 2>/dev/null | sed -n 's/^.*listening on \(http[^ ]*\).*$/\1/p' | tail -n 1; }
sample_ready() { kelp pod list 2>/dev/null | grep -q "^default  *$SAMPLE .*Running" && [ -n "$(sample_url)" ]; }

give_sample() {
    [ -e "$DIR/sample.given" ] && return 0
    step "Giving it a pod that shows the counter"
    sample_jar=$(one_file "$HERE/samples/$SAMPLE/target" "sample-$SAMPLE-*.jar")
    "$CLOUD/bin/kelp-cloud" image save "$sample_jar" "$SAMPLE_IMAGE" "$DIR/$SAMPLE.tar" >"$LOGS/sample.log" 2>&1 \
        && kelp image load "$DIR/$SAMPLE.tar" >>"$LOGS/sample.log" 2>&1 \
        || { cat "$LOGS/sample.log" >&2; fail 1 "the image of the pod cannot be given to the gateway"; }
    sed -e "s/edge-node/$NODE/" "$HERE/samples/$SAMPLE/pod.yaml" >"$DIR/$SAMPLE.yaml"
    cloud_command import "$DIR/$SAMPLE.yaml" >"$LOGS/sample.log" 2>&1 || { cat "$LOGS/sample.log" >&2; fail 1 "the pod cannot be created"; }
    until_true "$START_SECONDS" sample_ready || fail 1 "the pod does not run after $START_SECONDS s: $(kelp pod describe "default/$SAMPLE" 2>&1 | tail -n 12)"
    : >"$DIR/sample.given"
}

start() {
    begun=$(millis)
    choose
    derive
    mkdir -p "$LOGS" || fail 1 "$DIR cannot be written"
    was_running=
    if cloud_runs && gateway_runs; then
        was_running=1
        step "Cloud service and gateway are running already"
    else
        install_missing
        build
        printf 'port-base=%s\nkubeconfig=%s\n' "$PORT_BASE" "$CLUSTER" >"$SETTINGS" || fail 1 "$SETTINGS cannot be written"
        cloud_runs || start_cloud
        gateway_runs || start_gateway
    fi
    until_true "$START_SECONDS" gateway_linked || fail 1 "the gateway has no link to the cloud service after $START_SECONDS s: $(kelp status 2>&1 | head -n 12)"
    give_device
    until_true "$START_SECONDS" in_cloud || fail 1 "the cloud service does not know the counter's value after $START_SECONDS s; see $LOGS/cloud.log"
    give_sample
    until_true "$START_SECONDS" sample_ready || fail 1 "the pod $SAMPLE does not run after $START_SECONDS s; see: $SELF status$DIR_OPTION"
    spent=$(($(millis) - begun))
    say ""
    say "$DEVICE on $NODE counts: $(count) (after $((spent / 1000)).$((spent % 1000 / 100)) s)"
    say ""
    say "  The page:   $WEB_URL"
    say ""
    say "  With kubectl:"
    say "    export KUBECONFIG=$KUBECONFIG_USED"
    say "    kubectl get nodes,devices"
    say "    kubectl get devicestatus $DEVICE -o jsonpath='{.status.twins}{\"\\n\"}'"
    say "    kubectl patch device $DEVICE --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/properties/0/desired/value\",\"value\":\"OFF\"}]'"
    say "    kubectl get pod $SAMPLE -o wide"
    command -v kubectl >/dev/null 2>&1 || say "  (kubectl is not on this machine; the page does the same)"
    say ""
    say "  The pod, a bundle in the gateway that shows the counter and switches it (distribution/samples/$SAMPLE):"
    say "    curl $(sample_url)"
    say "    curl -X PUT -d OFF $(sample_url)"
    say ""
    say "  The gateway: RUNTIME_DIRECTORY=$DIR/run $GATEWAY/bin/kelp status"
    say "  Its log of the pod: RUNTIME_DIRECTORY=$DIR/run $GATEWAY/bin/kelp pod logs default/$SAMPLE"
    say "  The end:     $SELF stop$DIR_OPTION"
}

in_cloud() { fetch "api/ui/devices/default/$DEVICE" | grep -q '"count"'; }

# ---- status, stop, reset

quote() { printf '"%s"' "$(printf %s "$1" | sed 's/["\\]/\\&/g')"; }

status() {
    read_settings || { [ -z "$JSON" ] || say '{"cloud": null, "gateway": null}'; fail 4 "nothing was set up in $DIR; start it: $SELF$DIR_OPTION"; }
    derive
    code=0
    cloud_runs || { cloud_pid=null; code=4; }
    gateway_runs || { gateway_pid=null; code=4; }
    if [ -n "$JSON" ]; then
        printf '{"cloud": {"pid": %s, "webUrl": %s, "apiUrl": %s, "kubeconfig": %s, "hubPort": %s, "joinPort": %s},\n' "$cloud_pid" \
            "$(quote "$WEB_URL")" "$(quote "$API_URL")" "$(quote "$KUBECONFIG_USED")" "$HUB_PORT" "$JOIN_PORT"
        printf ' "gateway": {"pid": %s, "node": %s, "home": %s, "mqttPort": %s}}\n' "$gateway_pid" "$(quote "$NODE")" "$(quote "$GATEWAY")" "$MQTT_PORT"
        exit "$code"
    fi
    if [ "$cloud_pid" = null ]; then
        say "cloud service: not running; last words in $LOGS/cloud.log; start it again: $SELF$DIR_OPTION"
    else
        say "cloud service: pid $cloud_pid, page $WEB_URL, API $API_URL, kubeconfig $KUBECONFIG_USED"
        cloud_healthy || { say "               but it is not ready; see $LOGS/cloud.log"; code=4; }
    fi
    if [ "$gateway_pid" = null ]; then
        say "gateway:       not running; last words in $GATEWAY/log/kelp.log; start it again: $SELF$DIR_OPTION"
    else
        say "gateway:       pid $gateway_pid, node $NODE, home $GATEWAY, MQTT 127.0.0.1:$MQTT_PORT"
        gateway_linked || { say "               but it has no link to the cloud service"; code=4; }
    fi
    exit "$code"
}

cloud_gone() { ! cloud_runs; }

stop() {
    read_settings || { say "nothing runs: nothing was set up in $DIR"; return 0; }
    derive
    if [ -x "$GATEWAY/bin/kelp" ] && [ -d "$DIR/run" ]; then
        ! gateway_runs || step "Stopping the gateway"
        kelp stop >"$LOGS/stop.log" 2>&1 || ! gateway_runs || { cat "$LOGS/stop.log" >&2; fail 1 "the gateway does not stop"; }
    fi
    if cloud_runs; then
        step "Stopping the cloud service"
        kill "$cloud_pid" 2>/dev/null
        until_true "$STOP_SECONDS" cloud_gone || { kill -9 "$cloud_pid" 2>/dev/null; until_true "$STOP_SECONDS" cloud_gone || fail 1 "process $cloud_pid does not end"; }
    fi
    rm -f "$DIR/cloud.pid"
}

# Only one at a time changes things in a folder.
lock() {
    mkdir -p "$DIR" || fail 1 "$DIR cannot be made"
    if ! mkdir "$DIR/.lock" 2>/dev/null; then
        holder=$(cat "$DIR/.lock/pid" 2>/dev/null)
        if [ -n "$holder" ] && kill -0 "$holder" 2>/dev/null; then
            fail 1 "another quickstart (process $holder) works in $DIR; wait for it"
        fi
    fi
    say $$ >"$DIR/.lock/pid"
    trap 'rm -rf "$DIR/.lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

DIR_OPTION=
[ "$DIR" = "$HERE/target/quickstart" ] || DIR_OPTION=" --dir $DIR"
case $COMMAND in
    start) lock; start ;;
    status) status ;;
    stop) [ ! -e "$DIR" ] || lock; stop ;;
    reset)
        [ -e "$DIR" ] || exit 0
        [ -e "$SETTINGS" ] || [ -z "$(ls -A "$DIR")" ] || fail 1 "$DIR was not made by quickstart; it is left alone"
        lock; stop
        step "Deleting $DIR"
        cd / && rm -rf "$DIR"
        trap - EXIT ;;
esac
