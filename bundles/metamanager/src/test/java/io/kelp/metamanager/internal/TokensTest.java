package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.metamanager.MetaException;
import io.kelp.testkit.Recording;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final String PATH = "default/serviceaccounttoken/robot";
    private static final Instant START = Instant.parse("2030-01-01T12:00:00Z");

    private final FakeLink link = new FakeLink();
    private final MemoryCollection.MemoryKeys keys = new MemoryCollection.MemoryKeys();
    private final Sealer sealer = new Sealer(keys);
    private final ObjectTable table = new ObjectTable(MemoryCollection.ofObjects(), Runnable::run, 100);
    private final CloudQueries queries = new CloudQueries(table, () -> Optional.of(link), Duration.ofSeconds(20), object -> { });
    private MemoryCollection<TokenRecord> disk = new MemoryCollection<>(new TokenRecord.Codec(sealer));
    private Instant now = START;
    private Tokens tokens = new Tokens(disk, table, queries, () -> now);

    private static JsonObject request(String pod, long seconds) {
        return JsonParser.parseString("{\"metadata\":{\"creationTimestamp\":null},\"spec\":{\"audiences\":null,\"expirationSeconds\":" + seconds
                + ",\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"p\",\"uid\":\"" + pod + "\"}},\"status\":{\"token\":\"\"}}")
                .getAsJsonObject();
    }

    private CompletableFuture<String> token() {
        return tokens.token("default", "robot", request("pod-1", 3600)).toCompletableFuture();
    }

    private void grant(String token, long seconds) {
        link.answer(PATH, link.asked.get(link.asked.size() - 1).respond(JsonParser.parseString(
                "{\"kind\":\"TokenRequest\",\"spec\":{\"expirationSeconds\":" + seconds + "},\"status\":{\"token\":\"" + token + "\"}}")));
    }

    private void refuse(String reason) {
        link.answer(PATH, link.asked.get(link.asked.size() - 1).respond(JsonParser.parseString(
                "{\"ErrStatus\":{\"reason\":\"" + reason + "\",\"message\":\"no\"}}")));
    }

    private String first() throws Exception {
        CompletableFuture<String> token = token();
        grant("t1", 3600);
        return token.get();
    }

    @Test
    void keepsATokenForEightyPercentOfItsLife() throws Exception {
        assertEquals("t1", first());
        now = START.plusSeconds(2879);
        assertEquals("t1", token().get());
        assertEquals(1, link.asked.size());
        now = START.plusSeconds(2880);
        CompletableFuture<String> next = token();
        grant("t2", 3600);
        assertEquals("t2", next.get());
    }

    @Test
    void keepsATokenNoLongerThanADay() throws Exception {
        CompletableFuture<String> token = tokens.token("default", "robot", request("pod-1", 1_000_000)).toCompletableFuture();
        grant("long", 1_000_000);
        token.get();
        now = START.plus(Duration.ofHours(24));
        tokens.token("default", "robot", request("pod-1", 1_000_000));
        assertEquals(2, link.asked.size());
    }

    @Test
    void asksAgainWhenTheClockWasSetBack() throws Exception {
        first();
        now = START.minus(Duration.ofDays(1825));
        token();
        assertEquals(2, link.asked.size());
    }

    @Test
    void givesTheOldTokenWhileTheCloudIsAwayEvenExpired() throws Exception {
        first();
        link.up = false;
        now = START.plus(Duration.ofDays(30));
        assertEquals("t1", token().get());
    }

    @Test
    void aRefusalLeavesAValidTokenButNotAnExpiredOne() throws Exception {
        first();
        now = START.plusSeconds(3000);
        CompletableFuture<String> still = token();
        refuse("Forbidden");
        assertEquals("t1", still.get());
        now = START.plusSeconds(3600);
        CompletableFuture<String> gone = token();
        refuse("Forbidden");
        MetaException e = (MetaException) assertThrows(ExecutionException.class, gone::get).getCause();
        assertEquals("Forbidden", e.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"status\":{\"token\":\"\"}}", "{\"status\":null}", "\"OK\"", "{\"status\":{\"token\":{}}}"})
    void doesNotTakeAnAnswerWithoutToken(String content) {
        CompletableFuture<String> token = token();
        link.answer(PATH, link.asked.get(0).respond(JsonParser.parseString(content)));
        assertThrows(ExecutionException.class, token::get);
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void survivesARestartAndIsNotReadableOnDisk() throws Exception {
        first();
        String stored = new String(disk.bytes.values().iterator().next(), StandardCharsets.UTF_8);
        assertFalse(stored.contains("t1"), stored);
        link.up = false;
        tokens = new Tokens(disk.reopened(new TokenRecord.Codec(new Sealer(keys))), table, queries, () -> now);
        assertEquals("t1", token().get());
    }

    @Test
    void asksAgainWhenTheKeyWasLost() throws Exception {
        first();
        tokens = new Tokens(disk.reopened(new TokenRecord.Codec(new Sealer(new MemoryCollection.MemoryKeys()))), table, queries, () -> now);
        CompletableFuture<String> token = token();
        grant("t9", 3600);
        assertEquals("t9", token.get());
    }

    @Test
    void goesWithItsPod() throws Exception {
        first();
        tokens.retain(Set.of("pod-1", "pod-2")).toCompletableFuture().get();
        assertEquals(1, disk.bytes.size());
        tokens.retain(Set.of("pod-2")).toCompletableFuture().get();
        assertTrue(disk.bytes.isEmpty());
    }

    @Test
    void isNotSharedBetweenPodsAccountsAndAudiences() throws Exception {
        first();
        tokens.token("default", "robot", request("pod-2", 3600));
        tokens.token("default", "other", request("pod-1", 3600));
        tokens.token("kube-system", "robot", request("pod-1", 3600));
        assertEquals(4, link.asked.size());
    }

    @Test
    void cannotBeMovedToAnotherRequest() throws Exception {
        first();
        byte[] bytes = disk.bytes.values().iterator().next();
        String moved = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\"id\":\"[0-9a-f]+\"", "\"id\":\"0000\"");
        assertEquals("", new TokenRecord.Codec(sealer).read(moved.getBytes(StandardCharsets.UTF_8)).token());
    }

    @ParameterizedTest
    @ValueSource(strings = {"03-pod/create", "03-pod/outage-and-resync"})
    void takesRecordedTokens(String file) throws Exception {
        Message question = null;
        for (JsonObject event : Recording.events(file)) {
            Message message = Recording.isChannelMessage(event) ? MessageCodec.decode(event.get("msg").toString()) : null;
            if (message == null || !message.resource().contains("/serviceaccounttoken/")) {
                continue;
            }
            if (message.operation().equals("query")) {
                question = message;
            } else if (question != null && message.parentId().equals(question.id())) {
                CompletableFuture<String> token = tokens.token("default", "default", question.content().getAsJsonObject()).toCompletableFuture();
                assertEquals(question.content(), link.asked.get(0).content());
                link.answer(message.resource(), message);
                assertTrue(token.get().startsWith("eyJ"));
                return;
            }
        }
        throw new AssertionError("no token in " + file);
    }
}
