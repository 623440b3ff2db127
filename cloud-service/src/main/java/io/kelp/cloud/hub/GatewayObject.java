package io.kelp.cloud.hub;

import com.google.gson.JsonObject;
import java.util.function.Supplier;

/**
 * A Kubernetes object that belongs on a gateway, as the hub needs it for delivery.
 *
 * @param source component that the message names, for example {@code edgecontroller}
 * @param apiVersion for example {@code v1}
 * @param kind for example {@code Pod}
 * @param type its type in resource paths, for example {@code pod}
 * @param namespace its namespace, {@code null} as a word for cluster-scoped objects
 * @param name its name
 * @param uid its uid
 * @param resourceVersion its resourceVersion
 * @param json gives the whole object with kind and apiVersion, when it is about to be sent
 */
public record GatewayObject(String source, String apiVersion, String kind, String type, String namespace, String name,
        String uid, String resourceVersion, Supplier<JsonObject> json) {}
