package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is remembered of pods over a restart of the gateway, by uid; see {@link PodWorker#record}. Safe for use by several threads. */
final class PodRecords {

    private static final Logger LOG = LoggerFactory.getLogger(PodRecords.class);

    private final RecordCollection<JsonObject> records;

    PodRecords(Store store) {
        records = store.collection("edged.pod", new Codec(), Durability.PROCESS);
    }

    Optional<JsonObject> get(String uid) {
        return records.get(uid);
    }

    Map<String, JsonObject> all() {
        return records.snapshot();
    }

    void put(String uid, JsonObject record) {
        records.put(uid, record).exceptionally(e -> {
            LOG.warn("Restart counts of pod {} could not be kept: {}", uid, e.getMessage());
            return null;
        });
    }

    void remove(String uid) {
        records.remove(uid).exceptionally(e -> {
            LOG.warn("The record of pod {}, which is gone, could not be removed: {}", uid, e.getMessage());
            return null;
        });
    }

    private static final class Codec implements RecordCodec<JsonObject> {

        @Override
        public byte[] write(JsonObject record) {
            return record.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public JsonObject read(byte[] bytes) throws IOException {
            try {
                return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
            } catch (JsonParseException | IllegalStateException e) {
                throw new IOException("the record of a pod is no JSON object", e);
            }
        }
    }
}
