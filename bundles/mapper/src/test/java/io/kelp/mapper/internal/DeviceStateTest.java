package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.mapper.DeviceHealth.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the cloud's list of devices says of one that nobody asks. */
class DeviceStateTest {

    private static final Duration A_WHILE = Duration.ofSeconds(10);

    private final FleetFixture on = new FleetFixture();

    private void put(String protocol, String configData, String property) {
        on.twins.put(FakeTwins.modern("a", protocol, configData, property));
        on.time.pass(A_WHILE);
    }

    @Test
    void aDeviceThatItsMapperRefusesIsUnknownUntilItIsCorrected() {
        put("fake", "{'address':300}", "x:INT");
        assertEquals(List.of("a unknown"), on.twins.states);
        put("fake", "{'address':3}", "x:INT");
        put("fake", "{'address':300}", "x:INT");
        put("fake", "{'address':3}", "x:INT");
        assertEquals(List.of("a unknown", "a online", "a unknown", "a online"), on.twins.states);
    }

    @Test
    void aDeviceThatCannotBeReadIsUnknownUntilItIsCorrected() {
        put("fake", "{}", "x:INT");
        put("fake", "{}", "x:WHOLE");
        assertEquals(State.MISCONFIGURED, on.health("a").state());
        assertEquals(List.of("a online", "a unknown"), on.twins.states);
        put("fake", "{}", "x:INT");
        assertEquals(List.of("a online", "a unknown", "a online"), on.twins.states);
    }

    @Test
    void aDeviceThatCouldNeverBeReadIsUnknownAsSoonAsThereIsAMapperOfItsProtocol() {
        put("Other", "{}", "x:WHOLE");
        assertEquals(List.of(), on.twins.states, "it may be another program's, over MQTT");
        on.fleet.driverCame(DriverRef.of(new FakeDevices("other"), 0, 2));
        on.time.pass(A_WHILE);
        assertEquals(List.of("a unknown"), on.twins.states);
    }

    @Test
    void aDeviceWhoseNewProtocolHasNoMapperIsUnknown() {
        put("fake", "{}", "x:INT");
        put("other", "{}", "x:INT");
        assertEquals(State.UNDRIVEN, on.health("a").state());
        assertEquals(List.of("a online", "a unknown"), on.twins.states);
        put("fake", "{}", "x:INT");
        assertEquals(List.of("a online", "a unknown", "a online"), on.twins.states);
    }

    @Test
    void aDeviceThatIsOnlyConfiguredAnewIsNotUnknownInBetween() {
        put("fake", "{}", "x:INT");
        put("fake", "{'address':3}", "x:INT");
        assertEquals(List.of("a online"), on.twins.states);
    }

    @Test
    void aDeviceThatWaitsForItsModelIsUnknownAfterAWhile() {
        Device whole = FakeTwins.modern("a", "fake", "{}", "x:INT");
        on.twins.put(new Device(whole.id(), whole.generation(), whole.object(), null, "online", whole.twins()));
        on.time.pass(Duration.ofSeconds(1));
        assertEquals(List.of(), on.twins.states, "the model may be on its way");
        on.time.pass(A_WHILE);
        on.twins.put(whole);
        on.time.pass(A_WHILE);
        assertEquals(List.of("a unknown", "a online"), on.twins.states);
    }

    @Test
    void aDeviceOfAnotherProgramIsLeftToIt() {
        put("other", "{}", "x:INT");
        assertEquals(List.of(), on.twins.states);
    }

    @Test
    void aDeviceThatIsRemovedHasNoStateAnyMore() {
        put("fake", "{}", "x:INT");
        on.twins.remove(FakeTwins.id("a"));
        on.time.pass(A_WHILE);
        assertEquals(List.of("a online"), on.twins.states);
    }

    @Test
    void aDeviceWhoseModelDoesNotComeIsAnEventOnce() {
        Device whole = FakeTwins.modern("a", "fake", "{}", "x:INT");
        Device without = new Device(whole.id(), whole.generation(), whole.object(), null, "", whole.twins());
        on.twins.put(without);
        on.time.pass(Duration.ofSeconds(1));
        assertEquals(List.of(), on.events.lines, "Device and model are often applied together");
        on.time.pass(A_WHILE);
        on.twins.put(without);
        on.time.pass(A_WHILE);
        assertEquals(1, on.events.lines.size(), on.events.lines.toString());
        assertEquals("default/a WARNING DeviceMisconfigured: Device default/a waits for its DeviceModel m", on.events.lines.get(0));
        on.twins.put(whole);
        on.time.pass(A_WHILE);
        assertEquals(State.ONLINE, on.health("a").state());
        assertEquals(1, on.events.lines.size(), on.events.lines.toString());
    }
}
