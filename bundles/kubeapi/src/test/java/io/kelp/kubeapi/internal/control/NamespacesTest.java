package io.kelp.kubeapi.internal.control;

import static io.kelp.kubeapi.internal.control.TestCluster.await;
import static io.kelp.kubeapi.internal.resource.TestTypes.ACCOUNTS;
import static io.kelp.kubeapi.internal.resource.TestTypes.CONFIG_MAPS;
import static io.kelp.kubeapi.internal.resource.TestTypes.NAMESPACES;
import static io.kelp.kubeapi.internal.resource.TestTypes.PODS;
import static io.kelp.kubeapi.internal.resource.TestTypes.SECRETS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.MemoryApiStore;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NamespacesTest {

    private TestCluster cluster;

    @BeforeEach
    void start() throws ApiException {
        cluster = new TestCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void eachClusterHasFourNamespacesWithAccountAndCa() {
        for (String name : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            assertTrue(cluster.exists(NAMESPACES, "", name));
            await("contents of " + name, () -> cluster.exists(ACCOUNTS, name, "default") && cluster.exists(CONFIG_MAPS, name, "kube-root-ca.crt"));
        }
        assertEquals("the CA", Trees.text(cluster.get(CONFIG_MAPS, "default", "kube-root-ca.crt"), "data", "ca.crt"));
    }

    @Test
    void putsBackWhatWasDeletedOrChanged() throws ApiException {
        cluster.create(NAMESPACES, "", "n");
        await("contents", () -> cluster.exists(ACCOUNTS, "n", "default") && cluster.exists(CONFIG_MAPS, "n", "kube-root-ca.crt"));
        String uid = uid(ACCOUNTS, "n", "default");
        cluster.delete(ACCOUNTS, "n", "default", "Background");
        await("a new account", () -> !Set.of("", uid).contains(uid(ACCOUNTS, "n", "default")));
        cluster.objects.update(CONFIG_MAPS, "n", "kube-root-ca.crt", "", "test", current -> {
            current.add("data", TestTypes.json("{'ca.crt':'forged'}"));
            return current;
        });
        await("the CA", () -> Trees.text(cluster.get(CONFIG_MAPS, "n", "kube-root-ca.crt"), "data", "ca.crt").equals("the CA"));
        cluster.delete(CONFIG_MAPS, "n", "kube-root-ca.crt", "Background");
        await("the CA again", () -> cluster.exists(CONFIG_MAPS, "n", "kube-root-ca.crt"));
    }

    @Test
    void aDeletedNamespaceTakesEverythingInItAlong() throws ApiException {
        cluster.create(NAMESPACES, "", "n");
        for (int i = 0; i < 300; i++) {
            cluster.create(CONFIG_MAPS, "n", "c" + i);
        }
        cluster.create(SECRETS, "n", "s");
        cluster.create(SECRETS, "default", "other");
        cluster.delete(NAMESPACES, "", "n", "Background");
        await("gone", () -> !cluster.exists(NAMESPACES, "", "n"));
        assertEquals(0, contents("n"));
        assertTrue(cluster.exists(SECRETS, "default", "other"));
    }

    private int contents(String namespace) {
        int[] count = new int[1];
        cluster.catalog.all().stream().filter(type -> type.namespaced()).forEach(type -> cluster.objects.forEach(type, namespace, o -> count[0]++));
        return count[0];
    }

    @Test
    void saysWhatKeepsItAndGoesWhenThatIsGone() throws ApiException {
        cluster.create(NAMESPACES, "", "n");
        cluster.create(CONFIG_MAPS, "n", "a", "{'finalizers':['x.io/y']}");
        cluster.create(CONFIG_MAPS, "n", "b", "{'finalizers':['x.io/y','x.io/z']}");
        cluster.create(PODS, "n", "p", "{'finalizers':['x.io/z']}");
        cluster.delete(NAMESPACES, "", "n", "Background");
        await("conditions", () -> !condition("NamespaceContentRemaining", "message").isEmpty());
        JsonObject status = cluster.get(NAMESPACES, "", "n").getAsJsonObject("status");
        assertEquals("Terminating", Trees.text(status, "phase"));
        assertEquals("Some resources are remaining: configmaps. has 2 resource instances, pods. has 1 resource instances",
                condition("NamespaceContentRemaining", "message"));
        assertEquals("SomeResourcesRemain", condition("NamespaceContentRemaining", "reason"));
        assertEquals("Some content in the namespace has finalizers remaining: x.io/y in 2 resource instances, x.io/z in 2 resource instances",
                condition("NamespaceFinalizersRemaining", "message"));
        assertEquals("False", condition("NamespaceDeletionContentFailure", "status"));
        assertThrows(ApiException.class, () -> cluster.create(SECRETS, "n", "late"), "nothing new may come");

        cluster.removeFinalizers(CONFIG_MAPS, "n", "a");
        cluster.removeFinalizers(CONFIG_MAPS, "n", "b");
        await("only the pod remains", () -> condition("NamespaceContentRemaining", "message")
                .equals("Some resources are remaining: pods. has 1 resource instances"));
        cluster.removeFinalizers(PODS, "n", "p");
        await("gone", () -> !cluster.exists(NAMESPACES, "", "n"));
    }

    private String condition(String type, String member) {
        return Trees.objects(cluster.get(NAMESPACES, "", "n"), "status", "conditions").stream()
                .filter(condition -> Trees.text(condition, "type").equals(type)).map(condition -> Trees.text(condition, member))
                .findFirst().orElse("");
    }

    @Test
    void recreatesANamespaceThatEachClusterHas() throws ApiException {
        String uid = uid(NAMESPACES, "", "kube-node-lease");
        cluster.delete(NAMESPACES, "", "kube-node-lease", "Background");
        await("another one", () -> !Set.of("", uid).contains(uid(NAMESPACES, "", "kube-node-lease")));
    }

    /** Empty when there is no such object. */
    private String uid(ResourceType type, String namespace, String name) {
        return cluster.objects.get(type, namespace, name).map(object -> Trees.text(object, "metadata", "uid")).orElse("");
    }

    @Test
    void removesWhatWasWrittenAtTheLastMoment() throws Exception {
        cluster.create(NAMESPACES, "", "n");
        cluster.delete(NAMESPACES, "", "n", "Background");
        await("gone", () -> !cluster.exists(NAMESPACES, "", "n"));
        // As by a writer that had found the namespace alive.
        cluster.store.write(new Key("/secrets", "n", "late"), 0,
                revision -> "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"late\",\"namespace\":\"n\",\"uid\":\"u\"}}".getBytes(StandardCharsets.UTF_8));
        await("cleared up", () -> !cluster.exists(SECRETS, "n", "late"));
    }

    @Test
    void goesOnWithADeletionAfterARestart() throws ApiException {
        cluster.create(NAMESPACES, "", "n");
        cluster.create(CONFIG_MAPS, "n", "a", "{'finalizers':['x.io/y']}");
        cluster.delete(NAMESPACES, "", "n", "Background");
        await("conditions", () -> !condition("NamespaceContentRemaining", "message").isEmpty());
        MemoryApiStore store = cluster.store;
        cluster.close();
        cluster.removeFinalizers(CONFIG_MAPS, "n", "a");
        cluster = new TestCluster(store, Duration.ofHours(1), InstantSource.system());
        await("gone", () -> !cluster.exists(NAMESPACES, "", "n"));
    }
}
