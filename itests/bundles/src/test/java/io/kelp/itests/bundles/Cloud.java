package io.kelp.itests.bundles;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.FakeConnection;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A cloud with a few objects. It pushes them when they are set, when a gateway connects and, if it
 * is Kelp's, when an inventory lacks them; and it knows which ones were acknowledged.
 */
final class Cloud implements AutoCloseable {

    private record Push(String source, String resource, JsonObject object) {
        String version() {
            return object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
        }
    }

    private final TestAuthority authority = new TestAuthority(Instant.now().minusSeconds(86_400), Instant.now().plusSeconds(86_400_000));
    private final FakeCloud fake = new FakeCloud(authority);
    private final Map<String, Push> objects = new ConcurrentHashMap<>(); // by resource
    private final Set<Push> gone = ConcurrentHashMap.newKeySet();
    private final Map<String, Push> sent = new ConcurrentHashMap<>(); // by message id
    private final Set<Push> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<String, JsonObject> points = new ConcurrentHashMap<>(); // contents by id of the question
    private volatile FakeConnection gateway;

    Cloud(boolean kelp) throws IOException {
        fake.kelp = kelp;
        fake.onConnect = connection -> gateway = connection;
        fake.onMessage = this::received;
    }

    int port() {
        return fake.hubPort();
    }

    /** Does what {@code kelp join} does, with files alone. */
    void join(Path data, Path etc) throws IOException, GeneralSecurityException {
        Path certs = Files.createDirectories(data.resolve("certs"));
        KeyPair keys = TestAuthority.newKeyPair();
        Files.writeString(certs.resolve("edge.key"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Files.writeString(certs.resolve("edge.crt"), pem("CERTIFICATE", authority.edge("edge-a", keys.getPublic(),
                Instant.now().minusSeconds(86_400), Instant.now().plusSeconds(8_640_000)).getEncoded()));
        Files.writeString(certs.resolve("ca.crt"), pem("CERTIFICATE", authority.certificate().getEncoded()));
        Path settings = etc.resolve("io.kelp.edgehub.json");
        Path fresh = Files.writeString(etc.resolve(".io.kelp.edgehub.json.new"), "{\"cloud\": \"127.0.0.1\", \"hubPort\": "
                + fake.hubPort() + ", \"joinPort\": " + fake.joinPort() + ", \"nodeName\": \"edge-a\"}");
        Files.move(fresh, settings, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    void set(String source, String resource, String object) {
        Push push = new Push(source, resource, JsonParser.parseString(object.replace('\'', '"')).getAsJsonObject());
        objects.put(resource, push);
        push(push);
    }

    /** The object is gone in the cloud, and the gateway is told: now, or when it has connected and shown what it has. */
    void delete(String resource) {
        Push push = objects.remove(resource);
        if (push != null) {
            gone.add(push);
            send(UUID.randomUUID().toString(), push, "delete");
        }
    }

    /** Asks a Kelp gateway for the history of a property in all of time. */
    void askHistory(String id, String device, String property) throws IOException {
        gateway.send("{'header':{'msg_id':'%s','timestamp':%d},'route':{'source':'kelp','group':'device','operation':'history','resource':'%s'},'content':{'id':'%s','property':'%s','from':0,'to':%d,'most':100}}\n"
                .formatted(UUID.randomUUID(), System.currentTimeMillis(), device, id, property, System.currentTimeMillis() + 1000).replace('\'', '"'));
    }

    /** What the gateway has answered to a question about history, null before. */
    JsonObject points(String id) {
        return points.get(id);
    }

    /** Sends again what is not acknowledged, as a stock cloud does when its ObjectSync differs. */
    void repeat() {
        for (Push push : objects.values()) {
            if (!acknowledged.contains(push)) {
                push(push);
            }
        }
    }

    boolean acknowledged(String resource) {
        return acknowledged.contains(objects.get(resource));
    }

    private void push(Push push) {
        String id = UUID.randomUUID().toString();
        sent.put(id, push);
        send(id, push, "update");
    }

    private void send(String id, Push push, String operation) {
        FakeConnection open = gateway;
        if (open != null) {
            try {
                open.send(message(id, push, operation));
            } catch (IOException e) {
                gateway = null; // it is away; what it missed is sent when it asks, or again
            }
        }
    }

    private static String message(String id, Push push, String operation) {
        return "{\"header\":{\"msg_id\":\"" + id + "\",\"timestamp\":" + System.currentTimeMillis() + ",\"resourceversion\":\""
                + push.version() + "\"},\"route\":{\"source\":\"" + push.source() + "\",\"group\":\"resource\",\"operation\":\"" + operation
                + "\",\"resource\":\"" + push.resource() + "\"},\"content\":" + push.object() + "}\n";
    }

    private void received(FakeConnection from, String text) {
        JsonObject message = JsonParser.parseString(text).getAsJsonObject();
        JsonElement parent = message.getAsJsonObject("header").get("parent_msg_id");
        JsonObject route = message.getAsJsonObject("route");
        String operation = route.get("operation").getAsString();
        if (operation.equals("response") && parent != null && sent.containsKey(parent.getAsString())) {
            acknowledged.add(sent.get(parent.getAsString()));
        } else if (operation.equals("inventory")) {
            repair(message.getAsJsonObject("content").getAsJsonArray("items"));
        } else if (operation.equals("points")) {
            JsonObject content = message.getAsJsonObject("content");
            points.put(content.get("id").getAsString(), content);
        }
    }

    private void repair(JsonArray items) {
        Map<String, String> has = new HashMap<>(); // versions by UID
        items.forEach(item -> has.put(item.getAsJsonObject().get("uid").getAsString(), item.getAsJsonObject().get("resourceVersion").getAsString()));
        for (Push push : objects.values()) {
            if (!push.version().equals(has.get(uid(push)))) {
                push(push);
            }
        }
        for (Push push : gone) {
            if (has.containsKey(uid(push))) {
                send(UUID.randomUUID().toString(), push, "delete");
            }
        }
    }

    private static String uid(Push push) {
        return push.object().getAsJsonObject("metadata").get("uid").getAsString();
    }

    @Override
    public void close() throws IOException {
        fake.close();
    }
}
