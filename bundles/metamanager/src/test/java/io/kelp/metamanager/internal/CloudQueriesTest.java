package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.metamanager.MetaException;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.testkit.Recording;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudQueriesTest {

    private static final String PATH = "default/configmap/c";

    private final FakeLink link = new FakeLink();
    private final MemoryCollection<MetaCodec.Record> disk = MemoryCollection.ofObjects();
    private final ObjectTable table = new ObjectTable(disk, Runnable::run, 100);
    private final CloudQueries queries = new CloudQueries(table, () -> Optional.of(link), Duration.ofSeconds(20), object -> { });
    private final CloudObjects pushes = new CloudObjects(table, queries);

    private CompletableFuture<Optional<MetaObject>> fetch(boolean again) {
        return queries.fetch("configmap", "default", "c", again).toCompletableFuture();
    }

    private void answer(JsonElement content) {
        link.answer(PATH, link.asked.get(link.asked.size() - 1).respond(content));
    }

    private static JsonObject map(String uid, String version) {
        return JsonParser.parseString("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c\",\"namespace\":\"default\",\"uid\":\""
                + uid + "\",\"resourceVersion\":\"" + version + "\"},\"data\":{\"v\":\"" + version + "\"}}").getAsJsonObject();
    }

    private static MetaException failure(CompletableFuture<?> stage) {
        return (MetaException) assertThrows(ExecutionException.class, stage::get).getCause();
    }

    @Test
    void asksOnceForManyAndKeepsTheAnswer() throws Exception {
        CompletableFuture<Optional<MetaObject>> one = fetch(false);
        CompletableFuture<Optional<MetaObject>> two = fetch(false);
        answer(map("u", "5"));
        assertEquals("5", one.get().orElseThrow().resourceVersion());
        assertEquals("5", two.get().orElseThrow().resourceVersion());
        assertEquals("5", fetch(false).get().orElseThrow().resourceVersion());
        assertEquals(1, link.asked.size());
        assertEquals(1, disk.writes);
        Message question = link.asked.get(0);
        assertEquals("edged meta query " + PATH, question.source() + " " + question.group() + " " + question.operation() + " " + question.resource());
        assertEquals(JsonNull.INSTANCE, question.content());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"ErrStatus\":{\"status\":\"Failure\",\"message\":\"no\",\"reason\":\"Forbidden\",\"code\":403}} | Forbidden",
        "{\"ErrStatus\":{\"status\":\"Failure\"}} | Unknown",
        "{} | Unknown",
        "{\"kind\":\"ConfigMap\",\"metadata\":{\"creationTimestamp\":null}} | Unknown",
        "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"other\",\"namespace\":\"default\"}} | Unknown",
        "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\",\"namespace\":\"elsewhere\"}} | Unknown",
        "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"c\",\"namespace\":\"default\"}} | Unknown",
        "{\"Object\":null,\"Err\":{\"ErrStatus\":{\"reason\":\"InternalError\"}}} | InternalError",
        "\"OK\" | Unknown",
        "\"not json at all\" | Unknown",
        "[] | Unknown",
        "null | Unknown"})
    void refusesWhatIsNotTheObject(String content, String reason) {
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        answer(JsonParser.parseString(content));
        assertEquals(reason, failure(fetched).reason());
        assertTrue(table.all().isEmpty());
        assertEquals(0, disk.writes);
    }

    @Test
    void takesAnErrorMessageForARefusal() {
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        link.answer(PATH, link.asked.get(0).refuse("edgecontroller", "database on fire"));
        assertEquals("the cloud refused: database on fire", failure(fetched).getMessage());
    }

    @Test
    void anObjectThatDoesNotExistIsEmptyAndItsCopyGoes() throws Exception {
        table.put("configmap", "default", "c", map("u", "5"));
        CompletableFuture<Optional<MetaObject>> fetched = fetch(true);
        answer(JsonParser.parseString("{\"ErrStatus\":{\"reason\":\"NotFound\",\"message\":\"configmap \\\"c\\\" not found\",\"code\":404}}"));
        assertFalse(fetched.get().isPresent());
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void givesTheCopyWhenTheCloudCannotBeAskedOrRefuses() throws Exception {
        table.put("configmap", "default", "c", map("u", "5"));
        link.up = false;
        assertEquals("5", fetch(true).get().orElseThrow().resourceVersion());
        link.up = true;
        CompletableFuture<Optional<MetaObject>> fetched = fetch(true);
        link.silence(PATH);
        assertEquals("5", fetched.get().orElseThrow().resourceVersion());
        fetched = fetch(true);
        answer(new JsonObject());
        assertEquals("5", fetched.get().orElseThrow().resourceVersion());
    }

    @Test
    void saysUnavailableWithoutLinkAndAsksAgainNextTime() throws Exception {
        link.up = false;
        assertEquals(MetaException.UNAVAILABLE, failure(fetch(false)).reason());
        link.up = true;
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        answer(map("u", "5"));
        assertTrue(fetched.get().isPresent());
    }

    @Test
    void aPushThatOvertakesTheAnswerWins() throws Exception {
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        push("update", map("u", "6"));
        answer(map("u", "5"));
        assertEquals("6", fetched.get().orElseThrow().resourceVersion());
        assertEquals("6", table.get("configmap", "default", "c").orElseThrow().resourceVersion());
    }

    @Test
    void aDeletionThatOvertakesTheAnswerWins() throws Exception {
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        push("delete", map("u", "6"));
        answer(map("u", "5"));
        assertFalse(fetched.get().isPresent());
        assertTrue(table.all().isEmpty());
    }

    private void push(String operation, JsonObject object) {
        pushes.handle(Message.create("edgecontroller", "resource", operation, PATH, object)).toCompletableFuture().join();
    }

    @Test
    void aDiskThatRefusesFailsTheQuestion() {
        disk.broken = true;
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        answer(map("u", "5"));
        assertEquals("disk full", assertThrows(ExecutionException.class, fetched::get).getCause().getMessage());
    }

    /** Every question of a recorded stock edge, with the answer that a stock cloud gave. */
    @ParameterizedTest
    @ValueSource(strings = {"03-pod/create", "03-pod/missing-configmap"})
    void judgesRecordedAnswersOfAStockCloud(String file) throws Exception {
        Map<String, Message> questions = new HashMap<>();
        int judged = 0;
        for (JsonObject event : Recording.events(file)) {
            if (!Recording.isChannelMessage(event)) {
                continue;
            }
            Message message = MessageCodec.decode(event.get("msg").toString());
            String[] path = message.resource().split("/");
            boolean query = message.operation().equals("query") && path.length == 3 && (path[1].equals("configmap") || path[1].equals("secret"));
            if (query) {
                questions.put(message.id(), message);
            } else if (questions.containsKey(message.parentId())) {
                judged++;
                CompletableFuture<Optional<MetaObject>> fetched = queries.fetch(path[1], path[0], path[2], true).toCompletableFuture();
                assertEquals(questions.get(message.parentId()).content(), link.asked.get(link.asked.size() - 1).content());
                link.answer(message.resource(), message);
                boolean there = message.content().isJsonObject() && message.content().getAsJsonObject().has("data");
                assertEquals(there, fetched.get().isPresent(), message.resource());
            }
        }
        assertTrue(judged > 0);
    }

    @Test
    void answersAreAcceptedAsTextToo() throws Exception {
        CompletableFuture<Optional<MetaObject>> fetched = fetch(false);
        answer(new JsonPrimitive(map("u", "5").toString()));
        assertTrue(fetched.get().isPresent());
    }
}
