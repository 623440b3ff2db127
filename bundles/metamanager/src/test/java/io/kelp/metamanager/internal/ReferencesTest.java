package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReferencesTest {

    private static final String SPEC = """
            {"imagePullSecrets":[{"name":"pull"}],
             "volumes":[{"name":"a","configMap":{"name":"vc"}},{"name":"b","secret":{"secretName":"vs"}},{"name":"c","emptyDir":{}},
               {"name":"d","projected":{"sources":[{"configMap":{"name":"pc"}},{"secret":{"name":"ps"}},{"serviceAccountToken":{"path":"t"}}]}}],
             "initContainers":[{"envFrom":[{"configMapRef":{"name":"ic"}}]}],
             "containers":[{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"ec","key":"k"}}},
               {"name":"B","valueFrom":{"secretKeyRef":{"name":"es","key":"k"}}},{"name":"C","value":"x"}],"envFrom":[{"secretRef":{"name":"fs"}}]}]}""";

    private final ObjectTable table = new ObjectTable(MemoryCollection.ofObjects(), Runnable::run, 100);
    private final List<Runnable> planned = new ArrayList<>();
    private long nanos;

    private References references() {
        References references = new References(table, () -> nanos, Duration.ofMinutes(60), (task, wait) -> planned.add(task));
        table.watch("pod", references);
        return references;
    }

    private void put(String type, String name) {
        table.put(type, "default", name, JsonParser.parseString("{\"metadata\":{\"name\":\"" + name + "\",\"uid\":\"u\"}}").getAsJsonObject());
    }

    private void pod(String name, String configMap) {
        table.put("pod", "default", name, JsonParser.parseString("{\"metadata\":{\"name\":\"" + name + "\",\"uid\":\"" + name
                + "\"},\"spec\":{\"volumes\":[{\"name\":\"v\",\"configMap\":{\"name\":\"" + configMap + "\"}}]}}").getAsJsonObject());
    }

    private void minutesLater(int minutes) {
        nanos += Duration.ofMinutes(minutes).toNanos();
        List<Runnable> due = new ArrayList<>(planned);
        planned.clear();
        due.forEach(Runnable::run);
    }

    private boolean has(String name) {
        return table.get("configmap", "default", name).isPresent();
    }

    @Test
    void findsEveryReferenceOfAPod() {
        JsonObject json = new JsonObject();
        json.add("spec", JsonParser.parseString(SPEC));
        assertEquals(Set.of("secret/ns/pull", "configmap/ns/vc", "secret/ns/vs", "configmap/ns/pc", "secret/ns/ps", "configmap/ns/ic",
                "configmap/ns/ec", "secret/ns/es", "secret/ns/fs"), References.of(new MetaObject("pod", "ns", "p", "u", "1", json)));
    }

    @Test
    void toleratesPodsOfAnyShape() {
        for (String spec : List.of("null", "[]", "7", "{\"volumes\":{}}", "{\"containers\":[null,7,{\"env\":7}]}")) {
            JsonObject json = new JsonObject();
            json.add("spec", JsonParser.parseString(spec));
            assertEquals(Set.of(), References.of(new MetaObject("pod", "ns", "p", "u", "1", json)), spec);
        }
    }

    @Test
    void dropsWhatNoPodRefersToAfterAWhileAndNothingElse() {
        put("configmap", "used");
        put("configmap", "unused");
        put("node", "n");
        pod("p", "used");
        references();
        minutesLater(59);
        assertTrue(has("unused"));
        minutesLater(1);
        assertFalse(has("unused"));
        assertTrue(has("used"));
        assertTrue(table.get("node", "default", "n").isPresent());
        assertTrue(planned.isEmpty(), "no timer when there is nothing to drop");
    }

    @Test
    void aCopyThatWasUnusedIsDoubtfulUntilTheCloudHasConfirmedIt() {
        put("configmap", "c");
        pod("p1", "c");
        References references = references();
        assertFalse(references.isDoubtful("configmap", "default", "c"));
        table.remove("pod", "default", "p1");
        assertTrue(references.isDoubtful("configmap", "default", "c"));
        pod("p2", "c");
        assertTrue(references.isDoubtful("configmap", "default", "c"));
        references.confirmed(table.get("configmap", "default", "c").orElseThrow());
        assertFalse(references.isDoubtful("configmap", "default", "c"));
        minutesLater(600);
        assertTrue(has("c"));
    }

    @Test
    void nothingIsDoubtfulAfterARestartWhenPodsReferToIt() {
        put("configmap", "a");
        put("configmap", "b");
        pod("p1", "a");
        pod("p2", "b");
        References references = references();
        assertFalse(references.isDoubtful("configmap", "default", "a"));
        assertFalse(references.isDoubtful("configmap", "default", "b"));
    }
}
