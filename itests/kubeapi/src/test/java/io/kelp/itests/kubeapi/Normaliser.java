package io.kelp.itests.kubeapi;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Takes out of a text what must differ between two servers, and nothing else: uids (numbered by first appearance, so that
 * equal ones stay equal), times, resourceVersions, continue tokens, ages, generated names, tokens, keys, the address.
 */
final class Normaliser {

    private static final Gson PRETTY = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

    private static final Pattern UID = Pattern.compile("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b");
    private static final Pattern AGE = Pattern.compile("(?<=\\s)(<unknown>|<invalid>|(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(?<=\\d[smhd]))(?= |$|\\))");
    /** What is between the columns of a table where the width of an age shows. */
    private static final Pattern GAP = Pattern.compile(" {2,}");

    private static final Map<Pattern, String> SIMPLE = simple();

    private final String address;
    private final Map<String, String> names;

    /** @param names texts of this side alone, and what to read for them */
    Normaliser(String address, Map<String, String> names) {
        this.address = address;
        this.names = names;
    }

    private static Map<Pattern, String> simple() {
        Map<Pattern, String> rules = new LinkedHashMap<>();
        rules.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z"), "MICROTIME");
        rules.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)"), "TIME");
        rules.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)? [+-]\\d{4} \\w+( m=[+-][0-9.]+)?"), "GOTIME");
        rules.put(Pattern.compile("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}"), "DATE");
        rules.put(Pattern.compile("\\b[IEWF]\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{6} +\\d+ "), "LOGTIME ");
        rules.put(Pattern.compile("(\"?(?:resourceVersion|ResourceVersion)\"?: *\"?)\\d+"), "$1RV");
        rules.put(Pattern.compile("(resource version: )\\d+( \\(\\d+\\))?"), "$1RV");
        rules.put(Pattern.compile("(Too large resource version: \\w+, current: )\\d+"), "$1RV");
        rules.put(Pattern.compile("(ResourceVersion in (?:the precondition|record) \\()\\d+"), "$1RV");
        rules.put(Pattern.compile("(?m)^( *\")\\d+[smhd]\\d*[smhd]?(\",?)$"), "$1AGE$2");
        rules.put(Pattern.compile("(\"continue\": *\")[^\"]+"), "$1TOKEN");
        rules.put(Pattern.compile("eyJ[A-Za-z0-9_=-]+\\.[A-Za-z0-9_=-]+\\.[A-Za-z0-9_=-]+"), "JWT");
        rules.put(Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\\\n\\s-]*?-----END CERTIFICATE-----(\\\\n|\\n)?([^\"]*-----END CERTIFICATE-----(\\\\n|\\n)?)?"), "CERTIFICATE");
        rules.put(Pattern.compile("\\b(gen|kube-api-access)-[bcdfghjklmnpqrstvwxz2456789]{5}\\b"), "$1-RANDOM");
        return rules;
    }

    String text(String raw) {
        String text = raw.replace(address, "https://SERVER").replace(address.replace("https://", ""), "SERVER");
        for (Map.Entry<String, String> each : names.entrySet()) {
            text = text.replace(each.getKey(), each.getValue());
        }
        for (Map.Entry<Pattern, String> rule : SIMPLE.entrySet()) {
            text = rule.getKey().matcher(text).replaceAll(rule.getValue());
        }
        Map<String, String> uids = new LinkedHashMap<>();
        text = UID.matcher(text).replaceAll((MatchResult uid) -> uids.computeIfAbsent(uid.group(), k -> "UID" + (uids.size() + 1)));
        StringBuilder lines = new StringBuilder();
        for (String line : text.split("(?<=\n)")) {
            String aged = AGE.matcher(line).replaceAll("AGE");
            boolean table = !aged.equals(line) || line.matches("(?s).*\\bAGE\\b.*|.*\\bLAST SEEN\\b.*");
            lines.append(table ? GAP.matcher(aged).replaceAll("   ") : aged);
        }
        return lines.toString();
    }

    /** The same for a tree; members are put in order, since theirs means nothing. */
    String tree(JsonElement element) {
        return text(PRETTY.toJson(ordered(element)));
    }

    /** A text in which JSON documents, wherever a line begins one, are shown as trees. */
    String answer(String raw) {
        StringBuilder all = new StringBuilder();
        StringBuilder document = new StringBuilder();
        for (String line : raw.split("(?<=\n)")) {
            if (document.isEmpty() && !line.startsWith("{")) {
                all.append(line);
                continue;
            }
            document.append(line);
            if (line.startsWith("}") || line.startsWith("{")) {
                try {
                    all.append(PRETTY.toJson(ordered(JsonParser.parseString(document.toString())))).append('\n');
                    document.setLength(0);
                } catch (JsonParseException e) {
                    continue; // not at its end yet
                }
            }
        }
        return text(all.append(document).toString());
    }

    /** The server sorts them by time first, and how many seconds pass between two writes is chance. */
    private static JsonElement byManager(JsonElement managedFields) {
        JsonArray result = new JsonArray();
        if (managedFields.isJsonArray()) {
            managedFields.getAsJsonArray().asList().stream().map(Normaliser::ordered)
                    .sorted(Comparator.comparing((JsonElement e) -> e.getAsJsonObject().get("manager").toString()).thenComparing(JsonElement::toString))
                    .forEach(result::add);
        }
        return result;
    }

    private static JsonElement ordered(JsonElement element) {
        if (element instanceof JsonObject object) {
            Map<String, JsonElement> members = new TreeMap<>();
            object.entrySet().forEach(e -> members.put(e.getKey(), e.getKey().equals("managedFields") ? byManager(e.getValue()) : ordered(e.getValue())));
            JsonObject result = new JsonObject();
            members.forEach(result::add);
            return result;
        }
        if (element instanceof JsonArray array) {
            JsonArray result = new JsonArray();
            array.forEach(e -> result.add(ordered(e)));
            return result;
        }
        return element;
    }
}
