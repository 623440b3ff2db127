package io.kelp.load;

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
 * what it is sent and reports values, in the protocol of a stock edge. It stores nothing.
 */
public final class SimulatedGateway implements WebSocket.Listener, AutoCloseable {

    private static final int KEPT = 50;

    private final String node;
    private final Executor executor;
    private final AtomicLong received = new AtomicLong();
    private final Queue<Message> newest = new ConcurrentLinkedQueue<>();
    private final StringBuilder text = new StringBuilder();
    private WebSocket socket;
    private CompletableFuture<WebSocket> sending;

    public SimulatedGateway(String node, Executor executor) {
        this.node = node;
        this.executor = executor;
    }

    public String node() {
        return node;
    }

    public long received() {
        return received.get();
    }

    /** The last messages that came, oldest first; at most {@value #KEPT}. */
    public List<Message> newest() {
        return List.copyOf(newest);
    }

    /** Joins with a token and connects. */
    SimulatedGateway connect(String token, int joinPort, int hubPort) throws IOException, GeneralSecurityException, InterruptedException,
            OperatorCreationException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        byte[] csr = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=system:node:" + node + ", O=system:nodes"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())).getEncoded();
        byte[] ca = Certificates.ca(joinPort);
        HttpClient joining = HttpClient.newBuilder().executor(executor).sslContext(Tls.trusting(ca)).build();
        HttpResponse<byte[]> signed = joining.send(HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + joinPort + "/edge.crt"))
                .header("Authorization", "Bearer " + token.substring(token.indexOf('.') + 1)).header("NodeName", node)
                .method("GET", HttpRequest.BodyPublishers.ofByteArray(csr)).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (signed.statusCode() != 200) {
            throw new IOException("join of " + node + ": " + signed.statusCode() + " " + new String(signed.body()));
        }
        Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed.body()));
        return connect(ca, pair.getPrivate(), certificate, hubPort);
    }

    /** Connects with a certificate that it has already. */
    public SimulatedGateway connect(byte[] ca, PrivateKey key, Certificate certificate, int hubPort)
            throws IOException, GeneralSecurityException {
        HttpClient client = HttpClient.newBuilder().executor(executor).sslContext(Tls.mutual(ca, key, certificate)).build();
        socket = client.newWebSocketBuilder().header("node_id", node).header("project_id", "e632aba927ea4ac2b575ec1603d56f10")
                .header("ConnectionUse", "msg").connectTimeout(Duration.ofSeconds(30))
                .buildAsync(URI.create("wss://127.0.0.1:" + hubPort + "/e632aba927ea4ac2b575ec1603d56f10/" + node + "/events"), this).join();
        sending = CompletableFuture.completedFuture(socket);
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
                if (!message.isAnswer() && message.group().equals("resource")) {
                    send(message.acknowledge());
                }
            } catch (MalformedMessageException e) {
                throw new IllegalStateException(e);
            } finally {
                text.setLength(0);
            }
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }
}
