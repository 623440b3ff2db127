package io.kelp.edgehub.internal;

import static io.kelp.edgehub.internal.HubFixture.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edgehub.CloudLink.State;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.FakeConnection;
import io.kelp.testkit.cloud.TestAuthority;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Renewal of the certificate while the link is in use. */
class RotationTest {

    @TempDir Path data;
    private final TestAuthority authority = HubFixture.authority();
    private FakeCloud cloud;
    private EdgeHub hub;

    @BeforeEach
    void open() throws Exception {
        cloud = new FakeCloud(authority);
        Instant now = Instant.now();
        HubFixture.write(authority, "edge-r", data, now.minus(Duration.ofDays(300)), now.plus(Duration.ofDays(10))); // 97 % over
        hub = HubFixture.existing("edge-r", cloud.hubPort(), cloud.joinPort(), data, HubFixture.quick(), InstantSource.system());
    }

    @AfterEach
    void close() throws Exception {
        hub.close();
        cloud.close();
    }

    private static BigInteger serial(FakeConnection gateway) throws Exception {
        return gateway.chain()[0].getSerialNumber();
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOldCertificateIsReplacedAndTheLinkUsesTheNewOne(boolean kelp) throws Exception {
        cloud.kelp = kelp;
        cloud.refuseSigning = "not yet";
        BigInteger before = new IdentityFiles(data.resolve("certs")).load().certificate().getSerialNumber();
        hub.start();
        FakeConnection old = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        assertEquals(before, serial(old));
        HubFixture.await(() -> hub.rotation().lastError().contains("not yet"), SOON, "the first attempt");
        assertTrue(new HubReport(hub).problems().stream().anyMatch(p -> p.code().equals("CERTIFICATE-NOT-RENEWED")));
        cloud.refuseSigning = null;
        FakeConnection fresh = cloud.connection(Duration.ofSeconds(8)); // the attempt is repeated after 2 s, then 4 s
        assertNotEquals(before, serial(fresh));
        assertTrue(old.awaitEnd(SOON));
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        assertEquals(serial(fresh), new IdentityFiles(data.resolve("certs")).load().certificate().getSerialNumber());
        assertTrue(Files.exists(data.resolve("certs/edge.crt.old")));
        assertEquals("", hub.rotation().lastError());
        assertTrue(hub.rotation().due().isAfter(Instant.now()));
        assertEquals(1, cloud.renewals);
    }

    /** The renewal may be done before or while the first connection is made. */
    @Test
    void whateverComesFirstTheLinkEndsUpWithTheNewCertificate() throws Exception {
        hub.start();
        BigInteger[] last = {null};
        HubFixture.await(() -> {
            try {
                while (cloud.unasked() > 0) {
                    last[0] = serial(cloud.connection(SOON));
                }
                return cloud.renewals == 1 && hub.status().state() == State.CONNECTED
                        && new IdentityFiles(data.resolve("certs")).load().certificate().getSerialNumber().equals(last[0]);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }, SOON, "a link with the new certificate");
    }

    @Test
    @Tag("slow")
    void towardsAKelpCloudTheLinkIsNeverDownMeanwhile() throws Exception {
        cloud.kelp = true;
        HubFixture.Recorder recorder = new HubFixture.Recorder(m -> true);
        hub.add(recorder, 0);
        cloud.refuseSigning = "not yet";
        hub.start();
        FakeConnection first = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        cloud.refuseSigning = null;
        cloud.connection(Duration.ofSeconds(8));
        assertTrue(first.awaitEnd(SOON));
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        assertFalse(recorder.events.contains("disconnected"), recorder.events.toString());
    }
}
