package io.kelp.cloud.method;

import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.device.DeviceDescription.Method;
import java.util.List;
import java.util.Optional;

/** Whether a device has what a call wants; said at once, without its gateway. */
final class CallCheck {

    private CallCheck() {}

    /** Why the call can never be made; empty when the gateway may be asked. */
    static Optional<Outcome> problem(MethodCall call, DeviceDescription device) {
        List<Method> methods = device.methods();
        Optional<Method> method = methods.stream().filter(m -> m.name().equals(call.method())).findFirst();
        if (method.isEmpty()) {
            String known = methods.isEmpty() ? "it has none (spec.methods, v1beta1)"
                    : "it has " + String.join(", ", methods.stream().map(Method::name).toList());
            return Optional.of(Outcome.failed("MethodUnknown", "Device " + call.device() + " has no method " + call.method() + "; " + known + "."));
        }
        for (String argument : call.arguments().keySet()) {
            if (!method.get().properties().contains(argument)) {
                String known = method.get().properties().isEmpty() ? "it takes none" : "it takes " + String.join(", ", method.get().properties());
                return Optional.of(Outcome.failed("ArgumentInvalid", "Method " + call.method() + " of device " + call.device()
                        + " has no argument " + argument + "; " + known + "."));
            }
        }
        return Optional.empty();
    }
}
