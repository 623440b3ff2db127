package io.kelp.mapper.internal;

import io.kelp.store.Durability;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of the cloud, so that none is run twice: a call is noted, and the note safe, before anything is written to the device.
 * Not for use by several threads.
 */
final class CallLedger {

    /** Calls that are remembered. */
    static final int KEPT = 256;
    /** Calls that may run or wait for their turn at once. */
    static final int MOST_RUNNING = 64;
    /** Of these, calls of one device: a slow one must not keep the calls of all others waiting. */
    static final int MOST_OF_DEVICE = 32;

    private static final Logger LOG = LoggerFactory.getLogger(CallLedger.class);

    private final RecordCollection<CallRecord> store;
    private final Map<String, CallRecord> calls = new LinkedHashMap<>();
    private long order;

    /** Reads what is stored. What ran when the gateway ended has an unknown outcome and is not run again. */
    CallLedger(Store store, long nowMillis) {
        this.store = store.collection("mapper.call", CallRecord.CODEC, Durability.POWER);
        this.store.snapshot().entrySet().stream().sorted(Comparator.comparingLong(e -> e.getValue().order())).forEach(e -> {
            order = e.getValue().order();
            if (e.getValue().phase() == CallRecord.Phase.RUNNING) {
                put(e.getKey(), e.getValue().failed("Interrupted",
                        "the gateway ended while the call ran; whether the device has done it is unknown, and it is not tried again", nowMillis));
            } else {
                calls.put(e.getKey(), e.getValue());
            }
        });
    }

    Optional<CallRecord> get(String id) {
        return Optional.ofNullable(calls.get(id));
    }

    /**
     * Whether no further call of a device may begin: too many run, or there is no outcome that may be forgotten.
     *
     * @param device as the resources of its calls begin
     */
    boolean isFull(String device) {
        int running = 0;
        int ofDevice = 0;
        for (CallRecord record : calls.values()) {
            if (record.phase() == CallRecord.Phase.RUNNING) {
                running++;
                ofDevice += record.resource().startsWith(device) ? 1 : 0;
            }
        }
        return calls.size() >= KEPT && oldestConfirmed().isEmpty() || running >= MOST_RUNNING || ofDevice >= MOST_OF_DEVICE;
    }

    /** Notes that a call is about to run; it may when the stage has completed. */
    CompletionStage<Void> begin(String id, String resource, long nowMillis) {
        makeRoom();
        CallRecord record = CallRecord.running(++order, resource, nowMillis);
        calls.put(id, record);
        return store.put(id, record);
    }

    /** The note could not be made: as if the call had never come. */
    void forget(String id) {
        calls.remove(id);
    }

    /** The device has not heard of the call, and this gateway ends: the cloud offers it again after the start. For any thread. */
    void withdraw(String id) {
        store.remove(id).exceptionally(e -> {
            LOG.warn("Call {} was not begun, but that could not be noted; it will count as interrupted: {}", id, e.getMessage());
            return null;
        });
    }

    /** Notes how a call stands now. */
    CompletionStage<Void> put(String id, CallRecord record) {
        calls.put(id, record);
        return store.put(id, record).exceptionally(e -> {
            LOG.warn("The outcome of call {} could not be stored: {}", id, e.getMessage());
            return null;
        });
    }

    /** Those of which the cloud has yet to confirm the outcome. */
    Map<String, CallRecord> unconfirmed() {
        Map<String, CallRecord> open = new LinkedHashMap<>();
        calls.forEach((id, record) -> {
            if (!record.confirmed() && record.phase() != CallRecord.Phase.RUNNING) {
                open.put(id, record);
            }
        });
        return open;
    }

    /** Forgets the oldest that the cloud knows of. What it does not know yet stays: it would send the call again, and it would run twice. */
    private void makeRoom() {
        while (calls.size() >= KEPT) {
            Optional<String> oldest = oldestConfirmed();
            if (oldest.isEmpty()) {
                return;
            }
            calls.remove(oldest.get());
            store.remove(oldest.get()).exceptionally(e -> {
                LOG.warn("An old call could not be removed from the store: {}", e.getMessage());
                return null;
            });
        }
    }

    private Optional<String> oldestConfirmed() {
        return calls.entrySet().stream().filter(e -> e.getValue().confirmed())
                .min(Comparator.comparingLong(e -> e.getValue().order())).map(Map.Entry::getKey);
    }
}
