package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of kubelet's {@code getPhase} (v1.34, {@code kubelet_pods_test.go}), one line per case. */
class PodPhaseTest {

    /**
     * Containers as letters: w waiting, r running, s succeeded, f failed, c waiting after a failure (back-off),
     * d waiting after a success; capital R = running, not started yet. Before a colon regular init containers, before a plus sidecars.
     */
    @ParameterizedTest(name = "{0} with {1}{2} is {3}")
    @CsvSource({
        "Always,    w,     '',       Pending",
        "Always,    r,     '',       Running",
        "Always,    rr,    '',       Running",
        "Always,    ss,    '',       Running",
        "Always,    ff,    '',       Running",
        "Always,    rs,    '',       Running",
        "Always,    rw,    '',       Pending",
        "Always,    rc,    '',       Running",
        "Always,    c,     '',       Running",
        "Always,    sw,    '',       Pending",
        "Never,     w,     '',       Pending",
        "Never,     r,     '',       Running",
        "Never,     ss,    '',       Succeeded",
        "Never,     ff,    '',       Failed",
        "Never,     sf,    '',       Failed",
        "Never,     rs,    '',       Running",
        "Never,     rf,    '',       Running",
        "Never,     rw,    '',       Pending",
        "OnFailure, ss,    '',       Succeeded",
        "OnFailure, ff,    '',       Running",
        "OnFailure, sf,    '',       Running",
        "OnFailure, rf,    '',       Running",
        "OnFailure, rw,    '',       Pending",
        "OnFailure, rc,    '',       Running",
        "Always,    w:w,   '',       Pending",
        "Always,    r:w,   '',       Pending",
        "Always,    s:w,   '',       Pending",
        "Always,    s:r,   '',       Running",
        "Always,    ss:r,  '',       Running",
        "Never,     f:w,   '',       Failed",
        "OnFailure, f:w,   '',       Pending",
        "Always,    f:w,   '',       Pending",
        "Always,    c:w,   '',       Pending",
        "Never,     c:w,   '',       Failed",
        "Never,     s:s,   '',       Succeeded",
        "Always,    r+w,   '',       Pending",
        "Always,    R+r,   '',       Pending",
        "Always,    r+r,   '',       Running",
        "Always,    R+r,   initialized, Running",
        "Always,    c+r,   initialized, Running",
        "Always,    f+r,   initialized, Running",
        "Never,     r+s,   '',       Running",
        "Never,     s+s,   terminal, Succeeded",
        "Never,     f+s,   terminal, Succeeded",
        "Never,     f+f,   terminal, Failed",
        "Always,    s,     terminal, Succeeded",
        "Always,    f,     terminal, Failed",
        "OnFailure, sf,    terminal, Failed",
        "Always,    fs,    terminal, Failed",
    })
    void phaseFollowsFromContainers(String policy, String containers, String pod, String expected) {
        assertEquals(expected, PodPhase.of(view(policy, containers, pod.equals("initialized"), pod.equals("terminal"))));
    }

    static PodView view(String policy, String letters, boolean initialized, boolean terminal) {
        List<ContainerView> all = new ArrayList<>();
        String rest = letters;
        for (Map.Entry<String, Kind> part : List.of(Map.entry(":", Kind.INIT), Map.entry("+", Kind.SIDECAR))) {
            int at = rest.indexOf(part.getKey());
            if (at >= 0) {
                rest.substring(0, at).chars().forEach(c -> all.add(container((char) c, part.getValue(), all.size())));
                rest = rest.substring(at + 1);
            }
        }
        rest.chars().forEach(c -> all.add(container((char) c, Kind.MAIN, all.size())));
        Pod pod = PodNode.pod("web", "u1", "{'restartPolicy':'" + policy + "'}");
        return new PodView(pod, all, "192.0.2.10", Instant.EPOCH, true, initialized, terminal, null, false, false, "");
    }

    static ContainerView container(char letter, Kind kind, int number) {
        JsonObject spec = new JsonObject();
        spec.addProperty("name", "c" + number);
        spec.addProperty("image", "a:1");
        Terminated good = new Terminated(0, "Completed", "", Instant.EPOCH, Instant.EPOCH, "x://1");
        Terminated bad = new Terminated(1, "Error", "", Instant.EPOCH, Instant.EPOCH, "x://1");
        ContainerState state = switch (letter) {
            case 'r', 'R' -> new Running(Instant.EPOCH);
            case 's' -> good;
            case 'f' -> bad;
            default -> new Waiting(letter == 'w' ? "ContainerCreating" : "CrashLoopBackOff", "");
        };
        Terminated last = letter == 'c' ? bad : letter == 'd' ? good : null;
        return new ContainerView(spec, kind, "", letter == 'w' ? "" : "x://1", state, last, 0, letter == 'r' || kind == Kind.INIT && letter == 's',
                letter == 'r', Map.of());
    }
}
