package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.Map;

/**
 * An object of a kind in which nothing is set, as an API server writes it: some members of built-in kinds are there even then, so
 * that who creates an object does not own them. Found by creating objects on a v1.34 server.
 */
final class ZeroObjects {

    private static final Map<String, String> MEMBERS = Map.ofEntries(
            Map.entry("/Pod", "{'spec':{'containers':null},'status':{}}"),
            Map.entry("/Node", "{'spec':{},'status':{'daemonEndpoints':{'kubeletEndpoint':{'Port':0}},'nodeInfo':{'machineID':'',"
                    + "'systemUUID':'','bootID':'','kernelVersion':'','osImage':'','containerRuntimeVersion':'','kubeletVersion':'',"
                    + "'kubeProxyVersion':'','operatingSystem':'','architecture':''}}}"),
            Map.entry("/Namespace", "{'spec':{},'status':{}}"),
            Map.entry("/Event", "{'involvedObject':{},'source':{},'firstTimestamp':null,'lastTimestamp':null,'eventTime':null,"
                    + "'reportingComponent':'','reportingInstance':''}"),
            Map.entry("events.k8s.io/Event", "{'eventTime':null,'regarding':{},'deprecatedSource':{},'deprecatedFirstTimestamp':null,"
                    + "'deprecatedLastTimestamp':null}"),
            Map.entry("coordination.k8s.io/Lease", "{'spec':{}}"),
            Map.entry("rbac.authorization.k8s.io/Role", "{'rules':null}"),
            Map.entry("rbac.authorization.k8s.io/ClusterRole", "{'rules':null}"),
            Map.entry("rbac.authorization.k8s.io/RoleBinding", "{'roleRef':{'apiGroup':'','kind':'','name':''}}"),
            Map.entry("rbac.authorization.k8s.io/ClusterRoleBinding", "{'roleRef':{'apiGroup':'','kind':'','name':''}}"),
            Map.entry("node.k8s.io/RuntimeClass", "{'handler':''}"),
            Map.entry("authentication.k8s.io/TokenRequest", "{'spec':{'audiences':null,'expirationSeconds':null,'boundObjectRef':null},"
                    + "'status':{'token':'','expirationTimestamp':null}}"),
            Map.entry("authentication.k8s.io/TokenReview", "{'spec':{},'status':{'user':{}}}"),
            Map.entry("authorization.k8s.io/LocalSubjectAccessReview", "{'spec':{},'status':{'allowed':false}}"),
            Map.entry("authorization.k8s.io/SelfSubjectAccessReview", "{'spec':{},'status':{'allowed':false}}"),
            Map.entry("authorization.k8s.io/SubjectAccessReview", "{'spec':{},'status':{'allowed':false}}"),
            Map.entry("scheduling.k8s.io/PriorityClass", "{'value':0}"),
            Map.entry("apiextensions.k8s.io/CustomResourceDefinition", "{'spec':{'group':'','names':{'plural':'','kind':''},'scope':'',"
                    + "'versions':null},'status':{'conditions':null,'acceptedNames':{'plural':'','kind':''},'storedVersions':null}}"));

    private ZeroObjects() {
    }

    static JsonObject of(ResourceType type) {
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", type.apiVersion());
        object.addProperty("kind", type.kind());
        if (type.custom()) {
            return object;
        }
        object.add("metadata", new JsonObject());
        String members = MEMBERS.get(type.group() + "/" + type.kind());
        if (members != null) {
            StrictJson.parse(members.replace('\'', '"')).getAsJsonObject().entrySet()
                    .forEach(entry -> object.add(entry.getKey(), entry.getValue()));
        }
        return object;
    }
}
