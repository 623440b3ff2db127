package io.kelp.mapper.internal;

import static io.kelp.mapper.internal.FleetFixture.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.ControlCommand.Result;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Methods of devices, and what devices say they have. */
class MethodTest {

    private final FleetFixture f = new FleetFixture();

    @BeforeEach
    void device() {
        f.twins.put(device("a"));
        f.time.pass(Duration.ofMillis(1500));
        f.plant("a").log.clear();
    }

    private static Device device(String name) {
        return FleetFixture.edited(FakeTwins.modern(name, "fake", "{}", "x:INT", "y:STRING", "z:INT"), "'properties'",
                "'methods':[{'name':'set','description':'both','propertyNames':['y','x']},{'name':'reset'},{'name':'odd','propertyNames':['gone']}],'properties'");
    }

    private CompletableFuture<Map<String, String>> call(String method, Map<String, String> arguments) {
        return f.fleet.call("default", "a", method, arguments, SECOND.multipliedBy(10)).toCompletableFuture();
    }

    private String failure(CompletableFuture<?> call, Class<? extends Exception> type) {
        f.time.pass(Duration.ofMillis(1));
        assertTrue(call.isDone(), "fails at once");
        Throwable cause = assertThrows(ExecutionException.class, call::get).getCause();
        assertInstanceOf(type, cause);
        return cause.getMessage();
    }

    @Test
    void aMethodSetsItsPropertiesInTheirOrderAndSaysWhatTheyAreThen() throws Exception {
        CompletableFuture<Map<String, String>> call = call("set", new TreeMap<>(Map.of("x", "5", "y", "on")));
        f.time.pass(Duration.ofMillis(1));
        assertEquals(Map.of("x", "5", "y", "on"), call.get());
        assertEquals(List.of("write y on", "write x 5", "read"), f.plant("a").log);
        assertEquals("5", f.twins.values("a", "x").get(1), "and its twin is told");
    }

    @Test
    void mistakesAreRefusedBeforeTheDeviceHearsOfThem() {
        assertEquals("There is no device default/b on this gateway", failure(f.fleet.call("default", "b", "set", Map.of(), SECOND).toCompletableFuture(), CallRefusal.class));
        assertEquals("device default/a has no method \"fly\"; it has set, reset, odd", failure(call("fly", Map.of()), CallRefusal.class));
        assertEquals("device default/a, method set: \"z\" is none of its arguments; it takes y, x", failure(call("set", Map.of("z", "1")), CallRefusal.class));
        assertEquals("device default/a, method set: property x cannot be set: \"five\" is not a whole number of 64 bits",
                failure(call("set", Map.of("x", "five")), CallRefusal.class));
        assertEquals("device default/a, method odd: the device has no property \"gone\"", failure(call("odd", Map.of("gone", "1")), CallRefusal.class));
        assertEquals("device default/a: method set needs a value for at least one of y, x", failure(call("set", Map.of()), CallRefusal.class));
        assertEquals("device default/a: method reset names no properties, and the mapper has no code for it", failure(call("reset", Map.of()), CallRefusal.class));
        assertFalse(f.plant("a").log.stream().anyMatch(l -> l.startsWith("write")));
    }

    @Test
    void aDriverMayKnowAMethodBetter() throws Exception {
        f.plant("a").callable = true;
        f.plant("a").context.lost("to be opened as another kind");
        f.time.pass(SECOND.multipliedBy(3));
        f.plant("a").log.clear();
        CompletableFuture<Map<String, String>> reset = call("reset", Map.of());
        CompletableFuture<Map<String, String>> set = call("set", Map.of("x", "5"));
        f.time.pass(Duration.ofMillis(1));
        assertEquals(Map.of("resets", "1"), reset.get());
        assertEquals(Map.of("x", "5"), set.get());
        f.plant("a").refuses = "reset";
        assertEquals("device default/a refused method reset: not now", failure(call("reset", Map.of()), RequestRefusedException.class));
    }

    @Test
    void aRefusedWriteEndsTheCallAndSaysWhatWasSet() {
        f.plant("a").refuses = "x";
        assertEquals("device default/a refused to set x after y: illegal value", failure(call("set", Map.of("x", "5", "y", "on")), RequestRefusedException.class));
        assertEquals("on", f.plant("a").registers.get("y"));
    }

    @Test
    void aDeadDeviceIsSaidToBeDeadAtOnce() {
        f.plant("a").reachable = false;
        assertEquals("device default/a: to set x failed: connection reset", failure(call("set", Map.of("x", "5")), IOException.class));
        f.time.pass(SECOND.multipliedBy(20));
        f.plant("a").log.clear();
        assertEquals("device default/a does not answer: no route to a", failure(call("set", Map.of("x", "5")), IOException.class));
        assertEquals(List.of(), f.plant("a").log);
    }

    @Test
    void aDeviceWithoutMapperIsSaidToHaveNone() {
        f.fleet.driverGoes(DriverRef.of(f.driver, 0, 1), 0);
        f.time.pass(SECOND);
        assertEquals("device default/a is not driven: there is no mapper for protocol fake", failure(call("set", Map.of("x", "5")), IOException.class));
    }

    @Test
    void aSlowDeviceIsWaitedForUntilTheDeadlineAndNotGivenUpForIt() {
        f.time.callTime = () -> Duration.ofSeconds(3);
        CompletableFuture<Map<String, String>> call = f.fleet.call("default", "a", "set", Map.of("x", "5", "y", "on"), SECOND.multipliedBy(5)).toCompletableFuture();
        f.time.pass(SECOND.multipliedBy(6));
        assertEquals("device default/a: no answer within 5000 ms; set so far: y", failure(call, CallTimeoutException.class));
        f.time.callTime = () -> Duration.ZERO;
        f.time.pass(SECOND.multipliedBy(10));
        assertEquals(0, f.plant("a").log.stream().filter("close"::equals).count());
    }

    @Test
    void aDeviceTakesSoManyCallsAndNoMore() {
        f.time.callTime = () -> Duration.ofMillis(50);
        List<CompletableFuture<Map<String, String>>> calls = new java.util.ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(call("set", Map.of("x", String.valueOf(i))));
        }
        f.time.pass(SECOND.multipliedBy(20));
        assertEquals(48, calls.stream().filter(c -> c.isDone() && !c.isCompletedExceptionally()).count());
        assertEquals("device default/a: 48 calls wait for it already, and this one was not begun; call again when some of them have ended",
                failure(calls.get(49), RequestRefusedException.class));
        assertTrue(f.health("a").reads() > 5, "polls go on between the calls");
    }

    @Test
    void aCallThatWaitsWhileTheMapperIsChangedFailsWithWords() {
        f.time.callTime = () -> Duration.ofSeconds(2);
        CompletableFuture<Map<String, String>> call = call("set", Map.of("x", "1"));
        f.time.pass(Duration.ofMillis(500));
        f.fleet.driverGoes(DriverRef.of(f.driver, 0, 1), 0);
        assertEquals("device default/a is being closed, because its configuration or its mapper changes or the gateway stops; call again",
                failure(call, IOException.class));
    }

    @Test
    void newMethodsAreThereWithoutOpeningAnew() throws Exception {
        f.twins.put(FleetFixture.edited(device("a"), "'name':'set'", "'name':'put'"));
        CompletableFuture<Map<String, String>> call = call("put", Map.of("x", "3"));
        f.time.pass(Duration.ofMillis(1));
        assertEquals(Map.of("x", "3"), call.get());
        assertFalse(f.plant("a").log.contains("open"));
    }

    @Test
    void suggestionsCanBePastedIntoModelAndDevice() throws Exception {
        assertEquals("device default/a: its protocol has no way to ask a device what it has",
                failure(f.fleet.discover("default", "a", SECOND).toCompletableFuture(), IllegalArgumentException.class));
        f.plant("a").callable = true;
        f.plant("a").context.lost("to be opened as another kind");
        f.time.pass(SECOND.multipliedBy(3));
        CompletableFuture<List<SuggestedProperty>> found = f.fleet.discover("default", "a", SECOND).toCompletableFuture();
        f.time.pass(Duration.ofMillis(1));
        assertEquals(List.of("# spec of the DeviceModel", "properties:", "- name: temp", "  type: DOUBLE", "  accessMode: ReadOnly",
                "# spec of the Device", "properties:", "- name: temp", "  visitors:", "    protocolName: fake", "    configData:", "      path: \"/t\""),
                SuggestVerb.yaml(found.get(), "fake"));
        assertEquals("- name: \"on\"", SuggestVerb.yaml(List.of(new SuggestedProperty("on", PropertyType.INT, AccessMode.READ_ONLY, "", Map.of())), "p").get(2));
    }

    @Test
    void theCommandCallsAndItsExitCodesTellWhatIsWrong() {
        CallVerb verb = new CallVerb(new io.kelp.mapper.DeviceCalls() {
            @Override
            public CompletableFuture<Map<String, String>> call(String namespace, String device, String method, Map<String, String> arguments, Duration deadline) {
                CompletableFuture<Map<String, String>> answer = MethodTest.this.call(method, arguments);
                f.time.pass(Duration.ofMillis(1));
                return answer;
            }

            @Override
            public CompletableFuture<List<SuggestedProperty>> discover(String namespace, String device, Duration deadline) {
                throw new UnsupportedOperationException("not asked here");
            }
        });
        Device device = f.twins.device(FakeTwins.id("a")).orElseThrow();
        assertEquals(Result.ok("x=5"), verb.run(device, List.of("set", "x=5")));
        assertEquals(Result.ok("y=a=b"), verb.run(device, List.of("set", "y=a=b")));
        assertEquals(1, verb.run(device, List.of("set", "x=five")).exitCode());
        assertEquals(3, verb.run(device, List.of("fly")).exitCode());
        assertEquals(2, verb.run(device, List.of("set", "x")).exitCode());
        assertEquals(2, verb.run(device, List.of()).exitCode());
        f.plant("a").refuses = "x";
        assertEquals(1, verb.run(device, List.of("set", "x=5")).exitCode());
        f.plant("a").reachable = false;
        assertEquals(4, verb.run(device, List.of("set", "x=5")).exitCode());
    }
}
