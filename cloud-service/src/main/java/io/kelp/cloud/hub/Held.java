package io.kelp.cloud.hub;

/**
 * What a gateway is known to have: an object and the version that it acknowledged or listed.
 *
 * @param namespace {@code null} as a word for cluster-scoped objects
 * @param resourceVersion {@code 0} when nothing is known of the version
 */
record Held(String apiVersion, String kind, String type, String namespace, String name, String uid, String resourceVersion) {

    static final String NEVER = "0";

    static Held of(GatewayObject object, String resourceVersion) {
        return new Held(object.apiVersion(), object.kind(), object.type(), object.namespace(), object.name(), object.uid(), resourceVersion);
    }

    boolean isAt(String otherType, String otherNamespace, String otherName) {
        return type.equals(otherType) && namespace.equals(otherNamespace) && name.equals(otherName);
    }
}
