package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.control.ControlCommand.Result;
import io.kelp.message.Message;
import io.kelp.metamanager.internal.KeyProvider.KeyRing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealingTest {

    @TempDir
    Path folder;

    private Sealer sealer() {
        return new Sealer(new KeyFile(folder.resolve("keys/metamanager.key")));
    }

    private static JsonObject secret(String name, String value) {
        return JsonParser.parseString("{\"kind\":\"Secret\",\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"default\",\"uid\":\"u-" + name
                + "\",\"resourceVersion\":\"5\"},\"data\":{\"p\":\"" + value + "\"}}").getAsJsonObject();
    }

    private static ObjectTable table(MemoryCollection<MetaCodec.Record> disk) {
        return new ObjectTable(disk, Runnable::run, 100);
    }

    private MemoryCollection<MetaCodec.Record> withSecrets(String... names) {
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer()));
        for (String name : names) {
            table(disk).put("secret", "default", name, secret(name, "czNjcmV0")).toCompletableFuture().join();
        }
        return disk;
    }

    @Test
    void secretsAreUnreadableOnDiskAndComeBackAfterARestart() {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("s");
        String stored = new String(disk.bytes.get("secret/default/s"), StandardCharsets.UTF_8);
        assertFalse(stored.contains("czNjcmV0") || stored.contains("u-s") || stored.contains("\"data\":{"), stored);
        ObjectTable again = table(disk.reopened(new MetaCodec(sealer())));
        assertEquals(secret("s", "czNjcmV0"), again.get("secret", "default", "s").orElseThrow().json());
        assertTrue(again.locked().isEmpty());
    }

    @Test
    void otherObjectsStayReadable() {
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer()));
        table(disk).put("configmap", "default", "c", secret("c", "plain"));
        assertTrue(new String(disk.bytes.get("configmap/default/c"), StandardCharsets.UTF_8).contains("plain"));
    }

    @Test
    void theSameSecretNeverLooksTheSame() throws Exception {
        Sealer sealer = sealer();
        assertFalse(sealer.seal("p", secret("s", "x")).equals(sealer.seal("p", secret("s", "x"))));
    }

    @Test
    void theKeyFileIsPrivateAndKept() throws Exception {
        String id = sealer().keyId();
        Path file = folder.resolve("keys/metamanager.key");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        assertEquals(id, sealer().keyId());
        try (Stream<Path> all = Files.list(file.getParent())) {
            assertEquals(List.of(file), all.toList());
        }
    }

    @Test
    void aLostKeySetsSecretsAsideUntilTheCloudSendsThemAgain() throws Exception {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("a", "b");
        table(disk).put("configmap", "default", "c", new JsonObject());
        Files.delete(folder.resolve("keys/metamanager.key"));
        MemoryCollection<MetaCodec.Record> reopened = disk.reopened(new MetaCodec(sealer()));
        ObjectTable table = table(reopened);
        assertEquals(2, table.locked().size());
        assertTrue(table.get("secret", "default", "a").isEmpty());
        CloudObjects cloud = new CloudObjects(table, new CloudQueries(table, Optional::empty, Duration.ofSeconds(1), object -> { }));
        assertTrue(cloud.inventory().stream().noneMatch(o -> o.type().equals("secret")), "the cloud must not believe that they are here");
        KeyReport report = report(sealer(), table);
        assertEquals("SECRETS-LOCKED", report.problems().get(0).code());

        table.put("secret", "default", "a", secret("a", "new"));
        cloud.handle(Message.create("edgecontroller", "resource", "delete", "default/secret/b", secret("b", "x"))).toCompletableFuture().join();
        assertTrue(table.locked().isEmpty());
        assertTrue(report.problems().isEmpty());
        assertTrue(table(reopened.reopened(new MetaCodec(sealer()))).get("secret", "default", "a").isPresent());
    }

    @Test
    void aKeyThatComesBackOpensWhatWasSetAside() throws Exception {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("a");
        Path file = folder.resolve("keys/metamanager.key");
        byte[] backup = Files.readAllBytes(file);
        Files.writeString(file, "garbage");
        assertEquals(1, table(disk.reopened(new MetaCodec(sealer()))).locked().size());
        try (Stream<Path> all = Files.list(file.getParent())) {
            assertEquals(1, all.filter(p -> p.toString().contains(".damaged-")).count());
        }
        Files.write(file, backup);
        assertTrue(table(disk.reopened(new MetaCodec(sealer()))).get("secret", "default", "a").isPresent());
    }

    @Test
    void aRecordCannotBePassedOffAsAnother() throws Exception {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("admin", "guest");
        byte[] admin = disk.bytes.get("secret/default/admin");
        disk.bytes.put("secret/default/guest", admin); // the row moved
        ObjectTable table = table(disk.reopened(new MetaCodec(sealer())));
        assertTrue(table.get("secret", "default", "guest").isEmpty());
        assertEquals(1, table.locked().size());

        disk.bytes.put("secret/default/guest", new String(admin, StandardCharsets.UTF_8) // the row moved and its label changed
                .replace("\"name\":\"admin\"", "\"name\":\"guest\"").getBytes(StandardCharsets.UTF_8));
        table = table(disk.reopened(new MetaCodec(sealer())));
        assertTrue(table.get("secret", "default", "guest").isEmpty());
        assertTrue(table.locked().containsKey("secret/default/guest"));
    }

    @Test
    void noChangedByteIsAccepted() throws Exception {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("s");
        byte[] good = disk.bytes.get("secret/default/s");
        MetaCodec codec = new MetaCodec(sealer());
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                MetaCodec.Record read = codec.read(bad);
                boolean whole = read.locked().isEmpty() && read.object().json().equals(secret("s", "czNjcmV0"))
                        && read.object().name().equals("s"); // a bit that base64 or JSON does not carry
                assertTrue(whole || !read.locked().isEmpty() || read.object().json().size() == 0, new String(bad, StandardCharsets.UTF_8));
            } catch (IOException e) {
                assertFalse(e.getMessage().contains("czNjcmV0"));
            }
        }
    }

    @Test
    void secretsOfAnEarlierVersionAreSealedAtTheFirstStart() {
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer()));
        disk.bytes.put("secret/default/s", ("{\"type\":\"secret\",\"namespace\":\"default\",\"name\":\"s\",\"object\":" + secret("s", "b2xk") + "}")
                .getBytes(StandardCharsets.UTF_8));
        assertTrue(table(disk).get("secret", "default", "s").isPresent());
        assertFalse(new String(disk.bytes.get("secret/default/s"), StandardCharsets.UTF_8).contains("b2xk"));
        assertTrue(table(disk.reopened(new MetaCodec(sealer()))).get("secret", "default", "s").isPresent());
    }

    @Test
    void aSecretInTheClearIsRefusedOnceAllWereSealed() throws Exception {
        MemoryCollection<MetaCodec.Record> disk = withSecrets("s");
        Sealer sealer = sealer();
        sealer.refuseClear();
        byte[] forged = ("{\"type\":\"secret\",\"namespace\":\"default\",\"name\":\"s\",\"object\":" + secret("s", "Zm9yZ2Vk") + "}")
                .getBytes(StandardCharsets.UTF_8);
        disk.bytes.put("secret/default/s", forged);
        for (Sealer each : List.of(sealer, sealer())) { // at once and after a restart
            ObjectTable table = table(disk.reopened(new MetaCodec(each)));
            assertTrue(table.get("secret", "default", "s").isEmpty());
            assertTrue(table.locked().get("secret/default/s").contains("in the clear"), table.locked().toString());
        }
        sealer.addKey();
        sealer.dropOldKeys();
        assertTrue(sealer().refusesClear(), "a rotation must not open the door again");
    }

    @Test
    void theStoreSaysWhenAllIsSealed() {
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer()));
        disk.bytes.put("secret/default/s", ("{\"type\":\"secret\",\"namespace\":\"default\",\"name\":\"s\",\"object\":" + secret("s", "b2xk") + "}")
                .getBytes(StandardCharsets.UTF_8));
        disk.broken = true;
        assertTrue(table(disk).sealed().toCompletableFuture().isCompletedExceptionally(), "one is still in the clear");
        disk.broken = false;
        assertFalse(table(disk).sealed().toCompletableFuture().isCompletedExceptionally());
    }

    @Test
    void rotationSealsEverythingWithANewKeyAndForgetsTheOld() throws Exception {
        Sealer sealer = sealer();
        String before = sealer.keyId();
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer));
        ObjectTable table = table(disk);
        table.put("secret", "default", "s", secret("s", "x"));
        MemoryCollection<TokenRecord> tokenDisk = new MemoryCollection<>(new TokenRecord.Codec(sealer));
        tokenDisk.put("t", new TokenRecord("t", "pod", Instant.EPOCH, Duration.ofHours(1), "token"));
        Tokens tokens = new Tokens(tokenDisk, table, null, () -> Instant.EPOCH);

        Result result = new KeyReport(sealer, table, tokens).run(List.of("rotate-key"));
        assertEquals(0, result.exitCode(), result.lines().toString());
        assertFalse(Files.readString(folder.resolve("keys/metamanager.key")).contains(before));
        assertTrue(table(disk.reopened(new MetaCodec(sealer()))).locked().isEmpty());
        assertEquals("token", tokenDisk.reopened(new TokenRecord.Codec(sealer())).get("t").orElseThrow().token());
    }

    @Test
    void aRotationThatTheDiskRefusesLosesNothing() throws Exception {
        Sealer sealer = sealer();
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer));
        ObjectTable table = table(disk);
        table.put("secret", "default", "s", secret("s", "x"));
        disk.broken = true;
        Result result = new KeyReport(sealer, table, new Tokens(new MemoryCollection<>(new TokenRecord.Codec(sealer)), table, null, Instant::now))
                .run(List.of("rotate-key"));
        assertEquals(1, result.exitCode());
        assertTrue(table(disk.reopened(new MetaCodec(sealer()))).get("secret", "default", "s").isPresent());
    }

    @Test
    void withoutAKeySecretsAreRefusedNotStoredInTheClear() {
        Sealer sealer = new Sealer(new KeyProvider() {
            @Override
            public String where() {
                return "nowhere";
            }

            @Override
            public KeyRing load() throws IOException {
                throw new IOException("read-only file system");
            }

            @Override
            public void save(KeyRing ring) throws IOException {
                throw new IOException("read-only file system");
            }
        });
        MemoryCollection<MetaCodec.Record> disk = new MemoryCollection<>(new MetaCodec(sealer));
        ObjectTable table = table(disk);
        var e = assertThrows(CompletionException.class, () -> table.put("secret", "default", "s", secret("s", "x")).toCompletableFuture().join());
        assertTrue(e.getCause().getMessage().contains("nothing secret is stored"), e.getCause().getMessage());
        assertTrue(disk.bytes.isEmpty());
        assertEquals("SECRETS-KEY", report(sealer, table).problems().get(0).code());
    }

    private static KeyReport report(Sealer sealer, ObjectTable table) {
        return new KeyReport(sealer, table, new Tokens(new MemoryCollection<>(new TokenRecord.Codec(sealer)), table, null, Instant::now));
    }

    @Test
    void everyLengthOfContentComesBack() throws Exception {
        Sealer sealer = sealer();
        Map<Integer, JsonObject> sealed = new HashMap<>();
        for (int length = 0; length < 70; length++) {
            sealed.put(length, sealer.seal("p" + length, secret("s", "x".repeat(length))));
        }
        for (int length = 0; length < 70; length++) {
            assertArrayEquals(secret("s", "x".repeat(length)).toString().getBytes(StandardCharsets.UTF_8),
                    sealer.open("p" + length, sealed.get(length)).toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
