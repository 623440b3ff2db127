package io.kelp.cloud.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutonomyTest {

    private static final Autonomy FOREVER = new Autonomy(Autonomy.FOREVER, false);

    @ParameterizedTest
    @CsvSource({"2h, 7200", "90m, 5400", "300s, 300", "1d12h, 129600", "PT2H, 7200", "off, 0", "NONE, 0", "forever, -", "0, -", "0s, -", "-1h, -",
        "'', ?", "2, ?", "h, ?", "2w, ?", "1h2d, ?", "99999999999999999999s, ?"})
    void timesAreReadAsAnnotationsHaveThem(String text, String seconds) {
        Optional<Long> expected = switch (seconds) {
            case "?" -> Optional.empty();
            case "-" -> Optional.of(Autonomy.FOREVER);
            default -> Optional.of(Long.parseLong(seconds));
        };
        assertEquals(expected, Autonomy.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"kelp://0.1.0, '', true", "kelp-osgi://0.1.0, '', true", "containerd://2.0, '', false", "containerd://2.0, kelp.io/runtime-osgi, true",
        "kelpie://1, '', false", "'', '', false"})
    void aKelpGatewayIsRecognised(String runtime, String label, boolean kelp) {
        assertEquals(kelp, node(runtime, label.isEmpty() ? "" : "\"" + label + "\": \"true\"", "").kelp());
    }

    @Test
    void whoIsNearestToThePodDecides() {
        AutonomyPolicy policy = new AutonomyPolicy(60, name -> Optional.empty());
        GatewayNode plain = node("kelp://1", "", "");
        GatewayNode named = node("kelp://1", "", "\"kelp.io/autonomy-duration\": \"2h\"");
        assertEquals(60, policy.of(plain, pod("", "", 300)).seconds());
        assertEquals(7200, policy.of(named, pod("", "", 300)).seconds());
        assertEquals(0, policy.of(named, pod("\"kelp.io/autonomy-duration\": \"off\"", "", 300)).seconds());
        assertEquals(new Autonomy(Autonomy.FOREVER, true), policy.of(named, pod("", "\"app-offline.kubeedge.io\": \"autonomy\"", 300)));
        assertEquals(0, policy.of(node("containerd://1", "", ""), pod("", "", 300)).seconds());
        assertEquals(Autonomy.FOREVER, policy.of(node("containerd://1", "\"app-offline.kubeedge.io\": \"autonomy\"", "")).seconds());
        assertEquals(10, new AutonomyPolicy(60, name -> Optional.of(10L)).of(plain).seconds());
    }

    @Test
    void whatIsRaisedIsRememberedAndPutBack() {
        JsonObject raised = apply(pod("", "", 300), Tolerations.patch(pod("", "", 300), FOREVER, 300).orElseThrow());
        assertFalse(raised.getAsJsonObject("spec").toString().contains("tolerationSeconds"));
        assertTrue(Tolerations.patch(raised, FOREVER, 300).isEmpty());
        JsonObject shorter = apply(raised, Tolerations.patch(raised, new Autonomy(7200, false), 300).orElseThrow());
        assertTrue(shorter.toString().contains("\"tolerationSeconds\":7200"));
        JsonObject back = apply(shorter, Tolerations.patch(shorter, new Autonomy(0, false), 300).orElseThrow());
        assertEquals(pod("", "", 300).get("spec"), back.get("spec"));
        assertFalse(back.toString().contains(Tolerations.ORIGINAL));
    }

    @Test
    void aTimeThatThePodAsksForItselfStaysUnlessThePodIsNamed() {
        assertTrue(Tolerations.patch(pod("", "", 30), FOREVER, 300).isEmpty());
        assertTrue(Tolerations.patch(pod("", "", 30), new Autonomy(Autonomy.FOREVER, true), 300).isPresent());
        assertTrue(Tolerations.patch(pod("", "", 300), new Autonomy(100, false), 300).isEmpty());
    }

    @Test
    void nonsenseInOurAnnotationDoesNoHarm() {
        for (String nonsense : new String[] {"x", "[]", "{\\\"node.kubernetes.io/not-ready\\\":\\\"a\\\"}", "{\\\"other\\\":1}"}) {
            JsonObject pod = pod("\"" + Tolerations.ORIGINAL + "\": \"" + nonsense + "\"", "", 300);
            JsonObject off = apply(pod, Tolerations.patch(pod, new Autonomy(0, false), 300).orElseThrow());
            assertEquals(pod("", "", 300).get("spec"), off.get("spec"), nonsense);
            assertFalse(off.toString().contains(Tolerations.ORIGINAL));
        }
    }

    private static GatewayNode node(String runtime, String labels, String annotations) {
        return GatewayNode.of(JsonParser.parseString("{\"metadata\": {\"name\": \"n\", \"labels\": {" + labels + "}, \"annotations\": {" + annotations
                + "}}, \"status\": {\"nodeInfo\": {\"containerRuntimeVersion\": \"" + runtime + "\"}}}").getAsJsonObject());
    }

    private static JsonObject pod(String annotations, String labels, int seconds) {
        String toleration = "{\"key\": \"node.kubernetes.io/%s\", \"operator\": \"Exists\", \"effect\": \"NoExecute\", \"tolerationSeconds\": " + seconds + "}";
        return JsonParser.parseString("{\"metadata\": {\"name\": \"p\", \"uid\": \"u\", \"resourceVersion\": \"1\", \"annotations\": {" + annotations
                + "}, \"labels\": {" + labels + "}}, \"spec\": {\"tolerations\": [{\"key\": \"mine\", \"operator\": \"Exists\"}, "
                + toleration.formatted("not-ready") + ", " + toleration.formatted("unreachable") + "]}}").getAsJsonObject();
    }

    /** As a merge patch is applied, as far as these go. */
    private static JsonObject apply(JsonObject pod, JsonObject patch) {
        JsonObject result = pod.deepCopy();
        patch.getAsJsonObject("metadata").getAsJsonObject("annotations").entrySet().forEach(e -> {
            JsonObject annotations = result.getAsJsonObject("metadata").getAsJsonObject("annotations");
            annotations.remove(e.getKey());
            if (!e.getValue().isJsonNull()) {
                annotations.add(e.getKey(), e.getValue());
            }
        });
        if (patch.has("spec")) {
            result.getAsJsonObject("spec").add("tolerations", patch.getAsJsonObject("spec").get("tolerations"));
        }
        return result;
    }
}
