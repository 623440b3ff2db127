package io.kelp.kubeapi.internal.discovery;

import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;

/**
 * What is known of a subresource by its name.
 *
 * @param group of the kind, empty for the group of the object
 * @param version empty for the version of the object
 */
record Subresource(String name, String group, String version, String kind, List<String> verbs) {

    static Subresource of(ResourceType type, String name) {
        List<String> change = List.of("get", "patch", "update");
        return switch (name) {
            case "scale" -> new Subresource(name, "autoscaling", "v1", "Scale", change);
            case "token" -> new Subresource(name, "authentication.k8s.io", "v1", "TokenRequest", List.of("create"));
            case "eviction" -> new Subresource(name, "policy", "v1", "Eviction", List.of("create"));
            case "binding" -> new Subresource(name, "", "", "Binding", List.of("create"));
            case "finalize" -> new Subresource(name, "", "", type.kind(), List.of("update"));
            case "log" -> new Subresource(name, "", "", type.kind(), List.of("get"));
            case "exec", "attach", "portforward" -> new Subresource(name, "", "", type.kind() + switch (name) {
                case "exec" -> "ExecOptions";
                case "attach" -> "AttachOptions";
                default -> "PortForwardOptions";
            }, List.of("create", "get"));
            default -> new Subresource(name, "", "", type.kind(), change);
        };
    }
}
