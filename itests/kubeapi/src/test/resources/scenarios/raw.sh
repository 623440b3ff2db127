### ten objects
for i in 0 1 2 3 4 5 6 7 8 9; do kubectl create configmap c$i --from-literal=i=$i; done

### limit
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?limit=3"

### chunks
kubectl get cm --chunk-size=4 -o name

### continue
C=$(kubectl get --raw "/api/v1/namespaces/$NS/configmaps?limit=8" | python3 -c "import json,sys; print(json.load(sys.stdin)['metadata']['continue'])")
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?limit=8&continue=$C"

### continue with a resource version
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?limit=8&resourceVersion=1&continue=x"

### continue nonsense
json GET "/api/v1/namespaces/$NS/configmaps?limit=8&continue=bm9uc2Vuc2U="
json GET "/api/v1/namespaces/$NS/configmaps?limit=8&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ"

### limit with a selector
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?limit=3&fieldSelector=metadata.name%3Dc5"

### negative limit
json GET "/api/v1/namespaces/$NS/configmaps?limit=-1"

### limit that is no number
json GET "/api/v1/namespaces/$NS/configmaps?limit=many"

### bad label selector
json GET "/api/v1/namespaces/$NS/configmaps?labelSelector=a+b"

### bad field selector
json GET "/api/v1/namespaces/$NS/configmaps?fieldSelector=a"

### resource version zero
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?resourceVersion=0" | python3 -c "import json,sys; print(json.load(sys.stdin)['kind'])"

### exact without a version
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=Exact"

### exact with zero
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=Exact&resourceVersion=0"

### unknown match
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=Some&resourceVersion=1"

### match with continue
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=Exact&resourceVersion=5&continue=x"

### version that is no number
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersion=abc"

### exact at a version
V=$(kubectl get cm c0 -o jsonpath='{.metadata.resourceVersion}')
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=Exact&resourceVersion=$V" | python3 -c "import json,sys; print([i['metadata']['name'] for i in json.load(sys.stdin)['items']])"

### not older than
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?resourceVersionMatch=NotOlderThan&resourceVersion=$V" | head -c 60

### far in the future
json GET "/api/v1/namespaces/$NS/configmaps?resourceVersion=999999999999" | head -c 600

### get at a far version
json GET "/api/v1/namespaces/$NS/configmaps/c0?resourceVersion=999999999999" | head -c 600

### watch from now
(kubectl get --raw "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=3&resourceVersion=$(kubectl get cm c9 -o jsonpath='{.metadata.resourceVersion}')" > w &
sleep 1; kubectl label cm c0 w=1; kubectl delete cm c1; kubectl create cm c10; wait)
python3 -c "
import json
for l in open('w'):
    e=json.loads(l); print(e['type'], e['object']['kind'], e['object']['metadata']['name'], e['object']['metadata'].get('labels'))"

### watch with a selector turns changes into additions and deletions
(kubectl get --raw "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=4&labelSelector=in%3Dyes&resourceVersion=$(kubectl get cm c9 -o jsonpath='{.metadata.resourceVersion}')" > w &
sleep 1; kubectl label cm c2 in=yes; kubectl annotate cm c2 a=b; kubectl label cm c2 in-; kubectl label cm c3 in=no; wait)
python3 -c "
import json
for l in open('w'):
    e=json.loads(l); print(e['type'], e['object']['metadata']['name'], e['object']['metadata'].get('labels'))"

### watch from zero gives what is there
kubectl get --raw "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dc5&resourceVersion=0"

### watch from the start
# An older etcd tells the real server how far it is only with a change.
(kubectl get --raw "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=4&fieldSelector=metadata.name%3Dc5" > w & sleep 1; kubectl -n default annotate configmap kube-root-ca.crt bump=$$ --overwrite > /dev/null; wait)
cat w

### watch list without the match
json GET "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=1&sendInitialEvents=true"

### initial events without watch
json GET "/api/v1/namespaces/$NS/configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan"

### watch with continue
json GET "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=1&continue=x"

### watch with a bad version
json GET "/api/v1/namespaces/$NS/configmaps?watch=true&timeoutSeconds=1&resourceVersion=abc"

### watch one object by path
kubectl get --raw "/api/v1/watch/namespaces/$NS/configmaps/c5?timeoutSeconds=1&resourceVersion=0"

### kubectl watches
(timeout 4 kubectl get cm c4 -w > w & sleep 2; kubectl label cm c4 w=1 > /dev/null; wait)
cat w

### kubectl watches only
(timeout 4 kubectl get cm -w --watch-only -o name > w & sleep 2; kubectl label cm c4 w=2 --overwrite > /dev/null; wait)
cat w

### kubectl watches with events
(timeout 4 kubectl get cm c4 --output-watch-events -w -o jsonpath='{.type} {.object.metadata.name}{"\n"}' > w & sleep 2; kubectl delete cm c4 > /dev/null; wait)
cat w

### table
json GET "/api/v1/namespaces/$NS/configmaps?limit=2" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json' | python3 -c "
import json,sys
t=json.load(sys.stdin)
for c in t['columnDefinitions']: c.pop('description')
print(json.dumps(t))"

### table with whole objects
json GET "/api/v1/namespaces/$NS/configmaps/c5?includeObject=Object" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io' | python3 -c "
import json,sys
t=json.load(sys.stdin)
for c in t['columnDefinitions']: c.pop('description')
print(json.dumps(t))"

### table without objects
json GET "/api/v1/namespaces/$NS/secrets?includeObject=None" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io' | python3 -c "
import json,sys
t=json.load(sys.stdin)
for c in t['columnDefinitions']: c.pop('description')
print(json.dumps(t))"

### descriptions of columns
json GET "/api/v1/namespaces/$NS/secrets?includeObject=None" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io' | grep description

### table with a wrong include
json GET "/api/v1/namespaces/$NS/configmaps/c5?includeObject=Some" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io'

### table that is unknown
api GET "/api/v1/namespaces/$NS/configmaps/c5" -H 'Accept: application/json;as=Chair;v=v1;g=meta.k8s.io'

### metadata only
json GET "/api/v1/namespaces/$NS/configmaps/c5" -H 'Accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'

### metadata list
json GET "/api/v1/namespaces/$NS/configmaps?fieldSelector=metadata.name%3Dc5" -H 'Accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

### watch metadata
json GET "/api/v1/namespaces/$NS/configmaps?watch=1&timeoutSeconds=1&resourceVersion=0&fieldSelector=metadata.name%3Dc5" -H 'Accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'

### yaml
json GET "/api/v1/namespaces/$NS/configmaps/c5" -H 'Accept: application/yaml'

### not acceptable
api GET "/api/v1/namespaces/$NS/configmaps/c5" -H 'Accept: text/html'

### post yaml
printf 'metadata:\n  name: yam\ndata:\n  a: "1"\n' > y.yaml
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/yaml' --data-binary @y.yaml

### post something else
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: text/csv' -d 'a,b'

### post bad json
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":'

### post nothing
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json'

### post the wrong kind
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}'

### post the wrong version
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"kind":"ConfigMap","apiVersion":"v2","metadata":{"name":"x"}}'

### post wrong types
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":{"name":"x","labels":[1]}}'
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":{"name":"x"},"data":{"a":1}}'
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":{"name":5}}'

### post with a version set
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":{"name":"x","resourceVersion":"5"}}'

### post without a name
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{"metadata":{}}'

### post to a name
json POST "/api/v1/namespaces/$NS/configmaps/x" -H 'Content-Type: application/json' -d '{"metadata":{"name":"x"}}'

### put without a name
json PUT "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"metadata":{}}'

### put another name
json PUT "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"metadata":{"name":"c6"}}'

### put another uid
json PUT "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"metadata":{"name":"c5","uid":"00000000-0000-0000-0000-000000000000"}}'

### put to a collection
json PUT "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/json' -d '{}'

### put without a version
json PUT "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"metadata":{"name":"c5"},"data":{"n":"1"}}'

### put strict
json PUT "/api/v1/namespaces/$NS/configmaps/c5?fieldValidation=Strict" -H 'Content-Type: application/json' -d '{"metadata":{"name":"c5","nome":"x"},"dota":{}}'

### post yaml in which a name is a boolean of YAML 1.1
printf 'metadata:\n  name: y\n' > y.yaml
json POST "/api/v1/namespaces/$NS/configmaps" -H 'Content-Type: application/yaml' --data-binary @y.yaml
kubectl delete cm y --ignore-not-found > /dev/null

### put with warnings
json PUT "/api/v1/namespaces/$NS/configmaps/c5?fieldValidation=Warn" -D headers -H 'Content-Type: application/json' -d '{"metadata":{"name":"c5","nome":"x"},"dota":{}}'
grep -i '^warning' headers | tr -d '\r' | sed 's/, 299/\nwarning: 299/g'

### unknown field validation
json PUT "/api/v1/namespaces/$NS/configmaps/c5?fieldValidation=Maybe" -H 'Content-Type: application/json' -d '{"metadata":{"name":"c5"}}'

### dry run that is unknown
json POST "/api/v1/namespaces/$NS/configmaps?dryRun=Some" -H 'Content-Type: application/json' -d '{"metadata":{"name":"x"}}'

### pretty
json GET "/api/v1/namespaces/$NS/configmaps/absent?pretty=true"

### patch without a type
json PATCH "/api/v1/namespaces/$NS/configmaps/c5" -d '{}'

### patch bad json
json PATCH "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/merge-patch+json' -d '{'
json PATCH "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json-patch+json' -d '[{"op":"fly"}]'

### delete options in the body
json DELETE "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"preconditions":{"uid":"00000000-0000-0000-0000-000000000000"}}'
json DELETE "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"preconditions":{"resourceVersion":"1"}}'
json DELETE "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"propagationPolicy":"Sideways"}'
json DELETE "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"dryRun":["All"]}'
json DELETE "/api/v1/namespaces/$NS/configmaps/c5" -H 'Content-Type: application/json' -d '{"gracePeriodSeconds":-1}'

### delete answers with the details
json DELETE "/api/v1/namespaces/$NS/configmaps/c6"

### delete collection
json DELETE "/api/v1/namespaces/$NS/configmaps?labelSelector=w%3D1"
json DELETE "/api/v1/namespaces/$NS/configmaps?fieldSelector=metadata.name%3Dc7&dryRun=All"
kubectl get cm -o name

### finalizers hold
kubectl create cm held
kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":["example.com/f"]}}'
json DELETE "/api/v1/namespaces/$NS/configmaps/held"
kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":["example.com/f","example.com/g"]}}'
kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":[]}}'
kubectl get cm held

### bad finalizer
kubectl create cm held
kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":["f g"]}}'
kubectl patch cm held --type=merge -p '{"metadata":{"finalizers":["foo"]}}'

### unknown path
json GET /api/v1/namespaces/$NS/unicorns
json GET /nowhere
json POST /version

### unknown subresource
json GET /api/v1/namespaces/$NS/configmaps/c5/status

### namespaced path for a cluster kind
json GET /api/v1/namespaces/$NS/nodes

### health
for p in healthz livez readyz healthz/ping livez/ping readyz/ping; do api GET /$p; echo; done

### version
kubectl get --raw /version | python3 -c "import json,sys; print(sorted(json.load(sys.stdin)))"
kubectl version -o json | python3 -c "import json,sys; v=json.load(sys.stdin)['serverVersion']; print(v['major'], v['minor'], v['gitVersion'][:7])"

### a version that is not there
json GET /api/v2

### options
api OPTIONS /api/v1/namespaces/$NS/configmaps
