package io.kelp.edged.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edgehub.internal.EdgeHub;
import io.kelp.edgehub.internal.HubSettings;
import io.kelp.edgehub.internal.link.LinkSettings;
import io.kelp.edgehub.internal.pki.CertificateRequest;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.metamanager.internal.MetaConfig;
import io.kelp.metamanager.internal.MetaManager;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.util.converter.Converters;

/** Hub, meta manager and edged of one gateway, put together as the framework does, against a fake cloud. */
public final class Gateway implements AutoCloseable {

    public static final Instant FROM = Instant.now().minusSeconds(86400);
    public static final Instant TO = Instant.now().plusSeconds(86400L * 300);

    public final FakeCloud cloud;
    public final EdgeHub hub;
    public final MetaManager objects;
    final List<WorkloadRuntime> runtimes = new CopyOnWriteArrayList<>();
    final NodeAgent agent;

    Gateway(Path data, String node, Map<String, Object> settings) throws IOException {
        this(data, node, settings, new MemoryStore(), new TestAuthority(FROM, TO), InstantSource.system());
    }

    public Gateway(Path data, String node, Map<String, Object> settings, Store store, TestAuthority authority, InstantSource clock)
            throws IOException {
        cloud = new FakeCloud(authority);
        KeyPair keys = CertificateRequest.newKeyPair();
        new IdentityFiles(data.resolve("certs")).create(
                new Identity(authority.certificate(), authority.edge(node, keys.getPublic(), FROM, TO), keys.getPrivate()));
        LinkSettings s = LinkSettings.defaults();
        LinkSettings quick = new LinkSettings(s.keepAlive(), s.ping(), s.pongDeadline(), s.writeDeadline(), s.dialDeadline(),
                Duration.ofMillis(100), s.drainTime(), Duration.ofMillis(100), Duration.ofMillis(500), s.outboxMessages(),
                s.outboxCharacters(), s.stockRate(), s.stockBurst(), s.kelpRate(), s.kelpBurst());
        hub = new EdgeHub(new HubSettings("127.0.0.1", cloud.hubPort(), cloud.joinPort(), node, "lo", 4_194_304,
                Duration.ofSeconds(60), quick), data, clock);
        objects = new MetaManager(Converters.standardConverter().convert(Map.of()).to(MetaConfig.class), data, store);
        objects.bind(hub);
        NodeConfig config = Converters.standardConverter().convert(settings).to(NodeConfig.class);
        agent = new NodeAgent(hub, hub, hub, objects, new Machine(Path.of("/"), data), NodeSettings.of(config), "0.1.0", new Pressure(),
                () -> List.copyOf(runtimes));
        hub.add(objects, 0);
        hub.add(agent, 0);
    }

    @Override
    public void close() throws IOException {
        agent.close();
        hub.close();
        cloud.close();
    }

    /** The events of a recording that carry a message. */
    public static List<JsonObject> recording(String file) throws IOException {
        List<JsonObject> events = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Gateway.class.getResourceAsStream("/vectors/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("msg")) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    /** Collections in memory. */
    static final class MemoryStore implements Store {

        @Override
        public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
            Map<String, T> records = new ConcurrentSkipListMap<>();
            return new RecordCollection<>() {
                @Override
                public Optional<T> get(String key) {
                    return Optional.ofNullable(records.get(key));
                }

                @Override
                public Map<String, T> snapshot() {
                    return new TreeMap<>(records);
                }

                @Override
                public CompletionStage<Void> put(String key, T record) {
                    records.put(key, record);
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public CompletionStage<Void> remove(String key) {
                    records.remove(key);
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public CompletionStage<Void> apply(Map<String, T> changes) {
                    records.putAll(changes);
                    return CompletableFuture.completedFuture(null);
                }
            };
        }

        @Override
        public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
            throw new UnsupportedOperationException("no bundle of these tests has a ring");
        }
    }
}
