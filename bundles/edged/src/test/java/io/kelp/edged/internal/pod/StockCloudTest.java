package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.Gateway;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.fake.FakeStore;
import io.kelp.edged.internal.pod.StockCloud.Oddity;
import io.kelp.testkit.Await;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/** The whole edge side of pods, over a real link, at a stock cloud: what leaves the gateway is what left the recorded edge. */
class StockCloudTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final List<String> RECORDINGS = List.of("03-pod/create", "03-pod/update", "03-pod/delete");
    private static final Pattern MOMENT = Pattern.compile("20[0-9-]+T[0-9:]+Z");

    @TempDir Path home;

    private final PromptRuntime runtime = new PromptRuntime();
    private Gateway gateway;
    private Pods pods;
    private StockCloud cloud;

    private void start(Set<Oddity> oddities, List<String> recordings) throws IOException {
        FakeStore store = new FakeStore();
        Path data = Files.createDirectories(home.resolve("data"));
        gateway = new Gateway(data, "edge-p", Map.of("leaseSeconds", 5), store, new TestAuthority(Gateway.FROM, Gateway.TO), InstantSource.system());
        cloud = new StockCloud(gateway.cloud, oddities, recordings);
        Map<String, String> properties = Map.of("kelp.home", home.toString(), "kelp.data", data.toString());
        BundleContext context = (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> method.getName().equals("getProperty") ? properties.get(arguments[0]) : null);
        Pressure pressure = new Pressure();
        pods = new Pods(Converters.standardConverter().convert(Map.of()).to(PodConfig.class), context, gateway.hub, gateway.hub, gateway.hub,
                gateway.objects, store, () -> pressure);
        pods.addRuntime(runtime);
        gateway.hub.add(pods, 0);
        gateway.hub.start();
    }

    @AfterEach
    void stop() throws IOException {
        if (pods != null) {
            pods.stop();
        }
        if (gateway != null) {
            gateway.close();
        }
    }

    // ---- recordings ----

    private static List<JsonObject> messages(String recording, String direction) throws IOException {
        return Gateway.recording(recording).stream().filter(e -> e.get("dir").getAsString().equals(direction)).map(e -> e.getAsJsonObject("msg")).toList();
    }

    private static JsonObject pushed(String recording, String operation, String resource) throws IOException {
        return messages(recording, "cloud->edge").stream().filter(m -> StockCloud.operation(m).equals(operation)
                && StockCloud.resource(m).equals(resource) && !m.getAsJsonObject("header").has("parent_msg_id")).findFirst().orElseThrow();
    }

    /** A recorded pod, given to the runtime of these tests instead of a container engine. */
    private static JsonObject pod(JsonObject push) {
        JsonObject pod = push.getAsJsonObject("content").deepCopy();
        pod.getAsJsonObject("spec").addProperty("runtimeClassName", "osgi");
        return pod;
    }

    private static boolean isRequest(JsonObject message) {
        return StockCloud.text(message, "route", "source").equals("edged") && message.toString().contains("default/");
    }

    private static boolean isEvent(JsonObject message) {
        return StockCloud.resource(message).contains("/event/");
    }

    private static boolean isPatch(JsonObject message) {
        return isRequest(message) && StockCloud.resource(message).contains("/podpatch/");
    }

    /** Requests about pods but patches, which are compared one by one: questions in any order, then the others in theirs. */
    private static List<String> requests(List<JsonObject> messages) {
        Set<String> questions = new TreeSet<>();
        List<String> others = new ArrayList<>();
        for (JsonObject message : messages) {
            if (isRequest(message) && !isPatch(message) && !isEvent(message)) { // a stock edge has Events switched off by default
                String line = StockCloud.operation(message) + " " + StockCloud.resource(message);
                (line.startsWith("query") ? questions : others).add(line);
            }
        }
        others.addAll(0, questions);
        return others;
    }

    /** A patch with everything that another machine, moment or run makes different taken out. */
    private static JsonElement form(JsonObject patch) {
        String text = MOMENT.matcher(patch.get("content").getAsString()).replaceAll("MOMENT")
                .replaceAll("\"(containerd|prompt)://[0-9a-f]+\"", "\"CONTAINER\"").replaceAll("\"(hostIP|podIP|ip)\":\"[^\"]*\"", "\"$1\":\"ADDRESS\"");
        JsonObject form = JsonParser.parseString(text).getAsJsonObject();
        form.getAsJsonObject("status").remove("observedGeneration"); // later kubelets say it, the recorded one did not
        return form;
    }

    private static List<JsonElement> forms(List<JsonObject> messages) {
        return messages.stream().filter(StockCloudTest::isPatch).map(StockCloudTest::form).toList();
    }

    // ---- the recorded life ----

    @Test
    void createUpdateAndDeleteLeaveTheGatewayAsTheyLeftTheRecordedEdge() throws Exception {
        start(Set.of(), RECORDINGS);
        cloud.create(pod(pushed("03-pod/create", "insert", "default/pod/web")));
        Await.until("the pod is ready at the API", SOON, () -> cloud.isReady() && cloud.isQuiet());
        assertSaysWhat("03-pod/create");

        cloud.change(pod -> pod.getAsJsonObject("metadata").getAsJsonObject("labels").addProperty("changed", "yes"));
        cloud.push(pushed("03-pod/update", "update", "default/configmap/app-config"));
        cloud.push(pushed("03-pod/update", "update", "default/secret/app-secret"));
        Path volumes = home.resolve("data/pods");
        Await.until("the new value is in the volume", SOON, () -> {
            try (var all = Files.walk(volumes)) {
                return all.filter(f -> f.endsWith("key") && Files.isRegularFile(f)).anyMatch(f -> read(f).equals("value-2"));
            }
        });
        cloud.change(pod -> pod.getAsJsonObject("status").addProperty("message", "status changed by another client"));
        Await.until("the foreign message is taken back", SOON, () -> !cloud.status().has("message") && cloud.isQuiet());
        assertSaysWhat("03-pod/update");

        cloud.order(false);
        Await.until("the pod is gone at the API", SOON, cloud::isGone);
        assertSaysWhat("03-pod/delete");
        Await.until("and here", SOON, () -> runtime.alive.isEmpty() && gateway.objects.get("pod", "default", "web").isEmpty());
        assertEquals(1, runtime.starts.size());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // replaced while we look
        }
    }

    /**
     * Requests as recorded. Of patches the first says exactly the same, and all together do: a gateway that starts a container in
     * a tenth of a second says "created" and "ready" where the recorded edge only came to say "ready".
     */
    private void assertSaysWhat(String recording, String... more) throws IOException {
        List<JsonObject> theirs = messages(recording, "edge->cloud");
        List<JsonObject> ours = cloud.heard(m -> true);
        List<String> expected = new ArrayList<>(List.of(more));
        expected.addAll(requests(theirs));
        assertEquals(expected, requests(ours));
        if (!recording.contains("delete")) { // then ours says first that the pod serves no longer
            assertEquals(forms(theirs).get(0), forms(ours).get(0));
        }
        assertEquals(merged(forms(theirs)), merged(forms(ours)));
        theirs.stream().filter(m -> isRequest(m) && !isPatch(m)).forEach(one -> {
            JsonObject same = ours.stream().filter(m -> isRequest(m) && StockCloud.resource(m).equals(StockCloud.resource(one))
                    && StockCloud.operation(m).equals(StockCloud.operation(one))).findFirst().orElseThrow();
            assertEquals(one.get("route"), same.get("route"));
            assertEquals(one.get("content"), same.get("content"));
        });
        cloud.forget();
    }

    private static JsonObject merged(List<JsonElement> patches) {
        JsonObject all = new JsonObject();
        patches.forEach(p -> StockCloud.merge(all, p.getAsJsonObject()));
        if (all.getAsJsonObject("status").get("conditions") instanceof JsonArray conditions) {
            List<JsonElement> sorted = new ArrayList<>(conditions.asList());
            sorted.sort(Comparator.comparing(c -> c.getAsJsonObject().get("type").getAsString()));
            sorted.forEach(c -> c.getAsJsonObject().remove("lastTransitionTime")); // no change when all happens within a second
            all.getAsJsonObject("status").add("conditions", new JsonArray());
            sorted.forEach(all.getAsJsonObject("status").getAsJsonArray("conditions")::add);
        }
        return all;
    }

    @Test
    void aPodMadeDuringAnOutageComesAsAnUpdateAndRuns() throws Exception {
        start(Set.of(), List.of("03-pod/create", "03-pod/outage-and-resync"));
        cloud.createUnseen(pod(pushed("03-pod/outage-and-resync", "update", "default/pod/late")));
        Await.until("the pod is ready at the API", SOON, () -> cloud.isReady() && cloud.isQuiet());
        assertSaysWhat("03-pod/outage-and-resync", "query default/configmap/kube-root-ca.crt"); // the recorded one had it already
        cloud.order(false);
        Await.until("the pod is gone at the API", SOON, cloud::isGone);
        assertSaysWhat("03-pod/delete-2");
    }

    @Test
    void aMissingConfigMapIsSaidAndADeletionByForceEndsIt() throws Exception {
        start(Set.of(), List.of("03-pod/missing-configmap"));
        cloud.create(pod(pushed("03-pod/missing-configmap", "insert", "default/pod/broken")));
        Await.until("it is told", SOON, () -> gateway.objects.get("pod", "default", "broken").isPresent() && !cloud.heard(StockCloudTest::isPatch).isEmpty());
        List<JsonObject> theirs = messages("03-pod/missing-configmap", "edge->cloud");
        assertEquals(forms(theirs).get(0), forms(cloud.heard(m -> true)).get(0));
        assertTrue(runtime.starts.isEmpty());
        cloud.order(true);
        Await.until("it is gone here", SOON, () -> cloud.isGone() && gateway.objects.get("pod", "default", "broken").isEmpty());
        Await.until("and its folder", SOON, () -> !Files.exists(home.resolve("data/pods/90947c77-ea9b-43b7-b7e4-611ecab6946e")));
    }

    // ---- the same with all that stock clouds have been seen to do ----

    @ParameterizedTest
    @Tag("slow")
    @EnumSource(Oddity.class)
    void thePodLivesAndEndsOnceWhateverTheCloudDoes(Oddity oddity) throws Exception {
        lives(Set.of(oddity));
    }

    @Test
    @Tag("slow")
    void thePodLivesAndEndsOnceWhenTheCloudDoesMuchOfItAtOnce() throws Exception {
        lives(Set.of(Oddity.PUSH_BEFORE_ANSWER, Oddity.FIVE_WRITES, Oddity.NO_KIND, Oddity.FIRST_PATCH_UNANSWERED, Oddity.FIRST_ANSWER_ERROR,
                Oddity.EMPTY_SPEC_ON_DELETE));
    }

    private void lives(Set<Oddity> oddities) throws Exception {
        boolean patient = oddities.contains(Oddity.FIRST_ANSWER_LOST) || oddities.contains(Oddity.FIRST_PATCH_UNANSWERED);
        Duration limit = Duration.ofSeconds(patient ? 80 : 15); // a question is asked again after its deadline
        start(oddities, RECORDINGS);
        cloud.create(pod(pushed("03-pod/create", "insert", "default/pod/web")));
        Await.until("the pod is ready at the API", limit, () -> cloud.isReady() && cloud.isQuiet());
        assertEquals("{CFG=value-1, SEC=s3cret}", runtime.starts.get(0).env().entrySet().stream()
                .filter(e -> e.getKey().equals("CFG") || e.getKey().equals("SEC")).collect(java.util.stream.Collectors.toMap(Map.Entry::getKey,
                        Map.Entry::getValue, (a, b) -> a, java.util.TreeMap::new)).toString());
        JsonObject before = cloud.status();
        cloud.cut();
        cloud.change(pod -> pod.getAsJsonObject("metadata").getAsJsonObject("labels").addProperty("changed", "yes"));
        Await.until("the change has arrived", limit, () -> cloud.isQuiet() && labels().contains("changed"));
        assertEquals(before, cloud.status());
        assertEquals(1, runtime.alive.size());

        cloud.order(false);
        Await.until("the pod is gone at the API", limit, cloud::isGone);
        Await.until("and here", limit, () -> runtime.alive.isEmpty() && gateway.objects.get("pod", "default", "web").isEmpty()
                && !Files.exists(home.resolve("data/pods/a9acef85-7365-4b56-94dd-bdecf48eed05")));
        assertEquals(1, runtime.starts.size(), "it was started once");
        cloud.forget();
        assertFalse(pods.run(List.of("list")).toString().contains("default/web"), pods.run(List.of("list")).toString());

        JsonObject again = pod(pushed("03-pod/create", "insert", "default/pod/web"));
        again.getAsJsonObject("metadata").addProperty("uid", "b9acef85-7365-4b56-94dd-bdecf48eed05");
        cloud.create(again);
        Await.until("one of the same name runs", limit, () -> cloud.isReady() && cloud.isQuiet());
        assertEquals(2, runtime.starts.size());
    }

    private String labels() {
        return gateway.objects.get("pod", "default", "web").map(o -> Pod.of(o).labels().toString()).orElse("");
    }
}
