package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.store.Durability;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the table at the start and writes what the engine changed. Belongs to the thread of the engine. */
final class TwinPersistence {

    private static final Logger LOG = LoggerFactory.getLogger(TwinPersistence.class);
    private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

    private final RecordCollection<DeviceState> devices;
    private final RecordCollection<JsonObject> models;
    private final RecordCollection<Reported> reported;
    private final RecordCollection<Condition> conditions;

    TwinPersistence(Store store) {
        devices = store.collection("devicetwin.device", DeviceRecord.DEVICE, Durability.POWER);
        models = store.collection("devicetwin.model", DeviceRecord.OBJECT, Durability.POWER);
        reported = store.collection("devicetwin.reported", Reported.CODEC, Durability.PROCESS);
        conditions = store.collection("devicetwin.state", Condition.CODEC, Durability.PROCESS);
    }

    /** Fills the table. What the cloud had not confirmed when the gateway ended counts as not told. */
    void load(DeviceTable table, long nowMillis) {
        table.models().putAll(models.snapshot());
        Map<String, SortedMap<String, Reported>> values = new HashMap<>();
        Map<String, Reported> orphans = new LinkedHashMap<>();
        Map<String, DeviceState> states = devices.snapshot();
        reported.snapshot().forEach((key, value) -> {
            int bar = key.indexOf('|');
            if (bar > 0 && states.containsKey(key.substring(0, bar))) {
                values.computeIfAbsent(key.substring(0, bar), k -> new TreeMap<>()).put(key.substring(bar + 1), value);
            } else {
                orphans.put(key, null);
            }
        });
        Map<String, Condition> last = conditions.snapshot();
        states.forEach((key, state) -> {
            Condition condition = last.getOrDefault(key, new Condition(false, "", ""));
            DeviceEntry entry = table.add(state.withState(condition.state(), condition.lastOnline()));
            if (condition.dirty()) {
                entry.upward.state(null, nowMillis);
                entry.storedStateDirty = true;
            }
            values(entry, values.getOrDefault(key, new TreeMap<>()));
        });
        if (!orphans.isEmpty()) {
            reported.apply(orphans).exceptionally(e -> {
                LOG.warn("Values of devices that are gone could not be removed from the store: {}", e.getMessage());
                return null;
            });
        }
    }

    private static void values(DeviceEntry entry, SortedMap<String, Reported> values) {
        SortedMap<String, TwinState> twins = new TreeMap<>(entry.state().twins());
        Map<String, Integer> dirty = new HashMap<>();
        twins.forEach((name, twin) -> {
            // Which overrides the cloud has heard of is not stored; telling it again does no harm.
            if (twin.expected().edge() > 0 && twin.expected().isSet()) {
                dirty.put(name, TwinRules.EXPECTED);
            }
        });
        values.forEach((name, value) -> {
            twins.merge(name, new TwinState(value.type(), value.optional(), TwinSide.NONE, value.actual(), null),
                    (stored, report) -> stored.withActual(report.actual()));
            if (value.dirty()) {
                dirty.merge(name, twins.get(name).isDeleted() ? TwinRules.DELETED : TwinRules.ACTUAL, (a, b) -> a | b);
                entry.storedDirty.add(name);
            }
        });
        twins.replaceAll((name, twin) -> twin.withoutEmptyValues());
        entry.state(entry.state().withTwins(twins));
        entry.upward.twins(dirty);
    }

    /** The writes of several inputs, made together. */
    final class Batch {

        private final Map<String, DeviceState> newDevices = new LinkedHashMap<>();
        private final Map<String, JsonObject> newModels = new LinkedHashMap<>();
        private final Map<String, Reported> newReported = new LinkedHashMap<>();
        private final Map<String, Condition> newConditions = new LinkedHashMap<>();
        private CompletableFuture<Void> power = NOTHING;
        private CompletableFuture<Void> process = NOTHING;

        void add(Effects fx) {
            newDevices.putAll(fx.devices);
            newModels.putAll(fx.models);
            newReported.putAll(fx.reported);
            newConditions.putAll(fx.conditions);
        }

        void write() {
            power = both(write(models, newModels), write(devices, newDevices));
            process = both(write(reported, newReported), write(conditions, newConditions));
        }

        /** Completes when the writes of an input are safe, and the earlier ones of the devices it concerned. */
        CompletableFuture<Void> stored(Effects fx) {
            CompletableFuture<Void> own = NOTHING;
            if (!fx.devices.isEmpty() || !fx.models.isEmpty()) {
                own = power;
            }
            if (!fx.reported.isEmpty() || !fx.conditions.isEmpty()) {
                own = both(own, process);
            }
            CompletableFuture<Void> all = own;
            for (DeviceEntry entry : fx.touched) {
                CompletableFuture<Void> earlier = entry.stored;
                boolean wrote = own != NOTHING;
                // A failure is over with the next write that succeeds.
                entry.stored = !wrote ? earlier : earlier.isDone() ? own : both(earlier, own);
                all = both(all, entry.stored);
            }
            return all;
        }

        private static <T> CompletableFuture<Void> write(RecordCollection<T> collection, Map<String, T> changes) {
            return changes.isEmpty() ? NOTHING : collection.apply(changes).toCompletableFuture();
        }

        private static CompletableFuture<Void> both(CompletableFuture<Void> a, CompletableFuture<Void> b) {
            return a == NOTHING || a == b ? b : b == NOTHING ? a : CompletableFuture.allOf(a, b);
        }
    }

    Batch batch() {
        return new Batch();
    }

    /** Records that the cloud has confirmed what the stored records say it has not. */
    static List<DeviceEntry> confirmed(Iterable<DeviceEntry> entries, Effects fx) {
        List<DeviceEntry> changed = new ArrayList<>();
        for (DeviceEntry entry : entries) {
            DeviceState state = entry.state();
            int before = fx.reported.size() + fx.conditions.size();
            entry.storedDirty.removeIf(name -> {
                TwinState twin = state.twins().get(name);
                if (entry.upward.isDirty(name)) {
                    return false;
                }
                fx.reported.put(Reported.key(entry.key(), name),
                        twin == null ? null : new Reported(false, twin.optional(), twin.type(), twin.actual()));
                return true;
            });
            if (entry.storedStateDirty && !entry.upward.isStateDirty()) {
                entry.storedStateDirty = false;
                fx.conditions.put(entry.key(), new Condition(false, state.lastOnline(), state.state()));
            }
            if (fx.reported.size() + fx.conditions.size() > before) {
                changed.add(entry);
            }
        }
        return changed;
    }
}
