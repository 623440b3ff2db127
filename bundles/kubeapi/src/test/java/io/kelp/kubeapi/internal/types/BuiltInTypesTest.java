package io.kelp.kubeapi.internal.types;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuiltInTypesTest {

    private final List<ResourceType> types = BuiltInTypes.all();

    @Test
    void offersTheKindsThatSomebodyActsOn() {
        assertEquals(List.of("namespaces", "nodes", "pods", "configmaps", "secrets", "serviceaccounts", "events", "leases.coordination.k8s.io",
                "roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io",
                "clusterrolebindings.rbac.authorization.k8s.io", "runtimeclasses.node.k8s.io"), types.stream().map(ResourceType::qualified).toList());
    }

    @Test
    void sharesSchemasOfStructs() {
        Schema spec = type("pods").schema().member("spec");
        assertSame(type("pods").schema().member("metadata").member("ownerReferences").items(), type("nodes").schema().member("metadata").member("ownerReferences").items());
        assertSame(spec.member("containers").items(), spec.member("initContainers").items());
    }

    @Test
    void knowsKeysOfListsAndPatchStrategies() {
        Schema container = type("pods").schema().member("spec").member("containers").items();
        Schema ports = container.member("ports");
        assertEquals(List.of("containerPort", "protocol"), ports.listMapKeys());
        assertEquals("map", ports.listType());
        assertEquals("merge", ports.patchStrategy());
        assertEquals("containerPort", ports.patchMergeKey());
        assertEquals("TCP", ports.items().member("protocol").defaultValue().getAsString());
        assertEquals("merge,retainKeys", type("pods").schema().member("spec").member("volumes").patchStrategy());
        assertEquals("atomic", container.member("env").items().member("valueFrom").member("configMapKeyRef").mapType());
        assertEquals("integer", ports.items().member("containerPort").type());
    }

    @Test
    void showsAPodInOneLine() {
        JsonObject pod = JsonParser.parseString("""
                {"metadata":{"name":"a"},"spec":{"containers":[{"name":"a"},{"name":"b"}],"nodeName":"n"},"status":{"phase":"Running",
                 "podIPs":[{"ip":"10.0.0.1"}],"containerStatuses":[{"name":"a","ready":true,"restartCount":0,"state":{"running":{}}},
                 {"name":"b","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""").getAsJsonObject();
        assertEquals(List.of("a", "1/2", "CrashLoopBackOff", "3", "<unknown>", "10.0.0.1", "n", "<none>", "<none>"),
                type("pods").columns().stream().map(column -> column.cell().apply(pod).getAsString()).toList());
        pod.getAsJsonObject("metadata").addProperty("deletionTimestamp", "2026-01-01T00:00:00Z");
        assertEquals("Terminating", type("pods").columns().get(2).cell().apply(pod).getAsString());
    }

    private ResourceType type(String plural) {
        return types.stream().filter(type -> type.plural().equals(plural)).findFirst().orElseThrow();
    }
}
