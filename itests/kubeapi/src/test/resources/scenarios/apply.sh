#objects /api/v1/namespaces/$NS/configmaps
#objects /api/v1/namespaces/$NS/serviceaccounts

### apply creates
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: y}}\ndata: {k: v, l: w}\n' > a.yaml
kubectl apply -f a.yaml

### apply again
kubectl apply -f a.yaml

### apply changes
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v2, m: n}\n' > a.yaml
kubectl apply -f a.yaml

### diff without difference
kubectl diff -f a.yaml

### diff with a difference
sed 's/v2/v3/' a.yaml > a3.yaml
kubectl diff -f a3.yaml 2>&1 | sed 's#/tmp/[A-Z]*-[0-9]*#TMP#g'

### diff of something new
sed 's/name: a/name: b/' a.yaml > b.yaml
kubectl diff -f b.yaml 2>&1 | sed 's#/tmp/[A-Z]*-[0-9]*#TMP#g'

### diff on the server side
kubectl diff --server-side --force-conflicts -f a3.yaml 2>&1 | sed 's#/tmp/[A-Z]*-[0-9]*#TMP#g'

### apply view last applied
kubectl apply view-last-applied configmap a

### apply to what was created
kubectl create configmap made --from-literal=q=1
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {q: "2"}\n' | kubectl apply -f -

### apply dry run on the server
sed 's/v2/dry/' a.yaml | kubectl apply --dry-run=server -o yaml -f -

### apply dry run on the client
sed 's/v2/dry/' a.yaml | kubectl apply --dry-run=client -f -

### apply prune
kubectl apply -f a.yaml -l pruned=yes --prune --prune-allowlist=core/v1/ConfigMap

### apply on the server side, second manager in conflict
kubectl apply --server-side -f a3.yaml

### apply on the server side by force
kubectl apply --server-side --force-conflicts -f a3.yaml

### apply on the server side, new object
kubectl apply --server-side --field-manager=one -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa, labels: {l1: one}}
data: {shared: a, one: "1"}
E

### apply the same value by another manager
kubectl apply --server-side --field-manager=two -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa}
data: {shared: a, two: "2"}
E

### apply another value by a third manager
kubectl apply --server-side --field-manager=three -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa, labels: {l1: three}}
data: {shared: b, three: "3"}
E

### apply by force
kubectl apply --server-side --field-manager=three --force-conflicts -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa, labels: {l1: three}}
data: {shared: b, three: "3"}
E
kubectl get configmap ssa -o json --show-managed-fields

### apply without a field removes it
kubectl apply --server-side --field-manager=one -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa}
E
kubectl get configmap ssa -o json --show-managed-fields

### conflict with an update
kubectl patch configmap ssa --type=merge -p '{"data":{"two":"changed"}}' --field-manager=hand
kubectl apply --server-side --field-manager=two -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: ssa}
data: {shared: b, two: "2"}
E

### apply with managed fields in the object
kubectl get configmap ssa -o yaml --show-managed-fields | kubectl apply --server-side -f -

### apply with an unknown field
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ssa}\ndota: {a: b}\n' | kubectl apply --server-side -f -

### apply with a uid that is not the object's
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ssa, uid: 00000000-0000-0000-0000-000000000000}\n' | kubectl apply --server-side -f -

### apply with a version that is old
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ssa, resourceVersion: "1"}\n' | kubectl apply --server-side -f -

### three managers in conflict about several fields
for m in one two three; do
kubectl apply --server-side --field-manager=$m --force-conflicts=$([ $m = one ] && echo true || echo false) -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: fight, labels: {who: $m}, annotations: {by: $m}}
data: {a: $m, b: $m, c: same}
E
done
kubectl get configmap fight -o json --show-managed-fields

### conflicts with several managers at once
for m in one two three; do
kubectl apply --server-side --field-manager=$m -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: several}
data: {$m: "1"}
E
done
kubectl apply --server-side --field-manager=four -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: {name: several}
data: {one: x, two: x, three: x}
E

### without a field manager
json PATCH /api/v1/namespaces/$NS/configmaps/raw -H 'Content-Type: application/apply-patch+yaml' -d '{"apiVersion":"v1","kind":"ConfigMap"}'

### raw apply with a mismatched kind
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?fieldManager=m" -H 'Content-Type: application/apply-patch+yaml' -d '{"apiVersion":"v1","kind":"Secret"}'

### raw apply without kind
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?fieldManager=m" -H 'Content-Type: application/apply-patch+yaml' -d '{"metadata":{"name":"raw"}}'

### raw apply creates
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?fieldManager=m" -H 'Content-Type: application/apply-patch+yaml' -d '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"}}'

### raw apply as YAML
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    q: "1"\ndata:\n  a: c\n' > raw.yaml
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?fieldManager=m" -H 'Content-Type: application/apply-patch+yaml' --data-binary @raw.yaml

### raw patch with an unknown type
json PATCH "/api/v1/namespaces/$NS/configmaps/raw" -H 'Content-Type: text/plain' -d '{}'

### raw patch with force on a merge patch
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?force=true" -H 'Content-Type: application/merge-patch+json' -d '{}'

### raw patch with a long manager
json PATCH "/api/v1/namespaces/$NS/configmaps/raw?fieldManager=$(printf 'x%.0s' $(seq 129))" -H 'Content-Type: application/merge-patch+json' -d '{}'

### server side apply of a service account
kubectl apply --server-side -f - <<E
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
secrets: [{name: a}]
imagePullSecrets: [{name: b}]
E
kubectl apply --server-side --field-manager=other -f - <<E
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
secrets: [{name: c}]
imagePullSecrets: [{name: d}]
E
kubectl get sa robot -o json --show-managed-fields

### kustomize
mkdir -p k && cat > k/kustomization.yaml <<E
namePrefix: k-
labels: [{pairs: {from: kustomize}}]
configMapGenerator: [{name: gen, literals: [a=b]}]
resources: [cm.yaml]
E
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n' > k/cm.yaml
kubectl apply -k k

### kustomize delete
kubectl delete -k k

### set last applied
kubectl create configmap sla
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sla}\n' > sla.yaml
kubectl apply set-last-applied -f sla.yaml --create-annotation
