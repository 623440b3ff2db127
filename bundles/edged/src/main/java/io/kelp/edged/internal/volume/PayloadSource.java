package io.kelp.edged.internal.volume;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edged.internal.env.DownwardApi;
import io.kelp.edged.internal.env.Fetched;
import io.kelp.edged.internal.env.SecretData;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.LinkedHashSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Makes the files of configMap, secret, projected and downwardAPI volumes. */
final class PayloadSource {

    private static final int DEFAULT_MODE = 0644;
    private static final long DEFAULT_TOKEN_SECONDS = 3600;

    private final MetaStore objects;
    private final DownwardApi downward;

    PayloadSource(MetaStore objects, DownwardApi downward) {
        this.objects = objects;
        this.downward = downward;
    }

    /** The parts of a volume, a projected one has several. */
    private static List<JsonObject> parts(JsonObject volume) {
        return volume.has("projected") ? Pod.objects(Pod.object(volume, "projected"), "sources") : List.of(volume);
    }

    /** The ConfigMaps and Secrets that a volume shows. */
    static Set<Fetched.Wanted> wanted(JsonObject volume) {
        Set<Fetched.Wanted> wanted = new LinkedHashSet<>();
        for (JsonObject part : parts(volume)) {
            if (part.has("configMap")) {
                wanted.add(new Fetched.Wanted("configmap", Pod.text(Pod.object(part, "configMap"), "name")));
            } else if (part.has("secret")) {
                wanted.add(new Fetched.Wanted("secret", secretName(Pod.object(part, "secret"))));
            }
        }
        return wanted;
    }

    static boolean hasToken(JsonObject volume) {
        return parts(volume).stream().anyMatch(part -> part.has("serviceAccountToken"));
    }

    /** Whether it shows what may change while the pod is there: the volume of every token shows the namespace, too. */
    static boolean showsMetadata(JsonObject volume) {
        return parts(volume).stream().flatMap(part -> Pod.objects(Pod.object(part, "downwardAPI"), "items").stream())
                .map(item -> Pod.text(Pod.object(item, "fieldRef"), "fieldPath"))
                .anyMatch(path -> path.startsWith("metadata.labels") || path.startsWith("metadata.annotations"));
    }

    /** The one of a volume is called secretName, that of a projection name. */
    private static String secretName(JsonObject secret) {
        return secret.has("secretName") ? Pod.text(secret, "secretName") : Pod.text(secret, "name");
    }

    /** @return fails with IllegalArgumentException when something is missing that is not optional */
    CompletionStage<Payload> of(Pod pod, JsonObject volume) {
        JsonObject whole = volume.has("projected") ? Pod.object(volume, "projected") : volume.has("configMap") ? Pod.object(volume, "configMap")
                : volume.has("secret") ? Pod.object(volume, "secret") : Pod.object(volume, "downwardAPI");
        int mode = mode(whole, "defaultMode", DEFAULT_MODE);
        List<CompletableFuture<String>> tokens = new ArrayList<>();
        for (JsonObject part : parts(volume)) {
            if (part.has("serviceAccountToken")) {
                tokens.add(token(pod, Pod.object(part, "serviceAccountToken")).toCompletableFuture());
            }
        }
        return Fetched.of(objects, pod.namespace(), wanted(volume)).thenCompose(fetched ->
                CompletableFuture.allOf(tokens.toArray(CompletableFuture[]::new)).thenApply(done -> {
                    Payload payload = new Payload(fetched.isIncomplete());
                    int token = 0;
                    for (JsonObject part : parts(volume)) {
                        if (part.has("configMap")) {
                            JsonObject source = Pod.object(part, "configMap");
                            keys(payload, source, fetched.get("configmap", Pod.text(source, "name"), isOptional(source)), mode);
                        } else if (part.has("secret")) {
                            JsonObject source = Pod.object(part, "secret");
                            keys(payload, source, fetched.get("secret", secretName(source), isOptional(source)), mode);
                        } else if (part.has("downwardAPI")) {
                            fields(payload, pod, Pod.object(part, "downwardAPI"), mode);
                        } else if (part.has("serviceAccountToken")) {
                            payload.add(Pod.text(Pod.object(part, "serviceAccountToken"), "path"),
                                    tokens.get(token++).join().getBytes(StandardCharsets.UTF_8), mode);
                        } else {
                            throw new IllegalArgumentException("projected volumes with " + String.join(", ", part.keySet())
                                    + " are not supported on this gateway");
                        }
                    }
                    return payload;
                }));
    }

    private static void keys(Payload payload, JsonObject source, Optional<MetaObject> object, int mode) {
        if (object.isEmpty()) {
            return;
        }
        Map<String, byte[]> data = SecretData.of(object.get());
        List<JsonObject> items = Pod.objects(source, "items");
        if (items.isEmpty()) {
            data.forEach((key, bytes) -> payload.add(key, bytes, mode));
            return;
        }
        for (JsonObject item : items) {
            String key = Pod.text(item, "key");
            byte[] bytes = data.get(key);
            if (bytes != null) {
                payload.add(Pod.text(item, "path"), bytes, mode(item, "mode", mode));
            } else if (!isOptional(source)) {
                throw new IllegalArgumentException((object.get().type().equals("secret") ? "references non-existent secret key: "
                        : "configmap references non-existent config key: ") + key);
            }
        }
    }

    private void fields(Payload payload, Pod pod, JsonObject source, int mode) {
        for (JsonObject item : Pod.objects(source, "items")) {
            String value = item.has("resourceFieldRef") ? downward.resource(pod, new JsonObject(), Pod.object(item, "resourceFieldRef"))
                    : downward.field(pod, Pod.text(Pod.object(item, "fieldRef"), "fieldPath"));
            payload.add(Pod.text(item, "path"), value.getBytes(StandardCharsets.UTF_8), mode(item, "mode", mode));
        }
    }

    /** In the form in which kubelet asks. */
    private CompletionStage<String> token(Pod pod, JsonObject source) {
        JsonObject bound = new JsonObject();
        bound.addProperty("kind", "Pod");
        bound.addProperty("apiVersion", "v1");
        bound.addProperty("name", pod.name());
        bound.addProperty("uid", pod.uid());
        JsonElement audiences = JsonNull.INSTANCE;
        if (!Pod.text(source, "audience").isEmpty()) {
            JsonArray one = new JsonArray();
            one.add(Pod.text(source, "audience"));
            audiences = one;
        }
        JsonObject spec = new JsonObject();
        spec.add("audiences", audiences);
        String seconds = Pod.text(source, "expirationSeconds");
        spec.addProperty("expirationSeconds", seconds.isEmpty() ? DEFAULT_TOKEN_SECONDS : Long.parseLong(seconds));
        spec.add("boundObjectRef", bound);
        JsonObject metadata = new JsonObject();
        metadata.add("creationTimestamp", JsonNull.INSTANCE);
        JsonObject status = new JsonObject();
        status.addProperty("token", "");
        status.add("expirationTimestamp", JsonNull.INSTANCE);
        JsonObject request = new JsonObject();
        request.add("metadata", metadata);
        request.add("spec", spec);
        request.add("status", status);
        String account = Pod.text(pod.spec(), "serviceAccountName");
        return objects.token(pod.namespace(), account.isEmpty() ? "default" : account, request).exceptionallyCompose(failure -> {
            Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return CompletableFuture.failedFuture(new IllegalArgumentException("failed to fetch token: " + cause.getMessage(), cause));
        });
    }

    private static boolean isOptional(JsonObject source) {
        return Pod.text(source, "optional").equals("true");
    }

    private static int mode(JsonObject source, String member, int otherwise) {
        String text = Pod.text(source, member);
        try {
            return text.isEmpty() ? otherwise : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(member + " " + text + " is no file mode", e);
        }
    }
}
