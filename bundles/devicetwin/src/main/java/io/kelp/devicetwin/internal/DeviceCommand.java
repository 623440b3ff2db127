package io.kelp.devicetwin.internal;

import io.kelp.control.ControlCommand;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import io.kelp.devicetwin.DeviceVerb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** {@code kelp device}: twins, locally. */
@Component
public final class DeviceCommand implements ControlCommand {

    private static final int SET_TIMEOUT_SECONDS = 5;
    private static final int MOST_LISTED = 16;
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int NOT_READY = 4;

    private final DeviceTwins twins;
    private final List<DeviceVerb> verbs = new CopyOnWriteArrayList<>();

    @Activate
    public DeviceCommand(@Reference DeviceTwins twins) {
        this.twins = twins;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addVerb(DeviceVerb verb) {
        verbs.add(verb);
    }

    void removeVerb(DeviceVerb verb) {
        verbs.remove(verb);
    }

    @Override
    public String name() {
        return "device";
    }

    @Override
    public List<String> usage() {
        List<String> lines = new ArrayList<>(List.of("device list                        shows all devices of this gateway",
                "device get NAME                    shows the twins of one device; NAME or NAMESPACE/NAME",
                "device set NAME PROPERTY VALUE     sets a desired value until the cloud changes it"));
        verbs.stream().sorted(Comparator.comparing(DeviceVerb::verb)).forEach(verb -> lines.addAll(verb.usage()));
        return lines;
    }

    @Override
    public Result run(List<String> arguments) {
        String verb = arguments.isEmpty() ? "" : arguments.get(0);
        if (verb.equals("list") && arguments.size() == 1) {
            return list();
        }
        if (verb.equals("get") && arguments.size() == 2 || verb.equals("set") && arguments.size() == 4) {
            return one(arguments, device -> verb.equals("get") ? get(device) : set(device.id(), arguments.get(2), arguments.get(3)));
        }
        Optional<DeviceVerb> further = verbs.stream().filter(v -> v.verb().equals(verb)).findFirst();
        if (further.isPresent() && arguments.size() > 1) {
            return one(arguments, device -> further.get().run(device, arguments.subList(2, arguments.size())));
        }
        List<String> lines = new ArrayList<>(List.of(wrong(verb)));
        usage().forEach(line -> lines.add("  kelp " + line));
        return new Result(USAGE, lines);
    }

    private String wrong(String verb) {
        if (verb.isEmpty()) {
            return "What shall be done is missing. Usage:";
        }
        Stream<String> words = Stream.concat(Stream.of("list", "get", "set"), verbs.stream().map(DeviceVerb::verb).sorted());
        List<String> known = words.toList();
        return known.contains(verb) ? "Wrong usage of device " + verb + ". Usage:"
                : "There is no device " + verb + "; there are " + String.join(", ", known) + ". Usage:";
    }

    private Result list() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"DEVICE", "API", "STATE", "TWINS"});
        for (Device device : twins.devices()) {
            rows.add(new String[] {device.id().toString(), device.generation().name().toLowerCase(java.util.Locale.ROOT),
                    device.state().isEmpty() ? "-" : device.state(),
                    device.twins().entrySet().stream().limit(MOST_LISTED).map(DeviceCommand::brief).collect(Collectors.joining(" "))
                            + (device.twins().size() > MOST_LISTED ? " and " + (device.twins().size() - MOST_LISTED) + " more" : "")});
        }
        return rows.size() == 1 ? Result.ok("There are no devices on this gateway.") : new Result(0, table(rows));
    }

    private static String brief(Map.Entry<String, Twin> e) {
        return e.getKey() + "=" + text(e.getValue().reported()) + (e.getValue().desired() == null ? "" : "(" + text(e.getValue().desired()) + ")");
    }

    private Result one(List<String> arguments, Function<Device, Result> action) {
        String name = arguments.get(1);
        List<Device> found = find(name);
        if (found.isEmpty()) {
            String known = twins.devices().stream().map(device -> device.id().toString()).collect(Collectors.joining(", "));
            return Result.failed(NOT_FOUND, "There is no device " + name + " on this gateway; "
                    + (known.isEmpty() ? "there are none." : "there are: " + known + "."));
        }
        if (found.size() > 1) {
            return Result.failed(USAGE, "The name " + name + " means several devices: "
                    + found.stream().map(device -> device.id().toString()).collect(Collectors.joining(", ")) + ". Give the namespace, too.");
        }
        return action.apply(found.get(0));
    }

    private List<Device> find(String name) {
        int slash = name.indexOf('/');
        if (slash >= 0) {
            return twins.device(new DeviceId(name.substring(0, slash), name.substring(slash + 1))).stream().toList();
        }
        return twins.devices().stream().filter(device -> device.id().name().equals(name)).toList();
    }

    private static Result get(Device device) {
        List<String> lines = new ArrayList<>();
        lines.add("device  " + device.id());
        lines.add("api     " + device.generation().name().toLowerCase(java.util.Locale.ROOT));
        lines.add("state   " + (device.state().isEmpty() ? "never reported" : device.state()));
        lines.add("model   " + (device.model() == null ? "not here" : "here"));
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"PROPERTY", "TYPE", "DESIRED", "REPORTED", "SINCE"});
        device.twins().forEach((property, twin) -> rows.add(new String[] {property, twin.type(), text(twin.desired()), text(twin.reported()),
                twin.reported() == null ? "-" : Instant.ofEpochMilli(twin.reported().timestampMillis()).toString()}));
        lines.addAll(table(rows));
        device.twins().forEach((property, twin) -> {
            if (twin.reported() != null && twin.reported().quality() != Quality.GOOD) {
                lines.add(property + ": the quality of the reported value is " + twin.reported().quality().name().toLowerCase(java.util.Locale.ROOT));
            }
            if (!twin.error().isEmpty()) {
                lines.add(property + ": the desired value was not taken: " + twin.error());
            }
        });
        return new Result(0, lines);
    }

    private Result set(DeviceId id, String property, String value) {
        try {
            twins.setDesired(id, property, value).toCompletableFuture().get(SET_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return Result.ok(id + ": " + property + " shall be " + value);
        } catch (ExecutionException e) {
            return Result.failed(1, String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            return Result.failed(NOT_READY, "The value was not stored within " + SET_TIMEOUT_SECONDS + " s; look at the disk with kelp status.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.failed(NOT_READY, "The gateway is being stopped.");
        }
    }

    private static String text(Value value) {
        return value == null ? "-" : value.text();
    }

    private static List<String> table(List<String[]> rows) {
        int[] widths = new int[rows.get(0).length];
        rows.forEach(row -> {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        });
        return rows.stream().map(row -> {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(i == row.length - 1 ? "" : " ".repeat(widths[i] - row[i].length() + 2));
            }
            return line.toString();
        }).toList();
    }
}
