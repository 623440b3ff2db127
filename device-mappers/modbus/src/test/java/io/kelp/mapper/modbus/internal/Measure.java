package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Reading;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Figures of the driver alone, without the runtime: {@code Measure PORT}, beside {@code java -jar mapper-modbus-*.jar --tcp PORT
 * --units 1-200}, a process of its own so that its time does not count.
 */
final class Measure {

    private static final int ROUNDS = 5;

    private Measure() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).trim());
        ModbusDriver driver = new ModbusDriver(TestDevices.defaults());
        DeviceProperty[] many = new DeviceProperty[2_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = property(i);
        }
        BlockingConnection big = open(driver, port, 1, many);
        for (int round = 0; round <= ROUNDS; round++) {
            long reads = 0;
            long cpu = cpuNanos();
            long start = System.nanoTime();
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2)) {
                reads += count(big.read(List.of(many)));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("merged: %.0f registers/s, each a property; %.2f s of CPU a second%n", reads / seconds, (cpuNanos() - cpu) / 1e9 / seconds);
        }
        List<BlockingConnection> devices = new ArrayList<>();
        DeviceProperty[] ten = new DeviceProperty[10];
        for (int i = 0; i < ten.length; i++) {
            ten[i] = property(i);
        }
        for (int unit = 1; unit <= 200; unit++) {
            devices.add(open(driver, port, unit, ten));
        }
        for (int round = 0; round < ROUNDS; round++) {
            long cpu = cpuNanos();
            long start = System.nanoTime();
            int calls = 0;
            for (int second = 0; second < 4; second++) {
                for (int i = 0; i < devices.size(); i++) {
                    count(devices.get(i).read(List.of(ten)));
                    calls++;
                    TimeUnit.NANOSECONDS.sleep(start + calls * 5_000_000L - System.nanoTime());
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("200 devices of 10 properties at 1 s: %.2f %% of a core, %.3f ms each%n",
                    (cpuNanos() - cpu) / 1e7 / seconds, (cpuNanos() - cpu) / 1e6 / calls);
        }
        System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).trim());
    }

    private static DeviceProperty property(int i) {
        return TestDevices.property("p" + i, PropertyType.DOUBLE, "register", "HoldingRegister", "offset", i, "dataType", "uint16", "scale", 0.1);
    }

    private static BlockingConnection open(ModbusDriver driver, int port, int unit, DeviceProperty[] properties) throws Exception {
        return (BlockingConnection) driver.open(TestDevices.device(TestDevices.tcp(port, "slaveID", unit), properties), TestDevices.CONTEXT);
    }

    private static long count(Map<String, Reading> readings) {
        long good = readings.values().stream().filter(r -> r.value() != null).count();
        if (good != readings.size()) {
            throw new AssertionError(readings.size() - good + " readings are bad");
        }
        return good;
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
