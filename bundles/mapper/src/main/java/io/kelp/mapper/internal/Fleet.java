package io.kelp.mapper.internal;

import io.kelp.control.Problem;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.DeviceListener;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edged.ObjectEvents;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.SuggestedProperty;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All devices of this gateway and all drivers: knows neither OSGi nor protocols. Any thread may
 * call; state changes on the timeline.
 */
final class Fleet implements DeviceListener, MapperHealth, DeviceCalls {

    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
    private static final Duration LONGEST_CALL = Duration.ofSeconds(60);
    private static final Comparator<DriverRef> PREFERRED =
            Comparator.comparingInt(DriverRef::ranking).reversed().thenComparingLong(DriverRef::serviceId);

    private final RuntimeContext runtime;
    private final DeviceTwins twins;
    private final DeviceConfigReader reader;
    private final int mostDevices;
    private final LaneTable lanes;
    private final ObjectEvents events;
    private final HealthBook.Totals totals = new HealthBook.Totals();
    private final Map<DeviceId, DeviceSlot> slots =
            new ConcurrentSkipListMap<>(Comparator.comparing(DeviceId::namespace).thenComparing(DeviceId::name));
    private volatile List<DriverRef> drivers = List.of(); // written on the timeline
    private boolean tooMany;

    Fleet(RuntimeContext runtime, DeviceTwins twins, DeviceConfigReader reader, int mostDevices, ObjectEvents events) {
        this.runtime = runtime;
        this.twins = twins;
        this.reader = reader;
        this.mostDevices = mostDevices;
        this.events = events;
        this.lanes = new LaneTable(runtime.timeline());
    }

    @Override
    public void changed(Device device) {
        runtime.timeline().run(() -> {
            DeviceSlot slot = slots.get(device.id());
            if (slot == null) {
                if (slots.size() >= mostDevices) {
                    if (!tooMany) {
                        tooMany = true;
                        LOG.error("More than {} devices: {} and further ones are not driven; raise mostDevices of io.kelp.mapper",
                                mostDevices, device.id());
                    }
                    return;
                }
                slot = new DeviceSlot(runtime, twins, reader, () -> drivers, lanes, device, totals, events);
                slots.put(device.id(), slot);
            }
            slot.changed(device);
        });
    }

    @Override
    public void removed(DeviceId id) {
        runtime.timeline().run(() -> {
            DeviceSlot slot = slots.remove(id);
            if (slot != null) {
                slot.remove();
            }
        });
    }

    void driverCame(DriverRef driver) {
        runtime.timeline().run(() -> {
            List<DriverRef> more = new ArrayList<>(drivers);
            more.add(driver);
            more.sort(PREFERRED);
            drivers = List.copyOf(more);
            LOG.info("Mapper for protocol {} is here", driver.protocol());
            slots.values().forEach(DeviceSlot::driverCame);
        });
    }

    /**
     * Closes what a driver has open, and forgets the driver.
     *
     * @param waitMillis longest time to wait for that
     * @return whether everything was closed in time
     */
    boolean driverGoes(DriverRef driver, long waitMillis) {
        CountDownLatch closed = new CountDownLatch(1);
        runtime.timeline().run(() -> {
            List<DriverRef> fewer = new ArrayList<>(drivers);
            fewer.remove(driver);
            drivers = List.copyOf(fewer);
            int[] open = {1};
            Runnable one = () -> {
                if (--open[0] == 0) {
                    runtime.workers().renew();
                    closed.countDown();
                }
            };
            for (DeviceSlot slot : slots.values()) {
                open[0]++;
                slot.driverGoes(driver, one);
            }
            one.run();
            LOG.info("Mapper for protocol {} is gone", driver.protocol());
        });
        return await(closed, waitMillis);
    }

    /** Closes all devices; waits for that as long as is said. */
    boolean stop(long waitMillis) {
        CountDownLatch closed = new CountDownLatch(1);
        runtime.timeline().run(() -> {
            List<DriverRef> all = drivers;
            drivers = List.of();
            int[] open = {1};
            Runnable one = () -> {
                if (--open[0] == 0) {
                    closed.countDown();
                }
            };
            for (DeviceSlot slot : slots.values()) {
                slot.close();
                for (DriverRef driver : all) {
                    open[0]++;
                    slot.driverGoes(driver, one);
                }
            }
            one.run();
        });
        return await(closed, waitMillis);
    }

    private static boolean await(CountDownLatch latch, long waitMillis) {
        try {
            return latch.await(waitMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public CompletionStage<Map<String, String>> call(String namespace, String device, String method, Map<String, String> arguments,
            Duration deadline) {
        CompletableFuture<Map<String, String>> answer = new CompletableFuture<>();
        Map<String, String> copy = Map.copyOf(arguments);
        ask(namespace, device, answer, slot -> slot.call(method, copy, within(deadline), answer));
        return answer;
    }

    @Override
    public CompletionStage<List<SuggestedProperty>> discover(String namespace, String device, Duration deadline) {
        CompletableFuture<List<SuggestedProperty>> answer = new CompletableFuture<>();
        ask(namespace, device, answer, slot -> slot.discover(within(deadline), answer));
        return answer;
    }

    private void ask(String namespace, String device, CompletableFuture<?> answer, Consumer<DeviceSlot> question) {
        DeviceId id = new DeviceId(namespace, device);
        runtime.timeline().run(() -> {
            DeviceSlot slot = slots.get(id);
            if (slot == null) {
                answer.completeExceptionally(new CallRefusal(CallRefusal.Reason.DEVICE_UNKNOWN, "There is no device " + id + " on this gateway"));
            } else {
                question.accept(slot);
            }
        });
    }

    private static Duration within(Duration deadline) {
        return deadline.compareTo(LONGEST_CALL) > 0 ? LONGEST_CALL : deadline;
    }

    @Override
    public List<DeviceHealth> devices() {
        return slots.values().stream().map(s -> s.health().snapshot()).toList();
    }

    List<Problem> problems() {
        List<Problem> found = new ArrayList<>();
        slots.values().forEach(slot -> found.addAll(slot.problems()));
        return found;
    }

    List<DriverRef> drivers() {
        return drivers;
    }

    HealthBook.Totals totals() {
        return totals;
    }
}
