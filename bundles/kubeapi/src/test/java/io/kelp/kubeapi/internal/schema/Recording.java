package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.FieldError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Answers of a real kube-apiserver, made by {@code src/test/recording/record-schemas.py}. */
public final class Recording {

    private Recording() {
    }

    public static List<JsonObject> read(String name) throws IOException {
        try (InputStream in = Recording.class.getResourceAsStream("/schemas/" + name);
                BufferedReader lines = new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            List<JsonObject> cases = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                cases.add(JsonParser.parseString(line).getAsJsonObject());
            }
            return cases;
        }
    }

    /** Sorted, since an API server goes through the fields of an object in no order. */
    public static List<String> recorded(JsonArray errors) {
        List<String> texts = new ArrayList<>();
        errors.forEach(e -> texts.add(e.getAsJsonArray().get(0).getAsString() + " " + e.getAsJsonArray().get(1).getAsString() + " "
                + e.getAsJsonArray().get(2).getAsString()));
        texts.sort(null);
        return texts;
    }

    public static List<String> ours(List<FieldError> errors) {
        return errors.stream().map(e -> e.type().reason() + " " + e.field() + " " + e.message()).sorted().toList();
    }
}
