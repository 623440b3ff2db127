package io.kelp.mapper.coap.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.coap.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of libcoap against our simulator. */
@Tag("slow")
@Timeout(60)
class LibcoapClientTest {

    @TempDir Path folder;

    private Peers peers;
    private Simulator simulator;

    @BeforeEach
    void start() {
        peers = new Peers(folder);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (simulator != null) {
            simulator.close();
        }
        peers.stop();
    }

    private String at(String path) {
        return "coap://127.0.0.1:" + simulator.ports(false).get(0) + path;
    }

    @Test
    void getsPutsAndObserves() throws Exception {
        simulator = Simulator.start("--port", "0");
        assertTrue(peers.run("coap-client-notls", "-B", "5", at("/sensors/temperature")).trim().matches("\\d\\d\\.\\d"));
        peers.run("coap-client-notls", "-B", "5", "-m", "put", "-e", "25", at("/setpoint"));
        assertEquals("25.0", peers.run("coap-client-notls", "-B", "5", at("/setpoint")).trim());
        assertEquals("4.00 the setpoint is a number from 0 to 40",
                peers.run("coap-client-notls", "-B", "5", "-m", "put", "-e", "99", at("/setpoint")).trim());
        String told = peers.run("coap-client-notls", "-w", "-s", "3", "-B", "5", at("/sensors/temperature"));
        assertTrue(told.lines().count() >= 3, told);
        String core = peers.run("coap-client-notls", "-B", "5", at("/.well-known/core"));
        assertTrue(core.contains("</sensors/temperature>;ct=0;if=\"core.s\";obs;rt=\"temperature-c\""), core);
    }

    @Test
    void movesLargeBodiesInBlocks() throws Exception {
        simulator = Simulator.start("--port", "0");
        assertEquals("line of the log\n".repeat(640), peers.run("coap-client-notls", "-b", "64", "-B", "10", at("/log")).replaceAll("\\n+$", "\n"));
        String text = "another line\n".repeat(2000);
        Path file = Files.writeString(folder.resolve("body"), text);
        peers.run("coap-client-notls", "-b", "256", "-B", "10", "-m", "put", "-f", file.toString(), at("/log"));
        assertEquals(text, peers.run("coap-client-notls", "-B", "10", at("/log")).replaceAll("\\n+$", "\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void comesInWithTheRightSharedKeyOnly(String library) throws Exception {
        simulator = Simulator.start("--port", "0", "--dtls-port", "0", "--psk", "gateway:0123456789abcdef");
        String uri = "coaps://127.0.0.1:" + simulator.ports(true).get(0) + "/setpoint";
        assertEquals("20.0", peers.run("coap-client-" + library, "-B", "8", "-u", "gateway", "-k", "0123456789abcdef", uri).trim());
        String refused = peers.run("coap-client-" + library, "-B", "4", "-u", "gateway", "-k", "wrong", uri);
        assertTrue(!refused.contains("20.0"), refused);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void comesInWithACertificateOfTheAuthorityOnly(String library) throws Exception {
        Certificates plant = new Certificates(folder, "plant");
        plant.issue("device", "127.0.0.1");
        plant.issue("client", "client.plant");
        new Certificates(folder, "stranger").issue("stranger-client", "client.plant");
        simulator = Simulator.start("--port", "0", "--dtls-port", "0", "--certificate", folder.resolve("device.pem").toString(),
                "--private-key", folder.resolve("device.key").toString(), "--ca", folder.resolve("plant.pem").toString());
        String uri = "coaps://127.0.0.1:" + simulator.ports(true).get(0) + "/setpoint";
        assertEquals("20.0", peers.run("coap-client-" + library, "-B", "8", "-c", "client.pem", "-j", "client.sec1", "-C", "plant.pem", uri).trim());
        String refused = peers.run("coap-client-" + library, "-B", "4", "-c", "stranger-client.pem", "-j", "stranger-client.sec1", "-C", "plant.pem", uri);
        assertTrue(!refused.contains("20.0"), refused);
    }
}
