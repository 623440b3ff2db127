package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.resource.Column;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Function;

/** Columns of {@code kubectl get} for the simpler kinds, with the names and the cells of the original. */
final class Columns {

    static final Column NAME = new Column("Name", "string", "name", "Name, unique for the kind within the namespace", 0,
            object -> new JsonPrimitive(Tree.text(object, "metadata", "name")));
    static final Column AGE = text("Age", "Time since the object was created", 0, object -> Ages.since(Tree.text(object, "metadata", "creationTimestamp")));

    private static final String ROLE_LABEL = "node-role.kubernetes.io/";
    private static final Column CREATED_AT = new Column("Created At", "date", "", "When the object was created", 0, object -> {
        String time = Tree.text(object, "metadata", "creationTimestamp");
        return new JsonPrimitive(time.isEmpty() ? "<unknown>" : time);
    });

    private Columns() {
    }

    static Column text(String name, String description, int priority, Function<JsonObject, String> cell) {
        return new Column(name, "string", "", description, priority, object -> new JsonPrimitive(cell.apply(object)));
    }

    private static Column number(String name, String description, int priority, Function<JsonObject, Number> cell) {
        return new Column(name, "string", "", description, priority, object -> new JsonPrimitive(cell.apply(object)));
    }

    static List<Column> namespaces() {
        return List.of(NAME, text("Status", "Active, or Terminating while it is emptied", 0, o -> Tree.text(o, "status", "phase")), AGE);
    }

    static List<Column> configMaps() {
        return List.of(NAME, number("Data", "Number of keys", 0, o -> size(o, "data") + size(o, "binaryData")), AGE);
    }

    static List<Column> secrets() {
        return List.of(NAME, text("Type", "What the secret is for", 0, o -> Tree.text(o, "type")), number("Data", "Number of keys", 0, o -> size(o, "data")), AGE);
    }

    static List<Column> serviceAccounts() {
        return List.of(NAME, number("Secrets", "Number of secrets listed", 0, o -> Tree.objects(o, "secrets").size()), AGE);
    }

    static List<Column> leases() {
        return List.of(NAME, text("Holder", "Who holds the lease", 0, o -> Tree.text(o, "spec", "holderIdentity")), AGE);
    }

    static List<Column> roles() {
        return List.of(NAME, CREATED_AT);
    }

    static List<Column> bindings() {
        return List.of(NAME, text("Role", "Kind and name of the role", 0, o -> Tree.text(o, "roleRef", "kind") + "/" + Tree.text(o, "roleRef", "name")), AGE,
                text("Users", "Users among the subjects", 1, o -> subjects(o, "User")), text("Groups", "Groups among the subjects", 1, o -> subjects(o, "Group")),
                text("ServiceAccounts", "Service accounts among the subjects", 1, o -> subjects(o, "ServiceAccount")));
    }

    static List<Column> runtimeClasses() {
        return List.of(NAME, text("Handler", "Runtime of the node that takes the pods", 0, o -> Tree.text(o, "handler")), AGE);
    }

    static List<Column> nodes() {
        return List.of(NAME, text("Status", "Whether the node is ready for pods", 0, Columns::nodeStatus), text("Roles", "Roles by label", 0, Columns::nodeRoles), AGE,
                text("Version", "Version of the node agent", 0, o -> Tree.text(o, "status", "nodeInfo", "kubeletVersion")),
                text("Internal-IP", "Address within the site", 1, o -> address(o, "InternalIP")),
                text("External-IP", "Address from outside", 1, o -> address(o, "ExternalIP")),
                text("OS-Image", "Operating system", 1, o -> known(Tree.text(o, "status", "nodeInfo", "osImage"))),
                text("Kernel-Version", "Kernel", 1, o -> known(Tree.text(o, "status", "nodeInfo", "kernelVersion"))),
                text("Container-Runtime", "What runs the pods", 1, o -> known(Tree.text(o, "status", "nodeInfo", "containerRuntimeVersion"))));
    }

    static List<Column> events() {
        return List.of(text("Last Seen", "Time since it happened last", 0, o -> Ages.since(lastSeen(o))), text("Type", "Normal or Warning", 0, o -> Tree.text(o, "type")),
                text("Reason", "In one word", 0, o -> Tree.text(o, "reason")), text("Object", "What it happened to", 0, Columns::involved),
                text("Subobject", "Which part of it", 1, o -> Tree.text(o, "involvedObject", "fieldPath")), text("Source", "Who tells", 1, Columns::source),
                text("Message", "In a sentence", 0, o -> Tree.text(o, "message").strip()), text("First Seen", "Time since it happened first", 1, o -> Ages.since(firstSeen(o))),
                number("Count", "How often it happened", 1, Columns::count), new Column("Name", "string", "name", "Name of the event", 1, NAME.cell()));
    }

    private static int size(JsonObject object, String name) {
        return Tree.object(object, name).size();
    }

    private static String subjects(JsonObject binding, String kind) {
        return String.join(",", Tree.objects(binding, "subjects").stream().filter(s -> Tree.text(s, "kind").equals(kind))
                .map(s -> kind.equals("ServiceAccount") ? Tree.text(s, "namespace") + "/" + Tree.text(s, "name") : Tree.text(s, "name")).toList());
    }

    private static String nodeStatus(JsonObject node) {
        String ready = "Unknown";
        for (JsonObject condition : Tree.objects(node, "status", "conditions")) {
            if (Tree.text(condition, "type").equals("Ready")) {
                ready = Tree.text(condition, "status").equals("True") ? "Ready" : "NotReady";
            }
        }
        return Tree.flag(node, "spec", "unschedulable") ? ready + ",SchedulingDisabled" : ready;
    }

    private static String nodeRoles(JsonObject node) {
        TreeSet<String> roles = new TreeSet<>();
        for (var label : Tree.object(node, "metadata", "labels").entrySet()) {
            if (label.getKey().startsWith(ROLE_LABEL) && label.getKey().length() > ROLE_LABEL.length()) {
                roles.add(label.getKey().substring(ROLE_LABEL.length()));
            } else if (label.getKey().equals("kubernetes.io/role") && !label.getValue().getAsString().isEmpty()) {
                roles.add(label.getValue().getAsString());
            }
        }
        return roles.isEmpty() ? "<none>" : String.join(",", roles);
    }

    private static String address(JsonObject node, String type) {
        return Tree.objects(node, "status", "addresses").stream().filter(a -> Tree.text(a, "type").equals(type)).map(a -> Tree.text(a, "address"))
                .findFirst().orElse("<none>");
    }

    private static String known(String text) {
        return text.isEmpty() ? "<unknown>" : text;
    }

    private static String firstSeen(JsonObject event) {
        String time = Tree.text(event, "firstTimestamp");
        return time.isEmpty() ? Tree.text(event, "eventTime") : time;
    }

    private static String lastSeen(JsonObject event) {
        if (Tree.has(event, "series")) {
            return Tree.text(event, "series", "lastObservedTime");
        }
        String time = Tree.text(event, "lastTimestamp");
        return time.isEmpty() ? firstSeen(event) : time;
    }

    private static Number count(JsonObject event) {
        long count = Tree.has(event, "series") ? Tree.number(event, "series", "count") : Tree.number(event, "count");
        return count == 0 && !Tree.has(event, "series") ? 1 : count;
    }

    private static String involved(JsonObject event) {
        String kind = Tree.text(event, "involvedObject", "kind").toLowerCase(Locale.ROOT);
        String name = Tree.text(event, "involvedObject", "name");
        return name.isEmpty() ? kind : kind + "/" + name;
    }

    private static String source(JsonObject event) {
        String component = first(Tree.text(event, "source", "component"), Tree.text(event, "reportingComponent"));
        String instance = first(Tree.text(event, "source", "host"), Tree.text(event, "reportingInstance"));
        return instance.isEmpty() ? component : component + ", " + instance;
    }

    private static String first(String one, String other) {
        return one.isEmpty() ? other : one;
    }

}
