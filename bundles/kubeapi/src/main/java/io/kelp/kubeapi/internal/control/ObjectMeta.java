package io.kelp.kubeapi.internal.control;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What upkeep needs of an object, read from its bytes without building the tree.
 *
 * @param deleting whether it has a deletion timestamp
 */
record ObjectMeta(String uid, boolean deleting, List<String> finalizers, List<Owner> owners) {

    static final String ORPHAN = "orphan";
    static final String FOREGROUND = "foregroundDeletion";

    /**
     * An owner reference.
     *
     * @param blocks whether the owner waits for this object when it is deleted in the foreground
     */
    record Owner(String apiVersion, String kind, String name, String uid, boolean blocks) {}

    boolean isDeletedInForeground() {
        return deleting && finalizers.contains(FOREGROUND);
    }

    static ObjectMeta read(byte[] value) {
        ObjectMeta meta = new ObjectMeta("", false, List.of(), List.of());
        try (JsonReader json = new JsonReader(new InputStreamReader(new ByteArrayInputStream(value), StandardCharsets.UTF_8))) {
            json.beginObject();
            while (json.hasNext()) {
                if (json.nextName().equals("metadata") && json.peek() == JsonToken.BEGIN_OBJECT) {
                    return readMetadata(json);
                }
                json.skipValue();
            }
            return meta;
        } catch (IOException e) {
            throw new UncheckedIOException("A stored object is not JSON", e);
        }
    }

    private static ObjectMeta readMetadata(JsonReader json) throws IOException {
        String uid = "";
        boolean deleting = false;
        List<String> finalizers = List.of();
        List<Owner> owners = List.of();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (json.peek() == JsonToken.NULL) {
                json.nextNull();
                continue;
            }
            switch (name) {
                case "uid" -> uid = json.nextString();
                case "deletionTimestamp" -> {
                    deleting = true;
                    json.skipValue();
                }
                case "finalizers" -> finalizers = readTexts(json);
                case "ownerReferences" -> owners = readOwners(json);
                default -> json.skipValue();
            }
        }
        return new ObjectMeta(uid, deleting, finalizers, owners);
    }

    private static List<String> readTexts(JsonReader json) throws IOException {
        List<String> texts = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            texts.add(json.nextString());
        }
        json.endArray();
        return List.copyOf(texts);
    }

    private static List<Owner> readOwners(JsonReader json) throws IOException {
        List<Owner> owners = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            owners.add(readOwner(json));
        }
        json.endArray();
        return List.copyOf(owners);
    }

    private static Owner readOwner(JsonReader json) throws IOException {
        String apiVersion = "";
        String kind = "";
        String name = "";
        String uid = "";
        boolean blocks = false;
        json.beginObject();
        while (json.hasNext()) {
            String member = json.nextName();
            if (json.peek() == JsonToken.NULL) {
                json.nextNull();
                continue;
            }
            switch (member) {
                case "apiVersion" -> apiVersion = json.nextString();
                case "kind" -> kind = json.nextString();
                case "name" -> name = json.nextString();
                case "uid" -> uid = json.nextString();
                case "blockOwnerDeletion" -> blocks = json.nextBoolean();
                default -> json.skipValue();
            }
        }
        json.endObject();
        return new Owner(apiVersion, kind, name, uid, blocks);
    }
}
