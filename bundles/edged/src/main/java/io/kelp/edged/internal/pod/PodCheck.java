package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a pod is one: names become file names here, so that they are not believed. */
final class PodCheck {

    private static final String NAME = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
    private static final String UID = "[A-Za-z0-9][A-Za-z0-9-]{0,127}";

    private PodCheck() {}

    /** What is wrong with it, if something is. */
    static Optional<String> wrong(Pod pod) {
        if (!pod.uid().matches(UID)) {
            return Optional.of("its uid \"" + shortened(pod.uid()) + "\" is none");
        }
        if (!pod.name().matches(NAME) || !pod.namespace().matches(NAME)) {
            return Optional.of("its name or namespace is none");
        }
        List<JsonObject> all = new ArrayList<>(pod.initContainers());
        all.addAll(pod.containers());
        if (pod.containers().isEmpty()) {
            return Optional.of("it has no container");
        }
        Set<String> names = new HashSet<>();
        for (JsonObject container : all) {
            String name = Pod.text(container, "name");
            if (!name.matches(NAME) || !names.add(name)) {
                return Optional.of("container name \"" + shortened(name) + "\" is none or there twice");
            }
        }
        return Optional.empty();
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(60, text.length()));
    }
}
