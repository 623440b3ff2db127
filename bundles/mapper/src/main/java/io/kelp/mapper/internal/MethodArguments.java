package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.internal.CallRefusal.Reason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a call says against what the device has. Stateless. */
final class MethodArguments {

    private static final int LONGEST_VALUE = 4096;

    private MethodArguments() {}

    /** @throws CallRefusal that names the methods there are */
    static DeviceMethod method(DeviceConfig device, String name) {
        return device.methods().stream().filter(m -> m.name().equals(name)).findFirst()
                .orElseThrow(() -> new CallRefusal(Reason.METHOD_UNKNOWN, "device " + device.id() + " has no method " + shown(name)
                        + (device.methods().isEmpty() ? "; it has none"
                                : "; it has " + device.methods().stream().map(DeviceMethod::name).collect(Collectors.joining(", ")))));
    }

    /**
     * The arguments as values, in the order of the method's properties.
     *
     * @throws CallRefusal that says which one is wrong
     */
    static Map<DeviceProperty, PropertyValue> checked(DeviceConfig device, DeviceMethod method, Map<String, String> arguments) {
        String where = "device " + device.id() + ", method " + method.name() + ": ";
        for (String name : arguments.keySet()) {
            if (!method.propertyNames().contains(name)) {
                throw new CallRefusal(Reason.ARGUMENT_INVALID, where + shown(name) + " is none of its arguments; "
                        + (method.propertyNames().isEmpty() ? "it takes none" : "it takes " + String.join(", ", method.propertyNames())));
            }
        }
        Map<DeviceProperty, PropertyValue> values = new LinkedHashMap<>();
        for (String name : method.propertyNames()) {
            String text = arguments.get(name);
            if (text == null) {
                continue;
            }
            Optional<DeviceProperty> property = device.property(name);
            if (property.isEmpty()) {
                throw new CallRefusal(Reason.ARGUMENT_INVALID, where + "the device has no property " + shown(name));
            }
            if (text.length() > LONGEST_VALUE) {
                throw new CallRefusal(Reason.ARGUMENT_INVALID, where + "the value of " + name + " has " + text.length()
                        + " characters, allowed are " + LONGEST_VALUE);
            }
            try {
                values.put(property.get(), property.get().checked(text));
            } catch (IllegalArgumentException e) {
                throw new CallRefusal(Reason.ARGUMENT_INVALID, where + e.getMessage());
            }
        }
        return values;
    }

    private static String shown(String name) {
        return '"' + (name.length() > 80 ? name.substring(0, 80) + "…" : name) + '"';
    }
}
