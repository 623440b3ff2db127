package io.kelp.edged.internal.env;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.pod.ContainerEnvironment;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * Environment, command and arguments as kubelet makes them: first {@code envFrom} in its order, then
 * {@code env}, each value expanded with what came before it. Variables of Services are left out, there is
 * no service network on a gateway.
 */
public final class Environments implements ContainerEnvironment {

    private static final Pattern NAME = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");

    private final MetaStore objects;
    private final PodEvents events;
    private final DownwardApi downward;

    public Environments(MetaStore objects, NodeFacts node, PodEvents events) {
        this.objects = objects;
        this.events = events;
        this.downward = new DownwardApi(node);
    }

    @Override
    public CompletionStage<Resolved> of(Pod pod, JsonObject container) {
        return Fetched.of(objects, pod.namespace(), wanted(container)).thenCompose(fetched -> {
            try {
                ArgumentSpace space = new ArgumentSpace();
                for (JsonObject from : Pod.objects(container, "envFrom")) {
                    whole(pod, from, fetched, space);
                }
                for (JsonObject variable : Pod.objects(container, "env")) {
                    value(pod, container, variable, fetched, space).ifPresent(v -> space.put(Pod.text(variable, "name"), v));
                }
                return CompletableFuture.completedFuture(new Resolved(space.env(), words(container, "command", space), words(container, "args", space)));
            } catch (IllegalArgumentException e) {
                return CompletableFuture.failedFuture(new WorkloadException("CreateContainerConfigError", e.getMessage(), e));
            }
        });
    }

    private static Set<Fetched.Wanted> wanted(JsonObject container) {
        Set<Fetched.Wanted> wanted = new HashSet<>();
        for (JsonObject from : Pod.objects(container, "envFrom")) {
            add(wanted, "configmap", Pod.object(from, "configMapRef"));
            add(wanted, "secret", Pod.object(from, "secretRef"));
        }
        for (JsonObject variable : Pod.objects(container, "env")) {
            add(wanted, "configmap", Pod.object(Pod.object(variable, "valueFrom"), "configMapKeyRef"));
            add(wanted, "secret", Pod.object(Pod.object(variable, "valueFrom"), "secretKeyRef"));
        }
        return wanted;
    }

    private static void add(Set<Fetched.Wanted> wanted, String type, JsonObject reference) {
        if (reference.has("name")) {
            wanted.add(new Fetched.Wanted(type, Pod.text(reference, "name")));
        }
    }

    /** All keys of a ConfigMap or Secret; names that no environment can have are skipped, with an Event. */
    private void whole(Pod pod, JsonObject from, Fetched fetched, ArgumentSpace space) {
        boolean secret = from.has("secretRef");
        JsonObject reference = Pod.object(from, secret ? "secretRef" : "configMapRef");
        String name = Pod.text(reference, "name");
        Optional<MetaObject> object = fetched.get(secret ? "secret" : "configmap", name, isOptional(reference));
        if (object.isEmpty()) {
            return;
        }
        List<String> skipped = new ArrayList<>();
        SecretData.texts(object.get()).forEach((key, value) -> {
            String variable = Pod.text(from, "prefix") + key;
            if (isName(variable)) {
                space.put(variable, value);
            } else {
                skipped.add(variable);
            }
        });
        if (!skipped.isEmpty()) {
            events.pod(pod, "", "Warning", "InvalidEnvironmentVariableNames", "Keys [" + String.join(", ", skipped)
                    + "] from the EnvFrom " + (secret ? "secret " : "configMap ") + pod.namespace() + "/" + name
                    + " were skipped since they are considered invalid environment variable names.");
        }
    }

    private static boolean isName(String text) {
        return NAME.matcher(text).matches() && !text.equals(".") && !text.startsWith("..");
    }

    /** Empty for an optional key that is not there: the variable is not set then. */
    private Optional<String> value(Pod pod, JsonObject container, JsonObject variable, Fetched fetched, ArgumentSpace before) {
        String text = Pod.text(variable, "value");
        if (!text.isEmpty()) {
            return Optional.of(before.expand("variable " + Pod.text(variable, "name"), text));
        }
        JsonObject source = Pod.object(variable, "valueFrom");
        if (source.has("fieldRef")) {
            return Optional.of(downward.field(pod, Pod.text(Pod.object(source, "fieldRef"), "fieldPath")));
        } else if (source.has("resourceFieldRef")) {
            return Optional.of(downward.resource(pod, container, Pod.object(source, "resourceFieldRef")));
        } else if (source.has("configMapKeyRef")) {
            return key(pod, "configmap", "ConfigMap", Pod.object(source, "configMapKeyRef"), fetched);
        } else if (source.has("secretKeyRef")) {
            return key(pod, "secret", "Secret", Pod.object(source, "secretKeyRef"), fetched);
        } else if (source.size() > 0) {
            throw new IllegalArgumentException("the value of variable " + Pod.text(variable, "name") + " comes from "
                    + source.keySet().iterator().next() + ", which this gateway does not know");
        }
        return Optional.of("");
    }

    private static Optional<String> key(Pod pod, String type, String kind, JsonObject reference, Fetched fetched) {
        String name = Pod.text(reference, "name");
        String key = Pod.text(reference, "key");
        Optional<MetaObject> object = fetched.get(type, name, isOptional(reference));
        Optional<String> value = object.map(o -> SecretData.texts(o).get(key));
        if (value.isEmpty() && !isOptional(reference)) {
            throw new IllegalArgumentException("couldn't find key " + key + " in " + kind + " " + pod.namespace() + "/" + name);
        }
        return value;
    }

    private static boolean isOptional(JsonObject reference) {
        return Pod.text(reference, "optional").equals("true");
    }

    private static List<String> words(JsonObject container, String member, ArgumentSpace space) {
        List<String> words = new ArrayList<>();
        if (container.get(member) instanceof JsonArray array) {
            for (JsonElement each : array) {
                if (each.isJsonPrimitive()) {
                    words.add(space.word("a word of its " + member, each.getAsString()));
                }
            }
        }
        return words;
    }
}
