package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** Definitions for tests. */
final class Definitions {

    private Definitions() {
    }

    /** @param name plural and group */
    static JsonObject of(String name, JsonObject schema) {
        String plural = name.substring(0, name.indexOf('.'));
        String kind = Character.toUpperCase(plural.charAt(0)) + plural.substring(1, plural.length() - 1);
        JsonObject definition = JsonParser.parseString("{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":\""
                + name + "\"},\"spec\":{\"group\":\"" + name.substring(plural.length() + 1) + "\",\"scope\":\"Namespaced\",\"names\":{\"plural\":\"" + plural
                + "\",\"kind\":\"" + kind + "\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{}}]}}").getAsJsonObject();
        version(definition).getAsJsonObject("schema").add("openAPIV3Schema", schema);
        return definition;
    }

    static JsonObject version(JsonObject definition) {
        return definition.getAsJsonObject("spec").getAsJsonArray("versions").get(0).getAsJsonObject();
    }

    static JsonObject schema(JsonObject definition) {
        return version(definition).getAsJsonObject("schema").getAsJsonObject("openAPIV3Schema");
    }
}
