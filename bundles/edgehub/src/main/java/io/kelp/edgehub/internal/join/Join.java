package io.kelp.edgehub.internal.join;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.edgehub.internal.link.Reasons;
import io.kelp.edgehub.internal.net.CertificateService;
import io.kelp.edgehub.internal.pki.CertificateRequest;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.edgehub.internal.pki.Issued;
import io.kelp.edgehub.internal.pki.Pem;
import io.kelp.edgehub.internal.pki.PinnedTls;
import io.kelp.edgehub.internal.pki.TimeKeeper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Joins a cloud (specification sections 1.5 and 1.6): fetches the CA, compares it with the token,
 * has a certificate signed, and only then writes anything.
 */
final class Join {

    private static final long DEADLINE_SECONDS = 45;
    private static final int PROBE_MILLIS = 3000;

    private final Path settings;
    private final Path certificates;
    private final TimeKeeper time;
    private final Consumer<String> say;

    Join(Path etc, Path data, InstantSource clock, Consumer<String> say) {
        this.settings = etc.resolve("io.kelp.edgehub.json");
        this.certificates = data.resolve("certs");
        this.time = new TimeKeeper(clock, System::nanoTime, null);
        this.say = say;
    }

    void run(JoinOptions options) throws JoinException {
        if (joinedAlready(options)) {
            say.accept("This gateway is node " + options.node() + " of " + options.cloud() + " already; nothing was changed.");
            return;
        }
        requireInterface(options.networkInterface());
        CertificateService cloud = new CertificateService(options.cloud(), options.joinPort(), null);
        X509Certificate ca = authority(cloud, options);
        Identity identity = certificate(cloud, options, ca);
        write(options, identity);
        say.accept("Joined " + options.cloud() + " as node " + options.node() + ", certificate valid until "
                + identity.certificate().getNotAfter().toInstant() + ".");
        Duration ahead = time.ahead();
        if (ahead.abs().compareTo(TimeKeeper.TOLERATED) > 0) {
            say.accept("Warning: the clock of this gateway is " + Durations.inWords(ahead.abs())
                    + (ahead.isNegative() ? " behind" : " ahead of") + " the cloud's; set it, or run an NTP client.");
        }
        probeHub(options);
        say.accept("\"kelp start\" starts the gateway.");
    }

    private boolean joinedAlready(JoinOptions options) throws JoinException {
        if (!new IdentityFiles(certificates).exist()) {
            return false;
        }
        JsonObject before = readSettings();
        String cloud = text(before, "cloud");
        String node = text(before, "nodeName");
        if (cloud.equals(options.cloud()) && node.equals(options.node())) {
            return true;
        }
        throw new JoinException(JoinException.JOINED_ALREADY, "this gateway is node \"" + node + "\" of \"" + cloud
                + "\" already; run \"kelp reset\" first if it shall become node \"" + options.node() + "\" of \""
                + options.cloud() + "\"");
    }

    private static void requireInterface(String name) throws JoinException {
        try {
            if (!name.isEmpty() && NetworkInterface.getByName(name) == null) {
                throw JoinException.usage("there is no network interface \"" + name + "\"; \"ip link\" lists them");
            }
        } catch (SocketException e) {
            throw JoinException.usage("network interface \"" + name + "\" cannot be looked up: " + e.getMessage());
        }
    }

    private X509Certificate authority(CertificateService cloud, JoinOptions options) throws JoinException {
        CertificateService.Answer answer = await(cloud.authority(PinnedTls.unverified()), options);
        if (answer.status() != 200 || !options.token().isOf(answer.body())) {
            throw new JoinException(JoinException.WRONG_CA, "the CA certificate of " + options.cloud() + ":"
                    + options.joinPort() + " is not the one that the token names"
                    + (answer.status() == 200 ? "" : " (HTTP status " + answer.status() + ")")
                    + "; check that the token is of this cloud, and that nobody stands in between");
        }
        try {
            X509Certificate ca = Pem.certificate(answer.body());
            time.passed(ca.getNotBefore().toInstant());
            return ca;
        } catch (CertificateException e) {
            throw new JoinException(JoinException.WRONG_CA, "the CA certificate of the cloud cannot be read: " + e.getMessage());
        }
    }

    private Identity certificate(CertificateService cloud, JoinOptions options, X509Certificate ca) throws JoinException {
        KeyPair keys = CertificateRequest.newKeyPair();
        CertificateService.Answer answer = await(cloud.certificate(PinnedTls.context(ca, null, time), options.node(),
                CertificateRequest.encode(options.node(), keys), options.token().jwt()), options);
        answer.date().ifPresent(time::learn);
        if (answer.status() == 401) {
            boolean expired = answer.reason().contains("expired");
            throw new JoinException(JoinException.TOKEN_REFUSED, "the cloud refused the token"
                    + (expired ? " because it has expired" : ": " + answer.reason())
                    + "; get a new one with \"kelp-cloud token\" (it is valid for a day)");
        }
        if (answer.status() != 200) {
            throw new JoinException(JoinException.CERTIFICATE_REFUSED, "the cloud did not sign a certificate for node \""
                    + options.node() + "\": " + answer.status() + " " + answer.reason()
                    + "; choose another --node if the name is in use");
        }
        try {
            return new Identity(ca, Issued.check(answer.body(), ca, options.node(), keys.getPublic()), keys.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new JoinException(JoinException.CERTIFICATE_REFUSED,
                    "the certificate that the cloud issued is not usable: " + e.getMessage() + "; look at the log of the cloud");
        }
    }

    private static CertificateService.Answer await(CompletableFuture<CertificateService.Answer> answer, JoinOptions options)
            throws JoinException {
        String where = options.cloud() + ":" + options.joinPort();
        try {
            return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            String reason = Reasons.of(e);
            boolean name = reason.contains("subject alternative") || reason.contains("No name matching");
            throw new JoinException(JoinException.UNREACHABLE, "no certificate from " + where + ": " + reason
                    + (name ? "; use a name or address that the certificate of the cloud has (its --advertise)"
                            : "; check --cloud and --join-port, that the cloud service runs, and the firewall"));
        } catch (TimeoutException e) {
            throw new JoinException(JoinException.UNREACHABLE, "no answer from " + where + " within " + DEADLINE_SECONDS
                    + " s; check --cloud and --join-port, and the firewall");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JoinException(JoinException.UNREACHABLE, "interrupted");
        }
    }

    private void write(JoinOptions options, Identity identity) throws JoinException {
        JsonObject content = readSettings();
        content.addProperty("cloud", options.cloud());
        content.addProperty("hubPort", options.hubPort());
        content.addProperty("joinPort", options.joinPort());
        content.addProperty("nodeName", options.node());
        content.addProperty("interface", options.networkInterface());
        try {
            Files.createDirectories(settings.getParent());
            IdentityFiles.writeAtomically(settings, new GsonBuilder().setPrettyPrinting().create().toJson(content) + "\n");
            new IdentityFiles(certificates).create(identity);
        } catch (IOException e) {
            throw new JoinException(JoinException.NOT_WRITABLE, "cannot write " + settings + " and " + certificates + ": "
                    + Reasons.of(e) + "; run as a user who may, or free space");
        }
    }

    private JsonObject readSettings() {
        try {
            JsonElement before = JsonParser.parseString(Files.readString(settings));
            return before.isJsonObject() ? before.getAsJsonObject() : new JsonObject();
        } catch (IOException | JsonParseException e) {
            return new JsonObject(); // not there or damaged: written anew
        }
    }

    private static String text(JsonObject object, String member) {
        JsonElement value = object.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    private void probeHub(JoinOptions options) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(options.cloud(), options.hubPort()), PROBE_MILLIS);
        } catch (IOException e) {
            say.accept("Warning: port " + options.hubPort() + " of " + options.cloud()
                    + " does not take connections (" + e.getMessage() + "); open it, the gateway needs it to work.");
        }
    }
}
