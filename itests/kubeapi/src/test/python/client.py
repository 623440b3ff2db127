"""Uses the official Python client as a program would and prints what it got: python client.py KUBECONFIG NAMESPACE GROUP

GROUP is the API group of a type made for the run. Uids, times and versions are left out of what is printed.
"""
import json
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

KUBECONFIG, NAMESPACE, GROUP = sys.argv[1:]
config.load_kube_config(KUBECONFIG)
core, custom, extensions = client.CoreV1Api(), client.CustomObjectsApi(), client.ApiextensionsV1Api()
rbac, coordination, api = client.RbacAuthorizationV1Api(), client.CoordinationV1Api(), client.ApiClient()


def shown(thing):
    thing = api.sanitize_for_serialization(thing)

    def strip(x):
        if isinstance(x, dict):
            return {k: strip(v) for k, v in sorted(x.items())
                    if k not in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "time", "selfLink", "continue", "lastTransitionTime", "renewTime", "acquireTime", "remainingItemCount")}
        return [strip(i) for i in x] if isinstance(x, list) else x
    return json.dumps(strip(thing))


def step(name, call):
    try:
        result = call()
        print(name, "->", shown(result) if not isinstance(result, str) else result)
    except ApiException as e:
        body = json.loads(e.body)
        print(name, "-> raised", e.status, e.reason, body.get("reason"), body.get("message"), shown(body.get("details")))


def configmap(name, data, **metadata):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, **metadata), data=data)


# typed
step("create", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("a", {"k": "v"}, labels={"l": "1"})))
step("create again", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("a", {})))
step("create dry", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("dry", {}), dry_run="All"))
step("read", lambda: core.read_namespaced_config_map("a", NAMESPACE))
step("read absent", lambda: core.read_namespaced_config_map("absent", NAMESPACE))
step("patch", lambda: core.patch_namespaced_config_map("a", NAMESPACE, {"data": {"k": None, "n": "1"}}))
step("patch json", lambda: core.patch_namespaced_config_map("a", NAMESPACE, [{"op": "add", "path": "/data/j", "value": "x"}]))
old = core.read_namespaced_config_map("a", NAMESPACE)
step("replace", lambda: core.replace_namespaced_config_map("a", NAMESPACE, configmap("a", {"r": "1"})))
old.data = {"stale": "1"}
step("replace stale", lambda: core.replace_namespaced_config_map("a", NAMESPACE, old))
step("list by label", lambda: core.list_namespaced_config_map(NAMESPACE, label_selector="l=1"))
step("list by field", lambda: core.list_namespaced_config_map(NAMESPACE, field_selector="metadata.name=a"))
step("secret", lambda: core.create_namespaced_secret(NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name="s"), string_data={"a": "b"})))
step("invalid", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("Bad_", {"a b": "c"})))
step("service account", lambda: core.create_namespaced_service_account(NAMESPACE, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="robot"))))
step("role", lambda: rbac.create_namespaced_role(NAMESPACE, client.V1Role(metadata=client.V1ObjectMeta(name="r"), rules=[
    client.V1PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["get"])])))
step("token", lambda: str(len(core.create_namespaced_service_account_token("robot", NAMESPACE, client.AuthenticationV1TokenRequest(
    spec=client.V1TokenRequestSpec(audiences=["x"], expiration_seconds=600))).status.token) > 100))
step("can i", lambda: client.AuthorizationV1Api().create_self_subject_access_review(client.V1SelfSubjectAccessReview(
    spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=client.V1ResourceAttributes(verb="get", resource="pods")))).status.allowed and "yes")
step("pod", lambda: core.create_namespaced_pod(NAMESPACE, client.V1Pod(metadata=client.V1ObjectMeta(name="p"), spec=client.V1PodSpec(
    scheduler_name="none", automount_service_account_token=False, containers=[client.V1Container(name="c", image="x")]))))
step("pod status", lambda: core.patch_namespaced_pod_status("p", NAMESPACE, {"status": {"phase": "Running"}}).status.phase)
step("delete pod", lambda: core.delete_namespaced_pod("p", NAMESPACE, grace_period_seconds=0))
step("event", lambda: core.create_namespaced_event(NAMESPACE, client.CoreV1Event(metadata=client.V1ObjectMeta(name="e"), involved_object=client.V1ObjectReference(
    kind="ConfigMap", name="a", namespace=NAMESPACE), reason="R", message="m", type="Normal")))
step("version", lambda: client.VersionApi().get_code().major)
step("apis", lambda: str(sorted(g.name for g in client.ApisApi().get_api_versions().groups if g.name in ("rbac.authorization.k8s.io", "coordination.k8s.io", "node.k8s.io"))))

# paging
for i in range(12):
    core.create_namespaced_config_map(NAMESPACE, configmap(f"page-{i:02}", {}, labels={"page": "y"}))
names, token = [], None
while True:
    page = core.list_namespaced_config_map(NAMESPACE, label_selector="page=y", limit=5, _continue=token)
    names.append([c.metadata.name for c in page.items])
    token = page.metadata._continue
    if not token:
        break
print("pages ->", names)
step("delete collection", lambda: core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="page=y"))

# watch
start = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version


def change():
    time.sleep(1)
    core.create_namespaced_config_map(NAMESPACE, configmap("w", {}))
    core.patch_namespaced_config_map("w", NAMESPACE, {"data": {"x": "y"}})
    core.delete_namespaced_config_map("w", NAMESPACE)


changer = threading.Thread(target=change)
changer.start()
for event in watch.Watch().stream(core.list_namespaced_config_map, NAMESPACE, resource_version=start, timeout_seconds=4):
    print("event ->", event["type"], event["object"].metadata.name, event["object"].data)
changer.join()
# custom types
definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "lamps." + GROUP}, "spec": {
    "group": GROUP, "scope": "Namespaced", "names": {"plural": "lamps", "singular": "lamp", "kind": "Lamp"}, "versions": [{
        "name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.count", "statusReplicasPath": ".status.count"}},
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {
            "spec": {"type": "object", "required": ["color"], "properties": {"color": {"type": "string", "enum": ["red", "blue"]}, "count": {"type": "integer", "default": 1, "minimum": 0}}},
            "status": {"type": "object", "properties": {"on": {"type": "boolean"}, "count": {"type": "integer"}}}}}}}]}}
step("definition", lambda: extensions.create_custom_resource_definition(definition).metadata.name)
for _ in range(100):
    conditions = extensions.read_custom_resource_definition("lamps." + GROUP).status.conditions or []
    if any(c.type == "Established" and c.status == "True" for c in conditions):
        break
    time.sleep(0.1)
for _ in range(100):
    try:
        custom.list_namespaced_custom_object(GROUP, "v1", NAMESPACE, "lamps")
        break
    except ApiException:
        time.sleep(0.1)
where = (GROUP, "v1", NAMESPACE, "lamps")
lamp = {"apiVersion": GROUP + "/v1", "kind": "Lamp", "metadata": {"name": "l"}, "spec": {"color": "red", "extra": 1}}
step("lamp", lambda: custom.create_namespaced_custom_object(*where, lamp))
step("lamp invalid", lambda: custom.create_namespaced_custom_object(*where, dict(lamp, metadata={"name": "m"}, spec={"color": "green"})))
step("lamp without", lambda: custom.create_namespaced_custom_object(*where, dict(lamp, metadata={"name": "m"}, spec={})))
step("lamp patch", lambda: custom.patch_namespaced_custom_object(*where, "l", {"spec": {"color": "blue"}}))
step("lamp status", lambda: custom.patch_namespaced_custom_object_status(*where, "l", {"status": {"on": True}, "spec": {"color": "red"}}))
step("lamp scale", lambda: custom.get_namespaced_custom_object_scale(*where, "l"))
step("lamp scaled", lambda: custom.patch_namespaced_custom_object_scale(*where, "l", {"spec": {"replicas": 5}}))
step("lamps", lambda: custom.list_namespaced_custom_object(*where))
step("lamps of all", lambda: str(len(custom.list_cluster_custom_object(GROUP, "v1", "lamps")["items"])))
for event in watch.Watch().stream(custom.list_namespaced_custom_object, *where, timeout_seconds=1, resource_version="0"):
    print("lamp event ->", event["type"], event["object"]["metadata"]["name"], event["object"]["spec"])

# dynamic
client_ = dynamic.DynamicClient(api)
lamps = client_.resources.get(api_version=GROUP + "/v1", kind="Lamp")
step("dynamic get", lambda: lamps.get(name="l", namespace=NAMESPACE).to_dict())
step("dynamic apply", lambda: lamps.server_side_apply(name="l", namespace=NAMESPACE, field_manager="other", body={
    "apiVersion": GROUP + "/v1", "kind": "Lamp", "metadata": {"name": "l"}, "spec": {"count": 5}}).to_dict())
try:
    lamps.server_side_apply(name="l", namespace=NAMESPACE, field_manager="third", body={
        "apiVersion": GROUP + "/v1", "kind": "Lamp", "metadata": {"name": "l"}, "spec": {"color": "red"}})
except dynamic.exceptions.ConflictError as e:
    print("dynamic conflict ->", json.loads(e.body)["message"], shown(json.loads(e.body)["details"]))
step("dynamic apply by force", lambda: lamps.server_side_apply(name="l", namespace=NAMESPACE, field_manager="third", force_conflicts=True, body={
    "apiVersion": GROUP + "/v1", "kind": "Lamp", "metadata": {"name": "l"}, "spec": {"color": "red"}}).to_dict())
step("dynamic list", lambda: str([i.metadata.name for i in lamps.get(namespace=NAMESPACE).items]))
step("dynamic search", lambda: str(sorted({r.kind for r in client_.resources.search(group="coordination.k8s.io", kind="Lease")})))
step("dynamic delete", lambda: lamps.delete(name="l", namespace=NAMESPACE).to_dict())
step("from a dict", lambda: str([o.metadata.name for o in utils.create_from_dict(api, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "u", "namespace": NAMESPACE}})]))

# leases and election
step("lease", lambda: coordination.create_namespaced_lease(NAMESPACE, client.V1Lease(metadata=client.V1ObjectMeta(name="l"), spec=client.V1LeaseSpec(
    holder_identity="me", lease_duration_seconds=15))))




election = leaderelection.LeaderElection(electionconfig.Config(ConfigMapLock("election", NAMESPACE, "me"), lease_duration=3, renew_deadline=2, retry_period=1,
                                                               onstarted_leading=print, onstopped_leading=None))
if election.acquire():
    print("elected ->", json.loads(core.read_namespaced_config_map("election", NAMESPACE).metadata.annotations["control-plane.alpha.kubernetes.io/leader"])["holderIdentity"])

step("definition gone", lambda: extensions.delete_custom_resource_definition("lamps." + GROUP).status and "deleted")
