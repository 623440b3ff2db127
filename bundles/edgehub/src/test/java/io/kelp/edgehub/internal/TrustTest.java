package io.kelp.edgehub.internal;

import static io.kelp.edgehub.internal.HubFixture.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.control.Problem;
import io.kelp.edgehub.CloudLink.State;
import io.kelp.message.Message;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.TestAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the link trusts, and by what time. */
class TrustTest {

    @TempDir Path data;
    private final TestAuthority authority = HubFixture.authority();

    private void assertRefused(FakeCloud cloud, String because) throws Exception {
        try (cloud; EdgeHub hub = HubFixture.joined(authority, "edge-t", cloud.hubPort(), cloud.joinPort(), data, HubFixture.quick(), InstantSource.system())) {
            hub.start();
            HubFixture.await(() -> hub.status().lastError().contains(because), SOON, because + " but: " + hub.status());
            assertEquals(State.CONNECTING, hub.status().state());
            assertThrows(AssertionError.class, () -> cloud.connection(Duration.ofMillis(50)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:10Z", "2090-06-01T00:00:00Z", "2024-01-01T00:00:00Z"})
    void aClockThatIsYearsOffDoesNotStopTheLinkAndIsReported(String clock) throws Exception {
        try (FakeCloud cloud = new FakeCloud(authority);
                EdgeHub hub = HubFixture.joined(authority, "edge-t", cloud.hubPort(), cloud.joinPort(), data, HubFixture.quick(),
                        InstantSource.fixed(Instant.parse(clock)))) {
            cloud.kelp = true;
            hub.start();
            HubFixture.awaitState(hub, State.CONNECTED, SOON);
            HubReport report = new HubReport(hub);
            HubFixture.await(() -> report.problems().stream().map(Problem::code).toList().equals(List.of("CLOCK-WRONG")), SOON, "the problem");
            assertTrue(report.status().getAsJsonObject("clock").get("wrong").getAsBoolean());
            assertTrue(Duration.between(Instant.now(), hub.now()).abs().toSeconds() < 60, "now: " + hub.now());
            assertEquals(0, cloud.renewals); // a clock from the future is no reason to renew
            cloud.connection(SOON).reset(); // and again, with what was learned
            cloud.connection(SOON);
        }
    }

    @Test
    void aServerOfAnotherCaIsRefused() throws Exception {
        assertRefused(new FakeCloud(authority, HubFixture.authority(), HubFixture.FROM, HubFixture.TO), "TLS failed");
    }

    @Test
    void aServerCertificateForAnotherHostIsRefused() throws Exception {
        var keys = TestAuthority.newKeyPair();
        assertRefused(new FakeCloud(authority, authority, keys, authority.server(keys.getPublic(), HubFixture.FROM, HubFixture.TO,
                new GeneralName(GeneralName.dNSName, "other.example"))), "TLS failed");
    }

    @Test
    void theCertificateOfAnotherGatewayIsNoServerCertificate() throws Exception {
        var keys = TestAuthority.newKeyPair();
        assertRefused(new FakeCloud(authority, authority, keys, authority.edge("evil", keys.getPublic(), HubFixture.FROM, HubFixture.TO)), "TLS failed");
    }

    @Test
    void aServerCertificateThatEndedBeforeTheFloorIsRefusedWhateverTheClockSays() throws Exception {
        assertRefused(new FakeCloud(authority, authority, Instant.parse("2020-01-01T00:00:00Z"), Instant.parse("2021-01-01T00:00:00Z")), "TLS failed");
    }

    @Test
    void aGatewayThatHasNotJoinedSaysSo() throws Exception {
        try (EdgeHub hub = HubFixture.existing("", 1, 1, data.resolve("empty"), HubFixture.quick(), InstantSource.system())) {
            hub.start();
            HubReport report = new HubReport(hub);
            assertEquals("NO-IDENTITY", report.problems().get(0).code());
            JsonObject link = report.status().getAsJsonObject("link");
            assertEquals("DISCONNECTED", link.get("state").getAsString());
            assertTrue(link.get("lastError").getAsString().contains("not joined"));
            Message request = Message.create("edged", "meta", "query", "a/b/c", null);
            assertThrows(ExecutionException.class, () -> hub.request(request, SOON).toCompletableFuture().get());
        }
    }

    @Test
    void theThreadsEndWithTheHub() throws Exception {
        try (FakeCloud cloud = new FakeCloud(authority)) {
            EdgeHub hub = HubFixture.joined(authority, "edge-t", cloud.hubPort(), cloud.joinPort(), data, HubFixture.quick(), InstantSource.system());
            hub.start();
            HubFixture.awaitState(hub, State.CONNECTED, SOON);
            hub.close();
            HubFixture.await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().startsWith("kelp-edgehub")),
                    SOON, "no thread of the hub");
        }
    }
}
