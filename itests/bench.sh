#!/bin/sh
# Runs one benchmark against freshly started real processes on loopback and prints its table.
#
#   sh itests/bench.sh twins [quick]   twin updates through MQTT: rate, latency, CPU and (not if quick) bytes written
#   sh itests/bench.sh desired [standalone]    Device patched at the API server until the driver's write
#   sh itests/bench.sh idle       memory, CPU and bytes written of a gateway at rest, after load
#   sh itests/bench.sh start      "kelp start" until the Node is Ready
#   sh itests/bench.sh pods [quick] [--only ten,power,idle,hundred,rolls] [--rolls N]   pods on a gateway: memory, times, growth
#   sh itests/bench.sh day [--devices N] [--hours N] [--speed N]   a day with 200 simulated devices in 29 minutes: memory, every missing report
#   sh itests/bench.sh mappers [quick] [--only modbus,coap,...,registers]   each mapper: memory, memory per device, CPU per 1000 reads
#   sh itests/bench.sh modbus     processor use with 200 Modbus devices of 10 registers at 1 s
#   sh itests/bench.sh fleet [--kelp] [--gateways N]    100 gateways with 10 reports a second: age of the values at the API
#   sh itests/bench.sh memory [--kelp] [--gateways N]   memory of the cloud service with 300 gateways
#   sh itests/bench.sh api [quick] [--only watches,rates,pages] [--kubeconfig F [--pid N]]   standalone API, or that one
#
# KELP_JAVA names another Java for the processes under test, KELP_BENCH_JVM adds options to the gateway's.
# KELP_BENCH_DIR is the folder for the gateway: on a file system of its own what is written to its device can be told apart.
# The machine is shared with the load: report medians of several runs. Figures so far: README.md beside this.
set -eu
TOP=$(cd "$(dirname "$0")/.." && pwd)
NAME=${1:-}
case "$NAME" in
    twins | desired | idle | start | pods | day | mappers | modbus | fleet | memory | api) shift ;;
    -h | --help | help) sed -n '2,17p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    *) sed -n '2,17p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
cd "$TOP"
if [ ! -d itests/load/target/lib ] || ! ls distribution/target/kelp-gateway-*.zip cloud-service/target/kelp-cloud-*.zip >/dev/null 2>&1; then
    echo "building first" >&2
    mvn -q -B -ntp package -DskipTests -pl itests/load,distribution,cloud-service -am
fi
exec java -Dkelp.top="$TOP" -cp "itests/load/target/classes:itests/load/target/lib/*" io.kelp.load.Bench "$NAME" "$@"
