package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.Settings;
import io.kelp.mapper.modbus.internal.wire.Line;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How a device is reached and treated: {@code spec.protocol.configData} of a modern device, or the sections
 * {@code modbus} and {@code common} of a classic one (specification of devices, 1.2 and 6.2).
 *
 * @param line what it hangs on
 * @param unit its address, 0 to 255
 * @param broadcast whether it stands for all devices of the line, so that it can be written only
 * @param timeout for an answer
 * @param connectTimeout for a TCP connection
 * @param retries of a read without a good answer
 * @param pause between requests
 * @param maxBlock most registers in one request
 * @param maxGap most unused registers in a block
 * @param maskWrite how a bit of a register is written
 * @param writeFunction with which functions it is written
 */
record DeviceSettings(Line line, int unit, boolean broadcast, Duration timeout, Duration connectTimeout, int retries, Duration pause,
        int maxBlock, int maxGap, MaskWrite maskWrite, WriteFunction writeFunction) {

    /** Whether single bits of registers are written by function 22; otherwise the register is read, changed and written. */
    enum MaskWrite { AUTO, TRUE, FALSE }

    /** Functions 5 and 6, or 15 and 16; {@code AUTO} takes what fits and the other one when the device knows only that. */
    enum WriteFunction { AUTO, SINGLE, MULTIPLE }

    private enum Mode { TCP, RTU, RTU_OVER_TCP }

    /** Keys of a device that mean something; in lower case. */
    static final Set<String> KEYS = Set.of("communicatemode", "ip", "host", "port", "serialport", "serialname", "baudrate", "databits",
            "parity", "stopbits", "rs485enabled", "serialtype", "rs485rtsactivehigh", "rs485delaybefore", "rs485delayafter",
            "slaveid", "unitid", "deviceid", "broadcast", "timeout", "connecttimeout", "retries", "pause", "maxblock", "maxgap", "maskwrite",
            "writefunction", "byteorder", "wordorder", "com", "tcp",
            // Of the classic API and of generated mappers; the stock mapper has no use for them either.
            "commtype", "protocolid", "reconntimeout", "reconnretrytimes", "collecttimeout", "collectretrytimes", "collecttype");

    private static final Set<String> SECTIONS = Set.of("com", "tcp");

    private static final List<Integer> BAUD_RATES = List.of(50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200,
            38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000);

    static DeviceSettings of(DeviceConfig device, ModbusConfig defaults) throws ConfigurationException {
        Settings settings = given(device);
        Mode mode = mode(device, settings);
        Line line = mode == Mode.RTU ? serial(settings) : tcp(settings, mode == Mode.RTU_OVER_TCP);
        int unit = (int) settings.whole(first(settings, "slaveID", "unitID", "deviceID"), 1, 0, 255);
        if (mode == Mode.RTU && unit > 247) {
            throw settings.refused(first(settings, "slaveID", "unitID", "deviceID"), unit, "an address of a serial line, 0 to 247");
        }
        return new DeviceSettings(line, unit,
                settings.flag("broadcast", unit == 0 && line.broadcasts()),
                millis(settings, "timeout", defaults.timeoutMillis(), 10, 30_000),
                millis(settings, "connectTimeout", defaults.connectTimeoutMillis(), 100, 30_000),
                (int) settings.whole("retries", mode == Mode.TCP ? 0 : defaults.retries(), 0, 5),
                millis(settings, "pause", defaults.pauseMillis(), 0, 10_000),
                (int) settings.whole("maxBlock", defaults.maxBlock(), 1, 125),
                (int) settings.whole("maxGap", defaults.maxGap(), 0, 124),
                settings.oneOf("maskWrite", MaskWrite.class, MaskWrite.AUTO),
                settings.oneOf("writeFunction", WriteFunction.class, WriteFunction.AUTO));
    }

    private static Duration millis(Settings settings, String key, long absent, long least, long most) throws ConfigurationException {
        return Duration.ofMillis(settings.whole(key, absent, least, most));
    }

    /** The first of several names of the same key that is used; the first if none is. */
    static String first(Settings settings, String... keys) {
        for (String key : keys) {
            if (settings.has(key)) {
                return key;
            }
        }
        return keys[0];
    }

    /**
     * The settings without those that mean nothing and those whose value is empty, which forms and typed clients write where
     * nobody has said anything. Some devices keep the classic sections {@code com} and {@code tcp} below {@code configData}.
     */
    private static Settings given(DeviceConfig device) throws ConfigurationException {
        Settings settings = device.settings();
        Map<String, Object> given = new LinkedHashMap<>();
        for (Settings section : List.of(settings.section("com"), settings.section("tcp"), settings)) {
            for (String key : section.keys()) {
                String lower = key.toLowerCase(Locale.ROOT);
                if (KEYS.contains(lower) && !SECTIONS.contains(lower) && !section.text(key).isBlank()) {
                    given.put(key, section.text(key));
                }
            }
        }
        return new Settings("device " + device.id(), given);
    }

    private static Mode mode(DeviceConfig device, Settings settings) throws ConfigurationException {
        if (settings.has("communicateMode")) {
            return settings.oneOf("communicateMode", Mode.class);
        }
        String protocol = device.protocol().toLowerCase(Locale.ROOT);
        if (protocol.contains("over")) {
            return Mode.RTU_OVER_TCP;
        }
        boolean serial = settings.has("serialPort") || settings.has("serialName");
        boolean address = settings.has("ip") || settings.has("host");
        if (protocol.endsWith("tcp") || protocol.endsWith("rtu")) {
            return protocol.endsWith("tcp") ? Mode.TCP : address && !serial ? Mode.RTU_OVER_TCP : Mode.RTU;
        }
        // As the stock mapper: a serial port goes before an address.
        return serial || !address ? Mode.RTU : Mode.TCP;
    }

    private static Line tcp(Settings settings, boolean rtu) throws ConfigurationException {
        String key = first(settings, "ip", "host");
        String host = settings.text(key).trim();
        if (!host.matches("[A-Za-z0-9._:%-]{1,253}")) {
            throw settings.refused(key, host, "a host name or an IP address");
        }
        return new Line.Tcp(host, (int) settings.whole("port", 502, 1, 65_535), rtu);
    }

    private static Line serial(Settings settings) throws ConfigurationException {
        String key = first(settings, "serialPort", "serialName");
        if (!settings.has(key)) {
            throw new ConfigurationException(settings.toString().replaceAll(" \\[.*", "")
                    + ": neither a serial port (key serialPort) nor an address (key ip) is given");
        }
        String path = settings.text(key).trim();
        // Whoever may create devices must not make the gateway open just any file.
        String full = path.startsWith("/") ? path : "/dev/" + path;
        if (!full.matches("/dev/[A-Za-z0-9._:+@/-]{1,200}") || full.contains("..")) {
            throw settings.refused(key, path, "a serial port below /dev, such as /dev/ttyS1 or /dev/serial/by-id/…");
        }
        long baudRate = settings.whole("baudRate", 9600, 50, 4_000_000);
        if (!BAUD_RATES.contains((int) baudRate)) {
            throw settings.refused("baudRate", baudRate, "one of " + BAUD_RATES);
        }
        return new Line.Serial(full, (int) baudRate,
                (int) settings.whole("dataBits", 8, 5, 8), parity(settings), (int) settings.whole("stopBits", 1, 1, 2), rs485(settings));
    }

    private static Line.Serial.Parity parity(Settings settings) throws ConfigurationException {
        if (!settings.has("parity")) {
            return Line.Serial.Parity.NONE;
        }
        return switch (settings.oneOf("parity", "none", "even", "odd", "N", "E", "O")) {
            case "even", "E" -> Line.Serial.Parity.EVEN;
            case "odd", "O" -> Line.Serial.Parity.ODD;
            default -> Line.Serial.Parity.NONE;
        };
    }

    private static Line.Rs485 rs485(Settings settings) throws ConfigurationException {
        boolean enabled = settings.flag("rs485Enabled", settings.text("serialType", "").equalsIgnoreCase("RS485"));
        return new Line.Rs485(enabled, settings.flag("rs485RtsActiveHigh", true),
                (int) settings.whole("rs485DelayBefore", 0, 0, 1_000_000), (int) settings.whole("rs485DelayAfter", 0, 0, 1_000_000));
    }
}
