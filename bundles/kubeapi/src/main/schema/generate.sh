#!/bin/sh
# Writes the types of the built-in kinds, as BuiltInSchemas reads them, from a real API server of the version imitated, and their
# protobuf messages, as MessageTable reads them, from the Go types alone:
#
#   sh itests/control-plane.sh up DIR
#   sh bundles/kubeapi/src/main/schema/generate.sh DIR/kubeconfig
#   sh itests/control-plane.sh down DIR
#
# "go run . samples | gzip -9n" in this folder makes the objects of random content that the tests read (samples.jsonl.gz).
#
# Needs kubectl and Go. Names and shapes only; descriptions are written by hand in descriptions.txt beside the result.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../resources/io/kelp/kubeapi/internal/types/schemas.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for path in api/v1 apis/coordination.k8s.io/v1 apis/rbac.authorization.k8s.io/v1 apis/node.k8s.io/v1 \
    apis/authentication.k8s.io/v1 apis/authorization.k8s.io/v1; do
    kubectl --kubeconfig "$1" get --raw "/openapi/v3/$path" >"$work/$(echo "$path" | tr / _).json"
done
mkdir -p "$(dirname "$out")"
(cd "$here" && GOTOOLCHAIN=local go run -mod=mod . "$work"/*.json) >"$work/schemas.txt"
mv "$work/schemas.txt" "$out"
(cd "$here" && GOTOOLCHAIN=local go run -mod=mod . messages) >"$work/messages.txt"
mv "$work/messages.txt" "$here/../resources/io/kelp/kubeapi/internal/protobuf/messages.txt"
