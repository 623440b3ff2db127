package io.kelp.itests.kubeapi;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The official Python client on both, {@code src/test/python/client.py}. It is installed into a folder of its own. */
@Tag("slow")
@ExtendWith(Sides.class)
class PythonClientTest {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String VERSION = "34.1.0";

    private final Sides.Pair sides;

    PythonClientTest(Sides.Pair sides) {
        this.sides = sides;
    }

    @Test
    void seesTheSame() {
        Path python = installed();
        Path script = Path.of("src/test/python/client.py").toAbsolutePath();
        List<String> answers = sides.ask(side -> {
            String mark = Long.toString(new Random().nextLong(1L << 30), 36);
            String namespace = "python-" + mark;
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", namespace);
            JsonObject body = new JsonObject();
            body.add("metadata", metadata);
            side.post("/api/v1/namespaces", body).orFail();
            Await.until("the default account", Duration.ofSeconds(30), () -> side.get("/api/v1/namespaces/" + namespace + "/serviceaccounts/default").code() == 200);
            try {
                Shell.Output out = Shell.run(LIMIT, side.folder(), Map.of(), List.of(python.toString(), script.toString(), side.kubeconfig().toString(),
                        namespace, mark + ".example.com"));
                Map<String, String> names = new LinkedHashMap<>();
                names.put(namespace, "NAMESPACE");
                names.put(mark, "MARK");
                return new Normaliser(side.server(), names).text("exit code " + out.exitCode() + "\n" + out.out() + "--- stderr\n" + out.err());
            } finally {
                side.delete("/api/v1/namespaces/" + namespace);
            }
        });
        new Verdict(sides).judge("python", answers.get(0), answers.get(1));
        if (!answers.get(0).startsWith("exit code 0\n")) {
            throw new AssertionError(answers.get(0));
        }
    }

    private static Path installed() {
        Path folder = Sides.work().getParent().resolve("python-client-" + VERSION);
        Path python = folder.resolve("bin/python");
        if (!Files.exists(folder.resolve("complete"))) {
            Shell.run(LIMIT, Path.of("."), Map.of(), List.of("python3", "-m", "venv", folder.toString())).orFail();
            Shell.run(LIMIT, Path.of("."), Map.of(), List.of(python.toString(), "-m", "pip", "install", "-q", "kubernetes==" + VERSION)).orFail();
            Shell.run(LIMIT, Path.of("."), Map.of(), List.of("touch", folder.resolve("complete").toString())).orFail();
        }
        return python;
    }
}
