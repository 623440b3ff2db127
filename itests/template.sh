#!/bin/sh
# Builds the project that authors of mappers copy (device-mappers/template), alone, as they would: against the packaged mapper
# bundle and nothing else of Kelp's. Needs `mvn package` of bundles/mapper before. Works offline; changes nothing outside of target.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
jar=$root/bundles/mapper/target/mapper-0.1.0.jar
[ -f "$jar" ] || { echo "template: $jar is not there; package bundles/mapper first" >&2; exit 2; }
local=${MAVEN_LOCAL_REPOSITORY:-$HOME/.m2/repository}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# A local repository that has what the machine's has, and the mapper bundle as install:install-file would leave it.
mkdir -p "$work/repository/io/kelp/mapper/0.1.0"
for entry in "$local"/*; do
    [ "$(basename "$entry")" = io ] || ln -s "$entry" "$work/repository/"
done
for entry in "$local"/io/*; do
    [ ! -e "$entry" ] || [ "$(basename "$entry")" = kelp ] || ln -s "$entry" "$work/repository/io/"
done
cp "$jar" "$work/repository/io/kelp/mapper/0.1.0/"
cat > "$work/repository/io/kelp/mapper/0.1.0/mapper-0.1.0.pom" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.kelp</groupId><artifactId>mapper</artifactId><version>0.1.0</version>
</project>
POM

cp -R device-mappers/template "$work/tank"
rm -rf "$work/tank/target"
(cd "$work/tank" && mvn -q -B -o -Dmaven.repo.local="$work/repository" package)

manifest=$(unzip -p "$work/tank/target/tank-1.0.0.jar" META-INF/MANIFEST.MF | tr -d '\r' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n //g')
expect() {
    echo "$manifest" | grep -qF "$1" || { echo "template: the bundle does not say $1:"; echo "$manifest"; exit 1; } >&2
}
expect 'Bundle-SymbolicName: com.example.mapper.tank'
expect 'io.kelp.mapper;version="[1.1,2)"'
expect 'Service-Component: OSGI-INF/com.example.mapper.tank.TankDriver.xml'
if echo "$manifest" | grep -q Export-Package; then
    echo "template: the bundle exports something" >&2
    exit 1
fi
echo "template: built alone, $(unzip -l "$work/tank/target/tank-1.0.0.jar" | tail -1 | awk '{print $2}') files"
