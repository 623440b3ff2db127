package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Devices as other bundles see them. Stateless. */
final class DeviceViews {

    private DeviceViews() {}

    static Device of(DeviceState state, JsonObject model) {
        Map<String, Twin> twins = new LinkedHashMap<>();
        if (state.object() != null) {
            DeviceObject.desired(state.object(), model, state.generation())
                    .forEach((name, desired) -> twins.put(name, twin(state.twins().get(name), desired.type())));
        }
        state.twins().forEach((name, twin) -> {
            if (!twin.isDeleted()) {
                twins.putIfAbsent(name, twin(twin, twin.type()));
            }
        });
        return new Device(state.id(), state.generation(), state.object(), model, state.state(), Collections.unmodifiableMap(twins));
    }

    private static Twin twin(TwinState twin, String type) {
        return twin == null || twin.isDeleted() ? new Twin(type, null, null)
                : new Twin(twin.type(), value(twin.expected()), value(twin.actual()), twin.actual().remark().hasError() ? twin.actual().remark().error() : "");
    }

    private static Value value(TwinSide side) {
        return side.isSet() ? new Value(side.value(), side.timestampMillis(), side.remark().quality()) : null;
    }
}
