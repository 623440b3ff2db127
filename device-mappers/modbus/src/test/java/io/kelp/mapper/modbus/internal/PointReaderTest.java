package io.kelp.mapper.modbus.internal;

import static io.kelp.mapper.modbus.internal.TestDevices.device;
import static io.kelp.mapper.modbus.internal.TestDevices.map;
import static io.kelp.mapper.modbus.internal.TestDevices.property;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import io.kelp.mapper.modbus.internal.value.DataType;
import io.kelp.mapper.modbus.internal.wire.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may stand in a Device, and what it means. */
class PointReaderTest {

    private static Map<String, Object> parse(String text) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String pair : text.trim().split("[ ;]+")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                map.put(parts[0], parts[1]);
            }
        }
        return map;
    }

    private static Point point(PropertyType type, String visitor) throws ConfigurationException {
        Object[] pairs = parse(visitor).entrySet().stream().flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue())).toArray();
        return new PointReader(new Settings("device default/pump", Map.of())).read(property("p", type, pairs), "");
    }

    @ParameterizedTest
    @CsvSource({
        // As the stock mapper: the type of the twin and limit registers, without sign.
        "INT,    register=HoldingRegister offset=2 limit=1,                UNSIGNED, 1",
        "INT,    register=HoldingRegister offset=2 limit=2,                UNSIGNED, 2",
        "INT,    register=HoldingRegister offset=2 limit=4 dataType=Int,   UNSIGNED, 4",
        "INT,    register=CoilRegister offset=2 limit=1 scale=1,           UNSIGNED, 1",
        "FLOAT,  register=InputRegister offset=2 limit=2,                  FLOAT32,  2",
        "DOUBLE, register=InputRegister offset=2 limit=4,                  FLOAT64,  4",
        "BOOLEAN,register=CoilRegister offset=2 limit=1 dataType=boolean,  BOOL,     1",
        "STRING, register=CoilRegister offset=2 limit=1 dataType=boolean,  BOOL,     1",
        "STRING, register=DiscreteInputRegister offset=3 limit=1,          BOOL,     1",
        "STRING, register=HoldingRegister offset=3 limit=5,                STRING,   5",
        // The e2e fixtures of the original: strings and capital letters.
        "INT,    Register=CoilRegister Offset=2 Limit=1 Scale=1 IsSwap=true IsRegisterSwap=true, UNSIGNED, 1",
        // Where the stock mapper reads nothing: sensible meanings.
        "DOUBLE, register=HoldingRegister offset=0 limit=1 scale=0.1,      UNSIGNED, 1",
        "DOUBLE, register=HoldingRegister offset=0 limit=2,                FLOAT32,  2",
        "INT,    register=HoldingRegister offset=0,                        UNSIGNED, 1",
        "FLOAT,  register=HoldingRegister offset=0,                        FLOAT32,  2",
        "INT,    register=HoldingRegister offset=0 limit=0 scale=0,        UNSIGNED, 1",
        // Ours.
        "INT,    register=holding offset=0 dataType=int16,                 INT16,    1",
        "DOUBLE, register=input offset=0 dataType=uint32 limit=2,          UINT32,   2",
        "BOOLEAN,register=HoldingRegister offset=0 bit=3,                  BOOL,     1",
        "BYTES,  register=HoldingRegister offset=0 limit=4,                BYTES,    4",
        "INT,    register=coil offset=0 limit=12 dataType=int,             UNSIGNED, 12",
    })
    void understandsBothGenerationsAndTheStockMapper(PropertyType type, String visitor, DataType data, int count) throws Exception {
        Point point = point(type, visitor);
        assertEquals(data, point.codec().type());
        assertEquals(count, point.count());
    }

    @Test
    void aMissingScaleIsOneAndSoIsZero() throws Exception {
        for (String scale : List.of("", " scale=0", " scale=1", " Scale=1.0")) {
            assertTrue(point(PropertyType.INT, "register=HoldingRegister offset=0 limit=1" + scale).codec().scaling().none());
        }
    }

    @Test
    void swapsAreTheOrdersOfTheStockMapper() throws Exception {
        Point stock = point(PropertyType.INT, "register=HoldingRegister offset=0 limit=2 isSwap=true isRegisterSwap=true");
        Point ours = point(PropertyType.INT, "register=HoldingRegister offset=0 limit=2 byteOrder=little wordOrder=little");
        assertEquals(stock.codec().order(), ours.codec().order());
        assertEquals("67305985", stock.codec().decode(new byte[] {1, 2, 3, 4}).asText(), "04030201h");
        assertEquals(8 ^ 3, point(PropertyType.BOOLEAN, "register=HoldingRegister offset=0 bit=3 isSwap=true").bit());
    }

    @ParameterizedTest
    @CsvSource({
        "INT, offset=1, key register is missing",
        "INT, register=Register offset=1, key register: \"Register\" is not one of CoilRegister",
        "INT, register=HoldingRegister, key offset is missing",
        "INT, register=HoldingRegister offset=65536, key offset: \"65536\" is not a whole number from 0 to 65535",
        "INT, register=HoldingRegister offset=40001x, is not a whole number",
        "INT, register=HoldingRegister offset=65535 limit=2, key limit: \"2\" is not possible at offset 65535",
        "INT, register=HoldingRegister offset=0 limit=126, is not a whole number from 0 to 125",
        "INT, register=HoldingRegister offset=0 limit=5, is not 1 to 4 for a number",
        "INT, register=HoldingRegister offset=0 dataType=int32 limit=1, key limit: \"1\" is not 2",
        "INT, register=HoldingRegister offset=0 dataType=real, key dataType: \"real\" is not one of int16",
        "INT, register=CoilRegister offset=0 dataType=float32, is not possible for a coil",
        "INT, register=CoilRegister offset=0 bit=1, is not possible here",
        "INT, register=HoldingRegister offset=0 bit=16, is not a whole number from 0 to 15",
        "STRING, register=HoldingRegister offset=0, key limit is missing; a property of type STRING needs",
        "INT, register=HoldingRegister offset=0 scale=ten, key scale: \"ten\" is not a number",
        "INT, register=HoldingRegister offset=0 wordOrder=middle, is not one of BIG LITTLE",
        "INT, register=HoldingRegister offset=0 isSwap=true byteOrder=big, leave one of the two out",
        "INT, register=HoldingRegister offset=0 readBack=maybe, key readBack: \"maybe\" is not true or false",
    })
    void errorsNameDevicePropertyKeyValueAndWhatIsAllowed(PropertyType type, String visitor, String expected) {
        String message = assertThrows(ConfigurationException.class, () -> point(type, visitor)).getMessage();
        assertTrue(message.startsWith("device default/pump, property p"), message);
        assertTrue(message.replace(",", "").contains(expected.replace(",", "")), message);
    }

    private static DeviceSettings settings(String protocol, String settings) throws ConfigurationException {
        DeviceConfig device = device(parse(settings));
        return DeviceSettings.of(new DeviceConfig(device.namespace(), device.name(), device.model(), protocol, device.settings(), List.of()),
                TestDevices.defaults());
    }

    @ParameterizedTest
    @CsvSource({
        "modbus, communicateMode=TCP ip=10.0.0.5 port=502 slaveID=1,                          'Tcp[host=10.0.0.5, port=502, rtu=false]', 1",
        "modbus, ip=172.17.0.3 port=1502,                                                     'Tcp[host=172.17.0.3, port=1502, rtu=false]', 1",
        "modbus-rtu-over-tcp, host=gw.plant slaveID=0,                                        'Tcp[host=gw.plant, port=502, rtu=true]', 0",
        "modbus, communicateMode=RTU_over_TCP ip=::1 unitId=247,                              'Tcp[host=::1, port=502, rtu=true]', 247",
        "modbus, SerialPort=/dev/ttyS0 BaudRate=9600 DataBits=8 Parity=even StopBits=1,       /dev/ttyS0 9600 8 EVEN 1 false, 1",
        "modbus, communicateMode=RTU serialName=/dev/ttyUSB0 baudRate=115200 parity=None rs485Enabled=true slaveID=3, /dev/ttyUSB0 115200 8 NONE 1 true, 3",
        "modbus, slaveID=2 serialPort=ttyS1 baudRate=19200 parity=odd stopBits=2 serialType=RS485, /dev/ttyS1 19200 8 ODD 2 true, 2",
        "modbus-rtu, ip=10.0.0.5 serialPort= slaveID=3,                                       'Tcp[host=10.0.0.5, port=502, rtu=true]', 3",
        "modbus, ip=10.0.0.5 port= serialPort= baudRate=,                                     'Tcp[host=10.0.0.5, port=502, rtu=false]', 1",
        "modbus-mapper, deviceID=1 serialPort=/dev/ttyS0 baudRate=9600 dataBits=8 parity=even stopBits=1 protocolID=1, /dev/ttyS0 9600 8 EVEN 1 false, 1",
    })
    void understandsTheProtocolSettingsOfAllMappers(String protocol, String text, String line, int unit) throws Exception {
        DeviceSettings settings = settings(protocol, text);
        String shown = settings.line() instanceof Line.Serial s
                ? s.path() + " " + s.baudRate() + " " + s.dataBits() + " " + s.parity() + " " + s.stopBits() + " " + s.rs485().enabled()
                : settings.line().toString();
        assertEquals(line, shown);
        assertEquals(unit, settings.unit());
        for (String key : parse(text).keySet()) {
            assertTrue(DeviceSettings.KEYS.contains(key.toLowerCase(java.util.Locale.ROOT)), key);
        }
    }

    @Test
    void understandsClassicSectionsBelowConfigData() throws Exception {
        DeviceConfig device = device(map("com", map("serialPort", "/dev/ttyS0", "baudRate", 4800, "commType", "serial"), "slaveID", 5));
        assertEquals(4800, ((Line.Serial) DeviceSettings.of(device, TestDevices.defaults()).line()).baudRate());
        assertEquals(5, DeviceSettings.of(device, TestDevices.defaults()).unit());
    }

    @ParameterizedTest
    @CsvSource({
        "slaveID=1, neither a serial port (key serialPort) nor an address (key ip) is given",
        "ip=10.0.0.5 port=70000, key port: \"70000\" is not a whole number from 1 to 65535",
        "ip=10.0.0.5 slaveID=256, key slaveID: \"256\" is not a whole number from 0 to 255",
        "ip=http://x, key ip: \"http://x\" is not a host name",
        "ip=10.0.0.5 timeout=5, key timeout: \"5\" is not a whole number from 10 to 30000",
        "ip=10.0.0.5 communicateMode=UDP, key communicateMode: \"UDP\" is not one of TCP",
        "serialPort=/etc/passwd, is not a serial port below /dev",
        "serialPort=/dev/../etc/passwd, is not a serial port below /dev",
        "serialPort=ttyS0 baudRate=9601, key baudRate: \"9601\" is not one of",
        "serialPort=ttyS0 parity=mark, key parity: \"mark\" is not one of none",
        "serialPort=ttyS0 slaveID=248, is not an address of a serial line",
    })
    void settingsThatCannotBeAreRefusedByName(String text, String expected) {
        String message = assertThrows(ConfigurationException.class, () -> settings("modbus", text)).getMessage();
        assertTrue(message.startsWith("device default/pump"), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void defaultsComeFromTheConfigurationAndRetriesAreForSerialLines() throws Exception {
        DeviceSettings tcp = settings("modbus", "ip=10.0.0.5");
        assertEquals(1_000, tcp.timeout().toMillis());
        assertEquals(0, tcp.retries());
        assertEquals(125, tcp.maxBlock());
        assertEquals(1, settings("modbus", "serialPort=ttyS0").retries());
        assertEquals(250, DeviceSettings.of(device(parse("ip=10.0.0.5")), TestDevices.defaults("timeoutMillis", 250)).timeout().toMillis());
    }
}
