package io.kelp.itests.kubeapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Custom types by chance: what is taken, refused (paths, reasons, messages), pruned, defaulted, explained and shown as a
 * table must be the same. {@code -Dkelp.compare.seed=N} repeats a run; {@code -Dkelp.compare.types=N} makes it longer.
 */
@Tag("slow")
@ExtendWith(Sides.class)
class RandomTypeTest {

    private static final int OBJECTS = 14;

    private final Sides.Pair sides;
    private final Verdict verdict;

    RandomTypeTest(Sides.Pair sides) {
        this.sides = sides;
        this.verdict = new Verdict(sides);
    }

    @TestFactory
    Stream<DynamicTest> behavesAlike() {
        // The same ones each time, so that a build says the same of the same code; -Dkelp.compare.seed looks for more.
        long seed = Long.getLong("kelp.compare.seed", 1);
        return Stream.iterate(seed, s -> s + 1).limit(Integer.getInteger("kelp.compare.types", 7))
                .map(s -> DynamicTest.dynamicTest("seed " + s, () -> compare(s)));
    }

    private void compare(long seed) {
        List<Map<String, String>> answers = sides.ask(side -> ask(side, new RandomType(seed)));
        StringBuilder real = new StringBuilder();
        StringBuilder ours = new StringBuilder();
        // Only what differs is of interest.
        answers.get(0).forEach((question, answer) -> {
            String other = answers.get(1).get(question);
            if (!answer.equals(other)) {
                real.append(question).append('\n').append(answer).append('\n');
                ours.append(question).append('\n').append(other).append('\n');
            }
        });
        verdict.judge("types/seed " + seed, real.toString(), ours.toString());
    }

    private static Map<String, String> ask(Side side, RandomType type) {
        Map<String, String> answers = new LinkedHashMap<>();
        Normaliser normaliser = new Normaliser(side.server(), Map.of());
        JsonObject definition = type.definition();
        String definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        String itsPath = definitions + "/" + type.plural + "." + type.group;
        Side.Answer created = side.post(definitions, definition);
        answers.put("definition " + definition, created.code() + normaliser.answer(created.text()));
        if (created.code() != 201) {
            return answers;
        }
        try {
            String base = "/apis/" + type.group + "/v1" + (type.namespaced ? "/namespaces/default/" : "/") + type.plural;
            Await.until("the type is served", Duration.ofSeconds(30), () -> side.get(itsPath).text().contains("the initial names have been accepted") && side.get(base).code() == 200);
            answers.put("definition, established", normaliser.answer(side.get(itsPath).text()));
            List<String> kept = new ArrayList<>();
            for (int i = 0; i < OBJECTS; i++) {
                JsonObject object = type.instance("o" + i);
                String path = base + "?fieldValidation=" + (i % 3 == 0 ? "Strict" : "Ignore");
                Side.Answer answer = side.post(path, object);
                answers.put("POST " + path + " " + object, answer.code() + causes(normaliser, answer));
                if (answer.code() == 201) {
                    kept.add(base + "/o" + i);
                    answers.put("GET v1beta1 of " + object, normaliser.answer(side.get(base.replace("/v1/", "/v1beta1/") + "/o" + i).text()));
                    JsonObject changed = type.instance("o" + i);
                    Side.Answer put = side.put(base + "/o" + i, changed);
                    answers.put("PUT " + changed + " over " + object, put.code() + causes(normaliser, put));
                    JsonObject patch = type.instance("o" + i);
                    patch.remove("metadata");
                    Side.Answer merged = side.ask("PATCH", base + "/o" + i, "application/merge-patch+json", patch.toString());
                    answers.put("merge " + patch + " into " + changed + " or " + object, merged.code() + causes(normaliser, merged));
                    JsonObject report = new JsonObject();
                    report.add("status", type.report());
                    Side.Answer status = side.ask("PATCH", base + "/o" + i + "/status", "application/merge-patch+json", report.toString());
                    answers.put("status " + report + " into " + object, status.code() + causes(normaliser, status));
                    answers.put("scale of " + object, normaliser.answer(side.get(base + "/o" + i + "/scale").text()));
                    if (put.code() != 200 || changed.toString().contains("null")) {
                        continue; // what is wrong with it was told; in an apply the real server tells it by Go's names for things
                    }
                    Side.Answer applied = side.ask("PATCH", base + "/o" + i + "?fieldManager=other&force=" + (i % 2 == 0), "application/apply-patch+yaml", changed.toString());
                    answers.put("apply " + changed + " after " + patch + ", " + object, applied.code() + causes(normaliser, applied));
                }
            }
            answers.put("list", normaliser.answer(side.get(base).text()));
            answers.put("table", kubectl(side, normaliser, "get", type.plural + "." + type.group));
            answers.put("category", kubectl(side, normaliser, "get", type.kind.toLowerCase(java.util.Locale.ROOT), "-o", "name"));
            answers.put("explain", kubectl(side, normaliser, "explain", type.plural, "--recursive"));
            answers.put("explain spec", kubectl(side, normaliser, "explain", type.plural + ".spec"));
            answers.put("explain v1beta1", kubectl(side, normaliser, "explain", type.plural, "--api-version=" + type.group + "/v1beta1"));
            for (String path : kept) {
                side.delete(path);
            }
        } finally {
            side.delete(itsPath);
            Await.until("the type is gone", Duration.ofSeconds(30), () -> side.get(itsPath).code() == 404);
        }
        return answers;
    }

    /** The real server finds the faults of an object's members in any order; the causes are compared as a set, and say what the message says. */
    private static String causes(Normaliser normaliser, Side.Answer answer) {
        JsonObject json = answer.json();
        if (answer.code() >= 300 && json.has("details") && json.getAsJsonObject("details").has("causes")) {
            JsonObject details = json.getAsJsonObject("details");
            JsonArray sorted = new JsonArray();
            details.getAsJsonArray("causes").asList().stream().sorted(Comparator.comparing(JsonElement::toString)).forEach(sorted::add);
            details.add("causes", sorted);
            if (sorted.size() > 1) {
                json.addProperty("message", json.get("message").getAsString().replaceFirst("(?s) is invalid: \\[.*", " is invalid: […]"));
            }
        }
        return normaliser.tree(json);
    }

    private static String kubectl(Side side, Normaliser normaliser, String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", side.kubeconfig().toString()));
        command.addAll(List.of(arguments));
        Shell.Output out = Shell.run(Duration.ofSeconds(60), side.folder(), Map.of("HOME", side.folder().toString()), command);
        return out.exitCode() + "\n" + normaliser.text(out.out()) + normaliser.text(out.err());
    }
}
