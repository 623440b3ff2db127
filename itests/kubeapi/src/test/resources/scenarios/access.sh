#objects /api/v1/namespaces/$NS/serviceaccounts
#objects /apis/rbac.authorization.k8s.io/v1/namespaces/$NS/roles
#objects /apis/rbac.authorization.k8s.io/v1/namespaces/$NS/rolebindings

### create service account
kubectl create serviceaccount robot

### create role
kubectl create role reader --verb=get,list,watch --resource=configmaps,pods/log

### create role with a name of a resource
kubectl create role one --verb=get --resource=secrets --resource-name=pass

### create role with a verb that is not known
kubectl create role odd --verb=fly --resource=configmaps

### create role for a resource that is not known
kubectl create role odd --verb=get --resource=unicorns

### create cluster role
kubectl create clusterrole r-$R --verb='*' --resource=nodes
kubectl create clusterrole u-$R --verb=get --non-resource-url=/healthz
kubectl get clusterrole r-$R u-$R -o yaml

### create aggregated cluster role
kubectl create clusterrole agg-$R --aggregation-rule="compare=$R"
kubectl label clusterrole r-$R compare=$R
soon sh -c "kubectl get clusterrole agg-$R -o yaml | grep -q nodes"
kubectl get clusterrole agg-$R -o yaml

### create role binding
kubectl create rolebinding robots --role=reader --serviceaccount=$NS:robot --user=jane --group=people

### create cluster role binding
kubectl create clusterrolebinding b-$R --clusterrole=r-$R --serviceaccount=$NS:robot
kubectl get clusterrolebinding b-$R -o yaml

### get roles wide
kubectl get roles,rolebindings -o wide

### get cluster role bindings
kubectl get clusterrolebinding b-$R -o wide

### describe role
kubectl describe role reader

### describe role binding
kubectl describe rolebinding robots

### change the role of a binding
kubectl patch rolebinding robots --type=merge -p '{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"one"}}'

### can the administrator
kubectl auth can-i '*' '*'

### can jane read
kubectl auth can-i get configmaps --as=jane
kubectl auth can-i delete configmaps --as=jane
kubectl auth can-i get pods/log --as=jane
kubectl auth can-i get pods --as=jane

### can the service account
kubectl auth can-i list nodes --as=system:serviceaccount:$NS:robot
kubectl auth can-i list secrets --as=system:serviceaccount:$NS:robot

### can a group
kubectl auth can-i list configmaps --as=joe --as-group=people
kubectl auth can-i list configmaps --as=joe

### can read a path
kubectl auth can-i get /healthz --as=joe
kubectl auth can-i get /nothing --as=joe

### list what jane can
kubectl auth can-i --list --as=jane

### list what the administrator can
kubectl auth can-i --list | grep -v '^self\|^ *\[/'

### can with an unknown resource
kubectl auth can-i get unicorns

### who am I impersonated
kubectl auth whoami --as=jane --as-group=people --as-uid=7 --as-user-extra=scope=a

### who am I as yaml
kubectl auth whoami --as=jane -o yaml

### reconcile
cat > rec.yaml <<E
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [configmaps, secrets], verbs: [get]}]
E
kubectl auth reconcile -f rec.yaml

### forbidden to read
kubectl get secrets --as=jane

### forbidden to read one
kubectl get secret a --as=jane

### forbidden at cluster scope
kubectl get nodes --as=jane

### forbidden to create
kubectl create configmap x --as=jane

### forbidden to delete all
kubectl delete configmaps --all --as=jane

### forbidden to patch status
kubectl patch node x --subresource=status -p '{}' --as=jane

### forbidden path
kubectl get --raw /metrics --as=jane 2>&1 | head -n 3

### forbidden group
kubectl get --raw /apis/nowhere/v1/things --as=jane

### anonymous
curl -sSk $SERVER/api/v1/namespaces

### anonymous may see the version
curl -sSk -o body -w '%{http_code}\n' $SERVER/version
curl -sSk -o body -w '%{http_code}\n' $SERVER/healthz
printf '%s\n' "$(curl -sSk $SERVER/apis)"

### a bad token
curl -sSk -H 'Authorization: Bearer nonsense' $SERVER/api/v1/namespaces

### escalation is refused
kubectl create role maker --verb=create,update,patch,get --resource=roles,rolebindings
kubectl create rolebinding makers --role=maker --user=eve
kubectl create role more --verb=get --resource=secrets --as=eve

### binding what one does not have is refused
kubectl create rolebinding grab --role=one --user=eve --as=eve

### create token
kubectl create token robot > token
kubectl --token="$(cat token)" auth whoami 2>&1 | grep -v JTI | head -1
curl -sSk -H "Authorization: Bearer $(cat token)" $SERVER/api/v1/namespaces/$NS/configmaps | head -c 60

### what the token says
cut -d. -f2 token | tr '_-' '/+' | sed 's/$/==/' | base64 -d 2>/dev/null | sed 's/"\(exp\|iat\|nbf\|warnafter\)":[0-9]*/"\1":0/g; s/"jti":"[^"]*"/"jti":"x"/'

### who is the token
curl -sSk -H "Authorization: Bearer $(cat token)" -H 'Content-Type: application/json' $SERVER/apis/authentication.k8s.io/v1/selfsubjectreviews -d '{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}'

### the service account may not
curl -sSk -H "Authorization: Bearer $(cat token)" $SERVER/api/v1/namespaces/$NS/secrets

### token for an audience and a time
kubectl create token robot --audience=me --duration=20m | cut -d. -f2 | tr '_-' '/+' | sed 's/$/==/' | base64 -d 2>/dev/null | grep -o '"aud":[^]]*]'

### token too short
kubectl create token robot --duration=1m

### token of an account that is not there
kubectl create token nobody

### token bound to a secret
kubectl create secret generic bound
kubectl create token robot --bound-object-kind=Secret --bound-object-name=bound | cut -d. -f2 | tr '_-' '/+' | sed 's/$/==/' | base64 -d 2>/dev/null | grep -o '"secret":{"name":"[a-z]*"'

### token bound to what is not there
kubectl create token robot --bound-object-kind=Pod --bound-object-name=bound

### token review
json POST /apis/authentication.k8s.io/v1/tokenreviews -H 'Content-Type: application/json' -d "{\"spec\":{\"token\":\"$(cat token)\"}}" | grep -v '"token"'

### token review of nonsense
json POST /apis/authentication.k8s.io/v1/tokenreviews -H 'Content-Type: application/json' -d '{"spec":{"token":"a.b.c"}}'

### token review without token
json POST /apis/authentication.k8s.io/v1/tokenreviews -H 'Content-Type: application/json' -d '{"spec":{}}'

### subject access review
json POST /apis/authorization.k8s.io/v1/subjectaccessreviews -H 'Content-Type: application/json' -d "{\"spec\":{\"user\":\"jane\",\"resourceAttributes\":{\"namespace\":\"$NS\",\"verb\":\"get\",\"resource\":\"configmaps\"}}}"

### subject access review without anything
json POST /apis/authorization.k8s.io/v1/subjectaccessreviews -H 'Content-Type: application/json' -d '{"spec":{}}'

### local subject access review in the wrong namespace
json POST /apis/authorization.k8s.io/v1/namespaces/$NS/localsubjectaccessreviews -H 'Content-Type: application/json' -d '{"spec":{"user":"jane","resourceAttributes":{"namespace":"other","verb":"get","resource":"configmaps"}}}'

### self subject rules review
json POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews -H 'Content-Type: application/json' -H 'Impersonate-User: jane' -d "{\"spec\":{\"namespace\":\"$NS\"}}" | python3 -c 'import json,sys; s=json.load(sys.stdin)["status"]; print("\n".join(sorted(json.dumps(r, sort_keys=True) for l in s.values() if isinstance(l, list) for r in l)))'

### a deleted account's token is worthless
kubectl delete serviceaccount robot
soon sh -c "curl -sSk -H 'Authorization: Bearer $(cat token)' $SERVER/api/v1/namespaces | grep -q Unauthorized"
printf '%s\n' "$(curl -sSk -H "Authorization: Bearer $(cat token)" $SERVER/api/v1/namespaces)"

### impersonate without name
json GET /api/v1/namespaces -H 'Impersonate-Group: x'

### the default account comes back
kubectl delete serviceaccount default
soon kubectl get serviceaccount default
kubectl get sa

### delete roles
kubectl delete role,rolebinding --all
kubectl delete clusterrole r-$R u-$R agg-$R
kubectl delete clusterrolebinding b-$R
