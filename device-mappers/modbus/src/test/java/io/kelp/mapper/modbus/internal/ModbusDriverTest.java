package io.kelp.mapper.modbus.internal;

import static io.kelp.mapper.modbus.internal.TestDevices.device;
import static io.kelp.mapper.modbus.internal.TestDevices.property;
import static io.kelp.mapper.modbus.internal.TestDevices.read;
import static io.kelp.mapper.modbus.internal.TestDevices.tcp;
import static io.kelp.mapper.modbus.internal.TestDevices.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.modbus.simulator.TestSimulator;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver against the simulator, over real sockets. */
class ModbusDriverTest {

    private final TestSimulator simulator = new TestSimulator();
    private final ModbusDriver driver = new ModbusDriver(TestDevices.defaults());

    @AfterEach
    void close() throws Exception {
        simulator.close();
    }

    private BlockingConnection open(Map<String, Object> settings, DeviceProperty... properties) throws Exception {
        return (BlockingConnection) driver.open(device(settings, properties), TestDevices.CONTEXT);
    }

    private Map<String, Object> settings(boolean rtu, Object... more) throws IOException {
        Map<String, Object> settings = tcp(simulator.listen(rtu), more);
        settings.put("communicateMode", rtu ? "RTU_OVER_TCP" : "TCP");
        return settings;
    }

    private static final DeviceProperty SPEED = property("speed", PropertyType.INT, "register", "HoldingRegister", "offset", 1, "limit", 1);
    private static final DeviceProperty RUN = property("run", PropertyType.BOOLEAN, "register", "CoilRegister", "offset", "0", "limit", "1");
    private static final DeviceProperty MODE = property("mode", PropertyType.BOOLEAN, "register", "HoldingRegister", "offset", 2, "bit", 1);
    private static final DeviceProperty FLOW = property("flow", PropertyType.FLOAT, "register", "HoldingRegister", "offset", 10, "limit", 2);
    private static final DeviceProperty NAME = property("name", PropertyType.STRING, "register", "HoldingRegister", "offset", 20, "limit", 8);
    private static final DeviceProperty PAR = property("par", PropertyType.BOOLEAN, "register", "DiscreteInputRegister", "offset", 3);
    private static final DeviceProperty IN = property("in", PropertyType.INT, "register", "InputRegister", "offset", 321);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAndWritesAllTables(boolean rtu) throws Exception {
        BlockingConnection pump = open(settings(rtu), SPEED, RUN, MODE, FLOW, NAME, PAR, IN);
        Map<String, Reading> all = pump.read(java.util.List.of(SPEED, RUN, MODE, FLOW, NAME, PAR, IN));
        assertEquals(7, all.size());
        assertEquals("1500", read(pump, SPEED));
        assertEquals("true", read(pump, PAR));
        assertEquals("321", read(pump, IN));
        assertEquals("PUMP 1", read(pump, NAME));
        for (String[] change : new String[][] {{"speed", "65535"}, {"run", "false"}, {"mode", "true"}, {"flow", "-12.25"}, {"name", "Pumpe ä"}}) {
            DeviceProperty property = device(Map.of(), SPEED, RUN, MODE, FLOW, NAME).property(change[0]).orElseThrow();
            write(pump, property, change[1]);
            assertEquals(change[1], read(pump, property));
            assertTrue(pump.readsBack(property));
        }
        assertEquals(0b111, simulator.holding(1, 2), "the other bits stay");
        pump.close();
        assertEquals(0, driver.lines());
    }

    @ParameterizedTest
    @CsvSource({"par,true,discrete input", "in,1,input register", "speed,65536,room for 0 to 65535", "speed,-1,room for 0 to 65535",
            "name,12345678901234567,room for 16", "far,1,illegal data address"})
    void refusesWhatCannotBeWrittenWithAReason(String name, String value, String reason) throws Exception {
        DeviceProperty far = property("far", PropertyType.INT, "register", "HoldingRegister", "offset", 60_000);
        BlockingConnection pump = open(settings(false), SPEED, NAME, PAR, IN, far);
        DeviceProperty property = device(Map.of(), SPEED, NAME, PAR, IN, far).property(name).orElseThrow();
        String message = assertThrows(RequestRefusedException.class, () -> write(pump, property, value)).getMessage();
        assertTrue(message.contains(reason), message);
        assertEquals("1500", read(pump, SPEED), "the device is still there");
    }

    @Test
    void aBadAddressInABlockSpoilsOnlyItself() throws Exception {
        simulator.illegal(4);
        DeviceProperty[] properties = new DeviceProperty[10];
        for (int i = 0; i < 10; i++) {
            properties[i] = property("p" + i, PropertyType.INT, "register", "HoldingRegister", "offset", i);
        }
        BlockingConnection pump = open(settings(false), properties);
        for (int turn = 0; turn < 3; turn++) {
            long before = simulator.requests();
            Map<String, Reading> readings = pump.read(java.util.List.of(properties));
            assertEquals(10, readings.size());
            for (int i = 0; i < 10; i++) {
                assertEquals(i == 4, readings.get("p" + i).value() == null, "p" + i + ": " + readings.get("p" + i));
            }
            assertTrue(readings.get("p4").reason().contains("illegal data address"), readings.get("p4").reason());
            long asked = simulator.requests() - before;
            assertTrue(turn == 0 || asked <= 5, "the cuts are remembered, but there were " + asked + " requests");
        }
    }

    @Test
    void aGapThatCannotBeReadIsLearned() throws Exception {
        simulator.illegal(5);
        DeviceProperty a = property("a", PropertyType.INT, "register", "HoldingRegister", "offset", 1);
        DeviceProperty b = property("b", PropertyType.INT, "register", "HoldingRegister", "offset", 7);
        BlockingConnection pump = open(settings(false), a, b);
        assertEquals(2, pump.read(java.util.List.of(a, b)).values().stream().filter(r -> r.value() != null).count());
        long before = simulator.requests();
        assertEquals(2, pump.read(java.util.List.of(a, b)).values().stream().filter(r -> r.value() != null).count());
        assertEquals(2, simulator.requests() - before);
    }

    @ParameterizedTest
    @CsvSource({"false,crc=1", "true,crc=1", "false,drop=1", "true,drop=1", "false,garbage=1", "true,garbage=1", "false,cut=1", "true,cut=1",
            "false,close=1", "true,close=1"})
    void faultsOfTheLineLoseTheDeviceAndLeaveNothingBehind(boolean rtu, String fault) throws Exception {
        Map<String, Object> settings = settings(rtu, "timeout", 100);
        BlockingConnection pump = open(settings, SPEED);
        assertEquals("1500", read(pump, SPEED));
        if (!rtu && fault.startsWith("crc")) {
            return; // TCP has no checksum of ours
        }
        simulator.fault(fault);
        IOException lost = assertThrows(IOException.class, () -> read(pump, SPEED));
        assertFalse(lost instanceof RequestRefusedException, lost.toString());
        simulator.noFaults();
        pump.close();
        BlockingConnection again = open(settings, SPEED);
        assertEquals("1500", read(again, SPEED));
        again.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersOfOthersAreNotTakenForOnesOwn(boolean rtu) throws Exception {
        BlockingConnection pump = open(settings(rtu), SPEED);
        simulator.fault("foreign=1");
        for (int i = 0; i < 20; i++) {
            write(pump, SPEED, String.valueOf(i));
            assertEquals(String.valueOf(i), read(pump, SPEED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lateAnswersAreDiscarded(boolean rtu) throws Exception {
        BlockingConnection pump = open(settings(rtu, "timeout", 200, "retries", 0), SPEED, FLOW);
        simulator.fault("delay=230");
        assertThrows(IOException.class, () -> read(pump, SPEED));
        simulator.noFaults();
        assertEquals("3.5", read(pump, FLOW));
        assertEquals("1500", read(pump, SPEED));
    }

    @Test
    void connectionsThatTheDeviceClosedWhileIdleAreOpenedAgainUnnoticed() throws Exception {
        BlockingConnection pump = open(settings(false), SPEED);
        for (int i = 0; i < 5; i++) {
            simulator.dropClients();
            write(pump, SPEED, String.valueOf(i));
            simulator.dropClients();
            assertEquals(String.valueOf(i), read(pump, SPEED));
        }
    }

    @Test
    void unitsShareALineAndADeadOneHarmsNobody() throws Exception {
        Map<String, Object> one = settings(true, "timeout", 100);
        Map<String, Object> nine = new java.util.HashMap<>(one);
        nine.put("slaveID", 9);
        BlockingConnection pump = open(one, SPEED);
        BlockingConnection dead = open(nine, SPEED);
        assertEquals(1, driver.lines());
        for (int i = 0; i < 4; i++) {
            assertThrows(IOException.class, () -> read(dead, SPEED));
            assertEquals("1500", read(pump, SPEED));
        }
        assertEquals(1, simulator.connections(), "one connection for both, never opened again");
        dead.close();
        assertEquals("1500", read(pump, SPEED));
        pump.close();
        assertEquals(0, driver.lines());
    }

    @Test
    void aGatewayThatCannotReachTheDeviceMeansTheDeviceIsLost() throws Exception {
        BlockingConnection pump = open(settings(false, "slaveID", 77), SPEED);
        IOException lost = assertThrows(IOException.class, () -> read(pump, SPEED));
        assertFalse(lost instanceof RequestRefusedException);
        assertTrue(lost.getMessage().contains("does not answer its gateway"), lost.getMessage());
    }

    @Test
    void aBroadcastIsWrittenToAllAndReadFromNone() throws Exception {
        BlockingConnection all = open(settings(true, "slaveID", 0), SPEED, RUN);
        assertEquals(Map.of(), all.read(java.util.List.of(SPEED)));
        write(all, SPEED, "77");
        write(all, RUN, "false");
        assertFalse(all.readsBack(SPEED));
        TestSimulator.await(() -> simulator.holding(1, 1) == 77 && simulator.holding(2, 1) == 77 && simulator.holding(3, 1) == 77);
    }

    @Test
    void aDeviceWithoutMaskWriteAndSingleWritesIsWrittenAllTheSame() throws Exception {
        simulator.without(22, 6);
        BlockingConnection pump = open(settings(false), SPEED, MODE);
        write(pump, MODE, "true");
        assertEquals(0b111, simulator.holding(1, 2));
        write(pump, SPEED, "5");
        assertEquals("5", read(pump, SPEED));
    }

    @Test
    void aBitIsCalledAsItWasSet() throws Exception {
        DeviceProperty text = property("switch", PropertyType.STRING, "register", "CoilRegister", "offset", 2, "limit", 1, "dataType", "boolean");
        DeviceProperty own = property("valve", PropertyType.STRING, "register", "coil", "offset", 3, "onText", "open", "offText", "shut");
        BlockingConnection pump = open(settings(false), text, own);
        assertEquals("false", read(pump, text));
        write(pump, text, "OFF");
        assertEquals("OFF", read(pump, text));
        write(pump, text, "ON");
        assertEquals("ON", read(pump, text));
        assertTrue(simulator.coil(1, 2));
        write(pump, own, "open");
        assertEquals("open", read(pump, own));
        assertThrows(RequestRefusedException.class, () -> write(pump, own, "ajar"));
    }

    @Test
    void aValueThatTheDeviceCanStoreOnlyRoundedIsNotComparedLiterally() throws Exception {
        DeviceProperty temperature = property("t", PropertyType.DOUBLE, "register", "HoldingRegister", "offset", 0, "limit", 1, "scale", "0.1");
        BlockingConnection pump = open(settings(false), temperature);
        assertEquals("21.5", read(pump, temperature));
        write(pump, temperature, "12.34");
        assertEquals("12.3", read(pump, temperature));
        assertFalse(pump.readsBack(temperature));
        write(pump, temperature, "12.3");
        assertTrue(pump.readsBack(temperature));
    }

    @Test
    void textsThatAreReadOtherwiseThanWrittenAreNotCompared() throws Exception {
        DeviceProperty number = property("n", PropertyType.STRING, "register", "HoldingRegister", "offset", 120, "dataType", "uint16");
        DeviceProperty valve = property("v", PropertyType.STRING, "register", "CoilRegister", "offset", 4);
        BlockingConnection pump = open(settings(false), number, NAME, valve);
        for (String[] change : new String[][] {{"n", "007", "7", "false"}, {"n", "7", "7", "true"}, {"v", "TRUE", "true", "false"},
                {"v", "ON", "ON", "true"}, {"name", "P ", "P", "false"}, {"name", "P", "P", "true"}}) {
            DeviceProperty property = device(Map.of(), number, NAME, valve).property(change[0]).orElseThrow();
            write(pump, property, change[1]);
            assertEquals(change[2], read(pump, property));
            assertEquals(change[3], String.valueOf(pump.readsBack(property)), change[1]);
        }
    }

    @Test
    void severalCoilsAreOneNumber() throws Exception {
        DeviceProperty four = property("four", PropertyType.INT, "register", "CoilRegister", "offset", 8, "limit", 4);
        BlockingConnection pump = open(settings(false), four);
        write(pump, four, "10");
        assertEquals("10", read(pump, four));
        assertTrue(!simulator.coil(1, 8) && simulator.coil(1, 9) && !simulator.coil(1, 10) && simulator.coil(1, 11));
        assertThrows(RequestRefusedException.class, () -> write(pump, four, "16"));
    }

    @Test
    void failuresThatPassDoNotCutBlocksIntoPieces() throws Exception {
        BlockingConnection pump = open(settings(false), SPEED, FLOW);
        simulator.failOnce();
        assertEquals(2, pump.read(java.util.List.of(SPEED, FLOW)).values().stream().filter(r -> r.value() != null).count());
        assertEquals(2, simulator.requests());
        pump.read(java.util.List.of(SPEED, FLOW));
        assertEquals(3, simulator.requests(), "still one block");
    }

    @Test
    void busyDevicesAreAskedAgain() throws Exception {
        BlockingConnection pump = open(settings(false), SPEED);
        simulator.fault("busy=0.5");
        int good = 0;
        for (int i = 0; i < 20; i++) {
            good += pump.read(java.util.List.of(SPEED)).get("speed").value() == null ? 0 : 1;
        }
        assertTrue(good >= 15, good + " of 20 reads succeeded");
    }

    @Test
    void devicesOfOneHostShareALaneWithTheLongestPatienceTheyNeed() throws Exception {
        DeviceConfig device = device(tcp(5020, "pause", 20), SPEED, FLOW);
        assertEquals("127.0.0.1:5020", driver.lane(device).bus());
        assertEquals(20, driver.lane(device).pause().toMillis());
        assertEquals(3_000 + 2_000 + 2 * 520, driver.lane(device).deadline().toMillis());
    }
}
