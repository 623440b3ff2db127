package io.kelp.edged.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.eviction.Signal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Writes the Node's {@code status} and the strategic merge patch from one status to the next
 * (operations specification section 1.3; recorded in the vectors of {@code 02-node}).
 */
final class NodeStatus {

    /** A partition with less than this part free is under pressure, as stock kubelets have it. */
    private static final double DISK_LIMIT = 0.10;
    /** 100 MiB as stock, but on small machines a twentieth: they are meant to be used. */
    private static final long MEMORY_LIMIT_KIB = 100 * 1024;
    private static final double THREAD_LIMIT = 0.9;
    private static final String HEARTBEAT = "lastHeartbeatTime";
    private static final String TRANSITION = "lastTransitionTime";

    private final Machine machine;
    private final NodeSettings settings;
    private final String version;
    private final Pressure pressure;

    /**
     * @param version of Kelp
     * @param pressure told what {@link #look} sees, asked for what the conditions say
     */
    NodeStatus(Machine machine, NodeSettings settings, String version, Pressure pressure) {
        this.machine = machine;
        this.settings = settings;
        this.pressure = pressure;
        this.version = version;
    }

    /**
     * The status now.
     *
     * @param runtimes what runs pods here; pods may request the memory that these have to give
     * @param before the status before, whose transition times stay where nothing has changed; may be {@code null}
     */
    JsonObject now(String node, String address, Instant time, List<WorkloadRuntime> runtimes, JsonObject before) {
        JsonObject status = new JsonObject();
        status.add("capacity", capacity(1, runtimes, machine.memoryTotalKib()));
        status.add("allocatable", capacity(1 - DISK_LIMIT, runtimes, runtimes.isEmpty() ? machine.memoryTotalKib()
                : runtimes.stream().mapToLong(WorkloadRuntime::memoryBytes).sum() / 1024));
        status.add("conditions", conditions(text(time), before));
        JsonArray addresses = new JsonArray();
        addresses.add(pair("type", "InternalIP", "address", address));
        addresses.add(pair("type", "Hostname", "address", node));
        status.add("addresses", addresses);
        JsonObject endpoint = new JsonObject();
        endpoint.addProperty("Port", 0);
        JsonObject endpoints = new JsonObject();
        endpoints.add("kubeletEndpoint", endpoint);
        status.add("daemonEndpoints", endpoints);
        status.add("nodeInfo", nodeInfo(runtimes));
        return status;
    }

    private JsonObject capacity(double disk, List<WorkloadRuntime> runtimes, long memoryKib) {
        JsonObject capacity = new JsonObject();
        capacity.addProperty("cpu", Integer.toString(machine.processors()));
        long bytes = machine.diskTotalBytes();
        capacity.addProperty("ephemeral-storage", disk == 1 ? bytes / 1024 + "Ki" : Long.toString((long) (bytes * disk)));
        capacity.addProperty("memory", memoryKib + "Ki");
        capacity.addProperty("pods", Integer.toString(runtimes.isEmpty() ? 0 : settings.maxPods()));
        return capacity;
    }

    /** Looks what is short on the machine. */
    void look() {
        long total = machine.memoryTotalKib();
        Set<Signal> missing = EnumSet.noneOf(Signal.class);
        if (total > 0 && machine.memoryAvailableKib() < Math.min(MEMORY_LIMIT_KIB, total / 20)) {
            missing.add(Signal.MEMORY);
        }
        if (machine.diskTotalBytes() > 0 && machine.diskUsableBytes() < machine.diskTotalBytes() * DISK_LIMIT) {
            missing.add(Signal.DISK);
        }
        if (machine.maxThreads() > 0 && machine.threads() > machine.maxThreads() * THREAD_LIMIT) {
            missing.add(Signal.PIDS);
        }
        pressure.observe(missing, System.nanoTime());
    }

    private JsonArray conditions(String time, JsonObject before) {
        boolean memory = pressure.holds(Signal.MEMORY);
        boolean disk = pressure.holds(Signal.DISK);
        boolean threads = pressure.holds(Signal.PIDS);
        JsonArray conditions = new JsonArray();
        conditions.add(memory
                ? condition("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available", time)
                : condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", time));
        conditions.add(disk
                ? condition("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure", time)
                : condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", time));
        conditions.add(threads
                ? condition("PIDPressure", true, "KubeletHasInsufficientPID", "kubelet has insufficient PID available", time)
                : condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", time));
        conditions.add(condition("Ready", true, "EdgeReady", "edge is posting ready status", time));
        for (JsonElement each : conditions) {
            JsonObject condition = each.getAsJsonObject();
            JsonObject old = conditionOf(before, condition.get("type").getAsString());
            if (old != null && old.get("status").equals(condition.get("status"))) {
                condition.add(TRANSITION, old.get(TRANSITION));
            }
        }
        return conditions;
    }

    private static JsonObject conditionOf(JsonObject status, String type) {
        if (status != null && status.has("conditions")) {
            for (JsonElement each : status.getAsJsonArray("conditions")) {
                if (each.getAsJsonObject().get("type").getAsString().equals(type)) {
                    return each.getAsJsonObject();
                }
            }
        }
        return null;
    }

    private static JsonObject condition(String type, boolean holds, String reason, String message, String time) {
        JsonObject condition = new JsonObject();
        condition.addProperty("type", type);
        condition.addProperty("status", holds ? "True" : "False");
        condition.addProperty(HEARTBEAT, time);
        condition.addProperty(TRANSITION, time);
        condition.addProperty("reason", reason);
        condition.addProperty("message", message);
        return condition;
    }

    private JsonObject nodeInfo(List<WorkloadRuntime> runtimes) {
        JsonObject info = new JsonObject();
        info.addProperty("machineID", machine.machineId());
        info.addProperty("systemUUID", machine.systemUuid());
        info.addProperty("bootID", machine.bootId());
        info.addProperty("kernelVersion", machine.kernel());
        info.addProperty("osImage", machine.system());
        info.addProperty("containerRuntimeVersion", runtimes.isEmpty() ? "kelp://" + version : runtimes.get(0).version());
        info.addProperty("kubeletVersion", settings.kubeletVersion());
        info.addProperty("kubeProxyVersion", "");
        info.addProperty("operatingSystem", "linux");
        info.addProperty("architecture", machine.architecture());
        return info;
    }

    /** Whether two statuses differ in anything but their heartbeat times. */
    static boolean differ(JsonObject one, JsonObject other) {
        return !withoutHeartbeat(one).equals(withoutHeartbeat(other));
    }

    private static JsonObject withoutHeartbeat(JsonObject status) {
        JsonObject copy = status.deepCopy();
        copy.getAsJsonArray("conditions").forEach(c -> c.getAsJsonObject().remove(HEARTBEAT));
        return copy;
    }

    /**
     * The patch that brings the Node from {@code before} to {@code now}, as JSON text: conditions are
     * merged by type, addresses replaced.
     *
     * @param before what the cloud has for certain, {@code null} when nothing is certain
     */
    static String patch(JsonObject before, JsonObject now) {
        JsonObject status = new JsonObject();
        JsonArray order = new JsonArray();
        JsonArray conditions = new JsonArray();
        for (JsonElement each : now.getAsJsonArray("conditions")) {
            JsonObject condition = each.getAsJsonObject();
            String type = condition.get("type").getAsString();
            JsonObject key = new JsonObject();
            key.addProperty("type", type);
            order.add(key);
            JsonObject old = conditionOf(before, type);
            JsonObject change = new JsonObject();
            condition.entrySet().forEach(member -> {
                if (old == null || member.getKey().equals("type") || !member.getValue().equals(old.get(member.getKey()))) {
                    change.add(member.getKey(), member.getValue());
                }
            });
            conditions.add(change);
        }
        status.add("$setElementOrder/conditions", order);
        status.add("conditions", conditions);
        now.entrySet().forEach(member -> {
            String name = member.getKey();
            boolean changed = before == null || !member.getValue().equals(before.get(name));
            if (!changed || name.equals("conditions") || name.equals("daemonEndpoints")) {
                return; // the endpoint's port belongs to the cloud once a tunnel is up
            }
            if (name.equals("addresses")) {
                JsonArray addresses = member.getValue().getAsJsonArray().deepCopy();
                JsonObject replace = new JsonObject();
                replace.addProperty("$patch", "replace");
                addresses.add(replace);
                status.add(name, addresses);
            } else {
                status.add(name, member.getValue());
            }
        });
        JsonObject patch = new JsonObject();
        patch.add("status", status);
        return patch.toString();
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static JsonObject pair(String name, String value, String other, String otherValue) {
        JsonObject pair = new JsonObject();
        pair.addProperty(name, value);
        pair.addProperty(other, otherValue);
        return pair;
    }
}
