#objects /api/v1/namespaces/$NS/configmaps
#objects /api/v1/namespaces/$NS/secrets

### create configmap from literals
kubectl create configmap settings --from-literal=color=red --from-literal=size=3

### create it again
kubectl create configmap settings --from-literal=color=blue

### create from a file with binary content
printf '\001\377\000x' > blob; printf 'line\n' > text.txt
kubectl create configmap files --from-file=blob --from-file=text.txt

### create secret generic
kubectl create secret generic pass --from-literal=user=admin --from-literal=password='p@ss'

### create secret tls
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 30 -subj /CN=x >/dev/null 2>&1
kubectl create secret tls web --cert=tls.crt --key=tls.key
kubectl delete secret web

### create secret docker-registry
kubectl create secret docker-registry reg --docker-server=r.example --docker-username=u --docker-password=p

### apply with stringData
kubectl apply -f - <<E
apiVersion: v1
kind: Secret
metadata: {name: plain}
stringData: {a: hello}
data: {b: d29ybGQ=}
E

### dry run on the client
kubectl create configmap never --from-literal=a=b --dry-run=client -o yaml

### dry run on the server
kubectl create configmap never --from-literal=a=b --dry-run=server -o yaml

### and it was not created
kubectl get configmap never

### get yaml
kubectl get configmap settings -o yaml

### get json with managed fields
kubectl get configmap settings -o json --show-managed-fields

### get as a table
kubectl get configmaps

### get wide with labels
kubectl get configmaps -o wide --show-labels

### get names
kubectl get configmaps,secrets -o name

### get jsonpath
kubectl get configmaps -o jsonpath='{range .items[*]}{.metadata.name}={.data}{"\n"}{end}'

### get custom columns
kubectl get secrets -o custom-columns=NAME:.metadata.name,TYPE:.type,KEYS:.data

### get go template
kubectl get configmap settings -o go-template='{{range $k, $v := .data}}{{$k}}:{{$v}};{{end}}'

### get sorted
kubectl get secrets --sort-by=.type

### get without headers
kubectl get secrets --no-headers

### get what is not there
kubectl get configmap nothing

### get what is not there, ignored
kubectl get configmap nothing --ignore-not-found

### get an unknown kind
kubectl get unicorns

### get several by name
kubectl get configmap/settings secret/pass secret/absent

### describe configmap
kubectl describe configmap settings files | sort

### describe secret
kubectl describe secret pass | sort

### label
kubectl label configmap settings tier=front zone=a

### label again without overwrite
kubectl label configmap settings tier=back

### label with overwrite
kubectl label configmap settings tier=back --overwrite

### remove a label
kubectl label configmap settings zone-

### label with a bad value
kubectl label configmap settings 'bad=a b'

### label with a stale version
kubectl label configmap settings x=y --resource-version=1

### label all
kubectl label configmap --all batch=1 --field-selector metadata.name!=kube-root-ca.crt

### annotate
kubectl annotate configmap settings note='some text' example.com/x=1

### annotate remove
kubectl annotate configmap settings note-

### select by equality
kubectl get configmap -l tier=back -o name

### select by inequality
kubectl get configmap -l 'batch,tier!=back' -o name

### select by set
kubectl get configmap -l 'tier in (front,back)' -o name
kubectl get configmap -l 'tier notin (front,back)' -o name
kubectl get configmap -l '!tier' -o name

### select badly
kubectl get configmap -l 'tier in front' -o name

### select by field
kubectl get configmap --field-selector metadata.name=settings -o name
kubectl get configmap --field-selector metadata.namespace=$NS,metadata.name!=settings -o name

### select by an unknown field
kubectl get configmap --field-selector spec.x=1

### select secrets by type
kubectl get secrets --field-selector type=Opaque -o name

### patch merge
kubectl patch configmap settings --type=merge -p '{"data":{"size":null,"shape":"round"}}'

### patch json
kubectl patch configmap settings --type=json -p '[{"op":"add","path":"/data/new","value":"1"},{"op":"test","path":"/data/new","value":"1"},{"op":"remove","path":"/data/shape"}]'

### patch json that fails its test
kubectl patch configmap settings --type=json -p '[{"op":"test","path":"/data/new","value":"2"}]'

### patch json with a missing path
kubectl patch configmap settings --type=json -p '[{"op":"remove","path":"/data/nowhere"}]'

### patch json that is no list
kubectl patch configmap settings --type=json -p '{"op":"remove"}'

### patch strategic
kubectl patch configmap settings -p '{"data":{"s":"t"}}'

### patch that changes nothing
kubectl patch configmap settings -p '{"data":{"s":"t"}}'

### patch with a wrong type
kubectl patch configmap settings -p '{"data":{"s":7}}'

### patch with an unknown field
kubectl patch configmap settings --type=merge -p '{"dota":{"s":"7"}}'

### patch the name
kubectl patch configmap settings --type=merge -p '{"metadata":{"name":"other"}}'

### patch dry run on the server
kubectl patch configmap settings -p '{"data":{"never":"x"}}' --dry-run=server -o yaml

### patch what is not there
kubectl patch configmap nothing -p '{"data":{"s":"t"}}'

### set data by replace
kubectl create configmap settings --from-literal=only=one --dry-run=client -o yaml | kubectl replace -f -

### replace with a stale version
kubectl get configmap settings -o json > old.json
kubectl annotate configmap settings bump=1 > /dev/null
kubectl replace -f old.json

### replace what is not there
kubectl create configmap absent --from-literal=only=one --dry-run=client -o yaml | kubectl replace -f -

### replace by force
kubectl create configmap settings --from-literal=forced=yes --dry-run=client -o yaml | kubectl replace --force -f -

### immutable
kubectl patch configmap files -p '{"immutable":true}'
kubectl patch configmap files -p '{"data":{"x":"y"}}'
kubectl patch configmap files -p '{"immutable":false}'

### immutable secret
kubectl patch secret plain -p '{"immutable":true}'
kubectl patch secret plain -p '{"stringData":{"x":"y"}}'

### secret type cannot change
kubectl patch secret pass -p '{"type":"other"}'

### edit
KUBE_EDITOR="sed -i s/forced:.yes/forced:\ maybe/" kubectl edit configmap settings

### edit without change
KUBE_EDITOR="true" kubectl edit configmap settings

### edit into something invalid
KUBE_EDITOR="sed -i s/^data:/dado:/" kubectl edit configmap settings 2>&1 | sed 's#/tmp/kubectl-edit-[0-9]*#TMP#'

### create by generated name
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n' | kubectl create -f - -o yaml
kubectl delete configmap $(kubectl get cm -o name | grep gen- | cut -d/ -f2)

### apply without a name
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n' | kubectl apply -f -

### create in a namespace that is not there
kubectl -n absent-$R create configmap a

### create with the wrong namespace
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}\n' | kubectl create -f -

### create with an unknown field, strict
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: strict}\ndota: {a: b}\n' | kubectl create -f -

### create with an unknown field, warn
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: warned}\ndota: {a: b}\n' | kubectl create --validate=warn -f -

### create with an unknown field, ignored
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ignored}\ndota: {a: b}\n' | kubectl create --validate=ignore -f -

### create with a duplicate field
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata: {a: b}\ndata: {c: d}\n' | kubectl create -f -

### create several of which one fails
kubectl create -f - <<E
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: first, labels: {set: x}}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: Second}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: third, labels: {set: x}}}
E

### delete by label
kubectl delete configmap -l set=x

### delete what is not there
kubectl delete configmap nothing

### delete what is not there, ignored
kubectl delete configmap nothing --ignore-not-found

### delete with a dry run
kubectl delete configmap settings --dry-run=server

### delete now
kubectl delete configmap settings --now

### delete several kinds
kubectl delete configmap/files secret/pass secret/reg

### delete all of a kind
kubectl delete secrets --all
