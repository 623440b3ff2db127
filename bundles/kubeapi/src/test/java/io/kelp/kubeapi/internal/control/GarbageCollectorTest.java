package io.kelp.kubeapi.internal.control;

import static io.kelp.kubeapi.internal.control.TestCluster.await;
import static io.kelp.kubeapi.internal.control.TestCluster.owned;
import static io.kelp.kubeapi.internal.control.TestCluster.owner;
import static io.kelp.kubeapi.internal.resource.TestTypes.CONFIG_MAPS;
import static io.kelp.kubeapi.internal.resource.TestTypes.EVENTS;
import static io.kelp.kubeapi.internal.resource.TestTypes.NODES;
import static io.kelp.kubeapi.internal.resource.TestTypes.SECRETS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GarbageCollectorTest {

    private static final String NS = "default";

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
    void deletesDependentsOfADeletedOwnerAndTheirs() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        JsonObject b = cluster.create(SECRETS, NS, "b", owned(a));
        cluster.create(CONFIG_MAPS, NS, "c", owned(b));
        cluster.delete(CONFIG_MAPS, NS, "a", "Background");
        await("c gone", () -> !cluster.exists(CONFIG_MAPS, NS, "c") && !cluster.exists(SECRETS, NS, "b"));
    }

    @Test
    void forgetsADependentOfAnUnknownKindWithIt() throws ApiException {
        for (int i = 0; i < 20; i++) {
            cluster.create(SECRETS, NS, "s" + i, "{'ownerReferences':[{'apiVersion':'apps/v1','kind':'ReplicaSet','name':'none','uid':'u" + i + "'}]}");
        }
        await("noted", () -> cluster.housekeeping.unresolved() == 20);
        for (int i = 0; i < 20; i++) {
            cluster.delete(SECRETS, NS, "s" + i, "Background");
        }
        await("forgotten", () -> cluster.housekeeping.unresolved() == 0);
    }

    @Test
    void keepsADependentWhileOneOwnerIsThere() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        JsonObject b = cluster.create(CONFIG_MAPS, NS, "b");
        cluster.create(SECRETS, NS, "both", "{'ownerReferences':[" + owner(a, false) + "," + owner(b, false) + "]}");
        cluster.delete(CONFIG_MAPS, NS, "a", "Background");
        await("only b owns", () -> Trees.objects(cluster.get(SECRETS, NS, "both"), "metadata", "ownerReferences").size() == 1);
        cluster.delete(CONFIG_MAPS, NS, "b", "Background");
        await("gone", () -> !cluster.exists(SECRETS, NS, "both"));
    }

    @Test
    void deletesADependentWhoseOwnerNeverWas() throws ApiException {
        cluster.create(SECRETS, NS, "s", "{'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'none','uid':'u'}]}");
        await("gone", () -> !cluster.exists(SECRETS, NS, "s"));
    }

    @Test
    void takesAnOwnerOfTheSameNameButAnotherUidForAbsent() throws ApiException {
        cluster.create(CONFIG_MAPS, NS, "a");
        cluster.create(SECRETS, NS, "s", "{'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'a','uid':'another'}]}");
        await("gone", () -> !cluster.exists(SECRETS, NS, "s"));
    }

    @Test
    void leavesAnObjectAloneWhoseOwnersKindIsUnknown() throws ApiException {
        cluster.create(SECRETS, NS, "s", "{'ownerReferences':[{'apiVersion':'x.io/v1','kind':'Thing','name':'a','uid':'u'}]}");
        await("idle", () -> cluster.housekeeping.pending() == 0);
        assertTrue(cluster.exists(SECRETS, NS, "s"));
    }

    @Test
    void refusesOwnersInOtherNamespacesWithAnEvent() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        cluster.create(SECRETS, "kube-public", "s", owned(a));
        await("gone", () -> !cluster.exists(SECRETS, "kube-public", "s"));
        JsonObject node = cluster.create(NODES, "", "n", owned(a));
        await("idle", () -> cluster.housekeeping.pending() == 0 || event(NS) != null);
        await("an Event in each namespace", () -> event(NS) != null && event("kube-public") != null);
        assertEquals("ownerRef [v1/ConfigMap, namespace: kube-public, name: a, uid: " + Trees.text(a, "metadata", "uid")
                + "] does not exist in namespace \"kube-public\"", Trees.text(event("kube-public"), "message"));
        assertEquals(Trees.text(node, "metadata", "uid"), Trees.text(event(NS), "involvedObject", "uid"));
        assertTrue(cluster.exists(NODES, "", "n"), "a reference that can never be right deletes nothing");
    }

    private JsonObject event(String namespace) {
        List<JsonObject> events = new ArrayList<>();
        cluster.objects.forEach(EVENTS, namespace, events::add);
        return events.isEmpty() ? null : events.get(0);
    }

    @Test
    void namespacedObjectsMayBelongToClusterScopedOnes() throws ApiException {
        JsonObject node = cluster.create(NODES, "", "n");
        cluster.create(SECRETS, NS, "lease", owned(node));
        await("idle", () -> cluster.housekeeping.pending() == 0);
        assertTrue(cluster.exists(SECRETS, NS, "lease"));
        cluster.delete(NODES, "", "n", "Background");
        await("gone", () -> !cluster.exists(SECRETS, NS, "lease"));
    }

    @Test
    void inTheForegroundAnOwnerGoesAfterThoseWhoBlockIt() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        cluster.create(SECRETS, NS, "held", "{'finalizers':['x.io/hold'],'ownerReferences':[" + owner(a, true) + "]}");
        cluster.create(SECRETS, NS, "free", "{'finalizers':['x.io/hold'],'ownerReferences':[" + owner(a, false) + "]}");
        cluster.delete(CONFIG_MAPS, NS, "a", "Foreground");
        await("both are being deleted", () -> isDeleting("held") && isDeleting("free"));
        await("idle", () -> cluster.housekeeping.pending() == 0);
        assertTrue(cluster.exists(CONFIG_MAPS, NS, "a"));
        cluster.removeFinalizers(SECRETS, NS, "held");
        await("the owner is gone", () -> !cluster.exists(CONFIG_MAPS, NS, "a"));
        assertTrue(cluster.exists(SECRETS, NS, "free"));
    }

    private boolean isDeleting(String secret) {
        return !Trees.text(cluster.get(SECRETS, NS, secret), "metadata", "deletionTimestamp").isEmpty();
    }

    @Test
    void orphansLoseTheirOwnerAndLive() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        for (int i = 0; i < 20; i++) {
            cluster.create(SECRETS, NS, "s" + i, owned(a));
        }
        cluster.delete(CONFIG_MAPS, NS, "a", "Orphan");
        await("the owner is gone", () -> !cluster.exists(CONFIG_MAPS, NS, "a"));
        await("idle", () -> cluster.housekeeping.pending() == 0);
        for (int i = 0; i < 20; i++) {
            assertFalse(cluster.get(SECRETS, NS, "s" + i).getAsJsonObject("metadata").has("ownerReferences"));
        }
    }

    @Test
    void aCircleDeletedInTheForegroundGoes() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        JsonObject b = cluster.create(CONFIG_MAPS, NS, "b", owned(a));
        cluster.objects.update(CONFIG_MAPS, NS, "a", "", "test", current -> {
            current.add("metadata", withOwner(current.getAsJsonObject("metadata"), b));
            return current;
        });
        cluster.delete(CONFIG_MAPS, NS, "a", "Foreground");
        await("both gone", () -> !cluster.exists(CONFIG_MAPS, NS, "a") && !cluster.exists(CONFIG_MAPS, NS, "b"));
    }

    private static JsonObject withOwner(JsonObject metadata, JsonObject owner) {
        metadata.add("ownerReferences", TestTypes.json(owned(owner)).get("ownerReferences"));
        return metadata;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomGraphsEndCleanWhateverOrderTheirRootsAreDeletedIn(long seed) throws ApiException {
        Random random = new Random(seed);
        int size = 40;
        List<JsonObject> all = new ArrayList<>();
        List<Set<Integer>> owners = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            all.add(cluster.create(CONFIG_MAPS, NS, "o" + i));
            owners.add(new HashSet<>());
        }
        for (int i = 5; i < size; i++) {
            List<String> references = new ArrayList<>();
            int count = random.nextInt(3);
            for (int n = 0; n < count; n++) {
                // Mostly older ones, now and then a younger one: circles.
                int other = random.nextInt(6) == 0 ? random.nextInt(size) : random.nextInt(i);
                if (other != i && owners.get(i).add(other)) {
                    references.add(owner(all.get(other), random.nextBoolean()));
                }
            }
            String text = "{'ownerReferences':[" + String.join(",", references) + "]}";
            cluster.objects.update(CONFIG_MAPS, NS, "o" + i, "", "test", current -> {
                if (references.isEmpty()) {
                    return null;
                }
                current.getAsJsonObject("metadata").add("ownerReferences",
                        TestTypes.json(text).get("ownerReferences"));
                return current;
            });
        }
        Set<Integer> deleted = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            if (random.nextInt(3) > 0) {
                deleted.add(i);
                cluster.delete(CONFIG_MAPS, NS, "o" + i, random.nextBoolean() ? "Foreground" : "Background");
            }
        }
        Set<Integer> expected = survivors(size, owners, deleted);
        await(() -> "seed " + seed + ": there are " + present(size) + ", expected " + expected, () -> present(size).equals(expected));
        await("idle", () -> cluster.housekeeping.pending() == 0);
        assertEquals(expected, present(size));
    }

    private Set<Integer> present(int size) {
        Set<Integer> present = new HashSet<>();
        for (int i = 0; i < size; i++) {
            if (cluster.exists(CONFIG_MAPS, NS, "o" + i)) {
                present.add(i);
            }
        }
        return present;
    }

    /** By definition: an object goes when it had owners and all of them are gone; circles hold themselves. */
    private static Set<Integer> survivors(int size, List<Set<Integer>> owners, Set<Integer> deleted) {
        Set<Integer> gone = new HashSet<>(deleted);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 0; i < size; i++) {
                if (!gone.contains(i) && !owners.get(i).isEmpty() && gone.containsAll(owners.get(i))) {
                    gone.add(i);
                    changed = true;
                }
            }
        }
        Set<Integer> left = new HashSet<>();
        for (int i = 0; i < size; i++) {
            if (!gone.contains(i)) {
                left.add(i);
            }
        }
        return left;
    }

    @Test
    void dependentsCreatedWhileTheirOwnerGoesDoNotStay() throws Exception {
        int owners = 20;
        List<JsonObject> made = new ArrayList<>();
        for (int i = 0; i < owners; i++) {
            made.add(cluster.create(CONFIG_MAPS, NS, "o" + i));
        }
        ExecutorService writers = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int w = 0; w < 4; w++) {
                int writer = w;
                done.add(writers.submit(() -> {
                    for (int i = 0; i < owners; i++) {
                        cluster.create(SECRETS, NS, "s" + writer + "-" + i, owned(made.get(i)));
                        if (writer == i % 4) {
                            cluster.delete(CONFIG_MAPS, NS, "o" + i, i % 2 == 0 ? "Background" : "Foreground");
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        } finally {
            writers.shutdown();
        }
        await("nothing left", () -> {
            int[] left = new int[1];
            cluster.objects.forEach(SECRETS, NS, secret -> left[0]++);
            return left[0] == 0;
        });
        await("idle", () -> cluster.housekeeping.pending() == 0);
    }

    @Test
    void findsWhatHappenedWhileNobodyKeptHouse() throws ApiException {
        JsonObject a = cluster.create(CONFIG_MAPS, NS, "a");
        cluster.create(SECRETS, NS, "s", owned(a));
        cluster.close();
        cluster.delete(CONFIG_MAPS, NS, "a", "Background");
        assertTrue(cluster.exists(SECRETS, NS, "s"));
        cluster = new TestCluster(cluster.store, Duration.ofHours(1), InstantSource.system());
        await("gone", () -> !cluster.exists(SECRETS, NS, "s"));
    }
}
