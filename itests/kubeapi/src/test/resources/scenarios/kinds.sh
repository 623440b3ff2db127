### versions
kubectl api-versions | grep -x 'v1\|rbac.authorization.k8s.io/v1\|coordination.k8s.io/v1\|node.k8s.io/v1\|apiextensions.k8s.io/v1\|authentication.k8s.io/v1\|authorization.k8s.io/v1'

### resources that both have
kubectl api-resources --no-headers | awk '{print}' | grep -E '^(configmaps|events|namespaces|nodes|pods|secrets|serviceaccounts|customresourcedefinitions|leases|runtimeclasses|clusterroles|clusterrolebindings|roles|rolebindings|tokenreviews|localsubjectaccessreviews|selfsubjectaccessreviews|selfsubjectrulesreviews|subjectaccessreviews|selfsubjectreviews) ' | grep -v events.k8s.io | sed 's/  */ /g'

### resources with verbs
kubectl api-resources -o wide --no-headers | grep -E '^(configmaps|events|namespaces|nodes|pods|secrets|serviceaccounts|customresourcedefinitions|leases|runtimeclasses|clusterroles|roles|tokenreviews|selfsubjectreviews) ' | grep -v events.k8s.io | sed 's/  */ /g'

### resources by namespace and verb
kubectl api-resources --namespaced=false --verbs=list,get -o name | grep -E '^(nodes|namespaces|runtimeclasses|clusterroles|customresourcedefinitions)' | sort

### names of core resources
kubectl get --raw /api/v1 | python3 -c "
import json,sys
for r in json.load(sys.stdin)['resources']:
    if r['name'].split('/')[0] in ('configmaps','namespaces','nodes','pods','secrets','serviceaccounts','events') and r['name'] not in ('pods/attach','pods/exec','pods/log','pods/portforward','pods/proxy','nodes/proxy','pods/ephemeralcontainers','pods/resize'):
        r.pop('storageVersionHash', None); print(json.dumps(r, sort_keys=True))"

### one group
kubectl get --raw /apis/coordination.k8s.io/v1 | python3 -c "
import json,sys
d=json.load(sys.stdin)
for r in d['resources']: r.pop('storageVersionHash', None)
d['resources']=[r for r in d['resources'] if r['name']=='leases']
print(json.dumps(d, sort_keys=True))"

### versions of the core
kubectl get --raw /api | python3 -c "import json,sys; d=json.load(sys.stdin); d.pop('serverAddressByClientCIDRs'); print(d)"

### a group
kubectl get --raw /apis/node.k8s.io

### a group that is not there
kubectl get --raw /apis/nothing.example

### explain
kubectl explain configmap | grep -v '^ \{4,\}[A-Z]' | grep -E '^(KIND|VERSION|  [a-z])'

### explain a field
kubectl explain pod.spec.containers.resources | grep -E '^(KIND|VERSION|FIELD|  [a-z])'

### explain recursively
kubectl explain lease --recursive | grep -E '^ +[a-z]' | grep -v 'enum:\|^    https\|^    in the'

### explain pods recursively
kubectl explain pod.spec --recursive | grep -E '^ +[a-z]' | grep -v 'enum:\|^    https\|^    in the'

### explain enumerations
kubectl explain pod.spec --recursive | grep enum:

### bindings by themselves
kubectl api-resources --no-headers | grep '^bindings '

### events in their other group
kubectl api-versions | grep events.k8s.io

### explain node recursively
kubectl explain node --recursive | grep -E '^ +[a-z]' | grep -v 'enum:\|^    https\|^    in the'

### explain what is not there
kubectl explain configmap.nothing

### explain an unknown kind
kubectl explain unicorn

### create namespace
kubectl create namespace extra-$R
kubectl get namespace extra-$R -o yaml

### create namespace again
kubectl create namespace extra-$R

### get namespace
kubectl get ns extra-$R
kubectl get ns extra-$R --show-labels
kubectl describe ns extra-$R | sed '/^No /,$d' | grep .

### what a namespace comes with
soon kubectl -n extra-$R get configmap kube-root-ca.crt
soon kubectl -n extra-$R get sa default
kubectl -n extra-$R get configmap,serviceaccount

### namespace names
kubectl create namespace 'Upper'
kubectl create namespace a.b

### the name label stays
kubectl label ns extra-$R kubernetes.io/metadata.name-
kubectl get ns extra-$R --show-labels

### delete a namespace with content
kubectl -n extra-$R create configmap a
kubectl -n extra-$R create secret generic b
kubectl delete ns extra-$R --timeout=50s
kubectl -n extra-$R get cm,secret
kubectl get ns extra-$R

### create in a namespace that goes away
kubectl create ns leaving-$R
kubectl -n leaving-$R create configmap held
kubectl -n leaving-$R patch configmap held --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'
kubectl delete ns leaving-$R --wait=false
soon sh -c "kubectl get ns leaving-$R -o yaml | grep -q NamespaceFinalizersRemaining"
kubectl -n leaving-$R create configmap late
kubectl get ns leaving-$R
kubectl get ns leaving-$R -o jsonpath='{range .status.conditions[*]}{.type} {.status} {.reason} {.message}{"\n"}{end}{.spec}{.status.phase}'

### the last finalizer lets it go
kubectl -n leaving-$R patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}'
gone ns leaving-$R
kubectl get ns leaving-$R

### namespaces that cannot go
kubectl delete ns default
kubectl delete ns kube-system

### runtime class
kubectl apply -f - <<E
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: rc-$R}
handler: osgi
overhead: {podFixed: {memory: 10Mi}}
scheduling: {nodeSelector: {kelp.io/x: "y"}, tolerations: [{key: edge, operator: Exists}]}
E
kubectl get runtimeclass rc-$R
kubectl get runtimeclass rc-$R -o yaml
kubectl patch runtimeclass rc-$R --type=merge -p '{"handler":"other"}'

### a pod takes from its runtime class
kubectl create -o yaml -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {runtimeClassName: rc-$R, schedulerName: none, containers: [{name: c, image: x}]}
E

### a pod against its runtime class
kubectl create -o yaml -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: against}
spec: {runtimeClassName: rc-$R, schedulerName: none, nodeSelector: {kelp.io/x: "n"}, containers: [{name: c, image: x}]}
E

### a living pod may bear longer, and nothing else of it changes
kubectl patch pod p --type=merge -p '{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":7200},{"key":"edge","operator":"Exists"}]}}'
kubectl get pod p -o jsonpath='{.spec.tolerations}'
kubectl patch pod p --type=merge -p '{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"edge","operator":"Exists"}]}}'
kubectl get pod p -o jsonpath='{.spec.tolerations}'
kubectl patch pod p --type=merge -p '{"spec":{"tolerations":[]}}'
kubectl patch pod p --type=merge -p '{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoSchedule"},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute"},{"key":"edge","operator":"Exists"}]}}'

### a status brings an annotation with it
kubectl patch pod p --subresource=status --type=strategic -p '{"metadata":{"annotations":{"kelp.io/ports":"{}"}},"spec":{"nodeName":"not-so"},"status":{"message":"m"}}'
kubectl get pod p -o jsonpath='{.metadata.annotations} {.spec.nodeName} {.status.message}'

### a pod of a runtime class that is not there
kubectl create -o yaml -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: q}
spec: {runtimeClassName: none-$R, containers: [{name: c, image: x}]}
E
kubectl delete pod p --now
kubectl delete runtimeclass rc-$R

### several kinds at once
kubectl create cm a; kubectl create sa b
kubectl get cm,sa,secrets
kubectl get cm,sa,secrets -o name

### nothing there
kubectl get pods
kubectl get pods -A -l nothing=$R
kubectl get leases,secrets
