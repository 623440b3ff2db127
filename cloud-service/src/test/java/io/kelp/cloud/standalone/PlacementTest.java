package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {

    private static final String READY = "conditions: [{type: Ready, status: 'True'}]";

    @Test
    void theNodeWithTheFewestPodsIsChosenThenTheFirstByName() {
        List<NodeState> nodes = List.of(node("b", "", ""), node("a", "", ""), node("c", "", ""));
        assertEquals(Optional.of("a"), new Placement(nodes, List.of()).choose(pod("p", "")));
        assertEquals(Optional.of("b"), new Placement(nodes, List.of(on("a", "x"))).choose(pod("p", "")));
        assertEquals(Optional.of("c"), new Placement(nodes, List.of(on("a", "x"), on("b", "y"))).choose(pod("p", "")));
    }

    @Test
    void endedPodsTakeNoPlace() {
        NodeState node = node("a", "", "allocatable: {pods: 1}");
        PodState ended = PodState.of(json("{metadata: {name: x, namespace: d, uid: u}, spec: {nodeName: a}, status: {phase: Succeeded}}"));
        assertEquals(Optional.of("a"), new Placement(List.of(node), List.of(ended)).choose(pod("p", "")));
        assertEquals(Optional.empty(), new Placement(List.of(node), List.of(on("a", "y"))).choose(pod("p", "")));
    }

    @Test
    void everyNodeGetsItsReasonInTheWordsOfKubeScheduler() {
        Placement placement = new Placement(List.of(
                node("away", "", "conditions: [{type: Ready, status: Unknown}]"),
                node("cordoned", "unschedulable: true", ""),
                node("tainted", "taints: [{key: k, value: v, effect: NoSchedule}]", ""),
                node("full", "", "allocatable: {cpu: 2, pods: 1}"),
                node("small", "", "allocatable: {cpu: 50m, pods: 10}")), List.of(on("full", "x")));
        PodState pod = pod("p", "containers: [{resources: {requests: {cpu: 100m}}}]");
        assertEquals(Optional.empty(), placement.choose(pod));
        assertEquals("0/5 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) were unschedulable, "
                + "2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/5 nodes are available: "
                + "1 No preemption victims found for incoming pod, 4 Preemption is not helpful for scheduling.", placement.whyNot(pod));
        assertEquals("no nodes available to schedule pods", new Placement(List.of(), List.of()).whyNot(pod));
    }

    @Test
    void initContainersCountByTheirLargestAndSidecarsAddUp() {
        PodState pod = pod("p", "overhead: {cpu: 1m}, containers: [{resources: {requests: {cpu: 10m}}}, {resources: {requests: {cpu: 20m}}}],"
                + "initContainers: [{resources: {requests: {cpu: 100m, memory: 1Ki}}}]");
        assertEquals("0.101", pod.requests().get("cpu").toString());
        assertEquals("1024", pod.requests().get("memory").toPlainString());
    }

    @Test
    void amountsBeyondAllMeasureAreSummedInNoTime() {
        PodState pod = pod("p", "containers: [{resources: {requests: {cpu: '1e999999999', memory: '1e-999999999'}}}, {resources: {requests: {cpu: 1, memory: 1}}}]");
        assertEquals("1000000000000000000000000000001", pod.requests().get("cpu").toPlainString());
        assertEquals("1.000000001", pod.requests().get("memory").toPlainString());
    }

    @Test
    void aHostPortIsGivenOnce() {
        String spec = "containers: [{ports: [{containerPort: 1, hostPort: 80}]}]";
        PodState other = PodState.of(json("{metadata: {name: o, namespace: d, uid: o}, spec: {nodeName: a, " + spec + "}}"));
        Placement placement = new Placement(List.of(node("a", "", "")), List.of(other));
        assertEquals(Optional.empty(), placement.choose(pod("p", spec)));
        assertEquals(Optional.of("a"), placement.choose(pod("p", "containers: [{ports: [{containerPort: 1, hostPort: 80, protocol: UDP}]}]")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "nodeSelector: {zone: a} | true",
        "nodeSelector: {zone: b} | false",
        "nodeSelector: {zone: a, other: x} | false",
        "matchExpressions: [{key: zone, operator: In, values: [b, a]}] | true",
        "matchExpressions: [{key: zone, operator: NotIn, values: [a]}] | false",
        "matchExpressions: [{key: none, operator: NotIn, values: [a]}] | true",
        "matchExpressions: [{key: zone, operator: Exists}] | true",
        "matchExpressions: [{key: none, operator: DoesNotExist}] | true",
        "matchExpressions: [{key: size, operator: Gt, values: ['9']}] | true",
        "matchExpressions: [{key: size, operator: Lt, values: ['9']}] | false",
        "matchExpressions: [{key: zone, operator: Gt, values: ['9']}] | false",
        "matchExpressions: [{key: zone, operator: Exists}, {key: none, operator: Exists}] | false",
        "matchFields: [{key: metadata.name, operator: In, values: [n]}] | true",
        "matchFields: [{key: metadata.name, operator: In, values: [m]}] | false"})
    void selectorsAndAffinity(String selection, boolean matches) {
        String spec = selection.startsWith("nodeSelector") ? selection : "affinity: {nodeAffinity: {"
                + "requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{" + selection + "}]}}}";
        NodeState node = NodeState.of(json("{metadata: {name: n, labels: {zone: a, size: '10'}}, status: {" + READY + "}}"));
        assertEquals(matches, NodeSelection.of(json("{" + spec + "}")).matches(node));
    }

    @Test
    void anAffinityWithoutTermsMatchesNothingAndTermsAreAlternatives() {
        NodeState node = node("n", "", "");
        String before = "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [";
        assertEquals(false, NodeSelection.of(json(before + "{}]}}}}")).matches(node));
        assertEquals(true, NodeSelection.of(json(before + "{}, {matchFields: [{key: metadata.name, operator: In, values: [n]}]}]}}}}")).matches(node));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{key: k, operator: Equal, value: v} | true",
        "{key: k, value: v} | true",
        "{key: k, value: w} | false",
        "{key: k, operator: Exists} | true",
        "{operator: Exists} | true",
        "{key: k, operator: Exists, effect: NoSchedule} | false",
        "{key: other, operator: Exists} | false"})
    void tolerations(String toleration, boolean tolerates) {
        Toleration one = Toleration.of(json("{tolerations: [" + toleration + "]}")).get(0);
        assertEquals(tolerates, one.tolerates(new Taint("k", "v", Taint.NO_EXECUTE, "")));
    }

    @Test
    void evictionWaitsForTheShortestTolerationAndForNoneAtAll() {
        List<Taint> taints = List.of(new Taint("k", "", Taint.NO_EXECUTE, "2026-01-01T00:00:00Z"));
        assertEquals(Optional.of(Instant.EPOCH), PodEviction.end(pod("p", ""), taints));
        assertEquals(Optional.empty(), PodEviction.end(pod("p", "tolerations: [{operator: Exists}]"), taints));
        assertEquals(Optional.of(Instant.parse("2026-01-01T00:00:30Z")), PodEviction.end(pod("p",
                "tolerations: [{operator: Exists, tolerationSeconds: 60}, {key: k, operator: Exists, tolerationSeconds: 30}]"), taints));
    }

    private static NodeState node(String name, String spec, String status) {
        String ready = status.contains("conditions") ? status : status.isEmpty() ? READY : READY + ", " + status;
        return NodeState.of(json("{metadata: {name: " + name + "}, spec: {" + spec + "}, status: {" + ready + "}}"));
    }

    private static PodState on(String node, String name) {
        return PodState.of(json("{metadata: {name: " + name + ", namespace: d, uid: " + name + "}, spec: {nodeName: " + node + "}}"));
    }

    private static PodState pod(String name, String spec) {
        return PodState.of(json("{metadata: {name: " + name + ", namespace: d, uid: " + name + "}, spec: {" + spec + "}}"));
    }

    /** Gson reads names and values without quotes, too. */
    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }
}
