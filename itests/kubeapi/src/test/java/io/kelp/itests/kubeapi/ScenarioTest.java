package io.kelp.itests.kubeapi;

import com.google.gson.JsonObject;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Puts the same shell commands to both servers and compares exit code, output and objects, {@code scenarios/*.sh}. */
@Tag("slow")
@ExtendWith(Sides.class)
class ScenarioTest {

    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz";

    private static final String PRELUDE = """
            # api METHOD PATH [curl's options]: the body, and a line with code and type
            api() {
                api_method=$1 api_path=$2
                shift 2
                eval "curl -sS --max-time 30 $CURL_OPTIONS" -X "$api_method" -o answer.body -w "'\\n%{http_code} %{content_type}\\n'" '"$@"' '"$SERVER$api_path"' > answer.code
                printf '%s\\n' "$(cat answer.body)"
                tail -n 1 answer.code
            }
            # json METHOD PATH [curl's options]: the body alone, and one end of line
            json() {
                api_method=$1 api_path=$2
                shift 2
                api_answer=$(eval "curl -sS --max-time 30 $CURL_OPTIONS" -X "$api_method" '"$@"' '"$SERVER$api_path"')
                api_code=$?
                printf '%s\\n' "$api_answer"
                return $api_code
            }
            # soon COMMAND: until it succeeds, at most 60 s
            soon() {
                soon_n=0
                until "$@" >/dev/null 2>&1; do
                    soon_n=$((soon_n + 1))
                    [ "$soon_n" -lt 240 ] || { echo "not within 60 s: $*"; return 1; }
                    sleep 0.25
                done
            }
            gone() { soon sh -c '! kubectl get "$@" 2>/dev/null | grep -q .' gone "$@"; }
            """;

    private final Sides.Pair sides;
    private final Verdict verdict;
    private final Random random = new Random();

    ScenarioTest(Sides.Pair sides) {
        this.sides = sides;
        this.verdict = new Verdict(sides);
    }

    @TestFactory
    Stream<DynamicContainer> answersAlike() throws IOException {
        String only = System.getProperty("kelp.compare.scenarios", ".*");
        Path folder = Path.of("src/test/resources/scenarios").toAbsolutePath();
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(f -> f.toString().endsWith(".sh")).sorted().toList();
        }
        return files.stream().map(Scenario::read).filter(s -> s.name().matches(only)).map(this::container);
    }

    private DynamicContainer container(Scenario scenario) {
        String mark = letters();
        Place real = place(scenario, sides.real(), mark);
        Place ours = place(scenario, sides.ours(), sides.areTheSame() ? letters() : mark);
        Stream<DynamicTest> begin = Stream.of(DynamicTest.dynamicTest("begins", () -> sides.ask(side -> (side == sides.real() ? real : ours).begin())));
        Stream<DynamicTest> steps = scenario.steps().stream().map(step -> DynamicTest.dynamicTest(step.name(), () -> {
            List<String> answers = sides.ask(side -> (side == sides.real() ? real : ours).run(scenario, step));
            verdict.judge(scenario.name() + "/" + step.name(), answers.get(0), answers.get(1));
        }));
        Stream<DynamicTest> end = Stream.of(DynamicTest.dynamicTest("ends", () -> sides.ask(side -> (side == sides.real() ? real : ours).end())));
        return DynamicContainer.dynamicContainer(scenario.name(), Stream.of(begin, steps, end).flatMap(s -> s));
    }

    private Place place(Scenario scenario, Side side, String mark) {
        String namespace = scenario.name() + "-" + mark;
        Path folder = side.folder().resolve(scenario.name());
        Map<String, String> names = new LinkedHashMap<>();
        names.put(namespace, "NAMESPACE");
        names.put(mark, "MARK");
        names.put(folder.toString(), "FOLDER");
        names.put(side.folder().toString(), "HOME");
        return new Place(side, namespace, mark, folder, new Normaliser(side.server(), names), new HashMap<>());
    }

    private String letters() {
        return random.ints(6, 0, LETTERS.length()).collect(StringBuilder::new, (s, i) -> s.append(LETTERS.charAt(i)), StringBuilder::append).toString();
    }

    /** One scenario on one side: a namespace and a folder of its own. */
    private record Place(Side side, String namespace, String mark, Path folder, Normaliser normaliser, Map<String, String> seen) {

        String begin() {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", namespace);
            JsonObject body = new JsonObject();
            body.add("metadata", metadata);
            side.post("/api/v1/namespaces", body).orFail();
            // The default service account comes a moment later; pods need it.
            io.kelp.testkit.Await.until("service account in " + namespace, Duration.ofSeconds(30),
                    () -> side.get("/api/v1/namespaces/" + namespace + "/serviceaccounts/default").code() == 200
                            && side.get("/api/v1/namespaces/" + namespace + "/configmaps/kube-root-ca.crt").code() == 200);
            return namespace;
        }

        Side.Answer end() {
            return side.delete("/api/v1/namespaces/" + namespace);
        }

        String run(Scenario scenario, Scenario.Step step) {
            Map<String, String> environment = new HashMap<>();
            environment.put("KUBECONFIG", side.kubeconfigIn(namespace, folder.resolve("kubeconfig")).toString());
            environment.put("HOME", side.folder().toString());
            environment.put("NS", namespace);
            environment.put("R", mark);
            environment.put("SERVER", side.server());
            environment.put("CURL_OPTIONS", side.curlOptions());
            environment.put("TOP", io.kelp.testkit.Zips.top().toString());
            environment.put("LC_ALL", "C.UTF-8");
            environment.put("TZ", "UTC");
            Shell.Output out = Shell.run(LIMIT, folder, environment, List.of("sh", "-c", PRELUDE + step.script()));
            StringBuilder all = new StringBuilder("exit code " + out.exitCode() + "\n--- stdout\n" + normaliser.answer(out.out())
                    + "\n--- stderr\n" + normaliser.text(out.err()) + "\n");
            for (String path : scenario.objects()) {
                Side.Answer answer = side.get(path.replace("$NS", namespace).replace("$R", mark));
                String objects = normaliser.answer(answer.text());
                // A difference is reported by the step that made it, not by each after it.
                all.append("--- ").append(path).append('\n').append(objects.equals(seen.put(path, objects)) ? "as before" : objects).append('\n');
            }
            return all.toString();
        }
    }
}
