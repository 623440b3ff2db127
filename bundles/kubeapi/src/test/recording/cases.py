"""Objects of the built-in kinds, good and bad, for record.py."""
NS = "/api/v1/namespaces/default/"
RBAC = "/apis/rbac.authorization.k8s.io/v1/"
CASES = []


def case(path, body, **more):
    CASES.append(dict(path=path, body=body, **more))


def pod(spec, update=None, sub=None, **metadata):
    more = {}
    if update is not None:
        more["update"] = update
    if sub:
        more["subresource"] = sub
    spec = dict(spec)
    spec.setdefault("containers", [{"name": "a", "image": "x"}])
    case(NS + "pods", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, **more)


def container(update=None, **members):
    pod({"containers": [dict({"name": "a", "image": "x"}, **members)]}, update)


def volume(source, **more):
    pod({"volumes": [dict({"name": "v"}, **source)]}, **more)


def of(path, **body):
    update = body.pop("update", None)
    sub = body.pop("sub", None)
    more = {}
    if update is not None:
        more["update"] = update
    if sub:
        more["subresource"] = sub
    case(path, body, **more)


# decoding
for raw in ({"spec": 5}, {"spec": {"containers": {"name": "a"}}}, {"spec": {"containers": ["a"]}}, {"spec": {"containers": [{"image": 5}]}},
            {"spec": {"containers": [{"command": "a"}]}}, {"spec": {"containers": [{"command": [1]}]}}, {"spec": {"terminationGracePeriodSeconds": "5"}},
            {"spec": {"terminationGracePeriodSeconds": 5.5}}, {"spec": {"hostNetwork": "true"}}, {"spec": {"nodeSelector": ["a"]}},
            {"spec": {"nodeSelector": {"a": 5}}}, {"metadata": {"labels": {"x": 5}}}, {"metadata": "a"}, {"metadata": {"name": 5}},
            {"metadata": {"creationTimestamp": "x"}}, {"metadata": {"deletionTimestamp": 5}}, {"metadata": {"generation": 1.5}},
            {"spec": {"containers": [{"ports": [{"containerPort": 99999999999}]}]}}, {"spec": {"containers": [{"resources": {"limits": {"cpu": "abc"}}}]}},
            {"spec": {"containers": [{"resources": {"limits": {"cpu": True}}}]}}, {"spec": {"containers": [{"resources": {"limits": "x"}}]}},
            {"spec": {"containers": [{"readinessProbe": {"httpGet": {"port": True}}}]}}, {"spec": {"containers": [{"imagePullPolicy": 5}]}},
            {"spec": {"containers": [{"name": 1}, {"name": True}], "hostNetwork": 7}}, {"spec": {"containers": [{"resources": {"limits": {"cpu": "1ki"}}}]}},
            {"metadata": {"creationTimestamp": "2024-13-01T00:00:00Z"}}, {"metadata": {"creationTimestamp": "2024-01-01 00:00:00Z"}},
            {"metadata": {"creationTimestamp": "2024-01-01T00:00:00"}}, {"metadata": {"ownerReferences": {}}}, {"metadata": {"finalizers": "a"}}):
    case(NS + "pods", dict({"apiVersion": "v1", "kind": "Pod"}, **raw))
case(NS + "secrets", {"data": {"a": "!"}})
case(NS + "secrets", {"data": {"a": "YQ"}})
case(NS + "secrets", {"data": {"a": "YQ=\n="}})
case(NS + "secrets", {"data": {"a": "YWI=x"}})
case(NS + "secrets", {"data": {"a": "Y==="}})
case(NS + "secrets", {"data": {"a": 5}})
case(NS + "configmaps", {"data": {"a": {"b": "c"}}})
case(NS + "configmaps", {"data": ["a"]})
case("/apis/coordination.k8s.io/v1/namespaces/default/leases", {"spec": {"renewTime": "2024-01-01T00:00:00Z"}})
case("/apis/coordination.k8s.io/v1/namespaces/default/leases", {"spec": {"renewTime": "x"}})

# config maps and secrets
for data in ({"a": "b"}, {}, None, {"a b": "c"}, {"..": "c"}, {".": "c"}, {"..a": "c"}, {"": "c"}, {"a": None}):
    of(NS + "configmaps", data=data)
of(NS + "configmaps", data={"a": "b"}, binaryData={"a": "Yg=="})
of(NS + "configmaps", binaryData={"a": "Yg==", "b": ""})
of(NS + "configmaps", data={"a": "b"}, immutable=True, update={"data": {"a": "c"}})
of(NS + "configmaps", data={"a": "b"}, immutable=True, update={"immutable": False, "binaryData": {"c": "Yg=="}})
of(NS + "configmaps", data={"a": "b"}, immutable=True, update={"immutable": None})
of(NS + "configmaps", data={"a": "b"}, immutable=True, update={"metadata": {"labels": {"a": "b"}}})
of(NS + "configmaps", data={"a": "b"}, update={"data": {"a": None, "b": "c"}})
for kind in ("Opaque", "", "x", "kubernetes.io/service-account-token", "kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth",
             "kubernetes.io/ssh-auth", "kubernetes.io/tls"):
    of(NS + "secrets", type=kind)
of(NS + "secrets", type="kubernetes.io/basic-auth", stringData={"username": "a"})
of(NS + "secrets", type="kubernetes.io/ssh-auth", stringData={"ssh-privatekey": ""})
of(NS + "secrets", type="kubernetes.io/tls", stringData={"tls.crt": "a"})
of(NS + "secrets", type="kubernetes.io/tls", data={"tls.crt": "YQ==", "tls.key": ""})
of(NS + "secrets", type="kubernetes.io/dockerconfigjson", stringData={".dockerconfigjson": "{\"auths\":{}}"})
of(NS + "secrets", type="kubernetes.io/dockerconfigjson", stringData={".dockerconfigjson": ""})
of(NS + "secrets", stringData={"a": "b"}, data={"a": "Yw==", "d": "Yw=="})
of(NS + "secrets", stringData={"a b": "b"})
of(NS + "secrets", data={"a": None})
of(NS + "secrets", data={"a": "Yw=="}, update={"type": "x"})
of(NS + "secrets", data={"a": "Yw=="}, immutable=True, update={"stringData": {"b": "c"}})
of(NS + "secrets", data={"a": "Yw=="}, immutable=True, update={"immutable": False})
of(NS + "secrets", data={"a": "Yw=="}, update={"stringData": {"b": "c"}})

# service accounts
of(NS + "serviceaccounts", secrets=[{"name": "a", "namespace": "b", "kind": "c"}, {}], imagePullSecrets=[{"name": "p"}], automountServiceAccountToken=False)
of(NS + "serviceaccounts", secrets=[], imagePullSecrets=[])

# namespaces
of("/api/v1/namespaces", metadata={"name": "rec-a", "labels": {"x": "y"}})
of("/api/v1/namespaces", metadata={"name": "rec-b"}, spec={"finalizers": ["example.com/a"]})
of("/api/v1/namespaces", metadata={"name": "rec-c"}, spec={"finalizers": ["a", "a b/c"]})
of("/api/v1/namespaces", metadata={"name": "rec-d"}, status={"phase": "Terminating"})
of("/api/v1/namespaces", metadata={"name": "rec-e"}, update={"metadata": {"labels": {"kubernetes.io/metadata.name": "other"}}, "spec": {"finalizers": []}})
of("/api/v1/namespaces", metadata={"name": "rec-f"}, update={"status": {"phase": "Terminating"}}, sub="status")
of("/api/v1/namespaces", metadata={"name": "rec-g"}, update={"status": {"conditions": [{"type": "A", "status": "True"}]}}, sub="status")

# nodes
of("/api/v1/nodes")
of("/api/v1/nodes", spec={"podCIDR": "10.1.0.0/24", "unschedulable": True, "taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]})
of("/api/v1/nodes", spec={"podCIDRs": ["10.1.0.0/24", "fd00::/64"]})
of("/api/v1/nodes", spec={"podCIDRs": ["10.1.0.0/24", "10.2.0.0/24"]})
of("/api/v1/nodes", spec={"podCIDRs": ["10.1.0.0", "x"]})
of("/api/v1/nodes", spec={"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.3.0.0/24"]})
of("/api/v1/nodes", spec={"taints": [{"key": "", "effect": "NoSchedule"}, {"key": "a b", "effect": "x"}, {"key": "c", "value": "d e"},
                                     {"key": "z", "effect": "NoExecute"}, {"key": "z", "effect": "NoExecute", "value": "y"}]})
of("/api/v1/nodes", status={"capacity": {"cpu": "2", "memory": "1024Mi", "pods": "10.5"}})
of("/api/v1/nodes", status={"capacity": {"cpu": "-2"}, "allocatable": {"cpu": 1, "example.com/a": "1.5"}})
of("/api/v1/nodes", status={"conditions": [{"type": "Ready", "status": "True"}], "addresses": [{"type": "InternalIP", "address": "1.2.3.4"}], "nodeInfo": {"kubeletVersion": "v1"}})
of("/api/v1/nodes", spec={"podCIDR": "10.1.0.0/24"}, update={"spec": {"podCIDR": "10.2.0.0/24", "podCIDRs": ["10.2.0.0/24"]}})
of("/api/v1/nodes", spec={"podCIDR": "10.1.0.0/24"}, update={"spec": {"podCIDR": None, "podCIDRs": None}})
of("/api/v1/nodes", spec={"providerID": "a"}, update={"spec": {"providerID": "b"}})
of("/api/v1/nodes", spec={}, update={"spec": {"taints": [{"key": "a"}]}})
of("/api/v1/nodes", spec={}, update={"status": {"addresses": [{"type": "Hostname", "address": "a"}, {"type": "Hostname", "address": "a"}]}}, sub="status")
of("/api/v1/nodes", spec={}, update={"spec": {"unschedulable": True}, "status": {"capacity": {"cpu": "1500m"}}}, sub="status")
of("/api/v1/nodes", spec={}, update={"spec": {"unschedulable": True}, "status": {"capacity": {"cpu": "1500m"}}})
QUANTITIES = ["1000m", "0.5Gi", "1.5Gi", "1024Mi", "0.5", "1", "01", "+1", "0", "0Ki", "1e3", "1500", "1000", "12000M", "1E3", "100m", "0.001m", "1n", "0.1n", "1023Ki",
              "0.5Ki", "1.", ".5", "1e-3", "12e6", "1000000Ki", "9223372036854775808", "0.3Ki", "1E", "1Ei", "100Ei", "1e21", "123456789.123456789", "3.5k", "0.9Ki", "1.1Ki",
              "1u", "999n", "1000n", "1e4", "1e5", "10e2", "1e-9", "1e-12", "0.0000000001", "2048Ki", "1.000", "1500m", "1023", "1024", "5Pi", "0.1Ti", "1e1"]
of("/api/v1/nodes", status={"capacity": {"example.org/q%d" % i: "1" for i in range(1)}, "allocatable": {"kubernetes.io/q%d" % i: q for i, q in enumerate(QUANTITIES)}})
for bad in ("", "1 Gi", "1.2.3", "1x", "1ki", "1mm", "m", ".", "-", "1e", "1Kii", "1e99999", "1eK", " 1 "):
    of("/api/v1/nodes", status={"capacity": {"cpu": bad}})

# leases
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
of(LEASES, spec={"holderIdentity": "a", "leaseDurationSeconds": 40, "renewTime": "2024-01-01T00:00:00.123456Z", "acquireTime": "2024-01-01T01:00:00.000000+01:00"})
of(LEASES)
of(LEASES, spec={"leaseDurationSeconds": 0, "leaseTransitions": -1, "preferredHolder": "x", "strategy": "y"})
of(LEASES, spec={"preferredHolder": "x"})
of(LEASES, spec={"leaseTransitions": 0, "holderIdentity": ""}, update={"spec": {"leaseTransitions": 1, "renewTime": None}})

# events
EVENTS = NS + "events"
of(EVENTS)
of(EVENTS, involvedObject={"kind": "Pod", "name": "a", "namespace": "default"}, reason="A", message="m", type="Normal", firstTimestamp="2024-01-01T00:00:00Z",
   lastTimestamp="2024-01-01T02:00:00+02:00", count=2, source={"component": "c"})
of(EVENTS, involvedObject={"namespace": "other"})
of(EVENTS, involvedObject={"namespace": "other"}, eventTime="2024-01-01T00:00:00.000000Z")
of(EVENTS, eventTime="2024-01-01T00:00:00.000000Z", reportingComponent="a b", reportingInstance="x" * 129, action="y" * 129, reason="z" * 129, message="m" * 1025)
of(EVENTS, eventTime="2024-01-01T00:00:00.000000Z", reportingComponent="kelp.io/a", reportingInstance="x", action="y", reason="z",
   series={"count": 2, "lastObservedTime": "2024-01-01T00:00:00.000000Z"}, related={"kind": "Node"})

# roles
for scope in ("namespaces/default/roles", "clusterroles"):
    for rules in ([], None, [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"]}], [{"verbs": []}], [{"verbs": ["get"]}],
                  [{"verbs": ["get"], "nonResourceURLs": ["/a"]}], [{"verbs": ["get"], "nonResourceURLs": ["/a"], "resources": ["b"]}], [{}]):
        of(RBAC + scope, rules=rules)
of(RBAC + "clusterroles", aggregationRule={}, rules=[])
of(RBAC + "clusterroles", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})
of(RBAC + "clusterroles", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b c"}, "matchExpressions": [{"key": "", "operator": "In"},
   {"key": "a", "operator": "Exists", "values": ["x"]}]}]})
for scope in ("namespaces/default/rolebindings", "clusterrolebindings"):
    of(RBAC + scope, roleRef={"kind": "ClusterRole", "name": "view"}, subjects=[{"kind": "User", "name": "a"}, {"kind": "Group", "name": "b"},
       {"kind": "ServiceAccount", "name": "c", "namespace": "d"}])
    of(RBAC + scope, roleRef={"kind": "ClusterRole", "name": "view"})
    of(RBAC + scope, roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
       subjects=[{"kind": "User"}, {"kind": "X", "name": "b"}, {"kind": "ServiceAccount", "name": "C c", "apiGroup": "x"}, {"kind": "Group", "name": "g", "apiGroup": "y"}])
    of(RBAC + scope, roleRef={"kind": "ClusterRole", "name": "view"}, update={"roleRef": {"name": "edit"}})
    of(RBAC + scope, roleRef={"kind": "ClusterRole", "name": "view"}, update={"subjects": [{"kind": "User", "name": "x"}]})

# runtime classes
RUNTIME = "/apis/node.k8s.io/v1/runtimeclasses"
of(RUNTIME, handler="osgi")
of(RUNTIME)
of(RUNTIME, handler="A_b")
of(RUNTIME, handler="a", overhead={"podFixed": {"cpu": "1000m", "memory": "0.5Gi"}}, scheduling={"nodeSelector": {"a": "b"}, "tolerations": [{"key": "c"}]})
of(RUNTIME, handler="a", overhead={"podFixed": {"cpu": "-1", "foo": "1"}}, scheduling={"nodeSelector": {"a b": "c d"}, "tolerations": [{"key": "c"}, {"key": "c"}, {"operator": "x"}]})
of(RUNTIME, handler="a", update={"handler": "b"})

# pods: defaults
pod({})
for image in ("x:1", "x:latest", "x@sha256:" + "0" * 64, "x:latest@sha256:" + "0" * 64, "reg:5000/a/b", "reg:5000/a/b:1", "UPPER", "a b", "mvn:io.kelp/x/1.0", "Reg.io/a", "a/B", " x ",
              "localhost/x", "http://x", "a" * 64):
    container(image=image)
container(ports=[{"containerPort": 80}, {"containerPort": 81, "protocol": "UDP", "name": "dns"}], env=[{"name": "A", "value": "b"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
          {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}], resources={"limits": {"cpu": "0.5", "memory": "1024Mi"}},
          livenessProbe={"httpGet": {"port": 80}}, readinessProbe={"tcpSocket": {"port": "dns"}}, startupProbe={"grpc": {"port": 5}},
          lifecycle={"preStop": {"httpGet": {"port": 80}}, "postStart": {"exec": {"command": ["a"]}}})
container(resources={"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1024Mi"}}, securityContext={}, stdin=True, tty=False, args=[], command=None)
container(resources={"requests": {"cpu": "1"}}, envFrom=[{"prefix": "a", "configMapRef": {"name": "c"}}, {"secretRef": {"name": "c", "optional": True}}])
pod({"volumes": [{"name": "a"}, {"name": "b", "secret": {"secretName": "s"}}, {"name": "c", "configMap": {"name": "m", "items": [{"key": "a", "path": "b"}]}},
     {"name": "d", "downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.labels"}}]}}, {"name": "e", "hostPath": {"path": "/a"}},
     {"name": "f", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"downwardAPI": {"items": [{"path": "x", "fieldRef": {"fieldPath": "metadata.name"}}]}}]}},
     {"name": "g", "emptyDir": {"sizeLimit": "0.5Gi", "medium": "Memory"}}, {"name": "h", "nfs": {"server": "s", "path": "/p"}},
     {"name": "i", "persistentVolumeClaim": {"claimName": "x"}}]})
pod({"hostNetwork": True, "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80}]}]})
pod({"initContainers": [{"name": "i", "image": "y:1"}, {"name": "j", "image": "y", "restartPolicy": "Always", "readinessProbe": {"exec": {"command": ["a"]}}}]})
pod({"tolerations": [{"operator": "Exists"}], "nodeName": "n1", "restartPolicy": "Never", "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
     "securityContext": {"runAsUser": 5, "fsGroup": 6}, "nodeSelector": {"a": "b"}, "hostname": "h", "subdomain": "s", "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a"]}],
     "dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"]}, "imagePullSecrets": [{"name": "p"}], "activeDeadlineSeconds": 10, "enableServiceLinks": False,
     "shareProcessNamespace": True, "schedulerName": "kelp", "serviceAccount": "default"})
pod({"tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}]})
pod({"priorityClassName": "system-node-critical"})
pod({"priorityClassName": "nope"})
pod({"priority": 5})
pod({"preemptionPolicy": "Never"})
pod({"serviceAccountName": "nope"})
pod({"runtimeClassName": "nope"})
pod({"overhead": {"cpu": "1"}})
pod({"schedulingGates": [{"name": "kelp.io/a"}]})
pod({"schedulingGates": [{"name": "a b"}, {"name": "c"}, {"name": "c"}], "nodeName": "x"})
pod({"containers": [{"name": "a", "image": "x", "volumeMounts": [{"name": "t", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}], "volumes": [{"name": "t", "emptyDir": {}}]})
case(NS + "pods", {"spec": {"containers": [{"name": "a", "image": "x"}]}, "status": {"phase": "Running", "podIP": "1.2.3.4"}})

pod({"hostnameOverride": "x", "volumes": [{"name": "v", "projected": {"sources": [{"clusterTrustBundle": {"name": "x", "path": "y"}}]}}]})
pod({"volumes": [{"name": "v", "image": {"reference": "x"}}]})
container(lifecycle={"stopSignal": "SIGTERM"}, restartPolicyRules=[{"action": "Restart"}])
container(env=[{"name": "a", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "p", "key": "k"}}}])
container(resizePolicy=[{"resourceName": "cpu", "restartPolicy": "NotRequired"}], securityContext={"procMount": "Default", "appArmorProfile": {"type": "RuntimeDefault"}})
pod({"resources": {"limits": {"cpu": "1"}}, "hostUsers": True, "hostPID": True, "setHostnameAsFQDN": False})
pod({"volumes": [{"name": "v", "csi": {"driver": ""}}, {"name": "w", "iscsi": {"targetPortal": "x", "iqn": "iqn.2001-04.com.example:a", "lun": 0}},
     {"name": "u", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}]})

# pods: what is wrong
pod({"containers": []})
case(NS + "pods", {"spec": {}})
case(NS + "pods", {})
pod({"containers": [{}]})
pod({"containers": [{"name": "A", "image": ""}, {"name": "b", "image": "x"}, {"name": "b", "image": "x"}]})
pod({"containers": [None]})
container(imagePullPolicy="Sometimes", terminationMessagePolicy="x")
container(restartPolicy="Always")
container(ports=[{"containerPort": 0}, {"containerPort": 70000}, {"containerPort": 1, "hostPort": -1}, {"containerPort": 2, "protocol": "x"}, {"containerPort": 3, "name": "A--b-"},
                 {"containerPort": 4, "name": "ok"}, {"containerPort": 5, "name": "ok"}, {"containerPort": 6, "hostPort": 9}, {"containerPort": 7, "hostPort": 9}, {"containerPort": 8, "name": "1234567890123456"}])
container(env=[{"name": ""}, {"name": "a=b"}, {"name": "a", "valueFrom": {}}, {"name": "b", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
               {"name": "c", "valueFrom": {"fieldRef": {"fieldPath": "spec.foo"}}}, {"name": "d", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}},
               {"name": "e", "valueFrom": {"fieldRef": {"fieldPath": ""}}}, {"name": "f", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a b']"}}},
               {"name": "g", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName['a']"}}}, {"name": "h", "valueFrom": {"fieldRef": {"apiVersion": "v2", "fieldPath": "metadata.name"}}},
               {"name": "i", "valueFrom": {"configMapKeyRef": {"name": "A B", "key": ""}}}, {"name": "j", "valueFrom": {"secretKeyRef": {"name": "a", "key": "x y"}}},
               {"name": "k", "valueFrom": {"resourceFieldRef": {"resource": "x"}}}, {"name": "l", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "5"}}},
               {"name": "m", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "5"}, "fieldRef": {"fieldPath": "metadata.name"}}},
               {"name": "n", "valueFrom": {"resourceFieldRef": {"resource": ""}}}, {"name": "o", "valueFrom": {"configMapKeyRef": {"key": "a"}}}])
container(envFrom=[{}, {"prefix": "a=", "configMapRef": {"name": ""}}, {"configMapRef": {"name": "a"}, "secretRef": {"name": "A_"}}])
container(volumeMounts=[{"name": "x", "mountPath": "/a"}, {"mountPath": "/a"}, {"name": "y"}])
pod({"volumes": [{"name": "v"}], "containers": [{"name": "a", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/a", "subPath": "../x"}, {"name": "v", "mountPath": "/a", "subPath": "/x", "subPathExpr": "y"},
     {"name": "v", "mountPath": "/b", "mountPropagation": "Bidirectional"}, {"name": "v", "mountPath": "/c", "mountPropagation": "x"}]}]})
container(livenessProbe={}, readinessProbe={"exec": {}, "httpGet": {"port": 0}}, startupProbe={"httpGet": {"port": "a--b", "scheme": "x", "httpHeaders": [{"name": "a b"}]}})
container(livenessProbe={"exec": {"command": ["a"]}, "successThreshold": 2, "periodSeconds": -1, "initialDelaySeconds": -1, "terminationGracePeriodSeconds": 0},
          readinessProbe={"tcpSocket": {"port": 99999}, "terminationGracePeriodSeconds": 5}, lifecycle={"preStop": {"sleep": {"seconds": 100}}, "postStart": {}})
container(resources={"limits": {"cpu": "1", "foo": "1", "example.com/a": "1.5"}, "requests": {"cpu": "2", "memory": "-1", "example.com/b": "1", "a b": "1"}})
container(resources={"limits": {"hugepages-2Mi": "2Mi"}, "requests": {"pods": "1"}})
container(securityContext={"runAsUser": -1, "runAsGroup": 9999999999})
volume({"emptyDir": {}, "hostPath": {"path": "/a"}})
volume({"hostPath": {"path": ""}})
volume({"hostPath": {"path": "/a/../b", "type": "x"}})
volume({"secret": {}})
volume({"secret": {"secretName": "a", "defaultMode": 512, "items": [{"key": "", "path": ""}, {"key": "a", "path": "/b"}, {"key": "a", "path": "../b", "mode": -1}, {"key": "a", "path": "..b"}]}})
volume({"configMap": {"defaultMode": -1}})
volume({"downwardAPI": {"items": [{"path": "a"}, {"path": "", "fieldRef": {"fieldPath": "spec.nodeName"}}, {"path": "b", "resourceFieldRef": {"resource": "limits.cpu"}}]}})
volume({"projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 5, "path": ""}}, {"secret": {"items": [{"key": "a", "path": "b"}]}}, {"configMap": {"name": "x", "items": [{"key": "a", "path": "b"}]}}]}})
volume({"persistentVolumeClaim": {"claimName": ""}})
volume({"nfs": {"path": "a"}})
volume({"emptyDir": {"sizeLimit": "-1"}})
pod({"volumes": [{"name": "A"}, {"name": "b"}, {"name": "b"}, {}]})
pod({"restartPolicy": "x", "dnsPolicy": "y", "nodeSelector": {"a b": "c d"}})
pod({"dnsPolicy": "None"})
pod({"dnsConfig": {"nameservers": ["x", "1", "2", "3"], "options": [{}]}})
pod({"hostname": "A.b", "subdomain": "x_", "serviceAccountName": "default", "nodeName": "N", "activeDeadlineSeconds": 0})
pod({"tolerations": [{"key": "a b", "operator": "x", "effect": "y"}, {"operator": "Equal"}, {"key": "c", "operator": "Exists", "value": "d"}, {"key": "e", "value": "f g"},
                     {"key": "h", "tolerationSeconds": 5, "effect": "NoSchedule"}]})
pod({"hostAliases": [{"ip": "x", "hostnames": ["A b"]}]})
pod({"priorityClassName": "A b"})
pod({"os": {"name": "x"}})
pod({"os": {"name": ""}})
pod({"readinessGates": [{"conditionType": "a b"}]})
pod({"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": "", "whenUnsatisfiable": "x"}]})
pod({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"}] * 2})
pod({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}})
pod({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In"}, {"key": "b c", "operator": "x"},
     {"key": "d", "operator": "Gt", "values": ["1", "2"]}, {"key": "e", "operator": "Exists", "values": ["f"]}], "matchFields": [{"key": "x", "operator": "In", "values": ["a"]}, {"key": "metadata.name", "operator": "Exists"}]}]},
     "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 0, "preference": {}}]}}})
pod({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "", "namespaces": ["A"], "labelSelector": {"matchExpressions": [{"key": "a", "operator": "y"}]}}],
     "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 101, "podAffinityTerm": {"topologyKey": "a"}}]}}})
pod({"initContainers": [{"name": "a", "image": "x"}, {"name": "b", "image": "x", "livenessProbe": {}, "lifecycle": {}, "restartPolicy": "x"}]})
pod({"hostNetwork": True, "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80, "hostPort": 81}]}]})
pod({"terminationGracePeriodSeconds": -1})

# pods: changes
pod({}, {"spec": {"containers": [{"name": "a", "image": "y"}]}})
pod({}, {"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "b", "image": "y"}]}})
pod({}, {"spec": {"nodeName": "x"}})
pod({}, {"spec": {"activeDeadlineSeconds": 10}})
pod({"activeDeadlineSeconds": 10}, {"spec": {"activeDeadlineSeconds": 20}})
pod({"activeDeadlineSeconds": 10}, {"spec": {"activeDeadlineSeconds": None}})
pod({}, {"spec": {"tolerations": []}})
pod({}, {"spec": {"restartPolicy": "Never"}})
pod({}, {"metadata": {"labels": {"a": "b"}}, "status": {"phase": "Running"}})
pod({}, {"status": {"phase": "Running", "podIP": "1.2.3.4", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [{"name": "a", "state": {"running": {}}}]},
         "spec": {"nodeName": "x"}}, "status")
pod({}, {"status": {"podIPs": [{"ip": "x"}], "qosClass": "Guaranteed", "conditions": [{"type": "a b", "status": "x"}]}}, "status")
pod({"schedulingGates": [{"name": "kelp.io/a"}]}, {"spec": {"schedulingGates": [], "nodeSelector": {"a": "b"}}})
pod({"schedulingGates": [{"name": "kelp.io/a"}]}, {"spec": {"schedulingGates": [{"name": "kelp.io/b"}]}})

# pods: how they look in a list
def states(status, spec=None, **metadata):
    pod(dict({"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "x"}], "initContainers": [{"name": "i", "image": "x"}, {"name": "s", "image": "x", "restartPolicy": "Always"}]}, **(spec or {})),
        {"status": status}, "status", **metadata)


ENDED = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": "2024-01-01T00:00:00Z", "finishedAt": "2024-01-01T00:00:01Z"}}
FAILED = {"terminated": {"exitCode": 3, "startedAt": "2024-01-01T00:00:00Z", "finishedAt": "2024-01-01T00:00:01Z"}}
KILLED = {"terminated": {"exitCode": 137, "signal": 9, "startedAt": "2024-01-01T00:00:00Z", "finishedAt": "2024-01-01T00:00:01Z"}}


def status(name, state, ready=False, restarts=0, last=None, started=None):
    entry = {"name": name, "state": state, "ready": ready, "restartCount": restarts, "image": "x", "imageID": "", "lastState": last or {}}
    if started is not None:
        entry["started"] = started
    return entry


states({"phase": "Pending", "initContainerStatuses": [status("i", {"waiting": {"reason": "PodInitializing"}})]})
states({"phase": "Pending", "initContainerStatuses": [status("i", {"waiting": {"reason": "CrashLoopBackOff"}}, restarts=4, last=FAILED)]})
states({"phase": "Pending", "initContainerStatuses": [status("i", FAILED)]})
states({"phase": "Pending", "initContainerStatuses": [status("i", KILLED)]})
states({"phase": "Pending", "initContainerStatuses": [status("i", ENDED), status("s", {"running": {}}, started=False)]})
states({"phase": "Running", "initContainerStatuses": [status("i", ENDED), status("s", {"running": {}}, ready=True, restarts=2, last=FAILED, started=True)],
        "containerStatuses": [status("a", {"running": {}}, ready=True), status("b", {"running": {}}, ready=True, restarts=1, last=ENDED)]})
states({"phase": "Running", "initContainerStatuses": [status("i", ENDED), status("s", {"running": {}}, ready=True, started=True)],
        "containerStatuses": [status("a", ENDED), status("b", {"running": {}}, ready=True)]})
states({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [status("a", ENDED), status("b", {"running": {}}, ready=True)]})
states({"phase": "Running", "containerStatuses": [status("a", {"waiting": {"reason": "CrashLoopBackOff"}}, restarts=7, last=KILLED), status("b", FAILED)]})
states({"phase": "Running", "containerStatuses": [status("a", KILLED), status("b", {"running": {}})]})
states({"phase": "Succeeded", "containerStatuses": [status("a", ENDED), status("b", ENDED)]}, {"restartPolicy": "Never"})
states({"phase": "Failed", "reason": "Evicted", "podIP": "10.0.0.1", "nominatedNodeName": "n9"}, {"readinessGates": [{"conditionType": "kelp.io/a"}, {"conditionType": "kelp.io/b"}]})
states({"phase": "Running", "conditions": [{"type": "kelp.io/a", "status": "True"}]}, {"readinessGates": [{"conditionType": "kelp.io/a"}, {"conditionType": "kelp.io/b"}], "nodeName": "n1"})

# warnings
pod({"containers": [{"name": "a", "image": "x", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}], "ports": [{"containerPort": 80}, {"containerPort": 80}]}]})
pod({"nodeSelector": {"beta.kubernetes.io/os": "linux", "failure-domain.beta.kubernetes.io/zone": "a"}})
pod({"containers": [{"name": "a", "image": "x", "resources": {"limits": {"memory": "100m", "ephemeral-storage": "1500m"}}}]})
pod({"serviceAccount": "default", "hostAliases": [{"ip": "1.2.3.4"}, {"ip": "1.2.3.4"}], "imagePullSecrets": [{"name": ""}, {"name": "a"}, {"name": "a"}]})
pod({"tolerations": [{"key": "node.alpha.kubernetes.io/notReady", "operator": "Exists"}]})
pod({"volumes": [{"name": "a", "emptyDir": {"sizeLimit": "100m"}}, {"name": "b", "configMap": {"name": "c", "items": [{"key": "a", "path": "b"}, {"key": "c", "path": "b"}]}}, {"name": "c", "gitRepo": {"repository": "x"}}]})
case(NS + "pods", {"metadata": {"name": "a.b"}, "spec": {"containers": [{"name": "a", "image": "x"}]}})
case(NS + "pods", {"metadata": {"annotations": {"scheduler.alpha.kubernetes.io/critical-pod": "", "seccomp.security.alpha.kubernetes.io/pod": "runtime/default"}}, "spec": {"containers": [{"name": "a", "image": "x"}]}})
pod({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "failure-domain.beta.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}]})
pod({"runtimeClassName": None, "unknown": 5})
of(NS + "secrets", data={"a": "Yw=="}, type="kubernetes.io/tls-x")
of("/api/v1/nodes", spec={"configSource": {}, "externalID": "x"})
of("/api/v1/nodes", metadata={"labels": {"node-role.kubernetes.io/edge": "", "node-role.kubernetes.io/agent": "", "kubernetes.io/role": "z"}}, spec={"unschedulable": True},
   status={"conditions": [{"type": "Ready", "status": "Unknown"}], "addresses": [{"type": "ExternalIP", "address": "1.1.1.1"}]})
of(EVENTS, involvedObject={"kind": "Pod", "namespace": "default", "fieldPath": "spec.containers{a}"}, message=" m ", source={"component": "c", "host": "h"})
of(NS + "serviceaccounts", metadata={"annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}})
container(name="a.b")
pod({"hostname": "a.b"})
of("/api/v1/nodes", status={"nodeInfo": {"kubeletVersion": "v1.34", "osImage": "Debian", "kernelVersion": "6", "containerRuntimeVersion": "kelp://1"}, "conditions": [{"type": "Ready", "status": "True"}]})
for text in ("abc", "[1]", "5", "\"x\"", "null", " {\"a\":1} "):
    of(NS + "secrets", type="kubernetes.io/dockercfg", stringData={".dockercfg": text})
of(NS + "secrets", data={"a": [104, 105, None]})
of(NS + "secrets", data={"a": [256, -1, "x"]})
of(LEASES, spec={"renewTime": "\u00e9"})
of(RBAC + "clusterrolebindings", roleRef={"kind": "ClusterRole", "name": "view"}, update={"roleRef": {"name": None}})
of(RBAC + "clusterroles", rules=[], update={"rules": [{}]})
