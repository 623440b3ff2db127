package io.kelp.mapper.modbus.internal;

import static io.kelp.mapper.modbus.internal.TestDevices.device;
import static io.kelp.mapper.modbus.internal.TestDevices.map;
import static io.kelp.mapper.modbus.internal.TestDevices.property;
import static io.kelp.mapper.modbus.internal.TestDevices.read;
import static io.kelp.mapper.modbus.internal.TestDevices.tcp;
import static io.kelp.mapper.modbus.internal.TestDevices.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.modbus.internal.wire.Line;
import io.kelp.mapper.modbus.simulator.TestSimulator;
import io.kelp.testkit.Needed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against what others have written: libmodbus, pymodbus, mbpoll; over TCP and a serial line. */
@Tag("slow")
class PeersTest {

    @TempDir
    private Path folder;
    private Peers peers;
    private final ModbusDriver driver = new ModbusDriver(TestDevices.defaults());
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @BeforeEach
    void start() {
        peers = new Peers(folder);
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
        peers.close();
    }

    private BlockingConnection open(Map<String, Object> settings, DeviceProperty... properties) throws Exception {
        BlockingConnection connection = (BlockingConnection) driver.open(device(settings, properties), TestDevices.CONTEXT);
        toClose.add(connection::close);
        return connection;
    }

    private static final DeviceProperty HOLDING = property("holding", PropertyType.INT, "register", "HoldingRegister", "offset", 11, "limit", 1);
    private static final DeviceProperty INPUT = property("input", PropertyType.INT, "register", "InputRegister", "offset", 12, "limit", 1);
    private static final DeviceProperty COIL = property("coil", PropertyType.BOOLEAN, "register", "CoilRegister", "offset", 13);
    private static final DeviceProperty DISCRETE = property("discrete", PropertyType.BOOLEAN, "register", "DiscreteInputRegister", "offset", 15);
    private static final DeviceProperty BIT = property("bit", PropertyType.BOOLEAN, "register", "HoldingRegister", "offset", 11, "bit", 15);
    private static final DeviceProperty FLOAT = property("float", PropertyType.FLOAT, "register", "HoldingRegister", "offset", 30,
            "dataType", "float32", "wordOrder", "little");
    private static final DeviceProperty LONG = property("long", PropertyType.INT, "register", "HoldingRegister", "offset", 40, "dataType", "int64");
    private static final DeviceProperty TEXT = property("text", PropertyType.STRING, "register", "HoldingRegister", "offset", 50, "limit", 10);
    private static final DeviceProperty BEYOND = property("beyond", PropertyType.INT, "register", "HoldingRegister", "offset", 9_999);
    private static final DeviceProperty[] ALL = {HOLDING, INPUT, COIL, DISCRETE, BIT, FLOAT, LONG, TEXT, BEYOND};

    /** What every server must do with us. */
    private void everythingWorksWith(BlockingConnection server, String holding, String input, boolean coil, boolean discrete) throws Exception {
        assertEquals(ALL.length, server.read(List.of(ALL)).size());
        assertEquals(holding, read(server, HOLDING));
        assertEquals(input, read(server, INPUT));
        assertEquals(String.valueOf(coil), read(server, COIL));
        assertEquals(String.valueOf(discrete), read(server, DISCRETE));
        assertTrue(read(server, BEYOND).toString().contains("illegal data address"), read(server, BEYOND).toString());
        assertThrows(RequestRefusedException.class, () -> write(server, BEYOND, "1"));
        for (int i = 0; i < 2; i++) {
            write(server, COIL, String.valueOf(i == 0));
            assertEquals(String.valueOf(i == 0), read(server, COIL));
            write(server, HOLDING, "12345");
            write(server, BIT, String.valueOf(i == 0));
            assertEquals(i == 0 ? "45113" : "12345", read(server, HOLDING), "12345 with and without its highest bit");
        }
        for (DeviceProperty property : List.of(FLOAT, LONG, TEXT)) {
            String value = property == TEXT ? "Pumpe 7 im Keller" : property == LONG ? "-9007199254740993" : "-0.15625";
            write(server, property, value);
            assertEquals(value, read(server, property));
        }
    }

    @Test
    void libmodbusOverTcp() throws Exception {
        int port = Peers.freePort();
        peers.libmodbus("tcp", String.valueOf(port));
        everythingWorksWith(open(tcp(port), ALL), "33", "36", true, true);
    }

    @Test
    void libmodbusOverASerialLine() throws Exception {
        String[] ends = peers.serialLine();
        peers.libmodbus("rtu", ends[1], "7");
        BlockingConnection server = open(map("serialPort", ends[0], "baudRate", "19200", "parity", "even", "dataBits", 8, "stopBits", 1,
                "slaveID", 7), ALL);
        everythingWorksWith(server, "33", "36", true, true);
        assertThrows(IOException.class, () -> read(open(map("serialPort", ends[0], "baudRate", "19200", "parity", "even", "slaveID", 8,
                "timeout", 100), ALL), HOLDING), "no unit 8 on this line");
        assertEquals("12345", read(server, HOLDING));
    }

    @Test
    void pymodbusOverTcp() throws Exception {
        int port = Peers.freePort();
        peers.pymodbus(port, 3);
        everythingWorksWith(open(tcp(port, "slaveID", 2), ALL), "13", "84", false, true);
    }

    @Test
    void mbpollSeesWhatTheMapperWroteAndTheMapperWhatMbpollWrote() throws Exception {
        Needed.program(Peers.onPath("mbpoll"), "mbpoll");
        TestSimulator simulator = new TestSimulator();
        toClose.add(simulator);
        int port = simulator.listen(false);
        BlockingConnection unit = open(tcp(port, "slaveID", 2), ALL);
        String[] start = {"mbpoll", "-q", "-1", "-m", "tcp", "-p", String.valueOf(port), "-a", "2"};

        write(unit, HOLDING, "4711");
        assertEquals("4711", Peers.polled(poll(start, "-t", "4", "-r", "12", "127.0.0.1"), 12));
        write(unit, FLOAT, "3.25");
        assertEquals("3.25", Peers.polled(poll(start, "-t", "4:float", "-r", "31", "127.0.0.1"), 31), "mbpoll's default has the low word first");
        write(unit, COIL, "true");
        assertEquals("1", Peers.polled(poll(start, "-t", "0", "-r", "14", "127.0.0.1"), 14));

        poll(start, "-t", "4", "-r", "12", "127.0.0.1", "815");
        assertEquals("815", read(unit, HOLDING));
        poll(start, "-t", "4:float", "-r", "31", "127.0.0.1", "--", "-7.5");
        assertEquals("-7.5", read(unit, FLOAT));
        poll(start, "-t", "0", "-r", "14", "127.0.0.1", "0");
        assertEquals("false", read(unit, COIL));
    }

    private String poll(String[] start, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(start));
        command.addAll(List.of(more));
        return peers.run(command.toArray(String[]::new));
    }

    @Test
    void mbpollAndTheMapperOnASerialLineOfTheSimulator() throws Exception {
        Needed.program(Peers.onPath("mbpoll"), "mbpoll");
        String[] ends = peers.serialLine();
        TestSimulator simulator = new TestSimulator();
        toClose.add(simulator);
        simulator.serial(new Line.Serial(ends[1], 9600, 8, Line.Serial.Parity.NONE, 1, Line.Rs485.OFF));
        assertEquals("1500", Peers.polled(peers.run("mbpoll", "-q", "-1", "-m", "rtu", "-b", "9600", "-P", "none", "-a", "3", "-t", "4", "-r", "2",
                ends[0]), 2));
        BlockingConnection unit = open(map("serialName", ends[0], "baudRate", 9600, "slaveID", "3", "communicateMode", "RTU"), ALL);
        write(unit, HOLDING, "4711");
        assertEquals("4711", read(unit, HOLDING));
        simulator.fault("crc=0.3");
        for (int i = 0; i < 10; i++) {
            try {
                assertEquals("4711", read(unit, HOLDING));
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("checksum"), e.getMessage());
            }
        }
    }

    @Test
    void twoUnitsOnOneSerialLineAndABroadcastToBoth() throws Exception {
        String[] ends = peers.serialLine();
        TestSimulator simulator = new TestSimulator();
        toClose.add(simulator);
        simulator.serial(new Line.Serial(ends[1], 19_200, 8, Line.Serial.Parity.NONE, 1, Line.Rs485.OFF));
        Map<String, Object> line = map("serialPort", ends[0], "baudRate", 19_200);
        Map<Integer, BlockingConnection> units = new java.util.HashMap<>();
        for (int unit : new int[] {0, 1, 2}) {
            Map<String, Object> settings = new java.util.HashMap<>(line);
            settings.put("slaveID", unit);
            units.put(unit, open(settings, ALL));
        }
        assertEquals(1, driver.lines());
        write(units.get(0), HOLDING, "77");
        assertEquals("77", read(units.get(1), HOLDING));
        assertEquals("77", read(units.get(2), HOLDING));
    }
}
