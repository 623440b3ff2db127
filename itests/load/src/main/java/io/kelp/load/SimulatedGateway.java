package io.kelp.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A gateway of the fleet tool: joins, connects, registers its Node, renews its Lease, acknowledges
 * what it is sent and reports values, in the protocol of a stock edge or of a Kelp gateway, which
 * offers a window and answers the cloud's hello with an inventory. It stores nothing.
 *
 * <p>Safe for use by several threads once it is connected.
 */
public final class SimulatedGateway implements WebSocket.Listener, AutoCloseable {

    private static final int KEPT = 50;

    private static final String KELP = "kelp";
    private static final String PROJECT = "e632aba927ea4ac2b575ec1603d56f10";

    private final String node;
    private final boolean kelp;
    private final Executor executor;
    private final AtomicLong received = new AtomicLong();
    private final Queue<Message> newest = new ConcurrentLinkedQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private WebSocket socket;
    private CompletableFuture<WebSocket> sending;

    /** What a gateway shows when it connects. */
    public record Identity(byte[] ca, PrivateKey key, Certificate certificate) {}

    /** Speaks as a stock edge. */
    public SimulatedGateway(String node, Executor executor) {
        this(node, executor, false);
    }

    /** @param kelp speaks as a Kelp gateway, not as a stock edge */
    public SimulatedGateway(String node, Executor executor, boolean kelp) {
        this.node = node;
        this.executor = executor;
        this.kelp = kelp;
    }

    public String node() {
        return node;
    }

    public long received() {
        return received.get();
    }

    /** Completes with the reason when the cloud has ended the link. */
    public CompletableFuture<String> ended() {
        return ended;
    }

    /** The last messages that came, oldest first; at most {@value #KEPT}. */
    public List<Message> newest() {
        return List.copyOf(newest);
    }

    /** Joins with a token and connects. */
    public SimulatedGateway connect(String token, int joinPort, int hubPort) throws IOException, GeneralSecurityException, InterruptedException {
        Identity identity = join(token, joinPort);
        return connect(identity.ca(), identity.key(), identity.certificate(), hubPort);
    }

    /** Gets a certificate with a token. */
    public Identity join(String token, int joinPort) throws IOException, GeneralSecurityException, InterruptedException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        byte[] ca = Certificates.ca(joinPort);
        HttpClient joining = HttpClient.newBuilder().executor(executor).sslContext(Tls.trusting(ca)).build();
        HttpResponse<byte[]> signed = joining.send(HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + joinPort + "/edge.crt"))
                .header("Authorization", "Bearer " + token.substring(token.indexOf('.') + 1)).header("NodeName", node)
                .method("GET", HttpRequest.BodyPublishers.ofByteArray(request(pair))).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (signed.statusCode() != 200) {
            throw new IOException("join of " + node + ": " + signed.statusCode() + " " + new String(signed.body(), StandardCharsets.UTF_8));
        }
        Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed.body()));
        return new Identity(ca, pair.getPrivate(), certificate);
    }

    private byte[] request(KeyPair pair) throws IOException {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=system:node:" + node + ", O=system:nodes"), pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())).getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Connects with a certificate that it has already. */
    public SimulatedGateway connect(byte[] ca, PrivateKey key, Certificate certificate, int hubPort)
            throws IOException, GeneralSecurityException {
        HttpClient client = HttpClient.newBuilder().executor(executor).sslContext(Tls.mutual(ca, key, certificate)).build();
        WebSocket.Builder builder = client.newWebSocketBuilder().header("node_id", node).header("project_id", PROJECT)
                .header("ConnectionUse", "msg").connectTimeout(Duration.ofSeconds(30));
        if (kelp) {
            builder.header("Kelp-Protocol", "1; window=32");
        }
        // Messages may come before the socket is known here: what answers them waits for it.
        CompletableFuture<WebSocket> opening = new CompletableFuture<>();
        sending = opening;
        socket = builder.buildAsync(URI.create("wss://127.0.0.1:" + hubPort + "/" + PROJECT + "/" + node + "/events"), this).join();
        opening.complete(socket);
        keepAlive();
        return this;
    }

    /** Registers the Node and goes on with keep-alive every 15 s and Lease every 10 s. */
    public void live(ScheduledExecutorService clock) {
        send(Message.create("edged", "meta", "insert", "null/node/" + node, registration()));
        send(Message.create("edged", "meta", "insert", "kube-node-lease/lease/" + node, lease()));
        clock.scheduleAtFixedRate(this::keepAlive, 15, 15, TimeUnit.SECONDS);
        clock.scheduleAtFixedRate(() -> send(Message.create("edged", "meta", "update", "kube-node-lease/lease/" + node, lease())),
                10, 10, TimeUnit.SECONDS);
    }

    private JsonObject registration() {
        JsonObject labels = new JsonObject();
        labels.addProperty("node-role.kubernetes.io/edge", "");
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", node);
        metadata.add("labels", labels);
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        object.add("spec", new JsonObject());
        return object;
    }

    private JsonObject lease() {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", node);
        metadata.addProperty("namespace", "kube-node-lease");
        JsonObject spec = new JsonObject();
        spec.addProperty("holderIdentity", node);
        spec.addProperty("leaseDurationSeconds", 40);
        spec.addProperty("renewTime", Instant.now().truncatedTo(ChronoUnit.MICROS).toString().replaceFirst("(\\.\\d+)?Z$", ".000000Z"));
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        object.add("spec", spec);
        return object;
    }

    private void keepAlive() {
        send(Message.create("websocket", "resource", "keepalive", "node", new JsonPrimitive("ping")));
    }

    /** Reports a value of a modern device in namespace default. */
    public void report(String device, String property, String value) {
        long now = System.currentTimeMillis();
        JsonObject timestamp = new JsonObject();
        timestamp.addProperty("timestamp", now);
        JsonObject actual = new JsonObject();
        actual.addProperty("value", value);
        actual.add("metadata", timestamp);
        JsonObject type = new JsonObject();
        type.addProperty("type", "string");
        JsonObject twin = new JsonObject();
        twin.add("actual", actual);
        twin.addProperty("optional", false);
        twin.add("metadata", type);
        JsonObject twins = new JsonObject();
        twins.add(property, twin);
        JsonObject content = new JsonObject();
        content.addProperty("event_id", UUID.randomUUID().toString());
        content.addProperty("timestamp", now);
        content.add("twin", twins);
        send(Message.create("twin", "resource", "update", "device/default/" + device + "/twin/edge_updated", content));
    }

    public synchronized void send(Message message) {
        String encoded = MessageCodec.encode(message);
        sending = sending.thenCompose(s -> s.sendText(encoded, true));
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            received.incrementAndGet();
            try {
                Message message = MessageCodec.decode(text.toString());
                newest.add(message);
                if (newest.size() > KEPT) {
                    newest.poll();
                }
                answer(message);
            } catch (MalformedMessageException e) {
                throw new IllegalStateException(e);
            } finally {
                text.setLength(0);
            }
        }
        webSocket.request(1);
        return null;
    }

    private void answer(Message message) {
        if (message.group().equals(KELP)) {
            if (message.operation().equals("hello")) {
                JsonObject inventory = new JsonObject();
                inventory.add("items", new JsonArray());
                inventory.addProperty("complete", true);
                send(Message.create(KELP, KELP, "inventory", KELP, inventory));
            }
        } else if (!message.isAnswer() && message.group().equals("resource")) {
            send(message.acknowledge());
        }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        ended.complete(statusCode + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        ended.complete(String.valueOf(error));
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }
}
