package io.kelp.cloud.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.hub.HubSettings;
import io.kelp.cloud.workload.Autonomy;
import io.kelp.cloud.workload.Workloads;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** The whole cloud service in this JVM, on a fake API server, with clients for it. */
public final class TestCloud implements AutoCloseable {

    /** Nodes change only when a test changes them. */
    private static final Workloads.Settings QUIET = new Workloads.Settings(Autonomy.FOREVER, Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));

    static final String PROJECT = "e632aba927ea4ac2b575ec1603d56f10";

    private final FakeKube kube;
    private final CloudService service;

    /** A key and, once it is signed, its certificate. */
    public record Identity(KeyPair keys, X509Certificate certificate) {}

    public TestCloud() throws ServiceException {
        this(new FakeKube(), false);
    }

    public TestCloud(FakeKube kube, boolean legacyEdges) throws ServiceException {
        this(kube, legacyEdges, HubSettings.defaults());
    }

    public TestCloud(FakeKube kube, boolean legacyEdges, HubSettings settings) throws ServiceException {
        this.kube = kube;
        this.service = new CloudService(kube, new CloudOptions(null, "127.0.0.1", List.of("127.0.0.1"), 0, 0, 0, legacyEdges,
                Duration.ofDays(365), QUIET), settings, () -> "", "test");
    }

    public FakeKube kube() {
        return kube;
    }

    int hubPort() {
        return service.port("hub");
    }

    String joinUrl(String path) {
        return "https://127.0.0.1:" + service.port("join") + path;
    }

    String webUrl(String path) {
        return "http://127.0.0.1:" + service.port("web") + path;
    }

    /** The JWT part of the join token. */
    String jwt() {
        JsonObject secret = kube.find("/api/v1/namespaces/kubeedge/secrets/tokensecret").orElseThrow();
        String token = new String(Base64.getDecoder().decode(secret.getAsJsonObject("data").get("tokendata").getAsString()),
                StandardCharsets.US_ASCII);
        return token.substring(token.indexOf('.') + 1);
    }

    X509Certificate ca() throws GeneralSecurityException {
        JsonObject secret = kube.find("/api/v1/namespaces/kubeedge/secrets/casecret").orElseThrow();
        return certificate(Base64.getDecoder().decode(secret.getAsJsonObject("data").get("cadata").getAsString()));
    }

    static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    static byte[] csr(KeyPair keys, String subject) throws IOException {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded();
        } catch (OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] nodeCsr(KeyPair keys, String node) throws IOException {
        return csr(keys, "C=CN,ST=Zhejiang,L=Hangzhou,O=system:nodes,CN=system:node:" + node);
    }

    /** Joins as a stock edge does. */
    Identity join(String node) throws Exception {
        KeyPair keys = newKeys();
        HttpResponse<byte[]> answer = get("/edge.crt", null, nodeCsr(keys, node),
                List.of(new String[] {"Authorization", "Bearer " + jwt()}, new String[] {"NodeName", node}));
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return new Identity(keys, certificate(answer.body()));
    }

    HttpResponse<byte[]> get(String path, Identity client, byte[] body, List<String[]> headers) throws Exception {
        return send("GET", path, client, body, headers);
    }

    HttpResponse<byte[]> send(String method, String path, Identity client, byte[] body, List<String[]> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(joinUrl(path))).timeout(Duration.ofSeconds(10))
                .version(HttpClient.Version.HTTP_1_1)
                .method(method, body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(h -> request.header(h[0], h[1]));
        HttpClient http = HttpClient.newBuilder().sslContext(tls(client)).build();
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Trusts our CA and shows the identity, if any. */
    SSLContext tls(Identity client) throws GeneralSecurityException, IOException {
        return tls(ca(), client);
    }

    static SSLContext tls(X509Certificate ca, Identity client) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", ca);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        TrustManager[] managers = trust.getTrustManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        if (client == null) {
            context.init(null, managers, null);
            return context;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("me", client.keys().getPrivate(), new char[0], new Certificate[] {client.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        context.init(keys.getKeyManagers(), managers, null);
        return context;
    }

    /** Opens the message channel as a stock edge does. */
    public TestEdge connect(Identity client, String node) throws Exception {
        return connect(client, "/" + PROJECT + "/" + node + "/events", stockHeaders(node));
    }

    /** Opens it as a Kelp gateway does. */
    public TestEdge connectKelp(Identity client, String node) throws Exception {
        List<String[]> headers = new ArrayList<>(stockHeaders(node));
        headers.add(new String[] {"Kelp-Protocol", "1; window=32"});
        return connect(client, "/" + PROJECT + "/" + node + "/events", headers);
    }

    static List<String[]> stockHeaders(String node) {
        return List.of(new String[] {"Connectionuse", "msg"}, new String[] {"Node_id", node}, new String[] {"Project_id", PROJECT});
    }

    TestEdge connect(Identity client, String path, List<String[]> headers) throws Exception {
        Socket socket = tls(client).getSocketFactory().createSocket("127.0.0.1", hubPort());
        return new TestEdge(socket, hubPort(), path, headers);
    }

    /** Puts an edge Node into the API server. */
    public JsonObject addNode(String name, String uid) {
        return kube.put("/api/v1/nodes/" + name, JsonParser.parseString("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\""
                + name + "\",\"uid\":\"" + uid + "\",\"labels\":{\"node-role.kubernetes.io/edge\":\"\"},\"annotations\":{\"cloudcore\":\"127.0.0.1\"}},\"spec\":{},\"status\":{}}").getAsJsonObject());
    }

    /** Binds a pod to a node. */
    public JsonObject addPod(String name, String uid, String node) {
        return kube.put("/api/v1/namespaces/default/pods/" + name, JsonParser.parseString("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\""
                + name + "\",\"namespace\":\"default\",\"uid\":\"" + uid + "\"},\"spec\":{\"nodeName\":\"" + node + "\",\"containers\":[]},\"status\":{}}").getAsJsonObject());
    }

    @Override
    public void close() {
        service.close();
    }
}
