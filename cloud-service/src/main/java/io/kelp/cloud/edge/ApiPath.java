package io.kelp.cloud.edge;

import io.kelp.message.ResourcePath;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Where the objects of the channel stand in the Kubernetes API. */
final class ApiPath {

    static final String NODES = "/api/v1/nodes";
    static final String PODS = "/api/v1/pods";
    static final String CONFIG_MAPS = "/api/v1/configmaps";
    static final String SECRETS = "/api/v1/secrets";

    private ApiPath() {}

    static String node(String name) {
        return NODES + "/" + segment(name);
    }

    static String leases(String namespace) {
        return "/apis/coordination.k8s.io/v1/namespaces/" + segment(namespace) + "/leases";
    }

    static String lease(String namespace, String name) {
        return leases(namespace) + "/" + segment(name);
    }

    /** A collection of the core group in a namespace, for example {@code pods}. */
    static String core(String namespace, String plural) {
        return "/api/v1/namespaces/" + segment(namespace) + "/" + plural;
    }

    static String core(String namespace, String plural, String name) {
        return core(namespace, plural) + "/" + segment(name);
    }

    /** The object that a query of the channel asks for; {@code null} for a type that is not served. */
    static String queried(ResourcePath path) {
        return switch (path.type()) {
            case "configmap" -> core(path.namespace(), "configmaps", path.name());
            case "secret" -> core(path.namespace(), "secrets", path.name());
            case "persistentvolumeclaim" -> core(path.namespace(), "persistentvolumeclaims", path.name());
            case "persistentvolume" -> "/api/v1/persistentvolumes/" + segment(path.name());
            case "volumeattachment" -> "/apis/storage.k8s.io/v1/volumeattachments/" + segment(path.name());
            default -> null;
        };
    }

    /** What an edge put into a name must not reach the API server as path or query. */
    private static String segment(String s) {
        return URLEncoder.encode(s, StandardCharsets.UTF_8);
    }
}
