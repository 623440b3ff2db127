#objects /api/v1/namespaces/$NS/pods

### create node
kubectl apply -f - <<E
apiVersion: v1
kind: Node
metadata: {name: n-$R, labels: {kubernetes.io/hostname: n-$R, group: $R}}
spec: {podCIDR: 10.9.1.0/24}
E
soon sh -c "kubectl get node n-$R -o yaml | grep -q unreachable || kubectl get node n-$R -o yaml | grep -q not-ready"
kubectl get node n-$R -o jsonpath='{.metadata.labels} {.spec.podCIDR}'

### report its status
kubectl patch node n-$R --subresource=status --type=strategic -p '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"ok","lastHeartbeatTime":"'"$(date -u +%FT%TZ)"'","lastTransitionTime":"'"$(date -u +%FT%TZ)"'"}],"capacity":{"cpu":"4","memory":"1Gi","pods":"110"},"allocatable":{"cpu":"4","memory":"1000Mi","pods":"110"},"nodeInfo":{"machineID":"m","systemUUID":"s","bootID":"b","kernelVersion":"6.1","osImage":"Debian","containerRuntimeVersion":"osgi://1","kubeletVersion":"v1.31.1","kubeProxyVersion":"","operatingSystem":"linux","architecture":"arm64"},"addresses":[{"type":"InternalIP","address":"10.0.0.9"},{"type":"Hostname","address":"n"}]}}'
kubectl apply -f - <<E
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: n-$R, namespace: kube-node-lease}
spec: {holderIdentity: n-$R, leaseDurationSeconds: 40, renewTime: "$(date -u +%FT%T.000000Z)"}
E
soon sh -c "! kubectl get node n-$R -o yaml | grep -q 'not-ready\|unreachable'"

### get node
kubectl get node n-$R

### get node wide
kubectl get node n-$R -o wide

### get node as yaml
kubectl get node n-$R -o yaml | grep -v 'ttl:'

### get node by label
kubectl get node -l group=$R -o name

### status cannot be changed through the object
kubectl patch node n-$R -p '{"status":{"capacity":{"cpu":"9"}}}'
kubectl get node n-$R -o jsonpath='{.status.capacity}'

### the object cannot be changed through its status
kubectl patch node n-$R --subresource=status -p '{"spec":{"unschedulable":true}}'
kubectl get node n-$R -o jsonpath='{.spec}'

### labels cannot be set through status for nodes
kubectl patch node n-$R --subresource=status -p '{"metadata":{"labels":{"via":"status"}}}'
kubectl get node n-$R -o jsonpath='{.metadata.labels}'

### get status subresource
kubectl get node n-$R --subresource=status -o jsonpath='{.status.nodeInfo.architecture}'

### taint
kubectl taint node n-$R dedicated=$R:NoSchedule

### taint again
kubectl taint node n-$R dedicated=$R:NoSchedule

### taint overwrite
kubectl taint node n-$R dedicated=other:NoSchedule --overwrite
kubectl get node n-$R -o jsonpath='{.spec.taints}'

### taint with a bad effect
kubectl taint node n-$R a=b:Never

### untaint
kubectl taint node n-$R dedicated-
kubectl taint node n-$R dedicated-

### cordon
kubectl cordon n-$R
kubectl cordon n-$R
kubectl get node n-$R
soon sh -c "kubectl get node n-$R -o yaml | grep -q node.kubernetes.io/unschedulable"

### uncordon
kubectl uncordon n-$R
kubectl uncordon n-$R
soon sh -c "! kubectl get node n-$R -o yaml | grep -q node.kubernetes.io/unschedulable"

### describe node
kubectl describe node n-$R | grep -v 'ttl:\|<none>$\|MemoryPressure\|DiskPressure\|PIDPressure\|RegisteredNode\|Node.*NotReady' | sed '/^Events/q'

### change what cannot be changed
kubectl patch node n-$R -p '{"spec":{"podCIDR":"10.9.2.0/24"}}'
kubectl patch node n-$R -p '{"spec":{"providerID":"a"}}'
kubectl patch node n-$R -p '{"spec":{"providerID":"b"}}'

### pod on the node
kubectl apply -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec:
  nodeName: n-$R
  containers: [{name: c, image: "example.com/c:1", ports: [{containerPort: 80}], resources: {limits: {cpu: 100m, memory: 64Mi}}}]
E
kubectl get pod p -o yaml

### pods as a table
kubectl get pods
kubectl get pods -o wide

### describe pod
kubectl describe pod p

### pods by field
kubectl get pods --field-selector spec.nodeName=n-$R,status.phase=Pending -o name
kubectl get pods --field-selector status.phase!=Pending -o name
kubectl get pods -A --field-selector spec.nodeName=n-$R --no-headers

### run a pod that is placed
kubectl run placed --image=example.com/x:2 --overrides='{"spec":{"nodeSelector":{"group":"'$R'"}}}' --labels=a=b
soon sh -c "kubectl get pod placed -o yaml | grep -q 'nodeName: n-'"
kubectl get pod placed -o jsonpath='{.spec.nodeName} {.spec.tolerations} {.status.conditions[*].type}'

### a pod that fits nowhere waits
kubectl run waits --image=example.com/x:2 --overrides='{"spec":{"nodeSelector":{"group":"nowhere-'$R'"}}}'
soon sh -c "kubectl get pod waits -o yaml | grep -q Unschedulable"
kubectl get pod waits -o jsonpath='{.spec.nodeName} {.status.conditions[*].reason}'
kubectl delete pod waits

### pod dry run
kubectl run dry --image=x --dry-run=server -o yaml

### report pod status
kubectl patch pod p --subresource=status -p '{"status":{"phase":"Running","podIP":"10.1.1.1","podIPs":[{"ip":"10.1.1.1"}],"conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":2,"image":"example.com/c:1","imageID":"","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}'
kubectl get pod p -o wide
kubectl wait pod p --for=condition=Ready --timeout=5s

### wait for a phase
kubectl wait pod p --for=jsonpath='{.status.phase}'=Running --timeout=5s

### wait in vain
kubectl wait pod p --for=condition=Never --timeout=1s

### change an image
kubectl set image pod/p c=example.com/c:2

### change what cannot be changed in a pod
kubectl patch pod p -p '{"spec":{"nodeName":"elsewhere"}}' 2>&1 | head -1
kubectl patch pod p --type=json -p '[{"op":"replace","path":"/spec/containers/0/ports/0/containerPort","value":81}]' 2>&1 | head -1

### delete gracefully
kubectl delete pod p --wait=false --grace-period=20
kubectl get pod p -o jsonpath='{.metadata.deletionGracePeriodSeconds} {.spec.terminationGracePeriodSeconds}'

### delete again with a shorter time
kubectl delete pod p --wait=false --grace-period=5
kubectl get pod p -o jsonpath='{.metadata.deletionGracePeriodSeconds}'

### terminating in the table
kubectl get pod p

### the kubelet ends it
json DELETE "/api/v1/namespaces/$NS/pods/p?gracePeriodSeconds=0" -o /dev/null
gone pod p
kubectl get pods --no-headers | grep -c '^p '

### drain
kubectl create -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: victim}
spec: {nodeName: n-$R, terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
E
kubectl drain n-$R --disable-eviction --force --timeout=20s 2>&1 | sort | sed 's/^pod.* deleted$/DELETED/' | head -8
kubectl get pods --field-selector spec.nodeName=n-$R -o name

### evict
kubectl create -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: evicted}
spec: {nodeName: n-$R, terminationGracePeriodSeconds: 7, containers: [{name: c, image: x}]}
E
json POST /api/v1/namespaces/$NS/pods/evicted/eviction -H 'Content-Type: application/json' -d '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"evicted"}}'
kubectl get pod evicted -o jsonpath='{.metadata.deletionGracePeriodSeconds} {.status.conditions[*].type}'

### evict what is not there
json POST /api/v1/namespaces/$NS/pods/absent/eviction -H 'Content-Type: application/json' -d '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"absent"}}'

### bind by hand
kubectl create -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: bound}
spec: {schedulerName: mine, containers: [{name: c, image: x}]}
E
json POST /api/v1/namespaces/$NS/pods/bound/binding -H 'Content-Type: application/json' -d '{"apiVersion":"v1","kind":"Binding","metadata":{"name":"bound"},"target":{"apiVersion":"v1","kind":"Node","name":"n-'$R'"}}'
json POST /api/v1/namespaces/$NS/pods/bound/binding -H 'Content-Type: application/json' -d '{"apiVersion":"v1","kind":"Binding","metadata":{"name":"bound"},"target":{"apiVersion":"v1","kind":"Node","name":"n-'$R'"}}'
kubectl get pod bound -o jsonpath='{.spec.nodeName} {.status.conditions[*].type}'

### force deletion
kubectl delete pod --all --force --grace-period=0 2>&1 | sort

### leases
kubectl -n kube-node-lease get lease n-$R
kubectl -n kube-node-lease get lease n-$R -o jsonpath='{.spec.holderIdentity} {.spec.leaseDurationSeconds}'
kubectl -n kube-node-lease delete lease n-$R

### events
kubectl create -f - <<E
apiVersion: v1
kind: Event
metadata: {name: e1}
involvedObject: {kind: Pod, name: p, namespace: $NS}
reason: Tested
message: a message
type: Normal
source: {component: test}
count: 3
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:01:00Z"
E
kubectl get events --field-selector reason=Tested
kubectl get events --field-selector involvedObject.name=p,type=Normal -o name | grep e1
kubectl get event e1 -o yaml
kubectl events --for pod/p | grep Tested

### delete node
kubectl delete node n-$R
