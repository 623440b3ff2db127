#!/bin/sh
# Writes the table of protobuf messages that kubectl sends (internal/rest/messages.txt) from the .proto files of the Go
# modules of Kubernetes: numbers, names and types of fields are facts of the wire format; comments are left behind.
#
#   sh src/main/schema/protobuf.sh > src/main/resources/io/kelp/kubeapi/internal/rest/messages.txt
set -eu

VERSION=v0.34.4
for module in k8s.io/api k8s.io/apimachinery; do
    go mod download "$module@$VERSION"
done
MODULES=$(go env GOMODCACHE)/k8s.io
API=$MODULES/api@$VERSION
MACHINERY=$MODULES/apimachinery@$VERSION/pkg

python3 - "$API" "$MACHINERY" <<'PY'
import re, sys
api, machinery = sys.argv[1:]
files = [f'{api}/{p}/generated.proto' for p in ('core/v1', 'rbac/v1', 'coordination/v1', 'node/v1', 'authentication/v1', 'authorization/v1',
         'events/v1', 'policy/v1')] + [f'{machinery}/apis/meta/v1/generated.proto', f'{machinery}/api/resource/generated.proto',
         f'{machinery}/util/intstr/generated.proto', f'{machinery}/runtime/generated.proto']
roots = ['ConfigMap', 'Secret', 'Namespace', 'ServiceAccount', 'Pod', 'Node', 'Event', 'Binding']
roots = ['k8s.io.api.core.v1.' + r for r in roots] + ['k8s.io.api.rbac.v1.' + r for r in ('Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding')] + [
    'k8s.io.api.coordination.v1.Lease', 'k8s.io.api.node.v1.RuntimeClass', 'k8s.io.api.policy.v1.Eviction', 'k8s.io.api.events.v1.Event'] + [
    'k8s.io.api.authentication.v1.' + r for r in ('TokenRequest', 'TokenReview', 'SelfSubjectReview')] + ['k8s.io.api.authorization.v1.' + r for r in (
    'SubjectAccessReview', 'SelfSubjectAccessReview', 'LocalSubjectAccessReview', 'SelfSubjectRulesReview')] + [
    'k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions']
messages = {}
for name in files:
    text = re.sub(r'//.*', '', open(name).read())
    package = re.search(r'^package (\S+);', text, re.M).group(1)
    for m in re.finditer(r'^message (\w+) \{(.*?)^\}', text, re.M | re.S):
        fields = []
        for f in re.finditer(r'(optional|repeated|map<string, *([^>]+)>)\s+(?:(\.?[\w.]+)\s+)?(\w+)\s*=\s*(\d+)', m.group(2)):
            kind, of, type_, field, number = f.groups()
            type_ = of or type_
            if type_ not in ('string', 'bool', 'bytes', 'int32', 'int64', 'double'):
                type_ = type_.lstrip('.') if '.' in type_ else package + '.' + type_
            fields.append((number, field, 'map' if of else kind, type_))
        messages[package + '.' + m.group(1)] = fields
def short(name):
    parts = name.split('.')
    return '.'.join(parts[-3:]) if parts[-2].startswith('v') else '.'.join(parts[-2:])
print('# Messages of Kubernetes 1.34 on the wire; made by src/main/schema/protobuf.sh, not to be edited.')
seen, todo = set(), sorted(roots)
while todo:
    name = todo.pop(0)
    if name in seen:
        continue
    seen.add(name)
    print(short(name))
    for number, field, kind, type_ in messages[name]:
        known = type_ in messages
        print(f' {number} {field} {kind} {short(type_) if known else type_}')
        if known:
            todo.append(type_)
PY
