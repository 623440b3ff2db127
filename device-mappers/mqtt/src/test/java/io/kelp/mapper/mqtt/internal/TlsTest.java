package io.kelp.mapper.mqtt.internal;

import static io.kelp.mapper.mqtt.internal.Devices.property;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.PropertyType;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins at mosquitto: TLS with the CA from a file, client certificate, password file. */
@Tag("slow")
class TlsTest {

    @TempDir Path folder;
    private Path secrets;
    private MqttDriver driver;

    @BeforeEach
    void start() throws Exception {
        secrets = Files.createDirectory(folder.resolve("mqtt"));
        certificate("broker");
        certificate("other");
        driver = new MqttDriver(Devices.config(Map.of("reconnectMillis", 100, "reconnectMaxSeconds", 1)), folder.toString());
    }

    @AfterEach
    void stop() {
        driver.stop();
    }

    /** A self-signed certificate for 127.0.0.1 and its key. */
    private void certificate(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        run(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-alias", "a",
                "-dname", "CN=" + name, "-ext", "SAN=ip:127.0.0.1", "-validity", "3650", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        pem(secrets.resolve(name + ".pem"), "CERTIFICATE", keys.getCertificate("a").getEncoded());
        pem(secrets.resolve(name + ".key"), "PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded());
    }

    private static void pem(Path file, String type, byte[] der) throws Exception {
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n");
    }

    private void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("command.log").toFile()).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0, () -> "failed: " + String.join(" ", command));
    }

    private SeenContext open(int port, String scheme, Map<String, ?> more) throws Exception {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("broker", scheme + "://127.0.0.1:" + port);
        settings.put("topic", "a/b");
        SeenContext seen = new SeenContext();
        driver.open(Devices.device("mqtt", settings, property("p", PropertyType.INT, Map.of())), seen);
        return seen;
    }

    @Test
    void trustsTheCaOfTheFileAndShowsACertificate() throws Exception {
        try (Mosquitto broker = new Mosquitto(folder, "allow_anonymous true", "certfile " + secrets.resolve("broker.pem"),
                "keyfile " + secrets.resolve("broker.key"), "cafile " + secrets.resolve("broker.pem"), "require_certificate true")) {
            SeenContext seen = open(broker.port(), "mqtts", Map.of("caFile", "broker.pem", "certFile", "broker.pem", "keyFile", "broker.key"));
            broker.publish("a/b", "5", "--cafile", secrets.resolve("broker.pem").toString(), "--cert", secrets.resolve("broker.pem").toString(),
                    "--key", secrets.resolve("broker.key").toString());
            seen.awaitValue("p", "5");

            open(broker.port(), "ssl", Map.of("caFile", "other.pem", "certFile", "broker.pem", "keyFile", "broker.key"))
                    .awaitSaid("away: the broker ssl://127.0.0.1:" + broker.port() + " cannot be reached: ");
            open(broker.port(), "ssl", Map.of("caFile", "broker.pem")).awaitSaid("away: the broker");
            open(broker.port(), "ssl", Map.of()).awaitSaid("away: the broker");
        }
    }

    @Test
    void logsInByAPasswordFile() throws Exception {
        Mosquitto.requirePeer("mosquitto_passwd");
        Files.writeString(secrets.resolve("press.password"), "s3cret\n");
        Path passwords = folder.resolve("passwords");
        run("mosquitto_passwd", "-c", "-b", passwords.toString(), "press", "s3cret");
        try (Mosquitto broker = new Mosquitto(folder, "allow_anonymous false", "password_file " + passwords)) {
            SeenContext seen = open(broker.port(), "tcp", Map.of("username", "press", "passwordFile", "press.password"));
            broker.publish("a/b", "5", "-u", "press", "-P", "s3cret");
            seen.awaitValue("p", "5");
            open(broker.port(), "tcp", Map.of("username", "press", "password", "wrong")).awaitSaid(
                    "away: the broker tcp://127.0.0.1:" + broker.port() + " cannot be reached: Not authorized");
        }
    }

    @Test
    void filesAreThoseOfTheSecretsFolderOnly() {
        for (String name : new String[] {"../command.log", "/etc/hostname", "..", ".", "missing.pem", "a/b"}) {
            for (String key : new String[] {"passwordFile", "caFile", "certFile", "keyFile"}) {
                String message = assertThrows(ConfigurationException.class, () -> open(1, "ssl", Map.of(key, name))).getMessage();
                assertTrue(message.startsWith("device default/d1, key " + key + ": \"" + name + "\" is not the "), message);
            }
        }
        assertEquals("device default/d1, key broker: \"http://127.0.0.1:1\" is not the address of a broker: tcp://HOST:PORT or ssl://HOST:PORT",
                assertThrows(ConfigurationException.class, () -> open(1, "http", Map.of())).getMessage());
    }
}
