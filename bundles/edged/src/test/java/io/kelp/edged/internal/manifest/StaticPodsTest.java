package io.kelp.edged.internal.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.control.Problem;
import io.kelp.edged.internal.fake.FakeLink;
import io.kelp.edged.internal.fake.FakeObjects;
import io.kelp.edged.internal.fake.ManualTime;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodSource;
import io.kelp.message.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StaticPodsTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final String WEB = """
            # A web server.
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {app: web}
            spec:
              runtimeClassName: osgi
              containers:
              - name: app
                image: registry.example/web:1
                ports:
                - containerPort: 8080
            """;

    @TempDir Path folder;
    private final ManualTime time = new ManualTime();
    private final long begin = time.nanos();
    private final FakeLink link = new FakeLink();
    private final FakeObjects objects = new FakeObjects();
    private final List<String> told = new ArrayList<>();
    private Pod last;
    private StaticPods pods;
    private int stamps;

    @BeforeEach
    void start() {
        pods = new StaticPods(folder, Duration.ofSeconds(20), "edge-t", objects, link, time, Runnable::run,
                () -> NOON.plusNanos(time.nanos() - begin));
        pods.watch(new PodSource.Listener() {
            @Override
            public void changed(Pod pod) {
                told.add("changed " + pod + " " + Pod.text(pod.containers().get(0), "image"));
                last = pod;
            }

            @Override
            public void removed(Pod pod) {
                told.add("removed " + pod + " " + Pod.text(pod.containers().get(0), "image"));
            }

            @Override
            public void complete() {
                told.add("complete");
            }

            @Override
            public void referenceChanged(String namespace) {
                throw new AssertionError("static pods refer to nothing");
            }
        });
    }

    /** Writes a file that was written long ago, and at another time each time. */
    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
        Files.setLastModifiedTime(folder.resolve(name), FileTime.from(NOON.minusSeconds(1000).plusSeconds(stamps++)));
    }

    private List<String> told() {
        List<String> now = List.copyOf(told);
        told.clear();
        return now;
    }

    private void look() {
        time.pass(Duration.ofSeconds(20));
    }

    @Test
    void aManifestBecomesAPodOfThisNode() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        assertEquals(List.of("changed default/web-edge-t registry.example/web:1", "complete"), told());
        assertEquals(32, last.uid().length());
        assertEquals("edge-t", Pod.text(last.spec(), "nodeName"));
        assertEquals("{kubernetes.io/config.source=file, kubernetes.io/config.hash=" + last.uid() + "}", last.annotations().toString());
        assertEquals("Always", Pod.text(last.spec(), "restartPolicy"));
        assertEquals("IfNotPresent", Pod.text(last.containers().get(0), "imagePullPolicy"));
        assertEquals("TCP", Pod.text(Pod.objects(last.containers().get(0), "ports").get(0), "protocol"));
        assertEquals("[{\"operator\":\"Exists\",\"effect\":\"NoExecute\"}]", last.spec().get("tolerations").toString());
    }

    @Test
    void jsonIsTheSameAsYaml() throws IOException {
        write("web.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"labels\":{\"app\":\"web\"},\"name\":\"web\"},\"spec\":{\"runtimeClassName\":\"osgi\","
                + "\"containers\":[{\"name\":\"app\",\"image\":\"registry.example/web:1\",\"ports\":[{\"containerPort\":8080}]}]}}");
        time.settle();
        JsonObject json = last.json().deepCopy();
        String uid = last.uid();
        Files.delete(folder.resolve("web.json"));
        write("web.yaml", WEB);
        look();
        assertNotEquals(uid, last.uid(), "another file is another pod");
        assertEquals(json.toString().length(), last.json().toString().length());
        assertEquals(json.get("spec"), last.spec());
    }

    @Test
    void aFolderThatIsNotThereIsNoProblem() throws IOException {
        Files.delete(folder);
        time.settle();
        assertEquals(List.of("complete"), told());
        assertEquals(List.of(), pods.problems());
        Files.createDirectory(folder);
        write("web.yaml", WEB);
        look();
        assertEquals(List.of("changed default/web-edge-t registry.example/web:1"), told());
    }

    @Test
    void changedContentIsAnotherPodAndOtherLayoutIsNot() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        told();
        write("web.yaml", WEB.replace("# A web server.\n", ""));
        look();
        assertEquals(List.of(), told());
        write("web.yaml", WEB.replace("web:1", "web:2"));
        look();
        assertEquals(List.of("removed default/web-edge-t registry.example/web:1", "changed default/web-edge-t registry.example/web:2"), told());
        Files.delete(folder.resolve("web.yaml"));
        look();
        assertEquals(List.of("removed default/web-edge-t registry.example/web:2"), told());
    }

    @Test
    void aBadFileIsAProblemAndLeavesWhatRunsAlone() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        told();
        write("web.yaml", WEB + "  - name: [");
        look();
        assertEquals(List.of(), told());
        Problem problem = pods.problems().get(0);
        assertEquals(folder.resolve("web.yaml").toString(), problem.where());
        assertTrue(problem.sentence().matches("The manifest is not used: it is no YAML: line [0-9]+: .*"), problem.sentence());
        write("web.yaml", WEB);
        look();
        assertEquals(List.of(), told());
        assertEquals(List.of(), pods.problems());
    }

    @Test
    void aFileThatIsBeingWrittenIsReadWhenItIsComplete() throws IOException {
        time.settle();
        told();
        Files.writeString(folder.resolve("web.yaml"), WEB.substring(0, 100));
        Files.setLastModifiedTime(folder.resolve("web.yaml"), FileTime.from(NOON.plusSeconds(20)));
        look();
        Files.writeString(folder.resolve("web.yaml"), WEB);
        Files.setLastModifiedTime(folder.resolve("web.yaml"), FileTime.from(NOON.plusSeconds(21)));
        time.pass(Duration.ofSeconds(1));
        assertEquals(List.of(), told());
        time.pass(Duration.ofSeconds(1));
        assertEquals(List.of("changed default/web-edge-t registry.example/web:1"), told());
        assertEquals(List.of(), pods.problems());
    }

    @Test
    void eachMistakeIsNamedWithItsKeyAndRemedy() throws IOException {
        String[][] mistakes = {
            {WEB.replace("kind: Pod", "kind: Deployment"), "apiVersion and kind are not v1 and Pod"},
            {WEB.replace("name: web\n", "name: Web\n"), "metadata.name \"Web\" is no name of a pod"},
            {WEB.replace("{app: web}", "{app: 1}"), "metadata.labels.app is not a text"},
            {WEB.replace("image: registry.example/web:1", "imagine: x"), "spec.containers[0].image is missing"},
            {WEB.replace("- name: app", "- name: a_b"), "spec.containers[0].name \"a_b\" is no name of a container"},
            {WEB.replace("containers:", "cans:"), "spec.containers is empty"},
            {WEB.replace("runtimeClassName: osgi", "serviceAccountName: x"), "spec.serviceAccountName refers to an object of the API server"},
            {WEB.replace("runtimeClassName: osgi", "volumes: [{name: v, secret: {secretName: s}}]"), "spec.volumes[0].secret refers to an object of the API server"},
            {WEB.replace("    ports:", "    env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n    ports:"), "spec.containers[0].env A refers to an object of the API server"},
            {WEB.replace("    ports:", "    env: [{name: A, value: 1}]\n    ports:"), "spec.containers[0].env A has a value that is not a text"},
            {WEB + "---\nkind: Pod\n", "it holds several documents"},
            {WEB.replace("  name: web\n", "  name: web\n  name: web2\n"), "it is no YAML: line "},
            {"{\"kind\":\"Pod\"", "it is no JSON: "},
            {"{} {}", "it is no JSON: malformed at line 1 column 5"},
            {"[]", "it holds no object"},
            {"", "it holds no object"},
            {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                    + "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n", "it has more than 100000 values"},
            {"a: " + "[".repeat(5000) + "]".repeat(5000), "it has more than"},
            {"a: " + "[".repeat(5000), "it "},
            {"? ".repeat(3000) + "x", "it "},
            {"{\"a\":" + "[".repeat(5000), "it is no JSON: "},
        };
        for (int i = 0; i < mistakes.length; i++) {
            write("f" + i + ".yaml", mistakes[i][0]);
        }
        time.settle();
        assertEquals(List.of("complete"), told());
        List<Problem> problems = new ArrayList<>(pods.problems());
        problems.sort((a, b) -> Integer.compare(number(a), number(b)));
        assertEquals(mistakes.length, problems.size());
        for (int i = 0; i < mistakes.length; i++) {
            assertTrue(problems.get(i).sentence().startsWith("The manifest is not used: " + mistakes[i][1]), problems.get(i).sentence());
            assertFalse(problems.get(i).remedy().isEmpty());
        }
    }

    private static int number(Problem problem) {
        return Integer.parseInt(problem.where().replaceAll(".*/f([0-9]+)\\.yaml", "$1"));
    }

    @Test
    void twoFilesOfOneNameAreAProblemOfTheSecond() throws IOException {
        write("a.yaml", WEB);
        write("b.yaml", WEB);
        time.settle();
        assertEquals(List.of("changed default/web-edge-t registry.example/web:1", "complete"), told());
        assertEquals(folder.resolve("b.yaml").toString(), pods.problems().get(0).where());
    }

    @Test
    void hiddenFilesAndFoldersDoNotCount() throws IOException {
        write(".web.yaml.swp", "nonsense");
        Files.createDirectory(folder.resolve("sub"));
        time.settle();
        assertEquals(List.of("complete"), told());
        assertEquals(List.of(), pods.problems());
    }

    private void connect() {
        link.up();
        pods.connected();
        time.settle();
    }

    private JsonObject mirror(Message insert, String uid, int version) {
        JsonObject made = insert.content().getAsJsonObject().deepCopy();
        made.getAsJsonObject("metadata").addProperty("uid", uid);
        made.getAsJsonObject("metadata").addProperty("resourceVersion", Integer.toString(version));
        return made;
    }

    @Test
    void theApiServerGetsAMirror() throws IOException {
        objects.push("node", JsonParser.parseString(
                "{'metadata':{'name':'edge-t','namespace':'null','uid':'n1','resourceVersion':'1'}}").getAsJsonObject());
        write("web.yaml", WEB);
        time.settle();
        connect();
        Message insert = link.taken().get(0);
        assertEquals("edged meta insert default/pod/web-edge-t",
                insert.source() + " " + insert.group() + " " + insert.operation() + " " + insert.resource());
        JsonObject metadata = insert.content().getAsJsonObject().getAsJsonObject("metadata");
        assertFalse(metadata.has("uid"));
        assertEquals(last.uid(), metadata.getAsJsonObject("annotations").get("kubernetes.io/config.mirror").getAsString());
        assertEquals("[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"edge-t\",\"uid\":\"n1\",\"controller\":true}]", metadata.get("ownerReferences").toString());
        assertFalse(last.annotations().containsKey("kubernetes.io/config.mirror"));
        JsonObject made = mirror(insert, "m1", 1);
        link.accept(made);
        objects.push("pod", made);
        time.pass(Duration.ofMinutes(5));
        assertEquals(List.of(), link.taken());
    }

    @Test
    void aMirrorThatSomebodyDeletesIsMadeAgain() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        connect();
        JsonObject made = mirror(link.taken().get(0), "m1", 1);
        link.accept(made);
        objects.push("pod", made);
        time.settle();
        JsonObject leaving = made.deepCopy();
        leaving.getAsJsonObject("metadata").addProperty("deletionTimestamp", "2026-11-21T12:00:00Z");
        objects.push("pod", leaving);
        time.settle();
        Message delete = link.taken().get(0);
        assertEquals("delete default/pod/web-edge-t {\"gracePeriodSeconds\":0,\"preconditions\":{\"uid\":\"m1\"}}",
                delete.operation() + " " + delete.resource() + " " + delete.content());
        link.say("OK");
        time.settle();
        assertEquals(List.of(), link.taken());
        objects.delete("pod", "default", "web-edge-t");
        time.settle();
        assertEquals("insert", link.taken().get(0).operation());
        assertEquals(List.of("changed default/web-edge-t registry.example/web:1", "complete"), told(), "the pod itself never noticed");
    }

    @Test
    void aMirrorOfOldContentIsReplacedAndOneOfNoManifestDeleted() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        connect();
        JsonObject made = mirror(link.taken().get(0), "m1", 1);
        link.accept(made);
        objects.push("pod", made);
        time.settle();
        write("web.yaml", WEB.replace("web:1", "web:2"));
        look();
        assertEquals("delete", link.taken().get(0).operation());
        link.say("OK");
        objects.delete("pod", "default", "web-edge-t");
        time.settle();
        Message insert = link.taken().get(0);
        assertEquals("insert", insert.operation());
        made = mirror(insert, "m2", 2);
        link.accept(made);
        objects.push("pod", made);
        time.settle();
        Files.delete(folder.resolve("web.yaml"));
        look();
        Message delete = link.taken().get(0);
        assertEquals("{\"gracePeriodSeconds\":0,\"preconditions\":{\"uid\":\"m2\"}}", delete.content().toString());
        link.refuse("NotFound", "gone");
        objects.delete("pod", "default", "web-edge-t");
        time.pass(Duration.ofMinutes(5));
        assertEquals(List.of(), link.taken());
        assertTrue(time.planned() <= 1, "only the next look at the folder is planned");
    }

    @Test
    void aMirrorLeftOverFromBeforeTheRestartIsDeletedOnceTheFolderHasBeenRead() {
        JsonObject left = JsonParser.parseString("{'metadata':{'name':'old-edge-t','namespace':'default','uid':'m9','resourceVersion':'1',"
                + "'annotations':{'kubernetes.io/config.mirror':'x'}},'spec':{'nodeName':'edge-t','containers':[]}}").getAsJsonObject();
        objects.push("pod", left);
        link.up();
        pods.connected();
        time.settle();
        assertEquals("delete default/pod/old-edge-t", link.oldest().operation() + " " + link.oldest().resource());
    }

    @Test
    void aRefusedMirrorIsTriedEverMoreSeldom() throws IOException {
        write("web.yaml", WEB);
        time.settle();
        connect();
        int tries = link.taken().size();
        for (int second = 0; second < 3600; second++) {
            if (!link.open.isEmpty()) {
                link.refuse("Forbidden", "no RuntimeClass osgi");
            }
            time.pass(Duration.ofSeconds(1));
            tries += link.taken().size();
        }
        assertTrue(tries > 12 && tries < 30, "tries in an hour: " + tries);
    }

    @Test
    void anotherPodOfTheSameNameIsNotTouched() throws IOException {
        JsonObject other = JsonParser.parseString("{'metadata':{'name':'web-edge-t','namespace':'default','uid':'o1','resourceVersion':'1'},"
                + "'spec':{'nodeName':'edge-t','containers':[]}}").getAsJsonObject();
        objects.push("pod", other);
        write("web.yaml", WEB);
        time.settle();
        connect();
        time.pass(Duration.ofMinutes(5));
        assertEquals(List.of(), link.taken());
    }
}
