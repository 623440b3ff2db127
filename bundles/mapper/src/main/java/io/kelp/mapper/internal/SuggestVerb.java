package io.kelp.mapper.internal;

import com.google.gson.JsonPrimitive;
import io.kelp.control.ControlCommand.Result;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceVerb;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.SuggestedProperty;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code kelp device suggest}: what a device says it has, as YAML for a DeviceModel and a Device. */
@Component
public final class SuggestVerb implements DeviceVerb {

    private final DeviceCalls calls;

    @Activate
    public SuggestVerb(@Reference DeviceCalls calls) {
        this.calls = calls;
    }

    @Override
    public String verb() {
        return "suggest";
    }

    @Override
    public List<String> usage() {
        return List.of("device suggest NAME                asks a device what it has, for a DeviceModel and a Device");
    }

    @Override
    public Result run(Device device, List<String> arguments) {
        if (!arguments.isEmpty()) {
            return Result.failed(2, "Wrong usage of device suggest. Usage: kelp " + usage().get(0));
        }
        String protocol = Json.text(Json.object(Json.object(device.object(), "spec"), "protocol"), "protocolName");
        return DeviceAnswers.await(calls.discover(device.id().namespace(), device.id().name(), DeviceAnswers.PATIENCE),
                found -> found.isEmpty() ? List.of("# " + device.id() + " says that it has nothing") : yaml(found, protocol));
    }

    static List<String> yaml(List<SuggestedProperty> found, String protocol) {
        List<String> lines = new ArrayList<>();
        lines.add("# spec of the DeviceModel");
        lines.add("properties:");
        for (SuggestedProperty property : found) {
            lines.add("- name: " + scalar(property.name()));
            lines.add("  type: " + property.type());
            lines.add("  accessMode: " + (property.access() == AccessMode.READ_WRITE ? "ReadWrite" : "ReadOnly"));
            if (!property.description().isEmpty()) {
                lines.add("  description: " + scalar(property.description()));
            }
        }
        lines.add("# spec of the Device");
        lines.add("properties:");
        for (SuggestedProperty property : found) {
            lines.add("- name: " + scalar(property.name()));
            lines.add("  visitors:");
            if (!protocol.isEmpty()) {
                lines.add("    protocolName: " + scalar(protocol));
            }
            lines.add("    configData:" + (property.visitor().isEmpty() ? " {}" : ""));
            property.visitor().forEach((key, value) -> lines.add("      " + scalar(key) + ": "
                    + (value instanceof Number || value instanceof Boolean ? value : scalar(String.valueOf(value)))));
        }
        return lines;
    }

    /** Text that could mean something else in YAML is quoted as in JSON, which YAML understands. */
    private static String scalar(String text) {
        boolean plain = text.matches("[A-Za-z][A-Za-z0-9_./-]*")
                && !text.matches("(?i)y|n|yes|no|on|off|true|false|null");
        return plain ? text : new JsonPrimitive(text).toString();
    }
}
