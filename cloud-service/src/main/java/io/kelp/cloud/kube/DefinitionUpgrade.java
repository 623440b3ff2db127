package io.kelp.cloud.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Extends a custom resource definition of somebody else by what ours has. Rules: no version goes
 * away (objects may be stored in it, and the API server insists on versions in
 * {@code status.storedVersions}); no field goes away; our schema decides about fields that both
 * have; the storage version moves to ours only from a version that we know, so that a newer
 * installation is not turned back.
 */
final class DefinitionUpgrade {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionUpgrade.class);

    private DefinitionUpgrade() {}

    /** A copy of {@code existing} with all of {@code ours} in it. */
    static JsonObject extend(JsonObject existing, JsonObject ours) {
        JsonObject result = existing.deepCopy();
        JsonObject spec = result.getAsJsonObject("spec");
        JsonObject ourSpec = ours.getAsJsonObject("spec");
        JsonArray versions = spec.getAsJsonArray("versions");
        JsonArray ourVersions = ourSpec.getAsJsonArray("versions");
        String storage = storageOf(versions);
        boolean ourStorage = version(ourVersions, storage).isPresent();
        if (!ourStorage) {
            LOG.warn("{} is stored as {}, which is newer than this program; that is left as it is.",
                    result.getAsJsonObject("metadata").get("name").getAsString(), storage);
        }
        for (JsonElement element : ourVersions) {
            JsonObject our = element.getAsJsonObject();
            version(versions, our.get("name").getAsString()).ifPresentOrElse(
                    theirs -> extendVersion(theirs, our), () -> versions.add(our.deepCopy()));
        }
        keepFieldsOfStoredVersions(existing, versions, ourVersions);
        String wantedStorage = ourStorage ? storageOf(ourVersions) : storage;
        for (JsonElement element : versions) {
            JsonObject version = element.getAsJsonObject();
            version.addProperty("storage", version.get("name").getAsString().equals(wantedStorage));
        }
        return result;
    }

    /** A field that objects may be stored with must be in the schemas that they are read and written with from now on. */
    private static void keepFieldsOfStoredVersions(JsonObject existing, JsonArray versions, JsonArray ourVersions) {
        JsonArray oldVersions = existing.getAsJsonObject("spec").getAsJsonArray("versions");
        for (JsonElement element : oldVersions) {
            JsonObject old = element.getAsJsonObject();
            if (!isStored(existing, old)) {
                continue;
            }
            for (JsonElement our : ourVersions) {
                version(versions, our.getAsJsonObject().get("name").getAsString())
                        .ifPresent(version -> addMissing(schemaOf(version), schemaOf(old)));
            }
        }
    }

    private static boolean isStored(JsonObject existing, JsonObject version) {
        return version.get("storage").getAsBoolean()
                || existing.get("status") instanceof JsonObject status
                && status.get("storedVersions") instanceof JsonArray stored && stored.contains(version.get("name"));
    }

    private static void addMissing(JsonObject schema, JsonObject old) {
        if (!schema.has("type") || !schema.get("type").equals(old.get("type"))) {
            return;
        }
        if (schema.get("items") instanceof JsonObject items && old.get("items") instanceof JsonObject oldItems) {
            addMissing(items, oldItems);
        }
        if (!(old.get("properties") instanceof JsonObject oldProperties)) {
            return;
        }
        if (!(schema.get("properties") instanceof JsonObject)) {
            schema.add("properties", new JsonObject());
        }
        JsonObject properties = schema.getAsJsonObject("properties");
        oldProperties.entrySet().forEach(entry -> {
            if (properties.get(entry.getKey()) instanceof JsonObject known) {
                addMissing(known, entry.getValue().getAsJsonObject());
            } else {
                properties.add(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }

    private static JsonObject schemaOf(JsonObject version) {
        return version.getAsJsonObject("schema").getAsJsonObject("openAPIV3Schema");
    }

    private static void extendVersion(JsonObject theirs, JsonObject ours) {
        theirs.addProperty("served", true);
        if (ours.has("subresources")) {
            theirs.add("subresources", ours.get("subresources").deepCopy());
        } else {
            theirs.remove("subresources");
        }
        theirs.add("additionalPrinterColumns", ours.get("additionalPrinterColumns").deepCopy());
        extendSchema(schemaOf(theirs), schemaOf(ours));
    }

    private static void extendSchema(JsonObject theirs, JsonObject ours) {
        if (!ours.has("type")) {
            // A field that may be a string or an object: nothing of a narrower schema can be kept.
            theirs.keySet().stream().toList().forEach(theirs::remove);
            ours.entrySet().forEach(e -> theirs.add(e.getKey(), e.getValue().deepCopy()));
            return;
        }
        for (Map.Entry<String, JsonElement> entry : ours.entrySet()) {
            switch (entry.getKey()) {
                case "properties" -> extendProperties(theirs, entry.getValue().getAsJsonObject());
                case "items" -> {
                    if (theirs.get("items") instanceof JsonObject items) {
                        extendSchema(items, entry.getValue().getAsJsonObject());
                    } else {
                        theirs.add("items", entry.getValue().deepCopy());
                    }
                }
                case "description" -> { }
                default -> theirs.add(entry.getKey(), entry.getValue().deepCopy());
            }
        }
    }

    private static void extendProperties(JsonObject theirs, JsonObject ours) {
        if (!(theirs.get("properties") instanceof JsonObject)) {
            theirs.add("properties", new JsonObject());
        }
        JsonObject properties = theirs.getAsJsonObject("properties");
        ours.entrySet().forEach(entry -> {
            if (properties.get(entry.getKey()) instanceof JsonObject known) {
                extendSchema(known, entry.getValue().getAsJsonObject());
            } else {
                properties.add(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }

    private static String storageOf(JsonArray versions) {
        for (JsonElement version : versions) {
            if (version.getAsJsonObject().get("storage").getAsBoolean()) {
                return version.getAsJsonObject().get("name").getAsString();
            }
        }
        return "";
    }

    private static Optional<JsonObject> version(JsonArray versions, String name) {
        for (JsonElement version : versions) {
            if (version.getAsJsonObject().get("name").getAsString().equals(name)) {
                return Optional.of(version.getAsJsonObject());
            }
        }
        return Optional.empty();
    }
}
