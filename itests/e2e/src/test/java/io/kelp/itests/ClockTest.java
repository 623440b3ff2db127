package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import io.kelp.testkit.Zips;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways whose clock is years off: they join, connect and work, and say what is wrong. */
@Tag("slow")
@ExtendWith(Installation.class)
class ClockTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    ClockTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void aGatewayWithoutABatteryStartsIn1970() throws Exception {
        worksAt("clock-1970", Instant.parse("1970-01-01T00:01:00Z"), "behind");
    }

    @Test
    void aGatewayThatIsDecadesAhead() throws Exception {
        worksAt("clock-2090", Instant.parse("2090-05-05T12:00:00Z"), "ahead of");
    }

    private void worksAt(String name, Instant wrong, String direction) throws Exception {
        try (GatewayProcess gateway = gateways.fresh(name).environment(clock(wrong))) {
            gateways.join(gateway).start();
            Await.until("the link is up", SOON, () -> gateway.linkState().equals("CONNECTED"));
            JsonObject clock = gateway.status().getAsJsonObject("clock");
            long ahead = clock.get("ownClockAheadSeconds").getAsLong();
            long expected = Duration.between(Instant.now(), wrong).toSeconds();
            assertTrue(Math.abs(ahead - expected) < 300, clock + " instead of " + expected);
            String status = gateway.kelp("status").orFail();
            assertTrue(status.lines().anyMatch(l -> l.matches("problem +CLOCK-WRONG.* " + direction + " .*")), status);

            Await.until("the Node is Ready", SOON, () -> plane.readiness(gateway.node()).equals("True"));
            gateway.installMapper("counter");
            String device = gateway.node() + "-c";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.counter(device, device, gateway.node()));
            plane.patch("default", "device", device, Devices.desired("ON"));
            Await.until("it counts", SOON, () -> Integer.parseInt("0" + Devices.reported(plane, device, "count")) >= 2);

            gateway.kelp("restart").orFail();
            Await.until("the link is up again", SOON, () -> gateway.linkState().equals("CONNECTED"));

            // The clock is set right while the gateway is off, as an NTP client does before it starts.
            gateway.kelp("stop").orFail();
            gateway.environment(Map.of()).start();
            Await.until("the link is up with the right time", SOON, () -> gateway.linkState().equals("CONNECTED"));
            assertEquals(false, gateway.status().getAsJsonObject("clock").get("wrong").getAsBoolean());
            String before = Devices.reported(plane, device, "count");
            Await.until("it counts on", SOON, () -> !Devices.reported(plane, device, "count").equals(before));
        }
    }

    static Map<String, String> clock(Instant wrong) throws Exception {
        Path folder = Files.createDirectories(Installation.work());
        Path library = folder.resolve("clock_shim.so");
        Shell.run(Duration.ofSeconds(30), folder, Map.of(), List.of("gcc", "-O1", "-shared", "-fPIC", "-o", library.toString(),
                Zips.top().resolve("itests/e2e/src/test/c/clock_shim.c").toString(), "-ldl")).orFail();
        return Map.of("LD_PRELOAD", library.toString(), "CLOCK_SHIFT_SECONDS", "" + Duration.between(Instant.now(), wrong).toSeconds());
    }
}
