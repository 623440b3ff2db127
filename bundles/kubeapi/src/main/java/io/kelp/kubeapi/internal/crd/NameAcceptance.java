package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.text;
import static io.kelp.kubeapi.internal.crd.Members.texts;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of the names that a definition asks for it gets: those that no other definition of its group has got.
 *
 * @param names {@code status.acceptedNames}
 * @param reason of the last conflict, empty when there is none
 * @param message of the last conflict
 */
record NameAcceptance(JsonObject names, String reason, String message) {

    boolean complete() {
        return reason.isEmpty();
    }

    /** @param others all definitions that are stored, also this one */
    static NameAcceptance of(Definition definition, Collection<Definition> others) {
        Set<String> resources = new HashSet<>();
        Set<String> kinds = new HashSet<>();
        for (Definition other : others) {
            if (!other.name().equals(definition.name()) && other.group().equals(definition.group())) {
                JsonObject taken = other.acceptedNames();
                resources.add(text(taken, "plural"));
                resources.add(text(taken, "singular"));
                resources.addAll(texts(taken, "shortNames"));
                kinds.add(text(taken, "kind"));
                kinds.add(text(taken, "listKind"));
            }
        }
        resources.remove("");
        kinds.remove("");
        return decide(definition.names(), definition.acceptedNames(), resources, kinds);
    }

    private static NameAcceptance decide(JsonObject wanted, JsonObject before, Set<String> resources, Set<String> kinds) {
        JsonObject names = before.deepCopy();
        String[] conflict = {"", ""};
        for (String field : List.of("plural", "singular")) {
            accept(wanted, before, names, field, resources, conflict);
        }
        List<String> shortNames = texts(wanted, "shortNames");
        List<String> had = texts(before, "shortNames");
        List<String> taken = shortNames.stream().filter(name -> !had.contains(name) && resources.contains(name)).toList();
        if (taken.isEmpty()) {
            copy(names, "shortNames", shortNames);
        } else {
            conflict[0] = "ShortNamesConflict";
            conflict[1] = taken.size() == 1 ? inUse(taken.get(0)) : "[" + String.join(", ", taken.stream().map(NameAcceptance::inUse).toList()) + "]";
        }
        for (String field : List.of("kind", "listKind")) {
            accept(wanted, before, names, field, kinds, conflict);
        }
        copy(names, "categories", texts(wanted, "categories"));
        for (String field : List.of("plural", "kind")) {
            if (!names.has(field)) {
                names.addProperty(field, "");
            }
        }
        return new NameAcceptance(names, conflict[0], conflict[1]);
    }

    private static void accept(JsonObject wanted, JsonObject before, JsonObject names, String field, Set<String> taken, String[] conflict) {
        String name = text(wanted, field);
        if (!name.equals(text(before, field)) && taken.contains(name)) {
            conflict[0] = Character.toUpperCase(field.charAt(0)) + field.substring(1) + "Conflict";
            conflict[1] = inUse(name);
        } else if (name.isEmpty()) {
            names.remove(field);
        } else {
            names.addProperty(field, name);
        }
    }

    private static void copy(JsonObject names, String field, List<String> values) {
        names.remove(field);
        if (!values.isEmpty()) {
            JsonArray array = new JsonArray();
            values.forEach(array::add);
            names.add(field, array);
        }
    }

    private static String inUse(String name) {
        return "\"" + name + "\" is already in use";
    }
}
