package io.kelp.itests.kubeapi;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of a Node whose kubelet has gone silent: both wait for the 40 s since the last sign of life. */
@Tag("long")
@ExtendWith(Sides.class)
class SilentNodeTest {

    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

    private final Sides.Pair sides;

    SilentNodeTest(Sides.Pair sides) {
        this.sides = sides;
    }

    @Test
    void becomesUnknownAlike() {
        String name = "silent-" + Long.toString(new Random().nextLong(1L << 30), 36);
        List<String> answers = sides.ask(side -> {
            String path = "/api/v1/nodes/" + name + (side == sides.real() || !sides.areTheSame() ? "" : "2");
            String here = path.substring("/api/v1/nodes/".length());
            try {
                return silent(side, path, here);
            } finally {
                side.delete(path);
                side.delete(LEASES + "/" + here);
            }
        });
        new Verdict(sides).judge("silent node", answers.get(0), answers.get(1));
    }

    private static String silent(Side side, String path, String name) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        side.post("/api/v1/nodes", json("{'metadata':{'name':'NAME'}}", name)).orFail();
        side.post(LEASES, json("{'metadata':{'name':'NAME'},'spec':{'holderIdentity':'NAME','leaseDurationSeconds':40,'renewTime':'"
                + now.replace("Z", ".000000Z") + "'}}", name)).orFail();
        side.ask("PATCH", path + "/status", "application/merge-patch+json", json("{'status':{'conditions':[{'type':'Ready','status':'True','reason':'KubeletReady',"
                + "'message':'ok','lastHeartbeatTime':'" + now + "','lastTransitionTime':'" + now + "'}]}}", name).toString()).orFail();
        Await.until("no taint is left", Duration.ofSeconds(30), () -> !side.get(path).json().getAsJsonObject("spec").has("taints"));
        long start = System.nanoTime();
        Await.until("it is unreachable", Duration.ofSeconds(90), () -> side.get(path).text().replace(" ", "").contains("\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoExecute\"")
                || side.get(path).text().contains("unreachable") && side.get(path).json().getAsJsonObject("spec").getAsJsonArray("taints").size() == 2);
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        JsonObject node = side.get(path).json();
        if (seconds < 30 || seconds > 70) {
            throw new AssertionError(side.name() + " took " + seconds + " s");
        }
        return new Normaliser(side.server(), Map.of(name, "NODE")).answer(node.getAsJsonObject("status").getAsJsonArray("conditions") + "\n"
                + node.getAsJsonObject("spec"));
    }

    private static JsonObject json(String text, String name) {
        return JsonParser.parseString(text.replace('\'', '"').replace("NAME", name)).getAsJsonObject();
    }
}
