package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.CustomResources;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.RealApiServer;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From one real API server to another and what arrives there. */
@Tag("slow")
class ExportImportRealServerTest {

    private static final String WIDGETS = """
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.org"},
            "spec": {"group": "example.org", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget", "singular": "widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "schema": {"openAPIV3Schema":
            {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}""";

    @Test
    void everythingOfTheUserArrivesAndNothingTwice() throws Exception {
        String exported;
        try (RealApiServer server = RealApiServer.start(); KubeClient client = server.client()) {
            new CustomResources(client).install(Duration.ofSeconds(30)).get(35, TimeUnit.SECONDS);
            fill(client);
            exported = export(client);
        }
        for (String unwanted : List.of("\n  resourceVersion:", "\n  uid:", "\n  managedFields:", "\n  creationTimestamp:", "kube-root-ca", "system:node",
                "kube-system", "\n  ownerReferences:", "\nkind: ObjectSync\n", "\nkind: DeviceMethodCall\n")) {
            assertFalse(exported.contains(unwanted), unwanted);
        }
        try (RealApiServer server = RealApiServer.start(); KubeClient client = server.client()) {
            List<String> lines = new ArrayList<>();
            Import.Result result = new Import(client, lines::add).run(new StringReader(exported));
            assertEquals(List.of(), result.failures());
            assertEquals(Map.of("CustomResourceDefinition", 7, "Namespace", 1, "ConfigMap", 1, "Secret", 1, "Node", 1, "Widget", 1,
                    "DeviceStatus", 1, "ClusterRole", 1), result.counts());
            assertTrue(lines.contains("Widget: 1 applied"), lines.toString());
            assertEquals("done", Tree.text(Tree.object(client.get("/apis/example.org/v1/namespaces/plant/widgets/w").get(5, TimeUnit.SECONDS),
                    "status"), "phase"));
            JsonObject node = client.get("/api/v1/nodes/gw").get(5, TimeUnit.SECONDS);
            assertEquals(List.of(new Taint("mine", "", "NoSchedule", "")),
                    Taint.of(Tree.object(node, "spec")).stream().filter(t -> t.key().equals("mine")).toList());

            String before = version(client);
            assertEquals(List.of(), new Import(client, lines::add).run(new StringReader(exported)).failures());
            assertEquals(before, version(client), "the second import changes nothing");
            assertEquals(exported, export(client));
        }
    }

    @Test
    void refusedObjectsAreListedAndTheOthersArrive() throws Exception {
        try (RealApiServer server = RealApiServer.start(); KubeClient client = server.client()) {
            Import.Result result = new Import(client, line -> { }).run(new StringReader("""
                    ---
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: Wrong_Name, namespace: default}
                    ---
                    just text
                    ---
                    apiVersion: no.such/v1
                    kind: Thing
                    metadata: {name: x}
                    ---
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: right}
                    data: {a: "1"}
                    """));
            assertEquals(Map.of("ConfigMap", 1), result.counts());
            assertEquals(3, result.failures().size(), result.failures().toString());
            assertTrue(result.failures().get(0).startsWith("ConfigMap default/Wrong_Name (document 1): "), result.failures().get(0));
            assertEquals("Document 2 is not an object", result.failures().get(1));
            assertEquals("Thing x (document 3): the cluster does not serve Thing of no.such/v1", result.failures().get(2));
        }
    }

    private static void fill(KubeClient client) throws Exception {
        create(client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS);
        create(client, "/api/v1/namespaces", "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"plant\"}}");
        create(client, "/api/v1/namespaces/plant/configmaps",
                "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"c\"}, \"data\": {\"on\": \"off\"}}");
        create(client, "/api/v1/namespaces/plant/secrets",
                "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"s\"}, \"data\": {\"k\": \"AAEC\"}}");
        create(client, "/apis/rbac.authorization.k8s.io/v1/clusterroles", """
                {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "mine"}, "rules": []}""");
        create(client, "/api/v1/nodes", """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gw", "labels": {"zone": "a"}},
                "spec": {"taints": [{"key": "mine", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]}}""");
        create(client, "/apis/devices.kelp.io/v1alpha1/namespaces/plant/devicemethodcalls", """
                {"apiVersion": "devices.kelp.io/v1alpha1", "kind": "DeviceMethodCall", "metadata": {"name": "c"}, "spec": {"deviceName": "d", "method": "m"}}""");
        create(client, "/apis/devices.kubeedge.io/v1beta1/namespaces/plant/devicestatuses", """
                {"apiVersion": "devices.kubeedge.io/v1beta1", "kind": "DeviceStatus", "metadata": {"name": "d", "ownerReferences":
                [{"apiVersion": "devices.kubeedge.io/v1beta1", "kind": "Device", "name": "d", "uid": "old"}]}, "spec": {},
                "status": {"twins": [{"propertyName": "p", "reported": {"value": "1"}, "observedDesired": {"value": ""}}]}}""");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                create(client, "/apis/example.org/v1/namespaces/plant/widgets", """
                        {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}""");
                break;
            } catch (java.util.concurrent.ExecutionException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(50); // until the new kind is served
            }
        }
        client.patch("/apis/example.org/v1/namespaces/plant/widgets/w/status", PatchType.MERGE, "{\"status\": {\"phase\": \"done\"}}")
                .get(5, TimeUnit.SECONDS);
    }

    private static void create(KubeClient client, String path, String object) throws Exception {
        client.create(path, JsonParser.parseString(object).getAsJsonObject()).get(5, TimeUnit.SECONDS);
    }

    private static String export(KubeClient client) throws Exception {
        StringBuilder text = new StringBuilder();
        new Export(client, text::append).run();
        return text.toString();
    }

    private static String version(KubeClient client) throws Exception {
        return client.get("/api/v1/namespaces/plant/secrets/s").get(5, TimeUnit.SECONDS).getAsJsonObject("metadata").get("resourceVersion").getAsString()
                + client.get("/apis/example.org/v1/namespaces/plant/widgets/w").get(5, TimeUnit.SECONDS).getAsJsonObject("metadata")
                        .get("resourceVersion").getAsString();
    }
}
