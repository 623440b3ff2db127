package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edgehub.CloudMessageHandler.StoredObject;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudObjectsTest {

    private final MemoryCollection<MetaCodec.Record> disk = MemoryCollection.ofObjects();
    private ObjectTable table = new ObjectTable(disk, Runnable::run, 10);
    private CloudObjects objects = objects(table);

    private static CloudObjects objects(ObjectTable table) {
        return new CloudObjects(table, new CloudQueries(table, java.util.Optional::empty, java.time.Duration.ofSeconds(1), object -> { }));
    }

    private void push(String operation, String resource, JsonElement content) {
        Message message = Message.create("edgecontroller", "resource", operation, resource, content);
        assertTrue(objects.claims(message), resource);
        objects.handle(message).toCompletableFuture().join();
    }

    private static JsonObject pod(String uid, String version) {
        return JsonParser.parseString("{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\",\"namespace\":\"default\",\"uid\":\""
                + uid + "\",\"resourceVersion\":\"" + version + "\"}}").getAsJsonObject();
    }

    private MetaObject stored() {
        return table.get("pod", "default", "web").orElseThrow();
    }

    @Test
    void keepsWhatIsPushedAcrossARestart() {
        push("insert", "default/pod/web", pod("u1", "5"));
        table = new ObjectTable(disk, Runnable::run, 10);
        assertEquals("5", stored().resourceVersion());
        assertEquals(pod("u1", "5"), stored().json());
        assertEquals(List.of(new StoredObject("v1", "pod", "default", "web", "u1", "5")), objects(table).inventory());
    }

    @Test
    void anAnswerAboutAnObjectDoesNotBringItBackWhileItIsBeingRemoved() {
        push("insert", "default/pod/web", pod("u1", "5"));
        MetaObject before = stored();
        disk.slow();
        var deleted = objects.handle(Message.create("edgecontroller", "resource", "delete", "default/pod/web", pod("u1", "6"))).toCompletableFuture();
        assertFalse(deleted.isDone());
        var replaced = table.replace(before, pod("u1", "6")).toCompletableFuture();
        disk.flush();
        assertTrue(deleted.isDone());
        assertFalse(replaced.join());
        assertTrue(table.get("pod", "default", "web").isEmpty());
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void anObjectThatIsNotWhatItWasIsNotReplaced() {
        push("insert", "default/pod/web", pod("u1", "5"));
        MetaObject before = stored();
        push("update", "default/pod/web", pod("u1", "7"));
        assertFalse(table.replace(before, pod("u1", "6")).toCompletableFuture().join());
        assertEquals("7", stored().resourceVersion());
        assertTrue(table.replace(stored(), pod("u1", "8")).toCompletableFuture().join());
        assertEquals("8", stored().resourceVersion());
    }

    @Test
    void whatComesBackWhileItIsBeingRemovedStays() {
        push("insert", "default/pod/web", pod("u1", "5"));
        disk.slow();
        var all = List.of("delete", "insert", "update", "delete", "insert").stream()
                .map(each -> objects.handle(Message.create("edgecontroller", "resource", each, "default/pod/web", pod("u1", "5"))).toCompletableFuture())
                .toList();
        assertTrue(all.stream().noneMatch(java.util.concurrent.Future::isDone), "nothing is acknowledged before it is durable");
        disk.flush();
        assertTrue(all.stream().allMatch(java.util.concurrent.Future::isDone));
        assertEquals("5", stored().resourceVersion());
        assertFalse(disk.bytes.isEmpty());
    }

    @Test
    void keepsNoManagedFields() {
        JsonObject pushed = pod("u1", "5");
        pushed.getAsJsonObject("metadata").add("managedFields", new com.google.gson.JsonArray());
        push("insert", "default/pod/web", pushed);
        assertEquals(pod("u1", "5"), stored().json());
        assertTrue(pushed.getAsJsonObject("metadata").has("managedFields"), "the message is not changed");
    }

    @Test
    void doesNotWriteWhatIsStoredAlready() {
        push("insert", "default/pod/web", pod("u1", "5"));
        push("update", "default/pod/web", pod("u1", "5"));
        assertEquals(1, disk.writes);
    }

    @ParameterizedTest
    @CsvSource({"u1,6", "u1,4", "u2,1"})
    void acceptsWhateverTheCloudPushesNext(String uid, String version) {
        push("insert", "default/pod/web", pod("u1", "5"));
        push("update", "default/pod/web", pod(uid, version));
        assertEquals(uid + version, stored().uid() + stored().resourceVersion());
    }

    @Test
    void ignoresTheDeletionOfAnObjectThatHasASuccessor() {
        push("insert", "default/pod/web", pod("u2", "9"));
        push("delete", "default/pod/web", JsonParser.parseString("{\"metadata\":{\"name\":\"web\",\"uid\":\"u1\"}}"));
        assertEquals("u2", stored().uid());
        push("delete", "default/pod/web", JsonParser.parseString("{\"metadata\":{\"name\":\"web\",\"uid\":\"u2\"}}"));
        assertTrue(table.get("pod", "default", "web").isEmpty());
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void deletesByNameWhenTheCloudGivesNoUid() {
        push("insert", "default/pod/web", pod("u2", "9"));
        push("delete", "default/pod/web", JsonNull.INSTANCE);
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void fillsInKindAndVersionThatAResentObjectLacks() {
        push("insert", "default/pod/web", pod("u1", "5"));
        JsonObject bare = pod("u1", "6");
        bare.remove("kind");
        bare.remove("apiVersion");
        push("update", "default/pod/web", bare);
        assertEquals(pod("u1", "6").get("kind"), stored().json().get("kind"));
    }

    @Test
    void aWriteThatFailsLeavesTheOldObject() {
        push("insert", "default/pod/web", pod("u1", "5"));
        disk.broken = true;
        assertThrows(CompletionException.class, () -> push("update", "default/pod/web", pod("u1", "6")));
        assertEquals("5", stored().resourceVersion());
    }

    @Test
    void refusesMoreObjectsThanItMayKeep() {
        for (int i = 0; i < 10; i++) {
            push("insert", "default/configmap/c" + i, new JsonObject());
        }
        push("update", "default/configmap/c9", new JsonObject());
        assertThrows(CompletionException.class, () -> push("insert", "default/configmap/c10", new JsonObject()));
    }

    @Test
    void refusesAnObjectUnderThePathOfAnother() {
        assertThrows(CompletionException.class, () -> push("insert", "default/pod/other", pod("u1", "5")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"default/device/d", "default/devicemodel/m", "../pod/x", "default/pod/..", "default/pod", "a/b/c/d", "pod", "//x"})
    void leavesToOthersWhatIsNotItsOwn(String resource) {
        assertFalse(objects.claims(Message.create("edgecontroller", "resource", "insert", resource, new JsonObject())));
    }

    @Test
    void tellsWatchersOfWhatIsThereAndOfEachChange() throws Exception {
        push("insert", "default/pod/web", pod("u1", "5"));
        List<String> told = new ArrayList<>();
        AutoCloseable watch = table.watch("pod", new MetaStore.Listener() {
            @Override
            public void changed(MetaObject object) {
                told.add("+" + object.uid() + object.resourceVersion());
            }

            @Override
            public void removed(MetaObject last) {
                told.add("-" + last.uid());
            }
        });
        push("update", "default/pod/web", pod("u1", "6"));
        push("update", "default/pod/web", pod("u2", "7"));
        push("insert", "default/configmap/c", new JsonObject());
        push("delete", "default/pod/web", pod("u2", "7"));
        watch.close();
        push("insert", "default/pod/web", pod("u3", "8"));
        assertEquals(List.of("+u15", "+u16", "-u1", "+u27", "-u2"), told);
    }

    /** Every recorded push that a stock meta manager takes is taken, and what stays at the end is what was pushed last. */
    @ParameterizedTest
    @ValueSource(strings = {"02-node/registration-and-status", "02-node/second-start-already-registered", "03-pod/create",
        "03-pod/update", "03-pod/delete", "03-pod/delete-2", "03-pod/outage-and-resync", "03-pod/missing-configmap"})
    void takesWhatAStockCloudWasSeenToPush(String file) throws Exception {
        int pushes = 0;
        for (Message message : recorded(file)) {
            if (!message.isAnswer() && objects.claims(message)) {
                pushes++;
                objects.handle(message).toCompletableFuture().join();
                String[] path = message.resource().split("/");
                assertEquals("delete".equals(message.operation()), table.get(path[1], path[0], path[2]).isEmpty(), message.resource());
            }
        }
        assertTrue(pushes > 0);
    }

    private static List<Message> recorded(String file) throws IOException {
        List<Message> messages = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                CloudObjectsTest.class.getResourceAsStream("/vectors/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("msg") && event.get("dir").getAsString().equals("cloud->edge")) {
                    messages.add(MessageCodec.decode(event.get("msg").toString()));
                }
            }
        } catch (io.kelp.message.MalformedMessageException e) {
            throw new IOException(e);
        }
        return messages;
    }
}
