package io.kelp.mapper.mqtt.internal.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.mapper.mqtt.internal.sparkplug.NodeState.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of Sparkplug 3.0 for hosts, as a table: what a node says, and what follows. */
class NodeStateTest {

    private final NodeState state = new NodeState();

    /** {@code NB0/7}: NBIRTH seq 0 bdSeq 7; {@code DB1}, {@code DD3}, {@code ND2}, {@code DX4} (death of device), {@code NX/7}; {@code x}: an unknown alias. */
    private List<String> say(String word) {
        if (word.equals("over")) {
            return names(state.overdue());
        }
        if (word.equals("away")) {
            state.forget();
            return List.of();
        }
        String[] parts = word.split("/");
        boolean strange = parts[0].endsWith("x");
        int seq = parts[0].length() > 2 ? Integer.parseInt(parts[0].substring(2).replace("x", "")) : -1;
        List<Metric> metrics = new ArrayList<>();
        if (parts.length > 1) {
            metrics.add(Metric.of("bdSeq", 0, DataType.INT64, Long.parseLong(parts[1])));
        }
        String kind = parts[0].substring(0, 2);
        String type = switch (kind) {
            case "NB" -> "NBIRTH";
            case "DB" -> "DBIRTH";
            case "ND" -> "NDATA";
            case "DD" -> "DDATA";
            case "NX" -> "NDEATH";
            default -> "DDEATH";
        };
        if (kind.endsWith("B")) {
            metrics.add(new Metric("v", 5, 0, DataType.INT8, Metric.GOOD, false, 1L));
        } else if (kind.endsWith("D")) {
            metrics.add(new Metric("", strange ? 6 : 5, 0, DataType.UNKNOWN, Metric.GOOD, false, 2L));
        }
        var topic = SparkplugTopic.parse("spBv1.0/g/" + type + "/n" + (kind.startsWith("D") ? "/d" : "")).orElseThrow();
        return names(state.take(topic, new Payload(0, seq, metrics)));
    }

    private static List<String> names(List<Event> events) {
        return events.stream().map(event -> {
            if (event instanceof Event.Value value) {
                return value.name().equals("bdSeq") ? "" : "value" + (value.type() == DataType.INT8 ? "" : "?");
            }
            return event instanceof Event.Gone gone ? "gone:" + (gone.device().isEmpty() ? "node" : gone.device()) : event.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        }).filter(name -> !name.isEmpty()).distinct().toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // what comes                 | what follows from the last of it
        "NB0/7                         | born value",
        "NB0/7 DB1                     | born value",
        "NB0/7 DB1 DD2                 | value",
        "NB0/7 ND1                     | value",
        "DD1                           | rebirth",
        "ND1                           | rebirth",
        "DB1                           | rebirth",
        "DX1                           | rebirth",
        "NB0/7 DD1                     | rebirth",
        "NB0/7 DB1 DD3                 | stale rebirth value",
        "NB0/7 DB1 DD3 DD4             | rebirth value",
        "NB0/7 DB1 DD3 NB0/7 DB1 DD2   | value",
        "NB0/7 DB1 DD2x                | rebirth",
        "NB255/7 DB0 DD1               | value",
        "NB0/7 DB1 NX/7                | gone:node gone:d",
        "NB0/7 DB1 NX/6                | ''",
        "NB0/8 DB1 NX/7 DD2            | value",
        "NB0/7 DB1 NX/7 DD2            | rebirth",
        "NX/7                          | ''",
        "NB0 DB1 NX                    | gone:node gone:d",
        "NB0/7 DB1 DX2                 | gone:d",
        "NB0/7 DB1 DX2 DD3             | rebirth",
        "NB0/7 DB1 DX2 DB3             | born value",
        "NB0/7 DX1                     | ''",
        "NB0/7 DB1 NB0/8               | born value",
        "NB0/7 DB1 NB0/8 over          | gone:d",
        "NB0/7 DB1 NB0/8 DB1 over      | ''",
        "NB0/7 DB1 NB0/8 NX/8          | gone:d gone:node",
        "NB0/7 DB1 NB0/8 DD1           | rebirth",
        "NB0/7 DB1 away DD9            | rebirth value",
        "NB0/7 DB1 away NB0/7 DB1 DD2  | value"})
    void followsTheNode(String said, String expected) {
        List<String> last = List.of();
        for (String word : said.trim().split(" +")) {
            last = say(word);
        }
        assertEquals(expected.isEmpty() ? List.of() : Arrays.asList(expected.trim().split(" ")), last);
    }
}
