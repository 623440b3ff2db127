package io.kelp.mapper.internal;

import io.kelp.control.ControlCommand.Result;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceVerb;
import io.kelp.mapper.DeviceCalls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code kelp device call}. */
@Component
public final class CallVerb implements DeviceVerb {

    private final DeviceCalls calls;

    @Activate
    public CallVerb(@Reference DeviceCalls calls) {
        this.calls = calls;
    }

    @Override
    public String verb() {
        return "call";
    }

    @Override
    public List<String> usage() {
        return List.of("device call NAME METHOD [PROPERTY=VALUE …]   calls a method of a device (spec.methods) and shows what it answers");
    }

    @Override
    public Result run(Device device, List<String> arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String argument : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
            int sign = argument.indexOf('=');
            if (sign < 1) {
                return usage("\"" + argument + "\" is not PROPERTY=VALUE.");
            }
            values.put(argument.substring(0, sign), argument.substring(sign + 1));
        }
        if (arguments.isEmpty()) {
            return usage("The method is missing.");
        }
        return DeviceAnswers.await(calls.call(device.id().namespace(), device.id().name(), arguments.get(0), values, DeviceAnswers.PATIENCE),
                answer -> answer.isEmpty() ? List.of(device.id() + ": " + arguments.get(0) + " is done")
                        : answer.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    }

    private Result usage(String what) {
        return Result.failed(2, what, "Usage: kelp " + usage().get(0));
    }
}
