#!/bin/sh
# Tests bin/kelp as a user meets it, with the real zip and a real gateway: sh cli.sh ZIP
# Prints a line per sentence that holds and ends with 1 at the first that does not.
set -u
zip=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/kelp cli.XXXXXX") || exit 1
home="$work/a folder/kelp-gateway"
kelp="$home/bin/kelp"
KELP_ANSWER_SECONDS=20; export KELP_ANSWER_SECONDS

cleanup() {
    [ ! -x "$kelp" ] || "$kelp" stop >/dev/null 2>&1
    [ -z "${run:-}" ] || rm -rf "$run"
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

out=$work/out
err=$work/err

# expect CODE SENTENCE COMMAND…: the command ends with CODE
expect() {
    want=$1 sentence=$2; shift 2
    "$@" >"$out" 2>"$err" </dev/null
    got=$?
    if [ "$got" = "$want" ]; then
        echo "ok: $sentence"
    else
        echo "FAILED: $sentence (code $got, expected $want)"; sed 's/^/  out: /' "$out"; sed 's/^/  err: /' "$err"
        tail -n 20 "$home/log/kelp.log" 2>/dev/null | sed 's/^/  log: /'
        exit 1
    fi
}
says() { grep -q -e "$1" "$out" "$err" || { echo "FAILED: '$1' is not said"; cat "$out" "$err"; exit 1; }; }
millis() { echo $(($(date +%s%N) / 1000000)); }
# until SECONDS COMMAND…: waits for a condition
until_true() {
    left=$(($1 * 20)); shift
    until "$@" >"$out" 2>"$err"; do
        [ $left -gt 0 ] || return 1
        left=$((left - 1)); sleep 0.05
    done
}
pid() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$out"; }
running_pid() { "$kelp" status --json >"$out" 2>/dev/null; pid; }

export TMPDIR="$work"
mkdir -p "$work/a folder"
(cd "$work/a folder" && unzip -q "$zip" && mv kelp-gateway-* kelp-gateway) || exit 1
# Ports that nobody else has, so that the test can run beside another gateway.
cat >"$home/etc/io.kelp.control.json" <<'END'
{"metricsPort": 0, "consolePort": 28181}
END
cat >"$home/etc/io.kelp.broker.json" <<'END'
{"port": 28183, "secondPort": 0}
END

expect 0 "help needs no gateway" "$kelp" --help; says "usage: kelp COMMAND"
expect 0 "the version is told" "$kelp" --version; says "^kelp 0"
expect 2 "no command is wrong usage" "$kelp"
expect 2 "an odd command is wrong usage" "$kelp" '../x'
expect 2 "start takes no arguments" "$kelp" start now
expect 0 "commands of workloads have help without it, too" "$kelp" pod --help; says "usage: kelp pod list"
expect 4 "status says that nothing runs" "$kelp" status; says "kelp start starts it"
expect 4 "so it does as JSON" "$kelp" status --json; says '"running":false,"pid":null'
expect 0 "stop of what does not run is no error" "$kelp" stop; says "not running"
expect 2 "reset asks first" "$kelp" reset

cd / || exit 1
ln -s "$kelp" "$work/link to kelp"
expect 0 "starts from another folder, through a link, in a path with blanks" "$work/link to kelp" start; says "started, pid"
run=$(cat "$home/data/run")
expect 0 "status" "$kelp" status; says "^problem  *NO-IDENTITY"
expect 0 "status as JSON" "$kelp" status --json; says '"node":'; says '"mqttPort":'; says '"link":{"state":"DISCONNECTED"'
first=$(pid)
expect 0 "the pid is the gateway's" kill -0 "$first"
expect 1 "a second start is refused" "$kelp" start; says "runs already, pid $first"
expect 1 "so is a second run" "$kelp" run
[ "$(stat -c %a "$run")" = 700 ] && [ "$(stat -c %a "$run/control")" = 600 ] || { echo "FAILED: modes of $run"; exit 1; }

"$kelp" status >/dev/null
best=9999
for i in 1 2 3 4 5 6 7; do
    t0=$(millis); "$kelp" status --json >/dev/null; t1=$(millis)
    [ $((t1 - t0)) -ge $best ] || best=$((t1 - t0))
done
echo "status answers within $best ms"
[ $best -le 150 ] || { echo "FAILED: more than 150 ms"; exit 1; }

expect 2 "an unknown command is refused by the gateway" "$kelp" frobnicate; says "knows"
expect 0 "commands have help" "$kelp" console --help; says "kelp console on"
expect 1 "a file is looked for where the caller is" sh -c "cd '$work' && exec '$kelp' image load nowhere.tar"; says "$work/nowhere.tar"
expect 0 "no pods, no images" "$kelp" pod list
expect 0 "metrics" "$kelp" metrics; says "^kelp_uptime_seconds "
i=0; while [ $i -lt 20 ]; do "$kelp" status >/dev/null 2>&1 & i=$((i + 1)); done; wait
expect 0 "answers after a crowd" "$kelp" status
printf 'garbage\n%5000s\n' x >"$run/control"
expect 0 "answers after garbage on the FIFO" "$kelp" status
[ "$(ls "$run" | grep -c '\.\(args\|out\|done\)$')" = 0 ] || { echo "FAILED: litter in $run"; ls "$run"; exit 1; }

kill -STOP "$first"
t0=$(millis)
KELP_ANSWER_SECONDS=2; expect 4 "a gateway that hangs does not hang kelp" "$kelp" status; says "no answer from the gateway"; KELP_ANSWER_SECONDS=20
[ $(($(millis) - t0)) -lt 5000 ] || { echo "FAILED: took too long"; exit 1; }
kill -CONT "$first"
expect 0 "and it answers again" "$kelp" status

echo '{"metricsPort": 70000}' >"$home/etc/io.kelp.control.json"
problem_shown() { "$kelp" status | grep -q 'etc/io.kelp.control.json: key "metricsPort" is 70000, allowed is a whole number from 0 to 65535; what was set before stays in force'; }
until_true 10 problem_shown || { echo "FAILED: a wrong setting is not told"; cat "$out"; exit 1; }
echo "ok: a wrong setting is told with file, key and bounds"
expect 0 "restart with a wrong setting" "$kelp" restart
second=$(running_pid)
[ "$second" != "$first" ] || { echo "FAILED: same process after restart"; exit 1; }
expect 0 "the settings that were good before are in force" "$kelp" console on; says "127.0.0.1:28181"
echo '{"metricsPort": 0, "consolePort": 28181}' >"$home/etc/io.kelp.control.json"
problem_gone() { ! "$kelp" status | grep -q SETTINGS; }
until_true 10 problem_gone || { echo "FAILED: the problem stays"; exit 1; }
echo "ok: a corrected setting is read at once"
if command -v curl >/dev/null; then
    url=http://127.0.0.1:28181/system/console/kelp
    expect 0 "a new password" "$kelp" console password
    password=$(sed -n 's/.*password \([a-z0-9-]*\)$/\1/p' "$out")
    code() { curl -s -m 20 -o /dev/null -w '%{http_code}' "$@"; }
    [ "$(code "$url")" = 401 ] && [ "$(code -u admin:admin "$url")" = 401 ] && [ "$(code -u "admin:$password" "$url")" = 200 ] \
        || { echo "FAILED: console login"; exit 1; }
    [ "$(code -u "admin:$password" -H 'Host: evil.example' "$url")" = 403 ] || { echo "FAILED: foreign host"; exit 1; }
    [ "$(code -u "admin:$password" -X POST -H 'Origin: http://evil.example' "$url-mappers?action=remove&name=x")" = 403 ] \
        || { echo "FAILED: foreign origin"; exit 1; }
    for page in kelp-devices kelp-mappers bundles components configMgr; do
        [ "$(code -u "admin:$password" "http://127.0.0.1:28181/system/console/$page")" = 200 ] || { echo "FAILED: page $page"; exit 1; }
    done
    echo "ok: the console lets in whom it should"
    change() {
        curl -s -m 20 -o /dev/null -u "admin:$password" -d action=ajaxConfigManager -d apply=true -d "commandDeadlineSeconds=$1" \
            -d 'propertylist=commandDeadlineSeconds,metricsPort,consolePort' -d metricsPort=0 -d consolePort=28181 \
            http://127.0.0.1:28181/system/console/configMgr/io.kelp.control
    }
    in_file() { grep -q '"commandDeadlineSeconds": 12' "$home/etc/io.kelp.control.json"; }
    change 12
    until_true 10 in_file || { echo "FAILED: a change in the console is not written"; exit 1; }
    refused() { "$kelp" status | grep -q 'taken back: key "commandDeadlineSeconds" is 500, allowed is a whole number from 1 to 19'; }
    change 500
    until_true 10 refused && in_file || { echo "FAILED: a wrong value from the console is not taken back"; "$kelp" status; exit 1; }
    echo "ok: the console's changes are written, wrong ones are taken back"
    counter=$(echo "$home"/device-mappers/mapper-counter-*.jar)
    if [ "$(code -u "admin:$password" --data-binary "@$counter" "$url-mappers?action=install")" != 200 ]; then
        echo "FAILED: upload of a mapper"; exit 1
    fi
    expect 0 "a mapper uploaded in the console is installed" "$kelp" mapper list; says "ACTIVE *counter"
    if command -v chromium >/dev/null; then
        chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --virtual-time-budget=2000 \
            --dump-dom "http://admin:$password@127.0.0.1:28181/system/console/kelp-mappers" >"$out" 2>"$err" || { echo "FAILED: chromium"; exit 1; }
        says '<button data-mapper="io.kelp.mapper.counter"'
        chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" \
            --dump-dom "http://admin:$password@127.0.0.1:28181/system/console/kelp" >"$out" 2>"$err" || { echo "FAILED: chromium"; exit 1; }
        says 'has not joined a cloud'
        echo "ok: a real browser shows the pages"
    fi
fi
expect 0 "console off" "$kelp" console off
expect 0 "the rest still runs" "$kelp" status
[ "$(running_pid)" = "$second" ] || { echo "FAILED: pid changed"; exit 1; }

t0=$(millis)
expect 0 "stop" "$kelp" stop
[ $(($(millis) - t0)) -le 5000 ] || { echo "FAILED: stop took longer than 5 s"; exit 1; }
expect 4 "after stop nothing runs" "$kelp" status

expect 0 "start again" "$kelp" start
killed=$(running_pid)
t0=$(millis)
kill -KILL "$killed"
back() { new=$(running_pid); [ -n "$new" ] && [ "$new" != "$killed" ] && [ -e "$run/ready" ]; }
until_true 20 back || { echo "FAILED: does not come back after kill -9"; tail -n 20 "$home/log/kelp.log"; exit 1; }
echo "ok: is back $(($(millis) - t0)) ms after kill -9"
expect 0 "and tells that it was restarted" "$kelp" status --json; says '"restarts":1'
grep -q "WARN  supervisor  the gateway, pid $killed, ended after .* (code 137); starting it again in 1 s, restart 1" "$home/log/kelp.log" \
    || { echo "FAILED: nothing in the log"; tail -n 20 "$home/log/kelp.log"; exit 1; }
kill -KILL "$(running_pid)"
being() { [ "$("$kelp" status 2>&1 | grep -c 'being started again, it ended with code 137')" = 1 ]; }
until_true 10 being || { echo "FAILED: status does not tell that it is being started"; exit 1; }
expect 1 "start while it is being started again is refused" "$kelp" start; says "being started again"
expect 0 "stop while it is being started again" "$kelp" stop; says "^stopped"
expect 4 "after which nothing runs" "$kelp" status; says "not running"
sleep 3
expect 4 "nor later" "$kelp" status; says "not running"
expect 0 "start again" "$kelp" start
killed=$(running_pid)
expect 0 "an exhausted heap is told at once" "$kelp" out-of-memory "$killed"
until_true 30 back || { echo "FAILED: does not come back after its heap was exhausted"; tail -n 20 "$home/log/kelp.log"; exit 1; }
grep -q "pid $killed, ended after .* (code 137, heap exhausted); starting it again" "$home/log/kelp.log" && [ -e "$run/oom.last" ] && [ ! -e "$run/oom" ] \
    || { echo "FAILED: the exhausted heap is not noted"; tail -n 20 "$home/log/kelp.log"; ls "$run"; exit 1; }
echo "ok: and ends the gateway, which starts again and knows why"
kill -TERM "$(running_pid)"
gone() { ! "$kelp" status; }
until_true 10 gone || { echo "FAILED: still there"; exit 1; }
ended() { [ ! -e "$run/supervisor" ]; }
until_true 10 ended || { echo "FAILED: SIGTERM to the gateway does not end its supervisor"; exit 1; }
echo "ok: SIGTERM to the gateway ends it for good"

KELP_SUPERVISE=no; export KELP_SUPERVISE
expect 0 "starts without supervisor" "$kelp" start
kill -KILL "$(running_pid)"
until_true 10 gone || { echo "FAILED: still there"; exit 1; }
expect 4 "a killed gateway does not run" "$kelp" status
echo "$$ 1" >"$run/pid"
expect 4 "a pid that another process has got is not the gateway's" "$kelp" status
expect 0 "nor is it stopped" "$kelp" stop
expect 0 "starts after kill -9" "$kelp" start
kill -KILL "$(running_pid)"
until_true 10 gone
unset KELP_SUPERVISE

mv "$home/features/base.feature.json" "$work/base"
sed 's/io.kelp:store:0/io.kelp:stare:0/' "$work/base" >"$home/features/base.feature.json"
expect 1 "says why it does not start" "$kelp" start; says "stare.*missing or not readable"
mv "$work/base" "$home/features/base.feature.json"
echo "-XX:NoSuchOption" >>"$home/etc/jvm.options"
expect 1 "says what Java says" "$kelp" start; says "NoSuchOption"
sed -i '/NoSuchOption/d' "$home/etc/jvm.options"
expect 4 "and has not gone on trying" "$kelp" status; says "not running"
[ ! -e "$run/supervisor" ] || { echo "FAILED: a supervisor is left"; exit 1; }
heap() { tr '\0' '\n' </proc/"$(running_pid)"/cmdline | grep '^-Xmx' | tr '\n' ' '; }
expect 0 "starts with a heap that fits the machine" "$kelp" start
case $(heap) in '-Xmx'[0-9]*'m ') echo "ok: heap $(heap)" ;; *) echo "FAILED: heap options $(heap)"; exit 1 ;; esac
expect 0 "stop" "$kelp" stop
echo "-Xmx77m" >>"$home/etc/jvm.options"
expect 0 "starts with a heap of the user's" "$kelp" start
case $(heap) in *'-Xmx77m ') echo "ok: the user's counts: $(heap)" ;; *) echo "FAILED: heap options $(heap)"; exit 1 ;; esac
expect 0 "stop" "$kelp" stop
sed -i '/Xmx77m/d' "$home/etc/jvm.options"

"$kelp" run >"$work/run.out" 2>&1 &
foreground=$!
shown() { grep -q "started: " "$work/run.out"; }
until_true 60 shown || { echo "FAILED: run shows nothing"; exit 1; }
kill -TERM $foreground; wait $foreground
[ $? = 143 ] || { echo "FAILED: code of run after SIGTERM"; exit 1; }
grep -q "stopped" "$work/run.out" || { echo "FAILED: no clean stop"; cat "$work/run.out"; exit 1; }
echo "ok: run shows its log, ends cleanly on SIGTERM"

touch "$home/data/x"
expect 0 "reset" "$kelp" reset --yes
[ ! -e "$home/data/x" ] && [ ! -e "$run" ] || { echo "FAILED: reset leaves data"; exit 1; }

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$work" && chown -R nobody: "$home"
    as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups env -u XDG_RUNTIME_DIR "$@"; }
    expect 0 "starts without being root" as_nobody "$kelp" start
    expect 0 "and answers" as_nobody "$kelp" status
    expect 0 "root may ask, too" "$kelp" status
    expect 0 "and stops" as_nobody "$kelp" stop
fi
echo "all well"
